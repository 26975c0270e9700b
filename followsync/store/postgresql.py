"""The store on a PostgreSQL server, for as many processes on as many machines as there are.

Who writes holds a lock that decides alone: the row of the rep in ``rep_lease`` for a cycle, that whole table for anything else. So two
writers whose work could depend on each other never run at once, nothing is ever taken back by the database, and READ COMMITTED is enough:
after the lock every question sees what was committed before. Readers see one snapshot (REPEATABLE READ) and wait for nobody.
See docs/decisions/0052-the-store-on-postgresql.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from followsync.errors import CalendarError, StoreError, UsageError
from followsync.store.codec import UNREADABLE_TEXT
from followsync.store.dialect import Claim, Question
from followsync.store.leases import LEASE, Lease, Leases
from followsync.store.postgresql_text import with_nul, without_nul
from followsync.store.tables import VERSION_TABLE
from followsync.store.tokens import Tokens

Password = Callable[[], str]

_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_ALONE = f"{_WRITE}; LOCK TABLE rep_lease IN EXCLUSIVE MODE"
_BEGIN = "followsync_begin"
_IDLE = 30  # seconds after which the server ends a transaction whose process says nothing: it may be stopped, and holds up others
_CONNECTIONS = 16  # kept; more are made where more threads ask at once
_UNTRUSTED = "untrusted"
_WORDS = (
    ("password authentication failed", "28P01"),
    ("no password supplied", "28P01"),
    ("no pg_hba.conf entry", "28000"),
    ('FATAL:  role "', "28000"),
    ('FATAL:  database "', "3D000"),
    ("too many clients", "53300"),
    ("certificate", _UNTRUSTED),
    ("server does not support SSL", _UNTRUSTED),
    ("connection slots", "53300"),
)
_PAUSE = 0.2  # seconds between two looks at a lease that somebody else has
_MIGRATION_LOCK = 0x466F6C6C6F77  # "Follow": any number that others do not use


class PostgresqlSession:
    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def rows(self, question: Question, **values: Any) -> list[tuple[Any, ...]]:
        put = question.postgresql
        found = self._connection.execute(put.sql, {**put.fixed, **without_nul(values)}).fetchall()
        return [with_nul(row) for row in found]

    def first(self, question: Question, **values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(question, **values)), None)

    def value(self, question: Question, **values: Any) -> Any:
        found = self.first(question, **values)
        return found[0] if found else None

    def do(self, question: Question, rows: Iterable[Mapping[str, Any]]) -> None:
        put = question.postgresql
        several = [{**put.fixed, **without_nul(row)} for row in rows]
        if len(several) == 1:
            self._connection.execute(put.sql, several[0])
        elif several:
            with self._connection.cursor() as cursor:
                cursor.executemany(put.sql, several)


class Postgresql:
    """The store at ``url``, which holds no password: ``password`` gives one for each new connection, None where libpq finds its own way
    (a password file, the environment, the user of a local socket). ``wait``: seconds to wait for another writer; ``lease``: seconds that
    a cycle's right lasts without a sign of life."""

    def __init__(self, url: str, wait: float, password: Password | None = None, lease: float = LEASE) -> None:
        parsed = _parsed(url)
        self.name = f"{parsed.host or 'this machine'}/{parsed.database or ''}"
        self.engine = _engine(parsed, wait, min(_IDLE, lease / 2), password)
        self.leases = Leases(self._statement, lease)
        self.tokens = Tokens(self.at_once)

    @contextmanager
    def session(self, *, writes: bool, keep: bool = True, claim: Claim | None = None) -> Iterator[PostgresqlSession]:
        assert claim is None or isinstance(claim, Lease)
        begin = _SNAPSHOT if not writes else _WRITE if claim else _ALONE
        with self._sentences(), self._begun(begin) as connection:
            if writes and claim:
                self.leases.confirm(claim, lambda sql, values: connection.execute(sql, values).fetchall())
            yield PostgresqlSession(connection)
            connection.execute("COMMIT" if keep else "ROLLBACK")

    def at_once(self, question: Question, **values: Any) -> list[tuple[Any, ...]]:
        put = question.postgresql
        return self._statement(put.sql, {**put.fixed, **without_nul(values)})

    @contextmanager
    def _core(self, begin: str) -> Iterator[Connection]:
        with self._sentences(), self.engine.connect() as connection:
            connection.execution_options(**{_BEGIN: begin})
            with connection.begin():
                yield connection

    def looking(self) -> AbstractContextManager[Connection]:
        return self._core(_SNAPSHOT)

    def alone(self) -> AbstractContextManager[Connection]:
        """A transaction of Core's in which nobody else writes."""
        return self._core(_ALONE)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Several processes may find at once that something is to be done; the first does it."""
        with self._core(_WRITE) as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            yield connection
            collate(connection)

    @contextmanager
    def cycle(self, rep: str, wait: float) -> Iterator[Lease]:
        lease = self._taken(rep, wait)
        with self.leases.kept(lease):
            try:
                yield lease
            finally:
                self.leases.give_back(lease)

    def _taken(self, rep: str, wait: float) -> Lease:
        pause = threading.Event()
        for turn in range(max(1, int(wait / _PAUSE))):
            if turn:
                pause.wait(_PAUSE)
            if lease := self.leases.take(rep):
                return lease
        raise StoreError(f"Another followsync has been syncing {rep} for {wait:.0f} seconds. Try again when it is done.")

    def exists(self) -> bool:
        with self.looking() as connection:
            return connection.exec_driver_sql(f"SELECT to_regclass('{VERSION_TABLE}')").scalar() is not None

    def make(self) -> None:
        """Nothing: the database is its administrator's to make."""

    def same(self) -> bool:
        return True

    def accept(self) -> None:
        pass

    def close(self) -> None:
        self.leases.close()
        self.engine.dispose()

    # -- connections

    @contextmanager
    def _begun(self, begin: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        lent, _ = self._first(begin, {})
        connection: Any = lent.driver_connection
        try:
            yield connection
        finally:
            _return(lent)  # what was not committed is rolled back

    def _statement(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """One statement, which is a transaction of its own. It may be done twice where the server goes away after the first time."""
        with self._sentences():
            lent, cursor = self._first(sql, values)
            try:
                return list(cursor.fetchall())
            finally:
                _return(lent)

    def _first(self, sql: str, values: Mapping[str, Any]) -> tuple[PoolProxiedConnection, psycopg.Cursor[tuple[Any, ...]]]:
        """Say the first thing on a connection. One that was kept may be of a server that was restarted since: then on a new one."""
        lent = self.engine.raw_connection()
        connection: Any = lent.driver_connection
        try:
            return lent, connection.execute(sql, values or None)
        except psycopg.OperationalError:
            _return(lent)
            if not connection.closed:
                raise
        except BaseException:
            _return(lent)
            raise
        self.engine.dispose()  # the others that were kept are no better
        lent = self.engine.raw_connection()
        connection = lent.driver_connection
        try:
            return lent, connection.execute(sql, values or None)
        except BaseException:
            _return(lent)
            raise

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """What the database answers, as a StoreError that says what to do. "from None": PostgreSQL quotes what it was given."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(sentence(error.orig, self.name)) from None
        except psycopg.Error as error:
            raise StoreError(sentence(error, self.name)) from None
        except SQLAlchemyError as error:
            raise StoreError(f"The store {self.name} does not work ({type(error).__name__}). Please report this fault.") from None
        except UnicodeEncodeError:
            raise UsageError(UNREADABLE_TEXT) from None


def _return(lent: PoolProxiedConnection) -> None:
    connection: Any = lent.driver_connection
    if connection is not None and connection.closed:
        lent.invalidate()
    lent.close()


def _parsed(url: str) -> URL:
    """Raises StoreError; the address is not quoted, for it may hold a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("The store's address is not an URL. Write it like postgresql+psycopg://HOST/NAME.") from None
    if parsed.drivername != "postgresql+psycopg":
        raise StoreError("The store's address names another driver. Write it like postgresql+psycopg://HOST/NAME.")
    if parsed.password is not None or "password" in parsed.query:
        raise StoreError("A password may not stand in the store's address. Name the place where it is kept with 'store_password'.")
    return parsed


def safety(url: URL) -> dict[str, str]:
    """Over a network, a server must show a certificate of its name that this machine trusts, unless the address says otherwise (libpq,
    sslmode): people's data goes there."""
    host = url.host or str(url.query.get("host", ""))
    local = not host or host.startswith("/") or host == "localhost" or host == "::1" or host.startswith("127.")
    return {} if local or "sslmode" in url.query else {"sslmode": "verify-full", "sslrootcert": "system"}


def _engine(url: URL, wait: float, idle: float, password: Password | None) -> Engine:
    # A server that vanished is noticed: by a connection that is not made, and by data that nobody confirms.
    patience = {"connect_timeout": "10", "keepalives_idle": "30", "tcp_user_timeout": "30000", "application_name": "followsync"}
    made = create_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=-1,  # as many connections as threads ask for: none waits for another one's reading
        hide_parameters=True,  # the parameters are people's data; errors and logs must not quote them
        connect_args={name: value for name, value in (patience | safety(url)).items() if name not in url.query},
    )

    @event.listens_for(made, "do_connect")
    def _on_do_connect(_dialect: object, _record: object, _arguments: object, named: dict[str, Any]) -> None:
        if password:
            named["password"] = _revealed(password)

    @event.listens_for(made, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.autocommit = True  # the driver begins nothing; _on_begin and the sessions do
        connection.execute(
            f"SET lock_timeout = {int(wait * 1000)}; SET idle_in_transaction_session_timeout = {int(idle * 1000)}; "
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )

    @event.listens_for(made, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, _WRITE))

    return made


def _revealed(password: Password) -> str:
    try:
        return password()
    except CalendarError as error:  # SecretMissing: here it is the store's, and stops everything
        raise StoreError(f"The password of the store cannot be had: {error}") from None


def collate(connection: Connection) -> None:
    """Texts sort by their bytes, as in SQLite, whatever the database's own order is."""
    found = connection.exec_driver_sql(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS NULL ORDER BY table_name, ordinal_position"
    ).fetchall()
    for table, column in found:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE text COLLATE "C"')


def _while_connecting(words: str) -> str | None:
    """libpq tells why no connection came about in words only, in English unless the server says it in another language."""
    return next((code for part, code in _WORDS if part in words), None)


def sentence(error: object, name: str) -> str:
    """What an error of the driver's means (PostgreSQL, appendix A: error codes)."""
    match getattr(error, "sqlstate", None) or _while_connecting(str(error)):
        case "55P03":
            return f"Another process keeps the store {name} locked. Try again; if it stays locked, look for a followsync that hangs."
        case "53100":
            return f"The disk of the store's server ({name}) is full. Nothing was half saved: make room, then try again."
        case "53300":
            return f"The store's server ({name}) has no connection left. Raise its max_connections, or run fewer workers."
        case "28000" | "28P01":
            return f"The store's server ({name}) refuses this user or password. Check 'store', 'store_password' and pg_hba.conf."
        case "3D000" | "3F000":
            return f"The store's server has no such database or schema ({name}). Make it: 'createdb', or CREATE SCHEMA."
        case "untrusted":
            return (
                f"The store's server ({name}) shows no certificate that this machine trusts, so nothing was told to it. Give it one, or "
                "say in the address what to trust: ?sslmode=verify-full&sslrootcert=FILE; sslmode=disable goes without."
            )
        case "42501" | "25006":
            return f"The store {name} cannot be written by this user. Let it use and create tables in its schema, on the primary server."
        case "40001" | "40P01" | "25P03" as code:
            return f"The store {name} took the work back (PostgreSQL {code}). Nothing was half saved: try again."
        case None | "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006":
            return f"The store {name} cannot be reached. Is PostgreSQL running there, and is the address in 'store' right?"
        case code:
            return f"The store {name} does not work (PostgreSQL {code}). Restore the last backup, or report this fault."
