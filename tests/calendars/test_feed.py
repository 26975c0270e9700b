from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from followsync.calendars.feed import Published, publish
from followsync.core.cadence import Form
from followsync.errors import CalendarError
from tests.calendars.contract import CALL, NOW, SHAPES
from tests.calendars.test_ics import BERLIN

LATER = NOW + timedelta(hours=5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "follow-ups.ics"


def put(path: Path, *items: object, stamp: object = NOW) -> Published:
    return publish(path, items, name="Follow-ups", stamp=stamp)  # type: ignore[arg-type]  # tests pass what they please


def entry(path: Path, uid: str) -> str:
    text = path.read_bytes().decode()
    start = text.index(f"BEGIN:VEVENT\r\nUID:{uid}\r\n")
    return text[start : text.index("END:VEVENT", start)]


def test_the_file_is_a_calendar_that_readers_come_back_to(path: Path) -> None:
    assert put(path, *SHAPES) == Published(len(SHAPES), 0, 0)
    text = path.read_bytes().decode()
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in text
    assert "NAME:Follow-ups\r\nX-WR-CALNAME:Follow-ups\r\n" in text
    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("BEGIN:VTIMEZONE") == 1
    calendar = Calendar.from_ical(path.read_bytes())
    assert [str(event["UID"]) for event in calendar.walk("VEVENT")] == sorted(item.uid for item in SHAPES)
    assert not calendar.walk("VTODO")
    assert not any(word in text for word in ("ATTENDEE", "ORGANIZER"))


def test_each_zone_is_explained_once(path: Path) -> None:
    berlin = replace(CALL, uid="fs1berlin", start=CALL.start.astimezone(BERLIN), end=CALL.end.astimezone(BERLIN))
    put(path, CALL, berlin, replace(CALL, uid="fs1two"))
    assert [str(zone["TZID"]) for zone in Calendar.from_ical(path.read_bytes()).walk("VTIMEZONE")] == ["America/Detroit", "Europe/Berlin"]


def test_only_its_owner_may_read_it(path: Path) -> None:
    put(path, CALL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o600])
def test_who_may_read_it_is_the_administrators_to_say(path: Path, mode: int) -> None:
    put(path, CALL)
    path.chmod(mode)
    put(path, replace(CALL, title="Visit Jenny"))
    assert "Visit Jenny" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_its_group_stays_or_has_no_rights(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(path, CALL)
    path.chmod(0o664)
    asked = []
    monkeypatch.setattr(os, "fchown", lambda handle, user, group: asked.append((user, group)))
    put(path, replace(CALL, title="one"))
    assert asked == [(-1, path.stat().st_gid)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o664

    def refused(handle: int, user: int, group: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refused)
    put(path, replace(CALL, title="two"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_nothing_new_leaves_the_file_alone(path: Path) -> None:
    put(path, *SHAPES)
    before = path.stat()
    assert put(path, *reversed(SHAPES), stamp=LATER) == Published(0, 0, 0)
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_change_touches_one_entry_and_raises_its_sequence(path: Path) -> None:
    other = replace(CALL, uid="fs1other")
    put(path, CALL, other)
    kept = entry(path, "fs1other")
    assert put(path, replace(CALL, title="Visit Jenny"), other, stamp=LATER) == Published(0, 1, 0)
    assert entry(path, "fs1other") == kept
    assert "SEQUENCE:1\r\n" in entry(path, "fs1call")
    assert "DTSTAMP:20260105T170000Z\r\n" in entry(path, "fs1call")
    put(path, CALL, other, stamp=LATER)
    assert "SEQUENCE:2\r\n" in entry(path, "fs1call")


def test_what_is_no_longer_there_is_gone(path: Path) -> None:
    put(path, CALL, replace(CALL, uid="fs1other"))
    assert put(path, replace(CALL, uid="fs1new"), CALL) == Published(1, 0, 1)
    assert "fs1other" not in path.read_text()


def test_a_task_is_shown_as_an_event(path: Path) -> None:
    put(path, replace(CALL, form=Form.TASK, done=True))
    text = entry(path, "fs1call")
    assert "DTEND" in text
    assert "STATUS:CONFIRMED" in text
    assert put(path, replace(CALL, form=Form.TASK, done=True), stamp=LATER) == Published(0, 0, 0)


@pytest.mark.parametrize("spoilt", [b"", b"\xff\xfe", b"<html>", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x"])
def test_a_spoilt_file_is_replaced(path: Path, spoilt: bytes) -> None:
    path.write_bytes(spoilt)
    assert put(path, CALL).created == 1
    assert "fs1call" in path.read_text()


def test_an_empty_calendar_is_whole_too(path: Path) -> None:
    assert put(path) == Published(0, 0, 0)
    assert path.read_bytes().endswith(b"END:VCALENDAR\r\n")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="does not exist"):
        put(tmp_path / "none" / "x.ics", CALL)


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="cannot be read"):
        put(tmp_path, CALL)


def test_no_temporary_file_stays_behind(path: Path) -> None:
    put(path, CALL)
    put(path, replace(CALL, title="x"))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
