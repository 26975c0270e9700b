"""page add, list, rotate, remove; and what a restored backup does to addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from followsync.addresses import digest
from followsync.store import open_store
from tests.cli.conftest import CONFIG, Cli

FEED = "feed: {listen: 127.0.0.1:8765, public_url: https://follow.example.org/}\n"


@pytest.fixture
def paged(cli: Cli) -> Cli:
    (cli.folder / "config.yaml").write_text(CONFIG + FEED)
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 10am to determine next steps")
    return cli


def stored(cli: Cli) -> dict[str, tuple[str, str]]:
    """Name -> (rep, the hash of its secret)."""
    store = open_store(f"sqlite:///{cli.folder / 'state' / 'followsync.db'}")
    with store.reading() as tx:
        found = {one.name: (one.rep, one.secret) for one in tx.pages()}
    store.close()
    return found


def secret(url: str, begins: str = "https://follow.example.org") -> str:
    match = re.fullmatch(rf"{re.escape(begins)}/p/([\w-]{{43}})/", url)
    assert match
    return match[1]


def test_a_new_page_has_an_address(paged: Cli) -> None:
    made = paged.ok("page", "add", "phone", "--rep", "dana")
    assert set(made) == {"name", "rep", "url"}
    assert (made["name"], made["rep"]) == ("phone", "dana")
    assert stored(paged) == {"phone": ("dana", digest(secret(made["url"])))}
    assert paged.ok("page", "add")["name"] == "dana"


def test_the_page_s_own_public_address_goes_before_the_feed_s(paged: Cli) -> None:
    (paged.folder / "config.yaml").write_text(CONFIG + FEED + "page: {public_url: https://page.example.org/x/}\n")
    assert secret(paged.ok("page", "add")["url"], "https://page.example.org/x")
    assert "does not act" not in paged("check").err


def test_a_person_gets_a_link_and_a_code_for_the_phone(paged: Cli) -> None:
    run = paged("page", "add")
    assert run.code == 0
    (url,) = re.findall(r"^  (https://\S+)$", run.out, re.MULTILINE)
    assert secret(url)
    assert len([line for line in run.out.splitlines() if line and set(line) <= set("█▀▄ ")]) > 15


def test_the_address_is_kept_nowhere(paged: Cli) -> None:
    key = secret(paged.ok("page", "add")["url"])
    for path in paged.folder.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path
    assert paged.ok("page", "list") == [{"name": "dana", "rep": "dana", "url": None}]
    assert paged("page", "list").out.split() == ["NAME", "REP", "dana", "dana"]


def test_a_rotated_one_has_another_address_and_a_removed_one_none(paged: Cli) -> None:
    first, second = paged.ok("page", "add"), paged.ok("page", "rotate")
    assert stored(paged)["dana"][1] == digest(secret(second["url"])) != digest(secret(first["url"]))
    assert paged.ok("page", "remove") == {"name": "dana", "rep": "dana", "url": None}
    assert (paged.ok("page", "list"), stored(paged)) == ([], {})
    assert "no page" in paged("page", "list").out
    assert paged.ok("page", "add")["name"] == "dana"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "dana"), "There is a page 'dana' already"),
        (("add", "Boss!"), "small letters"),
        (("add", "boss", "--rep", "lee"), "no rep 'lee'"),
        (("rotate", "boss"), "There is no page 'boss': write dana or other"),
        (("remove",), "There are several pages: write dana or other"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(paged: Cli, words: tuple[str, ...], said: str) -> None:
    paged.ok("page", "add")
    paged.ok("page", "add", "other")
    before = stored(paged)
    run = paged("page", *words)
    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert stored(paged) == before


def test_without_a_web_server_nobody_is_given_an_address(paged: Cli) -> None:
    (paged.folder / "config.yaml").write_text(CONFIG)
    run = paged("page", "add")
    assert (run.code, "pages are served" in run.err) == (2, True)
    assert paged.ok("page", "list") == []


def test_a_backup_brings_no_dead_address_back(paged: Cli, tmp_path: Path) -> None:
    paged.ok("page", "add", "phone")
    paged.ok("page", "add", "tablet")
    copy = str(tmp_path / "copy.db")
    paged.ok("backup", "--output", copy)
    new = secret(paged.ok("page", "rotate", "phone")["url"])
    paged.ok("page", "remove", "tablet")
    paged.ok("restore", copy, "--yes")
    assert stored(paged) == {"phone": ("dana", digest(new))}


def test_a_store_that_was_lost_gets_its_pages_back(paged: Cli, tmp_path: Path) -> None:
    key = secret(paged.ok("page", "add", "phone")["url"])
    copy = str(tmp_path / "copy.db")
    paged.ok("backup", "--output", copy)
    for path in (paged.folder / "state").iterdir():
        path.unlink()
    paged.ok("restore", copy, "--yes")
    assert stored(paged)["phone"] == ("dana", digest(key))


def test_the_howto_s_commands_do_what_it_says(paged: Cli) -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "page.md").read_text()
    commands = re.findall(r"(?m)^followsync ([a-z][^`#\n]*)", page)
    assert [(command, paged(*command.split()).code) for command in commands] == [
        ("page add dana --rep dana", 0),
        ("page list", 0),
        ("page rotate dana", 0),
        ("page remove dana", 0),
    ]
