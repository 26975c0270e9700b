"""One cycle of one rep: read what happened, decide, write. One bad entry, target or busy source never stops the rest.

No transaction is open while a calendar is asked. What is about to be sent stands in the store before it is sent (``intended``), and what
became of it is written after the answer, so a kill at any moment leaves a row that says what to ask. Where no calendar has news and
nothing else has changed either, a cycle ends after asking: it costs the same however much there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from followsync import __version__, feeds, health
from followsync import rules as config_rules
from followsync.accounts import login_digest, remembered, same_login
from followsync.busy_cycle import BusyCycle
from followsync.calendars import forget_refusals, open_calendar
from followsync.calendars.base import Calendar, Changes
from followsync.calendars.feed import publish, stamp_of
from followsync.config import Settings
from followsync.config.settings import CalDavTarget, GoogleTarget, IcsTarget
from followsync.config.words import place
from followsync.core.item import Item, Seen, Written
from followsync.core.target import TargetState
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError, StoreError
from followsync.loans import give_back, give_back_within
from followsync.moment import Moment, Opener, Progress, Stopped
from followsync.notices import notices
from followsync.picture import Picture, picture
from followsync.pull import NOBODY_SAID, Deletions, Listing
from followsync.rehearsal import Rehearsal, rehearsal
from followsync.store import Store, Transaction
from followsync.target_cycle import TargetCycle
from followsync.target_look import TargetLook
from followsync.writer import TargetReport

OneTarget = TypeVar("OneTarget", bound=TargetCycle)

_SIDE_BY_SIDE = 8  # targets of one rep at a time


@dataclass(frozen=True, slots=True)
class Report:
    """What a cycle did. ``warnings``: busy sources that could not be read, and clocks that are wrong. ``busy``: source -> the round trips
    that it took."""

    targets: Mapping[str, TargetReport]
    warnings: tuple[str, ...] = ()
    busy: Mapping[str, int] = field(default_factory=dict)

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
        self.opener: Opener = opener or self._open
        self._looker: Opener = opener or partial(self._open, make=False)  # a rehearsal makes nothing
        self.progress = progress
        self.threads = threads
        self.warnings: list[str] = []
        self._alerts: dict[str, str] = {}
        self._busy = BusyCycle(settings, key, store, self.rep.workdays.zone, now, threads, self.warnings)

    def _open(self, target: CalDavTarget | GoogleTarget, state: TargetState, *, make: bool = True) -> Calendar:
        zone, known = self.rep.workdays.zone, state.capabilities
        return open_calendar(
            target,
            zone=zone,
            clock=lambda: self.now,
            collection=state.collection,
            capabilities=known,
            tasks=self.settings.writes_tasks(target),
            make=make,
            before=state.former[-1].rpartition("\n")[2] if state.former else "",
            limits=self.settings.limits(self.store.shared),
        )

    # --- the three things to do

    def run(
        self, *, deletions: Deletions = NOBODY_SAID, accept_changes: bool = False, force: bool = False, thorough: bool = False
    ) -> Report:
        """Read, decide, write. ``deletions``: what a person says that many deletions at once mean. ``accept_changes``: what the edited
        config would change of much that stands there may be changed. ``force``: whatever a breaker says. ``thorough``: decide even where
        nothing has changed. One cycle of a rep at a time, whatever the process: a second one that read before the first one wrote
        would take the first one's writes for the rep's. Raises StoreError where another one does not end."""
        shared = self.store
        give_back(shared, self.settings, self.key, self.now)  # it changes what is another rep's too, which a cycle may not
        with shared.cycle(self.key) as held:
            self.store = self._busy.store = held
            try:
                return self._run(_Asked(deletions, accept_changes, force, thorough))
            finally:
                self.store = self._busy.store = shared

    def _run(self, asked: _Asked) -> Report:
        if asked.force:
            forget_refusals()
        every = self._targets(self.opener, TargetCycle)
        running = [one for one in every if asked.force or not self._paused(one)]
        for one in running:
            one.forced = asked.force
        try:
            with self._busy.begun(keep=True, force=asked.force) as answers:
                self._each(running, lambda one: one.open())
                self._stop_twins(every)
                self._each(running, lambda one: one.pull(asked.deletions.of(one.name)))
                self._each(running, lambda one: one.understand(asked.deletions.of(one.name)))
                busy = answers()
            self._alerts.update({one.name: one.state.error for one in every if one.report.error and one.state.login_needed})
            reports = self._decide_and_write(running, busy, asked)
            for one in running:
                one.finish()
            self.publish_feeds(busy)
            _raise(*(one.broken for one in running if one.broken))
        finally:
            for one in running:
                one.close()
        reports.update({one.name: one.report for one in every})
        return Report({name: reports[name] for name in self.names if name in reports}, tuple(self.warnings), self._busy.requests)

    def _decide_and_write(self, running: Sequence[TargetCycle], busy: Sequence[BusyTime], asked: _Asked) -> dict[str, TargetReport]:
        """Everything after reading. Gives back the reports of the files."""
        with self.store.reading() as tx:
            world = self._world(tx, busy)
            files = {name: tx.target_state(self.key, name) for name in self.names if isinstance(self.settings.targets[name], IcsTarget)}
            stirred = [
                one for one in running if not one.report.error and (asked.thorough or one.copies or not self._holds(one.state, world))
            ]
            stale = [name for name, state in files.items() if asked.thorough or not self._holds(state, self._file_world(name, world))]
            seen = self.picture(tx, busy) if stirred or stale else None
        if seen:
            self._each(stirred, lambda one: one.push(seen, accept_changes=asked.accept_changes))
            for one in stirred:
                if one.idle and all(other.idle or other.report.error for other in stirred):
                    one.state = replace(one.state, settled=health.settled(world, seen.wakes))
        reports = {name: TargetReport(error=state.error) for name, state in files.items()}
        return reports | {name: self._publish(name, files[name], seen, world) for name in stale if seen}

    def rehearse(self, deletions: Deletions = NOBODY_SAID) -> tuple[Rehearsal, Report]:
        """What ``run`` would do at this moment. Calendars are only read, and the store is left as it is."""
        targets = self._targets(self._looker, TargetLook)
        said: dict[str, tuple[list[Changes], Listing, dict[str, Seen | None]]] = {}
        try:
            for target in targets:
                self._guarded(target, lambda one: said.update({one.name: one.asked(deletions)}))
        finally:
            for target in targets:
                target.close()
        busy = self.busy()
        with self.store.rehearsing() as tx:
            give_back_within(tx, self.settings, self.key, self.now)
            for target in targets:
                if target.name in said:
                    self._guarded(target, lambda one: one.take_in(tx, *said[one.name]))
            for target in targets:
                self._guarded(target, lambda one: one.take_in_typed(tx, deletions))
            seen = self.picture(tx, busy)
            plans = [one.plan(seen, [row for row in seen.rows if row.target == one.name]) for one in targets]
        return rehearsal(seen, plans), Report({one.name: one.report for one in targets}, tuple(self.warnings))

    def picture(self, tx: Transaction, busy: Iterable[BusyTime] = ()) -> Picture:
        return picture(tx, self.rules, self.rep, self.names, busy, self.now)

    def publish_feeds(self, busy: Iterable[BusyTime]) -> None:
        """Lay down what the rep's feeds show now; each cycle does it."""
        world, picture = (lambda tx: self._world(tx, busy)), (lambda tx: self.picture(tx, busy))
        feeds.publish(self.store, self.settings, self.key, self.now, world=world, picture=picture)

    def busy(self, *, local: bool = False) -> tuple[BusyTime, ...]:
        """The busy times of the days ahead. ``local``: of files only, without asking any server. A source that fails is a warning."""
        with self._busy.begun(local=local) as answers:
            return answers()

    # --- targets, each for itself

    def _targets(self, opener: Opener, kind: type[OneTarget]) -> list[OneTarget]:
        at = Moment(
            self.key,
            self.store,
            self.rules,
            self.rep,
            self.settings.digest,
            self.now,
            opener,
            self.progress,
            self.warnings,
            self._alerts,
            frozenset(name for name in self.names if self.settings.users[name] > 1),
            frozenset(name for name in self.names if not isinstance(self.settings.targets[name], IcsTarget)),
        )
        with self.store.reading() as tx:
            revision = tx.revision(self.key)
            chosen = ((name, self.settings.targets[name]) for name in self.names)
            states = ((name, one, tx.target_state(self.key, name)) for name, one in chosen if not isinstance(one, IcsTarget))
            return [
                kind(at, name, one, state, health.is_calm(state, revision, self.now.astimezone(self.rep.workdays.zone)))
                for name, one, state in states
            ]

    def _world(self, tx: Transaction, busy: Iterable[BusyTime]) -> str:
        rules = f"{__version__} {self.settings.digest} {sorted(self._alerts)}"
        return health.world(tx.revision(self.key), rules, busy, self.now.astimezone(self.rep.workdays.zone))

    def _holds(self, state: TargetState, world: str) -> bool:
        return health.holds(state.settled, world, self.now)

    def _paused(self, target: TargetCycle) -> bool:
        if not health.is_paused(target.state, self.now, login_digest(target.settings, self.settings.digest)):
            return False
        assert target.state.not_before
        until = target.state.not_before.astimezone(self.rep.workdays.zone)
        how = "'followsync sync', or a reload of the service," if target.state.login_needed else "'followsync sync'"
        target.report.error = f"{target.state.error} Left alone until {until:%H:%M:%S}; {how} tries at once."
        return True

    def _stop_twins(self, every: Sequence[TargetCycle]) -> None:
        """Of two targets that lead to one calendar, which only shows now, the first goes on: else each would take the other's entries for
        strangers that carry our mark. Of other reps' targets, those count that are at home there already."""
        taken: list[tuple[Mapping[str, str], TargetCycle]] = []
        for one in every:
            if not (where := _places(one.calendar.collection if one.calendar else one.collection())):
                continue
            twins = (
                (other.name, what) for there, other in taken if (what := _shared(where, there)) and same_login(one.settings, other.settings)
            )
            twin, what = next(twins, ("", ""))
            if one.calendar and not twin and one.found:
                twin, what = self._elsewhere(where, one)
            taken.append((where, one))
            if one.calendar and twin:
                at = urlsplit(one.calendar.collection).hostname or "its server"
                one.stop(
                    CalendarError(
                        f"{one.name} leads to the same {what} at {at} as {twin}, and a {what} can have one target only: take one of "
                        f"them out of the config, or give it a {what} of its own. Nothing was read or written for it."
                    )
                )

    def _elsewhere(self, where: Mapping[str, str], one: TargetCycle) -> tuple[str, str]:
        """The target of another rep that is at home at ``where``, and what is shared with it. Reps who share one target do so knowingly."""
        with self.store.reading() as tx:
            states = tx.target_states()
        for state in states:
            other = self.settings.targets.get(state.target)
            used = state.rep in self.settings.reps and state.target in self.settings.reps[state.rep].targets
            if state.rep == self.key or state.target == one.name or not used or other is None or isinstance(other, IcsTarget):
                continue
            if (what := _shared(where, _places(remembered(other, state)))) and same_login(one.settings, other):
                return f"{state.target} of {state.rep}", what
        return "", ""

    def _each(self, targets: Sequence[TargetCycle], step: Callable[[TargetCycle], None]) -> None:
        """Do one step of every target, side by side."""
        if self.threads == 1 or len(targets) < 2:
            for one in targets:
                self._guarded(one, step)
            return
        with ThreadPoolExecutor(min(self.threads, len(targets)), "target") as pool:
            for done in [pool.submit(self._guarded, one, step) for one in targets]:
                done.result()

    def _guarded(self, target: OneTarget, step: Callable[[OneTarget], None]) -> None:
        """Do one step of a target unless it failed already; whatever the world outside says stops this target only."""
        if target.report.error:
            return
        try:
            step(target)
        except CalendarError as error:
            target.fail(error)
        except (StoreError, Stopped):
            raise  # these are of the whole cycle, and no target's fault
        except Exception as error:  # noqa: BLE001  # raised again when the other targets are done: a fault of ours must not stop them
            target.broken = error
            target.report.error = f"A fault inside FollowSync stopped it ({type(error).__name__}); please report it."
            target.state = health.failed(target.state, CalendarError(target.report.error), self.now)

    # --- files: written whole and never read back, so what was written is what stands there

    def _publish(self, name: str, state: TargetState, seen: Picture, world: str) -> TargetReport:
        settings = self.settings.targets[name]
        assert isinstance(settings, IcsTarget)
        report = TargetReport()
        rows = {row.action: row for row in seen.rows if row.target == name}
        items: dict[str, tuple[str, date | None, Item]] = {
            one.action.id: (one.action.prospect, one.placed, seen.item(one, rows.get(one.action.id), "event")) for one in seen.placed
        }
        items |= {action: ("", day, item) for action, (item, day) in notices(seen, self._alerts, rows).items()}
        try:
            done = publish(settings.path, (item for _, _, item in items.values()), name="Follow-ups", stamp=self.now)
        except CalendarError as error:
            report.error = str(error)
        else:
            report.created, report.updated, report.deleted = done.created, done.updated, done.deleted
        new = [
            Written(name, action, prospect, item.uid, ours=item, agreed=item, placed=placed)
            for action, (prospect, placed, item) in items.items()
        ]
        changed = [row for row in new if rows.get(row.action) != row]
        gone = rows.keys() - items.keys()
        good = self.now if not report.error else state.last_good
        quiet = "" if report.error or changed or gone else health.settled(self._file_world(name, world), seen.wakes)
        failures = state.failures + 1 if report.error else 0
        with self.store.writing() as tx:
            if not report.error:
                tx.forget_written(self.key, name, *gone)
                tx.save_written(self.key, *changed)
            ended = replace(state, error=report.error, last_good=good, settled=quiet, failures=failures)
            tx.save_target_state(ended if report.error else replace(ended, cadences=self.rules.versions))
        return report

    def _file_world(self, name: str, world: str) -> str:
        settings = self.settings.targets[name]
        return f"{world} {stamp_of(settings.path)}" if isinstance(settings, IcsTarget) else world


def _places(collection: str) -> dict[str, str]:
    """The calendar at that address and any task list beside it (see ``followsync.calendars.google_place``): place -> what
    it is. Nothing, where none was found yet."""
    tasks = urlsplit(collection).fragment.partition("&")[0]
    found = {place(collection): "calendar", **({f"#{tasks}": "task list"} if tasks else {})}
    return {where: what for where, what in found.items() if where}


def _shared(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    return next((what for where, what in one.items() if where in other), "")


def _raise(*faults: Exception) -> None:
    if len(faults) > 1:
        raise ExceptionGroup("faults on several targets", faults)
    for one in faults:
        raise one
