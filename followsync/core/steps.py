"""Cadence arithmetic: the day of every step occurrence, counted from facts and never from shifted days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, count

from followsync.core.cadence import LAST, LEFT_MESSAGE, NO_ANSWER, PREVIOUS, START, Cadence, Count, Duration, Step, Unit
from followsync.core.history import Result, StepRef, Touched
from followsync.core.identity import action_id
from followsync.core.inclusion import absent
from followsync.core.newsletter import ASK, NEWSLETTER, OPT_IN, QUESTION, is_newsletter, wanted
from followsync.core.prospect import FOREVER, Prospect
from followsync.core.standing import Standing
from followsync.core.touches import left_message
from followsync.core.workdays import RepRules

_LONGEST = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 31, Unit.YEARS: 366}  # days a unit can span


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One turn of one step. ``base`` is its unshifted day; ``since`` and ``anchor`` say what it was counted from. ``after``: the day of the
    step that it follows, shifted, while that is still to be done."""

    step: Step
    ref: StepRef
    base: date
    since: str
    anchor: date
    after: date | None = None


def step_action(prospect: str, ref: StepRef, again: int = 0) -> str:
    """The id of the action that is that occurrence. ``again``: an answered entry stays as a record, so a step that was tried and is still
    to be done comes back as another action. What hangs on a date field stays the same action when that day changes, so its entry moves."""
    place = (ref.cadence,) if hangs_on_a_date(ref) else (ref.cadence, ref.step, ref.turn, *([ref.who] if ref.who else []))
    return action_id(prospect, "step", *place, *([again] if again else []))


def hangs_on_a_date(ref: StepRef) -> bool:
    """Whether it is of no cadence: a reason for the delay, or a day that something is due on. Its ``step`` is that day."""
    return ref.cadence.startswith(("date:", "reason:"))


def touched_before_edit(cadence: Cadence, standing: Standing) -> Touched | None:
    """The last touch that came from that cadence, where the cadence was edited since. Of older histories nobody knows."""
    touches = [touch for ref, touch in standing.touched.items() if ref.cadence == cadence.name and touch.version]
    last = max(touches, key=lambda touch: touch.at, default=None)
    return last if last and last.version != cadence.version else None


def known_by_another_place(cadences: tuple[Cadence, ...], standings: Iterable[Standing]) -> tuple[str, ...]:
    """Of steps that history knows by another place than where they are listed now, and of cadences that are gone: what happened, and what
    to write in the config so that nobody starts over."""
    now = {(one.name, step.id): step for one in cadences for step in one.steps}
    names = {one.name for one in cadences}
    found: dict[str, None] = {}
    for ref, touch in (pair for one in standings if one.outcome is None for pair in one.touched.items()):
        if ref.cadence not in names and not hangs_on_a_date(ref):
            found[
                f"Cadence {ref.cadence} is gone, and open prospects were touched by it: if it was renamed, give it its name again, "
                "or the new one starts over with them."
            ] = None
        step = now.get((ref.cadence, ref.step))
        if step is None or not touch.purpose or step.purpose in touch.purpose:
            continue
        moved = next((key for (name, key), one in now.items() if name == ref.cadence and one.purpose == touch.purpose), "")
        if moved:
            found[
                f"Cadence {ref.cadence}: what was done as {ref.step} ({touch.method} to {touch.purpose}) is listed as {moved} now, and "
                f"would be asked for again: write 'id: {ref.step}' there, and an id of its own where {ref.step} stands now."
            ] = None
    return tuple(found)


