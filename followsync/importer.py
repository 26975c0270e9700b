"""Prospects in and out as tables: our own CSV, Capsule's and HubSpot's exports.

Reading is one thing (bytes -> rows), deciding another (rows against the store -> a preview), doing the third. A second import of the
same file changes nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from followsync.capture import prospect_id
from followsync.core.history import Captured, Edited
from followsync.core.prospect import Prospect, Stakeholder
from followsync.days import read_day
from followsync.errors import Problem, UsageError
from followsync.phone import tel
from followsync.store import Transaction

_TEXTS = ("name", "person", "role", "phone", "email", "address", "url", "timezone", "method", "source", "stage", "reason", "notes")
HEADERS = (
    *("id", "name", "person", "role", "phone", "email", "address", "url", "timezone", "preferred_method", "source", "stage", "tags"),
    *("reason", "notes", "stakeholders", "rep"),
)
DATES = ("met", "contract_end", "proposal_due")
_DATED = ("_date", "_end", "_due", "_on")  # a column so named holds days where its cells are days
_HEADER_OF = {"method": "preferred_method"}
_COLUMNS = {"preferred_method": "method", **{header: header for header in HEADERS if header != "preferred_method"}}

# What other programs call these columns. The first column that has something in its cell wins.
_ALIASES = {
    "company": "name", "company_name": "name", "organisation": "name", "organization": "name", "organisation_name": "name",
    "organization_name": "name", "business": "name", "business_name": "name", "account_name": "name", "associated_company": "name",
    "contact": "person", "contact_name": "person", "full_name": "person", "person_name": "person",
    "job_title": "role", "title": "role", "position": "role",
    "phone_number": "phone", "telephone": "phone", "work_phone": "phone", "phone_1": "phone", "phone_work": "phone",
    "mobile": "phone", "mobile_phone": "phone", "mobile_phone_number": "phone", "cell": "phone", "cell_phone": "phone",
    "email_address": "email", "e_mail": "email", "e_mail_address": "email",
    "work_email": "email", "email_1": "email", "email_work": "email",
    "website": "url", "website_url": "url", "web_site": "url", "web_address": "url", "time_zone": "timezone", "method": "preferred_method",
    "lead_source": "source", "original_source": "source", "lifecycle_stage": "stage", "lead_status": "stage", "milestone": "stage",
    "tag": "tags", "note": "notes", "about": "notes", "description": "notes",
}  # fmt: skip
_ADDRESS = ("street", "street_address", "address_street", "city", "state", "state_region", "province", "zip", "zip_code", "postal_code")
_FIRST, _LAST = ("first_name", "firstname", "forename"), ("last_name", "lastname", "surname")


@dataclass(frozen=True, slots=True)
class Lead:
    """A row that can be read, at ``line`` of the file ``where``. ``prospect`` has an id or a rep only where the row names one. Empty
    cells are empty fields: they say nothing."""

    where: str
    line: int
    prospect: Prospect


@dataclass(frozen=True, slots=True)
class Leads:
    """``bad`` rows stand aside, each with its line in the file; they hold up nothing."""

    rows: tuple[Lead, ...]
    bad: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``update``: id -> field name -> (before, after). ``same``: rows that say nothing new."""

    create: tuple[Prospect, ...]
    update: tuple[tuple[str, Mapping[str, tuple[str, str]]], ...]
    same: int
    bad: tuple[Problem, ...] = ()
    changed: tuple[Prospect, ...] = field(default=(), repr=False)


def read_leads(data: bytes, filename: str, region: str = "US", dates: Collection[str] = ()) -> Leads:
    """The rows of a CSV file in any encoding and with any usual delimiter. ``region``: whose order of day and month dates are in.
    ``dates``: names of further date fields. Raises UsageError where the file as a whole is no table of prospects."""
    rows = _rows(_text(data, filename), filename)
    _, first = next(rows, (0, []))
    headers = [_header(cell) for cell in first]
    if not _names_prospects(headers):
        raise UsageError(f'{filename}: the first line must hold the headers, one of them "name" (or "Company name", "First Name" …).')
    if twice := sorted({header for header in headers if header in _COLUMNS and headers.count(header) > 1}):
        raise UsageError(f"{filename}: the header {twice[0]} stands there twice. Rename or remove one of the two columns.")
    leads: list[Lead] = []
    bad: list[Problem] = []
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        row = _named(headers, cells)
        if problem := _wrong(headers, cells, row, region, {*DATES, *dates}):
            bad.append(Problem(filename, line, 0, problem))
        else:
            leads.append(Lead(filename, line, _prospect(row, region, {*DATES, *dates}, ours=_ours(headers))))
    return Leads(tuple(leads), tuple(bad))


