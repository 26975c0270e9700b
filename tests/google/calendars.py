"""Google Calendar v3: calendars, the list of them, events with their sync tokens, and free/busy."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from tests.google.events import ID, Event, instances, merged, shown, span, taken, tombstone
from tests.google.grants import AUTH, Caller
from tests.google.replies import Refusal, Reply, Resource, entity, fits, in_zone, invalid, moment, not_found, precondition_failed, zone_of

_WITH_TOKEN = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMax", "timeMin", "updatedMin")
_ALL = frozenset(AUTH + one for one in ("calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly"))
_ALL |= {AUTH + one for one in ("calendar.calendars", "calendar.calendars.readonly", "calendar.calendarlist")}
_ALL |= {AUTH + "calendar.calendarlist.readonly"}
_OWNED = frozenset(AUTH + one for one in ("calendar.events.owned", "calendar.events.owned.readonly"))
_ROLES = ("freeBusyReader", "reader", "writer", "owner")
_LIST_FIELDS = ("colorId", "backgroundColor", "foregroundColor", "summaryOverride", "selected", "hidden", "defaultReminders")


@dataclass(slots=True)
class Habits:
    """Where Google may do one thing or another. ``pages``: so many events stand on the first, second … page of a list at most, and the
    last number counts for all that follow. ``undeletes``: a deleted event can be brought back by writing its status; else 403.
    ``reminders_etag``: an edit of reminders makes another ETag. ``batch_order``: forward or backward. ``deleted_task``: what a second
    DELETE of a task is answered."""

    pages: tuple[int, ...] = ()
    undeletes: bool = True
    reminders_etag: bool = True
    batch_order: str = "backward"
    deleted_task: int = 204


@dataclass(slots=True)
class Calendar:
    """``app``: the client that made it; "" where a person did. ``changes`` grows with each change in it; a sync token holds that number.
    ``era``: tokens of another one have expired. ``shared``: who else may do what."""

    id: str
    owner: str
    summary: str
    zone: ZoneInfo
    app: str = ""
    more: Resource = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    changes: int = 0
    era: int = 0
    edits: int = 0

    @property
    def etag(self) -> str:
        return f'"c{self.edits}"'

    def change(self, event: Event) -> None:
        self.changes += 1
        event.changed = self.changes

    def shown(self) -> Resource:
        told = {"kind": "calendar#calendar", "etag": self.etag, "id": self.id, "summary": self.summary, "timeZone": self.zone.key}
        return told | self.more | ({} if self.id == self.owner else {"dataOwner": self.owner})


@dataclass(slots=True)
class Calendars:
    """``lists``: account -> its calendar list, with what that person set there. ``groups``: address -> calendars. For the oracles:
    ``mailed`` (writes that could have sent mail: guests, or updates that were asked for), ``updates`` (sendUpdates of each write)."""

    root: str
    habits: Habits = field(default_factory=Habits)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    lists: dict[str, dict[str, Resource]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    mailed: list[str] = field(default_factory=list)
    updates: list[str | None] = field(default_factory=list)
    number: int = 0

    def new_id(self, size: int = 26) -> str:
        """As Google chooses them: base32hex, and no two servers choose the same."""
        self.number += 1
        return "".join("0123456789abcdefghijklmnopqrstuv"[byte % 32] for byte in sha256(f"{self.root} {self.number}".encode()).digest())[
            :size
        ]

    def add(self, owner: str, summary: str, zone: str, *, id: str = "", app: str = "") -> Calendar:
        made = Calendar(id or f"{self.new_id()}@group.calendar.google.com", owner, summary, zone_of(zone), app)
        self.calendars[made.id] = made
        self.lists.setdefault(owner, {})[made.id] = {"colorId": "14", "selected": True}
        return made

    def call(self, name: str, caller: Caller, asked: dict[str, Any], body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        """``name``: calendar.events.insert …; NotImplementedError for what the fake does not know."""
        act = getattr(self, "_" + name.removeprefix("calendar.").replace(".", "_"), None)
        if act is None:
            raise NotImplementedError(name)
        if name.startswith("calendar.events.") and name.rpartition(".")[2] not in ("get", "list"):
            self.updates.append(asked.get("sendUpdates"))
            if body.get("attendees") or asked.get("sendUpdates", "none") != "none" or asked.get("sendNotifications"):
                self.mailed.append(f"{name} {asked.get('eventId', body.get('id', ''))}")
        reply: Reply = act(caller, asked, body, headers, now)
        return reply

    # -- who may do what where

    def reach(self, caller: Caller, id: str, role: str, now: datetime | None = None) -> Calendar:
        """404 for a calendar that this person does not see, or that this program may not see; 403 where seeing is not enough."""
        found = self.calendars.get(caller.account if id == "primary" else id)
        if found is None:
            raise not_found()
        has = "owner" if found.owner == caller.account else found.shared.get(caller.account)
        allowed = caller.scopes & _ALL or found.app == caller.client or (caller.scopes & _OWNED and has == "owner")
        if has is None or not (allowed or AUTH + "calendar.events.freebusy" in caller.scopes):
            raise not_found()
        if _ROLES.index(has) < _ROLES.index(role):
            raise Refusal(403, "requiredAccessLevel", f"You need to have {role} access to this calendar.", domain="calendar")
        return found

    # -- calendars

    def _calendars_insert(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        if not body.get("summary"):
            raise Refusal(400, "required", "Missing title.")
        zone_of(body.get("timeZone", "UTC"))
        made = self.add(caller.account, body["summary"], body.get("timeZone", "UTC"), app=caller.client)
        made.more = {name: body[name] for name in ("description", "location") if body.get(name)}
        return Reply(made.shown())

    def _calendars_get(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        return entity(self.reach(caller, asked["calendarId"], "reader").shown(), headers)

    def _calendars_patch(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self.reach(caller, asked["calendarId"], "owner")
        fits(found.etag, headers)
        if "summary" in body and not body["summary"]:
            raise Refusal(400, "required", "Missing title.")
        found.zone = zone_of(body["timeZone"]) if "timeZone" in body else found.zone
        found.summary = body.get("summary", found.summary)
        found.more = merged(found.more, {name: body[name] for name in ("description", "location") if name in body})
        found.edits += 1
        return Reply(found.shown())

    def _calendars_delete(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self.reach(caller, asked["calendarId"], "owner")
        fits(found.etag, headers)
        if found.id == found.owner:
            raise Refusal(403, "forbidden", "Forbidden")
        self.drop(found.id)
        return Reply(None, 204)

    def drop(self, id: str) -> None:
        del self.calendars[id]
        for entries in self.lists.values():
            entries.pop(id, None)

    # -- the calendar list

    def _entry(self, account: str, found: Calendar) -> Resource:
        settings = self.lists[account][found.id]
        role = "owner" if found.owner == account else found.shared[account]
        told = {**found.shown(), **settings, "kind": "calendar#calendarListEntry", "accessRole": role}
        told |= {"etag": f'"l{sha256(repr(sorted(told.items())).encode()).hexdigest()[:12]}"'}
        return told | {"defaultReminders": settings.get("defaultReminders", [])} | ({"primary": True} if found.id == account else {})

    def _listed(self, caller: Caller, asked: Resource, role: str = "freeBusyReader") -> Calendar:
        found = self.reach(caller, asked["calendarId"], role)
        if found.id not in self.lists.get(caller.account, {}):
            raise not_found()
        return found

    def _calendarList_get(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        return entity(self._entry(caller.account, self._listed(caller, asked)), headers)

    def _calendarList_patch(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._listed(caller, asked)
        fits(self._entry(caller.account, found)["etag"], headers)
        if body.get("colorId", "1") not in COLORS["calendar"]:
            raise invalid("Invalid color ID.", "colorId")
        if ("backgroundColor" in body or "foregroundColor" in body) and not asked.get("colorRgbFormat"):
            raise invalid("colorRgbFormat is needed to set colors.", "colorRgbFormat")
        settings = self.lists[caller.account][found.id]
        self.lists[caller.account][found.id] = merged(settings, {name: body[name] for name in _LIST_FIELDS if name in body})
        return Reply(self._entry(caller.account, found))

    def _calendarList_list(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        least = _ROLES.index(asked.get("minAccessRole", "freeBusyReader"))
        found = [self._entry(caller.account, self.calendars[id]) for id in self.lists.get(caller.account, {})]
        found = [one for one in found if _ROLES.index(one["accessRole"]) >= least and (asked.get("showHidden") or not one.get("hidden"))]
        start, size = int(asked.get("pageToken", 0)), min(asked.get("maxResults", 100), 250)
        more = {"nextPageToken": str(start + size)} if len(found) > start + size else {"nextSyncToken": "calendars"}
        return Reply({"kind": "calendar#calendarList", "etag": '"list"', "items": found[start : start + size], **more})

    def _colors_get(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        return Reply({"kind": "calendar#colors", "updated": "2012-02-14T00:00:00.000Z", **COLORS})

    # -- events

    def _shown(self, found: Calendar, event: Event, asked: Mapping[str, Any], caller: Caller | None = None) -> Resource:
        zone = zone_of(asked["timeZone"]) if "timeZone" in asked else found.zone
        told = shown(event, zone, found.owner, found.id)
        guests = told.get("attendees", ())
        if len(guests) > asked.get("maxAttendees", len(guests)):
            told |= {"attendees": [one for one in guests if one.get("email") == found.owner], "attendeesOmitted": True}
        if caller and not (caller.scopes & (_ALL | _OWNED) or found.app == caller.client):  # only free/busy may be known
            told = {name: told[name] for name in ("kind", "etag", "id", "status", "start", "end", "transparency") if name in told}
        return told

    def _events_insert(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self.reach(caller, asked["calendarId"], "writer")
        id = body.get("id")
        if id is not None and not (isinstance(id, str) and ID.fullmatch(id)):
            raise invalid("Invalid resource id value.")
        kept = taken(body, found.zone)
        if id in found.events:
            raise Refusal(409, "duplicate", "The requested identifier already exists.")
        return Reply(self._shown(found, self.put(found, id or self.new_id(), kept, now, uid=body.get("iCalUID", "")), asked))

    def put(self, found: Calendar, id: str, kept: Resource, now: datetime, *, uid: str = "") -> Event:
        made = Event(id, len(found.events), now, now, uid or f"{id}@google.com", body=kept)
        found.events[id] = made
        found.change(made)
        return made

    def _event(self, found: Calendar, asked: Resource, now: datetime) -> Event:
        id = asked["eventId"]
        if id in found.events:
            return found.events[id]
        series, _, mark = id.partition("_")
        if mark and series in found.events:
            for one in instances(found.events[series], found.zone, None, None, now):
                if one.id == id:
                    return one
        raise not_found()

    def _events_get(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self.reach(caller, asked["calendarId"], "reader")
        return entity(self._shown(found, self._event(found, asked, now), asked, caller), headers)

    def _events_patch(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found, event = self._to_write(caller, asked, headers, now)
        self._sequence(event, body)
        self.rewrite(found, event, taken(merged(event.body, body), found.zone), now)
        return Reply(self._shown(found, event, asked))

    def _events_update(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found, event = self._to_write(caller, asked, headers, now)
        self._sequence(event, body)
        self.rewrite(found, event, taken(body, found.zone), now)
        return Reply(self._shown(found, event, asked))

    def _sequence(self, event: Event, body: Resource) -> None:
        if isinstance(given := body.get("sequence"), int):
            if given < event.sequence:
                raise invalid("Invalid sequence value. The specified sequence number is below the current sequence number of the resource.")
            event.sequence = given

    def _events_delete(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self.reach(caller, asked["calendarId"], "writer")
        event = self._event(found, asked, now)
        if event.gone:
            raise Refusal(410, "deleted", "Resource has been deleted")
        fits(event.etag, headers)
        self.rewrite(found, event, {**event.body, "status": "cancelled"}, now)
        return Reply(None, 204)

    def _to_write(self, caller: Caller, asked: Resource, headers: Mapping[str, str], now: datetime) -> tuple[Calendar, Event]:
        found = self.reach(caller, asked["calendarId"], "writer")
        event = self._event(found, asked, now)
        fits(event.etag, headers)
        if headers.get("if-none-match") == "*":
            raise precondition_failed()
        if event.body.get("organizer"):
            said = "Shared properties can only be changed by the organizer of the event."
            raise Refusal(403, "forbiddenForNonOrganizer", said, domain="calendar")
        if event.gone and not self.habits.undeletes:
            raise Refusal(403, "forbidden", "Forbidden")
        return found, event

    def rewrite(self, found: Calendar, event: Event, body: Resource, now: datetime) -> None:
        """Edits of reminders alone leave ``updated`` as it is."""

        def rest(one: Resource) -> Resource:
            return {name: value for name, value in one.items() if name != "reminders"}

        only_reminders = rest(body) == rest(event.body) and body["reminders"] != event.body["reminders"]
        event.sequence += (body["start"], body["end"]) != (event.body["start"], event.body["end"])
        event.body = body
        event.updated = event.updated if only_reminders else now
        if not only_reminders or self.habits.reminders_etag:
            found.change(event)

    # -- lists of events

    def _events_list(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self.reach(caller, asked["calendarId"], "reader")
        if asked.get("orderBy") == "startTime" and not asked.get("singleEvents"):
            raise invalid("The requested ordering is not available for the particular query.", "orderBy")
        since = self._since(found, asked)
        bound, after, number = found.changes, -1, 0
        if "pageToken" in asked:
            bound, after, number = _numbers(asked["pageToken"], "P", found.era, 3, "pageToken")
        wanted = self._wanted(found, asked, since, now)
        size = min(asked.get("maxResults", 250), 2500)
        if self.habits.pages:
            size = min(size, self.habits.pages[min(number, len(self.habits.pages) - 1)])
        items, last = [], after
        more = False
        for place, event in enumerate(wanted):
            if place <= after:
                continue
            if len(items) >= size:
                more = True
                break
            last = place
            if event is not None:
                items.append(self._item(found, event, asked, since, caller))
        told = {"kind": "calendar#events", "summary": found.summary, "timeZone": found.zone.key, "accessRole": "owner"}
        told |= {"updated": in_zone(now, zone_of("UTC")), "defaultReminders": [], "items": items}
        if more:
            told["nextPageToken"] = _token("P", found.era, bound, last, number + 1)
        elif not set(asked) & {"orderBy", "q", "timeMin", "timeMax", "updatedMin", "iCalUID"}:
            told["nextSyncToken"] = _token("S", found.era, bound)
        return entity(told | {"etag": f'"p{sha256(repr(told["items"]).encode()).hexdigest()[:14]}"'}, headers)

    def _since(self, found: Calendar, asked: Resource) -> int | None:
        if "syncToken" not in asked:
            return None
        for name in _WITH_TOKEN:
            if name in asked:
                raise invalid(f"Sync token cannot be used with {name}.", name)
        if asked.get("showDeleted") is False:
            raise invalid("Sync token cannot be used with showDeleted=false.", "showDeleted")
        (since,) = _numbers(asked["syncToken"], "S", found.era, 1, "syncToken")
        return since

    def _wanted(self, found: Calendar, asked: Resource, since: int | None, now: datetime) -> Iterable[Event | None]:
        """Each event at its place in the order of making; None at the place of one that is not asked for, so that places hold while
        something changes between two pages."""
        low = moment(asked["timeMin"], "timeMin") if "timeMin" in asked else None
        high = moment(asked["timeMax"], "timeMax") if "timeMax" in asked else None
        if low and high and high <= low:
            raise Refusal(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar", location="timeMax")
        if "updatedMin" in asked and now - moment(asked["updatedMin"], "updatedMin") > timedelta(days=28):
            raise Refusal(
                410, "updatedMinTooLongAgo", "The requested minimum modification time lies too far in the past.", domain="calendar"
            )
        everything: Iterable[Event] = found.events.values()
        if asked.get("singleEvents"):
            everything = [one for event in everything for one in instances(event, found.zone, low, high, now)]
        listed = [event if self._matches(found, event, asked, since, low, high) else None for event in everything]
        if asked.get("orderBy") == "startTime":
            return sorted((one for one in listed if one), key=lambda one: (span(one.body, found.zone)[0], one.number))
        if asked.get("orderBy") == "updated":
            return sorted((one for one in listed if one), key=lambda one: (one.updated, one.number))
        return listed

    def _matches(
        self, found: Calendar, event: Event, asked: Resource, since: int | None, low: datetime | None, high: datetime | None
    ) -> bool:
        if since is not None:
            return event.changed > since
        if event.gone and not (asked.get("showDeleted") or "updatedMin" in asked):
            return False
        start, end = span(event.body, found.zone)
        endless = bool(event.body.get("recurrence"))
        if (low and end <= low and not endless) or (high and start >= high):
            return False
        if "updatedMin" in asked and event.updated < moment(asked["updatedMin"], "updatedMin"):
            return False
        if "iCalUID" in asked and asked["iCalUID"] != event.uid:
            return False
        text = " ".join(str(event.body.get(name, "")) for name in ("summary", "description", "location")).lower()
        if not all(word in text for word in asked.get("q", "").lower().split()):
            return False
        return all(self._carries(event, side, asked) for side in ("private", "shared"))

    def _carries(self, event: Event, side: str, asked: Resource) -> bool:
        has = event.body.get("extendedProperties", {}).get(side, {})
        wanted = [one.partition("=") for one in asked.get(f"{side}ExtendedProperty", ())]
        return all(has.get(name) == value for name, _, value in wanted)

    def _item(self, found: Calendar, event: Event, asked: Resource, since: int | None, caller: Caller) -> Resource:
        return tombstone(event) if event.gone and not asked.get("showDeleted") else self._shown(found, event, asked, caller)

    # -- free/busy

    def _freebusy_query(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        for name in ("timeMin", "timeMax"):
            if name not in body:
                raise Refusal(400, "required", f"Missing {name} parameter.", location=name)
        low, high = moment(body["timeMin"], "timeMin"), moment(body["timeMax"], "timeMax")
        if high <= low:
            raise Refusal(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar", location="timeMax")
        zone = zone_of(body.get("timeZone", "UTC"))
        groups: Resource = {}
        wanted: list[str] = []
        for one in body.get("items", ()):
            if one["id"] not in self.groups:
                wanted.append(one["id"])
                continue
            members = self.groups[one["id"]]
            big = len(members) > min(body.get("groupExpansionMax", 100), 100)
            groups[one["id"]] = {"errors": [{"domain": "global", "reason": "groupTooBig"}]} if big else {"calendars": members}
            wanted += [] if big else members
        wanted = list(dict.fromkeys(wanted))
        told: Resource = {}
        for place, id in enumerate(wanted):
            if place >= min(body.get("calendarExpansionMax", 50), 50):
                told[id] = {"errors": [{"domain": "global", "reason": "tooManyCalendarsRequested"}], "busy": []}
            else:
                told[id] = self._busy(caller, id, low, high, zone, now)
        answer = {"kind": "calendar#freeBusy", "timeMin": in_zone(low, zone_of("UTC")), "timeMax": in_zone(high, zone_of("UTC"))}
        return Reply(answer | ({"groups": groups} if groups else {}) | {"calendars": told})

    def _busy(self, caller: Caller, id: str, low: datetime, high: datetime, zone: ZoneInfo, now: datetime) -> Resource:
        found = self.calendars.get(caller.account if id == "primary" else id)
        if found is None or caller.account not in (found.owner, *found.shared):
            return {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
        spans = []
        for event in found.events.values():
            if event.gone or event.body.get("transparency") == "transparent":
                continue
            spans += [span(one.body, found.zone) for one in instances(event, found.zone, low, high, now)]
        merged_spans: list[tuple[datetime, datetime]] = []
        for start, end in sorted((max(start, low), min(end, high)) for start, end in spans if start < high and end > low and start < end):
            if merged_spans and start <= merged_spans[-1][1]:
                start, end = merged_spans[-1][0], max(end, merged_spans.pop()[1])
            merged_spans.append((start, end))
        return {"busy": [{"start": in_zone(start, zone), "end": in_zone(end, zone)} for start, end in merged_spans]}


def _token(kind: str, era: int, *numbers: int) -> str:
    return urlsafe_b64encode(f"{kind}.{era}.{'.'.join(str(one) for one in numbers)}".encode()).decode()


def _numbers(token: str, kind: str, era: int, count: int, location: str) -> tuple[int, ...]:
    """410 for a token of another era, 400 for what is none."""
    try:
        found = urlsafe_b64decode(token).decode()
    except ValueError:
        found = ""
    match = re.fullmatch(rf"{kind}\.(\d+)" + r"\.(-?\d+)" * count, found)
    if match is None:
        raise invalid(f"Invalid {location} value.", location)
    if int(match[1]) != era:
        said = "Sync token is no longer valid, a full sync is required."
        raise Refusal(410, "fullSyncRequired", said, domain="calendar", location=location)
    return tuple(int(one) for one in match.groups()[1:])


def _palette(colors: str) -> Resource:
    return {str(number): {"background": one, "foreground": "#1d1d1d"} for number, one in enumerate(colors.split(), 1)}


COLORS: Resource = {
    "calendar": _palette(
        "#ac725e #d06b64 #f83a22 #fa573c #ff7537 #ffad46 #42d692 #16a765 #7bd148 #b3dc6c #fbe983 #fad165 #92e1c0 #9fe1e7 #9fc6e7 #4986e7 "
        "#9a9cff #b99aff #c2c2c2 #cabdbf #cca6ac #f691b2 #cd74e6 #a47ae2"
    ),
    "event": _palette("#a4bdfc #7ae7bf #dbadff #ff887c #fbd75b #ffb878 #46d6db #e1e1e1 #5484ed #51b749 #dc2127"),
}
