"""The fake's login, through google-auth and google-auth-oauthlib."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.errors import HttpError
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from tests.google.client import credentials, opened
from tests.google.grants import AUTH, TESTING, Client, NoConsent
from tests.google.server import GoogleServer
from tests.google.wire import AuthTransport, Door, Transport, served
from tests.google.world import World

SCOPES = [AUTH + one for one in ("calendar.app.created", "calendar.freebusy", "tasks")]
REDIRECT = "http://127.0.0.1:8085/"


@pytest.fixture
def socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleServer]:
    """The library for the login speaks http only to itself unless it is told so."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    server = GoogleServer()
    server.account()
    with served(server):
        yield server


def flow_of(server: GoogleServer, client: Client, redirect: str = REDIRECT) -> InstalledAppFlow:
    config = server.grants.client_config(client, server.root)
    return InstalledAppFlow.from_client_config(config, SCOPES, redirect_uri=redirect, autogenerate_code_verifier=True)


def pasted(url: str) -> str:
    """An address of a server that is not there, out of the browser's address bar."""
    return url.replace("http:", "https:", 1)


def test_the_whole_login(socket: GoogleServer) -> None:
    client = socket.grants.client()
    flow = flow_of(socket, client)
    url, state = flow.authorization_url(access_type="offline", prompt="consent")
    back = socket.consent(url)
    assert parse_qs(urlsplit(back).query)["state"] == [state]
    assert back.startswith(REDIRECT)
    flow.fetch_token(authorization_response=pasted(back))
    assert sorted(flow.credentials.scopes) == sorted(SCOPES)
    service = opened("calendar", socket, AuthorizedHttp(flow.credentials))
    assert service.calendars().insert(body={"summary": "Follow-ups"}).execute()["summary"] == "Follow-ups"
    socket.grants.expire()
    assert service.calendars().insert(body={"summary": "Again"}).execute()["summary"] == "Again"
    assert socket.grants.refreshes == 1
    assert [one.name for one in socket.log if one.name == "token"] == ["token"] * 2


def test_the_browser_is_sent_back_by_the_server_itself(socket: GoogleServer) -> None:
    """For whoever opens the address in a real browser."""
    flow = flow_of(socket, socket.grants.client())
    url, _ = flow.authorization_url()
    status, headers, _ = socket.handle("GET", url, {})
    assert (status, headers["Location"].partition("?")[0]) == (302, REDIRECT)


def test_scopes_can_be_unticked(socket: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = flow_of(socket, socket.grants.client())
    back = socket.consent(flow.authorization_url()[0], untick=["tasks"])
    with pytest.raises(Warning, match="Scope has changed"):
        flow.fetch_token(authorization_response=pasted(back))
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    flow = flow_of(socket, socket.grants.client())
    flow.fetch_token(authorization_response=pasted(socket.consent(flow.authorization_url()[0], untick=["tasks"])))
    assert sorted(flow.credentials.granted_scopes) == sorted(SCOPES[:2])
    with pytest.raises(HttpError, match="insufficient"):
        opened("tasks", socket, AuthorizedHttp(flow.credentials)).tasklists().list().execute()


def test_the_rep_can_say_no(socket: GoogleServer) -> None:
    back = socket.consent(flow_of(socket, socket.grants.client()).authorization_url()[0], deny=True)
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]


@pytest.mark.parametrize("change", ["client_id=other", "redirect_uri=urn:ietf:wg:oauth:2.0:oob", "code_challenge_method=plain", "scope="])
def test_who_is_shown_a_page_instead(socket: GoogleServer, change: str) -> None:
    url, _ = flow_of(socket, socket.grants.client()).authorization_url()
    with pytest.raises(NoConsent):
        socket.consent(f"{url}&{change}" if not change.endswith("=") else url.replace("&scope=", "&nothing="))


def test_a_code_is_good_once_and_only_with_its_verifier(socket: GoogleServer) -> None:
    client = socket.grants.client()
    flow = flow_of(socket, client)
    back = pasted(socket.consent(flow.authorization_url()[0]))
    flow.code_verifier = "x" * 64
    with pytest.raises(InvalidGrantError, match="verifier"):
        flow.fetch_token(authorization_response=back)
    with pytest.raises(InvalidGrantError, match="Malformed"):
        flow.fetch_token(authorization_response=back)
    flow = flow_of(socket, client)
    back = pasted(socket.consent(flow.authorization_url()[0]))
    socket.now += timedelta(minutes=11)
    with pytest.raises(InvalidGrantError):
        flow.fetch_token(authorization_response=back)


