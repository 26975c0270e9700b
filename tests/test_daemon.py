"""The daemon's loop, on a clock that the test moves; and once for real, with signals from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from followsync import daemon, health
from followsync import loop as loops
from followsync.calendars.memory import MemoryCalendar, MemoryServer
from followsync.config import Settings, load
from followsync.core.history import Captured
from followsync.core.prospect import Prospect
from followsync.core.target import TargetState
from followsync.cycle import Cycle, Report, TargetReport
from followsync.daemon import Daemon
from followsync.errors import CalendarError, ConfigError, LoginNeeded, SecretMissing, StoreError, Unavailable
from followsync.loop import Progress, Serve, Work
from followsync.store import Store, open_store
from followsync.systemd_notify import Notifier
from followsync.vitals import Inside
from tests import stores

BEGIN = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo("America/Detroit"))
CONFIG = """\
reps:
  dana: {timezone: America/Detroit, targets: [phone]}
  lee: {timezone: America/Detroit}
targets:
  phone: {type: caldav, url: https://dav.example.org/, username: dana, password: {env: PHONE_PASSWORD}}
sync: {every: 5 minutes}
feed: {listen: 127.0.0.1:8765}
"""


def nobody(_: Inside) -> AbstractContextManager[object]:
    return nullcontext()


class Waiter:
    """Each rest is one turn of the script; when the script and the time are over, the daemon is told to stop."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rung = False
        self.until = 0.0
        self.script: Iterator[Callable[[], object] | None] = iter(())
        self.daemon: Daemon

    def wait(self, seconds: float) -> None:
        if self.rung:
            self.rung = False
            return
        self.now += seconds
        try:
            happens = next(self.script)
        except StopIteration:
            if self.now >= self.until:
                self.daemon.stop()
        else:
            if happens:
                happens()

    def ring(self) -> None:
        self.rung = True

    def elapsed(self) -> float:
        return self.now


class AtOnce(Executor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as a pool's thread does
            future.set_exception(error)
        return future


class Later(Executor):
    """Nothing is done before the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *_args: Any, **_kwargs: Any) -> Future[Any]:
        self.waiting.append((Future(), fn))
        return self.waiting[-1][0]

    def go(self) -> None:
        for future, fn in self.waiting:
            future.set_result(fn())
        self.waiting.clear()


class Heard(Notifier):
    def __init__(self, watchdog: float | None = None) -> None:
        super().__init__({})
        self.watchdog = watchdog
        self.messages: list[dict[str, str | int]] = []

    def send(self, **state: str | int) -> bool:
        self.messages.append(state)
        return True

    def told(self) -> list[str]:
        return [key for one in self.messages for key in one if key != "STATUS"]


@dataclass
class Stage:
    """A daemon with everything around it under the test's hands. ``began``: (rep, second) of each cycle."""

    folder: Path
    waiter: Waiter = field(default_factory=Waiter)
    heard: Heard = field(default_factory=Heard)
    pool: Executor = field(default_factory=AtOnce)
    began: list[tuple[str, float]] = field(default_factory=list)
    during: Callable[[str, Store], object] = lambda rep, store: None
    report: Report = field(default_factory=lambda: Report({}))
    hands: int = 8

    def __post_init__(self) -> None:
        self.write(CONFIG)
        self.opened: list[Store] = []

    def write(self, config: str) -> None:
        (self.folder / "config.yaml").write_text(config)

    def load(self) -> Settings:
        return load(self.folder / "config.yaml")

    def open(self, _settings: Settings | None = None) -> Store:
        return open_store(stores.url(self.folder / "store.db"))

    def clock(self) -> datetime:
        return BEGIN + timedelta(seconds=self.waiter.now)

    def work(self, settings: Settings, rep: str, store: Store, now: datetime, progress: Progress) -> Report:
        assert now == self.clock()
        self.began.append((rep, self.waiter.now))
        assert len(self.began) < 500, "the daemon wakes itself"
        self.during(rep, store)
        return self.report

    def run(
        self, *script: Callable[[], object] | None, rests: int = 0, until: float = 0.0, work: Work | None = None, serve: Serve = nobody
    ) -> int:
        self.waiter.script, self.waiter.until = iter([*script, *[None] * rests]), until
        self.waiter.daemon = Daemon(
            self.load,
            self.clock,
            self.open,
            waiter=self.waiter,
            pool=self.pool,
            work=work or self.work,
            serve=serve,
            notifier=self.heard,
            jitter=lambda: 0.5,
            hands=self.hands,
        )
        return self.waiter.daemon.run()

    def of(self, rep: str) -> list[float]:
        return [second for one, second in self.began if one == rep]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at the store seldom, so that hours pass in a few rests."""
    monkeypatch.setattr(daemon, "LOOK", 300.0)


def cli_writes(stage: Stage) -> None:
    other = stage.open()
    with other.writing() as tx:
        tx.capture(Prospect("joes-diner", "dana", "Joe's Diner"), Captured(BEGIN, "cli"))
    other.close()


# -- when


@pytest.mark.usefixtures("seldom")
def test_each_rep_has_a_cycle_at_once_and_then_every_few_minutes(stage: Stage) -> None:
    assert stage.run(until=700) == 0
    assert stage.of("dana") == stage.of("lee") == [0.0, 315.0, 630.0]  # 5 minutes and half of the jitter


@pytest.mark.usefixtures("seldom")
def test_after_news_it_looks_again_soon_and_then_later_and_later(stage: Stage) -> None:
    quiet, news = Report({"phone": TargetReport()}), Report({"phone": TargetReport(read=1)})
    reports = iter([quiet, news, quiet, quiet, quiet, quiet, quiet, quiet])

    def work(_settings: Settings, rep: str, _store: Store, _now: datetime, _progress: Progress) -> Report:
        stage.began.append((rep, stage.waiter.now))
        return next(reports) if rep == "dana" else quiet

    stage.run(until=1700, work=work)
    pauses = [round((after - before) / 1.05) for before, after in pairwise(stage.of("dana"))]
    assert pauses == [300, 30, 60, 120, 240, 300, 300]
    assert [round((after - before) / 1.05) for before, after in pairwise(stage.of("lee"))] == [300] * 5


@pytest.mark.usefixtures("seldom")
def test_a_target_that_fails_is_asked_again_as_its_breaker_has_it(stage: Stage) -> None:
    failing = Report({"phone": TargetReport(error="It is down.")})
    stage.report = failing
    stage.run(until=1700)
    assert [round((after - before) / 1.05) for before, after in pairwise(stage.of("dana"))] == [60, 120, 240, 300, 300, 300]


@pytest.mark.usefixtures("seldom")
def test_it_never_looks_later_than_the_config_says(stage: Stage) -> None:
    stage.write(CONFIG.replace("5 minutes", "10 seconds"))
    stage.report = Report({"phone": TargetReport(created=1)})
    stage.run(until=100)
    assert {round(after - before, 1) for before, after in pairwise(stage.of("dana"))} == {10.5}


def test_a_write_of_somebody_else_begins_a_cycle_at_once(stage: Stage) -> None:
    stage.run(*[None] * 10, lambda: cli_writes(stage), rests=20)
    assert stage.of("dana") == [0.0, 11.0]


def test_what_the_cycles_write_themselves_begins_none(stage: Stage) -> None:
    def writes(rep: str, store: Store) -> None:
        with store.writing() as tx:
            tx.save_target_state(TargetState(rep, "phone"))
        with store.writing():
            pass

    stage.during = writes
    stage.run(rests=30)
    assert stage.of("dana") == [0.0]


def test_a_write_during_a_cycle_is_not_forgotten(stage: Stage) -> None:
    stage.during = lambda rep, store: cli_writes(stage) if rep == "dana" and len(stage.of("dana")) == 1 else None
    stage.run(rests=30)
    assert len(stage.of("dana")) == 2


def test_a_write_during_a_long_cycle_begins_the_next_as_soon_as_it_is_over(tmp_path: Path) -> None:
    pool = Later()
    stage = Stage(tmp_path, pool=pool)
    stage.run(None, lambda: cli_writes(stage), *[None] * 50, pool.go, None, pool.go, rests=9)
    assert stage.of("dana") == [53.0, 55.0]  # handed in at 53, when the first was over; let go at 55


@pytest.mark.usefixtures("seldom")
def test_a_failing_cycle_is_taken_up_later_and_later_and_holds_up_nobody(stage: Stage) -> None:
    def breaks(rep: str, _store: Store) -> None:
        if rep == "dana":
            raise KeyError("Jenny 248.867.5309")

    stage.during = breaks
    with capture_logs() as logs:
        stage.run(until=3000)
    assert stage.of("dana") == [0.0, 300.0, 900.0, 2100.0]
    assert len(stage.of("lee")) == 10
    told = [one for one in logs if one["event"] == "the cycle broke"]
    assert [(one["rep"], one["again_in_seconds"], type(one["failure"])) for one in told][:2] == [
        ("dana", 300, KeyError),
        ("dana", 600, KeyError),
    ]


@pytest.mark.usefixtures("seldom")
def test_after_a_good_cycle_the_pauses_begin_anew(stage: Stage) -> None:
    def breaks_once(rep: str, _store: Store) -> None:
        if rep == "dana" and len(stage.of("dana")) in {1, 3}:
            raise SystemExit(3)

    stage.during = breaks_once
    stage.run(until=1000)
    assert stage.of("dana") == [0.0, 300.0, 615.0, 915.0]


@pytest.mark.usefixtures("seldom")
def test_the_longest_pause_is_an_hour(stage: Stage) -> None:
    stage.during = lambda rep, store: 1 / 0
    stage.run(rests=100)
    times = stage.of("dana")
    assert max(after - before for before, after in pairwise(times)) == 3600.0


def test_a_slow_rep_holds_up_nobody_else(tmp_path: Path) -> None:
    """In real threads, a thousand times as fast: dana's cycle ends only after lee has had two."""

    class Fast(loops.Bell):
        def wait(self, seconds: float) -> None:
            super().wait(seconds / 1000)

        def elapsed(self) -> float:
            return super().elapsed() * 1000

    lee = threading.Semaphore(0)
    done: list[str] = []

    def work(_settings: Settings, rep: str, _store: Store, _now: datetime, _progress: Progress) -> Report:
        if rep == "lee":
            lee.release()
        elif not done:
            assert lee.acquire(timeout=30)
            assert lee.acquire(timeout=30)
            done.append("dana")
            loop.stop()
        return Report({})

    stage = Stage(tmp_path)
    with Fast() as bell, ThreadPoolExecutor(2) as pool:
        loop = Daemon(stage.load, stage.clock, stage.open, waiter=bell, pool=pool, work=work, notifier=Heard(), jitter=lambda: 0.0)
        assert loop.run() == 0
    assert done == ["dana"]


class OfSlowServer(AtOnce):
    """The cycles of those whose server does not answer go on until the test says so; all others are over at once."""

    def __init__(self) -> None:
        self.silent = True
        self.slow: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *_args: Any, **_kwargs: Any) -> Future[Any]:
        future = super().submit(fn)
        if future.exception() is None or not self.silent:
            return future
        self.slow.append(Future())
        return self.slow[-1]

    def answers(self) -> None:
        self.silent = False
        for future in self.slow:
            future.set_result(Report({}))


def test_those_of_a_slow_server_never_take_all_hands(tmp_path: Path) -> None:
    """Ten reps of a server that does not answer before two whose server does, and hands for two cycles at a time."""
    pool = OfSlowServer()
    stage = Stage(tmp_path, pool=pool, hands=2)
    slow = [f"slow-{number}" for number in range(10)]
    before = "".join(f"  {one}: {{timezone: America/Detroit, targets: [away]}}\n" for one in slow)
    away = "  away: {type: caldav, url: https://away.example.org/, username: dana, password: {env: PHONE_PASSWORD}}\n"
    stage.write(CONFIG.replace("reps:\n", f"reps:\n{before}").replace("targets:\n", f"targets:\n{away}"))

    def waits(rep: str, _store: Store) -> None:
        if rep in slow:
            raise TimeoutError

    stage.during = waits
    stage.run(*[None] * 30, pool.answers, None, rests=30)
    begun = [rep for rep, _ in stage.began]
    assert {"dana", "lee"} <= set(begun)
    first = [(rep, second) for rep, second in stage.began if second <= 30.0]
    assert [second for rep, second in first if rep in {"dana", "lee"}] == [5.0, 5.0]  # once the first two were seen to wait
    assert sorted(second for rep, second in first if rep in slow) == [0.0, 0.0]  # no third hand is sent where two wait
    assert set(begun) >= set(slow)


# -- the config


def test_a_wrong_config_at_the_start_is_exit_code_78_and_never_ready(stage: Stage) -> None:
    stage.write("reps: {}\nsinc: 3\n")
    with pytest.raises(ConfigError) as caught:
        stage.run()
    assert caught.value.exit_code == 78
    assert "READY" not in stage.heard.told()
    assert "sinc" in str(stage.heard.messages[-1]["STATUS"])


def test_a_reload_applies_the_new_config_at_once(stage: Stage) -> None:
    def reload() -> None:
        stage.write(CONFIG.replace("lee:", "kim:").replace("5 minutes", "1 minute"))
        stage.waiter.daemon.reload()

    stage.run(*[None] * 9, reload, rests=60)
    assert stage.of("lee") == [0.0]
    assert stage.of("kim") == [10.0]
    assert stage.of("dana") == [0.0, 10.0]
    assert stage.heard.told() == ["READY", "RELOADING", "MONOTONIC_USEC", "READY", "STOPPING"]


def test_a_wrong_new_config_is_told_whole_and_the_old_one_stays(stage: Stage) -> None:
    def reload() -> None:
        stage.write(CONFIG.replace("5 minutes", "often").replace("America/Detroit}", "Detroit}"))
        stage.waiter.daemon.reload()

    with capture_logs() as logs:
        stage.run(*[None] * 9, reload, until=400)
    problems = [one["problem"] for one in logs if "problem" in one]
    assert len(problems) == 2
    assert all("config.yaml:" in one for one in problems)
    assert stage.of("lee") == [0.0, 315.0]
    assert stage.heard.told() == ["READY", "RELOADING", "MONOTONIC_USEC", "READY", "STOPPING"]


@pytest.mark.parametrize("error", [LoginNeeded("no"), SecretMissing("no such file")])
def test_a_login_that_failed_is_tried_again_at_the_start_and_at_a_reload(stage: Stage, error: CalendarError) -> None:
    """The secret may stand where it stood, and be another one; in between, the pause holds."""
    seen: list[bool] = []

    def fails(rep: str, store: Store) -> None:
        if rep == "lee":
            return
        with store.writing() as tx:
            state = tx.target_state(rep, "phone")
            seen.append(health.is_paused(state, stage.clock(), "digest"))
            tx.save_target_state(health.failed(replace(state, failures=8), error, stage.clock(), "digest"))

    other = stage.open()
    fails("dana", other)
    other.close()
    stage.during = fails
    stage.run(*[None] * 400, lambda: stage.waiter.daemon.reload(), rests=400)
    assert seen == [False, False, True, False, True]


def test_what_this_process_knows_of_refusals_is_forgotten_at_a_reload(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else Google would not be asked, though the target's pause is over."""
    forgotten: list[int] = []
    monkeypatch.setattr(loops, "forget_refusals", lambda: forgotten.append(1))
    stage.run(*[None] * 9, lambda: stage.waiter.daemon.reload(), rests=12)
    assert forgotten == [1]


def test_other_pauses_outlive_a_restart(stage: Stage) -> None:
    other = stage.open()
    with other.writing() as tx:
        tx.save_target_state(health.failed(TargetState("dana", "phone"), Unavailable("away", 600), BEGIN))
    other.close()
    stage.run(rests=3)
    other = stage.open()
    with other.reading() as tx:
        assert tx.target_state("dana", "phone").not_before == BEGIN + timedelta(seconds=600)
    other.close()


def test_a_reload_names_what_needs_a_restart_and_keeps_it(stage: Stage) -> None:
    seen: list[Settings] = []

    def work(settings: Settings, rep: str, store: Store, now: datetime, progress: Progress) -> Report:
        seen.append(settings)
        return Report({})

    def reload() -> None:
        stage.write("store: sqlite:///other.db\n" + CONFIG.replace("8765", "9999").replace("5 minutes", "7 minutes"))
        stage.waiter.daemon.reload()

    with capture_logs() as logs:
        stage.run(reload, rests=3, work=work)
    assert [one["key"] for one in logs if one["log_level"] == "warning"] == ["store", "feed.listen"]
    assert (seen[-1].store, str(seen[-1].feed.listen)) == (seen[0].store, str(seen[0].feed.listen))
    assert seen[-1].sync.every == timedelta(minutes=7)
    assert seen[-1].path == seen[0].path


def test_a_rep_who_left_finishes_the_cycle_at_hand_and_has_no_other(tmp_path: Path) -> None:
    pool = Later()
    stage = Stage(tmp_path, pool=pool)

    def reload() -> None:
        stage.write(CONFIG.replace("lee:", "kim:"))
        stage.waiter.daemon.reload()

    stage.run(reload, None, pool.go, None, pool.go, rests=5)
    assert len(stage.of("lee")) == 1
    assert len(stage.of("kim")) == 1
    assert len(stage.of("dana")) == 2


# -- what systemd and the journal hear


def test_the_watchdog_is_fed_only_while_the_store_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path, heard=Heard(watchdog=30.0))
    changes = Store.changes

    def locked(_store: Store) -> int:
        raise StoreError("The store is locked.")

    def fed() -> int:
        return stage.heard.told().count("WATCHDOG")

    counts: list[int] = []
    with capture_logs() as logs:
        stage.run(
            *[None] * 30,
            lambda: counts.append(fed()),
            lambda: monkeypatch.setattr(Store, "changes", locked),
            *[None] * 100,
            lambda: counts.append(fed()),
            lambda: monkeypatch.setattr(Store, "changes", changes),
            *[None] * 5,
            lambda: counts.append(fed()),
        )
    assert counts == [4, 4, 5]
    events = [one["event"] for one in logs]
    assert events.count("the store does not answer") == 1
    assert events.count("the store answers again") == 1
    assert any("store does not answer" in str(one.get("STATUS")) for one in stage.heard.messages)


@pytest.mark.usefixtures("seldom")
def test_a_failing_target_is_told_once_and_so_is_its_recovery(stage: Stage) -> None:
    errors = iter(["It is down.", "It is down. Left alone until 10:00:00.", "It is down.", "", ""])

    def work(_settings: Settings, rep: str, _store: Store, _now: datetime, _progress: Progress) -> Report:
        return Report({"phone": TargetReport(error=next(errors, ""))}) if rep == "dana" else Report({})

    with capture_logs() as logs:
        stage.run(until=1300, work=work)
    told = [(one["event"], one["rep"], one["target"]) for one in logs if "target" in one and one["log_level"] != "debug"]
    assert told == [("the target fails", "dana", "phone"), ("the target works again", "dana", "phone")]
    statuses = [str(one["STATUS"]) for one in stage.heard.messages if "STATUS" in one]
    assert "2 reps, 1 targets; failing: dana/phone" in statuses
    assert "2 reps, 1 targets" in statuses[statuses.index("2 reps, 1 targets; failing: dana/phone") :]


@pytest.mark.usefixtures("seldom")
def test_busy_calendars_that_fail_are_told_once(stage: Stage) -> None:
    stage.report = Report({}, ("busy source golf: It is down.",))
    with capture_logs() as logs:
        stage.run(until=1000)
    assert [one["rep"] for one in logs if one["event"] == "something needs attention"] == ["dana", "lee"]


# -- the end


@pytest.mark.usefixtures("seldom")
def test_stopping_ends_a_cycle_between_two_writes_and_the_next_start_goes_on(stage: Stage) -> None:
    """The real cycle, with 8 prospects on an empty calendar."""
    store = stage.open()
    with store.writing() as tx:
        for number in range(8):
            tx.capture(Prospect(f"diner-{number}", "dana", f"Diner {number}"), Captured(BEGIN, "cli"))
    store.close()
    server = MemoryServer()
    zone = ZoneInfo("America/Detroit")
    stop_at = 3

    def work(settings: Settings, rep: str, store: Store, now: datetime, progress: Progress) -> Report:
        def told(target: str, done: int, total: int) -> None:
            if done == stop_at:
                stage.waiter.daemon.stop()
            progress(target, done, total)

        return Cycle(settings, rep, store, now, opener=lambda target, state: MemoryCalendar(server, zone), progress=told).run()

    assert stage.run(rests=5, work=work) == 0
    assert len(server.entries) == 3
    assert stage.heard.told()[-1] == "STOPPING"
    stop_at = 99
    stage.run(until=700, work=work)
    assert len(server.entries) == 8
    assert server.writes == 8


def test_once_more_the_whole_programme_with_signals(tmp_path: Path) -> None:
    """A real process: ready, reloaded with a wrong and a right config, stopped."""
    config = tmp_path / "config.yaml"
    good = "reps:\n  dana: {timezone: America/Detroit, targets: [file]}\ntargets:\n  file: {type: ics, path: follow-ups.ics}\n"
    config.write_text(good)
    program = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from followsync import daemon, log\nfrom followsync.config import load\nfrom followsync.store import open_store\n"
        "folder = Path(sys.argv[1])\nlog.set_up()\n"
        "sys.exit(daemon.run(lambda: load(folder / 'config.yaml'), lambda: datetime.now(UTC),\n"
        "    lambda settings: open_store(f'sqlite:///{folder / \"store.db\"}')))\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)

        def hear(key: bytes) -> None:
            while not manager.recv(4096).startswith(key):
                pass

        environ = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"}
        environ.pop("WATCHDOG_PID", None)
        process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stderr=subprocess.PIPE, text=True, env=environ)
        try:
            hear(b"READY=1")
            hear(b"WATCHDOG=1")
            config.write_text("reps: {}\n")
            process.send_signal(signal.SIGHUP)
            hear(b"RELOADING=1\nMONOTONIC_USEC=")
            hear(b"READY=1")
            config.write_text(good)
            process.send_signal(signal.SIGHUP)
            hear(b"RELOADING=1")
            hear(b"READY=1")
            process.send_signal(signal.SIGTERM)
            hear(b"STOPPING=1")
            _, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, stderr
    assert "the old one stays" in stderr
    assert "Traceback" not in stderr
    assert (tmp_path / "follow-ups.ics").exists()


def test_signals_are_given_back(stage: Stage) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    loop = Daemon(stage.load, stage.clock, stage.open, waiter=stage.waiter, pool=stage.pool, work=stage.work, notifier=stage.heard)
    stage.waiter.daemon = loop
    with loops.signals(loop):
        os.kill(os.getpid(), signal.SIGINT)
        assert loop._stopping
    assert before == [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
