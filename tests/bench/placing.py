"""A rep with very many prospects beside a very full calendar, planned and put into words, with placement and without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followsync.core.cadence import Cadence, Count, Duration, Method, Rules, Shows, Step, Unit, Window
from followsync.core.history import Captured
from followsync.core.item import Item
from followsync.core.placement import Placed, place
from followsync.core.prospect import Prospect
from followsync.core.workdays import BusyTime, RepRules, Workdays
from followsync.picture import Picture, Stance, stance

ZONE = ZoneInfo("America/Detroit")
NOW = datetime(2026, 1, 5, 8, tzinfo=ZONE)
_METHODS = (Method("call", "Call", 15, shows=Shows.PHONE), Method("visit", "Visit", 45, shows=Shows.ADDRESS), Method("email", "Email", 10))
_OFFICE = Window(datetime(2026, 1, 5, 9).time(), datetime(2026, 1, 5, 17).time())
_SOON = 60  # days in which the steps are due
_A_DAY = 8  # busy events


@dataclass(frozen=True)
class Crowd:
    """``prospects`` on a cadence each, whose steps are due in the next weeks; ``busy`` events of half an hour, some a day."""

    prospects: int
    busy: int

    def placed(self) -> list[Item]:
        """The items of everybody's next action, each in the first slot that is free for it."""
        rules, rep, stances = self._planned()
        actions = [one for each in stances.values() for one in each.actions]
        placed = place(actions, stands={}, moved={}, busy=self._events(), rules=rules, rep=rep, now=NOW)
        return self._items(rules, rep, stances, placed)

    def not_placed(self) -> list[Item]:
        """The same items, all at the same hour."""
        rules, rep, stances = self._planned()
        actions = [one for each in stances.values() for one in each.actions]
        placed = tuple(Placed(one, NOW, NOW + timedelta(minutes=one.minutes), NOW.date()) for one in actions)
        return self._items(rules, rep, stances, placed)

    def _planned(self) -> tuple[Rules, RepRules, dict[str, Stance]]:
        steps = tuple(
            Step(one.name, Count.AFTER, Duration(1 + place, Unit.WEEKS), one.name, "set a meeting") for place, one in enumerate(_METHODS)
        )
        cadences = tuple(
            replace(Cadence(f"c{place}", (step,), {"stage": frozenset({str(place)})}, start="met"), version="1")
            for place, step in enumerate(steps)
        )
        rules = Rules({one.name: one for one in _METHODS}, cadences)
        rep = RepRules("dana", Workdays(ZONE, dict.fromkeys(range(5), (_OFFICE,))))
        found = {}
        for number in range(self.prospects):
            met = (NOW + timedelta(days=number % _SOON)).date()
            who = Prospect(f"p{number}", "dana", f"Diner {number}", "Jenny", phone="248.867.5309", stage=str(number % len(steps)))
            who = replace(who, fields={"met": met.isoformat()})
            found[who.id] = stance(who, (Captured(NOW, "bench"),), rules, rep, NOW)
        return rules, rep, found

    def _events(self) -> list[BusyTime]:
        starts = (NOW + timedelta(days=n // _A_DAY, hours=1 + n % _A_DAY, minutes=7 * (n % 5)) for n in range(self.busy))
        return [BusyTime(start, start + timedelta(minutes=30), f"event {n}") for n, start in enumerate(starts)]

    def _items(self, rules: Rules, rep: RepRules, stances: dict[str, Stance], placed: tuple[Placed, ...]) -> list[Item]:
        seen = Picture(rep, rules, NOW, stances, placed)
        return [seen.item(one) for one in placed]
