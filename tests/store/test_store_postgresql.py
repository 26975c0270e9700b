"""What is PostgreSQL's own: its address and password, its text, its copies, and the move from a file."""

import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from followsync.core.history import Captured, Noted
from followsync.core.item import Form, Item, State, Written
from followsync.core.prospect import Prospect
from followsync.core.target import TargetState
from followsync.errors import SecretMissing, StoreError, UsageError
from followsync.store import Feed, Store, copies, move, moving, open_store, store_exists
from followsync.store.postgresql import safety
from tests import postgresql, stores

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
JOE = Prospect("joe", "dana", "Joe's Diner")
ITEM = Item("u1", Form.EVENT, "Call Joe", "", NOW, NOW)


@pytest.fixture(autouse=True)
def engine_kind(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(stores, "kind", "postgresql")
    postgresql.server()
    return "postgresql"


def silent(_done: int, _total: int) -> None:
    pass


def filled(store: Store) -> None:
    with store.writing() as tx:
        for number in range(30):
            tx.capture(replace(JOE, id=f"p{number}", rep="dana" if number % 2 else "kim"), Captured(NOW, "cli"))
            tx.append(f"p{number}", *(Noted(NOW, "cli", f"note {one} – ä\u2028\0") for one in range(5)))
        tx.save_written("dana", Written("phone", "a1", "p1", "/a1.ics", raw="BEGIN\r\nÄ\0\\", ours=ITEM, agreed=ITEM))
        tx.save_target_state(TargetState("dana", "phone", cursor="c7", collection="https://dav.example.org/x/"))
        tx.save_foreign("dana", "phone", {"/x.ics": "1"})
        tx.add_feed(Feed("team", "dana", True, "s", "t"))


def everything(store: Store) -> list[tuple[int, str]]:
    with store.database.looking() as connection:
        return [moving.fingerprint(connection, table) for table in moving.TABLES]


# -- addresses and passwords


def test_texts_are_in_the_order_of_their_bytes_whatever_the_database_s_own_is(store: Store, path: Path) -> None:
    names = ["Zoe", "amy", "Émile", "_x", "Bob"]
    with store.writing() as tx:
        for name in names:
            tx.capture(replace(JOE, id=name), Captured(NOW, "cli"))
    with store.reading() as tx:
        assert [one.id for one in tx.prospects()] == sorted(names)
    assert stores.sql(path, "SELECT x FROM unnest(ARRAY['Zoe', 'amy']) AS x ORDER BY x") == [("amy",), ("Zoe",)]


def test_a_password_is_asked_for_each_connection_and_stands_nowhere(path: Path) -> None:
    server = postgresql.server()
    asked: list[str] = []

    def password() -> str:
        asked.append("open sesame")
        return asked[-1]

    store = open_store(server.fresh(), password=password)
    with store.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"))
    assert asked
    assert "sesame" not in f"{store.name} {store._engine.url!r} {store._engine.url}"
    store.close()

    def missing() -> str:
        raise SecretMissing("the environment variable DB is empty or not set; put the secret there.")

    with pytest.raises(StoreError, match="password of the store cannot be had: the environment variable DB"):
        open_store(server.fresh(), password=missing)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://dana@db.example.org/sales", "another driver"),
        ("postgresql+psycopg://dana:open-sesame@db.example.org/sales", "store_password"),
        ("postgresql+psycopg://db.example.org/sales?password=open-sesame", "store_password"),
        ("postgresql+psycopg://127.0.0.1:1/sales", "cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_sentence(address: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        open_store(address)
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("postgresql+psycopg://db.example.org/sales", "verify-full"),
        ("postgresql+psycopg://192.0.2.7/sales", "verify-full"),
        ("postgresql+psycopg://db.example.org/sales?sslmode=disable", None),
        ("postgresql+psycopg://127.0.0.1/sales", None),
        ("postgresql+psycopg://[::1]/sales", None),
        ("postgresql+psycopg:///sales", None),
        ("postgresql+psycopg:///sales?host=/run/postgresql", None),
        ("postgresql+psycopg:///sales?host=db.example.org", "verify-full"),
    ],
)
def test_a_server_over_a_network_must_show_who_it_is(address: str, asked: str | None) -> None:
    assert safety(make_url(address)).get("sslmode") == asked


def test_a_server_that_cannot_show_it_is_told_nothing() -> None:
    address = postgresql.server().fresh() + "&sslmode=verify-full&sslrootcert=system"
    with pytest.raises(StoreError, match="no certificate that this machine trusts"):
        open_store(address)


def test_a_database_that_is_not_there_and_a_store_that_is_not_there(path: Path) -> None:
    server = postgresql.server()
    with pytest.raises(StoreError, match="no such database"):
        open_store(server.url.replace("/postgres", "/nowhere"))
    empty = server.fresh()
    assert not store_exists(empty)
    with pytest.raises(StoreError, match="no store"):
        open_store(empty, migrate=False)
    open_store(empty).close()
    assert store_exists(empty)


