"""kill -9 at every moment of a cycle, against a real server, while the rep goes on editing with another program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests
import vobject

from followsync.config import load
from followsync.core.history import Captured, Dismissed, Moved, Noted, Result, Touched
from followsync.core.prospect import Prospect
from followsync.cycle import Cycle
from followsync.pull import GRACE
from followsync.store import Store, open_store
from tests import stores
from tests.machine.ledger import Act, Ledger
from tests.machine.room import CONFIG, MONDAY
from tests.servers import PASSWORD, Server

ROOT = Path(__file__).parents[1]
PEOPLE = 20
KILLS = 100
QUERY = (
    '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)
DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"


class Phone:
    """Another program on the same calendar: plain HTTP, and an iCalendar library that is not ours."""

    def __init__(self, server: Server, collection: str) -> None:
        self.collection, self.root = collection, server.url.rstrip("/")
        self.http = requests.Session()
        self.http.auth = (server.username, server.password)

    def listing(self) -> dict[str, str]:
        answer = self.http.request("REPORT", self.collection, data=QUERY, headers={"Depth": "1", "Content-Type": "application/xml"})
        answer.raise_for_status()
        tree = ElementTree.fromstring(answer.content)
        return {part.findtext(f"{DAV}href", ""): part.findtext(f".//{CAL}calendar-data", "") for part in tree.iter(f"{DAV}response")}

    def edit(self, href: str, **change: object) -> None:
        answer = self.http.get(self.root + href)
        book = vobject.readOne(answer.text)
        for name, value in change.items():
            getattr(book.vevent, name).value = value
        saved = self.http.put(
            self.root + href,
            data=book.serialize().encode(),
            headers={"If-Match": answer.headers["ETag"], "Content-Type": "text/calendar; charset=utf-8"},
        )
        saved.raise_for_status()

    def delete(self, href: str) -> None:
        self.http.delete(self.root + href).raise_for_status()


class Life:
    """A rep with many prospects; ``round`` is one bad night."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.config = folder / "config.yaml"
        phone = f'{{type: caldav, url: "{server.url}", username: dana, password: {{env: FOLLOWSYNC_KILL}}, calendar: Kills}}'
        before, _, after = CONFIG.partition("  phone: {")
        self.config.write_text(f"{before}  phone: {phone}\n{after.partition(chr(10))[2]}")
        self.settings = load(self.config)
        self.url = stores.url(folder / "store.db")
        self.store: Store = open_store(self.url)
        self.now = MONDAY
        self.ledger = Ledger()
        self.kills = 0
        self.server = server
        with self.store.writing() as tx:
            for number in range(PEOPLE):
                pitched = {"stage": "pitched", "fields": {"met": "2026-01-05"}} if number % 3 else {}
                tx.capture(Prospect(f"p{number}", "dana", f"Person {number}", phone="248.867.5309", **pitched), Captured(self.now, "cli"))
        self.people = [f"p{number}" for number in range(PEOPLE)]
        for one in self.people:
            self.ledger.skip(one, self.history(one))

    def history(self, prospect: str) -> tuple[object, ...]:
        with self.store.reading() as tx:
            return tx.history(prospect)

    def cycle(self) -> None:
        report = Cycle(self.settings, "dana", self.store, self.now).run(force=True)
        assert report.ok, report

    def killed(self, driver: subprocess.Popen[str], number: int) -> str:
        assert driver.stdin
        assert driver.stdout
        driver.stdin.write(f"{number} {self.now.isoformat()}\n")
        driver.stdin.flush()
        said = driver.stdout.readline().strip()
        self.kills += said == "killed"
        return said

    def phone(self) -> Phone:
        with self.store.reading() as tx:
            return Phone(self.server, tx.target_state("dana", "phone").collection.rpartition("\n")[2])

    def edit(self, phone: Phone, standing: Standing, number: int) -> None:
        """Four people at once: one entry is moved (a question is not), one gets a note, one is answered, one is deleted."""
        people = [f"p{(number * 7 + place * 5) % PEOPLE}" for place in range(4)]
        chosen = [(one, standing.open[one]) for one in people]
        (moved, to_move), (noted, to_note), (answered, to_answer), (deleted, to_delete) = chosen
        start = (self.now + timedelta(days=3)).replace(hour=11, minute=number % 60, second=7)
        if not to_move.asks:  # else it would be answered, which the machine looks after
            phone.edit(to_move.href, dtstart=start, dtend=start + timedelta(minutes=15))
            self._did(Moved, moved, to_move, start)
        phone.edit(to_note.href, description=f"note-{number}\n{to_note.body}")
        self.ledger.typed.add(f"note-{number}")
        self._did(Noted, noted, to_note, f"note-{number}")
        phone.edit(to_answer.href, summary=f"done {to_answer.title}")
        self._did(Touched, answered, to_answer, Result.DONE)
        phone.delete(to_delete.href)
        self._did(Dismissed, deleted, to_delete, None)

    def _did(self, what: type[object], prospect: str, entry: Event, detail: object) -> None:
        self.ledger.did(Act(what, prospect, entry.action, entry.href, detail))

    def check(self, phone: Phone) -> Standing:
        """Exactly one open entry for each prospect, no UID twice, and history as the rep made it."""
        standing = Standing.of(phone.listing())
        assert standing.doubles == []
        assert standing.open.keys() == set(self.people)
        histories = {one: self.history(one) for one in self.people}
        for one, history in histories.items():
            self.ledger.reconcile(one, history)
        assert self.ledger.missing(histories, self.now) == []
        return standing


