"""The one corner that knows which database this is: connecting, the kinds of BEGIN, putting questions, upserts, and what its errors mean.

Questions are written in SQLAlchemy Core and put into SQL once; the driver answers them. Having Core build, look up and run them anew each
time took fifty times as long as the database itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, Table, bindparam, create_engine, event, func, make_url, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError

from followsync.errors import StoreError, UsageError
from followsync.store.codec import UNREADABLE_TEXT

_WRITES = "followsync_writes"
_NAMED = sqlite.dialect(paramstyle="named")
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


class Question:
    """A statement of Core as SQL with named parameters. ``columns``: those that an INSERT fills."""

    def __init__(self, statement: Any, *columns: str) -> None:
        self._statement, self._columns = statement, columns

    @cached_property
    def _compiled(self) -> Any:
        return self._statement.compile(dialect=_NAMED, column_keys=self._columns or None)

    @cached_property
    def sql(self) -> str:
        return str(self._compiled)

    @cached_property
    def fixed(self) -> dict[str, Any]:
        """The parameters that the statement itself gives."""
        return {name: bind.effective_value for name, bind in self._compiled.binds.items() if not bind.required}


class Session:
    """One transaction: questions are put to it as they were written, ``values`` are their parameters by name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, question: Question, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(question.sql, {**question.fixed, **values}).fetchall()

    def first(self, question: Question, **values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(question, **values)), None)

    def value(self, question: Question, **values: Any) -> Any:
        """The first column of the first row; None where there is none."""
        found = self.first(question, **values)
        return found[0] if found else None

    def do(self, question: Question, rows: Iterable[Mapping[str, Any]]) -> None:
        """The same change for each of the rows."""
        self._connection.executemany(question.sql, [{**question.fixed, **row} for row in rows])


@contextmanager
def session(made: Engine, *, writes: bool, keep: bool = True) -> Iterator[Session]:
    """As ``transaction``, for questions that are ready."""
    lent = made.raw_connection()
    try:
        connection: Any = lent.driver_connection
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        yield Session(connection)
        if keep:
            connection.commit()
    finally:
        lent.close()  # what was not committed is rolled back


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether ``column`` is one of several values: of the parameter ``name``, which ``several`` makes."""
    values = func.json_each(bindparam(name)).table_valued("value")
    return column.in_(select(values.c.value))


def several(values: Iterable[Any]) -> str:
    return json.dumps(list(values))


def upsert(table: Table) -> Question:
    """Insert each row, or replace the one with the same primary key."""
    statement = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return Question(statement.on_conflict_do_update(index_elements=keys, set_=others), *(column.name for column in table.columns))


def grow(table: Table) -> Question:
    """Add one to a counter, in a table of two columns, the key and the counter; it begins at one."""
    key, counter = table.columns
    statement = sqlite.insert(table).values({counter.name: 1})
    grown = statement.on_conflict_do_update(index_elements=[key], set_={counter.name: counter + 1})
    return Question(grown, key.name)


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """What the database answers, as a StoreError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(sentence(error.orig, path)) from error
    except sqlite3.Error as error:
        raise StoreError(sentence(error, path)) from error
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
