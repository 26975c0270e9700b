"""The store of one machine, taken to a database server, once and for all."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from followsync.errors import StoreError, UsageError
from followsync.store import moving
from followsync.store.copies import is_server
from followsync.store.postgresql import Postgresql
from followsync.store.sqlite import Sqlite, path_of
from followsync.store.store import Password, Store, open_store
from followsync.store.tables import entry, prospect, target_state, written


@dataclass(frozen=True, slots=True)
class Moved:
    """``rows``: how many of which table, each seen on both sides; ``histories``: the SHA-256 of all histories, the same on both sides;
    ``kept``: where the file lies now; ``before``: the rows had arrived already, and only the file was still in its place."""

    rows: dict[str, int]
    histories: str
    kept: Path
    before: bool


def move(file: Path, url: str, *, now: datetime, password: Password | None = None, progress: moving.Progress) -> Moved:
    """Copy all of the SQLite store ``file`` into the empty store at ``url``, compare both row by row, then put the file aside, so that
    nobody goes on with it. Cycles are waited for, and nobody writes meanwhile; whoever has the file open hears that it is gone.

    Killed at any moment, it can be said again. Raises UsageError or StoreError, having changed nothing that counts.
    """
    if not is_server(url):
        raise UsageError("'store move' takes a file to PostgreSQL, and 'store' in the config still names a file. Change it first.")
    path = path_of(f"sqlite:///{file}")
    if not path.exists():
        raise UsageError(f"There is no store at {path}. Say where it is with --from FILE.")
    with ExitStack() as held:
        old, new = open_store(f"sqlite:///{path}"), open_store(url, password=password)
        held.callback(old.close)
        held.callback(new.close)
        for rep in _reps(old):
            held.enter_context(old.cycle(rep, 300.0))
        assert isinstance(old.database, Sqlite)
        assert isinstance(new.database, Postgresql)
        source = held.enter_context(old.database.migrating())
        with new.database.alone() as target:
            before = not _is_empty(target)
            if before:
                _already(source, target, new.name)
            else:
                moving.clear(target)
                moving.pour(source, target, progress=progress)
            rows = moving.prove(source, target)
            _, histories = moving.fingerprint(target, entry)
        return Moved(rows, histories, _put_aside(path, now), before)


def _reps(store: Store) -> list[str]:
    with store.reading() as tx:
        return sorted({one.rep for one in tx.prospects()} | {one.rep for one in tx.target_states()})


def _is_empty(target: Connection) -> bool:
    return not any(target.scalar(select(func.count()).select_from(table)) for table in (prospect, entry, written, target_state))


def _already(source: Connection, target: Connection, name: str) -> None:
    try:
        moving.prove(source, target)
    except StoreError:
        raise UsageError(
            f"The store {name} is not empty, and what it holds is not what this file holds. Nothing was moved: name an empty database, "
            "or 'followsync restore' a backup into it."
        ) from None


def _put_aside(path: Path, now: datetime) -> Path:
    """Under the write lock of the file: what was committed there was copied. Its log goes along, first, so that none is left behind for
    another store that may lie there one day."""
    kept = path.with_name(f"{path.name}.moved-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    if kept.exists():
        raise UsageError(f"{kept} is there already. Put it elsewhere, then say it again: all has arrived in the new store.")
    for ending in ("-wal", "-shm", ""):
        if (one := path.with_name(path.name + ending)).exists():
            one.rename(kept.with_name(kept.name + ending))
    return kept
