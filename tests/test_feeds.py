"""What a feed shows of a rep, and how it stays the same while nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from followsync import addresses, feeds
from followsync.core.cadence import Form
from followsync.core.history import Result
from followsync.core.item import Item, State
from followsync.core.wording import ANSWER
from followsync.store import Feed
from tests.dav.personalities import GOOGLE
from tests.machine.apps import ZONE
from tests.machine.room import CONFIG, MONDAY, Room

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NO_TARGET = CONFIG.replace("    targets: [phone]\n", "")


def subscribe(room: Room, name: str = "all", *, redacted: bool = False) -> Feed:
    feed = feeds.new(name, "dana", addresses.secret(), redacted=redacted)
    with room.store.writing() as tx:
        tx.add_feed(feed)
    return feed


def text(room: Room, name: str = "all") -> str:
    with room.store.reading() as tx:
        return tx.feed_text(name)


def feed_of(room: Room, name: str = "all") -> Feed:
    with room.store.reading() as tx:
        return next(one for one in tx.feeds() if one.name == name)


def entries(room: Room, name: str = "all") -> list[Event]:
    found = Calendar.from_ical(text(room, name)).walk("VEVENT")
    return sorted(found, key=lambda one: (one["SUMMARY"], one["UID"]))


def said(room: Room, name: str = "all") -> list[tuple[str, str, int]]:
    """(Title, status, sequence) of each entry."""
    return [(str(one["SUMMARY"]), str(one["STATUS"]), int(one["SEQUENCE"])) for one in entries(room, name)]


def about(room: Room, name: str = "all") -> str:
    return str(Calendar.from_ical(text(room, name))["DESCRIPTION"])


@pytest.fixture
def fed(room: Room, jenny: str) -> Room:
    """Jenny, with whom a call on Thursday at two is agreed, and a feed of it that was published by a cycle."""
    subscribe(room)
    room.cycle(room.now + timedelta(minutes=5))
    return room


CALL_JENNY = "Call Jenny to determine next steps – 248.867.5309"


# -- what stands there


def test_what_is_planned_stands_there_as_on_the_calendar(fed: Room) -> None:
    (one,) = entries(fed)
    assert said(fed) == [(CALL_JENNY, "CONFIRMED", 0)]
    assert one.start == datetime(2026, 1, 8, 14, tzinfo=ZONE)
    assert one["TRANSP"] == "OPAQUE"
    assert "248.867.5309 · tel:+12488675309" in one["DESCRIPTION"]
    assert not [key for key in one if key.startswith("X-FOLLOWSYNC")]
    assert "\r\nNAME:Follow-ups of Dana\r\nX-WR-CALNAME:Follow-ups of Dana\r\n" in text(fed)


def test_nobody_is_told_to_answer_where_nothing_can_be_written(fed: Room) -> None:
    (on_the_phone,) = (fed.server.phone_item(href) for href in fed.server.entries)
    assert on_the_phone.body.endswith(ANSWER)
    assert ANSWER not in entries(fed)[0]["DESCRIPTION"]
    assert "It can only be read" in about(fed)


@pytest.mark.parametrize("kept", ["", "We talk.", "a\n\nb", "a\n\nAnswering machine: call again"])
def test_only_the_paragraph_on_answers_goes(kept: str) -> None:
    assert feeds.without_how(f"{kept}\n\n{ANSWER}") == kept
    assert feeds.without_how(kept) == kept


def test_what_the_rep_did_on_the_phone_stands_there(fed: Room) -> None:
    (href,) = fed.server.entries
    fed.server.phone_edit(href, title="Jenny!", location="Elm St 5", start=datetime(2026, 1, 8, 15, tzinfo=ZONE))
    fed.server.phone_edit(href, end=datetime(2026, 1, 8, 16, tzinfo=ZONE), body=f"bring pears\n{fed.server.phone_item(href).body}")
    fed.cycle(fed.now + HOUR)
    (one,) = entries(fed)
    assert (one["SUMMARY"], one["LOCATION"], one["SEQUENCE"]) == ("Jenny!", "Elm St 5", 1)
    assert (one.start.astimezone(ZONE).hour, one.end.astimezone(ZONE).hour) == (15, 16)
    assert str(one["DESCRIPTION"]).startswith("bring pears")


def test_a_task_without_an_hour_is_an_event_of_the_whole_day(tmp_path: Path) -> None:
    room = Room(tmp_path, CONFIG + "methods:\n  email: {as: task}\n", personality=GOOGLE)
    room.capture("Jenny", email="jenny@example.org", stage="pitched", met="2026-01-05")
    subscribe(room)
    room.cycle()
    room.cycle(room.now + HOUR)
    with room.store.reading() as tx:
        (row,) = tx.written("dana", "phone", ZONE)
    assert row.agreed
    assert (row.agreed.form, row.agreed.all_day) == (Form.TASK, True)
    (one,) = entries(room)
    assert (one.start, one.end) == (date(2026, 1, 8), date(2026, 1, 9))
    assert one["TRANSP"] == "TRANSPARENT"
    assert not one.subcomponents
    room.close()


def test_a_task_is_an_event(room: Room) -> None:
    room.configure(CONFIG.replace("calendar: Follow-ups", "calendar: Follow-ups, write: task"))
    room.capture("Jenny", phone="248.867.5309", stage="pitched", met="2026-01-05")
    subscribe(room)
    room.cycle()
    room.cycle(room.now + HOUR)
    (href,) = room.server.entries
    assert room.server.phone_item(href).form is Form.TASK
    (one,) = entries(room)
    assert one.start == datetime(2026, 1, 8, 9, tzinfo=ZONE)
    assert "VTODO" not in text(room)


def test_what_was_answered_stays_as_the_record(fed: Room) -> None:
    (href,) = fed.server.entries
    fed.server.phone_edit(href, title=f"yes {CALL_JENNY}")
    fed.cycle(fed.now + HOUR)
    fed.cycle(fed.now + HOUR)
    assert said(fed) == [(f"✓ {CALL_JENNY}", "CONFIRMED", 1)]
    assert entries(fed)[0]["TRANSP"] == "TRANSPARENT"
    fed.cycle(datetime(2026, 2, 6, 9, tzinfo=ZONE))
    assert len(entries(fed)) == 1
    fed.cycle(datetime(2026, 2, 10, 9, tzinfo=ZONE))
    assert entries(fed) == []


def test_so_it_does_where_no_calendar_keeps_a_record(room: Room) -> None:
    room.configure(NO_TARGET)
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    subscribe(room)
    room.cycle()
    room.log("jenny", Result.YES)
    room.cycle(room.now + HOUR)
    assert said(room) == [(f"✓ {CALL_JENNY}", "CONFIRMED", 1)]
    before = text(room)
    room.cycle(room.now + HOUR)
    assert text(room) == before


def test_what_is_no_longer_wanted_is_cancelled_for_thirty_days_and_says_nothing_more(fed: Room) -> None:
    fed.promise("jenny", "thu 4pm visit to sign")
    fed.cycle(fed.now + HOUR)
    gone = fed.now
    assert said(fed) == [("Cancelled", "CANCELLED", 1), ("Visit Jenny to sign", "CONFIRMED", 0)]
    one = entries(fed)[0]
    assert one.start == datetime(2026, 1, 8, 14, tzinfo=ZONE)
    assert set(one) == {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "TRANSP", "STATUS"}
    fed.cycle(gone + 29 * DAY)
    assert ("Cancelled", "CANCELLED", 1) in said(fed)
    fed.cycle(gone + 31 * DAY)
    assert "CANCELLED" not in text(fed)


@pytest.mark.parametrize("answered", ["phone", "terminal"])
def test_nothing_of_whoever_was_removed_is_left(fed: Room, answered: str) -> None:
    """Also while what stands on the calendar cannot be taken away."""
    if answered == "phone":
        (href,) = fed.server.entries
        fed.server.phone_edit(href, title=f"done {CALL_JENNY}")
    else:
        fed.log("jenny", Result.DONE)
    fed.cycle(fed.now + HOUR)
    fed.cycle(fed.now + HOUR)
    assert "↻ Call Jenny" in text(fed) or "✓ Call Jenny" in text(fed)
    fed.server.faults.login = True
    with fed.store.writing() as tx:
        tx.remove("jenny")
    fed.cycle(fed.now + HOUR)
    assert "Jenny" not in text(fed)
    assert "867.5309" not in text(fed)
    assert "8675309" not in text(fed)
    assert {title for title, status, _ in said(fed) if status == "CANCELLED"} == {"Cancelled"}


def test_what_comes_back_is_the_same_entry(fed: Room) -> None:
    (before,) = entries(fed)
    settings = fed.settings
    fed.configure(CONFIG + "feed: {future: 1 day}\n")
    fed.cycle(fed.now + HOUR)
    assert entries(fed) == []
    fed.settings = settings
    fed.cycle(fed.now + HOUR)
    (after,) = entries(fed)
    assert after["UID"] == before["UID"]


def test_the_window_is_that_of_the_config(fed: Room) -> None:
    fed.capture("Far", phone="248.867.5310")
    fed.promise("far", "2027-03-01 9am call to renew")
    fed.cycle(fed.now + HOUR)
    assert "Far" not in text(fed)
    fed.configure(CONFIG + "feed: {future: 2 years}\n")
    fed.cycle(fed.now + HOUR)
    assert "Call Far to renew" in text(fed)


def test_the_day_s_page_stays_as_it_was_read_also_without_a_calendar(room: Room) -> None:
    room.configure(NO_TARGET.replace("daily_page: off", "daily_page: 08:00"))
    room.capture("Jenny")
    subscribe(room)
    subscribe(room, "short", redacted=True)
    room.cycle(MONDAY - HOUR)
    assert ("Today: 1 decide", "CONFIRMED", 0) in said(room)
    assert said(room, "short") == [("Follow-up", "CONFIRMED", 0)]
    room.cycle(MONDAY + HOUR)
    room.cycle(MONDAY + 5 * HOUR)
    assert ("Today: 1 decide", "CONFIRMED", 0) in said(room)
    room.cycle(MONDAY + DAY - HOUR)
    assert ("Today: 1 decide", "CONFIRMED", 1) in said(room)


def test_what_is_bought_at_once_stands_in_it_where_the_rep_put_it_and_not_in_a_redacted_one(fed: Room) -> None:
    step = "cadences:\n  birthdays:\n    for: {stage: client}\n    steps:\n      - {on: birthday, method: gift, purpose: congratulate}\n"
    fed.configure(CONFIG.replace("cadences:\n", step))
    for name in ("Zoe", "Ann"):
        fed.capture(name, stage="client", birthday="2026-01-28")
    subscribe(fed, "short", redacted=True)
    fed.cycle(fed.now + HOUR)
    ((href, item),) = [(href, item) for href in fed.server.entries if "Buy" in (item := fed.server.phone_item(href, ZONE)).title]
    fed.server.phone_edit(href, start=item.start + DAY, end=item.end + DAY)
    fed.cycle(fed.now + HOUR)
    assert "Zoe" in text(fed)
    (bought,) = [one for one in entries(fed) if "Buy 2 gifts for January 2026" in str(one["SUMMARY"])]
    assert bought["DTSTART"].dt == (item.start + DAY).date()
    assert "Answer" not in str(bought["DESCRIPTION"])
    assert "gifts" not in text(fed, "short")


def test_when_other_calendars_are_busy_stands_in_the_entry_and_in_no_feed(fed: Room) -> None:
    (jenny,) = [item for item in fed.open_items("jenny").values()]
    fed.capture("Bob", phone="248.555.0101")
    fed.promise("bob", f"{jenny.start:%b %d %H:%M} call to say hello")
    fed.cycle(fed.now + HOUR)
    marked = next(item for item in fed.open_items().values() if item.title.endswith("⚠ overlaps"))
    assert f"⚠ Overlaps: another follow-up {jenny.start:%H:%M}-" in marked.body
    (shown,) = [one for one in entries(fed) if "⚠ overlaps" in str(one["SUMMARY"])]
    assert "Overlaps:" not in text(fed).replace("\r\n ", "")
    assert "\n\n\n" not in str(shown["DESCRIPTION"])


# -- the same, byte for byte


def test_while_nothing_changes_it_is_the_same_byte_for_byte(fed: Room) -> None:
    before, modified = text(fed), feed_of(fed).modified
    for _ in range(30):
        fed.cycle(fed.now + HOUR)
    assert text(fed) == before
    assert feed_of(fed).modified == modified


def test_a_quiet_cycle_does_not_look_at_it(fed: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def looked(*_: object) -> None:
        raise AssertionError("the feed was made anew")

    monkeypatch.setattr(feeds, "_lay_down", looked)
    fed.cycle(fed.now + timedelta(minutes=5))
    fed.capture("Joe")
    with pytest.raises(AssertionError):
        fed.cycle(fed.now + timedelta(minutes=5))


def test_a_change_touches_one_entry_only(fed: Room) -> None:
    fed.capture("Joe")
    fed.cycle(fed.now + HOUR)
    assert said(fed) == [(CALL_JENNY, "CONFIRMED", 0), ("Decide: Joe", "CONFIRMED", 0)]
    jenny = entries(fed)[0].to_ical()
    fed.edit("joe", name="Joe's Diner")
    fed.cycle(fed.now + HOUR)
    assert said(fed) == [(CALL_JENNY, "CONFIRMED", 0), ("Decide: Joe's Diner", "CONFIRMED", 1)]
    assert entries(fed)[0].to_ical() == jenny
    assert entries(fed)[1]["DTSTAMP"].dt == fed.now


def test_it_says_as_of_when_it_is_and_the_moment_only_grows(fed: Room) -> None:
    first = feed_of(fed).modified
    assert first == fed.now
    assert about(fed).startswith("As of Mon 2026-01-05 08:05 (America/Detroit)")
    assert Calendar.from_ical(text(fed))["LAST-MODIFIED"].dt == first
    fed.capture("Joe")
    fed.cycle(fed.now - DAY)  # the clock was set back
    second = feed_of(fed).modified
    assert second == first + timedelta(seconds=1)


def test_the_same_entry_has_another_name_in_each_feed(fed: Room) -> None:
    subscribe(fed, "other")
    fed.cycle(fed.now + HOUR)
    names = {str(entries(fed, name)[0]["UID"]) for name in ("all", "other")}
    assert len(names) == 2
    assert not names & {fed.server.phone_item(href).uid for href in fed.server.entries}


# -- honest


def test_a_calendar_that_cannot_be_read_is_named_after_an_hour(fed: Room) -> None:
    fed.server.faults.reads = 99
    fed.cycle(fed.now + timedelta(minutes=30), force=True)
    assert "could not be read" not in text(fed)
    fed.cycle(fed.now + timedelta(minutes=40), force=True)
    assert "phone could not be read since Mon 2026-01-05 08:05: what was done there is missing here." in about(fed)
    before = text(fed)
    fed.cycle(fed.now + HOUR, force=True)
    assert text(fed) == before
    fed.server.faults.reads = 0
    fed.cycle(fed.now + HOUR, force=True)
    assert "could not be read" not in text(fed)


def test_so_is_one_that_fails_since_a_clock_that_was_a_year_ahead_was_set_right(fed: Room) -> None:
    right = fed.now
    fed.cycle(right + 365 * DAY, force=True)
    fed.server.faults.reads = 99
    fed.cycle(right + HOUR, force=True)
    assert "phone could not be read for a while: what was done there is missing here." in about(fed)
    fed.server.faults.reads = 0
    fed.cycle(right + 2 * HOUR, force=True)
    assert "could not be read" not in text(fed)


def test_a_sign_in_that_is_waited_for_is_told(room: Room) -> None:
    room.server.faults.login = True
    room.capture("Jenny")
    subscribe(room)
    subscribe(room, "short", redacted=True)
    room.cycle()
    assert ("FollowSync: phone needs a new sign-in", "CONFIRMED", 0) in said(room)
    assert "phone could not be read yet" in about(room)
    assert "A calendar could not be read yet" in about(room, "short")
    assert "phone" not in text(room, "short")


def item(number: int, start: datetime, body: str = "") -> Item:
    return Item(f"feed-{number}", Form.EVENT, f"Call {number}", body, start, start + HOUR)


def test_too_many_are_cut_where_they_are_far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [item(number, MONDAY + number * DAY) for number in range(-20, 40)]
    assert feeds.fitting(several, MONDAY) == sorted(several, key=lambda one: (abs(one.start - MONDAY), one.start < MONDAY))
    monkeypatch.setattr(feeds, "_MOST_ENTRIES", 5)
    assert {one.uid for one in feeds.fitting(several, MONDAY)} == {f"feed-{number}" for number in (0, 1, -1, 2, -2)}
    monkeypatch.setattr(feeds, "_MOST_BYTES", 3000)
    assert len(feeds.fitting([replace(one, body="x" * 1500) for one in several], MONDAY)) == 1


def test_what_was_cut_is_told(fed: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_MOST_ENTRIES", 1)
    fed.capture("Joe")
    fed.cycle(fed.now + HOUR)
    assert [title for title, *_ in said(fed)] == ["Decide: Joe"]
    assert "Only the 1 nearest of 2 entries are shown." in about(fed)
    assert "CANCELLED" not in text(fed)


# -- redacted


def test_a_redacted_feed_says_when_and_how_and_nothing_else(fed: Room) -> None:
    fed.capture("Joe's Diner", person="Joe Lee", address="Elm St 5", email="joe@example.org", notes="likes blue")
    fed.promise("joe's-diner", "fri 10am visit to sign")
    fed.capture("Nobody")
    feed = subscribe(fed, "short", redacted=True)
    fed.cycle(fed.now + HOUR)
    assert said(fed, "short") == [("Call", "CONFIRMED", 0), ("Follow-up", "CONFIRMED", 0), ("Visit", "CONFIRMED", 0)]
    for one in entries(fed, "short"):
        assert set(one) == {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "TRANSP", "STATUS"}
        assert not one.subcomponents
    assert [str(one["TRANSP"]) for one in entries(fed, "short")] == ["OPAQUE", "OPAQUE", "OPAQUE"]
    whole = text(fed, "short").replace("\r\n ", "")
    for word in (
        "Jenny",
        "867.5309",
        "8675309",
        "Joe",
        "Diner",
        "Elm",
        "example.org",
        "blue",
        "sign",
        "Nobody",
        "dana",
        "Dana",
        "jenny",
        feed.salt,
        feed.secret,
    ):
        assert word not in whole


def test_so_do_its_records_and_what_is_cancelled(fed: Room) -> None:
    subscribe(fed, "short", redacted=True)
    fed.cycle(fed.now + HOUR)
    fed.log("jenny", Result.NEXT, "fri 10am coffee to sign")
    fed.cycle(fed.now + HOUR)
    fed.promise("jenny", "mon 10am visit to sign")
    fed.cycle(fed.now + HOUR)
    assert [one[:2] for one in said(fed, "short")] == [("Call", "CONFIRMED"), ("Cancelled", "CANCELLED"), ("Visit", "CONFIRMED")]
    assert "Jenny" not in text(fed, "short")


_LINE_ENDS = ("\r\n", "\n", "\r", "\x85", "\u2028", "\x0b", "\x00")
_PROPERTIES = ("BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR", "ATTENDEE:mailto:a@b.c", "STATUS:CANCELLED", "RRULE:FREQ=DAILY")
_LETTERS = ("\\n", "\\", ";", ",", ":", '"', "é", "😀", "\u202e", "x" * 80, " ", "\t", "^n")
HOSTILE = st.lists(st.sampled_from([*_LINE_ENDS, *_PROPERTIES, *_LETTERS]), min_size=1, max_size=12).map("".join)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    room = Room(tmp_path_factory.mktemp("hostile"), NO_TARGET)
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm visit to determine next steps")
    subscribe(room)
    subscribe(room, "short", redacted=True)
    yield room
    room.close()


@given(words=HOSTILE)
def test_no_words_can_add_a_line(hostile: Room, words: str) -> None:
    hostile.edit("jenny", name=f"J{words}", person=words, address=words, notes=words, url=words, phone=words, email=words)
    hostile.cycle(hostile.now + timedelta(minutes=1))
    for name in ("all", "short"):
        whole = text(hostile, name)
        lines = whole.replace("\r\n ", "").split("\r\n")
        assert not any(mark in line for line in lines for mark in "\n\r\x0b\x85\u2028\x00")
        assert all(len(line.encode()) <= 75 for line in whole.split("\r\n"))
        begins = [line.split(";")[0].split(":")[0] for line in lines]
        assert begins.count("BEGIN") == begins.count("END")
        assert lines.count("BEGIN:VEVENT") == 1
        assert not {"ATTENDEE", "RRULE", "ORGANIZER"} & set(begins)
        assert "STATUS:CONFIRMED" in lines
    assert said(hostile, "short") == [("Visit", "CONFIRMED", said(hostile, "short")[0][2])]


# -- addresses


def test_a_removed_feed_shows_nothing_and_leaves_nothing(fed: Room) -> None:
    with fed.store.writing() as tx:
        tx.remove_feed("all")
    with fed.store.reading() as tx:
        assert (tx.feeds(), tx.feed_text("all")) == ([], "")
    fed.cycle(fed.now + DAY)
    assert text(fed) == ""
    subscribe(fed)
    fed.cycle(fed.now + HOUR)
    assert said(fed)


def test_whoever_was_faster_is_not_written_over(fed: Room) -> None:
    before = feed_of(fed)
    newer = replace(before, modified=fed.now + HOUR)
    with fed.store.writing() as tx:
        tx.publish_feed(newer, "newer", before.modified)
        tx.publish_feed(replace(newer, modified=fed.now + DAY), "older", before.modified)
    assert text(fed) == "newer"


def test_no_secret_is_in_the_store(room: Room) -> None:
    secret = addresses.secret()
    with room.store.writing() as tx:
        tx.add_feed(feeds.new("all", "dana", secret, redacted=False))
    room.cycle()
    assert len(secret) == 43  # 256 bits, six a letter
    assert secret.encode() not in room.stored()[0]


def test_a_daemon_notices_a_new_feed_and_no_plan_depends_on_it(room: Room) -> None:
    with room.store.reading() as tx:
        revision = tx.revision("dana")
    changes: Callable[[], int] = room.store.changes
    before = changes()
    feed = subscribe(room)
    assert changes() == before + 1
    with room.store.writing() as tx:
        tx.rotate_feed(feed.name, "another")
    assert changes() == before + 2
    with room.store.writing() as tx:
        tx.settle_feeds(replace(feed, settled="now"))
    assert changes() == before + 2
    with room.store.reading() as tx:
        assert tx.revision("dana") == revision
        assert tx.last_change() is None


# -- a life


OPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["capture", "promise", "yes", "done", "retry", "move", "retitle", "answer", "delete", "edit", "remove", "wait", "day", "deaf"]
        ),
        st.integers(0, 4),
        st.integers(0, 6),
    ),
    max_size=14,
)


def lived(room: Room, what: str, who: int, much: int) -> None:
    """One thing happens, where it can."""
    name = f"p{who}"
    with room.store.reading() as tx:
        known, closed = tx.prospect(name), tx.outcome(name)
    hrefs = sorted(room.server.entries)
    match what:
        case "capture" if known is None:
            room.capture(f"Person {who}", id=name, phone=f"248.867.530{who}")
        case "promise" if known and not closed:
            room.promise(name, f"in {much + 1} days at {9 + much} call to renew {much}")
        case "yes" | "done" | "retry" if known and not closed:
            room.log(name, {"yes": Result.YES, "done": Result.DONE, "retry": Result.ATTEMPT}[what])
        case "edit" if known:
            room.edit(name, name=f"Person {who}{much}", notes=f"note {much}")
        case "remove" if known:
            with room.store.writing() as tx:
                tx.remove(name)
        case "move" if hrefs:
            href = hrefs[who % len(hrefs)]
            room.server.phone_move(href, room.now + much * DAY + 3 * HOUR)
        case "retitle" if hrefs:
            room.server.phone_edit(hrefs[who % len(hrefs)], title=f"Mine {much}")
        case "answer" if hrefs:
            href = hrefs[who % len(hrefs)]
            room.server.phone_edit(href, title=f"{['yes', 'no', 'x', 'done'][much % 4]} {room.server.phone_item(href).title}")
        case "delete" if hrefs:
            room.server.phone_delete(hrefs[who % len(hrefs)])
        case "deaf":
            room.server.faults.reads = much
        case "day":
            room.now += much * DAY
        case _:
            room.now += timedelta(minutes=much)


def told(entry: Event) -> bytes:
    """All of an entry but its stamps."""
    bare = entry.copy()
    for key in ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE"):
        bare.pop(key)
    return b"".join(one.to_ical(sorted=False) for one in (bare, *entry.subcomponents))


@settings(max_examples=20)
@given(ops=OPS)
def test_whatever_happens_only_what_changed_is_told_as_changed(
    tmp_path_factory: pytest.TempPathFactory, ops: list[tuple[str, int, int]]
) -> None:
    room = Room(tmp_path_factory.mktemp("life"))
    for name, redacted in (("all", False), ("short", True)):
        subscribe(room, name, redacted=redacted)
    before: dict[str, str] = {}
    people = [("capture", who, 0) for who in range(3)]
    for what, who, much in [*people, *ops, ("wait", 0, 6)]:
        lived(room, what, who, much)
        room.cycle(room.now + timedelta(minutes=3), force=True)
        for name in ("all", "short"):
            after = text(room, name)
            check_step(before.get(name, ""), after)
            before[name] = after
        assert "Person" not in before["short"]
        assert not any(number in before["short"] for number in ("867.5309", "8675309")), "four figures may stand in a name of an entry"
    room.server.faults.reads = 0
    for _ in range(3):
        room.cycle(room.now + timedelta(minutes=3), force=True)
    final = {name: text(room, name) for name in before}
    room.cycle(room.now + timedelta(minutes=3), force=True)
    assert {name: text(room, name) for name in before} == final
    check_open(room)
    room.close()


def check_step(before: str, after: str) -> None:
    """An entry that says the same is the same, byte for byte; one that says something else is one version on."""
    assert after.startswith("BEGIN:VCALENDAR\r\n")
    assert after.endswith("END:VCALENDAR\r\n")
    found = Calendar.from_ical(after).walk("VEVENT")
    entries = {str(one["UID"]): one for one in found}
    assert len(entries) == len(found)
    for old in Calendar.from_ical(before).walk("VEVENT") if before else ():
        if (new := entries.get(str(old["UID"]))) is None:
            continue
        if told(new) == told(old):
            assert new.to_ical(sorted=False) == old.to_ical(sorted=False)
        else:
            assert int(new["SEQUENCE"]) == int(old["SEQUENCE"]) + 1


def check_open(room: Room) -> None:
    """Of each open prospect the feed shows what the calendar shows."""
    with room.store.reading() as tx:
        rows = [row for row in tx.written("dana", "phone", ZONE) if row.state is State.OPEN and row.agreed and row.prospect]
        waiting = {row.prospect for row in rows if row.gone_at or row.intended}
        people = {one.id for one in tx.prospects("dana", open_only=True)} - waiting
    shown = {(str(one["SUMMARY"]), one.start.astimezone(ZONE)) for one in entries(room) if one["STATUS"] == "CONFIRMED"}
    for row in rows:
        if row.prospect in people and row.agreed:
            assert (row.agreed.title, row.agreed.start) in shown
