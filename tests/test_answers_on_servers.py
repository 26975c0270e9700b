"""The table of what a rep does in the calendar and what it means, row by row, on real servers, with events and with tasks.

One rep has a prospect for every row. All of it is typed, moved and deleted on the phone, which is no code of ours, and read back by it.
What other programs write in their own way stands in ``test_foreign_clients``, what is typed anew in ``test_captures_on_servers``.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from followsync.core.history import Captured, Dismissed, Moved, Noted, Promised, Touched, Unclear, Waiting
from followsync.core.prospect import Prospect
from followsync.pull import GRACE
from tests.answers import (
    ALARM,
    ANSWERS,
    ATTEMPT,
    DONE,
    FRIDAY,
    KEPT,
    NEXT,
    NO,
    NOTE,
    NOTES,
    SAME,
    THANKS,
    TICK,
    TUESDAY,
    YES,
    Answer,
    Table,
)
from tests.google_answers import GoogleEye, GoogleTable
from tests.google_desk import GoogleDesk
from tests.phone import ZONE, Desk, Text, escaped
from tests.watched import Eye

pytestmark = pytest.mark.xdist_group("answers")  # what is played once is played once

SERVERS = ["radicale", "xandikos"]
FORMS = ["event", "task"]
GOOGLE = ("google", "event")  # what is promised for an hour is always an event there; its tasks have tests of their own
PLAYED = [*((server, form) for server in SERVERS for form in FORMS), GOOGLE]
AS_EVENT = pytest.mark.parametrize("table", [*((server, "event") for server in SERVERS), GOOGLE], indirect=True, ids="-".join)
AS_TASK = pytest.mark.parametrize("table", [(server, "task") for server in SERVERS], indirect=True, ids="-".join)


@pytest.fixture(scope="module")
def played() -> dict[tuple[str, str], Table]:
    return {}


@pytest.fixture(params=PLAYED, ids="-".join)
def table(
    request: pytest.FixtureRequest,
    played: dict[tuple[str, str], Table],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Table:
    """The days, played once for each server and form: every row has its own prospect, and nothing is changed afterwards."""
    name, form = request.param
    if request.param in played:
        return played[request.param]
    server = request.getfixturevalue(name)
    if name != "google":
        monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", server.password)
    played[request.param] = GoogleTable(server, form, tmp_path, capsys) if name == "google" else Table(server, form, tmp_path, capsys)
    played[request.param].play()
    return played[request.param]


def times(text: Text) -> list[str]:
    return [text.line(name) for name in ("DTSTART", "DTEND", "DUE")]


def rings(text: Text) -> bool:
    return "BEGIN:VALARM" in text.lines


# ---- the rows ---------------------------------------------------------------------------------------------------------------------


def answered(table: Table, one: Answer) -> None:
    """The fact; the record, which stays where it stands, marked, free, without alarm; and what comes next, if anything does."""
    (touch,) = table.facts(one.row, Touched)
    assert (touch.result, touch.via, touch.purpose) == (one.result, "calendar:phone", "determine next steps")
    record = table.own(one.row, "monday")
    assert times(record) == times(table.own(one.row, "written"))
    assert rings(table.own(one.row, "written"))
    assert not rings(record)
    assert record.value("TRANSP") == ("TRANSPARENT" if table.form == "event" else "")
    assert record.value("STATUS") == ("CONFIRMED" if table.form == "event" else "COMPLETED"), "no phone shows it as open for ever"
    for moment in ("tuesday", "wednesday"):
        assert str(table.own(one.row, moment)) == str(record), "it is the rep's record from now on"
    following = table.others(one.row, "monday")
    assert [text.value("SUMMARY").removesuffix(" ⚠ overlaps") for text in following] == (
        [table.title(one.then, one.row)] if one.then else []
    )
    assert all(text.value("DTSTART").startswith(one.when) for text in following)


@pytest.mark.parametrize("one", ANSWERS, ids=lambda one: one.row)
def test_an_answer(table: Table, one: Answer) -> None:
    answered(table, one)
    marks = {YES: "✓", DONE: "✓", NO: "✗", ATTEMPT: "↻", NEXT: "→"}
    assert table.own(one.row, "monday").value("SUMMARY") == f"{marks[one.result]} {table.title(SAME, one.row)}"
    promises = [
        (
            fact.method,
            fact.day,
            fact.start and f"{fact.start.astimezone(ZONE):%H:%M}",
            fact.window and f"{fact.window.start:%H:%M}",
            fact.purpose,
        )
        for fact in table.facts(one.row, Promised)[1:]
    ]
    waits = [fact.until for fact in table.facts(one.row, Waiting)]
    assert [*promises, *waits] == ([one.fact] if one.fact else [])
    assert table.facts(one.row, Noted) == []


@pytest.mark.parametrize("where", ["before the title", "first in the notes"])
def test_left_message_is_told_in_the_next_entry(table: Table, where: str) -> None:
    (following,) = table.others(f"left message {where}", "monday")
    assert "Attempt 2 (left message on Mon)" in following.value("DESCRIPTION")
    (following,) = table.others(f"no answer {where}", "monday")
    assert "Attempt 2 (no answer on Mon)" in following.value("DESCRIPTION")


def test_what_was_promised_for_another_day_stands_though_it_was_tried(table: Table) -> None:
    """At its hour, with its alarm; on an event's calendar it takes the time."""
    (following,) = table.others("x before its day", "monday")
    assert times(following) == times(table.own("x before its day", "written"))
    assert rings(following)
    assert following.value("TRANSP") == ("OPAQUE" if table.form == "event" else "")


