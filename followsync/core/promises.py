"""What was said to prospects, and what became of it: a ledger with one line for each promise, read out of the history.

| fate | when |
|---|---|
| kept | by the end of its day there was a real touch (done, next, yes), or on its day it was tried, or they said no |
| late | that came after its day |
| broken | its day is over and nothing of that came; or its entry was deleted; or something else was agreed too late |
| changed | something else was agreed, or the rep moved its entry to a later day or another hour, before its day was over |
| void | they said no before its day came: nobody waits for it any more |

An attempt before its day keeps nothing: they were promised that day, and nobody has spoken with them. The line stays open while the
attempt is repeated. An entry that the rep pulled to an earlier day promises nothing for that day; the agreed one still counts.

The day decides and not the hour, because history knows when an answer was *told*: who calls at ten and ticks it at five has kept
the hour. The hour itself is watched while it can still be kept: by the alarm before it, and by the mark on the entry after it
(``promised_until``). A promise that must arrive (a letter) is to be done on the day it has to leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from followsync.core.cadence import Method, Rules, Window
from followsync.core.history import Dismissed, Entry, History, Moved, Promised, Restored, Result, Touched, Waiting
from followsync.core.prospect import Prospect
from followsync.core.standing import how_tried, open_promises
from followsync.core.workdays import RepRules, Workdays

_NO_HOURS = time(17)  # when a day ends on which the rep does not work


class Fate(StrEnum):
    """What became of a promise: see above."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    CHANGED = "changed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Line:
    """One promise. ``agreed``: when and ``via`` what it came in. ``day``: as agreed; ``due``: the day it is to be done. ``start`` or
    ``window``: the hour agreed, both None where only the day was. ``until``: when the hour, the window or the day's work is over;
    ``deadline``: when its day is. ``settled``: when its fate was settled, None while it is open or waits to be done after all;
    ``how``: what settled it, in words. ``moved``: it is the rep's own move by hand of the line before. ``tried``: it was tried before its
    day, and ``action`` is the attempt to come.
    """

    action: str
    agreed: datetime
    via: str
    method: str
    purpose: str
    day: date
    due: date
    start: datetime | None
    window: Window | None
    until: datetime
    deadline: datetime
    fate: Fate = Fate.OPEN
    settled: datetime | None = None
    how: str = ""
    moved: bool = False
    tried: bool = False

    def waits(self, now: datetime) -> bool:
        """Whether its time is over and it is still to be done."""
        return self.settled is None and now >= self.until


def ledger(prospect: Prospect, history: History, rules: Rules, rep: RepRules, now: datetime) -> tuple[Line, ...]:
    """Every promise of a prospect, the oldest first."""
    book = _Book(prospect, rules, rep)
    for entry, promise, action in open_promises(prospect, history):
        book.turn(entry, promise, action)
    return book.closed(now)


def due_day(promise: Promised, method: Method, rep: RepRules) -> date:
    """The day a promise is to be done: what must arrive on its day is done early enough."""
    if method.lead is None or promise.start is not None:
        return promise.day
    return rep.workdays.previous_day(rep.workdays.add(promise.day, method.lead, -1))


def promised_until(start: datetime | None, window: Window | None, day: date, minutes: int, workdays: Workdays) -> datetime:
    """When a promise can no longer be done as it was said: the agreed hour and what it takes, the window's end, or the end of the day's
    work where only the day was named."""
    if start is not None:
        return start + timedelta(minutes=minutes)
    hours = workdays.hours.get(day.weekday(), ())
    return workdays.at(day, window.end if window else hours[-1].end if hours else _NO_HOURS)


