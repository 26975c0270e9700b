"""Where an action would like to stand on a day: in its window, in the time kept for its method, when it is office time with the prospect.

Which of these gives way first: the time that the rep keeps for a method, then the window, and only then the prospect's office hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followsync.core.cadence import Method, Window
from followsync.core.spans import overlap
from followsync.core.workdays import RepRules

_WEEKEND = (5, 6)  # Saturday, Sunday


@dataclass(frozen=True, slots=True)
class Wish:
    """Inside the ``window``; in the ``block`` that the rep keeps for the method; when it is ``office`` time with the prospect; on no day
    that is full (``capped``)."""

    window: Window | None
    block: bool = True
    office: bool = True
    capped: bool = True


NONE = Wish(None, block=False, office=False, capped=False)


def in_turn(window: Window | None) -> Iterator[Wish]:
    """From all wishes to none, each one once; a full day is avoided by all of them."""
    windows = dict.fromkeys((window, None))
    for office in (True, False):
        for inside in windows:
            yield Wish(inside, office=office)
            yield Wish(inside, block=False, office=office)


def ranges(rep: RepRules, day: date, method: Method, timezone: str, wish: Wish) -> list[Window]:
    """The rep's hours of that day, as far as the wish goes. ``timezone``: the prospect's, "" where nobody knows it."""
    found = list(hours(rep, day))
    if wish.block and (blocks := rep.blocks.get(method.name)):
        found = [cut for block in blocks.get(day.weekday(), ()) for span in found if (cut := overlap(span, block))]
    if wish.office and (theirs := office(rep, day, method, timezone)) is not None:
        found = [cut for span in found for part in theirs if (cut := overlap(span, part))]
    return [cut for span in found if (cut := overlap(span, wish.window))] if wish.window else found


def hours(rep: RepRules, day: date) -> tuple[Window, ...]:
    """The rep's hours; a day that is not worked borrows those of the next one that is, for what must stand there."""
    known = rep.workdays.hours
    return next((known[(day.weekday() + n) % 7] for n in range(7) if known.get((day.weekday() + n) % 7)), ())


def office(rep: RepRules, day: date, method: Method, timezone: str) -> list[Window] | None:
    """The prospect's office hours of that day, told in the rep's own zone; None where they do not matter. Their weekend is Saturday
    and Sunday as they have it, but for a weekday on which the rep works too."""
    if method.hours is None or not timezone:
        return None
    try:
        theirs = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return None  # an unknown zone, from an old import perhaps, must not stop everybody else's day
    parts, ours = [], rep.workdays.zone
    for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
        if near.weekday() in _WEEKEND and not rep.workdays.hours.get(near.weekday()):
            continue
        start = datetime.combine(near, method.hours.start, theirs).astimezone(ours)
        end = datetime.combine(near, method.hours.end, theirs).astimezone(ours)
        low = start.time() if start.date() == day else time(0)
        high = end.time() if end.date() == day else time(23, 59)
        if start.date() <= day <= end.date() and low < high:
            parts.append(Window(low, high))
    return parts
