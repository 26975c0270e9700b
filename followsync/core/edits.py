"""What did the rep do? What we wrote beside what the calendar shows -> facts, and the new common base.

A field is the rep's edit only if it differs from everything we ever sent: from what the calendar confirmed *and* from what we intended
when the answer was lost. Otherwise our own write, read back, would look like a move by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import reduce
from operator import or_
from typing import assert_never

from followsync.core.at_once import more_exact, says_more
from followsync.core.cadence import Form
from followsync.core.history import Dismissed, Entry, History, Kind, Moved, Noted, Promised, Restored, Result, Touched, Unclear, Waiting
from followsync.core.item import REPLACED, Item, Seen, State, Written, is_over, removed, replaced_by, slot_of
from followsync.core.marking import marked_again, record_of, replaced_anew
from followsync.core.marks import Answer, Doubt, Mark, Next, Wait, mark_of_line, mark_of_title
from followsync.core.plan import Action
from followsync.core.ruler import RULER, behind, beyond, block_of, counted, our_block, rep_text, squeezed
from followsync.core.saying import Said, said
from followsync.core.wording import asks_who, is_record, unmarked

_UNREADABLE = timedelta(hours=1)  # after which an entry that could not be read is asked for again: its text may have been cut

Understand = Callable[[str], Promised | None]
"""Reads the text after ``>`` as a new agreement, or says that it cannot."""
UnderstandDay = Callable[[str], Waiting | None]
"""Reads the text after ``waiting`` as the day of a check."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The facts an edit adds, and the row as it is afterwards."""

    entries: tuple[Entry, ...]
    written: Written


@dataclass(frozen=True, slots=True)
class Reader:
    """How edits are read. ``action``: what the entry stands for, None where the plan no longer knows it; ``answered``: that action was
    answered already (at the terminal, on another calendar), so the same answer is not counted twice. ``before``: that answer, and
    ``last``: nothing has happened with the prospect since. ``since``: when its prospect was captured; one of the same name may have
    been removed before. ``dropped``: where the entry asks "drop, or when?", the action it asks about, as it would stand again."""

    now: datetime
    via: str
    action: Action | None
    answered: bool
    understand: Understand
    understand_day: UnderstandDay
    before: Touched | None = None
    last: bool = False
    since: datetime | None = None
    dropped: Action | None = None


def read_edit(written: Written, seen: Seen, reader: Reader) -> Reading:
    """One entry as the calendar shows it now.

    1. What cannot be read changes nothing. 2. An answer that is understood settles the action; it was moved before that, as if a cycle
    had come between, unless it is over with the answer. 3. Else new text is a note, and another start a move. An answered entry is the
    rep's record (see ``_read_record``).
    """
    if seen.item is None:
        return Reading((), replace(written, unread=True, trouble=seen.trouble, retry_at=reader.now + _UNREADABLE))
    bases = tuple(base for base in (written.agreed, written.intended) if base is not None)
    item = _by_due(seen.item, bases)
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
    text = _new_text(item, written, bases)
    found = _said(item, written, bases, text)
    moves = _moves_before(found, written, item, bases, reader)
    reader = _after_a_move(reader, moves, bases[0].start.tzinfo)
    if len(found) > 1:
        return _after(moves, _read_both(written, after, found, bases, reader))
    one = found[0] if found else None
    if written.state is not State.OPEN:
        return _read_record(written, after, one, text, bases, reader)
    after = replace(after, ours=_with_newer_text(_ours_that_arrived(written, item), item, bases))
    if one is not None and (reading := _answered(one, after, bases, reader)):
        return _after(moves, reading)
    entries = _words(one, text, written.action, reader)
    if _is_newer(item, bases):
        after = replace(after, ours=replace(item, body=our_block(item.body, item.block)))
    elif _is_moved_ahead(item, bases, reader):
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
    if not still_to_do or _is_newer(item, bases) or not _is_moved_ahead(item, bases, reader):
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
        one = _answered(first, after, bases, reader) or Reading((), after)
    touch = next((entry for entry in one.entries if isinstance(entry, Touched)), None)
    then = replace(reader, answered=True, before=touch or reader.before, last=reader.last or touch is not None)
    if written.state is not State.OPEN:
        two = _read_record(one.written, one.written, second, second.text, bases, then)
    else:
        agreed = _answered(second, one.written, bases, then)
        two = agreed or Reading(tuple(_words(second, "", written.action, then)), one.written)
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
            and _closes(mark)
            and _closes(reader.before)
        ):
            late = _touch(mark.result, one.note, written.action, bases[0], reader)
            return Reading((Noted(reader.now, reader.via, said_too_late(late, reader.before.result), written.action),), after)
        again = isinstance(mark, Answer) and reader.before is not None and mark.result is reader.before.result
        return Reading(tuple(_words(None, one.beside if one and again else text, written.action, reader)), after)
    if reading := _answered(one, after, bases, replace(reader, answered=not isinstance(mark, Answer))):
        return replace(reading, written=replaced_anew(reading.written)) if first and not isinstance(mark, Answer) else reading
    return Reading(tuple(_words(one, text, written.action, reader)), after)


