"""What a network and a broken server do to a CalDAV calendar. A loopback server answers by script and remembers what it was sent."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic

import pytest

from followsync import ics
from followsync.calendars import probing
from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.calendars.login import Way, login
from followsync.calendars.memory import EVERYTHING
from followsync.calendars.wire import Wire
from followsync.core.operations import uid
from followsync.core.target import Capabilities
from followsync.errors import (
    CalendarError,
    Changed,
    CursorExpired,
    FollowSyncError,
    LoginNeeded,
    MassChange,
    Refused,
    Unavailable,
)
from tests.calendars.contract import CALL, NOW, ZONE
from tests.servers import Server

PASSWORD = "s3cret-word"
RAW = ics.render(CALL, stamp=NOW)
XML = {"Content-Type": "application/xml; charset=utf-8"}
PAGE = ({"Content-Type": "text/html"}, b"<!DOCTYPE html><html><body>Please log in</body></html>")


@dataclass
class Reply:
    """``lost``: the answer is never given, the connection is reset. ``announced``: a Content-Length that is not kept."""

    status: int = 207
    headers: dict[str, str] = field(default_factory=lambda: dict(XML))
    body: bytes = b""
    lost: bool = False
    announced: int | None = None


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: str


class Script:
    """Answers in order, the last one for ever."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.replies: list[Reply] = []
        self.requests: list[Request] = []

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def _handler(script_of: dict[int, Script]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> object:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def answer(self) -> None:
            script = script_of[self.server.server_address[1]]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            script.requests.append(Request(self.command, self.path, dict(self.headers.items()), body))
            reply = script.next()
            if reply.lost:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self.send_response_only(reply.status)  # no Date of its own
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.announced is None else reply.announced))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    return Handler


@pytest.fixture
def scripts() -> Iterator[list[Script]]:
    """Two servers: another port is another origin."""
    by_port: dict[int, Script] = {}
    handler = _handler(by_port)
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True) for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        by_port[server.server_address[1]] = Script(server.server_address[1])
        thread.start()
    login.cache_clear()
    yield list(by_port.values())
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def script(scripts: list[Script]) -> Script:
    return scripts[0]


@pytest.fixture
def calendar(script: Script) -> Iterator[CaldavCalendar]:
    opened = opening(script, collection=f"{script.base}/cal/")
    yield opened
    opened.close()


def opening(
    script: Script, *, collection: str = "", timeout: float = 20, capabilities: Capabilities = EVERYTHING, auth: Way = "auto"
) -> CaldavCalendar:
    return open_caldav(
        url=f"{script.base}/",
        username="dana",
        password=PASSWORD,
        calendar="Follow-ups",
        timeout=timeout,
        zone=ZONE,
        clock=lambda: NOW,
        collection=collection,
        capabilities=capabilities,
        auth=auth,
    )


def multistatus(*parts: str, token: str = "") -> bytes:
    end = f"<d:sync-token>{token}</d:sync-token>" if token else ""
    text = '<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/">'
    return f"{text}{''.join(parts)}{end}</d:multistatus>".encode()


def found(href: str, etag: str, props: str = "") -> str:
    return (
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:getetag>{etag}</d:getetag>{props}</d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


def only(href: str, status: int) -> str:
    return f"<d:response><d:href>{href}</d:href><d:status>HTTP/1.1 {status} Words</d:status></d:response>"


def told(name: str) -> bytes:
    return f'<d:error xmlns:d="DAV:">{f"<d:{name}/>" if name else ""}</d:error>'.encode()


# -- writes


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_a_lost_answer_is_unavailable_and_nothing_is_sent_again(script: Script, calendar: CaldavCalendar, verb: str) -> None:
    script.replies = [Reply(lost=True), Reply(201)]
    with pytest.raises(Unavailable):
        write(calendar, verb)
    assert len(script.requests) == calendar.requests == 1


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b"", Refused),
        (403, b"", Refused),
        (403, told("quota-not-exceeded"), Refused),
        (403, told(""), Unavailable),
        (404, b"", Refused),
        (405, b"", Refused),
        (409, b"", Changed),
        (409, told("no-uid-conflict"), Changed),
        (403, told("no-uid-conflict"), Changed),  # Cyrus
        (412, b"", Changed),
        (412, told("valid-calendar-data"), Refused),
        (413, b"", Refused),
        (415, b"", Refused),
        (422, b"", Refused),
        (429, b"", Unavailable),
        (500, b"", Unavailable),
        (502, b"", Unavailable),
        (503, b"", Unavailable),
        (507, b"", Refused),
        (401, b"", LoginNeeded),
    ],
)
def test_what_the_status_of_a_create_means(
    script: Script, calendar: CaldavCalendar, status: int, body: bytes, expected: type[FollowSyncError]
) -> None:
    script.replies = [Reply(status, body=body)]
    with pytest.raises(FollowSyncError) as caught:
        write(calendar, "create")
    assert type(caught.value) is expected
    assert PASSWORD not in str(caught.value)
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [200, 201])
def test_a_login_page_is_no_success(script: Script, calendar: CaldavCalendar, status: int) -> None:
    script.replies = [Reply(status, *PAGE)]
    for verb in ("create", "update", "delete"):
        with pytest.raises(Unavailable):
            write(calendar, verb)
    with pytest.raises(Unavailable):
        calendar.changes("", {})
    with pytest.raises(Unavailable):
        calendar.read(["/cal/a.ics"])


