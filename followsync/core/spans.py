"""Moments and spans of time: days of a zone, minutes by the sun, and what lasts whole days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followsync.core.cadence import Window

_LONGEST_EVENT = 400  # days of one entry that are looked at; nobody is busy for longer
_RASTER = 5  # minutes; starts stand on :00, :05, …


def days_of(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    """Those that it touches in that zone, the first ones of what goes on and on."""
    first = start.astimezone(zone).date()
    last = max(first, (end - timedelta(microseconds=1)).astimezone(zone).date())
    last = min(last, first + timedelta(days=_LONGEST_EVENT))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def later(start: datetime, length: timedelta) -> datetime:
    """That much time after ``start``, by the sun and not by the clock on the wall, told in the zone of ``start``."""
    return (start.astimezone(UTC) + length).astimezone(start.tzinfo)


def whole_days(start: datetime, end: datetime) -> bool:
    """Both local midnights."""
    return start.time() == end.time() == time(0) and start.date() < end.date()


def overlap(one: Window, other: Window) -> Window | None:
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Window(start, end) if start < end else None


def spanning(windows: tuple[Window, ...]) -> Window | None:
    """From the first one's start to the last one's end."""
    return Window(windows[0].start, windows[-1].end) if windows else None


def size(window: Window) -> timedelta:
    """How long it is by the clock on the wall."""
    return timedelta(hours=window.end.hour - window.start.hour, minutes=window.end.minute - window.start.minute)


def on_the_raster(moment: datetime) -> datetime:
    """The next :00, :05, … on or after that moment, in UTC: every zone's offset is whole in five minutes today."""
    over = timedelta(minutes=moment.minute % _RASTER, seconds=moment.second, microseconds=moment.microsecond)
    return moment.astimezone(UTC) + (timedelta(minutes=_RASTER) - over if over else timedelta())
