"""A CalDAV collection as a Calendar (RFC 4791), read by sync-collection (RFC 6578) where the server can, by ETags where it cannot.

``caldav`` gives the client, its ways to log in, and the XML elements. The requests are our own: its objects send more of them, write
without preconditions, and turn an unknown sync token into a silent download of everything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from urllib.parse import urljoin, urlsplit

from caldav.davclient import DAVClient
from caldav.elements import cdav, dav
from caldav.elements.base import BaseElement, ValuedBaseElement

from followsync import ics
from followsync.calendars.base import Changes, Receipt
from followsync.calendars.wire import CAL, CS, DAV, Answer, Part, Wire, canonical, fault, host, multistatus, preconditions, strong, whole
from followsync.core.item import Item, Seen
from followsync.core.target import Capabilities
from followsync.errors import CalendarError, Changed, CursorExpired, LoginNeeded, MassChange, Refused, Unavailable

_CHUNK = 100  # entries in one multiget
_PAGES = 1000  # pages of one sync-collection answer
_ICS = {"Content-Type": "text/calendar; charset=utf-8"}
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_ANY_4XX = frozenset(range(400, 500)) - {401, 429}
_NO_SYNC = frozenset({400, 403, 405, 409, 412, 415, 422, 501})  # how servers without sync-collection answer it, in the wild
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _CTag(ValuedBaseElement):
    tag = CS + "getctag"


def _of(element: BaseElement, *children: BaseElement) -> BaseElement:
    return element.append(children)


_BODIES = _of(dav.Prop(), dav.GetEtag(), cdav.CalendarData())


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
) -> CaldavCalendar:
    """The calendar named ``calendar`` of that account, made if it is missing.

    ``url``: the server, the account's calendars, or the calendar itself. ``collection``: where it was found an earlier time; nothing is
    asked then. ``clock`` gives the stamp of what is written. Raises CalendarError where the calendar cannot be found or made.
    """
    wire = connect(url, username=username, password=password, timeout=timeout)
    try:
        place = wire.trust(whole(collection), url) if collection else _find(wire, whole(url), calendar)
    except BaseException:
        wire.close()
        raise
    return CaldavCalendar(wire, place, zone, clock, capabilities or Capabilities())


def connect(url: str, *, username: str, password: str, timeout: float) -> Wire:
    """A session that logs in with Basic at once, and with Digest where the server asks for that instead."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise CalendarError(f"The address of {host(url)} must begin with https://, or the password could be read on its way.")
    client = DAVClient(
        url=whole(url), username=username or None, password=password or None, timeout=int(timeout) or 1, enable_rfc6764=False
    )
    wire = _Caldav(whole(url), client, timeout=timeout)
    client.session.close()
    client.session = wire
    return wire


class _Caldav(Wire):
    def __init__(self, url: str, client: DAVClient, *, timeout: float) -> None:
        super().__init__(url, timeout=timeout)
        self.headers["User-Agent"] = "FollowSync"
        self._client = client
        if client.password is not None:
            client.build_auth_object(["basic"])  # at once: a question without a password would double every first request
            self.login = client.auth

    def call(
        self, method: str, url: str, body: str = "", headers: Mapping[str, str] | None = None, *, accept: frozenset[int] = frozenset()
    ) -> Answer:
        answer = super().call(method, url, body, headers, accept=accept | {401})
        if answer.status == 401 and self._client.password is not None and self._digest(answer):
            answer = super().call(method, url, body, headers, accept=accept | {401})
        if answer.status == 401:
            raise LoginNeeded(f"{host(url)} does not accept the user name and password; check them in the config.")
        return answer

    def _digest(self, answer: Answer) -> bool:
        """Whether there is another way to log in than the one that failed. A 401 was not acted on, so asking again is no re-sending."""
        offered = self._client.extract_auth_types(answer.headers.get("WWW-Authenticate", ""))
        if "digest" not in offered or "basic" in offered:
            return False
        tried = self.login
        self._client.build_auth_object(["digest"])
        self.login = self._client.auth
        return type(tried) is not type(self.login)


