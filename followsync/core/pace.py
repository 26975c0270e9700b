"""How many calls may be made of what others count: a bucket of tokens, refilled by time, and a few of them taken in advance. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

KEPT = 5.0  # seconds that what was taken in advance is good for: a window of others slides, and ours must not be saved up
_PART = 8  # at most so large a part of a bucket is taken in advance


@dataclass(frozen=True, slots=True)
class Pace:
    """``per_second`` calls on average, ``at_once`` of them where nobody called for a while."""

    per_second: float
    at_once: float

    def refilled(self, tokens: float, seconds: float) -> float:
        """What is in the bucket so long after ``tokens`` were. A clock that was set back refills nothing."""
        return min(self.at_once, tokens + max(0.0, seconds) * self.per_second)

    def wait(self, tokens: float) -> float:
        """Seconds until a bucket with so many has none missing: less than none, where more were taken than there were."""
        return max(0.0, -tokens / self.per_second)

    def most(self, seconds: float) -> float:
        """Calls in any span of that length, counting what was taken in advance before it began."""
        return self.at_once + self.per_second * (seconds + KEPT)


@dataclass(frozen=True, slots=True)
class Pouch:
    """What one process has taken in advance, so that not each call asks the bucket of all. ``left`` may be used from ``ready`` on, on the
    process's own clock; ``block``: how many are taken at a time, which follows how many are used."""

    left: int = 0
    block: int = 0
    ready: float = float("-inf")

    def good(self, now: float) -> int:
        return self.left if now - self.ready < KEPT else 0

    def wants(self, pace: Pace, calls: int, now: float) -> Pouch:
        """The one that is to be filled for ``calls`` more than there are: twice as much at a time as before where that was used up while
        it was good, half as much where most of it was not."""
        largest = max(1, int(pace.at_once / _PART))
        block = self.block // 2 if self.left * 2 > self.block else self.block
        if now - self.ready < KEPT:
            block = min(largest, self.block * 2)
        return replace(self, left=self.good(now), block=max(1, block))

    def lacks(self, calls: int) -> int:
        """How many to take for them: a block, or as many as are needed. Zero where there are enough."""
        return max(self.block, calls - self.left) if calls > self.left else 0


class Shared(Protocol):
    """Buckets that all processes on all machines take from."""

    def take(self, name: str, pace: Pace, calls: int, patience: float) -> float | None:
        """Take so many, and answer the seconds until they may be used; None where that would be more than ``patience``: then nothing was
        taken."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``google``: calls a minute that Google lets one project make. ``shared``: where calls are counted for all processes; None where this
    one counts for itself."""

    google: int = 10_000
    shared: Shared | None = None


ALONE = Limits()
