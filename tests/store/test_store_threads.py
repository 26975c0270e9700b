"""Several threads at one Store object."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

import pytest

from followsync.core.history import Captured, Noted
from followsync.core.prospect import Prospect
from followsync.errors import StoreError
from followsync.store import Store, open_store
from tests import stores

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
THREADS, APPENDS = 40, 10  # more than a pool of connections usually has


@pytest.fixture
def joe(store: Store) -> Store:
    with store.writing() as tx:
        tx.capture(Prospect("joe", "dana", "Joe's Diner"), Captured(NOW, "cli"))
    return store


def test_threads_wait_for_each_other_longer_than_the_database_would(joe: Store) -> None:
    """The fixture's store waits 0.2 s for the database; the first thread here keeps it until all others are waiting, and longer."""
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with joe.writing() as tx:
            inside.set()
            go_on.wait(30)
            tx.append("joe", Noted(NOW, "first", ""))

    def another(number: int) -> None:
        for _ in range(APPENDS):
            with joe.writing() as tx:
                tx.append("joe", Noted(NOW, str(number), ""))

    with ThreadPoolExecutor(THREADS + 1) as pool:
        running = [pool.submit(first)]
        assert inside.wait(30)
        running += [pool.submit(another, number) for number in range(THREADS)]
        assert wait(running, timeout=0.5).done == set()  # nobody gives up
        go_on.set()
        for one in running:
            one.result(60)
    with joe.reading() as tx:
        assert len(tx.history("joe")) == 2 + THREADS * APPENDS
    assert joe.changes() == 2 + THREADS * APPENDS


def test_many_threads_read_at_once(joe: Store) -> None:
    all_inside = threading.Barrier(THREADS, timeout=60)

    def look(_: int) -> int:
        with joe.reading() as tx:
            found = len(tx.history("joe"))
            all_inside.wait()
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(look, range(THREADS))) == [1] * THREADS


def test_writing_inside_of_writing_is_a_sentence_and_not_a_wait_for_ever(joe: Store) -> None:
    with pytest.raises(StoreError, match="twice at once"), joe.writing(), joe.writing():
        raise AssertionError("two writers at once")
    with pytest.raises(StoreError, match="twice at once"), joe.writing(), joe.rehearsing():
        raise AssertionError("two writers at once")
    with joe.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", "free again"))


def test_what_others_wrote_is_told_from_what_we_wrote(joe: Store, path: Path) -> None:
    assert joe.others() == 0
    other = open_store(stores.url(path))
    assert other.others() == 1
    with other.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", ""))
    with other.writing() as tx:
        tx.append("joe")  # nothing
    with other.rehearsing() as tx:
        tx.append("joe", Noted(NOW, "cli", ""))
    assert (joe.others(), other.others()) == (1, 1)
    with joe.writing() as tx:
        tx.append("joe", Noted(NOW, "cli", ""))
        assert joe.others() is None
    assert (joe.others(), other.others()) == (1, 2)
    other.close()
