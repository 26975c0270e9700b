"""Is all well? One short sentence without names, for whatever watches this machine."""

from __future__ import annotations

from datetime import timedelta

from followsync.config import Settings
from followsync.core.target import TargetState
from followsync.errors import StoreError
from followsync.feeds import is_overdue
from followsync.vitals import Inside

_QUIET = timedelta(minutes=30)  # so long a first cycle with a slow server may take


def trouble(inside: Inside) -> str:
    """ "" where the store answers, each rep's last cycle ended a short while ago and no calendar waits for a person or was not read for an
    hour; else why not."""
    settings = inside.settings()
    limit = max(_QUIET, 3 * settings.sync.every)
    quiet = sum(inside.vitals.since_cycle(rep) > limit.total_seconds() for rep in settings.reps)
    try:
        with inside.store.reading() as tx:
            states = [state for state in tx.target_states() if _is_used(state, settings)]
    except StoreError:
        return "the store does not answer"
    now = inside.clock()
    counts = (
        (quiet, f"had no cycle for {limit // timedelta(minutes=1)} minutes", "rep"),
        (sum(one.login_needed for one in states), "waiting for a sign-in", "target"),
        (sum(bool(one.held) for one in states), "waiting for a word on many changes", "target"),
        (sum(is_overdue(one, now) and not one.login_needed and not one.held for one in states), "failing for more than an hour", "target"),
    )
    return "; ".join(f"{number} {what}{'' if number == 1 else 's'} {why}" for number, why, what in counts if number)


def _is_used(state: TargetState, settings: Settings) -> bool:
    return state.rep in settings.reps and state.target in settings.reps[state.rep].targets
