"""What can be taken back, and what then stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from followsync.core.history import Captured, Edited, Entry, Moved, Noted, Result, Touched
from followsync.core.item import Form, Item, State, Written
from followsync.core.prospect import Prospect
from followsync.store import Change, Store, Transaction
from followsync.store.journal import KEPT
from tests import stores

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
JOE = Prospect("joe", "dana", "Joe's Diner")
JIM = Prospect("jim", "kim", "Jim's Garage")
CAPTURED = Captured(NOW, "cli", "Joe's Diner")


@pytest.fixture
def joe(store: Store) -> Store:
    with store.writing("add") as tx:
        tx.capture(JOE, CAPTURED)
    return store


def undo(store: Store, rep: str | None = None) -> Change:
    with store.writing() as tx:
        change = tx.last_change(rep)
        assert change is not None
        tx.take_back(change)
    return change


def stands(store: Store, prospect: str = "joe") -> tuple[Prospect | None, Result | None, tuple[Entry, ...]]:
    with store.reading() as tx:
        assert tx.histories().get(prospect, ()) == tx.history(prospect)
        return tx.prospect(prospect), tx.outcome(prospect), tx.history(prospect)


def say(store: Store, *entries: Entry, label: str = "log", prospect: str = "joe") -> None:
    with store.writing(label) as tx:
        tx.append(prospect, *entries)


def test_the_last_change_is_taken_back_and_then_the_one_before(joe: Store) -> None:
    edited = Edited(NOW, "cli", {"name": ("Joe's Diner", "Joe's Bar")})
    with joe.writing("edit") as tx:
        tx.save(replace(JOE, name="Joe's Bar"))
        tx.append("joe", edited)
    yes = Touched(LATER, "cli", Result.YES)
    say(joe, yes, Noted(LATER, "cli", "signed"))
    assert stands(joe)[1] is Result.YES

    change = undo(joe)
    assert (change.label, change.at, change.reps) == ("log", LATER, ("dana",))
    assert [part.entries for part in change.parts] == [(yes, Noted(LATER, "cli", "signed"))]
    assert stands(joe) == (replace(JOE, name="Joe's Bar"), None, (CAPTURED, edited))
    say(joe, yes)  # open again: an outcome is taken
    undo(joe)

    assert undo(joe).label == "edit"
    assert stands(joe) == (JOE, None, (CAPTURED,))
    assert undo(joe).parts[0].before is None
    assert stands(joe) == (None, None, ())
    with joe.reading() as tx:
        assert tx.last_change() is None


def test_what_was_taken_back_stays_in_the_table(joe: Store, path: Path) -> None:
    say(joe, Noted(LATER, "cli", "a slip"))
    undo(joe)
    assert stores.sql(path, "SELECT type, undone FROM entry ORDER BY seq") == [("captured", False), ("noted", True)]


def test_taking_back_is_a_change_that_others_see(joe: Store) -> None:
    say(joe, Noted(LATER, "cli", "a slip"))
    with joe.reading() as tx:
        revision = tx.revision("dana")
    before = joe.changes()
    undo(joe)
    with joe.reading() as tx:
        assert tx.revision("dana") == revision + 1
    assert joe.changes() == before + 1


def test_rehearsed_it_changes_nothing(joe: Store) -> None:
    say(joe, Touched(LATER, "cli", Result.YES))
    before = stands(joe)
    with joe.rehearsing() as tx:
        change = tx.last_change()
        assert change is not None
        tx.take_back(change)
        assert tx.outcome("joe") is None
    assert stands(joe) == before


def test_an_import_of_many_is_one_change(store: Store) -> None:
    people = [replace(JOE, id=f"p{number}") for number in range(1200)]
    with store.writing("import") as tx:
        for one in people:
            tx.capture(one, CAPTURED)
    assert len(undo(store).parts) == 1200
    with store.reading() as tx:
        assert (tx.prospects(), tx.histories(), tx.last_change()) == ([], {}, None)


def test_all_that_one_sync_read_is_one_change(joe: Store) -> None:
    with joe.writing() as tx:
        tx.capture(replace(JOE, id="jane"), CAPTURED)
    say(joe, Noted(NOW, "calendar:phone", "an earlier sync"), label="")
    say(joe, Noted(LATER, "calendar:phone", "first page"), label="")
    say(joe, Touched(LATER, "calendar:phone", Result.YES), label="", prospect="jane")
    say(joe, Touched(LATER, "calendar:tablet", Result.DONE), label="")
    change = undo(joe)
    assert (change.label, [part.prospect for part in change.parts]) == ("sync", ["joe", "jane", "joe"])
    assert stands(joe)[2] == (CAPTURED, Noted(NOW, "calendar:phone", "an earlier sync"))
    assert stands(joe, "jane") == (replace(JOE, id="jane"), None, (CAPTURED,))


def test_two_commands_of_one_moment_are_two_changes(joe: Store) -> None:
    say(joe, Noted(LATER, "cli", "one"))
    say(joe, Noted(LATER, "cli", "two"))
    undo(joe)
    assert stands(joe)[2] == (CAPTURED, Noted(LATER, "cli", "one"))


def test_each_rep_may_go_back_alone(joe: Store) -> None:
    with joe.writing("add") as tx:
        tx.capture(JIM, CAPTURED)
    assert undo(joe, "dana").parts[0].prospect == "joe"
    assert stands(joe, "jim")[0] == JIM
    with joe.reading() as tx:
        assert tx.last_change("dana") is None
        assert tx.last_change() is not None


def test_a_removed_person_does_not_come_back_and_leaves_nothing_to_take_back(joe: Store, path: Path) -> None:
    with joe.writing("add") as tx:
        tx.capture(JIM, CAPTURED)
    with joe.writing("edit") as tx:
        tx.save(replace(JOE, phone="248.867.5309"))
    with joe.writing("remove") as tx:
        tx.remove("joe")
    with joe.reading() as tx:
        change = tx.last_change()
        assert tx.last_change("dana") is None
    assert change is not None
    assert ([part.prospect for part in change.parts], change.removed) == (["jim"], 1)
    with joe.writing("add") as tx:
        tx.capture(replace(JOE, name="Another Joe"), CAPTURED)
    undo(joe)
    assert stands(joe)[0] is None
    joe.close()
    if stores.kind == "sqlite":
        assert b"867.5309" not in path.read_bytes()


def test_what_was_changed_since_and_still_stands_is_left(joe: Store) -> None:
    """As where a prospect went over to another rep, and only the first one's changes are taken back."""
    with joe.writing("edit") as tx:
        tx.save(replace(JOE, name="Joe's Bar"))
    with joe.writing("edit") as tx:
        tx.save(replace(JOE, name="Joe's Bar", rep="kim"))
    say(joe, Noted(LATER, "cli", "hers"))
    first = undo(joe, "dana")  # the hand-over, which the note stands upon
    assert [part.blocked for part in first.parts] == [True]
    assert stands(joe)[2] == (CAPTURED, Noted(LATER, "cli", "hers"))


