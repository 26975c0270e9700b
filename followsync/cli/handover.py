"""To another rep: handover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from followsync import telling
from followsync.cli import fields, output, shapes, who
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Yes
from followsync.core.handover import handed_over, is_of_the_period
from followsync.core.history import HandedOver, Kind
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.core.placement import Placed
    from followsync.core.prospect import Prospect
    from followsync.picture import Picture
    from followsync.store import Transaction


def register(app: typer.Typer) -> None:
    app.command("handover", short_help="Give prospects to another rep, for good or for a leave.")(handover)


@dataclass(frozen=True, slots=True)
class _Asked:
    """``until``: the last day of a leave, None for good. ``back``: only what the taker lent, which returns early."""

    giver: str
    taker: str
    until: date | None
    back: bool = False


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the taker will have to do, as it will stand with them."""

    placed: Placed
    shape: shapes.Json

    @property
    def promised(self) -> bool:
        return self.placed.action.kind is Kind.PROMISE


def handover(
    ctx: typer.Context,
    giver: Annotated[str, typer.Argument(metavar="FROM", help="The rep who has them now.")],
    taker: Annotated[str, typer.Argument(metavar="TO", help="The rep who takes over.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WHO]...", help="Which ones; all that are open, with --until those of that period.", show_default=False),
    ] = None,
    *,
    until: Annotated[
        str, typer.Option(metavar="DAY", help="The last day of a leave: afterwards they return by themselves.", show_default=False)
    ] = "",
    back: Annotated[bool, typer.Option("--back", help="Only what TO lent to FROM: it returns early.")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Give prospects to another rep: handover dana bob --until 2026-07-10. Lists them, promises first; --yes does it.

    What was promised keeps its method, day and hour. History and notes go along; what was answered stays where it stands.
    """
    run = session(ctx)
    asked = _read(run, giver, taker, until, back=back)
    run.read_busy(giver)
    run.read_busy(taker)
    how: AbstractContextManager[Transaction] = run.store.writing("handover") if yes else run.store.rehearsing()
    with how as tx:
        chosen = _chosen(run, tx, asked, names or [])
        for one in chosen:
            tx.save(handed_over(one, asked.taker, asked.until))
            tx.append(one.id, HandedOver(run.now(taker), "cli", giver, taker, asked.until))
        listed = _listed(run.picture(tx, taker), chosen, asked.until)
    if json:
        output.emit(_shape(asked, listed, done=yes))
    else:
        _tell(run, asked, chosen, listed, done=yes)


def _read(run: Session, giver: str, taker: str, until: str, *, back: bool) -> _Asked:
    run.now(taker)  # refuses a rep whom the config does not have
    if giver == taker:
        raise UsageError(f"{giver} has them already: name another rep to take over.")
    with run.store.reading() as tx:
        if giver not in run.settings.reps and not tx.prospects(giver):
            raise UsageError(
                f"There is no rep '{giver}', and nothing in the store is theirs: write {output.sentence_list(run.settings.reps)}."
            )
    if until and back:
        raise UsageError("--back returns what was lent, for good: leave --until out.")
    if not until:
        return _Asked(giver, taker, None, back)
    if giver not in run.settings.reps:
        raise UsageError(f"The config has no rep '{giver}' any more, so nothing can return to them: leave --until out.")
    day = date.fromisoformat(fields.day(run, "--until", until, giver))
    if day < (today := run.rep_rules(giver).workdays.today(run.now(giver))):
        raise UsageError(f"--until: {day:%a %Y-%m-%d} is over; today is {today:%a %Y-%m-%d}.")
    return _Asked(giver, taker, day)


def _chosen(run: Session, tx: Transaction, asked: _Asked, names: Iterable[str]) -> list[Prospect]:
    if said := list(dict.fromkeys(names)):
        return [_named(run, tx, asked.giver, name) for name in said]
    everybody = tx.prospects(asked.giver, open_only=True)
    if asked.back:
        return [one for one in everybody if asked.taker in (loan.rep for loan in one.loans)]
    if asked.until is None:
        return everybody
    placed = run.picture(tx, asked.giver).by_prospect
    return [one for one in everybody if any(is_of_the_period(each, asked.until) for each in placed.get(one.id, ()))]


def _named(run: Session, tx: Transaction, giver: str, name: str) -> Prospect:
    try:
        found = who.find(tx, name, run.region, giver)
    except UsageError:
        found = who.find(tx, name, run.region)
        if found.rep != giver:
            raise UsageError(f"{found.name} ({found.id}) is with {found.rep}, not with {giver}.") from None
        raise
    if outcome := tx.outcome(found.id):
        raise UsageError(f"{found.name} ({found.id}) is closed with {outcome}: nothing is left to do, so it stays where it is.")
    return found


def _listed(picture: Picture, chosen: Iterable[Prospect], until: date | None) -> list[_Listed]:
    """Promises of the period first, then what else is to be done, each by its day."""
    placed = [one for each in chosen for one in picture.by_prospect.get(each.id, ()) if is_of_the_period(one, until)]
    found = [_Listed(one, {**shapes.action(picture, one), "clash": one.clash}) for one in placed]
    return sorted(found, key=lambda one: (not one.promised, one.placed.start, one.placed.action.id))


def _shape(asked: _Asked, listed: Sequence[_Listed], *, done: bool) -> shapes.Json:
    return {
        "done": done,
        "from": asked.giver,
        "to": asked.taker,
        "until": asked.until.isoformat() if asked.until else None,
        "promises": [one.shape for one in listed if one.promised],
        "others": [one.shape for one in listed if not one.promised],
    }


def _tell(run: Session, asked: _Asked, chosen: Sequence[Prospect], listed: Sequence[_Listed], *, done: bool) -> None:
    if not chosen:
        period = f" until {asked.until:%a %Y-%m-%d}" if asked.until else ""
        output.say(f"{asked.giver} has nothing to hand over{period}.")
        return
    until = f" until {asked.until:%a %Y-%m-%d}" if asked.until else " for good"
    many = "1 prospect" if len(chosen) == 1 else f"{len(chosen)} prospects"
    verb = "would be" if not done else "is" if len(chosen) == 1 else "are"
    output.say(f"{many} of {asked.giver} {verb} with {asked.taker}{until}.")
    for head, promised in (("Promised, and it stays so", True), (f"Also to be done, as it finds room with {asked.taker}", False)):
        if rows := [_row(one) for one in listed if one.promised is promised]:
            output.say(f"\n{head}:")
            output.table(("WHEN", "WHAT", "ID", "OVERLAPS"), rows)
    output.say()
    if asked.until:
        output.say(f"They return to {asked.giver} on {asked.until + timedelta(days=1):%a %Y-%m-%d}, with all that happened meanwhile.")
    if asked.giver not in run.settings.reps:
        output.say(f"The config has no rep '{asked.giver}', so what stands on their calendar stays there.")
    output.say("Each calendar follows in its next cycle." if done else "Nothing was changed; --yes does it.")


def _row(one: _Listed) -> tuple[str, str, str, str]:
    return telling.span(one.placed.start, one.placed.end), one.shape["title"], one.shape["prospect"], one.placed.clash
