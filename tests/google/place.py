"""A Google calendar and the task list beside it, as the state machine wants its servers: what stands there by href, the rep's phone, faults
by count, and what a client wrote (see ``tests.dav.server.DavServer``). How the product names and reads entries is given as a ``Reading``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from html import unescape
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from followsync.calendars.memory import Faults
from followsync.core.cadence import Form
from followsync.core.item import Item
from tests.google.calendars import Calendar
from tests.google.faults import Broken
from tests.google.phone import Phone
from tests.google.replies import Answer, Refusal, Resource
from tests.google.server import GoogleServer
from tests.google.tasklists import TaskList
from tests.google.wire import Door

ZONE = ZoneInfo("America/Detroit")
EVENTS, TASKS = "events/", "tasks/"
_MARK = re.compile(r"\n*\[fs1[^\[\]\n]*\]")  # what stands below the notes of a task, and is none of the rep's


class Reading(Protocol):
    def event(self, event: Mapping[str, Any], zone: tzinfo) -> Item:
        """Raises ValueError where it cannot be understood."""

    def task(self, task: Mapping[str, Any], zone: tzinfo, uid: str) -> Item:
        """``uid``: whose it is known to be."""

    def uid_of(self, task: Mapping[str, Any]) -> str:
        """That a task carries in its notes, or ""."""


@dataclass
class Watched(GoogleServer):
    """``hurt``: as of a ``MemoryServer``. ``wrote``, ``took``, ``done``: hrefs that clients wrote, ids that they deleted, and how many
    writes there were."""

    hurt: Faults = field(default_factory=Faults)
    wrote: set[str] = field(default_factory=set)
    took: list[str] = field(default_factory=list)
    done: int = 0

    def call(self, verb: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.hurt.login:
            raise Refusal(401, "authError", "Invalid Credentials", location="Authorization")
        if verb == "GET":
            if self.hurt.reads:
                self.hurt.reads -= 1
                self._broken()
            return super().call(verb, path, query, headers, body)
        if self.hurt.breaks("before"):
            self._broken()
        id = path.rpartition("/")[2]
        if any(href.rpartition("/")[2] == id for href in self.hurt.refuse):
            raise Refusal(403, "forbidden", "Forbidden")
        try:
            answer = super().call(verb, path, query, headers, body)
            self.done += 1
            self._remember(verb, id, answer[2])
        finally:
            if self.hurt.breaks("after"):
                self._broken()
        return answer

    def _note(self, *what: Any, **more: Any) -> None:
        """No log is kept: a life is long."""

    def _remember(self, verb: str, id: str, told: bytes) -> None:
        if verb == "DELETE":
            self.took.append(id)
        elif told:
            self.wrote.add(str(json.loads(told).get("id", "")))

    def _broken(self) -> None:
        if self.hurt.retry_after is not None:
            raise Refusal(503, "backendError", "Service Unavailable", Retry_After=f"{self.hurt.retry_after:.0f}")
        raise Broken


class PlaceDoor(Door):
    """The way in to whatever server a place has at the moment: one that was put back to an earlier time is another object."""

    def __init__(self, place: GooglePlace, moment: Callable[[str, str, str], None]) -> None:
        super().__init__(place.google)
        self._place = place
        self.moment = moment

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.server = self._place.google
        return super().__call__(method, url, headers, body)


class GooglePlace:
    """``requests``: one for events, one for tasks, where there are any to be."""

    path = EVENTS

    def __init__(self, name: str, label: str, tasks: str, reading: Reading, *, now: datetime) -> None:
        self.google = Watched(root=f"https://{name}.example.org/", now=now, tells_time=False)
        self.google.account()
        self.label, self.title, self.reading = label, tasks, reading
        self.requests = 2 if tasks else 1
        self.client = self.google.grants.client()
        self.google.calendars.add("dana@example.org", label, ZONE.key, app=self.client.id)
        if tasks:
            self.google.tasks.add("dana@example.org", tasks, now)
        self.names: dict[str, str] = {}  # task -> href
        self.marks: dict[str, dict[str, str]] = {}  # of what a client wrote, by id

    # -- what stands there

    @property
    def phone(self) -> Phone:
        return Phone(self.google)

    @property
    def calendar(self) -> Calendar:
        return self.google.calendar(self.label)

    @property
    def tasklist(self) -> TaskList | None:
        return self.google.tasklist(self.title) if self.title else None

    @property
    def entries(self) -> dict[str, tuple[str, str]]:
        """href -> (etag, JSON)."""
        calendar, found = self.calendar, dict[str, tuple[str, str]]()
        for event in calendar.events.values():
            if not event.gone:
                found[EVENTS + event.id] = (event.etag, json.dumps(self._event(event.id), sort_keys=True))
        for task in self.tasklist.tasks.values() if self.tasklist else ():
            if not task.body.get("deleted"):
                found[self._href(task.id)] = (task.etag, json.dumps(self._task(task.id), sort_keys=True))
        return found

    def _event(self, id: str) -> Resource:
        return self.google.calendars._shown(self.calendar, self.calendar.events[id], {})

    def _task(self, id: str) -> Resource:
        assert self.tasklist
        return self.google.tasks.shown(self.tasklist, self.tasklist.tasks[id])

    def _href(self, id: str) -> str:
        """By the UID that it carried when it was first seen; of two with one UID, the older one's it is."""
        if id not in self.names:
            href = TASKS + self.reading.uid_of(self._task(id))
            taken = href == TASKS or href in self.names.values()
            self.names[id] = f"{TASKS}@{id}" if taken else href
        return self.names[id]

    def _id(self, href: str) -> str:
        if href.startswith(EVENTS):
            return href.removeprefix(EVENTS)
        return next(id for id, name in self.names.items() if name == href)

    @property
    def changed(self) -> int:
        return self.calendar.changes + (self.tasklist.changes if self.tasklist else 0)

    @property
    def now(self) -> datetime:
        return self.google.now

    @now.setter
    def now(self, now: datetime) -> None:
        self.google.now = now

    @property
    def faults(self) -> Faults:
        return self.google.hurt

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.google.hurt = faults

    def forget_tokens(self) -> None:
        self.google.forget_tokens()

    # -- for the oracles

    @property
    def writes(self) -> int:
        return self.google.done

    @property
    def written(self) -> set[str]:
        tasks = self.tasklist.tasks if self.tasklist else {}
        return {self._href(id) if id in tasks else EVENTS + id for id in self.google.wrote}

    @property
    def mailed(self) -> list[str]:
        return self.google.calendars.mailed

    @property
    def removed(self) -> list[tuple[str, dict[str, str]]]:
        """href and marks of what clients deleted."""
        found = []
        for id in self.google.took:
            event = id in self.calendar.events
            href = EVENTS + id if event else self._href(id)
            item = self.reading.event(self._event(id), ZONE) if event else self.reading.task(self._task(id), ZONE, href.removeprefix(TASKS))
            found.append((href, {"PROSPECT": item.prospect, "ACTION": item.action}))
        return found

    @removed.setter
    def removed(self, none: list[tuple[str, dict[str, str]]]) -> None:
        assert none == []
        self.google.took = []

    # -- the rep's phone

    def phone_item(self, href: str, zone: tzinfo = ZONE) -> Item:
        id = self._id(href)
        if href.startswith(EVENTS):
            return self.reading.event(self._event(id), zone)
        return self.reading.task(self._task(id), zone, href.removeprefix(TASKS))

    def read(self, href: str) -> Item:
        return self.phone_item(href)

    def phone_edit(self, href: str, *, title: str | None = None, body: str | None = None) -> None:
        id = self._id(href)
        if href.startswith(EVENTS):
            self.phone.edit(id, **{name: value for name, value in (("summary", title), ("description", body)) if value is not None})
            return
        more: dict[str, str] = {} if title is None else {"title": title}
        if body is not None:
            mark = _MARK.search(self._task(id).get("notes", ""))
            plain = unescape(re.sub("<br>", "\n", body)) if body.startswith("<html") else body  # there is no HTML in tasks
            more["notes"] = self._noted(id, re.sub("</?html-blob>", "", plain), mark[0] if mark else "")
        self.phone.edit_task(id, **more)

    def _noted(self, id: str, body: str, mark: str) -> str:
        """Google's apps leave the cursor at the end of the notes: every other text that a rep adds stands below our line."""
        there = _MARK.sub("", self._task(id).get("notes", "")).strip()
        typed = body.strip().removesuffix(there).strip()
        below = bool(mark and there) and body.strip().endswith(there) and sum(map(ord, typed)) % 2
        return f"{there}{mark}\n{typed}" if below else body + mark

    def phone_move(self, href: str, start: datetime) -> None:
        if href.startswith(EVENTS):
            self.phone.move(self._id(href), start)
        else:
            self.phone.move_task(self._id(href), start.date())

    def phone_tick(self, href: str) -> None:
        item = self.phone_item(href)
        if item.form is Form.TASK:
            self.phone.tick(self._id(href))
        else:
            self.phone.rename(self._id(href), f"✓ {item.title}")

    def phone_delete(self, href: str) -> None:
        assert href in self.entries
        if href.startswith(EVENTS):
            self.phone.delete(self._id(href))
        else:
            self.phone.delete_task(self._id(href))

    # -- see ``tests.machine.apps.App``

    def others(self) -> None:
        self.phone.add(self.calendar, "Doctor", datetime(2026, 1, 6, 10, tzinfo=ZONE))
        spoilt = self.phone.add(self.calendar, "Spoilt", datetime(2026, 1, 6, 10, tzinfo=ZONE))
        self.phone.move(spoilt, date(9000, 1, 1))

    def type(self, how: str, title: str, day: date, start: datetime, number: int, *, note: str = "", kind: str = "") -> str:
        if how in ("task", "undated") and self.tasklist:
            return self._href(self.phone.add_task(self.tasklist, title, day if how == "task" else None, note))
        more: Resource = {"description": note} if note else {}
        more |= {"series": {"recurrence": ["RRULE:FREQ=WEEKLY"]}, "invitation": {"attendees": [{"email": "b@example.org"}]}}.get(kind, {})
        id = self.phone.add(self.calendar, title, start, 20, **more)
        if how != "timed":  # a calendar without tasks has days at least
            self.phone.move(id, day, day + timedelta(days=1))
        return EVENTS + id

    def keep(self, href: str) -> str:
        return ""  # Google's bin keeps it

    def put_back(self, href: str, kept: str) -> None:
        if href.startswith(EVENTS):
            self.phone.restore(self._id(href))
        else:
            self.phone.edit_task(self._id(href), deleted=None)

    def copy(self, href: str, number: int) -> str:
        """With all that it carries. Nobody copies a task, but one that repeats is followed by one with the same notes."""
        id = self._id(href)
        if href.startswith(TASKS):
            assert self.tasklist
            task = json.loads(json.dumps(self.tasklist.tasks[id].body))
            return self._href(self.google.tasks.put(self.tasklist, task, self.google.now).id)
        body = json.loads(json.dumps(self.calendar.events[id].body))
        return EVENTS + self.google.calendars.put(self.calendar, self.google.calendars.new_id(), body, self.google.now).id
