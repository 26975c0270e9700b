"""One cycle of one rep: read what happened, decide, write. One bad entry, target or busy source never stops the rest.

No transaction is open while a calendar is asked. What is about to be sent stands in the store before it is sent (``intended``), and what
became of it is written after the answer, so a kill at any moment leaves a row that says what to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from followsync import rules as config_rules
from followsync.calendars import open_calendar
from followsync.calendars.base import Calendar, Changes
from followsync.calendars.feed import publish
from followsync.config import Settings
from followsync.config.settings import CalDavTarget, GoogleTarget, IcsTarget
from followsync.core.item import Item, Seen, State, Written
from followsync.core.operations import Create, Delete, Keep, Plan, Update, generation, operations
from followsync.core.plan import Action
from followsync.core.target import TargetState
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError, CursorExpired, LoginNeeded, MassChange, Unavailable
from followsync.interpret import NOBODY_SAID, Deletions, Interpreter
from followsync.picture import Picture, picture, rows_of
from followsync.store import Store, Transaction
from followsync.writer import TargetReport, Writer, noted

_BUSY_AHEAD = timedelta(days=120)
_PAUSE, _LONGEST_PAUSE = 60.0, 7200.0  # seconds a failing target is left alone: doubled each time, up to two hours

Opener = Callable[[CalDavTarget | GoogleTarget, TargetState], Calendar]


@dataclass(frozen=True, slots=True)
class Report:
    """What a cycle did. ``warnings``: busy sources that could not be read."""

    targets: Mapping[str, TargetReport]
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.warnings and not any(one.error or one.quarantined for one in self.targets.values())


@dataclass(frozen=True, slots=True)
class Move:
    action: Action
    before: datetime
    after: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a cycle would do: what it would create, move, change in words only, and close (with the reason)."""

    picture: Picture
    create: tuple[Action, ...]
    move: tuple[Move, ...]
    change: tuple[Action, ...]
    close: tuple[tuple[Written, str], ...]
    report: Report


@dataclass(slots=True)
class _Target:
    """One target during one cycle. ``elsewhere``: the config names another calendar than the rows are of. ``settled``: what stands
    where the answer to a write was lost."""

    name: str
    settings: CalDavTarget | GoogleTarget
    state: TargetState
    report: TargetReport = field(default_factory=TargetReport)
    calendar: Calendar | None = None
    changes: Changes | None = None
    vanished: frozenset[str] = frozenset()
    elsewhere: bool = False
    settled: dict[str, Seen | None] = field(default_factory=dict)


