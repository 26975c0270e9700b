"""Against loss: backup, restore, and purge, which takes everything of ours off a calendar."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from followsync.cli import output
from followsync.cli.session import Session, session, state_folder, store_password, store_url, there_is_a_store
from followsync.cli.words import Json, Rep, Yes
from followsync.core.cadence import Form
from followsync.core.target import TargetState
from followsync.errors import CalendarError, Changed, LoginNeeded, Refused, Unavailable, UsageError

if TYPE_CHECKING:
    from followsync.calendars.base import Calendar
    from followsync.config.settings import CalDavTarget, GoogleTarget
    from followsync.core.item import Seen
    from followsync.store import Store

_SHOWN = 20


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("purge", short_help="Take everything of ours off a calendar.")(purge)


# -- the store as a file


def backup(
    ctx: typer.Context,
    *,
    to: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to; a folder will do.", show_default=False)] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """A whole copy of the store in one file, while the daemon runs. It is looked through before it gets its name."""
    from followsync.store import copies

    run = session(ctx)
    if to == "-":
        raise UsageError("A database cannot be written to stdout: name a file. 'followsync export' writes tables and JSON there.")
    place = Path(to).expanduser() if to else Path()
    if place.is_dir():
        place /= f"followsync-{run.clock().astimezone(UTC):%Y%m%dT%H%M%SZ}.db"
    with output.progress("copying") as progress:
        password = store_password(run.settings)
        made = copies.backup(store_url(run.settings), place.absolute(), force=force, progress=progress, password=password)
    if json:
        output.emit({"file": str(made.path), "bytes": made.size, "prospects": made.prospects, "entries": made.entries})
        return
    output.say(f"Copied {made.prospects} prospects with {made.entries} entries of history to {made.path} ({made.size} bytes).")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'backup' made.")],
    *,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Put a copy of the store back. What the store holds now is kept in a file beside it. The daemon may run."""
    from followsync.store import copies

    run = session(ctx)
    found = copies.check(file.expanduser().absolute())
    what = f"{found.prospects} prospects with {found.entries} entries of history"
    if not yes and not sys.stdin.isatty():
        raise UsageError(f"This makes the store hold what {file} holds: {what}. Nobody can be asked here: say --yes.")
    if not yes:
        typer.confirm(f"Make the store hold what {file} holds: {what}?", abort=True, err=True)
    with output.progress("restoring") as progress:
        done = copies.restore(
            store_url(run.settings),
            found.path,
            reps=run.settings.reps,
            now=run.clock(),
            progress=progress,
            password=store_password(run.settings),
            aside=state_folder(),
        )
    if json:
        kept = None if done.kept is None else str(done.kept)
        output.emit({"prospects": found.prospects, "entries": found.entries, "kept": kept, "damaged": done.damaged})
        return
    output.say(f"Restored {what}.")
    if done.kept:
        output.say(f"What the store held before{', as far as it is readable,' if done.damaged else ''} is kept in {done.kept}.")
    output.say("The next sync finds again what stands on the calendars, and writes nothing twice. What was answered on a phone since the")
    output.say("copy was made and is in no history any more stands there as it is; what is still to be done is asked again.")


# -- the calendar


@dataclass(slots=True)
class _Purge:
    """``ours``: what is to go. ``left``: what carries our mark and stays, and why."""

    target: str
    ours: list[Seen]
    left: list[str] = field(default_factory=list)
    records: int = 0
    deleted: int = 0
    gone: list[str] = field(default_factory=list)


