"""vdirsyncer as the bench drives it: a folder with one file an entry, kept the same as a collection. In an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Measured, Times
from tests.bench.relay import Relay
from tests.servers import Server

ENVIRONMENT = Path(__file__).parents[2] / ".venv-bench"
_CONFIG = """\
[general]
status_path = "{folder}/status/"

[pair bench]
a = "here"
b = "there"
collections = null
conflict_resolution = "a wins"

[storage here]
type = "filesystem"
path = "{folder}/items/"
fileext = ".ics"

[storage there]
type = "caldav"
url = "{collection}"
username = "{username}"
password = "{password}"
"""


def installed() -> bool:
    return (ENVIRONMENT / "bin" / "vdirsyncer").exists()


@dataclass(frozen=True, slots=True)
class Vdir:
    """``collection``: the address of one that is there already."""

    folder: Path
    server: Server
    collection: str

    def prepare(self) -> None:
        """What a person does once; it is not counted."""
        (self.folder / "items").mkdir(parents=True)
        names = {"folder": self.folder, "username": self.server.username, "password": self.server.password}
        self._config.write_text(_CONFIG.format(collection=self.collection, **names))
        self._run([str(ENVIRONMENT / "bin" / "vdirsyncer"), "-v", "ERROR", "-c", str(self._config), "discover"])

    def put(self, bodies: Mapping[str, str]) -> None:
        for name, body in bodies.items():
            (self.folder / "items" / name).write_bytes(body.encode())

    def sync(self, relay: Relay, *, times: int = 1, warm: int = 0) -> Measured:
        """The clock starts when everything is imported, as for the others. Raises RuntimeError where it failed."""
        program = str(Path(__file__).with_name("run_vdirsyncer.py"))
        relay.count()
        told = self._run([str(ENVIRONMENT / "bin" / "python"), program, str(self._config), str(warm), str(times)])
        return Times(**json.loads(told.splitlines()[-1])), relay.count().each(times + warm)

    @property
    def _config(self) -> Path:
        return self.folder / "config"

    def _run(self, command: list[str]) -> str:
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
        done = subprocess.run(command, env=environ, input="y\n" * 5, capture_output=True, text=True, check=False, timeout=1800)
        if done.returncode:
            raise RuntimeError(f"vdirsyncer failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout
