"""Item <-> an event of Google Calendar, as JSON. Pure: nothing is sent here.

https://developers.google.com/workspace/calendar/api/v3/reference/events says what each field means. What Item does not know (a colour, a
guest, a conference) is never sent, so a PATCH keeps it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import sha256
from html import escape, unescape
from typing import Any
from zoneinfo import ZoneInfo

from followsync import ics
from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.item import Item

Resource = Mapping[str, Any]
FIELDS = (
    "id,etag,status,updated,summary,description,location,colorId,transparency,start,end,endTimeUnspecified,recurrence,recurringEventId,"
    "attendees(email,self),attendeesOmitted,organizer(email,self),reminders,extendedProperties/private,source"
)
"""What is asked of an event: enough to tell what it says, and what a PATCH changes."""
PLACE = "events/"  # before its id in an href
_ID = re.compile("[a-v0-9]{5,1024}")
_MARKS = "followsync-"  # before the names of our extended properties: at most 44 characters, values at most 1024, or they are dropped
_LONGEST_MARK = 1024
# What the rep made of an entry that we then only read. Of many guests none is told, only that there are some.
_THEIRS = ("recurrence", "recurringEventId", "attendees", "attendeesOmitted")
_ALARMS = 5  # reminder overrides of one event
_DEFAULT = -1  # minutes: "use default notifications", whatever those of the calendar are; as an alarm, it is kept or taken away like others
_TAG = re.compile(r"<[A-Za-z/!?]")
_NULL_WHEN = {"date": None, "dateTime": None, "timeZone": None}  # PATCH merges the parts of a time: what is to go is named


def event_id(uid: str) -> str:
    """The id of the event with that UID: base32hex, as Google wants it. Ours are such already; others are hashed."""
    return uid if _ID.fullmatch(uid) else sha256(uid.encode("utf-8", "replace")).hexdigest()[:40]


def raw_of(resource: Resource) -> str:
    return json.dumps(resource, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parsed(raw: str) -> dict[str, Any]:
    """The JSON object in ``raw``. Raises ValueError, with a sentence, where there is none."""
    try:
        found = json.loads(raw)
    except ValueError:
        raise ValueError("this is not what Google sent: it is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("this is not what Google sent: it is no JSON object")  # noqa: TRY004 - unreadable text, not a wrong call
    return found


# ---- reading


def item_of(event: Resource, zone: tzinfo) -> Item:
    """The event as an Item. ``zone``: the rep's, for days and for times whose own zone has no IANA name. Raises ValueError, with a
    sentence that quotes no word of it, where it cannot be understood."""
    with ics.told("the event cannot be understood"):
        return _item_of(event, zone)


def _item_of(event: Resource, zone: tzinfo) -> Item:
    if not isinstance(event.get("id"), str):
        raise ics.Spoilt("it has no id")
    marks = _marks_of(event)
    start, all_day = _moment(event["start"], zone)
    end, _ = (start, all_day) if event.get("endTimeUnspecified") else _moment(event.get("end") or event["start"], zone)
    if all_day and end.date() <= start.date():
        end = ics.midnight(start.date() + timedelta(days=1), zone)
    source = event.get("source") or {}
    return Item(
        uid=marks.get("uid") or event["id"],
        form=Form.EVENT,
        title=ics.clean(event.get("summary") or ""),
        body=ics.notes(event.get("description") or ""),
        start=start,
        end=max(start, end, key=lambda moment: moment.astimezone(UTC)),
        location=ics.clean(event.get("location") or "", lines=True),
        url=marks.get("url") or source.get("url") or "",
        busy=event.get("transparency") != "transparent",
        alarms=_alarms(event),
        all_day=all_day,
        done=marks.get("done") == "TRUE",
        action=marks.get("action", ""),
        prospect=marks.get("prospect", ""),
        kind=kind_of(marks.get("kind", "")),
        due=day_of(marks.get("due", "")),
        result=marks.get("result", ""),
        block=marks.get("block", ""),
        slot=marks.get("slot", ""),
        named=marks.get("named", ""),
        theirs=any(event.get(name) for name in _THEIRS) or _is_of_others(event, marks),
        cancelled=event.get("status") == "cancelled",
    )


def _is_of_others(event: Resource, marks: Mapping[str, str]) -> bool:
    """Whether somebody else may change it only (403, forbiddenForNonOrganizer): it came by mail or from another's calendar."""
    return not marks and "organizer" in event and not event["organizer"].get("self")


def _marks_of(event: Resource) -> dict[str, str]:
    private = (event.get("extendedProperties") or {}).get("private") or {}
    return {name.removeprefix(_MARKS): str(value) for name, value in private.items() if name.startswith(_MARKS) and value is not None}