class _Book:
    """The ledger while it is being written; it never leaves this module."""

    def __init__(self, prospect: Prospect, rules: Rules, rep: RepRules) -> None:
        self.prospect, self.rules, self.rep = prospect, rules, rep
        self.lines: list[Line] = []
        self.open: Line | None = None

    def turn(self, entry: Entry, promise: Promised | None, action: str) -> None:
        """What is open after ``entry``: a promise, or an attempt to come (an ``action`` without one), or nothing."""
        if self.open and promise is None and action and self._was_tried_early(self.open, entry):
            self.open = replace(self.open, action=action, tried=True)
        elif self.open and (promise is None or action != self.open.action):
            self.lines.append(_ended(self.open, entry, self._is_early(self.open, entry)))
            self.open = None
        elif self.open is None and action:
            self._agreed_after_all(entry)
            self._put_back(entry)
        if promise and self.open is None:
            self.open = self._opened(promise, action)
        elif self.open and isinstance(entry, Moved) and entry.action == self.open.action and not self.open.tried:
            self._moved(self.open, entry)

    def _was_tried_early(self, line: Line, entry: Entry) -> bool:
        attempt = isinstance(entry, Touched) and entry.result is Result.ATTEMPT
        return self._is_early(line, entry) if attempt else line.tried

    def _is_early(self, line: Line, entry: Entry) -> bool:
        """Whether its day had not come yet."""
        return self.rep.workdays.today(entry.at) < line.due

    def closed(self, now: datetime) -> tuple[Line, ...]:
        if self.open is None:
            return tuple(self.lines)
        over = now >= self.open.deadline
        return (*self.lines, replace(self.open, fate=Fate.BROKEN, how="its day passed") if over else self.open)

    def _opened(self, promise: Promised, action: str) -> Line:
        name = promise.method or self.prospect.method or "call"
        method = self.rules.method(name)
        due = due_day(promise, method, self.rep)
        minutes = promise.minutes or method.minutes
        days = self.rep.workdays
        return Line(
            action=action,
            agreed=promise.at,
            via=promise.via,
            method=name,
            purpose=promise.purpose,
            day=promise.day,
            due=due,
            start=promise.start,
            window=promise.window,
            until=promised_until(promise.start, promise.window, due, minutes, days),
            deadline=days.at(due + timedelta(days=1), time(0)),
        )

    def _agreed_after_all(self, entry: Entry) -> None:
        """Its entry was deleted, and the rep who was asked "drop, or when?" said when, in time: that changed it."""
        last = self.lines[-1] if self.lines else None
        if last and last.how == _DELETED and isinstance(entry, Promised) and entry.at < last.deadline:
            self.lines[-1] = replace(last, fate=Fate.CHANGED, settled=entry.at, how="agreed anew")

    def _put_back(self, entry: Entry) -> None:
        """Its entry was deleted by mistake: nothing became of the promise yet."""
        last = self.lines[-1] if self.lines else None
        if last and last.how == _DELETED and isinstance(entry, Restored) and entry.action == last.action:
            self.open = replace(self.lines.pop(), fate=Fate.OPEN, settled=None, how="")

    def _moved(self, line: Line, move: Moved) -> None:
        """Within what was agreed, and to a day before it, a move changes nothing; once the day is over it cures nothing, and a move to a
        day that was over promises nothing. A second move corrects the first."""
        zone = self.rep.workdays.zone
        start = move.start.astimezone(zone)
        if start.date() < move.at.astimezone(zone).date() or move.at >= line.deadline:
            return
        agreed = self.lines[-1] if line.moved else line
        if start.date() < agreed.due or _within(agreed, start, self.rules):
            if line.moved:
                self.open = replace(self.lines.pop(), fate=Fate.OPEN, settled=None, how="")
            return
        if not line.moved:
            self.lines.append(replace(line, fate=Fate.CHANGED, settled=move.at, how=f"moved by hand to {start:%a %Y-%m-%d, %H:%M}"))
        self.open = replace(
            line,
            agreed=move.at,
            via=move.via,
            day=start.date(),
            due=start.date(),
            start=move.start,
            window=None,
            until=move.end,
            deadline=self.rep.workdays.at(start.date() + timedelta(days=1), time(0)),
            moved=True,
        )


_DELETED = "its entry was deleted"


def _ended(line: Line, entry: Entry, early: bool) -> Line:
    """The line after the entry that settled it. ``early``: before its day."""
    in_time = entry.at < line.deadline
    match entry:
        case Touched(result=Result.NO) if early:
            return replace(line, fate=Fate.VOID, settled=entry.at, how="no")
        case Touched():
            return replace(
                line,
                fate=Fate.KEPT if in_time else Fate.LATE,
                settled=entry.at,
                how=how_tried(entry) if entry.result is Result.ATTEMPT else entry.result.value,
            )
        case Dismissed():
            return replace(line, fate=Fate.BROKEN, settled=entry.at, how=_DELETED)
        case Waiting():
            return replace(line, fate=Fate.CHANGED if in_time else Fate.BROKEN, settled=entry.at, how="we wait for them")
        case _:
            return replace(line, fate=Fate.CHANGED if in_time else Fate.BROKEN, settled=entry.at, how="agreed anew")


def _within(line: Line, start: datetime, rules: Rules) -> bool:
    """Whether what was agreed still holds where the rep put it."""
    if line.start is not None:
        return start == line.start
    if line.window is not None:
        return start.date() == line.due and line.window.start <= start.time() < line.window.end
    return start.date() <= line.due if rules.method(line.method).lead else start.date() == line.due


def tally(lines: Iterable[Line]) -> dict[Fate, int]:
    """How many lines of each fate, also those of which there is none."""
    counts = dict.fromkeys(Fate, 0)
    for line in lines:
        counts[line.fate] += 1
    return counts
