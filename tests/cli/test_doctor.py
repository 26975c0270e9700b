"""doctor on real servers, and on one that does everything badly."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
import urllib3
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from followsync import cycle, doctor
from followsync.calendars.base import SeveralCalendars
from followsync.calendars.caldav import open_caldav
from followsync.config import access, load
from followsync.doctor import service
from followsync.store import open_store
from tests import servers, stores
from tests.cli.conftest import CONFIG, Cli

DAV = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/"'


def configured(cli: Cli, more: str, *, url: str, username: str = "", password: str = "", name: str = "Doctor") -> Cli:
    (cli.folder / "password").write_text(password or "none")
    (cli.folder / "password").chmod(0o600)
    login = f"username: {username}, password: {{file: password}}, " if username else ""
    phone = f"  phone: {{type: caldav, url: '{url}', {login}calendar: {name}{more}}}\n"
    config = CONFIG.replace("targets: [file]", "targets: [phone, file]").replace("targets:\n  file", f"targets:\n{phone}  file")
    (cli.folder / "config.yaml").write_text(config)
    open_store(stores.url(cli.folder / "state" / "followsync.db")).close()
    return cli


def states(told: dict[str, Any], target: str = "phone") -> dict[str, str]:
    return {one["topic"]: one["state"] for one in told["targets"][target]}


@pytest.mark.parametrize("server", ["radicale", "xandikos"])
def test_a_good_server(cli: Cli, server: str, request: pytest.FixtureRequest) -> None:
    real: servers.Server = request.getfixturevalue(server)
    configured(cli, "", url=real.url, username=real.username, password=real.password, name=f"Doctor {server}")
    told = cli.ok("doctor")
    assert told["ok"]
    assert told["http"]["state"] == "good"
    assert set(states(told).values()) == {"good"}, told
    topics = {"found", "clock", "rights", "create", "change", "versions", "alarms", "marks", "changes", "converges", "quiet"}
    assert states(told).keys() == topics | {"deletions", "tasks"}
    assert states(told, "file") == {"file": "good", "fresh": "note"}
    calendar = open_caldav(
        url=real.url,
        username=real.username,
        password=real.password,
        calendar=f"Doctor {server}",
        timeout=30,
        zone=UTC,
        clock=lambda: datetime.now(UTC),
    )
    assert calendar.changes("", {}).listed == frozenset()
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 10am to determine next steps")
    cli.ok("sync")
    run = cli("doctor")
    assert (run.code, run.err) == (0, "")
    assert "All is well." in run.out
    assert len(calendar.changes("", {}).listed) == 1
    figures = cli.ok("sync", now="2026-01-06T09:05")["targets"]["phone"]
    assert [figures[name] for name in ("created", "updated", "deleted", "read")] == [0, 0, 0, 0]


def test_a_wrong_password_a_dead_server_and_a_file_that_cannot_be_written(cli: Cli, radicale: servers.Server) -> None:
    configured(cli, "", url=radicale.url, username=radicale.username, password="wr0ng")
    run = cli("doctor", "--json")
    assert run.code == 1
    assert states(run.json) == {"found": "bad"}
    assert "does not accept the user name and password" in run.json["targets"]["phone"][0]["text"]
    assert states(run.json, "file") == {"file": "good", "fresh": "note"}
    configured(cli, "", url=f"http://127.0.0.1:{servers.free_port()}/")
    assert "cannot be reached" in cli("doctor").out


def test_another_calendar_than_before_is_said(cli: Cli, radicale: servers.Server) -> None:
    common = {"url": radicale.url, "username": radicale.username, "password": radicale.password}
    configured(cli, "", **common, name="Doctor one")
    cli.ok("sync")
    configured(cli, "", **common, name="Doctor two")
    run = cli("doctor")
    assert run.code == 1
    assert "the last sync wrote to another calendar" in run.out


@dataclass
class BadServer:
    """It overwrites, resurrects, compares nothing, drops alarms and X- properties, takes no tasks, gives no ETag, has no list of changes,
    and its clock is ten minutes fast. ``allowed``: whether it may be written at all."""

    allowed: bool = True
    ahead: timedelta = timedelta(minutes=10)
    entries: dict[str, str] = field(default_factory=dict)

    def send(self, adapter: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        path = urlsplit(request.url or "").path
        body = (request.body or b"").decode() if isinstance(request.body, bytes) else ""
        status, text = self.answer(request.method or "", path, body)
        headers = {"Date": format_datetime(datetime.now(UTC) + self.ahead, usegmt=True), "Content-Type": "application/xml"}
        return adapter.build_response(request, urllib3.HTTPResponse(io.BytesIO(text.encode()), headers, status, preload_content=False))

    def answer(self, method: str, path: str, body: str) -> tuple[int, str]:
        match method:
            case "PROPFIND":
                kind = "<d:resourcetype><c:calendar/></d:resourcetype><d:displayname>Bad</d:displayname>"
                listed = [self.part(href, "") for href in self.entries]
                return 207, f"<d:multistatus {DAV}>{self.part('/cal/', kind)}{''.join(listed)}</d:multistatus>"
            case "REPORT" if "calendar-multiget" in body:
                named = re.findall("<D:href>([^<]*)<", body)
                data = [
                    self.part(href, f"<c:calendar-data>{escape(self.entries[href])}</c:calendar-data>")
                    for href in named
                    if href in self.entries
                ]
                return 207, f"<d:multistatus {DAV}>{''.join(data)}</d:multistatus>"
            case "REPORT":
                return 501, ""
            case "GET":
                return (200, self.entries[path]) if path in self.entries else (404, "")
            case "PUT" if not self.allowed or "BEGIN:VTODO" in body:
                return 403, ""
            case "PUT":
                text = re.sub(r"BEGIN:VALARM.*END:VALARM\r\n", "", body, flags=re.DOTALL)
                self.entries[path] = re.sub(r"X-FOLLOWSYNC[^\r]*\r\n", "", text)
                return 204, ""
            case _:
                return (204, "") if self.entries.pop(path, None) else (404, "")

    @staticmethod
    def part(href: str, props: str) -> str:
        good = "<d:status>HTTP/1.1 200 OK</d:status>"
        return f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{props}</d:prop>{good}</d:propstat></d:response>"


@pytest.fixture
def bad(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    made = BadServer()
    monkeypatch.setattr(HTTPAdapter, "send", lambda adapter, request, **options: made.send(adapter, request, **options))
    configured(cli, ", write: auto", url="https://bad.example.org/cal/")
    yield made
    assert made.entries == {}


def test_a_bad_server(cli: Cli, bad: BadServer) -> None:
    run = cli("doctor", "--json")
    assert run.code == 1
    assert states(run.json) == {
        **dict.fromkeys(("found", "rights", "converges"), "good"),
        **dict.fromkeys(("create", "change", "versions", "marks", "changes", "quiet"), "note"),
        "deletions": "good",
        **dict.fromkeys(("clock", "alarms", "tasks"), "bad"),
    }
    run = cli("doctor")
    assert "this server overwrites without asking: FollowSync looks first" in run.out
    assert "10 minutes behind" in run.out
    assert "Something needs attention" in run.out


def test_a_clock_that_is_days_wrong(cli: Cli, bad: BadServer) -> None:
    bad.ahead = timedelta(days=-3, hours=-12)
    assert "3 days ahead of" in cli("doctor").out


def test_a_calendar_that_may_only_be_read(cli: Cli, bad: BadServer) -> None:
    bad.allowed = False
    run = cli("doctor", "--json")
    assert run.code == 1
    assert states(run.json) == {"found": "good", "clock": "bad", "rights": "bad"}
    assert [one for one in run.json["targets"]["phone"] if one["topic"] == "rights" and "cannot be written" in one["text"]]


def test_calendars_of_one_name_are_told_by_doctor_alone(cli: Cli, bad: BadServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a person's calendars stand is nothing for a log."""

    def several(*_: object, **__: object) -> None:
        raise SeveralCalendars("dav.example.org", "Follow-ups", ["https://dav.example.org/divorce/", "https://dav.example.org/work/"])

    monkeypatch.setattr(doctor, "open_calendar", several)
    monkeypatch.setattr(cycle, "open_calendar", several)
    assert "They are https://dav.example.org/divorce/, https://dav.example.org/work/." in " ".join(cli("doctor").out.split())
    run = cli("sync")
    assert "has 2 calendars named Follow-ups" in run.err
    assert "divorce" not in run.out + run.err + cli("status").out


