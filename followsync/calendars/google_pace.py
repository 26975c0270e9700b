"""No more calls than Google takes: of one account, and of one project, in this process or, where a store is shared, in all of them.

The quota page of May 2026 names 600 calls a minute for a user of a project and 10,000 for the project, in a window that slides.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

from followsync.calendars.google_login import GoogleLogin
from followsync.core.pace import Limits, Pace, Pouch, Shared
from followsync.errors import Unavailable

ACCOUNT = Pace(8.0, 60.0)  # at most 540 in any minute
# Of an account that is shared 515, and what each process that has it in that minute calls without asking the others: 12 at most. A quiet
# cycle calls twice, so it costs the store nothing. An account has one cycle at a time, so it is one process mostly.
SHARED_ACCOUNT, UNASKED = Pace(7.0, 60.0), Pace(0.1, 6.0)
_PATIENCE = 30.0  # seconds that a cycle waits for its turn; then its target is left alone for
_LATER = 60.0  # and up to as many more, so that those who are turned away together do not come back together


def project_pace(a_minute: int) -> Pace:
    """At most 96 % of that in any minute."""
    return Pace(a_minute * 0.014, max(1.0, a_minute * 0.05))


class Taken(Protocol):
    def take(self, calls: int) -> None:
        """Wait until so many calls may be made. Raises Unavailable where that would be too long."""


@dataclass(slots=True)
class Bucket:
    """Of this process, shared by all its threads. ``now`` and ``wait`` in seconds."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], object] = time.sleep
    pace: Pace = ACCOUNT
    _left: float | None = None
    _since: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, calls: int) -> None:
        with self._lock:
            now = self.now()
            self._left = self._held(now) - calls
            self._since = now
            lacking = self.pace.wait(self._left)
        if lacking > 0:
            self.wait(lacking)

    def spare(self, calls: int) -> bool:
        """Take so many where they are there at once."""
        with self._lock:
            now = self.now()
            left = self._held(now)
            if left >= calls:
                self._left, self._since = left - calls, now
            return left >= calls

    def _held(self, now: float) -> float:
        return self.pace.at_once if self._left is None else self.pace.refilled(self._left, now - self._since)


@dataclass(slots=True)
class SharedBucket:
    """Of all processes; this one takes a few tokens in advance. ``unasked``: what it may use without asking. ``jitter`` gives a number from
    0 to 1."""

    name: str
    what: str
    shared: Shared
    pace: Pace
    unasked: Bucket | None = None
    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], object] = time.sleep
    jitter: Callable[[], float] = random.random
    _pouch: Pouch = field(default_factory=Pouch)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, calls: int) -> None:
        if self.unasked and self.unasked.spare(calls):
            return
        with self._lock:  # one thread asks for all that want the same
            now = self.now()
            pouch = self._pouch
            if pouch.good(now) < calls:
                pouch = self._filled(pouch.wants(self.pace, calls, now), calls)
                now = self.now()
            self._pouch = Pouch(pouch.left - calls, pouch.block, pouch.ready)
            lacking = pouch.ready - now
        if lacking > 0:
            self.wait(lacking)

    def _filled(self, pouch: Pouch, calls: int) -> Pouch:
        number = pouch.lacks(calls)
        wait = self.shared.take(self.name, self.pace, number, _PATIENCE)
        if wait is None:
            raise Unavailable(
                f"All of FollowSync together asks as much as Google lets this {self.what} ask (docs/howto/limits.md); it is tried again "
                "later.",
                _LATER * (1 + self.jitter()),
            )
        return Pouch(pouch.left + number, pouch.block, self.now() + wait)


@dataclass(frozen=True, slots=True)
class Both:
    """Each call counts for the account and for its project."""

    account: Taken
    project: Taken

    def take(self, calls: int) -> None:
        self.account.take(calls)
        self.project.take(calls)


_accounts: WeakKeyDictionary[GoogleLogin, Bucket] = WeakKeyDictionary()
_projects: dict[tuple[str, int], Bucket] = {}
_shared: WeakKeyDictionary[Shared, dict[tuple[str, int], SharedBucket]] = WeakKeyDictionary()
_lock = threading.Lock()


def bucket_of(login: GoogleLogin, limits: Limits) -> Both:
    """The same buckets each time."""
    pace, account, project = project_pace(limits.google), (f"google account {login.account}", 0), (login.project, limits.google)
    with _lock:
        if limits.shared is None:
            return Both(_accounts.setdefault(login, Bucket()), _projects.setdefault(project, Bucket(pace=pace)))
        known = _shared.setdefault(limits.shared, {})
        if account not in known:
            unasked = Bucket(pace=UNASKED)
            known[account] = SharedBucket(account[0], "account", limits.shared, SHARED_ACCOUNT, unasked)
        if project not in known:
            known[project] = SharedBucket(f"google project {login.project}", "project", limits.shared, pace)
        return Both(known[account], known[project])
