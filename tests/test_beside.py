"""Words of time beside a day: those that the grammar does not understand ask (see tests/beside.py, and docs/decisions/0074)."""

from __future__ import annotations

from datetime import datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.agreements import agreed
from followsync.capture import Capture, parse_line, parse_next, parse_title
from followsync.core.cadence import Method, Rules, Window
from followsync.core.history import Result
from followsync.core.marked import mark_of_line
from followsync.core.marks import Answer, Doubt, Next, Wait
from followsync.core.saying import said
from followsync.core.workdays import RepRules, Workdays
from followsync.when import find_when, until_when
from tests.beside import ANSWERS_ASK, ANSWERS_READ, ASKS, NOTES, READ, TITLES

DETROIT = ZoneInfo("America/Detroit")
NOW = datetime(2026, 3, 11, 10, tzinfo=DETROIT)  # a Wednesday
HOLIDAYS = holidays.country_holidays("US", subdiv="MI")
REP = RepRules("dana", Workdays(DETROIT, {day: (Window(time(9), time(17)),) for day in range(5)}, HOLIDAYS.get))
METHODS = {"call": "Call", "visit": "Visit", "email": "Email", "video": "Video call with", "meeting": "Meet", "letter": "Write letter to"}
RULES = Rules({name: Method(name, verb, 15) for name, verb in METHODS.items()})


def line(text: str) -> Capture:
    return parse_line(text, now=NOW, rep=REP, rules=RULES)


def who(capture: Capture) -> str:
    return f"{capture.person} @ {capture.name}" if capture.person else capture.name


@pytest.mark.parametrize(("text", "name"), ASKS)
def test_a_line_that_asks(text: str, name: str) -> None:
    capture = line(text)
    assert capture.when is None
    assert "day" in capture.missing
    assert who(capture) == name


@pytest.mark.parametrize(("text", "name", "when"), READ)
def test_a_line_that_is_read(text: str, name: str, when: str) -> None:
    capture = line(text)
    assert capture.when
    assert (who(capture), capture.when.text) == (name, when)


@pytest.mark.parametrize("text", ANSWERS_ASK)
def test_an_answer_that_asks(text: str) -> None:
    mark = mark_of_line(text)
    assert isinstance(mark, Doubt | Next)
    if isinstance(mark, Next):
        assert agreed(mark.text, now=NOW, via="phone", rep=REP, rules=RULES, like=None) is None