POLITE = (PAGE[0], b"<!DOCTYPE html><html><body>201 Created</body></html>")
STANDS = Reply(200, {"Content-Type": "text/calendar", "ETag": '"7"'}, RAW.encode())


@pytest.mark.parametrize("named", [{"ETag": '"1"'}, {"Location": "/cal/a.ics"}])
@pytest.mark.parametrize("status", [201, 204])
def test_a_page_that_says_created_is_a_success(script: Script, calendar: CaldavCalendar, named: dict[str, str], status: int) -> None:
    script.replies = [Reply(status, {**POLITE[0], **named}, POLITE[1] if status == 201 else b"")]
    assert calendar.create("/cal/a.ics", CALL).etag == named.get("ETag")
    write(calendar, "update")
    assert methods(script) == ["PUT", "PUT"]


@pytest.mark.parametrize("status", [200, 201])
def test_where_a_page_does_not_name_what_was_made_it_is_looked_for(script: Script, calendar: CaldavCalendar, status: int) -> None:
    """What a page of status 200 names may be the page's own ETag."""
    etag = {"ETag": '"page"'} if status == 200 else {}
    script.replies = [Reply(status, {**POLITE[0], **etag}, POLITE[1]), STANDS]
    assert calendar.create("/cal/a.ics", CALL).etag is None
    assert methods(script) == ["PUT", "GET"]
    script.replies = [Reply(status, *POLITE), Reply(404)]
    calendar.delete("/cal/a.ics", '"1"')
    assert methods(script) == ["PUT", "GET", "DELETE", "GET"]


def test_a_page_whose_write_did_not_arrive_is_no_success(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(201, *POLITE), Reply(404)]
    with pytest.raises(Unavailable):
        write(calendar, "create")
    script.replies = [Reply(200, *POLITE), STANDS]
    with pytest.raises(Unavailable):
        write(calendar, "delete")


@pytest.mark.parametrize(
    ("there", "arrived"),
    [
        (Reply(200, {"ETag": '"e"'}, RAW.encode()), False),
        (Reply(200, {"ETag": '"e-gzip"'}, RAW.encode()), False),
        (Reply(200, {}, RAW.encode()), False),
        (STANDS, True),
    ],
    ids=["the version that was to be replaced", "the same by way of a proxy", "nobody can tell", "another version"],
)
def test_a_login_page_in_front_of_a_change_is_no_receipt(script: Script, calendar: CaldavCalendar, there: Reply, arrived: bool) -> None:
    """The page stands in front of the writes alone, so the entry can be read, and is the old one."""
    script.replies = [Reply(200, *PAGE), there]
    with contextlib.nullcontext() if arrived else pytest.raises(Unavailable):
        write(calendar, "update")
    assert methods(script) == ["PUT", "GET"]


def test_an_empty_answer_that_php_calls_a_page_is_a_success(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(201, {"Content-Type": "text/html; charset=UTF-8", "ETag": '"1"'})]
    assert calendar.create("/cal/a.ics", CALL).etag == '"1"'


@pytest.mark.parametrize(("sent", "kept"), [('"1"', '"1"'), ('W/"1"', None), ("", None), ("unquoted", "unquoted")])
def test_only_a_strong_etag_is_kept(script: Script, calendar: CaldavCalendar, sent: str, kept: str | None) -> None:
    script.replies = [Reply(201, {"ETag": sent} if sent else {})]
    assert calendar.create("/cal/a.ics", CALL).etag == kept


