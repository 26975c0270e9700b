"""Periods and holidays: "end of the month", "first week of March", "Q2", "Labor Day".

Where only a period was said the day is ours to choose, and a working day of that period is chosen.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from followsync.core.cadence import Duration, Unit
from followsync.daywords import MONTH, WEEKDAY, Here, Rule, monday_of, month_of_name, weekday_of

_AUTUMN = 10  # the month
_ALONE = r"(?:feb(?:ruary)?|july|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_PERIOD = rf"(this|the|next)? ?(week|month|quarter|year|q[1-4]|{MONTH})(?: (\d{{4}}))?"


def _month_of(which: str | None, name: str, year: str | None, here: Here) -> date | None:
    """The first day of the month meant; a month's name alone is the next one to come, or the running one."""
    if name == "month":
        return here.work.add(here.today.replace(day=1), Duration(1 if which == "next" else 0, Unit.MONTHS))
    if name in {"week", "year", "quarter"} or name[0] == "q":
        return None
    number = month_of_name(name)
    this_year = here.today.year + (number < here.today.month)
    return date(int(year) if year else this_year, number, 1)


def _period(which: str | None, name: str, year: str | None, here: Here) -> tuple[date, date] | None:
    """First and last day of a week, month, quarter or year."""
    steps = 1 if which == "next" else 0
    match name:
        case "week":
            first = monday_of(here.today) + timedelta(weeks=steps)
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
        day = _nth(nth, weekday_of(name), first, here)
        if day is None or day >= here.today or which or year:
            return day
        first = here.work.add(first, Duration(12, Unit.MONTHS))


def _nth_weekday_to_come(match: re.Match[str], here: Here) -> date | None:
    """ "the 2nd Tuesday" is this month's, or where that is over the next one's; "first Monday" may be the next one to come."""
    the, nth, name = match.groups()
    if nth == "1st" and not the:
        return None
    months = (here.work.add(here.today.replace(day=1), Duration(n, Unit.MONTHS)) for n in range(2))
    days = [_nth(nth, weekday_of(name), first, here) for first in months]
    return None if here.today in days else next((day for day in days if day and day > here.today), None)


def _nth(nth: str, weekday: int, first: date, here: Here) -> date | None:
    days = [day for day in (first + timedelta(days=n) for n in range(31)) if day.month == first.month and day.weekday() == weekday]
    index = -1 if nth == "last" else int(nth[0]) - 1
    return days[index] if index < len(days) else None


_CALLED = {
    "4th of july": "independence day", "july 4th": "independence day", "new year": "new year's day", "new years": "new year's day",
    "new year's": "new year's day", "1st of the year": "new year's day", "1st of year": "new year's day", "xmas": "christmas day",
    "mlk day": "martin luther king jr. day", "presidents day": "washington's birthday", "presidents' day": "washington's birthday",
    "juneteenth": "juneteenth national independence day",
}  # fmt: skip


def holiday_of(name: str, here: Here) -> date | None:
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


def _next_period(match: re.Match[str], here: Here) -> date | None:
    period = _period("next", match[1] or match["later"], None, here)
    return here.working(period[0]) if period else None


def _week_after_next(match: re.Match[str], here: Here) -> date:
    return here.working(monday_of(here.today) + timedelta(weeks=2))


def _in_month(match: re.Match[str], here: Here) -> date | None:
    """Said within that very month it may mean today or a year from now: refused."""
    name, year = match["m"], match["y"]
    if not year and month_of_name(name) == here.today.month:
        return None
    first = _month_of(None, name, year, here)
    return here.working(first) if first else None


def after_new_year(here: Here) -> date | None:
    """ "in the new year", "after the holidays": what is said of the coming one; long after it is no day."""
    return here.working(date(here.today.year + 1, 1, 2)) if here.today.month >= _AUTUMN else None


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
        return here.working(max(first, monday_of(here.work.previous_day(period[1]))))
    return here.working(monday_of(first) + timedelta(weeks=int(nth[0]) - 1))


PERIOD_RULES: tuple[tuple[str, Rule], ...] = (
    (rf"(?:the )?(end|close|late|beginning|start|early|middle|mid)[ -]?(?:of |in )?{_PERIOD}", _edge_of),
    (rf"(?:the )?(1st|2nd|3rd|4th|last) ({WEEKDAY}) (?:of|in) {_PERIOD}", _nth_weekday),
    (rf"(?:on )?(the )?(1st|2nd|3rd|4th) ({WEEKDAY})", _nth_weekday_to_come),
    (rf"(?:the )?(1st|last) (business |working |work )?day (?:of|in) {_PERIOD}", _outer_day),
    (r"(?:sometime )?next (week|month|quarter|year)|next (?P<later>week) sometime", _next_period),
    (r"(?:the )?week after next(?: week)?", _week_after_next),
    (rf"(?:in|during|next) (?P<m>{MONTH})(?: ?(?P<y>\d{{4}}))?", _in_month),
    (rf"(?P<m>{MONTH}) (?P<y>\d{{4}})", _in_month),
    (rf"(?P<m>{_ALONE})(?P<y>(?!))?", _in_month),
    (r"(?:(?:in|early in|after|sometime in) )?(?:the )?new year", lambda match, here: after_new_year(here)),
    (rf"(?:in |during )?(?:the )?(1st|2nd|3rd|4th|last) week (?:of|in) {_PERIOD}", _week_of_month),
    (r"(?:in |during )?q([1-4])(?: (\d{4}))?", _in_quarter),
)
