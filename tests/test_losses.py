"""A store that was lost, calendars that are swapped, entries that cannot be read: nothing is invented, nothing is written over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from followsync import ics
from followsync.calendars.caldav import CaldavCalendar
from followsync.calendars.memory import MemoryCalendar
from followsync.core.history import Captured, Dismissed, Kind, Moved, Noted, Promised, Restored, Result, Touched, Unclear
from followsync.core.item import Item, Seen, State
from followsync.core.operations import uid
from followsync.core.promises import Fate, ledger
from followsync.core.prospect import Prospect
from followsync.core.target import Capabilities
from followsync.cycle import Cycle
from followsync.errors import Unavailable
from followsync.log import failures
from followsync.moment import Stopped
from followsync.pull import GRACE, Deletions, Listing, doubtful
from followsync.store import Transaction, codec
from tests.dav.personalities import CLEAN, PERSONALITIES
from tests.dav.server import DavServer
from tests.machine.apps import DOCTOR
from tests.machine.death import Death, Killed, MortalCalendar, MortalStore
from tests.machine.room import CONFIG, MONDAY, ZONE, Room

TWO = CONFIG.replace("[phone]", "[phone, desk]").replace(
    "cadences:", '  desk: {type: caldav, url: "https://dav.example.org/", calendar: Desk}\ncadences:'
)


def told(room: Room, prospect: str) -> list[type]:
    return [type(fact) for fact in room.history(prospect)]


@pytest.mark.parametrize(("typed", "result"), [("yes", Result.YES), ("✓", Result.YES), ("no", Result.NO), ("x", Result.ATTEMPT)])
def test_an_answer_before_the_title_outlives_the_store(room: Room, jenny: str, typed: str, result: Result) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, title=f"{typed} {room.item(jenny).title}")
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    for _ in range(3):
        assert room.cycle().ok
    assert [fact.result for fact in room.history(jenny) if isinstance(fact, Touched)] == [result]


def test_a_note_outlives_the_store(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), body=f"likes blue\n{room.item(jenny).body}")
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    for _ in range(3):
        assert room.cycle().ok
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["likes blue"]
    assert "likes blue" in room.item(jenny).body


@pytest.mark.parametrize("read", [False, True], ids=["unread", "read"])
def test_the_reps_move_of_a_promise_outlives_what_the_store_knew_of_the_target(room: Room, jenny: str, read: bool) -> None:
    """Its name in the config was changed, or the store is a copy that was made before it was written there."""
    start = MONDAY + timedelta(days=8, hours=3)
    room.server.phone_move(room.href(jenny), start)
    if read:
        room.cycle()
        room.say(jenny, Noted(room.now, "cli", "later"))
        room.cycle()
    room.servers["handy"] = room.servers.pop("phone")
    room.configure(CONFIG.replace("phone", "handy"))
    for _ in range(3):
        room.cycle()
    assert [fact.start for fact in room.history(jenny) if isinstance(fact, Moved)] == [start]
    assert room.item(jenny).start == start


def test_what_comes_back_out_of_the_bin_stands_where_the_rep_puts_it(room: Room, jenny: str) -> None:
    """They were asked: drop, or when?"""
    href, start = room.href(jenny), MONDAY + timedelta(days=8, hours=3)
    text = room.server.entries[href][1]
    room.server.phone_delete(href)
    room.believe()
    room.cycle()
    room.server.phone_add(text, href)
    room.server.phone_move(href, start)
    for _ in range(2):
        room.cycle()
    assert [fact.start for fact in room.history(jenny) if isinstance(fact, Moved)] == [start]
    assert room.item(jenny).start == start


def test_a_copy_of_before_the_first_sync_takes_no_move_back(room: Room) -> None:
    room.capture("Jenny")
    room.promise("jenny", "thu 2pm call to determine next steps")
    before = room.stored()
    room.cycle()
    start = MONDAY + timedelta(days=8, hours=3)
    room.server.phone_move(room.href("jenny"), start)
    room.cycle()
    room.put_back(before)
    for _ in range(3):
        room.cycle()
    assert [fact.start for fact in room.history("jenny") if isinstance(fact, Moved)] == [start]
    assert room.item("jenny").start == start


def test_a_kept_promise_does_not_come_back_with_the_calendar(room: Room, jenny: str) -> None:
    """The calendar is swapped for another one and back: what was answered meanwhile stays answered, and its old entry goes."""
    room.configure(CONFIG.replace("Follow-ups", "Elsewhere").replace("phone:", "phone:"))
    old = room.servers["phone"]
    room.servers["phone"] = type(old)("elsewhere")
    room.cycle()
    room.log(jenny, Result.DONE)
    room.cycle()
    room.configure(CONFIG)
    room.servers["phone"] = old
    for _ in range(3):
        room.cycle()
    assert told(room, jenny).count(Promised) == 1
    assert len(room.open_items(jenny)) == 1
    assert not any("determine next steps" in item.title for item in room.open_items().values())


def test_an_entry_of_ours_that_nobody_wants_goes(room: Room, jenny: str) -> None:
    entries = dict(room.server.entries)
    room.log(jenny, Result.NO)
    room.cycle()
    assert room.open_items() == {}
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    room.log(jenny, Result.NO)
    for href, (_, text) in entries.items():
        room.server.store(href, text)
    for _ in range(2):
        room.cycle()
    assert room.open_items() == {}


def test_what_the_rep_wrote_on_an_entry_that_nobody_wants_is_kept(room: Room, jenny: str) -> None:
    room.server.phone_edit(room.href(jenny), body=f"they want 40\n{room.item(jenny).body}")
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    room.log(jenny, Result.NO)
    for _ in range(2):
        room.cycle()
    assert room.open_items() == {}
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["they want 40"]


def test_a_clock_that_was_a_month_ahead_leaves_no_missed_days(room: Room, jenny: str) -> None:
    before = room.item(jenny)
    room.cycle(MONDAY + timedelta(days=31))
    assert "day)" in room.item(jenny).title
    for _ in range(2):
        room.cycle(MONDAY + timedelta(minutes=10))
    assert (room.item(jenny).title, room.item(jenny).start) == (before.title, before.start)


def test_after_a_clock_that_was_a_year_ahead_all_stands_where_it_would_have_stood(room: Room) -> None:
    room.capture("Corner Bakery", id="bakery", stage="pitched", met="2026-01-05")
    room.capture("Joe", id="joe")
    room.capture("Ann", id="ann")
    room.promise("ann", "call Thursday to sign")
    room.cycle()
    before = {who: (room.item(who).title, room.item(who).start) for who in ("bakery", "joe", "ann")}
    room.cycle(MONDAY + timedelta(days=365))
    room.cycle(MONDAY + timedelta(days=365, minutes=5))
    assert {room.item(who).start.year for who in before} == {2027}
    for minutes in (10, 15):
        room.cycle(MONDAY + timedelta(minutes=minutes))
    after = {who: (room.item(who).title, room.item(who).start) for who in before}
    assert (after["bakery"], after["ann"]) == (before["bakery"], before["ann"])
    assert (after["joe"][0], after["joe"][1].date()) == (before["joe"][0], MONDAY.date())
    with room.quiet():
        room.cycle(MONDAY + timedelta(minutes=20))


AHEAD = MONDAY + timedelta(days=365)
RIGHT_AGAIN = MONDAY + timedelta(hours=1)


@pytest.mark.parametrize("result", [Result.DONE, Result.ATTEMPT])
def test_what_was_answered_by_a_clock_that_was_a_year_ahead_counts_for_now(room: Room, result: Result) -> None:
    """The same answers under a clock that was right: what is next is of the same week."""
    room.capture("Corner Bakery", id="bakery", stage="pitched", met="2025-12-15")
    room.capture("Joe", id="joe")
    room.cycle()
    room.now = AHEAD
    for who in ("bakery", "joe"):
        room.log(who, result)
    room.cycle(AHEAD + timedelta(minutes=5))
    room.cycle(RIGHT_AGAIN)
    for who in ("bakery", "joe"):
        action = room.action(who)
        assert action is not None
        assert action.due <= MONDAY.date() + timedelta(days=3), (who, action)
        assert room.item(who).start < MONDAY + timedelta(days=4)
    with room.quiet():
        room.cycle(RIGHT_AGAIN + timedelta(minutes=5))


def test_turns_are_counted_from_the_day_of_a_call_that_a_clock_told_a_year_ahead(room: Room) -> None:
    room.capture("Corner Bakery", id="bakery", stage="pitched", met="2025-12-15")
    for _ in range(2):  # the thanks, and the call of 2026-01-05, from which the rest is counted
        room.now = AHEAD
        room.log("bakery", Result.DONE)
    room.now = RIGHT_AGAIN
    action = room.action("bakery")
    assert action is not None
    assert action.due.isoformat() == "2026-04-06", "90 days after the call, on a working day"
    room.now = MONDAY + timedelta(days=20)
    assert room.action("bakery") == action


def test_what_was_answered_on_a_day_to_come_takes_no_room_today(room: Room) -> None:
    room.configure(CONFIG.replace("holidays: US-MI", "holidays: US-MI\n    capacity: 1"))
    room.capture("Joe", id="joe")
    room.now = AHEAD
    room.log("joe", Result.NO)
    room.now = RIGHT_AGAIN
    room.capture("Ann", id="ann")
    room.cycle()
    assert room.item("ann").start.date() == MONDAY.date()


def test_a_promise_that_was_kept_while_the_clock_was_ahead_is_kept(room: Room) -> None:
    room.capture("Ann", id="ann")
    room.promise("ann", "call today 11am to sign")
    room.now = AHEAD
    room.log("ann", Result.DONE)
    cycle = room.new_cycle()
    with room.store.reading() as tx:
        ann = tx.prospect("ann")
        assert ann is not None
        (line,) = ledger(ann, tx.history("ann"), cycle.rules, cycle.rep, RIGHT_AGAIN + timedelta(days=2))
    assert (line.fate, line.settled and line.settled.date()) == (Fate.KEPT, MONDAY.date())


def test_what_was_agreed_while_the_clock_was_ahead_stands_and_is_asked_about(room: Room) -> None:
    room.capture("Ann", id="ann")
    room.now = AHEAD
    promise = room.promise("ann", "call Thursday 2pm to sign")
    room.cycle(RIGHT_AGAIN)
    asked = [item for item in room.open_items().values() if "is that the day?" in item.title]
    assert [(one.title, one.start.date()) for one in asked] == [("Ann: Thu 2027-01-07 14:00: is that the day?", MONDAY.date())]
    assert "clock was ahead" in asked[0].body
    action = room.action("ann")
    assert action is not None
    assert (action.kind, action.start) == (Kind.PROMISE, promise.start)
    with room.quiet():
        room.cycle(RIGHT_AGAIN + timedelta(minutes=5))
    href = next(href for href, item in room.open_items().items() if item == asked[0])
    room.server.phone_edit(href, body=f"> thu 2pm call to sign\n{asked[0].body}")
    for minutes in (10, 15):
        room.cycle(RIGHT_AGAIN + timedelta(minutes=minutes))
    assert [item.start.date().isoformat() for item in room.open_items().values()] == ["2026-01-08"]


def test_the_question_about_the_day_comes_back_until_it_is_thrown_away(room: Room) -> None:
    room.capture("Ann", id="ann")
    room.now = AHEAD
    room.promise("ann", "call Thursday 2pm to sign")

    def asked() -> list[str]:
        return [href for href, item in room.open_items().items() if "is that the day?" in item.title]

    room.cycle(RIGHT_AGAIN)
    (href,) = asked()
    room.server.phone_edit(href, title=f"x {room.open_items()[href].title}")
    tomorrow = RIGHT_AGAIN + timedelta(days=1)
    room.cycle(RIGHT_AGAIN + timedelta(minutes=5))
    room.cycle(tomorrow)
    (again,) = asked()
    assert again != href
    assert room.open_items()[again].start.date() == tomorrow.date()
    room.server.phone_delete(again)
    room.now = tomorrow + timedelta(hours=1)
    room.believe()
    room.cycle(tomorrow + timedelta(days=1))
    assert asked() == []
    assert [item.start.year for item in room.open_items().values()] == [2027]


@pytest.mark.parametrize(("wait", "asked"), [(timedelta(hours=-1), True), (timedelta(hours=1), False), (timedelta(days=365), True)])
def test_no_wait_that_a_clock_began_which_was_ahead_lasts_a_year(room: Room, jenny: str, wait: timedelta, asked: bool) -> None:
    with room.store.reading() as tx:
        (row,) = tx.written("dana", "phone")
    row = replace(row, unread=True, trouble="cut", retry_at=MONDAY + wait)
    assert doubtful([row], Listing(complete=True, listed={row.href}), MONDAY, Deletions()) == ([row.href] if asked else [])


@pytest.mark.parametrize("first", ["yes", "no"])
def test_the_opposite_answer_on_another_calendar_is_kept_as_a_note(room: Room, first: str) -> None:
    room.configure(TWO)
    room.capture("Jenny")
    room.cycle()
    words = {"phone": first, "desk": "no" if first == "yes" else "yes"}
    for target, word in words.items():
        href, item = room.href("jenny", target), room.item("jenny", target)
        room.servers[target].phone_edit(href, title=f"{word} {item.title}", body=f"from the {target}\n{item.body}")
    room.servers["desk"].faults.reads = 1  # it is read a cycle later
    for _ in range(3):
        room.cycle(room.now + timedelta(minutes=5), force=True)
    (touch,) = [fact for fact in room.history("jenny") if isinstance(fact, Touched)]
    (note,) = [fact for fact in room.history("jenny") if isinstance(fact, Noted)]
    other = "no" if touch.result is Result.YES else "yes"
    assert note.text.splitlines() == [f'Answered "{other}" when it was closed with "{touch.result}" already.', f"from the {note.via[9:]}"]


def test_the_opposite_answer_on_the_record_is_kept_as_a_note(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, title=f"yes {room.item(jenny).title}")
    for _ in range(2):
        room.cycle()
    room.server.phone_edit(href, title=f"n {room.items()[href].title}")
    for _ in range(2):
        room.cycle()
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == [
        'Answered "no" when it was closed with "yes" already.'
    ]
    assert "✓ Call Jenny" in room.items()[href].title


@pytest.mark.parametrize("answered", [False, True])
def test_a_series_that_the_rep_made_is_told_of_and_answered_by_one_occurrence(room: Room, jenny: str, answered: bool) -> None:
    href = room.href(jenny)
    raw = room.server.entries[href][1].replace("STATUS:CONFIRMED", "STATUS:CONFIRMED\r\nRRULE:FREQ=WEEKLY;COUNT=4")
    entry = raw[raw.index("BEGIN:VEVENT") : raw.index("END:VEVENT") + len("END:VEVENT\r\n")]
    one = entry.replace("RRULE:FREQ=WEEKLY;COUNT=4", "RECURRENCE-ID;TZID=America/Detroit:20260108T140000").replace("SUMMARY:", "SUMMARY:y ")
    room.server.store(href, raw.replace(entry, entry + one) if answered else raw)
    with room.quiet():
        room.cycle()
        room.cycle()
    if answered:
        assert [fact.result for fact in room.history(jenny) if isinstance(fact, Touched)] == [Result.YES]
        return
    with room.store.reading() as tx:
        (row,) = tx.written("dana", "phone")
    assert "made it repeat" in row.trouble


@pytest.mark.parametrize("year", [1971, 1999, 2024])
def test_a_move_of_years_into_the_past_is_a_slip_and_put_back(room: Room, jenny: str, year: int) -> None:
    before = room.item(jenny)
    room.server.phone_move(room.href(jenny), MONDAY.replace(year=year))
    for _ in range(2):
        room.cycle()
    assert Moved not in told(room, jenny)
    assert (room.item(jenny).start, room.item(jenny).end, room.item(jenny).title) == (before.start, before.end, before.title)
    with room.quiet():
        room.cycle()


def test_a_task_whose_dates_were_taken_away_gets_them_again(room: Room) -> None:
    room.configure(CONFIG.replace("calendar: Follow-ups", "calendar: Follow-ups, write: task"))
    room.capture("Jenny")
    room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    href, before = room.href("jenny"), room.item("jenny")
    lines = room.server.entries[href][1].splitlines(keepends=True)
    room.server.store(href, "".join(line for line in lines if not line.startswith(("DTSTART;", "DUE;"))))
    for _ in range(2):
        room.cycle()
    assert Moved not in told(room, "jenny")
    assert (room.item("jenny").start, room.item("jenny").end) == (before.start, before.end)


@pytest.mark.parametrize("back", [False, True], ids=["stays", "taken back"])
@pytest.mark.parametrize("listed", [False, True], ids=["told of", "listed each time"])
def test_an_entry_that_was_called_off_is_asked_about_like_one_that_was_deleted(room: Room, jenny: str, back: bool, listed: bool) -> None:
    class Listed(MemoryCalendar):
        def changes(self, cursor: str, known: Any) -> Any:
            return replace(super().changes("" if listed else cursor, known), gone=())

    def cycles(number: int) -> None:
        for _ in range(number):
            room.now += GRACE
            room.new_cycle(opener=lambda target, state: Listed(room.server, ZONE)).run()

    href, text = room.href(jenny), room.server.entries[room.href(jenny)][1]
    cancelled = text.replace("STATUS:CONFIRMED", "STATUS:CANCELLED")
    assert cancelled != text
    room.server.store(href, cancelled)
    cycles(1)
    if back:
        room.server.store(href, text)
        cycles(3)
        assert Dismissed not in told(room, jenny)
        assert list(room.open_items(jenny)) == [href]
        return
    cycles(3)
    assert told(room, jenny).count(Dismissed) == 1
    assert room.server.entries[href][1] == cancelled, "the rep called it off, and that stands"
    assert [item.title for item in room.open_items(jenny).values() if not item.cancelled] == ["Jenny: drop, or when?"]
    with room.quiet():
        cycles(2)


def test_a_task_that_was_called_off_is_asked_about(room: Room) -> None:
    room.configure(CONFIG.replace("calendar: Follow-ups", "calendar: Follow-ups, write: task"))
    room.capture("Jenny")
    room.cycle()
    href = room.href("jenny")
    room.server.store(href, room.server.entries[href][1].replace("STATUS:NEEDS-ACTION", "STATUS:CANCELLED"))
    for _ in range(2):
        room.believe()
    assert told(room, "jenny").count(Dismissed) == 1


def test_an_entry_that_was_called_off_while_the_store_was_lost_is_not_taken_over(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.store(href, room.server.entries[href][1].replace("STATUS:CONFIRMED", "STATUS:CANCELLED"))
    room.lose_the_store()
    room.capture("Jenny", phone="248.867.5309")
    for _ in range(3):
        assert room.cycle().ok
    assert [item.cancelled for item in room.open_items(jenny).values()].count(False) == 1


@pytest.mark.parametrize("result", [Result.DONE, Result.YES])
@pytest.mark.parametrize("note", ["", "bring samples\\n"])
def test_a_record_that_lost_its_marks_gets_them_again(room: Room, jenny: str, result: Result, note: str) -> None:
    """A second phone writes its older text over it, or the server's disk was put back to an older state."""
    href = room.href(jenny)
    before = room.server.entries[href][1]
    room.server.phone_edit(href, title=f"{result.value} {room.item(jenny).title}")
    for _ in range(2):
        room.cycle()
    record, facts = room.items()[href], len(room.history(jenny))
    room.server.store(href, before.replace("DESCRIPTION:", f"DESCRIPTION:{note}"))
    for _ in range(2):
        room.cycle()
    again = room.items()[href]
    assert (again.title, again.busy, again.alarms, again.result) == (record.title, False, (), result.value)
    assert [type(fact) for fact in room.history(jenny)[facts:]] == ([Noted] if note else [])
    with room.quiet():
        room.cycle()


