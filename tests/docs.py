"""The commands of a page, run one after the other as they stand there, against a real calendar server.

A page's ``console`` blocks are run; what a command prints has to be what stands below it, with ``…`` for anything. What a reader does not
see says what else happens, in comments of their own line::

    <!-- now 2026-01-05T08:30 -->                the clock of the commands from here on
    <!-- save config.yaml -->                    the block that follows is that file
    <!-- phone Jenny title "done" -->            typed before the title of the entry of whom is named
    <!-- phone Jenny notes "> thu 2pm" -->       typed above the notes
    <!-- phone Jenny move 2026-01-08T14:30 -->
    <!-- phone Jenny delete -->

``python -m tests.docs PAGE`` writes what the commands print now into the page.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from zoneinfo import ZoneInfo

import requests

from followsync import ics
from followsync.cli import main
from followsync.config import load
from followsync.demo.phone import Phone
from tests import servers

ROOT = Path(__file__).parent.parent
RUN = (ROOT / "docs" / "tutorial.md", ROOT / "README.md")
HOST = re.compile(r"https?://(?:127\.0\.0\.1:5232|dav\.example\.org)/")
ZONE = ZoneInfo("America/Detroit")
_PART = re.compile(r"(?ms)^<!-- (now|save|phone) (.*?) -->\n|^```(\w+)\n(.*?)^```\n")


@dataclass
class Reader:
    """Does what a page says, in ``folder``. ``now``: the clock of its commands."""

    folder: Path
    server: servers.Server
    now: str = ""
    save: str = ""
    ran: list[str] = field(default_factory=list)

    def follow(self, text: str) -> str:
        """The page as it would be with what the commands print now."""
        return _PART.sub(self._part, text)

    def _part(self, match: re.Match[str]) -> str:
        said, words, language, block = match.groups()
        if said == "now":
            self.now = words
        elif said == "save":
            self.save = words
        elif said == "phone":
            self._phone(*shlex.split(words))
        elif self.save:
            self._write(block)
        elif language == "console":
            return f"```console\n{''.join(self._run(block))}```\n"
        return match[0]

    def _write(self, block: str) -> None:
        (self.folder / self.save).write_text(HOST.sub(self.server.url, block))
        self.save = ""
        for name in ("phone.password", "radicale-password"):
            (self.folder / name).write_text(self.server.password)
            (self.folder / name).chmod(0o600)

    def _run(self, block: str) -> Iterator[str]:
        """Each command with what it prints; where what stands below it says the same, that."""
        for part in re.split(r"(?m)^(?=\$ )", block):
            command, _, expected = part.partition("\n")
            while command.endswith("\\"):
                more, _, expected = expected.partition("\n")
                command = f"{command}\n{more}"
            if not command.startswith("$ "):
                yield part
                continue
            printed = self._typed(command.removeprefix("$ ").replace("\\\n", " "))
            yield f"{command}\n{expected if expected and fits(expected, printed) else printed if expected else ''}"

    def _typed(self, line: str) -> str:
        words = shlex.split(line, comments=True)
        self.ran.append(line)
        if words[:2] in (["followsync", "run"], ["followsync", "demo"]):  # these are tried elsewhere: they go on until they are told to end
            return ""
        assert words[0] == "followsync", line
        out = io.StringIO()
        clock = ["--now", self.now] if self.now else []
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main([*clock, *words[1:]])
        assert code == 0, f"{line}: {code}\n{out.getvalue()}"
        return out.getvalue().replace(str(self.folder), "…").replace(self.server.url, "http://127.0.0.1:5232/")

    def _phone(self, who: str, gesture: str, what: str = "") -> None:
        with Phone(self.server.url, self.server.username, self.server.password) as phone:
            href = self._entry(who)
            match gesture:
                case "title":
                    phone.type_before_title(href, what)
                case "notes":
                    phone.type_into_notes(href, what)
                case "move":
                    phone.move(href, datetime.fromisoformat(what).replace(tzinfo=ZONE))
                case _:
                    phone.delete(href)

    def _entry(self, who: str) -> str:
        """Where the entry stands that the rep sees: the one whose title names ``who`` and that has no mark."""
        from followsync.cli.session import store_of

        with contextlib.chdir(self.folder):
            settings = load(self.folder / "config.yaml")
            store = store_of(settings)
        try:
            with store.reading() as tx:
                collection = tx.target_state("dana", "phone").collection.rpartition("\n")[2]
        finally:
            store.close()
        answer = requests.request(
            "PROPFIND", collection, auth=(self.server.username, self.server.password), headers={"Depth": "1"}, timeout=60
        )
        hrefs = [href for href in re.findall(r"<(?:\w+:)?href>([^<]+\.ics)<", answer.text)]
        root = self.server.url.rstrip("/")
        texts = {href: requests.get(root + href, auth=(self.server.username, self.server.password), timeout=60).text for href in hrefs}
        titles = {href: ics.read(text, ZONE).title for href, text in texts.items()}
        (found,) = [href for href, title in titles.items() if who in title and title[0].isalpha() and not title.startswith("Today")]
        return found


def fits(expected: str, printed: str) -> bool:
    """``…`` stands for anything within a line, or, alone in one, for any lines."""
    lines = expected.strip("\n").split("\n")
    pattern = "".join("(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + "\n" for line in lines)
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


@contextlib.contextmanager
def reading(folder: Path, server: servers.Server) -> Iterator[Reader]:
    """With nothing of this machine's own config or state."""
    away = {name: str(folder / name.lower()) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    with patch.dict(os.environ, away):
        for name in ("FOLLOWSYNC_CONFIG", "STATE_DIRECTORY"):
            os.environ.pop(name, None)
        yield Reader(folder, server)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with (
            TemporaryDirectory() as place,
            TemporaryDirectory() as other,
            servers.radicale(Path(other)) as running,
            reading(Path(place), running) as reader,
        ):
            page = Path(name)
            page.write_text(reader.follow(page.read_text("utf-8")), "utf-8")
