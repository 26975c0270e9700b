from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from followsync import ics
from followsync.calendars import busy, open_calendar
from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.cli import main
from followsync.config.settings import CalDavBusy, CalDavTarget, IcsBusy, IcsTarget
from followsync.errors import CalendarError, Unavailable
from tests import stores
from tests.calendars.contract import CALL, NOW, ZONE
from tests.calendars.test_faults import Reply, Script, scripts  # noqa: F401  # a fixture
from tests.calendars.test_ics import calendar
from tests.servers import Server

MONDAY = datetime(2026, 1, 5, tzinfo=ZONE)
WEEK = (MONDAY, MONDAY + timedelta(days=7))
_NUMBERS = count()


def golf(*lines: str) -> str:
    return calendar("DTSTART;TZID=America/Detroit:20251201T140000", "DTEND;TZID=America/Detroit:20251201T160000", "SUMMARY:Golf", *lines)


def starts(raw: str, *, all_day: bool = False) -> list[str]:
    return [f"{time.start.astimezone(ZONE):%a %H:%M}" for time in busy.from_text(raw, *WEEK, ZONE, label="personal", all_day=all_day)]


def test_a_series_is_unfolded_inside_the_window_only() -> None:
    times = busy.from_text(golf("RRULE:FREQ=DAILY"), *WEEK, ZONE)
    assert [time.start.day for time in times] == [5, 6, 7, 8, 9, 10, 11]
    assert times[0].start == MONDAY.replace(hour=14)
    assert times[0].end - times[0].start == timedelta(hours=2)
    assert {time.label for time in times} == {"Golf"}


def test_a_series_stays_at_its_hour_when_the_clocks_turn() -> None:
    summer = datetime(2026, 7, 6, tzinfo=ZONE)
    (time,) = busy.from_text(golf("RRULE:FREQ=WEEKLY"), summer, summer + timedelta(days=1), ZONE)
    assert time.start == summer.replace(hour=14)


def test_exceptions_and_moved_ones_count() -> None:
    raw = golf(
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "EXDATE;TZID=America/Detroit:20260105T140000",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:x",
        "RECURRENCE-ID;TZID=America/Detroit:20260107T140000",
        "DTSTART;TZID=America/Detroit:20260107T180000",
        "DTEND;TZID=America/Detroit:20260107T190000",
    )
    assert starts(raw) == ["Wed 18:00", "Fri 14:00"]


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_does_not_take_time(line: str) -> None:
    assert starts(golf("RRULE:FREQ=DAILY", line)) == []


def test_whole_days_are_free_unless_they_are_said_to_be_busy() -> None:
    fair = calendar("DTSTART;VALUE=DATE:20260106", "DTEND;VALUE=DATE:20260108", "SUMMARY:Fair")
    assert starts(fair) == []
    (time,) = busy.from_text(fair, *WEEK, ZONE, all_day=True)
    assert (time.start, time.end) == (MONDAY + timedelta(days=1), MONDAY + timedelta(days=3))
    assert starts(fair.replace("SUMMARY", "TRANSP:TRANSPARENT\r\nSUMMARY"), all_day=True) == []


def test_floating_times_are_the_reps() -> None:
    assert starts(calendar("DTSTART:20260106T090000", "DTEND:20260106T100000")) == ["Tue 09:00"]


def test_no_title_no_length_and_the_edge_of_the_window() -> None:
    untitled = calendar("DTSTART:20260106T140000Z", "DURATION:PT1H")
    assert [time.label for time in busy.from_text(untitled, *WEEK, ZONE, label="personal")] == ["personal"]
    assert starts(calendar("DTSTART:20260106T140000Z")) == []
    assert starts(calendar("DTSTART:20260105T040000Z", "DTEND:20260105T050000Z")) == []
    assert starts(calendar("DTSTART:20260105T040000Z", "DTEND:20260105T050001Z")) == ["Sun 23:00"]


def test_a_rule_that_repeats_every_second_is_left_out() -> None:
    assert starts(golf("RRULE:FREQ=SECONDLY")) == []


