"""Values of ``views`` as HTML. Everything in them is text: what looks like a tag is shown as it was typed."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from followsync.telling import visible
from followsync.web.assets import assets
from followsync.web.known import takes_gzip

_FEW = 500  # bytes below which packing brings nothing
_SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # so that the browser says of a form whether it is ours; nobody else hears the address
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding",
}


@cache
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    made = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=visible
    )
    made.globals["asset"] = {name: one.name for name, one in assets().items()}
    return made


def html(
    request: Request, template: str, values: Mapping[str, object], status: int = 200, *, kind: str = "text/html; charset=utf-8"
) -> Response:
    plain = _environment().get_template(template).render(values).encode()
    told = {**_SAFE, "Content-Type": kind}
    if len(plain) > _FEW and takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(gzip.compress(plain, mtime=0), status, {**told, "Content-Encoding": "gzip"})
    return Response(plain, status, told)
