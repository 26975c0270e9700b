"""What the rep types into a calendar app, on each kind of calendar: the part of the phone that depends on how entries are written there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from followsync import ics
from followsync.calendars.memory import MemoryServer
from followsync.core.item import Item
from tests.dav.server import DavServer, marked

ZONE = ZoneInfo("America/Detroit")
DOCTOR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:VEVENT\r\nUID:doctor\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260106T150000Z\r\nDTEND:20260106T160000Z\r\nSUMMARY:Doctor\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
FOREIGN = {"doctor.ics": DOCTOR, "spoilt.ics": "BEGIN:VCALENDAR\r\nthis is no calendar"}
LINES = {
    "timed": "DTSTART:{start}\r\nDTEND:{end}\r\n",
    "day": "DTSTART;VALUE=DATE:{day}\r\n",
    "task": "DUE;VALUE=DATE:{day}\r\n",
    "undated": "",
}
_MORE = {"": "", "series": "RRULE:FREQ=WEEKLY\r\n", "invitation": "ORGANIZER:mailto:a@example.org\r\nATTENDEE:mailto:b@example.org\r\n"}


@runtime_checkable
class App(Protocol):
    """``requests``: so many has a cycle without news."""

    requests: int

    def others(self) -> None:
        """Put in what is none of our business: an appointment, and something that nobody can read."""

    def type(self, how: str, title: str, day: date, start: datetime, number: int, *, note: str = "", kind: str = "") -> str:
        """A new entry; where it stands. ``how``: one of LINES. ``kind``: series, invitation, or "". ``number`` tells it from others."""

    def keep(self, href: str) -> str:
        """What stands there, for ``put_back``."""

    def put_back(self, href: str, kept: str) -> None:
        """What was deleted stands there again."""

    def copy(self, href: str, number: int) -> str:
        """The same once more, as another entry; where that stands, "" where the app makes no copies."""

    def read(self, href: str) -> Item:
        """As the app shows it, with whose entry it is."""


@lru_cache(4096)
def _read(text: str) -> Item:
    return ics.read(text, ZONE)


class IcsApp:
    """Where entries are texts of iCalendar."""

    requests = 1

    def __init__(self, server: MemoryServer) -> None:
        self._server = server

    def others(self) -> None:
        for name, text in FOREIGN.items():
            self._server.phone_add(text, self._server.path + name)

    def type(self, how: str, title: str, day: date, start: datetime, number: int, *, note: str = "", kind: str = "") -> str:
        utc = start.astimezone(UTC)
        when = LINES[how].format(start=f"{utc:%Y%m%dT%H%M%SZ}", end=f"{utc + timedelta(minutes=20):%Y%m%dT%H%M%SZ}", day=f"{day:%Y%m%d}")
        form = "VTODO" if how in ("task", "undated") else "VEVENT"
        notes = f"DESCRIPTION:{note}\r\n" if note else ""
        return self._server.phone_add(
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:{form}\r\nUID:typed-{number}\r\n"
            f"DTSTAMP:20260101T000000Z\r\n{when}SUMMARY:{title}\r\n{notes}{_MORE[kind]}END:{form}\r\nEND:VCALENDAR\r\n",
            f"{self._server.path}typed-{number}.ics",
        )

    def keep(self, href: str) -> str:
        return self._server.entries[href][1]

    def put_back(self, href: str, kept: str) -> None:
        self._server.phone_add(kept, href)

    def copy(self, href: str, number: int) -> str:
        text, uid = self._server.entries[href][1], self._server.phone_item(href).uid
        return self._server.phone_add(text.replace(f"UID:{uid}", f"UID:copy-{number}"), f"{self._server.path}copy-{number}.ics")

    def read(self, href: str) -> Item:
        marks = self._server.marks if isinstance(self._server, DavServer) else {}
        return marked(_read(self._server.entries[href][1]), marks.get(href))


def app_of(server: MemoryServer) -> App:
    """A server whose entries are no iCalendar is its own."""
    return server if isinstance(server, App) else IcsApp(server)
