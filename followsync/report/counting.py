"""The history of each prospect, and what is to be done now, counted into figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followsync.core.cadence import Rules
from followsync.core.clocks import counted
from followsync.core.history import Captured, Dismissed, History, Kind, Moved, Restored, Result, Touched
from followsync.core.plan import CHECK, DECIDE
from followsync.core.promises import ledger
from followsync.core.prospect import Prospect
from followsync.core.standing import corrected
from followsync.core.touches import tried_at
from followsync.core.workdays import RepRules
from followsync.picture import Stance, stance
from followsync.report.figures import Case, Ending, Figures, Promise, Undecided, together


@dataclass(frozen=True, slots=True)
class Asked:
    """What the figures are asked of: one rep at one moment. ``since``: the first day that counts, None for all that happened."""

    rules: Rules
    rep: RepRules
    now: datetime
    since: date | None = None

    def day(self, moment: datetime) -> date:
        return self.rep.workdays.today(moment)

    @property
    def today(self) -> date:
        return self.day(self.now)

    def counts(self, day: date) -> bool:
        return self.since is None or day >= self.since


def figures(prospects: Iterable[Prospect], histories: Mapping[str, History], asked: Asked) -> Figures:
    return together(_of_one(one, histories.get(one.id, ()), asked) for one in prospects)


def _of_one(prospect: Prospect, history: History, asked: Asked) -> Figures:
    found = stance(prospect, history, asked.rules, asked.rep, asked.now)
    facts: History = tuple(corrected(counted(history, asked.now.astimezone(asked.rep.workdays.zone)).history))
    lines = ledger(prospect, history, asked.rules, asked.rep, asked.now)
    return Figures(
        promises=tuple(Promise(prospect, line, found.standing.outcome is None) for line in lines if asked.counts(line.due)),
        undecided=tuple(_undecided(found, facts, asked)),
        touches=tuple(_until_yes(facts, asked)) if found.standing.outcome is Result.YES else (),
        endings=(*_answered(facts, asked), *_still_to_be_done(found, asked)),
        cases=tuple(_cases(prospect, facts, asked)),
    )


def _undecided(found: Stance, facts: History, asked: Asked) -> Iterator[Undecided]:
    if found.actions and found.actions[0].kind is Kind.DECIDE:
        since = _undecided_since(facts, asked) or found.actions[0].base
        yield Undecided(found.prospect, since, asked.rep.workdays.passed(since, asked.today))


def _undecided_since(facts: History, asked: Asked) -> date | None:
    """The day of what last happened with the prospect. A question that was only ticked goes on ageing."""
    for fact in reversed(facts):
        if isinstance(fact, Captured | Dismissed) or (isinstance(fact, Touched) and fact.kind is not Kind.DECIDE):
            return asked.day(fact.at)
    return None


def _until_yes(facts: History, asked: Asked) -> Iterator[int]:
    """Up to the first yes."""
    count = 0
    for fact in facts:
        if isinstance(fact, Touched):
            count += _touches(fact)
            if fact.result is Result.YES:
                if asked.counts(asked.day(fact.at)):
                    yield count
                return


def _touches(fact: Touched) -> bool:
    """Ticking a question to the rep touches nobody, but answering it with a yes does."""
    return fact.kind is not Kind.DECIDE or fact.result is Result.YES


def _answered(facts: History, asked: Asked) -> Iterator[Ending]:
    """Of what stood on the calendar: a tick, an outcome and an attempt are answers. A question to the rep is no follow-up, and an entry
    that was put back was not deleted. What the rep moved ahead by hand is of its new day."""
    put_back = Counter(fact.action for fact in facts if isinstance(fact, Restored))
    moved: dict[str, date] = {}
    for fact in facts:
        if isinstance(fact, Moved):
            moved[fact.action] = asked.day(fact.start)
        elif isinstance(fact, Dismissed) and put_back[fact.action]:
            put_back[fact.action] -= 1
        elif isinstance(fact, Touched | Dismissed) and fact.kind is not Kind.DECIDE and asked.counts(asked.day(fact.at)):
            if isinstance(fact, Dismissed):
                yield Ending.DELETED
            elif fact.action:
                due = max(fact.due or asked.day(fact.at), moved.get(fact.action, date.min))
                yield Ending.IN_TIME if asked.day(fact.at) <= due else Ending.LATER


def _still_to_be_done(found: Stance, asked: Asked) -> Iterator[Ending]:
    """What stands there and whose day is over."""
    for action in found.actions:
        moved = found.standing.moved.get(action.id)
        day = max(action.due, asked.day(moved.start)) if moved else action.due
        if action.kind is not Kind.DECIDE and day < asked.today and asked.counts(day):
            yield Ending.OPEN


def _cases(prospect: Prospect, facts: History, asked: Asked) -> Iterator[Case]:
    """Each with its number among all that touched them, also before the day on which the counting begins."""
    zone, number = _clock(prospect, asked), 0
    for fact in facts:
        if not isinstance(fact, Touched):
            continue
        number += _touches(fact)
        if fact.method in ("", CHECK, DECIDE) or not asked.counts(asked.day(fact.at)):
            continue
        if asked.rules.method(fact.method).hours is None:
            yield Case(fact.method, None, fact.result, number=max(number, 1))
        else:
            at = tried_at(fact).astimezone(zone)
            yield Case(fact.method, at.hour, fact.result, at.weekday(), max(number, 1))


def _clock(prospect: Prospect, asked: Asked) -> ZoneInfo:
    """The prospect's own; the rep's where none is known, or only one that does not exist (an old import's)."""
    try:
        return ZoneInfo(prospect.timezone) if prospect.timezone else asked.rep.workdays.zone
    except (ZoneInfoNotFoundError, ValueError):
        return asked.rep.workdays.zone
