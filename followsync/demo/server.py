"""A CalDAV server of our own for as long as the demo lasts: Radicale, in another process, on this machine only."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from followsync.errors import Unavailable, UsageError

_TRIES, _PAUSE = 300, 0.1  # half a minute on a slow machine


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The server's address. Its calendars lie in ``folder`` / calendars. Raises UsageError where Radicale is not installed."""
    if importlib.util.find_spec("radicale") is None:
        raise UsageError("The demo needs a calendar server. Install it with: pip install 'followsync[demo]'")
    port = free_port()
    config = folder / "radicale.conf"
    config.write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = none\n[logging]\nlevel = warning\n"
        f"[storage]\nfilesystem_folder = {folder / 'calendars'}\n"
    )
    log = folder / "radicale.log"
    with log.open("wb") as output:
        # in a session of its own: Ctrl-C is for us, and we end it when we are done with it
        command = [sys.executable, "-m", "radicale", "--config", str(config)]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)  # noqa: S603 - fixed words
    try:
        _await(port, server, log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """One of this machine's that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(_TRIES):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_PAUSE)
            break
    raise Unavailable(f"The demo's calendar server did not come up. What it said stands in {log}.")
