"""Which day a phrase means, once its hour has been split off: an own grammar, rule by rule.

Said days stay as they were said, weekend or not. Where only a period was said ("next month", "after Labor Day", "end of the month")
the day is ours to choose, and a working day of that period is chosen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from followsync.core.cadence import Duration, Unit
from followsync.core.workdays import Workdays

_SLIP = 7  # days; "Jan 5" said on the 6th is no promise for next January

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
_D = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_Y = r"(?: ?(?P<y>\d{4}))?"
_ISO = r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
_NUMERIC = r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d\d))?"
_MONTH_DAY = rf"(?P<m>{MONTH}) (?:the )?{_D}{_Y}"
_DAY_MONTH = rf"{_D} (?:of )?(?P<m>{MONTH}){_Y}"
_PERIOD = rf"(this|the|next)? ?(week|month|quarter|year|q[1-4]|{MONTH})(?: (\d{{4}}))?"

SPELLED = {
    **dict.fromkeys(("tmrw", "tmw", "tmr", "tmro", "tmrow", "tmorrow", "2moro", "2morrow", "2mrw"), "tomorrow"),
    **dict.fromkeys(("tommorrow", "tommorow", "tomorow", "tomarrow", "tommorw", "tomorrw", "tomrrow", "tomm"), "tomorrow"),
    **dict.fromkeys(("munday", "mondy", "modnay"), "monday"),
    **dict.fromkeys(("teusday", "tuseday", "tuesdy", "tusday", "tuesay"), "tuesday"),
    **dict.fromkeys(("wendesday", "wensday", "wednsday", "wedensday", "wednesdy", "wendsday", "wedn", "weds"), "wednesday"),
    **dict.fromkeys(("thrusday", "thursady", "thurday", "thursdy", "thusday", "thirsday", "thurdsay", "thrs"), "thursday"),
    **dict.fromkeys(("firday", "firiday", "frday", "fridy", "friady"), "friday"),
    **dict.fromkeys(("febuary", "feburary", "febrary"), "february"),
    **dict.fromkeys(("janurary", "januray", "janaury"), "january"),
    **dict.fromkeys(("septmeber", "setpember"), "september"),
    "ocotber": "october", "novemeber": "november", "decemeber": "december", "agust": "august", "afernoon": "afternoon",
    "aftenoon": "afternoon", "morn": "morning", "aft": "afternoon", "nxt": "next", "b4": "before", "thurs": "thursday", "tues": "tuesday",
    "eow": "end of week", "eom": "end of month", "eoq": "end of quarter", "eoy": "end of year",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Here:
    """What a rule needs to know besides the words."""

    today: date
    work: Workdays
    region: str

    def working(self, day: date) -> date:
        return self.work.next_day(day)


def normal(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("–", "-").replace("—", "-")
    words = re.sub(r"[,;]|(?<=\w)[.!?]+$|[!?]+", " ", text).split()
    phrase = " ".join(str(NUMBERS.get(word, SPELLED.get(word, word))) for word in words)
    phrase = _ORDINAL.sub(lambda match: _ORDINALS[match[0]], phrase)
    phrase = re.sub(r"(\d{4}-\d\d-\d\d)t(?=\d)", r"\1 ", phrase)
    phrase = re.sub(r"\b(?:an? )?couple(?: of)? ", "2 ", phrase)
    phrase = re.sub(r"\b(\d{1,3})(days?|wks?|weeks?|months?|mos?|yrs?)\b", r"\1 \2", phrase)
    phrase = phrase.replace("half an hour", "30 minutes")
    return re.sub(r"\b(?:an? )?fortnight\b", "2 weeks", phrase).replace("half a year", "6 months")


Answer = date | Literal["refused"] | None
_Rule = Callable[[re.Match[str], Here], date | None]


def day_of(phrase: str, here: Here) -> Answer:
    for pattern, rule in _RULES:
        if match := pattern.fullmatch(phrase):
            try:
                return rule(match, here) or "refused"
            except (OverflowError, ValueError):  # no such day in any calendar
                return "refused"
    return None


def _sub_day(phrase: str, here: Here) -> date | None:
    answer = day_of(phrase, here)
    return answer if isinstance(answer, date) else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def count(text: str) -> int:
    return int(text) if text.isdigit() else 1


def _month(text: str) -> int:
    return _MONTHS.index(text[:3]) + 1


def _weekday(text: str) -> int:
    return _DAYS.index(text[:3])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _duration(number: str, unit: str) -> Duration:
    if unit.startswith(("business", "work")):
        return Duration(count(number), Unit.WORKING_DAYS)
    return Duration(count(number), {"d": Unit.DAYS, "w": Unit.WEEKS, "m": Unit.MONTHS, "y": Unit.YEARS}[unit[0]])


def _plain_weekday(match: re.Match[str], here: Here) -> date | None:
    """The next such day after today. "next Friday" is never tomorrow, "this Friday" never today: those are misunderstandings."""
    ahead = (_weekday(match[2]) - here.today.weekday() - 1) % 7 + 1
    if match[1] == "this" and ahead == 7:
        return None
    if match[1] == "next" and ahead == 1:
        ahead = 8
    return here.today + timedelta(days=ahead)


def _week_later(match: re.Match[str], here: Here) -> date:
    return here.today + timedelta(days=(_weekday(match["w"]) - here.today.weekday() - 1) % 7 + 8)


def _in_week(match: re.Match[str], here: Here) -> date:
    week = _monday(here.today) + timedelta(weeks=1 if match["which"] == "next" else 0)
    return week + timedelta(days=_weekday(match["w"]))


def _after_duration(match: re.Match[str], here: Here) -> date | None:
    return here.work.add(here.today, _duration(match[1], match[2])) if count(match[1]) else None


def _from_day(match: re.Match[str], here: Here) -> date | None:
    base = _sub_day(match[4], here) or _holiday(match[4], here)
    return here.work.add(base, _duration(match[1], match[2]), -1 if match[3] == "before" else 1) if base else None


def _month_of(which: str | None, name: str, year: str | None, here: Here) -> date | None:
    """The first day of the month meant; a month's name alone is the next one to come, or the running one."""
    if name == "month":
        return here.work.add(here.today.replace(day=1), Duration(1 if which == "next" else 0, Unit.MONTHS))
    if name in {"week", "year", "quarter"} or name[0] == "q":
        return None
    number = _month(name)
    this_year = here.today.year + (number < here.today.month)
    return date(int(year) if year else this_year, number, 1)


