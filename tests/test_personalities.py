"""Each personality by itself: what it is meant to do wrong, and that a rep with news, without news, and with a spoilt entry is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.core.history import Dismissed, Moved, Noted
from followsync.core.target import Capabilities
from tests.calendars.contract import NOW, CalendarContract
from tests.calendars.contract import ZONE as CONTRACT_ZONE
from tests.dav.explore import unused, whole_state
from tests.dav.personalities import CCS, CLEAN, PERSONALITIES, Personality
from tests.dav.server import HOST, STEP, Answer, DavServer, Host, mounted
from tests.machine.death import Death
from tests.machine.machine import Machine
from tests.machine.room import MONDAY, Room

IDLE = 30
PEOPLE = 4


@pytest.fixture(params=PERSONALITIES)
def lived(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    """A rep whose entries stand on a server of that kind, and nothing is left to do."""
    room = Room(tmp_path, personality=PERSONALITIES[request.param])
    for number in range(PEOPLE):
        room.capture(f"Person {number}", phone="248.867.5309", stage="pitched", met="2026-01-05")
    settled(room)
    yield room
    room.close()


def settled(room: Room) -> None:
    for _ in range(8):
        before = room.writes()
        if room.cycle(room.now + timedelta(minutes=3), force=True).ok and room.writes() == before:
            return
    raise AssertionError("it does not settle")


def test_a_server_that_stumbles_over_a_token_is_read_from_the_beginning(tmp_path: Path) -> None:
    """After three failures in a row; until then a 500 is a fault that passes, and lists nothing anew."""
    room = Room(tmp_path, personality=CCS)
    room.capture("Jenny")
    settled(room)
    room.server.forget_tokens()
    room.server.phone_edit(room.href("jenny"), body=f"likes blue\n{room.item('jenny').body}")
    said = [room.cycle(room.now + timedelta(hours=3)).targets["phone"].error for _ in range(4)]
    assert [bool(error) for error in said] == [True, True, True, False]
    assert any(isinstance(fact, Noted) for fact in room.history("jenny"))
    room.close()


def test_thirty_idle_cycles_over_days_write_nothing(lived: Room) -> None:
    """Before the first entry is due nothing changes, whatever the hour; the listing of everything comes in between."""
    with lived.quiet():
        for number in range(IDLE):
            lived.cycle(lived.now + timedelta(minutes=83), force=True, thorough=number % 2 == 1)
    assert lived.now - MONDAY > timedelta(days=1)


def test_what_the_rep_does_arrives(lived: Room) -> None:
    """At the latest when everything is listed again."""
    start = (MONDAY + timedelta(days=8)).replace(hour=11)
    moved, noted, deleted = (lived.href(f"person-{number}") for number in range(3))
    lived.server.phone_move(moved, start)
    lived.server.phone_edit(noted, body=f"likes blue\n{lived.server.phone_item(noted).body}")
    lived.server.phone_delete(deleted)
    lived.list_everything()
    settled(lived)
    settled(lived)
    assert [fact.start for fact in lived.history("person-0") if isinstance(fact, Moved)] == [start]
    assert [fact.text for fact in lived.history("person-1") if isinstance(fact, Noted)] == ["likes blue"]
    assert len([fact for fact in lived.history("person-2") if isinstance(fact, Dismissed)]) == 1
    assert sorted(item.prospect for item in lived.open_items().values()) == [f"person-{number}" for number in range(PEOPLE)]


def test_one_refused_entry_stops_nobody(lived: Room) -> None:
    lived.server.faults.refuse = {lived.href("person-0")}
    for number in range(PEOPLE):
        lived.edit(f"person-{number}", phone="248.555.0100")
    for _ in range(3):
        report = lived.cycle(lived.now + timedelta(minutes=3), force=True)
    if report.targets["phone"].error:  # asked for a pause
        report = lived.cycle(lived.now + timedelta(minutes=3), force=True)
    assert (report.targets["phone"].error, report.targets["phone"].quarantined) == ("", 1)
    shown = {item.prospect: "248.555.0100" in item.title + item.body for item in lived.open_items().values()}
    assert shown == {"person-0": False, "person-1": True, "person-2": True, "person-3": True}


# --- the fakes themselves


class TestClean(CalendarContract):
    """The server of the tests keeps the contract that Radicale and Xandikos keep."""

    @pytest.fixture(autouse=True)
    def clients(self) -> Iterator[None]:
        self.server = DavServer("follow-ups", label="Follow-ups")
        with mounted(Host(self.server)):
            self.ours = opened()
            self.phone = opened(self.ours.probe())
            yield

    def put_raw(self, href: str, raw: str) -> None:
        self.server.phone_add(raw, href)

    def expired(self) -> str:
        cursor = self.ours.changes("", {}).cursor
        self.server.forget_tokens()
        return cursor


def opened(capabilities: Capabilities | None = None) -> CaldavCalendar:
    return open_caldav(
        url=f"https://{HOST}/",
        username="dana",
        password="x",
        calendar="Follow-ups",
        timeout=5,
        zone=CONTRACT_ZONE,
        clock=lambda: NOW,
        capabilities=capabilities,
    )


@pytest.mark.parametrize("personality", PERSONALITIES)
def test_what_makes_no_other_state_changes_no_answer(personality: str) -> None:
    """A state that healed is not healed again in the soak, also where the server has been asked more often since, and its clock went on."""
    machine = Machine()
    machine.start(two=False, personality=personality, begin=MONDAY)
    try:
        machine.note(0)
        machine.room.dying_cycle(Death(5))
        state, before = whole_state(machine), machine.remembered()
        lives = []
        for later in (0, 3):
            machine.put_back(before)
            server = machine.room.server
            assert isinstance(server, DavServer)
            server.asked += later if "asked" in unused(server) else 0
            server.now += later * STEP if "now" in unused(server) else timedelta()
            assert whole_state(machine) == state
            lives.append((all_answers(machine), whole_state(machine)))
    finally:
        machine.put_away()
    assert lives[0] == lives[1]
    assert lives[0][1] != state


def all_answers(machine: Machine) -> list[tuple[str, str, Answer]]:
    """What is asked, and what is answered, until everything is settled."""
    host, heard = machine.room.host, list[tuple[str, str, Answer]]()

    def answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        heard.append((method, path, Host._answer(host, method, path, headers, body)))
        return heard[-1][2]

    with patch.object(host, "_answer", answer):
        machine.settle()
    return heard


TELLS = {  # None: there is no list of changes, so each look lists what stands there
    **dict.fromkeys(PERSONALITIES, True),
    **dict.fromkeys(("weak_etag", "gmx", "no_token", "sabre"), None),
    "rate_limiter": None,  # the seventh request is one too many, and what is good to know is no reason to fail
    **dict.fromkeys(("tombstone_forgetter", "search_cache"), False),  # a list out of a cache is not believed for days either
}


@pytest.mark.parametrize("name", PERSONALITIES)
def test_whether_deletions_are_told_is_found_out_by_the_probe(name: str) -> None:
    server = DavServer("follow-ups", PERSONALITIES[name], label="Follow-ups")
    with mounted(Host(server)):
        found = opened().probe()
    assert found.tombstones is TELLS[name]
    assert not server.entries


def test_a_calendar_is_made_where_there_is_none() -> None:
    host = Host()
    with mounted(host):
        first, second = opened(), opened()
    assert first.collection == second.collection
    assert [one.label for one in host.collections.values()] == ["Follow-ups"]


def test_two_personalities_at_once() -> None:
    both = PERSONALITIES["rewriter"] | PERSONALITIES["uid_reserver"]
    assert (both.reserves, len(both.rewrites), both.etags["put"]) == (409, 1, "none")
    assert both != CLEAN
    assert isinstance(both, Personality)
