"""init: a few questions, a commented config, a first look at the calendar."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from followsync.cli import output
from followsync.cli.session import session, state_folder, store_name, store_of
from followsync.cli.words import Yes
from followsync.errors import CalendarError, ConfigError, LoginNeeded, SecretMissing, UsageError

if TYPE_CHECKING:
    from followsync.config import Settings

_VARIABLE = "FOLLOWSYNC_PHONE_PASSWORD"
_SERVICES = Path("/etc/followsync")  # where the units of the machine look for configs, and where they keep stores
_STORES = Path("/var/lib/followsync")
_USER = "followsync"  # as whom they run
_WAYS = {
    "type": "typed at the next question, where it cannot be seen; it is kept in a file of its own",
    "env": "in an environment variable",
    "file": "in a file that is there already",
    "command": "printed by a program, such as: pass show phone",
    "credential": "a credential of systemd's",
}

_TEMPLATE = """\
# FollowSync's config. 'followsync check' says what is wrong with it; 'followsync schema' prints what editors complete from.
# Relative paths count from this file's folder. Durations: 30 seconds, 3 days, 4 working days, 3 weeks, 4 months.

store: {store}{pad}# {where}

reps:
  {key}:
    name: {name}
    timezone: {timezone}
    hours: {{mon-fri: 09:00-17:00}}
    # holidays: US-MI                 # country[-subdivision]: no follow-up is planned on them
    # away: [2026-07-03/2026-07-10]   # leave
    capacity: 12                      # follow-ups a day
    buffer: 10 minutes                # kept free around other appointments
    targets: [{target}]
    # busy: [private]                 # calendars that are only read, so that nothing is planned on top of them

targets:
{targets}
# busy:
#   private: {{type: ics, url: https://dav.example.org/private.ics}}

# methods:                            # built in: call, visit, email, video, meeting, coffee, letter, gift, newsletter
#   candy-gram: {{verb: Send candy-gram to, shows: address}}

cadences:                             # the first one that fits a prospect is used
  pitched:
    for: {{stage: pitched}}
    start: met                        # the day you met; without it, the day of capture
    min_gap: 7 days
    steps:
      - {{after: 3 days, method: email, purpose: say thanks}}
      - {{id: first-call, after: 3 weeks, method: call, purpose: set a meeting with the real decision makers}}
      - {{every: 90 days, from: first-call, method: email, purpose: see if the competition has dropped the ball}}
      - {{every: 4 months, from: first-call, method: call, purpose: tell them of a price or terms change}}
# Who fits no cadence stands in the calendar as "Decide: …" until a next step is named.

sync: {{every: 5 minutes}}

# feed:                               # calendars that others subscribe to: 'followsync feed add'
#   listen: 127.0.0.1:8765            # where 'followsync run' serves them; a proxy with https stands before it
#   public_url: https://follow.example.org
"""

_CALDAV = """\
  phone:
    type: caldav
    url: {url}
    username: {username}
    password: {{{way}: {secret}}}
    calendar: {calendar}              # made if it is missing
    write: event                      # event, task, or auto: as each method says
"""
_FILE = """\
  file: {{type: ics, path: {path}}}   # a file that any calendar program opens or subscribes to
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """``url`` is "" where only a file is to be written. ``way``: where the password is kept (``env``, ``file``, ``command``,
    ``credential``), and ``secret`` under which name. ``password``: one that is to be kept in that file now."""

    name: str
    timezone: str
    url: str = ""
    username: str = ""
    way: str = "env"
    secret: str | tuple[str, ...] = _VARIABLE
    calendar: str = "Follow-ups"
    password: str = ""

    def config(self, store: str, whose: str, *, service: bool = False) -> str:
        """The file's text. A JSON string is a YAML string, whatever stands in it. ``store``: where, "" for the usual place; ``whose``: why
        it is another one. ``service``: what is written lies beside the store, which is all that it may write."""
        quoted = {
            one: json.dumps(getattr(self, one), ensure_ascii=False) for one in ("name", "timezone", "url", "username", "secret", "calendar")
        }
        beside = "follow-ups.ics"  # the config, where a service may not write
        path = str(Path(store.removeprefix("sqlite:///")).with_name(beside)) if store and service else beside
        targets = _CALDAV.format(way=self.way, **quoted) if self.url else _FILE.format(path=json.dumps(path, ensure_ascii=False))
        key = re.sub(r"[^a-z0-9_-]", "", self.name.lower().partition(" ")[0]) or "rep"
        target = "phone" if self.url else "file"
        kept = store or "sqlite"
        where = whose if store else "in the state folder; or sqlite:///PATH"
        pad = " " * max(1, 31 - len(kept))
        names = {"name": quoted["name"], "timezone": quoted["timezone"]}
        return _TEMPLATE.format(key=key, target=target, targets=targets, store=kept, pad=pad, where=where, **names)


