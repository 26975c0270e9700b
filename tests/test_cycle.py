"""Whole cycles: a real config, a real store, calendars in memory. Each test is one thing that happens to a rep."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from followsync.accounts import same_login
from followsync.calendars.memory import MemoryServer
from followsync.config.settings import CalDavTarget
from followsync.core.history import Dismissed, Moved, Noted, Promised, Result, Touched
from followsync.core.workdays import BusyTime
from followsync.cycle import Cycle
from followsync.errors import Unavailable
from followsync.pull import GRACE, Deletions
from tests.machine.room import CONFIG, MONDAY, ZONE, Room

DESK = '  desk: {type: caldav, url: "https://dav.example.org/", calendar: Desk, write: task}\ncadences:'
TWO = CONFIG.replace("[phone]", "[phone, desk]").replace("cadences:", DESK)
CALL = "Call Jenny to determine next steps – 248.867.5309"


def at(day: int, hour: int, minute: int = 0, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def many(room: Room, number: int) -> list[str]:
    people = [room.capture(f"Person {one}").id for one in range(number)]
    room.cycle()
    return people


# --- writing


def test_what_is_next_is_written_and_the_second_cycle_is_one_request(room: Room, jenny: str) -> None:
    item = room.item(jenny)
    assert (item.title, item.start, item.end) == (CALL, at(8, 14), at(8, 14, 15))
    assert item.url == "tel:+12488675309"
    with room.quiet():
        report = room.cycle()
    assert report.ok
    assert report.targets["phone"].requests == 1


def test_both_hours_follow_a_move_on_the_phone(room: Room, jenny: str) -> None:
    room.edit(jenny, timezone="America/Phoenix")
    room.cycle()
    assert "14:00 with you is 12:00 with them (America/Phoenix)" in room.item(jenny).body
    room.server.phone_move(room.href(jenny), at(9, 11))
    room.cycle()
    assert "11:00 with you is 09:00 with them (America/Phoenix)" in room.item(jenny).body


def test_thirty_idle_cycles_write_nothing(room: Room, jenny: str) -> None:
    room.capture("Joe's Diner", id="joe", stage="pitched", met="2026-01-05")
    room.cycle()
    with room.quiet():
        for minute in range(30):
            room.cycle(MONDAY + timedelta(minutes=minute))


@pytest.mark.parametrize("fault", ["before", "after"])
def test_an_overdue_action_rolls_on_and_counts_once_though_an_answer_is_lost(room: Room, jenny: str, fault: str) -> None:
    setattr(room.server.faults, fault, 1)
    room.cycle(at(9, 9))
    room.cycle(at(9, 10), force=True)
    assert room.item(jenny).title == f"{CALL} (2nd day)"
    assert room.item(jenny).start.date() == room.now.date()
    with room.quiet():
        room.cycle(at(9, 16))


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_create_that_breaks_is_one_entry_in_the_end(room: Room, fault: str) -> None:
    setattr(room.server.faults, fault, 1)
    (jenny,) = [room.capture("Jenny").id]
    report = room.cycle()
    assert report.targets["phone"].error
    assert report.targets["phone"].pending == 1
    assert room.cycle(force=True).ok
    assert len(room.items()) == 1
    assert [type(entry).__name__ for entry in room.history(jenny)] == ["Captured"]


@pytest.mark.parametrize("first", ["phone", "desk"])
def test_two_targets_that_turn_out_to_be_one_calendar(room: Room, jenny: str, first: str) -> None:
    """The first in the rep's list goes on; the other one says why it does not, and tries again later."""
    room.configure(TWO.replace("[phone, desk]", "[phone, desk]" if first == "phone" else "[desk, phone]"))
    room.servers["desk"] = room.servers["phone"]
    second = "desk" if first == "phone" else "phone"
    for minute in (5, 6):
        report = room.cycle(MONDAY + timedelta(minutes=minute), force=True)
        assert report.targets[first].error == ""
        assert f"{second} leads to the same calendar at" in report.targets[second].error
        assert f"as {first}, and a calendar can have one target only" in report.targets[second].error
        assert (report.targets[second].created, report.targets[second].deleted) == (0, 0)
    assert len(room.items()) == 1
    room.servers["desk"] = MemoryServer("desk")
    assert room.cycle(MONDAY + timedelta(minutes=7), force=True).ok
    assert [len(room.items(name)) for name in ("phone", "desk")] == [1, 1]


