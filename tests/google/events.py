"""Google's event: what it takes, what it makes of it, and how it shows it. Facts: the Event schema of the calendar:v3 discovery document.

Times are kept as instants; they are shown in the calendar's zone, whatever offset they came with. ``timeZone`` is kept as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.google.replies import Refusal, Resource, day, in_zone, invalid, moment, stamp, zone_of

ID = re.compile("[a-v0-9]{5,1024}")
_ONLY = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": ("default",),
    "colorId": tuple(str(number) for number in range(1, 12)),
}
_TEXTS = ("summary", "description", "location")
_TAKEN = {*_ONLY, *_TEXTS, "start", "end", "recurrence", "extendedProperties", "reminders", "source", "attendees", "conferenceData"}
_TAKEN |= {"attachments", "guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests", "anyoneCanAddSelf"}
_FOR_EVER = timedelta(days=730)  # so far a series without end is shown


@dataclass(slots=True)
class Event:
    """``number``: the place in the order of making; ``changed``: the calendar's count of changes when this one last changed; the ETag is
    made from it. ``body``: what clients may write."""

    id: str
    number: int
    created: datetime
    updated: datetime
    uid: str
    changed: int = 0
    sequence: int = 0
    body: Resource = field(default_factory=dict)

    @property
    def gone(self) -> bool:
        return bool(self.body.get("status") == "cancelled")

    @property
    def etag(self) -> str:
        return f'"{3_500_000_000_000_000 + 2 * self.changed}"'


def taken(body: Resource, zone: ZoneInfo) -> Resource:
    """The body of an event as it is kept. ``organizer``: of one that came from somebody else. Raises Refusal where it is not taken."""
    kept = {name: deepcopy(value) for name, value in body.items() if name in {*_TAKEN, "organizer"} and value is not None}
    for name, values in _ONLY.items():
        if name in kept and kept[name] not in values:
            raise invalid(f"Invalid {name} value.", name)
    for name in _TEXTS:
        if not isinstance(kept.get(name, ""), str):
            raise invalid(f"Invalid {name} value.", name)
        if kept.get(name) == "":
            del kept[name]
    _times(kept, zone)
    kept["reminders"] = _reminders(kept.get("reminders", {}))
    if found := _properties(kept.pop("extendedProperties", {})):
        kept["extendedProperties"] = found
    url = kept.get("source", {}).get("url", "http:")
    if not url.startswith(("http:", "https:")):
        raise invalid("Invalid value for: source.url", "source.url")
    kept.setdefault("status", "confirmed")
    if kept.get("transparency") == "opaque":
        del kept["transparency"]  # what goes without saying is not said
    return kept


def _times(kept: Resource, zone: ZoneInfo) -> None:
    shapes = set()
    for name in ("start", "end"):
        given = kept.get(name)
        if not isinstance(given, dict) or not given.keys() & {"date", "dateTime"}:
            raise Refusal(400, "required", f"Missing {name} time.", location=name)
        given = {key: value for key, value in given.items() if value is not None and key in ("date", "dateTime", "timeZone")}
        if {"date", "dateTime"} <= given.keys():
            raise invalid(f"Invalid {name} time.", name)
        if "timeZone" in given:
            zone_of(given["timeZone"])
        if "dateTime" in given:
            given["dateTime"] = in_zone(moment(given["dateTime"], name, given.get("timeZone", "")), zone_of("UTC"))
            given.setdefault("timeZone", zone.key)
        else:
            given = {"date": day(given["date"], name).isoformat()}
        kept[name] = given
        shapes.add("dateTime" in given)
    if len(shapes) > 1:
        raise invalid("Start and end times must either both be date or both be dateTime.", "end")
    start, end = span(kept, zone)
    if end < start or ("date" in kept["start"] and end == start):
        raise Refusal(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar", location="timeMax")
    for line in kept.get("recurrence", ()):
        if not re.match("(RRULE|EXRULE|RDATE|EXDATE)[:;]", line):
            raise invalid("Invalid recurrence rule.", "recurrence")


def _reminders(given: Resource) -> Resource:
    overrides = given.get("overrides") or []
    default = bool(given.get("useDefault", not overrides and "useDefault" not in given and "overrides" not in given))
    if default and overrides:
        raise Refusal(400, "cannotUseDefaultRemindersAndSpecifyOverride", "Cannot specify both default reminders and overrides.")
    if len(overrides) > 5:
        raise invalid("Too many reminder overrides; at most 5 are allowed.", "reminders")
    for one in overrides:
        minutes = one.get("minutes")
        if one.get("method") not in ("popup", "email") or not isinstance(minutes, int) or not 0 <= minutes <= 40320:
            raise invalid("Invalid reminder.", "reminders")
    kept: Resource = {"useDefault": default}
    return kept | ({"overrides": [{"method": one["method"], "minutes": one["minutes"]} for one in overrides]} if overrides else {})


def _properties(given: Mapping[str, Mapping[str, Any]]) -> Resource:
    """A key longer than 44 characters is dropped and a value cut at 1,024, both without a word; 300 of them and 32 kB are refused."""
    kept: Resource = {}
    for side in ("private", "shared"):
        found = {key: value for key, value in (given.get(side) or {}).items() if value is not None}
        if not all(isinstance(value, str) for value in found.values()):
            raise invalid("Invalid extended property value.", "extendedProperties")
        if short := {key: value[:1024] for key, value in found.items() if len(key) <= 44}:
            kept[side] = short
    everything = [pair for side in kept.values() for pair in side.items()]
    if len(everything) > 300 or sum(len(key.encode()) + len(value.encode()) for key, value in everything) > 32 * 1024:
        raise invalid("Too many extended properties.", "extendedProperties")
    return kept


def merged(there: Any, patch: Any) -> Any:
    """PATCH: objects are merged down to the leaves, null takes away, lists are replaced (RFC 7396)."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    kept = dict(there) if isinstance(there, dict) else {}
    for name, value in patch.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept


