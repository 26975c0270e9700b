"""Standing + rules + now -> what is to be done with a prospect, and when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from followsync.core import asking
from followsync.core.action import CHECK, DECIDE, PURPOSE, Action, Case, Resting
from followsync.core.area import area_of_visit
from followsync.core.asking import DROP_OR_WHEN, IS_IT, STANDING, STUCK, WHO
from followsync.core.cadence import Cadence, Count, Form, Rules, Shift, Step, cadence_for
from followsync.core.history import Kind, Promised, StepRef, Touched, Waiting
from followsync.core.inclusion import included, method_for
from followsync.core.newsletter import NEWSLETTER, OPT_IN
from followsync.core.promises import due_day
from followsync.core.prospect import Prospect
from followsync.core.retries import retry, to_try_again
from followsync.core.standing import Standing
from followsync.core.steps import Occurrence, Track, hangs_on_a_date, step_action
from followsync.core.touches import is_due_on_a_date
from followsync.core.workdays import RepRules

__all__ = ["CHECK", "DATED", "DECIDE", "DROP_OR_WHEN", "IS_IT", "PURPOSE", "STANDING", "STUCK", "WHO", "Action", "Resting", "ahead", "due"]

DATED = (  # what the worksheet's dates ask for; "" is the method the prospect prefers
    Step("proposal_due", Count.ON, None, "proposal", "ask for the order", of="proposal_due", shift=Shift.PREVIOUS),
    Step("order_due", Count.ON, None, "", "ask for the order", of="order_due", shift=Shift.PREVIOUS),
)


def due(prospect: Prospect, rules: Rules, standing: Standing, rep: RepRules, now: datetime) -> tuple[Action, ...] | Resting:
    """The open actions of a prospect, earliest first; the first one is the next action, so an open prospect never has none.

    Authority: a promise (or the day we wait for); the question about a deleted entry; the reason for the delay; cadence steps and
    retries; else the rep must decide. Behind them stands the question about an answer that could not be understood, unless the next
    action asks the same already; else, where its day was told by a clock that was ahead, the question about that.
    """
    if standing.outcome is not None:
        return Resting(f"closed: {standing.outcome}")
    case = Case(prospect, rules, standing, rep, rep.workdays.today(now), cadence_for(prospect, rules.cadences))
    found = _Planner(case).actions()
    if standing.unclear and standing.asking and _is_to_ask(standing, found[0]):
        found.append(asking.what_was_meant(case, standing.unclear))
    elif asked := next(filter(None, (asking.is_that_the_day(case, one) for one in found)), None):
        found.append(asked)
    hot = "hot" in {tag.lower() for tag in prospect.tags}
    return tuple(
        replace(
            asking.with_standing_questions(one, case),
            hot=hot,
            timezone=prospect.timezone,
            area=area_of_visit(prospect, rules.method(one.method)),
        )
        for one in found
    )


def ahead(
    prospect: Prospect, rules: Rules, standing: Standing, rep: RepRules, now: datetime, actions: Sequence[Action]
) -> tuple[Action, ...]:
    """The next turn of each step of the cadence, whatever stands before it, as far as it is known now. ``actions``: what ``due`` answers.
    Nothing of a prospect whom the rep is asked about, or who has a reason for the delay: what comes after that is not known. What an
    agreement replaces does not come, and what was tried comes as that attempt."""
    first = actions[0] if actions else None
    if first is None or first.kind is Kind.DECIDE or any(ref.cadence.startswith("reason:") for ref in first.steps):
        return ()
    case = Case(prospect, rules, standing, rep, rep.workdays.today(now), cadence_for(prospect, rules.cadences))
    tried = {ref for one in actions if one.kind is Kind.RETRY for ref in one.steps}
    replaced = first.base if first.kind is Kind.PROMISE else date.min
    steps = _Planner(case).steps()
    return tuple(one for one in steps if one.base > replaced and tried.isdisjoint(one.steps))


def _is_to_ask(standing: Standing, first: Action) -> bool:
    """What to do is asked once; who is meant by another entry is another question. What is agreed is none where it is the next action and
    nothing else is."""
    if set(standing.agreements) == {first.id} and standing.others:
        return False
    return first.kind is not Kind.DECIDE or bool(standing.unclear and standing.unclear.among)


class _Planner:
    """One prospect at one moment; the methods share what came in, nothing else."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.prospect, self.rules, self.standing, self.rep = case.prospect, case.rules, case.standing, case.rep
        self.today, self.cadence = case.today, case.cadence

    def actions(self) -> list[Action]:
        standing = self.standing
        agreed = self._whose_day_has_come()
        check = self._check_before(agreed and self._told_for(*agreed)[0])
        if check:
            return self._with_dated(asking.check(self.case, *check), self._day_of_check(*check))
        if agreed:
            return self._with_dated(self._promise(*agreed), self._told_for(*agreed)[0])
        if standing.question:
            return [asking.drop_or_when(self.case)]
        if reason := self._reason():
            return self._next_of([reason, *self._dated()])
        if standing.retry and not (self._is_moot(standing.retry) or self._has_another_day(standing.retry)):
            return self._with_retry(standing.retry)
        return self._next_of([*self.steps(), *self._dated()]) or [asking.decide(self.case)]

    # --- agreed with the prospect

    def _whose_day_has_come(self) -> tuple[Promised, str] | None:
        """Of all that is agreed what is next, and its action: what was said for today is not to wait for what was said for yesterday, nor
        for an attempt to come. Before its day the earliest stands, unless something else is open."""
        ordered = sorted(self.standing.agreements.items(), key=lambda one: self._told_for(one[1], one[0]))
        days = {action: self._told_for(one, action)[0] for action, one in ordered}
        come = [(one, action) for action, one in ordered if days[action] <= self.today]
        if come:
            last = max(days[action] for _, action in come)
            return next((one, action) for one, action in come if days[action] == last)
        tried = self.standing.retry and not is_due_on_a_date(self.standing.retry.steps)
        free = self.standing.promise or not (self.standing.waiting or self.standing.question or tried)
        return (ordered[0][1], ordered[0][0]) if ordered and free else None

    def _check_before(self, promised: date | None) -> tuple[Waiting, str] | None:
        """The day on which we check, and its action: where nothing else is open, or once it has come, before what is ``promised`` for a
        later day."""
        waits = [(waiting, action) for action, waiting in self.standing.waits.items()]
        if promised is None and self.standing.waiting:
            return waits[0]
        if self.standing.question or (promised and promised <= self.today):
            return None
        return next((one for one in waits if self._day_of_check(*one) <= self.today), None)

    def _day_of_check(self, waiting: Waiting, action: str) -> date:
        moved = self._moved_to(action)
        return moved[0] if moved else self.rep.workdays.next_day(waiting.until)

    def _told_for(self, promise: Promised, action: str) -> tuple[date, float]:
        """The day, and the moment within it: where the rep put it, or where it was agreed once that day is over."""
        due, moved = self._due(promise), self._moved_to(action)
        if moved and (moved[0] >= self.today or moved[0] > due):
            return moved
        window = promise.window.start if promise.window else time.min
        return due, (promise.start or self.rep.workdays.at(due, window)).timestamp()

    def _moved_to(self, action: str) -> tuple[date, float] | None:
        moved = self.standing.moved.get(action)
        return (self.rep.workdays.today(moved.start), moved.start.timestamp()) if moved else None

    def _due(self, promise: Promised) -> date:
        return due_day(promise, self.rules.method(self.case.usual_method(promise.method)), self.rep)

    def _promise(self, promise: Promised, action: str) -> Action:
        moved = self._moved_to(action)
        method_name = self.case.usual_method(promise.method)
        method, purpose = self.rules.method(method_name), self.rules.purpose(promise.purpose)
        day = due_day(promise, method, self.rep)
        why = [f"Agreed on {self._said(promise)}: {method_name} on {promise.day:%a %Y-%m-%d}{_hour(promise, self.rep)}."]
        if method.lead and promise.start is None:
            why.append(f"{method_name.capitalize()} needs {method.lead} to arrive: done on {day:%a %Y-%m-%d}.")
        return Action(
            id=action,
            prospect=self.prospect.id,
            kind=Kind.PROMISE,
            method=method_name,
            purpose=purpose.text or PURPOSE,
            due=day,
            base=promise.day,
            minutes=promise.minutes or method.minutes,
            start=promise.start,
            window=promise.window,
            agenda=promise.agenda,
            questions=tuple(dict.fromkeys((*promise.questions, *purpose.questions))),
            they_know=promise.they_know,
            form=Form.EVENT if promise.start or promise.window else method.form,
            ahead=self.today < max(day, moved[0] if moved else day),
            attempt=self.standing.attempts + 1 if action == self.standing.opened else 1,
            title=method.title,
            body=method.body,
            why=tuple(why),
        )

    def _said(self, promise: Promised) -> str:
        return f"{self.rep.workdays.today(promise.at):%a %Y-%m-%d}"

    # --- rules

    def _reason(self) -> Action | None:
        """The reason for the delay drives the date, once; until then it is quiet."""
        reason = self.rules.reasons.get(self.prospect.reason)
        day = self.prospect.day(reason.of) if reason else None
        if reason is None or day is None:
            return None
        ref = StepRef(f"reason:{reason.name}", day.isoformat())
        if ref in self.standing.touched:
            return None
        base = self.rep.workdays.add(day, reason.before, -1)
        step = Step(reason.name, Count.BEFORE, reason.before, reason.method, reason.purpose, of=reason.of, questions=reason.questions)
        tried = self.standing.retry
        if tried and ref in tried.steps:
            return retry(self.case, tried, None)
        if tried and not tried.steps:  # what was agreed and not answered yet waits for no reason
            return retry(self.case, tried, self.cadence)
        return self._step(step, (ref,), base, f"Reason {reason.name}: {reason.before} before {reason.of} {day}")

    def _dated(self) -> list[Action]:
        """What was said to be due on a day: on that day or the last working day before it, once. Another day moves it."""
        found = []
        for step in DATED:
            day = self.prospect.day(step.of)
            ref = StepRef(f"date:{step.of}", day.isoformat() if day else "")
            if day and ref not in self.standing.touched and ref not in self.standing.given_up:
                by = replace(step, method=self.case.usual_method(step.method))
                action = self._step(by, (ref,), day, f"{step.of.replace('_', ' ').capitalize()} {day}")
                tried = self.standing.retry
                if tried and ref in tried.steps:
                    again = to_try_again(self.case, tried)
                    found += [retry(self.case, again, self.cadence)] if again else []
                    continue
                if tried and tried.steps and tried.steps[0].cadence == ref.cadence:  # its entry follows
                    action = replace(action, id=self.standing.opened, attempt=self.standing.attempts + 1)
                found.append(action)
        return found

    def _with_dated(self, first: Action, day: date) -> list[Action]:
        """What was agreed, or is to be checked, on that ``day``, and what is due on a date that was said, by then or by today: it stands
        on its own day, whatever else stands. The earlier of them is the next action; of one day what was agreed is, and today it is."""
        dated = sorted((one for one in self._dated() if one.due <= max(day, self.today)), key=lambda one: (one.due, one.base))
        earlier = [one for one in dated if one.due < day and day > self.today]
        return [*earlier, first, *(one for one in dated if one not in earlier)]

    def _has_another_day(self, touch: Touched) -> bool:
        """Whether what was tried hangs on a date that was changed since, or taken back: then it is due on that day, or not at all, and the
        entry of its attempt follows."""
        days = {f"date:{step.of}": self.prospect.day(step.of) for step in DATED}
        refs = [one for one in touch.steps if one.cadence in days]
        return bool(refs) and all((day := days[one.cadence]) is None or day.isoformat() != one.step for one in refs)

    def steps(self) -> list[Action]:
        """The next occurrence of each step, and all that ``ahead`` shows."""
        if self.cadence is None:
            return []
        methods = {step.id: self.rules.method(self.prospect.instead_of(step.method)) for step in self.cadence.steps}
        leads = {step: method.lead for step, method in methods.items() if method.lead}
        track = Track(self.prospect, self.cadence, self.standing, self.rep, self.today, leads)
        until = self._horizon()
        if self.cadence.min_gap:  # what is done by then may merge with what comes later
            for wait in (self.cadence.min_gap, *leads.values()):
                until = self.rep.workdays.add(until, wait)
        occurrences = track.ahead(until)
        return [self._occurrence(pair) for pair in _merged(occurrences, self.cadence, self.rep)]

    def _horizon(self) -> date:
        ahead = self.cadence.ahead if self.cadence else None
        return self.rep.workdays.add(self.today, ahead) if ahead else self.today

    def _next_of(self, actions: list[Action]) -> list[Action]:
        """The earliest, and with it everything that ``ahead`` asks to show. A retry goes before a step of the same day, and steps of the
        same day go as the cadence lists them."""
        ordered = sorted(actions, key=lambda action: (action.due, action.kind is not Kind.RETRY, action.base))
        shows_more = self.cadence is not None and self.cadence.ahead is not None
        return ordered[:1] + [action for action in ordered[1:] if shows_more and action.due <= self._horizon()]

    def _occurrence(self, pair: tuple[Occurrence, ...]) -> Action:
        chosen = pair[0]
        step = chosen.step
        turn = f", turn {chosen.ref.turn}" if chosen.ref.turn else ""
        counted = {
            Count.AFTER: f"{step.duration} after",
            Count.EVERY: f"every {step.duration} from",
            Count.BEFORE: f"{step.duration} before",
            Count.ON: f"{step.duration} after" if step.duration else "on",
        }[step.count]
        day = f"Cadence {chosen.ref.cadence}, step {step.id}{turn}: {counted} {chosen.since} {chosen.anchor}"
        action = self._step(step, tuple(one.ref for one in pair), chosen.base, day)
        if step.to:
            action = included(action, self.prospect)
        if chosen.after and chosen.after > action.due:
            why = f"Not before {chosen.since}, which is due on {chosen.after:%a %Y-%m-%d}."
            action = replace(action, due=chosen.after, why=(*action.why, why))
        if chosen.ref.step == OPT_IN:
            action = replace(action, why=(*action.why, "Nobody knows yet whether they want the newsletter: they are asked first."))
        for other in pair[1:]:
            action = replace(
                action,
                purpose=f"{action.purpose} and {other.step.purpose}",
                agenda=(*action.agenda, *other.step.agenda),
                questions=(*action.questions, *other.step.questions),
                why=(*action.why, f"Merged with step {other.step.id} of {other.base:%a %Y-%m-%d}: closer than the cadence's min_gap."),
            )
        return action

    def _step(self, step: Step, refs: tuple[StepRef, ...], base: date, reason: str) -> Action:
        why = [f"{reason} = {base:%a %Y-%m-%d}."]
        said = self.prospect.instead_of(step.method)
        if said != step.method:
            why.append(f"{said.capitalize()} instead of {step.method}, as said for this prospect.")
        name = method_for(self.prospect, refs[0], said, self.rules)
        if name != said:
            why.append(f"{name.capitalize()} instead of {said}: their address allows no {said}.")
        method = self.rules.method(name)
        day = self.rep.workdays.leaves(base, method.lead)
        if method.lead:
            why.append(f"{name.capitalize()} needs {method.lead} to arrive: done on {day:%a %Y-%m-%d}.")
        shifted = self.rep.workdays.shifted(day, step.shift)
        why.extend(self.case.shifted(day, shifted))
        return Action(
            id=self._identity(refs[0]),
            prospect=self.prospect.id,
            kind=Kind.STEP,
            method=name,
            purpose=step.purpose,
            due=shifted,
            base=base,
            minutes=step.minutes or method.minutes,
            window=step.window,
            agenda=step.agenda,
            questions=step.questions,
            they_know=step.they_know,
            steps=refs,
            form=step.form or method.form,
            any_day=step.shift is Shift.NONE,
            version=self.case.version_for(refs),
            title=step.title or method.title,
            body=step.body or method.body,
            why=tuple(why),
        )

    def _identity(self, ref: StepRef) -> str:
        """Another action, once an answered one stays as a record."""
        unsettled = self.standing.unsettled
        if not hangs_on_a_date(ref):
            return step_action(self.prospect.id, ref, unsettled.get(ref, 0))
        answered = sum(one.cadence == ref.cadence for one in self.standing.touched)
        return step_action(self.prospect.id, ref, answered + sum(n for one, n in unsettled.items() if one.cadence == ref.cadence))

    # --- attempts

    def _is_moot(self, tried: Touched) -> bool:
        """Whether it was about the newsletter, and they have said since whether they want it."""
        wants = self.case.wants_newsletter
        if wants is not None and tried.steps and all(ref.step == OPT_IN for ref in tried.steps):
            return True
        return wants is False and bool(tried.steps) and tried.method == NEWSLETTER

    def _with_retry(self, touch: Touched) -> list[Action]:
        """The retry stands in for the steps that were attempted; after the rep's own limit the rep is asked, unless the cadence says what
        so many attempts lead to: then it goes on with that."""
        others = [action for action in (*self.steps(), *self._dated()) if not set(action.steps) & set(touch.steps)]
        if again := to_try_again(self.case, touch):
            return self._next_of([retry(self.case, again, self.cadence), *others])
        if self._is_led_on(touch, others):
            return self._next_of(others) or [asking.decide(self.case)]
        return [asking.decide(self.case, self.cadence.retry.limit if self.cadence else None)]

    def _is_led_on(self, touch: Touched, others: list[Action]) -> bool:
        """Whether from all that was tried in vain some branch leads on: one that is to come, or was tried itself, or is done since. From a
        branch another one of the same step leads on that is to come, or was done later."""
        if self.cadence is None or not touch.steps:
            return False
        ahead = {ref.step for action in others for ref in action.steps}
        tried = {ref.step for ref in touch.steps}
        done = {ref.step: one.at for ref, one in self.standing.touched.items() if ref.cadence == self.cadence.name}
        for ref in touch.steps:
            if ref.cadence != self.cadence.name:
                return False
            tries = self.standing.attempted.get(ref, (touch,))
            first, last = tries[0].at, tries[-1].at
            branches = [step.id for step in self.cadence.branches_of(ref.step)]
            beside = [step.id for step in self.cadence.branches_beside(ref.step, tried)]
            led_on = any(step in ahead or step in tried or done.get(step, first) > first for step in branches)
            if not (led_on or any(step in ahead or done.get(step, last) > last for step in beside)):
                return False
        return True


