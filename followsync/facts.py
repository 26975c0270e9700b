"""What was read of an entry becomes facts: as far as its prospect is still open, beside what is agreed already, once for all targets."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace

from followsync.core.answers import Reading, said_too_late
from followsync.core.at_once import against, beside_others, one_agreement, two_places, which
from followsync.core.daily_page import page_id
from followsync.core.followed import agreed_since, own_agreements
from followsync.core.history import Contradicted, Entry, History, Noted, Promised, Result, Touched, Unclear, Waiting
from followsync.core.item import State, Written
from followsync.core.marking import answered_no_more
from followsync.core.prospect import Prospect
from followsync.core.standing import Standing, standing
from followsync.intake import Desk, is_beside


@dataclass(frozen=True, slots=True)
class Facts:
    """``desk``: where and when it was read, and the transaction it goes into. ``saved``: collects the rows."""

    desk: Desk
    saved: list[Written] = field(default_factory=list)

    def settle(self, before: Written, reading: Reading) -> None:
        """The same, of the entry that the row ``before`` knows. What no prospect is behind, and was thrown away or answered before a cycle
        had written it for that day, comes back on another day than that. The page of the day is another one each day."""
        written, settled = reading.written, before.state is State.OPEN and reading.written.state is not State.OPEN
        if settled and not before.prospect and before.action != page_id(self.desk.rep.rep):
            written = replace(written, placed=self.desk.rep.workdays.today(before.gone_at or self.desk.now))
        self.apply(before.prospect, replace(reading, written=written), looked_open=before.state is State.OPEN)

    def apply(self, prospect: str, reading: Reading, *, looked_open: bool = False) -> None:
        """``looked_open``: whatever was answered elsewhere, the rep did not see it in the entry."""
        known = self.desk.tx.prospect(prospect)
        closed = self.desk.tx.outcome(prospect)
        entries, written = reading.entries, reading.written
        if known and entries and closed:
            if contradiction := against(entries, self.desk.tx.history(prospect), self.desk.now):
                entries = (*(one for one in entries if isinstance(one, Noted)), contradiction)
                written = answered_no_more(written, (), None)
            else:
                entries = tuple(_still_taken(entries, closed))
        elif known and entries:
            history, zone = self.desk.tx.history(prospect), self.desk.rep.workdays.zone
            where = standing(known, history)
            waits = [one for action, one in where.waits.items() if action != written.action]  # a cache may repeat it: nothing new
            entries = tuple(one for one in entries if not (isinstance(one, Waiting) and any(_same_wait(one, other) for other in waits)))
            asked = two_places(entries, history, self.desk.now, self.desk.via, zone)
            unseen = agreed_since(history, written.action) if looked_open else ()
            entries = _checks_beside(entries, known, where, history, written.action, unseen)
            entries = one_agreement(entries, where, written.action, self.desk.now, self.desk.via, zone, unseen)
            entries = self._in_a_record(entries, known, where, history, written)
            entries = (*entries, asked) if asked else entries
        if known and entries:
            self.desk.tx.append(prospect, *entries)
        self.save(written)
        self._tell_the_others(entries, written)

    def _in_a_record(
        self, entries: tuple[Entry, ...], known: Prospect, where: Standing, history: History, written: Written
    ) -> tuple[Entry, ...]:
        """``entries``, with an agreement that was written into a record: it replaces what came of that answer, and stands beside
        everything else that is agreed."""
        new = next((one for one in entries if isinstance(one, Promised)), None)
        answered = any(isinstance(one, Touched) and one.action for one in entries)
        asked = any(isinstance(one, Unclear) for one in entries)
        if new is None or answered or asked or written.state is State.OPEN:
            return entries
        action = next((one.action for one in entries if isinstance(one, Noted) and one.action), written.action)
        own, zone = own_agreements(known, history, action), self.desk.rep.workdays.zone
        waiting = [one for one in where.others.values() if one not in own]
        others = tuple(one for one in entries if one is not new)
        if where.promise and where.promise not in own and is_beside(self.desk, known, new, where):
            return (*others, *beside_others(new, where.promise, waiting, self.desk.now, self.desk.via, action, zone))
        if len(waiting) == len(where.others):
            return entries
        left = which((new, *waiting), self.desk.now, self.desk.via, action, zone) if waiting else None
        taken_back = Unclear(self.desk.now, self.desk.via, "", where.unclear.action) if where.unclear else None
        return (*others, *([taken_back] if taken_back and not left else []), new, *([left] if left else []))

    def _tell_the_others(self, entries: Iterable[Entry], written: Written) -> None:
        """What the entries of the same action say on other targets, where this answer holds over theirs."""
        said: dict[str, Result | None] = {one.action: one.result for one in entries if isinstance(one, Touched) and one.action}
        said |= {one.action: None for one in entries if isinstance(one, Contradicted)}
        for action, result in said.items():
            for row in self.desk.tx.written_of(self.desk.rep.rep, action, self.desk.rep.workdays.zone):
                answered = row.state in (State.ANSWERED, State.RECORDED) and row.agreed and row.ours
                if row.target != written.target and answered and row.ours and row.ours.result != result:
                    self.desk.tx.save_written(self.desk.rep.rep, answered_no_more(row, (), result))

    def save(self, row: Written) -> None:
        self.saved.append(row)
        self.desk.tx.save_written(self.desk.rep.rep, row)


def _checks_beside(
    entries: tuple[Entry, ...], known: Prospect, where: Standing, history: History, action: str, unseen: Container[Entry]
) -> tuple[Entry, ...]:
    """``entries`` of ``action``: a check stands in place of what came of that very answer, and changes nothing else that is agreed.
    ``unseen``: what was agreed since it was answered elsewhere, of which the entry did not show anything yet."""
    if where.waiting in unseen:
        return tuple(replace(one, beside=True) if isinstance(one, Promised) else one for one in entries)
    checks = any(isinstance(one, Waiting) for one in entries)
    if not checks or where.promise is None or action in ("", where.opened, where.asking, *where.others, *where.checks):
        return entries
    if where.promise not in unseen and where.promise in own_agreements(known, history, action):
        return entries
    return tuple(replace(one, beside=True) if isinstance(one, Waiting) else one for one in entries)


def _same_wait(one: Waiting, other: Waiting) -> bool:
    return replace(one, at=other.at, via=other.via, beside=other.beside) == other


def _still_taken(entries: tuple[Entry, ...], closed: Result) -> Iterator[Entry]:
    """What of an edit a closed prospect still takes: nothing is decided any more, but what the rep wrote is kept, the opposite answer too
    (on another calendar, or another phone), and that it was tried."""
    for one in entries:
        if isinstance(one, Touched) and (one.beside or one.result is Result.ATTEMPT):
            yield replace(one, action="", beside=True)
        elif isinstance(one, Touched) and (text := said_too_late(one, closed)):
            yield Noted(one.at, one.via, text, one.action)
        elif isinstance(one, Noted):
            yield one
