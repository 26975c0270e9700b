"""Random lives of a rep, with faults and kills, against the real store. FOLLOWSYNC_SOAK=20 runs twenty times as many, twice as long."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine
from tests.machine.mutants import MUTANTS, Life

SOAK = int(os.environ.get("FOLLOWSYNC_SOAK", "0"))
PROFILE = settings(
    max_examples=80 * max(SOAK, 1),
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


@pytest.mark.soak
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_engine_is_found_by_chance(mutant: Callable[[], AbstractContextManager[None]]) -> None:
    """Without being told how. The first failure is enough; it is not made smaller."""
    bounded = settings(PROFILE, max_examples=1000, stateful_step_count=30, derandomize=True, phases=[Phase.generate], print_blob=False)
    with mutant(), pytest.raises((AssertionError, BaseExceptionGroup)):
        run_state_machine_as_test(Machine, settings=bounded)
