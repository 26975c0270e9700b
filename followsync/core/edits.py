"""What did the rep do? What we wrote beside what the calendar shows -> facts, and the new common base.

A field is the rep's edit only if it differs from everything we ever sent: from what the calendar confirmed *and* from what we intended
when the answer was lost. Otherwise our own write, read back, would look like a move by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import assert_never
from unicodedata import normalize

from followsync.core.cadence import Form
from followsync.core.history import Dismissed, Entry, History, Moved, Noted, Promised, Result, Touched, Unclear, Waiting
from followsync.core.item import Item, Seen, State, Written, removed, replaced_by, slot_of
from followsync.core.marks import Answer, Mark, Next, Wait, mark_of_line, mark_of_title
from followsync.core.plan import Action
from followsync.core.wording import recorded

RULER = "––––– FollowSync: write above this line –––––"
_UNREADABLE = timedelta(hours=1)  # after which an entry that could not be read is asked for again: its text may have been cut
_SIGNS = {Result.YES: "✓", Result.DONE: "✓", Result.NO: "✗", Result.ATTEMPT: "↻", Result.NEXT: "→"}

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
    answered already (at the terminal, on another calendar), so the same answer is not counted twice. ``since``: when its prospect was
    captured; one of the same name may have been removed before."""

    now: datetime
    via: str
    action: Action | None
    answered: bool
    understand: Understand
    understand_day: UnderstandDay
    since: datetime | None = None


def read_edit(written: Written, seen: Seen, reader: Reader) -> Reading:
    """One entry as the calendar shows it now. An answered entry is the rep's record: only what is written into it later is news.

    1. What cannot be read changes nothing. 2. An answer that is understood settles the action. 3. Else new text is a note, and another
    start a move.
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
    if written.state is not State.OPEN or not bases:
        # A tick taken back does not undo what was understood from it; the record is ticked again, so that nothing seems open twice.
        unticked = written.state is State.RECORDED and any(base.done for base in bases) and not item.done
        text = _new_text(item, written, bases) if bases else ""
        told = (Noted(reader.now, reader.via, text, written.action),) if text else ()
        return Reading(told, replace(after, state=State.ANSWERED) if unticked else after)
    after = replace(after, ours=_ours_that_arrived(written, item))
    text = _new_text(item, written, bases)
    mark = _mark(item, written, bases, text)
    if mark is not None and (reading := _answered(mark, text, after, bases, reader)):
        return reading
    entries: list[Entry] = []
    if mark is not None and not isinstance(mark, Answer):
        said = f"waiting {mark.text}" if isinstance(mark, Wait) else mark.text
        entries.append(Unclear(reader.now, reader.via, said, written.action))
        text = "\n".join(_beside(mark, text))
    if text:
        entries.append(Noted(reader.now, reader.via, text, written.action))
    if _is_newer(item, bases):
        after = replace(after, ours=replace(item, body=our_block(item.body, item.block)))
    elif all(item.start.astimezone(UTC) != base.start.astimezone(UTC) for base in bases):
        entries.append(Moved(reader.now, reader.via, written.action, item.start, item.end))
        after = _follows(after, item)
    return Reading(tuple(entries), after)


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
    )


def record_of(item: Item, title: str, result: Result) -> Item:
    """How an answered entry stands from now on: marked, free, without alarm. A ticked task is marked by its tick."""
    return replace(item, title=title if item.done else recorded(title, _SIGNS[result]), busy=False, alarms=(), result=result.value)


def shown(sent: Item, seen: Item, rewrites: frozenset[str]) -> Item:
    """What was sent, as a server shows it that is known to rewrite: its own doing must not look like the rep's. ``rewrites``: names of
    fields that come back changed, and ``FIELD+LINE`` for a line that it adds to a text."""
    changed = {name: getattr(seen, name) for name in rewrites if "+" not in name and hasattr(sent, name)}
    for field, _, line in (name.partition("+") for name in sorted(rewrites) if "+" in name):
        if field not in changed and _counted(getattr(seen, field))[_bare(line)]:
            changed[field] = f"{getattr(sent, field)}\n{line}"
    return replace(sent, **changed) if changed else sent


def rep_text(body: str, ours: str) -> str:
    """What of a body is the rep's: the lines that are neither ours nor the ruler, in their order."""
    return _beyond(body, _counted(ours))


def _beyond(body: str, known: Counter[str]) -> str:
    remaining = Counter(known)
    theirs = []
    for line in body.splitlines():
        if remaining[_bare(line)] > 0:
            remaining[_bare(line)] -= 1
        elif _bare(line) != _bare(RULER):
            theirs.append(line.rstrip())
    return "\n".join(theirs).strip("\n")


def with_rep_text(text: str, ours: str) -> str:
    """The rep's text above the ruler, ours below; without text there is no ruler, so that the first line stays the phone."""
    return f"{text}\n{RULER}\n{ours}" if text.strip() else ours


