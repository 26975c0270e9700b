"""What a server makes of what it is sent: some drop alarms, some add lines of their own. Known once, it is nobody's edit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from unicodedata import normalize

from followsync.core.item import Item

_WORDS = ("title", "location", "url", "action", "prospect")
_VALUES = ("form", "busy", "all_day", "done", "alarms", "kind", "due")
_TIMES = ("start", "end")


def rewritten(sent: Item, seen: Item) -> frozenset[str]:
    """How ``seen`` differs from ``sent``, as a reader of the calendar would notice: names of fields whose value changed, and
    ``body+LINE`` for each line that was only added to the body. Spacing is no difference, and neither is the zone a time is told in."""
    return frozenset(_differences(sent, seen))


def explained(sent: Item, seen: Item, known: frozenset[str]) -> bool:
    """Whether every difference is of the kinds that this server is known to make."""
    return all(one in known or one.partition("+")[0] in known for one in rewritten(sent, seen))


def _differences(sent: Item, seen: Item) -> Iterator[str]:
    for name in _WORDS:
        if _words(getattr(sent, name)) != _words(getattr(seen, name)):
            yield name
    for name in _VALUES:
        if getattr(sent, name) != getattr(seen, name):
            yield name
    for name in _TIMES:
        if getattr(sent, name).astimezone(UTC) != getattr(seen, name).astimezone(UTC):
            yield name
    before, after = _lines(sent.body), _lines(seen.body)
    if before != after:
        added = _added(before, after)
        yield from ["body"] if added is None else (f"body+{line}" for line in added)


def _added(before: list[str], after: list[str]) -> list[str] | None:
    """The lines that stand in ``after`` beside those of ``before``; None where one of those is missing or has changed its place."""
    added = []
    waiting = iter(before)
    expected = next(waiting, None)
    for line in after:
        if line == expected:
            expected = next(waiting, None)
        else:
            added.append(line)
    return added if expected is None else None


def _lines(text: str) -> list[str]:
    rows = (" ".join(normalize("NFC", row).split()) for row in text.split("\n"))
    return [row for row in rows if row]


def _words(text: str) -> list[str]:
    return normalize("NFC", text).split()
