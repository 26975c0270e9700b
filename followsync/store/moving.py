"""All that a store holds, from one database into another, and the proof that it arrived.

Whose cycle is whose (``rep_lease``) and how much was asked of others (``bucket``) stay behind: that is of the processes that run there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Connection, Table, cast, delete, func, insert, select, update

from followsync.errors import StoreError
from followsync.store import postgresql_text
from followsync.store.tables import bucket, change, entry, feed, meta, metadata, page, rep_lease, rep_revision

TABLES: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if table not in {rep_lease, bucket})

ADDRESSES: tuple[Table, ...] = (feed, page)  # secret ones
_ROWS = 1000  # at a time
_NUMBERED = (entry.c.seq, change.c.id)  # numbers that the database gives

Progress = Callable[[int, int], None]  # rows done, of how many


def clear(target: Connection) -> None:
    """What a new store begins with goes too."""
    for table in reversed(TABLES):
        target.execute(delete(table))


def pour(source: Connection, target: Connection, *, progress: Progress, known: Mapping[str, frozenset[str]] | None = None) -> None:
    """Every row of every table. ``known``: by table, the names of those secret addresses that are not taken over."""
    known = known or {}
    total = sum(source.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES)
    done = 0
    for table in TABLES:
        for rows in _batches(_rows(source, table)):
            chosen = [row for row in rows if table not in ADDRESSES or row["name"] not in known.get(table.name, ())]
            if chosen:
                target.execute(insert(table), [_fitting(target, row) for row in chosen])
            done += len(rows)
            progress(done, total)
    count_on(target)


def replace_all(source: Connection, target: Connection, progress: Progress) -> None:
    """What ``target`` held is gone. Numbers that tell whether something has changed only ever grow, else a change would not be seen; and
    an address of a feed or a page that was changed or taken away since must not lead anywhere again, so those that are known there stay."""
    known = {table.name: frozenset(target.scalars(select(table.c.name))) for table in ADDRESSES}
    grown = _revisions(target)
    counted = int(target.scalar(select(meta.c.value).where(meta.c.key == "changes")) or 0)
    for table in reversed(TABLES):
        if table not in ADDRESSES:
            target.execute(delete(table))
    pour(source, target, progress=progress, known=known)
    now = int(target.scalar(select(meta.c.value).where(meta.c.key == "changes")) or 0)
    target.execute(update(meta).where(meta.c.key == "changes").values(value=str(max(now, counted) + 1)))
    there = _revisions(target)
    target.execute(delete(rep_revision))
    if revisions := [{"rep": rep, "revision": max(grown.get(rep, 0), there.get(rep, 0)) + 1} for rep in sorted({*grown, *there})]:
        target.execute(insert(rep_revision), revisions)


def _revisions(connection: Connection) -> dict[str, int]:
    return {rep: revision for rep, revision in connection.execute(select(rep_revision.c.rep, rep_revision.c.revision))}


def prove(source: Connection, target: Connection) -> dict[str, int]:
    """Raises StoreError unless both hold the same rows, word for word. Answers how many of which table."""
    counts = {}
    for table in TABLES:
        (number, there), (arrived, here) = fingerprint(source, table), fingerprint(target, table)
        if (number, there) != (arrived, here):
            raise StoreError(
                f"The copy is not what was copied ({table.name}: {number} rows, {arrived} arrived). Nothing was kept; try again."
            )
        counts[table.name] = number
    return counts


def fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows, and the SHA-256 of all of them in the order of their keys."""
    seen, number = sha256(), 0
    for number, row in enumerate(_rows(connection, table), 1):  # noqa: B007 - the last one is how many there are
        for value in row.values():
            seen.update(repr(int(value) if isinstance(value, bool) else value).encode("utf-8", "surrogatepass") + b"\x1f")
    return number, seen.hexdigest()


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    found = connection.execute(select(table).order_by(*table.primary_key.columns), execution_options={"yield_per": _ROWS})
    names = [column.name for column in table.columns]
    for row in found:
        yield dict(zip(names, postgresql_text.with_nul(tuple(row)), strict=True))


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _fitting(target: Connection, row: dict[str, Any]) -> dict[str, Any]:
    return postgresql_text.without_nul(row) if target.dialect.name == "postgresql" else row


def count_on(target: Connection) -> None:
    """PostgreSQL counts apart from the table; SQLite looks at what is there."""
    if target.dialect.name != "postgresql":
        return
    for column in _NUMBERED:
        last = cast(func.coalesce(func.max(column), 0), BigInteger) + 1
        sequence = func.pg_get_serial_sequence(column.table.name, column.name)
        target.execute(select(func.setval(sequence, select(last).scalar_subquery(), False)))
