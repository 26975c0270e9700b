"""What did the rep do? What we wrote beside what the calendar shows -> facts, and the new common base."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from followsync.core.answers import Reader, Reading, answered, answers_in, closes, said_too_late, touch_of_answer, words
from followsync.core.bases import by_due, is_moved_ahead, is_newer, new_text, ours_that_arrived, with_newer_text
from followsync.core.history import Dismissed, Entry, History, Kind, Moved, Noted, Promised, Restored, Result, Touched, Waiting
from followsync.core.item import REPLACED, Item, Seen, State, Written, is_over, removed, replaced_by, slot_of
from followsync.core.marking import marked_again, replaced_anew
from followsync.core.marks import Answer, Doubt, Mark
from followsync.core.ruler import our_block
from followsync.core.saying import Said
from followsync.core.wording import is_record, unmarked

_UNREADABLE = timedelta(hours=1)  # after which an entry that could not be read is asked for again: its text may have been cut


def read_edit(written: Written, seen: Seen, reader: Reader) -> Reading:
    """One entry as the calendar shows it now.

    1. What cannot be read changes nothing. 2. An answer that is understood settles the action; it was moved before that, as if a cycle
    had come between, unless it is over with the answer. 3. Else new text is a note, and another start a move. An answered entry is the
    rep's record (see ``_read_record``).
    """
    if seen.item is None:
        return Reading((), replace(written, unread=True, trouble=seen.trouble, retry_at=reader.now + _UNREADABLE))
    bases = tuple(base for base in (written.agreed, written.intended) if base is not None)
    item = by_due(seen.item, bases)
    after = replace(
        written,
        etag=seen.etag,
        earlier=replaced_by(seen.etag, written, seen.listed),
        raw=seen.raw,
        agreed=item,
        intended=None,
        removing=False,
        gone_at=None,
        trouble="",
        refused="",
        retry_at=None,
        unread=False,
    )
    if not bases or written.state is State.GONE:
        return Reading((), after)
    text = new_text(item, written, bases)
    found = answers_in(item, written, bases, text)
    moves = _moves_before(found, written, item, bases, reader)
    reader = _after_a_move(reader, moves, bases[0].start.tzinfo)
    if len(found) > 1:
        return _after(moves, _read_both(written, after, found, bases, reader))
    one = found[0] if found else None
    if written.state is not State.OPEN:
        return _read_record(written, after, one, text, bases, reader)
    after = replace(after, ours=with_newer_text(ours_that_arrived(written, item), item, bases))
    if one is not None and (reading := answered(one, after, bases, reader)):
        return _after(moves, reading)
    entries = words(one, text, written.action, reader)
    if is_newer(item, bases):
        after = replace(after, ours=replace(item, body=our_block(item.body, item.block)))
    elif is_moved_ahead(item, bases, reader.now):
        entries += _moves(item, written.action, bases, reader)
        after = _follows(after, item)
    return Reading(tuple(entries), after)


def _moves_before(found: tuple[Said, ...], written: Written, item: Item, bases: tuple[Item, ...], reader: Reader) -> tuple[Moved, ...]:
    """The move of an entry that was answered in the same cycle, where something is still to be done: what was tried is tried again, or
    stands for its day, and that is where the rep put it. What is done, or closed, agrees upon nothing by where it stands; neither does a
    question."""
    if not found or written.state is not State.OPEN or reader.action is None or reader.action.kind is Kind.DECIDE or reader.answered:
        return ()
    mark = found[0].mark
    still_to_do = not isinstance(mark, Doubt) and mark.result in (Result.ATTEMPT, Result.NEXT)
    if not still_to_do or is_newer(item, bases) or not is_moved_ahead(item, bases, reader.now):
        return ()
    return (Moved(reader.now, reader.via, written.action, item.start, item.end),)


def _after_a_move(reader: Reader, moves: tuple[Moved, ...], zone: tzinfo | None) -> Reader:
    """What was promised, and put on a later day by hand, is promised for that."""
    action = reader.action
    if not moves or action is None or action.kind is not Kind.PROMISE:
        return reader
    ahead = reader.now.astimezone(zone).date() < max(action.due, moves[0].start.astimezone(zone).date())
    return replace(reader, action=replace(action, ahead=ahead))


def _after(moves: tuple[Moved, ...], reading: Reading) -> Reading:
    """``reading``, and the moves before it, where it has an answer."""
    answered = any(isinstance(one, Touched) for one in reading.entries)
    return replace(reading, entries=(*moves, *reading.entries)) if answered else reading


def _read_both(written: Written, after: Written, found: tuple[Said, ...], bases: tuple[Item, ...], reader: Reader) -> Reading:
    """What was done, and then what was agreed, as if it had been read a cycle later; the mark is that of what was done."""
    first, second = found
    if written.state is not State.OPEN:
        one = _read_record(written, after, first, first.text, bases, reader)
    else:
        one = answered(first, after, bases, reader) or Reading((), after)
    touch = next((entry for entry in one.entries if isinstance(entry, Touched)), None)
    then = replace(reader, answered=True, before=touch or reader.before, last=reader.last or touch is not None)
    if written.state is not State.OPEN:
        two = _read_record(one.written, one.written, second, second.text, bases, then)
    else:
        agreed = answered(second, one.written, bases, then)
        two = agreed or Reading(tuple(words(second, "", written.action, then)), one.written)
    return Reading((*one.entries, *two.entries), one.written if touch else two.written)


def _read_record(written: Written, after: Written, one: Said | None, text: str, bases: tuple[Item, ...], reader: Reader) -> Reading:
    """What the rep adds to an entry that was answered already: a note, an agreement that came of it, another answer. That one is taken
    in place of the first. What makes it a record does not go with a tick taken back, a phone that writes its older text over it, or a
    server's disk put back to an older state: it is marked again, so that nothing seems open twice."""
    mark = one.mark if one else None
    if written.state is State.RECORDED and _lost_its_marks(after, bases):
        after = replace(after, state=State.ANSWERED, ours=_marked_again(after, typed=mark is not None))
    first = reader.before is None and written.ours is not None and written.ours.result == REPLACED  # nobody has answered it
    if one is None or mark is None or not (first or _changes_the_answer(mark, reader)):
        if (
            one is not None
            and isinstance(mark, Answer)
            and reader.before
            and mark.result is not reader.before.result
            and closes(mark)
            and closes(reader.before)
        ):
            late = touch_of_answer(mark.result, one.note, written.action, bases[0], reader)
            return Reading((Noted(reader.now, reader.via, said_too_late(late, reader.before.result), written.action),), after)
        again = isinstance(mark, Answer) and reader.before is not None and mark.result is reader.before.result
        return Reading(tuple(words(None, one.beside if one and again else text, written.action, reader)), after)
    if reading := answered(one, after, bases, replace(reader, answered=not isinstance(mark, Answer))):
        return replace(reading, written=replaced_anew(reading.written)) if first and not isinstance(mark, Answer) else reading
    return Reading(tuple(words(one, text, written.action, reader)), after)


