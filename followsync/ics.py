"""Item <-> iCalendar text (RFC 5545). The only home of ``icalendar``.

Writing is reading, changing, writing: what Item does not know (a guest, a rule, a colour, another program's alarm) stays as it was found.
We never create RRULE, ATTENDEE or ORGANIZER: a calendar server would send mail for them (RFC 6638, section 3.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Component, Event, Timezone, Todo
from icalendar.prop import vDatetime, vDDDTypes, vDuration, vInt, vText, vUnknown, vUri
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.item import Item
from followsync.core.notes import plain_text

PRODID = "-//FollowSync//FollowSync//EN"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_NAMES = {Form.EVENT: "VEVENT", Form.TASK: "VTODO"}
_MARKS = tuple(f"X-FOLLOWSYNC-{name}" for name in ("ACTION", "PROSPECT", "KIND", "DUE", "DONE", "RESULT", "BLOCK", "SLOT", "NAMED"))
_OURS_ALONE = frozenset({"ATTENDEE", "ORGANIZER", "RRULE", "RDATE"})  # we never write them: whoever did, looks after the entry
_DATES = frozenset({"DTSTART", "DTEND", "DUE", "DURATION"})
_LINE = 74  # octets: what icalendar writes
_STARTS, _ENTRIES, _ZONE_ENDS = "BEGIN:VCALENDAR", ("BEGIN:VEVENT\r\n", "BEGIN:VTODO\r\n"), "\r\nEND:VTIMEZONE\r\n"
_ZONE = re.compile(r"BEGIN:VTIMEZONE\r\n(?s:.*?)\r\nEND:VTIMEZONE\r\n")
_Zones = tuple[tuple[str, str], ...]  # name and text of each
_NO_ZONES: _Zones = ()
_YEARS = range(1971, 2200)  # further off, a time cannot even be told in every zone
_LONGEST = timedelta(days=36600)
SPOILT = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
"""What iCalendar libraries raise on rubbish: besides ValueError they trip over the lists, words and spans they meet where they look for one
date or number, over times that no calendar reaches, and over entries inside entries without end."""
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")  # all that somebody types or pastes, or a program makes of it
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff]")


class _Spoilt(ValueError):
    """Its words are ours, and quote nothing but days."""


def clean(text: str, *, lines: bool = False) -> str:
    """Text as it survives every server: NFC, LF line ends, no control characters, no blanks at a line's end. Without ``lines`` one line."""
    text = _CONTROL.sub("", _LINE_END.sub("\n", text))
    rows = [row.rstrip() for row in unicodedata.normalize("NFC", text).split("\n")]
    return "\n".join(rows).rstrip("\n") if lines else " ".join(rows).strip()


def _notes(text: str) -> str:
    """A description as it is read: what a web calendar made HTML of is text again."""
    return clean(plain_text(clean(text, lines=True)), lines=True)


def cleaned(item: Item) -> Item:
    """``item`` as ``read`` will give it back: the form in which two items are to be compared.

    An all-day item lasts at least a day, and its end is exclusive, for tasks too.
    """
    start = item.start.replace(microsecond=0)
    end = max(item.end.replace(microsecond=0), start, key=_instant)
    if item.all_day:
        start = _midnight(start.date(), start.tzinfo)
        end = _midnight(max(end.date(), start.date() + _DAY), start.tzinfo)
    return replace(
        item,
        uid=clean(item.uid),
        title=clean(item.title),
        body=_notes(item.body),
        start=start,
        end=end,
        location=clean(item.location, lines=True),
        url=re.sub(r"\s", "", clean(item.url)).replace("\\", "%5C"),  # a URL is not escaped (3.3.13), and readers unescape it all the same
        busy=item.busy and item.form is Form.EVENT,
        alarms=tuple(sorted(set(item.alarms))),
        action=clean(item.action),
        prospect=clean(item.prospect),
    )


