"""Cadence arithmetic: the day of every step occurrence, counted from facts and never from shifted days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count

from followsync.core.cadence import LAST, START, Cadence, Count, Duration, Step, Unit
from followsync.core.history import Result, StepRef
from followsync.core.prospect import FOREVER, Prospect
from followsync.core.standing import Standing, action_id
from followsync.core.workdays import RepRules

_LONGEST = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 31, Unit.YEARS: 366}  # days a unit can span


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One turn of one step. ``base`` is its unshifted day; ``since`` and ``anchor`` say what it was counted from."""

    step: Step
    ref: StepRef
    base: date
    since: str
    anchor: date


def step_action(prospect: str, ref: StepRef, again: int = 0) -> str:
    """The id of the action that is that occurrence. ``again``: an answered entry stays as a record, so a step that was tried and is still
    to be done comes back as another action. What hangs on a date field stays the same action when that day changes, so its entry moves."""
    place = (ref.cadence,) if hangs_on_a_date(ref) else (ref.cadence, ref.step, ref.turn)
    return action_id(prospect, "step", *place, *([again] if again else []))


def hangs_on_a_date(ref: StepRef) -> bool:
    """Whether it is of no cadence: a reason for the delay, or a day that something is due on. Its ``step`` is that day."""
    return ref.cadence.startswith(("date:", "reason:"))


