"""Everything here is tried on both databases, except for what carries the mark ``sqlite``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from followsync.store import Store, open_store
from tests import postgresql, stores


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_kind" in vars(metafunc.module):  # about one of them only
        return
    both = ["postgresql"] if stores.kind == "postgresql" else ["sqlite", "postgresql"]
    metafunc.parametrize("engine_kind", ["sqlite"] if metafunc.definition.get_closest_marker("sqlite") else both, indirect=True)


@pytest.fixture(autouse=True)
def engine_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(stores, "kind", request.param)
    if request.param == "postgresql":
        postgresql.server()
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(stores.url(path), wait=0.2)
    yield opened
    opened.close()
