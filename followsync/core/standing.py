"""History folded into where we stand with a prospect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from followsync.core import clocks
from followsync.core.fold import Fold
from followsync.core.history import (
    Contradicted,
    Dismissed,
    Entry,
    HandedOver,
    History,
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
from followsync.core.touches import closes
from followsync.core.turns import in_their_order


@dataclass(frozen=True, slots=True)
class Standing:
    """What the facts add up to.

    At most one of ``promise``, ``waiting``, ``question`` (a deleted entry: drop, or when?) and ``retry`` (the unanswered attempt to
    repeat) is open; ``opened`` is its action's id. ``origin``: the id of the action that was last settled or opened, from
    which what comes next follows.
    ``dropped``: the action whose entry was deleted, and which the open question is about, however often that question was deleted too.
    ``touched``: the last touch of each step occurrence. ``unsettled``: how often its entry was answered (an attempt) or deleted while
    the step is still to be done, so that it comes back as another action. ``attempted``: the attempts at each occurrence since it was
    touched last. ``kept``: touches of promises, of checks while we waited and of
    reasons, which replace the steps up to their day. ``asked``: a decide item was ticked without a decision. ``tries``: when each attempt
    was made, in a row since the last real contact. ``neutral``: attempts and touches in a row that brought nothing: no note, nothing
    learned, nothing agreed. ``answered``: the ids of all actions that were touched or whose entry was deleted. ``unclear``: an answer
    that could not be understood and that nothing has settled since, or agreements that wait; ``asking`` is the id of the question about it,
    beside whatever is open, "" where the rep does not want to be asked. ``others``: the agreements that wait, by the ids they have.
    ``checks``: the days on which we check that wait behind what is open, by the ids of their actions.
    ``given_up``: what is due on a date, and the action whose entry was deleted while something else was agreed.
    ``newsletter``: whether they want it, as the rep noted it since the field was filled in. ``handed``: the last time that another rep
    took over. ``doubted``: the actions for whose day a clock that was ahead stands, because it was agreed or chosen then, and as of when;
    ``deleted``: those whose entry was.
    """

    captured: datetime | None = None
    outcome: Result | None = None
    promise: Promised | None = None
    waiting: Waiting | None = None
    question: Dismissed | None = None
    retry: Touched | None = None
    asked: datetime | None = None
    tries: tuple[datetime, ...] = ()
    neutral: int = 0
    opened: str = ""
    origin: str = ""
    dropped: str = ""
    answered: frozenset[str] = frozenset()
    touched: Mapping[StepRef, Touched] = field(default_factory=dict)
    unsettled: Mapping[StepRef, int] = field(default_factory=dict)
    attempted: Mapping[StepRef, tuple[Touched, ...]] = field(default_factory=dict)
    kept: tuple[Touched, ...] = ()
    last_touch: datetime | None = None
    last_contact: datetime | None = None
    moved: Mapping[str, Moved] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unclear: Unclear | None = None
    asking: str = ""
    others: Mapping[str, Promised] = field(default_factory=dict)
    checks: Mapping[str, Waiting] = field(default_factory=dict)
    given_up: Mapping[StepRef, str] = field(default_factory=dict)
    newsletter: str = ""
    handed: HandedOver | None = None
    doubted: Mapping[str, datetime] = field(default_factory=dict)
    deleted: frozenset[str] = frozenset()

    @property
    def attempts(self) -> int:
        return len(self.tries)

    @property
    def agreements(self) -> Mapping[str, Promised]:
        """Everything that was agreed and is still to be done, by the ids of the actions; the promise comes first."""
        return {**({self.opened: self.promise} if self.promise else {}), **self.others}

    @property
    def waits(self) -> Mapping[str, Waiting]:
        """Every day on which we check, by the ids of the actions, the earliest first."""
        return in_their_order({**({self.opened: self.waiting} if self.waiting else {}), **self.checks})


def standing(prospect: Prospect, history: History, now: datetime | None = None) -> Standing:
    """Fold the whole history. An empty one gives a Standing without ``captured``. ``now``, in the rep's zone: what a clock told that was
    ahead counts as ``clocks`` says; without it all is as it was told, which does where it matters what is open, and not since when."""
    counted = clocks.counted(history, now) if now else clocks.Counted(history)
    fold = Fold(prospect.id, counted.told)
    for entry in corrected(counted.history):
        fold.add(entry)
    fold.end()
    return _frozen(fold)


def corrected(history: History) -> Iterator[Entry]:
    """Where an action was answered again, in the entry that records the answer, the last one holds; of the first its note is left, as of
    one that was contradicted. A prospect that was closed stays closed. Of two moves that two calendars told at the same moment the earlier
    one holds, whichever was read first."""
    held = _moves_that_hold(history)
    nothing = {(entry.action, entry.at) for entry in history if isinstance(entry, Contradicted)}
    last = {entry.action: entry for entry in history if isinstance(entry, Touched) and entry.action}
    for entry in history:
        replaced = isinstance(entry, Touched) and not closes(entry) and last.get(entry.action, entry) is not entry
        if isinstance(entry, Touched) and (replaced or (entry.action, entry.at) in nothing):
            yield Noted(entry.at, entry.via, entry.note, entry.action)
        elif not isinstance(entry, Moved) or held[entry.action, entry.at] is entry:
            yield entry


def _moves_that_hold(history: History) -> dict[tuple[str, datetime], Moved]:
    """Of those of one action and one moment, the last one that each calendar told, and of these the earliest."""
    told: dict[tuple[str, datetime], dict[str, Moved]] = {}
    for entry in history:
        if isinstance(entry, Moved):
            told.setdefault((entry.action, entry.at), {})[entry.via] = entry
    return {key: min(several.values(), key=lambda one: one.start) for key, several in told.items()}


@dataclass(frozen=True, slots=True)
class Agreements:
    """What is agreed after an entry, by the ids of the actions. ``stands``: the id of the one that stands; ``retry``: of the attempt to
    come. Both are "" where there is none."""

    open: Mapping[str, Promised]
    stands: str = ""
    retry: str = ""


def open_promises(prospect: Prospect, history: History, now: datetime | None = None) -> Iterator[tuple[Entry, Agreements]]:
    """Each entry, with what is agreed after it. ``now`` as in ``standing``."""
    counted = clocks.counted(history, now) if now else clocks.Counted(history)
    fold = Fold(prospect.id, counted.told)
    for entry in corrected(counted.history):
        fold.add(entry)
        yield entry, _agreements(fold)


def _agreements(fold: Fold) -> Agreements:
    turns = fold.turns
    stands = {turns.opened: turns.promise} if turns.promise else {}
    return Agreements(
        {**stands, **turns.others}, turns.opened if turns.promise else "", turns.opened if turns.retry and not turns.promise else ""
    )


def _frozen(fold: Fold) -> Standing:
    turns = fold.turns
    return Standing(
        captured=fold.captured,
        outcome=fold.outcome,
        promise=turns.promise,
        waiting=turns.waiting,
        question=turns.question,
        retry=turns.retry,
        asked=turns.asked,
        tries=tuple(turns.tries),
        neutral=fold.neutral,
        opened=turns.opened,
        origin=turns.origin,
        dropped=turns.dropped.action if turns.dropped else "",
        answered=frozenset(fold.answered),
        touched=fold.touched,
        unsettled=fold.unsettled,
        attempted=fold.attempted,
        kept=tuple(fold.kept),
        last_touch=fold.last_touch,
        last_contact=fold.last_contact,
        moved=fold.moved,
        notes=tuple(fold.notes),
        unclear=fold.questions.unclear,
        asking=fold.questions.asking,
        others=turns.others,
        checks=turns.checks,
        given_up=fold.given_up,
        newsletter=fold.newsletter,
        handed=fold.handed,
        doubted=dict(fold.doubted()),
        deleted=frozenset(fold.deleted),
    )
