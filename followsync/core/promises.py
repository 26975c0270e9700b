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
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from followsync.core.cadence import Method, Rules, Window
from followsync.core.history import Dismissed, Entry, History, Moved, Promised, Restored, Result, Touched, Unclear, Waiting
from followsync.core.prospect import Prospect
from followsync.core.standing import Agreements, open_promises
from followsync.core.touches import how_tried
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
    """Every promise of a prospect, in the order in which they were made."""
    book = _Book(prospect, rules, rep)
    for entry, agreed in open_promises(prospect, history, now.astimezone(rep.workdays.zone)):
        book.turn(entry, agreed)
    return book.closed(now)


def due_day(promise: Promised, method: Method, rep: RepRules) -> date:
    """The day a promise is to be done: what must arrive on its day is done early enough."""
    if method.lead is None or promise.start is not None:
        return promise.day
    return rep.workdays.previous_day(rep.workdays.add(promise.day, method.lead, -1))


def in_words(promise: Promised, zone: tzinfo) -> str:
    """``Fri 2026-01-09 14:00 call to sign``."""
    purpose = f" to {promise.purpose}" if promise.purpose else ""
    return f"{promise.day:%a %Y-%m-%d}{hour_in_words(promise, zone)} {promise.method or 'follow-up'}{purpose}"


def hour_in_words(said: Promised | Waiting, zone: tzinfo) -> str:
    """`` 14:00``, `` 13:00-17:00``, or nothing where no hour was said."""
    if said.start:
        return "" if _is_of_a_day(said.start, zone) else f" {said.start.astimezone(zone):%H:%M}"
    return f" {said.window.start:%H:%M}-{said.window.end:%H:%M}" if said.window else ""


def moment_in_words(start: datetime, zone: tzinfo) -> str:
    """``Fri 2026-01-09 14:00``, and the day alone of what was put on the row of whole days."""
    there = start.astimezone(zone)
    return f"{there:%a %Y-%m-%d}" if _is_of_a_day(start, zone) else f"{there:%a %Y-%m-%d %H:%M}"


def _is_of_a_day(start: datetime, zone: tzinfo) -> bool:
    """What lasts whole days begins when a day does; nobody agrees on that hour."""
    return start.astimezone(zone).time() == time(0)


def promised_until(start: datetime | None, window: Window | None, day: date, minutes: int, workdays: Workdays) -> datetime:
    """When a promise can no longer be done as it was said: the agreed hour and what it takes, the window's end, or the end of the day's
    work where only the day was named."""
    if start is not None:
        return start + timedelta(minutes=minutes)
    hours = workdays.hours.get(day.weekday(), ())
    return workdays.at(day, window.end if window else hours[-1].end if hours else _NO_HOURS)