def file_name(uid: str) -> str:
    """The name an entry has in its collection; always the same. Servers differ about ``@``, blanks and slashes in names, so a UID with
    such characters is hashed."""
    plain = re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", uid)
    return f"{uid if plain else sha256(uid.encode('utf-8', 'replace')).hexdigest()[:40]}.ics"


# ---------------------------------------------------------------------------------------------------------------- writing


def render(item: Item, *, raw: str = "", stamp: datetime) -> str:
    """The whole text of one entry, CRLF. ``stamp``: when it is written (DTSTAMP, LAST-MODIFIED).

    With ``raw``, the text that stands there, only what differs from ``item`` is changed. Raises ValueError where ``raw`` is no entry.
    """
    item = cleaned(item)
    if not raw:
        calendar, zones = _envelope(), _NO_ZONES
        component: Component = Event() if item.form is Form.EVENT else Todo()
        component["UID"] = vText(item.uid)
        component["DTSTAMP"] = component["LAST-MODIFIED"] = _utc(stamp)
        component["SEQUENCE"] = vInt(0)
        _fill(component, item, None, stamp)
        calendar.add_component(component)
    else:
        calendar, zones = _parsed(raw)
        component = _main(calendar)
        old = _item(component, calendar, item.start.tzinfo or UTC)
        if component.name != _NAMES[item.form]:
            raise ValueError(f"the entry is a {component.name}, not a {_NAMES[item.form]}")
        with _told("the entry cannot be changed"):
            if _fill(component, item, old, stamp):
                component["SEQUENCE"] = vInt(_sequence(component) + 1)
        component["DTSTAMP"] = component["LAST-MODIFIED"] = _utc(stamp)
    with _told("the entry cannot be written"):
        return _text_of(calendar, [item], zones)


def _envelope() -> Calendar:
    calendar = Calendar()
    calendar["VERSION"] = vText("2.0")
    calendar["PRODID"] = vText(PRODID)
    calendar["CALSCALE"] = vText("GREGORIAN")
    return calendar


def _fill(component: Component, item: Item, old: Item | None, stamp: datetime) -> bool:
    """Make ``component`` say ``item``; ``old`` is what it says now. True where its time or status changed (RFC 5545, 3.8.7.4)."""
    moved = old is None or _when(old) != _when(item)
    if moved:
        _set_when(component, item)
    for name, value, before in (
        ("SUMMARY", item.title, old and old.title),
        ("DESCRIPTION", item.body, old and old.body),
        ("LOCATION", item.location, old and old.location),
    ):
        if value != (before or ""):
            _set(component, name, vText(value) if value else None)
    if item.url != (old.url if old else ""):
        _set(component, "URL", vUri(item.url) if item.url else None)
    if item.form is Form.EVENT and (old is None or old.busy != item.busy):
        component["TRANSP"] = vText("OPAQUE" if item.busy else "TRANSPARENT")
    status = old is None or old.done != item.done
    if status:
        _set_done(component, item, stamp)
    _set_marks(component, item)
    if moved or (old and old.alarms) != item.alarms:
        _set_alarms(component, item, old)
    return moved or status


def _set(component: Component, name: str, value: Any) -> None:
    """Put a property in the place it had, or drop it."""
    if value is None:
        component.pop(name, None)
    else:
        component[name] = value


def _set_when(component: Component, item: Item) -> None:
    component.pop("DURATION", None)
    last = "DTEND" if item.form is Form.EVENT else "DUE"
    if item.all_day:
        # RFC 5545: DTEND is the day after the last (3.8.2.2), DUE is the day itself (3.8.2.3).
        final = item.end.date() if item.form is Form.EVENT else item.end.date() - _DAY
        component["DTSTART"], component[last] = vDDDTypes(item.start.date()), vDDDTypes(final)
    else:
        component["DTSTART"], component[last] = vDDDTypes(_writable(item.start)), vDDDTypes(_writable(item.end))


