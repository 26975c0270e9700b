from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.google.client import opened, signed_in
from tests.google.phone import Phone
from tests.google.server import GoogleServer
from tests.google.wire import Door
from tests.google.world import World


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
