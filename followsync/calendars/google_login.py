"""Being logged in to Google: by the token that a person's consent left (RFC 6749, 6), or as a service account (RFC 7523).

What a consent left stands in a file (``followsync.calendars.google_token``).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from followsync.calendars.google_endpoint import AGAIN, JWT, LIMIT, Post, answered, posting, times
from followsync.calendars.google_token import Content, TokenFile, Unkept, json_object
from followsync.calendars.wire import Wire
from followsync.config.secret import Secret
from followsync.config.settings import GoogleBusy, GoogleTarget
from followsync.errors import LoginNeeded, Unavailable

_SCOPE = "https://www.googleapis.com/auth/"
CALENDAR, TASKS, FREE_BUSY = _SCOPE + "calendar.app.created", _SCOPE + "tasks", _SCOPE + "calendar.freebusy"
LIST = _SCOPE + "calendar.calendarlist.readonly"
EVERYTHING = _SCOPE + "calendar"  # all of the person's calendars; never asked for, but somebody may have granted it
_WIDER = {  # what else grants the same
    CALENDAR: {_SCOPE + "calendar"},
    FREE_BUSY: {_SCOPE + "calendar", _SCOPE + "calendar.readonly", _SCOPE + "calendar.events.freebusy"},
    LIST: {_SCOPE + "calendar", _SCOPE + "calendar.readonly", _SCOPE + "calendar.calendarlist"},
}
_EARLY = timedelta(minutes=1)  # before an access token's end another one is asked for
_WARNED = timedelta(days=3)  # before a sign-in's end a person is told
_QUIET = timedelta(hours=5, minutes=45)  # after a refusal nobody asks with the same sign-in; a target's breaker looks every six hours
_SHARED = timedelta(minutes=1)  # so it is where somebody may mend it elsewhere: asked once for all that a cycle needs it for


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client of a Google Cloud project ("installed", of type desktop), as its JSON file tells."""

    id: str
    secret: str = field(repr=False)
    auth_uri: str
    token_uri: str


def machine_clock() -> datetime:
    """This machine's. All about a token is judged by it: a cycle's moment stands still while it works, and a rehearsal's may be any."""
    return datetime.now(UTC)


def client_of(text: str) -> Client:
    """Raises LoginNeeded where the JSON is another one."""
    found = json_object(text, "the OAuth client's file")
    for kind in ("installed", "web"):
        if isinstance(one := found.get(kind), dict) and one.get("client_id"):
            return Client(
                str(one["client_id"]),
                str(one.get("client_secret", "")),
                str(one.get("auth_uri", "https://accounts.google.com/o/oauth2/auth")),
                str(one.get("token_uri", "https://oauth2.googleapis.com/token")),
            )
    raise LoginNeeded(
        "The file that 'client_secrets' names is no OAuth client: in the Google Cloud console make a client of type 'Desktop app' and "
        "download its JSON (docs/howto/google.md)."
    )


def is_service_account(text: str) -> bool:
    return json_object(text, "the file that 'client_secrets' names").get("type") == "service_account"


# ---- what requests are sent with


