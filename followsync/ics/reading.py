"""iCalendar text -> Item. An entry that cannot be understood is a ValueError with a sentence of ours, which quotes no word of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from icalendar import Calendar, Component, Timezone

from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.item import Item
from followsync.ics.text import DAY, MINUTE, Spoilt, check_day, clean, instant, midnight, notes, one, settled, text_of, told
from followsync.ics.zones import parsed, zone_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = {Form.EVENT: "VEVENT", Form.TASK: "VTODO"}
_OURS_ALONE = frozenset({"ATTENDEE", "ORGANIZER", "RRULE", "RDATE"})  # we never write them: whoever did, looks after the entry
_DATES = frozenset({"DTSTART", "DTEND", "DUE", "DURATION"})
_LONGEST = timedelta(days=36600)


def read(raw: str, zone: tzinfo) -> Item:
    """The entry in ``raw``; a series is read by its first occurrence, one of ours with what was typed into a single one. Raises
    ValueError, with a sentence, where it cannot be read.

    ``zone``: for floating times, days, and for times whose own zone has no IANA name (UTC too: nobody means to live there).
    A task that has no date at all starts and ends at 1970-01-01T00:00Z.
    """
    calendar, _ = parsed(raw)
    main = main_entry(calendar)
    item = item_of(main, calendar, zone)
    return _with_occurrences(item, main, calendar) if item.theirs and item.action else item


def _with_occurrences(item: Item, main: Component, calendar: Calendar) -> Item:
    """Whoever answers "only this event" of a series answers it. The last occurrence that says something else than the series holds."""
    for each in calendar.subcomponents:
        if each is main or each.name != main.name or "RECURRENCE-ID" not in each:
            continue
        with told("an occurrence of the entry cannot be understood"):
            title, body = clean(text_of(each, "SUMMARY")), notes(text_of(each, "DESCRIPTION"))
            done = item.done or _done(each, item.form)
        item = replace(item, title=title or item.title, body=body or item.body, done=done)
    return item


def main_entry(calendar: Calendar) -> Component:
    entries = [entry for entry in calendar.subcomponents if entry.name in NAMES.values()]
    masters = [entry for entry in entries if "RECURRENCE-ID" not in entry]
    if not entries:
        raise ValueError("the calendar text holds neither an event nor a task")
    return (masters or entries)[0]


def item_of(component: Component, calendar: Calendar, zone: tzinfo) -> Item:
    broken = sorted({str(name) for name, _ in component.errors} & _DATES)
    if broken:
        raise ValueError(f"the entry's {' and '.join(broken)} cannot be understood")
    with told("the entry cannot be understood"):
        return _told_item(component, calendar, zone)


def _told_item(component: Component, calendar: Calendar, zone: tzinfo) -> Item:
    form = Form.EVENT if component.name == "VEVENT" else Form.TASK
    start, end, all_day = _span(component, calendar, zone, form)
    item = Item(
        uid=text_of(component, "UID"),
        form=form,
        title=clean(text_of(component, "SUMMARY")),
        body=notes(text_of(component, "DESCRIPTION")),
        start=start,
        end=end,
        location=clean(text_of(component, "LOCATION"), lines=True),
        url=text_of(component, "URL"),
        busy=form is Form.EVENT and text_of(component, "TRANSP").upper() != "TRANSPARENT",
        all_day=all_day,
        done=_done(component, form),
        action=text_of(component, "X-FOLLOWSYNC-ACTION"),
        prospect=text_of(component, "X-FOLLOWSYNC-PROSPECT"),
        kind=_kind(text_of(component, "X-FOLLOWSYNC-KIND")),
        due=_day(text_of(component, "X-FOLLOWSYNC-DUE")),
        result=text_of(component, "X-FOLLOWSYNC-RESULT"),
        block=text_of(component, "X-FOLLOWSYNC-BLOCK"),
        slot=text_of(component, "X-FOLLOWSYNC-SLOT"),
        named=text_of(component, "X-FOLLOWSYNC-NAMED"),
        theirs=not _OURS_ALONE.isdisjoint(component),
        cancelled=text_of(component, "STATUS").upper() == "CANCELLED",
    )
    minutes = {minutes_before(sub, item) for sub in component.subcomponents}
    return replace(item, alarms=tuple(sorted(number for number in minutes if number is not None)))


def _span(component: Component, calendar: Calendar, zone: tzinfo, form: Form) -> tuple[datetime, datetime, bool]:
    """Start, end, and whether it is days. Missing ends follow RFC 5545, 3.6.1."""
    first = one(component, "DTSTART")
    last = one(component, "DTEND" if form is Form.EVENT else "DUE")
    if first is None and last is None:
        if form is Form.EVENT:
            raise Spoilt("the event has no DTSTART")
        return EPOCH.astimezone(zone), EPOCH.astimezone(zone), False
    all_day = not isinstance((first or last).dt, datetime)
    start = _moment(first or last, calendar, zone)
    end = start
    if last is not None:
        end = _moment(last, calendar, zone)
        if all_day and form is Form.TASK:
            end = midnight(end.date() + DAY, zone)
    elif (lasts := one(component, "DURATION")) is not None and isinstance(lasts.dt, timedelta):
        # Days of a DURATION are days of the calendar, hours are exact ones (3.3.6); a whole entry of ours is either.
        if abs(lasts.dt) > _LONGEST:
            raise Spoilt("it lasts longer than a hundred years")
        end = start + lasts.dt if all_day else (start.astimezone(UTC) + lasts.dt).astimezone(start.tzinfo)
    if all_day and end.date() <= start.date():
        end = midnight(start.date() + DAY, zone)
    if instant(end) < instant(start):
        # Some apps move a task's DUE and leave its DTSTART behind: the day it is due is what the person chose.
        start, end = (end, end) if form is Form.TASK else (start, start)
    return start, end, all_day


def _moment(prop: Any, calendar: Calendar, zone: tzinfo) -> datetime:
    value = prop.dt
    if not isinstance(value, datetime):
        if not isinstance(value, date):
            raise Spoilt("what should be a day or a time is neither")  # unreadable text, not a wrong call
        check_day(value)
        return midnight(value, zone)
    check_day(value)
    tzid = prop.params.get("TZID")
    if tzid is None:
        return value.astimezone(zone) if value.tzinfo else settled(value.replace(tzinfo=zone))
    named = zone_of(str(tzid))
    if named is not None:
        return settled(value.replace(tzinfo=named))
    for component in calendar.walk("VTIMEZONE"):
        if isinstance(component, Timezone) and str(component.get("TZID")) == str(tzid):
            # icalendar remembers unnamed zones for the whole process, so another file's zone of that name could be the answer.
            return value.replace(tzinfo=component.to_tz(lookup_tzid=False)).astimezone(zone)
    return settled(value.replace(tzinfo=zone))  # a name nobody knows, without rules: the rep's own wall clock is the best guess


def _done(component: Component, form: Form) -> bool:
    if form is Form.EVENT:
        return text_of(component, "X-FOLLOWSYNC-DONE") == "TRUE"
    status = text_of(component, "STATUS").upper()
    return status == "COMPLETED" or "COMPLETED" in component or text_of(component, "PERCENT-COMPLETE") == "100"


def minutes_before(alarm: Component, item: Item | None) -> int | None:
    """Minutes before the start, or None where it is no alarm a person set: an Apple default, a snooze (RFC 9074, 6), unreadable."""
    trigger = one(alarm, "TRIGGER") if alarm.name == "VALARM" else None
    value = getattr(trigger, "dt", None)
    if item is None or text_of(alarm, "X-APPLE-DEFAULT-ALARM").upper() == "TRUE" or text_of(alarm, "ACTION").upper() == "NONE":
        return None
    related = one(alarm, "RELATED-TO")
    if related is not None and str(getattr(related, "params", {}).get("RELTYPE", "")).upper() == "SNOOZE":
        return None
    try:
        return _before(trigger, value, item)
    except OverflowError:  # an alarm in year 1
        return None


def _before(trigger: Any, value: object, item: Item) -> int | None:
    if isinstance(value, datetime):
        before = instant(item.start) - instant(value if value.tzinfo else value.replace(tzinfo=UTC))
    elif isinstance(value, timedelta):
        ends = str(trigger.params.get("RELATED", "")).upper() == "END"
        before = -value - (instant(item.end) - instant(item.start) if ends else timedelta())
    else:
        return None
    return before // MINUTE


def counts_from_start(alarm: Component) -> bool:
    trigger = one(alarm, "TRIGGER")
    return trigger is not None and isinstance(trigger.dt, timedelta) and str(trigger.params.get("RELATED", "")).upper() != "END"


def _kind(word: str) -> Kind | None:
    return Kind(word) if word in set(Kind) else None


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None
