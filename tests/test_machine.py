"""Random lives of a rep, with faults and kills, against the real store. FOLLOWSYNC_SOAK=20 runs twenty times as many, twice as long."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine
from tests.machine.mutants import LOST, MUTANTS, OVERDUE, Life

SOAK = int(os.environ.get("FOLLOWSYNC_SOAK", "0"))
PROFILE = settings(
    max_examples=50 * max(SOAK, 1),
    stateful_step_count=60 if SOAK else 30,
    derandomize=not SOAK,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_happens_nothing_is_lost_and_nothing_is_doubled() -> None:
    run_state_machine_as_test(Machine, settings=PROFILE)


@pytest.mark.parametrize(("mutant", "life"), MUTANTS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_a_broken_engine_is_caught(mutant: Callable[[], AbstractContextManager[None]], life: Life) -> None:
    """By an oracle, not by a crash; and the same life of the whole engine is a good one. Else the machine would prove nothing."""
    for broken in (nullcontext, mutant):
        machine = Machine()
        with broken(), pytest.raises(AssertionError) if broken is mutant else nullcontext():
            try:
                machine.live(*life.acts, personality=life.personality)
            finally:
                machine.teardown()


@pytest.mark.parametrize("personality", ["memory", "clean"])
def test_an_entry_written_anew_while_the_answer_to_a_change_was_lost_was_not_moved_by_hand(personality: str) -> None:
    machine = Machine()
    try:
        machine.live(OVERDUE, LOST, ("written_anew", {"which": 0}), personality=personality)
    finally:
        machine.teardown()


def test_what_a_cache_shows_of_before_is_no_news_though_nobody_ever_read_it() -> None:
    """The rep edits twice, our own change arrives, its answer is lost, and out of the cache comes what stood there between the edits."""
    machine = Machine()
    life = [("mumble", {"which": 7}), ("killed_cycle", {"number": 6}), ("note", {"which": 0}), ("killed_cycle", {"number": 16})]
    try:
        machine.live(*life, personality="search_cache")
    finally:
        machine.teardown()


@pytest.mark.soak
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_engine_is_found_by_chance(mutant: Callable[[], AbstractContextManager[None]]) -> None:
    """Without being told how. The first failure is enough; it is not made smaller."""
    bounded = settings(PROFILE, max_examples=1000, stateful_step_count=30, derandomize=True, phases=[Phase.generate], print_blob=False)
    with mutant(), pytest.raises((AssertionError, BaseExceptionGroup)):
        run_state_machine_as_test(Machine, settings=bounded)
