from __future__ import annotations

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from followsync.cli import main
from followsync.demo import sample

NOW = ["--now", "2026-01-06T09:00"]


def test_the_demo_does_the_whole_job_and_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert main([*NOW, "demo", "--folder", str(folder)]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    for sentence in (
        "30 prospects came in from pipeline.csv",
        "One sync wrote 30 follow-ups into the calendar",
        "Moved there by hand.",
        "closed with yes",
        "to sign the papers",
        "Attempt 2: no answer",
        "a calendar that subscribed to it got 33 entries",  # with what was answered
    ):
        assert sentence in told.out
    ports = set(re.findall(r"http://127\.0\.0\.1:(\d+)/", told.out))
    assert len(ports) == 2, "the calendar server's, and the feed's"
    for port in ports:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", int(port)), timeout=5)
    assert {"config.yaml", "pipeline.csv", "follow-ups.ics", "followsync.db"} <= {path.name for path in folder.iterdir()}
    assert (folder / "follow-ups.ics").read_text().count("BEGIN:VEVENT") == 29  # one said yes
    config = ["--config", str(folder / "config.yaml"), *NOW]
    assert main([*config, "check"]) == 0
    assert main([*config, "show", "bright"]) == 0
    assert "closed with yes" in capsys.readouterr().out


def test_with_keep_the_feed_is_served_until_it_is_ended(tmp_path: Path) -> None:
    name = f"followsync-{os.getpid()}-demo"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(120)
        command = [sys.executable, "-m", "followsync", *NOW, "demo", "--keep", "--folder", str(tmp_path / "demo")]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"NOTIFY_SOCKET": f"@{name}"}
        )
        try:
            while not manager.recv(4096).startswith(b"READY=1"):
                pass
            assert process.stdout
            lines = iter(process.stdout.readline, "")
            url = next(found[0] for line in lines if (found := re.search(r"http://\S+/feed/\S+\.ics", line)))
            with urlopen(url, timeout=60) as answer:
                assert answer.read().count(b"BEGIN:VEVENT") == 33
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                process.terminate()  # not killed: it takes its server along
                process.wait(60)
    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr
    with pytest.raises(OSError, match="refused"):
        urlopen(url, timeout=5)


@pytest.mark.parametrize("now", ["2026-01-09T16:55", "2028-02-27T23:00"])
def test_the_demo_works_on_any_day(tmp_path: Path, now: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--now", now, "demo", "--folder", str(tmp_path / "demo")]) == 0
    told = capsys.readouterr()
    assert (told.err, "closed with yes" in told.out, "Moved there by hand." in told.out) == ("", True, True)


def test_a_folder_in_use_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["demo", "--folder", str(tmp_path)]) == 2
    assert "holds something already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_radicale_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["demo", "--folder", str(tmp_path / "demo")]) == 2
    assert "pip install 'followsync[demo]'" in capsys.readouterr().err


def test_the_sample_is_thirty_different_prospects() -> None:
    from datetime import date

    rows = sample.pipeline(date(2026, 1, 6)).splitlines()
    assert len({row.split(",")[0] for row in rows[1:]}) == 30
    assert sample.pipeline(date(2026, 1, 6)) == sample.pipeline(date(2026, 1, 6))
