"""How a target fares: the breaker, when everything is to be listed again, and whether there is anything to work out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from followsync.core.target import TargetState
from followsync.core.workdays import BusyTime
from followsync.errors import CalendarError, LoginNeeded, MassChange, SecretMissing, Unavailable

_PAUSE, _LONGEST_PAUSE = 60.0, 7200.0  # seconds a failing target is left alone: doubled each time, up to two hours
_SECRET_PAUSE = 600.0  # nobody is asked anything meanwhile, but a password program may ring a bell
_FULL, _FULL_WHERE_DOUBTED = timedelta(days=7), timedelta(hours=6)  # between two listings of everything
_PROBED = timedelta(days=6)  # for so long nobody asks again what the server can do
_GIVEN_UP = timedelta(days=1)  # where it did not answer to the end
_UNTIL = " until "
_STUMBLES = 3  # failures in a row
_SKEW_NAMED, _SKEW_HELD = timedelta(minutes=5), timedelta(days=1)


def failed(state: TargetState, error: CalendarError, now: datetime, digest: str = "") -> TargetState:
    """After a cycle that failed: what was asked for by the server, else twice as long as the last time; a login that was refused waits six
    hours (or as long as the error says), and one without a secret some minutes, or for another config than that with this ``digest``."""
    failures = state.failures + 1
    usual = min(_LONGEST_PAUSE, _PAUSE * 2 ** min(failures - 1, 10))
    wait: float | None = usual
    held = ""
    match error:
        case Unavailable(retry_after=asked) if asked is not None:
            wait = min(_LONGEST_PAUSE, max(_PAUSE, asked))
        case LoginNeeded(again=again):
            wait = again or _LONGEST_PAUSE * 3  # one look every six hours: more would look like an attack, and locks accounts
        case SecretMissing():
            wait = min(_SECRET_PAUSE, usual)
        case MassChange():
            wait, held = None, str(error)  # looked at in every cycle: the entries may come back by themselves
        case _:
            pass
    return replace(
        state,
        failures=failures,
        error=str(error),
        held=held,
        settled="",
        not_before=now + timedelta(seconds=wait) if wait is not None else None,
        login_needed=isinstance(error, LoginNeeded),
        tried=digest if isinstance(error, LoginNeeded | SecretMissing) else "",
    )


def is_paused(state: TargetState, now: datetime, digest: str) -> bool:
    """Whether it is still too early. A pause longer than any is that of a clock that was set back. A login that was refused, or for
    which there was no secret, is tried again once the config is another one; what a secret's own place holds by now is not known, so that
    waits for a daemon's reload."""
    if (state.login_needed or state.tried) and state.tried != digest:
        return False
    return state.not_before is not None and timedelta(0) < state.not_before - now <= timedelta(seconds=_LONGEST_PAUSE * 3)


def succeeded(state: TargetState, now: datetime) -> TargetState:
    return replace(state, failures=0, error="", not_before=None, login_needed=False, held="", last_good=now)


def wants_everything(state: TargetState, now: datetime) -> bool:
    """Whether it is time to list everything again, whatever the list of changes says: some servers forget to tell. Each target has its
    own moment, so that many of them do not ask one server at once. A clock that was set back is no reason to wait. And where it failed
    again and again the server may be stumbling over our cursor."""
    if state.last_full is None or (state.failures >= _STUMBLES and not state.held and not state.login_needed):
        return True
    every = _FULL if state.capabilities.trusted else _FULL_WHERE_DOUBTED
    lot = sha256(f"{state.rep}\n{state.target}".encode()).digest()[0] / 255
    return not timedelta(0) <= now - state.last_full < every * (1 - 0.1 * lot)


def wants_probe(state: TargetState, now: datetime) -> bool:
    """Whether what the server can do is to be found out again: with the listing of everything, at most once a week; where it never gave
    all the answers, on another day. A server that fails at this moment is not asked for more."""
    known = state.capabilities.known
    recent = state.probed is not None and timedelta(0) <= now - state.probed < (_PROBED if known else _GIVEN_UP)
    return not recent and not state.failures and (not known or wants_everything(state, now))


def gives_up_probing(state: TargetState) -> bool:
    """Whether it failed often enough, this time included, to go on without knowing what the server can do."""
    return state.failures + 1 >= _STUMBLES


def world(revision: int, rules: str, busy: Iterable[BusyTime], now: datetime) -> str:
    """Everything that a plan follows from, in short: as long as it is the same, so is the plan. ``revision``: of what the store holds of
    the rep. ``rules``: of the config. ``now`` in the rep's zone, by the hour: most of what time changes, it changes at midnight."""
    digest = sha256(rules.encode())
    for one in sorted(busy, key=repr):
        digest.update(repr(one).encode())
    return f"{revision} {digest.hexdigest()[:32]} {_hour(now)}"


def settled(world: str, wakes: datetime | None) -> str:
    """The world in which nothing was left to do, and the moment at which something will be (``Picture.wakes``)."""
    return f"{world}{_UNTIL}{wakes.astimezone(UTC).isoformat()}" if wakes else world


def holds(before: str, world: str, now: datetime) -> bool:
    """Whether it is still the world that was settled, and nothing was to happen in it by now."""
    same, _, until = before.partition(_UNTIL)
    return same == world and not (until and now >= datetime.fromisoformat(until))


def is_calm(state: TargetState, revision: int, now: datetime) -> bool:
    """Whether nothing of the rep has changed in the store since nothing was left to do on this target in this hour, so no write of ours
    is open, and nothing waits to be asked for again."""
    known, _, hour = state.settled.partition(_UNTIL)[0].rpartition(" ")
    return known.partition(" ")[0] == str(revision) and hour == _hour(now) and holds(state.settled, f"{known} {hour}", now)


def _hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H%z}"


def skewed(skew: timedelta | None, where: str) -> str:
    """A sentence about a clock that is wrong by minutes, "" where it is right. Raises CalendarError where it is wrong by days: a plan made
    with it would be nonsense."""
    if skew is None or abs(skew) < _SKEW_NAMED:
        return ""
    behind = "behind" if skew > timedelta(0) else "ahead of"
    by = f"{abs(skew).days} days" if abs(skew).days > 1 else f"{round(abs(skew).total_seconds() / 60)} minutes"
    sentence = f"This machine's clock is {by} {behind} the clock of {where}: set it, or let systemd-timesyncd do so."
    if abs(skew) >= _SKEW_HELD:
        raise CalendarError(f"{sentence} Nothing is planned or written there until then.")
    return sentence
