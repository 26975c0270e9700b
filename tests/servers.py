"""Real CalDAV servers, each in its own process on a free loopback port."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "open sesame"
_TRIES = 600


@dataclass(frozen=True, slots=True)
class Server:
    """``url``: the root of the server; ``username`` and ``password``: of its only account."""

    url: str
    username: str = ""
    password: str = ""


def free_port() -> int:
    """A port that nobody listens on and that no other test process has taken: two servers that start at once could be given the same
    one, and one of them would then answer for both. The lock lasts as long as this process."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        mine = os.open(Path(tempfile.gettempdir(), f"followsync-test-port-{port}"), os.O_RDWR | os.O_CREAT, 0o600)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return port  # held open on purpose until this process ends
        os.close(mine)


@contextlib.contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    """The server for as long as the block lasts; it is ready when its port answers."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            await_port(port, process, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(_TRIES):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        select.select([], [], [], 0.1)
    raise RuntimeError(f"{process.args} did not come up: {log.read_text()[-2000:]}")


@contextlib.contextmanager
def radicale(folder: Path) -> Iterator[Server]:
    port = free_port()
    (folder / "users").write_text(f"dana:{PASSWORD}\n")
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\nhtpasswd_encryption = plain\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {folder / 'collections'}\n[logging]\nlevel = warning\n"
    )
    command = [sys.executable, "-m", "radicale", "--config", str(folder / "config")]
    with running(command, port, folder / "log"):
        yield Server(f"http://127.0.0.1:{port}/", "dana", PASSWORD)


@contextlib.contextmanager
def xandikos(folder: Path) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "xandikos", "serve", "-d", str(folder / "data"), "--defaults", "--no-detect-systemd"]
    command += ["-l", "127.0.0.1", "-p", str(port), "--current-user-principal", "/dana/"]
    with running(command, port, folder / "log"):
        yield Server(f"http://127.0.0.1:{port}/")
