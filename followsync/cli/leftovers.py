"""What FollowSync wrote and no longer looks after: entries on a calendar that the config no longer names for a rep, and entries that are
not wanted any more and stay because deleting them could send mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from followsync.core.item import State, Written
from followsync.core.marking import is_replaced
from followsync.core.wording import is_record

if TYPE_CHECKING:
    from followsync.cli.session import Session
    from followsync.core.target import TargetState
    from followsync.picture import Picture
    from followsync.store import Transaction


@dataclass(frozen=True, slots=True)
class Left:
    """``entries`` of ``rep`` that stand at ``where`` ("" for a file). ``known``: the config still says how to open the target."""

    rep: str
    target: str
    entries: int
    where: str
    known: bool

    def __str__(self) -> str:
        """What stands there, and what to do."""
        purge = f"followsync purge --target {self.target} --rep {self.rep}"
        many, stand = (f"1 entry of {self.rep}", "stands") if self.entries == 1 else (f"{self.entries} entries of {self.rep}", "stand")
        if not self.where:
            return (
                f"{many} {stand} in the file that this target wrote; the config no longer names it for {self.rep}, so it is never brought "
                f"up to date again. Delete the file, then say '{purge} --forget'."
            )
        again = "" if self.known else f"put '{self.target}' back under 'targets' (not into the rep's list), then "
        return (
            f"{many} still {stand} on the calendar at {self.where}, and the config no longer names this target for {self.rep}. To take "
            f"them away, {again}say '{purge}'; if they may stay or the calendar is gone, '{purge} --forget'."
        )


def dropped(run: Session, tx: Transaction, reps: Sequence[str]) -> list[Left]:
    """Of these reps, and of those whom the config no longer knows. A target that only has another name now is looked after under that."""
    found = []
    for state in tx.target_states():
        rep = run.settings.reps.get(state.rep)
        if rep and (state.rep not in reps or state.target in rep.targets or _has_another_name(run, tx, state)):
            continue
        entries = len(_standing(tx.written(state.rep, state.target)))
        if entries:
            found.append(Left(state.rep, state.target, entries, state.collection.rpartition("\n")[2], state.target in run.settings.targets))
    return found


def _standing(rows: Iterable[Written]) -> list[Written]:
    return [row for row in rows if row.state is not State.GONE and (row.agreed or row.intended)]


def _has_another_name(run: Session, tx: Transaction, state: TargetState) -> bool:
    from followsync.accounts import remembered
    from followsync.config.words import place

    if not state.collection:
        return False
    where = place(state.collection.rpartition("\n")[2])
    for name in run.settings.reps[state.rep].targets:
        target = run.settings.targets[name]
        if target.type == "ics":
            continue
        if remembered(target, state) or place(remembered(target, tx.target_state(state.rep, name))) == where:
            return True
    return False


def with_guests(picture: Picture, target: str) -> Iterator[tuple[str, str]]:
    """(Prospect, sentence) of each entry ahead that nobody wants any more and that stays, for it has guests or repeats."""
    wanted = {one.action.id for one in picture.placed}
    zone = picture.rep.workdays.zone
    for row in picture.rows:
        item = row.agreed
        if row.target != target or row.action in wanted or row.state not in (State.OPEN, State.RECORDED) or item is None:
            continue
        if item.theirs and item.end > picture.now and not (row.ours and is_record(row.ours) and not is_replaced(row)):
            yield (
                row.prospect,
                f"its entry on {target} of {item.start.astimezone(zone):%a %Y-%m-%d %H:%M} is no longer wanted and stays: guests were "
                "invited to it or it repeats, and deleting it could send them mail in the rep's name. Delete it on a phone.",
            )
