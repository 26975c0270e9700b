"""The arithmetic of docs/howto/limits.md, on figures that are easy to count with; and that the page is made of what was measured."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.bench import sizing
from tests.bench.sizing import TEAMS, Assumed, need

EASY: dict[str, Any] = {
    "quiet_cycle": {"worker_cpu_ms": 10.0, "database_cpu_ms": 2.0, "wal_bytes": 1000.0, "transactions": 10.0, "requests": 1.0},
    "busy_cycle": {"worker_cpu_ms": 100.0, "database_cpu_ms": 20.0, "wal_bytes": 50_000.0, "transactions": 30.0, "requests": 5.0},
    "prospect_bytes": 10_000,
    "entries": 20,
    "look_us_a_rep": 1.0,
    "config_ms_a_rep": 1.0,
    "worker_mb": 100,
    "google": {"quiet_calls": 1, "quiet_task_calls": 1, "busy_calls": 2},
    "machine": "none",
    "day": "2026-01-01",
}
CALM = Assumed(every=300.0, changes=0.0, prospects=100, answer=0.2, used=0.5, hands=8, store=10_000, core=20.0, gigabyte=0.5)


def test_a_small_team_is_one_of_each() -> None:
    found = need(30, EASY, CALM)
    assert (found.cycles, found.workers, found.stores, found.projects, found.task_projects) == (0.1, 1, 1, 1, 1)
    assert found.transactions == pytest.approx(1.0)
    assert found.wal_mb == pytest.approx(0.0001)
    assert found.gigabytes == pytest.approx(0.03)
    assert found.google_minute == pytest.approx(6.0)
    assert found.connections == 18
    assert found.config == pytest.approx(0.03)


def test_workers_by_their_cores_or_by_their_hands() -> None:
    """10,000 reps: 33 cycles a second, a third of a core, and 7 hands that wait for servers."""
    assert need(9_000, EASY, CALM).workers == 2  # 30 × (0.2 + 0.01) seconds in 4 hands
    heavy = {**EASY, "quiet_cycle": {**EASY["quiet_cycle"], "worker_cpu_ms": 100.0, "requests": 0.0}}
    assert need(9_000, heavy, CALM).workers == 6  # 3 cores, half used


def test_the_database_does_the_cycles_and_the_looks() -> None:
    found = need(9_000, EASY, CALM)
    assert found.database_cores == pytest.approx(30 * 0.002 + 2 * 9_000 * 1e-6)
    assert found.looks == pytest.approx(0.018 / 0.078)
    assert need(9_001 * 2, EASY, CALM).stores == 2
    whole = need(1_000_000, EASY, Assumed(**{**_of(CALM), "store": 1_000_000}))
    assert whole.looks > 0.9  # which is why it is split


def test_what_changes_in_a_day_counts_too() -> None:
    quiet, busy = need(86_400, EASY, CALM), need(86_400, EASY, Assumed(**{**_of(CALM), "changes": 1.0}))
    assert busy.transactions - quiet.transactions == pytest.approx(30.0)
    assert busy.google_minute - quiet.google_minute == pytest.approx(120.0)


def test_google_s_quota_is_met_at_some_size() -> None:
    assert [need(reps, EASY, CALM).projects for reps in (42_000, 42_001)] == [1, 2]
    assert [need(reps, EASY, CALM).task_projects for reps in (173, 174)] == [1, 2]


def test_the_cost_of_a_rep_falls_and_then_stays() -> None:
    costs = [need(reps, EASY, CALM).dollars for reps in TEAMS]
    assert all(later <= before * 1.001 for before, later in pairwise(costs))
    assert costs[-1] == pytest.approx(costs[-2], rel=0.05)
    alone = need(10, EASY, CALM)
    assert alone.dollars == pytest.approx(((0.25 + 0.5) * 20 + 0.01 * 0.5) / 10)


def test_the_page_is_made_of_what_was_measured() -> None:
    text, costs = sizing.PAGE.read_text(), json.loads(sizing.COSTS.read_text())
    assert sizing.page(text, costs) == text, "python -m tests.bench.sizing"
    assert f"{TEAMS[-1]:,}" in text


def test_the_page_tells_what_is_assumed() -> None:
    text = " ".join(sizing.PAGE.read_text().split())
    one = Assumed()
    for words in (
        f"a cycle every {one.every / 60:.0f} minutes",
        f"{one.changes:.0f} cycles a day",
        f"{one.prospects} prospects a rep",
        f"{one.answer} seconds for a request",
        f"{one.hands} hands that use {one.used * 100:.0f} % of a core",
        f"{one.core:.0f} dollars a month for a core",
        f"{one.gigabyte} for a gigabyte",
        f"more than {one.store:,} reps",
    ):
        assert words in text


def _of(assumed: Assumed) -> dict[str, Any]:
    return {name: getattr(assumed, name) for name in Assumed.__dataclass_fields__}
