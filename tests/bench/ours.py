"""FollowSync as the bench drives it: a store with promises in the days ahead, and one target that is a server or a calendar in memory."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from followsync.calendars.base import Calendar
from followsync.calendars.caldav import open_caldav
from followsync.calendars.memory import MemoryCalendar, MemoryServer
from followsync.config import Settings, load
from followsync.core.history import Captured, Promised
from followsync.core.prospect import Prospect
from followsync.core.target import TargetState
from followsync.cycle import Cycle
from followsync.store import Store, open_store
from tests.servers import Server

ZONE = ZoneInfo("America/Detroit")
NOW = datetime(2026, 1, 5, 9, tzinfo=ZONE)
_A_DAY = 30  # promises
_CONFIG = """\
reps:
  dana: {{timezone: America/Detroit, capacity: 1000, targets: [phone]}}
targets:
  phone: {{type: caldav, url: "{url}", username: "{username}", password: {{env: FOLLOWSYNC_BENCH_PASSWORD}}, calendar: Follow-ups}}
"""


class Ours:
    """``folder``: config and store. ``connections``: how many writes at a time, None for as many as it takes by itself."""

    def __init__(self, folder: Path, server: Server, connections: int | None = None) -> None:
        self.folder, self.server, self.connections = folder, server, connections
        folder.mkdir(parents=True, exist_ok=True)

    def fill(self, count: int, first: int = 0) -> None:
        """So many open prospects, each with a call that was agreed."""
        store = open_store(self._database)
        with store.writing() as tx:
            for number in range(first, first + count):
                who = Prospect(f"diner-{number}", "dana", f"Diner {number}", person="Jenny", phone="248.867.5309")
                start = NOW + timedelta(days=1 + number // _A_DAY, minutes=15 * (number % _A_DAY))
                call = Promised(NOW, "bench", "call", start.date(), start, purpose="determine next steps")
                tx.capture(who, Captured(NOW, "bench"), call)
        store.close()

    def change(self, count: int, phone: str) -> None:
        """Another number for so many prospects: one entry each says something else."""
        store = open_store(self._database)
        with store.writing() as tx:
            for who in tx.prospects("dana")[:count]:
                tx.save(replace(who, phone=phone))
        store.close()

    def sync(self) -> None:
        """One cycle, from opening the store on; it finds or makes the calendar the first time."""
        store = open_store(self._database)
        try:
            self.cycle(store, self.settings())
        finally:
            store.close()

    def daemon(self) -> Callable[[], None]:
        """One cycle of a process that has its store open already, each time it is called."""
        opened: list[tuple[Store, Settings]] = []

        def cycle() -> None:
            if not opened:
                opened.append((open_store(self._database), self.settings()))
            self.cycle(*opened[0])

        return cycle

    def cycle(self, store: Store, settings: Settings) -> None:
        """Raises RuntimeError where the cycle says that something went wrong."""
        report = Cycle(settings, "dana", store, NOW, opener=self.open).run(force=True).targets["phone"]
        if report.error:
            raise RuntimeError(f"The sync failed: {report.error}")

    def open(self, target: Any, state: TargetState) -> Calendar:
        calendar = open_caldav(
            url=target.url,
            username=target.username,
            password=self.server.password,
            calendar=target.calendar,
            timeout=120,
            zone=ZONE,
            clock=lambda: NOW,
            collection=state.collection,
            capabilities=state.capabilities,
        )
        if self.connections:
            calendar.connections = self.connections
        return calendar

    def settings(self) -> Settings:
        path = self.folder / "config.yaml"
        if not path.exists():
            path.write_text(_CONFIG.format(url=self.server.url, username=self.server.username))
        return load(path)

    def bodies(self) -> dict[str, str]:
        """File name -> text of what stands on the calendar, to be written again by others."""
        return {name: raw for name, (_, raw) in self._rows().items()}

    def etags(self) -> dict[str, str]:
        return {name: etag for name, (etag, _) in self._rows().items()}

    def _rows(self) -> dict[str, tuple[str, str]]:
        store = open_store(self._database)
        with store.reading() as tx:
            rows = tx.written("dana", "phone")
        store.close()
        return {row.href.rpartition("/")[2]: (row.etag or "", row.raw) for row in rows if row.raw}

    def collection(self) -> str:
        """The address of the calendar that the first sync found or made."""
        store = open_store(self._database)
        with store.reading() as tx:
            state = tx.target_state("dana", "phone")
        store.close()
        return state.collection.rpartition("\n")[2]

    @property
    def _database(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"


class InMemory(Ours):
    """The same against a calendar in memory, which costs next to nothing itself: what is left is the engine. Between two measurements,
    which are processes, the calendar is a file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Server("http://127.0.0.1:9/"))
        self.calendar: MemoryServer | None = None

    def open(self, target: Any, state: TargetState) -> Calendar:
        if self.calendar is None:
            file = self._file
            self.calendar = pickle.loads(file.read_bytes()) if file.exists() else MemoryServer()
        return MemoryCalendar(self.calendar, ZONE)

    def keep(self) -> None:
        self._file.write_bytes(pickle.dumps(self.calendar))

    @property
    def _file(self) -> Path:
        return self.folder / "calendar"


def edited(raw: str, location: str) -> str:
    """The text with another place, as a phone would change it."""
    lines = [line for line in raw.split("\r\n") if not line.startswith("LOCATION")]
    with suppress(ValueError):
        lines.insert(lines.index("END:VEVENT"), f"LOCATION:{location}")
    return "\r\n".join(lines)
