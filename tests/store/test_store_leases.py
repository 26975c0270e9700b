"""Whose a rep's cycle is, where many share one store: leases, fences, what is due, and what a transaction may still commit."""

import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from followsync.core.history import Captured, Noted
from followsync.core.prospect import Prospect
from followsync.errors import LeaseLost, StoreError
from followsync.store import Feed, Store, open_store
from followsync.store.leases import LEASE, Lease
from tests import postgresql, stores

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
JOE = Prospect("joe", "dana", "Joe's Diner")
KIM = Prospect("kim-1", "kim", "Kim's")


@pytest.fixture(autouse=True)
def engine_kind(monkeypatch: pytest.MonkeyPatch) -> str:
    """Only one of them has leases."""
    monkeypatch.setattr(stores, "kind", "postgresql")
    postgresql.server()
    return "postgresql"


@pytest.fixture
def other(path: Path, store: Store) -> Iterator[Store]:
    """Another process, as far as the database can tell."""
    opened = open_store(stores.url(path), wait=0.2)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    with store.writing() as tx:
        tx.capture(JOE, Captured(NOW, "cli"))
        tx.capture(KIM, Captured(NOW, "cli"))


def note(store: Store, text: str = "x", prospect: str = "joe") -> None:
    with store.writing() as tx:
        tx.append(prospect, Noted(NOW, "cli", text))


def notes(store: Store) -> list[str]:
    with store.reading() as tx:
        return [one.text for one in tx.history("joe") if isinstance(one, Noted)]


def expire(path: Path, rep: str = "dana") -> None:
    """As if nothing had been heard of the holder for too long."""
    stores.sql(path, f"UPDATE rep_lease SET until = 0 WHERE rep = '{rep}'")


def due(path: Path, rep: str = "dana") -> None:
    stores.sql(path, f"UPDATE rep_lease SET due = 0 WHERE rep = '{rep}'")


def claimed(store: Store) -> Lease | None:
    """Dana's, where it is due."""
    store.leases.notice()
    found = store.leases.claim(1, others=["kim"])
    return found[0] if found else None


# -- one holder


def test_a_cycle_is_one_holder_s_and_its_fence_grows(store: Store, other: Store) -> None:
    with store.cycle("dana") as held:
        note(held, "ours")
        with pytest.raises(StoreError, match="has been syncing dana"), other.cycle("dana", wait=0.3):
            raise AssertionError("two holders at once")
        with other.cycle("kim", wait=0.3):
            pass
    with other.cycle("dana", wait=0.3):
        pass
    assert {one.rep: one.fence for one in store.leases.show()} == {"dana": 2, "kim": 1}
    assert notes(store) == ["ours"]


def test_what_was_taken_over_commits_nothing(store: Store, other: Store, path: Path) -> None:
    with store.cycle("dana") as held:
        note(held, "before")
        expire(path)
        with other.cycle("dana", wait=0.3) as theirs:
            with pytest.raises(LeaseLost, match="taken over"):
                note(held, "after")
            note(theirs, "theirs")
        with pytest.raises(LeaseLost):
            note(held, "after")
    assert notes(store) == ["before", "theirs"]
    with store.cycle("dana", wait=0.3):  # the one who lost it gave nothing back that was not theirs
        pass


def test_a_lease_that_ran_out_and_that_nobody_took_still_holds(store: Store, path: Path) -> None:
    with store.cycle("dana") as held:
        expire(path)
        note(held, "still ours")
    assert notes(store) == ["still ours"]


def test_whoever_was_away_asks_before_anything_is_written_elsewhere(store: Store, other: Store, path: Path) -> None:
    lease = claimed_new(store)
    held = store.held(lease)
    held.check()
    lease.sure_until = 0  # a while has passed
    held.check()
    assert lease.sure_until > 0
    expire(path)
    with other.cycle("dana", wait=0.3):
        held.check()  # by our own clock nobody can have it yet; commits are refused in any case
        lease.sure_until = 0
        with pytest.raises(LeaseLost):
            held.check()


def test_a_holder_who_lives_is_confirmed_in_the_background(path: Path) -> None:
    quick = open_store(stores.url(path), lease=2.0)
    slow = open_store(stores.url(path))
    with quick.cycle("dana"):
        row = next(one for one in quick.leases.show() if one.rep == "dana")
        for _ in range(100):
            threading.Event().wait(0.05)
            now = next(one for one in quick.leases.show() if one.rep == "dana")
            if now.left > row.left:
                break
            row = now
        else:
            raise AssertionError("never confirmed")
        assert slow.leases.take("dana") is None
    quick.close()
    slow.close()


def test_a_cycle_changes_nothing_of_another_rep(store: Store) -> None:
    with store.cycle("dana") as held, pytest.raises(StoreError, match="another rep"):
        note(held, prospect="kim-1")
    with store.reading() as tx:
        assert tx.history("kim-1") == (Captured(NOW, "cli"),)


# -- writers beside each other


