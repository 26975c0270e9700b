"""What is bought ahead (gifts, by default): one entry for all that is given in a month, whoever gets it. No prospect is behind it.

Each of them keeps the next action of its prospect and its own day; this entry only says that it is to be there by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from followsync.core.action import Action
from followsync.core.cadence import Form, Rules, cadence_for
from followsync.core.daily_page import clipped, plural
from followsync.core.history import Kind, Result
from followsync.core.identity import action_id
from followsync.core.inclusion import reached
from followsync.core.item import Item, State, Written
from followsync.core.plan import ahead
from followsync.core.promises import due_day
from followsync.core.prospect import Prospect
from followsync.core.ruler import block_of
from followsync.core.standing import Standing
from followsync.core.workdays import RepRules, Workdays

_SETTLED = frozenset({Result.DONE, Result.YES, Result.NO})  # bought, or not to be; a try (``x``) is neither
_HOW = "Answer: tick this once everything is there. Each one is still sent on its own day: that is the entry of whoever gets it."


@dataclass(frozen=True, slots=True, order=True)
class Gift:
    """One thing for one recipient. ``on``: the day it is sent, where the rules or the rep put it; ``base``: the day it is meant for, which
    counts it to a month: all birthdays of March are one purchase, however long a parcel takes. ``action``: what sends it."""

    on: date
    who: str
    action: str
    base: date
    method: str
    prospect: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """All of one method that is for days of one month. ``day``: when it is to be bought, by the rules; ``gifts`` are in the order of their
    days. ``stands``: where its entry stands on the calendar, or comes to stand; None where nobody looked."""

    rep: str
    method: str
    month: date
    day: date
    gifts: tuple[Gift, ...]
    stands: date | None = None

    @property
    def on(self) -> date:
        """The day that the rep sees: it goes on with the working days, and stays where they put it."""
        return self.stands or self.day

    @property
    def action(self) -> str:
        """In place of an action's id. Whatever is added, moved or sent, the month's entry stays the same; reps who share a calendar have
        one each."""
        return action_id("", "buy", self.rep, self.method, f"{self.month:%Y-%m}")

    @property
    def title(self) -> str:
        """``Buy 10 gifts for March 2026``."""
        number = len(self.gifts)
        return f"Buy {number} {self.method if number == 1 else plural(self.method)} for {self.month:%B %Y}"

    @property
    def told(self) -> str:
        """``"Buy 10 gifts for March 2026" on Fri 2026-02-13``."""
        return f'"{self.title}" on {self.on:%a %Y-%m-%d}'


def listed(found: Iterable[Purchase], prospect: str) -> dict[str, str]:
    """Action -> the sentence that says where its gift is bought, of that prospect's."""
    return {
        one.action: f"Bought ahead, with what else is for that month: {purchase.told}."
        for purchase in found
        for one in purchase.gifts
        if one.prospect == prospect
    }


def gives(prospect: Prospect, rules: Rules, actions: Iterable[Action], standing: Standing) -> bool:
    """Whether anything that is bought ahead can be among what is known to come; a cheap look before ``gifts``."""
    bought = {name for name, method in rules.methods.items() if method.buy}
    if not bought:
        return False
    said = {one.method or prospect.method for one in standing.agreements.values()} | {one.method for one in actions}
    if not bought.isdisjoint(said):
        return True
    cadence = cadence_for(prospect, rules.cadences)
    return cadence is not None and not bought.isdisjoint(prospect.instead_of(step.method) for step in cadence.steps)


def gifts(
    prospect: Prospect, rules: Rules, actions: Sequence[Action], standing: Standing, rep: RepRules, now: datetime
) -> tuple[Gift, ...]:
    """What is known to be sent to a prospect (the next turn of each step, and all that is agreed), earliest first. ``actions``: what is
    open, the next one first. What was tried already was bought for that."""
    coming = {one.id: one for one in (*ahead(prospect, rules, standing, rep, now, actions), *actions)}
    found = [
        _gift(prospect, one.id, reached(prospect, one.steps).contact, one.method, (one.due, one.base), standing, rep)
        for one in coming.values()
        if one.kind in (Kind.STEP, Kind.PROMISE, Kind.INCLUDE) and rules.method(one.method).buy
    ]
    for action, promise in standing.agreements.items():  # those that wait for their turn too
        method = rules.method(promise.method or prospect.method or "call")
        if action not in coming and method.buy:
            found.append(
                _gift(prospect, action, prospect.contact, method.name, (due_day(promise, method, rep), promise.day), standing, rep)
            )
    return tuple(sorted(found))