def test_a_user_who_may_not_write_hears_it(path: Path) -> None:
    server = postgresql.server()
    address = server.fresh()
    open_store(address).close()
    server.run("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    name = address.rpartition("%3D")[2]
    server.run(f'GRANT USAGE ON SCHEMA "{name}" TO guest; GRANT SELECT ON ALL TABLES IN SCHEMA "{name}" TO guest')
    store = open_store(address.replace("followsync@", "guest@"))
    with store.reading() as tx:
        assert tx.prospects() == []
    with pytest.raises(StoreError, match="cannot be written by this user"), store.writing():
        raise AssertionError("it let them write")
    store.close()


def test_an_error_of_the_database_quotes_no_data(store: Store, path: Path) -> None:
    with store.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"))
    stores.sql(path, "ALTER TABLE entry ADD CONSTRAINT no CHECK (type <> 'noted')")
    with pytest.raises(StoreError, match="does not work") as caught, store.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", "Jenny said"))
    assert "Jenny" not in "".join(traceback.format_exception(caught.value))


def test_open_and_outcome_are_held_together_by_the_database(store: Store, path: Path) -> None:
    with store.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"))
    engine = create_engine(stores.url(path))
    for change in ("open = false", "open = false, outcome = 'later'", "outcome = 'yes'", "open = NULL", "outcome = NULL"):
        with pytest.raises(Exception, match="violates"), engine.begin() as connection:
            connection.execute(text(f"UPDATE prospect SET {change}"))
    engine.dispose()


# -- copies


def test_a_backup_is_a_file_that_is_a_store_of_its_own(store: Store, path: Path, tmp_path: Path) -> None:
    filled(store)
    made = copies.backup(stores.url(path), tmp_path / "copy.db")
    assert (made.prospects, made.entries, made.written) == (30, 180, 1)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}")
    assert everything(copy) == everything(store)
    copy.close()
    with pytest.raises(UsageError, match="--force"):
        copies.backup(stores.url(path), tmp_path / "copy.db")


def test_what_was_is_again_and_what_is_now_is_kept(store: Store, path: Path, tmp_path: Path) -> None:
    filled(store)
    copies.backup(stores.url(path), tmp_path / "copy.db")
    with store.writing() as tx:
        tx.append("p1", Noted(NOW, "cli", "later"))
        tx.rotate_feed("team", "another")
        revision = tx.revision("dana")
    changes = store.changes()
    done = copies.restore(stores.url(path), tmp_path / "copy.db", reps=["dana"], now=NOW, aside=tmp_path / "aside")
    assert done.kept == tmp_path / "aside" / "followsync.db.before-restore-20260302T170000Z"
    with store.reading() as tx:
        assert len(tx.history("p1")) == 6
        assert tx.revision("dana") > revision
        assert tx.target_state("dana", "phone") == TargetState("dana", "phone", collection="https://dav.example.org/x/")
        (row,) = tx.written("dana")
        assert (row.state, row.agreed, row.intended) == (State.OPEN, None, ITEM)  # asked for by name, never written twice
        assert tx.feeds()[0].secret == "another"  # an address that was changed leads nowhere again
    assert store.changes() > changes
    with store.writing() as tx:
        tx.append("p1", Noted(NOW, "cli", "the numbers go on"))
    kept = open_store(f"sqlite:///{done.kept}")
    with kept.reading() as tx:
        assert len(tx.history("p1")) == 7
    kept.close()


# -- the move


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "followsync.db"
    store = open_store(f"sqlite:///{place}")
    filled(store)
    store.close()
    return place


def test_a_file_is_moved_and_proved_and_put_aside(file: Path, tmp_path: Path) -> None:
    address = postgresql.server().fresh()
    old = open_store(f"sqlite:///{file}")
    before = everything(old)
    done = move.move(file, address, now=NOW, progress=silent)
    new = open_store(address)
    assert everything(new) == before
    assert (done.rows["prospect"], done.rows["entry"], done.before) == (30, 180, False)
    assert done.histories == before[[table.name for table in moving.TABLES].index("entry")][1]
    assert done.kept == tmp_path / "followsync.db.moved-20260302T170000Z"
    with pytest.raises(StoreError, match="moved or deleted"), old.writing():
        raise AssertionError("somebody goes on with the file")
    with new.writing() as tx:
        tx.append("p1", Noted(NOW, "cli", "the numbers go on"))
        tx.capture(replace(JOE, id="new"), Captured(NOW, "cli"))
        assert len(tx.history("p1")) == 7
    old.close()
    new.close()


def test_a_move_that_was_killed_before_its_end_is_said_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = postgresql.server().fresh()

    def killed(_path: Path, _now: datetime) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(move, "_put_aside", killed)
    with pytest.raises(KeyboardInterrupt):
        move.move(file, address, now=NOW, progress=silent)
    monkeypatch.undo()
    assert file.exists()
    done = move.move(file, address, now=NOW, progress=silent)
    assert (done.before, file.exists()) == (True, False)


def test_a_copy_that_is_not_the_same_is_not_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = postgresql.server().fresh()
    real = moving._fitting

    def careless(target: object, row: dict[str, object]) -> dict[str, object]:
        found = real(target, row)  # type: ignore[arg-type]
        return {**found, "data": str(found["data"]).replace("note 3", "note 4")} if "data" in found else found

    monkeypatch.setattr(moving, "_fitting", careless)
    with pytest.raises(StoreError, match="not what was copied"):
        move.move(file, address, now=NOW, progress=silent)
    monkeypatch.undo()
    assert file.exists()
    new = open_store(address)
    with new.reading() as tx:
        assert tx.prospects() == []
    new.close()


def test_a_store_that_holds_something_else_is_not_written_over(file: Path) -> None:
    address = postgresql.server().fresh()
    new = open_store(address)
    with new.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"))
    with pytest.raises(UsageError, match="not empty"):
        move.move(file, address, now=NOW, progress=silent)
    with new.reading() as tx:
        assert tx.prospects() == [JOE]
    new.close()
    assert file.exists()
