"""A CalDAV collection as a Calendar (RFC 4791), read by sync-collection (RFC 6578) where the server can, by ETags where it cannot.

What a server is not known to do, it is taken not to do: then we look before we write, and say that what was written must be read back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from urllib.parse import urljoin

from followsync import ics
from followsync.calendars import bodies, discovery, probing
from followsync.calendars.base import Changes, Receipt
from followsync.calendars.discovery import ANY_4XX, XML, Account, Place, Resolver
from followsync.calendars.login import Way
from followsync.calendars.wire import (
    CAL,
    CS,
    DAV,
    Answer,
    Part,
    Wire,
    alike,
    bare,
    canonical,
    fault,
    host,
    moment,
    multistatus,
    preconditions,
    strong,
    whole,
)
from followsync.core.cadence import Form
from followsync.core.item import Item, Seen
from followsync.core.target import Capabilities
from followsync.errors import Busy, CalendarError, Changed, CursorExpired, LoginNeeded, MassChange, Refused, Unavailable

_CHUNK = 100  # entries in one multiget
_PAGES = 1000  # pages of one sync-collection answer
_ICS = {"Content-Type": "text/calendar; charset=utf-8"}
_NOT_THERE = frozenset({404, 410})
_NO_SYNC = frozenset({400, 403, 405, 409, 412, 415, 422, 501})  # how servers without sync-collection answer it, in the wild
_SPOILT = "cannot read it itself (500)"
_EXPIRED = "{} no longer knows where we stopped reading; everything is read again."


def open_caldav(
    *,
    url: str,
    username: str,
    password: str,
    calendar: str,
    timeout: float,
    zone: tzinfo,
    clock: Callable[[], datetime],
    collection: str = "",
    capabilities: Capabilities | None = None,
    auth: Way = "auto",
    resolver: Resolver | None = None,
    make: bool = True,
) -> CaldavCalendar:
    """The calendar ``calendar`` (a name or an address) of an account, made if it is missing; without ``make``, that is NotMade.

    ``url``: the server, the account, the calendar itself, a domain, or an e-mail address. ``collection``: where it was found an earlier
    time; nothing is asked then. ``clock`` gives the stamp of what is written. Raises CalendarError where it cannot be found or made.
    """
    account = Account(url, username, password, auth, timeout, resolver)
    known = capabilities or Capabilities()
    if not collection:
        wire, place = discovery.find(account, calendar, make=make)
        known = replace(known, tasks=place.tasks if known.tasks is None else known.tasks)
        found = CaldavCalendar(wire, place.url, zone, clock, known)
        found.made = place.made
        return found
    wire = account.connect(account.base)
    try:
        opened = CaldavCalendar(wire, wire.trust(whole(collection), account.base), zone, clock, known)
    except BaseException:
        wire.close()
        raise
    opened.elsewhere = lambda: _moved(account, calendar, opened.collection)
    return opened


def _moved(account: Account, calendar: str, collection: str) -> Place | None:
    """Where the account says now that a remembered calendar is. Asked only of a calendar on another host than the account's own: iCloud
    moves accounts from one such host to another, and elsewhere a calendar that is gone is gone."""
    if host(collection) == host(account.base):
        return None
    try:
        wire, place = discovery.find(account, calendar, make=False)
    except CalendarError:
        return None
    wire.close()
    return None if place.url == collection else place


class CaldavCalendar:
    """See ``followsync.calendars.base.Calendar``. hrefs are canonical paths on the collection's server."""

    connections = 4
    batch = None

    def __init__(self, wire: Wire, collection: str, zone: tzinfo, clock: Callable[[], datetime], capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self.collection = collection if collection.endswith("/") else collection + "/"
        self.elsewhere: Callable[[], Place | None] = lambda: None
        self.made = False  # just now: nothing stands there
        self._wire = wire
        self._zone = zone
        self._clock = clock
        self._path = canonical(self.collection)
        self._pages: set[str] = set()
        self._strips = False  # a proxy appends to ETags what the server behind it does not know
        self._deaf = False  # the server does not know the ETags that it gives

    # ``requests``: round trips; ``sent`` and ``received``: bytes of bodies.
    @property
    def requests(self) -> int:
        return self._wire.requests_made

    @property
    def sent(self) -> int:
        return self._wire.sent

    @property
    def received(self) -> int:
        return self._wire.received

    @property
    def skew(self) -> timedelta | None:
        return self._wire.skew

    @property
    def notice(self) -> str:
        return ""

    def href(self, uid: str, form: Form = Form.EVENT) -> str:
        return self._path + ics.file_name(uid)

    def probe(self, *, again: bool = False) -> Capabilities:
        if again or not self.capabilities.known:
            self.capabilities = probing.probed(self, self._clock().astimezone(self._zone))
        return self.capabilities

    def another(self) -> CaldavCalendar:
        other = CaldavCalendar(self._wire.another(), self.collection, self._zone, self._clock, self.capabilities)
        other._strips, other._deaf = self._strips, self._deaf
        return other

    def close(self) -> None:
        self._wire.close()

    # -- reading

    def reaches(self, href: str) -> bool:
        return True

    def remind(self, etags: Callable[[], Mapping[str, str]]) -> None:
        """Names of ours are ids here."""

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        """A sync-collection answer that the server cut (507, RFC 6578, 3.6) is one page."""
        try:
            return self._changes(cursor, known)
        except (MassChange, LoginNeeded):
            place = self.elsewhere()
            if place is None:
                raise
            if canonical(place.url) != self._path:
                raise MassChange(
                    f"The calendar is no longer where it was; now it is at {place.url}. Nothing is written until you "
                    "say what that means: 'followsync sync --restore' writes everything there; or put the address into the config."
                ) from None
        self._wire.trust(place.url, self.collection)
        self.collection = place.url
        return self._changes(cursor, known)

    def _changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        kind, _, token = cursor.partition(":")
        if kind in {"", "sync"}:
            found = self._sync(token, known, complete=not cursor)
            if found is not None:
                return found
        elif kind == "ctag" and self._ctag() == token:
            return Changes((), (), cursor, complete=False)
        etags, ctag = self._listing()
        return self._with_bodies(etags, (), known, Changes((), (), f"ctag:{ctag}" if ctag else "list:", complete=True))

    def _with_bodies(
        self, etags: Mapping[str, str | None], gone: Iterable[str], known: Mapping[str, str | None], changes: Changes
    ) -> Changes:
        new = [href for href, etag in etags.items() if etag is None or not alike(known.get(href), etag)]
        read = self.read(new) if new else {}
        deleted = dict.fromkeys([*gone, *(href for href, seen in read.items() if seen is None)])
        listed = frozenset(href for href in etags if href not in deleted)
        seen = tuple(_told(seen, etags[href]) for href, seen in read.items() if seen)
        return replace(changes, seen=seen, gone=tuple(deleted), listed=listed)

    def _sync(self, token: str, known: Mapping[str, str | None], *, complete: bool) -> Changes | None:
        """One page; None where the server has no sync-collection."""
        answer = self._report(bodies.sync_collection(token), ANY_4XX | {501})
        parts, following = ([], "") if answer.status >= 400 else multistatus(answer)
        if not following:
            self._no_sync(answer, token)
            return None
        etags: dict[str, str | None] = {}
        gone: dict[str, None] = {}
        for part in self._members(parts):
            etags.pop(part.href, None)
            gone.pop(part.href, None)
            if part.status == 404:
                if not complete:  # Radicale tells of what is long gone, to those too who never saw it
                    gone[part.href] = None
            else:  # any other status of a member (418 on old servers) is asked after: only 404 says that it is deleted
                etags[part.href] = strong(part.text(DAV + "getetag"))
        more = any(part.status == 507 and self._is_itself(part.href) for part in parts)
        self._turn(token, following, more)
        cursor = f"sync:{following if more else _settled(following, answer)}"
        return self._with_bodies(etags, gone, known, Changes((), (), cursor, complete, more=more))

    def _turn(self, token: str, following: str, more: bool) -> None:
        """Raises Unavailable where one page leads to the next without end."""
        if not more:
            self._pages.clear()
            return
        self._pages.add(token)
        if following in self._pages or len(self._pages) >= _PAGES:
            self._pages.clear()
            raise Unavailable(f"{host(self.collection)} sends its list of changes without end; it is tried again later.")

    def _no_sync(self, answer: Answer, token: str) -> None:
        """Raises why a sync-collection failed; it returns where the server simply has none."""
        names = preconditions(answer.body) if answer.status >= 400 else None
        expired = "valid-sync-token" in (names or ()) or (token and answer.status == 410)
        if answer.status in {404, 410, 421} and not expired:
            raise MassChange(
                f"The calendar at {host(self.collection)} is gone. Nothing is written until you say what that means: 'followsync sync "
                "--restore' makes it anew, '--accept-deletes' asks about each prospect; or name another calendar in the config."
            )
        if answer.status == 403 and names == frozenset():
            raise fault("REPORT", answer)
        if token:
            raise CursorExpired(_EXPIRED.format(host(self.collection)))
        if answer.status >= 400 and answer.status not in _NO_SYNC:
            raise CalendarError(f"{host(self.collection)} refused to list the calendar ({answer.status}); check its address and rights.")

    def _ctag(self) -> str:
        parts, _ = multistatus(self._propfind("0", bodies.CTAG))
        return next((part.text(CS + "getctag") for part in parts), "")

    def _listing(self) -> tuple[dict[str, str | None], str]:
        parts, _ = multistatus(self._propfind("1", bodies.LISTING))
        ctag = next((text for part in parts if (text := part.text(CS + "getctag"))), "")
        return {part.href: strong(part.text(DAV + "getetag")) for part in self._members(parts)}, ctag

    def _members(self, parts: Iterable[Part]) -> Iterator[Part]:
        """What stands in the collection; iCloud lists the collection itself too."""
        return (part for part in parts if not self._is_itself(part.href) and not part.href.endswith("/"))

    def _is_itself(self, href: str) -> bool:
        return href.rstrip("/") == self._path.rstrip("/")

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        found: dict[str, Seen | None] = {}
        waiting = iter(dict.fromkeys(hrefs))
        while chunk := list(islice(waiting, _CHUNK)):
            seen = self._multiget(chunk) if len(chunk) > 1 else {}
            found.update((href, seen[href] if href in seen else self._get(href, alone=True)) for href in chunk)
            if len(chunk) > 1 and all((one := found[href]) and one.trouble.endswith(_SPOILT) for href in chunk):
                raise Unavailable(f"{host(self.collection)} has a fault of its own (500); it is tried again later.")
        return found

    def _multiget(self, hrefs: list[str]) -> dict[str, Seen | None]:
        """What one multiget said. It may leave members out, or fail as a whole where one is missing or spoilt (Xandikos): those are asked
        one by one."""
        answer = self._report(bodies.multiget(hrefs), ANY_4XX | {500, 501})
        if answer.status == 403 and preconditions(answer.body) == frozenset():
            raise fault("REPORT", answer)
        if answer.status >= 400:
            return {}
        found: dict[str, Seen | None] = {}
        for part in multistatus(answer)[0]:
            if part.status in _NOT_THERE:
                found[part.href] = None
            elif raw := _data(part):
                found[part.href] = self._seen(part.href, strong(part.text(DAV + "getetag")), raw)
        return found

    def _get(self, href: str, *, alone: bool = False) -> Seen | None:
        """``alone``: the server lists everything and fails at this one, so that its file there is spoilt, and no reason to stop."""
        accept = _NOT_THERE | ({403, 500} if alone else {403})
        answer = self._wire.call("GET", self._url(href), headers={"Accept": "text/calendar"}, accept=accept)
        if answer.status == 500:
            return Seen(href, None, "", None, f"{host(self.collection)} {_SPOILT}")
        if answer.status == 403:
            return Seen(href, None, "", None, f"{host(self.collection)} does not let us read it (403)")
        return None if answer.status >= 400 else self._seen(href, answer.etag, answer.body.decode("utf-8", "replace"))

    def _seen(self, href: str, etag: str | None, raw: str) -> Seen:
        raw = "\r\n".join([*_lines(raw), ""])
        try:
            return Seen(href, etag, raw, ics.read(raw, self._zone))
        except ValueError as error:
            return Seen(href, etag, raw, None, str(error))

    # -- writing

    def create(self, href: str, item: Item) -> Receipt:
        text = ics.render(item, stamp=self._clock())
        if not self.capabilities.creates_safely and self._get(href) is not None:
            raise Changed(f"Something stands already where a new entry was to be made on {host(self.collection)}.")
        etag = self.put(href, text, {"If-None-Match": "*"})
        return Receipt(etag if self.capabilities.etags and self.capabilities.creates_safely else None, text)

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        try:
            text = ics.render(item, raw=raw, stamp=self._clock())
        except ValueError as error:
            raise Refused(f"The entry on the calendar cannot be read, so it is left alone: {error}.") from error
        if etag is None or not self.capabilities.writes_safely:
            now = self._get(href)
            if now is None or not (alike(etag, now.etag) or _lines(now.raw) == _lines(raw)):
                raise self._conflict()
            etag = now.etag or etag
        written = self._put_over(href, text, raw, etag)
        return Receipt(written if self.capabilities.etags and self.capabilities.writes_safely else None, text)

    def _put_over(self, href: str, text: str, raw: str, etag: str | None) -> str | None:
        """The new ETag. Raises Changed where what stands there is not what was read."""
        try:
            return self.put(href, text, self._match(etag))
        except Changed:
            if not self._may_differ(etag) or (now := self._get(href)) is None or _lines(now.raw) != _lines(raw):
                raise
        except Refused:
            if self._get(href) is None:
                raise self._conflict() from None
            raise
        self._spell_otherwise(etag)
        return self.put(href, text, self._match(etag))

    def delete(self, href: str, etag: str | None) -> None:
        if not self.capabilities.writes_safely:
            now = self._get(href)
            if now is None:
                return
            if etag and now.etag and not alike(etag, now.etag):
                raise self._conflict()
            etag = now.etag or etag
        try:
            self.remove(href, etag)
        except Changed:
            now = self._get(href)
            if now is None:  # DAViCal says 412 of what is not there
                return
            if not self._may_differ(etag) or not alike(etag, now.etag):
                raise
            self._spell_otherwise(etag)
            self.remove(href, etag)

    def _match(self, etag: str | None) -> dict[str, str]:
        """Never ``If-Match: *``: servers disagree what it means."""
        return {"If-Match": bare(etag) if self._strips else etag} if etag and not self._deaf else {}

    def _may_differ(self, etag: str | None) -> bool:
        """Whether a refused ETag may be that of what stands there all the same: it was sent with what a proxy appended to it, or to a
        server that was found not to know its own."""
        return etag is not None and not self._deaf and (self._appended(etag) or not self.capabilities.writes_safely)

    def _spell_otherwise(self, etag: str | None) -> None:
        if self._appended(etag):
            self._strips = True
        else:
            self._deaf = True

    def _appended(self, etag: str | None) -> bool:
        return etag is not None and not self._strips and bare(etag) != etag

    def _conflict(self) -> Changed:
        return Changed(f"The entry at {host(self.collection)} is no longer the one that was read.")

    def put(self, href: str, text: str, headers: Mapping[str, str]) -> str | None:
        """One PUT of exactly this text; the ETag of the answer. Raises Changed where a change to what is not there was refused."""
        answer = self._wire.call(
            "PUT", self._url(href), text, {**_ICS, **headers}, accept=_NOT_THERE if "If-Match" in headers else frozenset()
        )
        if answer.status >= 400:
            raise self._conflict()
        return answer.etag

    def remove(self, href: str, etag: str | None) -> None:
        """One DELETE; what is already gone is no error."""
        # Schedule-Reply: F (RFC 6638, 8.1): where the rep invited guests, nobody is told in our name.
        self._wire.call("DELETE", self._url(href), headers={"Schedule-Reply": "F", **self._match(etag)}, accept=_NOT_THERE)

    def met(self, href: str) -> tuple[Seen | None, str]:
        """See ``probing.Prober``. Only where nothing else stands is the list asked for with an empty token, and with the texts."""
        if not self.made:
            return self.read([href])[href], self._token()
        answer = self._report(bodies.WITH_TEXTS, ANY_4XX | {501})
        parts, following = multistatus(answer) if answer.status < 400 else ([], "")
        texts = {part.href: part for part in parts if _data(part)}
        if href not in texts:
            return self.read([href])[href], _settled(following, answer)
        etag = strong(texts[href].text(DAV + "getetag"))
        return self._seen(href, etag, _data(texts[href])), _settled(following, answer)

    def _token(self) -> str:
        """What is good to know, and no reason to fail."""
        try:
            answer = self._wire.call("PROPFIND", self.collection, bodies.TOKEN, {**XML, "Depth": "0"}, accept=ANY_4XX | {501})
        except (Unavailable, Busy):
            return ""
        parts = multistatus(answer)[0] if answer.status < 400 else []
        return next((_settled(text, answer) for part in parts if (text := part.text(DAV + "sync-token"))), "")

    def tells(self, token: str, href: str) -> bool | None:
        """See ``probing.Prober``. Any status but that of something that stands makes us look (see ``_sync``)."""
        answer = self._report(bodies.sync_collection(token), ANY_4XX | {501})
        if answer.status >= 400:
            return None
        parts, _ = multistatus(answer)
        found = [part.status or 200 for part in parts if part.href == href]
        if found or any(part.status == 507 for part in parts):  # shown as standing: out of a cache
            return True if any(status >= 400 for status in found) else None
        return False

    # -- requests

    def _url(self, href: str) -> str:
        return urljoin(self.collection, href)

    def _report(self, body: str, accept: frozenset[int]) -> Answer:
        return self._wire.call("REPORT", self.collection, body, {**XML, "Depth": "0"}, accept=accept)

    def _propfind(self, depth: str, body: str) -> Answer:
        answer = self._wire.call("PROPFIND", self.collection, body, {**XML, "Depth": depth}, accept=_NOT_THERE | {421})
        if answer.status >= 400:
            self._no_sync(answer, "")
        return answer


def query(wire: Wire, collection: str, start: datetime, end: datetime) -> list[str]:
    """The text of every event of ``collection`` that touches the time from ``start`` to ``end``; a series comes whole (RFC 4791, 7.8)."""
    answer = wire.call("REPORT", collection, bodies.query(start, end), {**XML, "Depth": "1"})
    return [raw for part in multistatus(answer)[0] if (raw := _data(part))]


def _settled(token: str, answer: Answer) -> str:
    """The token to ask with next time. SOGo's are the second of the answer: what changes later within that second would never be told, so
    the second before is asked for, and our own echo is read twice. Other tokens, and seconds that are over, are sent back as they came."""
    if not (token.isascii() and token.isdigit() and len(token) == 10):
        return token
    said = moment(answer.headers.get("Date", ""))
    return str(int(token) - 1) if said is None or int(token) >= int(said.timestamp()) else token


def _told(seen: Seen, etag: str | None) -> Seen:
    return seen if etag is None or seen.etag is None or alike(seen.etag, etag) else replace(seen, listed=etag)


def _data(part: Part) -> str:
    element = part.props.get(CAL + "calendar-data")
    return (element.text or "") if element is not None else ""


def _lines(raw: str) -> list[str]:
    """XML turns CRLF into LF, so texts that came by different ways compare by their lines."""
    return raw.replace("\r", "").strip().split("\n")
