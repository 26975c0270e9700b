"""Writing to the calendars, and whether all is well: sync, run, check."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from followsync.cli import output
from followsync.cli.audit import late, problems
from followsync.cli.session import Session, session, store_of
from followsync.cli.words import Json, Rep
from followsync.errors import ConfigError, Problem, StoreError, UsageError

if TYPE_CHECKING:
    from followsync.cycle import Report
    from followsync.pull import Deletions

Progress = Callable[[str, int, int], None]
_REPS_AT_A_TIME = 8


def register(app: typer.Typer) -> None:
    app.command("sync")(sync)
    app.command("run")(run)
    app.command("check", short_help="Is the config right, and the promise kept?")(check)


def sync(
    ctx: typer.Context,
    *,
    rep: Rep = "",
    accept_deletes: Annotated[bool, typer.Option("--accept-deletes", help="Many entries were deleted on purpose: ask about each.")] = False,
    restore: Annotated[bool, typer.Option("--restore", help="Many entries were deleted by accident: write them again.")] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="What the edited config changes of many entries is meant so: see 'followsync plan'.")
    ] = False,
    json: Json = False,
) -> None:
    """One cycle at once: read what the rep did, plan, write. Tries every target, whatever failed before."""
    from followsync.pull import Deletions

    if accept_deletes and restore:
        raise UsageError("--accept-deletes and --restore say opposite things: write one of them.")
    this = session(ctx)
    this.make_store()
    with _progress() as progress:
        reports = _cycles(this, this.reps(rep), Deletions(accept_deletes, restore), accept_changes=accept_changes, progress=progress)
    _tell(reports, json=json)
    if not all(report.ok for report in reports.values()):
        raise typer.Exit(1)


def _cycles(this: Session, keys: Sequence[str], deletions: Deletions, *, accept_changes: bool, progress: Progress) -> dict[str, Report]:
    """A cycle of each rep, side by side: one rep's slow server holds up nobody else."""
    from followsync.cycle import Cycle

    cycles = {key: Cycle(this.settings, key, this.store, this.now(key), progress=progress) for key in keys}
    with ThreadPoolExecutor(min(_REPS_AT_A_TIME, len(cycles)), "rep") as pool:
        running = {
            key: pool.submit(cycle.run, deletions=deletions, accept_changes=accept_changes, force=True) for key, cycle in cycles.items()
        }
        return {key: done.result() for key, done in running.items()}


def _tell(reports: Mapping[str, Report], *, json: bool) -> None:
    targets = {}
    for key, report in reports.items():
        for name, one in report.targets.items():
            targets[name if name not in targets else f"{key}/{name}"] = asdict(one)
        for warning in report.warnings:
            output.warn(warning)
    for name, figures in targets.items():
        if figures["error"]:
            output.warn(f"{name}: {figures['error']}")
    if json:
        output.emit({"targets": targets})
        return
    for name, figures in targets.items():
        quarantined = f", {figures['quarantined']} in trouble (see 'followsync check')" if figures["quarantined"] else ""
        output.say(
            f"{name}: {figures['created']} created, {figures['updated']} updated, {figures['deleted']} deleted, "
            f"{figures['read']} read, {figures['requests']} requests{quarantined}"
        )
    if not targets:
        output.say("The config names no target: nothing was written anywhere.")


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere; gone when it is done."""
    if not sys.stderr.isatty():
        yield lambda target, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def told(target: str, done: int, total: int) -> None:
            if target not in tasks:
                tasks[target] = bar.add_task(target)
            bar.update(tasks[target], completed=done, total=total)

        yield told


def run(ctx: typer.Context) -> None:
    """The daemon: a cycle whenever it is time, until it is told to stop."""
    from followsync import daemon, log

    this = session(ctx)
    log.set_up(verbose=this.verbose)
    raise typer.Exit(daemon.run(load=this.load, clock=this.clock, open_store=store_of))


def check(ctx: typer.Context, *, rep: Rep = "", json: Json = False) -> None:
    """The config, then the store, then the promise that every open prospect has exactly one next action, on the calendar.

    Promises to prospects whose time is over are told too; they are for the rep to do, so with them alone all is well.
    """
    this = session(ctx)
    found: tuple[Problem, ...] = ()
    todo: tuple[Problem, ...] = ()
    code = 0
    try:
        reps = this.reps(rep)
        found, todo = problems(this, reps), late(this, reps)
        code = 1 if found else 0
    except ConfigError as error:
        if not json:
            raise
        code, found = error.exit_code, error.problems
    except StoreError as error:
        if not json:
            raise
        code, found = error.exit_code, (Problem("store", 0, 0, str(error)),)
    _tell_problems(found, todo, json=json)
    if code:
        raise typer.Exit(code)


def _tell_problems(found: tuple[Problem, ...], todo: tuple[Problem, ...], *, json: bool) -> None:
    if json:
        listed = [{"where": one.where, "line": one.line, "message": one.message} for one in (*found, *todo)]
        output.emit({"ok": not found, "problems": listed})
        return
    for one in (*found, *todo):
        output.say(str(one))
    output.say("All is well." if not found else f"{len(found)} problem{'' if len(found) == 1 else 's'}.")
