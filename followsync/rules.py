"""The settings as the heart knows them: methods, cadences and reasons; each rep's working days and hours."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from importlib import resources
from zoneinfo import ZoneInfo

from followsync.config.settings import DAY_PARTS, Cadence, Holidays, Method, Reason, Rep, Retry, Settings, Step
from followsync.config.times import parse_weekdays
from followsync.config.words import RESULTS
from followsync.core import cadence as core
from followsync.core.cadence import Count, Duration, Window
from followsync.core.workdays import RepRules, Workdays


def rules(settings: Settings, rep_key: str = "") -> core.Rules:
    """Everything that was decided in advance.

    ``rep_key``: whose ``day_parts`` a window such as ``morning`` means; "" stands for the usual ones. A part that only some
    other rep has leaves the window open.
    """
    parts = _day_parts(settings.reps[rep_key]) if rep_key else DAY_PARTS
    purposes = {name: core.Purpose(name, purpose.text, purpose.questions) for name, purpose in settings.purposes.items()}
    reasons = {name: _reason(name, reason, _purpose(purposes, reason.purpose)) for name, reason in settings.reasons.items()}
    return core.Rules(
        methods={name: _method(name, method) for name, method in settings.methods.items()},
        cadences=tuple(_cadence(name, cadence, purposes, parts) for name, cadence in settings.cadences.items()),
        reasons=reasons,
        purposes=purposes,
    )


def _reason(name: str, reason: Reason, purpose: core.Purpose) -> core.Reason:
    return core.Reason(name, reason.of or name, reason.before, reason.method, purpose.text, purpose.questions)


def _purpose(purposes: Mapping[str, core.Purpose], text: str) -> core.Purpose:
    """The purpose of that name, else one with just that text."""
    return purposes.get(text) or core.Purpose("", text)


def _method(name: str, method: Method) -> core.Method:
    return core.Method(
        name=name,
        verb=method.verb,
        minutes=method.minutes,
        alarms=tuple(sorted(set(method.alarms))),
        busy=method.busy,
        form=method.form,
        lead=method.lead,
        buy=method.buy,
        shows=method.shows,
        hours=method.hours,
        title=method.title,
        body=method.body,
    )


def _cadence(name: str, cadence: Cadence, purposes: Mapping[str, core.Purpose], parts: Mapping[str, Window]) -> core.Cadence:
    found = core.Cadence(
        name=name,
        steps=tuple(_step(number, step, purposes, parts) for number, step in enumerate(cadence.steps, 1)),
        criteria={_criterion(field): frozenset(values) for field, values in cadence.criteria.items()},
        start=cadence.start,
        min_gap=cadence.min_gap,
        prefer=cadence.prefer,
        ahead=cadence.ahead,
        retry=_retry(cadence.retry),
    )
    return replace(found, version=core.version_of(found))


def _criterion(field: str) -> str:
    """``preferred method`` and ``Preferred-Method`` are the field ``preferred_method``."""
    return field.lower().replace(" ", "_").replace("-", "_")


def _retry(retry: Retry) -> core.Retry:
    return core.Retry(retry.after, retry.limit)


def _step(number: int, step: Step, purposes: Mapping[str, core.Purpose], parts: Mapping[str, Window]) -> core.Step:
    purpose = _purpose(purposes, step.purpose)
    count, duration, field = _count(step)
    return core.Step(
        id=step.id or f"step-{number}",
        count=count,
        duration=duration,
        method=step.method,
        purpose=purpose.text,
        since=step.since,
        of=field,
        agenda=step.agenda,
        questions=tuple(dict.fromkeys((*step.questions, *purpose.questions))),
        they_know=step.they_know,
        window=parts.get(step.window) if isinstance(step.window, str) else step.window,
        minutes=step.minutes,
        shift=step.shift,
        when=tuple(word for word in step.when if word in RESULTS),
        tries=min((int(word.split()[0]) for word in step.when if word not in RESULTS), default=0),
        to=step.to,
        form=step.form,
        title=step.title,
        body=step.body,
    )


def _count(step: Step) -> tuple[Count, Duration | None, str]:
    """(how the step reaches its day, by how much, from which date field)."""
    if step.on is not None:
        field = "" if step.on.field == core.START else step.on.field
        return Count.ON, step.on.duration, field or step.of
    if step.before is not None:
        return Count.BEFORE, step.before, step.of
    if step.every is not None:
        return Count.EVERY, step.every, step.of
    return Count.AFTER, step.after, step.of


# Reps


def rep_rules(settings: Settings, rep_key: str) -> RepRules:
    """How one rep's actions are placed."""
    rep = settings.reps[rep_key]
    workdays = Workdays(ZoneInfo(rep.timezone), week(rep.hours), _holiday(rep.holidays), rep.away)
    return RepRules(
        rep=rep_key,
        workdays=workdays,
        capacity=rep.capacity,
        buffer=rep.buffer,
        blocks={method: week(hours) for method, hours in rep.blocks.items()},
        day_parts=_day_parts(rep),
        region=_region(rep),
        daily_page=rep.daily_page,
    )


def week(hours: Mapping[str, tuple[Window, ...]]) -> dict[int, tuple[Window, ...]]:
    """``{"mon-fri": ranges}`` as weekday (Monday = 0) -> its ranges, in the order of the day."""
    days: dict[int, list[Window]] = {}
    for key, windows in hours.items():
        for day in parse_weekdays(key):
            days.setdefault(day, []).extend(windows)
    return {day: tuple(sorted(windows)) for day, windows in sorted(days.items())}


def _day_parts(rep: Rep) -> dict[str, Window]:
    return DAY_PARTS | {name.lower(): window for name, window in rep.day_parts.items()}


def _holiday(holidays: Holidays | None) -> Callable[[date], str | None]:
    """Day -> the holiday's name. The library works out a year when it is first asked for."""
    if holidays is None:
        return lambda day: None
    extra, worked, region = frozenset(holidays.extra), frozenset(holidays.but), holidays.region

    def name(day: date) -> str | None:
        if day in extra:
            return "a day off of the rep's own"
        if day in worked or not region:
            return None
        return _public(region, day.year).get(day)

    return name


@functools.cache
def _public(region: str, year: int) -> Mapping[date, str]:
    """The public holidays of ``US-MI`` in one year.

    The library's own calendar fills itself while it is read, which two reps' threads must not do at once; so it is copied.
    """
    import holidays  # 80 ms that only a config with holidays pays

    country, _, part = region.partition("-")
    calendar = holidays.country_holidays(country, subdiv=part or None, years=year)
    return {day: str(name) for day, name in calendar.items()}


def _region(rep: Rep) -> str:
    """Where bare phone numbers belong: the holidays' country, else the time zone's, else the US."""
    if rep.holidays and rep.holidays.region:
        return rep.holidays.region.partition("-")[0]
    return _countries().get(rep.timezone, "US")


@functools.cache
def _countries() -> dict[str, str]:
    """Zone -> ISO country, from the tz database's zone.tab: code, coordinates, zone, comments, parted by tabs."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