def test_two_reps_whose_targets_turn_out_to_be_one_calendar(room: Room, jenny: str) -> None:
    """Who is at home there goes on, wherever the config names them; who shares the target by its name shares it knowingly."""
    bob = "reps:\n  bob: {timezone: America/Detroit, targets: [desk]}\n"
    room.configure(CONFIG.replace("reps:\n", bob).replace("cadences:", DESK))
    room.servers["desk"] = room.servers["phone"]

    def reports(*reps: str) -> list[str]:
        cycles = [Cycle(room.settings, rep, room.store, room.now, opener=room.open, threads=1) for rep in reps]
        return [one.error for cycle in cycles for one in cycle.run(force=True).targets.values()]

    for _ in range(2):
        bobs, danas = reports("bob", "dana")
        assert "desk leads to the same calendar at" in bobs
        assert "as phone of dana, and a calendar" in bobs
        assert danas == ""
    room.configure(CONFIG.replace("reps:\n", bob.replace("desk", "phone")))
    assert reports("bob", "dana") == ["", ""]


def test_people_whose_calendars_have_the_same_address_are_not_one() -> None:
    def target(username: str) -> CalDavTarget:
        return CalDavTarget(type="caldav", url="https://dav.example.org/", username=username)

    assert same_login(target("dana"), target("Dana@example.org"))
    assert same_login(target(""), target(""))
    assert not same_login(target("info@example.org"), target("info@example.net"))
    assert not same_login(target("dana"), target("lee"))


# --- what the rep does on the phone


@pytest.mark.parametrize(("typed", "result"), [("done", Result.DONE), ("yes", Result.YES), ("no", Result.NO), ("x", Result.ATTEMPT)])
@pytest.mark.parametrize("place", ["title", "notes"])
def test_an_answer_typed_into_the_entry(room: Room, jenny: str, typed: str, result: Result, place: str) -> None:
    href = room.href(jenny)
    item = room.item(jenny)
    room.server.phone_edit(
        href, **({"title": f"{typed} {item.title}"} if place == "title" else {"body": f"{typed}\nnice talk\n{item.body}"})
    )
    room.cycle()
    (touch,) = [entry for entry in room.history(jenny) if isinstance(entry, Touched)]
    assert touch.result is result
    assert touch.note == ("nice talk" if place == "notes" else "")
    record = room.items()[href]
    assert record.title == {Result.NO: "✗ ", Result.ATTEMPT: "↻ "}.get(result, "✓ ") + CALL
    assert not record.busy
    assert record.alarms == ()
    assert len(room.open_items(jenny)) == (result not in (Result.YES, Result.NO))
    with room.quiet():
        room.cycle()


@pytest.mark.parametrize("place", ["title", "notes"])
def test_a_new_agreement_typed_into_the_entry(room: Room, jenny: str, place: str) -> None:
    text = "> fri 3pm call about the quote"
    body = room.item(jenny).body
    room.server.phone_edit(room.href(jenny), **({"title": text} if place == "title" else {"body": f"{text}\n{body}"}))
    room.cycle()
    assert room.item(jenny).start == at(9, 15)
    assert "the quote" in room.item(jenny).title
    facts = [entry for entry in room.history(jenny) if isinstance(entry, Touched | Promised)]
    assert [type(fact) for fact in facts] == [Promised, Touched, Promised]


def test_a_ticked_task_is_a_touch(room: Room) -> None:
    room.configure(CONFIG.replace("Follow-ups}", "Follow-ups, write: task}"))
    room.capture("Jenny", stage="pitched", met="2026-01-05")
    room.cycle()
    href = room.href("jenny")
    room.server.phone_tick(href)
    room.cycle()
    (touch,) = [entry for entry in room.history("jenny") if isinstance(entry, Touched)]
    assert (touch.result, touch.purpose) == (Result.DONE, "say thanks")
    assert room.items()[href].done
    assert "set a meeting" in room.item("jenny").title
    with room.quiet():
        room.cycle()


def test_a_move_stays_and_follows_the_rep_to_the_other_calendar(room: Room) -> None:
    room.configure(TWO)
    room.capture("Jenny", stage="pitched", met="2026-01-05")
    room.cycle()
    room.server.phone_move(room.href("jenny"), at(9, 11, 20))
    room.cycle()
    assert [room.item("jenny", target).start for target in ("phone", "desk")] == [at(9, 11, 20)] * 2
    assert [entry.start for entry in room.history("jenny") if isinstance(entry, Moved)] == [at(9, 11, 20)]
    with room.quiet():
        room.cycle(at(8, 9))


def test_a_note_is_kept_and_shown_in_the_next_entry(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, body=f"likes blue\n{room.item(jenny).body}")
    room.cycle()
    assert [entry.text for entry in room.history(jenny) if isinstance(entry, Noted)] == ["likes blue"]
    assert room.items()[href].body.startswith("likes blue\n")
    room.log(jenny, Result.DONE)
    room.cycle()
    assert "likes blue" in room.item(jenny).body


