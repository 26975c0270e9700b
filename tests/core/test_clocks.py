"""What was told while this machine's clock was ahead: as of when it counts, and what is asked about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followsync.core.clocks import counted
from followsync.core.history import Captured, Dismissed, Edited, Kind, Moved, Noted, Promised, Result, StepRef, Touched, Unclear, Waiting
from followsync.core.standing import standing
from tests.core.builders import JENNY, at, day

NOW = at("2026-01-08 10:00")
IN = Captured(at("2026-01-05 08:00"), "cli")
YEAR = timedelta(days=365)
STEP = StepRef("c", "one")
TICKED = Touched(NOW + YEAR, "cli", Result.DONE, "a", Kind.STEP, "call", steps=(STEP,), due=day("01-08"), start=NOW + YEAR)


def test_what_is_in_order_stays_as_it_is() -> None:
    history = (IN, Noted(NOW + timedelta(hours=20), "cli", "of a machine whose clock goes before"))
    assert counted(history, NOW).history is history


def test_an_answer_counts_as_of_the_day_on_which_it_stood_there() -> None:
    found = counted((IN, TICKED), NOW)
    assert found.history[1].at.date() == day("01-08")
    assert found.told == {found.history[1].at: TICKED.at}


def test_what_stood_nowhere_counts_as_of_what_was_told_before() -> None:
    for fact in (Noted(NOW + YEAR, "cli", "x"), replace(TICKED, due=day("02-01"))):
        moment = counted((IN, fact), NOW).history[1].at
        assert IN.at < moment < IN.at + timedelta(seconds=1)


def test_who_came_in_then_is_not_made_to_wait() -> None:
    assert counted((replace(IN, at=IN.at + YEAR),), NOW).history[0].at == IN.at
    assert counted((replace(IN, at=IN.at + timedelta(days=70 * 365)),), NOW).history[0].at == IN.at


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=20), 1.5 * YEAR])
def test_it_counts_as_of_the_same_moment_as_time_goes_on(later: timedelta) -> None:
    """Also once the day has come that the clock told: what was told since says that it was wrong."""
    since = [Edited(NOW + timedelta(days=n), "cli", {}) for n in range(1, 3)] if later else []
    history = (IN, TICKED, *since)
    assert counted(history, NOW + later).history[1] == counted((IN, TICKED), NOW).history[1]


def test_what_was_told_together_stays_together_and_in_its_order() -> None:
    promise = Promised(TICKED.at, "cli", "call", day("2027-01-10"))
    other = replace(promise, at=promise.at + timedelta(minutes=1))
    history = (IN, TICKED, promise, other, Unclear(other.at, "cli", "", "", others=(promise,)))
    read = counted(history, NOW).history
    assert read[1].at == read[2].at < read[3].at
    assert isinstance(asked := read[4], Unclear)
    assert asked.others == (read[2],)


def test_one_fact_of_a_clock_that_was_behind_makes_no_other_one_wrong() -> None:
    right = [Edited(NOW + timedelta(days=n), "cli", {}) for n in range(8)]
    behind = Edited(NOW - 3 * YEAR, "cli", {})
    history = (IN, *right[:5], behind, *right[5:])
    assert counted(history, NOW + timedelta(days=9)).history == history


def test_what_a_record_brings_back_is_of_its_own_day() -> None:
    told = Touched(day_start := at("2026-01-06 09:00"), "calendar:phone", Result.DONE, "b", start=day_start)
    history = (IN, Edited(NOW, "cli", {}), told)
    assert counted(history, NOW).history == history


def test_ids_are_those_of_before() -> None:
    unasked = replace(TICKED, action="", start=None)
    promise = Promised(NOW + YEAR + timedelta(hours=1), "cli", "call", day("2027-01-10"))
    for facts in ((unasked, promise), (unasked, Waiting(promise.at, "cli", day("2027-01-10"))), (TICKED, promise)):
        then, now = standing(JENNY, (IN, *facts)), standing(JENNY, (IN, *facts), NOW)
        assert (then.opened, then.origin) == (now.opened, now.origin)


def test_what_was_agreed_or_moved_then_is_doubted() -> None:
    promise = Promised(NOW + YEAR, "cli", "call", day("2027-01-10"))
    where = standing(JENNY, (IN, promise), NOW)
    assert where.doubted.keys() == {where.opened}
    moved = Moved(NOW + timedelta(hours=1), "phone", where.opened, at("2026-01-09 10:00"), at("2026-01-09 10:15"))
    assert standing(JENNY, (IN, promise, moved), NOW + timedelta(hours=2)).doubted == {}
    assert standing(JENNY, (IN, promise, replace(moved, at=NOW + YEAR)), NOW).doubted.keys() == {where.opened}
    assert standing(JENNY, (IN, replace(promise, at=NOW)), NOW).doubted == {}
    assert standing(JENNY, (IN, Dismissed(NOW, "phone", "q")), NOW).deleted == {"q"}