def said_too_late(touch: Touched, closed: Result) -> str:
    """What is kept of an answer that came when the prospect was closed with another one, or with the same. With a yes it was done too."""
    other = f'Answered "{touch.result}" when it was closed with "{closed}" already.'
    against = touch.result is not closed and (_closes(touch) or (touch.result is Result.DONE and closed is Result.NO))
    return "\n".join(filter(None, [other if against else "", touch.note]))


def _closes(answer: Answer | Touched) -> bool:
    return answer.result in (Result.YES, Result.NO)


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


def _words(one: Said | None, text: str, action: str, reader: Reader) -> list[Entry]:
    """What the rep wrote that answers nothing: a note, and before it an answer that could not be understood."""
    entries: list[Entry] = []
    if one is not None and not isinstance(mark := one.mark, Answer):
        typed = f"waiting {mark.text}" if isinstance(mark, Wait) else f"{mark.lead}{mark.text}" if isinstance(mark, Next) else mark.text
        if isinstance(mark, Next | Wait) and mark.said:
            typed = f"{mark.said}, {typed}"
        entries.append(Unclear(reader.now, reader.via, typed, action))
        text = one.beside
    if text:
        entries.append(Noted(reader.now, reader.via, text, action))
    return entries


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
            text = "\n".join(line for line in one.text.splitlines() if line not in lines)
            found += [replace(one, text=text)] if text.strip() else []
        elif not isinstance(one, Promised | Waiting) or _agreement(one) not in said:
            found.append(one)
    return tuple(found)


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


def touched(action: Action, result: Result, now: datetime, via: str, *, start: datetime | None = None, note: str = "") -> Touched:
    """The fact that an action was answered, with all that says what it was."""
    return Touched(
        at=now,
        via=via,
        result=result,
        action=action.id,
        kind=action.kind,
        method=action.method,
        purpose=action.purpose,
        agenda=action.agenda,
        questions=action.questions,
        steps=action.steps,
        due=action.due,
        start=start,
        note=note,
        version=action.version,
        early=action.ahead,
    )


def answered_no_more(row: Written, taken_back: Iterable[Entry], holds: Result | None) -> Written:
    """The row of an answered entry whose answer was taken back: it waits for the rep again, in place, and what was typed into it as that
    answer is ours to write over; the rep's other text stays. ``holds``: another answer of its action still does, so it says that one."""
    item = row.agreed
    if item is None or holds is not None:
        # What is not marked yet still has the answer before its title.
        title = row.ours.title if row.ours and row.state is State.ANSWERED else item.title if item else ""
        record = record_of(replace(item, result=""), title, holds) if item and holds else row.ours
        return replace(row, state=State.ANSWERED, ours=record)
    notes = [one.note if isinstance(one, Touched) else one.text for one in taken_back if isinstance(one, Touched | Noted)]
    said = {line for note in notes for line in note.splitlines()}
    block = our_block(item.body, item.block)
    typed = rep_text(item.body, block).splitlines()
    answers = [line for line in typed if line in said or mark_of_line(line, asked=item.kind is Kind.DECIDE)]
    return replace(row, state=State.OPEN, ours=replace(item, body="\n".join((*answers, block))))


def shown(sent: Item, seen: Item, rewrites: frozenset[str]) -> Item:
    """What was sent, as a server shows it that is known to rewrite: its own doing must not look like the rep's. ``rewrites``: names of
    fields that come back changed, and ``FIELD+LINE`` for a line that it adds to a text."""
    changed = {name: getattr(seen, name) for name in rewrites if "+" not in name and hasattr(sent, name)}
    for field, _, line in (name.partition("+") for name in sorted(rewrites) if "+" in name):
        if field not in changed and counted(getattr(seen, field))[squeezed(line)]:
            changed[field] = f"{getattr(sent, field)}\n{line}"
    return replace(sent, **changed) if changed else sent


def _new_text(item: Item, written: Written, bases: tuple[Item, ...]) -> str:
    """The lines of the body that none of our versions and none of the rep's earlier text explains."""
    versions = (*bases, *([written.ours] if written.ours else []))
    if block_of(block := our_block(item.body, item.block)) == item.block:
        versions = (*versions, replace(item, body=block))
    known = reduce(or_, (counted(version.body) for version in versions))  # each line as often as any one has it
    sent = [written.intended.body.rpartition(f"{RULER}\n")[2]] if written.intended else []
    return beyond(item.body, known, [*sent, *([our_block(written.ours.body, item.block)] if written.ours else [])])


