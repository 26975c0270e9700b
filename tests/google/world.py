"""What the tests of the fake begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.google.client import opened, signed_in
from tests.google.grants import Client
from tests.google.phone import Phone
from tests.google.server import GoogleServer
from tests.google.wire import Door

CALL = {
    "id": "fs1call",
    "summary": "Call Jenny to determine next steps – 248.867.5309",
    "description": "248.867.5309\nAsk: what happens next?",
    "start": {"dateTime": "2026-01-08T14:00:00-05:00", "timeZone": "America/Detroit"},
    "end": {"dateTime": "2026-01-08T14:15:00-05:00", "timeZone": "America/Detroit"},
}


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
