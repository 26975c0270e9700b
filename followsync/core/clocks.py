"""Facts that were told while this machine's clock was ahead: as of when they count once it is right. Nothing is written into the history.

A fact more than a day later than now was told by a clock that was ahead. It counts as of the last moment that is sure: of what was told
before it, or of the day and hour for which what it answers stood there. That is never too late, so nothing that follows from it is
missed, and it stays the same from day to day. Once its own day comes, what was told after it still says that it was not told then.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from math import ceil

from followsync.core.history import Entry, History, Noted, Reopened, Touched, Unclear

_DIFFER = timedelta(days=1)  # so far apart clocks may be: of machines that share a store, and of one that was set
_YEAR = timedelta(days=365)
_NEXT = timedelta(microseconds=1)  # what was told at two moments stays told at two


@dataclass(frozen=True, slots=True)
class Counted:
    """``history``: the same facts, each at the moment as of which it counts. ``told``: such a moment -> the one at which the clock that was
    ahead told it."""

    history: History
    told: Mapping[datetime, datetime] = field(default_factory=dict)


def believable(at: datetime, now: datetime) -> bool:
    """Whether a clock that was right may have told it."""
    return at <= now + _DIFFER


def counted(history: History, now: datetime) -> Counted:
    """``now`` in the rep's zone: a day for which something stood there begins with midnight in it."""
    if _is_in_order(history, now):
        return Counted(history)
    counts = dict(_moments(history, _ahead(history, now)))
    if not counts:
        return Counted(history)
    return Counted(tuple(_at(entry, counts) for entry in history), {moment: at for at, moment in counts.items()})


def _is_in_order(history: History, now: datetime) -> bool:
    """Whether each was told after the one before: so it mostly is, and this is asked of every prospect in every cycle."""
    last = now + _DIFFER
    latest = floor = None
    for entry in history:
        at = entry.at
        if at > last or (floor and at < floor):
            return False
        if latest is None or at > latest:
            latest, floor = at, at - _DIFFER
    return True


def _ahead(history: History, now: datetime) -> dict[datetime, datetime]:
    """The moments at which a clock that was ahead told something: those still to come, and those after most of what was told later; each
    with the moment by which it was told in truth. One fact that was told while the clock was behind makes none of the others wrong."""
    found: dict[datetime, datetime] = {}
    later: list[datetime] = []
    for entry in reversed(history):
        wrong = not believable(entry.at, now)
        if wrong or 2 * bisect_left(later, entry.at - _DIFFER) > len(later):
            found[entry.at] = min([now, *later[:1]])
        if not wrong and _says_when(entry):
            insort(later, entry.at)
    return found


def _says_when(entry: Entry) -> bool:
    """Whether it was told at its own moment. What a record on the calendar brings back is of the time at which that stood there."""
    if isinstance(entry, Touched):
        return entry.at != entry.start
    return not isinstance(entry, Noted | Reopened)


def _moments(history: History, ahead: Mapping[datetime, datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Each of those that were told ahead -> as of when it counts, in the order of the history."""
    before: datetime | None = None
    counts: dict[datetime, datetime] = {}
    for entry in history:
        at = entry.at
        if at in ahead and at not in counts:
            counts[at] = _last_sure(entry, before, ahead[at])
            yield at, counts[at]
        at = counts.get(at, at)
        before = max(before, at) if before else at


def _last_sure(entry: Entry, before: datetime | None, by: datetime) -> datetime:
    """Where nothing is sure, the same day of a year before: whoever came in then is not made to wait."""
    stood = [one for one in _stood(entry, by) if one <= by]
    if before:
        return max([before, *stood]) + _NEXT
    return max(stood, default=entry.at - _YEAR * max(1, ceil((entry.at - by) / _YEAR)))


def _stood(entry: Entry, by: datetime) -> Iterator[datetime]:
    if isinstance(entry, Touched):
        if entry.start:
            yield entry.start
        if entry.due:
            yield datetime.combine(entry.due, time.min, by.tzinfo)


def _at(entry: Entry, counts: Mapping[datetime, datetime]) -> Entry:
    if isinstance(entry, Unclear) and entry.others:
        entry = replace(entry, others=tuple(replace(one, at=counts.get(one.at, one.at)) for one in entry.others))
    return replace(entry, at=counts[entry.at]) if entry.at in counts else entry
