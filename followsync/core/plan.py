"""Standing + rules + now -> what is to be done with a prospect, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from followsync.core.cadence import Cadence, Count, Duration, Form, Rules, Shift, Step, Unit, Window, cadence_for
from followsync.core.history import Kind, Promised, StepRef, Touched, Unclear
from followsync.core.promises import due_day, in_words
from followsync.core.prospect import Prospect
from followsync.core.retries import bands, other_band, other_weekday
from followsync.core.standing import Standing, action_id, how_tried
from followsync.core.steps import Occurrence, Track, hangs_on_a_date, step_action
from followsync.core.workdays import RepRules

DECIDE, CHECK = "decide", "check"  # what the rep does when no method is known, and when we wait for them
PURPOSE = "determine next steps"  # where nobody stated one
DROP_OR_WHEN = "drop, or when?"  # what is asked about a deleted entry
WHO = "who is meant?"  # what is asked about a new follow-up that fits several prospects
NEUTRAL = 4  # touches in a row that brought nothing, after which more of the same is asked about
STUCK = "Nothing new in four touches: another purpose, another person, or is it a no?"
DATED = (  # what the worksheet's dates ask for; "" is the method the prospect prefers
    Step("proposal_due", Count.ON, None, "proposal", "ask for the order", of="proposal_due", shift=Shift.PREVIOUS),
    Step("order_due", Count.ON, None, "", "ask for the order", of="order_due", shift=Shift.PREVIOUS),
)
_DECIDE_MINUTES = 10
_QUOTED = 60  # characters of an answer that was not understood, in the title of the question


@dataclass(frozen=True, slots=True)
class Action:
    """One follow-up to do.

    ``due``: the day it is to be done, after shifts and lead; ``base``: the unshifted day the rule or the agreement gave.
    ``start``: the agreed hour (aware), only of promises. ``window``: it must stand inside; ``liked``: it should (a retry's other hour
    band). ``any_day``: it stands on its due day even if that is not worked. ``why``: sentences that explain the day.
    ``ahead``: it was promised for a day that is still to come, or put there by hand. ``attempt``: which try this is, 1 for the first.
    ``title``, ``body``: templates, "" for the built-in wording.
    """

    id: str
    prospect: str
    kind: Kind
    method: str
    purpose: str
    due: date
    base: date
    minutes: int
    start: datetime | None = None
    window: Window | None = None
    liked: Window | None = None
    agenda: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    they_know: bool | None = None
    steps: tuple[StepRef, ...] = ()
    form: Form = Form.EVENT
    attempt: int = 1
    hot: bool = False
    any_day: bool = False
    ahead: bool = False
    timezone: str = ""
    title: str = ""
    body: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resting:
    """Nothing is to be done, and why: the prospect is closed."""

    reason: str


def due(prospect: Prospect, rules: Rules, standing: Standing, rep: RepRules, now: datetime) -> tuple[Action, ...] | Resting:
    """The open actions of a prospect, earliest first; the first one is the next action, so an open prospect never has none.

    Authority: a promise (or the day we wait for); the question about a deleted entry; the reason for the delay; cadence steps and
    retries; else the rep must decide. Behind them stands the question about an answer that could not be understood, unless the next
    action asks the same already.
    """
    if standing.outcome is not None:
        return Resting(f"closed: {standing.outcome}")
    planner = _Planner(prospect, rules, standing, rep, now)
    found = planner.actions()
    if standing.unclear and standing.asking and _is_to_ask(standing, found[0]):
        found.append(planner.what_was_meant(standing.unclear))
    hot = "hot" in {tag.lower() for tag in prospect.tags}
    return tuple(replace(action, hot=hot, timezone=prospect.timezone, questions=_questions(action, standing)) for action in found)


def _is_to_ask(standing: Standing, first: Action) -> bool:
    """What to do is asked once; who is meant by another entry is another question. What is agreed is none where it is the next action and
    nothing else is."""
    if set(standing.agreements) == {first.id} and standing.others:
        return False
    return first.kind is not Kind.DECIDE or bool(standing.unclear and standing.unclear.among)


def _questions(action: Action, standing: Standing) -> tuple[str, ...]:
    """What goes on without anything new gets that question first. It is nobody's own: what was asked once is not handed on."""
    own = tuple(question for question in action.questions if question != STUCK)
    asks = action.kind is not Kind.DECIDE and action.method != CHECK
    return (STUCK, *own) if asks and standing.neutral >= NEUTRAL else own


