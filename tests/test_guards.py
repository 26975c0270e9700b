"""What FollowSync does not do before a person says so, and what it does not do at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from followsync import health, ics
from followsync.calendars.probing import entry
from followsync.core.history import Dismissed, Moved, Noted, Result, Touched
from followsync.core.operations import uid
from followsync.core.target import TargetState
from followsync.errors import CalendarError, LoginNeeded, MassChange, Unavailable
from followsync.pull import GRACE, Deletions
from tests.dav.personalities import CLEAN, DEAF, PERSONALITIES
from tests.dav.server import DavServer
from tests.machine.room import CONFIG, MONDAY, ZONE, Room

HELD = "The config was edited"


def many(room: Room, number: int) -> None:
    for one in range(number):
        room.capture(f"Person {one}", stage="pitched", met="2026-01-05")
    room.cycle()
    room.cycle()


# --- the config was edited


def test_an_edit_that_deletes_much_waits_for_a_person(room: Room) -> None:
    many(room, 10)
    before = dict(room.server.entries)
    room.capture("Zoe")
    room.configure(CONFIG.replace("worksheet:", "other:").replace("stage: pitched", "stage: lost"))
    report = room.cycle().targets["phone"]
    assert HELD in report.error
    assert "delete 10" in report.error
    assert "--accept-changes" in report.error
    assert before.items() <= room.server.entries.items()
    assert [item.prospect for href, item in room.items().items() if href not in before] == ["zoe"], "who is new goes on the calendar"
    assert HELD in room.cycle(room.now + timedelta(minutes=5)).targets["phone"].error, "and it goes on waiting"
    assert room.cycle(accept_changes=True).ok
    assert all(item.title.startswith("Decide") for item in room.open_items().values())
    with room.quiet():
        assert room.cycle().ok


def test_an_edit_that_is_taken_back_changes_nothing(room: Room) -> None:
    many(room, 10)
    room.configure(CONFIG.replace("stage: pitched", "stage: lost"))
    with room.quiet():
        assert HELD in room.cycle().targets["phone"].error
        room.configure(CONFIG)
        assert room.cycle().ok


def test_an_edit_that_changes_little_is_simply_done(room: Room) -> None:
    many(room, 4)
    room.configure(CONFIG.replace("say thanks", "thank them"))
    report = room.cycle()
    assert report.ok
    assert report.targets["phone"].updated == 4


def test_what_time_changes_is_no_accident(room: Room) -> None:
    """A Monday after two weeks without a daemon: nearly everything moves, and nobody edited anything."""
    many(room, 30)
    report = room.cycle(MONDAY + timedelta(days=28))
    assert report.ok
    assert report.targets["phone"].updated > 20


# --- too often


def test_what_is_changed_back_again_and_again_is_left_alone(room: Room, jenny: str) -> None:
    """Another program takes the title away each time."""
    written = []
    for _ in range(12):
        room.server.phone_edit(room.href(jenny), title="")
        report = room.cycle(room.now + timedelta(minutes=10))
        written.append(report.targets["phone"].updated)
    assert sum(written) == 3
    assert report.targets["phone"].quarantined == 1
    assert room.cycle(room.now + timedelta(days=1)).ok
    assert room.item(jenny).title.startswith("Call Jenny")


def test_a_fight_under_a_clock_that_was_a_year_ahead_is_none_once_it_is_right(room: Room, jenny: str) -> None:
    right = room.now
    room.now += timedelta(days=365)
    for _ in range(12):
        room.server.phone_edit(room.href(jenny), title="")
        room.cycle(room.now + timedelta(minutes=10))
    for minutes in (10, 20):
        assert room.cycle(right + timedelta(minutes=minutes)).ok
    assert room.item(jenny).title.startswith("Call Jenny")
    assert "(" not in room.item(jenny).title


def test_a_busy_day_is_no_fight(room: Room, jenny: str) -> None:
    for number in range(20):
        room.edit(jenny, notes=f"version {number}")
        assert room.cycle(room.now + timedelta(minutes=3)).targets["phone"].updated == 1
    assert "version 19" in room.item(jenny).body


def test_a_server_that_refuses_its_own_etags_is_written_all_the_same(tmp_path: Path) -> None:
    """The probe finds out, and then we look before we write."""
    room = Room(tmp_path, personality=DEAF)
    room.capture("Jenny")
    for _ in range(2):
        assert room.cycle().ok
    room.edit("jenny", phone="248.555.0100")
    assert room.cycle().targets["phone"].updated == 1
    assert "248.555.0100" in room.item("jenny").body
    href = room.href("jenny")
    room.server.phone_edit(href, body=f"likes blue\n{room.server.phone_item(href).body}")
    room.log("jenny", Result.NO)
    for _ in range(3):
        assert room.cycle(room.now + timedelta(minutes=5)).ok
    assert href not in room.server.entries
    assert [fact.text for fact in room.history("jenny") if isinstance(fact, Noted)] == ["likes blue"]
    room.close()


@pytest.mark.parametrize("removed", [False, True])
def test_a_write_that_is_refused_as_too_late_each_time_is_told(tmp_path: Path, removed: bool) -> None:
    """The server began to, after it was probed."""
    room = Room(tmp_path, personality=CLEAN)
    server = room.server
    assert isinstance(server, DavServer)
    room.capture("Jenny")
    for _ in range(2):
        assert room.cycle().ok
    server.personality = DEAF
    if removed:
        room.log("jenny", Result.NO)
    else:
        room.edit("jenny", notes="likes blue")
    before = server.asked
    with room.quiet():
        for _ in range(20):
            report = room.cycle(room.now + timedelta(minutes=5))
    assert report.targets["phone"].quarantined == 1
    assert not report.ok
    assert server.asked - before <= 20 + 3 * 3
    with room.store.reading() as tx:
        (row,) = tx.written("dana", "phone")
    assert "older version" in row.trouble
    server.personality = CLEAN
    assert room.cycle(room.now + timedelta(days=1)).ok
    assert bool(server.entries) is not removed
    assert removed or "likes blue" in room.item("jenny").body
    room.close()


def test_a_server_that_never_gives_all_the_answers_of_a_probe_in_a_row_is_served(tmp_path: Path) -> None:
    """It refuses each fifth request, and a probe takes seven."""
    room = Room(tmp_path, personality=replace(CLEAN, limit=5))
    server = room.server
    room.capture("Jenny")
    reports = [room.cycle(room.now + timedelta(minutes=5), force=True) for _ in range(6)]
    assert reports[-1].ok, reports[-1]
    assert [server.phone_item(href).prospect for href in server.entries] == ["jenny"], "what a probe made is left behind"
    before = server.asked
    with room.quiet():
        for _ in range(20):
            room.cycle(room.now + timedelta(minutes=5))
    assert server.asked - before == 20, "it is probed again and again"
    room.edit("jenny", phone="248.555.0100")
    reports = [room.cycle(room.now + timedelta(days=1) if n == 0 else room.now + timedelta(minutes=5), force=True) for n in range(6)]
    assert reports[-1].ok, reports[-1]
    assert [server.phone_item(href).prospect for href in server.entries] == ["jenny"]
    assert "248.555.0100" in room.item("jenny").body
    room.close()


def test_what_a_probe_left_behind_goes_also_where_the_server_is_known_by_now(tmp_path: Path) -> None:
    room = Room(tmp_path, personality=CLEAN)
    room.capture("Jenny")
    assert room.cycle().ok
    left = entry(uid("probe00000000000000000000p", 0), room.now.astimezone(ZONE))
    room.server.phone_add(ics.render(left, stamp=room.now), f"{room.server.path}{ics.file_name(left.uid)}")
    assert room.cycle().ok
    assert [room.server.phone_item(href).prospect for href in room.server.entries] == ["jenny"]
    room.close()


# --- guests


GUESTS = "ORGANIZER:mailto:dana@example.org\r\nATTENDEE:mailto:jenny@example.org\r\n"


@pytest.mark.parametrize("added", [GUESTS, "RRULE:FREQ=WEEKLY\r\n"])
def test_an_entry_with_guests_is_only_read(room: Room, jenny: str, added: str) -> None:
    """A write to it could send mail in the rep's name (RFC 6638)."""
    href = room.href(jenny)
    text = room.server.entries[href][1].replace("END:VEVENT", f"{added}END:VEVENT")
    room.server.store(href, text)
    room.edit(jenny, notes="likes blue")
    with room.quiet():
        room.cycle()
        room.server.phone_edit(href, body=f"they want 40\n{room.item(jenny).body}")
        room.cycle()
        room.server.phone_edit(href, title=f"done {room.item(jenny).title}")
    room.cycle()
    assert [type(fact) for fact in room.history(jenny)][-2:] == [Noted, Touched]
    assert added.split("\r\n")[0] in room.server.entries[href][1]
    assert room.server.entries[href][1].count("SUMMARY:done ") == 1, "not even the record is marked"


