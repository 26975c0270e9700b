"""Prospects in and out as files, and the config's schema: import, export, schema."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from followsync.cli import output, shapes
from followsync.cli.session import Session, session
from followsync.cli.words import Json, Rep, Yes
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.importer import Preview
    from followsync.store import Transaction

_UTC = ZoneInfo("UTC")  # of a rep whom the config no longer knows


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command("export")(export)
    app.command("schema")(schema)


def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: our own, Capsule's, HubSpot's. '-' reads stdin.")],
    *,
    rep: Rep = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Prospects from a file: shows what it would do, --yes does it. A second time changes nothing."""
    from followsync.importer import apply, preview, read_leads

    run = session(ctx)
    key = run.rep(rep)
    rules = run.rep_rules(key)
    leads = read_leads(_bytes(file), str(file), rules.region, dates=_dates(run))
    now = run.now(key)
    run.make_store()
    with run.store.reading() as tx:
        shown = preview(tx, leads, rep=key, now=now, region=rules.region)
    _known_reps(run, shown)
    if yes:
        with run.store.writing("import") as tx:
            shown = preview(tx, leads, rep=key, now=now, region=rules.region)
            apply(tx, shown, now=now)
    _tell(shown, done=yes, json=json)
    if shown.bad:
        raise typer.Exit(1)


def _bytes(file: Path) -> bytes:
    try:
        return typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None


def _dates(run: Session) -> set[str]:
    from followsync.cli.fields import date_fields

    return date_fields(run.settings)


def _known_reps(run: Session, shown: Preview) -> None:
    strangers = sorted({one.rep for one in shown.create} - run.settings.reps.keys())
    if strangers:
        raise UsageError(
            f"The file names reps that the config does not have: {', '.join(strangers)}. Add them, or change the column 'rep'."
        )


def _tell(shown: Preview, *, done: bool, json: bool) -> None:
    for problem in shown.bad:
        output.warn(str(problem))
    if json:
        output.emit(
            {
                "done": done,
                "create": [one.id for one in shown.create],
                "update": {name: {field: list(pair) for field, pair in changes.items()} for name, changes in shown.update},
                "same": shown.same,
                "bad": [{"where": one.where, "line": one.line, "message": one.message} for one in shown.bad],
            }
        )
        return
    rows = [("new", one.id, one.name, one.stage) for one in shown.create]
    rows += [("changed", name, ", ".join(f"{field}: {new}" for field, (_, new) in changes.items()), "") for name, changes in shown.update]
    if rows:
        output.table(("DO", "ID", "WHAT", "STAGE"), rows)
    figures = f"{len(shown.create)} new, {len(shown.update)} changed, {shown.same} as they are, {len(shown.bad)} that cannot be read"
    output.say(f"Imported: {figures}." if done else f"This would be: {figures}. Nothing was written; --yes does it.")


def export(
    ctx: typer.Context,
    *,
    rep: Rep = "",
    to: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="A file instead of stdout.", show_default=False)] = "",
    form: Annotated[Format, typer.Option("--format", help="csv, or json with the history.")] = Format.CSV,
) -> None:
    """Every prospect as a table that 'import' reads again, or as JSON."""
    import json

    from followsync.importer import export_csv

    run = session(ctx)
    chosen = run.rep(rep) if rep else None
    with run.store.reading() as tx:
        text = (
            export_csv(tx, chosen) if form is Format.CSV else f"{json.dumps(_everything(run, tx, chosen), ensure_ascii=False, indent=2)}\n"
        )
    if not to:
        print(text, end="")
        return
    output.write(Path(to), text)
    output.warn(f"Written to {to}.")


def _everything(run: Session, tx: Transaction, rep: str | None) -> list[dict[str, Any]]:
    from dataclasses import asdict

    outcomes = tx.outcomes(rep)
    zones = {key: run.rep_rules(key).workdays.zone for key in run.settings.reps}
    return [
        {**asdict(one), "state": str(outcomes.get(one.id, "open")), "history": shapes.history(tx.history(one.id), zones.get(one.rep, _UTC))}
        for one in tx.prospects(rep)
    ]


def schema() -> None:
    """The JSON Schema of the config, for editors to complete from."""
    from followsync.config import json_schema

    output.emit(json_schema())