def _gift(prospect: Prospect, action: str, contact: str, method: str, days: tuple[date, date], standing: Standing, rep: RepRules) -> Gift:
    due, base = days
    who = contact if contact == prospect.name else f"{contact}, {prospect.name}"
    moved = standing.moved.get(action)
    return Gift(rep.workdays.today(moved.start) if moved else due, who, action, base, method, prospect.id)


def purchases(found: Iterable[Gift], rules: Rules, rep: RepRules) -> tuple[Purchase, ...]:
    """By method and month; whatever order ``found`` has, and each gift once."""
    groups: dict[tuple[str, date], list[Gift]] = {}
    for one in sorted({gift.action: gift for gift in sorted(found)}.values()):
        groups.setdefault((one.method, one.base.replace(day=1)), []).append(one)
    return tuple(
        Purchase(rep.rep, method, month, rep.workdays.leaves(several[0].on, rules.method(method).buy), tuple(several))
        for (method, month), several in sorted(groups.items())
    )


def is_to_buy(purchase: Purchase, rows: Iterable[Written]) -> bool:
    """Whether its entry is wanted: one gift alone is no more than its own action, but an entry that stands goes when nothing of its month
    is left. Once ticked, on whichever calendar, the month is seen to. ``rows``: of its action, on all targets."""
    known = list(rows)
    if any(row.state in (State.ANSWERED, State.RECORDED) and row.ours and row.ours.result in _SETTLED for row in known):
        return False
    return len(purchase.gifts) > 1 or any(row.state is State.OPEN for row in known)


def is_wanted_again(row: Written | None, today: date, workdays: Workdays) -> bool:
    """Whether it is to stand there: one that the rep threw away, or tried in vain, comes back on another working day."""
    return row is None or row.state is State.OPEN or (row.placed != today and workdays.works(today))


def stands_on(purchase: Purchase, rows: Sequence[Written], today: date, workdays: Workdays) -> date:
    """The day of its entry: where that stands, else where it comes to stand. ``rows``: of its action, the first target's first."""
    if there := next((row.agreed for row in rows if row.state is State.OPEN and row.agreed), None):
        return workdays.today(there.start)
    wanted = is_wanted_again(rows[0] if rows else None, today, workdays)
    return max(purchase.day, workdays.previous_day(today) if wanted else workdays.next_day(today + timedelta(days=1)))


def entry(purchase: Purchase, row: Written | None, today: date, workdays: Workdays, uid: str, form: Form) -> Item:
    """An entry of a whole day, which takes nobody's time and goes on with the working days until it is ticked. Where the rep moved it, it
    stays until that day is over. ``row``: what stands there."""
    day = max(purchase.day, workdays.previous_day(today))
    start, end = (workdays.at(one, time.min) for one in (day, day + timedelta(days=1)))
    lines = [f"{one.on:%a %Y-%m-%d} {one.who}" for one in purchase.gifts]
    body = clipped(lines, ["", _HOW])
    due, all_day = day, True
    if moved := _moved(row, today, workdays):
        due, start, end, all_day = moved.due or day, moved.start, moved.end, moved.all_day
    return Item(
        uid=uid,
        form=form,
        title=purchase.title,
        body=body,
        start=start,
        end=end,
        all_day=all_day,
        action=purchase.action,
        due=due,
        block=block_of(body),
        named=purchase.title,  # so that a tick before it is read by whoever has lost the store too
    )


def _moved(row: Written | None, today: date, workdays: Workdays) -> Item | None:
    """What stands there, with the day for which we wrote it, where the rep put it elsewhere and that day is not over."""
    if row is None or row.state is not State.OPEN or row.agreed is None or row.ours is None or row.ours.due is None:
        return None
    there = row.agreed
    if there.start == workdays.at(row.ours.due, time.min) or workdays.today(there.start) < today:
        return None
    return Item("", there.form, "", "", there.start, there.end, all_day=there.all_day, due=row.ours.due)
