"""A CalDAV server in memory: a request in, an answer out, no socket, no thread, and a ``Personality`` that says how it misbehaves.

It stands below ``requests``: what is sent to its host never reaches a network. So everything above is the real client. RFC 4918 (WebDAV),
4791 (CalDAV), 6578 (sync-collection).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from threading import RLock
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from followsync.calendars.memory import MemoryServer
from followsync.core.item import Item
from tests.dav.personalities import CLEAN, Personality

HOST = "dav.example.org"
HOME = "/dana/"
D, C, CS = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
STEP = timedelta(milliseconds=300)  # the server's clock goes on by this with each request, and with each tap on the phone
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:CS="http://calendarserver.org/ns/">'
)
_PREFIX = {"DAV:": "", "urn:ietf:params:xml:ns:caldav": "C:", "http://calendarserver.org/ns/": "CS:"}
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_MARK = re.compile(r"^X-FOLLOWSYNC-(PROSPECT|ACTION):(.*?)\r?$", re.MULTILINE)
_MAIL = re.compile("^(ATTENDEE|ORGANIZER|METHOD)[;:]", re.MULTILINE)
_UID = re.compile(r"^UID:(.*?)\r?$", re.MULTILINE)

Answer = tuple[int, dict[str, str], bytes]
Entry = tuple[str, str]


class Broken(Exception):
    """The connection broke: nobody answers."""


class DavServer(MemoryServer):
    """One collection. ``entries``: href -> (etag, text), as in ``MemoryServer``, whose phone it has too; ``asked``: requests so far.

    ``marks``: whose entry an href is, as it was sent: a server may drop that, and the tests still have to know. For the oracles:
    ``written`` (hrefs that a client wrote), ``removed`` (href and marks of what a client deleted), ``mailed`` (what was sent with guests).
    """

    def __init__(self, name: str = "follow-ups", personality: Personality = CLEAN, *, label: str = "", now: datetime | None = None) -> None:
        super().__init__(name, **({"now": now} if now else {}))
        self.path = f"{HOME}{name}/"
        self.label = label or name
        self.personality = personality
        self.asked = 0
        self.marks: dict[str, dict[str, str]] = {}
        self.deleted: set[str] = set()
        self.written: set[str] = set()
        self.removed: list[tuple[str, dict[str, str]]] = []
        self.mailed: list[str] = []
        self._uids: dict[str, str] = {}
        self._when: list[datetime] = []
        self._before: list[Entry | None] = []
        self._forgotten = 0

    # -- what stands there

    @property
    def changed(self) -> int:
        """Grows with whatever changes there."""
        return len(self._log)

    def store(self, href: str, text: str | None) -> str | None:
        self.now += STEP
        self._log.append(href)
        self._when.append(self.now)
        self._before.append(self.entries.get(href))
        if text is None:
            self.deleted.add(href)
            self._uids.pop(href, None)
            self.entries.pop(href, None)
            return None
        if "X-FOLLOWSYNC-" in text:
            self.marks[href] = dict(_MARK.findall(text.replace("\r\n ", "")))
        for rewrite in self.personality.rewrites:
            text = rewrite(text)
        found = _UID.search(text)
        self._uids[href] = found[1] if found else ""
        etag = f'"{sha256(f"{len(self._log)}{text}".encode()).hexdigest()[:16]}"'
        self.entries[href] = (etag, text)
        return etag

    def phone_delete(self, href: str) -> None:
        assert href in self.entries
        self.store(href, None)

    def phone_item(self, href: str, zone: tzinfo | None = None) -> Item:
        item = super().phone_item(href, zone) if zone else super().phone_item(href)
        return marked(item, self.marks.get(href))

    def forget_tokens(self) -> None:
        self._era += 1
        self._forgotten = len(self._log)
        self.now += timedelta(seconds=1)

    # -- the list of changes

    @property
    def token(self) -> str:
        if self.personality.tokens == "seconds":
            return str(int(self.now.timestamp()))
        return f"https://{HOST}/ns/{self._era}-{len(self._log)}"

    def _place(self, token: str) -> int | None:
        """Where in the log that token stands; None where it is not known."""
        if self.personality.tokens == "seconds":
            if not re.fullmatch("[0-9]{1,12}", token):
                return None
            place = next((at for at in range(len(self._when), 0, -1) if int(self._when[at - 1].timestamp()) <= int(token)), 0)
            return place if place >= self._forgotten else None
        era, _, number = token.rpartition("/")[2].partition("-")
        known = era == str(self._era) and re.fullmatch("[0-9]{1,9}", number) and int(number) <= len(self._log)
        return int(number) if known else None

    def _as_of(self) -> tuple[Mapping[str, Entry], int]:
        """What a REPORT shows, and how much of the log it knows: a cache knows what was a while ago."""
        if not self.personality.cache:
            return self.entries, len(self._log)
        shown, end = dict(self.entries), len(self._log)
        while end and self._when[end - 1] > self.now - timedelta(seconds=self.personality.cache):
            end -= 1
            before = self._before[end]
            if before is None:
                shown.pop(self._log[end], None)
            else:
                shown[self._log[end]] = before
        return shown, end

    # -- requests

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked += 1
        self.now += STEP
        faults, wanted = self.faults, self.personality.limit
        if faults.login:
            return 401, {"WWW-Authenticate": 'Basic realm="dav"'}, b""
        if wanted and self.asked % wanted == 0:
            return 429, {"Retry-After": "30"}, b""
        if method in ("PUT", "DELETE"):
            return self._write(method, path, headers, body)
        if faults.reads:
            faults.reads -= 1
            return self._break()
        match method:
            case "GET":
                return self._get(path)
            case "PROPFIND":
                return self._propfind(path, headers.get("Depth", "0"), body)
            case "REPORT":
                return self._report(body)
            case _:
                return 405, {}, b""

    def _break(self) -> Answer:
        if self.faults.retry_after is not None:
            return 503, {"Retry-After": f"{self.faults.retry_after:.0f}"}, b""
        raise Broken

    def _write(self, method: str, href: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.faults.breaks("before"):
            return self._break()
        if href in self.faults.refuse:
            return 403, {}, b""
        answer = self._put(href, headers, body.decode()) if method == "PUT" else self._delete(href, headers)
        self.writes += answer[0] < 300
        if self.faults.breaks("after"):
            return self._break()
        return answer

    def _put(self, href: str, headers: Mapping[str, str], text: str) -> Answer:
        there, habits = self.entries.get(href), self.personality
        if headers.get("If-None-Match") == "*" and there and habits.if_none_match:
            return 412, {}, b""
        wanted = headers.get("If-Match")
        if wanted and (not habits.resurrects if there is None else not self._matches(wanted, there[0])):
            return 412, {}, b""
        found = _UID.search(text)
        taken = found and any(uid == found[1] and other != href for other, uid in self._uids.items())
        if there is None and ((taken and habits.unique_uids) or (href in self.deleted and habits.reserves)):
            return (
                409 if taken else habits.reserves,
                _XML,
                b'<error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:no-uid-conflict/></error>',
            )
        self.written.add(href)
        if _MAIL.search(text):
            self.mailed.append(href)
        if "X-FOLLOWSYNC-" not in text:
            self.marks.pop(href, None)  # our client gives back what the rep typed
        etag = self.store(href, text)
        assert etag
        told = None if self.faults.no_etag else self._etag(etag, "put")
        return 201 if there is None else 204, {"ETag": told} if told else {}, b""

    def _delete(self, href: str, headers: Mapping[str, str]) -> Answer:
        there, wanted = self.entries.get(href), headers.get("If-Match")
        if there is None:
            return self.personality.delete_absent, {}, b""
        if wanted and self.personality.if_match_delete and not self._matches(wanted, there[0]):
            return 412, {}, b""
        self.written.add(href)
        self.removed.append((href, self.marks.get(href, {})))
        self.store(href, None)
        return 204, {}, b""

    def _matches(self, wanted: str, etag: str) -> bool:
        """RFC 9110, 13.1.1: strong comparison. Behind a proxy that packs answers, its own suffix is not known to the server."""
        return wanted == etag and self.personality.knows_etags and self.personality.etags["get"] != "weak"

    def _etag(self, etag: str, where: str) -> str | None:
        match self.personality.etags[where]:
            case "none":
                return None
            case "weak":
                return f"W/{etag}"
            case "gzip":
                return f'{etag[:-1]}-gzip"'
            case _:
                return etag

    def _get(self, href: str) -> Answer:
        if href not in self.entries:
            return 404, {}, b""
        etag, text = self.entries[href]
        told = self._etag(etag, "get")
        headers = {"Content-Type": "text/calendar; charset=utf-8", **({"ETag": told} if told else {})}
        return 200, headers, text.encode()

    # -- properties and reports

    def _propfind(self, path: str, depth: str, body: bytes) -> Answer:
        names = wanted(body)
        parts = [answered(self.path, names, self.properties())]
        if path.rstrip("/") != self.path.rstrip("/"):
            if path not in self.entries:
                return 404, {}, b""
            parts = [self._part(path, names, self.entries[path])]
        elif depth == "1":
            parts += [self._part(href, names, there) for href, there in list(self.entries.items())[: self.faults.cut]]
        return multistatus(parts)

    def properties(self) -> dict[str, str]:
        reports = "" if self.personality.tokens == "none" else "<supported-report><report><sync-collection/></report></supported-report>"
        rights = "".join(f"<privilege><{right}/></privilege>" for right in ("read", "write", "bind", "unbind"))
        found = {
            f"{D}resourcetype": "<collection/><C:calendar/>",
            f"{D}displayname": escape(self.label),
            f"{D}supported-report-set": f"<supported-report><report><C:calendar-multiget/></report></supported-report>{reports}",
            f"{D}current-user-privilege-set": rights,
            f"{C}supported-calendar-component-set": '<C:comp name="VEVENT"/><C:comp name="VTODO"/>',
        }
        if self.personality.tokens != "none":
            found[f"{D}sync-token"] = self.token
        if self.personality.ctag:
            found[f"{CS}getctag"] = f"{self._era}-{len(self._log)}"
        return found

    def _part(self, href: str, names: tuple[str, ...], there: Entry) -> str:
        told = self._etag(there[0], "list")
        has = {f"{D}resourcetype": "", f"{D}getcontenttype": "text/calendar"}
        if told:
            has[f"{D}getetag"] = told
        if f"{C}calendar-data" in names:
            has[f"{C}calendar-data"] = escape(there[1]).replace("\r", "&#13;")
        return answered(href, names, has)

    def _report(self, body: bytes) -> Answer:
        kind, hrefs, token = asked_for(body)
        if kind == "sync-collection":
            return self._sync(token, wanted(body)) if self.personality.tokens != "none" else (415, {}, b"")
        if kind != "calendar-multiget" or self.personality.multiget == "none":
            return 501, {}, b""
        shown, _ = self._as_of()
        if self.personality.multiget == "404" and any(href not in shown for href in hrefs):
            return 404, {}, b""
        names = wanted(body)
        parts = [self._part(href, names, shown[href]) for href in hrefs if href in shown]
        if self.personality.multiget == "parts":
            parts += [
                f"<response><href>{escape(href)}</href><status>HTTP/1.1 404 Not Found</status></response>"
                for href in hrefs
                if href not in shown
            ]
        return multistatus(parts)

    def _sync(self, token: str, names: tuple[str, ...]) -> Answer:
        habits = self.personality
        shown, end = self._as_of()
        start = self._place(token) if token else 0
        if start is None and habits.bad_token != 207:
            return bad_token(habits.bad_token)
        everything = not token or start is None
        start = min(start or 0, end)
        changed = list(shown)[: self.faults.cut] if everything else list(dict.fromkeys(self._log[start:end]))
        if habits.cut:
            changed = changed[: habits.cut]
        following, more = self.token, False
        if habits.page:
            changed, following, more = self._paged(changed, start)
        elif end < len(self._log) and habits.tokens == "numbers":
            following = f"https://{HOST}/ns/{self._era}-{end}"
        elif end < len(self._log):
            following = str(int((self.now - timedelta(seconds=habits.cache)).timestamp()))
        parts = [part for href in changed if (part := self._changed(href, names, shown, start))]
        if habits.lists_itself:
            parts.insert(0, answered(self.path, names, {}, "200 OK"))
        if more:
            parts.append(f"<response><href>{self.path}</href><status>HTTP/1.1 507 Insufficient Storage</status></response>")
        return multistatus(parts, following)

    def _paged(self, changed: list[str], start: int) -> tuple[list[str], str, bool]:
        """RFC 6578, 3.6: a part, its own token, and 507. Entries come in the order in which they last changed."""
        size = self.personality.page
        last = {href: at for at, href in enumerate(self._log)}
        ordered = sorted((href for href in changed if last[href] >= start), key=last.__getitem__)
        if len(ordered) <= size:
            return ordered, self.token, False
        return ordered[:size], f"https://{HOST}/ns/{self._era}-{last[ordered[size - 1]] + 1}", True

    def _changed(self, href: str, names: tuple[str, ...], shown: Mapping[str, Entry], start: int) -> str:
        if href in shown:
            return self._part(href, names, shown[href])
        habits = self.personality
        if habits.tombstones == "none" or (habits.forgets_short_lives and self._came_after(href, start)):
            return ""
        status = "404 Not Found" if habits.tombstones == "404" else "418 I'm a teapot"
        return f"<response><href>{escape(href)}</href><status>HTTP/1.1 {status}</status></response>"

    def _came_after(self, href: str, start: int) -> bool:
        """Whether nothing stood there at that place of the log."""
        first = self._log.index(href, start)
        return self._before[first] is None


class Host:
    """A server with one account: it finds its collections. ``moment`` is called before each request and after each answer, and may do what
    it likes: kill the client, or let the rep's phone write something."""

    def __init__(self, *collections: DavServer) -> None:
        self.collections = {one.path: one for one in collections}
        self.moment: Callable[[str, str, str], None] = lambda place, method, path: None
        self.requests = 0
        self._one = RLock()  # several connections may ask at once; they are served one after the other
        self.personality = collections[0].personality if collections else CLEAN

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        with self._one:
            self.moment("before", method, path)
            self.requests += 1
            answer = self._answer(method, path, headers, body)
            self.moment("after", method, path)
            return answer

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        collection = self.collections.get(path[: path.rfind("/") + 1])
        if collection and method != "MKCALENDAR":
            return collection(method, path, headers, body)
        if path == "/.well-known/caldav":
            return 301, {"Location": "/"}, b""
        if method == "MKCALENDAR":
            return self._make(path, body)
        if method != "PROPFIND" or path.rstrip("/") not in ("", HOME.rstrip("/")):
            return 404, {}, b""
        about = {
            f"{D}resourcetype": "<collection/>",
            f"{D}current-user-principal": f"<href>{HOME}</href>",
            f"{C}calendar-home-set": f"<href>{HOME}</href>",
        }
        if path == "/":
            del about[f"{C}calendar-home-set"]
        names = wanted(body)
        below = self.collections.values() if headers.get("Depth") == "1" and path == HOME else ()
        return multistatus([answered(path, names, about), *(answered(one.path, names, one.properties()) for one in below)])

    def _make(self, path: str, body: bytes) -> Answer:
        if path in self.collections:
            return 405, {}, b""
        label = ElementTree.fromstring(body).findtext(f".//{D}displayname") or "" if body else ""
        made = DavServer(path.strip("/").rpartition("/")[2], self.personality, label=label)
        self.collections[made.path] = made
        return 201, {}, b""


