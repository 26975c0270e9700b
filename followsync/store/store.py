"""Opening the store, and its transactions."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, table
from sqlalchemy import column as named_column

from followsync.errors import StoreError
from followsync.store import dialect
from followsync.store.tables import HEAD, VERSION_TABLE
from followsync.store.transaction import Transaction, changes
from followsync.wholefile import give_to_owner_of

_PAUSE = 0.1  # seconds between two looks at a cycle that another process holds


class Store:
    """One store, open. Several processes and threads may hold the same one. Made by ``open_store``."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._turn = threading.Lock()  # held by the thread that writes
        self._writer = 0  # which thread that is
        self._own = 0  # committed writes through this object
        self._file = _identity(path)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent snapshot, taken at the first question. Never waits for writers and never holds them up."""
        self._same_file()
        with dialect.sentences(self._path), dialect.session(self._engine, writes=False) as session:
            yield Transaction(session, writes=False)

    @contextmanager
    def writing(self, label: str = "", *, news: bool = False) -> Iterator[Transaction]:
        """Commits at the end; any exception takes everything back. ``label``: the command that does it, for ``undo`` to name. ``news``: it
        counts in ``others`` though it came through this object: whoever asks there is to notice it.

        One writer at a time. Threads that share this object wait for each other, however long it takes. Raises StoreError where another
        process (or another Store) keeps the store for more than the ``wait`` given to ``open_store``, and inside another ``writing`` of
        the same thread."""
        with self._changing(keep=True, label=label, news=news) as transaction:
            yield transaction

    @contextmanager
    def rehearsing(self) -> Iterator[Transaction]:
        """As ``writing``, but everything is taken back at the end: for asking what would happen."""
        with self._changing(keep=False) as transaction:
            yield transaction

    @contextmanager
    def _changing(self, *, keep: bool, label: str = "", news: bool = False) -> Iterator[Transaction]:
        """Our own lock comes before the database's: waiting there would use up its connections and its patience."""
        me = threading.get_ident()
        if self._writer == me:
            raise StoreError("Something tried to change the store twice at once. Please report this fault.")
        with self._turn:
            self._writer = me
            try:
                counted = False
                self._same_file()
                with dialect.sentences(self._path), dialect.session(self._engine, writes=True, keep=keep) as session:
                    self._not_moved()
                    transaction = Transaction(session, writes=True, label=label)
                    yield transaction
                    counted = keep and transaction.count()
                self._own += counted and not news
            finally:
                self._writer = 0

    @contextmanager
    def cycle(self, rep: str, wait: float = 60.0) -> Iterator[None]:
        """Hold the rep's cycle: nobody else, in no process, holds it at the same time. It ends with its holder, however that ends
        (flock(2)). Raises StoreError where another one holds it for more than ``wait`` seconds."""
        place = self._path.with_name(f"{self._path.name}.{rep}.cycle")
        try:
            held = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{place} cannot be made: {error.strerror}. Check the permissions of its folder.") from error
        try:
            give_to_owner_of(held, self._path.parent)
            _lock(held, rep, wait)
            yield
        finally:
            os.close(held)

    def changes(self) -> int:
        """Grows with each committed write of any process. A ``writing`` that changed nothing does not count."""
        self._same_file()
        with dialect.sentences(self._path), dialect.session(self._engine, writes=False) as session:
            return changes(session)

    def others(self) -> int | None:
        """How many committed writes did not come through this object, or are ``news``; None where that cannot be told because it is writing
        right now. Asked again later, a greater number says that somebody else has written."""
        if not self._turn.acquire(blocking=False):
            return None
        try:
            return self.changes() - self._own
        finally:
            self._turn.release()

    def _same_file(self) -> None:
        """Where another file lies in our place since (``restore`` put it there), go on with that one. Raises StoreError where none does:
        connecting would make an empty one, and what our open connections write would be in no file that anybody sees."""
        found = _identity(self._path)
        if found == self._file:
            return
        if found is None:
            raise StoreError(f"The store {self._path} was moved or deleted while it was in use. Put it back, or restore a backup.")
        self._engine.dispose()  # connections to the old file end with their transactions
        with dialect.sentences(self._path), dialect.transaction(self._engine, writes=False) as connection:
            if _needs_migration(connection, self._path):
                raise StoreError(f"The store {self._path} was replaced by one of an older followsync. Restart followsync.")
        self._file = found

    def _not_moved(self) -> None:
        """Asked under the write lock, which may be the old file's by now."""
        if _identity(self._path) != self._file:
            raise StoreError(f"The store {self._path} was replaced at this moment. Nothing was written: try again.")

    def close(self) -> None:
        self._engine.dispose()


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


def open_store(url: str, *, migrate: bool = True, wait: float = 10.0) -> Store:
    """Open ``url`` ("sqlite:////abs/path.db"). With ``migrate``, makes the folder (0700) and the file (0600) where they are missing, and
    brings an older store up to date. ``wait``: seconds to wait for another writer.

    Raises StoreError where the store cannot be opened, is not ours, is newer than this program or, without ``migrate``, older.
    """
    path = dialect.path_of(url)
    if migrate:
        _make_file(path)
    elif not path.exists():
        raise StoreError(f"There is no store at {path}. Check the path, or capture the first prospect to make it.")
    engine = dialect.engine(path, wait)
    try:
        with dialect.sentences(path):
            _bring_up_to_date(engine, path, wait, migrate=migrate)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, path)


def store_exists(url: str) -> bool:
    """Whether there is anything to open. Raises StoreError for an address that is none."""
    return dialect.path_of(url).exists()


def _make_file(path: Path) -> None:
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _give(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        if not path.exists():
            # made here, because SQLite would make it readable by everybody; its -wal and -shm files take over the mode and the owner
            _give(path, os.O_RDWR | os.O_CREAT)
        else:
            os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        raise StoreError(
            f"The store {path} cannot be made or opened for writing: {error.strerror}. Check the path and its permissions."
        ) from error


def _give(made: Path, how: int) -> None:
    """What root makes in the folder of a service is the service's."""
    handle = os.open(made, how | os.O_CLOEXEC, 0o600)
    try:
        give_to_owner_of(handle, made.parent)
    finally:
        os.close(handle)


def _bring_up_to_date(engine: Engine, path: Path, wait: float, *, migrate: bool) -> None:
    with dialect.transaction(engine, writes=False) as connection:
        outdated = _needs_migration(connection, path)
    if outdated and not migrate:
        raise StoreError(f"The store {path} is of an older followsync. Any command that writes brings it up to date.")
    if outdated:
        _migrate(path, wait)


def _needs_migration(connection: Connection, path: Path) -> bool:
    inspector = inspect(connection)
    version = None
    if inspector.has_table(VERSION_TABLE):
        version = connection.scalar(select(named_column("version_num")).select_from(table(VERSION_TABLE)))
    if version is None and inspector.get_table_names():
        raise StoreError(f"{path} is the database of another program. Name another file as the store.")
    if version is not None and version > HEAD:
        raise StoreError(f"The store {path} is of a newer followsync. Update followsync, or restore a backup of before the update.")
    return version != HEAD


def _migrate(path: Path, wait: float) -> None:
    """In one transaction, looking again under the write lock: another process may have been faster. Foreign keys are off, because
    SQLite changes a table by making a new one and dropping the old one, and the drop would cascade."""
    engine = dialect.engine(path, wait, foreign_keys=False)
    try:
        with dialect.transaction(engine, writes=True) as connection:
            if _needs_migration(connection, path):
                from followsync.store.migrations import upgrade  # alembic is heavy, and almost never needed

                upgrade(connection)
    finally:
        engine.dispose()
