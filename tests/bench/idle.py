"""``python -m tests.bench.idle``: what the daemon costs while nothing happens. Some minutes.

A real process with a Radicale on this machine and 150 prospects whose entries stand there; then its CPU time and memory over a while in
which it only looks at its store, and over one in which cycles without news follow each other.
"""

from __future__ import annotations

import argparse
import os
import select
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import servers
from tests.test_service import Machine, Service

PEOPLE = 150


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.idle", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--seconds", type=int, default=120, help="of each of the two")
    seconds = parser.parse_args().seconds
    with TemporaryDirectory() as folder:
        machine = Machine(Path(folder), servers.free_port())
        config = (machine.folder / "config.yaml").read_text()
        with machine.calendar():
            machine.add(PEOPLE)
            machine.ok("sync")
            look = measured(machine, config, "1 hour", seconds)
            cycles = measured(machine, config, "1 second", seconds)
    each = (cycles.cpu - look.cpu) / max(1, cycles.count)
    hour = look.cpu / seconds * 3600 + 12 * each
    print(f"looking at the store once a second    {look.cpu / seconds * 100:6.3f} % of a core  {look.memory:5.1f} MB")
    print(
        f"a cycle without news, {PEOPLE} prospects  {each * 1000:6.2f} ms             {cycles.memory:5.1f} MB after {cycles.count} cycles"
    )
    print(f"every five minutes, in an hour        {hour:6.2f} s = {hour / 36:.3f} % of a core")


class Cost:
    def __init__(self, cpu: float, memory: float, count: int) -> None:
        self.cpu, self.memory, self.count = cpu, memory, count


def measured(machine: Machine, config: str, every: str, seconds: int) -> Cost:
    """Seconds of CPU, MB at the end, and how many cycles ended meanwhile."""
    machine.configure(f"{config}sync: {{every: {every}}}\nfeed: {{listen: 127.0.0.1:{servers.free_port()}}}\n")
    with machine.service() as service:
        service.hear("READY=1")
        service.until("started")
        wait(service, 15)  # what was just read at the start is read
        before, first = spent(service.process.pid), done(machine)
        wait(service, seconds)
        cost = Cost(spent(service.process.pid) - before, memory(service.process.pid), done(machine) - first)
        service.stop()
    return cost


def wait(service: Service, seconds: float) -> None:
    assert service.process.stderr
    assert not select.select([service.process.stderr], [], [], seconds)[0], "something happened, so it was not idle"


def spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def done(machine: Machine) -> int:
    """How many cycles ended since the start: as the daemon's own figures say."""
    import urllib.request

    listen = (machine.folder / "config.yaml").read_text().rpartition("listen: ")[2].strip().rstrip("}")
    with urllib.request.urlopen(f"http://{listen}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return int(sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith("followsync_cycles_total{")))


if __name__ == "__main__":
    main()
