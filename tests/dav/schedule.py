"""Short random lives, drawn from a seed: the same seed is the same life, kill by kill."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from followsync.core.history import Result
from tests.dav.explore import Again, Healed
from tests.machine.apps import LINES
from tests.machine.machine import ANSWERS, BEGINNINGS, DOUBTS, OWN, Machine

Act = tuple[str, dict[str, Any]]
FEWEST, MOST = 3, 6  # acts of a life
ACTS: dict[str, Callable[[Random], dict[str, Any]]] = {
    "capture": lambda chance: {"pitched": chance.random() < 0.5},
    "log": lambda chance: {"who": chance.randrange(8), "result": chance.choice(list(Result)[1:]), "ahead": chance.randint(1, 9)},
    "move": lambda chance: {"which": chance.randrange(8), "ahead": chance.randint(-1, 6), "hour": chance.randint(7, 18)},
    "note": lambda chance: {"which": chance.randrange(8), "html": chance.random() < 0.25},
    "answer": lambda chance: {"which": chance.randrange(8), "word": chance.choice(list(ANSWERS)), "in_notes": chance.random() < 0.5},
    "agree": lambda chance: {"which": chance.randrange(8), "ahead": chance.randint(1, 9), "in_notes": chance.random() < 0.5},
    "mumble": lambda chance: {"which": chance.randrange(8), "doubt": chance.choice([None, *DOUBTS])},
    "types": lambda chance: {
        "how": chance.choice(list(LINES)),
        "who": chance.choice([None, chance.randrange(8)]),
        "which": chance.randrange(8),
        "ahead": chance.randint(1, 9),
        "noted": chance.random() < 0.5,
    },
    "types_own": lambda chance: {"kind": chance.choice(list(OWN)), "which": chance.randrange(8), "ahead": chance.randint(1, 9)},
    "renames": lambda chance: {"which": chance.randrange(8)},
    "answer_with_note": lambda chance: {
        "which": chance.randrange(8),
        "word": chance.choice(["done:", "x,", "left message:"]),
        "in_notes": chance.random() < 0.5,
    },
    "waits": lambda chance: {"which": chance.randrange(8), "ahead": chance.randint(1, 9)},
    "adds_to_a_record": lambda chance: {
        "which": chance.randrange(8),
        "word": chance.choice(["yes", "no", "x", "done", ">"]),
        "ahead": chance.randint(1, 9),
    },
    "out_of_the_bin": lambda chance: {"which": chance.randrange(8)},
    "tick": lambda chance: {"which": chance.randrange(8)},
    "delete": lambda chance: {"which": chance.randrange(8)},
    "written_anew": lambda chance: {"which": chance.randrange(8)},
    "duplicate": lambda chance: {"which": chance.randrange(8)},
    "wait": lambda chance: {"hours": chance.randint(1, 30)},
    "days_pass": lambda chance: {"days": chance.randint(1, 12), "hour": chance.randint(6, 18)},
    "minutes_pass": lambda chance: {},
    "cycle": lambda chance: {},
    "broken_cycle": lambda chance: {
        "which": chance.randrange(8),
        "how": chance.choice(["before", "after", "reads"]),
        "number": chance.randint(1, 5),
    },
    "killed_cycle": lambda chance: {"number": chance.randint(1, 30)},
    "cycle_with_a_rep": lambda chance: {
        "number": chance.randint(1, 12),
        "what": chance.choice(["move", "note", "answer", "tick", "delete", "types"]),
        "which": chance.randrange(8),
    },
    "cursor_expires": lambda chance: {"which": chance.randrange(8)},
}
DRAWN = [*ACTS, "move", "note", "answer", "tick", "delete", "capture", "log", "days_pass"]  # what a cycle has to do with, more often
PEOPLE = 4


@dataclass(frozen=True, slots=True)
class Schedule:
    """``explored``: before which act (or at the end) comes the cycle that is killed at each of its moments."""

    personality: str
    seed: str
    two: bool
    begin: int
    acts: tuple[Act, ...]
    explored: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """``moments``: of the cycle that was killed at each of them; ``copies``: so many differ in what they leave behind, and were tried.
    ``wrong``: what the oracles said, "" when all is well."""

    schedule: Schedule
    moments: int
    copies: int
    wrong: str = ""


def draw(personality: str, seed: str) -> Schedule:
    chance = Random(f"{personality} {seed}")  # no secret
    acts = [_act(chance) for _ in range(chance.randint(FEWEST, MOST))]
    return Schedule(personality, seed, chance.random() < 0.25, chance.randrange(len(BEGINNINGS)), tuple(acts), chance.randint(1, len(acts)))


def _act(chance: Random) -> Act:
    name = chance.choice(DRAWN)
    return name, ACTS[name](chance)


def run(schedule: Schedule) -> Outcome:
    """The life, with one cycle of it killed at each of its moments; every kill is healed in a copy, and looked at by every oracle. What
    is the same to the letter as a state that healed is not healed again."""
    machine = Machine()
    moments = copies = 0
    try:
        machine.start(two=schedule.two, personality=schedule.personality, begin=BEGINNINGS[schedule.begin])
        for number, (name, how) in enumerate(schedule.acts, 1):
            if name != "capture" or len(machine.people) < PEOPLE:
                getattr(machine, name)(**how)
                machine.look()
            if number == schedule.explored:
                explorer = Again(machine, Healed())
                explorer.kills()
                moments, copies = explorer.moments, explorer.copies
                if explorer.violations:
                    first = explorer.violations[0]
                    return Outcome(schedule, moments, copies, f"killed at moment {first.moment}\n{first.trace}")
                machine.look()
        machine.settle()
        machine.look()
    except Exception:  # noqa: BLE001  # whatever it is, it is a violation
        return Outcome(schedule, moments, copies, traceback.format_exc())
    finally:
        machine.put_away()
    return Outcome(schedule, moments, copies)


def smaller(outcome: Outcome) -> Outcome:
    """The same fault with fewer acts, as long as leaving one out keeps a fault."""
    at = 0
    while at < len(outcome.schedule.acts):
        old = outcome.schedule
        acts = old.acts[:at] + old.acts[at + 1 :]
        explored = max(1, old.explored - (at < old.explored)) if acts else 0
        tried = run(Schedule(old.personality, old.seed, old.two, old.begin, acts, explored)) if acts else None
        if tried and tried.wrong:
            outcome = tried
        else:
            at += 1
    return outcome
