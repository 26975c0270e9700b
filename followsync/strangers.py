"""Entries that carry our marks and that no row knows: an entry that moved house, one that the store forgot, a record, a copy, or nobody's.

Whose prospect the store does not know comes back with the entry (``followsync.recall``). What finds no place is remembered by the prospect
it names (``Transaction.marked``), and looked at again once that prospect lacks an entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from followsync.calendars.probing import is_left_behind
from followsync.core.history import Kind, Promised, Reopened, Unclear, Waiting
from followsync.core.item import REPLACED, Item, Seen, State, Written
from followsync.core.operations import carries_marks, is_uid, same, uid
from followsync.core.prospect import Prospect
from followsync.core.records import is_our_record, tells_what_happened
from followsync.core.standing import Standing
from followsync.core.target import TargetState
from followsync.core.wording import is_record
from followsync.core.workdays import RepRules
from followsync.interpret import Interpreter
from followsync.picture import Stance, rows_of, stance
from followsync.recall import Recall
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
    there = [row for row in rows if row.state is State.OPEN and (row.agreed or row.intended)]
    stands = {row.prospect for row in there} - waits
    # An agreement of ours takes its turn where nothing but a question stands; a copy that the rep made is not meant by that.
    held = {row.prospect for row in there if not (row.agreed and row.agreed.kind is Kind.DECIDE)} - waits
    return ask + [href for href, prospect in remembered.items() if prospect not in (held if _is_named_by_us(href) else stands)]


def _is_named_by_us(href: str) -> bool:
    return is_uid(href.rpartition("/")[2].partition(".")[0])


def looked_at(strangers: Iterable[Seen], answers: Mapping[str, Seen | None], rows: Iterable[Written]) -> tuple[list[Seen], list[str]]:
    """All that are to be taken in, those of one prospect together: what was done before what is to be done, in the order in which it was,
    and what we wrote ourselves before what somebody made of it. And where one was remembered that is gone. ``answers``: what was asked for
    by name; ``rows``: all of this target."""
    known = {row.href: row for row in rows}
    others = {href: seen for href, seen in answers.items() if href not in known}
    found = {
        seen.href: seen for seen in (*strangers, *(seen for seen in others.values() if seen and seen.item and carries_marks(seen.item)))
    }
    return sorted(found.values(), key=_order), [href for href, seen in others.items() if seen is None]


def _order(seen: Seen) -> tuple[str, bool, float, bool, bool]:
    item = seen.item
    if item is None:
        return "", False, 0, False, False
    done = tells_what_happened(item)
    return item.prospect, not done, item.start.timestamp() if done else 0, item.kind is Kind.DECIDE, not is_uid(item.uid)


def some(strangers: Iterable[Seen], number: int) -> Iterator[list[Seen]]:
    """So many at a time, or more: those of one prospect stay together."""
    batch: list[Seen] = []
    for _, theirs in groupby(strangers, key=_whose):
        batch += theirs
        if len(batch) >= number:
            yield batch
            batch = []
    if batch:
        yield batch


def _whose(seen: Seen) -> str:
    return seen.item.prospect if seen.item else ""


def still_strange(tx: Transaction, rep: RepRules, target: str, state: TargetState) -> TargetState:
    """What of those remembered is still there. A copy of what stood for somebody who was removed is nobody's."""
    if not (state.unknown or state.copies):
        return state
    foreign = tx.foreign(rep.rep, target)
    copies = tuple((href, action) for href, action in state.copies if href in foreign)
    nobodys = {href for href, _ in copies if tx.prospect(tx.marked_at(rep.rep, target, href)) is None}
    ours = {row.href for row in rows_of(tx, rep, target)}  # by now: its prospect was imported
    unknown = (*(href for href in state.unknown if href in foreign and href not in ours), *sorted(nobodys - set(state.unknown)))
    return replace(state, unknown=unknown, copies=tuple((href, action) for href, action in copies if href not in nobodys))