class GoogleLogin:
    """One sign-in, shared by all connections and threads of this process (see ``login``).

    ``clock`` runs, as ``machine_clock`` does. ``requests``: token requests so far.
    """

    def __init__(
        self,
        client: str,
        token: Secret,
        post: Post,
        scopes: Iterable[str],
        subject: str = "",
        clock: Callable[[], datetime] = lambda: machine_clock(),
    ) -> None:
        self._client, self._token, self._post, self._subject, self._clock = client, token, post, subject, clock
        self._scopes = tuple(scopes)
        self._lock = threading.Lock()
        self._held: Content = {}
        self._unkept = ""
        self._refused: tuple[str, datetime, LoginNeeded] | None = None
        self.requests = 0

    def _file(self) -> TokenFile | None:
        return TokenFile(self._token.file) if self._token.file is not None else None

    @property
    def project(self) -> str:
        """The Google Cloud project whose quota is used, as the client's file names it; a client's id begins with the project's number."""
        told = json_object(self._client, "the OAuth client's file")
        told = next((told[kind] for kind in ("installed", "web") if isinstance(told.get(kind), dict)), told)
        return str(told.get("project_id") or str(told.get("client_id", "")).partition("-")[0])

    @property
    def account(self) -> str:
        """The same for the same account on every machine, as far as the config tells: where its sign-in is kept, or for whom a service
        account acts. A digest, for it goes into the store."""
        return sha256(f"{self.project}\n{self._token.model_dump_json()}\n{self._subject}".encode()).hexdigest()[:32]

    def header(self, refused: str = "") -> str:
        """The Authorization to send. ``refused``: what was sent and answered with 401."""
        with self._lock:
            content = self._read()
            if not self._lives(content) or refused == f"Bearer {content.get('token')}":
                content = self._refreshed(content)
            return f"Bearer {content['token']}"

    def try_again(self) -> None:
        """Forget that it was refused: somebody may have mended it."""
        with self._lock:
            self._refused = None

    def lacks(self, scope: str) -> bool:
        """Whether the person is known not to have granted it: Google lets each permission be unticked."""
        with self._lock:
            granted = self._read().get("scopes")
        return isinstance(granted, list) and not ({scope} | _WIDER.get(scope, set())) & set(granted)

    def notice(self, zone: tzinfo | None = None, *, always: bool = False) -> str:
        """A sentence where the sign-in cannot be kept, is of another client, ends soon, or, with ``always``, where it ends at all; else "".
        ``zone``: in which it says when, None for the machine's."""
        with self._lock:
            content = self._read()
        if self._unkept:
            return self._unkept
        if CALENDAR in self._scopes and not self._subject and is_service_account(self._client):
            return (
                "The service account writes into a calendar of its own, which no phone shows: say with 'subject:' in the config for "
                "whom it acts (docs/howto/google.md)."
            )
        if not is_service_account(self._client) and content.get("client_id", id := client_of(self._client).id) != id:
            return (
                "Google's sign-in was made with another client than the one that 'client_secrets' names now, and goes on until that one is "
                f"deleted. {AGAIN}, to use the new one."
            )
        ends = _moment(content.get("ends", ""))
        if ends == _NEVER or (self._clock() < ends - _WARNED and not always):
            return ""
        local = ends.astimezone(zone)
        return (
            f"Google's sign-in ends on {local:%a %Y-%m-%d %H:%M %Z}: the project is in testing, where each lasts a week. Publish the app "
            f"in the Google Cloud console (docs/howto/google.md), then run 'followsync auth google' once more."
        )

    def remembered(self, calendar: str) -> str:
        """The id of a calendar that we made once, by its name: the narrow permission lets nobody list calendars."""
        with self._lock:
            known = self._read().get("calendars")
        return str(known.get(calendar, "")) if isinstance(known, dict) else ""

    def remember(self, calendar: str, place: str) -> None:
        def with_it(content: Content) -> Content:
            known = content.get("calendars")
            others = {name: id for name, id in known.items() if id != place} if isinstance(known, dict) else {}
            return content | {"calendars": others | {calendar: place}}

        with self._lock:
            held = with_it(self._read())
            none: Content = {"type": "followsync"} if is_service_account(self._client) else {}
            # A sign-in's file that is gone was taken away by somebody: no half of it is made anew.
            self._keep(lambda before: with_it(before or none) if before or none else before, held)

    # --- inside the lock

    def _read(self) -> dict[str, Any]:
        """What this process holds, as long as the file says nothing newer. A service account needs no file, and its tokens, which are for
        these scopes only, are kept in this process; where there is a file, it remembers the calendars."""
        file = self._file()
        if is_service_account(self._client):
            known = file.read() if file is not None and file.path.exists() else {}
            return {**self._held, "scopes": list(self._scopes), "calendars": known.get("calendars", self._held.get("calendars", {}))}
        if file is None:
            self._held = self._held or json_object(self._token.reveal(), "the token")
            return self._held
        content = file.read()
        return self._held if self._held and self._held.get("refresh_token") == content.get("refresh_token") else content

    def _lives(self, content: Mapping[str, Any]) -> bool:
        return bool(content.get("token")) and self._clock() < _moment(content.get("expiry", "")) - _EARLY

    def _keep(self, work: Callable[[Content], Content], held: Content) -> Content:
        """Change the file, and give back what stands there then. Where there is none, or it cannot be written (a systemd credential, a
        read-only folder), this process remembers ``held``."""
        if (file := self._file()) is None:
            self._held = held
            return held
        try:
            found = file.change(work)
        except Unkept as error:
            self._held, self._unkept = held, str(error)
            return held
        self._unkept = ""
        if not is_service_account(self._client):
            self._held = {}
        return found

    def _refreshed(self, content: Content) -> Content:
        """With a token that lives. Whoever signed in meanwhile is not overwritten: then it is that sign-in's token."""
        now, mine = self._clock(), content.get("refresh_token")
        key = sha256(str(content.get("refresh_token", self._client)).encode()).hexdigest()
        if self._refused and self._refused[0] == key:
            quiet = _SHARED if self._refused[2].again else _QUIET
            if timedelta(0) <= now - self._refused[1] < quiet:
                raise self._refused[2]
        self.requests += 1
        try:
            answer = self._granted(content, now)
        except LoginNeeded as error:
            self._refused = (key, now, error)
            if (newer := self._read()).get("refresh_token") == mine:
                raise
            return newer if self._lives(newer) else self._refreshed(newer)
        fresh = times(answer, now)
        if answer.get("refresh_token"):
            fresh["refresh_token"] = answer["refresh_token"]
        if answer.get("scope"):
            fresh["scopes"] = str(answer["scope"]).split()
        if is_service_account(self._client):
            self._held = content | fresh
            return self._held
        found = self._keep(lambda before: before | fresh if before.get("refresh_token") == mine else before, content | fresh)
        if found.get("refresh_token") in {mine, fresh.get("refresh_token", mine)} or self._lives(found):
            return found
        return self._refreshed(found)

    def _granted(self, content: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        if is_service_account(self._client):
            info = json.loads(self._client)
            uri = str(info.get("token_uri", "https://oauth2.googleapis.com/token"))
            form = {"grant_type": JWT, "assertion": self._assertion(info, uri, now)}
            return answered(self._post, uri, form)
        if not content.get("refresh_token"):
            raise LoginNeeded(f"The token file holds no sign-in. {AGAIN}.")
        client, id = client_of(self._client), str(content.get("client_id", ""))
        # A sign-in is of one client. That one's secret may be renewed, and the newer one stands where the console's download was put.
        other = bool(id) and id != client.id
        form = {
            "grant_type": "refresh_token",
            "refresh_token": str(content["refresh_token"]),
            "client_id": id or client.id,
            "client_secret": str(content.get("client_secret", "")) if other else client.secret,
        }
        return answered(self._post, client.token_uri, form)

    def _assertion(self, info: Mapping[str, Any], uri: str, now: datetime) -> str:
        """RFC 7523, 3. ``sub`` is the person in whose name it acts, which an administrator of the domain allowed."""
        from google.auth import crypt, jwt  # a large library, and most people need none of it

        moment = int(now.timestamp())
        claims = {"iss": info.get("client_email"), "aud": uri, "iat": moment, "exp": moment + 3600, "scope": " ".join(self._scopes)}
        if self._subject:
            claims["sub"] = self._subject
        try:
            signer = crypt.RSASigner.from_service_account_info(info)  # type: ignore[no-untyped-call]  # it has no types
            signed = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]  # as above
        except (ValueError, KeyError) as error:
            raise LoginNeeded("The service account's file cannot be used: download its JSON key anew.") from error
        return signed.decode() if isinstance(signed, bytes) else str(signed)


