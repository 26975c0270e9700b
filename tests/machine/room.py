"""A rep, a real store and calendars in memory: the room in which cycles are tried. Times are of America/Detroit unless said."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event

from followsync.agreements import agreed
from followsync.calendars import open_calendar
from followsync.calendars.base import Calendar
from followsync.calendars.google import GoogleCalendar, open_google
from followsync.calendars.google_login import GoogleLogin
from followsync.calendars.google_pace import Bucket
from followsync.calendars.memory import MemoryCalendar, MemoryServer
from followsync.config import Settings, load
from followsync.config.secret import Secret
from followsync.core.answers import touched
from followsync.core.daily_page import page_id
from followsync.core.history import Captured, Entry, Promised, Result
from followsync.core.item import Item
from followsync.core.operations import OURS
from followsync.core.plan import Action
from followsync.core.prospect import Prospect
from followsync.core.wording import is_record
from followsync.cycle import Cycle, Report
from followsync.picture import stance
from followsync.pull import GRACE
from followsync.store import Store
from followsync.store.sqlite import Sqlite
from followsync.store.tables import metadata
from tests import stores
from tests.dav.personalities import GOOGLE, Personality
from tests.dav.server import DavServer, Host, mounted
from tests.google.place import GooglePlace, PlaceDoor
from tests.google.reading import ProductReading
from tests.google.wire import Transport
from tests.machine.apps import ZONE, app_of
from tests.machine.death import Death, Killed, MortalCalendar, MortalStore
from tests.stores import new_store

MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=ZONE)

CONFIG = """\
reps:
  dana:
    timezone: America/Detroit
    daily_page: off
    holidays: US-MI
    targets: [phone]
targets:
  phone: {type: caldav, url: "https://dav.example.org/", calendar: Follow-ups}
cadences:
  worksheet:
    for: {stage: pitched}
    start: met
    min_gap: 7 days
    steps:
      - {after: 3 days, method: email, purpose: say thanks}
      - {id: first-call, after: 3 weeks, method: call, purpose: set a meeting with the real decision makers}
      - {every: 90 days, from: first-call, method: email, purpose: see if the competition has dropped the ball}
      - {every: 4 months, from: first-call, method: call, purpose: tell them of a price or terms change, window: morning}
