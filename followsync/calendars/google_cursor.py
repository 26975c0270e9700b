"""Where the reading of a Google calendar goes on, and what one page of it showed. Nothing is sent here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from followsync.calendars import google_tasks
from followsync.core.item import Seen
from followsync.errors import CursorExpired


@dataclass(frozen=True, slots=True)
class Cursor:
    """``token``: of the events; ``page`` of them to come. ``since``: the moment, by Google's clock, up to which tasks are known;
    ``task_page`` of them to come, and ``begun``, when the first one was asked for. ``fresh``: there was nothing to go on from. ``news``: an
    earlier page had some."""

    token: str = ""
    page: str = ""
    since: str = ""
    task_page: str = ""
    begun: str = ""
    fresh: bool = False
    news: bool = False

    @property
    def more(self) -> bool:
        return bool(self.page or self.task_page)

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Raises CursorExpired where it is none of ours."""
        if not text:
            return cls(fresh=True)
        try:
            found = json.loads(text)
            names = {"token": "events", "page": "page", "since": "tasks", "task_page": "taskPage", "begun": "begun"}
            texts: dict[str, Any] = {field: str(found.get(name, "")) for field, name in names.items()}
            if texts["since"]:
                datetime.fromisoformat(texts["since"])
            return cls(**texts, fresh=bool(found.get("fresh")), news=bool(found.get("news")))
        except (ValueError, AttributeError):
            raise CursorExpired("What was remembered of the reading cannot be used; everything is read again.") from None

    def told(self) -> str:
        values = {"events": self.token, "page": self.page, "tasks": self.since, "taskPage": self.task_page, "begun": self.begun}
        flags = {"fresh": self.fresh, "news": self.news} if self.more else {}
        return json.dumps({name: value for name, value in {**values, **flags}.items() if value}, sort_keys=True)


class Before:
    """Which task stood where, by ETags of before: the one proof that it is ours, for a copy carries the same marker."""

    def __init__(self, etags: Mapping[str, str | None]) -> None:
        places = ((href, google_tasks.id_in(etag)) for href, etag in etags.items() if href.startswith(google_tasks.PLACE))
        self.ids = {href: number for href, number in places if number}
        self.hrefs = {number: href for href, number in self.ids.items()}


class Page:
    """What one page showed."""

    def __init__(self, known: Mapping[str, str | None]) -> None:
        self.known = known
        self.seen: dict[str, Seen] = {}
        self.gone: dict[str, None] = {}
        self.listed: set[str] = set()
        self.news = False

    def went(self, href: str) -> None:
        self.seen.pop(href, None)
        self.listed.discard(href)
        self.gone[href] = None
        self.news = True

    def stands(self, href: str, etag: str | None) -> bool:
        """Whether it is to be looked at: it is no echo of what is known."""
        self.gone.pop(href, None)
        self.listed.add(href)
        self.news = True
        return etag is None or self.known.get(href) != etag
