"""Who a line is about, of what is left of it: the business, the person, and what was told besides.

A piece of the line is read from the left: a name, then what links it to the next one ("at", "ask for", "owner"), or what somebody does or
is ("wants", "not in", "left"): from there on it is a note, until a link leads to a name again ("left brochure with Ann at Ann's Bakery").
Which name is the business and which the person is said by the links; else by the words in it; else by its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from followsync.names import BUSINESS, GIVEN, ROLES, is_business, is_human


@dataclass(frozen=True, slots=True)
class Who:
    """``name``: the business, or the person where there is none; ``person`` only where there are both. Both "" where nobody is named."""

    name: str
    person: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a piece: ``kind`` is "name", "person" or "business" where a link says so, or "note"."""

    kind: str
    text: str
    group: int = 0  # of the pieces that stood together
    rank: int = 0  # among several persons, whom to talk to: who is asked for, then who is called, then who is linked to the business


def who_of(groups: Sequence[Sequence[str]], called: int | None = None) -> Who:
    """``groups``: the pieces between what was taken out of the line. ``called``: the group behind the method's word, whose first name is
    the one to call."""
    parts = []
    for group, pieces in enumerate(groups):
        told = [part for piece in pieces for half in _halves(piece) for part in _parts(half)]
        first = next((part for part in told if part.kind != "note"), None) if group == called else None
        parts += [replace(part, group=group, rank=max(part.rank, _CALLED if part is first and is_human(part.text) else 0)) for part in told]
    named = [part for part in parts if part.kind != "note" and not _THING.fullmatch(part.text)]
    parts = [replace(part, kind="note") if named and part.kind == "name" and _THING.fullmatch(part.text) else part for part in parts]
    names = [
        part for part in parts if part.kind != "note" and (len(parts) == 1 or re.search(r"[^\W\d_]{2}|^\w$", _CLOCK.sub("", part.text)))
    ]
    notes = [part.text for part in parts if part not in names and part.text not in {"back", "again", "try"}]
    business, person = _chosen(names)
    name = business or person
    if name is None:
        return Who("", "", tuple(notes))
    notes += [part.text for part in names if part is not business and part is not person]
    both = business is not None and person is not None and business is not person
    return Who(name.text, person.text if both and person else "", tuple(notes))


_CLOCK = re.compile(r"(?i)\d+ ?(?:[ap]m|st|nd|rd|th|h|ish)?\b")


_CALLED, _LINKED, _ASKED = 2, 1, 3


def _halves(piece: str) -> tuple[str, ...]:
    """ "Jenny/Acme", "metro plumbing steve"."""
    if thing := _THING_OF.fullmatch(piece):
        return thing["thing"], thing["whose"]
    left, slash, right = piece.partition("/")
    words = piece.split()
    small = [word.casefold() for word in words]
    cased = piece.islower() or (all(word[:1].isupper() for word in words[-2:]) and not piece.isupper())
    if not slash and len(words) > 2 and cased and small[-1] in GIVEN and small[-2] in BUSINESS and small[0] not in GIVEN:
        return " ".join(words[:-1]), words[-1]
    return (left, right) if slash and right[:1].strip() and (is_human(left) or is_human(right)) else (piece,)


# -- which of the names --------------------------------------------------------------------------------------------------------------------


def _chosen(names: Sequence[_Part]) -> tuple[_Part | None, _Part | None]:
    """The business and the person. What a link says goes first, then what the words say, then the place."""
    people = [part for part in names if part.kind == "person" or (part.kind == "name" and is_human(part.text))]
    person = max(people, key=lambda part: part.rank, default=None)
    business = next((part for part in names if part.kind == "business"), None)
    plain = [part for part in names if part.kind == "name"]
    if business is None:
        known = next((part for part in plain if part is not person and is_business(part.text) and not _SALES.search(part.text)), None)
        beside = [part for part in plain if part is not person and not is_human(part.text)]
        business = known or next((part for index, part in enumerate(beside) if _may_name(part, names, index, person)), None)
    if person is None and business is not None:
        person = next((part for part in plain if part is not business and _may_be_a_person(part, business, names)), None)
    return business, person