def _set_done(component: Component, item: Item, stamp: datetime) -> None:
    """A task is ticked by STATUS. A closed event stays CONFIRMED, for phones hide or strike other ones."""
    if item.form is Form.EVENT:
        if "STATUS" not in component:
            component["STATUS"] = vText("CONFIRMED")
        return
    component["STATUS"] = vText("COMPLETED" if item.done else "NEEDS-ACTION")
    _set(component, "COMPLETED", _utc(stamp) if item.done else None)
    _set(component, "PERCENT-COMPLETE", vInt(100) if item.done else None)


def _set_marks(component: Component, item: Item) -> None:
    values = (
        item.action,
        item.prospect,
        item.kind.value if item.kind else "",
        item.due.isoformat() if item.due else "",
        "TRUE" if item.done and item.form is Form.EVENT else "",
        item.result,
        item.block,
        item.slot,
        item.named,
    )
    for name, value in zip(_MARKS, values, strict=True):
        if _text(component, name) != value:
            _set(component, name, vText(value) if value else None)


def _set_alarms(component: Component, item: Item, old: Item | None) -> None:
    """Keep the alarms that are still wanted as they are, with what other programs keep in them; drop and add the others."""
    missing = set(item.alarms)
    kept = []
    for sub in component.subcomponents:
        minutes = _minutes(sub, old) if old else None
        if minutes is None:
            kept.append(sub)
        elif minutes in missing:
            missing.discard(minutes)
            if not _counts_from_start(sub):  # an absolute or END alarm would stay behind when the entry moves
                sub["TRIGGER"] = vDuration(-minutes * _MINUTE)
            kept.append(sub)
    for minutes in sorted(missing):
        alarm = Alarm()
        alarm["UID"] = vText(f"{item.uid}-alarm-{minutes}")  # Apple's clients tell alarms apart by UID
        alarm["ACTION"] = vText("DISPLAY")
        alarm["DESCRIPTION"] = vText(item.title or "Follow-up")
        alarm["TRIGGER"] = vDuration(-minutes * _MINUTE)
        kept.append(alarm)
    component.subcomponents[:] = kept


def _writable(moment: datetime) -> datetime:
    """A time that iCalendar can say: in a named zone, else UTC. The second 01:30 of an autumn night has no local spelling (3.3.5)."""
    named = isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key
    if not named or (moment.fold and moment.replace(fold=0).utcoffset() != moment.utcoffset()):
        return moment.astimezone(UTC)
    return moment.astimezone(UTC).astimezone(moment.tzinfo)  # a time the clocks skip becomes one that exists


def _text_of(calendar: Calendar, items: Iterable[Item], kept: _Zones = _NO_ZONES) -> str:
    """The whole text, with one VTIMEZONE for each zone used and not there yet, before the entries. Their text is made once and put in as
    text: making it is most of the work of an entry. ``kept``: those that ``_parsed`` left out."""
    there = {str(zone.get("TZID")) for zone in calendar.walk("VTIMEZONE")} | {name for name, _ in kept}
    spans: dict[str, list[int]] = {}
    for item in items:
        for moment in () if item.all_day else (item.start, item.end):
            if isinstance(written := _writable(moment).tzinfo, ZoneInfo) and written.key not in {"UTC", *there}:
                spans.setdefault(written.key, []).append(moment.year)
    zones = "".join(_vtimezone(key, min(years), max(years)) for key, years in sorted(spans.items()))
    text = _folded(calendar)
    head, first, entries = text.partition("\r\nBEGIN:")
    return "".join((head, "\r\n", zones, *(old for _, old in kept), first[2:], entries)) if first else text


@lru_cache(maxsize=64)
def _vtimezone(key: str, first: int, last: int) -> str:
    return _folded(Timezone.from_tzid(key, first_date=date(first - 1, 1, 1), last_date=date(last + 5, 1, 1)))


def _folded(component: Component) -> str:
    """As ``to_ical`` writes it, which looks at each character of a line to see whether the line is too long."""
    return "".join(f"{fold(line)}\r\n" for line in component.content_lines(sorted=False) if line)


