"""The rep types a follow-up into the follow-up calendar, with a program that is not ours: it is captured, and the same entry is managed
from then on. What does not read as a follow-up stays theirs."""

from __future__ import annotations

import pytest

from followsync.core.history import Captured, Dismissed, Noted, Promised, Touched
from tests import stores
from tests.phone import Desk, Text, escaped

LINE = "Call Jenny to determine next steps – 248.867.5309"
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Apple Inc.//iOS 18.1//EN\r\n"
UID = "6B2C1A9E-77F0-4C2B-9A30-0C1DD0E6C7A1"


def event(title: str, *lines: str, when: str = "20260108T140000", until: str = "20260108T143000", uid: str = UID) -> str:
    own = "\r\n".join([f"SUMMARY:{escaped(title)}", *lines])
    zone = ";TZID=America/Detroit"
    return (
        f"{HEAD}BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260105T120000Z\r\nDTSTART{zone}:{when}\r\nDTEND{zone}:{until}\r\n{own}\r\n"
        "X-APPLE-CREATOR-IDENTITY:com.apple.mobilecal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def whole_day(title: str) -> str:
    return (
        f"{HEAD}BEGIN:VEVENT\r\nUID:{UID}\r\nDTSTAMP:20260105T120000Z\r\nDTSTART;VALUE=DATE:20260108\r\nDTEND;VALUE=DATE:20260109\r\n"
        f"SUMMARY:{escaped(title)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def task(title: str, *lines: str) -> str:
    own = "\r\n".join([f"SUMMARY:{escaped(title)}", *lines])
    return f"{HEAD}BEGIN:VTODO\r\nUID:{UID}\r\nDTSTAMP:20260105T120000Z\r\n{own}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"


def typed(desk: Desk, text: str, name: str = "typed.ics") -> str:
    href = desk.phone.add(name, text)
    desk.sync()
    return href


def untouched(desk: Desk, text: str) -> None:
    """Three readings later the entry is as it was typed, and nobody was captured."""
    href = desk.phone.add("typed.ics", text)
    before, etag = desk.phone.get(href), desk.phone.etags()[href]
    for _ in range(3):
        desk.sync()
    assert (desk.phone.get(href), desk.phone.etags()) == (before, {href: etag})
    assert desk.json("list") == []


def quiet(desk: Desk) -> None:
    before = desk.phone.etags()
    report = desk.sync()
    assert (report["requests"], report["created"], report["updated"], report["deleted"]) == (1, 0, 0, 0)
    assert desk.phone.etags() == before


def test_a_typed_event_is_captured_and_stays_the_same_event(desk: Desk) -> None:
    href = typed(desk, event(LINE))
    (listed,) = desk.json("list")
    action = listed["next_action"]
    assert (listed["name"], action["kind"], action["method"], action["purpose"]) == ("Jenny", "promise", "call", "determine next steps")
    assert (action["start"], action["end"]) == ("2026-01-08T14:00:00-05:00", "2026-01-08T14:30:00-05:00")
    assert list(desk.phone.etags()) == [href]
    text = desk.phone.text(href)
    assert (text.value("UID"), text.value("SUMMARY"), text.line("DTSTART")) == (UID, LINE, "DTSTART;TZID=America/Detroit:20260108T140000")
    assert text.value("DESCRIPTION").startswith("248.867.5309 · tel:+12488675309")
    assert text.value("URL") == "tel:+12488675309"
    assert "TRIGGER:-PT15M" in text.lines
    assert text.value("X-APPLE-CREATOR-IDENTITY") == "com.apple.mobilecal", "what we do not know stays"
    assert desk.json("show", listed["id"])["phone"] == "248.867.5309"
    quiet(desk)


def test_it_is_answered_moved_and_deleted_like_any_other(desk: Desk) -> None:
    href = typed(desk, event(LINE))
    desk.now = "2026-01-08T14:40"
    desk.phone.prefix_title(href, "x")
    desk.sync()
    assert [fact.result for fact in desk.history("jenny") if isinstance(fact, Touched)] == ["attempt"]
    assert desk.phone.text(href).value("SUMMARY") == f"↻ {LINE}"
    assert desk.phone.text(href).value("UID") == UID
    (again,) = (one for one in desk.phone.etags() if one != href)
    desk.phone.delete(again)
    desk.believe()
    assert any(isinstance(fact, Dismissed) for fact in desk.history("jenny"))
    quiet(desk)


def test_what_the_rep_gave_it_stays(desk: Desk) -> None:
    own = event("call jenny to review the quote - 248.867.5309", "LOCATION:Back office", "COLOR:red", "DESCRIPTION:Likes golf")
    href = typed(
        desk, own.replace("END:VEVENT", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\nEND:VEVENT")
    )
    text = desk.phone.text(href)
    assert text.value("SUMMARY") == "call jenny to review the quote - 248.867.5309"
    assert (text.value("LOCATION"), text.value("COLOR")) == ("Back office", "red")
    assert [line for line in text.lines if line.startswith("TRIGGER")] == ["TRIGGER:-PT30M"]
    assert text.value("DESCRIPTION").startswith("Likes golf\\n–––––")
    (listed,) = desk.json("list")
    assert [fact.text for fact in desk.history(listed["id"]) if isinstance(fact, Noted)] == ["Likes golf"]
    quiet(desk)


def test_one_for_a_whole_day_finds_an_hour_of_that_day(desk: Desk) -> None:
    href = typed(desk, whole_day("Visit Joe's Diner to meet the owner"))
    (listed,) = desk.json("list")
    assert (listed["name"], listed["next_action"]["method"], listed["next_action"]["kind"]) == ("Joe's Diner", "visit", "promise")
    assert list(desk.phone.etags()) == [href]
    assert desk.phone.text(href).line("DTSTART") == "DTSTART;TZID=America/Detroit:20260108T090000"
    quiet(desk)


def test_a_typed_task_is_captured_and_stays_a_task(desk: Desk) -> None:
    href = typed(desk, task(LINE, "DUE;VALUE=DATE:20260108"))
    (listed,) = desk.json("list")
    assert (listed["name"], listed["next_action"]["due"]) == ("Jenny", "2026-01-08")
    assert "BEGIN:VTODO" in desk.phone.get(href)
    assert list(desk.phone.etags()) == [href]
    desk.phone.write(href, "STATUS:COMPLETED")
    desk.sync()
    assert [fact.result for fact in desk.history("jenny") if isinstance(fact, Touched)] == ["done"]


def test_a_task_without_a_date_is_to_be_decided(desk: Desk) -> None:
    href = typed(desk, task(LINE))
    (listed,) = desk.json("list")
    assert (listed["name"], listed["next_action"]["kind"]) == ("Jenny", "decide")
    assert list(desk.phone.etags()) == [href]
    assert desk.phone.text(href).value("SUMMARY") == LINE


@pytest.mark.parametrize(
    "line",
    [
        "Call Jenny to review the quote – (248) 867-5309",
        "Call Jen to review the quote – 248.867.5309",
        "Call Jenny to review the quote",
    ],
)
def test_whoever_is_known_gets_a_new_promise_and_no_double(desk: Desk, line: str) -> None:
    desk.run("add", "Call Jenny 248.867.5309 Friday 10am to determine next steps")
    desk.sync()
    href = typed(desk, event(line))
    (listed,) = desk.json("list")
    assert (listed["id"], listed["next_action"]["start"]) == ("jenny", "2026-01-08T14:00:00-05:00")
    assert list(desk.phone.etags()) == [href], "the entry of the earlier agreement is gone, nobody had answered it"
    assert [fact.purpose for fact in desk.history("jenny") if isinstance(fact, Promised)] == ["determine next steps", "review the quote"]
    quiet(desk)


def test_a_person_at_a_business_is_known_by_her_name(desk: Desk) -> None:
    desk.run("add", "Visit Joe's Diner Friday 10am to meet the owner", "--person", "Jenny")
    typed(desk, event("Call Jenny to review the quote"))
    (listed,) = desk.json("list")
    assert (listed["name"], listed["next_action"]["method"]) == ("Joe's Diner", "call")


def test_two_of_one_name_are_not_guessed_at(desk: Desk) -> None:
    desk.run("add", "Visit Joe's Diner Friday 10am", "--person", "Jenny")
    desk.run("add", "Visit Ann's Bakery Friday 11am", "--person", "Jenny")
    desk.sync()
    href = desk.phone.add("typed.ics", event("Call Jenny to review the quote"))
    before = desk.phone.get(href)
    desk.sync()
    assert desk.phone.get(href) == before
    assert {one["next_action"]["method"] for one in desk.json("list")} == {"visit"}
    asks = [text for text in map(Text, desk.phone.texts().values()) if "?" in text.value("SUMMARY")]
    assert [text.value("SUMMARY") for text in asks] == ['Jenny: "Call Jenny to review the quote": who is meant?']
    quiet(desk)
    desk.phone.write(href, f"SUMMARY:{escaped('Call Jenny at Ann’s Bakery to review the quote')}")
    desk.sync()
    found = {one["name"]: one["next_action"]["method"] for one in desk.json("list")}
    assert found == {"Joe's Diner": "visit", "Ann's Bakery": "call"}
    assert not [raw for raw in desk.phone.texts().values() if "who is meant" in raw]
    quiet(desk)


@pytest.mark.parametrize("title", ["Golf league", "Call mom", "Visit to the dentist", "Lunch with Anna", "Call center training", "Norah"])
def test_what_does_not_read_as_a_follow_up_is_never_touched(desk: Desk, title: str) -> None:
    untouched(desk, event(title))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(event(LINE, "RRULE:FREQ=WEEKLY"), id="a series"),
        pytest.param(event(LINE, "ORGANIZER:mailto:a@example.org", "ATTENDEE:mailto:jenny@example.org"), id="an invitation"),
        pytest.param(event(LINE, when="20260102T140000", until="20260102T143000"), id="over"),
        pytest.param(task(LINE, "DUE;VALUE=DATE:20260108", "STATUS:COMPLETED"), id="done"),
    ],
)
def test_nor_what_is_not_one_thing_to_do(desk: Desk, text: str) -> None:
    untouched(desk, text)


def test_a_foreign_entry_becomes_a_capture_when_it_is_renamed(desk: Desk) -> None:
    href = typed(desk, event("Jenny"))
    assert desk.json("list") == []
    desk.phone.write(href, f"SUMMARY:{escaped(LINE)}")
    desk.sync()
    (listed,) = desk.json("list")
    assert listed["name"] == "Jenny"
    assert any(isinstance(fact, Captured) and fact.text == LINE for fact in desk.history("jenny"))
    quiet(desk)


def test_a_lost_store_finds_it_by_its_marks(desk: Desk) -> None:
    href = typed(desk, event(LINE))
    exported = desk.run("export")
    stores.lose(desk.folder / "store.db")
    (desk.folder / "people.csv").write_text(exported, encoding="utf-8")
    desk.run("import", str(desk.folder / "people.csv"), "--yes")
    desk.sync()
    assert list(desk.phone.etags()) == [href]
    assert Text(desk.phone.get(href)).value("UID") == UID
    quiet(desk)


def _ours(desk: Desk, href: str) -> list[str]:
    return [line for line in desk.phone.text(href).lines if line.startswith(("X-FOLLOWSYNC", "URL", "TRIGGER")) or "FollowSync" in line]


def test_what_the_rep_typed_is_their_record_and_not_deleted(desk: Desk) -> None:
    href = typed(desk, event(LINE, "LOCATION:Back office", "DESCRIPTION:Bring the blue folder"))
    assert len(_ours(desk, href)) > 3
    desk.run("log", "jenny", "next", "visit Friday 10am to sign")
    desk.sync()
    assert (href in desk.phone.etags(), len(desk.phone.etags())) == (True, 2)
    text = desk.phone.text(href)
    assert (text.value("UID"), text.value("SUMMARY"), text.value("LOCATION")) == (UID, f"→ {LINE}", "Back office")
    assert text.value("DESCRIPTION").startswith("Bring the blue folder"), "the rep's record, like any other"
    quiet(desk)
    assert desk.json("list")[0]["next_action"]["purpose"] == "sign", "it is no new capture"


def test_what_was_given_back_is_taken_up_again_where_it_stands(desk: Desk) -> None:
    href = typed(desk, event(LINE))
    desk.now = "2026-01-05T09:00"
    typed(desk, event("Visit Jenny to sign", uid="earlier", when="20260107T100000", until="20260107T110000"), "earlier.ics")
    assert (_ours(desk, href), len(desk.phone.etags())) == ([], 3)  # with the question
    desk.run("undo", "--yes")
    desk.sync_any()  # now and then Xandikos answers 500 to two writes at once
    desk.sync()
    assert len(_ours(desk, href)) > 3
    assert desk.json("list")[0]["next_action"]["start"] == "2026-01-08T14:00:00-05:00"
    assert len(desk.phone.etags()) == 2, "neither is written a second time"
    quiet(desk)


def test_what_was_given_back_is_a_new_capture_once_it_says_something_new(desk: Desk) -> None:
    href = typed(desk, event(LINE))
    desk.run("undo", "--yes")
    desk.sync()
    assert (desk.phone.text(href).value("SUMMARY"), _ours(desk, href), desk.json("list")) == (LINE, [], [])
    quiet(desk)
    desk.phone.write(href, f"SUMMARY:{escaped('Visit Jenny to sign – 248.867.5309')}")
    desk.sync()
    assert desk.json("list")[0]["next_action"]["purpose"] == "sign"
    quiet(desk)


def test_a_mark_in_what_was_given_back_that_goes_again_makes_no_new_capture(desk: Desk) -> None:
    href = typed(desk, event(LINE))
    desk.run("undo", "--yes")
    desk.sync()
    for title in (f"x {LINE}", LINE):
        desk.phone.write(href, f"SUMMARY:{escaped(title)}")
        desk.sync()
        assert desk.json("list") == []
    quiet(desk)


def test_two_appointments_of_one_person_both_stay(desk: Desk) -> None:
    desk.phone.add("a.ics", event("Call Jenny to send the quote", uid="a"))
    desk.phone.add("b.ics", event("Visit Jenny to sign", uid="b", when="20260112T100000", until="20260112T110000"))
    desk.sync()
    assert len(desk.phone.etags()) == 3, "and one question names both"
    assert [one["next_action"]["purpose"] for one in desk.json("list")] == ["send the quote"]
    quiet(desk)
    desk.run("log", "jenny", "done")
    desk.sync()
    assert [one["next_action"]["purpose"] for one in desk.json("list")] == ["sign"]
    assert len([one for one in desk.phone.entries().values() if one.summary.value == "Visit Jenny to sign"]) == 1, "in its own entry"
    quiet(desk)


def test_two_people_of_one_first_name_have_different_numbers(desk: Desk) -> None:
    desk.run("add", "Call Jenny 248.867.5309 Friday 10am to determine next steps")
    desk.run("add", "Visit Joe's Diner 248.555.0100 Friday 2pm to meet the owner")
    desk.sync()
    typed(desk, event("Call Jenny to introduce ourselves – 313.555.0199", uid="other"), "other.ics")
    typed(desk, event("Call Joe's Diner to review the menu – 313.555.0142", when="20260112T100000", until="20260112T110000"))
    found = {one["id"]: one["next_action"]["purpose"] for one in desk.json("list")}
    assert found == {"jenny": "determine next steps", "jenny-2": "introduce ourselves", "joes-diner": "meet the owner"}
    assert "review the menu" in desk.run("show", "joes-diner"), "it waits for its turn"


@pytest.mark.parametrize(
    ("notes", "over", "result", "kind"),
    [
        pytest.param("> fri 10am visit to sign", True, ["next"], "promise", id="agreed"),
        pytest.param("> fri 10am visit to sign", False, ["next"], "promise", id="agreed before its time"),
        pytest.param("x", True, ["attempt"], "retry", id="nobody there"),
        pytest.param("x", False, [], "promise", id="nobody was called yet"),
        pytest.param("next: the quote", False, [], "promise", id="no day, and before its time"),
    ],
)
def test_it_may_have_been_answered_before_it_was_first_read(desk: Desk, notes: str, over: bool, result: list[str], kind: str) -> None:
    times = ("20260105T070000", "20260105T071500") if over else ("20260105T140000", "20260105T143000")
    typed(desk, event(LINE, f"DESCRIPTION:{escaped(notes)}", when=times[0], until=times[1]))
    assert [fact.result for fact in desk.history("jenny") if isinstance(fact, Touched)] == result
    assert [fact.text for fact in desk.history("jenny") if isinstance(fact, Noted)] == ([] if result else [notes])
    assert desk.json("list")[0]["next_action"]["kind"] == kind
    quiet(desk)


def _copied(desk: Desk, **times: str) -> str:
    """Jenny's entry, late by now, pasted without our marks."""
    desk.run("add", "Call Jenny 248.867.5309 tomorrow 10am to determine next steps")
    desk.sync()
    desk.now = "2026-01-06T10:30"
    desk.sync()
    text = desk.phone.text(desk.phone.only()[0])
    copy = event("P", f"DESCRIPTION:Bring the folder\\n{text.value('DESCRIPTION')}", **times)
    assert "⚠" in text.value("SUMMARY")
    return typed(desk, copy.replace("SUMMARY:P", f"SUMMARY:{text.value('SUMMARY')}"))


def test_a_copy_at_another_time_is_another_agreement(desk: Desk) -> None:
    href = _copied(desk, when="20260115T110000", until="20260115T111500")
    assert list(desk.phone.etags()) == [href]
    text = desk.phone.text(href)
    assert (text.value("SUMMARY"), text.value("UID")) == (LINE, UID)
    assert text.value("DESCRIPTION").count("Answer:") == 1
    assert [fact.text for fact in desk.history("jenny") if isinstance(fact, Noted)] == ["Bring the folder"]
    assert desk.json("list")[0]["next_action"]["start"] == "2026-01-15T11:00:00-05:00"
    quiet(desk)


def test_a_copy_at_the_same_time_is_left_alone(desk: Desk) -> None:
    href = _copied(desk, when="20260106T100000", until="20260106T101500")
    assert len(desk.phone.etags()) == 2
    assert "X-FOLLOWSYNC" not in desk.phone.get(href)
    quiet(desk)


@pytest.mark.parametrize("marks", [True, False], ids=["with our marks", "without them"])
def test_an_old_entry_that_is_duplicated_to_a_new_time_is_a_new_agreement(desk: Desk, marks: bool) -> None:
    """Also with somebody who said no."""
    desk.run("add", "Call Jenny 248.867.5309 today 10am to determine next steps")
    desk.sync()
    (record,) = desk.phone.etags()
    desk.now = "2026-01-05T10:20"
    desk.phone.note(record, "no\nher partner is against it")
    desk.sync()
    text = desk.phone.text(record)
    assert text.value("SUMMARY") == f"✗ {LINE}"
    text.set(f"UID:{UID}").set("DTSTART;TZID=America/Detroit:20260406T110000").set("DTEND;TZID=America/Detroit:20260406T111500")
    text.lines = [line for line in text.lines if marks or not line.startswith("X-FOLLOWSYNC")]
    before = desk.phone.get(record)
    copy = typed(desk, str(text))
    (jenny,) = desk.json("list")
    assert (jenny["state"], jenny["next_action"]["start"]) == ("open", "2026-04-06T11:00:00-04:00")
    after = desk.phone.text(copy)
    assert (after.value("UID"), after.value("SUMMARY")) == (UID, LINE)
    assert "TRIGGER:-PT15M" in after.lines
    assert after.value("DESCRIPTION").count("her partner is against it") == 1
    assert desk.phone.get(record) == before
    quiet(desk)
