"""``if``: what a step does after the outcome of the step before, and after the attempts at it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from followsync.core.cadence import Cadence, Count, Retry, Step
from followsync.core.history import Kind, Result
from tests.core import builders as b
from tests.core.builders import Life, at, day, days, rules, step, weeks

CALL, MAIL, ASK = "retry:call", "step:mail", "decide"
SAID = {"x": "", "m": "left message", "v": "voicemail"}
AT_ONCE = step("mail", Count.AFTER, days(0), "email", since="call")


def life(*steps: Step, **more: object) -> Life:
    return Life(rules(replace(Cadence("s", (step("call", Count.AFTER, days(1)), *steps)), **more)))


def answered(here: Life, letter: str, now: datetime) -> None:
    action = here.next(now)
    recap = {"attempt": SAID[letter]} if SAID.get(letter) else {}
    here.add(replace(b.touched(action, Result.DONE if letter == "d" else Result.ATTEMPT, now, "cli"), recap=recap))


def lived(told: str, here: Life) -> list[str]:
    """What is next after each of these answers, one a day from the day the call is due: x, m and v as in SAID, d for done."""
    now, seen = at("2026-01-06 10:00"), []
    for letter in told:
        answered(here, letter, now)
        after = here.next(now)
        seen.append(f"{after.kind}:{after.steps[0].step}" if after.steps else str(after.kind))
        now += timedelta(days=1)
    return seen


@pytest.mark.parametrize(
    ("told", "when", "tries", "seen"),
    [
        ("xxmdd", ("left message",), 0, [CALL, CALL, MAIL, CALL, ASK]),
        ("xvd", ("left message",), 0, [CALL, MAIL, CALL]),
        ("mmxd", ("no answer",), 0, [CALL, CALL, MAIL, CALL]),
        ("xd", ("attempt",), 0, [MAIL, CALL]),
        ("md", ("attempt",), 0, [MAIL, CALL]),
        ("xxxd", (), 3, [CALL, CALL, MAIL, CALL]),
        ("xmd", (), 2, [CALL, MAIL, CALL]),
        ("xxd", (), 3, [CALL, CALL, ASK]),  # the call was answered: nothing is to be sent instead
        ("xmd", ("left message",), 3, [CALL, MAIL, CALL]),  # whichever comes first
        ("d", ("attempt",), 1, [ASK]),
        ("d", ("done",), 3, [MAIL]),
        ("xxxdxxd", (), 3, [CALL, CALL, MAIL, CALL, CALL, CALL, ASK]),  # once
    ],
)
def test_if_tells_attempts_apart_and_counts_them(told: str, when: tuple[str, ...], tries: int, seen: list[str]) -> None:
    """The mail is sent at once; the tries to call go on beside it."""
    assert lived(told, life(replace(AT_ONCE, when=when, tries=tries))) == seen


@pytest.mark.parametrize("since", ["previous", "call"])
@pytest.mark.parametrize("now", ["2026-01-07 11:00", "2026-01-13 11:00", "2026-02-13 11:00"])
def test_a_branch_counts_from_the_attempt_that_opened_it_and_stays_while_it_is_late(since: str, now: str) -> None:
    here = life(replace(AT_ONCE, duration=days(3), since=since, when=("left message",)), ahead=days(30))
    lived("xm", here)
    (found,) = [one for one in here.actions(at(now)) if one.kind is Kind.STEP]
    assert (found.base, found.due) == (day("01-10"), day("01-12"))
    assert "3 days after the attempt at call 2026-01-07" in found.why[0]


def test_the_limit_of_the_tries_asks_nobody_who_said_what_follows() -> None:
    after_two = replace(AT_ONCE, duration=days(1), tries=2)
    assert lived("xxd", life(after_two, retry=Retry(limit=2))) == [CALL, MAIL, ASK]
    assert lived("xx", life(replace(after_two, tries=3), retry=Retry(limit=2))) == [CALL, ASK]


def test_who_was_reached_begins_to_count_attempts_anew() -> None:
    stream = step("stream", Count.EVERY, weeks(1))
    here = Life(rules(Cadence("s", (stream, replace(AT_ONCE, since="stream", tries=2)))))
    here.answer(at("2026-01-12 10:00"), Result.ATTEMPT)
    here.answer(at("2026-01-13 10:00"))
    here.answer(at("2026-01-19 10:00"), Result.ATTEMPT)
    assert here.next(at("2026-01-19 11:00")).kind is Kind.RETRY


def test_an_attempt_at_something_else_opens_nothing() -> None:
    other = step("other", Count.AFTER, days(2), "visit")
    here = life(replace(AT_ONCE, tries=1), other, ahead=days(9))
    now = at("2026-01-06 10:00")
    here.answer(now, Result.ATTEMPT, next(one for one in here.actions(now) if one.method == "visit"))
    assert [one.steps[0].step for one in here.actions(now)] == ["call", "other"]


def test_a_branch_that_is_still_ahead_goes_when_the_step_is_done_after_all() -> None:
    here = life(replace(AT_ONCE, duration=days(9), when=("attempt",)), ahead=days(30))
    lived("x", here)
    assert [one.method for one in here.actions(at("2026-01-06 11:00"))] == ["call", "email"]
    here.answer(at("2026-01-07 10:00"))
    assert here.next(at("2026-01-07 11:00")).kind is Kind.DECIDE


def test_at_the_limit_only_what_the_attempts_led_to_goes_before_the_question() -> None:
    later = step("later", Count.AFTER, days(9), "visit", since="call", when=("done",))
    here = life(later, step("other", Count.AFTER, days(2), "email"), retry=Retry(limit=1))
    assert lived("dx", here) == ["step:other", ASK]


def told(here: Life, letters: str, start: str = "2026-01-06 10:00") -> list[tuple[str, str, str, int]]:
    """What is next after each answer (as in SAID), given at ten of the day that it is due: kind, step, day and attempt."""
    now, seen = at(start), []
    for letter in letters:
        answered(here, letter, now)
        after = here.next(now + timedelta(minutes=20))
        seen.append((str(after.kind), after.steps[0].step if after.steps else "", f"{after.due:%m-%d}", after.attempt))
        now = max(now + timedelta(minutes=20), datetime.combine(after.due, now.timetz()))
    return seen


def test_a_branch_that_nobody_answered_takes_turns_with_the_step_that_it_came_from() -> None:
    """An e-mail without an answer does not end the calls; neither says the other's purpose."""
    here = life(replace(AT_ONCE, when=("no answer",)))
    assert told(here, "xxxxx") == [
        ("step", "mail", "01-06", 1),
        ("retry", "call", "01-07", 2),
        ("retry", "mail", "01-08", 2),
        ("retry", "call", "01-09", 3),
        ("retry", "mail", "01-12", 3),
    ]
    mail = here.next(at("2026-01-12 09:00"))
    assert (mail.method, mail.purpose, [one.step for one in mail.steps]) == ("email", "do mail", ["mail"])
    assert told(here, "dxd", "2026-01-12 10:00") == [
        ("retry", "call", "01-12", 4),
        ("retry", "call", "01-13", 5),
        ("decide", "", "01-13", 1),
    ]