def fold(line: str) -> str:
    """No more than 74 octets in a line (RFC 5545, 3.1: 75 at most), and no escaped character taken apart."""
    if len(line) <= _LINE and line.isascii():
        return line
    rows, start = [], 0
    while start < len(line):
        row = line[start : start + _LINE].encode()[:_LINE].decode(errors="ignore")
        start += len(row)
        if start < len(line) and len(row) > 1 and row[-1] in "\\^":
            row, start = row[:-1], start - 1
        rows.append(row)
    return "\r\n ".join(rows)


# ---------------------------------------------------------------------------------------------------------------- reading


def parse(raw: str) -> Calendar:
    """The calendar in ``raw``. Raises ValueError, with a sentence, where there is none, or only a part of one."""
    if "BEGIN:VCALENDAR" not in raw[:4096].upper():
        raise ValueError("this is not a calendar: it does not begin with BEGIN:VCALENDAR")
    with _told("the calendar text is broken"):
        # Bytes: given a text without line ends, icalendar would open a file of that name.
        calendar = Calendar.from_ical(raw.encode("utf-8", "replace"))
    if not isinstance(calendar, Calendar):
        raise ValueError("this is something else than a calendar")  # noqa: TRY004  # unreadable text, not a wrong call
    return calendar


def _parsed(raw: str) -> tuple[Calendar, _Zones]:
    """The calendar in ``raw`` without the VTIMEZONEs that stand before its first entry, and these, where they are good ones of zones that
    everybody knows: nobody asks what is in them, and reading and writing them for each entry is most of the work. Else all of it. Raises
    as ``parse`` does."""
    head, zones, rest = _split(raw)
    known = tuple(map(_known_zone, _ZONE.findall(zones)))
    return (parse(head + rest), known) if known and all(name for name, _ in known) else (parse(raw), _NO_ZONES)


def _split(raw: str) -> tuple[str, str, str]:
    first = raw.find("\nBEGIN:VTIMEZONE\r\n") + 1
    last = raw.rfind(_ZONE_ENDS) + len(_ZONE_ENDS)
    zones = raw[first:last]
    whole = 0 < first < last and raw[:first].count("BEGIN:") == 1 and raw.startswith(_STARTS) and raw.startswith(_ENTRIES, last)
    return (raw[:first], zones, raw[last:]) if whole and not _ZONE.sub("", zones) else (raw, "", "")


@lru_cache(maxsize=256)
def _known_zone(text: str) -> tuple[str, str]:
    """The name of the zone that one VTIMEZONE tells, and its text as we write it; "" where it is no good one, or of a name of its own."""
    try:
        found = parse(f"{_STARTS}\r\n{text}END:VCALENDAR\r\n").subcomponents
    except ValueError:
        return "", ""
    name = str(found[0].get("TZID")) if len(found) == 1 and isinstance(found[0], Timezone) else ""
    return (name, _folded(found[0])) if _zone(name) else ("", "")


@contextmanager
def _told(sentence: str) -> Iterator[None]:
    """Around calls into icalendar: whatever it raises on rubbish becomes a ValueError with a sentence of ours. Its own words quote the
    line, which may be somebody's appointment, and what we raise reaches the log."""
    try:
        yield
    except _Spoilt as error:
        raise ValueError(f"{sentence}: {error}") from error
    except SPOILT as error:
        raise ValueError(sentence) from error


def read(raw: str, zone: tzinfo) -> Item:
    """The entry in ``raw``; a series is read by its first occurrence, one of ours with what was typed into a single one. Raises
    ValueError, with a sentence, where it cannot be read.

    ``zone``: for floating times, days, and for times whose own zone has no IANA name (UTC too: nobody means to live there).
    A task that has no date at all starts and ends at 1970-01-01T00:00Z.
    """
    calendar, _ = _parsed(raw)
    main = _main(calendar)
    item = _item(main, calendar, zone)
    return _with_occurrences(item, main, calendar) if item.theirs and item.action else item


