"""A worker: cycles of whichever reps are due, one of as many workers on as many machines as there are.

What is due, and who has it, stands in the store (``followsync.store.leases``); a worker remembers nothing that another one needs. Each
takes only as many reps as it has hands for, the longest due first.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from followsync import log
from followsync.busy_cycle import try_logins_again
from followsync.calendars import forget_refusals
from followsync.config import Settings
from followsync.cycle import Report
from followsync.daemon import Bell, Serve, Waiter, Work, one_cycle, signals, tell_report, try_logins
from followsync.errors import ConfigError, FollowSyncError, LeaseLost, StoreError
from followsync.hands import SPARE, Hands
from followsync.store import Store
from followsync.store.leases import Lease, Standing
from followsync.systemd_notify import Notifier
from followsync.target_cycle import Stopped
from followsync.vitals import Inside, Vitals

_LOOK = 1.0  # seconds between two looks at what is due
_SHORTEST_PAUSE, _LONGEST_PAUSE = 60.0, 3600.0  # seconds a rep whose cycle broke is left alone: doubled each time
_STORE_PAUSE = 10.0  # where it was the store that failed
_JITTER = 0.1  # of the time between two cycles, so that those who began together do not stay together


def run(
    load: Callable[[], Settings],
    clock: Callable[[], datetime],
    open_store: Callable[[Settings], Store],
    serve: Serve = lambda _: contextlib.nullcontext(),
    *,
    hands: int = 8,
) -> int:
    """As ``followsync.daemon.run``, for a store on PostgreSQL that others work at too. ``hands``: how many cycles at a time
    that do not wait for others (see ``followsync.hands``)."""
    with Bell() as bell, ThreadPoolExecutor(hands * SPARE, "rep") as pool:
        worker = Worker(load, clock, open_store, serve=serve, waiter=bell, pool=pool, hands=hands)
        with signals(worker):
            return worker.run()


@dataclass(slots=True)
class _Hand:
    """One cycle that runs here."""

    lease: Lease
    running: Future[Report | None]


@dataclass(slots=True)
class _Known:
    """What this worker remembers of a rep. ``told``: what was last said of its targets; ``knock``: try again where a login was refused."""

    told: dict[str, str] = field(default_factory=dict)
    knock: bool = False


@dataclass(slots=True)
class _Shared(Vitals):
    """As all workers together are: each rep's last cycle may have been another one's."""

    standings: Callable[[], Iterable[Standing]] = tuple
    every: Callable[[], float] = float
    _asked: float = float("-inf")
    _late: dict[str, float] = field(default_factory=dict)

    def since_cycle(self, rep: str) -> float:
        """By when the next one is due. Where the store does not answer, that is told elsewhere."""
        if self.elapsed() - self._asked > _LOOK:
            with contextlib.suppress(StoreError):
                self._late = {one.rep: max(0.0, self.every() - one.due) for one in self.standings()}
            self._asked = self.elapsed()
        return self._late.get(rep, 0.0)


class Worker:
    """The loop itself. ``waiter``, ``pool``, ``work``, ``notifier`` and ``jitter`` (a number from 0 to 1) are what tests put others for."""

    def __init__(
        self,
        load: Callable[[], Settings],
        clock: Callable[[], datetime],
        open_store: Callable[[Settings], Store],
        *,
        waiter: Waiter,
        pool: Executor,
        hands: int,
        serve: Serve = lambda _: contextlib.nullcontext(),
        work: Work = one_cycle,
        notifier: Notifier | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._load, self._clock, self._open_store = load, clock, open_store
        self._waiter, self._pool, self._hands, self._jitter = waiter, pool, Hands(hands), jitter
        self._serve, self._work = serve, work
        self._vitals = _Shared(waiter.elapsed, every=lambda: self._settings.sync.every.total_seconds())
        self._notifier = notifier or Notifier()
        self._log = log.events()
        self._stopping = self._reloading = False
        self._busy: dict[str, _Hand] = {}
        self._known: dict[str, _Known] = {}
        self._store_trouble = self._status = ""
        self._enrolled = False
        self._others: list[str] = []  # reps of the store whom our config does not have
        self._looked = self._petted = float("-inf")

    # -- from outside

    def stop(self) -> None:
        self._stopping = True
        self._waiter.ring()

    def reload(self) -> None:
        self._reloading = True
        self._waiter.ring()

    def run(self) -> int:
        """1. Read the config, open the store, tell systemd. 2. Until stopped: take in what ended, take what is due, rest. 3. Let each
        cycle finish the write it is at, and give back what is left of it."""
        with contextlib.ExitStack() as held:
            try:
                self._settings = self._load()
                self._hands.servers = self._settings.servers
                self._store = self._open_store(self._settings)
                held.callback(self._store.close)
                self._leases = self._store.leases
                self._vitals.standings = self._leases.show
                held.enter_context(self._serve(Inside(lambda: self._settings, self._store, self._clock, self._vitals)))
            except FollowSyncError as error:
                self._notifier.send(STATUS=f"Cannot begin: {error}")
                raise
            self._notifier.send(READY=1)
            self._log.info("started", worker=self._leases.holder, reps=len(self._settings.reps), hands=self._hands.number)
            while not self._stopping:
                self._round()
                self._waiter.wait(_LOOK)
            self._drain()
        return 0

    # -- the loop

    def _round(self) -> None:
        if self._reloading:
            self._reloading = False
            self._reload()
        self._collect()
        self._take()
        self._tell_status()

    def _take(self) -> None:
        """Now and then what others wrote is looked for; what is due, each time that a hand is free."""
        elapsed = self._waiter.elapsed()
        free = self._hands.free(elapsed)
        look = elapsed - self._looked >= _LOOK
        if not (free or look):
            return
        try:
            if not self._enrolled:
                self._others = self._leases.enrol(self._settings.reps)
                self._enrolled = True
            if look:
                self._looked = elapsed
                self._leases.notice()
            leases = self._claimed(free, elapsed) if free else []
        except StoreError as error:
            if self._store_trouble != str(error):
                self._store_trouble = str(error)
                self._log.error("the store does not answer", failure=error)
            return
        if self._store_trouble:
            self._store_trouble = ""
            self._log.info("the store answers again")
        self._pet()
        for lease in leases:
            if lease.rep in self._settings.reps:
                self._begin(lease)
            else:
                self._leave(lease)

    def _claimed(self, free: int, elapsed: float) -> list[Lease]:
        """Those of slow servers after all others: they are due for ever."""
        last = self._hands.last(elapsed)
        leases = self._leases.claim(free, [*self._others, *last])
        if last and len(leases) < free:
            leases += self._leases.claim(free - len(leases), [*self._others, *self._hands.never(elapsed)])
        return leases

    def _leave(self, lease: Lease) -> None:
        """Another worker has read a config with a rep whom ours does not have yet, or any more."""
        self._others.append(lease.rep)
        with contextlib.suppress(StoreError):  # then it ends by itself
            self._leases.finish(lease, 0.0, good=True)

    def _begin(self, lease: Lease) -> None:
        settings, known = self._settings, self._known.setdefault(lease.rep, _Known())
        knock, known.knock = known.knock, False
        self._log.debug("cycle begins", rep=lease.rep, fence=lease.fence)
        running = self._pool.submit(lambda: self._do(settings, lease, knock=knock))
        self._busy[lease.rep] = _Hand(lease, running)
        self._hands.began(lease.rep, self._waiter.elapsed())
        running.add_done_callback(lambda _: self._waiter.ring())

    def _do(self, settings: Settings, lease: Lease, *, knock: bool) -> Report | None:
        """One cycle, and the word when the next is due. None where it was stopped."""
        store = self._store.held(lease)
        with self._leases.kept(lease):
            try:
                if knock:
                    try_logins(store, lease.rep)
                report = self._work(settings, lease.rep, store, self._clock(), self._between_writes)
                with store.reading() as tx:
                    states = tx.target_states(lease.rep)
                self._vitals.ended(lease.rep, report, states)
            except Stopped:
                self._leases.finish(lease, 0.0, good=True)  # for another worker, at once
                return None
            except LeaseLost:
                raise
            except StoreError:
                with contextlib.suppress(StoreError):  # then it ends by itself
                    self._leases.finish(lease, _STORE_PAUSE, good=False)  # no fault of the rep's, and soon over
                raise
            except Exception:
                with contextlib.suppress(StoreError):
                    self._leases.finish(lease, self._pause(lease.tries), good=False)
                raise
            self._leases.finish(lease, self._every(), good=True)
            return report

    def _between_writes(self, _target: str, _done: int, _total: int) -> None:
        if self._stopping:
            raise Stopped

    def _collect(self) -> None:
        for key, hand in list(self._busy.items()):
            if not hand.running.done():
                continue
            del self._busy[key]
            self._hands.ended(key, self._waiter.elapsed())
            known = self._known.setdefault(key, _Known())
            failure = hand.running.exception()
            if failure is None:
                if report := hand.running.result():
                    tell_report(self._log.bind(rep=key), report, known.told)
                self._log.debug("cycle ended", rep=key, fence=hand.lease.fence)
            elif isinstance(failure, LeaseLost):
                self._log.warning("another worker took the rep over", rep=key, fence=hand.lease.fence)
            else:
                self._vitals.broke(key, failure)
                self._log.error("the cycle broke", rep=key, fence=hand.lease.fence, failure=failure)

    def _every(self) -> float:
        return self._settings.sync.every.total_seconds() * (1 + _JITTER * self._jitter())

    def _pause(self, tries: int) -> float:
        shortest = max(_SHORTEST_PAUSE, self._settings.sync.every.total_seconds())
        return float(min(max(_LONGEST_PAUSE, shortest), shortest * 2 ** min(max(tries - 1, 0), 10)))

    def _pet(self) -> None:
        limit, now = self._notifier.watchdog, self._waiter.elapsed()
        if limit is not None and now - self._petted >= limit / 3:
            self._petted = now
            self._notifier.send(WATCHDOG=1)

    def _drain(self) -> None:
        self._notifier.send(STOPPING=1, STATUS="Finishing the writes at hand")
        self._log.info("stopping", cycles=len(self._busy))
        while self._busy:
            self._waiter.wait(_LOOK)
            self._pet()
            self._collect()

    # -- the config

    def _reload(self) -> None:
        """A wrong config changes nothing: all its problems are told, and the old one stays."""
        self._notifier.send(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
        try:
            new = self._load()
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("the new config is wrong, the old one stays", problem=str(problem))
        else:
            old = self._settings
            if new.store != old.store:
                self._log.warning("this key needs a restart to change; the old value stays", key="store")
            self._settings = new.model_copy(update={"store": old.store, "feed": new.feed.model_copy(update={"listen": old.feed.listen})})
            self._hands.servers = new.servers
            forget_refusals()
            self._known = {key: known for key, known in self._known.items() if key in new.reps}
            for key in new.reps:
                self._known.setdefault(key, _Known()).knock = True
            self._enrolled = False
            with contextlib.suppress(StoreError):  # what is due is done in its time
                try_logins_again(self._store, new.reps)
                self._leases.due_now(new.reps)
            self._log.info("reloaded", reps=len(new.reps), targets=len(new.targets))
        self._status = ""
        self._notifier.send(READY=1)

    # -- telling

    def _tell_status(self) -> None:
        status = f"{len(self._settings.reps)} reps, {len(self._busy)} of {self._hands.number} hands busy"
        status += "; the store does not answer" if self._store_trouble else ""
        if status != self._status:
            self._status = status
            self._notifier.send(STATUS=status)
