"""Who may read what of a store on PostgreSQL: a rep their own, a lead everybody's without private notes. The database keeps them apart."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

import pytest

from followsync.core.history import Contradicted, Noted, Unclear
from followsync.core.reading import BusyReading
from followsync.core.workdays import BusyTime
from followsync.store import open_store
from followsync.store.tables import metadata
from tests import postgresql, stores
from tests.cli.conftest import CONFIG, Cli

NOW = datetime(2026, 1, 6, 13, tzinfo=UTC)
SECRET = "Jenny drinks"
TEAM = CONFIG.replace(
    "targets:\n  file:", "  kim: {timezone: America/Chicago, targets: [other]}\ntargets:\n  other: {type: ics, path: kim.ics}\n  file:"
)


@pytest.fixture
def team(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Dana has Jenny, who won, and Joe with a promise; Kim has Bob. All of them with notes."""
    monkeypatch.setattr(stores, "kind", "postgresql")
    address = postgresql.server().fresh()
    (cli.folder / "config.yaml").write_text(TEAM.replace("sqlite:///state/followsync.db", address))
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 2pm to set a meeting", "--rep", "dana")
    cli.ok("add", "Call Joe 248.867.5310 Friday 2pm to send the quote", "--rep", "dana")
    cli.ok("add", "Call Bob 248.867.5311 Friday 3pm to send the quote", "--rep", "kim")
    cli.ok("edit", "joe", "--note", f"{SECRET} with him")
    for who in ("jenny", "bob"):
        cli.ok("log", who, "done", "--note", SECRET)
    store = open_store(address)
    with store.writing() as tx:
        tx.append("joe", Noted(NOW, "calendar:file", f"{SECRET}\0 again"))
        tx.append("joe", Unclear(NOW, "calendar:file", f"> {SECRET}"))
        tx.append("bob", Contradicted(NOW, "calendar:other", "a", SECRET, note=SECRET))
        tx.save_busy_readings("dana", BusyReading("dana", "doctor", NOW, times=(BusyTime(NOW, NOW),)))
    store.close()
    cli.ok("sync")
    return cli


def reader(team: Cli, *who: str) -> str:
    """A new user of PostgreSQL who may read so much; the config is theirs from then on."""
    role = f"reader_{secrets.token_hex(6)}"
    server, path = postgresql.server(), team.folder / "config.yaml"
    server.run(f"CREATE ROLE {role} LOGIN")
    made = team("store", "views", role, *who)
    assert made.code == 0, made.err
    server.run(made.out)
    address = next(line.removeprefix("store: ") for line in path.read_text().splitlines() if line.startswith("store:"))
    path.write_text(path.read_text().replace(address, server.url.replace("followsync@", f"{role}@")))
    return role


def everything(role: str) -> str:
    """All that can be read in its schema."""
    return "\n".join(str(row) for table in metadata.sorted_tables for row in postgresql.server().run(f"SELECT * FROM {role}.{table.name}"))


def test_a_lead_sees_promises_and_what_stands_and_no_notes(team: Cli) -> None:
    def asked() -> dict[str, Any]:
        found = {command: team.ok(command) for command in ("list", "report", "status", "check")}
        for one in found["status"]["cycles"]:
            del one["due_in"]  # time goes on
        return found

    before = asked()
    role = reader(team, "--lead")
    assert asked() == before
    assert len(before["list"]) == 3
    assert team.ok("list", "--rep", "kim") == [one for one in before["list"] if one["rep"] == "kim"]
    told = everything(role)
    assert "Jenny" in told
    assert [line for line in told.splitlines() if SECRET in line] == []
    assert SECRET not in team("show", "joe").out
    ((busy,),) = postgresql.server().run(f"SELECT value FROM {role}.meta WHERE key LIKE 'busy%'")
    assert json.loads(busy)["times"] == []


def test_a_rep_sees_their_own_with_notes_and_nothing_of_others(team: Cli) -> None:
    mine = team.ok("list", "--rep", "dana")
    role = reader(team, "--rep", "dana")
    assert team.ok("list") == mine
    assert SECRET in team("show", "joe").out
    told = everything(role)
    assert "Bob" not in told
    assert "kim" not in told
    assert team("show", "bob").code == 2
    assert [one["name"] for one in team.ok("report")["promises"]["list"] if one["name"] == "Bob"] == []


@pytest.mark.parametrize("who", [("--lead",), ("--rep", "dana")], ids=["lead", "rep"])
def test_neither_writes_nor_looks_behind_the_views(team: Cli, who: tuple[str, ...]) -> None:
    import psycopg

    schema = next(line for line in (team.folder / "config.yaml").read_text().splitlines() if line.startswith("store:")).rpartition("%3D")[2]
    role = reader(team, *who)
    refused = team("add", "Call Ann 248.867.5312 Friday 4pm to set a meeting", "--rep", "dana")
    assert (refused.code, "cannot be written by this user" in refused.err) == (1, True)
    address = postgresql.server().url.replace("+psycopg", "").replace("followsync@", f"{role}@")
    with psycopg.connect(address, autocommit=True) as connection:
        for table in metadata.sorted_tables:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f'SELECT * FROM "{schema}".{table.name}')
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.Error):
            connection.execute(f"DELETE FROM {role}.entry")
        with pytest.raises(psycopg.Error):
            connection.execute(f"UPDATE {role}.prospect SET rep = 'dana'")


def test_secret_addresses_stay_secret(team: Cli) -> None:
    (team.folder / "config.yaml").write_text((team.folder / "config.yaml").read_text() + "feed: {listen: 127.0.0.1:8765}\n")
    team.ok("feed", "add", "--rep", "dana")
    role = reader(team, "--rep", "dana")
    assert postgresql.server().run(f"SELECT name, secret, salt FROM {role}.feed") == [("dana", "", "")]


def test_what_is_no_reader_is_refused(team: Cli) -> None:
    for arguments, words in (
        (("kim_reads",), "Say who is to read"),
        (("kim_reads", "--lead", "--rep", "kim"), "Say who is to read"),
        (("public", "--lead"), "where the store itself is"),
    ):
        told = team("store", "views", *arguments)
        assert (told.code, words in told.err) == (2, True)


@pytest.mark.sqlite
def test_a_file_has_one_kind_of_reader(cli: Cli) -> None:
    told = cli("store", "views", "lead", "--lead")
    assert (told.code, "whoever may read the file reads all of it" in told.err) == (2, True)


def test_a_schema_with_anything_else_in_it_is_never_made_anew(team: Cli) -> None:
    """Another store, perhaps, on the same database."""
    import psycopg

    role, server = f"other_{secrets.token_hex(6)}", postgresql.server()
    for statement in (f"CREATE ROLE {role} LOGIN", f"CREATE SCHEMA {role}", f"CREATE TABLE {role}.entry AS SELECT 1 AS kept"):
        server.run(statement)
    made = team("store", "views", role, "--lead")
    with pytest.raises(psycopg.errors.RaiseException, match="has more in it than views"):
        server.run(made.out)
    assert server.run(f"SELECT kept FROM {role}.entry") == [(1,)]
