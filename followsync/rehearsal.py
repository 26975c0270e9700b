"""What a cycle would do with prospects' entries, as a value to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from followsync.core.item import Written
from followsync.core.operations import Create, Delete, Keep, Plan, Update, gives_up
from followsync.core.plan import Action
from followsync.picture import Picture


@dataclass(frozen=True, slots=True)
class Move:
    action: Action
    before: datetime
    after: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a cycle would do: what it would create, move, change in words only, and close (with the reason)."""

    picture: Picture
    create: tuple[Action, ...]
    move: tuple[Move, ...]
    change: tuple[Action, ...]
    close: tuple[tuple[Written, str], ...]


def rehearsal(seen: Picture, plans: Sequence[Plan]) -> Rehearsal:
    """``plans``: one of each target that is read back; none where there are only files, or no target at all."""
    create: dict[str, Action] = {}
    move: dict[str, Move] = {}
    change: dict[str, Action] = {}
    close: dict[str, tuple[Written, str]] = {}
    by_action = {one.action.id: one for one in seen.placed}
    for operation in (one for plan in plans for one in plan.operations):
        match operation:
            case Create(written=row) if row.prospect:
                create[row.action] = by_action[row.action].action
            case Update(written=row, item=item) if row.agreed and row.action in by_action and item.start != row.agreed.start:
                why = by_action[row.action].why
                move[row.action] = Move(by_action[row.action].action, row.agreed.start, item.start, why[-1] if why else "")
            case Update(written=row) if row.action in by_action:
                change[row.action] = by_action[row.action].action
            case Delete(written=row) | Update(written=row) if row.prospect and gives_up(operation):
                close[row.action] = (row, _why_closed(row, seen))
            case Create() | Update() | Delete() | Keep():
                pass
    if not plans:  # what does not stand in the files yet is new
        standing = {row.action for row in seen.rows}
        create = {one.action.id: one.action for one in seen.placed if one.action.id not in standing}
        close = {row.action: (row, _why_closed(row, seen)) for row in seen.rows if row.prospect and row.action not in by_action}
    ordered = tuple(one.action for one in seen.placed if one.action.id in create)
    return Rehearsal(seen, ordered, tuple(move.values()), tuple(change.values()), tuple(close.values()))


def _why_closed(row: Written, seen: Picture) -> str:
    stance = seen.stances.get(row.prospect)
    if stance is None:
        return "the prospect is closed or was removed"
    return f"replaced: the next action is now to {stance.actions[0].purpose or 'decide'}"
