"""Which kind of file it is."""

from __future__ import annotations

import re
from collections.abc import Collection

from followsync.importer import text
from followsync.importer.cards import read_cards
from followsync.importer.lead import Leads, Told, nobody
from followsync.importer.tables import read_table

_CARD = re.compile(r"\ufeff?\s*BEGIN\s*:\s*VCARD", re.IGNORECASE)


def read_leads(data: bytes, filename: str, region: str = "US", dates: Collection[str] = (), told: Told = nobody) -> Leads:
    """The rows of a table in any usual encoding and with any usual delimiter, or the cards of a vCard file of any version.

    ``region``: the rep's country; its order of day and month holds, and its code page where an export is in an old one. ``dates``: names
    of further date fields. ``told`` hears how many lines are read. Raises UsageError where the file as a whole is neither."""
    encoding = text.encoding_of(data, filename, region)
    if encoding.startswith("utf"):
        whole = text.read_text(data, filename, region)
        return read_cards(whole, filename, encoding, told) if _CARD.match(whole) else read_table(whole, filename, region, dates, told)
    if _CARD.match(data[:1000].decode("ascii", "replace")):
        # each value of a card may be in an encoding of its own: bytes that are no UTF-8 stay bytes until then
        whole = text.checked(data.decode("utf-8", "surrogateescape"), filename, encoding)
        return read_cards(whole, filename, text.encoding_of(_unnamed(data), filename, region), told)
    return read_table(text.read_text(data, filename, region), filename, region, dates, told)


def _unnamed(data: bytes) -> bytes:
    """The lines of cards that do not say what they are in: other ones would lead astray whoever guesses."""
    return b"\n".join(line for line in data.splitlines() if b"charset" not in line.lower() and not _is_utf_8(line))


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
