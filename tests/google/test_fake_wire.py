"""Batches, faults, quotas and the socket, by Google's own client library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import RemoteDisconnected
from typing import Any

import httplib2
import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from tests.google.client import opened, signed_in
from tests.google.server import GoogleServer
from tests.google.wire import Door, served
from tests.google.world import CALL, World

Refused = Callable[..., tuple[int, str]]


def insertion(world: World, ours: str, id: str = "fs1call") -> Any:
    return world.calendar.events().insert(calendarId=ours, body={**CALL, "id": id})


def ids(world: World, ours: str) -> list[str]:
    return sorted(one["id"] for one in world.calendar.events().list(calendarId=ours).execute()["items"])


class Batched:
    """What became of each call: its answer, or the status of its error."""

    def __init__(self, service: Any) -> None:
        self.told: dict[str, Any] = {}
        self.batch: BatchHttpRequest = service.new_batch_http_request(callback=self._tell)

    def _tell(self, name: str, answer: Any, error: HttpError | None) -> None:
        self.told[name] = error.status_code if error else answer

    def run(self, *calls: Any) -> list[Any]:
        for call in calls:
            self.batch.add(call)
        self.batch.execute()
        return list(self.told.values())


# --- batches


@pytest.mark.parametrize("order", ["forward", "backward"])
def test_a_batch_answers_in_the_order_of_the_requests(world: World, ours: str, order: str) -> None:
    """They are done in any order: of two with the same id, either may be the one that is too many."""
    world.server.habits.batch_order = order
    calls = [insertion(world, ours, f"fs1n{number}") for number in (0, 1, 1)]
    told = Batched(world.calendar).run(*calls)
    assert told[0]["id"] == "fs1n0"
    assert [one if isinstance(one, int) else one["id"] for one in told[1:]] == (["fs1n1", 409] if order == "forward" else [409, "fs1n1"])
    assert world.server.counted()["batch"] == 1
    assert world.server.counted()["calendar.events.insert"] == 3


def test_if_match_holds_inside_a_batch(world: World, ours: str) -> None:
    etag = insertion(world, ours).execute()["etag"]
    insertion(world, ours, "fs1other").execute()
    world.phone.rename("fs1call", "Theirs")
    stale = world.calendar.events().patch(calendarId=ours, eventId="fs1call", body={"summary": "Ours"})
    stale.headers["If-Match"] = etag
    gone = world.calendar.events().delete(calendarId=ours, eventId="fs1other")
    assert Batched(world.calendar).run(stale, gone) == [412, ""]
    assert ids(world, ours) == ["fs1call"]


def test_a_batch_is_of_one_service(world: World, ours: str) -> None:
    calls = [world.tasks.tasklists().list(), insertion(world, ours)]
    told = Batched(world.calendar).run(*calls)
    assert (told[0], told[1]["id"]) == (404, "fs1call")
    (told,) = Batched(world.tasks).run(world.tasks.tasklists().list())
    assert [one["title"] for one in told["items"]] == ["My Tasks"]


@pytest.mark.parametrize(("number", "status"), [(1000, 200), (1001, 400)])
def test_a_batch_holds_a_thousand(world: World, number: int, status: int) -> None:
    part = "--b\r\nContent-Type: application/http\r\nContent-ID: <b + 1>\r\n\r\nGET /calendar/v3/colors HTTP/1.1\r\n\r\n\r\n"
    headers = {"Content-Type": "multipart/mixed; boundary=b", "Authorization": f"Bearer {max(world.server.grants.access)}"}
    told = world.server.handle("POST", f"{world.server.root}batch/calendar/v3", headers, (part * number + "--b--").encode())
    assert (told[0], world.server.counted()["calendar.colors.get"]) == (status, 1000 * (status == 200))


@pytest.mark.parametrize("body", [b"", b"--b\r\n\r\nGET https://www.googleapis.com/calendar/v3/colors HTTP/1.1\r\n\r\n--b--"])
def test_what_is_no_batch(world: World, body: bytes) -> None:
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    assert world.server.handle("POST", f"{world.server.root}batch/calendar/v3", headers, body)[0] == 400


def test_an_expired_token_is_told_by_each_call_of_a_batch(socket: tuple[GoogleServer, Door]) -> None:
    """The library refreshes once then, and sends these calls again; with an http of its own, not the one it was given."""
    server, _ = socket
    service = opened("calendar", server, signed_in(server, None, server.grants.client(), "dana@example.org"))
    server.grants.expire()
    calls = [service.events().insert(calendarId="primary", body={**CALL, "id": f"fs1n{number}"}) for number in range(3)]
    assert [one["id"] for one in Batched(service).run(*calls)] == ["fs1n0", "fs1n1", "fs1n2"]
    assert server.grants.refreshes == 1
    assert [one.status for one in server.log if one.name == "calendar.events.insert"] == [401] * 3 + [200] * 3


def test_the_answer_of_a_batch_is_lost_half_way(world: World, ours: str) -> None:
    world.server.habits.batch_order = "forward"
    world.server.fault("lost", only="calendar.events.insert", at=2, applied=True)
    with pytest.raises(RemoteDisconnected):
        Batched(world.calendar).run(*(insertion(world, ours, f"fs1n{number}") for number in range(3)))
    assert ids(world, ours) == ["fs1n0", "fs1n1"]


# --- faults


@pytest.mark.parametrize(
    ("what", "status", "reason"),
    [
        ("rateLimitExceeded", 403, "rateLimitExceeded"),
        ("userRateLimitExceeded", 403, "userRateLimitExceeded"),
        ("quotaExceeded", 403, "quotaExceeded"),
        ("dailyLimitExceeded", 403, "dailyLimitExceeded"),
        ("429", 429, "rateLimitExceeded"),
        ("500", 500, "backendError"),
        ("503", 503, "backendError"),
    ],
)
@pytest.mark.parametrize("applied", [False, True])
def test_errors(world: World, ours: str, refused: Refused, what: str, status: int, reason: str, applied: bool) -> None:
    world.server.fault(what, applied=applied, retry_after=30)
    request = insertion(world, ours)
    with pytest.raises(HttpError) as error:
        request.execute()
    assert (error.value.status_code, error.value.error_details[0]["reason"]) == (status, reason)
    assert error.value.resp["retry-after"] == "30"
    assert ids(world, ours) == (["fs1call"] if applied else [])


def test_a_fault_waits_for_its_turn(world: World, ours: str) -> None:
    world.server.fault("503", at=2, times=2, only="calendar.events.insert")
    said = []
    for number in range(5):
        try:
            said.append(insertion(world, ours, f"fs1n{number}").execute()["id"])
        except HttpError as error:
            said.append(error.status_code)
    assert said == ["fs1n0", 503, 503, "fs1n3", "fs1n4"]


def test_the_library_tries_again_where_it_is_told_to(world: World, ours: str) -> None:
    world.server.fault("userRateLimitExceeded", only="calendar.events")
    request = insertion(world, ours)
    request._sleep = lambda seconds: None
    assert request.execute(num_retries=1)["id"] == "fs1call"


def test_an_answer_that_is_no_json(world: World, ours: str) -> None:
    world.server.fault("html")
    with pytest.raises(HttpError, match="502"):
        insertion(world, ours).execute()
    assert ids(world, ours) == []
    world.server.fault("truncated")
    assert isinstance(insertion(world, ours).execute(), str)  # the library gives back what it could not read
    assert ids(world, ours) == ["fs1call"]


def test_401_is_refreshed_once(world: World, ours: str) -> None:
    world.server.fault("401", only="calendar.events")
    assert insertion(world, ours).execute()["id"] == "fs1call"
    assert world.server.grants.refreshes == 1


@pytest.mark.parametrize("applied", [False, True])
def test_a_lost_answer(world: World, ours: str, applied: bool) -> None:
    world.server.fault("lost", applied=applied)
    with pytest.raises(RemoteDisconnected):
        insertion(world, ours).execute()
    assert ids(world, ours) == (["fs1call"] if applied else [])


def test_an_answer_that_does_not_come(world: World, ours: str) -> None:
    world.server.fault("slow", applied=True)
    with pytest.raises(TimeoutError):
        insertion(world, ours).execute()
    assert ids(world, ours) == ["fs1call"]


def test_a_quota_of_a_minute(world: World, ours: str, refused: Refused) -> None:
    """It slides, it is each user's own, and each call of a batch counts."""
    world.server.quota = 5
    assert [bool(one) for one in Batched(world.calendar).run(*(insertion(world, ours, f"fs1n{number}") for number in range(3)))] == [
        True
    ] * 3
    world.server.now += timedelta(seconds=30)
    ids(world, ours)
    ids(world, ours)
    assert refused(insertion(world, ours)) == (403, "rateLimitExceeded")
    world.server.account("lee@example.org")
    assert world.sign_in("calendar", account="lee@example.org").events().list(calendarId="primary").execute()["items"] == []
    world.server.now += timedelta(seconds=31)
    assert insertion(world, ours).execute()["id"] == "fs1call"


