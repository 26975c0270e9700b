"""Words of time that touch a day that was understood, and are no part of it: then the day is not to be relied on.

"2 weeks before their lease is up", "Friday or so", "the Friday before the show": the piece that is known ("2 weeks", "Friday") is not
what was said. See docs/decisions/0074.
"""

from __future__ import annotations

import re

from followsync.daywords import MONTH, NUMBERS, WEEKDAY

_NUMBER = rf"(?:\d{{1,3}}|an?|{'|'.join(NUMBERS)}|(?:a )?(?:couple(?: of)?|few))"
_LONG = r"(?:business |working |work )?(?:days?|weeks?|wks?|months?|mos?|mths?|quarters?|years?|yrs?)"
_AMOUNT = rf"{_NUMBER}[ -]?{_LONG}"
_ANY_AMOUNT = rf"{_NUMBER}[ -]?(?:{_LONG}|min(?:ute)?s?|hours?|hrs?)"
_OPEN = r"(?<![\w'’/.:$#-])"
_SHUT = r"(?![\w'’-])"
_PERHAPS = (
    r"(?:maybe|perhaps|(?:most )?likely|possibly|probably|prob|probs|prolly|tentative(?:ly)?|hopefully|ideally|might be"
    r"|i (?:think|guess|hope))"
)
_STOPS = (  # behind a number that is an hour or a day, and counts nothing
    rf"(?=\s*(?:$|[,;:.…)?!–—\x1f]|(?:{_PERHAPS}|to|because|re|about|abt|call|phone|visit|e-?mail|meet|meeting|coffee|lunch|text|letter|zoom|video"
    rf"|stop by|or|and|at|on|in|w/|with|{WEEKDAY}|{MONTH})(?![\w'’-])))"
)
_HOLIDAY = (
    r"(?:memorial day|labor day|thanksgiving|christmas(?: eve)?|xmas|new year['’]?s?(?: day| eve)?|presidents['’]? day|mlk day|columbus day"
    r"|veterans['’]? day|independence day|(?:the )?4th of july|(?:the )?fourth of july|july 4th|juneteenth|easter|good friday"
    r"|(?:the )?holidays?|halloween|mother['’]?s day|father['’]?s day|valentine['’]?s(?: day)?|tax day)"
)
_GAP = r"[^\S\x1c-\x1f]"  # a blank, and no mark of ours
_TIME = (  # what makes time of a "thru" before it
    rf"(?:(?:the |next |this |end of |early |mid |late |about )*(?:\d{{1,2}}(?!\d)(?! (?-i:[a-z]{{3,}}s)\b)|{WEEKDAY}|{MONTH}"
    rf"|{_HOLIDAY}|noon|midday|midnight|lunch"
    r"|morning|afternoon|evening|tonight|to(?:day|morrow)|tmrw|then|later|after|before|around|eo[dmwy]|cob|weekend|weeks?|months?|years?"
    r"|quarter|summer|fall|winter|spring|q[1-4]|end|next|early|mid|late)(?![\w'’-]))"
)
_CLOSED = rf"(?=\s*(?:$|[,;:.…)?!–—\x1c-\x1f]|-\s)|\s+{_TIME})"
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|(?-i:first|second|third|fourth|fifth|last|other))"
_CLOCK = rf"(?:\d{{1,2}}|{'|'.join(NUMBERS)})"

