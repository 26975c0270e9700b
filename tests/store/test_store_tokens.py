"""Calls that are counted for all who share a store."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from followsync.core.pace import Pace
from followsync.store import Store, open_store
from followsync.store.tokens import Tokens
from tests import stores

SLOW = Pace(0.001, 10.0)  # so slow that a test does not see it refilled
FAST = Pace(2.0, 10.0)


@pytest.fixture
def other(path: Path, store: Store) -> Iterator[Store]:
    """Another process, as far as the database can tell."""
    opened = open_store(stores.url(path), wait=10)
    yield opened
    opened.close()


def passed(path: Path, seconds: float) -> None:
    """As if so much time had gone by."""
    stores.sql(path, f"UPDATE bucket SET at = at - {seconds}")


def test_all_take_from_the_same_and_of_another_name_is_another_one(store: Store, other: Store) -> None:
    one, two = store.database.tokens, other.database.tokens
    assert one.take("project", SLOW, 6, 0.0) == 0
    assert two.take("project", SLOW, 4, 0.0) == 0
    assert one.take("project", SLOW, 1, 0.0) is None
    assert one.take("another", SLOW, 10, 0.0) == 0


def test_time_refills_it_up_to_what_fits(store: Store, path: Path) -> None:
    tokens = store.database.tokens
    tokens.take("project", FAST, 10, 0.0)
    passed(path, 3.0)
    assert tokens.take("project", FAST, 6, 0.0) == 0
    passed(path, 3600.0)
    assert tokens.take("project", FAST, 10, 0.0) == 0
    assert tokens.take("project", FAST, 3, 0.0) is None


def test_whoever_takes_more_waits_and_whoever_would_wait_too_long_takes_nothing(store: Store) -> None:
    tokens = store.database.tokens
    tokens.take("project", FAST, 10, 0.0)
    wait = tokens.take("project", FAST, 8, 5.0)
    assert wait is not None
    assert 3 < wait <= 4
    before = tokens.take("project", FAST, 0, 5.0)
    assert tokens.take("project", FAST, 8, 5.0) is None
    after = tokens.take("project", FAST, 0, 5.0)
    assert before is not None
    assert after is not None
    assert after <= before


def test_a_clock_that_was_set_back_refills_nothing_and_goes_on_from_there(store: Store, path: Path) -> None:
    tokens = store.database.tokens
    tokens.take("project", FAST, 10, 0.0)
    passed(path, -3600.0)
    assert tokens.take("project", FAST, 1, 0.0) is None
    assert tokens.take("project", FAST, 0, 0.0) == 0
    passed(path, 4.0)
    assert tokens.take("project", FAST, 8, 0.0) == 0


def test_nobody_waits_for_a_clock_that_was_a_year_ahead(store: Store, path: Path) -> None:
    tokens = store.database.tokens
    tokens.take("project", FAST, 10, 0.0)
    passed(path, -365 * 86400.0)
    assert tokens.take("project", FAST, 10, 0.0) == 0
    assert tokens.take("project", FAST, 1, 0.0) is None


def test_many_at_once_never_get_more_than_there_are(store: Store, other: Store) -> None:
    def some(tokens: Tokens) -> int:
        return sum(tokens.take("project", SLOW, 1, 0.0) is not None for _ in range(5))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(some, [store.database.tokens, other.database.tokens] * 4)) == 10


def test_taking_is_no_news_and_needs_no_turn_to_write(store: Store, other: Store, engine_kind: str) -> None:
    before = store.changes()
    if engine_kind == "postgresql":  # a file has one writer at a time, whatever is written
        with other.writing():
            assert store.database.tokens.take("project", SLOW, 1, 0.0) == 0
    store.database.tokens.take("project", SLOW, 1, 0.0)
    assert store.changes() == before


def test_only_a_store_that_machines_share_counts_for_all(store: Store, engine_kind: str) -> None:
    assert (store.shared is not None) == (engine_kind == "postgresql")
