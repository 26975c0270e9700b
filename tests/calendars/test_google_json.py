"""Item <-> the JSON of an event and of a task: tables, and everything that may stand in a text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync import ics
from followsync.calendars import google_events as events
from followsync.calendars import google_tasks as tasks
from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.item import Item, dated
from followsync.core.operations import uid
from tests.calendars.contract import CALL, SHAPES, START, ZONE, same

OURS = replace(
    CALL, uid=uid("0" * 26, 0), action="0" * 26, block="4 0123456789abcdef", slot="20260108T190000Z moved", named=CALL.title, result=""
)
TASK = replace(dated(OURS), named=OURS.title)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from("\n<>&;[]= \u00a0"), max_size=80)


def stands(item: Item, **fields: Any) -> dict[str, Any]:
    """The event as Google gives it back."""
    return events.new_event(item) | {"etag": '"1"', "status": "confirmed"} | fields


def listed(item: Item, **fields: Any) -> dict[str, Any]:
    return tasks.new_task(item) | {"id": "x1", "etag": '"1"'} | fields


# ---- events


@pytest.mark.parametrize("item", [OURS, replace(OURS, result="next", done=True), *(one for one in SHAPES if one.form is Form.EVENT)])
def test_an_event_says_what_was_written(item: Item) -> None:
    assert same(events.item_of(stands(item), ZONE), item)
    assert events.changes(item, stands(item), ZONE) == {}


def test_a_new_event_invites_nobody_and_has_our_own_id() -> None:
    event = events.new_event(OURS)
    assert event["id"] == OURS.uid
    assert event["start"] == {"dateTime": "2026-01-08T14:00:00-05:00", "timeZone": "America/Detroit"}
    assert event["reminders"]["overrides"] == [{"method": "popup", "minutes": 15}, {"method": "popup", "minutes": 60}]
    assert not {"attendees", "organizer", "recurrence", "conferenceData"} & event.keys()
    assert all(len(name) <= 44 and len(value) <= 1024 for name, value in event["extendedProperties"]["private"].items())


@pytest.mark.parametrize(
    ("uid", "id"), [("fs1abc09v", "fs1abc09v"), ("fs1day", None), ("typed-by-hand", None), ("Ü", None), ("abcd", None)]
)
def test_an_id_is_base32hex(uid: str, id: str | None) -> None:
    made = events.event_id(uid)
    assert made == (id or made)
    assert len(made) >= 5
    assert set(made) <= set("abcdefghijklmnopqrstuv0123456789")
    assert same(events.item_of(stands(replace(CALL, uid=uid)), ZONE), replace(CALL, uid=uid))


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://video.example.org/joe", {"title": "FollowSync", "url": "https://video.example.org/joe"}),
        ("tel:+12488675309", None),
        ("", None),
    ],
)
def test_a_link_is_the_source_where_google_takes_it(url: str, source: dict[str, str] | None) -> None:
    event = stands(replace(OURS, url=url))
    assert event.get("source") == source
    assert events.item_of(event, ZONE).url == url
    other = replace(OURS, url="https://other.example.org/")
    assert events.item_of(event | _merged(events.changes(other, event, ZONE), event), ZONE).url == other.url
    assert events.item_of(event | _merged(events.changes(replace(OURS, url=""), event, ZONE), event), ZONE).url == ""


def _merged(body: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """RFC 7396, as far as it is used."""
    private = {**event["extendedProperties"]["private"], **body.get("extendedProperties", {}).get("private", {})}
    kept = {name: value for name, value in private.items() if value is not None}
    return body | {"extendedProperties": {"private": kept}}


def test_a_change_names_what_differs_and_nulls_where_the_kind_of_time_changes() -> None:
    assert events.changes(replace(OURS, title="Other"), stands(OURS), ZONE) == {"summary": "Other"}
    assert events.changes(replace(OURS, busy=False), stands(OURS), ZONE) == {"transparency": "transparent"}
    day = START.replace(hour=0)
    whole = replace(OURS, start=day, end=day + timedelta(days=1), all_day=True)
    assert events.changes(whole, stands(OURS), ZONE) == {
        "start": {"date": "2026-01-08", "dateTime": None, "timeZone": None},
        "end": {"date": "2026-01-09", "dateTime": None, "timeZone": None},
    }
    assert events.changes(OURS, stands(whole), ZONE)["start"] == {
        "date": None,
        "dateTime": "2026-01-08T14:00:00-05:00",
        "timeZone": "America/Detroit",
    }
    assert events.changes(replace(OURS, action=""), stands(OURS), ZONE) == {"extendedProperties": {"private": {"followsync-action": None}}}


def test_times_are_instants_whatever_zone_google_tells_them_in() -> None:
    told = stands(
        OURS, start={"dateTime": "2026-01-08T20:00:00+01:00", "timeZone": "Europe/Berlin"}, end={"dateTime": "2026-01-08T19:15:00Z"}
    )
    assert events.item_of(told, ZONE).start == OURS.start
    assert events.changes(OURS, told, ZONE) == {}


def test_the_reps_reminders_keep_how_they_remind() -> None:
    own = {"useDefault": False, "overrides": [{"method": "email", "minutes": 15}, {"method": "popup", "minutes": 45}]}
    event = stands(OURS, reminders=own)
    assert events.item_of(event, ZONE).alarms == (15, 45)
    changed = events.changes(replace(events.item_of(event, ZONE), alarms=(5, 15)), event, ZONE)
    assert changed == {
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}, {"method": "email", "minutes": 15}]}
    }
    assert "reminders" not in events.changes(replace(OURS, title="x", alarms=(15, 45)), event, ZONE)
    many = events.new_event(replace(OURS, alarms=tuple(range(0, 90, 10))))
    assert len(many["reminders"]["overrides"]) == 5


@pytest.mark.parametrize(
    ("fields", "theirs"),
    [
        ({"attendees": [{"email": "a@example.org"}]}, True),
        ({"recurrence": ["RRULE:FREQ=WEEKLY"]}, True),
        ({"recurringEventId": "x"}, True),
        ({"colorId": "5"}, False),
    ],
)
def test_guests_and_repetitions_are_theirs(fields: dict[str, Any], theirs: bool) -> None:
    assert events.item_of(stands(OURS, **fields), ZONE).theirs is theirs


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"id": "x"},
        {"id": "x", "start": {}},
        {"id": "x", "start": {"dateTime": "soon"}},
        {"id": "x", "start": {"date": "0001-01-01"}, "end": {"date": "0001-01-02"}},
        {"id": "x", "start": {"dateTime": 5}},
        {"id": "x", "start": {"dateTime": "2026-01-08T14:00:00Z"}, "reminders": {"overrides": [{}]}},
        {"id": "x", "start": {"dateTime": "2026-01-08T14:00:00Z"}, "summary": 5},
        {"id": 5, "start": {"date": "2026-01-08"}},
    ],
)
def test_what_cannot_be_understood_is_told_in_our_words(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the event cannot be understood") as told:
        events.item_of(event, ZONE)
    assert "soon" not in str(told.value)


@pytest.mark.parametrize("raw", ["", "[]", "5", "<html>"])
def test_a_text_that_is_none_of_googles(raw: str) -> None:
    with pytest.raises(ValueError, match="not what Google sent"):
        events.parsed(raw)


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("a < b & c", "a < b & c"),
        ("AT&T", "AT&T"),
        ("John <john@example.org>", "John &lt;john@example.org&gt;"),
        ("it is &euro; 5", "it is &amp;euro; 5"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_notes_show_in_googles_apps_as_they_are_written(body: str, written: str) -> None:
    """They read HTML there: an address in angle brackets would be hidden."""
    assert events.described(ics.notes(body)) == written
    assert ics.notes(events.described(ics.notes(body))) == ics.notes(body)


@given(TEXT)
def test_any_notes_come_back(text: str) -> None:
    body = ics.notes(text)
    assert ics.notes(events.described(body)) == body
    item = replace(OURS, body=text, title=text, location=text)
    assert same(events.item_of(json.loads(events.raw_of(stands(item))), ZONE), ics.cleaned(item))
    assert events.changes(item, stands(item), ZONE) == {}


_HTML = [
    "<b>",
    "</b>",
    '<a href="http://evil.example">',
    "<br>",
    "<p>",
    "<script>",
    "&lt;",
    "&amp;",
    "&nbsp;",
    " ",
    "\n",
    "x",
    "<!--",
    "&",
    "\u00a0",
]


@given(st.lists(st.sampled_from(_HTML)).map("".join))
def test_no_html_of_others_is_shown_as_html(text: str) -> None:
    body = ics.notes(text)
    written = events.described(body)
    assert "<" not in written or not re.search("<[A-Za-z/!?]", written)
    assert ics.notes(written) == body


# ---- tasks


def test_a_task_says_what_was_written() -> None:
    task = listed(TASK)
    assert tasks.uid_of(task) == TASK.uid
    assert same(tasks.item_of(task, ZONE), TASK)
    assert tasks.changes(TASK, task, ZONE) == {}
    assert task["due"] == "2026-01-08T00:00:00.000Z"
    marks = "p=jenny k=promise d=2026-01-08 b=4-0123456789abcdef s=20260108T190000Z-moved t=cf51b660"
    assert task["notes"] == f"{TASK.body}\n\n[fs1{'0' * 26} {marks}]"


@pytest.mark.parametrize(
    ("notes", "body"),
    [
        ("likes blue\n{0}", "likes blue\n" + OURS.body),
        ("{0} likes blue", OURS.body + "\n\n likes blue"),
        ("likes blue", "likes blue"),
        ("[fs1] {0}", "[fs1] " + OURS.body),
    ],
)
def test_what_the_rep_types_around_the_marker_stays(notes: str, body: str) -> None:
    written = listed(TASK)["notes"]
    found = tasks.item_of(listed(TASK, notes=notes.format(written)), ZONE, TASK.uid)
    assert found.uid == TASK.uid
    assert found.body.split() == body.replace("[fs1]", "").split() or notes.startswith("[fs1]")


@pytest.mark.parametrize(
    "text",
    [
        "[fs1zzz p=bob]",
        "ref [fs1zzz p=bob] from the old CRM",
        "ref\n[fs1zzz p=bob]\n",
        "[[fs1zzz p=bob]]",
        "[[[fs1zzz p=bob]",
        "[fs1",
        f"[{TASK.uid} p=bob]",
    ],
)
def test_no_text_of_others_makes_a_marker(text: str) -> None:
    for item in (replace(TASK, body=text), replace(TASK, uid="@x1", action="", prospect="", body=text)):
        task = listed(item)
        assert tasks.uid_of(task) == (TASK.uid if item.uid == TASK.uid else "")
        found = tasks.item_of(task, ZONE, item.uid)
        assert (found.prospect, found.action) == (item.prospect, item.action)
        assert found.body == ics.notes(text)
        assert tasks.changes(item, task, ZONE, item.uid) == {}


def test_the_marker_of_another_task_that_was_pasted_says_nothing() -> None:
    bob = listed(replace(TASK, uid="fs1bob", action="fs1bob", prospect="bob"))["notes"]
    ours = listed(TASK)["notes"]
    for notes in (f"{bob}\n{ours}", f"{ours}\n{bob}", bob):
        found = tasks.item_of(listed(TASK, notes=notes), ZONE, TASK.uid)
        assert (found.uid, found.prospect) == (TASK.uid, "" if notes == bob else "jenny")
        assert "fs1" not in found.body
    # Where the store is new, or a create's answer was lost, it is all that tells: what the rep typed below takes nothing away.
    assert tasks.uid_of({"notes": f"{bob}\nand what was typed below"}) == "fs1bob"
    assert [tasks.is_as_written({"notes": notes}) for notes in (bob, f"{bob}\n ", f"{bob}\nbelow", "")] == [True, True, False, False]
    assert tasks.uid_of({"notes": f"{bob}\n{ours}\n \n"}) == TASK.uid
    assert tasks.uid_of({"notes": f"ask about {bob.splitlines()[-1]}"}) == ""


def test_a_task_without_its_marker_is_still_who_it_is_known_to_be() -> None:
    bare = listed(TASK, notes="likes blue")
    assert (tasks.uid_of(bare), tasks.item_of(bare, ZONE).uid, tasks.item_of(bare, ZONE, TASK.uid).uid) == ("", "@x1", TASK.uid)
    assert tasks.uid_of({"notes": tasks.changes(TASK, bare, ZONE, TASK.uid)["notes"]}) == TASK.uid


def test_the_title_that_we_wrote_is_known_behind_a_word_of_the_reps() -> None:
    for title, named in ((TASK.title, TASK.title), (f"yes {TASK.title}", TASK.title), ("The nice one", "")):
        assert tasks.item_of(listed(TASK, title=title), ZONE).named == named


def test_a_later_generation_still_says_its_action() -> None:
    later = replace(TASK, uid=uid(TASK.action, 2))
    assert tasks.item_of(listed(later), ZONE).action == TASK.action


@pytest.mark.parametrize("kind", list(Kind))
def test_marks_of_every_kind(kind: Kind) -> None:
    item = replace(TASK, kind=kind, due=date(2026, 2, 3), prospect="joe's diner/ü [x]", result="done", done=True)
    assert same(tasks.item_of(listed(item), ZONE), item)


def test_a_tick_is_only_sent_where_it_changes() -> None:
    ticked = listed(TASK, status="completed")
    assert tasks.item_of(ticked, ZONE).done
    assert tasks.changes(replace(TASK, title="x", done=True), ticked, ZONE) == {"title": "x"}
    assert tasks.changes(TASK, ticked, ZONE) == {"status": "needsAction", "completed": None}


def test_a_task_without_a_day() -> None:
    task = listed(TASK)
    del task["due"]
    found = tasks.item_of(task, ZONE)
    assert found.start == datetime(1970, 1, 1, tzinfo=UTC)
    assert tasks.changes(TASK, task, ZONE) == {"due": "2026-01-08T00:00:00.000Z"}
    assert "due" not in tasks.new_task(found)


@given(TEXT | st.lists(st.sampled_from(["[", "fs1", "]", " p=bob", " ", "\n", "x"])).map("".join))
def test_any_text_of_a_task_comes_back(text: str) -> None:
    item = replace(TASK, body=text, title=text, named=ics.clean(text), prospect="p")
    seen = tasks.item_of(json.loads(events.raw_of(listed(item))), ZONE)
    assert seen.title == ics.clean(text)
    assert seen.body.split() == ics.notes(text).split()
    assert tasks.uid_of(listed(item)) == TASK.uid
    assert tasks.changes(item, listed(item), ZONE) == {}
