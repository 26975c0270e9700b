"""Exit codes, sentences, and where config and store are found."""

from __future__ import annotations

import io
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from followsync.cli import look, main
from tests.cli.conftest import CONFIG, Cli

PROGRAM = [sys.executable, "-c", "import sys; from followsync.cli import main; sys.exit(main())"]


def test_no_command_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert main([]) == 2
    assert capsys.readouterr() == (shown, "")
    names = ["init", "demo", "check", "add", "log", "list", "show", "agenda", "plan", "why", "sync", "run", "status", "import", "export"]
    names += ["schema", "edit", "remove", "sheet"]
    assert [name for name in names if f"\n  {name} " not in shown] == []
    assert main(["--version"]) == 0


@pytest.mark.parametrize(
    ("typed", "code", "shown"), [("followsync age", 0, "agenda\tWhat is to be done on a day."), ("followsync nope", 141, "")]
)
def test_a_shell_that_completes_goes_by_the_exit_code(typed: str, code: int, shown: str) -> None:
    """As fish asks: are there any, and which?"""
    environ = os.environ | {"_FOLLOWSYNC_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": typed}
    asked = [
        subprocess.run(PROGRAM, env=environ | {"_TYPER_COMPLETE_FISH_ACTION": how}, capture_output=True, text=True, check=False)
        for how in ("is-args", "get-args")
    ]
    assert (asked[0].returncode, asked[0].stdout.strip(), asked[1].stdout.strip()) == (code, "", shown)


