"""What a rep does in the calendar that has more than one side: dragged back, moved questions, copies, second thoughts, two calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from followsync.core.answers import touched
from followsync.core.history import Contradicted, Kind, Moved, Noted, Promised, Result, Touched, Waiting
from followsync.core.promises import ledger
from followsync.cycle import Cycle
from tests.machine.room import CONFIG, ZONE, Room


def at(text: str) -> datetime:
    """``01-08 14:00`` of 2026."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def told(room: Room, prospect: str = "jenny") -> list[str]:
    return [type(fact).__name__ for fact in room.history(prospect)]


def fates(room: Room, prospect: str = "jenny") -> list[str]:
    cycle = room.new_cycle()
    with room.store.reading() as tx:
        known = tx.prospect(prospect)
        assert known
        return [line.fate.value for line in ledger(known, tx.history(prospect), cycle.rules, cycle.rep, room.now)]


def settled(room: Room) -> None:
    """A cycle, and another one that has nothing to do."""
    assert room.cycle(room.now + timedelta(minutes=5)).ok
    with room.quiet():
        assert room.cycle(room.now + timedelta(minutes=5)).ok


# ---- dragged back -----------------------------------------------------------------------------------------------------------------


def test_a_promise_that_is_dragged_to_a_day_that_is_over_stands_where_it_was_agreed(room: Room, jenny: str) -> None:
    before = room.item(jenny)
    room.cycle(at("01-06 09:00"))
    room.server.phone_move(room.href(jenny), at("01-05 10:00"))
    settled(room)
    assert (room.item(jenny).start, room.item(jenny).title) == (before.start, before.title)
    assert "Moved" not in told(room)
    assert fates(room) == ["open"], "nobody promised anything for yesterday"


def test_a_step_that_is_dragged_to_a_day_that_is_over_was_not_missed(room: Room) -> None:
    room.capture("Jenny", stage="pitched", met="2026-01-05")
    room.cycle(at("01-08 08:00"))
    before = room.item("jenny")
    room.server.phone_move(room.href("jenny"), at("01-05 10:00"))
    settled(room)
    assert (room.item("jenny").start, room.item("jenny").title) == (before.start, "Email Jenny to say thanks")


def test_dragged_to_an_earlier_hour_of_today_it_stays_there(room: Room, jenny: str) -> None:
    room.cycle(at("01-06 15:00"))
    room.server.phone_move(room.href(jenny), at("01-06 10:00"))
    settled(room)
    assert room.item(jenny).start == at("01-06 10:00")
    assert fates(room) == ["open"], "Thursday is promised, and no earlier day"


@pytest.mark.parametrize(
    ("agreed", "thursday", "friday"),
    [
        ("thu 2pm call to determine next steps", "14:00 (3rd day)", "09:00 (4th day)"),
        ("fri 2pm call to determine next steps", "09:00 (3rd day)", "14:00 (4th day)"),
    ],
)
def test_a_promise_that_was_pulled_and_not_answered_rolls_on_and_stands_as_agreed(
    room: Room, agreed: str, thursday: str, friday: str
) -> None:
    call = "Call Jenny to determine next steps – 248.867.5309"
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", agreed)
    room.cycle()
    href = room.href("jenny")
    room.server.phone_move(href, at("01-06 10:00"))
    settled(room)
    stood = []
    for today in ("01-06 12:00", "01-07 08:00", "01-08 08:00", "01-09 08:00"):
        writes = room.writes()
        room.cycle(at(today))
        assert room.writes() - writes <= 1
        settled(room)
        item = room.item("jenny")
        assert item.title.startswith(call)
        assert room.href("jenny") == href
        stood.append(f"{item.start:%a %m-%d %H:%M}{item.title.removeprefix(call)}")
        assert fates(room) == (["broken"] if today == "01-09 08:00" and "thu" in agreed else ["open"])
    assert stood == ["Tue 01-06 10:00", "Wed 01-07 09:00 (2nd day)", f"Thu 01-08 {thursday}", f"Fri 01-09 {friday}"]


def test_a_step_that_was_pulled_and_not_answered_rolls_on_with_its_count(room: Room) -> None:
    room.capture("Jenny", stage="pitched", met="2026-01-05")
    room.cycle()
    room.server.phone_move(room.href("jenny"), at("01-06 10:00"))
    settled(room)
    for today, expected in (
        ("01-07 08:00", "Wed 09:00 (2nd day)"),
        ("01-08 08:00", "Thu 09:00 (3rd day)"),
        ("01-09 08:00", "Fri 09:00 (4th day)"),
    ):
        writes = room.writes()
        room.cycle(at(today))
        assert room.writes() - writes == 1
        settled(room)
        item = room.item("jenny")
        assert f"{item.start:%a %H:%M}{item.title.removeprefix('Email Jenny to say thanks')}" == expected


def test_what_an_older_version_wrote_down_of_a_move_into_the_past_opens_no_line(room: Room, jenny: str) -> None:
    room.now = at("01-06 09:00")
    room.say(jenny, Moved(room.now, "calendar:phone", room.item(jenny).action, at("01-05 10:00"), at("01-05 10:15")))
    assert fates(room) == ["open"]


# ---- the question that is moved ---------------------------------------------------------------------------------------------------


def asked(room: Room) -> str:
    """Jenny's entry was deleted on Monday; the href of the question about it."""
    room.server.phone_delete(room.href("jenny"))
    assert room.believe().ok
    assert room.item("jenny").title == "Jenny: drop, or when?"
    assert "\n\nDeleted on Mon 2026-01-05: " in room.item("jenny").body[:120], "at a glance"
    assert room.item("jenny").start == at("01-06 09:00")
    return room.href("jenny")


def test_the_question_moved_to_another_day_says_when(room: Room, jenny: str) -> None:
    room.server.phone_move(asked(room), at("01-09 15:00"))
    settled(room)
    assert (room.item(jenny).title, room.item(jenny).start) == ("Call Jenny to determine next steps – 248.867.5309", at("01-09 15:00"))
    assert room.item(jenny).end == at("01-09 15:15"), "as long as a call"
    assert told(room)[-3:] == ["Dismissed", "Restored", "Moved"]
    assert fates(room) == ["changed", "open"]


def test_the_question_moved_among_the_whole_days_says_that_day(room: Room) -> None:
    room.capture("Jenny", stage="pitched", met="2026-01-05")
    room.cycle()
    room.server.phone_edit(asked(room), start=at("01-09 00:00"), end=at("01-10 00:00"), all_day=True)
    settled(room)
    item = room.item("jenny")
    assert (item.title, item.start, item.all_day) == ("Email Jenny to say thanks", at("01-09 00:00"), True)
    room.cycle(at("01-12 08:00"))
    settled(room)
    assert (room.item("jenny").title, room.item("jenny").all_day) == ("Email Jenny to say thanks (2nd day)", False)
    room.log("jenny", Result.DONE)
    settled(room)
    assert room.item("jenny").title == "Call Jenny to set a meeting with the real decision makers", "it was the cadence's step all along"


def test_the_question_moved_to_another_hour_of_its_day_asks_then(room: Room, jenny: str) -> None:
    room.server.phone_move(asked(room), at("01-06 15:00"))
    settled(room)
    assert (room.item(jenny).title, room.item(jenny).start) == ("Jenny: drop, or when?", at("01-06 15:00"))


def test_a_question_that_asks_what_is_next_is_only_moved(room: Room) -> None:
    room.capture("Jenny")
    room.cycle()
    room.server.phone_move(room.href("jenny"), at("01-08 15:00"))
    settled(room)
    assert (room.item("jenny").title, room.item("jenny").start) == ("Decide: Jenny", at("01-08 15:00"))


def test_a_day_typed_into_the_question_is_about_what_was_deleted(room: Room) -> None:
    room.capture("Jenny", stage="pitched", met="2026-01-05")
    room.cycle()
    href = asked(room)
    room.server.phone_edit(href, body=f"Fri 3pm\n{room.item('jenny').body}")
    settled(room)
    assert (room.item("jenny").title, room.item("jenny").start) == ("Email Jenny to say thanks", at("01-09 15:00"))


# ---- tasks ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tasks(room: Room) -> Room:
    """A call with Jenny on Thursday, as a task."""
    room.configure(CONFIG.replace("calendar: Follow-ups", "calendar: Follow-ups, write: task"))
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    return room


TASK = "Call Jenny to determine next steps – 248.867.5309"


@pytest.mark.parametrize(("word", "sign"), [("yes", "✓"), ("no", "✗"), ("done", "✓"), ("x", "↻"), ("> fri 2pm call to sign", "→")])
def test_a_task_that_is_answered_by_a_word_is_ticked(tasks: Room, word: str, sign: str) -> None:
    href = tasks.href("jenny")
    tasks.server.phone_edit(href, body=f"{word}\n{tasks.item('jenny').body}")
    settled(tasks)
    record = tasks.server.phone_item(href, ZONE)
    assert (record.title, record.done) == (f"{sign} {TASK}", True)
    assert "STATUS:COMPLETED" in tasks.server.entries[href][1]
    assert told(tasks).count("Touched") == 1, "our tick is no answer of the rep's"


def test_the_mark_of_a_task_follows_its_answer(tasks: Room) -> None:
    href = tasks.href("jenny")
    for word, title in (("x", f"↻ {TASK}"), ("done", f"✓ {TASK}"), ("yes", f"✓ {TASK}")):
        tasks.server.phone_edit(href, body=f"{word}\n{tasks.server.phone_item(href, ZONE).body}")
        settled(tasks)
        record = tasks.server.phone_item(href, ZONE)
        assert (record.title, record.done) == (title, True)
    assert [fact.result for fact in tasks.history("jenny") if isinstance(fact, Touched)] == [Result.ATTEMPT, Result.DONE, Result.YES]


