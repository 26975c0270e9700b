"""The daemon with its web server: within it, and once for real, with signals from outside."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from followsync.errors import ListenError
from followsync.store import Store
from followsync.vitals import Inside
from tests import servers
from tests.cli.conftest import CONFIG, Cli
from tests.test_daemon import Stage
from tests.web.phone_page import Reading


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_it_is_served_from_before_it_is_ready_until_the_last_cycle_is_over(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    closing = Store.close

    def close(store: Store) -> None:
        happened.append("closed")
        closing(store)

    @contextmanager
    def serve(inside: Inside) -> Iterator[None]:
        assert "READY" not in stage.heard.told()
        assert set(inside.settings().reps) == {"dana", "lee"}
        happened.append("served")
        yield
        assert "STOPPING" in stage.heard.told()
        assert inside.vitals.figures().cycles == {("dana", "done"): 1, ("lee", "done"): 1}
        happened.append("ended")

    monkeypatch.setattr(Store, "close", close)
    assert stage.run(rests=3, serve=serve) == 0
    assert happened == ["served", "ended", "closed"]


def test_the_web_server_sees_the_settings_that_hold_now(stage: Stage) -> None:
    seen: list[Inside] = []

    @contextmanager
    def serve(inside: Inside) -> Iterator[None]:
        seen.append(inside)
        yield

    def reload() -> None:
        stage.write((stage.folder / "config.yaml").read_text().replace("lee:", "kim:"))
        stage.waiter.daemon.reload()

    stage.run(reload, rests=3, serve=serve)
    assert set(seen[0].settings().reps) == {"dana", "kim"}


def test_a_cycle_that_breaks_is_counted(stage: Stage) -> None:
    seen: list[Inside] = []

    @contextmanager
    def serve(inside: Inside) -> Iterator[None]:
        seen.append(inside)
        yield

    def breaks(rep: str, _store: Store) -> None:
        if rep == "dana":
            raise KeyError("Jenny")

    stage.during = breaks
    stage.run(rests=3, serve=serve)
    assert seen[0].vitals.figures().cycles == {("dana", "broke"): 1, ("lee", "done"): 1}
    assert seen[0].vitals.figures().errors == {("dana", "", "fault"): 1}


def test_a_place_that_cannot_be_had_ends_it_before_it_is_ready(stage: Stage) -> None:
    @contextmanager
    def serve(_: Inside) -> Iterator[None]:
        raise ListenError("Nothing can be served there.")
        yield

    with pytest.raises(ListenError):
        stage.run(serve=serve)
    assert stage.heard.messages == [{"STATUS": "Cannot begin: Nothing can be served there."}]
    assert stage.began == []


# -- a real process


@contextmanager
def running(cli: Cli) -> Iterator[subprocess.Popen[str]]:
    """``followsync run``, told to be ready over systemd's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        place = cli.folder / "notify"
        manager.bind(str(place))
        manager.settimeout(60)
        command = [sys.executable, "-m", "followsync", "--config", str(cli.folder / "config.yaml"), "--now", cli.now, "run"]
        environ = os.environ | {"NOTIFY_SOCKET": str(place)}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ)
        try:
            while not manager.recv(4096).startswith(b"READY=1"):
                pass
            yield process
        finally:
            process.kill()
            process.wait(60)


def read(url: str) -> tuple[int, bytes]:
    try:
        with urlopen(url, timeout=60) as found:
            return found.status, found.read()
    except HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def served(cli: Cli) -> Cli:
    (cli.folder / "config.yaml").write_text(CONFIG + f"feed: {{listen: 127.0.0.1:{servers.free_port()}}}\n")
    cli.ok("add", "Call Jenny 248.867.5309 Thursday 10am to determine next steps")
    return cli


def test_the_whole_programme(served: Cli) -> None:
    """Subscribed, changed at the terminal, given another address, reloaded and stopped while somebody is connected."""
    with running(served) as process:
        url = served.ok("feed", "add")["url"]
        assert b"Call Jenny" in read(url)[1]
        another = served.ok("feed", "rotate")["url"]
        assert read(url) == (404, b"Not found.\n")
        assert read(another)[0] == 200
        place = url.partition("/feed/")[0]
        assert read(f"{place}/healthz") == (200, b"ok\n")
        assert b'followsync_open_prospects{rep="dana"} 1.0' in read(f"{place}/metrics")[1]
        (served.folder / "config.yaml").write_text("reps: {}\n")
        process.send_signal(signal.SIGHUP)
        assert read(another)[0] == 200
        host, _, port = place.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=60):
            process.send_signal(signal.SIGTERM)
            _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert not [word for word in ("Traceback", "Jenny", another[-40:-4], url[-40:-4]) if word in stderr]


