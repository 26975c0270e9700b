"""Copies of the store: whole, checked, and put back while others have it open."""

import contextlib
import os
import shutil
import signal
import sqlite3
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from followsync.core.history import Captured, Noted
from followsync.core.item import Form, Item, State, Written
from followsync.core.prospect import Prospect
from followsync.core.target import TargetState
from followsync.errors import StoreError, UsageError
from followsync.store import Store, copies, open_store
from followsync.store.tables import VERSION_TABLE
from tests import stores
from tests.store.test_store_opening import of_version

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
JOE = Prospect("joe", "dana", "Joe's Diner")
ITEM = Item("u1", Form.EVENT, "Call Joe", "", NOW, NOW)


def url(path: Path) -> str:
    return stores.url(path)


def capture(store: Store, *names: str) -> None:
    with store.writing() as tx:
        for name in names:
            tx.capture(replace(JOE, id=name), Captured(NOW, "cli"))


def people(path: Path) -> list[str]:
    store = open_store(url(path))
    with store.reading() as tx:
        found = [one.id for one in tx.prospects()]
    store.close()
    return found


def put_back(path: Path, copy: Path, *reps: str) -> copies.Restored:
    return copies.restore(url(path), copy, reps=reps or ("dana",), now=NOW)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy.db"


# -- making one


def test_a_copy_is_one_whole_file_for_its_owner_only(store: Store, path: Path, copy: Path) -> None:
    capture(store, "joe", "jane")  # stands in the write-ahead log, not in the store's file yet
    before = os.umask(0)
    try:
        made = copies.backup(url(path), copy)
    finally:
        os.umask(before)
    assert (made.path, made.prospects, made.entries, made.size) == (copy, 2, 2, copy.stat().st_size)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in copy.parent.iterdir() if file.is_file()] == ["copy.db"]
    copy.chmod(0o400)
    assert copies.check(copy) == made  # and nothing is left beside it by looking
    assert [file.name for file in copy.parent.iterdir() if file.is_file()] == ["copy.db"]
    copy.chmod(0o600)
    assert people(copy) == ["jane", "joe"]


