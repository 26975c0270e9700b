"""History folded into where we stand with a prospect."""

from __future__ import annotations

from base64 import b32hexencode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import assert_never

from followsync.core import newsletter
from followsync.core.history import (
    Captured,
    Contradicted,
    Dismissed,
    Edited,
    Entry,
    HandedOver,
    History,
    Kind,
    Moved,
    Noted,
    Promised,
    Reopened,
    Restored,
    Result,
    StepRef,
    Touched,
    Unclear,
    Waiting,
)
from followsync.core.prospect import Prospect

_LEARNED = frozenset({"learned", "close_step"})  # fields that hold what a touch brought


def action_id(prospect: str, *key: object) -> str:
    """26 characters of 0-9a-v, the same on every machine: what an action is, not when it was computed."""
    digest = sha256("\x1f".join([prospect, *map(str, key)]).encode()).digest()
    return b32hexencode(digest).decode().lower()[:26]


def action_of_other(prospect: str, promise: Promised) -> str:
    """The id of an agreement that waits until another one is done (``Unclear.others``)."""
    return action_id(prospect, "other", promise.method, promise.day, promise.start and _utc(promise.start), promise.purpose)


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
    ``newsletter``: whether they want it, as the rep noted it since the field was filled in. ``handed``: the last time that another rep
    took over.
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
    newsletter: str = ""
    handed: HandedOver | None = None

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
        every = {**({self.opened: self.waiting} if self.waiting else {}), **self.checks}
        return dict(sorted(every.items(), key=_when_to_check))


def _when_to_check(one: tuple[str, Waiting]) -> tuple[date, str]:
    return one[1].until, one[0]


def standing(prospect: Prospect, history: History) -> Standing:
    """Fold the whole history. An empty one gives a Standing without ``captured``."""
    fold = _Fold(prospect.id)
    for entry in corrected(history):
        fold.add(entry)
    return fold.frozen()


def corrected(history: History) -> Iterator[Entry]:
    """Where an action was answered again, in the entry that records the answer, the last one holds; of the first its note is left, as of
    one that was contradicted. A prospect that was closed stays closed. Of two moves that two calendars told at the same moment the earlier
    one holds, whichever was read first."""
    held = _moves_that_hold(history)
    nothing = {(entry.action, entry.at) for entry in history if isinstance(entry, Contradicted)}
    last = {entry.action: entry for entry in history if isinstance(entry, Touched) and entry.action}
    for entry in history:
        replaced = isinstance(entry, Touched) and not _closes(entry) and last.get(entry.action, entry) is not entry
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


def _closes(touch: Touched) -> bool:
    return touch.result in (Result.YES, Result.NO)


@dataclass(frozen=True, slots=True)
class _Open:
    """What is open: before an entry was deleted, or while an agreement that waits is answered out of its turn."""

    promise: Promised | None
    waiting: Waiting | None
    question: Dismissed | None
    retry: Touched | None
    asked: datetime | None
    tries: tuple[datetime, ...]
    opened: str
    origin: str
    dropped: _Dropped | None
    unclear: Unclear | None
    asking: str


@dataclass(frozen=True, slots=True)
class _Dropped:
    """What was open before its entry was deleted."""

    action: str
    steps: tuple[StepRef, ...]
    before: _Open


_Question = tuple[Unclear, str]
"""What was not understood, and the id under which the rep is asked."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The last answer to something that was open: what is agreed at that moment came of it. ``promise``: what it was about, if that was
    agreed; ``aside``: what was open besides, where it was answered out of its turn."""

    touch: Touched
    promise: Promised | None
    aside: _Open | None

    def brought(self, entry: Entry) -> bool:
        return (entry.at, entry.via) == (self.touch.at, self.touch.via)


@dataclass(frozen=True, slots=True)
class Agreements:
    """What is agreed after an entry, by the ids of the actions. ``stands``: the id of the one that stands; ``retry``: of the attempt to
    come. Both are "" where there is none."""

    open: Mapping[str, Promised]
    stands: str = ""
    retry: str = ""


