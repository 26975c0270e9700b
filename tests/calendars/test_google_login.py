"""The token file, which several processes write: a daemon, a command, whoever signs in. The fake answers what Google is asked."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from followsync.calendars.google_endpoint import JWT, answered
from followsync.calendars.google_login import GoogleLogin
from followsync.calendars.google_token import TokenFile, Unkept
from followsync.config.secret import Secret
from followsync.errors import LoginNeeded, SecretMissing, Unavailable
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


@pytest.mark.parametrize("made", [True, False])
def test_root_leaves_the_daemons_files_to_the_daemon(signed: Signed, made: bool) -> None:
    """``followsync sync`` once as root. Whoever is not root may give nothing away, and has nothing to."""
    owner = (4711, 4712) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(signed.token_file.parent, *owner)
    os.chown(signed.token_file, *owner)
    if not made:
        signed.token_file.unlink()
    TokenFile(signed.token_file).change(lambda before: before | {"token": "fresh"})
    for path in (signed.token_file, signed.token_file.with_name(".google-token.json.lock")):
        there = path.stat()
        assert ((there.st_uid, there.st_gid), stat.S_IMODE(there.st_mode)) == (owner, 0o600)


@pytest.mark.parametrize(("before", "after"), [(0o600, 0o600), (0o640, 0o640), (0o644, 0o600), (0o660, 0o640), (0o400, 0o400)])
def test_a_token_file_keeps_its_mode_as_far_as_others_may_read_nothing(signed: Signed, before: int, after: int) -> None:
    signed.token_file.chmod(before)
    TokenFile(signed.token_file).change(lambda content: content | {"token": "fresh"})
    assert stat.S_IMODE(signed.token_file.stat().st_mode) == after


def test_a_link_to_the_token_file_stays_one(signed: Signed) -> None:
    kept = signed.token_file.parent / "kept" / "token.json"
    kept.parent.mkdir()
    signed.token_file.rename(kept)
    signed.token_file.symlink_to(kept)
    TokenFile(signed.token_file).change(lambda content: content | {"token": "fresh"})
    assert signed.token_file.is_symlink()
    assert json.loads(kept.read_text())["token"] == "fresh"


def test_a_file_that_may_not_be_read_says_whose_it_must_be(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    ours = "'sudo chown [^ ]+ /.*google-token.*json' and 'sudo chmod 600 /.*google-token.*json'"
    roots = "'sudo chgrp [^ ]+ /.*google-client.*json' and 'sudo chmod 640 /.*google-client.*json'"
    for read, mend in ((TokenFile(signed.token_file).read, ours), (Secret(file=str(signed.client_file)).reveal, roots)):
        with pytest.raises(SecretMissing, match="cannot be read: Permission denied") as caught:
            read()
        assert re.search(mend, str(caught.value)), "as docs/howto/google.md has it"
        assert str(caught.value).endswith(".")


def test_another_sign_in_has_another_stamp(signed: Signed) -> None:
    file = TokenFile(signed.token_file)
    before = file.stamp
    file.change(lambda content: content)
    assert file.stamp == before
    file.change(lambda content: content | {"ends": f"{datetime.max:%Y}"})
    assert file.stamp not in {before, ""}
    signed.token_file.unlink()
    assert file.stamp == ""


# ---- another client, and refusals


def test_the_secret_of_the_client_was_renewed(signed: Signed) -> None:
    """The console's newer download counts; what the sign-in left beside its token is older."""
    signed.client.secret = "GOCSPX-renewed"
    with pytest.raises(LoginNeeded, match="Download its JSON anew"):
        signed.login.header(signed.login.header())
    signed.client_file.write_text(json.dumps(signed.server.grants.client_config(signed.client, signed.server.root)))
    login = signed.process()
    assert login.header(f"Bearer {signed.content['token']}") == f"Bearer {signed.content['token']}"
    assert login.notice(UTC) == ""


def test_the_file_names_another_client(signed: Signed) -> None:
    """A sign-in is of one client, and lasts as long as that one."""
    other = signed.server.grants.client()
    signed.client_file.write_text(json.dumps(signed.server.grants.client_config(other, signed.server.root)))
    login = signed.process()
    assert login.header(f"Bearer {signed.content['token']}") == f"Bearer {signed.content['token']}"
    assert "made with another client" in login.notice(UTC)
    signed.client = other
    signed.again()
    assert login.notice(UTC) == ""


def test_how_long_nobody_asks_again(signed: Signed) -> None:
    """Only a person can mend a sign-in that was taken back; a client that is refused, somebody may mend at Google."""
    grants = signed.server.grants
    grants.revoke("dana@example.org")

    def asks(**later: float) -> int:
        signed.server.now += timedelta(**later)
        before = grants.refreshes
        with pytest.raises(LoginNeeded):
            signed.login.header(f"Bearer {signed.content['token']}")
        return grants.refreshes - before

    assert [asks(), asks(minutes=5), asks(hours=5), asks(hours=1)] == [1, 0, 0, 1]
    signed.login.try_again()
    assert [asks(), asks()] == [1, 0]
    signed.again()
    grants.clients.clear()
    assert [asks(), asks(seconds=30), asks(minutes=1)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("grant", "answer", "sentence", "again"),
    [
        ("refresh_token", {"error": "invalid_grant"}, "sign-in is over", None),
        ("refresh_token", {"error": "invalid_grant", "error_subtype": "invalid_rapt"}, "session control", None),
        ("refresh_token", {"error": "invalid_grant", "error_description": "reauth related error (invalid_rapt)"}, "session control", None),
        ("refresh_token", {"error": "admin_policy_enforced"}, "ask them to trust its id", 3600),
        ("refresh_token", {"error": "deleted_client"}, "Make another one in the same project", 3600),
        ("refresh_token", {"error": "invalid_scope"}, "Sign in again", None),
        ("authorization_code", {"error": "invalid_grant"}, "takes this code no more", None),
        (JWT, {"error": "invalid_grant", "error_description": "Invalid JWT: … in a reasonable timeframe."}, "clock is wrong", 3600),
        (JWT, {"error": "invalid_grant", "error_description": "Invalid email or User ID"}, "nobody with the address", 3600),
        (JWT, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, "make another JSON key", 3600),
        (JWT, {"error": "unauthorized_client"}, "may not act in the name", 3600),
        (JWT, {"error": "invalid_scope"}, "may not act in the name", 3600),
    ],
)
def test_what_google_says_instead_of_a_token(grant: str, answer: dict[str, str], sentence: str, again: float | None) -> None:
    with pytest.raises(LoginNeeded, match=sentence) as error:
        answered(lambda url, form: (400, json.dumps(answer).encode()), "https://google.test/token", {"grant_type": grant})
    assert error.value.again == again
    assert ("auth google" in str(error.value)) == (grant != JWT and "administrator of" not in str(error.value))


@pytest.mark.parametrize("answer", [{"error": "internal_failure"}, {"error": "x", "error_description": "temporarily_unavailable"}])
@pytest.mark.parametrize("status", [200, 400, 408, 503])
def test_a_fault_of_google_is_no_refusal(status: int, answer: dict[str, str]) -> None:
    with pytest.raises(Unavailable):
        answered(lambda url, form: (status, json.dumps(answer).encode()), "https://google.test/token", {"grant_type": "refresh_token"})
