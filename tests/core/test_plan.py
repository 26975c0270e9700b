"""What is due, and on which day: the rows of the sources first."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from followsync.core.cadence import Cadence, Count, Purpose, Reason, Retry, Shift
from followsync.core.history import Dismissed, Kind, Noted, Promised, Result, Touched, Waiting
from followsync.core.plan import STUCK, Action, Resting, due
from followsync.core.prospect import Prospect, Stakeholder
from tests.core import builders as b
from tests.core.builders import JENNY, Life, at, day, days, rep, rules, step, weeks, working, worksheet


def lived(life: Life, count: int, late: int = 0) -> list[str]:
    """The next ``count`` actions, each done ``late`` days after it was due, as ``day method``."""
    found = []
    now = at("2026-01-05 10:00")
    for _ in range(count):
        action = life.next(now)
        found.append(f"{action.due} {action.method}")
        done = max(now.date(), action.due + timedelta(days=late))
        now = now.replace(year=done.year, month=done.month, day=done.day) + timedelta(minutes=1)
        life.answer(now)
    return found


ROW_004_8 = [
    "2026-01-08 email", "2026-01-26 call", "2026-04-27 email", "2026-05-26 call", "2026-07-27 email", "2026-09-28 call",
    "2026-10-23 email", "2027-01-21 email", "2027-01-26 call", "2027-04-21 email",
]  # fmt: skip


def test_row_004_8_each_done_on_its_day() -> None:
    assert lived(Life(rules(worksheet())), 10) == ROW_004_8


def test_row_004_8_merged_and_the_next_email_counts_from_its_unshifted_day() -> None:
    life = Life(rules(worksheet(min_gap=days(7), prefer="call")))
    merged = lived(life, 7)
    assert merged == ROW_004_8[:7]
    action = life.next(at("2026-10-24 10:00"))
    assert (action.due, action.method) == (day("2027-01-26"), "call")
    assert action.purpose == "tell them of a price or terms change and see if the competition has dropped the ball"
    assert {ref.step for ref in action.steps} == {"competition", "change"}
    life.answer(at("2027-01-26 10:00"))
    assert life.next(at("2027-01-27 10:00")).due == day("2027-04-21")


def test_row_004_8_merged_without_a_preference_stands_on_the_earlier_day() -> None:
    life = Life(rules(worksheet(min_gap=days(7))))
    assert lived(life, 8)[-1] == "2027-01-21 email"


def test_row_004_8_all_ahead() -> None:
    ahead = Life(rules(worksheet(ahead=days(400)))).actions(at("2026-01-05 10:00"))
    assert [f"{one.due} {one.method}" for one in ahead] == ROW_004_8[:9]
    merged = Life(rules(worksheet(ahead=days(400), min_gap=days(7), prefer="call"))).actions(at("2026-01-05 10:00"))
    assert [f"{one.due} {one.method}" for one in merged] == [*ROW_004_8[:7], ROW_004_8[8]]


def test_ahead_shows_the_same_as_one_by_one() -> None:
    life = Life(rules(worksheet(ahead=days(400), min_gap=days(7), prefer="call")))
    assert lived(life, 7) == ROW_004_8[:7]


@pytest.mark.parametrize(
    ("called", "emails", "calls"),
    [
        ("2026-01-20", ["2026-04-20", "2026-07-20"], ["2026-05-20", "2026-09-21"]),  # early: everything counted from it comes along
        ("2026-02-10", ["2026-05-11", "2026-08-10"], ["2026-06-10", "2026-10-12"]),  # 2026-10-12: Columbus Day is worked in Michigan
    ],
)
def test_a_step_done_early_or_late_takes_along_what_counts_from_it(called: str, emails: list[str], calls: list[str]) -> None:
    life = Life(rules(worksheet(ahead=days(400))))
    life.answer(at("2026-01-08 10:00"))
    life.answer(at(f"{called} 10:00"))
    actions = life.actions(at(f"{called} 11:00"))
    assert [str(one.due) for one in actions if one.method == "email"][:2] == emails
    assert [str(one.due) for one in actions if one.method == "call"][:2] == calls


def test_a_turn_done_late_or_early_does_not_move_the_next() -> None:
    for done in ("2026-04-20 10:00", "2026-04-27 10:00", "2026-05-15 10:00"):
        life = Life(rules(worksheet()))
        life.answer(at("2026-01-08 10:00"))
        life.answer(at("2026-01-26 10:00"))
        life.answer(at(done))
        life.answer(at("2026-05-26 10:00"))
        assert life.next(at("2026-05-27 10:00")).base == day("07-25"), done


def test_nothing_piles_up() -> None:
    stream = Cadence("s", (step("ping", Count.EVERY, weeks(1)),), ahead=weeks(2))
    life = Life(rules(stream))
    actions = life.actions(at("2026-04-01 10:00"))
    assert [str(one.base) for one in actions] == ["2026-01-12", "2026-04-06", "2026-04-13"]
    life.answer(at("2026-04-01 11:00"))
    assert [str(one.base) for one in life.actions(at("2026-04-01 12:00"))] == ["2026-04-06", "2026-04-13"]


def test_an_overdue_turn_keeps_its_identity_while_later_turns_pass() -> None:
    life = Life(rules(Cadence("s", (step("ping", Count.EVERY, weeks(1)),))))
    assert len({life.next(at(f"2026-0{month}-15 10:00")).id for month in range(1, 7)}) == 1


def test_what_counts_from_a_step_on_a_weekend_is_still_ahead_on_the_monday_it_was_shifted_to() -> None:
    cadence = Cadence("s", (step("one", Count.AFTER, days(5)), step("two", Count.AFTER, weeks(1), since="one")), ahead=weeks(4))
    life = Life(rules(cadence))
    for now in ("2026-01-09 10:00", "2026-01-12 10:00"):
        assert [one.steps[0].step for one in life.actions(at(now))] == ["one", "two"]


def test_row_003_3_long_and_short() -> None:
    def cadence(name: str, *every: b.Duration) -> Cadence:
        first, then = every
        steps = (step("first", Count.AFTER, first), step("on", Count.EVERY, then, since="first"))
        return Cadence(name, steps, {"stage": frozenset({name})})

    the_rules = rules(cadence("short", days(2), working(3)), cadence("long", weeks(2), b.months(2)))
    short, long = (Life(the_rules, replace(JENNY, stage=stage)) for stage in ("Short", "long"))
    assert lived(short, 5) == [f"2026-01-{one} call" for one in ("07", "12", "15", "21", "26")]  # 01-19 is a holiday
    assert lived(long, 5) == [f"2026-{one} call" for one in ("01-20", "03-20", "05-20", "07-20", "09-21")]


def test_row_004_5_the_agreed_day_replaces_the_first_step() -> None:
    life = Life(rules(worksheet()), JENNY, b.REP, b.captured(), Promised(at("2026-01-05 10:00"), "cli", "email", day("01-12")))
    assert [(one.kind, one.due) for one in life.actions(at("2026-01-06 10:00"))] == [(Kind.PROMISE, day("01-12"))]
    life.answer(at("2026-01-12 10:00"))
    assert [(one.kind, one.due) for one in life.actions(at("2026-01-12 11:00"))] == [(Kind.STEP, day("01-26"))]


def test_row_004_6_the_reason_drives_the_date_and_it_is_quiet_before() -> None:
    prospect = replace(JENNY, reason="contract_end", fields={"met": "2026-01-05", "contract_end": "2026-05-31"})
    reason = Reason("contract_end", "contract_end", days(30), "visit", "talk before the contract ends")
    life = Life(rules(worksheet(), reasons=[reason]), prospect)
    (action,) = life.actions(at("2026-01-20 10:00"))
    assert (action.due, action.method, action.purpose) == (day("05-01"), "visit", "talk before the contract ends")
    life.prospect = replace(prospect, fields={**prospect.fields, "contract_end": "2026-06-30"})
    assert life.next(at("2026-01-20 10:00")).due == day("06-01")  # 05-31 is a Sunday
    life.answer(at("2026-06-01 10:00"))
    assert life.next(at("2026-06-02 10:00")).steps[0].cadence == "worksheet"


def test_an_unanswered_promise_is_tried_again_before_a_far_reason() -> None:
    prospect = replace(JENNY, reason="contract_end", fields={"contract_end": "2026-12-31"})
    reason = Reason("contract_end", "contract_end", days(30), "visit", "talk")
    life = Life(rules(reasons=[reason]), prospect)
    life.add(Promised(at("2026-01-05 10:00"), "cli", "call", day("01-08"), purpose="send the quote"))
    life.answer(at("2026-01-08 10:00"), Result.ATTEMPT)
    action = life.next(at("2026-01-08 11:00"))
    assert (action.kind, action.due, action.purpose) == (Kind.RETRY, day("01-09"), "send the quote")


@pytest.mark.parametrize(
    ("arrives", "written"),
    [("03-20", "03-16"), ("01-22", "01-15")],  # the second one: 2026-01-19 is a holiday
)
def test_row_001_9_a_letter_is_written_before_it_arrives(arrives: str, written: str) -> None:
    life = Life(rules()).add(Promised(at("2026-01-05 11:00"), "cli", "letter", day(arrives)))
    assert life.next(at("2026-01-05 12:00")).due == day(written)
    steps = (step("card", Count.ON, None, "letter", of="birthday"),)
    cadence = Life(rules(Cadence("s", steps)), replace(JENNY, fields={"birthday": str(day(arrives))}))
    assert cadence.next(at("2026-01-05 12:00")).due == day(written)


def test_a_touch_says_under_which_version_of_the_cadence_it_was_made() -> None:
    life = Life(rules(replace(worksheet(), version="3f2a")))
    life.answer(at("2026-01-08 10:00"), Result.ATTEMPT)
    life.answer(at("2026-01-09 10:00"))
    life.add(Promised(at("2026-01-09 11:00"), "cli", "call", day("01-12")))
    life.answer(at("2026-01-12 10:00"))
    assert [fact.version for fact in life.history if isinstance(fact, Touched)] == ["3f2a", "3f2a", ""]


def test_row_001_9_ahead_shows_a_letter_on_the_day_it_is_written() -> None:
    """Of the letters that arrive on 01-19 and 02-02 the second one is written on 01-27."""
    letters = Cadence("s", (step("l", Count.EVERY, weeks(2), "letter"),), start="met")
    for ahead, written in ((21, ["2026-01-13"]), (22, ["2026-01-13", "2026-01-27"])):
        life = Life(rules(replace(letters, ahead=days(ahead))))
        assert [str(one.due) for one in life.actions(at("2026-01-05 12:00"))] == written


def test_ahead_with_a_lead_merges_what_arrives_close_together() -> None:
    """The letter of 01-26 is written on 01-20; the mail of 01-29, with which it merges, is due after all that is shown."""
    steps = (step("l", Count.EVERY, weeks(3), "letter"), step("m", Count.EVERY, days(12), "email"))
    life = Life(rules(replace(Cadence("s", steps, start="met"), ahead=days(15), min_gap=days(4))))
    seen = [(str(one.due), [ref.step for ref in one.steps]) for one in life.actions(at("2026-01-05 12:00"))]
    assert seen == [("2026-01-20", ["m"]), ("2026-01-20", ["l", "m"])]


@pytest.mark.parametrize(
    ("said", "text", "questions"),
    [
        ("better-product", "show what is better now", ("Own?", "What did you miss?")),
        ("talk about better product", "show what is better now", ("Own?", "What did you miss?")),
        ("Better product", "show what is better now", ("Own?", "What did you miss?")),
        ("show what is better now", "show what is better now", ("Own?", "What did you miss?")),
        ("show what is better", "show what is better", ("Own?",)),
        ("", "determine next steps", ("Own?",)),
    ],
)
def test_row_004_9_a_promise_may_name_a_purpose(said: str, text: str, questions: tuple[str, ...]) -> None:
    catalogue = {"better-product": Purpose("better-product", "show what is better now", ("What did you miss?", "Own?"))}
    life = Life(replace(rules(), purposes=catalogue))
    life.add(Promised(at("2026-01-05 11:00"), "cli", "call", day("01-07"), purpose=said, questions=("Own?",)))
    action = life.next(at("2026-01-05 12:00"))
    assert (action.purpose, action.questions) == (text, questions)
    life.answer(at("2026-01-07 12:00"), Result.ATTEMPT)
    again = life.next(at("2026-01-08 12:00"))
    assert (again.purpose, again.questions) == (text, questions)


@pytest.mark.parametrize(
    ("method", "minutes"), [("call", 15), ("visit", 45), ("letter", 20), ("email", 10), ("video", 30), ("meeting", 60), ("?", 15)]
)
def test_row_002_10_minutes(method: str, minutes: int) -> None:
    one = step("one", Count.AFTER, days(1), method)
    assert Life(rules(Cadence("s", (one,)))).next(at("2026-01-05 12:00")).minutes == minutes
    assert Life(rules(Cadence("s", (replace(one, minutes=5),)))).next(at("2026-01-05 12:00")).minutes == 5


def test_row_001_13_waiting_still_owns_a_dated_check() -> None:
    life = Life(rules(worksheet())).add(Waiting(at("2026-01-05 12:00"), "cli", day("01-10")))
    (action,) = life.actions(at("2026-01-06 10:00"))
    assert (action.method, action.due, action.purpose) == ("check", day("01-12"), "Jenny has decided")
    life.answer(at("2026-01-12 10:00"))
    assert life.next(at("2026-01-12 11:00")).steps[0].step == "first-call", "the thanks of 01-08 do not wait behind the check"


@pytest.mark.parametrize(
    ("checked", "following"),
    [
        ("2026-01-30 10:00", "2026-04-30 email"),  # the first call of 01-26 is over, and 90 days are counted from the day that replaced it
        ("2026-01-06 10:00", "2026-04-30 email"),  # they decided early; the day that was waited for still holds
        ("2026-06-02 10:00", "2026-08-31 email"),  # checked late: up to the day it was really checked
    ],
)
def test_waiting_replaces_the_steps_up_to_its_day_as_a_promise_does(checked: str, following: str) -> None:
    said = at("2026-01-05 12:00")
    waited, promised = (
        Life(rules(worksheet())).add(fact) for fact in (Waiting(said, "cli", day("01-30")), Promised(said, "cli", "call", day("01-30")))
    )
    for life in (waited, promised):
        life.answer(at(checked))
    first, second = (life.next(at(checked)) for life in (waited, promised))
    assert (first.due, first.method, first.steps) == (second.due, second.method, second.steps)
    assert f"{first.due} {first.method}" == following


def test_a_check_that_found_nobody_replaces_them_too() -> None:
    life = Life(rules(worksheet())).add(Waiting(at("2026-01-05 12:00"), "cli", day("01-09")))
    life.answer(at("2026-01-09 10:00"), Result.ATTEMPT)
    (again,) = life.actions(at("2026-01-09 11:00"))
    assert (again.kind, again.due) == (Kind.RETRY, day("01-12"))


def test_row_004_11_whoever_comes_in_has_an_action() -> None:
    (action,) = Life(rules(), Prospect("p", "dana", "Joe's Diner")).actions(at("2026-01-05 10:00"))
    assert (action.kind, action.due) == (Kind.DECIDE, b.DAY_0)


def test_a_finite_cadence_ends_in_decide() -> None:
    life = Life(rules(Cadence("s", (step("one", Count.AFTER, days(1)),))))
    life.answer(at("2026-01-06 10:00"))
    assert life.next(at("2026-01-06 11:00")).kind is Kind.DECIDE


def test_decide_keeps_returning() -> None:
    life = Life(rules())
    ids = set()
    for number in range(5, 10):
        action = life.answer(at(f"2026-01-0{number} 10:00"), Result.ATTEMPT if number % 2 else Result.DONE)
        assert (action.kind, action.due) == (Kind.DECIDE, date(2026, 1, number))
        ids.add(action.id)
    assert len(ids) == 5
    assert life.next(at("2026-01-09 17:00")).due == day("01-12")


def tried(life: Life, now: datetime, times: int, log_at: str = "") -> list[datetime]:
    """Where each of the next tries stands; each is answered when it stands there, or at ``log_at`` of its day."""
    tries = []
    for number in range(1, times + 1):
        (placed,) = life.placed(now)
        assert placed.action.attempt == number
        tries.append(placed.start)
        now = at(f"{placed.start:%Y-%m-%d} {log_at}") if log_at else placed.start + timedelta(minutes=15)
        life.answer(now, Result.ATTEMPT, start=placed.start)
    return tries


def bands(tries: list[datetime]) -> list[int]:
    return [(one.hour - 9) // 2 for one in tries]


def test_row_001_1_twenty_unanswered_attempts_and_there_is_a_next() -> None:
    life = Life(rules(Cadence("s", (step("thanks", Count.AFTER, days(3)),))))
    purpose = life.next(at("2026-01-08 08:00")).purpose
    tries = tried(life, at("2026-01-08 08:00"), 21)
    assert life.next(tries[-1] + timedelta(hours=1)).purpose == purpose
    for before, after in pairwise(tries):
        assert bands([before]) != bands([after])
        assert before.weekday() != after.weekday()
    assert min(Counter(bands(tries)).values()) >= 5, "no part of the day is left out"
    assert len({one.weekday() for one in tries}) == 5


@pytest.mark.parametrize("log_at", ["08:00", "12:00", "13:30", "20:00"])
@pytest.mark.parametrize("after", [working(1), days(6), days(13), weeks(1), b.months(1)])
def test_row_001_1_whatever_the_wait_and_whenever_the_rep_answers(log_at: str, after: b.Duration) -> None:
    life = Life(rules(Cadence("s", (step("thanks", Count.AFTER, days(3)),), retry=Retry(after))))
    tries = tried(life, at("2026-01-08 07:00"), 20, log_at)
    for several in (tries[:10], tries[10:]):
        assert len({one.weekday() for one in several}) >= 3
        assert len(set(bands(several))) >= 3


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        *((zone, "09:00-17:00") for zone in ("Europe/London", "America/Los_Angeles", "America/Denver", "America/Chicago", "")),
        ("", "09:00-12:00"),
    ],
)
def test_001_1_no_two_tries_in_a_row_in_the_same_two_hours_whatever_hours_are_left(zone: str, hours: str) -> None:
    """Market 5.7, where their office hours, or the rep's own, leave less than a day."""
    call = replace(b.METHODS["call"], hours=b.NINE_TO_FIVE)
    dana, jenny = b.rep(hours=hours), replace(JENNY, timezone=zone)
    life = Life(rules(Cadence("s", (step("hello", Count.AFTER, days(1), method="call"),)), methods=[call]), jenny, dana)
    tries = tried(life, at("2026-01-06 08:00"), 12)
    assert all(bands([before]) != bands([after]) for before, after in pairwise(tries)), [f"{one:%H:%M}" for one in tries]