def _lost_its_marks(row: Written, bases: tuple[Item, ...]) -> bool:
    """Whether it looks open again. A title of the rep's own on a record that still says what it is, is theirs."""
    item = row.agreed
    if item is None or row.ours is None or not row.ours.result or item.done:
        return False
    looks_open = not is_record(item) and (not item.result or item.title == unmarked(row.ours.title))
    return any(base.done for base in bases) or looks_open


def _marked_again(row: Written, *, typed: bool) -> Item | None:
    """The record as it was marked, with another title of the rep's own. ``typed``: another answer stands where the mark was."""
    if row.ours is None or row.agreed is None or typed:
        return row.ours
    return marked_again(row.ours, row.agreed)


def _changes_the_answer(mark: Mark, reader: Reader) -> bool:
    """A closed prospect stays closed. Whether they were reached can be put right until the next follow-up happened; a question that was
    ticked is asked again in any case."""
    before = reader.before
    if before is None or before.result in (Result.YES, Result.NO):
        return False
    if not isinstance(mark, Answer) or mark.result in (Result.YES, Result.NO):
        return True
    return mark.result is not before.result and reader.last and before.kind is not Kind.DECIDE


def _moves(item: Item, action: str, bases: tuple[Item, ...], reader: Reader) -> list[Entry]:
    """The action is at that time. Of "drop, or when?" another day is the answer: what was deleted stands again, then."""
    zone = bases[0].start.tzinfo
    if reader.dropped is None or any(item.start.astimezone(zone).date() == base.start.astimezone(zone).date() for base in bases):
        return [Moved(reader.now, reader.via, action, item.start, item.end)]
    asked = reader.dropped
    end = item.end if item.all_day else item.start + timedelta(minutes=asked.minutes)
    return [Restored(reader.now, reader.via, asked.id), Moved(reader.now, reader.via, asked.id, item.start, end)]


