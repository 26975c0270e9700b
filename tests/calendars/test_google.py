"""The contract on a Google that keeps Google's rules, over real HTTP, and what only Google does."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httplib2  # type: ignore[import-untyped]  # it has no types
import pytest
from googleapiclient.errors import HttpError

from followsync import doctor
from followsync.calendars import google_events, google_wire
from followsync.calendars.base import NoSuchCalendar, Order, Receipt
from followsync.calendars.busy import Visit, busy_times
from followsync.calendars.google import GoogleCalendar, open_google
from followsync.calendars.google_login import login
from followsync.calendars.google_pace import Bucket
from followsync.calendars.google_place import list_in
from followsync.calendars.google_wire import GoogleWire
from followsync.config.secret import Secret
from followsync.config.settings import GoogleBusy
from followsync.core.cadence import Form
from followsync.core.item import Item, dated
from followsync.errors import CalendarError, Changed, CursorExpired, LoginNeeded, Refused, Unavailable
from tests.calendars.contract import CALL, SHAPES, ZONE, Asked, CalendarContract, Untouched, same
from tests.google.phone import Phone
from tests.google.server import GoogleServer
from tests.google_desk import DANA, NARROW, SignIn

PAUSES = ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "servingLimitExceeded", "internalError")
TASK = dated(replace(CALL, uid="fs1task", form=Form.TASK))


class Files(SignIn):
    """A sign-in that was made before, and what is opened with it."""

    def open(self, collection: str = "", *, tasks: str = "", name: str = "Follow-ups") -> GoogleCalendar:
        found = login(Secret(file=str(self.client_file)), Secret(file=str(self.token_file)), timeout=5, scopes=())
        place = {"root": self.server.root, "calendar": name, "tasks": tasks, "collection": collection}
        return open_google(found, **place, timeout=5, zone=ZONE, clock=lambda: self.server.now)


class TestGoogle(CalendarContract):
    ours: GoogleCalendar
    phone: GoogleCalendar
    doctor = json.dumps(
        {
            "summary": "Doctor",
            "start": {"dateTime": "2026-01-08T15:00:00Z"},
            "end": {"dateTime": "2026-01-08T16:00:00Z"},
            "colorId": "5",
            "guestsCanModify": True,
        }
    )
    unknown = ('"colorId":"5"',)
    unreadable = "no JSON"

    @pytest.fixture(autouse=True)
    def _fresh(self, google: GoogleServer, tmp_path: Path) -> None:
        self.google, self.desk = google, Files(google, tmp_path)
        self.ours = self.desk.open()
        self.phone = self.desk.open(self.ours.collection)

    def put_raw(self, href: str, raw: str) -> None:
        calendar = self.google.calendar("Follow-ups")
        self.google.calendars.put(calendar, href.removeprefix("events/"), json.loads(raw), self.google.now)

    def expired(self) -> str:
        cursor = self.ours.changes("", {}).cursor
        self.google.forget_tokens()
        return cursor

    def told(self, raw: str) -> Item:
        return google_events.item_of(json.loads(raw), ZONE)

    @pytest.mark.parametrize("item", [one for one in SHAPES if one.form is Form.EVENT], ids=lambda item: item.uid)
    def test_what_is_written_is_what_is_read(self, item: Item) -> None:
        href = self.write(item)
        seen = self.phone.read([href])[href]
        assert seen is not None
        assert same(seen.item, item)

    def test_several_writes_in_one_request_each_with_what_became_of_it(self) -> None:
        kept, moved, taken, gone = (replace(CALL, uid=f"fs1{name}") for name in ("kept", "moved", "taken", "gone"))
        hrefs = {item.uid: self.ours.href(item.uid, Form.EVENT) for item in (kept, moved, taken, gone)}
        receipts = {item.uid: self.ours.create(hrefs[item.uid], item) for item in (kept, moved, taken, gone)}
        self.phone.update(hrefs["fs1moved"], replace(moved, title="x"), receipts["fs1moved"].raw, receipts["fs1moved"].etag)
        self.phone.delete(hrefs["fs1gone"], None)
        before = self.ours.requests
        outcomes = self.ours.send(
            [
                Order(self.ours.href("fs1new", Form.EVENT), replace(CALL, uid="fs1new")),
                Order(hrefs["fs1taken"], taken),
                Order(hrefs["fs1kept"], replace(kept, title="Other"), receipts["fs1kept"].raw, receipts["fs1kept"].etag),
                Order(hrefs["fs1moved"], replace(moved, title="Ours"), receipts["fs1moved"].raw, receipts["fs1moved"].etag),
                Order(hrefs["fs1gone"], etag=receipts["fs1gone"].etag),
                Order(hrefs["fs1taken"], etag=receipts["fs1taken"].etag),
                Order(hrefs["fs1kept"], kept, "no JSON", receipts["fs1kept"].etag),
            ]
        )
        assert [type(one) for one in outcomes] == [Receipt, Changed, Receipt, Changed, type(None), type(None), Refused]
        assert self.ours.requests - before <= 2, "and a look at what was gone already"
        assert isinstance(outcomes[2], Receipt)
        seen = self.phone.read([hrefs["fs1kept"]])[hrefs["fs1kept"]]
        assert seen
        assert (seen.etag, seen.item) == (outcomes[2].etag, outcomes[2].item)

    def test_many_are_read_by_name_in_few_requests(self) -> None:
        hrefs = [self.write(replace(CALL, uid=f"fs1n{number:03}", body="", alarms=())) for number in range(60)]
        before = self.phone.requests
        assert all(self.phone.read([*hrefs, "events/fs1nothing"]).values()) is False
        assert self.phone.requests - before == 2

    def test_pages_are_told_one_by_one(self) -> None:
        """A page may be empty and still not be the last one."""
        for number in range(5):
            self.write(replace(CALL, uid=f"fs1n{number}", alarms=()))
        self.google.habits.pages = (2, 0, 1)
        cursor, found = "", []
        for _ in range(20):
            page = self.phone.changes(cursor, {})
            assert page.complete
            found += [seen.href for seen in page.seen]
            cursor = page.cursor
            if not page.more:
                break
        assert len(set(found)) == len(found) == 5
        quiet = self.phone.changes(cursor, {})
        assert (quiet.seen, quiet.complete, quiet.cursor) == ((), False, cursor)

    def test_another_token_without_news_is_not_worth_remembering(self) -> None:
        """Google gives one with each answer."""
        cursor = self.phone.changes("", {}).cursor
        self.google.calendar("Follow-ups").changes += 1
        assert self.phone.changes(cursor, {}).cursor == cursor
        self.write(CALL)
        assert self.phone.changes(cursor, {}).cursor != cursor

    def test_one_occurrence_of_a_series_is_answered(self) -> None:
        href = self.write(CALL)
        rep = Phone(self.google)
        rep.edit(CALL.uid, recurrence=["RRULE:FREQ=WEEKLY"])
        cursor = self.ours.changes("", {}).cursor
        seen = self.ours.read([href])[href]
        assert seen
        assert seen.item
        assert seen.item.theirs
        body = google_events.new_event(replace(CALL, title=f"yes {CALL.title}")) | {"recurringEventId": CALL.uid}
        del body["id"]
        calendar = self.google.calendar("Follow-ups")
        self.google.calendars.put(calendar, f"{CALL.uid}_20260115t190000", body, self.google.now)
        (told,) = self.ours.changes(cursor, {href: seen.etag}).seen
        assert told.href == href
        assert told.item
        assert told.item.title == f"yes {CALL.title}"

    @pytest.mark.parametrize("answered", [1, 2])
    def test_several_occurrences_of_a_series_are_one(self, answered: int) -> None:
        """Whichever comes first, and with one question for all."""
        href = self.write(CALL)
        Phone(self.google).edit(CALL.uid, recurrence=["RRULE:FREQ=WEEKLY"])
        cursor = self.ours.changes("", {}).cursor
        seen = self.ours.read([href])[href]
        assert seen
        for number in (1, 2):
            said = {"title": f"no {CALL.title}", "body": "has a dog"} if number == answered else {"location": "at the office"}
            body = google_events.new_event(replace(CALL, **said)) | {"recurringEventId": CALL.uid}
            del body["id"]
            self.google.calendars.put(self.google.calendar("Follow-ups"), f"{CALL.uid}_2026011{number}t190000", body, self.google.now)
        before = self.ours.requests
        (told,) = self.ours.changes(cursor, {href: seen.etag}).seen
        assert self.ours.requests - before == 2
        assert told.item
        assert (told.item.title, told.item.body) == (f"no {CALL.title}", "has a dog")

    def test_nothing_of_a_secret_is_told(self) -> None:
        secrets = json.loads(self.desk.token_file.read_text())
        for fault in ("lost", "503", "html", "truncated", "401", "403"):
            self.google.fault(fault, times=2)
            with pytest.raises(CalendarError) as told:
                self.ours.changes("", {})
            assert not [one for one in (secrets["token"], secrets["refresh_token"], secrets["client_secret"]) if one in str(told.value)]
            self.google.faults.clear()

    def test_a_write_is_sent_once_whatever_becomes_of_its_answer(self) -> None:
        for fault in ("lost", "503", "truncated", "html"):
            self.google.log.clear()
            self.google.fault(fault, only="calendar.events.insert", applied=True)
            with pytest.raises(Unavailable):
                self.ours.create(self.ours.href(f"fs1{fault}", Form.EVENT), replace(CALL, uid=f"fs1{fault}"))
            assert self.google.counted()["calendar.events.insert"] == 1


class TestTasks:
    @pytest.fixture(autouse=True)
    def _fresh(self, google: GoogleServer, tmp_path: Path) -> None:
        self.google, self.files = google, Files(google, tmp_path)
        self.ours = self.files.open(tasks="Follow-ups")
        self.rep = Phone(google)
        self.href = self.ours.href(TASK.uid, Form.TASK)

    @property
    def id(self) -> str:
        (found,) = self.google.tasklist("Follow-ups").tasks
        return found

    def another(self, receipt: Receipt) -> GoogleCalendar:
        """The next cycle's, which is told what is remembered."""
        found = self.files.open(self.ours.collection, tasks="Follow-ups")
        found.remind(lambda: {self.href: receipt.etag or ""})
        return found

    def test_a_task_from_its_first_to_its_last_day(self) -> None:
        receipt = self.ours.create(self.href, TASK)
        assert receipt.etag
        assert receipt.etag.startswith(f"{self.id} ")
        other = self.files.open(self.ours.collection, tasks="Follow-ups")
        seen = other.read([self.href])[self.href]
        assert seen
        assert same(seen.item, TASK)
        assert (seen.etag, seen.item) == (receipt.etag, receipt.item)
        again = other.update(self.href, replace(TASK, title="Other"), seen.raw, seen.etag)
        with pytest.raises(Changed):
            self.ours.update(self.href, TASK, receipt.raw, receipt.etag)
        with pytest.raises(Changed):
            self.ours.delete(self.href, receipt.etag)
        self.ours.delete(self.href, again.etag)
        self.ours.delete(self.href, again.etag)
        self.files.open(self.ours.collection, tasks="Follow-ups").delete(self.href, None)
        assert other.read([self.href]) == {self.href: None}

    def test_what_changed_is_told_with_what_is_hidden_and_what_is_gone(self) -> None:
        receipt = self.ours.create(self.href, TASK)
        bob = replace(TASK, uid="fs1bob")
        gone = self.ours.create(self.ours.href(bob.uid, Form.TASK), bob)
        first = self.ours.changes("", {})
        assert first.complete
        assert first.listed == {self.href, "tasks/fs1bob"}
        known = {self.href: receipt.etag, "tasks/fs1bob": gone.etag}
        self.rep.tick(receipt.etag.partition(" ")[0] if receipt.etag else "")
        self.rep.delete_task(gone.etag.partition(" ")[0] if gone.etag else "")
        news = self.ours.changes(first.cursor, Asked(known))
        assert [(seen.href, seen.item and seen.item.done) for seen in news.seen] == [(self.href, True)]
        assert news.gone == ("tasks/fs1bob",)

    def test_the_moment_goes_on_by_googles_clock_and_a_quiet_list_stays_the_same(self) -> None:
        self.ours.create(self.href, TASK)
        cursor = self.ours.changes("", {}).cursor
        known = {seen.href: seen.etag for seen in self.ours.changes("", {}).seen}
        for _ in range(4):
            self.google.now += timedelta(minutes=5)
            page = self.ours.changes(cursor, known)
            assert page.seen == ()
            cursor = page.cursor
        self.google.now += timedelta(minutes=5)
        quiet = self.ours.changes(cursor, Untouched())
        assert (quiet.cursor, quiet.seen, quiet.listed) == (cursor, (), frozenset())
        self.rep.note_task(self.id, "likes blue")
        (seen,) = self.ours.changes(cursor, known).seen
        assert seen.href == self.href

    def test_a_task_that_lost_its_marker_is_known_by_its_id(self) -> None:
        receipt = self.ours.create(self.href, TASK)
        cursor = self.ours.changes("", {}).cursor
        self.rep.edit_task(self.id, notes="likes blue")
        other = self.another(receipt)
        (seen,) = other.changes(cursor, {self.href: receipt.etag}).seen
        assert (seen.href, seen.item and seen.item.uid, seen.item and seen.item.body) == (self.href, TASK.uid, "likes blue")
        assert other.read([self.href])[self.href] == seen
        other.update(self.href, TASK, seen.raw, seen.etag)
        assert self.files.open(self.ours.collection, tasks="Follow-ups").read([self.href])[self.href]

    def test_a_copy_of_a_task_is_the_reps(self) -> None:
        receipt = self.ours.create(self.href, TASK)
        cursor = self.ours.changes("", {}).cursor
        notes = self.google.tasklist("Follow-ups").tasks[self.id].body["notes"]
        copy = self.rep.add_task(self.google.tasklist("Follow-ups"), TASK.title, date(2026, 1, 15), notes)
        (seen,) = self.another(receipt).changes(cursor, {self.href: receipt.etag}).seen
        assert seen.href == f"tasks/@{copy}"
        assert seen.item
        assert (seen.item.uid, seen.item.action) == (f"@{copy}", TASK.action)

    def test_a_copy_stays_the_reps_once_the_task_itself_is_gone(self) -> None:
        """A task that repeats is followed by one with the same notes; nothing else says which one we wrote."""
        receipt = self.ours.create(self.href, TASK)
        task, lists = self.id, self.google.tasklist("Follow-ups")
        copy = self.rep.add_task(lists, TASK.title, date(2026, 1, 15), lists.tasks[task].body["notes"])
        self.rep.delete_task(task)
        for cursor in ("", self.ours.changes("", {}).cursor):
            shown = self.another(receipt).changes(cursor, {self.href: receipt.etag})
            assert [seen.href for seen in shown.seen] == [f"tasks/@{copy}"]
        assert self.another(receipt).read([self.href]) == {self.href: None}
        many = [self.href, *(f"tasks/fs1n{number}" for number in range(9))]
        assert set(self.another(receipt).read(many).values()) == {None}
        for etag in (receipt.etag, None):
            self.another(receipt).delete(self.href, etag)
        with pytest.raises(Changed):
            self.another(receipt).update(self.href, TASK, receipt.raw, None)
        assert [task.id for task in lists.tasks.values() if not task.body.get("deleted")] == [copy]

    def test_many_tasks_are_read_in_pages(self) -> None:
        for number in range(120):
            item = replace(TASK, uid=f"fs1n{number:03}")
            self.ours.create(self.ours.href(item.uid, Form.TASK), item)
        before = self.ours.requests
        page = self.ours.changes("", {})
        seen = [*page.seen]
        while page.more:
            page = self.ours.changes(page.cursor, {})
            seen += page.seen
        assert len(seen) == 120
        assert self.ours.requests - before == 3

    def test_the_list_is_found_by_its_name_and_remembered(self) -> None:
        assert list_in(self.files.open(tasks="Follow-ups").collection).id == list_in(self.ours.collection).id
        again = self.files.open(self.ours.collection, tasks="Follow-ups")
        assert again.requests == 0
        later = self.files.open(self.ours.collection.partition("#")[0], tasks="Follow-ups")
        later.changes("", {})
        assert list_in(later.collection).id == list_in(self.ours.collection).id


