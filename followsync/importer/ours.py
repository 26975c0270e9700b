"""Our own table: its headers, every prospect as a row of it, and what differs between two of them."""

from __future__ import annotations

import csv
import io
from typing import Protocol

from followsync.core.prospect import Prospect
from followsync.importer.cells import guarded, joined, stakeholder_cell


class Shelf(Protocol):
    """Where prospects stand: a transaction of the store."""

    def prospects(self, rep: str | None = None) -> list[Prospect]: ...


HEADERS = (
    *("id", "name", "person", "role", "phone", "email", "address", "url", "timezone", "preferred_method", "source", "stage", "tags"),
    *("reason", "notes", "stakeholders", "rep"),
)
DATES = ("met", "contract_end", "proposal_due")
TEXTS = ("name", "person", "role", "phone", "email", "address", "url", "timezone", "method", "source", "stage", "reason", "notes")
"""Names of a prospect's plain fields."""
HEADER_OF = {"method": "preferred_method"}
"""Field name -> its header, where the two differ."""
_FIELD_OF = {"preferred_method": "method", **{header: header for header in HEADERS if header != "preferred_method"}}


def export_csv(tx: Shelf, rep: str | None = None) -> str:
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


def changes_between(before: Prospect, after: Prospect) -> dict[str, tuple[str, str]]:
    """Field name -> (before, after), as the table would show them."""
    old, new = _cells(before), _cells(after)
    names = sorted({*old, *new}, key=lambda name: (name not in HEADERS, name))
    return {name: (old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")}


def _cells(prospect: Prospect) -> dict[str, str]:
    row = {header: str(getattr(prospect, known)) for header, known in _FIELD_OF.items() if known not in {"tags", "stakeholders"}}
    row["tags"] = joined(prospect.tags, ";")
    row["stakeholders"] = joined([stakeholder_cell(one) for one in prospect.stakeholders], ";")
    return {**prospect.fields, **row}