def test_a_note_typed_while_the_prospect_is_closed_elsewhere_is_kept(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), body=f"call her mother\n{room.item(jenny).body}")
    room.log(jenny, Result.NO)
    room.cycle()
    assert [entry.text for entry in room.history(jenny) if isinstance(entry, Noted)] == ["call her mother"]


def test_a_deleted_entry_is_asked_about_on_the_next_working_morning(room: Room, jenny: str) -> None:
    room.now = at(9, 12)  # a Friday
    room.cycle()
    gone = room.href(jenny)
    room.server.phone_delete(gone)
    with room.quiet():
        room.cycle()
    assert Dismissed not in {type(entry) for entry in room.history(jenny)}, "a phone may be about to write it anew"
    room.cycle(room.now + GRACE)
    assert [type(entry) for entry in room.history(jenny)][-1] is Dismissed
    question = room.item(jenny)
    assert question.title == "Jenny: drop, or when?"
    assert question.start == at(12, 9)
    assert gone not in room.server.entries
    with room.quiet():
        room.cycle()


# --- many deletions at once


def test_a_mass_deletion_is_held_and_can_be_restored(room: Room) -> None:
    many(room, 10)
    for href in list(room.open_items())[:6]:
        room.server.phone_delete(href)
    with room.quiet():
        report = room.cycle()
        assert "6 of 10" in report.targets["phone"].error
        assert "--accept-deletes" in room.cycle().targets["phone"].error
    assert room.cycle(deletions=Deletions(restore=True)).ok
    assert len(room.open_items()) == 10
    assert {item.title.partition(":")[0] for item in room.open_items().values()} == {"Decide"}


def test_a_mass_deletion_can_be_accepted(room: Room) -> None:
    people = many(room, 10)
    for href in list(room.open_items())[:6]:
        room.server.phone_delete(href)
    room.cycle()
    assert room.cycle(deletions=Deletions(accept=True)).ok
    asked = [item for item in room.open_items().values() if item.title.endswith("drop, or when?")]
    assert len(asked) == 6
    assert sum(isinstance(entry, Dismissed) for one in people for entry in room.history(one)) == 6


def test_what_was_an_accident_in_one_calendar_may_be_meant_in_another(room: Room) -> None:
    room.configure(TWO)
    many(room, 10)
    for name in ("phone", "desk"):
        for href in list(room.open_items(target=name))[:6]:
            room.servers[name].phone_delete(href)
    held = room.cycle()
    assert all("6 of 10" in held.targets[name].error for name in ("phone", "desk"))
    done = room.cycle(deletions=Deletions(restore=True, targets=frozenset({"phone"})))
    assert (done.targets["phone"].error, "6 of 10" in done.targets["desk"].error) == ("", True)
    assert len(room.open_items(target="phone")) == 10
    assert room.cycle(deletions=Deletions(accept=True, targets=frozenset({"desk"}))).ok
    assert sum(item.title.endswith("drop, or when?") for item in room.open_items(target="desk").values()) == 6


def test_five_deletions_are_no_mass(room: Room) -> None:
    many(room, 10)
    for href in list(room.open_items())[:5]:
        room.server.phone_delete(href)
    assert room.believe().ok
    assert sum(item.title.endswith("drop, or when?") for item in room.open_items().values()) == 5


# --- what happens to calendars and stores


def test_an_expired_cursor_wipes_nothing(room: Room, jenny: str) -> None:
    room.server.forget_tokens()
    room.server.faults.cut = 0
    with room.quiet():
        assert room.cycle().ok
    assert len(room.items()) == 1


def test_a_lost_store_adopts_what_stands(room: Room, jenny: str) -> None:
    many(room, 4)
    before = room.items()
    moved = room.href("person-2")
    room.server.phone_move(moved, at(7, 16, 5))
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    for number in range(4):
        room.capture(f"Person {number}")
    assert room.cycle().ok
    assert room.items().keys() == before.keys()
    assert room.item(jenny).start == at(8, 14), "the promise is read from what stands"
    assert room.cycle().ok
    with room.quiet():
        assert room.cycle().ok
    assert len(room.open_items()) == 5


