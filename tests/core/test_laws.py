"""Laws of the whole way from history to slots, in zones whose clocks do odd things, against arithmetic of the tests' own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given, settings
from hypothesis import strategies as st

from followsync.core.cadence import Cadence, Count, Duration, Rules, Shift, Step, Unit, Window
from followsync.core.history import Entry, Kind, Moved, Promised, Result, Touched, Waiting
from followsync.core.placement import Placed, Stand, place
from followsync.core.plan import Action, Resting, due
from followsync.core.prospect import Prospect
from followsync.core.standing import Standing, standing
from followsync.core.steps import Track
from followsync.core.workdays import BusyTime, RepRules
from tests.core import builders as b

# Where the clocks turn, and a day near a turn: both hemispheres, half hours, quarters, midnights that do not exist, and a whole day.
TURNS = {
    "America/Detroit": (2026, 3, 8),
    "America/St_Johns": (2026, 11, 1),
    "America/Sao_Paulo": (2018, 11, 4),  # no midnight
    "America/Santiago": (2026, 9, 6),  # no midnight
    "Europe/Berlin": (2026, 10, 25),
    "Europe/Dublin": (2026, 3, 29),
    "Africa/Cairo": (2026, 4, 24),  # no midnight
    "Africa/Casablanca": (2026, 2, 15),
    "Asia/Beirut": (2026, 3, 29),  # no midnight
    "Asia/Tehran": (2021, 3, 22),  # no midnight, half an hour off
    "Australia/Sydney": (2026, 4, 5),
    "Australia/Lord_Howe": (2026, 10, 4),  # half an hour
    "Pacific/Chatham": (2026, 9, 27),  # three quarters off
    "Pacific/Apia": (2011, 12, 30),  # that day does not exist
}
zones = st.sampled_from(sorted(TURNS))


def utc(moment: datetime) -> datetime:
    """Moments of one zone compare by their clocks, and those show an hour twice each year."""
    return moment.astimezone(UTC)


# ---- base days ------------------------------------------------------------------------------------------------------------------------

UNITS = {Unit.DAYS: "days", Unit.WEEKS: "weeks", Unit.MONTHS: "months", Unit.YEARS: "years"}


def plus(day: date, duration: Duration, times: int, works: Callable[[date], bool]) -> date:
    """The reference: dateutil's arithmetic, and working days counted one by one."""
    if duration.unit in UNITS:
        return day + relativedelta(**{UNITS[duration.unit]: duration.count * times})
    left, stride = abs(duration.count * times), 1 if times > 0 else -1
    while left:
        day += timedelta(days=stride)
        left -= works(day)
    return day


durations = st.builds(Duration, st.integers(1, 14), st.sampled_from([*UNITS, Unit.WORKING_DAYS]))
month_ends = st.sampled_from([date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29), date(2026, 8, 31), date(2026, 5, 30)])
some_days = st.dates(date(2026, 1, 1), date(2028, 12, 31)) | month_ends
holidays = st.frozensets(st.dates(date(2026, 1, 1), date(2034, 12, 31)), max_size=200)


@settings(max_examples=150, deadline=None)
@given(zones, some_days, durations, holidays, st.sampled_from(Shift), st.lists(st.integers(-20, 60), max_size=6), st.integers(0, 23))
@example("America/Detroit", date(2026, 1, 31), Duration(1, Unit.MONTHS), frozenset(), Shift.NEXT, [3, 3, -2, 40], 9)
@example("Europe/Berlin", date(2028, 2, 29), Duration(1, Unit.YEARS), frozenset(), Shift.PREVIOUS, [0, 0, 0], 0)
def test_the_turns_of_a_stream_never_drift(
    zone: str, start: date, every: Duration, off: frozenset[date], shift: Shift, delays: list[int], hour: int
) -> None:
    """However early or late each turn is done: the next one is the first after that day of start + k × duration, before any shift."""
    dana = b.rep(ZoneInfo(zone), holiday=lambda day: "day off" if day in off else None)
    stream = b.step("s", Count.EVERY, every, shift=shift)
    cadence = Cadence("c", (stream,), start="met")
    prospect = replace(b.JENNY, fields={"met": start.isoformat()})
    noon = datetime.combine(start, time(hour, 30), ZoneInfo(zone))
    history: tuple[Entry, ...] = (replace(b.captured(), at=noon),)
    turn, today = 1, start
    for delay in delays:
        where = standing(prospect, history)
        found = next(iter(Track(prospect, cadence, where, dana, today).ahead(today)))
        expected = plus(start, every, turn, dana.workdays.works)
        assert (found.ref.turn, found.base) == (turn, expected)
        today = max(today, expected + timedelta(days=delay))
        touched = datetime.combine(today, time(hour, 30), ZoneInfo(zone))
        today = touched.astimezone(UTC).astimezone(ZoneInfo(zone)).date()  # in a zone without that day, the next
        history = (*history, Touched(touched, "cli", Result.DONE, f"a{turn}", Kind.STEP, steps=(found.ref,)))
        turn += 1
        while plus(start, every, turn, dana.workdays.works) <= today:
            turn += 1


