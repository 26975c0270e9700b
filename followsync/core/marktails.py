"""What may follow a word of the answer grammar and leave it what it is (see marks.py).

A yes or a no closes a prospect. What stands behind one must therefore be known to say the same again: the whole of it, not its beginning.
"Signed the contract today" is known; "signed the NDA", "bought from Acme" and "went with the bigger package" are not, whatever they are.
The sets are closed: what is missing here costs one question.
"""

from __future__ import annotations

import re

from followsync.core.history import Result
from followsync.core.markwords import CLOCK, DAY, EDGES, SAID, WEEKDAY


def _parts(clause: str, *, between: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{clause})(?:(?:{between})(?:{clause}))*", re.IGNORECASE)


_FEW = r"(?:\d{1,3}|an?|a few|a couple(?: of)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve)"
_WAS = (  # surely over, and not long ago
    rf"(?:just now|earlier(?: today)?|yesterday(?: (?:morning|afternoon|evening))?|last (?:night|week|{WEEKDAY})"
    rf"|{_FEW} (?:minutes?|mins?|hours?|days?) ago)"
)
_LATELY = (
    rf"(?:{_WAS}|today|this morning|in the morning)"  # behind what happened: "signed today", where "yes, today" may be a day that suits
)
_THANKS = r"(?:many )?(?:thanks|thank you|thx)"
_OFFER = r"our (?:offer|proposal|quote|estimate|price|package|plan|product|service|system)s?"
_HE = r"(?:(?:he|she|they)(?:'s|'ve| has| have)? )?(?:finally |just )?"
_IS = r"(?:(?:he|she|they)(?:'s|'re| is| are)? )?"
_PAPER = r"(?:the|our) (?:contract|agreement|order|proposal|quote|estimate|deal|po)"
_COUNT = r"(?:\d[\d,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen)"
_MANY = rf"{_COUNT} (?:cases?|units?|pieces?|pcs|boxe?s?|pallets?|cartons?|crates?|licen[cs]es?|seats?|subscriptions?)"
_MONEY = r"(?:[$€£] ?\d[\d,.]*k?|\d[\d,.]*k? (?:dollars|bucks|usd|eur|euros?))"
_TERM = rf"{_COUNT} (?:months?|years?|yrs?)"
_BOUGHT = (
    rf"{_HE}signed(?: it| {_PAPER}| for {_TERM}| and paid)?(?: with us)?"
    rf"|{_HE}(?:bought|ordered)(?: it| one| both| {_MANY}| \d+| {_OFFER})?(?: from us)?"
    rf"|{_HE}accepted (?:{_OFFER}|the (?:quote|proposal|estimate))|{_HE}took our (?:offer|deal|package|plan|product|service|system)"
    rf"|{_IS}(?:going|went) with (?:us|{_OFFER})"
    rf"|{_HE}placed (?:the|an|their|his|her) order(?: with us)?"
    rf"|{_HE}gave (?:us|me) (?:the|an|their|his|her) (?:order|po|business)"
    rf"|{_HE}paid (?:the|a|their|his|her) deposit"
    r"|(?:he|she|they) said yes"
    rf"|sold(?: {_MANY}| \d+)?|(?:we |i )?won(?: (?:it|the (?:deal|order|job|bid|contract|business|account)))?"
    r"|(?:we |i )?closed the deal"
    r"|(?:we |i )?got (?:(?:the|an|their|his|her) )?(?:order|po|purchase order|signature|deposit|signed contract|(?:contract|deal) signed)"
    r"|order (?:placed|signed|received)|contract signed|deal (?:closed|won|done|signed)|it's a deal"
    r"|deposit (?:paid|received)|(?:po|purchase order) (?:signed|received|#? ?\d+)|order #\d+"
)
_SOLD = rf"(?:{_BOUGHT})(?: (?:for|at) {_MONEY})?(?: {_LATELY})?"
_MORE = r",? and |,? - | ?[,;.!&+:(] ?"

SOLD = _parts(_SOLD, between=_MORE)
YES = _parts(rf"(?:{_SOLD}|{_MANY}(?: (?:for|at) {_MONEY})?|{_MONEY}|{_TERM} contract|{_WAS}|finally|{_THANKS})", between=_MORE)