def _moment(when: Resource, zone: tzinfo) -> tuple[datetime, bool]:
    """A time, told in the zone that it names, and whether it is a day. Google gives times back in the calendar's zone, so only the instant
    counts."""
    if day := when.get("date"):
        found = date.fromisoformat(day)
        ics.check_day(found)
        return ics.midnight(found, zone), True
    told = datetime.fromisoformat(when["dateTime"])
    ics.check_day(told)
    named = _zone(when.get("timeZone") or "")
    if told.tzinfo is None:
        told = told.replace(tzinfo=named or zone)
    return told.astimezone(UTC).astimezone(named or zone).replace(microsecond=0), False


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    if name in {"", "UTC", "GMT", "Etc/UTC"}:  # nobody means to live there
        return None
    with suppress(KeyError, ValueError, OSError):
        return ZoneInfo(name)
    return None


def _alarms(event: Resource) -> tuple[int, ...]:
    """Those of this event, or that the calendar's own count."""
    reminders = event.get("reminders") or {}
    if reminders.get("useDefault"):
        return (_DEFAULT,)
    return tuple(sorted({int(one["minutes"]) for one in reminders.get("overrides") or []}))


def kind_of(word: str) -> Kind | None:
    return Kind(word) if word in set(Kind) else None


def day_of(word: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(word)
    return None


# ---- writing


def new_event(item: Item) -> dict[str, Any]:
    """The body of an insert. Nobody is invited, ever."""
    item = ics.cleaned(item)
    event = _fields(item)
    event["id"] = event_id(item.uid)
    event["start"], event["end"] = _when(item.start, all_day=item.all_day), _when(item.end, all_day=item.all_day)
    event["extendedProperties"] = {"private": _marks(item)}
    if source := _source(item):
        event["source"] = source
    return {name: value for name, value in event.items() if value != ""}


def changes(item: Item, event: Resource, zone: tzinfo) -> dict[str, Any]:
    """The body of a PATCH that makes ``event`` say ``item``: what differs, and null for what is to go. Raises ValueError where the event
    cannot be read."""
    item, old = ics.cleaned(item), item_of(event, zone)
    before, after = _fields(old), _fields(item)
    body = {name: value for name, value in after.items() if value != before[name]}
    if item.alarms != old.alarms:
        body["reminders"] = _reminders(item, event)
    else:
        body.pop("reminders", None)
    if _span(item) != _span(old):
        # Google moves an end that is not named along with the start, and merges what both say: all four are always said.
        body["start"] = _NULL_WHEN | _when(item.start, all_day=item.all_day)
        body["end"] = _NULL_WHEN | _when(item.end, all_day=item.all_day)
    had, wanted = _marks_of(event), _marks(item)
    stale = {_MARKS + name: None for name in had if _MARKS + name not in wanted}
    fresh = {name: value for name, value in wanted.items() if had.get(name.removeprefix(_MARKS)) != value}
    if private := {**stale, **fresh}:
        body["extendedProperties"] = {"private": private}
    if item.url != old.url and ((source := _source(item)) or event.get("source")):
        body["source"] = source
    return body


def _fields(item: Item) -> dict[str, Any]:
    return {
        "summary": item.title,
        "description": described(item.body),
        "location": item.location,
        "transparency": "opaque" if item.busy else "transparent",
        "reminders": _reminders(item, {}),
    }


def described(body: str) -> str:
    """Notes as Google's own apps show them, which read HTML there: what would be taken for a tag or a sign is written as one is."""
    if not _TAG.search(body) and unescape(body) == body:
        return body
    return escape(body, quote=False)


def _reminders(item: Item, event: Resource) -> dict[str, Any]:
    """The rep's own ones keep how they remind: by mail, perhaps."""
    if item.alarms == (_DEFAULT,):
        return {"useDefault": True}
    ways = {int(one["minutes"]): one for one in (event.get("reminders") or {}).get("overrides") or []}
    several = [minutes for minutes in item.alarms if minutes != _DEFAULT]
    overrides = [dict(ways.get(minutes, {"method": "popup", "minutes": minutes})) for minutes in several[:_ALARMS]]
    return {"useDefault": False, "overrides": overrides}


def _when(moment: datetime, *, all_day: bool) -> dict[str, Any]:
    if all_day:
        return {"date": moment.date().isoformat()}
    zone = moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else "UTC"
    return {"dateTime": moment.astimezone(UTC).astimezone(moment.tzinfo).isoformat(timespec="seconds"), "timeZone": zone}


def _span(item: Item) -> tuple[Any, ...]:
    if item.all_day:
        return (True, item.start.date(), item.end.date())
    return (False, item.start.astimezone(UTC), item.end.astimezone(UTC))


def _source(item: Item) -> dict[str, str] | None:
    """A link that Google shows beside the event. It takes web addresses only; others travel among the marks."""
    if item.url.startswith(("https://", "http://")):
        return {"title": "FollowSync", "url": item.url}
    return None


def _marks(item: Item) -> dict[str, str]:
    values = {
        "uid": item.uid if event_id(item.uid) != item.uid else "",
        "url": "" if _source(item) else item.url,
        "action": item.action,
        "prospect": item.prospect,
        "kind": item.kind.value if item.kind else "",
        "due": item.due.isoformat() if item.due else "",
        "done": "TRUE" if item.done else "",
        "result": item.result,
        "block": item.block,
        "slot": item.slot,
        "named": item.named,
    }
    return {_MARKS + name: value for name, value in values.items() if value and len(value.encode()) <= _LONGEST_MARK}
