"""Cells of a table: several values in one, people in one, and what a spreadsheet must not run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection

from followsync.core.prospect import Stakeholder

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def guarded(cell: str) -> str:
    """A leading apostrophe keeps spreadsheets from running the cell; apostrophes that stand before such a cell already get one more."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def parts_of(text: str, *, ours: bool) -> list[str]:
    """``;`` joins the parts of a cell; other programs take a comma too. A part may be quoted like a cell."""
    delimiter = ";" if ours or ";" in text else ","
    try:
        parts = [part for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True) for part in row]
    except csv.Error:  # one part longer than the reader takes
        parts = text.split(delimiter)
    return [part.strip() for part in parts if part.strip(" ,\r\n\t")]


def joined(parts: Collection[str], delimiter: str) -> str:
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=delimiter, lineterminator="\r\n").writerow(parts)  # the writer quotes what its line end holds
    return output.getvalue().removesuffix("\r\n") if parts else ""


def stakeholder_of(text: str) -> Stakeholder:
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


def stakeholder_cell(one: Stakeholder) -> str:
    cells = [one.name, one.role, "present" if one.present else "absent", *([one.address] if one.address else ())]
    return ", ".join(joined([cell], ",") if cell else "" for cell in cells)
