"""Which kind of file it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from zoneinfo import available_timezones

from followsync.days import looks_like_a_day, read_day
from followsync.errors import Problem
from followsync.importer import text
from followsync.importer.cards import read_cards
from followsync.importer.lead import Lead, Leads, Told, nobody
from followsync.importer.tables import read_table

_TEXT = "time_zone"  # the field that keeps what is the name of no zone
_CARD = re.compile(r"\ufeff?\s*BEGIN\s*:\s*VCARD", re.IGNORECASE)


def read_leads(data: bytes, filename: str, region: str = "US", dates: Collection[str] = (), told: Told = nobody) -> Leads:
    """The rows of a table in any usual encoding and with any usual delimiter, or the cards of a vCard file of any version.

    ``region``: the rep's country; its order of day and month holds, and its code page where an export is in an old one. ``dates``: names
    of further date fields. ``told`` hears how many lines are read. Raises UsageError where the file as a whole is neither."""
    found = _read(data, filename, region, dates, told)
    rows, unknown = _with_zones(found.rows)
    return replace(found, rows=rows, odd=(*unknown, *_odd(rows, region)))


def _with_zones(rows: Iterable[Lead]) -> tuple[tuple[Lead, ...], list[Problem]]:
    """Zones under their real names, however they were written; and what is the name of none, which stays as text."""
    found, unknown = [], []
    for lead in rows:
        said = lead.prospect.timezone.strip()
        name = _zones().get(said.replace(" ", "_").casefold(), "") if said else ""
        if said and not name:
            instead = f"so it is kept as text ({_TEXT}) and not used; write one such as America/Detroit"
            told = f'timezone: "{said}" is the name of no time zone, {instead}'
            unknown.append(Problem(lead.where, lead.line, 0, told))
            lead = replace(lead, prospect=replace(lead.prospect, fields={**lead.prospect.fields, _TEXT: said}))
        found.append(replace(lead, prospect=replace(lead.prospect, timezone=name)) if lead.prospect.timezone != name else lead)
    return tuple(found), unknown


@cache
def _zones() -> Mapping[str, str]:
    return {name.casefold(): name for name in sorted(available_timezones())}


def _odd(rows: Iterable[Lead], region: str) -> Iterator[Problem]:
    """Fields that nothing counts from go in whatever they say. What looks like a day there and is kept as text is told, or it would be
    missed in silence once a rule asks for it: each that cannot be read, and of a column whose days nobody read the first one."""
    unread: dict[str, list[tuple[Lead, str]]] = {}
    for lead in rows:
        for name, value in lead.prospect.fields.items():
            if "phone" in name or name == "fax" or not looks_like_a_day(value):
                continue
            if (day := read_day(value, region)) is None:
                yield Problem(lead.where, lead.line, 0, f'{name}: "{value.strip()}" {_not_read(value, region)}')
            elif day.isoformat() != value:
                unread.setdefault(name, []).append((lead, day.isoformat()))
    for name, several in unread.items():
        (lead, written), more = several[0], len(several) - 1
        like = f", like {more} further cell{'' if more == 1 else 's'} of that column" if more else ""
        told = f'{name}: "{lead.prospect.fields[name].strip()}" looks like a day and is kept as text{like}, for nothing counts from it'
        yield Problem(lead.where, lead.line, 0, f"{told}; where a rule is to, write it as {written}, or import the file again then")


def _not_read(value: str, region: str) -> str:
    orders = ("US", "GB") if re.search(r"\d{4}", value) else ()  # of two figures nobody knows which century they mean
    days = dict.fromkeys(day.isoformat() for order in orders if (day := read_day(value, order)))
    where = f" in the order of {region.upper()}" if days else ""
    return f"is not read as a day{where}, so it is kept as text; write it as {' or '.join(days) or '2026-01-31'}"


def _read(data: bytes, filename: str, region: str, dates: Collection[str], told: Told) -> Leads:
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