def test_a_retry_varies_inside_its_window() -> None:
    life = Life(rules(Cadence("s", (step("one", Count.AFTER, days(1), window=b.window("09:00-12:00")),))))
    tries = tried(life, at("2026-01-06 08:00"), 6)
    assert [f"{one:%H:%M}" for one in tries] == ["09:00", "11:00"] * 3


@pytest.mark.parametrize("result", [Result.ATTEMPT, Result.DONE])
def test_four_touches_that_brought_nothing_ask_for_something_else(result: Result) -> None:
    stream = Cadence("s", (step("ping", Count.EVERY, days(1), purpose="say hello", questions=("How is it?",)),))
    life, now = Life(rules(stream)), at("2026-01-06 10:00")
    for number in range(1, 14):
        action = life.next(now)
        assert action.questions == ((STUCK, "How is it?") if number in (5, 9, 13) else ("How is it?",)), number
        assert (action.purpose, action.method) == ("say hello", "call")
        life.answer(now, result, action)
        now += timedelta(days=1)
    life.add(Noted(now, "cli", "He is in Spain until May"))
    assert life.next(now).questions == ("How is it?",)


def test_the_question_for_something_else_is_not_handed_on() -> None:
    """What is agreed takes over the questions of what it answers, but not this one."""
    life = Life(rules(worksheet()))
    for number in range(6, 10):
        life.answer(at(f"2026-01-0{number} 10:00"), Result.ATTEMPT)
    action = life.answer(at("2026-01-12 10:00"), Result.NEXT)
    assert action.questions == (STUCK,)
    life.add(Promised(at("2026-01-12 10:00"), "cli", "call", day("01-14"), questions=action.questions))
    assert life.next(at("2026-01-12 11:00")).questions == ()


