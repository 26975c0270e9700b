"""What is open with a prospect, one thing at a time, and what waits for its turn behind that: other agreements, and days to check."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from followsync.core.history import Dismissed, Entry, Promised, Result, StepRef, Touched, Unclear, Waiting
from followsync.core.identity import action_id, action_of_other, what_is_agreed
from followsync.core.touches import is_due_on_a_date, origin_of, together, tried_at
from followsync.core.unclear import Questions


@dataclass(frozen=True, slots=True)
class Open:
    """What is open: before an entry was deleted, or while an agreement that waits is answered out of its turn."""

    promise: Promised | None
    waiting: Waiting | None
    question: Dismissed | None
    retry: Touched | None
    asked: datetime | None
    tries: tuple[datetime, ...]
    opened: str
    origin: str
    dropped: Dropped | None
    unclear: Unclear | None
    asking: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was open before its entry was deleted."""

    action: str
    steps: tuple[StepRef, ...]
    before: Open


@dataclass(frozen=True, slots=True)
class Told:
    """The last answer to something that was open: what is agreed at that moment came of it. ``promise``: what it was about, if that was
    agreed; ``aside``: what was open besides, where it was answered out of its turn."""

    touch: Touched
    promise: Promised | None
    aside: Open | None

    def brought(self, entry: Entry) -> bool:
        return (entry.at, entry.via) == (self.touch.at, self.touch.via)


