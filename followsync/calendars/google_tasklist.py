"""The task list beside our Google calendar: what changed in it, its tasks, and writing them.

A task's id is chosen by Google, and no insert is ever repeated: whether one arrived is found out by the UID in its notes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

from followsync.calendars import google_events as events
from followsync.calendars import google_tasks as tasks
from followsync.calendars.base import Receipt
from followsync.calendars.google_cursor import Before, Cursor, Page
from followsync.calendars.google_place import GONE
from followsync.calendars.google_wire import GoogleWire, Missing, guarded, items, methods, readable
from followsync.calendars.wire import moment
from followsync.core.item import Item, Seen
from followsync.errors import Changed, MassChange, Refused

_A_PAGE = 100  # the most that Google gives
_SINGLY = 5  # more than so many are not asked for one by one
_OVERLAP = timedelta(minutes=10)  # changes are asked for from so long before what is known: they may show late


class TaskList:
    """``place`` gives the id of the list, finding or making it where it is not known yet; "" where there is none and none is to be made,
    which is as good as an empty one. One object belongs to one thread."""

    def __init__(self, wire: GoogleWire, root: str, zone: tzinfo, clock: Callable[[], datetime], place: Callable[[], str]) -> None:
        self._wire, self._root, self._zone, self._clock, self._place = wire, root, zone, clock, place
        self._ids: dict[str, str] = {}  # href -> id of the tasks that were met
        self._hrefs: dict[str, str] = {}  # and back
        self._etags: Callable[[], Mapping[str, str]] = dict

    @cached_property
    def _api(self) -> Any:
        return methods("tasks", "v1", self._root, "tasks")

    def remind(self, etags: Callable[[], Mapping[str, str]]) -> None:
        """See ``Calendar.remind``."""
        self._etags = etags

    @cached_property
    def _before(self) -> Before:
        return Before(self._etags())

    def page(self, at: Cursor, page: Page) -> Cursor:
        """Tasks have no sync token: those changed since a moment are listed. What was ticked in Google's own apps is hidden, so hidden ones
        are asked for too. As long as the overlap shows anything, the moment goes on; a quiet list stays the same."""
        if not self._place():
            return replace(at, task_page="", begun="")
        asked: dict[str, Any] = {"showCompleted": True, "showHidden": True, "showDeleted": bool(at.since)}
        if at.since:
            asked["updatedMin"] = _told(datetime.fromisoformat(at.since) - _OVERLAP)
        if at.task_page:
            asked["pageToken"] = at.task_page
        fields = f"items({tasks.FIELDS}),nextPageToken"
        try:
            answer = self._wire.execute(self._api.list(tasklist=self._place(), maxResults=_A_PAGE, fields=fields, **asked))
        except Missing:
            raise MassChange(GONE.format("task list")) from None
        begun = at.begun or self._now()
        listed = items(answer)
        for task in sorted(listed, key=tasks.is_as_written, reverse=True):  # of two that carry one UID, the likelier one comes first
            self._met(task, page)
        if following := answer.get("nextPageToken"):
            return replace(at, task_page=str(following), begun=begun, news=True)
        goes_on = listed or at.task_page or not at.since
        return replace(at, task_page="", begun="", since=begun if goes_on else at.since, news=at.news or bool(goes_on))

    def _now(self) -> str:
        """By Google's clock, ours where it does not tell."""
        return (moment(self._wire.date) or self._clock()).isoformat()

    def _met(self, task: events.Resource, page: Page) -> None:
        href = self._href_of(task)
        if task.get("deleted"):
            page.went(href)
        elif page.stands(href, tasks.etag_of(task)):
            page.seen[href] = self._seen(href, task)

    def _href_of(self, task: events.Resource) -> str:
        """Where it stands: by its id, where that was ever known, whatever became of its notes. Else by the UID that it carries, unless
        that is the UID of another one, which may be gone by now: then it is the rep's copy, and theirs."""
        number = str(task.get("id", ""))
        if not (href := self._hrefs.get(number) or self._before.hrefs.get(number, "")):
            uid = tasks.uid_of(task)
            href = href_of(uid) if uid and not self._known_id(href_of(uid)) else tasks.PLACE + tasks.FOREIGN + number
        self._ids[href], self._hrefs[number] = number, href
        return href

    def _seen(self, href: str, task: events.Resource) -> Seen:
        etag, raw = tasks.etag_of(task), events.raw_of(task)
        try:
            return Seen(href, etag, raw, tasks.item_of(task, self._zone, unquote(href.removeprefix(tasks.PLACE))))
        except ValueError as error:
            return Seen(href, etag, raw, None, str(error))

    def read(self, hrefs: Sequence[str]) -> dict[str, Seen | None]:
        """A few by their ids, where those are known; else the whole list is looked through for the UIDs."""
        some = hrefs if len(hrefs) <= _SINGLY else ()
        found = {href: self._at(href, number) for href in some if (number := self._known_id(href))}
        if len(found) < len(hrefs):
            standing = self._all()
            found |= {href: standing.get(href) for href in hrefs if href not in found}
        return found

    def _known_id(self, href: str) -> str:
        name = href.removeprefix(tasks.PLACE)
        return name.removeprefix(tasks.FOREIGN) if name.startswith(tasks.FOREIGN) else self._ids.get(href) or self._before.ids.get(href, "")

    def _at(self, href: str, number: str) -> Seen | None:
        if not self._place():
            return None
        try:
            task = self._wire.execute(self._api.get(tasklist=self._place(), task=number, fields=tasks.FIELDS))
        except Missing:
            return None
        return None if task.get("deleted") else self._seen(href, task)

    def _all(self) -> dict[str, Seen]:
        page = Page({})
        at = self.page(Cursor(), page)
        while at.task_page:
            at = self.page(at, page)
        return page.seen

    def holds_ours(self, tasklist: str) -> bool:
        """Whether anything of ours stands in that list that is not done, or that was done and not yet read."""
        etags, asked = self._etags(), dict[str, Any](showHidden=True)
        while True:
            answer = self._wire.execute(self._api.list(tasklist=tasklist, maxResults=_A_PAGE, **asked))
            for task in items(answer):
                href, done = self._href_of(task), task.get("status") == "completed"
                if not href.startswith(tasks.PLACE + tasks.FOREIGN) and not (done and etags.get(href) == tasks.etag_of(task)):
                    return True
            if not (following := answer.get("nextPageToken")):
                return False
            asked["pageToken"] = str(following)

    # -- writing

    def create(self, href: str, item: Item) -> Receipt:
        asked = self._api.insert(tasklist=self._place(), body=tasks.new_task(item), fields=tasks.FIELDS)
        return self._taken(href, self._wire.execute(asked))

    def update(self, href: str, item: Item, raw: str, etag: str) -> Receipt:
        with readable():
            body = tasks.changes(item, events.parsed(raw), self._zone, unquote(href.removeprefix(tasks.PLACE)))
        asked = self._api.patch(tasklist=self._place(), task=tasks.id_in(etag), body=body, fields=tasks.FIELDS)
        return self._taken(href, self._wire.execute(guarded(asked, etag)))

    def delete(self, href: str, etag: str | None) -> None:
        number = tasks.id_in(etag) or self._known_id(href)
        if not number:
            seen = self._all().get(href)
            number = tasks.id_in(seen.etag) if seen else ""
        if not number:
            return
        if number in self._parents:
            raise Refused("Tasks of the rep's own stand below it, and would go with it: it stays until somebody deletes it on a phone.")
        try:
            self._wire.execute(guarded(self._api.delete(tasklist=self._place(), task=number), etag))
        except Changed:
            if self._at(href, number) is not None:
                raise

    @cached_property
    def _parents(self) -> frozenset[str]:
        """Ids of tasks that have others below them. Looked up once, and only where something is to be removed."""
        found: set[str] = set()
        asked = dict[str, Any](showHidden=True)
        while True:
            fields = "items/parent,nextPageToken"
            answer = self._wire.execute(self._api.list(tasklist=self._place(), maxResults=_A_PAGE, fields=fields, **asked))
            found |= {str(task["parent"]) for task in items(answer) if task.get("parent")}
            if not (following := answer.get("nextPageToken")):
                return frozenset(found)
            asked["pageToken"] = str(following)

    def _taken(self, href: str, task: events.Resource) -> Receipt:
        number = str(task.get("id", ""))
        self._ids[href], self._hrefs[number] = number, href
        seen = self._seen(href, task)
        return Receipt(seen.etag, seen.raw, seen.item)


def href_of(uid: str) -> str:
    return tasks.PLACE + quote(uid, safe="@")


def _told(when: datetime) -> str:
    """RFC 3339."""
    return when.isoformat().replace("+00:00", "Z")
