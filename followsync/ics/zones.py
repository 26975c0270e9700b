"""Time zones in iCalendar (RFC 5545, 3.6.5): what a TZID means, and the VTIMEZONE of each zone, which is most of the work of an entry and
so is made and read once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from followsync.core.item import Item
from followsync.ics.text import folded, parse

_STARTS, _ENTRIES, _ZONE_ENDS = "BEGIN:VCALENDAR", ("BEGIN:VEVENT\r\n", "BEGIN:VTODO\r\n"), "\r\nEND:VTIMEZONE\r\n"
_ZONE = re.compile(r"BEGIN:VTIMEZONE\r\n(?s:.*?)\r\nEND:VTIMEZONE\r\n")
_Zones = tuple[tuple[str, str], ...]  # name and text of each
NO_ZONES: _Zones = ()


def writable(moment: datetime) -> datetime:
    """A time that iCalendar can say: in a named zone, else UTC. The second 01:30 of an autumn night has no local spelling (3.3.5)."""
    named = isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key
    if not named or (moment.fold and moment.replace(fold=0).utcoffset() != moment.utcoffset()):
        return moment.astimezone(UTC)
    return moment.astimezone(UTC).astimezone(moment.tzinfo)  # a time the clocks skip becomes one that exists


def whole_text(calendar: Calendar, items: Iterable[Item], kept: _Zones = NO_ZONES) -> str:
    """The whole text, with one VTIMEZONE for each zone used and not there yet, before the entries. Their text is made once and put in as
    text: making it is most of the work of an entry. ``kept``: those that ``parsed`` left out."""
    there = {str(zone.get("TZID")) for zone in calendar.walk("VTIMEZONE")} | {name for name, _ in kept}
    spans: dict[str, list[int]] = {}
    for item in items:
        for moment in () if item.all_day else (item.start, item.end):
            if isinstance(written := writable(moment).tzinfo, ZoneInfo) and written.key not in {"UTC", *there}:
                spans.setdefault(written.key, []).append(moment.year)
    zones = "".join(_vtimezone(key, min(years), max(years)) for key, years in sorted(spans.items()))
    text = folded(calendar)
    head, first, entries = text.partition("\r\nBEGIN:")
    return "".join((head, "\r\n", zones, *(old for _, old in kept), first[2:], entries)) if first else text


@lru_cache(maxsize=64)
def _vtimezone(key: str, first: int, last: int) -> str:
    made = Timezone.from_tzid(key, first_date=date(first - 1, 1, 1), last_date=date(last + 5, 1, 1))
    for part in made.subcomponents:
        if (skipped := part.TZOFFSETTO - part.TZOFFSETFROM) > timedelta(0):
            # told by the clock that is left (3.6.5), so 02:00; the library tells the one that is begun, and a reader would be an hour late
            part.DTSTART -= skipped
            if "RDATE" in part:
                part.add("RDATE", [one.dt - skipped for one in part.pop("RDATE").dts])
    return folded(made)


def parsed(raw: str) -> tuple[Calendar, _Zones]:
    """The calendar in ``raw`` without the VTIMEZONEs that stand before its first entry, and these, where they are good ones of zones that
    everybody knows: nobody asks what is in them, and reading and writing them for each entry is most of the work. Else all of it. Raises
    as ``parse`` does."""
    head, zones, rest = _split(raw)
    known = tuple(map(_known_zone, _ZONE.findall(zones)))
    return (parse(head + rest), known) if known and all(name for name, _ in known) else (parse(raw), NO_ZONES)


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
    return (name, folded(found[0])) if _zone(name) else ("", "")


def zone_of(tzid: str) -> ZoneInfo | None:
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
