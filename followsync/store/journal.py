"""What can be taken back: each transaction that changes prospects or their history leaves here what stood before it.

One row of ``change`` for each rep that a transaction touched, and for each prospect one of ``change_part``. Where a person is removed,
the parts about them go too. The last 200 changes of each rep are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from followsync.core.history import Entry, History
from followsync.core.prospect import Prospect
from followsync.store import codec
from followsync.store.tables import change, change_part, entry

KEPT = 200  # changes of a rep
REMOVE = "remove"  # the label of what cannot be taken back
SYNC = "sync"
_AT_ONCE = 500  # values in one question


@dataclass(frozen=True, slots=True)
class Part:
    """What one change did to one prospect. ``before``: its fields, None where the change captured it; ``outcome``: "" while it was open.
    ``entries``: what the change added to its history. ``blocked``: it was changed since, and that still stands."""

    change: int
    prospect: str
    before: Prospect | None
    outcome: str
    after_seq: int
    last_seq: int
    entries: History
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What one command did, or what one sync read (several transactions of the same ``batch``). ``parts``: the newest first.
    ``removed``: how many people were removed since, which nothing brings back."""

    label: str
    at: datetime | None
    batch: str
    reps: tuple[str, ...]
    parts: tuple[Part, ...]
    removed: int = 0


@dataclass(slots=True)
class Journal:
    """What one transaction touches, until it is written down at its end."""

    label: str = ""
    parts: dict[str, dict[str, object]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def touch(self, connection: Connection, prospect: str, rep: str, before: str, outcome: str) -> None:
        """Before the first change to a prospect. ``before``: its fields as they stand in the table, "" where it is new."""
        if prospect in self.parts:
            return
        last = connection.scalar(select(func.max(entry.c.seq)).where(entry.c.prospect_id == prospect)) if before else None
        self.parts[prospect] = {"rep": rep, "before": before, "outcome": outcome, "after_seq": last or 0}

    def remove(self, prospect: str, rep: str) -> None:
        self.parts.pop(prospect, None)
        self.removed.append(rep)

    def write(self, connection: Connection, number: int) -> None:
        """``number``: of the transaction."""
        for rep in self.removed:
            self._one(connection, rep, REMOVE, f"{REMOVE} {number}", {})
        last = _last_numbers(connection, list(self.parts))
        read = bool(self.entries) and all(one.via.startswith("calendar:") for one in self.entries)
        label = self.label or (SYNC if read else "")
        for rep in dict.fromkeys(str(part["rep"]) for part in self.parts.values()):
            mine = {key: {**part, "last_seq": last.get(key, 0)} for key, part in self.parts.items() if part["rep"] == rep}
            # One sync reads in several transactions, all at the same moment of its clock.
            batch = f"{SYNC} {rep} {self._at}" if label == SYNC else str(number)
            self._one(connection, rep, label, batch, mine)
        for rep in {*self.removed, *(str(part["rep"]) for part in self.parts.values())}:
            _forget_old(connection, rep)

    @property
    def _at(self) -> str:
        return max((codec.utc_text(one.at) for one in self.entries), default="")

    def _one(self, connection: Connection, rep: str, label: str, batch: str, parts: dict[str, dict[str, object]]) -> None:
        row = {"rep": rep, "at": self._at, "label": label, "batch": batch, "undone": False}
        number = connection.execute(insert(change).returning(change.c.id), row).scalar_one()
        if parts:
            names = ("before", "outcome", "after_seq", "last_seq")
            rows = [{"change_id": number, "prospect_id": key, **{name: part[name] for name in names}} for key, part in parts.items()]
            connection.execute(insert(change_part), rows)


def last_change(connection: Connection, rep: str | None) -> Change | None:
    """The newest that was not taken back, of one rep or of all; None where there is none."""
    found = connection.execute(_standing(rep, change.c.id, change.c.batch).order_by(change.c.id.desc()).limit(1)).first()
    if found is None:
        return None
    rows = connection.execute(_standing(rep, change).where(change.c.batch == found.batch).order_by(change.c.id.desc())).all()
    removed = select(func.count()).select_from(change).where(change.c.label == REMOVE, change.c.id > found.id, ~change.c.undone)
    parts = tuple(part for row in rows for part in _parts(connection, row.id, {one.id for one in rows}))
    return Change(
        label=rows[0].label,
        at=datetime.fromisoformat(rows[0].at) if rows[0].at else None,
        batch=found.batch,
        reps=tuple(dict.fromkeys(row.rep for row in rows)),
        parts=parts,
        removed=connection.scalar(removed if rep is None else removed.where(change.c.rep == rep)) or 0,
    )


def mark_undone(connection: Connection, numbers: Iterable[int], parts: Sequence[Part]) -> None:
    """The changes, and the entries of those parts. The entries stay in the table and are no longer given as history."""
    connection.execute(update(change).where(change.c.id.in_(list(numbers))).values(undone=True))
    for part in parts:
        within = (entry.c.prospect_id == part.prospect, entry.c.seq > part.after_seq, entry.c.seq <= part.last_seq)
        connection.execute(update(entry).where(*within).values(undone=True))


def _standing(rep: str | None, *columns: Any) -> Select[Any]:
    """Changes that can still be taken back."""
    has_parts = select(change_part.c.change_id).where(change_part.c.change_id == change.c.id).exists()
    query = select(*columns).where(~change.c.undone, has_parts)
    return query if rep is None else query.where(change.c.rep == rep)


def _parts(connection: Connection, number: int, together: set[int]) -> list[Part]:
    rows = connection.execute(select(change_part).where(change_part.c.change_id == number).order_by(change_part.c.prospect_id)).all()
    blocked = _changed_since(connection, number, together)
    return [_part(connection, row, row.prospect_id in blocked) for row in rows]


def _part(connection: Connection, row: Row[Any], blocked: bool) -> Part:
    query = select(entry.c.type, entry.c.data).where(
        entry.c.prospect_id == row.prospect_id, entry.c.seq > row.after_seq, entry.c.seq <= row.last_seq, ~entry.c.undone
    )
    entries = tuple(codec.decode_entry(tag, data) for tag, data in connection.execute(query.order_by(entry.c.seq)))
    before = codec.decode(Prospect, row.before) if row.before else None
    return Part(row.change_id, row.prospect_id, before, row.outcome, row.after_seq, row.last_seq, entries, blocked)


def _changed_since(connection: Connection, number: int, together: set[int]) -> set[str]:
    """The prospects of that change that a later one touched, which still stands (and is not taken back with it)."""
    here = select(change_part.c.prospect_id).where(change_part.c.change_id == number)
    query = select(change_part.c.prospect_id).join(change).where(change_part.c.prospect_id.in_(here), change.c.id > number)
    return set(connection.scalars(query.where(~change.c.undone, change.c.id.not_in(together))))


def _last_numbers(connection: Connection, prospects: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for begin in range(0, len(prospects), _AT_ONCE):
        query = select(entry.c.prospect_id, func.max(entry.c.seq)).where(entry.c.prospect_id.in_(prospects[begin : begin + _AT_ONCE]))
        found.update({key: last for key, last in connection.execute(query.group_by(entry.c.prospect_id))})
    return found


def _forget_old(connection: Connection, rep: str) -> None:
    oldest = select(change.c.id).where(change.c.rep == rep).order_by(change.c.id.desc()).offset(KEPT).limit(1).scalar_subquery()
    connection.execute(delete(change).where(change.c.rep == rep, change.c.id <= oldest))
