"""What a rep's feeds show: what is planned, as it stands on the calendars, and what was done lately. No calendar is asked.

A feed is made whole in one piece and laid into the store, after a cycle or when it is added; whoever serves it only reads it there. What it
showed before is what makes it stable: an entry that says the same keeps its stamps, one that is no longer wanted is cancelled or, where it
was done, stays as the record.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from hashlib import sha256

from followsync import health, ics
from followsync.addresses import digest
from followsync.config import Settings
from followsync.core.cadence import Form
from followsync.core.daily_page import page_id
from followsync.core.history import Touched
from followsync.core.item import Item, State, Written, dated
from followsync.core.marking import record_of
from followsync.core.operations import merged
from followsync.core.plan import CHECK, DECIDE
from followsync.core.target import TargetState
from followsync.core.wording import OVERLAPS
from followsync.core.workdays import Workdays
from followsync.notices import notices
from followsync.picture import Picture
from followsync.store import Feed, Store, Transaction

OVERDUE = timedelta(hours=1)  # so long after the last good reading a calendar is said not to be up to date
_CANCELLED_STAY = timedelta(days=30)
_FAR = timedelta(days=366)  # how long before its hour something may have been answered that is shown as a record
_MOST_ENTRIES, _MOST_BYTES = 2000, 4 * 1024 * 1024
_ENVELOPE = 600  # bytes of an entry beside its texts, about
_BESIDE = re.compile(rf"(?:^|\n\n?){re.escape(OVERLAPS)}.*")
_HOW = ("Answer: ", "This is a question.")  # how the last paragraph of a body begins that says how to answer in it
_PLAIN = "Follow-up"  # what a redacted entry is called that has no method


def new(name: str, rep: str, key: str, *, redacted: bool) -> Feed:
    return Feed(name, rep, redacted, digest(key), secrets.token_hex(16))


# -- publishing


def publish(
    store: Store,
    settings: Settings,
    rep: str,
    now: datetime,
    *,
    world: Callable[[Transaction], str],
    picture: Callable[[Transaction], Picture],
) -> None:
    """Bring the rep's feeds up to date, those whose world (``followsync.health.world``) is another one by now. Costs one question to the
    store where there is no feed, and two where nothing has changed. Raises StoreError."""
    with store.reading() as tx:
        feeds = tx.feeds(rep)
        if not feeds:
            return
        states = [tx.target_state(rep, name) for name in settings.reps[rep].targets if settings.targets[name].type != "ics"]
        doubts = [state for state in states if is_overdue(state, now)]
        here = f"{world(tx)} {_digest(*(f'{one.target} {one.last_good}' for one in doubts))}"
        stale = [feed for feed in feeds if not health.holds(feed.settled, here, now)]
        if not stale:
            return
        seen = picture(tx)
        span = _span(settings, seen)
        touches = {one.action: one for one in tx.touches(rep, span.first - _FAR) if one.action}
        editions = {feed.name: ics.Edition(tx.feed_text(feed.name)) for feed in stale}
    alerts = {state.target: state.error for state in states if state.login_needed}
    for feed in stale:
        source = _Source(feed, settings, seen, span, editions[feed.name], touches, alerts, doubts)
        settled = replace(feed, settled=health.settled(here, seen.wakes))
        _lay_down(store, settled, source.book(), editions[feed.name].text)


def _lay_down(store: Store, feed: Feed, book: ics.Book, before: str) -> None:
    with store.writing() as tx:
        if book.text == before:
            tx.settle_feeds(feed)
        else:
            tx.publish_feed(replace(feed, modified=book.revised), book.text, feed.modified)


def is_overdue(state: TargetState, now: datetime) -> bool:
    """Whether a calendar could not be read for so long that what the rep did there since is missed. Where a clock was ahead when it was
    read last, nobody can tell how long that is."""
    fails = bool(state.error or state.failures or state.held)
    return fails and (state.last_good is None or not -OVERDUE <= now - state.last_good <= OVERDUE)


def _digest(*words: str) -> str:
    return sha256("\x1f".join(words).encode()).hexdigest()[:32]


# -- what is shown


@dataclass(frozen=True, slots=True)
class Span:
    """What a feed shows of the calendar: what ends after ``first`` and begins before ``last``."""

    first: datetime
    last: datetime

    def __contains__(self, item: Item) -> bool:
        return item.end > self.first and item.start < self.last


def _span(settings: Settings, seen: Picture) -> Span:
    days: Workdays = seen.rep.workdays
    feed = settings.feed
    first, last = days.add(seen.today, feed.past, -1), days.add(seen.today, feed.future)
    return Span(days.at(first, time(0)), days.at(last + timedelta(days=1), time(0)))


@dataclass(frozen=True, slots=True)
class _Source:
    """All that one feed is made from. ``touches``: what was done lately to those who are in the store, by action; ``doubts``: calendars
    that are not up to date."""

    feed: Feed
    settings: Settings
    seen: Picture
    span: Span
    before: ics.Edition
    touches: Mapping[str, Touched]
    alerts: Mapping[str, str]
    doubts: Sequence[TargetState]

    def book(self) -> ics.Book:
        wanted = self._wanted()
        left = self._left(wanted)
        inside = {uid: item for uid, item in (left | wanted).items() if item in self.span}
        shown = fitting(inside.values(), self.seen.now)
        rep = self.settings.reps[self.feed.rep]
        return ics.render_book(
            shown,
            name="Follow-ups" if self.feed.redacted else f"Follow-ups of {rep.name or self.feed.rep}",
            stamp=self.seen.now,
            raw=self.before,
            about=lambda at: "\n".join(self._about(at, len(shown), len(inside))),
        )

    def _wanted(self) -> dict[str, Item]:
        """By UID: what is planned, records of what was done, and the notices."""
        rows = self._rows()
        records = {
            action: record
            for action, row in rows.items()
            if row.state in (State.ANSWERED, State.RECORDED) and action in self.touches and (record := row.agreed)
        }
        planned = {one.action.id: self._stands(one.action.id, self.seen.item(one, None, "event"), rows) for one in self.seen.placed}
        methods = {one.action.id: one.action.method for one in self.seen.placed}
        found = {action: self._dressed(action, item, methods) for action, item in (records | planned).items()}
        if not self.feed.redacted:
            found |= self._notices(rows)
        return {item.uid: item for item in found.values()}

    def _rows(self) -> dict[str, Written]:
        """Of each action the first row that knows how it stands on a calendar; an open one comes before a record."""
        files = {name for name, one in self.settings.targets.items() if one.type == "ics"}
        known = [row for row in self.seen.rows if row.target not in files and row.agreed and row.state is not State.GONE]
        found: dict[str, Written] = {}
        for row in sorted(known, key=lambda row: row.state is not State.OPEN):
            found.setdefault(row.action, row)
        return found

    def _stands(self, action: str, planned: Item, rows: Mapping[str, Written]) -> Item:
        """As the calendar has it, with what the rep made of it: a task that has only a day takes the whole of it."""
        row = rows.get(action)
        if row is None or row.agreed is None or row.state is not State.OPEN:
            return planned
        only_a_day = row.agreed.form is Form.TASK and row.agreed.all_day
        return merged(dated(planned) if only_a_day else planned, row.ours or planned, row.agreed)

    def _dressed(self, action: str, item: Item, methods: Mapping[str, str]) -> Item:
        """For this feed's readers: under a name of its own, without our marks, and without what is only for whoever can answer."""
        touch = self.touches.get(action)
        method = methods.get(action) or (touch.method if touch else "")
        return dressed(item, self.uid(action), label(method) if self.feed.redacted else None)

    def _notices(self, rows: Mapping[str, Written]) -> dict[str, Item]:
        """The day's page, what is bought ahead, and word of calendars that wait for a sign-in. Where no calendar has the page, it goes on
        from what the feed itself showed, so that it stays as it was read in the morning."""
        known = dict(rows)
        action = page_id(self.seen.rep.rep)
        page = self.before.shown(self._zone, self.before.entries.keys() - {self.uid(action)})
        for shown in page.values():
            mine = replace(shown.item, action=action)
            known.setdefault(action, Written("", action, "", "", ours=mine, placed=shown.item.start.date()))
        found = notices(self.seen, self.alerts, known)
        return {action: dressed(self._stands(action, item, rows), self.uid(action), None) for action, (item, _) in found.items()}

    def _left(self, wanted: Mapping[str, Item]) -> dict[str, Item]:
        """What was shown before and is not wanted any more: a record where it was done, else cancelled, for a while. Nothing of whoever
        was removed may be read out of it, so that it is cancelled is all that it says."""
        done = {self.uid(action): touch for action, touch in self.touches.items()}
        found = {}
        for uid, shown in self.before.shown(self._zone, wanted).items():
            if uid in done and not shown.item.cancelled:
                found[uid] = self._recorded(shown.item, done[uid])
            elif not shown.item.cancelled or self.seen.now - shown.changed < _CANCELLED_STAY:
                found[uid] = cancelled(shown.item)
        return found

    def _recorded(self, item: Item, touch: Touched) -> Item:
        record = record_of(item, item.title, touch.result)
        return dressed(record, item.uid, label(touch.method) if self.feed.redacted else None)

    def _about(self, at: datetime, shown: int, inside: int) -> Iterable[str]:
        yield f"As of {_when(at, self._zone)} ({self._zone}), when something here last changed."
        if not self.feed.redacted:
            yield "It can only be read: answers belong into the rep's own calendar."
        for state in self.doubts:
            which = "A calendar" if self.feed.redacted else state.target
            yield f"{which} could not be read {self._since(state.last_good, at)}: what was done there is missing here."
        if shown < inside:
            yield f"Only the {shown} nearest of {inside} entries are shown."

    def _since(self, good: datetime | None, at: datetime) -> str:
        if good is None:
            return "yet"
        return f"since {_when(good, self._zone)}" if good <= at + OVERDUE else "for a while"  # a clock that was ahead said when

    @property
    def _zone(self) -> tzinfo:
        return self.seen.rep.workdays.zone

    def uid(self, action: str) -> str:
        """Always the same in this feed, and of no meaning anywhere else: from an entry of a redacted feed nobody can tell whose it is."""
        return f"feed-{_digest(self.feed.salt, action)}"


