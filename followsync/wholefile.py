"""A text file that others read: they see the old one or the new one, never half of it."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Replace the file. A new one may be read by its owner only; one that stands there keeps its mode, owner and group. What is no file (a
    pipe, a terminal) is written into as it is, and a link stays one. ``private``: a secret stands in it, so only its owner, and
    a group that may read it alone, keep their rights; a new one that root writes is of whoever owns the folder. Raises OSError."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
        return
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as whole:
            _as_before(handle, path, private=private)
            whole.write(text.encode())
            whole.flush()
            os.fsync(handle)
        Path(temporary).replace(path)
    except BaseException:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _as_before(handle: int, path: Path, *, private: bool) -> None:
    """Let those read it who could read what stands there. A group that this user may not give a file to gets nothing: else another group
    would have its rights."""
    try:
        before = path.stat()
    except FileNotFoundError:
        if private:
            give_to_owner_of(handle, path.parent)
        return
    mode = stat.S_IMODE(before.st_mode)
    if private:
        mode &= 0o600 if mode & stat.S_IRWXO else 0o640  # open to all is no choice of anybody's, it is a umask
    give_to_owner_of(handle, path)
    try:
        os.fchown(handle, -1, before.st_gid)
    except PermissionError:
        mode &= ~stat.S_IRWXG
    os.fchmod(handle, mode)


def give_to_owner_of(handle: int, path: Path) -> None:
    """What root makes beside the files of a service is the service's: else that could not read it any more. Whoever is not root may give
    nothing away, and nothing is done."""
    theirs = path.stat()
    if os.geteuid() == 0 != theirs.st_uid:
        os.fchown(handle, theirs.st_uid, theirs.st_gid)


def _settle(folder: Path) -> None:
    """The new name reaches the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
