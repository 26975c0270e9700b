"""Google's login: consent, tokens, and what kills them. RFC 6749, 7636 (PKCE), 7523 (service accounts).

Clients are made here, never by a person; ``consent`` stands for the rep in the browser.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt

from tests.google.replies import Refusal, Reply

AUTH = "https://www.googleapis.com/auth/"
LIFE = timedelta(seconds=3600)  # of an access token
TESTING = timedelta(days=7)  # of a refresh token, while the project is in testing
UNUSED = timedelta(days=180)
_CODE = timedelta(minutes=10)
_SKEW = timedelta(minutes=5)
_AUDIENCE = "https://oauth2.googleapis.com/token"  # google-auth writes it wherever it sends the claims to
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class NoConsent(Exception):
    """The page that Google shows instead of asking: it does not send anybody back."""


@dataclass(slots=True)
class Client:
    """An OAuth client of the type "Desktop app". ``testing``: its project was not published."""

    id: str
    secret: str
    testing: bool = False


@dataclass(slots=True)
class Service:
    """A service account. ``delegated``: the scopes that an administrator lets it use in the name of anybody."""

    email: str
    public: str
    delegated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom an access token stands for. ``client``: which program it was given to."""

    account: str
    client: str
    scopes: frozenset[str]
    until: datetime


@dataclass(slots=True)
class _Refresh:
    account: str
    client: str
    scopes: frozenset[str]
    until: datetime | None
    used: datetime


@dataclass(frozen=True, slots=True)
class _Code:
    account: str
    client: str
    redirect: str
    challenge: str
    scopes: frozenset[str]
    until: datetime


