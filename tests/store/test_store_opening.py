"""Files, permissions, versions, and everything that can be wrong with them."""

import ast
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from followsync.core.history import Captured, Noted
from followsync.core.item import Form, Item, State, Written
from followsync.core.prospect import Prospect
from followsync.errors import FollowSyncError, StoreError
from followsync.store import Store, codec, open_store
from followsync.store.migrations.versions import m0004_live, m0006_feeds, m0007_pages
from followsync.store.postgresql import collate
from followsync.store.sqlite import sentence, use_wal
from followsync.store.tables import HEAD, VERSION_TABLE, metadata
from tests import stores

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
JOE = Prospect("joe", "dana", "Joe's Diner", person="Jenny")


def url(path: Path) -> str:
    return stores.url(path)


def capture(store: Store) -> None:
    with store.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.sqlite
def test_a_new_store_is_for_its_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(url(path))
        capture(store)
        modes = {file.name: mode(file) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert mode(path.parent) == 0o700
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    store.close()


@pytest.mark.sqlite
def test_a_folder_that_stands_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    open_store(url(tmp_path / "store.db")).close()
    assert mode(tmp_path) == 0o755


@pytest.mark.sqlite
def test_a_store_is_opened_again(path: Path) -> None:
    store = open_store(url(path))
    capture(store)
    store.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["store.db"]
    again = open_store(url(path), migrate=False)
    with again.reading() as tx:
        assert tx.prospects() == [JOE]
    again.close()


@pytest.mark.sqlite
def test_every_connection_is_durable_and_strict(store: Store) -> None:
    with store._engine.connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 200}


@pytest.mark.sqlite
def test_an_empty_file_is_filled(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with pytest.raises(StoreError, match="older"):
        open_store(url(path), migrate=False)
    store = open_store(url(path))
    capture(store)
    store.close()


@pytest.mark.sqlite
def test_without_migration_nothing_is_made(path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        open_store(url(path), migrate=False)
    assert not path.parent.exists()


# -- migrations


def shape(connection: Connection) -> dict[str, object]:
    asked = inspect(connection)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in asked.get_columns(name)],
            asked.get_pk_constraint(name)["constrained_columns"],
            asked.get_foreign_keys(name),
            asked.get_indexes(name),
            sorted(asked.get_check_constraints(name), key=str),
            connection.dialect.name == "sqlite"
            and "AUTOINCREMENT" in str(connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).scalar()),
        )
        for name in asked.get_table_names()
        if name != VERSION_TABLE
    }


