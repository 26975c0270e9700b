"""``python -m tests.bench [COUNT] [--full]``: a first sync of COUNT actions (200; 1,000 with --full) to a fresh Radicale, a second one, and
one after 10 changes; each beside a bare ``requests`` loop that sends the same writes and asks one sync-collection REPORT (RFC 6578)."""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import requests

from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.config import Settings, load
from followsync.core.history import Captured, Promised
from followsync.core.prospect import Prospect
from followsync.core.target import TargetState
from followsync.cycle import Cycle, Report
from followsync.store import Store, open_store
from tests import servers
from tests.servers import Server

NOW = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo("America/Detroit"))
CHANGED = 10
CONFIG = """\
reps:
  dana: {{timezone: America/Detroit, capacity: 1000, targets: [phone]}}
targets:
  phone: {{type: caldav, url: "{url}", username: "{username}", password: {{env: FOLLOWSYNC_BENCH_PASSWORD}}, calendar: Follow-ups}}
"""
REPORT = (
    '<?xml version="1.0"?><sync-collection xmlns="DAV:"><sync-token>{}</sync-token>'
    "<sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """``wall`` and ``cpu`` in seconds, of this process, not the server's. ``memory``: the most this process has held so far, in MB."""

    what: str
    requests: int
    writes: int
    sent: int
    received: int
    wall: float
    cpu: float
    memory: float | None = None

    def row(self) -> str:
        memory = "" if self.memory is None else f"{self.memory:.0f}"
        return (
            f"{self.what:<34}{self.requests:>9,}{self.writes:>8,}{self.sent / 1024:>11,.1f}{self.received / 1024:>11,.1f}"
            f"{self.wall:>9.2f}{self.cpu:>8.2f}{memory:>8}"
        )


HEADER = f"{'':<34}{'requests':>9}{'writes':>8}{'kB sent':>11}{'kB got':>11}{'wall s':>9}{'CPU s':>8}{'MB max':>8}"


@dataclass(slots=True)
class Traffic:
    requests: int = 0
    writes: int = 0
    sent: int = 0
    received: int = 0


def measured(what: str, work: Callable[[], Traffic]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    traffic = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(what, traffic.requests, traffic.writes, traffic.sent, traffic.received, wall, cpu)


# -- FollowSync


class Bench:
    """A store with ``count`` promises in the days ahead, and its target."""

    def __init__(self, server: Server, folder: Path, count: int) -> None:
        self.server, self.count = server, count
        (folder / "config.yaml").write_text(CONFIG.format(url=server.url, username=server.username))
        os.environ["FOLLOWSYNC_BENCH_PASSWORD"] = server.password
        self.settings: Settings = load(folder / "config.yaml")
        self.store: Store = open_store(f"sqlite:///{folder / 'store.db'}")
        self.opened: list[CaldavCalendar] = []

    def fill(self) -> None:
        with self.store.writing() as tx:
            for number in range(self.count):
                who = Prospect(f"diner-{number}", "dana", f"Diner {number}", person="Jenny", phone="248.867.5309")
                tx.capture(who, Captured(NOW, "bench"), self._promise(number, "determine next steps"))

    def change(self) -> None:
        with self.store.writing() as tx:
            for number in range(CHANGED):
                tx.append(f"diner-{number}", self._promise(number, "review the quote"))

    def _promise(self, number: int, purpose: str) -> Promised:
        start = NOW + timedelta(days=1 + number // 30, minutes=15 * (number % 30))
        return Promised(NOW, "bench", "call", start.date(), start, purpose=purpose)

    def open(self, target: Any, state: TargetState) -> CaldavCalendar:
        calendar = open_caldav(
            url=target.url,
            username=target.username,
            password=self.server.password,
            calendar=target.calendar,
            timeout=60,
            zone=NOW.tzinfo or ZoneInfo("UTC"),
            clock=lambda: NOW,
            collection=state.collection,
        )
        self.opened.append(calendar)
        return calendar

    def sync(self, what: str) -> Cost:
        """Opening the connection and finding the calendar count too."""
        cost = measured(what, self._sync)
        return replace(cost, memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    def _sync(self) -> Traffic:
        self.opened.clear()
        report: Report = Cycle(self.settings, "dana", self.store, NOW, opener=self.open).run(force=True)
        one = report.targets["phone"]
        if one.error:
            raise SystemExit(f"The sync failed: {one.error}")
        sent, received = (sum(numbers) for numbers in zip(*((each.sent, each.received) for each in self.opened), strict=True))
        return Traffic(one.requests, one.created + one.updated + one.deleted, sent, received)


# -- the bare loop


class Bare:
    """What the least programme would do with the same bodies: one PUT each with its precondition, and one REPORT."""

    def __init__(self, server: Server) -> None:
        self.session = requests.Session()
        self.session.auth = (server.username, server.password)
        self.collection = urljoin(server.url, f"{server.username}/bare/")
        self.traffic = Traffic()
        self.token = ""
        self.etags: dict[str, str] = {}
        self.call("MKCALENDAR", self.collection)

    def call(self, method: str, url: str, body: str = "", **headers: str) -> requests.Response:
        data = body.encode()
        answer = self.session.request(method, url, data=data or None, headers=headers, timeout=60)
        answer.raise_for_status()
        self.traffic.requests += 1
        self.traffic.writes += method in {"PUT", "DELETE"}
        self.traffic.sent += len(data)
        self.traffic.received += len(answer.content)
        return answer

    def put(self, name: str, body: str) -> None:
        known = {"If-Match": self.etags[name]} if name in self.etags else {"If-None-Match": "*"}
        answer = self.call("PUT", urljoin(self.collection, name), body, **{"Content-Type": "text/calendar; charset=utf-8"}, **known)
        self.etags[name] = answer.headers["ETag"]

    def report(self) -> None:
        text = self.call("REPORT", self.collection, REPORT.format(self.token), **{"Content-Type": "application/xml"}).text
        self.token = text.rpartition("<sync-token>")[2].partition("</sync-token>")[0]

    def delete(self, name: str) -> None:
        self.call("DELETE", urljoin(self.collection, name), **{"If-Match": self.etags.pop(name)})

    def sync(self, what: str, bodies: dict[str, str], gone: Iterable[str] = ()) -> Cost:
        def work() -> Traffic:
            self.report()
            for name, body in bodies.items():
                self.put(name, body)
            for name in gone:
                self.delete(name)
            return self.traffic

        self.traffic = Traffic()
        return measured(what, work)


def bodies(store: Store) -> dict[str, str]:
    """What FollowSync wrote, to be written again by the bare loop."""
    with store.reading() as tx:
        return {row.href.rpartition("/")[2]: row.raw for row in tx.written("dana", "phone") if row.raw}


def compare(bench: Bench, bare: Bare) -> Iterator[Cost]:
    bench.fill()
    yield bench.sync(f"first sync of {bench.count:,}")
    before = bodies(bench.store)
    yield bare.sync("  the bare loop", before)
    yield bench.sync("second sync")
    yield bare.sync("  the bare loop", {})
    bench.change()
    yield bench.sync(f"after {CHANGED} changes")
    after = bodies(bench.store)
    changed = {name: body for name, body in after.items() if before.get(name) != body}
    yield bare.sync("  the bare loop", changed, before.keys() - after.keys())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=200)
    parser.add_argument("--full", action="store_true", help="1,000 actions")
    asked = parser.parse_args()
    count = 1000 if asked.full else asked.count
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "server").mkdir()
        server = stack.enter_context(servers.radicale(folder / "server"))
        bench, bare = Bench(server, folder, count), Bare(server)
        stack.callback(bench.store.close)
        print(f"Radicale on loopback, {count:,} actions. Bytes are those of the bodies.\n\n{HEADER}")
        for cost in compare(bench, bare):
            print(cost.row(), flush=True)


if __name__ == "__main__":
    main()
