"""What the five articles demand of the rules, row by row, as tests/test_sources.py does for the rest.

Day 0 is Monday 2026-01-05 in America/Detroit.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from followsync import config, rules
from followsync.core.history import Captured, Entry
from followsync.core.plan import Action, Resting, due
from followsync.core.prospect import Prospect
from followsync.core.standing import standing
from tests.phone import ZONE

# ---- 004-13: everything that Capsule's Tracks can do --------------------------------------------------------------------------------
#
# The reference is written from Capsule's own pages (support/tracks, and the API's track task definition): a track works from its start
# or back from its end. From the start, a task is due a number of days after the start or after the previous task was completed, and the
# first one after the start; back from the end, all are due a number of days before it. The number counts days, weekdays or weeks.


@dataclass(frozen=True)
class Task:
    rule: str  # START_DATE, LAST_TASK, END_DATE
    number: int
    unit: str  # DAYS, WEEKDAYS, WEEKS


def counted(day: date, number: int, unit: str, direction: int) -> date:
    if unit == "WEEKDAYS":
        while number:
            day += timedelta(days=direction)
            number -= day.isoweekday() <= 5
        return day
    return day + timedelta(days=direction * number * {"DAYS": 1, "WEEKS": 7}[unit])


def capsule_days(track: list[Task], start: date, end: date, completed: dict[int, date]) -> dict[int, date]:
    """When each task is due that is not completed and whose day is known."""
    known = {}
    for place, task in enumerate(track):
        if place in completed:
            continue
        if task.rule == "START_DATE":
            known[place] = counted(start, task.number, task.unit, 1)
        elif task.rule == "END_DATE":
            known[place] = counted(end, task.number, task.unit, -1)
        elif place - 1 in completed:
            known[place] = counted(completed[place - 1], task.number, task.unit, 1)
    return known


def some_track(dice: random.Random) -> list[Task]:
    def task(*rules: str) -> Task:
        unit = dice.choice(["DAYS", "WEEKDAYS", "WEEKS"])
        return Task(dice.choice(rules), dice.randint(0, 9 if unit == "WEEKS" else 40), unit)

    length = dice.randint(1, 8)
    if dice.random() < 0.3:
        return [task("END_DATE") for _ in range(length)]
    return [task("START_DATE"), *(task("START_DATE", "LAST_TASK") for _ in range(length - 1))]


_UNITS = {"DAYS": "days", "WEEKDAYS": "working days", "WEEKS": "weeks"}
_STEPS = {"START_DATE": "after: {}, from: start", "LAST_TASK": "after: {}, from: previous", "END_DATE": "before: {}, of: contract_end"}


def as_cadence(track: list[Task]) -> str:
    """The same track in YAML. Capsule moves nothing for a weekend."""
    steps = [
        f"      - {{{_STEPS[task.rule].format(f'{task.number} {_UNITS[task.unit]}')}, method: call, purpose: task {place}, shift: none}}"
        for place, task in enumerate(track)
    ]
    return "\n".join(
        [
            "reps: {dana: {timezone: America/Detroit, hours: {mon-fri: 09:00-17:00}}}",
            "cadences:",
            "  track:",
            "    start: met",
            "    ahead: 50 years",
            "    steps:",
            *steps,
        ]
    )


@pytest.mark.parametrize("hundred", range(2))
def test_004_13_tracks_of_capsule_give_the_same_days(hundred: int, tmp_path: Path) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        dice = random.Random(seed)
        track = some_track(dice)
        path = tmp_path / f"{seed}.yaml"
        path.write_text(as_cadence(track))
        settings = config.load(path)
        the_rules, rep = rules.rules(settings, "dana"), rules.rep_rules(settings, "dana")
        start = date(2026, 1, 1) + timedelta(days=dice.randint(0, 800))
        end = start + timedelta(days=dice.randint(0, 500))
        prospect = Prospect("joe", "dana", "Joe", fields={"met": start.isoformat(), "contract_end": end.isoformat()})
        history: tuple[Entry, ...] = (Captured(datetime.combine(start, time(8), ZONE), "cli"),)
        completed: dict[int, date] = {}
        today = start
        while len(completed) < len(track):
            now = datetime.combine(today, time(10), ZONE)
            expected = capsule_days(track, start, end, completed)
            found = due(prospect, the_rules, standing(prospect, history), rep, now)
            assert not isinstance(found, Resting)
            days = {int(action.purpose.removeprefix("task ")): action.due for action in found}
            where = f"seed {seed}, {track}, {today}, completed {completed}"
            assert {place: days.get(place) for place in expected} == expected, where
            place = min(expected, key=lambda one: (expected[one], one))
            assert found[0].purpose == f"task {place}", where
            today = max(today, expected[place] + timedelta(days=dice.choice([-9, -2, 0, 0, 0, 1, 5, 30])))
            history = (*history, done(found[0], datetime.combine(today, time(11), ZONE)))
            completed[place] = today
        (last,) = due(prospect, the_rules, standing(prospect, history), rep, datetime.combine(today, time(12), ZONE))
        assert last.kind == "decide", "a finite track ends in a decision"


def done(action: Action, at: datetime) -> Entry:
    from followsync.core.edits import touched
    from followsync.core.history import Result

    return touched(action, Result.DONE, at, "cli")
