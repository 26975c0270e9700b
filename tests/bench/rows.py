"""The lines of the table, in the order in which they are measured."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import icalendar

from tests.bench.measure import Cost, Measured, measured, middle
from tests.bench.ours import InMemory
from tests.bench.placing import Crowd
from tests.bench.sites import QUIET, BareOneByOne, BareSite, OneByOne, OurSite, Site, VdirSite, opened
from tests.bench.vdir import installed

PARTS = ("placing", "memory", "first", "changes", "abreast")
_FLOOR = 200  # entries read and written by icalendar alone


@dataclass(frozen=True, slots=True)
class Size:
    """``first``: sizes of a first sync; ``repeats`` of each. ``local``, ``remote``: how many change; ``quiet``: sizes of what stands in
    memory when nothing happens; ``growth``: two sizes of a first sync in memory; ``abreast``: new entries at 1 and at 4 connections;
    ``crowd``: prospects that are placed, beside so many busy events."""

    servers: tuple[str, ...]
    latencies: tuple[int, ...]
    first: tuple[int, ...]
    repeats: int
    local: tuple[int, ...]
    remote: tuple[int, ...]
    quiet: tuple[int, ...]
    growth: tuple[int, int]
    abreast: int
    crowd: tuple[int, int] = (10_000, 2_000)


BOTH = ("radicale", "xandikos")
QUICK = Size(BOTH, (0, 50), (200,), 1, (10,), (1, 100), (10, 100, 1000), (100, 1000), 40)
FULL = Size(BOTH, (0, 50), (200, 1000), 3, (10, 100), (1, 100, 250), (10, 100, 1000, 10_000), (1000, 10_000), 200)


class Bench:
    """``size``: how much. Everything is made anew in ``folder``, which is empty."""

    def __init__(self, size: Size, folder: Path) -> None:
        self.size, self.folder = size, folder
        self._bodies: dict[int, Mapping[str, str]] = {}

    def rows(self, parts: Collection[str] = PARTS) -> Iterator[Cost]:
        if "placing" in parts:
            yield from self.placing()
        if "memory" in parts:
            yield from self.in_memory()
        for server in self.size.servers:
            for latency in self.size.latencies:
                for count in self.size.first if "first" in parts else ():
                    yield from self.first(server, latency, count)
                if "changes" in parts:
                    yield from self.changes(server, latency)
            if "abreast" in parts:
                yield from self.abreast(server)

    # -- without a server: the plan, the engine, and what grows

    def placing(self) -> Iterator[Cost]:
        """The same items with placement and without, in turn, so that what else the machine does meets both."""
        crowd = Crowd(*self.size.crowd)
        told: dict[str, list[Measured]] = {"placed": [], "not placed": []}
        for _ in range(self.size.repeats):
            told["not placed"].append(measured(crowd.not_placed))
            told["placed"].append(measured(crowd.placed))
        for client, several in told.items():
            yield Cost("none", 0, "plan into items", crowd.prospects, client, *middle(several))

    def in_memory(self) -> Iterator[Cost]:
        yield Cost("none", 0, "read and render", _FLOOR, "icalendar", *measured(self._icalendar))
        for count in sorted({*self.size.quiet, *self.size.growth}):
            with self._new() as folder:
                one = InMemory(folder)
                one.fill(count)
                first = measured(one.sync, after=one.keep)
                quiet = measured(one.daemon(), times=QUIET, warm=4)
                self._bodies[count] = one.bodies()
            yield Cost("memory", 0, "first sync", count, "followsync", *first)
            yield Cost("memory", 0, "no news", count, "followsync", *quiet)

    def _icalendar(self) -> None:
        text = next(iter(self.bodies(1).values()))
        for _ in range(_FLOOR):
            icalendar.Calendar.from_ical(text).to_ical(sorted=False)

    def bodies(self, count: int) -> Mapping[str, str]:
        """What FollowSync writes for so many, to be written by others too."""
        if count not in self._bodies:
            with self._new() as folder:
                one = InMemory(folder)
                one.fill(count)
                measured(one.sync)
                self._bodies[count] = one.bodies()
        return self._bodies[count]

    # -- with a server

    def clients(self) -> list[type[Site]]:
        return [OurSite, BareSite, *([VdirSite] if installed() else [])]

    def first(self, server: str, latency: int, count: int) -> Iterator[Cost]:
        """Each time with a server of its own, all clients in turn, so that what else the machine does meets them all."""
        told: dict[str, list[Measured]] = {}
        for _ in range(self.size.repeats):
            for kind in self.clients():
                with self._new() as folder, opened(kind, folder, server, latency, self.bodies(count)) as site:
                    told.setdefault(kind.client, []).append(site.first())
        for client, several in told.items():
            yield Cost(server, latency, "first sync", count, client, *middle(several))

    def changes(self, server: str, latency: int) -> Iterator[Cost]:
        """What follows on a first sync of as many as change at once, and some more."""
        count = max(*self.size.local, *self.size.remote) + 50
        for kind in self.clients():
            with self._new() as folder, opened(kind, folder, server, latency, self.bodies(count)) as site:
                site.first()
                if isinstance(site, OurSite):
                    yield Cost(server, latency, "second sync", count, kind.client, *site.again())
                yield Cost(server, latency, "no news", count, kind.client, *site.quiet())
                for several in self.size.local:
                    yield Cost(server, latency, "local changes", several, kind.client, *site.local(several))
                for several in self.size.remote:
                    yield Cost(server, latency, "remote changes", several, kind.client, *site.remote(several))

    def abreast(self, server: str) -> Iterator[Cost]:
        """The same requests by FollowSync and by the bare loop, at 1 and at 4 connections, 50 ms each: new entries on a known calendar."""
        count, latency = self.size.abreast, 50
        for kind in (OneByOne, BareOneByOne, OurSite, BareSite):
            told = []
            for _ in range(self.size.repeats):
                with self._new() as folder, opened(kind, folder, server, latency, self.bodies(count)) as site:
                    told.append(_more(site, count))
            yield Cost(server, latency, "new entries", count, kind.client, *middle(told))

    @contextlib.contextmanager
    def _new(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Path(folder)


def _more(site: Site, count: int) -> Measured:
    if not isinstance(site, OurSite):
        return site.first()
    bodies, site.bodies = site.bodies, {}
    site.first()  # makes the calendar, and nothing stands there
    site.bodies = bodies
    return site.more(count)
