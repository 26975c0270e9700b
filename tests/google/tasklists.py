"""Google Tasks v1: lists and tasks. Facts: the Task schema and the parameters of ``tasks.list`` in the tasks:v1 discovery document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tests.google.calendars import Habits
from tests.google.grants import Caller
from tests.google.replies import Refusal, Reply, Resource, entity, fits, moment, not_found, stamp

_READ_ONLY = {"kind", "id", "etag", "updated", "selfLink", "position", "parent", "links", "hidden", "webViewLink", "assignmentInfo"}
_TAKEN = {"title", "notes", "status", "due", "completed", "deleted"}
_LONGEST = {"title": 1024, "notes": 8192}


@dataclass(slots=True)
class Task:
    """``hidden``: ticked in one of Google's own apps, or cleared away. ``body``: what clients may write."""

    id: str
    updated: datetime
    number: int
    changed: int
    hidden: bool = False
    parent: str = ""
    body: Resource = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return bool(self.body.get("status") == "completed")

    @property
    def etag(self) -> str:
        return f'"{sha256(f"{self.id} {self.changed}".encode()).hexdigest()[:22]}"'


@dataclass(slots=True)
class TaskList:
    id: str
    owner: str
    title: str
    updated: datetime
    tasks: dict[str, Task] = field(default_factory=dict)
    changes: int = 0

    def shown(self, root: str) -> Resource:
        told = {"kind": "tasks#taskList", "id": self.id, "title": self.title, "updated": stamp(self.updated)}
        return told | {"etag": f'"{sha256(repr(told).encode()).hexdigest()[:22]}"', "selfLink": f"{root}tasks/v1/users/@me/lists/{self.id}"}


