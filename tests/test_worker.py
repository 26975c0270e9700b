"""A worker's loop, on a clock that the test moves and a real PostgreSQL; in processes of their own they are tried in ``tests/fleet``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from followsync.config import Settings, load
from followsync.core.history import Captured, Noted
from followsync.core.prospect import Prospect
from followsync.core.target import TargetState
from followsync.cycle import Report, TargetReport
from followsync.errors import LeaseLost, StoreError
from followsync.loop import Progress
from followsync.moment import Stopped
from followsync.store import Store, open_store
from followsync.store.leases import Standing
from followsync.vitals import Inside
from followsync.web.health import trouble
from followsync.worker import Worker
from tests import postgresql
from tests.test_daemon import BEGIN, CONFIG, AtOnce, Heard, Later, Waiter, nobody


@dataclass
class Stage:
    """A worker with everything around it under the test's hands. ``began``: the rep of each cycle, with its fence."""

    folder: Path
    hands: int = 4
    waiter: Waiter = field(default_factory=Waiter)
    heard: Heard = field(default_factory=Heard)
    pool: Executor = field(default_factory=AtOnce)
    began: list[str] = field(default_factory=list)
    during: Callable[[str, Store, Progress], object] = lambda rep, store, progress: None
    report: Report = field(default_factory=lambda: Report({}))

    def __post_init__(self) -> None:
        self.address = postgresql.server().fresh()
        self.store = open_store(self.address)
        self.write(CONFIG)

    def write(self, config: str) -> None:
        (self.folder / "config.yaml").write_text(config)

    def load(self) -> Settings:
        return load(self.folder / "config.yaml")

    def open(self, _settings: Settings | None = None) -> Store:
        return open_store(self.address)

    def clock(self) -> datetime:
        return BEGIN + timedelta(seconds=self.waiter.now)

    def work(self, _settings: Settings, rep: str, store: Store, _now: datetime, progress: Progress) -> Report:
        self.began.append(rep)
        assert len(self.began) < 100, "the worker wakes itself"
        self.during(rep, store, progress)
        return self.report

    def run(self, *script: Callable[[], object] | None, rests: int = 0, serve: Any = nobody) -> int:
        self.waiter.script = iter([*script, *[None] * rests])
        made = Worker(
            self.load,
            self.clock,
            self.open,
            waiter=self.waiter,
            pool=self.pool,
            hands=self.hands,
            work=self.work,
            serve=serve,
            notifier=self.heard,
            jitter=lambda: 0.5,
        )
        self.waiter.daemon = made  # type: ignore[assignment]  # it is stopped as a daemon is
        return made.run()

    def rows(self) -> dict[str, Standing]:
        return {one.rep: one for one in self.store.leases.show()}


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    made = Stage(tmp_path)
    yield made
    made.store.close()


def capture(store: Store, name: str = "joe") -> None:
    with store.writing() as tx:
        tx.capture(Prospect(name, "dana", "Joe's Diner"), Captured(BEGIN, "cli"))


def test_who_is_due_has_a_cycle_and_then_not_before_it_is_time(stage: Stage) -> None:
    assert stage.run(rests=5) == 0
    assert sorted(stage.began) == ["dana", "lee"]
    rows = stage.rows()
    assert {rep: (row.holder, row.tries) for rep, row in rows.items()} == {"dana": ("", 0), "lee": ("", 0)}
    assert all(300 < row.due <= 315 for row in rows.values())  # 5 minutes and half of the jitter


def test_only_so_many_as_it_has_hands_for(stage: Stage) -> None:
    stage.hands, stage.pool = 1, Later()
    stage.run(lambda: None, lambda: stage.pool.go(), lambda: None, lambda: stage.pool.go(), lambda: stage.pool.go())  # type: ignore[attr-defined]
    assert sorted(stage.began) == ["dana", "lee"]


