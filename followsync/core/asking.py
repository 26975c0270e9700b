"""What the rep is asked: to check, to decide, what became of a deleted entry, what an answer meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from followsync.core import newsletter
from followsync.core.action import CHECK, DECIDE, Action, Case
from followsync.core.history import Kind, Unclear, Waiting
from followsync.core.identity import action_id
from followsync.core.promises import hour_in_words, in_words, moment_in_words

DROP_OR_WHEN = "drop, or when?"  # what is asked about a deleted entry
IS_IT = "is that the day?"  # what is asked about what was agreed, or put there by hand, while a clock was ahead
WHO = "who is meant?"  # what is asked about a new follow-up that fits several prospects
NEUTRAL = 4  # touches in a row that brought nothing, after which more of the same is asked about
STUCK = "Nothing new in four touches: another purpose, another person, or is it a no?"
STANDING = (STUCK, newsletter.QUESTION)  # what is asked whatever the action is
_DECIDE_MINUTES = 10
_QUOTED = 60  # characters of an answer that was not understood, in the title of the question


def with_standing_questions(action: Action, case: Case) -> Action:
    """What goes on without anything new gets that question first, once in so many touches: asked each time it would hide the action's own.
    A call asks for the newsletter, while a rule wants to send it to somebody of whom nobody knows whether they want it. These are nobody's
    own: what was asked once is not handed on."""
    own = tuple(question for question in action.questions if question not in STANDING)
    if action.kind is Kind.DECIDE or action.method == CHECK:
        return replace(action, questions=own)
    neutral = case.standing.neutral
    stuck = (STUCK,) if neutral and neutral % NEUTRAL == 0 else ()
    opt_in = (newsletter.QUESTION,) if _asks_for_newsletter(action, case) else ()
    return replace(action, questions=(*stuck, *own, *opt_in))


def _asks_for_newsletter(action: Action, case: Case) -> bool:
    if case.wants_newsletter is not None:
        return False
    sends = any(newsletter.is_newsletter(step, case.prospect) for step in case.cadence.steps) if case.cadence else False
    to_them = action.method == "call" and not any(ref.who for ref in action.steps)
    return sends and (to_them or any(ref.step == newsletter.OPT_IN for ref in action.steps))


def check(case: Case, waiting: Waiting, identity: str) -> Action:
    """We wait for them, and the rep looks after it on that day."""
    purpose = waiting.about or f"{case.prospect.contact} has decided"
    day = case.rep.workdays.next_day(waiting.until)
    hour = hour_in_words(waiting, case.rep.workdays.zone)
    why = (f"Waiting on them until {waiting.until:%a %Y-%m-%d}{hour}; the check is yours.", *case.shifted(waiting.until, day))
    action = _ask(case, identity, Kind.STEP, CHECK, purpose, waiting.until, day, why)
    if waiting.start is None:
        return replace(action, window=waiting.window)
    clock = waiting.start.astimezone(case.rep.workdays.zone).time()
    return replace(action, start=waiting.start if day == waiting.until else case.rep.workdays.at(day, clock))


def drop_or_when(case: Case) -> Action:
    question = case.standing.question
    assert question is not None
    deleted = case.rep.workdays.today(question.at)
    day = case.day_after(case.standing.asked or question.at)
    why = (f"Its entry was deleted on {deleted:%a %Y-%m-%d}: drop, or when?",)
    return _ask(case, case.standing.opened, Kind.DECIDE, DECIDE, DROP_OR_WHEN, deleted, day, why)


def what_was_meant(case: Case, unclear: Unclear) -> Action:
    """An answer that could not be understood, or agreements of which only the first stands."""
    again = case.standing.asking != action_id(case.prospect.id, "unclear", unclear.action, unclear.text)
    day = case.rep.workdays.today(unclear.at)
    first = case.day_after(unclear.at) if again else case.rep.workdays.next_day(day)
    if unclear.either:  # both were understood: the day and the hour of each stand in the title
        why = f"Both were told on {day:%a %Y-%m-%d}: the first one stands until the rep says something else."
        purpose = f"{', or '.join(_clipped(one) for one in _agreements(case) or unclear.either)}?"
    else:
        why = f"Written on {day:%a %Y-%m-%d}, and not understood: nothing was changed by it."
        purpose = f'"{_clipped(unclear.text)}": {WHO if unclear.among else "what and when?"}'
    return _ask(case, case.standing.asking, Kind.DECIDE, DECIDE, purpose, day, first, (why,))


def _agreements(case: Case) -> list[str]:
    """What is agreed, in words, where several are; the earliest first."""
    if not case.standing.others:
        return []
    days, found = case.rep.workdays, []
    for action, one in case.standing.agreements.items():
        moved = case.standing.moved.get(action)
        put = replace(one, day=days.today(moved.start), start=moved.start) if moved else one
        found.append((put.day, put.start.timestamp() if put.start else 0, in_words(put, days.zone)))
    return [words for _, _, words in sorted(found)]


def is_that_the_day(case: Case, action: Action) -> Action | None:
    """What was agreed or moved while a clock was ahead, for a day that is still to come: it stands, and the rep is asked about it until
    they say another day, or delete the question. None where there is nothing to ask."""
    standing, days = case.standing, case.rep.workdays
    told, moved = standing.doubted.get(action.id), standing.moved.get(action.id)
    start = moved.start if moved else action.start
    if told is None or (days.today(start) if start else action.due) <= case.today:
        return None
    identity, again = action_id(case.prospect.id, "clock", action.id), False
    while identity in standing.answered:
        if identity in standing.deleted:
            return None
        identity, again = action_id(case.prospect.id, "clock", identity), True
    day = days.today(told)
    first = case.day_after(standing.asked) if again and standing.asked else days.next_day(day)
    where = moment_in_words(start, days.zone) if start else f"{action.due:%a %Y-%m-%d}"
    why = "It was told while this machine's clock was ahead: it stands as it was told until the rep says another day."
    return _ask(case, identity, Kind.DECIDE, DECIDE, f"{where}: {IS_IT}", day, first, (why,))


def decide(case: Case, limit: int | None = None) -> Action:
    """``limit``: of the attempts, where these are what the rep is asked about."""
    standing = case.standing
    since = standing.asked or standing.last_touch or standing.captured
    day = case.rep.workdays.today(since) if since else case.today
    first = case.day_after(standing.asked) if standing.asked else day
    why = (f"No next step is known since {day:%a %Y-%m-%d}: the rep must choose.",)
    if limit is not None:
        several = "1 attempt" if standing.attempts == 1 else f"{standing.attempts} attempts"
        why = (f"Nobody answered {several}, the last on {day:%a %Y-%m-%d}; the cadence's limit is {limit}: the rep must choose.",)
    identity = action_id(case.prospect.id, "decide", standing.origin)
    return _ask(case, identity, Kind.DECIDE, DECIDE, "", day, first, why)


def _ask(case: Case, identity: str, kind: Kind, method: str, purpose: str, base: date, day: date, why: tuple[str, ...]) -> Action:
    return Action(
        id=identity,
        prospect=case.prospect.id,
        kind=kind,
        method=method,
        purpose=purpose,
        due=day,
        base=base,
        minutes=_DECIDE_MINUTES,
        why=why,
    )


def _clipped(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1].rstrip()}…"
