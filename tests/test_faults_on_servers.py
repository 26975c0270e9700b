"""Each fault of a network, a proxy or a server, on Radicale and Xandikos, and what must hold when it is over (``Watched.proof``).

While the fault lasts the rep goes on with the phone and the program has something of each kind to write. Nobody helps it afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from operator import le
from pathlib import Path

import pytest

from followsync.core.history import Noted
from tests import proxy as faults
from tests import stores
from tests.proxy import Fault, Gate, Proxy, bad_token, etags, meanwhile, only, pages, pause_until, says
from tests.servers import PASSWORD
from tests.watched import WRITES, Watched

ROOT = Path(__file__).parents[1]
RADICALE = pytest.mark.parametrize("proxy", ["radicale"], indirect=True)
XANDIKOS = pytest.mark.parametrize("proxy", ["xandikos"], indirect=True)


@pytest.fixture
def dawn(proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Before the first sync."""
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", PASSWORD)
    return Watched(proxy, tmp_path, capsys)


@pytest.fixture
def day(dawn: Watched) -> Watched:
    return dawn.begin()


@pytest.fixture
def busy(day: Watched) -> Watched:
    """The rep moved an entry, typed into another and deleted a third; one entry is to be made, one to be changed, one to be removed."""
    day.lives()
    day.works()
    return day


def test_the_oracle_holds_where_nothing_goes_wrong(busy: Watched) -> None:
    assert busy.sync_once().error == ""
    busy.proof()


# ---- kill -9, rewriting server ----------------------------------------------------------------------------------------------------


@RADICALE
def test_a_kill_at_many_moments_on_a_rewriting_server(dawn: Watched) -> None:
    dawn.proxy.rule(faults.rewrites, "PUT")
    day = dawn.begin()
    killed = []
    command = [sys.executable, "-m", "tests.machine.killed", str(day.path), stores.url(day.folder / "store.db")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdin
        assert driver.stdout
        for moment in (3, 5, 6, 7, 8, 9, 11, 13):
            day.later(minutes=3)
            day.notes("p1", f"note {moment}")
            day.moves("p0", hour=moment + 3)
            day.edits("p4", phone=f"313.555.01{moment:02}")
            driver.stdin.write(f"{moment} {day.moment.isoformat()}\n")
            driver.stdin.flush()
            killed.append(driver.stdout.readline().strip())
        driver.stdin.close()
    assert killed.count("killed") >= 6, killed
    day.proof(heal=False, facts=le)  # what the rep overwrote before anybody could look was never seen


# ---- an answer that is lost -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "body"), [("PUT", "PROSPECT:p90"), ("PUT", "PROSPECT:p4"), ("DELETE", "")], ids=["create", "update", "delete"]
)
def test_a_write_that_was_applied_and_not_answered_is_one_write(busy: Watched, methods: str, body: str) -> None:
    with busy.proxy.during(faults.unanswered, methods, body=body, times=1):
        report = busy.sync_once()
        assert "cannot be reached" in report.error
        assert report.pending >= 1
    busy.proof()


@XANDIKOS
@pytest.mark.parametrize("body", ["PROSPECT:p90", "PROSPECT:p4"], ids=["create", "update"])
def test_a_write_that_never_arrived_is_done_again(busy: Watched, body: str) -> None:
    with busy.proxy.during(faults.unreachable, "PUT", body=body, times=1):
        assert busy.sync_once().error
    busy.proof()


@RADICALE
@pytest.mark.parametrize("fault", [faults.unanswered, faults.broken_off], ids=["reset", "cut"])
def test_the_rep_edits_what_arrived_before_its_answer_is_missed(busy: Watched, fault: Fault) -> None:
    with busy.proxy.during(fault, "PUT", body="PROSPECT:p90", times=1):
        assert busy.sync_once().error
    busy.moves("p90", hour=10)
    busy.notes("p90", "asked for it at once")
    busy.proof()


@RADICALE
def test_the_rep_deletes_what_arrived_before_its_answer_is_missed(busy: Watched) -> None:
    """Nobody can tell this from a write that never arrived: it may be written again, and no fact may come of it."""
    with busy.proxy.during(faults.unanswered, "PUT", body="PROSPECT:p90", times=1):
        assert busy.sync_once().error
    busy.deletes("p90", asked=False)
    busy.proof()