_THEIRS = r"(?:the|their|his|her|an?) "
_OTHERS = (
    r"(?:(?:someone|somebody) else|(?:(?:a|the|another|their|our) )?(?:competitors?|competition)"
    r"|the other (?:guys?|company|vendor|supplier)"
    r"|another (?:company|vendor|supplier|provider|firm|bidder|dealer)"
    rf"|{_THEIRS}(?:current|old|existing|present|usual|regular) (?:supplier|vendor|provider|company|dealer|contractor|agency)"
    r"|(?:their|his|her) (?:supplier|vendor|provider))"
)
_IS_SO = (  # "not interested today" is for today
    rf"{_IS}not interested(?: at all| any ?more| in (?:us|it|{_OFFER}))?|no interest(?: at all| in (?:us|it|{_OFFER}))?"
    r"|(?:(?:it's|we're) )?too (?:expensive|pricey)|(?:(?:the|our) )?price (?:is )?too high"
    r"|no (?:budget|money|sale|deal)|not an? (?:good )?fit|not for (?:them|him|her|us)"
    r"|(?:(?:went|they're|they are) )?out of business"
    r"|(?:(?:he|she|they) )?(?:do not|don't|does not|doesn't) (?:want|need) (?:it|this|us|any|anything)"
    rf"|{_IS}(?:going|staying|sticking|happy) with {_OTHERS}|{_IS}(?:going|buying) elsewhere"
    r"|(?:hard )?pass|not buying|won't buy|closed lost|deal is (?:lost|dead)"
)
_REFUSED = (
    rf"{_IS}(?:went|stayed|stuck|signed) with {_OTHERS}"
    rf"|{_IS}(?:chose|picked|hired|(?:bought|ordered)(?: it)? from) {_OTHERS}"
    rf"|{_IS}(?:went|bought(?: it)?|ordered|signed) elsewhere"
    rf"|(?:(?:he|she|they) )?(?:said no|declined|(?:declined|refused|rejected) (?:it|{_OFFER})|turned (?:us|me|{_OFFER}) down)"
    rf"|(?:they )?passed|lost (?:the deal|to {_OTHERS})"
)
_WHY = (  # why it is a no, where no is said: alone some of it would be no answer
    r"(?:over|outside(?: of)?|out of) (?:the |their |his |her )?budget|budget (?:got |was |is )?cut"
    r"|(?:can't|cannot) afford (?:it|us)"
    r"|(?:it )?costs too much|no longer interested|lost interest|not (?:moving|going) forward|decided against (?:it|us)"
    r"|(?:found|got) (?:a )?(?:cheaper|better) (?:one|price|deal|offer)(?: elsewhere)?"
    rf"|{_IS}(?:doing|handling) it (?:in[- ]house|themselves)"
    r"|went (?:in )?another (?:direction|way)"
    r"|(?:(?:he|she|they) )?already (?:have|has|got) (?:someone|somebody|one|an? (?:vendor|supplier|provider|contractor|dealer))"
)
_SAYS_NO = rf"{_IS_SO}|(?:{_REFUSED})(?: {_LATELY})?|(?:no,? )?{_THANKS}"
NO_ALONE = _parts(_SAYS_NO, between=_MORE)
NO = _parts(rf"(?:{_SAYS_NO}|{_WHY})", between=_MORE)

_OURS_TOO = r"(?i:us|our|option|plan|package|level|tier|model|premium|basic|standard|gold|silver|platinum|pro|plus)"
_NAME = rf"(?!{_OURS_TOO}\b|(?i:{DAY})\b)[A-Z][\w'&.]*(?: (?!{_OURS_TOO}\b)(?:[A-Z&][\w'&.]*|of|and))*"
_WITH_A_NAME = (  # capitals are looked at: "went with Acme", but "went with the premium plan"
    rf"(?i:{_IS}(?:went|going|signed|staying|stayed|sticking|stuck|happy) with|{_IS}(?:bought|ordered|buying)(?: it)? from|{_HE}chose"
    rf"|lost (?:it )?to) (?P<name>{_NAME})(?: (?i:{_LATELY}))?"
)
_ELSEWHERE = re.compile(rf"(?:(?i:{_SAYS_NO}|{_WHY})(?:{_MORE}))*{_WITH_A_NAME}")
_FROM_OTHERS = re.compile(  # what no customer of ours does, whatever stands behind it
    rf"(?:{_HE}(?:bought|ordered|buying)(?: it| one)? from|{_HE}signed with|lost (?:it )?to) (?!us\b|our\b|me\b)\w.*", re.IGNORECASE
)