def block_of(body: str) -> str:
    """How our lines are found again in a body to which others have added: their number and their digest."""
    lines = _lines(body)
    return f"{len(lines)} {sha256(chr(10).join(lines).encode()).hexdigest()[:16]}" if lines else ""


def our_block(body: str, block: str) -> str:
    """Our lines of ``body``; all of it where they are not found as they were written."""
    number = int(words[0]) if (words := block.split()) and words[0].isdecimal() and len(words[0]) < 5 else 0
    rows = [row for row in body.splitlines() if row.strip()]
    for first in range(len(rows) - number + 1) if number else ():
        found = "\n".join(rows[first : first + number])
        if block_of(found) == block:
            return found
    return body


def _lines(body: str) -> list[str]:
    return [line for row in body.splitlines() if (line := _bare(row))]


def _counted(text: str) -> Counter[str]:
    return Counter(_bare(line) for line in text.splitlines())


def _bare(line: str) -> str:
    return " ".join(normalize("NFC", line).split())


def _new_text(item: Item, written: Written, bases: tuple[Item, ...]) -> str:
    """The lines of the body that none of our versions and none of the rep's earlier text explains."""
    versions = (*bases, *([written.ours] if written.ours else []))
    if block_of(block := our_block(item.body, item.block)) == item.block:
        versions = (*versions, replace(item, body=block))
    return _beyond(item.body, reduce(or_, (_counted(version.body) for version in versions)))  # each line as often as any one has it


def _is_newer(item: Item, bases: tuple[Item, ...]) -> bool:
    """Whether it stands where we wrote it, in a version that this store knows nothing of: an older copy of it was put back."""
    return item.slot == slot_of(item.start) and all(item.slot != base.slot for base in bases)


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
    new = _counted(sent.body) - _counted(before.body)
    body = sent.body.rpartition(f"{RULER}\n")[2] if any(_counted(seen.body)[line] for line in new) else ours.body
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


def _mark(item: Item, written: Written, bases: tuple[Item, ...], notes: str) -> Mark | None:
    if item.result and not any(base.result for base in bases):
        # Our own record, read with a store that is older than the answer: it says exactly what the answer was, its sign does not.
        return Answer(Result(item.result)) if item.result in set(Result) else None
    if item.done and not any(base.done for base in bases):
        return Answer(Result.DONE)
    titles = (*(base.title for base in bases), *([written.ours.title] if written.ours else []))
    if item.title not in titles and (mark := mark_of_title(item.title, titles)):
        return mark
    first = next((line for line in notes.splitlines() if line.strip()), "")
    return mark_of_line(first) if first else None


def _answered(mark: Mark, text: str, after: Written, bases: tuple[Item, ...], reader: Reader) -> Reading | None:
    """None where it names no day that could be understood."""
    item = after.agreed
    assert item is not None
    agreement: Promised | Waiting | None = None
    said, result = "", Result.DONE
    match mark:
        case Answer(result=result):
            pass
        case Next(text=said):
            agreement, result = reader.understand(said), Result.NEXT
        case Wait(text=said):
            agreement = reader.understand_day(said)
        case _:
            assert_never(mark)
    if not isinstance(mark, Answer) and agreement is None:
        return None
    # Where the answer was typed into the title, the record carries our own title again.
    title = item.title if any(item.title == base.title for base in bases) else bases[0].title
    done = replace(after, state=State.ANSWERED, ours=record_of(item, title, result))
    note = _note(mark, text, said)
    if reader.answered and result not in (Result.YES, Result.NO):
        # Only what was done is counted once; an agreement or a definite answer is news wherever it comes from.
        told: Iterable[Entry] = (Noted(reader.now, reader.via, note, after.action),) if note else ()
        return Reading((*told, *([agreement] if agreement else [])), done)
    return Reading((_touch(result, note, after.action, item, reader), *([agreement] if agreement else [])), done)


def _note(mark: Mark, text: str, said: str) -> str:
    """What the rep wrote besides the mark; the words after ``>`` are kept too, they say what was agreed."""
    return "\n".join([said, *_beside(mark, text)]).strip()


def _beside(mark: Mark, text: str) -> list[str]:
    """The lines of the rep's text without the one that is the mark."""
    lines = text.splitlines()
    return lines[1:] if lines and mark_of_line(lines[0]) == mark else lines


def _touch(result: Result, note: str, action: str, item: Item, reader: Reader) -> Touched:
    if reader.action:
        return touched(reader.action, result, reader.now, reader.via, start=item.start, note=note)
    # The plan changed in the same moment (an edited cadence, a new agreement): the entry still says what it was.
    return Touched(
        reader.now, reader.via, result, action=action, kind=item.kind, purpose=item.title, due=item.due, start=item.start, note=note
    )


def _follows(written: Written, item: Item) -> Written:
    """After a move by hand our own idea of the slot is the rep's."""
    return replace(written, ours=replace(written.ours, start=item.start, end=item.end) if written.ours else None)
