"""Test data for the core: Dana in Detroit, Monday to Friday 9 to 17, and Jenny, who is worth a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from followsync.core.answers import touched
from followsync.core.cadence import Busy, Cadence, Count, Duration, Form, Method, Reason, Rules, Shows, Step, Unit, Window
from followsync.core.history import Captured, Entry, Moved, Result
from followsync.core.inclusion import reached
from followsync.core.item import Item, Written
from followsync.core.placement import Placed, Stand, place
from followsync.core.plan import Action, Resting, due
from followsync.core.prospect import Prospect
from followsync.core.standing import Standing, standing
from followsync.core.wording import Texts, item_for
from followsync.core.workdays import BusyTime, RepRules, Workdays

DETROIT = ZoneInfo("America/Detroit")
NINE_TO_FIVE = Window(time(9), time(17))
DAY_0 = date(2026, 1, 5)  # a Monday
_US_MI = holidays.country_holidays("US", subdiv="MI", years=range(2025, 2029))
PHONE, TEL = "248.867.5309", "+12488675309"

JENNY = Prospect("jenny", "dana", "Jenny", phone=PHONE, stage="pitched", fields={"met": "2026-01-05"})

METHODS = {
    one.name: one
    for one in (
        Method("call", "Call", 15, shows=Shows.PHONE),
        Method("visit", "Visit", 45, shows=Shows.ADDRESS),
        Method("email", "Email", 10, shows=Shows.EMAIL),
        Method("video", "Video call with", 30, shows=Shows.URL),
        Method("meeting", "Meet", 60, shows=Shows.ADDRESS),
        Method("letter", "Write letter to", 20, lead=Duration(4, Unit.WORKING_DAYS), shows=Shows.ADDRESS),
        Method("gift", "Send gift to", 20, shows=Shows.ADDRESS),
        Method("newsletter", "Send newsletter to", 10, busy=Busy.NEVER, form=Form.TASK),
    )
}


def at(text: str, zone: ZoneInfo = DETROIT) -> datetime:
    """``2026-01-05 09:00`` in Detroit."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def day(text: str) -> date:
    """``01-08`` is in 2026; ``2027-01-08`` says its year."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def days(count: int) -> Duration:
    return Duration(count, Unit.DAYS)


def weeks(count: int) -> Duration:
    return Duration(count, Unit.WEEKS)


def months(count: int) -> Duration:
    return Duration(count, Unit.MONTHS)


def working(count: int) -> Duration:
    return Duration(count, Unit.WORKING_DAYS)


def window(text: str) -> Window:
    """``09:00-12:00``"""
    start, end = text.split("-")
    return Window(time.fromisoformat(start), time.fromisoformat(end))


def rep(
    zone: ZoneInfo = DETROIT,
    *,
    hours: str = "09:00-17:00",
    weekdays: Iterable[int] = range(5),
    holiday: Callable[[date], str | None] | None = None,
    away: Sequence[tuple[date, date]] = (),
    capacity: int = 12,
    buffer: int = 10,
    blocks: Mapping[str, Mapping[int, tuple[Window, ...]]] | None = None,
) -> RepRules:
    workdays = Workdays(zone, dict.fromkeys(weekdays, (window(hours),)), holiday or _US_MI.get, tuple(away))
    return RepRules("dana", workdays, capacity, timedelta(minutes=buffer), blocks or {})


REP = rep()


def step(name: str, count: Count, duration: Duration | None, method: str = "call", purpose: str = "", **more: object) -> Step:
    return replace(Step(name, count, duration, method, purpose or f"do {name}"), **more)


def rules(*cadences: Cadence, reasons: Iterable[Reason] = (), methods: Iterable[Method] = ()) -> Rules:
    return Rules({**METHODS, **{one.name: one for one in methods}}, cadences, {one.name: one for one in reasons})


def worksheet(**more: object) -> Cadence:
    """The cadence of source 004, row 8."""
    steps = (
        step("thanks", Count.AFTER, days(3), "email", "say thanks"),
        step("first-call", Count.AFTER, weeks(3), "call", "set a meeting with the real decision makers"),
        step("competition", Count.EVERY, days(90), "email", "see if the competition has dropped the ball", since="first-call"),
        step("change", Count.EVERY, months(4), "call", "tell them of a price or terms change", since="first-call"),
    )
    return replace(Cadence("worksheet", steps, {"stage": frozenset({"pitched"})}, start="met"), **more)


def captured(when: str = "2026-01-05 10:00") -> Captured:
    return Captured(at(when), "cli")


class Life:
    """A prospect's history as it grows, and what is to be done at any moment."""

    def __init__(self, the_rules: Rules, prospect: Prospect = JENNY, the_rep: RepRules = REP, *entries: Entry) -> None:
        self.rules, self.prospect, self.rep = the_rules, prospect, the_rep
        self.history: tuple[Entry, ...] = entries or (captured(),)

    def add(self, *entries: Entry) -> Life:
        self.history = (*self.history, *entries)
        return self

    @property
    def standing(self) -> Standing:
        return standing(self.prospect, self.history)

    def actions(self, now: datetime) -> tuple[Action, ...]:
        found = due(self.prospect, self.rules, self.standing, self.rep, now)
        return () if isinstance(found, Resting) else found

    def next(self, now: datetime) -> Action:
        return self.actions(now)[0]

    def answer(self, now: datetime, result: Result = Result.DONE, action: Action | None = None, start: datetime | None = None) -> Action:
        """The next action (or ``action``) is answered at that moment."""
        chosen = action or self.next(now)
        self.add(touched(chosen, result, now, "cli", start=start))
        return chosen

    def placed(self, now: datetime, stands: Mapping[str, Stand] | None = None, busy: Iterable[BusyTime] = ()) -> tuple[Placed, ...]:
        return put(self.actions(now), now, stands, busy=busy, moved=self.standing.moved, the_rules=self.rules, the_rep=self.rep)

    def items(self, now: datetime) -> list[Item]:
        return [item(one, self.prospect, self.standing, self.rules, now) for one in self.placed(now)]


