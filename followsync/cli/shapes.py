"""The fixed JSON shapes, and the same things in words."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from followsync.core.history import Entry, Result, Touched
from followsync.core.item import State, Written
from followsync.telling import entry

if TYPE_CHECKING:
    from followsync.core.placement import Placed
    from followsync.core.promises import Line
    from followsync.core.prospect import Prospect
    from followsync.picture import Picture

Json = dict[str, Any]


def action(picture: Picture, placed: Placed) -> Json:
    """An open action: ``moved`` where the rep moved it by hand."""
    one = placed.action
    item = picture.item(placed)
    moved = picture.stances[one.prospect].standing.moved.get(one.id)
    return {
        "id": one.id,
        "prospect": one.prospect,
        "kind": one.kind.value,
        "method": one.method,
        "purpose": one.purpose,
        "agenda": list(one.agenda),
        "start": placed.start.isoformat(),
        "end": placed.end.isoformat(),
        "due": one.due.isoformat(),
        "title": item.title,
        "busy": item.busy,
        "state": "moved" if moved and moved.start.astimezone(UTC) == placed.start.astimezone(UTC) else "open",
        "attempt": one.attempt,
        "targets": picture.targets(one.id),
    }


def record(row: Written, touch: Touched | None, targets: list[str]) -> Json:
    """An answered entry that stands on the calendar as the rep's record."""
    item = row.agreed
    assert item is not None
    closing = touch is not None and touch.result in (Result.YES, Result.NO)
    return {
        "id": row.action,
        "prospect": row.prospect,
        "kind": (touch.kind if touch and touch.kind else item.kind) or "",
        "method": touch.method if touch else "",
        "purpose": touch.purpose if touch else "",
        "agenda": list(touch.agenda) if touch else [],
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
        "due": (item.due or item.start.date()).isoformat(),
        "title": item.title,
        "busy": item.busy,
        "state": "closed" if closing else "done",
        "attempt": 1,
        "targets": targets,
    }


def entry_of(row: Written, picture: Picture) -> Json:
    """An entry that stands there and is no longer wanted."""
    return {**record(row, None, picture.targets(row.action)), "state": "dismissed"}


def prospect(one: Prospect, outcome: Result | None, picture: Picture) -> Json:
    placed = picture.next_action(one.id) if outcome is None else None
    return {
        "id": one.id,
        "name": one.name,
        "rep": one.rep,
        "stage": one.stage,
        "state": outcome.value if outcome else "open",
        "next_action": action(picture, placed) if placed else None,
    }


def answered(row: Written) -> bool:
    return row.state in (State.ANSWERED, State.RECORDED) and row.agreed is not None


def promise(line: Line, zone: ZoneInfo) -> Json:
    """A line of the ledger."""
    return {
        "action": line.action,
        "agreed": line.agreed.astimezone(zone).isoformat(),
        "via": line.via,
        "method": line.method,
        "purpose": line.purpose,
        "day": line.day.isoformat(),
        "start": line.start.astimezone(zone).isoformat() if line.start else None,
        "window": f"{line.window.start:%H:%M}-{line.window.end:%H:%M}" if line.window else None,
        "state": line.fate.value,
        "settled": line.settled.astimezone(zone).isoformat() if line.settled else None,
        "how": line.how,
    }


def history(facts: tuple[Entry, ...], zone: ZoneInfo) -> list[Json]:
    return [
        {"at": fact.at.astimezone(zone).isoformat(), "via": fact.via, "type": type(fact).__name__.lower(), "text": entry(fact, zone)}
        for fact in facts
    ]