def test_an_access_token_is_refreshed_once_and_the_file_rewritten_whole(google: GoogleServer, tmp_path: Path) -> None:
    files = Files(google, tmp_path)
    first, second = files.open(), files.open()
    files.token_file.chmod(0o644)
    google.now += timedelta(hours=2)
    google.log.clear()
    first.changes("", {})
    second.changes("", {})
    assert google.counted()["token"] == 1
    assert stat.S_IMODE(files.token_file.stat().st_mode) == 0o600
    kept = json.loads(files.token_file.read_text())
    assert kept["token"] in google.grants.access
    assert kept["calendars"] == {"Follow-ups": google.calendar("Follow-ups").id}
    assert {path.name for path in tmp_path.iterdir() if "token" in path.name} == {"google-token.json", ".google-token.json.lock"}


def test_a_calendar_may_be_named_by_its_id_and_is_not_made_again(google: GoogleServer, tmp_path: Path) -> None:
    files = Files(google, tmp_path)
    place = files.open().collection
    files.token_file.write_text(json.dumps(google.authorized_user(files.client, DANA, *NARROW)))
    assert files.open(name=google.calendar("Follow-ups").id).collection == place


def test_a_wider_permission_finds_the_calendar_by_its_name(google: GoogleServer, tmp_path: Path) -> None:
    files = Files(google, tmp_path, ("calendar", "tasks"))
    place = files.open().collection
    files.token_file.write_text(json.dumps(google.authorized_user(files.client, DANA, "calendar", "tasks")))
    assert files.open().collection == place
    Phone(google).new_calendar("Follow-ups")
    files.token_file.write_text(json.dumps(google.authorized_user(files.client, DANA, "calendar", "tasks")))
    with pytest.raises(CalendarError, match="has 2 calendars named Follow-ups"):
        files.open()


