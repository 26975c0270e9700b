"""A Google calendar of our own, with a task list beside it, as one Calendar.

hrefs are names of ours: ``events/ID`` and ``tasks/UID``; ``tasks/@ID`` where a task carries no UID of ours. Google chooses a task's id, so
that stands before its ETag: ``"ID ETAG"``. The cursor is JSON: the events' sync token and the moment, by Google's clock, up to which
changes of tasks are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from followsync.calendars import google_events as events
from followsync.calendars import google_tasks as tasks
from followsync.calendars.base import Changes, Order, Outcome, Receipt
from followsync.calendars.google_cursor import Cursor, Page
from followsync.calendars.google_endpoint import AGAIN
from followsync.calendars.google_login import CALENDAR, TASKS, GoogleLogin
from followsync.calendars.google_pace import bucket_of
from followsync.calendars.google_place import (
    Account,
    TaskPlace,
    address,
    calendar_in,
    find_calendar,
    find_list,
    follow_list,
    gone,
    list_in,
    with_list,
)
from followsync.calendars.google_tasklist import TaskList, href_of
from followsync.calendars.google_wire import (
    TOGETHER,
    Connection,
    Denied,
    GoogleWire,
    Http,
    Limited,
    Missing,
    guarded,
    hosts,
    items,
    methods,
    readable,
    rest_of,
    service,
)
from followsync.core.cadence import Form
from followsync.core.item import Item, Seen
from followsync.core.pace import ALONE, Limits
from followsync.core.target import Capabilities
from followsync.errors import CalendarError, Changed, LoginNeeded, Refused, Unavailable

T = TypeVar("T")
_A_PAGE = 2500  # the most events that Google gives
_OFF = ", so what is new is written as an event, and tasks that stand are left alone"


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
    writes_tasks: bool = True,
    make: bool = True,
    before: str = "",
    limits: Limits = ALONE,
    http: Callable[[], Http] | None = None,
) -> GoogleCalendar:
    """Our calendar named ``calendar`` (or with that id), made if it is missing. ``tasks``: the name of the task list, "" where none is
    wanted. ``collection``: where it was found an earlier time; nothing is asked then. ``writes_tasks``: else the list is only looked at for
    what stands there from before. ``before``: the address of the one that had another name in the config until now. ``make``: what is
    missing is made. ``limits``: how much may be asked. ``http`` makes what sends. Raises CalendarError."""
    if login.lacks(CALENDAR):
        raise LoginNeeded(f"The sign-in does not allow a calendar of our own: its box was left unticked. {AGAIN}, and tick it.")
    connect = http or (lambda: Connection(timeout, hosts(root)))
    granted = bool(tasks) and not login.lacks(TASKS)
    opened = GoogleCalendar(Account(login, root, calendar, tasks if granted else "", zone, clock, connect, limits), collection, make=make)
    if tasks and writes_tasks and not granted:
        opened.off = f"Tasks are off{_OFF}: their box was left unticked. {AGAIN}, and tick it."
    if not collection:
        try:
            opened.find(before)
        except BaseException:
            opened.close()
            raise
    return opened


class GoogleCalendar:
    """See ``followsync.calendars.base.Calendar``. ``off``: a sentence where a permission is lacking that not everything needs."""

    connections = 1  # one user has one quota, and several writes go into one request
    together = TOGETHER

    def __init__(self, account: Account, collection: str, *, make: bool = True) -> None:
        self.capabilities = Capabilities(
            creates_safely=True, writes_safely=True, etags=True, tombstones=True, tasks=bool(account.tasks), side_by_side=False
        )
        self.collection = collection
        self.off = self._elsewhere = ""
        self._rest = rest_of(account.login)
        self._anew = False  # another list than the cursor is of
        self._account, self._make = account, make
        self._zone = account.zone
        self._http = account.connect()
        self._wire = GoogleWire(account.login, self._http, bucket_of(account.login, account.limits))
        self._tasks = TaskList(self._wire, account.root, account.zone, account.clock, self._list)

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
        return self.off or self._limited or self._elsewhere or self._account.login.notice(self._zone)

    @property
    def _limited(self) -> str:
        if not (self._account.tasks and self._resting and self._rest.until):
            return ""
        return f"{self._rest.why} Events go on; tasks are tried again from {self._rest.until.astimezone(self._zone):%H:%M} on."

    def href(self, uid: str, form: Form) -> str:
        return events.PLACE + events.event_id(uid) if form is Form.EVENT else href_of(uid)

    def probe(self, *, again: bool = False) -> Capabilities:
        """Google is known: nothing is asked."""
        return self.capabilities

    def find(self, before: str = "") -> None:
        """Our calendar, and, where tasks are wanted, our list. ``before``: see ``open_google``."""
        former = calendar_in(before)
        place = find_calendar(self._account, self._wire, make=self._make, before=former)
        self.collection = before if before and place == former else address(self._account, place)
        if self._account.tasks:
            try:
                self._list()
            except Denied as error:
                self._leave_tasks(f"Tasks are off{_OFF}. {error}")
            except Limited as error:
                self._let_rest(error)

    def _leave_tasks(self, why: str = "") -> None:
        """Events go on without them."""
        self._account = replace(self._account, tasks="")
        self.capabilities = replace(self.capabilities, tasks=False)
        self.off = why

    def another(self) -> GoogleCalendar:
        other = GoogleCalendar(self._account, self.collection, make=self._make)
        other.off = self.off
        return other

    def close(self) -> None:
        self._http.close()

    @cached_property
    def _calendar(self) -> str:
        return calendar_in(self.collection)

    @cached_property
    def _tasklist(self) -> TaskPlace:
        """Looked for where it is not known yet (tasks may have been wanted later), or called otherwise by now."""
        known, name = list_in(self.collection), self._account.tasks
        if not known.id:
            known = find_list(self._account, self._wire, make=self._make)
        elif known.name not in {"", name}:
            before = known.id
            known, self._elsewhere = follow_list(self._account, self._wire, known, self._tasks.holds_ours, make=self._make)
            self._anew = known.id != before
        return known if known.name else replace(known, name=name)

    def _list(self) -> str:
        """Its id, "" where there is none, and none is to be made."""
        if found := self._tasklist.id:
            self.collection = with_list(self.collection, self._tasklist)
        return found

    @cached_property
    def _events(self) -> Any:
        return methods("calendar", "v3", self._account.root, "events")

    # -- reading

    def reaches(self, href: str) -> bool:
        return not href.startswith(tasks.PLACE) or (bool(self._account.tasks) and not self._resting)

    @property
    def _resting(self) -> bool:
        return self._rest.lasts(self._account.clock())

    def _let_rest(self, error: Limited) -> None:
        """Tasks wait for a short while, and events go on."""
        self._rest.begin(self._account.clock(), str(error))

    def _tasks_write(self, work: Callable[[], T]) -> T:
        try:
            found = work()
        except Limited as error:
            self._let_rest(error)
            raise
        self._rest.end()
        return found

    def remind(self, etags: Callable[[], Mapping[str, str]]) -> None:
        self._tasks.remind(etags)

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        """A page: of events, and behind the last one of those, of tasks. Google gives another token each time; without news the one we
        have is as good, and stays, so that a quiet cycle has nothing to remember."""
        at = Cursor.read(cursor)
        page = Page(known)
        if not at.task_page:
            at = self._page_of_events(at, page)
        if self._account.tasks and not at.page and not self._resting:
            try:
                at = self._tasks.page(replace(at, since="") if self._list() and self._anew else at, page)
            except Limited as error:
                self._let_rest(error)
                at = replace(at, task_page="", begun="")
            except Denied as error:
                self._leave_tasks(f"Tasks are off{_OFF}. {error}")
                at = replace(at, task_page="", begun="")
        told = at.told() if at.more or at.fresh or at.news or page.news else cursor
        return Changes(tuple(page.seen.values()), tuple(page.gone), told, at.fresh, frozenset(page.listed), at.more)

    def _page_of_events(self, at: Cursor, page: Page) -> Cursor:
        asked = {"pageToken": at.page} if at.page else {}
        if at.token:
            asked["syncToken"] = at.token
        fields = f"items({events.FIELDS}),nextPageToken,nextSyncToken"
        try:
            answer = self._wire.execute(
                self._events.list(calendarId=self._calendar, maxResults=_A_PAGE, maxAttendees=1, fields=fields, **asked)
            )
        except Missing:
            raise gone(self._account) from None
        occurrences: dict[str, list[events.Resource]] = {}
        for event in items(answer):
            if event.get("recurringEventId"):
                occurrences.setdefault(events.PLACE + str(event["recurringEventId"]), []).append(event)
            else:
                self._met_event(event, page)
        self._met_occurrences(occurrences, page)
        news = at.news or page.news
        if following := answer.get("nextPageToken"):
            return replace(at, page=str(following), news=news)
        token = str(answer.get("nextSyncToken") or "")
        if not token:
            raise Unavailable("Google's list of events breaks off; it is tried again later.")
        return replace(at, page="", token=token, news=news)

    def _met_event(self, event: events.Resource, page: Page) -> None:
        href = events.PLACE + str(event.get("id", ""))
        if event.get("status") == "cancelled":
            page.went(href)
        elif page.stands(href, event.get("etag")):
            page.seen[href] = self._seen(event)

    def _met_occurrences(self, occurrences: Mapping[str, list[events.Resource]], page: Page) -> None:
        """Where the rep made an entry of ours repeat, "only this event" may be answered: the series is seen with all that was typed there.
        ``occurrences``: by the place of their series."""
        page.news |= bool(occurrences)
        known = [series for series in occurrences if series in page.known]
        for series, seen in self.read(known).items() if known else ():
            standing = (one for one in occurrences[series] if one.get("status") != "cancelled")
            typed = [one for event in standing if (one := self._seen(event).item)]
            if seen and seen.item and typed:
                page.stands(series, None)
                page.seen[series] = replace(seen, item=_with_occurrences(seen.item, typed))

    def _seen(self, event: events.Resource) -> Seen:
        href, raw = events.PLACE + str(event.get("id", "")), events.raw_of(event)
        try:
            return Seen(href, event.get("etag"), raw, events.item_of(event, self._zone))
        except ValueError as error:
            return Seen(href, event.get("etag"), raw, None, str(error))

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        wanted = dict.fromkeys(hrefs)
        found = dict(self._read_events([href for href in wanted if href.startswith(events.PLACE)]))
        found |= self._tasks.read([href for href in wanted if href.startswith(tasks.PLACE)])
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
                    yield href, None if answer.get("status") == "cancelled" else self._seen(answer)

    def _answers(self, asked: list[Any]) -> list[dict[str, Any] | CalendarError]:
        if len(asked) > 1:
            return self._wire.batch(service("calendar", "v3", self._account.root).new_batch_http_request(), asked)
        try:
            return [self._wire.execute(asked[0])]
        except Missing as error:
            return [error]

    # -- writing

    def create(self, href: str, item: Item) -> Receipt:
        if href.startswith(tasks.PLACE):
            return self._tasks_write(lambda: self._tasks.create(href, item))
        return self._taken(self._wire.execute(self._insert(item)))

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        if etag is None:
            etag = self._compared(href, raw)
        if href.startswith(tasks.PLACE):
            return self._tasks_write(lambda: self._tasks.update(href, item, raw, etag))
        return self._taken(self._wire.execute(self._patch(href, item, raw, etag)))

    def delete(self, href: str, etag: str | None) -> None:
        if href.startswith(tasks.PLACE):
            self._tasks_write(lambda: self._tasks.delete(href, etag))
            return
        try:
            self._wire.execute(self._removal(href, etag))
        except Changed:
            if self.read([href])[href] is not None:
                raise

    def _compared(self, href: str, raw: str) -> str:
        """The ETag of what stands there, if that is still ``raw``."""
        with readable():
            before = events.parsed(raw)
        now = self.read([href])[href]
        if now is None or now.etag is None or events.parsed(now.raw) != before:
            raise Changed("The entry at Google is no longer the one that was read.")
        return now.etag

    def _insert(self, item: Item) -> Any:
        return self._events.insert(calendarId=self._calendar, body=events.new_event(item), sendUpdates="none", fields=events.FIELDS)

    def _patch(self, href: str, item: Item, raw: str, etag: str) -> Any:
        with readable():
            body = events.changes(item, events.parsed(raw), self._zone)
        where = {"calendarId": self._calendar, "eventId": _name(href)}
        return guarded(self._events.patch(**where, body=body, sendUpdates="none", fields=events.FIELDS, maxAttendees=1), etag)

    def _removal(self, href: str, etag: str | None) -> Any:
        return guarded(self._events.delete(calendarId=self._calendar, eventId=_name(href), sendUpdates="none"), etag)

    def _taken(self, event: events.Resource) -> Receipt:
        seen = self._seen(event)
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
            return self._removal(order.href, order.etag)
        if order.raw is None:
            return self._insert(order.item)
        return self._patch(order.href, order.item, order.raw, order.etag or self._compared(order.href, order.raw))

    def _outcome(self, order: Order, answer: dict[str, Any] | CalendarError) -> Outcome:
        if not isinstance(answer, CalendarError):
            return self._taken(answer) if order.item else None
        if order.item is None and isinstance(answer, Changed):
            try:
                return None if self.read([order.href])[order.href] is None else answer
            except CalendarError as error:
                return error
        return answer


def _name(href: str) -> str:
    return href.removeprefix(events.PLACE)


def _with_occurrences(series: Item, typed: list[Item]) -> Item:
    """The first title that is another than the series' own stands for it; what else differs stands in the notes, one below the other."""
    titles = [title for title in dict.fromkeys(one.title for one in typed) if title and title != series.title]
    texts = [text for text in dict.fromkeys(one.body for one in typed) if text and text != series.body]
    body = "\n".join((*titles[1:], *texts)) or series.body
    return replace(series, title=titles[0] if titles else series.title, body=body, done=series.done or any(one.done for one in typed))
