"""What a calendar must be able to do: the one contract that every kind of target keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from followsync.core.item import Item, Seen


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since a cursor.

    ``seen``: entries created or changed, with their text. ``gone``: hrefs the calendar says were deleted. ``cursor``: opaque text to
    ask with next time. ``complete``: there was no usable cursor, so ``listed`` names everything that stands there (``seen`` still
    leaves out our own echoes), and an href missing from it may be gone; ask ``read`` before believing it. A calendar without change
    detection always answers completely.
    """

    seen: tuple[Seen, ...]
    gone: tuple[str, ...]
    cursor: str
    complete: bool
    listed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A write that the calendar took. ``etag`` is None where the calendar did not give a strong one: read it back."""

    etag: str | None
    raw: str


class Calendar(Protocol):
    """One place where actions are written: a CalDAV collection, a Google calendar, a file.

    Every method may raise ``Unavailable`` or ``LoginNeeded`` (see followsync.errors). Nothing is ever re-sent inside: after
    ``Unavailable`` from a write it is unknown whether the write happened, and the caller settles that by ``read``.
    ``requests`` counts round trips since the object was made. One object belongs to one thread.
    """

    requests: int
    collection: str  # the address of the collection; another one means another calendar

    def href(self, uid: str) -> str:
        """Where the entry with that UID stands or would stand; the same for ever, made without asking."""

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        """What is new since ``cursor`` ("" = everything). ``known``: href -> etag of what the caller has already seen; such entries
        are our own echoes and are not fetched again. Raises CursorExpired where the calendar no longer knows the cursor."""

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        """The entries at these hrefs; None where the calendar says that nothing stands there."""

    def create(self, href: str, item: Item) -> Receipt:
        """Write a new entry. Raises Changed where something stands there already, Refused where it is not taken."""

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        """Change an entry to ``item``; properties in ``raw`` that Item does not know are kept. Raises Changed where the entry
        is no longer the one with ``etag`` or no longer there, Refused where it is not taken."""

    def delete(self, href: str, etag: str | None) -> None:
        """Remove an entry; one that is already gone is no error. Raises Changed where it is not the one with ``etag``."""

    def close(self) -> None:
        """Let go of connections."""
