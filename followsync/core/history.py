"""The facts: what people did. Appended, never changed; nothing we computed stands here.

Every entry carries ``at`` (aware, when it happened) and ``via`` (``cli``, ``import`` or ``calendar:TARGET``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from followsync.core.cadence import Window


class Kind(StrEnum):
    """Why an action stands there."""

    PROMISE = "promise"
    STEP = "step"
    RETRY = "retry"
    DECIDE = "decide"
    INCLUDE = "include"


class Result(StrEnum):
    """How a touch ended. YES, NO and NEXT are outcomes; ATTEMPT (no answer) and DONE are not. Only YES and NO close."""

    YES = "yes"
    NO = "no"
    NEXT = "next"
    DONE = "done"
    ATTEMPT = "attempt"


@dataclass(frozen=True, slots=True)
class StepRef:
    """An occurrence of a cadence step: ``turn`` counts from 1 for ``every`` steps, and is 0 for the others. ``who``: which one of those who
    were absent it reaches, "" for the prospect itself (and, in older histories, for all of them)."""

    cadence: str
    step: str
    turn: int = 0
    who: str = ""


@dataclass(frozen=True, slots=True)
class Captured:
    """The prospect came in. ``text``: the line as it was typed, where there was one."""

    at: datetime
    via: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """Somebody changed fields of the prospect: name -> (before, after), as text."""

    at: datetime
    via: str
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touched:
    """A follow-up happened. ``action``: the id of the action it answers, "" where the rep acted unasked.

    ``kind``, ``method``, ``purpose``, ``agenda``, ``steps``, ``due`` and ``start`` (where it stood) say what that action was, so that
    history can be read when the rules have changed. ``recap`` holds the worksheet's answers (asked_for_order, objection, …).
    ``version``: of the cadence that it came from, "" where it came from none, and in older histories. ``beside``: it happened too, but
    another answer settled the action before this one was read: it settles nothing. ``early``: what it answers was promised for a day that
    had not come where the rep lives, or was put there by hand.
    """

    at: datetime
    via: str
    result: Result
    action: str = ""
    kind: Kind | None = None
    method: str = ""
    purpose: str = ""
    agenda: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    steps: tuple[StepRef, ...] = ()
    due: date | None = None
    start: datetime | None = None
    note: str = ""
    recap: Mapping[str, str] = field(default_factory=dict)
    beside: bool = False
    version: str = ""
    early: bool = False


@dataclass(frozen=True, slots=True)
class Promised:
    """Agreed with the prospect: method, day, and either an hour (``start``, aware) or a window of that day.

    A later promise replaces an earlier one that is still open. ``beside``: whoever agreed on it did not know that there is a day on which
    we check, which waits behind it.
    """

    at: datetime
    via: str
    method: str
    day: date
    start: datetime | None = None
    window: Window | None = None
    purpose: str = ""
    agenda: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    they_know: bool | None = None
    minutes: int | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """We wait for them; the rep checks on that day, at the hour (``start``, aware) or in the window of it that was named, if any was.
    ``beside``: it was said of something else than what is agreed, and settles nothing that is open."""

    at: datetime
    via: str
    until: date
    about: str = ""
    start: datetime | None = None
    window: Window | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The rep moved an action by hand: it stays there until it is overdue or moved again."""

    at: datetime
    via: str
    action: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The rep deleted the action's entry. It means nothing but a question: drop, or when?"""

    at: datetime
    via: str
    action: str
    kind: Kind | None = None
    title: str = ""
    steps: tuple[StepRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """The rep put a deleted entry back while it was asked about: its action stands again as it was."""

    at: datetime
    via: str
    action: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Text typed by the rep, kept verbatim. ``action``: the entry it was typed into."""

    at: datetime
    via: str
    text: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The rep typed an answer that cannot be understood. It changes nothing; the rep is asked once. ``among``: of a new follow-up whose
    title fits several prospects, how each of them can be told; ``action`` then names its entry. Without ``text`` it takes the question
    about that entry back.

    ``either``: things were understood that do not replace each other, in words; the first of them stands. ``others``: the rest, where
    they are agreements: the next one holds once the first is done or deleted, unless the rep has said something else by then."""

    at: datetime
    via: str
    text: str
    action: str = ""
    among: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    others: tuple[Promised, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopened:
    """Somebody agreed with a closed prospect anew: it is open again, with all that happened before. ``text``: the line as it was typed."""

    at: datetime
    via: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Two calendars told of a yes and a no to one action at the same moment: neither counts, and the rep is asked. The first one stands
    in the history as a Touched; this is the other. ``text``: both, in words."""

    at: datetime
    via: str
    action: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Another rep looks after the prospect from then on: ``taker`` in place of ``giver``, both by their keys in the config. ``until``: the
    last day of that, where the giver lives; then it returns by itself, which is no fact of its own. None: for good."""

    at: datetime
    via: str
    giver: str
    taker: str
    until: date | None = None


Entry = (
    Captured | Edited | Touched | Promised | Waiting | Moved | Dismissed | Restored | Noted | Unclear | Reopened | Contradicted | HandedOver
)
History = tuple[Entry, ...]
