"""Prospects come in, change and go: add, edit, remove."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from followsync import telling
from followsync.cli import fields, output, shapes, who
from followsync.cli.fields import taking_fields
from followsync.cli.session import Session, session
from followsync.cli.words import FREE, Json, Rep, Who, Yes
from followsync.core.history import Kind, Noted
from followsync.details import Said
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.capture import Capture
    from followsync.capturing import Taken
    from followsync.core.prospect import Prospect


def register(app: typer.Typer) -> None:
    app.command("add", short_help="Capture one line.", context_settings=FREE, epilog=_FIELDS)(taking_fields(add))
    app.command("edit", context_settings=FREE, epilog=_FIELDS)(taking_fields(edit))
    app.command("remove", short_help="Forget a person; the next sync takes their entry away.")(remove)


_FIELDS = "Any other --FIELD DAY is kept as a date field: --met 2026-01-05 --contract-end 2026-05-31."


def add(ctx: typer.Context, said: Annotated[Said, typer.Argument(metavar="LINE")], *, rep: Rep = "", json: Json = False) -> None:
    """Capture one line: "Visit Joe's Diner 248.555.0100 Thursday afternoon to meet the owner"."""
    from followsync import capturing

    run = session(ctx)
    occasion = run.occasion(run.rep(rep))
    typed = capturing.read(" ".join(said.words), occasion, said)
    run.make_store()
    try:
        with run.store.writing("add") as tx:
            taken = capturing.take_in(tx, typed, occasion)
    except capturing.KnownAlready as known:
        raise UsageError(f"{known} 'followsync edit {known.prospect.id}' changes what is known.") from None
    _reply(run, taken, json=json)


def _reply(run: Session, taken: Taken, *, json: bool) -> None:
    prospect, line = taken.prospect, taken.line
    said = output.warn if json else output.say
    match taken.before:
        case "":
            said(f"Captured {prospect.name} as {prospect.id}.")
        case "open":
            said(f"{prospect.name} is known: a new promise for {prospect.id}.")
        case outcome:
            said(f"{prospect.name} is known and was closed with {outcome}: {prospect.id} is open again.")
    if line.closes:
        said("No follow-up: closed with no. The history stays.")
    elif line.when:
        said(f"Agreed: {line.when.text}.")
    for words in _waiting(run, prospect):
        said(f"Agreed as well, and waits until the first is done: {words}.")
    tell(run, prospect, json=json, missing=_missing(prospect, line))


def _missing(prospect: Prospect, line: Capture) -> tuple[str, ...]:
    """What the line did not say, and is known from nowhere else."""
    if line.closes:
        return ()
    return tuple(one for one in line.missing if not (one == "method" and line.when and prospect.method))


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
    said = output.warn if json else output.say
    if missing and stance and stance.actions[0].kind is Kind.DECIDE:
        said(f'Missing: {" and ".join(missing)}. Say it with: followsync log {prospect.id} next "call Thursday 2pm"')
    elif "method" in missing and stance and (agreed := next((one for one in stance.actions if one.kind is Kind.PROMISE), None)):
        said(f'Missing: method. It stands as a {agreed.method}. Say another with: followsync log {prospect.id} next "visit Thursday 2pm"')
    if json:
        output.emit(shapes.prospect(prospect, outcome, picture))
        return
    placed = picture.next_action(prospect.id) if outcome is None else None
    if placed:
        output.say(f"Next: {picture.item(placed).title}")
        output.say(f"      {telling.span(placed.start, placed.end)}")


def edit(ctx: typer.Context, said: Annotated[Said, typer.Argument(metavar="WHO")], *, json: Json = False) -> None:
    """Change what is known of a prospect. An empty value takes a field away; tags and stakeholders are added to.

    FIELD=VALUE as WHO means every open prospect that has it: edit stage=pitched --instead-of-visit video. What was agreed with a prospect
    stays as agreed, and is listed.
    """
    from followsync.capturing import change

    run = session(ctx)
    if criteria := fields.criteria(said.words):
        _edit_all(run, said, criteria, json=json)
        return
    with run.store.writing("edit") as tx:
        before = who.find(tx, " ".join(said.words), run.region)
        after, changed = change(tx, before, said, run.occasion(before.rep))
        if said.note:
            tx.append(before.id, Noted(run.now(before.rep), "cli", said.note))
    if not json:
        output.say(f"Changed {after.name} ({after.id})." if changed or said.note else f"Nothing new for {after.name} ({after.id}).")
    tell(run, after, json=json)


def _edit_all(run: Session, said: Said, criteria: Mapping[str, frozenset[str]], *, json: bool) -> None:
    """All in one transaction, so that ``undo`` takes all of it back."""
    from followsync.capturing import change
    from followsync.core.cadence import fits

    with run.store.writing("edit") as tx:
        found = [one for one in tx.prospects(open_only=True) if fits(one, criteria)]
        if not found:
            raise UsageError(f"No open prospect has {' '.join(said.words)}; 'followsync list' shows who is in the pipeline.")
        changed = [after for before in found for after, news in [change(tx, before, said, run.occasion(before.rep))] if news]
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
        output.say(f"  {one.name} ({one.id}): {at.action.method}, {telling.span(at.start, at.end)}")


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
