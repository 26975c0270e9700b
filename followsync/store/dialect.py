"""The one corner that knows which database this is: connecting, the kinds of BEGIN, upserts, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError

from followsync.errors import StoreError, UsageError
from followsync.store.codec import UNREADABLE_TEXT

_WRITES = "followsync_writes"
_TURNS = 100  # to wait in line for another process that is just making the same new file


def path_of(url: str) -> Path:
    """The absolute path of the SQLite file. Raises StoreError for anything else; a URL may hold a password and is not quoted."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("The store's address is not an URL. Write it like sqlite:////var/lib/followsync/store.db.") from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return Path(parsed.database).expanduser().absolute()
        case "sqlite":
            raise StoreError("The store's address names no file. Write it like sqlite:////var/lib/followsync/store.db.")
        case "postgresql":
            raise StoreError("This version keeps its store in SQLite. Write it like sqlite:////var/lib/followsync/store.db.")
        case _:
            raise StoreError("This kind of database cannot be the store. Write it like sqlite:////var/lib/followsync/store.db.")


def engine(path: Path, wait: float, *, foreign_keys: bool = True) -> Engine:
    """``wait``: seconds to wait for another writer."""
    made = create_engine(
        URL.create("sqlite", database=str(path)),
        max_overflow=-1,  # as many connections as threads ask for: none waits for another one's reading
        hide_parameters=True,  # the parameters are people's data; errors and logs must not quote them
        connect_args={"timeout": wait},
    )

    @event.listens_for(made, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing; _on_begin does
        use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA secure_delete = ON")  # a removed person's data does not stay in free pages

    @event.listens_for(made, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


def use_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for the lock that changes a new file to WAL. So wait in line for the write lock, and ask again."""
    for turn in range(_TURNS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or turn == _TURNS - 1:
                raise
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return


@contextmanager
def transaction(made: Engine, *, writes: bool, keep: bool = True) -> Iterator[Connection]:
    """Commits at the end, rolls back on any exception. Reading is one snapshot; writing takes the write lock at once, so that what it
    reads is still true when it commits. Without ``keep`` it always rolls back."""
    with made.connect() as connection:
        connection.execution_options(**{_WRITES: writes})
        with connection.begin() as begun:
            yield connection
            if not keep:
                begun.rollback()


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert each row, or replace the one with the same primary key."""
    statement = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)


def grow(connection: Connection, table: Table, key: str) -> None:
    """Add one to the counter of ``key`` in a table of two columns, the key and the counter; it begins at one."""
    counter = table.columns[1]
    statement = sqlite.insert(table)
    grown = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_={counter.name: counter + 1})
    connection.execute(grown, [{table.columns[0].name: key, counter.name: 1}])


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """What the database answers, as a StoreError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(sentence(error.orig, path)) from error
    except UnicodeEncodeError:
        raise UsageError(UNREADABLE_TEXT) from None


def sentence(error: object, path: Path) -> str:
    """What an error of the driver's means."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:  # the low byte is the kind; the rest says more about it (sqlite.org/rescode.html)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"Another process keeps the store {path} locked. Try again; if it stays locked, look for a followsync that hangs."
        case sqlite3.SQLITE_FULL:
            return f"The disk with the store {path} is full. Nothing was half saved: make room, then try again."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"The store {path} cannot be opened for writing. Let this user write to the file and to its folder."
        case sqlite3.SQLITE_NOTADB:
            return f"{path} is not a store of FollowSync. Name another file as the store."
        case sqlite3.SQLITE_CORRUPT:
            return f"The store {path} is damaged. Keep a copy of the file, then restore the last backup."
        case sqlite3.SQLITE_IOERR:
            return f"The disk with the store {path} cannot be read or written. Check the disk, then try again."
        case _:
            name = getattr(error, "sqlite_errorname", "an unknown error")
            return f"The store {path} does not work ({name}). Restore the last backup, or report this fault."
