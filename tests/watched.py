"""A desk whose traffic goes through a proxy, a rep with six prospects, and the oracle of everything that can go wrong in between.

The phone goes to the server itself. Whatever the rep does there is noted down here, so that the oracle knows which facts may exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from operator import eq
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from followsync.config import Settings, load
from followsync.core.answers import touched
from followsync.core.history import Captured, Dismissed, Entry, Moved, Noted, Result, Touched
from followsync.core.prospect import Prospect
from followsync.cycle import Cycle, Report
from followsync.picture import stance
from followsync.store import Store, open_store
from followsync.writer import TargetReport
from tests import stores
from tests.phone import ZONE, Desk, Phone, Text
from tests.proxy import Proxy

GOLF = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Apple Inc.//iOS 18.1//EN\r\nBEGIN:VEVENT\r\nUID:golf-league\r\n"
    "DTSTAMP:20260101T000000Z\r\nDTSTART:20260108T210000Z\r\nDTEND:20260108T230000Z\r\nSUMMARY:Golf league\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
CADENCES = """\
  pitched:
    for: {stage: pitched}
    start: met
    steps:
      - {after: 3 days, method: email, purpose: say thanks}
      - {after: 3 weeks, method: call, purpose: set a meeting}
  far:
    for: {stage: far}
    start: met
    steps:
      - {after: 8 weeks, method: call, purpose: set a meeting}
