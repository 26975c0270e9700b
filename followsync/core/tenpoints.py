"""How well a follow-up is planned: ten questions, after the ten steps of the articles that FollowSync was built from (source 003, row 5).

A point is had or lacking, nothing between. What only the rep can know (whether they know why) counts as had once it was said either way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from followsync.core.answers import touched
from followsync.core.cadence import Rules, Shows, cadence_for
from followsync.core.history import History, Kind, Result, Touched
from followsync.core.inclusion import reached
from followsync.core.item import Item
from followsync.core.placement import Placed
from followsync.core.plan import CHECK, PURPOSE, STANDING, Resting, due
from followsync.core.prospect import Prospect
from followsync.core.spans import whole_days
from followsync.core.standing import corrected, standing
from followsync.core.workdays import RepRules


class Point(IntEnum):
    SYSTEM = 1
    DAILY = 2
    SPECIFIC = 3
    DAY = 4
    TIME = 5
    WHY = 6
    THEY_KNOW = 7
    QUESTIONS = 8
    MOVING = 9
    NEXT = 10

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Lack:
    """A point that is lacking, and what gives it, in words."""

    point: Point
    message: str

    def __str__(self) -> str:
        return f"{self.point.value} {self.point}: {self.message}"


@dataclass(frozen=True, slots=True)
class Planned:
    """A next action and what is known around it. ``stands``: how it is confirmed to stand on calendars; empty where it does not yet."""

    prospect: Prospect
    history: History
    placed: Placed
    stands: tuple[Item, ...]
    rules: Rules
    rep: RepRules

    @property
    def asks_the_rep(self) -> bool:
        """A question to the rep has a slot, but no method, day, hour or purpose of its own."""
        return self.placed.action.kind is Kind.DECIDE


def lacking(planned: Planned) -> tuple[Lack, ...]:
    """What keeps it from ten of ten, in the order of the points."""
    return tuple(Lack(point, message) for point, look in _LOOKS.items() if (message := look(planned)))


def _system(planned: Planned) -> str:
    fits = cadence_for(planned.prospect, planned.rules.cadences) is not None or planned.prospect.reason in planned.rules.reasons
    return "" if fits else "no rule of the config fits; give it a stage, tag or reason that a rule asks for"


def _daily(planned: Planned) -> str:
    return "" if planned.stands else "it stands on no calendar yet; 'followsync sync' writes it"


def _specific(planned: Planned) -> str:
    action = planned.placed.action
    prospect = reached(planned.prospect, action.steps)
    if planned.asks_the_rep or action.method == CHECK:
        return "it says no method: call, visit, email …"
    shows = planned.rules.method(action.method).shows
    ways = {Shows.PHONE: prospect.phone, Shows.EMAIL: prospect.email, Shows.ADDRESS: prospect.address, Shows.URL: prospect.url}
    return "" if shows is Shows.NOTHING or ways[shows] else f"to {action.method} takes a {_WAYS[shows]}; --{shows.value} says it"


_WAYS = {Shows.PHONE: "phone number", Shows.EMAIL: "mail address", Shows.ADDRESS: "street address", Shows.URL: "link"}


def _day(planned: Planned) -> str:
    if planned.asks_the_rep:
        return "no day is agreed or follows from a rule"
    return f"its day was {planned.placed.action.due:%a %Y-%m-%d}, and passed" if planned.placed.missed else ""


def _time(planned: Planned) -> str:
    placed = planned.placed
    dated = whole_days(placed.start, placed.end) or (planned.stands and all(item.all_day for item in planned.stands))
    return "it has no hour; move it to one" if planned.asks_the_rep or dated else ""


def _why(planned: Planned) -> str:
    return "" if planned.placed.action.purpose not in ("", PURPOSE) and not planned.asks_the_rep else "nobody said what it is for"


def _they_know(planned: Planned) -> str:
    said = planned.placed.action.they_know is not None or planned.prospect.fields.get("they_know")
    return "" if said else "nobody said whether they know why and when; --they-know yes or no says it"


def _questions(planned: Planned) -> str:
    own = [question for question in planned.placed.action.questions if question not in STANDING]
    return "" if own or planned.prospect.fields.get("questions") else "nothing of its own is to be asked; --question says it"


def _moving(planned: Planned) -> str:
    """An agreement is a move forward; after anything else the rep says whether it was. Where nobody was reached yet nothing could be."""
    reached = [fact for fact in corrected(planned.history) if isinstance(fact, Touched) and _reached(fact)]
    if not reached or reached[-1].result is Result.NEXT or "progress" in reached[-1].recap:
        return ""
    return "the last touch does not say whether it moved forward; 'followsync log' takes --progress yes or no"


def _reached(touch: Touched) -> bool:
    return touch.kind is not Kind.DECIDE and touch.result is not Result.ATTEMPT


def _next(planned: Planned) -> str:
    """The step that would close it is known, or a rule goes on once this is done and nothing was agreed."""
    if planned.prospect.fields.get("close_step"):
        return ""
    placed = planned.placed
    touch = touched(placed.action, Result.DONE, placed.end, "", start=placed.start)
    where = standing(planned.prospect, (*planned.history, touch))
    after = due(planned.prospect, planned.rules, where, planned.rep, placed.end)
    goes_on = not isinstance(after, Resting) and after[0].kind is not Kind.DECIDE
    return "" if goes_on else "no rule says what follows it, nor anybody what would close it; --close-step says it"


_LOOKS: dict[Point, Callable[[Planned], str]] = {
    Point.SYSTEM: _system,
    Point.DAILY: _daily,
    Point.SPECIFIC: _specific,
    Point.DAY: _day,
    Point.TIME: _time,
    Point.WHY: _why,
    Point.THEY_KNOW: _they_know,
    Point.QUESTIONS: _questions,
    Point.MOVING: _moving,
    Point.NEXT: _next,
}
