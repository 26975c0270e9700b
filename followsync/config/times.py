"""Durations, clock times, windows, weekdays and days of the config.

Every reader takes what YAML gave (text, a number, anything) and raises ValueError with a sentence that says what would be right.
Every kind is written back (JSON Schema, dumps) as it stands in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema

from followsync.config.words import near, shown, text_schema
from followsync.core.cadence import Duration, Unit, Window

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = {form: unit for unit in Unit for form in (unit.value, unit.value.removesuffix("s"))}
_OTHER_NAMES = {name: Unit.WORKING_DAYS for name in ("business day", "business days", "workday", "workdays", "weekday", "weekdays")}
_SECONDS = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3600, Unit.DAYS: 86400, Unit.WEEKS: 7 * 86400}
_DAYS = {Unit.DAYS: 1, Unit.WORKING_DAYS: 1.4, Unit.WEEKS: 7, Unit.MONTHS: 30.4, Unit.YEARS: 365.25}
_MOST_DAYS = 36_525  # a hundred years: more is a slip of the finger, and would leave the calendar
_DURATION = r"[0-9]+ +({})"
_ANY_UNIT = "seconds?|minutes?|hours?|days?|weeks?"
_DAY_UNIT = "days?|working days?|weeks?|months?|years?"
_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WEEK = "(mon|tue|wed|thu|fri|sat|sun)"


# Durations


def parse_duration(value: object) -> Duration:
    """``4 working days`` as a Duration; zero is one here, and refused by those who cannot use it."""
    match = re.fullmatch(r"(-?[0-9]{1,9})\s+([a-z ]+?)", value.strip().lower()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{shown(value)} is not a duration; write a number and a unit, such as '3 days' or '30 minutes'")
    count, unit = int(match[1]), " ".join(match[2].split())
    if unit not in _UNITS:
        known = near(unit, _UNITS) or f"; known are {', '.join(one.value for one in Unit)}"
        instead = f"; write '{count} {_OTHER_NAMES[unit]}'" if unit in _OTHER_NAMES else known
        raise ValueError(f"{shown(value)} is not a duration: the unit '{unit}' is not known{instead}")
    if count < 0:
        raise ValueError(f"{shown(value)} is negative; a duration must be more than zero")
    return Duration(count, _UNITS[unit])


def _positive(value: object) -> Duration:
    duration = parse_duration(value)
    if not duration.count:
        raise ValueError(f"{shown(value)} is zero; a duration must be more than zero")
    return duration


def _whole_days(value: object) -> Duration:
    return _counted_in_days(value, _positive(value))


def _days_or_none(value: object) -> Duration:
    """``0 days``: on that very day."""
    return _counted_in_days(value, parse_duration(value))


def _days_or_off(value: object) -> Duration | None:
    return None if value == "off" or value is False else _whole_days(value)


def _counted_in_days(value: object, duration: Duration) -> Duration:
    if duration.unit not in _DAYS:
        raise ValueError(f"{shown(value)} is counted in {duration.unit}; here only days, working days, weeks, months or years make sense")
    if duration.count * _DAYS[duration.unit] > _MOST_DAYS:
        raise ValueError(f"{shown(value)} is more than a hundred years")
    return duration


def _span(value: object) -> timedelta:
    duration = _positive(value)
    if duration.unit not in _SECONDS:
        raise ValueError(f"{shown(value)} has no fixed length; here write seconds, minutes, hours, days or weeks")
    seconds = duration.count * _SECONDS[duration.unit]
    if seconds > _MOST_DAYS * 86400:
        raise ValueError(f"{shown(value)} is more than a hundred years")
    return timedelta(seconds=seconds)


def _alarm(value: object) -> int:
    seconds = int(_span(value).total_seconds())
    if seconds % 60 or seconds > 28 * 86400:  # Google takes at most 40,320 minutes (events.reminders)
        raise ValueError(f"{shown(value)} cannot be an alarm; write whole minutes, hours or days, four weeks at most")
    return seconds // 60


def _span_text(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    unit = next(unit for unit in (Unit.HOURS, Unit.MINUTES, Unit.SECONDS) if seconds % _SECONDS[unit] == 0)
    return str(Duration(seconds // _SECONDS[unit], unit))


def _alarm_text(minutes: int) -> str:
    return str(Duration(minutes, Unit.MINUTES))


Days = Annotated[
    Duration,
    PlainValidator(_whole_days),
    PlainSerializer(str),
    text_schema(_DURATION.format(_DAY_UNIT), "3 days", "4 working days", "4 months"),
]
DaysOrNone = Annotated[
    Duration,
    PlainValidator(_days_or_none),
    PlainSerializer(str),
    text_schema(_DURATION.format(_DAY_UNIT), "3 days", "4 working days", "0 days"),
]
DaysOrOff = Annotated[
    Duration | None,
    PlainValidator(_days_or_off),
    PlainSerializer(lambda days: str(days) if days else "off"),
    text_schema(f"({_DURATION.format(_DAY_UNIT)}|off)", "1 week", "5 working days", "off"),
]
Span = Annotated[
    timedelta, PlainValidator(_span), PlainSerializer(_span_text), text_schema(_DURATION.format(_ANY_UNIT), "30 seconds", "10 minutes")
]
Alarm = Annotated[
    int,
    PlainValidator(_alarm),
    PlainSerializer(_alarm_text),
    text_schema(_DURATION.format("minutes?|hours?|days?|weeks?"), "15 minutes", "1 day"),
]


@dataclass(frozen=True, slots=True)
class On:
    """What a step's ``on`` says: a date field (``contract_end``), or a time after the field that ``of`` names."""

    field: str = ""
    duration: Duration | None = None


