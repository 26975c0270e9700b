"""Why the next action is what it is, and stands where it stands: why. Nothing is written anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from followsync import telling
from followsync.cli import output, shapes
from followsync.cli.look import meant
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Who
from followsync.core.handover import told
from followsync.core.item import State
from followsync.core.standing import standing

if TYPE_CHECKING:
    from followsync.core.cadence import Cadence
    from followsync.core.history import Result, Touched
    from followsync.core.placement import Placed
    from followsync.core.prospect import Prospect
    from followsync.picture import Picture


def register(app: typer.Typer) -> None:
    app.command("why")(why)


@dataclass(frozen=True, slots=True)
class _Found:
    """``before``: the last touch under another version of the cadence. ``handed``: in whose hands it is, or was. ``there``: action -> what
    kept it from an earlier hour; ``bought``: action -> where what is sent with it is bought."""

    prospect: Prospect
    outcome: Result | None
    picture: Picture
    cadence: Cadence | None
    before: Touched | None
    handed: str
    placed: tuple[Placed, ...]
    there: dict[str, tuple[str, ...]]
    bought: dict[str, str]

    def sentences(self, one: Placed) -> list[str]:
        return [*one.why, *self.there[one.action.id], *([self.bought[one.action.id]] if one.action.id in self.bought else [])]

    @property
    def later(self) -> list[str]:
        """Of what is to come behind what stands, what is bought ahead."""
        stands = {one.action.id for one in self.placed}
        return [sentence for action, sentence in self.bought.items() if action not in stands]


def why(ctx: typer.Context, name: Who, *, json: Json = False) -> None:
    """Why the next action is what it is, and stands where it stands."""
    found = _find(session(ctx), name)
    if json:
        output.emit(_shape(found))
    else:
        _tell(found)


def _find(run: Session, name: str) -> _Found:
    from followsync.core.buying import listed
    from followsync.core.cadence import cadence_for
    from followsync.core.explaining import why_there
    from followsync.core.steps import touched_before_edit

    with run.store.reading() as tx:
        found, outcome, picture = meant(run, tx, name)
        facts = tx.history(found.id)
        busy = (*picture.busy, *run.busy_remembered(tx, found.rep))
    cadence, stance = cadence_for(found, picture.rules.cadences), picture.stances.get(found.id)
    placed = picture.by_prospect.get(found.id, ()) if outcome is None else ()
    return _Found(
        prospect=found,
        outcome=outcome,
        picture=picture,
        cadence=cadence,
        before=touched_before_edit(cadence, stance.standing) if cadence and stance else None,
        handed=told(found, standing(found, facts), picture.rep.workdays.zone),
        placed=placed,
        there={
            one.action.id: why_there(one, picture.placed, busy, picture.rules, picture.rep, picture.now, picture.done) for one in placed
        },
        bought=listed(picture.buying, found.id) if outcome is None else {},
    )


def _shape(found: _Found) -> shapes.Json:
    first = found.picture.next_action(found.prospect.id) if found.outcome is None else None
    return {
        **shapes.prospect(found.prospect, found.outcome, found.picture),
        "cadence": found.cadence.name if found.cadence else "",
        "cadence_version": found.cadence.version if found.cadence else "",
        "touched_under": found.before.version if found.before else "",
        "handed_over": found.handed,
        "why": [*found.sentences(first), *found.later] if first else [f"closed with {found.outcome}"],
        "clash": first.clash if first else "",
        "stands": _slots(found.picture, first.action.id) if first else [],
    }


def _tell(found: _Found) -> None:
    cadence = f"{found.cadence.name}, version {found.cadence.version}" if found.cadence else "none fits"
    output.say(f"{found.prospect.name} ({found.prospect.id}): cadence {cadence}")
    if found.before:
        day = found.picture.rep.workdays.today(found.before.at)
        output.say(f"Touched on {day:%a %Y-%m-%d} under an earlier version ({found.before.version}): the cadence was edited since.")
    if found.handed:
        output.say(f"In other hands: {found.handed}")
    if found.outcome is not None:
        output.say(f"Nothing is to be done: closed with {found.outcome}.")
    for one in found.placed:
        output.say(f"\n{found.picture.item(one).title}")
        output.say(f"  {telling.span(one.start, one.end)} ({one.action.kind})")
        for sentence in found.sentences(one):
            output.say(f"  - {sentence}")
        for slot in _slots(found.picture, one.action.id):
            output.say(f"  - Stands on {slot['target']} at {telling.moment(datetime.fromisoformat(slot['start']))}.")
    for sentence in found.later:
        output.say(f"\nTo come: {sentence}")


def _slots(picture: Picture, action: str) -> list[shapes.Json]:
    rows = (row for row in picture.rows if row.action == action and row.state is State.OPEN)
    return [{"target": row.target, "start": row.agreed.start.isoformat()} for row in rows if row.agreed]