@settings(max_examples=150, deadline=None)
@given(zones, some_days, durations, holidays, st.sampled_from(Shift), st.sampled_from([Count.AFTER, Count.BEFORE, Count.ON]))
def test_a_single_step_stands_where_arithmetic_says_and_shifts_off_no_working_day(
    zone: str, anchor: date, duration: Duration, off: frozenset[date], shift: Shift, count: Count
) -> None:
    dana = b.rep(ZoneInfo(zone), holiday=lambda day: "day off" if day in off else None)
    one = b.step("s", count, duration, shift=shift, of="" if count is Count.AFTER else "met")
    cadence = Cadence("c", (one,), {}, start="met")
    prospect = replace(b.JENNY, fields={"met": anchor.isoformat()})
    now = datetime.combine(date(2025, 12, 1), time(9), ZoneInfo(zone))
    (action,) = b.Life(b.rules(cadence), prospect, dana, replace(b.captured(), at=now)).actions(now)
    base = plus(anchor, duration, -1 if count is Count.BEFORE else 1, dana.workdays.works)
    assert action.base == base
    works = [base + timedelta(days=n) for n in range(-300, 300) if dana.workdays.works(base + timedelta(days=n))]
    expected = {
        Shift.NONE: base,
        Shift.NEXT: next(day for day in works if day >= base),
        Shift.PREVIOUS: next(day for day in reversed(works) if day <= base),
    }
    assert action.due == expected[shift]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 4000))
def test_working_days_between(first: date, span: int) -> None:
    days = b.rep(away=[(b.day("07-03"), b.day("09-10"))]).workdays
    last = first + timedelta(days=span)
    assert days.between(first, last) == sum(
        days.why_off(date.fromordinal(n)) is None for n in range(first.toordinal() + 1, last.toordinal() + 1)
    )
    assert days.between(last, first) == 0


@pytest.mark.parametrize("sentinel", ["9999-12-31", "0001-01-01", "9999-12-30", "9000-01-01"])
@pytest.mark.parametrize("count", [Count.AFTER, Count.EVERY, Count.BEFORE, Count.ON])
@pytest.mark.parametrize("unit", [Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS, Unit.YEARS])
def test_the_day_of_other_programs_that_is_none(sentinel: str, count: Count, unit: Unit) -> None:
    prospect = replace(b.JENNY, fields={"contract_end": sentinel})
    one = b.step("s", count, Duration(100, unit), of="contract_end")
    found = b.Life(b.rules(Cadence("c", (one,), {}, start="contract_end")), prospect).placed(b.at("2026-01-05 12:00"))
    assert [placed.action.due.year < 2600 for placed in found] == [True]


