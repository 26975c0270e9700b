"""The day's page: one short entry each working morning that says what stands on the calendar today. No prospect is behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.identity import action_id
from followsync.core.item import Item, State, Written
from followsync.core.placement import Placed
from followsync.core.plan import CHECK, DECIDE
from followsync.core.ruler import block_of
from followsync.core.workdays import Workdays

_MINUTES = 10
_LONGEST = 1900  # of what is told, so that a phone shows it and a calendar takes it
_HOW = "Answer in the entries themselves: what is written here changes nothing."


@dataclass(frozen=True, slots=True)
class Line:
    """A placed action and the title of its entry."""

    placed: Placed
    title: str


def page_id(rep: str) -> str:
    """In place of an action's id. Reps who share a calendar have a page each."""
    return action_id("", "page", rep)


def page(lines: Iterable[Line], workdays: Workdays, at: time, today: date, action: str, uid: str) -> Item | None:
    """The page of ``today``, which begins ``at`` that time of the rep's; None where nothing is to be done today. ``lines``: everything
    that is open, in any order; ``action``: of ``page_id``. A question that waits for an answer is counted with its age in working days."""
    here = sorted((one for one in lines if _day(one.placed, workdays) == today), key=lambda one: (one.placed.start, one.title))
    if not here:
        return None
    start = workdays.at(today, at)
    body = clipped([_line(one, workdays) for one in here], [*_undecided(here, workdays, today), "", _HOW])
    return Item(
        uid=uid,
        form=Form.EVENT,
        title=f"Today: {', '.join(_counts([one.placed for one in here]))}",
        body=body,
        start=start,
        end=start + timedelta(minutes=_MINUTES),
        alarms=(0,),
        action=action,
        due=today,
        block=block_of(body),
    )


def is_open(row: Written | None, start: datetime, today: date, now: datetime) -> bool:
    """Whether the page that begins at ``start`` may still be written: until it is over it follows what changes; then it stays as it was
    read in the morning. One that the rep threw away or answered comes back on another day."""
    if now >= start + timedelta(minutes=_MINUTES):
        return False
    return row is None or row.state is State.OPEN or row.placed != today


def _day(placed: Placed, workdays: Workdays) -> date:
    return placed.start.astimezone(workdays.zone).date()


def _counts(placed: Sequence[Placed]) -> list[str]:
    """``2 promises, 6 calls, 1 check, 1 decide``: promises first, then each method, the most first; questions last."""
    kinds = Counter(_kind(one) for one in placed)
    last = {"check": 1, DECIDE: 2}
    ordered = sorted(kinds, key=lambda kind: (kind != "promise", last.get(kind, 0), -kinds[kind], kind))
    return [f"{kinds[kind]} {kind if kinds[kind] == 1 or kind == DECIDE else plural(kind)}" for kind in ordered]


def _kind(placed: Placed) -> str:
    action = placed.action
    if action.kind is Kind.PROMISE:
        return "promise"
    if action.kind is Kind.DECIDE:
        return DECIDE
    return "check" if action.method == CHECK else "e-mail" if action.method == "email" else action.method


def plural(word: str) -> str:
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def _line(line: Line, workdays: Workdays) -> str:
    return f"{line.placed.start.astimezone(workdays.zone):%H:%M} {line.title}"


def _undecided(lines: Iterable[Line], workdays: Workdays, today: date) -> list[str]:
    """How long the oldest question has waited; the goal is that none is older than a working day."""
    since = sorted(one.placed.action.base for one in lines if one.placed.action.method == DECIDE)
    days = workdays.passed(since[0], today) if since else 0
    if not days:
        return []
    return ["", f"Undecided: {len(since)}, the oldest for {days} working {'day' if days == 1 else 'days'}. Say what is next, or no."]


def clipped(lines: Sequence[str], last: Sequence[str]) -> str:
    """All lines, or so many as there is room for and how many more there are. A title may be long; the page is to be read at a glance."""
    short = [line if len(line) <= 120 else f"{line[:119].rstrip()}…" for line in lines]
    room = _LONGEST - sum(len(line) + 1 for line in last) - len("… and 1000 more")
    shown: list[str] = []
    for line in short:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    more = [f"… and {len(short) - len(shown)} more"] if len(shown) < len(short) else []
    return "\n".join([*shown, *more, *last]).strip()
