"""A command that a rep waits for loads nothing that it does not need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"googleapiclient", "caldav", "alembic", "uvicorn", "dateparser", "requests", "icalendar", "recurring_ical_events", "lxml"}
LIST = """
import json, sys
from followsync.cli import main
codes = [main(words) for words in json.loads(sys.argv[1])]
print(json.dumps([codes, sorted({name.partition('.')[0] for name in sys.modules})]), file=sys.stderr)
"""
CONFIG = """\
store: sqlite:///followsync.db
reps: {dana: {timezone: America/Detroit, targets: [file]}}
targets: {file: {type: ics, path: f.ics}}
"""


def loaded(*commands: list[str]) -> tuple[set[int], set[str]]:
    """The exit codes of commands run in one new process, and what it has loaded after them."""
    done = subprocess.run([sys.executable, "-c", LIST, json.dumps(commands)], capture_output=True, text=True, check=True)
    codes, names = json.loads(done.stderr.splitlines()[-1])
    return set(codes), set(names)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("imports") / "config.yaml"
    path.write_text(CONFIG)
    first = ["--config", str(path)]
    loaded([*first, "add", "Jenny"])  # makes the store: the only moment that needs alembic
    return first


def test_help_loads_no_config_and_no_store() -> None:
    codes, names = loaded(["--help"])
    assert codes == {0}
    assert names & (HEAVY | {"sqlalchemy", "yaml", "holidays"}) == set()


def test_a_command_at_the_terminal_loads_nothing_heavy(config: list[str]) -> None:
    leads = Path(config[1]).with_name("leads.vcf")
    leads.write_text("BEGIN:VCARD\nFN:Bob\nTEL:248.555.0100\nEND:VCARD\n")
    commands = [
        ["log", "jenny", "no-answer"],
        ["log", "jenny", "next", "call Friday 10am to sign"],
        ["agenda"],
        ["list"],
        ["add", "Call Ann 248.555.0100 Friday 10am"],
        ["show", "jenny"],
        ["why", "jenny"],
        ["status"],
        ["import", str(leads), "--yes"],
    ]
    codes, names = loaded(*([*config, *words] for words in commands))
    assert codes == {0}
    assert names & HEAVY == set()


def test_the_test_can_fail(config: list[str]) -> None:
    codes, names = loaded([*config, "sync"])
    assert (codes, "icalendar" in names) == ({0}, True)


def test_the_package_runs_as_a_module() -> None:
    said = subprocess.run([sys.executable, "-m", "followsync", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("followsync ")