def test_a_copy_holds_one_moment_while_others_write(store: Store, path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_PAGES", 1)
    capture(store, "joe")
    seen: list[int] = []

    def write_meanwhile(done: int, total: int) -> None:
        seen.append(total)
        if len(seen) <= 5:
            capture(store, f"p{len(seen)}")

    made = copies.backup(url(path), copy, progress=write_meanwhile)
    assert len(seen) > 5
    assert len(set(seen)) == 1  # it never began again
    assert (made.prospects, people(copy), len(people(path))) == (1, ["joe"], 6)


def test_a_file_that_is_there_is_not_replaced_unless_asked(store: Store, path: Path, copy: Path) -> None:
    copy.write_text("precious")
    with pytest.raises(UsageError, match="--force"):
        copies.backup(url(path), copy)
    assert copy.read_text() == "precious"
    copies.backup(url(path), copy, force=True)
    assert people(copy) == []


def test_a_file_that_came_meanwhile_is_not_replaced_either(store: Store, path: Path, copy: Path) -> None:
    with pytest.raises(UsageError, match="--force"):
        copies.backup(url(path), copy, progress=lambda _done, _total: copy.write_text("precious") and None)
    assert copy.read_text() == "precious"
    assert [file.name for file in copy.parent.iterdir() if file.is_file()] == ["copy.db"]


@pytest.mark.parametrize("name", ["store.db", "store.db-wal", "store.db-shm", "../state/store.db", "link.db"])
def test_the_store_is_not_copied_onto_itself(store: Store, path: Path, name: str) -> None:
    capture(store, "joe")
    if name == "link.db":
        (path.parent / name).symlink_to(path)
    with pytest.raises(UsageError, match="the store itself"):
        copies.backup(url(path), path.parent / name, force=True)
    assert people(path) == ["joe"]


@pytest.mark.parametrize(("place", "says"), [("", "is a folder"), ("nowhere/copy.db", "there is no folder")])
def test_a_place_that_cannot_be_written(store: Store, path: Path, tmp_path: Path, place: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        copies.backup(url(path), tmp_path / place)


def test_without_a_store_there_is_nothing_to_copy(path: Path, copy: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        copies.backup(url(path), copy)
    assert not path.parent.exists()


def test_an_older_store_is_copied_as_it_is(path: Path, copy: Path) -> None:
    of_version(path, "0001")
    assert copies.backup(url(path), copy).version == "0001"
    assert stores.sql(path, f"SELECT version_num FROM {VERSION_TABLE}") == [("0001",)]


def test_a_damaged_store_gives_no_copy(store: Store, path: Path, copy: Path) -> None:
    damage(store, path)
    with pytest.raises(StoreError, match="damaged"):
        copies.backup(url(path), copy)
    assert not copy.exists()


def damage(store: Store, path: Path) -> None:
    """Still a database, but with a page of nonsense in the middle of the history."""
    with store.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"), *[Noted(NOW, "cli", "x" * 1000) for _ in range(100)])
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xa5" * 4096 + whole[len(whole) // 2 + 4096 :])


# -- putting one back


def test_what_was_is_again_and_what_is_now_is_kept(store: Store, path: Path, copy: Path) -> None:
    capture(store, "joe")
    copies.backup(url(path), copy)
    capture(store, "jane")
    with store.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", "later"))
        revision = tx.revision("dana")
    changes = store.changes()
    done = put_back(path, copy)
    assert (done.copy.prospects, done.damaged) == (1, False)
    assert done.kept == path.with_name("store.db.before-restore-20260302T170000Z")
    assert done.kept.stat().st_mode & 0o777 == 0o600
    with store.reading() as tx:  # the same object, open all the while
        assert (tx.histories(), tx.last_change() is None) == ({"joe": (Captured(NOW, "cli"),)}, False)
        assert tx.revision("dana") > revision
    assert store.changes() > changes
    assert store.others() == store.changes() - 3
    again = put_back(path, done.kept)
    assert again.kept is not None
    assert again.kept != done.kept
    assert people(path) == ["jane", "joe"]
    names = {file.name for file in path.parent.iterdir()}
    assert names == {"store.db", "store.db.dana.cycle", done.kept.name, again.kept.name} | ({"store.db-wal", "store.db-shm"} & names)


def test_what_stands_on_a_calendar_is_looked_for_again(store: Store, path: Path, copy: Path) -> None:
    opened = Written("phone", "a1", "joe", "/a1.ics", 2, '"1"', "BEGIN", ITEM, ITEM, ITEM, removing=True, refused="x", trouble="y")
    answered = replace(opened, action="a2", href="/a2.ics", state=State.RECORDED)
    in_file = replace(opened, target="file")
    state = TargetState("dana", "phone", "c7", "https://dav.example.org/x/", NOW, 3, NOW, True, "held", "error", "5 x", "cfg", (), NOW, 1)
    with store.writing() as tx:
        tx.save_written("dana", opened, answered, in_file)
        tx.save_target_state(state)
        tx.save_target_state(TargetState("dana", "file", error="full"))
        tx.save_foreign("dana", "phone", {"/x.ics": "1"})
    copies.backup(url(path), copy)
    put_back(path, copy)
    with store.reading() as tx:
        assert tx.target_state("dana", "phone") == TargetState("dana", "phone", collection=state.collection, last_good=NOW)
        sent = Written("phone", "a1", "joe", "/a1.ics", 2, ours=ITEM, intended=ITEM)
        assert tx.written("dana") == [in_file, sent, replace(answered, intended=None, removing=False)]
        assert tx.foreign("dana", "phone") == {}
    assert copies.check(copy).written == 3  # the copy itself was not touched


def test_it_waits_for_cycles_and_for_writers(store: Store, path: Path, copy: Path) -> None:
    capture(store, "joe")
    copies.backup(url(path), copy)
    done: list[copies.Restored] = []
    restoring = threading.Thread(target=lambda: done.append(put_back(path, copy)))
    with store.cycle("dana"):
        restoring.start()
        restoring.join(0.5)
        assert restoring.is_alive()
        capture(store, "jane")
        assert people(path) == ["jane", "joe"]
    restoring.join(30)
    assert done[0].kept is not None
    assert (people(path), people(done[0].kept)) == (["joe"], ["jane", "joe"])


def test_nobody_writes_between_keeping_and_taking_over(store: Store, path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capture(store, "joe")
    copies.backup(url(path), copy)
    copied, refused = copies._copied, []

    def copied_while_others_try(source: sqlite3.Connection, to: Path, progress: copies.Progress) -> tuple[str, int, int, int]:
        if "before-restore" in to.name:
            with pytest.raises(StoreError, match="locked"):
                capture(store, "jane")
            refused.append(to)
        return copied(source, to, progress)

    monkeypatch.setattr(copies, "_copied", copied_while_others_try)
    put_back(path, copy)
    assert len(refused) == 1


@pytest.mark.parametrize("rep", ["kim", "lee", "max"])
def test_it_waits_for_reps_of_the_config_the_copy_and_the_store(store: Store, path: Path, copy: Path, rep: str) -> None:
    with store.writing() as tx:
        tx.capture(replace(JOE, rep="lee"), Captured(NOW, "cli"))
    copies.backup(url(path), copy)
    with store.writing() as tx:
        tx.save(replace(JOE, rep="max"))
    restoring = threading.Thread(target=lambda: put_back(path, copy, "kim"))
    with store.cycle(rep):
        restoring.start()
        restoring.join(0.3)
        assert restoring.is_alive()
    restoring.join(30)
    with store.reading() as tx:
        assert tx.prospects("lee")


def test_where_no_store_is_one_is_made(path: Path, copy: Path, tmp_path: Path) -> None:
    other = open_store(url(tmp_path / "other.db"))
    capture(other, "joe")
    other.close()
    copies.backup(url(tmp_path / "other.db"), copy)
    assert put_back(path, copy).kept is None
    assert (people(path), path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (["joe"], 0o600, 0o700)


@pytest.mark.parametrize("spoil", [damage, lambda store, path: (store.close(), path.write_text("nonsense" * 1000))])
def test_a_damaged_store_is_put_aside(path: Path, copy: Path, spoil: Callable[[Store, Path], object]) -> None:
    store = open_store(url(path))
    capture(store, "jane")
    copies.backup(url(path), copy)
    spoil(store, path)
    spoilt = path.read_bytes()
    done = put_back(path, copy)
    assert done.damaged
    assert done.kept is not None
    assert done.kept.read_bytes() == spoilt
    assert people(path) == ["jane"]


def test_a_log_without_its_store_is_not_taken_for_the_new_one_s(path: Path, copy: Path, tmp_path: Path) -> None:
    store = open_store(url(path))
    capture(store, "joe")
    copies.backup(url(path), copy)
    capture(store, *(f"p{number}" for number in range(50)))
    shutil.copy(path.with_name("store.db-wal"), tmp_path / "log")
    store.close()
    path.unlink()
    shutil.copy(tmp_path / "log", path.with_name("store.db-wal"))
    put_back(path, copy)
    assert people(path) == ["joe"]


def test_a_store_that_is_open_goes_on_with_the_file_that_took_its_place(path: Path, copy: Path) -> None:
    store = open_store(url(path), wait=0.2)
    capture(store, "joe")
    copies.backup(url(path), copy)
    capture(store, "jane")
    path.unlink()
    for use in (store.reading, store.writing, store.rehearsing):
        with pytest.raises(StoreError, match="moved or deleted"), use() as tx:
            tx.prospects()
    with pytest.raises(StoreError, match="moved or deleted"):
        store.others()
    put_back(path, copy)
    capture(store, "jim")
    assert people(path) == ["jim", "joe"]
    store.close()
    assert people(path) == ["jim", "joe"]


def test_an_older_copy_is_brought_up_to_date_and_itself_left_as_it_was(store: Store, path: Path, copy: Path) -> None:
    of_version(copy, "0001")
    before = copy.read_bytes()
    put_back(path, copy)
    assert (people(path), copy.read_bytes() == before) == ([], True)


@pytest.mark.parametrize("wrong", ["nothing", "text", "other", "newer", "damaged", "itself"])
def test_what_is_no_whole_copy_changes_nothing(store: Store, path: Path, copy: Path, wrong: str) -> None:
    capture(store, "jane")
    match wrong:
        case "text":
            copy.write_text("Dear Jenny, " * 1000)
        case "other":
            sqlite3.connect(copy).execute("CREATE TABLE prospect (id)").connection.close()
        case "newer":
            copies.backup(url(path), copy)
            with sqlite3.connect(copy) as raw:
                raw.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0999'")
            raw.close()
        case "damaged":
            other = open_store(url(copy))
            damage(other, copy)
        case "itself":
            copy.symlink_to(path)
    says = {"nothing": "no file", "newer": "newer", "damaged": "damaged", "itself": "store itself"}.get(wrong, "not a store")
    with pytest.raises((StoreError, UsageError), match=says):
        put_back(path, copy)
    assert people(path) == ["jane"]
    assert not list(path.parent.glob("*before-restore*"))


def test_the_database_of_another_program_is_not_replaced(path: Path, copy: Path, tmp_path: Path) -> None:
    open_store(url(tmp_path / "other.db")).close()
    copies.backup(url(tmp_path / "other.db"), copy)
    path.parent.mkdir()
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE prospect (id)")
    raw.close()
    with pytest.raises(StoreError, match="not a store of FollowSync"):
        put_back(path, copy)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("prospect",)]
    raw.close()


# -- kill -9 in the middle of it


_CONNECT: Any = sqlite3.connect


class _Life:
    """A process of its own that does ``work`` and dies before its n-th step: before it opens, makes, renames, links or removes a file,
    or before a statement that changes a database. SQLite's own writes to its files lie between those steps, and are its own promise."""

    def __init__(self, work: Callable[[], object], left: int) -> None:
        self.work, self.left = work, left

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in ("os.rename", "os.link", "os.remove") or (event == "open" and self._writes(arguments)):
            self.step()

    def connect(self, *arguments: object, **named: object) -> sqlite3.Connection:
        made = _CONNECT(*arguments, **named)
        made.set_trace_callback(self.statement)
        return made

    @staticmethod
    def _writes(arguments: tuple[object, ...]) -> bool:
        return isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    def statement(self, text: str) -> None:
        if not text.lstrip("- ").upper().startswith(("SELECT", "PRAGMA")):
            self.step()

    def lived(self) -> bool:
        """Whether it came to its end before that step."""
        child = os.fork()
        if not child:
            status = 1
            try:
                sqlite3.connect = sqlite3.dbapi2.connect = self.connect
                sys.addaudithook(self.hook)
                self.work()
                status = 0
            finally:
                if status:
                    traceback.print_exc()
                os._exit(status)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, -signal.SIGKILL)
        return code == 0


NEW = ["joe"]


def held(path: Path) -> list[str]:
    """Who is in a store that is whole; the short way, for it is asked after each kill."""
    with contextlib.closing(_CONNECT(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [name for (name,) in connection.execute("SELECT id FROM prospect ORDER BY id")]


@pytest.fixture
def new(path: Path, copy: Path) -> Path:
    """What is put back, and nothing else there."""
    store = open_store(url(path))
    capture(store, *NEW)
    store.close()
    copies.backup(url(path), copy)
    shutil.rmtree(path.parent)
    path.parent.mkdir(mode=0o700)
    return copy


def names(path: Path) -> set[str]:
    return {file.name for file in path.parent.iterdir() if not file.name.endswith((".cycle", "-wal", "-shm"))}


def at_every_step(path: Path, copy: Path, begin: Callable[[], None], stands: Callable[[], None]) -> int:
    """Kill a restore before each of its steps, one after the other. ``begin``: how everything lies before; ``stands``: must hold after each
    kill. Then a second restore must work, and tidy up. Answers how many steps there were."""
    begin()
    before = path.parent.with_name("before")
    shutil.copytree(path.parent, before)
    for number in range(1, 2000):
        shutil.rmtree(path.parent)
        shutil.copytree(before, path.parent)
        if _Life(lambda: put_back(path, copy), number).lived():
            assert number > 1
            return number - 1
        stands()
        done = put_back(path, copy)
        assert held(path) == NEW
        assert not [name for name in names(path) if name.startswith(".")], "what the kill left is gone"
        assert done.kept is None or done.kept.name in names(path)
    raise AssertionError("it never ends")


def test_a_kill_leaves_the_old_store_or_the_new_one(path: Path, new: Path) -> None:
    seen: list[list[str]] = []

    def begin() -> None:
        store = open_store(url(path))
        capture(store, "jane", "bob")
        store.close()

    def stands() -> None:
        seen.append(held(path))
        for kept in path.parent.glob("store.db.before-restore-*"):
            if not kept.name.endswith(("-wal", "-shm")):
                assert held(kept) == ["bob", "jane"]

    steps = at_every_step(path, new, begin, stands)
    assert steps > 30
    assert seen == sorted(seen, key=lambda one: one == NEW), "first the old one, then the new one"
    assert [seen[0], seen[-1]] == [["bob", "jane"], NEW]


def test_a_kill_where_no_store_was_leaves_none_or_the_new_one(path: Path, new: Path) -> None:
    def stands() -> None:
        assert not path.exists() or held(path) == NEW

    assert at_every_step(path, new, lambda: None, stands) > 15


def test_a_kill_leaves_the_damaged_store_or_the_new_one(path: Path, new: Path) -> None:
    damaged = []

    def begin() -> None:
        damage(open_store(url(path)), path)
        damaged.append(path.read_bytes())

    def stands() -> None:
        if path.read_bytes() != damaged[0]:
            assert held(path) == NEW
            assert damaged[0] in [kept.read_bytes() for kept in path.parent.glob("store.db.before-restore-*")]

    assert at_every_step(path, new, begin, stands) > 15


def test_a_kill_tears_no_store_from_its_log(tmp_path: Path) -> None:
    """While a daemon has the damaged store open, its log lies beside it: the newest there is."""
    old = {"": b"damaged", "-wal": b"its log", "-shm": b"its index"}

    def lies(place: Path) -> dict[str, bytes]:
        beside = {ending: place.with_name(place.name + ending) for ending in old}
        return {ending: file.read_bytes() for ending, file in beside.items() if file.exists()}

    for number in range(1, 100):
        folder = tmp_path / str(number)
        folder.mkdir()
        path, made, kept = folder / "store.db", folder / "made", folder / "kept"
        for ending, text in old.items():
            path.with_name(path.name + ending).write_bytes(text)
        made.write_bytes(b"new")
        finished = _Life(partial(copies._replace, path, made, kept), number).lived()
        assert lies(path) in (old, {"": b"new"}) or lies(kept) == old
        assert lies(path)[""] in (b"damaged", b"new")
        if finished:
            assert (lies(path), lies(kept)) == ({"": b"new"}, old)
            break
        made.write_bytes(b"new")
        copies._replace(path, made, folder / "kept-2")
        assert lies(path) == {"": b"new"}
        assert old in (lies(kept), lies(folder / "kept-2"))
    assert number == 7


def test_what_another_restore_is_making_is_left_alone(store: Store, path: Path, copy: Path) -> None:
    capture(store, "joe")
    copies.backup(url(path), copy)
    with copies._beside(path) as theirs:
        put_back(path, copy)
        assert theirs.exists()
    assert not theirs.exists()