def test_a_code_goes_back_where_it_came_from(socket: GoogleServer) -> None:
    flow = flow_of(socket, socket.grants.client())
    back = pasted(socket.consent(flow.authorization_url()[0]))
    flow.redirect_uri = "http://localhost/"
    with pytest.raises(Exception, match="redirect_uri_mismatch"):
        flow.fetch_token(authorization_response=back)


# --- tokens


def busy(world: World) -> dict[str, Any]:
    at = {"timeMin": "2026-01-08T05:00:00Z", "timeMax": "2026-01-09T05:00:00Z"}
    told: dict[str, Any] = world.calendar.freebusy().query(body={**at, "items": []}).execute()
    return told


def test_an_access_token_lives_an_hour(world: World) -> None:
    world.server.now += timedelta(seconds=3590)
    busy(world)
    assert world.server.grants.refreshes == 0
    world.server.now += timedelta(seconds=10)
    busy(world)
    assert world.server.grants.refreshes == 1
    assert [one.status for one in world.server.log[-3:]] == [401, 200, 200]


def test_a_revoked_grant_is_refused_for_ever(world: World) -> None:
    world.server.grants.revoke("dana@example.org")
    for _ in range(2):
        with pytest.raises(RefreshError, match="expired or revoked") as error:
            busy(world)
        assert error.value.args[1]["error"] == "invalid_grant"
    assert world.server.grants.refreshes == 2


def test_a_project_in_testing_is_let_in_for_seven_days() -> None:
    server = GoogleServer()
    server.account()
    client = server.grants.client(testing=True)
    told = server.grants.issue(client, "dana@example.org", frozenset(SCOPES), server.now).body
    assert told
    assert told["refresh_token_expires_in"] == TESTING.total_seconds() - 1
    made = credentials(server.authorized_user(client, "dana@example.org", "tasks"))
    server.now += TESTING - timedelta(minutes=1)
    made.refresh(AuthTransport(Door(server)))
    server.now += timedelta(minutes=1)
    with pytest.raises(RefreshError, match="invalid_grant"):
        made.refresh(AuthTransport(Door(server)))


def test_a_token_that_nobody_uses_dies_after_half_a_year(world: World) -> None:
    world.server.now += timedelta(days=181)
    with pytest.raises(RefreshError, match="invalid_grant"):
        busy(world)


def test_the_token_endpoint_can_be_in_trouble(world: World) -> None:
    world.server.grants.expire()
    world.server.grants.trouble = [(400, "invalid_grant")]
    with pytest.raises(RefreshError, match="invalid_grant"):
        busy(world)
    busy(world)


def test_a_wrong_secret_is_refused(world: World) -> None:
    told = world.server.authorized_user(world.client, "dana@example.org", "tasks")
    with pytest.raises(RefreshError, match="invalid_client"):
        credentials(told | {"client_secret": "other"}).refresh(AuthTransport(world.door))


def test_whoever_revokes_is_out(world: World) -> None:
    token = next(iter(world.server.grants.refresh))
    assert world.server.handle("POST", f"{world.server.root}revoke", {}, f"token={token}".encode())[0] == 200
    with pytest.raises(RefreshError):
        busy(world)


# --- service accounts


def robot(world: World, told: dict[str, Any], scope: str, **how: Any) -> Any:
    made = service_account.Credentials.from_service_account_info(told, scopes=[AUTH + scope], **how)
    return opened("calendar", world.server, AuthorizedHttp(made, http=Transport(world.door)))


def test_a_service_account_sees_what_is_shared_with_it(world: World) -> None:
    told = world.server.grants.service(world.server.root)
    golf = world.phone.new_calendar("Golf")
    service = robot(world, told, "calendar.events")
    with pytest.raises(HttpError, match="404"):
        service.events().list(calendarId=golf.id).execute()
    golf.shared[told["client_email"]] = "writer"
    assert service.events().list(calendarId=golf.id).execute()["items"] == []


def test_a_service_account_acts_for_somebody(world: World) -> None:
    told = world.server.grants.service(world.server.root, delegated=["calendar"])
    service = robot(world, told, "calendar", subject="dana@example.org")
    assert service.calendars().get(calendarId="primary").execute()["id"] == "dana@example.org"
    for wrong in ({"scope": "tasks", "subject": "dana@example.org"}, {"scope": "calendar", "subject": "nobody@example.org"}):
        with pytest.raises(RefreshError, match="unauthorized_client"):
            robot(world, told, **wrong).calendars().get(calendarId="primary").execute()


def test_a_service_accounts_key_is_checked(world: World) -> None:
    told = world.server.grants.service(world.server.root)
    world.server.grants.services[told["client_email"]].public = _another_key()
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        robot(world, told, "calendar").calendars().get(calendarId="primary").execute()


def _another_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
