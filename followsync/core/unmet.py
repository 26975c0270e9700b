"""Which wish about the hour could not be kept, and when it was the prospect's office hours that decided: for ``why``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, time, timedelta
from zoneinfo import ZoneInfo

from followsync.core.board import Board
from followsync.core.cadence import Window
from followsync.core.history import Kind
from followsync.core.placement import Placed
from followsync.core.spans import overlap, size
from followsync.core.wishes import Wish

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def unmet(one: Placed, board: Board) -> Iterator[str]:
    """Sentences on what was placed by the rules; a promise is asked for nothing, and keeps what was agreed."""
    if one.action.kind is Kind.PROMISE:
        return
    hours = [span for several in board.rep.workdays.hours.values() for span in several]
    if not _fits(one, hours):
        yield _stretched(one)
        return
    yield from _window(one, board, hours)
    yield from _block(one, board)
    yield from _office(one, board)


def _stretched(one: Placed) -> str:
    minutes = one.action.minutes
    if one.end.astimezone(UTC) - one.start.astimezone(UTC) < timedelta(minutes=minutes):
        return f"Its {minutes} minutes fit into no working day: it stands for as long as the longest one."
    return f"Its {minutes} minutes fit no range of the working hours: it stands over the gap between them."


def _window(one: Placed, board: Board, hours: list[Window]) -> Iterator[str]:
    window = one.action.window
    if window is None or _inside(one, [window]):
        return
    inside = [overlap(window, span) for span in hours]
    if not any(inside):
        reason = "it lies outside the working hours"
    elif not _fits(one, inside):
        reason = f"it has no {one.action.minutes} minutes inside the working hours"
    else:
        reason = _beside_office(one, board, Wish(window, block=False))
    yield f"Not in its window {_told(window)}: {reason}."


def _block(one: Placed, board: Board) -> Iterator[str]:
    """The time that is kept for its method."""
    blocks = board.rep.blocks.get(one.action.method, {})
    if not blocks or _inside(one, blocks.get(one.start.weekday(), ())):
        return
    kept = ", ".join(f"{_DAYS[day]} {_told(span)}" for day, spans in sorted(blocks.items()) for span in spans)
    hours = board.rep.workdays.hours
    inside = [overlap(block, span) for day, several in blocks.items() for block in several for span in hours.get(day, ())]
    if not any(inside):
        reason = "that lies outside the working hours"
    elif not _fits(one, inside):
        reason = f"it has no {one.action.minutes} minutes inside the working hours"
    elif one.action.window and not _may_stand(one, board, Wish(one.action.window, office=False)):
        reason = f"that lies outside its window {_told(one.action.window)}"
    else:
        reason = _beside_office(one, board, Wish(one.action.window))
    yield f"Not in the time kept for {one.action.method} ({kept}): {reason}."


def _office(one: Placed, board: Board) -> Iterator[str]:
    """Where it is never office time with them the hour there is told, and where it is later than the rep's day begins, since when."""
    day, action = board.day(one.start), one.action
    office, theirs = board.office(day, action), board.rules.method(action.method).hours
    if office is None or theirs is None:
        return
    if not _inside(one, office):
        there = one.start.astimezone(ZoneInfo(action.timezone))
        common = _may_stand(one, board, Wish(None, block=False))
        reason = "no day has room there" if common else "it lies outside the working hours"
        yield f"Not in their office time ({_told(theirs)} in {action.timezone}): {reason}. With them it is {there:%a %H:%M} then."
    elif late := _late(board, day, one, office):
        yield f"Not before {late:%H:%M}: office time with them ({_told(theirs)} in {action.timezone})."


def _beside_office(one: Placed, board: Board, wish: Wish) -> str:
    """Whether it is the prospect's office hours, which no time of the rep's own comes before, or only the other things that stand there."""
    if _may_stand(one, board, wish):
        return "no day has room there"
    return f"it is not office time with them then ({one.action.timezone})"


def _may_stand(one: Placed, board: Board, wish: Wish) -> bool:
    """Whether the wish leaves room for it on any day of a week, if nothing else stands there."""
    week = (board.day(one.start) + timedelta(days=n) for n in range(7))
    return any(_fits(one, board.ranges(day, one.action, wish)) for day in week if board.rep.workdays.hours.get(day.weekday()))


def _late(board: Board, day: date, one: Placed, office: list[Window]) -> time | None:
    """When it begins to be office time in the range of the rep's hours in which it stands, where that range begins earlier."""
    clock = one.start.time()
    spans = (span for span in board.hours(day) if span.start <= clock < span.end)
    return next((part.start for span in spans for part in office if span.start < part.start <= clock), None)


def _fits(one: Placed, windows: Iterable[Window | None]) -> bool:
    return any(window and size(window) >= timedelta(minutes=one.action.minutes) for window in windows)


def _inside(one: Placed, windows: Iterable[Window]) -> bool:
    start, end = one.start.time(), one.end.time()
    return one.start.date() == one.end.date() and any(window.start <= start and end <= window.end for window in windows)


def _told(window: Window) -> str:
    return f"{window.start:%H:%M}-{window.end:%H:%M}"