class Turns:
    """Whose turn it is while the history is being folded. The names are those of a Standing. ``questions``: which of several agreements
    is meant is one of them, so those that wait stand there. ``ids``: of the agreements that stood. ``aside``: what was open, while one
    that waits is answered. ``checks``: they wait behind what is open."""

    def __init__(self, prospect: str, questions: Questions, ahead: Mapping[datetime, datetime]) -> None:
        self.prospect, self.questions, self.ahead = prospect, questions, ahead
        self.promise: Promised | None = None
        self.waiting: Waiting | None = None
        self.question: Dismissed | None = None
        self.retry: Touched | None = None
        self.asked: datetime | None = None
        self.tries: list[datetime] = []
        self.opened = self.origin = ""
        self.dropped: Dropped | None = None
        self.ids: dict[Promised, str] = {}
        self.aside: Open | None = None
        self.checks: dict[str, Waiting] = {}

    # --- what is open

    @property
    def is_open(self) -> bool:
        return any((self.promise, self.waiting, self.question, self.retry))

    def as_it_is(self) -> Open:
        return Open(
            self.promise,
            self.waiting,
            self.question,
            self.retry,
            self.asked,
            tuple(self.tries),
            self.opened,
            self.origin,
            self.dropped,
            self.questions.unclear,
            self.questions.asking,
        )

    def open(self, kind: str, *what: object) -> None:
        """The id says what it is and what it follows from, not when we heard of it: who reads the same calendar again with an older store
        comes to the same action, and finds its entry."""
        self.opened = self.origin = action_id(self.prospect, kind, self.origin, *what)

    def open_promise(self, promise: Promised) -> None:
        self.open("promise", *what_is_agreed(promise))
        self.ids[promise] = self.opened

    def ask(self, answered: Container[str]) -> None:
        """What was put back and is deleted once more is asked about anew: an answer to the first question is none to this one."""
        self.open("ask")
        while self.opened in answered:
            self.open("ask")

    def drop(self, entry: Dismissed) -> None:
        """The entry of what was open, or of something that was, is deleted: the rep is to be asked about that, and about nothing else."""
        again = self.dropped if self.dropped and entry.action == self.opened else None
        before = again or Dropped(entry.action, entry.steps, self.as_it_is())
        self.settle(entry.action)
        self.question, self.dropped = entry, before

    def settle(self, by: str = "") -> None:
        """Nothing is open any more; what comes next says what is. ``by``: the action that was answered or deleted."""
        self.promise = self.waiting = self.question = self.retry = self.asked = None
        self.tries, self.opened = [], ""
        self._wait(*self.questions.waiting)  # each of them was agreed
        self.dropped = None
        self.origin = by or self.origin

    def take_up(self, before: Open) -> None:
        """What was set aside is open again."""
        self.promise, self.waiting, self.question = before.promise, before.waiting, before.question
        self.retry, self.asked, self.tries = before.retry, before.asked, list(before.tries)
        self.opened, self.origin, self.dropped = before.opened, before.origin, before.dropped

    def agreed_since(self, action: str) -> bool:
        return (self.promise is not None or self.waiting is not None) and action not in ("", self.opened)

    def is_stale(self, touch: Touched) -> bool:
        """An entry that was no longer wanted is ticked after all: it happened, but it does not settle what was agreed since, nor the
        question about another entry, nor the retry of something else."""
        if touch.result not in (Result.DONE, Result.ATTEMPT):
            return False
        if touch.result is Result.DONE and self.retry is not None and touch.action not in ("", self.opened):
            return touch.action != self.retry.action and not set(touch.steps) & set(self.retry.steps)
        asked_since = self.question is not None and touch.action not in ("", self.opened)
        return asked_since or self.agreed_since(touch.action)

    # --- what waits

    @property
    def others(self) -> dict[str, Promised]:
        return {self._id_of(one): one for one in self.questions.waiting}

    def take_turn(self, action: str, steps: tuple[StepRef, ...] = ()) -> None:
        """An agreement that waited is answered itself: because its day came first, or because the rep was faster. Or what is due on a date
        is, beside what is agreed. What was open is set aside until that is settled."""
        others = self.questions.waiting
        if other := next((one for one in others if action and self._id_of(one) == action), None):
            self.questions.surface()
            self.aside = self.as_it_is()
            self._wait(*(one for one in others if one is not other))
            self._open_alone(action, promise=other)
        elif action in self.checks:
            self.aside = self.as_it_is() if self.is_open else None
            self._open_alone(action, waiting=self.checks.pop(action))
        elif is_due_on_a_date(steps) and self.agreed_since(action):
            self.aside = self.as_it_is()
            self._open_alone(action)

    def hold_the_next(self) -> None:
        """The first of several agreements is done, or its entry was deleted. The next one's id is that of when it stood before, or of the
        agreement alone: its entry may stand there already."""
        self.promise, *others = self.questions.waiting
        self.opened = self.origin = self._id_of(self.promise)
        self._wait(*others)

    def go_on(self, result: Result) -> bool:
        """One of several agreements is settled. Where it was answered out of its turn, the others are what they were; a promise that stood
        waits where something new was agreed, for that is told next. Answers whether the next of them stands now."""
        aside, waiting = self.aside, self.questions.waiting
        if aside and aside.promise and result is Result.NEXT:
            self._set_behind(aside.promise, aside.opened)
        elif aside and aside.waiting and result is Result.NEXT:
            self.checks[aside.opened] = aside.waiting
        elif aside:
            self.take_up(aside)
        elif waiting and result is Result.DONE:
            self.hold_the_next()
            return True
        return False

    def _wait(self, *others: Promised) -> None:
        self.questions.wait(others, (self.aside.unclear, self.aside.asking) if self.aside else (None, ""))

    def _set_behind(self, promise: Promised, action: str) -> None:
        """It waits, before the others that do."""
        self.ids[promise] = action
        self._wait(promise, *self.questions.waiting)

    def _id_of(self, waiting: Promised) -> str:
        return self.ids.get(waiting) or action_of_other(self.prospect, waiting)

    def _open_alone(self, action: str, promise: Promised | None = None, waiting: Waiting | None = None) -> None:
        self.question = self.retry = self.asked = self.dropped = None
        self.promise, self.waiting, self.tries = promise, waiting, []
        self.opened = self.origin = action

    # --- days to check

    def wait_for_them(self, entry: Waiting, told: Told | None) -> None:
        """What it was ``told`` of is settled by it, and nothing else: where something else is open, the check waits behind that."""
        if told and told.aside:
            self._take_up_all_but(told.promise, told.aside)
        if told and (told.aside or (self.promise and self.promise is not told.promise)):
            self.checks[action_id(self.prospect, "check", origin_of(told.touch, self.ahead), entry.until)] = entry
        else:
            self.settle()
            self.waiting = entry
            self.open("check", entry.until)

    def check_beside(self, entry: Waiting) -> None:
        """It was said of something else than what is open, and waits behind that."""
        self.checks[action_id(self.prospect, "check", "beside", entry.until)] = entry

    def agree_too(self, answered: Touched) -> None:
        """The check that was told elsewhere of the same answer waits behind what is agreed next."""
        if self.waiting:
            self.checks[self.opened] = self.waiting
            self.origin = origin_of(answered, self.ahead)

    def _take_up_all_but(self, settled: Promised | None, aside: Open) -> None:
        """What was open when ``settled`` was answered out of its turn is open again, though an attempt came between."""
        others = [one for one in self.questions.waiting if one is not settled and one is not aside.promise]
        self.take_up(aside)
        self._wait(*others)

    def check_at_last(self) -> None:
        """Nothing stands before the checks any more: the earliest is what is open."""
        if self.checks and not self.is_open:
            action = next(iter(in_their_order(self.checks)))
            self._open_alone(action, waiting=self.checks.pop(action))

    # --- what is tried again

    def try_again(self, touch: Touched, before: Open) -> None:
        """An attempt settles nothing: the same thing is tried again, together with what was to be tried before."""
        first, aside = before.retry, self.aside
        whole = first is None or (touch.action == before.opened and set(touch.steps) >= set(first.steps))
        self.retry = touch if first is None or whole else together(first, touch)
        self.tries = [*before.tries, tried_at(touch)]
        self.open("retry")
        if aside and aside.promise:
            self._set_behind(aside.promise, aside.opened)
        elif aside and aside.waiting:
            self.checks[aside.opened] = aside.waiting

    def promised_still(self, promise: Promised, touch: Touched, tries: tuple[datetime, ...]) -> str:
        """Its id, which is that of the same agreement, made anew after the attempt."""
        self.open("retry")
        self.open_promise(promise)
        action = self.opened
        if self.aside:
            self.take_up(self.aside)
            self._set_behind(promise, action)
        else:
            self.promise, self.tries = promise, [*tries, tried_at(touch)]
        return action


def in_their_order(checks: Mapping[str, Waiting]) -> dict[str, Waiting]:
    """The earliest first."""
    return dict(sorted(checks.items(), key=_when_to_check))


def _when_to_check(one: tuple[str, Waiting]) -> tuple[date, str]:
    return one[1].until, one[0]
