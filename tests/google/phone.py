"""The rep's side of Google: the calendar and tasks apps on the phone, and the web. They ask nobody and are refused nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any

from tests.google.calendars import Calendar
from tests.google.events import Event, merged, span, taken
from tests.google.replies import Resource, in_zone, zone_of
from tests.google.server import STEP, GoogleServer
from tests.google.tasklists import Task, TaskList
from tests.google.tasklists import taken as taken_task

_LINK = re.compile(r"https?://[^\s<]+")


def as_html(text: str, *, bold: Iterable[str] = ()) -> str:
    """What the web's editor makes of a text once somebody has typed into it: lines end in ``<br>``, a second blank is ``&nbsp;``, addresses
    become links, and what was made ``bold`` stands in ``<b>``."""
    page = escape(text, quote=False).replace("  ", " &nbsp;").replace("\n", "<br>")
    page = _LINK.sub(lambda link: f'<a href="{link[0]}" target="_blank">{link[0]}</a>', page)
    for one in bold:
        page = page.replace(escape(one, quote=False), f"<b>{escape(one, quote=False)}</b>")
    return page


class Phone:
    """One person's apps. Entries are named by their id; which calendar or list they stand in is looked up."""

    def __init__(self, server: GoogleServer, account: str = "dana@example.org") -> None:
        self.server, self.account = server, account

    def _found(self, id: str) -> tuple[Calendar, Event]:
        mine = (one for one in self.server.calendars.calendars.values() if one.owner == self.account)
        return next((calendar, calendar.events[id]) for calendar in mine if id in calendar.events)

    def _task(self, id: str) -> tuple[TaskList, Task]:
        return next((found, found.tasks[id]) for found in self.server.tasks.of(self.account) if id in found.tasks)

    def edit(self, id: str, **fields: Any) -> None:
        """Any fields of the event; None takes one away."""
        calendar, event = self._found(id)
        self.server.now += STEP
        body = taken(merged(event.body, fields), calendar.zone)
        self.server.calendars.rewrite(calendar, event, body, self.server.now)

    # -- events

    def move(self, id: str, start: datetime | date, end: datetime | date | None = None) -> None:
        """Drag it: the same length unless ``end`` is given. A date makes it one of the whole day, a time makes it one of an hour again."""
        calendar, event = self._found(id)
        first, last = span(event.body, calendar.zone)
        days = "date" in event.body["start"]
        if not isinstance(start, datetime):
            end = end or start + (timedelta(days=(last - first).days) if days else timedelta(days=1))
            times: Resource = {"start": {"date": start.isoformat()}, "end": {"date": end.isoformat()}}
        else:
            end = end or start + (timedelta(hours=1) if days else last - first)
            assert isinstance(end, datetime)
            times = {name: {"dateTime": in_zone(at, calendar.zone)} for name, at in (("start", start), ("end", end))}
        gone = dict.fromkeys(("date", "dateTime"))
        self.edit(id, **{name: gone | at for name, at in times.items()})

    def rename(self, id: str, title: str) -> None:
        self.edit(id, summary=title)

    def note(self, id: str, text: str, *, html: bool = False, bold: Iterable[str] = ()) -> None:
        """Type above all that stands in the notes. ``html``: on the web, which makes a page of all of it."""
        there = self._found(id)[1].body.get("description", "")
        whole = f"{text}\n{there}" if there else text
        self.edit(id, description=as_html(whole, bold=bold) if html else whole)

    def place(self, id: str, location: str) -> None:
        self.edit(id, location=location)

    def color(self, id: str, color: str) -> None:
        self.edit(id, colorId=color)

    def remind(self, id: str, *minutes: int) -> None:
        """Alarms of one's own; none at all without ``minutes``."""
        found = [{"method": "popup", "minutes": one} for one in minutes]
        self.edit(id, reminders=None)
        self.edit(id, reminders={"useDefault": False, **({"overrides": found} if found else {})})

    def invite(self, id: str, *guests: str) -> None:
        self.edit(id, attendees=[{"email": one, "responseStatus": "needsAction"} for one in guests])

    def delete(self, id: str) -> None:
        assert not self._found(id)[1].gone
        self.edit(id, status="cancelled")

    def restore(self, id: str) -> None:
        """Out of the bin."""
        assert self._found(id)[1].gone
        self.edit(id, status="confirmed")

    def add(self, calendar: Calendar, title: str, start: datetime, minutes: int = 60, **fields: Any) -> str:
        """A new event, typed into a calendar. Gives back its id."""
        self.server.now += STEP
        times = {
            "start": {"dateTime": in_zone(start, calendar.zone), "timeZone": calendar.zone.key},
            "end": {"dateTime": in_zone(start + timedelta(minutes=minutes), calendar.zone), "timeZone": calendar.zone.key},
        }
        body = taken({"summary": title, **times, **fields}, calendar.zone)
        return self.server.calendars.put(calendar, self.server.calendars.new_id(), body, self.server.now).id

    # -- calendars

    def new_calendar(self, summary: str, zone: str = "America/Detroit") -> Calendar:
        self.server.now += STEP
        return self.server.calendars.add(self.account, summary, zone)

    def delete_calendar(self, calendar: Calendar) -> None:
        self.server.now += STEP
        self.server.calendars.drop(calendar.id)

    def rezone(self, calendar: Calendar, zone: str) -> None:
        """The calendar's own time zone, in its settings."""
        self.server.now += STEP
        calendar.zone = zone_of(zone)
        calendar.edits += 1

    # -- tasks

    def edit_task(self, id: str, **fields: Any) -> None:
        found, task = self._task(id)
        self.server.now += STEP
        task.body = taken_task(fields, task.body, self.server.now)
        task.hidden = task.hidden and task.done
        self.server.tasks.change(found, task, self.server.now)

    def tick(self, id: str) -> None:
        """From then on it is hidden: no list tells of it that does not ask for what is hidden."""
        self.edit_task(id, status="completed")
        self._task(id)[1].hidden = True

    def untick(self, id: str) -> None:
        self.edit_task(id, status="needsAction")

    def move_task(self, id: str, day: date) -> None:
        self.edit_task(id, due=f"{day.isoformat()}T00:00:00Z")

    def note_task(self, id: str, text: str) -> None:
        there = self._task(id)[1].body.get("notes", "")
        self.edit_task(id, notes=f"{text}\n{there}" if there else text)

    def delete_task(self, id: str) -> None:
        self.edit_task(id, deleted=True)

    def add_task(self, found: TaskList, title: str, day: date | None = None, notes: str = "", *, below: str = "") -> str:
        """``below``: the id of the task that it belongs to."""
        self.server.now += STEP
        due = {"due": datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat()} if day else {}
        body = taken_task({"title": title, **due, "notes": notes}, {}, self.server.now)
        return self.server.tasks.put(found, body, self.server.now, parent=below).id