def test_why_tells_a_message_from_no_answer() -> None:
    life = Life(rules(worksheet()))
    life.answer(at("2026-01-08 10:00"), Result.ATTEMPT)
    assert "no answer on Thu" in life.next(at("2026-01-08 11:00")).why[0]
    life.history = (*life.history[:-1], replace(life.history[-1], recap={"attempt": "left message"}))
    assert "left message on Thu" in life.next(at("2026-01-08 11:00")).why[0]


def test_a_retry_keeps_what_its_step_asks_for() -> None:
    one = step("one", Count.AFTER, days(1), minutes=40, they_know=True, agenda=("a",), questions=("q?",), window=b.window("14:00-16:00"))
    life = Life(rules(Cadence("s", (one,))))
    first = life.answer(at("2026-01-06 14:00"), Result.ATTEMPT)
    again = life.next(at("2026-01-06 15:00"))
    assert again.kind is Kind.RETRY
    for name in ("minutes", "they_know", "agenda", "questions", "window", "method", "purpose", "steps"):
        assert getattr(again, name) == getattr(first, name), name


def test_a_try_before_its_hour_counts_when_it_was_made() -> None:
    life = Life(rules(worksheet()))
    life.answer(at("2026-01-06 09:30"), Result.ATTEMPT, start=at("2026-01-09 15:00"))
    again = life.next(at("2026-01-06 10:00"))
    assert (again.due, again.liked[0]) == (day("01-07"), b.window("11:00-13:00"))
    assert b.window("09:00-11:00") not in again.liked, "the one of the last try"


