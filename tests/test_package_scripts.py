"""What the Debian package does before and after: its scripts run by the real dpkg in a layer over this machine, with a systemd that only
notes what it is told."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_installed import Layer

SCRIPTS = Path(__file__).parent.parent / "packaging" / "deb"
UNIT, WORKER = "followsync.service", "followsync-worker@2.service"
SYSTEMCTL = f"""\
#!/bin/sh
echo "$*" >>/calls
case "$1" in
list-units) [ -e /stopped ] || printf '%s loaded active running X\\n' {UNIT} {WORKER} ;;
stop) touch /stopped ;;
start) rm -f /stopped ;;
esac
"""
PYTHON = """\
#!/bin/sh
echo "python3 $*" >>/calls
[ ! -e /full ]
"""
pytestmark = [pytest.mark.layer, pytest.mark.xdist_group("installed")]


def program(layer: Layer, place: str, text: str) -> None:
    path = layer.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # it may be a link
    path.write_text(text)
    path.chmod(0o755)


def package(layer: Layer, version: str, *, file: str, more: str = "") -> str:
    """One with our scripts and a single file."""
    made = layer.folder / version
    (made / "DEBIAN").mkdir(parents=True)
    (made / "DEBIAN" / "control").write_text(
        f"Package: followsync-scripts\nVersion: {version}\nArchitecture: all\nMaintainer: FollowSync <followsync@localhost>\n"
        f"{more}Description: its scripts\n"
    )
    for script in ("postinst", "prerm", "postrm"):
        shutil.copy(SCRIPTS / script, made / "DEBIAN" / script)
        (made / "DEBIAN" / script).chmod(0o755)
    (made / file).parent.mkdir(parents=True)
    (made / file).write_text(version)
    built = f"/{version}.deb"
    subprocess.run(["dpkg-deb", "--build", str(made), f"{layer.root}{built}"], check=True, capture_output=True)
    return built


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Layer]:
    """Installed, and its service runs."""
    with Layer(tmp_path).mounted() as layer:
        (layer.root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
        (layer.root / "opt/followsync/lib/__pycache__").mkdir(parents=True)
        program(layer, "usr/bin/systemctl", SYSTEMCTL)
        program(layer, "opt/followsync/bin/python3", PYTHON)
        for name in ("systemd-sysusers", "systemd-tmpfiles"):
            program(layer, f"usr/bin/{name}", "#!/bin/sh\n")
        layer.run("dpkg", "--install", package(layer, "1", file="usr/share/followsync-scripts/it"))
        (layer.root / "calls").unlink()
        yield layer


def calls(layer: Layer) -> list[str]:
    return (layer.root / "calls").read_text().splitlines()


def stopped(layer: Layer) -> bool:
    return (layer.root / "stopped").exists()


def noted(layer: Layer) -> bool:
    return (layer.root / "run/followsync.restart").exists()


def test_an_upgrade_starts_what_ran(running: Layer) -> None:
    running.run("dpkg", "--install", package(running, "2", file="usr/share/followsync-scripts/it"))
    assert f"stop {UNIT} {WORKER}" in calls(running)
    assert calls(running)[-1] == f"start {UNIT} {WORKER}"
    assert not noted(running)


@pytest.mark.parametrize("full", [False, True])
def test_an_upgrade_that_fails_while_it_unpacks_starts_what_ran(running: Layer, full: bool) -> None:
    new = package(running, "2", file="usr/bin/dpkg")  # another package's
    if full:
        (running.root / "full").touch()
    assert "trying to overwrite" in running.run("dpkg", "--install", new, code=1)
    assert f"stop {UNIT} {WORKER}" in calls(running)
    assert any("compileall" in one for one in calls(running)), "prerm threw the byte code away"
    assert calls(running)[-1] == f"start {UNIT} {WORKER}"
    assert not noted(running)
    assert running.run("dpkg-query", "--show", "--showformat", "${Version} ${db:Status-Status}", "followsync-scripts") == "1 installed"


@pytest.mark.parametrize("way", ["remove", "deconfigure"])
def test_a_removal_that_is_broken_off_starts_what_ran(running: Layer, way: str) -> None:
    folder = "/var/lib/dpkg/info/followsync-scripts"
    running.run("sh", f"{folder}.prerm", way)
    assert stopped(running)
    running.run("sh", f"{folder}.postinst", f"abort-{way}")
    assert not stopped(running)


def test_what_was_removed_is_not_started_by_the_next_installation(running: Layer) -> None:
    running.run("dpkg", "--remove", "followsync-scripts")
    assert stopped(running)
    assert not noted(running)
    running.run("dpkg", "--install", "/1.deb")
    assert stopped(running)


def test_a_purge_leaves_no_link_to_a_unit_that_is_gone(running: Layer) -> None:
    wants = running.root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    for name in (UNIT, "followsync@east.service", WORKER):
        (wants / name).unlink(missing_ok=True)
        (wants / name).symlink_to(f"/usr/lib/systemd/system/{name}")
    running.run("dpkg", "--purge", "followsync-scripts")
    assert [one.name for one in wants.iterdir() if one.name.startswith("followsync")] == []
