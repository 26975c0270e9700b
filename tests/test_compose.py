"""The compose file: no engine runs here, so its words are read, and what they say to FollowSync is tried."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from followsync.cli.app import app
from followsync.config import load
from followsync.store.postgresql import _parsed, safety
from tests import postgresql

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "packaging" / "container"
PAGE = (ROOT / "docs" / "howto" / "container.md").read_text()


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return found


def image() -> dict[str, str]:
    """What the image says of itself."""
    last = (FOLDER / "Containerfile").read_text().rpartition("\nFROM ")[2]
    return dict(re.findall(r"(?m)^(ENV|USER|VOLUME|ENTRYPOINT|CMD|STOPSIGNAL) (.*)$", last))


def test_all_that_is_named_is_there(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert {one.partition(":")[0] for one in service["volumes"]} <= compose["volumes"].keys()
        assert set(service["secrets"]) <= compose["secrets"].keys()
        assert set(service.get("depends_on", {})) <= compose["services"].keys()
    build = compose["services"]["worker"]["build"]
    assert (FOLDER / build["context"] / build["dockerfile"]).resolve() == FOLDER / "Containerfile"


def test_a_worker_s_command_is_one_that_followsync_knows(compose: dict[str, Any]) -> None:
    """It stands behind the image's ENTRYPOINT, in place of its CMD."""
    words = [*ast.literal_eval(image()["ENTRYPOINT"])[1:], *compose["services"]["worker"]["command"]]
    command: Any = get_command(app)
    context = command.make_context("followsync", list(words), resilient_parsing=True)
    assert context.params["config"] == "/etc/followsync/config.yaml"
    worker = command.commands["worker"].make_context("worker", compose["services"]["worker"]["command"][1:], parent=context)
    assert worker.params["listen"] == "0.0.0.0:8766"


def test_a_worker_has_no_rights_and_writes_only_where_it_must(compose: dict[str, Any]) -> None:
    worker = compose["services"]["worker"]
    assert (worker["read_only"], worker["cap_drop"], worker["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert "privileged" not in worker
    assert "user" not in worker  # the image's own, who is not root
    assert image()["USER"] == "followsync"
    writable = {one.split(":")[1] for one in worker["volumes"] if not one.endswith(":ro")}
    assert writable == {image()["VOLUME"], "/var/run/postgresql"}
    assert worker["stop_signal"] == image()["STOPSIGNAL"] == "SIGTERM"


def test_the_database_is_on_no_network_and_asks_for_a_password(compose: dict[str, Any]) -> None:
    server = compose["services"]["postgres"]
    assert server["network_mode"] == "none"
    assert "ports" not in server
    assert "listen_addresses=" in server["command"]
    assert "POSTGRES_PASSWORD" not in server["environment"]
    assert server["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/store"
    assert "--auth-local=scram-sha-256" in server["environment"]["POSTGRES_INITDB_ARGS"]


def test_the_config_of_the_page_leads_to_that_socket(compose: dict[str, Any], tmp_path: Path) -> None:
    (text,) = (one for one in re.findall(r"(?s)```yaml\n(.*?)```", PAGE) if "store_password" in one)
    (tmp_path / "config.yaml").write_text(text)
    settings = load(tmp_path / "config.yaml")
    url = _parsed(settings.store)
    assert url.query["host"] in {one.split(":")[1] for one in compose["services"]["postgres"]["volumes"]}
    assert safety(url) == {}  # a socket needs no certificate
    assert settings.store_password
    assert str(settings.store_password.file) == f"/run/secrets/{compose['services']['worker']['secrets'][0]}"
    assert url.username == compose["services"]["postgres"]["environment"]["POSTGRES_USER"]
    assert url.database == compose["services"]["postgres"]["environment"]["POSTGRES_DB"]


def test_a_socket_with_a_password_is_a_way_in(tmp_path: Path) -> None:
    """As the compose file has it: the options of initdb, no address to listen at, and FollowSync through the socket."""
    import os
    import pwd
    import secrets
    import shutil
    import subprocess
    import tempfile

    from followsync.store import open_store
    from followsync.store.store import StoreError

    postgresql.server()  # where there is none, the test is left out
    bin_ = postgresql.programs()
    assert bin_
    folder = Path(tempfile.mkdtemp(prefix="followsync-socket-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    password = secrets.token_hex(8)
    (folder / "password").write_text(password)
    os.chmod(folder / "password", 0o644)
    words: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]["postgres"]
    arguments = words["environment"]["POSTGRES_INITDB_ARGS"].split()
    data = str(folder / "data")
    made = [str(bin_ / "initdb"), "-D", data, "--username=followsync", f"--pwfile={folder / 'password'}", "--no-sync", *arguments]
    subprocess.run(made, check=True, capture_output=True, cwd=folder, **user)
    server = [str(bin_ / "postgres"), "-D", data, "-k", str(folder), *words["command"][1:]]
    with subprocess.Popen(server, cwd=folder, stderr=subprocess.PIPE, text=True, **user) as process:
        try:
            assert process.stderr
            next(line for line in process.stderr if "ready to accept connections" in line)
            address = f"postgresql+psycopg://followsync@/postgres?host={folder}"
            open_store(address, password=lambda: password).close()
            with pytest.raises(StoreError, match="refuses this user or password"):
                open_store(address, password=lambda: "another")
        finally:
            process.terminate()
    shutil.rmtree(folder, ignore_errors=True)