def put(
    actions: Iterable[Action],
    now: datetime,
    stands: Mapping[str, Stand] | None = None,
    *,
    busy: Iterable[BusyTime] = (),
    moved: Mapping[str, Moved] | None = None,
    the_rules: Rules | None = None,
    the_rep: RepRules = REP,
) -> tuple[Placed, ...]:
    return place(actions, stands=stands or {}, moved=moved or {}, busy=busy, rules=the_rules or rules(), rep=the_rep, now=now)


def stands(placed: Iterable[Placed]) -> dict[str, Stand]:
    """What the calendar would tell of them in the next cycle."""
    return {one.action.id: Stand(one.start, one.end, one.action.due, one.placed, one.missed) for one in placed}


def item(placed: Placed, prospect: Prospect, where: Standing, the_rules: Rules, now: datetime) -> Item:
    prospect = reached(prospect, placed.action.steps)
    texts = Texts(tel=TEL if prospect.phone else "")
    return item_for(placed, prospect, where, the_rules, texts, today=now.astimezone(DETROIT).date(), uid=f"fs1{placed.action.id}")


def row(shown: Item, **more: object) -> Written:
    """A row whose entry is confirmed to stand as we wanted it."""
    return replace(Written("phone", shown.action, shown.prospect, f"{shown.uid}.ics", 0, "1", "raw", shown, shown), **more)


def busy(*spans: str) -> list[BusyTime]:
    """``2026-01-06 10:00/11:00 doctor``"""
    found = []
    for span in spans:
        date_, times, *label = span.split(" ")
        start, end = times.split("/")
        found.append(BusyTime(at(f"{date_} {start}"), at(f"{date_} {end}"), " ".join(label)))
    return found
