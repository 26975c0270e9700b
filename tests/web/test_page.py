"""The phone page without scripts: what it shows, what can be told through it, and that each form counts once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from followsync.core.history import Captured, Kind, Moved, Noted, Promised, Reopened, Result, Touched, Waiting
from followsync.core.prospect import Prospect
from followsync.errors import StoreError
from followsync.store import Store
from tests.machine.room import CONFIG, MONDAY, Room
from tests.web.phone_page import Phone, Reading, page_of
from tests.web.site import Answer

DAY = timedelta(days=1)


@pytest.fixture
def today(phone: Phone) -> Phone:
    """At ten Jenny is called, at eleven Bob is visited; about Joe nothing is decided."""
    room = phone.site.room
    room.capture("Jenny", phone="248.867.5309", email="jenny@example.org", role="owner", notes="likes blue")
    room.promise("jenny", "call today 10:00 to ask about the quote, agenda: price; terms")
    room.capture("Bob", address="5 Main St, Detroit")
    room.promise("bob", "visit today 11:00 to sign")
    room.capture("Joe")
    return phone


def touches(room: Room, who: str) -> list[Touched]:
    return [one for one in room.history(who) if isinstance(one, Touched)]


# -- what it shows


def test_today_is_in_order_with_what_can_be_tapped(today: Phone) -> None:
    seen = today.look()
    titles = ["Decide: Joe", "Call Jenny to ask about the quote", "Visit Bob to sign"]
    places = [seen.words.index(title) for title in titles]
    assert places == sorted(places)
    assert "tel:+12488675309" in seen.links
    assert "mailto:jenny@example.org" in seen.links
    assert "https://www.google.com/maps/search/?api=1&query=5+Main+St%2C+Detroit" in seen.links
    for word in ("10:00", "11:00", "Promised", "248.867.5309", "Agenda", "price", "terms", "likes blue", "3 to do", "Monday 5 January"):
        assert word in seen.text, word
    assert "Answer: tick it" not in seen.text
    assert "To ask about the quote" not in seen.text, "the title says so"
    assert seen.text.count("Is it a yes, a no, or what is next") == 3
    assert len(today.forms()) == 3


def test_what_is_late_says_since_when(today: Phone) -> None:
    room = today.site.room
    room.cycle()
    room.cycle(MONDAY + DAY)
    assert "2nd day" in today.look().text


def test_the_week_shows_working_days_and_what_stands_on_others(today: Phone) -> None:
    room = today.site.room
    room.capture("Ann")
    room.promise("ann", "call 2026-01-10 10:00 to see her")
    seen = today.look("week")
    for word in ("Monday 5 January", "Friday 9 January", "Saturday 10 January", "Call Ann to see her", "Tuesday 13 January"):
        assert word in seen.text, word
    assert "Sunday" not in seen.text
    assert "Wednesday 14 January" not in seen.text


def test_the_pipeline_tells_how_it_stands(today: Phone) -> None:
    room = today.site.room
    room.capture("Ann")
    room.say("ann", Waiting(room.now, "cli", (MONDAY + 3 * DAY).date(), "the contract is signed"))
    room.cycle()
    room.cycle(MONDAY + 2 * DAY)
    seen = today.look("pipeline")
    for figure in ("Open prospects 4", "Waiting on them 1", "Overdue 2", "Undecided the oldest for 2 working days 1"):
        assert figure in seen.text, figure
    assert "Promises broken last 90 days 2" in seen.text
    assert "2 working days" in seen.text
    assert "until Thu 8 Jan Ann: the contract is signed" in seen.text
    assert "its day passed" in seen.text


def test_somebody_is_found_by_name_and_number(today: Phone) -> None:
    for said in ("jen", "Jenny", "867", "example.org"):
        assert "Jenny" in today.look(f"pipeline?q={said}").words, said
    assert "No open prospect has" in today.look("pipeline?q=zz").text


def test_one_prospect_is_told_whole(today: Phone) -> None:
    room = today.site.room
    room.say("jenny", Noted(room.now, "cli", "her sister pays\nand never on Fridays"))
    seen = today.look("who?id=jenny")
    at = seen.words.index("her sister pays")
    assert seen.words[at + 1] == "and never on Fridays", "below it, and in the same point"
    for word in ("Jenny", "owner", "her sister pays", "likes blue", "Why then?", "Promises", "What happened", "Captured.", "248.867.5309"):
        assert word in seen.text, word


def test_an_empty_day_says_what_comes(phone: Phone) -> None:
    assert "Nothing is left to do today." in phone.look().text
    phone.site.room.capture("Jenny")
    phone.site.room.promise("jenny", "call thu 2pm to sign")
    assert "Then: Thu 8 Jan, Call Jenny to sign" in phone.look().text


def test_another_rep_s_people_are_nobody_here(today: Phone) -> None:
    room = today.site.room
    with room.store.writing() as tx:
        tx.capture(Prospect("zoe", "lee", "Zoe", phone="248.555.0199"), Captured(room.now, "cli"))
    for page in ("./", "week", "pipeline", "pipeline?q=zoe", "pipeline?q=555"):
        assert "Zoe" not in today.look(page).words, page
    assert today.site.ask(f"{today.at}who?id=zoe").told() == today.site.ask(f"{today.at}who?id=never").told()
    form = today.form("jenny")
    refused = today.send(form, prospect="zoe", outcome="no")
    assert refused.status == 404
    assert b"Zoe" not in refused.body
    assert touches(room, "zoe") == []


def test_a_known_name_of_another_rep_is_somebody_new(today: Phone) -> None:
    room = today.site.room
    with room.store.writing() as tx:
        tx.capture(Prospect("zoe", "lee", "Zoe", phone="248.555.0199"), Captured(room.now, "cli"))
    assert today.capture("Call Zoe 248.555.0199 Friday 10am to ask").status == 303
    with room.store.reading() as tx:
        assert {one.id for one in tx.prospects("dana")} == {"jenny", "bob", "joe", "zoe-2"}


# -- how it ended


@pytest.mark.parametrize(
    ("outcome", "result", "says"),
    [
        ("yes", Result.YES, "Jenny: yes. Closed"),
        ("no", Result.NO, "Jenny: no. Closed"),
        ("done", Result.DONE, "Jenny: done."),
        ("no-answer", Result.ATTEMPT, "Jenny: no answer."),
        ("left-message", Result.ATTEMPT, "Jenny: left message."),
    ],
)
def test_one_tap_says_how_it_ended(today: Phone, outcome: str, result: Result, says: str) -> None:
    room = today.site.room
    before = room.action("jenny")
    seen = today.tap("jenny", outcome, note="she was in a hurry\r\nand at lunch")
    assert says in seen.text
    (touch,) = touches(room, "jenny")
    assert before is not None
    assert (touch.result, touch.action, touch.kind, touch.via) == (result, before.id, Kind.PROMISE, "page")
    assert touch.note == "she was in a hurry\nand at lunch"
    assert touch.recap.get("attempt", "") == ("left message" if outcome == "left-message" else "")
    with room.store.reading() as tx:
        assert tx.outcome("jenny") is (result if result in (Result.YES, Result.NO) else None)
    assert ("Next: " in seen.text) is (result not in (Result.YES, Result.NO))
    assert "1 told today" in seen.text


def test_what_is_next_is_a_promise_that_inherits_what_it_does_not_say(today: Phone) -> None:
    seen = today.tap("jenny", "next", next="thu pm", note="ask her boss")
    assert "Jenny: next step agreed." in seen.text
    assert "Next: Call Jenny to ask about the quote, Thu 8 Jan, 13:00–13:15." in seen.text
    room = today.site.room
    promise = next(one for one in reversed(room.history("jenny")) if isinstance(one, Promised))
    assert (promise.via, promise.method, promise.agenda) == ("page", "call", ("price", "terms"))
    assert [one.note for one in touches(room, "jenny")] == ["thu pm\nask her boss"]


def test_waiting_is_a_dated_check(today: Phone) -> None:
    assert "Jenny: waiting on them." in today.tap("jenny", "next", next="> Waiting until Friday").text
    assert [one.until.isoformat() for one in today.site.room.history("jenny") if isinstance(one, Waiting)] == ["2026-01-09"]


@pytest.mark.parametrize(
    ("typed", "says"), [("sometime", "&#39;sometime&#39; names no day"), ("", "This names no day"), ("waiting", "names no day")]
)
def test_what_names_no_day_changes_nothing_and_comes_back(today: Phone, typed: str, says: str) -> None:
    room = today.site.room
    before = room.history("jenny")
    answer = today.send(today.form("jenny"), outcome="next", next=typed, note="she will call\nperhaps")
    assert (answer.status, says in answer.body.decode()) == (422, True)
    assert room.history("jenny") == before
    (again,) = (one for one in reading(answer).forms if one.fields.get("prospect") == "jenny")
    assert (again.fields["next"], again.fields["note"].split()) == (typed, ["she", "will", "call", "perhaps"])
    assert today.send(again, outcome="next", next="fri 10am").status == 303


def reading(answer: Answer) -> Reading:
    found = Reading(answer.body.decode())
    assert found.wrong == []
    return found


def test_a_next_step_beside_another_outcome_is_asked_about(today: Phone) -> None:
    answer = today.send(today.form("jenny"), outcome="done", next="thu 2pm")
    assert (answer.status, touches(today.site.room, "jenny")) == (422, [])
    assert "A next step is written there too" in reading(answer).text


@pytest.mark.parametrize("outcome", ["maybe", "", "YES", "waiting-", "next\r\nX: y"])
def test_001_11_a_fourth_outcome_is_impossible_on_the_page(today: Phone, outcome: str) -> None:
    answer = today.send(today.form("jenny"), outcome=outcome)
    assert (answer.status, touches(today.site.room, "jenny")) == (422, [])


def test_the_same_as_at_the_terminal(today: Phone) -> None:
    """The page's tap and ``log`` write the same fact."""
    from followsync import answering
    from followsync.capturing import Occasion

    room = today.site.room
    cycle = room.new_cycle()
    with room.store.rehearsing() as tx:
        known = tx.prospect("jenny")
        assert known is not None
        placed = cycle.picture(tx).next_action("jenny")
        answering.take(tx, known, placed, answering.Answer("done", note="ok"), Occasion(cycle.rules, cycle.rep, room.now, "page"))
        wanted = tx.history("jenny")
    today.tap("jenny", "done", note="ok")
    assert room.history("jenny") == wanted