@pytest.mark.parametrize("words", [["nope"], ["list", "--bad"], ["show"], ["--now", "yesterday", "list"], ["--config"], ["list", "extra"]])
def test_wrong_use_is_one_sentence_and_2(cli: Cli, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(cli.folder / "config.yaml"), *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("followsync: ")
    assert len(said.err.splitlines()) == 1


def test_no_config_at_all_is_78(cli: Cli, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["list"]) == 78
    assert main(["--config", "none.yaml", "list"]) == 78
    said = capsys.readouterr()
    assert (said.out, "followsync init" in said.err, "Traceback" in said.err) == ("", True, False)


def test_a_wrong_config_names_every_problem(cli: Cli) -> None:
    (cli.folder / "config.yaml").write_text(CONFIG.replace("targets: [file]", "targets: [fiel]").replace("holidays:", "holiday:"))
    for command in ("list", "agenda", "sync", "run", "status"):
        run = cli(command)
        assert (run.code, run.out) == (78, "")
        assert len([line for line in run.err.splitlines() if "config.yaml:" in line]) >= 2


@pytest.mark.sqlite
@pytest.mark.parametrize("where", ["variable", "folder", "user"])
def test_the_config_is_found(cli: Cli, where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    other = cli.folder / "other"
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "followsync"
    for folder in (other, user):
        folder.mkdir(parents=True)
    monkeypatch.chdir(other)
    (user / "config.yaml").write_text(CONFIG)
    if where == "folder":
        (other / "config.yaml").write_text(CONFIG)
    if where == "variable":
        (other / "config.yaml").write_text("broken")
        monkeypatch.setenv("FOLLOWSYNC_CONFIG", str(cli.folder / "config.yaml"))
    assert main(["add", "Jenny"]) == 0
    stores = {"variable": cli.folder, "folder": other, "user": user}
    assert (stores[where] / "state" / "followsync.db").is_file()


def test_the_store_lies_in_the_state_folder(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    (cli.folder / "config.yaml").write_text(CONFIG.replace("sqlite:///state/followsync.db", "sqlite"))
    cli.ok("add", "Jenny")
    assert (Path(os.environ["XDG_STATE_HOME"]) / "followsync" / "followsync.db").is_file()
    monkeypatch.setenv("STATE_DIRECTORY", f"{cli.folder / 'systemd'}:/elsewhere")
    run = cli("list")
    assert (run.code, f"There is no store yet at {cli.folder}/systemd/followsync.db" in run.err) == (1, True)
    cli.ok("add", "Jenny")
    assert (cli.folder / "systemd" / "followsync.db").is_file()


LOOKS = [
    *(["list"], ["list", "--json"], ["show", "jenny"], ["agenda"], ["plan"], ["why", "jenny"], ["sheet", "jenny"], ["export"]),
    *(["status"], ["status", "--json"], ["log", "jenny", "done"], ["edit", "jenny", "--role", "x"], ["remove", "jenny", "--yes"]),
    *(["undo"], ["undo", "--yes"]),
]


@pytest.mark.sqlite
@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_a_look_makes_no_store_and_says_that_there_is_none(cli: Cli, words: list[str]) -> None:
    run = cli(*words)
    assert (run.code, run.out) == (1, "")
    assert f"There is no store yet at {cli.folder}/state/followsync.db. 'followsync add', 'import' or 'sync' makes it" in run.err
    assert not (cli.folder / "state").exists()


def test_check_and_doctor_say_it_among_the_rest(cli: Cli) -> None:
    (problem,) = cli("check", "--json").json["problems"]
    assert (problem["where"], "There is no store yet" in problem["message"]) == ("store", True)
    assert cli("check").code == 1
    run = cli("doctor", "--json")
    assert (run.code, run.json["ok"], run.json["store"]["state"]) == (1, False, "bad")
    assert "There is no store yet" in run.json["store"]["text"]
    assert run.json["targets"]["file"]
    assert "BAD  store" in cli("doctor").out
    assert not (cli.folder / "state").exists()


@pytest.mark.parametrize("words", [["add", "Jenny"], ["sync"], ["import", "-"]], ids=" ".join)
def test_what_brings_something_in_makes_the_store(cli: Cli, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"name\nJenny\n")))
    assert cli(*words).code == 0
    assert cli("list").code == 0
    assert cli.ok("doctor")["store"]["state"] == "good"


def test_now_may_be_aware_or_the_reps(cli: Cli) -> None:
    cli.ok("add", "Call Jenny today 2pm")
    assert len(cli.ok("agenda", now="2026-01-06T14:00:00+00:00")) == 1
    assert cli.ok("agenda", now="2026-01-06T03:00:00Z") == []  # still Monday in Detroit
    assert cli.ok("agenda", now="2026-01-05T23:59") == []


def test_a_fault_of_ours_is_one_sentence(cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise KeyError("Jenny 248.867.5309")

    cli.ok("add", "Jenny")
    monkeypatch.setattr(look.Session, "picture", broken)
    run = cli("list")
    assert (run.code, run.out) == (1, "")
    assert "fault of followsync itself (KeyError" in run.err
    assert not {"Traceback", "5309"} & set(run.err.replace(".", " ").split())
    assert main(["--config", str(cli.folder / "config.yaml"), "--verbose", "list"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_quiet(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    cli.ok("add", "Jenny")
    monkeypatch.setattr(look.Session, "picture", interrupted)
    run = cli("list")
    assert (run.code, run.out, run.err) == (130, "", "")


def test_a_closed_pipe_is_quiet(cli: Cli) -> None:
    for name in ("Ann", "Bob", "Joe"):
        cli.ok("add", name)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*PROGRAM, "--config", str(cli.folder / "config.yaml"), "list"], stdout=writer, stderr=subprocess.PIPE, check=False, text=True
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_json_stands_alone_on_stdout(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Friday 10am")
    done = subprocess.run(
        [*PROGRAM, "--config", str(cli.folder / "config.yaml"), "list", "--json"],
        capture_output=True, check=False, env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)[0]["id"] == "jenny"


def test_run_is_the_daemon_and_ends_with_sigterm(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Friday 10am")
    words = ["--config", str(cli.folder / "config.yaml"), "--now", "2026-01-06T09:00", "run"]
    with subprocess.Popen([*PROGRAM, *words], stderr=subprocess.PIPE) as daemon:
        assert daemon.stderr is not None
        said = b""
        while b"cycle" not in said:
            assert select.select([daemon.stderr], [], [], 60)[0], said
            said += os.read(daemon.stderr.fileno(), 4096) or pytest.fail(said.decode())
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate()
    assert daemon.returncode == 0
    assert "Call Jenny" in (cli.folder / "follow-ups.ics").read_text()
