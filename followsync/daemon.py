"""The daemon: a cycle of every rep every few minutes, at once when somebody wrote to the store, and no fault that takes others along.

One thread looks after the time, the signals and systemd; each rep's cycle runs in a thread of its own, as many at a time as there are hands
for, and a slow server holds up nobody else (``followsync.hands``); the web server, where there is one, has its own too. All that is due is
kept as a time the loop asks for; there are no timers.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from followsync.busy_cycle import try_logins_again
from followsync.config import Settings
from followsync.cycle import Report
from followsync.errors import StoreError
from followsync.hands import SPARE, Hands
from followsync.loop import LOOK, Around, Bell, Loop, Serve, Waiter, Work, one_cycle, signals, tell_report, try_logins
from followsync.moment import Stopped
from followsync.store import Store
from followsync.systemd_notify import Notifier
from followsync.vitals import Vitals

_HANDS = 8
_SOONEST = 30.0  # seconds to the next look at a calendar on which something just happened; then later and later, up to the config's
_ASK_AGAIN = 60.0  # seconds after the first failure of a target: its breaker leaves it alone for so long, and then for twice as long


def run(
    load: Callable[[], Settings],
    clock: Callable[[], datetime],
    open_store: Callable[[Settings], Store],
    serve: Serve = lambda _: contextlib.nullcontext(),
) -> int:
    """Run until SIGTERM or SIGINT; answers the exit code, 0. To be called in the main thread, after ``followsync.log.set_up``.

    ``load`` reads the config, now and at each SIGHUP. ``clock`` gives an aware time (with ``--now``: one that began there and goes on).
    ``open_store`` opens the store that the settings name; the daemon closes it. ``serve`` answers others from within (``web.serving``).
    Raises ConfigError (exit code 78), StoreError or ListenError where it cannot even begin.
    """
    with Bell() as bell, ThreadPoolExecutor(_HANDS * SPARE, "rep") as pool:
        daemon = Daemon(load, clock, open_store, serve=serve, waiter=bell, pool=pool)
        with signals(daemon):
            return daemon.run()


@dataclass(slots=True)
class _Rep:
    """``due``: when the next cycle begins, on the waiter's clock. ``again``: something was written while a cycle was running.
    ``told``: what was last said of each target, so that it is said once. ``knock``: try again where a login was refused. ``pace``: seconds
    to the next cycle, where that is sooner than the config says."""

    key: str
    due: float
    again: bool = False
    failures: int = 0
    running: Future[Report] | None = None
    told: dict[str, str] = field(default_factory=dict)
    knock: bool = True  # whoever starts us may just have mended a password
    pace: float = float("inf")


class Daemon(Loop):
    """The loop itself. ``waiter``, ``pool``, ``work``, ``notifier`` and ``jitter`` (a number from 0 to 1) are what tests put others for."""

    def __init__(
        self,
        load: Callable[[], Settings],
        clock: Callable[[], datetime],
        open_store: Callable[[Settings], Store],
        *,
        waiter: Waiter,
        pool: Executor,
        serve: Serve = lambda _: contextlib.nullcontext(),
        work: Work | None = None,
        notifier: Notifier | None = None,
        jitter: Callable[[], float] = random.random,
        hands: int = _HANDS,
    ) -> None:
        super().__init__(
            Around(load, clock, open_store, waiter, pool, serve, work or one_cycle, notifier or Notifier(), jitter), Vitals(waiter.elapsed)
        )
        self._reps: dict[str, _Rep] = {}
        self._seen = 0  # what others had written when we last looked
        self._hands = Hands(hands)
        self._held: frozenset[str] = frozenset()  # due, and no hand is free for them

    def _opened(self) -> None:
        self._hands.servers = self._settings.servers

    def _begun(self) -> dict[str, Any]:
        self._seen = self._store.others() or 0
        self._take_reps()
        return {"reps": len(self._reps), "targets": len(self._settings.targets)}

    # -- the loop

    def _turn(self) -> None:
        self._look()
        due = [rep for rep in self._reps.values() if rep.running is None and rep.due <= self._waiter.elapsed()]
        for rep in self._in_turn(due):
            if not self._stopping and self._has_hand(rep):
                self._begin(rep)
        self._held = frozenset(rep.key for rep in due if rep.running is None)

    def _in_turn(self, due: list[_Rep]) -> list[_Rep]:
        """The longest due first; those of slow servers, which are due for ever, after all others."""
        last = self._hands.last(self._waiter.elapsed()) if due else frozenset()
        return sorted(due, key=lambda rep: (rep.key in last, rep.due))

    def _has_hand(self, rep: _Rep) -> bool:
        elapsed = self._waiter.elapsed()
        return self._hands.free(elapsed) > 0 and rep.key not in self._hands.never(elapsed)

    def _rest(self) -> float:
        """Who is held waits for a cycle that ends, which rings, or for one that turns out to wait itself."""
        waiting = [rep.due for rep in self._reps.values() if rep.running is None and rep.key not in self._held]
        return max(0.0, min([LOOK, *(due - self._waiter.elapsed() for due in waiting)]))

    def _begin(self, rep: _Rep) -> None:
        # The next look is pushed ahead before the work begins: a cycle that breaks can never become a cycle that breaks all the time.
        rep.due = self._waiter.elapsed() + self._pause(rep.failures + 1)
        rep.again = False
        settings = self._settings
        knock, rep.knock = rep.knock, False
        self._hands.began(rep.key, self._waiter.elapsed())
        rep.running = self._around.pool.submit(lambda: self._do(settings, rep, knock=knock))
        rep.running.add_done_callback(lambda _: self._waiter.ring())

    def _do(self, settings: Settings, rep: _Rep, *, knock: bool) -> Report:
        if knock:
            try:
                try_logins(self._store, rep.key)
            except StoreError:
                rep.knock = True
                raise
        report = self._around.work(settings, rep.key, self._store, self._around.clock(), self._between_writes)
        with self._store.reading() as tx:
            states = tx.target_states(rep.key)
        self._vitals.ended(rep.key, report, states)
        return report

    def _collect(self) -> None:
        for rep in list(self._reps.values()):
            if rep.running is None or not rep.running.done():
                continue
            running, rep.running = rep.running, None
            self._hands.ended(rep.key, self._waiter.elapsed())
            if rep.key not in self._settings.reps:
                del self._reps[rep.key]
            failure = running.exception()
            if failure is None:
                rep.failures = 0
                rep.pace = _pace(rep, running.result())
                rep.due = self._waiter.elapsed() + (0.0 if rep.again else self._every(rep))
                self._tell_report(rep, running.result())
            elif not isinstance(failure, Stopped):
                rep.failures += 1
                rep.due = self._waiter.elapsed() + self._pause(rep.failures)
                seconds = round(rep.due - self._waiter.elapsed())
                self._vitals.broke(rep.key, failure)
                self._log.error("the cycle broke", rep=rep.key, failure=failure, again_in_seconds=seconds)

    def _every(self, rep: _Rep) -> float:
        """A rep who answers one entry answers the next one too, and a server that is away is mostly back soon: then we look sooner, and
        later and later after that. Never later than the config says."""
        return self._jittered(min(rep.pace, self._settings.sync.every.total_seconds()))

    def _look(self) -> None:
        """Has somebody written?"""
        others = self._asked(self._store.others)
        if others is None or others == self._seen:
            return
        self._seen = others
        self._wake()

    def _wake(self) -> None:
        for rep in self._reps.values():
            rep.due, rep.again = self._waiter.elapsed(), True

    def _under_way(self) -> int:
        return sum(rep.running is not None for rep in self._reps.values())

    # -- the config

    def _take_reps(self) -> None:
        """All are due at once. A rep who is no longer in the config is forgotten once their cycle is over."""
        now = self._waiter.elapsed()
        leaving = {key: rep for key, rep in self._reps.items() if key not in self._settings.reps and rep.running is not None}
        self._reps = {key: self._reps.get(key) or _Rep(key, now) for key in self._settings.reps} | leaving
        with contextlib.suppress(StoreError):  # told by whatever the store is needed for; then they are tried hours later
            try_logins_again(self._store, self._reps)
        self._wake()

    def _take_over(self) -> None:
        self._hands.servers = self._settings.servers
        self._take_reps()
        for rep in self._reps.values():
            rep.knock = True

    # -- telling

    def _tell_report(self, rep: _Rep, report: Report) -> None:
        tell_report(self._log.bind(rep=rep.key), report, rep.told)

    def _words(self) -> str:
        failing = [f"{rep.key}/{name}" for rep in self._reps.values() for name, words in rep.told.items() if name and words]
        broken = [rep.key for rep in self._reps.values() if rep.failures]
        parts = [f"{len(self._reps)} reps, {len(self._settings.targets)} targets"]
        parts += [f"failing: {', '.join(failing)}"] if failing else []
        parts += [f"broken: {', '.join(broken)}"] if broken else []
        return "; ".join(parts)


def _pace(rep: _Rep, report: Report) -> float:
    """Seconds to the next cycle. What we wrote comes back to us with the next reading, and is told as read too."""
    if any(one.read or one.created or one.updated or one.deleted for one in report.targets.values()):
        return _SOONEST
    if any(one.error and not rep.told.get(name) for name, one in report.targets.items()):
        return _ASK_AGAIN
    return rep.pace * 2
