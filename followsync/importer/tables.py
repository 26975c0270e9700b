"""A table's rows as leads: our own CSV, Capsule's, HubSpot's, Google's and Outlook's, and what somebody typed into a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain, count, islice

from followsync.core.prospect import Prospect
from followsync.days import read_day
from followsync.errors import Problem, UsageError
from followsync.importer import columns
from followsync.importer.cells import parts_of, stakeholder_of, unguarded
from followsync.importer.columns import ALIASES, Program
from followsync.importer.lead import Bad, Lead, Leads, Told
from followsync.importer.ours import DATES, HEADER_OF, HEADERS, TEXTS

_DATED = ("_date", "_end", "_due", "_on", "day", "birthdate", "anniversary")  # a column so named holds days where its cells are days
_SEVERAL = " ::: "  # what Google puts between several values of one cell
_NO_LETTER = "\ufdd0"  # (Unicode 23.7)


@dataclass(frozen=True, slots=True)
class _Table:
    """``headers``: as ``header_of`` gives them. ``region``: whose order of day and month dates are in. ``dates``: fields that are days."""

    program: Program
    headers: tuple[str, ...]
    region: str
    dates: frozenset[str]


def read_table(text: str, filename: str, region: str, dates: Collection[str], told: Told) -> Leads:
    """``dates``: names of further date fields. Raises UsageError where the file as a whole is no table of prospects."""
    lines = list(io.StringIO(text, newline=""))  # ends lines where csv does, and nowhere else
    rows = _rows(lines, next(end for number in count(1) if (end := _NO_LETTER * number) not in text))
    first = next((row.cells for row in rows), [])
    table = _headed(first, filename, region, frozenset({*DATES, *dates}))
    leads: list[Lead] = []
    bad: list[Bad] = []
    for row in rows:
        told(row.line, len(lines))
        if not any(cell.strip() for cell in row.cells):
            continue
        said = _named(table, row.cells)
        if problem := _wrong(table, row, said):
            bad.append(Bad(Problem(filename, row.line, 0, problem), tuple(row.cells)))
        else:
            leads.append(Lead(filename, row.line, _prospect(table, said), tuple(row.cells), _is_business(table, row.cells)))
    return Leads(tuple(leads), tuple(bad), tuple(first))


# -- lines -> rows -----------------------------------------------------------------------------------------------------------------


class _State(Enum):
    WHOLE = auto()
    OPEN = auto()
    """A quote opens in this line and swallows the rest."""
    BEHIND = auto()
    """Stands somewhere behind such a line: whether it is a row or part of a cell is not known."""


@dataclass(frozen=True, slots=True)
class _Row:
    """``line``: its first one, from 1."""

    line: int
    cells: list[str]
    state: _State = _State.WHOLE


def _rows(lines: list[str], end_mark: str) -> Iterator[_Row]:
    """From the header on. Behind a quote that is never closed reading goes on with the next line: one stray quote costs one row.

    ``end_mark`` stands nowhere in the lines. It is put behind the last one, and is found inside a cell where a quote is open there."""
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines):
        return
    if match := re.fullmatch(r"sep=([,;\t|])", lines[start].strip('\r\n "')):  # a hint that spreadsheets write
        delimiter, start = match[1], start + 1
    else:
        delimiter = max(",;\t|", key=lambda candidate: len(_cells(lines[start], candidate)))
    state = _State.WHOLE
    while start < len(lines):
        reader = csv.reader(chain(islice(lines, start, None), (end_mark,)), delimiter=delimiter)
        here = start
        try:
            for cells in reader:
                if cells == [end_mark]:
                    return
                end = start + reader.line_num
                if (cells and cells[-1].endswith(end_mark)) or (end - here > 1 and not _holds(lines[here:end], delimiter)):
                    break
                yield _Row(here + 1, cells, state)
                here = end
        except csv.Error:  # a cell that is longer than a cell can be
            pass
        state = _State.BEHIND
        yield _Row(here + 1, lines[here].rstrip("\r\n").split(delimiter), _State.OPEN)
        start = here + 1


def _holds(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the row of several lines is one: where a stray quote swallowed lines, the next quote closes it in the middle of a cell."""
    try:
        return len(list(csv.reader(lines, delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _headed(cells: Sequence[str], filename: str, region: str, dates: frozenset[str]) -> _Table:
    headers = tuple(columns.header_of(cell) for cell in cells)
    if not columns.names_prospects(headers):
        raise UsageError(f'{filename}: the first line must hold the headers, one of them "name" (or "Company name", "First Name" …).')
    known = {*HEADERS, "method"}
    if twice := sorted({header for header in headers if header in known and headers.count(header) > 1}):
        raise UsageError(f"{filename}: the header {twice[0]} stands there twice. Rename or remove one of the two columns.")
    return _Table(columns.program_of(headers), headers, region, dates)


# -- rows -> leads -----------------------------------------------------------------------------------------------------------------


def _named(table: _Table, cells: list[str]) -> dict[str, str]:
    """Header -> cell, without the empty ones. Of columns that mean the same the first one that has something in it counts, ours
    before others'; what a further one says stays a field of its own name."""
    pairs = [(header, unguarded(cell)) for header, cell in zip(table.headers, cells, strict=False) if header and cell.strip()]
    pairs = [(header, cell) for header, cell in pairs if not columns.tells_nothing(table.program, header, cell)]
    if table.program is Program.OURS:
        return dict(pairs)
    row: dict[str, str] = {}
    if table.program is Program.OUTLOOK:
        pairs = _with_addresses(table, cells, pairs)
    for header, cell in sorted(pairs, key=lambda pair: (pair[0] in ALIASES) + (pair[0] in columns.LATER)):
        column = header if header == "title" and "job_title" in table.headers else ALIASES.get(header, header)
        value, _, others = cell.strip().partition(_SEVERAL if table.program is Program.GOOGLE and column != "tags" else "\0")
        if column == "email" and not _is_address(value):
            column = "other_email"  # "ask at the desk"
        if column == "name" and "name" in row and "person" not in row and row["name"] != value:
            row["person"], row["name"] = row["name"], value  # "Name" beside "Organisation" is the person's
        elif row.get(column) != value:
            row[header if column in row else column] = value
        if others:
            row[f"other_{column}"] = others.replace(_SEVERAL, ", ")
    if table.program is Program.CAPSULE and "id" in row:
        row["capsule_id"] = row.pop("id")  # theirs; ours are words that a person can type
    return row


def _is_address(value: str) -> bool:
    return "@" in value and not value.startswith("/")


def _with_addresses(table: _Table, cells: Sequence[str], pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of people in the same house Outlook writes a name of Exchange's own (/o=…) where the address belongs, and the address behind the
    name that is shown: "Hans Lang (hans@example.org)"."""
    shown = {header: cell for header, cell in zip(table.headers, cells, strict=False) if header.endswith("_display_name")}
    found = []
    for header, cell in pairs:
        if not cell.strip().lower().startswith("/o="):
            found.append((header, cell))
        elif address := re.search(r"[^\s<>()\"',;]+@[^\s<>()\"',;]+", shown.get(header.replace("_address", "_display_name"), "")):
            found.append((header, address[0]))
    return found


def _wrong(table: _Table, row: _Row, said: Mapping[str, str]) -> str:
    """What makes the row unusable, or ""."""
    if row.state is _State.OPEN:
        return "a quote opens in this line and is not closed"
    if row.state is _State.BEHIND and len(row.cells) < len(table.headers):
        return "it stands behind a quote that was not closed, and has fewer cells than there are headers"
    if any(cell.strip() for cell in row.cells[len(table.headers) :]):
        return "there are more cells than headers; put cells that hold the delimiter in quotes"
    if not any(said.get(name) for name in ("id", "name", "person", *columns.FIRST, *columns.LAST)):
        return "there is no name in this row"
    for name, cell in said.items():
        if "phone" in name and re.fullmatch(r"\d[.,]\d+E\+\d\d", cell.strip()):
            return f'{name}: "{cell}" is what a spreadsheet left of a number; make that column text, and write the number anew'
    for name in sorted(table.dates):
        if name in said and not re.fullmatch(r"--\d\d-\d\d", said[name].strip()) and read_day(said[name], table.region) is None:
            return f'{name}: "{said[name]}" is not a day that can be relied on; write it as 2026-01-31'
    return ""


def _is_business(table: _Table, cells: list[str]) -> bool:
    kinds = [cell.strip().lower() for header, cell in zip(table.headers, cells, strict=False) if header == "type"]
    return table.program is Program.CAPSULE and any(kind in {"organisation", "organization"} for kind in kinds)


def _take(row: dict[str, str], *names: str) -> str:
    """The first of these that says something; all of them are spoken for."""
    return next((value for value in [row.pop(name, "") for name in names] if value), "")


def _prospect(table: _Table, row: Mapping[str, str]) -> Prospect:
    rest = dict(row)
    ours = table.program is Program.OURS
    name, person, address = rest.pop("name", ""), rest.pop("person", ""), rest.pop("address", "")
    if not ours:
        whole = " ".join(filter(None, (_take(rest, *columns.FIRST), _take(rest, *columns.MIDDLE), _take(rest, *columns.LAST))))
        person = person or whole
        address = _address(rest, address)
        name, person = (name, person if person != name else "") if name else (person, "")
    return Prospect(
        id=rest.pop("id", ""),
        rep=rest.pop("rep", ""),
        name=name,
        person=person,
        address=address,
        tags=tuple(_tags(rest.pop("tags", ""), table.program)),
        stakeholders=tuple(stakeholder_of(part) for part in parts_of(rest.pop("stakeholders", ""), ours=True)),
        **{known: rest.pop(HEADER_OF.get(known, known), "") for known in TEXTS if known not in {"name", "person", "address"}},
        loans=(),
        fields={column if ours else columns.field_of(column): _as_day(table, column, value) for column, value in rest.items()},
    )


def _address(rest: dict[str, str], written: str) -> str:
    """The address as it was written in one cell, else of its parts; a further address stays in fields of its own."""
    written = ", ".join(filter(None, (line.strip(" ,") for line in written.splitlines())))
    for parts, countries in zip(columns.ADDRESSES, columns.COUNTRIES, strict=True):
        if any(part in rest for part in parts):
            found = ", ".join(" ".join(part.split()) for column in parts if (part := rest.pop(column, "")))
            country = _take(rest, *countries)
            return written or ", ".join(filter(None, (found, country)))
    return written


def _tags(text: str, program: Program) -> list[str]:
    if program is not Program.GOOGLE:
        return parts_of(text, ours=program is Program.OURS)
    return [tag for part in text.split(_SEVERAL.strip()) if (tag := part.strip()) and not tag.startswith("*")]  # "* " marks Google's own


def _as_day(table: _Table, column: str, value: str) -> str:
    if column not in table.dates and not column.endswith(_DATED):
        return value
    day = read_day(value, table.region)
    return day.isoformat() if day else value
