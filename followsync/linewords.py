"""The words by which a line is cut up: what is no part of a name, where a purpose begins, what a day belongs to."""

from __future__ import annotations

import re

from followsync.daywords import MONTH, WEEKDAY
from followsync.names import ROLES
from followsync.verbs import SEPARATOR

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w-])")
ASIDES = (
    # why nobody was met: "owner not here"
    re.compile(
        r"(?i)(?<![\w'’-])(?:the )?(?:owner|manager|mgr|boss|gm|buyer|decision[- ]maker|he|she|nobody|no ?one)(?:['’]s| is| was| are)? "
        r"(?:not? (?:here|in|there|available|around|home)|(?:isn|wasn)['’]?t (?:here|in|there)|(?:out|gone|off)(?: today)?|away|busy"
        r"|on vacation|at lunch|in a meeting)(?![\w'’-])"
    ),
    # a day that is the contract's: "contract ends 5/31"; but "contract is up in two months" is when to come back
    re.compile(
        r"(?i)(?<![\w'’-])(?:(?:their|the|his|her) )?contract(?:['’]s| is)? "
        r"(?:(?:ends|ending|expires|expiring|runs out)(?: (?!call|visit|e-?mail|text)[^\s,;]+){0,3}|up|over)(?![\w'’-])"
    ),
    re.compile(  # so is that of a lease, and no other word: "lease expires 8/31"
        r"(?i)(?<![\w'’-])(?:(?:their|the|his|her|current) )*(?:lease|policy|warranty|loan|permit|subscription|licen[cs]e|insurance"
        r"|membership"
        r"|agreement|quote|offer|pricing)(?:['’]s| is)? (?:ends|ending|expires|expiring|runs out|renews|due|matures|(?:good"
        r"|valid) (?:until|till?|thru|through))"
        rf"(?: (?:(?:on|in|at|by|the|end|of|mid|early|late|next|this|around) )*(?:{WEEKDAY}|{MONTH}|\d[\d/.-]*|week|month|quarter"
        rf"|year|summer|fall"
        r"|spring|winter)(?: \d{1,4})?(?:st|nd|rd|th)?)?(?![\w'’-])"
    ),
    re.compile(  # what was agreed upon: "promised Ray a quote by Thursday"
        rf"(?i)^[\s{SEPARATOR}]*(?:(?:i|we|just|had) )*(?:told|promised|asked|moved|rescheduled|pushed|bumped|switched"
        r"|(?:still )?waiting (?:on|for|to hear (?:back )?from))"
        r"(?: to(?=\s))?(?=\s)(?!\s+(?:back|me|us)\b)"
    ),
    re.compile(
        rf"(?i)^[\s{SEPARATOR}]*(?:(?:new|web|inbound|hot|warm|cold|open house|trade ?show|home show|expo|walk[- ]?in|phone|online"
        r"|facebook|google|website) )?(?:lead|prospect|inbound|referral)(?: from [^:,]+(?=[:,]))?(?:!|(?=[\s:,-]))"
    ),
    re.compile(
        r"(?i)(?<![\w'’/-])(?:(?:left (?:(?:an?|another|two|several|\d) )?(?:messages?|msgs?|voicemails?|voice mails?|vms?|mess)|lvm|lm"
        r"|lmtcb|vm)(?: for| with| on"
        r"|)(?! full| is full)|(?:went |goes |going )?straight to (?:vm|voice ?mail)|no answer at (?:the )?(?:door|desk|office"
        r"|counter|shop|store|house)|(?:mailbox|vm|voice ?mail) (?:is |was )?full|rang out"
        r"|no answer|n/a|na|no ans|try(?:ing)? (?:again|back)|re-?try(?:ing)?(?=\s)|try(?=\s(?-i:[A-Z]))|(?:need|have) to try)(?![\w'’/-])"
    ),
    re.compile(r"(?i)(?<![\w'’-])(?:at |@ ?)?(?:ext\.?|extension) ?\d{1,6}(?![\w-])"),  # "Beth at ext. 412"
    re.compile(  # days that no calendar here knows
        r"(?i)(?<![\w'’-])(?<!after )(?<!before )(?:(?:on|over|by|around|during|the|week of) )*(?:easter (?:monday|weekend|week)"
        r"|(?:memorial day|labor day|thanksgiving|christmas|new year['’]?s?|presidents['’]? day|(?:july|the) 4th) week(?:end)?)(?![\w'’-])"
    ),
    re.compile(  # what kind of call: "15 min call", "quarter end call"
        r"(?i)^\s*(?:(?:quarter|month|year)[- ]end|\d{1,3}[- ]?min(?:ute)?s?)"
        r"(?=\s+(?:call|visit|meeting|coffee|lunch|e-?mail|video|zoom)\b)"
    ),
    re.compile(r"(?<![\w'’-])so (?:i|I|we)(?: will|['’]ll)?(?=\s)"),
    re.compile(  # who pays
        r"(?i)(?<=lunch )on (?:us|me)(?![\w'’-])|(?<=coffee )on (?:us|me)(?![\w'’-])|(?<=dinner )on (?:us|me)(?![\w'’-])"
    ),
)
LASTS = re.compile(  # how long it is to take: "for 45 min", "fri 2:30, 1 hr"; but "in 15 min", "15 min before 3", "a 15 min call"
    rf"(?i)(?<![\w'’/.:$#-])(?<!\bin )(?<!within )(?<!about )(?<!around )(?<!after )"
    r"(?<!every )(?<!next )(?<!another )(?<!last )(?<!an )(?<!half )(?<!half a)"
    r"(?:(?P<for>for (?:about )?)|(?<!\ba ))(?:\d{1,3}(?:[.]5)?|an?|half an?|an? half|half|one|two|three)[ -]?(?:min(?:ute)?s?|hours?"
    r"|hrs?)(?![\w'’-])"
    r"(?! (?:and a half|or|to|before|after|from|past|till?|until|ago|later|of|notice|away|drive|or so|call|visit|meeting|coffee|lunch"
    r"|e-?mail|video"
    rf"|zoom|demo|chat|warning)\b)(?=(?P<edge>\s*(?:$|[,;:.!?)(–—{SEPARATOR}-]|(?:re|about|with|w/|{WEEKDAY}|tomorrow|today|at|on|next)(?![\w'’-])))?)"
    r"(?(for)|(?(edge)|(?!)))"
)
_TIMES = r"(?:try|attempt|time|visit|call|round|reminder|notice|e-?mail|floor|follow[- ]?up|stop|meeting|go|pass|contact|touch)"
COUNTED = re.compile(  # how often, or how high: "fri 10, 2nd attempt", "3rd floor"; but "to set up the 2nd visit" says what for
    rf"(?<=\S )(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)|first|second|third|fourth|final) {_TIMES}(?=\s*(?:$|[,;:.!?)(–—{SEPARATOR}-]"
    rf"|(?:to|re|about|with|w/|(?i:{WEEKDAY}|{MONTH})|tomorrow|today|next|in|on|at)(?![\w'’-])))"
)
NOT_COUNTED = re.compile(  # before it, in its clause: it is a thing there
    r"(?i)(?<![\w'’-])(?:to|about|abt|re|regarding|discuss|confirm|schedule|set|book|for|of|on|my|his|her|their|our|a|after|before)\b[^,;]*$"
)
OR_ELSE = re.compile(  # what is done where nobody answers: "or leave vm", "or email if no ans"
    r"(?i)(?<=\S )(?:(?:or|else) )+(?:leave (?:an? )?(?:vm|voice ?mail|message|msg)(?: (?:for|with) (?:him|her|them))?"
    r"|(?:e-?mail|text)(?: him| her| them)? if (?:no (?:ans(?:wer)?|reply|response|pick ?up)|not? (?:in|there|around|available)"
    r"|(?:he|she|they)(?: is|['’]s|['’]re| are)? "
    rf"(?:not|out|busy|away)(?: (?:in|there|around))?))(?=\s*(?:$|[,;:.!?)(–—{SEPARATOR}-]))"
)
MEAL_AT = re.compile(  # where it is eaten: "noon lunch at Olga's", and who is met is named elsewhere
    rf"(?:(?<=[^ ] )(?i:breakfast|lunch|dinner|drinks|coffee) (?:at|@) |{SEPARATOR}[ \x1c-\x1f]*(?:at|@) )"
    r"(?=[A-Z])[A-Z&][\w'’&.-]*(?: (?:on |of |& |and |the )?[A-Z&][\w'’&.-]*){0,3}"
)
SHOWN = re.compile(
    rf"(?i)^[\s{SEPARATOR}]*(?:demo|presentation|appointment|appt)(?: with| for| at)?(?=\s)(?=\s+\S+[^,]*\d)"
)  # a line that begins so tells what was
_DO = r"(?:call|cb|visit|e-?mail|eml|text|txt|stop|come|swing|pop|go|ring|phone|zoom|drop|meet|send|bring|try|check|follow|reach|touch|be)"
_GIVEN_OUT = (
    r"(?:brochures?|flyers?|(?:business )?cards?|literature|samples?|donuts|catalogs?|info(?:rmation)?|menus?|quotes?|proposals?"
    r"|pric(?:e lists?|es|ing)|estimates?|bids?|contracts?|paperwork|invoices?|(?:thank[- ]you )?(?:letter|note|card)s?|e-?mails?|texts?"
    r"|(?:free )?demos?|presentations?|pitch|packets?|folders?|decks?|references?|specs?|cost sheets?|spec sheets?|agreements?|renewals?"
    r"|gifts?|newsletters?|roof|gutters|windows|siding|numbers|terms|rates|application|listing|house|unit)"
)
_DONE = (
    r"(?:met|saw|spoke|talked|gave|showed|pitched|quoted|chatted|visited|called|rang|phoned|e-?mailed|emld|texted|txtd|mailed|faxed"
    r"|tried|reached|knocked|canvassed|presented|demoed|demo['’]?d|sent|delivered|measured|inspected|toured|surveyed|bid|serviced"
    r"|installed|interviewed|introduced|hand[- ]delivered|stopped(?: (?:by|in|at|over|into))*|dropped (?:off|by|in on|in)|swung (?:by|in"
    r"|over)"
    r"|popped (?:into|in|by)|walked (?:into|in)|went (?:into|in|over|to|by|back|out)(?: to)?|drove (?:by|out|over|to)|came (?:by|from)"
    r"|was at"
    r"|been (?:to|by)|back from|checked in|ran into|bumped into|caught(?: up)?|heard(?: back)? from|followed up|touched base|connected"
    r"|circled back|reached out|sat down|had|did|left(?= (?:(?:an?|my|our|the|some) )?{0})|got (?:a |an )?(?:call|e-?mail|text|vm) from)"
).replace("{0}", _GIVEN_OUT)
_TO_WHOM = r"(?:(?: with| w/| w| to| at| @| on| for| by)(?=\s))"
HAPPENED = re.compile(  # what was done begins the line: "Knocked on", "Presented to", "Sent quote to", "great call with"
    rf"(?i)^[\s{SEPARATOR}]*(?:(?:i|we|just|already|had|a|an|great|good|nice|quick|long|brief|short) )*"
    r"(?:(?:great|good|nice|awesome|productive|had|did)(?: an?)? (?:\w+ )?(?:meeting|mtg|call|chat|talk|convo|conversation|visit"
    r"|lunch|breakfast|dinner|coffee|drinks|demo|zoom|appointment|appt)(?= (?:with|w/|w|at|@)\s)"
    r"|(?:showed|gave|sent|presented|pitched|demoed|delivered|mailed|e-?mailed|faxed)(?: [\w'’#-]+){1,3}?(?= to (?-i:[A-Z]))"
    rf"|{_DONE}(?: (?:(?:an?|the|my|our|some|his|her|out) )?(?:\w+ )?{_GIVEN_OUT}(?={_TO_WHOM}))?|(?<=just )left"
    rf"|(?:(?:the|our|my) )?(?:\w+ )?{_GIVEN_OUT} (?:(?:was|were|is|has been|got) )?(?:already )?"
    r"(?:sent|e-?mailed|mailed|delivered|given|presented|faxed|texted|dropped(?: off)?|left|done|out)(?= (?:to|with|w/|w|at|@|for)\s)"
    r"|last (?:visit|call|e-?mail|contact|order|meeting|touch)(?: (?:with|to|at|from|by))?(?=\s)"
    rf"){_TO_WHOM}?(?=\s)(?!\s+(?:back|me|us)\b)"
)
WAS = re.compile(  # behind it stands a day of what was, in whatever clause; but "at Met Life Friday"
    rf"(?<![\w'’-])(?:{_DONE}|ordered|bought|purchased|signed|started|began|ended|expired|renewed|replaced|joined|hired|opened|launched"
    r"|switched|quit|left|used|installed|was|were|been|since|last (?:visit|call|e-?mail|contact|order|meeting|touch|spoke|seen|talked|met))"
    r"(?![\w'’-])"
)
FOR_US = re.compile(
    rf"(?i)(?<![\w'’-])(?:that )?i(?:['’]?d|['’]ll| will| would)(?: like to)?(?=\s+{_DO}\b)|"
    r"(?<![\w'’-])(?:(?:he|she|they) )?(?:wants?|asked|told|needs?|would like)(?: for)? (?:me|us) to(?=\s)"
    rf"|(?<![\w'’-])(?:(?:he|she|they) )?(?:says?|said)(?: to| we (?:should|can|could)| (?:i|you) (?:should|can|could))? (?={_DO}\b)"
)
EMAIL_LABEL = re.compile(r"(?i)(?<![\w'’-])e-?mail(?: address| addr)?\s?[:=]\s*(?=<?[\w.+-]+@)")
EMAIL_WORD = re.compile(r"(?i)(?<=[\w,;)] )e-?mail\s+(?=<?[\w.+-]+@)")
SENT = frozenset({"email", "letter", "gift", "text"})
GIFT = re.compile(
    r"(?i)\b(?:flowers?|bouquet|roses|chocolates?|candy|cookies|cupcakes|cake|donuts|doughnuts|fruit|(?:gift|fruit) basket|basket|wine"
    r"|champagne|whiskey|bourbon|popcorn|swag|balloons|plant|(?:gift|thank[- ]you) gift|gift (?:card|certificate|basket|box)|a gift|gift)\b"
)
GIVES = re.compile(
    rf"(?i)(?<![\w'’-])(?:send|sending|order|deliver) (?:(?:her|him|them|some|an?|the) )*{GIFT.pattern.removeprefix('(?i)')}"
)
_PAPERS = (
    r"(?:quotes?|proposal|pric(?:e list|es|ing)|contract|invoice|info\w*|estimate|link|agreement|deck|slides"
    r"|case stud(?:y|ies)|references?|specs?|paperwork|numbers|details|terms)(?![\w'’-])"
)
SENDS = re.compile(
    r"(?i)(?<![\w'’-])(?:send|sending|forward|share|shoot|get) (?:over )?(?:(?:her|him|them|over|an?|the|our|some|new|final|updated|revised"
    rf"|signed) )*(?:\w+ )??{_PAPERS}"
)
ON_PAPER = re.compile(rf"(?i)(?<![\w'’-]){_PAPERS}")  # what is sent goes by e-mail, where no other way is said
BRINGS = re.compile(r"(?i)(?<![\w'’-])(?:drop(?:ping)? off|bring(?:ing)?) (?=\w)")
BY_POST = re.compile(  # what no e-mail carries
    r"(?i)\b(?:samples?|swatch(?:es)?|catalogs?|package|parcel|box|card|parts?|check|product|kit|hats?|mugs?|shirts?)\b|" + GIFT.pattern[4:]
)
_GIFTS = r"flowers|bouquet|chocolates?|cookies|cupcakes|donuts|(?:gift|fruit) basket|gift (?:card|basket|box)|wine|champagne|bourbon|swag"
THING = (
    r"(?:quotes?|proposal|brochures?|(?:price|pricing|cost|spec|data|rate) (?:list|sheet)s?|pricing|prices|contract|invoice|info|samples?"
    r"|catalog|basket|flowers"
    r"|card|flyer|offer|bid|paperwork|numbers|comps|listing|donuts|bagels"
    r"|estimate|link|agreement|deck|slides|case stud(?:y|ies)|references?|specs?|(?:(?:calendar|meeting|zoom) )?invite|"
    rf"{_GIFTS})"
)
THING_ALONE = re.compile(rf"(?i)(?:(?:the|an?|our|their|his|her|some|new|final|updated|revised) )*(?:\w+ )?{THING}")
SENT_TO = re.compile(
    rf"\s*{SEPARATOR}\s*(?P<what>(?:(?:the|an?|our|some) )?(?:[a-z][\w'’-]* ){{0,2}}?"
    rf"(?:{THING}(?=\s+to\s)|[a-z][\w'’-]*(?=\s+to\s+[A-Z])))\s+to\s+(?=\w)"
)
DAY_MARK = "\x1e"  # stands where the day was said
CALLED_MARK = "\x1d"  # stands where the method was said
STORY_MARK = "\x1c"  # stands where something that happened was told
CLAUSE = re.compile(r"[,;!]\s|\.\s|\s[–—-]+\s|\s(?:and|then|but)\s")
NEW_CLAUSE = re.compile(r"[,;!]\s|\.\s|\s[–—-]+\s|\s(?:then|but)\s")  # "visited 12/10 and 12/22" is one
HAPPENS = re.compile(
    r"(?i)(?<![\w'’-])(?:opens?|starts?|begins?|ends?|expires?|launch(?:es)?|renews?|meets?|due|rush|approved|approves|budget\w*"
    r"|contract|lease|clos(?:es|ing)|mov(?:es|ing)|return(?:s|ing)"
    r"|vacation|holiday|conference|trade ?show|inventory|inspection|surgery|wedding|back|available|decid(?:es?|ing)|decision|vot(?:es?"
    r"|ing)|hir(?:es|ing)"
    r"|(?:board|staff|budget|sales|safety|council|committee|town|city|annual|team) (?:meeting|mtg)|remodel\w*|travel\w*|fiscal|season"
    r"|audit|deliver\w*|install\w*|paid|pays|ships?|arriv\w+|switch\w*)(?![\w-])"
)
CHOICE = re.compile(r"(?i)\s*(?:or|if|else|otherwise|unless|then|and)\b")
ELSEWHERE = re.compile(  # what they want or do on a day, beside what is ours to do
    r"(?i)(?<![\w'’-])(?:wants?|needs?|(?:re)?opens?|starts?|begins?|ends?|expires?|launch(?:es)?|renews?|meets?|due|decid(?:es?|ing)"
    r"|moves?"
    r"|moving|install\w*|deliver\w*|ships?|arrives?|inspection|audit|conference|surgery|wedding|trade ?show)(?![\w'’-])"
)
HEARS = re.compile(  # what they want then is us: "wants to hear from us in Q2"
    r"(?i)(?<![\w'’-])wants? (?:to (?:hear from|talk (?:to|with)|speak (?:to|with)|chat with) (?:me|us)|to (?:talk|speak|chat|be called)"
    r"|a call(?: ?back)?|(?:me|us) to call)(?: (?:again|back))?(?: (?:on|in|by))?\s*$"
)
DUE = re.compile(r"(?i)(?<![\w'’-])due(?: (?:on|by|in))?\s*$")  # "quote due Thursday, email it"
IT = re.compile(r"(?i)\s*(?:it|them)\b")
THEN_IS_WHEN = re.compile(
    r"(?i)(?:[,;:.–—-]\s+|\sand\s+|\s)(?:\S+\s+){1,5}?(?P<when>then|that (?:same )?(?P<part>morning|afternoon|evening)|that (?:same )?day"
    r"|(?P<beside>(?:the |an? |\d{1,2} |two |three )?(?:business |working )?(?:day|week|month)s? (?:after|before|prior))(?: (?:that"
    r"|then))?)(?=\s*(?:$|[,;.(]|\s[–—-]\s|to\b|about\b|re\b|w/|with\b|at\b|@))"
)
_NO_STOP = r"(?<!stop )(?<!stopping )(?<!swing )(?<!swinging )(?<!drop )(?<!pop )(?<!come )(?<!go )(?<!back )(?<!run )(?<!drive )"
NOT_THEN = re.compile(rf"(?i)(?<![\w'’-])(?:or|and|before|until|till?|{_NO_STOP}by|after|since|than|from)(?: the)?\s+$")
BEFORE_THEN = re.compile(rf"(?i)(?<![\w'’-])(?:before|after|{_NO_STOP}by) (?:then|that)(?=\s*(?:$|[,;.!]))")
UNTIL = re.compile(r"(?i)(?:till?|until|'til|thru|through)\b")
FROM_WHEN = re.compile(r"(?i)^(?:till?|until|'til|thru|through|on|by|around|about)\s+")
WANTS_TO = re.compile(
    r"(?i)(?<![\w'’-])(?:wants?|wanted|needs?|needed|likes?|love|tried|trying|able|going|has|have|had|agreed|promised|plans?"
    r"|planning|hop(?:es?|ing)"
    r"|ready|refused|willing|prefers?|talk(?:ed)?|spoke|speak|said|says|asked|told|close|up)\s+$"
)
ABSENT = re.compile(
    r"(?i)(?<![\w'’-])(?:out|away|off|gone|busy|closed|tied up|vacation|leave|pto|no (?:budget|money|time|decision)|not (?:in"
    r"|back|here|available|open"
    r"|ready)|isn['’]?t (?:in|back|here)|under contract|booked)(?![\w-])"
)
STORY = re.compile(
    r"(?i)(?<![\w'’-])(?:met|saw|spoke|talked|left|was|were|wasn['’]?t|isn['’]?t|closed|busy|out|off|not (?:in|here)|visited"
    r"|called|stopped|dropped|sent"
    r"|e-?mailed|texted|tried|no answer|missed|sick|away)(?![\w-])"
)
SENT_BARE = re.compile(rf"[\s{SEPARATOR}]*(?P<what>(?:(?:the|an?|our|some) )?(?:[a-z][\w'’-]* )?{THING})(?=\s*(?:$|[{SEPARATOR},;.!]))")
NOBODY = frozenset(
    {
        "at",
        "with",
        "w/",
        "w",
        "from",
        "for",
        "on",
        "in",
        "by",
        "of",
        "the",
        "a",
        "an",
        "and",
        "or",
        "to",
        "re",
        "her",
        "him",
        "them",
        "me",
        "us",
        "you",
        "it",
        "back",
        "again",
        "he",
        "she",
        "they",
        "try",
        "try again",
        "try back",
        "then",
    }
)
DAY_ALONE = re.compile(rf"(?i)(?:on )?{WEEKDAY}")
THEN = re.compile(r"(?i)^(?:(?:and|then|or|also|maybe)\s+)+")
LABELLED = re.compile(rf"(?i)(?<![\w'’-])({ROLES}|attn|attention|contact|poc|dm|name|decision[- ]maker):\s+")
SITE = re.compile(r"(?i)(?<!\S)(?:https?://\S+|www\.\S+)")
ADDRESS = re.compile(
    r"(?i)(?<![\w$])\d{1,6}(?! \d{1,4} (?:ct|pt|st)\b)(?: ?[nsew]\.?| (?:north|south|east|west))?(?: (?!call\b|visit\b"
    r"|on\b)[\w.'’-]+){1,3}?"
    r" (?:st|street|ave|avenue|rd|road|blvd|boulevard|dr|drive|ln|lane|hwy|highway|pkwy|parkway|way|ct|court|pl|plaza|sq|square"
    r"|cir|circle"
    r"|trail|trl|pike)\b\.?"
    r"(?:,? (?:suite|ste|unit|apt|#)\.? ?\w+)?(?:,? (?-i:[A-Z][a-z]+(?: [A-Z][a-z]+)?),? (?-i:[A-Z]{2})\b)?(?:,? \d{5}(?:-\d{4})?\b)?"
)
DENIES = re.compile(  # "don't call", "no call with Ed until": what is not to be done
    r"(?i)(?<![\w'’-])(?:no (?:more )?(?:calls?|visits?|e-?mails?|meetings?|contact|texts?)(?! (?:ed|back)\b)"
    r"|(?:do not|don['’]?t|never|won['’]?t|stop) (?:call|ring|phone|visit|e-?mail|text|contact|bother|come|stop by|meet|send)(?:ing)?"
    r"|cancel(?:l?ed|l?ing|s)?(?: (?:the|our|my|his|her|their|that))?(?: (?:call|visit|meeting|coffee|lunch"
    r"|appointment|appt|demo|video|zoom|e-?mail))?|call(?:ed)? off)(?![\w'’-])"
)
PAST = re.compile(r"(?i)(?:on |earlier )?(?:yesterday|last\b(?! (?:week|day|mon|tue|wed|thu|fri)\w* (?:of|in)\b)|.* ago$)")
IF = re.compile(r"(?i)(?<![\w'’-])(?:if|unless|in case)(?![\w'’-])")
SPAN = re.compile(r"(?i)week|month|quarter|year|q[1-4]")
MOVED = re.compile(
    r"(?i)(?<![\w'’-])(?:moved|rescheduled|pushed|bumped|changed|switched)(?: it| this| us)? from \S+(?: [^\s,;]+){0,2}? to(?=\s)"
)
EXCLUDES = re.compile(
    r"(?i)(?<![\w'’-])(?:(?:can(?:['’]?t|not)|couldn['’]?t|won['’]?t|unable to|not able to)(?: (?:do|make|meet|come|talk|be there))(?: it)?"
    r"(?: on)?|instead of|rather than|(?:but )?not(?: on)?|never(?: on)?|except)\s+$"
)
EXCLUDED = re.compile(
    r"(?i)\s+(?:(?:(?:do|does|wo|did|is)(?:n['’]?t| not) (?:work|suit|good|possible|ok)\w*|(?:is |was )?(?:no good|not good|bad|no go"
    r"|out|full|booked(?: up)?|busy|taken))(?: for(?= \w)| w/| with)?(?![\w'’-]))(?=\s*(?:[,;:.–—-]|$|\w))"
)
AGAIN = re.compile(
    r"(?i)(?<![\w'’-])(?:re-?try(?:ing)?|(?:try|trying|will try) (?:\S+ )?(?:again|back|later|once more|one more time)"
    r"|try(?:ing)?(?= (?:\S+ )?"
    r"(?:mon|tue|wed|thu|fri|sat|sun|tom|tmrw|next|in \d|later))|again)(?![\w'’-])"
)
TRIED = {
    "visit": re.compile(
        r"(?i)(?<![\w'’-])(?:visited|(?:stopped|dropped|swung|popped|came|went) (?:by|in|over)|walked in|drove (?:by|out))\b"
    ),
    "email": re.compile(r"(?i)(?<![\w'’-])(?:e-?mailed|sent (?:an? |her an? |him an? |them an? )?e-?mail)\b"),
    "call": re.compile(
        r"(?i)(?<![\w'’-])(?<!be )(?:called|phoned|rang|dial+ed|(?:left )?(?:an? )?(?:vm|lvm|voice ?mail)|lmtcb|straight to v)\b"
    ),
}
TRIED_BY_PHONE = re.compile(
    r"(?i)(?<![\w'’/-])(?:no (?:answer|ans|pick ?up)|n/a|na|(?:did not|didn['’]?t) (?:answer|pick ?up)|lm|(?:left"
    r"|leave) (?:(?:an?|another|two|several|\d) )?(?:messages?|msgs?|vms?)"
    r"|mailbox|line (?:was )?busy|busy signal|rang out|hung up|not answering|won['’]?t pick up)(?![\w'’-])"
)
NOT = re.compile(
    r"(?i)(?<![\w'’-])(?:(?:before|after|until) (?:her|his|their|my|our|its)|not|never|except|but not|some|any|most)(?: on| in| before"
    r"| after| until)?\s*$"
)
HANDS_OVER = re.compile(
    rf"(?i)^[\s{SEPARATOR}]*(?P<verb>hand[- ]?deliver(?:ing)?|send|sending|mail|mailing|bring|bringing|deliver"
    rf"|delivering|take|taking|drop(?:ping)?(?: off)?|fax|faxing|ship|shipping|overnight|fedex"
    rf"|get|getting|give|giving)\s+"
    rf"(?:(?P<what>[^{SEPARATOR},;]+?)\s+(?:to|at|by)\s+(?=\S)"
    rf"|(?=(?-i:[A-Z])\S*(?: (?-i:[A-Z])\S*){{0,2}} (?P<that>(?:the|an?|our|some) [^{SEPARATOR},;]+))"
    rf"|(?=(?!(?:the|an?|our|some|out) )\w\S*(?: \S+){{0,2}}? (?P<thing>(?:(?:the|an?|our|some) )?{THING})\s*(?:$|[{SEPARATOR},;])))"
)
LEAVES = re.compile(  # "leave samples with Ann"; but a message is left by phone
    rf"(?i)^[\s{SEPARATOR}]*(?P<verb>leav(?:e|ing))\s+(?P<what>(?:(?:the|an?|our|some) )?(?:[a-z][\w'’-]* ){{0,2}}?{THING})"
    r"\s+(?:(?:with|at|by|for)\s+|w/\s*)(?=\S)(?P<that>(?!))?(?P<thing>(?!))?"
)
HANDS_OVER_LATER = re.compile(  # "very interested! send proposal"
    rf"(?<![\w'’-])(?P<verb>send|sending|deliver|bring|drop off)\s+(?:(?:her|him|them)\s+)?(?P<what>(?:(?:the|an?|our"
    rf"|some) )?(?:[a-z][\w'’-]* )?{THING})"
    r"(?P<that>(?!))?(?P<thing>(?!))?(?![\w'’-])"
)
THING_TO = re.compile(
    rf"(?i)^[\s{SEPARATOR}]*(?!(?:send|mail|bring|(?:hand[- ]?)?deliver|drop|tak|giv|get|leav|hand)(?:e|t?ing)?\b)"
    rf"(?P<what>(?:(?:the|an?|our"
    rf"|some) )?(?:[a-z][\w'’-]* )?(?:(?-i:[a-z])[\w'’-]* ){{0,2}}{THING})\s+(?:(?:is )?(?:due|owed|ready|going)(?: out)? )?(?:to"
    rf"|for)\s+(?=\w)"
)
POSTED = re.compile(r"(?i)\bin the (?:mail|post)\b")
CARD = re.compile(r"(?i)\b(?:card|note|letter)\b")
BASE = {
    "leaving": "leave",
    "hand delivering": "hand deliver",
    "sending": "send",
    "mailing": "mail",
    "bringing": "bring",
    "delivering": "deliver",
    "taking": "take",
    "dropping off": "drop off",
    "dropping": "drop off",
    "drop": "drop off",
    "getting": "get",
    "giving": "give",
}
_BLANKS = r"[^\S\x1c-\x1f]+"  # and no mark of ours
TO = re.compile(rf"(?:^|(?<=[\s{SEPARATOR},]))to{_BLANKS}(?=[a-z])")
FIRST = re.compile(rf"\s*(?:in order )?[Tt]o{_BLANKS}(?P<purpose>[a-z][^,;{SEPARATOR}]*?)(?:[,;]\s+|\s[–—-]+\s)")
TO_ANY = re.compile(rf"(?<=[\s{SEPARATOR},])to{_BLANKS}(?=\w)")
ON = re.compile(  # "get with Toby on the Wixom job"
    rf"(?i)(?<=[\s{SEPARATOR},])on{_BLANKS}(?=(?:the|their|his|her|our|that|an?) (?:[\w'’-]+ ){{0,2}}?"
    rf"(?:{THING}|job|project|deal|account|order|renewal|issue|repairs?|install|warranty|claim|lease|roof|rfp|po)\b)"
)
ABOUT = re.compile(rf"(?:^|(?<=[\s{SEPARATOR},]))(?:about|abt|regarding|concerning|re:?){_BLANKS}(?=\w)")
_TOPIC = r"(?:about|abt|regarding|concerning|re:?|discuss|confirm|go over)"
_DETS = r"(?:(?:the|an?|his|her|their|our|my|your|that|this|next|last|coming) )*"
THEY_DO = re.compile(  # "he'll call Monday"
    r"(?i)(?<![\w'’-])(?:he|she|they)(?:['’](?:ll|s|re|d)| will| would| is| are)? (?:call(?:s|ing)?|ring(?:s|ing)?|phon(?:e|es|ing)"
    r"|text(?:s|ing)?"
    r"|e-?mail(?:s|ing)?|stop(?:s|ping)?|com(?:e|es|ing)|get(?:s|ting)? back|visit(?:s|ing)?|send(?:s|ing)?)(?: (?:me|us|back|by|in"
    r"|over))*\s*$"
)
TOPIC = re.compile(rf"(?i)(?:^|(?<=[\s{SEPARATOR},])){_TOPIC}\s+(?={_DETS}(?P<own>\S+['’]s)?)")  # to its day
TOPIC_DAY = re.compile(rf"(?i)(?:{_TOPIC}\s+)?{_DETS}(?:\S+['’]s\s+)?")  # between that and a day in it
DAY_FIRST = re.compile(rf"(?i){_TOPIC}\s+{_DETS}(?:(?:{WEEKDAY}|{MONTH} \d+|tomorrow|today|\d+/\d+)(?![\w'’-]))")
EVENT = re.compile(  # "about the meeting on Friday"
    r"(?i)(?:meeting|mtg|demo|appointment|appt|deliver\w+|install\w*|event|training|shipment|walk-?through|inspection|closing|presentation|pick-?up"
    r"|order|launch|show|class)\s+(?:(?:on|for)\s+)?$"
)
OF_THE_TOPIC = re.compile(  # "about the Apr 2 shipment": what stands behind a day and is no edge of it
    r"(?i)(?:['’]s)?\s+(?!(?:to|because|re|about|abt|call|phone|visit|e-?mail|meet|text|zoom|video|stop by|at|on|in|by|for|from|with"
    r"|w/|and|or"
    r"|but|if|when|before|after|then|so|not|pls|please|asap|ask|he|she|they|we|i|is|was|per|via)(?![\w'’-]))[^\W\d_]"
)
DEED = re.compile(rf"(?<=[^\s{SEPARATOR}] )(?=(?:discuss|confirm|go over)\s+\w)")  # "call Jim discuss the quote"
FIXED_ELSEWHERE = re.compile(
    r"(?i)\b(?:meeting|appointment|demo|event|deadline|due|delivery|install\w*|training|lunch|visit|presentation|confirm|schedule"
    r"|set|book"
    r"|remind|invite|before|by|until|for|from|since)\b"
)
ACTS = re.compile(  # what a purpose begins with; else "to" behind a method's word is followed by a name: "email to jenny"
    r"(?:say|send|meet|confirm|review|discuss|go|ask|tell|see|set|check|follow|talk|thank|show|get|find|schedule|offer|present"
    r"|deliver|introduce"
    r"|close|renew|sign|bring|pick|drop|determine|learn|be|make|give|let|remind|invite|hear|explain|share|catch|touch|firm"
    r"|finali[sz]e|update|try"
    r"|sell|pitch|propose|quote|measure|install|collect|order|book|plan|resolve|fix|answer|request|verify|know|look|work|do|have"
    r"|keep|help|start|agree|approve|accept|arrange|negotiate|decide|settle|congratulate|apologi[sz]e|demo|inspect"
    r"|survey|estimate|train|swap|change|cancel|postpone|move|reschedule|ship|replace|repair|pay|invoice|welcome|compare|choose|select"
    r"|prepare|test|chat|speak|listen|figure|sort|clarify|convince|persuade|ensure)"
    r"(?![\w'’-])"
)
LABEL = re.compile(
    r"(?i)(?:(?<![\w'’-])(?:cell|mobile|mob|tel|telephone|ph|office|ofc|direct|number|phone(?= ?[:#])|[cmopht](?=[ .:#]))(?: ?[.:#])*"
    r"|[#☎☏📞📱✆])\s*$"
)
PIECES = re.compile(
    rf"[{SEPARATOR}()]|\s/\s|\s?(?:\.\.+|…)\s|!\s|(?<=[^\W\d_]{{3}})(?<!inc)(?<!mrs)\.\s+(?=\w)|\s+[–—-]+\s+|\s[–—-]+$|^[–—-]+\s|[;:|]\s"
    rf"|,\s+(?!(?:inc|llc|ltd|co|corp|gmbh|md|dds|dmd|phd|esq|cpa|jr|sr)\b)",
    re.IGNORECASE,
)
STOP = re.compile(r"(?<=[^\W\d_]{4})\.$")  # "Joe's Diner.", but "Acme Inc."
LOOSE = re.compile(
    r"^(?:(?:with|w/|w|for|and|or|on|by|to|in)\s+)+|\s+(?:with|for|and|or|on|by|at|from|in|the|to|either|sometime|around|about|say|@)$"
)
