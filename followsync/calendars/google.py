"""A Google calendar of our own, with a task list beside it, as one Calendar.

hrefs are names of ours: ``events/ID`` and ``tasks/UID``; ``tasks/@ID`` where a task carries no UID of ours. Google chooses a task's id, so
that stands before its ETag: ``"ID ETAG"``. The cursor is JSON: the events' sync token and the moment, by Google's clock, up to which
changes of tasks are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote

from followsync.calendars import google_events as events
from followsync.calendars import google_tasks as tasks
from followsync.calendars.base import Changes, Order, Outcome, Receipt
from followsync.calendars.google_cursor import Cursor, Page
from followsync.calendars.google_login import AGAIN, CALENDAR, TASKS, GoogleLogin
from followsync.calendars.google_place import Account, address, calendar_in, find_calendar, find_list, list_in, with_list
from followsync.calendars.google_wire import TOGETHER, Connection, GoogleWire, Http, Missing, bucket_of, hosts, service
from followsync.calendars.wire import moment
from followsync.core.cadence import Form
from followsync.core.item import Item, Seen
from followsync.core.target import Capabilities
from followsync.errors import CalendarError, Changed, LoginNeeded, MassChange, Refused, Unavailable

_EVENTS_A_PAGE, _TASKS_A_PAGE = 2500, 100  # the most that Google gives
_OVERLAP = timedelta(minutes=10)  # changes of tasks are asked for from so long before what is known: they may show late
_GONE = (
    "The {} at Google is gone. Nothing is written until you say what that means: 'followsync sync --restore' makes it anew, "
    "'--accept-deletes' asks about each prospect; or name another one in the config."
)


def open_google(
    login: GoogleLogin,
    *,
    root: str,
    calendar: str,
    tasks: str,
    timeout: float,
    zone: tzinfo,
    clock: Callable[[], datetime],
    collection: str = "",
    http: Callable[[], Http] | None = None,
) -> GoogleCalendar:
    """Our calendar named ``calendar`` (or with that id), made if it is missing. ``tasks``: the name of the task list, "" where none is
    wanted. ``collection``: where it was found an earlier time; nothing is asked then. ``http`` makes what sends. Raises CalendarError."""
    if login.lacks(CALENDAR):
        raise LoginNeeded(f"The sign-in does not allow a calendar of our own: its box was left unticked. {AGAIN}, and tick it.")
    connect = http or (lambda: Connection(timeout, hosts(root)))
    granted = bool(tasks) and not login.lacks(TASKS)
    opened = GoogleCalendar(Account(login, root, calendar, tasks if granted else "", zone, clock, connect), collection)
    if tasks and not granted:
        opened.off = f"Tasks are off, so everything is written as events: their box was left unticked. {AGAIN}, and tick it."
    if not collection:
        try:
            opened.find()
        except BaseException:
            opened.close()
            raise
    return opened


class GoogleCalendar:
    """See ``followsync.calendars.base.Calendar``. ``off``: a sentence where a permission is lacking that not everything needs."""

    connections = 1  # one user has one quota, and several writes go into one request
    together = TOGETHER

    def __init__(self, account: Account, collection: str) -> None:
        self.capabilities = Capabilities(
            creates_safely=True, writes_safely=True, etags=True, tombstones=True, tasks=bool(account.tasks), side_by_side=False
        )
        self.collection = collection
        self.off = ""
        self._account = account
        self._zone = account.zone
        self._http = account.connect()
        self._wire = GoogleWire(account.login, self._http, account.clock, bucket_of(account.login))
        self._ids: dict[str, str] = {}  # href -> id of the tasks that were met

    @property
    def requests(self) -> int:
        return self._wire.requests_made

    @property
    def skew(self) -> timedelta | None:
        return self._wire.skew

    @property
    def batch(self) -> GoogleCalendar:
        return self

    @property
    def notice(self) -> str:
        return self.off or self._account.login.notice(self._account.clock())

    def href(self, uid: str, form: Form) -> str:
        return events.PLACE + events.event_id(uid) if form is Form.EVENT else tasks.PLACE + quote(uid, safe="@")

    def probe(self, *, again: bool = False) -> Capabilities:
        """Google is known: nothing is asked."""
        return self.capabilities

    def find(self) -> None:
        """Our calendar and, where tasks are wanted, our list."""
        self.collection = address(self._account, find_calendar(self._account, self._wire))
        if self._account.tasks:
            self.collection = with_list(self.collection, find_list(self._account, self._wire))

    def another(self) -> GoogleCalendar:
        other = GoogleCalendar(self._account, self.collection)
        other.off = self.off
        return other

    def close(self) -> None:
        self._http.close()

    @cached_property
    def _calendar(self) -> str:
        return calendar_in(self.collection)

    @property
    def _list(self) -> str:
        """Looked for where it is not known yet: tasks may have been wanted later."""
        if not list_in(self.collection):
            self.collection = with_list(self.collection, find_list(self._account, self._wire))
        return list_in(self.collection)

    @cached_property
    def _events(self) -> Any:
        return service("calendar", "v3", self._account.root).events()

    @cached_property
    def _tasks(self) -> Any:
        return service("tasks", "v1", self._account.root).tasks()

    # -- reading

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        """A page: of events, and behind the last one of those, of tasks. Without news the cursor stays the same, so that a quiet cycle has
        nothing to remember."""
        at = Cursor.read(cursor)
        page = Page(known)
        if not at.task_page:
            at = self._page_of_events(at, page)
        if self._account.tasks and not at.page:
            at = self._page_of_tasks(at, page)
        told = at.told() if at.more or at.fresh or at.news or page.news else cursor
        return Changes(tuple(page.seen.values()), tuple(page.gone), told, at.fresh, frozenset(page.listed), at.more)

    def _page_of_events(self, at: Cursor, page: Page) -> Cursor:
        asked = {"pageToken": at.page} if at.page else {}
        if at.token:
            asked["syncToken"] = at.token
        fields = f"items({events.FIELDS}),nextPageToken,nextSyncToken"
        try:
            answer = self._wire.execute(
                self._events.list(calendarId=self._calendar, maxResults=_EVENTS_A_PAGE, maxAttendees=1, fields=fields, **asked)
            )
        except Missing:
            raise MassChange(_GONE.format("calendar")) from None
        for event in _items(answer):
            self._met_event(event, page)
        news = at.news or page.news
        if following := answer.get("nextPageToken"):
            return replace(at, page=str(following), news=news)
        token = str(answer.get("nextSyncToken") or "")
        if not token:
            raise Unavailable("Google's list of events breaks off; it is tried again later.")
        # Google gives another token each time; without news the one we have is as good.
        return replace(at, page="", token=token if news or not at.token else at.token, news=news)

    def _met_event(self, event: events.Resource, page: Page) -> None:
        href = events.PLACE + str(event.get("id", ""))
        if event.get("recurringEventId"):
            self._met_occurrence(event, page)
        elif event.get("status") == "cancelled":
            page.went(href)
        elif page.stands(href, event.get("etag")):
            page.seen[href] = self._seen_event(event)

    def _met_occurrence(self, event: events.Resource, page: Page) -> None:
        """Where the rep made an entry of ours repeat, "only this event" may be answered: the series is seen with what was typed there."""
        page.news = True
        series = events.PLACE + str(event["recurringEventId"])
        if event.get("status") == "cancelled" or series not in page.known:
            return
        seen, one = self.read([series])[series], self._seen_event(event).item
        if seen and seen.item and one:
            item = replace(seen.item, title=one.title or seen.item.title, body=one.body or seen.item.body, done=one.done or seen.item.done)
            page.stands(series, None)
            page.seen[series] = replace(seen, item=item)

    def _seen_event(self, event: events.Resource) -> Seen:
        href, raw = events.PLACE + str(event.get("id", "")), events.raw_of(event)
        try:
            return Seen(href, event.get("etag"), raw, events.item_of(event, self._zone))
        except ValueError as error:
            return Seen(href, event.get("etag"), raw, None, str(error))

    def _page_of_tasks(self, at: Cursor, page: Page) -> Cursor:
        """Tasks have no sync token: those changed since a moment are listed. What was ticked in Google's own apps is hidden, so hidden ones
        are asked for too. As long as the overlap shows anything, the moment goes on; a quiet list stays the same."""
        asked: dict[str, Any] = {"showCompleted": True, "showHidden": True, "showDeleted": bool(at.since)}
        if at.since:
            asked["updatedMin"] = _rfc3339(datetime.fromisoformat(at.since) - _OVERLAP)
        if at.task_page:
            asked["pageToken"] = at.task_page
        fields = f"items({tasks.FIELDS}),nextPageToken"
        try:
            answer = self._wire.execute(self._tasks.list(tasklist=self._list, maxResults=_TASKS_A_PAGE, fields=fields, **asked))
        except Missing:
            raise MassChange(_GONE.format("task list")) from None
        begun = at.begun or self._now()
        items = _items(answer)
        for task in items:
            self._met_task(task, page)
        if following := answer.get("nextPageToken"):
            return replace(at, task_page=str(following), begun=begun, news=True)
        goes_on = items or at.task_page or not at.since
        return replace(at, task_page="", begun="", since=begun if goes_on else at.since, news=at.news or bool(goes_on))

    def _now(self) -> str:
        """By Google's clock, ours where it does not tell."""
        return (moment(self._wire.date) or self._account.clock()).isoformat()

    def _met_task(self, task: events.Resource, page: Page) -> None:
        href = self._href_of(task, page)
        if task.get("deleted"):
            page.went(href)
        elif page.stands(href, tasks.etag_of(task)):
            page.seen[href] = self._seen_task(href, task)

    def _href_of(self, task: events.Resource, page: Page) -> str:
        """Where it stands, by the UID that it carries. A second one that carries it is the rep's copy, and one that lost it, because the
        rep wrote its notes anew, is known by its id."""
        number = str(task.get("id", ""))
        own = tasks.PLACE + tasks.FOREIGN + number
        if uid := tasks.uid_of(task):
            href = self.href(uid, Form.TASK)
            owner = self._ids.get(href) or tasks.id_in(page.known.get(href))
            if owner and owner != number:
                return own
        else:
            href = own if own in page.known else page.tasks.get(number, own)
        self._ids[href] = number
        return href

    def _seen_task(self, href: str, task: events.Resource) -> Seen:
        etag, raw = tasks.etag_of(task), events.raw_of(task)
        try:
            return Seen(href, etag, raw, tasks.item_of(task, self._zone, unquote(href.removeprefix(tasks.PLACE))))
        except ValueError as error:
            return Seen(href, etag, raw, None, str(error))

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        wanted = dict.fromkeys(hrefs)
        found = dict(self._read_events([href for href in wanted if href.startswith(events.PLACE)]))
        found |= self._read_tasks([href for href in wanted if href.startswith(tasks.PLACE)])
        return {href: found.get(href) for href in wanted}

    def _read_events(self, hrefs: Sequence[str]) -> Iterator[tuple[str, Seen | None]]:
        waiting = iter(hrefs)
        while several := list(islice(waiting, TOGETHER)):
            asked = [
                self._events.get(calendarId=self._calendar, eventId=_name(href), maxAttendees=1, fields=events.FIELDS) for href in several
            ]
            for href, answer in zip(several, self._answers(asked), strict=True):
                if isinstance(answer, Missing):
                    yield href, None
                elif isinstance(answer, CalendarError):
                    raise answer
                else:
                    yield href, None if answer.get("status") == "cancelled" else self._seen_event(answer)

    def _answers(self, asked: list[Any]) -> list[dict[str, Any] | CalendarError]:
        if len(asked) > 1:
            return self._wire.batch(service("calendar", "v3", self._account.root).new_batch_http_request(), asked)
        try:
            return [self._wire.execute(asked[0])]
        except Missing as error:
            return [error]

    def _read_tasks(self, hrefs: Sequence[str]) -> dict[str, Seen | None]:
        """By their ids, where those are known; else the whole list is looked through for the UIDs."""
        found = {href: self._task_at(href, number) for href in hrefs if (number := self._known_id(href))}
        if len(found) < len(hrefs):
            standing = self._all_tasks()
            found |= {href: standing.get(href) for href in hrefs if href not in found}
        return found

    def _known_id(self, href: str) -> str:
        name = href.removeprefix(tasks.PLACE)
        return name.removeprefix(tasks.FOREIGN) if name.startswith(tasks.FOREIGN) else self._ids.get(href, "")

    def _task_at(self, href: str, number: str) -> Seen | None:
        try:
            task = self._wire.execute(self._tasks.get(tasklist=self._list, task=number, fields=tasks.FIELDS))
        except Missing:
            return None
        return None if task.get("deleted") else self._seen_task(href, task)

    def _all_tasks(self) -> dict[str, Seen]:
        page = Page({})
        at = self._page_of_tasks(Cursor(), page)
        while at.task_page:
            at = self._page_of_tasks(at, page)
        return page.seen

    # -- writing

    def create(self, href: str, item: Item) -> Receipt:
        if href.startswith(tasks.PLACE):
            asked = self._tasks.insert(tasklist=self._list, body=tasks.new_task(item), fields=tasks.FIELDS)
            return self._taken_task(href, self._wire.execute(asked))
        return self._taken_event(self._wire.execute(self._insert(item)))

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        if etag is None:
            etag = self._compared(href, raw)
        if href.startswith(tasks.PLACE):
            return self._taken_task(href, self._wire.execute(self._patch_task(href, item, raw, etag)))
        return self._taken_event(self._wire.execute(self._patch_event(href, item, raw, etag)))

    def delete(self, href: str, etag: str | None) -> None:
        number = _name(href) if href.startswith(events.PLACE) else self._known_id(href) or tasks.id_in(etag)
        if not number:
            seen = self._all_tasks().get(href)
            number = tasks.id_in(seen.etag) if seen else ""
        if not number:
            return
        try:
            self._wire.execute(self._removal(href, number, etag))
        except Changed:
            if self.read([href])[href] is not None:
                raise

    def _compared(self, href: str, raw: str) -> str:
        """The ETag of what stands there, if that is still ``raw``."""
        before = _parsed(raw)
        now = self.read([href])[href]
        if now is None or now.etag is None or _parsed(now.raw) != before:
            raise Changed("The entry at Google is no longer the one that was read.")
        return now.etag

    def _insert(self, item: Item) -> Any:
        return self._events.insert(calendarId=self._calendar, body=events.new_event(item), sendUpdates="none", fields=events.FIELDS)

    def _patch_event(self, href: str, item: Item, raw: str, etag: str) -> Any:
        with _readable():
            body = events.changes(item, events.parsed(raw), self._zone)
        asked = self._events.patch(
            calendarId=self._calendar, eventId=_name(href), body=body, sendUpdates="none", fields=events.FIELDS, maxAttendees=1
        )
        return _guarded(asked, etag)

    def _patch_task(self, href: str, item: Item, raw: str, etag: str) -> Any:
        with _readable():
            task = events.parsed(raw)
            body = tasks.changes(item, task, self._zone, unquote(href.removeprefix(tasks.PLACE)))
        asked = self._tasks.patch(tasklist=self._list, task=tasks.id_in(etag), body=body, fields=tasks.FIELDS)
        return _guarded(asked, etag)

    def _removal(self, href: str, number: str, etag: str | None) -> Any:
        if href.startswith(tasks.PLACE):
            return _guarded(self._tasks.delete(tasklist=self._list, task=number), etag)
        return _guarded(self._events.delete(calendarId=self._calendar, eventId=number, sendUpdates="none"), etag)

    def _taken_event(self, event: events.Resource) -> Receipt:
        seen = self._seen_event(event)
        return Receipt(seen.etag, seen.raw, seen.item)

    def _taken_task(self, href: str, task: events.Resource) -> Receipt:
        self._ids[href] = str(task.get("id", ""))
        seen = self._seen_task(href, task)
        return Receipt(seen.etag, seen.raw, seen.item)

    # -- several at once

    def joins(self, href: str) -> bool:
        """Events have ids of ours, so that none is made twice; tasks have none."""
        return href.startswith(events.PLACE)

    def send(self, orders: Sequence[Order]) -> list[Outcome]:
        asked: dict[int, Any] = {}
        outcomes: dict[int, Outcome] = {}
        for number, order in enumerate(orders):
            try:
                asked[number] = self._request(order)
            except (Refused, Changed) as error:
                outcomes[number] = error
        if asked:
            batch = service("calendar", "v3", self._account.root).new_batch_http_request()
            for number, answer in zip(asked, self._wire.batch(batch, list(asked.values())), strict=True):
                outcomes[number] = self._outcome(orders[number], answer)
        return [outcomes[number] for number in range(len(orders))]

    def _request(self, order: Order) -> Any:
        if order.item is None:
            return self._removal(order.href, _name(order.href), order.etag)
        if order.raw is None:
            return self._insert(order.item)
        return self._patch_event(order.href, order.item, order.raw, order.etag or self._compared(order.href, order.raw))

    def _outcome(self, order: Order, answer: dict[str, Any] | CalendarError) -> Outcome:
        if not isinstance(answer, CalendarError):
            return self._taken_event(answer) if order.item else None
        if order.item is None and isinstance(answer, Changed):
            try:
                return None if self.read([order.href])[order.href] is None else answer
            except CalendarError as error:
                return error
        return answer


def _name(href: str) -> str:
    return href.removeprefix(events.PLACE)


def _guarded(asked: Any, etag: str | None) -> Any:
    """The same request, for the version with that ETag only."""
    if etag:
        asked.headers["If-Match"] = etag.rpartition(" ")[2]
    return asked


@contextmanager
def _readable() -> Iterator[None]:
    """Around the reading of what stands there: what cannot be read is not written."""
    try:
        yield
    except ValueError as error:
        raise Refused(f"The entry on the calendar cannot be read, so it is left alone: {error}.") from error


def _parsed(raw: str) -> dict[str, Any]:
    with _readable():
        return events.parsed(raw)


def _items(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = answer.get("items", [])
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise Unavailable("Google answered something else than was asked; it is tried again later.")
    return items


def _rfc3339(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
