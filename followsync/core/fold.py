"""The history, entry by entry: what each of them settles, opens and adds (see standing.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from followsync.core import newsletter
from followsync.core.history import (
    Captured,
    Contradicted,
    Dismissed,
    Edited,
    Entry,
    HandedOver,
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
from followsync.core.touches import at_once, closes, is_neutral, origin_of, replaces_steps, tried_at
from followsync.core.turns import Told, Turns
from followsync.core.unclear import Questions

_LEARNED = frozenset({"learned", "close_step"})  # fields that hold what a touch brought


class Fold:
    """A Standing while it is being added up; the names are that one's. (Replacing a frozen one at each of 100,000 entries took eight
    seconds, this takes one.) ``ahead``: moments of what a clock told that was ahead -> the moment that it told."""

    def __init__(self, prospect: str, ahead: Mapping[datetime, datetime]) -> None:
        self.ahead = ahead
        self.questions = Questions(prospect)
        self.turns = Turns(prospect, self.questions, ahead)
        self.captured: datetime | None = None
        self.outcome: Result | None = None
        self.neutral = 0
        self.answered: set[str] = set()
        self.deleted: set[str] = set()
        self.touched: dict[StepRef, Touched] = {}
        self.unsettled: dict[StepRef, int] = {}
        self.attempted: dict[StepRef, tuple[Touched, ...]] = {}
        self.kept: list[Touched] = []
        self.given_up: dict[StepRef, str] = {}
        self.last_touch: datetime | None = None
        self.last_contact: datetime | None = None
        self.moved: dict[str, Moved] = {}
        self.notes: list[str] = []
        self.newsletter = ""
        self.handed: HandedOver | None = None
        self.told: Told | None = None

    def add(self, entry: Entry) -> None:
        self.turns.aside = None
        if not self._was_told(entry):
            self.end()
        before = self.questions.asked
        self._take(entry)
        if before or self.questions.later:
            self.questions.ask_still(before, entry, told=self._was_told(entry))

    def end(self) -> None:
        """Nothing more was told at that moment."""
        if self.outcome is None:
            self.turns.check_at_last()

    def doubted(self) -> Iterator[tuple[str, datetime]]:
        """By the rep's last word on the day: where they put it, else what was agreed."""
        turns = self.turns
        said = {turns.opened: turns.promise or turns.waiting, **turns.others, **turns.checks, **self.moved}
        for action, one in said.items() if self.ahead else ():
            if one and one.at in self.ahead:
                yield action, one.at

    def _was_told(self, entry: Entry) -> bool:
        """With the last answer."""
        return self.told is not None and self.told.brought(entry)

    def _take(self, entry: Entry) -> None:
        turns = self.turns
        match entry:
            case Captured():
                self.captured = self.captured or entry.at
            case Touched():
                about = turns.promise if entry.action in ("", turns.opened) else turns.others.get(entry.action)
                turns.take_turn(entry.action, () if entry.beside else entry.steps)
                if entry.action in ("", turns.opened) and not entry.beside:
                    self.told = Told(entry, about, turns.aside)
                self._touch(entry)
            case Promised() if turns.promise and _same_agreement(turns.promise, entry):
                turns.promise = entry
            case Promised():
                if self.told and turns.waiting and (entry.beside or at_once(turns.waiting, entry)):
                    turns.agree_too(self.told.touch)
                turns.settle()
                turns.promise, self.neutral = entry, 0
                turns.open_promise(entry)
            case Waiting():
                self.neutral = 0
                if entry.beside and turns.is_open:
                    turns.check_beside(entry)
                else:
                    turns.wait_for_them(entry, self.told if self._was_told(entry) else None)
            case Dismissed():
                turns.take_turn(entry.action, entry.steps)
                self._dismiss(entry)
            case Restored():
                self._restore(entry.action)
            case Moved():
                self.moved[entry.action] = entry
            case Noted():
                self._note(entry.text)
            case Unclear(text="", action=action):
                self.questions.take_back(action)
            case Unclear():
                self.questions.ask(entry)
            case Contradicted():
                self._note(entry.note)
                self.questions.ask(Unclear(entry.at, entry.via, entry.text, entry.action))
            case Reopened():
                turns.settle()
                turns.checks.clear()
                self.outcome, self.neutral = None, 0
            case HandedOver():
                self.handed = entry
            case Edited():
                if entry.changes.keys() & _LEARNED:
                    self.neutral = 0
                for step in [one for one in self.given_up if one.cadence.removeprefix("date:") in entry.changes]:
                    del self.given_up[step]
                if newsletter.NEWSLETTER in entry.changes:
                    self.newsletter = ""
            case _:
                assert_never(entry)

    def _note(self, text: str) -> None:
        if text:
            self.notes.append(text)
            self.newsletter = newsletter.noted(text) or self.newsletter
            self.neutral = 0

    # --- an entry that was deleted, or put back

    def _dismiss(self, entry: Dismissed) -> None:
        turns = self.turns
        self.answered.add(entry.action)
        self.deleted.add(entry.action)
        if entry.action == self.questions.asking:
            self.questions.dismiss()
            return
        self._unsettle(entry.steps)
        if turns.aside:
            aside = turns.aside
            self.given_up.update(dict.fromkeys(entry.steps, entry.action))
            turns.settle(entry.action)
            turns.take_up(aside)
        elif self.questions.waiting and turns.promise and entry.action == turns.opened:
            turns.settle(entry.action)
            turns.hold_the_next()
            self.neutral = 0
        elif not turns.agreed_since(entry.action):
            turns.drop(entry)
            turns.ask(self.answered)

    def _restore(self, action: str) -> None:
        """The question about it is answered by the entry itself. Where something else was said since, nothing is."""
        if steps := [step for step, given_up in self.given_up.items() if given_up == action]:
            self.answered.discard(action)
            for step in steps:
                self.unsettled[step] -= 1
                del self.given_up[step]
            return
        before = self.turns.dropped
        if before is None or before.action != action:
            return
        self.turns.settle(before.before.origin)
        self.turns.take_up(before.before)
        self.answered.discard(action)
        for step in before.steps:
            self.unsettled[step] -= 1

    def _unsettle(self, steps: tuple[StepRef, ...]) -> None:
        for step in steps:
            self.unsettled[step] = self.unsettled.get(step, 0) + 1

    # --- an answer

    def _touch(self, touch: Touched) -> None:
        if touch.beside:
            self._note(touch.note)
            return
        turns, asking = self.turns, self.questions.asking
        self._count(touch)
        attempt = touch.result is Result.ATTEMPT
        if touch.action and touch.action == asking and (attempt or touch.result is Result.DONE):
            self.questions.ask_again(touch)
        elif touch.kind is Kind.DECIDE and (attempt or touch.result is Result.DONE):
            # Ticking the question is not an answer. A question about a deleted entry stays that question, as a new entry.
            turns.asked = touch.at
            turns.origin = origin_of(touch, self.ahead)
            if turns.question:
                turns.ask(self.answered)
        elif turns.is_stale(touch):
            self._contact(touch, settles=not attempt)
        elif attempt:
            self._attempt(touch)
        else:
            if closes(touch) or touch.action == asking:
                self.questions.settle()
            if rest := self._left_of_retry(touch):
                self._contact(touch, settles=True)
                turns.retry, turns.origin = rest, origin_of(touch, self.ahead)
                several = {tried_at(one) for step in rest.steps for one in self.attempted.get(step, ())}
                turns.tries = [moment for moment in turns.tries if moment in several]
                turns.open("retry")
                return
            turns.settle(origin_of(touch, self.ahead))
            self._contact(touch, settles=True)
            if closes(touch):
                self.outcome = touch.result
                turns.checks.clear()
            elif turns.go_on(touch.result):
                self.neutral = 0

    def _count(self, touch: Touched) -> None:
        """What it adds, whatever it settles."""
        if touch.kind is not Kind.DECIDE:  # ticking a question touches nobody
            self.neutral = self.neutral + 1 if is_neutral(touch) else 0
        self._note(touch.note)
        self.last_touch = touch.at
        if replaces_steps(touch) or (self.turns.waiting and touch.action in ("", self.turns.opened)):
            self.kept.append(touch)
        if touch.action:
            self.answered.add(touch.action)

    def _left_of_retry(self, touch: Touched) -> Touched | None:
        """What else is to be tried again, where only a part of it was, by turns or up to the rep's limit, and that part is done now."""
        retry = self.turns.retry
        if retry is None or self.turns.promise or touch.result is not Result.DONE or touch.action not in ("", self.turns.opened):
            return None
        left = tuple(step for step in retry.steps if step not in touch.steps)
        return replace(retry, steps=left) if touch.steps and left else None

    def _contact(self, touch: Touched, *, settles: bool) -> None:
        if settles:
            self.last_contact = touch.at
            self.touched.update(dict.fromkeys(touch.steps, touch))
            for step in touch.steps:
                self.attempted.pop(step, None)

    def _attempt(self, touch: Touched) -> None:
        """An attempt settles nothing: the same thing is tried again, and what counts from it waits. What was promised for a day that is
        still to come stands for that day, as another action: the entry of the first one is a record by now."""
        turns, promise = self.turns, self.turns.promise
        before = turns.aside if turns.aside and turns.aside.retry else turns.as_it_is()
        self._unsettle(touch.steps)
        for step in touch.steps:
            self.attempted[step] = (*self.attempted.get(step, ()), touch)
        turns.settle(origin_of(touch, self.ahead))
        if promise and touch.early:
            self._promised_still(promise, touch, before.tries)
        else:
            turns.try_again(touch, before)

    def _promised_still(self, promise: Promised, touch: Touched, tries: tuple[datetime, ...]) -> None:
        """It stays where the rep put it, if that is still to come."""
        action = self.turns.promised_still(promise, touch, tries)
        moved = self.moved.get(touch.action)
        if moved and moved.start > touch.at:
            self.moved[action] = replace(moved, action=action)


def _same_agreement(before: Promised, after: Promised) -> bool:
    """Only what the meeting is about was edited: it is the same action still, where the rep put it and with what they wrote there."""
    about = replace(after, agenda=before.agenda, questions=before.questions, they_know=before.they_know)
    return about != after and replace(about, at=before.at, via=before.via) == before
