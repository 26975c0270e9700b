"""sd_notify(3) over real sockets, and the units by systemd's own word."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from followsync.systemd_notify import Notifier

UNITS = Path(__file__).parent.parent / "systemd"


def listening(place: str) -> socket.socket:
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(place)
    manager.settimeout(10)
    return manager


@pytest.mark.parametrize("abstract", [False, True])
def test_messages_reach_a_path_and_an_abstract_name(tmp_path: Path, abstract: bool) -> None:
    name = f"followsync-{os.getpid()}-{tmp_path.name}"
    with listening(f"\0{name}" if abstract else str(tmp_path / "n")) as manager:
        notifier = Notifier({"NOTIFY_SOCKET": f"@{name}" if abstract else str(tmp_path / "n")})
        assert notifier.send(READY=1, STATUS="2 reps")
        assert manager.recv(4096) == b"READY=1\nSTATUS=2 reps"


def test_a_line_end_in_a_sentence_begins_no_other_assignment(tmp_path: Path) -> None:
    with listening(str(tmp_path / "n")) as manager:
        Notifier({"NOTIFY_SOCKET": str(tmp_path / "n")}).send(STATUS="two\nlines\r\nMAINPID=1")
        assert manager.recv(4096) == b"STATUS=two lines MAINPID=1"


@pytest.mark.parametrize("place", ["", "relative", "vsock:2:1234", "/nowhere/at/all"])
def test_without_a_manager_messages_go_nowhere(place: str) -> None:
    assert not Notifier({"NOTIFY_SOCKET": place}).send(READY=1)


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "7"}, 120.0),
        ({"WATCHDOG_USEC": "500000"}, 0.5),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_whether_the_manager_watches_us(environ: dict[str, str], seconds: float | None) -> None:
    assert Notifier(environ, pid=7).watchdog == seconds


needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing (Debian: apt install systemd)")


def analyze(*arguments: str, home: Path) -> str:
    environ = os.environ | {"XDG_RUNTIME_DIR": str(home), "SYSTEMD_COLORS": "0"}
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60, env=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_systemd
@pytest.mark.parametrize(
    ("unit", "manager"),
    [
        ("followsync.service", "--system"),
        ("followsync@.service", "--system"),
        ("followsync-user.service", "--user"),
        ("followsync-worker@.service", "--system"),
    ],
)
def test_systemd_understands_every_line_of_the_units(tmp_path: Path, unit: str, manager: str) -> None:
    text = (UNITS / unit).read_text()
    program = next(line for line in text.splitlines() if line.startswith("ExecStart=")).split("=", 1)[1].split()[0]
    copy = tmp_path / unit.replace("@.", "@dana.")
    copy.write_text(text.replace(program, "/bin/true"))  # what is to be run is not installed here
    told = analyze(manager, "verify", "--man=no", str(copy), home=tmp_path)  # nor is the manual
    assert copy.name not in told, told


@needs_systemd
@pytest.mark.parametrize("unit", ["followsync.service", "followsync@.service", "followsync-worker@.service"])
def test_the_service_is_sandboxed(tmp_path: Path, unit: str) -> None:
    analyze("security", "--offline=true", "--threshold=15", str(UNITS / unit), home=tmp_path)


@needs_systemd
def test_a_user_s_service_withholds_what_a_user_can(tmp_path: Path) -> None:
    """Much of what the figure counts only root can withhold: namespaces, devices, other users' files."""
    analyze("--user", "security", "--offline=true", "--threshold=70", str(UNITS / "followsync-user.service"), home=tmp_path)


def test_an_instance_differs_only_in_its_config_and_its_store() -> None:
    one = (UNITS / "followsync.service").read_text().partition("[Unit]")[2]
    many = (UNITS / "followsync@.service").read_text().partition("[Unit]")[2]
    assert "%i" not in one
    assert "ExecStart=/opt/followsync/bin/followsync --config /etc/followsync/%i.yaml run" in many
    same = many.replace(" (%i)", "").replace("followsync/%i.yaml", "followsync/config.yaml").replace("/%i", "").replace("%i.", "phone.")
    changed = [line for line in same.splitlines() if line not in one.splitlines()]
    assert [line for line in changed if not line.startswith("#")] == []
    assert "StateDirectory=followsync/%i" in many


@pytest.mark.parametrize("unit", ["followsync.service", "followsync@.service", "followsync-user.service", "followsync-worker@.service"])
def test_what_the_daemon_counts_on_stands_in_the_units(unit: str) -> None:
    lines = (UNITS / unit).read_text().splitlines()
    for line in (
        "Type=notify",
        "ExecReload=/bin/sh -c 'kill -HUP \"$$MAINPID\"'",
        "WatchdogSec=2min",
        "RestartPreventExitStatus=78 2",
        "UMask=0077",
    ):
        assert line in lines


def test_each_line_of_the_sandbox_has_its_reason() -> None:
    sandbox = (UNITS / "followsync.service").read_text().split("One line, one reason.\n")[1].split("\n\n")[0].splitlines()
    assert len(sandbox) > 30
    assert sandbox[0].startswith("#")
    assert not any(one.startswith("#") and two.startswith("#") for one, two in pairwise(sandbox))
