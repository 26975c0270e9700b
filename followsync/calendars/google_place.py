"""Finding our calendar and our task list in a Google account, or making them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from followsync.calendars.base import SeveralCalendars
from followsync.calendars.google_login import EVERYTHING, LIST, GoogleLogin
from followsync.calendars.google_wire import GoogleWire, Http, Missing, items, service
from followsync.core.pace import ALONE, Limits
from followsync.errors import LoginNeeded, MassChange, NotMade

GONE = (
    "The {} at Google is gone. Nothing is written until you say what that means: 'followsync sync --restore' makes it anew, "
    "'--accept-deletes' asks about each prospect; or name another one in the config."
)
_NOT_OPEN = (
    "The calendar that 'calendar:' names by its id is not open to this sign-in: another account has it, somebody deleted it, or FollowSync "
    "did not make it, and the narrow permission shows no other. Nothing is written. Write a name in place of the id, and one of that name "
    "is made; or sign in with the right account."
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
    limits: Limits = ALONE


def gone(account: Account) -> MassChange:
    """Our calendar is not there. One that is named by its id cannot be made anew."""
    return MassChange(_NOT_OPEN if "@" in account.calendar else GONE.format("calendar"))


def address(account: Account, calendar: str) -> str:
    """The calendar with that id, as an address. The task list stands behind it as its fragment, for it may come later."""
    return f"{account.root}calendar/v3/calendars/{quote(calendar, safe='')}"


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """A task list. ``name``: what the config called it when it was found, "" where that is not known. ``made``: by us, so that it may be
    renamed; what was there before may hold the rep's own tasks."""

    id: str = ""
    name: str = ""
    made: bool = False


def with_list(collection: str, tasklist: TaskPlace) -> str:
    told = {"tasks": tasklist.id, "named": tasklist.name, "made": "yes" if tasklist.made else ""}
    return f"{collection.partition('#')[0]}#{urlencode({name: value for name, value in told.items() if value}, quote_via=quote, safe='')}"


def calendar_in(collection: str) -> str:
    return unquote(urlsplit(collection).path.rpartition("/")[2])


def list_in(collection: str) -> TaskPlace:
    found = {name: values[0] for name, values in parse_qs(urlsplit(collection).fragment).items()}
    return TaskPlace(found.get("tasks", ""), found.get("named", ""), bool(found.get("made")))


def find_calendar(account: Account, wire: GoogleWire, *, make: bool = True, before: str = "") -> str:
    """The id of the calendar that the config names by its id, that we made once, that has the name if we may list them, of the one that
    the config called otherwise before (``before``: its id), or of a new one. Without ``make``, NotMade is raised in place of making one,
    and nothing is renamed."""
    name = account.calendar
    if "@" in name:
        return name
    api = service("calendar", "v3", account.root)
    place = _remembered(account, wire, api) or _listed(account, wire, api)
    if before and not place and (place := _renamed(account, wire, api, before, make=make)) and not make:
        return place
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
        raise SeveralCalendars("Google", account.calendar, named)
    return named[0] if named else ""


def _renamed(account: Account, wire: GoogleWire, api: Any, before: str, *, make: bool) -> str:
    """That calendar, which is called now as the config calls it: all that stands in it comes along. Only one that we made: the narrow
    permission shows no other; "" where the sign-in was given a wider one, or where it is gone."""
    if not account.login.lacks(EVERYTHING):
        return ""
    try:
        there = wire.execute(api.calendars().get(calendarId=before, fields="summary"))
    except Missing:
        return ""
    if make and there.get("summary") != account.calendar:
        wire.execute(api.calendars().patch(calendarId=before, body={"summary": account.calendar}, fields="id"))
    return before


def _made(account: Account, wire: GoogleWire, api: Any) -> str:
    body = {"summary": account.calendar}
    if isinstance(account.zone, ZoneInfo):
        body["timeZone"] = account.zone.key
    return str(wire.execute(api.calendars().insert(body=body, fields="id"))["id"])


def find_list(account: Account, wire: GoogleWire, *, make: bool = True) -> TaskPlace:
    """The task list of that name. Where it is missing it is made, or, without ``make``, none."""
    lists = service("tasks", "v1", account.root).tasklists()
    found = next((id for id, title in _titles(wire, lists) if title == account.tasks), "")
    if found or not make:
        return TaskPlace(found, account.tasks) if found else TaskPlace()
    return TaskPlace(str(wire.execute(lists.insert(body={"title": account.tasks}))["id"]), account.tasks, made=True)


def follow_list(
    account: Account, wire: GoogleWire, before: TaskPlace, holds_ours: Callable[[str], bool], *, make: bool = True
) -> tuple[TaskPlace, str]:
    """Where the config calls the list by another name than before: what was made by us is called so too, with all that stands in it, and
    one that the rep called so already is taken as it is. Another one is taken where the old one holds nothing of ours any more
    (``holds_ours``). Else all stays as it was, and a sentence says what to do: tasks cannot be taken to another list without a moment in
    which they are there twice, or not at all."""
    lists = service("tasks", "v1", account.root).tasklists()
    titles = dict(_titles(wire, lists))
    taken = [id for id, title in titles.items() if title == account.tasks]
    renamed = replace(before, name=account.tasks)
    if before.id in taken:
        return renamed, ""
    if before.id not in titles or not make:
        return before, ""  # one that is gone is told of when it is read
    if before.made and not taken:
        wire.execute(lists.patch(tasklist=before.id, body={"title": account.tasks}))
        return renamed, ""
    if not holds_ours(before.id):
        return find_list(account, wire), ""
    why, other = ("there is another one of that name", "delete the other one and ") if taken else ("it was there before FollowSync", "")
    return before, (
        f"The config says 'tasks: {account.tasks}' now, but tasks still go to the list of before, for {why}. To let all that is in the old "
        f"list move, {other}rename the old one in Google Tasks. To write all follow-ups anew, events too, say 'followsync purge --target' "
        f"with this target's name, then 'followsync sync'. To leave it so, write 'tasks: {before.name}' again."
    )


def _titles(wire: GoogleWire, lists: Any) -> Iterator[tuple[str, str]]:
    """id and title of all task lists."""
    page: dict[str, str] = {}
    while True:
        found = wire.execute(lists.list(maxResults=100, **page))
        yield from ((str(one.get("id", "")), str(one.get("title", ""))) for one in items(found))
        if not found.get("nextPageToken"):
            return
        page = {"pageToken": str(found["nextPageToken"])}
