"""What a page's forms carry, and what is taken of them: small, from the page itself, and each one once.

A form's token is ``ISSUED.NONCE.MAC``. The key of the MAC is the secret in the page's address, so nobody who does not know the address can
make one, and one of an address that was changed is good for nothing. The nonce is what the store knows a form by that was taken in.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from unicodedata import category
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

LONGEST: Mapping[str, int] = {"line": 500, "next": 300, "note": 2000}  # characters of what is typed, as browsers count them
LONGEST_NOTE = LONGEST["next"] + 1 + LONGEST["note"]  # where what was typed into both is kept as one note
LONGEST_BODY = 9 * sum(LONGEST.values()) + 4096  # bytes: a character takes up to three, each sent as ``%E6``; and what is not typed
GOOD_FOR = timedelta(days=7)
_MOST_FIELDS = 12
_PATIENCE = 10.0  # seconds for the whole of a body
_AHEAD = timedelta(minutes=5)  # so far a clock may have been put back
_FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r"([0-9a-f]{1,12})\.([\w-]{22})\.([0-9a-f]{32})", re.ASCII)
_NONCE = re.compile(r"[\w-]{22}", re.ASCII)
_KEPT_CONTROLS = "\n\t"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Those of one page. ``secret``: as it stands in its address."""

    secret: str
    now: datetime

    def new(self) -> str:
        head = f"{int(self.now.timestamp()):x}.{secrets.token_urlsafe(16)}"
        return f"{head}.{self._mac(head)}"

    def nonce(self, token: str) -> str | None:
        """What a token of ours is known by; None where it is none of this page's, or too old."""
        found = _TOKEN.fullmatch(token)
        if found is None or not hmac.compare_digest(found[3], self._mac(f"{found[1]}.{found[2]}")):
            return None
        age = self.now.timestamp() - int(found[1], 16)
        return found[2] if -_AHEAD.total_seconds() <= age <= GOOD_FOR.total_seconds() else None

    def _mac(self, head: str) -> str:
        return hmac.new(self.secret.encode(), f"page form {head}".encode(), "sha256").hexdigest()[:32]


def too_long(name: str, text: str, most: int | None = None) -> int:
    """How many characters fit there, where these are more; else 0. The end of a line is one: a browser counts it so, and sends two."""
    fit = LONGEST[name] if most is None else most
    return fit if len(text.replace("\r\n", "\n").rstrip("\n")) > fit else 0


def nonce_in(text: str) -> str:
    """``text`` where it looks like a nonce, else "": it came in an address."""
    return text if _NONCE.fullmatch(text) else ""


async def fields(request: Request) -> Mapping[str, str]:
    """The fields of a form; of one that is there twice the last. Raises HTTPException: 415 for anything else than a form, 413 where it is
    too long, 408 where it does not come, 400 where it has too many fields."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(415)
    try:
        async with asyncio.timeout(_PATIENCE):
            body = await _body(request)
    except TimeoutError:
        raise HTTPException(408) from None
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return dict(pairs)


async def _body(request: Request) -> bytes:
    """Whatever its header says of its length, no more is read than may be."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > LONGEST_BODY:
            raise HTTPException(413)
    return bytes(found)


def is_from_us(request: Request, public: Collection[str]) -> bool:
    """Whether the browser says that one of our own pages sent it (Fetch Metadata, ``Sec-Fetch-Site``); else, where it says from where
    (RFC 6454, ``Origin``), whether that is this host or one of the addresses that we are ``public`` under. Who says nothing is believed:
    the token tells."""
    if site := request.headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return _host(origin) in {request.headers.get("host", "").lower(), *map(_host, public)} - {""}


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def line(text: str) -> str:
    """One line, whatever was sent."""
    return " ".join(_clean(text).split())


def text(text: str) -> str:
    """Several lines, as a person types them."""
    return "\n".join(one.rstrip() for one in _clean(text.replace("\r\n", "\n").replace("\r", "\n")).strip().split("\n"))


def _clean(text: str) -> str:
    return "".join(letter for letter in text if letter in _KEPT_CONTROLS or category(letter) not in ("Cc", "Cs"))
