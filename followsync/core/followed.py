"""What came of an entry's answer, and which agreement is the same as another: an answer in a record is about these, and nothing else."""

from __future__ import annotations

from datetime import UTC

from followsync.core.history import Entry, History, Noted, Promised, Touched, Unclear, Waiting
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


def agreed_since(history: History, action: str) -> tuple[Promised | Waiting, ...]:
    """Everything that was agreed with the last answer to that action, or later: an entry that still looks open shows nothing of it."""
    answered = (number for number in range(len(history) - 1, -1, -1) if _answers(history[number], action))
    found: list[Promised | Waiting] = []
    for entry in history[next(answered, len(history)) :]:
        found += (entry,) if isinstance(entry, Promised | Waiting) else entry.others if isinstance(entry, Unclear) else ()
    return tuple(found)


def _answers(entry: Entry, action: str) -> bool:
    return isinstance(entry, Touched) and entry.action == action


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
