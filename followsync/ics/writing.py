"""Item -> iCalendar text: of a new entry, or with what stands there changed as little as possible."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from icalendar import Alarm, Calendar, Component, Event, Todo
from icalendar.prop import vDatetime, vDDDTypes, vDuration, vInt, vText, vUri

from followsync.core.cadence import Form
from followsync.core.item import Item
from followsync.ics.reading import NAMES, counts_from_start, item_of, main_entry, minutes_before
from followsync.ics.text import DAY, MINUTE, cleaned, instant, text_of, told
from followsync.ics.zones import NO_ZONES, parsed, whole_text, writable

PRODID = "-//FollowSync//FollowSync//EN"
_MARKS = tuple(f"X-FOLLOWSYNC-{name}" for name in ("ACTION", "PROSPECT", "KIND", "DUE", "DONE", "RESULT", "BLOCK", "SLOT", "NAMED"))


def render(item: Item, *, raw: str = "", stamp: datetime) -> str:
    """The whole text of one entry, CRLF. ``stamp``: when it is written (DTSTAMP, LAST-MODIFIED).

    With ``raw``, the text that stands there, only what differs from ``item`` is changed. Raises ValueError where ``raw`` is no entry.
    """
    item = cleaned(item)
    if not raw:
        calendar, zones = envelope(), NO_ZONES
        component: Component = Event() if item.form is Form.EVENT else Todo()
        component["UID"] = vText(item.uid)
        component["DTSTAMP"] = component["LAST-MODIFIED"] = utc(stamp)
        component["SEQUENCE"] = vInt(0)
        fill(component, item, None, stamp)
        calendar.add_component(component)
    else:
        calendar, zones = parsed(raw)
        component = main_entry(calendar)
        old = item_of(component, calendar, item.start.tzinfo or UTC)
        if component.name != NAMES[item.form]:
            raise ValueError(f"the entry is a {component.name}, not a {NAMES[item.form]}")
        with told("the entry cannot be changed"):
            if fill(component, item, old, stamp):
                component["SEQUENCE"] = vInt(sequence_of(component) + 1)
        component["DTSTAMP"] = component["LAST-MODIFIED"] = utc(stamp)
    with told("the entry cannot be written"):
        return whole_text(calendar, [item], zones)


def envelope() -> Calendar:
    calendar = Calendar()
    calendar["VERSION"] = vText("2.0")
    calendar["PRODID"] = vText(PRODID)
    calendar["CALSCALE"] = vText("GREGORIAN")
    return calendar


def fill(component: Component, item: Item, old: Item | None, stamp: datetime) -> bool:
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
    if moved or (old and old.alarms) != item.alarms or (old and old.title != item.title):
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
        final = item.end.date() if item.form is Form.EVENT else item.end.date() - DAY
        component["DTSTART"], component[last] = vDDDTypes(item.start.date()), vDDDTypes(final)
    else:
        component["DTSTART"], component[last] = vDDDTypes(writable(item.start)), vDDDTypes(writable(item.end))


def _set_done(component: Component, item: Item, stamp: datetime) -> None:
    """A task is ticked by STATUS. A closed event stays CONFIRMED, for phones hide or strike other ones."""
    if item.form is Form.EVENT:
        if "STATUS" not in component:
            component["STATUS"] = vText("CONFIRMED")
        return
    component["STATUS"] = vText("COMPLETED" if item.done else "NEEDS-ACTION")
    _set(component, "COMPLETED", utc(stamp) if item.done else None)
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
        if text_of(component, name) != value:
            _set(component, name, vText(value) if value else None)


def _set_alarms(component: Component, item: Item, old: Item | None) -> None:
    """Keep the alarms that are still wanted as they are, with what other programs keep in them; drop and add the others."""
    missing = set(item.alarms)
    kept = []
    for sub in component.subcomponents:
        minutes = minutes_before(sub, old) if old else None
        if minutes is None:
            kept.append(sub)
        elif minutes in missing:
            missing.discard(minutes)
            if not counts_from_start(sub):  # an absolute or END alarm would stay behind when the entry moves
                sub["TRIGGER"] = vDuration(-minutes * MINUTE)
            if old and text_of(sub, "DESCRIPTION") == old.title:  # it may be all that a phone shows
                sub["DESCRIPTION"] = vText(item.title or "Follow-up")
            kept.append(sub)
    for minutes in sorted(missing):
        alarm = Alarm()
        alarm["UID"] = vText(f"{item.uid}-alarm-{minutes}")  # Apple's clients tell alarms apart by UID
        alarm["ACTION"] = vText("DISPLAY")
        alarm["DESCRIPTION"] = vText(item.title or "Follow-up")
        alarm["TRIGGER"] = vDuration(-minutes * MINUTE)
        kept.append(alarm)
    component.subcomponents[:] = kept


def sequence_of(component: Component) -> int:
    word = text_of(component, "SEQUENCE")
    return int(word) if re.fullmatch("[0-9]{1,9}", word) else 0


def utc(stamp: datetime) -> vDatetime:
    return vDatetime(stamp.astimezone(UTC).replace(microsecond=0))


def _when(item: Item) -> tuple[Any, ...]:
    if item.all_day:
        return (True, item.start.date(), item.end.date())
    return (False, instant(item.start), instant(item.end))
