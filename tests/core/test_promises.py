"""The ledger: what was said to a prospect, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.history import Dismissed, Entry, Kind, Moved, Noted, Promised, Restored, Result, Touched, Waiting
from followsync.core.promises import Fate, Line, ledger, tally
from tests.core.builders import JENNY, REP, Life, at, day, rules, window, worksheet

SAID = at("2026-01-05 11:00")
PROMISED = Promised(SAID, "cli", "call", day("01-06"), start=at("2026-01-06 10:00"), purpose="send the quote")


def lines(life: Life, now: str = "2026-01-31 12:00") -> tuple[Line, ...]:
    return ledger(life.prospect, life.history, life.rules, REP, at(now))


def fates(life: Life, now: str = "2026-01-31 12:00") -> list[str]:
    return [one.fate.value for one in lines(life, now)]


@pytest.mark.parametrize(
    ("when", "real", "no", "attempt"),
    [
        ("2026-01-05 12:00", Fate.KEPT, Fate.VOID, Fate.OPEN),
        ("2026-01-05 23:59", Fate.KEPT, Fate.VOID, Fate.OPEN),
        ("2026-01-06 00:00", Fate.KEPT, Fate.KEPT, Fate.KEPT),
        ("2026-01-06 10:05", Fate.KEPT, Fate.KEPT, Fate.KEPT),
        ("2026-01-06 23:59", Fate.KEPT, Fate.KEPT, Fate.KEPT),  # told in the evening of its day
        ("2026-01-07 00:00", Fate.LATE, Fate.LATE, Fate.LATE),
        ("2026-01-20 10:00", Fate.LATE, Fate.LATE, Fate.LATE),
    ],
)
def test_what_keeps_it_and_when(when: str, real: Fate, no: Fate, attempt: Fate) -> None:
    expected = {Result.DONE: real, Result.YES: real, Result.NEXT: real, Result.NO: no, Result.ATTEMPT: attempt}
    for result, fate in expected.items():
        life = Life(rules(worksheet())).add(PROMISED)
        life.answer(at(when), result)
        (line,) = lines(life, max(when, "2026-01-06 12:00"))
        settled = None if fate is Fate.OPEN else at(when)
        assert (line.fate, line.settled, line.method, line.purpose) == (fate, settled, "call", "send the quote"), result


LATER = replace(PROMISED, day=day("01-15"), start=at("2026-01-15 10:00"))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([], "broken", id="tried once, long before its day"),
        pytest.param([("01-08 10:00", Result.ATTEMPT), ("01-09 10:00", Result.ATTEMPT)], "broken", id="tried three times before its day"),
        pytest.param([("01-08 10:00", Result.DONE)], "kept", id="reached before its day after all"),
        pytest.param([("01-15 10:00", Result.ATTEMPT)], "kept", id="tried on its day"),
        pytest.param([("01-16 10:00", Result.ATTEMPT)], "late", id="tried the day after"),
        pytest.param([("01-16 10:00", Result.DONE)], "late", id="reached the day after"),
        pytest.param([("01-14 10:00", Result.NO)], "void", id="they said no before its day"),
        pytest.param([("01-15 10:00", Result.NO)], "kept", id="they said no on its day"),
    ],
)
def test_an_attempt_before_its_day_keeps_nothing_and_the_line_stays_open(answers: list[tuple[str, Result]], expected: str) -> None:
    life = Life(rules(worksheet())).add(LATER)
    life.answer(at("2026-01-07 10:00"), Result.ATTEMPT)
    (line,) = lines(life, "2026-01-07 11:00")
    assert (line.fate, line.tried, line.action) == (Fate.OPEN, False, life.standing.opened)
    assert (life.next(at("2026-01-07 11:00")).kind, life.next(at("2026-01-07 11:00")).start) == (Kind.PROMISE, LATER.start)
    assert (line.waits(at("2026-01-15 10:00")), line.waits(at("2026-01-15 10:15"))) == (False, True)
    for when, result in answers:
        life.answer(at(f"2026-{when}"), result)
    assert fates(life) == [expected]


@pytest.mark.parametrize("early", [True, False], ids=["as it is told", "as older versions told it"])
def test_what_becomes_of_the_attempt_to_come_becomes_of_the_promise(early: bool) -> None:
    """An older version planned an attempt in its place."""
    tried = Life(rules()).add(LATER)
    tried.answer(at("2026-01-07 10:00"), Result.ATTEMPT)
    *before, touch = tried.history
    assert isinstance(touch, Touched)
    tried.history = (*before, replace(touch, early=early))
    action = tried.standing.opened
    moved = Life(tried.rules, tried.prospect, tried.rep, *tried.history)
    start = at("2026-01-20 10:00")
    moved.add(Moved(at("2026-01-07 11:00"), "calendar:phone", action, start, start + timedelta(minutes=15)))
    was = (fates(moved, "2026-01-15 09:00"), fates(moved))
    assert was == ((["changed", "open"], ["changed", "broken"]) if early else (["open"], ["broken"])), "an attempt is promised to nobody"
    agreed = Life(tried.rules, tried.prospect, tried.rep, *tried.history).add(replace(AGAIN, at=at("2026-01-07 12:00")))
    assert fates(agreed, "2026-01-08 09:00") == ["changed", "open"]
    tried.add(Dismissed(at("2026-01-07 12:00"), "calendar:phone", action, Kind.RETRY, "Call Jenny"))
    assert fates(tried, "2026-01-08 09:00") == ["broken"]
    tried.add(Restored(at("2026-01-07 13:00"), "calendar:phone", action))
    assert fates(tried, "2026-01-08 09:00") == ["open"]


def test_open_until_its_day_is_over_then_broken_and_late_once_it_is_done() -> None:
    life = Life(rules()).add(PROMISED)
    seen = [(one.fate, one.waits(at(now))) for now in ("2026-01-06 10:14", "2026-01-06 10:15") for one in lines(life, now)]
    assert seen == [(Fate.OPEN, False), (Fate.OPEN, True)]
    assert (fates(life, "2026-01-06 23:59"), fates(life, "2026-01-07 00:00")) == (["open"], ["broken"])
    assert lines(life)[0].waits(at("2026-01-31 12:00"))
    life.answer(at("2026-01-08 10:00"))
    assert fates(life) == ["late"]
    assert not lines(life)[0].waits(at("2026-01-31 12:00"))


AGAIN = replace(PROMISED, day=day("01-09"), start=at("2026-01-09 10:00"))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([replace(AGAIN, at=at("2026-01-06 09:00"))], ["changed", "open"], id="agreed anew before its time"),
        pytest.param([replace(AGAIN, at=at("2026-01-07 09:00"))], ["broken", "open"], id="agreed anew when it was over"),
        pytest.param([Waiting(at("2026-01-06 09:00"), "cli", day("01-09"))], ["changed"], id="we wait for them instead"),
        pytest.param([Waiting(at("2026-01-07 09:00"), "cli", day("01-09"))], ["broken"], id="we wait, too late"),
        pytest.param([replace(PROMISED, at=at("2026-01-06 09:00"), agenda=("the price",))], ["open"], id="only what it is about"),
        pytest.param([Noted(at("2026-01-06 09:00"), "cli", "hm")], ["open"], id="a note"),
    ],
)
def test_what_replaces_a_promise(entries: list[Entry], expected: list[str]) -> None:
    assert fates(Life(rules()).add(PROMISED, *entries), "2026-01-06 12:00") == expected


def test_a_deleted_entry_is_a_dropped_promise_unless_the_rep_says_when() -> None:
    life = Life(rules()).add(PROMISED)
    life.add(Dismissed(at("2026-01-05 12:00"), "calendar:phone", life.next(SAID).id, Kind.PROMISE, "Call Jenny"))
    assert fates(life, "2026-01-05 13:00") == ["broken"]
    said = at("2026-01-06 09:00")
    life.answer(said, Result.NEXT)
    assert fates(life.add(replace(AGAIN, at=said))) == ["changed", "broken"]
    dropped = Life(rules()).add(PROMISED)
    dropped.add(Dismissed(at("2026-01-05 12:00"), "calendar:phone", dropped.next(SAID).id, Kind.PROMISE, "Call Jenny"))
    dropped.answer(said, Result.NO)
    assert fates(dropped) == ["broken"]


def test_a_promise_whose_entry_is_put_back_was_never_broken() -> None:
    life = Life(rules()).add(PROMISED)
    action = life.next(SAID).id
    life.add(Dismissed(at("2026-01-05 12:00"), "calendar:phone", action, Kind.PROMISE, "Call Jenny"))
    life.add(Restored(at("2026-01-05 13:00"), "calendar:phone", action))
    assert (fates(life, "2026-01-05 13:00"), fates(life)) == (["open"], ["broken"])
    start = at("2026-01-07 10:00")
    life.add(Moved(at("2026-01-05 13:00"), "calendar:phone", action, start, start + timedelta(minutes=15)))
    assert fates(life, "2026-01-06 13:00") == ["changed", "open"]


BY_DAY = replace(PROMISED, start=None)
BY_WINDOW = replace(BY_DAY, window=window("13:00-16:00"))


@pytest.mark.parametrize(
    ("promise", "to", "expected"),
    [
        (PROMISED, "2026-01-06 15:00", ["changed", "open"]),
        (PROMISED, "2026-01-06 10:00", ["open"]),
        (BY_DAY, "2026-01-06 15:00", ["open"]),
        (BY_DAY, "2026-01-08 15:00", ["changed", "open"]),
        (BY_WINDOW, "2026-01-06 15:00", ["open"]),
        (BY_WINDOW, "2026-01-06 16:00", ["changed", "open"]),
        (BY_WINDOW, "2026-01-07 15:00", ["changed", "open"]),
        (LATER, "2026-01-14 10:00", ["open"]),
        (LATER, "2026-01-15 09:00", ["changed", "open"]),
        (LATER, "2026-01-16 10:00", ["changed", "open"]),
    ],
)
def test_a_move_by_hand_is_a_change_where_it_leaves_what_was_agreed(promise: Promised, to: str, expected: list[str]) -> None:
    life = Life(rules()).add(promise)
    life.add(Moved(at("2026-01-05 12:00"), "calendar:phone", life.next(SAID).id, at(to), at(to) + timedelta(minutes=15)))
    assert fates(life, "2026-01-05 13:00") == expected
    last = lines(life)[-1]
    assert (last.start, last.moved) == ((at(to), True) if len(expected) == 2 else (promise.start, False))


def test_a_second_move_corrects_the_first_and_what_was_moved_is_kept_or_not_as_any() -> None:
    life = Life(rules()).add(PROMISED)
    action = life.next(SAID).id
    for hour in (14, 15, 16):
        start = at(f"2026-01-07 {hour}:00")
        life.add(Moved(at(f"2026-01-05 {hour}:30"), "calendar:phone", action, start, start + timedelta(minutes=30)))
    first, moved = lines(life, "2026-01-06 12:00")
    assert (first.fate, first.how) == (Fate.CHANGED, "moved by hand to Wed 2026-01-07 14:00")
    assert (moved.fate, moved.day, moved.until) == (Fate.OPEN, day("01-07"), at("2026-01-07 16:30"))
    assert fates(life, "2026-01-08 00:00") == ["changed", "broken"]
    life.answer(at("2026-01-07 16:45"))
    assert fates(life) == ["changed", "kept"]


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (None, "broken"),
        ("01-07 11:00", "kept"),
        ("01-09 11:00", "kept"),
        ("01-15 11:00", "kept"),
        ("01-16 11:00", "late"),
    ],
)
def test_pulled_to_an_earlier_day_it_is_promised_for_the_agreed_one(answered: str | None, expected: str) -> None:
    life = Life(rules()).add(LATER)
    start = at("2026-01-07 10:00")
    life.add(Moved(at("2026-01-05 12:00"), "calendar:phone", life.next(SAID).id, start, start + timedelta(minutes=15)))
    assert fates(life, "2026-01-15 23:59") == ["open"], "nobody was promised the earlier day"
    if answered:
        life.answer(at(f"2026-{answered}"))
    assert fates(life) == [expected]
    assert (lines(life)[0].day, lines(life)[0].moved) == (day("01-15"), False)


def test_moved_to_a_later_day_and_back_it_was_never_changed() -> None:
    life = Life(rules()).add(LATER)
    action = life.next(SAID).id
    for to, expected in (("01-20 10:00", ["changed", "open"]), ("01-19 10:00", ["changed", "open"]), ("01-12 10:00", ["open"])):
        start = at(f"2026-{to}")
        life.add(Moved(at("2026-01-05 12:00"), "calendar:phone", action, start, start + timedelta(minutes=15)))
        assert fates(life, "2026-01-06 09:00") == expected
    assert lines(life)[0].start == LATER.start


def test_a_move_when_the_day_is_over_cures_nothing() -> None:
    life = Life(rules()).add(PROMISED)
    life.add(Moved(at("2026-01-07 09:00"), "calendar:phone", life.next(SAID).id, at("2026-01-07 15:00"), at("2026-01-07 15:15")))
    assert fates(life) == ["broken"]
    life.answer(at("2026-01-07 15:10"))
    assert fates(life) == ["late"]


def test_a_letter_is_kept_on_the_day_it_has_to_leave() -> None:
    life = Life(rules()).add(Promised(SAID, "cli", "letter", day("03-20")))
    (line,) = lines(life)
    assert (line.day, line.due) == (day("03-20"), day("03-16"))
    assert (fates(life, "2026-03-16 23:00"), fates(life, "2026-03-17 00:00")) == (["open"], ["broken"])


def test_an_entry_of_before_that_is_ticked_settles_no_promise() -> None:
    life = Life(rules(worksheet()))
    stale = life.next(SAID)
    life.add(PROMISED)
    life.answer(at("2026-01-06 09:00"), Result.DONE, stale)
    assert fates(life, "2026-01-06 09:30") == ["open"]


promised = st.integers(6, 20).map(lambda n: replace(PROMISED, day=day(f"01-{n:02}"), start=None))
said = st.one_of(promised, st.just("done"), st.just("tried"), st.just("moved"), st.just("deleted"), st.just("waiting"))


@given(st.lists(said, max_size=12))
def test_every_promise_has_its_lines_and_at_most_one_is_unsettled(script: list[object]) -> None:
    life, now, agreed = Life(rules(worksheet())), SAID, 0
    for what in script:
        now += timedelta(hours=13)
        action = life.next(now)
        match what:
            case Promised():
                life.add(replace(what, at=now))
                agreed += 1
            case "done" | "tried":
                life.answer(now, Result.DONE if what == "done" else Result.ATTEMPT)
            case "moved":
                life.add(Moved(now, "calendar:phone", action.id, now + timedelta(days=2), now + timedelta(days=2, hours=1)))
            case "deleted":
                life.add(Dismissed(now, "calendar:phone", action.id, action.kind, "t", action.steps))
            case "waiting":
                life.add(Waiting(now, "cli", now.date()))
    book = ledger(JENNY, life.history, life.rules, REP, now)
    assert sum(not one.moved for one in book) == agreed
    assert sum(tally(book).values()) == len(book)
    unsettled = [one for one in book if one.settled is None]
    tried = sum(one.tried for one in unsettled)
    assert len(unsettled) - tried == (life.standing.promise is not None)
    assert tried == 0 or (tried == 1 and life.standing.retry is not None)
    assert all(one.action == life.standing.opened for one in unsettled)
