"""Which calendar a target leads to: the one of before, another one, or the same by another address; and what was left behind there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from followsync.accounts import account_of, bare, remembered, renamed
from followsync.calendars.base import Calendar
from followsync.config.settings import CalDavTarget, GoogleTarget
from followsync.core.item import State
from followsync.core.target import Capabilities, TargetState
from followsync.store import Transaction


@dataclass(frozen=True, slots=True)
class Left:
    """The calendar that the config named before, and the files that stand there; nothing, where none does."""

    place: str = ""
    files: frozenset[str] = frozenset()


NOTHING_LEFT = Left()


def sought(settings: CalDavTarget | GoogleTarget, state: TargetState) -> TargetState:
    """What leads to the calendar. Where the config has another name for it than before, it stands among the former ones."""
    known = remembered(settings, state)
    leads = replace(state, collection=known, former=(state.collection,) if renamed(settings, state) else ())
    return leads if known else replace(leads, capabilities=Capabilities())


def is_another(before: str, calendar: Calendar) -> bool:
    """Whether it is not the one of the collection that was remembered."""
    return bare(before.rpartition("\n")[2]) != bare(calendar.collection)


def moved_in(settings: CalDavTarget | GoogleTarget, state: TargetState, calendar: Calendar) -> TargetState:
    """What is remembered of a target that leads to this calendar. Where it is another one than before (another account, another name in
    the config), its entries are made anew there, nothing is concluded from what is missing, and its server is asked what it can do: it
    may be another one."""
    there = account_of(settings) + calendar.collection
    if is_another(state.collection, calendar):
        state = replace(state, cursor="", last_full=None, collection=there)
        return replace(state, capabilities=Capabilities(), probed=None, left=(), going=(), unknown=(), copies=())
    return state if remembered(settings, state) else replace(state, collection=there)


def left_standing(tx: Transaction, rep: str, target: str, before: str) -> Left:
    """What stands on the calendar that is left in this moment, ``before``; that is "" where the config says what it said, and it is the
    server that moved."""
    stood = frozenset(_file(row.href) for row in tx.written(rep, target) if row.state is not State.GONE and row.agreed)
    return Left(_place(before), stood) if before and stood else NOTHING_LEFT


def with_former(state: TargetState, before: str, left: Left, calendar: Calendar) -> TargetState:
    """Also the one that is left in this moment, if anything stands there."""
    former = {bare(one): one for one in (*state.former, *((before,) if left.files else ()))}
    return replace(state, former=tuple(one for one in former.values() if is_another(one, calendar)))


def recognised(state: TargetState, calendar: Calendar, left: Left, listed: Collection[str], others: Iterable[str]) -> TargetState:
    """Without what is no calendar of before: the one that the config names now, by another address (its path and what stands there tell),
    and those to which the ``others`` write, this rep's other targets."""
    stands = 2 * len(left.files & {_file(href) for href in listed}) > len(left.files)
    known = {left.place} if stands and _path(left.place) == _path(calendar.collection) else set()
    known |= {_place(one) for one in others}
    return replace(state, former=tuple(one for one in state.former if _place(one) not in known))


def _file(href: str) -> str:
    return href.rpartition("/")[2]


def _place(collection: str) -> str:
    """The calendar's address, of a collection as it is remembered."""
    return bare(collection.rpartition("\n")[2])


def _path(place: str) -> str:
    return urlsplit(bare(place)).path
