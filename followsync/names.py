"""Words by which a person's name and a business's are told apart: "bob lee" from "acme windows".

Given names as they are common in the United States; words that stand in the names of businesses; what people do or are there.
No list is whole: a name that is in none of them is told apart by its place in the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

GIVEN = frozenset(
    """
    aaliyah aaron abby abdul abe abigail adam addison adrian adriana agnieszka ahmed aidan aisha al alan albert alec
    alejandro alex alexa alexander alexandra alexis alfonso alfred alfredo ali alice alicia alison allan allen allison alma
    alonzo alvin alyson alyssa amanda amara amber amir amit amos amy ana anand andre andrea andres andrew andy angel angela
    angelo angie angus anil anita ann anna anne annette annie annika anthony anton antonio anya april archie arianna ariel
    arjun arlene arlo armando arnold art arthur arturo arun ashley astrid aubrey audrey august austin autumn ava avery
    ayesha bailey barb barbara barney barry bart basil beatriz beau becca becky belinda bella ben benjamin benny bernard
    bernice bernie bert beth bethany betty bev beverly bianca bill billy bjorn blake bob bobbi bobby bonita bonnie boris
    boyd brad bradley brandi brandon brandy brant brenda brendan brenna brent brett brian brianna bridget brielle brittany
    brock brody brooke bruce bruno bryan bryant bryce buck bud buddy burt buster butch byron caden caleb callie calvin
    cameron camila candace candice carey carl carla carlos carly carmen carmine carol carole caroline carolyn carrie carter
    casey cassandra cassie catherine cathy cecil cecilia cedric celeste cesar chad chantal charlene charles charlie
    charlotte chase chelsea cheryl chet cheyenne chip chloe chris christian christie christina christine christopher christy
    chuck cindy claire clara clarence clark claudette claudia clay clem cleo cliff clifford clint clyde cody colby cole
    colin colleen connie conor conrad cooper corbin corey corinne cory courtney craig cristina cruz crystal curt curtis
    cynthia cyrus dahlia daisy dale dalton damon dan dana dane daniel danielle danilo danny darius darlene darnell darrell
    darren darrin darryl dave david davis dawn dawson dean deanna deb debbie deborah debra declan deepa deepak delbert delia
    delilah della delores denise dennis denny deon derek derick derrick deshawn desiree desmond destiny devin devon dewey
    diana diane dianne dick diego dieter dina dion dmitri dolores domingo dominic dominick don donald donna donnie donovan
    dora doreen doris dorothea dorothy dot doug douglas doyle drew duane duke duncan dustin dwayne dwight dylan earl earnest
    easton ebony ed eddie edgar edith edmund edna eduardo edward edwin efrain eileen elaine elbert elena eli elias elijah
    elise eliza elizabeth ella elle ellen elliot elliott ellis elmer eloise elsa elsie elvin emanuel emerson emil emilio
    emily emma emmanuel emmett enrique eric erica erick erik erika erin ernest ernesto ernie ervin esteban estelle esther
    ethan etienne etta eugene eunice eva evan evangeline eve evelyn everett ezekiel ezra fabian faith fatima faye federico
    felicia felipe felix fern fernando finn fiona fletcher flora florence floyd forrest fran frances francis francisco frank
    frankie franklin fred freddie freddy frederick fredrick freya frida gabe gabriel gabriela gabriella gail garrett garry
    gary gavin gemma gene genevieve george georgia georgina gerald geraldine gerard gerry gil gilbert gina ginger gino
    giorgio giovanni giselle gladys glen glenda glenn gloria gordon grace grady graham grayson greer greg gregg gregory
    greta gretchen griffin grover guillermo gus gwen gwendolyn hailey hal haley hana hank hannah hans harlan harold harriet
    harris harrison harry harvey hassan hattie hazel heath heather hector heidi helen helga henrietta henry herb herbert
    herman hernan hilary hilda hiro holly homer hope horace houston howard howie hubert hudson hugh hugo humberto hunter
    huong hyun ian ibrahim ida ignacio igor imani imogen inez ingrid ira irene iris irma irving irwin isaac isabel isabella
    ishmael isla israel ivan ivy jace jack jackie jackson jacob jacqueline jacques jada jade jaime jake jamal james jamie
    jamila jan jane janelle janet janice janine jared jarrod jarvis jasmine jason jasper javier jaxon jay jean jeanette
    jeanne jeannie jed jeff jefferson jeffery jeffrey jen jenna jennifer jenny jeremy jermaine jerome jerry jess jesse
    jessica jessie jesus jett jewel jewell jill jim jimmie jimmy jin jo joan joann joanna joanne jocelyn jodi jodie jody joe
    joel joey john johnnie johnny joleen jon jonah jonas jonathan joni jordan jorge jose josef joseph josephine josh joshua
    josiah josie joy joyce juan juanita judd judith judy julia julian julie juliet julio june jurgen justin justus kade
    kaitlyn kali kara kareem karen kari karl karla kasia kate katelyn katherine kathleen kathryn kathy katie katrina katya
    kavita kay kayla kaylee keegan keira keisha keith kelly kelsey kelvin ken kendra kendrick kenji kenneth kenny kent kerry
    kevin khalid kim kimberly kip kirby kirk klaus kobe kris krista kristen kristi kristin kristina kristine kristy kurt
    kyle kyra lacey lakshmi lamar lamont lana lance landon landry larry lars latasha latoya laura lauren laurie lawrence
    layla leah leann leanna lee leigh leila leland len lena lenny lenore leo leon leonard leonardo leroy leslie lester
    leticia letty levi lewis liam libby lila lillian lin lincoln linda lindsay lindsey ling linh lionel lisa liza lloyd
    logan lois lonnie lora loren lorena lorenzo loretta lori lorraine lotte lou louis louise lowell luann luc luca lucas
    lucia lucian lucinda lucy luis luke lupe luther luz lydia lyle lynette lynn lynne mabel mack mackenzie maddie madison
    maeve magda magdalena maggie malik mandy manuel mara marc marcelo marcia marco marcos marcus marek margaret margarita
    margo margot maria mariah marian mariana marianne marie marilyn mario marion marisol marissa marjorie mark marla marlene
    marlon marsha marshall marta martha martin marty marvin mary mason mateo matt matteo matthew maude maureen maurice
    mauricio maverick mavis max maxine maxwell may maya mckenzie meera meg megan mehmet mei melanie melinda melissa melody
    melvin mercedes meredith merle mia michael micheal michele michelle miguel mike milan mildred miles millie milo milton
    mina mindy minnie miranda miriam mitch mitchell moe mohamed mohammed moira mollie molly mona monica monique mordecai
    morgan morris morty moses muhammad muriel murray myles myra myron nadia nancy naomi nash natalie natasha nate nathan
    nathaniel neal ned neha neil nell nellie nelson nestor nettie nia niamh nicholas nick nicky nico nicole nikki nils nina
    nisha noah noel nolan noor nora norbert norm norma norman norris nyla octavio odell odette oleg olga olive oliver olivia
    ollie omar opal ophelia orlando orville oscar oswaldo otis otto owen pablo paige paloma pam pamela paolo parker pat
    patrice patricia patrick patsy patti patty paul paula pauline pavel pearl pedro peg peggy penny percy perry pete peter
    petra phil philip phillip phoebe phyllis pierre piotr piper pooja poppy porter portia preston priya quentin quincy quinn
    rachel rafael rafe rahul raj rajesh ralph ramiro ramon ramsey randal randall randi randy raphael raquel rashad raul ravi
    ray raymond reba rebecca reed reese reggie regina reid remy renata rene renee reuben rex rhett rhoda rhonda ricardo rich
    richard rick ricky rico rigoberto riley rita rob robbie robert roberta roberto robin robyn rocco rochelle rocky rod
    rodney rodolfo rodrigo rogelio roger rohan rohit roland roman romeo romona ron ronald ronnie ronny roosevelt rory rosa
    rosalie rosanna rosario rose rosemarie rosemary ross rowena roxanna roxanne roy ruben ruby rudy rufus rupert russ
    russell rusty ruth ryan ryder sabrina sadie sal sally salvador salvatore sam samantha samir sammy samuel sandra sandy
    sanford sanjay santiago santos sara sarah sasha saul savannah sawyer scott seamus sean sebastian selena serena sergei
    sergio seth shane shaniqua shannon shari sharon shaun shauna shawn shawna sheena sheila shelby shelley shelly shelton
    sheri sherman sherri sherry sherwin sheryl shirley sid sidney silas silvia simon simone siobhan skip skye skylar sofia
    solomon sonia sonny sonya sophia sophie spence spencer stacey stacy stan stanley stefan stefanie stella steph stephanie
    stephen sterling steve steven stevie stewart stu stuart sue summer sunil suresh susan susie suzanne sven svetlana sybil
    sylvester sylvia tabitha tad talia tamara tamika tammy tania tanner tanya tara tasha tate tatiana ted teddy terence
    teresa teri terrance terrell terrence terri terry tess tessa thad thaddeus thanh thelma theo theodore theresa thomas
    thor tiffany tim timmy timothy tina tito tobias toby todd tom tomasz tommy toni tony tonya tracey traci tracy travis
    trenton trevor trey tricia trina trinity trish tristan troy trudy truman tuan tucker turner twyla ty tyler tyree tyrell
    tyrone tyson ulysses una ursula val valeria valerie vance vanessa vaughn velma vera vern verna vernon veronica vic vicki
    vickie vicky victor victoria vijay vikram vince vincent viola violet virgil virginia vito vivian vivienne vladimir wade
    walker wallace walt walter wanda warren waylon wayne wei wendell wendi wendy wes wesley weston wilbert wilbur wilfred
    wilhelmina will willa willard william willie wilma wilson winfred winnie winona winston woodrow woody wyatt xander
    xavier xiomara yasmin yesenia yolanda yuki yuri yusef yusuf yvette yvonne zach zachariah zachary zack zane zara zeke
    zelda zoe zoey
    """.split()  # noqa: SIM905 - a list would take a thousand lines
)
HONORIFICS = frozenset(
    {
        "dr",
        "fr",
        "father",
        "sister",
        "judge",
        "sheriff",
        "mayor",
        "rabbi",
        "deacon",
        "nurse",
        "miss",
        "mr",
        "mrs",
        "ms",
        "prof",
        "rev",
        "chief",
        "coach",
        "pastor",
        "officer",
        "capt",
        "sgt",
    }
)
BUSINESS = frozenset(
    """
    academy accounting agencies agency air airlines alehouse analytics antiques apartments apparel appliance appliances apts
    arcade archery architects arena asphalt associates attorneys auto automation automotive autos aviation awnings bagels
    bakers bakery balloons bank banquet baptist bar barber barbershop barn bbq bearings beauty bikes bins biotech bistro
    blinds boats bodyshop boilers books bookstore bottling boutique bowl bowling brakes bread brewery brewhouse brewing
    bridal brokerage brokers bros brothers buffet builders building burger burgers burrito butcher cabinetry cabinets cafe
    café cakes campground candy cantina capital car cardiology care cargo carpet carpets cars carwash casino castings
    casualty catering catholic center centre ceramics chapel charters chevrolet chevy chicken chimney chiro chiropractic
    chocolates chophouse chrysler church cidery cinema circuits city cleaners cleaning clinic clothing club co coffeehouse
    college collision comics company concrete condos coney confections consignment construction consulting contracting
    contractors controls cooling copiers corner corp corporation countertops country county courier couriers creamery credit
    crossfit cruises custom customs cyclery dairy daycare dealership decks deli delicatessen dental dentistry depot
    dermatology design designs detailing diagnostics dialysis digital diner dispensary distillery distributing distributors
    dj dock dodge donuts doors drugs drugstore drywall dumplings eatery electric electrical electronics elementary
    endodontics energy engineering enterprises equipment escrow estate events excavating exchange exports express exteriors
    eyewear fabricating fabrication fabrics factory farm farms fashions fasteners feed fence fencing finance financial
    fitness fleet flooring floors florals florist flowers food foods ford forge foundation foundry freight freightlines
    fulfillment furnishings furniture gallery garage garden gardens gas general glass global golf gourmet grain granite
    graphics grill grille grocers grocery group gutters gym hair hall handyman harbor hardware haus health healthcare
    heating hobby holdings homes honda hookah hospice hospital hotel house hvac hydraulics hyundai ice imaging imports inc
    industrial industries inn ins institute instruments insulation insurance insurers interiors international investments
    janitorial jeep jewelers jewelry karaoke karate kennel kia kitchen kitchens lab labs landscaping lanes laundromat
    laundry law lawn legal lending library lighting limo linen lines liquor llc llp loans locksmith lodge logistics lounge
    ltd lumber lutheran machine machining maids management manor manufacturing marina marine market marketing markets mart
    masonry massage mattress meats mechanical media medical medspa metal metals methodist mfg mill mills molding montessori
    mortgage mosque motel motor motorcycles motors motorsports movers moving mufflers museum music mutual nails networks
    nissan noodle nursery office offices oncology optical optics optometry orchard organics ortho orthodontics orthopedics
    outdoors outfitters outlet packaging painting paper parlor partners parts party pathology pavers paving pawn payroll pc
    pediatrics pet pets pharma pharmacy pho photo photography physicians pilates pizza pizzeria place plastics plating plaza
    plc plumbing podiatry pools powersports presbyterian preschool pretzels print printing produce products properties
    property prosthetics pub radiology ramen ranch realtors realty recycling refrigeration rehab remodeling renovations
    rental rentals repair repairs resort restaurant restoration ribs roadhouse roasters robotics roofing room rugs rv rvs
    safety salon salvage sawmill scaffolding school schools scrap security seed semiconductors sensors septic services shoes
    shop shops shutters siding sign signs smokehouse smoothies software solar solutions spa spirits sporting sports stables
    staffing stamping station stationery steak steakhouse steel stone storage store stores studio studios subaru supermarket
    supplies supply surgery sushi synagogue systems tacos tailor tanning tap taphouse taqueria tavern tech technologies
    technology telecom temple tents textiles theater theatre therapy thrift tile tire tires title tobacco tooling tools tow
    towers towing township toyota toys tractor trading transmissions transport trattoria travel trucking trucks trust tuxedo
    underwriters uniforms university upfitters upholstery urology vape vending ventures vet veterinary vets video vineyard
    warehouse weddings welding wellness wholesale windows wine winery wings wireless works workshop yachts yoga
    """.split()  # noqa: SIM905 - a list would take a thousand lines
)
ROLES = (
    r"(?:(?:new )?(?:(?i:co-?|general |office |store |purchasing |sales |plant |project |assistant |asst\.? |shop |facilit(?:y|ies) "
    r"|op(?:eration)?s"
    r" |warehouse |service |parts |finance |branch |regional |district |clinic |practice |kitchen |bar |property |fleet |safety |hr "
    r"|marketing"
    r" |production |maintenance |it |front office |billing |account |night |day |shift |managing |medical ))?"
    r"(?:[Oo]wner|[Mm]anager|[Mm]gr|director|[Bb]uyer|partner|president|prez|boss|chef|principal|administrator|admin|supervisor|foreman"
    r"|controller"
    r"|treasurer|founder|proprietor|superintendent|dispatcher|purchaser|super(?= [A-Z])|coordinator|clerk|lead tech|bookkeeper"
    r"|nurse(?= [A-Z]))|GM|gm|C[EFTOI]O|c[efto]o|(?:(?:VP|vp|EVP|SVP)|[Hh]ead(?= of))"
    r"(?>(?: (?:of )?(?:[Oo]ps|[Oo]perations|[Ss]ales|[Mm]arketing|[Pp]urchasing|[Ff]inance|[Ee]ngineering"
    r"|HR|IT|[Pp]rocurement|[Ff]acilities)| of \w+)?))"
)


def is_human(text: str) -> bool:
    """Whether a name is known to be a person's: a given name begins it, and nothing in it belongs to a business."""
    words = _words(text)
    if _is_pair(words):
        return True
    if not 1 <= len(words) <= 4 or is_business(text):
        return False
    return words[0].rstrip(".") in HONORIFICS or (words[0] in GIVEN and all(re.fullmatch(r"[^\W\d_][\w'.-]*", word) for word in words))