def test_a_ticked_task_is_marked_by_its_tick_unless_it_says_more(tasks: Room) -> None:
    href = tasks.href("jenny")
    tasks.server.phone_edit(href, done=True)
    settled(tasks)
    assert tasks.server.phone_item(href, ZONE).title == TASK
    tasks.server.phone_edit(href, body=f"no\n{tasks.server.phone_item(href, ZONE).body}")
    settled(tasks)
    assert (tasks.server.phone_item(href, ZONE).title, tasks.server.phone_item(href, ZONE).done) == (f"✗ {TASK}", True)


def test_a_task_that_is_ticked_late_does_not_say_that_it_is_not_done(tasks: Room) -> None:
    href = tasks.href("jenny")
    tasks.cycle(at("01-08 17:30"))
    assert tasks.server.phone_item(href, ZONE).title.endswith("not done")
    tasks.server.phone_edit(href, done=True)
    settled(tasks)
    assert (tasks.server.phone_item(href, ZONE).title, tasks.server.phone_item(href, ZONE).done) == (TASK, True)


def test_a_tick_that_is_taken_back_is_put_back(tasks: Room) -> None:
    href = tasks.href("jenny")
    tasks.server.phone_edit(href, title=f"x {TASK}")
    settled(tasks)
    tasks.server.phone_edit(href, done=False)
    settled(tasks)
    assert (tasks.server.phone_item(href, ZONE).title, tasks.server.phone_item(href, ZONE).done) == (f"↻ {TASK}", True)


# ---- copies of what was answered --------------------------------------------------------------------------------------------------


CALL = "Call Jenny to determine next steps – 248.867.5309"


def copied(room: Room, href: str, to: datetime, title: str = "", *, marks: bool = True, uid: str = "copy") -> str:
    """The entry, duplicated on the phone and dragged there."""
    text = room.server.entries[href][1]
    lines = [line for line in text.splitlines(keepends=True) if marks or not line.startswith("X-FOLLOWSYNC")]
    copy = room.server.phone_add("".join(f"UID:{uid}\r\n" if line.startswith("UID:fs1") else line for line in lines))
    room.server.phone_move(copy, to)
    room.typed[copy] = "phone"
    if title:
        room.server.phone_edit(copy, title=title)
    return copy


def answered(room: Room, *words: str) -> str:
    """Jenny's entry, with each of the words typed above what stands in its notes."""
    href = room.href("jenny")
    for word in words:
        room.server.phone_edit(href, body=f"{word}\n{room.server.phone_item(href, ZONE).body}")
        settled(room)
    return href


@pytest.mark.parametrize("marks", [True, False], ids=["with our marks", "without them"])
@pytest.mark.parametrize("word", ["x", "done", "yes", "no"])
def test_an_old_entry_that_is_duplicated_to_a_new_time_is_a_new_agreement(room: Room, jenny: str, word: str, marks: bool) -> None:
    record = answered(room, word)
    before = room.server.entries[record]
    copy = copied(room, record, at("01-15 11:00"), marks=marks)
    settled(room)
    assert room.href(jenny) == copy, "the same entry, and the only one"
    item = room.item(jenny)
    assert (item.title, item.start, item.busy, item.alarms, item.result) == (CALL, at("01-15 11:00"), True, (15,), "")
    assert (item.body.startswith("248.867.5309"), item.body.count("Answer:")) == (True, 1)
    assert [fact.start for fact in room.history(jenny) if isinstance(fact, Promised)][-1] == at("01-15 11:00")
    assert [fact for fact in room.history(jenny) if isinstance(fact, Noted)] == [], "what was read once is no news"
    assert ("Reopened" in told(room)) == (word in ("yes", "no"))
    assert room.server.entries[record] == before, "the record stays"
    room.server.phone_edit(copy, title=f"done {CALL}")
    settled(room)
    assert room.server.phone_item(copy, ZONE).title == f"✓ {CALL}"


@pytest.mark.parametrize(
    ("typed", "result", "sign"),
    [("yes", Result.YES, "✓"), ("y", Result.YES, "✓"), ("✓", Result.YES, "✓"), ("no", Result.NO, "✗"), ("done", Result.DONE, "✓")],
)
def test_another_answer_in_the_place_of_our_sign_puts_the_first_one_right(
    room: Room, jenny: str, typed: str, result: Result, sign: str
) -> None:
    record = answered(room, "x")
    title = room.server.phone_item(record, ZONE).title
    assert title == f"↻ {CALL}"
    room.server.phone_edit(record, title=title.replace("↻", typed))
    settled(room)
    assert [fact.result for fact in room.history(jenny) if isinstance(fact, Touched)][-1] is result
    assert room.server.phone_item(record, ZONE).title == f"{sign} {CALL}"
    closed = result in (Result.YES, Result.NO)
    assert bool(room.open_items(jenny)) == (not closed)


def test_an_agreement_in_the_place_of_our_sign_is_one(room: Room, jenny: str) -> None:
    record = answered(room, "x")
    room.server.phone_edit(record, title=room.server.phone_item(record, ZONE).title.replace("↻", "> fri 2pm"))
    settled(room)
    assert (room.item(jenny).title, room.item(jenny).start) == (CALL, at("01-09 14:00"))


@pytest.mark.parametrize(("typed", "closed"), [("yes ", True), ("> fri 2pm ", False), ("no ", True)])
def test_an_answer_behind_our_sign_counts_too(room: Room, jenny: str, typed: str, closed: bool) -> None:
    record = answered(room, "x")
    room.server.phone_edit(record, title=f"↻ {typed}{CALL}")
    settled(room)
    assert questions(room) == []
    if closed:
        assert room.open_items(jenny) == {}
    else:
        assert (room.item(jenny).title, room.item(jenny).start) == (CALL, at("01-09 14:00"))


def test_a_sign_that_is_taken_away_or_put_back_says_nothing(room: Room, jenny: str) -> None:
    record, before = answered(room, "x"), told(room)
    for title in (CALL, f"↻ {CALL}", f"  ↻ {CALL}"):
        room.server.phone_edit(record, title=title)
        settled(room)
        assert told(room) == before


@pytest.mark.parametrize("first", ["> thu 2pm", "x", "done"])
def test_an_agreement_that_is_written_into_a_record_is_about_the_same(room: Room, first: str) -> None:
    room.capture("Ada", phone="248.555.0700")
    room.say(
        "ada", replace(room.promise("ada", "tue 9am coffee to close the deal"), agenda=("bring the contract",), questions=("who signs?",))
    )
    room.cycle()
    href = room.href("ada")
    room.cycle(at("01-06 09:30"))
    room.server.phone_edit(href, body=f"{first}\n{room.server.phone_item(href, ZONE).body}")
    settled(room)
    room.server.phone_edit(href, body=f"> fri 3pm\n{room.server.phone_item(href, ZONE).body}")
    settled(room)
    promise = [fact for fact in room.history("ada") if isinstance(fact, Promised)][-1]
    assert (promise.method, promise.purpose, promise.agenda, promise.questions) == (
        "coffee",
        "close the deal",
        ("bring the contract",),
        ("who signs?",),
    )
    assert room.item("ada").start == at("01-09 15:00")


def test_an_agreement_in_a_record_is_about_what_was_agreed_there_before(room: Room, jenny: str) -> None:
    answered(room, "> fri 2pm email to send the quote", "> fri 4pm")
    assert (room.item(jenny).title, room.item(jenny).start) == ("Email Jenny to send the quote", at("01-09 16:00"))


@pytest.mark.parametrize(
    ("result", "text", "sign"),
    [(Result.DONE, "", "✓"), (Result.NEXT, "fri 2pm", "→"), (Result.YES, "", "✓"), (Result.NO, "", "✗"), (Result.ATTEMPT, "", "↻")],
)
def test_what_the_rep_typed_is_their_record_where_it_was_answered_at_the_terminal(room: Room, result: Result, text: str, sign: str) -> None:
    href = typed(room, "Call Jenny to review the quote – 248.867.5309")
    settled(room)
    room.log("jenny", result, text)
    settled(room)
    record = room.server.phone_item(href, ZONE)
    assert (record.title, record.busy, record.alarms) == (f"{sign} Call Jenny to review the quote – 248.867.5309", False, ())
    assert len(room.open_items("jenny")) == (0 if result in (Result.YES, Result.NO) else 1)
    room.server.phone_edit(href, body=f"they want 40\n{record.body}")
    settled(room)
    assert [fact.text for fact in room.history("jenny") if isinstance(fact, Noted)] == ["they want 40"]


def test_what_the_rep_typed_and_tried_before_its_day_stands_once_as_open(room: Room) -> None:
    href = typed(room, "Call Jenny to review the quote – 248.867.5309")
    settled(room)
    room.log("jenny", Result.ATTEMPT)
    settled(room)
    assert room.server.phone_item(href, ZONE).title.startswith("↻ ")
    assert [item.title for item in room.open_items("jenny").values()] == ["Call Jenny to review the quote – 248.867.5309"]
    room.server.phone_edit(href, title="yes " + room.server.phone_item(href, ZONE).title)
    settled(room)
    assert room.open_items("jenny") == {}, "the record is read, too"


def test_a_copy_that_is_renamed_is_about_what_it_says(room: Room, jenny: str) -> None:
    copy = copied(room, answered(room, "done"), at("01-15 11:00"), "Visit Jenny to sign – 248.867.5309")
    settled(room)
    assert (room.href(jenny), room.item(jenny).title) == (copy, "Visit Jenny to sign – 248.867.5309")
    action = room.action(jenny)
    assert action
    assert (action.method, action.purpose) == ("visit", "sign")


