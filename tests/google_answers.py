"""The days of ``tests.answers`` on a Google calendar: what stands there told as iCalendar, as a phone that knows only that sees it, and
what is edited in such a text put back into Google's fields. None of it is code of the product."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.answers import ALARM, Edit, Table
from tests.google.calendars import Calendar
from tests.google.phone import Phone
from tests.google.server import GoogleServer
from tests.google_desk import GoogleDesk
from tests.phone import ZONE, Text, escaped

_TURQUOISE = {"colorId": "7"}
_COLOUR = ["COLOR:turquoise", "X-APPLE-CALENDAR-COLOR:#44A703"]
_OF_GOOGLE = {
    "STATUS",
    "UID",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "TRANSP",
    "DTSTAMP",
    "CLASS",
    "COLOR",
    "X-APPLE-CALENDAR-COLOR",
}


def plain(text: str) -> str:
    """RFC 5545, 3.3.11, read."""
    return re.sub(r"\\(.)", lambda pair: "\n" if pair[1] in "nN" else pair[1], text)


def told(id: str, body: dict[str, Any], uid: str = "") -> str:
    """One event as iCalendar."""
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{uid or id}"]
    for name, key in (("DTSTART", "start"), ("DTEND", "end")):
        if "date" in body[key]:
            lines.append(f"{name};VALUE=DATE:{body[key]['date'].replace('-', '')}")
        else:
            lines.append(f"{name};TZID=America/Detroit:{datetime.fromisoformat(body[key]['dateTime']).astimezone(ZONE):%Y%m%dT%H%M%S}")
    for name, key in (("SUMMARY", "summary"), ("DESCRIPTION", "description"), ("LOCATION", "location")):
        lines += [f"{name}:{escaped(body[key])}"] if body.get(key) else []
    lines.append("TRANSP:" + ("TRANSPARENT" if body.get("transparency") == "transparent" else "OPAQUE"))
    lines.append(f"STATUS:{body['status'].upper()}")
    lines += _COLOUR if body.get("colorId") == _TURQUOISE["colorId"] else []
    lines += ["CLASS:PRIVATE"] if body.get("visibility") == "private" else []
    lines += json.loads((body.get("extendedProperties") or {}).get("shared", {}).get("others", "[]"))
    for one in (body.get("reminders") or {}).get("overrides") or []:
        lines += ALARM if one["method"] == "email" else ["BEGIN:VALARM", f"TRIGGER:-PT{one['minutes']}M", "END:VALARM"]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def fields(text: Text) -> dict[str, Any]:
    """The same, in Google's fields."""
    found: dict[str, Any] = {}
    for name, key in (("DTSTART", "start"), ("DTEND", "end")):
        when = datetime.strptime(text.value(name), "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo("America/Detroit"))
        found[key] = {"dateTime": when.isoformat(), "timeZone": "America/Detroit"}
    for name, key in (("SUMMARY", "summary"), ("DESCRIPTION", "description"), ("LOCATION", "location")):
        found[key] = plain(text.value(name)) or None
    if text.value("COLOR"):
        found |= _TURQUOISE
    if text.value("CLASS") == "PRIVATE":
        found["visibility"] = "private"
    others = [text.lines[at] for at in text._own() if text.lines[at].split(":")[0].split(";")[0] not in _OF_GOOGLE]
    if others:
        found["extendedProperties"] = {"shared": {"others": json.dumps(others)}}
    rings = [int(line[11:-1]) for line in text.lines if re.fullmatch(r"TRIGGER:-PT\d+M", line)]
    method = "email" if "ACTION:AUDIO" in text.lines else "popup"
    found["reminders"] = {"useDefault": False, "overrides": [{"method": method, "minutes": minutes} for minutes in rings]}
    return found


class GoogleEye:
    """As much of ``tests.watched.Eye`` as the table uses. An href is an event's id."""

    def __init__(self, server: GoogleServer, summary: str) -> None:
        self.server, self.summary, self.rep = server, summary, Phone(server)
        self.uids: dict[str, str] = {}

    @property
    def calendar(self) -> Calendar:
        return self.server.calendar(self.summary)

    def make(self) -> None:
        self.rep.new_calendar(self.summary)

    def standing(self) -> dict[str, dict[str, Any]]:
        return {id: event.body for id, event in self.calendar.events.items() if not event.gone}

    def texts(self) -> dict[str, str]:
        return {f"events/{id}": told(id, body, self.uids.get(id, "")) for id, body in self.standing().items()}

    def etags(self) -> dict[str, Any]:
        return {f"events/{id}": event.changed for id, event in self.calendar.events.items() if not event.gone}

    def delete(self, href: str) -> None:
        self.rep.delete(href.removeprefix("events/"))

    def add(self, name: str, raw: str) -> str:
        text = Text(raw)
        body = {key: value for key, value in fields(text).items() if value is not None}
        start = datetime.fromisoformat(body.pop("start")["dateTime"])
        minutes = (datetime.fromisoformat(body.pop("end")["dateTime"]) - start) // timedelta(minutes=1)
        id = self.rep.add(self.calendar, body.pop("summary"), start, minutes, **body)
        self.uids[id] = text.value("UID")
        return f"events/{id}"

    def take(self, href: str, text: Text) -> None:
        self.rep.edit(href.removeprefix("events/"), **fields(text))


class GoogleTable(Table, GoogleDesk):
    """See ``Table``."""

    def eye(self, calendar: str) -> Any:
        return GoogleEye(self.google, calendar)

    def edit(self, href: str, *edits: Edit) -> None:
        text = Text(self.phone.texts()[href])
        for edit in edits:
            edit(text)
        self.phone.take(href, text)  # type: ignore[attr-defined]  # it is a GoogleEye
