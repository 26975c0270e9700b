"""backup, restore and purge, against a real CalDAV server and a real daemon."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import pytest
import requests

from followsync.calendars.caldav import CaldavCalendar
from followsync.core.history import Captured, Entry, Moved, Promised, Result, Touched
from followsync.demo.phone import Phone
from followsync.errors import Refused, Unavailable
from followsync.store import open_store
from tests import servers, stores
from tests.cli.conftest import CONFIG, Cli
from tests.cli.test_doctor import states

DETROIT = ZoneInfo("America/Detroit")
_PROGRAM = "import sys; from followsync.cli import main; sys.exit(main())"
FOREIGN = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260109T150000Z\r\nDTEND:20260109T160000Z\r\nSUMMARY:{title}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
)


# -- the copy


def test_a_copy_is_made_and_named(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.ok("add", "Joe's Diner")
    monkeypatch.chdir(tmp_path)
    run = cli("backup")
    assert (run.code, "Copied 1 prospects with 1 entries of history" in run.out) == (0, True)
    assert (tmp_path / "followsync-20260106T140000Z.db").exists() or list(tmp_path.glob("followsync-20260106T1400*Z.db"))
    made = cli.ok("backup", "--output", str(tmp_path / "copy.db"))
    assert made == {"file": str(tmp_path / "copy.db"), "bytes": (tmp_path / "copy.db").stat().st_size, "prospects": 1, "entries": 1}
    again = cli("backup", "-o", str(tmp_path / "copy.db"))
    assert (again.code, "--force" in again.err) == (2, True)
    assert cli("backup", "-o", str(tmp_path / "copy.db"), "--force").code == 0
    out = cli("backup", "-o", "-")
    assert (out.code, "export" in out.err) == (2, True)


@pytest.mark.sqlite
def test_backup_makes_no_store(cli: Cli) -> None:
    run = cli("backup")
    assert (run.code, "no store" in run.err) == (1, True)
    assert not (cli.folder / "state").exists()


def test_restore_asks_first(cli: Cli, tmp_path: Path) -> None:
    cli.ok("add", "Joe's Diner")
    cli.ok("backup", "-o", str(tmp_path / "copy.db"))
    cli.ok("add", "Jane's Deli")
    run = cli("restore", str(tmp_path / "copy.db"))
    assert (run.code, "--yes" in run.err) == (2, True)
    assert len(cli.ok("list")) == 2
    assert cli("restore", str(tmp_path / "nothing.db"), "--yes").code == 2
    done = cli.ok("restore", str(tmp_path / "copy.db"), "--yes")
    assert (done["prospects"], done["damaged"], Path(done["kept"]).exists()) == (1, False, True)
    assert [one["id"] for one in cli.ok("list")] == ["joes-diner"]


@pytest.mark.sqlite
def test_a_store_that_no_command_can_open_is_restored(cli: Cli, tmp_path: Path) -> None:
    cli.ok("add", "Joe's Diner")
    cli.ok("backup", "-o", str(tmp_path / "copy.db"))
    (cli.folder / "state" / "followsync.db").write_text("nonsense" * 1000)
    assert cli("list").code == 1
    run = cli("restore", str(tmp_path / "copy.db"), "--yes")
    assert (run.code, "as far as it is readable" in run.out) == (0, True)
    assert len(cli.ok("list")) == 1


# -- beside a calendar


@pytest.fixture
def server(cli: Cli, radicale: servers.Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Cli:
    monkeypatch.setenv("PHONE_PASSWORD", radicale.password)
    name = "".join(letter for letter in request.node.name if letter.isalnum())  # each case has a calendar of its own
    target = (
        f"  phone: {{type: caldav, url: '{radicale.url}', username: {radicale.username}, password: {{env: PHONE_PASSWORD}}, "
        f"calendar: '{name}', write: auto}}\n"
    )
    config = CONFIG.replace("targets: [file]", "targets: [phone]").replace("targets:\n  file", f"targets:\n{target}  file")
    (cli.folder / "config.yaml").write_text(config)
    for line in ("Call Jenny 248.867.5309 Thursday 10am to determine next steps", "Joe's Diner", "Visit Bob Friday 2pm", "Jane's Deli"):
        cli.ok("add", line)
    return cli


@pytest.fixture
def phone(radicale: servers.Server) -> Iterator[Phone]:
    with Phone(radicale.url, radicale.username, radicale.password) as made:
        yield made


@pytest.fixture
def web(radicale: servers.Server) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.auth = (radicale.username, radicale.password)
        made.trust_env = False
        yield made


def store_file(cli: Cli) -> Path:
    return cli.folder / "state" / "followsync.db"


def hrefs(cli: Cli) -> dict[str, str]:
    store = open_store(stores.url(store_file(cli)))
    with store.reading() as tx:
        found = {row.prospect: row.href for row in tx.written("dana", "phone")}
    store.close()
    return found


def facts(cli: Cli) -> dict[str, tuple[Entry, ...]]:
    store = open_store(stores.url(store_file(cli)))
    with store.reading() as tx:
        found = tx.histories()
    store.close()
    return found


def folder_of(radicale: servers.Server, href: str) -> str:
    return f"{radicale.url.rstrip('/')}{href.rpartition('/')[0]}/"


def standing(web: requests.Session, folder: str) -> dict[str, str]:
    """Name -> text of everything in the calendar."""
    listed = web.request("PROPFIND", folder, headers={"Depth": "1"}, timeout=30).text
    names = sorted({part.partition("<")[0].rpartition("/")[2] for part in listed.split("href>") if ".ics" in part})
    return {name: web.get(folder + name, timeout=30).content.decode() for name in names}


def titles(entries: dict[str, str]) -> list[str]:
    lines = [line for text in entries.values() for line in text.replace("\r\n ", "").splitlines()]
    return sorted(line.partition(":")[2] for line in lines if line.startswith("SUMMARY"))


def test_an_older_copy_over_a_newer_store_doubles_nothing_and_invents_nothing(
    server: Cli, phone: Phone, web: requests.Session, radicale: servers.Server, tmp_path: Path
) -> None:
    """The rep answered, moved, deleted and was given other entries since the copy was made."""
    assert server.ok("sync")["targets"]["phone"]["created"] == 4
    at = hrefs(server)
    folder = folder_of(radicale, at["jenny"])
    server.ok("backup", "-o", str(tmp_path / "copy.db"))
    before = facts(server)

    friday = datetime(2026, 1, 9, 15, 30, tzinfo=DETROIT)
    phone.type_into_notes(at["jenny"], "done")
    phone.move(at["joes-diner"], friday)
    server.ok("log", "bob", "no")
    phone.move(at["janes-deli"], friday.replace(hour=11, minute=0))
    server.ok("add", "Call Lou Friday 9am to meet")
    server.ok("sync", now="2026-01-06T09:10")
    server.ok("sync", now="2026-01-07T09:10")  # what is overdue was moved by us
    there = standing(web, folder)
    assert any(title.startswith("✓ Call Jenny") for title in titles(there))

    assert server("restore", str(tmp_path / "copy.db"), "--yes", now="2026-01-07T10:00").code == 0
    assert facts(server) == before
    for minutes in (5, 10):
        assert server.ok("sync", now=f"2026-01-07T10:{minutes:02}")["targets"]["phone"]["error"] == ""
    after = standing(web, folder)
    assert any(title.startswith("✓ Call Jenny") for title in titles(after))
    assert sum("Lou" in title for title in titles(after)) == 1
    waiting = [title for title in titles(after) if not title.startswith(("✓", "✗", "↻", "→")) and "Lou" not in title]
    assert sorted(name for title in waiting for name in ("Jenny", "Joe", "Bob", "Jane") if name in title) == ["Bob", "Jane", "Jenny", "Joe"]
    read = {name: found[len(before.get(name, ())) :] for name, found in facts(server).items()}
    assert {name: [type(fact) for fact in found] for name, found in read.items()} == {
        "bob": [],  # closed at the terminal: no calendar tells of that
        "jenny": [Touched],
        "joes-diner": [Moved],
        "janes-deli": [Moved],
        "lou": [Captured, Promised],  # added since: the entry brings the prospect back
    }, "what the rep did on the calendar is read again, and nothing else"
    assert [fact.result for fact in read["jenny"] if isinstance(fact, Touched)] == [Result.DONE]
    for name, start in (("joes-diner", "2026-01-09T15:30"), ("janes-deli", "2026-01-09T11:00")):
        assert server.ok("show", name, now="2026-01-07T10:10")["next_action"]["start"].startswith(start)  # where the rep put it
    again = server.ok("sync", now="2026-01-07T10:15")["targets"]["phone"]
    assert [again[key] for key in ("created", "updated", "deleted", "read", "pending", "quarantined")] == [0] * 6
    assert server.ok("check", now="2026-01-07T10:16")["ok"] is True


class Log:
    """What a daemon says, as it comes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._text = stream, ""
        os.set_blocking(stream.fileno(), False)

    def wait_for(self, words: str) -> None:
        """At most a minute; what stood before them is forgotten."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._stream, selectors.EVENT_READ)
            while words not in self._text:
                assert selector.select(60), self._text
                more = self._stream.read()
                assert more, self._text
                self._text += more.decode()
        self._text = self._text.partition(words)[2]


@contextmanager
def daemon(cli: Cli) -> Iterator[Log]:
    """A real one, that syncs when somebody writes to the store."""
    command = [sys.executable, "-c", _PROGRAM, "--config", str(cli.folder / "config.yaml"), "--now", cli.now, "--verbose", "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stderr
        try:
            yield Log(process.stderr)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("damaged", [False, pytest.param(True, marks=pytest.mark.sqlite)])
def test_a_daemon_goes_on_with_the_restored_store(
    server: Cli, web: requests.Session, radicale: servers.Server, tmp_path: Path, *, damaged: bool
) -> None:
    server.ok("sync")
    folder = folder_of(radicale, hrefs(server)["jenny"])
    server.ok("backup", "-o", str(tmp_path / "copy.db"))
    with daemon(server) as log:
        log.wait_for("started")
        server.ok("add", "Call Lou Friday 9am to meet")
        log.wait_for('"created": 1')
        if damaged:
            store_file(server).unlink()
        assert server("restore", str(tmp_path / "copy.db"), "--yes").code == 0
        log.wait_for('"requests": 2')  # it lists everything, and asks for each entry by name
        server.ok("add", "Call Kim Friday 10am to meet")
        log.wait_for('"created": 1')
    assert sorted(hrefs(server)) == ["bob", "janes-deli", "jenny", "joes-diner", "kim", "lou"]
    found = titles(standing(web, folder))
    assert [sum(name in title for title in found) for name in ("Jenny", "Joe", "Bob", "Jane", "Lou", "Kim")] == [1] * 6


# -- purge


def put(web: requests.Session, address: str, uid: str, title: str, more: str = "") -> None:
    web.put(address, data=FOREIGN.format(uid=uid, title=title, more=more).encode(), timeout=30).raise_for_status()


def test_purge_deletes_what_is_ours_and_nothing_else(server: Cli, phone: Phone, web: requests.Session, radicale: servers.Server) -> None:
    server.ok("sync")
    at = hrefs(server)
    folder = folder_of(radicale, at["jenny"])
    phone.type_into_notes(at["jenny"], "yes")
    server.ok("sync", now="2026-01-06T09:10")
    put(web, f"{folder}dentist.ics", "dentist", "Dentist")
    put(web, f"{folder}fs1looks-like-ours.ics", "fs1 but too short", "Golf")
    put(web, f"{folder}copied.ics", f"fs1{'0' * 26}", "A copy under another name")
    put(web, f"{folder}party.ics", f"fs1{'1' * 26}", "With guests", "ORGANIZER:mailto:a@example.org\r\nATTENDEE:mailto:b@example.org\r\n")
    everything = standing(web, folder)

    shown = server("purge", "--target", "phone")
    assert (shown.code, "This would delete 5 entries from phone (1 of them answered" in shown.out) == (1, True)
    assert "'With guests' has guests" in shown.err
    assert standing(web, folder) == everything
    assert server("purge", "--target", "phone", "--keep-records", "--json").json["records"] == 0

    done = server("purge", "--target", "phone", "--yes", "--json")
    assert (done.code, done.json["done"], done.json["deleted"], len(done.json["left"])) == (1, True, 5, 1)
    assert titles(standing(web, folder)) == ["Dentist", "Golf", "With guests"]
    assert facts(server)["bob"] == facts(server)["bob"][:2]
    synced = server.ok("sync", now="2026-01-06T09:20")["targets"]["phone"]
    assert (synced["created"], synced["error"]) == (3, "")  # nobody is asked why they are gone


def test_purge_leaves_what_nobody_has_read(server: Cli, phone: Phone, web: requests.Session, radicale: servers.Server) -> None:
    server.ok("sync")
    at = hrefs(server)
    folder = folder_of(radicale, at["jenny"])
    phone.type_into_notes(at["jenny"], "y signed at once")
    phone.type_into_notes(at["bob"], "likes blue")
    server.ok("sync", now="2026-01-06T09:10")
    phone.type_into_notes(at["jenny"], "they want 40")
    left = server("purge", "--target", "phone", "--yes")
    assert left.code == 1
    assert "stays: what was written into it is not read yet. 'followsync sync' reads it, --unread deletes it so." in left.err
    assert [title for title in titles(standing(web, folder)) if "Jenny" in title]
    assert not [title for title in titles(standing(web, folder)) if "Bob" in title], "that note was read"
    server.ok("sync", now="2026-01-06T09:20")
    assert "they want 40" in server("show", "jenny").out
    phone.type_into_notes(at["jenny"], "no matter what")
    assert server("purge", "--target", "phone", "--yes", "--unread").code == 0
    assert titles(standing(web, folder)) == []


def test_purge_leaves_an_answer_that_nobody_has_read(server: Cli, phone: Phone, web: requests.Session, radicale: servers.Server) -> None:
    server.ok("sync")
    phone.type_into_notes(hrefs(server)["jenny"], "y")
    assert server("purge", "--target", "phone", "--yes").code == 1
    server.ok("sync", now="2026-01-06T09:20")
    assert Result.YES in [fact.result for fact in facts(server)["jenny"] if isinstance(fact, Touched)]


@pytest.mark.sqlite
def test_purge_works_without_a_store_and_makes_none(server: Cli, web: requests.Session, radicale: servers.Server) -> None:
    server.ok("sync")
    folder = folder_of(radicale, hrefs(server)["jenny"])
    for file in store_file(server).parent.iterdir():
        file.unlink()
    done = server.ok("purge", "--target", "phone", "--yes")
    assert (done["deleted"], done["left"], len(done["entries"])) == (4, [], 4)
    assert standing(web, folder) == {}
    assert not list(store_file(server).parent.iterdir())


def test_one_that_is_refused_does_not_stop_the_rest(server: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    server.ok("sync")
    refused = hrefs(server)["bob"]
    delete = CaldavCalendar.delete

    def picky(calendar: CaldavCalendar, href: str, etag: str | None) -> None:
        if href.endswith(refused.rpartition("/")[2]):
            raise Refused("The server says no.")
        delete(calendar, href, etag)

    monkeypatch.setattr(CaldavCalendar, "delete", picky)
    done = server("purge", "--target", "phone", "--yes", "--json")
    assert (done.code, done.json["deleted"]) == (1, 3)
    assert "The server says no." in done.json["left"][0]
    assert list(hrefs(server)) == ["bob"]


def test_a_server_that_goes_away_is_asked_no_more(server: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    server.ok("sync")
    asked: list[str] = []

    def away(_calendar: CaldavCalendar, href: str, _etag: str | None) -> None:
        asked.append(href)
        raise Unavailable("The server does not answer.")

    monkeypatch.setattr(CaldavCalendar, "delete", away)
    done = server("purge", "--target", "phone", "--yes")
    assert (done.code, len(asked), "and 3 more stay for now" in done.err) == (1, 1, True)
    assert len(hrefs(server)) == 4


# -- what is left behind


def without(cli: Cli, *, known: bool) -> str:
    """The config writes into a file instead of the phone's calendar; answers the config of before."""
    path = cli.folder / "config.yaml"
    before = path.read_text()
    after = before.replace("targets: [phone]", "targets: [file]")
    path.write_text(after if known else "".join(line for line in after.splitlines(True) if not line.startswith("  phone:")))
    return before


