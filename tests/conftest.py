from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from tests import servers

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
