"""Random lives of a rep, with faults and kills, against the real store. FOLLOWSYNC_SOAK=20 runs twenty times as many, twice as long."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from followsync.core.history import Result
from tests.dav.schedule import Schedule, run
from tests.machine.apps import LINES
from tests.machine.found import FOUND
from tests.machine.machine import DOUBTS, OWN, Machine
from tests.machine.mutants import (
    ANSWER,
    CYCLE,
    DELETE,
    LOST,
    MUMBLE,
    MUTANTS,
    OVERDUE,
    TOMORROW,
    TYPED,
    TYPED_AGAIN,
    UNSENT,
    Life,
)

Told = tuple[str, dict[str, Any]]

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


ANSWERED: list[Told] = [ANSWER, CYCLE, CYCLE]
WAYS: dict[str, list[Told]] = {
    **{f"types a follow-up, {how}": [("types", {"how": how, "who": None, "which": 0, "ahead": 3, "noted": True})] for how in LINES},
    **{
        f"types one of somebody who is known, {how}": [("types", {"how": how, "who": 0, "which": 0, "ahead": 3, "noted": True})]
        for how in ("timed", "day", "task")
    },
    "edits it before it was written": [TYPED, UNSENT, ("note", {"which": 1, "html": True})],
    "types one of somebody who was closed": [("log", {"who": 0, "result": Result.NO, "ahead": 1}), TYPED_AGAIN],
    **{f"types what is their own, {kind}": [("types_own", {"kind": kind, "which": 0, "ahead": 3})] for kind in OWN},
    "renames it": [("types_own", {"kind": "golf", "which": 0, "ahead": 3}), CYCLE, ("renames", {"which": 0})],
    "copies an entry": [("duplicate", {"which": 0})],
    **{
        f"adds {word} to a record": [*ANSWERED, ("adds_to_a_record", {"which": 0, "word": word, "ahead": 3})]
        for word in ("yes", "no", "x", "done", ">")
    },
    **{
        f"answers {word} with a note": [("answer_with_note", {"which": 0, "word": word, "in_notes": word != "done:"})]
        for word in ("done:", "x,", "left message:")
    },
    "puts an attempt right": [
        ("answer", {"which": 0, "word": "left message", "in_notes": False}),
        CYCLE,
        CYCLE,
        ("adds_to_a_record", {"which": 0, "word": "done", "ahead": 3}),
    ],
    "waits for them": [("waits", {"which": 0, "ahead": 3})],
    **{f"answers {doubt}": [("mumble", {"which": 0, "doubt": doubt})] for doubt in DOUBTS},
    **{
        f"{what} the entry on the {where} calendar": [(what, {"which": which, **how})]
        for which, where in enumerate(("first", "last"))
        for what, how in (("tick", {}), ("move", {"ahead": 3, "hour": 11}), ("delete", {}), ("note", {"html": True}))
    },
    "ticks the question": [MUMBLE, CYCLE, ("tick", {"which": 0}), TOMORROW],
    "answers the question": [MUMBLE, CYCLE, ("agree", {"which": 0, "ahead": 3, "in_notes": True})],
    "takes it out of the bin": [DELETE, CYCLE, ("minutes_pass", {}), CYCLE, ("out_of_the_bin", {"which": 0})],
}


@pytest.mark.parametrize(("personality", "two"), [("memory", False), ("rewriter", False), ("google", False), ("google", True)])
@pytest.mark.parametrize("life", WAYS.values(), ids=list(WAYS))
def test_the_rep(life: list[Told], personality: str, two: bool) -> None:
    """At Google, the second target takes tasks: those have a day and no hour, and an id that Google chooses."""
    machine = Machine()
    try:
        machine.live(*life, personality=personality, two=two)
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


SCHEDULES = {
    "what a cached list calls gone, and still stands, goes before anything stands beside it": Schedule(
        "search_cache",
        "told",
        True,
        3,
        (
            ("types", {"how": "day", "who": 6, "which": 5, "ahead": 1, "noted": False}),
            ("agree", {"which": 3, "ahead": 7, "in_notes": True}),
            ("killed_cycle", {"number": 27}),
            ("written_anew", {"which": 0}),
        ),
        3,
    ),
    "an answer below our line of a task counts, though a note stands above it": Schedule(
        "google",
        "told",
        True,
        1,
        (("note", {"which": 5, "html": False}), ("answer", {"which": 7, "word": "yes", "in_notes": True})),
        1,
    ),
    "a note is read from what shows of an entry that was deleted": Schedule(
        "google",
        "told",
        True,
        0,
        (("note", {"which": 1, "html": False}), ("delete", {"which": 1})),
        1,
    ),
    "what a cached list calls gone goes from beside what the rep typed in its place": Schedule(
        "search_cache",
        "told",
        False,
        2,
        (
            ("agree", {"which": 6, "ahead": 5, "in_notes": False}),
            ("capture", {"pitched": False}),
            ("types", {"how": "timed", "who": 1, "which": 6, "ahead": 9, "noted": False}),
            ("cycle", {}),
            ("cycle", {}),
        ),
        3,
    ),
    "one check told on two calendars one after the other is one": Schedule(
        "xandikos",
        "told",
        True,
        1,
        (
            ("waits", {"which": 7, "ahead": 4}),
            ("written_anew", {"which": 2}),
            ("waits", {"which": 0, "ahead": 4}),
            ("note", {"which": 0, "html": False}),
            ("minutes_pass", {}),
        ),
        5,
    ),
    "our text did not arrive because a note stands there that it quotes": Schedule(
        "search_cache",
        "told",
        False,
        1,
        (
            ("note", {"which": 4, "html": True}),
            ("capture", {"pitched": False}),
            ("capture", {"pitched": True}),
            ("note", {"which": 1, "html": False}),
        ),
        4,
    ),
}


@pytest.mark.parametrize("told", SCHEDULES.values(), ids=list(SCHEDULES))
def test_what_a_soak_found_stays_mended(told: Schedule) -> None:
    assert run(told).wrong == ""


@pytest.mark.parametrize("life", FOUND.values(), ids=list(FOUND))
def test_what_chance_found(life: Life) -> None:
    machine = Machine()
    try:
        machine.live(*life.acts, personality=life.personality, two=life.two)
    finally:
        machine.teardown()


@pytest.mark.soak
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_engine_is_found_by_chance(mutant: Callable[[], AbstractContextManager[None]]) -> None:
    """Without being told how. The first failure is enough; it is not made smaller."""
    bounded = settings(PROFILE, max_examples=1000, stateful_step_count=30, derandomize=True, phases=[Phase.generate], print_blob=False)
    with mutant(), pytest.raises((AssertionError, BaseExceptionGroup)):
        run_state_machine_as_test(Machine, settings=bounded)
