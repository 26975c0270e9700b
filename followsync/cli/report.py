"""The rep's own figures: report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from followsync import telling
from followsync.cli import fields, output, shapes
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Rep
from followsync.core.history import Result
from followsync.errors import UsageError
from followsync.report.figures import ENOUGH, MOST, Ending, Figures, Share, Tried, Undecided, together
from followsync.report.words import hours_in_words, many, number_in_words, share_in_words, usual_in_words, weekday_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from followsync.core.promises import Line


def register(app: typer.Typer) -> None:
    app.command("report", short_help="Kept promises, what is undecided, touches until yes, what gets answers.")(report)


def report(
    ctx: typer.Context,
    *,
    since: Annotated[str, typer.Option(metavar="DAY", help="Count from that day on; else all that happened.", show_default=False)] = "",
    html: Annotated[str, typer.Option(metavar="FILE", help="Write one page with plots, for a sales lead.", show_default=False)] = "",
    rep: Rep = "",
    json: Json = False,
) -> None:
    """Your own figures: kept promises, what is undecided and for how long, what was completed, touches until a yes, which method, hour,
    weekday and touch gets answers. Shares are told from 20 cases on."""
    run = session(ctx)
    reps = run.reps(rep)
    first = _first_day(run, since, reps)
    found = _figures(run, reps, first)
    zones = {key: run.rep_rules(key).workdays.zone for key in reps}
    if html:
        _write_page(run, reps, found, first, html)
    if json:
        output.emit(_shape(found, zones, first))
    elif not html:
        _tell(found, zones, first)


def _first_day(run: Session, since: str, reps: list[str]) -> date | None:
    if not since:
        return None
    day = date.fromisoformat(fields.day(run, "--since", since, reps[0]))
    if day > run.now(reps[0]).date():
        raise UsageError(f"--since: {day:%a %Y-%m-%d} has not come yet; write a day that was, such as 2026-01-31.")
    return day


def _figures(run: Session, reps: list[str], since: date | None) -> Figures:
    from followsync.report.counting import Asked, figures

    with run.store.reading() as tx:
        return together(
            figures(tx.prospects(key), tx.histories(key), Asked(run.rules(key), run.rep_rules(key), run.now(key), since)) for key in reps
        )


def _write_page(run: Session, reps: list[str], found: Figures, since: date | None, to: str) -> None:
    from followsync.report.page import Heading, page

    names = {key: run.settings.reps[key].name for key in reps}
    output.write(Path(to), page(found, Heading(names, run.now(reps[0]), since)))
    output.warn(f"Written to {to}.")


# ---- as JSON


def _shape(found: Figures, zones: Mapping[str, ZoneInfo], since: date | None) -> shapes.Json:
    return {
        "since": since.isoformat() if since else None,
        "enough": ENOUGH,
        "promises": {
            **{fate.value: count for fate, count in found.fates.items()},
            "kept_percent": found.kept.percent,
            "list": [_promise(one.prospect.id, one.prospect.name, one.line, zones[one.prospect.rep]) for one in found.promises],
        },
        "undecided": {
            "count": len(found.undecided),
            "over_goal": found.over_goal,
            "list": [_undecided(one) for one in found.undecided],
        },
        "completion": {**{ending.value: count for ending, count in found.ended.items()}, **_share(found.completed)},
        "touches_until_yes": {
            "prospects": len(found.touches),
            "touches": sum(found.touches),
            "counts": {str(touches): prospects for touches, prospects in found.counts.items()},
            "median": found.usual,
        },
        "methods": [{"method": name, **_tried(one)} for name, one in found.methods.items()],
        "hours": [{"hours": hours_in_words(first), **_tried(one)} for first, one in found.hours.items()],
        "weekdays": [{"weekday": weekday_in_words(day), **_tried(one)} for day, one in found.weekdays.items()],
        "touch_numbers": [
            {"touch": number, "or_later": number > MOST, **_tried(one), "yes_percent": one.yes.percent, "yes_between": _between(one.yes)}
            for number, one in found.numbers.items()
        ],
    }


def _promise(identity: str, name: str, line: Line, zone: ZoneInfo) -> shapes.Json:
    return {"id": identity, "name": name, **shapes.promise(line, zone)}


def _undecided(one: Undecided) -> shapes.Json:
    return {"id": one.prospect.id, "name": one.prospect.name, "since": one.since.isoformat(), "working_days": one.age}


def _share(share: Share) -> shapes.Json:
    """``between``: the percentages between which it lies nineteen times out of twenty. Both are null below 20 cases."""
    return {"part": share.part, "cases": share.whole, "percent": share.percent, "between": _between(share)}


def _between(share: Share) -> list[int] | None:
    return list(share.between) if share.between else None


def _tried(one: Tried) -> shapes.Json:
    share = _share(one.answers)
    return {"answers": share.pop("part"), **share, "results": {result.value: one.results[result] for result in Result}}


# ---- in words


def _tell(found: Figures, zones: Mapping[str, ZoneInfo], since: date | None) -> None:
    if since:
        output.say(f"From {since:%a %Y-%m-%d} on.\n")
    _tell_promises(found, zones)
    _tell_undecided(found)
    _tell_completion(found)
    _tell_touches(found)
    _tell_answers(found)


def _tell_promises(found: Figures, zones: Mapping[str, ZoneInfo]) -> None:
    fates = ", ".join(f"{count} {fate}" for fate, count in found.fates.items())
    output.say(f"PROMISES: {fates}.")
    output.say(f"  {share_in_words(found.kept, 'of those whose time has come were kept')}")
    for one in found.promises:
        output.say(f"  {one.prospect.name}: {telling.promised(one.line, zones[one.prospect.rep])}")


def _tell_undecided(found: Figures) -> None:
    over = f", {found.over_goal} of them for more than one working day (the goal is none)" if found.undecided else ""
    output.say(f"\nUNDECIDED: {len(found.undecided)}{over}.")
    for one in found.undecided:
        output.say(f"  {one.prospect.name} ({one.prospect.id}): since {one.since:%a %Y-%m-%d}, {many(one.age, 'working day')}")


def _tell_completion(found: Figures) -> None:
    ended = found.ended
    output.say(f"\nCOMPLETED: {found.completed.part} of the {many(len(found.endings), 'follow-up')} whose day has come.")
    output.say(
        f"  {ended[Ending.IN_TIME]} in time, {ended[Ending.LATER]} later, {ended[Ending.OPEN]} still to do, {ended[Ending.DELETED]} deleted"
    )
    output.say(f"  {share_in_words(found.completed, 'were completed')}")


def _tell_touches(found: Figures) -> None:
    output.say(f"\nTOUCHES UNTIL YES: {many(len(found.touches), 'prospect')}.")
    for touches, prospects in found.counts.items():
        output.say(f"  {many(touches, 'touch')}: {prospects}")
    output.say(f"  {usual_in_words(found)}")


def _tell_answers(found: Figures) -> None:
    output.say("\nANSWERS BY METHOD (a yes, a no, or what is next):")
    for name, one in found.methods.items():
        output.say(f"  {name}: {_answers(one)}")
    output.say("\nANSWERS BY HOUR (the prospect's clock):")
    for first, one in found.hours.items():
        output.say(f"  {hours_in_words(first)}: {_answers(one)}")
    output.say("\nANSWERS BY WEEKDAY (the prospect's clock):")
    for day, one in found.weekdays.items():
        output.say(f"  {weekday_in_words(day)}: {_answers(one)}")
    output.say("\nANSWERS BY TOUCH (which one of the prospect it was):")
    for number, one in found.numbers.items():
        yes = f" {one.yes.part} said yes, {one.yes.percent} %." if one.yes.percent is not None else ""
        output.say(f"  {number_in_words(number)}: {_answers(one)}{yes}")


def _answers(one: Tried) -> str:
    share = one.answers
    if share.percent is None:
        return f"{many(share.whole, 'case')}; to tell takes {ENOUGH}"
    return f"{share.part} of {share.whole} cases. {share_in_words(share, 'were answered')}"
