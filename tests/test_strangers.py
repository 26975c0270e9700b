"""Entries of ours that the store does not know: an older copy of it was put back, it was lost, or the rep made a copy of an entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from followsync import ics
from followsync.cli import main
from followsync.core.alerts import alert, alert_id
from followsync.core.history import Captured, Dismissed, Kind, Moved, Noted, Promised, Reopened, Result, Touched, Unclear, Waiting
from followsync.core.operations import uid
from followsync.core.promises import Fate, ledger
from followsync.core.prospect import Prospect, Stakeholder
from followsync.core.ruler import our_block, rep_text
from followsync.core.wording import is_record
from followsync.importer import apply, export_csv, preview, read_leads
from tests import stores
from tests.dav.personalities import CLEAN, GOOGLE
from tests.machine.apps import app_of
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
    writes(room, "jenny", f"{typed}\nblue door")
    room.put_back(copy)
    cycles(room)
    assert touches(room, "jenny") == [(result, "blue door")]
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


@pytest.mark.parametrize(
    ("first", "typed", "told_then", "closed"),
    [
        ("> fri 3pm call to close", "y signed the contract", "yes", True),
        ("done", "they want 40", "", False),
        ("x", "> thu 4pm", "next", False),
        ("x", "no", "no", True),
    ],
)
def test_what_is_written_into_a_copy_of_what_was_answered_is_read(room: Room, first: str, typed: str, told_then: str, closed: bool) -> None:
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    cycles(room)
    original, copy = room.href("jenny"), duplicated(room, "jenny")
    cycles(room)
    room.server.phone_edit(original, body=f"{first}\n{room.server.phone_item(original).body}")
    cycles(room)
    before = told(room, "jenny")
    is_calm(room)
    room.server.phone_edit(copy, body=f"{typed}\n{room.server.phone_item(copy).body}")
    cycles(room)
    new = room.history("jenny")[len(before) :]
    if told_then:
        results = [fact.result.value for fact in new if isinstance(fact, Touched)]
        agreed = [fact for fact in new if isinstance(fact, Promised)]
        assert told_then in results or (told_then == "next" and agreed)
    else:
        assert [fact.text for fact in new if isinstance(fact, Noted)] == [typed]
    assert (outcome(room, "jenny") is not None) == closed
    assert room.server.phone_item(copy).body.startswith(typed), "the copy stays the rep's"
    is_calm(room)


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


@pytest.mark.parametrize("moment", range(1, 12))
@pytest.mark.parametrize("soon", [True, False], ids=["made before", "made after"])
def test_a_copy_of_what_was_just_removed_is_the_reps(room: Room, jenny: str, moment: int, soon: bool) -> None:
    def copied() -> str:
        copy = room.server.phone_add(raw.replace(f"UID:{uid_of_it}", "UID:copied"))
        room.typed[copy] = "phone"
        room.server.phone_edit(copy, body=f"bring the sample\n{room.server.phone_item(copy).body}")
        return copy

    original = room.href(jenny)
    raw, uid_of_it = room.server.entries[original][1], room.items()[original].uid
    copy = copied() if soon else ""
    room.log(jenny, Result.NO)
    room.dying_cycle(Death(moment))
    copy = copy or copied()
    cycles(room)
    assert original not in room.server.entries, "nobody wants it any more"
    assert copy in room.server.entries, "whoever dies while removing one entry does not take the other for it"
    assert "bring the sample" in room.server.phone_item(copy).body
    is_calm(room)


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


# --- what was agreed, and what was typed beside it

QUOTE, PLANT = "Call Jenny Smith to review the quote – 248.867.5309", "Visit Jenny Smith to see the plant"


def types(room: Room, title: str, day: int, number: int = 1) -> str:
    """A new entry on the phone, at ten o'clock of that day of January."""
    start = datetime(2026, 1, day, 10, tzinfo=ZONE)
    href = app_of(room.server).type("timed", title, start.date(), start, number)
    room.typed[href] = "phone"
    return href


