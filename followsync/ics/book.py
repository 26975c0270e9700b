"""Many items as one calendar, for those who subscribe to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from icalendar import Component, Event
from icalendar.prop import vDatetime, vDuration, vInt, vText

from followsync.core.cadence import Form
from followsync.core.item import Item
from followsync.ics.text import clean, cleaned, one, parse, text_of
from followsync.ics.writing import envelope, fill, sequence_of, utc
from followsync.ics.zones import whole_text


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
    before = {text_of(entry, "UID"): entry for entry in _entries(raw)}
    calendar = envelope()
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
    return Book(whole_text(calendar, shown.values()), len(shown.keys() - before.keys()), updated, len(before.keys() - shown.keys()))


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
        fill(component, item, None, stamp)
        return component

    if old is None:
        return made(utc(stamp), 0)
    as_before = made(one(old, "DTSTAMP"), sequence_of(old))
    return as_before if as_before.to_ical(sorted=False) == old.to_ical(sorted=False) else made(utc(stamp), sequence_of(old) + 1)