@dataclass(slots=True)
class TaskLists:
    """``lists``: in the order of making; the first one of a person is that person's @default."""

    root: str
    habits: Habits = field(default_factory=Habits)
    lists: dict[str, TaskList] = field(default_factory=dict)
    number: int = 0

    def new_id(self) -> str:
        """As Google chooses them; no client can."""
        self.number += 1
        return sha256(f"{self.root} task {self.number}".encode()).hexdigest()[:22]

    def add(self, owner: str, title: str, now: datetime) -> TaskList:
        made = TaskList(self.new_id(), owner, title, now)
        self.lists[made.id] = made
        return made

    def call(self, name: str, caller: Caller, asked: dict[str, Any], body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        """``name``: tasks.tasks.insert …; NotImplementedError for what the fake does not know."""
        act = getattr(self, "_" + name.removeprefix("tasks.").replace(".", "_"), None)
        if act is None:
            raise NotImplementedError(name)
        if unknown := body.keys() - _TAKEN - _READ_ONLY:
            raise Refusal(400, "badRequest", f'Invalid JSON payload received. Unknown name "{min(unknown)}": Cannot find field.')
        reply: Reply = act(caller, asked, body, headers, now)
        return reply

    # -- lists

    def of(self, account: str) -> list[TaskList]:
        return [one for one in self.lists.values() if one.owner == account]

    def _list(self, caller: Caller, asked: Resource) -> TaskList:
        id = asked["tasklist"]
        mine = self.of(caller.account)
        found = mine[0] if id == "@default" and mine else self.lists.get(id)
        if found is None or found.owner != caller.account:
            raise not_found("Task list not found.")
        return found

    def _tasklists_list(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self.of(caller.account)
        start, size = _place(asked), asked.get("maxResults", 1000)
        more = {"nextPageToken": f"list-{start + size}"} if len(found) > start + size else {}
        items = [one.shown(self.root) for one in found[start : start + size]]
        return Reply({"kind": "tasks#taskLists", "etag": '"lists"', "items": items, **more})

    def _tasklists_get(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        return entity(self._list(caller, asked).shown(self.root), headers)

    def _tasklists_insert(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        title = body.get("title", "")
        if len(title) > _LONGEST["title"]:
            raise Refusal(400, "invalid", "Invalid Value")
        return Reply(self.add(caller.account, title, now).shown(self.root))

    def _tasklists_patch(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        fits(found.shown(self.root)["etag"], headers)
        found.title, found.updated = body.get("title", found.title), now
        return Reply(found.shown(self.root))

    def _tasklists_delete(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        if found is self.of(caller.account)[0]:
            raise Refusal(400, "invalid", "Invalid Value")
        del self.lists[found.id]
        return Reply(None, 204)

    # -- tasks

    def shown(self, found: TaskList, task: Task) -> Resource:
        told = {
            "kind": "tasks#task",
            "id": task.id,
            "etag": task.etag,
            "title": "",
            "updated": stamp(task.updated),
            "selfLink": f"{self.root}tasks/v1/lists/{found.id}/tasks/{task.id}",
            "position": f"{99_999_999 - task.number:020}",
            "status": "needsAction",
            "links": [],
            "webViewLink": f"https://tasks.google.com/task/{task.id}",
            **task.body,
        }
        return told | ({"hidden": True} if task.hidden else {}) | ({"parent": task.parent} if task.parent else {})

    def _task(self, found: TaskList, asked: Resource) -> Task:
        if asked["task"] not in found.tasks:
            raise not_found("Task not found.")
        return found.tasks[asked["task"]]

    def _tasks_insert(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        for name in ("parent", "previous"):
            if asked.get(name) and asked[name] not in found.tasks:
                raise Refusal(400, "invalid", f"Invalid {name}.")
        return Reply(self.shown(found, self.put(found, taken(body, {}, now), now, parent=asked.get("parent", ""))))

    def put(self, found: TaskList, body: Resource, now: datetime, *, parent: str = "") -> Task:
        made = Task(self.new_id(), now, len(found.tasks), 0, parent=parent, body=body)
        found.tasks[made.id] = made
        self.change(found, made, now)
        return made

    def change(self, found: TaskList, task: Task, now: datetime) -> None:
        found.changes += 1
        task.changed = found.changes
        task.updated = found.updated = now

    def _tasks_get(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        return entity(self.shown(found, self._task(found, asked)), headers)

    def _tasks_patch(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        return self._rewritten(caller, asked, lambda task: taken(body, task.body, now), headers, now)

    def _tasks_update(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        if body.get("id") != asked["task"]:
            raise Refusal(400, "invalid", "Missing task ID")
        return self._rewritten(caller, asked, lambda task: taken(body, {}, now), headers, now)

    def _rewritten(self, caller: Caller, asked: Resource, body: Any, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        task = self._task(found, asked)
        fits(task.etag, headers)
        task.body = body(task)
        task.hidden = task.hidden and task.done
        self.change(found, task, now)
        return Reply(self.shown(found, task))

    def _tasks_delete(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        task = self._task(found, asked)
        if task.body.get("deleted"):
            if self.habits.deleted_task >= 400:
                raise not_found("Task not found.")
            return Reply(None, 204)
        fits(task.etag, headers)
        self.remove(found, task, now)
        return Reply(None, 204)

    def remove(self, found: TaskList, task: Task, now: datetime) -> None:
        """And what stands below it, as Google's own apps show it."""
        for one in (task, *(other for other in found.tasks.values() if other.parent == task.id)):
            one.body["deleted"] = True
            self.change(found, one, now)

    def _tasks_clear(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        for task in found.tasks.values():
            if task.done and not task.hidden:
                task.hidden = True
                self.change(found, task, now)
        return Reply(None, 204)

    def _tasks_list(self, caller: Caller, asked: Resource, body: Resource, headers: Mapping[str, str], now: datetime) -> Reply:
        found = self._list(caller, asked)
        wanted = [task for task in found.tasks.values() if _matches(task, asked)]
        after, size = _place(asked), min(asked.get("maxResults", 20), 100)
        rest = [task for task in wanted if task.number >= after]
        page, more = rest[:size], rest[size:]
        told = {"kind": "tasks#tasks", "items": [self.shown(found, task) for task in page]}
        told |= {"etag": f'"{sha256(repr(told).encode()).hexdigest()[:22]}"'}
        return entity(told | ({"nextPageToken": f"list-{more[0].number}"} if more else {}), headers)


def taken(body: Resource, there: Resource, now: datetime) -> Resource:
    """What is kept of a task: ``body`` over what is there, null takes away. Only the day of ``due`` is recorded."""
    kept = {**there, **{name: value for name, value in body.items() if name in _TAKEN}}
    kept = {name: value for name, value in kept.items() if value not in (None, False) and (name, value) != ("notes", "")}
    if any(len(kept.get(name, "")) > size for name, size in _LONGEST.items()) or kept.get("status", "completed") not in (
        "needsAction",
        "completed",
    ):
        raise Refusal(400, "invalid", "Invalid Value")
    if "due" in kept:
        kept["due"] = f"{moment(kept['due'], 'due').astimezone(UTC):%Y-%m-%d}T00:00:00.000Z"
    if kept.get("status") != "completed":
        kept.pop("completed", None)
    else:
        kept["completed"] = stamp(moment(kept["completed"], "completed")) if "completed" in kept else stamp(now)
    return kept


def _matches(task: Task, asked: Resource) -> bool:
    if task.body.get("deleted") and not asked.get("showDeleted"):
        return False
    if (task.done and not asked.get("showCompleted", True)) or (task.hidden and not asked.get("showHidden")):
        return False
    if "updatedMin" in asked and task.updated < _exact(asked["updatedMin"], "updatedMin"):
        return False
    for name in ("due", "completed"):
        for bound, wrong in (("Min", lambda value, limit: value < limit), ("Max", lambda value, limit: value >= limit)):
            if name + bound in asked and (
                name not in task.body or wrong(moment(task.body[name], name), moment(asked[name + bound], name + bound))
            ):
                return False
    return True


def _exact(text: str, location: str) -> datetime:
    """With its milliseconds."""
    moment(text, location)
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _place(asked: Resource) -> int:
    head, _, number = asked.get("pageToken", "list-0").partition("-")
    if head != "list" or not number.isdecimal():
        raise Refusal(400, "invalid", "Invalid Value", location="pageToken")
    return int(number)
