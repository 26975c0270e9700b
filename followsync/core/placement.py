"""Due actions + busy times + what already stands -> day and hour. Stable by design.

What stands moves only if the rep moved it, its due day changed, its slot was really taken, or it is overdue; never on the day it
stands, and at most once a day. What was put there on a day that is still to come (a clock was ahead) is put anew. A promise never
moves while its day has not passed.

What the rep pulled to an earlier day and did not answer is overdue there: it rolls on to the next working day with its count, like all
that is overdue. On the day that was agreed a promise stands as it was agreed, however often it rolled before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from followsync.core.board import NOON, Board
from followsync.core.cadence import Rules, Window
from followsync.core.history import Kind, Moved
from followsync.core.plan import Action
from followsync.core.promises import promised_until
from followsync.core.spans import later, overlap, size, spanning, whole_days
from followsync.core.wishes import Wish
from followsync.core.workdays import BusyTime, RepRules

BY_HAND = "Moved there by hand."
_SEARCH = 1100  # days before the wishes are dropped one by one
_BARREN = 30  # working days without any such hour after which a wish is one that no day can meet
_WHOLE_DAY = Window(time(0), time(23, 59))
_HALVES = {"morning": Window(time(0), time(NOON)), "afternoon": Window(time(NOON), time(23, 59))}
_WAITS = 3  # working days that a visit may wait for another one near by


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an action stands already. ``placed``: the day its slot was chosen; ``missed``: working days it stood undone. Not ``here``: it
    stood there in other hands, so its slot is nobody's, and only the days count."""

    start: datetime
    end: datetime
    due: date | None
    placed: date | None = None
    missed: int = 0
    here: bool = True


@dataclass(frozen=True, slots=True)
class Placed:
    """An action with its day and hour. ``missed`` as in Stand; ``clash``: what it overlaps, "" mostly; ``beside``: the same for its entry,
    by calendar and hours. ``why``: the action's own sentences and those of the placement. ``until``: on the day of a promise, when its time
    is over; ``over``: it is, and nobody has answered it."""

    action: Action
    start: datetime
    end: datetime
    placed: date
    missed: int = 0
    clash: str = ""
    why: tuple[str, ...] = ()
    until: datetime | None = None
    over: bool = False
    beside: str = ""


def place(
    actions: Iterable[Action],
    *,
    stands: Mapping[str, Stand],
    moved: Mapping[str, Moved],
    busy: Iterable[BusyTime],
    rules: Rules,
    rep: RepRules,
    now: datetime,
    done: int = 0,
) -> tuple[Placed, ...]:
    """Give every action a day and an hour. ``stands`` and ``moved`` are keyed by action id. ``done``: how many were answered today, which
    count against today's capacity. The order of the input does not matter.

    1. Agreed hours and hours chosen by the rep are taken as they are. 2. What stands and may stay, stays. 3. The rest is ranked
    (promises, then the earliest day, hot ones, the oldest due day) and takes the first free slot.
    """
    board = _Placer(busy, moved, rules, rep, now)
    board.count[board.today] += done
    placed: dict[str, Placed] = {}
    ordered = sorted(actions, key=board.rank)
    for action in ordered:
        if fixed := board.fixed(action, stands.get(action.id)):
            placed[action.id] = fixed
    for action in ordered:
        stand = stands.get(action.id)
        if action.id not in placed and stand and (kept := board.kept(action, stand)):
            placed[action.id] = kept
    for action in ordered:
        if action.id not in placed:
            placed[action.id] = board.slot(action, stands.get(action.id))
    return tuple(sorted(placed.values(), key=lambda one: (one.start.astimezone(UTC), one.action.id)))