class Track:
    """One prospect on one cadence: answers which occurrences are ahead. Pure: everything comes in with the constructor."""

    def __init__(self, prospect: Prospect, cadence: Cadence, standing: Standing, rep: RepRules, today: date) -> None:
        self.prospect, self.cadence, self.standing, self.rep, self.today = prospect, cadence, standing, rep, today
        self.captured = self._day_of_capture()
        self.start = prospect.day(cadence.start) or self.captured
        self.replaced = self._replaced()
        self._position: dict[str, date | None] = {}
        self._index = {step.id: number for number, step in enumerate(cadence.steps)}

    def ahead(self, until: date) -> list[Occurrence]:
        """Everything still to do whose base day is on or before ``until``, and the next one of each step whatever its day."""
        found: list[Occurrence] = []
        for step in self.cadence.steps:
            for number, occurrence in enumerate(self._occurrences(step)):
                if number and occurrence.base > until:
                    break
                found.append(occurrence)
        return sorted(found, key=lambda one: (one.base, self._index[one.step.id]))

    def _day_of_capture(self) -> date:
        captured = self.standing.captured
        return self.rep.workdays.today(captured) if captured else self.today

    def _replaced(self) -> date | None:
        """A kept promise replaces the steps up to its day (or to the day it was really kept, if that was later)."""
        days = [max(touch.due or date.min, self.rep.workdays.today(touch.at)) for touch in self.standing.kept]
        return max(days, default=None)

    def _touched(self, step: Step) -> dict[int, date]:
        """Turn -> the day it was touched."""
        return {
            ref.turn: self.rep.workdays.today(touch.at)
            for ref, touch in self.standing.touched.items()
            if ref.cadence == self.cadence.name and ref.step == step.id
        }

    def _occurrences(self, step: Step) -> Iterator[Occurrence]:
        """What is still to do of a step, earliest first: at most one for a single step, endless for ``every``."""
        anchored = self._anchor(step)
        if anchored is None or (step.duration is None and step.count is not Count.ON) or not self._allowed(step):
            return
        since, anchor = anchored
        touched = self._touched(step)
        if step.count is Count.EVERY and step.duration is not None:
            yield from self._turns(step, step.duration, since, anchor, touched)
            return
        base = self._single(step, anchor)
        if not touched and not self._is_replaced(base) and base < FOREVER:
            yield Occurrence(step, StepRef(self.cadence.name, step.id), base, since, anchor)

    def _turns(self, step: Step, duration: Duration, since: str, anchor: date, touched: dict[int, date]) -> Iterator[Occurrence]:
        add = self.rep.workdays.add
        if step.since == LAST:  # every real contact starts the interval anew; the turn only tells occurrences apart
            turn = max(touched, default=0) + 1
            yield Occurrence(step, StepRef(self.cadence.name, step.id, turn), add(anchor, duration), since, anchor)
            return
        first = self._first_turn(duration, anchor, touched)
        ahead = max(first + 1, self._turn_after(duration, anchor, self.today - timedelta(days=1)))
        for turn in chain((first,), count(ahead)):  # nothing piles up: one overdue turn of a step is enough
            base = add(anchor, duration, turn)
            if base >= FOREVER:
                return
            yield Occurrence(step, StepRef(self.cadence.name, step.id, turn), base, since, anchor)

    def _first_turn(self, duration: Duration, anchor: date, touched: dict[int, date]) -> int:
        """Nothing piles up: turns that passed before the last touch are skipped, and of those that passed before the prospect
        came in only the last is still due."""
        past = max([*touched.values(), *([self.replaced] if self.replaced else [])], default=None)
        if past is None:
            return max(1, self._turn_after(duration, anchor, self.captured) - 1)
        return max(max(touched, default=0) + 1, self._turn_after(duration, anchor, past))

    def _turn_after(self, duration: Duration, anchor: date, day: date) -> int:
        """The first turn whose base day is later than ``day``."""
        if duration.unit is Unit.WORKING_DAYS:
            return self.rep.workdays.between(anchor, day) // duration.count + 1
        span = _LONGEST.get(duration.unit, 1) * duration.count
        turn = max(1, (day - anchor).days // span)
        while self.rep.workdays.add(anchor, duration, turn) <= day:
            turn += 1
        return turn

    def _single(self, step: Step, anchor: date) -> date:
        if step.duration is None:
            return anchor
        return self.rep.workdays.add(anchor, step.duration, -1 if step.count is Count.BEFORE else 1)

    def _anchor(self, step: Step) -> tuple[str, date] | None:
        """What the step counts from, by name and day; None while that is not known (a field not filled in, a step not done)."""
        if step.count in (Count.BEFORE, Count.ON):
            field = step.of or self.cadence.start
            day = self.prospect.day(field) if field else self.start
            return (field or "start", day) if day else None
        match step.since:
            case "" | "start":
                return (self.cadence.start or START) if self.prospect.day(self.cadence.start) else "the day of capture", self.start
            case "last":
                last = self.standing.last_contact
                return ("the last real contact", self.rep.workdays.today(last)) if last else (START, self.start)
            case "previous":
                number = self._index[step.id]
                if number == 0:
                    return START, self.start
                return self._from_step(self.cadence.steps[number - 1])
            case other:
                return self._from_step(self.cadence.steps[self._index[other]])

    def _from_step(self, step: Step) -> tuple[str, date] | None:
        day = self._position_of(step)
        return (step.id, day) if day else None

    def _position_of(self, step: Step) -> date | None:
        """The day a step stands for those that count from it: when it was touched, else its unshifted due day while that is ahead.
        A step that is overdue takes what is counted from it along, so until it is done there is no day."""
        if step.id not in self._position:
            self._position[step.id] = self._compute_position(step)
        return self._position[step.id]

    def _compute_position(self, step: Step) -> date | None:
        touched = self._touched(step)
        if touched:
            return max(touched.values())
        anchored = self._anchor(step)
        if anchored is None or not self._allowed(step):
            return None if anchored is None else anchored[1]  # a branch not taken passes its own anchor on
        if step.duration is None and step.count is not Count.ON:
            return None
        base = self.rep.workdays.add(anchored[1], step.duration) if step.count is Count.EVERY and step.duration else None
        base = base or self._single(step, anchored[1])
        if self._is_replaced(base):
            return self.replaced
        return base if base < FOREVER and self.rep.workdays.shifted(base, step.shift) >= self.today else None

    def _is_replaced(self, base: date) -> bool:
        return self.replaced is not None and base <= self.replaced

    def _allowed(self, step: Step) -> bool:
        """``if``: the outcome or attempt of the step before decides whether this one runs at all."""
        if step.to and all(one.present for one in self.prospect.stakeholders):
            return False  # nobody was absent, so there is nobody to reach
        number = self._index[step.id]
        if not step.when or number == 0:
            return True
        before = self.cadence.steps[number - 1]
        results = [t.result for r, t in self.standing.touched.items() if (r.cadence, r.step) == (self.cadence.name, before.id)]
        retry = self.standing.retry
        if retry and any((r.cadence, r.step) == (self.cadence.name, before.id) for r in retry.steps):
            results.append(Result.ATTEMPT)
        return any(result.value in step.when for result in results)