def test_an_attempt_out_of_the_blue_is_tried_by_the_usual_method() -> None:
    life = Life(rules()).add(Touched(at("2026-01-06 10:00"), "cli", Result.ATTEMPT))
    assert life.next(at("2026-01-06 11:00")).method == "call"


def test_the_reps_own_limit_asks_and_a_rep_of_one_weekday_still_gets_a_day() -> None:
    life = Life(rules(worksheet(retry=Retry(working(1), limit=2))))
    life.answer(at("2026-01-08 10:00"), Result.ATTEMPT)
    life.answer(at("2026-01-09 10:00"), Result.ATTEMPT)
    assert life.next(at("2026-01-09 11:00")).kind is Kind.DECIDE
    mondays = Life(rules(worksheet()), JENNY, rep(weekdays=[0]))
    mondays.answer(at("2026-01-12 10:00"), Result.ATTEMPT)
    assert mondays.next(at("2026-01-12 11:00")).due == day("01-26")  # the 19th is a holiday


TWO_STEPS = Cadence("s", (step("one", Count.AFTER, days(1)), step("two", Count.AFTER, days(2), "email")))


def test_another_step_done_leaves_the_retry_open() -> None:
    life = Life(rules(TWO_STEPS))
    life.answer(at("2026-01-09 10:00"), Result.ATTEMPT)
    other = life.answer(at("2026-01-09 11:00"))
    assert other.steps[0].step == "two"
    again = life.next(at("2026-01-09 12:00"))
    assert (again.kind, again.steps[0].step, again.attempt) == (Kind.RETRY, "one", 2)


