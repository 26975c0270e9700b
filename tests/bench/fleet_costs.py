"""``python -m tests.bench.fleet_costs``: what a rep costs a fleet, as the JSON that ``tests.bench.sizing`` counts with.

One process does what a worker does, on a PostgreSQL and a Radicale of its own. CPU is that of the processes, not of the clock, so that
others on the machine disturb it little. Google's calls are the requests of its cycle: one for events, one for tasks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from followsync.config import load
from followsync.core.history import Noted
from followsync.cycle import Cycle
from followsync.store import open_store
from tests import postgresql
from tests.fleet.fleet import Fleet
from tests.servers import PASSWORD, radicale

REPS, PEOPLE, ENTRIES = 4, 50, 20
MANY = 10_000  # rows of leases, for what a look over all of them costs
OUT = Path(__file__).with_name("fleet_costs.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fleet_costs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    os.environ["FOLLOWSYNC_FLEET_PASSWORD"] = PASSWORD
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        os.chmod(folder, 0o755)
        postgres = held.enter_context(postgresql.running())
        server = held.enter_context(radicale(Path(folder)))
        empty = size(postgres, postgres_schema(empty_store(postgres)))
        team = Fleet(Path(folder), server, postgres, REPS, PEOPLE, every=36000, lease=3600.0)
        found = measured(team, postgres, asked.rounds, empty)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    print(OUT.read_text())


def measured(team: Fleet, postgres: postgresql.Postgres, rounds: int, empty: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    team.store.leases.enrol(team.names)
    settings = load(team.config)

    def cycle(rep: str) -> int:
        leases = team.store.leases
        leases.due_now([rep])
        (lease,) = leases.claim(1, [one for one in team.names if one != rep])
        report = Cycle(settings, rep, team.store.held(lease), now, threads=1).run()
        leases.finish(lease, 36000.0, good=True)
        return sum(one.requests for one in report.targets.values())

    numbers = count()

    def note(rep: str) -> int:
        """Something of one prospect was told, and shows in the next entry."""
        with team.store.writing() as tx:
            tx.append(f"{rep}-0", Noted(now, "cli", f"they like the new price list, told {next(numbers)} times"))
        return cycle(rep)

    for rep in team.names:
        with team.store.writing() as tx:
            for number in range(PEOPLE):
                for entry in range(ENTRIES - 1):
                    tx.append(f"{rep}-{number}", Noted(now - timedelta(days=entry + 1), "cli", "what was said, in a line of usual length"))
    for _ in range(3):  # written, read back, and quiet
        for rep in team.names:
            cycle(rep)
    people = REPS * PEOPLE
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, PostgreSQL {version(postgres)}",
        "day": f"{now:%Y-%m-%d}",
        "quiet_cycle": each(postgres, team, cycle, rounds),
        "busy_cycle": each(postgres, team, note, rounds),
        "prospect_bytes": round((size(postgres, postgres_schema(team.address)) - empty) / people),
        "prospects": PEOPLE,
        "entries": ENTRIES,
        "look_us_a_rep": look(postgres),
        "config_ms_a_rep": config(team),
        "worker_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "google": {"quiet_calls": 1, "quiet_task_calls": 1, "busy_calls": 2},
    }


def each(postgres: postgresql.Postgres, team: Fleet, work: Callable[[str], int], rounds: int) -> dict[str, float]:
    """Per cycle."""
    number = rounds * REPS
    with counted(team) as transactions:
        wal, here, there, requests = lsn(postgres), time.process_time(), cpu(postgres), 0
        for _ in range(rounds):
            for rep in team.names:
                requests += work(rep)
        spent = {
            "worker_cpu_ms": (time.process_time() - here) * 1000,
            "database_cpu_ms": (cpu(postgres) - there) * 1000,
            "wal_bytes": lsn(postgres) - wal,
            "transactions": len(transactions),
            "requests": requests,
        }
    return {name: round(value / number, 2) for name, value in spent.items()}


@contextmanager
def counted(team: Fleet) -> Iterator[list[str]]:
    seen: list[str] = []
    database: Any = team.store.database
    before = database._first

    def first(sql: str, values: Any) -> Any:
        seen.append(sql)
        return before(sql, values)

    database._first = first
    team.store.leases._statement = database._statement
    yield seen
    database._first = before


def look(postgres: postgresql.Postgres) -> float:
    """Microseconds of the database's CPU for each rep, of one look at whom others have changed."""
    address = empty_store(postgres)
    store = open_store(address)
    names = [f"rep{number}" for number in range(MANY)]
    store.leases.enrol(names)
    postgres.run(
        f'SET search_path = "{postgres_schema(address)}"; INSERT INTO rep_revision SELECT rep, 1 FROM rep_lease; '
        "UPDATE rep_lease SET seen = 1, due = 9e9; ANALYZE rep_lease; ANALYZE rep_revision"
    )
    store.leases.notice()
    turns = 40
    before = cpu(postgres)
    for _ in range(turns):
        store.leases.notice()
    spent = cpu(postgres) - before
    store.close()
    return round(spent / turns / MANY * 1e6, 3)


def config(team: Fleet) -> float:
    """Milliseconds of CPU to read a rep and their target."""
    number = 300
    path = team.folder / "many.yaml"
    reps = "".join(f"  rep{one}: {{timezone: America/Detroit, targets: [rep{one}]}}\n" for one in range(number))
    login = "url: https://dav.example.org/, username: {0}, password: {{env: X}}, calendar: {0}"
    targets = "".join(f"  rep{one}: {{type: caldav, {login.format(f'rep{one}')}}}\n" for one in range(number))
    path.write_text(f"reps:\n{reps}targets:\n{targets}")
    before = time.process_time()
    load(path)
    return round((time.process_time() - before) / number * 1000, 2)


def empty_store(postgres: postgresql.Postgres) -> str:
    address = postgres.fresh()
    open_store(address).close()
    return address


def postgres_schema(address: str) -> str:
    return address.rpartition("%3D")[2]


def size(postgres: postgresql.Postgres, schema: str) -> int:
    (row,) = postgres.run(
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE n.nspname = '{schema}' AND c.relkind = 'r'"
    )
    return int(row[0])


def lsn(postgres: postgresql.Postgres) -> int:
    return int(postgres.run("SELECT pg_current_wal_insert_lsn() - '0/0'")[0][0])


def version(postgres: postgresql.Postgres) -> str:
    return str(postgres.run("SHOW server_version")[0][0]).partition(" ")[0]


def cpu(postgres: postgresql.Postgres) -> float:
    """Seconds of all of the server's processes, those that have ended too (proc_pid_stat(5))."""
    assert postgres.process
    parent = postgres.process.pid
    total = 0.0
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            fields = (place / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(place.name) == parent:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == parent:
            total += sum(map(int, fields[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
