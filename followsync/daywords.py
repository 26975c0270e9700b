"""The words of days: what is spelled in how many ways, and what the rules of days and of periods share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from followsync.core.cadence import Duration, Unit
from followsync.core.workdays import Workdays

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_ORDINALS = {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "fifteenth": "15th", "final": "last"}
_NTH = "|".join(_ORDINALS)
_ORDINAL = re.compile(
    rf"(?:(?<=\bthe )(?:{_NTH})|(?:{_NTH})(?= of\b| day| week| month| business| work| mon| tue| wed| thu| fri| sat| sun))\b"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

WEEKDAY = r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\.?"
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\.?"
)
COUNT = r"(\d{1,3}|an?)"
UNIT = r"(days?|weeks?|wks?|months?|mos?|mths?|years?|yrs?|(?:business|working|work) ?days?)"
SPELLED = {
    **dict.fromkeys(("tmrw", "tmw", "tmr", "tmro", "tmrow", "tmorrow", "2moro", "2morrow", "2mrw"), "tomorrow"),
    **dict.fromkeys(("tommorrow", "tommorow", "tomorow", "tomarrow", "tommorw", "tomorrw", "tomrrow", "tomm"), "tomorrow"),
    **dict.fromkeys(("tusday", "tuesay", "tusedy"), "tuesday"),
    **dict.fromkeys(("wensday", "wendsday", "wedsday", "wenesday", "wedn", "weds"), "wednesday"),
    **dict.fromkeys(("thusday", "thrusdy", "thrs"), "thursday"),
    **dict.fromkeys(("febuary", "febrary"), "february"),
    **dict.fromkeys(("btwn", "btw", "betw", "b/w"), "between"),
    "2day": "today", "2nite": "tonight",
    "agust": "august", "aftn": "afternoon", "morn": "morning", "aft": "afternoon", "nxt": "next", "b4": "before", "thurs": "thursday",
    "tues": "tuesday", "beg": "beginning", "begining": "beginning", "wk": "week", "wks": "weeks", "eow": "end of week",
    "eom": "end of month", "eoq": "end of quarter", "eoy": "end of year",
}  # fmt: skip
_NOT_BEFORE = re.compile(  # "Thursday, not before 2"
    rf"\b(?:but )?(?:not?|never) (?:before|until|till|earlier than|sooner than) "
    rf"(?=(?:at )?(?:\d{{1,2}}(?::\d\d)?(?! ?{UNIT})|noon|midday)(?: ?[ap]\.?m\b|\s|$))"
)
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "january", "february", "september", "october", "november", "december", "tomorrow", "afternoon")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Here:
    """What a rule needs to know besides the words."""

    today: date
    work: Workdays
    region: str

    def working(self, day: date) -> date:
        return self.work.next_day(day)


Rule = Callable[[re.Match[str], Here], date | None]


def spelled(word: str) -> str:
    """A small word as it is spelled: "tmrw", and a long name of a day or month with one slip of the finger in it ("thrusday"). Neither
    "fridays", "sundae" nor "frida" is a slip."""
    if word in SPELLED:
        return SPELLED[word]
    if len(word) < 5 or not word.isalpha():
        return word
    return next((name for name in _LONG if word[0] == name[0] and _one_slip(word, name)), word)


def _one_slip(word: str, name: str) -> bool:
    """One letter too many, too few or wrong, or two swapped; the ends are never wrong but swapped."""
    if word == name or abs(len(word) - len(name)) > 1:
        return False
    ahead = next((at for at, (one, other) in enumerate(zip(word, name, strict=False)) if one != other), min(len(word), len(name)))
    mine, theirs = word[ahead:], name[ahead:]
    if mine[:2] == theirs[1::-1] and mine[2:] == theirs[2:]:
        return True
    slips = (mine[1:] == theirs[1:], mine[1:] == theirs, mine == theirs[1:])
    return word[-1] == name[-1] and any(slips)


def normal(text: str) -> str:
    text = (
        re.sub(r"\bw/ ?in\b", "within", unicodedata.normalize("NFKC", text).lower()).replace("’", "'").replace("–", "-").replace("—", "-")
    )
    text = re.sub(r"\bw/o (?=\d+[/.])", "week of ", text)
    words = re.sub(r"[,;]|(?<=\w)[.!?]+$|[!?]+", " ", text).split()
    phrase = " ".join(str(NUMBERS.get(word, spelled(word))) for word in words)
    phrase = re.sub(r"(?<=\w)@(?=\d)", " @", re.sub(r"^week from (?=\w)", "1 week from ", phrase))
    phrase = re.sub(r"^before (?=(?:the )?end of)", "by ", phrase)
    phrase = re.sub(rf"\b{UNIT} (?:prior to|ahead of|in advance of) ", r"\1 before ", phrase)
    phrase = _NOT_BEFORE.sub("after ", phrase)
    phrase = _ORDINAL.sub(lambda match: _ORDINALS[match[0]], phrase)
    phrase = re.sub(r"(\d{4}-\d\d-\d\d)t(?=\d)", r"\1 ", phrase)
    phrase = re.sub(r"\b(?:an? )?(?:couple(?: of)?|coupla) (?=[a-z])", "2 ", phrase)
    phrase = re.sub(r"\b(\d{1,3})(days?|wks?|weeks?|months?|mos?|yrs?)\b", r"\1 \2", phrase)
    phrase = phrase.replace("half an hour", "30 minutes")
    return re.sub(r"\b(?:an? )?fortnight\b", "2 weeks", phrase).replace("half a year", "6 months")


def date_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def year_of(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def count(text: str) -> int:
    return int(text) if text.isdigit() else 1


def month_of_name(text: str) -> int:
    return _MONTHS.index(text[:3]) + 1


def weekday_of(text: str) -> int:
    return _DAYS.index(text[:3])


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def duration_of(number: str, unit: str) -> Duration:
    if unit.startswith(("business", "work")):
        return Duration(count(number), Unit.WORKING_DAYS)
    return Duration(count(number), {"d": Unit.DAYS, "w": Unit.WEEKS, "m": Unit.MONTHS, "y": Unit.YEARS}[unit[0]])
