"""The command that takes prospects in: a look first, what stands aside, and files of other kinds."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import stores
from tests.cli.conftest import Cli

TABLE = """\
name,person,phone,stage,met,tags
Joe's Diner,Joe,248.555.0100,new,2026-01-05,hot
Jane's Deli,Jane,248.555.0101,pitched,2026-01-02,
"""
BAD = f"{TABLE}Ann's Books,,,,some day,\n,,248.555.0199,,,\n"
CARDS = """\
BEGIN:VCARD
VERSION:3.0
FN:Jenny Ray
ORG:Acme Windows
TEL;TYPE=CELL:248.867.5309
END:VCARD
BEGIN:VCARD
VERSION:3.0
TEL:248.555.0199
END:VCARD
"""


def put(cli: Cli, text: str = TABLE, name: str = "leads.csv") -> str:
    path = cli.folder / name
    path.write_text(text, newline="")
    return str(path)


def names(cli: Cli) -> list[str]:
    return sorted(one["name"] for one in cli.ok("list"))


def test_a_look_first_and_done_when_told(cli: Cli) -> None:
    before = {path.name for path in cli.folder.iterdir()}
    run = cli("import", put(cli, BAD))
    assert (run.code, "new  joes-diner  Joe's Diner, Joe, 248.555.0100" in run.out) == (1, True)
    assert "This would be: 2 new, 0 changed, 0 as they are, 2 that cannot be read. Nothing was written; --yes does it." in run.out
    assert {path.name for path in cli.folder.iterdir()} - before == {"leads.csv", *(["state"] if stores.kind == "sqlite" else [])}
    assert names(cli) == []
    shown = cli.ok("import", put(cli), "--yes")
    assert shown == {"done": True, "create": ["joes-diner", "janes-deli"], "update": {}, "same": 0, "bad": [], "aside": None}
    assert [one["next_action"]["kind"] for one in cli.ok("list")] == ["step", "decide"]
    assert cli.ok("import", put(cli), "--yes")["same"] == 2
    changed = cli.ok("import", put(cli, TABLE.replace("0101", "0109")), "--yes")
    assert changed["update"] == {"janes-deli": {"phone": ["248.555.0101", "248.555.0109"]}}


def test_a_day_in_another_order_goes_in_as_text_and_is_told(cli: Cli) -> None:
    config = cli.folder / "config.yaml"
    config.write_text(config.read_text().replace("America/Detroit", "Europe/Berlin").replace("US-MI", "DE-BY"))
    file = put(cli, "name;birthday;phone\nAnn;31.12.1970;030 123\nBob;30.02.1970;030 124\nX;30.02.1970;1;2\n")
    run = cli("import", file)
    assert 'leads.csv:3:0: birthday: "30.02.1970" is not read as a day, so it is kept as text' in run.err
    assert "2 new, 0 changed, 0 as they are, 1 that cannot be read." in run.out
    shown = cli("import", file, "--yes", "--json").json
    assert [(one["line"], one["message"][:8]) for one in shown["kept_as_text"]] == [(3, "birthday")]
    assert cli.ok("show", "bob")["fields"]["birthday"] == "30.02.1970"


def test_bad_rows_are_kept_mended_and_imported(cli: Cli) -> None:
    run = cli("import", put(cli, BAD), "--yes")
    aside = cli.folder / "leads.bad.csv"
    assert (run.code, "leads.csv:4" in run.err, "leads.csv:5" in run.err, str(aside) in run.out) == (1, True, True, True)
    assert (names(cli), aside.stat().st_mode & 0o777) == (["Jane's Deli", "Joe's Diner"], 0o600)
    aside.write_text(aside.read_text("utf-8-sig").replace("some day", "2026-01-06"), "utf-8-sig")
    run = cli("import", str(aside), "--yes", "--json")
    assert (run.code, run.json["create"], run.json["aside"]) == (1, ["anns-books"], str(cli.folder / "leads.bad-2.csv"))
    second = cli.folder / "leads.bad-2.csv"
    second.write_text(second.read_text("utf-8-sig").replace(",,,248", ",Kim,,248"), "utf-8-sig")
    assert cli.ok("import", str(second), "--yes")["create"] == ["kim"]
    assert names(cli) == ["Ann's Books", "Jane's Deli", "Joe's Diner", "Kim"]


def test_what_is_being_mended_is_never_written_over(cli: Cli) -> None:
    cli("import", put(cli, BAD), "--yes")
    aside = cli.folder / "leads.bad.csv"
    kept = aside.read_bytes()
    assert cli("import", put(cli, BAD), "--yes").code == 1
    assert sorted(path.name for path in cli.folder.glob("leads.bad*")) == ["leads.bad.csv"]  # the same rows again
    aside.write_bytes(kept + b"mine,\r\n")
    cli("import", put(cli, BAD), "--yes")
    assert (aside.read_bytes(), (cli.folder / "leads.bad-2.csv").read_bytes()) == (kept + b"mine,\r\n", kept)


def test_aside_says_where_and_nothing_is_imported_where_it_cannot_be(cli: Cli) -> None:
    run = cli("import", put(cli, BAD), "--yes", "--aside", str(cli.folder / "none" / "x.csv"))
    assert (run.code, "Nothing was imported" in run.err, names(cli)) == (2, True, [])
    assert cli("import", put(cli, BAD), "--yes", "--aside", str(cli.folder / "mend.csv")).code == 1
    assert (cli.folder / "mend.csv").read_text("utf-8-sig").startswith("why_aside,name,")


def test_cards(cli: Cli) -> None:
    run = cli("import", put(cli, CARDS, "people.vcf"), "--yes", "--json")
    assert (run.code, run.json["create"], run.json["aside"]) == (1, ["acme-windows"], str(cli.folder / "people.bad.vcf"))
    assert cli.ok("show", "jenny")["phone"] == "248.867.5309"
    aside = cli.folder / "people.bad.vcf"
    aside.write_text(aside.read_text().replace("TEL:", "FN:Bob Lee\nTEL:"))
    assert cli.ok("import", str(aside), "--yes")["create"] == ["bob-lee"]
    assert cli("import", put(cli, CARDS, "people.vcf"), "--yes", "--json").json["same"] == 1


@pytest.mark.parametrize(("text", "name"), [(BAD, "stdin.bad.csv"), (CARDS, "stdin.bad.vcf")])
def test_from_stdin(cli: Cli, text: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cli.folder)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    run = cli("import", "-", "--yes", "--json")
    assert (run.code, run.json["aside"], Path(name).exists()) == (1, name, True)


def test_what_is_no_table_is_told_in_a_sentence(cli: Cli) -> None:
    assert cli("import", str(cli.folder / "none.csv")).code == 2
    run = cli("import", put(cli, "colour,size\nred,2\n"))
    assert (run.code, "headers" in run.err) == (2, True)
    (cli.folder / "leads.xlsx").write_bytes(b"PK\x03\x04" + bytes(30))
    run = cli("import", str(cli.folder / "leads.xlsx"))
    assert (run.code, "save or export it as CSV" in run.err) == (2, True)


def test_a_row_of_a_rep_whom_the_config_does_not_have_stands_aside(cli: Cli) -> None:
    run = cli("import", put(cli, "name,rep\nJoe,zoe\nAnn,dana\nKim,\n"), "--yes")
    assert (run.code, 'leads.csv:2:0: rep: the config has no rep "zoe"; write dana, or nothing' in run.err, names(cli)) == (
        1,
        True,
        ["Ann", "Kim"],
    )


def test_undo_takes_an_import_back(cli: Cli) -> None:
    cli("import", put(cli, BAD), "--yes")
    assert cli("undo", "--yes").code == 0
    assert names(cli) == []


def test_the_howto_s_commands_do_what_it_says(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cli.folder)
    cli("add", "Jenny 248.867.5309")
    put(cli, BAD)
    page = (Path(__file__).parents[2] / "docs" / "howto" / "import.md").read_text()
    commands = re.findall(r"(?m)(?:^|`)followsync ([a-z]+ ?[^`#\n]*)", page)
    codes = {command.strip(): cli(*command.split()).code for command in commands}
    assert codes == {
        "import leads.csv": 1,
        "import leads.csv --yes": 1,
        "plan": 0,
        "import leads.csv --rep dana": 1,
        "show jenny": 0,
        "undo --yes": 0,
        "import leads.bad.csv --yes": 1,
        "export --output leads.csv": 0,
    }
    assert (names(cli), cli.ok("import", "leads.csv", "--yes")["same"]) == (["Jenny"], 1)  # the import was undone, and Jenny exported


BEGINNINGS = [
    b"",
    b"name,phone,met\n",
    b"\xff\xfen\0a\0m\0e\0\n\0",
    b"BEGIN:VCARD\r\nFN:Joe\r\nNOTE;CHARSET=Shift_JIS:",
    b"ID,Type,Name,Organization,Tags\n1,Person,",
]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=120), st.sampled_from([b"", b"\r\nEND:VCARD\r\n", b'",x\n']))
def test_any_bytes_end_in_a_sentence_or_a_preview(cli: Cli, beginning: bytes, middle: bytes, end: bytes) -> None:
    path = cli.folder / "any.file"
    path.write_bytes(beginning + middle + end)
    for words in (("import", str(path)), ("import", str(path), "--yes")):
        run = cli(*words)
        assert run.code in {0, 1, 2}
        assert "fault of followsync" not in run.err
        assert ("This would be: " in run.out or "Imported: " in run.out) if run.code < 2 else str(path) in run.err
    assert "fault of followsync" not in cli("export").err
