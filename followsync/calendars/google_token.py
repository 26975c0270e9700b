"""What a sign-in to Google left, in a file.

It is Google's authorized_user JSON with a few keys of our own (``ends``, ``calendars``). It is written whole, and stays its owner's,
whoever writes it: root in a terminal, while a service runs as another user. The daemon, a command and ``auth google`` may write it at the
same moment: each looks again, under a lock, before it writes.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from followsync.calendars.google_endpoint import AGAIN
from followsync.config.secret import unreadable
from followsync.errors import CalendarError, LoginNeeded, SecretMissing
from followsync.wholefile import give_to_owner_of, write_whole

Content = dict[str, Any]


class Unkept(CalendarError):
    """The file cannot be written. What was to stand in it still holds."""


def json_object(text: str, what: str, again: str = "Put it there whole.") -> Content:
    """Raises LoginNeeded where it is none. ``what``: what is read, for the sentence, and ``again``: what to do then."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise LoginNeeded(f"Nothing can be read from {what}: it is no JSON as Google writes it, or only a part of it. {again}")
    return found


class TokenFile:
    """As JSON in a file of mode 0600, or 0640 where somebody chose that, that is always whole. A link is followed."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    def read(self) -> Content:
        """Raises LoginNeeded where there is none, or it is none, SecretMissing where it may not be read."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            raise LoginNeeded(
                f"Nobody has signed in to Google yet, for {self.path} does not exist: run 'followsync auth google'."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            why = unreadable(self.path, error, ours=True) if isinstance(error, OSError) else "it is not text."
            raise SecretMissing(f"The token file {self.path} cannot be read: {why}") from None
        return json_object(text, f"the token file {self.path}", f"{AGAIN}.")

    def change(self, work: Callable[[Content], Content]) -> Content:
        """Write what ``work`` makes of what stands there now, {} where nothing does that can be read; what stands there then. Raises
        Unkept."""
        with self._locked():
            try:
                before = self.read()
            except CalendarError:
                before = {}
            after = work(before)
            if after != before:
                self._write(after)
            return after

    def try_out(self) -> None:
        """Raises Unkept where nothing could be written, before somebody takes the trouble of signing in."""
        with self._locked(), self._sentence():
            with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=f".{self.path.name}."):
                pass
            if self.path.is_dir():
                raise IsADirectoryError(0, "it is a folder")

    @property
    def stamp(self) -> str:
        """Another one means that somebody signed in, or that a token was refreshed; "" where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return ""
        return f"{found.st_mtime_ns}-{found.st_ino}"

    def _write(self, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=1, sort_keys=True) + "\n"
        with self._sentence():
            write_whole(self.path, text, private=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """By flock(2), which ends with the process; the empty file beside it stays."""
        with self._sentence():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            handle = os.open(self.path.with_name(f".{self.path.name}.lock"), flags, 0o600)
        try:
            with self._sentence():
                give_to_owner_of(handle, self.path if self.path.exists() else self.path.parent)
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _sentence(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unkept(
                f"The sign-in cannot be kept in {self.path} ({error.strerror}): let the user who runs FollowSync write in that folder, or "
                "name another file in the config; under systemd one in its state directory, /var/lib/followsync/google-token.json."
            ) from error
