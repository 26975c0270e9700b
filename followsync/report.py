"""The rep's own figures, counted from the history: kept promises, what is undecided and for how long, touches until a yes.

A percentage is told only of the rep's own cases, and only where there are at least 20 of them: a share of three is no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from followsync.core.cadence import Rules
from followsync.core.history import Captured, Dismissed, History, Kind, Result, Touched
from followsync.core.promises import Fate, Line, ledger, tally
from followsync.core.prospect import Prospect
from followsync.core.workdays import RepRules
from followsync.picture import stance

ENOUGH = 20  # cases, from which on a percentage is told


@dataclass(frozen=True, slots=True)
class Undecided:
    """A prospect for whom the rep must choose the next step. ``age``: in working days since ``since``."""

    prospect: Prospect
    since: date
    age: int


@dataclass(frozen=True, slots=True)
class Figures:
    """``promises``: of every prospect, in the order in which they were agreed. ``undecided``: the oldest first. ``touches``: of each
    prospect who said yes, how many it took, the yes included."""

    promises: tuple[tuple[Prospect, Line], ...]
    undecided: tuple[Undecided, ...]
    touches: tuple[int, ...]

    @property
    def fates(self) -> dict[Fate, int]:
        return tally(line for _, line in self.promises)

    @property
    def kept(self) -> int | None:
        """The percentage of promises that were kept, of those whose time has come."""
        fates = self.fates
        return percent(fates[Fate.KEPT], fates[Fate.KEPT] + fates[Fate.LATE] + fates[Fate.BROKEN])

    @property
    def counts(self) -> dict[int, int]:
        """Touches until the yes -> how many prospects."""
        return dict(sorted(Counter(self.touches).items()))


def figures(prospects: Iterable[Prospect], histories: Mapping[str, History], rules: Rules, rep: RepRules, now: datetime) -> Figures:
    promises: list[tuple[Prospect, Line]] = []
    undecided, touches = [], []
    for one in prospects:
        history = histories.get(one.id, ())
        promises += [(one, line) for line in ledger(one, history, rules, rep, now)]
        found = stance(one, history, rules, rep, now)
        if found.standing.outcome is Result.YES:
            touches.append(_until_yes(history))
        elif found.actions and found.actions[0].kind is Kind.DECIDE:
            since = _undecided_since(history, rep) or found.actions[0].base
            undecided.append(Undecided(one, since, _age(since, now, rep)))
    return together([Figures(tuple(promises), tuple(undecided), tuple(touches))])


def together(several: Iterable[Figures]) -> Figures:
    """Of several reps as one."""
    every = tuple(several)
    return Figures(
        tuple(sorted((pair for one in every for pair in one.promises), key=lambda pair: (pair[1].agreed, pair[0].id))),
        tuple(sorted((each for one in every for each in one.undecided), key=lambda each: (each.since, each.prospect.id))),
        tuple(count for one in every for count in one.touches),
    )


def percent(part: int, whole: int) -> int | None:
    """None where there are too few cases to speak of."""
    return round(100 * part / whole) if whole >= ENOUGH else None


def _until_yes(history: History) -> int:
    """Up to the first yes. Ticking a question to the rep touches nobody, but answering it with a yes does."""
    count = 0
    for fact in history:
        if isinstance(fact, Touched):
            count += fact.kind is not Kind.DECIDE or fact.result is Result.YES
            if fact.result is Result.YES:
                break
    return count


def _undecided_since(history: History, rep: RepRules) -> date | None:
    """The day of what last happened with the prospect. A question that was only ticked goes on ageing."""
    for fact in reversed(history):
        if isinstance(fact, Captured | Dismissed) or (isinstance(fact, Touched) and fact.kind is not Kind.DECIDE):
            return rep.workdays.today(fact.at)
    return None


def _age(since: date, now: datetime, rep: RepRules) -> int:
    today = rep.workdays.today(now)
    return sum(rep.workdays.works(since + timedelta(days=n)) for n in range(1, (today - since).days + 1))
