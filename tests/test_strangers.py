"""Entries of ours that the store does not know: an older copy of it was put back, it was lost, or the rep made a copy of an entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from followsync.core.history import Captured, Dismissed, Kind, Moved, Noted, Promised, Reopened, Result, Touched, Unclear, Waiting
from followsync.core.prospect import Prospect, Stakeholder
from followsync.core.wording import is_record
from followsync.importer import apply, export_csv, preview, read_leads
from tests.dav.personalities import CLEAN, GOOGLE
from tests.machine.death import Death
from tests.machine.room import CONFIG, MONDAY, ZONE, Room

PAT = {"phone": "248.867.0001", "email": "pat@example.org", "stage": "pitched", "met": "2026-01-05"}


@pytest.fixture(params=["memory", "caldav", "google"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path, personality={"memory": None, "caldav": CLEAN, "google": GOOGLE}[request.param])
    yield made
    made.close()


def told(room: Room, prospect: str) -> list[type]:
    return [type(fact) for fact in room.history(prospect)]


def touches(room: Room, prospect: str) -> list[tuple[Result, str]]:
    return [(fact.result, fact.note) for fact in room.history(prospect) if isinstance(fact, Touched)]


def people(room: Room) -> dict[str, Prospect]:
    with room.store.reading() as tx:
        return {one.id: one for one in tx.prospects("dana")}


def outcome(room: Room, prospect: str) -> Result | None:
    with room.store.reading() as tx:
        return tx.outcome(prospect)


def cycles(room: Room, number: int = 3) -> None:
    for _ in range(number):
        assert room.cycle(room.now + timedelta(minutes=5), force=True).ok


def writes(room: Room, prospect: str, text: str) -> None:
    """On the phone, above everything else."""
    href = room.href(prospect)
    room.server.phone_edit(href, body=f"{text}\n{room.items()[href].body}")


def is_calm(room: Room) -> None:
    with room.quiet():
        for _ in range(2):
            room.cycle(room.now + timedelta(minutes=5), force=True, thorough=True)


# --- people whom the store does not know


def test_who_was_captured_since_an_older_copy_comes_back(anywhere: Room) -> None:
    room = anywhere
    room.capture("Bob", phone="248.867.0009")
    cycles(room)
    copy = room.stored()
    room.capture("Joe's Diner", id="joes-diner", person="Jenny", role="owner", phone="248.867.5309", notes="likes blue", reason="budget")
    room.promise("joes-diner", "thu 2pm visit to review the quote")
    room.capture("Pat", **PAT)
    cycles(room)
    before = {one: (room.href(one), room.item(one)) for one in ("joes-diner", "pat")}
    known = people(room)
    writes(room, "joes-diner", "she wants 40")
    room.put_back(copy)
    cycles(room)
    assert people(room) == known
    assert {one: room.href(one) for one in before} == {one: href for one, (href, _) in before.items()}
    assert told(room, "joes-diner") == [Captured, Promised, Noted]
    (promise,) = [fact for fact in room.history("joes-diner") if isinstance(fact, Promised)]
    assert (promise.method, promise.purpose, promise.start) == ("visit", "review the quote", datetime(2026, 1, 8, 14, tzinfo=ZONE))
    assert told(room, "pat") == [Captured], "the same step, told by the same rules"
    assert room.item("pat").start == before["pat"][1].start
    assert "she wants 40" in room.item("joes-diner").body
    is_calm(room)


@pytest.mark.parametrize(("typed", "result"), [("yes", Result.YES), ("no", Result.NO), ("x", Result.ATTEMPT), ("done", Result.DONE)])
def test_an_answer_in_an_entry_of_somebody_the_store_lost_is_read(anywhere: Room, typed: str, result: Result) -> None:
    room = anywhere
    copy = room.stored()
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to review the quote")
    cycles(room)
    href = room.href("jenny")
    writes(room, "jenny", f"{typed}\nshe wants 40")
    room.put_back(copy)
    cycles(room)
    assert touches(room, "jenny") == [(result, "she wants 40")]
    assert is_record(room.items()[href])
    assert len(room.open_items("jenny")) == (result not in (Result.YES, Result.NO))
    is_calm(room)


def test_an_import_after_the_sync_of_an_empty_store_adopts_who_came_back(anywhere: Room) -> None:
    """By another id too: the table of another program knows none of ours."""
    room = anywhere
    room.capture("Joe's Diner", id="joes", person="Jenny", phone="248.867.5309", tags=("hot",))
    room.promise("joes", "thu 2pm call to review the quote")
    room.capture("Pat", id="p-1", **PAT)
    cycles(room)
    hrefs = {one: room.href(one) for one in ("joes", "p-1")}
    with room.store.reading() as tx:
        table = export_csv(tx)
    without_ids = "".join(line.partition(",")[2] + "\r\n" for line in table.splitlines())
    for text in (table, without_ids):
        room.lose_the_store()
        cycles(room)
        with room.store.writing() as tx:
            found = preview(tx, read_leads(text.encode(), "people.csv"), rep="dana", region="US")
            assert found.create == ()
            apply(tx, found, now=room.now)
        cycles(room)
        assert {one: room.href(one) for one in hrefs} == hrefs
        assert people(room)["joes"].tags == ("hot",)
        assert told(room, "joes").count(Promised) == 1
        is_calm(room)


def test_who_was_imported_by_another_id_before_the_calendar_was_read_is_not_doubled(anywhere: Room) -> None:
    room = anywhere
    room.capture("Joe's Diner", id="joes", person="Jenny", phone="248.867.5309")
    room.promise("joes", "thu 2pm call to review the quote")
    cycles(room)
    href = room.href("joes")
    room.lose_the_store()
    room.capture("Joe's Diner", id="capsule-17", phone="(248) 867-5309")
    cycles(room)
    assert list(people(room)) == ["capsule-17"]
    assert [(one, item.start) for one, item in room.open_items().items()] == [(href, datetime(2026, 1, 8, 14, tzinfo=ZONE))]
    is_calm(room)


def test_a_follow_up_that_the_rep_typed_comes_back_under_their_own_name(room: Room) -> None:
    copy = room.stored()
    raw = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A phone//EN\r\nBEGIN:VEVENT\r\nUID:typed-1\r\nDTSTAMP:20260105T130000Z\r\n"
        "DTSTART;TZID=America/Detroit:20260108T140000\r\nDTEND;TZID=America/Detroit:20260108T143000\r\n"
        "SUMMARY:Call Jenny to review the quote – 248.867.5309\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    href = room.server.phone_add(raw)
    room.typed[href] = "phone"
    cycles(room)
    (known,) = people(room).values()
    room.put_back(copy)
    cycles(room)
    assert list(people(room).values()) == [known]
    assert room.href("jenny") == href
    assert told(room, "jenny") == [Captured, Promised]
    is_calm(room)


def test_what_waits_for_them_waits_on_without_the_store(room: Room) -> None:
    copy = room.stored()
    room.capture("Jenny", phone="248.867.5309")
    room.say("jenny", Waiting(room.now, "cli", MONDAY.date() + timedelta(days=9)))
    cycles(room)
    href, before = room.href("jenny"), room.item("jenny")
    room.put_back(copy)
    cycles(room)
    assert told(room, "jenny") == [Captured, Waiting]
    assert (room.href("jenny"), room.item("jenny")) == (href, before)
    is_calm(room)


def test_a_step_that_the_rules_no_longer_come_to_stays_where_it_stands(room: Room) -> None:
    """Two attempts are forgotten, and with them that a retry stands there."""
    copy = room.stored()
    room.capture("Pat", **PAT)
    cycles(room)
    for _ in range(2):
        room.log("pat", Result.ATTEMPT)
        cycles(room)
    href, before = room.href("pat"), room.item("pat")
    assert before.kind is Kind.RETRY
    room.put_back(copy)
    cycles(room)
    assert (room.href("pat"), room.item("pat").start) == (href, before.start)
    assert "say thanks" in room.item("pat").title
    is_calm(room)


def test_who_was_removed_does_not_come_back_with_a_copy_of_their_entry(room: Room, jenny: str) -> None:
    room.server.phone_add(room.server.entries[room.href(jenny)][1].replace(f"UID:{room.item(jenny).uid}", "UID:copied"))
    cycles(room)
    with room.store.writing() as tx:
        tx.remove(jenny)
    for text in ("one", "two", "three"):
        report = room.cycle(room.now + timedelta(minutes=5), force=True)
        (copy,) = [href for href in room.server.entries if room.server.phone_item(href).uid == "copied"]
        room.server.phone_edit(copy, body=f"{text}\n{room.server.phone_item(copy).body}")
    assert people(room) == {}
    assert [item.uid for item in map(room.server.phone_item, room.server.entries)] == ["copied"], "ours went, the rep's stays"
    assert report.targets["phone"].quarantined == 1, "and is told of"


def test_on_a_calendar_of_two_reps_nobody_is_guessed(tmp_path: Path) -> None:
    room = Room(tmp_path, CONFIG.replace("targets:\n", "  bob: {timezone: America/Detroit, targets: [phone]}\ntargets:\n", 1))
    copy = room.stored()
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to review the quote")
    room.cycle()
    entry = dict(room.server.entries)
    room.put_back(copy)
    report = room.cycle(force=True)
    assert (people(room), room.server.entries, report.targets["phone"].quarantined) == ({}, entry, 1)
    room.capture("Jenny", phone="248.867.5309")
    cycles(room, 2)
    assert [item.start for item in room.open_items("jenny").values()] == [datetime(2026, 1, 8, 14, tzinfo=ZONE)]
    room.close()


def test_a_record_alone_brings_nobody_back(room: Room, jenny: str) -> None:
    """Whoever was removed has records too."""
    writes(room, jenny, "no")
    cycles(room)
    room.lose_the_store()
    cycles(room)
    assert people(room) == {}
    is_calm(room)


# --- records


def test_what_was_done_is_not_planned_again(anywhere: Room) -> None:
    room = anywhere
    room.capture("Pat", **PAT)
    cycles(room)
    room.cycle(MONDAY + timedelta(days=3, hours=2))
    writes(room, "pat", "done\nthey want 40")
    cycles(room)
    before, (first, *_) = room.history("pat"), [one for one in room.history("pat") if isinstance(one, Touched)]
    entries, titles = dict(room.server.entries), [item.title for item in room.items().values()]
    room.lose_the_store()
    room.now += timedelta(days=1)
    room.capture("Pat", **PAT)
    rehearsal, _ = room.new_cycle().rehearse()
    assert (rehearsal.create, rehearsal.move, rehearsal.close) == ((), (), ())
    cycles(room)
    assert told(room, "pat") == [type(one) for one in before]
    (touch,) = [one for one in room.history("pat") if isinstance(one, Touched)]
    assert (touch.result, touch.note, touch.action, touch.steps, touch.method, touch.purpose, touch.kind, touch.due) == (
        *(Result.DONE, "they want 40", first.action, first.steps, "email", "say thanks", Kind.STEP, first.due),
    )
    assert touch.at == first.start, "at its own time"
    assert [item.title for item in room.items().values()] == titles
    assert room.server.entries == entries, "nothing was written"
    assert "they want 40" in room.item("pat").body
    is_calm(room)


def test_the_plan_shows_just_what_the_sync_does(anywhere: Room) -> None:
    room = anywhere
    for number in range(4):
        room.capture(f"Person {number}", phone=f"248.867.000{number}", **({"stage": "pitched", "met": "2026-01-05"} if number % 2 else {}))
    room.promise("person-2", "thu 2pm call to review the quote")
    cycles(room)
    writes(room, "person-1", "x")
    writes(room, "person-2", "done\nthey want 40")
    cycles(room)
    room.lose_the_store()
    for number in range(5):
        room.capture(f"Person {number}", phone=f"248.867.000{number}", **({"stage": "pitched", "met": "2026-01-05"} if number % 2 else {}))
    rehearsal, _ = room.new_cycle().rehearse()
    assert [one.prospect for one in rehearsal.create] == ["person-4"]
    report = room.cycle().targets["phone"]
    assert (report.created, report.updated, report.deleted) == (1, len(rehearsal.move) + len(rehearsal.change), len(rehearsal.close))


def test_a_plan_makes_no_calendar(tmp_path: Path) -> None:
    room = Room(tmp_path, personality=CLEAN)
    room.host.collections.clear()
    room.capture("Jenny")
    cycle = room.new_cycle(opener=None)
    rehearsal, report = cycle.rehearse()
    assert [one.prospect for one in rehearsal.create] == ["jenny"]
    assert (report.ok, room.host.collections) == (True, {})
    room.close()


@pytest.mark.parametrize(("word", "result"), [("yes", Result.YES), ("no", Result.NO)])
def test_a_record_of_a_yes_or_a_no_closes(anywhere: Room, word: str, result: Result) -> None:
    room = anywhere
    room.capture("Pat", **PAT)
    cycles(room)
    writes(room, "pat", f"{word}\nfor good reasons")
    cycles(room)
    room.lose_the_store()
    room.capture("Pat", **PAT)
    cycles(room)
    assert outcome(room, "pat") is result
    assert touches(room, "pat") == [(result, "for good reasons")]
    assert room.open_items() == {}
    is_calm(room)


def test_a_whole_life_is_read_back_in_its_order(anywhere: Room) -> None:
    """An attempt, another one, something agreed, and what came of it; each once, also where it is read again and again."""
    room = anywhere
    room.capture("Pat", **PAT)
    cycles(room)
    for days, text in ((3, "left message\nwith Bob"), (5, "x"), (8, "> jan 15 2pm call to review the quote"), (10, "done\nthey want 40")):
        room.cycle(MONDAY + timedelta(days=days, hours=3))
        writes(room, "pat", text)
        cycles(room)
    before = [(one.action, one.result, one.steps, one.recap, one.note) for one in room.history("pat") if isinstance(one, Touched)]
    assert len(before) == 4
    entries = dict(room.server.entries)
    action = room.action("pat")
    for _ in range(2):
        room.lose_the_store()
        room.capture("Pat", **PAT)
        cycles(room)
        after = [(one.action, one.result, one.steps, one.recap, one.note) for one in room.history("pat") if isinstance(one, Touched)]
        assert after == before
        assert room.action("pat") == action
        assert room.server.entries == entries
        is_calm(room)


def test_who_was_closed_and_agreed_anew_is_open(room: Room, jenny: str) -> None:
    writes(room, jenny, "no")
    cycles(room)
    room.say(jenny, Reopened(room.now, "cli", "call again"))
    room.promise(jenny, "jan 20 2pm call to try once more")
    cycles(room)
    href, start = room.href(jenny), room.item(jenny).start
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    cycles(room)
    assert told(room, jenny) == [Captured, Touched, Reopened, Promised]
    assert (room.href(jenny), room.item(jenny).start) == (href, start)
    is_calm(room)


def test_a_record_that_the_rep_writes_into_afterwards_is_read(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    writes(room, jenny, "done")
    cycles(room)
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    cycles(room)
    room.server.phone_edit(href, body=f"she called back\n{room.items()[href].body}")
    cycles(room)
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["she called back"]
    assert touches(room, jenny) == [(Result.DONE, "")]


def test_records_wait_for_an_import(room: Room) -> None:
    """The daemon looks at the calendar before anybody is imported."""
    room.capture("Pat", **PAT)
    cycles(room)
    writes(room, "pat", "done\nthey want 40")
    cycles(room)
    title = room.item("pat").title
    room.server.phone_delete(room.href("pat"))
    room.lose_the_store()
    cycles(room)
    assert people(room) == {}
    room.capture("Pat", **PAT)
    cycles(room)
    assert touches(room, "pat") == [(Result.DONE, "they want 40")]
    assert room.item("pat").title == title
    is_calm(room)


# --- copies of entries that wait


def duplicated(room: Room, prospect: str, to: datetime | None = None) -> str:
    """As phones copy an entry: all of it, under another name."""
    href = room.href(prospect)
    copy = room.server.phone_add(room.server.entries[href][1].replace(f"UID:{room.items()[href].uid}", "UID:copied"))
    room.typed[copy] = "phone"
    if to:
        room.server.phone_move(copy, to)
    return copy


@pytest.mark.parametrize("read", [False, True], ids=["at once", "later"])
@pytest.mark.parametrize("to", [None, MONDAY + timedelta(days=7, hours=3)], ids=["beside it", "on another day"])
def test_an_answer_in_a_copy_counts_once_and_the_copy_is_the_record(room: Room, jenny: str, read: bool, to: datetime | None) -> None:
    original, copy = room.href(jenny), duplicated(room, jenny, to)
    if read:
        cycles(room)
    item = room.server.phone_item(copy)
    room.server.phone_edit(copy, body=f"done\nthey want 40\n{item.body}")
    cycles(room)
    assert touches(room, jenny) == [(Result.DONE, "they want 40")]
    assert original not in room.server.entries
    record = room.server.phone_item(copy, ZONE)
    assert (is_record(record), record.result, record.start) == (True, "done", to or datetime(2026, 1, 8, 14, tzinfo=ZONE))
    assert len(room.open_items(jenny)) == 1, "what comes next"
    assert Moved not in told(room, jenny)
    is_calm(room)
    room.server.phone_edit(copy, body=f"and soon\n{record.body}")
    cycles(room)
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["and soon"]


def test_a_note_in_a_copy_is_kept_and_the_copy_stays(room: Room, jenny: str) -> None:
    original, copy = room.href(jenny), duplicated(room, jenny)
    item = room.server.phone_item(copy)
    for text in ("they want 40", "they want 40\n> sometime"):
        room.server.phone_edit(copy, body=f"{text}\n{item.body}")
        cycles(room)
    room.server.phone_edit(copy, body=f"they want 40\n> sometime\nand soon\n{item.body}")
    cycles(room)
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)][:1] == ["they want 40"]
    assert told(room, jenny).count(Unclear) == 1, "asked once, however often it is read"
    assert {original, copy} <= set(room.server.entries)
    assert told(room, jenny).count(Dismissed) == 0


def test_an_answer_in_a_copy_of_what_the_rep_typed_leaves_both_to_the_rep(room: Room) -> None:
    raw = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A phone//EN\r\nBEGIN:VEVENT\r\nUID:typed-1\r\nDTSTAMP:20260105T130000Z\r\n"
        "DTSTART;TZID=America/Detroit:20260108T140000\r\nDTEND;TZID=America/Detroit:20260108T143000\r\n"
        "SUMMARY:Call Jenny to review the quote – 248.867.5309\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    original = room.server.phone_add(raw)
    room.typed[original] = "phone"
    cycles(room)
    copy = room.server.phone_add(room.server.entries[original][1].replace("UID:typed-1", "UID:copied"))
    item = room.server.phone_item(copy)
    room.server.phone_edit(copy, title=f"no {item.title}")
    cycles(room)
    assert touches(room, "jenny") == [(Result.NO, "")]
    assert is_record(room.server.phone_item(original))
    assert room.server.phone_item(copy).title == f"no {item.title}"
    is_calm(room)


@pytest.mark.parametrize("moment", range(1, 16))
def test_a_kill_leaves_no_twin_behind(room: Room, jenny: str, moment: int) -> None:
    cycles(room)  # else our own echo names the entry once more
    original, copy = room.href(jenny), duplicated(room, jenny)
    room.server.phone_edit(copy, body=f"done\n{room.server.phone_item(copy).body}")
    room.dying_cycle(Death(moment))
    cycles(room)
    assert touches(room, jenny) == [(Result.DONE, "")]
    assert original not in room.server.entries
    assert is_record(room.server.phone_item(copy))


def test_what_a_body_tells_is_what_was_known(room: Room) -> None:
    whole = Prospect(
        "joes-diner",
        "dana",
        "Joe's Diner",
        person="Jenny",
        role="owner",
        phone="248.867.5309",
        email="jenny@example.org",
        address="12 Main St, Ann Arbor",
        url="https://meet.example.org/joe",
        source="fair",
        stage="pitched",
        reason="budget",
        notes="likes blue\nand green",
        stakeholders=(Stakeholder("Bob Lee", "CFO", False, "bob@example.org"), Stakeholder("Ann", "buyer", False)),
        fields={"learned": "wants 40", "met": "2026-01-05", "contract_end": "2026-05-31"},
    )
    with room.store.writing() as tx:
        tx.capture(whole, Captured(room.now, "cli"))
    room.say(whole.id, Noted(room.now, "cli", "first"), Noted(room.now, "cli", "second"))
    room.promise(whole.id, "thu 2pm visit to review the quote")
    cycles(room)
    room.lose_the_store()
    cycles(room)
    assert people(room) == {whole.id: whole}
    assert [fact.text for fact in room.history(whole.id) if isinstance(fact, Noted)] == ["first", "second"]


def test_who_was_tried_earlier_than_planned_is_read_back_in_that_order(room: Room) -> None:
    """The retry stands before what was tried: it was planned for the next working day."""
    room.capture("Pat", **PAT)
    cycles(room)
    writes(room, "pat", "x")
    cycles(room)
    writes(room, "pat", "left message")
    cycles(room)
    before = [(one.action, one.recap) for one in room.history("pat") if isinstance(one, Touched)]
    action, entries = room.action("pat"), dict(room.server.entries)
    starts = {item.action: item.start for item in room.items().values()}
    assert starts[before[1][0]] < starts[before[0][0]], "else it shows nothing"
    room.lose_the_store()
    room.capture("Pat", **PAT)
    cycles(room)
    assert [(one.action, one.recap) for one in room.history("pat") if isinstance(one, Touched)] == before
    after = room.action("pat")
    assert action
    assert after
    assert (after.id, after.attempt, after.steps) == (action.id, 3, action.steps)
    assert room.server.entries == entries


def test_a_turn_of_long_ago_is_that_turn(room: Room) -> None:
    """Counted from an import of today, no turn of then was ever due."""
    fields = {**PAT, "met": "2025-01-06"}
    room.capture("Pat", **fields)
    room.cycle()
    for _ in range(2):
        room.log("pat", Result.DONE)
        room.cycle(room.now + timedelta(minutes=5))
    room.cycle(MONDAY + timedelta(days=95))
    writes(room, "pat", "done\nthey want 40")
    cycles(room)
    before = [fact.steps for fact in room.history("pat") if isinstance(fact, Touched)][-1]
    assert before[0].turn
    room.lose_the_store()
    room.now = MONDAY + timedelta(days=400)
    room.capture("Pat", **fields)
    cycles(room)
    (after,) = [fact.steps for fact in room.history("pat") if isinstance(fact, Touched) and fact.note]
    assert after[0] == before[0]