def _period(which: str | None, name: str, year: str | None, here: Here) -> tuple[date, date] | None:
    """First and last day of a week, month, quarter or year."""
    steps = 1 if which == "next" else 0
    match name:
        case "week":
            first = _monday(here.today) + timedelta(weeks=steps)
            return first, first + timedelta(days=6)
        case "quarter":
            first = here.work.add(here.today.replace(month=(here.today.month - 1) // 3 * 3 + 1, day=1), Duration(3 * steps, Unit.MONTHS))
            return first, here.work.add(first, Duration(3, Unit.MONTHS)) - timedelta(days=1)
        case "q1" | "q2" | "q3" | "q4":
            return _quarter(int(name[1]), year, here)
        case "year":
            start = date(here.today.year + steps, 1, 1)
            return start, date(start.year, 12, 31)
    month = _month_of(which, name, year, here)
    return (month, here.work.add(month, Duration(1, Unit.MONTHS)) - timedelta(days=1)) if month else None


def _quarter(number: int, year: str | None, here: Here) -> tuple[date, date]:
    """Q2 is the next one to come, or the running one."""
    running = (here.today.month - 1) // 3 + 1
    first = date(int(year) if year else here.today.year + (number < running), number * 3 - 2, 1)
    return first, here.work.add(first, Duration(3, Unit.MONTHS)) - timedelta(days=1)


def _edge_of(match: re.Match[str], here: Here) -> date | None:
    edge, which, name, year = match.groups()
    period = _period(which, name, year, here)
    if period is None:
        return None
    first, last = period
    if edge in {"end", "late", "close"}:
        return here.work.previous_day(last)
    if edge.startswith("mid"):
        middle = {"week": 2, "month": 14, "quarter": 45, "year": 181}.get(name, 14)
        return here.working(first + timedelta(days=middle))
    return here.working(first)


def _outer_day(match: re.Match[str], here: Here) -> date | None:
    which_end, working, which, name, year = match.groups()
    period = _period(which, name, year, here)
    if period is None:
        return None
    day = period[0] if which_end == "1st" else period[1]
    if not working:
        return day
    return here.working(day) if which_end == "1st" else here.work.previous_day(day)


def _nth_weekday(match: re.Match[str], here: Here) -> date | None:
    nth, name, which, month, year = match.groups()
    first = _month_of(which, month, year, here)
    if first is None:
        return None
    while True:
        day = _nth(nth, _weekday(name), first, here)
        if day is None or day >= here.today or which or year:
            return day
        first = here.work.add(first, Duration(12, Unit.MONTHS))


def _nth(nth: str, weekday: int, first: date, here: Here) -> date | None:
    days = [day for day in (first + timedelta(days=n) for n in range(31)) if day.month == first.month and day.weekday() == weekday]
    index = -1 if nth == "last" else int(nth[0]) - 1
    return days[index] if index < len(days) else None


def _day_of_month(match: re.Match[str], here: Here) -> date | None:
    number, which = int(match[1]), match[2]
    if which == "next":
        first = here.work.add(here.today.replace(day=1), Duration(1, Unit.MONTHS))
        return _date(first.year, first.month, number)
    if which == "this":
        return _date(here.today.year, here.today.month, number)
    months = (here.work.add(here.today.replace(day=1), Duration(n, Unit.MONTHS)) for n in range(3))
    return next((day for first in months if (day := _date(first.year, first.month, number)) and day > here.today), None)


def _named_date(match: re.Match[str], here: Here) -> date | None:
    return _coming(_month(match["m"]), int(match["d"]), match["y"], here)


def _coming(month: int, number: int, year: str | None, here: Here) -> date | None:
    if year:
        return _date(_year(year), month, number)
    days = [day for n in range(-1, 5) if (day := _date(here.today.year + n, month, number))]
    if any(0 < (here.today - day).days <= _SLIP for day in days):
        return None
    return next((day for day in days if day >= here.today), None)


def _iso(match: re.Match[str], here: Here) -> date | None:
    return _date(int(match[1]), int(match[2]), int(match[3]))


def _ordered(first: int, second: int, year: int, region: str) -> date | None:
    """Month first in the United States, day first elsewhere; Canada writes both, so only what cannot be swapped counts there."""
    if region == "CA" and first <= 12 and second <= 12 and first != second:
        return None
    month, day = (first, second) if (region in {"US", "CA", "PH", "PR", "GU"} or second > 12) and first <= 12 else (second, first)
    return _date(year, month, day)


def _writes(text: str, region: str) -> str:
    """Who writes a date so: with dots the day comes first, wherever it is read."""
    return "" if "." in text else region


def _numeric(match: re.Match[str], here: Here) -> date | None:
    leap = _ordered(int(match[1]), int(match[2]), 2024, _writes(match[0], here.region))
    swappable = "." in match[0] and here.region == "US" and int(match[1]) <= 12 and int(match[2]) <= 12
    if leap is None or swappable or match[0] == "24/7":
        return None
    return _coming(leap.month, leap.day, match[3], here)


def _checked_weekday(match: re.Match[str], here: Here) -> date | None:
    """ "Thursday Jan 8": the two must agree, else one of them is a slip. "Fri the 13th" is the next 13th that is a Friday."""
    if day_only := re.fullmatch(r"(?:the )?(\d{1,2})(?:st|nd|rd|th)", match["rest"]):
        first = here.today.replace(day=1)
        months = (here.work.add(first, Duration(n, Unit.MONTHS)) for n in range(3))
        days = (_date(month.year, month.month, int(day_only[1])) for month in months)
        return next((day for day in days if day and day > here.today and day.weekday() == _weekday(match["w"])), None)
    day = _sub_day(match["rest"], here)
    return day if day and day.weekday() == _weekday(match["w"]) else None


_CALLED = {
    "4th of july": "independence day", "july 4th": "independence day", "new year": "new year's day", "new years": "new year's day",
    "new year's": "new year's day", "1st of the year": "new year's day", "1st of year": "new year's day", "xmas": "christmas day",
    "mlk day": "martin luther king jr. day", "presidents day": "washington's birthday", "presidents' day": "washington's birthday",
    "juneteenth": "juneteenth national independence day",
}  # fmt: skip


def _holiday(name: str, here: Here) -> date | None:
    """The next holiday of that name: of the rep's own list, else of their country."""
    name = name.removeprefix("the ")
    wanted = _CALLED.get(name, name)
    for offset in range(366):
        day = here.today + timedelta(days=offset)
        known = here.work.holiday(day) or _country_holiday(day, here.region)
        if known and known.lower().removesuffix(" day") == wanted.removesuffix(" day"):
            return day
    return None


@lru_cache(maxsize=16)
def _country_year(region: str, year: int) -> dict[date, str]:
    import holidays  # heavy, and rarely needed

    try:
        return dict(holidays.country_holidays(region, years=year, language="en_US").items())
    except NotImplementedError:  # a country that the library does not know
        return {}


def _country_holiday(day: date, region: str) -> str | None:
    return _country_year(region, day.year).get(day)


def _after_holiday(match: re.Match[str], here: Here) -> date | None:
    holiday = _holiday(match["holiday"], here) or (_sub_day(match["holiday"], here) if match["unit"] else None)
    if holiday is None:
        return None
    match match["unit"]:
        case "day":
            return holiday + timedelta(days=1)
        case "week":
            return here.working(_monday(holiday) + timedelta(weeks=1))
        case None:
            return here.working(holiday + timedelta(days=1))
        case weekday:
            return holiday + timedelta(days=(_weekday(weekday) - holiday.weekday() - 1) % 7 + 1)


def _next_period(match: re.Match[str], here: Here) -> date | None:
    period = _period("next", match[1], None, here)
    return here.working(period[0]) if period else None


def _in_month(match: re.Match[str], here: Here) -> date | None:
    """Said within that very month it may mean today or a year from now: refused."""
    name, year = match["m"], match["y"]
    if not year and _month(name) == here.today.month:
        return None
    first = _month_of(None, name, year, here)
    return here.working(first) if first else None


def _in_quarter(match: re.Match[str], here: Here) -> date | None:
    """Said within that very quarter it names no day at all."""
    first, _ = _quarter(int(match[1]), match[2], here)
    return here.working(first) if first > here.today else None


def _week_of_month(match: re.Match[str], here: Here) -> date | None:
    """The first week of a month is the one of its first working day; the others begin on their Monday."""
    nth, which, name, year = match.groups()
    period = None if name == "week" else _period(which, name, year, here)
    if period is None or name == "year":
        return None
    first = here.working(period[0])
    if nth == "1st":
        return first
    if nth == "last":
        return here.working(max(first, _monday(here.work.previous_day(period[1]))))
    return here.working(_monday(first) + timedelta(weeks=int(nth[0]) - 1))


def _week_of(match: re.Match[str], here: Here) -> date | None:
    day = _sub_day(match[1], here)
    return here.working(max(_monday(day), here.today)) if day else None


_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"(?:later )?today", lambda match, here: here.today),
        (r"tomorrow", lambda match, here: here.today + timedelta(days=1)),
        (r"(?:the )?day after tomorrow", lambda match, here: here.today + timedelta(days=2)),
        (rf"(?:(this|next|this coming|coming) )?({WEEKDAY})", _plain_weekday),
        (rf"(?P<w>{WEEKDAY}) week", _week_later),
        (rf"(?P<w>{WEEKDAY}) (?:of |in )?(?P<which>this|next) week", _in_week),
        (rf"(?P<which>this|next) week (?:on )?(?P<w>{WEEKDAY})", _in_week),
        (
            rf"(?:(?:in|within)(?: about| around)? |about )?{COUNT} {UNIT}(?:'?s?'? time| from now| from today| out| later| or so)?",
            _after_duration,
        ),
        (rf"{COUNT} {UNIT} (from|after|before) (.+)", _from_day),
        (rf"(?:the )?(end|close|late|beginning|start|early|middle|mid)[ -]?(?:of |in )?{_PERIOD}", _edge_of),
        (rf"(?:the )?(1st|2nd|3rd|4th|last) ({WEEKDAY}) (?:of|in) {_PERIOD}", _nth_weekday),
        (r"the (\d{1,2})(?:st|nd|rd|th)?(?: of (this|the|next) month)?", _day_of_month),
        (r"(\d{1,2})(?:st|nd|rd|th)(?: of (this|the|next) month)?", _day_of_month),
        (rf"(?:the )?(1st|last) (business |working |work )?day (?:of|in) {_PERIOD}", _outer_day),
        (rf"(?:the )?{_MONTH_DAY}", _named_date),
        (rf"(?:the )?{_DAY_MONTH}", _named_date),
        (_ISO, _iso),
        (_NUMERIC, _numeric),
        (rf"(?P<w>{WEEKDAY}) (?P<rest>(?:the )?(?:\d|{MONTH} ).*)", _checked_weekday),
        (rf"(?P<rest>{MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}[/.]\d{{1,2}}) (?P<w>{WEEKDAY})", _checked_weekday),
        (
            rf"(?:(?:the )?(?P<unit>day|week|{WEEKDAY}) )?after (?P<holiday>(?:(?! (?:to|about|re|because|and|or)(?: |$)).)+)",
            _after_holiday,
        ),
        (r"(?:sometime )?next (week|month|quarter|year)", _next_period),
        (rf"(?:in|during|next) (?P<m>{MONTH}){_Y}", _in_month),
        (rf"(?P<m>{MONTH}) (?P<y>\d{{4}})", _in_month),
        (r"(?:the )?next (?:business|working|work) ?day", lambda match, here: here.working(here.today + timedelta(days=1))),
        (r"(?:the )?week of (.+)", _week_of),
        (rf"(?:in |during )?(?:the )?(1st|2nd|3rd|4th|last) week (?:of|in) {_PERIOD}", _week_of_month),
        (r"(?:in |during )?q([1-4])(?: (\d{4}))?", _in_quarter),
    )
)


def read_day(text: str, region: str) -> date | None:
    """A calendar day written out with its year (a cell of a table); None where month and day could be swapped."""
    phrase = normal(text).removesuffix(" 00:00:00").removesuffix(" 00:00").removesuffix(" 0:00")
    if match := re.match(r"(\d{4}-\d\d-\d\d)[t ]\d\d:\d\d", phrase):
        phrase = match[1]
    if match := re.fullmatch(_ISO, phrase):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if (match := re.fullmatch(_NUMERIC, phrase)) and match[3]:
        return _ordered(int(match[1]), int(match[2]), _year(match[3]), _writes(phrase, region))
    match = re.fullmatch(_MONTH_DAY, phrase) or re.fullmatch(_DAY_MONTH, phrase)
    return _date(_year(match["y"]), _month(match["m"]), int(match["d"])) if match and match["y"] else None
