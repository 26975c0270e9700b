"""Words by which a person's name and a business's are told apart: "bob lee" from "acme windows".

Given names as they are common in the United States; words that stand in the names of businesses; what people do or are there.
No list is whole: a name that is in none of them is told apart by its place in the line.
"""

from __future__ import annotations

GIVEN = frozenset(
    """
    aaron abby abdul abe abigail adam adrian adriana ahmed aidan aisha al alan albert alejandro alex alexa alexander alexandra
    alexis alfred ali alice alicia alison allan allen allison alma alyssa amanda amber amir amit amy ana andre andrea andres
    andrew andy angel angela angelo angie anil anita ann anna anne annette annie anthony antonio april ariel arjun arlene arnold
    arthur ashley audrey austin ava barb barbara barry bart beatriz becca becky belinda ben benjamin bernard bernice bert beth
    betty bev beverly bill billy blake bob bobbi bobby bonnie boris brad bradley brandi brandon brandy brenda brendan brent brett
    brian bridget brittany bruce bryan bryce byron caleb calvin cameron candace candice carl carla carlos carly carmen carol
    carole caroline carolyn carrie casey cassie catherine cathy cecilia chad charlene charles charlie charlotte chelsea cheryl
    chloe chris christian christie christina christine christopher christy chuck cindy claire clara clarence claudia clay cleo
    cliff clifford clint clyde cody colin colleen connie conor corey courtney craig cristina crystal curt curtis cynthia daisy
    dale damon dan dana daniel danielle danny darlene darrell darren darryl dave david dawn dean deanna deb debbie deborah debra
    deepak delores denise dennis derek derrick desiree destiny devin diana diane dianne diego dmitri dolores dominic don donald
    donna dora doreen doris dorothy doug douglas drew duane dustin dwayne dwight dylan earl ed eddie edgar edith eduardo edward
    edwin eileen elaine elena eli elijah elizabeth ella ellen elsa emily emma eric erica erik erika erin ernest ernie esther ethan
    eugene eva evan evelyn fatima felicia felix fernando florence fran frances francis francisco frank franklin fred freddie
    frederick gabe gabriel gabriela gail gary gavin gene george gerald geraldine gerry gil gina ginger gladys glen glenda glenn
    gloria gordon grace greg gregg gregory greta guillermo gus gwen hailey hal hank hannah harold harriet harry harvey hassan
    hazel heather hector heidi helen henry herb herman hilary holly howard hugh hugo ian ibrahim ida ignacio igor inez ingrid
    irene iris irma isaac isabel isabella ivan ivy jack jackie jackson jacob jacqueline jaime jake jamal james jamie jan jane
    janet janice jared jasmine jason javier jay jean jeanette jeanne jeff jeffery jeffrey jen jenna jennifer jenny jeremy jerome
    jerry jesse jessica jessie jesus jill jim jimmy jo joan joann joanna joanne jocelyn jodi jodie jody joe joel joey john johnny
    jon jonathan jordan jorge jose joseph josh joshua joy joyce juan juanita judith judy julia julian julie juliet june justin
    kara karen kari karl karla kate katelyn katherine kathleen kathryn kathy katie katrina kay kayla keith kelly kelsey ken kendra
    kenneth kenny kent kerry kevin khalid kim kimberly kirk kris krista kristen kristi kristin kristina kristy kurt kyle lance
    larry laura lauren laurie lawrence leah lee len lena leo leon leonard leroy leslie lester leticia levi lewis liam lila lillian
    linda lindsay lindsey lisa lloyd lois lonnie lora loretta lori lorraine lou louis louise lucas lucia lucy luis luke lupe lydia
    lyle lynn mabel mack maddie madison maggie malik mandy manuel marc marcia marco marcos marcus margaret margarita maria marian
    marianne marie marilyn mario marion marissa marjorie mark marlene marsha marshall martha martin marty marvin mary mateo matt
    matthew maureen maurice max maya mckenzie meg megan mehmet melanie melinda melissa melvin mercedes meredith michael micheal
    michele michelle miguel mike mildred mindy miranda miriam mitch mitchell mohamed mohammed moira molly mona monica monique
    morgan morris muhammad myra nadia nancy naomi natalie natasha nathan nathaniel neal neil nelson nicholas nick nicole nikki
    nina noah noel nora norm norma norman olga oliver olivia omar oscar otis owen paige pam pamela pat patrice patricia patrick
    patsy patti patty paul paula pauline pedro peg peggy penny perry pete peter phil philip phillip phyllis priya rachel rafael
    raj rajesh ralph ramon randall randy raquel raul ravi ray raymond rebecca reggie regina rene renee rex rhonda ricardo rich
    richard rick ricky rita rob robbie robert roberta roberto robin robyn rochelle rod rodney roger roland ron ronald ronnie rosa
    rosalie rose rosemary ross roxanne roy ruben ruby russ russell rusty ruth ryan sabrina sal sally salvador sam samantha samir
    samuel sandra sandy sanjay sara sarah sasha saul scott sean sergio seth shane shannon shari sharon shaun shawn sheila shelby
    shelley shelly sheri sherri sherry sheryl shirley sid sidney silvia simon sofia sonia sonya sophia sophie spencer stacey stacy
    stan stanley stella steph stephanie stephen steve steven stewart stu stuart sue suresh susan susie suzanne sven sylvia tamara
    tammy tania tanya tara ted terence teresa teri terrance terrell terrence terri terry tess theo theodore theresa thomas tiffany
    tim timothy tina todd tom tommy toni tony tonya tracey traci tracy travis trevor trey tricia trina trish troy tyler tyrone val
    valerie vanessa velma vera vern vernon veronica vic vicki vickie vicky victor victoria vijay vince vincent viola violet
    virginia vivian vladimir wade wallace walt walter wanda warren wayne wendell wendy wes wesley wilbur will willard william
    willie wilma winston xavier yolanda yvette yvonne zach zachary zack zane zoe zoey
    """.split()  # noqa: SIM905 - a list would take a thousand lines
)
HONORIFICS = frozenset({"dr", "miss", "mr", "mrs", "ms", "prof", "rev", "chief", "coach", "pastor", "officer", "capt", "sgt"})
BUSINESS = frozenset(
    """
    academy accounting agency air airlines apartments apparel appliance appliances architects arena associates attorneys auto
    automotive autos bagels bakers bakery bank banquet bar barber barbershop barn bbq beauty bikes bistro books bookstore bottling
    boutique bowl bowling bread brewery brewing bros brothers builders building burger burgers butcher cabinets cafe café cakes
    candy cantina capital car care carpet carpets cars carwash casino catering center centre ceramics chapel chevrolet chicken
    chiropractic church cinema city cleaners cleaning clinic clothing club co coffeehouse collision college company concrete
    condos coney construction consulting contracting contractors cooling corner corp corporation country county creamery credit
    custom customs dairy dealership deli delicatessen dental dentistry depot design designs diner distributing distributors donuts
    doors drugs drugstore eatery electric electrical electronics energy engineering enterprises equipment estate events express
    eyewear fabrics factory farm farms fashions feed fence finance financial fitness fleet floors flooring florist flowers food
    foods ford foundation furniture gallery garage garden gardens gas general glass global golf gourmet granite graphics grill
    grille grocers grocery group gym hair hall hardware harbor haus health healthcare heating hospital hotel house hvac ice
    imports inc industrial industries inn institute insurance interiors international investments jewelers jewelry kennel kitchen
    kitchens lab labs landscaping lanes laundromat laundry law lawn legal library liquor llc llp lodge logistics lounge ltd lumber
    machine machining management manor manufacturing marina market marketing markets mart masonry massage meats media medical
    metal metals mfg mill mills motel motor motors movers moving museum music nails nursery office offices optical orchard
    organics outdoors outfitters outlet packaging painting parlor partners parts party paving pc pet pets pharmacy photo
    photography physicians pizza pizzeria place plaza plastics plc plumbing pools print printing produce products properties
    property pub ranch realty recycling rental rentals repair repairs resort restaurant roasters roofing room safety salon salvage
    school schools security services shoes shop shops sign signs smoothies software solar solutions spa sporting sports spirits
    stables station steak steakhouse steel stone storage store stores studio studios supermarket supply supplies surgery sushi
    systems tailor tanning tap taqueria tavern tech technologies technology textiles theater theatre tile tire tires tobacco tools
    towing toyota toys trading transport travel trattoria trucking trucks trust university upholstery vending veterinary video
    vineyard warehouse wellness welding windows wine winery wireless works workshop yoga
    """.split()  # noqa: SIM905 - a list would take a thousand lines
)
ROLES = (
    r"(?:(?:new |co-?|general |office |store |purchasing |sales |plant |project |assistant |asst\.? |shop |facilit(?:y|ies) |op(?:eration)?s )?"
    r"(?:owner|manager|mgr|director|buyer|partner|president|prez|boss|chef|principal|administrator|admin|supervisor|foreman|controller"
    r"|treasurer|founder|proprietor|superintendent|dispatcher|purchaser)|GM|gm|C[EFTOI]O|c[efto]o|(?:VP|vp)(?: of \w+)?)"
)
