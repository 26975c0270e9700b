"""Style, script and icon of the pages. Each is named after what is in it, so it may be kept for ever and is never out of date."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from followsync.web.known import is_known, takes_gzip

_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"  # RFC 8246


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    kind: str
    plain: bytes
    packed: bytes

    @property
    def tag(self) -> str:
        return self.name.rpartition("-")[2].partition(".")[0]


@cache
def assets() -> dict[str, Asset]:
    """``page.css`` -> what it is, and the name under which it is given."""
    found = {}
    for path in sorted(Path(__file__).with_name("static").iterdir()):
        if path.suffix in _KINDS:
            plain = path.read_bytes()
            name = f"{path.stem}-{sha256(plain).hexdigest()[:16]}{path.suffix}"
            found[path.name] = Asset(name, _KINDS[path.suffix], plain, gzip.compress(plain, mtime=0))
    return found


def answer(request: Request) -> Response:
    """Raises HTTPException 404 for a name that no asset has (any more)."""
    named = str(request.path_params["name"])
    found = next((one for one in assets().values() if one.name == named), None)
    if found is None:
        raise HTTPException(404)
    packed = takes_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{found.tag}-gzip"' if packed else f'"{found.tag}"'
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Type"] = found.kind
    return Response(found.packed, headers={**headers, "Content-Encoding": "gzip"}) if packed else Response(found.plain, headers=headers)
