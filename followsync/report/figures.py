"""What the report tells, as values. A share is told of the rep's own cases only, and only where there are enough of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil, floor, sqrt
from statistics import median

from followsync.core.history import Result
from followsync.core.promises import Fate, Line, tally
from followsync.core.prospect import Prospect

ENOUGH = 20  # cases, from which on a share is told: of three, it is none
GOAL = 1  # working days within which the next step is to be decided
BAND = 2  # hours of the day that are looked at together
MOST = 10  # touches of one prospect that are told one by one
_SURE = 1.96  # standard deviations: nineteen times out of twenty


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` cases."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """None where there are too few cases. 0 and 100 are told only of none and of all."""
        if self.whole < ENOUGH:
            return None
        near = round(100 * self.part / self.whole)
        return min(max(near, 1 if self.part else 0), 100 if self.part == self.whole else 99)

    @property
    def between(self) -> tuple[int, int] | None:
        """The percentages between which the true share lies, nineteen times out of twenty: Wilson's interval, outward to whole ones."""
        if self.whole < ENOUGH:
            return None
        seen, square = self.part / self.whole, _SURE**2 / self.whole
        middle = (seen + square / 2) / (1 + square)
        reach = _SURE * sqrt(seen * (1 - seen) / self.whole + square / (4 * self.whole)) / (1 + square)
        return max(0, floor(100 * (middle - reach))), min(100, ceil(100 * (middle + reach)))


@dataclass(frozen=True, slots=True)
class Promise:
    """A line of the ledger, and whose. ``open``: the prospect has said neither yes nor no."""

    prospect: Prospect
    line: Line
    open: bool


@dataclass(frozen=True, slots=True)
class Undecided:
    """A prospect for whom the rep must choose the next step. ``age``: in working days since ``since``."""

    prospect: Prospect
    since: date
    age: int


class Ending(StrEnum):
    """What became of a follow-up whose day came. DELETED: its entry was; OPEN: it is still to be done."""

    IN_TIME = "in_time"
    LATER = "later"
    DELETED = "deleted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Case:
    """A touch by a method of the catalogue. ``hour``, ``weekday`` (Monday = 0): at which it was tried, on the prospect's clock; None where
    their hours do not matter. ``number``: which touch of the prospect it was, 1 for the first."""

    method: str
    hour: int | None
    result: Result
    weekday: int | None = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Tried:
    """The cases of one method, of one part of the day, of one weekday, or of one touch after the other."""

    results: Counter[Result]

    @property
    def answers(self) -> Share:
        """Answered is what ended with a yes, a no, or an agreement about what is next: that an e-mail was sent is no answer to it."""
        return Share(sum(self.results[one] for one in (Result.YES, Result.NO, Result.NEXT)), self.results.total())

    @property
    def yes(self) -> Share:
        return Share(self.results[Result.YES], self.results.total())


@dataclass(frozen=True, slots=True)
class Figures:
    """``promises``: in the order in which they were agreed. ``undecided``: as it is now, the oldest first. ``touches``: of each prospect
    who said yes, how many it took, the yes included. ``endings``: of each follow-up whose day came. All but ``undecided`` from the day
    on that was asked for."""

    promises: tuple[Promise, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    touches: tuple[int, ...] = ()
    endings: tuple[Ending, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def fates(self) -> dict[Fate, int]:
        return tally(one.line for one in self.promises)

    @property
    def kept(self) -> Share:
        """Of the promises whose time has come."""
        fates = self.fates
        return Share(fates[Fate.KEPT], fates[Fate.KEPT] + fates[Fate.LATE] + fates[Fate.BROKEN])

    @property
    def broken(self) -> tuple[Promise, ...]:
        """Those that somebody can still do something about."""
        return tuple(one for one in self.promises if one.line.fate is Fate.BROKEN and one.open)

    @property
    def over_goal(self) -> int:
        return sum(one.age > GOAL for one in self.undecided)

    @property
    def ended(self) -> dict[Ending, int]:
        counts = Counter(self.endings)
        return {ending: counts[ending] for ending in Ending}

    @property
    def completed(self) -> Share:
        return Share(self.ended[Ending.IN_TIME] + self.ended[Ending.LATER], len(self.endings))

    @property
    def counts(self) -> dict[int, int]:
        """Touches until the yes -> how many prospects."""
        return dict(sorted(Counter(self.touches).items()))

    @property
    def usual(self) -> float | None:
        """Half of those who said yes took no more touches than that; None where there are too few of them."""
        return float(median(self.touches)) if len(self.touches) >= ENOUGH else None

    @property
    def methods(self) -> dict[str, Tried]:
        """The most used first."""
        names = Counter(case.method for case in self.cases)
        ordered = sorted(names, key=lambda name: (-names[name], name))
        return {name: _tried(case for case in self.cases if case.method == name) for name in ordered}

    @property
    def hours(self) -> dict[int, Tried]:
        """First hour of each part of the day -> what was tried in it."""
        bands = sorted({case.hour // BAND * BAND for case in self.cases if case.hour is not None})
        return {first: _tried(case for case in self.cases if case.hour in range(first, first + BAND)) for first in bands}

    @property
    def weekdays(self) -> dict[int, Tried]:
        """Weekday (Monday = 0) -> what was tried on it."""
        days = sorted({case.weekday for case in self.cases if case.weekday is not None})
        return {day: _tried(case for case in self.cases if case.weekday == day) for day in days}

    @property
    def numbers(self) -> dict[int, Tried]:
        """Which touch of a prospect -> what came of those; all from ``MOST`` + 1 on are together under that."""
        found: defaultdict[int, Counter[Result]] = defaultdict(Counter)
        for case in self.cases:
            found[min(case.number, MOST + 1)][case.result] += 1
        return {number: Tried(results) for number, results in sorted(found.items())}


def together(several: Iterable[Figures]) -> Figures:
    """Of several reps as one."""
    every = tuple(several)
    return Figures(
        tuple(sorted((each for one in every for each in one.promises), key=lambda each: (each.line.agreed, each.prospect.id))),
        tuple(sorted((each for one in every for each in one.undecided), key=lambda each: (each.since, each.prospect.id))),
        tuple(count for one in every for count in one.touches),
        tuple(ending for one in every for ending in one.endings),
        tuple(case for one in every for case in one.cases),
    )


def _tried(cases: Iterable[Case]) -> Tried:
    return Tried(Counter(case.result for case in cases))
