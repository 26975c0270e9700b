"""Copies of the store: made while it is in use, checked, and put back. A copy is always a file of SQLite, wherever the store is: a store on
a database server is written into one, and read from one (see ``moving``).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from followsync.core.item import State, Written
from followsync.errors import StoreError, UsageError
from followsync.store import moving, sqlite
from followsync.store.sqlite import Sqlite, path_of
from followsync.store.store import Password, Store, open_store
from followsync.store.tables import HEAD, VERSION_TABLE, entry, prospect, written
from followsync.wholefile import give_to_owner_of

_UNFINISHED = ".unfinished"
_ENDINGS = ("-wal", "-shm", "-journal")  # what SQLite lays beside a store
_PAGES = 1000  # copied at a time: 4 MB with SQLite's usual page
_WAIT = 30.0  # seconds for the write lock
_COUNTED = (prospect.name, entry.name, written.name)

Progress = Callable[[int, int], None]  # pages done, of how many


def _silent(_done: int, _total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that was looked through and is a whole store. ``version``: its migration."""

    path: Path
    size: int
    version: str
    prospects: int
    entries: int
    written: int


@dataclass(frozen=True, slots=True)
class Restored:
    """``kept``: where the store of before lies now, None where there was none. ``damaged``: it could not be read."""

    copy: Copy
    kept: Path | None
    damaged: bool = False


def backup(url: str, to: Path, *, force: bool = False, progress: Progress = _silent, password: Password | None = None) -> Copy:
    """Copy the store to the new file ``to`` (0600), whoever writes meanwhile: it holds one moment. An older store is copied as it is.

    Raises UsageError where ``to`` cannot be taken, StoreError where there is no store, or it or the copy is not whole.
    """
    if is_server(url):
        return _written_out(url, to, force=force, progress=progress, password=password)
    path = path_of(url)
    _check_place(path, to, force=force)
    if not path.exists():
        raise StoreError(f"There is no store at {path}, so there is nothing to copy.")
    with _beside(to) as made:
        with _opened(path) as source:
            _check_ours(source, path)
            before = _copied(source, made, progress)
        found = check(made)
        if before != (found.version, found.prospects, found.entries, found.written):
            raise StoreError("The copy does not hold what the store holds and was thrown away. Check the disk, then try again.")
        _put(made, to, force=force)
    return replace(found, path=to)


def _written_out(url: str, to: Path, *, force: bool, progress: Progress, password: Password | None) -> Copy:
    """From a database server, in one snapshot of it. An older store is brought up to date first."""
    _check_place(to.with_name(f".{to.name}.none"), to, force=force)
    store = open_store(url, password=password)
    try:
        with _beside(to) as made, store.database.looking() as source:
            _fill(made, source, progress)
            found = check(made)
            _put(made, to, force=force)
    finally:
        store.close()
    return replace(found, path=to)


def _fill(made: Path, source: Connection, progress: Progress) -> None:
    """Write all that ``source`` shows into the empty file, as a store of today. Raises StoreError where that is not the same then."""
    copy = open_store(f"sqlite:///{made}")
    try:
        with copy.database.migrating() as target:
            moving.clear(target)
            moving.pour(source, target, progress=progress)
            moving.prove(source, target)
    finally:
        copy.close()
    with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as alone:
        alone.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read where nothing can be written
    _sync(made)


def check(path: Path) -> Copy:
    """Look through a whole file. Raises StoreError where it is damaged, not ours or of a newer followsync."""
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    with _opened(path, read_only=True) as connection:
        _check_ours(connection, path)
        for question in ("PRAGMA integrity_check", "PRAGMA foreign_key_check"):
            if connection.execute(question).fetchall() not in ([("ok",)], []):
                raise StoreError(f"{path} is damaged: it does not pass SQLite's own check. Take another copy.")
        version, prospects, entries, rows = _counts(connection)
    return Copy(path, path.stat().st_size, version, prospects, entries, rows)


