"""Doing what a preview showed."""

from __future__ import annotations

from datetime import datetime

from followsync.core.history import Captured, Edited
from followsync.importer.deciding import Preview
from followsync.importer.lead import Told, nobody
from followsync.store import Transaction


def apply(tx: Transaction, preview: Preview, *, now: datetime, told: Told = nobody) -> None:
    """All of it in the caller's transaction. ``told`` hears how many prospects are written."""
    total = len(preview.create) + len(preview.changed)
    for number, prospect in enumerate(preview.create, 1):
        told(number, total)
        tx.capture(prospect, Captured(now, "import"))
    for number, (prospect, (_, changes)) in enumerate(zip(preview.changed, preview.update, strict=True), len(preview.create) + 1):
        told(number, total)
        tx.save(prospect)
        tx.append(prospect.id, Edited(now, "import", changes))