def test_a_copy_that_names_somebody_else_is_of_them(room: Room, jenny: str) -> None:
    copied(room, answered(room, "x"), at("01-15 11:00"), "Call Bob to introduce ourselves – 248.555.0101")
    settled(room)
    assert [fact.start for fact in room.history("bob") if isinstance(fact, Promised)] == [at("01-15 11:00")]
    assert told(room)[-1] == "Touched"


def test_what_is_written_into_a_copy_is_read(room: Room, jenny: str) -> None:
    copy = copied(room, answered(room, "x\nshe was out"), at("01-15 11:00"))
    room.server.phone_edit(copy, body=f"ask for Bob\n{room.server.phone_item(copy, ZONE).body}")
    settled(room)
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["ask for Bob"]


@pytest.mark.parametrize("to", ["01-08 14:00", "01-02 11:00"], ids=["beside the record", "on a day that is over"])
def test_a_copy_that_says_nothing_new_is_the_reps(room: Room, jenny: str, to: str) -> None:
    copy = copied(room, answered(room, "done"), at(to))
    before, facts = room.server.entries[copy], told(room)
    for _ in range(3):
        settled(room)
    assert (room.server.entries[copy], told(room)) == (before, facts)


def test_a_record_that_a_phone_moves_by_writing_it_anew_is_no_copy(room: Room, jenny: str) -> None:
    record = answered(room, "done")
    copied(room, record, at("01-15 11:00"))
    room.server.phone_delete(record)
    facts = told(room)
    settled(room)
    assert told(room) == facts


@pytest.mark.parametrize(("word", "below"), [("yes", "bought from Acme"), ("no", "signed the contract today")])
def test_an_answer_that_its_own_notes_deny_closes_nothing_and_is_asked_about(room: Room, jenny: str, word: str, below: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, body=f"{word}\n{below}\n{room.server.phone_item(href, ZONE).body}")
    settled(room)
    with room.store.reading() as tx:
        assert tx.outcome(jenny) is None
    assert questions(room) == [f'Jenny: "{word}, {below}": what and when?']


def test_why_it_is_a_no_is_kept_as_a_note(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), title=f"no, went with Acme - {room.item(jenny).title}")
    settled(room)
    touch = room.history(jenny)[-1]
    assert isinstance(touch, Touched)
    assert (touch.result, touch.note) == (Result.NO, "went with Acme")


# ---- closed, and typed again ------------------------------------------------------------------------------------------------------


def typed(room: Room, title: str, start: str = "01-15 11:00", uid: str = "typed") -> str:
    moment = at(start)
    href = room.server.phone_add(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:phone\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID=America/Detroit:{moment:%Y%m%dT%H%M%S}\r\nDURATION:PT15M\r\nSUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    room.typed[href] = "phone"
    return href


def people(room: Room) -> list[str]:
    with room.store.reading() as tx:
        return [one.id for one in tx.prospects("dana")]


@pytest.mark.parametrize("word", ["yes", "no"])
@pytest.mark.parametrize("title", ["Call Jenny to review the quote – (248) 867-5309", "Call Jenny to review the quote", "Visit Jenny"])
def test_whoever_was_closed_and_is_typed_again_is_the_same_person(room: Room, jenny: str, word: str, title: str) -> None:
    answered(room, f"{word}\nlikes blue" if word == "yes" else "likes blue", word)
    href = typed(room, title)
    settled(room)
    assert people(room) == [jenny]
    assert (room.href(jenny), room.item(jenny).start) == (href, at("01-15 11:00"))
    assert "likes blue" in room.item(jenny).body, "what was known of them is"
    assert told(room)[-2:] == ["Reopened", "Promised"]
    with room.store.reading() as tx:
        assert tx.outcome(jenny) is None
    room.server.phone_edit(href, title=f"no {title}")
    settled(room)
    with room.store.reading() as tx:
        assert tx.outcome(jenny) is Result.NO, "and can be closed again"


def test_somebody_else_of_that_first_name_is_somebody_else(room: Room, jenny: str) -> None:
    answered(room, "no")
    typed(room, "Call Jenny to introduce ourselves – 313.555.0199")
    settled(room)
    assert people(room) == ["jenny", "jenny-2"]
    with room.store.reading() as tx:
        assert tx.outcome(jenny) is Result.NO


def test_an_open_one_of_that_name_goes_before_a_closed_one(room: Room, jenny: str) -> None:
    answered(room, "no")
    typed(room, "Call Jenny to introduce ourselves – 313.555.0199")
    settled(room)
    typed(room, "Call Jenny to review the quote", "01-20 11:00", "second")
    settled(room)
    assert (people(room), told(room)[-1]) == (["jenny", "jenny-2"], "Touched")
    assert questions(room) == ["Jenny: Thu 2026-01-15 11:00 call to introduce ourselves, or Tue 2026-01-20 11:00 call to review the quote?"]
    typed(room, "Call Jenny to sign – 248.867.5309", "01-21 11:00", "third")
    settled(room)
    assert (people(room), told(room)[-1]) == (["jenny", "jenny-2"], "Promised"), "the number says who is meant"


# ---- tried before its day -----------------------------------------------------------------------------------------------------------


def next_ones(room: Room) -> list[str]:
    """What waits for the rep, questions apart."""
    return [f"{item.start:%a %H:%M} {item.title}" for item in room.open_items().values() if "?" not in item.title]


@pytest.mark.parametrize("how", ["on the phone", "at the terminal"])
@pytest.mark.parametrize("moved", ["", "01-07 10:00", "01-09 10:00"], ids=["as agreed", "pulled", "put off"])
def test_a_promise_that_is_tried_before_its_day_stands_for_its_day(room: Room, jenny: str, how: str, moved: str) -> None:
    href = room.href(jenny)
    if moved:
        room.server.phone_move(href, at(moved))
        settled(room)
    if how == "on the phone":
        room.server.phone_edit(href, title=f"x {CALL}")
    else:
        room.log(jenny, Result.ATTEMPT)
    settled(room)
    stands = at(moved or "01-08 14:00")
    (item,) = room.open_items().values()
    assert (item.start, item.title, item.busy, bool(item.alarms)) == (stands, CALL, True, True)
    assert "Attempt 2" in item.body
    assert [fact.result for fact in room.history(jenny) if isinstance(fact, Touched)] == [Result.ATTEMPT]
    assert room.server.phone_item(href, ZONE).title == f"↻ {CALL}" if how == "on the phone" else href not in room.server.entries
    assert fates(room) == (["changed", "open"] if moved == "01-09 10:00" else ["open"])
    room.server.phone_edit(room.href(jenny), title=f"x {CALL}")
    settled(room)
    assert next_ones(room) == [f"{stands:%a %H:%M} {CALL}"], "and tried once more"
    room.cycle(stands + timedelta(minutes=30))
    room.server.phone_edit(room.href(jenny), title=f"x {CALL}")
    settled(room)
    action = room.action(jenny)
    pulled = moved == "01-07 10:00"
    assert action
    assert (action.kind, action.attempt) == ((Kind.PROMISE if pulled else Kind.RETRY), 4), "on its day it leads to a retry"
    assert fates(room)[-1] == ("open" if pulled else "kept")


@pytest.mark.parametrize(("zone", "kind"), [("Asia/Tokyo", Kind.RETRY), ("America/Detroit", Kind.PROMISE)])
def test_the_reps_own_calendar_says_whether_its_day_has_come(room: Room, zone: str, kind: Kind) -> None:
    """Wednesday evening in Detroit is Thursday in Tokyo."""
    room.configure(CONFIG.replace("America/Detroit", zone))
    room.capture("Jenny", phone="248.867.5309")
    room.say("jenny", Promised(room.now, "cli", "call", at("01-08 12:00").date(), purpose="sign"))
    room.cycle(at("01-07 20:00"))
    room.log("jenny", Result.ATTEMPT)
    action = room.action("jenny")
    assert action
    assert action.kind is kind


# ---- several agreements with one person ------------------------------------------------------------------------------------------


LUNCH, QUOTE, SIGN = "Lunch with Jenny", "Call Jenny to send the quote", "Visit Jenny to sign"


def shown(room: Room, target: str = "phone") -> list[str]:
    """Everything that stands there, the rep's own too, in the order of the days; questions apart."""
    server = room.servers[target]
    found = sorted((server.phone_item(href, ZONE) for href in server.entries), key=lambda item: item.start)
    return [f"{item.start:%a %H:%M} {item.title}" for item in found if "?" not in item.title]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 1, 0), (2, 0, 1)])
def test_of_entries_for_one_person_the_earliest_is_next_and_the_others_wait(room: Room, order: tuple[int, ...]) -> None:
    """Whatever they are called, and in whatever order they were typed or are listed."""
    room.capture("Jenny")
    room.cycle()
    typed_ones = [(QUOTE, "01-07 10:00"), (SIGN, "01-09 10:00"), (LUNCH, "01-12 12:00")]
    for number in order:
        typed(room, *typed_ones[number], f"typed-{number}")
    settled(room)
    said = "Wed 2026-01-07 10:00 call to send the quote, or Fri 2026-01-09 10:00 visit to sign, or Mon 2026-01-12 12:00 meeting?"
    assert questions(room) == [f"Jenny: {said}"]
    everything = [f"Wed 10:00 {QUOTE}", f"Fri 10:00 {SIGN}", f"Mon 12:00 {LUNCH}"]
    assert shown(room) == everything
    assert [item.title for item in room.open_items("jenny").values() if "?" not in item.title] == [QUOTE]
    assert fates(room) == ["open", "open", "open"]
    for left in ([SIGN], [LUNCH]):
        room.log("jenny", Result.DONE)
        settled(room)
        assert [item.title for item in room.open_items("jenny").values() if "?" not in item.title] == left, "in place"
        assert len(shown(room)) == 3
    assert questions(room) == []


