"""The server beside the cycles: slow readers, many readers, its end, and a port that cannot be had."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256

import pytest
from icalendar import Calendar
from structlog.testing import capture_logs

from followsync import web
from followsync.config.words import Listen
from followsync.errors import ListenError
from followsync.vitals import Inside, Vitals
from followsync.web import server
from followsync.web.server import bound
from tests.machine.room import CONFIG, Room
from tests.web.site import Site, opened


def test_a_slow_client_holds_up_nobody(site: Site, feed: str) -> None:
    with ExitStack() as held:
        for _ in range(20):
            silent = held.enter_context(site.connected())
            slow = held.enter_context(site.connected())
            slow.sendall(b"GET /feed/")
            half = held.enter_context(site.connected())
            half.sendall(f"GET {feed} HTTP/1.1\r\nHost: x\r\n".encode())
        assert site.ask(feed).status == 200
        site.room.capture("Joe")
        site.room.cycle()
        assert b"Joe" in site.ask(feed).body
        half.sendall(b"\r\n")
        assert half.recv(4096).startswith(b"HTTP/1.1 200 OK")
        assert silent.fileno() > 0


def test_a_client_that_never_asks_is_cut_off(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_FIRST_WORD", 0.05)
    with opened(room) as site, site.connected() as silent, site.connected() as slow:
        slow.sendall(b"GET / HT")
        for one in (silent, slow):
            assert ended(one)


def test_no_connection_lasts_for_ever(room: Room, jenny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even of one who asked, and does not read."""
    monkeypatch.setattr(server, "_FIRST_WORD", 600.0)
    monkeypatch.setattr(server, "_LONGEST", 0.05)
    with opened(room) as site, site.connected() as client:
        assert ended(client)


def ended(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def answered(client: socket.socket) -> bool:
    client.sendall(b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n")
    told = b""
    while not told.endswith(b"Not found.\n"):
        told += client.recv(4096)
    return told.startswith(b"HTTP/1.1 404")


def test_there_are_only_so_many_at_a_time(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_CONNECTIONS", 3)
    with opened(room) as site, ExitStack() as held:
        first = [held.enter_context(site.connected()) for _ in range(3)]
        assert all(answered(one) for one in first)
        assert ended(held.enter_context(site.connected()))
        assert answered(first[0])


def test_readers_see_whole_calendars_while_cycles_write(site: Site, feed: str) -> None:
    """What is read is one of the texts that were laid down, under its own name; and each cycle's is there when it is over."""
    room, done = site.room, threading.Event()
    laid: set[str] = set()

    def write() -> None:
        try:
            for number in range(15):
                room.capture(f"Diner {number}")
                room.cycle(room.now + timedelta(seconds=30))
                with room.store.reading() as tx:
                    laid.add(tx.feed_text("all"))
        finally:
            done.set()

    def read() -> set[str]:
        seen = set()
        while not done.is_set():
            found = site.ask(feed)
            assert found.status == 200
            assert found.headers["etag"] == f'"{sha256(found.body).hexdigest()[:32]}"'
            seen.add(found.body.decode())
        return seen

    first = site.ask(feed).body.decode()
    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        pool.submit(write).result()
        seen = set().union(*(one.result() for one in readers))
    assert seen <= laid | {first}
    assert len(Calendar.from_ical(site.ask(feed).body).walk("VEVENT")) == 16


def test_it_ends_with_its_block_also_where_somebody_is_still_connected(room: Room) -> None:
    with ExitStack() as held:
        site = held.enter_context(opened(room))
        client = site.connected()
        client.sendall(b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 404")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", site.port), timeout=5)
    assert not [one for one in threading.enumerate() if one.name.startswith("web")]
    client.close()


# -- where it listens


def inside(room: Room) -> Inside:
    return Inside(lambda: room.settings, room.store, lambda: room.now, Vitals(lambda: 0.0))


def test_without_a_place_nothing_is_served(room: Room) -> None:
    before = threading.active_count()
    with web.serving(inside(room)):
        assert threading.active_count() == before


def test_a_port_in_use_is_a_sentence(room: Room) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = f"127.0.0.1:{other.getsockname()[1]}"
        room.configure(CONFIG + f"feed: {{listen: {place}}}\n")
        with pytest.raises(ListenError, match="another program uses that port") as caught, web.serving(inside(room)):
            pass
    assert str(caught.value).startswith(f"Nothing can be served at {place} (feed.listen in the config)")
    assert caught.value.exit_code == 1
    with web.serving(inside(room)):  # it is free again
        pass


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_so_is_an_address_of_another_machine(host: str) -> None:
    with pytest.raises(ListenError, match="no address of this machine"):
        bound(Listen(host, 8765))


def test_so_is_a_port_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refused)
    with pytest.raises(ListenError, match="from 1024 on"):
        bound(Listen("127.0.0.1", 80))


# -- what is written down


def test_nothing_that_is_written_down_tells_who_asked_for_what(site: Site, feed: str) -> None:
    with capture_logs() as logs:
        site.ask(feed)
        site.ask("/feed/wrong.ics")
        site.ask("/Jenny/5309?who=Jenny")
        site.ask("/healthz")
        site.say(b"NONSENSE Jenny\r\n\r\n")
    told = [(one["what"], one["status"]) for one in logs if one["event"] == "answered"]
    assert told == [("feed", 200), ("feed", 404), ("other", 404), ("healthz", 200)]
    assert all(set(one) == {"event", "log_level", "what", "status"} for one in logs)