def restore(
    url: str,
    file: Path,
    *,
    reps: Iterable[str],
    now: datetime,
    progress: Progress = _silent,
    password: Password | None = None,
    aside: Path = Path(),
) -> Restored:
    """Make the store hold what the copy ``file`` holds, while nobody writes; what it held is kept in a file beside it (of a store on a
    server: in the folder ``aside``).

    1. Look through the copy, and make a second one that is up to date and trusts no calendar to be as it was then. 2. Hold the cycle of
    every rep (``reps``: those of the config). 3. Under the write lock, keep what is there and take over the copy, in one transaction:
    a daemon that runs sees the old store or the new one. A store that is damaged is put aside, and the copy takes its place.

    Raises UsageError or StoreError, having changed nothing.
    """
    if is_server(url):
        return _read_in(url, file, reps, now, progress, password, aside)
    path = path_of(url)
    if file.exists() and path.exists() and file.samefile(path):
        raise UsageError(f"{file} is the store itself. Name the copy that is to be put back.")
    found = check(file)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _beside(path) as made:
        with _opened(file, read_only=True) as source:
            _copied(source, made, progress)
        with made.open("rb") as whole:
            give_to_owner_of(whole.fileno(), path.parent)  # it may take the store's place
        theirs = _doubt_everything(made)
        with ExitStack() as held:
            damaged = path.exists() and not _is_whole(path)
            store = open_store(url) if path.exists() and not damaged else None
            lock = store or Store(Sqlite(path, _WAIT))
            held.callback(lock.close)
            ours = _reps(store) if store else set()
            for rep in sorted({*reps, *theirs, *ours}):
                held.enter_context(lock.cycle(rep))
            _tidy(path)
            kept = _kept(path, now)
            if store:
                _take_over(path, made, kept)
            else:
                _replace(path, made, kept)
    return Restored(found, kept if kept.exists() else None, damaged)


def _read_in(
    url: str, file: Path, reps: Iterable[str], now: datetime, progress: Progress, password: Password | None, aside: Path
) -> Restored:
    """Into a database server: the same steps, with leases in place of locks."""
    found = check(file)
    aside.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_store(url, password=password)
    with _beside(aside / "followsync.db") as made, ExitStack() as held:
        held.callback(store.close)
        with _opened(file, read_only=True) as source:
            _copied(source, made, progress)
        theirs = _doubt_everything(made)
        for rep in sorted({*reps, *theirs, *_reps(store)}):
            held.enter_context(store.cycle(rep))
        kept = _kept(aside / "followsync.db", now)
        copy = Sqlite(made, _WAIT)
        held.callback(copy.close)
        server: Any = store.database  # its driver is loaded by whoever has such a store
        with _beside(kept) as saved, server.alone() as target, copy.looking() as source_:
            _fill(saved, target, _silent)
            check(saved)
            moving.replace_all(source_, target, progress)
            _put(saved, kept, force=False)
    return Restored(found, kept)


def is_server(url: str) -> bool:
    return url.startswith("postgresql")


# -- one file


@contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    """``read_only``: a file that nobody writes to; nothing is left beside it. What goes wrong is a sentence."""
    # A copy has no log of its own beside it; with "immutable" SQLite makes none, so it may lie where nothing can be written.
    mode = "" if not read_only else "?mode=ro" if path.with_name(f"{path.name}-wal").exists() else "?immutable=1"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}{mode}", uri=True, timeout=_WAIT, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreError(sqlite.sentence(error, path)) from error


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not known >= {VERSION_TABLE, *_COUNTED}:
        raise StoreError(f"{path} is not a store of FollowSync. Name another file.")
    if _counts(connection)[0] > HEAD:
        raise StoreError(f"{path} is of a newer followsync. Update followsync, then try again.")


def _counts(connection: sqlite3.Connection) -> tuple[str, int, int, int]:
    """The version, and how many rows are in the tables that a person can make something of."""
    asked = (f"SELECT version_num FROM {VERSION_TABLE}", *(f"SELECT count(*) FROM {name}" for name in _COUNTED))  # noqa: S608 - our own tables' names
    version, prospects, entries, rows = (connection.execute(question).fetchone()[0] for question in asked)
    return str(version), prospects, entries, rows


