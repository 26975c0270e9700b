"""Where the next try goes after those that were not answered: another weekday, another part of the day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from followsync.core.cadence import Window
from followsync.core.workdays import RepRules

_BAND = 2  # hours
_ANOTHER_WEEKDAY = 10  # days within which another weekday than that of the last tries is looked for


def other_weekday(base: date, tries: list[datetime], rep: RepRules) -> date:
    """The first working day from ``base`` on that is of another weekday than the last two tries, or at least than the last one: a wait of
    six days would else go to and fro between two. A rep who works on one weekday only keeps it."""
    days = rep.workdays
    near = [day for n in range(_ANOTHER_WEEKDAY) if days.works(day := base + timedelta(days=n))]
    for last in (tries[-2:], tries[-1:]):
        if found := next((day for day in near if day.weekday() not in {one.weekday() for one in last}), None):
            return found
    return days.next_day(base)


def bands(rep: RepRules, day: date, window: Window | None, minutes: int) -> list[Window]:
    """The day's hours in stretches of two hours, as far as they lie inside the window and leave room."""
    stretches = [
        Window(time(hour, hours.start.minute), time(hour + _BAND, hours.start.minute))
        for hours in rep.workdays.hours.get(day.weekday(), ())
        for hour in range(hours.start.hour, hours.end.hour - 1, _BAND)
        if hour + _BAND < 24
    ]
    if window is None:
        return stretches
    cut = [(max(one.start, window.start), min(one.end, window.end)) for one in stretches]
    return [Window(start, end) for start, end in cut if _minutes(end) - _minutes(start) >= minutes]


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def other_band(tries: list[time], choice: list[Window]) -> Window | None:
    """One after the other with each try, and never the last one again. Where the tries were made decides nothing else: a rep who always
    answers at noon gets other hours all the same."""
    if len(choice) < 2:
        return None
    turn = len(tries) % len(choice)
    again = choice[turn].start <= tries[-1] < choice[turn].end
    return choice[(turn + again) % len(choice)]