def test_a_write_of_somebody_else_begins_a_cycle_and_its_own_writes_begin_none(stage: Stage) -> None:
    capture(stage.store)

    def writes(rep: str, store: Store, _progress: Progress) -> None:
        if rep == "dana":
            with store.writing() as tx:
                tx.append("joe", Noted(BEGIN, "calendar:phone", str(len(stage.began))))

    stage.during = writes
    stage.run(*[None] * 4, lambda: capture(stage.store, "jim"), rests=4)
    assert sorted(stage.began) == ["dana", "dana", "lee"]


def test_a_cycle_that_breaks_is_told_and_put_off_and_takes_nobody_along(stage: Stage) -> None:
    def breaks(rep: str, _store: Store, _progress: Progress) -> None:
        if rep == "dana":
            raise ZeroDivisionError("Jenny said")

    stage.during = breaks
    with capture_logs() as log:
        stage.run(rests=3)
    assert sorted(stage.began) == ["dana", "lee"]
    (told,) = [one for one in log if one["event"] == "the cycle broke"]
    assert (told["rep"], told["log_level"]) == ("dana", "error")
    rows = stage.rows()
    assert (rows["dana"].holder, rows["dana"].tries, rows["lee"].tries) == ("", 1, 0)
    assert 290 < rows["dana"].due <= 300


def test_whoever_loses_a_rep_says_so_and_touches_its_row_no_more(stage: Stage) -> None:
    def loses(rep: str, store: Store, _progress: Progress) -> None:
        if rep == "dana":
            schema = stage.address.rpartition("%3D")[2]
            postgresql.server().run(f"UPDATE \"{schema}\".rep_lease SET until = 0 WHERE rep = 'dana'")
            assert stage.store.leases.take("dana")
            with store.writing() as tx:
                tx.save_target_state(TargetState("dana", "phone", error="lost"))

    stage.during = loses
    with capture_logs() as log:
        stage.run(rests=3)
    assert [one["rep"] for one in log if one["event"] == "another worker took the rep over"] == ["dana"]
    assert stage.rows()["dana"].holder == stage.store.leases.holder
    with stage.store.reading() as tx:
        assert tx.target_states() == []


def test_a_stop_between_two_writes_leaves_the_rest_to_others_at_once(stage: Stage) -> None:
    def stopped(_rep: str, _store: Store, progress: Progress) -> None:
        stage.waiter.daemon.stop()
        with pytest.raises(Stopped):
            progress("phone", 1, 10)
        raise Stopped

    stage.during, stage.hands = stopped, 1
    assert stage.run(rests=3) == 0
    assert len(stage.began) == 1
    (row,) = [one for one in stage.rows().values() if one.rep == stage.began[0]]
    assert (row.holder, row.tries, row.due <= 0) == ("", 0, True)
    assert "STOPPING" in stage.heard.told()


def test_a_reload_takes_in_a_new_rep_and_tries_what_was_refused(stage: Stage) -> None:
    with stage.store.writing() as tx:
        tx.save_target_state(TargetState("dana", "phone", login_needed=True, not_before=BEGIN + timedelta(hours=6), error="401"))
    seen: list[tuple[str, bool]] = []

    def look(rep: str, store: Store, _progress: Progress) -> None:
        with store.reading() as tx:
            seen.append((rep, tx.target_state("dana", "phone").not_before is None))

    def edited() -> None:
        stage.write(CONFIG.replace("  lee:", "  kim: {timezone: America/Detroit}\n  lee:"))
        stage.waiter.daemon.reload()

    stage.during = look
    with capture_logs() as log:
        stage.run(None, None, edited, rests=4)
        assert [one for one in seen if one[0] == "dana"] == [("dana", False), ("dana", True)]
        assert sorted(stage.began) == ["dana", "dana", "kim", "lee", "lee"]
    assert [one["reps"] for one in log if one["event"] == "reloaded"] == [3]


def test_a_rep_whom_only_another_worker_s_config_has_is_left_to_it(stage: Stage) -> None:
    with capture_logs() as log:
        stage.run(None, None, lambda: stage.store.leases.enrol(["kim"]), rests=3)
    assert sorted(stage.began) == ["dana", "lee"]
    row = stage.rows()["kim"]
    assert (row.holder, row.tries, row.due <= 0, row.fence) == ("", 0, True, 1)  # tried once, and not again and again
    assert [one for one in log if one["log_level"] == "error"] == []


