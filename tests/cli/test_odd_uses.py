"""What a person typed or left out, and what must come of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CONFIG, Cli


def test_a_name_beside_the_line_is_the_business_and_the_line_names_the_person(cli: Cli) -> None:
    told = cli.ok("add", "Call Jenny thursday 2pm", "--name", "Acme")
    assert told["name"] == "Acme"
    assert told["next_action"]["title"] == "Call Jenny to determine next steps"


def test_nothing_is_called_missing_where_a_rule_supplies_it(cli: Cli) -> None:
    assert "Missing" not in cli("add", "Jenny", "--stage", "pitched", "--met", "2026-01-05").out
    assert "Missing: method and day" in cli("add", "Joe's Diner").out


@pytest.mark.parametrize(("typed", "day"), [("05.01.2026", "2026-01-05"), ("2026/01/05", "2026-01-05"), ("1/5/2026", "2026-01-05")])
def test_dotted_days_put_the_day_first(cli: Cli, typed: str, day: str) -> None:
    cli("add", "Zed", "--met", typed, "--stage", "pitched")
    assert day in cli("show", "zed").out


def test_an_empty_moment_is_no_moment(cli: Cli) -> None:
    from followsync.cli import main

    assert main(["--config", str(cli.folder / "config.yaml"), "--now", "", "sync"]) == 2
    assert not (cli.folder / "follow-ups.ics").exists()


def test_check_sees_a_password_that_is_missing(cli: Cli) -> None:
    target = "targets:\n  phone: {type: caldav, url: 'https://dav.example.org/', username: dana, password: {file: nowhere}}\n"
    (cli.folder / "config.yaml").write_text(CONFIG.replace("targets:\n", target).replace("[file]", "[file, phone]"))
    told = cli("check", "--json")
    assert told.code == 1
    assert [(one["where"], "nowhere" in one["message"]) for one in told.json["problems"]] == [("store", False), ("phone", True)]
    cli.ok("add", "Jenny", "--rep", "dana")
    told = cli("check", "--json")
    assert [(one["where"], "nowhere" in one["message"]) for one in told.json["problems"]] == [("phone", True)]


@pytest.mark.sqlite
def test_check_answers_in_json_whatever_the_store_is(cli: Cli) -> None:
    Path(cli.folder, "state").mkdir()
    Path(cli.folder, "state", "followsync.db").mkdir()
    told = cli("check", "--json")
    assert told.code == 1
    assert told.json["ok"] is False
    assert told.json["problems"][0]["where"] == "store"


def test_what_a_plan_closes_is_an_action_like_any_other(cli: Cli) -> None:
    cli("add", "Call Jenny thursday 2pm")
    cli("sync")
    cli("log", "jenny", "no")
    (closed,) = cli.ok("plan")["close"] or [{"action": {}}]
    assert closed["action"]["title"] == "Call Jenny to determine next steps"
    assert closed["action"]["prospect"] == "jenny"
