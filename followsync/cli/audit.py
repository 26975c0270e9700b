"""Is the promise kept? Every open prospect has exactly one next action, and it stands on the rep's calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from followsync.core.item import State
from followsync.errors import Problem, SecretMissing

if TYPE_CHECKING:
    from datetime import datetime

    from followsync.cli.session import Session
    from followsync.config.settings import Target
    from followsync.core.item import Written
    from followsync.core.target import TargetState
    from followsync.picture import Picture
    from followsync.store import Transaction


def problems(run: Session, reps: Sequence[str]) -> tuple[Problem, ...]:
    """What breaks the promise, or soon will; nothing where all is well. Asks no server: it reads what the last cycles confirmed."""
    with run.store.reading() as tx:
        return (*(one for rep in reps for one in _of_rep(run, tx, rep)), *_orphans(run, tx))


def _orphans(run: Session, tx: Transaction) -> Iterator[Problem]:
    for one in tx.prospects(open_only=True):
        if one.rep not in run.settings.reps:
            yield Problem(one.id, 0, 0, f"nobody follows up: the config has no rep '{one.rep}' any more")


def _of_rep(run: Session, tx: Transaction, rep: str) -> Iterator[Problem]:
    picture = run.picture(tx, rep)
    yield from _plan(picture)
    yield from _calendars(run, tx, picture)


def _plan(picture: Picture) -> Iterator[Problem]:
    for name, stance in picture.stances.items():
        count = len({one.id for one in stance.actions[:1]})
        if count != 1 or picture.next_action(name) is None:
            yield Problem(name, 0, 0, "this open prospect has no next action")
        if stance.standing.captured is None:
            yield Problem(name, 0, 0, "its history does not tell when it came in: import or capture it again")


def _calendars(run: Session, tx: Transaction, picture: Picture) -> Iterator[Problem]:
    rep = picture.rep.rep
    changed = {name: max((fact.at for fact in facts), default=None) for name, facts in tx.histories(rep).items()}
    for name in run.settings.reps[rep].targets:
        state = tx.target_state(rep, name)
        rows = [row for row in picture.rows if row.target == name]
        yield from _state(name, state)
        yield from _secret(name, run.settings.targets[name])
        yield from _troubles(name, rows)
        if run.settings.targets[name].type != "ics" and state.last_good:
            yield from _standing(picture, name, rows, changed, state.last_good)


def _secret(name: str, target: Target) -> Iterator[Problem]:
    """A password that cannot be had needs no server to be seen. A command is not run for a look."""
    secret = target.password if target.type == "caldav" else None
    if secret is None or secret.command:
        return
    try:
        secret.reveal()
    except SecretMissing as error:
        yield Problem(name, 0, 0, str(error))


def _state(name: str, state: TargetState) -> Iterator[Problem]:
    if sentence := state.held or state.error:
        yield Problem(name, 0, 0, sentence)
    if state.left:
        yield Problem(name, 0, 0, f"{len(state.left)} of its entries stand there twice and cannot be removed: delete the copies on a phone")


def _troubles(name: str, rows: Sequence[Written]) -> Iterator[Problem]:
    for row in rows:
        if row.intended is not None or row.removing:
            yield Problem(row.prospect, 0, 0, f"a write to {name} got no answer yet: 'followsync sync' settles it")
        if row.state is State.OPEN and (row.refused or row.trouble):
            yield Problem(row.prospect, 0, 0, f"{name} does not take or show its entry: {row.trouble or 'refused'}")


def _standing(
    picture: Picture, name: str, rows: Sequence[Written], changed: dict[str, datetime | None], synced: datetime
) -> Iterator[Problem]:
    """What was there at the last good cycle must stand there; what came later waits for the next one."""
    standing = [row for row in rows if row.state is State.OPEN and row.agreed is not None]
    by_action = {row.action: row for row in standing}
    shown = Counter(row.prospect for row in standing)
    for prospect, stance in picture.stances.items():
        at = changed.get(prospect)
        if at is None or at > synced or any(row.refused or row.trouble for row in rows if row.prospect == prospect):
            continue
        if any(one.id not in by_action for one in stance.actions):
            yield Problem(prospect, 0, 0, f"its next action does not stand on {name}: 'followsync sync' writes it")
        elif shown[prospect] > len(stance.actions):
            yield Problem(
                prospect,
                0,
                0,
                f"{shown[prospect]} entries stand on {name}, and only {len(stance.actions)} is wanted: 'followsync sync' tidies up",
            )
    for row in standing:
        at = changed.get(row.prospect)
        if row.prospect not in picture.stances and (at is None or at <= synced):
            yield Problem(row.prospect, 0, 0, f"closed or removed, but its entry still stands on {name}: 'followsync sync' removes it")