def test_one_spoilt_text_does_not_stop_the_others() -> None:
    assert len(busy.from_texts(["rubbish", golf("RRULE:FREQ=WEEKLY")], *WEEK, ZONE)) == 1


SPOILT = {
    "sequence": ["DTSTART:20260106T140000Z", "DTEND:20260106T150000Z", "SEQUENCE:x"],
    "two sequences": ["DTSTART:20260106T140000Z", "SEQUENCE:1", "SEQUENCE:2", "RRULE:FREQ=DAILY"],
    "two starts": ["DTSTART:20260106T140000Z", "DTSTART:20260107T140000Z"],
    "period": ["DTSTART;VALUE=PERIOD:20260106T140000Z/PT1H"],
    "time": ["DTSTART;VALUE=TIME:140000"],
    "no start": ["SUMMARY:x"],
    "long": ["DTSTART:20260106T140000Z", "DURATION:P9999999W"],
    "never": ["DTSTART;VALUE=DATE:99991231"],
    "year 1": ["DTSTART:00010101T000000Z", "DTEND:00010101T010000Z"],
}


@pytest.mark.parametrize("lines", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_event_costs_only_itself(lines: list[str]) -> None:
    """Before, between and after good ones, of which there is an odd number."""
    good = [golf("RRULE:FREQ=WEEKLY").replace("UID:x", f"UID:good{number}") for number in range(3)]
    bad = calendar(*lines).replace("UID:x", "UID:bad")
    for place in range(4):
        texts = [*good[:place], bad, *good[place:]]
        events = "".join(text.partition("VERSION:2.0\r\n")[2].removesuffix("END:VCALENDAR\r\n") for text in texts)
        raw = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n"
        labels = [time.label for time in busy.from_text(raw, *WEEK, ZONE, label="bad", all_day=True)]
        assert labels.count("Golf") == 3
        assert len(busy.from_texts([raw, "rubbish"], *WEEK, ZONE, all_day=True)) == len(labels)


def test_an_event_inside_an_event_is_no_event() -> None:
    assert starts(golf("RRULE:FREQ=WEEKLY", "BEGIN:VEVENT", "END:VEVENT")) == ["Mon 14:00"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-30",
        "FREQ=DAILY;BYMONTHDAY=1;BYSETPOS=3",
        "FREQ=DAILY;BYMONTH=2;BYYEARDAY=366",
        "BYDAY=MO",
    ],
)
def test_a_rule_without_end_is_never_unfolded(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unfolded: list[object] = []

    def of(calendar: Any, **_: object) -> Any:
        unfolded.extend(calendar.walk("VEVENT"))
        return real(calendar, skip_bad_series=True)

    real = busy.recurring_ical_events.of
    monkeypatch.setattr(busy.recurring_ical_events, "of", of)
    assert starts(golf(f"RRULE:{rule}")) == []
    assert unfolded == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=7",
        "FREQ=MONTHLY;BYMONTHDAY=-27",
        "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5",
        "FREQ=YEARLY;BYYEARDAY=5",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
        "FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=5,30",
    ],
)
def test_rules_that_people_make_are_unfolded(rule: str) -> None:
    assert starts(golf(f"RRULE:{rule}")) == ["Mon 14:00"]


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "golf.ics"
    with pytest.raises(CalendarError):
        busy.from_file(path, *WEEK, ZONE)
    path.write_text(golf("RRULE:FREQ=WEEKLY"), newline="")
    source = IcsBusy.model_validate({"type": "ics", "path": str(path)})
    assert [time.label for time in busy.busy_times(source, *WEEK, ZONE, name="league")] == ["Golf"]
    path.write_text("<html>")
    with pytest.raises(Unavailable):
        busy.from_file(path, *WEEK, ZONE)