def test_marks_that_something_takes_away_each_time_are_put_back_so_often_and_no_more(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    title = room.item(jenny).title
    room.server.phone_edit(href, title=f"done {title}")
    room.cycle()
    for _ in range(6):
        room.server.phone_edit(href, title=title)
        for _ in range(2):
            room.cycle()
    assert room.items()[href].title == title


@pytest.mark.parametrize("result", [Result.DONE, Result.NO])
def test_what_is_written_into_a_record_is_a_note(room: Room, jenny: str, result: Result) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, title=f"{result.value} {room.item(jenny).title}")
    room.cycle()
    room.server.phone_edit(href, body=f"they want 40\n{room.items()[href].body}")
    for _ in range(2):
        room.cycle()
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["they want 40"]
    assert all("they want 40" in item.body for item in room.open_items(jenny).values())


def test_what_comes_next_waits_for_an_entry_that_the_rep_was_faster_with(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.log(jenny, Result.NEXT, "fri 2pm call to send the quote")

    class Raced(MemoryCalendar):
        def delete(self, href: str, etag: str | None) -> None:
            room.server.phone_edit(href, body=f"they want 40\n{room.items()[href].body}")
            super().delete(href, etag)

    room.new_cycle(opener=lambda target, state: Raced(room.server, ZONE)).run()
    assert list(room.open_items(jenny)) == [href]
    room.cycle()
    assert [item.title.startswith("Call Jenny to send the quote") for item in room.open_items(jenny).values()] == [True]
    assert [fact.text for fact in room.history(jenny) if isinstance(fact, Noted)] == ["they want 40"]


@contextmanager
def showing(room: Room, shown: dict[str, tuple[str, str]]) -> Iterator[None]:
    before = dict(room.server.entries)
    room.server.entries.update(shown)
    yield
    room.server.entries = before


class Cached(MemoryCalendar):
    """A server that answers lists out of a cache; one entry, asked for alone, is read where it stands."""

    def __init__(self, room: Room, shown: dict[str, tuple[str, str]]) -> None:
        super().__init__(room.server, ZONE)
        self.room, self.shown = room, shown

    def changes(self, cursor: str, known: Any) -> Any:
        for href in self.shown:
            self.room.server._log.append(href)  # named as changed
        with showing(self.room, self.shown):
            return super().changes(cursor, known)

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        asked = list(hrefs)
        with showing(self.room, self.shown if len(asked) > 1 else {}):
            return super().read(asked)


@pytest.mark.parametrize("stays", [False, True])
def test_a_version_of_before_is_looked_at_closer_before_it_counts(room: Room, jenny: str, stays: bool) -> None:
    """Servers with a cache show it for a while; one that shows it also where it is asked for alone has it."""
    href = room.href(jenny)
    before, first = room.server.entries[href], room.item(jenny).start
    room.server.phone_move(href, MONDAY + timedelta(days=2, hours=3))
    room.cycle()
    if stays:
        room.server.entries[href] = before
    room.new_cycle(opener=lambda target, state: Cached(room, {href: before})).run(force=True)
    room.cycle()
    assert [fact.start for fact in room.history(jenny) if isinstance(fact, Moved)][1:] == ([first] if stays else [])
    assert room.item(jenny).start == (first if stays else MONDAY + timedelta(days=2, hours=3))


def test_a_version_that_only_a_list_told_of_is_one_of_before(tmp_path: Path) -> None:
    """The list came out of the cache, the text did not."""
    room = Room(tmp_path, personality=PERSONALITIES["search_cache"])
    room.capture("Jenny")
    for _ in range(3):
        room.cycle(room.now + GRACE)
    href = room.href("jenny")
    etags = []
    for word in ("blue", "green"):
        room.server.now += timedelta(seconds=4)
        room.server.phone_edit(href, body=f"likes {word}\n{room.items()[href].body}")
        etags.append(room.server.entries[href][0])
    room.now += timedelta(seconds=5)
    room.cycle()
    with room.store.reading() as tx:
        (row,) = tx.written("dana", "phone")
    assert set(etags) <= {*row.earlier, row.etag}
    room.close()


def test_an_entry_that_was_removed_and_is_shown_once_more_is_no_news(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    before = room.server.entries[href]
    room.log(jenny, Result.NEXT, "fri 2pm call to send the quote")
    room.cycle()
    with room.quiet():
        room.new_cycle(opener=lambda target, state: Cached(room, {href: before})).run(force=True)
        for _ in range(2):
            report = room.cycle(force=True)
    assert report.targets["phone"].requests == 1
    assert len(room.open_items(jenny)) == 1


def test_a_daemon_that_is_told_to_stop_is_no_fault_of_a_target(room: Room) -> None:
    for name in ("Jenny", "Bob"):
        room.capture(name)

    def stop(target: str, done: int, total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        room.new_cycle(progress=stop).run()
    with room.store.reading() as tx:
        state = tx.target_state("dana", "phone")
    assert (state.error, state.failures, state.not_before) == ("", 0, None)
    assert room.cycle().ok
    assert len(room.items()) == 2


SPOILT = "DTSTART;TZID=America/Detroit:22260108T140000"


def test_what_cannot_be_read_is_not_written_over(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    text = room.server.entries[href][1].replace("DTSTART;TZID=America/Detroit:20260108T140000", SPOILT)
    room.server.store(href, text.replace("DESCRIPTION:", "DESCRIPTION:they want 40\\n"))
    report = room.cycle()
    assert report.targets["phone"].quarantined == 1
    room.edit(jenny, notes="likes blue")
    with room.quiet():
        for hours in range(1, 100, 9):
            assert room.cycle(MONDAY + timedelta(hours=hours)).targets["phone"].quarantined == 1
    room.log(jenny, Result.NO)
    with room.quiet():
        room.cycle()
    room.server.store(href, room.server.entries[href][1].replace(SPOILT, "DTSTART;TZID=America/Detroit:20260108T140000"))
    room.cycle(room.now + timedelta(hours=2))
    assert any("they want 40" in fact.text for fact in room.history(jenny) if isinstance(fact, Noted))


@pytest.mark.parametrize("moment", range(1, 14))
def test_a_kill_while_everything_is_listed_forgets_no_absence(room: Room, moment: int) -> None:
    people = [room.capture(f"Person {number}").id for number in range(8)]
    room.cycle()
    room.cycle()
    room.server.forget_tokens()
    room.server.entries.clear()
    death = Death(moment)
    with suppress(Killed):
        room.new_cycle(
            store=MortalStore(room.store, death), opener=lambda target, state: MortalCalendar(room.open(target, state), death)
        ).run(force=True)
    report = room.cycle(room.now + GRACE, force=True)
    assert "8 of 8" in report.targets["phone"].error
    assert all(Dismissed not in told(room, one) for one in people)


def test_a_reading_by_name_that_fails_is_done_again(room: Room, jenny: str) -> None:
    room.server.forget_tokens()
    del room.server.entries[room.href(jenny)]

    class Deaf(MemoryCalendar):
        def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
            if list(hrefs):
                raise Unavailable("not now")
            return {}

    assert room.new_cycle(opener=lambda target, state: Deaf(room.server, ZONE)).run().targets["phone"].error
    room.believe(force=True)
    assert Dismissed in told(room, jenny)


def test_a_fault_of_ours_on_one_target_stops_that_one_only(room: Room) -> None:
    room.configure(TWO)
    room.capture("Jenny")

    class Broken(MemoryCalendar):
        def create(self, href: str, item: Item) -> Any:
            raise KeyError("a fault")

    def opener(target: Any, state: Any) -> MemoryCalendar:
        return Broken(room.servers["phone"], ZONE) if state.target == "phone" else room.open(target, state)

    with pytest.raises(KeyError):
        room.new_cycle(opener=opener).run()
    assert len(room.open_items(target="desk")) == 1
    with room.store.reading() as tx:
        assert "report it" in tx.target_state("dana", "phone").error
        assert tx.target_state("dana", "desk").last_good == room.now
    assert room.cycle(force=True).ok


def test_faults_of_ours_on_two_targets_are_both_told(room: Room) -> None:
    room.configure(TWO)
    room.capture("Jenny")

    class Broken(MemoryCalendar):
        def create(self, href: str, item: Item) -> Any:
            raise {"phone": KeyError, "desk": IndexError}[href.split("/")[1]]("a fault")

    with pytest.raises(ExceptionGroup) as raised:
        room.new_cycle(opener=lambda target, state: Broken(room.servers[state.target], ZONE)).run()
    assert [type(one) for one in raised.value.exceptions] == [KeyError, IndexError]
    event = failures(None, "error", {"failure": raised.value})
    assert event["failure"] == "KeyError, IndexError"
    assert len([place for place in event["at"] if place.startswith("tests/test_losses.py")]) == 2
    assert room.cycle(force=True).ok


def test_a_deletion_that_was_seen_while_our_clock_was_a_day_behind_is_asked_about(room: Room, jenny: str) -> None:
    """Its prospect was captured after that moment, and it is the same prospect all the same."""
    room.server.phone_delete(room.href(jenny))
    room.cycle(room.now - timedelta(days=1), force=True)
    room.cycle(room.now + timedelta(days=1), force=True)
    room.cycle(room.now + GRACE, force=True)
    assert told(room, jenny).count(Dismissed) == 1


def test_somebody_who_was_removed_and_added_again_is_not_asked_about_the_deletion_of_before(room: Room, jenny: str) -> None:
    room.server.phone_delete(room.href(jenny))
    room.cycle()
    room.now += timedelta(seconds=50)
    with room.store.writing() as tx:
        tx.remove(jenny)
    room.capture("Jenny", phone="248.867.5309")
    room.promise(jenny, "thu 2pm call to determine next steps")
    for _ in range(3):
        room.cycle(room.now + GRACE)
    assert Dismissed not in told(room, jenny)
    assert [item.title for item in room.open_items(jenny).values()] == ["Call Jenny to determine next steps – 248.867.5309"]


@pytest.mark.parametrize("question", ["stands", "deleted", "noticed", "believed"])
@pytest.mark.parametrize("pitched", [False, True])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_entry_taken_out_of_the_bin_answers_the_question_about_it(room: Room, question: str, pitched: bool, elsewhere: bool) -> None:
    room.capture("Jenny", phone="248.867.5309", stage="pitched" if pitched else "", met="2026-01-05")
    if not pitched:
        room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    href, before = room.href("jenny"), room.item("jenny")
    text = room.server.entries[href][1]
    room.server.phone_delete(href)
    room.believe()
    assert room.item("jenny").title == "Jenny: drop, or when?"
    if question != "stands":
        room.server.phone_delete(room.href("jenny"))
    if question == "noticed":
        room.cycle()
    if question == "believed":
        room.believe()
    back = f"{room.server.path}fs1back.ics" if elsewhere else href
    room.server.phone_add(text, back)
    for _ in range(4):
        room.cycle(room.now + GRACE)
    assert room.href("jenny") == back
    assert (room.item("jenny").action, room.item("jenny").start) == (before.action, before.start)
    assert told(room, "jenny").count(Dismissed) == (2 if question == "believed" else 1)
    assert told(room, "jenny").count(Restored) == 1
    room.log("jenny", Result.ATTEMPT)
    assert room.action("jenny")


def test_an_entry_written_anew_when_nobody_wants_it_any_more_goes(room: Room, jenny: str) -> None:
    """Also where the calendar does not tell that it is back."""
    href = room.href(jenny)
    entry = room.server.entries[href]
    room.server.phone_delete(href)
    room.log(jenny, Result.NEXT, "fri 2pm call to send the quote")
    room.cycle()
    room.server.entries[href] = entry
    room.cycle(room.now + GRACE)
    assert href not in room.server.entries
    assert len(room.open_items(jenny)) == 1
    assert Dismissed not in told(room, jenny)


def test_an_entry_taken_out_of_the_bin_when_something_else_is_agreed_goes(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    text = room.server.entries[href][1]
    room.server.phone_delete(href)
    room.believe()
    room.log(jenny, Result.NEXT, "fri 2pm call to send the quote")
    room.cycle()
    room.server.phone_add(text, href)
    for _ in range(2):
        room.cycle()
    assert [item.title.startswith("Call Jenny to send the quote") for item in room.open_items(jenny).values()] == [True]
    assert Restored not in told(room, jenny)


def test_what_comes_back_out_of_the_bin_is_not_counted_twice(room: Room, jenny: str) -> None:
    href = room.href(jenny)
    room.server.phone_edit(href, body=f"> fri 2pm send the quote\nthey want 40\n{room.item(jenny).body}")
    text = room.server.entries[href][1]
    room.cycle()
    room.server.phone_delete(href)
    room.cycle()
    facts = room.history(jenny)
    room.server.phone_add(text.replace("they want 40", "they want 40\\nand soon"), href)
    for _ in range(2):
        room.cycle()
    assert [(type(one), getattr(one, "text", "")) for one in room.history(jenny)[len(facts) :]] == [(Noted, "and soon")]


def test_what_is_not_ours_and_is_gone_is_forgotten_where_no_list_tells_of_it(room: Room, jenny: str) -> None:
    class Listed(MemoryCalendar):
        """As servers whose collections only tell that something changed."""

        def changes(self, cursor: str, known: Any) -> Any:
            return replace(super().changes("", known), gone=())

    def cycle() -> dict[str, str]:
        room.new_cycle(opener=lambda target, state: Listed(room.server, ZONE)).run(force=True)
        with room.store.reading() as tx:
            return tx.foreign("dana", "phone")

    doctor, golf = room.server.phone_add(DOCTOR), room.server.phone_add(DOCTOR.replace("UID:doctor", "UID:golf"))
    assert set(cycle()) == {doctor, golf}
    room.server.phone_delete(golf)
    assert set(cycle()) == {doctor}


def test_a_prospect_that_goes_to_another_rep_keeps_its_entry_on_a_shared_calendar(room: Room, jenny: str) -> None:
    room.configure(CONFIG.replace("targets:\n", "  bob: {timezone: America/Detroit, targets: [phone]}\ntargets:\n", 1))
    href = room.href(jenny)
    with room.store.writing() as tx:
        known = tx.prospect(jenny)
        assert known
        tx.save(replace(known, rep="bob"))
    for _ in range(2):
        for rep in ("bob", "dana"):
            Cycle(room.settings, rep, room.store, room.now, opener=room.open, threads=1).run(force=True)
    assert list(room.open_items(jenny)) == [href]
    assert Dismissed not in told(room, jenny)
    assert Moved not in told(room, jenny)


def test_everything_is_listed_once_a_week_also_where_there_is_news_each_day(room: Room, jenny: str) -> None:
    full = []

    class Counted(MemoryCalendar):
        def changes(self, cursor: str, known: Any) -> Any:
            full.append(not cursor)
            return super().changes(cursor, known)

    for day in range(28):
        room.edit(jenny, notes=f"day {day}")
        room.new_cycle(opener=lambda target, state: Counted(room.server, ZONE)).run()
        room.now += timedelta(days=1)
    assert 3 <= sum(full) <= 6


# --- what the server can do

ELSEWHERE = CONFIG.replace("calendar: Follow-ups", "calendar: Elsewhere")


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Room]:
    """Jenny stands on a server that guards against stale writes; then the config names a calendar on one that does not."""
    room = Room(tmp_path, personality=CLEAN)
    room.capture("Jenny")
    for _ in range(2):
        assert room.cycle().ok
    made = DavServer("elsewhere", PERSONALITIES["sogo"], label="Elsewhere", now=room.now)
    room.host.collections[made.path] = made
    room.servers["phone"] = made
    room.configure(ELSEWHERE)
    for _ in range(2):
        assert room.cycle().targets["phone"].error == ""
    yield room
    room.close()


def capabilities(room: Room) -> Capabilities:
    with room.store.reading() as tx:
        return tx.target_state("dana", "phone").capabilities


def test_what_one_server_guards_is_not_believed_of_another(moved: Room) -> None:
    """The rep writes between our reading and our deletion."""
    href = moved.href("jenny")
    moved.log("jenny", Result.NO)

    def types(place: str, method: str, path: str) -> None:
        if (place, method) == ("after", "REPORT"):
            moved.host.moment = lambda place, method, path: None
            moved.server.phone_edit(href, body=f"they want 40\n{moved.server.phone_item(href).body}")

    moved.host.moment = types
    moved.cycle()
    assert href in moved.server.entries
    moved.cycle(moved.now + timedelta(minutes=5))
    assert [fact.text for fact in moved.history("jenny") if isinstance(fact, Noted)] == ["they want 40"]
    assert capabilities(moved).writes_safely is False


def test_a_server_that_was_replaced_at_the_same_address_is_found_out(tmp_path: Path) -> None:
    """With the listing of everything, a week later at most; and not more often than that."""
    room = Room(tmp_path, personality=CLEAN)
    room.capture("Jenny")
    server = room.server
    assert isinstance(server, DavServer)
    assert room.cycle().ok
    assert capabilities(room).writes_safely is True
    server.personality = PERSONALITIES["sogo"]
    room.list_everything()
    with room.quiet():
        room.cycle(room.now + timedelta(minutes=5))
        assert capabilities(room).writes_safely is True, "an invalid cursor is no reason to ask that soon"
    room.cycle(room.now + timedelta(days=8))
    assert (capabilities(room).writes_safely, capabilities(room).creates_safely) == (False, False)
    room.close()


def test_what_takes_nothing_new_can_still_be_read(tmp_path: Path) -> None:
    room = Room(tmp_path, personality=CLEAN)
    room.capture("Jenny")
    for _ in range(2):
        room.cycle()
    href = room.href("jenny")
    room.server.faults.refuse = {room.server.path + ics.file_name(uid("probe00000000000000000000p", 0))}
    room.server.phone_edit(href, body=f"likes blue\n{room.item('jenny').body}")
    room.cycle(room.now + timedelta(days=8))
    assert [fact.text for fact in room.history("jenny") if isinstance(fact, Noted)] == ["likes blue"]
    assert capabilities(room).writes_safely is True
    room.close()


# --- a lost store, with many in it


def test_what_a_lost_store_costs_grows_with_what_stands_there_and_no_faster(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are loaded as often for many as for few, and no transaction takes all of them in."""
    loaded: list[int] = []
    taken_in: list[int] = []
    written, history, begins = Transaction.written, Transaction.history, Transaction.__init__

    def counts(self: Transaction, *args: Any, **more: Any) -> Any:
        found = written(self, *args, **more)
        loaded.append(len(found))
        return found

    def began(self: Transaction, *args: Any, **more: Any) -> None:
        taken_in.append(0)
        begins(self, *args, **more)

    def asked(self: Transaction, prospect: str) -> Any:
        taken_in[-1] += 1
        return history(self, prospect)

    people = 110
    for number in range(people):
        room.capture(f"Person {number}")
    room.cycle()
    room.lose_the_store()
    for number in range(people):
        room.capture(f"Person {number}")
    monkeypatch.setattr(Transaction, "written", counts)
    monkeypatch.setattr(Transaction, "history", asked)
    monkeypatch.setattr(Transaction, "__init__", began)
    with room.quiet():
        assert room.cycle().targets["phone"].created == 0
    assert sum(loaded) <= 8 * people
    assert people <= sum(taken_in) <= 5 * people
    assert max(taken_in) * 2 <= sum(taken_in)


def test_what_was_answered_long_ago_costs_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of entries that no longer stand are kept, for their ids stay taken, and are not loaded; their words are forgotten in time."""
    people = [room.capture(f"Person {number}").id for number in range(3)]
    for day in range(30):
        room.cycle(MONDAY + timedelta(days=day))
        for one in people:
            room.log(one, Result.DONE)
    room.cycle()
    with room.store.reading() as tx:
        gone = [row for row in tx.written("dana", "phone", everything=True) if row.state is State.GONE]
        standing = [row.action for row in tx.written("dana", "phone")]
    assert len(gone) >= 80
    assert len(standing) <= 2 * len(people)
    loaded: list[int] = []
    decodes = codec.decode_row

    def counts(*args: Any) -> Any:
        loaded.append(1)
        return decodes(*args)

    monkeypatch.setattr(codec, "decode_row", counts)
    room.edit(people[0], notes="likes blue")
    assert room.cycle().targets["phone"].updated == 1
    assert len(loaded) < len(gone)
    room.cycle(MONDAY + timedelta(days=500))
    with room.store.reading() as tx:
        after = {row.action: row for row in tx.written("dana", "phone", everything=True)}
    assert all(after[row.action].ours is None for row in gone)
    assert [after[row.action].generation for row in gone] == [row.generation for row in gone]
    assert all(row.generation for row in gone)


def test_the_entries_of_others_on_a_shared_calendar_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a list of changes everything is listed after each edit; what is known to be another rep's, or a record, is not read again."""
    config = CONFIG.replace("targets:\n", "  bob: {timezone: America/Detroit, targets: [phone]}\ntargets:\n", 1)
    room = Room(tmp_path, config, personality=PERSONALITIES["no_token"])
    with room.store.writing() as tx:
        for number in range(12):
            tx.capture(Prospect(f"of-bob-{number}", "bob", f"Of Bob {number}"), Captured(room.now, "cli"))
    room.capture("Jenny")
    for _ in range(3):
        for rep in ("bob", "dana"):
            assert Cycle(room.settings, rep, room.store, room.now, opener=room.open, threads=1).run().ok
    read: list[str] = []
    reads = CaldavCalendar.read

    def counts(self: CaldavCalendar, hrefs: Iterable[str]) -> Any:
        asked = list(hrefs)
        read.extend(asked)
        return reads(self, asked)

    monkeypatch.setattr(CaldavCalendar, "read", counts)
    href = room.href("jenny")
    room.server.phone_edit(href, body=f"likes blue\n{room.server.phone_item(href).body}")
    assert room.cycle(room.now + timedelta(minutes=5)).ok
    assert read == [href]
    room.close()


def test_a_calendar_that_still_works_says_that_another_one_needs_a_sign_in(room: Room) -> None:
    """One entry, which goes on with the days, and goes away with the trouble. What the rep does to it is nobody's answer."""
    room.configure(TWO)
    room.capture("Jenny")
    room.cycle()
    first, second = room.servers
    title = f"FollowSync: {first} needs a new sign-in"

    def shown() -> list[Item]:
        return [
            item for href in room.servers[second].entries if (item := room.servers[second].phone_item(href, ZONE)).title.endswith(title)
        ]

    room.servers[first].faults.login = True
    for minutes in (5, 10, 15):
        room.cycle(MONDAY + timedelta(minutes=minutes))
    (entry,) = shown()
    assert (entry.start.date(), entry.all_day, entry.busy, entry.alarms) == (MONDAY.date(), True, False, ())
    assert "password" in entry.body
    writes = room.servers[second].writes
    for minutes in (20, 25):
        room.cycle(MONDAY + timedelta(minutes=minutes))
    assert room.servers[second].writes == writes
    room.cycle(MONDAY + timedelta(days=1))
    (entry,) = shown()
    assert entry.start.date() == (MONDAY + timedelta(days=1)).date()
    href = next(href for href in room.servers[second].entries if room.servers[second].phone_item(href, ZONE).title == title)
    room.servers[second].phone_delete(href)
    for minutes in (5, 10, 15):
        room.cycle(MONDAY + timedelta(days=1, minutes=minutes))
    assert shown() == [], "thrown away: not before another day"
    room.cycle(MONDAY + timedelta(days=2))
    assert len(shown()) == 1
    room.servers[first].faults.login = False
    room.cycle(MONDAY + timedelta(days=2, hours=7))
    assert shown() == []
    assert [type(fact) for fact in room.history("jenny")] == [Captured]


def test_an_agreement_that_an_older_copy_of_the_store_does_not_know_holds(room: Room) -> None:
    room.capture("Old", phone="248.867.0001")
    room.promise("old", "jan 15 2pm call to say hi")
    room.cycle()
    copy = room.stored()
    room.log("old", Result.NEXT, "visit jan 23 3pm to review")
    room.cycle()
    room.put_back(copy)
    room.cycle(force=True, thorough=True)
    room.believe(force=True, thorough=True)
    assert [item.title for item in room.open_items("old").values()] == ["Visit Old to review"]
    assert room.item("old").start == datetime(2026, 1, 23, 15, tzinfo=ZONE)
    assert not any(isinstance(fact, Dismissed) for fact in room.history("old"))
    with room.quiet():
        room.cycle(thorough=True)


def test_of_two_agreements_of_which_nobody_can_tell_the_later_one_is_asked_about(room: Room) -> None:
    room.capture("Old", phone="248.867.0001")
    room.promise("old", "jan 15 2pm call to say hi")
    room.cycle()
    room.lose_the_store()
    room.capture("Old", phone="248.867.0001")
    room.promise("old", "jan 23 3pm visit to review")
    room.believe(force=True)
    titles = sorted(item.title for item in room.open_items("old").values())
    asked = 'Old: "say hi on Thu 2026-01-15 14:00": what and when?'
    assert titles == ["Call Old to say hi – 248.867.0001", asked, "Visit Old to review"], "and its entry stays until it is answered"
    with room.quiet():
        room.cycle(thorough=True)


# --- gone from one of two calendars


@pytest.fixture
def both(room: Room) -> Room:
    """Jenny, with whom a call on Thursday at two is agreed, on two calendars."""
    room.configure(TWO)
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    for _ in range(2):
        room.cycle()
    return room


def fates(room: Room) -> list[Fate]:
    cycle = room.new_cycle()
    with room.store.reading() as tx:
        known = tx.prospect("jenny")
        assert known
        return [line.fate for line in ledger(known, tx.history("jenny"), cycle.rules, cycle.rep, room.now)]


def gone_from_desk(room: Room) -> tuple[str, str, Item]:
    """Radicale calls gone what it cannot read itself. Where it stood, its text, and what stands on the phone."""
    href, item = room.href("jenny", "desk"), room.item("jenny", "phone")
    text = room.servers["desk"].entries[href][1]
    room.servers["desk"].phone_delete(href)
    for _ in range(4):
        room.cycle(room.now + GRACE)
    return href, text, item


def test_a_promise_that_is_gone_from_one_calendar_only_stands_and_is_asked_about_once(both: Room) -> None:
    href, _, before = gone_from_desk(both)
    assert (told(both, "jenny").count(Dismissed), told(both, "jenny").count(Unclear)) == (0, 1)
    assert fates(both) == [Fate.OPEN]
    question = 'Jenny: "gone from desk, not from phone": what and when?'
    assert [item.title for item in both.open_items("jenny", "desk").values()] == [question], "never made again as it was"
    assert sorted(both.open_items("jenny", "phone").values(), key=lambda one: one.title)[0] == before
    with both.quiet():
        for hours in range(1, 8):
            report = both.cycle(MONDAY + timedelta(hours=hours), force=True)
    assert {name: one.quarantined for name, one in report.targets.items()} == {"phone": 0, "desk": 1}
    assert told(both, "jenny").count(Unclear) == 1
    assert href not in both.servers["desk"].entries


def test_a_file_that_its_server_can_read_again_is_the_entry_as_before(both: Room) -> None:
    href, text, before = gone_from_desk(both)
    both.servers["desk"].phone_add(text, href)
    for _ in range(3):
        report = both.cycle(both.now + GRACE)
    assert report.ok
    assert list(both.open_items("jenny", "desk")) == [href]
    assert both.item("jenny", "phone") == before
    with both.quiet():
        both.cycle(thorough=True)


@pytest.mark.parametrize("answer", ["yes", "done"])
def test_what_is_gone_from_one_calendar_is_answered_on_the_other(both: Room, answer: str) -> None:
    gone_from_desk(both)
    (href,) = [one for one, item in both.open_items("jenny", "phone").items() if item.kind is Kind.PROMISE]
    both.servers["phone"].phone_edit(href, title=f"{answer} {both.items('phone')[href].title}")
    for _ in range(5):
        report = both.cycle(both.now + GRACE)
    assert (report.ok, Dismissed in told(both, "jenny")) == (True, False)
    assert fates(both) == [Fate.KEPT]
    assert not any("gone from" in item.title for target in both.servers for item in both.open_items("jenny", target).values())


def test_what_is_deleted_from_the_other_calendar_too_is_asked_about(both: Room) -> None:
    gone_from_desk(both)
    (href,) = [one for one, item in both.open_items("jenny", "phone").items() if item.kind is Kind.PROMISE]
    both.servers["phone"].phone_delete(href)
    for _ in range(5):
        report = both.cycle(both.now + GRACE)
    assert report.ok
    assert told(both, "jenny").count(Dismissed) == 1
    assert {target: both.item("jenny", target).title for target in both.servers} == dict.fromkeys(both.servers, "Jenny: drop, or when?")


@pytest.mark.parametrize("restore", [True, False], ids=["restore", "accept"])
def test_a_person_says_what_became_of_it(both: Room, restore: bool) -> None:
    _, _, before = gone_from_desk(both)
    both.cycle(deletions=Deletions(restore=restore, accept=not restore))
    for _ in range(3):
        report = both.cycle(both.now + GRACE)
    assert report.ok
    if not restore:
        assert [both.item("jenny", target).title for target in both.servers] == ["Jenny: drop, or when?"] * 2
        return
    assert [both.item("jenny", target).start for target in both.servers] == [before.start] * 2
    assert Dismissed not in told(both, "jenny")


def test_what_is_no_promise_is_asked_about_as_ever(room: Room) -> None:
    room.configure(TWO)
    room.capture("Jenny", stage="pitched", met="2026-01-05")
    for _ in range(2):
        room.cycle()
    room.servers["desk"].phone_delete(room.href("jenny", "desk"))
    for _ in range(3):
        room.cycle(room.now + GRACE)
    assert {target: room.item("jenny", target).title for target in room.servers} == dict.fromkeys(room.servers, "Jenny: drop, or when?")
