"""What the calendars showed -> facts in the store, entry by entry: which of ours it is, a copy of one, or nobody's that we know. Everything
here happens inside one transaction and sends nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from followsync.calendars.base import Changes
from followsync.core.answers import Reading
from followsync.core.bases import shown
from followsync.core.cadence import Rules
from followsync.core.edits import moved_before, news
from followsync.core.history import (
    Entry,
    Kind,
    Moved,
    Noted,
    Restored,
    Result,
    Touched,
    Unclear,
)
from followsync.core.item import Item, Seen, State, Written, is_earlier
from followsync.core.marking import answered_elsewhere, is_replaced
from followsync.core.operations import carries_marks, is_given_back
from followsync.core.records import holds_all
from followsync.core.ruler import our_block, rep_text
from followsync.core.standing import standing
from followsync.core.wording import days_missed, is_record, unmarked
from followsync.core.workdays import RepRules
from followsync.facts import Facts
from followsync.intake import Desk, Several, answers_at_once, copied_record, renamed_record, typed_entry
from followsync.meant import told_apart
from followsync.missing import Missing, is_doubted
from followsync.picture import rows_at, rows_of
from followsync.pull import NOBODY_SAID, Listing
from followsync.readers import Readers
from followsync.store import Transaction


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
        return self.desk.via

    @property
    def desk(self) -> Desk:
        return Desk(self.tx, self.rep, self.rules, self.target, self.now, self.before, self.place)

    @property
    def missing(self) -> Missing:
        """What of this target is gone."""
        return Missing(self.desk, self._facts, self.others)

    @property
    def _facts(self) -> Facts:
        return Facts(self.desk, self.saved)

    @property
    def _readers(self) -> Readers:
        return Readers(self.desk)

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
            self.missing.note(row)
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
                self._facts.save(replace(row, fresh=False, gone_at=None if row.href in listing.listed else row.gone_at))
            elif is_doubted(row) and not self.missing.stands_elsewhere(row):
                self._facts.save(replace(row, retry_at=self.now))  # nothing holds it any more
        return news

    def settle(self, row: Written, seen: Seen | None) -> None:
        """The answer to a write was lost: what stands there now says what became of it."""
        if seen is not None:
            sent = row.intended and seen.item and shown(row.intended, seen.item, self.rewrites)
            self._seen(replace(row, intended=sent or row.intended, fresh=False), seen)
        elif row.removing:
            self.missing.gone(row, NOBODY_SAID)
        elif row.agreed is not None:
            self.missing.note(row)  # and what was sent stays known: it may come back with that
        else:  # a create that never arrived: absent is not deleted, so it is simply to be done again
            self._facts.save(replace(row, intended=None))

    def adopt(self, row: Written, seen: Seen) -> None:
        """Our own entry stands where a new one was to be made: the store forgot it. It is taken over as it is, an answer in it is read;
        its text is what an earlier plan or the rep made of it, and is no news. Where the rep put it is, for a promise would go back."""
        if seen.item is None:
            self._facts.apply(row.prospect, self._readers.read(replace(row, href=seen.href), seen))
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
        reading, history = self._readers.read(adopted, seen), self.tx.history(row.prospect)
        entries = news(reading.entries, history, row.action)
        if (
            reading.written.state is State.OPEN
            and seen.item.action == row.action
            and (move := moved_before(seen.item, history, self.now, self.rep.workdays.zone))
        ):
            entries = (*entries, Moved(self.now, self.via, row.action, *move))
        self._facts.apply(row.prospect, replace(reading, entries=entries))

    def _our_text(self, row: Written, item: Item) -> str:
        """What of an entry's notes is ours, or its server's."""
        body = our_block(item.body, item.block, row.ours.body if row.ours else "")
        return shown(replace(item, body=body), item, frozenset(name for name in self.rewrites if "+" in name)).body

    def moved_house(self, row: Written, seen: Seen) -> None:
        """The row's entry stands elsewhere: deleted and written anew, as several phones edit."""
        self._facts.apply(row.prospect, self._readers.read(replace(row, href=seen.href, gone_at=None, fresh=False), seen))

    def recalled(self, prospect: str, seen: Seen, item: Item, generation: int, facts: Iterable[Entry]) -> None:
        """A record of ours that the store has lost, with the ``facts`` that it tells: managed from now on, and left as it stands."""
        self.tx.append(prospect, *(self._with_its_day(one) for one in facts))
        row = Written(self.target, item.action, prospect, seen.href, generation, seen.etag, seen.raw, agreed=item, state=State.RECORDED)
        self._facts.save(replace(row, ours=replace(item, body=self._our_text(row, item))))

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
        reading, history = self._readers.read(row, replace(seen, item=there)), self.tx.history(row.prospect)
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
        self._facts.apply(row.prospect, Reading(facts, written))
        return True

    def has_read(self, prospect: str, item: Item) -> bool:
        return holds_all(self.tx.history(prospect), item)

    def put_back(self, prospect: str, action: str) -> bool:
        """Where the rep is asked about the deleted entry, that it stands again is the answer; where nobody asks, it is to be done again."""
        known = self.tx.prospect(prospect)
        where = standing(known, self.tx.history(prospect)) if known else None
        if where is None or action not in (where.dropped, *where.given_up.values()):
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
        reading = self._readers.read(record, replace(seen, item=there))
        if any(isinstance(one, Unclear) for one in reading.entries):  # the title may be one that was answered long ago
            reading = self._readers.read(record, replace(seen, item=replace(there, title=agreed.title)))
        history = self.tx.history(record.prospect)
        if facts := _not_asked(news(reading.entries, history, record.action), history):
            answered = reading.written.state is State.ANSWERED and reading.written.ours
            written = answered_elsewhere(record, Result(answered.result)) if answered else record
            replace(self, place=" (a copy)")._facts.apply(record.prospect, Reading(facts, written))

    def _is_answered_now(self, record: Written) -> bool:
        """Whether it was answered in this very cycle: then the copy is of an entry that waited, and both are told at once."""
        touches = [one for one in self.tx.history(record.prospect) if isinstance(one, Touched) and one.action == record.action]
        marked = record.state is State.RECORDED  # by an earlier cycle, whatever the clock says
        return not marked and bool(touches) and (touches[-1].at, touches[-1].via) == (self.now, self.via)

    # --- one entry

    def _seen(self, row: Written | None, seen: Seen) -> bool:
        if row is None:
            return self._not_known(seen)
        if is_given_back(row):
            return self._given_back(row, seen)
        if is_earlier(seen, row) and seen.href not in self.alone:
            self._facts.save(replace(row, unread=True, trouble="", retry_at=self.now))
            return False
        if row.state is State.GONE and seen.item:
            self._is_back(row, seen, seen.item)
            return True
        if is_doubted(row) and seen.item and self.tx.prospect(row.prospect):
            self.tx.append(row.prospect, Unclear(self.now, self.via, "", row.action))  # what was asked about it is answered
        reading = self._readers.read(replace(row, gone_at=None), seen)
        if reading.entries or not (is_replaced(row) and self._is_another_follow_up(row, seen)):
            self._facts.settle(row, reading)
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
        reading = self._readers.read(recorded, seen)
        self._facts.apply(row.prospect, replace(reading, entries=news(reading.entries, self.tx.history(row.prospect), row.action)))

    def _given_back(self, row: Written, seen: Seen) -> bool:
        """The entry of an agreement that waits is read like any other; else it is the rep's alone: what they write there, a mark before
        the title too, is no answer to us. With other words it may be another follow-up, unless they are those that it had before, or that
        we know for the same."""
        renamed = bool(seen.item and row.agreed and row.ours and seen.item.title not in (row.agreed.title, row.ours.title))
        if (reading := self._readers.read_while_it_waits(row, seen)) and (reading.written.state is State.ANSWERED or not renamed):
            waits = replace(reading.written, state=State.RECORDED)  # where the rep put it, until it is its turn
            self._facts.apply(row.prospect, reading if reading.written.state is State.ANSWERED else replace(reading, written=waits))
            return True
        if renamed:
            self.tx.forget_written(self.rep.rep, self.target, row.action)  # whose words and whose place would be taken for a copy's
            if seen.item and carries_marks(seen.item):
                return self._not_known(seen)
            if self._captured(seen):
                return True
        read = replace(row, intended=None, removing=False, gone_at=None, fresh=False, unread=False, trouble="", retry_at=None)
        self._facts.save(replace(read, etag=seen.etag, raw=seen.raw, agreed=seen.item or row.agreed))
        return False

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
            self._facts.save(row)
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

    def _typed(self, row: Written, seen: Seen, item: Item) -> None:
        """An entry that was just taken in may have been answered before we saw it; else what stands in its notes is a note."""
        waits = is_given_back(row)  # for what comes after the next action
        reading = Reading((), row) if waits else self._readers.read(row, seen)
        if waits or not answers_at_once(item, reading.entries, self.now):
            text = rep_text(item.body, row.ours.body if row.ours else "")
            notes = (Noted(self.now, self.via, text, row.action),) if text.strip() else ()
            reading = Reading(notes, replace(row, agreed=item))
        self._facts.apply(row.prospect, reading)

    def _asked(self, row: Written, seen: Seen | None) -> bool:
        """A row whose entry was asked for by name, with nothing sent that waits for an answer."""
        if seen is None:
            known = row.gone_at is not None
            self.missing.note(row)
            return not known
        if seen.etag is None or seen.etag != row.etag or row.unread:
            return self._seen(replace(row, fresh=False), seen)
        self._facts.save(replace(row, fresh=False, gone_at=None))
        return False


def _not_asked(facts: Iterable[Entry], history: Sequence[Entry]) -> tuple[Entry, ...]:
    """Without what the rep is asked about already."""
    asked = {(one.action, one.text) for one in history if isinstance(one, Unclear)}
    return tuple(one for one in facts if not (isinstance(one, Unclear) and (one.action, one.text) in asked))


_KNOWN = (datetime.min.replace(tzinfo=UTC), "")


def typed_for(seen: Seen) -> tuple[datetime, str]:
    """The order in which new entries are taken in: of two for one person the earlier one is the next action, whatever they are called."""
    return (seen.item.start.astimezone(UTC), seen.item.title) if seen.item else _KNOWN
