"""What came of an entry's answer, and which agreement is the same as another: an answer in a record is about these, and nothing else."""

from __future__ import annotations

from datetime import UTC

from followsync.core.history import History, Noted, Promised, Touched, Unclear
from followsync.core.prospect import Prospect
from followsync.core.standing import open_promises


def came_of(history: History, action: str) -> Promised | None:
    """The last agreement that was told with the answer to that action, or was written into its record since."""
    found: Promised | None = None
    told: Touched | Noted | None = None
    known: set[Promised] = set()
    for entry in history:
        if isinstance(entry, Touched | Noted):
            told = entry
            continue
        agreed = (entry,) if isinstance(entry, Promised) else entry.others if isinstance(entry, Unclear) else ()
        for one in agreed:
            if told and told.action == action and one not in known and (one.at, one.via) == (told.at, told.via):
                found = one
        known.update(agreed)
    return found


def promise_of(prospect: Prospect, history: History, action: str) -> Promised | None:
    """What was agreed as that action, whatever came in its place."""
    before = reversed([agreed.open for _, agreed in open_promises(prospect, history)])
    return next((agreed[action] for agreed in before if action in agreed), None)


def own_agreements(prospect: Prospect, history: History, action: str) -> tuple[Promised, ...]:
    """What stands for the answer to that action: what came of it, or what it was about and only tried before its day."""
    both = came_of(history, action), promise_of(prospect, history, action)
    return tuple(one for one in both if one is not None)


def twins(prospect: Prospect, history: History, action: str) -> tuple[str, ...]:
    """The other actions that were the same agreement as that one: the same line for the same hour was typed twice."""
    once = promise_of(prospect, history, action)
    if once is None:
        return ()
    every = [pair for _, agreed in open_promises(prospect, history) for pair in agreed.open.items()]
    return tuple(dict.fromkeys(other for other, one in every if other != action and _what(one) == _what(once)))


def _what(promise: Promised) -> tuple[object, ...]:
    return promise.method, promise.day, promise.start and promise.start.astimezone(UTC), promise.window, promise.purpose