class Event:
    def __init__(self, href: str, text: str) -> None:
        event = vobject.readOne(text).vevent
        self.href = href
        self.uid, self.title, self.body = event.uid.value, event.summary.value, event.description.value
        self.prospect, self.action = event.x_followsync_prospect.value, event.x_followsync_action.value
        self.asks = self.title.endswith(": drop, or when?")
        self.record = self.title.startswith(("✓", "✗", "↻", "→", "done "))  # answered, whether or not we have marked it yet


class Standing:
    """What stands there: ``open``: prospect -> its open entry; ``doubles``: what must not be there."""

    def __init__(self, events: list[Event]) -> None:
        self.open = {event.prospect: event for event in events if not event.record}
        counted = Counter(event.uid for event in events) + Counter(f"open of {event.prospect}" for event in events if not event.record)
        self.doubles = [name for name, times in counted.items() if times > 1]

    @classmethod
    def of(cls, listing: dict[str, str]) -> Standing:
        return cls([_event(href, text) for href, text in listing.items()])


@lru_cache(1024)
def _event(href: str, text: str) -> Event:
    return Event(href, text)


@pytest.fixture
def life(tmp_path: Path, radicale: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    monkeypatch.setenv("FOLLOWSYNC_KILL", PASSWORD)
    made = Life(tmp_path, radicale)
    yield made
    made.store.close()


@pytest.fixture
def driver(life: Life) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.machine.killed", str(life.config), life.url]
    environment = os.environ | {"FOLLOWSYNC_KILL": PASSWORD}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def test_kill_at_every_moment(life: Life, driver: subprocess.Popen[str]) -> None:
    first = [life.killed(driver, moment) for moment in (1, 2, 4, 6, 7, 12, 25)]
    assert set(first) == {"killed"}, "the first filling was not killed at each of these moments"
    life.cycle()
    phone = life.phone()
    standing = life.check(phone)
    moments: set[int] = set()
    number = 0
    while life.kills < KILLS:
        number += 1
        life.now += timedelta(minutes=7)
        life.edit(phone, standing, number)
        for moment in (number % 20 + 1, number * 7 % 20 + 1):  # the second one dies while it mends what the first one left
            said = life.killed(driver, moment)
            assert said in ("killed", "finished")
            moments |= {moment} if said == "killed" else set()
        assert Standing.of(phone.listing()).doubles == []
        life.cycle()
        life.now += GRACE
        life.cycle()
        standing = life.check(phone)
    assert moments >= set(range(1, 19)), "a cycle with news has at least so many moments"
