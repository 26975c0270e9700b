"""What a cycle would do with prospects' entries, as a value to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from followsync.core.buying import Purchase
from followsync.core.cadence import cadence_for
from followsync.core.item import Item, Written
from followsync.core.operations import Create, Delete, Keep, Plan, Update, is_let_go
from followsync.core.placement import Placed
from followsync.core.plan import Action
from followsync.core.target import TargetState
from followsync.notices import notices
from followsync.picture import Picture


@dataclass(frozen=True, slots=True)
class Move:
    action: Action
    before: datetime
    after: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class NoticeChange:
    """What happens to an entry that no prospect is behind: the page of the day, what is bought ahead, word of a sign-in. ``do``:
    ``create``, ``move``, ``change`` (in words only) or ``close``; ``item``: as it is then, or was."""

    do: str
    item: Item


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a cycle would do: what it would create, move, change in words only, and close (with the reason); ``buy``: whose entries
    it would create or change; ``notices``: the same of all entries that no prospect is behind."""

    picture: Picture
    create: tuple[Action, ...]
    move: tuple[Move, ...]
    change: tuple[Action, ...]
    close: tuple[tuple[Written, str], ...]
    buy: tuple[Purchase, ...] = ()
    notices: tuple[NoticeChange, ...] = ()


def rehearsal(seen: Picture, plans: Sequence[Plan]) -> Rehearsal:
    """``plans``: one of each target that is read back; none where there are only files, or no target at all."""
    create: dict[str, Action] = {}
    move: dict[str, Move] = {}
    change: dict[str, Action] = {}
    close: dict[str, tuple[Written, str]] = {}
    beside: dict[str, NoticeChange] = {}
    by_action = {one.action.id: one for one in seen.placed}
    for operation in (one for plan in plans for one in plan.operations):
        match operation:
            case Create() | Update() | Delete() if not operation.written.prospect:
                beside |= {told.item.action: told for told in _told_of(operation)}
            case Create(written=row):
                create[row.action] = by_action[row.action].action
            case Update(written=row, item=item) if row.action in by_action and (moved := _moved(by_action[row.action], row, item.start)):
                move[row.action] = moved
            case Update(written=row) if row.action in by_action:
                change[row.action] = by_action[row.action].action
            case Delete(written=row) | Update(written=row) if is_let_go(operation):
                close[row.action] = (row, _why_closed(row, seen))
            case Update() | Delete() | Keep():
                pass
    if not plans:  # what does not stand in the files yet is new
        standing = {row.action: row for row in seen.rows}
        change = {one.action.id: one.action for one in seen.placed if _reworded(one, standing.get(one.action.id), seen)}
        create = {one.action.id: one.action for one in seen.placed if one.action.id not in standing}
        move = {one.action.id: moved for one in seen.placed if (moved := _moved(one, standing.get(one.action.id)))}
        close = {row.action: (row, _why_closed(row, seen)) for row in seen.rows if row.prospect and row.action not in by_action}
        beside = {told.item.action: told for told in _beside_in_files(seen)}
    ordered = tuple(one.action for one in seen.placed if one.action.id in create)
    written = {action: told.item for action, told in beside.items() if told.do != "close"}
    buy = tuple(replace(one, stands=seen.rep.workdays.today(written[one.action].start)) for one in seen.buying if one.action in written)
    told = tuple(sorted(beside.values(), key=lambda one: (one.item.start, one.item.title)))
    return Rehearsal(seen, ordered, tuple(move.values()), tuple(change.values()), tuple(close.values()), buy, told)


def _told_of(operation: Create | Update | Delete) -> Iterator[NoticeChange]:
    there = operation.written.agreed
    if isinstance(operation, Create):
        yield NoticeChange("create", operation.item)
    elif is_let_go(operation) or isinstance(operation, Delete):
        if there:
            yield NoticeChange("close", there)
    else:
        yield _changed(there, operation.item)


def _changed(there: Item | None, item: Item) -> NoticeChange:
    return NoticeChange("change" if there is None or there.start == item.start else "move", item)


def _beside_in_files(seen: Picture) -> Iterator[NoticeChange]:
    """Of the entries that no prospect is behind, those that do not stand in the files as they are to."""
    standing = {row.action: row for row in seen.rows if not row.prospect and row.agreed}
    wanted = notices(seen, {}, standing)
    for action, (item, _) in wanted.items():
        there = standing[action].agreed if action in standing else None
        if there is None:
            yield NoticeChange("create", item)
        elif there != item:
            yield _changed(there, item)
    for action, row in standing.items():
        if row.agreed and action not in wanted:
            yield NoticeChange("close", row.agreed)


def _moved(one: Placed, row: Written | None, start: datetime | None = None) -> Move | None:
    """``start``: where it is put, if not where it was placed."""
    before, after = row.agreed.start if row and row.agreed else None, start or one.start
    if before is None or before == after:
        return None
    return Move(one.action, before, after, one.why[-1] if one.why else "")


def _reworded(one: Placed, row: Written | None, seen: Picture) -> bool:
    """Whether it says something else in the file than now, at the hour at which it stands there."""
    return row is not None and _moved(one, row) is None and row.agreed != seen.item(one, row, "event")


def edited_cadences(shown: Rehearsal, states: Iterable[TargetState]) -> tuple[str, ...]:
    """A sentence for each cadence that is another one than that which last had its way on one of the targets. Targets that were never
    written, or by a followsync that noted down no versions, tell nothing."""
    now = {one.name: one.version for one in shown.picture.rules.cadences}
    known = [dict(state.cadences) for state in states if state.cadences]
    found = []
    for name in dict.fromkeys(name for versions in (*known, now) for name in versions):
        before = {versions.get(name, "") for versions in known} - {now.get(name, "")}
        if before:
            found.append(_edited(name, next(iter(sorted(before))), now.get(name, ""), shown))
    return tuple(found)


def _edited(name: str, before: str, now: str, shown: Rehearsal) -> str:
    """How many prospects run on it from now on, and of how many something changes with the next sync."""
    if not now:
        return f"The cadence {name!r} is gone since the last sync: whoever ran on it runs on the next one that fits, or on none."
    cadences = shown.picture.rules.cadences
    fits = {stance.prospect.id: cadence_for(stance.prospect, cadences) for stance in shown.picture.stances.values()}
    runs = {prospect for prospect, cadence in fits.items() if cadence and cadence.name == name}
    actions = (*shown.create, *(one.action for one in shown.move), *shown.change)
    changed = {one.prospect for one in actions} | {row.prospect for row, _ in shown.close}
    what = f"was edited since the last sync (version {before} then, {now} now)" if before else f"is new since the last sync (version {now})"
    return f"The cadence {name!r} {what}: {_open(len(runs))} on it, and what is listed here changes {len(changed & runs)} of them."


def _open(number: int) -> str:
    return "1 open prospect runs" if number == 1 else f"{number} open prospects run"


def _why_closed(row: Written, seen: Picture) -> str:
    stance = seen.stances.get(row.prospect)
    if stance is None:
        return "the prospect is closed, was removed, or is another rep's now"
    return f"replaced: the next action is now to {stance.actions[0].purpose or 'decide'}"
