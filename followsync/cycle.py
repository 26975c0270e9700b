"""One cycle of one rep: read what happened, decide, write. One bad entry, target or busy source never stops the rest.

No transaction is open while a calendar is asked. What is about to be sent stands in the store before it is sent (``intended``), and what
became of it is written after the answer, so a kill at any moment leaves a row that says what to ask. Where no calendar has news and
nothing else has changed either, a cycle ends after asking: it costs the same however much there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from followsync import __version__, health
from followsync import rules as config_rules
from followsync.calendars import open_calendar
from followsync.calendars.base import Calendar, Changes
from followsync.calendars.feed import publish, stamp_of
from followsync.config import Settings
from followsync.config.settings import CalDavTarget, GoogleTarget, IcsTarget
from followsync.core.item import Item, Seen, State, Written
from followsync.core.operations import Plan, generation, mass_change, operations, without_changes
from followsync.core.target import TargetState
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError, Changed, MassChange, Refused
from followsync.interpret import Interpreter
from followsync.picture import Picture, picture, rows_of
from followsync.pull import NOBODY_SAID, Deletions, Known, Listing, doubtful, pages
from followsync.rehearsal import Rehearsal, rehearsal
from followsync.store import Store, Transaction
from followsync.writer import TargetReport, Writer, noted

_BUSY_AHEAD = timedelta(days=120)
_SIDE_BY_SIDE = 8  # targets of one rep at a time

Opener = Callable[[CalDavTarget | GoogleTarget, TargetState], Calendar]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a cycle did. ``warnings``: busy sources that could not be read, and clocks that are wrong."""

    targets: Mapping[str, TargetReport]
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.warnings and not any(one.error or one.quarantined for one in self.targets.values())


@dataclass(frozen=True, slots=True)
class _Asked:
    """How a cycle was asked for: see ``Cycle.run``."""

    deletions: Deletions
    accept_changes: bool
    force: bool
    thorough: bool


@dataclass(slots=True)
class _Target:
    """One target during one cycle. ``calm``: no write of ours is open, and the store has not changed since nothing was left to do.
    ``elsewhere``: the config names another calendar than the rows are of. ``idle``: nothing was left to do. ``doubles``: second entries
    of ours, beside the rows they belong to; ``copies``: those of them that are to go."""

    name: str
    settings: CalDavTarget | GoogleTarget
    state: TargetState
    calm: bool
    report: TargetReport = field(default_factory=TargetReport)
    calendar: Calendar | None = None
    elsewhere: bool = False
    idle: bool = False
    requests: int = 0
    doubles: list[tuple[Written, Seen]] = field(default_factory=list)
    copies: list[Seen] = field(default_factory=list)


