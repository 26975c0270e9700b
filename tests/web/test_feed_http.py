"""A feed as a reader gets it: whole, once, and only with its secret."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followsync import addresses
from followsync.errors import StoreError
from followsync.store import Store
from followsync.web.known import takes_gzip
from tests.machine.room import CONFIG
from tests.web.site import Site

DAY = timedelta(days=1)


def test_it_is_the_whole_calendar(site: Site, feed: str) -> None:
    found = site.ask(feed)
    with site.room.store.reading() as tx:
        assert found.body.decode() == tx.feed_text("all")
    assert found.status == 200
    assert found.headers["content-type"] == "text/calendar; charset=utf-8"
    assert found.headers["content-length"] == str(len(found.body))
    assert found.headers["cache-control"] == "private, no-cache"
    assert found.headers["vary"] == "Accept-Encoding"
    assert parsedate_to_datetime(found.headers["last-modified"]) == site.room.now
    assert parsedate_to_datetime(found.headers["followsync-as-of"]) == site.room.now
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in found.body
    assert b"BEGIN:VTIMEZONE\r\nTZID:America/Detroit\r\n" in found.body


def test_the_same_again_is_the_same_byte_for_byte(site: Site, feed: str) -> None:
    first, packed = site.ask(feed), site.ask(feed, Accept_Encoding="gzip")
    for _ in range(10):
        site.room.cycle(site.room.now + timedelta(hours=2))
    again = site.ask(feed)
    assert again.body == first.body
    assert [again.headers[name] for name in ("etag", "last-modified")] == [first.headers[name] for name in ("etag", "last-modified")]
    assert parsedate_to_datetime(again.headers["followsync-as-of"]) == site.room.now
    assert site.ask(feed, Accept_Encoding="gzip").body == packed.body


def test_each_representation_has_its_own_strong_etag(site: Site, feed: str) -> None:
    plain, packed = site.ask(feed), site.ask(feed, Accept_Encoding="br, gzip;q=0.5")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.headers["etag"] != packed.headers["etag"]
    assert all(one.headers["etag"].startswith('"') for one in (plain, packed))


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, gzip;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("deflate, br", False),
        (";;,,;q=", False),
    ],
)
def test_gzip_is_for_those_who_take_it(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_whoever_has_it_hears_that_nothing_is_new(site: Site, feed: str, accepted: str) -> None:
    had = site.ask(feed, Accept_Encoding=accepted)
    tag, date = had.headers["etag"], had.headers["last-modified"]
    for known in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": date},
        {"If_None_Match": tag, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        found = site.ask(feed, Accept_Encoding=accepted, **known)
        assert (found.status, found.body) == (304, b""), known
        assert (found.headers["etag"], found.headers["last-modified"]) == (tag, date)
    for other in (
        {"If_None_Match": '"other"'},
        {"If_None_Match": '"other"', "If_Modified_Since": date},
        {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
        {"If_Modified_Since": "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"},
        {"If_Modified_Since": "Mon, 01 Jan 2024 00:00:00 +9999"},
        {"If_Modified_Since": "Mon, 01 Jan 999999999999999999999 00:00:00 GMT"},
        {"If_Modified_Since": "Mon, 01 Jan 0001 00:00:00 +2359"},
        {"If_Modified_Since": "Mon, 01 Jan 2024 9999999999999999999999:00 GMT"},
        {"If_Modified_Since": ", , , ,"},
    ):
        assert site.ask(feed, Accept_Encoding=accepted, **other).body == had.body, other


def test_the_other_representation_is_not_the_one_that_is_had(site: Site, feed: str) -> None:
    tag = site.ask(feed).headers["etag"]
    assert site.ask(feed, Accept_Encoding="gzip", If_None_Match=tag).status == 200


def test_after_a_change_it_is_told_anew(site: Site, feed: str) -> None:
    had = site.ask(feed)
    site.room.capture("Joe")
    site.room.cycle(site.room.now)  # in the same second
    for known in ({"If_None_Match": had.headers["etag"]}, {"If_Modified_Since": had.headers["last-modified"]}):
        found = site.ask(feed, **known)
        assert found.status == 200
        assert b"Joe" in found.body


def test_no_date_is_later_than_now_and_the_same_date_is_still_known(site: Site, feed: str) -> None:
    """The clock was a year ahead, and is right again: before the next cycle, and after it."""
    right = site.room.now
    site.room.capture("Ann", id="ann")
    site.room.cycle(right + timedelta(days=365))
    ahead = site.ask(feed).headers["last-modified"]
    site.room.now = right
    had = site.ask(feed).headers["last-modified"]
    site.room.now = right + timedelta(minutes=2)
    assert site.ask(feed).headers["last-modified"] == had
    assert parsedate_to_datetime(had) <= right
    assert site.ask(feed, If_Modified_Since=had).status == 304
    assert site.ask(feed, If_Modified_Since=ahead).status == 200, "what it shows will have changed long before that date"
    site.room.cycle()
    third = site.ask(feed)
    assert parsedate_to_datetime(third.headers["last-modified"]) == site.room.now
    assert site.ask(feed, If_Modified_Since=had).status == 200
    assert site.ask(feed, If_Modified_Since=third.headers["last-modified"]).status == 304
    stamps = re.findall(rb"\n(?:DTSTAMP|LAST-MODIFIED):(\d{8})", third.body)
    assert {*stamps} == {f"{right:%Y%m%d}".encode()}
    site.room.cycle(site.room.now + timedelta(minutes=5))
    assert site.ask(feed).body == third.body


def test_what_changed_twice_in_a_second_has_no_date_until_that_has_come(site: Site, feed: str) -> None:
    had = site.ask(feed).headers["last-modified"]
    site.room.capture("Joe")
    site.room.cycle(site.room.now)
    assert "last-modified" not in site.ask(feed).headers
    site.room.now += timedelta(seconds=1)
    found = site.ask(feed, If_Modified_Since=had)
    assert found.status == 200
    assert site.ask(feed, If_Modified_Since=found.headers["last-modified"]).status == 304


def test_a_head_is_a_get_without_the_body(site: Site, feed: str) -> None:
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        whole, head = site.ask(feed, **headers), site.ask(feed, "HEAD", **headers)
        assert head.body == b""
        assert head.told()[:2] == whole.told()[:2]
    assert site.ask(feed, "HEAD", If_None_Match=site.ask(feed).headers["etag"]).status == 304
    assert site.ask("/feed/no.ics", "HEAD").told()[:2] == site.ask("/feed/no.ics").told()[:2]


# -- the secret


def test_rotation_kills_the_old_address_at_once(site: Site, feed: str) -> None:
    had = site.ask(feed)
    secret = addresses.secret()
    with site.room.store.writing() as tx:
        tx.rotate_feed("all", addresses.digest(secret))
    assert site.ask(feed).told() == site.ask("/feed/never.ics").told()
    assert site.ask(feed, If_None_Match=had.headers["etag"]).status == 404
    assert site.ask(f"/feed/{secret}.ics").told() == had.told()


def test_so_does_removing_it(site: Site, feed: str) -> None:
    with site.room.store.writing() as tx:
        tx.remove_feed("all")
    assert site.ask(feed).told() == site.ask("/feed/never.ics").told()


def test_each_of_several_feeds_has_its_own(site: Site, feed: str) -> None:
    short = site.subscribe("short", redacted=True)
    site.room.cycle(site.room.now + timedelta(minutes=5))
    assert b"Jenny" in site.ask(feed).body
    assert b"Jenny" not in site.ask(short).body
    assert b"SUMMARY:Call\r\n" in site.ask(short).body
    with site.room.store.writing() as tx:
        tx.remove_feed("all")
    assert site.ask(feed).status == 404
    assert site.ask(short).status == 200


def test_wrong_ones_all_get_the_same(site: Site, feed: str) -> None:
    secret = feed[6:-4]
    wrong = [
        f"/feed/{secret[:-1]}.ics",
        f"/feed/{secret}x.ics",
        f"/feed/{secret.swapcase()}.ics",
        f"/feed/{addresses.digest(secret)}.ics",  # what a stolen store holds
        "/feed/all.ics",
        "/feed/dana.ics",
        "/feed/.ics",
        f"/feed/{secret}",
        f"/feed/{secret}.ics/",
        "/feed/",
        "/feed",
        "/",
        "/p/",
        f"//feed/{secret}.ics",
        f"/feed/../feed/{secret}.ics",
        f"/FEED/{secret}.ics",
        f"/feed/{secret}.ics%00",
        f"/feed/x%2F{secret}.ics",
        "/feed/%ff%fe.ics",
        "/.well-known/caldav",
    ]
    answers = [site.ask(path).told() for path in wrong]
    assert answers[0][0] == 404
    assert all(one == answers[0] for one in answers), [path for path, one in zip(wrong, answers, strict=True) if one != answers[0]]
    assert site.ask(feed).status == 200


def test_all_secrets_are_compared_whichever_fits(site: Site, feed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [feed, *(site.subscribe(name) for name in ("beside", "zero"))]
    site.room.cycle(site.room.now + timedelta(minutes=5))
    compared: list[str] = []

    def compare(one: str, other: str) -> bool:
        compared.append(one)
        return one == other

    monkeypatch.setattr("followsync.web.feed.compare_digest", compare)
    for path in (*paths, "/feed/never.ics"):
        compared.clear()
        site.ask(path)
        assert len(compared) == 3


def test_a_rep_who_left_shows_nothing(site: Site, feed: str) -> None:
    site.room.configure(CONFIG.replace("  dana:", "  lee:"))
    assert site.ask(feed).told() == site.ask("/feed/never.ics").told()


def test_complete_or_nothing(site: Site) -> None:
    path = site.subscribe()
    found = site.ask(path)
    assert (found.status, found.headers["retry-after"]) == (503, "30")
    assert b"VCALENDAR" not in found.body
    site.room.cycle()
    assert site.ask(path).status == 200


def test_a_store_that_does_not_answer_is_no_empty_calendar(site: Site, feed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Store) -> None:
        raise StoreError("The disk cannot be read: /srv/secret")

    monkeypatch.setattr(Store, "_same_place", broken)
    found = site.ask(feed)
    assert (found.status, found.body) == (503, b"Not now.\n")
    assert "retry-after" in found.headers
    monkeypatch.undo()
    assert site.ask(feed).status == 200


# -- whatever else is asked


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "TRACE", "FEED"])
def test_nothing_but_reading(site: Site, feed: str, method: str) -> None:
    answers = [site.ask(path, method) for path in (feed, "/feed/never.ics", "/healthz", "/x")]
    assert {(one.status, one.headers["allow"]) for one in answers} == {(405, "GET, HEAD")}


SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}


def test_every_answer_carries_what_keeps_it_safe(site: Site, feed: str) -> None:
    tag = site.ask(feed).headers["etag"]
    answers = [
        site.ask(feed),
        site.ask(feed, If_None_Match=tag),
        site.ask("/nothing"),
        site.ask("/healthz"),
        site.ask("/metrics"),
        site.ask(feed, "POST"),
        site.ask(f"/feed/{'x' * 600}.ics"),
    ]
    assert [one.status for one in answers] == [200, 304, 404, 200, 200, 405, 414]
    for one in answers:
        assert one.headers.items() >= SAFE.items()
        assert "server" not in one.headers


def test_addresses_and_headers_are_bounded(site: Site, feed: str) -> None:
    assert site.ask(f"{feed}?{'x' * 300}").status == 200
    assert site.ask(f"{feed}?{'x' * 600}").status == 414
    for endless in (b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: "):
        with site.connected() as client:
            client.sendall(endless + b"x" * 20_000)  # and so on: it is not waited for the end
            assert client.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert site.ask(feed).status == 200


_PARTS = st.sampled_from(
    [
        "feed",
        "p",
        "healthz",
        "metrics",
        "..",
        ".",
        "",
        "*",
        "%2e%2e",
        "%00",
        "%0d%0aX:1",
        "é",
        "%ff",
        "x" * 200,
        "a.ics",
        ".ics",
        "?",
        "#",
        ";",
    ]
)
_PATHS = st.one_of(
    st.lists(_PARTS, max_size=6).map("/".join),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    st.text(st.characters(codec="ascii"), max_size=60),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(path=_PATHS, method=st.sampled_from(["GET", "HEAD", "POST", "get", "G\x00T"]), version=st.sampled_from(["1.1", "1.0", "0.9", "9"]))
def test_any_address_gets_a_plain_answer(site: Site, feed: str, path: str, method: str, version: str) -> None:
    """Bounded: 150 requests, of at most some hundred bytes."""
    target = path.encode("latin-1", "replace").replace(b" ", b"+")
    answer = site.say(method.encode() + b" /" + target + b" HTTP/" + version.encode() + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    status = int(answer.split()[1]) if answer else 0
    assert status in {0, 200, 400, 404, 405, 414, 505}, answer
    assert status != 200 or target.split(b"?")[0].split(b"#")[0] in {b"healthz", b"metrics"}
    assert b"Jenny" not in answer
    assert b"X:1\r\n" not in answer.partition(b"\r\n\r\n")[0]
    assert site.ask(feed, "HEAD").status == 200