def test_writes_carry_their_preconditions(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(204)]
    for verb in ("create", "update", "delete"):
        write(calendar, verb)
    create, update, delete = (request.headers for request in script.requests)
    assert (create["If-None-Match"], create["Content-Type"]) == ("*", "text/calendar; charset=utf-8")
    assert update["If-Match"] == delete["If-Match"] == '"e"'
    assert delete["Schedule-Reply"] == "F"


def test_without_an_etag_what_stands_there_is_read_before_it_is_written(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(200, {"Content-Type": "text/calendar"}, RAW.replace("Call", "Visit").encode())]
    with pytest.raises(Changed):
        calendar.update("/cal/a.ics", CALL, RAW, None)
    assert [request.method for request in script.requests] == ["GET"]
    script.replies = [Reply(200, {"Content-Type": "text/calendar", "ETag": '"7"'}, RAW.encode()), Reply(204)]
    calendar.update("/cal/a.ics", replace(CALL, title="New"), RAW, None)
    assert script.requests[-1].headers["If-Match"] == '"7"'


def test_a_delete_of_what_is_not_there_is_done_even_where_the_server_says_412(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(412), Reply(404)]
    calendar.delete("/cal/a.ics", '"e"')
    script.replies = [Reply(410)]
    calendar.delete("/cal/a.ics", '"e"')


def test_an_update_of_what_is_not_there_is_a_conflict_even_where_the_server_says_404(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(404)]
    with pytest.raises(Changed):
        write(calendar, "update")


# -- servers that do as they please (3.1: SOGo and others)


WARY = Capabilities()
STANDING = Reply(200, {"Content-Type": "text/calendar", "ETag": '"1"'}, RAW.encode())
OTHER = Reply(200, {"Content-Type": "text/calendar", "ETag": '"2"'}, RAW.replace("Call", "Visit").encode())
GONE = Reply(404)
PROBE = probing.entry(uid(probing._ACTION, 0), NOW.astimezone(ZONE))
PROBED = Reply(200, {"Content-Type": "text/calendar", "ETag": '"1"'}, ics.render(PROBE, stamp=NOW).encode())


def wary(script: Script, *replies: Reply) -> CaldavCalendar:
    """A calendar of whose server nothing is known."""
    script.replies = [*replies, Reply(500)]
    return opening(script, collection=f"{script.base}/cal/", capabilities=WARY)


def without_a_list(replies: Iterable[Reply]) -> list[Reply]:
    """The answers to a probe, of a server without a list of changes: it says so where its token is asked for."""
    found = [each for one in replies for each in ([one, Reply(403)] if one.body.startswith(b"BEGIN:") else [one])]
    assert len(found) > len(list(replies))
    return found


def methods(script: Script) -> list[str]:
    return [request.method for request in script.requests]


def changed(reply: Reply, old: str, new: str) -> Reply:
    return replace(reply, body=reply.body.replace(old.encode(), new.encode()))


@pytest.mark.parametrize(
    ("replies", "creates", "writes", "etags", "rewrites", "asked"),
    [
        ((Reply(201, {"ETag": '"1"'}), Reply(412), PROBED, Reply(412), Reply(204)), True, True, True, set(), 5),
        ((Reply(201, {"ETag": '"1-gzip"'}), Reply(412), PROBED, Reply(412), Reply(204)), True, True, True, set(), 5),
        ((Reply(201, {"ETag": '"1"'}), Reply(204), PROBED, Reply(204)), False, False, False, set(), 4),  # SOGo
        ((Reply(201), Reply(409), PROBED, Reply(412), Reply(204)), True, True, False, set(), 5),
        ((Reply(201, {"ETag": 'W/"1"'}), Reply(412), PROBED, Reply(412), Reply(204)), True, True, False, set(), 5),  # GMX
        ((Reply(201, {"ETag": '"0"'}), Reply(412), PROBED, Reply(412), Reply(204)), True, True, False, set(), 5),
        ((Reply(201, {"ETag": '"1"'}), Reply(412), PROBED, Reply(412), Reply(412), Reply(204)), True, False, True, set(), 6),
        (
            (Reply(201, {"ETag": '"1"'}), Reply(412), changed(PROBED, "LOCATION", "X-LOCATION"), Reply(412), Reply(204)),
            *(True, True, False, {"location"}, 5),
        ),
        (
            (Reply(201, {"ETag": '"1"'}), Reply(412), changed(PROBED, "X-FOLLOWSYNC-KIND", "X-OTHER"), Reply(412), Reply(204)),
            *(True, True, False, {"kind"}, 5),
        ),
        (
            (Reply(201, {"ETag": '"1"'}), Reply(412), changed(PROBED, "SUMMARY:", "SUMMARY:Busy – "), Reply(412), Reply(204)),
            *(True, True, False, set(), 5),
        ),
        ((Reply(412), Reply(204), Reply(201, {"ETag": '"1"'}), Reply(412), PROBED, Reply(412), Reply(204)), True, True, True, set(), 7),
    ],
)
def test_what_a_probe_finds_out(
    script: Script, replies: tuple[Reply, ...], creates: bool, writes: bool, etags: bool, rewrites: set[str], asked: int
) -> None:
    found = wary(script, *without_a_list(replies)).probe()
    assert (found.creates_safely, found.writes_safely, found.etags, found.rewrites) == (creates, writes, etags, rewrites)
    assert found.tombstones is None
    assert len(script.requests) == asked + 1
    assert {request.path for request in script.requests} == {f"/cal/{PROBE.uid}.ics", "/cal/"}