# ---------------------------------------------------------------------------------------------------------------- XML


@lru_cache(512)
def wanted(body: bytes) -> tuple[str, ...]:
    """The names of the properties that are asked for."""
    prop = ElementTree.fromstring(body).find(f"{D}prop") if body else None
    return tuple(child.tag for child in prop) if prop is not None else ()


def asked_for(body: bytes) -> tuple[str, list[str], str]:
    """Which report, for which hrefs, since which token."""
    tree = ElementTree.fromstring(body)
    hrefs = [unquote(urlsplit((one.text or "").strip()).path) for one in tree.iterfind(f"{D}href")]
    return tree.tag.rpartition("}")[2], hrefs, (tree.findtext(f"{D}sync-token") or "").strip()


@lru_cache(512)
def _tag(name: str) -> str:
    space, _, local = name[1:].partition("}")
    return f"{_PREFIX.get(space, '')}{local}"


def answered(href: str, names: Iterable[str], has: Mapping[str, str], status: str = "") -> str:
    if status:
        return f"<response><href>{escape(href)}</href><status>HTTP/1.1 {status}</status></response>"
    found = "".join(f"<{_tag(name)}>{has[name]}</{_tag(name)}>" for name in names if name in has)
    missing = "".join(f"<{_tag(name)}/>" for name in names if name not in has and name.startswith((D, C, CS)))
    lacks = f"<propstat><prop>{missing}</prop><status>HTTP/1.1 404 Not Found</status></propstat>" if missing else ""
    good = f"<propstat><prop>{found}</prop><status>HTTP/1.1 200 OK</status></propstat>" if found or not missing else ""
    return f"<response><href>{escape(href)}</href>{good}{lacks}</response>"


