"""How the product reads what Google keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from followsync.calendars import google_events, google_tasks
from followsync.core.item import Item


@dataclass(frozen=True, slots=True)
class ProductReading:
    """See ``tests.google.place.Reading``."""

    def event(self, event: Mapping[str, Any], zone: tzinfo) -> Item:
        return google_events.item_of(event, zone)

    def task(self, task: Mapping[str, Any], zone: tzinfo, uid: str) -> Item:
        return google_tasks.item_of(task, zone, uid)

    def uid_of(self, task: Mapping[str, Any]) -> str:
        return google_tasks.uid_of(task)