def test_what_the_permission_lacks_is_said(google: GoogleServer, tmp_path: Path) -> None:
    files = Files(google, tmp_path, ("tasks",))
    with pytest.raises(LoginNeeded, match="does not allow a calendar of our own"):
        files.open()


def test_busy_times_of_google(google: GoogleServer, tmp_path: Path) -> None:
    """When, and nothing of what: in several queries, for Google answers for ninety days at most."""
    files = Files(google, tmp_path)
    rep = Phone(google)
    own = google.calendars.calendars[DANA]
    rep.add(own, "Doctor", datetime(2026, 1, 6, 10, tzinfo=ZONE))
    rep.add(own, "Birthday", datetime(2026, 1, 7, 10, tzinfo=ZONE), transparency="transparent")
    rep.add(own, "Fair", datetime(2026, 4, 20, 9, tzinfo=ZONE))
    common = {"type": "google", "client_secrets": {"file": str(files.client_file)}, "token": {"file": str(files.token_file)}}
    source = GoogleBusy.model_validate({**common, "root_url": google.root})
    visit = Visit()
    week = google.now, google.now + timedelta(days=122)
    found = busy_times(source, *week, ZONE, name="private", visit=visit)
    assert [(one.start, one.end, one.label) for one in found] == [
        (datetime(2026, 1, 6, 10, tzinfo=ZONE), datetime(2026, 1, 6, 11, tzinfo=ZONE), "private"),
        (datetime(2026, 4, 20, 9, tzinfo=ZONE), datetime(2026, 4, 20, 10, tzinfo=ZONE), "private"),
    ]
    assert visit.requests == 2
    other = source.model_copy(update={"calendars": ("stranger@example.org",)})
    with pytest.raises(CalendarError, match="does not tell the busy times of stranger"):
        busy_times(other, *week, ZONE, name="private", visit=Visit())
    named = source.model_copy(update={"calendars": ("Golf",)})
    with pytest.raises(CalendarError, match="does not allow to look up calendars by their names"):
        busy_times(named, *week, ZONE, name="private", visit=Visit())
    golf = rep.new_calendar("Golf")
    rep.add(golf, "League", datetime(2026, 1, 8, 16, tzinfo=ZONE))
    files.token_file.write_text(
        json.dumps(google.authorized_user(files.client, DANA, "calendar.freebusy", "calendar.calendarlist.readonly"))
    )
    (league,) = busy_times(named, *week, ZONE, name="private", visit=Visit())
    assert (league.start, league.label) == (datetime(2026, 1, 8, 16, tzinfo=ZONE), "Golf")
    with pytest.raises(NoSuchCalendar, match="no calendar named Gulf") as error:
        busy_times(source.model_copy(update={"calendars": ("Gulf",)}), *week, ZONE, name="private", visit=Visit())
    assert error.value.others == ("Golf", DANA)
    assert "Golf" not in str(error.value), "it goes into logs"
    looked = doctor.busy("private", source.model_copy(update={"calendars": ("Gulf",)}), ZONE, google.now)
    assert f"It has Golf, {DANA}." in looked.text


