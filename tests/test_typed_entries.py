"""An entry that the rep typed, and that stands for nothing any more though nobody answered it: it says so, and goes on being read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from followsync.core.history import Noted, Promised, Result, Touched
from tests.machine.room import ZONE, Room
from tests.phone import Desk, escaped
from tests.test_answers import QUOTE, SIGN, at, next_ones, questions, settled, typed
from tests.test_captures_on_servers import LINE, event, quiet
from tests.test_captures_on_servers import typed as typed_on

REVIEW = "Call Jenny to review the quote – 248.867.5309"


# ---- on servers -------------------------------------------------------------------------------------------------------------------


def added(desk: Desk) -> None:
    desk.run("add", "Call Jenny 248.867.5309 Friday 10am to determine next steps")


def typed_twice(desk: Desk) -> None:
    desk.phone.add("again.ics", event(LINE, uid="again"))


def answered_yes(desk: Desk) -> None:
    _answered(desk, "yes")


def question_answered(desk: Desk) -> None:
    _visit(desk)
    (asks,) = (href for href, text in desk.phone.texts().items() if "Jenny: " in text)
    desk.phone.note(asks, "> Jan 14 2026 3pm visit to sign")


def _visit(desk: Desk) -> str:
    return typed_on(desk, event("Visit Jenny to sign", uid="visit", when="20260107T100000", until="20260107T110000"), "visit.ics")


def _answered(desk: Desk, word: str) -> None:
    desk.phone.note(_visit(desk), word)


CASES = {
    "agreed anew by add": (added, "→"),
    "typed twice": (typed_twice, "→"),
    "closed in another entry": (answered_yes, "✓"),
    "the question answered": (question_answered, "→"),
}


@pytest.mark.parametrize(("happens", "sign"), CASES.values(), ids=CASES)
def test_an_entry_that_was_typed_and_is_replaced_says_so_and_is_read(desk: Desk, happens: Callable[[Desk], None], sign: str) -> None:
    href = typed_on(desk, event(LINE, "LOCATION:Back office", "DESCRIPTION:Bring the blue folder"))
    happens(desk)
    desk.sync()
    desk.settle()
    text = desk.phone.text(href)
    assert (text.value("SUMMARY"), text.value("LOCATION"), text.value("TRANSP")) == (f"{sign} {LINE}", "Back office", "TRANSPARENT")
    assert text.value("DESCRIPTION").startswith("Bring the blue folder")
    assert not [line for line in text.lines if line.startswith("TRIGGER")]
    assert desk.json("check", code=0)["ok"]
    quiet(desk)
    before = len(desk.history("jenny"))
    desk.phone.note(href, "she wants 40 of them")
    desk.sync()
    assert [fact.text for fact in desk.history("jenny")[before:]] == ["she wants 40 of them"]
    desk.phone.prefix_title(href, "no")
    desk.sync()
    said = desk.history("jenny")[before + 1 :]
    if sign == "✓":
        assert [fact.text for fact in said] == ['Answered "no" when it was closed with "yes" already.']
    else:
        assert [fact.result for fact in said if isinstance(fact, Touched)] == [Result.NO]
        assert ([one["state"] for one in desk.json("list")], desk.phone.text(href).value("SUMMARY")) == (["no"], f"✗ {LINE}")
    desk.settle()
    quiet(desk)


def test_what_is_taken_back_stands_in_the_entry_that_was_typed(desk: Desk) -> None:
    href = typed_on(desk, event("call jenny to determine next steps - 248.867.5309", "DESCRIPTION:Bring the blue folder"))
    added(desk)
    desk.sync()
    assert (len(desk.phone.etags()), desk.phone.text(href).value("SUMMARY")[0]) == (2, "→")
    desk.run("undo", "--yes")
    desk.sync()
    assert list(desk.phone.etags()) == [href]
    text = desk.phone.text(href)
    assert (text.value("SUMMARY"), text.value("TRANSP")) == ("call jenny to determine next steps - 248.867.5309", "OPAQUE")
    assert text.value("DESCRIPTION").startswith("Bring the blue folder\\n–––––")
    assert "TRIGGER:-PT15M" in text.lines
    quiet(desk)
    desk.phone.prefix_title(href, "done")
    desk.sync()
    assert [fact.result for fact in desk.history("jenny") if isinstance(fact, Touched)] == [Result.DONE]


def test_another_title_typed_over_it_is_another_follow_up(desk: Desk) -> None:
    href = typed_on(desk, event(LINE))
    added(desk)
    desk.sync()
    desk.phone.write(href, f"SUMMARY:{escaped('Visit Jenny to sign – 248.867.5309')}")
    desk.sync()
    assert [fact.purpose for fact in desk.history("jenny") if isinstance(fact, Promised)][-1] == "sign"
    assert desk.json("list")[0]["next_action"]["purpose"] == "sign"
    assert desk.phone.text(href).value("SUMMARY") == "Visit Jenny to sign – 248.867.5309"
    desk.settle()
    quiet(desk)


def test_whoever_is_removed_leaves_the_entry_to_the_rep(desk: Desk) -> None:
    href = typed_on(desk, event(LINE))
    desk.run("remove", "jenny", "--yes")
    desk.sync()
    text = desk.phone.text(href)
    assert (text.value("SUMMARY"), [line for line in text.lines if line.startswith("X-FOLLOWSYNC")]) == (LINE, [])
    quiet(desk)


# ---- in a room --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def old(room: Room) -> str:
    """Where a call stands that the rep typed for the 15th, and that was agreed anew for the 9th."""
    href = typed(room, REVIEW)
    settled(room)
    room.promise("jenny", "Jan 9 2026 10am visit to sign")
    settled(room)
    assert (next_ones(room), room.server.phone_item(href, ZONE).title) == (["Fri 10:00 Visit Jenny to sign"], f"→ {REVIEW}")
    return href


def types_into(room: Room, href: str, line: str) -> None:
    room.server.phone_edit(href, body=f"{line}\n{room.server.phone_item(href, ZONE).body}")
    settled(room)


@pytest.mark.parametrize(("word", "sign"), [("done", "✓"), ("x", "↻")])
def test_what_was_done_after_all_counts_and_what_was_agreed_since_stands(room: Room, old: str, word: str, sign: str) -> None:
    types_into(room, old, f"{word}\nshe was in a hurry")
    (touch,) = (fact for fact in room.history("jenny") if isinstance(fact, Touched))
    assert (touch.method, touch.purpose, touch.note) == ("call", "review the quote", "she was in a hurry")
    assert room.server.phone_item(old, ZONE).title == f"{sign} {REVIEW}"
    assert next_ones(room) == ["Fri 10:00 Visit Jenny to sign"]


def test_an_agreement_that_is_written_there_stands_beside_what_is_agreed_since(room: Room, old: str) -> None:
    """It changes nothing that was agreed elsewhere: the earliest stands, and one question names both (decision 71)."""
    types_into(room, old, "> Jan 12 2026 2pm")
    assert next_ones(room) == ["Fri 10:00 Visit Jenny to sign"]
    assert questions(room) == ["Jenny: Fri 2026-01-09 10:00 visit to sign, or Mon 2026-01-12 14:00 call to review the quote?"]
    assert room.server.phone_item(old, ZONE).title == f"→ {REVIEW}"
    types_into(room, old, "yes")
    assert (next_ones(room), room.server.phone_item(old, ZONE).title) == ([], f"✓ {REVIEW}")


def test_what_cannot_be_understood_there_is_asked_about(room: Room, old: str) -> None:
    types_into(room, old, "> sometime")
    assert len(questions(room)) == 1
    assert next_ones(room) == ["Fri 10:00 Visit Jenny to sign"]


def test_its_mark_comes_back(room: Room, old: str) -> None:
    room.server.phone_edit(old, title=REVIEW)
    settled(room)
    assert room.server.phone_item(old, ZONE).title == f"→ {REVIEW}"
    types_into(room, old, "done")
    assert [fact.result for fact in room.history("jenny") if isinstance(fact, Touched)] == [Result.DONE]


def test_it_may_be_thrown_away(room: Room, old: str) -> None:
    before = room.history("jenny")
    room.server.phone_delete(old)
    room.believe()
    settled(room)
    assert (room.history("jenny"), next_ones(room)) == (before, ["Fri 10:00 Visit Jenny to sign"])


def test_a_copy_at_another_time_is_another_agreement(room: Room, old: str) -> None:
    text = room.server.entries[old][1].replace("UID:typed", "UID:copy")
    copy = room.server.phone_add(text)
    room.typed[copy] = "phone"
    room.server.phone_move(copy, at("01-07 11:00"))
    settled(room)
    assert f"Wed 11:00 {REVIEW}" in next_ones(room)
    assert room.server.phone_item(old, ZONE).title == f"→ {REVIEW}"


def test_what_is_typed_into_a_copy_of_it_counts_once(room: Room, old: str) -> None:
    copy = room.server.phone_add(room.server.entries[old][1].replace("UID:typed", "UID:copy"))
    settled(room)
    room.server.phone_edit(copy, body=f"done\n{room.server.phone_item(copy, ZONE).body}")
    settled(room)
    assert [fact.result for fact in room.history("jenny") if isinstance(fact, Touched)] == [Result.DONE]
    assert room.server.phone_item(old, ZONE).title == f"✓ {REVIEW}"


def test_a_task_that_was_typed_is_ticked(room: Room) -> None:
    href = room.server.phone_add(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:phone\r\nBEGIN:VTODO\r\nUID:task\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID=America/Detroit:20260115T110000\r\nDUE;TZID=America/Detroit:20260115T111500\r\nSUMMARY:{REVIEW}\r\n"
        "END:VTODO\r\nEND:VCALENDAR\r\n"
    )
    room.typed[href] = "phone"
    settled(room)
    room.promise("jenny", "Jan 9 2026 10am visit to sign")
    settled(room)
    item = room.server.phone_item(href, ZONE)
    assert (item.done, item.title) == (True, f"→ {REVIEW}")
    types_into(room, href, "likes fish")
    assert [fact.text for fact in room.history("jenny") if isinstance(fact, Noted)] == ["likes fish"]


def test_on_two_calendars_the_typed_one_is_the_record_and_ours_goes(room: Room) -> None:
    from tests.machine.machine import TWO

    room.configure(TWO)
    href = typed(room, REVIEW)
    settled(room)
    assert len(room.items("desk")) == 1
    room.promise("jenny", "Jan 9 2026 10am visit to sign")
    settled(room)
    assert [item.title for item in room.items("desk").values()] == ["Visit Jenny to sign"]
    assert room.server.phone_item(href, ZONE).title == f"→ {REVIEW}"
    types_into(room, href, "no")
    assert (room.open_items("jenny", "phone"), room.open_items("jenny", "desk")) == ({}, {})


def test_a_lost_store_takes_it_up_as_it_is(room: Room, old: str) -> None:
    with room.store.reading() as tx:
        people = tx.prospects("dana")
    room.lose_the_store()
    for one in people:
        room.capture(one.name, id=one.id, phone=one.phone)
    room.cycle()
    settled(room)
    assert next_ones(room) == ["Fri 10:00 Visit Jenny to sign"]
    assert [fact for fact in room.history("jenny") if isinstance(fact, Touched)] == [], "nobody answered it"
    types_into(room, old, "yes")
    assert next_ones(room) == []


@pytest.mark.parametrize("lead", [True, False], ids=["what waited", "what stood"])
def test_of_two_that_were_typed_each_says_what_became_of_it(room: Room, lead: bool) -> None:
    room.capture("Jenny", phone="248.867.5309")
    room.cycle()
    call, visit = typed(room, QUOTE, "01-07 10:00", "call"), typed(room, SIGN, "01-08 10:00", "visit")
    settled(room)
    types_into(room, call if lead else visit, "no")
    titles = [room.server.phone_item(one, ZONE).title for one in (call, visit)]
    assert titles == [f"✗ {QUOTE}", f"✗ {SIGN}"]
    other = visit if lead else call
    types_into(room, other, "she may come back in May")
    assert [fact.text for fact in room.history("jenny") if isinstance(fact, Noted)] == ["she may come back in May"]
    assert len([fact for fact in room.history("jenny") if isinstance(fact, Touched)]) == 1
