"""An answered entry, read by a store that knows nothing of the answer: what happened, when, and what the rep wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from followsync.core.cadence import Cadence, Count, Rules, cadence_for
from followsync.core.history import Entry, Kind, Noted, Result, StepRef, Touched
from followsync.core.inclusion import absent
from followsync.core.item import Item
from followsync.core.marked import mark_of_line, mark_of_title
from followsync.core.marks import Answer, Doubt
from followsync.core.newsletter import OPT_IN
from followsync.core.plan import DATED, Action
from followsync.core.prospect import Prospect
from followsync.core.ruler import our_block, rep_text
from followsync.core.saying import said
from followsync.core.steps import step_action
from followsync.core.wording import is_record

_TURNS = 120  # of a step that comes again and again: thirty years of every three months
_AGAIN, _SELDOM = 12, 3  # attempts at one step, and at one turn of many


def is_our_record(item: Item) -> bool:
    """Whether we marked it as answered. A tick that the rep typed looks the same, but our records say what the answer was."""
    return bool(item.result) or (is_record(item) and not item.named)


def tells_what_happened(item: Item) -> bool:
    """Whether it is a record that says of which action it is, and what the answer was."""
    return bool(item.action) and is_our_record(item) and item.result in set(Result)


def holds_all(history: Iterable[Entry], item: Item) -> bool:
    """Whether history holds all that the rep wrote into the notes of that entry of ours."""
    told = [one for one in history if isinstance(one, Noted | Touched)]
    known = {line for one in told for line in (one.note if isinstance(one, Touched) else one.text).splitlines()}
    settled = item.action in {one.action for one in told if isinstance(one, Touched)}
    return all(line in known or (settled and mark_of_line(line)) for line in _typed(item).splitlines() if line.strip())


def is_unread(item: Item, history: Sequence[Entry]) -> bool:
    """Whether the rep wrote something into an entry of ours that history does not hold: in its notes, before its title, or a tick."""
    if not holds_all(history, item):
        return True
    if is_our_record(item) or item.action in {one.action for one in history if isinstance(one, Touched)}:
        return False
    return item.done or (item.title != item.named and mark_of_title(item.title, (item.named,)) is not None)


def _typed(item: Item) -> str:
    return rep_text(item.body, our_block(item.body, item.block))


def happened(item: Item, now: datetime) -> datetime:
    """When: nothing tells the hour of the answer, so where it stood does, unless that is still ahead."""
    return min(item.start, now)


def touch_of(item: Item, action: Action | None, ref: StepRef | None, now: datetime, via: str, method: str, purpose: str) -> Touched:
    """The fact that a record of ours tells. ``action``: what it stood for, where the plan of that day still knows it; ``ref``: the step,
    where only that is known. ``method`` and ``purpose``: what its title says."""
    result = Result(item.result)
    note, how = _words(item, result)
    touch = Touched(
        happened(item, now),
        via,
        result,
        action=item.action,
        kind=action.kind if action else item.kind,
        method=action.method if action else method,
        purpose=action.purpose if action else purpose,
        due=item.due,
        start=item.start,
        note=note,
        recap={"attempt": how} if how else {},
    )
    if action:
        return replace(touch, agenda=action.agenda, questions=action.questions, steps=action.steps)
    return replace(touch, steps=(ref,)) if ref and item.kind is not Kind.DECIDE else touch


def steps_by_action(prospect: Prospect, rules: Rules) -> Mapping[str, StepRef]:
    """The id of an action -> the step that it is, of all that the rules may ever have planned for that prospect."""
    cadence = cadence_for(prospect, rules.cadences)
    refs = [(ref, again) for ref in _refs(cadence, prospect) for again in range(_SELDOM if ref.turn else _AGAIN)] if cadence else []
    for name, field in (
        *((f"reason:{one.name}", one.of) for one in rules.reasons.values()),
        *((f"date:{one.of}", one.of) for one in DATED),
    ):
        if day := prospect.day(field):
            refs += [(StepRef(name, day.isoformat()), again) for again in range(_AGAIN)]
    return {step_action(prospect.id, ref, again): ref for ref, again in refs}


def _refs(cadence: Cadence, prospect: Prospect) -> list[StepRef]:
    return [
        StepRef(cadence.name, step.id, turn, who)
        for step in cadence.steps
        for turn in (range(1, _TURNS + 1) if step.count is Count.EVERY else (0,))
        for who in (absent(prospect) if step.to else ("",))
    ] + [StepRef(cadence.name, OPT_IN)]


def _words(item: Item, result: Result) -> tuple[str, str]:
    """What the rep wrote above our text, without the mark that is the answer; and of an attempt, what came of it."""
    text = rep_text(item.body, our_block(item.body, item.block))
    found = [one for one in said(False, None, text, asked=item.kind is Kind.DECIDE) if not isinstance(one.mark, Doubt)]
    if not found or all(one.mark.result is not result for one in found if not isinstance(one.mark, Doubt)):
        return text.strip(), ""
    how = next((one.mark.said for one in found if isinstance(one.mark, Answer) and one.mark.result is Result.ATTEMPT), "")
    return "\n".join(filter(None, (one.note for one in found))), how
