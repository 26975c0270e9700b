"""History folded: every kind of fact, and which of them settles what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.history import (
    Captured,
    Dismissed,
    Edited,
    Entry,
    Kind,
    Moved,
    Noted,
    Promised,
    Restored,
    Result,
    StepRef,
    Touched,
    Unclear,
    Waiting,
)
from followsync.core.identity import action_id
from followsync.core.standing import Standing, standing
from tests.core.builders import JENNY, at, captured, day

T = at("2026-01-06 10:00")
STEP = StepRef("c", "one")
PROMISED = Promised(T, "cli", "call", day("01-08"))
WAITING = Waiting(T, "cli", day("01-09"))
DELETED = Dismissed(T, "calendar:phone", "old", Kind.STEP, "t", (STEP,))


def touched(result: Result = Result.DONE, action: str = "old", kind: Kind = Kind.STEP, *steps: StepRef, note: str = "") -> Touched:
    return Touched(T, "cli", result, action, kind, steps=steps, note=note)


TRIED = touched(Result.ATTEMPT, "old", Kind.STEP, STEP)


def fold(*entries: Entry) -> Standing:
    return standing(JENNY, (captured(), *entries))


def open_of(where: Standing) -> str:
    named = {"promise": where.promise, "waiting": where.waiting, "question": where.question, "retry": where.retry}
    return " ".join(name for name, entry in named.items() if entry is not None)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], ""),
        ([PROMISED], "promise"),
        ([PROMISED, WAITING], "waiting"),
        ([WAITING, PROMISED], "promise"),
        ([DELETED], "question"),
        ([DELETED, PROMISED], "promise"),
        ([TRIED], "retry"),
        ([TRIED, PROMISED], "promise"),
        ([TRIED, DELETED], "question"),
        ([touched()], ""),
        ([PROMISED, Edited(T, "cli"), Noted(T, "cli", "n"), Unclear(T, "cli", "u"), Moved(T, "cli", "a", T, T)], "promise"),
        ([PROMISED, touched(action="")], ""),
        # an entry from before was answered or deleted after all: what was agreed since stands
        ([PROMISED, touched(action="stale")], "promise"),
        ([PROMISED, touched(Result.ATTEMPT, "stale")], "promise"),
        ([PROMISED, replace(DELETED, action="stale")], "promise"),
        ([WAITING, touched(action="stale")], "waiting"),
        ([WAITING, replace(DELETED, action="stale")], "waiting"),
        ([DELETED, touched(action="stale")], "question"),
        ([TRIED, touched(Result.DONE, "other", Kind.STEP, StepRef("c", "two"))], "retry"),
        ([TRIED, touched(Result.DONE, "other", Kind.STEP, STEP)], ""),
        ([PROMISED, touched(Result.YES, "stale")], ""),
        ([DELETED, touched(Result.ATTEMPT, "q", Kind.DECIDE)], "question"),
        ([DELETED, touched(Result.DONE, "q", Kind.DECIDE)], "question"),
        ([DELETED, touched(Result.NO, "q", Kind.DECIDE)], ""),
    ],
)
def test_what_is_open(entries: list[Entry], expected: str) -> None:
    assert open_of(fold(*entries)) == expected


@pytest.mark.parametrize("opener", [PROMISED, WAITING, DELETED, TRIED])
def test_its_own_answer_settles_it(opener: Entry) -> None:
    where = fold(opener)
    assert where.opened
    assert open_of(fold(opener, touched(action=where.opened))) == ""


def test_what_was_open_has_a_new_identity_each_time() -> None:
    ids = [fold(*[PROMISED] * number).opened for number in range(1, 5)]
    assert len(set(ids)) == 4


def test_an_identity_does_not_depend_on_the_zone_a_moment_is_told_in() -> None:
    assert fold(PROMISED).opened == fold(replace(PROMISED, at=T.astimezone(UTC))).opened


def test_what_was_put_back_and_is_deleted_again_is_asked_about_anew_once_the_question_was_answered() -> None:
    first = fold(DELETED).opened
    ticked = touched(Result.DONE, first, Kind.DECIDE)
    again = fold(DELETED, ticked, Restored(T, "calendar:phone", "old"), DELETED)
    assert (open_of(again), again.opened in again.answered) == ("question", False)
    assert fold(DELETED, Restored(T, "calendar:phone", "old"), DELETED).opened == first, "nobody answered that one"


@pytest.mark.parametrize(
    ("entries", "attempts"),
    [
        ([TRIED] * 3, 3),
        ([TRIED, touched()], 0),
        ([TRIED, TRIED, PROMISED], 0),
        ([TRIED, Noted(T, "cli", "n")], 1),
        ([TRIED, touched(Result.DONE, "other", Kind.STEP, StepRef("c", "two"))], 1),
    ],
)
def test_attempts_in_a_row(entries: list[Entry], attempts: int) -> None:
    assert fold(*entries).attempts == attempts


LEFT = replace(TRIED, recap={"attempt": "left message"})
LEARNED = Edited(T, "cli", {"learned": ("", "two ovens")})


@pytest.mark.parametrize(
    ("entries", "neutral"),
    [
        ([TRIED, touched(), LEFT, touched()], 4),
        ([TRIED, touched(), touched(note="she likes it"), TRIED], 1),
        ([TRIED, touched(), Noted(T, "cli", "she is back in May"), TRIED], 1),
        ([TRIED, TRIED, replace(touched(), recap={"objection": "price"})], 0),
        ([TRIED, TRIED, LEARNED, TRIED], 1),
        ([TRIED, TRIED, Edited(T, "cli", {"phone": ("", "1")}), TRIED], 3),
        ([TRIED, TRIED, PROMISED, TRIED], 1),
        ([TRIED, TRIED, WAITING], 0),
        ([TRIED, TRIED, touched(Result.NEXT), PROMISED], 0),
        ([TRIED, TRIED, touched(Result.DONE, "q", Kind.DECIDE)], 2),  # ticking a question touches nobody
        ([TRIED, TRIED, Moved(T, "cli", "a", T, T), Unclear(T, "cli", "u"), TRIED], 3),
    ],
)
def test_touches_in_a_row_that_brought_nothing(entries: list[Entry], neutral: int) -> None:
    assert fold(*each_of_its_own(entries)).neutral == neutral


def each_of_its_own(entries: list[Entry]) -> list[Entry]:
    """Touches of several actions: a second one of the same would put the first right."""
    return [replace(one, action=f"{one.action} {number}") if isinstance(one, Touched) else one for number, one in enumerate(entries)]


def test_tries_are_when_it_was_tried() -> None:
    earlier, later = T - timedelta(hours=2), T + timedelta(hours=2)
    where = fold(*each_of_its_own([replace(TRIED, start=earlier), replace(TRIED, start=later), TRIED]))
    assert (where.tries, where.attempts) == ((earlier, T, T), 3)
    assert fold(TRIED, touched()).tries == ()


def test_an_attempt_touches_no_step_and_is_no_contact() -> None:
    where = fold(TRIED)
    assert (dict(where.touched), where.last_contact, where.last_touch) == ({}, None, T)
    where = fold(touched(Result.DONE, "a", Kind.STEP, STEP))
    assert (list(where.touched), where.last_contact) == ([STEP], T)


def test_a_stale_tick_still_counts_as_done() -> None:
    where = fold(PROMISED, touched(Result.DONE, "stale", Kind.STEP, STEP))
    assert list(where.touched) == [STEP]
    assert where.promise == PROMISED
    assert where.last_contact == T


def test_tried_together_nothing_is_dropped() -> None:
    two = replace(touched(Result.ATTEMPT, "b", Kind.STEP, StepRef("c", "two")), purpose="two", agenda=("x", "y"))
    where = fold(replace(TRIED, purpose="one", agenda=("x",)), two)
    assert where.retry is not None
    assert (where.retry.purpose, where.retry.agenda) == ("one and two", ("x", "y"))
    assert where.retry.steps == (STEP, StepRef("c", "two"))
    again = fold(replace(TRIED, purpose="one"), two, replace(where.retry, action=where.opened))
    assert again.retry is not None
    assert again.retry.purpose == "one and two"


def test_notes_and_what_was_not_understood() -> None:
    unclear = Unclear(T, "cli", "sometime", "old")
    where = fold(Noted(T, "cli", "one"), touched(note="two"), Noted(T, "cli", ""), unclear)
    assert (where.notes, where.unclear) == (("one", "two"), unclear)
    assert fold(unclear, touched()).unclear is None
    assert fold(unclear, touched()).asking == ""


def test_the_question_what_was_meant_stands_beside_what_is_open() -> None:
    unclear = Unclear(T, "cli", "sometime", "old")
    where = fold(PROMISED, unclear)
    assert (open_of(where), where.unclear, bool(where.asking)) == ("promise", unclear, True)
    ticked = touched(Result.DONE, where.asking, Kind.DECIDE)
    again = fold(PROMISED, unclear, ticked)
    assert (open_of(again), again.opened) == ("promise", where.opened)
    assert again.asking not in ("", where.asking), "it comes again, as another entry"
    deleted = Dismissed(T, "calendar:phone", where.asking, Kind.DECIDE)
    assert (open_of(fold(PROMISED, unclear, deleted)), fold(PROMISED, unclear, deleted).asking) == ("promise", "")
    meant = fold(PROMISED, unclear, touched(Result.NEXT, where.asking, Kind.DECIDE), replace(PROMISED, day=day("01-09")))
    assert (meant.promise and meant.promise.day, meant.asking) == (day("01-09"), "")


def test_an_answer_that_is_put_right_holds_instead_of_the_first() -> None:
    done = touched(Result.DONE, "old", Kind.STEP, STEP)
    where = fold(done, replace(TRIED, at=T))
    assert where == fold(TRIED)
    assert open_of(fold(TRIED, done)) == ""


def test_captured_once() -> None:
    assert fold(Captured(T, "cli")).captured == at("2026-01-05 10:00")
    assert standing(JENNY, ()) == Standing()


def test_the_same_key_is_the_same_action() -> None:
    assert action_id("jenny", "step", "c", "one", 0) == action_id("jenny", "step", "c", "one", 0)
    assert len({action_id("jenny", "a", "bc"), action_id("jenny", "ab", "c"), action_id("joe", "a", "bc"), action_id("jenny", "abc")}) == 4


entries = st.sampled_from(
    [
        PROMISED,
        WAITING,
        DELETED,
        TRIED,
        touched(),
        touched(Result.NEXT),
        touched(Result.DONE, "q", Kind.DECIDE),
        Noted(T, "cli", "n"),
        Unclear(T, "cli", "u"),
        Edited(T, "cli"),
        Moved(T, "cli", "a", T, T),
    ]
)


@settings(max_examples=100)
@given(st.lists(entries, max_size=12), st.sampled_from([Result.YES, Result.NO]), st.lists(entries, max_size=5))
def test_only_yes_and_no_close_and_closed_stays_closed(before: list[Entry], result: Result, after: list[Entry]) -> None:
    where = fold(*before)
    assert where.outcome is None
    assert len(open_of(where).split()) <= 1
    assert bool(where.opened) == bool(open_of(where))
    assert fold(*before, touched(result), *after).outcome is result


def test_what_is_asked_in_between_takes_no_agreement_with_it() -> None:
    later = Promised(T, "calendar:phone", "visit", day("01-09"))
    which = Unclear(T, "calendar:phone", "call; visit", "entry", either=("call", "visit"), others=(later,))
    asked = fold(PROMISED, which, Unclear(T, "calendar:phone", "sometime", "entry"))
    assert (asked.unclear and asked.unclear.text, list(asked.others.values())) == ("sometime", [later])
    taken_back = fold(PROMISED, which, Unclear(T, "calendar:phone", "sometime", "entry"), Unclear(T, "calendar:phone", "", "entry"))
    assert (taken_back.unclear and taken_back.unclear.text, list(taken_back.others.values())) == ("call; visit", [later])


# ---- several things that are open --------------------------------------------------------------------------------------------------


LATER_ON = T + timedelta(days=1)
VISIT = Promised(T, "cli", "visit", day("01-09"))
BOTH = (PROMISED, Unclear(T, "cli", "a; b", "typed", either=("a", "b"), others=(VISIT,)))
BEHIND = action_id(JENNY.id, "other", "visit", VISIT.day, None, "")


def said(entry: Entry, hours: int = 0) -> Entry:
    return replace(entry, at=LATER_ON + timedelta(hours=hours))


def test_a_check_settles_what_it_was_told_of_and_waits_behind_the_rest() -> None:
    where = fold(*BOTH, said(touched(action=BEHIND)), said(WAITING))
    assert (where.promise, where.waiting, list(where.checks.values())) == (PROMISED, None, [said(WAITING)])
    (check,) = where.checks
    assert check == action_id(JENNY.id, "check", BEHIND, WAITING.until)
    after = fold(*BOTH, said(touched(action=BEHIND)), said(WAITING), said(touched(action=where.opened), 1))
    assert (open_of(after), after.opened, dict(after.checks)) == ("waiting", check, {}), "its entry would be the same"


def test_a_check_told_at_another_moment_is_about_all_of_it() -> None:
    where = fold(*BOTH, said(touched(action=BEHIND)), said(WAITING, 1))
    assert (open_of(where), dict(where.checks)) == ("waiting", {})


@pytest.mark.parametrize("result", [Result.YES, Result.NO])
def test_a_closed_prospect_is_checked_no_more(result: Result) -> None:
    where = fold(*BOTH, said(touched(action=BEHIND)), said(WAITING), said(touched(result, ""), 1))
    assert (open_of(where), dict(where.checks)) == ("", {})


def test_two_checks_take_their_turns_by_their_days() -> None:
    first = fold(*BOTH).opened
    sooner = replace(WAITING, until=day("01-08"))
    where = fold(*BOTH, said(touched(action=BEHIND)), said(WAITING), said(touched(action=first), 1), said(sooner, 1))
    assert (where.waiting, [one.until for one in where.waits.values()]) == (said(sooner, 1), [day("01-08"), day("01-09")])
    check = where.opened
    done = (said(touched(action=first), 1), said(sooner, 1), said(touched(action=check), 2))
    assert fold(*BOTH, said(touched(action=BEHIND)), said(WAITING), *done).waiting == said(WAITING)


@pytest.mark.parametrize(
    ("entry", "asked"),
    [
        (touched(action="another"), True),
        (touched(Result.ATTEMPT, "another"), True),
        (Dismissed(T, "cli", "another"), True),
        (touched(action="typed"), False),
        (touched(Result.NO, "another"), False),
        (Dismissed(T, "cli", "typed"), False),
        (PROMISED, False),
        (WAITING, False),
        (Unclear(T, "cli", "", "typed"), False),
    ],
)
def test_a_question_stands_until_it_is_answered(entry: Entry, asked: bool) -> None:
    where = fold(Unclear(T, "cli", "sometime", "typed"), said(entry))
    assert (where.unclear is not None, bool(where.asking)) == (asked, asked)


def test_questions_about_two_entries_are_asked_one_after_the_other() -> None:
    first, second = Unclear(T, "cli", "sometime", "one"), Unclear(T, "cli", "whenever", "two")
    assert fold(first, second).unclear == second
    assert fold(first, second, said(touched(action="two"))).unclear == first
    assert fold(first, second, said(touched(action="one"))).unclear == second
    assert fold(first, second, said(touched(action="one")), said(touched(action="two"))).unclear is None
    assert fold(first, second, Dismissed(T, "cli", fold(first, second).asking)).unclear == first
    assert fold(first, replace(second, action="one")).unclear == replace(second, action="one"), "said better in the same entry"