@AS_TASK
def test_ticks_the_task(table: Table) -> None:
    answered(table, TICK)
    record, typed = table.own(TICK.row, "monday"), table.shown["typed"][table.href[TICK.row]]
    for name in ("SUMMARY", "STATUS", "PERCENT-COMPLETE", "COMPLETED"):
        assert record.line(name) == typed.line(name), "its tick is the mark, and the rep's"


@pytest.mark.parametrize("row", NOTES)
def test_any_other_text_is_a_note(table: Table, row: str) -> None:
    assert [fact.text for fact in table.facts(row, Noted)] == [NOTE]
    for moment in ("monday", "tuesday", "wednesday"):
        assert escaped(NOTE) in table.own(row, moment).value("DESCRIPTION").replace("&nbsp\\;", " "), "never overwritten"
    (following,) = table.others(row, "tuesday")
    assert following.value("SUMMARY") == table.title(THANKS, row)
    assert f"LAST NOTES\\n- {escaped(NOTE)}\\n" in following.value("DESCRIPTION")


@pytest.mark.parametrize("row", ["a note", "a note in html"])
def test_above_the_ruler_is_the_reps_and_below_it_is_ours(table: Table, row: str) -> None:
    theirs, ruler, ours = table.own(row, "monday").value("DESCRIPTION").partition("\\n––––– FollowSync: write above this line –––––\\n")
    assert theirs == escaped(NOTE)
    assert ruler
    assert ours.startswith("248.867.54")
    assert "<" not in ours


@pytest.mark.parametrize("row", KEPT)
def test_what_the_rep_gave_the_entry_is_theirs(table: Table, row: str) -> None:
    typed = table.shown["typed"][table.href[row]]
    assert str(table.own(row, "monday")) == str(typed), "nothing of ours is written over it"
    after = table.own(row, "tuesday")
    assert "Source: the fair" in after.value("DESCRIPTION"), "our part changes, theirs stays"
    assert [after.line(line.split(":")[0]) for line in KEPT[row]] == KEPT[row]
    assert [type(fact) for fact in table.known[table.key(row)]] == [Captured, Promised]


def test_an_alarm_of_their_own_is_theirs(table: Table) -> None:
    for moment in ("monday", "tuesday"):
        lines = table.own("alarm", moment).lines
        assert lines.count("BEGIN:VALARM") == 1
        assert set(ALARM) <= set(lines)


@AS_EVENT
def test_another_duration_is_theirs(table: Table) -> None:
    typed = table.shown["typed"][table.href["duration"]]
    assert times(table.own("duration", "monday")) == times(table.own("duration", "tuesday")) == times(typed)
    assert table.facts("duration", Moved) == []