def _may_name(part: _Part, names: Sequence[_Part], index: int, person: _Part | None) -> bool:
    """What stands first names the prospect; what stands beside a person does where it looks like a name."""
    if part is names[0]:
        return True
    words = part.text.split()
    if _SALES.search(part.text) or len(words) > 4 or index:
        return False
    return all(word[:1].isupper() or not word[:1].isalpha() or word in _JOINS for word in words) or (
        part.text.islower() and person is not None and person.text.islower() and part.group == person.group
    )


def _may_be_a_person(part: _Part, business: _Part, names: Sequence[_Part]) -> bool:
    """Beside what is surely a business, two words with capitals, of no other meaning, are a person."""
    words = part.text.split()
    if not all(word[:1].isupper() and word.replace("-", "").replace("'", "").isalpha() for word in words) or _SALES.search(part.text):
        return False
    return is_business(business.text) and not part.text.isupper() and len(words) == 2


_JOINS = frozenset({"of", "and", "the", "at", "de", "la", "van", "von", "on"})
_SALES = re.compile(  # what is talked about, and is nobody
    r"(?i)\b(?:quotes?|proposals?|renewals?|pric(?:e|ing|es)|demos?|contracts?|samples?|orders?|invoices?|referrals?|lead"
    r"|prospect|brochures?"
    r"|sign (?:the )?(?:papers?|docs?)"
    r"|budget|terms|estimates?|issue|question|problem|details|info|update|reorder|upgrade|feedback|decision|paperwork|agreement|deposit"
    r"|warranty|install\w*|delivery|deliveries|training|trial|interested|signed|hot|warm|cold|vip|urgent|important|asap|thanks|thx|please"
    r"|pls|maybe|tentative|yes|no|ok|windows (?:quote|order)|\d+ \w+s)\b"
)


_THINGS = (  # what begins a story, and is nobody: "Lease ends 4/30"
    r"(?:quotes?|proposals?|renewals?|pricing|demo|contract|samples|order|invoice|budget|estimate|decision|warranty|install(?:ation|ers?)?"
    r"|delivery|training|trial|lease|policy|permits?|inspection|closing|listing|loan|application|statements?|roof|furnace|unit|equipment"
    r"|terminals?|maintenance|tune[- ]?up|service|coverage|claim|adjuster|shipment|agreement|terms|rates?|meeting|mtg|appointment|appt"
    r"|call|lunch|board|purchasing|accounting)"
)
_THING = re.compile(rf"(?i)(?:(?:the|their|his|her|our|current|new|old|annual|free) )*{_THINGS}(?: {_THINGS})*")
_THING_OF = re.compile(
    rf"(?P<thing>(?i:(?:(?:the|new|current) )?(?:\w+ ){{0,2}}?{_THINGS})(?: [a-z][^,;]*?)?) for (?:the )?(?P<whose>[A-Z].*)"
)


# -- the parts of a piece ------------------------------------------------------------------------------------------------------------------