def test_a_uid_that_stays_taken_is_not_fought_over(script: Script) -> None:
    """Nextcloud's trash keeps the UIDs of what was deleted."""
    taken = [Reply(409, body=told("no-uid-conflict")), Reply(404)]
    replies = *taken, *taken, Reply(201, {"ETag": '"1"'}), Reply(412), PROBED, Reply(412), Reply(204)
    found = wary(script, *without_a_list(replies)).probe()
    assert found.known
    assert len({request.path for request in script.requests} - {"/cal/"}) == 2


@pytest.mark.parametrize("status", [403, 405, 507])
def test_a_calendar_that_may_only_be_read_is_said(script: Script, status: int) -> None:
    with pytest.raises(Refused, match=r"cannot be written.*rights"):
        wary(script, Reply(status)).probe()
    assert methods(script) == ["PUT"]


def test_a_probe_that_breaks_off_knows_nothing(script: Script) -> None:
    calendar = wary(script, Reply(201), Reply(412), Reply(503))
    with pytest.raises(Unavailable):
        calendar.probe()
    assert not calendar.capabilities.known


def test_where_a_create_may_overwrite_we_look_first(script: Script) -> None:
    with pytest.raises(Changed):
        wary(script, STANDING).create("/cal/a.ics", CALL)
    assert methods(script) == ["GET"]
    assert wary(script, GONE, Reply(201, {"ETag": '"1"'})).create("/cal/a.ics", CALL).etag is None
    assert methods(script) == ["GET", "GET", "PUT"]


@pytest.mark.parametrize("etag", ['"1"', None])
@pytest.mark.parametrize("there", [OTHER, GONE])
def test_where_an_update_may_overwrite_or_resurrect_we_look_first(script: Script, etag: str | None, there: Reply) -> None:
    with pytest.raises(Changed):
        wary(script, there).update("/cal/a.ics", replace(CALL, title="New"), RAW, etag)
    assert methods(script) == ["GET"]


def test_the_same_text_under_a_new_etag_is_no_change(script: Script) -> None:
    """SOGo gives a new ETag for the same text."""
    receipt = wary(script, STANDING, Reply(204, {"ETag": '"9"'})).update("/cal/a.ics", replace(CALL, title="New"), RAW, '"0"')
    assert receipt.etag is None
    assert script.requests[-1].headers["If-Match"] == '"1"'


def test_where_a_delete_may_hit_what_changed_we_look_first(script: Script) -> None:
    with pytest.raises(Changed):
        wary(script, OTHER).delete("/cal/a.ics", '"1"')
    wary(script, GONE).delete("/cal/a.ics", '"1"')
    assert methods(script) == ["GET", "GET"]
    wary(script, STANDING, Reply(204)).delete("/cal/a.ics", '"1"')
    assert methods(script) == ["GET", "GET", "GET", "DELETE"]
    assert script.requests[-1].headers["If-Match"] == '"1"'


@pytest.mark.parametrize("appended", ['"1-gzip"', '"1-br"', '"1;gzip"', '"1"-gzip', "1-gzip"])
def test_what_a_proxy_appends_to_an_etag_is_no_change(script: Script, calendar: CaldavCalendar, appended: str) -> None:
    plain = appended.replace("-gzip", "").replace("-br", "").replace(";gzip", "")
    script.replies = [Reply(body=multistatus(found("/cal/a.ics", appended.replace('"', "&quot;")), token="t"))]
    assert calendar.changes("sync:x", {"/cal/a.ics": plain}).seen == ()
    assert calendar.changes("sync:x", {"/cal/a.ics": appended}).seen == ()
    script.requests.clear()
    there = replace(STANDING, headers={"Content-Type": "text/calendar", "ETag": appended})
    script.replies = [Reply(412), there, Reply(204)]
    calendar.update("/cal/a.ics", replace(CALL, title="New"), RAW, appended)
    assert [request.headers.get("If-Match") for request in script.requests] == [appended, None, plain]
    script.requests.clear()
    script.replies = [Reply(204)]
    calendar.delete("/cal/a.ics", appended)
    assert [request.headers.get("If-Match") for request in script.requests] == [plain]