"""

_AT_DAV = 'type: caldav, url: "https://dav.example.org/"'
_AT_GOOGLE = "type: google, client_secrets: {file: none.json}, token: {file: none.json}, tasks: Follow-ups"

_ALL = {
    table.name: f"SELECT '{table.name}', * FROM {table.name} ORDER BY {', '.join(table.primary_key.columns.keys())}"
    for table in metadata.sorted_tables
}


class Room:
    """``servers``: target -> where its entries stand. ``now`` is the one clock; calendars and cycles are told it.

    With a ``personality``, the calendars are those of a CalDAV server in memory (``host``), and the cycles use the real client.
    """

    def __init__(self, folder: Path, config: str = CONFIG, now: datetime = MONDAY, personality: Personality | None = None) -> None:
        self.folder = folder
        self.now = now
        self.personality = personality
        self.servers: dict[str, MemoryServer] = {}
        self.typed: dict[str, str] = {}  # href -> target, of entries that the rep typed as follow-ups
        self.file = folder / "store.db"
        self.store = new_store(self.file)
        if stores.kind == "sqlite":
            event.listen(self.store._engine, "do_connect", self._connect)
        self.host = Host()
        self._doors: dict[str, PlaceDoor] = {}
        self._open = ExitStack()
        if personality:
            self._open.enter_context(mounted(self.host))
        self.configure(config)

    def configure(self, config: str) -> None:
        path = self.folder / "config.yaml"
        if self.personality == GOOGLE:
            config = config.replace(_AT_DAV, _AT_GOOGLE)
        path.write_text(config, encoding="utf-8")
        self.settings: Settings = load(path)
        for name, target in self.settings.targets.items():
            if target.type in ("caldav", "google") and name not in self.servers:
                self.servers[name] = self._made(name, target.calendar)

    def _made(self, name: str, label: str) -> MemoryServer:
        if not self.personality:
            return MemoryServer(name)
        if self.personality == GOOGLE:
            return self._made_at_google(name, label)
        made = DavServer(name, self.personality, label=label, now=self.now)
        self.host.collections[made.path] = made
        return made

    def _made_at_google(self, name: str, label: str) -> GooglePlace:
        place = GooglePlace(name, label, "Follow-ups", ProductReading(), now=self.now)
        self._doors[name] = PlaceDoor(place, self._moment)
        told = place.google.authorized_user(place.client, "dana@example.org", "calendar.app.created", "tasks")
        self._token_file(name).write_text(json.dumps(told | {"calendars": {label: place.calendar.id}}))
        return place

    def _token_file(self, name: str) -> Path:
        return self.file.with_name(f"{name}.json")

    def _moment(self, place: str, method: str, path: str) -> None:
        """What the one host is to all servers of CalDAV."""
        self.host.requests += place == "before"
        self.host.moment(place, method, path)

    def _open_google(self, target: Any, state: Any) -> GoogleCalendar:
        place, door = self.servers[state.target], self._doors[state.target]

        def post(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
            response, body = Transport(door).request(url, "POST", urlencode(form))
            return response.status, body

        client = json.dumps(place.google.grants.client_config(place.client, place.google.root))
        login = GoogleLogin(client, Secret(file=str(self._token_file(state.target))), post, (), clock=lambda: self.now)
        opened = open_google(
            login,
            root=place.google.root,
            calendar=target.calendar,
            tasks=target.tasks,
            timeout=5,
            zone=ZONE,
            clock=lambda: self.now,
            collection=state.collection,
            http=lambda: Transport(door),
        )
        opened._wire.bucket = Bucket(now=lambda: 0.0, wait=lambda seconds: None)
        return opened

    @property
    def server(self) -> MemoryServer:
        """Of the first target."""
        return next(iter(self.servers.values()))

    @property
    def guards(self) -> bool:
        """Whether the server can refuse to overwrite what is no longer what was read."""
        return self.personality is None or self.personality.guards

    # --- the daemon

    def open(self, target: Any, state: Any) -> Calendar:
        server = self.servers[state.target]
        server.now = self.now if not self.personality else max(self.now, server.now)  # that server's clock goes on by itself
        if not self.personality:
            return MemoryCalendar(server, ZONE)
        if self.personality == GOOGLE:
            return self._open_google(target, state)
        opened = open_calendar(target, zone=ZONE, clock=lambda: self.now, collection=state.collection, capabilities=state.capabilities)
        opened.connections = 1  # one after the other, so that whatever happens happens in the same order each time
        return opened

    def new_cycle(self, **more: Any) -> Cycle:
        return Cycle(
            self.settings, "dana", more.pop("store", self.store), self.now, opener=more.pop("opener", self.open), threads=1, **more
        )

    def dying_cycle(self, death: Death) -> None:
        """A cycle during which the process is killed: at one of its commits, or at one of its requests."""
        self.host.moment = lambda place, method, path: death.moment()

        def opener(target: Any, state: Any) -> Calendar:
            return self.open(target, state) if self.personality else MortalCalendar(self.open(target, state), death)

        try:
            with suppress(Killed):
                self.new_cycle(store=MortalStore(self.store, death), opener=opener).run(force=True)
        finally:
            self.host.moment = lambda place, method, path: None

    def begin_again(self, folder: Path) -> None:
        """In a fork: with a copy of the store's files, as they are at this moment. What the other process holds open is neither used nor
        closed. The engine stays, for it remembers how each question is put; its connections are new ones, to the copy."""
        folder.mkdir()
        for name in ("store.db", "store.db-wal", *(f"{target}.json" for target in self._doors)):
            if (self.file.with_name(name)).exists():
                shutil.copyfile(self.file.with_name(name), folder / name)
        self._left = self.store._engine.pool
        self.store._engine.dispose(close=False)
        if stores.kind == "sqlite":
            self._use(folder / "store.db")
        else:
            stored = stores.contents(self.file)
            self.file = folder / "store.db"
            self.store = new_store(self.file)
            stores.put(self.file, stored)

    def _use(self, file: Path) -> None:
        """Go on with what lies there now. The engine stays."""
        database = self.store.database
        assert isinstance(database, Sqlite)
        self.file = database.path = file
        database.accept()
        self.store = Store(database)

    def tokens(self) -> dict[str, str]:
        """target -> the sign-in that is kept beside the store."""
        return {name: self._token_file(name).read_text() for name in self._doors}

    def stored(self) -> tuple[bytes, dict[str, str]]:
        """All that the store holds, and the sign-ins; nothing may be under way."""
        self.store._engine.dispose()  # its last connection writes everything into the one file
        held = self.file.read_bytes() if stores.kind == "sqlite" else pickle.dumps(stores.contents(self.file))
        return held, self.tokens()

    def rows(self) -> list[tuple[object, ...]]:
        """All rows of all tables, in the order of their keys; nothing may be under way."""
        with self.store.database.looking() as connection:
            return [tuple(row) for table in metadata.sorted_tables for row in connection.exec_driver_sql(_ALL[table.name])]

    def put_back(self, stored: tuple[bytes, dict[str, str]]) -> None:
        """Go on with what was there then."""
        self.store._engine.dispose()
        if stores.kind == "sqlite":
            for path in self.file.parent.glob(f"{self.file.name}*"):
                path.unlink()
            self.file.write_bytes(stored[0])
            self._use(self.file)
        else:
            stores.put(self.file, pickle.loads(stored[0]))
            self.store = Store(self.store.database)
        for name, token in stored[1].items():
            self._token_file(name).write_text(token)

    def _connect(self, dialect: Any, record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        arguments[0] = str(self.file)

    def list_everything(self) -> None:
        """Make it time for the listing of everything that comes by itself after some days."""
        with self.store.writing() as tx:
            for name in self.servers:
                tx.save_target_state(replace(tx.target_state("dana", name), cursor="", last_full=None))

    def cycle(self, now: datetime | None = None, **how: Any) -> Report:
        self.now = now or self.now
        return self.new_cycle().run(**how)

    def believe(self, **how: Any) -> Report:
        """A cycle, and one a little later: only then is a deletion believed."""
        self.cycle(**how)
        return self.cycle(self.now + GRACE, **how)

    def writes(self) -> int:
        return sum(server.writes for server in self.servers.values())

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing may be written to a calendar inside."""
        before = self.writes()
        yield
        assert self.writes() == before, "a cycle without news wrote to a calendar"

    # --- the rep at the terminal

    def capture(self, name: str, **fields: Any) -> Prospect:
        more = {key: fields.pop(key) for key in tuple(fields) if key not in Prospect.__dataclass_fields__}
        prospect = Prospect(fields.pop("id", name.lower().replace(" ", "-")), "dana", name, **fields, fields=more)
        with self.store.writing() as tx:
            tx.capture(prospect, Captured(self.now, "cli"))
        return prospect

    def say(self, prospect: str, *entries: Entry) -> None:
        with self.store.writing() as tx:
            tx.append(prospect, *entries)

    def promise(self, prospect: str, text: str) -> Promised:
        """What was agreed, typed at the terminal outside any touch: ``thu 2pm call to send the quote``."""
        cycle = self.new_cycle()
        fact = agreed(text, now=self.now, via="cli", rep=cycle.rep, rules=cycle.rules, like=self.action(prospect))
        assert fact is not None, text
        self.say(prospect, fact)
        return fact

    def log(self, prospect: str, result: Result, text: str = "", note: str = "") -> None:
        """``log WHO OUTCOME``: the next action is answered; ``next`` with what was agreed."""
        action = self.action(prospect)
        assert action is not None
        self.say(prospect, touched(action, result, self.now, "cli", note=note))
        if result is Result.NEXT:
            self.promise(prospect, text)

    def action(self, prospect: str) -> Action | None:
        """The next action as the rules have it now; None where the prospect is closed."""
        cycle = self.new_cycle()
        with self.store.reading() as tx:
            known = tx.prospect(prospect)
            assert known is not None
            found = stance(known, tx.history(prospect), cycle.rules, cycle.rep, self.now).actions
        return found[0] if found else None

    def edit(self, prospect: str, **fields: Any) -> None:
        with self.store.writing() as tx:
            known = tx.prospect(prospect)
            assert known is not None
            tx.save(replace(known, **fields))

    def history(self, prospect: str) -> tuple[Entry, ...]:
        with self.store.reading() as tx:
            return tx.history(prospect)

    def lose_the_store(self) -> None:
        self.store.close()
        stores.lose(self.folder / "store.db")
        self.store = new_store(self.folder / "store.db")

    # --- what stands on the calendars

    def items(self, target: str = "") -> dict[str, Item]:
        """href -> entry, of ours for a prospect."""
        found = {href: item for href, item in self._ours(target).items() if item.prospect}  # what was typed is ours once it was written
        return dict(sorted(found.items(), key=lambda pair: (pair[1].start, pair[0])))

    def pages(self, target: str = "") -> dict[str, Item]:
        """href -> page of the day."""
        return {href: item for href, item in self._ours(target).items() if item.action == page_id("dana")}

    def _ours(self, target: str) -> dict[str, Item]:
        server = self.servers[target] if target else self.server
        ours = [href for href in server.entries if href in self.typed or href.rpartition("/")[2].startswith(OURS)]
        app = app_of(server)
        return {href: app.read(href) for href in ours}

    def open_items(self, prospect: str = "", target: str = "") -> dict[str, Item]:
        """Those that wait for the rep."""
        return {
            href: item
            for href, item in self.items(target).items()
            if not (is_record(item) or item.done) and (not prospect or item.prospect == prospect)
        }

    def href(self, prospect: str, target: str = "") -> str:
        """Where the only open entry of the prospect stands."""
        (href,) = self.open_items(prospect, target)
        return href

    def item(self, prospect: str, target: str = "") -> Item:
        (item,) = self.open_items(prospect, target).values()
        return item

    def close(self) -> None:
        self.store.close()
        self._open.close()
