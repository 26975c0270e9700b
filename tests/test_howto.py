"""The commands of the how-to pages, run as they stand, in a folder of their own and against real calendar servers.

Each page begins with an empty folder and its own config, or the usual one. A command that cannot be run here is named below, with the
reason; one that is neither run nor named is an error, and so is a reason for a command that no page has any more.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from followsync.calendars.caldav import open_caldav
from followsync.cli import main
from tests import docs, servers

PAGES = Path(__file__).parent.parent / "docs" / "howto"
SERVED = ("baikal", "caldav", "fastmail", "icloud", "nextcloud", "radicale")  # pages of servers: on each of ours

_ROOT = "it changes this machine: root, its users, its packages or its units; tests/test_installed.py and test_service.py do so, fenced in"
_PODMAN = "it needs podman, and images out of the network; tests/test_compose.py reads what it would run"
_POSTGRESQL = "it needs PostgreSQL, and a user of its own there; tests/store and tests/cli/test_team.py have one"
_ASKS = "it asks at a terminal; tests/cli/test_setup.py types there"
_GOOGLE = "it needs a browser, and Google; tests/cli/test_auth.py and tests/test_on_google.py have both in memory"
_GOES_ON = "it goes on until it is told to end; tests/test_worker.py does that"
NOT_RUN = {
    r"sudo (?!followsync )": _ROOT,
    r"systemctl |loginctl ": _ROOT,
    r"make deb": _ROOT,
    r"pip install": _ROOT,
    r"podman|openssl rand": _PODMAN,
    r"(?:sudo )?followsync (?:--config \S+ )?init$": _ASKS,
    r"sudo followsync --config /etc/followsync/dana.yaml agenda": "of a config that the command before asks for",
    r"google.md: followsync": _GOOGLE,
    r"ssh -L": _GOOGLE,
    r"followsync store ": _POSTGRESQL,
    r"followsync worker": _GOES_ON,
    r'install -m 600|"\$\{EDITOR': "it makes the file with the password, which is there already",
}

USUAL = """\
reps:
  dana:
    name: Dana Reyes
    timezone: America/Detroit
    targets: [phone]
targets:
  phone: {type: caldav, url: "https://dav.example.org/", username: dana, password: {file: phone-password}, calendar: Follow-ups}
