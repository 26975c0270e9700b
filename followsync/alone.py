"""One daemon for each store. Two would not harm each other, for each cycle is held by one of them; but each would be told only half."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from followsync.errors import StoreError
from followsync.wholefile import give_to_owner_of

_LONGEST_PID = 20


@contextmanager
def only_daemon(store: Path) -> Iterator[None]:
    """Hold the place of the daemon of this store, a file beside it (flock(2)); it is free again once this process ends, however it ends.
    Raises StoreError where another process holds it."""
    place = store.with_name(f"{store.name}.daemon")
    try:
        held = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{place} cannot be made: {error.strerror}. Is there room on the disk, and may this user write to its folder?"
        ) from error
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(held, _LONGEST_PID).decode("ascii", "replace").strip()
            whose = f" (process {other})" if other.isdecimal() else ""
            raise StoreError(
                f"Another 'followsync run'{whose} keeps the store {store} already, perhaps the systemd service. End it, or leave it to it."
            ) from None
        give_to_owner_of(held, store.parent)
        with suppress(OSError):  # on a full disk: who we are is only told, the lock is what counts
            os.ftruncate(held, 0)
            os.write(held, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(held)
