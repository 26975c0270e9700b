"""Which cadence fits a prospect, and the small words of the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.cadence import Cadence, Duration, Method, Retry, Unit, cadence_for, version_of
from tests.core.builders import JENNY, days, rules, window, worksheet

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


SHEET = worksheet(min_gap=days(7), prefer="call", criteria={"stage": frozenset({"pitched", "sold", "new"}), "source": frozenset({"fair"})})


def test_a_version_is_the_same_on_every_machine() -> None:
    """Written down, for it stands in histories: what changes it makes each prospect look touched under an earlier version."""
    assert version_of(SHEET) == "1dce"


@pytest.mark.parametrize(
    "same",
    [
        replace(SHEET, name="other"),
        replace(SHEET, version="abcd"),
        replace(SHEET, retry=Retry()),
        replace(SHEET, criteria={"source": frozenset({"fair"}), "stage": frozenset({"new", "pitched", "sold"})}),
    ],
)
def test_a_version_is_of_the_rules_alone(same: Cadence) -> None:
    assert version_of(same) == version_of(SHEET)


def test_every_edit_is_another_version() -> None:
    def edited(**changes: object) -> Cadence:
        return replace(SHEET, steps=(replace(SHEET.steps[0], **changes), *SHEET.steps[1:]))

    versions = [
        version_of(one)
        for one in (
            SHEET,
            replace(SHEET, start=""),
            replace(SHEET, min_gap=days(8)),
            replace(SHEET, ahead=days(7)),
            replace(SHEET, retry=Retry(limit=3)),
            replace(SHEET, criteria={"stage": frozenset({"pitched"})}),
            replace(SHEET, steps=SHEET.steps[::-1]),
            replace(SHEET, steps=SHEET.steps[:-1]),
            edited(duration=days(4)),
            edited(duration=Duration(3, Unit.WORKING_DAYS)),
            edited(method="call"),
            edited(purpose="say thank you"),
            edited(questions=("Why?",)),
            edited(agenda=("Why?",)),
            edited(they_know=False),
            edited(they_know=True),
            edited(window=window("09:00-12:00")),
            edited(window=window("09:00-12:30")),
            edited(tries=3),
        )
    ]
    assert len(set(versions)) == len(versions)
