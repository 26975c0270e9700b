"""The commands, and the options that stand before them."""

from __future__ import annotations

from typing import Annotated

import typer

from followsync import __version__
from followsync.cli import (
    add,
    answer,
    auth,
    backup,
    begin,
    doctor,
    feed,
    handover,
    imports,
    look,
    page,
    plan,
    report,
    sheet,
    sync,
    tables,
    team,
    undo,
    why,
)
from followsync.cli.session import Session
from followsync.errors import UsageError

app = typer.Typer(
    name="followsync",
    help="Keeps the next action of every prospect in the sales rep's phone calendar.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"followsync {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    *,
    config: Annotated[
        str,
        typer.Option(
            metavar="PATH", help="The config; else $FOLLOWSYNC_CONFIG, ./config.yaml, the user's, /etc/followsync.", show_default=False
        ),
    ] = "",
    now: Annotated[
        str | None,
        typer.Option(metavar="ISO", help="Act as if it were that moment (the rep's zone where it names none).", show_default=False),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more; show the traceback of a fault.")] = False,
    _: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)] = False,
) -> None:
    if now is not None and not now.strip():  # an unset variable of a script: a rehearsal must not become the real thing
        raise UsageError("--now names no moment. Write it as 2026-01-05T09:30, or leave it out.")
    context.obj = Session(config, now or "", verbose=verbose)
    context.call_on_close(context.obj.close)


for module in (
    begin,
    add,
    answer,
    look,
    plan,
    why,
    sheet,
    report,
    sync,
    auth,
    feed,
    page,
    doctor,
    imports,
    tables,
    handover,
    undo,
    backup,
    team,
):
    module.register(app)