def _with_occurrences(item: Item, main: Component, calendar: Calendar) -> Item:
    """Whoever answers "only this event" of a series answers it. The last occurrence that says something else than the series holds."""
    for one in calendar.subcomponents:
        if one is main or one.name != main.name or "RECURRENCE-ID" not in one:
            continue
        with _told("an occurrence of the entry cannot be understood"):
            title, body = clean(_text(one, "SUMMARY")), _notes(_text(one, "DESCRIPTION"))
            done = item.done or _done(one, item.form)
        item = replace(item, title=title or item.title, body=body or item.body, done=done)
    return item


def _main(calendar: Calendar) -> Component:
    entries = [entry for entry in calendar.subcomponents if entry.name in _NAMES.values()]
    masters = [entry for entry in entries if "RECURRENCE-ID" not in entry]
    if not entries:
        raise ValueError("the calendar text holds neither an event nor a task")
    return (masters or entries)[0]


def _item(component: Component, calendar: Calendar, zone: tzinfo) -> Item:
    broken = sorted({str(name) for name, _ in component.errors} & _DATES)
    if broken:
        raise ValueError(f"the entry's {' and '.join(broken)} cannot be understood")
    with _told("the entry cannot be understood"):
        return _told_item(component, calendar, zone)


def _told_item(component: Component, calendar: Calendar, zone: tzinfo) -> Item:
    form = Form.EVENT if component.name == "VEVENT" else Form.TASK
    start, end, all_day = _span(component, calendar, zone, form)
    item = Item(
        uid=_text(component, "UID"),
        form=form,
        title=clean(_text(component, "SUMMARY")),
        body=_notes(_text(component, "DESCRIPTION")),
        start=start,
        end=end,
        location=clean(_text(component, "LOCATION"), lines=True),
        url=_text(component, "URL"),
        busy=form is Form.EVENT and _text(component, "TRANSP").upper() != "TRANSPARENT",
        all_day=all_day,
        done=_done(component, form),
        action=_text(component, "X-FOLLOWSYNC-ACTION"),
        prospect=_text(component, "X-FOLLOWSYNC-PROSPECT"),
        kind=_kind(_text(component, "X-FOLLOWSYNC-KIND")),
        due=_day(_text(component, "X-FOLLOWSYNC-DUE")),
        result=_text(component, "X-FOLLOWSYNC-RESULT"),
        block=_text(component, "X-FOLLOWSYNC-BLOCK"),
        slot=_text(component, "X-FOLLOWSYNC-SLOT"),
        named=_text(component, "X-FOLLOWSYNC-NAMED"),
        theirs=not _OURS_ALONE.isdisjoint(component),
        cancelled=_text(component, "STATUS").upper() == "CANCELLED",
    )
    minutes = {_minutes(sub, item) for sub in component.subcomponents}
    return replace(item, alarms=tuple(sorted(number for number in minutes if number is not None)))


def _span(component: Component, calendar: Calendar, zone: tzinfo, form: Form) -> tuple[datetime, datetime, bool]:
    """Start, end, and whether it is days. Missing ends follow RFC 5545, 3.6.1."""
    first = _one(component, "DTSTART")
    last = _one(component, "DTEND" if form is Form.EVENT else "DUE")
    if first is None and last is None:
        if form is Form.EVENT:
            raise _Spoilt("the event has no DTSTART")
        return EPOCH.astimezone(zone), EPOCH.astimezone(zone), False
    all_day = not isinstance((first or last).dt, datetime)
    start = _moment(first or last, calendar, zone)
    end = start
    if last is not None:
        end = _moment(last, calendar, zone)
        if all_day and form is Form.TASK:
            end = _midnight(end.date() + _DAY, zone)
    elif (lasts := _one(component, "DURATION")) is not None and isinstance(lasts.dt, timedelta):
        # Days of a DURATION are days of the calendar, hours are exact ones (3.3.6); a whole entry of ours is either.
        if abs(lasts.dt) > _LONGEST:
            raise _Spoilt("it lasts longer than a hundred years")
        end = start + lasts.dt if all_day else (start.astimezone(UTC) + lasts.dt).astimezone(start.tzinfo)
    if all_day and end.date() <= start.date():
        end = _midnight(start.date() + _DAY, zone)
    if _instant(end) < _instant(start):
        # Some apps move a task's DUE and leave its DTSTART behind: the day it is due is what the person chose.
        start, end = (end, end) if form is Form.TASK else (start, start)
    return start, end, all_day


