"""What the rep answered in an entry -> the facts of it, and the record that the entry is from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from followsync.core.at_once import more_exact, says_more
from followsync.core.history import Entry, Kind, Noted, Promised, Result, Touched, Unclear, Waiting
from followsync.core.item import Item, State, Written
from followsync.core.marked import mark_of_line, mark_of_title
from followsync.core.marking import record_of
from followsync.core.marks import Answer, Doubt, Mark, Next, Wait
from followsync.core.plan import Action
from followsync.core.ruler import behind, our_block
from followsync.core.saying import Said, said
from followsync.core.wording import asks_who, is_record, unmarked

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


def answers_in(item: Item, written: Written, bases: tuple[Item, ...], notes: str) -> tuple[Said, ...]:
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


def answered(one: Said, after: Written, bases: tuple[Item, ...], reader: Reader) -> Reading | None:
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
        again = touch_of_answer(result, note, after.action, replace(item, title=title), reader)
        told = _told_too(replace(again, start=item.start), mark, reader.before)
        return Reading((*([told] if told else []), *([agreement] if agreement else [])), done)
    touch = _with_words(touch_of_answer(result, note, after.action, replace(item, title=title), reader), mark)
    return Reading((touch, *([agreement] if agreement else [])), done)


def _with_words(touch: Touched, mark: Mark) -> Touched:
    said = isinstance(mark, Answer) and touch.result is Result.ATTEMPT and mark.said
    return replace(touch, recap={**touch.recap, "attempt": said}) if said else touch


def _told_too(touch: Touched, mark: Mark, before: Touched | None) -> Entry | None:
    """What is kept of an answer to what was answered already, elsewhere: that it was tried too, or what was written."""
    if touch.result is Result.ATTEMPT and (before is None or before.result is not Result.ATTEMPT):
        return _with_words(replace(touch, action="", recap={}, beside=True), mark)
    text = said_too_late(touch, before.result) if before and closes(before) else touch.note
    return Noted(touch.at, touch.via, text, touch.action) if text else None


def _that_holds(result: Result, agreement: Promised | Waiting | None, reader: Reader) -> Result:
    """What the record says: what was answered elsewhere first, unless this is news. A closed prospect stays closed."""
    before = reader.before.result if reader.answered and reader.before else result
    if reader.before and (holds := more_exact(result, reader.before, reader.now, reader.via)):
        return holds
    news = before not in (Result.YES, Result.NO) and (agreement or result in (Result.YES, Result.NO))
    return result if news else before


def touch_of_answer(result: Result, note: str, action: str, item: Item, reader: Reader) -> Touched:
    if before := reader.before:
        recap = {name: value for name, value in before.recap.items() if name != "attempt"}  # that was the other answer's
        return replace(before, at=reader.now, via=reader.via, result=result, note=note, recap=recap)
    if reader.action:
        return touched(reader.action, result, reader.now, reader.via, start=item.start, note=note)
    # The plan changed in the same moment (an edited cadence, a new agreement): the entry still says what it was.
    return Touched(
        reader.now, reader.via, result, action=action, kind=item.kind, purpose=item.title, due=item.due, start=item.start, note=note
    )


def said_too_late(touch: Touched, closed: Result) -> str:
    """What is kept of an answer that came when the prospect was closed with another one, or with the same. With a yes it was done too."""
    other = f'Answered "{touch.result}" when it was closed with "{closed}" already.'
    against = touch.result is not closed and (closes(touch) or (touch.result is Result.DONE and closed is Result.NO))
    return "\n".join(filter(None, [other if against else "", touch.note]))


def closes(answer: Answer | Touched) -> bool:
    return answer.result in (Result.YES, Result.NO)


def words(one: Said | None, text: str, action: str, reader: Reader) -> list[Entry]:
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
