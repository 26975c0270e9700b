"""A text file that others read: they see the old one or the new one, never half of it."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Replace the file. A new one may be read by its owner only; one that stands there keeps its mode and group. What is no file (a pipe,
    a terminal) is written into as it is, and a link stays one. Raises OSError."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
        return
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as whole:
            _as_before(handle, path)
            whole.write(text.encode())
            whole.flush()
            os.fsync(handle)
        Path(temporary).replace(path)
    except BaseException:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _as_before(handle: int, path: Path) -> None:
    """Let those read it who could read what stands there. A group that this user may not give a file to gets nothing: else another group
    would have its rights."""
    with suppress(FileNotFoundError):
        before = path.stat()
        mode = stat.S_IMODE(before.st_mode)
        try:
            os.fchown(handle, -1, before.st_gid)
        except PermissionError:
            mode &= ~stat.S_IRWXG
        os.fchmod(handle, mode)


def _settle(folder: Path) -> None:
    """The new name reaches the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
