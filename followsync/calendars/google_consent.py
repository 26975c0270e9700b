"""A person's consent (RFC 6749, 4.1, with PKCE, RFC 7636): what ``followsync auth google`` does on a server that has no browser.

``google_auth_oauthlib`` makes the address that is opened and exchanges the code. What it sends goes out through a connection of ours.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from google_auth_oauthlib.flow import InstalledAppFlow
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from followsync.calendars.google_endpoint import Post, answered, check_address, is_here, times
from followsync.calendars.google_login import Client
from followsync.calendars.wire import host
from followsync.errors import LoginNeeded, Unavailable, UsageError

for library in ("requests_oauthlib", "oauthlib"):
    logging.getLogger(library).setLevel(logging.INFO)  # below that they tell codes and tokens
_INSECURE = "OAUTHLIB_INSECURE_TRANSPORT"
_PATIENCE = 30  # seconds for a connection to say what it wants
_PAGE = (
    "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>FollowSync</title>"
    "<p>Done: you may close this page. The terminal says how it went."
)


@dataclass(frozen=True, slots=True)
class Consent:
    """One sign-in that is under way: ``url`` is what the person opens, ``state`` what the answer to it has to carry."""

    client: Client
    flow: InstalledAppFlow = field(repr=False)
    url: str
    state: str


def consent(client: Client, redirect: str, scopes: Iterable[str]) -> Consent:
    """``redirect``: where the browser is sent afterwards. Raises SecretMissing where the client's file leads somewhere unsafe."""
    check_address(client.auth_uri, "auth_uri")
    known = {"client_id": client.id, "client_secret": client.secret, "auth_uri": client.auth_uri, "token_uri": client.token_uri}
    flow = InstalledAppFlow.from_client_config({"installed": known}, list(scopes), redirect_uri=redirect)
    with _plain_here(client.auth_uri):
        url, state = flow.authorization_url(prompt="consent")  # else an account that agreed once gets no refresh token
    return Consent(client, flow, url, state)


@contextmanager
def _plain_here(url: str) -> Iterator[None]:
    """The library refuses http on this machine, too, unless the environment allows it: it does so for this moment."""
    before = os.environ.get(_INSECURE)
    if is_here(url):
        os.environ[_INSECURE] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_INSECURE, None)
        else:
            os.environ[_INSECURE] = before


class _Once(BaseAdapter):
    """What the library's session sends through: ``post``, so nothing is sent twice or redirected, and what Google refuses is told in our
    sentences. Only the form goes out: no cookie, and no password that a netrc file has for that host."""

    def __init__(self, post: Post) -> None:
        super().__init__()
        self._post = post

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        assert request.url
        form = dict(parse_qsl(str(request.body or ""), keep_blank_values=True))
        found = Response()
        found.status_code, found.url, found.request, found.encoding = 200, request.url, request, "utf-8"
        found.raw = BytesIO(json.dumps(answered(self._post, request.url, form)).encode())
        return found

    def close(self) -> None:
        """Nothing is held."""


def code_of(one: Consent, address: str) -> str:
    """The code in the address to which the browser was sent. Raises LoginNeeded where the person said no, or it is another sign-in's."""
    found = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
    if error := found.get("error"):
        why = "you, or your administrator, did not allow it" if error == "access_denied" else error[:60]
        raise LoginNeeded(f"Google did not let FollowSync in: {why}. Start again with 'followsync auth google'.")
    if "code" not in found:
        raise LoginNeeded("That address carries no code: copy the whole address that the browser shows after you agreed.")
    if not secrets.compare_digest(found.get("state", ""), one.state):
        raise LoginNeeded("That address belongs to another sign-in: open the address that was shown just now, and agree there.")
    return found["code"]


def exchanged(one: Consent, code: str, asked: Iterable[str], post: Post, now: datetime) -> dict[str, Any]:
    """The token file's content for a code."""
    session, where = one.flow.oauth2session, one.client.token_uri
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Once(post))
    session.scope = None  # the library takes fewer permissions than were asked for, a box left unticked, for an error
    try:
        with _plain_here(where):
            answer = one.flow.fetch_token(code=code, include_client_id=True)  # in the form, not as a header
    except (ValueError, TypeError, AttributeError) as error:  # what the library trips over in an answer that is none
        raise Unavailable(f"{host(where)} gave a token that cannot be read; try again later.") from error
    if not answer.get("refresh_token"):
        raise LoginNeeded(
            "Google gave no lasting sign-in: remove FollowSync at https://myaccount.google.com/connections and sign in again."
        )
    found = {
        "type": "authorized_user",
        "client_id": one.client.id,
        "client_secret": one.client.secret,
        "token_uri": where,
        "refresh_token": answer["refresh_token"],
        "scopes": list(answer.get("scope") or asked),
    }
    return found | times(answer, now)


def waited_for(one: Consent, port: int) -> str:
    """The address to which the browser was sent: it is listened for on this machine's own ``port``, to which SSH leads from elsewhere.
    Whatever else comes to that door is sent away, and whoever says nothing there, as browsers do in advance, keeps nobody waiting. Raises
    UsageError where the port is taken."""
    found: SimpleQueue[str] = SimpleQueue()

    class Door(BaseHTTPRequestHandler):
        timeout = _PATIENCE

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            ours = asked.get("state") == [one.state]
            try:
                self._answer(ours=ours)
            finally:
                if ours:  # only now, or the process might end before the page is sent
                    found.put(self.path)

        def _answer(self, *, ours: bool) -> None:
            body = _PAGE.encode() if ours else b""
            self.send_response(200 if ours else 404)
            for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), "Referrer-Policy": "no-referrer"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The code stands in what would be told."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Door)
    except OSError as error:
        raise UsageError(f"Nobody can listen on port {port} ({error.strerror}): choose another one with --port, or say --paste.") from error
    with server:
        threading.Thread(target=server.serve_forever, name="door", daemon=True).start()
        try:
            return found.get()
        finally:
            server.shutdown()
