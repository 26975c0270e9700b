"""History folded into where we stand with a prospect."""

from __future__ import annotations

from base64 import b32hexencode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import assert_never

from followsync.core.history import (
    Captured,
    Dismissed,
    Edited,
    Entry,
    History,
    Kind,
    Moved,
    Noted,
    Promised,
    Result,
    StepRef,
    Touched,
    Unclear,
    Waiting,
)
from followsync.core.prospect import Prospect


def action_id(prospect: str, *key: object) -> str:
    """26 characters of 0-9a-v, the same on every machine: what an action is, not when it was computed."""
    digest = sha256("\x1f".join([prospect, *map(str, key)]).encode()).digest()
    return b32hexencode(digest).decode().lower()[:26]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the facts add up to.

    At most one of ``promise``, ``waiting``, ``question`` (a deleted entry: drop, or when?) and ``retry`` (the unanswered attempt to
    repeat) is open; ``opened`` is its action's id. ``mark`` counts the facts that ever opened or settled something.
    ``touched``: the last touch of each step occurrence. ``unsettled``: how often its entry was answered (an attempt) or deleted while
    the step is still to be done, so that it comes back as another action. ``kept``: touches of promises and of reasons, which replace
    the steps up to their day. ``asked``: a decide item was ticked without a decision. ``attempts``: in a row, since the last real
    contact. ``answered``: the ids of all actions that were touched or whose entry was deleted.
    """

    captured: datetime | None = None
    outcome: Result | None = None
    promise: Promised | None = None
    waiting: Waiting | None = None
    question: Dismissed | None = None
    retry: Touched | None = None
    asked: datetime | None = None
    attempts: int = 0
    opened: str = ""
    mark: int = 0
    answered: frozenset[str] = frozenset()
    touched: Mapping[StepRef, Touched] = field(default_factory=dict)
    unsettled: Mapping[StepRef, int] = field(default_factory=dict)
    kept: tuple[Touched, ...] = ()
    last_touch: datetime | None = None
    last_contact: datetime | None = None
    moved: Mapping[str, Moved] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unclear: str = ""


def standing(prospect: Prospect, history: History) -> Standing:
    """Fold the whole history. An empty one gives a Standing without ``captured``."""
    so_far = Standing()
    for entry in history:
        so_far = _after(prospect.id, so_far, entry)
    return so_far


def _after(prospect: str, so_far: Standing, entry: Entry) -> Standing:
    match entry:
        case Captured():
            return replace(so_far, captured=so_far.captured or entry.at)
        case Touched():
            return _touched(prospect, so_far, entry)
        case Promised() if so_far.promise and _same_agreement(so_far.promise, entry):
            return replace(so_far, promise=entry)
        case Promised():
            return _opened(prospect, replace(_settled(so_far), promise=entry), "promise", entry)
        case Waiting():
            return _opened(prospect, replace(_settled(so_far), waiting=entry), "check", entry)
        case Dismissed():
            answered, unsettled = so_far.answered | {entry.action}, _counted(so_far.unsettled, entry.steps)
            so_far = replace(so_far, answered=answered, unsettled=unsettled)
            if _agreed_since(so_far, entry.action):
                return so_far
            return _opened(prospect, replace(_settled(so_far), question=entry), "ask", entry)
        case Moved():
            return replace(so_far, moved={**so_far.moved, entry.action: entry})
        case Noted():
            return _noted(so_far, entry.text)
        case Unclear():
            return replace(so_far, unclear=entry.text)
        case Edited():
            return so_far
        case _:
            assert_never(entry)


def _settled(so_far: Standing) -> Standing:
    """Nothing is open any more; what comes next says what is."""
    nothing = Standing()
    return replace(
        so_far,
        promise=None,
        waiting=None,
        question=None,
        retry=None,
        asked=None,
        opened="",
        attempts=nothing.attempts,
        unclear=nothing.unclear,
        mark=so_far.mark + 1,
    )


def _opened(prospect: str, so_far: Standing, kind: str, entry: Promised | Waiting | Dismissed | Touched) -> Standing:
    return replace(so_far, opened=action_id(prospect, kind, so_far.mark, entry.at.astimezone(UTC).isoformat()))


def _same_agreement(before: Promised, after: Promised) -> bool:
    """Only what the meeting is about was edited: it is the same action still, where the rep put it and with what they wrote there."""
    about = replace(after, agenda=before.agenda, questions=before.questions, they_know=before.they_know)
    return about != after and replace(about, at=before.at, via=before.via) == before


def _noted(so_far: Standing, text: str) -> Standing:
    return replace(so_far, notes=(*so_far.notes, text)) if text else so_far


def _touched(prospect: str, so_far: Standing, touch: Touched) -> Standing:
    so_far = replace(
        _noted(so_far, touch.note),
        last_touch=touch.at,
        kept=(*so_far.kept, touch) if _replaces_steps(touch) else so_far.kept,
        answered=so_far.answered | {touch.action} if touch.action else so_far.answered,
    )
    attempt = touch.result is Result.ATTEMPT
    if touch.kind is Kind.DECIDE and (attempt or touch.result is Result.DONE):
        # Ticking the question is not an answer. A question about a deleted entry stays that question, as a new entry.
        again = replace(so_far, asked=touch.at, mark=so_far.mark + 1)
        return _opened(prospect, again, "ask", so_far.question) if so_far.question else again
    if _is_stale(so_far, touch):
        steps = {} if attempt else dict.fromkeys(touch.steps, touch)
        return replace(so_far, touched={**so_far.touched, **steps}, last_contact=so_far.last_contact if attempt else touch.at)
    if attempt:
        # An attempt settles nothing: the same thing is tried again, and what counts from it waits.
        tried = _together(so_far, touch)
        so_far = replace(so_far, unsettled=_counted(so_far.unsettled, touch.steps))
        return _opened(prospect, replace(_settled(so_far), retry=tried, attempts=so_far.attempts + 1), "retry", touch)
    done = replace(_settled(so_far), last_contact=touch.at, touched={**so_far.touched, **dict.fromkeys(touch.steps, touch)})
    return replace(done, outcome=touch.result) if touch.result in (Result.YES, Result.NO) else done


def _is_stale(so_far: Standing, touch: Touched) -> bool:
    """An entry that was no longer wanted is ticked after all: it happened, but it does not settle what was agreed since, nor the
    question about another entry, nor the retry of something else."""
    if touch.result is Result.DONE and so_far.retry is not None and so_far.opened != touch.action != "":
        return touch.action != so_far.retry.action and not set(touch.steps) & set(so_far.retry.steps)
    asked_since = so_far.question is not None and touch.action not in ("", so_far.opened)
    return touch.result in (Result.DONE, Result.ATTEMPT) and (asked_since or _agreed_since(so_far, touch.action))


def _agreed_since(so_far: Standing, action: str) -> bool:
    return (so_far.promise is not None or so_far.waiting is not None) and action not in ("", so_far.opened)


def _counted(unsettled: Mapping[StepRef, int], steps: tuple[StepRef, ...]) -> Mapping[StepRef, int]:
    return {**unsettled, **{step: unsettled.get(step, 0) + 1 for step in steps}}


def _together(so_far: Standing, touch: Touched) -> Touched:
    """Another step was tried while the retry of a first one is still to come: from now on they are tried as one."""
    before = so_far.retry
    if before is None or touch.action == so_far.opened:
        return touch
    return replace(
        touch,
        purpose=" and ".join(dict.fromkeys(filter(None, (before.purpose, touch.purpose)))),
        agenda=tuple(dict.fromkeys((*before.agenda, *touch.agenda))),
        questions=tuple(dict.fromkeys((*before.questions, *touch.questions))),
        steps=tuple(dict.fromkeys((*before.steps, *touch.steps))),
    )


def _replaces_steps(touch: Touched) -> bool:
    return touch.kind is Kind.PROMISE or any(step.cadence.startswith("reason:") for step in touch.steps)