# ---- 500, 503, 429 ----------------------------------------------------------------------------------------------------------------


def test_one_fault_of_the_server_costs_one_request(day: Watched) -> None:
    day.lives()
    for status in (500, 502):
        with day.proxy.during(says(status), "REPORT", times=1):
            report = day.sync_once()
            assert (str(status) in report.error, report.requests) == (True, 1)
    day.proof()


@RADICALE
def test_a_server_that_asks_for_a_pause_gets_it(busy: Watched) -> None:
    asked = {
        "503, seconds": (says(503, Retry_After="900"), 900),
        "429, seconds": (says(429, Retry_After="900"), 900),
        "a date": (pause_until(503, 900), 900),
        "a date by a clock that is an hour behind": (pause_until(429, 900, timedelta(hours=-1)), 900),
        "ten days are too many": (says(429, Retry_After="864000"), 7200),
        "at once is too soon": (says(503, Retry_After="0"), 60),
    }
    for name, (fault, seconds) in asked.items():
        with busy.proxy.during(fault, "REPORT", times=1):
            assert busy.sync_once(force=False).error, name
        busy.proxy.forget()
        assert "Left alone until" in busy.later(seconds=seconds - 1).sync_once(force=False).error, name
        assert busy.proxy.log == [], name
        assert busy.later(seconds=2).sync_once(force=False).error == "", name
    busy.proof()


@RADICALE
@pytest.mark.parametrize("status", [503, 507, 401])
def test_a_server_that_stops_in_the_middle_of_our_writes(busy: Watched, status: int) -> None:
    with busy.proxy.during(says(status, Retry_After="60"), "PUT", nth=2, times=1):
        busy.sync_once()
    busy.later(days=1, minutes=5)  # an entry that was refused (507) is offered again after a day
    busy.proof()


# ---- answers that are none --------------------------------------------------------------------------------------------------------

NO_ANSWERS = [faults.broken_off, faults.cut_short, faults.login_page, faults.elsewhere("https://login.example.com/")]


def test_an_answer_that_is_none_changes_nothing(busy: Watched) -> None:
    before = busy.sql("SELECT * FROM entry"), busy.phone.etags()
    for fault in (*NO_ANSWERS, faults.elsewhere("/welcome.html"), says(501)):
        with busy.proxy.during(fault):
            assert busy.later(minutes=1).sync_once().error
    assert (busy.sql("SELECT * FROM entry"), busy.phone.etags()) == before
    busy.proof()


def test_bodies_that_are_none_are_asked_for_again(busy: Watched) -> None:
    """The list of changes is whole, what it names is not."""
    for fault in NO_ANSWERS:
        with busy.proxy.during(fault, "REPORT", body="multiget", times=1):
            assert busy.later(minutes=1).sync_once().error
    busy.proof()


@RADICALE
@pytest.mark.parametrize(
    "fault", [faults.cut_short, faults.broken_off, faults.login_page, says(500), says(403)], ids=["short", "broken", "page", "500", "403"]
)
def test_a_single_entry_that_comes_cut_is_read_whole_later(day: Watched, fault: Fault) -> None:
    day.notes("p1")
    rules = [day.proxy.rule(fault, "GET", times=1), day.proxy.rule(fault, "REPORT", body="multiget", times=1)]
    day.sync_once()
    assert sum(rule.hits for rule in rules) == 1
    day.later(days=8)
    day.proof()


def test_a_page_is_no_receipt(busy: Watched) -> None:
    for fault in (faults.login_page, faults.elsewhere("https://login.example.com/")):
        with busy.proxy.during(fault, "PUT"):
            report = busy.later(minutes=1).sync_once()
            assert report.error
            assert (report.created, report.updated) == (0, 0)
    busy.proof()


# ---- lists that lie ---------------------------------------------------------------------------------------------------------------


def test_a_token_that_is_no_longer_known(day: Watched) -> None:
    """Everything is read again. What is missing from that was deleted only if it is not there when it is asked for by name."""
    day.deletes("p2")
    for number, status in enumerate((403, 409, 410, 412)):
        for names, key in ((["valid-sync-token"], "p0"), ([], "p1")):
            day.notes(key, f"note {number}")
            with day.proxy.during(bad_token(status, *names), "REPORT", body="sync-collection"):
                day.later(minutes=3).sync_once()
                day.later(minutes=3).sync_once()
            assert [fact.text for fact in day.history(key) if isinstance(fact, Noted)][-1:] == [f"note {number}"]
    day.proof()


