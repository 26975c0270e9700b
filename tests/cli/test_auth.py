"""Signing in to Google at the terminal, headless: a browser that leads back to a port, an address that is pasted, a service account."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import stat
import threading
from base64 import urlsafe_b64encode
from contextlib import redirect_stdout
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from tests.cli.conftest import CONFIG, Cli, Run
from tests.google.grants import Client
from tests.google.server import GoogleServer

DANA = "dana@example.org"


@pytest.fixture
def client(google: GoogleServer) -> Client:
    return google.grants.client()


@pytest.fixture
def desk(cli: Cli, google: GoogleServer, client: Client) -> Cli:
    """A config with a Google target and a busy source, and nobody signed in yet."""
    (cli.folder / "client.json").write_text(json.dumps(google.grants.client_config(client, google.root)))
    files = f"type: google, client_secrets: {{file: client.json}}, token: {{file: token.json}}, root_url: {google.root}"
    config = (cli.folder / "config.yaml").read_text()
    config = config.replace("targets: [file]", "targets: [file, phone]\n    busy: [private]")
    config = config.replace("targets:\n  file", f"busy:\n  private: {{{files}}}\ntargets:\n  phone: {{{files}, write: auto}}\n  file")
    (cli.folder / "config.yaml").write_text(config)
    return cli


class Rep(io.StringIO):
    """At the terminal: opens the address that is shown there, agrees, and pastes where the browser ended. ``how``: see ``consent``."""

    def __init__(self, desk: Cli, google: GoogleServer, **how: Any) -> None:
        super().__init__()
        self.desk, self.google, self.how = desk, google, how
        self.shown = self.ended = ""

    def readline(self, *_: Any) -> str:
        self.shown += self.desk.read().out
        found = re.search(r"http\S+/o/oauth2/auth\S+", self.shown)
        assert found
        self.url = found[0]
        self.ended = self.google.consent(self.url, DANA, **self.how)
        return self.ended + "\n"

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def scopes(self) -> set[str]:
        return {one.rpartition("/")[2] for one in self.asked["scope"].split()}


def signed_in(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch, **how: Any) -> tuple[Rep, Run]:
    rep = Rep(desk, google, **how)
    monkeypatch.setattr("sys.stdin", rep)
    return rep, desk("auth", "google", "--paste")


def token(desk: Cli) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((desk.folder / "token.json").read_text())
    return found


def test_the_address_is_pasted(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    rep, run = signed_in(desk, google, monkeypatch)
    assert run.code == 0, run.err
    assert rep.scopes == {"calendar.app.created", "calendar.freebusy"}, "no more than is used: nothing is written as a task"
    assert rep.asked["code_challenge_method"] == "S256"
    assert rep.asked["redirect_uri"] == "http://127.0.0.1:8766/"
    assert stat.S_IMODE((desk.folder / "token.json").stat().st_mode) == 0o600
    assert token(desk)["type"] == "authorized_user"
    assert desk("sync").code == 0
    assert google.calendar("Follow-ups").app
    secrets = [
        token(desk)["refresh_token"],
        token(desk)["token"],
        token(desk)["client_secret"],
        parse_qs(urlsplit(rep.ended).query)["code"][0],
    ]
    assert not [one for one in secrets if one in rep.shown + run.out + run.err]


def test_tasks_are_asked_for_where_they_are_used(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    config = (desk.folder / "config.yaml").read_text()
    (desk.folder / "config.yaml").write_text(config.replace("candy-gram: {verb: Send candy-gram to}", "letter: {as: task}"))
    rep, _ = signed_in(desk, google, monkeypatch)
    assert rep.scopes == {"calendar.app.created", "calendar.freebusy", "tasks"}


def test_a_port_that_ssh_leads_to(desk: Cli, google: GoogleServer) -> None:
    """The browser comes to the port; so do a scanner and a page of somebody else, and they are sent away."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended: list[Run] = []
    shown = io.StringIO()

    class Screen(io.StringIO):
        def flush(self) -> None:
            if "Waiting at port" in self.getvalue():
                opened.set()

    opened, screen = threading.Event(), Screen()
    with redirect_stdout(screen):
        thread = threading.Thread(target=lambda: ended.append(desk("auth", "google", "--port", str(port))))
        thread.start()
        assert opened.wait(20)
        text = screen.getvalue()
        assert f"ssh -L {port}:127.0.0.1:{port}" in text
        found = re.search(r"http\S+/o/oauth2/auth\S+", text)
        assert found
        back = google.consent(found[0], DANA)
        place = f"http://127.0.0.1:{port}/"
        for stranger in ("favicon.ico", "?code=theirs&state=theirs"):
            assert _answer(place + stranger).status_code == 404
        idle = socket.create_connection(("127.0.0.1", port))  # as browsers open one in advance, and say nothing
        page = _answer(back)
        thread.join(20)
        idle.close()
    assert page.status_code == 200
    assert "close this page" in page.text
    assert "theirs" not in page.text
    assert [one.code for one in ended] == [0], (ended, shown.getvalue())
    assert token(desk)["refresh_token"] in google.grants.refresh