def test_a_wrong_config_changes_nothing(stage: Stage) -> None:
    def spoiled() -> None:
        stage.write("reps: 5")
        stage.waiter.daemon.reload()

    with capture_logs() as log:
        assert stage.run(None, None, spoiled, rests=3) == 0
    assert sorted(stage.began) == ["dana", "lee"]
    assert any(one["event"] == "the new config is wrong, the old one stays" for one in log)


def test_a_failing_target_is_told_once_by_each_worker(stage: Stage) -> None:
    stage.report = Report({"phone": TargetReport(error="phone cannot be reached.")})
    with capture_logs() as log:
        stage.run(None, None, lambda: stage.store.leases.due_now(["dana", "lee"]), rests=3)
    assert sorted(stage.began) == ["dana", "dana", "lee", "lee"]
    assert [one["rep"] for one in log if one["event"] == "the target fails"] == ["dana", "lee"]


def test_a_store_that_is_a_file_has_no_workers(stage: Stage, tmp_path: Path) -> None:
    stage.open = lambda _settings=None: open_store(f"sqlite:///{tmp_path}/store.db")  # type: ignore[method-assign]
    with pytest.raises(StoreError, match=r"Workers share a store on PostgreSQL.*'followsync store move'"):
        stage.run()


def test_all_is_well_where_other_workers_have_the_cycles(stage: Stage) -> None:
    told: list[str] = []

    def served(inside: Inside) -> Any:
        served.inside = inside  # type: ignore[attr-defined]
        return nobody(inside)

    def asked() -> None:
        stage.waiter.now += 7200  # this worker has had no cycle for two hours
        told.append(trouble(served.inside))  # type: ignore[attr-defined]
        schema = stage.address.rpartition("%3D")[2]
        postgresql.server().run(f"UPDATE \"{schema}\".rep_lease SET due = due - 7200, holder = 'another', until = due + 7200")
        stage.waiter.now += 2
        told.append(trouble(served.inside))  # type: ignore[attr-defined]

    stage.run(None, None, asked, serve=served)
    assert told == ["", "2 reps had no cycle for 30 minutes"]


def test_a_lost_lease_is_a_store_s_error_and_no_target_s() -> None:
    """Whatever catches a calendar's errors must let it through: it ends the whole cycle."""
    assert issubclass(LeaseLost, StoreError)


def test_one_slow_server_keeps_nobody_else_waiting(stage: Stage) -> None:
    """Twenty reps of a server that never answers are due before one of another server is, and there are two hands."""
    slow, pool = [f"slow-{number}" for number in range(20)], Later()
    targets = "".join(
        f"  {rep}: {{type: caldav, url: https://slow.example.org/, username: {rep}, calendar: {rep}, password: {{env: X}}}}\n"
        for rep in slow
    )
    reps = "".join(f"  {rep}: {{timezone: America/Detroit, targets: [{rep}]}}\n" for rep in slow)
    stage.write(CONFIG.replace("  lee:", f"{reps}  lee:").replace("targets:\n", f"targets:\n{targets}", 1))
    stage.hands, stage.pool = 2, pool
    stage.store.leases.enrol(slow)
    schema = stage.address.rpartition("%3D")[2]
    postgresql.server().run(f'UPDATE "{schema}".rep_lease SET due = -1')
    taken: list[list[str]] = []

    def look() -> None:
        taken.append([rep for rep, row in stage.rows().items() if row.holder])

    def end() -> None:
        stage.waiter.daemon.stop()
        pool.go()

    stage.run(*[look] * 15, end)
    assert len(taken[0]) == 2
    assert all(rep in slow for rep in taken[0])
    assert {"dana", "lee"} <= set(taken[7])  # once the first ones only waited
    assert len([rep for rep in taken[-1] if rep in slow]) == 2