@pytest.mark.parametrize("nothing", [lambda tx: tx.append("joe"), lambda tx: tx.save_written("dana"), lambda tx: tx.prospects()])
def test_what_changes_no_prospect_is_nothing_to_take_back(joe: Store, nothing: Callable[[Transaction], object]) -> None:
    with joe.writing() as tx:
        nothing(tx)
        tx.save_written("dana", Written("phone", "a1", "joe", "/a1.ics"))
    with joe.reading() as tx:
        change = tx.last_change()
    assert change is not None
    assert change.label == "add"


def test_only_so_many_are_kept(joe: Store, path: Path) -> None:
    for number in range(KEPT + 5):
        say(joe, Noted(LATER, "cli", str(number)))
    counts = [stores.sql(path, f"SELECT count(*) FROM {table}") for table in ("change", "change_part")]
    assert counts == [[(KEPT,)], [(KEPT,)]]
    for _ in range(KEPT):
        undo(joe)
    with joe.reading() as tx:
        assert tx.last_change() is None
        assert len(tx.history("joe")) == 6


def test_an_answered_entry_waits_again_marked_or_not(joe: Store) -> None:
    item = Item("u1", Form.EVENT, "done Call Joe", "", NOW, LATER)
    row = Written("phone", "a1", "joe", "/a1.ics", agreed=item, ours=replace(item, title="✓ Call Joe"), state=State.ANSWERED)
    record = replace(row, target="tablet", state=State.RECORDED)
    say(joe, Touched(LATER, "calendar:phone", Result.DONE, action="a1"), Moved(LATER, "calendar:phone", "a2", NOW, LATER))
    with joe.writing() as tx:
        tx.save_written("dana", row, record)
    undo(joe)
    with joe.reading() as tx:
        assert tx.written("dana") == [replace(one, state=State.OPEN, ours=item) for one in (row, record)]
