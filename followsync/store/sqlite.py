"""The store as a file: SQLite, one writer at a time, and locks that end with whoever holds them."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from followsync.errors import StoreError, UsageError
from followsync.store.codec import UNREADABLE_TEXT
from followsync.store.dialect import Claim, Question
from followsync.store.tokens import Tokens
from followsync.wholefile import give_to_owner_of

_WRITES = "followsync_writes"
_TURNS = 100  # to wait in line for another process that is just making the same new file
_PAUSE = 0.1  # seconds between two looks at a cycle that another process holds
_LEAST = 64 * 1024  # bytes of room that SQLite needs for the file in which processes tell each other of their reading


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
            raise StoreError("This store is on a database server, and no file. Write it like sqlite:////var/lib/followsync/store.db.")
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


class SqliteSession:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, question: Question, **values: Any) -> list[tuple[Any, ...]]:
        put = question.sqlite
        return self._connection.execute(put.sql, {**put.fixed, **values}).fetchall()

    def first(self, question: Question, **values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(question, **values)), None)

    def value(self, question: Question, **values: Any) -> Any:
        found = self.first(question, **values)
        return found[0] if found else None

    def do(self, question: Question, rows: Iterable[Mapping[str, Any]]) -> None:
        put = question.sqlite
        self._connection.executemany(put.sql, [{**put.fixed, **row} for row in rows])


class Sqlite:
    """The store in the file ``path``. ``wait``: seconds to wait for another writer."""

    def __init__(self, path: Path, wait: float) -> None:
        self.path, self._wait = path, wait
        self.name = str(path)
        self.engine = engine(path, wait)
        self.tokens = Tokens(self.at_once)
        self._file = _identity(path)

    @contextmanager
    def session(self, *, writes: bool, keep: bool = True, claim: Claim | None = None) -> Iterator[SqliteSession]:
        """Writing takes the only write lock there is at once. A ``claim`` is of no meaning: nobody takes a cycle away here."""
        with sentences(self.path):
            lent = self.engine.raw_connection()
            try:
                connection: Any = lent.driver_connection
                connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                if writes:
                    self._not_moved()
                yield SqliteSession(connection)
                if keep:
                    connection.commit()
            finally:
                lent.close()  # what was not committed is rolled back

    def at_once(self, question: Question, **values: Any) -> list[tuple[Any, ...]]:
        with self.session(writes=True) as session:
            return session.rows(question, **values)

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        with sentences(self.path), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Foreign keys are off, because SQLite changes a table by making a new one and dropping the old one, and the drop would
        cascade."""
        other = engine(self.path, self._wait, foreign_keys=False)
        try:
            with sentences(self.path), other.connect() as connection:
                connection.execution_options(**{_WRITES: True})
                with connection.begin():
                    yield connection
        finally:
            other.dispose()

    @contextmanager
    def cycle(self, rep: str, wait: float) -> Iterator[None]:
        """A lock on a file beside the store, one a rep; it ends with its holder, however that ends (flock(2))."""
        place = self.path.with_name(f"{self.path.name}.{rep}.cycle")
        try:
            held = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"{place} cannot be made: {error.strerror}. Is there room on the disk, and may this user write to its folder?"
            ) from error
        try:
            give_to_owner_of(held, self.path.parent)
            _lock(held, rep, wait)
            yield
        finally:
            os.close(held)

    def exists(self) -> bool:
        try:
            return self.path.exists()
        except PermissionError as error:  # there may be one, so "there is none" would be wrong
            raise StoreError(
                f"The store {self.path} cannot be reached: this user may not enter its folder. Type it with sudo, or as the service's user."
            ) from error

    def make(self) -> None:
        """The folder (0700) and the file (0600) where they are missing."""
        try:
            if not self.path.parent.is_dir():
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _give(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            if not self.path.exists():
                # made here, because SQLite would make it readable by everybody; its -wal and -shm files take over the mode and the owner
                _give(self.path, os.O_RDWR | os.O_CREAT)
            else:
                os.close(os.open(self.path, os.O_RDWR | os.O_CLOEXEC))
        except OSError as error:
            raise StoreError(
                f"The store {self.path} cannot be made or opened for writing: {error.strerror}. "
                "Check the path and its permissions, and the room on the disk."
            ) from error
        self.accept()

    def same(self) -> bool:
        """Another file lies in our place since where ``restore`` put one there. Without any, connecting would make an empty one, and what
        our open connections write would be in no file that anybody sees."""
        found = _identity(self.path)
        if found == self._file:
            return True
        if found is None:
            raise StoreError(f"The store {self.path} was moved or deleted while it was in use. Put it back, or restore a backup.")
        self.engine.dispose()  # connections to the old file end with their transactions
        return False

    def accept(self) -> None:
        self._file = _identity(self.path)

    def _not_moved(self) -> None:
        """Asked under the write lock, which may be the old file's by now."""
        if _identity(self.path) != self._file:
            raise StoreError(f"The store {self.path} was replaced at this moment. Nothing was written: try again.")

    def close(self) -> None:
        self.engine.dispose()


def _give(made: Path, how: int) -> None:
    """What root makes in the folder of a service is the service's."""
    handle = os.open(made, how | os.O_CLOEXEC, 0o600)
    try:
        give_to_owner_of(handle, made.parent)
    finally:
        os.close(handle)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file that is, whatever its name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _lock(held: int, rep: str, wait: float) -> None:
    pause = threading.Event()
    for turn in range(max(1, int(wait / _PAUSE))):
        if turn:
            pause.wait(_PAUSE)
        with suppress(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
    raise StoreError(f"Another followsync has been syncing {rep} for {wait:.0f} seconds. Try again when it is done.")


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


def _has_no_room(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _LEAST


def sentence(error: object, path: Path) -> str:
    """What an error of the driver's means."""
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest says more about it (sqlite.org/rescode.html)
    if kind in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _has_no_room(path.parent):
        kind = sqlite3.SQLITE_FULL  # so it fails where the files beside the store cannot be made
    match kind:
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
