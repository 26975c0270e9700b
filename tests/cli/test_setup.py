from __future__ import annotations

from pathlib import Path

import pytest

from followsync.cli import main
from followsync.config import load
from tests import servers
from tests.cli.conftest import Cli


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "config.yaml"


def test_init_writes_a_config_that_works_at_once(path: Path, cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--config", str(path)]
    assert main([*words, "init", "--name", 'Dana "D" Reyes: x', "--timezone", "America/Detroit", "--yes"]) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    settings = load(path)
    assert main([*words, "check"]) == 0  # there is a store already
    assert (settings.reps["dana"].name, settings.reps["dana"].targets) == ('Dana "D" Reyes: x', ("file",))
    assert main([*words, "add", "Call Jenny tomorrow 10am"]) == 0
    assert main([*words, "sync"]) == 0
    assert "Call Jenny" in (path.parent / "follow-ups.ics").read_text()
    assert "#" in path.read_text()


def test_init_never_overwrites(cli: Cli) -> None:
    before = (cli.folder / "config.yaml").read_text()
    run = cli("init", "--name", "Dana", "--timezone", "America/Detroit", "--yes")
    assert (run.code, "is there already" in run.err) == (2, True)
    assert (cli.folder / "config.yaml").read_text() == before


def test_init_tries_the_calendar(
    path: Path, cli: Cli, radicale: servers.Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", "--name", "Dana", "--timezone", "America/Detroit", "--url", radicale.url, "--username", "dana", "--calendar", "Init"]
    monkeypatch.setenv("MY_PASSWORD", radicale.password)
    assert main(["--config", str(path), *words, "--password-env", "MY_PASSWORD"]) == 0
    assert "The calendar 'Init' answers at http://127.0.0.1:" in capsys.readouterr().out
    assert radicale.password not in path.read_text()
    monkeypatch.setenv("MY_PASSWORD", "wrong")
    second = path.with_name("second.yaml")
    assert main(["--config", str(second), *words, "--password-env", "MY_PASSWORD"]) == 1
    assert (second.is_file(), "cannot be used yet" in capsys.readouterr().err) == (True, True)


@pytest.mark.parametrize(
    "wrong", [["--timezone", "America/Detriot"], ["--timezone", "America/Detroit", "--url", "http://dav.example.org/"]]
)
def test_init_leaves_no_wrong_config_behind(path: Path, cli: Cli, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(path), "init", "--yes", "--name", "Dana", *wrong]) == 2
    assert (path.exists(), "Traceback" in capsys.readouterr().err) == (False, False)
