"""A PostgreSQL of the tests' own: on loopback, in a folder of its own, started once a process and gone with it."""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import secrets
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.servers import await_port, free_port

_PROGRAMS = ("initdb", "postgres", "pg_dump")
# Texts are ordered as people do, so that a store that relies on the order of bytes must say so itself.
_INITDB = "--auth=trust", "--username=followsync", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
}


def programs() -> Path | None:
    """The folder with PostgreSQL's programs; Debian keeps them out of the path."""
    found = [Path(one).parent for one in [shutil.which("initdb")] if one]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((one for one in found if all((one / name).is_file() for name in _PROGRAMS)), None)


@dataclass(slots=True)
class Postgres:
    """``folder``: all of it. ``url``: of its database ``followsync``, without options."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    user: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://followsync@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        bin_ = programs()
        assert bin_
        options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            command = [str(bin_ / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self.user)
        await_port(self.port, self.process, self.folder / "log")
        self.run("SELECT 1")

    def stop(self, how: int = signal.SIGINT) -> None:
        """SIGINT: whoever is connected is thrown out. SIGQUIT: as if the power went."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        import psycopg

        for turn in range(300):
            try:
                with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
                    cursor = connection.execute(sql, values or None)
                    while cursor.nextset():  # of several statements, what the last one says
                        pass
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError as error:
                if not any(word in str(error) for word in ("starting up", "not yet accepting")) or turn == 299:
                    raise
                select.select([], [], [], 0.1)
        return []

    def schema(self, name: str) -> str:
        """The address of an empty place of that name, made where there is none."""
        self.run(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
        return f"{self.url}?options=-csearch_path%3D{name}"

    def dumped(self, schema: str) -> str:
        """What makes the tables of that schema, and fills them."""
        bin_ = programs()
        assert bin_
        command = [str(bin_ / "pg_dump"), "--inserts", "--no-owner", "--no-acl", f"--schema={schema}", self.url.replace("+psycopg", "")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("--", "\\")))

    def fresh(self) -> str:
        return self.schema(f"s{secrets.token_hex(8)}")


@contextmanager
def running() -> Iterator[Postgres]:
    """One that a test may stop and start."""
    made = _made()
    try:
        made.start()
        yield made
    finally:
        made.stop(signal.SIGQUIT)
        shutil.rmtree(made.folder, ignore_errors=True)


@functools.cache
def server() -> Postgres:
    """The one that all tests of this process share. Skips the test where there is no PostgreSQL on this machine."""
    made = _made()
    made.start()
    mine = os.getpid()

    def end() -> None:
        if os.getpid() == mine:  # not in a fork
            made.stop(signal.SIGQUIT)
            shutil.rmtree(made.folder, ignore_errors=True)

    atexit.register(end)
    return made


def _made() -> Postgres:
    bin_ = programs()
    if bin_ is None:
        pytest.skip("there is no PostgreSQL here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="followsync-postgresql-"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    done = subprocess.run([str(bin_ / "initdb"), "-D", str(data), *_INITDB, "--no-sync"], capture_output=True, cwd=folder, **user)
    assert done.returncode == 0, done.stderr.decode()
    return Postgres(folder, free_port(), user=user)
