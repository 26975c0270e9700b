"""The grammar before what is less sure than it reads (tests/doubts.py): a question, and never a confident wrong answer."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from followsync.capture import parse_line, parse_next
from followsync.core.history import Result
from followsync.core.marks import Answer, Doubt, Mark, Next
from followsync.core.saying import said
from followsync.when import until_when
from tests import doubts
from tests.core.builders import rep, rules

REP, RULES = rep(), rules()
NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("America/Detroit"))
YES, NO = Answer(Result.YES), Answer(Result.NO)


def marks(text: str, title: Mark | None = None) -> list[Mark]:
    return [one.mark for one in said(False, title, text)]


@pytest.mark.parametrize(
    ("word", "answer", "line"),
    [*(("no", NO, line) for line in doubts.NOT_A_NO), *(("yes", YES, line) for line in doubts.NOT_A_YES)],
)
def test_what_stands_right_below_may_leave_it_open(word: str, answer: Answer, line: str) -> None:
    assert marks(f"{word}\n{line}") == [Doubt(f"{word}, {line}")]
    assert marks(f"{word[0]}\n\n{line}") == [Doubt(f"{word}, {line}")]
    assert answer not in marks(line, answer), "before the title, and the line in the notes"


@pytest.mark.parametrize(
    ("word", "answer", "line"),
    [*(("no", NO, line) for line in doubts.STILL_A_NO), *(("yes", YES, line) for line in doubts.STILL_A_YES)],
)
def test_a_further_fact_leaves_none(word: str, answer: Answer, line: str) -> None:
    assert marks(f"{word}\n{line}") == [answer]


@pytest.mark.parametrize("line", doubts.ATTEMPTS)
def test_a_few_words_behind_an_attempt_are_no_reason_for_silence(line: str) -> None:
    (mark,) = marks(line)
    assert isinstance(mark, Answer)
    assert mark.result is Result.ATTEMPT


@pytest.mark.parametrize("line", doubts.ASKS)
def test_what_is_not_agreed_is_asked_about(line: str) -> None:
    assert marks(line) == [Doubt(line)]


@pytest.mark.parametrize(("line", "text"), doubts.AGREES.items())
def test_what_is_agreed_is_none_of_that(line: str, text: str) -> None:
    assert marks(line) == [Next(text)]


@pytest.mark.parametrize("line", doubts.TEXT)
def test_what_is_no_answer_stays_text(line: str) -> None:
    assert marks(line) == []


@pytest.mark.parametrize(("line", "name"), doubts.NO_DAY)
def test_a_day_that_cannot_be_relied_on_is_missing(line: str, name: str) -> None:
    found = parse_line(line, now=NOW, rep=REP, rules=RULES)
    assert (found.name, found.when) == (name, None)
    assert "day" in found.missing


@pytest.mark.parametrize(("line", "name", "when"), doubts.DAYS)
def test_a_day_that_can_is_agreed(line: str, name: str, when: str) -> None:
    found = parse_line(line, now=NOW, rep=REP, rules=RULES)
    assert (found.name, found.when and found.when.text) == (name, when)


@pytest.mark.parametrize(("line", "phone"), doubts.PHONES.items())
def test_the_number_of_a_thing_is_no_phone_number(line: str, phone: str) -> None:
    assert parse_line(line, now=NOW, rep=REP, rules=RULES).phone == phone


@pytest.mark.parametrize("text", doubts.NEXT_ASKS)
def test_an_agreement_without_a_sure_day_is_none(text: str) -> None:
    assert parse_next(text, now=NOW, rep=REP, rules=RULES).when is None


@pytest.mark.parametrize(("text", "when"), doubts.NEXT_AGREES.items())
def test_an_agreement_with_one_is(text: str, when: str) -> None:
    found = parse_next(text, now=NOW, rep=REP, rules=RULES).when
    assert found is not None
    assert found.text == when


@pytest.mark.parametrize("text", doubts.WAIT_ASKS)
def test_nobody_waits_until_a_day_that_is_not_sure(text: str) -> None:
    assert until_when(text, now=NOW, rep=REP) is None


@pytest.mark.parametrize("text", doubts.NO_PURPOSE)
def test_how_long_it_takes_is_no_purpose(text: str) -> None:
    assert parse_next(text, now=NOW, rep=REP, rules=RULES).purpose == ""
