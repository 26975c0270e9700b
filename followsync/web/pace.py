"""How often one page may tell something: a thumb is never that fast, and a script that found an address should not fill the store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import ceil

_AT_ONCE = 60
_PER_SECOND = 1.0


class Pace:
    """A bucket of tokens for each name. ``elapsed``: seconds on a clock that nobody sets."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, name: str) -> int:
        """0 where it may go ahead, which is counted; else the seconds until it may."""
        now = self._elapsed()
        with self._lock:
            left, at = self._left.get(name, (float(_AT_ONCE), now))
            left = min(float(_AT_ONCE), left + (now - at) * _PER_SECOND)
            may = left >= 1
            self._left[name] = left - may, now
        return 0 if may else max(1, ceil((1 - left) / _PER_SECOND))
