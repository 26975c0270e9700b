"""Broken engines. Each is a fault that a version had or might have had; the machine must catch every one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from unittest.mock import patch

from followsync import capture, health, intake, interpret, missing, picture, pull, readers, target_cycle, writer
from followsync.calendars.base import Calendar
from followsync.core import edits, operations
from followsync.core.answers import Reader, Reading
from followsync.core.edits import read_deletion, read_edit
from followsync.core.fold import Fold
from followsync.core.history import Dismissed, Result
from followsync.core.item import Seen, State, Written
from followsync.core.operations import Create, Operation, Update
from followsync.core.turns import Turns
from followsync.interpret import Interpreter
from followsync.picture import rows_of
from followsync.pull import Deletions, Listing
from followsync.strangers import Strangers
from followsync.target_cycle import TargetCycle


@contextmanager
def no_intended_base() -> Iterator[None]:
    """An update whose answer was lost comes back and looks like the rep's move."""

    def reads(written: Written, seen: Seen, reader: Reader) -> Reading:
        return read_edit(replace(written, intended=None), seen, reader)

    with patch.object(readers, "read_edit", reads):
        yield


@contextmanager
def an_absent_create_is_a_deletion() -> Iterator[None]:
    """A create that never arrived is taken for an entry that the rep deleted."""

    def settle(self: Interpreter, row: Written, seen: Seen | None) -> None:
        if seen is not None:
            self._seen(row, seen)
        else:
            reader = self._readers.reader(row)
            self._facts.apply(row.prospect, read_deletion(replace(row, agreed=row.agreed or row.intended), reader))

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

    with patch.object(readers, "read_edit", reads):
        yield


@contextmanager
def random_uid() -> Iterator[None]:
    """Each attempt to write an entry makes another one, whose name nobody noted down."""
    sends, numbers = writer._send, count()

    def send(calendar: Calendar, write: Operation, check: Callable[[], None]) -> writer.Sent:
        if isinstance(write, Create):
            uid = f"{operations.OURS}{next(numbers)}x{write.written.action}"
            write = Create(replace(write.item, uid=uid), replace(write.written, href=calendar.href(uid)))
        return sends(calendar, write, check)  # type: ignore[arg-type]  # as it was given

    with patch.object(writer, "_send", send):
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

    with patch.object(missing, "read_deletion", deletion):
        yield


@contextmanager
def absence_is_deletion() -> Iterator[None]:
    """What a listing lacks is taken for deleted, without asking."""

    asks = TargetCycle._by_name

    def by_name(self: TargetCycle, listing: Listing, deletions: Deletions) -> None:
        asks(self, listing, deletions)
        with self.at.store.writing() as tx:
            for row in rows_of(tx, self.at.rep, self.name) if listing.complete else ():
                if row.state is State.OPEN and row.agreed and row.href not in listing.listed:
                    self._interpreter(tx).missing.gone(row, deletions)

    with patch.object(TargetCycle, "_by_name", by_name):
        yield


@contextmanager
def nothing_is_noted_before_sending() -> Iterator[None]:
    """A kill after the request leaves no trace of it."""

    def noted(operation: Operation) -> Written:
        return replace(operation.written, intended=None) if isinstance(operation, Create | Update) else operation.written

    with patch.object(target_cycle, "noted", noted):
        yield


@contextmanager
def new_before_old() -> Iterator[None]:
    """The next action is written before the one it replaces is removed."""
    sends = writer.Writer.send

    def send(self: writer.Writer, writes: list[Operation], progress: object) -> None:
        for several in (True, False):
            sends(self, [one for one in writes if isinstance(one, Create) is several], progress)  # type: ignore[arg-type,misc]  # as given

    with patch.object(writer.Writer, "send", send):
        yield


@contextmanager
def every_deletion_counts_twice() -> Iterator[None]:
    def deletion(written: Written, reader: Reader) -> Reading:
        reading = read_deletion(written, reader)
        return replace(reading, entries=reading.entries + tuple(one for one in reading.entries if isinstance(one, Dismissed)))

    with patch.object(missing, "read_deletion", deletion):
        yield


@contextmanager
def a_deletion_is_believed_at_once() -> Iterator[None]:
    """A phone that changes an entry by deleting it and writing it anew is taken for a rep who throws it away."""
    with patch.object(pull, "ripe", lambda since, now: True), patch.object(missing, "ripe", lambda since, now: True):
        yield


@contextmanager
def nothing_ever_changes() -> Iterator[None]:
    """What the store holds now is not looked at: the gate stays closed."""
    with patch.object(health, "world", lambda *about: "the same"):
        yield


@contextmanager
def what_was_just_made_is_not_looked_for() -> Iterator[None]:
    asks = pull.doubtful

    def doubtful(rows: list[Written], *more: Any) -> list[str]:
        return asks([replace(row, fresh=False) for row in rows], *more)

    with patch.object(target_cycle, "doubtful", doubtful):
        yield


@contextmanager
def what_is_read_back_is_ours() -> Iterator[None]:
    """What the rep did between our write and the look at what became of it is taken for the server's doing."""
    with patch.object(writer, "same", lambda one, other: True):
        yield


@contextmanager
def no_end_of_writing() -> Iterator[None]:
    """Two programs that change an entry back and forth go on for ever."""
    with patch.object(operations, "SAME_A_DAY", 1 << 30):
        yield


