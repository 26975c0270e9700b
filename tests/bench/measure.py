"""One measurement: work done in a process of its own, so that neither memory nor CPU time of anything else is counted with it."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.bench.relay import Relay, Traffic


@dataclass(frozen=True, slots=True)
class Times:
    """``wall`` and ``cpu`` in seconds, ``cpu`` of the client alone. ``memory``: the most it held, in MB, of which ``before`` MB were held
    before it began."""

    wall: float
    cpu: float
    memory: float
    before: float


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the table. ``latency``: milliseconds; ``count``: entries that stand there, or that are written or changed."""

    server: str
    latency: int
    what: str
    count: int
    client: str
    times: Times
    traffic: Traffic

    def row(self) -> str:
        one, took = self.traffic, self.times
        return (
            f"{self.server:<9}{self.latency:>3}  {self.what:<20}{self.count:>7,}  {self.client:<12}{one.requests:>7,}{one.writes:>7,}"
            f"{one.sent / 1024:>9,.1f}{one.received / 1024:>9,.1f}{took.wall:>9.3f}{took.cpu * 1000:>9,.1f}{took.memory:>7.0f}"
        )


HEADER = (
    f"{'server':<9}{'ms':>3}  {'what':<20}{'count':>7}  {'client':<12}{'requ.':>7}{'writes':>7}{'kB sent':>9}{'kB got':>9}"
    f"{'wall s':>9}{'CPU ms':>9}{'MB':>7}"
)


Measured = tuple[Times, Traffic]


def measured(
    work: Callable[[], object], relay: Relay | None = None, *, times: int = 1, warm: int = 0, after: Callable[[], object] = lambda: None
) -> Measured:
    """Do it ``times`` times in a new process, after ``warm`` times that do not count.

    Gives the median of each figure, and what went through the relay each time. ``after``: what that process does at the end, uncounted.
    What it leaves behind is on the disk or on the server. Raises RuntimeError where it failed there.
    """
    here, there = multiprocessing.get_context("fork").Pipe()
    process = multiprocessing.get_context("fork").Process(target=_measure, args=(there, work, relay, times, warm, after))
    process.start()
    there.close()
    try:
        told: Measured = here.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"a measurement ended with exit code {process.exitcode}; what stands above says why") from None
    process.join()
    return told


def middle(several: list[Measured]) -> Measured:
    """The one in the middle by wall time: what else the machine did meanwhile is in the slow ones."""
    return sorted(several, key=lambda one: one[0].wall)[(len(several) - 1) // 2]


def _measure(told: Connection, work: Callable[[], object], relay: Relay | None, times: int, warm: int, after: Callable[[], object]) -> None:
    for _ in range(warm):
        work()
    if relay:
        relay.count()
    before, walls, cpus = memory(), list[float](), list[float]()
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        cpus.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - wall)
    traffic = relay.count() if relay else Traffic()
    took = Times(statistics.median(walls), statistics.median(cpus), memory(), before)
    after()
    told.send((took, traffic.each(times)))


def memory() -> float:
    """The most this process has held, in MB. The kernel's own figure where there is one: the other one is handed down to children."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next((one for one in status.read_text().splitlines() if one.startswith("VmHWM:")), "")
        if line:
            return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