def everything(room: Room, target: str = "phone") -> list[str]:
    """All that stands there, the rep's own too, by its day; questions apart."""
    server = room.servers[target]
    found = sorted((server.phone_item(href, ZONE) for href in server.entries), key=lambda item: item.start)
    return [f"{item.start:%a %H:%M} {item.title}" for item in found if "?" not in item.title]


def promised(room: Room, prospect: str) -> list[tuple[str, str]]:
    found = [one for one in room.history(prospect) if isinstance(one, Promised)]
    return [(f"{one.day:%m-%d}", f"{one.start.astimezone(ZONE):%H:%M}" if one.start else "") for one in found]


def fates(room: Room, prospect: str) -> list[Fate]:
    cycle = room.new_cycle()
    with room.store.reading() as tx:
        known = tx.prospect(prospect)
        assert known
        return [line.fate for line in ledger(known, tx.history(prospect), cycle.rules, cycle.rep, room.now)]


@pytest.mark.parametrize("typed", ["before the loss", "after it"])
def test_a_promise_of_ours_outlives_what_was_typed_beside_it(anywhere: Room, typed: str) -> None:
    room = anywhere
    room.capture("Jenny Smith", phone="248.867.5309")
    room.promise("jenny-smith", "wed 10am call to review the quote")
    cycles(room)
    if typed == "before the loss":
        types(room, PLANT, 9)
        cycles(room)
    room.lose_the_store()
    if typed == "after it":
        types(room, PLANT, 9)
    cycles(room)
    assert everything(room) == [f"Wed 10:00 {QUOTE}", f"Fri 10:00 {PLANT}"]
    assert list(people(room)) == ["jenny-smith"]
    action = room.action("jenny-smith")
    assert action
    assert action.purpose == "review the quote", "the earlier one stands"
    room.log("jenny-smith", Result.DONE)
    cycles(room)
    action = room.action("jenny-smith")
    assert action
    assert action.purpose == "see the plant", "and the other one waited"
    is_calm(room)


@pytest.mark.parametrize("lost", [True, False])
def test_two_typed_entries_are_of_one_person_to_a_store_that_knows_neither(anywhere: Room, lost: bool) -> None:
    room = anywhere
    room.capture("Acme Corp", id="acme", person="Jenny Smith", phone="248.867.5309", stage="pitched", met="2026-01-05")
    cycles(room)
    copy = room.stored()
    types(room, QUOTE, 7, 1), types(room, PLANT, 9, 2)
    cycles(room)
    if lost:
        room.lose_the_store()
    else:
        room.put_back(copy)
    cycles(room)
    assert list(people(room)) == ["acme"]
    assert everything(room) == [f"Wed 10:00 {QUOTE}", f"Fri 10:00 {PLANT}"]
    action = room.action("acme")
    assert action
    assert action.purpose == "review the quote"
    room.cycle(datetime(2026, 1, 7, 10, 30, tzinfo=ZONE))
    (href,) = [one for one, item in room.open_items("acme").items() if "quote" in item.title and "?" not in item.title]
    room.server.phone_edit(href, body=f"done\nleft a note\n{room.items()[href].body}")
    cycles(room)
    assert (Result.DONE, "left a note") in touches(room, "acme")


def test_an_agreement_that_nobody_answered_is_never_removed_for_another_one(room: Room) -> None:
    """The store that was put back knows of one call, the calendar of that and of another one."""
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to review the quote")
    cycles(room)
    kept = dict(room.server.entries)
    room.lose_the_store()
    room.server.entries.clear()
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "fri 3pm visit to see the plant")
    cycles(room)
    copy = room.stored()
    for href, (_, text) in kept.items():
        room.server.phone_add(text, href)
    room.put_back(copy)
    cycles(room)
    both = ["Thu 14:00 Call Jenny to review the quote – 248.867.5309", "Fri 15:00 Visit Jenny to see the plant"]
    assert everything(room) == both
    assert told(room, "jenny").count(Unclear) == 1
    room.log("jenny", Result.DONE)
    cycles(room)
    action = room.action("jenny")
    assert action
    assert action.purpose == "review the quote", "it takes its turn, in place"
    assert everything(room) == both[:1]
    is_calm(room)