@contextmanager
def an_own_entry_is_a_strangers() -> Iterator[None]:
    """After the loss of the store, what stands there is not taken over: everything is written again beside it."""

    def there(self: writer.Writer, row: Written, sent: writer.Sent) -> None:
        self.answered.append(replace(row, generation=row.generation + 1, state=State.GONE))

    with (
        patch.object(writer.Writer, "_already_there", there),
        patch.object(Strangers, "take_in", lambda self, strangers: []),
    ):
        yield


@contextmanager
def a_capture_is_taken_twice() -> Iterator[None]:
    takes = interpret.typed_entry

    def typed(tx: Any, seen: Seen, **more: Any) -> Written | None:
        takes(tx, seen, **more)
        return takes(tx, seen, **more)

    with patch.object(interpret, "typed_entry", typed):
        yield


@contextmanager
def nobody_is_known() -> Iterator[None]:
    """A follow-up with somebody who is known makes another prospect."""
    with patch.object(intake, "meant", lambda *about: ()):
        yield


@contextmanager
def a_captured_entry_is_not_managed() -> Iterator[None]:
    """Another entry is written beside the one that was typed."""
    takes = interpret.typed_entry

    def typed(tx: Any, seen: Seen, **more: Any) -> None:
        takes(tx, seen, **more)

    with patch.object(interpret, "typed_entry", typed):
        yield


@contextmanager
def the_own_is_captured() -> Iterator[None]:
    """Whatever begins with a method's verb, and be it about the rep's mother."""
    with patch.object(capture, "reads_as_capture", lambda title, rules, **more: title.startswith("Call")):
        yield


@contextmanager
def the_words_in_a_record_are_dropped() -> Iterator[None]:
    with patch.object(edits, "_read_record", lambda written, after, *more: Reading((), after)):
        yield


@contextmanager
def a_question_is_never_removed() -> Iterator[None]:
    """What was meant is asked for ever, whatever was said since."""
    settles = Turns.settle

    def settle(self: Turns, by: str = "") -> None:
        unclear, asking = self.questions.unclear, self.questions.asking
        settles(self, by)
        self.questions.unclear, self.questions.asking = unclear, asking

    with patch.object(Turns, "settle", settle):
        yield


@contextmanager
def a_deleted_question_is_asked_again() -> Iterator[None]:
    dismisses = Fold._dismiss

    def dismiss(self: Fold, entry: Dismissed) -> None:
        if entry.action != self.questions.asking:
            dismisses(self, entry)

    with patch.object(Fold, "_dismiss", dismiss):
        yield


@dataclass(frozen=True)
class Life:
    """``personality``: of the server on which the fault shows. ``two``: on two targets."""

    acts: list[tuple[str, dict[str, Any]]]
    personality: str = "memory"
    two: bool = False


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
TYPED = ("types", {"how": "timed", "who": None, "which": 0, "ahead": 3, "noted": True})
TYPED_AGAIN = ("types", {"how": "timed", "who": 0, "which": 0, "ahead": 3, "noted": False})
ABOUT_MOTHER = ("types_own", {"kind": "family", "which": 0, "ahead": 3})
MUMBLE = ("mumble", {"which": 0})
KILLED = [("log", {"who": 0, "result": Result.DONE, "ahead": 1}), *(("killed_cycle", {"number": moment}) for moment in range(1, 20))]

EDITED = [
    act
    for moment in range(1, 9)
    for act in (("days_pass", {"days": 1, "hour": 10}), ("cycle_with_a_rep", {"number": moment, "what": "note", "which": 0}))
]

# Each mutant with the shortest life of the machine that shows it. ``settle`` comes at the end of each.
MUTANTS: dict[Callable[[], AbstractContextManager[None]], Life] = {
    no_intended_base: Life([OVERDUE, LOST], "rewriter"),
    an_absent_create_is_a_deletion: Life([SECOND, UNSENT]),
    an_answer_does_not_settle: Life([ANSWER]),
    random_uid: Life([SECOND, LOST], "rewriter"),
    a_move_is_not_kept: Life([TO_SATURDAY, CYCLE, TOMORROW]),
    a_deletion_is_undone: Life([DELETE]),
    absence_is_deletion: Life([CUT]),
    nothing_is_noted_before_sending: Life([OVERDUE, LOST], "rewriter"),
    new_before_old: Life(KILLED),
    every_deletion_counts_twice: Life([DELETE]),
    a_deletion_is_believed_at_once: Life([("written_anew", {"which": 0})]),
    nothing_ever_changes: Life([("settle", {}), SECOND]),
    what_was_just_made_is_not_looked_for: Life([SECOND, CYCLE, ("delete", {"which": 0}), ("delete", {"which": 0})], "xandikos"),
    what_is_read_back_is_ours: Life(EDITED, "rewriter"),
    no_end_of_writing: Life([("tug_of_war", {"which": 0}), ("days_pass", {"days": 2, "hour": 10})]),
    an_own_entry_is_a_strangers: Life([SECOND, CYCLE, ("store_is_lost", {})]),
    a_capture_is_taken_twice: Life([TYPED]),
    nobody_is_known: Life([TYPED_AGAIN]),
    a_captured_entry_is_not_managed: Life([TYPED]),
    the_own_is_captured: Life([ABOUT_MOTHER]),
    the_words_in_a_record_are_dropped: Life([ANSWER, CYCLE, CYCLE, ("note", {"which": 0})]),
    a_question_is_never_removed: Life([MUMBLE, CYCLE, ("answer", {"which": 1, "word": "done", "in_notes": False})]),
    a_deleted_question_is_asked_again: Life([MUMBLE, CYCLE, DELETE]),
}