def test_a_urllib3_that_was_replaced_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.http().state == "good"
    monkeypatch.setattr(doctor, "find_spec", lambda name: object() if name == "niquests" else None)
    assert doctor.http().state == "bad"


def test_a_file_that_is_not_brought_up_to_date(cli: Cli) -> None:
    assert cli("sync").code == 0
    path = cli.folder / "follow-ups.ics"
    assert states(cli.ok("doctor"), "file") == {"file": "good", "fresh": "good"}
    assert states(cli.ok("doctor", now="2026-01-06T10:04"), "file")["fresh"] == "good"
    run = cli("doctor", now="2026-01-06T10:06")
    assert (run.code, "13 cycles ago: does 'followsync run' run?" in run.out) == (1, True)
    (cli.folder / "config.yaml").write_text(f"{CONFIG}sync: {{every: 2 hours}}\n")
    assert states(cli.ok("doctor", now="2026-01-06T14:59"), "file")["fresh"] == "good"
    assert cli("doctor", now="2026-01-06T15:01").code == 1
    run = cli("doctor", now="2025-01-06T09:00")
    assert (run.code, "as a clock said that was ahead: the next sync looks at it again" in run.out) == (1, True)
    path.unlink()
    assert "is not there any more" in cli("doctor").out
    path.mkdir()
    assert cli("sync").code == 1
    run = cli("doctor", "--json")
    assert states(run.json, "file") == {"file": "bad", "fresh": "bad"}