def _on(value: object) -> On:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_]\w*", value):
        return On(field=value)
    if isinstance(value, str) and parse_duration(value).count == 0:
        return On()
    return On(duration=_whole_days(value))


def _on_text(on: On) -> str:
    return on.field or str(on.duration or "0 days")


OnDay = Annotated[
    On,
    PlainValidator(_on),
    PlainSerializer(_on_text),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["contract_end", "0 days"]}),
]


# Clock times, windows, weekdays, days


def _clock(value: object) -> time:
    if not isinstance(value, str) or not re.fullmatch(_CLOCK, value.strip()):
        raise ValueError(f"{shown(value)} is not a time of day; write hours and minutes from 00:00 to 23:59, such as '08:00'")
    hours, minutes = value.split(":")
    return time(int(hours), int(minutes))


def parse_window(value: object) -> Window:
    """``14:00-16:00``; the end is exclusive and later than the start."""
    start, dash, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash:
        raise ValueError(f"{shown(value)} is not a part of a day; write two times, such as '14:00-16:00'")
    window = Window(_clock(start.strip()), _clock(end.strip()))
    if window.end <= window.start:
        raise ValueError(f"the window {shown(value)} ends before it starts; write the earlier time first")
    return window


def _window_text(window: Window | str) -> str:
    return window if isinstance(window, str) else f"{window.start:%H:%M}-{window.end:%H:%M}"


def _windows_text(windows: tuple[Window, ...]) -> str | list[str]:
    return _window_text(windows[0]) if len(windows) == 1 else [_window_text(window) for window in windows]


def _windows(value: object) -> tuple[Window, ...]:
    return tuple(parse_window(part) for part in (value if isinstance(value, list) else [value]))


def _window_or_part(value: object) -> Window | str:
    if isinstance(value, str) and re.fullmatch(r"[^\W\d][\w -]*", value.strip()):
        return value.strip().lower()
    return parse_window(value)


def _daily(value: object) -> time | None:
    return None if value == "off" or value is False else _clock(value)


def _daily_text(clock: time | None) -> str:
    return f"{clock:%H:%M}" if clock else "off"


_WINDOW_SCHEMA: dict[str, Any] = {"type": "string", "pattern": f"^{_CLOCK} *- *{_CLOCK}$", "examples": ["09:00-17:00"]}
HalfDay = Annotated[Window, PlainValidator(parse_window), PlainSerializer(_window_text), WithJsonSchema(_WINDOW_SCHEMA)]
Windows = Annotated[
    tuple[Window, ...],
    PlainValidator(_windows),
    PlainSerializer(_windows_text),
    WithJsonSchema({"anyOf": [_WINDOW_SCHEMA, {"type": "array", "items": _WINDOW_SCHEMA}]}),
]
WindowOrPart = Annotated[
    Window | str,
    PlainValidator(_window_or_part),
    PlainSerializer(_window_text),
    WithJsonSchema({"type": "string", "examples": ["morning", "afternoon", "14:00-16:00"]}),
]
Daily = Annotated[time | None, PlainValidator(_daily), PlainSerializer(_daily_text), text_schema(f"({_CLOCK}|off)", "08:00", "off")]


def parse_weekdays(value: str) -> tuple[int, ...]:
    """``mon-fri``, ``tue,thu``, ``sat`` as weekdays, Monday = 0. A range may run over the weekend (``fri-mon``)."""
    days: list[int] = []
    for part in value.lower().split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        numbers = [_weekday(word) for word in ((first, last) if dash else (first,))]
        if None in numbers:
            raise ValueError(f"{shown(value)} does not name days of the week; write 'mon', 'mon-fri' or 'tue,thu'")
        start, stop = numbers[0] or 0, numbers[-1] or 0
        days.extend((start + offset) % 7 for offset in range((stop - start) % 7 + 1))
    return tuple(dict.fromkeys(days))


def _weekday(word: str) -> int | None:
    for names in (WEEKDAYS, _LONG_DAYS):
        if word in names:
            return names.index(word)
    return None


def _weekday_key(value: str) -> str:
    parse_weekdays(value)
    return value


Weekdays = Annotated[
    str, AfterValidator(_weekday_key), WithJsonSchema({"type": "string", "pattern": rf"^{_WEEK}[a-z]*([-, ]+{_WEEK}[a-z]*)*$"})
]


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and re.fullmatch(_DAY, value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{shown(value)} is not a day of the calendar; write YEAR-MONTH-DAY, such as '2026-12-24'") from None
    raise ValueError(f"{shown(value)} is not a day; write YEAR-MONTH-DAY, such as '2026-12-24'")


def _leave(value: object) -> tuple[date, date]:
    first, slash, last = value.partition("/") if isinstance(value, str) else ("", "", "")
    if not slash:
        raise ValueError(f"{shown(value)} is not a range of days; write the first and the last, such as '2026-07-03/2026-07-10'")
    days = _day(first), _day(last)
    if days[1] < days[0]:
        raise ValueError(f"{shown(value)} ends before it starts; write the earlier day first")
    return days


def _leave_text(days: tuple[date, date]) -> str:
    return f"{days[0]}/{days[1]}"


Day = Annotated[date, PlainValidator(_day), text_schema(_DAY, "2026-12-24")]
Leave = Annotated[
    tuple[date, date], PlainValidator(_leave), PlainSerializer(_leave_text), text_schema(f"{_DAY}/{_DAY}", "2026-07-03/2026-07-10")
]