def span(body: Resource, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when to when, in UTC. A day is one of the calendar's zone."""

    def instant(given: Resource) -> datetime:
        if "date" in given:
            return datetime.combine(date.fromisoformat(given["date"]), time(), zone).astimezone(UTC)
        return moment(given["dateTime"], "start")

    return instant(body["start"]), instant(body["end"])


def shown(event: Event, zone: ZoneInfo, owner: str, calendar: str) -> Resource:
    """The whole resource, times in ``zone``."""
    told = {
        "kind": "calendar#event",
        "etag": event.etag,
        "id": event.id,
        "htmlLink": f"https://www.google.com/calendar/event?eid={event.id}",
        "created": stamp(event.created)[:-5] + "Z",
        "updated": stamp(event.updated),
        "iCalUID": event.uid,
        "sequence": event.sequence,
        "creator": {"email": owner, **({"self": True} if calendar == owner else {})},
        "organizer": {"email": calendar, "self": True},
        "eventType": "default",
        **deepcopy(event.body),
    }
    for name in ("start", "end"):
        if "dateTime" in told[name]:
            told[name]["dateTime"] = in_zone(moment(told[name]["dateTime"], name), zone)
    return told


def tombstone(event: Event) -> Resource:
    """All that a list of changes says of what was deleted."""
    return {"kind": "calendar#event", "etag": event.etag, "id": event.id, "status": "cancelled"}


def instances(event: Event, zone: ZoneInfo, start: datetime | None, end: datetime | None, now: datetime) -> Iterator[Event]:
    """The single events of a series that lie between; of one without end, those of the next two years."""
    first, last = span(event.body, zone)
    if not event.body.get("recurrence"):
        yield event
        return
    own = zone_of(event.body["start"].get("timeZone", zone.key))
    local = first.astimezone(own).replace(tzinfo=None)
    lines = [re.sub(r"(UNTIL=\d{8}T\d{6})Z", r"\1", line) for line in event.body["recurrence"]]
    for begin in rrulestr("\n".join(lines), dtstart=local, forceset=True):
        begins = begin.replace(tzinfo=own).astimezone(UTC)
        if begins >= (end or now + _FOR_EVER):
            return
        if start and begins + (last - first) <= start:
            continue
        body = {name: value for name, value in event.body.items() if name != "recurrence"}
        if "date" in body["start"]:
            days = (begin.date() - local.date()).days
            body |= {side: {"date": (date.fromisoformat(body[side]["date"]) + timedelta(days)).isoformat()} for side in ("start", "end")}
            mark = f"{begin:%Y%m%d}"
        else:
            ends = {"start": begins, "end": begins + (last - first)}
            body |= {side: {**body[side], "dateTime": in_zone(at, zone_of("UTC"))} for side, at in ends.items()}
            mark = f"{begins:%Y%m%dT%H%M%SZ}"
        body |= {"recurringEventId": event.id, "originalStartTime": body["start"]}
        yield Event(f"{event.id}_{mark}", event.number, event.created, event.updated, event.uid, event.changed, event.sequence, body)
