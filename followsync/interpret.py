"""What the calendars showed -> facts in the store. Everything here happens inside one transaction and sends nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from followsync import capture
from followsync.calendars.base import Changes
from followsync.core.cadence import Rules
from followsync.core.edits import Reader, Reading, Understand, read_deletion, read_edit
from followsync.core.history import Entry, Kind, Noted, Promised, Touched, Waiting
from followsync.core.item import Item, Seen, State, Written
from followsync.core.operations import OURS, mass_deletion
from followsync.core.plan import Action
from followsync.core.wording import is_record
from followsync.core.workdays import RepRules
from followsync.errors import MassChange, UsageError
from followsync.picture import rows_of, stance
from followsync.store import Transaction
from followsync.when import parse_when


@dataclass(frozen=True, slots=True)
class Deletions:
    """What many deletions at once mean, once a person said so: ask about each (``accept``), or write them again (``restore``)."""

    accept: bool = False
    restore: bool = False


NOBODY_SAID = Deletions()


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One target of one rep at one moment, inside the transaction ``tx``."""

    tx: Transaction
    rep: RepRules
    rules: Rules
    target: str
    now: datetime

    @property
    def via(self) -> str:
        return f"calendar:{self.target}"

    def changes(self, changes: Changes, vanished: frozenset[str], deletions: Deletions) -> int:
        """Take in a pull: edits become facts, new bases are saved. ``vanished``: hrefs that a complete listing lacked and that, asked
        for one by one, are not there. Answers how many entries of ours were news. Raises MassChange, having changed nothing."""
        rows = {row.href: row for row in rows_of(self.tx, self.rep, self.target)}
        gone = [rows[href] for href in sorted({*changes.gone, *vanished} & rows.keys()) if rows[href].state is not State.GONE]
        self._guard(gone, rows.values(), deletions)
        news = sum(self._seen(rows.get(seen.href), seen) for seen in changes.seen)
        hrefs = {row.href for row in rows_of(self.tx, self.rep, self.target)} if gone else set()
        for row in gone:
            if row.href in hrefs:  # else a phone wrote it anew under another name: it only moved house
                self._gone(row, deletions)
        return news + len(gone)

    def settle(self, row: Written, seen: Seen | None) -> None:
        """The answer to a write was lost: what stands there now says what became of it."""
        if seen is not None:
            self._seen(row, seen)
        elif row.removing or row.agreed is not None:
            self._gone(row, NOBODY_SAID)
        else:  # a create that never arrived: absent is not deleted, so it is simply to be done again
            self._save(replace(row, intended=None))

    def adopt(self, row: Written, seen: Seen) -> None:
        """Our own entry stands where a new one was to be made: the store forgot it. It is taken over, an answer in it is read; its
        place and text are what an earlier plan or the rep made of it, and are no news."""
        if seen.item is None:
            self._save(replace(row, refused="", trouble=seen.trouble or "what stands there cannot be read"))
            return
        ours = row.ours or seen.item
        base = replace(seen.item, done=False, title=ours.title if seen.item.title.endswith(ours.title) else seen.item.title)
        stands = replace(seen.item, due=seen.item.due or ours.due)
        adopted = replace(row, agreed=base, ours=stands, intended=None, etag=seen.etag, raw=seen.raw)
        self._apply(adopted.prospect, self._read(adopted, seen))

    # --- one entry

    def _guard(self, gone: list[Written], rows: Iterable[Written], deletions: Deletions) -> None:
        standing = [row for row in rows if row.state is State.OPEN and row.agreed is not None]
        lost = [row for row in gone if row in standing and not row.removing]
        if not (deletions.accept or deletions.restore) and mass_deletion(len(lost), len(standing)):
            raise MassChange(
                f"{len(lost)} of {len(standing)} entries were deleted from {self.target} at once. Nothing is done there until you say "
                "what that means: 'followsync sync --accept-deletes' asks about each, 'followsync sync --restore' writes them again."
            )

    def _seen(self, row: Written | None, seen: Seen) -> bool:
        if row is None:
            return self._unknown(seen)
        self._apply(row.prospect, self._read(row, seen))
        return True

    def _read(self, row: Written, seen: Seen) -> Reading:
        return read_edit(row, seen, self._reader(row))

    def _gone(self, row: Written, deletions: Deletions) -> None:
        reading = read_deletion(row, self._reader(row))
        if deletions.restore and row.state is State.OPEN:
            # Written again at the same hour and with the days it was missed, as another entry.
            reading = Reading((), replace(reading.written, state=State.OPEN))
        self._apply(row.prospect, reading)

    def _apply(self, prospect: str, reading: Reading) -> None:
        known = self.tx.prospect(prospect)
        closed = self.tx.outcome(prospect) is not None
        if known and reading.entries:
            self.tx.append(prospect, *(_words(reading.entries) if closed else reading.entries))
        self._save(reading.written)

    def _save(self, row: Written) -> None:
        self.tx.save_written(self.rep.rep, row)

    def _reader(self, row: Written) -> Reader:
        prospect = self.tx.prospect(row.prospect)
        found = stance(prospect, self.tx.history(row.prospect), self.rules, self.rep, self.now) if prospect else None
        action = next((one for one in found.actions if one.id == row.action), None) if found else None
        answered = bool(found and row.action in found.standing.answered)
        return Reader(self.now, self.via, action, answered, self._understand(action), self._understand_day)

    def _understand(self, action: Action | None) -> Understand:
        return lambda text: agreed(text, now=self.now, via=self.via, rep=self.rep, rules=self.rules, like=action)

    def _understand_day(self, text: str) -> Waiting | None:
        when = parse_when(text, now=self.now, rep=self.rep)
        return Waiting(self.now, self.via, when.day) if when else None

    # --- entries that no row knows

    def _unknown(self, seen: Seen) -> bool:
        """An entry that carries our mark, of a prospect whose next action stands nowhere here: the store forgot it (or a phone wrote
        it anew under another name). It becomes that next action's entry, in place. Everything else is not ours."""
        item = seen.item
        prospect = self.tx.prospect(item.prospect) if item and item.uid.startswith(OURS) and item.prospect else None
        if item is None or prospect is None or prospect.rep != self.rep.rep or is_record(item):
            return False
        rows = {row.action: row for row in rows_of(self.tx, self.rep, self.target)}
        if (known := rows.get(item.action)) and known.state is State.OPEN and known.agreed:
            self._apply(prospect.id, self._read(replace(known, href=seen.href), seen))
            return True
        found = stance(prospect, self.tx.history(prospect.id), self.rules, self.rep, self.now)
        if item.kind is Kind.PROMISE and found.standing.promise is None and found.standing.outcome is None:
            self.tx.append(prospect.id, self._promise_of(item))
            found = stance(prospect, self.tx.history(prospect.id), self.rules, self.rep, self.now)
        action = next((one for one in found.actions if one.id == item.action), found.actions[0] if found.actions else None)
        row = rows.get(action.id) if action else None
        if action is None or (row and row.state is State.OPEN and row.agreed):
            return False
        self.adopt(Written(self.target, action.id, prospect.id, seen.href, generation=row.generation if row else 0), seen)
        return True

    def _promise_of(self, item: Item) -> Promised:
        """The agreement that an entry of ours still tells of, though the store has lost it."""
        said = capture.parse_line(item.title, now=self.now, rep=self.rep, rules=self.rules)
        day = item.start.astimezone(self.rep.workdays.zone).date()
        length = int((item.end - item.start).total_seconds() // 60)
        return Promised(self.now, self.via, said.method, day, start=item.start, purpose=said.purpose, minutes=length or None)


def _words(entries: tuple[Entry, ...]) -> list[Noted]:
    """What of an edit a closed prospect still takes: nothing is decided any more, but what the rep wrote is kept."""
    notes = [Noted(one.at, one.via, one.note, one.action) if isinstance(one, Touched) else one for one in entries]
    return [one for one in notes if isinstance(one, Noted) and one.text]


def agreed(text: str, *, now: datetime, via: str, rep: RepRules, rules: Rules, like: Action | None) -> Promised | None:
    """``thu pm send quote`` as a promise; None where it names no day. What it does not say is taken from the action it answers."""
    try:
        said = capture.parse_next(text, now=now, rep=rep, rules=rules)
    except UsageError:
        return None  # nothing but a sign: the rep is asked, like after any other text that names no day
    if said.when is None:
        return None
    asked = like is None or like.kind is Kind.DECIDE
    return Promised(
        now,
        via,
        said.method or ("" if like is None or asked else like.method),
        said.when.day,
        start=said.when.start,
        window=said.when.window,
        purpose=said.purpose or ("" if like is None or asked else like.purpose),
        agenda=said.agenda or (like.agenda if like else ()),
        questions=like.questions if like else (),
    )
