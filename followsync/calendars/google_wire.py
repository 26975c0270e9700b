"""Requests to Google's APIs: counted, sent once, within the quota, and the one place that reads their status codes.

``googleapiclient`` makes the requests and reads the answers; it is at home here only. It sends through an object of ours in place of
``httplib2.Http``, which sends a write again by itself where the answer to it was lost. No connection of ours does that.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http.client import HTTPException
from typing import Any, Protocol
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httplib2  # type: ignore[import-untyped]  # it has no types
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import BatchHttpRequest, HttpRequest

from followsync.calendars.google_endpoint import AGAIN
from followsync.calendars.google_login import GoogleLogin, machine_clock
from followsync.calendars.google_pace import Taken
from followsync.calendars.wire import Wire, host, nearer, retry_after
from followsync.errors import CalendarError, Changed, CursorExpired, LoginNeeded, Refused, Unavailable

ROOT = "https://www.googleapis.com/"
TOGETHER = 50  # calls in one batch: larger ones trip over the rate limit
_PAUSES = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "servingLimitExceeded", "concurrentLimitExceeded"}
)
_FAULTS = frozenset({"backendError", "internalError"})  # of its own: then it may have been done
_LONG_PAUSES = frozenset({"quotaExceeded", "dailyLimitExceeded", "calendarLimitExceeded"})
_LONG_PAUSE = 3600.0  # seconds: of a use limit Google says not when it ends, only that one must not go on
_REST, _LONGEST_REST = timedelta(minutes=2), timedelta(hours=1)
_RIGHTS = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"})
_NOT_ENABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# What it warns of is told by the errors below, once, and in a sentence.
logging.getLogger("googleapiclient").setLevel(logging.ERROR)
_BROKEN = (OSError, httplib2.HttpLib2Error, HTTPException)


class Missing(CalendarError):
    """What was asked for is not there (404). Whoever asked knows what that means."""


class Denied(CalendarError):
    """Of an API that is not allowed, or not enabled (403), nothing is to be had, whatever is asked of it; another one may do."""


class Limited(Unavailable):
    """So many questions are too many for now. Nothing was done."""


class NotGranted(Denied, LoginNeeded):
    """So it is for the want of a permission."""


class Http(Protocol):
    """What sends: ``httplib2.Http``, as far as it is used here. It must send once."""

    def close(self) -> None: ...

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None) -> tuple[Any, bytes]: ...


class Connection:
    """``Http`` over connections of our own: the whole answer within the timeout, bounded, redirected nowhere. ``hosts``: as origins, those
    that may be spoken to."""

    def __init__(self, timeout: float, hosts: frozenset[str], until: float | None = None) -> None:
        self._timeout, self._hosts, self._until = timeout, hosts, until
        self._wires: dict[str, Wire] = {}

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, **_: Any) -> Any:
        origin = origin_of(uri)
        if origin not in self._hosts:
            raise CalendarError(f"{host(uri)} is not a host this calendar was set up with; nothing was sent to it.")
        if origin not in self._wires:
            self._wires[origin] = Wire(uri, timeout=self._timeout, until=self._until)
        text = body.decode() if isinstance(body, bytes) else body or ""
        answer = self._wires[origin].exchange(method, uri, text, headers or {})
        told = {name.lower(): value for name, value in answer.headers.items()}
        return httplib2.Response(told | {"status": str(answer.status)}), answer.body

    def close(self) -> None:
        for wire in self._wires.values():
            wire.close()


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(slots=True)
class Rest:
    """A pause of one API that does not stop the other: doubled with each refusal, ended by a write that was taken. One for each user.
    ``why``: what Google said."""

    until: datetime | None = None
    times: int = 0
    why: str = ""

    def begin(self, now: datetime, why: str) -> None:
        self.why, self.times = why, self.times + 1
        self.until = now + min(_LONGEST_REST, _REST * 2 ** min(self.times - 1, 10))

    def lasts(self, now: datetime) -> bool:
        """A pause longer than any is that of a clock that was set back."""
        return self.until is not None and timedelta(0) < self.until - now <= _LONGEST_REST

    def end(self) -> None:
        self.until, self.times = None, 0


_rests: WeakKeyDictionary[GoogleLogin, Rest] = WeakKeyDictionary()


def rest_of(login: GoogleLogin) -> Rest:
    return _rests.setdefault(login, Rest())


@lru_cache(maxsize=8)
def service(name: str, version: str, root: str) -> Any:
    """The API at ``root``, from the description that the library brings along. The endpoint option of the library would leave batches at
    Google's own host, so the description's addresses are changed."""
    document = json.loads(get_static_doc(name, version))
    own = document["rootUrl"]
    root = own if root == ROOT else root
    document |= {"rootUrl": root, "baseUrl": document["baseUrl"].replace(own, root, 1)}
    document.pop("mtlsRootUrl", None)
    # Without an http of its own a service would look for credentials in the environment.
    return build_from_document(document, http=_Nothing())


@lru_cache(maxsize=16)
def methods(name: str, version: str, root: str, of: str) -> Any:
    """Those of one kind of thing: of ``events``, of ``tasks``. The library makes them anew each time, which takes longer than asking; none
    of them keeps anything, so all threads may share them."""
    return getattr(service(name, version, root), of)()


class _Nothing:
    def request(self, *_: object, **__: object) -> Any:
        raise AssertionError("every request is sent with an http of its own")


def hosts(root: str) -> frozenset[str]:
    return frozenset(map(origin_of, (ROOT, "https://tasks.googleapis.com/"))) if root == ROOT else frozenset({origin_of(root)})


class _Renewal:
    """What the library's batches ask for where parts of them answer 401: a token that lives. With it those parts, of which nothing was
    done, are sent once more. It wants what ``oauth2client`` had (``googleapiclient._auth``)."""

    access_token, access_token_expired = "", False

    def __init__(self, renew: Callable[[], object]) -> None:
        self._renew = renew

    def refresh(self, _: object) -> None:
        self._renew()

    def apply(self, _: object) -> None:
        """The header of the whole batch counts for each part."""


class GoogleWire:
    """One connection. ``requests_made``: round trips, those for a token too. ``skew`` as in ``Calendar``. ``date``: of the last answer, as
    Google's clock tells."""

    def __init__(self, login: GoogleLogin, http: Http, bucket: Taken) -> None:
        self.login, self.http, self.bucket = login, http, bucket
        self.credentials = _Renewal(lambda: self._header(self._sent_with))
        self.requests_made = 0
        self.skew: timedelta | None = None
        self.date = ""
        self._sent_with = ""

    def execute(self, request: HttpRequest) -> dict[str, Any]:
        """The answer's JSON, {} where it has none. Raises the error that another one means."""
        self.bucket.take(1)
        try:
            found = request.execute(http=self, num_retries=0)
        except HttpError as error:
            raise fault(request.method, error) from error
        except _BROKEN as error:
            raise Unavailable(f"{host(request.uri)} cannot be reached or broke off its answer; it is tried again later.") from error
        except ValueError as error:
            raise self._no_json(request.uri) from error
        if found in ("", b"", None):
            return {}
        if not isinstance(found, dict):
            raise self._no_json(request.uri)
        return found

    def batch(self, batch: BatchHttpRequest, requests: Sequence[HttpRequest]) -> list[dict[str, Any] | CalendarError]:
        """Several calls in one round trip; for each its answer or the error it means. Raises Unavailable where the answer is not whole:
        then each of them may have been done."""
        found: dict[str, dict[str, Any] | CalendarError] = {}

        def answered(key: str, response: Any, error: HttpError | None) -> None:
            number = int(key)
            found[key] = fault(requests[number].method, error) if error else response if isinstance(response, dict) else {}

        for number, request in enumerate(requests):
            batch.add(request, callback=answered, request_id=str(number))
        self.bucket.take(len(requests))
        where = host(requests[0].uri)
        try:
            batch.execute(http=self)
        except HttpError as error:
            raise fault("POST", error) from error
        except _BROKEN as error:
            raise Unavailable(f"{where} cannot be reached or broke off its answer; it is tried again later.") from error
        except (BatchError, LookupError, ValueError, TypeError, AttributeError) as error:  # what the library trips over in half an answer
            raise Unavailable(f"{where} answered several questions with something that is not whole; it is tried again later.") from error
        return [found[str(number)] for number in range(len(requests))]

    def _no_json(self, url: str) -> Unavailable:
        return Unavailable(f"{host(url)} answered with a page instead of data: a login page of the network, perhaps.")

    # --- what the library calls in place of httplib2.Http

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, **_: Any) -> Any:
        asked = dict(headers or {})
        asked["authorization"] = self._sent_with = self._header()
        response, content = self._sent(uri, method, body, asked)
        if response.status == 401:  # nothing was done, so asking again is no re-sending
            asked["authorization"] = self._sent_with = self._header(self._sent_with)
            response, content = self._sent(uri, method, body, asked)
        return response, content

    def _header(self, refused: str = "") -> str:
        before = self.login.requests
        try:
            return self.login.header(refused)
        finally:
            self.requests_made += self.login.requests - before

    def _sent(self, uri: str, method: str, body: Any, headers: Mapping[str, str]) -> Any:
        self.requests_made += 1
        begun = machine_clock()
        response, content = self.http.request(uri, method=method, body=body, headers=headers)
        self.date = response.get("date", "")
        self.skew = nearer(self.skew, self.date, begun, machine_clock())
        return response, content