_W = r"(?<![\w'’-])"
_E = r"(?![\w'’-])"
_PERSON_LINK = (
    r"(?:(?:and )?(?:please )?(?:ask(?:ing|ed)? for|[Aa]sk(?= [A-Z])|(?:(?:his|her|their) )?name(?: is|['’]s|:)|(?:present|pitch"
    r"|demo)(?:ing)?(?: it)? (?:to|for)|attn:?|attention:?|c/o|per|contact(?: is| person)?:?|spoke (?:to|with|w/?)"
    r"|speak (?:to|with)|talk(?:ed|ing)? (?:to|with|w/?)|met(?: with| w/?)?|(?:and )?see|poc:?|is|decision[- ]maker(?: is)?:?|dm:?|care of)"
    rf"|(?:the )?{ROLES}(?:['’]?s name)?(?: is|['’]s|:)?)"
)
_PLACE_LINK = (
    rf"(?:(?:who |he |she |they )?(?:owns?|runs?|manages?|works (?:at|for|with)|is (?:at|with|from))"
    rf"|(?:, )?(?:the )?{ROLES} (?:of|at|for|from|@)|over at|at|from|@|of|out of|with|w/|w)"
)
_LINK = re.compile(rf"(?:^|(?<=[\s(])|(?<=\w)(?=@))(?:(?P<place>{_PLACE_LINK})|(?P<person>{_PERSON_LINK}))(?:\s+|(?<=[@/:])(?=\w))(?=\S)")
TELLS = re.compile(  # what somebody does or is; from there on it is no name
    rf"{_W}(?:(?<=\S\s)due(?=\W*$|\s[a-z\d])"
    r"|(?:owns|runs|manages) (?:it|the [a-z]+|everything|things|that)|(?:handles|does|makes|approves) (?:the |all )?[a-z]+|decides"
    r"|calls the shots|an?(?= [a-z])|(?<=\S\s)(?:budget|contract|lease|warranty|fiscal year|trial|renewal|policy|subscription|permit|loan"
    r"|coverage|premium|closing|inspection|install|order|quote|proposal)(?=\s(?:(?:is|was|are|not|still) |\w+(?:s|ed|ing)\b|up\b|due\b"
    r"|pending\b))"
    r"|(?:\d+|two|three) ?x\b|\d+ times|twice|down(?=\W*$)|finally|replied|answered|declined|confirmed|cancell?ed|postponed|deciding"
    r"|reviewing|approved|on [a-z]+ing"
    r"|(?<=\S\s)(?:listing|roof|furnace|boiler|statement|birthday|anniversary|team(?= [a-z]+s\b))(?=\s(?:[a-z]|$)|$)"
    r"|(?<=\S\s)for(?= (?:(?:an?|the|his|her|their|our|some) )?[a-z]+\b)|opens|opened|starts|begins|ends"
    r"|expires|launches"
    r"|renews|closes|moves|approved|vacation|pto|ooo|maternity|paternity|jury duty|(?:hard|soft|firm|flat) (?:no|pass)|rescheduled|moved"
    r"|may(?= [a-z])|might|went (?:with|to|for|another|out|under|bankrupt|dark|silent|quiet|over|well|great|good|ok)|going (?:with|to)"
    r"|chose|picked|yesterday|today|earlier|this morning"
    r"|last (?:week|month|year|time|night)|\d+ (?:days?|weeks?|months?) ago|cant|wont|dont|doesnt"
    r"|didnt|isnt|wasnt|arent|hasnt|havent|couldnt|wouldnt|straight to|wants?|wanted|needs?|needed|would(?:n['’]?t)?|is|isn['’]?t"
    r"|was|wasn['’]?t|are|aren['’]?t|were|weren['’]?t|will"
    rf"|won['’]?t|has"
    r"|hasn['’]?t|had|have|haven['’]?t|did|didn['’]?t|does|doesn['’]?t|don['’]?t|can['’]?t|cannot|can|couldn['’]?t|could|should|said|says"
    r"|say|asked|asks|told|tells|thinks?|thought|likes?|liked|loves?|loved|hates?|hated|expects?|expecting|prefers?|seems?|seemed"
    r"|look(?:s|ed|ing)|left|gone|not|no|never|none|very|too|so|really|super|pretty|quite|just|only|still|already|currently|almost|busy"
    r"|closed|away|interested|ready|happy|unhappy|friendly|rude|passed|pass(?=\W*$)|signed|bought|sent|called|texted|e-?mailed"
    r"|wrote|phoned"
    r"|visited|stopped|dropped|tried|missed|met|spoke|talked|chatted|saw|received|got|gave|promised|agreed|when|if|once|unless"
    r"|until|till|'til"
    r"|because|since|while|but|hung up|picked up|voicemail|vm|lvm|n/a|na|tbd|asap|pls|please|thx|thanks|maybe|hopefully|probably"
    r"|tentative"
    r"|possibly|he|she|they|it|i|we|his|her|their|who|which|that|there|nobody|no ?one|someone|somebody|everyone|wo"
    r"|(?:out|off|back)(?: (?:of (?:office|town|the office|work)|sick|today|until|till?|on|in|from|this|next|for|w/))?(?=\W|$)"
    r"|in (?:a |an |the )?(?:meeting|training|office|field|town|accounting|purchasing|sales|shipping|receiving|maintenance|HR|hr|IT|it"
    r"|marketing|operations|finance|charge|person|writing)|on (?:vacation|leave|holiday|the phone|a call|another call|pto|PTO"
    r"|site|jury duty)"
    r"|at lunch|under (?:contract|construction)|opening|moving|remodel\w*|renovat\w*|using|considering|thinking|waiting|working|running"
    r"|going|getting|buying|switching|hiring|interviewing|shopping|comparing|for (?:coffee|lunch|breakfast|dinner|drinks)"
    r"|weekly|monthly|daily|quarterly|mornings|afternoons|evenings|weekdays|weekends|again|back|try"
    r"|(?:he|she|they|it|that|who|there)['’](?:s|ll|d|re|ve)|(?:by|before|after|around|during)(?= (?:tax day|valentine|memorial|labor"
    r"|july|presidents|mlk|black|(?-i:Christmas|Valentine|Memorial"
    r"|Labor|Thanksgiving|Easter|New Year)|christmas|thanksgiving|easter|new year|the |his |her |their ))"
    r"|(?:quote|proposal|pricing|brochure|contract|invoice|estimate|catalog|price list|info)(?=\W*$)|[Gg]atekeeper|[Rr]eceptionist"
    r"|hostess|secretary|[Ff]ront desk|staff|cashier|the(?= [a-z]+(?!\w*['’]s))"
    r"|(?:great|good|nice|awesome|excellent|long|short|brief|lovely|productive)(?=\s+(?:[a-z]|$)))" + _E
)
_FIRST = re.compile(
    r"^(?:(?:new|potential|existing|current|old|former) (?:customer|client|lead|prospect|account|business)|reminder|todo|to do"
    r"|fyi|note)\b:?\s*"
)
_NOWHERE = re.compile(
    r"(?i)(?:the|a|an|his|her|their|my|our|this|that|lunch|home|office|now|work|all|once|least|noon|night|door|desk|counter|school|vacation"
    r"|leave|me|us|him"
    r"|them|it|you"
    rf"|no|both|everyone|town|church|court|\d|{ROLES}|hostess|receptionist|gatekeeper|staff|wife|husband|assistant|front desk)(?:\W|$)"
)