def test_an_appended_etag_is_not_stripped_where_the_entry_did_change(script: Script, calendar: CaldavCalendar) -> None:
    for there in (OTHER, GONE):
        script.replies = [Reply(412), there, Reply(204)]
        with pytest.raises(Changed):
            calendar.update("/cal/a.ics", replace(CALL, title="New"), RAW, '"1-gzip"')
    script.replies = [Reply(412), OTHER, Reply(204)]
    with pytest.raises(Changed):
        calendar.delete("/cal/a.ics", '"1-gzip"')
    assert "PUT" not in methods(script)[-2:]


def test_a_delete_through_a_proxy_that_appends(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(412), STANDING, Reply(204)]
    calendar.delete("/cal/a.ics", '"1-gzip"')
    assert script.requests[-1].headers["If-Match"] == '"1"'


@pytest.mark.parametrize(
    ("token", "date", "kept"),
    [
        ("1767614400", "Mon, 05 Jan 2026 12:00:00 GMT", "1767614399"),
        ("1767614401", "Mon, 05 Jan 2026 12:00:00 GMT", "1767614400"),
        ("1767614399", "Mon, 05 Jan 2026 12:00:00 GMT", "1767614399"),
        ("1767614400", "", "1767614399"),
        ("data:,1767614400-8", "Mon, 05 Jan 2026 12:00:00 GMT", "data:,1767614400-8"),
        ("43", "Mon, 05 Jan 2026 12:00:00 GMT", "43"),
        ("http://example.org/sync/1767614400", "", "http://example.org/sync/1767614400"),
    ],
)
def test_a_token_that_is_a_second_is_asked_again_from_the_second_before(
    script: Script, calendar: CaldavCalendar, token: str, date: str, kept: str
) -> None:
    script.replies = [Reply(headers=XML | ({"Date": date} if date else {}), body=multistatus(token=token))]
    assert calendar.changes("sync:x", {}).cursor == f"sync:{kept}"


def test_how_far_the_clocks_are_apart(script: Script, calendar: CaldavCalendar) -> None:
    assert calendar.skew is None
    for ahead, told_skew in ((86400, 86400), (-7200, 7200), (86400, 7200), (0, 0), (3600, 0)):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        script.replies = [Reply(headers={**XML, "Date": date}, body=multistatus(token="t"))]
        calendar.changes("sync:x", {})
        assert calendar.skew is not None
        assert abs(abs(calendar.skew.total_seconds()) - told_skew) < 5
    script.replies = [Reply(headers={**XML, "Date": "yesterday"}, body=multistatus(token="t"))]
    calendar.changes("sync:x", {})


def test_a_write_that_was_answered_with_see_other_is_not_sent_again(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(303, {"Location": "/elsewhere"}), Reply(201)]
    with pytest.raises(Unavailable):
        write(calendar, "create")
    assert len(script.requests) == 1


# -- waiting


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Mon, 05 Jan 2026 12:05:00 GMT", "Date": "Mon, 05 Jan 2026 12:00:00 GMT"}, 300.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "\u00b2"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "Mon, 05 Jan 99999999999999999999 12:05:00 GMT", "Date": "Mon, 05 Jan 2026 12:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(script: Script, calendar: CaldavCalendar, headers: dict[str, str], seconds: float | None) -> None:
    for status in (429, 503):
        script.replies = [Reply(status, headers)]
        with pytest.raises(Unavailable) as caught:
            calendar.changes("sync:x", {})
        assert caught.value.retry_after == seconds


def test_a_server_that_is_not_there(script: Script) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(Unavailable) as caught:
        open_caldav(url=url, username="dana", password=PASSWORD, calendar="x", timeout=5, zone=ZONE, clock=lambda: NOW)
    assert PASSWORD not in str(caught.value)


# -- reading