def test_moves_the_event(table: Table) -> None:
    assert [fact.start for fact in table.facts("moves", Moved)] == [TUESDAY]
    there = times(table.shown["typed"][table.href["moves"]])
    for moment in ("monday", "tuesday"):
        assert times(table.own("moves", moment)) == there
    overdue = table.own("moves", "wednesday")
    assert overdue.value("DTSTART").startswith("20260107T"), "missed: the same entry stands on the next working day, which was agreed"
    assert overdue.value("SUMMARY") == f"{table.title(SAME, 'moves')} (2nd day)", "as agreed, and the count goes on"
    assert [fact.start for fact in table.facts("moves again", Moved)] == [TUESDAY, FRIDAY]
    for moment in ("tuesday", "wednesday"):
        assert table.own("moves again", moment).value("DTSTART") == "20260109T100000"


def test_deletes_the_event(table: Table) -> None:
    """One question on the next working morning; never written again as it was, never taken as done."""
    assert [fact.title for fact in table.facts("deletes", Dismissed)] == [table.title(SAME, "deletes")]
    (asks,) = table.others("deletes", "monday")
    assert asks.value("SUMMARY") == f"{table.who('deletes')}: drop\\, or when?"
    assert asks.value("DTSTART").startswith("20260106T09")
    for moment in ("tuesday", "wednesday"):
        assert table.href["deletes"] not in table.shown[moment]
        (asks,) = table.others("deletes", moment)
        assert asks.value("SUMMARY").startswith(f"{table.who('deletes')}: drop\\, or when?")
    assert table.facts("deletes", Touched) == []


@pytest.mark.parametrize("word", ["x", "done"])
def test_x_or_done_on_a_question_asks_again_on_the_next_working_morning(table: Table, word: str) -> None:
    for row, asked in ((f"deletes, then {word}", "drop\\, or when?"), (f"sometime, then {word}", '"sometime": what and when?')):
        found = [text for text in table.others(row, "tuesday") if text.value("SUMMARY") == f"{table.who(row)}: {asked}"]
        assert [text.value("DTSTART")[:10] for text in found] in (["20260107T0"], ["20260107T1"]), row
        assert found[0].value("DTSTART") < "20260107T12", "in the morning"


def test_an_answer_that_cannot_be_understood(table: Table) -> None:
    typed = table.shown["typed"][table.href["sometime"]]
    for moment in ("monday", "tuesday"):
        (asks,) = table.others("sometime", moment)
        assert asks.value("SUMMARY").startswith(f'{table.who("sometime")}: "sometime": what and when?')
        assert 'Not understood: "sometime"' in asks.value("DESCRIPTION")
        assert times(table.own("sometime", moment)) == times(typed)
        assert table.own("sometime", moment).value("SUMMARY") == typed.value("SUMMARY")
        assert "> sometime" in table.own("sometime", moment).value("DESCRIPTION")
    assert [type(fact) for fact in table.known[table.key("sometime")]] == [Captured, Promised, Unclear]


def test_types_a_new_event(table: Table) -> None:
    (captured, promise) = table.known["jenny"]
    assert isinstance(captured, Captured)
    assert (promise.method, promise.purpose) == ("call", "determine next steps")
    assert promise.start == datetime(2026, 1, 8, 14, tzinfo=ZONE)
    (same,) = (text for text in table.shown["monday"].values() if "Jenny" in text.value("SUMMARY"))
    assert str(same) != str(table.shown["typed"][table.typed])
    assert same is table.shown["monday"][table.typed]
    assert same.value("UID") == "typed-by-hand"
    assert same.value("SUMMARY").removesuffix(" ⚠ overlaps") == "Call Jenny to determine next steps – 248.867.5309"
    assert same.value("DESCRIPTION").startswith("248.867.5309 · tel:+12488675309")


def test_what_does_not_read_as_a_capture_causes_no_question(table: Table) -> None:
    for href in table.foreign:
        assert {str(table.shown[moment][href]) for moment in ("typed", "monday", "tuesday", "wednesday")} == {
            str(table.shown["typed"][href])
        }
    for moment in ("monday", "wednesday"):
        assert not [text for text in table.shown[moment].values() if re.search(r"(Golf|Joe).*(:|when)", text.value("SUMMARY"))]


