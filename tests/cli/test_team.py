"""From the store of one machine to that of a team, and what the commands tell of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import postgresql
from tests.cli.conftest import CONFIG, Cli

_FILE = "store: sqlite:///state/followsync.db"


@pytest.fixture
def moved(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> str:
    """Jenny is in the file; by now the config names a server. Its address."""
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 2pm to determine next steps")
    address = postgresql.server().fresh()
    monkeypatch.setenv("DB", "open sesame")
    (cli.folder / "config.yaml").write_text(CONFIG.replace(_FILE, f"store: {address}\nstore_password: {{env: DB}}"))
    return address


def store_file(cli: Cli) -> str:
    return str(cli.folder / "state" / "followsync.db")


@pytest.mark.sqlite
def test_a_file_is_moved_when_told(cli: Cli, moved: str) -> None:
    shown = cli("store", "move", "--from", store_file(cli))
    assert (shown.code, "--yes does it" in shown.out) == (0, True)
    assert Path(store_file(cli)).is_file()
    assert cli("list").code == 1  # nothing is there yet
    done = cli.ok("store", "move", "--from", store_file(cli), "--yes")
    assert (done["rows"]["prospect"], done["already"], len(done["histories"])) == (1, False, 64)
    assert Path(done["kept"]).is_file()
    assert not Path(store_file(cli)).exists()
    assert [one["name"] for one in cli.ok("list")] == ["Jenny"]
    again = cli("store", "move", "--from", store_file(cli), "--yes")
    assert (again.code, "There is no store at" in again.err) == (2, True)


@pytest.mark.sqlite
def test_what_stands_on_the_calendar_before_the_move_is_not_written_again(cli: Cli, moved: str) -> None:
    config = cli.folder / "config.yaml"
    team = config.read_text()
    config.write_text(CONFIG)
    assert cli.ok("sync")["targets"]["file"]["created"] == 1
    config.write_text(team)
    cli.ok("store", "move", "--from", store_file(cli), "--yes")
    report = cli.ok("sync", now="2026-01-06T09:01")["targets"]["file"]
    assert (report["created"], report["updated"], report["deleted"]) == (0, 0, 0)
    kept = cli.ok("backup", "--output", str(cli.folder / "copy.db"))
    assert kept["prospects"] == 1
    assert cli.ok("restore", str(cli.folder / "copy.db"), "--yes")["prospects"] == 1


@pytest.mark.sqlite
def test_as_long_as_the_config_names_a_file_nothing_is_moved(cli: Cli) -> None:
    cli.ok("add", "Call Jenny")
    run = cli("store", "move", "--from", store_file(cli), "--yes")
    assert (run.code, "still names a file" in run.err) == (2, True)
    assert Path(store_file(cli)).is_file()


@pytest.mark.sqlite
def test_status_tells_who_has_what(cli: Cli, moved: str) -> None:
    cli.ok("store", "move", "--from", store_file(cli), "--yes")
    assert "cycles" not in cli.ok("status")
    cli.ok("sync")
    (row,) = cli.ok("status")["cycles"]
    assert (row["rep"], row["worker"], row["fence"], row["tries"]) == ("dana", "", 1, 0)
    assert "nobody" in cli("status").out


@pytest.mark.sqlite
def test_a_worker_wants_a_store_that_others_reach(cli: Cli) -> None:
    run = cli("worker")
    assert (run.code, "'followsync store move' takes it there" in run.err) == (1, True)
    run = cli("worker", "--listen", "nonsense")
    assert (run.code, run.err.startswith("followsync: --listen: ")) == (2, True)


@pytest.mark.sqlite
def test_a_password_that_everybody_may_read_is_told(cli: Cli, moved: str) -> None:
    (cli.folder / "db.password").write_text("open sesame\n")
    (cli.folder / "db.password").chmod(0o644)
    config = cli.folder / "config.yaml"
    config.write_text(config.read_text().replace("{env: DB}", "{file: db.password}"))
    assert "may read" in cli("check").err
    (cli.folder / "db.password").chmod(0o600)
    assert "may read" not in cli("check").err


@pytest.mark.sqlite
def test_a_password_that_cannot_be_had_is_a_sentence(cli: Cli, moved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DB")
    run = cli("list")
    assert (run.code, "The password of the store cannot be had: the environment variable DB" in run.err) == (1, True)
