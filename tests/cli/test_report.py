"""The rep's own figures, against a count by hand."""

from __future__ import annotations

import os

import pytest

from followsync.core.promises import Fate
from followsync.report.figures import ENOUGH, Share
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
    assert "  To tell a share takes 20; there are 3.\n" in text
    assert "%" not in text


def test_undecided_and_their_age(lived: Cli) -> None:
    found = lived.ok("report", now="2026-01-12T09:00")["undecided"]
    assert found == {"count": 1, "over_goal": 1, "list": [{"id": "dot", "name": "Dot", "since": "2026-01-06", "working_days": 4}]}
    assert "Dot (dot): since Tue 2026-01-06, 4 working days" in lived("report", now="2026-01-12T09:00").out


def test_touches_until_yes(lived: Cli) -> None:
    lived.ok("add", "Eve")
    lived.ok("log", "eve", "yes")
    assert lived.ok("report")["touches_until_yes"] == {"prospects": 2, "touches": 4, "counts": {"1": 1, "3": 1}, "median": None}
    assert (
        "TOUCHES UNTIL YES: 2 prospects.\n  1 touch: 1\n  3 touches: 1\n  To tell the usual number takes 20; there are 2.\n"
        in lived("report").out
    )


def test_a_percentage_is_told_from_twenty_cases_on(lived: Cli) -> None:
    assert (Share(19, ENOUGH - 1).percent, Share(15, ENOUGH).percent) == (None, 75)
    for number in range(17):
        lived.ok("add", f"Call Person{number} today 10am")
        lived.ok("log", f"person{number}", "done")
    assert lived.ok("report")["promises"]["kept_percent"] == 90  # 18 of 20
    assert "90 % of those whose time has come were kept (69 to 98 %)." in lived("report").out


def test_the_figures_of_one_rep_or_of_all(lived: Cli) -> None:
    (lived.folder / "config.yaml").write_text(CONFIG.replace("targets:\n  file", "  lee: {timezone: America/Chicago}\ntargets:\n  file", 1))
    lived.ok("add", "Flo", "--rep", "lee")
    names = {rep: [one["id"] for one in lived.ok("report", *rep.split())["undecided"]["list"]] for rep in ("", "--rep dana", "--rep lee")}
    assert names == {"": ["dot", "flo"], "--rep dana": ["dot"], "--rep lee": ["flo"]}


def test_nothing_yet(cli: Cli) -> None:
    assert cli("report").code == 1, "a look makes no store"
    cli.ok("add", "Joe's Diner", "--rep", "dana")
    assert "PROMISES: 0 open, 0 kept, 0 late, 0 broken, 0 changed, 0 void." in cli("report").out


def test_completion_equals_a_count_by_hand(lived: Cli) -> None:
    """Ann: tried in time, visited a day late with a yes. Cleo, Dot and Ben: never answered; only Ben's day is over. (Ann's agreement was
    made when she was tried again, ahead of the day of that retry; Dot's was a tick of a question.)"""
    found = lived.ok("report")["completion"]
    assert found == {"in_time": 2, "later": 1, "deleted": 0, "open": 1, "part": 3, "cases": 4, "percent": None, "between": None}
    text = lived("report").out
    assert "COMPLETED: 3 of the 4 follow-ups whose day has come.\n  2 in time, 1 later, 1 still to do, 0 deleted\n" in text


def test_answers_by_method_and_hour(lived: Cli) -> None:
    found = lived.ok("report")
    assert found["enough"] == ENOUGH
    assert [(one["method"], one["cases"], one["answers"], one["percent"]) for one in found["methods"]] == [
        ("call", 2, 1, None),
        ("visit", 1, 1, None),
    ]
    assert found["methods"][0]["results"] == {"yes": 0, "no": 0, "next": 1, "done": 0, "attempt": 1}
    assert [(one["hours"], one["cases"]) for one in found["hours"]] == [("10:00-12:00", 1), ("14:00-16:00", 1)]
    assert [(one["weekday"], one["cases"]) for one in found["weekdays"]] == [("Tuesday", 2)]
    assert [(one["touch"], one["or_later"], one["cases"], one["results"]["yes"], one["yes_percent"]) for one in found["touch_numbers"]] == [
        (1, False, 1, 0, None),
        (2, False, 1, 0, None),
        (3, False, 1, 1, None),
    ]
    assert "  call: 2 cases; to tell takes 20\n" in lived("report").out
    for number in range(18):
        lived.ok("add", f"Call Person{number} today 10am")
        lived.ok("log", f"person{number}", "next", "call Monday 10am")
    assert "  call: 19 of 20 cases. 95 % were answered (76 to 100 %).\n" in lived("report").out
    assert "  visit: 1 case; to tell takes 20\n" in lived("report").out
    assert "  Tuesday: 2 cases; to tell takes 20\n" in lived("report").out
    assert "  Friday: 18 cases; to tell takes 20\n" in lived("report").out
    assert "  touch 3: 1 case; to tell takes 20\n" in lived("report").out
    lived.ok("add", "Call Zed today 10am")
    lived.ok("log", "zed", "yes")
    assert "  touch 1: 19 of 20 cases. 95 % were answered (76 to 100 %). 1 said yes, 5 %.\n" in lived("report").out


