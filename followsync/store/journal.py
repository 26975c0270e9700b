"""What can be taken back: each transaction that changes prospects or their history leaves here what stood before it.

One row of ``change`` for each rep that a transaction touched, and for each prospect one of ``change_part``. Where a person is removed,
the parts about them go too. The last 200 changes of each rep are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from followsync.core.history import Entry, History
from followsync.core.prospect import Prospect
from followsync.store import codec, questions
from followsync.store.dialect import Session, several

KEPT = 200  # changes of a rep
REMOVE = "remove"  # the label of what cannot be taken back
SYNC = "sync"


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

    def touch(self, session: Session, prospect: str, rep: str, before: str, outcome: str) -> None:
        """Before the first change to a prospect. ``before``: its fields as they stand in the table, "" where it is new."""
        if prospect in self.parts:
            return
        last = session.value(questions.LAST_NUMBER, prospect_id=prospect) if before else None
        self.parts[prospect] = {"rep": rep, "before": before, "outcome": outcome, "after_seq": last or 0}

    def remove(self, prospect: str, rep: str) -> None:
        self.parts.pop(prospect, None)
        self.removed.append(rep)

    def write(self, session: Session, number: int) -> None:
        """``number``: of the transaction."""
        for rep in self.removed:
            self._one(session, rep, REMOVE, f"{REMOVE} {number}", {})
        last = _last_numbers(session, list(self.parts))
        read = bool(self.entries) and all(one.via.startswith("calendar:") for one in self.entries)
        label = self.label or (SYNC if read else "")
        for rep in dict.fromkeys(str(part["rep"]) for part in self.parts.values()):
            mine = {key: {**part, "last_seq": last.get(key, 0)} for key, part in self.parts.items() if part["rep"] == rep}
            # One sync reads in several transactions, all at the same moment of its clock.
            batch = f"{SYNC} {rep} {self._at}" if label == SYNC else str(number)
            self._one(session, rep, label, batch, mine)
        for rep in {*self.removed, *(str(part["rep"]) for part in self.parts.values())}:
            session.do(questions.FORGET_OLD, [{"rep": rep, "kept": KEPT}])

    @property
    def _at(self) -> str:
        return max((codec.utc_text(one.at) for one in self.entries), default="")

    def _one(self, session: Session, rep: str, label: str, batch: str, parts: dict[str, dict[str, object]]) -> None:
        number = session.value(questions.NEW_CHANGE, rep=rep, at=self._at, label=label, batch=batch, undone=False)
        if parts:
            names = ("before", "outcome", "after_seq", "last_seq")
            rows = [{"change_id": number, "prospect_id": key, **{name: part[name] for name in names}} for key, part in parts.items()]
            session.do(questions.NEW_PART, rows)


def last_change(session: Session, rep: str | None) -> Change | None:
    """The newest that was not taken back, of one rep or of all; None where there is none."""
    one = rep is not None
    found = session.first(questions.last_change(one), rep=rep)
    if found is None:
        return None
    number, batch = found
    rows = [_Row(*row) for row in session.rows(questions.batch(one), rep=rep, batch=batch)]
    together = several(row.id for row in rows)
    return Change(
        label=rows[0].label,
        at=datetime.fromisoformat(rows[0].at) if rows[0].at else None,
        batch=batch,
        reps=tuple(dict.fromkeys(row.rep for row in rows)),
        parts=tuple(part for row in rows for part in _parts(session, row.id, together)),
        removed=session.value(questions.since(one), rep=rep, label=REMOVE, id=number),
    )


class _Row(NamedTuple):
    """Of the table of changes."""

    id: int
    rep: str
    at: str
    label: str


def mark_undone(session: Session, numbers: Iterable[int], parts: Sequence[Part]) -> None:
    """The changes, and the entries of those parts. The entries stay in the table and are no longer given as history."""
    session.do(questions.UNDO_CHANGES, [{"changes": several(numbers)}])
    rows = [{"prospect_id": part.prospect, "after_seq": part.after_seq, "last_seq": part.last_seq} for part in parts]
    session.do(questions.UNDO_ENTRIES, rows)


def _parts(session: Session, number: int, together: str) -> list[Part]:
    """``blocked``: those that a later change touched, which still stands (and is not taken back ``together`` with it)."""
    since = session.rows(questions.CHANGED_SINCE, change_id=number, together=together)
    blocked = {prospect for (prospect,) in since}
    return [_part(session, number, row, row[0] in blocked) for row in session.rows(questions.PARTS, change_id=number)]


def _part(session: Session, number: int, row: tuple[Any, ...], blocked: bool) -> Part:
    prospect, before, outcome, after, last = row
    found = session.rows(questions.PART_ENTRIES, prospect_id=prospect, after_seq=after, last_seq=last)
    entries = tuple(codec.decode_entry(tag, data) for tag, data in found)
    return Part(number, prospect, codec.decode(Prospect, before) if before else None, outcome, after, last, entries, blocked)


def _last_numbers(session: Session, prospects: Iterable[str]) -> dict[str, int]:
    return {prospect: last for prospect, last in session.rows(questions.LAST_NUMBERS, prospects=several(prospects))}
