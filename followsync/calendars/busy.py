"""Time that other calendars take. They are only read: free/busy, with the titles for ``why``; nothing is ever written there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import recurring_ical_events

from followsync import ics
from followsync.calendars.wire import Wire, host
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError, Unavailable

if TYPE_CHECKING:
    from followsync.config.settings import CalDavBusy, GoogleBusy, IcsBusy

_FEED_LIMIT = 5 * 1024 * 1024
_DENSE = frozenset({"SECONDLY", "MINUTELY"})  # no appointment repeats like that, and unfolding it would take for ever
_DAY = timedelta(days=1)


def busy_times(
    source: CalDavBusy | GoogleBusy | IcsBusy, start: datetime, end: datetime, zone: tzinfo, *, name: str
) -> tuple[BusyTime, ...]:
    """What a busy source takes between ``start`` and ``end``, in order. ``name``: what it is called in the config.

    Raises CalendarError (``Unavailable``, ``LoginNeeded``) where it cannot be read.
    """
    all_day = source.all_day == "busy"
    timeout = source.timeout.total_seconds()
    if source.type == "caldav":
        password = source.password.reveal() if source.password else ""
        login = {"username": source.username, "password": password}
        return from_caldav(source.url, start, end, zone, **login, calendars=source.calendars, timeout=timeout, all_day=all_day)
    if source.type == "google":
        raise CalendarError(f"This version does not read Google yet: give {name} the secret ICS address of that calendar (type: ics).")
    if source.type == "ics":
        if source.path is not None:
            return from_file(source.path, start, end, zone, label=name, all_day=all_day)
        return from_url(source.url or "", start, end, zone, timeout=timeout, label=name, all_day=all_day)
    assert_never(source)


def from_text(raw: str, start: datetime, end: datetime, zone: tzinfo, *, label: str = "", all_day: bool = False) -> tuple[BusyTime, ...]:
    """What the events in ``raw`` take between ``start`` and ``end``, in order; series are unfolded. ``zone`` is for floating times.

    Transparent and cancelled events are free, and so are whole days unless ``all_day``. ``label`` is for events without a title.
    Raises ValueError where ``raw`` is no calendar.
    """
    calendar = ics.parse(raw)
    calendar.subcomponents[:] = [entry for entry in calendar.subcomponents if not _dense(entry)]
    found = recurring_ical_events.of(calendar, skip_bad_series=True).between(start.astimezone(UTC) - _DAY, end.astimezone(UTC) + _DAY)
    times = (time for entry in found if (time := _busy(entry, zone, label, all_day)))
    return tuple(sorted(time for time in times if time.start < end and time.end > start))


def _dense(entry: Any) -> bool:
    rules = entry.get("RRULE")
    return any(
        _DENSE & {str(word).upper() for word in rule.get("FREQ", ())} for rule in (rules if isinstance(rules, list) else [rules]) if rule
    )


def _busy(entry: Any, zone: tzinfo, label: str, all_day: bool) -> BusyTime | None:
    if str(entry.get("TRANSP", "")).upper() == "TRANSPARENT" or str(entry.get("STATUS", "")).upper() == "CANCELLED":
        return None
    first, last = entry["DTSTART"].dt, entry["DTEND"].dt if "DTEND" in entry else entry["DTSTART"].dt
    if not isinstance(first, datetime) and not all_day:
        return None
    begin, finish = _aware(first, zone), _aware(last, zone)
    return BusyTime(begin, finish, ics.clean(str(entry.get("SUMMARY", ""))) or label) if begin < finish else None


def _aware(moment: date, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min, zone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def from_texts(
    raws: Iterable[str], start: datetime, end: datetime, zone: tzinfo, *, label: str = "", all_day: bool = False
) -> tuple[BusyTime, ...]:
    """As ``from_text``, of many; one that cannot be read is left out, for one spoilt appointment must not stop the planning."""

    def each() -> Iterator[BusyTime]:
        for raw in raws:
            try:
                yield from from_text(raw, start, end, zone, label=label, all_day=all_day)
            except (ValueError, KeyError, TypeError):
                continue

    return tuple(sorted(each()))


def from_file(path: Path, start: datetime, end: datetime, zone: tzinfo, *, label: str = "", all_day: bool = False) -> tuple[BusyTime, ...]:
    """Of an ICS file. Raises CalendarError where it is missing or no calendar."""
    try:
        if path.stat().st_size > _FEED_LIMIT:
            raise CalendarError(f"{path} is larger than {_FEED_LIMIT // 1024 // 1024} MB; it is not read.")
        raw = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise CalendarError(f"{path} cannot be read ({error.strerror}): check the path and its rights.") from error
    return _feed(raw, str(path), start, end, zone, label, all_day)


def from_url(
    url: str, start: datetime, end: datetime, zone: tzinfo, *, timeout: float, label: str = "", all_day: bool = False
) -> tuple[BusyTime, ...]:
    """Of a calendar's secret address (``https``, ``webcal``). No error names more than its host, for the address is the password."""
    address = "https://" + url.removeprefix("webcal://") if url.startswith("webcal://") else url
    with Wire(address, timeout=timeout, limit=_FEED_LIMIT) as wire:
        wire.roam = True
        answer = wire.call("GET", address, headers={"Accept": "text/calendar"})
    return _feed(answer.body.decode("utf-8", "replace"), host(address), start, end, zone, label, all_day)


def _feed(raw: str, where: str, start: datetime, end: datetime, zone: tzinfo, label: str, all_day: bool) -> tuple[BusyTime, ...]:
    try:
        return from_text(raw, start, end, zone, label=label, all_day=all_day)
    except ValueError as error:
        raise Unavailable(f"{where} holds no calendar that can be read: {error}.") from error


def from_caldav(
    url: str,
    start: datetime,
    end: datetime,
    zone: tzinfo,
    *,
    username: str,
    password: str,
    calendars: Iterable[str] = (),
    timeout: float,
    all_day: bool = False,
) -> tuple[BusyTime, ...]:
    """Of the calendars so named in a CalDAV account, or all of them. Raises CalendarError where one of the names is not there."""
    from followsync.calendars import caldav  # the library is large, and a file needs none of it

    wanted = frozenset(calendars)
    with caldav.connect(url, username=username, password=password, timeout=timeout) as wire:
        there = caldav.account(wire, url)
        if missing := wanted - set(there.values()):
            names = ", ".join(sorted(there.values())) or "none"
            raise CalendarError(f"{host(url)} has no calendar named {', '.join(sorted(missing))}; it has {names}.")
        found = [
            busy
            for place, shown in there.items()
            if not wanted or shown in wanted
            for busy in from_texts(caldav.query(wire, place, start, end), start, end, zone, label=shown, all_day=all_day)
        ]
    return tuple(sorted(found))
