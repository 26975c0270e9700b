"""The reference calendar: a server in memory with switchable faults, several clients of it, and the rep's phone. For the demo and tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from itertools import islice
from typing import Any
from urllib.parse import quote

from followsync import ics
from followsync.calendars.base import Batch, Changes, Receipt
from followsync.core.cadence import Form
from followsync.core.item import Item, Seen
from followsync.core.target import Capabilities
from followsync.errors import Changed, CursorExpired, LoginNeeded, Refused, Unavailable

EVERYTHING = Capabilities(creates_safely=True, writes_safely=True, etags=True, tombstones=True, tasks=True)
_CHUNK = 100  # as a CalDAV multiget, so that requests compare
_START = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass(slots=True)
class Faults:
    """What goes wrong. Counts run down to 0 and then nothing more goes wrong.

    ``before``, ``after``: the n-th write from now breaks before it is applied, or after (applied, the answer lost). ``reads``: so many
    readings break. ``refuse``: hrefs that are not taken. ``no_etag``: writes answer without ETag. ``rewrite``: the server changes every
    body it stores. ``cut``: a complete listing shows only so many entries and says nothing. ``login``: the password is no longer good.
    ``retry_after``: what the server says when it breaks, in seconds.
    """

    before: int = 0
    after: int = 0
    reads: int = 0
    refuse: set[str] = field(default_factory=set)
    no_etag: bool = False
    rewrite: bool = False
    cut: int | None = None
    login: bool = False
    retry_after: float | None = None

    def check(self) -> None:
        if self.login:
            raise LoginNeeded("The calendar does not accept the user name and password.")

    def reading(self) -> None:
        self.check()
        if self.reads:
            self.reads -= 1
            raise Unavailable("The calendar cannot be reached.", self.retry_after)

    def breaks(self, name: str) -> bool:
        """Whether this is the write that breaks; counts down."""
        left: int = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return left == 1


class MemoryServer:
    """What stands there: href -> (etag, text), and a log of every change. ``now`` is the server's clock, moved by the test."""

    def __init__(self, name: str = "follow-ups", *, now: datetime = _START) -> None:
        self.path = f"/{quote(name, safe='-._~')}/"
        self.now = now
        self.entries: dict[str, tuple[str, str]] = {}
        self.faults = Faults()
        self.writes = 0
        self._log: list[str] = []
        self._era = 0

    # -- what a client asks

    @property
    def token(self) -> str:
        return f"{self._era}-{len(self._log)}"

    def since(self, token: str) -> list[str]:
        """hrefs changed since ``token``, each once. Raises CursorExpired."""
        era, _, place = token.partition("-")
        if era != str(self._era) or not re.fullmatch("[0-9]{1,9}", place) or int(place) > len(self._log):
            raise CursorExpired("The calendar no longer knows where we stopped reading; everything is read again.")
        return list(dict.fromkeys(self._log[int(place) :]))

    def write(self, href: str, change: Callable[[], str | None]) -> str | None:
        """Apply a client's write with its faults: ``change`` gives the text to store, None to remove. Gives back the etag to tell."""
        self.faults.check()
        if self.faults.breaks("before"):
            raise Unavailable("The calendar cannot be reached.", self.faults.retry_after)
        if href in self.faults.refuse:
            raise Refused("The calendar will not take this entry.")
        etag = self.store(href, change())
        self.writes += 1
        if self.faults.breaks("after"):
            raise Unavailable("The calendar broke off its answer.", self.faults.retry_after)
        return None if self.faults.no_etag or self.faults.rewrite else etag

    def store(self, href: str, text: str | None) -> str | None:
        self._log.append(href)
        if text is None:
            self.entries.pop(href, None)
            return None
        if self.faults.rewrite:
            text = text.replace("END:VEVENT", "X-SERVER-SAW:1\r\nEND:VEVENT") if "X-SERVER-SAW" not in text else text
            text = text.replace(f"PRODID:{ics.PRODID}", "PRODID:-//Memory//Server//EN")
        etag = f'"{sha256(f"{len(self._log)}{text}".encode()).hexdigest()[:16]}"'
        self.entries[href] = (etag, text)
        return etag

    def forget_tokens(self) -> None:
        """Every cursor given out so far is no longer known."""
        self._era += 1

    # -- what the rep does on the phone

    def phone_item(self, href: str, zone: tzinfo = UTC) -> Item:
        return ics.read(self.entries[href][1], zone)

    def phone_edit(self, href: str, **fields: Any) -> None:
        """Change fields of Item, as a calendar app would; what Item does not know stays."""
        text = self.entries[href][1]
        item = self.phone_item(href, fields["start"].tzinfo if "start" in fields else UTC)
        self.store(href, ics.render(replace(item, **fields), raw=text, stamp=self.now))

    def phone_move(self, href: str, start: datetime) -> None:
        """Drag it: the same length, another time."""
        item = self.phone_item(href, start.tzinfo or UTC)
        self.phone_edit(href, start=start, end=start + (item.end - item.start))

    def phone_tick(self, href: str) -> None:
        """Tick a task; an event, which has no box, gets a tick before its title."""
        item = self.phone_item(href)
        self.phone_edit(href, **({"done": True} if item.form is Form.TASK else {"title": f"✓ {item.title}"}))

    def phone_delete(self, href: str) -> None:
        del self.entries[href]
        self._log.append(href)

    def phone_add(self, raw: str, href: str = "") -> str:
        """Put in a text as it is, readable or not; gives back where it stands."""
        href = href or f"{self.path}{sha256(f'{len(self._log)}{raw}'.encode()).hexdigest()[:12]}.ics"
        self.store(href, raw)
        return href


