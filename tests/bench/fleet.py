"""``python -m tests.bench.fleet``: how many cycles a second one, two and more workers get done, and what a rep costs among few and many.

The target is a Radicale behind a relay whose answers come late, the store a PostgreSQL of its own. Each worker has the same number of
hands. A cycle is one without news, as nearly all are. For the cost of a rep, targets are files: what is counted is the worker's own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import postgresql
from tests.bench.relay import relayed
from tests.fleet.fleet import Fleet
from tests.servers import PASSWORD, Server, radicale

_LOOK = 0.02  # seconds between two looks whether all are done


class InFiles(Fleet):
    """Reps whose targets are files."""

    def configure(self) -> None:
        super().configure()
        reps, _, _ = self.config.read_text().partition("targets:\n")
        files = "".join(f"  {rep}: {{type: ics, path: {self.folder}/{rep}.ics}}\n" for rep in self.names)
        self.config.write_text(f"{reps}targets:\n{files}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fleet", description=__doc__)
    parser.add_argument("--reps", type=int, default=60, help="for the throughput")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--hands", type=int, default=2)
    parser.add_argument("--latency", type=float, default=0.05, metavar="SECONDS")
    parser.add_argument("--cost", type=int, nargs="+", default=[10, 200, 2000], metavar="REPS")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    os.environ["FOLLOWSYNC_FLEET_PASSWORD"] = PASSWORD
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {asked.hands} hands a worker, answers {asked.latency * 1000:.0f} ms late\n"
    )
    print("| workers | cycles a second | times one |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        os.chmod(folder, 0o755)
        postgres = held.enter_context(postgresql.running())
        server = held.enter_context(radicale(Path(folder)))
        relay = held.enter_context(relayed(server, asked.latency))
        throughput(Path(folder), relay.server, postgres, asked)
        print("\n| reps | ms CPU of the worker a cycle | ms a cycle |\n|---|---|---|")
        for reps in asked.cost:
            cost(Path(folder), postgres, reps, asked.rounds)


def throughput(folder: Path, server: Server, postgres: postgresql.Postgres, asked: argparse.Namespace) -> None:
    team = Fleet(folder, server, postgres, asked.reps, 3, every=36000, hands=asked.hands, lease=60.0)
    with running(team, 1):
        team.await_(lambda: calm(team), 600)
        for _ in range(2):  # a first cycle has more to do than those that follow
            once(team)
    first = 0.0
    for number in asked.workers:
        with running(team, number):
            once(team)
            seconds = sorted(once(team) for _ in range(asked.rounds))[asked.rounds // 2]
        each = asked.reps / seconds
        first = first or each
        print(f"| {number} | {each:.1f} | {each / first:.2f} |", flush=True)
    team.close()


def cost(folder: Path, postgres: postgresql.Postgres, reps: int, rounds: int) -> None:
    place = folder / f"cost-{reps}"
    place.mkdir()
    team = InFiles(place, Server("http://127.0.0.1:9/", "dana", PASSWORD), postgres, reps, 3, every=36000, hands=2, lease=60.0)
    with running(team, 1):
        team.await_(lambda: calm(team), 1200)
        for _ in range(2):
            once(team)
        process = team.workers[0].process.pid
        before, began = cpu(process), time.monotonic()
        done = 0
        while done < max(rounds * reps, 400):
            once(team)
            done += reps
        seconds, spent = time.monotonic() - began, cpu(process) - before
    print(f"| {reps} | {spent / done * 1000:.2f} | {seconds / done * 1000:.2f} |", flush=True)
    team.close()


@contextmanager
def running(team: Fleet, number: int) -> Iterator[None]:
    team.workers = []
    for _ in range(number):
        team.start()
    team.await_(lambda: all('"started"' in one.log.read_text() for one in team.workers))
    yield
    team.stop()


def calm(team: Fleet) -> bool:
    rows = team.store.leases.show()
    return len(rows) == team.reps and all(not one.holder and one.due > 0 and not one.news for one in rows)


def once(team: Fleet) -> float:
    """A cycle of every rep; the seconds that it took, from when they were due."""
    pause = threading.Event()
    began = time.monotonic()
    team.store.leases.due_now(team.names)
    while not calm(team):
        pause.wait(_LOOK)
    return time.monotonic() - began


def cpu(process: int) -> float:
    """Seconds of CPU that it has used (proc_pid_stat(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
