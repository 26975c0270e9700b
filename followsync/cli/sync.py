"""Writing to the calendars, and whether all is well: sync, run, check."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from followsync.cli import output, shapes, tenpoints
from followsync.cli.audit import exposed_secrets, late, misplaced, problems
from followsync.cli.session import Session, session, store_file, store_of
from followsync.cli.words import Json, Rep
from followsync.errors import ConfigError, Problem, StoreError, UsageError

if TYPE_CHECKING:
    from followsync.config import Settings
    from followsync.cycle import Report
    from followsync.pull import Deletions
    from followsync.store import Store

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
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="NAME", help="Where --accept-deletes or --restore is meant; may stand several times."),
    ] = None,
    json: Json = False,
) -> None:
    """One cycle at once: read what the rep did, plan, write. Tries every target, whatever failed before."""
    from followsync.pull import Deletions

    if accept_deletes and restore:
        raise UsageError("--accept-deletes and --restore say opposite things: write one of them, and --target where they differ.")
    if target and not (accept_deletes or restore):
        raise UsageError("--target says where --accept-deletes or --restore is meant: write one of them.")
    this = session(ctx)
    this.make_store()
    said = _meant(this, this.reps(rep), Deletions(accept_deletes, restore, frozenset(target or ())))
    with _progress() as progress:
        reports = _cycles(this, said, accept_changes=accept_changes, progress=progress)
    _tell(reports, json=json)
    if not all(report.ok for report in reports.values()):
        raise typer.Exit(1)


def _meant(this: Session, reps: Sequence[str], said: Deletions) -> dict[str, Deletions]:
    """Rep -> what was said of whose targets. Where no target is named, those are meant that wait for a word, if any do: elsewhere, what was
    deleted a moment ago may come back by itself. Raises UsageError for a target that none of the reps has."""
    from followsync.pull import NOBODY_SAID

    theirs = {key: set(this.settings.reps[key].targets) for key in reps}
    known: set[str] = set().union(*theirs.values())
    if unknown := sorted(said.targets - known):
        raise UsageError(f"There is no target '{unknown[0]}' here: choose {output.sentence_list(sorted(known)) or 'another rep'}.")
    if not said.said:
        return dict.fromkeys(reps, NOBODY_SAID)
    if said.targets:
        chosen = {key: said.targets & names for key, names in theirs.items()}
    else:
        with this.store.reading() as tx:
            held = [(one.rep, one.target) for one in tx.target_states() if one.held]
        waiting = {key: {name for name in names if (key, name) in held} for key, names in theirs.items()}
        chosen = {key: frozenset(names) for key, names in (waiting if any(waiting.values()) else theirs).items()}
    return {key: replace(said, targets=names) if names else NOBODY_SAID for key, names in chosen.items()}


def _cycles(this: Session, said: Mapping[str, Deletions], *, accept_changes: bool, progress: Progress) -> dict[str, Report]:
    """A cycle of each rep, side by side: one rep's slow server holds up nobody else."""
    from followsync.cycle import Cycle

    cycles = {key: Cycle(this.settings, key, this.store, this.now(key), progress=progress) for key in said}
    with ThreadPoolExecutor(min(_REPS_AT_A_TIME, len(cycles)), "rep") as pool:
        running = {
            key: pool.submit(cycle.run, deletions=said[key], accept_changes=accept_changes, force=True) for key, cycle in cycles.items()
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
    for name, number in _busy(reports).items():
        output.say(f"busy {name}: {number} request{'' if number == 1 else 's'}")
    if not targets:
        output.say("The config names no target: nothing was written anywhere.")


def _busy(reports: Mapping[str, Report]) -> dict[str, int]:
    """Source -> the round trips that it took, of all reps together. Files take none."""
    numbers: dict[str, int] = {}
    for report in reports.values():
        for name, number in report.busy.items():
            numbers[name] = numbers.get(name, 0) + number
    return {name: number for name, number in numbers.items() if number}


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
    """The daemon: a cycle whenever it is time, until it is told to stop. One for each store."""
    from followsync import daemon, log, web
    from followsync.alone import only_daemon

    this = session(ctx)
    log.set_up(verbose=this.verbose)
    with ExitStack() as held:

        def open_alone(settings: Settings) -> Store:
            store = store_of(settings)
            held.callback(store.close)
            if file := store_file(settings):
                held.enter_context(only_daemon(file))
            return store

        raise typer.Exit(daemon.run(load=this.load, clock=this.clock, open_store=open_alone, serve=web.serving))


def check(
    ctx: typer.Context,
    *,
    ten: Annotated[
        bool, typer.Option("--ten", help="Also how well each next action is planned: ten points, and which are lacking.")
    ] = False,
    rep: Rep = "",
    json: Json = False,
) -> None:
    """The config, then the store, then the promise that every open prospect has exactly one next action, on the calendar.

    Promises to prospects whose time is over are told too, under a heading of their own: they are for the rep to do, and no problem here.
    With --ten an action that lacks a point is a problem.
    """
    from followsync.config import notes

    this = session(ctx)
    found: tuple[Problem, ...] = ()
    todo: tuple[Problem, ...] = ()
    scores: tuple[tenpoints.Score, ...] = ()
    code = 0
    try:
        reps = this.reps(rep)
        for note in (*notes(this.settings.path), *exposed_secrets(this, reps), *misplaced(this, reps)):
            output.warn(f"note: {note}")
        scores = tenpoints.scores(this, reps) if ten else ()
        found, todo = problems(this, reps), late(this, reps)
        code = 1 if found or any(one.lacks for one in scores) else 0
    except ConfigError as error:
        if not json:
            raise
        code, found = error.exit_code, error.problems
    except StoreError as error:
        if not json:
            raise
        code, found = error.exit_code, (Problem("store", 0, 0, str(error)),)
    if json:
        output.emit(_checked((*found, *tenpoints.problems(scores)), todo, tenpoints.shape(scores) if ten else None))
    else:
        tenpoints.tell(scores)
        _tell_problems(found, todo, sum(bool(one.lacks) for one in scores))
    if code:
        raise typer.Exit(code)


def _checked(found: tuple[Problem, ...], todo: tuple[Problem, ...], ten: list[shapes.Json] | None) -> shapes.Json:
    listed = [{"where": one.where, "line": one.line, "message": one.message} for one in (*found, *todo)]
    return {"ok": not found, "problems": listed, **({} if ten is None else {"ten": ten})}


def _tell_problems(found: tuple[Problem, ...], todo: tuple[Problem, ...], lacking: int) -> None:
    """``lacking``: how many next actions have less than ten points."""
    for one in found:
        output.say(str(one))
    if todo:
        output.say("Promised to prospects, and still to be done by the rep:")
    for one in todo:
        output.say(f"  {one}")
    if found:
        output.say(f"{len(found)} problem{'' if len(found) == 1 else 's'}.")
    elif lacking:
        output.say(f"The calendar is right. {lacking} next action{' lacks a point' if lacking == 1 else 's lack points'}.")
    else:
        output.say("Nothing else needs attention." if todo else "All is well.")
