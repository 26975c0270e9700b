"""What it costs to look at busy sources, cycle after cycle, and what one that fails costs the others. Real servers, on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from time import monotonic
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from followsync.busy_cycle import try_logins_again
from followsync.calendars import wire
from followsync.calendars.base import Calendar
from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.calendars.login import login
from followsync.core.reading import BusyReading
from followsync.cycle import Cycle
from tests.machine.room import CONFIG, MONDAY, ZONE, Room
from tests.proxy import Answer, Exchange, Proxy, says, unreachable
from tests.test_cycle import CALL, GOLF
from tests.test_daemon import Stage

DAY = timedelta(days=1)
NAMES: dict[str, str] = {}
_NUMBERS = count()
_MINUTES = timedelta(minutes=5)


@pytest.fixture
def golf(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[CaldavCalendar]]:
    """Two calendars that nobody else has, with golf in the second."""
    monkeypatch.setenv("BUSY_PASSWORD", proxy.server.password or "none")
    login.cache_clear()
    made = [calendar(proxy, f"Private {next(_NUMBERS)}") for _ in range(2)]
    made[1].put(made[1].href("golf"), GOLF.replace("\n", "\r\n"), {})
    proxy.forget()
    yield made
    for one in made:
        one.close()


def calendar(proxy: Proxy, name: str) -> CaldavCalendar:
    server = proxy.server
    made = open_caldav(
        url=server.url, username=server.username, password=server.password, calendar=name, timeout=30, zone=ZONE, clock=lambda: MONDAY
    )
    NAMES[made.collection] = name
    return made


def named(*calendars: CaldavCalendar) -> str:
    return ", ".join(NAMES[one.collection] for one in calendars)


def configure(room: Room, **sources: str) -> None:
    listed = "\n".join(f"  {name}: {source}" for name, source in sources.items())
    config = CONFIG.replace("targets: [phone]", f"targets: [phone]\n    busy: [{', '.join(sources)}]")
    room.configure(config.replace("cadences:", f"busy:\n{listed}\ncadences:"))


def caldav(proxy: Proxy, calendars: str, more: str = "") -> str:
    user = f"username: {proxy.server.username}, password: {{env: BUSY_PASSWORD}}, " if proxy.server.username else ""
    return f"{{type: caldav, url: '{proxy.url}', {user}calendars: [{calendars}]{more}}}"


def reading(room: Room, name: str = "golf") -> BusyReading:
    with room.store.reading() as tx:
        return tx.busy_readings("dana")[name]


def promised(room: Room) -> None:
    """At two, in the middle of golf."""
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")


# --- what is remembered


def test_a_quiet_cycle_is_one_request_for_each_calendar_and_they_are_looked_for_once_a_day(
    room: Room, proxy: Proxy, golf: list[CaldavCalendar]
) -> None:
    configure(room, golf=caldav(proxy, named(*golf)))
    proxy.forget()
    promised(room)
    first = room.cycle()
    assert first.busy["golf"] == len(proxy.log) > 2
    assert room.item("jenny").title == f"{CALL} ⚠ overlaps"
    for hours in (1, 23):
        proxy.forget()
        with room.quiet():
            report = room.cycle(MONDAY + timedelta(hours=hours))
        assert (report.busy, len(proxy.log), reading(room).requests) == ({"golf": 2}, 2, 2)
    assert room.cycle(MONDAY + DAY).busy["golf"] == first.busy["golf"]
    assert room.cycle(MONDAY + DAY + _MINUTES).busy == {"golf": 2}


def test_a_calendar_that_is_no_longer_there_is_looked_for_at_once(room: Room, proxy: Proxy, golf: list[CaldavCalendar]) -> None:
    configure(room, golf=caldav(proxy, named(golf[1])))
    room.cycle()
    golf[1]._wire.call("DELETE", golf[1].collection)
    (warning,) = room.cycle(MONDAY + _MINUTES).warnings
    assert "has no calendar named" in warning
    assert reading(room).places == ()


def test_what_was_found_is_remembered_though_it_cannot_be_read_yet(room: Room, proxy: Proxy, golf: list[CaldavCalendar]) -> None:
    configure(room, golf=caldav(proxy, named(golf[1])))
    with proxy.during(says(503), "REPORT"):
        assert room.cycle().warnings
    assert room.cycle(MONDAY + 2 * _MINUTES).busy == {"golf": 1}


# --- one that fails


def cycles(room: Room, proxy: Proxy, start: datetime, hours: int) -> int:
    """How often the source's server was asked."""
    proxy.forget()
    for number in range(12 * hours):
        assert room.cycle(start + number * _MINUTES).warnings
    return len(proxy.log)


