"""What was last read of a busy source, for the time in which it cannot be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from followsync.core.workdays import BusyTime


@dataclass(frozen=True, slots=True)
class BusyReading:
    """``at``: when it was read, None where it never was. ``origin``: tells which calendars that were; those of another address are nobody's
    appointments. ``error``: what the last try said, "" where it went well. ``times`` are without labels: what somebody's private
    appointments are called is not kept."""

    rep: str
    source: str
    at: datetime | None = None
    origin: str = ""
    error: str = ""
    times: tuple[BusyTime, ...] = ()

    @classmethod
    def of(cls, rep: str, source: str, at: datetime, origin: str, times: Iterable[BusyTime]) -> BusyReading:
        return cls(rep, source, at, origin, "", tuple(replace(one, label="") for one in times))

    def between(self, start: datetime, end: datetime) -> tuple[BusyTime, ...]:
        """What of it lies there, called after the source."""
        return tuple(replace(one, label=self.source) for one in self.times if one.start < end and one.end > start)