def read_deletion(written: Written, reader: Reader) -> Reading:
    """The calendar says the entry is gone. Our own deletion and a record thrown away mean nothing; neither does the entry of an action
    that is no longer to be done, nor what happened to another prospect, who had this one's name and was removed. Else it asks."""
    after = removed(written)
    if written.removing or written.state is not State.OPEN or written.agreed is None or reader.answered:
        return Reading((), after)
    action = reader.action
    if action is None or (written.gone_at and reader.since and written.gone_at < reader.since):
        return Reading((), after)
    fact = Dismissed(
        reader.now,
        reader.via,
        written.action,
        action.kind,
        written.agreed.title,
        action.steps,
    )
    return Reading((fact,), after)


def news(entries: Iterable[Entry], history: History, action: str) -> tuple[Entry, ...]:
    """What of ``entries``, read from an entry of ``action`` that came back, history does not hold already: a line of a note, an agreement,
    a day of a check."""
    told = [one for one in history if isinstance(one, Noted | Touched) and one.action == action]
    lines = {line for one in told for line in (one.note if isinstance(one, Touched) else one.text).splitlines()}
    said = {_agreement(one) for one in history} if any(isinstance(one, Touched) for one in told) else set()
    found: list[Entry] = []
    for one in entries:
        if isinstance(one, Noted):
            text = _without(one.text, lines)
            found += [replace(one, text=text)] if text.strip() else []
        elif isinstance(one, Touched) and one.note:
            found.append(replace(one, note=_without(one.note, lines)))
        elif not isinstance(one, Promised | Waiting) or _agreement(one) not in said:
            found.append(one)
    return tuple(found)


def _without(text: str, lines: Container[str]) -> str:
    return "\n".join(line for line in text.splitlines() if line not in lines)


def moved_before(item: Item, history: History, now: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Start and end that the rep gave an entry, as it says itself and history does not; None where it stands where we wrote it, or does
    not say where that was, or where its day is over. ``zone``: the rep's."""
    last = next((one for one in reversed(history) if isinstance(one, Moved) and one.action == item.action), None)
    if (
        not item.slot
        or is_over(item.start, now, zone)
        or item.slot == slot_of(item.start)
        or (last and slot_of(last.start) == slot_of(item.start))
    ):
        return None
    return item.start, item.end


def _agreement(entry: Entry) -> tuple[object, ...]:
    match entry:
        case Promised():
            return (entry.day, entry.start and entry.start.astimezone(UTC), entry.window)  # the rest may come from the action
        case Waiting():
            return (entry.until,)
        case _:
            return ()


def _follows(written: Written, item: Item) -> Written:
    """After a move by hand our own idea of the slot is the rep's."""
    return replace(written, ours=replace(written.ours, start=item.start, end=item.end) if written.ours else None)
