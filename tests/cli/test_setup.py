from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
import typer

from followsync.cli import main, setup
from followsync.config import access, load
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


PERSON = {"Your name": "Dana Reyes", "Your time zone": "America/Detroit", "Your e-mail": "dana"}


def answered(monkeypatch: pytest.MonkeyPatch, answers: dict[str, str]) -> list[str]:
    """A person at a terminal, who knows answers to questions that begin so; at others they press Enter. What was asked."""
    asked: list[str] = []

    def prompt(question: str, default: str | None = None, **_: object) -> str:
        asked.append(question)
        found = next((answer for begin, answer in answers.items() if question.startswith(begin)), default)
        assert found is not None, question
        return found

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(sys, "stdin", Terminal())
    return asked


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_init_asks_and_keeps_a_password_that_is_typed(
    path: Path, cli: Cli, radicale: servers.Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answered(monkeypatch, {**PERSON, "The CalDAV server": radicale.url, "The password (kept": radicale.password})
    assert main(["--config", str(path), "init", "--calendar", "Asked"]) == 0
    told = capsys.readouterr().out
    assert "An entry was written there, read and removed again." in told
    kept = path.with_name("phone-password")
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == (radicale.password, 0o600)
    assert radicale.password not in path.read_text() + told
    assert len(asked) == 6
    assert main(["--config", str(path), "check"]) == 0


@pytest.mark.parametrize(
    ("way", "answer", "written"),
    [
        ("env", "MY_PASSWORD", 'password: {env: "MY_PASSWORD"}'),
        ("file", "secret.txt", 'password: {file: "secret.txt"}'),
        ("command", "pass show 'my phone'", 'password: {command: ["pass", "show", "my phone"]}'),
        ("credential", "phone", 'password: {credential: "phone"}'),
    ],
)
def test_init_asks_where_a_password_is_kept(
    path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, way: str, answer: str, written: str
) -> None:
    where = dict.fromkeys(("The environment", "The file", "The command", "The name of the systemd"), answer)
    nowhere = f"http://127.0.0.1:{servers.free_port()}/"
    answered(monkeypatch, {**PERSON, "The CalDAV server": nowhere, "Where is the password?": way, **where})
    code = main(["--config", str(path), "init"])
    assert written in path.read_text()
    assert code == (0 if way == "credential" else 1), "only the service is given the credential; the others were tried, in vain"


def test_a_password_that_is_typed_where_it_is_seen_is_not_taken(
    path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["hunter2", "", "hunter3"])
    hidden: list[bool] = []

    def prompt(question: str, default: str | None = None, *, hide_input: bool = False, **_: object) -> str:
        if "password" not in question:
            return next((answer for begin, answer in PERSON.items() if question.startswith(begin)), default or "https://dav.example.org/")
        hidden.append(hide_input)
        assert not hide_input or "Where" not in question
        return next(answers) or default or ""

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(setup, "_try", lambda *_: None)
    assert main(["--config", str(path), "init"]) == 0
    told = capsys.readouterr()
    assert hidden == [False, False, True]
    assert "That is none of these words, and was not kept." in told.err
    assert "hunter" not in told.out + told.err
    assert path.with_name("phone-password").read_text() == "hunter3"


def test_each_config_in_a_folder_has_its_own_password_file(
    path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "_try", lambda *_: None)
    second = path.with_name("lee.yaml")
    for one, file, password in ((path, "phone-password", "a"), (second, "lee-password", "b"), (second, "lee-password-2", "c")):
        one.unlink(missing_ok=True)
        asked = answered(monkeypatch, {**PERSON, "The CalDAV server": "https://dav.example.org/", "The password (kept": password})
        assert main(["--config", str(one), "init"]) == 0
        assert f"The password (kept in {file}, beside the config)" in asked
        assert f"The password is kept in {path.with_name(file)}." in capsys.readouterr().out
        assert path.with_name(file).read_text() == password
        assert f'file: "{file}"' in one.read_text()
    assert path.with_name("phone-password").read_text() == "a"


def test_a_second_config_in_a_folder_has_its_own_store(path: Path, cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    second = path.with_name("lee.yaml")
    for one, name in ((path, "Dana"), (second, "Lee")):
        assert main(["--config", str(one), "init", "--yes", "--name", name]) == 0
    assert "store: sqlite " in path.read_text()
    assert "/lee.db" in second.read_text()
    for one in (path, second):
        assert main(["--config", str(one), "add", "Call Jenny 248.867.5309 thu 2pm to talk"]) == 0
        assert main(["--config", str(one), "check"]) in (0, 1)
        assert "nobody follows up" not in capsys.readouterr().out, "each knows the reps of its own store"
    path.unlink()
    assert main(["--config", str(path), "init", "--yes", "--name", "Dana"]) == 0, "begun anew beside another: the usual store is still hers"
    assert "store: sqlite " in path.read_text()


def test_after_a_wrong_password_init_says_where_it_is_put_right(
    path: Path, cli: Cli, radicale: servers.Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(monkeypatch, {**PERSON, "The CalDAV server": radicale.url, "The password (kept": "wrong"})
    assert main(["--config", str(path), "init"]) == 1
    told = capsys.readouterr().err
    file = path.with_name("phone-password")
    assert f"The password is in {file}, the user name in {path}: put right what is wrong there." in told
    assert "'init' is not needed again" in told
    file.write_text(radicale.password)
    assert main(["--config", str(path), "doctor"]) == 0


def test_init_names_a_password_file_that_the_service_may_not_read(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    monkeypatch.setattr(setup, "_SERVICES", etc)
    monkeypatch.setattr(setup, "_STORES", tmp_path / "var")
    monkeypatch.setattr(setup, "_group_of", lambda folder: os.getgid())
    monkeypatch.setattr(setup, "_try", lambda *_: None)
    monkeypatch.setattr(access, "user", lambda name: access.User(name, os.getuid() + 1, os.getgid() + 1, frozenset()))
    file = etc / "pw"
    file.write_text("secret")
    file.chmod(0o600)
    for folder in (etc, tmp_path):
        folder.chmod(0o755)
    words = ["--timezone", "America/Detroit", "--url", "https://dav.example.org/", "--username", "dana", "--password-file", str(file)]
    assert main(["--config", str(etc / "config.yaml"), "init", "--yes", *words]) == 0
    told = capsys.readouterr().err
    assert "The service runs as the user followsync, who may not " in told


def test_init_wants_one_place_for_a_password(path: Path, cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["init", "--yes", "--timezone", "America/Detroit", "--url", "https://dav.example.org/"]
    assert main(["--config", str(path), *words, "--password-env", "A", "--password-file", "b"]) == 2
    assert "kept in one place" in capsys.readouterr().err
    assert not path.exists()


def test_a_config_of_the_service_names_the_service_s_store(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands that root types are to find the store that the daemon keeps, and the daemon is to read what root wrote."""
    etc, var = tmp_path / "etc", tmp_path / "var"
    etc.mkdir()
    monkeypatch.setattr(setup, "_SERVICES", etc)
    monkeypatch.setattr(setup, "_STORES", var)
    owned: list[tuple[int, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda handle, user, group: owned.append((user, group)))
    monkeypatch.setattr(setup, "_group_of", lambda folder: 4711)
    words = ["init", "--yes", "--name", "Dana", "--timezone", "America/Detroit"]
    assert main(["--config", str(etc / "config.yaml"), *words]) == 0
    assert main(["--config", str(etc / "lee.yaml"), *words]) == 0
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if "systemctl" in line] == [
        "Start the service: systemctl enable --now followsync",
        "Start the service: systemctl enable --now followsync@lee",
    ]
    assert (var / "followsync.db").is_file()
    assert (var / "lee" / "followsync.db").is_file()
    assert [(etc / name).stat().st_mode & 0o777 for name in ("config.yaml", "lee.yaml")] == [0o640, 0o640]
    assert owned.count((-1, 4711)) == 2
    assert f"It writes a file, {var / 'follow-ups.ics'}." in told, "beside the config a service may not write"
    assert load(etc / "lee.yaml").targets["file"].path == var / "lee" / "follow-ups.ics"