def _parts(piece: str) -> list[_Part]:
    """The piece, taken apart at its links and where it begins to tell something."""
    piece = _FIRST.sub("", piece)
    parts: list[_Part] = []
    kind, begin, at, rank = "name", 0, 0, 0
    while at < len(piece):
        link = _LINK.search(piece, at)
        tells = TELLS.search(piece, at) if kind != "note" else None
        while tells and _of_a_name(piece, begin, tells):
            tells = TELLS.search(piece, tells.end())
        before = piece[begin : link.start()] if link else ""
        said = _linked(link, before, piece[link.end() :], kind) if link and not (tells and tells.start() < link.start()) else None
        if link and said:
            mine, theirs, keeps = said
            before = _POSSESSED.sub("", before) if keeps and not is_human(before) else before  # "Summit Paper's buyer Lynn"
            parts += [_Part(mine, before, rank=rank if mine == kind else _LINKED), _Part("note", keeps)]
            kind, begin, at = theirs, link.end(), link.end()
            rank = _ASKED if link["person"] and _ASKS.match(link["person"]) else _LINKED
        elif tells and not (link and link.start() < tells.start()):
            text = _POSSESSED.sub("", piece[begin : tells.start()])
            names = _halves(text.strip()) if kind == "name" and _IN_CHARGE.match(piece, tells.start()) else ()
            in_charge = bool(names) and not is_business(names[-1])
            parts += [_Part("business", name) for name in names[:-1]] if in_charge else []
            parts.append(_Part("person", names[-1], rank=_LINKED) if in_charge else _Part(kind, text, rank=rank))
            kind, begin, at = "note", tells.start(), tells.end()
        elif link:
            at = link.end()
        else:
            break
    parts.append(_Part(kind, piece[begin:], rank=rank))
    bare = [replace(part, text=_OPEN.sub("", part.text.strip(" ,;:()!?-–—&/"))) for part in parts]
    bare = [replace(part, text=_TRAILING.sub("", part.text)) for part in bare] + [
        _Part("note", match[0].strip()) for part in bare if part.kind != "note" and (match := _TRAILING.search(part.text))
    ]
    bare = [
        _Part("note", part.text)
        if re.fullmatch(rf"(?:the )?{ROLES}|(?:and )?see|ask|at|with|w/?|for|from|on|in|by|of|the|to|re", part.text)
        else part
        for part in bare
    ]
    return [part for part in bare if any(letter.isalnum() for letter in part.text)]


