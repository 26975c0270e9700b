"""What a calendar calls gone: noted down, looked at once more, and asked about where it was to be done and has not come back."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from followsync.core.answers import Reader, Reading
from followsync.core.edits import read_deletion
from followsync.core.history import Dismissed, Kind, Unclear
from followsync.core.item import State, Written
from followsync.core.operations import is_given_back, mass_deletion
from followsync.core.standing import standing
from followsync.errors import MassChange
from followsync.facts import Facts
from followsync.intake import Desk
from followsync.picture import rows_of
from followsync.pull import NOBODY_SAID, Deletions, ripe
from followsync.readers import Readers

DOUBTED = (
    "deleted there, or its server can no longer read its file. 'followsync sync --restore' writes it again, '--accept-deletes' asks about "
    "it. It still stands on "
)
_LOOKED_AT_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Missing:
    """``desk``: where and when it was found missing. ``others``: the rep's other targets that are read back."""

    desk: Desk
    facts: Facts
    others: frozenset[str] = frozenset()

    def believe(self, absent: Container[str], deletions: Deletions) -> int:
        """Deletions that have held become facts: those that were asked for by name in this cycle and are ``absent``. Answers how many.
        Raises MassChange, having changed nothing, where they are so many that it looks like an accident and nobody said otherwise."""
        rows = rows_of(self.desk.tx, self.desk.rep, self.desk.target)
        waiting = [row for row in rows if row.state is State.OPEN and row.agreed is not None]
        gone = [row for row in waiting if row.gone_at or (deletions.said and is_doubted(row))]
        self._guard(gone, rows, deletions)
        believed = [row for row in gone if row.href in absent and (deletions.said or (row.gone_at and ripe(row.gone_at, self.desk.now)))]
        for row in believed:
            if not deletions.said and (elsewhere := self.stands_elsewhere(row)):
                self._doubt(row, elsewhere)
            else:
                self.gone(row, deletions)
        return len(believed)

    def _guard(self, gone: list[Written], rows: Iterable[Written], deletions: Deletions) -> None:
        standing = sum(row.state is State.OPEN and row.agreed is not None for row in rows)
        if not deletions.said and mass_deletion(len(gone), standing):
            raise MassChange(
                f"{len(gone)} of {standing} entries were deleted from {self.desk.target} at once. Nothing is done there until you say "
                "what that means: 'followsync sync --accept-deletes' asks about each, 'followsync sync --restore' writes them again."
            )

    def note(self, row: Written) -> None:
        """It is gone, says the calendar. What waits for the rep is looked at once more before anybody is asked about it; a record that was
        thrown away, and what we removed ourselves, is no news."""
        if is_doubted(row) and self.stands_elsewhere(row):
            self.facts.save(replace(row, fresh=False, retry_at=self.desk.now + _LOOKED_AT_AGAIN))
        elif row.state is State.OPEN and row.agreed is not None and not row.removing:
            trouble = "" if is_doubted(row) else row.trouble
            self.facts.save(replace(row, fresh=False, unread=False, trouble=trouble, gone_at=row.gone_at or self._first_seen_gone(row)))
        elif row.state is not State.GONE:
            if is_given_back(row):
                self._waits_no_more(row)
            self.gone(row, NOBODY_SAID)
        elif row.unread:
            self.facts.save(replace(row, unread=False))

    def stands_elsewhere(self, row: Written) -> str:
        """The target on which what was promised still stands though it is gone here; "" where there is none."""
        action = self._reader(row).action
        if action is None or action.kind is not Kind.PROMISE:
            return ""
        rows = self.desk.tx.written_of(self.desk.rep.rep, row.action)
        return next((one.target for one in rows if one.target in self.others and _waits(one)), "")

    def _doubt(self, row: Written, elsewhere: str) -> None:
        """Some servers (Radicale) call gone what they cannot read themselves. A promise that stands elsewhere is not broken by that: the
        entry is left alone here, and the rep is asked once what is meant."""
        text = f"gone from {self.desk.target}, not from {elsewhere}"
        history = self.desk.tx.history(row.prospect)
        if not any(isinstance(one, Unclear) and (one.action, one.text) == (row.action, text) for one in history):
            self.desk.tx.append(row.prospect, Unclear(self.desk.now, self.desk.via, text, row.action))
        again = self.desk.now + _LOOKED_AT_AGAIN
        self.facts.save(replace(row, unread=True, trouble=f"{DOUBTED}{elsewhere}.", gone_at=None, retry_at=again))

    def _first_seen_gone(self, row: Written) -> datetime:
        """Never before its prospect was captured, however far this machine's clock was set back: else it would be another one's entry."""
        captured = self._reader(row).since
        return max(self.desk.now, captured) if captured else self.desk.now

    def _waits_no_more(self, row: Written) -> None:
        """The entry of an agreement that waits is gone: so is the agreement."""
        known = self.desk.tx.prospect(row.prospect)
        if known and row.agreed and row.action in standing(known, self.desk.tx.history(row.prospect)).agreements:
            self.desk.tx.append(row.prospect, Dismissed(self.desk.now, self.desk.via, row.action, Kind.PROMISE, row.agreed.title))

    def gone(self, row: Written, deletions: Deletions) -> None:
        reader, known = self._reader(row), self.desk.tx.prospect(row.prospect)
        if known and known.rep != self.desk.rep.rep:  # it was handed over, so its entry was to go in any case
            reader = replace(reader, action=None)
        reading = read_deletion(row, reader)
        if deletions.restore and row.state is State.OPEN:
            # Written again at the same hour and with the days it was missed, as another entry.
            taken_back = (Unclear(self.desk.now, self.desk.via, "", row.action),) if is_doubted(row) else ()
            reading = Reading(taken_back, replace(reading.written, state=State.OPEN))
        self.facts.settle(row, reading)

    def _reader(self, row: Written) -> Reader:
        return Readers(self.desk).reader(row)


def is_doubted(row: Written) -> bool:
    """Whether its entry is gone from this calendar only, and nobody knows why."""
    return row.unread and row.trouble.startswith(DOUBTED)


def _waits(row: Written) -> bool:
    return row.state is State.OPEN and row.agreed is not None and not (row.gone_at or row.unread or row.removing)
