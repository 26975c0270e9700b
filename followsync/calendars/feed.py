"""The ICS file: everything that is planned, in one file that other calendars subscribe to. Written whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from followsync import ics
from followsync.core.item import Item
from followsync.errors import CalendarError
from followsync.wholefile import write_whole


@dataclass(frozen=True, slots=True)
class Published:
    """How many entries of the file are new, changed or gone; all 0 where nothing was written."""

    created: int
    updated: int
    deleted: int


def publish(path: Path, items: Iterable[Item], *, name: str, stamp: datetime) -> Published:
    """Make the file show exactly ``items``. An unchanged file is not touched; a spoilt one is replaced.

    A new file may be read by its owner only; one that stands there keeps its mode and group, so that whom the administrator let read it
    goes on reading it. ``name``: what readers call the calendar. Raises CalendarError where it cannot be written.
    """
    before = _text(path)
    book = ics.render_book(items, name=name, stamp=stamp, raw=before)
    if book.text != before:
        _replace(path, book.text)
    return Published(book.created, book.updated, book.deleted)


def stamp_of(path: Path) -> str:
    """Tells whether the file is still the one that was written; "" where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _text(path: Path) -> str:
    """What stands there; "" where that is nothing, or nothing that can be read."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise CalendarError(f"{path} cannot be read ({error.strerror}): check its rights.") from error


def _replace(path: Path, text: str) -> None:
    """Half a file would read as "everything was deleted"."""
    try:
        write_whole(path, text)
    except FileNotFoundError as error:
        raise CalendarError(f"The folder {path.resolve().parent} does not exist: make it, or put another path into the config.") from error
    except OSError as error:
        raise CalendarError(f"{path} cannot be written ({error.strerror}): check the folder's rights and the disk.") from error
