"""Finding our calendar and our task list in a Google account, or making them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from followsync.calendars.google_login import LIST, GoogleLogin
from followsync.calendars.google_wire import GoogleWire, Http, Missing, service
from followsync.errors import CalendarError, LoginNeeded, NotMade

_TASKS = "tasks="
GONE = (
    "The {} at Google is gone. Nothing is written until you say what that means: 'followsync sync --restore' makes it anew, "
    "'--accept-deletes' asks about each prospect; or name another one in the config."
)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose calendar it is, and what it is called. ``tasks``: the name of the task list, "" where none is wanted or allowed. ``connect``
    makes what sends."""

    login: GoogleLogin
    root: str
    calendar: str
    tasks: str
    zone: tzinfo
    clock: Callable[[], datetime]
    connect: Callable[[], Http]


def address(account: Account, calendar: str) -> str:
    """The calendar with that id, as an address. The task list stands behind it as its fragment, for it may come later."""
    return f"{account.root}calendar/v3/calendars/{quote(calendar, safe='')}"


def with_list(collection: str, tasklist: str) -> str:
    return f"{collection.partition('#')[0]}#{_TASKS}{quote(tasklist, safe='')}"


def calendar_in(collection: str) -> str:
    return unquote(urlsplit(collection).path.rpartition("/")[2])


def list_in(collection: str) -> str:
    return unquote(urlsplit(collection).fragment.removeprefix(_TASKS))


def find_calendar(account: Account, wire: GoogleWire, *, make: bool = True) -> str:
    """The id of the calendar that the config names by its id, that we made once, that has the name if we may list them, or of a new one.
    Without ``make``, NotMade is raised in place of making one."""
    name = account.calendar
    if "@" in name:
        return name
    api = service("calendar", "v3", account.root)
    place = _remembered(account, wire, api) or _listed(account, wire, api)
    if not (place or make):
        raise NotMade(
            f"Nobody remembers which calendar of this account is ours: write the id of {name}, which Google Calendar shows in its "
            "settings, into the config as 'calendar:'."
        )
    place = place or _made(account, wire, api)
    if account.login.remembered(name) != place:
        account.login.remember(name, place)
    return place


def _remembered(account: Account, wire: GoogleWire, api: Any) -> str:
    """The one that the token file remembers, if it still stands."""
    place = account.login.remembered(account.calendar)
    if not place:
        return ""
    try:
        wire.execute(api.calendars().get(calendarId=place, fields="id"))
    except Missing:
        return ""
    return place


def _listed(account: Account, wire: GoogleWire, api: Any) -> str:
    """The narrow permission does not allow to list calendars, and a wider one may have been given."""
    if account.login.lacks(LIST):
        return ""
    try:
        asked = api.calendarList().list(minAccessRole="owner", maxResults=250, fields="items(id,summary,primary)")
        found = wire.execute(asked).get("items", ())
    except LoginNeeded:
        return ""
    named = sorted(one["id"] for one in found if one.get("summary") == account.calendar and not one.get("primary"))
    if len(named) > 1:
        ids = ", ".join(named)
        raise CalendarError(f"Google has several calendars named {account.calendar}: write the right one's id into the config: {ids}.")
    return named[0] if named else ""


def _made(account: Account, wire: GoogleWire, api: Any) -> str:
    body = {"summary": account.calendar}
    if isinstance(account.zone, ZoneInfo):
        body["timeZone"] = account.zone.key
    return str(wire.execute(api.calendars().insert(body=body, fields="id"))["id"])


def find_list(account: Account, wire: GoogleWire, *, make: bool = True) -> str:
    """The id of the task list of that name. Where it is missing it is made, or, without ``make``, ""."""
    api = service("tasks", "v1", account.root).tasklists()
    page: dict[str, str] = {}
    while True:
        found = wire.execute(api.list(maxResults=100, **page))
        for one in found.get("items", ()):
            if one.get("title") == account.tasks:
                return str(one["id"])
        if not found.get("nextPageToken"):
            if not make:
                return ""
            return str(wire.execute(api.insert(body={"title": account.tasks}))["id"])
        page = {"pageToken": str(found["nextPageToken"])}