@pytest.mark.parametrize("title", ["", "…", "Jenny!"])
def test_a_lost_store_knows_what_was_promised_whatever_time_or_the_rep_made_of_the_title(room: Room, jenny: str, title: str) -> None:
    room.cycle(at(9, 8))
    href = room.href(jenny)
    assert room.items()[href].title == f"{CALL} (2nd day)"
    if title:
        room.server.phone_edit(href, title=title)
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    assert room.cycle(at(9, 9)).ok
    (promise,) = (fact for fact in room.history(jenny) if isinstance(fact, Promised))
    assert (promise.method, promise.purpose) == ("call", "determine next steps")
    assert len(room.open_items()) == 1


def test_two_targets_show_the_same_and_a_dead_one_does_not_stop_the_other(room: Room) -> None:
    room.configure(TWO)
    room.capture("Jenny")
    room.servers["phone"].faults.login = True
    report = room.cycle()
    assert "password" in report.targets["phone"].error
    assert report.targets["desk"].created == 2, "Jenny, and word of the phone"
    room.servers["phone"].faults.login = False
    later = room.cycle(MONDAY + timedelta(hours=1))
    assert "Left alone until" in later.targets["phone"].error
    assert room.cycle(force=True).targets["phone"].created == 1
    assert room.item("jenny", "phone").start == room.item("jenny", "desk").start


def test_what_is_not_taken_is_put_aside_and_the_others_are_written(room: Room) -> None:
    people = [room.capture(f"Person {number}").id for number in range(5)]
    cycle = room.new_cycle()
    with room.store.reading() as tx:
        seen = cycle.picture(tx)
    bad = seen.item(seen.placed[2])
    room.server.faults.refuse.add(f"{room.server.path}{bad.uid}.ics")
    report = room.cycle().targets["phone"]
    assert (report.created, report.quarantined) == (4, 1)
    with room.quiet():
        assert room.cycle().targets["phone"].requests == 1
    room.server.faults.refuse.clear()
    room.edit(bad.prospect, phone="248.867.5309")
    assert room.cycle().ok
    assert len(room.open_items()) == len(people)


def test_another_calendar_in_the_config_gets_everything_anew(room: Room, jenny: str) -> None:
    old = dict(room.server.entries)
    room.configure(CONFIG.replace("calendar: Follow-ups", "calendar: Sales"))
    before = room.servers.pop("phone")
    room.configure(CONFIG.replace("calendar: Follow-ups", "calendar: Sales"))
    room.server.path = "/sales/"
    report = room.cycle()
    assert report.targets["phone"].error == ""
    assert "What was written before still stands on the calendar 'Follow-ups'" in report.warnings[0]
    assert before.entries == old
    assert [item.title for item in room.items().values()] == [CALL]
    assert not [entry for entry in room.history(jenny) if isinstance(entry, Dismissed)]


def test_a_file_is_written_whole_and_left_alone_when_nothing_changed(room: Room) -> None:
    room.configure(CONFIG.replace("[phone]", "[file]").replace("cadences:", "  file: {type: ics, path: out.ics}\ncadences:"))
    room.capture("Jenny", phone="248.867.5309")
    assert room.cycle().targets["file"].created == 1
    first = (room.folder / "out.ics").read_bytes()
    assert b"Decide: Jenny" in first
    room.cycle(MONDAY + timedelta(minutes=5))
    assert (room.folder / "out.ics").read_bytes() == first
    room.log("jenny", Result.NO)
    assert room.cycle().targets["file"].deleted == 1


def test_a_busy_source_that_fails_is_a_warning(room: Room) -> None:
    busy = "busy:\n  golf: {type: ics, path: golf.ics}\ncadences:"
    room.configure(CONFIG.replace("targets: [phone]", "targets: [phone]\n    busy: [golf]").replace("cadences:", busy))
    room.capture("Jenny")
    report = room.cycle()
    assert len(report.warnings) == 1
    assert report.targets["phone"].created == 1
    event = "BEGIN:VEVENT\nUID:g\nDTSTAMP:20260101T000000Z\nDTSTART:20260105T140000Z\nDTEND:20260105T180000Z\nSUMMARY:Golf\nEND:VEVENT\n"
    (room.folder / "golf.ics").write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{event}END:VCALENDAR\n")
    room.capture("Bob")
    assert room.cycle().ok
    assert room.item("bob").start == at(5, 13, 10)


GOLF = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:g\nDTSTAMP:20260101T000000Z\nDTSTART:20260108T183000Z\n"
    "DTEND:20260108T200000Z\nSUMMARY:Golf with Bob\nEND:VEVENT\nEND:VCALENDAR\n"
)
GOLFER = CONFIG.replace("targets: [phone]", "targets: [phone]\n    busy: [golf]")


