"""Tokens that are refilled by time, and the few that a process takes in advance."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.pace import KEPT, Pace, Pouch

TEN = Pace(10.0, 80.0)


@pytest.mark.parametrize(
    ("tokens", "seconds", "left"),
    [(0, 1, 10), (0, 100, 80), (80, 5, 80), (-30, 2, -10), (5, -3600, 5)],
    ids=["a second", "never more than fit", "full", "what is owed is paid first", "a clock set back refills nothing"],
)
def test_time_refills_it(tokens: float, seconds: float, left: float) -> None:
    assert TEN.refilled(tokens, seconds) == left


def test_whoever_owes_waits_until_it_is_paid() -> None:
    assert [TEN.wait(tokens) for tokens in (5, 0, -25)] == [0, 0, 2.5]


def test_what_is_taken_in_advance_follows_what_is_used() -> None:
    pouch, blocks = Pouch(), []
    for second in (0, 1, 2, 3, 4):
        pouch = pouch.wants(TEN, pouch.good(second) + 1, second)
        blocks.append(pouch.block)
        pouch = Pouch(0, pouch.block, second)
    assert blocks == [1, 2, 4, 8, 10]  # an eighth of the bucket at most
    idle = Pouch(9, 10, 4.0)
    assert (idle.good(4 + KEPT - 0.1), idle.good(4 + KEPT)) == (9, 0)
    assert idle.wants(TEN, 1, 60.0) == Pouch(0, 5, 4.0)
    assert Pouch(1, 10, 4.0).wants(TEN, 1, 60.0).block == 10


def test_many_at_once_are_taken_with_what_is_there() -> None:
    assert Pouch(3, 4, 0.0).lacks(3) == 0
    assert Pouch(3, 4, 0.0).lacks(5) == 4
    assert Pouch(3, 4, 0.0).lacks(50) == 47


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_no_span_sees_more_calls_than_the_pace_allows(seed: int, processes: int) -> None:
    """However many processes take, each with tokens in advance."""
    dice, now, tokens, since = random.Random(seed), 0.0, TEN.at_once, 0.0
    pouches, calls = [Pouch()] * processes, []
    for _ in range(300):
        now += dice.choice([0.0, 0.01, 0.3, 4.0])
        who, wanted = dice.randrange(processes), dice.choice([1, 1, 2, 20])
        pouch = pouches[who]
        if pouch.good(now) < wanted:
            pouch = pouch.wants(TEN, wanted, now)
            number = pouch.lacks(wanted)
            tokens, since = TEN.refilled(tokens, now - since) - number, now
            pouch = Pouch(pouch.left + number, pouch.block, now + TEN.wait(tokens))
        pouches[who] = Pouch(pouch.left - wanted, pouch.block, pouch.ready)
        calls += [max(now, pouch.ready)] * wanted
    calls.sort()
    for number, begin in enumerate(calls):
        assert sum(one < begin + 10 for one in calls[number:]) <= TEN.most(10)