def _answer(url: str) -> requests.Response:
    """The port may not be open at once."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(connect=50, backoff_factor=0.02)))
    return session.get(url, timeout=10)


def test_a_box_is_left_unticked(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = signed_in(desk, google, monkeypatch, untick=["calendar.freebusy"])
    assert run.code == 0
    assert "busy private: off, for its box was left unticked: seeing busy times." in run.err
    assert "phone: all that it needs was granted." in run.out
    run = desk("sync")
    assert "phone: " in run.out
    assert google.calendar("Follow-ups")
    assert "does not allow to see busy times" in run.err
    _, run = signed_in(desk, google, monkeypatch, untick=["calendar.app.created"])
    assert run.code == 1
    assert "phone: off, for its box was left unticked" in run.err
    assert "does not let FollowSync write anything" in run.err
    for command in ("status", "check"):
        told = desk(command)
        assert (told.code, "its box was left unticked" in " ".join(told.out.split())) == (1, True)
    assert "does not allow a calendar of our own" in desk("sync").err
    _, run = signed_in(desk, google, monkeypatch)
    assert "off" not in run.err
    assert desk("sync").code == 0
    assert len([one for one in google.calendars.calendars.values() if one.summary == "Follow-ups"]) == 1, "the file before is remembered"


def test_the_rep_says_no_or_pastes_something_else(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = signed_in(desk, google, monkeypatch, deny=True)
    assert (run.code, "did not allow it" in run.err) == (1, True)
    for pasted, sentence in (
        ("http://127.0.0.1:8766/?code=4/0x&state=another", "belongs to another sign-in"),
        ("http://127.0.0.1:8766/", "carries no code"),
        ("", "carries no code"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(pasted + "\n"))
        run = desk("auth", "google", "--paste")
        assert (run.code, sentence in run.err) == (1, True), run.err
    assert not (desk.folder / "token.json").exists()
    assert "run 'followsync auth google'" in desk("sync").err.lower()
    assert "Nobody has signed in to Google yet" in desk("check").out


def test_what_goes_out_for_the_code(desk: Cli, google: GoogleServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request in which no netrc file has a part, and nothing is left behind in the environment."""
    (desk.folder / ".netrc").write_text("machine 127.0.0.1 login eve password eve")
    (desk.folder / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(desk.folder / ".netrc"))
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)
    asked: list[tuple[dict[str, str], dict[str, str]]] = []
    answer = google.handle

    def handle(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Any:
        if url.endswith("/token"):
            asked.append(({name.lower(): value for name, value in headers.items()}, dict(parse_qsl(body.decode()))))
        return answer(method, url, headers, body)

    monkeypatch.setattr(google, "handle", handle)
    rep, run = signed_in(desk, google, monkeypatch)
    assert run.code == 0, run.err
    ((headers, form),) = asked
    assert "authorization" not in headers
    assert (form["client_id"], form["client_secret"]) == (client.id, client.secret)
    assert (form["grant_type"], form["redirect_uri"]) == ("authorization_code", "http://127.0.0.1:8766/")
    challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
    assert challenge == rep.asked["code_challenge"]
    assert len(form["code_verifier"]) >= 43
    assert (rep.asked["access_type"], rep.asked["prompt"]) == ("offline", "consent")
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "0")
    signed_in(desk, google, monkeypatch)
    assert os.environ["OAUTHLIB_INSECURE_TRANSPORT"] == "0"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((200, {"access_token": "a", "refresh_token": "r", "expires_in": "soon"}), "cannot be read"),
        ((200, {"access_token": "a", "refresh_token": "r", "scope": 7}), "cannot be read"),
        ((200, {"access_token": "a", "error": "odd"}), "refused the sign-in"),
        ((200, {"access_token": "a"}), "no lasting sign-in"),
        ((400, {"error": "invalid_grant"}), "takes this code no more"),
        ((400, {"error": "org_internal"}), "ask them to trust its id"),
        ((307, {}), "did not give a token (307)"),
        ((503, {}), "did not give a token (503)"),
    ],
)
def test_an_answer_that_is_no_token(
    answer: tuple[int, dict[str, Any]], sentence: str, desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence, once, and nowhere else: not at the address that it may name."""
    asked = []

    def handle(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Any:
        asked.append(url)
        return answer[0], {"Content-Type": "application/json", "Location": f"{google.root}elsewhere"}, json.dumps(answer[1]).encode()

    monkeypatch.setattr(google, "handle", handle)
    _, run = signed_in(desk, google, monkeypatch)
    assert (run.code, len(asked), sentence in run.err) == (1, 1, True), run.err
    assert not (desk.folder / "token.json").exists()


def test_a_client_that_leads_elsewhere_unencrypted(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    whole = (desk.folder / "client.json").read_text()
    (desk.folder / "client.json").write_text(whole.replace(f"{google.root}o/oauth2", "http://example.org/o/oauth2"))
    run = desk("auth", "google", "--paste")
    assert "auth_uri is not https" in run.err
    (desk.folder / "client.json").write_text(whole.replace(f"{google.root}token", "http://example.org/token"))
    _, run = signed_in(desk, google, monkeypatch)
    assert "token_uri is not https" in run.err


def test_check_says_that_google_itself_decides_which_whole_days_are_busy(desk: Cli) -> None:
    config = (desk.folder / "config.yaml").read_text()
    assert "all_day" not in desk("check").err
    (desk.folder / "config.yaml").write_text(config.replace("private: {type: google", "private: {all_day: busy, type: google"))
    run = desk("check")
    line = next(number for number, text in enumerate(config.splitlines(), 1) if "private: {" in text)
    assert f"config.yaml:{line}:13: This version does not act on 'all_day' of the busy source private: Google" in run.err


def test_a_project_in_testing_is_told_and_warned_of(
    desk: Cli, google: GoogleServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.testing = True
    google.now = datetime(2026, 1, 6, 14, tzinfo=UTC)
    _, run = signed_in(desk, google, monkeypatch)
    assert "sign-in ends on Tue 2026-01-13" in run.err
    assert "Publish the app" in run.err
    google.now = datetime(2026, 1, 8, 14, tzinfo=UTC)
    assert desk("sync", now="2026-01-08T09:00").err == ""
    assert "sign-in ends" not in desk("check", now="2026-01-08T09:00").out
    assert "sign-in ends" not in desk("check", now="2026-01-11T09:00").out, "a rehearsal changes no sign-in's end"
    google.now = datetime(2026, 1, 11, 14, tzinfo=UTC)
    assert "sign-in ends on Tue 2026-01-13 08:59 EST" in desk("check", now="2026-01-11T09:00").out
    assert "sign-in ends on Tue 2026-01-13 08:59 EST" in " ".join(desk("status", now="2026-01-11T09:00").out.split())
    late = desk("sync", now="2026-01-11T09:00")
    assert late.code == 1, "somebody has to do something"
    assert "phone: Google's sign-in ends on Tue 2026-01-13" in late.err


def test_a_service_account(desk: Cli, google: GoogleServer) -> None:
    key = google.grants.service(google.root, delegated=["calendar.app.created", "calendar.freebusy"])
    (desk.folder / "client.json").write_text(json.dumps(key))
    config = (desk.folder / "config.yaml").read_text()
    assert "no phone shows: say with 'subject:'" in " ".join(desk("auth", "google").err.split())
    assert "no phone shows: say with 'subject:'" in " ".join(desk("check").out.split())
    (desk.folder / "config.yaml").write_text(config.replace("token: {file: token.json}", f"token: {{file: token.json}}, subject: {DANA}"))
    run = desk("auth", "google")
    assert run.code == 0, run.err
    assert f"phone: the service account gets a token in the name of {DANA}." in run.out
    assert desk("sync").code == 0
    assert google.calendar("Follow-ups", DANA)
    assert desk("sync").code == 0
    assert len([one for one in google.calendars.calendars.values() if one.summary == "Follow-ups"]) == 1


def test_a_place_where_nothing_can_be_written_is_told_before_anybody_signs_in(
    desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "here").write_text("a file where a folder is named")
    config = (desk.folder / "config.yaml").read_text()
    (desk.folder / "config.yaml").write_text(config.replace("file: token.json", "file: here/token.json"))
    rep, run = signed_in(desk, google, monkeypatch)
    assert run.code == 1
    assert "The sign-in cannot be kept in" in run.err
    assert "/var/lib/followsync/google-token.json" in run.err
    assert (rep.shown, run.out) == ("", ""), "no address was shown"


def test_another_account_than_before_is_asked_about(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    google.account("lee@example.org")
    signed_in(desk, google, monkeypatch)
    assert desk("sync").code == 0
    before = token(desk)
    real = google.consent
    monkeypatch.setattr(google, "consent", lambda url, _, **how: real(url, "lee@example.org", **how))
    _, run = signed_in(desk, google, monkeypatch)
    assert (run.code, token(desk)) == (2, before)
    assert "This is another account than before, for our calendar 'Follow-ups' is not in it" in run.err
    assert desk("sync").code == 0
    monkeypatch.setattr("sys.stdin", Rep(desk, google))
    run = desk("auth", "google", "--paste", "--yes")
    assert run.code == 0
    assert "another account" in run.err
    assert token(desk)["refresh_token"] != before["refresh_token"]
    monkeypatch.setattr(google, "consent", real)
    desk("auth", "google", "--paste", "--yes")
    _, run = signed_in(desk, google, monkeypatch)
    assert (run.code, "another account" in run.err) == (0, False), "this is the one of before"


@pytest.mark.parametrize("lost", ["the token file", "the store", "neither: the config names its id"])
def test_another_account_is_asked_about_by_what_the_store_or_the_config_remembers(
    desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    google.account("lee@example.org")
    signed_in(desk, google, monkeypatch)
    assert desk("sync").code == 0
    match lost:
        case "the token file":
            (desk.folder / "token.json").unlink()
        case "the store":
            for file in desk.folder.rglob("*.db"):
                file.unlink()
        case _:
            config = (desk.folder / "config.yaml").read_text()
            place = google.calendar("Follow-ups").id
            (desk.folder / "config.yaml").write_text(config.replace("write: auto", f"write: auto, calendar: '{place}'"))
            (desk.folder / "token.json").unlink()
    monkeypatch.setattr(google, "consent", lambda url, _, **how: type(google).consent(google, url, "lee@example.org", **how))
    _, run = signed_in(desk, google, monkeypatch)
    assert (run.code, "This is another account than before" in run.err) == (2, True), run.err
    monkeypatch.undo()
    _, run = signed_in(desk, google, monkeypatch)
    assert (run.code, "another account" in run.err) == (0, False), "this is the one of before"


def test_another_client_is_told_with_what_to_do(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(desk, google, monkeypatch)
    assert desk("sync").code == 0
    assert desk("status").code == 0
    (desk.folder / "client.json").write_text(json.dumps(google.grants.client_config(google.grants.client(), google.root)))
    words = "made with another client than the one that 'client_secrets' names now"
    for command in ("status", "doctor", "sync", "check"):
        run = desk(command)
        assert (run.code, words in " ".join((run.out + run.err).split())) == (1, True), (command, run)
    _, run = signed_in(desk, google, monkeypatch)
    assert run.code == 2
    assert "Make the new client in that project" in run.err
    google.calendar("Follow-ups").app = json.loads((desk.folder / "client.json").read_text())["installed"]["client_id"]  # it is of that one
    _, run = signed_in(desk, google, monkeypatch)
    assert (run.code, "another client" in run.err) == (0, False)
    assert desk("status").code == 0


def test_from_nothing_to_a_synced_phone_as_the_howto_says(desk: Cli, google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has a store yet, and no browser is here."""
    for file in desk.folder.rglob("*.db*"):
        file.unlink()
    assert "Nobody has signed in to Google yet" in desk("check").out
    assert signed_in(desk, google, monkeypatch)[1].code == 0
    assert desk("add", "Call Jenny Friday 10am to set a meeting").code == 0
    looked = desk("doctor")
    assert (looked.code, "BAD" in looked.out) == (0, False), looked.out
    assert desk("sync").code == 0
    titles = [event.body["summary"] for event in google.calendar("Follow-ups").events.values() if not event.gone]
    assert titles == ["Call Jenny to set a meeting"]
    assert (desk("check").code, desk("status").code) == (0, 0)


def test_nothing_to_sign_in_to(cli: Cli, desk: Cli) -> None:
    config = (cli.folder / "config.yaml").read_text()
    several = config.replace("file: token.json", "file: other.json", 1)
    assert "--target" in _with(cli, several).err
    assert "kept in a file" in _with(cli, config.replace("token: {file: token.json}", "token: {env: TOKEN}")).err
    (cli.folder / "client.json").write_text("{}")
    assert "is no OAuth client" in _with(cli, config).err
    assert "nothing of type google" in _with(cli, CONFIG).err


def _with(cli: Cli, config: str) -> Run:
    (cli.folder / "config.yaml").write_text(config)
    run = cli("auth", "google", "--paste")
    assert run.code in (1, 2)
    return run