class CaldavCalendar:
    """See ``followsync.calendars.base.Calendar``. hrefs are canonical paths on the collection's server."""

    connections = 4

    def __init__(self, wire: Wire, collection: str, zone: tzinfo, clock: Callable[[], datetime], capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self.skew: timedelta | None = None
        self.collection = collection if collection.endswith("/") else collection + "/"
        self._wire = wire
        self._zone = zone
        self._clock = clock
        self._path = canonical(self.collection)
        self._count()

    def _count(self) -> None:
        """``requests``: round trips; ``sent`` and ``received``: bytes of bodies."""
        self.requests, self.sent, self.received = self._wire.requests_made, self._wire.sent, self._wire.received

    def href(self, uid: str) -> str:
        return self._path + ics.file_name(uid)

    def probe(self) -> Capabilities:
        return self.capabilities

    def another(self) -> CaldavCalendar:
        return self

    def close(self) -> None:
        self._wire.close()

    # -- reading

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        kind, _, token = cursor.partition(":")
        if kind in {"", "sync"}:
            found = self._sync(token)
            if found is not None:
                etags, gone, token = found
                return self._with_bodies(etags, gone, known, f"sync:{token}", complete=not cursor)
        elif kind == "ctag" and self._ctag() == token:
            return Changes((), (), cursor, complete=False)
        etags, ctag = self._listing()
        return self._with_bodies(etags, (), known, f"ctag:{ctag}" if ctag else "list:", complete=True)

    def _with_bodies(
        self, etags: Mapping[str, str | None], gone: Iterable[str], known: Mapping[str, str | None], cursor: str, *, complete: bool
    ) -> Changes:
        new = [href for href, etag in etags.items() if etag is None or known.get(href) != etag]
        bodies = self.read(new)
        deleted = dict.fromkeys([*gone, *(href for href, seen in bodies.items() if seen is None)])
        listed = frozenset(etags) - set(deleted)
        return Changes(tuple(seen for seen in bodies.values() if seen), tuple(deleted), cursor, complete, listed)

    def _sync(self, token: str) -> tuple[dict[str, str | None], list[str], str] | None:
        """href -> etag of what changed, what is gone, the next token; None where the server has no sync-collection."""
        etags: dict[str, str | None] = {}
        gone: dict[str, None] = {}
        first = token
        for _ in range(_PAGES):
            answer = self._report(
                _of(dav.SyncCollection(), dav.SyncToken(value=token), dav.SyncLevel(value="1"), _of(dav.Prop(), dav.GetEtag())),
                "0",
                _ANY_4XX | {501},
            )
            if answer.status >= 400:
                self._no_sync(answer, first)
                return None
            parts, following = multistatus(answer)
            if not following:
                self._no_sync(answer, first)
                return None
            for part in self._members(parts):
                etags.pop(part.href, None)
                gone.pop(part.href, None)
                if part.status == 404:
                    gone[part.href] = None
                else:  # any other status of a member (418 on old servers) is asked after: only 404 says that it is deleted
                    etags[part.href] = strong(part.text(DAV + "getetag"))
            if not any(part.status == 507 and part.href.rstrip("/") == self._path.rstrip("/") for part in parts):
                return etags, list(gone), following
            if following == token:
                break
            token = following
        raise Unavailable(f"{host(self.collection)} sends its list of changes without end; it is tried again later.")

    def _no_sync(self, answer: Answer, token: str) -> None:
        """Raises why a sync-collection failed; it returns where the server simply has none."""
        if answer.status in {404, 410} and not self._expired(answer):
            raise MassChange(
                f"The calendar at {host(self.collection)} is gone. Nothing is written until you accept that or choose another calendar."
            )
        if answer.status == 403 and preconditions(answer.body) == frozenset():
            raise fault("REPORT", answer)
        if token:
            raise CursorExpired(f"{host(self.collection)} no longer knows where we stopped reading; everything is read again.")
        if answer.status >= 400 and answer.status not in _NO_SYNC:
            raise CalendarError(f"{host(self.collection)} refused to list the calendar ({answer.status}); check its address and rights.")

    @staticmethod
    def _expired(answer: Answer) -> bool:
        return "valid-sync-token" in (preconditions(answer.body) or ())

    def _ctag(self) -> str:
        parts, _ = multistatus(self._propfind(self.collection, "0", _CTag()))
        return next((part.text(CS + "getctag") for part in parts), "")

    def _listing(self) -> tuple[dict[str, str | None], str]:
        parts, _ = multistatus(self._propfind(self.collection, "1", dav.GetEtag(), _CTag()))
        ctag = next((text for part in parts if (text := part.text(CS + "getctag"))), "")
        return {part.href: strong(part.text(DAV + "getetag")) for part in self._members(parts)}, ctag

    def _members(self, parts: Iterable[Part]) -> Iterator[Part]:
        """What stands in the collection; iCloud lists the collection itself too."""
        return (part for part in parts if part.href.rstrip("/") != self._path.rstrip("/") and not part.href.endswith("/"))

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        found: dict[str, Seen | None] = {}
        waiting = iter(dict.fromkeys(hrefs))
        while chunk := list(islice(waiting, _CHUNK)):
            seen = self._multiget(chunk)
            found.update((href, seen[href] if href in seen else self._get(href)) for href in chunk)
        return found

    def _multiget(self, hrefs: list[str]) -> dict[str, Seen | None]:
        """What one multiget said. It may leave members out, or fail as a whole where one is missing: those are asked one by one."""
        if len(hrefs) == 1:
            return {}
        body = _of(cdav.CalendarMultiGet(), _BODIES, *(dav.Href(value=href) for href in hrefs))
        answer = self._report(body, "0", _ANY_4XX | {501})
        if answer.status == 403 and preconditions(answer.body) == frozenset():
            raise fault("REPORT", answer)
        if answer.status >= 400:
            return {}
        found: dict[str, Seen | None] = {}
        for part in multistatus(answer)[0]:
            if part.status in {404, 410}:
                found[part.href] = None
            elif raw := _data(part):
                found[part.href] = self._seen(part.href, strong(part.text(DAV + "getetag")), raw)
        return found

    def _get(self, href: str) -> Seen | None:
        answer = self._call("GET", urljoin(self.collection, href), headers={"Accept": "text/calendar"}, accept=frozenset({403, 404, 410}))
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
        return self._put(href, ics.render(item, stamp=self._clock()), {"If-None-Match": "*"})

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        try:
            text = ics.render(item, raw=raw, stamp=self._clock())
        except ValueError as error:
            raise Refused(f"The entry on the calendar cannot be read, so it is left alone: {error}.") from error
        if etag is None:
            now = self._get(href)
            if now is None or _lines(now.raw) != _lines(raw):
                raise Changed(f"The entry at {host(self.collection)} is no longer the one that was read.")
            etag = now.etag
        try:
            return self._put(href, text, {"If-Match": etag} if etag else {})
        except Refused:
            if self._gone(href):
                raise Changed(f"The entry at {host(self.collection)} is no longer there.") from None
            raise

    def delete(self, href: str, etag: str | None) -> None:
        # Schedule-Reply: F (RFC 6638, 8.1): where the rep invited guests, nobody is told in our name.
        headers = {"Schedule-Reply": "F"} | ({"If-Match": etag} if etag else {})
        try:
            self._call("DELETE", urljoin(self.collection, href), headers=headers, accept=frozenset({404, 410}))
        except Changed:
            if not self._gone(href):  # DAViCal says 412 of what is not there
                raise

    def _gone(self, href: str) -> bool:
        return self._get(href) is None

    def _put(self, href: str, text: str, headers: Mapping[str, str]) -> Receipt:
        answer = self._call("PUT", urljoin(self.collection, href), text, {**_ICS, **headers})
        return Receipt(answer.etag, text)

    # -- requests

    def _call(
        self, method: str, url: str, body: str = "", headers: Mapping[str, str] | None = None, *, accept: frozenset[int] = frozenset()
    ) -> Answer:
        try:
            return self._wire.call(method, url, body, headers, accept=accept)
        finally:
            self._count()

    def _report(self, body: BaseElement, depth: str, accept: frozenset[int]) -> Answer:
        return self._call("REPORT", self.collection, str(body), {**_XML, "Depth": depth}, accept=accept)

    def _propfind(self, url: str, depth: str, *props: BaseElement) -> Answer:
        answer = self._call("PROPFIND", url, _props(*props), {**_XML, "Depth": depth}, accept=frozenset({404, 410}))
        if answer.status >= 400:
            self._no_sync(answer, "")
        return answer


def query(wire: Wire, collection: str, start: datetime, end: datetime) -> list[str]:
    """The text of every event of ``collection`` that touches the time from ``start`` to ``end``; a series comes whole (RFC 4791, 7.8)."""
    events = _of(cdav.CompFilter(name="VEVENT"), cdav.TimeRange(start, end))
    body = _of(cdav.CalendarQuery(), _BODIES, _of(cdav.Filter(), _of(cdav.CompFilter(name="VCALENDAR"), events)))
    answer = wire.call("REPORT", collection, str(body), {**_XML, "Depth": "1"})
    return [raw for part in multistatus(answer)[0] if (raw := _data(part))]


def _data(part: Part) -> str:
    element = part.props.get(CAL + "calendar-data")
    return (element.text or "") if element is not None else ""


def _lines(raw: str) -> list[str]:
    """XML turns CRLF into LF, so texts that came by different ways compare by their lines."""
    return raw.replace("\r", "").strip().split("\n")


# ---------------------------------------------------------------------------------------------------------------- discovery


def _find(wire: Wire, url: str, name: str) -> str:
    """The address of the calendar ``name``: ``url`` itself where that is a calendar, else in the account's homes, made if missing."""
    homes = _homes(wire, url)
    if homes is None:
        return url if url.endswith("/") else url + "/"
    there = {place: shown for home in homes for place, shown in calendars(wire, home).items()}
    named = [place for place, shown in there.items() if shown == name]
    if len(named) > 1:
        raise CalendarError(
            f"There are {len(named)} calendars named {name!r}: {', '.join(named)}. Put the address of one of them into the config."
        )
    return named[0] if named else _make(wire, homes[0], name)


def _homes(wire: Wire, url: str) -> list[str] | None:
    """Where the account's calendars stand (RFC 5397; RFC 4791, 6.2.1); None where ``url`` is a calendar itself."""
    props = dav.ResourceType(), dav.CurrentUserPrincipal(), cdav.CalendarHomeSet()
    answer = _propfind(wire, url, "0", *props, accept=_ANY_4XX)
    if answer.status >= 400 or not (parts := multistatus(answer)[0]):
        if canonical(url) not in {"", "/"}:
            raise CalendarError(f"There is no calendar server at {url} ({answer.status}); check the address in the config.")
        answer = _propfind(wire, urljoin(url, "/.well-known/caldav"), "0", *props)  # RFC 6764, section 5
        parts = multistatus(answer)[0]
    if _is_calendar(parts[0]):
        return None
    if homes := _hrefs(parts[0], CAL + "calendar-home-set", answer.url):
        return [wire.trust(home, answer.url) for home in homes]
    principals = _hrefs(parts[0], DAV + "current-user-principal", answer.url)
    if not principals:
        return [answer.url]  # small servers have no principals: then the given address is the home
    principal = _propfind(wire, wire.trust(principals[0], answer.url), "0", cdav.CalendarHomeSet())
    homes = [home for part in multistatus(principal)[0] for home in _hrefs(part, CAL + "calendar-home-set", principal.url)]
    return [wire.trust(home, principal.url) for home in homes] or [answer.url]


def calendars(wire: Wire, home: str) -> dict[str, str]:
    """Address -> display name of the calendars that stand in ``home``."""
    answer = _propfind(wire, home, "1", dav.ResourceType(), dav.DisplayName())
    return {whole(urljoin(answer.url, part.href)): part.text(DAV + "displayname") for part in multistatus(answer)[0] if _is_calendar(part)}


def account(wire: Wire, url: str) -> dict[str, str]:
    """Address -> display name of all calendars of the account at ``url``, or of the one calendar that ``url`` is."""
    homes = _homes(wire, whole(url))
    if homes is None:
        answer = _propfind(wire, whole(url), "0", dav.DisplayName())
        return {whole(url): part.text(DAV + "displayname") for part in multistatus(answer)[0]}
    return {place: shown for home in homes for place, shown in calendars(wire, home).items()}


def _make(wire: Wire, home: str, name: str) -> str:
    """Make the calendar under an address that follows from its name, so that making it twice makes one, and a rep who renames it keeps
    it. Some servers move what was made, so its true address is looked up again."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "calendar"
    place = urljoin(home if home.endswith("/") else home + "/", f"{slug}-{hashlib.sha256(name.encode()).hexdigest()[:8]}/")
    kinds = _of(cdav.SupportedCalendarComponentSet(), cdav.Comp(name="VEVENT"), cdav.Comp(name="VTODO"))
    body = _of(cdav.Mkcalendar(), _of(dav.Set(), _of(dav.Prop(), dav.DisplayName(value=name), kinds)))
    answer = wire.call("MKCALENDAR", place, str(body), _XML, accept=_ANY_4XX)
    there = calendars(wire, home)
    wanted = canonical(place).rstrip("/")
    for found, shown in there.items():
        if shown == name or canonical(found).rstrip("/") == wanted:
            return found
    raise CalendarError(f"{host(home)} will not make a calendar ({answer.status}): make one named {name!r} yourself, then sync again.")


def _propfind(wire: Wire, url: str, depth: str, *props: BaseElement, accept: frozenset[int] = frozenset()) -> Answer:
    return wire.call("PROPFIND", url, _props(*props), {**_XML, "Depth": depth}, accept=accept)


def _props(*props: BaseElement) -> str:
    return str(_of(dav.Propfind(), _of(dav.Prop(), *props)))


def _is_calendar(part: Part) -> bool:
    kinds = part.props.get(DAV + "resourcetype")
    names = {child.tag for child in kinds} if kinds is not None else set()
    return CAL + "calendar" in names and not any("subscribed" in name or "deleted-calendar" in name for name in names)


def _hrefs(part: Part, name: str, base: str) -> list[str]:
    prop = part.props.get(name)
    found = prop.iterfind(DAV + "href") if prop is not None else ()
    return [whole(urljoin(base, element.text.strip())) for element in found if element.text]
