"""The daemon: a cycle of every rep every few minutes, at once when somebody wrote to the store, and no fault that takes others along.

One thread looks after the time, the signals and systemd; each rep's cycle runs in a thread of its own, so that a slow server holds up
nobody else; the web server, where there is one, has its own too. All that is due is kept as a time the loop asks for; there are no timers.
"""

from __future__ import annotations

import contextlib
import os
import random
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import FrameType
from typing import Any, Protocol

from followsync import log
from followsync.busy_cycle import try_logins_again
from followsync.calendars import forget_refusals
from followsync.config import Settings
from followsync.cycle import Cycle, Report
from followsync.errors import ConfigError, FollowSyncError, StoreError
from followsync.store import Store
from followsync.systemd_notify import Notifier
from followsync.target_cycle import Stopped
from followsync.vitals import Inside, Vitals

_LOOK = 1.0  # seconds between two looks at the store
_THREADS = 32
_SHORTEST_PAUSE, _LONGEST_PAUSE = 60.0, 3600.0  # seconds a rep whose cycle broke is left alone: doubled each time
_SOONEST = 30.0  # seconds to the next look at a calendar on which something just happened; then later and later, up to the config's
_ASK_AGAIN = 60.0  # seconds after the first failure of a target: its breaker leaves it alone for so long, and then for twice as long
_JITTER = 0.1  # of the time between two cycles, so that many daemons do not ask one server at the same second

Progress = Callable[[str, int, int], None]
Work = Callable[[Settings, str, Store, datetime, Progress], Report]
Serve = Callable[[Inside], AbstractContextManager[object]]


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
    with Bell() as bell, ThreadPoolExecutor(_THREADS, "rep") as pool:
        daemon = Daemon(load, clock, open_store, serve=serve, waiter=bell, pool=pool)
        with signals(daemon):
            return daemon.run()


class Waiter(Protocol):
    """Where the loop rests. ``elapsed``: seconds on a clock that nobody sets."""

    def wait(self, seconds: float) -> None:
        """Rest until ``ring``, at most so long."""

    def ring(self) -> None:
        """From any thread or signal handler."""

    def elapsed(self) -> float: ...


