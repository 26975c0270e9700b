"""The rep's own figures, against a count by hand."""

from __future__ import annotations

import pytest

from followsync.core.promises import Fate
from followsync.report import ENOUGH, percent
from tests.cli.conftest import CONFIG, Cli


@pytest.fixture
def lived(cli: Cli) -> Cli:
    """Ann: kept, then late, then yes. Ben: broken. Cleo: moved to another day by the prospect, still open. Dot: nothing is known."""
    cli.ok("add", "Call Ann today 10am")
    cli.ok("log", "ann", "no-answer", now="2026-01-06T10:05")
    cli.ok("log", "ann", "next", "visit Wednesday 2pm", now="2026-01-06T15:00")
    cli.ok("log", "ann", "yes", now="2026-01-08T09:00")
    cli.ok("add", "Call Ben today 11am to ask")
    cli.ok("add", "Call Cleo Thursday to ask")
    cli.ok("add", "Call Cleo Friday 1pm to ask", now="2026-01-07T09:00")
    cli.ok("add", "Dot")
    cli.ok("log", "dot", "done", now="2026-01-07T09:00")  # a tick decides nothing
    cli.now = "2026-01-09T09:00"
    return cli


def test_promises_with_their_dates(lived: Cli) -> None:
    found = lived.ok("report")["promises"]
    assert {fate.value: found[fate.value] for fate in Fate} == {"open": 1, "kept": 1, "late": 1, "broken": 1, "changed": 1, "void": 0}
    assert found["kept_percent"] is None, "three cases are no percentage"
    told = [(one["id"], one["method"], one["day"], one["state"], (one["settled"] or "")[:16]) for one in found["list"]]
    assert told == [
        ("ann", "call", "2026-01-06", "kept", "2026-01-06T10:05"),
        ("ben", "call", "2026-01-06", "broken", ""),
        ("cleo", "call", "2026-01-08", "changed", "2026-01-07T09:00"),
        ("ann", "visit", "2026-01-07", "late", "2026-01-08T09:00"),
        ("cleo", "call", "2026-01-09", "open", ""),
    ]
    text = lived("report").out
    assert "PROMISES: 1 open, 1 kept, 1 late, 1 broken, 1 changed, 0 void.\n" in text
    assert "Ben: call on Tue 2026-01-06, 11:00 to ask: broken (its day passed). Agreed Tue 2026-01-06, 09:00 via cli." in text
    assert "%" not in text


def test_undecided_and_their_age(lived: Cli) -> None:
    found = lived.ok("report", now="2026-01-12T09:00")["undecided"]
    assert found == {"count": 1, "list": [{"id": "dot", "name": "Dot", "since": "2026-01-06", "working_days": 4}]}
    assert "Dot (dot): since Tue 2026-01-06, 4 working days" in lived("report", now="2026-01-12T09:00").out


def test_touches_until_yes(lived: Cli) -> None:
    lived.ok("add", "Eve")
    lived.ok("log", "eve", "yes")
    assert lived.ok("report")["touches_until_yes"] == {"prospects": 2, "touches": 4, "counts": {"1": 1, "3": 1}}
    assert "TOUCHES UNTIL YES: 2 prospects.\n  1 touch: 1\n  3 touches: 1" in lived("report").out


def test_a_percentage_is_told_from_twenty_cases_on(lived: Cli) -> None:
    assert (percent(19, ENOUGH - 1), percent(15, ENOUGH)) == (None, 75)
    for number in range(17):
        lived.ok("add", f"Call Person{number} today 10am")
        lived.ok("log", f"person{number}", "done")
    assert lived.ok("report")["promises"]["kept_percent"] == 90  # 18 of 20
    assert "90 % of those whose time has come were kept." in lived("report").out


def test_the_figures_of_one_rep_or_of_all(lived: Cli) -> None:
    (lived.folder / "config.yaml").write_text(CONFIG.replace("targets:\n  file", "  lee: {timezone: America/Chicago}\ntargets:\n  file", 1))
    lived.ok("add", "Flo", "--rep", "lee")
    names = {rep: [one["id"] for one in lived.ok("report", *rep.split())["undecided"]["list"]] for rep in ("", "--rep dana", "--rep lee")}
    assert names == {"": ["dot", "flo"], "--rep dana": ["dot"], "--rep lee": ["flo"]}


def test_nothing_yet(cli: Cli) -> None:
    assert cli("report").code == 1, "a look makes no store"
    cli.ok("add", "Joe's Diner", "--rep", "dana")
    assert "PROMISES: 0 open, 0 kept, 0 late, 0 broken, 0 changed, 0 void." in cli("report").out
