"""The pages that are made from the program say what the program says."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from followsync.cli.app import app
from tests import pages


@pytest.mark.parametrize("path", [pages.COMMANDS, pages.CONFIG, pages.MANUAL], ids=lambda path: path.name)
def test_a_page_is_up_to_date(path: pages.Path) -> None:
    assert path.read_text("utf-8") == pages.written()[path], "write it anew: python -m tests.pages"


def test_every_command_and_every_part_of_the_config_is_told() -> None:
    told = [one.name for one in pages.commands()]
    known = {command.name for command in app.registered_commands}
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    assert {name.partition(" ")[0] for name in told[1:]} == known | set(groups)
    assert {name for name in told if name.startswith("feed ")} == {f"feed {one.name}" for one in groups["feed"].registered_commands}
    assert pages.unlisted() == set()


def test_each_key_says_what_it_is_for() -> None:
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \| (.*) \| (.*) \|$", pages.config_page())
    assert len(rows) > 100
    assert [key for key, _, meaning in rows if len(meaning) < 3 and key != "type"] == []
    assert ("every", "`5 minutes`", "the time between two cycles") in rows


def test_nothing_in_a_text_is_taken_for_a_request() -> None:
    lines = pages.manual().splitlines()
    requests = {line.split(" ")[0] for line in lines if line.startswith((".", "'"))}
    assert requests == {'.\\"', ".TH", ".SH", ".SS", ".PP", ".TP", ".B"}
    assert all(line.isascii() for line in lines)


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is missing (Debian: apt install groff-base)")
def test_groff_reads_the_manual_without_a_word() -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", "-rCHECKSTYLE=3", str(pages.MANUAL)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    plain = re.sub("\x1b\\[[0-9;]*m|.\x08", "", done.stdout)
    assert "restart" in plain or "SIGHUP" in plain
    assert "--config" in plain
