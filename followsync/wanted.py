"""What one target is to show, beside what stands there: follow-ups, records and notices, as far as it can be written there."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from followsync.calendars.base import Calendar
from followsync.config.settings import CalDavTarget, GoogleTarget
from followsync.core.item import REPLACED, Item, State, Written, removed
from followsync.core.operations import (
    Keep,
    Operation,
    Plan,
    Update,
    generation,
    is_given_back,
    is_let_go,
    is_typed,
    mass_change,
    operations,
)
from followsync.moment import Moment
from followsync.notices import notice_ids, notices
from followsync.picture import Picture, rows_for
from followsync.replacing import told_elsewhere


@dataclass(frozen=True, slots=True)
class Wanted:
    """``calendar``: None where it could not be opened."""

    at: Moment
    name: str
    settings: CalDavTarget | GoogleTarget
    calendar: Calendar | None

    def plan(self, seen: Picture, rows: Sequence[Written]) -> tuple[Plan, bool]:
        """What makes the target show that, as far as it can be reached; and whether something is out of reach for a short while. ``rows``:
        those of this target."""
        by_action = {row.action: row for row in rows}
        wanted: dict[str, tuple[Item, Written]] = {}
        for one in seen.placed:
            row = by_action.get(one.action.id)
            item = seen.item(one, row, self._write, dates=isinstance(self.settings, GoogleTarget))
            href = self.calendar.href(item.uid, item.form) if self.calendar else ""
            new = Written(self.name, one.action.id, one.action.prospect, href, generation(row), placed=one.placed)
            wanted[one.action.id] = (item, new)
        wanted |= self._notices(seen)
        told = self._told_elsewhere(rows, wanted)
        plan = operations(wanted, [told.get(row.action, row) for row in rows], self.at.now)
        decided = (self._marks(one, by_action) if one.written.action in told else one for one in plan.operations)
        here = tuple(one for one in decided if isinstance(one, Keep) or self.reaches(one.written.href))
        granted = self.calendar is not None and self.calendar.capabilities.tasks is not False  # else a person's word is waited for
        return Plan(here), granted and len(here) < len(plan.operations)

    def _told_elsewhere(self, rows: Sequence[Written], wanted: Container[str]) -> dict[str, Written]:
        """What each entry that the rep typed is from now on, where that stands for nothing that is wanted."""
        if not any(row.action not in wanted and (is_typed(row) or is_given_back(row)) for row in rows):
            return {}
        with self.at.store.reading() as tx:
            return told_elsewhere(tx, self.at.key, rows, wanted)

    def _marks(self, operation: Operation, before: Mapping[str, Written]) -> Operation:
        """``before``: the rows as they are until that has arrived. What the rep does meanwhile to an entry that nobody answered is read as
        if it were to be done."""
        if not isinstance(operation, Update):
            return operation
        row = before[operation.written.action] if operation.ours.result == REPLACED else operation.written
        return replace(operation, written=replace(row, state=operation.written.state), first=True)

    def _notices(self, seen: Picture) -> dict[str, tuple[Item, Written]]:
        """The page of the day, unless only tasks are wanted there; what is bought ahead; word of other targets that wait for a sign-in."""
        others = {name: why for name, why in self.at.alerts.items() if name != self.name}
        with self.at.store.reading() as tx:
            known = {row.action: row for row in rows_for(tx, self.at.rep, self.name, notice_ids(seen, others))}
        found = {}
        for action, (item, day) in notices(seen, others, known, paged=self._write != "task").items():
            href = self.calendar.href(item.uid, item.form) if self.calendar else ""
            found[action] = (item, Written(self.name, action, "", href, generation(known.get(action)), placed=day))
        return found

    @property
    def _write(self) -> str:
        """What the config lets be written, as far as the calendar takes it: where a person left out the permission, tasks are events."""
        lacking = isinstance(self.settings, GoogleTarget) and self.calendar and self.calendar.capabilities.tasks is False
        return "event" if lacking else self.settings.write

    def reaches(self, href: str) -> bool:
        return self.calendar is None or self.calendar.reaches(href)

    def held(self, plan: Plan, rows: Sequence[Written], config: str) -> str:
        """The sentence where the ``config``, by its digest, was another one when the target was written last, and that would change much
        of what stands there; else ""."""
        standing = sum(row.state is State.OPEN and row.agreed is not None for row in rows)
        much = mass_change(plan, standing) if config not in ("", self.at.digest) else ""
        if not much:
            return ""
        return (
            f"The config was edited, and that would {much} on {self.name}. Nothing of that is done until you say so: 'followsync plan' "
            "shows it, 'followsync sync --accept-changes' does it; or take the edit back."
        )

    def without_others(self, plan: Plan) -> Plan:
        """Where another rep took the entry over, on a calendar that both write to, it is theirs to remove."""
        deletes = [one.written for one in plan.operations if is_let_go(one)]
        if not deletes or self.name not in self.at.shared:
            return plan
        with self.at.store.writing() as tx:  # in one step: of two who give it up at once, one must remove it
            taken = tx.stands_with_others(self.at.key, self.name, (row.href for row in deletes))
            tx.save_written(self.at.key, *(removed(row) for row in deletes if row.href in taken))
        return Plan(tuple(Keep(removed(one.written)) if is_let_go(one) and one.written.href in taken else one for one in plan.operations))