def test_two_agreements_in_one_entry_are_one_question_that_names_both(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    before = told(room)
    room.server.phone_edit(href, body=f"> fri 10am email quote\n> mon 9am visit\n{room.server.phone_item(href).body}")
    settled(room)
    assert questions(room) == ['Jenny: "fri 10am email quote; mon 9am visit": what and when?']
    assert told(room) == [*before, "Unclear"], "neither is a silent note"
    assert href in room.open_items(jenny)


def test_waiting_for_the_same_day_told_once_more_is_nothing_new(room: Room, jenny: str) -> None:
    """By a list that shows what was so a while ago, or on another calendar."""
    href = room.href(jenny)
    room.server.phone_edit(href, body=f"waiting until Jan 15 2026\n{room.server.phone_item(href).body}")
    settled(room)
    (check,) = room.open_items(jenny)
    record = room.server.phone_item(href)
    room.server.phone_edit(href, body=f"waiting until Jan 15 2026\n{record.body}")
    settled(room)
    assert sum(isinstance(fact, Waiting) for fact in room.history(jenny)) == 1
    assert list(room.open_items(jenny)) == [check]


def test_the_check_itself_may_wait_for_the_same_day(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, body=f"waiting until Jan 15 2026\n{room.server.phone_item(href).body}")
    settled(room)
    (check,) = room.open_items(jenny)
    room.server.phone_edit(check, body=f"waiting until Jan 15 2026\n{room.server.phone_item(check).body}")
    settled(room)
    assert sum(isinstance(fact, Waiting) for fact in room.history(jenny)) == 2
    ((again, item),) = room.open_items(jenny).items()
    assert (again != check, item.title, item.start.date().isoformat()) == (True, "Check whether Jenny has decided", "2026-01-15")


@pytest.mark.parametrize(
    ("until", "stands"),
    [
        ("fri 3pm", "Fri 01-09 15:00"),
        ("fri 6pm", "Fri 01-09 18:00"),  # an hour that was said needs no working hours
        ("fri afternoon", "Fri 01-09 13:00"),
        ("sat 3pm", "Mon 01-12 15:00"),
        ("fri", "Fri 01-09 09:00"),
    ],
)
def test_the_check_stands_at_the_hour_that_was_said(room: Room, jenny: str, until: str, stands: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, body=f"waiting until {until}\n{room.server.phone_item(href).body}")
    settled(room)
    ((check, item),) = room.open_items(jenny).items()
    assert (f"{item.start:%a %m-%d %H:%M}", item.title) == (stands, "Check whether Jenny has decided")
    room.cycle(item.start + timedelta(days=1))
    ((later, item),) = room.open_items(jenny).items()
    assert (later, item.title) == (check, "Check whether Jenny has decided (2nd day)"), "and rolls on as any other"


def test_what_waits_goes_on_waiting_while_something_else_is_asked(room: Room) -> None:
    first = typed(room, "Call Marcy to measure – 248.555.0142", "01-07 10:00", "one")
    other = typed(room, "Visit Marcy to sign – 248.555.0142", "01-09 09:00", "two")
    settled(room)
    asked = questions(room)
    room.server.phone_edit(first, body=f"> sometime\n{room.server.phone_item(first, ZONE).body}")
    settled(room)
    assert questions(room) == ['Marcy: "sometime": what and when?']
    room.server.phone_edit(other, body="bring the sample")
    settled(room)
    assert [fact.text for fact in room.history("marcy") if isinstance(fact, Noted)] == ["bring the sample"], "it is read while it waits"
    room.server.phone_delete(next(href for href, item in room.open_items().items() if "sometime" in item.title))
    room.believe()
    settled(room)
    assert questions(room) == asked, "what is left to ask"
    room.log("marcy", Result.DONE)
    settled(room)
    assert (room.href("marcy"), room.item("marcy").start) == (other, at("01-09 09:00")), "and its turn comes"


def test_the_hour_of_an_agreement_that_waits_is_taken(room: Room) -> None:
    typed(room, "Visit Marcy to sign – 248.555.0142", "01-09 09:00", "one")
    typed(room, "Call Marcy to measure – 248.555.0142", "01-07 10:00", "two")
    settled(room)
    room.capture("Gus", phone="248.555.0143")
    room.promise("gus", "fri visit to sign")
    settled(room)
    assert room.item("gus").start == at("01-09 09:25"), "after the visit to Marcy and a buffer"
    settled(room)
    room.log("marcy", Result.DONE)
    settled(room)
    assert room.item("gus").start == at("01-09 09:25")
    assert "overlaps" not in room.item("gus").title


def test_two_whole_days_of_one_person_are_two_agreements(room: Room) -> None:
    """Neither names an hour, so only the day tells them apart."""
    room.capture("Jenny")
    room.cycle()
    for number, (title, day) in enumerate(((QUOTE, "20260107"), (SIGN, "20260109"))):
        room.server.phone_add(
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:phone\r\nBEGIN:VEVENT\r\nUID:typed-{number}\r\nDTSTAMP:20260101T000000Z\r\n"
            f"DTSTART;VALUE=DATE:{day}\r\nSUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        settled(room)
    assert questions(room) == ["Jenny: Wed 2026-01-07 call to send the quote, or Fri 2026-01-09 visit to sign?"]
    assert sum(item.title in (QUOTE, SIGN) for item in map(room.server.phone_item, room.server.entries)) == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_it_is_the_same_where_they_are_read_one_after_the_other(room: Room, order: tuple[int, int]) -> None:
    room.capture("Jenny")
    room.cycle()
    typed_ones = [(LUNCH, "01-07 12:00"), ("Dinner with Jenny", "01-10 19:00")]
    for number in order:
        typed(room, *typed_ones[number], f"typed-{number}")
        settled(room)
    assert questions(room) == ["Jenny: Wed 2026-01-07 12:00 meeting, or Sat 2026-01-10 19:00 meeting?"]
    room.log("jenny", Result.DONE)
    settled(room)
    assert [item.title for item in room.open_items("jenny").values()] == ["Dinner with Jenny"]
    assert len([one for one in shown(room) if one.endswith("Dinner with Jenny")]) == 1


@pytest.mark.parametrize("answer", [Result.DONE, Result.YES, None])
def test_what_was_promised_for_today_does_not_wait_for_what_was_promised_for_a_day_that_is_over(room: Room, answer: Result | None) -> None:
    """A call on Thursday was promised; a lunch on Wednesday is typed in front of it, and nobody says what came of the lunch."""
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to go over the quote")
    room.cycle()
    typed(room, LUNCH, "01-07 12:00", "lunch")
    settled(room)
    assert [item.title for item in room.open_items("jenny").values() if "?" not in item.title] == [LUNCH]
    thursday = datetime(2026, 1, 8, 7, tzinfo=ZONE)
    room.cycle(thursday)
    settled(room)
    call = next(item for item in room.open_items("jenny").values() if item.title.startswith("Call Jenny to go over the quote"))
    assert (call.start, call.busy) == (datetime(2026, 1, 8, 14, tzinfo=ZONE), True)
    assert len([item for item in room.open_items("jenny").values() if "?" not in item.title]) == 1
    if answer is None:  # nobody answered it either: it comes back, with the count
        room.cycle(thursday + timedelta(days=1))
        settled(room)
        assert any("Call Jenny to go over the quote" in title and "(2nd day)" in title for title in shown(room))
        return
    room.log("jenny", answer)
    settled(room)
    waiting = [item.title for item in room.open_items("jenny").values() if "?" not in item.title]
    assert waiting == ([LUNCH] if answer is Result.DONE else []), "what was not done yet comes back"


@pytest.mark.parametrize(
    ("title", "start", "first", "then"),
    [
        (LUNCH, "01-06 12:00", LUNCH, CALL),
        ("Dinner with Jenny", "01-10 19:00", CALL, "Dinner with Jenny"),
    ],
)
def test_lunch_does_not_take_the_place_of_a_call_that_was_promised(
    room: Room, jenny: str, title: str, start: str, first: str, then: str
) -> None:
    href = typed(room, title, start)
    settled(room)
    (asked,) = questions(room)
    assert "Thu 2026-01-08 14:00 call to determine next steps" in asked
    assert f"{at(start):%a %Y-%m-%d %H:%M} meeting" in asked
    assert [item.title for item in room.open_items().values() if item.title != asked] == [first]
    room.log(jenny, Result.DONE)
    settled(room)
    assert [item.title for item in room.open_items().values()] == [then]
    assert href in room.server.entries
    assert room.item(jenny).start == (at("01-08 14:00") if then == CALL else at(start))


def test_the_same_follow_up_typed_at_another_time_is_put_there(room: Room, jenny: str) -> None:
    href = typed(room, "Call Jenny to determine next steps")
    settled(room)
    assert (questions(room), room.href(jenny)) == ([], href)
    assert fates(room) == ["changed", "open"]


def test_an_agreement_that_waits_goes_with_its_entry(room: Room, jenny: str) -> None:
    href = typed(room, LUNCH, "01-12 12:00")
    settled(room)
    assert len(questions(room)) == 1
    room.server.phone_delete(href)
    settled(room)
    assert questions(room) == []
    room.log(jenny, Result.DONE)
    settled(room)
    assert [item.title for item in room.open_items().values()] == ["Decide: Jenny"]


@pytest.mark.parametrize("word", ["x", "done", "> Jan 20 2026 2pm call to sign", "no"])
def test_an_agreement_that_waits_outlives_what_comes_first(room: Room, jenny: str, word: str) -> None:
    typed(room, LUNCH, "01-12 12:00")
    settled(room)
    href = next(href for href, item in room.open_items(jenny).items() if item.title == CALL)
    room.server.phone_edit(href, title=f"{word} {CALL}")
    settled(room)
    assert len(questions(room)) == (1 if word[0] in "x>" else 0)
    if word[0] in "x>":
        call = "Thu 2026-01-08 14:00 call to determine next steps, or "
        lunch, sign = "Mon 2026-01-12 12:00 meeting", ", or Tue 2026-01-20 14:00 call to sign"
        assert questions(room) == [f"Jenny: {call}{lunch}?" if word == "x" else f"Jenny: {lunch}{sign}?"], "the earliest is next"
        room.log(jenny, Result.DONE)
        settled(room)
    left = {"no": [], "> Jan 20 2026 2pm call to sign": ["Call Jenny to sign – 248.867.5309"]}
    assert [item.title for item in room.open_items(jenny).values()] == left.get(word, [LUNCH])


def test_whoever_deletes_that_question_is_not_asked_again_and_both_still_hold(room: Room, jenny: str) -> None:
    typed(room, LUNCH, "01-12 12:00")
    settled(room)
    room.server.phone_delete(next(href for href, item in room.open_items().items() if "?" in item.title))
    room.believe()
    assert questions(room) == []
    room.server.phone_delete(room.href(jenny))
    room.believe()
    settled(room)
    assert [item.title for item in room.open_items(jenny).values()] == [LUNCH], "the first was deleted, so it is the other's turn"


def test_what_stands_in_the_notes_of_an_entry_that_waits_is_kept(room: Room, jenny: str) -> None:
    href = room.server.phone_add(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:phone\r\nBEGIN:VEVENT\r\nUID:noted\r\nDTSTAMP:20260101T000000Z\r\n"
        "DTSTART;TZID=America/Detroit:20260112T120000\r\nDURATION:PT60M\r\nSUMMARY:Lunch with Jenny\r\nDESCRIPTION:likes fish\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    room.typed[href] = "phone"
    settled(room)
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)].count("likes fish") == 1
    room.log(jenny, Result.DONE)
    settled(room)
    assert room.href(jenny) == href
    assert "likes fish" in room.item(jenny).body
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)].count("likes fish") == 1


