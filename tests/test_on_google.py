"""The whole product on Google: what it costs, what a lost answer, a kill, a taken back sign-in do, and tasks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from followsync.calendars import google as google_calendar
from followsync.calendars import google_login, google_pace
from followsync.calendars.google_pace import bucket_of
from followsync.config import load
from followsync.core.history import Captured, Dismissed, Moved, Noted, Promised, Touched
from followsync.core.prospect import Prospect
from followsync.cycle import Cycle
from followsync.writer import TargetReport
from tests import stores
from tests.google.replies import Refusal
from tests.google.server import GoogleServer
from tests.google.wire import Door, Transport
from tests.google_desk import NARROW, GoogleDesk, SignIn
from tests.machine.death import Death, Killed, MortalStore
from tests.phone import ZONE, Desk

LETTERS = "methods:\n  email: {as: task}\n  letter: {as: task}\n"
WRITES = (
    "calendar.events.insert",
    "calendar.events.patch",
    "calendar.events.delete",
    "tasks.tasks.insert",
    "tasks.tasks.patch",
    "tasks.tasks.delete",
)


class Dana(GoogleDesk):
    """A rep whose e-mails are tasks."""

    def __init__(self, server: GoogleServer, folder: Path, capsys: pytest.CaptureFixture[str], **how: Any) -> None:
        self.death: Death | None = None
        super().__init__(server, folder, capsys, **how)
        self.configure(more=LETTERS)
        self.kept = self.store()  # each command opens it for itself; a daemon keeps it open

    def configure(self, **how: Any) -> None:
        super().configure(**how)
        self.settings = load(self.path)

    def capture(self, *names: str, stage: str = "pitched") -> None:
        """``pitched`` ones get an e-mail, a task; others are asked about, by an event."""
        store = self.store()
        with store.writing() as tx:
            for name in names:
                one = Prospect(name.lower(), "dana", name, stage=stage, fields={"met": "2026-01-05"} if stage else {})
                tx.capture(one, Captured(self.moment, "cli"))
        store.close()

    def promise(self, name: str, start: datetime, method: str = "call") -> None:
        store = self.store()
        with store.writing() as tx:
            tx.append(name.lower(), Promised(self.moment, "cli", method, start.date(), start, purpose="set a meeting"))
        store.close()

    def later(self, **by: float) -> None:
        self.now = f"{self.moment + timedelta(**by):%Y-%m-%dT%H:%M}"

    def good(self) -> TargetReport:
        report = self.any()
        assert not report.error, report.error
        return report

    def any(self) -> TargetReport:
        """A cycle, whatever becomes of it; the process dies in it where it is to."""
        self.google.now = max(self.google.now, self.moment)
        store = MortalStore(self.kept, self.death) if self.death and self.death.left > 0 else self.kept
        with suppress(Killed):
            return Cycle(self.settings, "dana", store, self.moment).run(force=True).targets["phone"]
        return TargetReport(error="killed")

    def rest(self, cycles: int = 4) -> None:
        """Cycles a few minutes apart, in which what was unclear is settled."""
        for _ in range(cycles):
            self.later(minutes=3)
            self.any()

    def counted(self) -> Counter[str]:
        """Since this was last asked."""
        found = self.google.counted()
        self.google.log.clear()
        return found

    def facts(self, name: str, *kinds: type) -> list[Any]:
        return [fact for fact in self.history(name.lower()) if isinstance(fact, kinds)]

    def titles(self) -> list[str]:
        """Everything that stands there and is open."""
        open_tasks = [one["title"] for one in self.tasks.values() if one["status"] == "needsAction"]
        return sorted([*(one["summary"] for one in self.events.values()), *open_tasks])


@pytest.fixture
def dana(google: GoogleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Dana]:
    found = Dana(google, tmp_path, capsys)
    yield found
    found.kept.close()


@pytest.fixture
def door(google: GoogleServer, monkeypatch: pytest.MonkeyPatch) -> Door:
    """Sockets are left out from here on: requests go straight in."""
    door = Door(google)

    def post(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        response, body = Transport(door).request(url, "POST", urlencode(form))
        return response.status, body

    monkeypatch.setattr(google_calendar, "Connection", lambda timeout, hosts: Transport(door))
    monkeypatch.setattr(google_login, "posting", lambda timeout: post)
    return door


# ---- whom all machines count for ------------------------------------------------------------------------------------------------------


def test_where_the_store_is_shared_its_buckets_are_taken_from(
    dana: Dana, door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Until nothing is left for the project, as if other workers had used it up. Then nothing is asked, and it ends by itself."""
    monkeypatch.setattr(google_calendar, "bucket_of", bucket_of)
    monkeypatch.setattr(google_pace, "_PATIENCE", 0.0)
    dana.capture("Joe", "Jim")
    assert dana.good().requests > 3
    shared = dana.kept.shared
    if shared is None:  # a file has one daemon, which counts for itself
        assert stores.kind == "sqlite"
        assert stores.sql(tmp_path / "store.db", "SELECT * FROM bucket") == []
        return
    rows = dict(stores.sql(tmp_path / "store.db", "SELECT name, tokens FROM bucket"))
    (project,) = [name for name in rows if name.startswith("google project ")]
    stores.sql(tmp_path / "store.db", f"UPDATE bucket SET tokens = -1000 WHERE name = '{project}'")
    google_pace._shared.clear()  # another process, which has taken nothing in advance
    dana.capture("Ann")
    assert "as much as Google lets this project ask" in dana.any().error
    stores.sql(tmp_path / "store.db", "UPDATE bucket SET tokens = 50")
    dana.later(minutes=3)
    dana.good()
    assert len(dana.titles()) == 3


# ---- what it costs -----------------------------------------------------------------------------------------------------------------


