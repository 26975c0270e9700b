"""Taking back the last change: undo."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from followsync import telling
from followsync.cli import output, shapes
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Rep, Yes
from followsync.core.history import Moved
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.core.history import Entry
    from followsync.picture import Picture
    from followsync.store import Change, Part, Transaction

_UTC = ZoneInfo("UTC")  # of a rep whom the config no longer knows


def register(app: typer.Typer) -> None:
    app.command("undo", short_help="Take back the last change.")(undo)


@dataclass(frozen=True, slots=True)
class _Undone:
    """What becomes of one prospect. ``gone``: the change had captured it. ``next``: how its next action then stands."""

    id: str
    name: str
    entries: tuple[Entry, ...]
    zone: ZoneInfo
    gone: bool
    blocked: bool
    next: dict[str, Any] | None
    next_text: str


def undo(ctx: typer.Context, *, rep: Rep = "", yes: Yes = False, json: Json = False) -> None:
    """Take back the last change: an add, log, edit or import, or what the last sync read from a calendar. Shows it; --yes does it.

    Again goes one step further back. A removed person does not come back.
    """
    run = session(ctx)
    key = run.rep(rep) if rep else None
    with run.store.reading() as tx:
        change = tx.last_change(key)
        reps = _reps(tx, change) if change else ()
    if change is None:
        raise UsageError("There is nothing that could be taken back.")
    for one in reps:
        run.read_busy(one)
    with ExitStack() as held:
        if yes:
            for one in sorted(reps):  # a sync that is under way would go on with what is being taken back
                held.enter_context(run.store.cycle(one))
        tx = held.enter_context(run.store.writing() if yes else run.store.rehearsing())
        if tx.last_change(key) != change:
            raise UsageError("Something else was changed at this moment. Nothing was taken back: look again with 'followsync undo'.")
        undone = _take_back(run, tx, change)
    _tell(change, undone, run, done=yes, json=json)


def _reps(tx: Transaction, change: Change) -> tuple[str, ...]:
    """Whose prospects they were, and whose they are by now."""
    now = (known.rep for part in change.parts if (known := tx.prospect(part.prospect)))
    return tuple(dict.fromkeys((*change.reps, *now)))


def _take_back(run: Session, tx: Transaction, change: Change) -> list[_Undone]:
    names = {part.prospect: known for part in change.parts if (known := tx.prospect(part.prospect))}
    tx.take_back(change)
    names |= {key: known for key in names if (known := tx.prospect(key))}  # another rep's again, perhaps
    pictures = {rep: run.picture(tx, rep) for rep in {one.rep for one in names.values()} if rep in run.settings.reps}
    parts: dict[str, list[Part]] = {}
    for part in reversed(change.parts):
        parts.setdefault(part.prospect, []).append(part)
    return [_undone(several, names[key].name, pictures.get(names[key].rep)) for key, several in parts.items()]


def _undone(parts: list[Part], name: str, picture: Picture | None) -> _Undone:
    """``parts``: of one prospect, the oldest first."""
    first = parts[0]
    placed = picture.next_action(first.prospect) if picture else None
    title = picture.item(placed).title if picture and placed else ""
    return _Undone(
        id=first.prospect,
        name=name,
        entries=tuple(entry for part in parts for entry in part.entries),
        zone=picture.rep.workdays.zone if picture else _UTC,
        gone=first.before is None and not first.blocked,
        blocked=any(part.blocked for part in parts),
        next=shapes.action(picture, placed) if picture and placed else None,
        next_text=f"{title}, {telling.span(placed.start, placed.end)}" if placed else "",
    )


def _tell(change: Change, undone: list[_Undone], run: Session, *, done: bool, json: bool) -> None:
    said = output.warn if json else output.say
    if change.removed:
        many = "One person was" if change.removed == 1 else f"{change.removed} people were"
        said(f"{many} removed since, which cannot be taken back: only a backup has them still.")
    if json:
        at = change.at.astimezone(undone[0].zone).isoformat() if change.at and undone else None
        output.emit({"done": done, "label": change.label, "at": at, "prospects": [_shape(one) for one in undone]})
        return
    zone = undone[0].zone if undone else _UTC
    when = f" of {telling.moment(change.at.astimezone(zone))}" if change.at else ""
    what = "What the sync read" if change.label == "sync" else f"'{change.label}'" if change.label else "The change"
    say = "is taken back" if done else "would be taken back"
    output.say(f"{what}{when} {say}:")
    for one in undone:
        output.say(f"- {_sentence(one, done=done)}")
    if not done:
        output.say("Nothing was changed; --yes does it.")


def _sentence(one: _Undone, *, done: bool) -> str:
    who = f"{one.name} ({one.id})"
    if one.blocked:
        return f"{who} was changed again since, so this stays."
    if one.gone:
        return f"{who} {'is' if done else 'would be'} forgotten with all history; the next sync takes the entry off the calendar."
    facts = " ".join(telling.entry(fact, one.zone) for fact in one.entries) or "Fields were changed."
    after = f"After the next sync the calendar shows: {one.next_text}." if one.next else "Nothing is to be done."
    dragged = {fact.start.astimezone(one.zone).isoformat() for fact in one.entries if isinstance(fact, Moved)}
    stays = " It stays where it was dragged to, as whatever stands." if one.next and one.next["start"] in dragged else ""
    return f"{who}: {facts} {after}{stays}"


def _shape(one: _Undone) -> dict[str, Any]:
    taken = [] if one.blocked else shapes.history(one.entries, one.zone)
    return {"id": one.id, "name": one.name, "taken_back": taken, "removed": one.gone, "kept": one.blocked, "next_action": one.next}