def _moment(prop: Any, calendar: Calendar, zone: tzinfo) -> datetime:
    value = prop.dt
    if not isinstance(value, datetime):
        if not isinstance(value, date):
            raise _Spoilt("what should be a day or a time is neither")  # unreadable text, not a wrong call
        _check_day(value)
        return _midnight(value, zone)
    _check_day(value)
    tzid = prop.params.get("TZID")
    if tzid is None:
        return value.astimezone(zone) if value.tzinfo else _settled(value.replace(tzinfo=zone))
    named = _named(str(tzid))
    if named is not None:
        return _settled(value.replace(tzinfo=named))
    for component in calendar.walk("VTIMEZONE"):
        if isinstance(component, Timezone) and str(component.get("TZID")) == str(tzid):
            # icalendar remembers unnamed zones for the whole process, so another file's zone of that name could be the answer.
            return value.replace(tzinfo=component.to_tz(lookup_tzid=False)).astimezone(zone)
    return _settled(value.replace(tzinfo=zone))  # a name nobody knows, without rules: the rep's own wall clock is the best guess


def _check_day(day: date) -> None:
    """Some programs write year 1 or 9999 for "never"."""
    if day.year not in _YEARS:
        raise _Spoilt(f"{day:%d %B} {day.year} is a day that no follow-up stands on")


def _named(tzid: str) -> ZoneInfo | None:
    """IANA name first, then the names of Windows, then ``/vendor/Area/City`` (RFC 5545, 3.8.3.1)."""
    plain = tzid.strip("/")
    parts = plain.split("/")
    tails = ["/".join(parts[at:]) for at in range(1, len(parts))] if tzid.startswith("/") else []
    for name in (plain, WINDOWS_TO_OLSON.get(plain, ""), *tails):
        if zone := _zone(name):
            return zone
    return None


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # unknown; not a name at all; the name of a folder of zones
        return None


def _done(component: Component, form: Form) -> bool:
    if form is Form.EVENT:
        return _text(component, "X-FOLLOWSYNC-DONE") == "TRUE"
    status = _text(component, "STATUS").upper()
    return status == "COMPLETED" or "COMPLETED" in component or _text(component, "PERCENT-COMPLETE") == "100"


def _minutes(alarm: Component, item: Item | None) -> int | None:
    """Minutes before the start, or None where it is no alarm a person set: an Apple default, a snooze (RFC 9074, 6), unreadable."""
    trigger = _one(alarm, "TRIGGER") if alarm.name == "VALARM" else None
    value = getattr(trigger, "dt", None)
    if item is None or _text(alarm, "X-APPLE-DEFAULT-ALARM").upper() == "TRUE" or _text(alarm, "ACTION").upper() == "NONE":
        return None
    related = _one(alarm, "RELATED-TO")
    if related is not None and str(getattr(related, "params", {}).get("RELTYPE", "")).upper() == "SNOOZE":
        return None
    try:
        return _before(trigger, value, item)
    except OverflowError:  # an alarm in year 1
        return None


def _before(trigger: Any, value: object, item: Item) -> int | None:
    if isinstance(value, datetime):
        before = _instant(item.start) - _instant(value if value.tzinfo else value.replace(tzinfo=UTC))
    elif isinstance(value, timedelta):
        ends = str(trigger.params.get("RELATED", "")).upper() == "END"
        before = -value - (_instant(item.end) - _instant(item.start) if ends else timedelta())
    else:
        return None
    return before // _MINUTE


def _counts_from_start(alarm: Component) -> bool:
    trigger = _one(alarm, "TRIGGER")
    return trigger is not None and isinstance(trigger.dt, timedelta) and str(trigger.params.get("RELATED", "")).upper() != "END"


