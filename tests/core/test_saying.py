"""One answer out of the title and all lines of the notes: what denies a yes or a no, wherever it stands, is asked about."""

from __future__ import annotations

import re

import pytest

from followsync.core.history import Result
from followsync.core.marked import denies
from followsync.core.marks import Answer, Doubt, Mark, Next
from followsync.core.saying import said

YES, NO, DONE = Answer(Result.YES), Answer(Result.NO), Answer(Result.DONE)

LOST = (
    "bought from Acme", "bought it from a competitor", "she signed with Acme", "went with Acme", "they went with someone else",
    "bought elsewhere", "lost to Acme", "not interested", "too expensive", "no", "turned us down", "ordered from amazon",
)  # fmt: skip
WON = ("yes", "signed the contract today", "bought 20 cases", "they're going with us", "sold", "got the PO")
OPEN = (
    "call back in March", "call her back next week", "check back after the holidays", "wants us to call in May",
    "they asked to call later",
    "follow up in June", "not yet sure", "she's still not sure", "not sure yet", "undecided", "they're on the fence", "thinking about it",
)  # fmt: skip
BESIDE = (
    "PO 4471, ship to the warehouse", "starts in March", "bought from us", "signed with us", "going with the bigger package",
    "going with option B", "went with Gold", "thanks", "her old vendor was too expensive", "used to buy from Acme", "",
    "no rush", "left the competition", "install in March", "her brother calls in to order",
    "call the plumber for the install", "sure thing",
)  # fmt: skip


def marks(title: Mark | None, text: str) -> list[Mark]:
    return [one.mark for one in said(False, title, text)]


@pytest.mark.parametrize("line", LOST)
def test_a_yes_that_its_own_notes_deny_is_asked_about(line: str) -> None:
    assert marks(None, f"yes\n{line}") == [Doubt(f"yes, {line}")]
    assert marks(None, f"yes\nher brother says\n{line}") == [Doubt(f"yes, {line}")]
    assert marks(YES, line)[0] != YES


@pytest.mark.parametrize("line", WON)
def test_so_is_a_no(line: str) -> None:
    assert marks(None, f"no\n{line}") == [Doubt(f"no, {line}")]
    assert marks(NO, line)[0] != NO


@pytest.mark.parametrize("line", OPEN)
@pytest.mark.parametrize(("word", "answer"), [("yes", YES), ("no", NO)])
def test_nobody_has_decided_with_whom_it_goes_on(line: str, word: str, answer: Answer) -> None:
    assert marks(None, f"{word}\n{line}") == [Doubt(f"{word}, {line}")]
    assert marks(answer, line)[0] != answer
    assert not denies(line, DONE)


@pytest.mark.parametrize("line", BESIDE)
def test_what_is_told_besides_is_a_note(line: str) -> None:
    (one,) = said(False, None, f"yes\n{line}")
    assert (one.mark, one.beside) == (YES, line)
    (mark,) = marks(YES, line)
    assert isinstance(mark, Answer)
    assert mark.result is Result.YES


@pytest.mark.parametrize("line", LOST)
def test_why_it_is_a_no_is_no_doubt(line: str) -> None:
    assert marks(None, f"no\n{line}") == [NO]
    assert not denies(line, DONE), "what closes nothing is not denied so"


def test_the_reason_of_a_no_is_kept() -> None:
    assert marks(None, "no, went with Acme") == [Answer(Result.NO, rest="went with Acme")]
    assert marks(None, "NO - budget got cut") == [Answer(Result.NO, rest="budget got cut")]


TWO = "> fri 10am email quote\n> mon 9am visit"
ASKED = Doubt("fri 10am email quote; mon 9am visit")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TWO, [ASKED]),
        (f"done\n{TWO}", [DONE, ASKED]),
        (f"good talk\n{TWO}", [ASKED]),
        ("next: visit Friday 9am\nher son was there\nwaiting until Monday", [Doubt("visit Friday 9am; waiting until Monday")]),
        ("no answer, wife says > fri 10am call\n> mon 9am visit", [Doubt("no answer; wife says, fri 10am call; mon 9am visit")]),
        ("> fri 10am email quote\n> fri 10am email quote", [Next("fri 10am email quote")]),
        ("> fri 10am email quote\n> she likes blue", [Next("fri 10am email quote")]),  # a list that the rep keeps
        ("Hi Dana,\n> can we talk Thursday?\n> Ann", []),  # a letter that was pasted
        ("done\n> she likes blue\n> fri 10am email quote", [DONE, Doubt("she likes blue; fri 10am email quote")]),
    ],
)
def test_of_two_agreements_none_is_lost(text: str, found: list[Mark]) -> None:
    """Which of them stands is asked, in one question that says both."""
    assert marks(None, text) == found
    told = "\n".join(one.note for one in said(False, None, text))
    assert not found or all(word in told for word in re.findall(r"\w+", text) if word not in ("done", "next"))


def test_a_word_behind_an_invisible_mark_of_direction_is_read() -> None:
    assert marks(None, "\u200eDone, likes it") == [Answer(Result.DONE, rest="likes it")]


@pytest.mark.parametrize(
    ("text", "second", "expected"),
    [
        ("likes blue\n\nyes", 2, [YES]),
        ("likes blue\n\nyes", 0, []),
        ("likes blue\nyes\nsigned today", 1, [YES]),
        ("yes\nno", 1, [Doubt("yes, no")]),
        ("likes blue\n> thu 2pm send quote", 1, [Next("thu 2pm send quote")]),
        ("yes\n> thu 2pm send quote", 1, [Next("thu 2pm send quote", said="yes")]),
        ("done\nyes", 1, [YES]),
        ("likes blue\nNorah called", 1, []),
    ],
)
def test_what_was_typed_below_our_text_has_a_first_line_of_its_own(text: str, second: int, expected: list[Mark]) -> None:
    assert [one.mark for one in said(False, None, text, second=second)] == expected


X, MESSAGE = Answer(Result.ATTEMPT), Answer(Result.ATTEMPT, "left message")


@pytest.mark.parametrize(
    ("title", "text", "second", "asked"),
    [
        (X, "done", 0, "no answer, done"),
        (DONE, "x", 0, "done, no answer"),
        (DONE, "left message", 0, "done, left message"),
        (None, "x\ndone", 1, "no answer, done"),
        (None, "x\ndone", 0, "no answer, done"),
        (None, "x\nher son was there\ndone", 0, "no answer, done"),
        (None, "done\nno answer", 0, "done, no answer"),
        (None, "x\nyes", 0, "no answer, yes"),
        (None, "left message\ndone", 0, "left message, done"),
    ],
)
def test_done_in_one_place_and_tried_in_another_are_no_answer(title: Mark | None, text: str, second: int, asked: str) -> None:
    (one,) = said(False, title, text, second=second)
    assert one.mark == Doubt(asked)
    assert ("her son was there" in text) == ("her son was there" in one.beside)


@pytest.mark.parametrize(
    ("ticked", "title", "text", "mark"),
    [
        (True, None, "x", X),
        (True, X, "", X),
        (False, None, "done, left message", MESSAGE),
        (False, None, "done\nleft message", DONE),
        (False, X, "left message", MESSAGE),
        (False, DONE, "done", DONE),
        (False, None, "x\nhe was done for the day", X),
        (False, None, "done\nx-ray of the part is due", DONE),
    ],
)
def test_a_tick_is_no_word_and_what_says_more_of_the_same_is_no_other_answer(
    ticked: bool, title: Mark | None, text: str, mark: Mark
) -> None:
    assert [one.mark for one in said(ticked, title, text)] == [mark]
