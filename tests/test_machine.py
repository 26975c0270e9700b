"""Random lives of a rep, with faults and kills, against the real store. FOLLOWSYNC_SOAK=20 runs twenty times as many."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine

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
