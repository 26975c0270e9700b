from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from followsync.config import json_schema
from followsync.importer import DATES, HEADERS
from tests.cli.conftest import Cli

TABLE = """\
name,person,phone,stage,met,tags
Joe's Diner,Joe,248.555.0100,new,2026-01-05,hot
Jane's Deli,Jane,248.555.0101,pitched,2026-01-02,
"""


def table(cli: Cli, text: str = TABLE) -> str:
    path = cli.folder / "leads.csv"
    path.write_text(text)
    return str(path)


def test_export_is_what_import_reads(cli: Cli) -> None:
    cli("import", table(cli), "--yes")
    out = cli("export").out
    rows = list(csv.reader(io.StringIO(out)))
    assert tuple(rows[0]) == (*HEADERS, *DATES)
    assert [row[0] for row in rows[1:]] == ["janes-deli", "joes-diner"]
    assert cli.ok("import", table(cli, out), "--yes")["same"] == 2


def test_export_as_json_and_into_a_file(cli: Cli) -> None:
    cli("import", table(cli), "--yes")
    path = cli.folder / "out.json"
    run = cli("export", "--format", "json", "--output", str(path))
    assert (run.code, run.out, path.stat().st_mode & 0o777) == (0, "", 0o600)
    everything = json.loads(path.read_text())
    assert [(one["id"], one["state"], one["history"][0]["type"]) for one in everything] == [
        ("janes-deli", "open", "captured"),
        ("joes-diner", "open", "captured"),
    ]
    assert cli("export", "--format", "xml").code == 2
    assert cli("export", "--output", "/no/such/folder/x.csv").code == 2


def test_schema_is_the_configs(cli: Cli) -> None:
    run = cli("schema")
    assert (run.code, run.json) == (0, json_schema())
    shipped = Path(__file__).parents[2] / "followsync" / "followsync.schema.json"
    assert json.loads(shipped.read_text()) == run.json
