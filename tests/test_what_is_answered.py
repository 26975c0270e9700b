"""What an answer is about: the agreement of the entry that it was typed into, and nothing else that was agreed with the same person."""

from __future__ import annotations

import pytest

from followsync.core.history import Kind, Moved, Result, Touched
from tests.machine.room import ZONE, Room
from tests.phone import Desk
from tests.test_answers import CALL, QUOTE, at, fates, next_ones, questions, settled, typed
from tests.test_captures_on_servers import LINE, event, quiet
from tests.test_captures_on_servers import typed as typed_on

PLAN = "Coffee with Jenny to plan"


@pytest.fixture
def coffee(room: Room) -> tuple[Room, str, str]:
    """A call on Wednesday, and coffee on Friday that waits behind it; where they stand. It is Wednesday morning."""
    room.capture("Jenny", phone="248.867.5309")
    room.cycle()
    hrefs = typed(room, QUOTE, "01-07 10:00", "call"), typed(room, f"{PLAN} – 248.867.5309", "01-09 09:00", "coffee")
    settled(room)
    room.cycle(at("01-07 11:00"))
    return room, *hrefs


def writes(room: Room, href: str, *lines: str) -> None:
    for line in lines:
        room.server.phone_edit(href, body=f"{line}\n{room.server.phone_item(href, ZONE).body}")
        settled(room)


def asked(room: Room) -> list[str]:
    """The questions, however long they have been asked."""
    return [title.partition(" (")[0] for title in questions(room)]


# ---- an agreement in a record -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [(), ("done",), ("x",), ("> thu 2pm",), ("done", "> tue 4pm")], ids=", ".join)
@pytest.mark.parametrize("line", ["> mon 10am", "> call mon 10am"])
def test_an_agreement_in_a_record_replaces_nothing_but_what_came_of_it(
    coffee: tuple[Room, str, str], first: tuple[str, ...], line: str
) -> None:
    room, call, href = coffee
    writes(room, call, *first, line)
    assert next_ones(room) == [f"Fri 09:00 {PLAN} – 248.867.5309"]
    assert asked(room) == ["Jenny: Fri 2026-01-09 09:00 coffee to plan, or Mon 2026-01-12 10:00 call to send the quote?"]
    assert room.server.phone_item(href, ZONE).title == f"{PLAN} – 248.867.5309"
    assert fates(room).count("open") == 2
    writes(room, href, "done")
    assert next_ones(room) == [f"Mon 10:00 {QUOTE} – 248.867.5309"]
    with room.quiet():
        room.cycle()


def test_the_earlier_of_the_two_stands(coffee: tuple[Room, str, str]) -> None:
    room, call, href = coffee
    writes(room, call, "done", "> thu 2pm")
    assert next_ones(room) == [f"Thu 14:00 {QUOTE} – 248.867.5309"]
    writes(room, call, "> thu 4pm")
    assert next_ones(room) == [f"Thu 16:00 {QUOTE} – 248.867.5309"]
    writes(room, call, "> mon 4pm")
    assert next_ones(room) == [f"Fri 09:00 {PLAN} – 248.867.5309"]
    assert asked(room) == ["Jenny: Fri 2026-01-09 09:00 coffee to plan, or Mon 2026-01-12 16:00 call to send the quote?"]
    writes(room, href, "done")
    assert next_ones(room) == [f"Mon 16:00 {QUOTE} – 248.867.5309"]
    assert room.server.phone_item(href, ZONE).title.startswith("✓")