def test_a_thousand_new_actions_and_thirty_cycles_without_news(
    google: GoogleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    google.quota = 600
    desk = Dana(google, tmp_path, capsys)
    desk.configure()  # nothing is written as a task
    desk.capture(*(f"Diner {number}" for number in range(1000)))
    before = google.requests
    report = desk.good()
    assert report.created == 1000
    assert google.requests - before <= 1000 / 50 + 10
    assert report.requests == google.requests - before
    assert not [one for one in google.log if one.status == 403], "within the quota"
    assert len(desk.events) == 1000
    desk.counted()
    for _ in range(30):
        desk.later(minutes=5)
        report = desk.good()
        assert (report.created, report.updated, report.deleted, report.read) == (0, 0, 0, 0)
    calls = desk.counted()
    assert calls.pop("token", 0) <= 3, "one an hour"
    assert calls == {"calendar.events.list": 30}


def test_check_doctor_and_the_agenda_find_all_well(dana: Dana) -> None:
    dana.capture("Jenny")
    dana.capture("Ann", stage="")
    dana.good()
    assert dana.run("check") == "All is well.\n"
    looked = dana.run("doctor")
    assert "All is well." in looked
    assert "it takes tasks too" in looked
    assert len(dana.events) == len(dana.tasks) == 1, "nothing of the looking is left"
    assert "Email Jenny to say thanks" in dana.run("agenda", "2026-01-08")
    assert dana.json("list")[0]["next_action"]["targets"] == ["phone"]
    dana.run("purge", "--target", "phone", "--yes")
    assert (dana.events, dana.tasks) == ({}, {})


def test_one_change_is_one_request_and_a_list_of_tasks_one_more(dana: Dana) -> None:
    dana.capture("Jenny", "Bob")
    dana.capture("Ann", stage="")
    dana.good()
    for _ in range(4):  # until the overlap of the tasks' list is over
        dana.later(minutes=5)
        assert dana.good().requests <= 3
    dana.counted()
    dana.later(minutes=1)
    dana.good()
    assert dana.counted() == {"calendar.events.list": 1, "tasks.tasks.list": 1}
    dana.promise("Ann", datetime(2026, 1, 7, 14, tzinfo=ZONE))
    dana.later(minutes=1)
    report = dana.good()
    assert (report.created, report.deleted) == (1, 1)
    assert dana.counted() == {"calendar.events.list": 1, "tasks.tasks.list": 1, "calendar.events.insert": 1, "calendar.events.delete": 1}


def test_what_is_written_carries_nothing_but_what_it_may(dana: Dana) -> None:
    dana.capture("Jenny", "Bob")
    dana.promise("Jenny", datetime(2026, 1, 7, 14, tzinfo=ZONE))
    dana.good()
    (call,) = dana.events.values()
    assert call["summary"] == "Call Jenny to set a meeting"
    assert call.get("transparency", "opaque") == "opaque"
    assert call["reminders"] == {"useDefault": False, "overrides": [{"method": "popup", "minutes": 15}]}
    assert not {"attendees", "recurrence", "organizer"} & call.keys()
    (mail,) = dana.tasks.values()
    assert mail["title"] == "Email Bob to say thanks"
    assert mail["due"] == "2026-01-08T00:00:00.000Z"
    assert mail["notes"].splitlines()[-1].startswith("[fs1")


# ---- tasks -------------------------------------------------------------------------------------------------------------------------


def only_task(dana: Dana) -> str:
    (found,) = dana.tasks
    return found


def test_a_task_that_was_ticked_on_the_phone_is_hidden_and_done(dana: Dana) -> None:
    dana.capture("Jenny")
    dana.good()
    task = only_task(dana)
    dana.rep.tick(task)
    assert dana.google.tasklist("Follow-ups").tasks[task].hidden
    dana.later(minutes=5)
    dana.good()
    (touch,) = dana.facts("jenny", Touched)
    assert (touch.result, touch.purpose) == ("done", "say thanks")
    assert dana.tasks[task]["status"] == "completed", "it is the rep's record"
    assert [one["summary"] for one in dana.events.values()] == ["Call Jenny to set a meeting with the real decision makers"]
    dana.rest(30)
    assert len(dana.facts("jenny", Touched)) == 1


@pytest.mark.parametrize("how", ["move", "note", "answer", "delete", "no date", "notes anew"])
def test_what_the_rep_does_to_a_task(dana: Dana, how: str) -> None:
    dana.capture("Jenny")
    dana.good()
    task = only_task(dana)
    notes = dana.tasks[task]["notes"]
    match how:
        case "move":
            dana.rep.move_task(task, date(2026, 1, 13))
        case "note":
            dana.rep.note_task(task, "likes blue")
        case "answer":
            dana.rep.note_task(task, "> thu 2pm call to send the quote")
        case "delete":
            dana.rep.delete_task(task)
        case "no date":
            dana.rep.edit_task(task, due=None)
        case "notes anew":
            dana.rep.edit_task(task, notes="likes blue")
    dana.later(minutes=5)
    dana.good()
    dana.later(minutes=5)
    dana.good()
    match how:
        case "move":
            assert [fact.start for fact in dana.facts("jenny", Moved)] == [datetime(2026, 1, 13, tzinfo=ZONE)]
            assert dana.tasks[task]["due"].startswith("2026-01-13")
        case "note" | "notes anew":
            assert [fact.text for fact in dana.facts("jenny", Noted)] == ["likes blue"]
            assert "likes blue" in dana.tasks[task]["notes"]
            assert len(dana.tasks) == 1
        case "answer":
            (promise,) = dana.facts("jenny", Promised)
            assert (promise.method, promise.purpose) == ("call", "send the quote")
            assert [one["summary"] for one in dana.events.values()] == ["Call Jenny to send the quote"]
            assert dana.tasks[task]["title"] == "→ Email Jenny to say thanks"
        case "delete":
            assert [fact.title for fact in dana.facts("jenny", Dismissed)] == ["Email Jenny to say thanks"]
            assert [one["summary"] for one in dana.events.values()] == ["Jenny: drop, or when?"]
        case "no date":
            assert dana.tasks[task]["due"].startswith("2026-01-08"), "nobody can have meant that: it is put back"
            assert not dana.facts("jenny", Moved, Dismissed)
            assert dana.tasks[task]["notes"] == notes
    dana.counted()
    dana.rest(12)
    assert not [one for one in dana.counted() if one in WRITES]


def test_a_task_of_the_reps_own_is_theirs_and_one_that_reads_as_a_follow_up_is_captured(dana: Dana) -> None:
    dana.good()
    lists = dana.google.tasklist("Follow-ups")
    milk = dana.rep.add_task(lists, "Buy milk")
    typed = dana.rep.add_task(lists, "Email Jenny to send the brochure", date(2026, 1, 8))
    before = dict(dana.tasks[milk])
    dana.later(minutes=5)
    dana.good()
    assert dana.tasks[milk] == before
    (captured, promise) = dana.history("jenny")
    assert isinstance(captured, Captured)
    assert (promise.method, promise.day) == ("email", date(2026, 1, 8))
    assert dana.tasks[typed]["title"] == "Email Jenny to send the brochure"
    assert len(dana.tasks) == 2
    assert dana.events == {}
    dana.rep.tick(typed)
    dana.later(minutes=5)
    dana.good()
    assert [fact.result for fact in dana.facts("jenny", Touched)] == ["done"]
    dana.counted()
    dana.rest(12)
    assert not [one for one in dana.counted() if one in WRITES]


@pytest.mark.parametrize(
    ("title", "chosen", "day", "hour", "purpose"),
    [
        ("Visit Ann Friday at 3pm to sign", None, 9, 15, "sign"),
        ("Visit Ann Friday at 3pm to sign", date(2026, 1, 9), 9, 15, "sign"),
        ("Visit Ann Friday at 3pm to sign", date(2026, 1, 14), 14, None, "sign"),  # the rep chose another day
        ("Visit Ann Friday to sign", None, 9, None, "sign"),
        ("Visit Ann to review the Friday report", date(2026, 1, 8), 8, None, "review the Friday report"),
        ("Visit Ann to review the Friday report", None, None, None, ""),
    ],
)
def test_a_day_and_hour_in_the_title_of_a_task_count(
    dana: Dana, title: str, chosen: date | None, day: int | None, hour: int | None, purpose: str
) -> None:
    """It cannot carry an hour in another way."""
    dana.good()
    typed = dana.rep.add_task(dana.google.tasklist("Follow-ups"), title, chosen)
    dana.later(minutes=5)
    dana.good()
    said = [(one.day.day, one.start and one.start.astimezone(ZONE).hour, one.purpose) for one in dana.facts("ann", Promised)]
    assert said == ([(day, hour, purpose)] if day else [])
    assert len(dana.facts("ann", Captured)) == 1
    if day:
        assert dana.tasks[typed]["due"][:10] == f"2026-01-{day:02}"
        assert not dana.facts("ann", Noted, Moved) or chosen == date(2026, 1, 14)
    dana.counted()
    dana.rest(12)
    assert not [one for one in dana.counted() if one in WRITES]
    assert dana.events == {}


def test_the_calendars_own_notifications_are_the_reps_until_the_entry_is_answered(dana: Dana) -> None:
    dana.configure(more="")
    dana.good()
    calendar, default = dana.google.calendar("Follow-ups"), {"useDefault": True}
    typed = dana.rep.add(calendar, "Call Bob 248.555.0100 to meet", datetime(2026, 1, 9, 14, tzinfo=ZONE), 30, reminders=default)
    dana.capture("Jenny", stage="")
    dana.promise("Jenny", datetime(2026, 1, 8, 14, tzinfo=ZONE))
    dana.rest()
    jenny = next(key for key, one in dana.events.items() if "Jenny" in one["summary"])
    assert dana.events[jenny]["reminders"]["overrides"] == [{"method": "popup", "minutes": 15}]
    dana.rep.edit(jenny, reminders=None)
    dana.rep.edit(jenny, reminders=default)
    dana.rest()
    assert [dana.events[one]["reminders"] for one in (typed, jenny)] == [default, default], "they stay as the rep wants them"
    for key in (typed, jenny):
        dana.rep.rename(key, f"y {dana.events[key]['summary']}")
    dana.rest()
    for key in (typed, jenny):
        assert dana.events[key]["summary"].startswith("✓")
        assert dana.events[key]["reminders"]["useDefault"] is False, "nothing rings any more"
        assert not dana.events[key]["reminders"].get("overrides")
    assert not dana.facts("jenny", Moved)


@pytest.mark.parametrize("goes", ["the rep deletes it", "it is not wanted any more"])
def test_what_follows_a_repeated_task_of_ours_is_the_reps(dana: Dana, goes: str) -> None:
    """It has the same notes, and stays when ours is gone."""
    dana.capture("Jenny")
    dana.good()
    task = only_task(dana)
    copy = dana.rep.add_task(dana.google.tasklist("Follow-ups"), "Email Jenny to say thanks", date(2026, 1, 8), dana.tasks[task]["notes"])
    before = dict(dana.tasks[copy])
    dana.later(minutes=5)
    dana.good()
    if goes == "the rep deletes it":
        dana.rep.delete_task(task)
    else:
        dana.run("log", "jenny", "no")
    dana.rest(3)
    dana.google.forget_tokens()
    dana.rest(3)
    if goes != "the rep deletes it":
        assert dana.tasks == {copy: before}
    assert dana.tasks[copy] == before


def test_purge_takes_no_copy_for_ours(dana: Dana) -> None:
    dana.capture("Jenny")
    dana.good()
    task = only_task(dana)
    copy = dana.rep.add_task(dana.google.tasklist("Follow-ups"), "Email Jenny to say thanks", date(2026, 1, 15), dana.tasks[task]["notes"])
    dana.rep.delete_task(task)
    dana.run("purge", "--target", "phone", "--yes")
    assert [*dana.tasks] == [copy]


def test_what_the_rep_put_below_a_task_of_ours_does_not_go_with_it(dana: Dana) -> None:
    """Google removes it along with the task above it."""
    dana.capture("Jenny", "Bob")
    dana.good()
    jenny = next(key for key, one in dana.tasks.items() if "Jenny" in one["title"])
    step = dana.rep.add_task(dana.google.tasklist("Follow-ups"), "find the price list", below=jenny)
    dana.later(minutes=5)
    dana.good()
    dana.run("log", "jenny", "no")
    dana.run("log", "bob", "no")
    dana.later(minutes=5)
    dana.counted()
    report = dana.good()
    assert {*dana.tasks} == {jenny, step}, "Bob's is gone"
    assert dana.counted()["tasks.tasks.list"] == 2, "one look is enough"
    assert report.quarantined == 1
    assert "would go with it" in " ".join(dana.run("check", code=1).split())
    dana.rep.delete_task(step)
    dana.later(days=1, minutes=5)
    dana.good()
    assert dana.tasks == {}
    assert dana.run("check") == "All is well.\n"


def test_a_missed_task_rolls_on_and_a_quiet_week_leaves_it_alone(dana: Dana) -> None:
    dana.capture("Jenny", "Bob", "Ann")
    dana.good()
    due = [one["due"][:10] for one in dana.tasks.values()]
    for _ in range(2):
        dana.later(days=1)
        report = dana.good()
        assert (report.created, report.deleted) == (0, 0)
        assert [one["due"][:10] for one in dana.tasks.values()] == due, "it moves only when it is overdue"
    dana.now = "2026-01-09T08:00"
    dana.good()
    assert {one["due"][:10] for one in dana.tasks.values()} == {"2026-01-09"}
    assert {one["title"].rpartition(" (")[2] for one in dana.tasks.values()} == {"2nd day)"}


def test_without_the_permission_tasks_are_events_and_that_is_told(
    google: GoogleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dana = Dana(google, tmp_path, capsys, scopes=NARROW[:2])
    dana.capture("Jenny")
    report = dana.cycle()
    assert not report.targets["phone"].error
    assert [one["summary"] for one in dana.events.values()] == ["Email Jenny to say thanks"]
    assert any("Tasks are off" in warning for warning in report.warnings)
    for command in ("status", "check"):
        assert "its box was left unticked: writing them as tasks" in " ".join(dana.run(command, code=1).split())


def test_a_token_file_that_cannot_be_written_is_told_by_all(dana: Dana, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which the user may not write."""
    dana.capture("Jenny")
    dana.good()
    dana.sign_in.token_file.with_name(".google-token.json.lock").unlink()
    dana.sign_in.token_file.with_name(".google-token.json.lock").mkdir()
    dana.later(hours=2)
    assert "The sign-in cannot be kept in" in dana.run("sync", code=1) + dana.err
    for command in ("status", "check"):
        assert "The sign-in cannot be kept in" in " ".join(dana.run(command, code=1).split())
    dana.sign_in.token_file.with_name(".google-token.json.lock").rmdir()
    dana.later(hours=2)
    dana.run("sync")
    assert "All is well" in dana.run("check")


def test_files_with_secrets_that_everybody_may_read_are_told(dana: Dana) -> None:
    dana.good()
    for path, mode in ((dana.sign_in.client_file, 0o644), (dana.sign_in.token_file, 0o640)):
        path.chmod(mode)
    for command in ("check", "doctor"):
        told = " ".join(f"{dana.run(command)} {dana.err}".split())
        assert f"'chmod 600 {dana.sign_in.client_file}'" in told
        assert f"'chmod 600 {dana.sign_in.token_file}'" not in told


@pytest.mark.parametrize("how", ["the box is unticked", "Google refuses", "the API is not enabled"])
def test_while_tasks_are_not_granted_those_that_stand_are_left_alone_and_events_go_on(
    dana: Dana, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana.capture("Jenny", "Bob")
    dana.capture("Ann", stage="")
    dana.good()
    dana.rest(2)
    before = dict(dana.tasks)
    jenny = next(key for key, one in before.items() if "Jenny" in one["title"])
    with monkeypatch.context() as without:
        if how == "the box is unticked":
            dana.sign_in.scopes = NARROW[:2]
            dana.sign_in.again()
        else:
            _forbid_tasks(dana, without, "insufficientPermissions" if how == "Google refuses" else "accessNotConfigured")
        dana.capture("Carl", stage="")
        for day in ("2026-01-05T09:00", "2026-01-07T08:00", "2026-01-12T08:00", "2026-01-12T08:05"):  # overdue, and a full reading
            dana.now = day
            report = dana.cycle()
            assert report.targets["phone"].error == ""
            assert any("Tasks are off" in warning for warning in report.warnings)
        assert "Decide: Carl (6th day)" in dana.titles()
        dana.capture("Dora")
        dana.run("log", "bob", "no")
        dana.later(minutes=5)
        dana.good()
        assert "Email Dora to say thanks" in [one["summary"] for one in dana.events.values()]
        assert dana.tasks == before
        assert not dana.facts("jenny", Dismissed, Moved, Touched)
        dana.rep.tick(jenny)
    dana.sign_in.scopes = NARROW
    dana.sign_in.again()
    dana.later(minutes=5)
    dana.good()
    dana.rest(3)
    assert [fact.result for fact in dana.facts("jenny", Touched)] == ["done"]
    assert not [one for one in dana.tasks.values() if "Bob" in one["title"] and one["status"] == "needsAction"]
    assert len([one for one in dana.titles() if "Dora" in one]) == 1


def _forbid_tasks(dana: Dana, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    def call(*_: Any) -> Any:
        raise Refusal(403, reason, "No.")

    monkeypatch.setattr(type(dana.google.tasks), "call", call)


def test_tasks_that_nobody_wants_any_more_need_no_permission(dana: Dana) -> None:
    """``auth google`` does not ask for it then, so nobody is told to tick its box."""
    dana.capture("Ann", stage="")
    dana.good()
    dana.configure()
    dana.sign_in.scopes = NARROW[:2]
    dana.sign_in.again()
    dana.later(minutes=5)
    report = dana.cycle()
    assert (report.targets["phone"].error, report.warnings) == ("", ())


@pytest.mark.parametrize("store", ["stands", "is lost"])
def test_purge_takes_tasks_too_that_the_config_writes_no_more(dana: Dana, store: str) -> None:
    dana.capture("Jenny")
    dana.capture("Ann", stage="")
    dana.good()
    milk = dana.rep.add_task(dana.google.tasklist("Follow-ups"), "Buy milk")
    dana.rest(2)
    dana.configure()
    if store == "is lost":
        stores.lose(dana.folder / "store.db")
    dana.sign_in.scopes = NARROW[:2]
    dana.sign_in.again()
    dana.run("purge", "--target", "phone", code=1)
    assert "What stands there as a task cannot be seen, so it stays. Tasks are off" in " ".join(dana.err.split())
    assert len(dana.tasks) == 2
    dana.sign_in.scopes = NARROW
    dana.sign_in.again()
    dana.run("purge", "--target", "phone", "--yes")
    assert (list(dana.tasks), dana.events) == ([milk], {})


def test_purge_makes_no_task_list(dana: Dana) -> None:
    dana.configure()
    dana.capture("Ann", stage="")
    dana.good()
    lists = [one.title for one in dana.google.tasks.lists.values()]
    assert "Deleted 1" in dana.run("purge", "--target", "phone", "--yes")
    assert [one.title for one in dana.google.tasks.lists.values()] == lists


def test_purge_finds_what_the_store_remembers(dana: Dana) -> None:
    """The sign-in was made anew, so nothing but the store knows the calendar; and the list was renamed on the phone."""
    dana.capture("Jenny")
    dana.capture("Ann", stage="")
    dana.good()
    dana.sign_in.token_file.unlink()
    dana.sign_in.again()
    (tasks := dana.google.tasklist("Follow-ups")).title = "Calls"
    calendars = list(dana.google.calendars.calendars)
    assert "2" in dana.run("purge", "--target", "phone")
    dana.run("purge", "--target", "phone", "--yes")
    assert [task.body["title"] for task in tasks.tasks.values() if not task.body.get("deleted")] == []
    assert dana.events == {}
    assert list(dana.google.calendars.calendars) == calendars


def test_purge_without_a_store_makes_no_calendar(dana: Dana) -> None:
    dana.capture("Ann", stage="")
    dana.good()
    stores.lose(dana.folder / "store.db")
    dana.sign_in.token_file.unlink()
    dana.sign_in.again()
    calendars = list(dana.google.calendars.calendars)
    dana.run("purge", "--target", "phone", "--yes", code=1)
    assert "Nobody remembers which calendar of this account is ours" in " ".join(dana.err.split())
    assert list(dana.google.calendars.calendars) == calendars
    assert len(dana.events) == 1


# ---- the config names another calendar ---------------------------------------------------------------------------------------------


def name_calendar(dana: Dana, before: str, name: str) -> None:
    text = dana.path.read_text()
    dana.path.write_text(
        text.replace(f"type: google, calendar: {before},", "type: google,").replace("google,", f"google, calendar: {name},")
    )
    dana.settings = load(dana.path)
    dana.later(minutes=5)


def calendars(dana: Dana) -> dict[str, list[str]]:
    """What stands in each calendar but the rep's own."""
    return {
        one.summary: sorted(event.body["summary"] for event in one.events.values() if not event.gone)
        for one in dana.google.calendars.calendars.values()
        if one.summary != "dana@example.org"
    }


@pytest.mark.parametrize("what", ["", "the answer is lost", "the store is lost afterwards"])
def test_our_calendar_is_called_as_the_config_calls_it_now(dana: Dana, what: str) -> None:
    """All that stands in it comes along, what the rep did in it too, and the task list."""
    dana.capture("Jenny", stage="")
    dana.capture("Bob")
    dana.good()
    (event,) = dana.events
    dana.rep.note(event, "likes blue")
    for before, name in (("", "Sales"), ("Sales", "Follow-ups")):
        name_calendar(dana, before, name)
        assert "0 to create, 0 to move, 0 to close" in dana.run("plan")
        assert name not in calendars(dana), "a look changes nothing"
        if what == "the answer is lost":
            dana.google.fault("lost", only="calendar.calendars.patch", applied=True)
            assert dana.any().error
            dana.later(minutes=5)
        dana.counted()
        assert dana.cycle().warnings == ()
        assert dana.counted()["calendar.calendars.insert"] == 0
        assert calendars(dana) == {name: ["Decide: Jenny"]}
        assert lists(dana)["Follow-ups"] == ["Email Bob to say thanks"]
        dana.later(minutes=5)
        dana.good()
        assert dana.counted() == {"calendar.events.list": 1, "tasks.tasks.list": 1}, "asked for once"
    assert [fact.text for fact in dana.facts("jenny", Noted)] == ["likes blue"]
    assert "All is well" in dana.run("check")
    if what == "the store is lost afterwards":
        stores.lose(dana.folder / "store.db")
        dana.run("import", str(_people(dana.folder).rename(dana.folder / "p.csv")), "--yes")
        dana.good()
        assert list(calendars(dana)) == ["Follow-ups"], "it is found by its new name"


def test_a_calendar_that_may_be_the_reps_own_is_not_renamed_and_what_stands_there_is_told(
    google: GoogleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dana = Dana(google, tmp_path, capsys, scopes=("calendar", "tasks"))
    dana.capture("Jenny", stage="")
    dana.good()
    name_calendar(dana, "", "Sales")
    for _ in range(2):
        assert "still stands on the calendar 'Follow-ups'" in dana.run("sync", code=1) + dana.err
        dana.later(minutes=5)
    assert calendars(dana) == {"Follow-ups": ["Decide: Jenny"], "Sales": ["Decide: Jenny"]}
    for command in ("status", "check"):
        assert "still stands on the calendar 'Follow-ups'" in " ".join(dana.run(command, code=1).split())
    dana.run("purge", "--target", "phone", "--forget")
    dana.run("sync")
    assert "All is well" in dana.run("check")


# ---- the config names another list ------------------------------------------------------------------------------------------------


def name_list(dana: Dana, name: str) -> None:
    dana.path.write_text(dana.path.read_text().replace("write: auto,", f"write: auto, tasks: {name},"))
    dana.settings = load(dana.path)
    dana.later(minutes=5)


def lists(dana: Dana) -> dict[str, list[str]]:
    """What is open in each task list."""
    return {
        found.title: sorted(task.body["title"] for task in found.tasks.values() if not (task.done or task.body.get("deleted")))
        for found in dana.google.tasks.of("dana@example.org")
    }


@pytest.mark.parametrize("lost", [False, True])
def test_our_list_is_called_as_the_config_calls_it_now(dana: Dana, lost: bool) -> None:
    """All that stands in it comes along, what the rep did in it too."""
    dana.capture("Jenny", "Bob")
    dana.good()
    jenny = next(key for key, one in dana.tasks.items() if "Jenny" in one["title"])
    dana.rep.note_task(jenny, "likes blue")
    name_list(dana, "Calls")
    assert "0 to create, 0 to move, 0 to close" in dana.run("plan")
    assert "Follow-ups" in lists(dana), "a look changes nothing"
    if lost:
        dana.google.fault("lost", only="tasks.tasklists.patch", applied=True)
        assert dana.any().error
        dana.later(minutes=5)
    dana.counted()
    assert dana.cycle().warnings == ()
    assert lists(dana) == {"My Tasks": [], "Calls": ["Email Bob to say thanks", "Email Jenny to say thanks"]}
    assert [fact.text for fact in dana.facts("jenny", Noted)] == ["likes blue"]
    dana.counted()
    dana.later(minutes=5)
    dana.good()
    assert dana.counted() == {"calendar.events.list": 1, "tasks.tasks.list": 1}, "asked for once"
    dana.capture("Carl")
    dana.later(minutes=5)
    dana.good()
    assert "Email Carl to say thanks" in lists(dana)["Calls"]
    assert not dana.facts("bob", Moved, Noted, Dismissed, Touched)


@pytest.mark.parametrize("how", ["theirs", "another one has that name"])
def test_a_list_that_is_not_ours_to_rename_stays_and_that_is_told(dana: Dana, how: str) -> None:
    dana.configure(more=LETTERS)
    if how == "theirs":
        dana.google.tasks.add("dana@example.org", "Follow-ups", dana.google.now)
    dana.capture("Jenny")
    dana.good()
    theirs = dana.google.tasks.add("dana@example.org", "Calls", dana.google.now) if how != "theirs" else None
    if theirs:
        dana.rep.add_task(theirs, "Buy milk")
        dana.rep.add_task(theirs, "Email Lee to send the quote", date(2026, 1, 9))
    before = lists(dana)
    name_list(dana, "Calls")
    for _ in range(2):
        (warning,) = dana.cycle().warnings
        assert "The config says 'tasks: Calls' now, but tasks still go to the list of before" in warning
        assert ("delete the other one" in warning) == (how != "theirs")
        assert "write 'tasks: Follow-ups' again" in warning
        dana.later(minutes=5)
    assert lists(dana) == before
    assert "still go to the list of before" in " ".join(dana.run("doctor", code=1).split())
    dana.rep.tick(only_task(dana))  # not read yet, so the list is not left
    dana.capture("Bob")
    dana.later(minutes=5)
    assert "still go to the list" in dana.cycle().warnings[0]
    assert [fact.result for fact in dana.facts("jenny", Touched)] == ["done"]
    dana.run("purge", "--target", "phone", "--yes")
    dana.later(minutes=5)
    dana.run("sync")
    assert lists(dana)["Follow-ups"] == []
    typed = ["Buy milk", "Email Bob to say thanks", "Email Lee to send the quote"]
    assert lists(dana)["Calls"] == (typed if theirs else typed[1:2])
    assert bool(dana.history("lee")) == bool(theirs), "what was typed there long ago is read now"
    assert dana.cycle().warnings == ()


def test_a_list_that_holds_nothing_of_ours_any_more_is_left(dana: Dana) -> None:
    """What was done there stays the rep's record, and what was typed in the other one long ago is read."""
    dana.google.tasks.add("dana@example.org", "Follow-ups", dana.google.now)
    theirs = dana.google.tasks.add("dana@example.org", "Calls", dana.google.now)
    dana.rep.add_task(theirs, "Email Lee to send the quote", date(2026, 1, 9))
    dana.capture("Jenny")
    dana.good()
    dana.rep.tick(only_task(dana))
    dana.rest(10)
    name_list(dana, "Calls")
    assert dana.cycle().warnings == ()
    assert dana.history("lee")
    dana.capture("Bob")
    dana.later(minutes=5)
    dana.good()
    assert lists(dana) == {"My Tasks": [], "Follow-ups": [], "Calls": ["Email Bob to say thanks", "Email Lee to send the quote"]}
    assert [fact.result for fact in dana.facts("jenny", Touched)] == ["done"]
    dana.counted()
    dana.rest(12)
    assert not [one for one in dana.counted() if one in WRITES]
    dana.now = "2026-01-13T09:00"  # everything is listed anew
    dana.good()
    assert [fact.result for fact in dana.facts("jenny", Touched, Dismissed)] == ["done"]


@pytest.mark.parametrize("store", ["of now", "of an older version"])
def test_a_list_that_the_rep_renamed_too_is_the_same(dana: Dana, store: str) -> None:
    dana.google.tasks.add("dana@example.org", "Follow-ups", dana.google.now)
    dana.capture("Jenny")
    dana.good()
    if store != "of now":
        with dana.kept.writing() as tx:
            state = tx.target_state("dana", "phone")
            assert state.collection.endswith("&named=Follow-ups")
            tx.save_target_state(replace(state, collection=state.collection.removesuffix("&named=Follow-ups")))
    dana.google.tasklist("Follow-ups").title = "Calls"
    dana.later(minutes=5)
    assert dana.cycle().warnings == ()
    name_list(dana, "Calls")
    assert dana.cycle().warnings == ()
    assert lists(dana) == {"My Tasks": [], "Calls": ["Email Jenny to say thanks"]}


# ---- looking writes nothing --------------------------------------------------------------------------------------------------------


LOOKS = (
    "plan --json",
    "plan",
    "check",
    "status",
    "list",
    "agenda",
    "show jenny",
    "why jenny",
    "sheet jenny",
    "report",
    "export",
    "doctor --help",
    "auth google --help",
    "schema",
)


def written(dana: Dana) -> list[str]:
    """All that were no reads; a token may be asked for."""
    return [f"{one.method} {one.path}" for one in dana.google.log if one.method != "GET" and one.name != "token"]


@pytest.mark.parametrize("when", ["on a fresh account", "where all stands", "where tasks are wanted now", "where the calendar is gone"])
def test_looking_writes_nothing(dana: Dana, when: str) -> None:
    dana.capture("Jenny")
    if when == "where tasks are wanted now":
        dana.configure()
    if when != "on a fresh account":
        dana.good()
        dana.later(minutes=5)
    if when == "where tasks are wanted now":
        dana.run("log", "jenny", "done")
        dana.capture("Bob")
        dana.configure(more=LETTERS)
    if when == "where the calendar is gone":
        dana.rep.delete_calendar(dana.google.calendar("Follow-ups"))
    token = dana.sign_in.token_file.read_bytes()
    dana.counted()
    before = (list(dana.google.calendars.calendars), lists(dana))
    for command in LOOKS:
        gone = when == "where the calendar is gone"
        with suppress(AssertionError) if gone else nullcontext():  # some tell of it by their exit code
            Desk.run(dana, *command.split())
        assert written(dana) == [], command
    assert (list(dana.google.calendars.calendars), lists(dana)) == before
    assert dana.sign_in.token_file.read_bytes() == token


def test_doctor_may_be_asked_again(dana: Dana) -> None:
    """The names of the entries that it tried stay taken."""
    dana.capture("Ann", stage="")
    dana.good()
    for _ in range(3):
        dana.later(minutes=5)
        assert "BAD" not in dana.run("doctor")
        assert len(dana.events) == 1


@pytest.mark.parametrize("trouble", ["revoked", "gone"])
def test_doctor_says_nothing_of_google_that_it_did_not_see(dana: Dana, trouble: str) -> None:
    dana.capture("Ann", stage="")
    dana.good()
    dana.later(minutes=5)
    if trouble == "revoked":
        dana.google.grants.revoke("dana@example.org")
    else:
        for _ in range(9):
            dana.google.fault("404", only="calendar.")
    said = dana.run("doctor", code=1)
    assert "BAD" in said
    assert not any(word in said for word in ("was written, read and removed", "the server refuses", "they stay as they are written"))
    assert "nothing was asked for that" in " ".join(said.split())


# ---- lost answers, kills -----------------------------------------------------------------------------------------------------------


CALLS = (*WRITES[:-1], "calendar.events.list", "tasks.tasks.list", "batch", "token")


def lived(dana: Dana) -> None:
    """A day with every kind of write; the rep does something once everything stands there."""
    dana.any()
    dana.rest(2)
    for task, body in dana.tasks.items():
        if "Jenny" in body["title"]:
            dana.rep.note_task(task, "likes blue")
    for event, body in dana.events.items():
        if "Carl" in body["summary"]:
            dana.rep.note(event, "not before three")
    dana.any()
    dana.rest(2)
    dana.promise("Ann", datetime(2026, 1, 7, 14, tzinfo=ZONE))
    dana.promise("Bob", datetime(2026, 1, 7, 15, tzinfo=ZONE))
    store = dana.store()
    with store.writing() as tx:
        for name in ("jenny", "carl"):
            prospect = tx.prospect(name)
            assert prospect
            tx.save(Prospect(name, "dana", prospect.name, stage=prospect.stage, fields=prospect.fields, source="the fair"))
    store.close()
    dana.any()


def expected(dana: Dana) -> None:
    """Nothing doubled, nothing lost, and nothing that the rep did not do."""
    assert dana.titles() == [
        "Call Ann to set a meeting",
        "Call Bob to set a meeting",
        "Decide: Carl",
        "Email Dora to say thanks",
        "Email Jenny to say thanks",
    ]
    for name in ("ann", "bob", "dora"):
        assert not dana.facts(name, Touched, Moved, Noted, Dismissed), name
    assert [fact.text for fact in dana.facts("jenny", Touched, Moved, Noted, Dismissed)] == ["likes blue"]
    assert [fact.text for fact in dana.facts("carl", Touched, Moved, Noted, Dismissed)] == ["not before three"]
    texts = [one["notes"] for one in dana.tasks.values() if "Jenny" in one["title"]]
    texts += [one["description"] for one in dana.events.values() if "Carl" in one["summary"]]
    assert len(texts) == 2
    assert all("the fair" in text for text in texts)
    assert any("likes blue" in text for text in texts)
    assert any("not before three" in text for text in texts)


@pytest.fixture
def five(dana: Dana) -> Dana:
    dana.capture("Jenny", "Bob", "Dora")
    dana.capture("Ann", "Carl", stage="")
    return dana


def test_a_day(five: Dana) -> None:
    lived(five)
    five.rest()
    expected(five)
    assert {
        "calendar.events.insert",
        "calendar.events.patch",
        "calendar.events.delete",
        "tasks.tasks.insert",
        "tasks.tasks.patch",
        "batch",
    } <= set(five.counted())


@pytest.mark.parametrize("what", ["not arrived", "lost", "truncated"])
@pytest.mark.parametrize(("call", "at"), [*((call, 1) for call in CALLS), ("calendar.events.insert", 2), ("tasks.tasks.insert", 3)])
def test_any_answer_is_lost(five: Dana, call: str, what: str, at: int, request: pytest.FixtureRequest) -> None:
    """One of them on a socket; to the others it makes no difference, and takes longer."""
    if (call, what, at) != ("batch", "lost", 1):
        request.getfixturevalue("door")
    fault = five.google.fault("lost" if what == "not arrived" else what, only=call, applied=what != "not arrived", at=at)
    lived(five)
    assert fault.times == 0, "it happened"
    five.rest(6)
    expected(five)
    five.counted()
    five.rest(3)
    assert not [one for one in five.counted() if one in WRITES]


@pytest.mark.parametrize("typed", ["likes blue", "y", "> thu 2pm call to send the quote"])
@pytest.mark.parametrize("what", ["the answer is lost", "the store is lost"])
def test_what_is_typed_below_our_line_is_read_though_nobody_remembers_the_task(dana: Dana, what: str, typed: str) -> None:
    if what == "the answer is lost":
        dana.google.fault("lost", at=1, only="tasks.tasks.insert", applied=True)
    dana.capture("Jenny")
    dana.any()
    (task,) = dana.tasks
    dana.rep.edit_task(task, notes=f"{dana.tasks[task]['notes']}\n{typed}")
    if what == "the store is lost":
        stores.lose(dana.folder / "store.db")
        dana.run("import", str(_people(dana.folder)), "--yes")
    dana.counted()
    dana.rest()
    assert list(dana.tasks) == [task], "it is not made twice"
    assert dana.counted()["tasks.tasks.insert"] == 0
    told = {"likes blue": (Noted, 1), "y": (Touched, 1), "> thu 2pm call to send the quote": (Promised, 1)}
    kind, times = told[typed]
    assert len(dana.facts("jenny", kind)) == times
    assert [fact.text for fact in dana.facts("jenny", Noted)] == (["likes blue"] if kind is Noted else [])
    dana.rest()
    assert len(dana.facts("jenny", kind)) == times
    assert len([fact for fact in dana.history("jenny") if isinstance(fact, Captured)]) == 1


class MortalTransport(Transport):
    """The process dies before a request or before its answer is read."""

    death: Death

    def request(self, *args: Any, **kwargs: Any) -> Any:
        lives = self.death.left > 0
        if lives:
            self.death.moment()
        answer = super().request(*args, **kwargs)
        if lives:
            self.death.moment()
        return answer


def test_killed_at_any_moment(
    google: GoogleServer, door: Door, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each seventh moment of a day: between two requests, a request and its answer, an answer and the store."""
    monkeypatch.setattr(google_calendar, "Connection", lambda timeout, hosts: MortalTransport(door))
    moment, lives = 1, 0
    while True:
        dana = _another(google, tmp_path / str(moment), capsys)
        MortalTransport.death = dana.death = Death(moment)
        lived(dana)
        survived = dana.death.left > 0
        dana.death.left = 0
        dana.rest(6)
        expected(dana)
        dana.kept.close()
        lives += 1
        if survived:
            break
        moment += 7
    assert lives > 10


def _another(google: GoogleServer, folder: Path, capsys: pytest.CaptureFixture[str]) -> Dana:
    """Five prospects, and an account in which nothing stands yet."""
    folder.mkdir()
    google.calendars.calendars.clear()
    google.tasks.lists.clear()
    google.account()
    google.now = GoogleServer().now
    dana = Dana(google, folder, capsys)
    dana.capture("Jenny", "Bob", "Dora")
    dana.capture("Ann", "Carl", stage="")
    return dana


# ---- what happens to an account ----------------------------------------------------------------------------------------------------


def test_the_sign_in_is_taken_back_for_a_month(dana: Dana, tmp_path: Path) -> None:
    """Four token requests a day, nothing lost, and nothing written twice once somebody signs in again."""
    busy = f"busy:\n  private: {{type: google, {dana.sign_in.files}}}\n"
    dana.configure(rep="busy: [private]", more=LETTERS + busy, targets=f"file: {{type: ics, path: {tmp_path}/feed.ics}}")
    dana.capture("Jenny", "Bob")
    dana.good()
    task = next(key for key, one in dana.tasks.items() if "Jenny" in one["title"])
    dana.google.grants.revoke("dana@example.org")
    dana.google.grants.refreshes = 0
    dana.capture("Carl", stage="")
    dana.rep.tick(task)
    start = dana.moment
    settings = load(dana.path)
    store = dana.store()
    for hours in range(1, 30 * 24, 2):
        at = start + timedelta(hours=hours)
        dana.google.now = at
        report = Cycle(settings, "dana", store, at).run()
        assert "Sign in again with 'followsync auth google'" in report.targets["phone"].error
        assert report.targets["file"].error == ""
    store.close()
    assert dana.google.grants.refreshes <= 4 * 30
    assert "FollowSync: phone needs a new sign-in" in (tmp_path / "feed.ics").read_text()
    dana.now = f"{start + timedelta(days=30):%Y-%m-%dT%H:%M}"
    assert "Sign in again with 'followsync auth google'" in dana.run("status", code=1)
    assert [fact for fact in dana.facts("jenny", Touched)] == []
    dana.sign_in.again()
    dana.counted()
    (report,) = [one for name, one in dana.cycle().targets.items() if name == "phone"]
    assert report.error == ""
    assert "needs a new sign-in" not in (tmp_path / "feed.ics").read_text()
    assert [fact.result for fact in dana.facts("jenny", Touched)] == ["done"]
    calls = dana.counted()
    assert sum(calls[one] for one in WRITES) <= 3, "one for each of the three"
    assert len(dana.titles()) == 3


@pytest.mark.parametrize("died", [1, 2, 30])
def test_the_access_token_dies_within_a_batch(dana: Dana, died: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google answers 200, and 401 for each part from there on: those alone are sent again."""
    dana.good()
    dana.capture(*(f"Diner {number}" for number in range(40)), stage="")
    real, begun = dana.google._inside, Counter[str]()

    def inside(*part: Any) -> Any:
        begun["parts"] += 1
        if begun["parts"] == died:
            dana.google.grants.expire()
        return real(*part)

    monkeypatch.setattr(dana.google, "_inside", inside)
    dana.counted()
    dana.later(minutes=5)
    report = dana.good()
    assert (report.created, report.pending) == (40, 0)
    calls = dana.counted()
    assert (calls["token"], calls["batch"]) == (1, 2)
    assert calls["calendar.events.insert"] == 40 + (40 - died + 1)
    assert len(dana.titles()) == 40
    dana.rest(3)
    assert not [one for one in dana.counted() if one in WRITES]


def test_a_sign_in_taken_back_within_a_batch_loses_nothing(dana: Dana, monkeypatch: pytest.MonkeyPatch) -> None:
    dana.good()
    dana.capture("Ann", "Bob", "Carl", stage="")
    real, begun = dana.google._inside, Counter[str]()

    def inside(*part: Any) -> Any:
        begun["parts"] += 1
        if begun["parts"] == 2:
            dana.google.grants.revoke("dana@example.org")
        return real(*part)

    monkeypatch.setattr(dana.google, "_inside", inside)
    dana.later(minutes=5)
    assert "Sign in again with 'followsync auth google'" in dana.any().error
    dana.sign_in.again()
    dana.later(minutes=5)
    dana.good()
    dana.rest(2)
    assert dana.titles() == ["Decide: Ann", "Decide: Bob", "Decide: Carl"]
    assert not dana.facts("ann", Moved, Noted, Dismissed, Touched)


def test_a_daemon_goes_on_as_soon_as_somebody_signed_in(dana: Dana) -> None:
    dana.capture("Jenny")
    dana.good()
    dana.google.grants.revoke("dana@example.org")
    dana.google.grants.refreshes = 0
    settings, store = load(dana.path), dana.store()
    try:
        for minutes in (5, 10, 15):
            report = Cycle(settings, "dana", store, dana.moment + timedelta(minutes=minutes)).run()
            assert "Sign in again" in report.targets["phone"].error
        assert dana.google.grants.refreshes == 1
        dana.sign_in.again()
        report = Cycle(settings, "dana", store, dana.moment + timedelta(minutes=20)).run()
        assert report.targets["phone"].error == ""
    finally:
        store.close()


@pytest.fixture
def robot(dana: Dana) -> Dana:
    """A service account acts for her, which no administrator allowed yet; a daemon keeps the store open."""
    key = dana.google.grants.service(dana.google.root)
    dana.sign_in.client_file.write_text(json.dumps(key))
    dana.path.write_text(dana.path.read_text().replace("type: google,", "type: google, subject: dana@example.org,"))
    dana.capture("Ann", stage="")
    return dana


def allow(dana: Dana) -> None:
    for service in dana.google.grants.services.values():
        service.delegated = frozenset(f"https://www.googleapis.com/auth/{one}" for one in NARROW)


def test_a_daemon_goes_on_within_the_hour_where_an_administrator_mended_something(robot: Dana) -> None:
    settings, start = load(robot.path), robot.moment

    def at(**by: float) -> str:
        moment = start + timedelta(**by)
        robot.google.now = max(moment, robot.google.now)
        return Cycle(settings, "dana", robot.kept, moment).run().targets["phone"].error

    for minutes in range(0, 60, 5):
        assert "may not act in the name of 'subject'" in at(minutes=minutes)
    assert robot.counted()["token"] == 1
    told = " ".join(robot.run("status", code=1).split())
    assert "Domain-wide delegation" in told
    assert "in again" not in told, "nobody can"
    allow(robot)
    assert at(minutes=61) == ""
    assert robot.titles() == ["Decide: Ann"]


@pytest.mark.parametrize("how", ["another key", "sync by hand", "sync in another process", "reload"])
def test_a_daemon_goes_on_at_once_where_somebody_says_so(robot: Dana, how: str) -> None:
    settings, start = load(robot.path), robot.moment

    def at(force: bool = False, **by: float) -> str:
        robot.google.now = start + timedelta(**by)
        return Cycle(settings, "dana", robot.kept, start + timedelta(**by)).run(force=force).targets["phone"].error

    assert "may not act" in at()
    assert "may not act" in at(seconds=10)
    allow(robot)
    match how:
        case "another key":
            other = robot.google.grants.service(robot.google.root, delegated=NARROW)
            robot.sign_in.client_file.write_text(json.dumps(other))
        case "sync by hand":
            assert at(force=True, seconds=20) == ""
        case "sync in another process":
            google_login.forget_refusals()  # it has none of its own
            robot.now = f"{start + timedelta(minutes=6):%Y-%m-%dT%H:%M}"
            robot.run("sync")
        case "reload":
            google_login.forget_refusals()
            with robot.kept.writing() as tx:
                tx.save_target_state(replace(tx.target_state("dana", "phone"), not_before=None))
    assert at(minutes=7) == ""
    assert robot.titles() == ["Decide: Ann"]


def test_expired_sync_tokens_read_everything_and_wipe_nothing(dana: Dana) -> None:
    dana.capture("Jenny", "Bob")
    dana.capture("Ann", stage="")
    dana.good()
    (event,) = dana.events
    dana.rep.note(event, "likes blue")
    dana.google.forget_tokens()
    dana.later(minutes=5)
    report = dana.good()
    assert (report.created, report.deleted) == (0, 0)
    assert [fact.text for fact in dana.facts("ann", Noted)] == ["likes blue"]
    assert len(dana.titles()) == 3


@pytest.mark.parametrize("said", ["--restore", "--accept-deletes"])
def test_our_calendar_is_deleted(dana: Dana, said: str) -> None:
    dana.capture("Ann", "Bob", stage="")
    dana.good()
    dana.rep.delete_calendar(dana.google.calendar("Follow-ups"))
    dana.later(minutes=5)
    assert "The calendar at Google is gone" in dana.any().error
    dana.later(minutes=5)
    dana.run("sync", said)
    dana.rest(2)
    assert dana.titles() == (["Decide: Ann", "Decide: Bob"] if said == "--restore" else ["Ann: drop, or when?", "Bob: drop, or when?"])


@pytest.mark.parametrize("said", [(), ("--restore",)])
def test_a_calendar_that_is_named_by_its_id_and_is_not_ours(dana: Dana, said: tuple[str, ...]) -> None:
    """The narrow permission shows only what the program itself made."""
    own = dana.rep.new_calendar("Work").id
    dana.path.write_text(dana.path.read_text().replace("write: auto,", f"write: auto, calendar: '{own}',"))
    dana.capture("Ann", stage="")
    dana.run("sync", *said, code=1)
    assert "Write a name in place of the id" in dana.err
    assert "--restore" not in dana.err
    assert dana.google.calendar("Work").events == {}
    assert "Write a name in place of the id" in dana.run("status", code=1)


@pytest.mark.parametrize("what", ["calendar", "task list"])
def test_two_targets_that_lead_to_one_place_at_google(dana: Dana, what: str) -> None:
    """Its id is the same, by whatever name, and whoever signed in."""
    dana.capture("Ann", stage="")
    dana.capture("Jenny")
    dana.good()
    before = dana.titles()
    other = SignIn(dana.google, dana.folder / "other")
    calendar = f"calendar: '{dana.google.calendar('Follow-ups').id}'" if what == "calendar" else "calendar: Desk"
    dana.configure(more=LETTERS, targets=f"again: {{type: google, {other.files}, {calendar}, timeout: 5 seconds}}")
    for _ in range(2):
        dana.later(minutes=5)
        report = dana.cycle()
        assert report.targets["phone"].error == ""
        assert f"again leads to the same {what} at" in report.targets["again"].error
        assert dana.titles() == before
    dana.configure(more=LETTERS, targets=f"again: {{type: google, {other.files}, calendar: Desk, tasks: Desk, timeout: 5 seconds}}")
    dana.later(minutes=5)
    assert [one.error for one in dana.cycle().targets.values()] == ["", ""]
    assert dana.titles() == before


def test_our_task_list_is_deleted(dana: Dana) -> None:
    dana.capture("Jenny")
    dana.capture("Ann", stage="")
    dana.good()
    del dana.google.tasks.lists[dana.google.tasklist("Follow-ups").id]
    dana.later(minutes=5)
    assert "The task list at Google is gone" in dana.any().error
    dana.run("sync", "--restore")
    dana.rest(2)
    assert dana.titles() == ["Decide: Ann", "Email Jenny to say thanks"]
    assert len(dana.events) == 1


def test_a_lost_store_writes_nothing_twice(dana: Dana) -> None:
    """Our calendar is found again, though it cannot be listed, and what stands there is adopted."""
    dana.capture("Jenny")
    dana.capture("Ann", stage="")
    dana.good()
    before = dana.titles()
    (event,) = dana.events
    (task,) = dana.tasks
    dana.rep.tick(task)
    dana.rep.note(event, "likes blue")
    stores.lose(dana.folder / "store.db")
    dana.later(minutes=5)
    dana.run("import", str(_people(dana.folder)), "--yes")
    dana.counted()
    dana.good()
    dana.rest(2)
    assert dana.counted()["calendar.calendars.insert"] == 0
    assert [fact.result for fact in dana.facts("jenny", Touched)] == ["done"]
    assert [fact.text for fact in dana.facts("ann", Noted)] == ["likes blue"]
    assert before[0] in dana.titles()
    assert len(dana.events) == 2, "Ann's question, and Jenny's next action"
    assert len(dana.tasks) == 1


def _people(folder: Path) -> Path:
    path = folder / "people.csv"
    path.write_text("id,name,stage,met\njenny,Jenny,pitched,2026-01-05\nann,Ann,,\n")
    return path


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "429", "503"])
def test_google_asks_for_a_pause(dana: Dana, reason: str) -> None:
    dana.capture("Ann", stage="")
    dana.google.fault(reason, only="calendar.events.list", retry_after=900)
    assert dana.any().error
    store, settings = dana.store(), load(dana.path)
    try:
        dana.counted()
        early = Cycle(settings, "dana", store, dana.moment + timedelta(minutes=10)).run()
        assert early.targets["phone"].error
        assert dana.counted() == {}
        late = Cycle(settings, "dana", store, dana.moment + timedelta(minutes=16)).run()
        assert not late.targets["phone"].error
    finally:
        store.close()
    assert dana.titles() == ["Decide: Ann"]


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "quotaExceeded", "429"])
@pytest.mark.parametrize("only", ["tasks.tasks.insert", "tasks.tasks.list", "tasks.tasklists.list"])
def test_a_limit_of_tasks_stops_tasks_only_and_not_for_long(dana: Dana, only: str, reason: str) -> None:
    dana.capture("Jenny", "Bob")
    dana.capture("Carl", stage="")
    dana.google.fault(reason, only=only, times=3)

    def cycle() -> tuple[str, ...]:
        report = Cycle(dana.settings, "dana", dana.kept, dana.moment).run()
        assert report.targets["phone"].error == ""
        return report.warnings

    waits = []
    for minute in range(60):
        dana.google.now = max(dana.google.now, dana.moment)
        warnings = cycle()
        if minute == 0:
            assert [one["summary"] for one in dana.events.values()] == ["Decide: Carl"], "events go on"
            assert "Events go on; tasks are tried again from 08:02 on." in warnings[0]
            assert "Events go on" in dana.run("status", code=1).replace("\n", " ")
        waits.append(bool(warnings))
        dana.later(minutes=1)
    assert sum(waits) in {14, 15}, "two minutes, four, eight"
    assert dana.titles() == ["Decide: Carl", "Email Bob to say thanks", "Email Jenny to say thanks"]
    assert len(dana.tasks) == 2, "none is written twice, none as an event"
    assert "All is well" in dana.run("check")


@pytest.mark.parametrize("guests", [1, 3])
def test_the_reps_guests_and_repetitions_are_left_alone(dana: Dana, guests: int) -> None:
    """Of more guests than are asked for, Google tells none but the rep."""
    dana.capture("Ann", "Bob", stage="")
    dana.good()
    ids = {one["summary"]: key for key, one in dana.events.items()}
    dana.rep.invite(ids["Decide: Ann"], *(f"friend{number}@example.org" for number in range(guests)))
    dana.rep.edit(ids["Decide: Bob"], recurrence=["RRULE:FREQ=WEEKLY"])
    dana.later(minutes=5)
    dana.good()
    dana.now = "2026-01-07T08:00"
    dana.counted()
    dana.any()
    assert not [one for one in dana.counted() if one in WRITES]
    assert dana.google.calendars.mailed == []


def test_what_somebody_else_organizes_is_not_ours(dana: Dana) -> None:
    """It came by mail, and reads as a follow-up; Google would let nobody but its organizer change it."""
    dana.good()
    calendar = dana.google.calendar("Follow-ups")
    when = datetime(2026, 1, 7, 14, tzinfo=ZONE)
    theirs = dana.rep.add(calendar, "Call Jenny to determine next steps – 248.867.5309", when, organizer={"email": "boss@example.org"})
    mine = dana.rep.add(calendar, "Call Bob to set a meeting", when)
    before = dict(dana.events[theirs])
    dana.later(minutes=5)
    report = dana.good()
    assert (report.quarantined, dana.history("jenny"), dana.events[theirs]) == (0, (), before)
    assert dana.history("bob")
    assert "followsync-prospect" in dana.events[mine]["extendedProperties"]["private"]
    dana.counted()
    dana.rest(3)
    assert not [one for one in dana.counted() if one in WRITES]


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("what", ["rateLimitExceeded", "429", "500", "503"])
@pytest.mark.parametrize(("only", "at", "times"), [("calendar.events.insert", 3, 20), ("calendar.events.insert", 39, 1), ("batch", 1, 1)])
def test_parts_of_a_batch_or_all_of_it_are_put_off(
    dana: Dana, door: Door, what: str, applied: bool, only: str, at: int, times: int
) -> None:
    """Google answers 200, and so to some parts; a 5xx may be said of what was done all the same."""
    dana.good()
    dana.capture(*(f"Diner {number}" for number in range(40)), stage="")
    dana.google.fault(what, only=only, at=at, times=times, applied=applied)
    dana.later(minutes=5)
    assert dana.any().error
    dana.rest(3)
    assert dana.titles() == sorted(f"Decide: Diner {number}" for number in range(40))
    assert not [fact for number in range(40) for fact in dana.facts(f"Diner {number}", Moved, Noted, Dismissed, Touched)]
    dana.counted()
    dana.rest(3)
    assert not [one for one in dana.counted() if one in WRITES]


def test_lists_in_odd_pages(dana: Dana, door: Door) -> None:
    """A page may be short, or empty, and is not the last one for that."""
    dana.google.habits.pages = (0, 1, 0, 2, 0, 3)
    dana.capture("Ann", "Bob", "Carl", stage="")
    dana.capture("Jenny")
    dana.good()
    dana.rest(2)
    event = next(key for key, one in dana.events.items() if "Carl" in one["summary"])
    dana.rep.note(event, "likes blue")
    dana.google.forget_tokens()
    dana.later(minutes=5)
    report = dana.good()
    assert (report.created, report.deleted) == (0, 0)
    assert [fact.text for fact in dana.facts("carl", Noted)] == ["likes blue"]
    assert len(dana.titles()) == 4


# ---- clocks ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_is_wrong_is_named(robot: Dana, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """What a service account asks with says when; Google takes it for a short while only."""
    allow(robot)
    robot.google.grants.strict = True
    with monkeypatch.context() as wrong:
        wrong.setattr(google_login, "machine_clock", lambda: robot.google.now + timedelta(hours=hours))
        robot.run("sync", code=1)
        assert "this machine's clock is wrong: set it" in " ".join(robot.err.split())
    robot.later(minutes=5)
    robot.run("sync")
    assert robot.titles() == ["Decide: Ann"]


def test_an_access_token_ends_by_the_clock_that_runs(dana: Dana, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first sync takes longer than a token lives, and the cycle's moment stands still meanwhile."""
    dana.good()
    dana.capture(*(f"Diner {number}" for number in range(120)), stage="")
    real = dana.google._batch

    def slow(*asked: Any) -> Any:
        answer = real(*asked)
        dana.google.now += timedelta(minutes=50)
        return answer

    monkeypatch.setattr(dana.google, "_batch", slow)
    dana.counted()
    dana.later(minutes=5)
    assert dana.good().created == 120
    calls = dana.counted()
    assert (calls["token"], calls["batch"], calls["calendar.events.insert"]) == (1, 3, 120), "none is refused first"


def test_a_rehearsal_of_another_day_leaves_the_sign_in_as_it_is(dana: Dana) -> None:
    dana.capture("Ann", stage="")
    dana.good()
    before, asked = dana.sign_in.token_file.read_text(), dana.google.grants.refreshes
    for day in ("2026-06-01T08:00", "2025-06-01T08:00"):
        real, dana.now = dana.now, day
        assert "Nothing was written" in Desk.run(dana, "plan")  # which does not move the server's clock
        dana.now = real
        assert dana.sign_in.token_file.read_text() == before
    assert dana.google.grants.refreshes == asked
