"""The Debian package, built, installed and removed: into this machine's own Debian, with an empty layer over it that takes every change."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).parent.parent
NAME = "followsync"
pytestmark = [pytest.mark.layer, pytest.mark.xdist_group("installed")]


class Layer:
    """``folder``/root is this machine's file system; what is changed there is gone at the end. ``below``: a layer that stays as it is."""

    def __init__(self, folder: Path, below: Layer | None = None) -> None:
        self.folder, self.root = folder, folder / "root"
        self.lower = f"{below.folder / 'up'}:/" if below else "/"

    @contextlib.contextmanager
    def mounted(self) -> Iterator[Layer]:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(self.folder)], check=True)
        try:
            for name in ("up", "work", "root"):
                (self.folder / name).mkdir()
            places = f"lowerdir={self.lower},upperdir={self.folder / 'up'},workdir={self.folder / 'work'}"
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o", places, str(self.root)], check=True)
            for name in ("dev", "proc"):
                subprocess.run(["mount", "--rbind", f"/{name}", str(self.root / name)], check=True)
                subprocess.run(["mount", "--make-rslave", str(self.root / name)], check=True)
            yield self
        finally:
            subprocess.run(["umount", "--recursive", "--lazy", str(self.folder)], check=True)

    def run(self, *words: str, code: int = 0, stdin: str = "") -> str:
        """In there, as root, with nothing of the environment here."""
        command = ["chroot", str(self.root), "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, input=stdin)
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def owner(self, place: str) -> str:
        return self.run("stat", "--format", "%U:%G %a", place).strip()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    build = [str(ROOT / "packaging" / "deb" / "build"), sys.executable, "/usr/bin/python3", str(folder)]
    done = subprocess.run(build, capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layer]:
    with Layer(tmp_path_factory.mktemp("layer")).mounted() as layer:
        shutil.copy(package, layer.root / "followsync.deb")
        layer.run("dpkg", "--install", "/followsync.deb")
        yield layer


@pytest.fixture
def fresh(installed: Layer, tmp_path: Path) -> Iterator[Layer]:
    """Just installed, and nothing else; what a test changes there, no other one sees."""
    (tmp_path / "layer").mkdir()
    with Layer(tmp_path / "layer", installed).mounted() as layer:
        yield layer


def test_what_dpkg_is_told(package: Path) -> None:
    told = subprocess.run(["dpkg-deb", "--info", str(package)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"(?m)^ Depends: python3\.\d+, libc6 \(>= 2\.\d+\), ", told)
    assert "@" not in re.sub(r"<[^>]*>", "", told.partition(" Package:")[2])
    listed = subprocess.run(["dpkg-deb", "--contents", str(package)], capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}
    assert not re.search(r"__pycache__|/niquests|urllib3_future", listed)
    assert not [line for line in listed.splitlines() if "-> " not in line and re.match(r".{5}w|.{8}w", line)], "only root may write"
    text = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True).stdout
    assert str(ROOT).encode() not in text, "a path of the machine that built it"


def test_what_is_there_once_it_is_installed(installed: Layer) -> None:
    assert installed.run(NAME, "--version").startswith("followsync ")
    assert installed.run("id", "--user", "--name", NAME).strip() == NAME
    assert installed.owner("/var/lib/followsync") == "followsync:followsync 700"
    assert installed.owner("/etc/followsync") == "root:followsync 750"
    assert list((installed.root / "etc" / NAME).iterdir()) == [], "no config that an upgrade would ask about"
    assert "The config is wrong" in installed.run("man", "--locale=C", "followsync")
    assert list((installed.root / "opt" / NAME / "lib").rglob("*.pyc")), "the service cannot write byte code"
    units = installed.root / "usr" / "lib" / "systemd"
    for unit in ("system/followsync.service", "system/followsync@.service", "system/followsync-worker@.service", "user/followsync.service"):
        program = re.search(r"(?m)^ExecStart=(\S+)", (units / unit).read_text())
        assert program
        assert program[1] == "/opt/followsync/bin/followsync"
    assert "niquests" not in installed.run("/opt/followsync/bin/python3", "-m", "pip", "--version", code=1)
    read = "from followsync.calendars.google_wire import service; print([service(*one, 'http://127.0.0.1/')._baseUrl for one in "
    assert "calendar/v3" in installed.run("/opt/followsync/bin/python3", "-c", read + "(('calendar', 'v3'), ('tasks', 'v1'))])")


def test_the_shell_completes(installed: Layer) -> None:
    script = (
        "source /usr/share/bash-completion/completions/followsync; COMP_WORDS=(followsync age); COMP_CWORD=1; "
        '_followsync_completion followsync; echo "<${COMPREPLY[*]}>"'
    )
    assert installed.run("bash", "-c", script).strip() == "<agenda>"
    zsh = (installed.root / "usr/share/zsh/vendor-completions/_followsync").read_text()
    assert zsh.startswith("#compdef followsync\n"), "zsh reads no further"
    assert "complete --command followsync" in (installed.root / "usr/share/fish/vendor_completions.d/followsync.fish").read_text()


def init(layer: Layer, server: servers.Server, config: str = "config") -> None:
    password = layer.root / "etc" / NAME / "phone-password"
    password.write_text(server.password)
    layer.run("chown", "root:followsync", "/etc/followsync/phone-password")
    password.chmod(0o640)
    words = ["--name", "Dana Reyes", "--timezone", "America/Detroit", "--url", server.url, "--username", server.username]
    words += ["--password-file", "phone-password", "--calendar", f"Installed {layer.folder.parent.name}"]
    told = layer.run(NAME, "--config", f"/etc/followsync/{config}.yaml", "init", "--yes", *words)
    assert "An entry was written there, read and removed again." in told


# as the service runs: another user, no rights, nothing to write to but the store's folder. What systemd does beyond that, only it can do.
SERVICE = (
    "mount --bind /var/lib/followsync /var/lib/followsync && mount -o remount,bind,ro / && mount -t tmpfs tmpfs /tmp && "
    "exec setpriv --reuid followsync --regid followsync --clear-groups --no-new-privs --bounding-set -all --inh-caps -all "
    "env {environ} {command}"
)
UNIT = "/opt/followsync/bin/followsync --config /etc/followsync/{config}.yaml run"


@contextlib.contextmanager
def service(layer: Layer, command: str = UNIT.format(config="config"), environ: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Ready, in a name space of its own; by default in the unit's own words."""
    name = f"followsync-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")  # no file that the other name space would have to see
        manager.settimeout(60)
        line = SERVICE.format(command=command, environ=f"{environ or 'STATE_DIRECTORY=/var/lib/followsync'} NOTIFY_SOCKET=@{name}")
        apart = ["unshare", "--mount", "chroot", str(layer.root), "env", "-i", "PATH=/usr/sbin:/usr/bin", "bash", "-c", line]
        process = subprocess.Popen(apart, stderr=subprocess.PIPE)
        try:
            while b"READY=1" not in manager.recv(4096):
                pass
            yield process
        finally:
            process.kill()
            process.wait(60)
            assert process.stderr
            process.stderr.close()


def test_from_nothing_to_a_service_by_the_documented_steps(fresh: Layer, radicale: servers.Server) -> None:
    init(fresh, radicale)
    assert fresh.owner("/etc/followsync/config.yaml") == "root:followsync 640"
    assert fresh.owner("/var/lib/followsync/followsync.db") == "followsync:followsync 600"
    fresh.run(NAME, "add", "Call Jenny 248.867.5309 Friday 10am to determine next steps")
    assert ": 1 created" in fresh.run(NAME, "sync")
    assert "All is well." in fresh.run(NAME, "doctor")
    owners = {fresh.owner(f"/var/lib/followsync/{path.name}").split()[0] for path in (fresh.root / "var/lib" / NAME).iterdir()}
    assert owners == {"followsync:followsync"}, "what root made there is the service's"
    fresh.run(NAME, "add", "Joe's Diner")
    with service(fresh) as process:
        told = until(process, b'"event": "cycle"')
        assert re.search(rb'"created": [1-9]', told)
        assert fresh.run("runuser", "-u", NAME, "--", NAME, "agenda")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "All is well." in fresh.run(NAME, "check")


def until(process: subprocess.Popen[bytes], word: bytes) -> bytes:
    assert process.stderr
    said = b""
    while word not in said:
        assert select.select([process.stderr], [], [], 60)[0], said
        more = os.read(process.stderr.fileno(), 65536)
        assert more, said
        said += more
    return said


def test_an_instance_has_a_store_of_its_own(fresh: Layer, radicale: servers.Server) -> None:
    init(fresh, radicale, "dana")
    assert fresh.owner("/var/lib/followsync/dana") == "followsync:followsync 700"
    assert fresh.owner("/var/lib/followsync/dana/followsync.db") == "followsync:followsync 600"
    assert "sqlite:////var/lib/followsync/dana/followsync.db" in (fresh.root / "etc/followsync/dana.yaml").read_text()
    with service(fresh, UNIT.format(config="dana")) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_the_container_s_words_run_on_a_read_only_file_system_without_rights(fresh: Layer, radicale: servers.Server) -> None:
    """The image is the package in a Debian, so what is run in it is run here; only the engine around it is another one."""
    text = (ROOT / "packaging" / "container" / "Containerfile").read_text()
    first, _, last = text.rpartition("\nFROM ")
    assert "make -C /source deb" in first
    said = dict(re.findall(r"(?m)^(ENV|USER|VOLUME|ENTRYPOINT|CMD) (.*)$", last))
    assert (said["USER"], said["VOLUME"], said["ENV"]) == (NAME, "/var/lib/followsync", "STATE_DIRECTORY=/var/lib/followsync")
    init(fresh, radicale)
    (fresh.root / "var/lib/followsync/followsync.db").unlink()
    config = fresh.root / "etc/followsync/config.yaml"
    config.write_text(re.sub("(?m)^store: .*$", "store: sqlite", config.read_text()))
    with service(fresh, " ".join(json.loads(said["ENTRYPOINT"]) + json.loads(said["CMD"])), said["ENV"]) as process:
        until(process, b'"event": "started"')
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert fresh.owner("/var/lib/followsync/followsync.db") == "followsync:followsync 600"


def test_an_upgrade_keeps_everything_and_a_purge_only_the_store(fresh: Layer, radicale: servers.Server) -> None:
    init(fresh, radicale)
    fresh.run(NAME, "add", "Joe's Diner")
    before = (fresh.root / "etc/followsync/config.yaml").read_text()
    fresh.run("dpkg", "--install", "/followsync.deb")
    assert (fresh.root / "etc/followsync/config.yaml").read_text() == before
    assert "Joe's Diner" in fresh.run(NAME, "list")
    fresh.run("dpkg", "--remove", NAME)
    assert not (fresh.root / "opt" / NAME).exists()
    assert not (fresh.root / "usr/bin" / NAME).exists()
    assert (fresh.root / "etc/followsync/config.yaml").read_text() == before
    assert "stay in /var/lib/followsync" in fresh.run("dpkg", "--purge", NAME)
    assert not (fresh.root / "etc" / NAME).exists(), "with the password"
    assert (fresh.root / "var/lib/followsync/followsync.db").is_file()
    fresh.run("dpkg", "--install", "/followsync.deb")
    assert fresh.owner("/var/lib/followsync/followsync.db") == "followsync:followsync 600"