_ASKS = re.compile(r"(?:and )?(?:please )?(?:ask|att|c/o|contact|and see|poc|care of)")
_IN_CHARGE = re.compile(
    rf"(?:(?:owns|runs|manages) (?:it|the [a-z]+|everything|things|that)|(?:handles|does|makes|approves) (?:the |all )?[a-z]+"
    rf"|(?:is|['’]s) (?:the |their |a )?(?:{ROLES}|in charge|decision[- ]maker|contact|one)|decides|calls the shots)"
)
_TRAILING = re.compile(  # a number of theirs, or who comes along; not of the name
    r"(?<=[^\W\d_]) #?\d{4,}$|(?<=\w) (?:\+|&|and) (?:(?:the|her|his|their) )?(?:team|crew|staff|wife|husband|boss)$"
)
_OPEN = re.compile(r"\s+(?:and|&|or|with|w/|but|some|any|at|from)$")  # "Keith and", where his partner was told
_POSSESSED = re.compile(r"['’]s\s*$")  # "Jenny's out"


def _of_a_name(piece: str, begin: int, tells: re.Match[str]) -> bool:
    """ "No Frills Grocery", "busy bee cafe", "The Left Bank": such a word belongs to a name there."""
    word, after = tells[0], piece[tells.end() :].lstrip()
    first = tells.start() == begin
    if word[:1].isupper() and not piece.isupper():
        return not first or after[:1].isupper() or not after
    return first and is_business(piece[begin:]) and len(piece.split()) <= 3 and word not in {"left", "he", "she", "they", "wants", "needs"}


def _linked(link: re.Match[str], before: str, after: str, kind: str) -> tuple[str, str, str] | None:
    """What stands before the link, what behind it, and what of the link is worth a note; None where it links no names."""
    words = link[0].strip()
    name = _head(after)
    known = name[:1].isupper() and is_business(name)  # "at Noon Whistle Diner"
    if not name or (_NOWHERE.match(name) and not known) or name.casefold() in _PRONOUNS:
        return None
    role = re.search(ROLES, words)
    if words == "is" and not (is_human(name) and kind == "business"):
        return None
    if link["person"] and role and words.endswith(role[0]) and is_human(before) and is_business(name):
        return "person", "business", words  # "Kim Park VP of Marketing Elm Foods"
    if link["person"]:
        if not (is_human(name) or name[:1].isupper() or (name.islower() and len(name.split()) <= 2 and not role)) or _SALES.search(name):
            return None
        if words.endswith("see") and not (is_human(name) or name[:1].isupper()):
            return None  # "see if they like it"
        if role and not (is_human(name) or re.fullmatch(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?", name)):
            return None
        return (
            ("note" if kind == "note" else kind if kind != "name" else "business" if before.strip() else "name"),
            "person",
            (f"{words} {name}" if role else ""),
        )
    if words in {"with", "w/", "w"}:
        if is_human(name) and not is_human(before):
            return kind, "person", ""
        if kind == "name" and is_human(before) and not _SALES.search(name):
            return "person", "business", ""
        return (kind, "note", "") if name.islower() and before.strip() and not before.islower() else None  # "Acme w/ donuts"
    if words == "of" and not is_human(before):
        return None
    if not before.strip() and (role or len(words) > 4):
        return "note", "business", words
    if kind == "note" and name.islower() and words not in {"at", "@", "over at"} and not is_business(name):
        return None  # "when she's back from maternity leave"
    if kind == "note":
        return "note", "business", ""
    if not before.strip():
        return kind, "business", ""
    person = len(before.split()) <= 4 and not is_business(before) and not (words == "from" and name.islower() and not is_human(before))
    return ("person", "business", words if role else "") if person else None


def _head(text: str) -> str:
    """What follows a link, up to the next link or to where something is told."""
    ends = [match.start() for pattern in (_LINK, TELLS) if (match := pattern.search(text)) and match.start()]
    return text[: min(ends, default=len(text))].strip(" ,;:()!?")


_PRONOUNS = frozenset({"her", "him", "them", "me", "us", "you", "it", "she", "he", "they"})
