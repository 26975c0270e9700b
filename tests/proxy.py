"""A proxy on loopback that does to the traffic with a real server what networks, other proxies and careless servers do.

FollowSync speaks only to the proxy, the rep's phone (``tests.phone``) to the server itself. What happens to a request is told by rules:

    proxy.rule(unanswered, "PUT", nth=2)            # the second PUT is applied, and its answer never comes
    proxy.rule(only(1), "REPORT", body="sync-collection", times=1)

A fault is a function from an exchange to the answer that the client shall get. ``exchange.forward()`` asks the server, or what the rules
behind this one make of it: the rule that was laid down first stands nearest to the client. Nothing here waits for time to pass.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit
from xml.etree import ElementTree

from requests.structures import CaseInsensitiveDict

from tests.servers import Server

DAV = "{DAV:}"
_HOPS = {"connection", "keep-alive", "transfer-encoding", "accept-encoding", "host", "content-length"}  # between two hosts only
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_PATIENCE = 30.0  # seconds until a test that forgot to open a gate fails instead of hanging


class NoAnswer(Exception):
    """The connection breaks off instead of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``body``: what is sent of it; ``announced``: the Content-Length where it is not the length of that."""

    status: int
    headers: Mapping[str, str] = field(default_factory=CaseInsensitiveDict)
    body: bytes = b""
    announced: int | None = None

    def header(self, name: str, value: str | None) -> Answer:
        """With that header set, or without it."""
        changed = CaseInsensitiveDict(self.headers)
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
        return replace(self, headers=changed)

    @property
    def tree(self) -> ElementTree.Element | None:
        """The multistatus, None where this is none."""
        return ElementTree.fromstring(self.body) if self.status == 207 else None

    def with_tree(self, tree: ElementTree.Element) -> Answer:
        return replace(self, body=ElementTree.tostring(tree, "utf-8", xml_declaration=True))


@dataclass
class Exchange:
    """One request on its way; a fault may change it before it forwards it."""

    method: str
    path: str
    headers: CaseInsensitiveDict[str]
    body: str
    onward: Callable[[Exchange], Answer]

    def forward(self) -> Answer:
        return self.onward(self)

    @property
    def listing(self) -> bool:
        """Whether it asks what stands in the collection, or what changed there."""
        return "sync-collection" in self.body or (self.method == "PROPFIND" and self.headers.get("Depth") == "1")


Fault = Callable[[Exchange], Answer]


@dataclass
class Rule:
    """``fault`` for requests of these methods ("PUT", "PUT DELETE", "" for all) whose path and body contain the words. It acts from the
    ``nth`` of them on, ``times`` times (None: for ever). ``hits``: how often it did."""

    fault: Fault
    methods: str = ""
    path: str = ""
    body: str = ""
    nth: int = 1
    times: int | None = None
    seen: int = 0
    taken: int = 0
    hits: int = 0

    def takes(self, exchange: Exchange) -> bool:
        if self.methods and exchange.method not in self.methods.split():
            return False
        if self.path not in exchange.path or self.body not in exchange.body:
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.taken >= self.times):
            return False
        self.taken += 1
        return True


@dataclass(frozen=True, slots=True)
class Record:
    """What was asked and answered, as the client saw it; ``status`` 0: not at all. ``sent`` and ``received``: bytes of bodies."""

    method: str
    path: str
    status: int
    sent: int
    received: int
    body: str


class Proxy:
    """In front of ``behind``. ``server`` is what FollowSync is told; ``log``: the requests so far; ``at_once``: the most requests, and
    ``connections``: the most connections, that were open at the same time."""

    def __init__(self, behind: Server) -> None:
        self.behind = behind
        self._port = urlsplit(behind.url).port or 80
        self._lock = threading.Lock()
        self._asked = self._connected = 0
        self._server = _Listener(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self.server = Server(self.url, behind.username, behind.password)
        self.rules: list[Rule] = []
        self.log: list[Record] = []
        self.at_once = self.connections = 0

    # -- what a test says

    def rule(self, fault: Fault, methods: str = "", *, path: str = "", body: str = "", nth: int = 1, times: int | None = None) -> Rule:
        made = Rule(fault, methods, path, body, nth, times)
        self.rules.append(made)
        return made

    def heal(self) -> None:
        """From now on everything goes through as it is."""
        self.rules = []

    @contextmanager
    def during(self, fault: Fault, methods: str = "", **which: object) -> Iterator[Rule]:
        """The rule, for as long as the block lasts. It must have acted by then."""
        rule = self.rule(fault, methods, **which)  # type: ignore[arg-type]  # handed through
        yield rule
        self.rules.remove(rule)
        assert rule.hits, "the fault of this test never happened"

    def requests(self, *methods: str) -> list[Record]:
        """What was asked since the last ``forget``."""
        return [one for one in self.log if not methods or one.method in methods]

    def forget(self) -> None:
        self.log, self.at_once, self.connections = [], 0, 0

    # -- what the listener does

    def answer(self, exchange: Exchange) -> Answer:
        """Raises NoAnswer."""
        with self._lock:
            rules = [rule for rule in self.rules if rule.takes(exchange)]
            self._asked += 1
            self.at_once = max(self.at_once, self._asked)
        asked, answer = exchange.body, Answer(0)
        try:
            answer = self._through(rules, exchange)
            return answer
        finally:
            with self._lock:
                self._asked -= 1
                self.log.append(Record(exchange.method, exchange.path, answer.status, len(asked.encode()), len(answer.body), asked))

    def _through(self, rules: list[Rule], exchange: Exchange) -> Answer:
        if not rules:
            return self._forward(exchange)
        exchange.onward = lambda one: self._through(rules[1:], one)
        rules[0].hits += 1
        return rules[0].fault(exchange)

    def _forward(self, exchange: Exchange) -> Answer:
        """Ask the server. It names its own address where it names one; FollowSync must not learn of that."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        try:
            connection.request(exchange.method, exchange.path, exchange.body.encode() or None, dict(exchange.headers))
            reply = connection.getresponse()
            body = reply.read().replace(self.behind.url.encode(), self.url.encode())
            headers = {name: value.replace(self.behind.url, self.url) for name, value in reply.getheaders() if name.lower() not in _HOPS}
            return Answer(reply.status, CaseInsensitiveDict(headers), body)
        finally:
            connection.close()

    def connected(self, number: int) -> None:
        with self._lock:
            self._connected += number
            self.connections = max(self.connections, self._connected)

    def serve(self) -> None:
        self._server.serve_forever(0.01)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        assert self._server.troubles == []


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.troubles: list[BaseException] = []
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no trouble; a fault of the proxy's own is the test's."""
        import sys

        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self.troubles.append(error)


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together
        disable_nagle_algorithm = True

        def setup(self) -> None:
            proxy.connected(1)
            super().setup()

        def finish(self) -> None:
            proxy.connected(-1)
            super().finish()

        def __getattr__(self, name: str) -> object:
            if name.startswith("do_"):
                return self.pass_on
            raise AttributeError(name)

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = CaseInsensitiveDict({name: value for name, value in self.headers.items() if name.lower() not in _HOPS})
            try:
                answer = proxy.answer(Exchange(self.command, self.path, headers, body, _nobody))
            except NoAnswer:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self.send_response_only(answer.status)  # no Date of its own
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(answer.body) if answer.announced is None else answer.announced))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.announced is not None

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    return Handler


def _nobody(exchange: Exchange) -> Answer:
    raise NotImplementedError(exchange.path)


@contextmanager
def proxied(behind: Server) -> Iterator[Proxy]:
    proxy = Proxy(behind)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


# ---- the network ------------------------------------------------------------------------------------------------------------------


def unreachable(exchange: Exchange) -> Answer:
    """The request never arrives."""
    raise NoAnswer


def unanswered(exchange: Exchange) -> Answer:
    """The request is acted upon, and the answer is lost."""
    exchange.forward()
    raise NoAnswer


def broken_off(exchange: Exchange) -> Answer:
    """The answer ends in the middle: fewer bytes than were announced."""
    answer = exchange.forward()
    return replace(answer, body=answer.body[: len(answer.body) // 2], announced=len(answer.body) + (not answer.body))


def cut_short(exchange: Exchange) -> Answer:
    """Half of the answer, by something on the way that counted the length anew."""
    answer = exchange.forward()
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def login_page(exchange: Exchange) -> Answer:
    """What a hotel's network says to everything."""
    page = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please log in to use this network.</body></html>"
    return Answer(200, CaseInsensitiveDict({"Content-Type": "text/html; charset=utf-8"}), page)