def test_a_period(lived: Cli) -> None:
    found = lived.ok("report", "--since", "2026-01-07")
    assert found["since"] == "2026-01-07"
    assert [one["id"] for one in found["promises"]["list"]] == ["cleo", "ann", "cleo"]
    assert (found["completion"]["cases"], found["touches_until_yes"]["prospects"], found["undecided"]["count"]) == (1, 1, 1)
    assert lived("report", "--since", "2026-01-07").out.startswith("From Wed 2026-01-07 on.\n\nPROMISES: ")
    for wrong, said in (("2026-01-10", "has not come yet"), ("someday", "is not a day")):
        run = lived("report", "--since", wrong)
        assert run.code == 2
        assert said in run.err


def test_the_page(lived: Cli) -> None:
    lived.ok("add", "<b>Eve</b>", "--note", "a secret of hers")
    to = lived.folder / "page.html"
    run = lived("report", "--html", str(to), "--since", "2026-01-01")
    assert (run.code, run.out, run.err) == (0, "", f"followsync: Written to {to}.\n")
    text = to.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "Dana Reyes" in text
    assert "As of Friday 2026-01-09, 09:00 (America/Detroit). From Thursday 2026-01-01 on" in text
    assert [name for name in ("Ann", "Ben", "Cleo", "Dot", "&lt;b&gt;Eve&lt;/b&gt;") if f"<bdi>{name}</bdi>" in text] == [
        "Ben",
        "Dot",
        "&lt;b&gt;Eve&lt;/b&gt;",
    ]
    assert "secret" not in text
    assert to.stat().st_mode & 0o777 == 0o600
    to.chmod(0o644)
    assert lived.ok("report", "--html", str(to))["promises"]["kept"] == 1, "both may be asked for"
    assert to.stat().st_mode & 0o777 == 0o644, "whom the administrator let read it goes on reading it"
    assert [path.name for path in lived.folder.iterdir() if "page" in path.name] == ["page.html"]
    nowhere = lived("report", "--html", str(lived.folder / "none" / "page.html"))
    assert nowhere.code == 2
    assert "cannot be written" in nowhere.err


def test_the_page_goes_through_links_and_pipes(lived: Cli) -> None:
    """A link stays a link, and what is no file is written into: a pipe must not become a file."""
    page, link, pipe = (lived.folder / name for name in ("page.html", "link.html", "pipe"))
    link.symlink_to(page)
    lived.ok("report", "--html", str(link))
    assert link.is_symlink()
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        lived.ok("report", "--html", str(pipe))
        assert os.read(reader, 1 << 20).decode() == page.read_text("utf-8")
        assert pipe.is_fifo()
    finally:
        os.close(reader)


def test_the_page_of_several_reps(lived: Cli) -> None:
    (lived.folder / "config.yaml").write_text(CONFIG.replace("targets:\n  file", "  lee: {timezone: America/Chicago}\ntargets:\n  file", 1))
    lived.ok("add", "Flo", "--rep", "lee")
    to = lived.folder / "page.html"
    told = {}
    for rep in ("", "--rep dana", "--rep lee"):
        lived.ok("report", "--html", str(to), *rep.split())
        text = to.read_text("utf-8")
        told[rep] = [
            name for name in ("Follow-ups: Dana Reyes, Lee<", "Follow-ups: Dana Reyes<", "Follow-ups: Lee<", "Dot", "Flo") if name in text
        ]
    assert told == {
        "": ["Follow-ups: Dana Reyes, Lee<", "Dot", "Flo"],
        "--rep dana": ["Follow-ups: Dana Reyes<", "Dot"],
        "--rep lee": ["Follow-ups: Lee<", "Flo"],
    }
