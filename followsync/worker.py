"""A worker: cycles of whichever reps are due, one of as many workers on as many machines as there are.

What is due, and who has it, stands in the store (``followsync.store.leases``); a worker remembers nothing that another one needs. Each
takes only as many reps as it has hands for, the longest due first.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from followsync.busy_cycle import try_logins_again
from followsync.config import Settings
from followsync.cycle import Report
from followsync.errors import LeaseLost, StoreError
from followsync.hands import SPARE, Hands
from followsync.loop import LOOK, Around, Bell, Loop, Serve, Waiter, Work, one_cycle, signals, tell_report, try_logins
from followsync.moment import Stopped
from followsync.store import Store
from followsync.store.leases import Lease, Standing
from followsync.systemd_notify import Notifier
from followsync.vitals import Vitals

_STORE_PAUSE = 10.0  # where it was the store that failed


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
        if self.elapsed() - self._asked > LOOK:
            with contextlib.suppress(StoreError):
                self._late = {one.rep: max(0.0, self.every() - one.due) for one in self.standings()}
            self._asked = self.elapsed()
        return self._late.get(rep, 0.0)


class Worker(Loop):
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
        shared = _Shared(waiter.elapsed, every=lambda: self._settings.sync.every.total_seconds())
        super().__init__(Around(load, clock, open_store, waiter, pool, serve, work, notifier or Notifier(), jitter), shared)
        self._shared, self._hands = shared, Hands(hands)
        self._busy: dict[str, _Hand] = {}
        self._known: dict[str, _Known] = {}
        self._enrolled = False
        self._others: list[str] = []  # reps of the store whom our config does not have
        self._looked = float("-inf")

    def _opened(self) -> None:
        self._hands.servers = self._settings.servers
        self._leases = self._store.leases
        self._shared.standings = self._leases.show

    def _begun(self) -> dict[str, Any]:
        return {"worker": self._leases.holder, "reps": len(self._settings.reps), "hands": self._hands.number}

    def _under_way(self) -> int:
        return len(self._busy)

    # -- the loop

    def _turn(self) -> None:
        """Now and then what others wrote is looked for; what is due, each time that a hand is free."""
        elapsed = self._waiter.elapsed()
        free = self._hands.free(elapsed)
        look = elapsed - self._looked >= LOOK
        if not (free or look):
            return
        for lease in self._asked(lambda: self._taken(free, elapsed, look=look)) or ():
            if lease.rep in self._settings.reps:
                self._begin(lease)
            else:
                self._leave(lease)

    def _taken(self, free: int, elapsed: float, *, look: bool) -> list[Lease]:
        if not self._enrolled:
            self._others = self._leases.enrol(self._settings.reps)
            self._enrolled = True
        if look:
            self._looked = elapsed
            self._leases.notice()
        return self._claimed(free, elapsed) if free else []

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
        running = self._around.pool.submit(lambda: self._do(settings, lease, knock=knock))
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
                report = self._around.work(settings, lease.rep, store, self._around.clock(), self._between_writes)
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
        return self._jittered(self._settings.sync.every.total_seconds())

    # -- the config

    def _take_over(self) -> None:
        reps = self._settings.reps
        self._hands.servers = self._settings.servers
        self._known = {key: known for key, known in self._known.items() if key in reps}
        for key in reps:
            self._known.setdefault(key, _Known()).knock = True
        self._enrolled = False
        with contextlib.suppress(StoreError):  # what is due is done in its time
            try_logins_again(self._store, reps)
            self._leases.due_now(reps)

    # -- telling

    def _words(self) -> str:
        return f"{len(self._settings.reps)} reps, {len(self._busy)} of {self._hands.number} hands busy"
