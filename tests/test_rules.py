"""The settings as the heart knows them."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from followsync.config import Settings, load
from followsync.core.cadence import Busy, Count, Duration, Form, Purpose, Shift, Shows, Unit, Window, cadence_for, version_of
from followsync.core.prospect import Prospect
from followsync.rules import rep_rules, rules, week

TEXT = """\
reps:
  dana:
    timezone: America/Detroit
    hours: {mon-fri: 09:00-17:00, sat: [13:00-15:00, 09:00-12:00]}
    holidays: {region: US-MI, extra: [2026-12-24], except: [2026-07-03]}
    away: [2026-08-03/2026-08-07]
    capacity: 5
    buffer: 20 minutes
    blocks: {call: {"tue,thu": 09:00-11:00}}
    day_parts: {Evening: 16:00-17:00, morning: 08:00-10:00}
  lee: {timezone: Europe/Berlin, day_parts: {evening: 17:00-18:00}}
  kim: {timezone: UTC, holidays: GB, day_parts: {evening: 17:00-18:00}}
methods:
  letter: {lead: 4 working days, alarms: [1 day, 15 minutes], busy: never, as: task}
purposes:
  deciders: {text: meet the deciders, questions: [Who decides?]}
cadences:
  first:
    for: {stage: Pitched, tags: [Hot, warm], preferred method: call}
    start: met
    min_gap: 7 days
    prefer: call
    ahead: 2 weeks
    retry: {after: 2 working days, limit: 3}
    steps:
      - {after: 3 days, method: email, purpose: say thanks}
      - {id: b, every: 2 weeks, from: step-1, method: call, purpose: deciders, questions: [Which day?, Who decides?], window: morning}
      - {before: 30 days, of: contract_end, method: letter, purpose: x, window: evening, shift: previous, if: [no answer, 3 attempts]}
      - {on: contract_end, method: visit, purpose: x, window: 14:00-16:00, they_know: yes, to: absent deciders}
      - {on: start, method: visit, purpose: x, minutes: 90, as: task, title: T, body: B, agenda: [a]}
      - {on: 0 days, of: met, method: visit, purpose: x}
      - {on: 2 days, of: met, method: visit, purpose: x}
  second:
    steps: [{after: 1 week, method: call, purpose: x}]
reasons:
  budget: {before: 6 weeks, method: call, purpose: deciders}