def test_a_cut_answer_changes_nothing(script: Script, calendar: CaldavCalendar) -> None:
    body = multistatus(found("/cal/a.ics", '"1"'), token="t")
    script.replies = [Reply(body=body[:-30])]
    with pytest.raises(Unavailable):
        calendar.changes("sync:x", {})
    script.replies = [Reply(body=body[:-30], announced=len(body))]
    with pytest.raises(Unavailable):
        calendar.changes("sync:x", {})


@contextlib.contextmanager
def dripping(begin: bytes, drops: bytes) -> Iterator[str]:
    """A server that sends ``begin`` at once and ``drops`` one by one, each long before anybody loses patience with it alone."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            client, _ = listener.accept()
            with client, contextlib.suppress(OSError):
                client.recv(65536)
                client.sendall(begin)
                for drop in drops:
                    client.sendall(bytes([drop]))
                    if over.wait(0.02):
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        over.set()
        thread.join()


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("begin", "drops"),
    [(LENGTH + b"\r\n", b"x" * 100), (CHUNKED + b"\r\n", b"1\r\nx\r\n" * 20 + b"0\r\n\r\n"), (LENGTH, b"X: " + b"x" * 100 + b"\r\n\r\n")],
    ids=["body", "chunks", "headers"],
)
def test_a_server_that_drips_has_no_more_time_than_a_silent_one(begin: bytes, drops: bytes) -> None:
    with dripping(begin, drops) as url, Wire(url, timeout=0.2) as wire, pytest.raises(Unavailable, match=r"did not answer within 0\.2"):
        wire.call("GET", url)


def test_what_drips_in_time_arrives() -> None:
    with dripping(LENGTH + b"\r\n" + b"x" * 90, b"x" * 10) as url, Wire(url, timeout=20) as wire:
        assert wire.call("GET", url).body == b"x" * 100


def test_where_no_time_is_left_nothing_is_asked(script: Script) -> None:
    with Wire(script.base, timeout=20, until=monotonic()) as wire, pytest.raises(Unavailable, match="did not answer within 20 seconds"):
        wire.another().call("GET", script.base)
    assert script.requests == []


def test_a_document_type_is_refused(script: Script, calendar: CaldavCalendar) -> None:
    bomb = b'<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + multistatus(token="&b;")
    script.replies = [Reply(body=bomb)]
    with pytest.raises(Unavailable):
        calendar.changes("sync:x", {})


def test_a_huge_answer_is_not_read(script: Script, calendar: CaldavCalendar) -> None:
    calendar._wire.limit = 10_000
    script.replies = [Reply(body=b"x" * 1_000_000)]
    with pytest.raises(Unavailable) as caught:
        calendar.changes("sync:x", {})
    assert "9 kB" in str(caught.value)
    assert calendar.received < 200_000


def test_a_cut_entry_is_told_and_the_others_are_read(script: Script, calendar: CaldavCalendar) -> None:
    data = "<c:calendar-data>{}</c:calendar-data>"
    script.replies = [
        Reply(body=multistatus(found("/cal/", '"0"'), found("/cal/a.ics", '"1"'), found("/cal/b.ics", '"2"'), token="t")),
        Reply(body=multistatus(found("/cal/a.ics", '"1"', data.format(RAW[:300])), found("/cal/b.ics", '"2"', data.format(RAW)))),
    ]
    bad, good = calendar.changes("", {}).seen
    assert (bad.item, bad.href, bad.etag) == (None, "/cal/a.ics", '"1"')
    assert bad.trouble
    assert good.item is not None


def test_members_that_a_multiget_leaves_out_are_asked_one_by_one(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [
        Reply(body=multistatus(only("/cal/b.ics", 404))),
        Reply(200, {"Content-Type": "text/calendar", "ETag": '"1"'}, RAW.encode()),
    ]
    read = calendar.read(["/cal/a.ics", "/cal/b.ics"])
    assert read["/cal/a.ics"] is not None
    assert read["/cal/b.ics"] is None
    assert [request.method for request in script.requests] == ["REPORT", "GET"]


def test_pages_are_followed_to_the_last(script: Script, calendar: CaldavCalendar) -> None:
    known = {f"/cal/{name}.ics": '"1"' for name in "abc"}
    script.replies = [
        Reply(body=multistatus(found("/cal/a.ics", '"1"'), found("/cal/c.ics", '"1"'), only("/cal/", 507), token="one")),
        Reply(body=multistatus(found("/cal/b.ics", '"1"'), only("/cal/c.ics", 404), token="two")),
    ]
    first = calendar.changes("sync:zero", known)
    assert (first.seen, first.gone, first.cursor, first.complete, first.more) == ((), (), "sync:one", False, True)
    assert first.listed == {"/cal/a.ics", "/cal/c.ics"}
    last = calendar.changes(first.cursor, known)
    assert (last.seen, last.gone, last.cursor, last.complete, last.more) == ((), ("/cal/c.ics",), "sync:two", False, False)
    assert last.listed == {"/cal/b.ics"}
    assert "<D:sync-token>one</D:sync-token>" in script.requests[1].body


def test_pages_without_end_are_given_up(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(body=multistatus(only("/cal/", 507), token="same"))]
    with pytest.raises(Unavailable):
        calendar.changes("sync:same", {})
    assert len(script.requests) == 1
    ring = [Reply(body=multistatus(only("/cal/", 507), token=token)) for token in "bca"]
    script.replies = [*ring, Reply(500)]
    cursor = "sync:a"
    for _ in range(2):
        cursor = calendar.changes(cursor, {}).cursor
    with pytest.raises(Unavailable, match="without end"):
        calendar.changes(cursor, {})


def test_a_missing_property_is_no_deletion(script: Script, calendar: CaldavCalendar) -> None:
    part = (
        "<d:response><d:href>/cal/a.ics</d:href><d:propstat><d:prop><d:getetag/></d:prop>"
        "<d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>"
    )
    script.replies = [Reply(body=multistatus(part, token="t")), Reply(200, {"Content-Type": "text/calendar", "ETag": '"1"'}, RAW.encode())]
    changes = calendar.changes("sync:x", {"/cal/a.ics": '"1"'})
    assert changes.gone == ()
    assert [seen.href for seen in changes.seen] == ["/cal/a.ics"]


def test_an_odd_status_of_a_member_is_asked_after(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(body=multistatus(only("/cal/a.ics", 418), token="t")), Reply(404)]
    assert calendar.changes("sync:x", {"/cal/a.ics": '"1"'}).gone == ("/cal/a.ics",)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, told("valid-sync-token"), CursorExpired),
        (412, told("valid-sync-token"), CursorExpired),
        (403, b"", CursorExpired),
        (409, b"", CursorExpired),
        (410, b"", CursorExpired),
        (403, told(""), Unavailable),
        (404, b"", MassChange),
        (500, b"", Unavailable),
        (401, b"", LoginNeeded),
    ],
)
def test_what_the_status_of_a_sync_means(
    script: Script, calendar: CaldavCalendar, status: int, body: bytes, expected: type[FollowSyncError]
) -> None:
    script.replies = [Reply(status, body=body)]
    with pytest.raises(FollowSyncError) as caught:
        calendar.changes("sync:x", {})
    assert type(caught.value) is expected


@pytest.mark.parametrize("status", [400, 403, 405, 415, 501])
def test_a_server_without_sync_collection_is_listed(script: Script, calendar: CaldavCalendar, status: int) -> None:
    listing = multistatus(found("/cal/", "", "<s:getctag>7</s:getctag>"), found("/cal/sub/", '"3"'), found("/cal/a.ics", '"1"'))
    script.replies = [Reply(status), Reply(body=listing)]
    changes = calendar.changes("", {"/cal/a.ics": '"1"'})
    assert (changes.seen, changes.gone, changes.cursor, changes.complete) == ((), (), "ctag:7", True)


# -- logging in, and where to


def test_a_redirect_to_another_host_gets_nothing(scripts: list[Script], calendar: CaldavCalendar) -> None:
    here, there = scripts
    there.replies = [Reply(201)]
    for status in (301, 302, 307, 308):
        here.replies = [Reply(status, {"Location": f"{there.base}/cal/a.ics"})]
        for verb in ("create", "update", "delete"):
            with pytest.raises(Unavailable):
                write(calendar, verb)
        with pytest.raises(Unavailable):
            calendar.changes("", {})
    assert there.requests == []


def test_a_redirect_on_the_same_host_is_followed(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(308, {"Location": "/new/a.ics"}), Reply(201, {"ETag": '"1"'})]
    assert calendar.create("/cal/a.ics", CALL).etag == '"1"'
    first, second = script.requests
    assert (first.method, second.method, second.path) == ("PUT", "PUT", "/new/a.ics")
    assert first.body == second.body


def test_the_password_is_sent_at_once(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(201)]
    write(calendar, "create")
    expected = base64.b64encode(f"dana:{PASSWORD}".encode()).decode()
    assert script.requests[0].headers["Authorization"] == f"Basic {expected}"


def test_digest_where_the_server_wants_it(script: Script, calendar: CaldavCalendar) -> None:
    challenge = {"WWW-Authenticate": 'Digest realm="dav", nonce="abc", qop="auth", algorithm=MD5'}
    script.replies = [Reply(401, challenge), Reply(201)]
    write(calendar, "create")
    assert script.requests[-1].headers["Authorization"].startswith('Digest username="dana"')
    before = len(script.requests)
    write(calendar, "create")
    assert len(script.requests) - before == 1
    assert all(PASSWORD not in str(request.headers) for request in script.requests)


def test_a_wrong_password_is_not_tried_again_and_again(script: Script, calendar: CaldavCalendar) -> None:
    script.replies = [Reply(401, {"WWW-Authenticate": 'Basic realm="dav"'})]
    with pytest.raises(LoginNeeded):
        write(calendar, "create")
    assert len(script.requests) == 1


def test_a_home_on_a_strange_host_is_not_asked(scripts: list[Script]) -> None:
    here, there = scripts
    there.replies = [Reply(500)]
    home = f"<c:calendar-home-set><d:href>{there.base}/dana/</d:href></c:calendar-home-set>"
    here.replies = [Reply(body=multistatus(found("/", "", home)))]
    with pytest.raises(CalendarError):
        opening(here)
    assert there.requests == []


@pytest.mark.parametrize(
    ("by", "url", "trusted"),
    [
        ("caldav.icloud.com", "p42-caldav.icloud.com", True),
        ("example.de", "p42.example.de", True),
        ("dav.example.de", "p42.dav.example.de", True),
        ("alice.dyndns.example", "mallory.dyndns.example", False),
        ("dav.example.de", "p42.example.de", False),
        ("example.co.uk", "evil.co.uk", False),
        ("example.com.au", "evil.com.au", False),
        ("example.org", "evil.org", False),
        ("192.0.2.1", "198.0.2.1", False),
        ("caldav.example.org", "evilexample.org", False),
        ("localhost", "evil.localhost", False),
    ],
)
def test_only_the_family_of_a_host_is_trusted(by: str, url: str, trusted: bool) -> None:
    with Wire(f"https://{by}/", timeout=1) as wire:
        if trusted:
            assert wire.trust(f"https://{url}/dana/", f"https://{by}/") == f"https://{url}/dana/"
            return
        with pytest.raises(CalendarError, match="put that address into the config"):
            wire.trust(f"https://{url}/dana/", f"https://{by}/")


BAD = ("DTSTART:00010101T000000Z", "DTSTART;VALUE=DATE:99991231", "DTSTART:20260101T100000Z\r\nDURATION:P9999999W")


@pytest.mark.parametrize("server", ["radicale", "xandikos"])
def test_entries_of_year_1_and_9999_are_told_and_the_others_arrive(server: str, request: pytest.FixtureRequest) -> None:
    real: Server = request.getfixturevalue(server)
    opened = open_caldav(
        url=real.url,
        username=real.username,
        password=real.password,
        calendar=f"Years {os.getpid()}",
        timeout=30,
        zone=ZONE,
        clock=lambda: NOW,
    )
    good = opened.href(CALL.uid)
    opened.create(good, CALL)
    cursor = opened.changes("", {}).cursor
    written = set()
    for number, lines in enumerate(BAD):
        raw = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:bad{number}\r\nDTSTAMP:20260101T000000Z\r\n{lines}\r\n"
        with contextlib.suppress(FollowSyncError):  # a server may not take it; the first one is taken by both
            opened.put(opened.href(f"bad{number}"), raw + "SUMMARY:never\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", {})
            written.add(opened.href(f"bad{number}"))
    assert written
    for asked in (cursor, ""):
        seen = {one.href: one for one in opened.changes(asked, {}).seen}
        assert seen.keys() - {good} == written
        assert all(seen[href].item is None and seen[href].trouble and seen[href].raw for href in written)
    assert seen[good].item is not None


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(CalendarError) as caught:
        open_caldav(
            url="http://dana:word@dav.example.org/", username="", password=PASSWORD, calendar="x", timeout=1, zone=ZONE, clock=lambda: NOW
        )
    assert "https" in str(caught.value)
    assert "word" not in str(caught.value).replace("password", "")


def write(calendar: CaldavCalendar, verb: str) -> None:
    match verb:
        case "create":
            calendar.create("/cal/a.ics", CALL)
        case "update":
            calendar.update("/cal/a.ics", replace(CALL, title="New"), RAW, '"e"')
        case _:
            calendar.delete("/cal/a.ics", '"e"')
