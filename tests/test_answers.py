"""What a rep does in the calendar that has more than one side: dragged back, moved questions, copies, second thoughts, two calendars."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from followsync.core.history import Contradicted, Moved, Noted, Promised, Result, Touched
from followsync.core.promises import ledger
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
    assert fates(room) == ["changed", "open"]


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
@pytest.mark.parametrize("word", ["x", "done", "> Jan 9 2026 2pm visit to sign", "yes", "no"])
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


def test_a_copy_that_is_renamed_is_about_what_it_says(room: Room, jenny: str) -> None:
    copy = copied(room, answered(room, "x"), at("01-15 11:00"), "Visit Jenny to sign – 248.867.5309")
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
    assert room.item("jenny-2").start == at("01-20 11:00")
    typed(room, "Call Jenny to sign – 248.867.5309", "01-21 11:00", "third")
    settled(room)
    assert (people(room), told(room)[-1]) == (["jenny", "jenny-2"], "Promised"), "the number says who is meant"


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
        ("x", "done", "↻", "retry"),
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


def test_of_two_agreements_the_earlier_one_stands_and_the_other_is_asked_about(two: Room) -> None:
    says(two, phone="> Jan 9 2026 2pm call to sign", desk="> Jan 13 2026 2pm visit to sign")
    assert [item.title for item in two.open_items("jenny", "phone").values()] == [
        'Jenny: "sign on Tue 2026-01-13": what and when?',
        "Call Jenny to sign – 248.867.5309",
    ]


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
