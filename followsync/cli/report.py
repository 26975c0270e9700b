"""The rep's own figures: report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from followsync.cli import output, shapes
from followsync.cli.session import session
from followsync.cli.words import Json, Rep

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from followsync.report import Figures, Undecided


def register(app: typer.Typer) -> None:
    app.command("report", short_help="Kept promises, what is undecided, touches until yes.")(report)


def report(ctx: typer.Context, *, rep: Rep = "", json: Json = False) -> None:
    """Your own figures: kept promises, what is undecided and for how long, touches until a yes. Percentages from 20 cases on."""
    from followsync.report import figures, together

    run = session(ctx)
    every = []
    with run.store.reading() as tx:
        for key in run.reps(rep):
            every.append(figures(tx.prospects(key), tx.histories(key), run.rules(key), run.rep_rules(key), run.now(key)))
    found = together(every)
    zones = {key: run.rep_rules(key).workdays.zone for key in run.reps(rep)}
    if json:
        output.emit(_shape(found, zones))
    else:
        _tell(found, zones)


def _shape(found: Figures, zones: Mapping[str, ZoneInfo]) -> shapes.Json:
    return {
        "promises": {
            **{fate.value: count for fate, count in found.fates.items()},
            "kept_percent": found.kept,
            "list": [{"id": one.id, "name": one.name, **shapes.promise(line, zones[one.rep])} for one, line in found.promises],
        },
        "undecided": {"count": len(found.undecided), "list": [_undecided(one) for one in found.undecided]},
        "touches_until_yes": {
            "prospects": len(found.touches),
            "touches": sum(found.touches),
            "counts": {str(touches): prospects for touches, prospects in found.counts.items()},
        },
    }


def _undecided(one: Undecided) -> shapes.Json:
    return {"id": one.prospect.id, "name": one.prospect.name, "since": one.since.isoformat(), "working_days": one.age}


def _tell(found: Figures, zones: Mapping[str, ZoneInfo]) -> None:
    fates = ", ".join(f"{count} {fate}" for fate, count in found.fates.items())
    share = f" {found.kept} % of those whose time has come were kept." if found.kept is not None else ""
    output.say(f"PROMISES: {fates}.{share}")
    for one, line in found.promises:
        output.say(f"  {one.name}: {shapes.promised(line, zones[one.rep])}")
    output.say(f"\nUNDECIDED: {len(found.undecided)}.")
    for undecided in found.undecided:
        days = f"{undecided.age} working day{'' if undecided.age == 1 else 's'}"
        output.say(f"  {undecided.prospect.name} ({undecided.prospect.id}): since {undecided.since:%a %Y-%m-%d}, {days}")
    many = len(found.touches)
    output.say(f"\nTOUCHES UNTIL YES: {many} prospect{'' if many == 1 else 's'}.")
    for touches, prospects in found.counts.items():
        output.say(f"  {touches} touch{'' if touches == 1 else 'es'}: {prospects}")
