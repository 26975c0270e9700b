from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import settings

from tests import servers
from tests.machine.room import Room
from tests.phone import Desk
from tests.proxy import Proxy, proxied

if TYPE_CHECKING:
    from tests.google.server import GoogleServer

# A busy machine is no fault of the code; and what is checked with every change is the same each time: chance is for the soak.
settings.register_profile("calm", deadline=None, derandomize=True)
settings.load_profile("soak" if os.environ.get("FOLLOWSYNC_SOAK") else "calm")


@pytest.fixture(autouse=True)
def unwritten_log() -> Iterator[None]:
    """No test leaves its own log behind: its stream is closed when it ends."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    with servers.radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="session")
def xandikos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    with servers.xandikos(tmp_path_factory.mktemp("xandikos")) as server:
        yield server


@pytest.fixture(params=["radicale", "xandikos"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A rep with an empty follow-up calendar on a real server, and no cadence."""
    server: servers.Server = request.getfixturevalue(request.param)
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", server.password)
    made = Desk(server, tmp_path, capsys)
    made.configure(cadences="")
    made.sync()
    return made


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleServer]:
    """A Google of its own for each test, on a socket."""
    from tests.google_desk import served_google  # the library below it is large, and most tests need none of it

    with served_google(monkeypatch) as (server, _):
        yield server


@pytest.fixture(params=["radicale", "xandikos"])
def proxy(request: pytest.FixtureRequest) -> Iterator[Proxy]:
    """A real server behind a proxy that does to it what networks and careless servers do."""
    behind: servers.Server = request.getfixturevalue(request.param)
    with proxied(behind) as made:
        yield made


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.close()


@pytest.fixture
def jenny(room: Room) -> str:
    """Jenny, with whom a call on Thursday at two is agreed, written on the calendar."""
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    return "jenny"