@RADICALE
@pytest.mark.parametrize("names", [["valid-sync-token"], []], ids=["named", "bare"])
def test_a_token_that_the_server_stumbles_over(busy: Watched, names: list[str]) -> None:
    """Every question with the token is answered by 500, and none without it."""
    with busy.proxy.during(bad_token(500, *names), "REPORT", body="sync-collection"):
        for _ in range(4):
            busy.later(minutes=3).sync_once()
        assert [fact.text for fact in busy.history("p1") if isinstance(fact, Noted)] == ["likes blue"]
    busy.proof()


@XANDIKOS
@pytest.mark.parametrize("how", [faults.any_token, faults.no_tombstones], ids=["any token is taken", "deletions are not told"])
def test_deletions_that_are_never_told_are_found_within_a_week(day: Watched, how: Fault) -> None:
    day.proxy.rule(how, "REPORT", body="sync-collection")
    day.proxy.rule(faults.no_tombstones, "REPORT", body="sync-collection")
    day.lives()
    for _ in range(2):
        assert day.later(minutes=3).sync_once().error == ""
    day.later(days=7)
    for _ in range(2):
        day.later(minutes=3).sync_once()
    day.proof()


def test_a_listing_that_is_cut_without_a_word_deletes_nothing(busy: Watched) -> None:
    for number in (0, 1):
        with (
            busy.proxy.during(bad_token(403, "valid-sync-token"), "REPORT", body="sync-collection"),
            busy.proxy.during(only(number), "REPORT", body="sync-collection"),
        ):
            busy.later(minutes=3).sync_once()
    busy.later(days=7)  # what the cut list did not name is seen in the next whole one
    busy.proof()


@RADICALE
def test_changes_that_are_cut_without_a_word_are_found_within_a_week(busy: Watched) -> None:
    with busy.proxy.during(only(1), "REPORT", body="sync-collection", times=1):
        busy.sync_once()
    busy.later(days=7)
    busy.proof()


@pytest.mark.parametrize(("proxy", "fault"), [("radicale", faults.empty), ("xandikos", faults.tokenless)], indirect=["proxy"])
def test_a_list_that_does_not_say_where_to_go_on(busy: Watched, fault: Fault) -> None:
    with busy.proxy.during(fault, "REPORT", body="sync-collection", times=2):
        busy.later(minutes=3).sync_once()
        busy.later(minutes=3).sync_once()
    busy.proof()


def test_a_list_in_pages_is_read_to_its_end(dawn: Watched) -> None:
    dawn.proxy.rule(pages(2), "REPORT", body="sync-collection")
    day = dawn.begin()
    day.lives()
    day.works()
    assert day.sync_once().error == ""
    day.proof(heal=False)


@RADICALE
def test_a_page_that_fails_is_no_end(busy: Watched) -> None:
    busy.proxy.rule(bad_token(403, "valid-sync-token"), "REPORT", body="sync-collection", times=1)
    for fault in (faults.unreachable, says(500), faults.cut_short):
        with busy.proxy.during(fault, "REPORT", body="urn:page:", times=1):
            following = busy.proxy.rule(pages(2), "REPORT", body="sync-collection")
            assert busy.later(minutes=1).sync_once().error
            busy.proxy.rules.remove(following)
    busy.proof()


def test_a_calendar_that_is_said_to_be_gone_is_held(busy: Watched) -> None:
    for status in (404, 410, 404):
        with busy.proxy.during(says(status)):
            assert busy.later(minutes=3).sync_once().error
    assert busy.proxy.requests(*WRITES) == []
    busy.proof()


# ---- preconditions and ETags ------------------------------------------------------------------------------------------------------


def test_an_edit_between_our_reading_and_our_change_is_merged(day: Watched) -> None:
    day.edits("p4", phone="313.555.0123")
    href = day.hrefs()["p4"]
    with day.proxy.during(meanwhile(lambda: day.notes("p4", href=href)), "PUT", body="PROSPECT:p4", times=1):
        day.sync_once()
    day.proof()
    assert "313.555.0123" in day.phone.text(href).value("DESCRIPTION")


