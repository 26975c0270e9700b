"""What one rep lent to another returns by itself: the next cycle of either of them sees to it, whichever comes first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from followsync.config import Settings
from followsync.core.handover import returned
from followsync.core.prospect import Prospect
from followsync.store import Store, Transaction

_AHEAD = timedelta(days=1)  # no zone is further on


def give_back(store: Store, settings: Settings, rep: str, now: datetime) -> None:
    """All that ``rep`` has or lent, and whose day is over. Nothing is written where there is nothing of that kind."""
    todays = _todays(settings, now)
    with store.reading() as tx:
        due = _due(tx, rep, todays, now)
    if due:
        with store.writing() as tx:
            _give_back(tx, rep, todays, now)


def give_back_within(tx: Transaction, settings: Settings, rep: str, now: datetime) -> None:
    """The same inside a rehearsal."""
    _give_back(tx, rep, _todays(settings, now), now)


def _give_back(tx: Transaction, rep: str, todays: dict[str, date], now: datetime) -> None:
    for one in _due(tx, rep, todays, now):
        tx.give_back(one.id, todays)


def _due(tx: Transaction, rep: str, todays: dict[str, date], now: datetime) -> list[Prospect]:
    lent = tx.lent((now + _AHEAD).date())
    return [one for one in lent if rep in (one.rep, *(loan.rep for loan in one.loans)) and returned(one, todays) != one]


def _todays(settings: Settings, now: datetime) -> dict[str, date]:
    return {key: now.astimezone(ZoneInfo(one.timezone)).date() for key, one in settings.reps.items()}
