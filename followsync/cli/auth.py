"""Signing in where a password is not enough: auth google."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from followsync.cli import output
from followsync.cli.session import Session, session, there_is_a_store
from followsync.cli.words import Yes
from followsync.errors import CalendarError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from followsync.calendars.google_consent import Consent
    from followsync.calendars.google_token import TokenFile
    from followsync.config.settings import GoogleBusy, GoogleTarget

app = typer.Typer(help="Sign in to a calendar.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="auth")


@app.command("google")
def google(
    ctx: typer.Context,
    *,
    target: Annotated[
        str, typer.Option("--target", metavar="NAME", help="Which target or busy source, where they sign in as several people.")
    ] = "",
    paste: Annotated[
        bool, typer.Option("--paste", help="Listen nowhere: paste the address at which the browser ends, though it shows an error.")
    ] = False,
    yes: Yes = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where the browser's answer is waited for.")] = 8766,
) -> None:
    """Sign in to Google, also on a server without a browser: open the address that is shown on any machine and agree.

    The browser is then sent to a port of its own machine: lead that here by SSH, as is shown, or use --paste. For a service account it only
    tries whether it works.
    """
    from followsync.calendars import google_consent as consents
    from followsync.calendars import google_login as logins
    from followsync.calendars.google_endpoint import posting
    from followsync.calendars.google_token import TokenFile

    run = session(ctx)
    chosen = _chosen(run, target)
    secrets = next(iter(chosen.values())).client_secrets.reveal()
    if logins.is_service_account(secrets):
        _try(run, chosen)
        return
    client = logins.client_of(secrets)
    token = TokenFile(_file_of(chosen))
    token.try_out()
    scopes = list(dict.fromkeys(scope for one in chosen.values() for scope in logins.scopes_of(one, tasks=_tasks(run, one))))
    consent = consents.consent(client, f"http://127.0.0.1:{port}/", scopes)
    address = _address(consent, port, paste=paste)
    timeout = next(iter(chosen.values())).timeout.total_seconds()
    found = consents.exchanged(consent, consents.code_of(consent, address), scopes, posting(timeout), logins.machine_clock())
    if doubt := _doubt(run, chosen, client.id, token, found["token"]):
        output.warn(doubt)
        if not yes and not (sys.stdin.isatty() and typer.confirm("Keep this sign-in all the same?", err=True)):
            raise UsageError("The sign-in of before is kept. Sign in with the account of before, or say --yes.")
    token.change(lambda before: found | {"calendars": before.get("calendars", {})})  # those that we made: nobody may list them
    output.say(f"Signed in. The sign-in is kept in {token.path}, which only you can read.")
    works = _tell(run, chosen)
    _go_on(run, chosen)
    if not works:
        output.warn("This sign-in does not let FollowSync write anything: say 'followsync auth google' again, and tick all boxes.")
        raise typer.Exit(1)


def _chosen(run: Session, named: str) -> dict[str, GoogleTarget | GoogleBusy]:
    """All that share one sign-in: name -> settings. Raises UsageError."""
    from followsync.config.settings import GoogleBusy, GoogleTarget

    sources = {**run.settings.busy, **run.settings.targets}
    known = {name: one for name, one in sources.items() if isinstance(one, GoogleTarget | GoogleBusy)}
    if not known:
        raise UsageError("The config has nothing of type google: add a target (docs/howto/google.md says how), then sign in.")
    if named and named not in known:
        raise UsageError(f"There is nothing of type google named '{named}': choose {output.sentence_list(known)}.")
    first = known[named] if named else next(iter(known.values()))
    same = {name: one for name, one in known.items() if one.token == first.token}
    if not named and len(same) < len(known):
        raise UsageError(f"They sign in as several people: say which with --target {output.sentence_list(known)}.")
    # A busy source may be called as a target is.
    more = {f"busy {name}": one for name, one in run.settings.busy.items() if isinstance(one, GoogleBusy) and one.token == first.token}
    return {**{name: one for name, one in same.items() if isinstance(one, GoogleTarget)}, **more}


def _tasks(run: Session, one: GoogleTarget | GoogleBusy) -> bool:
    from followsync.config.settings import GoogleTarget

    return isinstance(one, GoogleTarget) and run.settings.writes_tasks(one)


def _file_of(chosen: dict[str, GoogleTarget | GoogleBusy]) -> Path:
    path = next(iter(chosen.values())).token.file
    if path is None:
        raise UsageError("The sign-in must be kept in a file: write 'token: {file: google-token.json}' into the config.")
    return path


def _doubt(run: Session, chosen: dict[str, GoogleTarget | GoogleBusy], client: str, token: TokenFile, access: str) -> str:
    """A sentence where our calendar is not open to whoever signed in: with another account by mistake they would find an empty one. ""
    where all is as before. ``client``: the id of the client that they signed in with."""
    from followsync.calendars.google_login import is_foreign
    from followsync.config.settings import GoogleTarget

    try:
        before = token.read()
    except CalendarError:
        before = {}
    for name, one in chosen.items():
        if not isinstance(one, GoogleTarget):
            continue
        place = _calendar_before(run, name, one, before)
        if not place or not is_foreign(one.root, place, access, one.timeout.total_seconds()):
            continue
        if before.get("client_id", client) != client:
            return (
                f"This is another client than before, and our calendar '{one.calendar}' is not open to it: only clients of the project at "
                "Google that made it may see it. Make the new client in that project, or our calendar is made anew."
            )
        return f"This is another account than before, for our calendar '{one.calendar}' is not in it; or somebody deleted it there."
    return ""


def _calendar_before(run: Session, name: str, one: GoogleTarget, before: dict[str, Any]) -> str:
    """The id of the calendar that a target wrote to, as the store or else the token file remembers; or the one that the config names."""
    from followsync.accounts import remembered, renamed
    from followsync.calendars.google_place import calendar_in

    if there_is_a_store(run.settings):
        with run.store.reading() as tx:
            places = [remembered(one, state) or renamed(one, state) for state in tx.target_states() if state.target == name]
        if known := next(filter(None, places), ""):
            return calendar_in(known)
    kept = before.get("calendars")
    found = kept.get(one.calendar) if isinstance(kept, dict) else None
    return str(found or "") or (one.calendar if "@" in one.calendar else "")


def _address(consent: Consent, port: int, *, paste: bool) -> str:
    """The address to which the browser was sent after the person agreed."""
    from followsync.calendars.google_consent import waited_for

    output.say("Open this address in a browser, on any machine, and agree:")
    output.say()
    output.say(f"  {consent.url}")
    output.say()
    if paste:
        output.say("The browser then ends at a page that cannot be shown. Copy its whole address, and paste it here.")
        if not sys.stdin.isatty():
            return sys.stdin.readline()
        return str(typer.prompt("Address", err=True))
    output.say(f"Is the browser on another machine? Then lead its port {port} here first, in a terminal there:")
    output.say(f"  ssh -L {port}:127.0.0.1:{port} THIS-SERVER")
    output.say(f"Waiting at port {port}; Ctrl-C ends it, and --paste does without.")
    sys.stdout.flush()
    return waited_for(consent, port)


def _tell(run: Session, chosen: dict[str, GoogleTarget | GoogleBusy]) -> bool:
    """What works now, and what is off because a box was left unticked. False where nothing can be written for that."""
    from followsync.calendars import google_login as logins

    notice, works = "", True
    for name, one in chosen.items():
        login = logins.login_of(one, tasks=_tasks(run, one))
        notice = notice or login.notice(run.clock().tzinfo, always=True)
        if off := logins.unticked(login, one, tasks=_tasks(run, one)):
            output.warn(f"{name}: {off}")
        else:
            output.say(f"  {name}: all that it needs was granted.")
        works &= not (logins.CALENDAR in logins.scopes_of(one, tasks=False) and login.lacks(logins.CALENDAR))
    if notice:
        output.warn(notice)
    return works


def _try(run: Session, chosen: dict[str, GoogleTarget | GoogleBusy]) -> None:
    from followsync.calendars import google_login as logins

    for name, one in chosen.items():
        login = logins.login_of(one, tasks=_tasks(run, one))
        login.header()
        whose = f" in the name of {one.subject}" if one.subject else ""
        output.say(f"  {name}: the service account gets a token{whose}.")
        if notice := login.notice(run.clock().tzinfo):
            output.warn(f"{name}: {notice}")
    _go_on(run, chosen)


def _go_on(run: Session, chosen: Iterable[str]) -> None:
    """End the pauses: nobody waits six hours for a sign-in that was made."""
    from followsync.busy_cycle import try_logins_again

    if not there_is_a_store(run.settings):
        return
    names = set(chosen)
    with run.store.writing() as tx:
        for state in tx.target_states():
            if state.target in names and (state.login_needed or state.notice):  # what was told may be mended: the next cycle says
                tx.save_target_state(replace(state, not_before=None if state.login_needed else state.not_before, notice=""))
    try_logins_again(run.store, run.settings.reps)
