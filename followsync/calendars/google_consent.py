"""A person's consent (RFC 6749, 4.1, with PKCE, RFC 7636): what ``followsync auth google`` does on a server that has no browser."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from followsync.calendars.google_login import Client, Post, answered, times
from followsync.errors import LoginNeeded, UsageError

_PAGE = (
    "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>FollowSync</title>"
    "<p>Done: you may close this page. The terminal says how it went."
)


@dataclass(frozen=True, slots=True)
class Consent:
    """One sign-in that is under way: ``url`` is what the person opens, ``redirect`` where the browser is sent afterwards."""

    client: Client
    redirect: str
    url: str
    state: str
    verifier: str = field(repr=False)


def consent(client: Client, redirect: str, scopes: Iterable[str]) -> Consent:
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": client.id,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",  # else an account that agreed once gets no refresh token
    }
    return Consent(client, redirect, f"{client.auth_uri}?{urlencode(asked)}", state, verifier)


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
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": one.client.id,
        "client_secret": one.client.secret,
        "redirect_uri": one.redirect,
        "code_verifier": one.verifier,
    }
    answer = answered(post, one.client.token_uri, form)
    if not answer.get("refresh_token"):
        raise LoginNeeded(
            "Google gave no lasting sign-in: remove FollowSync at https://myaccount.google.com/connections and sign in again."
        )
    found = {
        "type": "authorized_user",
        "client_id": one.client.id,
        "client_secret": one.client.secret,
        "token_uri": one.client.token_uri,
        "refresh_token": answer["refresh_token"],
        "scopes": str(answer.get("scope") or " ".join(asked)).split(),
    }
    return found | times(answer, now)


def waited_for(one: Consent, port: int) -> str:
    """The address to which the browser was sent: it is listened for on this machine's own ``port``, to which SSH leads from elsewhere.
    Whatever else comes to that door is sent away. Raises UsageError where the port is taken."""
    found: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            if ours := asked.get("state") == [one.state]:
                found.append(self.path)
            body = _PAGE.encode() if ours else b""
            self.send_response(200 if ours else 404)
            for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), "Referrer-Policy": "no-referrer"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The code stands in what would be told."""

    try:
        server = HTTPServer(("127.0.0.1", port), Door)
    except OSError as error:
        raise UsageError(f"Nobody can listen on port {port} ({error.strerror}): choose another one with --port, or say --paste.") from error
    with server:
        while not found:
            server.handle_request()
    return found[0]
