from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Window, chromium
from tests.machine.room import Room
from tests.web.phone_page import Phone, page_of
from tests.web.site import opened


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with chromium(tmp_path_factory.mktemp("chromium")) as window:
        yield window


@pytest.fixture
def window(browser: Window) -> Window:
    """Empty, and without any complaint of before."""
    browser.driver.get("about:blank")
    browser.complaints()
    return browser


@pytest.fixture
def phone(room: Room) -> Iterator[Phone]:
    """Dana's page, with a day as it may be."""
    room.capture(
        "Jenny Ray", id="jenny", person="Jenny Ray", phone="248.867.5309", email="jenny@example.org", role="owner", notes="likes blue"
    )
    room.promise("jenny", "call today 10:00 to go over the quote, agenda: price; terms")
    room.capture("Joe's Diner", id="joe", person="Joe", address="5 Main St, Detroit", phone="248.555.0100")
    room.promise("joe", "visit today 11:30 to meet the owner")
    room.capture("Acme", id="acme", person="Ann Lee", url="https://video.example.org/acme")
    room.promise("acme", "video today 14:00 to show the new version")
    room.capture("Summit Plumbing and Heating of Northern Michigan", id="summit")
    with opened(room) as site:
        yield page_of(site)


@pytest.fixture
def url(phone: Phone) -> str:
    return f"http://127.0.0.1:{phone.site.port}{phone.at}"