def test_anything_in_another_calendar(table: Table) -> None:
    assert table.other.etags() == table.private
    assert len(table.private) == 2


def test_closed_or_agreed_anew_at_the_desk(table: Table) -> None:
    """An entry that nobody answered and that is no longer wanted is removed."""
    for row in ("closed at the desk", "agreed anew at the desk"):
        assert table.href[row] in table.shown["monday"]
        assert table.href[row] not in table.shown["tuesday"]
        assert table.facts(row, Dismissed) == []
    assert table.others("closed at the desk", "tuesday") == []
    (visit,) = table.others("agreed anew at the desk", "tuesday")
    assert visit.value("DTSTART") == "20260109T150000"


def test_the_cadence_was_changed(table: Table) -> None:
    assert [text.value("SUMMARY") for text in table.others("Ann", "monday")] == ["Call Ann to see how it went"]
    assert [text.value("SUMMARY") for text in table.others("Ann", "tuesday")] == ["Decide: Ann"]


def test_both_sides_changed(table: Table) -> None:
    """Field by field: the rep's time, note and place, and our part of the notes."""
    after = table.own("both sides", "tuesday")
    assert (after.value("DTSTART"), after.value("LOCATION")) == ("20260109T100000", "Her car")
    assert after.value("DESCRIPTION").startswith("Not before three\\n")
    assert "Source: the fair" in after.value("DESCRIPTION")
    assert [type(fact) for fact in table.known[table.key("both sides")]] == [Captured, Promised, Noted, Moved]


def test_another_look_writes_nothing(table: Table) -> None:
    assert table.again == (1, 0, 0, 0)


# ---- deletes many -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=PLAYED, ids="-".join)
def emptied(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Desk, list[str]]:
    """Six of eight are deleted, more than five and more than 30 %. The titles that stood there."""
    name, form = request.param
    server = request.getfixturevalue(name)
    desk: Desk
    if name == "google":
        desk = GoogleDesk(server, tmp_path, capsys)
        desk.phone = GoogleEye(server, desk.calendar)  # type: ignore[assignment]  # as much of it as is used
    else:
        monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", server.password)
        desk = Desk(server, tmp_path, capsys)
        desk.phone = Eye(server, desk.calendar)
    desk.configure(write=form)
    store = desk.store()
    with store.writing() as tx:
        for number in range(8):
            fields = {"stage": "pitched", "fields": {"met": "2026-01-05"}}
            tx.capture(Prospect(f"diner-{number}", "dana", f"Diner {number}", **fields), Captured(desk.moment, "cli"))
    store.close()
    desk.cycle()
    before = titles(desk)
    for href in list(desk.phone.etags())[:6]:
        desk.phone.delete(href)
    left = desk.phone.etags()
    for _ in range(3):
        desk.now = f"{desk.moment + GRACE:%Y-%m-%dT%H:%M}"
        (held,) = desk.cycle().targets.values()
    assert "6 of 8 entries were deleted" in held.error
    assert "--accept-deletes" in held.error
    assert "--restore" in held.error
    assert desk.phone.etags() == left
    return desk, before


def titles(desk: Desk) -> list[str]:
    return sorted(Text(raw).value("SUMMARY") for raw in desk.phone.texts().values())


def test_deletes_many_and_means_it(emptied: tuple[Desk, list[str]]) -> None:
    desk, before = emptied
    desk.run("sync", "--accept-deletes")
    asked = [title for title in titles(desk) if title.endswith(": drop\\, or when?")]
    assert len(asked) == 6
    assert len(set(titles(desk)) & set(before)) == 2


def test_deletes_many_by_mistake(emptied: tuple[Desk, list[str]]) -> None:
    desk, before = emptied
    desk.run("sync", "--restore")
    assert titles(desk) == before
    assert not [fact for number in range(8) for fact in desk.history(f"diner-{number}") if isinstance(fact, Dismissed)]