def multistatus(parts: Iterable[str], token: str = "") -> Answer:
    tail = f"<sync-token>{token}</sync-token>" if token else ""
    return 207, _XML, f"{_HEAD}{''.join(parts)}{tail}</multistatus>".encode()


def bad_token(status: int) -> Answer:
    body = b'<error xmlns="DAV:"><valid-sync-token/></error>' if status != 500 else b""
    return status, _XML, body


def marked(item: Item, marks: Mapping[str, str] | None) -> Item:
    """Whose it is, where the server has dropped that."""
    if not marks or item.prospect:
        return item
    return replace(item, prospect=marks.get("PROSPECT", ""), action=marks.get("ACTION", ""))


# ---------------------------------------------------------------------------------------------------------------- below requests

_mounted: dict[str, Host] = {}
_really = HTTPAdapter.send


def _send(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
    url = urlsplit(request.url or "")
    host = _mounted.get(url.hostname or "")
    if host is None:
        return _really(adapter, request, *args, **kwargs)
    body = request.body or b""
    try:
        status, headers, answer = host(
            request.method or "", unquote(url.path), request.headers, body if isinstance(body, bytes) else body.encode()
        )
    except Broken:
        raise requests.exceptions.ConnectionError("the connection broke") from None
    raw = HTTPResponse(BytesIO(answer), headers, status, preload_content=False, request_method=request.method)
    return adapter.build_response(request, raw)


@contextmanager
def mounted(host: Host, name: str = HOST) -> Iterator[Host]:
    """What is sent to ``name`` is answered by ``host``."""
    before = _mounted.get(name)
    with patch.object(HTTPAdapter, "send", _send):
        _mounted[name] = host
        try:
            yield host
        finally:
            _mounted.pop(name)
            if before:
                _mounted[name] = before
