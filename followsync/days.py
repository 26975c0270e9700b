"""Which day a phrase means, once its hour has been split off: an own grammar, rule by rule.

Said days stay as they were said, weekend or not. Where only a period was said ("next month", "after Labor Day", "end of the month")
the day is ours to choose, and a working day of that period is chosen.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from followsync.core.cadence import Duration, Unit
from followsync.daywords import (
    COUNT,
    MONTH,
    UNIT,
    WEEKDAY,
    Here,
    Rule,
    count,
    date_of,
    duration_of,
    monday_of,
    month_of_name,
    normal,
    weekday_of,
    year_of,
)
from followsync.periods import PERIOD_RULES, after_new_year, holiday_of

_FRIDAY, _SUNDAY = 4, 6
_YEAR = 366  # days
SLIP = 92  # days; "Jan 5" said on the 6th, or in March, is no promise for next January

_D = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_Y = r"(?: ?(?P<y>\d{4}))?"
_ISO = r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
_NUMERIC = r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d\d))?"
_HYPHENED = r"(\d{1,2})-(?:(1[3-9]|2\d|3[01])|(\d{1,2})(?=-))(?:-(\d{4}|\d\d))?"  # "1-15", but "2-4" are hours
_MONTH_DAY = rf"(?P<m>{MONTH}) (?:the )?{_D}{_Y}"
_DAY_MONTH = rf"{_D} (?:of )?(?P<m>{MONTH}){_Y}"

_DATED = rf"(?:{MONTH} (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: \d{{4}})?|\d{{1,4}}[\d/.-]*(?:st|nd|rd|th)?(?: (?:of )?{MONTH})?(?: \d{{4}})?)"

_PLAIN_DATE = rf"(?:\d{{1,2}}/\d{{1,2}}|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?)"

Answer = date | Literal["refused"] | None


def day_of(phrase: str, here: Here) -> Answer:
    for pattern, rule in _RULES:
        if match := pattern.fullmatch(phrase):
            try:
                return rule(match, here) or "refused"
            except _NoDay:
                return None
            except (OverflowError, ValueError):  # no such day in any calendar
                return "refused"
    return None


class _NoDay(Exception):
    """The phrase begins like one of time and goes on as something else: "2 weeks from Acme"."""


def _sub_day(phrase: str, here: Here) -> date | None:
    """Raises _NoDay where it says nothing of time."""
    answer = day_of(phrase, here)
    if answer is None:
        raise _NoDay
    return answer if isinstance(answer, date) else None


def _plain_weekday(match: re.Match[str], here: Here) -> date | None:
    """The next such day after today. "next Friday" is the one of next week, for this week's is "Friday" or "this Friday"; where weeks that
    begin on Sunday and on Monday differ (a Sunday is meant, or it is said on a weekend) it is no day. "this Friday" is never today."""
    ahead = (weekday_of(match[2]) - here.today.weekday() - 1) % 7 + 1
    if match[1] == "this" and ahead == 7:
        return None
    if match[1] == "next":
        sunday = weekday_of(match[2]) == _SUNDAY
        return None if sunday or here.today.weekday() > _FRIDAY else monday_of(here.today) + timedelta(days=7 + weekday_of(match[2]))
    return here.today + timedelta(days=ahead)


def _weekday_after_next(match: re.Match[str], here: Here) -> date | None:
    """A week after "next Friday", where that is a day."""
    weekday = weekday_of(match[1])
    return None if weekday == _SUNDAY or here.today.weekday() > _FRIDAY else monday_of(here.today) + timedelta(days=14 + weekday)


def _week_later(match: re.Match[str], here: Here) -> date | None:
    """ "Thursday week"; said on a Thursday it is no day: a week from now to some, two to others."""
    ahead = (weekday_of(match["w"]) - here.today.weekday() - 1) % 7 + 1
    return here.today + timedelta(days=ahead + 7) if ahead < 7 else None


def _weekday_in_weeks(match: re.Match[str], here: Here) -> date | None:
    """ "Thursday in 2 weeks": so many weeks from that day, or that day of the week in so many weeks; where the two differ, none."""
    weeks, weekday = timedelta(weeks=count(match["n"])), weekday_of(match["w"])
    counted = here.today + timedelta(days=(weekday - here.today.weekday() - 1) % 7 + 1) + weeks
    return counted if counted == monday_of(here.today + weeks) + timedelta(days=weekday) else None


def _in_week(match: re.Match[str], here: Here) -> date:
    week = monday_of(here.today) + timedelta(weeks=1 if match["which"] == "next" else 0)
    return week + timedelta(days=weekday_of(match["w"]))


def _after_duration(match: re.Match[str], here: Here) -> date | None:
    return here.work.add(here.today, duration_of(match[1], match[2])) if count(match[1]) else None


def _from_day(match: re.Match[str], here: Here) -> date | None:
    base = holiday_of(match[4], here) or _sub_day(match[4], here)
    return here.work.add(base, duration_of(match[1], match[2]), -1 if match[3] == "before" else 1) if base else None


def _day_of_month(match: re.Match[str], here: Here) -> date | None:
    number, which = int(match[1]), match[2]
    if which and number == 1 and which != "this":  # "first of the month" is when the month begins
        return here.working(here.work.add(here.today.replace(day=1), Duration(1, Unit.MONTHS)))
    if which == "next":
        first = here.work.add(here.today.replace(day=1), Duration(1, Unit.MONTHS))
        return date_of(first.year, first.month, number)
    if which == "this":
        return date_of(here.today.year, here.today.month, number)
    months = (here.work.add(here.today.replace(day=1), Duration(n, Unit.MONTHS)) for n in range(3))
    return next((day for first in months if (day := date_of(first.year, first.month, number)) and day > here.today), None)


def _named_date(match: re.Match[str], here: Here) -> date | None:
    return _coming(month_of_name(match["m"]), int(match["d"]), match["y"], here)


def _coming(month: int, number: int, year: str | None, here: Here) -> date | None:
    if year:
        return date_of(year_of(year), month, number)
    days = [day for n in range(-1, 5) if (day := date_of(here.today.year + n, month, number))]
    if any(0 < (here.today - day).days <= SLIP for day in days):
        return None
    first = next((day for day in days if day >= here.today), None)
    return first if first and (first - here.today).days <= _YEAR else None  # nobody means a February 29 in years


def _named_future(match: re.Match[str], here: Here) -> date | None:
    """ "next 2/27", "Feb 27 next year": no slip, whenever it is said."""
    rest, years = match["rest"] or match["other"], [here.today.year + n for n in ((1,) if match["year"] else (0, 1))]
    days = [_sub_day(f"{rest}/{year}" if "/" in rest else f"{rest} {year}", here) for year in years]
    return next((day for day in days if day and day >= here.today), None)


def _iso(match: re.Match[str], here: Here) -> date | None:
    return date_of(int(match[1]), int(match[2]), int(match[3]))


def _ordered(first: int, second: int, year: int, region: str) -> date | None:
    """Month first in the United States, day first elsewhere; Canada writes both, so only what cannot be swapped counts there."""
    if region == "CA" and first <= 12 and second <= 12 and first != second:
        return None
    month, day = (first, second) if (region in {"US", "CA", "PH", "PR", "GU"} or second > 12) and first <= 12 else (second, first)
    return date_of(year, month, day)


def _writes(text: str, region: str) -> str:
    """Who writes a date so: with dots the day comes first, wherever it is read."""
    return "" if "." in text else region


def _numeric(match: re.Match[str], here: Here) -> date | None:
    leap = _ordered(int(match[1]), int(match[2]), 2024, _writes(match[0], here.region))
    swappable = (
        "." in match[0] and here.region == "US" and int(match[1]) <= 12 and (int(match[2]) <= 12 or not match[3])
    )  # 3.15 is an hour too
    if leap is None or swappable or match[0] == "24/7":
        return None
    return _coming(leap.month, leap.day, match[3], here)


def _hyphened(match: re.Match[str], here: Here) -> date | None:
    leap = _ordered(int(match[1]), int(match[2] or match[3]), 2024, here.region)
    return _coming(leap.month, leap.day, match[4], here) if leap else None


def _checked_weekday(match: re.Match[str], here: Here) -> date | None:
    """ "Thursday Jan 8": the two must agree, else one of them is a slip. "Fri the 13th" is the next 13th that is a Friday."""
    if day_only := re.fullmatch(r"(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)", match["rest"]):
        first = here.today.replace(day=1)
        months = (here.work.add(first, Duration(n, Unit.MONTHS)) for n in range(3))
        days = (date_of(month.year, month.month, int(day_only[1])) for month in months)
        return next((day for day in days if day and day > here.today and day.weekday() == weekday_of(match["w"])), None)
    day = day_of(match["rest"].removeprefix("on "), here)  # "Fri 10" is an hour or a date
    return day if isinstance(day, date) and day.weekday() == weekday_of(match["w"]) else None


_DATE = re.compile(rf"(?:the )?\d{{1,2}}(?:st|nd|rd|th)|{MONTH} \d.*|\d+[/-]\d.*")  # "after the 15th", but "after Monday" says nothing
_SEASON = re.compile(r"(?:the )?(?:holidays?|easter|super ?bowl|summer|spring|winter|fall|weekend|break|vacation)")


def _after_holiday(match: re.Match[str], here: Here) -> date | None:
    base = match["holiday"]
    if re.fullmatch(r"(?:the )?(?:holidays|new year)", base) and not match["unit"]:
        return after_new_year(here)
    holiday = holiday_of(base, here)
    if holiday is None and not _SEASON.fullmatch(base):
        day = _sub_day(base, here)
        holiday = day if match["unit"] or _DATE.fullmatch(base) else None
    if holiday is None:
        return None
    match match["unit"]:
        case "day":
            return holiday + timedelta(days=1)
        case "week":
            return here.working(monday_of(holiday) + timedelta(weeks=1))
        case None:
            return here.working(holiday + timedelta(days=1))
        case weekday:
            return holiday + timedelta(days=(weekday_of(weekday) - holiday.weekday() - 1) % 7 + 1)


def _week_of(match: re.Match[str], here: Here) -> date | None:
    day = _sub_day(match[1], here)
    return here.working(max(monday_of(day), here.today)) if day else None


_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"(?:later )?today", lambda match, here: here.today),
        *PERIOD_RULES,
        (r"tomorrow", lambda match, here: here.today + timedelta(days=1)),
        (r"(?:the )?day after tomorrow", lambda match, here: here.today + timedelta(days=2)),
        (rf"(?:(this|next|this coming|coming) )?({WEEKDAY})", _plain_weekday),
        (rf"(?:the )?({WEEKDAY}) after next", _weekday_after_next),
        (rf"(?P<w>{WEEKDAY}) week", _week_later),
        (rf"(?P<w>{WEEKDAY}) (?:of |in )?(?P<which>this|next) week", _in_week),
        (rf"(?P<which>this|next) week (?:on )?(?P<w>{WEEKDAY})", _in_week),
        (
            rf"(?:(?:in|within)(?: about| around)? |about )?{COUNT} {UNIT}(?:'?s?'? time| from now| from today| out| later| or so)?",
            _after_duration,
        ),
        (rf"{COUNT} {UNIT} (from|after|before) (.+)", _from_day),
        (r"the (\d{1,2})(?:st|nd|rd|th)?(?: of (this|the|next) month)?", _day_of_month),
        (r"(\d{1,2})(?:st|nd|rd|th)(?: of (this|the|next) month)?", _day_of_month),
        (rf"(?:the )?{_MONTH_DAY}", _named_date),
        (rf"(?:the )?{_DAY_MONTH}", _named_date),
        (rf"(?:next (?P<rest>{_PLAIN_DATE})|(?P<other>{_PLAIN_DATE}) (?P<year>next year))", _named_future),
        (_ISO, _iso),
        (_NUMERIC, _numeric),
        (_HYPHENED, _hyphened),
        (rf"(?P<w>{WEEKDAY}) in (?P<n>\d{{1,2}}|a) weeks?", _weekday_in_weeks),
        (rf"in (?P<n>\d{{1,2}}|a) weeks? (?:on )?(?:a )?(?P<w>{WEEKDAY})", _weekday_in_weeks),
        (rf"(?:a|1) week (?:on )?(?P<w>{WEEKDAY})", _week_later),
        (rf"(?P<n>[2-9]) weeks (?:on )?(?P<w>{WEEKDAY})", _weekday_in_weeks),
        (rf"(?:(?:this|next|coming) )?(?P<w>{WEEKDAY}) (?P<rest>(?:on )?(?:the )?{_DATED}(?: \d[\d-]*)?)", _checked_weekday),
        (rf"(?P<rest>{MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}[/.]\d{{1,2}}) (?P<w>{WEEKDAY})", _checked_weekday),
        (
            rf"(?:(?:the )?(?P<unit>day|week|{WEEKDAY}) )?after (?P<holiday>(?:(?! (?:to|about|re|because|and|or)(?: |$)).)+)",
            _after_holiday,
        ),
        (r"(?:the )?next (?:business|working|work) ?day", lambda match, here: here.working(here.today + timedelta(days=1))),
        (r"(?:the )?week of (.+)", _week_of),
    )
)


def looks_like_a_day(text: str) -> bool:
    """Whether somebody wrote a day in numbers, with its year: ``12/31/1970``, in whatever order, or one that no calendar has."""
    phrase = _without_midnight(text)
    whole = re.fullmatch(r"\d{1,2}([/.-])\d{1,2}\1\d{4}", phrase) or re.fullmatch(_ISO, phrase)
    return bool(whole) or (re.fullmatch(_NUMERIC, phrase) is not None and read_day(text, "US") is not None)


def _without_midnight(text: str) -> str:
    """As a spreadsheet writes a day that it takes for a moment."""
    return normal(text).removesuffix(" 00:00:00").removesuffix(" 00:00").removesuffix(" 0:00")


def read_day(text: str, region: str) -> date | None:
    """A calendar day written out with its year (a cell of a table); None where month and day could be swapped."""
    phrase = _without_midnight(text)
    if match := re.match(r"(\d{4}-\d\d-\d\d)[t ]\d\d:\d\d", phrase):
        phrase = match[1]
    if match := re.fullmatch(_ISO, phrase):
        return date_of(int(match[1]), int(match[2]), int(match[3]))
    if (match := re.fullmatch(_NUMERIC, phrase)) and match[3]:
        return _ordered(int(match[1]), int(match[2]), year_of(match[3]), _writes(phrase, region))
    match = re.fullmatch(_MONTH_DAY, phrase) or re.fullmatch(_DAY_MONTH, phrase)
    return date_of(year_of(match["y"]), month_of_name(match["m"]), int(match["d"])) if match and match["y"] else None