def _hour(promise: Promised, rep: RepRules) -> str:
    if promise.start:
        return f" at {promise.start.astimezone(rep.workdays.zone):%H:%M}"
    return f" between {promise.window.start:%H:%M} and {promise.window.end:%H:%M}" if promise.window else ""


def _merged(occurrences: list[Occurrence], cadence: Cadence, rep: RepRules) -> list[tuple[Occurrence, ...]]:
    """Two recurring streams closer than ``min_gap`` become one; the first of each tuple names the day and the method. What goes to other
    people than the prospect stays by itself."""
    merged: list[tuple[Occurrence, ...]] = []
    for one in occurrences:
        if cadence.min_gap and _is_stream(one):
            limit = rep.workdays.add(one.base, cadence.min_gap, -1)
            near = next((number for number, pair in enumerate(merged) if _near(pair, one, limit)), None)
            if near is not None:
                together = (*merged[near], one)
                merged[near] = tuple(sorted(together, key=lambda one: one.step.method != cadence.prefer))
                continue
        merged.append((one,))
    return merged


def _near(pair: tuple[Occurrence, ...], one: Occurrence, limit: date) -> bool:
    """By the day on which those that are merged already stand."""
    first = pair[0]
    return _is_stream(first) and first.base > limit and all(other.step.id != one.step.id for other in pair)


def _is_stream(one: Occurrence) -> bool:
    return one.step.count is Count.EVERY and not one.step.to and one.ref.step != OPT_IN
