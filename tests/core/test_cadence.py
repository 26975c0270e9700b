"""Which cadence fits a prospect, and the small words of the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.cadence import Cadence, Duration, Method, Unit, cadence_for
from tests.core.builders import JENNY, rules

FIELDS = {"cycle": "long", "met": "2026-01-05"}
PROSPECT = replace(JENNY, stage="Pitched", tags=("Hot", "vip"), source="fair", reason="contract_end", method="call", fields=FIELDS)


def cadence(name: str, **criteria: str) -> Cadence:
    return Cadence(name, (), {field: frozenset(values.split("|")) for field, values in criteria.items()})


@pytest.mark.parametrize(
    ("criteria", "fits"),
    [
        ({}, True),
        ({"stage": "pitched"}, True),
        ({"stage": "won|pitched"}, True),
        ({"stage": "pitch"}, False),
        ({"tags": "hot"}, True),
        ({"tags": "cold"}, False),
        ({"tags": "cold|vip"}, True),
        ({"source": "fair", "reason": "contract_end"}, True),
        ({"source": "fair", "reason": "other"}, False),
        ({"preferred_method": "call"}, True),
        ({"cycle": "long"}, True),
        ({"cycle": "short"}, False),
        ({"missing": "x"}, False),
    ],
)
def test_fits(criteria: dict[str, str], fits: bool) -> None:
    one = cadence("one", **criteria)
    assert cadence_for(PROSPECT, (one,)) is (one if fits else None)


def test_the_first_that_fits() -> None:
    first, second = cadence("first", stage="won"), cadence("second")
    assert cadence_for(PROSPECT, (first, second)) is second
    assert cadence_for(replace(PROSPECT, stage="WON"), (first, second)) is first
    assert cadence_for(PROSPECT, ()) is None


@pytest.mark.parametrize(("count", "unit", "text"), [(1, "days", "1 day"), (4, "working days", "4 working days"), (1, "months", "1 month")])
def test_a_duration_says_itself(count: int, unit: str, text: str) -> None:
    assert str(Duration(count, Unit(unit))) == text


def test_a_method_nobody_configured_still_works() -> None:
    assert rules().method("carrier pigeon") == Method("carrier pigeon", "Carrier pigeon", 15)


@pytest.mark.parametrize(("text", "expected"), [("2026-05-31", "2026-05-31"), ("soon", "None"), ("", "None"), ("2026-02-30", "None")])
def test_a_date_field_is_a_day_or_nothing(text: str, expected: str) -> None:
    assert str(replace(JENNY, fields={"met": text}).day("met")) == expected