def test_an_edit_between_our_reading_and_our_deletion_is_kept(day: Watched) -> None:
    day.closes("p5")
    href = day.hrefs()["p5"]
    with day.proxy.during(meanwhile(lambda: day.notes("p5", "they moved to Ohio", href=href)), "DELETE", times=1):
        day.sync_once()
    day.typed.clear()  # the entry goes; the note stays in history
    day.proof()
    assert [fact.text for fact in day.history("p5") if isinstance(fact, Noted)] == ["they moved to Ohio"]


@pytest.mark.parametrize("act", ["moves", "notes"])
def test_an_edit_between_our_change_and_our_looking_back_is_kept(dawn: Watched, act: str) -> None:
    dawn.proxy.rule(etags(faults.no_etag, lists=False), "PUT")
    day = dawn.begin()
    day.edits("p4", phone="313.555.0123")
    href = day.hrefs()["p4"]
    with day.proxy.during(meanwhile(lambda: getattr(day, act)("p4", href=href), after=True), "PUT", body="PROSPECT:p4", times=1):
        day.sync_once()
    day.proof(heal=False)
    assert "313.555.0123" in day.phone.text(href).value("DESCRIPTION")


def test_an_edit_of_what_was_just_made_is_kept(dawn: Watched) -> None:
    dawn.proxy.rule(etags(faults.no_etag, lists=False), "PUT")
    day = dawn.begin()
    day.captured(day.person("p90"))
    with day.proxy.during(meanwhile(lambda: day.notes("p90"), after=True), "PUT", body="PROSPECT:p90", times=1):
        day.sync_once()
    day.proof(heal=False)


@pytest.mark.parametrize(
    ("proxy", "fault"),
    [
        pytest.param("radicale", etags(faults.no_etag), id="none"),
        pytest.param("xandikos", etags(faults.no_etag, lists=False), id="in lists only"),
        pytest.param("radicale", etags(faults.weak), id="weak"),
        pytest.param("xandikos", etags(faults.gzip_suffix, lists=False), id="with a suffix"),
        pytest.param("radicale", faults.rewrites, id="and bodies rewritten"),
        pytest.param("xandikos", faults.rewrites, id="and bodies rewritten, by another"),
    ],
    indirect=["proxy"],
)
def test_etags_that_say_little_cost_reading_and_no_loop(dawn: Watched, fault: Fault) -> None:
    dawn.proxy.rule(fault)
    day = dawn.begin()
    day.lives()
    day.works()
    day.sync_once()
    day.proof(heal=False)


# ---- clocks -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [23, -23])
@RADICALE
def test_a_server_whose_clock_is_hours_wrong_is_named(busy: Watched, hours: int) -> None:
    busy.proxy.rule(faults.dated(timedelta(hours=hours)))
    report = busy.whole_cycle()
    assert report.targets["phone"].error == ""
    assert "clock" in " ".join(report.warnings)
    busy.proof(heal=False)


def test_a_server_whose_clock_is_days_wrong_is_not_written_to(busy: Watched) -> None:
    busy.proxy.forget()
    for days in (3, -3):
        with busy.proxy.during(faults.dated(timedelta(days=days))):
            assert "clock" in busy.later(minutes=3).sync_once().error
    assert busy.proxy.requests(*WRITES) == []
    busy.proof()


@RADICALE
@pytest.mark.parametrize("days", [-1, 1])
def test_our_own_clock_jumps_by_a_day_and_back(busy: Watched, days: int) -> None:
    busy.later(days=days).sync_once()
    busy.later(days=-days).sync_once()
    busy.proof()


# ---- the store --------------------------------------------------------------------------------------------------------------------


@RADICALE
def test_the_desk_can_write_while_a_server_keeps_us_waiting(busy: Watched) -> None:
    gate = Gate()
    busy.proxy.rule(gate, "PUT", times=1)
    cycle = threading.Thread(target=busy.sync_once)
    cycle.start()
    gate.reached()
    busy.captured(busy.person("p91"))
    gate.open()
    cycle.join()
    busy.proof()