_GOES_ON = re.compile(  # what nobody writes of somebody who has decided
    rf"(?:(?:(?:he|she|they) )?(?:asked|asks?|wants?|wanted|said|told) (?:(?:us|me) )?to )?"
    r"(?:call|ring|phone|check|follow[- ]?up|circle|touch base|try|come|get|reach out)"
    r"(?: (?:back|again|in|with|to|her|him|them|us|me))* (?:in|on|next|after|later|around|mid|early|end of) ?.*"
    rf"|{_IS}(?:still )?(?:not (?:yet |quite |100% )?(?:sure|decided|convinced)|undecided|on the fence|thinking (?:about it|it over))"
    r"(?: yet)?",
    re.IGNORECASE,
)

_OF_A_CALL = re.compile(  # behind "no answer", "not in": nothing but when, where, how often
    r"(?:again|twice|today|so far|at all|all day|this time|either|(?:two|three|\d) times|x ?\d|\dx|from (?:her|him|them|anyone)"
    r"|(?:at|on) (?:the |his |her |their )?(?:office|shop|store|desk|home|door|cell|mobile|phone|landline|office line)"
    rf"|by {_FEW} (?:minutes?|mins?|hours?)|{_LATELY}|[ ,])+",
    re.IGNORECASE,
)
_AT_HOME = re.compile(r"(?:(?:the|his|her|their) (?:office|shop|store|building)|right now|yet)", re.IGNORECASE)
_OF_A_MESSAGE = re.compile(r"(?:with|w/|for|on|at|about|re|to|asking|saying)(?![\w-])", re.IGNORECASE)
_IS_IN = frozenset({"not in", "wasn't in"})
_NOBODY = frozenset({"couldn't reach", "could not reach"})
_FULL = re.compile(r"(?:is |was )?full", re.IGNORECASE)


OPEN = re.compile(  # a line below a yes or a no, that says under which condition, or what is still wanted
    r"(?:and |so |well,? )*(?:but|unless|if|until|'?till?|maybe|perhaps|probably|possibly|hopefully|pending|needs?|still|once|after|before"
    r"|when|except|although|though|however|depend(?:s|ing)|subject to|contingent|conditional|provided|assuming|as long as|tentative(?:ly)?"
    r"|verbal(?:ly)?|only|on hold|hold(?:ing)?(?: off)?|paused?|postponed|delayed|wait(?:s|ing)?"
    r"|not (?:till?|until|before|yet|now|right now"
    r"|sure|in|final|official|signed)|no (?:rush|decision|answer) (?:until|till?|before|yet)|for now|might|may|could|would|should"
    r"|i (?:think|guess|hope|believe|suppose)|i'm not sure|open to"
    r"|(?:(?:\w+(?:'s)? ){0,3}?(?:wants?|wanted|needs?|needed|asked|asks?|asking|prefers?|hop(?:es?|ing)|wish(?:es)?|expects?|insists?"
    r"|(?:has|have|had) to|(?:would|'d) (?:like|prefer|rather)|must|should|might|may)))(?![\w'-])",
    re.IGNORECASE,
)
DELIVERED = re.compile(  # what follows a sale
    r"(?:(?:the |first )?(?:install\w*|deliver\w*|ship\w*|starts?|starting|begins?|beginning|po|order|payment|deposit|invoice|training"
    r"|kick-?off|go(?:es|ing)? live|effective)|\d+ \w+s)(?![\w-])",
    re.IGNORECASE,
)
LATER = re.compile(
    r"(?<![\w'-])(?:(?:in|till?|until|by|this|next|after|before|the) (?:the )?(?:fall|winter)|later|again)(?![\w-])", re.IGNORECASE
)
NOT_THIS = re.compile(r"\bnot (?:this|that) \w+", re.IGNORECASE)  # why it is a no
NOT_REACHED = re.compile(  # below a no: who said it?
    r"(?<![\w'-])(?:on (?:vacation|leave|holiday|a call)|in a meeting|out (?:of (?:the )?(?:office|town)|sick|today|until|till?)"
    r"|wrong (?:number|person|address)|voice ?mail|handles? (?:this|that|it)|call [A-Z]\w+)(?![\w-])",
)


def closes(result: Result, tail: str, *, ticked: bool = False, alone: bool = False) -> bool:
    """Whether ``tail``, without what stands around it, says a YES or a NO again. ``ticked``: behind a tick, where "thanks" and "20 cases"
    are lines of a list that the rep keeps. ``alone``: with no word of the grammar before it, where "lost interest" is a remark."""
    if result is Result.NO:
        return bool((NO_ALONE if alone else NO).fullmatch(tail))
    return bool((SOLD if ticked else YES).fullmatch(tail))