def test_the_log_says_what_was_asked(world: World, ours: str) -> None:
    before = world.server.requests
    insertion(world, ours).execute()
    Batched(world.calendar).run(*(insertion(world, ours, f"fs1n{number}") for number in range(3)))
    assert world.server.requests - before == 2
    alone = next(one for one in world.server.log if one.name == "calendar.events.insert")
    assert (alone.method, alone.path, alone.status) == ("POST", f"/calendar/v3/calendars/{ours}/events", 200)
    assert alone.sent > 200
    assert alone.got > alone.sent
    assert [one.inside for one in world.server.log if one.name == "calendar.events.insert"] == [False, True, True, True]


def test_an_address_that_is_too_long_is_sent_as_a_form(world: World, ours: str) -> None:
    made = insertion(world, ours).execute()
    for number in range(2):
        told = world.calendar.events().list(calendarId=ours, fields="items/id", q=f"{'jenny ' * 500 * number}jenny").execute()
        assert told["items"] == [{"id": made["id"]}]
    assert world.server.log[-1].method == "GET"


def test_parameters_have_types(world: World, ours: str) -> None:
    token = max(world.server.grants.access)
    path = f"{world.server.root}calendar/v3/calendars/{ours}/events"
    for query, status in (("maxResults=0", 400), ("maxResults=x", 400), ("showDeleted=yes", 400), ("maxResults=1", 200), ("other=1", 200)):
        assert world.server.handle("GET", f"{path}?{query}", {"Authorization": f"Bearer {token}"})[0] == status
    assert world.server.handle("GET", f"{world.server.root}calendar/v4/calendars", {})[0] == 404
    assert world.server.handle("GET", path, {})[0] == 401


