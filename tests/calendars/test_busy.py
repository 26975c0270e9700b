from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from followsync.calendars import busy, open_calendar
from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.config.settings import CalDavBusy, CalDavTarget, GoogleTarget, IcsBusy, IcsTarget
from followsync.errors import CalendarError, Unavailable
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
    personal._put(personal.href("golf"), golf("RRULE:FREQ=WEEKLY"), {})
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
    google = GoogleTarget.model_validate({"type": "google", "client_secrets": {"env": "A"}, "token": {"env": "B"}})
    with pytest.raises(CalendarError, match="does not write to Google yet"):
        open_calendar(google, zone=UTC, clock=lambda: NOW)
    with pytest.raises(CalendarError, match="publish"):
        open_calendar(IcsTarget.model_validate({"type": "ics", "path": str(tmp_path / "x.ics")}), zone=UTC, clock=lambda: NOW)
