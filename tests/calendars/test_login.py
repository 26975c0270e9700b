"""Ways to log in, against servers that ask for them."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from followsync.calendars.discovery import Account
from followsync.calendars.login import Login, Way, login
from followsync.calendars.wire import Wire
from followsync.errors import CalendarError, LoginNeeded

USER, PASSWORD, REALM = "dana", "pä55 word", "calendars, all of them"


@dataclass
class Guard:
    """A server that lets in who answers its challenge. ``nonces``: those given out; the last one is good, and each a number of times."""

    challenge: str = 'Digest realm="{realm}", nonce="{nonce}", qop="auth", algorithm={hash}, opaque="o\\"1"'
    hash: str = "MD5"
    good_for: int = 100
    token: str = ""
    basic: bool = False
    stale: str = "true"
    nonces: list[str] = field(default_factory=list)
    counts: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    url: str = ""

    def ask(self) -> str:
        words = f', stale="{self.stale}"' if self.nonces else ""
        self.nonces.append(f"nonce{len(self.nonces)}")
        self.counts.clear()
        return self.challenge.format(realm=REALM, nonce=self.nonces[-1], hash=self.hash) + (words if "Digest" in self.challenge else "")

    def lets_in(self, header: str, method: str, uri: str) -> bool:
        if self.basic:
            return header == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.token:
            return header == f"Bearer {self.token}"
        if not header.startswith("Digest ") or not self.nonces:
            return False
        said = {key: one or other for key, one, other in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))', header)}
        name = {"MD5": "md5", "SHA-256": "sha256"}[self.hash.removesuffix("-sess")]

        def h(text: str) -> str:
            return hashlib.new(name, text.encode()).hexdigest()

        if said["nonce"] != self.nonces[-1] or said["uri"] != uri or len(self.counts) >= self.good_for:
            return False
        first = h(f"{USER}:{REALM}:{PASSWORD}")
        if self.hash.endswith("-sess"):
            first = h(f"{first}:{said['nonce']}:{said['cnonce']}")
        middle = f"{said['nc']}:{said['cnonce']}:{said['qop']}:" if "qop" in self.challenge else ""
        if "nc" in said and said["nc"] in self.counts:
            return False  # each number once: what somebody overheard is worth nothing
        self.counts.add(said.get("nc", ""))
        return said["response"] == h(f"{first}:{said['nonce']}:{middle}{h(f'{method}:{uri}')}")


@pytest.fixture
def guarded() -> Iterator[Callable[[Guard], Guard]]:
    servers = []

    def start(guard: Guard) -> Guard:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                good = guard.lets_in(self.headers.get("Authorization", ""), self.command, self.path)
                guard.statuses.append(200 if good else 401)
                self.send_response(guard.statuses[-1])
                if not good:
                    self.send_header("WWW-Authenticate", guard.ask())
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Tests are quiet."""

        servers.append(server := ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        guard.url = f"http://127.0.0.1:{server.server_address[1]}/a%20b/?q=1"
        return guard

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
    login.cache_clear()


def wire(guard: Guard, way: Way = "auto", password: str = PASSWORD) -> Wire:
    return Account(guard.url, USER, password, way, 20).connect(guard.url)


@pytest.mark.parametrize("hashed", ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess"])
@pytest.mark.parametrize("way", ["auto", "digest"])
def test_digest_is_learned_once_for_all_connections(guarded: Callable[[Guard], Guard], hashed: str, way: Way) -> None:
    guard = guarded(Guard(hash=hashed))
    one = wire(guard, way)
    for _ in range(3):
        one.call("GET", guard.url)
    one.another().call("GET", guard.url)
    wire(guard, way).call("GET", guard.url)
    assert guard.statuses == [401, 200, 200, 200, 200, 200]


def test_digest_of_before_qop(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard(challenge='Digest realm="{realm}", nonce="{nonce}"', good_for=1000))
    wire(guard).call("GET", guard.url)
    assert guard.statuses == [401, 200]


def test_a_nonce_that_is_used_up_is_replaced(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard(good_for=2))
    one = wire(guard)
    for _ in range(4):
        one.call("GET", guard.url)
    assert guard.statuses == [401, 200, 200, 401, 200, 200]


def test_a_wrong_password_is_tried_once_each_way(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard(stale="false"))
    with pytest.raises(LoginNeeded):
        wire(guard, password="other").call("GET", guard.url)
    assert guard.statuses == [401, 401]
    with pytest.raises(LoginNeeded):
        wire(guard, password="other").call("GET", guard.url)
    assert len(guard.statuses) <= 4


@pytest.mark.parametrize("challenge", ['Digest realm="x", nonce="{nonce}", algorithm=SHA-512-256', "Negotiate", 'Digest realm="x"'])
def test_a_challenge_that_nobody_here_can_answer(guarded: Callable[[Guard], Guard], challenge: str) -> None:
    guard = guarded(Guard(challenge=challenge))
    with pytest.raises(LoginNeeded):
        wire(guard).call("GET", guard.url)
    assert guard.statuses == [401]


def test_bearer(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard(challenge='Bearer realm="x"', token=PASSWORD.encode().hex()))
    wire(guard, "bearer", guard.token).call("GET", guard.url)
    assert guard.statuses == [200]
    with pytest.raises(LoginNeeded):
        wire(guard, "bearer", "0123").call("GET", guard.url)


def test_basic_is_never_turned_into_digest(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard())
    with pytest.raises(LoginNeeded):
        wire(guard, "basic").call("GET", guard.url)
    assert guard.statuses == [401]


def test_two_threads_count_together(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard(good_for=1000))
    first = wire(guard)
    first.call("GET", guard.url)
    others = [first.another() for _ in range(4)]
    threads = [threading.Thread(target=lambda one=one: [one.call("GET", guard.url) for _ in range(10)]) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert guard.statuses.count(401) == 1
    assert [one.requests_made for one in others] == [10] * 4


def test_no_secret_is_shown() -> None:
    assert "s3cret" not in repr(Account("https://dav.example.org/", "dana", "s3cret")) + repr(Login("auto", "dana", "s3cret"))
    with pytest.raises(CalendarError, match="https"):
        Account("http://dav.example.org/").connect("http://dav.example.org/")


def test_where_basic_is_offered_too_a_wrong_password_is_tried_once(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard(challenge='Basic realm="x", Digest realm="{realm}", nonce="{nonce}", qop="auth"'))
    with pytest.raises(LoginNeeded):
        wire(guard).call("GET", guard.url)
    assert guard.statuses == [401]


def test_a_server_that_changes_from_digest_to_basic_is_followed(guarded: Callable[[Guard], Guard]) -> None:
    guard = guarded(Guard())
    wire(guard).call("GET", guard.url)
    guard.challenge, guard.basic = 'Basic realm="{realm}"', True
    guard.statuses.clear()
    wire(guard).call("GET", guard.url)
    wire(guard).call("GET", guard.url)
    assert guard.statuses == [401, 200, 200]
    guard.challenge, guard.basic = Guard.challenge, False
    guard.statuses.clear()
    wire(guard).call("GET", guard.url)
    assert guard.statuses == [401, 200]


@pytest.mark.parametrize("way", ["auto", "digest"])
def test_basic_is_tried_once_and_never_where_digest_was_asked_for(guarded: Callable[[Guard], Guard], way: Way) -> None:
    guard = guarded(Guard())
    wire(guard, way).call("GET", guard.url)
    guard.challenge = 'Basic realm="{realm}"'
    guard.statuses.clear()
    with pytest.raises(LoginNeeded):
        wire(guard, way).call("GET", guard.url)
    assert guard.statuses == ([401, 401] if way == "auto" else [401])


def test_what_another_connection_learned_meanwhile_is_tried() -> None:
    """Two connections are refused at once; the second answer comes when the first one has learned of the new nonce already."""
    shared = Login("auto", USER, PASSWORD)
    assert shared.challenged('Digest realm="x", nonce="a"', "Basic abc")
    assert shared.challenged('Digest realm="x", nonce="b"', "Basic abc")
    sent = 'Digest username="dana", realm="x", nonce="a", uri="/"'
    assert shared.challenged('Digest realm="x", nonce="c", stale=true', sent)
    assert shared.challenged('Digest realm="x", nonce="d"', sent)
    assert not shared.challenged('Digest realm="x", nonce="e", stale=false', sent.replace('nonce="a"', 'nonce="c"'))
