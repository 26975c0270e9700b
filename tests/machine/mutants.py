"""Broken cores. Each is a fault that a first version had or might have had; the machine must catch every one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

from followsync import cycle, interpret, picture, writer
from followsync.core import operations
from followsync.core.edits import Reader, Reading, read_deletion, read_edit
from followsync.core.history import Dismissed, Result
from followsync.core.item import Item, Seen, State, Written
from followsync.core.operations import Create, Operation, Update
from followsync.interpret import Interpreter


@contextmanager
def no_intended_base() -> Iterator[None]:
    """An update whose answer was lost comes back and looks like the rep's move."""

    def reads(written: Written, seen: Seen, reader: Reader) -> Reading:
        return read_edit(replace(written, intended=None), seen, reader)

    with patch.object(interpret, "read_edit", reads):
        yield


@contextmanager
def an_absent_create_is_a_deletion() -> Iterator[None]:
    """A create that never arrived is taken for an entry that the rep deleted."""

    def settle(self: Interpreter, row: Written, seen: Seen | None) -> None:
        if seen is not None:
            self._seen(row, seen)
        else:
            self._apply(row.prospect, read_deletion(replace(row, agreed=row.agreed or row.intended), self._reader(row)))

    with patch.object(Interpreter, "settle", settle):
        yield


@contextmanager
def an_answer_does_not_settle() -> Iterator[None]:
    """The answered entry goes on waiting for an answer, so the same tick is read again and again."""

    def reads(written: Written, seen: Seen, reader: Reader) -> Reading:
        reading = read_edit(written, seen, replace(reader, answered=False))
        if reading.written.state is State.ANSWERED:
            return replace(reading, written=replace(written, etag=None))
        return reading

    with patch.object(interpret, "read_edit", reads):
        yield


@contextmanager
def random_uid() -> Iterator[None]:
    """Each attempt to write an entry makes another one, whose name nobody noted down."""
    creates, numbers = writer.Writer._create, count()

    def create(self: writer.Writer, item: Item, row: Written) -> None:
        uid = f"{operations.OURS}{next(numbers)}x{row.action}"
        creates(self, replace(item, uid=uid), replace(row, href=self.calendar.href(uid)))

    with patch.object(writer.Writer, "_create", create):
        yield


@contextmanager
def a_move_is_not_kept() -> Iterator[None]:
    """What the rep moved by hand is moved back."""
    made = picture.place

    def place(*args: object, **more: object) -> object:
        return made(*args, **{**more, "moved": {}})  # type: ignore[arg-type]  # the real one's own arguments, passed on

    with patch.object(picture, "place", place):
        yield


@contextmanager
def a_deletion_is_undone() -> Iterator[None]:
    """A deleted entry is simply written again."""

    def deletion(written: Written, reader: Reader) -> Reading:
        reading = read_deletion(written, reader)
        return Reading((), replace(reading.written, generation=written.generation))

    with patch.object(interpret, "read_deletion", deletion):
        yield


@contextmanager
def absence_is_deletion() -> Iterator[None]:
    """What a listing lacks is taken for deleted, without asking."""

    def vanished(self: cycle.Cycle, calendar: object, changes: object, rows: list[Written]) -> frozenset[str]:
        complete, listed = changes.complete, changes.listed or {seen.href for seen in changes.seen}  # type: ignore[attr-defined]  # Changes
        return frozenset(row.href for row in rows if complete and row.agreed and row.href not in listed)

    with patch.object(cycle.Cycle, "_vanished", vanished):
        yield


@contextmanager
def nothing_is_noted_before_sending() -> Iterator[None]:
    """A kill after the request leaves no trace of it."""

    def noted(operation: Operation) -> Written:
        return replace(operation.written, intended=None) if isinstance(operation, Create | Update) else operation.written

    with patch.object(cycle, "noted", noted):
        yield


@contextmanager
def new_before_old() -> Iterator[None]:
    """The next action is written before the one it replaces is removed."""
    sends = writer.Writer.send

    def send(self: writer.Writer, writes: list[Operation], progress: object) -> None:
        sends(self, sorted(writes, key=lambda one: not isinstance(one, Create)), progress)  # type: ignore[arg-type]  # as it was given

    with patch.object(writer.Writer, "send", send):
        yield


@contextmanager
def every_deletion_counts_twice() -> Iterator[None]:
    def deletion(written: Written, reader: Reader) -> Reading:
        reading = read_deletion(written, reader)
        return replace(reading, entries=reading.entries + tuple(one for one in reading.entries if isinstance(one, Dismissed)))

    with patch.object(interpret, "read_deletion", deletion):
        yield


OVERDUE = ("days_pass", {"days": 5, "hour": 10})
SECOND = ("capture", {"pitched": False})
LOST = ("broken_cycle", {"which": 0, "how": "after", "number": 1})
UNSENT = ("broken_cycle", {"which": 0, "how": "before", "number": 1})
TO_SATURDAY = ("move", {"which": 0, "ahead": 5, "hour": 11})
TOMORROW = ("days_pass", {"days": 1, "hour": 10})
CYCLE: tuple[str, dict[str, Any]] = ("cycle", {})
ANSWER = ("answer", {"which": 0, "word": "done", "in_notes": False})
DELETE = ("delete", {"which": 0})
CUT = ("listing_is_cut", {"which": 0, "cut": 0})
KILLED = [("log", {"who": 0, "result": Result.DONE, "ahead": 1}), *(("killed_cycle", {"number": moment}) for moment in range(1, 20))]

# Each mutant with the shortest life of the machine that shows it. ``settle`` comes at the end of each.
MUTANTS: dict[Callable[[], AbstractContextManager[None]], list[tuple[str, dict[str, Any]]]] = {
    no_intended_base: [OVERDUE, LOST],
    an_absent_create_is_a_deletion: [SECOND, UNSENT],
    an_answer_does_not_settle: [ANSWER],
    random_uid: [SECOND, LOST],
    a_move_is_not_kept: [TO_SATURDAY, CYCLE, TOMORROW],
    a_deletion_is_undone: [DELETE],
    absence_is_deletion: [CUT],
    nothing_is_noted_before_sending: [OVERDUE, LOST],
    new_before_old: KILLED,
    every_deletion_counts_twice: [DELETE],
}
