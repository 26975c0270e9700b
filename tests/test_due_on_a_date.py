"""What is due on a date that was said (a proposal, an order) stands on its own day, whatever else is agreed or waited for."""

from __future__ import annotations

import pytest

from followsync.core.history import Result, Waiting
from tests.machine.room import Room
from tests.test_answers import at, fates, settled

PROPOSAL = "Deliver proposal to Jenny to ask for the order"
CALL = "Call Jenny to talk it over – 248.867.5309"
CHECK = "Check whether Jenny has decided"
DAY = {"agreed": "01-20 10:00", "waits": "01-20 09:00"}


def standing_there(room: Room) -> list[str]:
    return [f"{item.start:%m-%d %H:%M} {item.title}" for item in room.open_items("jenny").values()]


@pytest.fixture(params=["agreed", "waits"])
def what(request: pytest.FixtureRequest, room: Room) -> str:
    """A proposal is due on Monday the 12th, and on the 20th is a call, or a check; the proposal's day is said after that."""
    room.capture("Jenny", phone="248.867.5309")
    room.cycle()
    if request.param == "agreed":
        room.promise("jenny", "Jan 20 2026 10am call to talk it over")
    else:
        room.say("jenny", Waiting(room.now, "cli", at("01-20 00:00").date()))
    room.edit("jenny", fields={"proposal_due": "2026-01-12"})
    settled(room)
    return str(request.param)


def later(what: str) -> str:
    return f"{DAY[what]} {CALL if what == 'agreed' else CHECK}"


def href_of(room: Room, title: str) -> str:
    return next(href for href, item in room.open_items("jenny").items() if item.title.startswith(title))


def test_004_1_it_stands_beside_what_is_agreed_for_a_later_day_and_comes_first(room: Room, what: str) -> None:
    assert standing_there(room) == [f"01-12 09:00 {PROPOSAL}", later(what)]
    action = room.action("jenny")
    assert action is not None
    assert action.method == "proposal"
    room.cycle(at("01-12 10:00"))
    room.server.phone_edit(href_of(room, PROPOSAL), title=f"done {PROPOSAL}")
    settled(room)
    assert standing_there(room) == [later(what)]
    assert room.log("jenny", Result.DONE) is None
    settled(room)
    assert standing_there(room)[0].endswith("Decide: Jenny")
    assert fates(room) == (["kept"] if what == "agreed" else [])


def test_what_is_overdue_rolls_on_beside_it_and_what_was_agreed_for_today_comes_first(room: Room, what: str) -> None:
    room.cycle(at("01-15 08:00"))
    assert standing_there(room) == [f"01-15 09:00 {PROPOSAL} (4th day)", later(what)]
    room.cycle(at("01-20 08:00"))
    assert later(what) in standing_there(room)
    assert any(PROPOSAL in one for one in standing_there(room))
    action = room.action("jenny")
    assert action is not None
    assert action.method == ("call" if what == "agreed" else "check")


@pytest.mark.parametrize(
    ("day", "stands"),
    [
        ("2026-01-20", ["01-20 09:00 proposal", "01-20 10:00 call"]),
        ("2026-01-21", ["01-20 10:00 call"]),
        ("2026-01-18", ["01-16 09:00 proposal", "01-20 10:00 call"]),
    ],
)
def test_on_the_same_day_both_stand_and_a_later_one_follows(room: Room, day: str, stands: list[str]) -> None:
    room.capture("Jenny", phone="248.867.5309", proposal_due=day)
    room.promise("jenny", "Jan 20 2026 10am call to talk it over")
    settled(room)
    words = {"proposal": PROPOSAL, "call": CALL}
    assert standing_there(room) == [f"{one.rpartition(' ')[0]} {words[one.rpartition(' ')[2]]}" for one in stands]
    action = room.action("jenny")
    assert action is not None
    assert action.method == ("proposal" if day == "2026-01-18" else "call"), "of one day what was agreed comes first"
    room.cycle(at("01-20 10:30"))
    room.log("jenny", Result.DONE)
    if day != "2026-01-18":
        settled(room)
        assert [one for one in standing_there(room) if one.endswith(PROPOSAL)]


def test_what_is_tried_is_tried_again_and_what_is_agreed_stands(room: Room, what: str) -> None:
    room.cycle(at("01-12 10:00"))
    room.server.phone_edit(href_of(room, PROPOSAL), title=f"x {PROPOSAL}")
    settled(room)
    stands = standing_there(room)
    assert stands[0] == f"01-13 11:00 {PROPOSAL}"
    if what == "agreed":  # a check waits behind an attempt to come until its day (see decision 70)
        assert stands[1:] == [later(what)]
    room.cycle(at("01-20 09:00"))
    assert any(one.endswith(later(what)[12:]) for one in standing_there(room))
    assert any(PROPOSAL in one for one in standing_there(room))


def test_what_is_agreed_in_it_stands_beside_what_was_agreed_before(room: Room, what: str) -> None:
    room.cycle(at("01-12 10:00"))
    room.server.phone_edit(href_of(room, PROPOSAL), title=f"> Jan 15 2026 2pm visit to sign {PROPOSAL}")
    settled(room)
    assert standing_there(room)[0].startswith("01-15 14:00 Visit Jenny")
    room.log("jenny", Result.DONE)
    settled(room)
    assert standing_there(room) == [later(what)]


def test_waiting_until_in_it_leaves_what_is_agreed(room: Room, what: str) -> None:
    room.cycle(at("01-12 10:00"))
    room.server.phone_edit(href_of(room, PROPOSAL), body="waiting until Jan 28 2026\n")
    settled(room)
    assert standing_there(room) == [later(what)]
    assert [fact for fact in room.history("jenny") if isinstance(fact, Waiting)][-1].until == at("01-28 00:00").date()


def test_deleted_beside_what_is_agreed_it_is_gone_and_put_back_it_is_to_be_done(room: Room, what: str) -> None:
    href = href_of(room, PROPOSAL)
    _, text = room.server.entries[href]
    room.server.phone_delete(href)
    room.believe()
    settled(room)
    assert standing_there(room) == [later(what)]
    room.server.store(href, text)
    settled(room)
    assert standing_there(room) == [f"01-12 09:00 {PROPOSAL}", later(what)]


def test_deleted_it_comes_back_with_another_day(room: Room, what: str) -> None:
    room.server.phone_delete(href_of(room, PROPOSAL))
    room.believe()
    room.edit("jenny", fields={"proposal_due": "2026-01-14"})
    settled(room)
    assert standing_there(room) == [f"01-14 09:00 {PROPOSAL}", later(what)]


def test_a_move_of_either_moves_that_one(room: Room, what: str) -> None:
    room.server.phone_move(href_of(room, PROPOSAL), at("01-14 15:00"))
    settled(room)
    assert standing_there(room) == [f"01-14 15:00 {PROPOSAL}", later(what)]
    room.server.phone_move(href_of(room, later(what)[12:]), at("01-22 15:00"))
    settled(room)
    assert standing_there(room) == [f"01-14 15:00 {PROPOSAL}", f"01-22 15:00 {later(what)[12:]}"]


def test_yes_in_it_closes(room: Room, what: str) -> None:
    room.server.phone_edit(href_of(room, PROPOSAL), title=f"yes {PROPOSAL}")
    settled(room)
    assert standing_there(room) == []
