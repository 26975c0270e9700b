"""Whether another user of this machine can read a file: who types a command is mostly not who runs the service."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_ACL = "system.posix_acl_access"
_MOST_LINKS = 40  # that the kernel follows on one way (path_resolution(7))


@dataclass(frozen=True, slots=True)
class User:
    """``hidden``: folders that they do not see, whatever their rights, and the setting that hides them."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int]
    hidden: Mapping[Path, str] = field(default_factory=dict)


def user(name: str) -> User | None:
    """None where this machine knows nobody of that name."""
    try:
        known = pwd.getpwnam(name)
        return User(name, known.pw_uid, known.pw_gid, frozenset(os.getgrouplist(name, known.pw_gid)))
    except (KeyError, OSError):
        return None


def shut_out(files: Iterable[Path], reader: User, home: str = "beside the config", *, theirs: bool = False) -> list[str]:
    """A sentence for each of the files that ``reader`` may not read, with what to do. Where that cannot be told, there is none. ``home``:
    where such a file may be read. ``theirs``: they write these files themselves."""
    return [sentence for file in files if (sentence := _sentence(file, reader, home, theirs=theirs))]


def kept_from_writing(files: Iterable[Path], writer: User) -> list[str]:
    """The same of files that ``writer`` makes anew: beside themselves, so the folder's rights count."""
    found = []
    for file in files:
        *folders, last = _way(file)
        folder = next((one for one in folders if not _may(one, writer, stat.S_IXOTH)), None)
        if folder or not _may(last.parent, writer, stat.S_IWOTH):
            what = f"enter {folder}" if folder else f"write into {last.parent}"
            found.append(
                f"the service runs as the user {writer.name}, who may not {what}{_whose(folder or last.parent)}, and so not write "
                f"{file}{_led(file, last)}: name another place in the config, such as /var/lib/followsync/{file.name}."
            )
    return found


def _sentence(file: Path, reader: User, home: str, *, theirs: bool) -> str:
    *folders, last = _way(file)
    who = f"the service runs as the user {reader.name}, who may not"
    for folder, setting in reader.hidden.items():
        if last.is_relative_to(folder):
            return f"the service does not see {folder} ({setting} in its unit), so not {file}{_led(file, last)}: move that file {home}."
    for folder in folders:
        if not _may(folder, reader, stat.S_IXOTH):
            return f"{who} enter {folder}{_whose(folder)}, and so not read {file}{_led(file, last)}: move that file {home}."
    if not _may(last, reader, stat.S_IROTH):
        if theirs:
            mend = f"'sudo chown {reader.name}: {last}' and 'sudo chmod 600 {last}', for the service writes it"
        else:
            mend = f"'sudo chgrp {_group(reader.gid)} {last}' and 'sudo chmod 640 {last}', so that the service reads it"
        return f"{who} read {file}{_led(file, last)}{_whose(last)}: say {mend}."
    if theirs and not _may(last.parent, reader, stat.S_IWOTH):
        return f"{who} write into {last.parent}{_whose(last.parent)}, where {file} stands: move that file {home}."
    return ""


def _way(file: Path) -> list[Path]:
    """What is passed to get there: each folder that is entered, also where links lead, and at last the file itself."""
    here, found, links = Path("/"), [Path("/")], 0
    left = list(file.absolute().parts[1:])
    while left:
        part = left.pop(0)
        one = here.parent if part == ".." else here / part
        try:
            leads = one.readlink() if one.is_symlink() and links < _MOST_LINKS else None
        except OSError:
            leads = None  # it is not there any more, or we may not look ourselves
        if leads is None:
            here = one
            found.append(here)
            continue
        links += 1
        here = Path("/") if leads.is_absolute() else here
        left[:0] = leads.parts[leads.is_absolute() :]
    return found


def _led(file: Path, last: Path) -> str:
    return "" if last == file.absolute() else f" (a link to {last})"


def _whose(path: Path) -> str:
    try:
        return f", which is {pwd.getpwuid(path.stat().st_uid).pw_name}'s"
    except (KeyError, OSError):
        return ""


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


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