@dataclass(slots=True)
class Strangers:
    """What is to be found out about them, after everything else that the calendar showed was taken in: a record that tells of an answer
    decides what they are. ``answers``: what was asked for by name. ``rows``: all of this target, by action; they are kept up to date.
    ``shared``: another rep writes there too, and nothing tells whose somebody is whom the store does not know.

    Afterwards ``going``: those that are to go, for they only repeat what another entry of ours says, or were made to find out what the
    server does. ``unknown``: where those stand whose prospect nobody knows; ``copies``: where copies stand of entries that wait, and of
    which action."""

    reader: Interpreter
    answers: Mapping[str, Seen | None]
    rows: MutableMapping[str, Written]
    shared: bool = False
    going: list[Seen] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    copies: list[tuple[str, str]] = field(default_factory=list)
    _recall: Recall = field(init=False)

    def __post_init__(self) -> None:
        self._recall = Recall(self.reader.desk)

    def take_in(self, strangers: Iterable[Seen]) -> None:
        for whose, theirs in groupby(strangers, key=_whose):
            found = [(seen, seen.item) for seen in theirs if seen.item]
            if not whose:
                found = list(self._without_notices(found))
            prospect = self._prospect(found)
            for seen, item in self._in_order(prospect, found):
                if is_left_behind(item):
                    self.going.append(seen)
                elif not self._is_taken_in(prospect, seen, item):
                    self._remember(seen, item.prospect if prospect is None else prospect.id)
            if prospect:
                self._recall.notes(prospect.id)

    def noted_in(self, state: TargetState) -> TargetState:
        """What is remembered of them besides where they stand."""
        return replace(
            state,
            going=tuple(dict.fromkeys((*state.going, *(seen.href for seen in self.going)))),
            unknown=tuple(dict.fromkeys((*state.unknown, *self.unknown))),
            copies=tuple(dict.fromkeys((*state.copies, *self.copies))),
        )

    @property
    def _rep(self) -> str:
        return self.reader.rep.rep

    @property
    def _target(self) -> str:
        return self.reader.target

    # --- whose they are

    def _prospect(self, theirs: Iterable[tuple[Seen, Item]]) -> Prospect | None:
        """Whose they all are. Somebody whom the store does not know comes back with an entry that waits for the rep; a record alone brings
        nobody back, for whoever was removed has records too."""
        waiting = [(seen, item) for seen, item in theirs if item.prospect]
        if not waiting:
            bare = [seen.href for seen, item in theirs if is_uid(item.uid) and not (item.action or item.theirs or is_record(item))]
            others = self.reader.tx.written_by_others(self._rep, self._target, bare) if bare else ()
            self.unknown += [href for href in bare if href not in others]
            return None
        name = waiting[0][1].prospect
        if (known := self.reader.tx.prospect(name)) is not None:
            return known if known.rep == self._rep else None
        waiting = [(seen, item) for seen, item in waiting if not is_our_record(item)]
        others = self.reader.tx.written_by_others(self._rep, self._target, [seen.href for seen, _ in waiting])
        waiting = [(seen, item) for seen, item in waiting if seen.href not in others]
        if waiting and not self.shared and not self.reader.tx.was_written(self._rep, name):
            return self._recall.person(waiting[0][1])  # else they were removed, and do not come back
        self.unknown += [seen.href for seen, _ in waiting]
        return None

    def _in_order(self, prospect: Prospect | None, theirs: list[tuple[Seen, Item]]) -> Iterator[tuple[Seen, Item]]:
        """As they are given, but what is told of is what was to be done at that time: who tries earlier than planned has the record of
        that stand behind the record of what came next."""
        records = [one for one in theirs if tells_what_happened(one[1])]
        while prospect and len(records) > 1:
            reader = self.reader
            found = stance(prospect, reader.tx.history(prospect.id), reader.rules, reader.rep, reader.now)
            ids = {one.id for one in found.actions}
            following = next((one for one in records if one[1].action in ids), records[0])
            records.remove(following)
            yield following
        yield from records
        yield from (one for one in theirs if not tells_what_happened(one[1]))

    # --- what nobody is behind

    def _without_notices(self, theirs: Iterable[tuple[Seen, Item]]) -> Iterator[tuple[Seen, Item]]:
        """Take in the pages of the day, and word of targets that waited for a sign-in: of each the newest, which is the next one's
        forerunner; those before it stay as they are. Answers the others."""
        notices: dict[str, list[tuple[int, Seen]]] = {}
        for seen, item in theirs:
            number = _generation_of(item)
            if item.action and item.kind is None and number is not None and not self.shared:
                notices.setdefault(item.action, []).append((number, seen))
            else:
                yield seen, item
        for action, several in notices.items():
            newest = max(number for number, _ in several)
            for number, seen in several:
                if number < newest or not self._is_next_notice(action, number, seen):
                    self._remember(seen, "")

    def _is_next_notice(self, action: str, number: int, seen: Seen) -> bool:
        known = self.rows.get(action)
        if known and (number < known.generation or (known.state is State.OPEN and known.agreed and self._stands(known))):
            return False
        row = Written(self._target, action, "", seen.href, number, placed=seen.item.due if seen.item else None)
        self.reader.saved.clear()
        self.reader.adopt(row, seen)
        return self._taken(seen)

    # --- what they are

    def _is_taken_in(self, prospect: Prospect | None, seen: Seen, item: Item) -> bool:
        known = self.rows.get(item.action)
        self.reader.saved.clear()
        if known and self._is_copy_of(known, seen, item) and self.reader.copied(seen, known):
            return self._taken(seen)
        if prospect is None:
            return False
        if is_record(item) and is_our_record(item):
            return self._is_recalled(prospect, seen, item, known)
        if known and known.agreed and self._stands(known) and known.href != seen.href:
            if known.state is State.OPEN:
                return self._is_told_by_copy(known, seen, item)
            if known.state in (State.ANSWERED, State.RECORDED) and is_uid(item.uid) and not item.theirs and self._repeats(known, item):
                self.going.append(seen)
                return True
        return self._place(prospect, seen, item, known) and self._taken(seen)

    def _taken(self, seen: Seen) -> bool:
        self.reader.tx.forget_foreign(self._rep, self._target, seen.href)
        self.rows.update((row.action, row) for row in self.reader.saved)
        return True

    def _remember(self, seen: Seen, prospect: str) -> None:
        if seen.etag or prospect:  # without an ETag it is read each time, and still is no news
            self.reader.tx.save_foreign(self._rep, self._target, {seen.href: seen.etag or ""}, prospect)

    def _is_copy_of(self, row: Written, seen: Seen, item: Item) -> bool:
        """Whether the answered entry stands there, and this one under a name of the rep's own: else it may be that entry, moved."""
        answered = row.state in (State.ANSWERED, State.RECORDED) and row.href != seen.href
        return answered and not is_uid(item.uid) and self.answers.get(row.href) is not None

    def _stands(self, row: Written) -> bool:
        return not row.gone_at and self.answers.get(row.href, row) is not None

    # --- a record

    def _is_recalled(self, prospect: Prospect, seen: Seen, item: Item, known: Written | None) -> bool:
        """Read what it tells of, and manage it as the record that it is. A second one of an action that the store knows is the rep's."""
        if not (tells_what_happened(item) or (item.result == REPLACED and item.action)):
            return False
        if known and known.state is State.OPEN and known.agreed and not self._stands(known):
            self.reader.moved_house(known, seen)
            return self._taken(seen)
        if known:
            return False
        told = self._recall.touch(prospect, item) if item.result != REPLACED else self._recall.note(prospect, item)
        self.reader.recalled(prospect.id, seen, item, _generation(item), told)
        return self._taken(seen)

    # --- a copy

    def _is_told_by_copy(self, known: Written, seen: Seen, item: Item) -> bool:
        """A copy of an entry that stands and waits: an answer in it counts as if it stood in the entry. Where that is ours to delete, the
        copy is the record from then on and the entry goes; else the copy stays the rep's."""
        if known.agreed and is_uid(item.uid) and same(item, known.agreed):
            self.going.append(seen)
            return True
        original = self.answers.get(known.href)
        ours = original if original and original.item and is_uid(original.item.uid) and not original.item.theirs else None
        if not self.reader.told_by_copy(known, seen, instead=ours is not None):
            self.copies.append((seen.href, known.action))
            return False
        if ours:
            self.going.append(ours)
            return self._taken(seen)
        self.rows.update((row.action, row) for row in self.reader.saved)
        return False

    def _repeats(self, record: Written, item: Item) -> bool:
        """Whether the entry itself still stands, though its copy is the record, and nothing is written there that nobody has read."""
        return bool(record.agreed and not is_uid(record.agreed.uid)) and self.reader.has_read(record.prospect, item)

    # --- an entry that waits

    def _place(self, prospect: Prospect, seen: Seen, item: Item, known: Written | None) -> bool:
        """Make it ours again. 1. The entry of its action moved house. 2. It was deleted and put back, while the rep is
        asked about it. 3. The next action of its prospect stands nowhere here: the store forgot it, and it becomes that action's entry, in
        place. 4. It is one that we wrote and that nobody wants any more: it gets a row, and the plan removes it. Everything else is not
        ours, and False the answer; so is what alone tells of an agreement that nobody answered, while something else stands."""
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
        if not (action and action.id == item.action) and self._tells_an_agreement(prospect, item, found.standing):
            return False
        row = self.rows.get(action.id) if action else None
        if action and item.action not in found.standing.answered and not (row and row.state is State.OPEN and (row.agreed or row.intended)):
            generation = row.generation if row else _generation(item)
            reader.adopt(Written(self._target, action.id, prospect.id, seen.href, generation=generation), seen)
            return True
        if known is None and _generation_of(item) is not None:
            reader.adopt(Written(self._target, item.action, prospect.id, seen.href), seen)  # read first: what the rep wrote there is kept
            return True
        return False

    def _stance_with(self, prospect: Prospect, item: Item) -> Stance:
        """Where the prospect stands, with what the entry still tells of though the store has lost it: it knows of no agreement, or of
        one whose own entry this one has replaced since (an older copy of the store was put back). Where nobody can tell which of two was
        agreed last, the store's stands, and the rep is asked about the other."""
        reader = self.reader
        found = stance(prospect, reader.tx.history(prospect.id), reader.rules, reader.rep, reader.now)
        standing = found.standing
        if item.action in standing.answered or item.kind in (None, Kind.DECIDE) or item.action in {one.id for one in found.actions}:
            return found
        told = self._recall.agreement(item)
        if standing.outcome:
            before = (Reopened(reader.now, reader.via, item.title), told)
            return self._told(prospect, *before) if self._is_proven(prospect, item, *before) else found
        if standing.promise is None and standing.waiting is None:
            if item.kind is Kind.PROMISE or prospect.id in self._recall.back or self._is_proven(prospect, item, told):
                return self._told(prospect, told)
        elif item.kind is not Kind.PROMISE or isinstance(told, Waiting):
            pass
        elif self._is_replaced(found, item):
            return self._told(prospect, told)
        elif standing.promise and _is_same(told, standing.promise):
            pass
        elif is_uid(item.uid) and self._is_news(found, item):
            asked = f"{told.purpose or told.method or 'follow-up'} on {item.start.astimezone(reader.rep.workdays.zone):%a %Y-%m-%d %H:%M}"
            if not any(isinstance(one, Unclear) and one.text == asked for one in reader.tx.history(prospect.id)):
                return self._told(prospect, Unclear(reader.now, reader.via, asked, found.actions[0].id))
        return found

    def _tells_an_agreement(self, prospect: Prospect, item: Item, where: Standing) -> bool:
        """Whether it is the only one that still tells of an agreement: then it stays, and is looked at again once nothing else of its
        prospect stands there."""
        told = self._recall.agreement(item) if item.kind is Kind.PROMISE and not where.outcome else None
        if not isinstance(told, Promised) or item.action in where.answered:
            return False
        known = (one for one in self.reader.tx.history(prospect.id) if isinstance(one, Promised))
        return not any(_is_same(told, one) for one in known)

    def _told(self, prospect: Prospect, *facts: Promised | Waiting | Reopened | Unclear) -> Stance:
        reader = self.reader
        reader.tx.append(prospect.id, *facts)
        return stance(prospect, reader.tx.history(prospect.id), reader.rules, reader.rep, reader.now)

    def _is_proven(self, prospect: Prospect, item: Item, *facts: Promised | Waiting | Reopened) -> bool:
        """Whether the entry stands for just that: its id follows from what was agreed, and from what was settled before."""
        reader = self.reader
        then = stance(prospect, (*reader.tx.history(prospect.id), *facts), reader.rules, reader.rep, reader.now)
        return item.action in {one.id for one in then.actions}

    def _is_news(self, found: Stance, item: Item) -> bool:
        """Whether the store has never heard of what the entry stands for."""
        return item.action not in self.rows and item.action not in {one.id for one in found.actions}

    def _is_replaced(self, found: Stance, item: Item) -> bool:
        row = self.rows.get(found.actions[0].id) if found.actions else None
        stood = row is not None and row.agreed is not None and not self._stands(row)
        return stood and is_uid(item.uid) and self._is_news(found, item)


def _is_same(told: Promised, promise: Promised) -> bool:
    """Whether an entry tells of just that agreement; where it stands on another day, it knows no hour."""
    words = zip((told.method, told.purpose), (promise.method, promise.purpose), strict=True)
    at_one_hour = told.start is None or promise.start is None or told.start == promise.start
    return told.day == promise.day and at_one_hour and all(one == other or not (one and other) for one, other in words)


def _generation(item: Item) -> int:
    return _generation_of(item) or 0


def _generation_of(item: Item) -> int | None:
    """Which entry of its action it is; None where its name is not one that we gave to that."""
    return next((number for number in range(_GENERATIONS) if item.uid == uid(item.action, number)), None)
