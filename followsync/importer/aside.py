"""The file of the rows that stand aside: of the same kind as the one that was read, with what is wrong beside each row, so that it can be
mended where it is opened and imported as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from followsync.importer.cards import PROBLEM
from followsync.importer.cells import guarded, unguarded
from followsync.importer.columns import WHY_ASIDE, header_of
from followsync.importer.lead import Bad


def aside_text(bad: Sequence[Bad], headers: Sequence[str]) -> bytes:
    """A table (UTF-8 with a byte-order mark, which spreadsheets need to see) where there are ``headers``, else cards with the bytes that
    they had."""
    return _table(bad, headers) if headers else _cards(bad)


def _table(bad: Sequence[Bad], headers: Sequence[str]) -> bytes:
    """What is wrong stands first, for a row may have more cells than headers."""
    again = bool(headers) and header_of(headers[0]) == WHY_ASIDE
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([WHY_ASIDE, *(headers[1:] if again else headers)])
    for one in bad:
        cells = one.raw[1:] if again else one.raw
        writer.writerow([f"line {one.problem.line}: {one.problem.message}", *(guarded(unguarded(cell)) for cell in cells)])
    return output.getvalue().encode("utf-8-sig")


def _cards(bad: Sequence[Bad]) -> bytes:
    lines: list[str] = []
    for one in bad:
        card = [line if line.endswith(("\r", "\n")) else f"{line}\r\n" for line in one.raw if not line.startswith(PROBLEM)]
        problem = f"{PROBLEM}:line {one.problem.line}: {one.problem.message}\r\n"
        lines += [card[0], problem, *card[1:]]
    return "".join(lines).encode("utf-8", "surrogateescape")