class MemoryCalendar:
    """One client of a MemoryServer. See ``followsync.calendars.base.Calendar``."""

    batch: Batch | None = None

    def __init__(self, server: MemoryServer, zone: tzinfo = UTC) -> None:
        self.requests = 0
        self.collection = f"memory:{server.path}"
        self.connections = 1  # one after the other, so that whatever happens happens in the same order each time
        self.capabilities = EVERYTHING
        self.skew: timedelta | None = None
        self._server = server
        self._zone = zone

    @property
    def notice(self) -> str:
        return ""

    def href(self, uid: str, form: Form = Form.EVENT) -> str:
        return self._server.path + ics.file_name(uid)

    def reaches(self, href: str) -> bool:
        return True

    def remind(self, etags: Callable[[], Mapping[str, str]]) -> None:
        """Names of ours are ids here."""

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        self.requests += 1
        server = self._server
        server.faults.reading()
        touched = server.since(cursor) if cursor else list(server.entries)[: server.faults.cut]
        new = [href for href in touched if href in server.entries and known.get(href) != server.entries[href][0]]
        gone = tuple(href for href in touched if href not in server.entries)
        token = server.token
        listed = frozenset(href for href in touched if href in server.entries)
        return Changes(tuple(seen for seen in self.read(new).values() if seen), gone, token, not cursor, listed)

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        found: dict[str, Seen | None] = {}
        waiting = iter(dict.fromkeys(hrefs))
        while chunk := list(islice(waiting, _CHUNK)):
            self.requests += 1
            self._server.faults.reading()
            found.update((href, self._seen(href)) for href in chunk)
        return found

    def _seen(self, href: str) -> Seen | None:
        if href not in self._server.entries:
            return None
        etag, raw = self._server.entries[href]
        try:
            return Seen(href, etag, raw, ics.read(raw, self._zone))
        except ValueError as error:
            return Seen(href, etag, raw, None, str(error))

    def create(self, href: str, item: Item) -> Receipt:
        text = ics.render(item, stamp=self._server.now)

        def change() -> str:
            if href in self._server.entries:
                raise Changed("Something stands there already.")
            return text

        return Receipt(self._write(href, change), text)

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        try:
            text = ics.render(item, raw=raw, stamp=self._server.now)
        except ValueError as error:
            raise Refused(f"The entry on the calendar cannot be read, so it is left alone: {error}.") from error

        def change() -> str:
            there = self._server.entries.get(href)
            if there is None or (there[0] != etag if etag else there[1] != raw):
                raise Changed("The entry is no longer the one that was read.")
            return text

        return Receipt(self._write(href, change), text)

    def delete(self, href: str, etag: str | None) -> None:
        def change() -> None:
            there = self._server.entries.get(href)
            if there is not None and etag is not None and there[0] != etag:
                raise Changed("The entry is no longer the one that was read.")

        self._write(href, change)

    def _write(self, href: str, change: Callable[[], str | None]) -> str | None:
        self.requests += 1
        return self._server.write(href, change)

    def probe(self, *, again: bool = False) -> Capabilities:
        return self.capabilities

    def another(self) -> MemoryCalendar:
        return MemoryCalendar(self._server, self._zone)

    def close(self) -> None:
        """Nothing is held."""
