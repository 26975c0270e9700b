"""The real command line in this process: its own config, state and moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from followsync.cli import main
from tests import stores

TUESDAY = "2026-01-06T09:00"  # in America/Detroit
CONFIG = """\
store: sqlite:///state/followsync.db
reps:
  dana:
    name: Dana Reyes
    timezone: America/Detroit
    holidays: US-MI
    targets: [file]
targets:
  file: {type: ics, path: follow-ups.ics}
methods:
  candy-gram: {verb: Send candy-gram to}
cadences:
  worksheet:
    for: {stage: pitched}
    start: met
    steps:
      - {after: 3 days, method: email, purpose: say thanks}
      - {id: first-call, after: 3 weeks, method: call, purpose: set a meeting}
      - {every: 90 days, from: first-call, method: email, purpose: stay in touch}
  big:
    for: {deal: big}
    steps:
      - {after: 1 day, method: visit, purpose: show it}
"""
_FILE = "sqlite:///state/followsync.db"
ACTION = {"id", "prospect", "kind", "method", "purpose", "agenda", "start", "end", "due", "title", "busy", "state", "attempt", "targets"}
PROSPECT = {"id", "name", "rep", "stage", "state", "next_action"}


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Cli:
    folder: Path
    read: Callable[[], Any]
    now: str = TUESDAY

    def __call__(self, *words: str, now: str = "") -> Run:
        self._place()
        code = main(["--config", str(self.folder / "config.yaml"), "--now", now or self.now, *words])
        said = self.read()
        return Run(code, said.out, said.err)

    def _place(self) -> None:
        """Where the tests keep their stores on a server, the config that a test wrote names the one for its file."""
        config = self.folder / "config.yaml"
        if stores.kind == "postgresql" and config.is_file() and _FILE in (text := config.read_text()):
            config.write_text(text.replace(_FILE, stores.url(self.folder / "state" / "followsync.db")))

    def ok(self, *words: str, now: str = "") -> Any:
        """The command must succeed; its JSON."""
        run = self(*words, "--json", now=now)
        assert run.code == 0, run.err
        return run.json


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    (tmp_path / "config.yaml").write_text(CONFIG)
    for name in ("FOLLOWSYNC_CONFIG", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return Cli(tmp_path, capsys.readouterr)
