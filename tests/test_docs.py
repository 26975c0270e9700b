"""What stands in the docs can be typed: the tutorial and the README are run as they stand, and every other command is one that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from followsync.cli.app import app
from tests import docs, servers

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("page", docs.RUN, ids=lambda page: page.name)
def test_what_the_page_says_is_what_happens(page: Path, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "rep").mkdir()
    text = page.read_text("utf-8")
    with servers.radicale(tmp_path / "server") as server, docs.reading(tmp_path / "rep", server) as reader:
        assert reader.follow(text) == text, f"write it anew: python -m tests.docs {page.relative_to(ROOT)}"
    assert len(reader.ran) >= 4


OTHERS = re.compile(
    r"(?:sudo (?:-u postgres )?)?"
    r"(?:createdb|createuser|systemctl|apt|useradd|install|journalctl|ln|make|podman (?:build|volume|run|kill|stop|logs))\b"
)
OURS = re.compile(r"(?:^|[ /])followsync((?: --config \S+)* [a-z][a-z-]*(?: .*)?)$")


def typed() -> list[tuple[str, str]]:
    """(page, line): each command of followsync in a block of a page, without what stands before it (sudo, podman, another path) and what
    reads its output."""
    found = []
    for page in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]):
        blocks = re.findall(r"(?s)```(?:sh|console)\n(.*?)```", page.read_text("utf-8"))
        lines = [line.removeprefix("$ ") for block in blocks for line in block.replace("\\\n", " ").splitlines()]
        found += [(page.name, match[1].partition(" | ")[0]) for line in lines if not OTHERS.match(line) and (match := OURS.search(line))]
    return found


@pytest.mark.parametrize(("page", "line"), typed())
def test_a_command_of_the_docs_can_be_typed(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    root: Any = typer.main.get_command(app)
    context = root.make_context("followsync", words, resilient_parsing=True)
    command, rest = root, [*context._protected_args, *context.args]
    while hasattr(command, "commands"):
        name, *rest = rest
        assert name in command.commands, f"{page}: there is no {name}"
        command = command.commands[name]
        context = command.make_context(name, list(rest), parent=context)
        rest = [*getattr(context, "_protected_args", []), *context.args]


def test_what_differs_is_seen() -> None:
    assert docs.fits("a\n…\nd …\n", "a\nb\nc\nd e\n")
    assert docs.fits("a\n…\n", "a\nb\n")
    assert not docs.fits("a\n…\nd\n", "a\nb\nc\n")
    assert not docs.fits("a\n", "a\nb\n")


def test_enough_commands_are_looked_at() -> None:
    assert len(typed()) > 40
    assert {page for page, _ in typed()} >= {"tutorial.md", "systemd.md", "backup.md", "feed.md", "caldav.md", "README.md"}
