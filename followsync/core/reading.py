"""What is remembered of a busy source between cycles: what was last read of it, where, and how it fares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from followsync.core.workdays import BusyTime


@dataclass(frozen=True, slots=True)
class BusyReading:
    """``at``: when it was last read, None where it never was; ``times`` is what was read then, of the time from ``start`` to ``end``,
    without labels: what somebody's private appointments are called is not kept. ``origin``: tells which calendars that were; those of
    another address are nobody's appointments.

    ``error``: what the last try said, "" where it went well. ``failures`` in a row and ``not_before`` are the breaker, ``login_needed``
    waits for a person, as with a target. ``requests``: what the last look cost.

    ``places``: name and address of its calendars; ``version``: of the text that was read, a short digest of its address, its ETag and its
    Last-Modified. Both spare requests and reading, and are believed for a day from ``found``.
    """

    rep: str
    source: str
    at: datetime | None = None
    origin: str = ""
    error: str = ""
    times: tuple[BusyTime, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    failures: int = 0
    not_before: datetime | None = None
    login_needed: bool = False
    requests: int = 0
    places: tuple[tuple[str, str], ...] = ()
    version: tuple[str, str, str] = ("", "", "")
    found: datetime | None = None

    def covers(self, start: datetime, end: datetime) -> bool:
        return self.start is not None and self.end is not None and self.start <= start and end <= self.end

    def between(self, start: datetime, end: datetime) -> tuple[BusyTime, ...]:
        """What of it lies there, called after the source."""
        return tuple(replace(one, label=self.source, source=self.source) for one in self.times if one.start < end and one.end > start)
