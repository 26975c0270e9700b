"""What the figures should be (C1 to C9 of a sync, P1 of placement), what they are, and whether that is met. Said, never asserted: a machine
may have a bad day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from tests.bench.measure import Cost

US = "followsync"
_CHUNK = 100  # entries in one multiget


@dataclass(frozen=True, slots=True)
class Verdict:
    goal: str
    where: str
    figure: str
    wanted: str
    met: bool

    def row(self) -> str:
        return f"{self.goal:<4}{self.where:<66}{self.figure:>16}   {self.wanted:<24}{'met' if self.met else 'NOT MET'}"


class Table:
    def __init__(self, costs: Iterable[Cost]) -> None:
        self.costs = list(costs)

    def of(self, what: str, client: str = US, server: str = "") -> list[Cost]:
        """In the order of their counts; ``server``: "" for every one that is a real one."""
        found = [one for one in self.costs if (one.what, one.client) == (what, client)]
        return sorted((one for one in found if (one.server == server if server else one.server != "memory")), key=lambda one: one.count)

    def beside(self, one: Cost, client: str) -> Cost | None:
        """The same by another client."""
        same = (one.server, one.latency, one.what, one.count, client)
        return next((other for other in self.costs if (other.server, other.latency, other.what, other.count, other.client) == same), None)


def verdicts(costs: Iterable[Cost]) -> list[Verdict]:
    table = Table(costs)
    goals: Sequence[Callable[[Table], Iterator[Verdict]]] = (
        _no_news,
        _no_news_grows,
        _remote,
        _local,
        _first,
        _each_entry,
        _abreast,
        _growth,
        _placing,
    )
    return [one for goal in goals for one in goal(table)]


def _where(one: Cost) -> str:
    return f"{one.server}, {one.latency} ms: {one.what}, {one.count:,}"


def _at_most(goal: str, where: str, figure: float, most: float, form: str, unit: str = "") -> Verdict:
    return Verdict(goal, where, f"{figure:{form}}{unit}", f"at most {most:{form}}{unit}", figure <= most)


def _no_news(table: Table) -> Iterator[Verdict]:
    for one in table.of("no news"):
        yield _at_most("C1", _where(one), one.traffic.requests, 1, "d", " requests")
        yield _at_most("C2", _where(one), one.traffic.sent + one.traffic.received, 1024, "d", " bytes")


def _no_news_grows(table: Table) -> Iterator[Verdict]:
    rows = table.of("no news", server="memory")
    if len(rows) > 1:
        where = f"CPU without news, {rows[0].count:,} to {rows[-1].count:,}, in memory"
        yield _at_most("C3", where, rows[-1].times.cpu / rows[0].times.cpu, 1.2, ".2f", " times")
    for one in table.of("no news"):
        yield _at_most("C3", f"{_where(one)}, CPU", one.times.cpu * 1000, 5, ".1f", " ms")


def _remote(table: Table) -> Iterator[Verdict]:
    for one in table.of("remote changes"):
        yield _at_most("C4", _where(one), one.traffic.requests, 1 + ceil(one.count / _CHUNK), "d", " requests")


def _local(table: Table) -> Iterator[Verdict]:
    for one in table.of("local changes"):
        yield _at_most("C5", _where(one), one.traffic.writes, one.count, "d", " writes")
        yield _at_most("C5", _where(one), one.traffic.requests, one.count + 1, "d", " requests")


def _first(table: Table) -> Iterator[Verdict]:
    for one in table.of("first sync"):
        yield _at_most("C6", _where(one), one.traffic.requests, one.count + ceil(one.count / _CHUNK) + 10, "d", " requests")
        if bare := table.beside(one, "bare/4"):
            yield _at_most("C6", f"{_where(one)}, beside bare/4", one.times.wall / bare.times.wall, 1.35, ".2f", " times")
        if other := table.beside(one, "vdirsyncer"):
            yield _at_most("C6", f"{_where(one)}, beside vdirsyncer", one.times.wall / other.times.wall, 1, ".2f", " times")


def _each_entry(table: Table) -> Iterator[Verdict]:
    """``read and render`` is what icalendar alone takes to read and write such an entry, in the same run."""
    alone = next((one.times.cpu * 1000 / one.count for one in table.of("read and render", "icalendar")), None)
    for one in (*table.of("first sync"), *(one for one in table.of("remote changes") if one.count >= _CHUNK)):
        each = one.times.cpu * 1000 / one.count
        yield _at_most("C7", f"{_where(one)}, CPU an entry", each, 3, ".2f", " ms")
        if alone:
            yield _at_most("C7", f"{_where(one)}, beside icalendar", each / alone, 1.5, ".2f", " times")


def _abreast(table: Table) -> Iterator[Verdict]:
    for us, them, most in ((f"{US}/1", "bare/1", 1.15), (US, "bare/4", 1.25)):
        for one in table.of("new entries", us):
            if bare := table.beside(one, them):
                yield _at_most("C8", f"{_where(one)}, beside {them}", one.times.wall / bare.times.wall, most, ".2f", " times")


def _growth(table: Table) -> Iterator[Verdict]:
    rows = {one.count: one for one in table.of("first sync", server="memory")}
    for count, one in rows.items():
        if ten := rows.get(count * 10):
            # nothing is waited for there, so CPU time is the time it takes; wall time would be about what else the machine does
            where = f"first sync in memory, {count:,} to {count * 10:,}, CPU"
            yield _at_most("C9", where, ten.times.cpu / one.times.cpu, 11, ".1f", " times")
    for one in rows.values():
        yield _at_most("C9", f"{one.count:,} in memory, most held", one.times.memory, 60 + 3 * one.count / 1024, ".0f", " MB")


def _placing(table: Table) -> Iterator[Verdict]:
    for one in table.of("plan into items", "placed"):
        if bare := table.beside(one, "not placed"):
            where = f"{one.count:,} prospects beside a full calendar, CPU beside no placement"
            yield _at_most("P1", where, one.times.cpu / bare.times.cpu, 4, ".2f", " times")
