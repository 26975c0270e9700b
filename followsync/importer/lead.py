"""What was read of a file: the leads, and what stands aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from followsync.core.prospect import Prospect
from followsync.errors import Problem

Told = Callable[[int, int], None]
"""Hears how many of how many are done."""


def nobody(done: int, total: int) -> None:
    """Where nobody wants to hear it."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A row that can be read, at ``line`` of the file ``where``. ``prospect`` has an id or a rep only where the row names one. Empty
    cells are empty fields: they say nothing.

    ``raw``: the row as it stood, its cells or the lines of its card. ``business``: the row tells of a business whose people may have rows
    of their own, as Capsule's do; what is known of a person there counts more than the switchboard."""

    where: str
    line: int
    prospect: Prospect
    raw: tuple[str, ...] = field(default=(), repr=False)
    business: bool = False


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that stands aside, as it stood, and why."""

    problem: Problem
    raw: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Leads:
    """``bad`` rows hold up nothing. ``headers``: the first row of a table as it stood; empty where the file holds cards. ``odd``: what of
    the rows that go in looks like a day, or should be a time zone, and is kept as text."""

    rows: tuple[Lead, ...]
    bad: tuple[Bad, ...]
    headers: tuple[str, ...] = ()
    odd: tuple[Problem, ...] = ()