def is_business(text: str) -> bool:
    """Whether a name is known to be a business's: "Acme Windows", "Joe's Diner", "5 Guys", "Smith & Sons"."""
    words = _words(text)
    if _is_pair(words):
        return False
    possessive = len(words) > 1 and (
        words[0].endswith("'s") or (words[0].endswith("s") and words[0][:-1] in GIVEN and words[0] not in GIVEN)
    )
    return bool(
        any(word.strip(".,") in BUSINESS for word in (words[1:] if words[:1] and words[0] in GIVEN else words))
        or possessive
        or any(word[0].isdigit() or word in {"&", "+"} for word in words)
    )


def may_be_one_person(name: str, other: str) -> bool:
    """Whether the first names allow it: "Jen" and "Jenny Smith", "Bob" and "Robert Ray", "Dr. Ray" and anybody. Of a pair ("Ann & Al")
    each one may be it."""
    first, second = (_first_names(each) for each in (name, other))
    return not (first and second) or any(_may_be_short(one, two) for one in first for two in second)


def _first_names(name: str) -> list[str]:
    words = [word.rstrip(".,") for word in name.casefold().replace("’", "'").split()]
    if words and words[0] in HONORIFICS:
        return []
    if _is_pair(words):
        return [words[0], words[2]]
    return words[:1]


