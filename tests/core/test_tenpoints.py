"""The ten points of a next action. Which action lacks which is told row by row in ``tests/test_sources.py`` (003-5); here are the edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.cadence import Count, Reason
from followsync.core.history import Dismissed, Entry, Kind, Promised, Result, Touched, Waiting
from followsync.core.item import Item
from followsync.core.prospect import Prospect
from followsync.core.tenpoints import Planned, Point, lacking
from tests.core.builders import JENNY, REP, Life, at, day, days, item, rules, step, worksheet

NOW = at("2026-01-07 09:00")
ENDLESS = rules(worksheet(), reasons=[Reason("contract_end", "contract_end", days(30), "visit", "talk before it ends")])
ONCE = rules(replace(worksheet(), steps=(step("only", Count.AFTER, days(3), "call"),)))
PROMISE = Promised(at("2026-01-06 10:00"), "cli", "call", day("01-08"), start=at("2026-01-08 14:00"), purpose="review the quote",
                   questions=("Who signs?",), they_know=False)  # fmt: skip


def lacks(*entries: Entry, prospect: Prospect = JENNY, the_rules: object = ENDLESS, stands: str = "as wanted") -> set[int]:
    life = Life(the_rules, prospect).add(*entries)  # type: ignore[arg-type]  # rules
    placed = life.placed(NOW)[0]
    shown: Item = item(placed, prospect, life.standing, life.rules, NOW)
    entry = {"as wanted": (shown,), "nowhere": (), "a day only": (replace(shown, all_day=True),),
             "both": (replace(shown, all_day=True), shown)}[stands]  # fmt: skip
    return {lack.point.value for lack in lacking(Planned(prospect, life.history, placed, entry, life.rules, REP))}


def test_a_promise_with_everything_lacks_nothing_and_that_they_do_not_know_why_is_known_too() -> None:
    assert lacks(PROMISE) == set()


def test_a_question_to_the_rep_lacks_what_a_plan_is_made_of() -> None:
    nobody = replace(JENNY, stage="")
    assert lacks(prospect=nobody) == {1, 3, 4, 5, 6, 7, 8, 10}
    deleted = Dismissed(at("2026-01-06 10:00"), "calendar:phone", "x", Kind.STEP, "Call Jenny")
    assert lacks(deleted) >= {3, 4, 5, 6}, "drop, or when? is a question too"


def test_waiting_for_them_says_no_method() -> None:
    assert lacks(Waiting(at("2026-01-06 10:00"), "cli", day("01-08"))) == {3, 7, 8}


@pytest.mark.parametrize(("stands", "lacking_points"), [("as wanted", set()), ("nowhere", {2}), ("a day only", {5}), ("both", set())])
def test_where_it_stands_says_whether_it_has_an_hour(stands: str, lacking_points: set[int]) -> None:
    assert lacks(PROMISE, stands=stands) == lacking_points


@pytest.mark.parametrize(
    ("touches", "moving"),
    [
        pytest.param([], True, id="nobody was reached yet"),
        pytest.param([(Result.ATTEMPT, {})], True, id="nobody was there"),
        pytest.param([(Result.DONE, {})], False, id="done, and nothing said"),
        pytest.param([(Result.DONE, {"progress": "no"})], True, id="said that it did not"),
        pytest.param([(Result.NEXT, {})], True, id="an agreement is a move"),
        pytest.param([(Result.DONE, {"progress": "yes"}), (Result.DONE, {})], False, id="the last one counts"),
        pytest.param([(Result.DONE, {}), (Result.ATTEMPT, {})], False, id="an attempt after it changes nothing"),
    ],
)
def test_the_last_touch_says_whether_it_moved_forward(touches: list[tuple[Result, dict[str, str]]], moving: bool) -> None:
    told = [Touched(at(f"2026-01-06 0{8 + n}:00"), "cli", result, method="call", recap=recap) for n, (result, recap) in enumerate(touches)]
    assert (Point.MOVING.value not in lacks(*told, PROMISE)) is moving
    ticked = Touched(at("2026-01-06 09:59"), "cli", Result.DONE, kind=Kind.DECIDE, method="decide")
    assert (Point.MOVING.value not in lacks(*told, ticked, PROMISE)) is moving, "ticking a question reaches nobody"


def test_what_follows_is_known_by_a_rule_or_by_the_step_that_would_close_it() -> None:
    assert lacks(PROMISE, the_rules=ENDLESS) == set()
    far = replace(PROMISE, day=day("02-08"), start=at("2026-02-08 14:00"))
    assert lacks(far, the_rules=ONCE) == {10}, "the only step is replaced by it, and nothing comes behind"
    assert lacks(far, the_rules=ONCE, prospect=replace(JENNY, fields={**JENNY.fields, "close_step": "a trial"})) == set()


def test_a_reason_is_a_rule() -> None:
    waits = replace(JENNY, stage="", reason="contract_end", fields={"contract_end": "2026-05-31"})
    assert 1 not in lacks(PROMISE, prospect=waits)
    assert 1 in lacks(PROMISE, prospect=replace(waits, reason="budget"))


def test_a_step_takes_what_was_said_of_the_prospect() -> None:
    assert {7, 8} <= lacks()
    known = replace(JENNY, email="jenny@example.org", fields={**JENNY.fields, "they_know": "yes", "questions": "Who signs?"})
    assert lacks(prospect=known) == set()
    assert lacks(prospect=replace(known, email="")) == {3}, "an e-mail needs an address; the phone number is none"