def _is_moved(item: Item, bases: tuple[Item, ...]) -> bool:
    """Some calendars know no hours of tasks: what was sent with one stands on its day."""
    dated = item.form is Form.TASK and item.all_day
    days = {base.start.astimezone(item.start.tzinfo).date() for base in bases if not base.all_day} if dated else set()
    return all(item.start.astimezone(UTC) != base.start.astimezone(UTC) for base in bases) and item.start.date() not in days


def _is_moved_ahead(item: Item, bases: tuple[Item, ...], reader: Reader) -> bool:
    """Whether it was moved, and not to a day that is over."""
    return _is_moved(item, bases) and not is_over(item.start, reader.now, bases[0].start.tzinfo)


def _moves(item: Item, action: str, bases: tuple[Item, ...], reader: Reader) -> list[Entry]:
    """The action is at that time. Of "drop, or when?" another day is the answer: what was deleted stands again, then."""
    zone = bases[0].start.tzinfo
    if reader.dropped is None or any(item.start.astimezone(zone).date() == base.start.astimezone(zone).date() for base in bases):
        return [Moved(reader.now, reader.via, action, item.start, item.end)]
    asked = reader.dropped
    end = item.end if item.all_day else item.start + timedelta(minutes=asked.minutes)
    return [Restored(reader.now, reader.via, asked.id), Moved(reader.now, reader.via, asked.id, item.start, end)]


def _is_newer(item: Item, bases: tuple[Item, ...]) -> bool:
    """Whether it stands where we wrote it, in a version that this store knows nothing of: an older copy of it was put back."""
    return item.slot == slot_of(item.start) and all(item.slot != base.slot for base in bases)


def _with_newer_text(ours: Item | None, item: Item, bases: tuple[Item, ...]) -> Item | None:
    """``ours``, with the text of ours that stands there, where this store knows nothing of it (an older copy of it was put back): what we
    wrote never becomes the rep's."""
    block = our_block(item.body, item.block)
    is_newer = item.block and block_of(block) == item.block and all(item.block != base.block for base in bases)
    return replace(ours, body=block) if ours and is_newer else ours


def _by_due(item: Item, bases: tuple[Item, ...]) -> Item:
    """A task is to be done when it is due. Apps that know no start leave it behind when the due time is moved; others move it alone, to
    hide the task until then."""
    for base in bases if item.form is Form.TASK else ():
        started, due = item.start.astimezone(UTC) == base.start.astimezone(UTC), item.end.astimezone(UTC) == base.end.astimezone(UTC)
        if item.all_day != base.all_day or started == due:
            continue
        start = base.start if due else item.end.astimezone(UTC) - (base.end.astimezone(UTC) - base.start.astimezone(UTC))
        return replace(item, start=start.astimezone(item.start.tzinfo))
    return item


def _ours_that_arrived(written: Written, seen: Item) -> Item | None:
    """What our rules wanted, as far as the calendar has it: where the answer to an update was lost, what it changed and what now stands
    there is ours, and no doing of the rep's."""
    ours, before, sent = written.ours, written.agreed, written.intended
    if ours is None or before is None or sent is None:
        return ours
    new = counted(sent.body) - counted(before.body)
    came = new & (counted(seen.body) - counted(before.body))  # our text quotes the rep's notes, which stood there before it
    body = sent.body.rpartition(f"{RULER}\n")[2] if came else ours.body
    if seen.start.astimezone(UTC) == sent.start.astimezone(UTC) != before.start.astimezone(UTC):
        ours = replace(ours, start=sent.start, end=sent.end, due=sent.due, missed=sent.missed)
    return replace(
        ours,
        body=body,
        title=sent.title if seen.title == sent.title != before.title else ours.title,
        location=sent.location if seen.location == sent.location != before.location else ours.location,
        url=sent.url if seen.url == sent.url != before.url else ours.url,
        busy=sent.busy if seen.busy == sent.busy != before.busy else ours.busy,
        alarms=sent.alarms if seen.alarms == sent.alarms != before.alarms else ours.alarms,
    )