def test_a_refused_login_is_tried_every_six_hours_or_when_a_person_says_so(room: Room, proxy: Proxy, golf: list[CaldavCalendar]) -> None:
    configure(room, golf=caldav(proxy, named(golf[1])))
    proxy.rule(says(401))
    assert cycles(room, proxy, MONDAY, 6) == 1
    assert reading(room).login_needed
    assert room.cycle(MONDAY + 6 * timedelta(hours=1)).busy == {"golf": 1}
    later = MONDAY + 7 * timedelta(hours=1)
    assert room.cycle(later).busy == {"golf": 0}
    assert room.cycle(later, force=True).busy == {"golf": 1}
    assert room.cycle(later).busy == {"golf": 0}
    try_logins_again(room.store, ["dana", "lee"])
    assert room.cycle(later).busy == {"golf": 1}
    assert room.cycle(later).busy == {"golf": 0}
    proxy.heal()
    configure(room, golf=caldav(proxy, named(golf[1]), ", timeout: 20 seconds"))
    report = room.cycle(later, accept_changes=True)
    assert (report.ok, reading(room).failures, reading(room).not_before) == (True, 0, None)


def test_a_server_that_is_down_is_asked_ever_more_seldom(room: Room, proxy: Proxy, golf: list[CaldavCalendar]) -> None:
    configure(room, golf=caldav(proxy, named(golf[1])))
    room.cycle()
    proxy.rule(unreachable)
    assert cycles(room, proxy, MONDAY, 12) < 15
    proxy.heal()
    assert room.cycle(MONDAY + DAY - _MINUTES).ok
    assert reading(room).failures == 0


def test_a_typed_command_that_lacks_a_secret_makes_no_daemon_wait(room: Room) -> None:
    configure(room, golf="{type: ics, url: {env: GOLF_ADDRESS}}")
    assert room.cycle(force=True).warnings
    assert (reading(room).failures, reading(room).not_before, reading(room).login_needed) == (0, None, False)
    assert "GOLF_ADDRESS" in reading(room).error


def test_a_daemon_that_starts_or_reloads_lets_logins_be_tried_again(tmp_path: Any) -> None:
    stage = Stage(tmp_path)

    def refused() -> None:
        store = stage.open()
        with store.writing() as tx:
            pause = stage.clock() + timedelta(hours=6)
            tx.save_busy_readings("dana", BusyReading("dana", "golf", login_needed=True, not_before=pause))
        store.close()

    def pause() -> datetime | None:
        store = stage.open()
        with store.reading() as tx:
            found = tx.busy_readings("dana")["golf"].not_before
        store.close()
        return found

    refused()
    stage.run()
    assert pause() is None
    seen: list[datetime | None] = []
    stage.run(refused, lambda: seen.append(pause()), lambda: stage.waiter.daemon.reload(), lambda: seen.append(pause()), rests=2)
    assert seen[0] is not None
    assert seen[1] is None


# --- side by side


