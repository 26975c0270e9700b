"""What an action is called: by what it is, so that every machine and every store comes to the same name."""

from __future__ import annotations

from base64 import b32hexencode
from datetime import UTC, datetime
from hashlib import sha256

from followsync.core.history import Promised


def action_id(prospect: str, *key: object) -> str:
    """26 characters of 0-9a-v, the same on every machine: what an action is, not when it was computed."""
    digest = sha256("\x1f".join([prospect, *map(str, key)]).encode()).digest()
    return b32hexencode(digest).decode().lower()[:26]


def action_of_other(prospect: str, promise: Promised) -> str:
    """The id of an agreement that waits until another one is done (``Unclear.others``)."""
    return action_id(prospect, "other", *what_is_agreed(promise))


def what_is_agreed(promise: Promised) -> tuple[object, ...]:
    """What of an agreement goes into the id of its action."""
    return promise.method, promise.day, promise.start and instant(promise.start), promise.purpose


def instant(moment: datetime) -> str:
    """The same in every zone."""
    return moment.astimezone(UTC).isoformat()