def init(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="The rep's name.", show_default=False)] = "",
    timezone: Annotated[str, typer.Option(help="Such as America/Detroit; this machine's where it is missing.", show_default=False)] = "",
    url: Annotated[
        str, typer.Option(help="The CalDAV server, the account's domain or e-mail; without it a file is written.", show_default=False)
    ] = "",
    username: Annotated[str, typer.Option(help="The account's name or e-mail.", show_default=False)] = "",
    password_env: Annotated[
        str, typer.Option(metavar="NAME", help="The environment variable that holds the password.", show_default=False)
    ] = "",
    password_file: Annotated[str, typer.Option(metavar="PATH", help="The file that holds the password.", show_default=False)] = "",
    password_command: Annotated[str, typer.Option(metavar="COMMAND", help="The program that prints it.", show_default=False)] = "",
    password_credential: Annotated[
        str, typer.Option(metavar="NAME", help="The systemd credential that holds it.", show_default=False)
    ] = "",
    calendar: Annotated[str, typer.Option(help="The calendar's name; made if it is missing.")] = "Follow-ups",
    yes: Yes = False,
) -> None:
    """Ask a few questions, write a commented config, and try the calendar: an entry is written, read and removed.

    An e-mail address is enough to find most CalDAV servers. A config in /etc/followsync is made so that the service can read it.
    """
    path = session(ctx).new_config
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} is there already and stays as it is. Name another one with '--config FILE' before 'init'.")
    given = {"env": password_env, "file": password_file, "command": password_command, "credential": password_credential}
    told = {way: where for way, where in given.items() if where}
    if len(told) > 1:
        raise UsageError("The password is kept in one place: say only one of --password-env, -file, -command and -credential.")
    way, where = next(iter(told.items()), ("env", _VARIABLE))
    answers = Answers(name, timezone, url, username, way, _kept(way, where), calendar)
    if not yes and sys.stdin.isatty():
        answers = _asked(answers, None if told else _free(path))
    if not answers.timezone:
        answers = replace(answers, timezone=_local_zone())
    if not answers.name:
        answers = replace(answers, name=os.environ.get("USER", "rep").capitalize())
    settings = _written(path, answers)
    output.say(f"Wrote {path}.")
    if answers.password:
        output.say(f"The password is kept in {path.parent / str(answers.secret)}.")
    store_of(settings).close()
    output.say(f"The store is {store_name(settings)}.")
    _warn_of_what_is_shut(path, settings)
    _try(settings, answers, path)
    if _store_of_service(path):
        unit = "followsync" if path.stem == "config" else f"followsync@{path.stem}"
        output.say(f"Start the service: systemctl enable --now {unit}")


def _kept(way: str, where: str) -> str | tuple[str, ...]:
    """As the config writes it: a command in words, for no shell is used."""
    return tuple(shlex.split(where)) if way == "command" else where


def _free(path: Path) -> str:
    """A name for a file with the password, beside the config: each config has its own, and none that is there is touched."""
    first = "phone-password" if path.stem == "config" else f"{path.stem}-password"
    names = (first if number == 1 else f"{first}-{number}" for number in count(1))
    return next(name for name in names if not os.path.lexists(path.parent / name))


def _asked(given: Answers, file: str | None) -> Answers:
    """``file``: where a password that is typed is to be kept; None where it was said already where it is."""
    name = given.name or typer.prompt("Your name", default=os.environ.get("USER", "rep").capitalize())
    timezone = given.timezone or typer.prompt("Your time zone", default=_local_zone(required=False) or None)
    username = given.username or typer.prompt(
        "Your e-mail or account name at the calendar (empty: write a file only)", default="", show_default=False
    )
    if not username and not given.url:
        return Answers(name, timezone)
    domain = username.partition("@")[2]
    proposed = domain or None  # its DNS and its well-known address say where the server is (RFC 6764)
    url = given.url or typer.prompt("The CalDAV server's address, or only its domain", default=proposed)
    answers = replace(given, name=name, timezone=timezone, url=url, username=username)
    return answers if file is None else _with_password(answers, file)


def _with_password(answers: Answers, file: str) -> Answers:
    output.say("An app password, made for FollowSync at your provider, is better than your own: it can be taken back alone.")
    for one, meaning in _WAYS.items():
        output.say(f"  {one:<12}{meaning}")
    while (way := typer.prompt("Where is the password? One of these words", default="type").strip().lower()) not in _WAYS:
        # it may have been the password: it is not said again
        output.warn("That is none of these words, and was not kept. Press Enter to type a password where nobody can read it.")
    match way:
        case "env":
            return replace(answers, way=way, secret=typer.prompt("The environment variable", default=_VARIABLE))
        case "file":
            return replace(answers, way=way, secret=typer.prompt("The file"))
        case "command":
            return replace(answers, way=way, secret=_kept(way, typer.prompt("The command that prints it")))
        case "credential":
            return replace(answers, way=way, secret=typer.prompt("The name of the systemd credential", default="phone"))
        case _:
            password = typer.prompt(f"The password (kept in {file}, beside the config)", hide_input=True)
            return replace(answers, way="file", secret=file, password=password)