_NEVER = datetime.max.replace(tzinfo=UTC)


def _moment(text: Any) -> datetime:
    """Raises nothing: what is no moment never comes."""
    try:
        found = datetime.fromisoformat(str(text))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        return _NEVER if not text else datetime.min.replace(tzinfo=UTC)


_logins: dict[tuple[object, ...], GoogleLogin] = {}
_logins_lock = threading.Lock()


def login(client_secrets: Secret, token: Secret, *, timeout: float, scopes: Iterable[str], subject: str = "") -> GoogleLogin:
    """The sign-in that a target or a busy source names: the same one each time, so that a token is asked for once for all of them, and a
    refused one is not asked with again and again. Raises SecretMissing."""
    text = client_secrets.reveal()
    key = (text, token, tuple(scopes) if is_service_account(text) else (), subject)
    with _logins_lock:
        if key not in _logins:
            _logins[key] = GoogleLogin(text, token, posting(timeout), scopes, subject)
        return _logins[key]


def forget_refusals() -> None:
    with _logins_lock:
        several = list(_logins.values())
    for one in several:
        one.try_again()


def scopes_of(settings: GoogleTarget | GoogleBusy, *, tasks: bool) -> tuple[str, ...]:
    """The narrowest permissions that it needs. ``tasks``: some follow-ups are written as tasks."""
    if isinstance(settings, GoogleBusy):
        return (FREE_BUSY,) if all(is_id(name) for name in settings.calendars) else (FREE_BUSY, LIST)
    return (CALENDAR, TASKS) if tasks else (CALENDAR,)


_OFF = {
    CALENDAR: "writing follow-ups into a calendar of its own",
    TASKS: "writing them as tasks; they are events until then",
    FREE_BUSY: "seeing busy times",
    LIST: "looking up calendars by their names",
}


def unticked(login: GoogleLogin, settings: GoogleTarget | GoogleBusy, *, tasks: bool) -> str:
    """A sentence on what is off, for a person did not grant it; else "". Raises LoginNeeded, SecretMissing where nobody signed in."""
    off = [_OFF[scope] for scope in scopes_of(settings, tasks=tasks) if login.lacks(scope)]
    return f"off, for its box was left unticked: {'; '.join(off)}. {AGAIN}, and tick it." if off else ""


def is_id(name: str) -> bool:
    """Whether it names a calendar by itself: ``primary``, or an address. Other names have to be looked up."""
    return name == "primary" or "@" in name


def login_of(settings: GoogleTarget | GoogleBusy, *, tasks: bool = False) -> GoogleLogin:
    """The sign-in of a target or a busy source. Raises SecretMissing."""
    scopes = scopes_of(settings, tasks=tasks)
    return login(settings.client_secrets, settings.token, timeout=settings.timeout.total_seconds(), scopes=scopes, subject=settings.subject)


def is_foreign(root: str, calendar: str, token: str, timeout: float) -> bool:
    """Whether a calendar with that id is none of the account of an access token. What Google does not say is not so."""
    url = f"{root}calendar/v3/calendars/{quote(calendar, safe='')}?fields=id"
    with suppress(Unavailable), Wire(url, timeout=timeout, limit=LIMIT) as wire:
        return wire.exchange("GET", url, "", {"Authorization": f"Bearer {token}"}).status == HTTPStatus.NOT_FOUND
    return False
