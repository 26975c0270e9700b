"""Prospects from a file: import."""

from __future__ import annotations

import os
import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from followsync.cli import output
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Rep, Yes
from followsync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from followsync.core.prospect import Prospect
    from followsync.errors import Problem
    from followsync.importer import Leads, Preview

_ASIDE = re.compile(r"\.bad(-\d+)?$")


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="CSV (our own, Capsule's, HubSpot's, Google's, Outlook's) or vCard. '-' reads stdin."),
    ],
    *,
    rep: Rep = "",
    yes: Yes = False,
    aside: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where rows that cannot be read are kept; else beside FILE.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Prospects from a file: shows what it would do, --yes does it. A second time changes nothing."""
    from followsync.cli.fields import date_fields
    from followsync.importer import read_leads

    run = session(ctx)
    key = run.rep(rep)
    data = _bytes(file)
    with output.progress("reading") as told:
        leads = read_leads(data, str(file), run.rep_rules(key).region, dates=date_fields(run.settings), told=told)
    run.make_store()
    shown, kept = _done(run, key, leads, aside or _beside(file, cards=not leads.headers)) if yes else (_shown(run, key, leads), None)
    _tell(shown, done=yes, kept=kept, json=json)
    if shown.bad:
        raise typer.Exit(1)


def _bytes(file: Path) -> bytes:
    try:
        return typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None


def _shown(run: Session, key: str, leads: Leads) -> Preview:
    from followsync.importer import preview

    with run.store.reading() as tx, output.progress("comparing") as told:
        return preview(tx, leads, rep=key, region=run.rep_rules(key).region, reps=run.settings.reps, told=told)


def _done(run: Session, key: str, leads: Leads, aside: Path) -> tuple[Preview, Path | None]:
    """The bad rows are safe before anything is in the store: where they cannot be kept, nothing is imported."""
    from followsync.importer import apply, aside_text, preview

    with run.store.writing("import") as tx, output.progress("importing") as told:
        shown = preview(tx, leads, rep=key, region=run.rep_rules(key).region, reps=run.settings.reps)
        apply(tx, shown, now=run.now(key), told=told)
        kept = _kept(aside_text(shown.bad, leads.headers), aside) if shown.bad else None
    return shown, kept


# -- what stands aside


def _beside(file: Path, *, cards: bool) -> Path:
    """``leads.bad.csv`` for ``leads.csv``, and for itself: a mended file that still has bad rows grows no second ``.bad``."""
    name = "stdin" if str(file) == "-" else _ASIDE.sub("", file.stem)
    return file.with_name(f"{name}.bad{'.vcf' if cards else '.csv'}")


def _kept(data: bytes, wanted: Path) -> Path:
    """Written under that name, or under the next free one: what somebody is mending there is theirs. Readable by this user only."""
    names = (wanted if number == 1 else wanted.with_stem(f"{wanted.stem}-{number}") for number in count(1))
    try:
        for path in names:
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                if path.is_file() and path.read_bytes() == data:
                    return path  # of an earlier import of the same file
                continue
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            return path
    except OSError as error:
        raise UsageError(
            f"{wanted} cannot be written ({error.strerror}), so the bad rows would be lost. Nothing was imported; --aside FILE says where."
        ) from None
    raise AssertionError("numbers end")


# -- what is said of it


def _tell(shown: Preview, *, done: bool, kept: Path | None, json: bool) -> None:
    problems = [one.problem for one in shown.bad]
    for problem in (*problems, *shown.odd):
        output.warn(str(problem))
    if json:
        output.emit(
            {
                "done": done,
                "create": [one.id for one in shown.create],
                "update": {name: {field: list(pair) for field, pair in changes.items()} for name, changes in shown.update},
                "same": shown.same,
                "bad": _listed(problems),
                "aside": str(kept) if kept else None,
                **({"kept_as_text": _listed(shown.odd)} if shown.odd else {}),
            }
        )
        return
    rows = [("new", one.id, _who(one), one.stage) for one in shown.create]
    rows += [("changed", name, ", ".join(f"{field}: {new}" for field, (_, new) in changes.items()), "") for name, changes in shown.update]
    if rows:
        output.table(("DO", "ID", "WHAT", "STAGE"), rows)
    figures = f"{len(shown.create)} new, {len(shown.update)} changed, {shown.same} as they are, {len(shown.bad)} that cannot be read"
    output.say(f"Imported: {figures}." if done else f"This would be: {figures}. Nothing was written; --yes does it.")
    if kept:
        output.say(f"What cannot be read stands in {kept}, each with its reason: mend it there and import that file.")


def _listed(problems: Iterable[Problem]) -> list[dict[str, str | int]]:
    return [{"where": one.where, "line": one.line, "message": one.message} for one in problems]


def _who(one: Prospect) -> str:
    return ", ".join(filter(None, (one.name, one.person, one.phone or one.email)))
