"""doctor: every target and busy source tried live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from followsync.cli import output
from followsync.cli.session import session
from followsync.cli.words import Json, Rep

if TYPE_CHECKING:
    from followsync.doctor import Finding

_SIGNS = {"good": "ok", "note": "note", "bad": "BAD"}


def register(app: typer.Typer) -> None:
    app.command("doctor", short_help="Try every target live: is it found, written, kept?")(doctor)


def doctor(ctx: typer.Context, *, rep: Rep = "", json: Json = False) -> None:
    """Try every target live: discovery, rights, an entry written, read and removed again, the clocks, what the server can do and keeps."""
    from followsync import doctor as doctors

    this = session(ctx)
    reps = this.reps(rep)
    with this.store.reading() as tx:
        states = {(key, name): tx.target_state(key, name) for key in reps for name in this.settings.reps[key].targets}
    http = doctors.http()
    found = doctors.targets(this.settings, reps, lambda key, name: states[key, name], this.clock())
    every = [http, *(one for several in found.values() for one in several)]
    ok = all(one.state != "bad" for one in every)
    if json:
        shown = {name: [_shape(one) for one in several] for name, several in found.items()}
        output.emit({"ok": ok, "http": _shape(http), "targets": shown})
    else:
        _tell(http, found, ok=ok)
    if not ok:
        raise typer.Exit(1)


def _shape(one: Finding) -> dict[str, str]:
    return {"topic": one.topic, "state": one.state.value, "text": one.text}


def _tell(http: Finding, found: dict[str, list[Finding]], *, ok: bool) -> None:
    for name, several in {"this installation": [http], **found}.items():
        output.say(name)
        for one in several:
            output.say(f"  {_SIGNS[one.state.value]:<5}{one.topic:<11}{one.text}")
    output.say("All is well." if ok else "Something needs attention: see the lines with BAD.")
