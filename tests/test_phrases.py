"""The grammar before lists of what reps really type (see tests/phrases.py): nothing confidently wrong, and nine of ten right is the goal.

A list is a module with CAPTURES, ANSWERS, NOW and TITLE. All but the third and the fifth are development lists: whoever works on the
grammar reads them, so their figures flatter. These two are held out and measure: of them only the counts and the kinds of failure are
read, never the lines.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time
from types import ModuleType

import pytest

from followsync.agreements import agreed
from followsync.capture import parse_line
from followsync.core.history import Result
from followsync.core.marked import mark_of_title
from followsync.core.marks import Answer as Answered
from followsync.core.marks import Doubt, Next, Wait
from followsync.core.notes import plain_text
from followsync.core.saying import said
from followsync.errors import UsageError
from followsync.when import When, until_when
from tests import phrases, phrases_fifth, phrases_fourth, phrases_second, phrases_third
from tests.core.builders import rep, rules
from tests.phrases import NOW, TITLE, Answer, Capture

REP, RULES = rep(), rules()
RIGHT, UNDECIDED = "right", "undecided"
MEANT = {Result.YES: "yes", Result.NO: "no", Result.ATTEMPT: "attempt", Result.DONE: "done"}
PARTS = {"morning": (time(9), time(12)), "afternoon": (time(13), time(17))}
WORKED = (time(9), time(17))


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, and how many of it are right at least: what was reached, and never goes down."""

    module: ModuleType
    captures: int
    answers: int

    @property
    def name(self) -> str:
        return self.module.__name__.rpartition(".")[2]


LISTS = (
    Listed(phrases, captures=60, answers=40),
    Listed(phrases_second, captures=60, answers=40),
    Listed(phrases_third, captures=53, answers=39),
    Listed(phrases_fourth, captures=59, answers=40),
    Listed(phrases_fifth, captures=57, answers=39),
)


def readings(one: Capture | Answer) -> list[str]:
    """The hours, and the parts of the day, that are right; "" is the day alone."""
    return [one.time or one.part or "", *(one.also if isinstance(one, Capture) else ())]


def span(reading: str) -> tuple[time, time]:
    """From when to when a reading lasts; a clock time lasts no time."""
    return PARTS[reading] if reading in PARTS else (time.fromisoformat(reading),) * 2


def hour_fits(when: When, one: Capture | Answer) -> bool:
    """The hour that was meant; within the part of the day that was meant ("first thing" in the morning); or all the working day, where the
    day alone was meant ("by COB")."""
    if when.start:
        return f"{when.start:%H:%M}" in readings(one)
    if when.window is None:
        return "" in readings(one)
    start, end = when.window.start, when.window.end
    parts = [PARTS[reading] for reading in readings(one) if reading in PARTS]
    return any(first <= start and end <= last for first, last in parts) or ("" in readings(one) and (start, end) == WORKED)


def near(when: When, one: Capture | Answer) -> bool:
    """A part of the day in which the hour lies that was meant, or that lies in the part that was meant; or the day alone."""
    if when.start:
        return False
    if when.window is None:
        return True
    start, end = when.window.start, when.window.end
    spans = [span(reading) for reading in readings(one) if reading]
    return any((start <= first and last <= end) or (first <= start and end <= last) for first, last in spans)


def judged(one: Capture, now: datetime = NOW) -> str:
    """``right``, ``undecided``, or what is confidently wrong."""
    try:
        said = parse_line(one.text, now=now, rep=REP, rules=RULES)
    except UsageError:
        return UNDECIDED
    when = said.when
    if said.closes and not one.closes:
        return "closes"
    if when and when.day != one.day:
        return f"day {when.day}"
    if when and not hour_fits(when, one):
        return UNDECIDED if near(when, one) else f"hour {when.text}"
    method = said.method if said.method in RULES.methods else ""  # "text her": what the rep said stands in the title, and is no method here
    if method and method != one.method:
        return f"method {method}"
    people = {said.name.casefold(), said.person.casefold()}
    found = all(name.casefold() in people for name in (one.name, one.person) if name)
    whole = (when and when.day) == one.day and method == one.method and said.closes == one.closes
    return RIGHT if whole and found and said.phone == one.phone and said.email == one.email else UNDECIDED