def test_a_copy_of_what_was_answered_waits_too(room: Room, jenny: str) -> None:
    record = answered(room, "> Jan 9 2026 2pm visit to sign")
    for marks in (True, False):
        copied(room, record, at("01-15 11:00") + timedelta(days=marks), marks=marks, uid=f"copy-{marks}")
        settled(room)
    assert len(questions(room)) == 1
    for title in (SIGN, CALL, CALL):
        assert [item.title for item in room.open_items(jenny).values() if "?" not in item.title] == [title]
        room.log(jenny, Result.DONE)
        settled(room)


# ---- while they wait --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def both(room: Room) -> tuple[Room, str, str]:
    """A call on Wednesday, and a visit on Thursday that waits behind it; where they stand."""
    room.capture("Jenny", phone="248.867.5309")
    room.cycle()
    hrefs = typed(room, QUOTE, "01-07 10:00", "call"), typed(room, SIGN, "01-08 10:00", "visit")
    settled(room)
    assert (next_ones(room), fates(room)) == ([f"Wed 10:00 {QUOTE}"], ["open", "open"])
    return room, *hrefs


@pytest.mark.parametrize(
    ("word", "sign", "left", "lines"),
    [
        ("done", "✓", [f"Wed 10:00 {QUOTE}"], ["open", "kept"]),
        ("yes", "✓", [], ["void", "kept"]),
        ("no", "✗", [], ["void", "void"]),
        ("x", "↻", [f"Wed 10:00 {QUOTE}"], ["open", "open"]),
        ("> Jan 6 2026 3pm call to sign", "→", ["Tue 15:00 Call Jenny to sign – 248.867.5309"], ["open", "kept", "open"]),
    ],
)
@pytest.mark.parametrize("where", ["title", "notes"])
def test_what_is_answered_in_an_entry_that_waits_is_read_at_once(
    both: tuple[Room, str, str], where: str, word: str, sign: str, left: list[str], lines: list[str]
) -> None:
    room, call, visit = both
    if where == "title":
        room.server.phone_edit(visit, title=f"{word} {SIGN}")
    else:
        room.server.phone_edit(visit, body=f"{word}\nthey love it")
    settled(room)
    assert room.server.phone_item(visit, ZONE).title == f"{sign} {SIGN}"
    assert (next_ones(room), fates(room)) == (left, lines)
    if where == "notes":
        assert [fact.note for fact in room.history("jenny") if isinstance(fact, Touched)] in (
            ["they love it"],
            [f"{word[2:]}\nthey love it"],
        )
    if word == "done":
        room.server.phone_edit(call, title=f"done {QUOTE}")
        settled(room)
        assert (next_ones(room), fates(room)) == (["Mon 09:00 Decide: Jenny"], ["kept", "kept"])
    if word == "x":  # it waits still, and stands once it is its turn
        room.log("jenny", Result.DONE)
        settled(room)
        assert next_ones(room) == ["Thu 10:00 Visit Jenny to sign"]


@pytest.mark.parametrize(
    ("to", "first", "then"),
    [("01-09 15:00", f"Wed 10:00 {QUOTE}", f"Fri 15:00 {SIGN}"), ("01-06 15:00", f"Tue 15:00 {SIGN}", f"Wed 10:00 {QUOTE}")],
)
def test_an_entry_that_waits_and_is_moved_stays_there_and_the_earliest_is_next(
    both: tuple[Room, str, str], to: str, first: str, then: str
) -> None:
    room, call, visit = both
    room.server.phone_move(visit, at(to))
    settled(room)
    assert next_ones(room) == [first]
    (asked,) = questions(room)
    assert asked.index("Tue" if "Tue" in first else "Wed") < asked.index("Wed" if "Tue" in first else "Fri")
    room.server.phone_edit(visit, body="bring the samples")
    settled(room)
    assert [fact.text for fact in room.history("jenny") if isinstance(fact, Noted)] == ["bring the samples"]
    assert room.server.phone_item(visit, ZONE).start == at(to)
    room.log("jenny", Result.DONE)
    settled(room)
    assert next_ones(room) == [then]
    assert room.server.phone_item(visit, ZONE).start == at(to), "the rep's move is never moved back"
    assert room.server.phone_item(call, ZONE).start == at("01-07 10:00")


def test_what_is_promised_for_today_does_not_wait_for_an_attempt_to_come(both: tuple[Room, str, str]) -> None:
    room, call, visit = both
    room.cycle(at("01-07 11:00"))
    room.server.phone_edit(call, title=f"x {QUOTE}")
    settled(room)
    assert next_ones(room) == ["Thu 11:00 Call Jenny to send the quote – 248.867.5309"]
    room.cycle(at("01-08 08:00"))
    settled(room)
    assert (next_ones(room), questions(room), fates(room)) == ([f"Thu 10:00 {SIGN}"], [], ["kept", "open"])
    room.server.phone_edit(visit, title=f"done {SIGN}")
    settled(room)
    assert fates(room) == ["kept", "kept"]
    assert [title[10:] for title in next_ones(room)] == ["Call Jenny to send the quote – 248.867.5309"], "the attempt comes back"


def test_of_several_that_were_not_answered_on_their_days_each_has_its_own_fate(room: Room) -> None:
    room.capture("Jenny", phone="248.867.5309")
    room.cycle()
    _, visit, lunch = (typed(room, title, f"01-{day:02} 10:00", title[:4]) for title, day in ((QUOTE, 6), (SIGN, 7), (LUNCH, 8)))
    settled(room)
    room.cycle(at("01-07 11:00"))
    room.server.phone_edit(visit, title=f"x {room.server.phone_item(visit, ZONE).title}")
    settled(room)
    assert fates(room) == ["broken", "kept", "open"]
    assert questions(room) == ["Jenny: Tue 2026-01-06 10:00 call to send the quote, or Thu 2026-01-08 10:00 meeting? (3rd day)"]
    room.cycle(at("01-08 11:00"))
    room.server.phone_edit(lunch, title=f"done {room.server.phone_item(lunch, ZONE).title}")
    settled(room)
    assert fates(room) == ["broken", "kept", "kept"]
    for left in ("Call", "Visit"):
        (item,) = (item for item in room.open_items().values() if "?" not in item.title)
        assert item.title.startswith(left)
        room.log("jenny", Result.DONE)
        settled(room)
    assert fates(room) == ["late", "kept", "kept"]


def test_the_entry_of_what_stood_first_can_be_deleted_while_another_stands(both: tuple[Room, str, str]) -> None:
    room, call, _ = both
    room.cycle(at("01-08 08:00"))
    settled(room)
    assert next_ones(room) == [f"Thu 10:00 {SIGN}"]
    room.server.phone_delete(call)
    room.believe()
    settled(room)
    assert (next_ones(room), questions(room), fates(room)) == ([f"Thu 10:00 {SIGN}"], [], ["broken", "open"])


def waits_until(room: Room, href: str, until: str, word: str = "") -> None:
    room.server.phone_edit(href, body=f"{word}waiting until {until}\n{room.server.phone_item(href).body}")
    settled(room)


@pytest.mark.parametrize("word", ["", "left message, "])
def test_waiting_in_the_entry_that_waits_changes_nothing_about_what_stands(both: tuple[Room, str, str], word: str) -> None:
    room, call, visit = both
    waits_until(room, visit, "Jan 9 2026 3pm", word)
    assert next_ones(room) == [f"Wed 10:00 {QUOTE}"]
    assert fates(room) == ["open", "changed" if word else "kept"], "nobody spoke with them before Thursday"
    assert call in room.open_items("jenny")
    room.server.phone_edit(call, title=f"done {QUOTE}")
    settled(room)
    assert next_ones(room) == ["Fri 15:00 Check whether Jenny has decided"], "and the check is not lost"
    assert fates(room) == ["kept", "changed" if word else "kept"]


