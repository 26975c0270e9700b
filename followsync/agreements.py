"""What was agreed, in the rep's words, as a promise."""

from __future__ import annotations

from datetime import datetime

from followsync import capture
from followsync.core.cadence import Rules
from followsync.core.history import Kind, Promised, Touched
from followsync.core.plan import Action
from followsync.core.workdays import RepRules
from followsync.errors import UsageError


def agreed(text: str, *, now: datetime, via: str, rep: RepRules, rules: Rules, like: Action | Touched | None) -> Promised | None:
    """``thu pm send quote`` as a promise; None where it names no day. What it does not say is taken from the action it answers, or
    answered before."""
    try:
        said = capture.parse_next(text, now=now, rep=rep, rules=rules)
    except UsageError:
        return None  # nothing but a sign: the rep is asked, like after any other text that names no day
    if said.when is None:
        return None
    asked = like is None or like.kind is Kind.DECIDE
    return Promised(
        now,
        via,
        said.method or ("" if like is None or asked else like.method),
        said.when.day,
        start=said.when.start,
        window=said.when.window,
        purpose=said.purpose or ("" if like is None or asked else like.purpose),
        agenda=said.agenda or (like.agenda if like else ()),
        questions=like.questions if like else (),
    )