# ---- the rep's days -------------------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A rep's weeks: several prospects on cadences, answers, promises, moves by hand and new busy times, cycle after cycle.

    The oracle of the stability contract is written down here anew: what moved without a reason is an error.
    """

    dice: Random
    zone: ZoneInfo
    rules: Rules
    rep: RepRules
    now: datetime
    prospects: list[Prospect]
    history: dict[str, list[Entry]]
    busy: list[BusyTime]
    stands: dict[str, Stand]
    moved_today: dict[str, date]

    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def local(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC).astimezone(self.zone)

    def standing(self, prospect: Prospect) -> Standing:
        return standing(prospect, tuple(self.history[prospect.id]))

    def actions(self, prospects: list[Prospect], the_rules: Rules) -> tuple[list[Action], dict[str, Moved]]:
        actions: list[Action] = []
        moved: dict[str, Moved] = {}
        for prospect in prospects:
            where = self.standing(prospect)
            found = due(prospect, the_rules, where, self.rep, self.now)
            actions += () if isinstance(found, Resting) else found
            moved |= where.moved
        return actions, moved

    def placed(self, *, shuffled: bool = False) -> tuple[Placed, ...]:
        prospects, busy, stands = list(self.prospects), list(self.busy), dict(self.stands)
        if shuffled:
            self.dice.shuffle(prospects)
            self.dice.shuffle(busy)
            stands = dict(sorted(stands.items(), key=lambda _: self.dice.random()))
        actions, moved = self.actions(prospects, self.rules)
        if shuffled:
            self.dice.shuffle(actions)
        return place(actions, stands=stands, moved=moved, busy=busy, rules=self.rules, rep=self.rep, now=self.now)

    # --- what may happen between two cycles

    def happens(self, last: tuple[Placed, ...]) -> None:
        for _ in range(self.dice.randint(0, 3)):
            self.dice.choice([self.answers, self.answers, self.promises, self.moves, self.is_busy, self.waits])(last)

    def answers(self, last: tuple[Placed, ...]) -> None:
        one = self.dice.choice(last)
        result = self.dice.choice([Result.DONE, Result.DONE, Result.ATTEMPT])
        self.history[one.action.prospect].append(b.touched(one.action, result, self.now, "phone", start=one.start))

    def promises(self, _: tuple[Placed, ...]) -> None:
        prospect = self.dice.choice(self.prospects)
        day = self.today() + timedelta(days=self.dice.randint(0, 9))
        start = self.local(day, time(self.dice.randint(0, 23), 30)) if self.dice.random() < 0.5 else None
        if self.local(day, time(12)).date() != day or (start and start.date() < self.today()):
            return  # nobody agrees on a day that does not exist, or that is over
        window = None if start else self.dice.choice([None, Window(time(13), time(17))])
        self.history[prospect.id].append(Promised(self.now, "cli", "visit", start.date() if start else day, start, window, "see them"))

    def moves(self, last: tuple[Placed, ...]) -> None:
        one = self.dice.choice(last)
        start = self.local(self.today() + timedelta(days=self.dice.randint(0, 5)), time(self.dice.randint(6, 20), 10))
        self.history[one.action.prospect].append(Moved(self.now, "phone", one.action.id, start, start + timedelta(minutes=25)))

    def waits(self, _: tuple[Placed, ...]) -> None:
        prospect = self.dice.choice(self.prospects)
        self.history[prospect.id].append(Waiting(self.now, "cli", self.today() + timedelta(days=self.dice.randint(0, 9))))

    def is_busy(self, _: tuple[Placed, ...]) -> None:
        start = self.local(
            self.today() + timedelta(days=self.dice.randint(-1, 9)), time(self.dice.randint(0, 23), self.dice.randint(0, 59))
        )
        self.busy.append(BusyTime(start, start + timedelta(minutes=self.dice.choice([1, 30, 90, 300, 1500])), "meeting"))

    # --- what must hold

    def cycle(self) -> tuple[Placed, ...]:
        placed = self.placed()
        assert placed == self.placed(shuffled=True), "the order of the input"
        assert sorted({one.action.prospect for one in placed}) == sorted(one.id for one in self.prospects), "each has a next action"
        given = [one for one in placed if self.is_given(one)]
        for one in placed:
            where = f"{self.now} {one}"
            self.check_move(one, where)
            if one in given:
                continue
            assert utc(one.start) >= utc(self.now), f"in the past: {where}"
            assert utc(one.end) - utc(one.start) == timedelta(minutes=one.action.minutes), f"its length: {where}"
            if one.action.kind is Kind.PROMISE and not one.missed and one.action.due >= self.today():
                assert one.start.date() == one.action.due, f"a promise on its day: {where}"
                continue
            assert one.start.date() >= one.action.due or self.rolls_early(one), f"before it is due: {where}"
            self.check_slot(one, placed, given, where)
        self.stands = b.stands(placed)
        return placed

    def is_given(self, one: Placed) -> bool:
        """An agreed hour, a move by hand, or where it stood already."""
        stand = self.stands.get(one.action.id)
        by_hand = self.standing_of(one).moved.get(one.action.id)
        return one.start in {one.action.start, stand and stand.start, by_hand and by_hand.start}

    def rolls_early(self, one: Placed) -> bool:
        """The rep pulled it to an earlier day than its own and did not answer it there: it is overdue, like all that is."""
        by_hand = self.standing_of(one).moved.get(one.action.id)
        return by_hand is not None and by_hand.start.astimezone(self.zone).date() < self.today() and one.missed > 0

    def standing_of(self, one: Placed) -> Standing:
        return self.standing(next(prospect for prospect in self.prospects if prospect.id == one.action.prospect))

    def check_slot(self, one: Placed, placed: tuple[Placed, ...], given: list[Placed], where: str) -> None:
        assert not one.clash, f"there is room: {where}"
        assert self.rep.workdays.works(one.start.date()), f"a day off: {where}"
        hours = self.rep.workdays.hours[one.start.weekday()]
        assert any(span.start <= one.start.time() and one.end.time() <= span.end for span in hours), f"outside the hours: {where}"
        same_day = [other for other in placed if other.start.date() == one.start.date()]
        fixed = [other for other in same_day if other in given or other.action.kind is Kind.PROMISE]
        assert len(same_day) <= max(self.rep.capacity, len(fixed)), f"capacity: {where}"
        for other in (*self.busy, *(other for other in placed if other is not one)):
            start, end = utc(other.start), utc(other.end)
            free = end + self.rep.buffer <= utc(one.start) or utc(one.end) + self.rep.buffer <= start
            assert free, f"buffer to {start} {end}: {where}"

    def check_move(self, one: Placed, where: str) -> None:
        before = self.stands.get(one.action.id)
        if before is None or before.start == one.start:
            return
        by_hand = self.standing_of(one).moved.get(one.action.id)
        if (by_hand and one.start == by_hand.start) or before.due != one.action.due or one.start == one.action.start:
            return
        stood = before.start.astimezone(self.zone).date()
        if stood >= self.today():
            assert stood != self.today(), f"moved on its day, from {before}: {where}"
            assert one.action.kind is not Kind.PROMISE, f"a promise moved, from {before}: {where}"
            assert before.placed != self.today(), f"moved twice a day, from {before}: {where}"
            others = [*self.busy, *(stand for name, stand in self.stands.items() if name != one.action.id)]
            others += [each for each in self.placed() if each.action.id != one.action.id]
            low, high = utc(before.start), utc(before.end)
            taken = any(utc(other.start) < high and low < utc(other.end) for other in others)
            assert taken or not self.rep.workdays.works(stood), f"its slot was free, from {before}: {where}"
        assert self.moved_today.get(one.action.id) != self.today(), f"moved twice a day: {where}"
        self.moved_today[one.action.id] = self.today()


def cadences(dice: Random) -> tuple[Cadence, ...]:
    def one(number: int) -> Step:
        count = dice.choice([Count.AFTER, Count.AFTER, Count.EVERY])
        duration = Duration(dice.randint(1, 9), dice.choice([Unit.DAYS, Unit.WORKING_DAYS, Unit.WEEKS]))
        window = dice.choice([None, None, Window(time(10), time(12))])
        since = dice.choice(["start", "previous", "last"]) if number else "start"
        return b.step(f"s{number}", count, duration, dice.choice(["call", "email", "visit"]), since=since, window=window)

    ahead = dice.choice([None, Duration(3, Unit.WEEKS)])
    gap = dice.choice([None, Duration(4, Unit.DAYS)])
    return tuple(
        Cadence(f"c{place}", tuple(one(n) for n in range(dice.randint(1, 4))), {"stage": frozenset({f"{place}"})}, ahead=ahead, min_gap=gap)
        for place in range(3)
    )


def world(dice: Random, zone: str, *, prospects: int) -> World:
    here = ZoneInfo(zone)
    start = datetime(*TURNS[zone], 7, 3, tzinfo=here).astimezone(UTC) - timedelta(days=dice.randint(0, 6))
    dana = b.rep(
        here,
        weekdays=range(dice.choice([5, 7])),
        hours=dice.choice(["09:00-17:00", "00:00-08:00", "06:00-23:00"]),
        holiday=lambda day: "day off" if day.toordinal() % 11 == 3 else None,
        capacity=dice.choice([2, 5, 12]),
    )
    people = [Prospect(f"p{n}", "dana", f"P{n}", stage=f"{n % 4}", tags=("hot",) if n % 5 == 0 else ()) for n in range(prospects)]
    history: dict[str, list[Entry]] = {
        one.id: [replace(b.captured(), at=start - timedelta(days=dice.choice([0, 0, 1, 30])))] for one in people
    }
    return World(dice, here, b.rules(*cadences(dice)), dana, start, people, history, [], {}, {})


@settings(max_examples=40, deadline=None)
@given(zones, st.integers(0, 10**6))
def test_weeks_of_a_rep(zone: str, seed: int) -> None:
    dice = Random(seed)
    here = world(dice, zone, prospects=dice.randint(1, 12))
    for _ in range(14):
        placed = here.cycle()
        here.happens(placed)
        here.now += timedelta(minutes=dice.choice([0, 5, 45, 400, 1440, 4000]))


@settings(max_examples=20, deadline=None)
@given(zones, st.integers(0, 10**6))
def test_thirty_idle_cycles_of_one_day_move_nothing(zone: str, seed: int) -> None:
    """As long as nobody does anything; what is overdue at its beginning has moved in the first of them."""
    dice = Random(seed)
    here = world(dice, zone, prospects=dice.randint(1, 12))
    for _ in range(4):
        here.happens(here.cycle())
        here.now += timedelta(minutes=dice.choice([45, 400, 1440]))
    first = {one.action.id: one.start for one in here.cycle()}
    day = here.today()
    for _ in range(30):
        here.now += timedelta(minutes=25)
        if here.today() != day:
            break
        assert {one.action.id: one.start for one in here.cycle()} == first