def names_another(tail: str) -> bool:
    """Whether ``tail``, as it was typed, says by name that somebody else got the order: "went with Acme". Capitals alone name nobody."""
    return not tail.isupper() and bool(_ELSEWHERE.fullmatch(tail.strip(EDGES)))


def contradicts(result: Result, line: str, tail: str) -> bool:
    """Whether another ``line`` of the notes, ``tail`` in small letters, says that a YES or a NO is none, or that it goes on."""
    if _GOES_ON.fullmatch(tail):
        return True
    if result is Result.NO:
        return bool(SOLD.fullmatch(tail))
    return bool(NO.fullmatch(tail) and not re.fullmatch(_THANKS, tail)) or bool(_FROM_OTHERS.fullmatch(tail)) or names_another(line)


def lately(tail: str) -> bool:
    """Whether it is a day or a part of one that was, and not long ago; "last year" belongs to another story."""
    return bool(re.fullmatch(_LATELY, tail, re.IGNORECASE))


def of_an_attempt(word: str, tail: str) -> bool:
    """What belongs to a word of the attempts with nothing between: "no answer again", "left message with his wife", "not in the office".
    "Not in stock" and "missed her birthday" tell of something else."""
    if _OF_A_CALL.fullmatch(tail):
        return True
    if word in SAID:
        return bool(_OF_A_MESSAGE.match(tail) or _FULL.fullmatch(tail))
    if word in _NOBODY:
        return tail.casefold() in ("her", "him", "them", "anyone", "anybody")
    if word.startswith("no "):
        return tail.casefold() == "yet"
    return word in _IS_IN and bool(_AT_HOME.fullmatch(tail))


# What somebody who is glad types beside a yes, and who is not beside a no; "yes 🤔" and "no 👍" are asked about.
SIGNS = {Result.YES: frozenset("🎉🎊🥳🙌💪👍👏🏆🤩😀😃😄😁😊🙂😎🤝💰💵🔥⭐🌟✨🚀🍾"), Result.NO: frozenset("😢😞😔☹🙁😭💔👎")}