def test_a_file_whose_folder_is_missing_or_may_not_be_written(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.ok("add", "Jenny")
    (cli.folder / "config.yaml").write_text(CONFIG.replace("path: follow-ups.ics", "path: shared/out/follow-ups.ics"))
    run = cli("doctor")
    assert (run.code, f"there is no folder {cli.folder}/shared/out. Make it" in run.out) == (1, True)
    (cli.folder / "shared" / "out").mkdir(parents=True)
    assert states(cli.ok("doctor"), "file")["file"] == "good"
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "check the rights of" in cli("doctor").out


def test_of_a_link_the_place_it_leads_to_is_judged(cli: Cli) -> None:
    cli.ok("add", "Jenny")
    (cli.folder / "follow-ups.ics").symlink_to(cli.folder / "gone" / "real.ics")
    run = cli("doctor")
    assert (run.code, f"there is no folder {cli.folder}/gone. Make it" in run.out) == (1, True)
    assert f"The folder {cli.folder}/gone does not exist: make it" in cli("sync").err
    (cli.folder / "gone").mkdir()
    assert cli("sync").code == 0
    assert (cli.folder / "gone" / "real.ics").is_file()
    assert states(cli.ok("doctor"), "file") == {"file": "good", "fresh": "good"}


def test_a_link_that_leads_in_a_circle_is_said_to(cli: Cli) -> None:
    cli.ok("add", "Jenny")
    (cli.folder / "follow-ups.ics").symlink_to(cli.folder / "follow-ups.ics")
    run = cli("doctor")
    assert (run.code, "its links lead in a circle" in run.out) == (1, True)
    sync = cli("sync")
    assert (sync.code, "fault" in sync.err) == (1, False)


UNIT = "LoadState=loaded\nActiveState={}\nSubState={}\nUnitFileState={}\nNRestarts={}\nStatusText=1 reps, 1 targets\n"


@pytest.mark.parametrize(
    ("told", "state", "says"),
    [
        (UNIT.format("active", "running", "enabled", 0), "good", "is active (running), enabled: 1 reps, 1 targets."),
        (
            UNIT.format("active", "running", "enabled", 0).replace("1 targets", "1 targets; failing: dana/phone"),
            *(
                "bad",
                "is active (running), enabled: 1 reps, 1 targets; failing: dana/phone. 'followsync status' says why, and 'journalctl -u ",
            ),
        ),
        (UNIT.format("active", "running", "disabled", 2), "note", "is active (running), disabled, restarted 2 times: it does not start by"),
        (UNIT.format("failed", "failed", "enabled", 1), "bad", "is failed (failed), enabled, restarted 1 time: 'systemctl status"),
        (UNIT.format("inactive", "dead", "enabled", 0), "bad", "'systemctl start followsync' starts it."),
    ],
)
def test_the_unit_in_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch, told: str, state: str, says: str) -> None:
    systemctl(cli, monkeypatch, f'[ "$1" = --user ] && exit 1\n[ "$1 $2" = "show followsync.service" ] && printf "{told}"')
    cli.ok("add", "Jenny")
    run = cli("doctor", "--json")
    assert run.json["systemd"]["state"] == state
    assert says in run.json["systemd"]["text"]
    assert "systemd-user" not in run.json
    assert run.code == (1 if state == "bad" else 0)


