"""Why an action stands where it stands, told while it stands there: the placement itself speaks only when it puts it somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from followsync.core.board import Board
from followsync.core.cadence import Rules, Window
from followsync.core.history import Kind
from followsync.core.placement import BY_HAND, Placed
from followsync.core.unmet import unmet
from followsync.core.workdays import BusyTime, RepRules


def why_there(
    one: Placed, placed: Iterable[Placed], busy: Iterable[BusyTime], rules: Rules, rep: RepRules, now: datetime, done: int = 0
) -> tuple[str, ...]:
    """What kept it from an earlier day and an earlier hour, and which wish could not be kept. ``placed``: everything that stands, ``one``
    too; ``done``: how many were answered today. Of days and hours nothing where the placement has just said why; nothing at all where an
    hour was agreed or chosen by hand."""
    if one.action.start is not None or BY_HAND in one.why:
        return ()
    long_ago = datetime.combine(one.placed - timedelta(days=2), time(12), rep.workdays.zone)  # so that no hour counts as past
    board = Board(busy, rules, rep, long_ago)
    for other in placed:
        if other.action.id != one.action.id:
            board.note(other.start, other.end, other.action.area)
    board.count[rep.workdays.today(now)] += done
    slot = _Slot(one, board, now)
    return (*(slot.sentences() if one.why == one.action.why else ()), *unmet(one, board))


@dataclass(frozen=True, slots=True)
class _Slot:
    one: Placed
    board: Board
    now: datetime

    @property
    def day(self) -> date:
        return self.board.day(self.one.start)

    def sentences(self) -> Iterator[str]:
        if self.one.missed:
            days = "1 working day" if self.one.missed == 1 else f"{self.one.missed} working days"
            yield f"Not done on {days}: rolled on."
            return
        yield from self._other_days()
        found = self.board.free(self.day, self._length, self._ranges(self.day))
        if found and found[0] == self.one.start and found[1]:
            yield f"Not earlier that day: {', '.join(found[1])}."
        elif found and found[0] < self.one.start and (why := self._for_area(found[0])):
            yield why
        elif found and found[0] < self.one.start and self.one.placed == self.day:  # at which hour nobody noted down
            yield "It was put there on that very day, in what was left of it."
        elif found and self.now <= found[0] < self.one.start:
            yield f"By now {found[0]:%H:%M} would be free too; what stands stays."

    def _for_area(self, free: datetime) -> str:
        """Where it takes the rep, if that is why it stands on another half of the day than the one that is ``free``; else ""."""
        if self.board.half(free) == self.board.half(self.one.start):
            return ""
        if self._has_company():
            return f"With another visit to {self.one.action.area} on that half day."
        elsewhere = self.one.action.area and self.board.areas.get(self.board.half(free), set()) - {self.one.action.area}
        return "The visits of the other half day lead elsewhere." if elsewhere else ""

    def _has_company(self) -> bool:
        return self.one.action.area in self.board.areas.get(self.board.half(self.one.start), set())

    @property
    def _length(self) -> timedelta:
        return self.one.end.astimezone(UTC) - self.one.start.astimezone(UTC)

    def _other_days(self) -> Iterator[str]:
        """Only the first of them is told with its reason: a backlog has very many."""
        action = self.one.action
        first = max(action.due, self.one.placed)
        if action.kind is Kind.PROMISE or first >= self.day:
            return
        days = [day for n in range((self.day - first).days) if self.board.may_stand(day := first + timedelta(days=n), action)]
        if not days:
            return
        more = len(days) - 1
        others = f", nor on the {more} working days after it" if more > 1 else ", nor on the next working day" if more else ""
        yield f"Not on {days[0]:%a %Y-%m-%d}{others}: {self._why_not(days[0])}."

    def _why_not(self, day: date) -> str:
        if self.board.count[day] >= self.board.rep.capacity:
            return f"full ({self.board.rep.capacity} a day)"
        if self.board.free(day, self._length, self._ranges(day)):
            if self._has_company():
                return f"another visit to {self.one.action.area} is on {self.day:%a %Y-%m-%d}"
            return "there was no room then, and what stands stays"
        if not self._ranges(day) and self.board.office(day, self.one.action) == []:
            return f"it is their weekend then ({self.one.action.timezone})"
        labels = dict.fromkeys(one.label or "busy" for one in self.board.busy.get(day, ()))
        return ", ".join(labels) or "no room beside what else stands there"

    def _ranges(self, day: date) -> list[Window]:
        """The hours that were looked through: as many wishes as its own slot meets."""
        action, clock = self.one.action, self.one.start.time()
        for wish in self.board.wishes(action):
            if any(span.start <= clock < span.end for span in self.board.ranges(self.day, action, wish)):
                return self.board.ranges(day, action, wish)
        return []