class Cycle:
    """A cycle of the rep ``key``. ``now`` is when it happens; ``progress`` is told how many writes of how many are done."""

    def __init__(
        self,
        settings: Settings,
        key: str,
        store: Store,
        now: datetime,
        *,
        opener: Opener | None = None,
        progress: Callable[[str, int, int], None] = lambda target, done, total: None,
    ) -> None:
        self.settings, self.key, self.store, self.now = settings, key, store, now
        self.rules = config_rules.rules(settings, key)
        self.rep = config_rules.rep_rules(settings, key)
        self.names = settings.reps[key].targets
        self.opener = opener or self._open
        self.progress = progress
        self.warnings: list[str] = []

    def _open(self, target: CalDavTarget | GoogleTarget, state: TargetState) -> Calendar:
        zone, known = self.rep.workdays.zone, state.capabilities
        return open_calendar(target, zone=zone, clock=lambda: self.now, collection=state.collection, capabilities=known)

    # --- the three things to do

    def run(self, *, deletions: Deletions = NOBODY_SAID, force: bool = False) -> Report:
        """Read, decide, write. ``force``: whatever a breaker says. One cycle of a rep at a time, whatever the process: a second one
        that read before the first one wrote would take the first one's writes for the rep's. Raises StoreError where another one
        does not end."""
        with self.store.cycle(self.key):
            return self._run(deletions, force=force)

    def _run(self, deletions: Deletions, *, force: bool) -> Report:
        targets = [one for one in self._targets() if self._may_run(one, force)]
        try:
            for target in targets:
                self._guarded(target, lambda one: self._pull(one, deletions))
            for target in targets:
                self._guarded(target, lambda one: self._take_in(one, deletions))
            busy = self.busy()
            with self.store.reading() as tx:
                seen = self.picture(tx, busy)
            for target in targets:
                self._guarded(target, lambda one: self._push(one, seen))
            reports = {one.name: self._finished(one) for one in targets}
        finally:
            _close(targets)
        reports.update(self._publish(seen))
        reports.update({one.name: one.report for one in self._targets() if one.name not in reports and self._paused(one)})
        return Report({name: reports[name] for name in self.names if name in reports}, tuple(self.warnings))

    def rehearse(self, deletions: Deletions = NOBODY_SAID) -> Rehearsal:
        """What ``run`` would do at this moment. Calendars are only read, and the store is left as it is."""
        targets = self._targets()
        try:
            for target in targets:
                target.elsewhere = not self._collection(target)
                if not target.elsewhere:  # else the first sync makes the calendar; a rehearsal makes nothing
                    self._guarded(target, self._pull)
        finally:
            _close(targets)
        busy = self.busy()
        with self.store.rehearsing() as tx:
            for target in targets:
                self._guarded(target, lambda one: self._interpret(one, tx, deletions))
            return self._rehearsal(self.picture(tx, busy), targets)

    def picture(self, tx: Transaction, busy: Iterable[BusyTime] = ()) -> Picture:
        return picture(tx, self.rules, self.rep, self.names, busy, self.now)

    def busy(self, *, local: bool = False) -> tuple[BusyTime, ...]:
        """The busy times of the days ahead. ``local``: of files only, without asking any server. A source that fails is a warning:
        what stands stays, and what is new is placed without it."""
        if not self.settings.reps[self.key].busy:
            return ()
        from followsync.calendars.busy import busy_times  # reads iCalendar, which commands without busy sources need not load

        times: list[BusyTime] = []
        first = self.now - timedelta(days=1)
        for name in self.settings.reps[self.key].busy:
            source = self.settings.busy[name]
            if local and not (source.type == "ics" and source.path):
                continue
            try:
                times.extend(busy_times(source, first, self.now + _BUSY_AHEAD, self.rep.workdays.zone, name=name))
            except CalendarError as error:
                self.warnings.append(f"busy source {name}: {error}")
        return tuple(times)

    # --- targets, each for itself

    def _targets(self) -> list[_Target]:
        with self.store.reading() as tx:
            chosen = ((name, self.settings.targets[name]) for name in self.names)
            return [_Target(name, one, tx.target_state(self.key, name)) for name, one in chosen if not isinstance(one, IcsTarget)]

    def _may_run(self, target: _Target, force: bool) -> bool:
        return force or not self._paused(target)

    def _paused(self, target: _Target) -> bool:
        if target.state.not_before is None or target.state.not_before <= self.now:
            return False
        until = target.state.not_before.astimezone(self.rep.workdays.zone)
        target.report.error = f"{target.state.error} Left alone until {until:%H:%M:%S}; 'followsync sync' tries at once."
        return True

    def _guarded(self, target: _Target, step: Callable[[_Target], None]) -> None:
        """Do one step of a target unless it failed already; whatever the world outside says stops this target only."""
        if target.report.error:
            return
        try:
            step(target)
        except CalendarError as error:
            self._failed(target, error)

    def _failed(self, target: _Target, error: CalendarError) -> None:
        target.report.error = str(error)
        failures = target.state.failures + 1
        wait: float | None = min(_LONGEST_PAUSE, _PAUSE * 2 ** min(failures - 1, 10))
        held = ""
        match error:
            case Unavailable(retry_after=asked) if asked is not None:
                wait = min(_LONGEST_PAUSE, max(_PAUSE, asked))
            case LoginNeeded():
                wait = _LONGEST_PAUSE * 3  # one look every six hours: more would look like an attack, and locks accounts
            case MassChange():
                wait, held = None, str(error)  # looked at in every cycle: the entries may come back by themselves
            case _:
                pass
        target.state = replace(
            target.state,
            failures=failures,
            error=str(error),
            held=held,
            not_before=self.now + timedelta(seconds=wait) if wait is not None else None,
            login_needed=isinstance(error, LoginNeeded),
        )

    def _finished(self, target: _Target) -> TargetReport:
        if target.calendar:
            target.report.requests = target.calendar.requests
        if not target.report.error:
            target.state = replace(target.state, failures=0, error="", not_before=None, login_needed=False, held="", last_good=self.now)
        with self.store.writing() as tx:
            rows = rows_of(tx, self.rep, target.name)
            target.report.pending = sum(row.intended is not None or row.removing for row in rows)
            target.report.quarantined = sum(bool(row.refused or row.trouble) for row in rows if row.state is State.OPEN)
            tx.save_target_state(target.state)
        return target.report

    # --- 1. read what happened

    def _pull(self, target: _Target, deletions: Deletions = NOBODY_SAID) -> None:
        """Ask what is new, and what became of writes whose answer was lost."""
        calendar = self._opened(target)
        with self.store.reading() as tx:
            rows = [] if target.elsewhere else rows_of(tx, self.rep, target.name)
        known = {row.href: row.etag for row in rows if row.state is not State.GONE and row.intended is None}
        try:
            target.changes = calendar.changes(target.state.cursor, known)
        except CursorExpired:
            target.changes = calendar.changes("", known)
        except MassChange:
            if not (deletions.accept or deletions.restore):
                raise
            # The calendar itself was deleted and a person said what that means: a new one is made, in which everything is missing.
            calendar.close()
            target.calendar = calendar = self.opener(target.settings, replace(target.state, collection=""))
            target.state = replace(target.state, cursor="", collection=_account(target.settings) + calendar.collection)
            target.changes = calendar.changes("", {})
        # After the changes, never before: what is read here is the later view, and what changes later still is told next time.
        unsettled = [row.href for row in rows if row.intended is not None or row.removing]
        target.settled = dict(calendar.read(unsettled)) if unsettled else {}
        target.vanished = self._vanished(calendar, target.changes, rows)
        target.report.requests = calendar.requests

    def _opened(self, target: _Target) -> Calendar:
        """The target's calendar. Where it is another one than before (another account, another name in the config), its entries are
        made anew there, and nothing is concluded from what is missing."""
        known, account, before = self._collection(target), _account(target.settings), target.state.collection
        target.calendar = calendar = self.opener(target.settings, replace(target.state, collection=known))
        if before.rpartition("\n")[2] != calendar.collection:
            target.state = replace(target.state, cursor="", collection=account + calendar.collection)
            target.elsewhere = bool(before)
        elif not known:
            target.state = replace(target.state, collection=account + calendar.collection)
        return calendar

    def _collection(self, target: _Target) -> str:
        """Where the calendar was found before, "" where the config names another one since."""
        account, before = _account(target.settings), target.state.collection
        return before.removeprefix(account) if before.startswith(account) else ""

    def _vanished(self, calendar: Calendar, changes: Changes, rows: Sequence[Written]) -> frozenset[str]:
        """Absence is not deletion: what a complete listing lacks is asked for by name."""
        if not changes.complete:
            return frozenset()
        missing = [row.href for row in rows if row.agreed is not None and row.state is not State.GONE and row.href not in changes.listed]
        answers = calendar.read(missing) if missing else {}
        return frozenset(href for href, seen in answers.items() if seen is None)

    def _take_in(self, target: _Target, deletions: Deletions) -> None:
        with self.store.writing() as tx:
            self._interpret(target, tx, deletions)
            tx.save_target_state(target.state)

    def _interpret(self, target: _Target, tx: Transaction, deletions: Deletions) -> None:
        """Facts, bases and cursor in one transaction: the cursor never runs ahead of what was understood."""
        if target.elsewhere:
            tx.forget_written(self.key, target.name, *(row.action for row in tx.written(self.key, target.name)))
        if target.changes is None:
            return
        reader = Interpreter(tx, self.rep, self.rules, target.name, self.now)
        rows = {row.href: row for row in rows_of(tx, self.rep, target.name)}
        settled = {href: seen for href, seen in target.settled.items() if href in rows and (rows[href].intended or rows[href].removing)}
        changes = replace(target.changes, seen=tuple(one for one in target.changes.seen if one.href not in settled))
        changes = replace(changes, gone=tuple(href for href in changes.gone if href not in settled))
        # What was confirmed once and is gone now was deleted, also where a change to it was on its way: it counts in the guard.
        deleted = {href for href, seen in settled.items() if seen is None and rows[href].agreed and not rows[href].removing}
        settled = {href: seen for href, seen in settled.items() if href not in deleted}
        target.report.read = reader.changes(changes, (target.vanished - settled.keys()) | deleted, deletions)
        for href, seen in settled.items():
            reader.settle(rows[href], seen)
        target.state = replace(target.state, cursor=changes.cursor)

    # --- 2. decide

    def _plan(self, target: _Target, seen: Picture, rows: Sequence[Written]) -> Plan:
        by_action = {row.action: row for row in rows}
        wanted: dict[str, tuple[Item, Written]] = {}
        for one in seen.placed:
            row = by_action.get(one.action.id)
            item = seen.item(one, row, target.settings.write)
            href = target.calendar.href(item.uid) if target.calendar else ""
            new = Written(target.name, one.action.id, one.action.prospect, href, generation(row), placed=one.placed)
            wanted[one.action.id] = (item, new)
        return operations(wanted, rows)

    # --- 3. write

    def _push(self, target: _Target, seen: Picture) -> None:
        """Note down everything that will be sent, send it, and note the answers down."""
        with self.store.reading() as tx:
            plan = self._plan(target, seen, rows_of(tx, self.rep, target.name))
        if not plan.operations:
            return
        with self.store.writing() as tx:
            tx.save_written(self.key, *(noted(one) for one in plan.operations))
            if any(isinstance(one, Create) for one in plan.operations):
                # Some servers (Xandikos) never tell of an entry that was made and deleted again between two readings, and it would be
                # missed for ever: the reading after this one asks for everything that stands there.
                target.state = replace(target.state, cursor="")
                tx.save_target_state(target.state)
        if target.calendar and plan.writes:
            writer = Writer(target.calendar, self._save, lambda row, seen: self._adopt(target, row, seen), target.report)
            # What goes, goes first: killed in between, a prospect has no entry until the next cycle, but never two.
            writes = sorted(plan.writes, key=lambda one: not isinstance(one, Delete))
            writer.send(writes, lambda done, total: self.progress(target.name, done, total))

    def _save(self, rows: Sequence[Written]) -> None:
        with self.store.writing() as tx:
            tx.save_written(self.key, *rows)

    def _adopt(self, target: _Target, row: Written, seen: Seen) -> None:
        with self.store.writing() as tx:
            Interpreter(tx, self.rep, self.rules, target.name, self.now).adopt(row, seen)

    def _publish(self, seen: Picture) -> dict[str, TargetReport]:
        """Write the files, whole. They are never read back, so what was written is what stands there."""
        reports = {}
        for name in self.names:
            settings = self.settings.targets[name]
            if not isinstance(settings, IcsTarget):
                continue
            report = reports[name] = TargetReport()
            with self.store.reading() as tx:
                rows = {row.action: row for row in rows_of(tx, self.rep, name)}
                state = tx.target_state(self.key, name)
            items = {one.action.id: (one, seen.item(one, rows.get(one.action.id), "event")) for one in seen.placed}
            try:
                done = publish(settings.path, (item for _, item in items.values()), name="Follow-ups", stamp=self.now)
            except CalendarError as error:
                report.error = str(error)
            else:
                report.created, report.updated, report.deleted = done.created, done.updated, done.deleted
            new = [
                Written(name, action, one.action.prospect, item.uid, ours=item, agreed=item, placed=one.placed)
                for action, (one, item) in items.items()
            ]
            with self.store.writing() as tx:
                if not report.error:
                    tx.forget_written(self.key, name, *(rows.keys() - items.keys()))
                    tx.save_written(self.key, *(row for row in new if rows.get(row.action) != row))
                good = self.now if not report.error else state.last_good
                tx.save_target_state(replace(state, error=report.error, last_good=good, failures=0 if good else 1))
        return reports

    # --- rehearsal

    def _rehearsal(self, seen: Picture, targets: Sequence[_Target]) -> Rehearsal:
        create: dict[str, Action] = {}
        move: dict[str, Move] = {}
        change: dict[str, Action] = {}
        close: dict[str, tuple[Written, str]] = {}
        by_action = {one.action.id: one for one in seen.placed}
        planned = [(one, self._plan(one, seen, [row for row in seen.rows if row.target == one.name])) for one in targets]
        for _, plan in planned:
            for operation in plan.operations:
                match operation:
                    case Create(written=row):
                        create[row.action] = by_action[row.action].action
                    case Update(written=row, item=item) if row.agreed and row.action in by_action and item.start != row.agreed.start:
                        why = by_action[row.action].why
                        move[row.action] = Move(by_action[row.action].action, row.agreed.start, item.start, why[-1] if why else "")
                    case Update(written=row) if row.action in by_action:
                        change[row.action] = by_action[row.action].action
                    case Delete(written=row):
                        close[row.action] = (row, _why_closed(row, seen))
                    case Update() | Keep():
                        pass
        if not targets:  # files, or no target at all: what does not stand there yet is new
            standing = {row.action for row in seen.rows}
            create = {one.action.id: one.action for one in seen.placed if one.action.id not in standing}
            close = {row.action: (row, _why_closed(row, seen)) for row in seen.rows if row.action not in by_action}
        report = Report({one.name: one.report for one in targets}, tuple(self.warnings))
        ordered = tuple(one.action for one in seen.placed if one.action.id in create)
        return Rehearsal(seen, ordered, tuple(move.values()), tuple(change.values()), tuple(close.values()), report)


def _why_closed(row: Written, seen: Picture) -> str:
    stance = seen.stances.get(row.prospect)
    if stance is None:
        return "the prospect is closed or was removed"
    return f"replaced: the next action is now to {stance.actions[0].purpose or 'decide'}"


def _account(settings: CalDavTarget | GoogleTarget) -> str:
    """Where a target points to; the collection found there is remembered behind it."""
    server, user = (settings.url, settings.username) if isinstance(settings, CalDavTarget) else (settings.root_url, "")
    return f"{server}\n{user}\n{settings.calendar}\n"


def _close(targets: Iterable[_Target]) -> None:
    for target in targets:
        if target.calendar:
            target.calendar.close()