def test_waiting_in_the_first_entry_changes_nothing_about_the_one_behind_it(both: tuple[Room, str, str]) -> None:
    room, call, visit = both
    waits_until(room, call, "Jan 12 2026")
    assert (next_ones(room), fates(room)) == ([f"Thu 10:00 {SIGN}"], ["kept", "open"])
    room.server.phone_edit(visit, title=f"done {SIGN}")
    settled(room)
    assert (next_ones(room), fates(room)) == (["Mon 09:00 Check whether Jenny has decided"], ["kept", "kept"])


def test_waiting_in_the_record_of_one_changes_nothing_about_the_other(both: tuple[Room, str, str]) -> None:
    room, call, visit = both
    room.server.phone_edit(call, title=f"done {QUOTE}")
    settled(room)
    waits_until(room, call, "Jan 12 2026")
    assert (next_ones(room), fates(room)) == ([f"Thu 10:00 {SIGN}"], ["kept", "open"])
    room.server.phone_edit(visit, title=f"done {SIGN}")
    settled(room)
    assert (next_ones(room), fates(room)) == (["Mon 09:00 Check whether Jenny has decided"], ["kept", "kept"])


def test_waiting_in_a_record_stands_in_place_of_what_came_of_that_answer(both: tuple[Room, str, str]) -> None:
    room, call, visit = both
    room.server.phone_edit(visit, title=f"done {SIGN}")
    room.server.phone_edit(call, body=f"> Jan 12 2026 10am call to agree\n{room.server.phone_item(call).body}")
    settled(room)
    waits_until(room, call, "Jan 14 2026")
    assert (next_ones(room), fates(room)) == (["Wed 09:00 Check whether Jenny has decided"], ["kept", "kept", "changed"])


def test_waiting_on_the_day_of_what_waits_leaves_what_is_tried_again(both: tuple[Room, str, str]) -> None:
    room, call, visit = both
    room.cycle(at("01-07 11:00"))
    room.server.phone_edit(call, title=f"x {QUOTE}")
    settled(room)
    waits_until(room, visit, "Jan 12 2026")
    assert next_ones(room) == ["Thu 11:00 Call Jenny to send the quote – 248.867.5309"]
    room.cycle(at("01-12 08:00"))
    settled(room)
    assert [title[10:] for title in next_ones(room)] == ["Check whether Jenny has decided"], "on its day"
    room.log("jenny", Result.DONE)
    settled(room)
    assert [title[10:46] for title in next_ones(room)] == ["Call Jenny to send the quote – 248.8"], "and the attempt comes back"


@pytest.mark.parametrize(
    ("word", "left", "lines"),
    [
        ("done", [f"Thu 10:00 {SIGN}"], ["kept", "open"]),
        ("x", [f"Thu 10:00 {SIGN}"], ["kept", "open"]),
        ("no", [], ["kept", "void"]),
        ("waiting until Jan 13 2026", [f"Thu 10:00 {SIGN}"], ["kept", "open"]),
        ("> Jan 14 2026 3pm call to settle it", [f"Thu 10:00 {SIGN}"], ["kept", "open", "open"]),
        ("deleted", [f"Thu 10:00 {SIGN}"], ["kept", "open"]),
    ],
)
def test_a_check_before_the_day_of_a_promise_is_answered_on_its_own_day(
    both: tuple[Room, str, str], word: str, left: list[str], lines: list[str]
) -> None:
    """Wednesday's check stands on Wednesday, and Thursday's promise on Thursday, as it was agreed."""
    room, call, visit = both
    waits_until(room, call, "Jan 7 2026")
    assert next_ones(room) == [f"Thu 10:00 {SIGN}"]
    room.cycle(at("01-07 08:00"))
    settled(room)
    assert [title[10:] for title in next_ones(room)] == ["Check whether Jenny has decided"]
    assert fates(room) == ["kept", "open"]
    check = next(href for href, item in room.open_items("jenny").items() if item.title.startswith("Check"))
    if word == "deleted":
        room.server.phone_delete(check)
        room.believe()
    else:
        room.server.phone_edit(check, body=f"{word}\n{room.server.phone_item(check).body}")
    settled(room)
    room.cycle(at("01-08 08:00"))
    settled(room)
    assert (next_ones(room), fates(room)) == (left, lines)
    assert (room.server.phone_item(visit, ZONE).start, word == "no") == (at("01-08 10:00"), not left)


def test_what_was_not_understood_in_one_entry_is_asked_until_it_is_answered(both: tuple[Room, str, str]) -> None:
    room, call, visit = both
    asked = ['Jenny: "sometime": what and when?']
    room.server.phone_edit(visit, body=f"> sometime\n{room.server.phone_item(visit).body}")
    settled(room)
    assert questions(room) == asked
    room.server.phone_edit(call, title=f"done {QUOTE}")
    settled(room)
    assert (next_ones(room), questions(room)) == ([f"Thu 10:00 {SIGN}"], asked), "the call was no answer to that"
    room.server.phone_edit(visit, body="> Jan 9 2026 3pm visit to sign")
    settled(room)
    assert (next_ones(room), questions(room)) == (["Fri 15:00 Visit Jenny to sign"], []), "that is one"


def test_what_was_not_understood_in_two_entries_is_asked_one_after_the_other(both: tuple[Room, str, str]) -> None:
    room, call, visit = both
    room.server.phone_edit(call, body=f"> sometime\n{room.server.phone_item(call).body}")
    settled(room)
    room.server.phone_edit(visit, body=f"> whenever\n{room.server.phone_item(visit).body}")
    settled(room)
    assert questions(room) == ['Jenny: "whenever": what and when?']
    for word in ("whenever", "sometime"):
        (asked,) = (href for href, item in room.open_items().items() if word in item.title)
        room.server.phone_delete(asked)
        room.believe()
        settled(room)
    assert len(questions(room)) == 1, "which of the two is next"
    assert "Wed" in questions(room)[0]


# ---- a copy and what was copied, at once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("original", "copy", "title", "asked"),
    [
        ("no", "yes", CALL, ['Jenny: "no on phone, yes on phone (a copy)": what and when?']),
        ("done", "no", f"✗ {CALL}", []),
        ("done", "yes", f"✓ {CALL}", []),
        ("yes", "", f"✓ {CALL}", []),
    ],
)
def test_a_copy_that_is_answered_otherwise_in_the_same_cycle_is_like_another_calendar(
    room: Room, jenny: str, original: str, copy: str, title: str, asked: list[str]
) -> None:
    href = room.href(jenny)
    other = copied(room, href, at("01-12 10:00"))
    for where, word in ((href, original), (other, copy)):
        if word:
            room.server.phone_edit(where, body=f"{word}\nsaid {word}\n{room.server.phone_item(where, ZONE).body}")
    del room.typed[other]
    settled(room)
    for _ in range(2):
        assert (room.server.phone_item(href, ZONE).title, questions(room)) == (title, asked)
        assert told(room).count("Promised") == 1, "nothing was agreed"
        kept = [fact.note for fact in room.history(jenny) if isinstance(fact, Touched | Contradicted)]
        assert [f"said {word}" in kept for word in filter(None, (original, copy))] == [True] * (1 + bool(copy))
        room.list_everything()
        settled(room)


# ---- two reps on one calendar -----------------------------------------------------------------------------------------------------


def test_what_one_rep_has_taken_in_is_none_of_the_others(room: Room) -> None:
    """Before our marks could be written into it, too: the server did not take them yet."""
    lee = "  lee: {timezone: America/Detroit, targets: [phone], daily_page: off}\ntargets:\n"
    room.configure(CONFIG.replace("targets:\n", lee, 1))
    href = typed(room, QUOTE, "01-07 10:00")
    room.server.faults.refuse = {href}
    for _ in range(3):
        for rep in ("dana", "lee"):
            Cycle(room.settings, rep, room.store, room.now, opener=room.open, threads=1).run()
        room.now += timedelta(minutes=5)
        with room.store.reading() as tx:
            assert [(one.rep, one.id) for one in tx.prospects()] == [("dana", "jenny")]
        room.server.faults.refuse = set()


def test_two_reps_on_one_calendar_have_a_page_of_the_day_each(room: Room) -> None:
    """Else each of them would write over the other's, cycle by cycle."""
    paged = CONFIG.replace("daily_page: off", "daily_page: 11:00")
    room.configure(paged.replace("targets:\n", "  lee: {timezone: America/Detroit, targets: [phone], daily_page: 11:00}\ntargets:\n", 1))
    room.now = at("01-05 10:50")
    for name, rep in (("Jenny", "dana"), ("Bob", "lee"), ("Ann", "lee")):
        prospect = replace(room.capture(name, phone="248.867.5309"), rep=rep)
        with room.store.writing() as tx:
            tx.save(prospect)
    for _ in range(3):
        for rep in ("dana", "lee"):
            Cycle(room.settings, rep, room.store, room.now, opener=room.open, threads=1).run()
    pages = {item.title for item in map(room.server.phone_item, room.server.entries) if item.title.startswith("Today")}
    assert pages == {"Today: 1 decide", "Today: 2 decide"}
    before = room.writes()
    for rep in ("dana", "lee"):
        Cycle(room.settings, rep, room.store, room.now + timedelta(minutes=5), opener=room.open, threads=1).run()
    assert room.writes() == before


