"""The ten points of each next action, for ``check --ten``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from followsync.cli import output, shapes
from followsync.cli.session import NoStore
from followsync.core.item import State
from followsync.core.tenpoints import Lack, Planned, Point, lacking
from followsync.errors import Problem

if TYPE_CHECKING:
    from followsync.cli.session import Session
    from followsync.store import Transaction

_WORST = 3  # that are named


@dataclass(frozen=True, slots=True)
class Score:
    """``prospect`` and ``action`` are ids."""

    prospect: str
    action: str
    title: str
    lacks: tuple[Lack, ...]

    @property
    def points(self) -> int:
        return len(Point) - len(self.lacks)


def scores(run: Session, reps: Sequence[str]) -> tuple[Score, ...]:
    """The worst first."""
    try:
        store = run.store
    except NoStore:  # which the check tells
        return ()
    with store.reading() as tx:
        found = [score for rep in reps for score in _of_rep(run, tx, rep)]
    return tuple(sorted(found, key=lambda one: (one.points, one.prospect)))


def _of_rep(run: Session, tx: Transaction, rep: str) -> Iterator[Score]:
    picture = run.picture(tx, rep)
    histories = tx.histories(rep, open_only=True)
    for name, stance in picture.stances.items():
        if (placed := picture.next_action(name)) is None:
            continue
        rows = (row for row in picture.rows if row.action == placed.action.id and row.state is State.OPEN)
        stands = tuple(row.agreed for row in rows if row.agreed)
        planned = Planned(stance.prospect, histories.get(name, ()), placed, stands, picture.rules, picture.rep)
        yield Score(name, placed.action.id, picture.item(placed).title, lacking(planned))


def problems(found: Sequence[Score]) -> tuple[Problem, ...]:
    return tuple(Problem(one.prospect, 0, 0, f"{one.points}/10: {'; '.join(map(str, one.lacks))}") for one in found if one.lacks)


def shape(found: Sequence[Score]) -> list[shapes.Json]:
    return [
        {
            "prospect": one.prospect,
            "action": one.action,
            "title": one.title,
            "score": one.points,
            "lacking": [{"number": lack.point.value, "name": str(lack.point), "message": lack.message} for lack in one.lacks],
        }
        for one in found
    ]


def tell(found: Sequence[Score]) -> None:
    """Each action with its score and the numbers that are lacking, then the average and what the worst three lack."""
    if not found:
        return
    rows = [(f"{one.points}/10", one.title, ", ".join(str(lack.point.value) for lack in one.lacks) or "–") for one in found]
    output.table(("SCORE", "ACTION", "LACKS"), rows)
    output.say(f"\nAverage: {sum(one.points for one in found) / len(found):.1f} of 10.")
    for one in [one for one in found if one.lacks][:_WORST]:
        output.say(f"\n{one.points}/10 {one.title} ({one.prospect})")
        for lack in one.lacks:
            output.say(f"  {lack}")
    output.say()
