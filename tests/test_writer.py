"""Sending: several at a time, none twice, and nothing of the rep's lost between our write and our looking."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from followsync.calendars.base import Receipt
from followsync.calendars.memory import MemoryCalendar, MemoryServer
from followsync.core.history import Noted
from followsync.core.item import Item, Seen
from followsync.core.operations import uid
from followsync.errors import Busy, Changed, Unavailable
from tests.machine.room import ZONE, Room


class Crowd(MemoryCalendar):
    """A calendar with several connections, which counts how many write at the same moment, and may be too busy for two."""

    def __init__(self, server: MemoryServer, ward: Ward) -> None:
        super().__init__(server, ZONE)
        self.connections = 4
        self.ward = ward

    def another(self) -> Crowd:
        return Crowd(self._server, self.ward)

    def create(self, href: str, item: Item) -> Receipt:
        with self.ward.writing():
            return super().create(href, item)


class Ward:
    """``most``: writes at one moment. Those of the first round wait for each other, so the number depends on no clock."""

    def __init__(self, server: MemoryServer, *, together: int, busy: bool = False) -> None:
        self.server, self.busy = server, busy
        self.barrier = threading.Barrier(together)
        self.lock = threading.Lock()
        self.now = self.most = self.rounds = 0

    def open(self, target: Any, state: Any) -> Crowd:
        calendar = Crowd(self.server, self)
        if state.capabilities.side_by_side is False:
            calendar.capabilities = replace(calendar.capabilities, side_by_side=False)
        return calendar

    def writing(self) -> Ward:
        return self

    def __enter__(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
            first = self.rounds < self.barrier.parties
            self.rounds += 1
        if first:
            self.barrier.wait(timeout=30)
        if self.busy and first and self.rounds > 1 and self.now > 1:
            with self.lock:
                self.now -= 1
            raise Busy("busy with another request")
        self.lock.acquire()  # the server itself does one thing at a time

    def __exit__(self, *_: object) -> None:
        self.now -= 1
        self.lock.release()


def test_four_writes_at_a_time(room: Room) -> None:
    for number in range(12):
        room.capture(f"Person {number}")
    ward = Ward(room.server, together=4)
    report = room.new_cycle(opener=ward.open).run()
    assert report.ok
    assert (report.targets["phone"].created, ward.most) == (12, 4)
    assert report.targets["phone"].requests == 13
    with room.quiet():
        assert room.cycle().ok
    assert len(room.open_items()) == 12


def test_a_calendar_that_is_too_busy_is_asked_one_at_a_time_from_then_on(room: Room) -> None:
    for number in range(12):
        room.capture(f"Person {number}")
    ward = Ward(room.server, together=4, busy=True)
    report = room.new_cycle(opener=ward.open).run()
    assert report.ok
    assert report.targets["phone"].created == 12
    with room.store.reading() as tx:
        assert tx.target_state("dana", "phone").capabilities.side_by_side is False
    for number in range(12, 24):
        room.capture(f"Person {number}")
    later = Ward(room.server, together=1)
    assert room.new_cycle(opener=later.open).run().targets["phone"].created == 12
    assert later.most == 1


def test_a_failure_among_several_stops_what_has_not_begun(room: Room) -> None:
    for number in range(20):
        room.capture(f"Person {number}")
    room.server.faults.before = 5
    ward = Ward(room.server, together=4)
    report = room.new_cycle(opener=ward.open).run()
    assert report.targets["phone"].error
    assert report.targets["phone"].created < 20
    room.server.faults.before = 0
    assert room.cycle(force=True).ok
    assert len(room.open_items()) == len(room.items()) == 20


class Hurried(MemoryCalendar):
    """A calendar without ETags on which the rep types between our write and our looking."""

    def __init__(self, server: MemoryServer, typed: str) -> None:
        super().__init__(server, ZONE)
        self.typed = typed

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        asked = list(hrefs)
        if self.typed and asked:
            self._server.phone_edit(asked[0], body=f"{self.typed}\n{self._server.phone_item(asked[0]).body}")
            self.typed = ""
        return super().read(asked)


def test_what_is_typed_between_our_write_and_our_looking_is_read(room: Room, jenny: str) -> None:
    room.server.faults.no_etag = True
    room.edit(jenny, notes="likes blue")
    report = room.new_cycle(opener=lambda target, state: Hurried(room.server, "they want 40")).run()
    assert report.targets["phone"].updated == 1
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["they want 40"]
    room.cycle()
    body = room.item(jenny).body
    assert "they want 40" in body
    assert "likes blue" in body
    with room.quiet():
        room.cycle()


def test_what_a_server_is_known_to_add_is_not_the_rep_s(room: Room, jenny: str) -> None:
    """Its line comes back with each write; it is the base from then on, and no note."""

    def opener(target: Any, state: Any) -> Footer:
        return Footer(room.server, ZONE)

    for version in ("one", "two"):
        room.edit(jenny, notes=version)
        assert room.new_cycle(opener=opener).run().ok
    assert not any(isinstance(fact, Noted) for fact in room.history(jenny))
    assert room.item(jenny).body.count("Sent with care") == 1


class Footer(MemoryCalendar):
    """A server that adds a line to every text, and is known for it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.capabilities = replace(self.capabilities, rewrites=frozenset({"body+Sent with care"}))

    def _kept(self, href: str) -> None:
        body = self._server.phone_item(href, ZONE).body
        if "Sent with care" not in body:
            self._server.phone_edit(href, body=f"{body}\nSent with care")

    def create(self, href: str, item: Item) -> Receipt:
        receipt = super().create(href, item)
        self._kept(href)
        return receipt

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        receipt = super().update(href, item, raw, etag)
        self._kept(href)
        return receipt


