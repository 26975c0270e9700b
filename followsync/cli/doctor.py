"""doctor: every target and busy source tried live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from followsync.cli import output
from followsync.cli.leftovers import Left, dropped
from followsync.cli.session import NoStore, Session, session, store_name
from followsync.cli.words import Json, Rep
from followsync.core.target import TargetState

if TYPE_CHECKING:
    from followsync.doctor import Finding

_SIGNS = {"good": "ok", "note": "note", "bad": "BAD"}


def register(app: typer.Typer) -> None:
    app.command("doctor", short_help="Try every target live, the feed and the service.")(doctor)


def doctor(ctx: typer.Context, *, rep: Rep = "", json: Json = False) -> None:
    """Try every target live: discovery, rights, an entry written, read and removed again, the clocks, what the server can do and keeps.

    Also which HTTP library is used, whether the feed answers here and at its public address, how the systemd unit fares,
    and whether its user can read the config, the files with secrets and those of busy sources.
    """
    from followsync import doctor as doctors

    this = session(ctx)
    reps = this.reps(rep)
    states, store, left, addresses = _remembered(this, reps)
    installation = [
        doctors.http(),
        store,
        *doctors.systemd(this.path),
        *doctors.readable(this.path, this.settings),
        *doctors.feed(this.settings, addresses),
    ]
    found = doctors.targets(this.settings, reps, lambda key, name: states.get((key, name), TargetState(key, name)), this.clock())
    for one in left:
        found.setdefault(one.target, []).append(doctors.bad("left", str(one)))
    ok = all(one.state != "bad" for one in [*installation, *(one for several in found.values() for one in several)])
    if json:
        shown = {name: [_shape(one) for one in several] for name, several in found.items()}
        output.emit({"ok": ok, **{one.topic: _shape(one) for one in installation}, "targets": shown})
    else:
        _tell({"this installation": installation, **found}, ok=ok)
    if not ok:
        raise typer.Exit(1)


def _remembered(this: Session, reps: list[str]) -> tuple[dict[tuple[str, str], TargetState], Finding, list[Left], int]:
    """What is remembered of the targets, and how many secret addresses were given out; nothing where there is no store, which is no reason
    not to try them."""
    from followsync.doctor import bad, good

    try:
        with this.store.reading() as tx:
            states = {(key, name): tx.target_state(key, name) for key in reps for name in this.settings.reps[key].targets}
            people = len(tx.prospects(open_only=True))
            left = dropped(this, tx, reps)
            addresses = len(tx.feeds()) + len(tx.pages())
    except NoStore as error:
        return {}, bad("store", str(error)), [], 0
    said = good("store", f"{store_name(this.settings)}, with {people or 'no'} open prospect{'' if people == 1 else 's'}.")
    return states, said, left, addresses


def _shape(one: Finding) -> dict[str, str]:
    return {"topic": one.topic, "state": one.state.value, "text": one.text}


def _tell(found: dict[str, list[Finding]], *, ok: bool) -> None:
    for name, several in found.items():
        output.say(name)
        for one in several:
            output.say(f"  {_SIGNS[one.state.value]:<5}{one.topic:<13}{one.text}")
    output.say("All is well." if ok else "Something needs attention: see the lines with BAD.")
