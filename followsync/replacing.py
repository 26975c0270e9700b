"""Entries that the rep typed, and whose action is no longer to be done though nobody answered them: what each of them is from then on."""

from __future__ import annotations

from collections.abc import Container, Iterable

from followsync.core.history import Touched
from followsync.core.item import Written
from followsync.core.marking import answered_elsewhere, replaced
from followsync.core.operations import is_given_back, is_typed
from followsync.core.standing import standing
from followsync.store import Transaction


def told_elsewhere(tx: Transaction, rep: str, rows: Iterable[Written], wanted: Container[str]) -> dict[str, Written]:
    """Action -> its row, of those entries that the rep typed and that stand for nothing that is to be done: answered at the terminal or
    on another calendar, or replaced. Such an entry cannot go, and must not look open either, so it is the rep's record. An agreement that
    waits for its turn stays as it is; so does what is left of somebody who was removed, which is the rep's alone. ``wanted``: the
    actions that are to stand there."""
    typed = [row for row in rows if row.action not in wanted and not row.unread and (is_typed(row) or is_given_back(row))]
    found: dict[str, Written] = {}
    for row in typed:
        known = tx.prospect(row.prospect)
        if known is None:
            continue
        history = tx.history(known.id)
        where = standing(known, history)
        touch = next((one for one in reversed(history) if isinstance(one, Touched) and one.action == row.action), None)
        if touch:
            found[row.action] = answered_elsewhere(row, touch.result)
        elif where.outcome or known.rep != rep or row.action not in where.agreements:
            found[row.action] = replaced(row, where.outcome)
    return found