def test_a_reading_that_comes_out_of_a_cache_is_not_believed(room: Room, jenny: str) -> None:
    """It shows what stood there before our write: nobody changed it back."""
    room.server.faults.no_etag = True
    room.edit(jenny, notes="likes blue")
    before = dict(room.server.entries)

    class Stale(MemoryCalendar):
        def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
            now, self._server.entries = self._server.entries, before
            try:
                return super().read(hrefs)
            finally:
                self._server.entries = now

    facts = room.history(jenny)
    room.new_cycle(opener=lambda target, state: Stale(room.server, ZONE)).run()
    assert room.cycle().ok
    with room.quiet():
        assert room.cycle().targets["phone"].pending == 0
    assert room.history(jenny) == facts
    assert "likes blue" in room.item(jenny).body


def test_the_name_of_a_deleted_entry_may_stay_taken(room: Room) -> None:
    """Some servers refuse a name for ever: the entry gets another one."""
    room.capture("Jenny")

    class Taken(MemoryCalendar):
        def create(self, href: str, item: Item) -> Receipt:
            if href in refused:
                raise Changed("409")
            return super().create(href, item)

    first = room.new_cycle()
    with room.store.reading() as tx:
        (placed,) = first.picture(tx).placed
    refused = {MemoryCalendar(room.server).href(uid(placed.action.id, 0))}
    for _ in range(2):
        room.new_cycle(opener=lambda target, state: Taken(room.server, ZONE)).run(force=True)
    assert len(room.open_items()) == 1
    assert refused.isdisjoint(room.server.entries)


def test_a_failing_answer_to_who_was_faster_invents_nothing(room: Room, jenny: str) -> None:
    """Our entry stands there already, but cannot be read just now: nothing was sent, and nothing is concluded."""
    entries = dict(room.server.entries)
    facts = len(room.history(jenny))
    with room.store.writing() as tx:
        tx.forget_written("dana", "phone", *(row.action for row in tx.written("dana", "phone")))

    class Deaf(MemoryCalendar):
        def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
            if list(hrefs):
                raise Unavailable("not now")
            return {}

        def changes(self, cursor: str, known: Any) -> Any:
            return replace(super_changes(self, cursor), seen=())

    def super_changes(calendar: MemoryCalendar, cursor: str) -> Any:
        return MemoryCalendar.changes(MemoryCalendar(room.server, ZONE), cursor, {})

    room.new_cycle(opener=lambda target, state: Deaf(room.server, ZONE)).run()
    for _ in range(2):
        room.cycle(force=True)
    assert room.server.entries == entries
    assert len(room.history(jenny)) == facts
