from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import proxy as faults
from tests.proxy import Proxy, proxied
from tests.servers import Server
from tests.watched import Watched


@pytest.fixture(params=["radicale", "xandikos"])
def proxy(request: pytest.FixtureRequest) -> Iterator[Proxy]:
    behind: Server = request.getfixturevalue(request.param)
    with proxied(behind) as made:
        yield made


@pytest.fixture
def day(proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", proxy.behind.password)
    return Watched(proxy, tmp_path, capsys).begin()


def test_plain(day: Watched) -> None:
    day.lives()
    day.works()
    day.proof()


@pytest.mark.parametrize("nth", [1, 2])
def test_a_lost_answer(day: Watched, nth: int) -> None:
    day.lives()
    day.works()
    with day.proxy.during(faults.unanswered, "PUT", nth=nth, times=1):
        assert day.sync_once().error
    day.proof()
