"""What there is as a file: export, schema."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from followsync.cli import output, shapes
from followsync.cli.session import Session, session
from followsync.cli.words import Rep

if TYPE_CHECKING:
    from followsync.store import Transaction

_UTC = ZoneInfo("UTC")  # of a rep whom the config no longer knows


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    app.command("export")(export)
    app.command("schema")(schema)


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
