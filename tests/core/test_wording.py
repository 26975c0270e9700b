"""An action in words: the title byte for byte, the body as a golden text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.cadence import Busy, Method
from followsync.core.history import Kind, Moved, Noted, Promised, Result, StepRef, Waiting
from followsync.core.inclusion import NOTES
from followsync.core.item import Item
from followsync.core.placement import Placed
from followsync.core.plan import Action
from followsync.core.prospect import Prospect, Stakeholder
from followsync.core.standing import Standing
from followsync.core.wording import Texts, body, is_record, item_for, recorded
from followsync.core.workdays import BusyTime
from tests.core.builders import JENNY, METHODS, PHONE, TEL, Life, at, captured, day, item, put, rules, stands, window, worksheet

NOW = at("2026-01-06 08:00")
JOE = Prospect(
    "joe",
    "dana",
    "Joe's Diner",
    person="Joe",
    phone="248.555.0100",
    email="joe@example.org",
    address="1 Main St",
    url="https://example.org/r",
)


def promised(method: str = "call", prospect: Prospect = JENNY, **more: object) -> Action:
    life = Life(rules(), prospect).add(Promised(NOW, "cli", method, day("01-06"), start=at("2026-01-06 10:00")))
    return replace(life.next(NOW), **more)


def shown(action: Action, prospect: Prospect = JENNY, method: Method | None = None, **more: object) -> Item:
    placed = Placed(action, at("2026-01-06 10:00"), at("2026-01-06 10:15"), day("01-05"))
    the_rules = rules(methods=[method] if method else [])
    texts = Texts(tel=TEL)
    today = more.pop("today", day("01-06"))
    return item_for(replace(placed, **more), prospect, Standing(), the_rules, texts, today=today, uid="fs1x")


def test_row_002_3_byte_for_byte() -> None:
    assert shown(promised()).title.encode() == b"Call Jenny to determine next steps \xe2\x80\x93 248.867.5309"
    assert shown(promised()).url == "tel:+12488675309"


@pytest.mark.parametrize(
    ("method", "title", "location", "url"),
    [
        ("call", "Call Joe to determine next steps – 248.555.0100", "", f"tel:{TEL}"),
        ("email", "Email Joe to determine next steps – joe@example.org", "", "mailto:joe@example.org"),
        ("visit", "Visit Joe to determine next steps", "1 Main St", f"tel:{TEL}"),
        ("video", "Video call with Joe to determine next steps", "https://example.org/r", "https://example.org/r"),
        ("letter", "Write letter to Joe to determine next steps", "1 Main St", f"tel:{TEL}"),
        ("candy-gram", "Send candy-gram to Joe to determine next steps", "", f"tel:{TEL}"),
    ],
)
def test_each_method(method: str, title: str, location: str, url: str) -> None:
    candy = Method("candy-gram", "Send candy-gram to", 15)
    made = shown(promised(method, JOE), JOE, candy)
    assert (made.title, made.location, made.url) == (title, location, url)


@pytest.mark.parametrize(
    ("more", "ending"),
    [
        ({"missed": 1}, "(2nd day)"),
        ({"missed": 2}, "(3rd day)"),
        ({"missed": 10}, "(11th day)"),
        ({"missed": 20}, "(21st day)"),
        ({"missed": 111}, "(112th day)"),
        ({"clash": "doctor"}, "⚠ overlaps"),
        ({"missed": 1, "clash": "doctor"}, "(2nd day) ⚠ overlaps"),
    ],
)
def test_late_and_overlapping(more: dict[str, object], ending: str) -> None:
    assert shown(promised(), **more).title == f"Call Jenny to determine next steps – {PHONE} {ending}"


def test_what_it_overlaps_is_named_by_calendar_and_hours_and_never_by_what_it_is_called() -> None:
    taken = [
        BusyTime(at("2026-01-06 09:30"), at("2026-01-06 10:10"), "Oncologist", "personal"),
        BusyTime(at("2026-01-05 23:00"), at("2026-01-06 10:05"), "personal", "personal"),
        BusyTime(at("2026-01-06 10:20"), at("2026-01-06 11:00"), "Dentist", "personal"),
    ]
    life = Life(rules()).add(Promised(at("2026-01-05 09:00"), "cli", "call", day("01-06"), start=at("2026-01-06 10:00")))
    (placed,) = life.placed(at("2026-01-05 12:00"), busy=taken)
    body = item(placed, JENNY, life.standing, rules(), at("2026-01-05 12:00")).body
    assert "\n\n⚠ Overlaps: personal Mon 2026-01-05 23:00-10:05, personal 09:30-10:10\n\n" in body
    assert not any(word in body for word in ("Oncologist", "Dentist"))


def test_two_agreements_at_one_hour_name_each_other_no_further() -> None:
    both = [promised(id=ident, start=at("2026-01-06 15:00")) for ident in ("a", "b")]
    told = {one.action.id: one.beside for one in put(both, at("2026-01-05 09:00"))}
    assert told == {"a": "", "b": "another follow-up 15:00-15:15"}


@pytest.mark.parametrize(
    ("agreed", "now", "ending"),
    [
        pytest.param({"start": at("2026-01-06 10:00")}, "01-06 10:14", PHONE, id="still on the phone"),
        pytest.param({"start": at("2026-01-06 10:00")}, "01-06 10:15", "⚠ promised 10:00, not done", id="the hour and the call are over"),
        pytest.param({"start": at("2026-01-06 10:00")}, "01-05 23:00", PHONE, id="the day before"),
        pytest.param({"window": window("13:00-16:00")}, "01-06 15:59", PHONE, id="inside the window"),
        pytest.param({"window": window("13:00-16:00")}, "01-06 16:00", "⚠ promised 16:00, not done", id="the window is over"),
        pytest.param({}, "01-06 16:59", PHONE, id="the day's work is not over"),
        pytest.param({}, "01-06 17:00", "⚠ promised 17:00, not done", id="002-8: due today 17:00"),
    ],
)
def test_row_002_8_a_promise_whose_time_is_over_says_so(agreed: dict[str, object], now: str, ending: str) -> None:
    life = Life(rules()).add(Promised(at("2026-01-05 11:00"), "cli", "call", day("01-06"), **agreed))
    before = life.placed(at("2026-01-05 12:00"))
    (placed,) = life.placed(at(f"2026-{now}"), stands(before))
    assert (placed.start, placed.end) == (before[0].start, before[0].end)
    shows = item(placed, JENNY, life.standing, rules(), at(f"2026-{now}"))
    assert shows.title.endswith(ending)
    assert shows.alarms == (15,)
    (rolled,) = life.placed(at("2026-01-07 08:00"), stands([placed]))
    assert item(rolled, JENNY, life.standing, rules(), at("2026-01-07 08:00")).title.endswith(f"{PHONE} (2nd day)")


def test_only_a_promise_is_marked_and_a_moved_one_by_its_own_hour() -> None:
    now = at("2026-01-08 17:30")
    life = Life(rules(worksheet()))
    (step,) = life.placed(at("2026-01-08 08:00"))
    assert "not done" not in item(life.placed(now, stands([step]))[0], JENNY, life.standing, rules(), now).title
    life.add(Promised(at("2026-01-05 11:00"), "cli", "call", day("01-07")))
    moved = Moved(at("2026-01-06 11:00"), "calendar:phone", life.next(now).id, at("2026-01-08 11:00"), at("2026-01-08 11:30"))
    life.add(moved)
    (early,), (late,) = (life.placed(at(f"2026-01-08 {clock}")) for clock in ("11:29", "11:30"))
    titles = [item(one, JENNY, life.standing, rules(), now).title for one in (early, late)]
    assert ["promised 11:00, not done" in title for title in titles] == [False, True]


def test_no_dash_without_a_phone_and_no_line_breaks_in_a_title() -> None:
    assert shown(promised(), replace(JENNY, phone="")).title == "Call Jenny to determine next steps"
    assert shown(promised(purpose="a\nb\r\n  c"), replace(JENNY, name="Jen\nny")).title == f"Call Jen ny to a b c – {PHONE}"


def test_questions_to_the_rep() -> None:
    joe = replace(JENNY, name="Joe's Diner")
    (decide,) = Life(rules(), joe).items(NOW)
    assert (decide.title, decide.alarms, decide.busy) == ("Decide: Joe's Diner", (), True)
    (check,) = Life(rules(), JENNY).add(Waiting(NOW, "cli", day("01-09"))).items(NOW)
    assert check.title == "Check whether Jenny has decided"
    steps = (StepRef("c", "reach", 0, NOTES),)
    notes = shown(promised(kind=Kind.INCLUDE, purpose="write 2 notes for Joe to forward", steps=steps), JOE)
    assert notes.title.startswith("Write 2 notes for Joe to forward")


@pytest.mark.parametrize(
    ("busy", "kind", "today", "expected"),
    [
        (Busy.DUE, Kind.PROMISE, "01-01", True),  # 001-5
        (Busy.DUE, Kind.STEP, "01-05", False),
        (Busy.DUE, Kind.STEP, "01-06", True),
        (Busy.ALWAYS, Kind.STEP, "01-01", True),
        (Busy.NEVER, Kind.PROMISE, "01-06", False),
    ],
)
def test_busy_or_free(busy: Busy, kind: Kind, today: str, expected: bool) -> None:
    method = replace(METHODS["call"], busy=busy, alarms=(60, 15, 15))
    item = shown(promised(kind=kind), JENNY, method, today=day(today))
    assert (item.busy, item.alarms) == (expected, (15, 60))


def test_row_002_9_the_body() -> None:
    joe = replace(
        JOE,
        role="owner",
        source="fair",
        stage="pitched",
        reason="contract_end",
        notes="Has two dogs.",
        stakeholders=(Stakeholder("Ann", "CFO", False, "ann@example.org"), Stakeholder("Cy")),
        fields={"contract_end": "2026-05-31", "close_step": "a price for two years", "learned": "two ovens"},
    )
    life = Life(rules(), joe, Life(rules()).rep, captured(), *(Noted(NOW, "cli", f"note {number}") for number in range(5)))
    life.add(
        Promised(NOW, "cli", "call", day("01-07"), agenda=("the price", "the start"), questions=("Who signs?", "When?"), they_know=False)
    )
    (item,) = life.items(NOW)
    assert item.body == (
        f"248.555.0100 · tel:{TEL} · joe@example.org\nTo determine next steps\nWho signs?\n\n"
        "AGENDA\n- the price\n- the start\n\n"
        "ASK\n- When?\n\n"
        "WHAT WE KNOW\n- Joe's Diner – Joe, owner\n- Close step: a price for two years\n- Learned: two ovens\n- 1 Main St\n"
        "- https://example.org/r\n- Source: fair\n- Stage: pitched\n- Contract end: 2026-05-31\n- Has two dogs.\n\n"
        "LAST NOTES\n- note 4\n- note 3\n- note 2\n\n"
        "DECIDERS\n- Ann, CFO, was absent, ann@example.org\n- Cy\n\n"
        "Delay reason: contract_end\n\n"
        "Tell them why and when we follow up.\n\n"
        "Answer: tick it, move it, or write above: yes / no / done / no answer / > thu 2pm call about the quote"
    )


ASKED = "What would have to happen "


def glance(action: Action, prospect: Prospect = JENNY) -> str:
    return shown(action, prospect).body[:120]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, f"{PHONE} · tel:{TEL}\nTo determine next steps\nIs it a yes, a no, or what is next and when?", id="no question"),
        pytest.param({"questions": ("Who signs?", "When?")}, f"{PHONE} · tel:{TEL}\nTo determine next steps\nWho signs?", id="a question"),
        pytest.param(
            {"questions": ("What would have to happen before the board could say yes to us in May?",)},
            f"{PHONE}\nTo determine next steps\nWhat would have to happen before the board could say yes to us in May?\ntel:{TEL}",
            id="the link gives way first",
        ),
        pytest.param(
            {"questions": (ASKED * 5,)},
            f"{PHONE}\nTo determine next steps\n{ASKED * 3}What…\ntel:{TEL}",
            id="then the question",
        ),
        pytest.param(
            {"purpose": "tell " * 40, "questions": ("Why?" * 20,)},
            f"{PHONE}\nTo {'tell ' * 11}t…\nWhy?Why?Why?Why?Why?Why?Why?Why?Why?Why?Why?W…\ntel:{TEL}",
            id="then the purpose",
        ),
    ],
)
def test_the_first_lines(more: dict[str, object], expected: str) -> None:
    body = shown(promised(**more)).body
    assert body.partition("\n\n")[0] == expected
    for part in (more.get("purpose", ""), *more.get("questions", ())):
        assert " ".join(str(part).split()) in " ".join(body.split()), "what was cut stands whole further down"


def test_the_first_lines_of_what_the_rep_is_asked() -> None:
    (decide,) = Life(rules()).items(NOW)
    assert decide.body.startswith(f"{PHONE} · tel:{TEL}\nWhat is the next step: call, visit, e-mail … and on which day? Or is it a no?\n\n")
    (check,) = Life(rules()).add(Waiting(NOW, "cli", day("01-09"))).items(NOW)
    how = "This is a question. Write above: drop / Thu 2pm / yes / no / > thu 2pm call about the quote"
    assert decide.body.endswith(f"\n{how}\nTicked or moved, it only asks again.")
    assert "This is a question" not in check.body
    assert check.body.startswith(f"{PHONE} · tel:{TEL}\nCheck whether Jenny has decided\n\n")


@pytest.mark.parametrize(
    ("zone", "day_", "expected"),
    [
        ("America/Phoenix", "2026-03-06", "10:00 with you is 08:00 with them (America/Phoenix)"),
        ("America/Phoenix", "2026-03-09", "10:00 with you is 07:00 with them (America/Phoenix)"),  # the clocks were put forward between
        ("Australia/Sydney", "2026-03-06", "10:00 with you is 02:00 on Sat 2026-03-07 with them (Australia/Sydney)"),
        ("America/Toronto", "2026-03-06", ""),
        ("Mars/Phobos", "2026-03-06", ""),
        ("", "2026-03-06", ""),
    ],
)
def test_both_hours_where_their_clock_shows_another(zone: str, day_: str, expected: str) -> None:
    there, placed = replace(JENNY, timezone=zone), {"start": at(f"{day_} 10:00"), "end": at(f"{day_} 10:15")}
    call = shown(promised("call", there), there, **placed)
    assert [line for line in call.body.splitlines() if "with them" in line] == ([expected] if expected else [])
    step = shown(promised("letter", there, kind=Kind.STEP, start=None), there, **placed)
    assert "with them" not in step.body, "a letter is written at no hour of theirs"


def test_who_was_talked_to_is_asked_what_has_changed() -> None:
    life = Life(rules(worksheet()))
    life.answer(at("2026-01-08 10:00"))
    (item,) = life.items(at("2026-01-09 10:00"))
    assert "What has changed since Thu 2026-01-08?" in item.body[:120]


letters = st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" \n")
words = st.tuples(st.text(letters, min_size=1, max_size=20).filter(str.strip), st.integers(1, 30)).map(lambda pair: pair[0] * pair[1])


@given(words, words, st.lists(words, max_size=3), st.sampled_from([*METHODS]), st.booleans(), words, words)
def test_phone_purpose_and_question_are_always_seen_first(
    phone: str, purpose: str, questions: list[str], method: str, known: bool, email: str, address: str
) -> None:
    prospect = replace(JENNY, phone=phone, email=email if known else "", address=address if known else "", notes=address)
    first = glance(promised(method, prospect, purpose=purpose, questions=tuple(questions)), prospect)
    reach, why, question = (" ".join(text.split()) for text in (phone, f"To {purpose}", questions[0] if questions else "Is it a yes"))
    assert first.startswith(reach if len(reach) <= 40 else reach[:39].rstrip())
    rest = first[len(reach) if len(reach) <= 40 else 40 :]
    assert (why if len(why) <= 60 else why[:58].rstrip()) in rest
    assert question[:15].rstrip() in rest.partition(why[:58].rstrip())[2]


@given(words, words, words, st.lists(words, max_size=6), st.lists(words, max_size=6), st.lists(words, max_size=4))
def test_however_much_there_is_something_of_each_part_is_told(
    phone: str, purpose: str, learned: str, agenda: list[str], questions: list[str], notes: list[str]
) -> None:
    fields = {f"field{number}": learned for number in range(9)} | {"learned": learned, "close_step": learned}
    people = tuple(Stakeholder(learned) for _ in range(9))
    prospect = replace(JENNY, phone=phone, fields=fields, notes=learned * 9, stakeholders=people, reason=learned, email=learned)
    life = Life(rules(worksheet()), prospect).add(*(Noted(NOW, "cli", note) for note in notes))
    life.answer(NOW, Result.ATTEMPT)
    action = replace(life.next(NOW), purpose=purpose, agenda=tuple(agenda), questions=tuple(questions))
    placed = Placed(action, at("2026-01-08 10:00"), at("2026-01-08 10:15"), day("01-05"))
    text = body(placed, prospect, life.standing, METHODS["call"], TEL)
    assert len(text) <= 2000
    heads = ["WHAT WE KNOW", "DECIDERS", "Delay reason: ", "Attempt 2 (no answer on Tue)", "Answer: tick it"]
    heads += ["AGENDA"] * bool(agenda) + ["LAST NOTES"] * bool(notes)
    for head in heads:
        assert f"\n\n{head}" in text, head
    assert "Close step: " in text
    assert "Learned: " in text or len(learned) > 250


@pytest.mark.parametrize(
    ("recap", "on", "expected"),
    [
        ({}, "01-09", "Attempt 2 (no answer on Thu)"),
        ({"attempt": "left message"}, "01-09", "Attempt 2 (left message on Thu)"),
        ({"attempt": "left message"}, "01-15", "Attempt 2 (left message on Thu 2026-01-08)"),
    ],
)
def test_what_came_of_the_last_attempt(recap: dict[str, str], on: str, expected: str) -> None:
    life = Life(rules(worksheet()))
    action = life.answer(at("2026-01-08 10:00"), Result.ATTEMPT)
    life.history = (*life.history[:-1], replace(life.history[-1], recap=recap))
    placed = Placed(life.next(at("2026-01-08 11:00")), at(f"2026-{on} 10:00"), at(f"2026-{on} 10:15"), day("01-08"))
    assert f"\n\n{expected}\n\n" in body(placed, JENNY, life.standing, METHODS["call"])
    assert action.attempt == 1
    assert "Attempt" not in body(replace(placed, action=action), JENNY, life.standing, METHODS["call"])


def test_a_long_story_leaves_room_for_how_to_answer() -> None:
    life = Life(rules(), replace(JENNY, notes="n" * 3000)).add(*(Noted(NOW, "cli", "x" * 5000) for _ in range(3)))
    (item,) = life.items(NOW)
    assert len(item.body) <= 2000
    assert item.body.startswith(PHONE)
    assert item.body.endswith("\nTicked or moved, it only asks again.")
    (item,) = Life(rules()).add(Noted(NOW, "cli", "oldest"), Noted(NOW, "cli", "x" * 5000), Noted(NOW, "cli", "newest")).items(NOW)
    assert "- newest" in item.body
    assert "- oldest" in item.body


def test_the_same_words_every_time() -> None:
    assert shown(promised()) == shown(promised())


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Call", "✓ Call"),
        ("✓ Call", "✓ Call"),
        ("✗ Call", "✗ Call"),
        ("Call Jenny ⚠ promised 10:00, not done", "✓ Call Jenny"),
        ("Call Jenny ⚠ promised land, not done", "✓ Call Jenny ⚠ promised land, not done"),
    ],
)
def test_a_record_is_marked_once(title: str, expected: str) -> None:
    assert recorded(title, "✓") == expected
    assert is_record(replace(shown(promised()), title=recorded(title, "✓")))
    assert not is_record(shown(promised()))