def test_an_entry_with_guests_that_is_no_longer_wanted_stays(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.store(href, room.server.entries[href][1].replace("END:VEVENT", f"{GUESTS}END:VEVENT"))
    room.cycle()
    room.log(jenny, Result.NO)
    with room.quiet():
        assert room.cycle().ok
    assert href in room.server.entries


# --- deletions


def test_a_phone_that_edits_by_deleting_and_writing_anew(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    text = room.server.entries[href][1]
    room.server.phone_delete(href)
    with room.quiet():
        room.cycle()
        room.server.store(href, text.replace("T140000", "T153000").replace("T141500", "T154500"))
        room.cycle(room.now + GRACE)
    assert [type(fact) for fact in room.history(jenny)][-1] is Moved
    assert list(room.open_items()) == [href]


def test_the_same_under_another_name(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    text = room.server.entries[href][1]
    room.server.phone_delete(href)
    room.cycle()
    new = room.server.phone_add(text, room.server.path + "phone-1.ics")
    room.cycle(room.now + GRACE)
    room.edit(jenny, notes="likes blue")
    assert room.cycle().targets["phone"].updated == 1
    assert list(room.server.entries) == [new]
    assert not any(isinstance(fact, Dismissed) for fact in room.history(jenny))


def test_a_copy_that_says_the_same_goes(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    copy = room.server.phone_add(room.server.entries[href][1], room.server.path + "copy.ics")
    room.cycle()
    assert href in room.server.entries
    assert copy not in room.server.entries


@pytest.mark.parametrize("name", ["clean", "no_etag", "weak_etag", "sogo"])
def test_a_copy_goes_from_any_server(tmp_path: Path, name: str) -> None:
    room = Room(tmp_path, personality=PERSONALITIES[name])
    room.capture("Jenny")
    href, copy = copied(room)
    for _ in range(2):
        assert room.cycle(room.now + timedelta(minutes=5)).ok
    assert list(room.server.entries) == [href]
    assert copy not in room.server.entries
    room.close()


@pytest.mark.parametrize("name", ["clean", "no_etag", "weak_etag"])
def test_a_copy_that_cannot_go_is_told_and_holds_nothing_up(tmp_path: Path, name: str) -> None:
    room = Room(tmp_path, personality=PERSONALITIES[name])
    server = room.server
    assert isinstance(server, DavServer)
    room.capture("Jenny")
    href, copy = copied(room)
    server.faults.refuse = {copy}
    for _ in range(4):
        report = room.cycle(room.now + timedelta(minutes=5)).targets["phone"]
        assert report.quarantined == 1
    asked = server.asked
    for _ in range(10):
        room.cycle(room.now + timedelta(minutes=2))
    assert server.asked - asked <= (10 if name == "clean" else 20)
    before = remembered(room).last_full
    room.cycle(room.now + timedelta(days=8))
    after = remembered(room)
    assert before
    assert after.last_full
    assert after.last_full > before
    assert href in server.entries
    server.phone_delete(copy)
    for _ in range(2):
        report = room.cycle(room.now + timedelta(minutes=5)).targets["phone"]
    assert (report.quarantined, report.error) == (0, "")
    room.close()


def copied(room: Room) -> tuple[str, str]:
    """Jenny's entry, and a second one that says the same."""
    for _ in range(2):
        assert room.cycle(room.now + timedelta(minutes=5)).ok
    href = room.href("jenny")
    return href, room.server.phone_add(room.server.entries[href][1], room.server.path + "copy.ics")


def test_an_entry_answered_at_the_terminal_while_its_deletion_waits_asks_nothing(room: Room, jenny: str) -> None:
    room.server.phone_delete(room.href(jenny))
    room.cycle()
    room.log(jenny, Result.DONE)
    room.cycle()
    room.cycle(room.now + GRACE)
    assert not any(isinstance(fact, Dismissed) for fact in room.history(jenny))
    assert len(room.open_items(jenny)) == 1


def test_many_deletions_are_held_and_released_when_they_come_back(room: Room) -> None:
    many(room, 20)
    entries = dict(room.server.entries)
    for href in list(entries)[:19]:
        room.server.phone_delete(href)
    with room.quiet():
        for minutes in range(0, 60, 10):
            assert "19 of 20" in room.cycle(MONDAY + timedelta(minutes=minutes), force=True).targets["phone"].error
        for href, (_, text) in entries.items():
            if href not in room.server.entries:
                room.server.store(href, text)
        room.cycle(MONDAY + timedelta(hours=1), force=True)
        assert room.cycle(MONDAY + timedelta(hours=1), force=True).ok
    assert room.open_items().keys() == entries.keys()


def test_a_person_who_says_so_need_not_wait(room: Room) -> None:
    many(room, 10)
    for href in list(room.open_items()):
        room.server.phone_delete(href)
    assert room.cycle(deletions=Deletions(accept=True)).ok
    assert all(item.title.endswith("drop, or when?") for item in room.open_items().values())
    assert len(room.open_items()) == 10


# --- how a target fares


@pytest.mark.parametrize(
    ("error", "minutes"),
    [
        (Unavailable("x"), 1),
        (Unavailable("x", 5), 1),
        (Unavailable("x", 600), 10),
        (Unavailable("x", 1e9), 120),
        (LoginNeeded("x"), 360),
        (CalendarError("x"), 1),
    ],
)
def test_a_failing_target_is_left_alone(error: CalendarError, minutes: int) -> None:
    state = health.failed(TargetState("dana", "phone"), error, MONDAY)
    assert state.not_before == MONDAY + timedelta(minutes=minutes)
    for _ in range(20):
        state = health.failed(state, Unavailable("x"), MONDAY)
    assert state.not_before == MONDAY + timedelta(hours=2)


def test_what_waits_for_a_person_is_looked_at_each_time() -> None:
    state = health.failed(TargetState("dana", "phone"), MassChange("many"), MONDAY)
    assert (state.not_before, state.held) == (None, "many")


@pytest.mark.parametrize(("skew", "words"), [(0, ""), (200, ""), (-600, "10 minutes ahead of"), (7200, "120 minutes behind")])
def test_a_clock_that_is_wrong_is_named(skew: float, words: str) -> None:
    said = health.skewed(timedelta(seconds=skew), "phone")
    assert words in said
    assert bool(words) == bool(said)


def test_with_a_clock_that_is_wrong_by_days_nothing_is_done(room: Room, jenny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opens = room.open

    def opener(target: Any, state: Any) -> Any:
        calendar = opens(target, state)
        calendar.skew = timedelta(days=400)
        return calendar

    monkeypatch.setattr(room, "open", opener)
    room.edit(jenny, notes="likes blue")
    room.server.phone_delete(room.href(jenny))
    with room.quiet():
        report = room.cycle()
    assert "400 days behind" in report.targets["phone"].error
    assert not any(isinstance(fact, Dismissed) for fact in room.history(jenny))


def test_a_refused_entry_is_tried_again_after_a_day(room: Room) -> None:
    room.capture("Jenny")
    room.cycle()
    href = room.href("jenny")
    room.edit("jenny", notes="likes blue")
    room.server.faults.refuse = {href}
    assert room.cycle().targets["phone"].quarantined == 1
    room.server.faults.refuse = set()
    with room.quiet():
        room.cycle(room.now + timedelta(hours=2))
    assert room.cycle(room.now + timedelta(days=1)).targets["phone"].updated == 1


def test_a_refused_deletion_is_not_sent_every_time(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.faults.refuse = {href}
    room.log(jenny, Result.NO)
    requests = []
    for minutes in range(0, 120, 10):
        requests.append(room.cycle(MONDAY + timedelta(minutes=minutes)).targets["phone"].requests)
    assert sum(requests) <= len(requests) + 2
    room.server.faults.refuse = set()
    assert room.cycle(MONDAY + timedelta(days=2)).targets["phone"].deleted == 1
    assert href not in room.server.entries


def test_capabilities_default_to_the_worst() -> None:
    state = TargetState("dana", "phone")
    assert not state.capabilities.known
    assert replace(state.capabilities, creates_safely=False, writes_safely=False).known


# --- secrets

LOCKED = CONFIG.replace("calendar: Follow-ups}", "username: dana, password: {env: FOLLOWSYNC_TEST_PASSWORD}, calendar: Follow-ups}")


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A daemon that has its secret, and nothing left to do."""
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", "barley")
    room = Room(tmp_path, LOCKED, personality=CLEAN)
    room.capture("Jenny")
    for _ in range(2):
        assert room.cycle().ok
    yield room
    room.close()


def remembered(room: Room) -> TargetState:
    with room.store.reading() as tx:
        return tx.target_state("dana", "phone")


def test_a_shell_without_the_secret_does_not_stop_the_daemon(locked: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    before = remembered(locked)
    monkeypatch.delenv("FOLLOWSYNC_TEST_PASSWORD")
    report = locked.cycle(force=True).targets["phone"]
    assert "FOLLOWSYNC_TEST_PASSWORD" in report.error
    assert remembered(locked) == before
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", "barley")
    assert locked.cycle(locked.now + timedelta(minutes=5)).ok


def test_a_secret_that_the_daemon_lacks_is_looked_for_every_ten_minutes(locked: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOLLOWSYNC_TEST_PASSWORD")
    for _ in range(20):
        assert "FOLLOWSYNC_TEST_PASSWORD" in locked.cycle(locked.now + timedelta(minutes=10)).targets["phone"].error
    assert not remembered(locked).login_needed
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", "barley")
    assert locked.cycle(locked.now + timedelta(minutes=10)).ok


def test_a_login_that_was_refused_is_tried_once_with_another_config(locked: Room) -> None:
    server = locked.server
    assert isinstance(server, DavServer)
    server.faults.login = True
    assert locked.cycle(locked.now + timedelta(minutes=5)).targets["phone"].error
    asked = server.asked
    for _ in range(3):
        assert "Left alone" in locked.cycle(locked.now + timedelta(minutes=5)).targets["phone"].error
    assert server.asked == asked
    locked.configure(LOCKED.replace("min_gap: 7", "min_gap: 6"))
    for _ in range(3):
        assert "password" in locked.cycle(locked.now + timedelta(minutes=5)).targets["phone"].error
    assert server.asked == asked + 1
    server.faults.login = False
    locked.configure(LOCKED)
    assert locked.cycle(locked.now + timedelta(minutes=5)).ok
