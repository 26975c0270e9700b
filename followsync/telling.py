"""Facts and moments in words, for whoever looks: at the terminal, and on the phone page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, assert_never
from unicodedata import category
from zoneinfo import ZoneInfo

from followsync.core.history import (
    Captured,
    Contradicted,
    Dismissed,
    Edited,
    Entry,
    HandedOver,
    Moved,
    Noted,
    Promised,
    Reopened,
    Restored,
    Result,
    Touched,
    Unclear,
    Waiting,
)
from followsync.core.touches import how_tried

if TYPE_CHECKING:
    from followsync.core.cadence import Window
    from followsync.core.promises import Line

_UNSEEN = frozenset({"Cc", "Cs", "Cf"})  # controls, halves of letters, and what turns the writing or hides in it


def visible(value: Any) -> Any:
    """What a page shows of a text: a name from an import must neither spoil the page nor turn its writing round."""
    return "".join(" " if category(letter) in _UNSEEN else letter for letter in value) if type(value) is str else value


def moment(at: datetime) -> str:
    return f"{at:%a %Y-%m-%d, %H:%M}"


def told_at(iso: str) -> str:
    """The same of ISO text, without the comma: for a column."""
    return f"{datetime.fromisoformat(iso):%a %Y-%m-%d %H:%M}"


def all_day(start: datetime, end: datetime) -> bool:
    """Whether both are midnights, as the rep drags an entry among the whole days."""
    return start.time() == end.time() == time(0) and start.date() < end.date()


def span(start: datetime, end: datetime) -> str:
    """``Thu 2026-01-08, 13:00-13:45``."""
    if all_day(start, end):
        return f"{start:%a %Y-%m-%d}, all day"
    return f"{moment(start)}-{end:%H:%M}" if end.date() == start.date() else f"{moment(start)} to {moment(end)}"


def entry(fact: Entry, zone: ZoneInfo) -> str:
    """A fact of history as a sentence, its hours told in the rep's zone."""
    match fact:
        case Captured(text=text):
            return f"Captured{f': {text}' if text else ''}."
        case Edited(changes=changes):
            return f"Changed {', '.join(_change(name, *values) for name, values in changes.items())}."
        case Touched():
            return _touch(fact)
        case Promised():
            clock = _clock(fact.start, fact.window, zone)
            purpose = f" to {fact.purpose}" if fact.purpose else ""
            return f"Agreed: {fact.method or 'a follow-up'} on {fact.day:%a %Y-%m-%d}{clock}{purpose}."
        case Waiting(until=until):
            return f"Waiting on them until {until:%a %Y-%m-%d}{_clock(fact.start, fact.window, zone)}."
        case Moved(start=start):
            return f"Moved by hand to {moment(start.astimezone(zone))}."
        case Dismissed(title=title):
            return f"The entry was deleted: {title}."
        case Contradicted(text=text, note=note):
            return f"Said at once: {text}: neither counts.{f' Note: {note}' if note else ''}"
        case Reopened(text=text):
            return f"Open again{f': {text}' if text else ''}."
        case HandedOver(giver=giver, taker=taker, until=until):
            return f"Handed over from {giver} to {taker}{f' until {until:%a %Y-%m-%d}; then it returns' if until else ''}."
        case Restored():
            return "The deleted entry was put back."
        case Noted(text=text):
            return f"Note: {text}"
        case Unclear(text=""):
            return "What was not understood is clear by now, or gone."
        case Unclear(either=either) if either:
            return f"Both were told: {'; '.join(either)}. The first one stands until something else is said."
        case Unclear(text=text):
            return f"Not understood: {text}"
        case _:
            assert_never(fact)


def promised(line: Line, zone: ZoneInfo) -> str:
    """``call on Tue 2026-01-06, 10:00 to send the quote: kept, Tue 2026-01-06, 10:05 (done). Agreed Mon 2026-01-05, 11:00 via cli.``"""
    clock = _clock(line.start, line.window, zone)
    purpose = f" to {line.purpose}" if line.purpose else ""
    at = f", {moment(line.settled.astimezone(zone))}" if line.settled else ""
    how = f" ({line.how})" if line.how else ""
    said = "Moved there" if line.moved else "Agreed"
    agreed = f"{said} {moment(line.agreed.astimezone(zone))} via {line.via}."
    return f"{line.method} on {line.day:%a %Y-%m-%d}{clock}{purpose}: {line.fate}{at}{how}. {agreed}"


def _clock(start: datetime | None, window: Window | None, zone: ZoneInfo) -> str:
    if start:
        return f", {start.astimezone(zone):%H:%M}"
    return f", {window.start:%H:%M}-{window.end:%H:%M}" if window else ""


def _touch(touch: Touched) -> str:
    what = f"{touch.method} to {touch.purpose}" if touch.method and touch.purpose else touch.purpose or touch.method or "touched"
    recap = "".join(f"; {name.replace('_', ' ')}: {value}" for name, value in touch.recap.items() if name != "attempt")
    words: Mapping[Result, str] = {Result.ATTEMPT: how_tried(touch), Result.NEXT: "next step agreed"}
    note = f" ({touch.note})" if touch.note else ""
    return f"{what[:1].upper()}{what[1:]}: {words.get(touch.result, touch.result.value)}{note}{recap}."


def _change(name: str, before: str, after: str) -> str:
    return f"{name}: {before or '–'} → {after or '–'}"
