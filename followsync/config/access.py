"""Whether another user of this machine can read a file: who types a command is mostly not who runs the service."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_ACL = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class User:
    name: str
    uid: int
    gid: int
    groups: frozenset[int]


def user(name: str) -> User | None:
    """None where this machine knows nobody of that name."""
    try:
        known = pwd.getpwnam(name)
        return User(name, known.pw_uid, known.pw_gid, frozenset(os.getgrouplist(name, known.pw_gid)))
    except (KeyError, OSError):
        return None


def shut_out(files: Iterable[Path], reader: User) -> list[str]:
    """A sentence for each of the files that ``reader`` may not read, with what to do. Where that cannot be told, there is none."""
    return [_told(file, path, reader) for file in files if (path := _barred(file, reader)) is not None]


def _barred(file: Path, reader: User) -> Path | None:
    """The first folder on the way that may not be entered, or the file."""
    absolute = file.absolute()
    for folder in reversed(absolute.parents):
        if not _may(folder, reader, stat.S_IXOTH):
            return folder
    return None if _may(absolute, reader, stat.S_IROTH) else absolute


def _may(path: Path, reader: User, right: int) -> bool:
    """``right``: the bit that gives it to others. An access list may give what the mode does not."""
    try:
        found = path.stat()
        listed = _ACL in os.listxattr(path)
    except OSError:
        return True  # it is not there, or we may not look ourselves
    if reader.uid == 0 or listed:
        return True
    if found.st_uid == reader.uid:
        return bool(found.st_mode & right << 6)
    return bool(found.st_mode & (right << 3 if found.st_gid in reader.groups else right))


def _told(file: Path, path: Path, reader: User) -> str:
    who = f"the service runs as the user {reader.name}, who may not"
    if path != file.absolute():
        return f"{who} enter {path}, and so not read {file}: move that file beside the config."
    mend = f"'sudo chgrp {_group(reader.gid)} {file}' and 'sudo chmod 640 {file}'"
    return f"{who} read {file}: say {mend}, so that root writes it and the service reads it."


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
