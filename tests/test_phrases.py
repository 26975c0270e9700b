"""The grammar before the held-out list: nothing confidently wrong, and nine of ten right is the goal (see tests/phrases.py)."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from followsync.capture import parse_line
from followsync.core.history import Result
from followsync.core.marks import Answer as Answered
from followsync.core.marks import Doubt, Next, Wait, mark_of_line, mark_of_title
from followsync.core.notes import plain_text
from followsync.errors import UsageError
from followsync.interpret import agreed
from followsync.when import When, parse_when
from tests.core.builders import rep, rules
from tests.phrases import ANSWERS, CAPTURES, NOW, TITLE, Answer, Capture

REP, RULES = rep(), rules()
RIGHT, UNDECIDED = "right", "undecided"
MEANT = {Result.YES: "yes", Result.NO: "no", Result.ATTEMPT: "attempt", Result.DONE: "done"}


def hour_of(when: When | None) -> str:
    """ "14:00", "morning", or "" for the day alone."""
    if when is None:
        return ""
    if when.start:
        return f"{when.start:%H:%M}"
    parts = {(time(9), time(12)): "morning", (time(13), time(17)): "afternoon"}
    return parts.get((when.window.start, when.window.end), str(when.window)) if when.window else ""


PARTS = {"morning": (time(9), time(12)), "afternoon": (time(13), time(17))}


def near(when: When, one: Capture) -> bool:
    """A part of the day in which the hour lies that was meant, or that lies in the part that was meant."""
    if when.window is None:
        return False
    meant = [PARTS[part] if part in PARTS else (time.fromisoformat(part),) * 2 for part in (one.time, one.part, *one.also) if part]
    start, end = when.window.start, when.window.end
    return any((start <= first and last <= end) or (first <= start and end <= last) for first, last in meant)


def judged(one: Capture) -> str:
    """``right``, ``undecided``, or what is confidently wrong."""
    try:
        said = parse_line(one.text, now=NOW, rep=REP, rules=RULES)
    except UsageError:
        return UNDECIDED
    day = said.when.day if said.when else None
    if said.closes and not one.closes:
        return "closes"
    if day is not None and day != one.day:
        return f"day {day}"
    if day is not None and said.when and (hour := hour_of(said.when)) not in {one.time or one.part or "", *one.also}:
        return f"hour {hour}" if hour and not near(said.when, one) else UNDECIDED
    method = said.method if said.method in RULES.methods else ""  # "text her": what the rep said stands in the title, and is no method here
    if method and method != one.method:
        return f"method {method}"
    people = {said.name.casefold(), said.person.casefold()}
    found = all(name.casefold() in people for name in (one.name, one.person) if name)
    whole = day == one.day and method == one.method and said.closes == one.closes
    return RIGHT if whole and found and said.phone == one.phone and said.email == one.email else UNDECIDED


def meant(one: Answer) -> tuple[str, When | None, str, str]:
    """What the text is taken for; day and hour, method and purpose of an agreement."""
    first = next((line for line in plain_text(one.text).splitlines() if line.strip()), "")
    match mark_of_title(one.text, (TITLE,)) if one.where == "title" else mark_of_line(first):
        case None:
            return "note", None, "", ""
        case Doubt():
            return "unclear", None, "", ""
        case Answered(result=result):
            return MEANT[result], None, "", ""
        case Next(text=text):
            promise = agreed(text, now=NOW, via="phone", rep=REP, rules=RULES, like=None)
            if promise is None:
                return "unclear", None, "", ""
            return "next", When(promise.day, promise.start, promise.window, ""), promise.method, promise.purpose
        case Wait(text=text):
            when = parse_when(text, now=NOW, rep=REP)
            return ("waiting", when, "", "") if when else ("unclear", None, "", "")


def judged_answer(one: Answer) -> str:
    means, when, method, purpose = meant(one)
    if means != one.means:
        return UNDECIDED if means in ("unclear", "note") else f"means {means}"
    if means not in ("next", "waiting"):
        return RIGHT
    if when is None or when.day != one.day:
        return f"day {when and when.day}"
    if means == "next" and hour_of(when) != (one.time or one.part or ""):
        return f"hour {hour_of(when)}"
    if one.method and method != one.method:
        return f"method {method}"
    return RIGHT if one.purpose.casefold() in purpose.casefold() else UNDECIDED


@pytest.mark.parametrize("one", CAPTURES, ids=lambda one: one.text[:40])
def test_no_capture_is_confidently_wrong(one: Capture) -> None:
    assert judged(one) in (RIGHT, UNDECIDED)


@pytest.mark.parametrize("one", ANSWERS, ids=lambda one: one.text[:40])
def test_no_answer_is_confidently_wrong(one: Answer) -> None:
    assert judged_answer(one) in (RIGHT, UNDECIDED)


def test_so_many_captures_are_right() -> None:
    """The goal is nine of ten. What stands here is what was reached, and never goes down."""
    assert len(CAPTURES) == 60
    assert sum(judged(one) == RIGHT for one in CAPTURES) >= 44


def test_so_many_answers_are_right() -> None:
    assert len(ANSWERS) == 40
    assert sum(judged_answer(one) == RIGHT for one in ANSWERS) >= 34


def test_the_list_is_of_the_future() -> None:
    """A judge that misread the clock would find every line right or none."""
    assert datetime.fromisoformat("2026-01-06T10:00-05:00") == NOW
    assert all(one.day is None or one.day >= NOW.date() for one in CAPTURES)
