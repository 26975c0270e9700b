"""The next try after those that were not answered: another weekday, another part of the day, inside the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.cadence import Method, Window
from followsync.core.retries import Band, bands, other_bands, other_weekday
from followsync.core.wishes import Wish
from tests.core.builders import DAY_0, DETROIT, NINE_TO_FIVE, rep

REP = rep()
ONLY_TUESDAYS = replace(REP, workdays=replace(REP.workdays, hours={1: (NINE_TO_FIVE,)}))


def tried(*days: str) -> list[datetime]:
    return [datetime.fromisoformat(f"2026-{day}T10:00").replace(tzinfo=DETROIT) for day in days]


@pytest.mark.parametrize(
    ("base", "tries", "day"),
    [
        ("01-06", ("01-05",), "01-06"),  # Monday was tried, Tuesday is another day
        ("01-12", ("01-05",), "01-13"),  # a week later it would be Monday again
        ("01-13", ("01-05", "01-06"), "01-14"),  # neither of the last two
        ("01-10", ("01-09",), "01-12"),  # a Saturday
        ("01-19", ("01-16",), "01-20"),  # the third Monday in January is a holiday
    ],
)
def test_another_weekday(base: str, tries: tuple[str, ...], day: str) -> None:
    assert other_weekday(date.fromisoformat(f"2026-{base}"), tried(*tries), REP) == date.fromisoformat(f"2026-{day}")


def test_who_works_on_one_weekday_keeps_it() -> None:
    assert other_weekday(date(2026, 1, 13), tried("01-06"), ONLY_TUESDAYS) == date(2026, 1, 13)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=6), st.integers(0, 400))
def test_it_is_a_working_day_soon_and_never_before_its_base(offsets: list[int], ahead: int) -> None:
    base = DAY_0 + timedelta(days=ahead)
    tries = [datetime.combine(DAY_0 + timedelta(days=n), time(10), DETROIT) for n in offsets]
    found = other_weekday(base, tries, REP)
    assert base <= found <= base + timedelta(days=12)
    assert REP.workdays.works(found)
    assert found.weekday() != tries[-1].weekday()


CALL = Method("call", "Call", 15, hours=NINE_TO_FIVE)
ANY = Wish(None)


def told(found: list[Band]) -> list[str]:
    return [f"{one.part.start:%H:%M}-{one.part.end:%H:%M}" for one in found]


@pytest.mark.parametrize(
    ("window", "minutes", "parts"),
    [
        (None, 15, ["09:00-11:00", "11:00-13:00", "13:00-15:00", "15:00-17:00"]),
        (Window(time(10), time(14)), 15, ["10:00-11:00", "11:00-13:00", "13:00-14:00"]),
        (Window(time(10), time(14)), 90, ["11:00-13:00"]),  # there is room in no other
        (Window(time(18), time(20)), 15, []),
    ],
)
def test_the_parts_of_a_day(window: Window | None, minutes: int, parts: list[str]) -> None:
    assert told(bands(REP, DAY_0, CALL, "", Wish(window), minutes)) == parts


@pytest.mark.parametrize(
    ("hours", "timezone", "parts"),
    [
        ("09:00-12:00", "", ["09:00-11:00", "11:00-12:00"]),  # what is left at the end is one too
        ("09:30-12:30", "", ["09:30-11:30", "11:30-12:30"]),
        ("09:00-17:00", "Europe/London", ["09:00-11:00", "11:00-12:00"]),
        ("09:00-17:00", "America/Los_Angeles", ["12:00-13:00", "13:00-15:00", "15:00-17:00"]),
    ],
)
def test_the_parts_of_a_day_in_their_office_time(hours: str, timezone: str, parts: list[str]) -> None:
    assert told(bands(rep(hours=hours), DAY_0, CALL, timezone, ANY, 15)) == parts


def test_the_parts_of_the_time_that_is_kept_for_a_method() -> None:
    kept = rep(blocks={"call": {0: (Window(time(10), time(13)),)}})
    assert told(bands(kept, DAY_0, CALL, "", ANY, 15)) == ["10:00-11:00", "11:00-13:00"]


def test_a_day_off_has_none() -> None:
    assert bands(REP, date(2026, 1, 10), CALL, "", ANY, 15) == []


@given(st.lists(st.times(time(6), time(20)), min_size=1, max_size=12), st.sampled_from(["", "Europe/London", "America/Denver"]))
def test_the_part_of_the_last_try_is_never_chosen_again(tries: list[time], timezone: str) -> None:
    found = other_bands(tries, bands(REP, DAY_0, CALL, timezone, ANY, 15))
    assert found
    assert not any(one.start <= tries[-1] < one.end for one in found)


def test_all_parts_get_their_turn() -> None:
    """A rep who always answers at noon gets other hours all the same."""
    choice = bands(REP, DAY_0, CALL, "", ANY, 15)
    firsts = {other_bands([time(12)] * number, choice)[0] for number in range(1, 9)}
    assert firsts >= {choice[0].part, choice[2].part, choice[3].part}


@pytest.mark.parametrize("choice", [[], [Band(Window(time(9), time(11)), Window(time(9), time(11)))]])
def test_where_there_is_no_choice_nothing_is_wished(choice: list[Band]) -> None:
    assert other_bands([time(9)], choice) == ()