class _Placer(Board):
    """Puts one action after the other on the board. ``moved`` by the rep, by action id."""

    def __init__(self, busy: Iterable[BusyTime], moved: Mapping[str, Moved], rules: Rules, rep: RepRules, now: datetime) -> None:
        super().__init__(busy, rules, rep, now)
        self.moved = moved
        self._hopeless: dict[tuple[object, ...], date] = {}
        self._stretched: dict[tuple[date, timedelta, bool], date] = {}  # days only fill up, so that one looks on from there

    def rank(self, action: Action) -> tuple[bool, bool, date, bool, date, str, str]:
        """A promise that is held to its day chooses before one that is late already and may go anywhere."""
        promise, late = action.kind is Kind.PROMISE, action.due < self.today
        return (not promise, promise and late, max(action.due, self.today), not action.hot, action.due, action.prospect, action.id)

    # --- what is given

    def fixed(self, action: Action, stand: Stand | None) -> Placed | None:
        """The agreed hour, or the hour the rep moved it to; None once that day has passed, or where neither exists."""
        moved, missed = self.moved.get(action.id), 0
        if moved and self.day(moved.start) >= self.today:
            start, end, said = moved.start, moved.end, BY_HAND
        elif action.start and not self._rolls_early(action, stand):
            start, end = action.start, later(action.start, timedelta(minutes=action.minutes))
            said = "The day it was moved to is over; the agreed hour holds." if moved else ""
            missed = self._missed(action, stand)
        else:
            return None
        if self.day(start) < self.today:
            return None
        clash = "" if whole_days(start.astimezone(self.zone), end.astimezone(self.zone)) else self.clash(start, end)
        chosen = stand.placed if stand and stand.placed and stand.start == start else self.today
        return self._take(action, start, end, chosen, missed, said, clash)

    def _pulled(self, action: Action, stand: Stand | None) -> bool:
        """Whether the rep moved it to an earlier day than its own, and that day is over."""
        moved = self.moved.get(action.id)
        if moved is None or stand is None or stand.due not in (None, action.due):
            return False
        return self.day(moved.start) < min(self.today, action.due)

    def _rolls_early(self, action: Action, stand: Stand | None) -> bool:
        """Whether it is overdue where the rep pulled it, and its own day is still to come."""
        if stand is None or self.today >= action.due or not self._pulled(action, stand):
            return False
        return bool(stand.missed) or self.day(stand.start) < self.today

    def kept(self, action: Action, stand: Stand) -> Placed | None:
        """Where it stands, if it may stay."""
        day = self.day(stand.start)
        if not stand.here or day < self.today or self._from_ahead(stand) or (stand.due is not None and stand.due != action.due):
            return None
        settled_today = day == self.today or stand.placed == self.today
        promised = action.kind is Kind.PROMISE
        whole_day = whole_days(stand.start.astimezone(self.zone), stand.end.astimezone(self.zone))
        clash = "" if whole_day else self.clash(stand.start, stand.end)
        off = not self.may_stand(day, action)
        if (clash or off) and not settled_today and not promised:
            return None
        return self._take(action, stand.start, stand.end, stand.placed or self.today, self._missed(action, stand), "", clash)

    def _from_ahead(self, stand: Stand) -> bool:
        """Whether a clock that was ahead, and was set back since, put it there: that is no reason to stay."""
        return stand.placed is not None and stand.placed > self.today

    # --- what is free

    def slot(self, action: Action, stand: Stand | None) -> Placed:
        """The first free slot on or after the due day that meets the wishes; wishes are dropped one by one before giving up."""
        missed = self._missed(action, stand)
        said = self._moved_because(action, stand)
        length = timedelta(minutes=action.minutes)
        if action.kind is Kind.PROMISE and action.due >= self.today:
            early = self._early(action, length) if self._rolls_early(action, stand) else None
            return self._take(action, *early, self.today, missed, said, "") if early else self._as_agreed(action, length, missed, said)
        first = self.today if self._rolls_early(action, stand) else max(action.due, self.today)
        if action.area and (near := self._near(first, length, action, beside=True)):
            said = f"{said} With another visit to {action.area} on that half day.".strip()
            return self._take(action, near, later(near, length), self.today, missed, said, "")
        for wish in self.wishes(action):
            if found := self._search(first, length, wish, action):
                start, avoided = found
                if self._leads_elsewhere(start, action) and (near := self._near(first, length, action, beside=False)):
                    start, avoided = near, []
                    said = f"{said} The visits of the other half day lead elsewhere.".strip()
                why = [said, *(f"Not earlier that day: {label}." for label in avoided)]
                if self.day(start) > first:
                    why.append(f"First free slot after {first:%a %Y-%m-%d} within capacity and hours.")
                return self._take(action, start, later(start, length), self.today, missed, " ".join(filter(None, why)), "")
        return self._at_any_rate(first, length, action, missed, said)

    def _at_any_rate(self, first: date, length: timedelta, action: Action, missed: int, said: str) -> Placed:
        """What no range of the hours is long enough for stands over the gap between them, or for as long as the longest day, apart from all
        else. Where there is no such day either (the rep never works), still not in the past."""
        longest = max((size(span) for hours in self.rep.workdays.hours.values() if (span := spanning(hours))), default=length)
        length = min(length, longest)
        for capped in (True, False):
            since = self._stretched.get((first, length, capped), first)
            for day in (since + timedelta(days=n) for n in range(_SEARCH)):
                span = spanning(self.hours(day))
                if span is None or not self.may_stand(day, action) or (capped and self.count[day] >= self.rep.capacity):
                    continue
                if found := self.free(day, length, [span]):
                    self._stretched[first, length, capped] = since if action.any_day else day
                    return self._take(action, found[0], later(found[0], length), self.today, missed, said, "")
        day = self.rep.workdays.next_day(first)
        start = self.not_past(self.rep.workdays.at(day, self.hours(day)[0].start if self.hours(day) else time(9)))
        end = later(start, length)
        return self._take(action, start, end, self.today, missed, f"{said} No free slot was found.".strip(), self.clash(start, end))

    def _near(self, first: date, length: timedelta, action: Action, *, beside: bool) -> datetime | None:
        """A slot of the next days ``beside`` another visit to the same area, or else on half a day that takes the rep to no other one."""
        if action.liked or action.any_day:
            return None
        day = first
        for _ in range(_WAITS):
            day = self.rep.workdays.next_day(day)
            for half in _HALVES:
                there = self.areas.get((day, half), set())
                wanted = action.area in there if beside else not there
                if wanted and (found := self._in_half(day, _HALVES[half], length, action)):
                    return found
            day += timedelta(days=1)
        return None

    def _leads_elsewhere(self, start: datetime, action: Action) -> bool:
        there = self.areas.get(self.half(start), set()) if action.area else set()
        return bool(there - {action.area})

    def _in_half(self, day: date, half: Window, length: timedelta, action: Action) -> datetime | None:
        """Where every wish is met there, and nothing less."""
        if self.count[day] >= self.rep.capacity:
            return None
        ranges = [cut for one in self.ranges(day, action, Wish(action.window)) if (cut := overlap(one, half))]
        found = self.free(day, length, ranges)
        return found[0] if found else None

    def _early(self, action: Action, length: timedelta) -> tuple[datetime, datetime] | None:
        """A free slot before the day that was agreed, for a promise that rolls on from where the rep pulled it."""
        for wish in self.wishes(replace(action, window=None)):
            found = self._search(self.today, length, wish, action)
            if found and self.day(found[0]) < action.due:
                return found[0], later(found[0], length)
        return None

    def _missed(self, action: Action, stand: Stand | None) -> int:
        """The working days on which it stood undone, counted on from those before; none before its day, whatever a clock that was set back
        since has counted, unless the rep pulled it there."""
        if stand is None or (action.due >= self.today and not self._pulled(action, stand)):
            return 0
        since = action.due if self._from_ahead(stand) else self.day(stand.start)
        if since >= self.today:
            return stand.missed
        days = (since + timedelta(days=n) for n in range((self.today - since).days))
        return (0 if self._from_ahead(stand) else stand.missed) + max(1, sum(self.rep.workdays.works(day) for day in days))

    def _moved_because(self, action: Action, stand: Stand | None) -> str:
        if stand is None or not (stand.here or self.day(stand.start) < self.today):
            return ""
        if self.day(stand.start) < self.today:
            return f"Not done on {self.day(stand.start):%a %Y-%m-%d}: rolled on."
        if self._from_ahead(stand):
            return f"It was put on {self.day(stand.start):%a %Y-%m-%d} by a clock that was ahead."
        if stand.due != action.due:
            return f"Its due day changed to {action.due:%a %Y-%m-%d}."
        return f"Its slot on {self.day(stand.start):%a %Y-%m-%d} was taken: {self.clash(stand.start, stand.end) or 'that day is off'}."

    def _as_agreed(self, action: Action, length: timedelta, missed: int, said: str) -> Placed:
        """A promise stays on its day and at its hour, or inside its window: outside busy times where that can be, else on top of them."""
        if action.start:
            end = later(action.start, length)
            return self._take(action, action.start, end, self.today, missed, said, self.clash(action.start, end))
        window = action.window or spanning(self.hours(action.due)) or Window(time(9), time(17))
        inside = [overlap(window, hours) for hours in self.hours(action.due)] if action.window is None else [window]
        ranges = [one for one in inside if one] or [window]
        if found := self.free(action.due, length, ranges):
            return self._take(action, found[0], later(found[0], length), self.today, missed, said, "")
        start = self.not_past(self.rep.workdays.at(action.due, window.start))
        if self.day(start) > action.due:  # its last minutes
            start = self.now.replace(microsecond=0)
        end = later(start, length)
        return self._take(action, start, end, self.today, missed, said, self.clash(start, end))

    def _search(self, first: date, length: timedelta, wish: Wish, action: Action) -> tuple[datetime, list[str]] | None:
        # A liked window only picks among the hours of the first possible days; it must not push the action away.
        days = 5 if wish.window in action.liked else _SEARCH
        asked = (wish, days, action.method, action.timezone, action.due if action.any_day else None, length)
        if first >= self._hopeless.get(asked, date.max):
            return None  # days only fill up: what was looked for in vain is not there for the next one either
        day, last, barren = first, first + timedelta(days=days), 0
        while (day := self.not_full(day, length) if wish.capped else day) < last and barren < _BARREN:
            if self.may_stand(day, action) and length < self.short.get(day, timedelta.max):
                ranges = self.ranges(day, action, wish)
                if found := self.free(day, length, ranges):
                    return found
                if ranges == list(self.hours(day)):
                    self.short[day] = length
                barren = 0 if ranges else barren + 1
            day += timedelta(days=1)
        self._hopeless[asked] = first
        return None

    # --- bookkeeping

    def _take(self, action: Action, start: datetime, end: datetime, placed: date, missed: int, said: str, clash: str) -> Placed:
        start, end = start.astimezone(self.zone), end.astimezone(self.zone)
        beside = self.beside(start, end) if clash else ""
        self.note(start, end, action.area)
        said = f"{said} Overlaps {clash}.".strip() if clash else said
        until = self._until(action, start, end) if action.kind is Kind.PROMISE else None
        over = until is not None and until <= self.now
        if until and over:
            said = f"{said} Its time was over at {until:%H:%M}, and it is not answered.".strip()
        return Placed(action, start, end, placed, missed, clash, (*action.why, said) if said else action.why, until, over, beside)

    def _until(self, action: Action, start: datetime, end: datetime) -> datetime | None:
        """When a promise that stands on this day can no longer be done as it was said; None on any other day, and on a day before its own,
        to which the rep pulled it, or after it, to which it rolled on."""
        day = self.day(start)
        if day != self.today or day < action.due or (day > action.due and not self._stays_moved(action, start)):
            return None
        as_agreed = action.start is None and day == action.due
        until = promised_until(None, action.window, action.due, action.minutes, self.rep.workdays) if as_agreed else end
        return max(until.astimezone(UTC), end.astimezone(UTC)).astimezone(self.zone)

    def _stays_moved(self, action: Action, start: datetime) -> bool:
        moved = self.moved.get(action.id)
        return moved is not None and moved.start == start