def _said(item: Item, written: Written, bases: tuple[Item, ...], notes: str) -> tuple[Said, ...]:
    """What the rep answered, wherever it stands; two where something was done and something agreed."""
    if item.result and not any(base.result for base in bases):
        # Our own record, read with a store that is older than the answer: it says exactly what the answer was, its sign does not.
        if item.result not in set(Result):
            return ()
        mark = Answer(Result(item.result))
        first, _, rest = notes.partition("\n")
        return (Said(mark, notes, rest if first and mark_of_line(first) == mark else notes),)
    titles = (*(base.title for base in bases), *([written.ours.title] if written.ours else []))
    if written.state is State.OPEN or any(base.result == item.result for base in bases):
        titles = (*titles, *(unmarked(one) for one in titles))  # another answer may stand where our sign stood
    who = any(asks_who(base.title) for base in bases)
    asked = bases[0].kind is Kind.DECIDE and written.state is State.OPEN and not who
    typed = unmarked(item.title) if any(is_record(base) and item.title[:2] == base.title[:2] for base in bases) else item.title
    title = mark_of_title(typed, titles, asked=asked) if item.title not in titles else None
    ends = (*(base.body for base in bases), our_block(item.body, item.block))
    second = next((line for end in ends if (line := behind(item.body, notes, end))), 0)
    found = said(item.done and not any(base.done for base in bases), title, notes, asked=asked, second=second)
    # Whoever does not know who is meant closes nobody with it, and agrees upon nothing.
    return tuple(one for one in found if not who or (isinstance(one.mark, Answer) and one.mark.result in (Result.DONE, Result.ATTEMPT)))


def _answered(one: Said, after: Written, bases: tuple[Item, ...], reader: Reader) -> Reading | None:
    """None where it names no day that could be understood."""
    mark = one.mark
    item = after.agreed
    assert item is not None
    agreement: Promised | Waiting | None = None
    match mark:
        case Answer(result=result):
            pass
        case Next(text=text, result=result):
            agreement = reader.understand(text)
        case Wait(text=text, result=result):
            agreement = reader.understand_day(text)
        case Doubt():
            return None
        case _:
            assert_never(mark)
    if not isinstance(mark, Answer) and agreement is None:
        return None
    # Where the answer was typed into the title, the record carries our own title again.
    title = item.title if any(item.title == base.title for base in bases) else bases[0].title
    done = replace(after, state=State.ANSWERED, ours=record_of(item, title, _that_holds(result, agreement, reader)))
    note = one.note
    more = says_more(result, reader.before, reader.now, reader.via)
    if reader.answered and not more and result not in (Result.YES, Result.NO):
        # Only what was done is counted once; an agreement or a definite answer is news wherever it comes from.
        again = _touch(result, note, after.action, replace(item, title=title), reader)
        told = _told_too(replace(again, start=item.start), mark, reader.before)
        return Reading((*([told] if told else []), *([agreement] if agreement else [])), done)
    touch = _with_words(_touch(result, note, after.action, replace(item, title=title), reader), mark)
    return Reading((touch, *([agreement] if agreement else [])), done)


def _with_words(touch: Touched, mark: Mark) -> Touched:
    said = isinstance(mark, Answer) and touch.result is Result.ATTEMPT and mark.said
    return replace(touch, recap={**touch.recap, "attempt": said}) if said else touch


def _told_too(touch: Touched, mark: Mark, before: Touched | None) -> Entry | None:
    """What is kept of an answer to what was answered already, elsewhere: that it was tried too, or what was written."""
    if touch.result is Result.ATTEMPT and (before is None or before.result is not Result.ATTEMPT):
        return _with_words(replace(touch, action="", recap={}, beside=True), mark)
    text = said_too_late(touch, before.result) if before and _closes(before) else touch.note
    return Noted(touch.at, touch.via, text, touch.action) if text else None


def _that_holds(result: Result, agreement: Promised | Waiting | None, reader: Reader) -> Result:
    """What the record says: what was answered elsewhere first, unless this is news. A closed prospect stays closed."""
    before = reader.before.result if reader.answered and reader.before else result
    if reader.before and (holds := more_exact(result, reader.before, reader.now, reader.via)):
        return holds
    news = before not in (Result.YES, Result.NO) and (agreement or result in (Result.YES, Result.NO))
    return result if news else before


def _touch(result: Result, note: str, action: str, item: Item, reader: Reader) -> Touched:
    if before := reader.before:
        recap = {name: value for name, value in before.recap.items() if name != "attempt"}  # that was the other answer's
        return replace(before, at=reader.now, via=reader.via, result=result, note=note, recap=recap)
    if reader.action:
        return touched(reader.action, result, reader.now, reader.via, start=item.start, note=note)
    # The plan changed in the same moment (an edited cadence, a new agreement): the entry still says what it was.
    return Touched(
        reader.now, reader.via, result, action=action, kind=item.kind, purpose=item.title, due=item.due, start=item.start, note=note
    )


def _follows(written: Written, item: Item) -> Written:
    """After a move by hand our own idea of the slot is the rep's."""
    return replace(written, ours=replace(written.ours, start=item.start, end=item.end) if written.ours else None)
