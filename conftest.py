"""For all tests: how long the random ones run, and, with FOLLOWSYNC_REQUIRE_SERVERS=1, that none is left out."""

from __future__ import annotations

import os
from collections.abc import Generator

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
    """With FOLLOWSYNC_TEST_STORE=postgresql, what is about SQLite itself is no test of anything."""
    if os.environ.get("FOLLOWSYNC_TEST_STORE") != "postgresql":
        return
    left_out = [one for one in items if one.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if one not in left_out]


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
