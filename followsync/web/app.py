"""Which address answers what, and what holds for every answer: short addresses, no traces of who asked for what, and only reading but
for what a page's forms tell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from followsync import log
from followsync.errors import StoreError
from followsync.vitals import Inside
from followsync.web import assets
from followsync.web.feed import Feeds
from followsync.web.health import trouble
from followsync.web.metrics import Metrics
from followsync.web.page import Pages
from followsync.web.taking import Taking
from followsync.web.visit import Visits

_LONGEST = 512  # characters of an address: a feed's has fewer than a hundred
_METHODS = ("GET", "HEAD")
_FORMS = "/p/"  # only below it anything can be told
_NOT_KEPT = {"Cache-Control": "no-store"}
_SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),  # the address is a secret
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"x-robots-tag", b"noindex, nofollow"),
)

Endpoint = Callable[[Request], Response]


def application(inside: Inside) -> ASGIApp:
    feeds, metrics = Feeds(inside), Metrics(inside)
    routes = [
        Route("/feed/{secret}.ics", feeds.answer, name="feed"),
        Route("/healthz", lambda _: _health(inside), name="healthz"),
        Route("/metrics", lambda _: _metrics(metrics), name="metrics"),
        *_page(inside),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refused, StoreError: _no_store})
    app.router.redirect_slashes = False
    return _Guarded(app)


def _page(inside: Inside) -> list[Route]:
    """A slash stands behind the secret, so that the page's own links need not name it."""
    visits = Visits(inside)
    pages = Pages(inside, visits)
    taking = Taking(inside, visits, pages)
    return [
        Route("/p/static/{name}", assets.answer),
        Route("/p/{secret}", pages.without_slash),
        Route("/p/{secret}/", pages.today),
        Route("/p/{secret}/week", pages.week),
        Route("/p/{secret}/pipeline", pages.pipeline),
        Route("/p/{secret}/who", pages.who),
        Route("/p/{secret}/add", pages.add),
        Route("/p/{secret}/app.webmanifest", pages.manifest),
        Route("/p/{secret}/answer", taking.answer, methods=["POST"]),
        Route("/p/{secret}/add", taking.line, methods=["POST"]),
        Route("/p/{secret}/undo", taking.undo, methods=["POST"]),
    ]


def _health(inside: Inside) -> Response:
    why = trouble(inside)
    return PlainTextResponse(f"{why or 'ok'}\n", 503 if why else 200, _NOT_KEPT)


def _metrics(metrics: Metrics) -> Response:
    text, kind = metrics.text()
    return Response(text, headers={**_NOT_KEPT, "Content-Type": kind})


def _refused(_: Request, error: Exception) -> Response:
    """Whatever was asked for: a wrong secret and a page that never was look the same."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("Not found.\n" if status == 404 else "Refused.\n", status, _NOT_KEPT)


def _no_store(_: Request, error: Exception) -> Response:
    log.events().warning("an answer could not be given", failure=error)
    return PlainTextResponse("Not now.\n", 503, {**_NOT_KEPT, "Retry-After": "60"})


class _Guarded:
    """Around everything, so that no answer goes out without it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = list(message.get("headers", ()))
                own = {name.lower() for name, _ in told}
                message["headers"] = [*told, *(pair for pair in _SAFE if pair[0] not in own)]
                _note(scope, message["status"])
            await send(message)

        await self._chosen(scope)(scope, receive, answered)

    def _chosen(self, scope: Scope) -> ASGIApp | Callable[[Scope, Receive, Send], Awaitable[None]]:
        methods = (*_METHODS, "POST") if scope["path"].startswith(_FORMS) else _METHODS
        if scope["method"] not in methods:
            return PlainTextResponse(f"Only {' and '.join(methods)}.\n", 405, {**_NOT_KEPT, "Allow": ", ".join(methods)})
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > _LONGEST:
            return PlainTextResponse("Too long.\n", 414, _NOT_KEPT)
        return self._app


def _note(scope: Scope, status: int) -> None:
    """Neither the address, which is a secret, nor who asked."""
    first = str(scope["path"]).partition("/")[2].partition("/")[0]
    log.events().debug("answered", what=first if first in ("feed", "healthz", "metrics", "p") else "other", status=status)