@pytest.mark.parametrize("known", [True, False])
def test_entries_of_a_target_that_was_dropped_are_said_until_they_are_purged(
    server: Cli, web: requests.Session, radicale: servers.Server, known: bool
) -> None:
    server.ok("sync")
    folder = folder_of(radicale, hrefs(server)["jenny"])
    before = without(server, known=known)
    server.ok("sync", now="2026-01-06T09:05")
    (problem,) = server("check", "--json").json["problems"]
    assert problem["where"] == "phone"
    assert "4 entries of dana still stand on the calendar at http://127.0.0.1" in problem["message"]
    assert "'followsync purge --target phone --rep dana'" in problem["message"]
    assert ("put 'phone' back under 'targets'" in problem["message"]) == (not known)
    run = server("status", "--json")
    assert (run.code, run.json["left"][0]["entries"], run.json["left"][0]["message"]) == (1, 4, problem["message"])
    assert "followsync purge --target phone" in " ".join(server("status").out.split())
    assert states(server("doctor", "--json").json)["left"] == "bad"
    if not known:
        run = server("purge", "--target", "phone", "--rep", "dana", "--yes")
        assert (run.code, "put it back under 'targets', or say --forget" in run.err) == (2, True)
        (server.folder / "config.yaml").write_text(before)
        without(server, known=True)
    run = server("purge", "--target", "phone", "--rep", "dana", "--yes")
    assert (run.code, "Deleted 4 entries" in run.out, "the next sync" in run.out) == (0, True, False)
    assert standing(web, folder) == {}
    assert server.ok("check") == {"ok": True, "problems": []}
    assert server.ok("status")["left"] == []