# -- bytes -> rows -----------------------------------------------------------------------------------------------------------------


def _text(data: bytes, filename: str) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, encoding, filename)
    try:
        if b"\0" not in data:
            return data.decode("utf-8")
    except UnicodeDecodeError:
        pass  # an older export: guessed below
    from charset_normalizer import from_bytes

    # The code pages that spreadsheets write; a free guess among all of them is often exotic and wrong on short files.
    best = from_bytes(data, cp_isolation=["utf_16_le", "utf_16_be"] if b"\0" in data else ["cp1252", "mac_roman"]).best()
    if best is None:
        raise UsageError(f"{filename}: this is not a text file. Export the table as CSV (UTF-8) and import that.")
    return str(best)


def _decoded(data: bytes, encoding: str, filename: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"{filename}: the file is damaged near byte {error.start}. Export it again as CSV (UTF-8).") from error


def _rows(text: str, filename: str) -> Iterator[tuple[int, list[str]]]:
    """Line number (of the row's first line) and cells. The delimiter is the one that splits the header line into the most cells."""
    text = text.removeprefix("\ufeff").replace("\0", "")
    head = next((line for line in text.splitlines() if line.strip()), "")
    if match := re.fullmatch(r"sep=([,;\t|])", head.strip()):  # a hint that spreadsheets write
        delimiter, text = match[1], text.replace(head, "", 1)
    else:
        delimiter = max(",;\t", key=lambda candidate: len(next(csv.reader([head], delimiter=candidate), [])))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    started = False
    try:
        for cells in reader:
            started = started or any(cell.strip() for cell in cells)
            if started:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{filename}:{reader.line_num}: this line cannot be read as CSV ({error}).") from error


def _header(cell: str) -> str:
    return re.sub(r"[^\w]+", "_", unguarded(cell).strip().lower()).strip("_")


def _ours(headers: list[str]) -> bool:
    """Our own export: every cell means exactly what it says."""
    return tuple(headers[: len(HEADERS)]) == HEADERS


def _names_prospects(headers: list[str]) -> bool:
    known = {_ALIASES.get(header, header) for header in headers}
    return bool(known & {"name", "person", *_FIRST, *_LAST}) or {"id"} <= known


# -- rows -> leads -----------------------------------------------------------------------------------------------------------------


def _named(headers: list[str], cells: list[str]) -> dict[str, str]:
    """Header -> cell, without the empty ones. Of columns that mean the same the first one that has something in it counts, ours
    before others'; what a further one says stays a field of its own name."""
    pairs = [(header, unguarded(cell)) for header, cell in zip(headers, cells, strict=False) if header and cell.strip()]
    if _ours(headers):
        return dict(pairs)
    row: dict[str, str] = {}
    for header, cell in sorted(pairs, key=lambda pair: pair[0] in _ALIASES):
        column = header if header == "title" and "job_title" in headers else _ALIASES.get(header, header)
        if column == "name" and "name" in row and "person" not in row and row["name"] != cell.strip():
            row["person"], row["name"] = row["name"], cell.strip()  # "Name" beside "Organisation" is the person's
        else:
            row[header if column in row else column] = cell.strip()
    return row


def _wrong(headers: list[str], cells: list[str], row: Mapping[str, str], region: str, dates: Collection[str]) -> str:
    """What makes the row unusable, or ""."""
    if any(cell.strip() for cell in cells[len(headers) :]):
        return "there are more cells than headers; put cells that hold the delimiter in quotes"
    if not any(row.get(name) for name in ("id", "name", "person", *_FIRST, *_LAST)):
        return "there is no name in this row"
    for name in sorted(dates):
        if name in row and read_day(row[name], region) is None:
            return f'{name}: "{row[name]}" is not a day that can be relied on; write it as 2026-01-31'
    return ""


def _take(row: dict[str, str], *names: str) -> str:
    return next((value for value in [row.pop(name, "") for name in names] if value), "")


