"""The first steps: init, demo."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from followsync.cli import output, setup
from followsync.cli.session import session, store_of

if TYPE_CHECKING:
    from followsync.config import Settings


def register(app: typer.Typer) -> None:
    app.command("init", short_help="Ask a few questions and write a config.")(setup.init)
    app.command("demo", short_help="The whole job on this machine, in a minute.")(demo)


def demo(
    ctx: typer.Context,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server and the daemon running until Ctrl-C.")] = False,
    folder: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A new or empty folder to play in; else a temporary one.", show_default=False)
    ] = None,
) -> None:
    """The whole job on this machine: sample prospects, a calendar server, a rep who answers on the phone, a feed."""
    from followsync import demo as play
    from followsync import log, web
    from followsync.demo import sample

    run = session(ctx)
    log.set_up(verbose=run.verbose)
    zone = ZoneInfo(sample.ZONE)

    def go_on(settings: Settings) -> None:
        from followsync import daemon

        sys.stdout.flush()
        daemon.run(load=lambda: settings, clock=lambda: run.going_on(sample.ZONE), open_store=store_of, serve=web.serving)

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a killed demo takes its server along
    try:
        play.run(
            folder,
            clock=lambda: run.going_on(sample.ZONE).astimezone(zone),
            open_store=store_of,
            serve=web.serving,
            screen=output.Screen(),
            keep=go_on if keep else None,
        )
    finally:
        signal.signal(signal.SIGTERM, before)
