"""Secrets: the config says where one is kept, never what it is."""

from __future__ import annotations

import grp
import os
import pwd
import stat
import subprocess
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from followsync.config.words import WAYS, Command, Credential, FilePath, Variable
from followsync.errors import SecretMissing

_PATIENCE = 60  # seconds a password program may take: it may wait for a hardware key's touch


class Secret(BaseModel):
    """Where a secret is kept: exactly one of an environment variable, a file, a command's output, a systemd credential."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: Variable | None = Field(default=None, description="name of an environment variable that holds it")
    file: FilePath | None = Field(default=None, description="file that holds it; a relative path counts from the config's folder")
    command: Command | None = Field(
        default=None, repr=False, description="program that prints it, such as [pass, show, phone]; no shell is used"
    )
    credential: Credential | None = Field(default=None, description="name of a systemd credential (LoadCredential=)")

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"a secret may not stand in this file; say where it is kept: {WAYS}")  # noqa: TRY004 - pydantic reads ValueError
        if sum(way in value for way in cls.model_fields) > 1 or not value:
            raise ValueError(f"a secret is kept in one place; write one of {WAYS}")
        return value

    def reveal(self) -> str:
        """The secret itself, read now; the line end after it is dropped. Raises SecretMissing where it cannot be had."""
        if self.env is not None:
            text = os.environ.get(self.env, "")
            where = f"the environment variable {self.env}"
        elif self.file is not None:
            text, where = _from_file(self.file), f"the file {self.file}"
        elif self.command is not None:
            text, where = _from_command(self.command), f"the output of the command '{self.command[0]}'"
        else:
            text, where = _from_file(self.credential_path()), f"the systemd credential '{self.credential}'"
        if not (secret := text.rstrip("\r\n")):
            raise SecretMissing(f"{where} is empty or not set; put the secret there.")
        return secret

    def exposed(self) -> str:
        """A sentence where it stands in a file that everybody on this machine may read; else ""."""
        try:
            mode = self.file.stat().st_mode if self.file is not None else 0
        except OSError:
            return ""
        if not mode & stat.S_IROTH:
            return ""
        return f"everybody on this machine may read {self.file}, in which a secret stands: say 'chmod 600 {self.file}'."

    def credential_path(self) -> Path:
        """Where systemd put the credential (systemd.exec(5), ``$CREDENTIALS_DIRECTORY``). Raises SecretMissing outside of such a unit."""
        if not (folder := os.environ.get("CREDENTIALS_DIRECTORY")):
            raise SecretMissing(f"there is no systemd credential '{self.credential}' here; it needs LoadCredential= in the systemd unit.")
        return Path(folder) / (self.credential or "")


def exposed(place: BaseModel) -> list[str]:
    """Such sentences of all secrets that a target or a busy source names."""
    return [sentence for one in _secrets(place) if (sentence := one.exposed())]


def files(place: BaseModel) -> list[Path]:
    """Those in which the secrets stand that a target or a busy source names."""
    return [one.file for one in _secrets(place) if one.file is not None]


def tokens(place: BaseModel) -> list[Path]:
    """Those of them that whoever runs this writes anew: Google's sign-ins."""
    token = getattr(place, "token", None)
    return [token.file] if isinstance(token, Secret) and token.file is not None else []


def _secrets(place: BaseModel) -> list[Secret]:
    values = (getattr(place, name) for name in type(place).model_fields)
    return [one for one in values if isinstance(one, Secret)]


def _from_file(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise SecretMissing(f"the secret's file {path} does not exist; write it, readable by this user only.") from None
    except UnicodeDecodeError:
        raise SecretMissing(f"the secret's file {path} is not text.") from None
    except OSError as error:
        raise SecretMissing(f"the secret's file {path} cannot be read: {unreadable(path, error)}") from None


def unreadable(path: Path, error: OSError, *, ours: bool = False) -> str:
    """Why a file with a secret cannot be read, and what to do: as docs/howto/systemd.md and google.md say. ``ours``: it is written too."""
    if not isinstance(error, PermissionError):
        return f"{error.strerror}."
    user = _name_of(os.geteuid())
    whose = f", which is {_name_of(found)}'s" if (found := _owner(path)) is not None and found != os.geteuid() else ""
    if ours:
        must = "It must belong to the user as whom the service runs"
        mend = f"'sudo chown {user} {path}' and 'sudo chmod 600 {path}'"
    else:
        must = "The user as whom the service runs must be able to read it"
        mend = f"'sudo chgrp {_group_of_user()} {path}' and 'sudo chmod 640 {path}'"
    return (
        f"{error.strerror}. This runs as the user {user}, who may not read that file{whose}. {must}: run this as that user, with "
        f"'sudo -u'; or, if that is {user}, say {mend}, and let them enter its folder."
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group_of_user() -> str:
    try:
        return grp.getgrgid(os.getegid()).gr_name
    except KeyError:
        return str(os.getegid())


def _owner(path: Path) -> int | None:
    """None where its folder may not be entered."""
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _from_command(command: tuple[str, ...]) -> str:
    """What the program prints. Neither its words nor its output are told when it fails: a token may stand in both."""
    program = f"the secret's command '{command[0]}'"
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603 - the config's owner chose it; no shell
        text = done.stdout.decode("utf-8")
    except (FileNotFoundError, PermissionError):
        raise SecretMissing(f"{program} is not there, or may not be run.") from None
    except subprocess.TimeoutExpired:
        raise SecretMissing(f"{program} gave no answer in {_PATIENCE} seconds; run it by hand to see why.") from None
    except (OSError, UnicodeDecodeError):
        raise SecretMissing(f"{program} could not be run, or prints something that is not text.") from None
    if done.returncode:
        raise SecretMissing(f"{program} failed (exit status {done.returncode}); run it by hand to see why.")
    return text
