"""One rep at one moment: what all targets of a cycle share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from followsync.calendars.base import Calendar
from followsync.config.settings import CalDavTarget, GoogleTarget
from followsync.core.cadence import Rules
from followsync.core.target import TargetState
from followsync.core.workdays import RepRules
from followsync.store import Store

Opener = Callable[[CalDavTarget | GoogleTarget, TargetState], Calendar]
Progress = Callable[[str, int, int], None]


class Stopped(Exception):
    """Not an error: ``progress`` raises it to end a cycle between two writes."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``digest``: of the config. ``warnings``: collects sentences.
    ``alerts``: target -> why it waits for a sign-in; the others show it. ``shared``: the targets that other reps have too.
    ``calendars``: this rep's targets that are read back."""

    key: str
    store: Store
    rules: Rules
    rep: RepRules
    digest: str
    now: datetime
    opener: Opener
    progress: Progress
    warnings: list[str] = field(default_factory=list)
    alerts: dict[str, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    calendars: frozenset[str] = frozenset()
