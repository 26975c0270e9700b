"""Losses on real servers: many deletions, a lost or an older store, a full disk, a week without a network, a month without a password, and
targets, entries and reps that fail beside good ones. The oracle is ``Watched.proof``; what a person is told is read from the commands."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from operator import le
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from structlog.testing import capture_logs

from followsync.config import load
from followsync.core.history import Dismissed, Moved, Noted, Restored, Result, Touched
from followsync.daemon import Daemon
from followsync.errors import StoreError
from tests import proxy as faults
from tests import stores
from tests.phone import Desk
from tests.proxy import Proxy, Together, meanwhile, says
from tests.servers import PASSWORD, Server, free_port
from tests.test_daemon import AtOnce, Heard, Waiter
from tests.watched import WRITES, Watched

XANDIKOS = pytest.mark.parametrize("proxy", ["xandikos"], indirect=True)
RADICALE = pytest.mark.parametrize("proxy", ["radicale"], indirect=True)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", PASSWORD)


@pytest.fixture
def day(proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Watched:
    return Watched(proxy, tmp_path, capsys).begin()


@pytest.fixture
def crowd(proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Watched:
    """Twenty prospects."""
    return Watched(proxy, tmp_path, capsys, people=20).begin()


# ---- 95 % of the entries vanish ---------------------------------------------------------------------------------------------------


@pytest.fixture
def emptied(crowd: Watched) -> tuple[Watched, dict[str, str]]:
    """19 of 20 are gone, two cycles have passed, and the rep typed into the one that is left. What was deleted: href -> text."""
    gone = {href: str(text) for href, text in crowd.ours().items()}
    crowd.deletes(*crowd.people[1:], asked=False)
    crowd.notes("p0")
    kept = crowd.hrefs()["p0"]
    crowd.proxy.forget()
    for _ in range(3):
        held = crowd.later(minutes=3).sync_once()
        assert "19 of 20 entries were deleted" in held.error
        assert "--accept-deletes" in held.error
        assert "--restore" in held.error
    assert crowd.proxy.requests(*WRITES) == []
    assert {one["state"] for one in crowd.json("list")} == {"open"}
    assert [type(fact) for key in crowd.people[1:] for fact in crowd.history(key) if isinstance(fact, Dismissed)] == []
    assert [fact.text for fact in crowd.history("p0") if isinstance(fact, Noted)] == ["likes blue"], "edits are still read"
    said = crowd.json("status", code=1)["targets"]["phone"]
    assert "--accept-deletes" in said["held"]
    assert "--restore" in crowd.run("status", code=1).replace("\n", " ")
    return crowd, {href: text for href, text in gone.items() if href != kept}


def test_many_deletions_that_are_meant_are_asked_about(emptied: tuple[Watched, dict[str, str]]) -> None:
    crowd, _ = emptied
    crowd.run("sync", "--accept-deletes")
    for key in crowd.people[1:]:
        crowd.facts[key][Dismissed] += 1
    crowd.proof()
    titles = [text.value("SUMMARY") for text in crowd.ours().values()]
    assert sum(title.endswith("drop\\, or when?") for title in titles) == 19


@XANDIKOS
def test_many_deletions_by_accident_are_written_again(emptied: tuple[Watched, dict[str, str]]) -> None:
    crowd, gone = emptied
    before = Counter(text.partition("SUMMARY:")[2].splitlines()[0] for text in gone.values())
    crowd.run("sync", "--restore")
    crowd.proof()
    assert not before - Counter(text.value("SUMMARY") for text in crowd.ours().values())


@RADICALE
def test_many_deletions_that_come_back_release_it(emptied: tuple[Watched, dict[str, str]]) -> None:
    crowd, gone = emptied
    for href, text in gone.items():
        crowd.phone.add(href.rpartition("/")[2], text)
    crowd.proof()
    assert crowd.json("status")["targets"]["phone"]["held"] == ""


# ---- a store that is lost or old --------------------------------------------------------------------------------------------------


def test_a_lost_store_adopts_what_stands(day: Watched) -> None:
    day.moves("p0")
    day.notes("p1")
    day.sync_once()
    day.rest()
    before = {href: text.value("DTSTART") for href, text in day.ours().items()}
    exported = day.folder / "people.csv"
    day.run("export", "--output", str(exported))
    stores.lose(day.folder / "store.db")
    day.run("import", str(exported), "--yes")
    day.moved.clear()  # that it was the rep who moved it is lost; where it stands is not
    day.typed.clear()
    day.later(minutes=3).sync_once()
    day.proof(facts=le)
    assert {href: text.value("DTSTART") for href, text in day.ours().items()} == before
    assert any("likes blue" in text.value("DESCRIPTION") for text in day.ours().values())


def test_an_import_after_the_sync_of_an_empty_store_doubles_nothing(day: Watched) -> None:
    """A daemon that was restarted on an empty store has seen everything before anybody was there to whom it belongs."""
    day.moves("p0")
    day.notes("p1")
    day.sync_once()
    day.rest()
    before = {href: text.value("DTSTART") for href, text in day.ours().items()}
    exported = day.folder / "people.csv"
    day.run("export", "--output", str(exported))
    stores.lose(day.folder / "store.db")
    day.later(minutes=3).sync_once()
    day.run("import", str(exported), "--yes")
    day.moved.clear()
    day.typed.clear()
    assert day.later(minutes=3).sync_once().created == 0
    day.proof(facts=le)
    assert {href: text.value("DTSTART") for href, text in day.ours().items()} == before


def test_an_entry_that_was_cut_and_pasted_is_the_same_entry(day: Watched) -> None:
    """Phones give what they paste a name of its own."""
    href = day.hrefs()["p1"]
    text = day.phone.text(href)
    day.phone.delete(href)
    pasted = day.phone.add("pasted.ics", str(text.set("UID:AAAA-BBBB")))
    day.moves("p1", href=pasted)
    day.proof()
    assert day.hrefs()["p1"] == pasted
    day.phone.prefix_title(pasted, "y")
    day.facts["p1"][Touched] += 1
    day.moved.clear()
    day.proof()


def test_an_entry_that_was_pasted_after_it_was_asked_about_answers(day: Watched) -> None:
    href = day.hrefs()["p1"]
    text = day.phone.text(href)
    day.deletes("p1")
    for _ in range(3):
        day.later(minutes=3).sync_once()
    pasted = day.phone.add("pasted.ics", str(text.set("UID:AAAA-BBBB")))
    day.facts["p1"][Restored] += 1
    day.proof()
    assert day.hrefs()["p1"] == pasted
    day.phone.prefix_title(pasted, "y")
    day.facts["p1"][Touched] += 1
    day.proof()


def test_a_copy_is_the_reps_until_what_was_copied_is_gone(day: Watched) -> None:
    href = day.hrefs()["p1"]
    text = day.phone.text(href)
    copy = day.adds("copy.ics", str(text.set("UID:AAAA-BBBB")))
    day.later(minutes=3).sync_once()
    day.rest()
    assert day.phone.get(copy) == day.foreign[copy], "a copy is left as it is"
    assert href in day.ours()
    (problem,) = day.json("check", code=1)["problems"]
    assert (problem["where"], "a copy of its entry stands on phone" in problem["message"]) == ("p1", True)
    del day.foreign[copy]
    day.phone.delete(href)
    day.proof()
    assert day.hrefs()["p1"] == copy


def test_what_stands_there_of_somebody_who_was_removed_is_told_of(day: Watched) -> None:
    text = day.phone.text(day.hrefs()["p1"])
    copy = day.adds("copy.ics", str(text.set("UID:AAAA-BBBB")))
    day.later(minutes=3).sync_once()
    day.run("remove", "p1", "--yes")
    for _ in range(2):
        day.capsys.readouterr()
        day.later(minutes=3).sync_once()
    (problem,) = day.json("check", code=1)["problems"]
    assert (problem["where"], "somebody who is not in the store" in problem["message"]) == ("phone", True)
    assert day.json("status", code=1)["targets"]["phone"]["quarantined"] == 1
    assert day.phone.get(copy) == day.foreign[copy]
    del day.foreign[copy], day.facts["p1"]
    day.phone.delete(copy)
    day.proof()


@RADICALE
def test_people_with_one_telephone_come_back_each_for_themselves(day: Watched) -> None:
    """The switchboard of a company: the ids in our own export tell them apart."""
    day.edits("p0", phone="248.867.5001")
    exported = day.folder / "people.csv"
    day.run("export", "--output", str(exported))
    stores.lose(day.folder / "store.db")
    day.run("import", str(exported), "--yes")
    assert [one["id"] for one in day.json("list")] == day.people


@pytest.fixture
def older(day: Watched) -> Callable[[], None]:
    """Puts the store of this moment in the place of the later one."""
    file = day.folder / "store.db"
    if stores.kind == "postgresql":
        held = stores.contents(file)
        return lambda: stores.put(file, held)
    with closing(sqlite3.connect(day.folder / "older.db")) as copy, closing(sqlite3.connect(file)) as now:
        now.backup(copy)

    def back() -> None:
        stores.lose(file)
        (day.folder / "older.db").rename(file)

    return back


def test_an_older_store_reads_the_reps_edits_again(day: Watched, older: Callable[[], None]) -> None:
    day.moves("p0")
    day.notes("p1")
    day.sync_once()
    day.rest()
    older()
    day.proof()


@RADICALE
def test_an_older_store_doubles_nothing_that_was_deleted_and_asked_about(day: Watched, older: Callable[[], None]) -> None:
    day.deletes("p2")
    day.sync_once()
    day.rest()
    older()
    day.proof(facts=le)


@RADICALE
def test_an_older_store_takes_no_mark_of_ours_for_an_answer(day: Watched, older: Callable[[], None]) -> None:
    """The rep wrote "done", and we made a tick of it."""
    day.phone.prefix_title(day.hrefs()["p3"], "done")
    day.facts["p3"][Touched] += 1
    day.sync_once()
    day.rest()
    older()
    day.later(minutes=3).sync_once()
    assert [fact.result for fact in day.history("p3") if isinstance(fact, Touched)] in ([], [Result.DONE])
    day.proof(facts=le)


@contextmanager
def disk(folder: Path, free: int) -> Iterator[None]:
    """A store that may grow by ``free`` pages and no more."""
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()

    def bounded(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + free}")

    event.listen(Engine, "connect", bounded)
    yield
    event.remove(Engine, "connect", bounded)


@pytest.mark.sqlite
@RADICALE
def test_a_full_disk_writes_nothing_that_is_not_noted_down(day: Watched) -> None:
    day.lives()
    day.works()
    with day.open_store() as store, store.writing() as tx:
        tx.append("p3", *(Noted(day.moment, "cli", "x" * 3000) for _ in range(20)))  # what is free inside the file is used up
    day.facts["p3"][Noted] += 20
    full = []
    for free in range(4):
        day.proxy.forget()
        with disk(day.folder, free), suppress(StoreError):
            day.later(minutes=3).sync_once()
            continue
        full.append(free)
        assert free or day.proxy.requests(*WRITES) == []
    assert full, "the disk was never full"
    day.proof()


@pytest.mark.sqlite
@RADICALE
@pytest.mark.parametrize("after", [False, True], ids=["before the answer", "after it"])
def test_a_store_that_is_locked_in_the_middle_resumes(day: Watched, after: bool) -> None:
    day.lives()
    day.works()
    with closing(sqlite3.connect(day.folder / "store.db", isolation_level=None, check_same_thread=False)) as other:
        locks = meanwhile(lambda: other.execute("BEGIN IMMEDIATE"), after=after)
        with day.proxy.during(locks, "PUT", body="PROSPECT:p90", times=1), pytest.raises(StoreError):
            day.sync_once()
        other.execute("ROLLBACK")
    day.proof()


# ---- away for long ----------------------------------------------------------------------------------------------------------------


@RADICALE
def test_a_week_without_a_network_is_one_write_of_each_entry(day: Watched) -> None:
    day.captured(day.person("p90"))
    with day.proxy.during(faults.unreachable):
        titles = set()
        for report in day.every(hours=8, times=21):
            assert report.error
            titles.add(tuple(sorted(one["title"] for one in day.json("agenda"))))
    assert len(titles) >= 5, "the plan was to change from day to day"
    day.moves("p0")
    day.notes("p1")
    day.proxy.forget()
    day.later(hours=4).sync_once(force=False)
    written = Counter(one.path for one in day.proxy.requests(*WRITES))
    assert set(written.values()) == {1}
    assert len(written) <= 7
    day.proof()


@RADICALE
def test_a_month_with_a_wrong_password_knocks_four_times_a_day(day: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", "changed since")
    day.lives()
    day.proxy.forget()
    for report in day.every(hours=2, times=30 * 12):
        assert report.error
    assert {one.status for one in day.proxy.log} == {401}
    assert len(day.proxy.log) <= 30 * 4 + 2
    said = day.json("status", code=1)["targets"]["phone"]
    assert said["login_needed"] is True
    assert "password" in said["error"]
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", PASSWORD)
    for key in day.moved:
        day.facts[key][Moved] -= 1  # the day to which it was moved was over before anybody could read it
    day.moved.clear()
    day.proxy.forget()
    day.later(hours=6).sync_once(force=False)
    assert max(Counter(one.path for one in day.proxy.requests(*WRITES)).values()) == 1
    day.proof()


# ---- each fault stays where it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 413])
def test_an_entry_that_is_refused_stops_no_other(day: Watched, status: int) -> None:
    day.lives()
    day.works()
    href = day.hrefs()["p4"]
    day.proxy.rule(says(status), "PUT", path=href)
    done = day.json("sync", code=1)["targets"]["phone"]
    assert (done["error"], done["quarantined"], done["created"], done["deleted"]) == ("", 1, 1, 1)
    assert day.json("status", code=1)["targets"]["phone"]["quarantined"] == 1
    (problem,) = day.json("check", code=1)["problems"]
    assert problem["where"] == "p4"
    assert str(status) in problem["message"]
    day.proxy.forget()
    for _ in range(3):
        day.later(minutes=3).sync_once()
    assert day.proxy.requests("PUT") == [one for one in day.proxy.requests("PUT") if one.path != href], "it is not offered all the time"
    day.later(days=1)
    day.proof()


UNREADABLE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:?\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@XANDIKOS  # Radicale takes nothing that it cannot read itself
def test_an_entry_that_became_unreadable_stops_no_other(day: Watched) -> None:
    href = day.hrefs()["p3"]
    good = day.phone.get(href)
    day.phone.put(href, UNREADABLE.format(uid=day.ours()[href].value("UID")))
    foreign = day.adds("unreadable.ics", UNREADABLE.format(uid="unreadable"))
    day.lives()
    day.works()
    done = day.sync_once()
    assert (done.error, done.quarantined, done.created, done.deleted) == ("", 1, 1, 1)
    day.later(minutes=3).sync_once()
    assert day.json("status", code=1)["targets"]["phone"]["quarantined"] == 1
    (problem,) = day.json("check", code=1)["problems"]
    assert problem["where"] == "p3"
    assert day.phone.get(foreign) == day.foreign[foreign]
    day.phone.put(href, good)
    day.proof()


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


@pytest.mark.parametrize("spoilt", [b"", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", b"\x00\xff"], ids=["empty", "cut", "garbage"])
def test_a_file_spoilt_on_one_of_two_calendars_breaks_no_promise(
    day: Watched, tmp_path_factory: pytest.TempPathFactory, spoilt: bytes
) -> None:
    """On the disk of the server. Radicale then says that it is gone; Xandikos fails at that one, and lists it."""
    text = day.path.read_text().replace("targets: [phone]", "targets: [phone, desk]")
    other = text.partition("  phone: ")[2].partition("\n")[0].replace(day.calendar, f"{day.calendar} too")
    day.path.write_text(text.replace("targets:\n  phone:", f"targets:\n  desk: {other}\n  phone:"))
    for who, hour in (("p0", 2), ("p2", 3)):
        day.run("log", who, "next", f"thu {hour}pm call to review the quote")
    for _ in range(3):
        day.later(minutes=3).run("sync")
    name = day.hrefs()["p0"].rpartition("/")[2]
    found = [path for path in tmp_path_factory.getbasetemp().rglob(name) if ".Radicale" not in str(path)]
    (kept,) = [path for path in found if f"/{path.parent.name}/" in day.phone.collection]
    (hidden,) = [path for path in found if path.parent.name.startswith(f"{_slug(day.calendar)}-too-")]
    good = kept.read_bytes()
    hidden.write_bytes(spoilt)
    if (hidden.parent / ".git").exists():
        commit = ["git", "-c", "user.name=disk", "-c", "user.email=disk@example.org", "commit", "-qam", "spoilt"]
        subprocess.run(commit, cwd=hidden.parent, check=True)
    day.later(minutes=1).run("log", "p2", "next", "fri 3pm call to review the quote")
    for _ in range(4):
        done = day.later(minutes=3).cycle().targets
        assert {target: one.error for target, one in done.items()} == {"phone": "", "desk": ""}
    assert {target: one.quarantined for target, one in done.items()} == {"phone": 0, "desk": 1}
    assert kept.read_bytes() == good
    assert Dismissed not in {type(fact) for fact in day.history("p0")}
    assert {one["where"] for one in day.json("check", code=1)["problems"]} == {"p0"}
    assert day.json("report")["promises"]["broken"] == 0


@RADICALE
def test_a_dead_target_and_a_wrong_password_stop_nobody_else(
    day: Watched, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dana has a dead target beside the good one; Lee's only password is wrong."""
    monkeypatch.setenv("WRONG_PASSWORD", "open barley")
    before = day.path.read_text()
    lee = f'type: caldav, url: "{day.proxy.url}", username: dana, password: {{env: WRONG_PASSWORD}}, calendar: Lee'
    text = before.replace("targets: [phone]\n", "targets: [dead, phone]\n")
    text = text.replace("reps:\n", "reps:\n  lee: {timezone: America/Detroit, targets: [wrong]}\n")
    dead = f'type: caldav, url: "http://127.0.0.1:{free_port()}/", calendar: Nobody'
    day.path.write_text(text.replace("targets:\n  phone:", f"targets:\n  dead: {{{dead}}}\n  wrong: {{{lee}}}\n  phone:"))
    day.lives()
    day.works()
    done = day.json("sync", code=1)["targets"]
    assert (done["phone"]["error"], done["phone"]["created"], done["phone"]["deleted"]) == ("", 1, 1)
    assert "cannot be reached" in done["dead"]["error"]
    assert "password" in done["wrong"]["error"]
    said = day.json("status", code=1)["targets"]
    assert (said["phone"]["error"], said["wrong"]["login_needed"], said["dead"]["login_needed"]) == ("", True, False)
    told = day.run("status", code=1)
    assert "check them in the config" in " ".join(told.split())
    log = logged(day)
    assert {one["target"] for one in log} == {"dead", "wrong"}
    assert any("password" in one["why"] for one in log)
    day.path.write_text(before)
    day.proof()