def dressed(item: Item, uid: str, label: str | None) -> Item:
    """An entry as readers of a feed see it: none of our marks. ``label``: all that a redacted one says."""
    plain = Item(
        uid, Form.EVENT, item.title, _without_beside(without_how(item.body)), item.start, item.end, item.location, item.url, item.busy
    )
    plain = replace(plain, alarms=item.alarms, all_day=item.all_day)
    return plain if label is None else replace(plain, title=label, body="", location="", url="", alarms=())


def cancelled(item: Item) -> Item:
    return Item(item.uid, Form.EVENT, "Cancelled", "", item.start, item.end, all_day=item.all_day, cancelled=True)


def label(method: str) -> str:
    """``Call``, ``Visit``, ``Candy-gram``: how, and neither whom nor why."""
    return method[:1].upper() + method[1:] if method and method not in (DECIDE, CHECK) else _PLAIN


def _without_beside(body: str) -> str:
    """Without the line that says when other calendars of the rep's are busy."""
    return _BESIDE.sub("", body)


def without_how(body: str) -> str:
    """Without the last paragraph where that says how to answer: in a feed nobody can."""
    text, _, last = body.rpartition("\n\n")
    return text if last.startswith(_HOW) else body


def fitting(items: Iterable[Item], now: datetime) -> list[Item]:
    """As many as readers can be expected to take: what is nearest to now first, and of two equally near what is ahead."""
    room = _MOST_BYTES
    found: list[Item] = []
    for item in sorted(items, key=lambda one: (abs(one.start - now), one.start < now, one.uid)):
        room -= _ENVELOPE + sum(len(text.encode("utf-8", "replace")) for text in (item.title, item.body, item.location, item.url))
        if room < 0 or len(found) == _MOST_ENTRIES:
            break
        found.append(item)
    return found


def _when(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"
