"""A relay on loopback that stands before a server, tells its answers late, and counts: the same scale for every client.

It passes on bytes as they are, keeps a connection for as long as both ends do, and runs in a process of its own, so that its work is
nobody's CPU time. A delay is that of one round trip with an answer; opening a connection costs nothing more.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

from tests.servers import Server

_WRITES = frozenset({"PUT", "DELETE"})
_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Traffic:
    """``sent`` and ``received``: bytes of bodies as they went over the wire."""

    requests: int = 0
    writes: int = 0
    sent: int = 0
    received: int = 0

    def each(self, times: int) -> Traffic:
        """Of one time, where it was done so often."""
        return Traffic(self.requests // times, self.writes // times, self.sent // times, self.received // times)

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.requests + other.requests, self.writes + other.writes, self.sent + other.sent, self.received + other.received)


class Relay:
    """``server``: as seen through the relay."""

    def __init__(self, server: Server, control: Connection) -> None:
        self.server = server
        self._control = control

    def count(self) -> Traffic:
        """What went through since the last time this was asked."""
        self._control.send("count")
        counted: Traffic = self._control.recv()
        return counted


@contextlib.contextmanager
def relayed(server: Server, latency: float) -> Iterator[Relay]:
    """``latency``: seconds by which each answer comes later than the server gave it."""
    place = urlsplit(server.url)
    here, there = multiprocessing.get_context("fork").Pipe()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    work = _Work((place.hostname or "127.0.0.1", place.port or 80), latency, listener, there)
    process = multiprocessing.get_context("fork").Process(target=work.run, daemon=True)
    process.start()
    listener.close()
    there.close()
    try:
        yield Relay(replace(server, url=f"http://127.0.0.1:{port}/"), here)
    finally:
        process.terminate()
        process.join(30)
        here.close()


class _Work:
    """What happens in the relay's process: a thread for each connection."""

    def __init__(self, upstream: tuple[str, int], latency: float, listener: socket.socket, control: Connection) -> None:
        self.upstream, self.latency, self.listener, self.control = upstream, latency, listener, control
        self.lock = threading.Lock()
        self.traffic = Traffic()
        self.late = threading.Event()  # never set: waiting for it is the delay

    def run(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()
        with contextlib.suppress(EOFError):
            while self.control.recv():
                with self.lock:
                    counted, self.traffic = self.traffic, Traffic()
                self.control.send(counted)

    def _accept(self) -> None:
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        above: _Stream | None = None
        with client, contextlib.suppress(OSError, EOFError):
            below = _Stream(client)
            while True:
                request = below.message()
                if above is None or above.closed():
                    above = _Stream(socket.create_connection(self.upstream))
                above.socket.sendall(request.head + request.body)
                answer = above.message(request.method)
                self._note(request, answer)
                if self.latency:
                    self.late.wait(self.latency)
                client.sendall(answer.head + answer.body)
                if answer.last:
                    break
        if above:
            above.socket.close()

    def _note(self, request: _Message, answer: _Message) -> None:
        more = Traffic(1, request.method in _WRITES, request.size, answer.size)
        with self.lock:
            self.traffic += more


@dataclass(frozen=True, slots=True)
class _Message:
    """``size``: of the body without the marks of its chunks. ``last``: the connection ends after it."""

    head: bytes
    body: bytes
    size: int
    method: str
    last: bool


class _Stream:
    """One end of a connection, read message by message (RFC 9112, 6.3)."""

    def __init__(self, end: socket.socket) -> None:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = end
        self.file = end.makefile("rb", 65536)

    def closed(self) -> bool:
        """Whether the other end has hung up since its last answer."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def message(self, answers: str = "") -> _Message:
        """The next request, or the answer to one of method ``answers``. Raises EOFError where none comes any more."""
        first, head, fields = self._head()
        words = first.split()
        status = int(words[1]) if answers else 0
        while answers and 100 <= status < 200:  # "go on": what counts comes after it
            first, head, fields = self._head()
            status = int(first.split()[1])
        ends = "close" in fields.get("connection", "").lower() or (
            b"HTTP/1.0" in first and "keep-alive" not in fields.get("connection", "")
        )
        body, size = b"", 0
        if "chunked" in fields.get("transfer-encoding", "").lower():
            body, size = self._chunks()
        elif status in _NO_BODY or answers == "HEAD":
            pass
        elif "content-length" in fields:
            body = self.file.read(int(fields["content-length"]))
            size = len(body)
        elif answers:
            body = self.file.read()
            size, ends = len(body), True
        return _Message(head, body, size, words[0].decode(), ends)

    def _head(self) -> tuple[bytes, bytes, dict[str, str]]:
        lines = [self.file.readline()]
        if not lines[0]:
            raise EOFError
        while (line := self.file.readline()).strip():
            lines.append(line)
        pairs = (one.decode("latin-1").partition(":") for one in lines[1:])
        return lines[0], b"".join([*lines, b"\r\n"]), {name.strip().lower(): value.strip() for name, _, value in pairs}

    def _chunks(self) -> tuple[bytes, int]:
        parts, size = [], 0
        while True:
            mark = self.file.readline()
            length = int(mark.partition(b";")[0] or b"0", 16)
            parts += [mark, self.file.read(length), self.file.readline()]
            size += length
            if not length:  # no trailers: nobody here sends any
                return b"".join(parts), size
