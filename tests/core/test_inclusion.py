"""Those who decide but were absent: each reached alone, by what is known of them; the others by notes to forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from followsync.core.cadence import Cadence, Count, Step
from followsync.core.history import Dismissed, Kind, Result, StepRef, Touched
from followsync.core.inclusion import NOTES
from followsync.core.prospect import Prospect, Stakeholder
from followsync.core.records import steps_by_action
from followsync.core.told import told_of
from tests.core.builders import Life, at, day, days, rules, step, weeks

BOB = Stakeholder("Bob Lee", "CFO", False, "248.555.0101")
ANN = Stakeholder("Ann Roe", "COO", False, "ann@example.org")
CY, DEE, EVE = Stakeholder("Cy Poe", "chef"), Stakeholder("Dee", "", False), Stakeholder("Eve", "buyer", False)
DINER = Prospect(
    "diner", "dana", "Joe's Diner", "Joe", "owner", "248.555.0100", "joe@example.org", "1 Main St", stage="new", stakeholders=(BOB, ANN, CY)
)
REACH = step("reach", Count.AFTER, days(1), "call", "set a meeting", to="absent deciders")


def life(*people: Stakeholder, reach: Step = REACH, then: Step | None = None, **more: object) -> Life:
    steps = (reach, then) if then else (reach,)
    return Life(rules(replace(Cadence("c", steps), **more)), replace(DINER, stakeholders=people))


def titles(here: Life, now: datetime) -> list[str]:
    """In the order in which they are to be done; several of one day may stand at other hours."""
    order = [one.id for one in here.actions(now)]
    return [item.title for item in sorted(here.items(now), key=lambda item: order.index(item.action))]


def test_each_one_with_an_address_has_an_action_of_their_own_the_others_notes() -> None:
    here = life(BOB, ANN, CY, DEE, EVE, ahead=days(2))
    now = at("2026-01-05 11:00")
    assert titles(here, now) == [
        "Call Bob Lee to set a meeting – 248.555.0101",
        "Email Ann Roe to set a meeting – ann@example.org",
        "Write 2 notes for Joe to forward – 248.555.0100",
    ]
    actions = here.actions(now)
    assert len({one.id for one in actions}) == 3
    assert {one.kind for one in actions} == {Kind.INCLUDE}
    assert [one.agenda for one in actions] == [("Bob Lee, CFO, 248.555.0101",), ("Ann Roe, COO, ann@example.org",), ("Dee", "Eve, buyer")]
    assert "Email instead of call: their address allows no call." in actions[1].why


def test_one_is_the_next_action_and_the_others_come_after_it() -> None:
    here = life(BOB, ANN, DEE)
    seen = []
    now = at("2026-01-06 11:00")
    for _ in range(3):
        (action,) = here.actions(now)
        seen.append(str(action.due))
        seen += titles(here, now)
        here.answer(now)
    assert seen == [
        *("2026-01-06", "Call Bob Lee to set a meeting – 248.555.0101"),
        *("2026-01-06", "Email Ann Roe to set a meeting – ann@example.org"),
        *("2026-01-06", "Write 1 note for Joe to forward – 248.555.0100"),
    ]
    assert here.next(now).kind is Kind.DECIDE, "nobody is left"


def test_the_entry_has_their_number_and_no_other_one() -> None:
    (item,) = life(BOB, ANN).items(at("2026-01-06 09:00"))
    assert item.body.startswith("248.555.0101 · tel:")
    assert "joe@example.org" not in item.body.partition("WHAT WE KNOW")[0]
    assert "Joe's Diner – Bob Lee, CFO" in item.body
    assert "Main contact: Joe, owner, 248.555.0100, joe@example.org" in item.body
    (item,) = life(ANN).items(at("2026-01-06 09:00"))
    assert (item.url, item.body.startswith("ann@example.org\n")) == ("mailto:ann@example.org", True)


@pytest.mark.parametrize(
    "prospect",
    [
        replace(DINER, stakeholders=(BOB,)),
        replace(DINER, person="", role="", stakeholders=(BOB,)),
        replace(DINER, role="owner, cook", email="", stakeholders=(BOB, ANN)),
    ],
)
def test_a_store_that_was_lost_does_not_take_them_for_the_prospects_own_person(prospect: Prospect) -> None:
    (item,) = Life(rules(Cadence("c", (REACH,))), prospect).items(at("2026-01-06 09:00"))
    assert told_of(item, "dana").prospect == prospect


@pytest.mark.parametrize(
    ("method", "address", "by"),
    [
        ("call", "248.555.0101", "call"),
        ("call", "+1 (248) 555-0101 x12", "call"),
        ("call", "ann@example.org", "email"),
        ("call", "12 Oak St, Flint", "letter"),
        ("email", "ann@example.org", "email"),
        ("email", "2485550101", "call"),
        ("visit", "ann@example.org", "visit"),
        ("letter", "248.555.0101", "letter"),
        ("gift", "12 Oak St, Flint", "gift"),
        ("carrier pigeon", "248.555.0101", "carrier pigeon"),
    ],
)
def test_the_method_is_the_one_that_their_address_allows(method: str, address: str, by: str) -> None:
    here = life(replace(BOB, address=address), reach=replace(REACH, method=method))
    assert here.next(at("2026-01-05 11:00")).method == by


def test_a_visit_goes_to_the_business_and_a_letter_to_their_own_address() -> None:
    (item,) = life(BOB, reach=replace(REACH, method="visit")).items(at("2026-01-05 11:00"))
    assert (item.title, item.location) == ("Visit Bob Lee to set a meeting", "1 Main St")
    (item,) = life(replace(BOB, address="12 Oak St"), reach=replace(REACH, method="letter")).items(at("2026-01-05 11:00"))
    assert item.location == "12 Oak St"


def test_whoever_did_not_answer_is_tried_again_alone() -> None:
    here = life(BOB, ANN)
    here.answer(at("2026-01-06 11:00"), Result.ATTEMPT)
    now = at("2026-01-06 12:00")
    assert titles(here, now) == ["Email Ann Roe to set a meeting – ann@example.org"], "she is due before Bob's next try"
    here.answer(now)
    assert here.next(now).kind is Kind.RETRY
    assert titles(here, now) == ["Call Bob Lee to set a meeting – 248.555.0101"]
    here.answer(at("2026-01-08 11:00"))
    assert here.next(at("2026-01-08 12:00")).kind is Kind.DECIDE


def test_two_who_did_not_answer_are_tried_together() -> None:
    here = life(BOB, replace(ANN, address="248.555.0102"))
    for _ in range(2):
        here.answer(at("2026-01-06 11:00"), Result.ATTEMPT)
    now = at("2026-01-06 12:00")
    assert titles(here, now) == ["Call Bob Lee and Ann Roe to set a meeting – 248.555.0101 / 248.555.0102"]
    assert here.next(now).agenda == ("Bob Lee, CFO, 248.555.0101", "Ann Roe, COO, 248.555.0102")


def test_notes_that_could_not_be_written_are_notes_again() -> None:
    here = life(DEE, EVE, reach=replace(REACH, method="letter"))
    here.answer(at("2026-01-06 11:00"), Result.ATTEMPT)
    assert titles(here, at("2026-01-06 12:00")) == ["Write 2 notes for Joe to forward"]


def test_a_deleted_entry_is_asked_about_and_the_others_are_not_lost() -> None:
    here = life(BOB, ANN)
    gone = here.next(at("2026-01-06 11:00"))
    here.add(Dismissed(at("2026-01-06 11:00"), "calendar:phone", gone.id, gone.kind, "Call Bob Lee", gone.steps))
    assert here.next(at("2026-01-06 12:00")).purpose == "drop, or when?"
    here.answer(at("2026-01-07 11:00"), Result.DONE, replace(here.next(at("2026-01-07 10:00")), kind=Kind.STEP))
    assert titles(here, at("2026-01-07 12:00")) == ["Call Bob Lee to set a meeting – 248.555.0101"]
    assert here.next(at("2026-01-07 12:00")).id != gone.id


def test_what_counts_from_it_counts_from_the_first_one_and_nobody_who_is_added_moves_it() -> None:
    here = life(BOB, ANN, then=step("then", Count.AFTER, weeks(1), since="reach"), ahead=weeks(2))

    def then(now: datetime) -> list[str]:
        return [str(one.base) for one in here.actions(now) if one.steps[0].step == "then"]

    assert then(at("2026-01-05 11:00")) == ["2026-01-13"]
    here.answer(at("2026-01-08 11:00"))
    assert then(at("2026-01-08 12:00")) == ["2026-01-15"]
    here.answer(at("2026-01-09 11:00"))
    here.prospect = replace(here.prospect, stakeholders=(BOB, ANN, replace(BOB, name="Gil", address="248.555.0103")))
    assert then(at("2026-01-09 12:00")) == ["2026-01-15"]
    assert "Call Gil to set a meeting – 248.555.0103" in titles(here, at("2026-01-09 12:00"))


def test_a_stream_reaches_each_of_them_at_each_turn() -> None:
    here = life(BOB, ANN, reach=step("reach", Count.EVERY, weeks(2), "call", "set a meeting", to="absent deciders"))
    seen = []
    for now in ("01-19", "01-20", "02-02", "02-03"):
        action = here.answer(at(f"2026-{now} 11:00"))
        seen.append((action.base, action.steps[0].turn, action.steps[0].who))
    assert seen == [
        (day("01-19"), 1, "bob lee"),
        (day("01-19"), 1, "ann roe"),
        (day("02-02"), 2, "bob lee"),
        (day("02-02"), 2, "ann roe"),
    ]


@pytest.mark.parametrize("count", [Count.AFTER, Count.EVERY])
def test_counted_from_the_last_contact_the_first_of_them_moves_nobody(count: Count) -> None:
    here = life(BOB, ANN, reach=replace(REACH, count=count, duration=weeks(1), since="last"))
    here.add(Touched(at("2026-01-06 11:00"), "cli", Result.DONE))
    assert here.answer(at("2026-01-13 11:00")).base == day("01-13")
    action = here.next(at("2026-01-13 12:00"))
    assert (action.steps[0].who, action.due) == ("ann roe", day("01-13"))


def test_streams_to_others_merge_with_nothing() -> None:
    each = weeks(2)
    steps = (
        step("reach", Count.EVERY, each, "call", "set a meeting", to="absent deciders"),
        step("ping", Count.EVERY, each, "call", "say hello"),
        step("mail", Count.EVERY, each, "email", "send news"),
    )
    here = Life(rules(Cadence("c", steps, min_gap=days(7), ahead=weeks(3))), replace(DINER, stakeholders=(BOB,)))
    assert [one.purpose for one in here.actions(at("2026-01-05 11:00"))] == ["set a meeting", "say hello and send news"]


def test_two_of_one_name_are_two() -> None:
    here = life(BOB, replace(BOB, role="his son", address="248.555.0109"), ahead=days(2))
    now = at("2026-01-05 11:00")
    assert [one.steps[0].who for one in here.actions(now)] == ["bob lee", "bob lee 2"]
    assert titles(here, now) == ["Call Bob Lee to set a meeting – 248.555.0101", "Call Bob Lee to set a meeting – 248.555.0109"]


def test_whoever_was_there_since_is_reached_no_more() -> None:
    here = life(BOB, ANN)
    here.prospect = replace(here.prospect, stakeholders=(replace(BOB, present=True), ANN))
    assert titles(here, at("2026-01-06 11:00")) == ["Email Ann Roe to set a meeting – ann@example.org"]


def test_an_older_history_told_all_of_them_as_one() -> None:
    here = life(BOB, ANN)
    here.add(
        Touched(at("2026-01-06 11:00"), "cli", Result.DONE, "x", Kind.INCLUDE, "call", "set a meeting", steps=(StepRef("c", "reach"),))
    )
    assert here.next(at("2026-01-06 12:00")).kind is Kind.DECIDE


def test_a_record_of_ours_tells_whom_it_reached() -> None:
    here = life(BOB, DEE, ahead=days(2))
    known = steps_by_action(here.prospect, here.rules)
    assert [known[one.id] for one in here.actions(at("2026-01-05 11:00"))] == [
        StepRef("c", "reach", 0, "bob lee"),
        StepRef("c", "reach", 0, NOTES),
    ]
