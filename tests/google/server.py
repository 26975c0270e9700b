"""A Google in memory: a request in, an answer out; no socket, no thread, no clock of its own. ``tests.google.wire`` puts it on a socket.

Methods, paths, parameters and scopes are read from the discovery documents that the client library carries. It can be pickled.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from googleapiclient.discovery_cache import get_static_doc

from tests.google import batch
from tests.google.calendars import Calendar, Calendars, Habits
from tests.google.faults import Fault
from tests.google.grants import Caller, Client, Grants, NoConsent
from tests.google.masks import mask_of, masked
from tests.google.replies import Answer, Refusal, Reply, Resource, body_of
from tests.google.tasklists import TaskList, TaskLists

ROOT = "https://google.example.org/"
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
STEP = timedelta(milliseconds=10)  # the server's clock goes on by this with each request, and with each tap on the phone
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the log. ``name``: calendar.events.insert, batch, token …; ``inside``: it was a call in a batch. Sizes of the bodies in
    bytes."""

    name: str
    method: str
    path: str
    status: int
    sent: int
    got: int
    inside: bool = False


@dataclass(frozen=True, slots=True)
class _Method:
    name: str
    verb: str
    pattern: re.Pattern[str]
    parameters: Mapping[str, Mapping[str, Any]]
    scopes: frozenset[str]


@cache
def _methods() -> tuple[_Method, ...]:
    found = []
    for service, version in (("calendar", "v3"), ("tasks", "v1")):
        document = json.loads(get_static_doc(service, version))
        for resource in document["resources"].values():
            for one in resource["methods"].values():
                path = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(document["servicePath"] + one["path"]))
                parameters = {**one.get("parameters", {}), **document["parameters"]}
                scopes = frozenset(one.get("scopes", ()))
                found.append(_Method(one["id"], one["httpMethod"], re.compile(path), parameters, scopes))
    return tuple(found)


