"""HTTP as a calendar needs it: counted, bounded, never re-sent, and the one place that reads status codes.

WebDAV is RFC 4918, its preconditions are section 16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from os import environ
from time import monotonic
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit
from xml.etree import ElementTree

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import ReadTimeoutError

from followsync.calendars.deadline import hurry
from followsync.calendars.login import Login
from followsync.errors import Busy, CalendarError, Changed, FollowSyncError, LoginNeeded, Refused, Unavailable

DAV = "{DAV:}"
CAL = "{urn:ietf:params:xml:ns:caldav}"
CS = "{http://calendarserver.org/ns/}"
LIMIT = 32 * 1024 * 1024  # bytes of one answer: 100 entries of 200 kB, and room
_REDIRECTS = 5
_WRITES = frozenset({"PUT", "DELETE", "MKCALENDAR"})
_MOVED = frozenset({301, 302, 303, 307, 308})
_TAKEN_ILL = frozenset({400, 403, 404, 405, 413, 414, 415, 422, 507})
_PROXY_VARIABLES = tuple(name for kind in ("http", "https", "all", "no") for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY"))
_BAD_BODY = frozenset(
    {
        "valid-calendar-data",
        "valid-calendar-object-resource",
        "supported-calendar-data",
        "supported-calendar-component",
        "max-resource-size",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` are found without regard to case. ``url``: where the answer came from, after redirects. ``login``: the Authorization
    that was sent for it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    login: str = field(default="", repr=False)

    @property
    def html(self) -> bool:
        """A page for people. PHP servers call an empty answer text/html too, so the body decides."""
        start = self.body[:512].lstrip().lower()
        return start.startswith((b"<!doctype html", b"<html")) or (bool(start) and "html" in self.headers.get("Content-Type", "").lower())

    @property
    def etag(self) -> str | None:
        """The ETag, or None where it is missing or weak: a weak one says nothing about the bytes (RFC 9110, 8.8.1)."""
        return strong(self.headers.get("ETag"))


@dataclass(frozen=True, slots=True)
class Part:
    """One ``response`` of a multistatus. ``status``: of the resource itself, None where only properties were answered.

    ``props``: the properties found (their propstat said 2xx), by Clark name. A 404 inside a propstat is a missing property, no deletion.
    """

    href: str
    status: int | None
    props: Mapping[str, ElementTree.Element] = field(default_factory=dict)

    def text(self, name: str) -> str:
        element = self.props.get(name)
        return (element.text or "").strip() if element is not None else ""


class Wire(requests.Session):
    """A session that counts, bounds and checks. ``requests_made``: round trips; ``sent`` and ``received``: bytes of bodies. ``skew``: how
    far the server's clock is ahead of this machine's, as the answers' Date tells; None as long as none told. ``timeout``: seconds for
    each answer, from the connection to its last byte; ``until``: the moment, on the clock of ``monotonic``, by which all must be over.

    It speaks only to the hosts it was told to ``trust``, so that credentials go nowhere else.
    """

    def __init__(self, url: str, *, timeout: float, limit: int = LIMIT, login: Login | None = None, until: float | None = None) -> None:
        super().__init__()
        self.headers["User-Agent"] = "FollowSync"
        self.requests_made = self.sent = self.received = 0
        self.skew: timedelta | None = None
        self.timeout = timeout
        self.until = until
        self.limit = limit
        self.login = login
        self.roam = False  # follow redirects to other hosts: only where there is nothing to give away
        self._trusted = {_origin(url)}
        # The environment is read once, not for each request: its proxies and certificates count, a .netrc does not, for it may hold
        # what another host is to be told.
        self.trust_env = False
        self.verify = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or True
        self._proxies: dict[tuple[str, str, int | None], Any] = {}
        counted = _Counted(self)
        for scheme in ("http://", "https://"):
            self.mount(scheme, counted)

    def another(self) -> Wire:
        """A connection of its own to the same servers, logged in the same way, with counts of its own."""
        other = Wire("", timeout=self.timeout, limit=self.limit, login=self.login, until=self.until)
        other.roam, other._trusted = self.roam, set(self._trusted)
        return other

    def trust(self, url: str, by: str) -> str:
        """Let ``url`` be spoken to, because the server at ``by`` named it. iCloud's calendars stand on a host beside its front door."""
        if _origin(url) not in self._trusted:
            if urlsplit(url).scheme != "https" or not related(urlsplit(url).hostname or "", urlsplit(by).hostname or ""):
                raise CalendarError(
                    f"{host(by)} says that the calendar is at {place_of(url)}: put that address into the config if it is right."
                )
            self._trusted.add(_origin(url))
        return url

    def call(
        self, method: str, url: str, body: str = "", headers: Mapping[str, str] | None = None, *, accept: frozenset[int] = frozenset()
    ) -> Answer:
        """One exchange. 2xx and the statuses in ``accept`` are given back, everything else is raised as the error it means."""
        for _ in range(_REDIRECTS):
            answer = self._logged_in(method, url, body, headers or {})
            place = answer.headers.get("Location")
            if answer.status not in _MOVED or not place or (answer.status == 303 and method in _WRITES):
                break
            url = self._redirected(method, answer.url, joined(answer.url, place))
        if (200 <= answer.status < 300 and not answer.html) or answer.status in accept:
            return answer
        if 200 <= answer.status < 300 and method in _WRITES:
            return self._arrived(method, body, headers or {}, answer)
        raise fault(method, answer)

    def _arrived(self, method: str, body: str, headers: Mapping[str, str], answer: Answer) -> Answer:
        """A write that was answered with a page for people. Some servers are that polite, and a network's login page is not: it makes
        nothing, so it names nothing that was made. Else what stands there now tells, and what the page said of it does not count: of an
        entry that was changed, the version that was to be replaced tells that nothing arrived. Raises Unavailable where the write did not
        arrive, or where nobody can tell."""
        if answer.status in {201, 204} and (answer.headers.get("ETag") or answer.headers.get("Location")):
            return answer
        there = self._logged_in("GET", answer.url, "", {"Accept": "text/calendar"})
        if there.status in {404, 410} if method == "DELETE" else _stands(there, body, headers):
            return replace(answer, headers={})
        raise fault(method, answer)

    def _logged_in(self, method: str, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        answer = self.exchange(method, url, body, headers)
        if answer.status == 401 and self.login and self.login.challenged(answer.headers.get("WWW-Authenticate", ""), answer.login):
            return self.exchange(method, url, body, headers)
        return answer

    def exchange(self, method: str, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        """One question and its answer, whatever that says. Nothing is sent twice, and nothing goes where it was not told to."""
        origin = _origin(url)
        if origin not in self._trusted:
            raise CalendarError(f"{host(url)} is not a host this calendar was set up with; nothing was sent to it.")
        if origin not in self._proxies:
            self._proxies[origin] = _proxies(url, tuple(map(environ.get, _PROXY_VARIABLES)))
        patience = self._patience(url)
        begun = datetime.now(UTC)
        try:
            # What Session.request does beside this, it does to merge settings that a session of ours does not have.
            prepared = requests.PreparedRequest()
            data, merged = body.encode() if body else None, {**self.headers, **headers}
            prepared.prepare(method, url, merged, data=data, auth=self.login, cookies=self.cookies)
            response = self.send(prepared, timeout=patience, allow_redirects=False, proxies=self._proxies[origin], verify=self.verify)
        except requests.exceptions.SSLError as error:
            raise Unavailable(f"{host(url)} has no certificate that can be trusted; nothing was sent to it.") from error
        except requests.exceptions.Timeout as error:
            raise self._late(url) from error
        except requests.exceptions.RequestException as error:
            if error.args and isinstance(error.args[0], ReadTimeoutError):  # in the middle of the answer
                raise self._late(url) from error
            raise Unavailable(f"{host(url)} cannot be reached or broke off its answer; it is tried again later.") from error
        self._compare_clocks(response.headers.get("Date", ""), begun, datetime.now(UTC))
        login = response.request.headers.get("Authorization", "")
        return Answer(response.status_code, response.headers, response.content, url, login)

    def _patience(self, url: str) -> Any:
        """Raises Unavailable where no time is left."""
        left = self.timeout if self.until is None else min(self.timeout, self.until - monotonic())
        if left <= 0:
            raise self._late(url)
        return Timeout(total=left)

    def _late(self, url: str) -> Unavailable:
        return Unavailable(f"{host(url)} did not answer within {self.timeout:g} seconds; it is tried again later.")

    def _compare_clocks(self, said: str, begun: datetime, ended: datetime) -> None:
        self.skew = nearer(self.skew, said, begun, ended)

    def _redirected(self, method: str, origin: str, target: str) -> str:
        here, there = urlsplit(origin), urlsplit(target)
        same = _origin(origin) == _origin(target)
        upgrade = here.hostname == there.hostname and (here.scheme, there.scheme) == ("http", "https")
        sought = method == "PROPFIND" and there.scheme == "https" and related(there.hostname or "", here.hostname or "")
        if not (same or upgrade or sought or (self.roam and there.scheme == "https")):
            # A captive portal does this, and so does a moved server; only a person can tell.
            raise Unavailable(
                f"{place_of(origin)} points to {place_of(target)}; nothing was sent there. If it moved, put that into the config."
            )
        self._trusted.add(_origin(target))
        return target


def nearer(skew: timedelta | None, said: str, begun: datetime, ended: datetime) -> timedelta | None:
    """How far the server's clock is ahead, after one more answer. A Date has whole seconds and was written between our question and the
    answer's arrival, so only what lies outside is a difference. The smallest one seen counts: a slow answer makes no clock wrong."""
    there = moment(said)
    if there is None:
        return skew
    ahead, behind = there - ended, there + timedelta(seconds=1) - begun
    off = max(ahead, timedelta()) + min(behind, timedelta())
    return off if skew is None or abs(off) < abs(skew) else skew


def _stands(there: Answer, body: str, headers: Mapping[str, str]) -> bool:
    """Whether a PUT of ``body`` arrived, as what stands there tells: a new one, a version other than the one that was to be
    replaced, or, without an ETag, the very text."""
    if there.status != 200 or there.html:
        return False
    before = headers.get("If-Match")
    replaced = bool(before and there.etag and not alike(before, there.etag))
    return replaced or "If-None-Match" in headers or there.body.split() == body.encode().split()


@lru_cache(64)
def _proxies(url: str, _environment: tuple[str | None, ...]) -> dict[str, str]:
    """Those of the environment for ``url``. It is looked through once, for each cycle has a session of its own."""
    return get_environ_proxies(url)


class _Counted(HTTPAdapter):
    """Counts at the seam where bytes leave. Its retries are none, urllib3's default for an adapter."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(max_retries=0)
        self._wire = wire

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        hurry(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        return hurry(super().proxy_manager_for(*args, **kwargs))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self._wire.requests_made += 1
        self._wire.sent += len(request.body or b"")
        response = super().send(request, *args, **kwargs)
        response.raw = _Bounded(response.raw, self._wire, request.url or "")
        return response


class _Bounded:
    """The raw answer, read no further than the limit, after decompression."""

    def __init__(self, raw: Any, wire: Wire, url: str) -> None:
        self._raw, self._wire, self._url = raw, wire, url

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        size = 0
        for chunk in self._raw.stream(*args, **kwargs):
            size += len(chunk)
            self._wire.received += len(chunk)
            if size > self._wire.limit:
                self._raw.close()
                raise Unavailable(f"{host(self._url)} sent more than {self._wire.limit // 1024} kB in one answer; it was not read.")
            yield chunk


def fault(method: str, answer: Answer) -> FollowSyncError:
    """What an answer means that is not the one hoped for. The only place that turns statuses into errors."""
    where, status = host(answer.url), answer.status
    names = preconditions(answer.body)
    wait = retry_after(answer.headers)
    if status == 401:
        return LoginNeeded(f"{where} does not accept the user name and password; check them in the config.")
    if 200 <= status < 400:
        return Unavailable(f"{where} answered with a page instead of a calendar: a login page of the network, perhaps.", wait)
    if status == 423:
        return Busy(f"{where} was busy with another request and did nothing (423); it is tried again later.")
    if status in {429, 503} or (status == 403 and names == frozenset()):
        # An empty DAV:error with 403 is how Google's CalDAV says "too many requests".
        return Unavailable(f"{where} asks for a pause ({status}).", wait)
    if status >= 500 and not (status == 507 and method == "PUT"):
        return Unavailable(f"{where} has a fault of its own ({status}); it is tried again later.", wait)
    if names and "no-uid-conflict" in names:
        # Whatever the status (403 on Cyrus, 409, 412): the UID stands already, there or in another calendar of the account.
        return Changed(f"{where} has an entry with that UID already ({status}).")
    if names and names & _BAD_BODY:
        return Refused(f"{where} will not take this entry ({status}, {', '.join(sorted(names))}).")
    if status in {409, 412}:
        return Changed(f"The entry at {where} is no longer the one that was read ({status}).")
    if method in _WRITES and status in _TAKEN_ILL:
        why = f", {', '.join(sorted(names))}" if names else ""
        return Refused(f"{where} will not take this entry ({status}{why}).")
    return CalendarError(f"{where} refused {method} with status {status}; check the address of the calendar and its rights.")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait (RFC 9110, 10.2.3). A date is counted from the server's own Date, so that our clock does not matter."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]{1,9}", text):
        return float(text)
    until, since = moment(text), moment(headers.get("Date", ""))
    return max(0.0, (until - since).total_seconds()) if until and since else None


def moment(text: str) -> datetime | None:
    """A date as HTTP writes it (RFC 9110, 5.6.7); None where it is none."""
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def preconditions(body: bytes) -> frozenset[str] | None:
    """The names inside a DAV:error, without namespace; None where the body is none."""
    try:
        tree = _tree(body)
    except ValueError:
        return None
    return frozenset(child.tag.rpartition("}")[2] for child in tree) if tree.tag == DAV + "error" else None


def multistatus(answer: Answer) -> tuple[list[Part], str]:
    """The parts of a 207, hrefs canonical, and its sync token ("" without). Raises Unavailable where it is not whole."""
    try:
        tree = _tree(answer.body)
    except ValueError as error:
        raise Unavailable(f"{host(answer.url)} sent an answer that is cut or no XML; it is tried again later.") from error
    if tree.tag != DAV + "multistatus":
        raise Unavailable(f"{host(answer.url)} answered something else than was asked; it is tried again later.")
    parts = [_part(response, answer.url) for response in tree.iterfind(DAV + "response")]
    return parts, (tree.findtext(DAV + "sync-token") or "").strip()


def _part(response: ElementTree.Element, url: str) -> Part:
    props: dict[str, ElementTree.Element] = {}
    for propstat in response.iterfind(DAV + "propstat"):
        if 200 <= (_code(propstat) or 200) < 300:
            props.update({prop.tag: prop for prop in propstat.iterfind(f"{DAV}prop/*")})
    return Part(canonical(joined(url, (response.findtext(DAV + "href") or "").strip())), _code(response), props)


def _code(element: ElementTree.Element) -> int | None:
    words = (element.findtext(DAV + "status") or "").split()
    return int(words[1]) if len(words) > 1 and re.fullmatch("[0-9]{3}", words[1]) else None


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("a document type is not part of WebDAV")


def _tree(body: bytes) -> ElementTree.Element:
    """Raises ValueError. Entities, the way XML grows without end or reads files, need a DOCTYPE, and that is refused."""
    parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314  # see above
    try:
        parser.feed(body)
        tree: ElementTree.Element = parser.close()
    except (ElementTree.ParseError, LookupError) as error:
        raise ValueError("no XML") from error
    return tree


def canonical(url: str) -> str:
    """The path of ``url`` with one spelling for each character, so that hrefs compare (``@`` is ``%40``: RFC 3986, 6.2.2)."""
    return "/".join(quote(unquote(segment), safe="-._~") for segment in urlsplit(url).path.split("/"))


def whole(url: str) -> str:
    """An address without credentials, with a canonical path."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], canonical(url) or "/", "", ""))


def strong(etag: str | None) -> str | None:
    text = (etag or "").strip()
    return text if text and not text.startswith("W/") else None


def bare(etag: str) -> str:
    """An ETag without what a compressing proxy appended to it, inside the quotes or behind them (``"1-gzip"``, ``"1"-br``)."""
    return re.sub(r'(?:[-;](?:gzip|br))+("?)$', r"\1", etag)


def alike(one: str | None, other: str | None) -> bool:
    """Whether two ETags say the same version."""
    return one is not None and other is not None and bare(one) == bare(other)


def host(url: str) -> str:
    """What an error may say of an address: no path, for it may be a secret, and no credentials."""
    return urlsplit(url).hostname or "the server"


def place_of(url: str) -> str:
    """The same with the port, where the address names one: for an error about two of them."""
    port = urlsplit(url).port
    return f"{host(url)}:{port}" if port else host(url)


_FAMILIES = ("icloud.com",)  # one owner, whose accounts live on hosts beside the front door


def related(name: str, by: str) -> bool:
    """Whether the host ``name`` belongs to those who own the host ``by``: it is that host, or stands below it, or both belong to one of
    the few families that are known. A host beside it may be anybody's: alice.dyndns.example and mallory.dyndns.example."""
    name, by = name.lower().rstrip("."), by.lower().rstrip(".")
    below = len(by.split(".")) > 1 and not by.rpartition(".")[2].isdigit() and name.endswith("." + by)
    return name == by or below or any(name.endswith(f".{one}") and by.endswith(f".{one}") for one in _FAMILIES)


def _origin(url: str) -> tuple[str, str, int | None]:
    """Raises CalendarError where that is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError as error:
        raise CalendarError("The server named an address that is none; nothing was sent there.") from error


def joined(base: str, place: str) -> str:
    """``place`` as seen from ``base``. Raises CalendarError where that is no address."""
    try:
        return urljoin(base, place)
    except ValueError as error:
        raise CalendarError(f"{host(base)} named an address that is none; it is tried again later.") from error
