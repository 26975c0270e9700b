"""Entries that carry our marks and that no row knows: an entry that moved house, one that the store forgot, a copy, or nobody's.

Whose it is can turn out later: a prospect is imported again after a store was lost, or the entry that was copied goes. So those that find
no place are remembered by the prospect they name (``Transaction.marked``), and looked at again once that prospect lacks an entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, replace

from followsync import capture
from followsync.calendars.probing import is_left_behind
from followsync.core.history import Kind, Promised, Unclear
from followsync.core.item import Item, Seen, State, Written
from followsync.core.operations import carries_marks, is_uid, same, uid
from followsync.core.prospect import Prospect
from followsync.core.wording import is_record, without_endings
from followsync.errors import UsageError
from followsync.interpret import Interpreter
from followsync.picture import Stance, stance
from followsync.store import Transaction

_GENERATIONS = 64  # of one action's entry: more deletions of it than any rep has patience for


def named(strangers: Iterable[Seen]) -> set[str]:
    """The actions that they say they stand for."""
    return {seen.item.action for seen in strangers if seen.item}


def to_ask(tx: Transaction, rep: str, target: str, rows: Collection[Written], strangers: Iterable[Seen]) -> list[str]:
    """The hrefs to ask for by name: those of the rows whose action a stranger names, and those of remembered strangers whose prospect has
    no entry here, or one that the calendar calls gone."""
    doubled = named(strangers)
    ask = [row.href for row in rows if row.action in doubled]
    if not (remembered := tx.marked(rep, target)):
        return ask
    waits = {row.prospect for row in rows if row.state is State.OPEN and row.gone_at}
    stands = {row.prospect for row in rows if row.state is State.OPEN and (row.agreed or row.intended)} - waits
    return ask + [href for href, prospect in remembered.items() if prospect not in stands]


def looked_at(strangers: Iterable[Seen], answers: Mapping[str, Seen | None], rows: Iterable[Written]) -> tuple[list[Seen], list[str]]:
    """All that are to be taken in, in this order: what we wrote ourselves comes before what somebody made of it. And where one was
    remembered that is gone. ``answers``: what was asked for by name; ``rows``: all of this target."""
    known = {row.href for row in rows}
    others = {href: seen for href, seen in answers.items() if href not in known}
    found = {
        seen.href: seen for seen in (*strangers, *(seen for seen in others.values() if seen and seen.item and carries_marks(seen.item)))
    }
    ordered = sorted(found.values(), key=lambda seen: not (seen.item and is_uid(seen.item.uid)))
    return ordered, [href for href, seen in others.items() if seen is None]


@dataclass(slots=True)
class Strangers:
    """What is to be found out about them, after everything else that the calendar showed was taken in: a record that tells of an answer
    decides what they are. ``answers``: what was asked for by name. ``rows``: all of this target, by action; they are kept up to date."""

    reader: Interpreter
    answers: Mapping[str, Seen | None]
    rows: MutableMapping[str, Written]

    def take_in(self, strangers: Iterable[Seen]) -> list[Seen]:
        """Gives back those that are to go, under one of our own names: they only repeat what another entry of ours says, or were made to
        find out what the server does."""
        return [seen for seen in strangers if seen.item and self._repeats(seen, seen.item)]

    @property
    def _rep(self) -> str:
        return self.reader.rep.rep

    @property
    def _target(self) -> str:
        return self.reader.target

    def _repeats(self, seen: Seen, item: Item) -> bool:
        """Take in one stranger, or remember it; True where it is only to go."""
        if is_left_behind(item):
            return True
        known = self.rows.get(item.action)
        self.reader.saved.clear()
        if known and self._is_copy_of(known, seen, item) and self.reader.copied(seen, known):
            self._taken(seen)
            return False
        prospect = self.reader.tx.prospect(item.prospect) if item.prospect else None
        if prospect is None or prospect.rep != self._rep or (is_record(item) and _is_our_record(item)):
            self._remember(seen, "" if _is_our_record(item) else item.prospect)
            return False
        if known and known.state is State.OPEN and known.agreed and self._stands(known):
            if is_uid(item.uid) and same(item, known.agreed):
                return True
            self._remember(seen, prospect.id)  # the rep's copy: theirs, until the entry itself is gone
        elif self._place(prospect, seen, item, known):
            self._taken(seen)
        else:
            self._remember(seen, prospect.id)
        return False

    def _taken(self, seen: Seen) -> None:
        self.reader.tx.forget_foreign(self._rep, self._target, seen.href)
        self.rows.update((row.action, row) for row in self.reader.saved)

    def _is_copy_of(self, row: Written, seen: Seen, item: Item) -> bool:
        """Whether the answered entry stands there, and this one under a name of the rep's own: else it may be that entry, moved."""
        answered = row.state in (State.ANSWERED, State.RECORDED) and row.href != seen.href
        return answered and not is_uid(item.uid) and self.answers.get(row.href) is not None

    def _stands(self, row: Written) -> bool:
        return not row.gone_at and self.answers.get(row.href, row) is not None

    def _place(self, prospect: Prospect, seen: Seen, item: Item, known: Written | None) -> bool:
        """Make it ours again. 1. The entry of its action moved house. 2. It was deleted and put back, while the rep is
        asked about it. 3. The next action of its prospect stands nowhere here: the store forgot it, and it becomes that action's entry, in
        place. 4. It is one that we wrote and that nobody wants any more: it gets a row, and the plan removes it. Everything else is not
        ours, and False the answer."""
        reader = self.reader
        if known and known.state is State.OPEN and known.agreed:
            reader.moved_house(known, seen)
            return True
        is_news = seen.href not in reader.tx.marked(self._rep, self._target)  # a copy that was there before says nothing of a deletion
        if known and known.state is State.GONE and is_news and reader.put_back(prospect.id, item.action):
            reader.adopt(replace(known, state=State.OPEN, ours=None, href=seen.href), seen)
            return True
        if known and not is_uid(item.uid):
            return False
        found = self._stance_with(prospect, item)
        action = next((one for one in found.actions if one.id == item.action), found.actions[0] if found.actions else None)
        row = self.rows.get(action.id) if action else None
        if action and item.action not in found.standing.answered and not (row and row.state is State.OPEN and (row.agreed or row.intended)):
            reader.adopt(Written(self._target, action.id, prospect.id, seen.href, generation=row.generation if row else 0), seen)
            return True
        if known is None and item.uid in {uid(item.action, number) for number in range(_GENERATIONS)}:
            reader.adopt(Written(self._target, item.action, prospect.id, seen.href), seen)  # read first: what the rep wrote there is kept
            return True
        return False

    def _remember(self, seen: Seen, prospect: str) -> None:
        if seen.etag or prospect:  # without an ETag it is read each time, and still is no news
            self.reader.tx.save_foreign(self._rep, self._target, {seen.href: seen.etag or ""}, prospect)

    def _stance_with(self, prospect: Prospect, item: Item) -> Stance:
        """Where the prospect stands, with the promise that the entry still tells of, though the store has lost it: it knows of none, or of
        one whose own entry this one has replaced since (an older copy of the store was put back). Where nobody can tell which of two was
        agreed last, the store's stands, and the rep is asked about the other."""
        reader = self.reader
        found = stance(prospect, reader.tx.history(prospect.id), reader.rules, reader.rep, reader.now)
        standing = found.standing
        if item.kind is not Kind.PROMISE or standing.outcome or item.action in standing.answered:
            return found
        told = self._promise_of(item)
        if standing.promise is None or self._is_replaced(found, item):
            reader.tx.append(prospect.id, told)
        elif is_uid(item.uid) and self._is_news(found, item):
            asked = f"{told.purpose or told.method or 'follow-up'} on {item.start.astimezone(reader.rep.workdays.zone):%a %Y-%m-%d %H:%M}"
            reader.tx.append(prospect.id, Unclear(reader.now, reader.via, asked, found.actions[0].id))
        return stance(prospect, reader.tx.history(prospect.id), reader.rules, reader.rep, reader.now)

    def _is_news(self, found: Stance, item: Item) -> bool:
        """Whether the store has never heard of what the entry stands for."""
        return item.action not in self.rows and item.action not in {one.id for one in found.actions}

    def _is_replaced(self, found: Stance, item: Item) -> bool:
        row = self.rows.get(found.actions[0].id) if found.actions else None
        stood = row is not None and row.agreed is not None and not self._stands(row)
        return stood and is_uid(item.uid) and self._is_news(found, item)

    def _promise_of(self, item: Item) -> Promised:
        """The agreement that an entry of ours still tells of, though the store has lost it."""
        reader = self.reader
        method = purpose = ""
        with suppress(UsageError):  # a title of the rep's own may name nobody
            title = without_endings(item.named or item.title)
            said = capture.parse_title(title, rules=reader.rules, rep=reader.rep, now=reader.now)
            method, purpose = said.method, said.purpose
        day = item.start.astimezone(reader.rep.workdays.zone).date()
        length = int((item.end - item.start).total_seconds() // 60)
        return Promised(reader.now, reader.via, method, day, start=item.start, purpose=purpose, minutes=length or None)


def _is_our_record(item: Item) -> bool:
    """Whether we marked it as answered. A tick that the rep typed looks the same, but our records say what the answer was."""
    return bool(item.result) or (is_record(item) and not item.named)
