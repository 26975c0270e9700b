"""An answer is the same whether it is typed at the desk or on the phone: the same facts, the same words about them afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from followsync.core.marks import Answer
from tests.phone import Desk, Phone
from tests.servers import Server

Answered = Callable[[Phone, str], None]


def before_title(word: str) -> Answered:
    return lambda phone, href: phone.prefix_title(href, word)


def in_notes(text: str) -> Answered:
    return lambda phone, href: phone.note(href, text)


ANSWERS = [
    pytest.param(["yes"], before_title("y"), id="yes"),
    pytest.param(["no"], before_title("no"), id="no"),
    pytest.param(["no", "not", "this", "year"], in_notes("no\nnot this year"), id="no, and why"),
    pytest.param(["no-answer"], before_title("x"), id="no answer"),
    pytest.param(["done"], before_title("done"), id="done"),
    pytest.param(["done", "she likes it"], in_notes("done\nshe likes it"), id="done, and a note"),
    pytest.param(["next", "coffee thu 2pm to sign"], before_title("> coffee thu 2pm to sign"), id="next"),
    pytest.param(["next", "fri afternoon"], in_notes("next: fri afternoon"), id="next, the rest as before"),
    pytest.param(["waiting", "until Friday"], before_title("waiting until Friday"), id="waiting"),
    pytest.param(["done", "> thu 2pm send quote"], in_notes("done > thu 2pm send quote"), id="done, and agreed"),
    pytest.param(
        ["done", "all fine, next: call in 2 weeks"], in_notes("done, all fine, next: call in 2 weeks"), id="done, a note, and agreed"
    ),
    pytest.param(["no-answer", "try again Friday 10am"], in_notes("no answer, try again Friday 10am"), id="no answer, and agreed"),
    pytest.param(["no", "call back Monday 9am"], in_notes("no, call back Monday 9am"), id="a no that goes on"),
]
if "said" in Answer.__dataclass_fields__:  # the calendar's words tell a message from no answer
    ANSWERS += [
        pytest.param(["left-message"], before_title("left message"), id="left message"),
        pytest.param(["left-message", "her sister spoke"], in_notes("left message\nher sister spoke"), id="a message, and a note"),
    ]


@pytest.fixture
def desks(radicale: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, Desk]:
    """Two reps with the same prospect, the same promise and the same entry on a calendar of their own."""
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", radicale.password)
    made = []
    for name in ("desk", "phone"):
        (tmp_path / name).mkdir()
        one = Desk(radicale, tmp_path / name, capsys)
        one.run("add", "Call Jenny 248.867.5309 today 10am to go over the quote", "--stage", "pitched", "--agenda", "the price")
        one.sync()
        one.now = "2026-01-05T10:05"
        made.append(one)
    return made[0], made[1]


def facts(desk: Desk) -> list[Any]:
    return [replace(fact, at=desk.moment, via="") for fact in desk.history("jenny")]


def told(desk: Desk) -> dict[str, Any]:
    """What every command says of it."""
    shown = desk.json("show", "jenny")
    undone = desk.json("undo")["prospects"]
    return {
        "show": [one["text"] for one in shown["history"]],
        "promises": [(one["state"], one["how"]) for one in shown["promises"]],
        "sheet": desk.json("sheet", "jenny")["sheet"],
        "why": desk.json("why", "jenny")["why"],
        "undo": [one["text"] for each in undone for one in each["taken_back"]],
        "list": [{**one, "next_action": {**(one["next_action"] or {}), "targets": None}} for one in desk.json("list")],
    }


@pytest.mark.parametrize(("words", "answered"), ANSWERS)
def test_at_the_desk_or_on_the_phone(desks: tuple[Desk, Desk], words: list[str], answered: Answered) -> None:
    desk, phone = desks
    desk.run("log", "jenny", *words)
    href, _ = phone.phone.only()
    answered(phone.phone, href)
    phone.sync()
    assert facts(desk) == facts(phone)
    assert told(desk) == told(phone)