def test_what_may_stay_is_forgotten(server: Cli) -> None:
    server.ok("sync")
    run = server("purge", "--target", "phone", "--forget")
    assert (run.code, "no former target" in run.err) == (2, True)
    without(server, known=False)
    server.ok("sync", now="2026-01-06T09:05")
    assert server("check").code == 1
    assert "Nothing was deleted there." in server("purge", "--target", "phone", "--forget").out
    assert server("check").code == 0
    assert server("purge", "--target", "phone", "--rep", "lee", "--forget").code == 2


def test_a_target_with_another_name_is_looked_after_under_that(server: Cli, radicale: servers.Server, web: requests.Session) -> None:
    server.ok("sync")
    folder = folder_of(radicale, hrefs(server)["jenny"])
    before = standing(web, folder)
    path = server.folder / "config.yaml"
    path.write_text(path.read_text().replace("[phone]", "[tablet]").replace("  phone:", "  tablet:"))
    assert server.ok("status")["left"] == []
    server.ok("sync", now="2026-01-06T09:05")
    assert server.ok("check", now="2026-01-06T09:06") == {"ok": True, "problems": []}
    assert standing(web, folder).keys() == before.keys()


def test_a_file_and_a_rep_that_were_dropped_are_said(cli: Cli) -> None:
    cli.ok("add", "Call Jenny Thursday 10am")
    cli.ok("sync")
    (cli.folder / "config.yaml").write_text(CONFIG.replace("dana:", "lee:").replace("[file]", "[other]").replace("  file:", "  other:"))
    problems = {one["where"]: one["message"] for one in cli("check", "--json").json["problems"]}
    assert "1 entry of dana stands in the file" in problems["file"]
    assert "Delete the file, then say 'followsync purge --target file --rep dana --forget'." in problems["file"]
    assert cli.ok("purge", "--target", "file", "--rep", "dana", "--forget") == {"target": "file", "forgotten": ["dana"]}
    assert [one["where"] for one in cli("check", "--json").json["problems"]] == ["jenny"]