def meant(one: Answer, now: datetime = NOW, title: str = TITLE) -> tuple[str, When | None, str, str]:
    """What the text is taken for; day and hour, method and purpose of an agreement."""
    notes = said(False, None, plain_text(one.text).strip()) if one.where == "notes" else ()
    match mark_of_title(one.text, (title,)) if one.where == "title" else notes[0].mark if notes else None:
        case None:
            return "note", None, "", ""
        case Doubt():
            return "unclear", None, "", ""
        case Answered(result=result):
            return MEANT[result], None, "", ""
        case Next(text=text):
            promise = agreed(text, now=now, via="phone", rep=REP, rules=RULES, like=None)
            if promise is None:
                return "unclear", None, "", ""
            return "next", When(promise.day, promise.start, promise.window, ""), promise.method, promise.purpose
        case Wait(text=text):
            when = until_when(text, now=now, rep=REP)
            return ("waiting", when, "", "") if when else ("unclear", None, "", "")


def judged_answer(one: Answer, now: datetime = NOW, title: str = TITLE) -> str:
    means, when, method, purpose = meant(one, now, title)
    if means != one.means:
        return UNDECIDED if means in ("unclear", "note") else f"means {means}"
    if means not in ("next", "waiting"):
        return RIGHT
    if when is None or when.day != one.day:
        return f"day {when and when.day}"
    if means == "next" and not hour_fits(when, one):
        return UNDECIDED if near(when, one) else f"hour {when.text}"
    if one.method and method != one.method:
        return f"method {method}"
    return RIGHT if one.purpose.casefold() in purpose.casefold() else UNDECIDED


@pytest.mark.parametrize("listed", LISTS, ids=lambda one: one.name)
def test_captures(listed: Listed) -> None:
    verdicts = Counter(judged(one, listed.module.NOW) for one in listed.module.CAPTURES)
    assert verdicts.keys() <= {RIGHT, UNDECIDED}  # nothing is confidently wrong
    assert verdicts.total() == 60
    assert verdicts[RIGHT] >= listed.captures


@pytest.mark.parametrize("listed", LISTS, ids=lambda one: one.name)
def test_answers(listed: Listed) -> None:
    verdicts = Counter(judged_answer(one, listed.module.NOW, listed.module.TITLE) for one in listed.module.ANSWERS)
    assert verdicts.keys() <= {RIGHT, UNDECIDED}
    assert verdicts.total() == 40
    assert verdicts[RIGHT] >= listed.answers


@pytest.mark.parametrize("listed", LISTS, ids=lambda one: one.name)
def test_the_list_is_of_the_future(listed: Listed) -> None:
    """A judge that misread the clock would find every line right or none."""
    assert datetime.fromisoformat("2026-01-06T10:00-05:00") == listed.module.NOW
    assert all(one.day is None or one.day >= listed.module.NOW.date() for one in (*listed.module.CAPTURES, *listed.module.ANSWERS))


def test_the_judge_tells_wrong_from_undecided() -> None:
    right = Capture(text="Call Jenny thu 2pm", method="call", day=datetime(2026, 1, 8).date(), time="14:00", person="Jenny")
    assert judged(right) == RIGHT
    wrong = {"day": NOW.date(), "time": "15:00", "method": "visit"}
    told = {name: judged(Capture(**{**_fields(right), name: value})) for name, value in wrong.items()}
    assert told == {"day": "day 2026-01-08", "time": "hour Thu 2026-01-08, 14:00", "method": "method call"}
    assert judged(Capture(**{**_fields(right), "person": "Bob"})) == UNDECIDED


def _fields(one: Capture) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}
