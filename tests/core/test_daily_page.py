"""The day's page: what it counts, what it lists, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from followsync.core.daily_page import Line, is_open, page, page_id
from followsync.core.history import Kind
from followsync.core.item import Item, State, Written
from followsync.core.placement import Placed
from followsync.core.plan import CHECK, DECIDE, Action
from tests.core.builders import REP, at, day

MONDAY = day("01-05")


def line(title: str, kind: Kind = Kind.STEP, method: str = "call", *, start: str = "2026-01-05 10:00", base: date = MONDAY) -> Line:
    begin = at(start)
    action = Action(title, "jenny", kind, method, "say hi", due=base, base=base, minutes=15)
    return Line(Placed(action, begin, begin + timedelta(minutes=15), base), title)


PAGE = page_id("dana")


def shown(*lines: Line, today: date = MONDAY) -> Item | None:
    return page(lines, REP.workdays, time(8), today, PAGE, "fs1page")


def test_it_counts_promises_first_and_questions_last() -> None:
    lines = [
        *(line(f"Promise {n}", Kind.PROMISE) for n in range(2)),
        *(line(f"Call {n}") for n in range(6)),
        line("Email Joe", method="email"),
        line("Check whether Joe has decided", method=CHECK),
        line("Decide: Joe's Diner", Kind.DECIDE, DECIDE),
    ]
    item = shown(*lines)
    assert item
    assert item.title == "Today: 2 promises, 6 calls, 1 e-mail, 1 check, 1 decide"
    assert (item.start, item.end) == (at("2026-01-05 08:00"), at("2026-01-05 08:10"))
    assert (item.busy, item.alarms, item.action, item.prospect) == (False, (0,), PAGE, "")


def test_it_lists_the_day_in_order_and_nothing_of_other_days() -> None:
    item = shown(
        line("Call B", start="2026-01-05 14:00"), line("Call A", start="2026-01-05 09:00"), line("Call C", start="2026-01-06 09:00")
    )
    assert item
    assert item.title == "Today: 2 calls"
    assert item.body.splitlines()[:2] == ["09:00 Call A", "14:00 Call B"]
    assert "Call C" not in item.body


def test_a_day_without_anything_has_no_page() -> None:
    assert shown(line("Call C", start="2026-01-06 09:00")) is None
    assert shown() is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (day("01-05"), ""),
        (day("01-03"), ""),  # a Saturday: no working day has passed
        (day("01-02"), "Undecided: 1, the oldest for 1 working day."),
        (date(2025, 12, 29), "Undecided: 1, the oldest for 3 working days."),  # in Michigan the 31st is a holiday too
    ],
)
def test_it_says_how_long_a_question_has_waited(asked: date, told: str) -> None:
    item = shown(line("Decide: Joe's Diner", Kind.DECIDE, DECIDE, base=asked))
    assert item
    assert told in item.body
    assert ("Undecided" in item.body) == bool(told)


def test_however_much_there_is_it_can_be_read_at_a_glance() -> None:
    item = shown(*(line(f"Call {'x' * 200} {n:03}") for n in range(300)))
    assert item
    assert len(item.body) <= 2000
    assert max(len(one) for one in item.body.splitlines()) <= 126
    listed = sum(one.startswith("10:00") for one in item.body.splitlines())
    assert f"… and {300 - listed} more" in item.body
    assert item.title == "Today: 300 calls"


@pytest.mark.parametrize(
    ("row", "now", "may"),
    [
        (None, "2026-01-05 00:05", True),
        (None, "2026-01-05 08:09", True),
        (None, "2026-01-05 08:10", False),
        ("open today", "2026-01-05 07:00", True),
        ("gone today", "2026-01-05 07:00", False),
        ("gone before", "2026-01-05 07:00", True),
    ],
)
def test_until_when_it_is_written(row: str | None, now: str, may: bool) -> None:
    written = Written("phone", PAGE, "", "page.ics", placed=MONDAY if row and "today" in row else day("01-02"))
    known = replace(written, state=State.GONE if row and "gone" in row else State.OPEN) if row else None
    assert is_open(known, at("2026-01-05 08:00"), MONDAY, at(now)) is may
