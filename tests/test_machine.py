"""Random lives of a rep, with faults and kills, against the real store. FOLLOWSYNC_SOAK=20 runs twenty times as many."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from followsync.errors import UsageError
from tests.machine.machine import Machine
from tests.machine.mutants import MUTANTS

SOAK = int(os.environ.get("FOLLOWSYNC_SOAK", "0"))
PROFILE = settings(
    max_examples=200 * max(SOAK, 1),
    stateful_step_count=60 if SOAK else 30,
    derandomize=not SOAK,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_happens_nothing_is_lost_and_nothing_is_doubled() -> None:
    run_state_machine_as_test(Machine, settings=PROFILE)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_core_is_caught(mutant: Callable[[], AbstractContextManager[None]]) -> None:
    """Else the machine's oracles would prove nothing. The first failure is enough; it is not made smaller."""
    bounded = settings(PROFILE, max_examples=100, stateful_step_count=30, derandomize=True, phases=[Phase.generate], print_blob=False)
    with mutant(), pytest.raises(BaseException, check=_is_a_finding):
        run_state_machine_as_test(Machine, settings=bounded)


def _is_a_finding(error: BaseException) -> bool:
    """An oracle spoke; a crash of the mutant itself (a TypeError, say) would prove nothing."""
    errors = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
    return all(isinstance(one, AssertionError | UsageError) for one in errors)