class Cycle:
    """A cycle of the rep ``key``. ``now`` is when it happens; ``progress`` is told how many writes of how many are done. ``threads``: how
    many targets are looked after at a time; with 1, everything happens strictly one after the other."""

    def __init__(
        self,
        settings: Settings,
        key: str,
        store: Store,
        now: datetime,
        *,
        opener: Opener | None = None,
        progress: Progress = lambda target, done, total: None,
        threads: int = _SIDE_BY_SIDE,
    ) -> None:
        self.settings, self.key, self.store, self.now = settings, key, store, now
        self.rules = config_rules.rules(settings, key)
        self.rep = config_rules.rep_rules(settings, key)
        self.names = settings.reps[key].targets
        self.opener = opener or self._open
        self.progress = progress
        self.threads = threads
        self.warnings: list[str] = []

    def _open(self, target: CalDavTarget | GoogleTarget, state: TargetState) -> Calendar:
        zone, known = self.rep.workdays.zone, state.capabilities
        return open_calendar(target, zone=zone, clock=lambda: self.now, collection=state.collection, capabilities=known)

    # --- the three things to do

    def run(
        self, *, deletions: Deletions = NOBODY_SAID, accept_changes: bool = False, force: bool = False, thorough: bool = False
    ) -> Report:
        """Read, decide, write. ``deletions``: what a person says that many deletions at once mean. ``accept_changes``: what the edited
        config would change of much that stands there may be changed. ``force``: whatever a breaker says. ``thorough``: decide even where
        nothing has changed. One cycle of a rep at a time, whatever the process: a second one that read before the first one wrote
        would take the first one's writes for the rep's. Raises StoreError where another one does not end."""
        with self.store.cycle(self.key):
            return self._run(_Asked(deletions, accept_changes, force, thorough))

    def _run(self, asked: _Asked) -> Report:
        every = self._targets()
        running = [one for one in every if asked.force or not self._paused(one)]
        try:
            self._each(running, lambda one: self._pull(one, asked.deletions))
            busy = self.busy()
            reports = self._decide_and_write(running, busy, asked)
            for one in running:
                self._finish(one)
        finally:
            _close(running)
        reports.update({one.name: one.report for one in every})
        return Report({name: reports[name] for name in self.names if name in reports}, tuple(self.warnings))

    def _decide_and_write(self, running: Sequence[_Target], busy: Sequence[BusyTime], asked: _Asked) -> dict[str, TargetReport]:
        """Everything after reading. Gives back the reports of the files."""
        with self.store.reading() as tx:
            world = self._world(tx, busy)
            files = {name: tx.target_state(self.key, name) for name in self.names if isinstance(self.settings.targets[name], IcsTarget)}
            stirred = [one for one in running if not one.report.error and (asked.thorough or one.copies or one.state.settled != world)]
            stale = [name for name, state in files.items() if asked.thorough or state.settled != self._file_world(name, world)]
            seen = self.picture(tx, busy) if stirred or stale else None
        if seen:
            self._each(stirred, lambda one: self._push(one, seen, asked))
            for one in stirred:
                if one.idle and all(other.idle or other.report.error for other in stirred):
                    one.state = replace(one.state, settled=world)
        reports = {name: TargetReport(error=state.error) for name, state in files.items()}
        return reports | {name: self._publish(name, files[name], seen, world) for name in stale if seen}

    def rehearse(self, deletions: Deletions = NOBODY_SAID) -> tuple[Rehearsal, Report]:
        """What ``run`` would do at this moment. Calendars are only read, and the store is left as it is."""
        targets = self._targets()
        said: dict[str, tuple[list[Changes], Listing, dict[str, Seen | None]]] = {}
        try:
            for target in targets:
                target.elsewhere = not self._collection(target)
                if not target.elsewhere:  # else the first sync makes the calendar; a rehearsal makes nothing
                    self._guarded(target, lambda one: said.update({one.name: self._asked(one, deletions)}))
        finally:
            _close(targets)
        busy = self.busy()
        with self.store.rehearsing() as tx:
            for target in targets:
                if target.elsewhere:
                    self._forget(target, tx)
                elif target.name in said:
                    self._guarded(target, lambda one: self._take_in(one, tx, *said[one.name], deletions))
            seen = self.picture(tx, busy)
            plans = [self._plan(one, seen, [row for row in seen.rows if row.target == one.name]) for one in targets]
        return rehearsal(seen, plans), Report({one.name: one.report for one in targets}, tuple(self.warnings))

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
            revision = tx.revision(self.key)
            chosen = ((name, self.settings.targets[name]) for name in self.names)
            states = ((name, one, tx.target_state(self.key, name)) for name, one in chosen if not isinstance(one, IcsTarget))
            return [_Target(name, one, state, health.is_calm(state, revision)) for name, one, state in states]

    def _world(self, tx: Transaction, busy: Iterable[BusyTime]) -> str:
        return health.world(tx.revision(self.key), f"{__version__} {self.settings.digest}", busy, self.now)

    def _paused(self, target: _Target) -> bool:
        if target.state.not_before is None or target.state.not_before <= self.now:
            return False
        until = target.state.not_before.astimezone(self.rep.workdays.zone)
        target.report.error = f"{target.state.error} Left alone until {until:%H:%M:%S}; 'followsync sync' tries at once."
        return True

    def _each(self, targets: Sequence[_Target], step: Callable[[_Target], None]) -> None:
        """Do one step of every target, side by side."""
        if self.threads == 1 or len(targets) < 2:
            for one in targets:
                self._guarded(one, step)
            return
        with ThreadPoolExecutor(min(self.threads, len(targets)), "target") as pool:
            for done in [pool.submit(self._guarded, one, step) for one in targets]:
                done.result()

    def _guarded(self, target: _Target, step: Callable[[_Target], None]) -> None:
        """Do one step of a target unless it failed already; whatever the world outside says stops this target only."""
        if target.report.error:
            return
        try:
            step(target)
        except CalendarError as error:
            target.report.error = str(error)
            target.state = health.failed(target.state, error, self.now)

    def _finish(self, target: _Target) -> None:
        if target.calendar:
            target.report.requests = target.requests + target.calendar.requests
            target.state = replace(target.state, capabilities=target.calendar.capabilities)
        if not target.report.error:
            target.state = health.succeeded(target.state, self.now)
        with self.store.writing() as tx:
            if not (target.calm and target.idle):
                rows = rows_of(tx, self.rep, target.name)
                target.report.pending = sum(row.intended is not None or row.removing for row in rows)
                unwell = sum(bool(row.refused or row.trouble) for row in rows if row.state is State.OPEN)
                target.state = replace(target.state, quarantined=unwell)
            target.report.quarantined = target.state.quarantined
            tx.save_target_state(target.state)

    # --- 1. read what happened

    def _pull(self, target: _Target, deletions: Deletions) -> None:
        """Facts, bases and cursor of a page in one transaction: the cursor never runs ahead of what was understood. Then what became of
        writes whose answer was lost, and what is gone."""
        calendar = self._opened(target)
        if not calendar.capabilities.known:
            target.state = replace(target.state, capabilities=calendar.probe())
        listing = Listing()
        for page in self._pages(target, deletions):
            self._check_clock(target)
            listing.add(page)
            if not target.calm or page.seen or page.gone or page.complete or page.cursor != target.state.cursor:
                self._take_in_page(target, page)
        target.idle = target.calm and not (listing.complete or listing.listed or listing.gone)
        if not target.idle or deletions.said:
            self._by_name(target, listing, deletions)

    def _check_clock(self, target: _Target) -> None:
        sentence = health.skewed(target.calendar.skew if target.calendar else None, target.name)
        if sentence and sentence not in self.warnings:
            self.warnings.append(sentence)

    def _by_name(self, target: _Target, listing: Listing, deletions: Deletions) -> None:
        """Ask for what no listing can be trusted with, and take it in; then what is gone, all of it or nothing."""
        assert target.calendar
        with self.store.reading() as tx:
            ask = doubtful(rows_of(tx, self.rep, target.name), listing, self.now, deletions)
        ask += [row.href for row, _ in target.doubles]
        answers = target.calendar.read(ask) if ask else {}
        with self.store.writing() as tx:
            reader = self._interpreter(tx, target)
            target.report.read += reader.answers(answers, listing)
            target.copies = reader.sort_doubles(target.doubles, answers)
            if listing.complete:
                target.state = replace(target.state, last_full=self.now)
                tx.save_target_state(target.state)
        with self.store.writing() as tx:
            target.report.read += self._interpreter(tx, target).deletions(_absent(answers), deletions)

    def _pages(self, target: _Target, deletions: Deletions) -> Iterable[Changes]:
        calendar = target.calendar
        assert calendar
        cursor = "" if health.wants_everything(target.state, self.now) else target.state.cursor
        known = Known(lambda: self._known(target))
        try:
            yield from pages(calendar, cursor, known)
        except MassChange:
            if not deletions.said:
                raise
            # The calendar itself was deleted and a person said what that means: a new one is made, in which everything is missing.
            target.requests += calendar.requests
            calendar.close()
            target.calendar = calendar = self.opener(target.settings, replace(target.state, collection=""))
            target.state = replace(target.state, cursor="", collection=_account(target.settings) + calendar.collection)
            yield from pages(calendar, "", {})

    def _known(self, target: _Target) -> dict[str, str | None]:
        with self.store.reading() as tx:
            rows = rows_of(tx, self.rep, target.name)
            ours = {row.href: row.etag for row in rows if row.state is not State.GONE and row.intended is None}
            return {**tx.foreign(self.key, target.name), **ours}

    def _take_in_page(self, target: _Target, page: Changes) -> None:
        with self.store.writing() as tx:
            reader = self._interpreter(tx, target)
            target.report.read += reader.page(page)
            target.doubles += reader.doubles
            target.state = replace(target.state, cursor=page.cursor)
            tx.save_target_state(target.state)

    def _asked(self, target: _Target, deletions: Deletions) -> tuple[list[Changes], Listing, dict[str, Seen | None]]:
        """All that ``_pull`` would ask, and nothing taken in."""
        target.calendar = self.opener(target.settings, replace(target.state, collection=self._collection(target)))
        listing = Listing()
        found = list(self._pages(target, deletions))
        for page in found:
            listing.add(page)
        with self.store.reading() as tx:
            ask = doubtful(rows_of(tx, self.rep, target.name), listing, self.now, deletions)
        return found, listing, target.calendar.read(ask) if ask else {}

    def _take_in(
        self,
        target: _Target,
        tx: Transaction,
        found: Sequence[Changes],
        listing: Listing,
        answers: Mapping[str, Seen | None],
        deletions: Deletions,
    ) -> None:
        reader = self._interpreter(tx, target)
        for page in found:
            reader.page(page)
        reader.answers(answers, listing)
        reader.deletions(_absent(answers), deletions)

    def _interpreter(self, tx: Transaction, target: _Target) -> Interpreter:
        return Interpreter(tx, self.rep, self.rules, target.name, self.now, target.state.capabilities.rewrites)

    def _opened(self, target: _Target) -> Calendar:
        """The target's calendar. Where it is another one than before (another account, another name in the config), its entries are
        made anew there, and nothing is concluded from what is missing."""
        known, account, before = self._collection(target), _account(target.settings), target.state.collection
        target.calendar = calendar = self.opener(target.settings, replace(target.state, collection=known))
        if before.rpartition("\n")[2] != calendar.collection:
            target.state = replace(target.state, cursor="", last_full=None, collection=account + calendar.collection)
            target.calm = False
            if before:
                with self.store.writing() as tx:
                    self._forget(target, tx)
        elif not known:
            target.state = replace(target.state, collection=account + calendar.collection)
        return calendar

    def _forget(self, target: _Target, tx: Transaction) -> None:
        tx.forget_written(self.key, target.name, *(row.action for row in tx.written(self.key, target.name)))
        tx.forget_foreign(self.key, target.name)
        tx.save_target_state(target.state)

    def _collection(self, target: _Target) -> str:
        """Where the calendar was found before, "" where the config names another one since."""
        account, before = _account(target.settings), target.state.collection
        return before.removeprefix(account) if before.startswith(account) else ""

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
        return operations(wanted, rows, self.now)

    def _allowed(self, target: _Target, plan: Plan, rows: Sequence[Written], asked: _Asked) -> tuple[Plan, str]:
        """The plan, without what an edit of the config would do to much of what stands there, until a person says so; and the sentence."""
        digest = self.settings.digest
        standing = sum(row.state is State.OPEN and row.agreed is not None for row in rows)
        much = mass_change(plan, standing) if target.state.config not in ("", digest) and not asked.accept_changes else ""
        if not much:
            target.state = replace(target.state, config=digest)
            return plan, ""
        return without_changes(plan), (
            f"The config was edited, and that would {much} on {target.name}. Nothing of that is done until you say so: 'followsync plan' "
            "shows it, 'followsync sync --accept-changes' does it; or take the edit back."
        )

    # --- 3. write

    def _push(self, target: _Target, seen: Picture, asked: _Asked) -> None:
        """Note down everything that will be sent, send it, and note the answers down."""
        rows = [row for row in seen.rows if row.target == target.name]
        plan, held = self._allowed(target, self._plan(target, seen, rows), rows, asked)
        waiting = any(row.intended or row.removing or row.fresh or row.gone_at for row in rows)
        target.idle = not (plan.operations or waiting or held or target.copies)
        self._remove_copies(target)
        if plan.operations:
            with self.store.writing() as tx:
                tx.save_written(self.key, *(noted(one) for one in plan.operations))
            self._send(target, plan)
        if held:
            raise MassChange(held)

    def _remove_copies(self, target: _Target) -> None:
        """A second entry that says word for word what ours says, under one of our own names: nobody wrote it but us, or a server's bin."""
        for seen in target.copies:
            if target.calendar and seen.etag:
                with suppress(Changed, Refused):  # then it is somebody's, and stays
                    target.calendar.delete(seen.href, seen.etag)
                    target.report.deleted += 1

    def _send(self, target: _Target, plan: Plan) -> None:
        if not target.calendar or not plan.writes:
            return
        writer = Writer(
            target.calendar,
            self.now,
            self._save,
            adopt=lambda row, seen: self._interpreted(target, lambda one: one.adopt(row, seen)),
            edited=lambda row, seen: self._interpreted(target, lambda one: one.settle(row, seen)),
            report=target.report,
        )
        try:
            writer.send(plan.writes, lambda done, total: self.progress(target.name, done, total))
        finally:
            target.requests += writer.requests

    def _save(self, rows: Sequence[Written]) -> None:
        with self.store.writing() as tx:
            tx.save_written(self.key, *rows)

    def _interpreted(self, target: _Target, work: Callable[[Interpreter], None]) -> None:
        with self.store.writing() as tx:
            work(self._interpreter(tx, target))

    # --- files: written whole and never read back, so what was written is what stands there

    def _publish(self, name: str, state: TargetState, seen: Picture, world: str) -> TargetReport:
        settings = self.settings.targets[name]
        assert isinstance(settings, IcsTarget)
        report = TargetReport()
        rows = {row.action: row for row in seen.rows if row.target == name}
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
        changed = [row for row in new if rows.get(row.action) != row]
        gone = rows.keys() - items.keys()
        good = self.now if not report.error else state.last_good
        quiet = "" if report.error or changed or gone else self._file_world(name, world)
        with self.store.writing() as tx:
            if not report.error:
                tx.forget_written(self.key, name, *gone)
                tx.save_written(self.key, *changed)
            tx.save_target_state(replace(state, error=report.error, last_good=good, settled=quiet, failures=0 if good else 1))
        return report

    def _file_world(self, name: str, world: str) -> str:
        settings = self.settings.targets[name]
        return f"{world} {stamp_of(settings.path)}" if isinstance(settings, IcsTarget) else world


def _absent(answers: Mapping[str, Seen | None]) -> frozenset[str]:
    return frozenset(href for href, seen in answers.items() if seen is None)


def _account(settings: CalDavTarget | GoogleTarget) -> str:
    """Where a target points to; the collection found there is remembered behind it."""
    server, user = (settings.url, settings.username) if isinstance(settings, CalDavTarget) else (settings.root_url, "")
    return f"{server}\n{user}\n{settings.calendar}\n"


def _close(targets: Iterable[_Target]) -> None:
    for target in targets:
        if target.calendar:
            target.calendar.close()