# -- once


def test_the_same_form_again_counts_once_and_is_answered_as_before(today: Phone) -> None:
    room = today.site.room
    form = today.form("jenny")
    first, second = (today.send(form, outcome="no-answer") for _ in range(2))
    assert (first.status, first.headers["location"]) == (second.status, second.headers["location"])
    third = today.send(form, outcome="yes")  # another button of the same form, tapped while the first was under way
    assert third.headers["location"] == first.headers["location"]
    assert len(touches(room, "jenny")) == 1
    with room.store.reading() as tx:
        assert tx.outcome("jenny") is None


def test_so_does_a_line(phone: Phone) -> None:
    (form,) = phone.forms("add", "add")
    answers = [phone.send(form, line="Call Jenny Thursday 10am to sign") for _ in range(3)]
    assert {one.status for one in answers} == {303}
    assert len([one for one in phone.site.room.history("jenny") if isinstance(one, Promised)]) == 1


def test_a_form_that_failed_can_be_sent_again(today: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store broke after the touch was appended: neither is written, so the second one counts."""
    from followsync.store import Transaction

    def broken(*_: object) -> None:
        raise StoreError("The disk is full.")

    form = today.form("jenny")
    monkeypatch.setattr(Transaction, "take_form", broken)
    assert today.send(form, outcome="done").status == 503
    assert touches(today.site.room, "jenny") == []
    monkeypatch.undo()
    assert today.send(form, outcome="done").status == 303
    assert len(touches(today.site.room, "jenny")) == 1


def test_what_was_answered_meanwhile_stays_so(today: Phone) -> None:
    room = today.site.room
    form = today.form("jenny")
    room.log("jenny", Result.ATTEMPT)
    answer = today.send(form, outcome="yes", note="she said so")
    assert answer.status == 409
    assert "Jenny: This was answered meanwhile" in reading(answer).text
    assert [one.result for one in touches(room, "jenny")] == [Result.ATTEMPT]


@pytest.mark.parametrize("back", ["today", "who"])
def test_what_was_typed_about_it_can_be_sent_with_what_stands_now(today: Phone, back: str) -> None:
    room = today.site.room
    form = today.form("jenny")
    room.log("jenny", Result.ATTEMPT)
    room.promise("jenny", "call thu 2pm to sign")  # not of today
    answer = today.send(form, outcome="next", next="fri pm bring it", note="her husband is Tom\n\n555-1234", back=back)
    seen = reading(answer)
    assert answer.status == 409
    assert "What you typed stands below: send it with what is to be done now, or keep it as a note." in seen.text
    (again,) = (one for one in seen.forms if one.fields.get("prospect") == "jenny")
    stands = room.action("jenny")
    assert stands is not None
    assert (again.fields["action"], again.fields["next"]) == (stands.id, "fri pm bring it")
    assert again.fields["note"].split() == ["her", "husband", "is", "Tom", "555-1234"]
    ids = [given["id"] for _, given in seen.tags if "id" in given]
    assert len(ids) == len({*ids})
    assert [link[1:] for link in seen.links if link.startswith("#next-")] == [f"next-{stands.id}"]
    assert f"next-{stands.id}" in ids
    assert today.send(again, outcome="next").status == 303
    assert room.history("jenny")[-2:] != ()
    assert [one.note for one in touches(room, "jenny")][-1].startswith("fri pm bring it\nher husband is Tom")


def test_or_be_kept_as_a_note_that_says_nothing_of_an_outcome(today: Phone) -> None:
    room = today.site.room
    form = today.form("jenny")
    room.log("jenny", Result.ATTEMPT)
    (again,) = (one for one in reading(today.send(form, outcome="yes", note="Tom pays")).forms if one.fields.get("prospect") == "jenny")
    assert ("outcome", "note", "") in again.buttons
    answers = [today.send(again, outcome="note") for _ in range(2)]
    assert {one.status for one in answers} == {303}
    assert "Jenny: noted." in today.look(answers[0].headers["location"]).text
    assert [one.text for one in room.history("jenny") if isinstance(one, Noted)] == ["Tom pays"]
    assert [one.result for one in touches(room, "jenny")] == [Result.ATTEMPT]
    assert today.send(today.form("bob"), outcome="note").status == 422, "nothing was typed"


@pytest.mark.parametrize("back", ["today", "who"])
def test_what_was_typed_about_one_who_was_closed_can_be_kept(today: Phone, back: str) -> None:
    room = today.site.room
    form = today.form("jenny")
    room.log("jenny", Result.NO)
    answer = today.send(form, outcome="next", next="x" * 300, note="y" * 2000, back=back)
    seen = reading(answer)
    assert (answer.status, "What you typed about Jenny" in seen.text) == (409, True)
    (again,) = (one for one in seen.forms if one.fields.get("prospect") == "jenny")
    assert "#kept-jenny" in seen.links
    assert "kept-jenny" in [given.get("id") for _, given in seen.tags]
    assert today.send(again, outcome="note").status == 303
    (note,) = (one for one in room.history("jenny") if isinstance(one, Noted))
    assert note.text.split("\n") == ["x" * 300, "y" * 2000]
    with room.store.reading() as tx:
        assert tx.outcome("jenny") is Result.NO


def test_what_was_typed_about_one_who_was_removed_is_shown(today: Phone) -> None:
    form = today.form("jenny")
    with today.site.room.store.writing() as tx:
        tx.remove("jenny")
    answer = today.send(form, outcome="done", note="Tom pays")
    assert (answer.status, "Tom pays" in reading(answer).text) == (404, True)


def test_a_follow_up_that_is_no_longer_of_today_keeps_what_was_typed(today: Phone) -> None:
    room = today.site.room
    room.cycle()
    form = today.form("jenny")
    action, there = room.action("jenny"), MONDAY + DAY
    assert action is not None
    room.say("jenny", Moved(room.now, "phone", action.id, there, there + timedelta(minutes=15)))
    answer = today.send(form, outcome="next", next="sometime", note="Tom pays")
    (again,) = (one for one in reading(answer).forms if one.fields.get("prospect") == "jenny")
    assert (answer.status, again.fields["next"], again.fields["note"].strip()) == (422, "sometime", "Tom pays")


@pytest.mark.parametrize("letter", ["x", "漢", "😀", "\n"])
def test_whatever_fits_into_the_field_can_be_sent(today: Phone, letter: str) -> None:
    """A browser counts UTF-16 units, and the end of a line once."""
    units = len(letter.encode("utf-16-le")) // 2
    note = "y" + letter * ((2000 - 2) // units) + "y"
    fields = {**today.form("jenny").fields, "outcome": "next", "next": "thu 2pm " + letter.strip() * (290 // units)}
    assert today.post("answer", {**fields, "note": note.replace("\n", "\r\n")}).status == 303
    assert note in touches(today.site.room, "jenny")[0].note
    assert today.send(today.form("bob"), outcome="done", note="x" * 2001).status == 422


@pytest.mark.parametrize("broken", ["writing", "all"])
def test_while_the_store_is_broken_what_was_typed_comes_back(today: Phone, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    form, (line,) = today.form("jenny"), today.forms("add", "add")

    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk of /var/lib/followsync is full.")

    for name in ("writing", "reading") if broken == "all" else ("writing",):
        monkeypatch.setattr(type(today.site.room.store), name, full)
    told = reading(today.send(form, outcome="done", note="Tom pays <b>"))
    captured = reading(today.send(line, line="Call Zoe Friday 10am"))
    monkeypatch.undo()
    for seen in (told, captured):
        assert "Nothing can be written down at this moment." in seen.text
        assert "/var" not in seen.text
    assert "Tom pays <b>" in told.text
    if broken == "writing":
        (again,) = (one for one in captured.forms if one.action == "add")
        assert again.fields["line"] == "Call Zoe Friday 10am"
        (again,) = (one for one in told.forms if one.fields.get("prospect") == "jenny")
        assert today.send(again, outcome="done").status == 303
    else:
        assert "Call Zoe Friday 10am" in captured.text


def test_who_was_closed_meanwhile_stays_closed(today: Phone) -> None:
    room = today.site.room
    form = today.form("jenny")
    room.log("jenny", Result.NO)
    answer = today.send(form, outcome="yes")
    assert (answer.status, "Jenny was closed with no meanwhile" in reading(answer).text) == (409, True)
    assert [one.result for one in touches(room, "jenny")] == [Result.NO]


def test_another_time_that_was_agreed_makes_the_old_form_stale(today: Phone) -> None:
    form = today.form("jenny")
    today.site.room.promise("jenny", "coffee fri 3pm to sign")
    assert today.send(form, outcome="done").status == 409
    assert touches(today.site.room, "jenny") == []


def test_two_pages_of_one_rep_do_not_share_their_forms(today: Phone) -> None:
    other = page_of(today.site, "tablet")
    assert other.post("answer", {**today.form("jenny").fields, "outcome": "done"}).status == 403
    assert other.look(f"./?said={'x' * 22}").text == other.look().text


def test_many_at_the_same_moment_are_one(today: Phone) -> None:
    """The same form, and the forms of several phones that all show the same action."""
    forms = [today.form("jenny") for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda form: today.send(form, outcome="no-answer"), forms * 2))
    assert len(touches(today.site.room, "jenny")) == 1
    assert sorted(one.status for one in answers) == [303, 303, 409, 409, 409, 409, 409, 409]


# -- capture


def test_a_line_is_captured_as_at_the_terminal(phone: Phone) -> None:
    answer = phone.capture("Call Jenny 248.867.5309 Thursday 2pm to determine next steps")
    seen = phone.look(answer.headers["location"])
    assert "Captured Jenny. Agreed: Thu 2026-01-08, 14:00." in seen.text
    assert "Next: Call Jenny to determine next steps, Thu 8 Jan, 14:00–14:15." in seen.text
    with phone.site.room.store.reading() as tx:
        (jenny,) = tx.prospects("dana")
    assert (jenny.id, jenny.phone) == ("jenny", "248.867.5309")
    assert [(type(one), one.via) for one in phone.site.room.history("jenny")] == [(Captured, "page"), (Promised, "page")]


@pytest.mark.parametrize(
    ("line", "status", "says"),
    [
        ("Joe's Diner", 303, "Captured Joe's Diner. It does not say method and day yet. Next: Decide: Joe's Diner"),
        ("Ann's Books not interested", 303, "Captured Ann's Books. Closed with no"),
        ("Call Jenny Friday 10am", 303, "Jenny is known: a new promise. Agreed: Fri 2026-01-09, 10:00."),
        ("Call Bob Friday 10am", 303, "Bob was closed with no, and is open again."),
        ("Jenny", 422, "Jenny is known already"),
        ("   ", 422, "nothing to read"),
        ("x" * 501, 422, "at most 500 characters"),
    ],
)
def test_each_kind_of_line_is_answered_in_a_sentence(phone: Phone, line: str, status: int, says: str) -> None:
    room = phone.site.room
    room.capture("Jenny")
    room.capture("Bob")
    room.say("bob", Touched(room.now, "cli", Result.NO))
    answer = phone.capture(line)
    assert answer.status == status
    seen = phone.look(answer.headers["location"]) if status == 303 else reading(answer)
    assert says in seen.text
    assert any(isinstance(one, Reopened) for one in room.history("bob")) is line.startswith("Call Bob")
    if status == 422:
        (form,) = (one for one in seen.forms if one.action == "add")
        assert form.fields["line"] == " ".join(line.split()), "what was typed comes back"
        assert f"“{form.fields['line']}”: " in seen.text or not line.strip(), "beside another line that was typed meanwhile, too"


# -- undo


def test_the_last_tap_is_taken_back(today: Phone) -> None:
    room = today.site.room
    before = room.history("jenny")
    seen = today.tap("jenny", "no")
    with room.store.reading() as tx:
        change = tx.last_change("dana")
    assert change is not None
    assert (change.label, change.at) == ("page", room.now), "at the terminal it is named so"
    (undo,) = (form for form in seen.forms if form.action == "undo")
    back = today.look(today.send(undo).headers["location"])
    assert "Taken back: Jenny: no. Closed" in back.text
    assert room.history("jenny") == before
    assert "Next: Call Jenny to ask about the quote, today, 10:00–10:15." in back.text
    assert [form for form in back.forms if form.action == "undo"] == []
    assert today.send(undo).status == 303, "again: it was done"
    assert room.history("jenny") == before


def test_a_capture_that_is_taken_back_is_forgotten(phone: Phone) -> None:
    answer = phone.capture("Call Zoe Thursday 2pm to sign")
    (undo,) = (form for form in phone.look(answer.headers["location"]).forms if form.action == "undo")
    back = phone.look(phone.send(undo).headers["location"])
    assert "Taken back." in back.text
    assert "Zoe" not in back.text
    assert "Zoe" not in phone.look(answer.headers["location"]).text
    assert phone.site.room.history("zoe") == ()


def test_only_the_last_change_of_all_is_taken_back(today: Phone) -> None:
    room = today.site.room
    seen = today.tap("jenny", "no")
    (undo,) = (form for form in seen.forms if form.action == "undo")
    room.log("bob", Result.DONE)
    answer = today.send(undo)
    assert (answer.status, "Something else was changed since" in reading(answer).text) == (409, True)
    with room.store.reading() as tx:
        assert tx.outcome("jenny") is Result.NO
    assert [form for form in today.look(f"./?said={undo.fields['of']}").forms if form.action == "undo"] == []


def test_while_a_sync_runs_nothing_is_taken_back(today: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("followsync.web.taking._PATIENCE", 0.0)
    seen = today.tap("jenny", "no")
    (undo,) = (form for form in seen.forms if form.action == "undo")
    with today.site.room.store.cycle("dana"):
        answer = today.send(undo)
    assert (answer.status, "A sync is under way" in reading(answer).text) == (409, True)
    assert today.send(undo).status == 303


# -- beside the daemon


def test_the_calendar_shows_what_was_tapped_with_the_next_cycle(today: Phone) -> None:
    room = today.site.room
    room.cycle()
    room.cycle()
    today.tap("jenny", "next", next="thu 2pm")
    room.cycle(room.now + timedelta(minutes=1))
    assert [item.title for item in room.open_items("jenny").values()] == ["Call Jenny to ask about the quote – 248.867.5309"]
    assert [item.start.isoformat() for item in room.open_items("jenny").values()] == ["2026-01-08T14:00:00-05:00"]
    with room.quiet():
        room.cycle(room.now + timedelta(minutes=5))
        room.cycle(room.now + timedelta(minutes=5))


def test_whoever_shares_the_store_hears_of_it(today: Phone) -> None:
    """As of a write of another process: so the daemon begins a cycle at once."""
    store: Store = today.site.room.store
    before = store.others()
    today.tap("jenny", "done")
    after = store.others()
    assert before is not None
    assert after == before + 1
    today.look()
    assert store.others() == after
    with store.writing() as tx:
        tx.append("bob", Noted(today.site.room.now, "cli", "hi"))
    assert store.others() == after, "the daemon's own writes are no news to it"


def test_the_config_that_holds_now_counts(today: Phone) -> None:
    today.site.room.configure(CONFIG.replace("    timezone", "    name: Dana Reyes\n    timezone"))
    assert "Dana Reyes" in today.look().text


def test_who_is_removed_is_removed_from_what_the_page_said_too(today: Phone) -> None:
    seen = today.tap("jenny", "done")
    assert "Jenny: done." in seen.text
    with today.site.room.store.writing() as tx:
        tx.remove("jenny")
    with today.site.room.store.reading() as tx:
        told = tx._session._connection.execute("SELECT said FROM page_form").fetchall()
    assert told == [("",)]
