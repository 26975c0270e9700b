"""Item <-> a task of Google Tasks, as JSON. Pure: nothing is sent here.

https://developers.google.com/workspace/tasks/reference/rest/v1/tasks says what each field means. A task has a day and no hour, no place, no
alarm, no properties of others, and an id that the server chooses. So what an entry of ours stands for is told by a line of its notes, the
marker: ``[fs1… a=… p=…]``. We write it last; the rep may type below it. What a text of others says that would read as one is written with
one bracket more.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from followsync import ics
from followsync.calendars.google_events import Resource, day_of, kind_of
from followsync.core.cadence import Form
from followsync.core.item import Item
from followsync.core.operations import OURS

FIELDS = "id,etag,title,notes,due,status,updated,deleted,hidden"
"""What is asked of a task."""
PLACE = "tasks/"  # before its name in an href
FOREIGN = "@"  # before a task's own id, where it carries no UID of ours
_MARKER = re.compile(rf"(?<!\[)\[({OURS}[0-9A-Za-z_-]*)((?: [a-z]=[^\s\[\]]*)*)\]")
_BEGINNING = re.compile(rf"\[+(?={OURS})")  # of what might be taken for a marker
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_LONGEST_TITLE, _LONGEST_NOTES = 1024, 8192


def etag_of(task: Resource) -> str | None:
    """With the id before it, for whoever is to write there."""
    return f"{task['id']} {task['etag']}" if task.get("id") and task.get("etag") else None


def id_in(etag: str | None) -> str:
    """The id of a task in what ``etag_of`` made, "" where there is none."""
    return (etag or "").partition(" ")[0]


def uid_of(task: Resource) -> str:
    """The UID that a task carries, "" where it carries none."""
    found = _marker_of(task.get("notes") or "")
    return found[1] if found and len(found[1]) > len(OURS) else ""


def is_as_written(task: Resource) -> bool:
    """Whether its marker stands where we write it, below all else: so it does not in a task of the rep's that quotes one of ours."""
    return bool(_MARKER.match((task.get("notes") or "").rstrip().rpartition("\n")[2].strip()))


def _marker_of(notes: str, uid: str = "") -> re.Match[str] | None:
    """The marker of the task that is known to be ``uid``, wherever the rep moved it; that of another task says nothing of this one. Of one
    that is not known yet: the last one that begins its line, for the rep types above it and below it. Whether it was pasted there, only
    the ids tell that are known already."""
    if uid.startswith(OURS):
        return next((one for one in reversed(list(_MARKER.finditer(notes))) if one[1] == uid), None)
    several = (_MARKER.match(row.strip()) for row in reversed(notes.splitlines()))
    return next(filter(None, several), None)


def item_of(task: Resource, zone: tzinfo, uid: str = "") -> Item:
    """The task as an Item: a whole day of ``zone``; one without a day stands at 1970-01-01T00:00Z, as one of iCalendar does. ``uid``: whose
    it is known to be, where its notes do not say. Raises ValueError, with a sentence, where it cannot be understood."""
    with ics.told("the task cannot be understood"):
        return _item_of(task, zone, uid)


def _item_of(task: Resource, zone: tzinfo, uid: str) -> Item:
    notes = task.get("notes") or ""
    found = _marker_of(notes, uid)
    marks = dict(pair.split("=", 1) for pair in found[2].split()) if found else {}
    title = ics.clean(task.get("title") or "")
    start = end = _EPOCH.astimezone(zone)
    if due := task.get("due"):
        day = _day(due)
        start, end = ics.midnight(day, zone), ics.midnight(day + _DAY, zone)
    uid = uid or uid_of(task) or FOREIGN + task["id"]
    return Item(
        uid=uid,
        form=Form.TASK,
        title=title,
        body=ics.notes(_without_marker(notes)),
        start=start,
        end=end,
        all_day=bool(due),
        done=task.get("status") == "completed",
        action=unquote(marks.get("a", "")) or (found[1].removeprefix(OURS) if found and "p" in marks else ""),
        prospect=unquote(marks.get("p", "")),
        kind=kind_of(marks.get("k", "")),
        due=day_of(marks.get("d", "")),
        result=marks.get("r", ""),
        block=marks.get("b", "").replace("-", " "),
        slot=marks.get("s", "").replace("-", " "),
        named=_named(title, marks.get("t", "")),
        cancelled=bool(task.get("deleted")),
    )


def _day(due: str) -> date:
    day = date.fromisoformat(due[:10])
    ics.check_day(day)
    return day


def _without_marker(notes: str) -> str:
    """What was typed behind the marker, in its line, stays."""
    rows = [(row, _MARKER.sub("", row, count=1)) for row in notes.splitlines()]
    text = "\n".join(rest for row, rest in rows if row == rest or rest.strip())
    return _BEGINNING.sub(lambda one: one[0][1:] if len(one[0]) > 1 else one[0], text)


def _named(title: str, mark: str) -> str:
    """The title that we wrote, where it still stands there, behind a word of the rep's at most. The mark has room for its digest only."""
    return next((one for one in (title, title.partition(" ")[2]) if mark and _digest(one) == mark), "")


def _digest(title: str) -> str:
    return sha256(title.encode()).hexdigest()[:8]


def new_task(item: Item) -> dict[str, Any]:
    """The body of an insert."""
    item = ics.cleaned(item)
    return {name: value for name, value in _fields(item).items() if value}


def changes(item: Item, task: Resource, zone: tzinfo, uid: str = "") -> dict[str, Any]:
    """The body of a PATCH that makes ``task`` say ``item``: what differs. The tick is only sent where it is to change, so one that the rep
    sets at this moment stays. Raises ValueError where the task cannot be read."""
    item, old = ics.cleaned(item), item_of(task, zone, uid)
    before, after = _fields(old) | {"notes": task.get("notes") or ""}, _fields(item)
    body = {name: value for name, value in after.items() if value != before[name]}
    return body | {"completed": None} if old.done and not item.done else body


def _fields(item: Item) -> dict[str, Any]:
    return {
        "title": item.title[:_LONGEST_TITLE],
        "notes": _notes(item),
        "due": f"{item.start.date()}T00:00:00.000Z" if item.start.year in ics.YEARS else None,
        "status": "completed" if item.done else "needsAction",
    }


def _notes(item: Item) -> str:
    marker = _marker(item)
    body = _BEGINNING.sub(lambda one: f"[{one[0]}", item.body)[: _LONGEST_NOTES - len(marker) - 2]
    return "\n\n".join(part for part in (body, marker) if part)


def _marker(item: Item) -> str:
    uid = item.uid if _MARKER.fullmatch(f"[{item.uid}]") else OURS
    implied = item.prospect and item.action == uid.removeprefix(OURS)
    values = {
        "a": "" if implied else quote(item.action, safe=""),
        "p": quote(item.prospect, safe=""),
        "k": item.kind.value if item.kind else "",
        "d": item.due.isoformat() if item.due else "",
        "r": item.result,
        "b": item.block.replace(" ", "-"),
        "s": item.slot.replace(" ", "-"),
        "t": _digest(item.named) if item.named else "",
    }
    told = " ".join(f"{name}={value}" for name, value in values.items() if value)
    return f"[{uid} {told}]" if told else "" if uid == OURS else f"[{uid}]"
