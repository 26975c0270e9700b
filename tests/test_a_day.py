"""A day of the daemon in some seconds: its own loop on a clock that the test moves, the real cycle and CalDAV client, a rep who works, a
server that breaks off one request in a hundred and is away over noon. Nothing may be lost or doubled, the log must be one that a person can
read, and what the process holds must not grow."""

from __future__ import annotations

import gc
import io
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from followsync import daemon, log, loop
from followsync.calendars.memory import Faults
from followsync.config import Settings
from followsync.core.history import Captured, Dismissed, Moved, Noted, Result, Touched
from followsync.cycle import Report
from followsync.daemon import Daemon
from followsync.loop import Progress
from followsync.store import Store, open_store
from tests.dav.personalities import PERSONALITIES
from tests.machine.room import CONFIG, MONDAY, Room
from tests.test_daemon import AtOnce, Heard, Waiter

PEOPLE = 60
BEGIN = MONDAY.replace(hour=6)
HOUR = 3600.0
AWAY = (12 * HOUR, 13 * HOUR)  # seconds after midnight: nobody answers
CONFIG_MORE = "sync: {every: 5 minutes}\n"


class Weather(Faults):
    """Each request breaks by chance: a reading, a write before it is done, or one whose answer is lost."""

    def __init__(self, chance: Random, rate: float, now: Callable[[], datetime]) -> None:
        self.chance, self.rate, self.now = chance, rate, now
        self.broke = 0
        super().__init__()

    @property
    def away(self) -> bool:
        midnight = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return self.rate > 0 and AWAY[0] <= (self.now() - midnight).total_seconds() < AWAY[1]

    @property
    def reads(self) -> int:
        return self._struck()

    @reads.setter
    def reads(self, _: int) -> None:
        """There is no counting down."""

    def breaks(self, name: str) -> bool:
        return bool(self._struck(1 if name == "before" and self.away else 0.5))

    def _struck(self, share: float = 1.0) -> int:
        hit = self.away or self.chance.random() < self.rate * share
        self.broke += hit
        return int(hit)


class Manager(Heard):
    """Keeps nothing of what it hears: else that would be what grows."""

    def send(self, **state: str | int) -> bool:
        return True