"""


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    path = tmp_path / "c.yaml"
    path.write_text(TEXT)
    return load(path)


def test_cadences(config: Settings) -> None:
    first, second = rules(config, "dana").cadences
    assert (first.name, first.start, first.min_gap, first.prefer) == ("first", "met", Duration(7, Unit.DAYS), "call")
    assert (first.ahead, first.retry.after, first.retry.limit) == (Duration(2, Unit.WEEKS), Duration(2, Unit.WORKING_DAYS), 3)
    assert first.criteria == {
        "stage": frozenset({"pitched"}),
        "tags": frozenset({"hot", "warm"}),
        "preferred_method": frozenset({"call"}),
    }
    assert (second.name, second.criteria, second.steps[0].id, second.retry.limit) == ("second", {}, "step-1", None)


def test_a_cadence_is_found_without_regard_to_case(config: Settings) -> None:
    fits = Prospect("1", "dana", "Joe's Diner", stage="PITCHED", tags=("hot",), method="Call")
    cadences = rules(config).cadences
    assert cadence_for(fits, cadences) is cadences[0]
    assert cadence_for(Prospect("2", "dana", "Jenny", stage="pitched"), cadences) is cadences[1]


def test_a_cadence_knows_its_version(config: Settings) -> None:
    first, second = rules(config, "dana").cadences
    assert (first.version, second.version) == (version_of(first), version_of(second))
    assert first.version != second.version


def test_steps(config: Settings) -> None:
    thanks, deciders, letter, visit, start, same_day, later = rules(config, "dana").cadences[0].steps
    assert [step.id for step in (thanks, deciders, letter, visit, start)] == ["step-1", "b", "step-3", "step-4", "step-5"]
    assert (thanks.count, thanks.duration, thanks.since, thanks.purpose) == (Count.AFTER, Duration(3, Unit.DAYS), "start", "say thanks")
    assert (deciders.count, deciders.duration, deciders.since) == (Count.EVERY, Duration(2, Unit.WEEKS), "step-1")
    assert (letter.count, letter.duration, letter.of, letter.shift) == (
        Count.BEFORE,
        Duration(30, Unit.DAYS),
        "contract_end",
        Shift.PREVIOUS,
    )
    assert (letter.when, letter.tries) == (("no answer",), 3)
    assert (visit.count, visit.duration, visit.of, visit.they_know, visit.to) == (Count.ON, None, "contract_end", True, "absent deciders")
    assert (start.count, start.of, start.minutes, start.form) == (Count.ON, "", 90, Form.TASK)
    assert (start.title, start.body, start.agenda) == ("T", "B", ("a",))
    assert (same_day.count, same_day.duration, same_day.of) == (Count.ON, None, "met")
    assert (later.count, later.duration, later.of) == (Count.ON, Duration(2, Unit.DAYS), "met")


def test_a_purpose_by_name_brings_its_questions(config: Settings) -> None:
    ours = rules(config)
    step = ours.cadences[0].steps[1]
    assert (step.purpose, step.questions) == ("meet the deciders", ("Which day?", "Who decides?"))
    assert ours.purposes == {"deciders": Purpose("deciders", "meet the deciders", ("Who decides?",))}
    budget, contract = ours.reasons["budget"], ours.reasons["contract_end"]
    assert (budget.of, budget.before, budget.method, budget.purpose) == ("budget", Duration(6, Unit.WEEKS), "call", "meet the deciders")
    assert (contract.of, contract.before, contract.method) == ("contract_end", Duration(30, Unit.DAYS), "visit")


def test_parts_of_the_day_are_each_reps_own(config: Settings) -> None:
    windows = {key: [step.window for step in rules(config, key).cadences[0].steps[1:4]] for key in ("dana", "lee")}
    afternoon = Window(time(14), time(16))
    assert windows["dana"] == [Window(time(8), time(10)), Window(time(16), time(17)), afternoon]
    assert windows["lee"] == [Window(time(9), time(12)), Window(time(17), time(18)), afternoon]
    assert rules(config).cadences[0].steps[1].window == Window(time(9), time(12))


def test_methods(config: Settings) -> None:
    methods = rules(config).methods
    letter, call = methods["letter"], methods["call"]
    assert (letter.name, letter.verb, letter.minutes, letter.alarms) == ("letter", "Write letter to", 20, (15, 1440))
    assert (letter.lead, letter.busy, letter.form, letter.shows) == (Duration(4, Unit.WORKING_DAYS), Busy.NEVER, Form.TASK, Shows.ADDRESS)
    assert (call.hours, methods["visit"].hours) == (Window(time(9), time(17)), None)


def test_a_reps_week(config: Settings) -> None:
    dana = rep_rules(config, "dana")
    assert (dana.rep, dana.capacity, dana.buffer, dana.workdays.zone.key) == ("dana", 5, timedelta(minutes=20), "America/Detroit")
    assert dana.workdays.hours[0] == (Window(time(9), time(17)),)
    assert dana.workdays.hours[5] == (Window(time(9), time(12)), Window(time(13), time(15)))
    assert 6 not in dana.workdays.hours
    assert dana.blocks == {"call": {1: (Window(time(9), time(11)),), 3: (Window(time(9), time(11)),)}}
    assert dana.day_parts == {
        "morning": Window(time(8), time(10)),
        "afternoon": Window(time(13), time(17)),
        "evening": Window(time(16), time(17)),
    }


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 12, 25), "holiday: Christmas Day"),
        (date(2026, 11, 27), "holiday: Day After Thanksgiving"),  # Michigan's own
        (date(2027, 1, 1), "holiday: New Year's Day"),
        (date(2026, 12, 24), "holiday: a day off of the rep's own"),
        (date(2026, 7, 3), None),  # worked all the same
        (date(2026, 8, 5), "away"),
        (date(2026, 8, 9), "Sunday is not worked"),
        (date(2026, 8, 10), None),
    ],
)
def test_days_off(config: Settings, day: date, why: str | None) -> None:
    assert rep_rules(config, "dana").workdays.why_off(day) == why


def test_no_holidays_where_none_are_named(config: Settings) -> None:
    assert rep_rules(config, "lee").workdays.works(date(2026, 12, 25))


def test_the_region_of_bare_phone_numbers(config: Settings) -> None:
    assert {key: rep_rules(config, key).region for key in config.reps} == {"dana": "US", "lee": "DE", "kim": "GB"}


@pytest.mark.parametrize(
    ("key", "days"),
    [("mon-fri", [0, 1, 2, 3, 4]), ("tue,thu", [1, 3]), ("fri-mon", [0, 4, 5, 6]), ("Saturday", [5]), ("mon-tue, sun", [0, 1, 6])],
)
def test_weekdays(key: str, days: list[int]) -> None:
    assert list(week({key: (Window(time(9), time(10)),)})) == days
