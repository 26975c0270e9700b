"""undo, at the terminal and with a calendar on which it was already seen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from followsync.core.history import Captured, Dismissed, Moved, Noted, Promised, Result, Touched
from followsync.core.item import State
from followsync.core.ruler import RULER
from followsync.store import open_store
from tests import stores
from tests.cli.conftest import Cli
from tests.machine.room import CONFIG, MONDAY, ZONE, Room

CALL = "Call Jenny to determine next steps – 248.867.5309"


# -- at the terminal


def test_a_closed_prospect_is_open_again(cli: Cli) -> None:
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 2pm to determine next steps")
    cli.ok("log", "jenny", "yes", "--note", "signed")
    shown = cli("undo")
    assert shown.code == 0
    assert "'log' of Tue 2026-01-06, 09:00 would be taken back:" in shown.out
    assert f"the calendar shows: {CALL}, Thu 2026-01-08, 14:00-14:15." in shown.out
    assert "--yes does it" in shown.out
    assert cli.ok("show", "jenny")["state"] == "yes"  # shown only

    done = cli.ok("undo", "--yes")
    assert (done["done"], done["label"], done["at"]) == (True, "log", "2026-01-06T09:00:00-05:00")
    (jenny,) = done["prospects"]
    assert [one["text"] for one in jenny["taken_back"]] == ["Call to determine next steps: yes (signed)."]
    assert (jenny["removed"], jenny["kept"], jenny["next_action"]["start"]) == (False, False, "2026-01-08T14:00:00-05:00")
    assert cli.ok("show", "jenny")["state"] == "open"


def test_step_by_step_back_to_nothing(cli: Cli) -> None:
    cli.ok("add", "Joe's Diner")
    cli.ok("edit", "joe", "--phone", "248.555.0100")
    assert "phone: – → 248.555.0100" in cli("undo", "--yes").out
    assert "is forgotten with all history" in cli("undo", "--yes").out
    assert cli.ok("list") == []
    nothing = cli("undo", "--yes")
    assert (nothing.code, "nothing that could be taken back" in nothing.err) == (2, True)


def test_an_import_is_taken_back_whole(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "leads.csv"
    table.write_text("name,phone\n" + "".join(f"Lead {number},248.555.{number:04}\n" for number in range(300)))
    cli.ok("add", "Joe's Diner")
    assert len(cli.ok("import", str(table), "--yes")["create"]) == 300
    assert len(cli.ok("undo", "--yes")["prospects"]) == 300
    assert [one["id"] for one in cli.ok("list")] == ["joes-diner"]


def test_removing_is_said_to_be_for_good(cli: Cli) -> None:
    cli.ok("add", "Joe's Diner")
    cli.ok("add", "Jane's Deli")
    assert cli("remove", "joe", "--yes").code == 0
    shown = cli("undo")
    assert "One person was removed since, which cannot be taken back" in shown.out
    assert "Jane's Deli" in shown.out
    assert "joe" not in shown.out.lower()


def test_of_one_rep(cli: Cli) -> None:
    assert cli("undo", "--rep", "lee").code == 2
    cli.ok("add", "Joe's Diner")
    assert cli.ok("undo", "--rep", "dana")["label"] == "add"


def test_a_sync_that_is_under_way_is_waited_for(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.ok("add", "Joe's Diner")
    other = open_store(stores.url(cli.folder / "state" / "followsync.db"))
    monkeypatch.setattr(f"followsync.store.{stores.kind}._PAUSE", 60.0)  # one look is all its patience
    with other.cycle("dana"):
        waited = cli("undo", "--yes")
    other.close()
    assert (waited.code, "has been syncing dana" in waited.err) == (1, True)
    assert len(cli.ok("list")) == 1


# -- beside a calendar


def undo(room: Room) -> None:
    with room.store.writing() as tx:
        change = tx.last_change()
        assert change is not None
        tx.take_back(change)


def state_of(room: Room, href: str) -> State:
    with room.store.reading() as tx:
        (row,) = (row for row in tx.written("dana") if row.href == href)
    return row.state


def later(room: Room, minutes: int = 5) -> None:
    """A cycle that works, and one after which nothing is left to do."""
    assert room.cycle(room.now + timedelta(minutes=minutes)).ok
    with room.quiet():
        room.cycle(room.now + timedelta(minutes=1))


@pytest.mark.parametrize("answer", ["yes", "no", "done", "x", "> friday 3pm call to sign"])
def test_what_a_sync_read_and_marked_is_open_again_once(room: Room, jenny: str, answer: str) -> None:
    first = room.href(jenny)
    room.server.phone_edit(first, title=f"{answer} {CALL}")
    later(room)
    assert any(isinstance(fact, Touched) for fact in room.history(jenny))
    assert state_of(room, first) is State.RECORDED
    undo(room)
    assert not any(isinstance(fact, Touched) for fact in room.history(jenny))
    later(room)
    assert room.item(jenny).title == CALL
    assert (room.item(jenny).start.day, room.item(jenny).start.hour) == (8, 14)
    assert (list(room.items()), room.href(jenny)) == ([first], first), "the same entry waits again"
    assert (room.item(jenny).busy, room.item(jenny).alarms) == (True, (15,))
    room.server.phone_edit(first, body=f"likes blue\n{room.item(jenny).body}")
    later(room)
    assert [type(fact) for fact in room.history(jenny)] == [Captured, Promised, Noted], "what is typed into it is read"
    room.server.phone_edit(first, title=f"yes {CALL}")
    later(room)
    assert [fact.result for fact in room.history(jenny) if isinstance(fact, Touched)] == [Result.YES]


def test_a_tick_is_taken_back(room: Room) -> None:
    room.configure(CONFIG.replace("calendar: Follow-ups", "calendar: Follow-ups, write: task"))
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    room.server.phone_edit(room.href("jenny"), done=True)
    later(room)
    undo(room)
    later(room)
    assert (room.item("jenny").title, room.item("jenny").done) == (CALL, False)


def test_what_was_typed_as_the_answer_goes_with_it_and_other_text_stays(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, body=f"likes blue\n{room.item(jenny).body}")
    later(room)
    room.server.phone_edit(href, body=f"done\nshe waved\n{room.item(jenny).body}")
    later(room)
    undo(room)
    later(room)
    assert room.item(jenny).body.startswith(f"likes blue\n{RULER}\n248.867.5309")
    assert "she waved" not in room.item(jenny).body
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    later(room)
    assert not any(isinstance(fact, Touched) for fact in room.history(jenny)), "and is no answer to whoever reads it later"


def test_of_two_answers_the_first_holds_again(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    for word in ("x", "yes"):
        room.server.phone_edit(href, body=f"{word}\n{room.server.phone_item(href, ZONE).body}")
        later(room)
    undo(room)
    later(room)
    assert room.server.phone_item(href, ZONE).title == f"↻ {CALL}"
    assert room.item(jenny).title == CALL


def test_what_was_read_and_not_marked_is_open_again_in_place(room: Room, jenny: str) -> None:
    first = room.href(jenny)
    room.server.phone_edit(first, title=f"done {CALL}")
    room.server.faults.before = 1  # the mark does not get through
    room.cycle(room.now + timedelta(minutes=5))
    assert state_of(room, first) is State.ANSWERED
    undo(room)
    assert room.cycle(room.now + timedelta(minutes=5), force=True).ok
    later(room)
    assert room.item(jenny).title == CALL
    assert not any(isinstance(fact, Touched) for fact in room.history(jenny))


def test_an_outcome_of_the_terminal_is_taken_back_before_and_after_its_sync(room: Room, jenny: str) -> None:
    first = room.href(jenny)
    room.log(jenny, Result.YES)
    undo(room)
    with room.quiet():
        room.cycle(room.now + timedelta(minutes=5))
    room.log(jenny, Result.YES)
    later(room)
    assert room.open_items(jenny) == {}
    undo(room)
    later(room)
    assert room.item(jenny).title == CALL
    assert first != room.href(jenny)


def test_a_deletion_is_taken_back(room: Room, jenny: str) -> None:
    room.server.phone_delete(room.href(jenny))
    room.cycle(room.now + timedelta(minutes=5))
    later(room)
    assert any(isinstance(fact, Dismissed) for fact in room.history(jenny))
    undo(room)
    later(room)
    assert room.item(jenny).title == CALL


def test_a_promise_that_was_moved_goes_back_to_its_hour_and_all_else_stays_where_it_stands(room: Room, jenny: str) -> None:
    room.capture("Bob")
    later(room)
    friday = MONDAY + timedelta(days=4, hours=2)
    for who in (jenny, "bob"):
        room.server.phone_move(room.href(who), friday)
    later(room)
    assert all(any(isinstance(fact, Moved) for fact in room.history(who)) for who in (jenny, "bob"))
    undo(room)
    later(room)
    assert not any(isinstance(fact, Moved) for who in (jenny, "bob") for fact in room.history(who))
    assert room.item(jenny).start == MONDAY + timedelta(days=3, hours=6)
    assert room.item("bob").start == friday


def test_a_captured_prospect_goes_with_its_entry(room: Room, jenny: str) -> None:
    room.capture("Bob")
    later(room)
    assert room.open_items("bob")
    undo(room)
    later(room)
    assert (room.open_items("bob"), len(room.open_items(jenny))) == ({}, 1)


def test_of_an_agreement_only_the_last_is_taken_back(room: Room, jenny: str) -> None:
    room.promise(jenny, "fri 3pm call to sign")
    later(room)
    undo(room)
    later(room)
    (promise,) = (fact for fact in room.history(jenny) if isinstance(fact, Promised))
    assert promise.purpose == "determine next steps"
    assert room.item(jenny).title == CALL
