"""What an entry of ours tells that history does not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.cadence import Form
from followsync.core.history import Entry, Noted, Result, Touched
from followsync.core.item import Item
from followsync.core.records import is_unread
from followsync.core.ruler import block_of, with_rep_text
from tests.core.builders import at

NOW = at("2026-01-05 10:00")
TITLE = "Call Jenny to sign – 248.867.5309"
OURS = "248.867.5309\nWhat do they say?"
ENTRY = Item(
    "fs1a", Form.EVENT, title=TITLE, body=OURS, start=NOW, end=NOW, action="a", prospect="jenny", named=TITLE, block=block_of(OURS)
)
DONE = Touched(NOW, "calendar:phone", Result.DONE, action="a", note="they want 40")


def written(text: str, item: Item = ENTRY) -> Item:
    return replace(item, body=with_rep_text(text, OURS))


@pytest.mark.parametrize(
    ("item", "history", "unread"),
    [
        pytest.param(ENTRY, (), False, id="as we wrote it"),
        pytest.param(written("likes blue"), (), True, id="a note"),
        pytest.param(written("likes blue"), (Noted(NOW, "calendar:phone", "likes blue", "a"),), False, id="a note that was read"),
        pytest.param(written("y"), (), True, id="an answer in the notes"),
        pytest.param(written("done\nthey want 40"), (DONE,), False, id="an answer that was read"),
        pytest.param(written("done\nthey want 50"), (DONE,), True, id="a line more since"),
        pytest.param(replace(ENTRY, title=f"y {TITLE}"), (), True, id="an answer before the title"),
        pytest.param(replace(ENTRY, title="Lunch"), (), False, id="a title of the rep's own"),
        pytest.param(replace(ENTRY, done=True), (), True, id="a tick"),
        pytest.param(replace(ENTRY, done=True, title=f"✓ {TITLE}", result="done"), (DONE,), False, id="our record"),
    ],
)
def test_what_nobody_has_read(item: Item, history: tuple[Entry, ...], unread: bool) -> None:
    assert is_unread(item, history) is unread
