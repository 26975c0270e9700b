"""How the service fares, where systemd keeps one for this config."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from followsync.config import Settings
from followsync.config.access import kept_from_writing, shut_out, user
from followsync.config.secret import files, tokens
from followsync.doctor.findings import Finding, bad, good, note

_CONFIGS = Path("/etc/followsync")  # where the units of the machine look
_STATE = Path("/var/lib/followsync")  # what the unit lets it write
_SHOWN = "LoadState,ActiveState,SubState,UnitFileState,NRestarts,StatusText,Result,ExecMainStatus,User,ExecStart,ProtectHome,PrivateTmp"
_USER = "followsync"  # whom the package makes
_CONFIG_WRONG = 78
_OURS = {"ProtectHome": "yes", "PrivateTmp": "yes"}  # as systemd/followsync.service has it


def systemd(config: Path = _CONFIGS / "config.yaml") -> list[Finding]:
    """The machine's unit for this config, and this user's. Nothing where none is installed, or where there is no systemd."""
    unit = _unit_of(config)
    return [
        found
        for scope, topic, name in (((), "systemd", unit), (("--user",), "systemd-user", "followsync"))
        if (told := _told(scope, name)) and told.get("LoadState") == "loaded" and (found := _fares(topic, name, told))
    ]


def readable(config: Path, settings: Settings) -> list[Finding]:
    """Whether the service can read the config and what it names, and write what it is to write. That whoever types a command can, says
    nothing of it."""
    told = _told((), _unit_of(config))
    runs = told.get("LoadState") == "loaded" and str(config.absolute()) in told.get("ExecStart", "")
    name = told.get("User", "") if runs else _USER if config.absolute().parent == _CONFIGS else ""
    reader = user(name) if name else None
    if reader is None:
        return []
    reader = replace(reader, hidden=_hidden(told if runs else _OURS))
    places = [*settings.targets.values(), *settings.busy.values()]
    written = dict.fromkeys(one for place in places for one in tokens(place))
    secrets = dict.fromkeys(one for place in places for one in files(place) if one not in written)
    shut = {
        "config": shut_out([config], reader, f"into {_CONFIGS}"),
        "secrets": [*shut_out(secrets, reader), *shut_out(written, reader, f"into {_STATE}, and name it so in the config", theirs=True)],
        "busy-files": shut_out([one.path for one in settings.busy.values() if one.type == "ics" and one.path], reader),
        "files": kept_from_writing([one.path for one in settings.targets.values() if one.type == "ics"], reader),
    }
    return [bad(topic, " ".join(f"{one[:1].upper()}{one[1:]}" for one in sentences)) for topic, sentences in shut.items() if sentences]


def _hidden(told: Mapping[str, str]) -> dict[Path, str]:
    """Folders that a unit does not let its service see (systemd.exec(5)), and why."""
    homes = told.get("ProtectHome", "no")
    found = dict.fromkeys(map(Path, ("/home", "/root", "/run/user")), f"ProtectHome={homes}") if homes in ("yes", "tmpfs") else {}
    own = told.get("PrivateTmp", "no")
    return found | (dict.fromkeys(map(Path, ("/tmp", "/var/tmp")), f"PrivateTmp={own}") if own != "no" else {})  # noqa: S108 - named, not used


def _unit_of(config: Path) -> str:
    """``/etc/followsync/dana.yaml`` is the config of ``followsync@dana``; any other one may be that of ``followsync``."""
    absolute = config.absolute()
    if absolute.parent == _CONFIGS and absolute.suffix == ".yaml" and absolute.stem != "config":
        return f"followsync@{absolute.stem}"
    return "followsync"


def _told(scope: tuple[str, ...], unit: str) -> dict[str, str]:
    command = ["systemctl", *scope, "show", f"{unit}.service", f"--property={_SHOWN}"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=True, text=True)  # noqa: S603 - our own words, no shell
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def _fares(topic: str, unit: str, told: dict[str, str]) -> Finding:
    active, enabled = told.get("ActiveState", ""), told.get("UnitFileState", "")
    restarts = int(told.get("NRestarts") or 0)
    again = f", restarted {restarts} time{'' if restarts == 1 else 's'}" if restarts else ""
    user, whose = ("--user ", " of this user") if topic == "systemd-user" else ("", "")
    words = f"{unit}.service{whose} is {active} ({told.get('SubState', '')}), {enabled or 'not enabled'}{again}"
    if active not in ("active", "activating", "reloading"):
        if told.get("ExecMainStatus") == str(_CONFIG_WRONG):
            return bad(topic, f"{words}: its config was wrong. 'followsync check' says where; then 'systemctl {user}start {unit}'.")
        return bad(topic, f"{words}: 'systemctl {user}status {unit}' says why, 'systemctl {user}start {unit}' starts it.")
    if enabled != "enabled":
        return note(topic, f"{words}: it does not start by itself; 'systemctl {user}enable {unit}' lets it.")
    status = told.get("StatusText", "")
    if status.partition("; ")[2]:  # behind how many there are it tells what is wrong with them
        return bad(topic, f"{words}: {status}. 'followsync status' says why, and 'journalctl {user}-u {unit}' since when.")
    return good(topic, f"{words}{': ' + status if status else ''}.")
