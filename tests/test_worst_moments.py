"""What happened to a rep once, at the worst moment. Each test is a fault that was found by trying to break a cycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from followsync.calendars.base import Changes
from followsync.calendars.busy import from_text
from followsync.calendars.memory import MemoryCalendar
from followsync.core.history import Dismissed, Kind, Result, Touched, Unclear
from followsync.core.item import Written
from followsync.core.operations import Delete
from followsync.errors import StoreError
from followsync.pull import Deletions
from followsync.writer import TargetReport, Writer
from tests.machine.room import CONFIG, MONDAY, ZONE, Room

CALL = "Call Jenny to determine next steps – 248.867.5309"


class Meddled(MemoryCalendar):
    """A calendar on which something happens just before it tells its changes."""

    def __init__(self, inner: MemoryCalendar, happens: Callable[[], object]) -> None:
        super().__init__(inner._server, ZONE)
        self._happens = happens

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        self._happens()
        return super().changes(cursor, known)


def meddled(room: Room, happens: Callable[[], object]) -> None:
    room.new_cycle(opener=lambda target, state: Meddled(room.open(target, state), happens)).run(force=True)


@pytest.mark.parametrize("said", [">", "> ", "next:", "> .", "> 💬"])
def test_a_sign_and_nothing_else_stops_nobody(room: Room, jenny: str, said: str) -> None:
    room.capture("Bob")
    room.cycle()
    room.server.phone_edit(room.href(jenny), title=f"{said} {CALL}")
    room.server.phone_edit(room.href("bob"), title="yes Decide: Bob")
    assert room.cycle(MONDAY + timedelta(minutes=5)).ok
    assert any(isinstance(fact, Unclear) for fact in room.history(jenny))
    assert any(isinstance(fact, Touched) and fact.result is Result.YES for fact in room.history("bob"))


@pytest.mark.parametrize("gesture", ["yes", "delete"])
def test_an_answer_given_while_a_lost_write_is_settled_is_read(room: Room, jenny: str, gesture: str) -> None:
    href = room.href(jenny)
    room.capture("Joe")
    room.edit(jenny, notes="likes blue")
    room.server.faults.after = 1
    room.cycle(MONDAY + timedelta(minutes=5))

    def rep() -> None:
        if href in room.items():
            room.server.phone_edit(href, title=f"yes {CALL}") if gesture == "yes" else room.server.phone_delete(href)

    room.now = MONDAY + timedelta(minutes=10)
    meddled(room, rep)
    room.cycle(MONDAY + timedelta(minutes=15), force=True)
    room.believe(force=True)
    facts = [fact for fact in room.history(jenny) if isinstance(fact, Touched | Dismissed)]
    assert [type(fact) for fact in facts] == [Touched if gesture == "yes" else Dismissed]


def test_a_calendar_emptied_while_writes_were_under_way_is_held_and_restored(room: Room) -> None:
    people = [room.capture(f"Person {one}").id for one in range(20)]
    room.cycle()
    for one in people:
        room.edit(one, notes="changed")
    room.server.faults.before = 1
    room.cycle(MONDAY + timedelta(minutes=5))
    # As after a kill: everything is noted as about to be sent.
    with room.store.writing() as tx:
        tx.save_written("dana", *(replace(row, intended=row.agreed) for row in tx.written("dana", "phone")))
    for href in list(room.items()):
        room.server.phone_delete(href)
    report = room.cycle(MONDAY + timedelta(minutes=10), force=True)
    assert "deleted" in report.targets["phone"].error
    assert not any(isinstance(fact, Dismissed) for one in people for fact in room.history(one))
    assert room.cycle(force=True, deletions=Deletions(restore=True)).ok
    assert sorted(item.prospect for item in room.open_items().values()) == sorted(people)
    assert not any(isinstance(fact, Dismissed) for one in people for fact in room.history(one))


def test_what_is_restored_keeps_its_hour_and_the_days_it_was_missed(room: Room) -> None:
    people = [room.capture(f"Person {one}").id for one in range(8)]
    room.cycle()
    wednesday = datetime(2026, 1, 7, 9, tzinfo=ZONE)
    room.cycle(wednesday)
    before = {item.prospect: (item.title, item.start) for item in room.open_items().values()}
    assert all("(3rd day)" in title for title, _ in before.values())
    for href in list(room.items()):
        room.server.phone_delete(href)
    room.cycle(wednesday + timedelta(minutes=5))
    room.cycle(force=True, deletions=Deletions(restore=True))
    assert {item.prospect: (item.title, item.start) for item in room.open_items().values()} == before
    assert len(people) == len(before)


@pytest.mark.parametrize("typed", ["they want 40 units", ""])
def test_without_an_etag_nothing_is_deleted_unseen(room: Room, jenny: str, typed: str) -> None:
    with room.store.reading() as tx:
        (row,) = (replace(row, etag=None) for row in tx.written("dana", "phone"))
    if typed:
        room.server.phone_edit(row.href, body=typed)
    saved: list[Written] = []
    report = TargetReport()
    Writer(MemoryCalendar(room.server, ZONE), room.now, saved.extend, lambda row, seen: None, lambda row, seen: None, report).send(
        [Delete(row)], lambda done, total: None
    )
    assert (row.href in room.items()) is bool(typed)
    assert (report.deleted, [one.removing for one in saved]) == ((0, [True]) if typed else (1, [False])), "what was sent stays known"


def test_a_second_cycle_of_the_same_rep_waits_its_turn(room: Room, jenny: str) -> None:
    with room.store.cycle("dana"), pytest.raises(StoreError, match="has been syncing dana"), room.store.cycle("dana", wait=0.1):
        pass
    with room.store.cycle("somebody-else", wait=0.1):
        assert room.cycle().ok


def test_a_tick_taken_back_leaves_one_open_entry(tmp_path: Path) -> None:
    room = Room(tmp_path, CONFIG.replace("calendar: Follow-ups}", "calendar: Follow-ups, write: task}"))
    room.capture("Jenny")
    room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    href = room.href("jenny")
    room.server.phone_tick(href)
    room.cycle(MONDAY + timedelta(minutes=5))
    room.server.phone_edit(href, done=False)
    room.cycle(MONDAY + timedelta(minutes=10))
    assert [item.kind for item in room.open_items("jenny").values()] == [Kind.DECIDE]
    with room.quiet():
        room.cycle(MONDAY + timedelta(minutes=15))
    room.close()


def test_our_own_entries_are_in_nobodys_way(room: Room, jenny: str) -> None:
    (_, raw), *_ = room.server.entries.values()
    assert from_text(raw, MONDAY, MONDAY + timedelta(days=7), ZONE) == ()
    (theirs,) = from_text(raw.replace("UID:fs1", "UID:golf-"), MONDAY, MONDAY + timedelta(days=7), ZONE)
    assert theirs.start == datetime(2026, 1, 8, 14, tzinfo=ZONE)


def test_a_title_that_a_client_lost_comes_back(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), title="")
    room.cycle(MONDAY + timedelta(minutes=5))
    room.cycle(datetime(2026, 1, 9, 9, tzinfo=ZONE))
    assert room.item(jenny).title == f"{CALL} (2nd day)"