def _may_be_short(one: str, two: str) -> bool:
    return one.startswith(two) or two.startswith(one) or any({one, two} <= names for names in _SHORT)


_SHORT = tuple(  # what somebody is called who is written otherwise
    frozenset(line.split())
    for line in """
    robert bob bobby rob robbie bert
    william bill billy will willie liam
    richard dick rick rich ricky
    james jim jimmy jamie
    john jack johnny jon
    joseph joe joey jose
    michael mike mick mickey micheal
    charles chuck charlie chip
    edward ed eddie ted ned
    theodore ted theo
    henry hank harry hal
    lawrence larry laurence
    anthony tony
    thomas tom tommy
    daniel dan danny
    david dave
    donald don donnie
    kenneth ken kenny
    stephen steven steve
    christopher chris kit topher
    matthew matt
    patrick pat paddy rick
    peter pete
    francis frank fran frankie
    gerald gerard gerry jerry
    jeffrey jeffery geoffrey jeff geoff
    alexander alex al sandy xander
    albert alfred alan allen al bert fred
    andrew andy drew
    frederick fred freddie
    benjamin ben benny
    samuel samantha sam sammy
    timothy tim
    gregory greg
    nicholas nicolas nick nico
    philip phillip phil
    vincent vince vinny
    walter walt wally
    eugene gene
    leonard len lenny leo
    elizabeth liz lizzie beth betty betsy eliza lisa libby
    margaret maggie meg peggy peg marge margie greta
    katherine catherine kathryn kate katie kathy cathy kat kitty kay
    jennifer jen jenny
    patricia pat patty patti tricia trish
    deborah debra deb debbie
    susan sue susie suzanne suzy
    barbara barb babs
    rebecca becky becca
    victoria vicky vicki tori
    virginia ginny ginger
    dorothy dot dottie dolly
    alexandra alexandria alex sandra sandy lexi
    jacqueline jackie
    christina christine kristina kristin kristen chris tina kris
    theresa teresa terry tess
    pamela pam
    cynthia cindy
    nancy ann anna anne annie nan
    sarah sally sadie
    mary molly polly marie maria
    helen ellen nell nellie lena
    eleanor ellie nell nora
    antonio tony
    guillermo memo
    francisco pancho paco frank
    """.strip().splitlines()
)


def _is_pair(words: Sequence[str]) -> bool:
    """ "Cathy & Mike"."""
    return len(words) == 3 and words[1] in {"&", "and", "+"} and words[0] in GIVEN and words[2] in GIVEN


def _words(text: str) -> list[str]:
    return [word.rstrip(".,") or word for word in text.casefold().replace("’", "'").split()]