def open_promises(prospect: Prospect, history: History) -> Iterator[tuple[Entry, Agreements]]:
    """Each entry, with what is agreed after it."""
    fold = _Fold(prospect.id)
    for entry in corrected(history):
        fold.add(entry)
        yield entry, fold.agreements()


class _Fold:
    """A Standing while it is being added up; it never leaves this module. (Replacing a frozen one at each of 100,000 entries took eight
    seconds, this takes one.)"""

    def __init__(self, prospect: str) -> None:
        self.prospect = prospect
        self.captured: datetime | None = None
        self.outcome: Result | None = None
        self.promise: Promised | None = None
        self.waiting: Waiting | None = None
        self.question: Dismissed | None = None
        self.retry: Touched | None = None
        self.asked: datetime | None = None
        self.tries: list[datetime] = []
        self.neutral = 0
        self.opened = self.origin = ""
        self.dropped: _Dropped | None = None
        self.answered: set[str] = set()
        self.touched: dict[StepRef, Touched] = {}
        self.unsettled: dict[StepRef, int] = {}
        self.attempted: dict[StepRef, tuple[Touched, ...]] = {}
        self.kept: list[Touched] = []
        self.last_touch: datetime | None = None
        self.last_contact: datetime | None = None
        self.moved: dict[str, Moved] = {}
        self.notes: list[str] = []
        self.unclear: Unclear | None = None
        self.asking = ""
        self.below: tuple[Unclear, str] | None = None  # the question about agreements that wait, while something else is asked
        self.newsletter = ""
        self.handed: HandedOver | None = None
        self.ids: dict[Promised, str] = {}  # of the agreements that stood
        self.aside: _Open | None = None  # while one that waits is answered
        self.checks: dict[str, Waiting] = {}  # that wait behind what is open
        self.told: _Told | None = None
        self.later: list[_Question] = []  # about other entries, to be asked after the one that stands

    def frozen(self) -> Standing:
        self._check_at_last()
        return Standing(
            captured=self.captured,
            outcome=self.outcome,
            promise=self.promise,
            waiting=self.waiting,
            question=self.question,
            retry=self.retry,
            asked=self.asked,
            tries=tuple(self.tries),
            neutral=self.neutral,
            opened=self.opened,
            origin=self.origin,
            dropped=self.dropped.action if self.dropped else "",
            answered=frozenset(self.answered),
            touched=self.touched,
            unsettled=self.unsettled,
            attempted=self.attempted,
            kept=tuple(self.kept),
            last_touch=self.last_touch,
            last_contact=self.last_contact,
            moved=self.moved,
            notes=tuple(self.notes),
            unclear=self.unclear,
            asking=self.asking,
            others=self._others(),
            checks=self.checks,
            newsletter=self.newsletter,
            handed=self.handed,
        )

    def agreements(self) -> Agreements:
        stands = {self.opened: self.promise} if self.promise else {}
        return Agreements(
            {**stands, **self._others()}, self.opened if self.promise else "", self.opened if self.retry and not self.promise else ""
        )

    def _others(self) -> dict[str, Promised]:
        return {self._id_of(one): one for one in self._waiting()}

    def _waiting(self) -> tuple[Promised, ...]:
        """The agreements that wait for their turn, whatever is asked."""
        about = self.below[0] if self.below else self.unclear
        return about.others if about else ()

    def add(self, entry: Entry) -> None:
        self.aside = None
        if not (self.told and self.told.brought(entry)):
            self._check_at_last()
        before = (self.unclear, self.asking) if self.unclear and self.asking and not self.unclear.others else None
        self._take(entry)
        if before or self.later:
            self._ask_still(before, entry)

    def _take(self, entry: Entry) -> None:
        match entry:
            case Captured():
                self.captured = self.captured or entry.at
            case Touched():
                about = self.promise if entry.action in ("", self.opened) else self._others().get(entry.action)
                self._take_turn(entry.action)
                if entry.action in ("", self.opened) and not entry.beside:
                    self.told = _Told(entry, about, self.aside)
                self._touch(entry)
            case Promised() if self.promise and _same_agreement(self.promise, entry):
                self.promise = entry
            case Promised():
                self._settle()
                self.promise, self.neutral = entry, 0
                self._open_promise(entry)
            case Waiting():
                self._wait_for_them(entry)
            case Dismissed():
                self._take_turn(entry.action)
                self._dismiss(entry)
            case Restored():
                self._restore(entry.action)
            case Moved():
                self.moved[entry.action] = entry
            case Noted():
                self._note(entry.text)
            case Unclear(text="", action=action):
                if self.unclear and self.unclear.action == action:
                    self.unclear, self.asking = None, ""
                    self._surface()  # what waits below is no part of what is taken back
                elif self.below and self.below[0].action == action:
                    self.below = None
            case Unclear():
                self._ask_what(entry)
            case Contradicted():
                self._note(entry.note)
                self._ask_what(Unclear(entry.at, entry.via, entry.text, entry.action))
            case Reopened():
                self._settle()
                self.checks.clear()
                self.outcome, self.neutral = None, 0
            case HandedOver():
                self.handed = entry
            case Edited():
                if entry.changes.keys() & _LEARNED:
                    self.neutral = 0
                if newsletter.NEWSLETTER in entry.changes:
                    self.newsletter = ""
            case _:
                assert_never(entry)

    def _open(self, kind: str, *what: object) -> None:
        """The id says what it is and what it follows from, not when we heard of it: who reads the same calendar again with an older store
        comes to the same action, and finds its entry."""
        self.opened = self.origin = action_id(self.prospect, kind, self.origin, *what)

    def _ask(self) -> None:
        """What was put back and is deleted once more is asked about anew: an answer to the first question is none to this one."""
        self._open("ask")
        while self.opened in self.answered:
            self._open("ask")

    def _wait(self, *others: Promised) -> None:
        """Those are the agreements that wait, and what the question is about; without any nobody is asked."""
        self._surface()
        if self.unclear is None and self.aside:
            self.unclear, self.asking = self.aside.unclear, self.aside.asking
        if others and self.unclear is None:  # agreed in the check beside a promise: nobody has to be asked which is meant
            self.unclear, self.asking = Unclear(others[0].at, others[0].via, ""), ""
        self.unclear = replace(self.unclear, others=others) if self.unclear and others else None
        self.asking = self.asking if self.unclear else ""

    def _hold_the_next(self) -> None:
        """The first of several agreements is done, or its entry was deleted. The next one's id is that of when it stood before, or of the
        agreement alone: its entry may stand there already."""
        self.promise, *others = self._waiting()
        self.neutral = 0
        self.opened = self.origin = self._id_of(self.promise)
        self._wait(*others)

    def _take_turn(self, action: str) -> None:
        """An agreement that waited is answered itself: because its day came first, or because the rep was faster. What was open is set
        aside until that is settled."""
        others = self._waiting()
        if other := next((one for one in others if action and self._id_of(one) == action), None):
            self._surface()
            self.aside = self._what_is_open()
            self._wait(*(one for one in others if one is not other))
            self._open_alone(action, promise=other)
        elif action in self.checks:
            self.aside = self._what_is_open() if self._is_open() else None
            self._open_alone(action, waiting=self.checks.pop(action))

    def _open_alone(self, action: str, promise: Promised | None = None, waiting: Waiting | None = None) -> None:
        self.question = self.retry = self.asked = self.dropped = None
        self.promise, self.waiting, self.tries = promise, waiting, []
        self.opened = self.origin = action

    def _is_open(self) -> bool:
        return any((self.promise, self.waiting, self.question, self.retry))

    def _wait_for_them(self, entry: Waiting) -> None:
        """What it was told of is settled by it, and nothing else: where something else is open, the check waits behind that."""
        told = self.told if self.told and self.told.brought(entry) else None
        self.neutral = 0
        if told and told.aside:
            self._take_up_all_but(told.promise, told.aside)
        if told and (told.aside or (self.promise and self.promise is not told.promise)):
            self.checks[action_id(self.prospect, "check", _origin(told.touch), entry.until)] = entry
        else:
            self._settle()
            self.waiting = entry
            self._open("check", entry.until)

    def _take_up_all_but(self, settled: Promised | None, aside: _Open) -> None:
        """What was open when ``settled`` was answered out of its turn is open again, though an attempt came between."""
        others = [one for one in self._waiting() if one is not settled and one is not aside.promise]
        self._take_up(aside)
        self._wait(*others)

    def _check_at_last(self) -> None:
        """Nothing stands before the checks any more: the earliest is what is open."""
        if self.checks and self.outcome is None and not self._is_open():
            action, _ = min(self.checks.items(), key=_when_to_check)
            self._open_alone(action, waiting=self.checks.pop(action))

    def _take_up(self, before: _Open) -> None:
        """What was set aside is open again."""
        self.promise, self.waiting, self.question = before.promise, before.waiting, before.question
        self.retry, self.asked, self.tries = before.retry, before.asked, list(before.tries)
        self.opened, self.origin, self.dropped = before.opened, before.origin, before.dropped

    def _go_on(self, result: Result) -> None:
        """One of several agreements is settled. Where it was answered out of its turn, the others are what they were; a promise that stood
        waits where something new was agreed, for that is told next."""
        aside, waiting = self.aside, self._waiting()
        if aside and aside.promise and result is Result.NEXT:
            self._set_behind(aside.promise, aside.opened)
        elif aside and aside.waiting and result is Result.NEXT:
            self.checks[aside.opened] = aside.waiting
        elif aside:
            self._take_up(aside)
        elif waiting and result is Result.DONE:
            self._hold_the_next()

    def _set_behind(self, promise: Promised, action: str) -> None:
        """It waits, before the others that do."""
        self.ids[promise] = action
        self._wait(promise, *self._waiting())

    def _what_is_open(self) -> _Open:
        return _Open(
            self.promise,
            self.waiting,
            self.question,
            self.retry,
            self.asked,
            tuple(self.tries),
            self.opened,
            self.origin,
            self.dropped,
            self.unclear,
            self.asking,
        )

    def _id_of(self, waiting: Promised) -> str:
        return self.ids.get(waiting) or action_of_other(self.prospect, waiting)

    def _ask_what(self, asked: Unclear) -> None:
        """What waits goes on waiting while something else is asked, and is asked about again after that."""
        if asked.others:
            self.below = None
        elif self.unclear and self.unclear.others:
            self.below = self.unclear, self.asking
        elif self.unclear and self.asking and self.unclear.action != asked.action:
            self.later.append((self.unclear, self.asking))
        self.unclear, self.asking = asked, action_id(self.prospect, "unclear", asked.action, asked.text)

    def _ask_still(self, before: _Question | None, entry: Entry) -> None:
        """A question stands until it is answered: what settles something else settles no question. One at a time is asked."""
        left = [one for one in (*self.later, *([before] if before else [])) if not self._is_answered(one, entry)]
        asked = (self.unclear, self.asking) if self.unclear and not self.unclear.others else None
        self.later = [one for one in left if one is not before and one[0].action != (asked[0].action if asked else None)]
        if asked is None and left:
            self.below = (self.unclear, self.asking) if self.unclear else self.below
            self.unclear, self.asking = left[-1]
            self.later = left[:-1]

    def _is_answered(self, question: _Question, entry: Entry) -> bool:
        about, asking = question
        match entry:
            case Touched(beside=False):
                return _closes(entry) or entry.action in ("", about.action, asking)
            case Dismissed(action=action):
                return action in (about.action, asking)
            case Unclear(text="", action=action):
                return action == about.action
            case Promised() | Waiting():  # said without an answer to an entry it is one to the question
                return not (self.told and self.told.brought(entry))
            case _:
                return isinstance(entry, Reopened)

    def _surface(self) -> None:
        """What was asked meanwhile is settled."""
        if self.below:
            (self.unclear, self.asking), self.below = self.below, None

    def _settle(self, by: str = "") -> None:
        """Nothing is open any more; what comes next says what is. ``by``: the action that was answered or deleted."""
        self.promise = self.waiting = self.question = self.retry = self.asked = None
        self.tries, self.opened = [], ""
        self._wait(*self._waiting())  # each of them was agreed
        self.dropped = None
        self.origin = by or self.origin

    def _note(self, text: str) -> None:
        if text:
            self.notes.append(text)
            self.newsletter = newsletter.noted(text) or self.newsletter
            self.neutral = 0

    def _dismiss(self, entry: Dismissed) -> None:
        self.answered.add(entry.action)
        if entry.action == self.asking:  # who deletes the question does not want to be asked
            self.unclear, self.asking = self.unclear if self.unclear and self.unclear.others else None, ""
            self._surface()
            return
        self._unsettle(entry.steps)
        if self.aside:
            aside = self.aside
            self._settle(entry.action)
            self._take_up(aside)
        elif self._waiting() and self.promise and entry.action == self.opened:
            self._settle(entry.action)
            self._hold_the_next()
        elif not self._agreed_since(entry.action):
            again = self.dropped if self.dropped and entry.action == self.opened else None
            before = again or _Dropped(entry.action, entry.steps, self._what_is_open())
            self._settle(entry.action)
            self.question, self.dropped = entry, before
            self._ask()

    def _restore(self, action: str) -> None:
        """The question about it is answered by the entry itself. Where something else was said since, nothing is."""
        before = self.dropped
        if before is None or before.action != action:
            return
        self._settle(before.before.origin)
        self._take_up(before.before)
        self.answered.discard(action)
        for step in before.steps:
            self.unsettled[step] -= 1

    def _unsettle(self, steps: tuple[StepRef, ...]) -> None:
        for step in steps:
            self.unsettled[step] = self.unsettled.get(step, 0) + 1

    def _touch(self, touch: Touched) -> None:
        if touch.beside:
            self._note(touch.note)
            return
        if touch.kind is not Kind.DECIDE:  # ticking a question touches nobody
            self.neutral = self.neutral + 1 if _is_neutral(touch) else 0
        self._note(touch.note)
        self.last_touch = touch.at
        if _replaces_steps(touch) or (self.waiting and touch.action in ("", self.opened)):
            self.kept.append(touch)
        if touch.action:
            self.answered.add(touch.action)
        attempt = touch.result is Result.ATTEMPT
        if touch.action and touch.action == self.asking and (attempt or touch.result is Result.DONE):
            self.unclear = self.unclear and replace(self.unclear, at=touch.at)  # asked again, the next working morning
            self.asking = action_id(self.prospect, "unclear", touch.action)
        elif touch.kind is Kind.DECIDE and (attempt or touch.result is Result.DONE):
            # Ticking the question is not an answer. A question about a deleted entry stays that question, as a new entry.
            self.asked = touch.at
            self.origin = _origin(touch)
            if self.question:
                self._ask()
        elif self._is_stale(touch):
            self._contact(touch, settles=not attempt)
        elif attempt:
            self._attempt(touch)
        else:
            if _closes(touch) or touch.action == self.asking:
                self.unclear, self.asking = None, ""
            if rest := self._left_of_retry(touch):
                self._contact(touch, settles=True)
                self.retry, self.origin = rest, _origin(touch)
                several = {tried_at(one) for step in rest.steps for one in self.attempted.get(step, ())}
                self.tries = [moment for moment in self.tries if moment in several]
                self._open("retry")
                return
            self._settle(_origin(touch))
            self._contact(touch, settles=True)
            if _closes(touch):
                self.outcome = touch.result
                self.checks.clear()
            else:
                self._go_on(touch.result)

    def _left_of_retry(self, touch: Touched) -> Touched | None:
        """What else is to be tried again, where only a part of it was, by turns or up to the rep's limit, and that part is done now."""
        if self.retry is None or self.promise or touch.result is not Result.DONE or touch.action not in ("", self.opened):
            return None
        left = tuple(step for step in self.retry.steps if step not in touch.steps)
        return replace(self.retry, steps=left) if touch.steps and left else None

    def _contact(self, touch: Touched, *, settles: bool) -> None:
        if settles:
            self.last_contact = touch.at
            self.touched.update(dict.fromkeys(touch.steps, touch))
            for step in touch.steps:
                self.attempted.pop(step, None)

    def _attempt(self, touch: Touched) -> None:
        """An attempt settles nothing: the same thing is tried again, and what counts from it waits. What was promised for a day that is
        still to come stands for that day, as another action: the entry of the first one is a record by now."""
        promise, aside = self.promise, self.aside
        open_before = aside if aside and aside.retry else self._what_is_open()
        self._unsettle(touch.steps)
        for step in touch.steps:
            self.attempted[step] = (*self.attempted.get(step, ()), touch)
        self._settle(_origin(touch))
        if promise and touch.early:
            self._promised_still(promise, touch, open_before.tries)
        else:
            before = open_before.retry
            whole = before is None or (touch.action == open_before.opened and set(touch.steps) >= set(before.steps))
            self.retry = touch if before is None or whole else _together(before, touch)
            self.tries = [*open_before.tries, tried_at(touch)]
            self._open("retry")
            if aside and aside.promise:
                self._set_behind(aside.promise, aside.opened)

    def _promised_still(self, promise: Promised, touch: Touched, tries: tuple[datetime, ...]) -> None:
        """Its id is that of the same agreement, made anew after the attempt. It stays where the rep put it, if that is still to come."""
        self._open("retry")
        self._open_promise(promise)
        moved = self.moved.get(touch.action)
        if moved and moved.start > touch.at:
            self.moved[self.opened] = replace(moved, action=self.opened)
        if self.aside:
            action = self.opened
            self._take_up(self.aside)
            self._set_behind(promise, action)
        else:
            self.promise, self.tries = promise, [*tries, tried_at(touch)]

    def _open_promise(self, promise: Promised) -> None:
        self._open("promise", promise.method, promise.day, promise.start and _utc(promise.start), promise.purpose)
        self.ids[promise] = self.opened

    def _is_stale(self, touch: Touched) -> bool:
        """An entry that was no longer wanted is ticked after all: it happened, but it does not settle what was agreed since, nor the
        question about another entry, nor the retry of something else."""
        if touch.result not in (Result.DONE, Result.ATTEMPT):
            return False
        if touch.result is Result.DONE and self.retry is not None and touch.action not in ("", self.opened):
            return touch.action != self.retry.action and not set(touch.steps) & set(self.retry.steps)
        asked_since = self.question is not None and touch.action not in ("", self.opened)
        return asked_since or self._agreed_since(touch.action)

    def _agreed_since(self, action: str) -> bool:
        return (self.promise is not None or self.waiting is not None) and action not in ("", self.opened)


