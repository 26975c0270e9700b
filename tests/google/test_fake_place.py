"""The fake as the state machine sees it, with a way of reading of its own."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from googleapiclient.errors import HttpError

from followsync.calendars.memory import Faults
from followsync.core.cadence import Form
from followsync.core.item import Item
from tests.dav.server import Broken
from tests.google.client import opened, signed_in
from tests.google.place import GooglePlace, PlaceDoor
from tests.google.world import CALL
from tests.machine.apps import LINES, App

DETROIT = ZoneInfo("America/Detroit")
START = datetime(2026, 1, 8, 14, tzinfo=DETROIT)
DAY = START.date()


class Plain:
    """Reads what these tests look at."""

    def event(self, event: Mapping[str, Any], zone: tzinfo) -> Item:
        marks = event.get("extendedProperties", {}).get("private", {})
        start = event["start"].get("dateTime") or event["start"]["date"] + "T00:00:00-05:00"
        begin = datetime.fromisoformat(start).astimezone(zone)
        read = Item(event["id"], Form.EVENT, event.get("summary", ""), event.get("description", ""), begin, begin)
        return replace(read, prospect=marks.get("prospect", ""), action=marks.get("action", ""), theirs="attendees" in event)

    def task(self, task: Mapping[str, Any], zone: tzinfo, uid: str) -> Item:
        day = date.fromisoformat(task.get("due", "1970-01-01")[:10])
        begin = datetime(day.year, day.month, day.day, tzinfo=zone)
        notes = re.sub(r"\n*\[.*\]$", "", task.get("notes", ""))
        return Item(uid, Form.TASK, task["title"], notes, begin, begin, done=task["status"] == "completed", prospect=self.uid_of(task))

    def uid_of(self, task: Mapping[str, Any]) -> str:
        found = re.search(r"\[(\w+)\]$", task.get("notes", ""))
        return found[1] if found else ""


@pytest.fixture
def place() -> GooglePlace:
    return GooglePlace("phone", "Follow-ups", "Follow-ups", Plain(), now=datetime(2026, 1, 5, 12, tzinfo=UTC))


class Client:
    """Ours."""

    def __init__(self, place: GooglePlace) -> None:
        self.place = place
        self.door = PlaceDoor(place, lambda at, method, path: None)
        http = signed_in(place.google, self.door, place.client, "dana@example.org")
        self.events, self.tasks = opened("calendar", place.google, http).events(), opened("tasks", place.google, http).tasks()

    def event(self, **fields: Any) -> str:
        marks = {"extendedProperties": {"private": {"prospect": "jenny", "action": "a-1"}}}
        return f"events/{self.events.insert(calendarId=self.place.calendar.id, body={**CALL, **marks, **fields}).execute()['id']}"

    def task(self, notes: str = "Ask\n\n[fs1task]") -> str:
        assert self.place.tasklist
        made = self.tasks.insert(tasklist=self.place.tasklist.id, body={"title": "Write", "notes": notes, "due": "2026-01-08T00:00:00Z"})
        return str(made.execute()["id"])

    def listed(self) -> list[str]:
        return [one["id"] for one in self.events.list(calendarId=self.place.calendar.id).execute()["items"]]


@pytest.fixture
def ours(place: GooglePlace) -> Client:
    return Client(place)


def test_entries_are_named(place: GooglePlace, ours: Client) -> None:
    assert isinstance(place, App)
    event = ours.event()
    ours.task()
    other = ours.task("no mark")
    assert list(place.entries) == [event, "tasks/fs1task", f"tasks/@{other}"]
    copy = place.copy(event, 1)
    assert (len(place.entries), place.read(copy).prospect) == (4, "jenny")
    again = place.copy("tasks/fs1task", 1)
    assert again.startswith("tasks/@")
    assert place.read(again).action == place.read("tasks/fs1task").action
    again = ours.task()
    assert f"tasks/@{again}" in place.entries


def test_the_rep_edits(place: GooglePlace, ours: Client) -> None:
    event, task = ours.event(), "tasks/fs1task"
    ours.task()
    for href in (event, task):
        assert list(place.entries).count(href) == 1
        place.phone_edit(href, title="Other", body="note\nAsk")
        place.phone_move(href, START + timedelta(days=1))
        assert (place.read(href).title, place.read(href).body) == ("Other", "note\nAsk")
    assert place.read(event).start == START + timedelta(days=1)
    assert place.read(task).start.date() == DAY + timedelta(days=1)
    place.phone_edit(task, body="<html-blob>one &amp;<br>two</html-blob>")
    assert (place.read(task).body, place.read(task).prospect) == ("one &\ntwo", "fs1task")
    place.phone_tick(event)
    place.phone_tick(task)
    assert (place.read(event).title, place.read(task).done) == ("✓ Other", True)


def test_the_bin(place: GooglePlace, ours: Client) -> None:
    event = ours.event()
    ours.task()
    for href in (event, "tasks/fs1task"):
        assert href in place.entries
        kept = place.keep(href)
        place.phone_delete(href)
        assert href not in place.entries
        place.put_back(href, kept)
        assert href in place.entries
    assert (place.removed, place.writes) == ([], 2)


@pytest.mark.parametrize("how", LINES)
def test_the_rep_types(place: GooglePlace, how: str) -> None:
    href = place.type(how, "Call Joe", DAY, START, 1, note="blue")
    item = place.read(href)
    assert (item.title, item.body) == ("Call Joe", "blue")
    assert item.form is (Form.TASK if how in ("task", "undated") else Form.EVENT)
    assert item.start == {"timed": START, "undated": datetime(1970, 1, 1, tzinfo=DETROIT)}.get(how, START.replace(hour=0))
    assert place.read(place.type("timed", "Guest", DAY, START, 2, kind="invitation")).theirs


def test_what_others_have_there(place: GooglePlace) -> None:
    place.others()
    assert len(place.entries) == 2
    assert place.removed == place.mailed == []


def test_what_clients_write_is_noted(place: GooglePlace, ours: Client) -> None:
    event = ours.event(attendees=[{"email": "a@example.org"}])
    ours.task()
    assert place.written == {event, "tasks/fs1task"}
    assert place.mailed == ["calendar.events.insert fs1call"]
    ours.events.delete(calendarId=place.calendar.id, eventId="fs1call").execute()
    assert place.removed == [(event, {"PROSPECT": "jenny", "ACTION": "a-1"})]
    place.removed = []
    assert (place.removed, place.writes, place.changed) == ([], 3, 3)


@pytest.mark.parametrize("how", ["before", "after"])
def test_the_second_write_breaks(place: GooglePlace, ours: Client, how: str) -> None:
    setattr(place.faults, how, 2)
    ours.event()
    with pytest.raises(ConnectionError):
        ours.event(id="fs1other")
    ours.event(id="fs1third")
    assert len(place.entries) == (2 if how == "before" else 3)


def test_other_faults(place: GooglePlace, ours: Client) -> None:
    place.faults = Faults(reads=1, retry_after=30)
    with pytest.raises(HttpError, match="503"):
        ours.listed()
    assert ours.listed() == []
    place.faults = Faults(reads=1)
    with pytest.raises(ConnectionError):
        ours.listed()
    ours.event()
    place.faults.refuse = {"events/fs1call"}
    with pytest.raises(HttpError, match="403"):
        ours.events.delete(calendarId=place.calendar.id, eventId="fs1call").execute()
    assert issubclass(Broken, Exception)


def test_it_is_put_back_to_an_earlier_time(place: GooglePlace, ours: Client) -> None:
    ours.event()
    before = pickle.dumps(vars(place))
    ours.event(id="fs1other")
    assert ours.listed() == ["fs1call", "fs1other"]
    vars(place).update(pickle.loads(before))
    assert ours.listed() == ["fs1call"]
    ours.event(id="fs1third")
    assert len(place.entries) == 2
