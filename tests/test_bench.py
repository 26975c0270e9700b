"""The bench still runs, and what it counts is what the goals say. Counts only: how long something takes is nobody's fault here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import servers
from tests.bench.goals import verdicts
from tests.bench.measure import Cost
from tests.bench.ours import edited
from tests.bench.placing import Crowd
from tests.bench.rows import Bench, Size
from tests.bench.sites import BareSite, OurSite, opened

ROOT = Path(__file__).parent.parent
COUNTED = {"C1", "C2", "C4", "C5"}
TINY = Size(("radicale",), (0,), (6,), 1, (2,), (1, 3), (5,), (5, 50), 3, (40, 20))


PROBE = 4  # writes that find out what the server can do, once


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("FOLLOWSYNC_BENCH_PASSWORD", servers.PASSWORD)
    return Bench(TINY, tmp_path)


def test_each_line_counts_what_went_over_the_wire(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bench, "clients", lambda self: [OurSite, BareSite])
    costs = [*bench.first("radicale", 0, 6), *bench.changes("radicale", 0)]
    counts = {(one.what, one.count, one.client): (one.traffic.requests, one.traffic.writes) for one in costs}
    assert counts["first sync", 6, "bare/4"] == (7, 6)
    assert counts["first sync", 6, "followsync"][1] == 6 + PROBE
    assert counts["no news", 53, "followsync"] == (1, 0)
    assert counts["local changes", 2, "followsync"] == (3, 2)
    assert counts["remote changes", 3, "followsync"] == counts["remote changes", 3, "bare/4"] == (2, 0)
    assert all(one.traffic.sent > 1000 * one.traffic.writes for one in costs)
    told = [one for one in verdicts(costs) if one.goal in COUNTED or "requests" in one.wanted]
    assert {one.goal for one in told} == COUNTED | {"C6"}
    assert [one.row() for one in told if not one.met] == []


def test_a_calendar_in_memory_outlives_a_measurement(bench: Bench) -> None:
    costs = {(one.what, one.count): one for one in bench.in_memory()}
    assert costs.keys() == {("read and render", 200), *((what, count) for what in ("first sync", "no news") for count in (5, 50))}
    assert len(bench.bodies(50)) == 50


def test_a_crowd_is_placed_and_not_placed_into_the_same_items(bench: Bench) -> None:
    placed, bare = Crowd(40, 20).placed(), Crowd(40, 20).not_placed()
    assert sorted(one.title for one in placed) == sorted(one.title for one in bare)
    assert len({one.start for one in placed}) == 40
    assert len({one.start for one in bare}) == 1
    assert [one.goal for one in verdicts(bench.placing())] == ["P1"]


def test_the_same_requests_at_one_and_at_four_connections(bench: Bench) -> None:
    costs = list(bench.abreast("radicale"))
    assert {one.client for one in costs} == {"followsync", "followsync/1", "bare/4", "bare/1"}
    assert {(one.traffic.requests, one.traffic.writes) for one in costs} == {(4, 3)}
    assert [one.goal for one in verdicts(costs)] == ["C8", "C8"]


def test_every_goal_has_its_verdict_and_a_bad_figure_is_not_met(bench: Bench, tmp_path: Path) -> None:
    with opened(OurSite, tmp_path / "site", "radicale", 0, bench.bodies(5)) as site:
        site.first()
        times, traffic = site.quiet()
    line = Cost("radicale", 0, "no news", 5, "followsync", times, traffic + traffic)
    assert [one.met for one in verdicts([line]) if one.goal == "C1"] == [False]


def test_the_lock_of_the_bench_names_no_host_and_hashes_everything() -> None:
    packages = re.split(r"(?m)^(?=[a-z0-9])", (ROOT / "requirements-bench.lock").read_text())[1:]
    assert "vdirsyncer==0.21.0" in {one.split()[0] for one in packages}
    assert all("==" in one and "--hash=sha256:" in one and "://" not in one for one in packages)


def test_the_phone_changes_the_place_and_nothing_else() -> None:
    raw = "BEGIN:VEVENT\r\nLOCATION:here\r\nSUMMARY:Call\r\nEND:VEVENT\r\n"
    assert edited(raw, "there") == "BEGIN:VEVENT\r\nSUMMARY:Call\r\nLOCATION:there\r\nEND:VEVENT\r\n"