@pytest.mark.parametrize("told", [{}, {"lee@example.org": {}}, {"lee@example.org": {"busy": []}}, None])
def test_a_calendar_that_is_left_out_is_not_free(
    google: GoogleServer, tmp_path: Path, told: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, week = _dana(google, tmp_path), (google.now, google.now + timedelta(days=7))
    monkeypatch.setattr(GoogleWire, "execute", lambda *_: {"calendars": told})
    with pytest.raises(Unavailable, match="left a calendar out"):
        busy_times(source, *week, ZONE, name="private", visit=Visit())


@pytest.mark.parametrize(("named", "told"), [("Dana@Example.org", DANA), ("primary", "primary"), ("primary", DANA)])
def test_a_calendar_is_known_under_the_name_that_google_tells(
    google: GoogleServer, tmp_path: Path, named: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, week = _dana(google, tmp_path, named, "lee@example.org"), (google.now, google.now + timedelta(days=7))
    busy = [{"start": "2026-01-08T15:00:00Z", "end": "2026-01-08T16:00:00Z"}]
    monkeypatch.setattr(GoogleWire, "execute", lambda *_: {"calendars": {"lee@example.org": {"busy": []}, told: {"busy": busy}}})
    (time,) = busy_times(source, *week, ZONE, name="private", visit=Visit())
    assert time.start == datetime(2026, 1, 8, 15, tzinfo=UTC)


def _dana(google: GoogleServer, folder: Path, *calendars: str) -> GoogleBusy:
    files = Files(google, folder)
    secrets = {"client_secrets": Secret(file=str(files.client_file)), "token": Secret(file=str(files.token_file))}
    return GoogleBusy(type="google", **secrets, root_url=google.root, calendars=calendars or (DANA,))


def test_the_clock_is_compared(google: GoogleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_wire, "machine_clock", lambda: google.now - timedelta(minutes=7))
    ours = Files(google, tmp_path).open()
    assert ours.skew
    assert timedelta(minutes=6, seconds=55) < ours.skew < timedelta(minutes=7, seconds=5)


def test_the_bucket_lets_out_less_than_the_quota() -> None:
    now, waited = [0.0], []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    bucket = Bucket(now=lambda: now[0], wait=wait)
    calls = []
    for _ in range(40):
        bucket.take(50)
        calls += [now[0]] * 50
    most = max(sum(begin <= one < begin + 60 for one in calls) for begin in calls)
    assert most < 600
    assert waited


@pytest.mark.parametrize(
    ("method", "status", "reason", "meant"),
    [
        ("GET", 401, "authError", LoginNeeded),
        ("GET", 403, "insufficientPermissions", LoginNeeded),
        *(
            (method, 403, reason, Unavailable if reason == "internalError" else google_wire.Limited)
            for method in ("GET", "POST")
            for reason in PAUSES
        ),
        ("POST", 429, "rateLimitExceeded", google_wire.Limited),
        ("POST", 408, "", Unavailable),
        ("PATCH", 503, "backendError", Unavailable),
        ("GET", 410, "fullSyncRequired", CursorExpired),
        ("GET", 410, "updatedMinTooLongAgo", CursorExpired),
        ("GET", 410, "deleted", google_wire.Missing),
        ("DELETE", 410, "deleted", Changed),
        ("GET", 404, "notFound", google_wire.Missing),
        ("PATCH", 412, "conditionNotMet", Changed),
        ("POST", 409, "duplicate", Changed),
        ("PATCH", 403, "forbiddenForNonOrganizer", Refused),
        ("PATCH", 400, "malformedWorkingLocationEvent", Refused),
        ("POST", 403, "accessNotConfigured", google_wire.Denied),
        ("GET", 403, "domainPolicy", google_wire.Denied),
    ],
)
def test_what_an_answer_means(method: str, status: int, reason: str, meant: type[CalendarError]) -> None:
    body = json.dumps({"error": {"code": status, "message": "No.", "errors": [{"reason": reason, "message": "No."}]}}).encode()
    answer = httplib2.Response({"status": str(status)})
    found = google_wire.fault(method, HttpError(answer, body, uri="https://www.googleapis.com/calendar/v3/"))
    assert type(found) is meant or (meant is LoginNeeded and isinstance(found, LoginNeeded))
    page = google_wire.fault(method, HttpError(answer, b"<html>No.</html>", uri="https://www.googleapis.com/calendar/v3/"))
    if status in {403, 404}:
        assert isinstance(page, Unavailable), "somebody else said so: no entry is left out for that, and no calendar is gone"


def test_a_cursor_that_google_cannot_read_is_one_that_it_no_longer_knows() -> None:
    one = {"domain": "global", "reason": "invalid", "message": "Invalid value", "locationType": "parameter", "location": "syncToken"}
    address = "https://www.googleapis.com/calendar/v3/"
    for told in ({"errors": [one]}, {"message": "Invalid sync token value.", "errors": [{"reason": "invalid"}]}):
        error = HttpError(httplib2.Response({"status": "400"}), json.dumps({"error": {"code": 400, **told}}).encode(), uri=address)
        assert type(google_wire.fault("GET", error)) is CursorExpired
    other = json.dumps({"error": {"code": 400, "errors": [{**one, "location": "timeMin"}]}}).encode()
    assert type(google_wire.fault("GET", HttpError(httplib2.Response({"status": "400"}), other, uri=address))) is CalendarError
