"""Working days and hours of one rep: weekends, holidays, leave, time zones, the turns of the clocks."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followsync.core.cadence import Duration, Shift, Unit, Window
from followsync.core.prospect import FOREVER, LONG_AGO

_NOON = time(12)
_ENOUGH = 3700  # days to look for a working day before calling the week empty: ten years of leave


@dataclass(frozen=True, slots=True)
class Workdays:
    """When a rep works. ``hours``: weekday (Monday = 0) -> the ranges worked. ``holiday``: day -> its name, or None.

    ``away`` holds (first, last) days, both inclusive. ``_known``: the days that were asked about, since a stream counted in working days
    asks about each day since it began.
    """

    zone: ZoneInfo
    hours: Mapping[int, tuple[Window, ...]]
    holiday: Callable[[date], str | None] = field(default=lambda day: None)
    away: tuple[tuple[date, date], ...] = ()
    _known: dict[date, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def why_off(self, day: date) -> str | None:
        """Why the rep does not work that day, in words, or None on a working day."""
        if not self.hours.get(day.weekday()):
            return f"{day:%A} is not worked"
        if name := self.holiday(day):
            return f"holiday: {name}"
        if any(first <= day <= last for first, last in self.away):
            return "away"
        if self.at(day, _NOON).date() != day:
            return "that day does not exist there"  # west of the date line one day, east of it the next: Samoa, 2011-12-30
        return None

    def works(self, day: date) -> bool:
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self.why_off(day) is None
        return known

    def between(self, first: date, last: date) -> int:
        """The working days after ``first``, up to and with ``last``."""
        return sum(self.works(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def next_day(self, day: date) -> date:
        """The first working day on or after ``day``."""
        return self._seek(day, 1)

    def previous_day(self, day: date) -> date:
        """The last working day on or before ``day``."""
        return self._seek(day, -1)

    def passed(self, first: date, today: date) -> int:
        """Working days that have gone by since ``first``: that one counts where it is worked, and today, which is not over, does not."""
        return sum(self.works(first + timedelta(days=n)) for n in range((today - first).days))

    def _seek(self, day: date, stride: int) -> date:
        for _ in range(_ENOUGH):
            if self.works(day):
                return day
            day += timedelta(days=stride)
        return day  # a rep who never works: the check reports it; placing must still end

    def shifted(self, day: date, shift: Shift) -> date:
        match shift:
            case Shift.NEXT:
                return self.next_day(day)
            case Shift.PREVIOUS:
                return self.previous_day(day)
            case Shift.NONE:
                return day

    def leaves(self, arrives: date, lead: Duration | None) -> date:
        """The working day on which what is to arrive on that day has to be done; that day itself where nothing travels."""
        return self.previous_day(self.add(arrives, lead, -1)) if lead else arrives

    def add(self, day: date, duration: Duration, times: int = 1) -> date:
        """``day`` plus ``times`` × ``duration`` (negative: before). Months are clamped to the month's end, counted from
        ``day`` itself, so that a 31st never drifts. Units under a day do not move the day. Never before LONG_AGO nor after FOREVER,
        so that no sum leaves the calendar."""
        day = min(max(day, LONG_AGO), FOREVER)
        count = duration.count * times
        match duration.unit:
            case Unit.DAYS:
                return _add_days(day, count)
            case Unit.WEEKS:
                return _add_days(day, 7 * count)
            case Unit.MONTHS:
                return _add_months(day, count)
            case Unit.YEARS:
                return _add_months(day, 12 * count)
            case Unit.WORKING_DAYS:
                return self._add_working_days(day, count)
            case Unit.SECONDS | Unit.MINUTES | Unit.HOURS:
                return day

    def _add_working_days(self, day: date, count: int) -> date:
        stride = 1 if count >= 0 else -1
        for _ in range(abs(count)):
            day = self._seek(day + timedelta(days=stride), stride)
            if not LONG_AGO < day < FOREVER:
                break
        return min(max(day, LONG_AGO), FOREVER)

    def at(self, day: date, clock: time) -> datetime:
        """That wall-clock time in the rep's zone. A time the clocks skip is read as the hour after the gap, so that it exists."""
        local = datetime.combine(day, clock, self.zone)
        return local.astimezone(UTC).astimezone(self.zone)


def _add_days(day: date, count: int) -> date:
    return day + timedelta(days=min(max(count, (LONG_AGO - day).days), (FOREVER - day).days))


def _add_months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not LONG_AGO.year <= year < FOREVER.year:
        return LONG_AGO if count < 0 else FOREVER
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class RepRules:
    """How one rep's actions are placed. ``blocks``: method -> weekday -> the only ranges it may stand in.

    ``buffer``: free time kept around other things. ``day_parts``: ``morning`` and the like. ``region``: ISO country code that bare phone
    numbers belong to. ``daily_page``: when the day's page begins; None for none.
    """

    rep: str
    workdays: Workdays
    capacity: int = 12
    buffer: timedelta = timedelta(minutes=10)
    blocks: Mapping[str, Mapping[int, tuple[Window, ...]]] = field(default_factory=dict)
    day_parts: Mapping[str, Window] = field(default_factory=dict)
    region: str = "US"
    daily_page: time | None = None


@dataclass(frozen=True, slots=True, order=True)
class BusyTime:
    """Time that something else takes, aware. ``label`` says what, for ``why``; it is never written anywhere. ``source``: what the config
    calls the calendar that it is of, "" where it is of none."""

    start: datetime
    end: datetime
    label: str = ""
    source: str = ""
