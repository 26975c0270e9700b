"""Sending what was decided, one write at a time, with the store in step: what was sent, what was answered, what is unclear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from followsync.calendars.base import Calendar
from followsync.core.item import Item, Seen, State, Written
from followsync.core.operations import Create, Delete, Keep, Operation, Update, digest, same
from followsync.errors import CalendarError, Changed, Refused

_BATCH = 20  # confirmations in one transaction while many are written


@dataclass(slots=True)
class TargetReport:
    """What a cycle did on one target. ``pending``: writes whose outcome is not known yet; ``error``: "" after a good cycle."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    read: int = 0
    requests: int = 0
    pending: int = 0
    quarantined: int = 0
    error: str = ""


class Writer:
    """Sends the writes of one target, in order, and keeps the store in step.

    ``adopt`` is told of an entry of ours that the store had forgotten: the row it belongs to, and what stands there.
    """

    def __init__(
        self, calendar: Calendar, save: Callable[[Sequence[Written]], None], adopt: Callable[[Written, Seen], None], report: TargetReport
    ) -> None:
        self.calendar, self.save, self.adopt, self.report = calendar, save, adopt, report
        self.answered: list[Written] = []
        self.unread: list[Written] = []

    def send(self, writes: Sequence[Create | Update | Delete], progress: Callable[[int, int], None]) -> None:
        """Raises what the calendar raised; every row is noted down by then, whatever happened."""
        sent = 0
        try:
            for one in writes:
                self._one(one)
                sent += 1
                progress(sent, len(writes))
                if len(self.answered) >= _BATCH:
                    self._save()
            self._read_back()
        except CalendarError:
            # The one that failed may have arrived: its row keeps saying so. What was not sent is as it was before.
            self.answered.extend(_unsent(one) for one in writes[sent + 1 :])
            raise
        finally:
            self._save()

    def _one(self, operation: Create | Update | Delete) -> None:
        try:
            match operation:
                case Create(item=item, written=row):
                    self._create(item, row)
                case Update(item=item, ours=ours, written=row):
                    receipt = self.calendar.update(row.href, item, row.raw, row.etag)
                    self._confirmed(replace(row, ours=ours, agreed=item, etag=receipt.etag, raw=receipt.raw, refused="", trouble=""))
                    self.report.updated += 1
                case Delete(written=row):
                    if not row.etag and not self._is_unchanged(row):
                        return
                    self.calendar.delete(row.href, row.etag)
                    self.answered.append(_gone(row))
                    self.report.deleted += 1
        except Changed:
            # Somebody was faster. The row keeps saying what was sent, so the next cycle asks for this entry by name: a listing that
            # was cut short may have left it out, and will not tell of it again.
            return
        except Refused as error:
            self.answered.append(_refused(operation, str(error)))

    def _is_unchanged(self, row: Written) -> bool:
        """Without an ETag nothing guards a deletion: look first. What changed keeps its row, and the next cycle reads it by name."""
        seen = self.calendar.read([row.href]).get(row.href)
        return seen is None or (seen.item is not None and row.agreed is not None and same(seen.item, row.agreed))

    def _create(self, item: Item, row: Written) -> None:
        try:
            receipt = self.calendar.create(row.href, item)
        except Changed:
            # Ours was not written: if reading fails now, the next cycle must find a row that was never sent.
            self.answered.append(replace(row, ours=item))
            self._save()
            self._adopt(item, row)
            return
        self._confirmed(replace(row, ours=item, agreed=item, etag=receipt.etag, raw=receipt.raw))
        self.report.created += 1

    def _adopt(self, item: Item, row: Written) -> None:
        """Something stands there already. If it is ours, the store had forgotten it."""
        seen = self.calendar.read([row.href]).get(row.href)
        if seen is None:
            self.answered.append(replace(row, ours=item, intended=None, generation=row.generation + 1, state=State.GONE))
            return
        self.adopt(replace(row, ours=item), seen)
        self.report.read += 1

    def _confirmed(self, row: Written) -> None:
        (self.answered if row.etag else self.unread).append(row)

    def _read_back(self) -> None:
        """Where the answer carried no strong ETag, the calendar may have changed what was sent: what it shows is the base."""
        if not self.unread:
            return
        answers = self.calendar.read([row.href for row in self.unread])
        for row in self.unread:
            seen = answers.get(row.href)
            if seen and seen.item:
                self.answered.append(replace(row, agreed=seen.item, etag=seen.etag, raw=seen.raw))
        self.unread = []

    def _save(self) -> None:
        if self.answered:
            self.save(self.answered)
            self.answered = []


def noted(operation: Operation) -> Written:
    """The row before the operation is sent."""
    match operation:
        case Create(item=item) | Update(item=item):
            return replace(_unsent(operation), intended=item)
        case Delete(written=row):
            return replace(row, removing=True)
        case Keep(written=row):
            return row


def _unsent(operation: Create | Update | Delete) -> Written:
    match operation:
        case Create(item=item, written=row):
            return replace(row, ours=item)
        case Update(written=row):
            return replace(row, state=State.ANSWERED if row.state is State.RECORDED else row.state)
        case Delete(written=row):
            return row


def _gone(row: Written) -> Written:
    gone = replace(row, state=State.GONE, agreed=None, intended=None, removing=False, etag=None, raw="")
    return replace(gone, generation=row.generation + 1)


def _refused(operation: Create | Update | Delete, sentence: str) -> Written:
    row = _unsent(operation)
    return replace(row, trouble=sentence, refused="" if isinstance(operation, Delete) else digest(operation.item))
