"""For all tests: how long the random ones run, and, with FOLLOWSYNC_REQUIRE_SERVERS=1, that none is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("soak", max_examples=5000, deadline=None, print_blob=True)

_ALL = os.environ.get("FOLLOWSYNC_REQUIRE_SERVERS") == "1"


def _unskip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """An expected failure is reported as skipped too, but it was run."""
    if _ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but FOLLOWSYNC_REQUIRE_SERVERS=1 wants every test to run: {report.longrepr}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With FOLLOWSYNC_TEST_STORE=postgresql, what is about SQLite itself is no test of anything; and what installs a package into a layer
    over this machine needs somebody who may mount one."""
    on_sqlite = os.environ.get("FOLLOWSYNC_TEST_STORE") != "postgresql"
    left_out = [] if on_sqlite else [one for one in items if one.get_closest_marker("sqlite")]
    layered = [one for one in items if one.get_closest_marker("layer")]
    if layered and not _may_mount():
        left_out += layered
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [one for one in items if one not in left_out]


def _may_mount() -> bool:
    """Tried in a space of mounts of its own, which ends with the command."""
    places = "lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work"
    layer = (
        f"mount -t tmpfs tmpfs /mnt && mkdir /mnt/up /mnt/work /mnt/root && mount -t overlay overlay -o {places} /mnt/root && ls /mnt/root"
    )
    if not (shutil.which("unshare") and shutil.which("dpkg-deb") and Path("/usr/bin/python3").exists() and os.geteuid() == 0):
        return False
    tried = subprocess.run(["unshare", "--mount", "sh", "-c", layer], capture_output=True, check=False, timeout=60)  # noqa: S603, S607 - our own words
    return tried.returncode == 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _unskip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _unskip(report)
    return report
