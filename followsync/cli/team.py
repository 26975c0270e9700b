"""A team on several machines: a worker, and the way from the store of one machine to that of all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, urlsplit

import typer

from followsync.cli import output
from followsync.cli.session import session, state_folder, store_password, store_url
from followsync.cli.words import Json, Rep, Yes
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.config import Settings
    from followsync.store import Store

_store = typer.Typer(help="The store itself.", no_args_is_help=True)


def schema_of(url: str) -> str:
    """Where the address says that the tables are, as the tests' do; else ``public``."""
    found = parse_qs(urlsplit(url).query).get("options", [""])[0]
    return found.rpartition("search_path=")[2].split(",")[0].strip() or "public"


def register(app: typer.Typer) -> None:
    app.command("worker", short_help="One of several daemons that share a store on PostgreSQL.")(worker)
    app.add_typer(_store, name="store")


def worker(
    ctx: typer.Context,
    *,
    hands: Annotated[int, typer.Option("--hands", metavar="N", min=1, max=64, help="How many reps' cycles at a time.")] = 8,
    lease: Annotated[
        float, typer.Option("--lease", metavar="SECONDS", min=2, max=3600, help="How long a rep waits whose worker died.")
    ] = 45.0,
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Serve this worker's figures, and the feeds, there.", show_default=False)
    ] = "",
) -> None:
    """Cycles of whichever reps are due, until it is told to stop. Run as many as you like, on any machines, all with the same config."""
    from followsync import log, web
    from followsync import worker as workers
    from followsync.config import listening

    this = session(ctx)
    log.set_up(verbose=this.verbose)

    def load() -> Settings:
        return listening(this.load(), listen)

    def opened(settings: Settings) -> Store:
        from followsync.store import open_store

        return open_store(store_url(settings), password=store_password(settings), lease=lease)

    raise typer.Exit(workers.run(load, this.clock, opened, web.serving, hands=hands))


@_store.command("views")
def views(
    ctx: typer.Context,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="The user of PostgreSQL who is to read; 'createuser' makes one.")],
    *,
    lead: Annotated[bool, typer.Option("--lead", help="Everybody's promises and what stands where, without what reps noted.")] = False,
    rep: Rep = "",
) -> None:
    """The SQL that lets a user of PostgreSQL read: one rep's part of the store, or, with --lead, everybody's without their notes.

    Nothing is done: the owner of the store pipes it into psql, now and after each update of FollowSync.
    """
    from followsync.store.views import Reader, statements

    run = session(ctx)
    if lead == bool(rep):
        raise UsageError("Say who is to read: --rep REP for a rep, who sees what is theirs, or --lead for whoever looks after all.")
    url = store_url(run.settings)
    if not url.startswith("postgresql"):
        raise UsageError("The store is a file: whoever may read the file reads all of it. On PostgreSQL each user can have a part.")
    if not role or role in {schema_of(url), "public"}:
        raise UsageError(f"'{role}' is where the store itself is. Name another user of PostgreSQL.")
    output.say(statements(schema_of(url), Reader(role, run.rep(rep) if rep else "")).rstrip())


@_store.command("move")
def move(
    ctx: typer.Context,
    *,
    source: Annotated[
        str, typer.Option("--from", metavar="FILE", help="The store of before; else the one in the state folder.", show_default=False)
    ] = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take a store that is a file to the PostgreSQL that the config names by now, and compare both. The file is put aside.

    Stop the daemon first. Cycles that are under way are waited for; commands that write meanwhile wait, and hear that the file is gone.
    """
    run = session(ctx)
    url = store_url(run.settings)
    if not url.startswith("postgresql"):
        raise UsageError("'store' in the config still names a file. Write there where the store shall be, then say this again.")
    file = Path(source).expanduser().absolute() if source else state_folder().absolute() / "followsync.db"
    if not file.is_file():
        raise UsageError(f"There is no store at {file}. Say where it is with --from FILE.")
    if not yes:
        output.say(f"This would take everything in {file} to {url}, compare both, and put the file aside. --yes does it.")
        return
    from followsync.store.move import move as moved

    with output.progress("moving") as progress:
        done = moved(file, url, now=run.clock(), password=store_password(run.settings), progress=progress)
    if json:
        output.emit({"rows": done.rows, "histories": done.histories, "kept": str(done.kept), "already": done.before})
        return
    people, entries = done.rows["prospect"], done.rows["entry"]
    output.say(f"{'Everything had arrived already' if done.before else 'Moved'}: {people} prospects with {entries} entries of history.")
    output.say(f"Both sides hold the same rows, word for word; the histories' SHA-256 is {done.histories}.")
    output.say(f"The file of before is {done.kept}.")