def _prospect(row: Mapping[str, str], region: str, dates: Collection[str], *, ours: bool) -> Prospect:
    rest = dict(row)
    name, person, address = rest.pop("name", ""), rest.pop("person", ""), rest.pop("address", "")
    if not ours:
        person = person or " ".join(filter(None, (_take(rest, *_FIRST), _take(rest, *_LAST))))
        address = address or ", ".join(part for column in _ADDRESS if (part := rest.pop(column, "")))
        address = ", ".join(filter(None, (address, rest.pop("country", "")))) if address else ""
        name, person = (name, person) if name else (person, "")
    return Prospect(
        id=rest.pop("id", ""),
        rep=rest.pop("rep", ""),
        name=name,
        person=person,
        address=address,
        tags=tuple(_parts(rest.pop("tags", ""), ours=ours)),
        stakeholders=tuple(_stakeholder(part) for part in _parts(rest.pop("stakeholders", ""), ours=True)),
        **{known: rest.pop(_HEADER_OF.get(known, known), "") for known in _TEXTS if known not in {"name", "person", "address"}},
        fields={column: _as_day(value, region) if column in dates or column.endswith(_DATED) else value for column, value in rest.items()},
    )


def _as_day(value: str, region: str) -> str:
    day = read_day(value, region)
    return day.isoformat() if day else value


def _parts(text: str, *, ours: bool) -> list[str]:
    """``;`` joins the parts of a cell; other programs take a comma too. A part may be quoted like a cell."""
    delimiter = ";" if ours or ";" in text else ","
    parts = [part for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True) for part in row]
    return [part.strip() for part in parts if part.strip(" ,\r\n\t")]


def _joined(parts: Collection[str], delimiter: str) -> str:
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=delimiter, lineterminator="\r\n").writerow(parts)  # the writer quotes what its line end holds
    return output.getvalue().removesuffix("\r\n") if parts else ""


def _stakeholder(text: str) -> Stakeholder:
    """ "Bob Lee, CFO, absent, bob@example.org": all but the name may be missing."""
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    name, *rest = [cell.strip() for row in rows for cell in row] or [text.strip()]
    role, address = "", ""
    for place, part in enumerate(rest):
        if part.lower() in {"absent", "present"}:
            return Stakeholder(name, role, part.lower() == "present", ", ".join(filter(None, (address, *rest[place + 1 :]))))
        if not role and "@" not in part:
            role = part
        else:
            address = f"{address}, {part}" if address else part
    return Stakeholder(name, role, address=address)


# -- leads against the store -------------------------------------------------------------------------------------------------------


def preview(tx: Transaction, leads: Leads, *, rep: str, now: datetime, region: str) -> Preview:
    """What importing would do: a row that fits a known prospect (by id, else phone, e-mail, name) updates what it says, others are new.

    ``rep`` takes the rows that name nobody. Empty cells delete nothing; tags and stakeholders are added to. Only ``apply`` uses a
    moment; ``now`` stands here so that both are called alike."""
    known = _Known(tx.prospects(), region)
    stored = dict(known.by_id)
    bad = list(leads.bad)
    touched: dict[str, int] = {}
    named: set[str] = set()
    for lead in leads.rows:
        wanted = replace(lead.prospect, rep=lead.prospect.rep or rep)
        found = known.find(wanted, touched, named)
        if found is None and not wanted.name:
            bad.append(Problem(lead.where, lead.line, 0, f'there is no name in this row, and no prospect with the id "{wanted.id}"'))
            continue
        merged = _merged(found, lead.prospect) if found else replace(wanted, id=prospect_id(wanted.id or wanted.name, known.by_id))
        known.add(merged)
        touched[merged.id] = touched.get(merged.id, 0) + 1
        if wanted.id:
            named.add(merged.id)
    create = tuple(known.by_id[name] for name in touched if name not in stored)
    changed = tuple(known.by_id[name] for name in touched if name in stored and known.by_id[name] != stored[name])
    update = tuple((prospect.id, changes_between(stored[prospect.id], prospect)) for prospect in changed)
    same = sum(times for name, times in touched.items() if stored.get(name) == known.by_id[name])
    return Preview(create, update, same, tuple(sorted(bad)), changed)


def apply(tx: Transaction, preview: Preview, *, now: datetime) -> None:
    """Do what the preview showed, all of it in the caller's transaction."""
    for prospect in preview.create:
        tx.capture(prospect, Captured(now, "import"))
    for prospect, (_, changes) in zip(preview.changed, preview.update, strict=True):
        tx.save(prospect)
        tx.append(prospect.id, Edited(now, "import", changes))