def _one(component: Component, name: str) -> Any:
    """The property, or its first where a server sent several."""
    value = component.get(name)
    return value[0] if isinstance(value, list) and value else value


def _text(component: Component, name: str) -> str:
    value = _one(component, name)
    if value is None:
        return ""
    if isinstance(value, vUnknown):  # an X- property comes as it stands in the file, still escaped (3.3.11)
        return clean(re.sub(r"\\(.)", lambda pair: "\n" if pair[1] in "nN" else pair[1], value), lines=True)
    if isinstance(value, str):
        return clean(value, lines=True)
    return clean(value.to_ical().decode("utf-8", "replace"), lines=True)


def _kind(word: str) -> Kind | None:
    return Kind(word) if word in set(Kind) else None


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _sequence(component: Component) -> int:
    word = _text(component, "SEQUENCE")
    return int(word) if re.fullmatch("[0-9]{1,9}", word) else 0


def _utc(stamp: datetime) -> vDatetime:
    return vDatetime(stamp.astimezone(UTC).replace(microsecond=0))


def _instant(moment: datetime) -> datetime:
    """In UTC: two times of one autumn night never compare equal across zones otherwise."""
    return moment.astimezone(UTC)


def _settled(moment: datetime) -> datetime:
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time.min, zone)


def _when(item: Item) -> tuple[Any, ...]:
    if item.all_day:
        return (True, item.start.date(), item.end.date())
    return (False, _instant(item.start), _instant(item.end))


# ------------------------------------------------------------------------------------------------------------ whole calendars


@dataclass(frozen=True, slots=True)
class Book:
    """A whole calendar as text, and how many of its entries are new, changed or gone against the one before."""

    text: str
    created: int
    updated: int
    deleted: int


def render_book(items: Iterable[Item], *, name: str, stamp: datetime, raw: str = "", refresh: timedelta = timedelta(hours=1)) -> Book:
    """All ``items`` as events in one calendar, in the order of their UIDs. ``raw``: the text of the time before.

    An entry that says the same as before keeps its stamps and SEQUENCE, so that an unchanged calendar is the same, byte for byte. Readers
    of feeds hide VTODO, so a task is shown as an event. ``refresh``: how often readers should come (RFC 7986, 5.7; X-PUBLISHED-TTL).
    """
    before = {_text(entry, "UID"): entry for entry in _entries(raw)}
    calendar = _envelope()
    for key in ("NAME", "X-WR-CALNAME"):
        calendar[key] = vText(clean(name))
    interval = vDuration(refresh)
    interval.params["VALUE"] = "DURATION"
    calendar["REFRESH-INTERVAL"] = interval
    calendar["X-PUBLISHED-TTL"] = vDuration(refresh)
    shown = {item.uid: replace(cleaned(item), form=Form.EVENT) for item in items}
    updated = 0
    for uid in sorted(shown):
        entry = _entry(shown[uid], before.get(uid), stamp)
        updated += uid in before and entry.to_ical(sorted=False) != before[uid].to_ical(sorted=False)
        calendar.add_component(entry)
    return Book(_text_of(calendar, shown.values()), len(shown.keys() - before.keys()), updated, len(before.keys() - shown.keys()))


def _entries(raw: str) -> Iterator[Component]:
    """The events of the time before; none where that text is missing or spoilt: it is written anew then."""
    try:
        yield from parse(raw).walk("VEVENT")
    except ValueError:
        return


def _entry(item: Item, old: Component | None, stamp: datetime) -> Component:
    def made(at: vDatetime, sequence: int) -> Component:
        component = Event()
        component["UID"] = vText(item.uid)
        component["DTSTAMP"] = component["LAST-MODIFIED"] = at
        component["SEQUENCE"] = vInt(sequence)
        _fill(component, item, None, stamp)
        return component

    if old is None:
        return made(_utc(stamp), 0)
    as_before = made(_one(old, "DTSTAMP"), _sequence(old))
    return as_before if as_before.to_ical(sorted=False) == old.to_ical(sorted=False) else made(_utc(stamp), _sequence(old) + 1)
