"""``python -m tests.bench.sizing``: what a team of any size needs, from what was measured of one rep, written into docs/howto/limits.md.

``fleet_costs.json`` holds the figures, made by ``tests.bench.fleet_costs``; what is assumed stands in ``Assumed``, and on the page. All
the rest is arithmetic.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from followsync.core.pace import Limits

COSTS = Path(__file__).with_name("fleet_costs.json")
PAGE = Path(__file__).parents[2] / "docs" / "howto" / "limits.md"
BEGIN, END = "<!-- made by python -m tests.bench.sizing -->", "<!-- end -->"
TEAMS = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
_DAY, _MONTH = 86_400, 30 * 86_400


@dataclass(frozen=True, slots=True)
class Assumed:
    """``every``: seconds between two cycles of a rep. ``changes``: cycles a day with something to read or to write. ``prospects`` of each
    rep, with as many entries of history as were measured. ``answer``: seconds that a calendar's server takes for a request. ``used``: how
    much of a core is used at most. ``hands`` of a worker; ``store``: reps of one store, above which the team is split. Prices in
    dollars a month: ``core`` with its memory, ``gigabyte`` of a database's disk."""

    every: float = 300.0
    changes: float = 40.0
    prospects: int = 150
    answer: float = 0.2
    used: float = 0.6
    hands: int = 8
    store: int = 10_000
    core: float = 20.0
    gigabyte: float = 0.25


@dataclass(frozen=True, slots=True)
class Need:
    """Of a team of ``reps``. ``cycles`` a second; ``workers`` of one process each; ``stores``: databases it is split into; ``connections``
    of one of them; ``database_cores``, ``transactions`` and ``wal_mb`` a second, ``gigabytes``: of all of them. ``looks``: the share of
    those cores that goes into looking over all leases. ``google_minute``: calls a minute, ``projects``: Google projects for them;
    ``task_projects``: where tasks are used. ``config``: seconds to read one store's config; ``dollars``: a rep and month."""

    reps: int
    cycles: float
    workers: int
    stores: int
    connections: int
    database_cores: float
    looks: float
    transactions: float
    wal_mb: float
    gigabytes: float
    google_minute: float
    projects: int
    task_projects: int
    config: float
    dollars: float = field(default=0.0)


def need(reps: int, costs: dict[str, Any], assumed: Assumed = Assumed()) -> Need:
    quiet, busy = costs["quiet_cycle"], costs["busy_cycle"]
    cycles, changes = reps / assumed.every, reps * assumed.changes / _DAY
    stores = ceil(reps / assumed.store)

    def a_second(what: str) -> float:
        return float(cycles * quiet[what] + changes * busy[what])

    cores = a_second("worker_cpu_ms") / 1000
    waiting = a_second("requests") * assumed.answer + cores  # hands that are busy at any moment
    workers = max(stores, ceil(cores / assumed.used), ceil(waiting / (assumed.hands * assumed.used)))
    looks = workers / stores * reps * costs["look_us_a_rep"] / 1e6  # each worker of a store looks once a second at the store's reps
    database = a_second("database_cpu_ms") / 1000 + looks
    gigabytes = reps * assumed.prospects * costs["prospect_bytes"] / 1e9
    google = costs["google"]
    minute = 60 * (cycles * google["quiet_calls"] + changes * google["busy_calls"])
    paid = max(cores / assumed.used, workers * 0.25) + max(database / assumed.used, 0.5 * stores)
    return Need(
        reps,
        cycles,
        workers,
        stores,
        ceil(workers / stores) * (2 * assumed.hands + 2),
        database,
        looks / database,
        a_second("transactions"),
        a_second("wal_bytes") / 1e6,
        gigabytes,
        minute,
        ceil(minute / (Limits().google * 0.84)),
        ceil(reps * _DAY / assumed.every * google["quiet_task_calls"] / 50_000),
        min(reps, assumed.store) * costs["config_ms_a_rep"] / 1000,
        (paid * assumed.core + gigabytes * assumed.gigabyte) / reps,
    )


def table(costs: dict[str, Any], assumed: Assumed = Assumed()) -> str:
    head = (
        "reps",
        "cycles/s",
        "workers",
        "databases",
        "connections each",
        "database cores",
        "transactions/s",
        "WAL MB/s",
        "GB",
        "Google calls/min",
        "projects",
        "with tasks",
        "config read in",
        "$ a rep and month",
    )
    lines = [f"| {' | '.join(head)} |", "|" + "---:|" * len(head)]
    for reps in TEAMS:
        one = need(reps, costs, assumed)
        cells = (
            f"{reps:,}",
            _short(one.cycles),
            f"{one.workers:,}",
            f"{one.stores:,}",
            f"{one.connections:,}",
            _short(one.database_cores),
            _short(one.transactions),
            _short(one.wal_mb),
            _short(one.gigabytes),
            _short(one.google_minute),
            f"{one.projects:,}",
            f"{one.task_projects:,}",
            f"{_short(one.config)} s",
            _short(one.dollars),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _short(value: float) -> str:
    """Two figures that count."""
    if value < 0.001:
        return "< 0.001"
    if value >= 100:
        digits = len(str(int(value))) - 2
        return f"{round(value / 10**digits) * 10**digits:,}"
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def measured(costs: dict[str, Any]) -> str:
    rows = [
        ("CPU of the worker, ms", "worker_cpu_ms"),
        ("CPU of the database, ms", "database_cpu_ms"),
        ("transactions", "transactions"),
        ("write-ahead log, bytes", "wal_bytes"),
        ("requests to a CalDAV server", "requests"),
    ]
    lines = ["| of a cycle | without news | in which something was told |", "|---|---:|---:|"]
    lines += [f"| {words} | {costs['quiet_cycle'][name]:,} | {costs['busy_cycle'][name]:,} |" for words, name in rows]
    rest = (
        f"Beside that: {costs['prospect_bytes']:,} bytes of the database for a prospect with {costs['entries']} entries of history and an "
        f"entry on a calendar; {costs['look_us_a_rep']} µs of its CPU for each rep and each look over all leases; "
        f"{costs['config_ms_a_rep']} ms to read a rep from the config; {costs['worker_mb']} MB for the process. "
        f"Measured on {costs['day']}: {costs['machine']}."
    )
    return "\n".join([*lines, "", rest])


def page(text: str, costs: dict[str, Any]) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(costs)}\n\n{measured(costs)}\n\n{END}{after}"


def main() -> None:
    costs = json.loads(COSTS.read_text())
    PAGE.write_text(page(PAGE.read_text(), costs))


if __name__ == "__main__":
    main()
