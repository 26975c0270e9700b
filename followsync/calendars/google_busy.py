"""Busy times of a Google account's calendars, by a free/busy query: Google tells when, and nothing of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from followsync.calendars.base import NoSuchCalendar
from followsync.calendars.google_endpoint import AGAIN
from followsync.calendars.google_login import FREE_BUSY, LIST, GoogleLogin, is_id
from followsync.calendars.google_pace import bucket_of
from followsync.calendars.google_wire import Connection, GoogleWire, Http, hosts, service
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError, LoginNeeded, Unavailable

if TYPE_CHECKING:
    from followsync.calendars.busy import Visit

_LONGEST = timedelta(days=90)  # of one query: "The requested time range is too long" beyond that
_AT_ONCE = 50  # calendars in one query


def from_google(
    login: GoogleLogin,
    start: datetime,
    end: datetime,
    zone: tzinfo,
    *,
    root: str,
    calendars: Iterable[str],
    timeout: float,
    visit: Visit,
    label: str = "",
    http: Http | None = None,
) -> tuple[BusyTime, ...]:
    """What is busy between ``start`` and ``end``, in order. ``label``: what ``primary`` is called. Whether an appointment or a whole day is
    busy is what the person chose in Google. Raises CalendarError."""
    wire = GoogleWire(login, http or Connection(timeout, hosts(root), visit.until), bucket_of(login, visit.limits))
    try:
        if login.lacks(FREE_BUSY):
            raise LoginNeeded(f"The sign-in does not allow to see busy times: its box was left unticked. {AGAIN}, and tick it.")
        api = service("calendar", "v3", root)
        wanted = tuple(dict.fromkeys(calendars))
        if {name for name, _ in visit.places} != set(wanted):
            visit.places = tuple(_found(wanted, login, wire, api))
        several = [dict(visit.places[begin : begin + _AT_ONCE]) for begin in range(0, len(visit.places), _AT_ONCE)]
        spans = list(_spans(start, end))
        return tuple(sorted(time for some in several for span in spans for time in _asked(some, *span, zone, wire, api, label)))
    finally:
        visit.requests += wire.requests_made
        wire.http.close()


def _spans(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    while first < last:
        yield first, min(last, first + _LONGEST)
        first += _LONGEST


def _found(wanted: tuple[str, ...], login: GoogleLogin, wire: GoogleWire, api: Any) -> Iterator[tuple[str, str]]:
    """Names and ids. Raises CalendarError where a name is nobody's, or may not be looked up."""
    yield from ((name, name) for name in wanted if is_id(name))
    names = [name for name in wanted if not is_id(name)]
    if not names:
        return
    if login.lacks(LIST):
        raise CalendarError(
            f"The sign-in does not allow to look up calendars by their names ({', '.join(names)}): write their ids, which stand in "
            f"Google Calendar's settings under 'Integrate calendar'; or sign in again with 'followsync auth google'."
        )
    listed: dict[str, str] = {}
    page: dict[str, str] = {}
    while True:
        answer = wire.execute(api.calendarList().list(maxResults=250, fields="items(id,summary,summaryOverride),nextPageToken", **page))
        for one in answer.get("items", ()):
            listed |= {str(one[name]): str(one["id"]) for name in ("summary", "summaryOverride") if one.get(name)}
        if not answer.get("nextPageToken"):
            break
        page = {"pageToken": str(answer["nextPageToken"])}
    if missing := [name for name in names if name not in listed]:
        raise NoSuchCalendar("Google", missing, listed)
    yield from ((name, listed[name]) for name in names)


def _asked(
    places: dict[str, str], start: datetime, end: datetime, zone: tzinfo, wire: GoogleWire, api: Any, label: str
) -> Iterator[BusyTime]:
    body = {"timeMin": _told(start), "timeMax": _told(end), "items": [{"id": place} for place in places.values()]}
    told = wire.execute(api.freebusy().query(body=body)).get("calendars", {})
    answer = {str(place).casefold(): found for place, found in told.items()} if isinstance(told, dict) else {}
    for name, place in places.items():
        found = _of(place, places.values(), answer)
        if errors := found.get("errors"):
            why = ", ".join(sorted(str(one.get("reason", "")) for one in errors))
            if "internalError" in why or "backendError" in why:
                raise Unavailable(f"Google could not tell the busy times of {name}; it is tried again later.")
            raise CalendarError(
                f"Google does not tell the busy times of {name} ({why}): is its id right, and is it shared with this account?"
            )
        for one in found.get("busy", ()):
            try:
                begin, finish = (datetime.fromisoformat(one[key]).astimezone(zone) for key in ("start", "end"))
            except (ValueError, KeyError, TypeError):
                raise Unavailable("Google told busy times that cannot be understood; it is tried again later.") from None
            yield BusyTime(begin, finish, name if name != "primary" else label)


def _of(place: str, asked: Iterable[str], answer: dict[str, Any]) -> dict[str, Any]:
    """What is told of one calendar: nothing is not the same as free. Google may tell an address in small letters, and ``primary`` by its
    address. Raises Unavailable."""
    others = answer.keys() - {one.casefold() for one in asked}
    key = next(iter(others)) if place == "primary" and place not in answer and len(others) == 1 else place.casefold()
    found = answer.get(key)
    if not isinstance(found, dict) or not ("busy" in found or "errors" in found):
        raise Unavailable("Google left a calendar out when it told the busy times; it is tried again later.")
    return found


def _told(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