@pytest.mark.sqlite
def test_no_foreign_file_is_read_while_the_store_is_held_for_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "golf.ics").write_text(golf("RRULE:FREQ=WEEKLY"), newline="")
    (tmp_path / "config.yaml").write_text(
        f"store: {stores.url(tmp_path / 'store.db')}\nreps: {{dana: {{timezone: America/Detroit, targets: [file], busy: [golf]}}}}\n"
        "targets: {file: {type: ics, path: out.ics}}\nbusy: {golf: {type: ics, path: golf.ics}}\n"
    )
    common = ["--config", str(tmp_path / "config.yaml"), "--now", "2026-01-06T09:00"]
    reads = []

    def reading(*args: Any, **kwargs: Any) -> Any:
        with contextlib.closing(sqlite3.connect(tmp_path / "store.db", timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # fails where somebody writes
            reads.append(args)
        return real(*args, **kwargs)

    real = busy.busy_times
    monkeypatch.setattr(busy, "busy_times", reading)
    assert main([*common, "add", "Call Jenny 248.867.5309 today 2pm to determine next steps"]) == 0
    assert main([*common, "log", "jenny", "next", "coffee Friday 3pm"]) == 0
    assert len(reads) == 2


def test_an_address_never_shows_in_an_error(scripts: list[Script]) -> None:  # noqa: F811  # the fixture
    here, there = scripts
    url = f"{here.base}/private-0123456789abcdef/basic.ics"
    here.replies = [Reply(200, {"Content-Type": "text/calendar"}, golf("RRULE:FREQ=WEEKLY").encode())]
    assert len(busy.from_url(url, *WEEK, ZONE, timeout=20)) == 1
    for reply in (
        Reply(500),
        Reply(404),
        Reply(200, {"Content-Type": "text/html"}, b"<html>"),
        Reply(200, {}, b"x" * 6_000_000),
        Reply(lost=True),
    ):
        here.replies = [reply]
        with pytest.raises(CalendarError) as caught:
            busy.from_url(url, *WEEK, ZONE, timeout=20)
        assert "private" not in str(caught.value)
    assert there.requests == []


def test_a_secret_address_is_read_and_reaches_neither_store_nor_log_nor_status(
    scripts: list[Script],  # noqa: F811  # the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here, _ = scripts
    monkeypatch.setenv("GOLF", f"{here.base.replace('://', '://dana:hunter2@')}/private-hunter2/basic.ics?token=hunter2")
    (tmp_path / "config.yaml").write_text(
        f"store: {stores.url(tmp_path / 'store.db')}\nreps: {{dana: {{timezone: America/Detroit, targets: [file], busy: [golf]}}}}\n"
        "targets: {file: {type: ics, path: out.ics}}\nbusy: {golf: {type: ics, url: {env: GOLF}}}\n"
    )
    common = ["--config", str(tmp_path / "config.yaml"), "--verbose", "--now", "2026-01-06T09:00"]
    here.replies = [Reply(200, {"Content-Type": "text/calendar"}, golf("RRULE:FREQ=WEEKLY").encode())]
    assert main([*common, "add", "Call Jenny 248.867.5309 Friday 2pm"]) == 0
    assert main([*common, "sync"]) == 0
    assert (here.requests[-1].path, "Authorization" in here.requests[-1].headers) == ("/private-hunter2/basic.ics?token=hunter2", True)
    for reply in (Reply(404), Reply(lost=True), Reply(200, {}, b"<html>")):
        here.replies = [reply] * 9
        for command in ("sync", "status", "check", "doctor", "plan"):
            main([*common, command])
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


@pytest.fixture
def personal(radicale: Server) -> CaldavCalendar:
    return open_caldav(
        url=radicale.url,
        username=radicale.username,
        password=radicale.password,
        calendar=f"Personal {next(_NUMBERS)}",
        timeout=30,
        zone=ZONE,
        clock=lambda: NOW,
    )


def test_a_caldav_account(radicale: Server, personal: CaldavCalendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE", radicale.password)
    personal.put(personal.href("golf"), golf("RRULE:FREQ=WEEKLY"), {})
    personal.create(personal.href(CALL.uid), CALL)
    name = f"Personal {next(_NUMBERS) - 1}"
    common = {"type": "caldav", "url": radicale.url, "username": radicale.username, "password": {"env": "PHONE"}}
    source = CalDavBusy.model_validate({**common, "calendars": [name]})
    times = busy.busy_times(source, *WEEK, ZONE, name="personal")
    assert [(time.label, time.start) for time in times] == [("Golf", MONDAY.replace(hour=14)), (CALL.title, CALL.start)]
    with pytest.raises(CalendarError, match="no calendar named Nowhere"):
        busy.busy_times(source.model_copy(update={"calendars": ("Nowhere",)}), *WEEK, ZONE, name="personal")
    itself = source.model_copy(update={"url": personal.collection, "calendars": ()})
    assert busy.busy_times(itself, *WEEK, ZONE, name="personal") == times
    target = CalDavTarget.model_validate({**common, "calendar": name})
    opened = open_calendar(target, zone=ZONE, clock=lambda: NOW)
    assert opened.collection == personal.collection


def test_targets_that_are_no_calendar(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="publish"):
        open_calendar(IcsTarget.model_validate({"type": "ics", "path": str(tmp_path / "x.ics")}), zone=UTC, clock=lambda: NOW)


PRIVATE = "Oncologist Dr Miller second opinion"


@pytest.mark.parametrize(
    "lines",
    [[PRIVATE], [f"DTSTART:{PRIVATE}"], [f"BEGIN:{PRIVATE}"], [f"RRULE:FREQ={PRIVATE}", "DTSTART:x"], [f"END:{PRIVATE}"]],
)
def test_no_line_of_a_calendar_that_cannot_be_read_is_told(lines: list[str], tmp_path: Path) -> None:
    """What is told of a source is logged, and shown by status."""
    (tmp_path / "doctor.ics").write_text(calendar(*lines), newline="")
    said: list[str] = []
    for read in (
        lambda: busy.from_file(tmp_path / "doctor.ics", *WEEK, ZONE),
        lambda: ics.read(calendar(*lines), ZONE),
        lambda: ics.render(CALL, raw=calendar(*lines), stamp=NOW),
        lambda: ics.parse(f"BEGIN:{PRIVATE}\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nEND:{PRIVATE}\r\n"),
    ):
        try:
            read()
        except (ValueError, CalendarError) as error:
            said.append(str(error))
    assert said
    assert not [sentence for sentence in said if "Miller" in sentence.title()]


FREE_BUSY = "\r\n".join(
    (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:x",
        "BEGIN:VFREEBUSY",
        "UID:f",
        "DTSTAMP:20260101T000000Z",
        "FREEBUSY:20260106T140000Z/20260106T150000Z,20260107T140000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260108T140000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20260109T140000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260119T140000Z/PT1H",
        "END:VFREEBUSY",
        "END:VCALENDAR",
        "",
    )
)


def test_a_calendar_that_shows_only_when_somebody_is_busy() -> None:
    assert starts(FREE_BUSY) == ["Tue 09:00", "Wed 09:00", "Thu 09:00"]
    one_line = FREE_BUSY.replace("FREEBUSY;FBTYPE", "X-FREEBUSY;FBTYPE")
    assert [time.label for time in busy.from_text(one_line, *WEEK, ZONE, label="personal")] == ["personal", "personal"]
    with pytest.raises(ValueError, match="broken"):
        starts(FREE_BUSY.replace("20260106T140000Z/20260106T150000Z", "soon"))


@pytest.mark.parametrize(
    ("lines", "free"),
    [
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE",), True),
        (("X-MICROSOFT-CDO-BUSYSTATUS:BUSY",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"), False),
        (("X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "TRANSP:TRANSPARENT"), True),
    ],
)
def test_what_outlook_calls_free_is_free(lines: tuple[str, ...], free: bool) -> None:
    assert bool(starts(golf("RRULE:FREQ=DAILY", *lines))) is not free