def test_an_agreement_in_a_record_that_was_tried_early_is_about_what_was_tried(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    writes(room, href, "x", "> fri 9am visit to sign")
    assert next_ones(room) == ["Fri 09:00 Visit Jenny to sign"]
    assert not questions(room)


# ---- the same line twice ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def twice(room: Room) -> tuple[Room, str, str]:
    room.capture("Jenny", phone="248.867.5309")
    room.cycle()
    first, second = (typed(room, QUOTE, "01-07 10:00", uid) for uid in ("one", "two"))
    settled(room)
    if room.server.phone_item(first, ZONE).title == QUOTE:
        first, second = second, first
    assert [room.server.phone_item(href, ZONE).title for href in (first, second)] == [f"→ {QUOTE}", QUOTE]
    room.cycle(at("01-07 11:00"))
    return room, first, second


@pytest.mark.parametrize(("word", "sign"), [("done", "✓"), ("x", "↻"), ("yes", "✓"), ("no", "✗")])
@pytest.mark.parametrize("where", [0, 1])
def test_the_same_line_typed_twice_for_the_same_hour_is_answered_once(
    twice: tuple[Room, str, str], where: int, word: str, sign: str
) -> None:
    room, *hrefs = twice
    writes(room, hrefs[where], word)
    titles = [room.server.phone_item(href, ZONE).title for href in hrefs]
    assert titles[1] == f"{sign} {QUOTE}"
    assert titles[0] == f"{'→' if where else sign} {QUOTE}"
    assert [fact.result for fact in room.history("jenny") if isinstance(fact, Touched)] == [Result(word if word != "x" else "attempt")]
    assert fates(room)[-1] == "kept"
    writes(room, hrefs[0], word)
    assert len([fact for fact in room.history("jenny") if isinstance(fact, Touched)]) == 1, "told once more it is nothing new"
    with room.quiet():
        room.cycle()


def test_what_is_agreed_in_either_of_the_two_holds(twice: tuple[Room, str, str]) -> None:
    room, first, _ = twice
    writes(room, first, "done", "> fri 2pm")
    assert next_ones(room) == [f"Fri 14:00 {QUOTE} – 248.867.5309"]
    assert not questions(room)


def test_at_another_hour_it_is_another_agreement(twice: tuple[Room, str, str]) -> None:
    room, first, second = twice
    room.server.phone_move(second, at("01-09 15:00"))
    settled(room)
    writes(room, first, "done")
    assert next_ones(room) == [f"Fri 15:00 {QUOTE}"]


# ---- answered and moved at once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["x", "left message", "> mon 9am", "done", "yes"])
@pytest.mark.parametrize("where", ["title", "notes"])
def test_an_answer_and_a_move_in_one_cycle_are_the_move_and_then_the_answer(room: Room, jenny: str, word: str, where: str) -> None:
    def answers(href: str) -> None:
        if where == "title":
            room.server.phone_edit(href, title=f"{word} {room.server.phone_item(href, ZONE).title}")
        else:
            room.server.phone_edit(href, body=f"{word}\n{room.server.phone_item(href, ZONE).body}")

    href = room.href(jenny)
    room.cycle(at("01-08 09:00"))
    answers(href)
    room.server.phone_move(href, at("01-09 15:00"))
    settled(room)
    moves = [fact.start for fact in room.history(jenny) if isinstance(fact, Moved)]
    assert moves == ([] if word in ("done", "yes") else [at("01-09 15:00")])
    if word in ("x", "left message"):
        assert next_ones(room) == [f"Fri 15:00 {CALL}"]
        action = room.action(jenny)
        assert action
        assert (action.kind, action.attempt, fates(room)) == (Kind.PROMISE, 2, ["changed", "open"])
    elif word == "> mon 9am":
        assert next_ones(room) == [f"Mon 09:00 {CALL}"]
        assert fates(room)[-1] == "open"
    else:
        assert fates(room) == ["kept"]
    with room.quiet():
        room.cycle()


def test_what_was_pulled_to_today_and_tried_is_tried_again_on_its_own_day(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.phone_move(href, at("01-06 10:00"))
    room.server.phone_edit(href, title=f"x {CALL}")
    settled(room)
    assert [fact.early for fact in room.history(jenny) if isinstance(fact, Touched)] == [True]
    assert fates(room) == ["open"]


# ---- answers that exclude each other -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "notes"), [("x", "done"), ("done", "x"), ("", "x\ndone")])
def test_done_and_tried_at_once_change_nothing_and_ask(room: Room, jenny: str, title: str, notes: str) -> None:
    href = room.href(jenny)
    item = room.server.phone_item(href, ZONE)
    room.server.phone_edit(href, title=f"{title} {item.title}".strip(), body=f"{notes}\n{item.body}")
    settled(room)
    assert not [fact for fact in room.history(jenny) if isinstance(fact, Touched)]
    (question,) = questions(room)
    assert all(word in question for word in ("done", "no answer"))


# ---- on servers --------------------------------------------------------------------------------------------------------------------


def stands(desk: Desk) -> str:
    action = desk.json("list")[0]["next_action"]
    return f"{action['start'][:16]} {action['title']}"


def test_what_is_agreed_in_a_record_leaves_coffee_where_it_was_agreed(desk: Desk) -> None:
    call = typed_on(desk, event(LINE))
    coffee = typed_on(desk, event(f"{PLAN} – 248.867.5309", uid="coffee", when="20260109T090000", until="20260109T100000"), "coffee.ics")
    for word in ("done", "> Jan 12 2026 10am", "> Jan 12 2026 4pm"):
        desk.phone.note(call, word)
        desk.sync()
        desk.settle()
    assert stands(desk) == f"2026-01-09T09:00 {PLAN}"
    assert desk.phone.text(coffee).value("SUMMARY") == f"{PLAN} – 248.867.5309"
    desk.phone.note(coffee, "done")
    desk.sync()
    desk.settle()
    assert stands(desk) == f"2026-01-12T16:00 {LINE}"
    quiet(desk)


def test_the_same_line_typed_twice_is_settled_in_either(desk: Desk) -> None:
    hrefs = [typed_on(desk, event(LINE)), typed_on(desk, event(LINE, uid="again"), "again.ics")]
    desk.settle()
    (replaced,) = (href for href in hrefs if desk.phone.text(href).value("SUMMARY").startswith("→"))
    desk.phone.note(replaced, "done")
    desk.sync()
    desk.settle()
    assert [desk.phone.text(href).value("SUMMARY") for href in hrefs] == [f"✓ {LINE}"] * 2
    assert desk.json("list")[0]["next_action"]["kind"] == "decide"
    quiet(desk)


def test_tried_and_moved_at_once_it_stands_where_it_was_put(desk: Desk) -> None:
    href = typed_on(desk, event(LINE))
    desk.settle()
    desk.phone.write(
        href, "DTSTART;TZID=America/Detroit:20260109T150000", "DTEND;TZID=America/Detroit:20260109T153000", f"SUMMARY:x {LINE}"
    )
    desk.sync()
    desk.settle()
    assert stands(desk) == f"2026-01-09T15:00 {LINE}"
    quiet(desk)


def test_done_and_tried_at_once_are_asked_about(desk: Desk) -> None:
    href = typed_on(desk, event(LINE))
    desk.settle()
    desk.phone.prefix_title(href, "x")
    desk.phone.note(href, "done")
    desk.sync()
    desk.settle()
    assert not [fact for fact in desk.history("jenny") if isinstance(fact, Touched)]
    titles = [desk.phone.text(one).value("SUMMARY") for one in desk.phone.texts()]
    assert [one for one in titles if "done" in one and "no answer" in one]