def test_sources_and_targets_are_asked_side_by_side(room: Room, proxy: Proxy, golf: list[CaldavCalendar]) -> None:
    """Nobody goes on before all three were asked: one after the other, they would never."""
    together = threading.Barrier(3)

    def all_here(exchange: Exchange) -> Answer:
        together.wait(20)
        return exchange.forward()

    def opener(target: Any, state: Any) -> Calendar:
        together.wait(20)
        return room.open(target, state)

    one, two = (caldav(proxy, named(each)) for each in golf)
    configure(room, golf=one, tennis=two)
    proxy.rule(all_here, times=2)
    promised(room)
    report = Cycle(room.settings, "dana", room.store, room.now, opener=opener).run()
    assert (report.ok, report.targets["phone"].created) == (True, 1)


def test_all_that_a_source_is_asked_has_to_be_over_within_its_timeout(
    room: Room, proxy: Proxy, golf: list[CaldavCalendar], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers each of our questions only just in time."""
    configure(room, golf=caldav(proxy, named(*golf)))
    proxy.forget()
    late = count()
    monkeypatch.setattr(wire, "monotonic", lambda: monotonic() + 14 * next(late))
    (warning,) = room.cycle().warnings
    assert "did not answer within 30 seconds" in warning
    assert len(proxy.log) <= 3


# --- the address of an ICS file


class Published:
    """A text behind an address, with a version; a rule of the proxy."""

    def __init__(self, text: str) -> None:
        self.text, self.version = text, 1
        self.asked: list[dict[str, str]] = []

    def __call__(self, exchange: Exchange) -> Answer:
        conditions = {name: exchange.headers[name] for name in ("If-None-Match", "If-Modified-Since") if name in exchange.headers}
        self.asked.append(conditions)
        changed = "Mon, 05 Jan 2026 10:00:00 GMT"
        headers = CaseInsensitiveDict({"ETag": f'W/"{self.version}"', "Last-Modified": changed, "Content-Type": "text/calendar"})
        if conditions.get("If-None-Match") == f'W/"{self.version}"':
            return Answer(304, headers)
        return Answer(200, headers, self.text.encode())


@pytest.fixture
def published(room: Room, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Published:
    monkeypatch.setenv("GOLF_ADDRESS", f"{proxy.url}private-hunter2/golf.ics")
    made = Published(GOLF)
    proxy.rule(made, "GET")
    configure(room, golf="{type: ics, url: {env: GOLF_ADDRESS}}")
    promised(room)
    assert room.cycle().ok
    return made


def test_a_text_that_did_not_change_is_not_sent_again_and_counts(room: Room, published: Published) -> None:
    with room.quiet():
        for hours in (1, 23):
            report = room.cycle(MONDAY + timedelta(hours=hours))
            assert (report.ok, report.busy, room.item("jenny").title) == (True, {"golf": 1}, f"{CALL} ⚠ overlaps")
    same = {"If-None-Match": 'W/"1"', "If-Modified-Since": "Mon, 05 Jan 2026 10:00:00 GMT"}
    assert published.asked == [{}, same, same]
    assert reading(room).at == MONDAY + timedelta(hours=23)
    room.cycle(MONDAY + DAY)
    assert published.asked[3:] == [{}]
    published.text, published.version = GOLF.replace("20260108T", "20260109T"), 2
    assert room.cycle(MONDAY + DAY + _MINUTES).ok
    assert published.asked[4:] == [same]
    assert room.item("jenny").title == CALL


def test_a_version_says_nothing_of_what_stands_at_another_address(
    room: Room, published: Published, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLF_ADDRESS", f"{proxy.url}private-hunter3/golf.ics")
    assert room.cycle(MONDAY + _MINUTES).ok
    assert published.asked == [{}, {}]
    assert b"hunter" not in b"".join(path.read_bytes() for path in room.folder.glob("store.db*"))


def test_a_change_of_the_reps_zone_reads_everything_anew(room: Room, published: Published) -> None:
    path = room.folder / "config.yaml"
    room.configure(path.read_text().replace("America/Detroit", "America/Chicago"))
    assert room.cycle(MONDAY + _MINUTES, accept_changes=True).ok
    assert published.asked == [{}, {}]


def test_reports_without_busy_sources_count_nothing(room: Room) -> None:
    assert room.cycle().busy == {}
