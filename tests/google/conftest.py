from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.google.client import opened, signed_in
from tests.google.grants import Client
from tests.google.phone import Phone
from tests.google.server import GoogleServer
from tests.google.wire import Door


@dataclass
class World:
    """A Google with one person, a program of ours that was let in, and that person's phone."""

    server: GoogleServer
    door: Door
    client: Client
    http: Any
    calendar: Any
    tasks: Any
    phone: Phone

    def sign_in(self, *scopes: str, account: str = "dana@example.org", client: Client | None = None) -> Any:
        """The calendar service of somebody else, or with fewer scopes."""
        return opened("calendar", self.server, signed_in(self.server, self.door, client or self.client, account, *scopes))


@pytest.fixture
def world() -> World:
    server = GoogleServer()
    account = server.account()
    door, client = Door(server), server.grants.client()
    http = signed_in(server, door, client, account)
    return World(server, door, client, http, opened("calendar", server, http), opened("tasks", server, http), Phone(server))


@pytest.fixture
def ours(world: World) -> str:
    """A calendar that we made."""
    made: str = world.calendar.calendars().insert(body={"summary": "Follow-ups", "timeZone": "America/Detroit"}).execute()["id"]
    return made


@pytest.fixture
def refused() -> Callable[..., tuple[int, str]]:
    """Status and reason of a request that is not taken."""

    def ask(request: Any) -> tuple[int, str]:
        with pytest.raises(HttpError) as error:
            request.execute()
        details = error.value.error_details
        return error.value.status_code, details[0]["reason"] if isinstance(details, list) else str(details)

    return ask


CALL = {
    "id": "fs1call",
    "summary": "Call Jenny to determine next steps – 248.867.5309",
    "description": "248.867.5309\nAsk: what happens next?",
    "start": {"dateTime": "2026-01-08T14:00:00-05:00", "timeZone": "America/Detroit"},
    "end": {"dateTime": "2026-01-08T14:15:00-05:00", "timeZone": "America/Detroit"},
}