class _Planner:
    """One prospect at one moment; the methods share what came in, nothing else."""

    def __init__(self, prospect: Prospect, rules: Rules, standing: Standing, rep: RepRules, now: datetime) -> None:
        self.prospect, self.rules, self.standing, self.rep = prospect, rules, standing, rep
        self.today = rep.workdays.today(now)
        self.cadence = cadence_for(prospect, rules.cadences)

    def actions(self) -> list[Action]:
        standing = self.standing
        if agreed := self._whose_day_has_come():
            return [self._promise(*agreed)]
        if standing.waiting:
            return [self._check()]
        if standing.question:
            return [self._drop_or_when()]
        if reason := self._reason():
            return self._next_of([reason, *self._dated()])
        if standing.retry and not self._has_another_day(standing.retry):
            return self._with_retry(standing.retry)
        return self._next_of([*self._steps(), *self._dated()]) or [self._decide()]

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
        free = self.standing.promise or not (self.standing.waiting or self.standing.question or self.standing.retry)
        return (ordered[0][1], ordered[0][0]) if ordered and free else None

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
        return due_day(promise, self.rules.method(promise.method or self.prospect.method or "call"), self.rep)

    def _promise(self, promise: Promised, action: str) -> Action:
        moved = self._moved_to(action)
        method_name = promise.method or self.prospect.method or "call"
        method = self.rules.method(method_name)
        day = due_day(promise, method, self.rep)
        why = [f"Agreed on {self._said(promise)}: {method_name} on {promise.day:%a %Y-%m-%d}{_hour(promise, self.rep)}."]
        if method.lead and promise.start is None:
            why.append(f"{method_name.capitalize()} needs {method.lead} to arrive: done on {day:%a %Y-%m-%d}.")
        return Action(
            id=action,
            prospect=self.prospect.id,
            kind=Kind.PROMISE,
            method=method_name,
            purpose=promise.purpose or PURPOSE,
            due=day,
            base=promise.day,
            minutes=promise.minutes or method.minutes,
            start=promise.start,
            window=promise.window,
            agenda=promise.agenda,
            questions=promise.questions,
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

    # --- the rep is asked

    def _check(self) -> Action:
        waiting = self.standing.waiting
        assert waiting is not None
        purpose = waiting.about or f"{self.prospect.contact} has decided"
        day = self.rep.workdays.next_day(waiting.until)
        why = (f"Waiting on them until {waiting.until:%a %Y-%m-%d}; the check is yours.", *self._shifted(waiting.until, day))
        return self._ask(self.standing.opened, Kind.STEP, CHECK, purpose, waiting.until, day, why)

    def _drop_or_when(self) -> Action:
        question = self.standing.question
        assert question is not None
        deleted = self.rep.workdays.today(question.at)
        day = self._after(self.standing.asked or question.at)
        why = (f"Its entry was deleted on {deleted:%a %Y-%m-%d}: drop, or when?",)
        return self._ask(self.standing.opened, Kind.DECIDE, DECIDE, DROP_OR_WHEN, deleted, day, why)

    def what_was_meant(self, unclear: Unclear) -> Action:
        again = self.standing.asking != action_id(self.prospect.id, "unclear", unclear.action, unclear.text)
        if unclear.either:
            return self._which(unclear, again=again)
        day = self.rep.workdays.today(unclear.at)
        first = self._after(unclear.at) if again else self.rep.workdays.next_day(day)
        said = _clipped(unclear.text)
        why = (f"Written on {day:%a %Y-%m-%d}, and not understood: nothing was changed by it.",)
        asks = WHO if unclear.among else "what and when?"
        return self._ask(self.standing.asking, Kind.DECIDE, DECIDE, f'"{said}": {asks}', day, first, why)

    def _which(self, unclear: Unclear, *, again: bool) -> Action:
        """Two things were understood: the day and the hour of both stand in the title."""
        day = self.rep.workdays.today(unclear.at)
        first = self._after(unclear.at) if again else self.rep.workdays.next_day(day)
        why = (f"Both were told on {day:%a %Y-%m-%d}: the first one stands until the rep says something else.",)
        purpose = f"{', or '.join(_clipped(one) for one in self._agreements() or unclear.either)}?"
        return self._ask(self.standing.asking, Kind.DECIDE, DECIDE, purpose, day, first, why)

    def _agreements(self) -> list[str]:
        """What is agreed, in words, where several are; the earliest first."""
        if not self.standing.others:
            return []
        zone, found = self.rep.workdays.zone, []
        for action, one in self.standing.agreements.items():
            moved = self.standing.moved.get(action)
            put = replace(one, day=self.rep.workdays.today(moved.start), start=moved.start) if moved else one
            found.append((put.day, put.start.timestamp() if put.start else 0, in_words(put, zone)))
        return [words for _, _, words in sorted(found)]

    def _decide(self) -> Action:
        since = self.standing.asked or self.standing.last_touch or self.standing.captured
        day = self.rep.workdays.today(since) if since else self.today
        first = self._after(self.standing.asked) if self.standing.asked else day
        why = (f"No next step is known since {day:%a %Y-%m-%d}: the rep must choose.",)
        identity = action_id(self.prospect.id, "decide", self.standing.origin)
        return self._ask(identity, Kind.DECIDE, DECIDE, "", day, first, why)

    def _after(self, moment: datetime) -> date:
        """The next working day after the day of ``moment``."""
        return self.rep.workdays.next_day(self.rep.workdays.today(moment) + timedelta(days=1))

    def _ask(self, identity: str, kind: Kind, method: str, purpose: str, base: date, day: date, why: tuple[str, ...]) -> Action:
        return Action(
            id=identity,
            prospect=self.prospect.id,
            kind=kind,
            method=method,
            purpose=purpose,
            due=day,
            base=base,
            minutes=_DECIDE_MINUTES,
            why=why,
        )

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
        retry = self.standing.retry
        if retry and ref in retry.steps:
            return self._retry(retry, None)
        if retry and not retry.steps:  # what was agreed and not answered yet waits for no reason
            return self._retry(retry, self.cadence)
        return self._step(step, (ref,), base, f"Reason {reason.name}: {reason.before} before {reason.of} {day}")

    def _dated(self) -> list[Action]:
        """What was said to be due on a day: on that day or the last working day before it, once. Another day moves it."""
        found = []
        for step in DATED:
            day = self.prospect.day(step.of)
            ref = StepRef(f"date:{step.of}", day.isoformat() if day else "")
            if day and ref not in self.standing.touched:
                by = replace(step, method=step.method or self.prospect.method or "call")
                action = self._step(by, (ref,), day, f"{step.of.replace('_', ' ').capitalize()} {day}")
                retry = self.standing.retry
                if retry and retry.steps and retry.steps[0].cadence == ref.cadence:  # its entry follows
                    action = replace(action, id=self.standing.opened, attempt=self.standing.attempts + 1)
                found.append(action)
        return found

    def _has_another_day(self, touch: Touched) -> bool:
        """Whether what was tried hangs on a date that was changed since, or taken back: then it is due on that day, or not at all, and the
        entry of its attempt follows."""
        days = {f"date:{step.of}": self.prospect.day(step.of) for step in DATED}
        refs = [one for one in touch.steps if one.cadence in days]
        return bool(refs) and all((day := days[one.cadence]) is None or day.isoformat() != one.step for one in refs)

    def _steps(self) -> list[Action]:
        """The next occurrence of each step, and all that ``ahead`` shows."""
        if self.cadence is None:
            return []
        track = Track(self.prospect, self.cadence, self.standing, self.rep, self.today)
        gap = self.cadence.min_gap
        occurrences = track.ahead(self.rep.workdays.add(self._horizon(), gap) if gap else self._horizon())
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
            action = self._inclusion(action)
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
        name = self.prospect.instead_of(step.method)
        method = self.rules.method(name)
        why = [f"{reason} = {base:%a %Y-%m-%d}."]
        if name != step.method:
            why.append(f"{name.capitalize()} instead of {step.method}, as said for this prospect.")
        day = base
        if method.lead:
            day = self.rep.workdays.previous_day(self.rep.workdays.add(base, method.lead, -1))
            why.append(f"{name.capitalize()} needs {method.lead} to arrive: done on {day:%a %Y-%m-%d}.")
        shifted = self.rep.workdays.shifted(day, step.shift)
        why.extend(self._shifted(day, shifted))
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

    def _inclusion(self, action: Action) -> Action:
        """The same for those who decide but were absent. Whom nobody can reach is written a note for the prospect to forward."""
        absent = [one for one in self.prospect.stakeholders if not one.present]
        names = tuple(", ".join(filter(None, [one.name, one.role, one.address])) for one in absent)
        action = replace(action, kind=Kind.INCLUDE, agenda=(*action.agenda, *names))
        unknown = [one for one in absent if not one.address]
        if len(unknown) < len(absent):
            return replace(action, purpose=f"{action.purpose} with {', '.join(one.name for one in absent)}")
        notes = "note" if len(unknown) == 1 else "notes"
        return replace(action, purpose=f"write {len(unknown)} {notes} for {self.prospect.contact} to forward")

    def _shifted(self, day: date, shifted: date) -> list[str]:
        if day == shifted:
            return []
        return [f"Moved from {day:%a %Y-%m-%d} to {shifted:%a %Y-%m-%d}: {self.rep.workdays.why_off(day)}."]

    # --- attempts

    def _with_retry(self, touch: Touched) -> list[Action]:
        """The retry stands in for the steps that were attempted; after the rep's own limit the rep is asked."""
        limit = self.cadence.retry.limit if self.cadence else None
        if limit is not None and self.standing.attempts >= limit:
            return [self._decide()]
        others = [action for action in (*self._steps(), *self._dated()) if not set(action.steps) & set(touch.steps)]
        return self._next_of([self._retry(touch, self.cadence), *others])

    def _retry(self, touch: Touched, cadence: Cadence | None) -> Action:
        """Same purpose and agenda, at another hour band and weekday than the last tries."""
        after = cadence.retry.after if cadence else Duration(1, Unit.WORKING_DAYS)
        tries = [moment.astimezone(self.rep.workdays.zone) for moment in self.standing.tries]
        base = self.rep.workdays.add(self.rep.workdays.today(touch.at), after)
        day = other_weekday(base, tries, self.rep)
        name = self.prospect.instead_of(touch.method or self.prospect.method or "call")
        method = self.rules.method(name)
        step = self._tried(touch)
        window = step.window if step else None
        minutes = (step.minutes if step else None) or method.minutes
        number = self.standing.attempts + 1
        return Action(
            id=self.standing.opened,
            prospect=self.prospect.id,
            kind=Kind.RETRY,
            method=name,
            purpose=touch.purpose or PURPOSE,
            due=day,
            base=base,
            minutes=minutes,
            window=window,
            liked=other_band([one.time() for one in tries], bands(self.rep, day, window, minutes)),
            agenda=touch.agenda,
            questions=touch.questions,
            they_know=step.they_know if step else None,
            steps=touch.steps,
            form=(step.form if step else None) or method.form,
            attempt=number,
            title=(step.title if step else "") or method.title,
            body=(step.body if step else "") or method.body,
            why=(f"Attempt {number}: {how_tried(touch)} on {tries[-1]:%a %Y-%m-%d %H:%M}; {after} later, at another hour.",),
        )

    def _tried(self, touch: Touched) -> Step | None:
        """The step of the cadence that was tried, None where it was none, or the rules have changed."""
        ref = touch.steps[0] if touch.steps else None
        if ref is None or self.cadence is None or ref.cadence != self.cadence.name:
            return None
        return next(
            (
                step
                for step in self.cadence.steps
                if step.id == ref.step and touch.method in (step.method, self.prospect.instead_of(step.method))
            ),
            None,
        )


def _clipped(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1].rstrip()}…"


def _hour(promise: Promised, rep: RepRules) -> str:
    if promise.start:
        return f" at {promise.start.astimezone(rep.workdays.zone):%H:%M}"
    return f" between {promise.window.start:%H:%M} and {promise.window.end:%H:%M}" if promise.window else ""


def _merged(occurrences: list[Occurrence], cadence: Cadence, rep: RepRules) -> list[tuple[Occurrence, ...]]:
    """Two recurring streams closer than ``min_gap`` become one; the first of each tuple names the day and the method."""
    merged: list[tuple[Occurrence, ...]] = []
    for one in occurrences:
        if cadence.min_gap and one.step.count is Count.EVERY:
            limit = rep.workdays.add(one.base, cadence.min_gap, -1)
            near = next((number for number, pair in enumerate(merged) if _near(pair, one, limit)), None)
            if near is not None:
                merged[near] = (*merged[near], one)
                continue
        merged.append((one,))
    return [tuple(sorted(pair, key=lambda one: one.step.method != cadence.prefer)) for pair in merged]


def _near(pair: tuple[Occurrence, ...], one: Occurrence, limit: date) -> bool:
    first = pair[0]
    return first.step.count is Count.EVERY and first.base > limit and all(other.step.id != one.step.id for other in pair)
