"""Workers that are killed, stopped and cut off from their database, while people go on typing.

FOLLOWSYNC_FLEET=full: 200 reps, 3 workers, 100 kills, and a database that is away for a minute.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from followsync.calendars.caldav import CaldavCalendar
from followsync.store.leases import Lease
from tests import postgresql
from tests.fleet.fleet import Fleet, WorkerProcess, fleet
from tests.proxy import Answer, Exchange, proxied
from tests.servers import PASSWORD, Server

FULL = os.environ.get("FOLLOWSYNC_FLEET") == "full"
REPS, PEOPLE, WORKERS, KILLS, OUTAGE = (200, 3, 3, 100, 60.0) if FULL else (6, 3, 2, 5, 4.0)
LONG = 900.0 if FULL else 120.0


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWSYNC_FLEET_PASSWORD", PASSWORD)


def wait(seconds: float) -> None:
    """Other processes are at work meanwhile; it is they who are tried."""
    threading.Event().wait(seconds)


def test_workers_that_are_killed_at_any_moment(tmp_path: Path, radicale: Server) -> None:
    chance = random.Random(8)
    notes: dict[str, list[str]] = {}
    with fleet(tmp_path, radicale, postgresql.server(), reps=REPS, people=PEOPLE, every=2) as team:
        alive = [team.start() for _ in range(WORKERS)]
        for number in range(KILLS):
            alive.append(killed(team, alive, chance, at_work=bool(number % 3)))
            rep = chance.choice(team.names)
            team.note(rep, f"cli-{number}")
            notes.setdefault(f"{rep}-0", []).append(f"cli-{number}")
        team.settle(LONG)
        for number, rep in enumerate(team.names[:: max(1, REPS // 20)]):
            team.type_note(rep, f"phone-{number}")
            notes.setdefault(f"{rep}-1", []).append(f"phone-{number}")
            if FULL or number < 2:
                alive.append(killed(team, alive, chance, at_work=True))
        team.settle(LONG)
        team.stop()
        team.check_calendars()
        team.check_histories(notes)
        taken_over = team.check_leases()
        assert taken_over, "no worker was killed in the middle of a cycle"
        print(f"fleet: {REPS} reps, {WORKERS} workers, {KILLS} kills, {taken_over} cycles taken over, {sum(team.fences().values())} cycles")


def killed(team: Fleet, alive: list[WorkerProcess], chance: random.Random, *, at_work: bool) -> WorkerProcess:
    """One of them, with SIGKILL, at any moment; ``at_work``: soon after it began another cycle. Another one takes its place."""
    victim = alive.pop(chance.randrange(len(alive)))
    if at_work:
        before = victim.begun()
        team.await_(lambda: victim.begun() > before)
    wait(chance.uniform(0.0, 0.2 if at_work else 2.0))
    victim.kill()
    return team.start()


def test_a_worker_that_was_stopped_past_its_lease_writes_nothing(tmp_path: Path, radicale: Server) -> None:
    with proxied(radicale) as proxy, fleet(tmp_path, proxy.server, postgresql.server(), reps=1, people=30, lease=2.0) as team:
        gate, arrived = threading.Event(), threading.Event()

        def held(exchange: Exchange) -> Answer:
            arrived.set()
            gate.wait(30)
            return exchange.forward()

        proxy.rule(held, "PUT", nth=5)
        sleeper = team.start()
        assert arrived.wait(60), "it never began to write"
        sleeper.process.send_signal(signal.SIGSTOP)
        proxy.heal()
        gate.set()
        other = team.start()
        team.await_(lambda: any(event["event"] == "cycle ended" for event in other.events()))
        team.settle()
        other.process.send_signal(signal.SIGTERM)
        assert other.process.wait(60) == 0
        proxy.forget()
        # Another one holds the lease when it wakes: it may ask, but it must not write.
        lease = take(team)
        sleeper.process.send_signal(signal.SIGCONT)
        team.await_(lambda: any(event["event"] == "another worker took the rep over" for event in sleeper.events()))
        # What had passed its look at the lease before the stop still goes out, one request a connection, and is refused: it is conditional.
        late = proxy.requests("PUT", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH", "POST")
        assert len(late) < CaldavCalendar.connections
        assert [one.status for one in late] == [412] * len(late)
        team.store.leases.finish(lease, 0.0, good=True)
        team.settle()
        team.stop()
        team.check_calendars()
        team.check_histories({})
        assert team.check_leases() >= 1


def take(team: Fleet) -> Lease:
    found: list[Lease | None] = []
    team.await_(lambda: bool(found.append(team.store.leases.take(team.names[0])) or found[-1]))
    assert found[-1]
    return found[-1]


def test_a_worker_that_is_told_to_stop_gives_back_what_it_has(tmp_path: Path, radicale: Server) -> None:
    with proxied(radicale) as proxy, fleet(tmp_path, proxy.server, postgresql.server(), reps=1, people=30, lease=60.0) as team:
        arrived = threading.Event()

        def seen(exchange: Exchange) -> Answer:
            arrived.set()
            return exchange.forward()

        proxy.rule(seen, "PUT", nth=3)
        first = team.start()
        assert arrived.wait(60)
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(60) == 0
        (row,) = team.store.leases.show()
        assert (row.holder, row.tries) == ("", 0)
        team.start()  # need not wait for the lease to run out
        team.settle()
        team.stop()
        team.check_calendars()
        assert team.check_leases() == 0


def test_a_database_that_is_away_for_a_while(tmp_path: Path, radicale: Server) -> None:
    with postgresql.running() as postgres, fleet(tmp_path, radicale, postgres, reps=max(12, min(REPS, 60)), people=PEOPLE) as team:
        workers = [team.start() for _ in range(WORKERS)]
        team.await_(lambda: all(one.begun() for one in workers))
        postgres.stop(signal.SIGQUIT)  # as if the power went, in the middle of the first writes
        wait(OUTAGE)
        postgres.start()
        team.note(team.names[0], "after the outage")
        team.settle(LONG)
        assert all(one.process.poll() is None for one in workers), "a worker gave up"
        team.stop()
        team.check_calendars()
        team.check_histories({f"{team.names[0]}-0": ["after the outage"]})
        team.check_leases()


def test_a_slow_server_is_its_own_reps_trouble(tmp_path: Path, radicale: Server) -> None:
    """More of them than a worker has hands would still leave hands free."""
    with proxied(radicale) as proxy, fleet(tmp_path, proxy.server, postgresql.server(), reps=4, people=2, hands=2) as team:
        gate = threading.Event()

        def stuck(exchange: Exchange) -> Answer:
            gate.wait(60)
            return exchange.forward()

        team.start()
        team.settle()
        slow = urlsplit(team.phone(team.names[0]).collection).path
        proxy.rule(stuck, path=slow)
        before = team.fences()
        team.await_(lambda: all(team.fences()[rep] >= before[rep] + 3 for rep in team.names[1:]))
        assert team.fences()[team.names[0]] <= before[team.names[0]] + 1
        gate.set()
        proxy.heal()
        team.settle()
        team.stop()
        team.check_calendars()
