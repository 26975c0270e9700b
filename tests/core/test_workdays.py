"""Working days, durations, and the turns of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.cadence import Duration, Shift, Unit
from followsync.core.workdays import Workdays
from tests.core.builders import NINE_TO_FIVE, REP, day, rep

DAYS = REP.workdays
AWAY = rep(away=[(day("07-03"), day("07-10"))]).workdays
dates = st.dates(date(2025, 1, 1), date(2028, 1, 1))


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("01-05", None),
        ("01-10", "Saturday is not worked"),
        ("01-19", "holiday: Martin Luther King Jr. Day"),
        ("07-06", "away"),
        ("07-10", "away"),
        ("07-13", None),
    ],
)
def test_why_off(when: str, why: str | None) -> None:
    assert AWAY.why_off(day(when)) == why


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("01-05", "3 days", "01-08"),
        ("01-05", "-3 days", "01-02"),
        ("01-05", "3 weeks", "01-26"),
        ("01-31", "1 months", "02-28"),
        ("01-31", "2 months", "03-31"),  # never drifts
        ("01-31", "-2 months", "2025-11-30"),
        ("2028-02-29", "1 years", "2029-02-28"),
        ("01-05", "4 working days", "01-09"),
        ("01-10", "1 working days", "01-12"),
        ("01-16", "1 working days", "01-20"),  # over a weekend and a holiday
        ("03-20", "-4 working days", "03-16"),
        ("01-22", "-4 working days", "01-15"),
        ("07-02", "1 working days", "07-13"),
        ("01-10", "0 working days", "01-10"),
        ("01-05", "90 minutes", "01-05"),
    ],
)
def test_add(start: str, duration: str, expected: str) -> None:
    count, _, unit = duration.partition(" ")
    assert AWAY.add(day(start), Duration(int(count), Unit(unit))) == day(expected)


@given(dates, st.integers(1, 40))
def test_working_days_go_there_and_back(start: date, count: int) -> None:
    first = DAYS.next_day(start)
    there = DAYS.add(first, Duration(count, Unit.WORKING_DAYS))
    assert DAYS.works(there)
    assert DAYS.add(there, Duration(count, Unit.WORKING_DAYS), -1) == first
    assert sum(DAYS.works(first + timedelta(days=n)) for n in range((there - first).days)) == count


@given(dates, st.sampled_from(Shift))
def test_a_shift_lands_on_a_working_day_and_skips_none(when: date, shift: Shift) -> None:
    shifted = DAYS.shifted(when, shift)
    if shift is Shift.NONE or DAYS.works(when):
        assert shifted == when
        return
    assert DAYS.works(shifted)
    low, high = sorted((shifted, when))
    assert not any(DAYS.works(low + timedelta(days=n)) for n in range(1, (high - low).days))
    assert (shifted > when) is (shift is Shift.NEXT)


def test_who_never_works_still_gets_an_answer() -> None:
    assert Workdays(ZoneInfo("UTC"), {}).next_day(day("01-05")) > day("01-05")


@pytest.mark.parametrize(
    ("zone", "when", "clock", "utc"),
    [
        ("America/Detroit", "2026-03-08", "02:30", "2026-03-08 07:30"),  # does not exist: 03:30
        ("America/Detroit", "2026-11-01", "01:30", "2026-11-01 05:30"),  # twice: the first
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03 15:45"),
        ("America/Santiago", "2026-09-06", "00:00", "2026-09-06 04:00"),
        ("Europe/Berlin", "2026-06-01", "09:00", "2026-06-01 07:00"),
    ],
)
def test_a_wall_clock_time_exists(zone: str, when: str, clock: str, utc: str) -> None:
    moment = Workdays(ZoneInfo(zone), {0: (NINE_TO_FIVE,)}).at(day(when), time.fromisoformat(clock))
    assert f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" == utc
    assert moment.astimezone(UTC).astimezone(ZoneInfo(zone)) == moment


@pytest.mark.parametrize(("zone", "today"), [("America/Detroit", "01-05"), ("Europe/Berlin", "01-06"), ("Pacific/Kiritimati", "01-06")])
def test_today_is_the_reps(zone: str, today: str) -> None:
    assert rep(ZoneInfo(zone)).workdays.today(datetime(2026, 1, 6, 0, 30, tzinfo=UTC)) == day(today)


@pytest.mark.parametrize(
    ("first", "today", "days"),
    [
        ("01-06", "01-06", 0),  # a Tuesday
        ("01-06", "01-07", 1),
        ("01-06", "01-12", 4),
        ("01-09", "01-10", 1),  # Friday, seen on Saturday
        ("01-10", "01-12", 0),  # came in on Saturday, and Monday has just begun
        ("01-16", "01-20", 1),  # 01-19 is a holiday
        ("01-07", "01-06", 0),
    ],
)
def test_working_days_that_have_gone_by(first: str, today: str, days: int) -> None:
    assert REP.workdays.passed(day(first), day(today)) == days