def test_two_steps_tried_in_vain_are_tried_again_as_one() -> None:
    life = Life(rules(TWO_STEPS))
    life.answer(at("2026-01-09 10:00"), Result.ATTEMPT)
    life.answer(at("2026-01-09 11:00"), Result.ATTEMPT)
    (again,) = life.actions(at("2026-01-09 12:00"))
    assert (again.kind, again.due, again.purpose) == (Kind.RETRY, day("01-12"), "do one and do two")
    life.answer(at("2026-01-12 10:00"))
    assert life.next(at("2026-01-12 11:00")).kind is Kind.DECIDE


def test_an_answered_action_never_comes_back_under_its_own_id() -> None:
    """Else its next answer would look like one that was counted already."""
    life = Life(rules(TWO_STEPS))
    first = life.answer(at("2026-01-05 10:30"), Result.ATTEMPT)
    life.add(Waiting(at("2026-01-05 11:00"), "cli", day("01-05")))
    life.answer(at("2026-01-05 12:00"))
    again = life.next(at("2026-01-05 13:00"))
    assert again.steps == first.steps
    assert again.id not in life.standing.answered


def test_a_deleted_entry_asks_and_keeps_asking() -> None:
    life = Life(rules(worksheet()))
    first = life.next(at("2026-01-08 10:00"))
    life.add(Dismissed(at("2026-01-08 10:00"), "calendar:phone", first.id, first.kind, "t", first.steps))
    (asked,) = life.actions(at("2026-01-08 11:00"))
    assert (asked.kind, asked.purpose, asked.due) == (Kind.DECIDE, "drop, or when?", day("01-09"))
    life.answer(at("2026-01-09 10:00"))
    (again,) = life.actions(at("2026-01-09 11:00"))
    assert (again.purpose, again.due) == ("drop, or when?", day("01-12"))
    assert again.id != asked.id
    life.add(Promised(at("2026-01-12 10:00"), "cli", "call", day("01-14")))
    life.answer(at("2026-01-14 10:00"))
    assert life.next(at("2026-01-14 11:00")).due == day("01-26")


