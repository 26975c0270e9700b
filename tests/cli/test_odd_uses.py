"""What a person typed or left out, and what must come of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from followsync.cli import main
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


@pytest.fixture
def shut(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that this user may not enter. Root may enter all, so the system's own answer is given for it."""
    folders: list[Path] = []
    stat = os.stat

    def asked(path: Any, *args: Any, **words: Any) -> os.stat_result:
        if not isinstance(path, int) and any(folder in Path(os.fsdecode(path)).absolute().parents for folder in folders):
            raise PermissionError(13, "Permission denied", os.fsdecode(path))
        return stat(path, *args, **words)

    monkeypatch.setattr(os, "stat", asked)
    return folders


def test_a_config_is_found_from_within_a_folder_that_may_not_be_entered(
    cli: Cli, shut: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = (cli.folder / "roots" / "config.yaml", cli.folder / "config.yaml")
    monkeypatch.setattr("followsync.cli.session.default_configs", lambda: places)
    shut.append(cli.folder / "roots")
    assert main(["--now", cli.now, "add", "Jenny"]) == 0


def test_a_config_that_may_not_be_looked_for_is_named_with_what_to_do(cli: Cli, shut: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    places = (cli.folder / "none" / "config.yaml", cli.folder / "etc" / "config.yaml")
    monkeypatch.setattr("followsync.cli.session.default_configs", lambda: places)
    shut.append(cli.folder / "etc")
    assert main(["agenda"]) == 78
    told = cli.read().err
    assert f"{places[1]}: the file may not be read by this user; type it with sudo, or as the service's user" in told
    assert str(places[0]) not in told
    assert "fault" not in told


@pytest.mark.sqlite
def test_a_store_in_a_folder_that_may_not_be_entered_is_not_said_to_be_missing(cli: Cli, shut: list[Path]) -> None:
    cli("add", "Jenny")
    shut.append(cli.folder / "state")
    told = cli("agenda")
    assert told.code == 1
    assert "cannot be reached: this user may not enter its folder. Type it with sudo, or as the service's user." in told.err


@pytest.mark.sqlite
def test_a_place_that_may_not_be_entered_is_no_fault_of_ours(cli: Cli, shut: list[Path]) -> None:
    cli("add", "Jenny")
    shut.append(cli.folder / "theirs")
    told = cli("backup", "--output", str(cli.folder / "theirs" / "copy"))
    assert "fault" not in told.err
    assert f"{cli.folder}/theirs/copy: this user may not look or write there." in told.err