def _written(path: Path, answers: Answers) -> Settings:
    """The file is written, or nothing is."""
    from followsync.config import load

    service = _store_of_service(path)
    whose = "the service's; commands that you type find it here too" if service else "this config's own; the usual one is another's"
    _create(path, answers.config(service or _store_of_its_own(path), whose, service=bool(service)))
    try:
        settings = load(path)
        if answers.password:
            assert isinstance(answers.secret, str)
            _create(path.parent / answers.secret, answers.password)
    except ConfigError as error:
        path.unlink()
        raise UsageError("\n".join(problem.message for problem in error.problems)) from None
    except UsageError:
        path.unlink()
        raise
    return settings


def _store_of_service(path: Path) -> str:
    """A config that a unit of the machine reads names the store, so that commands that are typed find the same one."""
    absolute = path.absolute()
    if absolute.parent != _SERVICES:
        return ""
    folder = _STORES if absolute.stem == "config" else _STORES / absolute.stem
    return f"sqlite:///{folder / 'followsync.db'}"


def _store_of_its_own(path: Path) -> str:
    """Where another config stands beside it, the usual store is that one's: its reps would be unknown to this one."""
    folder = path.absolute().parent
    others = [one for one in folder.glob("*.y*ml") if one.name != path.name] if folder.is_dir() else []
    usual = state_folder() / "followsync.db"
    own = others and usual.exists() and path.stem != "config"  # which is the usual one, begun anew too
    return f"sqlite:///{usual.with_name(f'{path.stem}.db').absolute()}" if own else ""


def _create(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            _let_the_service_read(file.fileno(), path.absolute().parent)
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already and stays as it is. Move it away first.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None


def _let_the_service_read(handle: int, folder: Path) -> None:
    """The folder's group says who the service is; what root writes there stays root's."""
    if folder == _SERVICES and os.geteuid() == 0 != (group := _group_of(folder)):
        os.fchown(handle, -1, group)
        os.fchmod(handle, 0o640)


def _group_of(folder: Path) -> int:
    return folder.stat().st_gid


def _warn_of_what_is_shut(path: Path, settings: Settings) -> None:
    """That root reads a file says nothing of the service."""
    from followsync.config.access import shut_out, user
    from followsync.config.secret import files

    reader = user(_USER) if _store_of_service(path) else None
    named = [one for place in settings.targets.values() for one in files(place)]  # what it writes names no token
    for sentence in shut_out([path, *named], reader) if reader else []:
        output.warn(f"{sentence[:1].upper()}{sentence[1:]}")


def _try(settings: Settings, answers: Answers, path: Path) -> None:
    """Open the calendar, as the first sync would, and see that an entry can be written, read and removed."""
    if not answers.url:
        written = next(one.path for one in settings.targets.values() if one.type == "ics")
        output.say(f'It writes a file, {written}. Now capture somebody: followsync add "Call Jenny Friday 10am"')
        return
    if answers.way == "credential":
        output.say(
            "The calendar is tried when the service starts, for only that is given the credential: 'followsync status' says how it fares."
        )
        return
    from followsync.calendars import open_calendar

    try:
        calendar = open_calendar(settings.targets["phone"], zone=ZoneInfo(answers.timezone), clock=lambda: datetime.now(UTC))
        try:
            calendar.probe()
        finally:
            calendar.close()
    except CalendarError as error:
        output.warn(f"The calendar cannot be used yet: {error}")
        output.warn(f"{_what_to_mend(error, answers, path)} Then try 'followsync doctor'; 'init' is not needed again.")
        raise typer.Exit(1) from None
    output.say(f"The calendar '{answers.calendar}' answers at {calendar.collection}.")
    output.say("An entry was written there, read and removed again.")
    output.say('Now capture somebody: followsync add "Call Jenny 248.555.0100 Friday 10am"')


def _what_to_mend(error: CalendarError, answers: Answers, path: Path) -> str:
    secret = " ".join(answers.secret) if isinstance(answers.secret, tuple) else answers.secret
    kept = path.parent / secret if answers.way == "file" else f"the {'variable' if answers.way == 'env' else 'command'} {secret}"
    match error:
        case LoginNeeded():
            return f"The password is in {kept}, the user name in {path}: put right what is wrong there."
        case SecretMissing():
            return f"Put the password where {path} says that it is: {kept}."
        case _:
            return f"The address stands in {path}: where it is wrong, put it right there."


def _local_zone(*, required: bool = True) -> str:
    """The machine's zone by name: from TZ, or from what /etc/localtime leads to."""
    named = os.environ.get("TZ", "").removeprefix(":") or str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    if named and not named.startswith("/"):
        return named.removeprefix("posix/")
    if required:
        raise UsageError("This machine does not tell its time zone. Say it: --timezone America/Detroit")
    return ""