@pytest.mark.parametrize(("shift", "expected"), [(Shift.NEXT, "01-12"), (Shift.PREVIOUS, "01-09"), (Shift.NONE, "01-10")])
def test_a_weekend_shifts_the_day_and_never_the_base(shift: Shift, expected: str) -> None:
    one = step("one", Count.AFTER, days(5), shift=shift)
    two = step("two", Count.AFTER, days(7), since="one")
    first, second = Life(rules(Cadence("s", (one, two), ahead=weeks(4)))).actions(at("2026-01-05 10:00"))
    assert (first.due, first.base, second.base) == (day(expected), day("01-10"), day("01-17"))


def test_if_runs_a_step_only_after_its_outcome() -> None:
    call = step("call", Count.AFTER, days(1))
    left = step("mail", Count.AFTER, days(1), "email", since="call", when=("attempt",))
    then = step("then", Count.AFTER, days(3), since="call", when=())
    life = Life(rules(Cadence("s", (call, left, then))))
    life.answer(at("2026-01-06 10:00"))
    assert life.next(at("2026-01-06 11:00")).steps[0].step == "then"


def test_absent_deciders_without_an_address_become_notes_to_forward() -> None:
    joe = Prospect("joe", "dana", "Joe", stakeholders=(Stakeholder("Ann", "CFO", False), Stakeholder("Bob", "", False), Stakeholder("Cy")))
    life = Life(rules(Cadence("s", (step("in", Count.AFTER, days(1), "letter", to="absent deciders"),))), joe)
    action = life.next(at("2026-01-05 11:00"))
    assert (action.kind, action.purpose) == (Kind.INCLUDE, "write 2 notes for Joe to forward")
    assert action.agenda == ("Ann, CFO", "Bob")


