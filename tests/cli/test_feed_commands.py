"""feed add, list, rotate, remove; and what a restored backup does to addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from followsync.addresses import digest
from followsync.store import open_store
from tests import stores
from tests.cli.conftest import CONFIG, Cli

FEED = "feed: {listen: 127.0.0.1:8765, public_url: https://follow.example.org/}\n"
KEYS = {"name", "rep", "url", "webcal", "redacted"}


@pytest.fixture
def fed(cli: Cli) -> Cli:
    (cli.folder / "config.yaml").write_text(CONFIG + FEED)
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 10am to determine next steps")
    return cli


def stored(cli: Cli) -> dict[str, tuple[str, str]]:
    """Name -> (the hash of its secret, what it shows)."""
    store = open_store(stores.url(cli.folder / "state" / "followsync.db"))
    with store.reading() as tx:
        found = {one.name: (one.secret, tx.feed_text(one.name)) for one in tx.feeds()}
    store.close()
    return found


def secret(url: str) -> str:
    match = re.fullmatch(r"https://follow\.example\.org/feed/([\w-]{43})\.ics", url)
    assert match
    return match[1]


def test_a_new_feed_has_an_address_and_shows_something_at_once(fed: Cli) -> None:
    made = fed.ok("feed", "add", "boss", "--rep", "dana")
    assert set(made) == KEYS
    assert (made["name"], made["rep"], made["redacted"]) == ("boss", "dana", False)
    assert made["webcal"] == made["url"].replace("https:", "webcal:")
    kept, text = stored(fed)["boss"]
    assert kept == digest(secret(made["url"]))
    assert "SUMMARY:Call Jenny to determine next steps" in text


def test_a_redacted_one_tells_no_name(fed: Cli) -> None:
    assert fed.ok("feed", "add", "home", "--redacted")["redacted"] is True
    assert "Jenny" not in stored(fed)["home"][1]
    assert "SUMMARY:Call\r\n" in stored(fed)["home"][1]


def test_it_is_called_after_the_rep_where_nobody_says_how(fed: Cli) -> None:
    assert fed.ok("feed", "add")["name"] == "dana"
    assert fed.ok("feed", "add", "--redacted")["name"] == "dana-redacted"


def test_a_person_gets_links_and_a_code_for_the_phone(fed: Cli) -> None:
    run = fed("feed", "add")
    assert run.code == 0
    assert "it is shown only now" in run.out
    (url,) = re.findall(r"^  (https://\S+)$", run.out, re.MULTILINE)
    assert f"\n  webcal://follow.example.org/feed/{secret(url)}.ics\n" in run.out
    assert len([line for line in run.out.splitlines() if line and set(line) <= set("█▀▄ ")]) > 20


def test_the_address_is_kept_nowhere(fed: Cli) -> None:
    key = secret(fed.ok("feed", "add")["url"])
    for path in fed.folder.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path
    assert fed.ok("feed", "list") == [{"name": "dana", "rep": "dana", "url": None, "webcal": None, "redacted": False}]
    run = fed("feed", "list")
    assert key not in run.out
    assert run.out.splitlines()[1].split() == ["dana", "dana", "full", "Tue", "2026-01-06", "09:00"]


def test_a_rotated_one_keeps_what_it_shows_under_another_address(fed: Cli) -> None:
    first = fed.ok("feed", "add")
    before = stored(fed)["dana"][1]
    second = fed.ok("feed", "rotate")
    assert second | {"url": "", "webcal": ""} == first | {"url": "", "webcal": ""}
    assert secret(second["url"]) != secret(first["url"])
    assert stored(fed)["dana"] == (digest(secret(second["url"])), before)


def test_a_removed_one_is_gone_and_its_name_is_free(fed: Cli) -> None:
    fed.ok("feed", "add")
    assert fed.ok("feed", "remove")["name"] == "dana"
    assert fed.ok("feed", "list") == []
    assert "no feed" in fed("feed", "list").out
    assert stores.sql(fed.folder / "state" / "followsync.db", "SELECT secret, salt, text FROM feed") == [("", "", "")]
    fed.ok("feed", "add")
    assert "Jenny" in stored(fed)["dana"][1]


def test_a_sync_keeps_it_up_to_date(fed: Cli) -> None:
    fed.ok("feed", "add")
    fed.ok("add", "Call Joe 248.867.5310 Friday 10am to renew")
    assert "Joe" not in stored(fed)["dana"][1]
    fed.ok("sync")
    assert "Call Joe to renew" in stored(fed)["dana"][1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "dana"), "There is a feed 'dana' already"),
        (("add", "Boss!"), "small letters"),
        (("add", "x" * 65), "64"),
        (("add", "boss", "--rep", "lee"), "no rep 'lee'"),
        (("rotate", "boss"), "There is no feed 'boss': write dana or other"),
        (("remove",), "There are several feeds: write dana or other"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(fed: Cli, words: tuple[str, ...], said: str) -> None:
    fed.ok("feed", "add")
    fed.ok("feed", "add", "other")
    before = stored(fed)
    run = fed("feed", *words)
    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert stored(fed) == before


def test_without_a_web_server_nobody_is_given_an_address(fed: Cli) -> None:
    (fed.folder / "config.yaml").write_text(CONFIG)
    run = fed("feed", "add")
    assert run.code == 2
    assert "feed: {listen: 127.0.0.1:8765}" in run.err
    assert fed.ok("feed", "list") == []


@pytest.mark.parametrize(
    ("listen", "begins"),
    [
        ("127.0.0.1:8765", "http://127.0.0.1:8765/feed/"),
        ("0.0.0.0:80", "http://localhost:80/feed/"),
        ("'[::1]:81'", "http://[::1]:81/feed/"),
    ],
)
def test_without_a_public_address_it_is_this_machine_s_and_that_is_told(fed: Cli, listen: str, begins: str) -> None:
    (fed.folder / "config.yaml").write_text(CONFIG + f"feed: {{listen: {listen}}}\n")
    run = fed("feed", "add", "--json")
    assert run.json["url"].startswith(begins)
    assert "public_url" in run.err


def test_the_config_is_acted_on(fed: Cli) -> None:
    assert "does not act" not in fed("check").err


# -- a restored backup


def test_a_backup_brings_no_dead_address_back(fed: Cli, tmp_path: Path) -> None:
    old = secret(fed.ok("feed", "add", "boss")["url"])
    fed.ok("feed", "add", "home")
    copy = str(tmp_path / "copy.db")
    fed.ok("backup", "--output", copy)
    new = secret(fed.ok("feed", "rotate", "boss")["url"])
    fed.ok("feed", "remove", "home")
    fed.ok("restore", copy, "--yes")
    assert {name: kept for name, (kept, _) in stored(fed).items()} == {"boss": digest(new)}
    assert digest(old) != digest(new)


def test_a_store_that_was_lost_gets_its_feeds_back(fed: Cli, tmp_path: Path) -> None:
    key = secret(fed.ok("feed", "add", "boss")["url"])
    copy = str(tmp_path / "copy.db")
    fed.ok("backup", "--output", copy)
    stores.lose(fed.folder / "state" / "followsync.db")
    fed.ok("restore", copy, "--yes")
    assert stored(fed)["boss"][0] == digest(key)
    fed.ok("sync")
    assert "Jenny" in stored(fed)["boss"][1]
