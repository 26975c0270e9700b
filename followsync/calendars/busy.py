"""Time that other calendars take. They are only read: free/busy, with the titles for ``why``; nothing is ever written there."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import recurring_ical_events

from followsync import ics
from followsync.calendars.base import NoSuchCalendar
from followsync.calendars.wire import Wire, host
from followsync.core.operations import is_uid
from followsync.core.pace import ALONE, Limits
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError, LoginNeeded, Unavailable

if TYPE_CHECKING:
    from followsync.calendars.discovery import Account
    from followsync.config.settings import CalDavBusy, GoogleBusy, IcsBusy

_FEED_LIMIT = 5 * 1024 * 1024
_REPEATS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_LENGTHS = {month: monthrange(2024, month)[1] for month in range(1, 13)}  # days of the months of a leap year
_DAY = timedelta(days=1)
_SAME = frozenset({304})


@dataclass(slots=True)
class Visit:
    """One look at a busy source, by what is remembered of the last one: ``places``, the names and addresses of its calendars, and
    ``version``, what its server called the text that was read (see ``BusyReading``). Afterwards they are what is to be remembered for the
    next one. ``until``: the moment, on the clock of ``monotonic``, by which it must be over. ``limits``: how much may be asked.
    ``requests``: the round trips it took. ``unchanged``: the text is still the one of that version, and was not sent again."""

    places: tuple[tuple[str, str], ...] = ()
    version: tuple[str, str, str] = ("", "", "")
    until: float | None = None
    limits: Limits = ALONE
    requests: int = 0
    unchanged: bool = False


def busy_times(
    source: CalDavBusy | GoogleBusy | IcsBusy, start: datetime, end: datetime, zone: tzinfo, *, name: str, visit: Visit | None = None
) -> tuple[BusyTime, ...]:
    """What a busy source takes between ``start`` and ``end``, in order. ``name``: what it is called in the config.

    Raises CalendarError (``Unavailable``, ``LoginNeeded``) where it cannot be read.
    """
    all_day = source.all_day == "busy"
    timeout = source.timeout.total_seconds()
    visit = visit or Visit()
    if source.type == "caldav":
        from followsync.calendars.discovery import Account  # the library below it is large, and a file needs none of it

        password = source.password.reveal() if source.password else ""
        server = Account(source.url, source.username, password, source.auth, timeout, until=visit.until)
        return from_caldav(server, start, end, zone, calendars=source.calendars, all_day=all_day, visit=visit)
    if source.type == "google":
        from followsync.calendars.google_busy import from_google  # the library is larger still
        from followsync.calendars.google_login import login_of

        account, calendars = login_of(source), source.calendars
        return from_google(account, start, end, zone, root=source.root, calendars=calendars, timeout=timeout, visit=visit, label=name)
    if source.type == "ics":
        if source.path is not None:
            return from_file(source.path, start, end, zone, label=name, all_day=all_day)
        return from_url(source.address(), start, end, zone, timeout=timeout, label=name, all_day=all_day, visit=visit)
    assert_never(source)


def from_text(raw: str, start: datetime, end: datetime, zone: tzinfo, *, label: str = "", all_day: bool = False) -> tuple[BusyTime, ...]:
    """What the events in ``raw`` take between ``start`` and ``end``, in order; series are unfolded. ``zone`` is for floating times.

    Transparent and cancelled events are free, and so are whole days unless ``all_day``. ``label`` is for events without a title.
    A spoilt event is left out, for it must not
    cost the others. Raises ValueError where ``raw`` is no calendar.
    """
    calendar = ics.parse(raw)
    if str(calendar.pop("CALSCALE", "GREGORIAN")).upper() != "GREGORIAN":
        raise ValueError("its days are not counted by our calendar")
    series: dict[str, list[Any]] = {}
    others = [part for part in calendar.subcomponents if part.name != "VEVENT"]
    for entry in calendar.subcomponents:
        if entry.name == "VEVENT" and not _endless(entry):
            entry.subcomponents.clear()  # alarms, and what does not belong into an event
            series.setdefault(str(entry.get("UID", id(entry))), []).append(entry)

    def unfolded(groups: list[list[Any]]) -> list[BusyTime]:
        """The library knows a calendar whole or not at all, so where it fails the spoilt series is found by halving."""
        calendar.subcomponents[:] = [*others, *chain.from_iterable(groups)]
        try:
            found = recurring_ical_events.of(calendar, skip_bad_series=True).between(
                start.astimezone(UTC) - _DAY, end.astimezone(UTC) + _DAY
            )
            return [time for entry in found if (time := _busy(entry, zone, label, all_day))]
        except ics.SPOILT:
            half = len(groups) // 2
            return unfolded(groups[:half]) + unfolded(groups[half:]) if half else []

    told = (time for part in others if part.name == "VFREEBUSY" for time in _free_busy(part, zone, label))
    found = (time for time in chain(unfolded(list(series.values())), told) if time.start < end and time.end > start)
    return tuple(sorted(found))


def _free_busy(part: Any, zone: tzinfo, label: str) -> Iterator[BusyTime]:
    """What a calendar tells that shows only when somebody is busy (RFC 5545, 3.6.4). What is only perhaps busy counts, as a tentative
    event does."""
    lines = part.get("FREEBUSY") or []
    for line in lines if isinstance(lines, list) else [lines]:
        if str(line.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        first, last = _aware(line.start, zone), _aware(line.end, zone)
        if first < last:
            yield BusyTime(first, last, label)


def _endless(entry: Any) -> bool:
    """Whether unfolding its rules would take for ever: one that repeats within a day, or that no day fits, so that it is searched for up
    to the year 9999. What is left out is no appointment either."""
    rules = entry.get("RRULE") or []
    return any(_never(rule) for rule in (rules if isinstance(rules, list) else [rules]))


def _never(rule: Any) -> bool:
    if not isinstance(rule, Mapping):
        return True
    often = {str(word).upper() for word in _several(rule, "FREQ")}
    if not often or not often <= _REPEATS or len(often) > 1:
        return True
    numbers = {name: _several(rule, name) for name in ("INTERVAL", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")}
    if not all(isinstance(number, int) for several in numbers.values() for number in several):
        return True
    if any(not 1 <= number <= 10_000 for number in numbers["INTERVAL"]):
        return True
    if (numbers["BYYEARDAY"] or numbers["BYWEEKNO"]) and often != {"YEARLY"}:
        return True  # RFC 5545, 3.3.10: only a year has such days
    if often == {"DAILY"} and not set(numbers["BYSETPOS"]) <= {1, -1}:
        return True
    months, days = numbers["BYMONTH"] or range(1, 13), numbers["BYMONTHDAY"]
    return not any(month in _LENGTHS and (not days or any(0 < abs(day) <= _LENGTHS[month] for day in days)) for month in months)


def _several(rule: Mapping[str, Any], name: str) -> list[Any]:
    value = rule.get(name, [])
    return value if isinstance(value, list) else [value]


def _busy(entry: Any, zone: tzinfo, label: str, all_day: bool) -> BusyTime | None:
    if is_uid(str(entry.get("UID", "")).removesuffix("@google.com")):
        return None  # our own follow-ups, where a source shows the calendar they are written to: they would stand in their own way
    if _is_free(entry):
        return None
    first, last = entry["DTSTART"].dt, entry["DTEND"].dt if "DTEND" in entry else entry["DTSTART"].dt
    if not isinstance(first, datetime) and not all_day:
        return None
    begin, finish = _aware(first, zone), _aware(last, zone)
    return BusyTime(begin, finish, ics.clean(str(entry.get("SUMMARY", ""))) or label) if begin < finish else None


def _is_free(entry: Any) -> bool:
    """By its own word; Outlook's counts where the standard's is missing."""
    outlooks = str(entry.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE" and "TRANSP" not in entry
    cancelled = str(entry.get("STATUS", "")).upper() == "CANCELLED"
    return outlooks or cancelled or str(entry.get("TRANSP", "")).upper() == "TRANSPARENT"


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
            except ValueError:
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
    url: str,
    start: datetime,
    end: datetime,
    zone: tzinfo,
    *,
    timeout: float,
    label: str = "",
    all_day: bool = False,
    visit: Visit | None = None,
) -> tuple[BusyTime, ...]:
    """Of a calendar's secret address (``https``, ``webcal``). No error names more than its host, for the address is the password."""
    visit = visit or Visit()
    address = "https://" + url[9:] if url.lower().startswith("webcal://") else url
    mark = sha256(address.encode()).hexdigest()[:8]  # tells one address from another, and nobody what it is
    asked = _conditions(visit.version) if visit.version[0] == mark else {}
    with Wire(address, timeout=timeout, limit=_FEED_LIMIT, until=visit.until) as wire:
        wire.roam = True
        try:
            answer = wire.call("GET", address, headers={"Accept": "text/calendar", **asked}, accept=_SAME if asked else frozenset())
        finally:
            visit.requests += wire.requests_made
    if answer.status == 304:
        visit.unchanged = True
        return ()
    times = _feed(answer.body.decode("utf-8", "replace"), host(address), start, end, zone, label, all_day)
    visit.version = (mark, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
    return times


def _conditions(version: tuple[str, str, str]) -> dict[str, str]:
    """RFC 9110, 13.1: a server that knows ETags does not look at the date."""
    _, etag, changed = version
    return {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", changed)) if value}


def _feed(raw: str, where: str, start: datetime, end: datetime, zone: tzinfo, label: str, all_day: bool) -> tuple[BusyTime, ...]:
    try:
        return from_text(raw, start, end, zone, label=label, all_day=all_day)
    except ValueError as error:
        # No word of the error: it is about somebody's appointments, and this sentence is logged.
        raise Unavailable(f"{where} holds no calendar that can be read.") from error


def from_caldav(
    account: Account,
    start: datetime,
    end: datetime,
    zone: tzinfo,
    *,
    calendars: Iterable[str] = (),
    all_day: bool = False,
    visit: Visit | None = None,
) -> tuple[BusyTime, ...]:
    """Of the calendars so named in a CalDAV account, or all of them. Raises CalendarError where one of the names is not there, or where
    what was not found may stand in a part of the account that does not answer now."""
    from followsync.calendars import caldav

    visit = visit or Visit()

    def asked(wire: Wire) -> tuple[BusyTime, ...]:
        return tuple(
            sorted(
                busy
                for name, url in visit.places
                for busy in from_texts(
                    caldav.query(wire, wire.trust(url, account.base), start, end), start, end, zone, label=name, all_day=all_day
                )
            )
        )

    try:
        if visit.places:
            try:
                with account.connect(account.base) as wire:
                    return asked(wire)
            except (Unavailable, LoginNeeded):
                raise
            except CalendarError:
                visit.places = ()  # one of them is no longer there: they are looked for again
        wire, visit.places = _found(account, frozenset(calendars))
        with wire:
            return asked(wire)
    finally:
        visit.requests += account.requests


def _found(account: Account, wanted: frozenset[str]) -> tuple[Wire, tuple[tuple[str, str], ...]]:
    """Names and addresses of the calendars that are to be read, with a connection to them."""
    from followsync.calendars import discovery

    wire, listed = discovery.calendars(account)
    names = {place.name for place in listed.places}
    missing = wanted - names
    if (failure := listed.may_come) and not (wanted and not missing):
        wire.close()
        raise failure  # half of the appointments would look like free time
    if missing:
        wire.close()
        raise NoSuchCalendar(host(account.base), missing, names)
    return wire, tuple((place.name, place.url) for place in listed.places if not wanted or place.name in wanted)
