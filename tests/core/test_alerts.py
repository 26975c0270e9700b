"""Word on the calendar that another target waits for a sign-in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.alerts import alert, alert_id, is_wanted
from followsync.core.item import State, Written
from tests.core.builders import DETROIT, at, day

TODAY = day("01-06")
ROW = Written("phone", alert_id("desk"), "", "alert.ics", placed=TODAY)


def test_it_takes_the_whole_day_and_nobodys_time() -> None:
    item = alert("desk", "The password was refused. Put the right one into the file.", TODAY, DETROIT, "fs1alert")
    assert item.title == "FollowSync: desk needs a new sign-in"
    assert item.body.startswith("The password was refused.")
    assert (item.start, item.end, item.all_day) == (at("2026-01-06 00:00"), at("2026-01-07 00:00"), True)
    assert (item.busy, item.alarms, item.prospect, item.action) == (False, (), "", alert_id("desk"))


def test_on_the_day_of_the_clocks_it_is_still_one_whole_day() -> None:
    item = alert("desk", "why", day("03-08"), DETROIT, "fs1alert")
    assert (item.start, item.end) == (at("2026-03-08 00:00"), at("2026-03-09 00:00"))


def test_each_target_has_its_own() -> None:
    assert alert_id("desk") != alert_id("phone")
    assert alert_id("desk") == alert_id("desk")


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (None, True),
        (ROW, True),
        (replace(ROW, state=State.GONE), False),  # thrown away today
        (replace(ROW, state=State.RECORDED), False),
        (replace(ROW, state=State.GONE, placed=day("01-05")), True),  # that was yesterday
    ],
)
def test_thrown_away_it_comes_back_on_another_day(row: Written | None, wanted: bool) -> None:
    assert is_wanted(row, TODAY) is wanted
