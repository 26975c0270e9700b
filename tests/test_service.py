"""The daemon as a service: what docs/howto/systemd.md says of restarts, outages, wrong passwords and full disks, seen from outside: a real
process, a real server, and systemd's socket."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import servers

ROOT = Path(__file__).parent.parent
PEOPLE = 12
CONFIG = """\
store: sqlite:///{store}/followsync.db
reps:
  dana: {{timezone: America/Detroit, daily_page: off, targets: [phone]}}
targets:
  phone: {{type: caldav, url: "http://127.0.0.1:{port}/", username: dana, password: {{file: password}}, calendar: Service}}
"""
TUESDAY = "2026-01-06T09:00"


@dataclass
class Machine:
    """A server's folder and its calendar server. ``now``: the clock of all commands."""

    folder: Path
    port: int
    now: str = TUESDAY

    def __post_init__(self) -> None:
        (self.folder / "state").mkdir()
        self.configure(CONFIG.format(store=self.folder / "state", port=self.port))
        self.password(servers.PASSWORD)
        (self.folder / "users").write_text(f"dana:{servers.PASSWORD}\n")
        (self.folder / "radicale").write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            f"[auth]\ntype = htpasswd\nhtpasswd_filename = {self.folder / 'users'}\nhtpasswd_encryption = plain\ndelay = 0\n"
            f"[storage]\nfilesystem_folder = {self.folder / 'collections'}\n[logging]\nlevel = warning\n"
        )

    def configure(self, text: str) -> None:
        (self.folder / "config.yaml").write_text(text)

    def password(self, text: str) -> None:
        (self.folder / "password").write_text(text)
        (self.folder / "password").chmod(0o600)

    @contextlib.contextmanager
    def calendar(self) -> Iterator[None]:
        command = [sys.executable, "-m", "radicale", "--config", str(self.folder / "radicale")]
        with servers.running(command, self.port, self.folder / "radicale.log"):
            yield

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "followsync", "--config", str(self.folder / "config.yaml"), "--now", self.now, *words]

    def ran(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)

    def ok(self, *words: str) -> Any:
        done = self.ran(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def add(self, count: int) -> None:
        lines = "\n".join(f"Person {number},248.555.{number:04d}" for number in range(count))
        (self.folder / "people.csv").write_text(f"name,phone\n{lines}\n")
        self.ok("import", str(self.folder / "people.csv"), "--yes")

    def titles(self) -> list[str]:
        """What stands on the calendar, as its server keeps it."""
        paths = [path for path in (self.folder / "collections").rglob("*.ics") if ".Radicale.cache" not in path.parts]
        texts = [path.read_text().replace("\r\n ", "") for path in paths]
        return sorted(title for text in texts for title in re.findall(r"(?m)^SUMMARY:(.*?)\r?$", text))

    @contextlib.contextmanager
    def service(self) -> Iterator[Service]:
        """``followsync run`` as systemd starts it."""
        place = self.folder / "notify"
        place.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(place))
            manager.settimeout(60)
            environ = os.environ | {"NOTIFY_SOCKET": str(place)}
            process = subprocess.Popen(self.command("run"), stderr=subprocess.PIPE, env=environ, cwd=ROOT)
            running = Service(process, manager)
            try:
                yield running
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait(60)
                assert process.stderr
                process.stderr.close()


@dataclass
class Service:
    process: subprocess.Popen[bytes]
    manager: socket.socket
    events: list[dict[str, Any]] = field(default_factory=list)
    rest: bytes = b""

    def hear(self, word: str) -> str:
        while word not in (said := self.manager.recv(4096).decode()):
            pass
        return said

    def until(self, event: str, **values: object) -> dict[str, Any]:
        """The next line of the log that tells this."""
        assert self.process.stderr
        handle = self.process.stderr.fileno()
        while True:
            while b"\n" not in self.rest:
                assert select.select([handle], [], [], 60)[0], f"nothing was said of '{event}': {self.events}"
                more = os.read(handle, 65536)
                assert more, f"it ended before it said '{event}': {self.events}"
                self.rest += more
            line, _, self.rest = self.rest.partition(b"\n")
            told = json.loads(line)
            self.events.append(told)
            if told["event"] == event and values.items() <= told.items():
                return told

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, servers.free_port())