def test_what_was_agreed_anew_does_not_take_the_entry_of_another_agreement(anywhere: Room) -> None:
    """At the terminal, before anybody looked at the calendar again."""
    room = anywhere
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "wed 10am call to review the quote")
    cycles(room)
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "fri 3pm visit to see the plant")
    cycles(room)
    assert everything(room) == ["Wed 10:00 Call Jenny to review the quote – 248.867.5309", "Fri 15:00 Visit Jenny to see the plant"]
    assert told(room, "jenny").count(Unclear) == 1
    is_calm(room)


def test_a_promise_that_is_overdue_comes_back_as_it_was_agreed(anywhere: Room) -> None:
    room = anywhere
    room.capture("Bob", phone="248.555.0100")
    room.promise("bob", "tue 2pm call to review the quote")
    cycles(room)
    room.cycle(datetime(2026, 1, 7, 8, 30, tzinfo=ZONE))
    before = room.item("bob")
    assert before.title.endswith("(2nd day)")
    room.lose_the_store()
    cycles(room)
    assert promised(room, "bob") == [("01-06", "14:00")], "its hour stands nowhere, but its id follows from that"
    assert (room.item("bob").title, room.item("bob").start) == (before.title, before.start)
    assert fates(room, "bob") == [Fate.BROKEN]
    room.cycle(datetime(2026, 1, 8, 8, 30, tzinfo=ZONE))
    assert room.item("bob").title.endswith("(3rd day)"), "the count goes on"
    room.log("bob", Result.DONE)
    assert fates(room, "bob") == [Fate.LATE]


def test_of_an_hour_that_nothing_tells_the_day_alone_is_agreed(anywhere: Room) -> None:
    """It followed from another agreement, of which nothing is left."""
    room = anywhere
    room.capture("Bob", phone="248.555.0100")
    room.promise("bob", "fri 9am call to say hello")
    room.promise("bob", "tue 2pm call to review the quote")
    cycles(room)
    room.cycle(datetime(2026, 1, 7, 8, 30, tzinfo=ZONE))
    room.lose_the_store()
    cycles(room)
    assert promised(room, "bob") == [("01-06", "")]
    assert room.item("bob").title.endswith("(2nd day)")
    assert fates(room, "bob") == [Fate.BROKEN]
    is_calm(room)


def test_where_no_hour_was_agreed_none_comes_back(room: Room) -> None:
    room.capture("Bob", phone="248.555.0100")
    room.promise("bob", "thu afternoon visit to meet the owner")
    cycles(room)
    start = room.item("bob").start
    room.lose_the_store()
    cycles(room)
    assert promised(room, "bob") == [("01-08", "")]
    assert room.item("bob").start == start


def test_a_letter_comes_back_with_the_day_on_which_it_is_to_arrive(tmp_path: Path) -> None:
    room = Room(tmp_path, CONFIG + "methods:\n  letter: {lead: 4 working days}\n")
    room.capture("Bob", phone="248.555.0100")
    room.promise("bob", "2026-03-20 letter to thank him")
    cycles(room)
    start = room.item("bob").start
    room.lose_the_store()
    cycles(room)
    assert promised(room, "bob") == [("03-20", "")]
    assert room.item("bob").start == start
    room.close()


def test_agenda_and_questions_of_a_promise_come_back(anywhere: Room) -> None:
    room = anywhere
    room.capture("Bob", phone="248.555.0100")
    fact = room.promise("bob", "thu 2pm call to review the quote")
    room.say("bob", replace(fact, agenda=("price", "delivery dates"), questions=("Who signs?", "What would stop it?")))
    cycles(room)
    body = room.item("bob").body
    room.lose_the_store()
    cycles(room)
    (back,) = [one for one in room.history("bob") if isinstance(one, Promised)]
    assert (back.agenda, back.questions) == (("price", "delivery dates"), ("Who signs?", "What would stop it?"))
    assert room.item("bob").body == body
    room.lose_the_store()
    room.capture("Pat", **PAT)
    cycles(room)
    assert room.item("bob").body == body


