"""Two ways to a ``GoogleServer``: a real socket on loopback, and an object like ``httplib2.Http`` that needs none."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock
from typing import Any
from urllib.parse import urlsplit

import google.auth.transport
import httplib2

from tests.dav.server import Broken
from tests.google.faults import Slow
from tests.google.replies import Answer
from tests.google.server import GoogleServer


class Door:
    """Where requests come in, one after the other, from wherever. ``moment`` is called before each and after it was answered, with what
    is asked for, and may do what it likes: kill the client, or let the rep's phone do something."""

    def __init__(self, server: GoogleServer) -> None:
        self.server = server
        self.moment: Callable[[str, str, str], None] = lambda place, method, path: None
        self.requests = 0
        self._one = RLock()

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        with self._one:
            path = urlsplit(url).path
            self.moment("before", method, path)
            self.requests += 1
            answer = self.server.handle(method, url, headers, body)
            self.moment("after", method, path)
            return answer


class Transport:
    """What ``googleapiclient`` and ``AuthorizedHttp`` want of an ``httplib2.Http``, without a socket. It sends once."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.timeout: float | None = None
        self.connections: dict[str, Any] = {}
        self.follow_redirects = False
        self.redirect_codes: frozenset[int] = frozenset()

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        redirections: int = 5,
        connection_type: Any = None,
    ) -> tuple[httplib2.Response, bytes]:
        status, told, content = _asked(self.door, uri, method, body, headers)
        response = httplib2.Response({name.lower(): value for name, value in told.items()} | {"status": str(status)})
        response.reason = ""
        return response, content

    def close(self) -> None:
        """Nothing is held."""


class AuthTransport(google.auth.transport.Request):  # type: ignore[misc]
    """What ``Credentials.refresh`` asks with."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def __call__(self, url: str, method: str = "GET", body: Any = None, headers: Any = None, timeout: Any = None, **more: Any) -> Any:
        return _AuthResponse(*_asked(self.door, url, method, body, headers))


class _AuthResponse(google.auth.transport.Response):  # type: ignore[misc]
    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._told = status, headers, data

    @property
    def status(self) -> int:
        return self._told[0]

    @property
    def headers(self) -> Mapping[str, str]:
        return self._told[1]

    @property
    def data(self) -> bytes:
        return self._told[2]


def _asked(door: Door, url: str, method: str, body: str | bytes | None, headers: Mapping[str, str] | None) -> Answer:
    assert url.startswith(door.server.root), f"{url} would have left this machine"
    try:
        return door(method, url, headers or {}, body.encode() if isinstance(body, str) else body or b"")
    except Broken:
        raise RemoteDisconnected("Remote end closed connection without response") from None
    except Slow:
        raise TimeoutError("timed out") from None


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what is tested; anything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, headers, content = door(self.command, self.path, dict(self.headers.items()), body)
            except Broken:
                self.close_connection = True
                return
            except Slow:
                self.rfile.read(1)  # until the client has had enough
                self.close_connection = True
                return
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    return Handler


@contextmanager
def served(server: GoogleServer) -> Iterator[Door]:
    """On a socket of this machine; ``server.root`` says where."""
    door = Door(server)
    listener = _Listener(("127.0.0.1", 0), _handler(door))
    server.root = server.tasks.root = f"http://127.0.0.1:{listener.server_address[1]}/"
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield door
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