TOLD_OF_ANOTHER = re.compile(  # an outcome, or somebody who was reached, behind "done" or an attempt
    r"(?<![\w'-])(?:bought|ordered|signed|sold|won|accepted|declined|refused|turned (?:us|me|it|him|her) down|not interested|no interest"
    r"|(?:said|says|texted|wrote|replied|told (?:me|us)) (?:yes|no)|(?:went|going|staying) (?:with|elsewhere)"
    r"|closed the deal|deal (?:is )?(?:off|on|dead)"
    r"|out of business)(?![\w-])",
    re.IGNORECASE,
)
PERHAPS = re.compile(
    r"(?<![\w'-])(?:i (?:guess|think|hope|suppose)|maybe|probably|perhaps|possibly|supposedly|sort of|kind of|not sure|unsure|might)"
    r"(?![\w-])",
    re.IGNORECASE,
)
HAPPENED = re.compile(  # what is to be done elsewhere, and here was: "quote sent"
    r"(?<![\w'-])(?:call|e-?mail|text|message|visit|coffee|lunch|zoom|video|quote|demo|install|follow[- ]?up) "
    r"(?:went|was|sent|made|delivered|done|is (?:out|done|sent))(?![\w-])",
    re.IGNORECASE,
)
THEIRS = re.compile(  # what they will do, on no day: "she'll review it"
    r"(?<![\w'-])(?:he|she|they)(?:'ll| will) (?:review|think|look|let (?:me|us) know|discuss|talk|check|decide|read|consider|share|show"
    r"|mull|sleep on|run it by)(?![\w-])",
    re.IGNORECASE,
)
ORDERED = re.compile(r"(?<![\w'-])(?:(?:po|purchase order) #? ?\d+|order #\d+|deposit (?:paid|received)|from us|with us)(?![\w-])")
NOT_DONE = re.compile(  # a step that did not happen, or not all of it
    r"(?<![\w'-])(?:almost|nearly|half|halfway|partly|partially|mostly|except|nobody|no[ -]one|no[ -]show|cancel+ed|rescheduled|postponed"
    r"|stood (?:me )?up|hung up|wrong (?:number|person|address)"
    r"|sent back|undone"
    r"|(?:was|were|is|are)(?:n't| not) (?:there|in|home|open|available|around|here|done|finished)"
    r"|(?:did(?:n't| not)|could(?:n't| not)) (?:answer|pick up|show|happen|go|work|get|call|send|reach|do|find|make|finish|see"
    r"|talk|speak))(?![\w-])",
    re.IGNORECASE,
)
_NOT_YET = (
    r"(?:likely|penciled?|pencil in|(?:shooting|aiming|trying|hoping) for|looking at|thinking|leaning|anything but|any day but"
    r"|(?-i:skip|avoid)|except)"
)
SHAKY = re.compile(  # an agreement that is denied, only perhaps, called off, or asked about
    r"\W*(?:maybe|perhaps|possibly|probably|probs?|prolly|might|not|no|don't|do not|never|won't|can't|cannot|if|unless)(?![\w-]).*"
    r"|.*(?<![\w-])(?:maybe|perhaps|possibly|probably|tentative(?:ly)?|i (?:guess|think|hope))\W*"
    r"|.*(?<![\w-])(?:cancel+ed|called off|postponed|(?:is|was) (?:off|moved|not needed|a mistake|pointless))\W*"
    rf"|\W*{_NOT_YET}(?![\w-]).*"
    r"|.*(?<![\w-])(?:subject to change|(?:is|are) (?:bad|out|no good|full)|(?:most )?likely|to be confirmed|tbc|tba|tbd)\W*"
    rf"|.*(?<![\w-])(?:maybe|perhaps|possibly|probably) (?:(?:on|at|by|in|next|this|the) )?(?:{DAY}|{CLOCK})(?![\w-]).*"
    rf"|.*(?<![\w-])(?:{DAY}|{CLOCK})[ ,(]*(?:but )?(?:only )?(?:if|unless|provided|assuming|depending|pending)(?![\w-]).*"
    r"|.*\?[^\w?]*",
    re.IGNORECASE | re.DOTALL,
)
TO_US = re.compile(  # nobody agrees to call themselves
    r"(?<![\w-])(?:to (?:call|ring|phone|text|e-?mail|get back to) (?:me|us)|(?:waiting (?:for|on)|expect(?:s|ing)?) (?:(?:an?|his"
    r"|her|their) )?call"
    r"|call from|(?:he|she|they)(?:'d| would| might| may| could| should) (?:call|ring|phone|text|e-?mail|write|come|stop|send|let"
    r"|get))(?![\w-])",
    re.IGNORECASE,
)
_CALLING = (
    r"(?:calling|ringing|phoning|e-?mailing|texting|writing|coming|stopping|getting back|sending|replying|answering|deciding|confirming"
    r"|reaching|visiting|bringing|signing|paying)"
)
THEN = re.compile(
    rf"(?:(?:on |at |by |@ ?)?(?:{DAY}|{CLOCK}|\d{{1,2}}(?::\d\d)?)[ ,:–—-]{{1,3}}){{1,4}}", re.IGNORECASE
)  # before what they will do: "mon he calls"
THEIR_DEED = re.compile(  # what they promised, and is not ours to do: "they will call us Thursday"
    r"(?:(?i:he|she|they|it|his \w+|her \w+|their \w+)(?:(?i:'ll| will| would| is (?:going )?to| are (?:going )?to))?"
    r"|(?!(?:Will|I|We|To|Please)\b)[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)?(?:(?i:'ll| will|(?= \w+s\b))))"
    r" (?i:(?:call|ring|phone|e-?mail|text|write|come|stop|get|let|send|repl|answer|decide|confirm|reach|visit|follow|bring|sign|pay)"
    r"(?:s|es|y|ies)?)(?![\w-])"
    rf"|(?:(?i:he|she|they)|(?!(?:I|We|To|Please)\b)[A-Z][\w’-]*)(?i:['’]s|['’]re| is| are) (?i:{_CALLING})(?![\w-])",
)
WAITED = re.compile(  # how long it took till now, or a name: "for 3 weeks now", "for Monday Motors"
    rf"for {_FEW} (?:days?|weeks?|months?)(?: (?:now|already|so far))?\W*|.*(?<![\w-])(?:already|since|maybe|perhaps)(?![\w-]).*"
    r"|.*(?<![\w-])(?:until|till?|for) [\w/]+ (?:is|was|would|seems)(?![\w-]).*",
    re.IGNORECASE | re.DOTALL,
)
OF_A_NAME = re.compile(rf"(?:[Ff]or|[Oo]n) (?i:{WEEKDAY}) (?!AM\b|PM\b)[A-Z].*", re.DOTALL)
