"""What the daemon lets others see of it while it runs: its figures, its settings, its store. No prospect is in any of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from followsync.core.target import TargetState
from followsync.errors import StoreError

if TYPE_CHECKING:
    from followsync.config import Settings
    from followsync.cycle import Report
    from followsync.store import Store

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counted since the start. ``cycles``: by rep and ``done`` or ``broke``; ``requests`` and ``pending`` (of the last cycle) by rep and
    target; ``writes`` by rep, target and ``created``, ``updated`` or ``deleted``; ``busy_requests`` by rep and source; ``errors`` by rep,
    target ("" where it was no target's) and kind: ``login``, ``held``, ``calendar``, ``store``, ``fault``."""

    cycles: Mapping[Key, int]
    requests: Mapping[Key, int]
    writes: Mapping[Key, int]
    busy_requests: Mapping[Key, int]
    errors: Mapping[Key, int]
    pending: Mapping[Key, int]


@dataclass(slots=True)
class Vitals:
    """Told by the daemon's threads, asked by others. ``elapsed``: seconds on a clock that nobody sets."""

    elapsed: Callable[[], float]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counts: dict[str, Counter[Key]] = field(default_factory=dict)
    _failures: dict[Key, int] = field(default_factory=dict)
    _ended: dict[str, float] = field(default_factory=dict)
    _began: float = 0.0

    def __post_init__(self) -> None:
        self._counts = {name: Counter() for name in ("cycles", "requests", "writes", "busy_requests", "errors", "pending")}
        self._began = self.elapsed()

    def ended(self, rep: str, report: Report, states: Iterable[TargetState]) -> None:
        """A cycle came to its end. ``states``: of the rep's targets, as it left them."""
        known = {state.target: state for state in states}
        with self._lock:
            self._ended[rep] = self.elapsed()
            self._counts["cycles"][rep, "done"] += 1
            for source, number in report.busy.items():
                self._counts["busy_requests"][rep, source] += number
            for name, one in report.targets.items():
                self._counts["requests"][rep, name] += one.requests
                self._counts["pending"][rep, name] = one.pending
                for kind, number in (("created", one.created), ("updated", one.updated), ("deleted", one.deleted)):
                    self._counts["writes"][rep, name, kind] += number
                self._failed(rep, name, known.get(name), error=bool(one.error))

    def _failed(self, rep: str, target: str, state: TargetState | None, *, error: bool) -> None:
        """A target that is only left alone for a while goes on failing without a new failure."""
        failures = state.failures if state else int(error)
        before = self._failures.get((rep, target), 0)
        self._failures[rep, target] = failures
        if error and failures != before:
            kind = "login" if state and state.login_needed else "held" if state and state.held else "calendar"
            self._counts["errors"][rep, target, kind] += 1

    def broke(self, rep: str, failure: BaseException) -> None:
        """A cycle did not come to its end."""
        with self._lock:
            self._counts["cycles"][rep, "broke"] += 1
            self._counts["errors"][rep, "", "store" if isinstance(failure, StoreError) else "fault"] += 1

    def since_cycle(self, rep: str) -> float:
        """Seconds since the rep's last cycle ended; since the start, where none has."""
        with self._lock:
            return self.elapsed() - self._ended.get(rep, self._began)

    def figures(self) -> Figures:
        """All at one moment."""
        with self._lock:
            return Figures(**{name: dict(counts) for name, counts in self._counts.items()})


@dataclass(frozen=True, slots=True)
class Inside:
    """What the daemon hands to its web server. ``settings``: those that hold now; ``clock``: an aware time."""

    settings: Callable[[], Settings]
    store: Store
    clock: Callable[[], datetime]
    vitals: Vitals