def test_migrations_lead_to_the_tables(store: Store, tmp_path: Path) -> None:
    fresh = create_engine(url(tmp_path / "fresh.db"))
    metadata.create_all(fresh)
    with store._engine.connect() as migrated, fresh.connect() as created:
        if stores.kind == "postgresql":
            collate(created)
        context = MigrationContext.configure(migrated, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert shape(migrated) == shape(created)
        assert set(shape(migrated)) == set(metadata.tables)
    fresh.dispose()


@pytest.mark.sqlite
def test_the_newest_migration_is_the_one_the_store_checks_for() -> None:
    config = Config()
    config.set_main_option("script_location", "followsync.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def of_version(path: Path, version: str) -> None:
    """An empty store as the followsync of that time made it."""
    config = Config()
    config.set_main_option("script_location", "followsync.store:migrations")
    path.parent.mkdir(exist_ok=True)
    engine = create_engine(url(path))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


@pytest.mark.parametrize("version", [f"{number:04}" for number in range(1, int(HEAD))])
def test_an_older_store_is_brought_up_to_date(path: Path, version: str) -> None:
    of_version(path, version)
    stores.sql(
        path,
        "INSERT INTO prospect (id, rep, open, outcome, captured_at, data) "
        """VALUES ('joe', 'dana', true, '', '', '{"id":"joe","rep":"dana","name":"Joe"}')""",
    )
    stores.sql(
        path,
        "INSERT INTO written (rep, target, action, prospect, href, data, raw) VALUES ('dana', 'phone', 'a1', 'joe', '/a1.ics', "
        """'{"target":"phone","action":"a1","prospect":"joe","href":"/a1.ics"}', '')""",
    )
    with pytest.raises(StoreError, match="older"):
        open_store(url(path), migrate=False)
    store = open_store(url(path))
    row = Written("phone", "a1", "joe", "/a1.ics")
    with store.writing() as tx:
        assert tx.prospects() == [Prospect("joe", "dana", "Joe")]
        assert tx.written_at("dana", "phone", ["/a1.ics"]) == [row]
        assert tx.revision("dana") == 0
        tx.save_written("dana", row)
        assert tx.revision("dana") == 1
    store.close()


def test_an_older_store_s_entries_that_no_longer_stand_are_told_apart(path: Path) -> None:
    of_version(path, "0003")
    item = Item("u", Form.EVENT, 'says "state":"gone"', "", NOW, NOW)
    rows = [
        Written("phone", "a1", "joe", "/a1.ics", ours=item),
        Written("phone", "a2", "joe", "/a2.ics", 3, state=State.GONE),
        Written("phone", "a3", "joe", "/a3.ics", state=State.GONE, unread=True),
    ]
    for row in rows:
        values = ("dana", row.target, row.action, row.prospect, row.href, codec.encode(row, without="raw"), "")
        quoted = ", ".join(f"'{value}'" for value in values)
        stores.sql(path, f"INSERT INTO written (rep, target, action, prospect, href, data, raw) VALUES ({quoted})")
    store = open_store(url(path))
    with store.reading() as tx:
        assert tx.written("dana", "phone", everything=True) == rows
        assert tx.written("dana", "phone") == [rows[0], rows[2]]
    store.close()


@pytest.mark.sqlite
def test_migrations_are_written_for_postgresql_too() -> None:
    said = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with Operations.context(context):
        m0004_live.upgrade()
        m0006_feeds.upgrade()
        m0007_pages.upgrade()
    sql = said.getvalue()
    assert "CREATE TABLE feed (" in sql
    assert "CREATE TABLE page_form (" in sql
    assert "redacted BOOLEAN NOT NULL" in sql
    assert "ALTER TABLE written ADD COLUMN live BOOLEAN DEFAULT true NOT NULL" in sql
    assert "SET live=false" in sql
    assert "CREATE INDEX ix_written_target_href ON written (target, href)" in sql


@pytest.mark.sqlite
def test_a_migration_that_fails_leaves_an_empty_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from followsync.store import migrations

    def upgrade_and_fail(connection: Connection) -> None:
        upgrade(connection)
        raise StoreError("power cut")

    upgrade = migrations.upgrade
    monkeypatch.setattr(migrations, "upgrade", upgrade_and_fail)
    with pytest.raises(StoreError, match="power cut"):
        open_store(url(path))
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    monkeypatch.undo()
    open_store(url(path)).close()


def test_a_newer_store_is_left_alone(path: Path) -> None:
    open_store(url(path)).close()
    stores.sql(path, f"UPDATE {VERSION_TABLE} SET version_num = '0999'")
    with pytest.raises(StoreError, match="newer followsync"):
        open_store(url(path))
    assert stores.sql(path, f"SELECT version_num FROM {VERSION_TABLE}") == [("0999",)]


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    stores.url(path)
    stores.sql(path, "CREATE TABLE prospect (id text)")
    with pytest.raises(StoreError, match="another program"):
        open_store(url(path))
    assert stores.sql(path, "SELECT count(*) FROM prospect") == [(0,)]


@pytest.mark.sqlite
@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_the_tables_are_postgresql_s_too(table: Table) -> None:
    statement = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert "AUTOINCREMENT" not in statement
    if table.name == "entry":
        assert "seq BIGSERIAL" in statement
    if table.name == "prospect":
        assert "open BOOLEAN NOT NULL" in statement


@pytest.mark.sqlite
def test_the_store_is_light_until_a_migration_is_due(path: Path) -> None:
    open_store(url(path)).close()
    code = f"""
import sys
import followsync.store
print([name for name in ("alembic", "sqlalchemy.orm", "psycopg") if name in sys.modules])
followsync.store.open_store({url(path)!r}).close()
print([name for name in ("alembic", "sqlalchemy.orm", "psycopg") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [ast.literal_eval(line) for line in done.stdout.splitlines()] == [[], []]


# -- what can be wrong


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://dana:secret@db.example.org/sales", "cannot be the store"),
        ("nonsense://dana:secret@db.example.org/sales", "cannot be the store"),
        ("secret", "not an URL"),
        ("", "not an URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_an_address_that_is_none_is_a_sentence_without_its_password(address: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        open_store(address)
    assert "secret" not in str(caught.value)


@pytest.mark.sqlite
def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Jenny, " * 100)
    with pytest.raises(StoreError, match="not a store of FollowSync"):
        open_store(url(path))
    assert path.read_text() == "Dear Jenny, " * 100


def read_all(path: Path) -> None:
    store = open_store(url(path))
    with store.reading() as tx:
        tx.histories()


@pytest.mark.sqlite
def test_a_damaged_file(path: Path) -> None:
    store = open_store(url(path))
    with store.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"), *[Noted(NOW, "cli", "x" * 1000) for _ in range(100)])
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="is damaged"):
        read_all(path)


@pytest.mark.sqlite
def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Check the path"):
        open_store(url(tmp_path))


@pytest.mark.sqlite
@pytest.mark.parametrize(("free", "says"), [(0, "is full"), (1000, "cannot be ")])
@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR | (22 << 8)])
def test_what_cannot_be_opened_without_room_says_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, free: int, says: str
) -> None:
    """So it fails where the files beside the store cannot be made."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=free, f_frsize=4096))
    assert says in sentence(error, tmp_path / "store.db")


@pytest.mark.sqlite
def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(StoreError, match="Check the path"):
        open_store(url(tmp_path / "state" / "store.db"))


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """With a store in it, and outside tmp_path: root takes another user's place to feel the modes, and that one must get here."""
    folder = Path(tempfile.mkdtemp(prefix="followsync-test-"))
    store = open_store(url(folder / "store.db"))
    capture(store)
    store.close()
    (folder / "store.db").chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["store.db", "new.db", "new/store.db"])
@pytest.mark.parametrize("migrate", [True, False])
def test_a_read_only_folder(read_only_folder: Path, name: str, migrate: bool) -> None:
    receive, send = os.pipe()
    if not (child := os.fork()):
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            open_store(url(read_only_folder / name), migrate=migrate)
            answer: tuple[str, str] = ("opened", "")
        except FollowSyncError as error:
            answer = (type(error).__name__, str(error))
        except BaseException:  # noqa: BLE001  # a child that came from a fork must end here, whatever happens
            answer = ("fault", traceback.format_exc())
        os.write(send, pickle.dumps(answer))
        os._exit(0)
    os.waitpid(child, 0)
    kind, sentence = pickle.loads(os.read(receive, 60_000))
    os.close(receive)
    os.close(send)
    assert kind == "StoreError", sentence
    assert "There is no store" in sentence or "permissions" in sentence or "Let this user write" in sentence


def limit_pages(engine: Engine, extra: int) -> None:
    @event.listens_for(engine, "checkout")
    def _limit(connection: sqlite3.Connection, *_: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + extra}")


def write_much(store: Store, text: str) -> None:
    with store.writing() as tx:
        tx.save_written("dana", Written("phone", "a1", "joe", "/a1.ics"))
        for _ in range(50):
            tx.append("joe", Noted(NOW, "cli", text * 200))


@pytest.mark.sqlite
@pytest.mark.parametrize("extra", [0, 1, 5])
def test_a_full_disk_leaves_nothing_half_written(store: Store, path: Path, extra: int) -> None:
    capture(store)
    limit_pages(store._engine, extra)
    needle = "Jenny said "
    with pytest.raises(StoreError, match="is full") as caught:
        write_much(store, needle)
    assert needle not in "".join(traceback.format_exception(caught.value))
    store.close()
    again = open_store(url(path))
    with again.reading() as tx:
        assert tx.histories() == {"joe": (Captured(NOW, "cli"),)}
        assert tx.written("dana") == []
    assert again.changes() == 1
    again.close()


@pytest.mark.sqlite
def test_a_store_that_stays_locked(store: Store, path: Path) -> None:
    capture(store)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"), store.writing():
        raise AssertionError("two writers at once")
    with store.reading() as tx:
        assert tx.prospects() == [JOE]
    assert store.changes() == 1
    raw.execute("ROLLBACK")
    raw.close()
    with store.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", "free again"))


@pytest.mark.sqlite
def test_a_new_store_that_stays_locked(path: Path) -> None:
    path.parent.mkdir()
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked"):
        open_store(url(path), wait=0.05)
    raw.close()


@pytest.mark.sqlite
def test_a_file_that_another_process_is_just_making_is_waited_for(tmp_path: Path) -> None:
    """SQLite answers "locked" at once to the change to WAL; waiting for the write lock is what gets us through."""
    maker = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    maker.execute("BEGIN IMMEDIATE")
    asked: list[str] = []

    class Waiter(sqlite3.Connection):
        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
            asked.append(sql)
            if sql == "BEGIN IMMEDIATE":
                maker.execute("COMMIT")  # the maker is ready while we wait
            return super().execute(sql, *parameters)

    waiter = sqlite3.connect(tmp_path / "store.db", timeout=0, isolation_level=None, factory=Waiter)
    use_wal(waiter)
    assert asked == ["PRAGMA journal_mode = WAL", "BEGIN IMMEDIATE", "ROLLBACK", "PRAGMA journal_mode = WAL"]
    assert waiter.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    waiter.close()
    maker.close()


@pytest.mark.sqlite
def test_an_error_of_the_database_quotes_no_data(store: Store, path: Path) -> None:
    capture(store)
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TRIGGER no BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(StoreError, match="does not work") as caught, store.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", "Jenny said"))
    assert "Jenny" not in "".join(traceback.format_exception(caught.value, limit=0))
