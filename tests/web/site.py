"""A room whose feeds are served on a socket, and a client that says each byte itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

from followsync import addresses, feeds
from followsync.vitals import Inside, Vitals
from followsync.web.app import application
from followsync.web.server import serve
from tests.machine.room import Room


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def told(self) -> tuple[int, dict[str, str], bytes]:
        """All but the moment it was given."""
        return self.status, {name: value for name, value in self.headers.items() if name != "date"}, self.body


@dataclass(slots=True)
class Site:
    room: Room
    port: int
    vitals: Vitals
    seconds: list[float]

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        """``If_None_Match="…"`` is a header."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            client.request(method, path, body, headers={name.replace("_", "-"): value for name, value in headers.items()})
            found = client.getresponse()
            return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
        finally:
            client.close()

    def say(self, request: bytes) -> bytes:
        """Raw bytes to the server, and all that it answers."""
        with self.connected() as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def subscribe(self, name: str = "all", *, redacted: bool = False) -> str:
        """The path of a new feed."""
        secret = addresses.secret()
        with self.room.store.writing() as tx:
            tx.add_feed(feeds.new(name, "dana", secret, redacted=redacted))
        return f"/feed/{secret}.ics"


@contextmanager
def opened(room: Room) -> Iterator[Site]:
    seconds = [0.0]
    vitals = Vitals(lambda: seconds[0])
    inside = Inside(lambda: room.settings, room.store, lambda: room.now, vitals)
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    port: int = listening.getsockname()[1]
    with serve(application(inside), listening):
        yield Site(room, port, vitals, seconds)