def test_cycles_of_two_reps_write_at_the_same_time_and_a_command_waits_for_both(path: Path) -> None:
    one, two, command = (open_store(stores.url(path), wait=0.3) for _ in range(3))
    with one.cycle("dana") as dana, two.cycle("kim") as kim:
        with dana.writing() as tx:
            tx.append("joe", Noted(NOW, "cli", "first"))
            note(kim, "meanwhile", "kim-1")
            with pytest.raises(StoreError, match="locked"):
                note(command, "refused")
        note(command, "second")
    assert notes(one) == ["first", "second"]
    for store in (one, two, command):
        store.close()


def test_a_writer_who_says_nothing_is_thrown_out(path: Path) -> None:
    """A process that is stopped in the middle of a transaction must not hold up the others for ever."""
    stuck, other = open_store(stores.url(path), lease=1.0), open_store(stores.url(path), wait=10.0)
    with pytest.raises(StoreError, match=r"took the work back|cannot be reached"), stuck.writing() as tx:  # noqa: PT012
        tx.append("joe", Noted(NOW, "cli", "lost"))
        note(other, "kept")  # waits for the server to end the other's
        tx.append("joe", Noted(NOW, "cli", "lost too"))
    assert notes(other) == ["kept"]
    note(stuck, "again")  # on a new connection
    assert notes(other) == ["kept", "again"]
    stuck.close()
    other.close()


# -- what is due


def test_each_is_given_out_once_and_the_longest_due_first(store: Store, other: Store, path: Path) -> None:
    store.leases.enrol(["dana", "kim", "lee"])
    for rep, when in (("dana", 3), ("kim", 1), ("lee", 2)):
        stores.sql(path, f"UPDATE rep_lease SET due = {when} WHERE rep = '{rep}'")
    assert store.leases.enrol(["dana", "kim"]) == ["lee"]
    assert store.leases.claim(2, others=["dana", "kim", "lee"]) == []
    first = store.leases.claim(2)
    second = other.leases.claim(2)
    assert ({one.rep for one in first}, {one.rep for one in second}) == ({"kim", "lee"}, {"dana"})
    assert store.leases.claim(2) == []
    for one in first:
        store.leases.finish(one, 300.0, good=True)
    assert other.leases.claim(2) == []  # not due yet


def test_what_others_change_is_due_at_once_and_what_the_cycle_changed_is_not(store: Store, other: Store, path: Path) -> None:
    store.leases.enrol(["dana", "kim"])
    lease = claimed(store)
    assert lease
    note(store.held(lease), "the cycle's own")
    store.leases.finish(lease, 300.0, good=True)
    assert claimed(store) is None
    note(other, "somebody's")
    lease = claimed(store)
    assert lease
    note(other, "while it runs")  # after the cycle has read: no wake-up may be lost
    note(store.held(lease), "the cycle's own")
    store.leases.finish(lease, 300.0, good=True)
    lease = claimed(store)
    assert lease
    store.leases.finish(lease, 300.0, good=True)
    assert claimed(store) is None
    with other.writing() as tx:
        tx.add_feed(Feed("team", "dana", False, "s", "t"))
    assert claimed(store) is not None  # it has something to publish


def test_a_cycle_that_kills_its_worker_is_put_off_longer_each_time(store: Store, path: Path) -> None:
    store.leases.enrol(["dana"])
    pauses = []
    for _ in range(4):
        assert claimed(store)
        (row,) = store.leases.show()
        pauses.append(round(row.due / LEASE))
        expire(path)  # killed: nobody says how it ended
        assert claimed(store) is None
        due(path)
    assert pauses == [1, 2, 4, 8]
    lease = claimed(store)
    assert lease
    assert lease.tries == 5
    store.leases.finish(lease, 300.0, good=True)
    due(path)
    lease = claimed(store)
    assert lease
    assert lease.tries == 1


def test_one_who_was_killed_is_followed_by_another(store: Store, other: Store, path: Path) -> None:
    lease = claimed_new(store)
    expire(path)
    due(path)
    again = claimed(other)
    assert again
    assert again.fence == lease.fence + 1
    store.leases.finish(lease, 300.0, good=True)  # too late: it changes nothing
    (row,) = other.leases.show()
    assert (row.holder, row.fence) == (other.leases.holder, again.fence)


def claimed_new(store: Store) -> Lease:
    store.leases.enrol(["dana"])
    lease = claimed(store)
    assert lease
    return lease


# -- the server goes away


def test_a_server_that_was_restarted_is_found_again(tmp_path: Path) -> None:
    with postgresql.running() as server:
        store = open_store(server.fresh(), wait=0.5)
        with store.writing() as tx:
            tx.capture(JOE, Captured(NOW, "cli"))
        server.stop(signal.SIGQUIT)
        with pytest.raises(StoreError, match="cannot be reached"), store.reading() as tx:
            tx.prospects()
        with pytest.raises(StoreError, match="cannot be reached"):
            note(store)
        server.start()
        note(store, "again")
        assert notes(store) == ["again"]
        assert store.others() == 0
        store.close()