def test_that_the_service_may_not_read_a_password_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types the command can: the target itself is well then."""
    config = cli.folder / "config.yaml"
    file = cli.folder / "password"
    file.write_text("secret")
    file.chmod(0o600)
    text = CONFIG.replace("targets: [file]", "targets: [file]\n    busy: [golf]")
    config.write_text(f"{text}busy:\n  golf: {{type: ics, url: {{file: password}}}}\n")
    told = UNIT.format("active", "running", "enabled", 0) + f"User=svc\nExecStart=followsync --config {config} run\n"
    systemctl(cli, monkeypatch, f'[ "$1" = --user ] && exit 1\nprintf "{told}"')
    reader = access.User("svc", os.getuid() + 1, os.getgid() + 1, frozenset())
    monkeypatch.setattr(service, "user", lambda name: reader if name == "svc" else None)
    run = cli("doctor", "--json")
    assert (run.code, run.json["secrets"]["state"]) == (1, "bad")
    assert "The service runs as the user svc, who may not" in run.json["secrets"]["text"]
    monkeypatch.setattr(service, "user", lambda name: access.User("svc", os.getuid(), os.getgid(), frozenset()))
    assert "secrets" not in cli("doctor", "--json").json


def test_so_is_that_it_may_not_read_its_config_a_file_of_busy_times_or_googles_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to do with Google's files is what docs/howto/google.md does."""
    (tmp_path / "golf.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    for name in ("client.json", "token.json"):
        (tmp_path / name).write_text("{}")
    google = "type: google, client_secrets: {file: client.json}, token: {file: token.json}"
    text = CONFIG.replace("targets: [file]", "targets: [file, g]\n    busy: [golf]")
    text = text.replace("targets:\n  file", f"targets:\n  g: {{{google}}}\n  file")
    config = tmp_path / "config.yaml"
    config.write_text(f"{text}busy:\n  golf: {{type: ics, path: golf.ics}}\n")
    told = {"LoadState": "loaded", "User": "svc", "ExecStart": f"followsync --config {config} run"}
    monkeypatch.setattr(service, "_told", lambda scope, unit: told)
    monkeypatch.setattr(service, "user", lambda name: access.User("svc", os.getuid() + 1, os.getgid() + 1, frozenset()))
    real = os.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        """All folders may be entered and written into, and the files are their owner's only."""
        found = real(path, follow_symlinks=follow_symlinks)
        mode = (found.st_mode & ~0o777) | (0o600 if path.suffix else 0o777)
        return os.stat_result((mode, *found[1:])) if follow_symlinks else found

    monkeypatch.setattr(Path, "stat", stat)
    found = {one.topic: one.text for one in doctor.readable(config, load(config))}
    assert found.keys() == {"config", "secrets", "busy-files"}
    assert f"may not read {config}, which is" in found["config"]
    assert f"may not read {tmp_path / 'golf.ics'}" in found["busy-files"]
    assert re.search(r"'sudo chgrp \S+ \S+/client.json' and 'sudo chmod 640 \S+/client.json'", found["secrets"])
    assert re.search(r"'sudo chown svc: \S+/token.json' and 'sudo chmod 600 \S+/token.json'", found["secrets"])
    page = (Path(__file__).parent.parent.parent / "docs/howto/google.md").read_text("utf-8")
    assert "google-client.json}` | beside the config | `root:followsync`, 640 |" in page
    assert "google-token.json}` | in the service's own folder | `followsync`, 600;" in page


def test_a_file_that_the_unit_hides_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that everybody may read is none for the service: the unit shows it no homes."""
    config = tmp_path / "config.yaml"
    text = CONFIG.replace("targets: [file]", "targets: [file]\n    busy: [golf]")
    config.write_text(f"{text}busy:\n  golf: {{type: ics, path: /run/user/7/golf.ics}}\n")
    told = {"LoadState": "loaded", "User": "svc", "ExecStart": f"followsync --config {config} run"}
    monkeypatch.setattr(service, "user", lambda name: access.User("svc", 0, 0, frozenset()))
    monkeypatch.setattr(service, "_told", lambda scope, unit: told | {"ProtectHome": "yes", "PrivateTmp": "no"})
    (found,) = doctor.readable(config, load(config))
    assert (found.topic, found.text) == (
        "busy-files",
        "The service does not see /run/user (ProtectHome=yes in its unit), so not /run/user/7/golf.ics: move that file beside the config.",
    )
    monkeypatch.setattr(service, "_told", lambda scope, unit: told | {"ProtectHome": "read-only", "PrivateTmp": "no"})
    assert doctor.readable(config, load(config)) == []


def test_an_instance_is_asked_for_by_its_config(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    told = UNIT.format("failed", "failed", "enabled", 0) + "ExecMainStatus=78\\n"
    systemctl(cli, monkeypatch, f'[ "$1 $2" = "show followsync@dana.service" ] && printf "{told}" || echo LoadState=not-found')
    (found,) = doctor.systemd(Path("/etc/followsync/dana.yaml"))
    assert (found.topic, found.state) == ("systemd", "bad")
    assert "followsync@dana.service is failed (failed), enabled: its config was wrong" in found.text
    assert doctor.systemd(Path("/etc/followsync/config.yaml")) == doctor.systemd(Path("/srv/dana.yaml")) == []


def test_a_users_unit(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    told = UNIT.format("inactive", "dead", "disabled", 0)
    systemctl(cli, monkeypatch, f'if [ "$1" = --user ]; then printf "{told}"; else echo LoadState=not-found; fi')
    (found,) = doctor.systemd()
    assert (found.topic, found.state) == ("systemd-user", "bad")
    assert "of this user is inactive (dead), disabled: 'systemctl --user status followsync' says why" in found.text


@pytest.mark.parametrize("body", ["echo LoadState=not-found", "echo 'System has not been booted with systemd' >&2; exit 1", None])
def test_no_systemd_no_line(cli: Cli, monkeypatch: pytest.MonkeyPatch, body: str | None) -> None:
    systemctl(cli, monkeypatch, body)
    assert doctor.systemd() == []


def systemctl(cli: Cli, monkeypatch: pytest.MonkeyPatch, body: str | None) -> None:
    """The only program there is; None: there is none."""
    folder = cli.folder / "bin"
    folder.mkdir()
    if body is not None:
        (folder / "systemctl").write_text(f"#!/bin/sh\n{body}\n")
        (folder / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_busy_sources_are_read(cli: Cli, tmp_path: Path) -> None:
    (cli.folder / "golf.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    config = CONFIG.replace("targets: [file]", "targets: [file]\n    busy: [golf, gone]")
    (cli.folder / "config.yaml").write_text(
        f"{config}busy:\n  golf: {{type: ics, path: golf.ics}}\n  gone: {{type: ics, path: gone.ics}}\n"
    )
    run = cli("doctor", "--json")
    assert run.code == 1
    assert (states(run.json, "golf"), states(run.json, "gone")) == ({"busy": "good"}, {"busy": "bad"})
