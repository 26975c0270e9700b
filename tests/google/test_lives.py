"""Random lives at Google, drawn from a seed, each with one cycle that is killed at every moment: a few, always the same. The many are for
``python -m tests.dav.soak --personality google``."""

from __future__ import annotations

import pytest

from tests.dav import schedule
from tests.dav.explore import whole_state
from tests.machine.machine import BEGINNINGS, Machine

LIVES = 12


@pytest.mark.parametrize("number", range(LIVES))
def test_a_life_and_a_kill_at_each_moment(number: int) -> None:
    outcome = schedule.run(schedule.draw("google", f"ci/{number}"))
    assert not outcome.wrong, f"{outcome.schedule}\n{outcome.wrong}"
    assert outcome.moments > 1


def test_what_is_put_back_is_all_there_was() -> None:
    """Also the sign-in: Google knows only the tokens that it gave out by then."""
    machine = Machine()
    machine.start(two=True, personality="google", begin=BEGINNINGS[0])
    try:
        state, before = whole_state(machine), machine.remembered()
        for _ in range(2):
            machine.wait(hours=20)
            machine.note(1)
            machine.cycle()
            assert whole_state(machine) != state
            machine.put_back(before)
            assert whole_state(machine) == state
        machine.settle()
    finally:
        machine.put_away()


def test_a_task_that_was_given_back_keeps_its_row_when_it_is_renamed() -> None:
    """It was typed at the desk and answered on the phone, so it is the rep's again; what they make of it then is no other follow-up."""
    machine = Machine()
    try:
        machine.live(
            ("waits", {"which": 5, "ahead": 6}),
            ("types", {"how": "task", "who": None, "which": 3, "ahead": 5, "noted": False}),
            ("wait", {"hours": 24}),
            ("tick", {"which": 5}),
            ("settle", {}),
            ("delete", {"which": 3}),
            ("delete", {"which": 1}),
            ("agree", {"which": 5, "ahead": 6, "in_notes": False}),
            personality="google",
            two=True,
        )
    finally:
        machine.teardown()
