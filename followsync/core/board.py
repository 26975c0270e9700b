"""The rep's days while they fill up: what is free, what stands there, what it would overlap."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from followsync.core.action import Action
from followsync.core.cadence import Rules, Window
from followsync.core.history import Kind
from followsync.core.spans import days_of, later, on_the_raster, whole_days
from followsync.core.wishes import NONE, Wish, hours, in_turn, office, ranges
from followsync.core.workdays import BusyTime, RepRules

NOON = 12


class Board:
    """``busy``: what others take; ``own``: what was noted down so far, by day. Moments are kept in UTC: those of one zone compare by their
    clocks, which show some hours twice."""

    def __init__(self, busy: Iterable[BusyTime], rules: Rules, rep: RepRules, now: datetime) -> None:
        self.rules, self.rep, self.now = rules, rep, now.astimezone(UTC)
        self.zone = rep.workdays.zone
        self.today = rep.workdays.today(now)
        self.busy: dict[date, list[BusyTime]] = defaultdict(list)
        self.own: dict[date, list[tuple[datetime, datetime]]] = defaultdict(list)
        self.count: dict[date, int] = defaultdict(int)
        self.areas: dict[tuple[date, str], set[str]] = defaultdict(set)  # which the rep is in on that half of the day
        self.short: dict[date, timedelta] = {}  # what did not fit anywhere into that day
        self._beyond: dict[timedelta, dict[date, date]] = defaultdict(dict)
        self._worked: dict[date, bool] = {}
        for one in sorted(replace(one, start=one.start.astimezone(UTC), end=one.end.astimezone(UTC)) for one in busy):
            # on each day that it or the buffer around it touches
            for day in days_of(later(one.start, -rep.buffer), later(one.end, rep.buffer), self.zone):
                self.busy[day].append(one)

    # --- what is free

    def free(self, day: date, length: timedelta, ranges: list[Window]) -> tuple[datetime, list[str]] | None:
        """The first start of that day at which ``length`` fits, and the labels of what had to be avoided before it."""
        avoided: list[str] = []
        taken = self._taken(day)
        for window in ranges:
            start = self.rep.workdays.at(day, window.start).astimezone(UTC)
            end = self.rep.workdays.at(day, window.end).astimezone(UTC)
            if day == self.today:
                start = self.not_past(start)
            for low, high, label in taken:
                if high <= start:
                    continue
                if low >= start + length:
                    break
                avoided.append(label)
                start = on_the_raster(high)
            if start + length <= end:
                return start.astimezone(self.zone), list(dict.fromkeys(filter(None, avoided)))
        return None

    def _taken(self, day: date) -> list[tuple[datetime, datetime, str]]:
        """Busy times and own actions of the day, with the buffer around them, in order."""
        buffer = self.rep.buffer
        busy = [(later(one.start, -buffer), later(one.end, buffer), one.label or "busy") for one in self.busy.get(day, ())]
        own = [(start - buffer, end + buffer, "") for start, end in self.own.get(day, ())]
        return sorted(busy + own)

    def wishes(self, action: Action) -> Iterator[Wish]:
        """From all wishes to none. A promise that is late is not held back by how many others stand there already."""
        first, *others = [one for one in in_turn(action.window) if not self._is_idle(one, action)]
        if action.kind is Kind.PROMISE:
            yield replace(first, capped=False)
        for wish in (first, *others):
            yield from (replace(wish, window=liked) for liked in action.liked)
            yield wish
        yield NONE

    def _is_idle(self, wish: Wish, action: Action) -> bool:
        """Whether it gives up what nobody wished, so that the one before it is the same."""
        asked = action.method in self.rep.blocks, self.office(self.today, action) is not None
        return not (wish.block or asked[0]) or not (wish.office or asked[1])

    def ranges(self, day: date, action: Action, wish: Wish) -> list[Window]:
        """The rep's hours of that day, as far as the wish goes."""
        return ranges(self.rep, day, self.rules.method(action.method), action.timezone, wish)

    def hours(self, day: date) -> tuple[Window, ...]:
        """The rep's hours; a day that is not worked borrows those of the next one that is, for what must stand there."""
        return hours(self.rep, day)

    def office(self, day: date, action: Action) -> list[Window] | None:
        """The prospect's office hours of that day, told in the rep's own zone; None where they do not matter."""
        return office(self.rep, day, self.rules.method(action.method), action.timezone)

    def may_stand(self, day: date, action: Action) -> bool:
        """Whether an action may stand there: on working days, and on the very day of a step that no weekend shifts."""
        if day not in self._worked:
            self._worked[day] = self.rep.workdays.works(day)
        return self._worked[day] or (action.any_day and day == action.due)

    def not_full(self, day: date, length: timedelta) -> date:
        """The first day on or after ``day`` that is not full; the way is remembered, for a backlog asks a thousand times."""
        full, beyond = [], self._beyond[length]
        while self.count[day] >= self.rep.capacity or length >= self.short.get(day, timedelta.max):
            full.append(day)
            day = beyond.get(day, day + timedelta(days=1))
        if full:
            beyond.update(dict.fromkeys(full, day))
        return day

    # --- what stands there

    def note(self, start: datetime, end: datetime, area: str) -> None:
        """An action of ours stands there from now on."""
        if not whole_days(start, end):  # what the rep dragged among the whole days takes no hour
            for day in days_of(start, end, self.zone):
                insort(self.own[day], (start.astimezone(UTC), end.astimezone(UTC)))
        self.count[self.day(start)] += 1
        if area:
            self.areas[self.half(start)].add(area)

    def clash(self, start: datetime, end: datetime) -> str:
        """What stands there already: the busy events' labels, or another action."""
        days = days_of(start, end, self.zone)
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        busy = [one.label or "busy" for day in days for one in self.busy.get(day, ()) if one.start < end and start < one.end]
        own = ["another action" for day in days for low, high in self.own.get(day, ()) if low < end and start < high]
        return ", ".join(dict.fromkeys(busy + own))

    def beside(self, start: datetime, end: datetime) -> str:
        """The same for the rep's own calendar: of which calendar, and when. What another calendar calls it is never written anywhere."""
        days = days_of(start, end, self.zone)
        busy = {one for day in days for one in self.busy.get(day, ()) if one.start < end and start < one.end}
        own = {BusyTime(*span, "another follow-up") for day in days for span in self.own.get(day, ()) if span[0] < end and start < span[1]}
        found = sorted(busy | own, key=lambda one: (one.start, one.end, one.source))
        told = [f"{one.source or one.label or 'busy'} {self._span(one, self.day(start))}" for one in found]
        return ", ".join(dict.fromkeys(told))

    def _span(self, one: BusyTime, day: date) -> str:
        """``14:00-15:00``, with the days where it begins or ends on another one."""
        ends = (moment.astimezone(self.zone) for moment in (one.start, one.end))
        return "-".join(f"{moment:%H:%M}" if moment.date() == day else f"{moment:%a %Y-%m-%d %H:%M}" for moment in ends)

    def half(self, start: datetime) -> tuple[date, str]:
        return self.day(start), "morning" if start.astimezone(self.zone).hour < NOON else "afternoon"

    def not_past(self, start: datetime) -> datetime:
        return max(start.astimezone(UTC), on_the_raster(self.now)).astimezone(start.tzinfo)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()