def promised_during_golf(room: Room, *, source: str) -> None:
    """A promise at two, in the middle of golf."""
    room.configure(GOLFER.replace("cadences:", f"busy:\n  golf: {source}\ncadences:"))
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    assert room.cycle().ok
    assert room.item("jenny").title == f"{CALL} ⚠ overlaps"
    with room.store.reading() as tx:
        assert tx.busy_readings("dana")["golf"].at == MONDAY
    body = room.item("jenny").body
    assert ("\n\n⚠ Overlaps: golf 13:30-15:00\n\n" in body, "Bob" in body) == (True, False), "of which calendar and when, not what"


def still_busy_though_it_cannot_be_read(room: Room, gone: str) -> None:
    """``gone``: what the sentence of the failing source says."""
    with room.quiet():
        for hours in (1, 25):
            report = room.cycle(MONDAY + timedelta(hours=hours))
            (warning,) = report.warnings
            assert gone in warning
            assert warning.endswith("Until then, what was read on Mon 2026-01-05 08:00 counts.")
    assert room.item("jenny").title == f"{CALL} ⚠ overlaps"


def test_appointments_do_not_end_because_their_file_is_missing(room: Room) -> None:
    file = room.folder / "golf.ics"
    file.write_text(GOLF)
    promised_during_golf(room, source="{type: ics, path: golf.ics}")
    file.unlink()
    still_busy_though_it_cannot_be_read(room, "golf.ics cannot be read")
    assert b"Golf with Bob" not in b"".join(path.read_bytes() for path in room.folder.glob("store.db*"))
    file.write_text("half a f")
    still_busy_though_it_cannot_be_read(room, "holds no calendar that can be read")
    file.write_text(GOLF.replace("20260108T", "20260109T"))
    assert room.cycle(MONDAY + timedelta(hours=26)).ok
    assert room.item("jenny").title == CALL


def test_nor_because_their_server_does_not_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_args: object, **_named: object) -> tuple[BusyTime, ...]:
        if room.now > MONDAY:
            raise Unavailable("dav.example.org did not answer.")
        return (BusyTime(at(8, 13, 30), at(8, 15), "Golf with Bob"),)

    monkeypatch.setattr("followsync.calendars.busy.busy_times", read)
    promised_during_golf(room, source='{type: caldav, url: "https://dav.example.org/"}')
    still_busy_though_it_cannot_be_read(room, "dav.example.org did not answer")


def test_what_was_read_elsewhere_says_nothing_of_another_source(room: Room) -> None:
    (room.folder / "golf.ics").write_text(GOLF)
    promised_during_golf(room, source="{type: ics, path: golf.ics}")
    room.configure(GOLFER.replace("cadences:", "busy:\n  golf: {type: ics, path: tennis.ics}\ncadences:"))
    assert room.cycle(accept_changes=True).warnings[0].endswith("It was never read, so it keeps no time free.")
    assert room.item("jenny").title == CALL
    room.configure(CONFIG)
    room.cycle(accept_changes=True)


# --- what is no longer wanted


def test_the_entry_of_a_closed_prospect_is_removed(room: Room, jenny: str) -> None:
    room.log(jenny, Result.NO)
    assert room.cycle().targets["phone"].deleted == 1
    assert room.items() == {}


def test_a_record_is_never_touched_again(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, title=f"done {CALL}")
    room.cycle()
    room.server.phone_edit(href, title="Had a long talk")
    room.server.phone_move(href, at(13, 10))
    facts = len(room.history(jenny))
    with room.quiet():
        room.cycle()
    assert room.items()[href].title == "Had a long talk"
    assert len(room.history(jenny)) == facts


def test_a_rehearsal_writes_nothing_and_tells_what_the_cycle_does(room: Room, jenny: str) -> None:
    room.capture("Bob")
    room.capture("Ann")
    room.cycle()
    room.log("ann", Result.NO)
    room.capture("Lee")
    room.now = at(6, 10)
    facts, entries = {one: room.history(one) for one in ("jenny", "bob", "ann", "lee")}, dict(room.server.entries)
    told, _ = room.new_cycle().rehearse()
    assert room.server.entries == entries
    assert {one: room.history(one) for one in facts} == facts
    assert [action.prospect for action in told.create] == ["lee"]
    assert [(move.action.prospect, move.before, move.after) for move in told.move] == [("bob", at(5, 9, 20), at(6, 10))]
    assert [row.prospect for row, _ in told.close] == ["ann"]
    before = room.items()
    report = room.cycle().targets["phone"]
    assert (report.created, report.updated, report.deleted) == (1, len(told.move) + len(told.change), 1)
    after = room.items()
    moved = {item.prospect: item.start for href, item in after.items() if href in before and before[href].start != item.start}
    assert moved == {move.action.prospect: move.after for move in told.move}
