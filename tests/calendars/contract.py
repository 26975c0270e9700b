"""What every calendar must do. A kind of calendar inherits this class and says how two clients of one fresh calendar are opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest

from followsync import ics
from followsync.calendars.base import Calendar
from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.item import Item
from followsync.errors import Busy, Changed, CursorExpired, Refused

ZONE = ZoneInfo("America/Detroit")
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
START = datetime(2026, 1, 8, 14, 0, tzinfo=ZONE)
CALL = Item(
    uid="fs1call",
    form=Form.EVENT,
    title="Call Jenny to determine next steps – 248.867.5309",
    body="248.867.5309\nAsk: what happens next?; \\n, end",
    start=START,
    end=START + timedelta(minutes=15),
    location="Joe's Diner, Main St; Detroit",
    url="tel:+12488675309",
    busy=True,
    alarms=(15, 60),
    action="a-1",
    prospect="jenny",
    kind=Kind.PROMISE,
    due=date(2026, 1, 8),
)
DAY = CALL.start.replace(hour=0)
SHAPES = [
    CALL,
    replace(CALL, uid="fs1bare", body="", location="", url="", busy=False, alarms=(), action="", prospect="", kind=None, due=None),
    replace(CALL, uid="fs1day", start=DAY, end=DAY + timedelta(days=1), all_day=True),
    replace(CALL, uid="fs1task", form=Form.TASK, busy=False),
    replace(CALL, uid="fs1ticked", form=Form.TASK, busy=False, done=True),
    replace(CALL, uid="fs1datetask", form=Form.TASK, busy=False, start=DAY, end=DAY + timedelta(days=1), all_day=True),
    replace(CALL, uid="fs1closed", done=True, busy=False, alarms=()),
]
DOCTOR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:VEVENT\r\nUID:doctor\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260108T150000Z\r\nDTEND:20260108T160000Z\r\nSUMMARY:Doctor\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n"
    "X-COLOR;X-OF=phone:green\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Untouched(Mapping[str, str | None]):
    """What the caller has seen, where looking it up is dear."""

    def __getitem__(self, key: str) -> str | None:
        raise AssertionError(f"{key} was looked up")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("it was gone through")

    def __len__(self) -> int:
        raise AssertionError("it was counted")


class Asked(dict[str, str | None]):
    """Only ``get`` may be used of it."""

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("it was gone through")


def same(one: Item | None, other: Item) -> bool:
    """Equal as instants."""
    return one is not None and one == replace(
        other, start=other.start.astimezone(one.start.tzinfo), end=other.end.astimezone(one.end.tzinfo)
    )


class CalendarContract:
    ours: Calendar
    phone: Calendar  # another client of the same calendar
    many = 250
    doctor = DOCTOR  # an entry of another program, as text
    unknown = ("X-COLOR;X-OF=phone:green", "RRULE:FREQ=WEEKLY;COUNT=3")  # what Item does not know of it
    unreadable = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    def told(self, raw: str) -> Item:
        """What a text of this calendar says."""
        return ics.read(raw, ZONE)

    def put_raw(self, href: str, raw: str) -> None:
        """Another program writes a text of its own."""
        raise NotImplementedError

    def expired(self) -> str:
        """A cursor that the calendar does not know."""
        raise NotImplementedError

    def write(self, item: Item) -> str:
        href = self.ours.href(item.uid, item.form)
        self.ours.create(href, item)
        return href

    @pytest.mark.parametrize("item", SHAPES, ids=lambda item: item.uid)
    def test_what_is_written_is_what_is_read(self, item: Item) -> None:
        href = self.write(item)
        seen = self.phone.read([href])[href]
        assert seen is not None
        assert same(seen.item, item)

    def test_the_receipt_says_what_stands_there(self) -> None:
        href = self.ours.href(CALL.uid, Form.EVENT)
        receipt = self.ours.create(href, CALL)
        seen = self.phone.read([href])[href]
        assert seen is not None
        assert receipt.etag == seen.etag
        assert same(self.told(receipt.raw), CALL)

    def test_an_absent_entry_reads_as_none(self) -> None:
        href, other = self.write(CALL), self.ours.href("fs1nothing", Form.EVENT)
        assert self.ours.read([other]) == {other: None}
        both = self.ours.read([href, other])
        assert list(both) == [href, other]
        assert both[other] is None

    def test_an_href_stands_for_ever(self) -> None:
        assert self.ours.href(CALL.uid, Form.EVENT) == self.phone.href(CALL.uid, Form.EVENT)

    def test_creating_twice_is_a_conflict_and_keeps_the_first(self) -> None:
        href = self.write(CALL)
        with pytest.raises(Changed):
            self.phone.create(href, replace(CALL, title="Another"))
        seen = self.ours.read([href])[href]
        assert seen is not None
        assert same(seen.item, CALL)

    def test_update(self) -> None:
        href = self.ours.href(CALL.uid, Form.EVENT)
        receipt = self.ours.create(href, CALL)
        moved = replace(CALL, start=START + timedelta(days=1), end=START + timedelta(days=1, minutes=30), title="Visit", alarms=(30,))
        again = self.ours.update(href, moved, receipt.raw, receipt.etag)
        seen = self.phone.read([href])[href]
        assert seen is not None
        assert same(seen.item, moved)
        assert again.etag == seen.etag != receipt.etag

    def test_update_of_what_changed_is_a_conflict(self) -> None:
        href = self.ours.href(CALL.uid, Form.EVENT)
        receipt = self.ours.create(href, CALL)
        self.phone.update(href, replace(CALL, title="✓ Call Jenny"), receipt.raw, receipt.etag)
        with pytest.raises(Changed):
            self.ours.update(href, replace(CALL, title="Ours"), receipt.raw, receipt.etag)
        with pytest.raises(Changed):
            self.ours.update(href, replace(CALL, title="Ours"), receipt.raw, None)
        seen = self.ours.read([href])[href]
        assert seen is not None
        assert seen.item is not None
        assert seen.item.title == "✓ Call Jenny"

    def test_update_without_an_etag_writes_over_what_was_read(self) -> None:
        href = self.write(CALL)
        seen = self.ours.read([href])[href]
        assert seen is not None
        self.ours.update(href, replace(CALL, title="Ours"), seen.raw, None)
        after = self.phone.read([href])[href]
        assert after is not None
        assert after.item is not None
        assert after.item.title == "Ours"

    @pytest.mark.parametrize("blind", [False, True])
    def test_update_of_what_is_gone_is_a_conflict(self, blind: bool) -> None:
        href = self.ours.href(CALL.uid, Form.EVENT)
        receipt = self.ours.create(href, CALL)
        self.phone.delete(href, receipt.etag)
        with pytest.raises(Changed):
            self.ours.update(href, replace(CALL, title="Ours"), receipt.raw, None if blind else receipt.etag)
        assert self.ours.read([href]) == {href: None}

    def test_an_entry_that_cannot_be_read_is_not_written(self) -> None:
        href = self.write(CALL)
        with pytest.raises(Refused):
            self.ours.update(href, CALL, self.unreadable, None)

    def test_delete(self) -> None:
        href = self.ours.href(CALL.uid, Form.EVENT)
        receipt = self.ours.create(href, CALL)
        self.ours.delete(href, receipt.etag)
        assert self.phone.read([href]) == {href: None}
        self.ours.delete(href, receipt.etag)
        self.ours.delete(href, None)

    def test_delete_of_what_changed_is_a_conflict(self) -> None:
        href = self.ours.href(CALL.uid, Form.EVENT)
        receipt = self.ours.create(href, CALL)
        self.phone.update(href, replace(CALL, title="✓"), receipt.raw, receipt.etag)
        with pytest.raises(Changed):
            self.ours.delete(href, receipt.etag)
        assert self.phone.read([href])[href] is not None

    def test_the_first_reading_is_complete(self) -> None:
        href = self.write(CALL)
        changes = self.phone.changes("", {})
        assert changes.complete
        assert [seen.href for seen in changes.seen] == [href]
        assert same(changes.seen[0].item, CALL)
        assert changes.gone == ()
        assert changes.listed == {href}
        echo = self.ours.changes("", {href: changes.seen[0].etag})
        assert (echo.seen, echo.complete, echo.listed) == ((), True, {href})

    def test_nothing_new_costs_one_request(self) -> None:
        self.write(CALL)
        first = self.ours.changes("", {})
        before = self.ours.requests
        quiet = self.ours.changes(first.cursor, Untouched())
        assert (quiet.seen, quiet.gone, quiet.complete, quiet.listed, quiet.more) == ((), (), False, frozenset(), False)
        assert self.ours.requests - before == 1
        again = self.ours.changes(quiet.cursor, {})
        assert (again.seen, again.gone) == ((), ())

    def test_our_own_writes_come_back_without_a_fetch(self) -> None:
        cursor = self.ours.changes("", {}).cursor
        href = self.ours.href(CALL.uid, Form.EVENT)
        receipt = self.ours.create(href, CALL)
        before = self.ours.requests
        echo = self.ours.changes(cursor, Asked({href: receipt.etag}))
        assert (echo.seen, echo.gone, echo.listed) == ((), (), {href})
        assert self.ours.requests - before == 1

    def test_changes_and_deletions_since_a_cursor(self) -> None:
        kept, moved, deleted = (replace(CALL, uid=f"fs1{name}") for name in ("kept", "moved", "deleted"))
        receipts = {item.uid: self.ours.create(self.ours.href(item.uid, item.form), item) for item in (kept, moved, deleted)}
        first = self.ours.changes("", {})
        known = {seen.href: seen.etag for seen in first.seen}
        self.phone.update(
            self.ours.href(moved.uid, Form.EVENT), replace(moved, title="Moved"), receipts[moved.uid].raw, receipts[moved.uid].etag
        )
        self.phone.delete(self.ours.href(deleted.uid, Form.EVENT), receipts[deleted.uid].etag)
        self.phone.create(self.ours.href("fs1new", Form.EVENT), replace(CALL, uid="fs1new"))
        changes = self.ours.changes(first.cursor, known)
        assert not changes.complete
        assert {seen.href for seen in changes.seen} == {self.ours.href("fs1moved", Form.EVENT), self.ours.href("fs1new", Form.EVENT)}
        assert changes.gone == (self.ours.href("fs1deleted", Form.EVENT),)
        assert changes.listed >= {self.ours.href("fs1moved", Form.EVENT), self.ours.href("fs1new", Form.EVENT)}
        assert self.ours.href("fs1deleted", Form.EVENT) not in changes.listed

    def test_created_and_deleted_between_two_readings_is_never_seen(self) -> None:
        cursor = self.ours.changes("", {}).cursor
        href = self.phone.href(CALL.uid, Form.EVENT)
        receipt = self.phone.create(href, CALL)
        self.phone.delete(href, receipt.etag)
        assert self.ours.changes(cursor, {}).seen == ()

    def test_a_cursor_that_is_not_known(self) -> None:
        self.write(CALL)
        with pytest.raises(CursorExpired):
            self.ours.changes(self.expired(), {})

    def test_what_we_do_not_know_survives_an_update(self) -> None:
        href = self.ours.href("doctor", Form.EVENT)
        self.put_raw(href, self.doctor)
        seen = self.ours.read([href])[href]
        assert seen is not None
        assert seen.item is not None
        self.ours.update(href, replace(seen.item, title="Doctor Lee"), seen.raw, seen.etag)
        after = self.phone.read([href])[href]
        assert after is not None
        assert after.item is not None
        assert after.item.title == "Doctor Lee"
        assert all(one in after.raw for one in self.unknown)
        assert "VALARM" not in after.raw

    def test_a_foreign_entry_is_seen_and_can_be_told(self) -> None:
        href = self.ours.href("doctor", Form.EVENT)
        self.put_raw(href, self.doctor)
        (seen,) = self.ours.changes("", {}).seen
        assert seen.href == href
        assert seen.item is not None
        assert (seen.item.uid, seen.item.title, seen.item.action) == ("doctor", "Doctor", "")

    def test_many_entries_are_read_in_few_requests(self) -> None:
        for number in range(self.many):
            self.write(replace(CALL, uid=f"fs1n{number:03}", body="", alarms=()))
        before = self.phone.requests
        changes = self.phone.changes("", {})
        assert len(changes.seen) == self.many
        assert self.phone.requests - before <= 1 + ceil(self.many / 100)
        known = {seen.href: seen.etag for seen in changes.seen}
        before = self.phone.requests
        again = self.phone.changes("", known)
        assert (again.seen, again.complete) == ((), True)
        assert self.phone.requests - before == 1

    def test_what_the_server_can_do_is_asked_once_and_leaves_nothing_behind(self) -> None:
        found = self.ours.probe()
        assert found.known
        assert found == self.ours.capabilities
        before = self.ours.requests
        assert self.ours.probe() == found
        assert self.ours.requests == before
        assert self.phone.changes("", {}).listed == frozenset()

    def test_another_connection(self) -> None:
        href = self.write(CALL)
        before = self.ours.requests
        other = self.ours.another()
        assert (other.requests, other.collection, other.capabilities) == (0, self.ours.collection, self.ours.capabilities)
        seen = other.read([href])[href]
        assert seen is not None
        assert same(seen.item, CALL)
        assert (other.requests, self.ours.requests) == (1, before)
        other.close()
        assert self.ours.read([href]) == {href: seen}

    def test_several_connections_write_at_once(self) -> None:
        lines = [self.ours, *(self.ours.another() for _ in range(self.ours.connections - 1))]
        before = self.ours.requests
        busy = []

        def some(number: int) -> None:
            for turn in range(4):
                item = replace(CALL, uid=f"fs1n{number}{turn}")
                try:
                    lines[number].create(self.ours.href(item.uid, item.form), item)
                except Busy:  # nothing was done: Xandikos locks the whole calendar while it writes
                    busy.append(item)

        with ThreadPoolExecutor(len(lines)) as pool:
            list(pool.map(some, range(len(lines))))
        assert len(self.phone.changes("", {}).listed) + len(busy) == 4 * len(lines)
        assert sum(line.requests for line in lines) - before == 4 * len(lines)