def test_a_tap_on_the_phone_page_begins_a_cycle_at_once(served: Cli) -> None:
    """The next one by itself is five minutes away. The page's secret and what was tapped are written down nowhere."""
    with running(served) as process:
        url = served.ok("page", "add")["url"]
        (form,) = (one for one in Reading(read(url + "who?id=jenny")[1].decode()).forms if one.action == "answer")
        tapped = {**form.fields, "outcome": "next", "next": "coffee Friday 3pm to review the quote"}
        assert b"Jenny: next step agreed." in urlopen(url + "answer", urlencode(tapped).encode(), timeout=60).read()
        file = served.folder / "follow-ups.ics"
        for _ in range(600):
            if file.exists() and "Coffee with Jenny to review the quote" in file.read_text().replace("\n ", ""):
                break
            select.select([], [], [], 0.1)
        else:
            pytest.fail("no cycle took it up")
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert not [word for word in ("Traceback", "Jenny", "Coffee", url[-40:-1]) if word in stderr]


def test_a_port_in_use_ends_it_with_a_sentence(served: Cli) -> None:
    other = served.folder / "other.yaml"
    other.write_text((served.folder / "config.yaml").read_text().replace("followsync.db", "other.db"))
    with running(served):
        command = [sys.executable, "-m", "followsync", "--config", str(other), "run"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("followsync: Nothing can be served at 127.0.0.1:")
    assert "another program uses that port" in done.stderr


def test_doctor_asks_the_web_server_here_and_where_others_reach_it(served: Cli, radicale: servers.Server) -> None:
    config = served.folder / "config.yaml"
    first = served("doctor", "--json").json["feed"]
    assert (first["state"], "does 'followsync run' run" in first["text"]) == ("bad", True)
    with running(served):
        told = served.ok("doctor")
        assert told["feed"]["state"] == "good"
        assert "public" not in told
        here = config.read_text().rpartition("listen: ")[2].rstrip("}\n")
        config.write_text(config.read_text().replace(here, f"{here}, public_url: 'http://{here}'"))
        told = served("doctor", "--json").json
        assert (told["public"]["state"], told["metrics"]["state"]) == ("good", "bad"), "everybody could read the figures"
        config.write_text(f"{config.read_text()}page: {{public_url: 'http://{here}'}}\n")
        assert served("doctor", "--json").json["page"]["state"] == "good"
        config.write_text(config.read_text().partition("page:")[0].replace(f"'http://{here}'", f"'{radicale.url}'"))
        told = served("doctor", "--json").json
        assert (told["public"]["state"], "does its proxy pass /feed/ on?" in told["public"]["text"]) == ("bad", True)
        config.write_text(config.read_text().replace(f"'{radicale.url}'", f"'http://127.0.0.1:{servers.free_port()}'"))
        told = served("doctor", "--json").json
        assert (told["public"]["state"], "cannot be reached from here" in told["public"]["text"]) == ("note", True)
    config.write_text(CONFIG + f"feed: {{listen: {radicale.url.removeprefix('http://').rstrip('/')}}}\n")
    assert "is not followsync" in served("doctor", "--json").json["feed"]["text"]


def test_doctor_misses_a_web_server_only_where_addresses_were_given_out(served: Cli) -> None:
    served.ok("feed", "add")
    (served.folder / "config.yaml").write_text(CONFIG)
    told = served("doctor", "--json").json["feed"]
    assert (told["state"], "nobody answers there" in told["text"]) == ("bad", True)
    served.ok("feed", "remove")
    assert "feed" not in served.ok("doctor")


def test_doctor_passes_on_what_healthz_says(served: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from followsync.doctor import served as looked_at

    monkeypatch.setattr(looked_at, "_asked", lambda connection, path: (503, "1 target waiting for a sign-in\n"))
    told = served("doctor", "--json").json["feed"]
    assert (told["state"], told["text"].endswith("answers: 1 target waiting for a sign-in.")) == ("bad", True)