def test_an_answer_among_the_last_notes_is_no_note(room: Room) -> None:
    room.capture("Bob", phone="248.555.0100")
    room.promise("bob", "thu 2pm call to review the quote")
    cycles(room)
    copy = room.stored()
    writes(room, "bob", "> mon 3pm email to send the contract")
    cycles(room)
    room.put_back(copy)
    cycles(room)
    room.lose_the_store()
    cycles(room)
    assert [one.text for one in room.history("bob") if isinstance(one, Noted)] == []
    assert promised(room, "bob") == [("01-12", "15:00")]


def test_a_place_of_the_reps_own_is_no_address(room: Room) -> None:
    room.capture("Bob", phone="248.555.0100", address="5 Main St, Troy", notes="likes golf")
    room.promise("bob", "thu 2pm visit to review the quote")
    cycles(room)
    before = people(room)["bob"]
    room.server.phone_edit(room.href("bob"), location="His boat")
    cycles(room)
    room.lose_the_store()
    cycles(room)
    assert people(room)["bob"] == before
    assert room.item("bob").location == "His boat"


# --- two calendars


@pytest.fixture
def both(room: Room) -> Room:
    """Bob, with whom a call on Tuesday at two is agreed, on two calendars."""
    desk = '  desk: {type: caldav, url: "https://dav.example.org/", calendar: Desk}\ncadences:'
    room.configure(CONFIG.replace("[phone]", "[phone, desk]").replace("cadences:", desk))
    room.capture("Bob", phone="248.555.0100")
    room.promise("bob", "tue 2pm call to review the quote")
    cycles(room)
    return room


@pytest.mark.parametrize("known", [True, False])
def test_what_both_calendars_tell_is_no_question(both: Room, known: bool) -> None:
    """``known``: whether the hour that was agreed can be found again."""
    if not known:
        both.promise("bob", "tue 4pm call to review the quote")
    both.cycle(datetime(2026, 1, 7, 8, 30, tzinfo=ZONE))
    both.lose_the_store()
    cycles(both)
    assert told(both, "bob") == [Captured, Promised]
    assert promised(both, "bob") == [("01-06", "14:00" if known else "")]
    assert [len(both.open_items("bob", target)) for target in ("phone", "desk")] == [1, 1]
    is_calm(both)


def test_of_two_moves_on_two_calendars_the_earlier_one_holds_for_a_store_that_lost_both(both: Room) -> None:
    both.lose_the_store()
    both.servers["phone"].phone_move(both.href("bob", "phone"), datetime(2026, 1, 9, 9, tzinfo=ZONE))
    both.servers["desk"].phone_move(both.href("bob", "desk"), datetime(2026, 1, 7, 16, tzinfo=ZONE))
    cycles(both)
    assert promised(both, "bob") == [("01-06", "14:00")]
    assert told(both, "bob").count(Moved) == 2
    for target in ("phone", "desk"):
        assert [one for one in everything(both, target) if "quote" in one] == ["Wed 16:00 Call Bob to review the quote – 248.555.0100"]


def test_whom_one_calendar_brings_back_is_meant_by_what_was_typed_into_the_other(both: Room) -> None:
    """Though the other one is read first."""
    both.lose_the_store()
    start = datetime(2026, 1, 9, 10, tzinfo=ZONE)
    href = app_of(both.servers["phone"]).type("timed", "Visit Bob to see the plant", start.date(), start, 1)
    both.typed[href] = "phone"
    both.servers["phone"].phone_delete(both.href("bob", "phone"))
    cycles(both)
    assert list(people(both)) == ["bob"]
    assert "Fri 10:00 Visit Bob to see the plant" in everything(both, "phone")
    assert "Tue 14:00 Call Bob to review the quote – 248.555.0100" in everything(both, "desk")


# --- what nobody is behind