@dataclass(slots=True)
class Grants:
    """All tokens. ``refreshes``: how often an access token was got for a refresh token, refused ones too; ``trouble``: the next so many
    requests to the token endpoint are answered with this error. ``strict``: claims are held against Google's clock too."""

    accounts: set[str] = field(default_factory=set)
    clients: dict[str, Client] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    access: dict[str, Caller] = field(default_factory=dict)
    refresh: dict[str, _Refresh] = field(default_factory=dict)
    codes: dict[str, _Code] = field(default_factory=dict)
    granted: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    refreshes: int = 0
    trouble: list[tuple[int, str]] = field(default_factory=list)
    strict: bool = False
    _number: int = 0

    def secret(self, kind: str) -> str:
        self._number += 1
        return f"{kind}{sha256(f'{kind} {self._number}'.encode()).hexdigest()[:32]}"

    def client(self, *, testing: bool = False) -> Client:
        made = Client(f"{self.secret('')[:12]}.apps.googleusercontent.com", self.secret("GOCSPX-"), testing)
        self.clients[made.id] = made
        return made

    # -- the rep in the browser

    def consent(self, url: str, now: datetime, *, account: str, untick: Iterable[str] = (), deny: bool = False) -> str:
        """Where the browser is sent back to. ``untick``: scopes that the rep does not give (their last part will do). Raises NoConsent."""
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
        client = self.clients.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        host = urlsplit(redirect).hostname
        if client is None:
            raise NoConsent("invalid_client: The OAuth client was not found.")
        if urlsplit(redirect).scheme != "http" or host not in ("127.0.0.1", "localhost", "::1"):
            raise NoConsent("invalid_request: redirect_uri must lead to this machine; OOB is blocked.")
        if asked.get("response_type") != "code" or not asked.get("scope"):
            raise NoConsent("invalid_request: response_type or scope is missing.")
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
            raise NoConsent("invalid_request: a code_challenge by S256 is wanted.")
        if account not in self.accounts:
            raise NoConsent("There is no such account.")
        back = {"state": asked["state"]} if "state" in asked else {}
        if deny:
            return f"{redirect}?{urlencode({'error': 'access_denied', **back})}"
        off = {one if "/" in one else AUTH + one for one in untick}
        given = frozenset(asked["scope"].split()) - off
        if asked.get("include_granted_scopes") == "true":
            given |= self.granted.get((client.id, account), frozenset())
        self.granted[client.id, account] = self.granted.get((client.id, account), frozenset()) | given
        code = self.secret("4/0")
        self.codes[code] = _Code(account, client.id, redirect, asked["code_challenge"], given, now + _CODE)
        return f"{redirect}?{urlencode({**back, 'code': code, 'scope': ' '.join(sorted(given))})}"

    # -- the token endpoint

    def token(self, form: Mapping[str, str], now: datetime, audience: str) -> Reply:
        grant = form.get("grant_type")
        self.refreshes += grant == "refresh_token"
        if self.trouble:
            status, error = self.trouble.pop(0)
            return _wrong(error, "Told to.", status)
        match grant:
            case "authorization_code":
                return self._exchange(form, now)
            case "refresh_token":
                return self._refreshed(form, now)
            case str() if grant == _JWT:
                return self._asserted(form.get("assertion", ""), now, audience)
            case _:
                return _wrong("unsupported_grant_type", f"Invalid grant_type: {grant}")

    def _exchange(self, form: Mapping[str, str], now: datetime) -> Reply:
        if (client := self._known(form)) is None:
            return _wrong("invalid_client", "The OAuth client was not found.", 401)
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.client != client.id or now > code.until:
            return _wrong("invalid_grant", "Malformed auth code.")
        if code.redirect != form.get("redirect_uri"):
            return _wrong("redirect_uri_mismatch", "Bad Request")
        digest = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if digest != code.challenge:
            return _wrong("invalid_grant", "Invalid code verifier.")
        return self.issue(client, code.account, code.scopes, now)

    def issue(self, client: Client, account: str, scopes: frozenset[str], now: datetime) -> Reply:
        """Both tokens, as after a consent."""
        life = TESTING if client.testing else None
        token = self.secret("1//0")
        self.refresh[token] = _Refresh(account, client.id, scopes, now + life if life else None, now)
        more: dict[str, Any] = {"refresh_token": token}
        if life:
            more["refresh_token_expires_in"] = int(life.total_seconds()) - 1
        return Reply(self._access(account, client.id, scopes, now) | more)

    def _access(self, account: str, client: str, scopes: frozenset[str], now: datetime) -> dict[str, Any]:
        token = self.secret("ya29.")
        self.access[token] = Caller(account, client, scopes, now + LIFE)
        told = {"access_token": token, "expires_in": int(LIFE.total_seconds()) - 1, "token_type": "Bearer"}
        return told | {"scope": " ".join(sorted(scopes))}

    def _refreshed(self, form: Mapping[str, str], now: datetime) -> Reply:
        if (client := self._known(form)) is None:
            return _wrong("invalid_client", "The OAuth client was not found.", 401)
        token = self.refresh.get(form.get("refresh_token", ""))
        if token is None or token.client != client.id or (token.until and now >= token.until) or now - token.used > UNUSED:
            return _wrong("invalid_grant", "Token has been expired or revoked.")
        asked = frozenset(form.get("scope", "").split())
        if asked - token.scopes:
            return _wrong("invalid_scope", "Bad Request")
        token.used = now
        return Reply(self._access(token.account, client.id, asked or token.scopes, now))

    def _known(self, form: Mapping[str, str]) -> Client | None:
        client = self.clients.get(form.get("client_id", ""))
        return client if client and client.secret == form.get("client_secret") else None

    def _asserted(self, assertion: str, now: datetime, audience: str) -> Reply:
        """The claims' own times are of the client's clock, and are held against each other only, unless ``strict``."""
        try:
            head, claims, signature = assertion.split(".")
            told = json.loads(_unpacked(claims))
            service = self.services[told["iss"]]
            good = crypt.verify_signature(f"{head}.{claims}".encode(), _unpacked(signature), service.public)
            good = good and 0 < told["exp"] - told["iat"] <= LIFE.total_seconds() and told["aud"] in (audience, _AUDIENCE)
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            return _wrong("invalid_grant", "Invalid JWT Signature.")
        if self.strict and not told["iat"] - _SKEW.total_seconds() <= now.timestamp() < told["exp"]:
            return _wrong("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.")
        scopes = frozenset(told.get("scope", "").split())
        person = told.get("sub", service.email)
        if person != service.email and (person not in self.accounts or not scopes or scopes - service.delegated):
            said = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes"
            return _wrong("unauthorized_client", f"{said} requested.", 401)
        if not scopes:
            return _wrong("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return Reply({name: value for name, value in self._access(person, service.email, scopes, now).items() if name != "scope"})

    # -- what happens to tokens

    def caller(self, header: str, now: datetime) -> Caller:
        """Raises Refusal: 401."""
        found = self.access.get(header.removeprefix("Bearer "))
        if found is None or not header.startswith("Bearer ") or now >= found.until:
            said = "Invalid Credentials" if header else "Login Required."
            reason = "authError" if header else "required"
            raise Refusal(401, reason, said, location="Authorization", WWW_Authenticate='Bearer realm="https://accounts.google.com/"')
        return found

    def revoke(self, account: str) -> None:
        """The rep takes back what was given: access tokens are dead at once too."""
        self.refresh = {token: one for token, one in self.refresh.items() if one.account != account}
        self.access = {token: one for token, one in self.access.items() if one.account != account}
        self.granted = {key: scopes for key, scopes in self.granted.items() if key[1] != account}

    def expire(self) -> None:
        """All access tokens, as if an hour had passed."""
        self.access.clear()

    # -- files

    def client_config(self, client: Client, root: str) -> dict[str, Any]:
        """What the console lets one download as client_secret….json."""
        uris = {"auth_uri": f"{root}o/oauth2/auth", "token_uri": f"{root}token", "redirect_uris": ["http://localhost"]}
        return {"installed": {"client_id": client.id, "project_id": "follow-ups", "client_secret": client.secret, **uris}}

    def service(self, root: str, *, delegated: Iterable[str] = ()) -> dict[str, Any]:
        """A new service account's key file."""
        email = f"robot-{len(self.services) + 1}@follow-ups.iam.gserviceaccount.com"
        private, public = _keys()
        self.services[email] = Service(email, public, frozenset(one if "/" in one else AUTH + one for one in delegated))
        self.accounts.add(email)
        key = {"type": "service_account", "client_email": email, "private_key": private, "private_key_id": "1"}
        return key | {"token_uri": f"{root}token", "project_id": "follow-ups", "client_id": "1"}


def _wrong(error: str, description: str, status: int = 400) -> Reply:
    return Reply({"error": error, "error_description": description}, status)


def _unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@cache
def _keys() -> tuple[str, str]:
    """Made once, for making one takes a while; never written down."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
