"""Prospects come in, change and go: add, edit, remove."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from followsync.cli import fields, output, shapes, who
from followsync.cli.fields import Said, taking_fields
from followsync.cli.session import Session, session
from followsync.cli.words import FREE, Json, Rep, Who, Yes
from followsync.core.history import Captured, Edited, Entry, Kind, Noted, Promised, Reopened, Result, Touched
from followsync.core.prospect import Prospect
from followsync.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from followsync.capture import Capture
    from followsync.store import Transaction


def register(app: typer.Typer) -> None:
    app.command("add", short_help="Capture one line.", context_settings=FREE, epilog=_FIELDS)(taking_fields(add))
    app.command("edit", context_settings=FREE, epilog=_FIELDS)(taking_fields(edit))
    app.command("remove", short_help="Forget a person; the next sync takes their entry away.")(remove)


_FIELDS = "Any other --FIELD DAY is kept as a date field: --met 2026-01-05 --contract-end 2026-05-31."


def add(ctx: typer.Context, said: Annotated[Said, typer.Argument(metavar="LINE")], *, rep: Rep = "", json: Json = False) -> None:
    """Capture one line: "Visit Joe's Diner 248.555.0100 Thursday afternoon to meet the owner"."""
    from followsync.capture import parse_line
    from followsync.intake import prospect_of

    run = session(ctx)
    key = run.rep(rep)
    now = run.now(key)
    line = parse_line(" ".join(said.words), now=now, rep=run.rep_rules(key), rules=run.rules(key))
    captured = said.over(prospect_of(line, key))
    if captured.name != line.name and not captured.person:
        captured = replace(captured, person=line.name)  # the business was told apart: the line named whom to talk to
    run.make_store()
    with run.store.writing("add") as tx:
        everybody = tx.prospects()
        closed = tx.outcomes(key)
        known = who.known(everybody, captured, run.region, closed)
        if known and line.when is None and known.id not in closed:
            raise UsageError(
                f"{known.name} is known already, as {known.id}. Say a day and it is a new promise; "
                f"'followsync edit {known.id}' changes what is known. Somebody else has another name, or another number: say it."
            )
        if known:
            zone = run.rep_rules(key).workdays.zone
            prospect = _promised_again(tx, known, line, said, now, zone, reopened=known.id in closed)
        else:
            prospect = _captured(tx, captured, line, said, now, everybody)
    _reply(run, prospect, line, before=closed.get(prospect.id, "open") if known else "", json=json)


def _captured(tx: Transaction, prospect: Prospect, line: Capture, said: Said, now: datetime, everybody: Sequence[Prospect]) -> Prospect:
    from followsync.capture import prospect_id

    prospect = replace(prospect, id=prospect_id(prospect.name, {one.id for one in everybody}))
    prospect = replace(prospect, notes="\n".join(filter(None, (prospect.notes, said.note))))
    entries: list[Entry] = [Captured(now, "cli", line.text)]
    promise = _promise(line, said, now)
    if line.closes:
        entries.append(Touched(now, "cli", Result.NO, method=line.method, purpose=line.purpose))
    elif promise:
        entries.append(promise)
    if promise is None:
        prospect = said.kept(prospect)
    tx.capture(prospect, *entries)
    return prospect


def _promised_again(
    tx: Transaction, known: Prospect, line: Capture, said: Said, now: datetime, zone: tzinfo, *, reopened: bool
) -> Prospect:
    """A known prospect and a day: a new promise, beside one about something else; a closed one is open again, with a day or without. What
    the line tells besides fills what was empty; options win."""
    from followsync.intake import agreed_with, filled, told_besides

    after = said.over(filled(known, line))
    _save(tx, known, after, now)
    if reopened:
        tx.append(known.id, Reopened(now, "cli", line.text))
    promise = _promise(line, said, now)
    noted = "\n".join(filter(None, (told_besides(after, line), said.note)))
    agreed = agreed_with(after, tx.history(known.id), promise, zone) if promise else ()
    tx.append(known.id, *agreed, *([Noted(now, "cli", noted)] if noted else []))
    return after


def _promise(line: Capture, said: Said, now: datetime) -> Promised | None:
    if line.when is None:
        return None
    method = line.method or said.texts.get("method", "")
    return said.over_promise(Promised(now, "cli", method, line.when.day, line.when.start, line.when.window, line.purpose))


def _save(tx: Transaction, before: Prospect, after: Prospect, now: datetime) -> bool:
    from followsync.importer import changes_between

    changes = changes_between(before, after)
    if changes:
        tx.save(after)
        tx.append(after.id, Edited(now, "cli", changes))
    return bool(changes)


def _reply(run: Session, prospect: Prospect, line: Capture, *, before: str, json: bool) -> None:
    """``before``: how the prospect stood, "" where nobody knew it."""
    said = output.warn if json else output.say
    match before:
        case "":
            said(f"Captured {prospect.name} as {prospect.id}.")
        case "open":
            said(f"{prospect.name} is known: a new promise for {prospect.id}.")
        case _:
            said(f"{prospect.name} is known and was closed with {before}: {prospect.id} is open again.")
    if line.closes:
        said("No follow-up: closed with no. The history stays.")
    elif line.when:
        said(f"Agreed: {line.when.text}.")
    for words in _waiting(run, prospect):
        said(f"Agreed as well, and waits until the first is done: {words}.")
    tell(run, prospect, json=json, missing=() if line.closes or line.when else line.missing)


def _waiting(run: Session, prospect: Prospect) -> list[str]:
    """The agreements that wait for their turn, in words."""
    from followsync.core.promises import in_words
    from followsync.core.standing import standing

    with run.store.reading() as tx:
        others = standing(prospect, tx.history(prospect.id)).others
    return [in_words(one, run.rep_rules(prospect.rep).workdays.zone) for one in others.values()]


def tell(run: Session, prospect: Prospect, *, json: bool, missing: tuple[str, ...] = ()) -> None:
    """What ``add``, ``log`` and ``edit`` answer with: the prospect as JSON, or the next action's title and time. ``missing``: what a
    next action still needs, said where no rule supplies it."""
    with run.store.reading() as tx:
        picture = run.picture(tx, prospect.rep)
        outcome = tx.outcome(prospect.id)
    stance = picture.stances.get(prospect.id)
    if missing and stance and stance.actions[0].kind is Kind.DECIDE:
        said = output.warn if json else output.say
        said(f'Missing: {" and ".join(missing)}. Say it with: followsync log {prospect.id} next "call Thursday 2pm"')
    if json:
        output.emit(shapes.prospect(prospect, outcome, picture))
        return
    placed = picture.next_action(prospect.id) if outcome is None else None
    if placed:
        output.say(f"Next: {picture.item(placed).title}")
        output.say(f"      {shapes.span(placed.start, placed.end)}")


def edit(ctx: typer.Context, said: Annotated[Said, typer.Argument(metavar="WHO")], *, json: Json = False) -> None:
    """Change what is known of a prospect. An empty value takes a field away; tags and stakeholders are added to.

    FIELD=VALUE as WHO means every open prospect that has it: edit stage=pitched --instead-of-visit video. What was agreed with a prospect
    stays as agreed, and is listed.
    """
    run = session(ctx)
    if criteria := fields.criteria(said.words):
        _edit_all(run, said, criteria, json=json)
        return
    with run.store.writing("edit") as tx:
        before = who.find(tx, " ".join(said.words), run.region)
        after, changed = change(run, tx, before, said)
        if said.note:
            tx.append(before.id, Noted(run.now(before.rep), "cli", said.note))
    if not json:
        output.say(f"Changed {after.name} ({after.id})." if changed or said.note else f"Nothing new for {after.name} ({after.id}).")
    tell(run, after, json=json)


def _edit_all(run: Session, said: Said, criteria: Mapping[str, frozenset[str]], *, json: bool) -> None:
    """All in one transaction, so that ``undo`` takes all of it back."""
    from followsync.core.cadence import fits

    with run.store.writing("edit") as tx:
        found = [one for one in tx.prospects(open_only=True) if fits(one, criteria)]
        if not found:
            raise UsageError(f"No open prospect has {' '.join(said.words)}; 'followsync list' shows who is in the pipeline.")
        changed = [after for before in found for after, news in [change(run, tx, before, said)] if news]
        for one in found if said.note else ():
            tx.append(one.id, Noted(run.now(one.rep), "cli", said.note))
    with run.store.reading() as tx:
        pictures = {rep: run.picture(tx, rep) for rep in {one.rep for one in found}}
    if json:
        output.emit([shapes.prospect(one, None, pictures[one.rep]) for one in changed])
        return
    output.say(f"Changed {len(changed)} of {len(found)} open prospects with {' '.join(said.words)}.")
    placed = [(one, pictures[one.rep].next_action(one.id)) for one in found]
    promised = [(one, at) for one, at in placed if at and at.action.kind is Kind.PROMISE and said.replaces(at.action.method)]
    if promised:
        output.say("Agreed with the prospect, and left as agreed; agree anew where that cannot be:")
    for one, at in promised:
        output.say(f"  {one.name} ({one.id}): {at.action.method}, {shapes.span(at.start, at.end)}")


def change(run: Session, tx: Transaction, before: Prospect, said: Said) -> tuple[Prospect, bool]:
    """Save what the options say. An open promise is agreed anew where its agenda, questions or ``they_know`` change."""
    from followsync.core.standing import standing

    now = run.now(before.rep)
    after = said.over(before)
    promise = standing(before, tx.history(before.id)).promise if said.for_the_meeting else None
    if promise is None:
        after = said.kept(after)
    changed = _save(tx, before, after, now)
    if promise and (renewed := said.over_promise(promise)) != promise:
        tx.append(before.id, replace(renewed, at=now, via="cli"))
        changed = True
    return after, changed


def remove(ctx: typer.Context, name: Who, *, yes: Yes = False) -> None:
    """Remove a person's data, and with the next sync their entry; nothing else."""
    run = session(ctx)
    with run.store.reading() as tx:
        found = who.find(tx, name, run.region)
    if not yes and not sys.stdin.isatty():
        raise UsageError(f"This removes {found.name} ({found.id}) with all notes and history. Nobody can be asked here: say --yes.")
    if not yes:
        typer.confirm(f"Remove {found.name} ({found.id}) with all notes and history?", abort=True, err=True)
    with run.store.writing("remove") as tx:
        tx.remove(found.id)
    output.say(f"Removed {found.name} ({found.id}). The next sync takes their entry off the calendar.")
