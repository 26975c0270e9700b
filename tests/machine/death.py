"""A process that dies: from one chosen moment on, neither the store nor a calendar hears of it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from followsync.calendars.base import Batch, Calendar, Changes, Receipt
from followsync.core.cadence import Form
from followsync.core.item import Item, Seen
from followsync.core.target import Capabilities
from followsync.store import Store, Transaction
from followsync.store.tokens import Tokens


class Killed(BaseException):
    """No Exception: no code of ours may catch it and go on."""


class Death:
    """Comes at the n-th moment: before or after a calendar's answer, before or after a commit."""

    def __init__(self, after: int) -> None:
        self.left = after

    def moment(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed


class MortalStore(Store):
    """``finally`` blocks still run after an exception, which they do not after a kill: so whoever is dead cannot begin anything."""

    def __init__(self, store: Store, death: Death) -> None:
        self._store, self._death = store, death

    @contextmanager
    def cycle(self, rep: str, wait: float = 60.0) -> Iterator[Store]:
        self._alive()
        with self._store.cycle(rep, wait) as held:
            yield MortalStore(held, self._death)

    @property
    def shared(self) -> Tokens | None:
        return self._store.shared

    def check(self) -> None:
        self._store.check()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        self._alive()
        with self._store.reading() as tx:
            yield tx

    @contextmanager
    def writing(self, *label: str) -> Iterator[Transaction]:
        self._alive()
        with self._store.writing(*label) as tx:
            yield tx
            self._death.moment()
        self._death.moment()

    def _alive(self) -> None:
        if self._death.left <= 0:
            raise Killed


class MortalCalendar:
    def __init__(self, calendar: Calendar, death: Death) -> None:
        self._calendar, self._death = calendar, death
        self.collection = calendar.collection
        self.connections = 1
        self.skew = calendar.skew

    @property
    def capabilities(self) -> Capabilities:
        return self._calendar.capabilities

    def probe(self, *, again: bool = False) -> Capabilities:
        self._death.moment()
        return self._calendar.probe(again=again)

    def another(self) -> Calendar:
        return MortalCalendar(self._calendar.another(), self._death)

    @property
    def requests(self) -> int:
        return self._calendar.requests

    @property
    def notice(self) -> str:
        return self._calendar.notice

    @property
    def batch(self) -> Batch | None:
        return self._calendar.batch

    def href(self, uid: str, form: Form = Form.EVENT) -> str:
        return self._calendar.href(uid, form)

    def reaches(self, href: str) -> bool:
        return self._calendar.reaches(href)

    def remind(self, etags: Callable[[], Mapping[str, str]]) -> None:
        self._calendar.remind(etags)

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        self._death.moment()
        found = self._calendar.changes(cursor, known)
        self._death.moment()
        return found

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        self._death.moment()
        return self._calendar.read(hrefs)

    def create(self, href: str, item: Item) -> Receipt:
        self._death.moment()
        receipt = self._calendar.create(href, item)
        self._death.moment()
        return receipt

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        self._death.moment()
        receipt = self._calendar.update(href, item, raw, etag)
        self._death.moment()
        return receipt

    def delete(self, href: str, etag: str | None) -> None:
        self._death.moment()
        self._calendar.delete(href, etag)
        self._death.moment()

    def close(self) -> None:
        self._calendar.close()
