"""Item <-> iCalendar text (RFC 5545). The only home of ``icalendar``.

Writing is reading, changing, writing: what Item does not know (a guest, a rule, a colour, another program's alarm) stays as it was found.
We never create RRULE, ATTENDEE or ORGANIZER: a calendar server would send mail for them (RFC 6638, section 3.2).

``text`` and ``zones`` know the letters and the zones, ``reading`` and ``writing`` one entry, ``book`` a whole calendar; each knows only
those named before it.
"""

from __future__ import annotations

from followsync.ics.book import Book, Edition, Shown, render_book
from followsync.ics.reading import read
from followsync.ics.text import SPOILT, YEARS, Spoilt, check_day, clean, cleaned, file_name, fold, midnight, notes, parse, told
from followsync.ics.writing import PRODID, render

__all__ = [
    "PRODID",
    "SPOILT",
    "YEARS",
    "Book",
    "Edition",
    "Shown",
    "Spoilt",
    "check_day",
    "clean",
    "cleaned",
    "file_name",
    "fold",
    "midnight",
    "notes",
    "parse",
    "read",
    "render",
    "render_book",
    "told",
]
