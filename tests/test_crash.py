"""A kill at every moment, and the loss of every answer: one small life, on every kind of server."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from followsync.core.history import Result
from tests.dav.explore import Explorer, Violation, healed
from tests.dav.personalities import SERVERS
from tests.machine.machine import BEGINNINGS, Machine

# Each schedule is a fork in the middle of what goes on, and what goes on waits for it. A file lends itself to that; a server ends a
# transaction whose process says nothing for so long, and a connection cannot be shared. Kills on PostgreSQL: test_kill.py, tests/fleet.
pytestmark = pytest.mark.sqlite

WHOLE = bool(os.environ.get("FOLLOWSYNC_SOAK"))
PEOPLE = 8
SLICE = 27  # in CI, each so many-th
counted: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def told() -> Iterator[None]:
    """With ``pytest -s``: how many there were."""
    yield
    print(f"\n{sum(counted.values())} schedules: {dict(counted)}")


@pytest.fixture
def life(request: pytest.FixtureRequest) -> Iterator[Machine]:
    machine = Machine()
    machine.begin(two=False, personality=request.param, begin=BEGINNINGS[0])
    for number in range(PEOPLE):
        machine.capture(pitched=number % 2 == 0)
    yield machine
    machine.teardown()


def rep_and_planner(machine: Machine) -> None:
    """The rep moves one, deletes one, ticks one and writes notes into one; three texts change and one prospect says no at the terminal."""
    machine.read_all()
    machine.move(machine.which("person-0"), ahead=3, hour=11)
    machine.delete(machine.which("person-1"))
    machine.tick(machine.which("person-2"))
    machine.note(machine.which("person-3"))
    for number in (4, 5, 6):
        machine.room.edit(f"person-{number}", notes="likes blue", address="12 Main St")
    machine.log(7, Result.NO, ahead=1)


def explored(machine: Machine, number: int) -> list[Violation]:
    """The first sync, the one that reads and writes all that, and the one that believes the deletion. In CI only some of the moments."""
    found: list[Violation] = []
    for step in (lambda: None, lambda: rep_and_planner(machine), lambda: machine.minutes_pass()):
        step()
        explorer = Explorer(machine, healed, every=WHOLE, stride=1 if WHOLE else SLICE, offset=number)
        explorer.losses()
        explorer.kills()
        found += explorer.violations
        counted[machine.room.personality.name] += explorer.copies  # type: ignore[union-attr]  # every life here has one
        number += explorer.moments
    return found


@pytest.mark.parametrize(("life", "number"), [(name, number) for number, name in enumerate(SERVERS)], indirect=["life"])
def test_a_kill_at_any_moment_and_the_loss_of_any_answer_is_healed(life: Machine, number: int) -> None:
    found = explored(life, number)
    assert not found, "\n".join(f"{one.moment}\n{one.trace}" for one in found[:1]) + f"\n{[one.moment for one in found]}"
