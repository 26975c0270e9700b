"""The contract on a Google that keeps Google's rules, over real HTTP, and what only Google does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from followsync.calendars import google as google_calendar
from followsync.calendars import google_events
from followsync.calendars.google import GoogleCalendar, open_google
from followsync.calendars.google_login import login
from followsync.calendars.google_wire import Bucket
from followsync.config.secret import Secret
from followsync.core.cadence import Form
from followsync.core.item import Item, dated
from tests.calendars.contract import CALL, SHAPES, ZONE, CalendarContract, same
from tests.google.server import GoogleServer
from tests.google.wire import served

NARROW = ("calendar.app.created", "calendar.freebusy", "tasks")
TASK = dated(replace(CALL, uid="fs1task", form=Form.TASK))


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleServer]:
    """On a socket. Whoever has to wait for the quota waits by the server's clock."""
    server = GoogleServer()
    server.account()

    def wait(seconds: float) -> None:
        server.now += timedelta(seconds=seconds)

    bucket = Bucket(now=lambda: server.now.timestamp(), wait=wait)
    monkeypatch.setattr(google_calendar, "bucket_of", lambda _: bucket)
    with served(server) as door:
        server.door = door  # type: ignore[attr-defined]  # for tests that count or interfere
        yield server


class Desk:
    """A sign-in that was made before, in files."""

    def __init__(self, server: GoogleServer, folder: Path, *scopes: str) -> None:
        self.server, self.client = server, server.grants.client()
        self.client_file, self.token_file = folder / "client.json", folder / "token.json"
        self.client_file.write_text(json.dumps(server.grants.client_config(self.client, server.root)))
        self.sign_in(*scopes)

    def sign_in(self, *scopes: str) -> None:
        told = self.server.authorized_user(self.client, "dana@example.org", *(scopes or NARROW))
        before = json.loads(self.token_file.read_text()) if self.token_file.exists() else {}
        self.token_file.write_text(json.dumps({"calendars": before.get("calendars", {})} | told))

    def open(self, collection: str = "", *, tasks: str = "", name: str = "Follow-ups") -> GoogleCalendar:
        found = login(Secret(file=str(self.client_file)), Secret(file=str(self.token_file)), timeout=5, scopes=())
        return open_google(
            found,
            root=self.server.root,
            calendar=name,
            tasks=tasks,
            timeout=5,
            zone=ZONE,
            clock=lambda: self.server.now,
            collection=collection,
        )


class TestGoogle(CalendarContract):
    ours: GoogleCalendar
    phone: GoogleCalendar
    doctor = json.dumps(
        {
            "summary": "Doctor",
            "start": {"dateTime": "2026-01-08T15:00:00Z"},
            "end": {"dateTime": "2026-01-08T16:00:00Z"},
            "colorId": "5",
            "guestsCanModify": True,
        }
    )
    unknown = ('"colorId":"5"',)
    unreadable = "no JSON"

    @pytest.fixture(autouse=True)
    def _fresh(self, google: GoogleServer, tmp_path: Path) -> None:
        self.google, self.desk = google, Desk(google, tmp_path)
        self.ours = self.desk.open()
        self.phone = self.desk.open(self.ours.collection)

    def put_raw(self, href: str, raw: str) -> None:
        calendar = self.google.calendar("Follow-ups")
        self.google.calendars.put(calendar, href.removeprefix("events/"), json.loads(raw), self.google.now)

    def expired(self) -> str:
        cursor = self.ours.changes("", {}).cursor
        self.google.forget_tokens()
        return cursor

    def told(self, raw: str) -> Item:
        return google_events.item_of(json.loads(raw), ZONE)

    @pytest.mark.parametrize("item", [one for one in SHAPES if one.form is Form.EVENT], ids=lambda item: item.uid)
    def test_what_is_written_is_what_is_read(self, item: Item) -> None:
        href = self.write(item)
        seen = self.phone.read([href])[href]
        assert seen is not None
        assert same(seen.item, item)