def elsewhere(url: str) -> Fault:
    """Sent on to another host."""
    return lambda _: Answer(302, CaseInsensitiveDict({"Location": url}))


# ---- statuses ---------------------------------------------------------------------------------------------------------------------


def says(status: int, *preconditions: str, **headers: str) -> Fault:
    """This status instead of asking the server. ``preconditions``: the names in the body's DAV:error; ``retry_after``: a header."""
    body = f'<error xmlns="DAV:">{"".join(f"<{name}/>" for name in preconditions)}</error>'.encode() if preconditions else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status, CaseInsensitiveDict((_XML if body else {}) | {"Date": _http(datetime.now(UTC))} | named), body)


def pause_until(status: int, seconds: float, skew: timedelta = timedelta()) -> Fault:
    """Retry-After as a date, told by a server whose clock is ``skew`` ahead of ours."""

    def fault(_: Exchange) -> Answer:
        now = datetime.now(UTC) + skew
        return Answer(status, CaseInsensitiveDict({"Date": _http(now), "Retry-After": _http(now + timedelta(seconds=seconds))}))

    return fault


def dated(skew: timedelta) -> Fault:
    """A server whose clock is that far ahead of ours."""
    return lambda exchange: exchange.forward().header("Date", _http(datetime.now(UTC) + skew))


