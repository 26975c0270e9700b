"""The rep's two ends on Google: the phone, which is the fake's own and no code of ours, and the desk, where the product runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from followsync.calendars import google as google_calendar
from followsync.calendars import google_busy, google_login, google_wire
from followsync.calendars.google_pace import Bucket
from tests import stores
from tests.google.phone import Phone
from tests.google.server import GoogleServer
from tests.google.wire import Door, served
from tests.phone import CADENCE, Desk

DANA = "dana@example.org"
NARROW = ("calendar.app.created", "calendar.freebusy", "tasks")


@contextmanager
def served_google(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[GoogleServer, Door]]:
    """On a socket. Whoever has to wait for the quota waits by the server's clock."""
    server = GoogleServer()
    server.account(DANA)

    def wait(seconds: float) -> None:
        server.now += timedelta(seconds=seconds)

    bucket = Bucket(now=lambda: server.now.timestamp(), wait=wait)
    for module in (google_calendar, google_busy):
        monkeypatch.setattr(module, "bucket_of", lambda *_: bucket)
    for module in (google_login, google_wire):
        monkeypatch.setattr(module, "machine_clock", lambda: server.now)
    with served(server) as door:
        yield server, door


@dataclass
class SignIn:
    """A client's file and a token file, as ``auth google`` leaves them."""

    server: GoogleServer
    folder: Path
    scopes: tuple[str, ...] = NARROW

    def __post_init__(self) -> None:
        self.client = self.server.grants.client()
        self.folder.mkdir(exist_ok=True)
        self.client_file, self.token_file = self.folder / "google-client.json", self.folder / "google-token.json"
        self.client_file.write_text(json.dumps(self.server.grants.client_config(self.client, self.server.root)))
        self.again()

    def again(self) -> None:
        """Somebody signs in."""
        told = self.server.authorized_user(self.client, DANA, *self.scopes)
        before = json.loads(self.token_file.read_text()) if self.token_file.exists() else {}
        self.token_file.write_text(json.dumps({"calendars": before.get("calendars", {})} | told))

    @property
    def files(self) -> str:
        return f"client_secrets: {{file: {self.client_file}}}, token: {{file: {self.token_file}}}, root_url: {self.server.root.rstrip('/')}"


class GoogleDesk(Desk):
    """See ``Desk``. The server's clock follows ``now``."""

    def __init__(self, server: GoogleServer, folder: Path, capsys: pytest.CaptureFixture[str], *, scopes: tuple[str, ...] = NARROW) -> None:
        self.google, self.sign_in = server, SignIn(server, folder, scopes)
        self.rep = Phone(server, DANA)
        super().__init__(server, folder, capsys)  # type: ignore[arg-type]  # of that one only addresses are used

    def __post_init__(self) -> None:
        self.calendar = "Follow-ups"
        self.path = self.folder / "config.yaml"
        stores.new_store(self.folder / "store.db").close()
        self.phone = self.rep  # type: ignore[assignment]  # another kind of phone
        self.configure()

    def configure(self, *, rep: str = "", write: str = "auto", more: str = "", cadences: str = CADENCE, targets: str = "") -> None:
        also = ", ".join(["phone", *(line.partition(":")[0].strip() for line in targets.splitlines() if line)])
        self.path.write_text(
            f"store: {stores.url(self.folder / 'store.db')}\n"
            f"reps:\n  dana:\n    name: Dana Reyes\n    timezone: America/Detroit\n    holidays: US-MI\n    targets: [{also}]\n"
            + ("" if "daily_page" in rep else "    daily_page: off\n")
            + "".join(f"    {line}\n" for line in rep.splitlines())
            + f"targets:\n  phone: {{type: google, {self.sign_in.files}, write: {write}, timeout: 5 seconds}}\n"
            + "".join(f"  {line}\n" for line in targets.splitlines())
            + (f"cadences:\n{cadences.rstrip()}\n" if cadences else "")
            + more,
            encoding="utf-8",
        )

    def cycles(self, moments: Any, **how: Any) -> Any:
        moments = list(moments)
        self.google.now = max(self.google.now, moments[0])
        return super().cycles(moments, **how)

    def run(self, *argv: str, code: int = 0) -> str:
        self.google.now = max(self.google.now, self.moment)
        return super().run(*argv, code=code)

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        """id -> what stands in our calendar."""
        found = self.google.calendar("Follow-ups")
        return {key: dict(event.body) for key, event in found.events.items() if not event.gone}

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        found = self.google.tasklist("Follow-ups")
        return {key: dict(task.body) for key, task in found.tasks.items() if not task.body.get("deleted")}