# ---- a day that is changed after an attempt ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "left"), [("2026-01-20", "Tue 01-20"), ("", "")])
def test_a_proposal_that_was_tried_follows_its_day(room: Room, day: str, left: str) -> None:
    room.capture("Jenny", phone="248.867.5309", proposal_due="2026-01-07")
    room.cycle(at("01-07 10:00"))
    room.server.phone_edit(room.href("jenny"), title=f"x {room.item('jenny').title}")
    settled(room)
    before = room.item("jenny")
    assert f"{before.start:%m-%d}" == "01-08"
    room.edit("jenny", fields={"proposal_due": day} if day else {})
    settled(room)
    item = room.item("jenny")
    if not left:
        assert item.title == "Decide: Jenny"
        return
    assert (f"{item.start:%a %m-%d}", item.title, item.action) == (left, before.title, before.action), "the same entry"
    room.log("jenny", Result.DONE)
    settled(room)
    assert room.item("jenny").title == "Decide: Jenny"


# ---- the phone and the terminal ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logged", "text", "then"),
    [
        (Result.NEXT, "fri 3pm call to sign", "Call Jenny to sign – 248.867.5309"),
        (Result.DONE, "", "Decide: Jenny"),
        (Result.YES, "", ""),
        (Result.NO, "", ""),
    ],
)
@pytest.mark.parametrize("words", ["left message", "left message\nher boss is away"])
def test_an_attempt_that_was_typed_before_the_outcome_was_logged_is_a_touch(
    room: Room, jenny: str, logged: Result, text: str, then: str, words: str
) -> None:
    room.server.phone_edit(room.href(jenny), body=f"{words}\n{room.item(jenny).body}")
    room.log(jenny, logged, text)
    settled(room)
    touches = [fact for fact in room.history(jenny) if isinstance(fact, Touched)]
    assert [(one.result, one.beside) for one in touches] == [(logged, False), (Result.ATTEMPT, True)]
    assert (touches[1].recap, touches[1].start, touches[1].method) == ({"attempt": "left message"}, at("01-08 14:00"), "call")
    assert touches[1].note == words.partition("\n")[2]
    assert [item.title for item in room.open_items().values()] == ([then] if then else []), "the outcome holds"


@pytest.mark.parametrize(
    ("typed", "logged", "stands", "other"),
    [
        ("> Jan 9 2026 10am", "tue 1/13 9am visit to sign", ("Call Jenny", "01-09 10:00"), "Tue 2026-01-13 09:00 visit to sign"),
        ("> Jan 13 2026 9am", "fri 1/9 10am visit to sign", ("Visit Jenny to sign", "01-09 10:00"), "Tue 2026-01-13 09:00 call"),
    ],
)
def test_an_agreement_typed_before_another_one_at_the_terminal_showed_is_asked_about(
    room: Room, jenny: str, typed: str, logged: str, stands: tuple[str, str], other: str
) -> None:
    """Nobody knows which is meant. Each is about what was answered, not about the other."""
    room.server.phone_edit(room.href(jenny), body=f"{typed}\n{room.item(jenny).body}")
    room.log(jenny, Result.NEXT, logged)
    settled(room)
    (action,) = [item for item in room.open_items().values() if "?" not in item.title]
    assert action.title.startswith(stands[0])
    assert action.start == at(stands[1])
    (question,) = [item.title for item in room.open_items().values() if "?" in item.title]
    assert other in question
    assert len([fact for fact in room.history(jenny) if isinstance(fact, Touched)]) == 1


@pytest.mark.parametrize(
    ("answer", "then"), [("> 1/13 9am", "Visit Jenny to sign"), ("> 1/13 9am call", "Call Jenny"), ("> 1/13 11am", "Call Jenny")]
)
def test_of_several_agreements_the_answer_names_one_by_its_time(room: Room, jenny: str, answer: str, then: str) -> None:
    room.server.phone_edit(room.href(jenny), body=f"> Jan 9 2026 10am\n{room.item(jenny).body}")
    room.log(jenny, Result.NEXT, "tue 1/13 9am visit to sign")
    settled(room)
    question = next(href for href, item in room.open_items().items() if "?" in item.title)
    room.server.phone_edit(question, body=f"{answer}\n{room.server.phone_item(question).body}")
    settled(room)
    (item,) = room.open_items().values()
    assert item.title.startswith(then)
    assert item.start.date() == at("01-13 09:00").date()


def test_an_agreement_typed_before_a_check_at_the_terminal_showed_leaves_the_check(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), body=f"> Jan 13 2026 9am call to sign\n{room.item(jenny).body}")
    action = room.action(jenny)
    assert action is not None
    room.say(jenny, touched(action, Result.DONE, room.now, "cli"), Waiting(room.now, "cli", at("01-09 09:00").date()))
    settled(room)
    assert [item.title for item in room.open_items().values()] == ["Call Jenny to sign – 248.867.5309"]
    room.cycle(at("01-09 08:00"))
    settled(room)
    assert [item.title for item in room.open_items().values()] == ["Check whether Jenny has decided"]
    room.log(jenny, Result.DONE)
    settled(room)
    assert [(item.title, item.start) for item in room.open_items().values()] == [("Call Jenny to sign – 248.867.5309", at("01-13 09:00"))]


def test_the_same_agreement_typed_before_it_showed_is_one(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), body=f"> Jan 9 2026 10am call to sign\n{room.item(jenny).body}")
    room.log(jenny, Result.NEXT, "fri 1/9 10am call to sign")
    settled(room)
    assert [item.title for item in room.open_items().values()] == ["Call Jenny to sign – 248.867.5309"]
    assert told(room).count("Promised") == 2, "the first call, and this one"


def test_the_same_attempt_told_twice_is_counted_once(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), title=f"x {room.item(jenny).title}")
    room.log(jenny, Result.ATTEMPT)
    settled(room)
    assert told(room).count("Touched") == 1


# ---- two calendars ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["[phone, desk]", "[desk, phone]"])
def two(request: pytest.FixtureRequest, room: Room) -> Room:
    """A call with Jenny on Thursday, on two calendars; which one is read first decides nothing."""
    desk = '  desk: {type: caldav, url: "https://dav.example.org/", calendar: Desk}\ncadences:'
    room.configure(CONFIG.replace("[phone]", request.param).replace("cadences:", desk))
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    return room


def noted(room: Room) -> set[str]:
    """Everything that is kept of what was written."""
    told = room.history("jenny")
    notes = {fact.text for fact in told if isinstance(fact, Noted)}
    notes |= {fact.note for fact in told if isinstance(fact, Touched | Contradicted)}
    return notes - {""}


def says(room: Room, **words: str) -> dict[str, str]:
    """A word before the title on each of the calendars; how the titles stand then."""
    hrefs = {target: room.href("jenny", target) for target in words}
    for target, word in words.items():
        room.servers[target].phone_edit(hrefs[target], body=f"{word}\n{room.item('jenny', target).body}")
    settled(room)
    return {target: room.servers[target].phone_item(href, ZONE).title for target, href in hrefs.items()}


def test_yes_on_one_calendar_and_no_on_the_other_is_a_question(two: Room) -> None:
    titles = says(two, phone="yes\nshe signs", desk="no\nhe is against it")
    assert titles == {"phone": CALL, "desk": CALL}
    for target in ("phone", "desk"):
        assert [item.title for item in two.open_items("jenny", target).values()] == [
            'Jenny: "no on desk, yes on phone": what and when?',
            CALL,
        ]
    assert noted(two) == {"she signs", "he is against it"}
    with two.store.reading() as tx:
        assert tx.outcome("jenny") is None
    href = next(href for href, item in two.open_items("jenny", "phone").items() if item.title == CALL)
    two.servers["phone"].phone_edit(href, title=f"yes {CALL}")
    settled(two)
    with two.store.reading() as tx:
        assert tx.outcome("jenny") is Result.YES
    assert [*two.open_items("jenny", "phone"), *two.open_items("jenny", "desk")] == []


@pytest.mark.parametrize(
    ("phone", "desk", "sign", "kind"),
    [
        ("x", "done", "↻", "promise"),
        ("> Jan 9 2026 2pm call to sign", "done", "→", "promise"),
        ("> Jan 9 2026 2pm call to sign", "x", "↻", "promise"),
        ("yes", "x", "✓", ""),
        ("no", "> Jan 9 2026 2pm call to sign", "✗", ""),
    ],
)
def test_two_words_on_two_calendars_mean_the_same_in_any_order(two: Room, phone: str, desk: str, sign: str, kind: str) -> None:
    assert says(two, phone=phone, desk=desk) == {"phone": f"{sign} {CALL}", "desk": f"{sign} {CALL}"}
    action = two.action("jenny")
    assert (action.kind.value if action else "") == kind


def test_a_record_keeps_no_word_of_the_answer_that_another_one_replaced(two: Room) -> None:
    hrefs = {target: two.href("jenny", target) for target in ("phone", "desk")}
    for target, word in (("phone", "x"), ("desk", "yes")):
        two.servers[target].phone_edit(hrefs[target], title=f"{word} {CALL}")
    settled(two)
    assert {two.servers[target].phone_item(href, ZONE).title for target, href in hrefs.items()} == {f"✓ {CALL}"}


def test_of_two_agreements_the_earlier_one_stands_and_the_other_is_asked_about(two: Room) -> None:
    says(two, phone="> Jan 9 2026 2pm call to sign", desk="> Jan 13 2026 2pm visit to sign")
    assert [item.title for item in two.open_items("jenny", "phone").values()] == [
        "Jenny: Fri 2026-01-09 14:00 call to sign, or Tue 2026-01-13 14:00 visit to sign?",
        "Call Jenny to sign – 248.867.5309",
    ]
    body = next(item.body for item in two.open_items("jenny", "phone").values() if "or Tue" in item.title)
    assert "Not understood" not in body
    both = "Agreed, and the first one stands: Fri 2026-01-09 14:00 call to sign; Tue 2026-01-13 14:00 visit to sign."
    assert both in body


@pytest.mark.parametrize("swapped", [False, True])
def test_agreements_on_two_calendars_and_at_the_terminal_are_all_kept(two: Room, *, swapped: bool) -> None:
    two.log("jenny", Result.NEXT, "tue 1/13 9am visit to sign")
    words = ["> Jan 9 2026 10am", "> Jan 14 2026 9am"]
    phone, desk = reversed(words) if swapped else words
    says(two, phone=phone, desk=desk)
    question, call = [item.title for item in two.open_items("jenny", "phone").values()]
    assert call == "Call Jenny to determine next steps – 248.867.5309"
    assert [day in question for day in ("Fri 2026-01-09", "Tue 2026-01-13", "Wed 2026-01-14")] == [True] * 3
    assert fates(two) == ["kept", "open", "open", "open"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("before", ["", "done\n"])
def test_a_check_on_one_calendar_changes_no_agreement_on_the_other(two: Room, before: str, *, swapped: bool) -> None:
    words = [f"{before}waiting until Fri", "> Jan 13 2026 2pm call to sign"]
    phone, desk = reversed(words) if swapped else words
    says(two, phone=phone, desk=desk)
    assert [item.title for item in two.open_items("jenny", "phone").values()] == ["Call Jenny to sign – 248.867.5309"]
    assert fates(two) == ["kept", "open"]
    two.now = at("01-09 10:00")
    settled(two)
    (check,) = two.open_items("jenny", "phone").values()
    assert check.title == "Check whether Jenny has decided"
    two.servers["phone"].phone_edit(two.href("jenny", "phone"), title=f"done {check.title}")
    settled(two)
    stands = {item.title: item.start for item in two.open_items("jenny", "phone").values()}
    assert stands == {"Call Jenny to sign – 248.867.5309": at("01-13 14:00")}
    assert fates(two) == ["kept", "open"]


@pytest.mark.parametrize(("phone", "desk"), [("fri 11am", "fri 10am"), ("fri 10am", "fri 11am"), ("fri 10am", "fri 10am")])
def test_what_was_done_and_agreed_on_both_calendars_is_one_answer(two: Room, phone: str, desk: str) -> None:
    says(two, phone=f"done\n> {phone} email quote", desk=f"done\n> {desk} email quote")
    stands = {item.title: item.start for item in two.open_items("jenny", "phone").values()}
    assert stands["Email Jenny to send quote"] == at("01-09 10:00")
    assert len(stands) == (1 if phone == desk else 2), "and the question, where they differ"
    assert fates(two) == (["kept", "open"] if phone == desk else ["kept", "open", "open"])


@pytest.mark.parametrize(("phone", "desk"), [("01-07 10:00", "01-09 11:00"), ("01-09 11:00", "01-07 10:00")])
def test_of_two_moves_the_earlier_one_holds_and_one_question_names_both(two: Room, phone: str, desk: str) -> None:
    for target, to in (("phone", phone), ("desk", desk)):
        two.servers[target].phone_move(two.href("jenny", target), at(to))
    settled(two)
    for target in ("phone", "desk"):
        stands = {item.title: item.start for item in two.open_items("jenny", target).values()}
        assert stands == {CALL: at("01-07 10:00"), "Jenny: Wed 2026-01-07 10:00, or Fri 2026-01-09 11:00?": at("01-05 09:00")}
    assert {fact.start for fact in two.history("jenny") if isinstance(fact, Moved)} == {at(phone), at(desk)}, "both are kept"
    assert fates(two) == ["open"], "the agreed day is promised, and the earlier one is not"


def test_the_same_move_on_both_calendars_asks_nothing(two: Room) -> None:
    for target in ("phone", "desk"):
        two.servers[target].phone_move(two.href("jenny", target), at("01-07 10:00"))
    settled(two)
    assert [item.title for item in two.open_items("jenny", "phone").values()] == [CALL]


def test_the_first_answer_that_is_seen_holds_and_the_other_is_kept(two: Room) -> None:
    two.servers["desk"].faults.reads = 1
    hrefs = {target: two.href("jenny", target) for target in ("phone", "desk")}
    two.servers["phone"].phone_edit(hrefs["phone"], title=f"yes {CALL}")
    two.servers["desk"].phone_edit(hrefs["desk"], title=f"no {CALL}")
    two.cycle()
    settled(two)
    assert {target: two.servers[target].phone_item(href, ZONE).title for target, href in hrefs.items()} == {
        "phone": f"✓ {CALL}",
        "desk": f"✓ {CALL}",
    }
    assert noted(two) == {'Answered "no" when it was closed with "yes" already.'}


def kept(room: Room) -> set[str]:
    """The results of all touches, and the sentences that are kept of answers."""
    facts = room.history("jenny")
    return {fact.result.value for fact in facts if isinstance(fact, Touched)} | {fact.text for fact in facts if isinstance(fact, Noted)}


@pytest.mark.parametrize(
    ("phone", "desk", "either"),
    [
        ("done", "no", ({"done", "no"}, {"no", 'Answered "done" when it was closed with "no" already.'})),
        ("left message", "no", ({"attempt", "no"},)),
        ("left message", "yes", ({"attempt", "yes"},)),
        ("done", "yes", ({"done", "yes"}, {"yes"})),
    ],
)
def test_what_was_done_or_tried_is_kept_beside_a_yes_or_a_no(two: Room, phone: str, desk: str, either: tuple[set[str], ...]) -> None:
    says(two, phone=phone, desk=desk)
    assert kept(two) in either
    with two.store.reading() as tx:
        assert tx.outcome("jenny") == desk


def test_a_record_on_the_other_calendar_follows_a_better_answer(two: Room) -> None:
    assert says(two, phone="x", desk="x") == {"phone": f"↻ {CALL}", "desk": f"↻ {CALL}"}
    (record,) = (href for href, item in two.items("phone").items() if item.title == f"↻ {CALL}")
    two.servers["phone"].phone_edit(record, body=f"yes\n{two.servers['phone'].phone_item(record, ZONE).body}")
    settled(two)
    for target in ("phone", "desk"):
        assert f"✓ {CALL}" in [item.title for item in two.items(target).values()]


# ---- two of one name --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def jennies(room: Room) -> Room:
    """A Jenny at the diner, and one at the bakery; each is to be visited."""
    for name, phone in (("Joe's Diner", "248.555.0100"), ("Ann's Bakery", "248.555.0102")):
        room.capture(name, id=name[:3].lower(), person="Jenny", phone=phone)
        room.promise(name[:3].lower(), "thu 2pm visit to meet the owner")
    room.cycle()
    return room


REVIEW = "Call Jenny to review the quote"
WHO = f'Jenny: "{REVIEW}": who is meant?'


def questions(room: Room) -> list[str]:
    return [item.title for item in room.open_items().values() if "?" in item.title]


def test_a_follow_up_that_fits_two_is_asked_about_once_and_stays_as_it_is(jennies: Room) -> None:
    href = typed(jennies, REVIEW)
    before = jennies.server.entries[href]
    settled(jennies)
    assert questions(jennies) == [WHO]
    (item,) = (item for item in jennies.open_items().values() if item.title == WHO)
    assert "Jenny at Ann's Bakery, 248.555.0102; Jenny at Joe's Diner, 248.555.0100." in item.body
    jennies.list_everything()
    settled(jennies)
    assert (questions(jennies), jennies.server.entries[href]) == ([WHO], before)


@pytest.mark.parametrize(
    ("title", "who"), [(f"{REVIEW} – 248.555.0100", "joe"), (f"{REVIEW} – 248.555.0102", "ann"), ("Call Ann's Bakery to review it", "ann")]
)
def test_once_the_entry_says_who_is_meant_it_is_theirs_and_nobody_asks(jennies: Room, title: str, who: str) -> None:
    href = typed(jennies, REVIEW)
    settled(jennies)
    jennies.server.phone_edit(href, title=title)
    settled(jennies)
    assert WHO not in questions(jennies)
    jennies.log(who, Result.DONE)
    settled(jennies)
    assert (questions(jennies), jennies.href(who)) == ([], href)
    assert told(jennies, {"joe": "ann", "ann": "joe"}[who]).count("Promised") == 1


def test_it_is_not_asked_about_once_it_is_gone_or_something_else(jennies: Room) -> None:
    href = typed(jennies, REVIEW)
    settled(jennies)
    jennies.server.phone_edit(href, title="Golf league")
    settled(jennies)
    assert questions(jennies) == []
    jennies.server.phone_edit(href, title=REVIEW)
    settled(jennies)
    assert questions(jennies) == [WHO]
    jennies.server.phone_delete(href)
    settled(jennies)
    assert questions(jennies) == []


def test_whoever_deletes_that_question_is_not_asked_again(jennies: Room) -> None:
    href = typed(jennies, REVIEW)
    settled(jennies)
    jennies.server.phone_delete(next(href for href, item in jennies.open_items().items() if item.title == WHO))
    jennies.believe()
    jennies.server.phone_edit(href, location="Upstairs")
    jennies.list_everything()
    settled(jennies)
    assert questions(jennies) == []


@pytest.mark.parametrize(("word", "asked"), [("drop", True), ("yes", True), ("Fri 2pm", True), ("done", False)])
def test_an_answer_to_that_question_closes_nobody(jennies: Room, word: str, asked: bool) -> None:
    typed(jennies, REVIEW)
    settled(jennies)
    (href,) = (href for href, item in jennies.open_items().items() if item.title == WHO)
    jennies.server.phone_edit(href, title=f"{word} {WHO}")
    settled(jennies)
    assert len([one for one in jennies.open_items().values() if "Visit" in one.title]) == 2
    assert (href in jennies.open_items()) is asked
    assert len(questions(jennies)) == 1, "a tick only asks again on the next morning"
