"""How an entry stands that is no longer to be done: as the rep's record, with the sign of what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from followsync.core.cadence import Form
from followsync.core.history import Entry, Kind, Noted, Result, Touched
from followsync.core.item import REPLACED, Item, State, Written
from followsync.core.marked import mark_of_line
from followsync.core.ruler import our_block, rep_text
from followsync.core.wording import done_after_all, recorded, unmarked

_SIGNS = {Result.YES: "✓", Result.DONE: "✓", Result.NO: "✗", Result.ATTEMPT: "↻", Result.NEXT: "→"}


def record_of(item: Item, title: str, result: Result) -> Item:
    """How an answered entry stands from now on: marked, free, without alarm. A task is ticked too, whatever was answered, or phones would
    show it as open for ever; where the rep's own tick is the answer, it is the mark."""
    ticked = item.done and result is Result.DONE and title == unmarked(title)
    title = done_after_all(title) if ticked else recorded(unmarked(title), _SIGNS[result])
    return replace(item, title=title, busy=False, alarms=(), result=result.value, done=item.done or item.form is Form.TASK)


def answered_elsewhere(row: Written, result: Result) -> Written:
    """The row of an entry whose action was answered, and not in the entry: it is the record of that from now on."""
    agreed = _with_its_action(row)
    return replace(row, agreed=agreed, state=State.ANSWERED, ours=record_of(replace(agreed, result=""), agreed.title, result))


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


def replaced(row: Written, closed: Result | None) -> Written:
    """The row of an entry that nobody answered, and whose action is no longer to be done: something else was agreed, or the prospect was
    ``closed``. It is the rep's record of what was agreed, with the sign of that; what is ours in it stays known, should it be wanted once
    more."""
    agreed = _with_its_action(row)
    record = record_of(replace(agreed, result=""), agreed.title, closed or Result.NEXT)
    ours = replace(row.ours or agreed, title=record.title, busy=False, alarms=(), done=record.done, result=REPLACED)
    return replace(row, agreed=agreed, state=State.ANSWERED, ours=ours)


def replaced_anew(row: Written) -> Written:
    """The row of such a record, where something was agreed that the rep wrote into it: that goes on elsewhere, too."""
    assert row.ours is not None
    return replace(row, ours=replace(row.ours, title=recorded(unmarked(row.ours.title), _SIGNS[Result.NEXT]), result=REPLACED))


def marked_again(record: Item, seen: Item) -> Item:
    """The ``record`` as it was marked, with the title that was ``seen``."""
    again = replace(seen, done=record.done, result="")
    if record.result != REPLACED:
        return record_of(again, seen.title, Result(record.result))
    sign = next((result for result, sign in _SIGNS.items() if record.title.startswith(sign)), Result.NEXT)
    return replace(record_of(again, seen.title, sign), body=record.body, result=REPLACED)


def is_replaced(row: Written | None) -> bool:
    """Whether it stands as the record of something that nobody answered."""
    items = (row.agreed, row.ours) if row and row.agreed and row.state is not State.GONE else ()
    return any(item is not None and item.result == REPLACED for item in items)


def _with_its_action(row: Written) -> Item:
    """What stands there, saying again what it stands for, where that was taken off it: who reads it with an older store must know."""
    agreed = row.agreed
    assert agreed is not None
    if agreed.action:
        return agreed
    known = row.ours or agreed
    return replace(agreed, action=row.action, prospect=row.prospect, kind=known.kind, due=known.due)
