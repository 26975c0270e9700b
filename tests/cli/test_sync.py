"""sync, plan, check and status against a real CalDAV server, with a rep who answers there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from followsync.core.target import TargetState
from followsync.cycle import Cycle, Report
from followsync.demo.phone import Phone
from followsync.pull import Deletions
from followsync.store import open_store
from tests import servers, stores
from tests.cli.conftest import CONFIG, Cli

FIGURES = {"created", "updated", "deleted", "read", "requests", "pending", "quarantined", "error"}


@pytest.fixture
def server(cli: Cli, radicale: servers.Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Cli:
    monkeypatch.setenv("PHONE_PASSWORD", radicale.password)
    target = (
        f"  phone: {{type: caldav, url: '{radicale.url}', username: {radicale.username}, password: {{env: PHONE_PASSWORD}}, "
        f"calendar: '{request.node.name}', write: auto}}\n"
    )
    config = CONFIG.replace("targets: [file]", "targets: [phone, file]").replace("targets:\n  file", f"targets:\n{target}  file")
    (cli.folder / "config.yaml").write_text(config)
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 10am to determine next steps")
    cli.ok("add", "Jane's Deli", "--stage", "pitched", "--met", "2026-01-05")
    return cli


@pytest.fixture
def phone(server: Cli, radicale: servers.Server) -> Phone:
    return Phone(radicale.url, radicale.username, radicale.password)


def hrefs(cli: Cli) -> dict[str, str]:
    store = open_store(stores.url(cli.folder / "state" / "followsync.db"))
    with store.reading() as tx:
        found = {row.prospect: row.href for row in tx.written("dana", "phone")}
    store.close()
    return found


def test_a_second_sync_does_nothing(server: Cli) -> None:
    assert len(server.ok("plan")["create"]) == 2
    first = server.ok("sync")["targets"]
    assert {name: (set(one), one["created"], one["error"]) for name, one in first.items()} == {
        "phone": (FIGURES, 2, ""),
        "file": (FIGURES, 2, ""),
    }
    again = server.ok("sync", now="2026-01-06T09:05")["targets"]["phone"]
    assert [again[name] for name in ("created", "updated", "deleted", "read", "pending", "quarantined")] == [0] * 6
    assert server.ok("plan", now="2026-01-06T09:06") == {"create": [], "move": [], "close": []}
    assert server.ok("check", now="2026-01-06T09:06") == {"ok": True, "problems": []}


def test_the_reps_answers_show_in_every_command(server: Cli, phone: Phone) -> None:
    server.ok("sync")
    at = hrefs(server)
    phone.move(at["janes-deli"], datetime(2026, 1, 9, 15, 30, tzinfo=ZoneInfo("America/Detroit")))
    phone.type_into_notes(at["jenny"], "> Friday 2pm call to sign")
    planned = server.ok("plan", now="2026-01-06T09:10")
    assert [one["title"] for one in planned["create"]] == ["Call Jenny to sign – 248.867.5309"]
    server.ok("sync", now="2026-01-06T09:10")
    by_id = {one["id"]: one["next_action"] for one in server.ok("list", now="2026-01-06T09:11")}
    assert (by_id["janes-deli"]["state"], by_id["janes-deli"]["start"]) == ("moved", "2026-01-09T15:30:00-05:00")
    assert (by_id["jenny"]["kind"], by_id["jenny"]["start"]) == ("promise", "2026-01-09T14:00:00-05:00")
    (record,) = server.ok("agenda", "2026-01-08", now="2026-01-06T09:11")
    assert (record["prospect"], record["state"], record["targets"]) == ("jenny", "done", ["phone"])
    assert server.ok("check", now="2026-01-06T09:11")["ok"] is True


def test_plan_shows_moves_and_closes(server: Cli) -> None:
    server.ok("sync")
    server.ok("edit", "jane", "--met", "2026-01-12")
    server.ok("log", "jenny", "no")
    planned = server.ok("plan")
    (move,) = planned["move"]
    assert (set(move), move["action"]["prospect"]) == ({"action", "from", "to", "reason"}, "janes-deli")
    assert (move["from"][:10], move["to"][:10]) == ("2026-01-08", "2026-01-15")
    (close,) = planned["close"]
    assert set(close) == {"action", "reason"}
    assert server("plan").out.count("move") >= 1
    assert server.ok("sync")["targets"]["phone"]["deleted"] == 1


def test_check_finds_an_entry_that_is_gone(server: Cli) -> None:
    server.ok("sync")
    stores.sql(server.folder / "state" / "followsync.db", "DELETE FROM written WHERE target = 'phone' AND prospect = 'jenny'")
    run = server("check", "--json", now="2026-01-06T09:10")
    assert (run.code, run.json["ok"]) == (1, False)
    assert [(set(one), one["where"]) for one in run.json["problems"]] == [({"where", "line", "message"}, "jenny")]
    assert server("check", now="2026-01-06T09:10").out.endswith("1 problem.\n")
    server.ok("sync", now="2026-01-06T09:15")
    assert server.ok("check", now="2026-01-06T09:15")["ok"] is True


def test_many_deletions_wait_for_a_person(server: Cli, phone: Phone) -> None:
    for number in range(7):
        server.ok("add", f"Call Prospect{number} tomorrow {9 + number}am" if number < 3 else f"Call Prospect{number} Friday {number - 2}pm")
    server.ok("sync")
    for href in hrefs(server).values():
        phone.delete(href)
    run = server("sync", "--json", now="2026-01-06T09:10")
    assert (run.code, "--accept-deletes" in run.json["targets"]["phone"]["error"]) == (1, True)
    status = server("status", "--json", now="2026-01-06T09:11")
    assert (status.code, "--restore" in status.json["targets"]["phone"]["held"]) == (1, True)
    assert server("check", now="2026-01-06T09:11").code == 1
    assert server("sync", "--accept-deletes", "--restore").code == 2
    for wrong in (["--target", "phone"], ["--restore", "--target", "desk"]):
        run = server("sync", *wrong)
        assert (run.code, "--restore" in run.err or "file or phone" in run.err) == (2, True)
    run = server("sync", "--json", "--restore", "--target", "file", now="2026-01-06T09:11")
    assert (run.code, "--restore" in run.json["targets"]["phone"]["error"]) == (1, True)
    assert server.ok("sync", "--restore", now="2026-01-06T09:12")["targets"]["phone"]["created"] == 9
    assert server.ok("status", now="2026-01-06T09:13")["targets"]["phone"]["held"] == ""


def test_a_server_that_is_away_is_a_sentence(server: Cli) -> None:
    text = (server.folder / "config.yaml").read_text()
    (server.folder / "config.yaml").write_text(text.replace("http://127.0.0.1:", "http://127.0.0.2:"))
    run = server("sync", "--json")
    assert (run.code, bool(run.json["targets"]["phone"]["error"]), run.json["targets"]["file"]["created"]) == (1, True, 2)
    assert "phone: " in run.err
    assert "Traceback" not in run.err
    state = server("status", "--json").json["targets"]["phone"]
    assert (state["failures"], state["last_good"], state["not_before"] is not None) == (1, None, True)


def test_check_of_a_wrong_config(cli: Cli) -> None:
    (cli.folder / "config.yaml").write_text(CONFIG.replace("America/Detroit", "America/Detriot"))
    run = cli("check", "--json")
    assert (run.code, run.json["ok"]) == (78, False)
    (problem,) = run.json["problems"]
    assert (Path(problem["where"]).name, problem["line"]) == ("config.yaml", 5)
    assert "America/Detroit" in problem["message"]
    run = cli("check")
    assert (run.code, run.out, "config.yaml:5:" in run.err) == (78, "", True)


def test_without_a_target_those_are_meant_that_wait_for_a_word(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    config = CONFIG.replace("targets: [file]", "targets: [one, two]\n  lee: {timezone: America/Detroit, targets: [three]}")
    files = ", ".join(f"{name}: {{type: ics, path: {name}.ics}}" for name in ("one", "two", "three"))
    (cli.folder / "config.yaml").write_text(config.replace("targets:\n  file: {type: ics, path: follow-ups.ics}", f"targets: {{{files}}}"))
    said: dict[str, Deletions] = {}

    def run(self: Cycle, *, deletions: Deletions, **_: object) -> Report:
        said[self.key] = deletions
        return Report({})

    monkeypatch.setattr(Cycle, "run", run)
    everywhere = {"dana": Deletions(restore=True, targets=frozenset({"one", "two"}))}
    cli.ok("sync", "--restore")
    assert said == everywhere | {"lee": Deletions(restore=True, targets=frozenset({"three"}))}
    cli.ok("sync", "--restore", "--target", "three")
    assert said == {"dana": Deletions(), "lee": Deletions(restore=True, targets=frozenset({"three"}))}
    store = open_store(stores.url(cli.folder / "state" / "followsync.db"))
    with store.writing() as tx:
        tx.save_target_state(TargetState("dana", "two", held="6 of 10 are gone."))
    store.close()
    cli.ok("sync", "--restore")
    assert said == {"dana": Deletions(restore=True, targets=frozenset({"two"})), "lee": Deletions()}
    cli.ok("sync", "--restore", "--rep", "lee")
    assert said["lee"] == Deletions(restore=True, targets=frozenset({"three"}))
    cli.ok("sync")
    assert said == {"dana": Deletions(), "lee": Deletions()}


def test_check_has_nothing_to_say_of_what_this_version_acts_on(cli: Cli) -> None:
    web = "feed: {past: 3 days}\npage: {public_url: https://follow.example.org}\n"
    (cli.folder / "config.yaml").write_text(CONFIG.replace("targets:\n  file", f"{web}targets:\n  file"))
    cli.ok("sync")
    run = cli("check", "--json")
    assert (run.code, run.err, run.json) == (0, "", {"ok": True, "problems": []})
    assert cli("check").out == "All is well.\n"