def purge(
    ctx: typer.Context,
    *,
    target: Annotated[str, typer.Option("--target", metavar="NAME", help="The target in the config.")],
    rep: Rep = "",
    keep_records: Annotated[bool, typer.Option("--keep-records", help="Leave answered entries (✓ ✗ ↻ →) where they are.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Delete nothing: its entries are gone or may stay, and are not to be named again.")
    ] = False,
    unread: Annotated[bool, typer.Option("--unread", help="Also delete what the rep answered or noted there since the last sync.")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Delete from a calendar exactly what FollowSync wrote there, also where there is no store any more. Shows it first; --yes does it.
    What nobody has read yet stays."""
    run = session(ctx)
    store = _store_if_any(run)
    if forget:
        _let_go(run, store, target, rep, json=json)
        return
    settings, key = _target(run, store, target, rep)
    with ExitStack() as held:
        state, others, etags, standing = None, set[str](), dict[str, str](), list[str]()
        if store:
            if yes:
                held.enter_context(store.cycle(key))
            with store.reading() as tx:
                state = tx.target_state(key, target)
                others = {one.id for one in tx.prospects() if one.rep != key}
                etags = tx.etags(key, target)
                standing = [row.href for row in tx.written(key, target)]
        calendar = _opened(run, key, settings, state)
        held.callback(calendar.close)
        calendar.remind(lambda: etags)
        found = _ours(calendar, target, others, keep_records=keep_records)
        if store and not unread:
            _leave_unread(store, key, found)
        if not all(map(calendar.reaches, standing)) or (calendar.notice and not calendar.reaches(calendar.href("", Form.TASK))):
            found.left.append(f"What stands there as a task cannot be seen, so it stays. {calendar.notice}".strip())
        if yes:
            try:
                _delete(calendar, found)
            finally:
                if store and found.gone:
                    _forget(store, key, target, found.gone)
            if store and not found.left:
                _settle(store, key, target, calendar, named=_named(run, key, target))
    _tell(found, done=yes, json=json, again=_named(run, key, target))
    if found.left:
        raise typer.Exit(1)


def _target(run: Session, store: Store | None, name: str, rep: str) -> tuple[CalDavTarget | GoogleTarget, str]:
    """The target's settings, and the rep whose it is. Raises UsageError."""
    former = _former(store, name)
    settings = run.settings.targets.get(name)
    if settings is None:
        known = f"The config has no target '{name}' any more: put it back under 'targets', or say --forget." if former else ""
        there = output.sentence_list(run.settings.targets) or "none"
        raise UsageError(known or f"There is no target '{name}': the config has {there}.")
    if settings.type == "ics":
        raise UsageError(f"{name} is a file that FollowSync writes whole: delete {settings.path}.")
    owners = [key for key in run.settings.reps if _named(run, key, name)]
    if rep and rep not in former and run.rep(rep) not in owners:
        raise UsageError(f"{rep} does not use {name}.")
    likely = owners or former
    if not rep and len(likely) > 1:
        raise UsageError(f"Several reps use {name}: say whose calendar is meant with --rep {output.sentence_list(likely)}.")
    return settings, rep or (likely[0] if likely else next(iter(run.settings.reps)))


def _named(run: Session, rep: str, target: str) -> bool:
    """Whether the config lets that rep write there."""
    return rep in run.settings.reps and target in run.settings.reps[rep].targets


def _former(store: Store | None, target: str) -> list[str]:
    """Reps who have or had that target."""
    if store is None:
        return []
    with store.reading() as tx:
        return [state.rep for state in tx.target_states() if state.target == target]


def _settle(store: Store, key: str, target: str, calendar: Calendar, *, named: bool) -> None:
    """Nothing of ours stands there any more."""
    from followsync.accounts import bare

    if not named:
        _forget_all(store, key, target)
        return
    with store.writing("purge") as tx:
        state = tx.target_state(key, target)
        former = tuple(one for one in state.former if bare(one.rpartition("\n")[2]) != bare(calendar.collection))
        if former != state.former:
            tx.save_target_state(replace(state, former=former, notice=""))


def _let_go(run: Session, store: Store | None, target: str, rep: str, *, json: bool) -> None:
    """Of a target that a rep no longer has, or of the calendars where it wrote before: say nothing more of what still stands there. Raises
    UsageError."""
    former = [key for key in _former(store, target) if not _named(run, key, target) or _left_behind(store, key, target)]
    chosen = [key for key in former if key == rep or not rep]
    if store is None or not chosen:
        whose = f" of {rep}" if rep else ""
        raise UsageError(f"There is nothing to forget: '{target}' is no former target{whose}. Take it out of the rep's 'targets' first.")
    for key in chosen:
        with store.cycle(key):
            if _named(run, key, target):
                with store.writing("purge") as tx:
                    tx.save_target_state(replace(tx.target_state(key, target), former=(), notice=""))
            else:
                _forget_all(store, key, target)
    if json:
        output.emit({"target": target, "forgotten": chosen})
        return
    output.say(f"Forgotten what stood on {target} for {output.sentence_list(chosen)}. Nothing was deleted there.")


def _left_behind(store: Store | None, key: str, target: str) -> bool:
    if store is None:
        return False
    with store.reading() as tx:
        return bool(tx.target_state(key, target).former)


def _forget_all(store: Store, key: str, target: str) -> None:
    with store.writing("purge") as tx:
        tx.forget_written(key, target, *(row.action for row in tx.written(key, target)))
        tx.forget_foreign(key, target)
        tx.save_target_state(TargetState(key, target))


def _store_if_any(run: Session) -> Store | None:
    """None where there is none: nothing is made for the sake of deleting."""
    return run.store if there_is_a_store(run.settings) else None


def _opened(run: Session, key: str, settings: CalDavTarget | GoogleTarget, state: TargetState | None) -> Calendar:
    """Found by what the config says; what the store knows of its server counts only for that same calendar. At Google a calendar that
    nobody remembers cannot be found, so there the store is asked first; and nothing is made for the sake of deleting."""
    from followsync.accounts import remembered, renamed
    from followsync.calendars import open_calendar

    place = remembered(settings, state) if state and settings.type == "google" else ""
    rep = key if key in run.settings.reps else next(iter(run.settings.reps))  # of a rep who left, no hours are shown
    # Tasks may stand there from a time when the config wrote some.
    before = renamed(settings, state) if state else ""
    zone = run.rep_rules(rep).workdays.zone
    calendar = open_calendar(settings, zone=zone, clock=run.clock, collection=place, make=False, before=before)
    if state and state.collection.rpartition("\n")[2] == calendar.collection:
        calendar.capabilities = state.capabilities
    return calendar


def _ours(calendar: Calendar, target: str, others: set[str], *, keep_records: bool) -> _Purge:
    """Everything that stands there is looked at; ours is what carries our form of UID, under whatever name it lies. ``others``: the
    prospects of other reps, whose entries stay where several reps write to one calendar."""
    from followsync.core.operations import is_uid
    from followsync.core.wording import is_record
    from followsync.pull import pages

    standing: dict[str, Seen] = {}
    for page in pages(calendar, "", {}):
        standing.update({seen.href: seen for seen in page.seen})
        for href in page.gone:
            standing.pop(href, None)
    found = _Purge(target, [])
    for seen in standing.values():
        if seen.item is None:
            if is_uid(Path(seen.href).stem):
                found.left.append(f"{seen.href} cannot be read, so it stays: delete it on a phone.")
        elif not is_uid(seen.item.uid) or seen.item.prospect in others:
            continue
        elif seen.item.theirs:
            found.left.append(f"'{seen.item.title}' has guests or repeats, and deleting it could send them mail: delete it on a phone.")
        elif keep_records and is_record(seen.item):
            continue
        else:
            found.ours.append(seen)
            found.records += is_record(seen.item)
    found.ours.sort(key=lambda one: (one.item.start.isoformat() if one.item else "", one.href))
    return found


def _leave_unread(store: Store, key: str, found: _Purge) -> None:
    """What the rep wrote there and no cycle has seen stays: deleted, nobody would ever hear of it."""
    from followsync.core.records import is_unread

    with store.reading() as tx:
        rows = {row.href: row for row in tx.written_at(key, found.target, [seen.href for seen in found.ours])}

        def is_new(seen: Seen) -> bool:
            row = rows.get(seen.href)
            known = row is not None and row.etag is not None and row.etag == seen.etag and not row.unread
            return not known and seen.item is not None and is_unread(seen.item, tx.history(seen.item.prospect))

        new = [seen for seen in found.ours if is_new(seen)]
    for seen in new:
        assert seen.item
        found.ours.remove(seen)
        found.left.append(
            f"'{seen.item.title}' stays: what was written into it is not read yet. 'followsync sync' reads it, --unread deletes it so."
        )


def _delete(calendar: Calendar, found: _Purge) -> None:
    """One after the other. One that is refused does not stop the rest; a server that is away, or wants no more of us, does."""
    with output.progress("deleting") as progress:
        for number, seen in enumerate(found.ours, 1):
            title = seen.item.title if seen.item else seen.href
            try:
                _delete_one(calendar, seen)
            except (Unavailable, LoginNeeded) as error:
                found.left.append(f"'{title}' and {len(found.ours) - number} more stay for now: {error}")
                return
            except CalendarError as error:
                found.left.append(f"'{title}' stays: {error}")
            else:
                found.deleted += 1
                found.gone.append(seen.href)
            progress(number, len(found.ours))


def _delete_one(calendar: Calendar, seen: Seen) -> None:
    """What changed since it was listed is looked at once more: it may not be ours any longer."""
    from followsync.core.operations import is_uid

    try:
        calendar.delete(seen.href, seen.etag)
    except Changed:
        again = calendar.read([seen.href]).get(seen.href)
        if again is None:
            return
        if again.item is None or not is_uid(again.item.uid) or again.item.theirs:
            raise Refused("somebody changed it at this moment") from None
        calendar.delete(seen.href, again.etag)


def _forget(store: Store, key: str, target: str, hrefs: Iterable[str]) -> None:
    """What is known to be gone by our own hand is nobody's answer."""
    with store.writing("purge") as tx:
        tx.forget_written(key, target, *(row.action for row in tx.written_at(key, target, hrefs)))
        tx.save_target_state(replace(tx.target_state(key, target), cursor="", settled="", last_full=None))


def _tell(found: _Purge, *, done: bool, json: bool, again: bool) -> None:
    """``again``: the config lets the rep write there, so the next sync will."""
    for sentence in found.left:
        output.warn(sentence)
    if json:
        output.emit(_shape(found, done=done))
        return
    if not done:
        for seen in found.ours[:_SHOWN]:
            assert seen.item
            output.say(f"  {seen.item.start:%Y-%m-%d %H:%M}  {seen.item.title}")
        if len(found.ours) > _SHOWN:
            output.say(f"  and {len(found.ours) - _SHOWN} more")
        answered = f" ({found.records} of them answered; --keep-records leaves those)" if found.records else ""
        output.say(f"This would delete {len(found.ours)} entries from {found.target}{answered}. Nothing was deleted; --yes does it.")
        return
    output.say(f"Deleted {found.deleted} entries from {found.target}; what FollowSync did not write was not touched.")
    if again:
        output.say(f"As long as the config names {found.target}, the next sync writes there again what is still to be done.")


def _shape(found: _Purge, *, done: bool) -> dict[str, Any]:
    listed = [{"href": one.href, "title": one.item.title, "start": one.item.start.isoformat()} for one in found.ours if one.item]
    return {"done": done, "target": found.target, "entries": listed, "records": found.records, "deleted": found.deleted, "left": found.left}
