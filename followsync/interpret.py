"""What the calendars showed -> facts in the store. Everything here happens inside one transaction and sends nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from followsync import capture
from followsync.calendars.base import Changes
from followsync.core.cadence import Rules
from followsync.core.edits import Reader, Reading, Understand, news, our_block, read_deletion, read_edit, shown
from followsync.core.history import Entry, Kind, Noted, Promised, Restored, Touched, Waiting
from followsync.core.item import Item, Seen, State, Written, is_earlier
from followsync.core.operations import OURS, is_uid, mass_deletion, same, uid
from followsync.core.plan import Action
from followsync.core.prospect import Prospect
from followsync.core.standing import standing
from followsync.core.wording import is_record
from followsync.core.workdays import RepRules
from followsync.errors import MassChange, UsageError
from followsync.picture import Stance, rows_at, rows_of, stance
from followsync.pull import NOBODY_SAID, Deletions, Listing, ripe
from followsync.store import Transaction
from followsync.when import parse_when

_GENERATIONS = 64  # of one action's entry: more deletions of it than any rep has patience for


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One target of one rep at one moment, inside the transaction ``tx``. ``rewrites``: what the server makes of what is sent to it (see
    ``followsync.core.target.Capabilities``). ``alone``: the hrefs that were asked for one by one, so no cache has answered."""

    tx: Transaction
    rep: RepRules
    rules: Rules
    target: str
    now: datetime
    rewrites: frozenset[str] = frozenset()
    alone: Container[str] = frozenset()
    strangers: list[Seen] = field(default_factory=list)
    saved: list[Written] = field(default_factory=list)

    @property
    def via(self) -> str:
        return f"calendar:{self.target}"

    def page(self, page: Changes) -> int:
        """Take in one page: edits become facts, new bases are saved, what is gone is noted down and waits. Answers how many entries of
        ours were news. What was sent and not answered yet is left for ``answers``: it is asked for by name, after this."""
        rows = {row.href: row for row in rows_at(self.tx, self.rep, self.target, {*page.gone, *(seen.href for seen in page.seen)})}
        unsettled = {href for href, row in rows.items() if row.intended is not None or row.removing}
        gone = [rows[href] for href in page.gone if href in rows and href not in unsettled and rows[href].state is not State.GONE]
        for row in gone:
            self._missing(row)
        if foreign := [href for href in page.gone if href not in rows]:
            self.tx.forget_foreign(self.rep.rep, self.target, *foreign)
        return len(gone) + sum(self._seen(rows.get(seen.href), seen) for seen in page.seen if seen.href not in unsettled)

    def answers(self, answers: Mapping[str, Seen | None], listing: Listing) -> int:
        """What stands, and does not stand, where it was asked for by name (``pull.doubtful``). Answers how much of it was news."""
        news = 0
        named = {row.action: row for row in rows_at(self.tx, self.rep, self.target, answers)}
        for row in ({row.action: row for row in rows_of(self.tx, self.rep, self.target)} | named).values():
            if row.href in answers and (row.intended is not None or row.removing):
                self.settle(row, answers[row.href])
            elif row.href in answers:
                news += self._asked(row, answers[row.href])
            elif row.fresh or (row.gone_at and row.href in listing.listed):
                self._save(replace(row, fresh=False, gone_at=None if row.href in listing.listed else row.gone_at))
        return news

    def settle(self, row: Written, seen: Seen | None) -> None:
        """The answer to a write was lost: what stands there now says what became of it."""
        if seen is not None:
            sent = row.intended and seen.item and shown(row.intended, seen.item, self.rewrites)
            self._seen(replace(row, intended=sent or row.intended, fresh=False), seen)
        elif row.removing:
            self._gone(row, NOBODY_SAID)
        elif row.agreed is not None:
            self._missing(row)  # and what was sent stays known: it may come back with that
        else:  # a create that never arrived: absent is not deleted, so it is simply to be done again
            self._save(replace(row, intended=None))

    def deletions(self, absent: Container[str], deletions: Deletions) -> int:
        """Deletions that have held become facts: those that were asked for by name in this cycle and are ``absent``. Answers how many.
        Raises MassChange, having changed nothing, where they are so many that it looks like an accident and nobody said otherwise."""
        rows = rows_of(self.tx, self.rep, self.target)
        gone = [row for row in rows if row.state is State.OPEN and row.agreed is not None and row.gone_at]
        self._guard(gone, rows, deletions)
        believed = [row for row in gone if row.href in absent and row.gone_at and (deletions.said or ripe(row.gone_at, self.now))]
        for row in believed:
            self._gone(row, deletions)
        return len(believed)

    def adopt(self, row: Written, seen: Seen) -> None:
        """Our own entry stands where a new one was to be made: the store forgot it. It is taken over, an answer in it is read; its
        place and text are what an earlier plan or the rep made of it, and are no news."""
        if seen.item is None:
            self._apply(row.prospect, self._read(replace(row, href=seen.href), seen))
            return
        ours = row.ours or seen.item
        body = our_block(seen.item.body, seen.item.block)
        title = seen.item.named or (ours.title if seen.item.title.endswith(ours.title) else seen.item.title)
        base = replace(seen.item, done=False, result="", title=title, body=body)
        stands = replace(seen.item, due=seen.item.due or ours.due, title=title, body=body)
        adopted = replace(row, agreed=base, ours=stands, intended=None, etag=seen.etag, raw=seen.raw)
        reading = self._read(adopted, seen)
        self._apply(row.prospect, replace(reading, entries=news(reading.entries, self.tx.history(row.prospect), row.action)))

    def take_strangers(
        self, strangers: Iterable[Seen], answers: Mapping[str, Seen | None], rows: MutableMapping[str, Written]
    ) -> list[Seen]:
        """Entries that carry our mark and that no row knows. ``answers``: what was asked for by name, among it the entries of the same
        actions. ``rows``: all of this target, by action; it is kept up to date. To be called last: what else a calendar shows (a record
        that tells of an answer) decides what they are. Gives back those that only repeat what another entry says."""
        copies = []
        for seen in strangers:
            self.saved.clear()
            if self._is_copy(seen, answers, rows):
                copies.append(seen)
            rows.update((row.action, row) for row in self.saved)
        return copies

    # --- one entry

    def _guard(self, gone: list[Written], rows: Iterable[Written], deletions: Deletions) -> None:
        standing = sum(row.state is State.OPEN and row.agreed is not None for row in rows)
        if not deletions.said and mass_deletion(len(gone), standing):
            raise MassChange(
                f"{len(gone)} of {standing} entries were deleted from {self.target} at once. Nothing is done there until you say "
                "what that means: 'followsync sync --accept-deletes' asks about each, 'followsync sync --restore' writes them again."
            )

    def _seen(self, row: Written | None, seen: Seen) -> bool:
        if row is None:
            if seen.item and seen.item.uid.startswith(OURS):  # what carries our mark may find its prospect yet
                self.strangers.append(seen)
            else:
                self._leave(seen)
            return False
        if is_earlier(seen, row) and seen.href not in self.alone:
            self._save(replace(row, unread=True, trouble="", retry_at=self.now))
            return False
        if row.state is State.GONE and seen.item and not is_record(seen.item):
            self._put_back(row.prospect, row.action)
            self.adopt(replace(row, state=State.OPEN, ours=None), seen)  # taken out of a bin: whether it is still wanted, the plan knows
            return True
        self._apply(row.prospect, self._read(replace(row, gone_at=None), seen))
        return True

    def _leave(self, seen: Seen) -> None:
        """It is not ours, or not this rep's: it need not be read again as long as it is this version."""
        if seen.etag:
            self.tx.save_foreign(self.rep.rep, self.target, {seen.href: seen.etag})

    def _put_back(self, prospect: str, action: str) -> bool:
        """Where the rep is asked about the deleted entry, that it stands again is the answer."""
        known = self.tx.prospect(prospect)
        if known is None or standing(known, self.tx.history(prospect)).dropped != action:
            return False
        self.tx.append(prospect, Restored(self.now, self.via, action))
        return True

    def _asked(self, row: Written, seen: Seen | None) -> bool:
        """A row whose entry was asked for by name, with nothing sent that waits for an answer."""
        if seen is None:
            known = row.gone_at is not None
            self._missing(row)
            return not known
        if seen.etag is None or seen.etag != row.etag or row.unread:
            return self._seen(replace(row, fresh=False), seen)
        self._save(replace(row, fresh=False, gone_at=None))
        return False

    def _missing(self, row: Written) -> None:
        """It is gone, says the calendar. What waits for the rep is looked at once more before anybody is asked about it; a record that was
        thrown away, and what we removed ourselves, is no news."""
        if row.state is State.OPEN and row.agreed is not None and not row.removing:
            self._save(replace(row, fresh=False, unread=False, gone_at=row.gone_at or self.now))
        elif row.state is not State.GONE:
            self._gone(row, NOBODY_SAID)
        elif row.unread:
            self._save(replace(row, unread=False))

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
        self.saved.append(row)
        self.tx.save_written(self.rep.rep, row)

    def _reader(self, row: Written) -> Reader:
        prospect = self.tx.prospect(row.prospect)
        found = stance(prospect, self.tx.history(row.prospect), self.rules, self.rep, self.now) if prospect else None
        action = next((one for one in found.actions if one.id == row.action), None) if found else None
        answered = bool(found and row.action in found.standing.answered)
        since = found.standing.captured if found else None
        return Reader(self.now, self.via, action, answered, self._understand(action), self._understand_day, since)

    def _understand(self, action: Action | None) -> Understand:
        return lambda text: agreed(text, now=self.now, via=self.via, rep=self.rep, rules=self.rules, like=action)

    def _understand_day(self, text: str) -> Waiting | None:
        when = parse_when(text, now=self.now, rep=self.rep)
        return Waiting(self.now, self.via, when.day) if when else None

    # --- entries that no row knows

    def _is_copy(self, seen: Seen, answers: Mapping[str, Seen | None], rows: Mapping[str, Written]) -> bool:
        """Take in one stranger. 1. The store knows the entry of its action: it moved house, was deleted and put back, or this is a copy.
        2. The next action of its prospect stands nowhere here: the store forgot it, and it becomes that action's entry, in place. 3. It is
        one that we wrote and that nobody wants any more: it gets a row, and the plan removes it. Everything else is not ours."""
        item = seen.item
        prospect = self.tx.prospect(item.prospect) if item and item.prospect else None
        if item is None or prospect is None:
            return False
        if prospect.rep != self.rep.rep or _is_our_record(item):
            self._leave(seen)
            return False
        if (known := rows.get(item.action)) and known.state is State.OPEN and known.agreed:
            if known.gone_at or answers.get(known.href, known) is None:
                self._apply(prospect.id, self._read(replace(known, href=seen.href, gone_at=None, fresh=False), seen))
                return False
            return is_uid(item.uid) and same(item, known.agreed)
        if known and known.state is State.GONE and self._put_back(prospect.id, item.action):
            self.adopt(replace(known, state=State.OPEN, ours=None, href=seen.href), seen)
            return False
        found = self._stance_with(prospect, item)
        action = next((one for one in found.actions if one.id == item.action), found.actions[0] if found.actions else None)
        row = rows.get(action.id) if action else None
        if action and item.action not in found.standing.answered and not (row and row.state is State.OPEN and (row.agreed or row.intended)):
            self.adopt(Written(self.target, action.id, prospect.id, seen.href, generation=row.generation if row else 0), seen)
        elif known is None and item.uid in {uid(item.action, number) for number in range(_GENERATIONS)}:
            self.adopt(Written(self.target, item.action, prospect.id, seen.href), seen)  # read first: what the rep wrote there is kept
        return False

    def _stance_with(self, prospect: Prospect, item: Item) -> Stance:
        """Where the prospect stands, with the promise that the entry still tells of, though the store has lost it."""
        found = stance(prospect, self.tx.history(prospect.id), self.rules, self.rep, self.now)
        standing = found.standing
        if item.kind is not Kind.PROMISE or standing.promise or standing.outcome or item.action in standing.answered:
            return found
        self.tx.append(prospect.id, self._promise_of(item))
        return stance(prospect, self.tx.history(prospect.id), self.rules, self.rep, self.now)

    def _promise_of(self, item: Item) -> Promised:
        """The agreement that an entry of ours still tells of, though the store has lost it."""
        said = capture.parse_line(item.title, now=self.now, rep=self.rep, rules=self.rules)
        day = item.start.astimezone(self.rep.workdays.zone).date()
        length = int((item.end - item.start).total_seconds() // 60)
        return Promised(self.now, self.via, said.method, day, start=item.start, purpose=said.purpose, minutes=length or None)


def _is_our_record(item: Item) -> bool:
    """Whether we marked it as answered. A tick that the rep typed looks the same, but our records say what the answer was."""
    return bool(item.result) or (is_record(item) and not item.named)


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
