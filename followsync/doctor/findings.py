"""What was found, of whatever was looked at: one line each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """GOOD; NOTE: to be known, nothing to do; BAD: needs attention."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """``topic``: one word for what was looked at. ``text``: a sentence."""

    topic: str
    state: State
    text: str


def good(topic: str, text: str) -> Finding:
    return Finding(topic, State.GOOD, text)


def note(topic: str, text: str) -> Finding:
    return Finding(topic, State.NOTE, text)


def bad(topic: str, text: str) -> Finding:
    return Finding(topic, State.BAD, text)