class _Account:
    """One agreement: its ``line``, and where the rep moved it by hand, that of ``before``."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.before: Line | None = None


class _Book:
    """The ledger while it is being written; it never leaves this module. ``open``: by the ids of the actions."""

    def __init__(self, prospect: Prospect, rules: Rules, rep: RepRules) -> None:
        self.prospect, self.rules, self.rep = prospect, rules, rep
        self.accounts: list[_Account] = []
        self.open: dict[str, _Account] = {}
        self.agreed = Agreements({})
        self.ended: _Account | None = None  # the last one

    def turn(self, entry: Entry, agreed: Agreements) -> None:
        """What is agreed after ``entry``. What is no more was settled by it, unless it was only tried before its day: then it stands as
        another action, or is the attempt to come."""
        before, self.agreed = self.agreed, agreed
        nothing_was_open = not self.open
        for action in [action for action in self.open if action not in agreed.open]:
            account = self.open.pop(action)
            if after := self._tried_before_its_day(account.line, entry, before, agreed):
                account.line = replace(account.line, action=after, tried=after == agreed.retry)
                self.open[after] = account
            elif action == agreed.retry:
                self.open[action] = account
            else:
                account.line = self._ended(account.line, entry, before)
                self.ended = account
        for action, promise in agreed.open.items():
            if action not in self.open:
                self._agreed_after_all(entry, nothing_was_open)
                self._open(promise, action)
        if isinstance(entry, Restored) and entry.action == agreed.retry:
            self._opened_again(entry.action)
        if isinstance(entry, Moved) and entry.action in self.open and entry.action != agreed.retry:
            self._moved(self.open[entry.action], entry)

    def _tried_before_its_day(self, line: Line, entry: Entry, before: Agreements, agreed: Agreements) -> str:
        """The action by which it goes on, "" where it was not tried, or not early."""
        if not (isinstance(entry, Touched) and entry.result is Result.ATTEMPT and _answers(entry, line, before)):
            return ""
        if not entry.early:
            return agreed.retry if self._is_early(line, entry) else ""
        was = before.open.get(line.action)
        return next((action for action, one in agreed.open.items() if one == was and action not in before.open), "")

    def _is_early(self, line: Line, entry: Entry) -> bool:
        """Whether its day had not come yet."""
        return self.rep.workdays.today(entry.at) < line.due

    def _ended(self, line: Line, entry: Entry, before: Agreements) -> Line:
        if isinstance(entry, Touched) and not _answers(entry, line, before):
            return replace(line, fate=Fate.VOID if entry.at < line.deadline else Fate.BROKEN, settled=entry.at, how=entry.result.value)
        return _ended(line, entry, self._is_early(line, entry))

    def closed(self, now: datetime) -> tuple[Line, ...]:
        lines = []
        for one in self.accounts:
            over = one.line.settled is None and now >= one.line.deadline
            lines += [one.before] if one.before else []
            lines.append(replace(one.line, fate=Fate.BROKEN, how="its day passed") if over else one.line)
        return tuple(lines)

    def _open(self, promise: Promised, action: str) -> None:
        if not self._opened_again(action):
            self.accounts.append(_Account(self._opened(promise, action)))
            self.open[action] = self.accounts[-1]

    def _opened_again(self, action: str) -> bool:
        """What is agreed again under its own name was never settled: its entry was deleted by mistake, or it only waits from now on."""
        account = next((one for one in self.accounts if one.line.action == action), None)
        if account:
            account.line = replace(account.line, fate=Fate.OPEN, settled=None, how="")
            self.open[action] = account
        return account is not None

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

    def _agreed_after_all(self, entry: Entry, nothing_was_open: bool) -> None:
        """Its entry was deleted, and the rep who was asked "drop, or when?" said when, in time: that changed it."""
        last = self.ended
        if nothing_was_open and last and last.line.how == _DELETED and isinstance(entry, Promised) and entry.at < last.line.deadline:
            last.line = replace(last.line, fate=Fate.CHANGED, settled=entry.at, how="agreed anew")

    def _moved(self, account: _Account, move: Moved) -> None:
        """Within what was agreed, and to a day before it, a move changes nothing; once the day is over it cures nothing, and a move to a
        day that was over promises nothing. A second move corrects the first."""
        zone, line = self.rep.workdays.zone, account.line
        start = move.start.astimezone(zone)
        if start.date() < move.at.astimezone(zone).date() or move.at >= line.deadline:
            return
        agreed = account.before or line
        if start.date() < agreed.due or _within(agreed, start, self.rules):
            if account.before:
                account.line, account.before = replace(account.before, action=line.action, fate=Fate.OPEN, settled=None, how=""), None
            return
        if not account.before:
            account.before = replace(line, fate=Fate.CHANGED, settled=move.at, how=f"moved by hand to {moment_in_words(start, zone)}")
        account.line = replace(
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


def _answers(touch: Touched, line: Line, before: Agreements) -> bool:
    """Whether it is about that promise: about its own action, or about nothing that was agreed, while this one stood."""
    others = before.open.keys() - {line.action}
    return touch.action == line.action or (line.action in (before.stands, before.retry) and touch.action not in others)


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
        case Dismissed() | Unclear():  # the agreement that waited in it is taken back
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