UNITS = sorted((ROOT / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_nothing_but_us_and_the_shell(unit: Path) -> None:
    """A Debian may have no more than that: /bin/kill, for one, is in a package of its own. What reloads is run as systemd would."""
    lines = re.findall(r"(?m)^Exec(\w+)=(.*)$", unit.read_text())
    assert [name for name, _ in lines] == ["Start", "Reload"]
    (_, start), (_, reload) = lines
    assert start.partition(" ")[0].endswith("/bin/followsync")
    program, *words = shlex.split(reload.replace("$$", "$"))  # systemd.service(5): "$$" is a dollar sign
    assert program == "/bin/sh"
    script = ["/bin/sh", "-c", "trap 'echo reloaded; exit' HUP; echo ready; read -r never"]
    heard = partial(signal.signal, signal.SIGHUP, signal.SIG_DFL)  # a shell cannot trap what was ignored before it (nohup)
    with subprocess.Popen(script, stdin=-1, stdout=-1, preexec_fn=heard) as main:
        assert main.stdout
        assert main.stdout.readline() == b"ready\n"
        subprocess.run([program, *words], env={"PATH": "/nowhere", "MAINPID": str(main.pid)}, check=True)
        assert main.stdin
        main.stdin.close()
        assert main.stdout.readline() == b"reloaded\n"


def test_the_package_brings_each_unit() -> None:
    build = (ROOT / "packaging" / "deb" / "build").read_text()
    assert re.findall(r'\$source/systemd/([^"]+)"', build) == [
        *("followsync.service", "followsync@.service", "followsync-worker@.service", "followsync-user.service")
    ]
    assert {path.name for path in UNITS} == {*re.findall(r'\$source/systemd/([^"]+)"', build)}


def test_killed_in_the_middle_and_started_again(machine: Machine) -> None:
    with machine.calendar():
        machine.add(PEOPLE)
        with machine.service() as service:
            service.hear("READY=1")
            service.until("started")
            service.process.send_signal(signal.SIGKILL)  # wherever its first cycle is
            assert service.process.wait(60) == -signal.SIGKILL
        with machine.service() as service:
            service.hear("READY=1")
            service.until("cycle", target="phone")
            assert service.stop() == 0
            assert service.hear("STOPPING=1")
        assert machine.ran("sync").returncode == 0
        titles = machine.titles()
        assert len(titles) == len(set(titles)) == PEOPLE
        assert machine.ran("check").returncode == 0


def test_a_command_is_on_the_calendar_a_moment_later(machine: Machine) -> None:
    with machine.calendar():
        machine.add(1)
        with machine.service() as service:
            service.until("cycle", created=1)
            machine.ok("add", "Call Jenny 248.867.5309 Thursday 2pm to determine next steps")
            service.until("cycle", created=1)
            assert "Call Jenny to determine next steps – 248.867.5309" in machine.titles()
            assert service.stop() == 0


def test_an_outage_and_the_return(machine: Machine) -> None:
    machine.add(2)
    with machine.service() as service:
        service.hear("READY=1")
        assert "cannot be reached" in service.until("the target fails")["why"]
        assert "failing: dana/phone" in service.hear("failing")
        machine.ok("add", "Joe's Diner")
        assert service.stop() == 0
    status = machine.ran("status", "--json")
    assert status.returncode == 1
    assert "cannot be reached" in json.loads(status.stdout)["targets"]["phone"]["error"]
    machine.now = "2026-01-06T09:10"  # the pause is over
    with machine.calendar(), machine.service() as service:
        service.until("cycle", target="phone", created=3)
        assert service.stop() == 0
        assert len(machine.titles()) == 3


def test_a_wrong_password_is_mended_and_tried_at_once_after_a_reload(machine: Machine) -> None:
    machine.password("wrong")
    with machine.calendar():
        machine.add(1)
        with machine.service() as service:
            assert "does not accept the user name and password" in service.until("the target fails")["why"]
            machine.password(servers.PASSWORD)
            service.process.send_signal(signal.SIGHUP)
            service.hear("RELOADING=1")
            service.until("the target works again")
            service.until("cycle", created=1)
            assert service.stop() == 0
    assert "wrong" not in json.dumps([one.get("why", "") for one in service.events])


def test_a_wrong_config_at_a_reload_and_at_a_start(machine: Machine) -> None:
    right = (machine.folder / "config.yaml").read_text()
    with machine.calendar():
        machine.add(1)
        with machine.service() as service:
            service.until("cycle", created=1)
            machine.configure(right.replace("timezone", "timezon"))
            service.process.send_signal(signal.SIGHUP)
            assert "config.yaml:3:" in service.until("the new config is wrong, the old one stays")["problem"]
            service.hear("READY=1")
            again = machine.ran("run")
            assert (again.returncode, "config.yaml:3:" in again.stderr, again.stdout) == (78, True, "")
            machine.configure(right)
            machine.ok("add", "Joe's Diner")
            service.until("cycle", created=1)
            assert service.stop() == 0


def test_a_second_daemon_is_told_of_the_first(machine: Machine) -> None:
    with machine.calendar():
        machine.add(1)
        with machine.service() as service:
            service.until("cycle", created=1)
            second = machine.ran("run")
            assert second.returncode == 1
            assert f"Another 'followsync run' (process {service.process.pid}) keeps the store" in second.stderr
            assert len(second.stderr.splitlines()) == 1
            service.process.send_signal(signal.SIGKILL)
            service.process.wait(60)
        with machine.service() as service:  # a kill leaves nothing behind that has to be cleaned up
            service.hear("READY=1")
            assert service.stop() == 0


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"0" * 4096):
            pass
    return ballast


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_a_full_disk(machine: Machine) -> None:
    """Nothing is lost or half done, nothing is written to the calendar that could not be noted down, and once there is room it goes on by
    itself."""
    with small_disk(machine.folder / "small") as disk, machine.calendar():
        machine.configure(CONFIG.format(store=disk, port=machine.port))
        machine.add(3)
        with machine.service() as service:
            service.until("cycle", created=3)
            ballast = fill(disk)
            refused = machine.ran("add", "Call Jenny 248.867.5309 Thursday 2pm")
            assert (refused.returncode, "is full" in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)
            service.process.send_signal(signal.SIGHUP)  # a cycle, at once
            service.hear("READY=1")
            assert len(machine.titles()) == 3
            ballast.unlink()
            machine.ok("add", "Call Jenny 248.867.5309 Thursday 2pm")
            service.until("cycle", created=1)
            assert service.stop() == 0
        assert len(machine.titles()) == 4
        assert machine.ran("check").returncode == 0
