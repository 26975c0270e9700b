"""What the calendars showed -> facts in the store. Everything here happens inside one transaction and sends nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from followsync.agreements import agreed
from followsync.calendars.base import Changes
from followsync.core.at_once import against, beside_others, one_agreement, two_places, which
from followsync.core.cadence import Rules
from followsync.core.edits import (
    Reader,
    Reading,
    Understand,
    answered_no_more,
    moved_before,
    news,
    read_deletion,
    read_edit,
    said_too_late,
    shown,
)
from followsync.core.followed import own_agreements, twins
from followsync.core.history import (
    Contradicted,
    Dismissed,
    Entry,
    History,
    Kind,
    Moved,
    Noted,
    Promised,
    Restored,
    Result,
    Touched,
    Unclear,
    Waiting,
)
from followsync.core.item import Item, Seen, State, Written, is_earlier
from followsync.core.marking import answered_elsewhere, is_replaced
from followsync.core.operations import carries_marks, is_given_back, mass_deletion
from followsync.core.plan import Action
from followsync.core.prospect import Prospect
from followsync.core.records import holds_all
from followsync.core.ruler import our_block, rep_text
from followsync.core.standing import Standing, standing
from followsync.core.wording import days_missed, is_record, unmarked
from followsync.core.workdays import RepRules
from followsync.errors import MassChange
from followsync.intake import Desk, Several, answers_at_once, copied_record, is_beside, renamed_record, typed_entry
from followsync.meant import told_apart
from followsync.picture import Stance, agreed_action, agreed_once, dropped, rows_at, rows_of, stance
from followsync.pull import NOBODY_SAID, Deletions, Listing, ripe
from followsync.store import Transaction
from followsync.when import until_when

DOUBTED = (
    "deleted there, or its server can no longer read its file. 'followsync sync --restore' writes it again, '--accept-deletes' asks about "
    "it. It still stands on "
)
_LOOKED_AT_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One target of one rep at one moment, inside the transaction ``tx``. ``rewrites``: what the server makes of what is sent to it (see
    ``followsync.core.target.Capabilities``). ``alone``: the hrefs that were asked for one by one, so no cache has answered. ``before``: the
    rows of what was read, as they were before it was. ``others``: the rep's other targets that are read back. ``strangers``: what was met
    that carries our marks and that no row knows, and ``unmarked`` what carries none: it is read after those (``typed``). ``place``: where
    on the target something was said, if not in the entry itself."""

    tx: Transaction
    rep: RepRules
    rules: Rules
    target: str
    now: datetime
    rewrites: frozenset[str] = frozenset()
    alone: Container[str] = frozenset()
    strangers: list[Seen] = field(default_factory=list)
    unmarked: list[Seen] = field(default_factory=list)
    saved: list[Written] = field(default_factory=list)
    before: list[Written] = field(default_factory=list)
    others: frozenset[str] = frozenset()
    place: str = ""

    @property
    def via(self) -> str:
        return f"calendar:{self.target}{self.place}"

    def page(self, page: Changes) -> int:
        """Take in one page: edits become facts, new bases are saved, what is gone is noted down and waits. Answers how many entries of
        ours were news. What was sent and not answered yet is left for ``answers``: it is asked for by name, after this."""
        rows = {row.href: row for row in rows_at(self.tx, self.rep, self.target, {*page.gone, *(seen.href for seen in page.seen)})}
        self.before.extend(rows.values())
        unsettled = {href for href, row in rows.items() if row.intended is not None or row.removing}
        cancelled = {seen.href: seen.etag for seen in page.seen if seen.cancelled and seen.etag}
        missing = dict.fromkeys((*page.gone, *cancelled))
        gone = [rows[href] for href in missing if href in rows and href not in unsettled and rows[href].state is not State.GONE]
        for row in gone:
            self._missing(row)
        if foreign := [href for href in page.gone if href not in rows]:
            for href in foreign:
                self._ask_who(href, None)
            self.tx.forget_foreign(self.rep.rep, self.target, *foreign)
        self.tx.save_foreign(self.rep.rep, self.target, cancelled)
        standing_there = [seen for seen in page.seen if not seen.cancelled and seen.href not in unsettled]
        return len(gone) + sum(self._seen(rows.get(seen.href), seen) for seen in standing_there)

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
            elif is_doubted(row) and not self._stands_elsewhere(row):
                self._save(replace(row, retry_at=self.now))  # nothing holds it any more
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
        waiting = [row for row in rows if row.state is State.OPEN and row.agreed is not None]
        gone = [row for row in waiting if row.gone_at or (deletions.said and is_doubted(row))]
        self._guard(gone, rows, deletions)
        believed = [row for row in gone if row.href in absent and (deletions.said or (row.gone_at and ripe(row.gone_at, self.now)))]
        for row in believed:
            if not deletions.said and (elsewhere := self._stands_elsewhere(row)):
                self._doubt(row, elsewhere)
            else:
                self._gone(row, deletions)
        return len(believed)

    def adopt(self, row: Written, seen: Seen) -> None:
        """Our own entry stands where a new one was to be made: the store forgot it. It is taken over as it is, an answer in it is read;
        its text is what an earlier plan or the rep made of it, and is no news. Where the rep put it is, for a promise would go back."""
        if seen.item is None:
            self._apply(row.prospect, self._read(replace(row, href=seen.href), seen))
            return
        ours = row.ours or seen.item
        body = self._our_text(row, seen.item)
        title = seen.item.named or (ours.title if seen.item.title.endswith(ours.title) else seen.item.title)
        base = replace(seen.item, done=False, result="", title=title, body=body)
        missed = ours.missed or days_missed(seen.item.named)
        stands = replace(seen.item, due=seen.item.due or ours.due, title=title, body=body, missed=missed)
        if row.ours is None and stands.location not in body:
            stands = replace(stands, location="")  # our text names our place: another one is the rep's
        adopted = replace(row, agreed=base, ours=stands, intended=None, etag=seen.etag, raw=seen.raw)
        reading, history = self._read(adopted, seen), self.tx.history(row.prospect)
        entries = news(reading.entries, history, row.action)
        if (
            reading.written.state is State.OPEN
            and seen.item.action == row.action
            and (move := moved_before(seen.item, history, self.now, self.rep.workdays.zone))
        ):
            entries = (*entries, Moved(self.now, self.via, row.action, *move))
        self._apply(row.prospect, replace(reading, entries=entries))

    def _our_text(self, row: Written, item: Item) -> str:
        """What of an entry's notes is ours, or its server's."""
        body = our_block(item.body, item.block, row.ours.body if row.ours else "")
        return shown(replace(item, body=body), item, frozenset(name for name in self.rewrites if "+" in name)).body

    def moved_house(self, row: Written, seen: Seen) -> None:
        """The row's entry stands elsewhere: deleted and written anew, as several phones edit."""
        self._apply(row.prospect, self._read(replace(row, href=seen.href, gone_at=None, fresh=False), seen))

    def recalled(self, prospect: str, seen: Seen, item: Item, generation: int, facts: Iterable[Entry]) -> None:
        """A record of ours that the store has lost, with the ``facts`` that it tells: managed from now on, and left as it stands."""
        self.tx.append(prospect, *(self._with_its_day(one) for one in facts))
        row = Written(self.target, item.action, prospect, seen.href, generation, seen.etag, seen.raw, agreed=item, state=State.RECORDED)
        self._save(replace(row, ours=replace(item, body=self._our_text(row, item))))

    def _with_its_day(self, fact: Entry) -> Entry:
        """What was tried before the day for which it was promised."""
        if isinstance(fact, Touched) and fact.kind is Kind.PROMISE and fact.due:
            return replace(fact, early=self.rep.workdays.today(fact.at) < fact.due)
        return fact

    def told_by_copy(self, row: Written, seen: Seen, *, instead: bool) -> bool:
        """Take in what the rep wrote into a copy of the row's entry, which stands and waits, as if it stood there. Where the copy stands
        says nothing. Answers whether that is an answer. ``instead``: the copy then is the record, in place of the entry."""
        item, agreed = seen.item, row.agreed
        assert item is not None
        assert agreed is not None
        title = agreed.title if item.title == item.named else item.title
        there = replace(item, title=title, start=agreed.start, end=agreed.end, all_day=agreed.all_day, slot=agreed.slot)
        reading, history = self._read(row, replace(seen, item=there)), self.tx.history(row.prospect)
        facts = _not_asked(news(reading.entries, history, row.action), history)
        written, ours = reading.written, reading.written.ours
        if written.state is State.OPEN or ours is None:
            self.tx.append(row.prospect, *facts)
            return False
        if instead:
            written = replace(
                written, href=seen.href, agreed=item, ours=replace(ours, start=item.start, end=item.end, all_day=item.all_day)
            )
        else:
            written = answered_elsewhere(row, Result(ours.result))
        self._apply(row.prospect, Reading(facts, written))
        return True

    def has_read(self, prospect: str, item: Item) -> bool:
        return holds_all(self.tx.history(prospect), item)

    def put_back(self, prospect: str, action: str) -> bool:
        """Where the rep is asked about the deleted entry, that it stands again is the answer."""
        known = self.tx.prospect(prospect)
        if known is None or standing(known, self.tx.history(prospect)).dropped != action:
            return False
        self.tx.append(prospect, Restored(self.now, self.via, action))
        return True

    def copied(self, seen: Seen, record: Written) -> bool:
        """Whether it is a copy of an answered entry that stands for something new, and is ours by now."""
        if self._is_answered_now(record):
            replace(self, place=" (a copy)").told_by_copy(replace(record, state=State.OPEN), seen, instead=False)
            return False
        row = copied_record(self.desk, seen, record)
        if row and seen.item:
            self._typed(row, seen, seen.item)
        elif seen.item:
            self._told_by_copy_of_record(record, seen, seen.item)
        return row is not None

    def _told_by_copy_of_record(self, record: Written, seen: Seen, item: Item) -> None:
        """What the rep writes into a copy beside the record, or beside the entry before that was answered, is read as if it stood in the
        record. The copy stays the rep's, and where it stands says nothing."""
        agreed = record.agreed
        if agreed is None:
            return
        title = agreed.title if item.title in (item.named, agreed.title, unmarked(agreed.title)) else item.title
        there = replace(agreed, title=title, body=item.body, block=item.block)
        reading = self._read(record, replace(seen, item=there))
        if any(isinstance(one, Unclear) for one in reading.entries):  # the title may be one that was answered long ago
            reading = self._read(record, replace(seen, item=replace(there, title=agreed.title)))
        history = self.tx.history(record.prospect)
        if facts := _not_asked(news(reading.entries, history, record.action), history):
            answered = reading.written.state is State.ANSWERED and reading.written.ours
            written = answered_elsewhere(record, Result(answered.result)) if answered else record
            replace(self, place=" (a copy)")._apply(record.prospect, Reading(facts, written))

    def _is_answered_now(self, record: Written) -> bool:
        """Whether it was answered in this very cycle: then the copy is of an entry that waited, and both are told at once."""
        touches = [one for one in self.tx.history(record.prospect) if isinstance(one, Touched) and one.action == record.action]
        marked = record.state is State.RECORDED  # by an earlier cycle, whatever the clock says
        return not marked and bool(touches) and (touches[-1].at, touches[-1].via) == (self.now, self.via)

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
            return self._not_known(seen)
        if is_given_back(row):
            return self._given_back(row, seen)
        if is_earlier(seen, row) and seen.href not in self.alone:
            self._save(replace(row, unread=True, trouble="", retry_at=self.now))
            return False
        if row.state is State.GONE and seen.item:
            self._is_back(row, seen, seen.item)
            return True
        if is_doubted(row) and seen.item and self.tx.prospect(row.prospect):
            self.tx.append(row.prospect, Unclear(self.now, self.via, "", row.action))  # what was asked about it is answered
        reading = self._read(replace(row, gone_at=None), seen)
        if reading.entries or not (is_replaced(row) and self._is_another_follow_up(row, seen)):
            self._apply(row.prospect, reading)
        return True

    def _is_back(self, row: Written, seen: Seen, item: Item) -> None:
        """What was gone stands again, taken out of a bin. A record of ours is one again; whether anything else is still wanted, the plan
        knows. A tick that the rep typed before its title in the meantime looks like our record, and is an answer."""
        result = item.result or (row.ours.result if row.ours else "")
        if not (result and is_record(item)):
            self.put_back(row.prospect, row.action)
            self.adopt(replace(row, state=State.OPEN), seen)
            return
        base = replace(item, body=self._our_text(row, item))
        recorded = replace(row, state=State.RECORDED, agreed=base, ours=replace(row.ours or base, result=result))
        reading = self._read(recorded, seen)
        self._apply(row.prospect, replace(reading, entries=news(reading.entries, self.tx.history(row.prospect), row.action)))

    def _given_back(self, row: Written, seen: Seen) -> bool:
        """The entry of an agreement that waits is read like any other; else it is the rep's alone: what they write there, a mark before
        the title too, is no answer to us. With other words it may be another follow-up, unless they are those that it had before, or that
        we know for the same."""
        renamed = bool(seen.item and row.agreed and row.ours and seen.item.title not in (row.agreed.title, row.ours.title))
        if (reading := self._read_while_it_waits(row, seen)) and (reading.written.state is State.ANSWERED or not renamed):
            waits = replace(reading.written, state=State.RECORDED)  # where the rep put it, until it is its turn
            self._apply(row.prospect, reading if reading.written.state is State.ANSWERED else replace(reading, written=waits))
            return True
        if renamed:
            self.tx.forget_written(self.rep.rep, self.target, row.action)  # whose words and whose place would be taken for a copy's
            if seen.item and carries_marks(seen.item):
                return self._not_known(seen)
            if self._captured(seen):
                return True
        read = replace(row, intended=None, removing=False, gone_at=None, fresh=False, unread=False, trouble="", retry_at=None)
        self._save(replace(read, etag=seen.etag, raw=seen.raw, agreed=seen.item or row.agreed))
        return False

    def _read_while_it_waits(self, row: Written, seen: Seen) -> Reading | None:
        """None where nothing is to be read: it stands for nothing that is agreed, or says nothing new."""
        known = self.tx.prospect(row.prospect)
        if known is None or seen.item is None:
            return None
        found = stance(known, self.tx.history(known.id), self.rules, self.rep, self.now)
        action = agreed_action(found, row.action, self.rules, self.rep, self.now)
        if action is None:
            return None
        reader = replace(self._reader(row), action=action, understand=self._understand(action))
        reading = read_edit(replace(row, state=State.OPEN), seen, reader)
        return reading if reading.entries else None

    def _is_another_follow_up(self, row: Written, seen: Seen) -> bool:
        """Whether the rep typed a new title over the record of what was replaced, and it was taken in as a new follow-up."""
        item = seen.item
        if item is None or is_record(item) or any(one and unmarked(one.title) == item.title for one in (row.agreed, row.ours)):
            return False
        self.tx.forget_written(self.rep.rep, self.target, row.action)  # whose words and whose place would be taken for a copy's
        typed = renamed_record(self.desk, seen, item)
        if typed:
            self._typed(typed, seen, item)
        else:
            self._save(row)
        return typed is not None

    def _not_known(self, seen: Seen) -> bool:
        """An entry that no row knows: one of ours that may find its prospect yet, a follow-up that the rep typed, or the rep's own. Neither
        is taken in here."""
        if seen.item and carries_marks(seen.item):
            self.strangers.append(seen)
            return False
        self.unmarked.append(seen)
        return False

    def typed(self, entries: Iterable[Seen]) -> int:
        """Take in what carries none of our marks, once everything that does was read: an entry of ours says of whom it is, and what was
        agreed, and a title alone may mean somebody whom only that brings back. Answers how many were follow-ups."""
        number = 0
        for seen in sorted(entries, key=typed_for):
            typed = None if self._is_another_reps(seen) else self._captured(seen)
            if typed is None and seen.etag:
                self.tx.save_foreign(self.rep.rep, self.target, {seen.href: seen.etag})
            number += typed is not None
        return number

    def _is_another_reps(self, seen: Seen) -> bool:
        """Whether another rep, who writes into the same calendar, has taken it in."""
        return seen.href in self.tx.written_by_others(self.rep.rep, self.target, [seen.href])

    def _captured(self, seen: Seen) -> Written | Several | None:
        """Take in what reads as a follow-up that the rep typed; where it may mean several people, one of them is asked about it."""
        typed = typed_entry(self.desk, seen)
        asked = self._ask_who(seen.href, typed if isinstance(typed, Several) else None)
        if isinstance(typed, Written) and seen.item:
            self.tx.forget_foreign(self.rep.rep, self.target, seen.href)
            self._typed(typed, seen, seen.item)
        elif asked and seen.etag:
            self.tx.save_foreign(self.rep.rep, self.target, {seen.href: seen.etag}, asked)
        return typed

    def _ask_who(self, href: str, several: Several | None) -> str:
        """Of a new follow-up that may mean several, the first of them is asked about it, once; once it is clear, or gone, nobody is.
        Answers whom."""
        entry, before = f"entry {href}", self.tx.marked_at(self.rep.rep, self.target, href)
        asked = several.prospects[0].id if several else ""
        history = self.tx.history(asked or before) if asked or before else ()
        last = next((one for one in reversed(history) if isinstance(one, Unclear) and one.action == entry), None)
        if before and before != asked and self.tx.prospect(before):
            self.tx.append(before, Unclear(self.now, self.via, "", entry))
        if several and (before != asked or last is None or last.text != several.words):
            among = tuple(told_apart(one) for one in several.prospects)
            self.tx.append(asked, Unclear(self.now, self.via, several.words, entry, among))
        return asked

    @property
    def desk(self) -> Desk:
        return Desk(self.tx, self.rep, self.rules, self.target, self.now, self.before)

    def _typed(self, row: Written, seen: Seen, item: Item) -> None:
        """An entry that was just taken in may have been answered before we saw it; else what stands in its notes is a note."""
        waits = is_given_back(row)  # for what comes after the next action
        reading = Reading((), row) if waits else self._read(row, seen)
        if waits or not answers_at_once(item, reading.entries, self.now):
            text = rep_text(item.body, row.ours.body if row.ours else "")
            notes = (Noted(self.now, self.via, text, row.action),) if text.strip() else ()
            reading = Reading(notes, replace(row, agreed=item))
        self._apply(row.prospect, reading)

    def _waits_no_more(self, row: Written) -> None:
        """The entry of an agreement that waits is gone: so is the agreement."""
        known = self.tx.prospect(row.prospect)
        if known and row.agreed and row.action in standing(known, self.tx.history(row.prospect)).agreements:
            self.tx.append(row.prospect, Dismissed(self.now, self.via, row.action, Kind.PROMISE, row.agreed.title))

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
        if is_doubted(row) and self._stands_elsewhere(row):
            self._save(replace(row, fresh=False, retry_at=self.now + _LOOKED_AT_AGAIN))
        elif row.state is State.OPEN and row.agreed is not None and not row.removing:
            trouble = "" if is_doubted(row) else row.trouble
            self._save(replace(row, fresh=False, unread=False, trouble=trouble, gone_at=row.gone_at or self._first_seen_gone(row)))
        elif row.state is not State.GONE:
            if is_given_back(row):
                self._waits_no_more(row)
            self._gone(row, NOBODY_SAID)
        elif row.unread:
            self._save(replace(row, unread=False))

    def _stands_elsewhere(self, row: Written) -> str:
        """The target on which what was promised still stands though it is gone here; "" where there is none."""
        action = self._reader(row).action
        if action is None or action.kind is not Kind.PROMISE:
            return ""
        rows = self.tx.written_of(self.rep.rep, row.action)
        return next((one.target for one in rows if one.target in self.others and _waits(one)), "")

    def _doubt(self, row: Written, elsewhere: str) -> None:
        """Some servers (Radicale) call gone what they cannot read themselves. A promise that stands elsewhere is not broken by that: the
        entry is left alone here, and the rep is asked once what is meant."""
        text = f"gone from {self.target}, not from {elsewhere}"
        history = self.tx.history(row.prospect)
        if not any(isinstance(one, Unclear) and (one.action, one.text) == (row.action, text) for one in history):
            self.tx.append(row.prospect, Unclear(self.now, self.via, text, row.action))
        self._save(replace(row, unread=True, trouble=f"{DOUBTED}{elsewhere}.", gone_at=None, retry_at=self.now + _LOOKED_AT_AGAIN))

    def _first_seen_gone(self, row: Written) -> datetime:
        """Never before its prospect was captured, however far this machine's clock was set back: else it would be another one's entry."""
        captured = self._reader(row).since
        return max(self.now, captured) if captured else self.now

    def _read(self, row: Written, seen: Seen) -> Reading:
        reader = self._reader(row)
        if row.state is State.OPEN or reader.before or reader.action:
            return read_edit(row, seen, reader)
        return read_edit(row, seen, self._of_what_was_replaced(row, reader))

    def _of_what_was_replaced(self, row: Written, reader: Reader) -> Reader:
        """What nobody answered is answered for the first time, as what was agreed then; a closed prospect stays closed. Where the same was
        agreed once more, for the same hour, it is that: answered here it is answered there, and once."""
        known = self.tx.prospect(row.prospect)
        if known is None:
            return reader
        history = self.tx.history(known.id)
        found = stance(known, history, self.rules, self.rep, self.now)
        touches = [one for one in history if isinstance(one, Touched)]
        if found.standing.outcome and is_replaced(row):
            closing = (one for one in reversed(touches) if one.result is found.standing.outcome)
            return replace(reader, before=next(closing, None))
        same = twins(known, history, row.action)
        open_one = next((one for one in same if one in found.standing.agreements and one not in found.standing.moved), "")
        answered = next((one for one in reversed(touches) if one.action in same), None)
        if answered and not open_one:
            understand = self._understand(self._about(answered, found, history))
            return replace(reader, before=answered, last=touches[-1] is answered, understand=understand)
        if not is_replaced(row):
            return reader
        if open_one:
            action = agreed_action(found, open_one, self.rules, self.rep, self.now)
        else:
            action = agreed_once(found, history, row.action, self.rules, self.rep, self.now)
        return replace(reader, action=action, understand=self._understand(action))

    def _gone(self, row: Written, deletions: Deletions) -> None:
        reader, known = self._reader(row), self.tx.prospect(row.prospect)
        if known and known.rep != self.rep.rep:  # it was handed over, so its entry was to go in any case
            reader = replace(reader, action=None)
        reading = read_deletion(row, reader)
        if deletions.restore and row.state is State.OPEN:
            # Written again at the same hour and with the days it was missed, as another entry.
            taken_back = (Unclear(self.now, self.via, "", row.action),) if is_doubted(row) else ()
            reading = Reading(taken_back, replace(reading.written, state=State.OPEN))
        self._apply(row.prospect, reading)

    def _apply(self, prospect: str, reading: Reading) -> None:
        known = self.tx.prospect(prospect)
        closed = self.tx.outcome(prospect)
        entries, written = reading.entries, reading.written
        if known and entries and closed:
            if contradiction := against(entries, self.tx.history(prospect), self.now):
                entries = (*(one for one in entries if isinstance(one, Noted)), contradiction)
                written = answered_no_more(written, (), None)
            else:
                entries = tuple(_still_taken(entries, closed))
        elif known and entries:
            history, zone = self.tx.history(prospect), self.rep.workdays.zone
            where = standing(known, history)
            waits = [one for action, one in where.waits.items() if action != written.action]  # a cache may repeat it: nothing new
            entries = tuple(one for one in entries if not (isinstance(one, Waiting) and any(_same_wait(one, other) for other in waits)))
            asked = two_places(entries, history, self.now, self.via, zone)
            entries = one_agreement(entries, where, written.action, self.now, self.via, zone)
            entries = self._in_a_record(entries, known, where, history, written)
            entries = (*entries, asked) if asked else entries
        if known and entries:
            self.tx.append(prospect, *entries)
        self._save(written)
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
        own, zone = own_agreements(known, history, action), self.rep.workdays.zone
        waiting = [one for one in where.others.values() if one not in own]
        others = tuple(one for one in entries if one is not new)
        if where.promise and where.promise not in own and is_beside(self.desk, known, new, where):
            return (*others, *beside_others(new, where.promise, waiting, self.now, self.via, action, zone))
        if len(waiting) == len(where.others):
            return entries
        left = which((new, *waiting), self.now, self.via, action, zone) if waiting else None
        taken_back = Unclear(self.now, self.via, "", where.unclear.action) if where.unclear else None
        return (*others, *([taken_back] if taken_back and not left else []), new, *([left] if left else []))

    def _tell_the_others(self, entries: Iterable[Entry], written: Written) -> None:
        """What the entries of the same action say on other targets, where this answer holds over theirs."""
        said: dict[str, Result | None] = {one.action: one.result for one in entries if isinstance(one, Touched) and one.action}
        said |= {one.action: None for one in entries if isinstance(one, Contradicted)}
        for action, result in said.items():
            for row in self.tx.written_of(self.rep.rep, action, self.rep.workdays.zone):
                answered = row.state in (State.ANSWERED, State.RECORDED) and row.agreed and row.ours
                if row.target != written.target and answered and row.ours and row.ours.result != result:
                    self.tx.save_written(self.rep.rep, answered_no_more(row, (), result))

    def _save(self, row: Written) -> None:
        self.saved.append(row)
        self.tx.save_written(self.rep.rep, row)

    def _reader(self, row: Written) -> Reader:
        prospect = self.tx.prospect(row.prospect)
        if prospect is None:
            return Reader(self.now, self.via, None, False, self._understand(None), self._understand_day)
        history = self.tx.history(row.prospect)
        found = stance(prospect, history, self.rules, self.rep, self.now)
        action = next((one for one in found.actions if one.id == row.action), None)
        # An answer to a question is about what is to be done, not about the question.
        again = dropped(found, history, self.rules, self.rep, self.now) if row.action == found.standing.opened else None
        asked = found.actions[0] if action and action.id == found.standing.asking else again or action
        touches = [one for one in history if isinstance(one, Touched)]
        last = next((one for one in reversed(touches) if one.action == row.action), None)
        before = self._with_what_was_agreed(last, history)
        return Reader(
            self.now,
            self.via,
            action,
            row.action in found.standing.answered,
            self._understand(asked or self._about(last, found, history)),
            self._understand_day,
            before,
            last is not None and touches[-1] is last,
            found.standing.captured,
            again,
        )

    def _about(self, answered: Touched | None, found: Stance, history: History) -> Action | Touched | None:
        """What an agreement is about that is written into an entry which was ``answered``: what came of that answer and is still to be
        done, else what was answered; never what else is agreed."""
        own = own_agreements(found.prospect, history, answered.action) if answered and found.standing.agreements else ()
        still = (action for action, one in found.standing.agreements.items() if one in own)
        came = next((agreed_action(found, action, self.rules, self.rep, self.now) for action in still), None)
        return came or answered

    def _with_what_was_agreed(self, before: Touched | None, history: Iterable[Entry]) -> Touched | None:
        """What another calendar told at this moment: something done and something agreed are one answer."""
        if before is None or before.result is not Result.DONE or before.at != self.now or before.via == self.via:
            return before
        agreed_too = any(isinstance(one, Promised | Waiting) and (one.at, one.via) == (before.at, before.via) for one in history)
        return replace(before, result=Result.NEXT) if agreed_too else before

    def _understand(self, action: Action | Touched | None) -> Understand:
        return lambda text: agreed(text, now=self.now, via=self.via, rep=self.rep, rules=self.rules, like=action)

    def _understand_day(self, text: str) -> Waiting | None:
        when = until_when(text, now=self.now, rep=self.rep)
        return Waiting(self.now, self.via, when.day, start=when.start, window=when.window) if when else None


def _not_asked(facts: Iterable[Entry], history: Sequence[Entry]) -> tuple[Entry, ...]:
    """Without what the rep is asked about already."""
    asked = {(one.action, one.text) for one in history if isinstance(one, Unclear)}
    return tuple(one for one in facts if not (isinstance(one, Unclear) and (one.action, one.text) in asked))


def _same_wait(one: Waiting, other: Waiting) -> bool:
    return replace(one, at=other.at, via=other.via) == other


def is_doubted(row: Written) -> bool:
    """Whether its entry is gone from this calendar only, and nobody knows why."""
    return row.unread and row.trouble.startswith(DOUBTED)


def _waits(row: Written) -> bool:
    return row.state is State.OPEN and row.agreed is not None and not (row.gone_at or row.unread or row.removing)


_KNOWN = (datetime.min.replace(tzinfo=UTC), "")


def typed_for(seen: Seen) -> tuple[datetime, str]:
    """The order in which new entries are taken in: of two for one person the earlier one is the next action, whatever they are called."""
    return (seen.item.start.astimezone(UTC), seen.item.title) if seen.item else _KNOWN


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
