"""The letters of iCalendar: what may be written, lines and their folding, and what a property says (RFC 5545, 3.1 to 3.3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from typing import Any

from icalendar import Calendar, Component
from icalendar.prop import vUnknown

from followsync.core.cadence import Form
from followsync.core.item import Item
from followsync.core.notes import plain_text

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
YEARS = range(1971, 2200)  # further off, a time cannot even be told in every zone
_LINE = 74  # octets: what icalendar writes
SPOILT = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
"""What iCalendar libraries raise on rubbish: besides ValueError they trip over the lists, words and spans they meet where they look for one
date or number, over times that no calendar reaches, and over entries inside entries without end."""
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")  # all that somebody types or pastes, or a program makes of it
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff]")

_BEGIN = re.compile(r"\A(?:[ \t]*\n)+")  # blank lines


class Spoilt(ValueError):
    """Its words are ours, and quote nothing but days."""


def clean(text: str, *, lines: bool = False) -> str:
    """Text as it survives every server: NFC, LF line ends, no control characters, no blanks at a line's end. Without ``lines`` one line."""
    text = _CONTROL.sub("", _LINE_END.sub("\n", text))
    rows = [row.rstrip() for row in unicodedata.normalize("NFC", text).split("\n")]
    return "\n".join(rows).rstrip("\n") if lines else " ".join(rows).strip()


def notes(text: str) -> str:
    """A description as it is read: what a web calendar made HTML of is text again. Blanks that must not break, and blank lines at its
    beginning, are what an editor of HTML makes: they say nothing, and do not come back from every server."""
    return _BEGIN.sub("", clean(plain_text(clean(text, lines=True)).replace("\xa0", " "), lines=True))


def cleaned(item: Item) -> Item:
    """``item`` as ``read`` will give it back: the form in which two items are to be compared.

    An all-day item lasts at least a day, and its end is exclusive, for tasks too.
    """
    start = item.start.replace(microsecond=0)
    end = max(item.end.replace(microsecond=0), start, key=instant)
    if item.all_day:
        start = midnight(start.date(), start.tzinfo)
        end = midnight(max(end.date(), start.date() + DAY), start.tzinfo)
    return replace(
        item,
        uid=clean(item.uid),
        title=clean(item.title),
        body=notes(item.body),
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


def folded(component: Component) -> str:
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


def parse(raw: str) -> Calendar:
    """The calendar in ``raw``. Raises ValueError, with a sentence, where there is none, or only a part of one."""
    if "BEGIN:VCALENDAR" not in raw[:4096].upper():
        raise ValueError("this is not a calendar: it does not begin with BEGIN:VCALENDAR")
    with told("the calendar text is broken"):
        # Bytes: given a text without line ends, icalendar would open a file of that name.
        calendar = Calendar.from_ical(raw.encode("utf-8", "replace"))
    if not isinstance(calendar, Calendar):
        raise ValueError("this is something else than a calendar")  # noqa: TRY004  # unreadable text, not a wrong call
    return calendar


@contextmanager
def told(sentence: str) -> Iterator[None]:
    """Around calls into icalendar: whatever it raises on rubbish becomes a ValueError with a sentence of ours. Its own words quote the
    line, which may be somebody's appointment, and what we raise reaches the log."""
    try:
        yield
    except Spoilt as error:
        raise ValueError(f"{sentence}: {error}") from error
    except SPOILT as error:
        raise ValueError(sentence) from error


def one(component: Component, name: str) -> Any:
    """The property, or its first where a server sent several."""
    value = component.get(name)
    return value[0] if isinstance(value, list) and value else value


def text_of(component: Component, name: str) -> str:
    value = one(component, name)
    if value is None:
        return ""
    if isinstance(value, vUnknown):  # an X- property comes as it stands in the file, still escaped (3.3.11)
        return clean(re.sub(r"\\(.)", lambda pair: "\n" if pair[1] in "nN" else pair[1], value), lines=True)
    if isinstance(value, str):
        return clean(value, lines=True)
    return clean(value.to_ical().decode("utf-8", "replace"), lines=True)


def instant(moment: datetime) -> datetime:
    """In UTC: two times of one autumn night never compare equal across zones otherwise."""
    return moment.astimezone(UTC)


def settled(moment: datetime) -> datetime:
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def check_day(day: date) -> None:
    """Some programs write year 1 or 9999 for "never". Raises Spoilt."""
    if day.year not in YEARS:
        raise Spoilt(f"{day:%d %B} {day.year} is a day that no follow-up stands on")


def midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time.min, zone)