_BEFORE = re.compile(
    rf"(?i){_OPEN}(?:(?:the )?{_ORDINAL}|{_AMOUNT}|(?<!follow )(?<!walk )(?<!drive )(?<!go )(?<!run )(?<!come )(?:thru|through)"
    rf"|(?:this|next) or|(?:the )?(?:day|night|week|weekend|month) (?:before|after)|between|no (?:earlier|later|sooner) than|half {_CLOCK}"
    r"|\d{1,2}(?::\d\d)? ?(?:[ap]m )?(?-i:[ECMP][SD]?T)|(?:shooting|aiming|trying|hoping) for|penciled?(?: in)?|looking at|thinking"
    r"|anything but|(?-i:skip|avoid)"
    rf"|past|except|every|each|alternate|same (?:day|week|month|time)|{_PERHAPS}"
    rf"|(?:at |a )*quarter (?:to|till?|of|past|after|before)|(?:(?:at |a )*(?:quarter|half|{_CLOCK}))(?: min(?:ute)?s?)? (?:to|till?"
    rf"|of|past|after|before) {_CLOCK})\s+$"
)
_MINUTES = re.compile(rf"(?i){_OPEN}(?:\d?[05]|five|ten|fifteen|twenty|quarter)(?: min(?:ute)?s?)?\s+$")
_OF_AN_HOUR = re.compile(r"(?i)(?:after|before|past|to|till?) ")
_BEHIND = re.compile(
    rf"(?i)\s*\?|-?ish{_SHUT}|[ ,(]*{_PERHAPS}(?:{_CLOSED}|{_STOPS}(?<!likely)){_SHUT}\)?"
    rf"|(?:\s+|\s*[/&–-]\s*)(?:half(?: past| \d{{1,2}})?|quarter (?:past|after|to|till?)|between(?={_GAP}+{_TIME}|\s*$)"
    rf"|(?:week|half|part){_STOPS}|subject to change|\d{{1,2}}(?:[/:.-]\d{{1,2}})*(?: ?[ap]\.?m?\.?)?(?:st|nd|rd"
    rf"|th)?{_STOPS}|sharp|ish|on the dot"
    rf"|(?:thru|through|till?|until)(?:{_GAP}+(?:{_HOLIDAY}|{MONTH})(?![\w'’-])|{_CLOSED})"
    rf"|to \d{{1,2}}(?::\d\d)?{_STOPS}|(?:next|last|following){_STOPS}|and a half"
    rf"|tbd|tba|tbc|{_PERHAPS}{_CLOSED}"
    rf"|{_AMOUNT}{_STOPS}){_SHUT}"
)
_OR = re.compile(  # "Friday or Monday", "or when she is back"; but "or leave vm" gives no other day
    r"(?i)\s+(?:or|nor)(?![\w'’-])(?! (?:leave (?:an? )?(?:vm|voice ?mail|message|msg)"
    r"|(?:e-?mail|text)(?: him| her| them)? if (?:no|not|he|she|they))(?![\w'’-]))"
)
_THE = re.compile(r"(?i)(?<![\w'’-])the\s+$")
_THE_ONE = re.compile(rf"(?i)\s+(?:before|after|preceding|following)(?: {_HOLIDAY})?(?![\w'’-])")

_EVENT = re.compile(
    rf"(?i){_OPEN}(?:(?:in|within|about|around|until|till?|by|for|on) )*{_ANY_AMOUNT} (?P<from>before|b4|after|post|shy of|into|past"
    rf"|prior to|ahead of|in advance of|following|from(?= [a-z]))"
    rf"{_SHUT}"
)
_ENDS = re.compile(
    r"(?i)(?=\s+to\s+[a-z]|[,;!?()\x1c-\x1f]|\.(?:\s|$)|\s[–—-]+\s|\s+(?:re:?|about|because)\s"
    r"|\s+(?:call|visit|e-?mail|text|meet|stop by|see)\s+(?-i:[A-Z])|\s*$)"
)


def event(text: str, at: int) -> tuple[int, int] | None:
    """ "2 weeks before their lease is up", "a month after the install": where the word stands that counts from something, and where that
    ends; None where no such thing begins at ``at``."""
    match = _EVENT.match(text, at)
    if match is None:
        return None
    end = _ENDS.search(text, match.end())
    return match.start("from"), end.start() if end else len(text)


def is_touched(text: str, at: int) -> bool:
    """Whether what stands right behind is of time."""
    return bool(_BEHIND.match(text, at))


def is_a_choice(text: str, end: int) -> bool:
    """ "Friday or when she is back": what ends at ``end`` is one of two."""
    return bool(_OR.match(text, end))


def grown(text: str, start: int, end: int, floor: int, ceiling: int) -> tuple[int, int]:
    """The stretch ``[start:end]`` with the words of time that touch it, between ``floor`` and ``ceiling``; as it is where none do."""
    first, last = start, end
    while match := _BEFORE.search(text[floor:first]):
        first = floor + match.start()
    if _OF_AN_HOUR.match(text, start) and (match := _MINUTES.search(text[floor:first])):
        first = floor + match.start()
    while (match := _BEHIND.match(text, last)) and match.end() <= ceiling and match.end() > last:
        last = match.end()
    if (the := _THE.search(text[floor:first])) and (one := _THE_ONE.match(text, last)) and one.end() <= ceiling:
        first, last = floor + the.start(), one.end()  # "the Friday before the show"
    return first, last