def guarded(asked: Any, etag: str | None) -> Any:
    """The same request, for the version with that ETag only; an id may stand before it."""
    if etag:
        asked.headers["If-Match"] = etag.rpartition(" ")[2]
    return asked


def items(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a list names. Raises Unavailable where it is none."""
    found = answer.get("items", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unavailable("Google answered something else than was asked; it is tried again later.")
    return found


@contextmanager
def readable() -> Iterator[None]:
    """Around the reading of what stands there: what cannot be read is not written."""
    try:
        yield
    except ValueError as error:
        raise Refused(f"The entry on the calendar cannot be read, so it is left alone: {error}.") from error


def reasons(error: HttpError) -> frozenset[str] | None:
    """What Google says is the reason, in the older and the newer way of saying it. None where it says nothing: somebody between us and it
    answered."""
    try:
        told = json.loads(error.content)["error"]
    except (ValueError, KeyError, TypeError):
        return None
    try:
        old = {str(one.get("reason", "")) for one in told.get("errors", ())}
        new = {str(one.get("reason", "")) for one in told.get("details", ())}
    except (TypeError, AttributeError):
        return frozenset()
    return frozenset(old | new) - {""}


def _names_the_cursor(error: HttpError) -> bool:
    """Whether it is the token to go on reading from that is wrong, as the reason's ``location`` or its words tell."""
    return b"synctoken" in error.content.lower().replace(b" ", b"")


def fault(method: str, error: HttpError) -> CalendarError:
    """What an answer means that is not the one hoped for."""
    status, told, where = error.resp.status, reasons(error), host(error.uri or "")
    why = told or frozenset()
    wait = retry_after({"Retry-After": error.resp.get("retry-after", ""), "Date": error.resp.get("date", "")})
    named = f" ({status}{', ' + ', '.join(sorted(why)) if why else ''})"
    if status == 401:
        return LoginNeeded(f"Google does not accept the sign-in{named}. {AGAIN}.")
    if status == 403 and why & _FAULTS:
        return Unavailable(f"Google asks for a pause{named}.", wait)
    if status == 429 or (status == 403 and why & _PAUSES):
        return Limited(f"Google asks for a pause{named}.", wait)
    if status == 403 and why & _LONG_PAUSES:
        return Limited(f"The use limit of the account or project is reached{named}.", wait or _LONG_PAUSE)
    if told is None and status in {403, 404}:
        return Unavailable(f"{where} answered with a page instead of data{named}: a proxy or a login page of the network, perhaps.", wait)
    if status >= 500 or status == 408:
        return Unavailable(f"{where} has a fault of its own{named}; it is tried again later.", wait)
    if status == 403 and why & _NOT_ENABLED:
        return Denied(
            "The Google Cloud project has not enabled this API: enable 'Google Calendar API' and 'Google Tasks API' there "
            "(docs/howto/google.md)."
        )
    if status == 403 and why & _RIGHTS:
        return NotGranted(f"The sign-in does not allow this{named}: a box was left unticked, perhaps. {AGAIN}, and tick all of them.")
    if status in {409, 412} or (status in {404, 410} and method in _WRITES):
        return Changed(f"The entry at Google is no longer the one that was read{named}.")
    if status == 410 and "deleted" in why:
        return Missing(f"{where} says that it was deleted{named}.")
    if status == 410 or (status == 400 and method == "GET" and why & {"invalid", "badRequest"} and _names_the_cursor(error)):
        return CursorExpired("Google no longer knows where we stopped reading; everything is read again.")
    if status == 404:
        return Missing(f"{where} knows nothing of what was asked for{named}.")
    if method in _WRITES and status in {400, 403, 413, 422}:
        return Refused(f"Google will not take this entry{named}.")
    return (Denied if status == 403 else CalendarError)(f"Google refused {method}{named}; see docs/howto/google.md.")