def _copied(source: sqlite3.Connection, to: Path, progress: Progress) -> tuple[str, int, int, int]:
    """Into the empty file ``to``. Answers what is in it. While our reading is open no writer changes what it sees, so the copy never
    has to begin again."""
    source.execute("BEGIN")
    counts = _counts(source)
    with contextlib.closing(sqlite3.connect(to, isolation_level=None)) as target:
        source.backup(target, pages=_PAGES, progress=lambda _, remaining, total: progress(total - remaining, total), sleep=0)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read where nothing can be written
    source.execute("ROLLBACK")
    _sync(to)
    return counts


def _is_whole(path: Path) -> bool:
    """Raises StoreError for the database of another program, or of a newer followsync."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return False
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
                _check_ours(connection, path)
            return True
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return False
        raise StoreError(sqlite.sentence(error, path)) from error


# -- taking over


def _doubt_everything(path: Path) -> set[str]:
    """What stands on the calendars is not what this copy remembers: whatever it knew to stand there is to be found again, in place, and
    what the rep did to it since is read anew. Also brings the copy up to date. Answers its reps."""
    store = open_store(f"sqlite:///{path}")
    try:
        with store.writing() as tx:
            for state in tx.target_states():
                fresh = replace(state, cursor="", settled="", config="", last_full=None, failures=0, not_before=None)
                tx.save_target_state(
                    replace(
                        fresh,
                        held="",
                        error="",
                        login_needed=False,
                        tried="",
                        quarantined=0,
                        left=(),
                        going=(),
                        unknown=(),
                        copies=(),
                        notice="",
                    )
                )
                tx.forget_foreign(state.rep, state.target)
                if state.collection:  # a file is never read back: what was written there is what stands there
                    tx.save_written(state.rep, *map(_forgotten, tx.written(state.rep, state.target)))
        return _reps(store)
    finally:
        store.close()


def _forgotten(row: Written) -> Written:
    """An answer that was read stays read, and its record stays one. All else stands as if it had been sent without an answer: the next
    cycle asks for each entry by name. What the rep did to it since is read; if it is not there any more, nobody is asked why, and what is
    still wanted is written again."""
    if row.state is not State.OPEN:
        return replace(row, intended=None, removing=False)
    sent = replace(row, intended=row.agreed or row.intended, agreed=None, removing=False, etag=None, raw="")
    return replace(sent, refused="", trouble="", retry_at=None, fresh=False, gone_at=None, writes=())


def _reps(store: Store) -> set[str]:
    with store.reading() as tx:
        return {one.rep for one in tx.prospects()} | {one.rep for one in tx.target_states()}


def _take_over(path: Path, made: Path, kept: Path) -> None:
    """Every table, in one transaction of the store that is there."""
    with _opened(path) as connection, _beside(kept) as saved:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("ATTACH ? AS copy", (str(made),))
        connection.execute("BEGIN IMMEDIATE")
        with _opened(path) as source:  # what we are about to change is not seen by others
            _copied(source, saved, _silent)
        check(saved)
        # Numbers that tell whether something has changed only ever grow, else a change would not be seen.
        connection.execute("CREATE TEMP TABLE grown AS SELECT rep, revision FROM main.rep_revision")
        connection.execute("CREATE TEMP TABLE counted AS SELECT CAST(value AS INTEGER) AS value FROM main.meta WHERE key = 'changes'")
        for statement in _STATEMENTS:
            connection.execute(statement)
        _put(saved, kept, force=False)
        connection.execute("COMMIT")


def _statements() -> Iterator[str]:
    for table in reversed(moving.TABLES):
        if table not in moving.ADDRESSES:
            yield f"DELETE FROM main.{table.name}"  # noqa: S608 - our own tables' names
    for table in moving.TABLES:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        # An address that was changed or taken away since the copy was made must not lead anywhere again.
        unknown = f" WHERE name NOT IN (SELECT name FROM main.{table.name})" if table in moving.ADDRESSES else ""  # noqa: S608 - our own tables' names
        yield f"INSERT INTO main.{table.name} ({names}) SELECT {names} FROM copy.{table.name}{unknown}"  # noqa: S608 - our own tables' names
    yield ("UPDATE main.meta SET value = CAST(MAX(CAST(value AS INTEGER), (SELECT value FROM counted)) + 1 AS TEXT) WHERE key = 'changes'")
    yield (
        "INSERT INTO main.rep_revision (rep, revision) SELECT rep, revision FROM grown WHERE true "
        "ON CONFLICT (rep) DO UPDATE SET revision = MAX(rep_revision.revision, excluded.revision)"
    )
    yield "UPDATE main.rep_revision SET revision = revision + 1"


_STATEMENTS = tuple(_statements())


def _replace(path: Path, made: Path, kept: Path) -> None:
    """There is nothing that could be read, so nothing is lost by putting it aside; also a log that lies there without its store, which
    must not be taken for the new one's. Whoever has the old one open finds another file in its place (see ``Store``).

    All of the old one is kept before any of it goes, so that whenever this is killed, what was kept belongs together."""
    old = [ending for ending in ("", "-wal", "-shm") if path.with_name(path.name + ending).exists()]
    for ending in old:
        _link(path.with_name(path.name + ending), kept.with_name(kept.name + ending))
    _sync(path.parent)
    for ending in old:
        if ending:  # not the store itself, which another one is to replace in one step
            path.with_name(path.name + ending).unlink(missing_ok=True)
    _sync(path.parent)
    made.replace(path)
    _sync(path.parent)


# -- places


def _check_place(path: Path, to: Path, *, force: bool) -> None:
    if to.is_dir() or not to.parent.is_dir():
        raise UsageError(f"{to} cannot be written: {'it is a folder' if to.is_dir() else f'there is no folder {to.parent}'}.")
    same_folder = path.parent.exists() and to.parent.samefile(path.parent)
    if same_folder and (to.name == path.name or to.name in (f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal")):
        raise UsageError(f"{to} is the store itself. Name another file.")
    if to.exists() and path.exists() and to.samefile(path):
        raise UsageError(f"{to} is the store itself. Name another file.")
    if to.exists() and not force:
        raise UsageError(f"{to} is there already. Name another file, or say --force to replace it.")


def _kept(path: Path, now: datetime) -> Path:
    """``followsync.db.before-restore-20260106T140000Z``, and a number behind it where that is taken."""
    name = f"{path.name}.before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for number in range(1, 1000):
        place = path.with_name(name if number == 1 else f"{name}-{number}")
        if not any(place.with_name(place.name + ending).exists() for ending in ("", "-wal", "-shm")):
            return place
    raise StoreError(f"There are a thousand files {name} already. Remove some.")


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """An empty file (0600) in the same folder, gone at the end unless it was moved away. As long as it is in use it is held (flock(2)), so
    that what a kill left behind can be told from it."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", suffix=_UNFINISHED, dir=place.parent)
    except OSError as error:
        raise UsageError(f"Nothing can be written to {place.parent}: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Path(name)
    finally:
        for ending in ("", *_ENDINGS):
            Path(name + ending).unlink(missing_ok=True)
        os.close(handle)


def _tidy(path: Path) -> None:
    """Remove what restores that were killed left beside the store: copies of people's data that nobody would find."""
    for left in path.parent.glob(f".{path.name}.*{_UNFINISHED}"):
        with suppress(OSError):  # it goes at this moment, or another restore has it
            handle = os.open(left, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for ending in (*_ENDINGS, ""):
                    left.with_name(left.name + ending).unlink(missing_ok=True)
            finally:
                os.close(handle)


def _put(made: Path, to: Path, *, force: bool) -> None:
    """Whole or not at all, and without ``force`` never over a file that came meanwhile."""
    try:
        if force:
            made.replace(to)
        else:
            _link(made, to)
    except FileExistsError:
        raise UsageError(f"{to} is there already. Name another file, or say --force to replace it.") from None
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror}.") from None
    _sync(to.parent)


def _link(made: Path, to: Path) -> None:
    """One more name, where the file system can do that; else a copy. Raises FileExistsError."""
    try:
        os.link(made, to)
    except FileExistsError:
        raise
    except OSError:
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target, made.open("rb") as source:
            shutil.copyfileobj(source, target)
        _sync(to)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