@pytest.mark.parametrize("result", [Result.YES, Result.NO])
def test_closed_stays_closed(result: Result) -> None:
    life = Life(rules(worksheet()))
    action = life.answer(at("2026-01-08 10:00"), result)
    resting = due(JENNY, life.rules, life.standing, b.REP, at("2026-01-09 10:00"))
    assert resting == Resting(f"closed: {result}")
    life.answer(at("2026-01-09 10:00"), Result.DONE, action)
    life.add(Promised(at("2026-01-09 10:00"), "cli", "call", day("01-12")), Dismissed(at("2026-01-09 11:00"), "cli", "x"))
    assert isinstance(due(JENNY, life.rules, life.standing, b.REP, at("2026-01-09 12:00")), Resting)


def test_every_open_prospect_always_has_a_next_action() -> None:
    for cadence in (worksheet(), TWO_STEPS, worksheet(ahead=weeks(2), min_gap=days(7))):
        life = Life(rules(cadence))
        now = at("2026-01-05 10:00")
        results = [Result.DONE, Result.ATTEMPT, Result.DONE, Result.ATTEMPT, Result.ATTEMPT, Result.DONE]
        for number in range(40):
            actions: tuple[Action, ...] = life.actions(now)
            assert actions
            assert len({one.id for one in actions}) == len(actions)
            assert not {one.id for one in actions} & life.standing.answered
            life.answer(now, results[number % len(results)], actions[number % len(actions)])
            now += timedelta(days=3)


def test_min_gap_counts_from_the_day_on_which_merged_streams_stand() -> None:
    """The e-mail of the 4th goes with the call of the 10th, which is preferred: a letter of the 12th is two days from that."""
    streams = (("a", 30, "email"), ("c", 36, "call"), ("e", 38, "letter"))
    steps = tuple(step(name, Count.EVERY, days(count), method=method, purpose=name) for name, count, method in streams)
    methods = [replace(b.METHODS["letter"], lead=None)]
    life = Life(rules(Cadence("s", steps, start="met", min_gap=days(7), prefer="call", ahead=days(45)), methods=methods))
    action = life.next(at("2026-01-05 09:00"))
    assert (action.due, action.method, sorted(ref.step for ref in action.steps)) == (day("02-10"), "call", ["a", "c", "e"])


def test_min_gap_merges_two_streams_and_no_single_step_with_a_stream() -> None:
    steps = (step("once", Count.AFTER, days(9), "visit"), step("a", Count.EVERY, days(10)), step("b", Count.EVERY, days(11), "email"))
    life = Life(rules(Cadence("s", steps, start="met", min_gap=days(7), ahead=days(14))))
    assert [(one.method, [ref.step for ref in one.steps]) for one in life.actions(at("2026-01-05 10:00"))] == [
        ("visit", ["once"]),
        ("call", ["a", "b"]),
    ]