def test_a_moment_before_and_after_each_request(world: World, ours: str) -> None:
    seen: list[str] = []
    world.door.moment = lambda place, method, path: seen.append(f"{place} {method}")
    insertion(world, ours).execute()
    assert seen == ["before POST", "after POST"]


# --- over a real socket


@pytest.fixture
def socket() -> Iterator[tuple[GoogleServer, Door]]:
    server = GoogleServer()
    server.account()
    with served(server) as door:
        yield server, door


def events(server: GoogleServer, timeout: float = 5) -> tuple[Any, str]:
    http = signed_in(server, None, server.grants.client(), "dana@example.org")
    http.http.timeout = timeout
    return opened("calendar", server, http).events(), "primary"


def test_calls_and_batches_over_a_socket(socket: tuple[GoogleServer, Door]) -> None:
    server, door = socket
    service = opened("calendar", server, signed_in(server, None, server.grants.client(), "dana@example.org"))
    told = Batched(service).run(*(service.events().insert(calendarId="primary", body={**CALL, "id": f"fs1n{one}"}) for one in range(3)))
    assert [one["id"] for one in told] == ["fs1n0", "fs1n1", "fs1n2"]
    assert len(service.events().list(calendarId="primary").execute()["items"]) == 3
    assert service.events().delete(calendarId="primary", eventId="fs1n0").execute() == ""
    assert door.requests == 3


def test_httplib2_sends_again_by_itself(socket: tuple[GoogleServer, Door], refused: Refused) -> None:
    """google.md, finding 1: the answer to an insert is lost, and the library's next word is 409 for what it inserted itself."""
    server, _ = socket
    service, calendar = events(server)
    service.list(calendarId=calendar).execute()
    server.fault("lost", applied=True, only="calendar.events.insert")
    assert refused(service.insert(calendarId=calendar, body=CALL)) == (409, "duplicate")
    assert server.counted()["calendar.events.insert"] == 2
    lists = opened("tasks", server, signed_in(server, None, server.grants.client(), "dana@example.org"))
    lists.tasklists().list().execute()
    server.fault("lost", applied=True, only="tasks.tasks.insert")
    lists.tasks().insert(tasklist="@default", body={"title": "Twice"}).execute()
    assert len(server.tasklist("My Tasks").tasks) == 2


def test_nobody_waits_for_ever(socket: tuple[GoogleServer, Door]) -> None:
    server, _ = socket
    service, calendar = events(server, timeout=0.2)
    server.fault("slow")
    with pytest.raises(TimeoutError):
        service.list(calendarId=calendar).execute()
    assert service.list(calendarId=calendar).execute()["items"] == []


def test_pages_in_html_and_broken_json_over_a_socket(socket: tuple[GoogleServer, Door]) -> None:
    server, _ = socket
    service, calendar = events(server)
    server.fault("html")
    with pytest.raises(HttpError, match="502"):
        service.list(calendarId=calendar).execute()
    server.fault("truncated")
    assert isinstance(service.list(calendarId=calendar).execute(), str)


def test_nothing_leaves_this_machine(world: World) -> None:
    with pytest.raises(AssertionError, match="left this machine"):
        world.http.request("https://www.googleapis.com/calendar/v3/colors")
    assert isinstance(world.http.request(f"{world.server.root}nothing")[0], httplib2.Response)
