from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import cli as cli
from tests.machine.room import Room
from tests.web.phone_page import Phone, page_of
from tests.web.site import Site, opened


@pytest.fixture
def site(room: Room) -> Iterator[Site]:
    with opened(room) as made:
        yield made


@pytest.fixture
def feed(site: Site, jenny: str) -> str:
    """The path of a feed with Jenny in it."""
    path = site.subscribe()
    site.room.cycle()
    return path


@pytest.fixture
def phone(site: Site) -> Phone:
    """Dana's page."""
    return page_of(site)
