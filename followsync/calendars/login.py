"""Ways to log in to a calendar server: Basic at once (RFC 7617), Digest where the server asks for that instead (RFC 7616), a bearer
token (RFC 6750)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

import requests

Way = Literal["auto", "basic", "digest", "bearer"]
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)(?:\s+(?=[A-Za-z])|\s*(?=,|$))")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_PARAMETER = re.compile(r'([A-Za-z]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)')


class Login:
    """One account's way in. All its connections share it, in any thread, so that a challenge is learned once."""

    def __init__(self, way: Way, username: str, password: str) -> None:
        self._way, self._username, self._password = way, username, password
        self._lock = threading.Lock()
        self._challenge: Mapping[str, str] | None = None
        self._count = 0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        header = self._header(request.method or "", request.path_url)
        if header:
            request.headers["Authorization"] = header
        return request

    def challenged(self, header: str, sent: str) -> bool:
        """Whether the WWW-Authenticate of a 401 names another way in than the one that failed, which is taken from now on. ``sent``: the
        Authorization that failed. A 401 was not acted on, so asking again is no re-sending."""
        offered = _challenges(header)
        if self._way not in {"auto", "digest"} or not self._password:
            return False
        if not (fresh := offered.get("digest")):
            return self._way == "auto" and "basic" in offered and self._basic_again(sent)
        with self._lock:
            if not sent.startswith("Digest "):
                if sent and "basic" in offered:
                    return False  # it was tried: the password is wrong
                self._challenge, self._count = self._challenge or fresh, self._count if self._challenge else 0
                return True
            if self._challenge and _nonce(sent) != self._challenge["nonce"]:
                return True  # another connection learned of a new one meanwhile
            if _nonce(sent) == fresh["nonce"] or fresh.get("stale", "").lower() == "false":
                return False
            self._challenge, self._count = fresh, 0
            return True

    def _basic_again(self, sent: str) -> bool:
        """A server that asked for Digest once and takes only Basic now: what it asked for then is over."""
        with self._lock:
            if sent.startswith("Digest "):
                self._challenge, self._count = None, 0
            return sent.startswith("Digest ")

    def _header(self, method: str, uri: str) -> str:
        if not self._password:
            return ""
        if self._way == "bearer":
            return f"Bearer {self._password}"
        with self._lock:
            challenge, self._count = self._challenge, self._count + 1
            count = f"{self._count:08x}"
        if challenge:
            return self._digest(challenge, count, method, uri)
        if self._way == "digest":
            return ""
        return "Basic " + base64.b64encode(f"{self._username}:{self._password}".encode()).decode()

    def _digest(self, challenge: Mapping[str, str], count: str, method: str, uri: str) -> str:
        """RFC 7616, 3.4. A server older than it (no ``qop``) gets the shorter answer of RFC 2069."""
        name, session = _algorithm(challenge)
        realm, nonce, client = challenge.get("realm", ""), challenge["nonce"], secrets.token_hex(8)

        def hashed(*parts: str) -> str:
            return hashlib.new(name, ":".join(parts).encode(), usedforsecurity=False).hexdigest()

        secret = hashed(self._username, realm, self._password)
        if session:
            secret = hashed(secret, nonce, client)
        modern = "qop" in challenge
        middle = (count, client, "auth") if modern else ()
        plain = self._username.isascii()
        name_field = {"username": _quoted(self._username)} if plain else {"username*": f"UTF-8''{quote(self._username, safe='')}"}
        fields = name_field | {
            "realm": _quoted(realm),
            "nonce": _quoted(nonce),
            "uri": _quoted(uri),
            "response": _quoted(hashed(secret, nonce, *middle, hashed(method, uri))),
        }
        for word in ("algorithm", "opaque"):
            if word in challenge:
                fields[word] = challenge[word] if word == "algorithm" else _quoted(challenge[word])
        if modern:
            fields |= {"qop": "auth", "nc": count, "cnonce": _quoted(client)}
        return "Digest " + ", ".join(f"{key}={value}" for key, value in fields.items())


@lru_cache(maxsize=256)
def login(way: Way, username: str, password: str, server: str) -> Login:
    """The way in to ``server`` (scheme, host and port). The same one each time, so that a quiet cycle need not be challenged anew."""
    return Login(way, username, password)


def _challenges(header: str) -> dict[str, dict[str, str]]:
    """Scheme, in small letters -> its parameters; of several Digest challenges the first that can be answered."""
    offered: dict[str, dict[str, str]] = {}
    starts = list(_SCHEME.finditer(_QUOTED.sub(lambda one: "_" * len(one[0]), header)))  # a realm may look like a scheme
    for number, found in enumerate(starts):
        until = starts[number + 1].start() if number + 1 < len(starts) else len(header)
        values = {key.lower(): _plain(value) for key, value in _PARAMETER.findall(header[found.end() : until])}
        scheme = found[1].lower()
        if scheme == "digest" and not _answerable(values):
            values = {}
        if not offered.get(scheme):
            offered[scheme] = values
    return offered


def _answerable(challenge: Mapping[str, str]) -> bool:
    words = [word.strip() for word in challenge.get("qop", "auth").split(",")]
    return "nonce" in challenge and bool(_algorithm(challenge)[0]) and "auth" in words


def _algorithm(challenge: Mapping[str, str]) -> tuple[str, bool]:
    """What hashlib calls it ("" where it is none we know), and whether it is one for a session."""
    word = challenge.get("algorithm", "MD5").upper()
    return _HASHES.get(word.removesuffix("-SESS"), ""), word.endswith("-SESS")


def _nonce(sent: str) -> str:
    return next((_plain(value) for key, value in _PARAMETER.findall(sent) if key == "nonce"), "")


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _quoted(value: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
