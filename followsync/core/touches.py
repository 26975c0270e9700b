"""What one touch tells: when it was tried and how, what it brought, and what of it is to be tried again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from followsync.core.history import Entry, Kind, Result, StepRef, Touched
from followsync.core.identity import instant


def closes(touch: Touched) -> bool:
    return touch.result in (Result.YES, Result.NO)


def at_once(one: Entry, other: Entry) -> bool:
    """Whether two calendars told them at the same moment, so that nobody knows which was said first."""
    return one.at == other.at and one.via != other.via and all(each.via.startswith("calendar:") for each in (one, other))


def tried_at(touch: Touched) -> datetime:
    """When it was tried: where it stood says so, unless the rep tried earlier than that."""
    return touch.start if touch.start and touch.start <= touch.at else touch.at


def how_tried(touch: Touched) -> str:
    """What came of an attempt: "no answer", or what the rep said of it ("left message")."""
    return touch.recap.get("attempt") or "no answer"


def left_message(touch: Touched) -> bool:
    """Whether an attempt left word; a voicemail does."""
    return how_tried(touch) in ("left message", "voicemail")


def is_neutral(touch: Touched) -> bool:
    """Whether it brought nothing: no note, nothing learned, no end."""
    learned = any(value for name, value in touch.recap.items() if name != "attempt")
    return touch.result in (Result.ATTEMPT, Result.DONE) and not touch.note and not learned


def replaces_steps(touch: Touched) -> bool:
    return touch.kind is Kind.PROMISE or any(step.cadence.startswith("reason:") for step in touch.steps)


def is_due_on_a_date(steps: Collection[StepRef]) -> bool:
    """Whether it is nothing but what was said to be due on a day: a proposal, an order."""
    return bool(steps) and all(step.cadence.startswith("date:") for step in steps)


def origin_of(touch: Touched, ahead: Mapping[datetime, datetime]) -> str:
    """What follows from it, follows from that id. ``ahead``: moments of what a clock told that was ahead -> the moment that it told: an id
    does not change when a clock is set."""
    return touch.action or instant(ahead.get(touch.at, touch.at))


def together(before: Touched, touch: Touched) -> Touched:
    """Another step was tried while the retry of a first one is still to come: from now on they are tried as one, or by turns."""
    if touch.steps and set(touch.steps) <= set(before.steps):
        return replace(touch, purpose=before.purpose, agenda=before.agenda, questions=before.questions, steps=before.steps)
    return replace(
        touch,
        purpose=" and ".join(dict.fromkeys(filter(None, (before.purpose, touch.purpose)))),
        agenda=tuple(dict.fromkeys((*before.agenda, *touch.agenda))),
        questions=tuple(dict.fromkeys((*before.questions, *touch.questions))),
        steps=tuple(dict.fromkeys((*before.steps, *touch.steps))),
    )