class Bell:
    """A pipe: a signal handler may write into it at any moment, while an Event's lock might be held by what it interrupted."""

    def __init__(self) -> None:
        self._listening, self._ringing = os.pipe()
        for end in (self._listening, self._ringing):
            os.set_blocking(end, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)

    def __enter__(self) -> Bell:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        os.close(self._listening)
        os.close(self._ringing)

    def wait(self, seconds: float) -> None:
        if self._selector.select(max(0.0, seconds)):
            os.read(self._listening, 4096)

    def ring(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it rings already
            os.write(self._ringing, b"!")

    def elapsed(self) -> float:
        return time.monotonic()


class Signalled(Protocol):
    def stop(self) -> None: ...

    def reload(self) -> None: ...


@contextmanager
def signals(daemon: Signalled) -> Iterator[None]:
    """SIGTERM and SIGINT stop it, SIGHUP has it read its config again."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        daemon.stop()

    def reload(_number: int, _frame: FrameType | None) -> None:
        daemon.reload()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    before[signal.SIGHUP] = signal.signal(signal.SIGHUP, reload)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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


class Daemon:
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
    ) -> None:
        self._load, self._clock, self._open_store = load, clock, open_store
        self._waiter, self._pool, self._jitter = waiter, pool, jitter
        self._serve, self._vitals = serve, Vitals(waiter.elapsed)
        self._work = work or one_cycle
        self._notifier = notifier or Notifier()
        self._log = log.events()
        self._stopping = self._reloading = False
        self._reps: dict[str, _Rep] = {}
        self._status = self._store_trouble = ""
        self._seen = 0  # what others had written when we last looked
        self._petted = float("-inf")

    # -- from outside

    def stop(self) -> None:
        self._stopping = True
        self._waiter.ring()

    def reload(self) -> None:
        self._reloading = True
        self._waiter.ring()

    def run(self) -> int:
        """1. Read the config, open the store, begin to serve, tell systemd. 2. Until stopped: take in what finished, look at the store,
        begin what is due, rest. 3. Let each cycle finish the write it is at."""
        with contextlib.ExitStack() as held:
            try:
                self._settings = self._load()
                self._store = self._open_store(self._settings)
                held.callback(self._store.close)
                held.enter_context(self._serve(Inside(lambda: self._settings, self._store, self._clock, self._vitals)))
            except FollowSyncError as error:
                self._notifier.send(STATUS=f"Cannot begin: {error}")
                raise
            self._seen = self._store.others() or 0
            self._take_reps()
            self._notifier.send(READY=1)
            self._log.info("started", reps=len(self._reps), targets=len(self._settings.targets))
            while not self._stopping:
                self._round()
                self._waiter.wait(self._rest())
            self._finish()
        return 0

    # -- the loop

    def _round(self) -> None:
        if self._reloading:
            self._reloading = False
            self._reload()
        self._collect()
        self._look()
        for rep in self._reps.values():
            if rep.running is None and rep.due <= self._waiter.elapsed() and not self._stopping:
                self._begin(rep)
        self._tell_status()

    def _rest(self) -> float:
        waiting = [rep.due for rep in self._reps.values() if rep.running is None]
        return max(0.0, min([_LOOK, *(due - self._waiter.elapsed() for due in waiting)]))

    def _begin(self, rep: _Rep) -> None:
        # The next look is pushed ahead before the work begins: a cycle that breaks can never become a cycle that breaks all the time.
        rep.due = self._waiter.elapsed() + self._pause(rep.failures + 1)
        rep.again = False
        settings = self._settings
        knock, rep.knock = rep.knock, False
        rep.running = self._pool.submit(lambda: self._do(settings, rep, knock=knock))
        rep.running.add_done_callback(lambda _: self._waiter.ring())

    def _do(self, settings: Settings, rep: _Rep, *, knock: bool) -> Report:
        if knock:
            try:
                try_logins(self._store, rep.key)
            except StoreError:
                rep.knock = True
                raise
        report = self._work(settings, rep.key, self._store, self._clock(), self._between_writes)
        with self._store.reading() as tx:
            states = tx.target_states(rep.key)
        self._vitals.ended(rep.key, report, states)
        return report

    def _between_writes(self, _target: str, _done: int, _total: int) -> None:
        if self._stopping:
            raise Stopped

    def _collect(self) -> None:
        for rep in list(self._reps.values()):
            if rep.running is None or not rep.running.done():
                continue
            running, rep.running = rep.running, None
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
        return min(rep.pace, self._settings.sync.every.total_seconds()) * (1 + _JITTER * self._jitter())

    def _pause(self, failures: int) -> float:
        shortest = max(_SHORTEST_PAUSE, self._settings.sync.every.total_seconds())
        return float(min(max(_LONGEST_PAUSE, shortest), shortest * 2 ** min(failures - 1, 10)))

    def _look(self) -> None:
        """Has somebody written? And does the store answer at all: only then does systemd hear that we live."""
        try:
            others = self._store.others()
        except StoreError as error:
            if self._store_trouble != str(error):
                self._store_trouble = str(error)
                self._log.error("the store does not answer", failure=error)
            return
        if self._store_trouble:
            self._store_trouble = ""
            self._log.info("the store answers again")
        self._pet()
        if others is None or others == self._seen:
            return
        self._seen = others
        self._wake()

    def _wake(self) -> None:
        for rep in self._reps.values():
            rep.due, rep.again = self._waiter.elapsed(), True

    def _pet(self) -> None:
        limit, now = self._notifier.watchdog, self._waiter.elapsed()
        if limit is not None and now - self._petted >= limit / 3:
            self._petted = now
            self._notifier.send(WATCHDOG=1)

    def _finish(self) -> None:
        self._notifier.send(STOPPING=1, STATUS="Finishing the writes at hand")
        self._log.info("stopping")
        while any(rep.running is not None for rep in self._reps.values()):
            self._waiter.wait(_LOOK)
            self._look()
            self._collect()

    # -- the config

    def _take_reps(self) -> None:
        """All are due at once. A rep who is no longer in the config is forgotten once their cycle is over."""
        now = self._waiter.elapsed()
        leaving = {key: rep for key, rep in self._reps.items() if key not in self._settings.reps and rep.running is not None}
        self._reps = {key: self._reps.get(key) or _Rep(key, now) for key in self._settings.reps} | leaving
        with contextlib.suppress(StoreError):  # told by whatever the store is needed for; then they are tried hours later
            try_logins_again(self._store, self._reps)
        self._wake()

    def _reload(self) -> None:
        """A wrong config changes nothing: all its problems are told, and the old one stays."""
        self._notifier.send(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
        try:
            new = self._load()
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("the new config is wrong, the old one stays", problem=str(problem))
        else:
            self._settings = self._without_restart(new)
            forget_refusals()
            self._take_reps()
            for rep in self._reps.values():
                rep.knock = True
            self._log.info("reloaded", reps=len(self._reps), targets=len(self._settings.targets))
        self._status = ""
        self._notifier.send(READY=1)

    def _without_restart(self, new: Settings) -> Settings:
        """What cannot change while we run stays, and is named."""
        old = self._settings
        for key, before, after in (("store", old.store, new.store), ("feed.listen", old.feed.listen, new.feed.listen)):
            if before != after:
                self._log.warning("this key needs a restart to change; the old value stays", key=key)
        return new.model_copy(update={"store": old.store, "feed": new.feed.model_copy(update={"listen": old.feed.listen})})

    # -- telling

    def _tell_report(self, rep: _Rep, report: Report) -> None:
        tell_report(self._log.bind(rep=rep.key), report, rep.told)

    def _tell_status(self) -> None:
        failing = [f"{rep.key}/{name}" for rep in self._reps.values() for name, words in rep.told.items() if name and words]
        broken = [rep.key for rep in self._reps.values() if rep.failures]
        parts = [f"{len(self._reps)} reps, {len(self._settings.targets)} targets"]
        parts += [f"failing: {', '.join(failing)}"] if failing else []
        parts += [f"broken: {', '.join(broken)}"] if broken else []
        parts += ["the store does not answer"] if self._store_trouble else []
        status = "; ".join(parts)
        if status != self._status:
            self._status = status
            self._notifier.send(STATUS=status)


def _pace(rep: _Rep, report: Report) -> float:
    """Seconds to the next cycle. What we wrote comes back to us with the next reading, and is told as read too."""
    if any(one.read or one.created or one.updated or one.deleted for one in report.targets.values()):
        return _SOONEST
    if any(one.error and not rep.told.get(name) for name, one in report.targets.items()):
        return _ASK_AGAIN
    return rep.pace * 2


def tell_report(logger: Any, report: Report, told: dict[str, str]) -> None:
    """Write down what a cycle did. ``told``: what was last said of each target, so that it is said once."""
    for name, one in report.targets.items():
        before = told.get(name, "")
        if one.error and not (before and one.error.startswith(before)):  # while a target is left alone, more words follow the same
            logger.warning("the target fails", target=name, why=one.error)
            told[name] = one.error
        elif before and not one.error:
            logger.info("the target works again", target=name)
            del told[name]
        counts = {"created": one.created, "updated": one.updated, "deleted": one.deleted, "read": one.read}
        say = logger.info if any(counts.values()) else logger.debug
        say("cycle", target=name, **counts, requests=one.requests, pending=one.pending, quarantined=one.quarantined)
    warnings = "\n".join(report.warnings)
    if warnings and warnings != told.get(""):
        logger.warning("something needs attention", why=warnings)
    told[""] = warnings


def try_logins(store: Store, rep: str) -> None:
    """End the pause of the targets whose login was refused, or whose secret was missing: it may stand there now, and be another one."""
    with store.reading() as tx:
        refused = [state for state in tx.target_states(rep) if (state.login_needed or state.tried) and state.not_before]
    if refused:
        with store.writing() as tx:
            for state in refused:
                tx.save_target_state(replace(state, not_before=None))


def one_cycle(settings: Settings, key: str, store: Store, now: datetime, progress: Progress) -> Report:
    return Cycle(settings, key, store, now, progress=progress).run()
