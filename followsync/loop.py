"""What the one daemon and each of several workers have in common: the rest between two looks, signals, systemd, a config that is read
again, a store that is away for a while, and an end at which each cycle finishes the write it is at.
"""

from __future__ import annotations

import contextlib
import os
import random
import selectors
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from types import FrameType
from typing import Any, Protocol, TypeVar

from followsync import log
from followsync.calendars import forget_refusals
from followsync.config import Settings
from followsync.cycle import Cycle, Report
from followsync.errors import ConfigError, FollowSyncError, StoreError
from followsync.moment import Stopped
from followsync.store import Store
from followsync.systemd_notify import Notifier
from followsync.vitals import Inside, Vitals

LOOK = 1.0  # seconds between two looks at the store
_SHORTEST_PAUSE, _LONGEST_PAUSE = 60.0, 3600.0  # seconds a rep whose cycle broke is left alone: doubled each time
_JITTER = 0.1  # of the time between two cycles, so that those who began together do not ask one server at the same second

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
Work = Callable[[Settings, str, Store, datetime, Progress], Report]
Serve = Callable[[Inside], AbstractContextManager[object]]


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


@dataclass(frozen=True, slots=True)
class Around:
    """What a loop is put into; all but the first three are what tests put others for. ``jitter`` gives a number from 0 to 1."""

    load: Callable[[], Settings]
    clock: Callable[[], datetime]
    open_store: Callable[[Settings], Store]
    waiter: Waiter
    pool: Executor
    serve: Serve
    work: Work
    notifier: Notifier
    jitter: Callable[[], float] = random.random


class Loop(ABC):
    """The loop of ``Daemon`` and of ``Worker``, which say what is to be done in each turn."""

    _settings: Settings
    _store: Store

    def __init__(self, around: Around, vitals: Vitals) -> None:
        self._around, self._waiter, self._notifier, self._vitals = around, around.waiter, around.notifier, vitals
        self._log = log.events()
        self._stopping = self._reloading = False
        self._status = self._store_trouble = ""
        self._petted = float("-inf")

    # -- what each of them says

    @abstractmethod
    def _opened(self) -> None:
        """The store is open, and nothing is served yet."""

    @abstractmethod
    def _begun(self) -> dict[str, Any]:
        """Before the first turn; what to write down of it."""

    @abstractmethod
    def _collect(self) -> None:
        """Take in what ended."""

    @abstractmethod
    def _turn(self) -> None:
        """Begin what is due."""

    def _rest(self) -> float:
        return LOOK

    @abstractmethod
    def _under_way(self) -> int:
        """How many cycles are running."""

    @abstractmethod
    def _take_over(self) -> None:
        """Another config is ours from now on."""

    @abstractmethod
    def _words(self) -> str:
        """For systemd's status."""

    # -- from outside

    def stop(self) -> None:
        self._stopping = True
        self._waiter.ring()

    def reload(self) -> None:
        self._reloading = True
        self._waiter.ring()

    def run(self) -> int:
        """1. Read the config, open the store, begin to serve, tell systemd. 2. Until stopped: take in what ended, begin what is due, rest.
        3. Let each cycle finish the write it is at."""
        with contextlib.ExitStack() as held:
            try:
                self._settings = self._around.load()
                self._store = self._around.open_store(self._settings)
                held.callback(self._store.close)
                self._opened()
                held.enter_context(self._around.serve(Inside(lambda: self._settings, self._store, self._around.clock, self._vitals)))
            except FollowSyncError as error:
                self._notifier.send(STATUS=f"Cannot begin: {error}")
                raise
            begun = self._begun()
            self._notifier.send(READY=1)
            self._log.info("started", **begun)
            while not self._stopping:
                self._round()
                self._waiter.wait(self._rest())
            self._drain()
        return 0

    def _round(self) -> None:
        if self._reloading:
            self._reloading = False
            self._reload()
        self._collect()
        self._turn()
        self._tell_status()

    def _drain(self) -> None:
        self._notifier.send(STOPPING=1, STATUS="Finishing the writes at hand")
        self._log.info("stopping", cycles=self._under_way())
        while self._under_way():
            self._waiter.wait(LOOK)
            self._pet()
            self._collect()

    def _between_writes(self, _target: str, _done: int, _total: int) -> None:
        if self._stopping:
            raise Stopped

    # -- how long

    def _jittered(self, seconds: float) -> float:
        return seconds * (1 + _JITTER * self._around.jitter())

    def _pause(self, failures: int) -> float:
        """Seconds that a rep is left alone whose cycle broke so many times in a row."""
        shortest = max(_SHORTEST_PAUSE, self._settings.sync.every.total_seconds())
        return float(min(max(_LONGEST_PAUSE, shortest), shortest * 2 ** min(max(failures - 1, 0), 10)))

    # -- the store

    def _asked(self, ask: Callable[[], T]) -> T | None:
        """What the store answers; None where it does not, which is told once. Only while it answers systemd hears that we live."""
        try:
            found = ask()
        except StoreError as error:
            if self._store_trouble != str(error):
                self._store_trouble = str(error)
                self._log.error("the store does not answer", failure=error)
            return None
        if self._store_trouble:
            self._store_trouble = ""
            self._log.info("the store answers again")
        self._pet()
        return found

    def _pet(self) -> None:
        limit, now = self._notifier.watchdog, self._waiter.elapsed()
        if limit is not None and now - self._petted >= limit / 3:
            self._petted = now
            self._notifier.send(WATCHDOG=1)

    # -- the config

    def _reload(self) -> None:
        """A wrong config changes nothing: all its problems are told, and the old one stays."""
        self._notifier.send(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
        try:
            new = self._around.load()
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("the new config is wrong, the old one stays", problem=str(problem))
        else:
            self._settings = self._without_restart(new)
            forget_refusals()
            self._take_over()
            self._log.info("reloaded", reps=len(self._settings.reps), targets=len(self._settings.targets))
        self._status = ""
        self._notifier.send(READY=1)

    def _without_restart(self, new: Settings) -> Settings:
        """What cannot change while we run stays, and is named."""
        old = self._settings
        for key, before, after in (("store", old.store, new.store), ("feed.listen", old.feed.listen, new.feed.listen)):
            if before != after:
                self._log.warning("this key needs a restart to change; the old value stays", key=key)
        return new.model_copy(update={"store": old.store, "feed": new.feed.model_copy(update={"listen": old.feed.listen})})

    def _tell_status(self) -> None:
        status = self._words() + ("; the store does not answer" if self._store_trouble else "")
        if status != self._status:
            self._status = status
            self._notifier.send(STATUS=status)


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
