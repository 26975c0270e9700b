"""Two calendars that tell of one action in the same cycle. Nobody knows what was done first, so the order of reading decides nothing.

An agreement and what was done stand beside each other, as on one entry. Of two words the more exact one holds. Of two agreements the
earlier one stands, and one question names both; so it is with two moves. Yes and no close nothing: both are kept, and the rep is asked.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo

from followsync.core.history import Contradicted, Entry, History, Moved, Promised, Result, Touched, Unclear
from followsync.core.plan import PURPOSE
from followsync.core.promises import in_words, moment_in_words
from followsync.core.standing import Standing

_EXACT = (Result.DONE, Result.NEXT, Result.ATTEMPT)
_CLOSES = (Result.YES, Result.NO)


def says_more(result: Result, before: Touched | None, now: datetime, via: str) -> bool:
    """Whether it holds over the answer ``before`` of the same action, of another calendar and of the same moment."""
    return result not in _CLOSES and before is not None and more_exact(result, before, now, via) is result is not before.result


def more_exact(result: Result, before: Touched, now: datetime, via: str) -> Result | None:
    """The one of the two that holds; None where they are not of one moment, or one of them closes."""
    if not _elsewhere(before, now, via) or result in _CLOSES or before.result in _CLOSES:
        return None
    return max(result, before.result, key=_EXACT.index)


def against(entries: Iterable[Entry], history: History, now: datetime) -> Contradicted | None:
    """The yes or no of ``entries``, where another calendar says the opposite of the same action at this moment; ``history``: of a prospect
    who was closed by that."""
    closing = next((one for one in reversed(history) if isinstance(one, Touched) and one.result in _CLOSES), None)
    for one in entries:
        if not (closing and isinstance(one, Touched) and one.result in _CLOSES and one.action == closing.action):
            continue
        if one.result is not closing.result and _elsewhere(closing, now, one.via):
            said = sorted(f"{each.result} on {each.via.removeprefix('calendar:')}" for each in (one, closing))
            return Contradicted(now, one.via, one.action, ", ".join(said), one.note)
    return None


def one_agreement(
    entries: tuple[Entry, ...], where: Standing, action: str, now: datetime, via: str, zone: tzinfo, unseen: Container[Entry] = ()
) -> tuple[Entry, ...]:
    """``entries`` of ``action``, with one agreement at most that goes against the open promise, where another calendar told that at the
    same moment. What is said on the promise's own entry was said after it. ``unseen``: what was agreed since the action was answered
    elsewhere, of which the entry did not show anything yet."""
    open_promise = None if where.opened == action else where.promise
    second = next((one for one in entries if isinstance(one, Promised)), None)
    if second is None or open_promise is None or not (_elsewhere(open_promise, now, via) or open_promise in unseen):
        return entries
    others = tuple(one for one in entries if one is not second)
    if when_of(second) == when_of(open_promise):
        return others if replace(second, at=open_promise.at, via=open_promise.via) == open_promise else entries
    waiting = tuple(where.others.values())
    return (*others, *agreed_beside(second, open_promise, waiting, now, via, action, zone))


def agreed_beside(
    new: Promised, stands: Promised | None, waiting: Iterable[Promised], now: datetime, via: str, action: str, zone: tzinfo
) -> tuple[Entry, ...]:
    """What is added to the history where ``new`` is agreed beside a promise that ``stands`` and others that wait: the earliest stands, and
    one question about ``action`` names them all."""
    every = sorted((new, *([stands] if stands else []), *waiting), key=when_of)
    first = () if every[0] is stands else every[:1]
    return (*first, *([which(every, now, via, action, zone)] if len(every) > 1 else []))


def beside_others(
    new: Promised, stands: Promised, waiting: Iterable[Promised], now: datetime, via: str, action: str, zone: tzinfo
) -> tuple[Entry, ...]:
    """The same, where what waits is left where it is: of ``new`` and what ``stands`` the earlier one stands."""
    first, second = sorted((new, stands), key=when_of)
    question = which((first, *sorted((second, *waiting), key=when_of)), now, via, action, zone)
    return (question,) if first is stands else (new, question)


def goes_beside(new: Promised, stands: Promised, method: str) -> bool:
    """Whether a ``new`` agreement, an entry of its own, is about something else than what ``stands``, and at another time. About the
    same it is that follow-up, put elsewhere; so it is where what stands names no purpose of its own. ``method``: where none is said."""
    same = (new.method or method) == (stands.method or method) and stands.purpose in ("", PURPOSE, new.purpose)
    return when_of(new) != when_of(stands) and not same


def which(every: Sequence[Promised], now: datetime, via: str, action: str, zone: tzinfo) -> Unclear:
    """The question about them; the first one stands."""
    words = tuple(in_words(one, zone) for one in every)
    return Unclear(now, via, "; ".join(words), action, either=words, others=tuple(every[1:]))


def two_places(entries: Iterable[Entry], history: History, now: datetime, via: str, zone: tzinfo) -> Unclear | None:
    """The question about two moves of one action, where another calendar told another one at the same moment. Of those the earlier one
    holds (see ``standing``)."""
    for one in entries:
        before = _last_move(history, one.action) if isinstance(one, Moved) else None
        if isinstance(one, Moved) and before and _elsewhere(before, now, via) and before.start != one.start:
            first, second = sorted((before.start, one.start))
            words = tuple(moment_in_words(start, zone) for start in (first, second))
            return Unclear(now, via, "; ".join(words), one.action, either=words)
    return None


def _last_move(history: History, action: str) -> Moved | None:
    return next((one for one in reversed(history) if isinstance(one, Moved) and one.action == action), None)


def _elsewhere(entry: Entry, now: datetime, via: str) -> bool:
    return entry.via.startswith("calendar:") and entry.via != via and entry.at == now


def when_of(promise: Promised) -> tuple[date, time]:
    """To put agreements in their order, and to tell whether two are for the same time: the day, and the hour in UTC."""
    if promise.start:
        return promise.day, promise.start.astimezone(UTC).time()
    return promise.day, promise.window.start if promise.window else time.min
