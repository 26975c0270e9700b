from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followsync import ics
from followsync.calendars.memory import MemoryCalendar, MemoryServer
from followsync.core.cadence import Form
from followsync.errors import Changed, CursorExpired, LoginNeeded, Refused, Unavailable
from tests.calendars.contract import CALL, DOCTOR, START, ZONE, CalendarContract, same


class TestMemory(CalendarContract):
    @pytest.fixture(autouse=True)
    def _fresh(self) -> None:
        self.server = MemoryServer()
        self.ours, self.phone = MemoryCalendar(self.server, ZONE), MemoryCalendar(self.server, ZONE)

    def put_raw(self, href: str, raw: str) -> None:
        self.server.phone_add(raw, href)

    def expired(self) -> str:
        cursor = self.ours.changes("", {}).cursor
        self.server.forget_tokens()
        return cursor

    def test_a_write_that_breaks_before_and_one_that_breaks_after(self) -> None:
        href = self.ours.href(CALL.uid)
        self.server.faults.before = 1
        with pytest.raises(Unavailable):
            self.ours.create(href, CALL)
        assert self.ours.read([href]) == {href: None}
        self.server.faults.after = 2
        self.ours.create(href, CALL)
        with pytest.raises(Unavailable):
            self.ours.delete(href, None)
        assert self.ours.read([href]) == {href: None}
        self.ours.create(href, CALL)

    def test_readings_that_break(self) -> None:
        self.server.faults.reads = 2
        self.server.faults.retry_after = 90.0
        with pytest.raises(Unavailable) as caught:
            self.ours.changes("", {})
        assert caught.value.retry_after == 90.0
        with pytest.raises(Unavailable):
            self.ours.read([self.ours.href("x")])
        assert self.ours.changes("", {}).seen == ()

    def test_one_entry_that_is_not_taken(self) -> None:
        self.server.faults.refuse.add(self.ours.href(CALL.uid))
        with pytest.raises(Refused):
            self.write(CALL)
        self.write(replace(CALL, uid="fs1other"))

    def test_a_server_that_rewrites_gives_no_etag_and_can_still_be_updated(self) -> None:
        self.server.faults.rewrite = True
        href = self.ours.href(CALL.uid)
        receipt = self.ours.create(href, CALL)
        assert receipt.etag is None
        with pytest.raises(Changed):
            self.ours.update(href, replace(CALL, title="Blind"), receipt.raw, None)
        seen = self.ours.read([href])[href]
        assert seen is not None
        assert same(seen.item, CALL)
        self.ours.update(href, replace(CALL, title="Read first"), seen.raw, seen.etag)
        assert self.server.phone_item(href).title == "Read first"

    def test_a_cut_listing_says_nothing_of_being_cut(self) -> None:
        for number in range(5):
            self.write(replace(CALL, uid=f"fs1{number}"))
        self.server.faults.cut = 2
        changes = self.ours.changes("", {})
        assert (len(changes.seen), changes.gone, changes.complete) == (2, (), True)

    def test_a_password_that_is_no_longer_good(self) -> None:
        self.server.faults.login = True
        with pytest.raises(LoginNeeded):
            self.ours.changes("", {})
        with pytest.raises(LoginNeeded):
            self.write(CALL)

    def test_a_cursor_of_before_and_one_of_the_future(self) -> None:
        with pytest.raises(CursorExpired):
            self.ours.changes("0-99", {})
        with pytest.raises(CursorExpired):
            self.ours.changes("rubbish", {})

    def test_the_phone(self) -> None:
        call, task = self.write(CALL), self.write(replace(CALL, uid="fs1task", form=Form.TASK, busy=False))
        cursor = self.ours.changes("", {}).cursor
        self.server.phone_move(call, START + timedelta(days=2))
        self.server.phone_tick(task)
        seen = {seen.href: seen.item for seen in self.ours.changes(cursor, {}).seen}
        assert same(seen[call], replace(CALL, start=START + timedelta(days=2), end=START + timedelta(days=2, minutes=15)))
        assert same(seen[task], replace(CALL, uid="fs1task", form=Form.TASK, busy=False, done=True))
        self.server.phone_tick(call)
        assert self.server.phone_item(call).title.startswith("✓ Call Jenny")
        self.server.phone_edit(call, body="left message")
        assert self.server.phone_item(call).body == "left message"
        foreign = self.server.phone_add(DOCTOR)
        spoilt = self.server.phone_add("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
        found = self.ours.read([foreign, spoilt])
        assert found[foreign] is not None
        assert found[spoilt] is not None
        assert found[spoilt].item is None
        assert found[spoilt].trouble
        self.server.phone_delete(call)
        assert self.ours.changes(cursor, {}).gone == (call,)

    def test_the_phone_keeps_what_only_we_know(self) -> None:
        href = self.write(CALL)
        self.server.phone_move(href, START + timedelta(hours=1))
        assert ics.read(self.server.entries[href][1], ZONE).action == "a-1"