@pytest.mark.parametrize(
    ("branch", "limit"), [(replace(AT_ONCE, since="previous", tries=3), 3), (replace(AT_ONCE, when=("no answer",)), 2)]
)
def test_a_branch_has_the_limit_for_itself_and_then_the_rep_is_asked(branch: Step, limit: int) -> None:
    """The same e-mail never stands again on the day of its attempt."""
    here = life(branch, retry=Retry(limit=limit))
    seen = told(here, "x" * 2 * limit)
    assert [one[0] for one in seen].count("decide") == 1
    assert seen[-1][0] == "decide"
    mails = [one for one in seen if one[1] == "mail"]
    assert [one[3] for one in mails] == list(range(1, limit + 1))
    assert len({one[2] for one in mails}) == limit
    (why,) = here.next(at("2026-02-01 10:00")).why
    assert why.startswith(f"Nobody answered {2 * limit} attempts")
    assert f"limit is {limit}" in why


def test_after_the_branch_the_cadence_goes_on() -> None:
    stream = step("stream", Count.EVERY, weeks(4))
    here = life(replace(AT_ONCE, tries=2), stream, retry=Retry(limit=2))
    assert told(here, "xxdxxd") == [
        ("retry", "call", "01-07", 2),
        ("step", "mail", "01-07", 1),
        ("step", "stream", "02-02", 1),
        ("retry", "stream", "02-03", 2),
        ("decide", "", "02-03", 1),  # the limit holds for each
        ("decide", "", "02-04", 1),
    ]
    after = step("after", Count.AFTER, weeks(4), since="previous")
    here = life(replace(AT_ONCE, tries=2), after, retry=Retry(limit=2))
    assert told(here, "xxdxd")[2:] == [("step", "after", "02-04", 1), ("retry", "after", "02-05", 2), ("decide", "", "02-05", 1)]
    assert here.next(at("2026-02-05 11:00")).why[0].startswith("No next step is known")


