"""Whose turn it is, where a server is slow. See ``followsync.hands``."""

from pathlib import Path

from followsync.config import load
from followsync.hands import SPARE, WAITS, Hands

SLOW, FAST = [f"slow-{number}" for number in range(40)], [f"fast-{number}" for number in range(40)]
SERVERS = {rep: frozenset({"slow.example.org"}) for rep in SLOW} | {rep: frozenset({"fast.example.org"}) for rep in FAST}


def began(hands: Hands, reps: list[str], now: float) -> None:
    for rep in reps:
        hands.began(rep, now)


def test_a_hand_that_only_waits_counts_no_longer() -> None:
    hands = Hands(4, SERVERS)
    began(hands, SLOW[:3], 0.0)
    assert (hands.free(0.0), hands.free(WAITS - 0.1), hands.free(WAITS)) == (1, 1, 4)
    began(hands, FAST[:4], WAITS)
    assert hands.free(WAITS) == 0


def test_there_is_an_end_to_it() -> None:
    hands = Hands(4, SERVERS)
    for turn in range(SPARE):
        began(hands, SLOW[turn * 4 : turn * 4 + 4], turn * WAITS)
    assert hands.free(1000.0) == 0


def test_a_slow_server_comes_last_once_it_has_half_of_the_hands_and_gets_no_more_than_all() -> None:
    hands = Hands(4, SERVERS)
    began(hands, SLOW[:2], 0.0)
    assert hands.last(1.0) == frozenset()  # nobody knows yet
    assert hands.last(WAITS) == frozenset(SLOW)
    assert hands.never(WAITS) == frozenset()
    began(hands, SLOW[2:4], WAITS)
    assert hands.never(2 * WAITS - 0.1) == frozenset()
    assert hands.never(2 * WAITS) == frozenset(SLOW)


def test_a_server_is_as_slow_as_the_last_cycle_showed() -> None:
    hands = Hands(2, SERVERS)
    hands.began(SLOW[0], 0.0)
    hands.ended(SLOW[0], WAITS)
    hands.began(SLOW[1], WAITS)
    assert hands.last(WAITS) == frozenset(SLOW)  # at once, from what was seen before
    hands.ended(SLOW[1], WAITS + 1)
    hands.began(SLOW[2], WAITS + 1)
    assert hands.last(WAITS + 1) == frozenset()


def test_whoever_asks_no_server_is_never_put_off() -> None:
    hands = Hands(1, SERVERS)
    hands.began("files", 0.0)
    assert hands.last(60.0) == hands.never(60.0) == frozenset()


def test_which_servers_a_rep_s_cycle_asks(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "reps:\n"
        "  dana: {timezone: America/Detroit, targets: [phone, file], busy: [league, own, hidden]}\n"
        "  kim: {timezone: America/Detroit, targets: [mail, google]}\n"
        "targets:\n"
        "  phone: {type: caldav, url: https://dav.example.org/dana/, username: dana, password: {env: X}}\n"
        "  mail: {type: caldav, url: kim@example.com, username: kim, password: {env: X}}\n"
        "  google: {type: google, client_secrets: {file: c.json}, token: {file: t.json}}\n"
        "  file: {type: ics, path: out.ics}\n"
        "busy:\n"
        "  league: {type: ics, url: https://league.example.net/a.ics}\n"
        "  own: {type: ics, path: golf.ics}\n"
        "  hidden: {type: ics, url: {env: X}}\n"
    )
    assert load(path).servers == {
        "dana": {"dav.example.org", "league.example.net"},
        "kim": {"example.com", "www.googleapis.com"},
    }
