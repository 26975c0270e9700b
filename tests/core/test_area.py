"""The postcode in an address, and visits that stand together by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from followsync.core.area import area_of, area_of_visit
from followsync.core.cadence import Method, Shows
from followsync.core.history import Kind, Moved
from followsync.core.placement import Placed
from followsync.core.plan import Action
from tests.core.builders import JENNY, METHODS, at, day, put, rep, stands

NOW = at("2026-01-05 08:00")


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("12345 Main St, Troy, MI 48084-1234", "48084"),
        ("100 Main St, Detroit MI 48226", "48226"),
        ("10 Downing St, London SW1A 2AA", "SW1A"),
        ("111 Wellington St, Ottawa ON K1A 0A9", "K1A"),
        ("Hauptstr. 5, 10115 Berlin", "10115"),
        ("D-10115 Berlin, Hauptstr. 5", "10115"),
        ("Damrak 1, 1012 LG Amsterdam", "1012"),
        ("Bahnhofstrasse 1, 8001 Zürich", "8001"),
        ("1 Rue de Rivoli, 75001 Paris", "75001"),
        ("Václavské nám. 1, 110 00 Praha", "11000"),
        ("ul. Prosta 5, 00-850 Warszawa", "00-850"),
        ("12345 Main St", ""),
        ("1500 Woodward Ave", ""),
        ("Main Street 5", ""),
        ("", ""),
    ],
)
def test_the_postcode_is_found(address: str, area: str) -> None:
    assert area_of(address) == area


@pytest.mark.parametrize(("method", "area"), [("visit", "48084"), ("meeting", "48084"), ("call", ""), ("letter", ""), ("gift", "")])
def test_what_is_sent_takes_the_rep_nowhere(method: str, area: str) -> None:
    assert area_of_visit(replace(JENNY, address="1 Main St, Troy, MI 48084"), METHODS[method]) == area
    by_hand = Method("candy-gram", "Send candy-gram to", 20, shows=Shows.ADDRESS)
    assert area_of_visit(replace(JENNY, address="1 Main St, Troy, MI 48084"), by_hand) == ""


def visit(name: str, area: str, due: str = "01-06", **more: object) -> Action:
    return replace(Action(name, name, Kind.STEP, "visit", "p", day(due), day(due), 45, area=area), **more)


def halves(placed: tuple[Placed, ...]) -> dict[str, set[tuple[date, bool]]]:
    found: dict[str, set[tuple[date, bool]]] = {}
    for one in placed:
        found.setdefault(one.action.area, set()).add((one.start.date(), one.start.hour < 12))
    return found


def test_six_visits_to_two_areas_take_two_halves_of_a_day() -> None:
    names = ["48084", "48226", "48084", "48226", "48226", "48084"]
    placed = put([visit(f"a{number}", area) for number, area in enumerate(names)], now=NOW)
    assert {area: len(found) for area, found in halves(placed).items()} == {"48084": 1, "48226": 1}
    starts = sorted((one.start, one.end) for one in placed)
    assert all(after[0] - before[1] >= timedelta(minutes=10) for before, after in pairwise(starts))
    assert sum("With another visit to 48226" in " ".join(one.why) for one in placed) == 2


def test_a_visit_waits_no_more_than_days_for_another_one_near_by() -> None:
    placed = put([visit("soon", "48226", "01-06"), visit("later", "48226", "01-15"), visit("between", "48226", "01-14")], now=NOW)
    assert [f"{one.action.id} {one.start:%m-%d}" for one in placed] == ["soon 01-06", "between 01-14", "later 01-15"]
    placed = put([visit("promised", "48226", "01-08", kind=Kind.PROMISE), visit("step", "48226", "01-06")], now=NOW)
    assert {f"{one.action.id} {one.start:%m-%d}" for one in placed} == {"promised 01-08", "step 01-08"}


def test_what_stands_stays_though_a_visit_near_by_comes_later() -> None:
    first = put([visit("a", "48226", "01-06")], now=NOW)
    again = put([visit("a", "48226", "01-06"), visit("b", "48226", "01-08")], now=NOW, stands=stands(first))
    assert again[0].start == first[0].start
    assert again[1].start.date() == day("01-08"), "never before its day"


def test_full_days_and_windows_come_before_short_ways() -> None:
    there = visit("there", "48226", "01-06")
    full = put([there, visit("more", "48226", "01-06")], now=NOW, the_rep=rep(capacity=1))
    assert [f"{one.start:%m-%d}" for one in full] == ["01-06", "01-07"]


def test_where_every_half_leads_elsewhere_a_visit_stands_all_the_same() -> None:
    others = [visit(f"o{n}", f"4{n:04}", f"01-{6 + n // 2:02}", start=None) for n in range(6)]
    by_hand = {
        one.id: Moved(
            NOW, "cli", one.id, start := at(f"2026-01-{6 + n // 2:02} {'09' if n % 2 else '14'}:00"), start + timedelta(minutes=45)
        )
        for n, one in enumerate(others)
    }
    placed = put([*others, visit("mine", "48226", "01-06")], now=NOW, moved=by_hand)
    assert next(f"{one.start:%m-%d %H:%M}" for one in placed if one.action.id == "mine") == "01-06 09:55"
