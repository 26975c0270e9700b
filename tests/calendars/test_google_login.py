"""The token file, which several processes write: a daemon, a command, whoever signs in. The fake answers what Google is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from followsync.calendars.google_login import GoogleLogin
from followsync.calendars.google_token import TokenFile, Unkept
from followsync.config.secret import Secret
from followsync.errors import LoginNeeded
from tests.google.server import GoogleServer
from tests.google.wire import Door, Transport
from tests.google_desk import SignIn


class Signed(SignIn):
    """A process that is signed in. ``meanwhile`` is done once, while Google answers its next question for a token."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.meanwhile: Any = None
        self.login = self.process()

    def process(self) -> GoogleLogin:
        return GoogleLogin(self.client_file.read_text(), Secret(file=str(self.token_file)), self._post, (), clock=lambda: self.server.now)

    def _post(self, url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        response, body = Transport(Door(self.server)).request(url, "POST", urlencode(form))
        if self.meanwhile:
            done, self.meanwhile = self.meanwhile, None
            done()
        return response.status, body

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.token_file.read_text())
        return found


@pytest.fixture
def signed(tmp_path: Path) -> Signed:
    server = GoogleServer(root="https://google.test/")
    server.account()
    return Signed(server, tmp_path)


@pytest.mark.parametrize("revoked", [False, True])
def test_whoever_signs_in_during_a_refresh_is_not_overwritten(signed: Signed, revoked: bool) -> None:
    old = signed.content["refresh_token"]
    if revoked:
        signed.server.grants.revoke("dana@example.org")
    signed.server.grants.expire()
    signed.meanwhile = signed.again
    header = signed.login.header(f"Bearer {signed.content['token']}")
    assert signed.content["refresh_token"] != old
    assert header == f"Bearer {signed.content['token']}", "it goes on as whoever signed in last"
    assert signed.login.header() == header


def test_a_calendar_is_remembered_beside_what_another_process_wrote(signed: Signed) -> None:
    other = signed.process()
    signed.login.remembered("Follow-ups")
    other.remember("Other", "other@group")
    signed.meanwhile = lambda: other.remember("Third", "third@group")
    signed.login.header(signed.login.header())
    signed.login.remember("Follow-ups", "ours@group")
    assert signed.content["calendars"] == {"Other": "other@group", "Third": "third@group", "Follow-ups": "ours@group"}
    assert signed.login.header() == f"Bearer {signed.content['token']}"


def test_a_file_that_was_taken_away_is_not_made_anew(signed: Signed) -> None:
    signed.meanwhile = signed.token_file.unlink
    with pytest.raises(LoginNeeded):
        signed.login.header(signed.login.header())
    assert not signed.token_file.exists()


def test_a_file_that_cannot_be_written_is_told_and_the_sign_in_goes_on(signed: Signed) -> None:
    """A lock that cannot be had stands for a folder that is read only."""
    lock = signed.token_file.with_name(".google-token.json.lock")
    before = signed.content
    lock.mkdir()
    first = signed.login.header(f"Bearer {before['token']}")
    assert (signed.login.header(), signed.content) == (first, before)
    assert signed.server.grants.refreshes == 1, "this process keeps it"
    assert f"cannot be kept in {signed.token_file}" in signed.login.notice(UTC)
    with pytest.raises(Unkept, match="let the user who runs FollowSync write"):
        TokenFile(signed.token_file).try_out()
    lock.rmdir()
    signed.login.remember("Follow-ups", "ours@group")
    assert signed.login.notice(UTC) == ""
    assert signed.content["calendars"] == {"Follow-ups": "ours@group"}


def test_another_sign_in_has_another_stamp(signed: Signed) -> None:
    file = TokenFile(signed.token_file)
    before = file.stamp
    file.change(lambda content: content)
    assert file.stamp == before
    file.change(lambda content: content | {"ends": f"{datetime.max:%Y}"})
    assert file.stamp not in {before, ""}
    signed.token_file.unlink()
    assert file.stamp == ""