@dataclass
class GoogleServer:
    """``now`` is its clock, set by the test. ``quota``: so many calls a user and client may make within a minute; 0 for no limit.
    ``faults``: those to come. ``log``: all requests. ``tells_time``: its answers carry a Date, which clients compare with
    the real clock."""

    root: str = ROOT
    now: datetime = START
    quota: int = 0
    tells_time: bool = True
    habits: Habits = field(default_factory=Habits)
    grants: Grants = field(default_factory=Grants)
    faults: list[Fault] = field(default_factory=list)
    log: list[Request] = field(default_factory=list)
    _calls: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.calendars = Calendars(self.root, self.habits)
        self.tasks = TaskLists(self.root, self.habits)

    # -- who there is

    def account(self, email: str = "dana@example.org", zone: str = "America/Detroit") -> str:
        """A person with a calendar and a list of tasks, as everybody has from the first day."""
        self.grants.accounts.add(email)
        self.calendars.add(email, email, zone, id=email)
        self.tasks.add(email, "My Tasks", self.now)
        return email

    def consent(self, url: str, account: str = "dana@example.org", **how: Any) -> str:
        """What the rep does in the browser: see ``Grants.consent``."""
        return self.grants.consent(url, self.now, account=account, **how)

    def authorized_user(self, client: Client, account: str, *scopes: str) -> Resource:
        """The file of somebody who signed in before, in the form of google.oauth2.credentials; scopes by their last part."""
        full = frozenset(one if "/" in one else f"https://www.googleapis.com/auth/{one}" for one in scopes)
        told = self.grants.issue(client, account, full, self.now).body
        assert told
        known = {"type": "authorized_user", "client_id": client.id, "client_secret": client.secret, "token_uri": f"{self.root}token"}
        return known | {"refresh_token": told["refresh_token"], "token": told["access_token"], "scopes": sorted(full)}

    # -- what a test asks

    def calendar(self, summary: str, account: str = "dana@example.org") -> Calendar:
        """The only one of that name."""
        (found,) = [one for one in self.calendars.calendars.values() if one.summary == summary and one.owner == account]
        return found

    def tasklist(self, title: str, account: str = "dana@example.org") -> TaskList:
        (found,) = [one for one in self.tasks.of(account) if one.title == title]
        return found

    def fault(self, what: str, **how: Any) -> Fault:
        """See ``Fault``."""
        self.faults.append(Fault(what, **how))
        return self.faults[-1]

    def forget_tokens(self) -> None:
        """Every sync token given out so far has expired."""
        for one in self.calendars.calendars.values():
            one.era += 1

    def counted(self) -> Counter[str]:
        """How often each method was called, on its own or in a batch."""
        return Counter(one.name for one in self.log)

    @property
    def requests(self) -> int:
        """How often somebody had to wait for an answer."""
        return sum(not one.inside for one in self.log)

    # -- requests

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Raises Broken where nobody answers, Slow where nobody waits so long."""
        self.now += STEP
        headers = {name.lower(): value for name, value in headers.items()}
        parts = urlsplit(url)
        path, query = parts.path, parts.query
        if method == "POST" and "x-http-method-override" in headers:  # for addresses that would be too long
            method, query, body = headers["x-http-method-override"], body.decode(), b""
        name = self._name(method, path)
        fault = next((one for one in self.faults if one.hits(name)), None)
        if fault and not fault.applied and fault.what != "truncated":
            self._note(name, method, path, 0, body)
            return self._dated(fault.answer(None))
        answer = self._act(name, method, path, query, headers, body)
        self._note(name, method, path, answer[0], body, answer[2])
        return self._dated(fault.answer(answer) if fault else answer)

    def _note(self, name: str, method: str, path: str, status: int, sent: bytes, got: bytes = b"", *, inside: bool = False) -> None:
        self.log.append(Request(name, method, unquote(path), status, len(sent), len(got), inside))

    def _dated(self, answer: Answer) -> Answer:
        status, headers, body = answer
        if not self.tells_time:
            return answer
        return status, {**headers, "Date": format_datetime(self.now.replace(microsecond=0).astimezone(UTC), usegmt=True)}, body

    def _name(self, method: str, path: str) -> str:
        match path.strip("/"):
            case "batch/calendar/v3" | "batch":
                return "batch"
            case "token" | "revoke" as one:
                return one
            case "o/oauth2/auth":
                return "auth"
            case _:
                found = self._method(method, path)
                return found[0].name if found else "unknown"

    def _method(self, verb: str, path: str) -> tuple[_Method, dict[str, str]] | None:
        for one in _methods():
            if one.verb == verb and (match := one.pattern.fullmatch(path.lstrip("/"))):
                return one, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def _act(self, name: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            match name:
                case "batch":
                    return self._batch(path, headers, body)
                case "token":
                    form = dict(parse_qsl(body.decode()))
                    form = _basic(headers.get("authorization", "")) | form
                    return self.grants.token(form, self.now, f"{self.root}token").written()
                case "revoke":
                    return self._revoke(dict(parse_qsl(query + "&" + body.decode())).get("token", "")).written()
                case "auth":
                    return 302, {"Location": self.consent(f"{path}?{query}", min(self.grants.accounts))}, b""
                case _:
                    return self.call(method, path, query, headers, body)
        except NoConsent as error:
            return 400, {"Content-Type": "text/html"}, str(error).encode()
        except Refusal as refusal:
            return refusal.reply().written()

    def _revoke(self, token: str) -> Reply:
        found = self.grants.refresh.get(token) or self.grants.access.get(token)
        if found is None:
            return Reply({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)
        self.grants.revoke(found.account)
        return Reply({})

    def _batch(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        found = batch.parts(headers.get("content-type", ""), body)
        inherited = {name: headers[name] for name in ("authorization",) if name in headers}
        answers: dict[int, Answer] = {}
        order = range(len(found)) if self.habits.batch_order == "forward" else reversed(range(len(found)))
        for number in order:
            answers[number] = self._inside(path, found[number], inherited)
        return batch.answered((part, answers[number]) for number, part in enumerate(found))

    def _inside(self, path: str, part: batch.Part, inherited: Mapping[str, str]) -> Answer:
        """One call of a batch. One batch holds calls of one API."""
        self.now += STEP
        where = urlsplit(part.path)
        name = self._name(part.method, where.path)
        fault = next((one for one in self.faults if one.hits(name)), None)
        answer: Answer = Refusal(404, "notFound", "Not Found").reply().written()
        if name.startswith("calendar." if "calendar" in path else "tasks.") and (fault is None or fault.applied):
            try:
                answer = self.call(part.method, where.path, where.query, {**inherited, **part.headers}, part.body)
            except Refusal as refusal:
                answer = refusal.reply().written()
        if fault:
            answer = fault.answer(answer)
        self._note(name, part.method, where.path, answer[0], part.body, answer[2], inside=True)
        return answer

    def call(self, verb: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One call of an API. Raises Refusal."""
        found = self._method(verb, path)
        if found is None:
            raise Refusal(404, "notFound", "Not Found")
        method, places = found
        caller = self.grants.caller(headers.get("authorization", ""), self.now)
        self._count(caller)
        if not caller.scopes & method.scopes:
            said = "Request had insufficient authentication scopes."
            raise Refusal(403, "insufficientPermissions", said, WWW_Authenticate='Bearer error="insufficient_scope"')
        asked = {**_asked(query, method), **places}
        mask = mask_of(asked.pop("fields")) if asked.get("fields") else {}
        service = self.calendars if method.name.startswith("calendar.") else self.tasks
        reply = service.call(method.name, caller, asked, body_of(body), headers, self.now)
        if reply.body is None or not mask:
            return reply.written()
        etag = {"ETag": reply.body["etag"]} if "etag" in reply.body else {}
        return replace(reply, body=masked(reply.body, mask), headers=etag).written()

    def _count(self, caller: Caller) -> None:
        """A sliding window for each user of each client; what is refused counts, too."""
        if not self.quota:
            return
        calls = self._calls.setdefault((caller.client, caller.account), [])
        calls[:] = [at for at in calls if at > self.now - _MINUTE]
        calls.append(self.now)
        if len(calls) > self.quota:
            said = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'."
            raise Refusal(403, "rateLimitExceeded", said, domain="usageLimits")


def _asked(query: str, method: _Method) -> dict[str, Any]:
    """The parameters in the types of the discovery document; a repeated one is a list. Raises Refusal."""
    found: dict[str, Any] = {}
    for name, values in parse_qs(query, keep_blank_values=True).items():
        about = method.parameters.get(name)
        if about is None:
            continue
        typed = [_typed(name, value, about) for value in values]
        found[name] = typed if about.get("repeated") else typed[-1]
    return found


def _typed(name: str, value: str, about: Mapping[str, Any]) -> Any:
    match about["type"]:
        case "boolean" if value in ("true", "false"):
            return value == "true"
        case "integer" if re.fullmatch(r"-?\d+", value) and int(value) >= int(about.get("minimum", value)):
            return int(value)
        case "string" if value in about.get("enum", (value,)):
            return value
        case _:
            raise Refusal(400, "invalidParameter", f"Invalid value '{value}'.", location=name)


def _basic(header: str) -> dict[str, str]:
    """The client's name and secret in the header, as some send them."""
    if not header.startswith("Basic "):
        return {}
    id, _, secret = b64decode(header[6:]).decode().partition(":")
    return {"client_id": unquote(id), "client_secret": unquote(secret)}
