from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from icalendar.parser import Contentline

from followsync import ics
from followsync.calendars.memory import MemoryCalendar, MemoryServer
from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.item import Item
from followsync.ics import reading, writing
from followsync.ics import zones as time_zones
from tests.calendars.contract import CALL, NOW, SHAPES, START, ZONE, same

LATER = NOW + timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")

GOLDEN = """\
BEGIN:VEVENT
UID:fs1call
DTSTAMP:20260105T120000Z
LAST-MODIFIED:20260105T120000Z
SEQUENCE:0
DTSTART;TZID=America/Detroit:20260108T140000
DTEND;TZID=America/Detroit:20260108T141500
SUMMARY:Call Jenny to determine next steps – 248.867.5309
DESCRIPTION:248.867.5309\\nAsk: what happens next?\\; \\\\n\\, end
LOCATION:Joe's Diner\\, Main St\\; Detroit
URL:tel:+12488675309
TRANSP:OPAQUE
STATUS:CONFIRMED
X-FOLLOWSYNC-ACTION:a-1
X-FOLLOWSYNC-PROSPECT:jenny
X-FOLLOWSYNC-KIND:promise
X-FOLLOWSYNC-DUE:2026-01-08
BEGIN:VALARM
UID:fs1call-alarm-15
ACTION:DISPLAY
DESCRIPTION:Call Jenny to determine next steps – 248.867.5309
TRIGGER:-PT15M
END:VALARM
BEGIN:VALARM
UID:fs1call-alarm-60
ACTION:DISPLAY
DESCRIPTION:Call Jenny to determine next steps – 248.867.5309
TRIGGER:-PT1H
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def calendar(*lines: str, before: tuple[str, ...] = (), kind: str = "VEVENT") -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *before, f"BEGIN:{kind}", "UID:x", *lines, f"END:{kind}", "END:VCALENDAR", ""])


FOREIGN = calendar(
    "DTSTAMP:20260101T000000Z",
    "DTSTART;TZID=America/Detroit:20260108T140000",
    "DTEND;TZID=America/Detroit:20260108T150000",
    "SUMMARY;LANGUAGE=en:Lunch\\, maybe",
    "CLASS:PRIVATE",
    "COLOR:green",
    'X-ODD;X-P="a,b;c":1\\,2;3',
    "RRULE:FREQ=WEEKLY;BYDAY=TH",
    "EXDATE;TZID=America/Detroit:20260115T140000",
    "ORGANIZER;CN=Dana:mailto:dana@example.org",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:jenny@example.org",
    "SEQUENCE:4",
    "X-MOZ-LASTACK:20260101T000000Z",
    "BEGIN:VALARM",
    "ACTION:AUDIO",
    "TRIGGER:-PT10M",
    "ATTACH;VALUE=URI:Basso",
    "ACKNOWLEDGED:20260101T000000Z",
    "END:VALARM",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "X-APPLE-DEFAULT-ALARM:TRUE",
    "TRIGGER:-PT30M",
    "END:VALARM",
)


def lines_that_changed(before: str, after: str) -> tuple[set[str], set[str]]:
    old, new = before.split("\r\n"), after.split("\r\n")
    return set(old) - set(new), set(new) - set(old)


# -- writing


def test_the_bytes_of_an_event() -> None:
    text = ics.render(CALL, stamp=NOW)
    assert text.startswith(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//FollowSync//FollowSync//EN\r\nCALSCALE:GREGORIAN\r\nBEGIN:VTIMEZONE\r\n"
    )
    assert text[text.index("BEGIN:VEVENT") :] == GOLDEN.replace("\n", "\r\n")


def test_a_zone_is_explained_with_both_its_halves() -> None:
    text = ics.render(CALL, stamp=NOW)
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "BEGIN:STANDARD" in text
    assert "BEGIN:DAYLIGHT" in text
    assert "TZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400" in text


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("UTC"), timezone(timedelta(hours=-5))])
def test_times_without_a_named_zone_are_written_in_utc(zone: timezone | ZoneInfo) -> None:
    text = ics.render(replace(CALL, start=START.astimezone(zone), end=CALL.end.astimezone(zone)), stamp=NOW)
    assert "DTSTART:20260108T190000Z" in text
    assert "VTIMEZONE" not in text


def test_a_ticked_task_says_so_three_times_and_can_be_reopened() -> None:
    task = replace(CALL, form=Form.TASK, busy=False, done=True)
    text = ics.render(task, stamp=NOW)
    assert "STATUS:COMPLETED\r\nCOMPLETED:20260105T120000Z\r\nPERCENT-COMPLETE:100\r\n" in text
    assert "DUE;TZID=America/Detroit:20260108T141500" in text
    again = ics.render(replace(task, done=False), raw=text, stamp=LATER)
    assert "STATUS:NEEDS-ACTION" in again
    assert "COMPLETED" not in again
    assert "SEQUENCE:1" in again


def test_days_end_the_day_after_for_events_and_the_day_itself_for_tasks() -> None:
    midnight = START.replace(hour=0)
    days = replace(CALL, all_day=True, start=midnight, end=midnight + timedelta(days=2))
    event, task = ics.render(days, stamp=NOW), ics.render(replace(days, form=Form.TASK), stamp=NOW)
    assert "DTSTART;VALUE=DATE:20260108\r\nDTEND;VALUE=DATE:20260110\r\n" in event
    assert "DTSTART;VALUE=DATE:20260108\r\nDUE;VALUE=DATE:20260109\r\n" in task
    assert "VTIMEZONE" not in event


def test_nobody_is_ever_invited() -> None:
    for item in SHAPES:
        text = ics.render(item, stamp=NOW)
        assert not any(word in text for word in ("ATTENDEE", "ORGANIZER", "RRULE", "METHOD", "CLASS"))


# -- writing over what stands there


@pytest.mark.parametrize("item", SHAPES, ids=lambda item: item.uid)
def test_writing_the_same_changes_only_the_stamps(item: Item) -> None:
    text = ics.render(item, stamp=NOW)
    gone, new = lines_that_changed(text, ics.render(item, raw=text, stamp=LATER))
    assert gone == {"DTSTAMP:20260105T120000Z", "LAST-MODIFIED:20260105T120000Z"}
    assert new == {"DTSTAMP:20260106T120000Z", "LAST-MODIFIED:20260106T120000Z"}


def test_a_new_title_leaves_all_else_and_the_sequence() -> None:
    item = replace(ics.read(FOREIGN, ZONE), title="Dinner")
    gone, new = lines_that_changed(FOREIGN, without_zones(ics.render(item, raw=FOREIGN, stamp=LATER)))
    assert gone == {"DTSTAMP:20260101T000000Z", "SUMMARY;LANGUAGE=en:Lunch\\, maybe"}
    assert new == {"DTSTAMP:20260106T120000Z", "LAST-MODIFIED:20260106T120000Z", "SUMMARY:Dinner"}


def test_a_new_time_raises_the_sequence_by_one() -> None:
    item = ics.read(FOREIGN, ZONE)
    moved = ics.render(replace(item, start=item.start + timedelta(hours=1), end=item.end + timedelta(hours=1)), raw=FOREIGN, stamp=LATER)
    gone, new = lines_that_changed(FOREIGN, without_zones(moved))
    assert {"SEQUENCE:4", "DTSTART;TZID=America/Detroit:20260108T140000", "DTEND;TZID=America/Detroit:20260108T150000"} < gone
    assert {"SEQUENCE:5", "DTSTART;TZID=America/Detroit:20260108T150000", "DTEND;TZID=America/Detroit:20260108T160000"} < new
    assert len(gone) == 4


def test_an_alarm_that_stays_keeps_what_other_programs_put_into_it() -> None:
    item = ics.read(FOREIGN, ZONE)
    assert item.alarms == (10,)
    both = ics.render(replace(item, alarms=(10, 45)), raw=FOREIGN, stamp=LATER)
    assert "ATTACH;VALUE=URI:Basso\r\nACKNOWLEDGED:20260101T000000Z" in both
    assert "TRIGGER:-PT45M" in both
    none = ics.render(replace(item, alarms=()), raw=both, stamp=LATER)
    assert "Basso" not in none
    assert "X-APPLE-DEFAULT-ALARM:TRUE" in none
    assert ics.read(none, ZONE).alarms == ()


def test_an_alarm_of_ours_says_what_the_entry_says() -> None:
    item = replace(CALL, alarms=(15,))
    first = ics.render(item, stamp=NOW)
    changed = ics.render(replace(item, title="Call Dov to sign – 248.555.7777"), raw=first, stamp=LATER)
    assert changed.count("Call Dov to sign – 248.555.7777") == 2, "in the title and in the alarm"
    assert item.title not in changed
    foreign = ics.render(replace(ics.read(FOREIGN, ZONE), title="Lunch"), raw=FOREIGN, stamp=LATER)
    assert "ATTACH;VALUE=URI:Basso\r\nACKNOWLEDGED:20260101T000000Z" in foreign


def test_an_absolute_alarm_follows_the_entry() -> None:
    raw = calendar(
        "DTSTART:20260108T190000Z", "DTEND:20260108T200000Z", "BEGIN:VALARM", "TRIGGER;VALUE=DATE-TIME:20260108T184500Z", "END:VALARM"
    )
    item = ics.read(raw, ZONE)
    assert item.alarms == (15,)
    moved = replace(item, start=item.start + timedelta(days=1), end=item.end + timedelta(days=1))
    assert ics.read(ics.render(moved, raw=raw, stamp=LATER), ZONE).alarms == (15,)


def test_a_duration_gives_way_to_an_end() -> None:
    raw = calendar("DTSTART:20260108T190000Z", "DURATION:PT30M")
    item = ics.read(raw, ZONE)
    assert item.end - item.start == timedelta(minutes=30)
    text = ics.render(replace(item, end=item.end + timedelta(minutes=30)), raw=raw, stamp=LATER)
    assert "DURATION" not in text
    assert "DTEND;TZID=America/Detroit:20260108T150000" in text


@pytest.mark.parametrize("name", ["America/Detroit", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"])
def test_what_a_zone_tells_is_what_the_clocks_there_do(name: str) -> None:
    """Each turn is told by the clock that it ends (RFC 5545, 3.6.5): as a moment it is the one at which the offset changes."""
    zone = ZoneInfo(name)
    item = replace(CALL, start=datetime(2026, 7, 8, 9, tzinfo=zone), end=datetime(2026, 7, 8, 10, tzinfo=zone))
    (told,) = Calendar.from_ical(ics.render(item, stamp=NOW)).walk("VTIMEZONE")
    turns = 0
    for part in told.subcomponents:
        for start in (part.DTSTART, *(one.dt for one in (part["RDATE"].dts if "RDATE" in part else ()))):
            moment = start.replace(tzinfo=timezone(part.TZOFFSETFROM)).astimezone(UTC)
            assert moment.astimezone(zone).utcoffset() == part.TZOFFSETTO
            if part.TZOFFSETFROM != part.TZOFFSETTO:
                assert (moment - timedelta(seconds=1)).astimezone(zone).utcoffset() == part.TZOFFSETFROM
                turns += 1
    days = (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(6 * 365))
    assert turns == sum(day.astimezone(zone).utcoffset() != (day + timedelta(days=1)).astimezone(zone).utcoffset() for day in days)


def test_an_event_is_not_made_a_task_in_place() -> None:
    with pytest.raises(ValueError, match="VEVENT"):
        ics.render(replace(CALL, form=Form.TASK), raw=ics.render(CALL, stamp=NOW), stamp=LATER)


def without_zones(text: str) -> str:
    start, end = text.find("BEGIN:VTIMEZONE"), text.rfind("END:VTIMEZONE\r\n")
    return text if start < 0 else text[:start] + text[end + len("END:VTIMEZONE\r\n") :]


# -- reading

CUSTOM = (
    "BEGIN:VTIMEZONE",
    "TZID:Our office",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:{0}",
    "TZOFFSETTO:{0}",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@pytest.mark.parametrize(
    ("start", "before", "expected"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260708T090000", (), "2026-07-08T07:00"),
        ("DTSTART;TZID=W. Europe Standard Time:20260708T090000", (), "2026-07-08T07:00"),
        ('DTSTART;TZID="Eastern Standard Time":20260708T090000', (), "2026-07-08T13:00"),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260708T090000", (), "2026-07-08T07:00"),
        ("DTSTART;TZID=Our office:20260708T090000", tuple(line.format("+0300") for line in CUSTOM), "2026-07-08T06:00"),
        ("DTSTART;TZID=Our office:20260708T090000", tuple(line.format("-0800") for line in CUSTOM), "2026-07-08T17:00"),
        ("DTSTART;TZID=Nowhere:20260708T090000", (), "2026-07-08T13:00"),
        ("DTSTART:20260708T090000Z", (), "2026-07-08T09:00"),
        ("DTSTART:20260708T090000", (), "2026-07-08T13:00"),
        ("DTSTART;VALUE=DATE:20260708", (), "2026-07-08T04:00"),
        ("DTSTART;TZID=America/Detroit:20260308T023000", (), "2026-03-08T07:30"),
        ("DTSTART;TZID=America/Detroit:20261101T013000", (), "2026-11-01T05:30"),
    ],
)
def test_zones(start: str, before: tuple[str, ...], expected: str) -> None:
    item = ics.read(calendar(start, before=before), ZONE)
    assert item.start.astimezone(UTC) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_the_second_half_past_one_of_an_autumn_night() -> None:
    second = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZONE)
    item = replace(CALL, start=second, end=second.replace(minute=45))
    read = ics.read(ics.render(item, stamp=NOW), ZONE)
    assert read.start.astimezone(UTC) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert read.start.fold == 1


def test_a_time_that_the_clocks_skip_is_written_as_one_that_exists() -> None:
    gap = replace(CALL, start=datetime(2026, 3, 8, 2, 30, tzinfo=ZONE), end=datetime(2026, 3, 8, 3, 30, tzinfo=ZONE))
    assert "DTSTART;TZID=America/Detroit:20260308T033000" in ics.render(gap, stamp=NOW)


@pytest.mark.parametrize(
    ("lines", "start", "end", "all_day"),
    [
        (["DUE:20260108T190000Z"], "2026-01-08T14:00", "2026-01-08T14:00", False),
        (["DUE;VALUE=DATE:20260108"], "2026-01-08T00:00", "2026-01-09T00:00", True),
        (["DTSTART;VALUE=DATE:20260107", "DUE;VALUE=DATE:20260108"], "2026-01-07T00:00", "2026-01-09T00:00", True),
        (["DTSTART:20260108T190000Z", "DURATION:PT1H"], "2026-01-08T14:00", "2026-01-08T15:00", False),
        (["DTSTART:20260108T190000Z"], "2026-01-08T14:00", "2026-01-08T14:00", False),
        (["DTSTART:20260109T190000Z", "DUE:20260108T190000Z"], "2026-01-08T14:00", "2026-01-08T14:00", False),
        (["SUMMARY:some day"], "1969-12-31T19:00", "1969-12-31T19:00", False),
    ],
)
def test_the_times_of_tasks(lines: list[str], start: str, end: str, all_day: bool) -> None:
    item = ics.read(calendar(*lines, kind="VTODO"), ZONE)
    assert (item.start.isoformat()[:16], item.end.isoformat()[:16], item.all_day) == (start, end, all_day)


@pytest.mark.parametrize("line", ["STATUS:COMPLETED", "COMPLETED:20260101T000000Z", "PERCENT-COMPLETE:100"])
def test_a_task_is_ticked_by_any_of_three(line: str) -> None:
    assert ics.read(calendar("DUE:20260108T190000Z", line, kind="VTODO"), ZONE).done
    assert not ics.read(calendar("DUE:20260108T190000Z", "STATUS:NEEDS-ACTION", "PERCENT-COMPLETE:50", kind="VTODO"), ZONE).done


def test_a_cancelled_event_is_not_done() -> None:
    assert not ics.read(calendar("DTSTART:20260108T190000Z", "STATUS:CANCELLED"), ZONE).done


def test_alarms() -> None:
    def alarm(*lines: str) -> tuple[str, ...]:
        return ("BEGIN:VALARM", "ACTION:DISPLAY", *lines, "END:VALARM")

    raw = calendar(
        "DTSTART:20260108T190000Z",
        "DTEND:20260108T193000Z",
        *alarm("TRIGGER:-P1D"),
        *alarm("TRIGGER;RELATED=END:-PT45M"),
        *alarm("TRIGGER:PT0S", "ACKNOWLEDGED:20260101T000000Z"),
        *alarm("TRIGGER;VALUE=DATE-TIME:20260108T185500Z"),
        *alarm("TRIGGER;VALUE=DATE-TIME:20260108T185900Z", "RELATED-TO;RELTYPE=SNOOZE:abc"),
        *alarm("TRIGGER:-PT7M", "X-APPLE-DEFAULT-ALARM:TRUE"),
        *alarm("TRIGGER:-PT15M"),
        *alarm("TRIGGER:-PT15M"),
    )
    assert ics.read(raw, ZONE).alarms == (0, 5, 15, 1440)


def test_text_is_read_in_one_spelling() -> None:
    raw = calendar(
        "DTSTART:20260108T190000Z",
        "SUMMARY:Cafe\u0301 ",
        "DESCRIPTION:one  \\r\\ntwo\\n\\n",
        "X-FOLLOWSYNC-KIND:poem",
        "X-FOLLOWSYNC-DUE:soon",
    )
    item = ics.read(raw, ZONE)
    assert (item.title, item.kind, item.due) == ("Café", None, None)
    assert item.body.startswith("one")
    assert item.body.endswith("two")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "rubbish",
        "/etc/hostname",
        "<!DOCTYPE html><html><body>BEGIN:VCALENDAR</body></html>",
        "BEGIN:VCARD\r\nEND:VCARD\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        calendar("SUMMARY:no start"),
        calendar("DTSTART:rubbish"),
        calendar("DTSTART:20260108T190000Z", "DTEND:20269999T190000Z"),
        calendar("DUE:tomorrow", kind="VTODO"),
        ics.render(CALL, stamp=NOW)[:-40],
        ics.render(CALL, stamp=NOW)[:200],
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(raw: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        ics.read(raw, ZONE)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["DTSTART:00010101T000000Z"], "VEVENT"),
        (["DTSTART:00010101T000000"], "VEVENT"),
        (["DTSTART;VALUE=DATE:00010101"], "VEVENT"),
        (["DTSTART;TZID=Asia/Tokyo:00010101T000000"], "VEVENT"),
        (["DTSTART:99991231T235959"], "VEVENT"),
        (["DTSTART:20260108T190000Z", "DTEND:99991231T235959Z"], "VEVENT"),
        (["DUE;VALUE=DATE:99991231"], "VTODO"),
        (["DUE:22000101T000000Z"], "VTODO"),
        (["DTSTART:19701231T120000Z"], "VEVENT"),
        (["DTSTART:20260108T190000Z", "DURATION:P9999999W"], "VEVENT"),
        (["DTSTART;VALUE=DATE:20260108", "DURATION:P9999999W"], "VEVENT"),
        (["DTSTART;VALUE=PERIOD:20260101T100000Z/PT1H"], "VEVENT"),
        (["DTSTART;VALUE=TIME:100000"], "VEVENT"),
    ],
)
def test_times_that_no_calendar_shows_are_told(lines: list[str], kind: str) -> None:
    raw = calendar(*lines, kind=kind)
    server = MemoryServer()
    href = server.phone_add(raw)
    seen = MemoryCalendar(server, ZONE).read([href])[href]
    assert seen is not None
    assert (seen.item, bool(seen.trouble)) == (None, True)
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        ics.render(CALL, raw=raw, stamp=NOW)


def test_a_far_away_day_is_told_as_what_it_is() -> None:
    with pytest.raises(ValueError, match="31 December 9999 is a day that no follow-up stands on"):
        ics.read(calendar("DTSTART:99991231T235959"), ZONE)
    assert ics.read(calendar("DTSTART:19710101T120000Z"), ZONE).start.year == 1971
    assert ics.read(calendar("DTSTART:21991230T120000Z"), ZONE).start.year == 2199


@pytest.mark.parametrize("trigger", ["TRIGGER;VALUE=DATE-TIME:00010101T000000", "TRIGGER:-P999999999D", "TRIGGER;RELATED=END:P999999999D"])
def test_an_alarm_that_never_rings_does_not_spoil_its_entry(trigger: str) -> None:
    times = ("DTSTART:20260108T190000Z", "DTEND:20260108T200000Z")
    raw = calendar(*times, "SUMMARY:Call", "SEQUENCE:²", "BEGIN:VALARM", "ACTION:DISPLAY", trigger, "END:VALARM")
    item = ics.read(raw, ZONE)
    assert item.title == "Call"
    assert "SEQUENCE:1" in ics.render(replace(item, start=item.start - timedelta(hours=1)), raw=raw, stamp=NOW)


def test_the_first_occurrence_speaks_for_a_series() -> None:
    override = "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\nRECURRENCE-ID:20260115T190000Z\r\nDTSTART:20260115T200000Z\r\nSUMMARY:later"
    raw = calendar("DTSTART:20260108T190000Z", "SUMMARY:first", "RRULE:FREQ=WEEKLY", override)
    assert ics.read(raw, ZONE).title == "first"
    assert "SUMMARY:later" in ics.render(replace(ics.read(raw, ZONE), title="new"), raw=raw, stamp=LATER)


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\r", "\r\n"])
def test_every_kind_of_line_end_is_one(end: str) -> None:
    assert ics.clean(f"Meet Bob{end}Bring price list", lines=True) == "Meet Bob\nBring price list"
    assert ics.clean(f"Meet Bob{end}Bring price list") == "Meet Bob Bring price list"


# -- there and back

HOSTILE = st.text(st.characters(codec="utf-8") | st.sampled_from('\r\n\t\\,;:"^ \x00\x0b\x85\u2028é'), max_size=80) | st.sampled_from(
    ["x\r\nATTENDEE:mailto:a@example.org", "x\nEND:VEVENT\nBEGIN:VEVENT", "x\\nEND:VCALENDAR", "\u2028ORGANIZER:x", "a\rMETHOD:REQUEST"]
)
ZONES = st.sampled_from([ZONE, BERLIN, UTC, ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Auckland"), ZoneInfo("America/St_Johns")])


@st.composite
def items(draw: st.DrawFn) -> Item:
    start = draw(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=ZONES, allow_imaginary=False))
    all_day = draw(st.booleans())
    return Item(
        uid=draw(st.from_regex(r"[a-z0-9@.-]{1,40}", fullmatch=True)),
        form=draw(st.sampled_from(Form)),
        title=draw(HOSTILE),
        body=draw(HOSTILE),
        start=start,
        end=start + draw(st.timedeltas(timedelta(), timedelta(days=3))),
        location=draw(HOSTILE),
        url=draw(HOSTILE),
        busy=draw(st.booleans()),
        alarms=tuple(draw(st.lists(st.integers(-60, 20_000), max_size=4))),
        all_day=all_day,
        done=draw(st.booleans()),
        action=draw(HOSTILE),
        prospect=draw(HOSTILE),
        kind=draw(st.none() | st.sampled_from(Kind)),
        due=draw(st.none() | st.dates(date(2020, 1, 1), date(2035, 1, 1))),
    )


@given(items())
def test_what_is_written_is_read(item: Item) -> None:
    text = ics.render(item, stamp=NOW)
    assert as_instants(ics.read(text, item.start.tzinfo or UTC)) == as_instants(ics.cleaned(item))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@given(items(), items())
def test_what_is_written_over_another_is_read(old: Item, new: Item) -> None:
    new = replace(new, uid=old.uid, form=old.form)
    raw = ics.render(old, stamp=NOW)
    text = ics.render(new, raw=raw, stamp=LATER)
    assert as_instants(ics.read(text, new.start.tzinfo or UTC)) == replace(as_instants(ics.cleaned(new)), uid=ics.cleaned(old).uid)


@given(items())
def test_no_text_becomes_a_line(item: Item) -> None:
    allowed = {
        "BEGIN",
        "END",
        "UID",
        "DTSTAMP",
        "LAST-MODIFIED",
        "SEQUENCE",
        "DTSTART",
        "DTEND",
        "DUE",
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
    }
    allowed |= {"URL", "TRANSP", "STATUS", "COMPLETED", "PERCENT-COMPLETE", "ACTION", "TRIGGER"}
    text = without_zones(ics.render(item, stamp=NOW)).replace("\r\n ", "")
    entry = text[text.index("CALSCALE:GREGORIAN\r\n") + 20 :]
    names = {line.split(":")[0].split(";")[0] for line in entry.removesuffix("\r\n").split("\r\n")}
    assert {name for name in names if not name.startswith("X-FOLLOWSYNC-")} <= allowed
    assert [line for line in entry.split("\r\n") if line.startswith("BEGIN:")][1:] == ["BEGIN:VALARM"] * len(set(item.alarms))


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: "BEGIN:VCALENDAR\r\n" + data.decode("latin-1")))
def test_rubbish_is_an_error_and_nothing_else(raw: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # every sentence will do
        ics.read(raw, ZONE)


@given(st.data())
def test_a_spoilt_entry_is_read_or_told(data: st.DataObject) -> None:
    text = ics.render(data.draw(items()), stamp=NOW)
    at = data.draw(st.integers(0, len(text)))
    spoilt = text[:at] + data.draw(HOSTILE) + text[at + data.draw(st.integers(0, 40)) :]
    try:
        item = ics.read(spoilt, ZONE)
    except ValueError:
        return
    assert item.start <= item.end
    assert item.start.tzinfo is not None


def as_instants(item: Item) -> Item:
    return replace(item, start=item.start.astimezone(UTC), end=item.end.astimezone(UTC))


def test_same_is_not_always_true() -> None:
    assert not same(replace(CALL, title="x"), CALL)


# -- what is not done again for each entry


@given(st.text(st.sampled_from("ab \\^;,–é€🎉"), min_size=60, max_size=300))
def test_lines_are_folded_as_icalendar_folds_them(line: str) -> None:
    assert ics.fold(line) == Contentline(line).to_ical().decode()


ZONED = calendar("DTSTART;TZID=America/Detroit:20260108T140000", "SUMMARY:Lunch")
GOOD_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:America/Detroit\r\nx-odd:1\r\nBEGIN:STANDARD\r\nDTSTART:20251102T020000\r\nTZOFFSETFROM:-0400\r\n"
    "TZOFFSETTO:-0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(
    "zones",
    [
        GOOD_ZONE,
        GOOD_ZONE + GOOD_ZONE.replace("Detroit", "Chicago"),
        GOOD_ZONE.replace("America/Detroit", "Our Town"),
        GOOD_ZONE + GOOD_ZONE.replace("America/Detroit", "Our Town"),
        GOOD_ZONE.replace("END:STANDARD", "END:DAYLIGHT"),
        GOOD_ZONE.replace("END:STANDARD\r\n", ""),
        GOOD_ZONE.replace("\r\n", "\n"),
        GOOD_ZONE + "X-AFTER:1\r\n",
        "BEGIN:VEVENT\r\nRECURRENCE-ID:20260108T140000Z\r\nEND:VEVENT\r\n" + GOOD_ZONE,
    ],
    ids=["good", "two", "own name", "good and own", "wrong end", "no end", "line feeds", "something after", "something before"],
)
def test_a_zone_that_everybody_knows_is_left_out_of_reading_and_nothing_else_changes(zones: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ZONED.replace("BEGIN:VEVENT", f"{zones}BEGIN:VEVENT", 1)

    def told() -> list[object]:
        said: list[object] = []
        for work in (lambda: ics.read(text, BERLIN), lambda: ics.render(replace(CALL, uid="x"), raw=text, stamp=NOW)):
            try:
                said.append(work())
            except ValueError as error:
                said.append(str(error))
        return said

    shortly = told()
    for module in (reading, writing):
        monkeypatch.setattr(module, "parsed", lambda raw: (ics.parse(raw), ()))
    assert shortly == told()


def test_a_zone_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ics.render(CALL, stamp=NOW)
    ics.read(text, ZONE)
    parsed: list[str] = []
    monkeypatch.setattr(time_zones, "parse", lambda raw, parse=ics.parse: parsed.append(raw) or parse(raw))
    ics.read(text, ZONE)
    assert len(parsed) == 1
    assert "VTIMEZONE" not in parsed[0]