def test_entries_that_stay_because_of_their_guests_are_said(server: Cli, phone: Phone, web: requests.Session) -> None:
    server.ok("sync")
    address = phone._address(hrefs(server)["jenny"])
    text = web.get(address, timeout=30).text
    guests = "ORGANIZER:mailto:dana@example.org\r\nATTENDEE:mailto:jenny@example.org\r\nEND:VEVENT"
    web.put(address, data=text.replace("END:VEVENT", guests).encode(), timeout=30).raise_for_status()
    server("sync", now="2026-01-06T09:05")
    server("log", "jenny", "no", now="2026-01-06T09:06")
    for now in ("2026-01-06T09:07", "2026-01-06T09:08"):
        told = [one["message"] for one in server("check", "--json", now=now).json["problems"] if one["where"] == "jenny"]
        assert "its entry on phone of Thu 2026-01-08 10:00 is no longer wanted and stays: guests were invited" in " ".join(told)
        server("sync", now=now)
    assert not [one for one in server("check", "--json", now="2026-01-08T10:20").json["problems"] if one["where"] == "jenny"]
    phone.delete(hrefs(server)["jenny"])
    for now in ("2026-01-06T09:30", "2026-01-06T10:30"):
        server("sync", now=now)
    assert server.ok("check", now="2026-01-06T10:31") == {"ok": True, "problems": []}


# -- targets that cannot be purged


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--target", "phon"], "no target 'phon'"),
        (["--target", "file"], "delete"),
        (["--target", "phone", "--rep", "kim"], "no rep 'kim'"),
        ([], "--target"),
    ],
)
def test_a_target_that_cannot_be_purged(server: Cli, words: list[str], says: str) -> None:
    run = server("purge", *words)
    assert (run.code, says in run.err) == (2, True)


def test_where_there_is_no_target_purge_says_so(cli: Cli) -> None:
    (cli.folder / "config.yaml").write_text("reps: {dana: {timezone: America/Detroit}}\n")
    run = cli("purge", "--target", "phone")
    assert (run.code, "There is no target 'phone': the config has none." in run.err) == (2, True)
