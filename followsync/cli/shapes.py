"""The fixed JSON shapes, and the same things in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never
from zoneinfo import ZoneInfo

from followsync.core.history import Captured, Dismissed, Edited, Entry, Moved, Noted, Promised, Restored, Result, Touched, Unclear, Waiting
from followsync.core.item import State, Written

if TYPE_CHECKING:
    from followsync.core.placement import Placed
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


def moment(at: datetime) -> str:
    return f"{at:%a %Y-%m-%d, %H:%M}"


def span(start: datetime, end: datetime) -> str:
    """``Thu 2026-01-08, 13:00-13:45``."""
    return f"{moment(start)}-{end:%H:%M}" if end.date() == start.date() else f"{moment(start)} to {moment(end)}"


def entry(fact: Entry, zone: ZoneInfo) -> str:
    """A fact of history as a sentence, its hours told in the rep's zone."""
    match fact:
        case Captured(text=text):
            return f"Captured{f': {text}' if text else ''}."
        case Edited(changes=changes):
            return f"Changed {', '.join(_change(name, *values) for name, values in changes.items())}."
        case Touched():
            return _touch(fact)
        case Promised():
            clock = (
                f", {fact.start.astimezone(zone):%H:%M}"
                if fact.start
                else f", {fact.window.start:%H:%M}-{fact.window.end:%H:%M}"
                if fact.window
                else ""
            )
            purpose = f" to {fact.purpose}" if fact.purpose else ""
            return f"Agreed: {fact.method or 'a follow-up'} on {fact.day:%a %Y-%m-%d}{clock}{purpose}."
        case Waiting(until=until):
            return f"Waiting on them until {until:%a %Y-%m-%d}."
        case Moved(start=start):
            return f"Moved by hand to {moment(start.astimezone(zone))}."
        case Dismissed(title=title):
            return f"The entry was deleted: {title}."
        case Restored():
            return "The deleted entry was put back."
        case Noted(text=text):
            return f"Note: {text}"
        case Unclear(text=text):
            return f"Not understood: {text}"
        case _:
            assert_never(fact)


def history(facts: tuple[Entry, ...], zone: ZoneInfo) -> list[Json]:
    return [
        {"at": fact.at.astimezone(zone).isoformat(), "via": fact.via, "type": type(fact).__name__.lower(), "text": entry(fact, zone)}
        for fact in facts
    ]


def _touch(touch: Touched) -> str:
    what = f"{touch.method} to {touch.purpose}" if touch.method and touch.purpose else touch.purpose or touch.method or "touched"
    recap = "".join(f"; {name.replace('_', ' ')}: {value}" for name, value in touch.recap.items())
    words: Mapping[Result, str] = {Result.ATTEMPT: "no answer", Result.NEXT: "next step agreed"}
    note = f" ({touch.note})" if touch.note else ""
    return f"{what[:1].upper()}{what[1:]}: {words.get(touch.result, touch.result.value)}{note}{recap}."


def _change(name: str, before: str, after: str) -> str:
    return f"{name}: {before or '–'} → {after or '–'}"
