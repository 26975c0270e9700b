"""Opening the store, and its transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, select, table
from sqlalchemy import column as named_column

from followsync.errors import StoreError
from followsync.store.dialect import Claim, Database
from followsync.store.leases import LEASE
from followsync.store.sqlite import Sqlite, path_of
from followsync.store.tables import HEAD, VERSION_TABLE
from followsync.store.transaction import Transaction, changes

if TYPE_CHECKING:
    from followsync.store.leases import Lease, Leases, Standing
    from followsync.store.tokens import Tokens


Password = Callable[[], str]


class _Pen:
    """Held by the thread that writes. ``writer``: which thread that is; ``own``: committed writes through these objects."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.writer = 0
        self.own = 0


class Store:
    """One store, open. Several processes and threads may hold the same one. Made by ``open_store``; the one that ``cycle`` gives is the
    same for the length of that cycle, and writes nothing once the cycle is somebody else's."""

    def __init__(self, database: Database, pen: _Pen | None = None, claim: Claim | None = None) -> None:
        self.database, self._pen, self._claim = database, pen or _Pen(), claim

    @property
    def _engine(self) -> Engine:
        return self.database.engine

    @property
    def name(self) -> str:
        """What to call it in a sentence: the path of its file, or the server and the database."""
        return self.database.name

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent snapshot, taken at the first question. Never waits for writers and never holds them up."""
        self._same_place()
        with self.database.session(writes=False) as session:
            yield Transaction(session, writes=False)

    @contextmanager
    def writing(self, label: str = "", *, news: bool = False) -> Iterator[Transaction]:
        """Commits at the end; any exception takes everything back. ``label``: the command that does it, for ``undo`` to name. ``news``: it
        counts in ``others`` though it came through this object: whoever asks there is to notice it.

        One writer at a time (of one rep, where this is of that rep's cycle). Threads that share this object wait for each other, however
        long it takes. Raises StoreError where another process (or another Store) keeps the store for more than the ``wait`` given to
        ``open_store``, and inside another ``writing`` of the same thread; LeaseLost where the cycle is somebody else's by now."""
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
        me, pen, claim = threading.get_ident(), self._pen, self._claim
        if pen.writer == me:
            raise StoreError("Something tried to change the store twice at once. Please report this fault.")
        with pen.turn:
            pen.writer = me
            try:
                counted = False
                self._same_place()
                with self.database.session(writes=True, keep=keep, claim=claim) as session:
                    transaction = Transaction(session, writes=True, label=label, only=claim.rep if claim else None)
                    yield transaction
                    counted = keep and transaction.count()
                pen.own += counted and not news
                if claim and counted and claim.rep in transaction.grown:
                    claim.own += 1
            finally:
                pen.writer = 0

    @contextmanager
    def cycle(self, rep: str, wait: float = 60.0) -> Iterator[Store]:
        """Hold the rep's cycle: nobody else, in no process, holds it at the same time. Gives the store to use in it. It ends with its
        holder: at once (SQLite), or when nothing was heard of it for a while (PostgreSQL). Raises StoreError where another one holds it
        for more than ``wait`` seconds."""
        if self._claim:
            if self._claim.rep != rep:
                raise StoreError("Something tried to begin a cycle of another rep within a cycle. Please report this fault.")
            yield self
            return
        with self.database.cycle(rep, wait) as claim:
            yield Store(self.database, self._pen, claim) if claim else self

    def held(self, lease: Lease) -> Store:
        """As ``cycle`` gives it, for a lease that is held already."""
        return Store(self.database, self._pen, lease)

    def check(self) -> None:
        """Before anything is written elsewhere on behalf of a cycle. Raises LeaseLost where it may be somebody else's by now."""
        if self._claim:
            self._claim.check()

    @property
    def leases(self) -> Leases:
        """Who runs which cycle, and when they are due. Raises StoreError where the store is a file: it has one machine and no leases."""
        if isinstance(self.database, Sqlite):
            raise StoreError(
                "Workers share a store on PostgreSQL, and this one is a file: 'followsync store move' takes it there, 'followsync run' "
                "needs no other."
            )
        leases: Leases = getattr(self.database, "leases")  # noqa: B009 - the driver is loaded for one of them only
        return leases

    @property
    def shared(self) -> Tokens | None:
        """Where calls to others are counted for all machines. None where the store is a file: its one daemon counts for itself, which costs
        no write."""
        return None if isinstance(self.database, Sqlite) else self.database.tokens

    def cycles(self) -> list[Standing]:
        """Who has whose cycle and when each is due, ordered by rep; nothing where the store is a file, of which only the system knows."""
        return [] if isinstance(self.database, Sqlite) else self.leases.show()

    def changes(self) -> int:
        """Grows with each committed write of any process. A ``writing`` that changed nothing does not count."""
        self._same_place()
        with self.database.session(writes=False) as session:
            return changes(session)

    def others(self) -> int | None:
        """How many committed writes did not come through this object, or are ``news``; None where that cannot be told because it is writing
        right now. Asked again later, a greater number says that somebody else has written."""
        if not self._pen.turn.acquire(blocking=False):
            return None
        try:
            return self.changes() - self._pen.own
        finally:
            self._pen.turn.release()

    def _same_place(self) -> None:
        """Where another store lies in our place since (``restore`` put it there), go on with that one."""
        if self.database.same():
            return
        with self.database.looking() as connection:
            if _needs_migration(connection, self.name):
                raise StoreError(f"The store {self.name} was replaced by one of an older followsync. Restart followsync.")
        self.database.accept()

    def close(self) -> None:
        self.database.close()


def database(url: str, wait: float = 10.0, password: Password | None = None, lease: float = LEASE) -> Database:
    """Where the store of that address is. Nothing is opened yet. Raises StoreError for an address that is none."""
    if not url.startswith("postgres"):
        return Sqlite(path_of(url), wait)
    try:
        from followsync.store.postgresql import Postgresql  # the driver is loaded where it is needed
    except ImportError:
        raise StoreError("The driver for PostgreSQL is not installed: pip install 'followsync[postgresql]'.") from None
    return Postgresql(url, wait, password, lease)


def open_store(url: str, *, migrate: bool = True, wait: float = 10.0, password: Password | None = None, lease: float = LEASE) -> Store:
    """Open ``url`` ("sqlite:////abs/path.db" or "postgresql+psycopg://host/name"). With ``migrate``, makes the folder (0700) and the file
    (0600) where they are missing, and brings an older store up to date. ``wait``: seconds to wait for another writer. ``password``: of a
    database server, asked for each new connection; ``lease``: see ``Postgresql``.

    Raises StoreError where the store cannot be opened, is not ours, is newer than this program or, without ``migrate``, older.
    """
    found = database(url, wait, password, lease)
    try:
        _find(found, make=migrate)
        _bring_up_to_date(found, migrate=migrate)
    except BaseException:
        found.close()
        raise
    return Store(found)


def store_exists(url: str, password: Password | None = None) -> bool:
    """Whether there is anything to open. Raises StoreError for an address that is none, or where nobody answers."""
    found = database(url, password=password)
    try:
        return found.exists()
    finally:
        found.close()


def _find(found: Database, *, make: bool) -> None:
    if make:
        found.make()
    elif not found.exists():
        raise StoreError(f"There is no store at {found.name}. Check the address, or capture the first prospect to make it.")


def _bring_up_to_date(found: Database, *, migrate: bool) -> None:
    with found.looking() as connection:
        outdated = _needs_migration(connection, found.name)
    if outdated and not migrate:
        raise StoreError(f"The store {found.name} is of an older followsync. Any command that writes brings it up to date.")
    if outdated:
        with found.migrating() as connection:  # looking again: another process may have been faster
            if _needs_migration(connection, found.name):
                from followsync.store.migrations import upgrade  # alembic is heavy, and almost never needed

                upgrade(connection)


def _needs_migration(connection: Connection, name: str) -> bool:
    inspector = inspect(connection)
    version = None
    if inspector.has_table(VERSION_TABLE):
        version = connection.scalar(select(named_column("version_num")).select_from(table(VERSION_TABLE)))
    if version is None and inspector.get_table_names():
        raise StoreError(f"{name} is the database of another program. Name another one as the store.")
    if version is not None and version > HEAD:
        raise StoreError(f"The store {name} is of a newer followsync. Update followsync, or restore a backup of before the update.")
    return version != HEAD