def logged(day: Watched) -> list[dict[str, str]]:
    """What the daemon's log says of failing targets in its first round."""
    waiter = Waiter()
    waiter.daemon = Daemon(
        lambda: load(day.path), lambda: day.moment, lambda _: day.store(), waiter=waiter, pool=AtOnce(), notifier=Heard()
    )
    with capture_logs() as log:
        waiter.daemon.run()
    return [dict(one) for one in log if one["event"] == "the target fails"]


# ---- what it costs ----------------------------------------------------------------------------------------------------------------


def test_thirty_idle_cycles_write_nothing(proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = Watched(proxy, tmp_path, capsys, stage="far").begin()
    before = day.phone.etags()
    reports = list(day.every(hours=9, times=30))
    assert [(one.error, one.requests) for one in reports] == [("", 1)] * 30
    assert (proxy.requests(*WRITES), len(proxy.log)) == ([], 30)
    assert day.phone.etags() == before
    day.proof()


def test_an_idle_cycle_is_small(day: Watched) -> None:
    day.quiet()
    (one,) = day.proxy.log
    assert one.sent + one.received <= 1000


def test_what_changed_is_what_is_paid_for(crowd: Watched) -> None:
    crowd.moves("p0")
    for number in range(1, 6):
        crowd.notes(f"p{number}")
    crowd.proxy.forget()
    crowd.later(minutes=3).sync_once()
    assert len(crowd.proxy.requests("REPORT", "PROPFIND", "GET")) == 2
    for number in range(6, 11):
        crowd.edits(f"p{number}", phone=f"313.555.01{number:02}")
    crowd.proxy.forget()
    crowd.later(minutes=3).sync_once()
    assert Counter(one.method for one in crowd.proxy.log) == Counter({"REPORT": 1, "PUT": 5})
    crowd.proof()


@RADICALE
def test_the_first_sync_of_many_and_a_hundred_and_one_changes(proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = 104
    day = Watched(proxy, tmp_path, capsys, people=people, stage="far")
    together = Together(4)
    proxy.rule(together, "PUT", body="PROSPECT:", times=people)
    day.good(day.sync_once())
    assert len(proxy.log) <= people + 2 + 10
    assert proxy.connections <= 4
    proxy.heal()
    day.rest()
    hrefs = day.hrefs()
    for number in range(101):
        day.phone.write(hrefs[f"p{number}"], "COLOR:red")
    proxy.forget()
    day.later(minutes=3).sync_once()
    assert Counter(one.method for one in proxy.log) == Counter({"REPORT": 2, "GET": 1})
    day.proof()


# ---- the config names another calendar ---------------------------------------------------------------------------------------------


def test_the_same_calendar_by_another_address_is_no_other_one(radicale: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(radicale, tmp_path, capsys)
    desk.run("add", "Call Jenny 248.867.5309 Friday 10am to set a meeting")
    desk.run("sync")
    before = desk.phone.texts()
    desk.path.write_text(desk.path.read_text("utf-8").replace("127.0.0.1", "localhost"), "utf-8")
    for _ in range(2):
        assert "still stands" not in f"{desk.run('sync')} {desk.err}"
        desk.run("check")
    assert desk.phone.texts() == before, "adopted as it is"


def test_entries_that_stay_in_the_calendar_of_before_are_told_until_somebody_said_what_becomes_of_them(
    radicale: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(radicale, tmp_path, capsys)
    first, other = desk.calendar, f"{desk.calendar} sales"
    desk.run("add", "Call Jenny 248.867.5309 Friday 10am to set a meeting")
    desk.run("sync")

    def call(name: str, *told: str, code: int = 1) -> None:
        desk.calendar = name
        desk.configure()
        for command in ("sync", "status", "check"):
            said = " ".join(f"{desk.run(command, code=code)} {desk.err}".split())
            for one in (first, other):
                assert (f"still stands on the calendar '{one}'" in said) == (one in told), f"{command} with {name}"

    call(other, first)
    call(other, first)
    call(first, other)
    desk.run("purge", "--target", "phone", "--yes")
    call(other, code=0)