@pytest.mark.parametrize(("text", "when"), ANSWERS_READ)
def test_an_answer_that_is_read(text: str, when: str) -> None:
    mark = mark_of_line(text)
    assert isinstance(mark, Next)
    read = parse_next(mark.text, now=NOW, rep=REP, rules=RULES)
    assert read.when
    assert read.when.text == when


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("until 2 weeks after install", None),
        ("until fri 10 CT", None),
        ("until friday or monday", None),
        ("until friday or when he is back", None),
        ("for fri, maybe", None),
        ("until fri", "Fri 2026-03-13"),
        ("on legal til 3/20", "Fri 2026-03-20"),
        ("until a week friday", "Fri 2026-03-20"),
    ],
)
def test_until_when(text: str, day: str | None) -> None:
    when = until_when(text, now=NOW, rep=REP)
    assert (when and when.text) == day


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("done no answer", Answer(Result.ATTEMPT)),
        ("done voicemail", Answer(Result.ATTEMPT, "voicemail")),
        ("done deal", None),
        ("yes $12k", Answer(Result.YES, rest="$12k")),
        ("y 12k", None),
    ],
)
def test_an_answer_with_no_day(text: str, mark: Answer | None) -> None:
    assert mark_of_line(text) == mark


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("> send quote\n> fri 10 call", [Next("fri 10 call")]),
        ("> quote\nnext: call fri 10", [Next("call fri 10")]),
        ("done\n> send quote\n> fri 10 call", [Answer(Result.DONE), Next("fri 10 call")]),
        ("x\n> try again\n> fri 10", [Answer(Result.ATTEMPT), Next("fri 10")]),
        ("> send quote\n> bring samples\n> fri 10", [Doubt("send quote; fri 10")]),
        ("> samples\n> fri 10", [Doubt("samples; fri 10")]),  # or is it a list?
        ("> send quote\nhe was glad\n> fri 10", [Doubt("send quote; fri 10")]),
        ("> Hi Dana,\n> see you Friday\n> Ann", [Doubt("Hi Dana,; see you Friday")]),
        ("waiting on the boss\n> fri 10 call", [Doubt("waiting on the boss; fri 10 call")]),
        ("> send quote\n> call him", [Next("send quote")]),
        ("> visit\n> thu pm", [Doubt("visit; thu pm")]),
        ("> email pricing\n> fri 10", [Doubt("email pricing; fri 10")]),
        ("> visit\n> fri 10 call", [Doubt("visit; fri 10 call")]),
        ("> visit him\n> visit fri", [Next("visit fri")]),
    ],
)
def test_an_agreement_below_one_without_a_day(text: str, found: list[Answer | Next | Wait | Doubt]) -> None:
    """It is never a note that nobody reads; and nothing typed is lost."""
    answers = said(False, None, text)
    assert [one.mark for one in answers] == found
    told = "\n".join(one.note for one in answers)
    assert all(word in told or word in ("done", "x", "waiting", "next:") for row in text.splitlines() for word in row.strip("> ").split())


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("visit Hall's Deli 2 weeks before their lease is up", "2 weeks before their lease is up"),
        ("call Jim a month before renewal to go over the numbers", "a month before renewal"),
        ("call Jim fri 2:30 for 45 min", "for 45 min"),
        ("coffee with Bill Fri 8am at Starbucks on Main", "coffee; at Starbucks on Main"),
    ],
)
def test_what_is_not_understood_is_kept(text: str, note: str) -> None:
    assert line(text).note == note


@pytest.mark.parametrize(("text", "note"), NOTES)
def test_a_note_holds_the_words_as_typed(text: str, note: str) -> None:
    assert line(text).note == note


@pytest.mark.parametrize(("title", "name", "note"), TITLES)
def test_nobody_is_called_by_how_long_or_how_often(title: str, name: str, note: str) -> None:
    capture = parse_title(title, now=NOW, rep=REP, rules=RULES)
    assert (who(capture), capture.note) == (name, note)


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("call Jim Hall about the Apr 2 shipment", "talk about the Apr 2 shipment"),
        ("call Jim tomorrow about Friday's 10am demo", "talk about Friday's 10am demo"),
        ("call Jim re: Tues demo Mon 9am", "talk about Tues demo"),
        ("call Jim a month before renewal to go over the numbers", "go over the numbers"),
        ("email jeff@acme.example pricing sheet asap", "send pricing sheet"),
        ("call Jim discuss Mar 20 delivery", "discuss Mar 20 delivery"),
    ],
)
def test_a_day_of_the_topic_belongs_to_the_purpose(text: str, purpose: str) -> None:
    assert line(text).purpose == purpose


BESIDE = ("thru", "the 2nd", "a week", "10 days", "maybe", "probably", "every", "alternate", "except")
BEHIND = ("2", "tbd", "ish", "or so", "thru", "until", "maybe", "?", "a week and a half", "9/10am", "to 3")
DAYS = ("Mar 20", "4/2", "the 20th", "3/24")


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("words", BESIDE)
def test_words_of_time_before_a_day_ask(words: str, day: str) -> None:
    assert line(f"call Ann {words} {day}").when is None


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("words", BEHIND)
def test_words_of_time_behind_a_day_ask(words: str, day: str) -> None:
    assert line(f"call Ann {day} {words}").when is None


@given(st.lists(st.sampled_from((*BESIDE, *BEHIND, *DAYS, "2 weeks", "before", "after", "Friday", "2pm", "Ann", "to", "or")), max_size=8))
def test_stretches_never_overlap(words: list[str]) -> None:
    text = " ".join(words)
    found = find_when(text, now=NOW, rep=REP)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(text[one.start : one.end].strip() for one in found)
