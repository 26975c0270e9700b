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
code = main(sys.argv[1:])
print(json.dumps([code, sorted({name.partition('.')[0] for name in sys.modules})]), file=sys.stderr)
"""
CONFIG = """\
store: sqlite:///followsync.db
reps: {dana: {timezone: America/Detroit, targets: [file]}}
targets: {file: {type: ics, path: f.ics}}
"""


def loaded(*words: str) -> tuple[int, set[str]]:
    done = subprocess.run([sys.executable, "-c", LIST, *words], capture_output=True, text=True, check=True)
    code, names = json.loads(done.stderr.splitlines()[-1])
    return code, set(names)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("imports") / "config.yaml"
    path.write_text(CONFIG)
    loaded("--config", str(path), "add", "Jenny")  # makes the store: the only moment that needs alembic
    return path


def test_help_loads_no_config_and_no_store() -> None:
    code, names = loaded("--help")
    assert code == 0
    assert names & (HEAVY | {"sqlalchemy", "yaml", "holidays"}) == set()


@pytest.mark.parametrize(
    "words",
    [
        ["log", "jenny", "no-answer"],
        ["log", "jenny", "next", "call Friday 10am to sign"],
        ["agenda"],
        ["list"],
        ["add", "Call Ann 248.555.0100 Friday 10am"],
        ["show", "jenny"],
        ["why", "jenny"],
        ["status"],
    ],
    ids=" ".join,
)
def test_a_command_at_the_terminal_loads_nothing_heavy(config: Path, words: list[str]) -> None:
    code, names = loaded("--config", str(config), *words)
    assert code == 0
    assert names & HEAVY == set()


def test_the_test_can_fail(config: Path) -> None:
    code, names = loaded("--config", str(config), "sync")
    assert (code, "icalendar" in names) == (0, True)
