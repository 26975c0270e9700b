"""A cycle without news costs one request and looks at nothing; and it never sleeps through anything that matters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from followsync.core.history import Captured, Result
from followsync.core.prospect import Prospect
from followsync.picture import rows_of
from followsync.store import Transaction
from tests.dav.personalities import PERSONALITIES
from tests.machine.room import CONFIG, MONDAY, Room

HOUR = timedelta(hours=1)


@pytest.fixture
def quiet(room: Room, jenny: str) -> Room:
    """Nothing is left to do: what was made was looked after in one more cycle."""
    room.cycle()
    return room


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was loaded that grows with the number of prospects."""
    loaded: list[str] = []
    for name in ("prospects", "histories", "written"):
        asks = getattr(Transaction, name)

        def counted(self: Transaction, *args: Any, name: str = name, asks: Any = asks, **more: Any) -> Any:
            loaded.append(name)
            return asks(self, *args, **more)

        monkeypatch.setattr(Transaction, name, counted)
    return loaded


def test_without_news_nothing_is_loaded(quiet: Room, reads: list[str]) -> None:
    report = quiet.cycle(MONDAY + timedelta(minutes=5))
    assert report.targets["phone"].requests == 1
    assert reads == []


def test_each_thing_that_changes_the_plan_opens_the_gate(quiet: Room, reads: list[str]) -> None:
    def opens() -> bool:
        reads.clear()
        quiet.cycle()
        opened = "prospects" in reads
        quiet.cycle()
        quiet.cycle()
        reads.clear()
        quiet.cycle()
        assert reads == [], "and then it is shut again"
        return opened

    quiet.now += HOUR
    assert opens(), "an hour later"
    quiet.edit("jenny", notes="likes blue")
    assert opens(), "a field of a prospect"
    quiet.log("jenny", Result.ATTEMPT)
    assert opens(), "a new fact"
    quiet.configure(
        CONFIG.replace("capacity: 12", "capacity: 11") if "capacity: 12" in CONFIG else CONFIG.replace("min_gap: 7", "min_gap: 6")
    )
    assert opens(), "the config"
    quiet.server.phone_edit(quiet.href("jenny"), location="Upstairs")
    assert opens(), "the rep"
    quiet.server.phone_add("BEGIN:VCALENDAR\r\nthis is no calendar")
    reads.clear()
    quiet.cycle()
    assert "prospects" not in reads, "what is not ours changes no plan"


@pytest.mark.parametrize("target", ["phone", "file"])
def test_the_end_of_a_promise_s_time_opens_it_within_the_hour(room: Room, reads: list[str], target: str) -> None:
    """At 10:15 the call of 10:00 is not done: the next cycle says so on its entry, and then it is quiet again."""
    room.configure(CONFIG.replace("[phone]", f"[{target}]").replace("  phone: {", "  file: {type: ics, path: out.ics}\n  phone: {"))
    room.capture("Jenny")
    room.promise("jenny", "call today 10:00 to ask")
    room.capture("Bob")
    room.promise("bob", "call today 11:20 to ask")

    def title() -> str:
        if target == "file":
            return next(line for line in (room.folder / "out.ics").read_text().splitlines() if "Call Jenny" in line).replace("\\", "")
        return next(item.title for item in room.open_items().values() if "Call Jenny" in item.title)

    for minute in (0, 1, 2, 14):
        reads.clear()
        room.cycle(MONDAY.replace(hour=10, minute=minute))
    assert reads == [], "until then nothing happens"
    assert "not done" not in title()
    room.cycle(MONDAY.replace(hour=10, minute=15))
    assert title().endswith("Call Jenny to ask ⚠ promised 10:00, not done")
    with room.quiet():
        for minute in (16, 17, 18, 40, 59):
            reads.clear()
            room.cycle(MONDAY.replace(hour=10, minute=minute))
    assert reads == [], "said once"


def test_somebody_else_s_prospects_do_not_open_it(quiet: Room, reads: list[str]) -> None:
    with quiet.store.writing() as tx:
        tx.capture(Prospect("zoe", "bob", "Zoe"), Captured(quiet.now, "cli"))
    reads.clear()
    quiet.cycle()
    assert reads == []


def test_what_is_written_between_the_plan_and_the_end_is_not_slept_through(quiet: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at the terminal is faster than the end of the cycle: the next one works it out."""
    cycle = quiet.new_cycle()
    decides = cycle._decide_and_write

    def and_then(*args: Any) -> Any:
        made = decides(*args)
        quiet.capture("Bob")
        return made

    monkeypatch.setattr(cycle, "_decide_and_write", and_then)
    cycle.run(thorough=True)
    assert quiet.cycle().targets["phone"].created == 1


def test_a_target_that_failed_is_tried_whatever_the_others_say(quiet: Room) -> None:
    quiet.edit("jenny", notes="likes blue")
    quiet.server.faults.before = 1
    assert quiet.cycle().targets["phone"].error
    assert quiet.cycle(force=True).targets["phone"].updated == 1


def test_a_file_that_was_removed_is_written_again(room: Room) -> None:
    room.configure(CONFIG.replace("[phone]", "[file]").replace("  phone: {", "  file: {type: ics, path: out.ics}\n  phone: {"))
    room.capture("Jenny")
    path = room.folder / "out.ics"
    for _ in range(3):
        room.cycle()
    path.unlink()
    room.cycle()
    assert "Jenny" in path.read_text()
    before = path.stat().st_mtime_ns
    room.cycle()
    assert path.stat().st_mtime_ns == before


def test_everything_is_listed_again_after_a_week(quiet: Room) -> None:
    """What the list of changes never told is found then, and nothing is concluded from a listing alone."""
    href = quiet.href("jenny")
    entry = quiet.server.entries.pop(href)  # without a word
    report = quiet.cycle(MONDAY + timedelta(days=1))
    assert report.ok
    assert quiet.server.entries == {}
    quiet.cycle(MONDAY + timedelta(days=8))
    quiet.server.entries[href] = entry  # it is back: an accident of the server
    quiet.cycle(MONDAY + timedelta(days=8, minutes=10))
    with quiet.store.reading() as tx:
        (row,) = rows_of(tx, quiet.new_cycle().rep, "phone")
    assert row.gone_at is None
    assert list(quiet.open_items()) == [href]


def test_who_does_not_tell_of_deletions_is_listed_every_six_hours(tmp_path: Path) -> None:
    """The probe finds out which servers do not."""
    room = Room(tmp_path, personality=PERSONALITIES["tombstone_forgetter"])
    room.capture("Jenny")
    for _ in range(2):
        assert room.cycle().ok
    room.server.phone_delete(room.href("jenny"))
    room.cycle(MONDAY + timedelta(hours=1))
    assert not room.open_items()
    room.cycle(MONDAY + timedelta(hours=6))
    room.cycle(MONDAY + timedelta(hours=6, minutes=5))
    assert [item.title for item in room.open_items().values()] == ["Jenny: drop, or when?"]
    room.close()