class _Known:
    """The prospects that rows are compared with: those of the store, and those that earlier rows of the file brought."""

    def __init__(self, prospects: list[Prospect], region: str) -> None:
        self.by_id: dict[str, Prospect] = {}
        self._region = region
        self._ids: dict[tuple[str, str, str], list[str]] = {}
        for prospect in prospects:
            self.add(prospect)

    def add(self, prospect: Prospect) -> None:
        self.by_id[prospect.id] = prospect
        for key in self._keys(prospect):
            ids = self._ids.setdefault(key, [])
            if prospect.id not in ids:
                ids.append(prospect.id)

    def find(self, lead: Prospect, touched: Collection[str], named: Collection[str]) -> Prospect | None:
        """The prospect that the row means. Two people of one business, each with a row of their own, stay two; and so do two rows that
        say different ids. ``touched``: those that had a row in this file; ``named``: those that a row named by an id."""
        same_id = self.by_id.get(lead.id) or (self.by_id.get(prospect_id(lead.id, ())) if lead.id else None)
        if same_id and same_id.rep == lead.rep:
            return same_id
        for key in self._keys(lead):
            candidates = [self.by_id[name] for name in self._ids.get(key, ())]
            others = named if lead.id else ()
            fitting = [one for one in candidates if one.id not in others and not _another(one, lead, one.id in touched)]
            if fitting:
                return min(fitting, key=lambda one: one.person.casefold() != lead.person.casefold())
        return None

    def _keys(self, prospect: Prospect) -> Iterator[tuple[str, str, str]]:
        if number := tel(prospect.phone, self._region) if prospect.phone else "":
            yield prospect.rep, "phone", number
        if prospect.email:
            yield prospect.rep, "email", prospect.email.casefold()
        if prospect.name:
            yield prospect.rep, "name", " ".join(prospect.name.casefold().split())


def _another(known: Prospect, lead: Prospect, had_a_row: bool) -> bool:
    """Whether the row is somebody else with the same business or switchboard: another person, and another address or a row already."""
    if not known.person or not lead.person or known.person.casefold() == lead.person.casefold():
        return False
    return had_a_row or bool(known.email and lead.email and known.email.casefold() != lead.email.casefold())


def _merged(found: Prospect, lead: Prospect) -> Prospect:
    said = {name: value for name in (*_TEXTS, "rep") if (value := getattr(lead, name))}
    if not lead.person and found.person == lead.name:
        del said["name"]  # the row knows only the person of a business that we know by its name
    people = {person.name.casefold(): person for person in (*found.stakeholders, *lead.stakeholders)}
    return replace(
        found,
        **said,
        tags=tuple(dict.fromkeys((*found.tags, *lead.tags))),
        stakeholders=tuple(people.values()) if lead.stakeholders else found.stakeholders,
        fields={**found.fields, **lead.fields},
    )


def changes_between(before: Prospect, after: Prospect) -> dict[str, tuple[str, str]]:
    """Field name -> (before, after), as the table would show them."""
    old, new = _cells(before), _cells(after)
    names = sorted({*old, *new}, key=lambda name: (name not in HEADERS, name))
    return {name: (old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")}


# -- out ---------------------------------------------------------------------------------------------------------------------------


def export_csv(tx: Transaction, rep: str | None = None) -> str:
    """Every prospect as the same table that import reads, CRLF line ends (RFC 4180). Cells that a spreadsheet would run as a formula
    carry an apostrophe, which import takes off again."""
    prospects = tx.prospects(rep)
    extra = sorted({name for prospect in prospects for name in prospect.fields} - set(DATES))
    output = io.StringIO(newline="")
    writer = csv.DictWriter(output, [*HEADERS, *DATES, *extra], restval="", lineterminator="\r\n")
    writer.writeheader()
    for prospect in prospects:
        writer.writerow({name: guarded(value) for name, value in _cells(prospect).items()})
    return output.getvalue()


_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def guarded(cell: str) -> str:
    """A leading apostrophe keeps spreadsheets from running the cell; apostrophes that stand before such a cell already get one more."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _cells(prospect: Prospect) -> dict[str, str]:
    row = {header: str(getattr(prospect, known)) for header, known in _COLUMNS.items() if known not in {"tags", "stakeholders"}}
    row["tags"] = _joined(prospect.tags, ";")
    row["stakeholders"] = _joined([_stakeholder_cell(one) for one in prospect.stakeholders], ";")
    return {**prospect.fields, **row}


def _stakeholder_cell(one: Stakeholder) -> str:
    cells = [one.name, one.role, "present" if one.present else "absent", *([one.address] if one.address else ())]
    return ", ".join(_joined([cell], ",") if cell else "" for cell in cells)
