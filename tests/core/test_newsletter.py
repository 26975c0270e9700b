"""The newsletter goes to who said yes; who was not asked is asked first, and who said no is sent none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.cadence import Cadence, Count, Duration, Step, Unit
from followsync.core.history import Edited, Noted, Result, Touched
from followsync.core.newsletter import ASK, QUESTION, noted, wanted
from followsync.core.records import steps_by_action
from tests.core.builders import JENNY, Life, at, day, days, rules, step, weeks

NEWS = step("news", Count.EVERY, weeks(4), "newsletter", "stay in mind")
CALL = step("call", Count.AFTER, days(3), "call", "say hello")
NOW = at("2026-01-05 11:00")


def life(*steps: Step, said: str = "", method: str = "", **more: object) -> Life:
    fields = {**JENNY.fields, **({"newsletter": said} if said else {})}
    return Life(rules(replace(Cadence("c", steps or (NEWS,), start="met"), **more)), replace(JENNY, fields=fields, method=method))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("newsletter yes", "yes"),
        ("Newsletter: NO.", "no"),
        ("- newsletter – yes!", "yes"),
        ("she laughed\nnewsletter yes\nand left", "yes"),
        ("newsletter yes\nnewsletter no", "no"),
        ("newsletter no thanks, but the price list yes", ""),
        ("did not like the newsletter no", ""),
        ("the newsletter", ""),
    ],
)
def test_what_a_note_says(text: str, expected: str) -> None:
    assert noted(text) == expected


@pytest.mark.parametrize(
    ("field", "since", "expected"),
    [("yes", "", True), ("Y", "", True), ("no", "", False), ("yes", "no", False), ("no", "yes", True), ("", "", None), ("maybe", "", None)],
)
def test_whether_they_want_it(field: str, since: str, *, expected: bool | None) -> None:
    assert wanted(field, since) is expected


def test_who_said_yes_gets_it_and_who_said_no_does_not() -> None:
    action = life(said="yes").next(NOW)
    assert (action.method, action.due, action.questions) == ("newsletter", day("02-02"), ())
    assert life(said="no").next(NOW).kind == "decide"
    assert life(NEWS, CALL, said="no").next(NOW).steps[0].step == "call"


def test_who_was_not_asked_is_asked_on_the_day_it_would_go() -> None:
    (item,) = life().items(at("2026-02-02 09:00"))
    assert item.title == "Call Jenny to ask whether they want the newsletter – 248.867.5309"
    assert QUESTION in item.body
    action = life().next(NOW)
    assert (action.due, action.questions) == (day("02-02"), (QUESTION,))
    assert action.why[-1] == "Nobody knows yet whether they want the newsletter: they are asked first."
    assert life(method="visit").next(NOW).method == "visit"
    assert life(method="newsletter").next(NOW).method == "call"


def test_after_a_yes_it_goes_and_after_a_no_nothing_does() -> None:
    for note, method in (("newsletter yes", "newsletter"), ("newsletter no", "decide")):
        here = life()
        action = here.next(at("2026-02-02 09:00"))
        assert action.purpose == ASK
        here.answer(at("2026-02-02 10:00"))
        here.add(Noted(at("2026-02-02 10:00"), "calendar:phone", note, action.id))
        after = here.next(at("2026-02-02 11:00"))
        assert (after.method, after.due) == (method, day("02-02")), note


def test_who_was_asked_and_said_nothing_is_not_asked_again_but_on_a_call() -> None:
    calls = step("call", Count.EVERY, weeks(6), "call", "say hello")
    here = life(NEWS, calls)
    here.answer(at("2026-02-02 10:00"))
    action = here.next(at("2026-02-02 11:00"))
    assert (action.purpose, action.questions) == ("say hello", (QUESTION,))


def test_no_answer_asks_again() -> None:
    here = life()
    here.answer(at("2026-02-02 10:00"), Result.ATTEMPT)
    again = here.next(at("2026-02-02 11:00"))
    assert (again.kind, again.purpose, again.questions) == ("retry", ASK, (QUESTION,))
    here.add(Noted(at("2026-02-02 12:00"), "cli", "newsletter yes"))
    after = here.next(at("2026-02-02 13:00"))
    assert (after.kind, after.method, after.questions) == ("step", "newsletter", ()), "what was to be asked is known"
    here.answer(at("2026-02-02 14:00"))
    assert here.next(at("2026-02-02 15:00")).due == day("03-02")


def test_one_that_could_not_be_sent_is_not_tried_again_after_a_no() -> None:
    here = life(said="yes")
    here.answer(at("2026-02-02 10:00"), Result.ATTEMPT)
    assert here.next(at("2026-02-02 11:00")).kind == "retry"
    here.add(Noted(at("2026-02-02 12:00"), "cli", "newsletter no"))
    assert here.next(at("2026-02-02 13:00")).kind == "decide"


@pytest.mark.parametrize(("said", "asks"), [("", True), ("yes", False), ("no", False)])
def test_a_call_asks_while_nobody_knows(said: str, *, asks: bool) -> None:
    assert (QUESTION in life(CALL, NEWS, said=said).next(NOW).questions) is asks


def test_nobody_asks_where_no_rule_sends_one_nor_in_a_mail() -> None:
    assert life(CALL).next(NOW).questions == ()
    assert life(replace(CALL, method="email"), NEWS).next(NOW).questions == ()


def test_the_last_word_counts() -> None:
    here = life(said="yes")
    here.add(Touched(at("2026-01-06 10:00"), "cli", Result.DONE, note="newsletter no"))
    assert here.next(at("2026-01-06 11:00")).kind == "decide"
    here.add(Edited(at("2026-01-07 10:00"), "cli", {"newsletter": ("no", "yes")}))
    assert here.next(at("2026-01-07 11:00")).method == "newsletter"


def test_only_the_first_of_several_becomes_the_question_and_it_merges_with_nothing() -> None:
    more = (replace(NEWS, id="more", duration=Duration(5, Unit.WEEKS)), step("ping", Count.EVERY, weeks(4), "call"))
    here = life(NEWS, *more, ahead=weeks(9), min_gap=days(7))
    assert [(str(one.due), one.purpose) for one in here.actions(NOW)] == [
        ("2026-02-02", ASK),
        ("2026-02-02", "do ping"),
        ("2026-03-02", "do ping"),
    ]


def test_what_counts_from_a_newsletter_that_is_not_sent_counts_from_where_it_would_have() -> None:
    then = step("then", Count.AFTER, weeks(1), "email", since="news")
    assert life(NEWS, then, said="no").next(NOW).base == day("01-12")


def test_a_record_of_the_question_is_known() -> None:
    here = life()
    action = here.next(NOW)
    assert steps_by_action(here.prospect, here.rules)[action.id] == action.steps[0]
