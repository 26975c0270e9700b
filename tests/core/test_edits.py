"""What the rep did in the calendar, row by row; and what must never be taken for it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.answers import Reader, Reading, touched
from followsync.core.edits import read_deletion, read_edit
from followsync.core.history import Dismissed, Entry, Kind, Moved, Noted, Promised, Result, Touched, Unclear, Waiting
from followsync.core.item import Seen, State, Written
from followsync.core.marked import mark_of_line, mark_of_title
from followsync.core.marking import record_of
from followsync.core.operations import merged
from followsync.core.ruler import RULER, rep_text, with_rep_text
from tests.core.builders import Life, at, day, row, rules, worksheet

NOW = at("2026-01-08 10:00")
LIFE = Life(rules(worksheet()))
ACTION = LIFE.next(NOW)
OURS = replace(
    LIFE.items(NOW)[0],
    title="Call Jenny to determine next steps – 248.867.5309",
    body="248.867.5309\nTo say thanks\n\nLAST NOTES\n- she is out\n- she is out\n\nAnswer: tick it",
    alarms=(15,),
)
STANDS = row(OURS)
THURSDAY = Promised(NOW, "calendar:phone", "call", day("01-15"), start=at("2026-01-15 14:00"))
FRIDAY = Waiting(NOW, "calendar:phone", day("01-09"))


def reader(**more: object) -> Reader:
    plain = Reader(
        NOW,
        "calendar:phone",
        ACTION,
        False,
        lambda text: replace(THURSDAY, purpose=text) if "thu" in text else None,
        lambda text: FRIDAY if "Friday" in text else None,
    )
    return replace(plain, **more)


def seen(**changes: object) -> Seen:
    return Seen(STANDS.href, "2", "raw 2", replace(OURS, **changes))


def read(written: Written = STANDS, the_reader: Reader | None = None, **changes: object) -> Reading:
    return read_edit(written, seen(**changes), the_reader or reader())


def told(entries: tuple[Entry, ...]) -> str:
    def one(entry: Entry) -> str:
        match entry:
            case Touched(result=result, note=note):
                return f"{result}{f' ({note})' if note else ''}"
            case Promised(purpose=purpose):
                return f"promise: {purpose}"
            case Waiting(until=until):
                return f"wait until {until}"
            case Moved(start=start):
                return f"moved to {start:%m-%d %H:%M}"
            case Noted(text=text):
                return f"note: {text}"
            case Unclear(text=text):
                return f"unclear: {text}"
            case _:
                return type(entry).__name__

    return "; ".join(one(entry) for entry in entries)


def above(text: str) -> dict[str, object]:
    return {"body": f"{text}\n{OURS.body}"}


LATER = {"start": OURS.start + timedelta(days=1, minutes=65), "end": OURS.end + timedelta(days=1, minutes=65)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param(LATER, "moved to 01-09 11:05", id="moves it"),
        pytest.param({"done": True}, "done", id="ticks it"),
        pytest.param({"title": f"y {OURS.title}"}, "yes", id="y before the title"),
        pytest.param({"title": f"Yes: {OURS.title}"}, "yes", id="yes"),
        pytest.param({"title": f"✓ {OURS.title}"}, "yes", id="✓"),
        pytest.param({"title": f"✔️{OURS.title}"}, "yes", id="✔ as a phone draws it"),
        pytest.param({"title": f"n {OURS.title}"}, "no", id="n"),
        pytest.param({"title": f"NO – {OURS.title}"}, "no", id="no"),
        pytest.param({"title": f"x {OURS.title}"}, "attempt", id="x"),
        pytest.param({"title": f"left message {OURS.title}"}, "attempt", id="left message"),
        pytest.param({"title": f"no answer, {OURS.title}"}, "attempt", id="no answer"),
        pytest.param({"title": f"Done. {OURS.title}"}, "done", id="done"),
        pytest.param({"title": "done"}, "done", id="nothing but the mark"),
        pytest.param({"title": f"> thu pm send quote {OURS.title}"}, "next (thu pm send quote); promise: thu pm send quote", id="> next"),
        pytest.param({"title": f"next: thu 2pm; {OURS.title}"}, "next (thu 2pm;); promise: thu 2pm;", id="next:"),
        pytest.param(above("y"), "yes", id="y as the first line of the notes"),
        pytest.param({"body": f"{OURS.body}\nno"}, "no", id="or below what we wrote"),
        pytest.param(above("no answer\nher mother said Friday"), "attempt (her mother said Friday)", id="a mark and a note"),
        pytest.param(above("> thu call\nbring the quote"), "next (thu call\nbring the quote); promise: thu call", id="next and a note"),
        pytest.param(above("waiting until Friday"), "done (waiting until Friday); wait until 2026-01-09", id="waiting"),
        pytest.param(above("She liked it.\nyes"), "note: She liked it.\nyes", id="a mark below the first line is text"),
        pytest.param(above("Liked the demo"), "note: Liked the demo", id="any other text"),
        pytest.param({**above("Liked it"), **LATER}, "note: Liked it; moved to 01-09 11:05", id="a note and a move"),
        pytest.param(above("> sometime"), "unclear: sometime", id="cannot be understood"),
        pytest.param(
            {**above("> sometime\nshe loved it"), **LATER},
            "unclear: sometime; note: she loved it; moved to 01-09 11:05",
            id="not understood, and nothing of the rest is lost",
        ),
        pytest.param(above("done > thu call"), "next (thu call); promise: thu call", id="done and an agreement"),
        pytest.param(above("x > thu call"), "attempt (no answer\nthu call); promise: thu call", id="nobody reached, and an agreement"),
        pytest.param(
            above("left message: Will call thursday"),
            "attempt (left message\nWill call thursday); promise: call thursday",
            id="nothing of a note is cut",
        ),
        pytest.param(above("x: I’ll call sometime in May"), "unclear: no answer, I’ll call sometime in May", id="nor of what is asked"),
        pytest.param(above("done: he likes it\nbring tea"), "done (he likes it\nbring tea)", id="a mark with a note in its line"),
        pytest.param(above("no, call back Monday\nbusy"), "unclear: no, call back Monday; note: busy", id="a no that is none"),
        pytest.param(above("no, she is out\nbusy"), "unclear: no, she is out; note: busy", id="an answer that cannot be relied on"),
        pytest.param({"alarms": ()}, "", id="alarm"),
        pytest.param({"location": "Main St 1"}, "", id="place"),
        pytest.param({"end": OURS.end + timedelta(hours=1)}, "", id="duration"),
        pytest.param({"title": "Joe's Diner"}, "", id="a title of the rep's own"),
        pytest.param({"body": ""}, "", id="empties the notes"),
        pytest.param({"body": OURS.body.replace("\n", "\r\n  ")}, "", id="a client that respaces the text"),
        pytest.param({"body": unicodedata.normalize("NFD", OURS.body), "title": unicodedata.normalize("NFD", OURS.title)}, "", id="NFD"),
    ],
)
def test_row(changes: dict[str, object], expected: str) -> None:
    assert told(read(**changes).entries) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Norah",
        "Next-gen quote",
        "Yes Café",
        "No. 5 Perfume",
        "Xavier",
        "Yes, call Jenny",
        "N/A",
        "Done Deal Inc",
        "nope",
        "Notes",
        "✓ed",
        "",
    ],
)
def test_the_reps_own_titles_are_no_answers(title: str) -> None:
    assert told(read(title=title).entries) == ""


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"title": f"y {OURS.title}"}, f"✓ {OURS.title}"),
        ({"title": f"x {OURS.title}"}, f"↻ {OURS.title}"),
        ({"title": f"n {OURS.title}"}, f"✗ {OURS.title}"),
        ({"title": f"> thu {OURS.title}"}, f"→ {OURS.title}"),
        ({"done": True}, OURS.title),
        (above("done"), f"✓ {OURS.title}"),
    ],
)
def test_an_answered_entry_becomes_the_record(changes: dict[str, object], title: str) -> None:
    after = read(**changes).written
    assert after.state is State.ANSWERED
    assert after.ours is not None
    assert (after.ours.title, after.ours.busy, after.ours.alarms) == (title, False, ())
    later = read_edit(after, seen(title="no", body="y", start=at("2026-02-01 10:00")), reader())
    assert told(later.entries) == "note: y", "nobody knows what it answered, so nothing is concluded, and nothing is lost"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"done": True, **above("> thu quote")}, "done; note: thu quote; promise: thu quote", id="tick and >"),
        pytest.param({"title": f"done {OURS.title}", **above("> thu")}, "done; note: thu; promise: thu", id="done and >"),
        pytest.param({"title": f"x {OURS.title}", **above("> thu")}, "attempt; note: thu; promise: thu", id="x and >"),
        pytest.param(above("x\n> thu"), "attempt; note: thu; promise: thu", id="on two lines"),
        pytest.param(above("done: he is in\nbring tea\n> thu"), "done (he is in\nbring tea); note: thu; promise: thu", id="with a note"),
        pytest.param(
            {"done": True, **above("waiting until Friday")},
            "done; note: waiting until Friday; wait until 2026-01-09",
            id="tick and waiting",
        ),
        pytest.param({"done": True, **above("x > thu")}, "attempt; note: no answer\nthu; promise: thu", id="tick and x >"),
        pytest.param({"done": True, **above("> sometime")}, "done; unclear: sometime", id="tick and > not understood"),
        pytest.param({"done": True, **above("> maybe thu")}, "done; unclear: > maybe thu", id="tick and > perhaps"),
        pytest.param(above("Liked it\n> thu?"), "unclear: > thu?; note: Liked it", id="a question below a text"),
        pytest.param(above("yes, bought from Acme"), "unclear: yes, bought from Acme", id="yes and somebody else"),
        pytest.param({"done": True, **above("no, call Monday")}, "done; unclear: no, call Monday", id="tick and a doubt"),
        pytest.param({"done": True, **above("no")}, "no", id="tick and no"),
        pytest.param({"done": True, **above("yes")}, "yes", id="tick and yes"),
        pytest.param({"done": True, **above("left message")}, "attempt", id="tick and left message"),
        pytest.param({"done": True, **above("done\nhe is in")}, "done (he is in)", id="tick and done"),
        pytest.param({"title": f"y {OURS.title}", **above("> thu")}, "next (yes\nthu); promise: thu", id="nothing closes that goes on"),
        pytest.param(above("no, too expensive\n> thu"), "next (no, too expensive\nthu); promise: thu", id="no and >"),
        pytest.param({"title": f"y {OURS.title}", **above("> sometime")}, "unclear: yes, sometime", id="yes and > not understood"),
        pytest.param({"title": f"y {OURS.title}", **above("no")}, "unclear: yes, no", id="yes and no"),
        pytest.param({"title": f"y {OURS.title}", **above("x\nhm")}, "unclear: yes, no answer; note: hm", id="yes and x"),
        pytest.param({"title": f"> thu 2 {OURS.title}", **above("> thu 3")}, "unclear: thu 2; thu 3", id="two agreements"),
        pytest.param(above("Liked it\n> thu"), "next (thu\nLiked it); promise: thu", id="an agreement below a text"),
        pytest.param(above("She wrote:\n> thu\n> is fine"), "note: She wrote:\n> thu\n> is fine", id="a letter that was pasted"),
        pytest.param(above("Liked it\nwaiting for Friday"), "note: Liked it\nwaiting for Friday", id="waiting for, below a text"),
    ],
)
def test_an_answer_in_two_places(changes: dict[str, object], expected: str) -> None:
    assert told(read(**changes).entries) == expected


@pytest.mark.parametrize("word", ["x", "done", "left message", "done: he is in"])
@pytest.mark.parametrize("then", ["> thu quote", "> sometime", "waiting until Friday"])
def test_it_is_the_same_whether_both_were_read_at_once(word: str, then: str) -> None:
    both = read(**above(f"{word}\n{then}"))
    first = read(**above(word))
    (touch,) = first.entries
    assert isinstance(touch, Touched)
    later = reader(answered=True, before=touch, last=True)
    second = read_edit(first.written, seen(**above(f"{word}\n{then}")), later)
    assert both.entries == (touch, *second.entries)
    assert both.written.state is State.ANSWERED
    assert both.written.ours is not None
    assert both.written.ours.result == touch.result.value, "the mark is that of the touch"


QUESTION = replace(OURS, title="Jenny: drop, or when?", kind=Kind.DECIDE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (above("drop"), "no"),
        (above("Drop it.\nshe moved away"), "no (she moved away)"),
        ({"title": "drop Jenny: drop, or when?"}, "no"),
        ({"title": "Jenny: drop"}, "no"),
        (above("thursday 2pm"), "next (thursday 2pm); promise: thursday 2pm"),
        (above("thu 2pm call about the quote"), "next (thu 2pm call about the quote); promise: thu 2pm call about the quote"),
        ({"title": "thu at 14:00"}, "next (thu at 14:00); promise: thu at 14:00"),
        ({"title": "Jenny: > thu 9am"}, "next (thu 9am); promise: thu 9am"),
        ({"title": "Jenny: thu 9am"}, "next (thu 9am); promise: thu 9am"),
        ({"title": "thu 2pm Jenny: drop, or when?"}, "next (thu 2pm); promise: thu 2pm"),
        (above("thu 2pm she was out"), "note: thu 2pm she was out"),
        (above("thu 2pm?"), "note: thu 2pm?"),
        (above("thursday"), "note: thursday"),
        (above("drop by with tea"), "note: drop by with tea"),
        ({"title": "Jenny: drop, or when? (red)"}, ""),
    ],
)
def test_a_question_takes_its_own_words(changes: dict[str, object], expected: str) -> None:
    found = replace(QUESTION, **changes)
    assert told(read_edit(row(QUESTION), Seen(STANDS.href, "2", "raw 2", found), reader()).entries) == expected


def test_the_words_of_a_question_are_text_elsewhere() -> None:
    assert told(read(**above("drop")).entries) == "note: drop"
    assert told(read(**above("thu 2pm")).entries) == "note: thu 2pm"


def test_the_same_answer_is_read_once() -> None:
    """House fault 3: a tick was logged again every cycle."""
    first = read(done=True)
    assert read(first.written, done=True).entries == ()
    note = read(**above("Liked it"))
    assert read(note.written, **above("Liked it")).entries == ()
    assert told(read(note.written, **above("Liked it a lot\nLiked it")).entries) == "note: Liked it a lot"


def test_an_unclear_answer_can_be_made_clear() -> None:
    first = read(title=f"> sometime {OURS.title}")
    assert told(first.entries) == "unclear: sometime"
    assert read(first.written, title=f"> sometime {OURS.title}").entries == ()
    again = read(first.written, title=f"> thu {OURS.title}")
    assert told(again.entries) == "next (thu); promise: thu"


def test_house_fault_1_the_answer_to_our_update_was_lost() -> None:
    wanted = replace(OURS, title=f"{OURS.title} (2nd day)", body=f"{OURS.body}\nAttempt 2", **LATER)
    sent = replace(STANDS, intended=merged(wanted, OURS, OURS))
    arrived = read_edit(sent, seen(title=wanted.title, body=wanted.body, **LATER), reader())
    never = read_edit(sent, seen(), reader())
    assert arrived.entries == never.entries == ()
    third = replace(wanted, title=f"{OURS.title} (3rd day)", body=f"{OURS.body}\nAttempt 3")
    for reading in (arrived, never):
        assert reading.written.ours is not None
        assert reading.written.agreed is not None
        assert merged(third, reading.written.ours, reading.written.agreed).title == third.title
        assert merged(third, reading.written.ours, reading.written.agreed).body == third.body


def test_an_edit_on_top_of_a_lost_answer_is_the_reps() -> None:
    wanted = replace(OURS, body=f"{OURS.body}\nAttempt 2")
    sent = replace(STANDS, intended=wanted)
    reading = read_edit(sent, seen(body=f"hello\n{wanted.body}", title="Mine"), reader())
    assert told(reading.entries) == "note: hello"
    assert reading.written.ours is not None
    assert reading.written.agreed is not None
    third = replace(OURS, body=f"{OURS.body}\nAttempt 3")
    now = merged(third, reading.written.ours, reading.written.agreed)
    assert (now.body, now.title) == (f"hello\n{RULER}\n{third.body}", "Mine")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(STANDS, "Dismissed", id="deletes it"),
        pytest.param(replace(STANDS, removing=True), "", id="we did"),
        pytest.param(replace(STANDS, agreed=None, intended=OURS), "", id="house fault 2: it never arrived"),
        pytest.param(replace(STANDS, state=State.ANSWERED), "", id="a record thrown away"),
        pytest.param(replace(STANDS, state=State.RECORDED), "", id="an old record"),
    ],
)
def test_a_deletion(written: Written, expected: str) -> None:
    reading = read_deletion(written, reader())
    assert told(reading.entries) == expected
    assert (reading.written.state, reading.written.generation, reading.written.agreed) == (State.GONE, 1, None)


def test_a_deletion_says_what_was_deleted() -> None:
    (entry,) = read_deletion(STANDS, reader()).entries
    assert entry == Dismissed(NOW, "calendar:phone", ACTION.id, ACTION.kind, OURS.title, ACTION.steps)
    assert read_deletion(STANDS, reader(action=None)).entries == ()  # nobody wants it any more: there is nothing to ask
    assert isinstance(entry, Dismissed)
    assert (entry.kind, entry.title) == (OURS.kind, OURS.title)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"done": True}, ""),
        (above("x\nshe was out"), "attempt (she was out)"),
        ({"title": f"y {OURS.title}"}, "yes"),
        (above("> thu send quote"), "note: thu send quote; promise: thu send quote"),
        (above("Liked it"), "note: Liked it"),
    ],
)
def test_answered_elsewhere_what_was_done_counts_once_and_what_is_new_is_kept(changes: dict[str, object], expected: str) -> None:
    assert told(read(the_reader=reader(answered=True), **changes).entries) == expected


def test_a_touch_says_what_it_answered_even_if_the_plan_has_forgotten_it() -> None:
    (known,) = read(done=True).entries
    assert known == touched(ACTION, Result.DONE, NOW, "calendar:phone", start=OURS.start)
    (forgotten,) = read(the_reader=reader(action=None), done=True).entries
    assert isinstance(forgotten, Touched)
    assert (forgotten.action, forgotten.kind, forgotten.due, forgotten.start) == (ACTION.id, OURS.kind, OURS.due, OURS.start)


def test_left_message_says_more_than_no_answer() -> None:
    (left,), (nobody,) = read(**above("left message")).entries, read(**above("no answer")).entries
    assert isinstance(left, Touched)
    assert isinstance(nobody, Touched)
    assert (left.result, left.recap) == (Result.ATTEMPT, {"attempt": "left message"})
    assert (nobody.result, nobody.recap) == (Result.ATTEMPT, {})


def record(result: Result) -> Written:
    """How the entry stands once it was answered and marked, as we read it back."""
    marked = record_of(OURS, OURS.title, result)
    return replace(STANDS, state=State.RECORDED, ours=marked, agreed=marked)


ANSWERED = touched(ACTION, Result.DONE, NOW, "calendar:phone", start=OURS.start)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        (above("She likes blue"), "note: She likes blue"),
        (above("> thu send quote"), "note: thu send quote; promise: thu send quote"),
        (above("> sometime"), "unclear: sometime"),
        (above("waiting until Friday"), "note: waiting until Friday; wait until 2026-01-09"),
        (above("done"), ""),
        (above("done\nshe waved"), "note: she waved"),
        (above("x\nher phone is off"), "attempt (her phone is off)"),
        (above("yes"), "yes"),
        ({"title": f"n ✓ {OURS.title}"}, "no"),
        ({"start": OURS.start + timedelta(days=1), "end": OURS.end + timedelta(days=1)}, ""),
    ],
)
def test_what_is_added_to_an_answered_entry(changes: dict[str, object], expected: str) -> None:
    written = record(Result.DONE)
    assert written.agreed is not None
    found = replace(written.agreed, **changes)
    reading = read_edit(written, Seen(STANDS.href, "2", "raw", found), reader(action=None, answered=True, before=ANSWERED, last=True))
    assert told(reading.entries) == expected
    again = read_edit(
        replace(reading.written, state=State.RECORDED), Seen(STANDS.href, "3", "raw", found), reader(before=ANSWERED, last=True)
    )
    assert again.entries == (), "read again it is no news"


def test_an_answer_is_put_right_only_until_the_next_follow_up() -> None:
    found = Seen(STANDS.href, "2", "raw", replace(record_of(OURS, OURS.title, Result.DONE), **above("x")))
    late = reader(action=None, answered=True, before=ANSWERED, last=False)
    assert told(read_edit(record(Result.DONE), found, late).entries) == "note: x"
    lost = reader(action=None, answered=True, before=replace(ANSWERED, result=Result.NO), last=True)
    assert told(read_edit(record(Result.DONE), found, lost).entries) == "note: x"


def test_the_mark_of_a_record_follows_its_answer() -> None:
    found = Seen(STANDS.href, "2", "raw", replace(record_of(OURS, OURS.title, Result.DONE), **above("x")))
    after = read_edit(record(Result.DONE), found, reader(action=None, answered=True, before=ANSWERED, last=True)).written
    assert after.ours is not None
    assert (after.state, after.ours.title, after.ours.result) == (State.ANSWERED, f"↻ {OURS.title}", "attempt")


@pytest.mark.parametrize(
    ("first", "typed", "sign"),
    [
        pytest.param(Result.NO, "yes", "✗", id="closed stays closed"),
        pytest.param(Result.YES, "> thu 2pm call", "✓", id="also against an agreement"),
        pytest.param(Result.ATTEMPT, "done", "↻", id="the first one counts"),
        pytest.param(Result.DONE, "yes", "✓", id="a definite answer is news"),
        pytest.param(Result.DONE, "no", "✗", id="so is a no"),
        pytest.param(Result.ATTEMPT, "> thu 2pm call", "→", id="and an agreement"),
    ],
)
def test_the_mark_says_what_history_says_where_it_was_answered_elsewhere_first(first: Result, typed: str, sign: str) -> None:
    after = read(the_reader=reader(answered=True, before=replace(ANSWERED, result=first)), **above(typed)).written
    assert after.ours is not None
    assert (after.state, after.ours.title) == (State.ANSWERED, f"{sign} {OURS.title}")


def test_an_entry_that_cannot_be_read_changes_nothing() -> None:
    reading = read_edit(STANDS, Seen(STANDS.href, "9", "junk", None, "no VEVENT"), reader())
    assert reading == Reading((), replace(STANDS, unread=True, trouble="no VEVENT", retry_at=reader().now + timedelta(hours=1)))


def test_a_move_by_hand_is_then_our_own_idea() -> None:
    after = read(**LATER).written
    assert after.ours is not None
    assert (after.ours.start, after.ours.end) == (LATER["start"], LATER["end"])
    assert read(after, **LATER).entries == ()


# --- whatever is typed

lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), max_size=30)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.lists(lines, max_size=5), st.booleans())
def test_nothing_typed_is_lost_and_nothing_is_invented(title: str, typed: list[str], below: bool) -> None:
    text = "\n".join(typed)
    body = f"{OURS.body}\n{text}" if below else f"{text}\n{OURS.body}"
    reading = read(title=title, body=body)
    after = reading.written.agreed
    assert after is not None
    assert (after.title, after.body) == (title, body)
    mine = {" ".join(unicodedata.normalize("NFC", line).split()) for line in OURS.body.splitlines()}
    words = "\n".join(told((entry,)) for entry in reading.entries)
    for line in typed:
        bare = " ".join(unicodedata.normalize("NFC", line).split())
        if bare and bare not in mine and mark_of_line(line) is None:
            assert line.strip() in words
    if mark_of_title(title, (OURS.title,)) is None and not any(mark_of_line(line) for line in typed):
        assert all(isinstance(entry, Noted) for entry in reading.entries)


WORDS = ["yes", "no", "x", "done", "Call", "Norah", "answer", "left", "message", "–", ""]


@given(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join))
def test_a_title_before_ours_is_an_answer_only_if_it_is_one_alone(before: str) -> None:
    assert mark_of_title(f"{before} {OURS.title}", (OURS.title,)) == mark_of_line(before.strip())


@settings(max_examples=100)
@given(st.lists(lines.filter(lambda line: bool(line.strip())), max_size=6), st.lists(lines, max_size=8))
def test_the_reps_text_survives_every_rewrite_of_ours(typed: list[str], other: list[str]) -> None:
    ruled = {" ".join(unicodedata.normalize("NFC", line).split()) for line in [RULER, *OURS.body.splitlines(), *other]}
    typed = [line for line in typed if " ".join(unicodedata.normalize("NFC", line).split()) not in ruled]
    text = "\n".join(line.rstrip() for line in typed).strip("\n")
    first = with_rep_text(text, OURS.body)
    assert rep_text(first, OURS.body) == text
    second = with_rep_text(rep_text(first, OURS.body), "\n".join(other))
    assert rep_text(second, "\n".join(other)) == text


@pytest.mark.parametrize(
    ("body", "expected", "text"),
    [
        pytest.param(f"{OURS.body}yes", "yes", "yes", id="behind our last line"),
        pytest.param(f"{OURS.body} > thu quote", "next (thu quote); promise: thu quote", "> thu quote", id="with a blank"),
        pytest.param(f"{OURS.body}, he is in\nbring tea", "note: , he is in\nbring tea", ", he is in\nbring tea", id="a note"),
        pytest.param(f"x {OURS.body}", "attempt", "x", id="before our first line"),
        pytest.param(f"hm\n> thu {OURS.body}", "next (thu\nhm); promise: thu", "hm\n> thu", id="below a text"),
        pytest.param(f"yes{RULER}\n{OURS.body}", "yes", "yes", id="before the ruler"),
        pytest.param(f"hm\n{RULER}yes\n{OURS.body}", "note: hm\nyes", "hm\nyes", id="behind the ruler"),
        pytest.param(f"no {OURS.body}\n248.867.5309", "note: no 248.867.5309", "no 248.867.5309", id="our first line stands elsewhere"),
        pytest.param("Answer: tick ityes", "note: Answer: tick ityes", "Answer: tick ityes", id="nothing else of ours is left"),
        pytest.param(
            OURS.body.replace("thanks", "thanks, yes"),
            "note: To say thanks, yes",
            "To say thanks, yes",
            id="within our lines it is about them",
        ),
    ],
)
def test_typed_onto_a_line_of_ours(body: str, expected: str, text: str) -> None:
    reading = read(body=body)
    assert told(reading.entries) == expected
    assert rep_text(body, OURS.body) == text
    again = read_edit(replace(reading.written, state=State.OPEN), seen(body=body), reader())
    assert again.entries == (), "read again it is no news"


def test_lines_of_ours_that_stand_twice_are_ours_twice() -> None:
    assert told(read(location="x").entries) == ""
    assert told(read(body=f"{OURS.body}\n- she is out").entries) == "note: - she is out"
