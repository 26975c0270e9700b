"""How the hands of a daemon or a worker are shared among servers, so that those who have to do with a slow one do not keep the others
waiting. Pure: whoever asks says what time it is, in seconds on a clock that nobody sets.

A hand that has been at one cycle for a while only waits, for a server or for its turn to ask one. It costs next to nothing, so it counts no
longer, and another one takes its place.
See docs/decisions/0061-calls-are-counted-in-the-store.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

WAITS = 5.0  # seconds after which a cycle is one that waits
SPARE = 4  # times as many threads as hands


@dataclass(slots=True)
class Hands:
    """``number``: cycles at a time that do not wait. ``servers``: by rep, those that their cycle asks."""

    number: int
    servers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _began: dict[str, float] = field(default_factory=dict)
    _at: dict[str, frozenset[str]] = field(default_factory=dict)
    _slow: set[str] = field(default_factory=set)

    def began(self, rep: str, now: float) -> None:
        self._began[rep], self._at[rep] = now, self.servers.get(rep, frozenset())

    def ended(self, rep: str, now: float) -> None:
        """Whether its servers are slow is what the last cycle showed that had to do with them."""
        began, at = self._began.pop(rep), self._at.pop(rep)
        if now - began >= WAITS:
            self._slow |= at
        else:
            self._slow -= at

    def free(self, now: float) -> int:
        """How many cycles may begin."""
        waiting = len(self._waiting(now))
        return max(0, min(self.number - (len(self._began) - waiting), self.number * SPARE - len(self._began)))

    def last(self, now: float) -> frozenset[str]:
        """Reps of slow servers that have half of the hands already: whoever else is due goes first."""
        held = Counter(one for at in self._at.values() for one in at)
        slow = self._slow.union(*(self._at[rep] for rep in self._waiting(now)))
        return self._of({one for one in slow if held[one] * 2 >= self.number})

    def never(self, now: float) -> frozenset[str]:
        """Reps of servers that keep as many hands waiting as there are: nobody more is sent there."""
        held = Counter(one for rep in self._waiting(now) for one in self._at[rep])
        return self._of({one for one, number in held.items() if number >= self.number})

    def _waiting(self, now: float) -> list[str]:
        return [rep for rep, began in self._began.items() if now - began >= WAITS]

    def _of(self, servers: Iterable[str]) -> frozenset[str]:
        some = frozenset(servers)
        return frozenset(rep for rep, at in self.servers.items() if at & some) if some else frozenset()