@dataclass
class Day:
    """The daemon and everything around it. ``does``: moment -> what the rep does then; ``expected``: prospect -> the facts of it."""

    room: Room
    weather: Weather
    chance: Random
    waiter: Waiter = field(default_factory=Waiter)
    heard: Heard = field(default_factory=lambda: Manager(watchdog=120.0))
    written: io.StringIO = field(default_factory=io.StringIO)
    expected: dict[str, list[type]] = field(default_factory=dict)
    cycles: int = 0
    held: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number in range(PEOPLE):
            person = self.room.capture(f"Person {number}", stage="pitched", met="2026-01-01", phone="248.867.5309")
            self.expected[person.id] = [Captured]
        self.free = sorted(self.expected)
        self.chance.shuffle(self.free)
        self.room.server.faults = self.weather

    def clock(self) -> datetime:
        return BEGIN + timedelta(seconds=self.waiter.now)

    def work(self, _settings: Settings, _rep: str, store: Store, now: datetime, progress: Progress) -> Report:
        self.cycles += 1
        self.room.now = now
        report = self.room.new_cycle(store=store, progress=progress).run()
        doubles = [who for who, several in Counter(item.prospect for item in self.room.open_items().values()).items() if several > 1]
        assert doubles == [], f"two open entries of one prospect at {now}"
        return report

    def script(self, hours: int) -> Iterator[Callable[[], object] | None]:
        """One turn of the loop each: something now and then in working hours, and every two hours a look at what is held, from the
        evening on, where nobody does anything any more."""
        told = 0
        while self.waiter.now < hours * HOUR:
            hour = int(self.waiter.now // HOUR)
            if hour % 2 == 0 and hour > told:
                told = hour
                yield lambda hour=hour: self.weigh(hour)
            elif 8 <= self.clock().hour < 17 and self.clock().minute % 7 == 0:
                yield self.act
            else:
                yield None

    def weigh(self, hour: int) -> None:
        if self.clock().hour >= 18 and not tracemalloc.is_tracing():
            tracemalloc.start()
        if tracemalloc.is_tracing():
            self.held[hour] = weighed()

    def act(self) -> None:
        """The rep touches each prospect once at most, so that what has to come of it is plain."""
        standing = {item.prospect: href for href, item in self.room.open_items().items()}
        who = next((one for one in self.free if one in standing), None)
        if who is None:
            return
        self.free.remove(who)
        href, server = standing[who], self.room.server
        item = server.phone_item(href)
        what = self.chance.choice(["move", "note", "done", "no answer", "delete", "capture", "log"])
        if what == "move":
            server.phone_move(href, self.clock().replace(hour=15, minute=30, second=0) + timedelta(days=2))
            self.expected[who].append(Moved)
        elif what == "note":
            server.phone_edit(href, body=f"likes tea\n{item.body}")
            self.expected[who].append(Noted)
        elif what in ("done", "no answer"):
            server.phone_edit(href, title=f"{what} {item.title}")
            self.expected[who].append(Touched)
        elif what == "delete":
            server.phone_delete(href)
            self.expected[who].append(Dismissed)
        elif what == "log":
            self.room.now = self.clock()
            self.room.log(who, Result.DONE)
            self.expected[who].append(Touched)
        else:
            self.room.now = self.clock()
            self.expected[self.room.capture(f"New {len(self.expected)}").id] = [Captured]

    def live(self, hours: int) -> None:
        log.set_up(form="journal", stream=self.written)
        self.waiter.script = self.script(hours)
        loop = Daemon(
            lambda: self.room.settings,
            self.clock,
            lambda _: open_store(f"sqlite:///{self.room.file}"),
            waiter=self.waiter,
            pool=AtOnce(),
            work=self.work,
            notifier=self.heard,
            jitter=self.chance.random,
        )
        self.waiter.daemon = loop
        assert loop.run() == 0

    def lines(self) -> list[str]:
        return self.written.getvalue().splitlines()


def weighed() -> tuple[int, int]:
    """Bytes that Python holds, and how many objects."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0], len(gc.get_objects())


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, int, float], Day]]:
    """A day with a server of that personality, a seed and a share of requests that break."""
    for module in (daemon, loop):
        monkeypatch.setattr(module, "LOOK", 60.0)
    rooms: list[Room] = []

    def begin(personality: str, seed: int, rate: float) -> Day:
        room = Room(tmp_path, CONFIG + CONFIG_MORE, now=BEGIN, personality=PERSONALITIES[personality])
        rooms.append(room)
        chance = Random(f"{personality} {seed}")
        return Day(room, Weather(chance, rate, lambda: room.now), chance)

    yield begin
    for room in rooms:
        room.close()


def settled(day: Day) -> None:
    """What holds once nothing breaks any more and nobody does anything: a few cycles are enough."""
    day.weather.rate = 0
    for _ in range(4):
        day.room.cycle(day.clock(), force=True)
        day.waiter.now += 300
    with day.room.quiet():
        day.room.cycle(day.clock(), force=True)
    standing = Counter(item.prospect for item in day.room.open_items().values())
    assert standing == Counter(list(day.expected))
    for who, facts in day.expected.items():
        assert [type(one) for one in day.room.history(who)] == facts, who


@pytest.mark.parametrize(("personality", "seed"), [("clean", 1), ("sogo", 3)])
def test_24_hours_with_faults(begun: Callable[[str, int, float], Day], personality: str, seed: int) -> None:
    day = begun(personality, seed, 0.01)
    try:
        day.live(24)
    finally:
        tracemalloc.stop()
    assert day.weather.broke > 5
    assert 288 <= day.cycles < 600, "every five minutes, and sooner where something happened"
    assert sum(len(facts) for facts in day.expected.values()) > PEOPLE + 40, "the rep did something"
    settled(day)
    the_log_can_be_read(day)
    nothing_grows(day)


def the_log_can_be_read(day: Day) -> None:
    lines = day.lines()
    assert all(re.match(r"<[3-6]>[a-z]", line) for line in lines)
    assert not [line for line in lines if "Traceback" in line or "Person" in line or "867.5309" in line]
    told = [line for line in lines if "why=" in line or "works again" in line]
    assert len([line for line in told if line.startswith("<4>the target fails")]) == len([one for one in told if "works again" in one])
    assert len(told) <= 2 * day.weather.broke
    assert len(lines) < 150, "some lines for each thing that the rep did, and two for each outage; none for a cycle without news"
    assert [one for one, two in pairwise(lines) if one == two and not one.startswith("<6>cycle")] == [], "the same, said again and again"


def nothing_grows(day: Day) -> None:
    """Nobody does anything from the evening on; at midnight the plan of the next day is another one, and after that it is the same too."""
    for before, after in ((14, 18), (20, 22)) if 22 in day.held else ((2, 4),):
        (bytes_before, objects_before), (bytes_after, objects_after) = day.held[before], day.held[after]
        assert bytes_after - bytes_before < 128 * 1024, day.held  # a broken request leaves its last words in a cache or two
        assert objects_after - objects_before < 500, day.held  # so ten for each cycle would be seen


def test_a_leak_would_be_seen(begun: Callable[[str, int, float], Day], monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: a loop that keeps something of each cycle is found."""
    day = begun("clean", 4, 0.0)
    day.free.clear()
    kept: list[list[int]] = []
    work = day.work

    def keeps(*arguments: Any) -> Report:
        kept.append([day.cycles] * 5000)
        return work(*arguments)

    monkeypatch.setattr(day, "work", keeps)
    tracemalloc.start()
    try:
        day.live(5)
    finally:
        tracemalloc.stop()
    assert len(kept) > 50
    with pytest.raises(AssertionError):
        nothing_grows(day)
    assert day.held[4][1] - day.held[2][1] < 500, "but for that one list for each cycle"