def _origin(touch: Touched) -> str:
    return touch.action or _utc(touch.at)


def tried_at(touch: Touched) -> datetime:
    """When it was tried: where it stood says so, unless the rep tried earlier than that."""
    return touch.start if touch.start and touch.start <= touch.at else touch.at


def how_tried(touch: Touched) -> str:
    """What came of an attempt: "no answer", or what the rep said of it ("left message")."""
    return touch.recap.get("attempt") or "no answer"


def left_message(touch: Touched) -> bool:
    """Whether an attempt left word; a voicemail does."""
    return how_tried(touch) in ("left message", "voicemail")


def _is_neutral(touch: Touched) -> bool:
    learned = any(value for name, value in touch.recap.items() if name != "attempt")
    return touch.result in (Result.ATTEMPT, Result.DONE) and not touch.note and not learned


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _same_agreement(before: Promised, after: Promised) -> bool:
    """Only what the meeting is about was edited: it is the same action still, where the rep put it and with what they wrote there."""
    about = replace(after, agenda=before.agenda, questions=before.questions, they_know=before.they_know)
    return about != after and replace(about, at=before.at, via=before.via) == before


def _together(before: Touched, touch: Touched) -> Touched:
    """Another step was tried while the retry of a first one is still to come: from now on they are tried as one, or by turns."""
    if touch.steps and set(touch.steps) <= set(before.steps):
        return replace(touch, purpose=before.purpose, agenda=before.agenda, questions=before.questions, steps=before.steps)
    return replace(
        touch,
        purpose=" and ".join(dict.fromkeys(filter(None, (before.purpose, touch.purpose)))),
        agenda=tuple(dict.fromkeys((*before.agenda, *touch.agenda))),
        questions=tuple(dict.fromkeys((*before.questions, *touch.questions))),
        steps=tuple(dict.fromkeys((*before.steps, *touch.steps))),
    )


def _replaces_steps(touch: Touched) -> bool:
    return touch.kind is Kind.PROMISE or any(step.cadence.startswith("reason:") for step in touch.steps)