"""
DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_EVERYTHING = (
    '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)
MARKS = ("✓", "✗", "↻", "→")
REST = 8  # cycles in which a fault must be healed, each a few minutes after the other
WRITES = ("PUT", "DELETE", "MKCALENDAR")


@lru_cache(64)
def _settings(path: Path, _text: str) -> Settings:
    return load(path)


class Eye(Phone):
    """A phone that asks for everything at once, and remembers where its calendar is."""

    @cached_property
    def collection(self) -> str:
        return super().collection

    def texts(self) -> dict[str, str]:
        answer = self._call("REPORT", self.collection, _EVERYTHING, {"Depth": "1", "Content-Type": "application/xml"})
        parts = ElementTree.fromstring(answer.content).iter(f"{DAV}response")
        return {part.findtext(f"{DAV}href", ""): part.findtext(f".//{CAL}calendar-data", "") for part in parts}


class Watched(Desk):
    """``now`` is a Monday morning before work. ``people``: the ids of the prospects; every other one was met, the others are undecided."""

    def __init__(self, proxy: Proxy, folder: Path, capsys: pytest.CaptureFixture[str], *, people: int = 6, stage: str = "") -> None:
        super().__init__(proxy.server, folder, capsys)
        self.proxy = proxy
        self.phone = Eye(proxy.behind, self.calendar)
        self.configure(cadences=CADENCES)
        self.people = [f"p{number}" for number in range(people)]
        self.facts: dict[str, Counter[type]] = {}
        self.foreign: dict[str, str] = {}
        self.typed: dict[str, str] = {}
        self.moved: dict[str, datetime] = {}
        self.captured(*(self.person(one, stage or ("pitched" if number % 2 else "")) for number, one in enumerate(self.people)))

    def begin(self) -> Watched:
        """A calendar with an entry that is the rep's own, and the first sync."""
        self.phone.make()
        self.adds("golf.ics", GOLF)
        self.good(self.sync_once())
        self.rest()
        self.proxy.forget()
        return self

    # -- at the terminal

    @staticmethod
    def person(key: str, stage: str = "") -> Prospect:
        return Prospect(
            key,
            "dana",
            f"Person {key[1:]}",
            phone=f"248.867.{5000 + int(key[1:])}",
            stage=stage,
            fields={"met": "2026-01-05"} if stage else {},
        )

    def captured(self, *people: Prospect) -> None:
        with self.open_store() as store, store.writing() as tx:
            for one in people:
                tx.capture(one, Captured(self.moment, "cli"))
                self.facts[one.id] = Counter([Captured])

    def closes(self, key: str) -> None:
        """``log KEY no``."""
        with self.open_store() as store, store.writing() as tx:
            cycle = self.new_cycle(store)
            known = tx.prospect(key)
            assert known is not None
            (action, *_) = stance(known, tx.history(key), cycle.rules, cycle.rep, self.moment).actions
            tx.append(key, touched(action, Result.NO, self.moment, "cli"))
        self.facts[key][Touched] += 1

    def edits(self, key: str, **fields: Any) -> None:
        with self.open_store() as store, store.writing() as tx:
            known = tx.prospect(key)
            assert known is not None
            tx.save(replace(known, **fields))

    def works(self) -> None:
        """One of each write waits: an entry to make, one to change, one to remove."""
        self.captured(self.person("p90"))
        self.edits("p4", phone="313.555.0123")
        self.closes("p5")

    # -- on the phone

    def hrefs(self) -> dict[str, str]:
        """prospect -> where its open entry stands, as the server shows it."""
        return {text.value("X-FOLLOWSYNC-PROSPECT"): href for href, text in self.ours().items() if not _record(text)}

    def ours(self) -> dict[str, Text]:
        read = {href: Text(raw) for href, raw in self.phone.texts().items()}
        return {href: text for href, text in read.items() if text.value("X-FOLLOWSYNC-PROSPECT")}

    def adds(self, name: str, text: str) -> str:
        """An entry that is none of ours."""
        href = self.phone.add(name, text)
        self.foreign[href] = self.phone.get(href)
        return href

    def moves(self, key: str, *, hour: int = 15, href: str = "") -> None:
        start = datetime(2026, 1, 29, hour, 40, tzinfo=ZONE)
        self.phone.move(href or self.hrefs()[key], start, start + timedelta(minutes=15))
        self.facts[key][Moved] += 1
        self.moved[key] = start

    def notes(self, key: str, text: str = "likes blue", *, href: str = "") -> None:
        self.phone.note(href or self.hrefs()[key], text)
        self.facts[key][Noted] += 1
        self.typed[key] = text

    def deletes(self, *keys: str, asked: bool = True) -> None:
        """``asked``: it will be asked about, as a deletion that somebody meant."""
        hrefs = self.hrefs()
        for key in keys:
            self.phone.delete(hrefs[key])
            self.facts[key][Dismissed] += asked

    def lives(self) -> None:
        """The rep moves one entry, types into another, and deletes a third."""
        self.moves("p0")
        self.notes("p1")
        self.deletes("p2")

    # -- the program

    def open_store(self) -> closing[Store]:
        return closing(self.store())

    def new_cycle(self, store: Store) -> Cycle:
        return Cycle(_settings(self.path, self.path.read_text()), "dana", store, self.moment)

    def sync_once(self, *, force: bool = True) -> TargetReport:
        """One cycle: of a ``sync`` (``force``), or of the daemon, which heeds a breaker."""
        return self.whole_cycle(force=force).targets["phone"]

    def whole_cycle(self, *, force: bool = True) -> Report:
        with self.open_store() as store:
            return self.new_cycle(store).run(force=force)

    def every(self, hours: float, times: int) -> Iterator[TargetReport]:
        """The daemon's cycles, one each so many hours."""
        with self.open_store() as store:
            for _ in range(times):
                yield self.later(hours=hours).new_cycle(store).run().targets["phone"]

    def store(self) -> Store:
        return open_store(stores.url(self.folder / "store.db"), wait=0.2)

    def later(self, **by: float) -> Watched:
        self.now = (self.moment + timedelta(**by)).replace(tzinfo=None).isoformat()
        return self

    @staticmethod
    def good(report: TargetReport) -> TargetReport:
        assert (report.error, report.quarantined, report.pending) == ("", 0, 0), report
        return report

    def rest(self) -> None:
        """Cycles until two in a row ask once and write nothing: one alone may be waiting whether a deletion holds."""
        reports: list[TargetReport] = []
        calm = 0
        while calm < 2:
            assert len(reports) < REST, f"it does not come to rest: {reports}"
            self.proxy.forget()
            reports.append(self.later(minutes=3).sync_once())
            assert reports[-1].requests == len(self.proxy.log), "it miscounts its requests"
            quiet = not reports[-1].error and len(self.proxy.log) == 1 and not self.proxy.requests(*WRITES)
            calm = calm + 1 if quiet else 0

    def quiet(self) -> None:
        """Another cycle asks one question and writes nothing."""
        self.proxy.forget()
        self.good(self.later(minutes=1).sync_once())
        assert [one.method for one in self.proxy.log] == ["REPORT"]

    # -- the oracle

    def proof(self, *, heal: bool = True, facts: Callable[[Counter[type], Counter[type]], bool] = eq) -> None:
        """Everything that must hold once a fault is over. ``heal``: it is; else the server is like that. ``facts``: how what history holds
        must compare with what the rep did."""
        if heal:
            self.proxy.heal()
        self.rest()
        texts = self.ours()
        with self.open_store() as store, store.reading() as tx:
            listed = [one.id for one in tx.prospects(open_only=True)]
            histories = {key: tx.history(key) for key in self.facts}
        standing = Counter(text.value("X-FOLLOWSYNC-PROSPECT") for text in texts.values() if not _record(text))
        assert standing == Counter(listed), f"not one open entry each: {standing - Counter(listed)} {Counter(listed) - standing}"
        assert [uid for uid, times in Counter(text.value("UID") for text in texts.values()).items() if times > 1] == []
        found = {key: Counter(map(type, history)) for key, history in histories.items()}
        wrong = {key: (found[key], +did) for key, did in self.facts.items() if not facts(found[key], +did)}
        assert wrong == {}, f"history is not what the rep did: {wrong}"
        self._edits_stand(texts, histories)
        assert {href: self.phone.get(href) for href in self.foreign} == self.foreign
        assert self.json("check") == {"ok": True, "problems": []}

    def _edits_stand(self, texts: dict[str, Text], histories: Mapping[str, Sequence[Entry]]) -> None:
        for key, start in self.moved.items():
            assert [fact.start for fact in histories[key] if isinstance(fact, Moved)][-1:] == [start], "a move was missed"
            stands = {text.value("DTSTART") for text in _of(texts.values(), key)}
            assert f"{start:%Y%m%dT%H%M%S}" in stands, f"{key} was moved to {start} and stands at {stands}"
        for key, typed in self.typed.items():
            assert any(typed in fact.text for fact in histories[key] if isinstance(fact, Noted)), f"{typed!r} is not in the history"
            assert any(typed in text.value("DESCRIPTION") for text in _of(texts.values(), key)), f"{typed!r} is no longer on the calendar"


def _of(texts: Iterable[Text], key: str) -> list[Text]:
    return [text for text in texts if text.value("X-FOLLOWSYNC-PROSPECT") == key]


def _record(text: Text) -> bool:
    return text.value("SUMMARY").startswith(MARKS)
