"""What a sync would do: plan. Nothing is written anywhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer

from followsync import telling
from followsync.cli import output, shapes
from followsync.cli.session import session
from followsync.cli.words import Json, Rep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from followsync.core.buying import Purchase
    from followsync.core.item import Item
    from followsync.cycle import Report
    from followsync.rehearsal import NoticeChange, Rehearsal


def register(app: typer.Typer) -> None:
    app.command("plan")(plan)


def plan(ctx: typer.Context, *, rep: Rep = "", json: Json = False) -> None:
    """What a sync would create, move and close. Calendars are only read; nothing is written anywhere."""
    from followsync.core.steps import known_by_another_place
    from followsync.cycle import Cycle
    from followsync.rehearsal import edited_cadences

    run = session(ctx)
    shown: shapes.Json = {"create": [], "move": [], "close": []}
    failed, reworded = False, 0
    edits: list[str] = []
    buy: list[Purchase] = []
    notices: list[NoticeChange] = []
    for key in run.reps(rep):
        rehearsal, report = Cycle(run.settings, key, run.store, run.now(key)).rehearse()
        for part, actions in _rehearsed(rehearsal).items():
            shown[part] += actions
        failed |= _complain(report)
        reworded += len(rehearsal.change)
        buy += rehearsal.buy
        notices += rehearsal.notices
        with run.store.reading() as tx:
            edits += edited_cadences(rehearsal, tx.target_states(key))
        picture = rehearsal.picture
        edits += known_by_another_place(picture.rules.cadences, (one.standing for one in picture.stances.values()))
    if json:
        more = {"buy": [_bought(one) for one in buy], "notices": [_beside(one) for one in notices]}
        output.emit(shown | {key: told for key, told in more.items() if told})
    else:
        for sentence in dict.fromkeys(edits):
            output.say(sentence)
        _tell_plan(shown, reworded, buy, notices)
    if failed:
        raise typer.Exit(1)


def _rehearsed(rehearsal: Rehearsal) -> shapes.Json:
    by_id = {one.action.id: shapes.action(rehearsal.picture, one) for one in rehearsal.picture.placed}
    zone = rehearsal.picture.rep.workdays.zone
    return {
        "create": [by_id[one.id] for one in rehearsal.create],
        "move": [
            {
                "action": by_id[one.action.id],
                "from": one.before.astimezone(zone).isoformat(),
                "to": one.after.astimezone(zone).isoformat(),
                "reason": one.reason,
            }
            for one in rehearsal.move
        ],
        "close": [
            {"action": by_id.get(row.action) or shapes.entry_of(row, rehearsal.picture), "reason": reason}
            for row, reason in rehearsal.close
        ],
    }


def _complain(report: Report) -> bool:
    for warning in report.warnings:
        output.warn(warning)
    for name, one in report.targets.items():
        if one.error:
            output.warn(f"{name}: {one.error}")
    return not report.ok


def _bought(one: Purchase) -> shapes.Json:
    return {"title": one.title, "day": one.on.isoformat(), "for": [each.who for each in one.gifts]}


def _when(item: Item) -> str:
    return f"{item.start:%a %Y-%m-%d}" if item.all_day else telling.told_at(item.start.isoformat())


def _beside(one: NoticeChange) -> shapes.Json:
    return {"do": one.do, "title": one.item.title, "start": one.item.start.isoformat(), "all_day": one.item.all_day}


def _tell_plan(shown: shapes.Json, reworded: int, buy: Sequence[Purchase], notices: Sequence[NoticeChange]) -> None:
    rows = [("create", one["title"], telling.told_at(one["start"]), "") for one in shown["create"]]
    rows += [("move", one["action"]["title"], telling.told_at(one["to"]), one["reason"]) for one in shown["move"]]
    rows += [("close", one["action"]["title"], "", one["reason"]) for one in shown["close"]]
    rows += [(one.do, one.item.title, _when(one.item), "") for one in notices if one.do != "change"]
    if rows:
        output.table(("DO", "ACTION", "WHEN", "WHY"), rows)
    for one in buy:
        output.say(f"To be bought at once, {one.told}: for {'; '.join(each.who for each in one.gifts)}.")
    done = Counter(one.do for one in notices)
    counts = ", ".join(f"{len(shown[do]) + done[do]} to {do}" for do in ("create", "move", "close"))
    reworded += done["change"]
    output.say(f"{counts}{f', {reworded} to change in place' if reworded else ''}. Nothing was written.")