feed: {listen: "127.0.0.1:8765", public_url: https://follow.example.org}
"""
_BOB = "  bob: {timezone: America/Detroit, targets: [file]}\ntargets:\n  file: {type: ics, path: bob.ics}\n"
_TWO = USUAL.replace("targets:\n  phone", f"{_BOB}  phone")
CONFIGS = {**dict.fromkeys(SERVED), "handover": _TWO, "systemd": ""}  # None: its own; "": the page makes it
SAID = {"followsync restore": ["--yes"]}  # to what asks at a terminal, as its page says
TELLS = {"followsync check --ten": 1}  # the exit code of what is to tell that something is lacking
_PEOPLE = ("Call Jenny 248.867.5309 Thursday 2pm to sign", "Joe's Diner")
_LEADS = "name,phone,stage,met\nAnn Arbor Roofing,248.555.0101,Lead,2026-01-05\n"
_NOW = "2026-01-05T21:00"  # 02:00 of the next day in UTC, as the name of the copy in backup.md says


def commands(page: Path) -> list[str]:
    """Each line of the page's blocks of commands, whole."""
    blocks = re.findall(r"(?s)```(?:sh|console)\n(.*?)```", page.read_text("utf-8"))
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def reason(page: Path, line: str) -> str:
    """Of which kind of those that are not run it is, "" where it is run."""
    bare = line.partition(" #")[0].strip()
    return next((pattern for pattern in NOT_RUN if re.match(pattern, bare) or re.match(pattern, f"{page.name}: {bare}")), "")


def to_run(page: Path) -> list[str]:
    return [line for line in commands(page) if not reason(page, line)]


@dataclass
class Sandbox:
    """``folder`` stands for the machine's own folders."""

    folder: Path
    server: servers.Server

    def prepare(self, page: Path) -> None:
        config = CONFIGS.get(page.stem, USUAL)
        if config is None:
            blocks = re.findall(r"(?s)```yaml\n(.*?)```", page.read_text("utf-8"))
            config = next(block for block in blocks if "type: caldav" in block and "reps:" in block)
        config = re.sub(r"(?m)\burl: [^ ,\n]+", f'url: "{self.server.url}"', config)
        config = re.sub(r"(?m)\busername: [^ ,\n]+", f"username: {self.server.username or 'dana'}", config)
        for folder in ("etc/followsync", "srv/backups", "var/lib/followsync"):
            (self.folder / folder).mkdir(parents=True)
        etc = self.folder / "etc/followsync"
        os.environ["FOLLOWSYNC_CONFIG"] = str(etc / "config.yaml")
        for name in {*re.findall(r"\{file: ([\w.-]+)\}", config), "phone-password"}:
            (etc / name).write_text(self.server.password or "none", "utf-8")
            (etc / name).chmod(0o600)
        (self.folder / "leads.csv").write_text(_LEADS, "utf-8")
        if config:
            (etc / "config.yaml").write_text(config, "utf-8")
        if "calendars: [Personal]" in config:
            self._make_calendar("Personal")
        if config and page.stem not in SERVED:
            for line in _PEOPLE:
                assert main(["--now", _NOW, "add", "--rep", "dana", line]) == 0
            assert main(["--now", _NOW, "sync"]) == 0

    def _make_calendar(self, name: str) -> None:
        server = self.server
        there = open_caldav(
            url=server.url,
            username=server.username,
            password=server.password,
            calendar=name,
            timeout=30,
            zone=UTC,
            clock=lambda: datetime.fromisoformat(_NOW).replace(tzinfo=UTC),
        )
        there.close()

    def run(self, line: str) -> int:
        words = shlex.split(line.partition(" | ")[0], comments=True)
        words = words[1:] if words[0] == "sudo" else words
        assert words[0] == "followsync", f"{line}: neither run nor named in NOT_RUN"
        more = next((said for begin, said in SAID.items() if line.startswith(begin)), [])
        return main(["--now", _NOW, *(self._here(word) for word in words[1:]), *more])

    def _here(self, word: str) -> str:
        if word.startswith("https://dav.example.org"):
            return self.server.url
        return str(self.folder / word.lstrip("/")) if word.startswith(("/etc/", "/srv/", "/var/")) else word


@contextlib.contextmanager
def sandbox(folder: Path, server: servers.Server) -> Iterator[Sandbox]:
    with docs.reading(folder, server), contextlib.chdir(folder):
        yield Sandbox(folder, server)


@pytest.mark.parametrize("kind", ["radicale", "xandikos"])
@pytest.mark.parametrize("page", SERVED)
def test_what_a_page_of_a_server_says_is_done(page: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    there = tmp_path / kind
    there.mkdir()
    follow(PAGES / f"{page}.md", there, request.getfixturevalue(kind))


@pytest.mark.parametrize("page", sorted({one.stem for one in PAGES.glob("*.md") if to_run(one)} - {*SERVED}))
def test_what_a_page_says_is_done(page: str, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "rep").mkdir()
    with servers.radicale(tmp_path / "server") as server:
        follow(PAGES / f"{page}.md", tmp_path / "rep", server)


def follow(page: Path, folder: Path, server: servers.Server) -> None:
    lines = to_run(page)
    assert lines
    with sandbox(folder, server) as here:
        here.prepare(page)
        for line in lines:
            assert here.run(line) == next((code for begin, code in TELLS.items() if line.startswith(begin)), 0), line


def test_each_reason_is_one_of_a_command_that_stands_there() -> None:
    """And the commands of all pages are either run or named."""
    pages = sorted(PAGES.glob("*.md"))
    named = {kind for page in pages for line in commands(page) if (kind := reason(page, line))}
    assert named == NOT_RUN.keys()
    assert all(shlex.split(line, comments=True)[0] in ("followsync", "sudo") for page in pages for line in to_run(page))
    assert sum(len(to_run(page)) for page in pages) > 40
