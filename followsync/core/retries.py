"""The next try after those that were not answered: the same again, on another weekday, in another part of the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from followsync.core.action import PURPOSE, Action, Case
from followsync.core.cadence import Cadence, Duration, Method, Step, Unit, Window
from followsync.core.history import Kind, StepRef, Touched
from followsync.core.spans import overlap, size
from followsync.core.touches import how_tried, tried_at
from followsync.core.wishes import Wish, in_turn, ranges
from followsync.core.workdays import RepRules

_BAND = 120  # minutes
_WEEK = 7  # days within which each time that is kept for a method comes round
_ANOTHER_WEEKDAY = 10  # days within which another weekday than that of the last tries is looked for


def to_try_again(case: Case, tried: Touched) -> Touched | None:
    """What goes next of all that nobody answered; None where each was tried as often as the rep's limit says.

    A branch and the step that it came from go by turns, first what was tried longest ago: an e-mail that nobody answered does not end the
    calls, and neither of them says what is the other's. All else is tried again as one.
    """
    limit = case.cadence.retry.limit if case.cadence else None
    if not tried.steps:
        return None if limit is not None and case.standing.attempts >= limit else tried
    left = tuple(ref for ref in tried.steps if limit is None or _times(case, ref) < limit)
    last = {ref: case.standing.attempted.get(ref, (tried,))[-1] for ref in left}
    if not last:
        return None
    if any(_came_from(case, ref, tried.steps) for ref in tried.steps):
        first = min(last.values(), key=lambda one: one.at)
        return replace(first, at=tried.at, recap=tried.recap, steps=tuple(ref for ref in left if last[ref] is first))
    if left == tried.steps:
        return tried
    latest = max(last.values(), key=lambda one: one.at)
    return replace(latest, at=tried.at, recap=tried.recap, steps=left)


def _times(case: Case, ref: StepRef) -> int:
    """How often it was tried in a row."""
    tries = set(case.standing.tries)
    return sum(tried_at(one) in tries for one in case.standing.attempted.get(ref, ()))


def _came_from(case: Case, ref: StepRef, others: tuple[StepRef, ...]) -> bool:
    """Whether it is a branch of one of the others."""
    here = case.cadence
    return here is not None and any(
        ref.step == step.id for one in others if one.cadence == here.name for step in here.branches_of(one.step)
    )


def retry(case: Case, touch: Touched, cadence: Cadence | None) -> Action:
    """Same purpose and agenda, at another hour band and weekday than the last tries. ``cadence``: whose patience holds."""
    days, standing = case.rep.workdays, case.standing
    after = cadence.retry.after if cadence else Duration(1, Unit.WORKING_DAYS)
    tries = [moment.astimezone(days.zone) for moment in standing.tries]
    base = days.add(days.today(touch.at), after)
    day = other_weekday(base, tries, case.rep)
    name = case.prospect.instead_of(case.usual_method(touch.method))
    method = case.rules.method(name)
    step = _tried(case, touch)
    window = step.window if step else None
    minutes = (step.minutes if step else None) or method.minutes
    whole = standing.retry is None or touch.steps == standing.retry.steps
    number = (standing.attempts if whole else max(_times(case, ref) for ref in touch.steps)) + 1
    return Action(
        id=standing.opened,
        prospect=case.prospect.id,
        kind=Kind.RETRY,
        method=name,
        purpose=touch.purpose or PURPOSE,
        due=day,
        base=base,
        minutes=minutes,
        window=window,
        liked=other_bands([one.time() for one in tries], _choice(case, day, method, window, minutes)),
        agenda=touch.agenda,
        questions=touch.questions,
        they_know=step.they_know if step else None,
        steps=touch.steps,
        form=(step.form if step else None) or method.form,
        attempt=number,
        version=case.version_for(touch.steps),
        title=(step.title if step else "") or method.title,
        body=(step.body if step else "") or method.body,
        why=(f"Attempt {number}: {how_tried(touch)} on {tries[-1]:%a %Y-%m-%d %H:%M}; {after} later, at another hour.",),
    )


def _tried(case: Case, touch: Touched) -> Step | None:
    """The step of the cadence that was tried, None where it was none, or the rules have changed."""
    ref = touch.steps[0] if touch.steps else None
    if ref is None or case.cadence is None or ref.cadence != case.cadence.name:
        return None
    return next(
        (
            step
            for step in case.cadence.steps
            if step.id == ref.step and (ref.who or touch.method in (step.method, case.prospect.instead_of(step.method)))
        ),
        None,
    )


def other_weekday(base: date, tries: list[datetime], rep: RepRules) -> date:
    """The first working day from ``base`` on that is of another weekday than the last two tries, or at least than the last one: a wait of
    six days would else go to and fro between two. A rep who works on one weekday only keeps it."""
    days = rep.workdays
    near = [day for n in range(_ANOTHER_WEEKDAY) if days.works(day := base + timedelta(days=n))]
    for last in (tries[-2:], tries[-1:]):
        if found := next((day for day in near if day.weekday() not in {one.weekday() for one in last}), None):
            return found
    return days.next_day(base)


@dataclass(frozen=True, slots=True)
class Band:
    """Two hours of the rep's day, or what is left at its end. ``part``: what of them lies inside the wishes."""

    whole: Window
    part: Window


def bands(rep: RepRules, day: date, method: Method, timezone: str, wish: Wish, minutes: int) -> list[Band]:
    """The hours of that day as far as the wish goes, in stretches of two, as far as they leave room."""
    inside = ranges(rep, day, method, timezone, wish)
    wholes = [whole for span in rep.workdays.hours.get(day.weekday(), ()) for whole in _stretches(span)]
    found = [Band(whole, part) for whole in wholes for span in inside if (part := overlap(whole, span))]
    return [one for one in found if size(one.part) >= timedelta(minutes=minutes)]


def _stretches(span: Window) -> list[Window]:
    first, last = _minutes(span.start), _minutes(span.end)
    starts = range(first, last, _BAND)
    return [Window(_clock(start), _clock(min(start + _BAND, last))) for start in starts]


def _choice(case: Case, day: date, method: Method, window: Window | None, minutes: int) -> list[Band]:
    """Those of the first days on which it can stand, with as many wishes as can be met at all."""
    days = [one for n in range(_WEEK) if case.rep.workdays.works(one := day + timedelta(days=n))]
    found = (bands(case.rep, one, method, case.prospect.timezone, wish, minutes) for wish in in_turn(window) for one in days)
    return next(filter(None, found), [])


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def other_bands(tries: list[time], choice: list[Band]) -> tuple[Window, ...]:
    """One after the other with each try, and then all others but that of the last one. Where the tries were made decides nothing else: a
    rep who always answers at noon gets other hours all the same."""
    turn = len(tries) % len(choice) if choice else 0
    others = [one for one in (*choice[turn:], *choice[:turn]) if not one.whole.start <= tries[-1] < one.whole.end]
    return tuple(one.part for one in others) if len(choice) > 1 else ()
