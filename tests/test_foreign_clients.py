"""What other programs do to our entries, on real servers: the rep's phone, Thunderbird, tasks.org, and the libraries they are made of.

Every change is written by ``tests.phone``, which is no code of ours, and every result is read back from the server by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest

from followsync.core.history import Dismissed, Moved, Noted, Promised, Result, Touched
from followsync.writer import TargetReport
from tests.phone import ZONE, Desk, Text, library, utc
from tests.servers import Server

TITLE = "Call Jenny to determine next steps – 248.867.5309"
PROMISE = "Call Jenny 248.867.5309 tomorrow 10am to determine next steps"
PACIFIC = ZoneInfo("America/Los_Angeles")
GOLF = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Apple Inc.//iOS 18.1//EN\r\nBEGIN:VEVENT\r\nUID:golf-league\r\n"
    "DTSTAMP:20260101T000000Z\r\nCREATED:20260101T000000Z\r\nDTSTART:20260108T210000Z\r\nDTEND:20260108T230000Z\r\n"
    "RRULE:FREQ=WEEKLY\r\nSUMMARY:Golf league\r\nX-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\r\nBEGIN:VALARM\r\n"
    "ACTION:DISPLAY\r\nDESCRIPTION:Golf\r\nTRIGGER:-PT1H\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(params=["radicale", "xandikos"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def desk(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", server.password)
    return Desk(server, tmp_path, capsys)


@pytest.fixture
def jenny(desk: Desk) -> Desk:
    """Jenny was promised a call on Tuesday at ten; it stands on the server."""
    desk.run("add", PROMISE)
    desk.sync()
    return desk


@pytest.fixture
def thanks(desk: Desk) -> Desk:
    """Jenny was met today; the cadence wants an e-mail on Thursday."""
    desk.run("add", "Jenny 248.867.5309", "--stage", "pitched", "--met", "2026-01-05")
    desk.sync()
    return desk


@pytest.fixture
def task(desk: Desk) -> Desk:
    """The same, on a target that takes tasks."""
    desk.configure(write="task")
    desk.run("add", "Jenny 248.867.5309", "--stage", "pitched", "--met", "2026-01-05")
    desk.sync()
    return desk


def facts(desk: Desk, kind: type) -> list[object]:
    return [fact for fact in desk.history("jenny") if isinstance(fact, kind)]


def quiet(desk: Desk) -> None:
    """Another sync asks one question and writes nothing."""
    before = desk.phone.etags()
    report = desk.sync()
    assert (report["requests"], report["created"], report["updated"], report["deleted"]) == (1, 0, 0, 0)
    assert desk.phone.etags() == before


def next_entry(desk: Desk, title: str) -> tuple[str, Text]:
    """The only entry with that title."""
    (found,) = ((href, Text(raw)) for href, raw in desk.phone.texts().items() if Text(raw).value("SUMMARY") == title)
    return found


# ---- reading --------------------------------------------------------------------------------------------------------------------


def test_002_1_three_programs_read_the_same_entry(jenny: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    href, plain = jenny.phone.only()
    calendar = library(jenny.server, jenny.calendar, monkeypatch)
    (event,) = calendar.events()
    (read,) = event.icalendar_instance.walk("VEVENT")
    (parsed,) = icalendar.Calendar.from_ical(jenny.phone.get(href)).walk("VEVENT")
    start = datetime(2026, 1, 6, 10, tzinfo=ZONE)
    assert [plain.summary.value, str(read["SUMMARY"]), str(parsed["SUMMARY"])] == [TITLE] * 3
    assert [plain.dtstart.value, read["DTSTART"].dt, parsed["DTSTART"].dt] == [start] * 3
    assert not {"ATTENDEE", "ORGANIZER", "RRULE"} & set(parsed)
    assert calendar.search(start=start, end=start + timedelta(minutes=5), event=True, expand=False)[0].url.path == href
    assert calendar.search(start=start + timedelta(hours=1), end=start + timedelta(hours=2), event=True, expand=False) == []


# ---- tasks ----------------------------------------------------------------------------------------------------------------------


COMPLETED = f"COMPLETED:{utc(datetime(2026, 1, 8, 9, 30, tzinfo=ZONE))}"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["STATUS:COMPLETED", COMPLETED, "PERCENT-COMPLETE:100", "X-MOZ-GENERATION:1"], id="thunderbird"),
        pytest.param(["STATUS:COMPLETED", COMPLETED, "PERCENT-COMPLETE:100", "SEQUENCE:3"], id="apple reminders"),
        pytest.param(["STATUS:COMPLETED", COMPLETED, "LAST-MODIFIED:20260108T143000Z"], id="tasks.org"),
        pytest.param(["STATUS:COMPLETED"], id="only the status"),
        pytest.param([COMPLETED], id="only the moment"),
        pytest.param(["PERCENT-COMPLETE:100"], id="only the percentage"),
    ],
)
def test_a_ticked_task_is_done_and_the_next_one_comes(task: Desk, lines: list[str]) -> None:
    href, todo = task.phone.only("vtodo")
    assert todo.summary.value == "Email Jenny to say thanks"
    task.now = "2026-01-08T10:00"
    task.phone.write(href, *lines)
    task.sync()
    (touch,) = facts(task, Touched)
    assert (touch.result, touch.method, touch.via) == (Result.DONE, "email", "calendar:phone")
    after = {entry.summary.value: entry for entry in task.phone.entries("vtodo").values()}
    assert set(after) == {"Email Jenny to say thanks", "Call Jenny to set a meeting with the real decision makers – 248.867.5309"}
    for line in lines:
        if not line.startswith(("SEQUENCE", "LAST-MODIFIED")):
            assert task.phone.text(href).line(line.split(":")[0]) == line, "what the phone wrote stays"
    quiet(task)
    assert len(facts(task, Touched)) == 1


def test_a_task_begun_is_not_done(task: Desk) -> None:
    href, _ = task.phone.only("vtodo")
    task.phone.write(href, "STATUS:IN-PROCESS", "PERCENT-COMPLETE:50")
    raw = task.phone.get(href)
    task.sync()
    assert facts(task, Touched) == []
    assert task.phone.get(href) == raw


def test_the_caldav_library_completes_a_task(task: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = library(task.server, task.calendar, monkeypatch)
    (todo,) = calendar.todos()
    task.now = "2026-01-08T10:00"
    todo.complete()
    task.sync()
    assert [touch.result for touch in facts(task, Touched)] == [Result.DONE]
    assert [str(one.icalendar_component["SUMMARY"]) for one in calendar.todos()] == [
        "Call Jenny to set a meeting with the real decision makers – 248.867.5309"
    ]


# ---- moving ---------------------------------------------------------------------------------------------------------------------


WEDNESDAY = datetime(2026, 1, 7, 15, 30, tzinfo=ZONE)
ENDS = WEDNESDAY + timedelta(minutes=15)
MOVES = [
    pytest.param(
        [
            "DTSTART;TZID=America/Detroit:20260107T153000",
            "DTEND;TZID=America/Detroit:20260107T154500",
            "SEQUENCE:1",
            "LAST-MODIFIED:20260105T140000Z",
            "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
            "X-APPLE-CREATOR-IDENTITY:com.apple.mobilecal",
        ],
        id="ios, in our zone",
    ),
    pytest.param([f"DTSTART:{utc(WEDNESDAY)}", f"DTEND:{utc(ENDS)}", "SEQUENCE:1"], id="google, in utc"),
    pytest.param(
        ["DTSTART;TZID=America/Los_Angeles:20260107T123000", "DTEND;TZID=America/Los_Angeles:20260107T124500", "SEQUENCE:7"],
        id="in another zone",
    ),
    pytest.param(
        ["DTSTART;TZID=Eastern Standard Time:20260107T153000", "DTEND;TZID=Eastern Standard Time:20260107T154500"],
        id="outlook's zone names",
    ),
    pytest.param(
        [f"DTSTART:{utc(WEDNESDAY)}", f"DTEND:{utc(ENDS)}", "X-MOZ-GENERATION:2", "X-MOZ-LASTACK:20260105T140000Z"], id="thunderbird"
    ),
    pytest.param(["DTSTART:20260107T153000", "DTEND:20260107T154500"], id="floating"),
]


@pytest.mark.parametrize("lines", MOVES)
def test_a_moved_event_stays_where_the_rep_put_it(jenny: Desk, lines: list[str]) -> None:
    href, _ = jenny.phone.only()
    jenny.phone.write(href, *lines)
    raw = jenny.phone.get(href)
    assert jenny.sync()["updated"] == 0
    (move,) = facts(jenny, Moved)
    assert (move.start, move.end) == (WEDNESDAY, ENDS)
    assert jenny.phone.get(href) == raw
    (one,) = jenny.json("list")
    assert one["next_action"]["start"] == "2026-01-07T15:30:00-05:00"
    assert one["next_action"]["state"] == "moved"
    jenny.now = "2026-01-06T12:00"
    quiet(jenny)
    jenny.now = "2026-01-07T12:00"
    quiet(jenny)


def test_moved_twice_and_back(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    first = datetime(2026, 1, 6, 10, tzinfo=ZONE)
    for start in (WEDNESDAY, WEDNESDAY + timedelta(days=1), first):
        jenny.phone.move(href, start, start + timedelta(minutes=15))
        jenny.sync()
    assert [move.start for move in facts(jenny, Moved)] == [WEDNESDAY, WEDNESDAY + timedelta(days=1), first]
    assert jenny.phone.only()[1].dtstart.value == first
    quiet(jenny)


def test_a_task_whose_due_alone_is_moved(task: Desk) -> None:
    """tasks.org knows when a task is due, not when it starts."""
    href, _ = task.phone.only("vtodo")
    task.phone.write(href, "DUE;TZID=America/Detroit:20260109T160000")
    task.sync()
    (move,) = facts(task, Moved)
    assert move.end == datetime(2026, 1, 9, 16, tzinfo=ZONE)
    quiet(task)
    task.now = "2026-01-12T08:00"
    assert task.sync()["updated"] == 1
    _, todo = task.phone.only("vtodo")
    assert todo.summary.value.endswith("(2nd day)")
    assert todo.due.value - todo.dtstart.value == timedelta(minutes=10)


def test_a_task_that_is_only_hidden_until_later_is_not_moved(task: Desk) -> None:
    href, todo = task.phone.only("vtodo")
    task.phone.write(href, f"DTSTART:{utc(todo.due.value - timedelta(minutes=2))}")
    raw = task.phone.get(href)
    task.sync()
    assert facts(task, Moved) == []
    assert task.phone.get(href) == raw
    quiet(task)


def test_an_app_that_only_says_the_same_in_utc_moved_nothing(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    start = datetime(2026, 1, 6, 10, tzinfo=ZONE)
    jenny.phone.write(href, f"DTSTART:{utc(start)}", f"DTEND:{utc(start + timedelta(minutes=15))}", "SEQUENCE:1")
    raw = jenny.phone.get(href)
    jenny.sync()
    assert facts(jenny, Moved) == []
    assert jenny.phone.get(href) == raw
    quiet(jenny)


def test_a_longer_event_stays_longer(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    jenny.phone.write(href, "DTEND;TZID=America/Detroit:20260106T110000")
    raw = jenny.phone.get(href)
    jenny.sync()
    assert facts(jenny, Moved) == []
    assert jenny.phone.get(href) == raw
    quiet(jenny)


# ---- text, colour, alarms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("below", [False, True], ids=["above", "below"])
def test_a_note_is_kept_and_stands_in_the_next_entry(thanks: Desk, below: bool) -> None:
    href, _ = thanks.phone.only()
    thanks.phone.note(href, "Her boss decides, call him; not before 9", below=below)
    thanks.sync()
    assert [note.text for note in facts(thanks, Noted)] == ["Her boss decides, call him; not before 9"]
    assert "Her boss decides\\, call him\\; not before 9" in thanks.phone.text(href).value("DESCRIPTION")
    quiet(thanks)
    thanks.now = "2026-01-08T16:00"
    thanks.phone.prefix_title(href, "done")
    thanks.sync()
    assert len(facts(thanks, Noted)) == 1, "a note that was read is no second note"
    _, following = next_entry(thanks, "Call Jenny to set a meeting with the real decision makers – 248.867.5309")
    assert "- Her boss decides\\, call him\\; not before 9" in following.value("DESCRIPTION")


def test_two_notes_one_after_the_other_are_two_facts(thanks: Desk) -> None:
    href, _ = thanks.phone.only()
    for text in ("First", "Second"):
        thanks.phone.note(href, text)
        thanks.sync()
    assert [note.text for note in facts(thanks, Noted)] == ["First", "Second"]
    quiet(thanks)


CHANGES = [
    pytest.param(["COLOR:turquoise", "X-APPLE-CALENDAR-COLOR:#44A703"], id="colour"),
    pytest.param(["LOCATION:Joe's Diner\\, 12 Main St"], id="place"),
    pytest.param(["SUMMARY:Jenny (the nice one)"], id="title"),
    pytest.param(["CATEGORIES:Work,Phone", "PRIORITY:1", "CLASS:PRIVATE"], id="categories"),
    pytest.param(["TRANSP:TRANSPARENT"], id="free"),
    pytest.param(["X-MOZ-LASTACK:20260106T144500Z", "X-MOZ-GENERATION:1", "LAST-MODIFIED:20260106T144500Z"], id="thunderbird's marks"),
]


@pytest.mark.parametrize("lines", CHANGES)
def test_what_the_rep_gave_the_entry_stays(jenny: Desk, lines: list[str]) -> None:
    href, _ = jenny.phone.only()
    jenny.phone.write(href, *lines)
    raw = jenny.phone.get(href)
    jenny.sync()
    assert jenny.phone.get(href) == raw, "nothing of ours is written over it"
    assert len(jenny.history("jenny")) == 2, "captured and promised: no fact the rep did not make"
    quiet(jenny)
    jenny.run("edit", "jenny", "--source", "the fair")  # our part changes, theirs stays
    assert jenny.sync()["updated"] == 1
    after = jenny.phone.text(href)
    assert "Source: the fair" in after.value("DESCRIPTION")
    for line in lines:
        if not line.startswith("LAST-MODIFIED"):
            assert after.line(line.split(":")[0]) == line
    quiet(jenny)


def test_an_alarm_of_the_reps_own_stays(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    ring = ["BEGIN:VALARM", "UID:9A1F", "ACTION:AUDIO", "TRIGGER:-PT45M", "ATTACH;VALUE=URI:Chord", "END:VALARM"]
    jenny.phone.put(href, str(jenny.phone.text(href).without_alarms().before_end(*ring)))
    raw = jenny.phone.get(href)
    jenny.sync()
    assert jenny.phone.get(href) == raw
    jenny.run("edit", "jenny", "--source", "the fair")
    jenny.sync()
    after = jenny.phone.text(href).lines
    assert after.count("BEGIN:VALARM") == 1
    assert set(ring) <= set(after)
    quiet(jenny)


def test_no_alarm_is_the_reps_wish_too(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    jenny.phone.put(href, str(jenny.phone.text(href).without_alarms()))
    jenny.sync()
    jenny.run("edit", "jenny", "--source", "the fair")
    jenny.sync()
    assert "BEGIN:VALARM" not in jenny.phone.text(href).lines
    quiet(jenny)


def test_an_acknowledged_and_a_snoozed_alarm_are_no_news(jenny: Desk) -> None:
    """RFC 9074: dismissing an alarm writes ACKNOWLEDGED; snoozing adds an alarm that points to the first."""
    href, _ = jenny.phone.only()
    text = jenny.phone.text(href)
    at = text.lines.index("END:VALARM")
    uid = next(line for line in text.lines[text.lines.index("BEGIN:VALARM") : at] if line.startswith("UID:"))[4:]
    text.lines.insert(at, "ACKNOWLEDGED:20260106T144600Z")
    snooze = ["BEGIN:VALARM", "UID:snooze-1", "ACTION:DISPLAY", "DESCRIPTION:Later", "TRIGGER;VALUE=DATE-TIME:20260106T145500Z"]
    text.before_end(*snooze, f"RELATED-TO;RELTYPE=SNOOZE:{uid}", "END:VALARM")
    jenny.phone.put(href, str(text))
    raw = jenny.phone.get(href)
    jenny.sync()
    assert jenny.phone.get(href) == raw
    assert len(jenny.history("jenny")) == 2
    quiet(jenny)


# ---- answering ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "mark"), [("n", "✗"), ("✓", "✓"), ("no answer:", "↻"), ("done", "✓")])
def test_other_words_before_the_title(jenny: Desk, word: str, mark: str) -> None:
    href, _ = jenny.phone.only()
    jenny.phone.prefix_title(href, word)
    jenny.sync()
    assert jenny.phone.text(href).value("SUMMARY") == f"{mark} {TITLE}"
    (touch,) = facts(jenny, Touched)
    closes = touch.result in (Result.YES, Result.NO)
    assert len(jenny.phone.etags()) == (1 if closes else 2)
    quiet(jenny)


def test_next_typed_into_the_notes_is_a_promise(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    jenny.now = "2026-01-06T10:20"
    jenny.phone.note(href, "> thu 2pm visit to review the quote\nShe likes blue")
    jenny.sync()
    promise = facts(jenny, Promised)[-1]
    assert (promise.method, promise.purpose, promise.start) == ("visit", "review the quote", datetime(2026, 1, 8, 14, tzinfo=ZONE))
    _, following = next_entry(jenny, "Visit Jenny to review the quote")
    assert following.line("DTSTART") == "DTSTART;TZID=America/Detroit:20260108T140000"
    assert "She likes blue" in following.value("DESCRIPTION")
    assert jenny.phone.text(href).value("SUMMARY") == f"→ {TITLE}"
    quiet(jenny)


def test_the_question_what_was_meant_is_ticked_deleted_and_answered(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    jenny.phone.note(href, "> sometime")
    jenny.sync()
    first, _ = next_entry(jenny, 'Jenny: "sometime": what and when?')
    jenny.phone.prefix_title(first, "x")
    jenny.sync()
    second, again = next_entry(jenny, 'Jenny: "sometime": what and when?')
    assert second != first
    assert again.line("DTSTART").startswith("DTSTART;TZID=America/Detroit:20260106T09"), "the next working morning"
    jenny.phone.note(second, "> thu 2pm visit to review the quote")
    jenny.sync()
    promise = facts(jenny, Promised)[-1]
    assert (promise.method, promise.start) == ("visit", datetime(2026, 1, 8, 14, tzinfo=ZONE))
    assert href not in jenny.phone.etags(), "the new agreement replaces it, and nobody had answered it"
    quiet(jenny)
    jenny.phone.note(next_entry(jenny, "Visit Jenny to review the quote")[0], "> whenever")
    jenny.sync()
    third, _ = next_entry(jenny, 'Jenny: "whenever": what and when?')
    jenny.phone.delete(third)
    jenny.believe()
    assert third not in jenny.phone.etags()
    next_entry(jenny, "Visit Jenny to review the quote")
    assert len(facts(jenny, Touched)) == 2, "no fact that the rep did not make"
    quiet(jenny)


def test_what_is_written_into_an_answered_entry_is_read_too(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    jenny.now = "2026-01-06T10:20"
    jenny.phone.prefix_title(href, "x")
    jenny.sync()
    jenny.phone.note(href, "done\nher phone had been off")
    jenny.sync()
    assert [(fact.result, fact.note) for fact in facts(jenny, Touched)][-1] == ("done", "her phone had been off")
    assert jenny.phone.text(href).value("SUMMARY") == f"✓ {TITLE}"
    jenny.phone.note(href, "> thu 2pm visit to review the quote")
    jenny.sync()
    assert facts(jenny, Promised)[-1].start == datetime(2026, 1, 8, 14, tzinfo=ZONE)
    _, visit = next_entry(jenny, "Visit Jenny to review the quote")
    assert "her phone had been off" in visit.value("DESCRIPTION")
    quiet(jenny)


def test_a_deleted_event_asks_and_never_comes_back(jenny: Desk) -> None:
    """Also when it was made and deleted between two readings, of which a server need not tell."""
    href, _ = jenny.phone.only()
    jenny.phone.delete(href)
    jenny.believe()
    assert [fact.title for fact in facts(jenny, Dismissed)] == [TITLE]
    asks, entry = jenny.phone.only()
    assert asks != href
    assert entry.summary.value == "Jenny: drop, or when?"
    assert entry.dtstart.value.date() == datetime(2026, 1, 6, tzinfo=ZONE).date()
    quiet(jenny)
    jenny.phone.delete(asks)
    jenny.believe()
    assert {href, asks}.isdisjoint(jenny.phone.etags())
    quiet(jenny)


def test_a_move_and_a_note_in_one_edit(jenny: Desk) -> None:
    href, _ = jenny.phone.only()
    jenny.phone.move(href, WEDNESDAY, ENDS)
    jenny.phone.note(href, "Not before three")
    jenny.sync()
    assert [type(fact) for fact in jenny.history("jenny")[2:]] == [Noted, Moved]
    quiet(jenny)


def test_the_rep_edits_while_we_write(jenny: Desk) -> None:
    """Both sides change between two cycles: each field goes to whom it belongs."""
    href, _ = jenny.phone.only()
    jenny.run("edit", "jenny", "--agenda", "ask for the order")
    jenny.phone.move(href, WEDNESDAY, ENDS)
    jenny.phone.note(href, "Not before three")
    jenny.phone.write(href, "LOCATION:Her car")
    jenny.sync()
    after = jenny.phone.text(href)
    assert after.value("LOCATION") == "Her car"
    assert after.value("DESCRIPTION").startswith("Not before three\\n")
    assert "ask for the order" in after.value("DESCRIPTION")
    quiet(jenny)


# ---- what is not ours, and idleness ----------------------------------------------------------------------------------------------


def later(desk: Desk, times: int, step: timedelta = timedelta(minutes=5)) -> list[TargetReport]:
    """That many cycles, one after the other; what each did."""
    moments = [desk.moment + number * step for number in range(1, times + 1)]
    desk.now = f"{moments[-1]:%Y-%m-%dT%H:%M}"
    return [report.targets["phone"] for report in desk.cycles(moments)]


def test_an_entry_of_the_reps_own_stays_as_it_is(jenny: Desk) -> None:
    href = jenny.phone.add("golf.ics", GOLF)
    before, etag = jenny.phone.get(href), jenny.phone.etags()[href]
    later(jenny, 5)
    jenny.run("log", "jenny", "next", "visit Friday 10am to review the quote")
    later(jenny, 5)
    assert (jenny.phone.get(href), jenny.phone.etags()[href]) == (before, etag)
    assert len(jenny.phone.etags()) == 2


def test_idle_cycles_write_nothing(thanks: Desk) -> None:
    before, etags = thanks.phone.texts(), thanks.phone.etags()
    for report in later(thanks, 30, timedelta(minutes=35)):
        assert (report.requests, report.created, report.updated, report.deleted) == (1, 0, 0, 0)
    assert thanks.phone.etags() == etags
    assert thanks.phone.texts() == before
    assert [Text(raw).value("SEQUENCE") for raw in before.values()] == ["0"]
