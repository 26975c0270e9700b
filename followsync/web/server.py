"""An ASGI application on a socket, in a thread of its own that ends when it is told to. A slow reader costs one connection, no more."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from followsync import log
from followsync.config.words import Listen
from followsync.errors import ListenError

_CONNECTIONS = 100  # at a time: the daemon's own files and calendars must not run out of handles
_FIRST_WORD, _LONGEST, _BETWEEN = 15.0, 300.0, 5  # seconds: to the first request, of a connection at all, between two requests
_HEAD = 16 * 1024  # bytes of a request line and its headers
_BACKLOG = 64
_GOODBYE = 3  # seconds for the answers at hand when the daemon stops


def bound(listen: Listen) -> socket.socket:
    """Raises ListenError with a sentence."""
    try:
        family, _, _, _, where = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )[0]
        both = listen.host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(where[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        raise ListenError(f"Nothing can be served at {listen} (feed.listen in the config): {_why(error)}") from error


def _why(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "another program uses that port, perhaps another followsync. End it, or choose another port."
        case errno.EACCES:
            return "this user may not use that port. Choose one from 1024 on, and let a proxy in front of it serve the usual one."
        case _:
            return "that is no address of this machine. 127.0.0.1 always is one."


class _Bounded(H11Protocol):
    """uvicorn waits for ever for a request that does not come, and for a reader that does not read."""

    _limits: tuple[asyncio.TimerHandle, ...] = ()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it so too
        super().connection_made(transport)
        if len(self.connections) > _CONNECTIONS:
            transport.abort()
            return
        self._limits = (self.loop.call_later(_FIRST_WORD, self._heard), self.loop.call_later(_LONGEST, transport.abort))

    def _heard(self) -> None:
        if self.conn.their_state is h11.IDLE:  # no whole request at this moment
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        for limit in self._limits:
            limit.cancel()
        super().connection_lost(exc)


@contextmanager
def serve(app: ASGIApp, listening: socket.socket) -> Iterator[None]:
    """Until the end of the block; the socket is closed then."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # a scanner's nonsense is no news
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=_Bounded,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=_HEAD,
            timeout_keep_alive=_BETWEEN,
            timeout_graceful_shutdown=_GOODBYE,
            backlog=_BACKLOG,
        )
    )
    with listening, ThreadPoolExecutor(1, "web") as thread:
        thread.submit(server.run, sockets=[listening]).add_done_callback(_ended)
        try:
            yield
        finally:
            server.should_exit = True


def _ended(running: Future[None]) -> None:
    """Whatever is wrong with serving, the cycles go on."""
    if failure := running.exception():
        log.events().error("the web server ended by itself", failure=failure)
