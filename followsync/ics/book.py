"""Many items as one calendar, for those who subscribe to it: the ICS file and the feeds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from icalendar import Calendar, Component, Event
from icalendar.prop import vDatetime, vDuration, vInt, vText

from followsync.core.cadence import Form
from followsync.core.item import Item
from followsync.ics.reading import item_of
from followsync.ics.text import clean, cleaned, folded, one, parse, text_of
from followsync.ics.writing import envelope, fill, sequence_of, utc
from followsync.ics.zones import whole_text

_SECOND = timedelta(seconds=1)
_AHEAD = timedelta(days=1)  # a stamp farther ahead is of a clock that was: to grow on from there would be to tell nothing for long
About = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Book:
    """A whole calendar as text, and how many of its entries are new, changed or gone against the one before. ``revised``: when what it
    says last changed, to the second."""

    text: str
    created: int
    updated: int
    deleted: int
    revised: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the time before, and when it was last changed."""

    item: Item
    changed: datetime


class Edition:
    """A calendar as it was rendered the time before; one without entries where that text is missing or spoilt: it is written anew then."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        try:
            self._calendar = parse(text)
        except ValueError:
            self._calendar = Calendar()
        self.entries = {text_of(entry, "UID"): entry for entry in self._calendar.walk("VEVENT")}

    @property
    def revised(self) -> datetime | None:
        return _moment(self._calendar)

    def shown(self, zone: tzinfo, but: Collection[str]) -> dict[str, Shown]:
        """Its entries by UID, told in ``zone``; without those named, and without what cannot be read."""
        found = {}
        for uid, entry in self.entries.items():
            changed = _moment(entry)
            if uid in but or changed is None:
                continue
            try:
                found[uid] = Shown(item_of(entry, self._calendar, zone), changed)
            except ValueError:
                continue
        return found


def render_book(
    items: Iterable[Item],
    *,
    name: str,
    stamp: datetime,
    raw: str | Edition = "",
    refresh: timedelta = timedelta(hours=1),
    about: About | None = None,
) -> Book:
    """All ``items`` as events in one calendar, in the order of their UIDs. ``raw``: the text of the time before.

    An entry that says the same as before keeps its stamps and SEQUENCE, so that an unchanged calendar is the same, byte for byte; but for
    stamps of a clock that was ahead, which would say for as long that nothing is new. Readers
    of feeds hide VTODO, so a task is shown as an event. ``refresh``: how often readers should come (RFC 7986, 5.7; X-PUBLISHED-TTL).
    ``about``: what the calendar says of itself, given the moment of its last change (RFC 7986, 5.2 and 5.4), which then stands in it.
    """
    edition = raw if isinstance(raw, Edition) else Edition(raw)
    before = edition.entries
    calendar = _cover(name, refresh)
    known = None if _is_ahead(edition.revised, stamp) else edition.revised
    revised = known or _second(stamp)
    if about:
        _tell(calendar, about, revised)
    head = _head(calendar)
    shown = {item.uid: replace(cleaned(item), form=Form.EVENT) for item in items}
    updated = 0
    for uid in sorted(shown):
        entry, same = _entry(shown[uid], before.get(uid), stamp)
        updated += uid in before and not same
        calendar.add_component(entry)
    text = whole_text(calendar, shown.values())
    if text != edition.text and known:
        revised = max(_second(stamp), known + _SECOND)  # it only grows, also where the clock was behind for a while
        if about:
            _tell(calendar, about, revised)
            calendar.subcomponents.clear()
            text = _head(calendar) + text.removeprefix(head)
    return Book(text, len(shown.keys() - before.keys()), updated, len(before.keys() - shown.keys()), revised)


def _head(calendar: Calendar) -> str:
    """What the calendar says of itself, as text: all that stands before its zones and entries."""
    return folded(calendar).removesuffix("END:VCALENDAR\r\n")


def _cover(name: str, refresh: timedelta) -> Calendar:
    calendar = envelope()
    for key in ("NAME", "X-WR-CALNAME"):
        calendar[key] = vText(clean(name))
    interval = vDuration(refresh)
    interval.params["VALUE"] = "DURATION"
    calendar["REFRESH-INTERVAL"] = interval
    calendar["X-PUBLISHED-TTL"] = vDuration(refresh)
    return calendar


def _tell(calendar: Calendar, about: About, revised: datetime) -> None:
    calendar["LAST-MODIFIED"] = utc(revised)
    for key in ("DESCRIPTION", "X-WR-CALDESC"):
        calendar[key] = vText(clean(about(revised), lines=True))


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _moment(component: Component) -> datetime | None:
    value = getattr(one(component, "LAST-MODIFIED"), "dt", None)
    return value if isinstance(value, datetime) and value.tzinfo else None


def _is_ahead(moment: datetime | None, stamp: datetime) -> bool:
    return moment is not None and moment > stamp + _AHEAD


def _entry(item: Item, old: Component | None, stamp: datetime) -> tuple[Component, bool]:
    """The entry, and whether it is the same as ``old``."""

    def made(at: vDatetime, sequence: int) -> Component:
        component = Event()
        component["UID"] = vText(item.uid)
        component["DTSTAMP"] = component["LAST-MODIFIED"] = at
        component["SEQUENCE"] = vInt(sequence)
        fill(component, item, None, stamp)
        if item.cancelled:
            component["STATUS"] = vText("CANCELLED")
        return component

    if old is None:
        return made(utc(stamp), 0), False
    as_before = made(one(old, "DTSTAMP"), sequence_of(old))
    if _lines(as_before) == _lines(old) and not _is_ahead(_moment(old), stamp):
        return as_before, True
    return made(utc(stamp), sequence_of(old) + 1), False


def _lines(component: Component) -> list[str]:
    return [str(line) for line in component.content_lines(sorted=False)]