@pytest.mark.parametrize(
    ("answers", "seen"),
    [
        ("xx", [("step", "mail", "01-06", 1), ("step", "visit", "01-09", 1)]),  # nobody answered the e-mail: the visit is still to come
        ("xxd", [("step", "mail", "01-06", 1), ("step", "visit", "01-09", 1), ("step", "stream", "02-02", 1)]),
        ("xxx", [("step", "mail", "01-06", 1), ("step", "visit", "01-09", 1), ("decide", "", "01-09", 1)]),
        ("xdx", [("step", "mail", "01-06", 1), ("step", "visit", "01-09", 1), ("decide", "", "01-09", 1)]),  # nothing leads on from that
        ("xdd", [("step", "mail", "01-06", 1), ("step", "visit", "01-09", 1), ("step", "stream", "02-02", 1)]),
    ],
)
def test_of_two_branches_the_second_stands_though_nobody_answered_the_first(answers: str, seen: list[tuple[str, str, str, int]]) -> None:
    """Both are what the cadence says that so many calls in vain lead to."""
    visit = step("visit", Count.AFTER, days(3), "visit", since="call")
    stream = step("stream", Count.EVERY, weeks(4))
    here = life(replace(AT_ONCE, tries=1), replace(visit, tries=1), stream, retry=Retry(limit=1))
    assert told(here, answers) == seen


def test_a_branch_that_is_far_is_waited_for_also_when_the_first_has_had_all_its_tries() -> None:
    visit = step("visit", Count.AFTER, days(20), "visit", since="call")
    here = life(replace(AT_ONCE, tries=2), replace(visit, tries=2), retry=Retry(limit=2))
    assert told(here, "xxxxxx") == [
        ("retry", "call", "01-07", 2),
        ("step", "mail", "01-07", 1),
        ("retry", "mail", "01-08", 2),
        ("step", "visit", "01-27", 1),
        ("retry", "visit", "01-28", 2),
        ("decide", "", "01-28", 1),
    ]


def test_the_limit_asks_without_a_branch_and_says_so() -> None:
    here = life(step("stream", Count.EVERY, weeks(4)), retry=Retry(limit=1))
    told(here, "x")
    asked = here.next(at("2026-01-06 11:00"))
    assert asked.why == ("Nobody answered 1 attempt, the last on Tue 2026-01-06; the cadence's limit is 1: the rep must choose.",)


@pytest.mark.parametrize(("letter", "seen"), [("d", "yes"), ("m", "no")])
def test_if_looks_at_the_step_that_from_names(letter: str, seen: str) -> None:
    """So one step can have a branch for each of its ends."""
    yes, no = (
        step(name, Count.AFTER, days(1), "email", since="call", when=(when,)) for name, when in (("yes", "done"), ("no", "left message"))
    )
    here = life(yes, no, ahead=days(9))
    answered(here, letter, at("2026-01-06 10:00"))
    assert [one.steps[0].step for one in here.actions(at("2026-01-06 11:00")) if one.kind is Kind.STEP] == [seen]


def test_if_looks_at_the_step_listed_before_where_from_names_none() -> None:
    mail, more = replace(AT_ONCE, when=("done",)), step("more", Count.AFTER, days(9), "letter", when=("attempt",))
    here = life(mail, more, ahead=days(30))
    told(here, "dx")
    assert [one.steps[0].step for one in here.actions(at("2026-01-06 12:00"))] == ["mail", "more"]
    here = life(mail, more, ahead=days(30))
    told(here, "x")
    assert [one.steps[0].step for one in here.actions(at("2026-01-06 12:00"))] == ["call"]
