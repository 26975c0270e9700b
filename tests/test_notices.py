"""The day's page on a calendar: one entry, which goes on with the days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from followsync.calendars.memory import MemoryServer
from followsync.core.history import Captured
from followsync.core.item import Item
from followsync.rehearsal import Rehearsal
from tests.machine.apps import ZONE
from tests.machine.room import CONFIG, MONDAY, Room

PAGED = CONFIG.replace("daily_page: off", "daily_page: 08:00")
EARLY = MONDAY - timedelta(hours=3)


@pytest.fixture
def paged(room: Room) -> Room:
    room.configure(PAGED)
    room.now = EARLY
    room.capture("Jenny")
    return room


def pages(room: Room, target: str = "phone") -> dict[str, Item]:
    server = room.servers[target]
    found = {href: server.phone_item(href, ZONE) for href in server.entries}
    return {href: item for href, item in found.items() if "Today: " in item.title}


def test_it_is_there_in_the_morning_and_goes_on_with_the_days(paged: Room) -> None:
    paged.cycle(EARLY)
    ((href, item),) = pages(paged).items()
    assert (item.title, item.start) == ("Today: 1 decide", MONDAY)
    assert "09:00 Decide: Jenny" in item.body
    paged.cycle(MONDAY + timedelta(days=1, hours=-7))
    ((later, item),) = pages(paged).items()
    assert (later, item.start) == (href, MONDAY + timedelta(days=1))
    assert "09:00 Decide: Jenny (2nd day)" in item.body
    assert "oldest for 1 working day" in item.body


def test_it_follows_what_changes_until_its_hour_and_then_stays(paged: Room) -> None:
    paged.cycle(EARLY)
    paged.capture("Joe")
    paged.cycle(EARLY + timedelta(minutes=5))
    ((_, item),) = pages(paged).items()
    assert item.title == "Today: 2 decide"
    paged.capture("Lee")
    paged.cycle(MONDAY + timedelta(minutes=20))
    ((_, item),) = pages(paged).items()
    assert item.title == "Today: 2 decide"
    with paged.quiet():
        for minutes in range(30):
            paged.cycle(MONDAY + timedelta(minutes=25 + minutes))


def test_who_starts_later_in_the_day_gets_none_before_the_next_morning(paged: Room) -> None:
    paged.cycle(MONDAY + timedelta(hours=2))
    assert pages(paged) == {}


def test_on_a_day_off_the_last_one_stays(paged: Room) -> None:
    friday = MONDAY + timedelta(days=4)
    paged.cycle(friday - timedelta(hours=2))
    paged.cycle(friday + timedelta(days=1, hours=-2))
    ((_, item),) = pages(paged).items()
    assert item.start == friday


def test_thrown_away_it_comes_back_on_another_day(paged: Room) -> None:
    paged.cycle(EARLY)
    ((href, _),) = pages(paged).items()
    paged.server.phone_delete(href)
    for minutes in (5, 10, 15):
        paged.cycle(EARLY + timedelta(minutes=minutes))
    assert pages(paged) == {}
    paged.cycle(EARLY + timedelta(days=1))
    assert [item.start for item in pages(paged).values()] == [MONDAY + timedelta(days=1)]
    assert [type(fact) for fact in paged.history("jenny")] == [Captured]


def test_what_the_rep_wrote_into_it_is_kept_and_changes_nothing(paged: Room) -> None:
    paged.cycle(EARLY)
    ((href, item),) = pages(paged).items()
    paged.server.phone_edit(href, title=f"✓ {item.title}", body=f"milk and eggs\n{item.body}")
    for days in (0, 1, 2):
        paged.cycle(EARLY + timedelta(days=days, minutes=10))
    assert [type(fact) for fact in paged.history("jenny")] == [Captured]
    assert any("milk and eggs" in one.body for one in pages(paged).values())
    assert [one.title for one in pages(paged).values() if one.start.date() == (MONDAY + timedelta(days=2)).date()] == ["Today: 1 decide"]


def test_switched_off_it_goes(paged: Room) -> None:
    paged.cycle(EARLY)
    paged.configure(CONFIG)
    paged.cycle(EARLY + timedelta(minutes=5), accept_changes=True)
    assert pages(paged) == {}
    assert len(paged.open_items("jenny")) == 1


def test_a_file_has_it_too(paged: Room) -> None:
    path = paged.folder / "feed.ics"
    paged.configure(
        PAGED.replace("[phone]", "[phone, file]").replace("targets:\n  phone", f"targets:\n  file: {{type: ics, path: {path}}}\n  phone")
    )
    paged.cycle(EARLY)
    paged.cycle(MONDAY + timedelta(hours=4))
    assert "SUMMARY:Today: 1 decide" in path.read_text(encoding="utf-8")


def test_a_rehearsal_tells_of_the_page_beside_the_prospects(paged: Room) -> None:
    assert isinstance(paged.server, MemoryServer)

    def told() -> list[tuple[str, str, str]]:
        return [(one.do, one.item.title, f"{one.item.start:%m-%d %H:%M}") for one in rehearsed().notices]

    def rehearsed() -> Rehearsal:
        return paged.new_cycle().rehearse()[0]

    paged.now = EARLY
    assert [one.prospect for one in rehearsed().create] == ["jenny"]
    assert told() == [("create", "Today: 1 decide", "01-05 08:00")]
    paged.cycle(EARLY)
    rehearsal = rehearsed()
    assert (rehearsal.create, rehearsal.move, rehearsal.change, rehearsal.close, rehearsal.notices) == ((), (), (), (), ())
    paged.now = EARLY + timedelta(days=1)
    assert told() == [("move", "Today: 1 decide", "01-06 08:00")]
    report = paged.cycle(paged.now).targets["phone"]
    assert (report.created, report.updated) == (0, len(rehearsal.move) + 2), "the question and the page"
    assert told() == []