def _http(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


# ---- lists ------------------------------------------------------------------------------------------------------------------------


def empty(exchange: Exchange) -> Answer:
    """A 207 that says nothing at all."""
    return Answer(207, CaseInsensitiveDict(_XML), b'<?xml version="1.0"?><multistatus xmlns="DAV:"/>')


def tokenless(exchange: Exchange) -> Answer:
    """A list of changes that does not say where to go on."""
    answer = exchange.forward()
    if (tree := answer.tree) is None:
        return answer
    for token in tree.findall(f"{DAV}sync-token"):
        tree.remove(token)
    return answer.with_tree(tree)


def only(number: int) -> Fault:
    """A list cut after so many members without a word, its token being that of the whole."""

    def fault(exchange: Exchange) -> Answer:
        answer = exchange.forward()
        if (tree := answer.tree) is None or not exchange.listing:
            return answer
        for part in _members(tree, exchange.path)[number:]:
            tree.remove(part)
        return answer.with_tree(tree)

    return fault


def pages(number: int) -> Fault:
    """A list of changes in honest pages of ``number`` members (RFC 6578, 3.6): 507 for the collection, and a token that leads on."""
    waiting: dict[str, tuple[Answer, int]] = {}
    names = count()

    def fault(exchange: Exchange) -> Answer:
        asked = ElementTree.fromstring(exchange.body).findtext(f"{DAV}sync-token", "")
        whole, begin = waiting[asked] if asked in waiting else (exchange.forward(), 0)
        if (tree := whole.tree) is None:
            return whole
        members = _members(tree, exchange.path)
        for part in members[:begin] + members[begin + number :]:
            tree.remove(part)
        if begin + number < len(members):
            following = f"urn:page:{next(names)}"
            waiting[following] = (whole, begin + number)
            more = f"<response xmlns='DAV:'><href>{exchange.path}</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
            tree.append(ElementTree.fromstring(more))
            for token in tree.findall(f"{DAV}sync-token"):
                token.text = following
        return whole.with_tree(tree)

    return fault


def no_tombstones(exchange: Exchange) -> Answer:
    """A server that forgets what was deleted."""
    answer = exchange.forward()
    if (tree := answer.tree) is None:
        return answer
    for part in tree.findall(f"{DAV}response"):
        if " 404 " in f"{part.findtext(f'{DAV}status')} ":
            tree.remove(part)
    return answer.with_tree(tree)


def any_token(exchange: Exchange) -> Answer:
    """A server to which every token is as good as none: everything that stands there, no deletions, and no error."""
    tree = ElementTree.fromstring(exchange.body)
    for token in tree.findall(f"{DAV}sync-token"):
        token.text = ""
    exchange.body = ElementTree.tostring(tree, "unicode")
    return exchange.forward()


def bad_token(status: int, *preconditions: str) -> Fault:
    """A server that has forgotten its tokens. Asked without one, it answers."""

    def fault(exchange: Exchange) -> Answer:
        token = ElementTree.fromstring(exchange.body).findtext(f"{DAV}sync-token")
        return says(status, *preconditions)(exchange) if token else exchange.forward()

    return fault


def _members(tree: ElementTree.Element, collection: str) -> list[ElementTree.Element]:
    """The parts of a multistatus but the collection's own."""
    own = collection.rstrip("/")
    return [part for part in tree.findall(f"{DAV}response") if urlsplit(part.findtext(f"{DAV}href", "")).path.rstrip("/") != own]


# ---- entries ----------------------------------------------------------------------------------------------------------------------


def etags(change: Callable[[str], str | None], *, lists: bool = True) -> Fault:
    """ETags told otherwise, or not at all (None), in headers and, with ``lists``, in multistatus bodies. Sent back, they mean nothing."""

    def fault(exchange: Exchange) -> Answer:
        answer = exchange.forward()
        if "ETag" in answer.headers:
            answer = answer.header("ETag", change(answer.headers["ETag"]))
        if not lists or (tree := answer.tree) is None:
            return answer
        for prop in tree.iter(f"{DAV}prop"):
            for etag in prop.findall(f"{DAV}getetag"):
                if (told := change(etag.text or "")) is None:
                    prop.remove(etag)
                else:
                    etag.text = told
        return answer.with_tree(tree)

    return fault


def no_etag(_: str) -> None:
    return None


def weak(etag: str) -> str:
    return f"W/{etag}"


def gzip_suffix(etag: str) -> str:
    """``"abc-gzip"``, as Apache makes it where it compresses."""
    return f'{etag.rstrip(chr(34))}-gzip"'


def rewrites(exchange: Exchange) -> Answer:
    """A server that keeps not quite what it was sent: lines of its own, others in another order; so it gives no ETag (RFC 4791, 5.3.4)."""
    exchange.body = (
        exchange.body.replace("\r\nEND:VEVENT", "\r\nCLASS:PUBLIC\r\nX-SERVER-SEQUENCE:1\r\nEND:VEVENT")
        if "CLASS:PUBLIC" not in exchange.body
        else exchange.body
    )
    return exchange.forward().header("ETag", None)


def meanwhile(act: Callable[[], object], *, after: bool = False) -> Fault:
    """Somebody else does something just before the request arrives, or just after it was acted upon."""

    def fault(exchange: Exchange) -> Answer:
        if not after:
            act()
        answer = exchange.forward()
        if after:
            act()
        return answer

    return fault


class Gate:
    """A request is held until the test lets it go: ``proxy.rule(gate, "PUT")``, ``gate.reached()``, ``gate.open()``."""

    def __init__(self) -> None:
        self._arrived, self._opened = threading.Event(), threading.Event()

    def __call__(self, exchange: Exchange) -> Answer:
        self._arrived.set()
        if not self._opened.wait(_PATIENCE):
            raise NoAnswer
        return exchange.forward()

    def reached(self) -> None:
        assert self._arrived.wait(_PATIENCE), "nothing came to the gate"

    def open(self) -> None:
        self._opened.set()


class Together:
    """Requests are let through only when ``number`` of them are here at once, as many as there are connections. Their count must be a
    multiple of that."""

    def __init__(self, number: int) -> None:
        self._barrier = threading.Barrier(number, timeout=_PATIENCE)

    def __call__(self, exchange: Exchange) -> Answer:
        try:
            self._barrier.wait()
        except threading.BrokenBarrierError:
            raise NoAnswer from None
        return exchange.forward()