class Track:
    """One prospect on one cadence: answers which occurrences are ahead. Pure: everything comes in with the constructor. ``leads``: how
    long before its day a step is to be done, by its id, where its method needs that."""

    def __init__(
        self,
        prospect: Prospect,
        cadence: Cadence,
        standing: Standing,
        rep: RepRules,
        today: date,
        leads: Mapping[str, Duration] | None = None,
    ) -> None:
        self.prospect, self.cadence, self.standing, self.rep, self.today = prospect, cadence, standing, rep, today
        self.leads = leads or {}
        self.newsletter = wanted(prospect.fields.get(NEWSLETTER, ""), standing.newsletter)
        self.opt_in = StepRef(cadence.name, OPT_IN)
        self.captured = self._day_of_capture()
        self.start = prospect.day(cadence.start) or self.captured
        self.replaced = self._replaced()
        self._position: dict[str, date | None] = {}
        self._index = {step.id: number for number, step in enumerate(cadence.steps)}

    def ahead(self, until: date) -> list[Occurrence]:
        """Everything that is to be done by ``until``, before or after its shift, and the next one of each step whatever its day."""
        found: list[Occurrence] = []
        for step in self.cadence.steps:
            for number, occurrence in enumerate(self._occurrences(step)):
                leaves = self._leaves(step, occurrence.base)
                if number and min(leaves, self.rep.workdays.shifted(leaves, step.shift)) > until:
                    break
                found += self._one_by_one(occurrence) if step.to else [occurrence]
        return self._asked_first(sorted(found, key=lambda one: (one.base, self._index[one.step.id])))

    def _asked_first(self, found: list[Occurrence]) -> list[Occurrence]:
        """While nobody knows whether they want the newsletter, the first one that is to be sent becomes the question."""
        first = next((one for one in found if is_newsletter(one.step, self.prospect)), None)
        if self.newsletter or first is None:
            return found
        prefers = self.prospect.method
        step = Step(
            first.step.id,
            first.step.count,
            first.step.duration,
            prefers if prefers and prefers != NEWSLETTER else "call",
            ASK,
            questions=(QUESTION,),
        )
        question = replace(first, step=step, ref=self.opt_in)
        return [question if one is first else one for one in found if one is first or not is_newsletter(one.step, self.prospect)]

    def _leaves(self, step: Step, base: date) -> date:
        return self.rep.workdays.leaves(base, self.leads.get(step.id))

    def _day_of_capture(self) -> date:
        captured = self.standing.captured
        return self.rep.workdays.today(captured) if captured else self.today

    def _replaced(self) -> date | None:
        """A kept promise replaces the steps up to its day (or to the day it was really kept, if that was later)."""
        days = [max(touch.due or date.min, self.rep.workdays.today(touch.at)) for touch in self.standing.kept]
        return max(days, default=None)

    def _touched(self, step: Step) -> dict[int, date]:
        """Turn -> the day it was touched; of those who are reached one by one, the first one's: nobody who is added later moves what counts
        from it."""
        days: dict[int, date] = {}
        for ref, touch in self.standing.touched.items():
            if ref.cadence == self.cadence.name and ref.step == step.id:
                day = self.rep.workdays.today(touch.at)
                days[ref.turn] = min(day, days.get(ref.turn, day))
        return days

    def _done(self, step: Step) -> dict[int, date]:
        """The same of the turns that nothing is left to do of."""
        touched = self._touched(step)
        last = max(touched, default=0)
        if step.to and touched and self._left(StepRef(self.cadence.name, step.id, last)):
            del touched[last]
        return touched

    def _left(self, turn: StepRef) -> list[StepRef]:
        """Whom that turn is still to reach."""
        touched = self.standing.touched
        each = [replace(turn, who=key) for key in absent(self.prospect)]
        return [] if turn in touched else [ref for ref in each if ref not in touched]

    def _one_by_one(self, turn: Occurrence) -> list[Occurrence]:
        """Each of those who were absent is reached alone. The contact with the first of them moves no other one's day."""
        base = turn.base
        if turn.step.since == LAST:
            base = min(base, self._touched(turn.step).get(turn.ref.turn, base))
        return [replace(turn, ref=ref, base=base) for ref in self._left(turn.ref)]

    def _occurrences(self, step: Step) -> Iterator[Occurrence]:
        """What is still to do of a step, earliest first: at most one for a single step, endless for ``every``."""
        anchored = self._anchor(step)
        if anchored is None or (step.duration is None and step.count is not Count.ON) or not self._allowed(step):
            return
        since, anchor = anchored
        touched = self._done(step)
        if step.count is Count.EVERY and step.duration is not None:
            yield from self._turns(step, step.duration, since, anchor, touched)
            return
        base = self._single(step, anchor)
        if not touched and not self._is_replaced(base) and base < FOREVER:
            yield Occurrence(step, StepRef(self.cadence.name, step.id), base, since, anchor, self._after(step))

    def _turns(self, step: Step, duration: Duration, since: str, anchor: date, touched: dict[int, date]) -> Iterator[Occurrence]:
        add = self.rep.workdays.add
        if step.since == LAST:  # every real contact starts the interval anew; the turn only tells occurrences apart
            turn = max(touched, default=0) + 1
            yield Occurrence(step, StepRef(self.cadence.name, step.id, turn), add(anchor, duration), since, anchor)
            return
        first = self._first_turn(step, duration, anchor, touched)
        ahead = max(first + 1, self._turn_after(step, duration, anchor, self.today - timedelta(days=1)))
        for turn in chain((first,), count(ahead)):  # nothing piles up: one overdue turn of a step is enough
            base = add(anchor, duration, turn)
            if base >= FOREVER:
                return
            yield Occurrence(step, StepRef(self.cadence.name, step.id, turn), base, since, anchor)

    def _first_turn(self, step: Step, duration: Duration, anchor: date, touched: dict[int, date]) -> int:
        """Nothing piles up: turns that passed before the last touch are skipped, and of those that passed before the prospect
        came in only the last is still due."""
        past = max([*touched.values(), *([self.replaced] if self.replaced else [])], default=None)
        if past is None:
            turn = self._turn_after(step, duration, anchor, self.captured)
            return max(1, turn if self._is_over(step, duration, anchor, turn - 1) else turn - 1)
        return max(max(touched, default=0) + 1, self._turn_after(step, duration, anchor, past))

    def _is_over(self, step: Step, duration: Duration, anchor: date, turn: int) -> bool:
        """Whether that turn is a day of the year (a birthday, the day a contract began) that had passed when the prospect came in: what is
        said on such a day is not said months later."""
        start = self.prospect.day(self.cadence.start) or self.prospect.day_of_year(self.cadence.start)
        if not _in_years(duration) or step.since != START or start is None:
            return False
        base = self.rep.workdays.add(anchor, duration, turn)
        return max(base, self.rep.workdays.shifted(self._leaves(step, base), step.shift)) < self.captured

    def _turn_after(self, step: Step, duration: Duration, anchor: date, day: date) -> int:
        """The first turn that is to be done later than ``day``; a shift counts for nothing here."""
        if duration.unit is Unit.WORKING_DAYS:
            turn = self.rep.workdays.between(anchor, day) // duration.count + 1
        else:
            span = _LONGEST.get(duration.unit, 1) * duration.count
            turn = max(1, (day - anchor).days // span)
        while self._leaves(step, self.rep.workdays.add(anchor, duration, turn)) <= day:
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
                if step.count is Count.EVERY and _in_years(step.duration) and (day := self.prospect.day_of_year(self.cadence.start)):
                    return self.cadence.start, day
                return (self.cadence.start or START) if self.prospect.day(self.cadence.start) else "the day of capture", self.start
            case "last":
                last = self.standing.last_contact
                return ("the last real contact", self.rep.workdays.today(last)) if last else (START, self.start)
            case _:
                followed = self._followed(step)
                return self._from_step(followed, step) if followed else (START, self.start)

    def _after(self, step: Step) -> date | None:
        """A shift to the day before takes no step before the one that it follows."""
        of = self._followed(step)
        if of is None or step.id in self.leads or self._touched(of) or not self._allowed(of):
            return None
        if step.branches and self.cadence.looked_at(step) is of:  # it follows an attempt, not the step
            return None
        one = next(self._occurrences(of), None)
        day = one and self.rep.workdays.shifted(self._leaves(of, one.base), of.shift)
        return max(day, one.after or day) if one and day else None

    def _followed(self, step: Step) -> Step | None:
        """The step that ``from`` names."""
        if step.count in (Count.BEFORE, Count.ON) or step.since in ("", START, LAST):
            return None
        if step.since == PREVIOUS:
            number = self._index[step.id]
            return self.cadence.steps[number - 1] if number else None
        return self.cadence.steps[self._index[step.since]]

    def _from_step(self, step: Step, of: Step) -> tuple[str, date] | None:
        """``of``: what counts from it. A branch that an attempt at that step opened counts from the attempt."""
        if of.branches and self.cadence.looked_at(of) is step and not self._touched(step):
            tried = self._since_when(of)
            return (f"the attempt at {step.id}", tried) if tried else None
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
        """``if``: the outcome or attempt of another step decides whether this one runs at all."""
        if step.to and not absent(self.prospect):
            return False  # nobody was absent, so there is nobody to reach
        if is_newsletter(step, self.prospect) and (
            self.newsletter is False or (self.newsletter is None and self.opt_in in self.standing.touched)
        ):
            return False  # they do not want it, or were asked, and what they said is not known yet
        return not step.branches or self.cadence.looked_at(step) is None or self._since_when(step) is not None

    def _since_when(self, step: Step) -> date | None:
        """The day on which what ``if`` asks of the step it looks at came true; None while it has not. Attempts count until that step is
        done."""
        of = self.cadence.looked_at(step)
        before = of.id if of else ""
        standing, here, today = self.standing, self.cadence.name, self.rep.workdays.today
        settled = [touch for ref, touch in standing.touched.items() if (ref.cadence, ref.step) == (here, before)]
        if ended := [today(touch.at) for touch in settled if touch.result.value in step.when]:
            return max(ended)
        tries = [several for ref, several in standing.attempted.items() if (ref.cadence, ref.step) == (here, before)]
        return min((today(touch.at) for several in tries for touch in _that_branch(step, several)), default=None)


def _in_years(duration: Duration | None) -> bool:
    return duration is not None and (duration.unit is Unit.YEARS or (duration.unit is Unit.MONTHS and duration.count % 12 == 0))


def _that_branch(step: Step, tries: tuple[Touched, ...]) -> Iterator[Touched]:
    """Those of the attempts, oldest first, after which the step runs."""
    for number, touch in enumerate(tries, 1):
        said = LEFT_MESSAGE if left_message(touch) else NO_ANSWER
        if said in step.when or Result.ATTEMPT.value in step.when or number == step.tries:
            yield touch
