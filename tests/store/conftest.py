from collections.abc import Iterator
from pathlib import Path

import pytest

from followsync.store import Store, open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{path}", wait=0.2)
    yield opened
    opened.close()
