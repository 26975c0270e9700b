"""What systemd is told: sd_notify(3) and sd_watchdog_enabled(3), in a few lines of the standard library."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Speaks to the service manager that started this process; where there is none, every message goes nowhere.

    ``watchdog``: seconds within which the manager wants to hear ``WATCHDOG=1``, or None where it does not watch this process.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, pid: int | None = None) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watchdog = _watchdog(environ, os.getpid() if pid is None else pid)

    def send(self, **state: str | int) -> bool:
        """One message: ``send(READY=1, STATUS="2 reps")``. Whether the manager took it: one that is not there, or no longer there, is
        no reason to stop."""
        if self._address is None:
            return False
        # a line end would begin another assignment
        message = "\n".join(f"{key}={' '.join(str(value).split())}" for key, value in state.items())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.setblocking(False)
            try:
                channel.sendto(message.encode(), self._address)
            except OSError:
                return False
        return True


def _address(place: str) -> str | None:
    """A path, or a name in the abstract namespace, which is written with "@" for the NUL that it begins with (unix(7))."""
    if place.startswith("@"):
        return "\0" + place[1:]
    return place if place.startswith("/") else None


def _watchdog(environ: Mapping[str, str], pid: int) -> float | None:
    """WATCHDOG_PID names the process that is watched: a child that inherited the variables is not."""
    usec = environ.get("WATCHDOG_USEC", "")
    if not usec.isdecimal() or not int(usec) or environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(usec) / 1_000_000
