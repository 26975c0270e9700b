"""A feed over HTTP (RFC 9110): as it is or as gzip, each with a strong ETag of its own, and nothing where nothing is new."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from hmac import compare_digest

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from followsync.addresses import digest
from followsync.core.target import TargetState
from followsync.store import Feed, Transaction
from followsync.vitals import Inside
from followsync.web.known import is_known, takes_gzip

_PACKED = 8  # feeds whose compressed form is kept in memory
_SECONDS = timedelta(minutes=1)  # so far ahead a date may be of several changes in a second
_SOON = "30"  # seconds after which a feed that was just made has something to show


@dataclass(frozen=True, slots=True)
class _Found:
    feed: Feed
    text: str
    states: tuple[TargetState, ...]


class Feeds:
    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._packed: dict[str, bytes] = {}
        self._first_asked: dict[str, datetime] = {}  # what a clock dated that was ahead -> about when it was first asked for
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        """Raises HTTPException 404 for a secret that leads nowhere, StoreError where the store does not answer."""
        with self._inside.store.reading() as tx:
            found = self._found(tx, str(request.path_params["secret"]))
        if found is None:
            raise HTTPException(404)
        if not found.text or found.feed.modified is None:
            return PlainTextResponse("Not yet.\n", 503, {"Cache-Control": "no-store", "Retry-After": _SOON})
        return self._represented(request, found, found.feed.modified)

    def _found(self, tx: Transaction, secret: str) -> _Found | None:
        """Every feed is compared, each in constant time, so that how long it takes tells nothing. One of a rep who left shows nothing any
        more: nobody would keep it up to date."""
        asked, found = digest(secret), None
        for feed in tx.feeds():
            if compare_digest(feed.secret, asked):
                found = feed
        settings = self._inside.settings()
        if found is None or found.rep not in settings.reps:
            return None
        names = [name for name in settings.reps[found.rep].targets if settings.targets[name].type != "ics"]
        return _Found(found, tx.feed_text(found.name), tuple(tx.target_state(found.rep, name) for name in names))

    def _represented(self, request: Request, found: _Found, modified: datetime) -> Response:
        plain = found.text.encode()
        name = sha256(plain).hexdigest()[:32]
        packed = takes_gzip(request.headers.get("accept-encoding", ""))
        tag = f'"{name}-gzip"' if packed else f'"{name}"'
        now = self._inside.clock()
        modified = self._dated(name, modified, now)
        headers = {
            "ETag": tag,
            "Cache-Control": "private, no-cache",  # a reader asks each time, and mostly hears that nothing is new
            "Vary": "Accept-Encoding",
        }
        if modified <= now:  # no date that is still to come (RFC 9110, 8.8.2.1)
            headers["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
        if as_of := _as_of(found, now):
            headers["FollowSync-As-Of"] = format_datetime(as_of.astimezone(UTC), usegmt=True)
        if is_known(request, tag, modified, now):
            return Response(status_code=304, headers=headers)
        headers |= {"Content-Type": "text/calendar; charset=utf-8", "Content-Disposition": 'inline; filename="follow-ups.ics"'}
        if packed:
            return Response(self._compressed(name, plain), headers={**headers, "Content-Encoding": "gzip"})
        return Response(plain, headers=headers)

    def _dated(self, name: str, modified: datetime, now: datetime) -> datetime:
        """Where a clock was ahead when it was made, the moment before it was first asked for: earlier than its next change, and the same
        one each time. What changed twice in a second keeps the date that it has, of the next second."""
        with self._lock:
            if modified <= now + _SECONDS:
                self._first_asked.pop(name, None)
                return modified
            if len(self._first_asked) >= _PACKED:
                self._first_asked.clear()
            return min(self._first_asked.setdefault(name, now - timedelta(seconds=1)), now)

    def _compressed(self, name: str, plain: bytes) -> bytes:
        with self._lock:
            known = self._packed.get(name)
        if known is None:
            known = gzip.compress(plain, mtime=0)  # the same bytes each time
            with self._lock:
                if len(self._packed) >= _PACKED:
                    self._packed.clear()
                self._packed[name] = known
        return known


def _as_of(found: _Found, now: datetime) -> datetime | None:
    """When the calendars were last read, the one that was so longest ago; where there are none, the store is all that there is. Never
    later than now. None where one was never read."""
    read = [state.last_good for state in found.states]
    return min(at for at in (*read, now) if at) if all(read) else None
