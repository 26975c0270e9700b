"""Does the daemon's web server answer, here and where others reach it? Nothing is changed, and no secret address is asked for."""

from __future__ import annotations

import http.client
import secrets
import ssl
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import SplitResult, urlsplit

from followsync.config.settings import Settings
from followsync.config.words import Listen
from followsync.doctor.findings import Finding, bad, good, note

_PATIENCE = 10  # seconds
_MOST = 4096  # bytes that are read of an answer
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is asked, not what is listened on
_UNKNOWN = (404, "Not found.\n")  # what it answers to a secret that is none: see followsync.web.app


def feed(settings: Settings, addresses: int) -> list[Finding]:
    """``addresses``: so many feeds and pages were given out. Nothing where nothing is served and nobody was given an address."""
    listen = settings.feed.listen
    if listen is None:
        if not addresses:
            return []
        return [bad("feed", "addresses were given out, but 'feed: {listen: …}' is not in the config: nobody answers there.")]
    found = [_here(listen)]
    if settings.feed.public_url:
        found += _outside("public", "feed.public_url", settings.feed.public_url, "/feed/{}.ics")
    if settings.page.public_url:
        found += _outside("page", "page.public_url", settings.page.public_url, "/p/{}/")
    return found


def _here(listen: Listen) -> Finding:
    host = _EVERYWHERE.get(listen.host, listen.host)
    try:
        status, said = _asked(http.client.HTTPConnection(host, listen.port, timeout=_PATIENCE), "/healthz")
    except (OSError, http.client.HTTPException):
        return bad(
            "feed", f"nothing answers at {listen} (feed.listen): does 'followsync run' run, and was it restarted since that was written?"
        )
    sentence = said.strip()
    if (status, sentence) == (200, "ok"):
        return good("feed", f"{listen} answers: all is well.")
    if status == 503 and sentence:
        return bad("feed", f"{listen} answers: {sentence}.")
    return bad("feed", f"what answers at {listen} is not followsync ({status}): another program has that port.")


def _outside(topic: str, key: str, public: str, path: str) -> Iterator[Finding]:
    """Asked for an address that nobody was given, and for what only this machine should be told."""
    place = urlsplit(public)
    base = place.path.rstrip("/")
    try:
        answer = _asked(_connection(place), base + path.format(secrets.token_urlsafe(32)))
        open_to_all = answer == _UNKNOWN and "followsync_" in _asked(_connection(place), f"{base}/metrics")[1]
    except ssl.SSLCertVerificationError as error:
        yield bad(topic, f"{place.hostname} has no certificate that is trusted here ({error.verify_message}): phones will refuse it.")
        return
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        yield note(
            topic,
            f"{place.hostname} ({key}) cannot be reached from here ({reason}). That may be so behind a router: try it outside.",
        )
        return
    if answer != _UNKNOWN:
        yield bad(
            topic,
            f"{place.hostname} ({key}) answers {answer[0]}, and not as followsync does: does its proxy pass {path.partition('{')[0]} on?",
        )
        return
    yield good(topic, f"{place.hostname} passes it on.")
    if open_to_all:
        yield bad("metrics", f"everybody can read {public.rstrip('/')}/metrics: let the proxy pass on only what docs/howto/feed.md names.")


def _connection(place: SplitResult) -> http.client.HTTPConnection:
    host = place.hostname or ""
    if place.scheme == "https":
        return http.client.HTTPSConnection(host, place.port, timeout=_PATIENCE, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, place.port, timeout=_PATIENCE)


def _asked(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    """Status, and the beginning of the text. Redirects are not followed: calendar programs may not either."""
    with closing(connection):
        connection.request("GET", path, headers={"Accept": "*/*"})
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST).decode("utf-8", "replace")
