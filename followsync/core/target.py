"""What is remembered of a target between cycles: where we stopped reading, and how it fares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TargetState:
    """``cursor`` continues the reading of ``collection`` (the calendar's own address: another address means another calendar).

    ``failures`` in a row and ``not_before`` are the breaker; ``login_needed`` waits for a person; ``held`` is the sentence of a mass
    deletion that waits for one; ``error`` is the last cycle's sentence, "" after a good one.
    """

    rep: str
    target: str
    cursor: str = ""
    collection: str = ""
    last_good: datetime | None = None
    failures: int = 0
    not_before: datetime | None = None
    login_needed: bool = False
    held: str = ""
    error: str = ""
