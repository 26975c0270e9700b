"""An action in words: the title byte for byte, the body as a golden text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.cadence import Busy, Method
from followsync.core.history import Kind, Noted, Promised, Waiting
from followsync.core.item import Item
from followsync.core.placement import Placed
from followsync.core.plan import Action
from followsync.core.prospect import Prospect, Stakeholder
from followsync.core.standing import Standing
from followsync.core.wording import Texts, is_record, item_for, recorded
from tests.core.builders import JENNY, METHODS, PHONE, TEL, Life, at, captured, day, rules

NOW = at("2026-01-06 08:00")
JOE = Prospect(
    "joe",
    "dana",
    "Joe's Diner",
    person="Joe",
    phone="248.555.0100",
    email="joe@example.org",
    address="1 Main St",
    url="https://example.org/r",
)


def promised(method: str = "call", prospect: Prospect = JENNY, **more: object) -> Action:
    life = Life(rules(), prospect).add(Promised(NOW, "cli", method, day("01-06"), start=at("2026-01-06 10:00")))
    return replace(life.next(NOW), **more)


def shown(action: Action, prospect: Prospect = JENNY, method: Method | None = None, **more: object) -> Item:
    placed = Placed(action, at("2026-01-06 10:00"), at("2026-01-06 10:15"), day("01-05"))
    the_rules = rules(methods=[method] if method else [])
    texts = Texts(tel=TEL)
    today = more.pop("today", day("01-06"))
    return item_for(replace(placed, **more), prospect, Standing(), the_rules, texts, today=today, uid="fs1x")


def test_row_002_3_byte_for_byte() -> None:
    assert shown(promised()).title.encode() == b"Call Jenny to determine next steps \xe2\x80\x93 248.867.5309"
    assert shown(promised()).url == "tel:+12488675309"


@pytest.mark.parametrize(
    ("method", "title", "location", "url"),
    [
        ("call", "Call Joe to determine next steps – 248.555.0100", "", f"tel:{TEL}"),
        ("email", "Email Joe to determine next steps – joe@example.org", "", "mailto:joe@example.org"),
        ("visit", "Visit Joe to determine next steps", "1 Main St", f"tel:{TEL}"),
        ("video", "Video call with Joe to determine next steps", "https://example.org/r", "https://example.org/r"),
        ("letter", "Write letter to Joe to determine next steps", "1 Main St", f"tel:{TEL}"),
        ("candy-gram", "Send candy-gram to Joe to determine next steps", "", f"tel:{TEL}"),
    ],
)
def test_each_method(method: str, title: str, location: str, url: str) -> None:
    candy = Method("candy-gram", "Send candy-gram to", 15)
    item = shown(promised(method, JOE), JOE, candy)
    assert (item.title, item.location, item.url) == (title, location, url)


@pytest.mark.parametrize(
    ("more", "ending"),
    [
        ({"missed": 1}, "(2nd day)"),
        ({"missed": 2}, "(3rd day)"),
        ({"missed": 10}, "(11th day)"),
        ({"missed": 20}, "(21st day)"),
        ({"missed": 111}, "(112th day)"),
        ({"clash": "doctor"}, "⚠ overlaps"),
        ({"missed": 1, "clash": "doctor"}, "(2nd day) ⚠ overlaps"),
    ],
)
def test_late_and_overlapping(more: dict[str, object], ending: str) -> None:
    assert shown(promised(), **more).title == f"Call Jenny to determine next steps – {PHONE} {ending}"


def test_no_dash_without_a_phone_and_no_line_breaks_in_a_title() -> None:
    assert shown(promised(), replace(JENNY, phone="")).title == "Call Jenny to determine next steps"
    assert shown(promised(purpose="a\nb\r\n  c"), replace(JENNY, name="Jen\nny")).title == f"Call Jen ny to a b c – {PHONE}"


def test_questions_to_the_rep() -> None:
    joe = replace(JENNY, name="Joe's Diner")
    (decide,) = Life(rules(), joe).items(NOW)
    assert (decide.title, decide.alarms, decide.busy) == ("Decide: Joe's Diner", (), True)
    (check,) = Life(rules(), JENNY).add(Waiting(NOW, "cli", day("01-09"))).items(NOW)
    assert check.title == "Check whether Jenny has decided"
    notes = shown(promised(kind=Kind.INCLUDE, purpose="write 2 notes for Joe to forward"), JOE)
    assert notes.title.startswith("Write 2 notes for Joe to forward")


@pytest.mark.parametrize(
    ("busy", "kind", "today", "expected"),
    [
        (Busy.DUE, Kind.PROMISE, "01-01", True),  # 001-5
        (Busy.DUE, Kind.STEP, "01-05", False),
        (Busy.DUE, Kind.STEP, "01-06", True),
        (Busy.ALWAYS, Kind.STEP, "01-01", True),
        (Busy.NEVER, Kind.PROMISE, "01-06", False),
    ],
)
def test_busy_or_free(busy: Busy, kind: Kind, today: str, expected: bool) -> None:
    method = replace(METHODS["call"], busy=busy, alarms=(60, 15, 15))
    item = shown(promised(kind=kind), JENNY, method, today=day(today))
    assert (item.busy, item.alarms) == (expected, (15, 60))


def test_row_002_9_the_body() -> None:
    joe = replace(
        JOE,
        role="owner",
        source="fair",
        stage="pitched",
        reason="contract_end",
        notes="Has two dogs.",
        stakeholders=(Stakeholder("Ann", "CFO", False, "ann@example.org"), Stakeholder("Cy")),
        fields={"contract_end": "2026-05-31", "close_step": "a price for two years"},
    )
    life = Life(rules(), joe, Life(rules()).rep, captured(), *(Noted(NOW, "cli", f"note {number}") for number in range(5)))
    life.add(
        Promised(NOW, "cli", "call", day("01-07"), agenda=("the price", "the start"), questions=("Who signs?", "When?"), they_know=False)
    )
    (item,) = life.items(NOW)
    assert item.body == (
        f"248.555.0100 · tel:{TEL} · joe@example.org\nTo determine next steps\nWho signs?\n\n"
        "AGENDA\n- the price\n- the start\n\n"
        "ASK\n- When?\n\n"
        "WHAT WE KNOW\n- Joe's Diner – Joe, owner\n- 1 Main St\n- https://example.org/r\n- Source: fair\n- Stage: pitched\n"
        "- Close step: a price for two years\n- Contract end: 2026-05-31\n- Has two dogs.\n\n"
        "LAST NOTES\n- note 4\n- note 3\n- note 2\n\n"
        "DECIDERS\n- Ann, CFO, was absent, ann@example.org\n- Cy\n\n"
        "Delay reason: contract_end\n\n"
        "Tell them why and when we follow up.\n\n"
        "Answer: tick it, move it, or write above: yes / no / done / no answer / > thu 2pm call about the quote"
    )


def test_a_long_story_leaves_room_for_how_to_answer() -> None:
    life = Life(rules(), replace(JENNY, notes="n" * 3000)).add(*(Noted(NOW, "cli", "x" * 5000) for _ in range(3)))
    (item,) = life.items(NOW)
    assert len(item.body) <= 2000
    assert item.body.startswith(PHONE)
    assert "Answer: tick it" in item.body
    (item,) = Life(rules()).add(Noted(NOW, "cli", "oldest"), Noted(NOW, "cli", "x" * 5000), Noted(NOW, "cli", "newest")).items(NOW)
    assert "- newest" in item.body
    assert "- oldest" in item.body


def test_the_same_words_every_time() -> None:
    assert shown(promised()) == shown(promised())


@pytest.mark.parametrize(("title", "expected"), [("Call", "✓ Call"), ("✓ Call", "✓ Call"), ("✗ Call", "✗ Call")])
def test_a_record_is_marked_once(title: str, expected: str) -> None:
    assert recorded(title, "✓") == expected
    assert is_record(replace(shown(promised()), title=recorded(title, "✓")))
    assert not is_record(shown(promised()))