@pytest.fixture
def paged(tmp_path: Path) -> Iterator[Room]:
    """With a page of the day at eight."""
    made = Room(tmp_path, CONFIG.replace("daily_page: off", "daily_page: 08:00"))
    made.capture("Joe's Diner")
    yield made
    made.close()


def test_after_a_loss_there_is_a_page_on_the_next_morning(paged: Room) -> None:
    """However many pages of before were ticked: they stay as they are."""
    for day in (6, 7, 8):
        paged.cycle(datetime(2026, 1, day, 7, tzinfo=ZONE))
        (page,) = [href for href, item in paged.pages().items() if not is_record(item)]
        paged.server.phone_edit(page, title=f"✓ {paged.pages()[page].title}")
        paged.cycle(datetime(2026, 1, day, 9, tzinfo=ZONE))
    before = paged.pages()
    assert [is_record(item) for item in before.values()] == [True] * 3
    paged.lose_the_store()
    paged.cycle(datetime(2026, 1, 9, 7, tzinfo=ZONE))
    after = paged.pages()
    assert [item.start.day for href, item in after.items() if href not in before] == [9]
    assert {href: after[href] for href in before} == before
    is_calm(paged)


def test_a_page_that_waits_is_taken_over(paged: Room) -> None:
    paged.cycle(datetime(2026, 1, 6, 7, tzinfo=ZONE))
    (href,) = paged.pages()
    paged.lose_the_store()
    paged.cycle(datetime(2026, 1, 7, 7, tzinfo=ZONE))
    (page,) = paged.pages().items()
    assert (page[0], page[1].start.day) == (href, 7)


def test_our_lines_of_a_page_are_never_the_reps(paged: Room) -> None:
    """An older copy of the store knows an older text."""
    paged.cycle(datetime(2026, 1, 5, 7, 30, tzinfo=ZONE))
    copy = paged.stored()
    (href,) = paged.pages()
    paged.server.phone_edit(href, body=f"buy milk\n{paged.pages()[href].body}")
    paged.cycle(datetime(2026, 1, 6, 7, 30, tzinfo=ZONE))
    paged.put_back(copy)
    cycles(paged, 2)
    item = paged.pages()[href]
    assert rep_text(item.body, our_block(item.body, item.block)) == "buy milk"


def test_word_of_a_sign_in_that_nobody_owns_goes(room: Room) -> None:
    room.capture("Bob", phone="248.555.0100")
    cycles(room)
    item = alert("desk", "It needs a new sign-in.", room.now.date(), ZONE, uid(alert_id("desk"), 0))
    href = room.server.phone_add(ics.render(item, stamp=room.now), f"{room.server.path}{item.uid}.ics")
    room.lose_the_store()
    cycles(room)
    assert href not in room.server.entries
    assert len(room.open_items("bob")) == 1


def test_entries_of_ours_that_lost_their_marks_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program, or a server, that drops what it does not know: nobody can tell whose they are."""
    config = tmp_path / "config.yaml"
    config.write_text(f"store: {stores.url(tmp_path / 'room' / 'store.db')}\n{CONFIG}")
    (tmp_path / "room").mkdir()
    room = Room(tmp_path / "room")
    room.capture("Bob", phone="248.555.0100")
    room.promise("bob", "thu 2pm call to review the quote")
    cycles(room)
    ((href, (_, text)),) = room.server.entries.items()
    room.server.phone_add("".join(line for line in text.splitlines(keepends=True) if not line.startswith("X-FOLLOWSYNC")), href)
    room.lose_the_store()
    report = room.cycle(room.now + timedelta(minutes=5), force=True)
    assert [one.quarantined for one in report.targets.values()] == [1]
    assert main(["--config", str(config), "--now", "2026-01-05T09:00", "check"]) == 1
    assert "an entry of ours lost the marks that say whose they are" in capsys.readouterr().out
    room.server.phone_delete(href)
    report = room.cycle(room.now + timedelta(minutes=5), force=True)
    assert [one.quarantined for one in report.targets.values()] == [0]
    room.close()
