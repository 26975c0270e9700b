"""The rep's phone, as a stranger to us: it knows nothing but HTTP and the text of an entry (RFC 5545), and edits that by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import TracebackType

import requests

_TIMEOUT = 30
_WHEN = "%Y%m%dT%H%M%S"
_TIME = re.compile(r"^(DTSTART|DTEND)([^:\r\n]*):(\d{8}T\d{6})Z?(?=\r?$)", re.MULTILINE)


class Phone:
    """Signed in to ``root``. Every edit reads the entry, changes its text and puts it back where it was (RFC 4791, section 5.3.2)."""

    def __init__(self, root: str, username: str, password: str) -> None:
        self._root = root.rstrip("/")
        self._session = requests.Session()
        self._session.auth = (username, password)
        self._session.trust_env = False

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._session.close()

    def move(self, href: str, start: datetime) -> None:
        """Drag the event to another time."""
        text, etag = self._get(href)
        head, event = _parts(text)
        times = {match[1]: datetime.strptime(match[3], _WHEN).replace(tzinfo=UTC) for match in _TIME.finditer(event)}
        length = times["DTEND"] - times["DTSTART"]
        zoned = "TZID=" in event
        begin = start.replace(tzinfo=UTC) if zoned else start.astimezone(UTC)
        new = {"DTSTART": begin, "DTEND": begin + length}
        moved = _TIME.sub(lambda match: f"{match[1]}{match[2]}:{new[match[1]].strftime(_WHEN)}{'' if zoned else 'Z'}", event)
        self._put(href, head + moved, etag)

    def tick(self, href: str, now: datetime) -> None:
        """Tick a task (RFC 5545, section 3.8.2.1)."""
        text, etag = self._get(href)
        text = re.sub(r"^(STATUS|PERCENT-COMPLETE|COMPLETED)[:;][^\r\n]*\r?\n", "", text, flags=re.MULTILINE)
        ticked = f"STATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\nCOMPLETED:{now.astimezone(UTC).strftime(_WHEN)}Z\r\nEND:VTODO"
        self._put(href, text.replace("END:VTODO", ticked), etag)

    def type_before_title(self, href: str, word: str) -> None:
        text, etag = self._get(href)
        head, event = _parts(text)
        self._put(href, head + re.sub(r"^SUMMARY([^:\r\n]*):", rf"SUMMARY\1:{word} ", event, count=1, flags=re.MULTILINE), etag)

    def type_into_notes(self, href: str, line: str) -> None:
        """As the first line of the notes."""
        text, etag = self._get(href)
        head, event = _parts(text)
        escaped = line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        self._put(
            href, head + re.sub(r"^DESCRIPTION([^:\r\n]*):", rf"DESCRIPTION\1:{escaped}\\n", event, count=1, flags=re.MULTILINE), etag
        )

    def delete(self, href: str) -> None:
        self._session.delete(self._address(href), timeout=_TIMEOUT).raise_for_status()

    def _get(self, href: str) -> tuple[str, str]:
        answer = self._session.get(self._address(href), timeout=_TIMEOUT)
        answer.raise_for_status()
        answer.encoding = "utf-8"
        return answer.text, answer.headers["ETag"]

    def _put(self, href: str, text: str, etag: str) -> None:
        headers = {"Content-Type": "text/calendar; charset=utf-8", "If-Match": etag}
        self._session.put(self._address(href), data=text.encode(), headers=headers, timeout=_TIMEOUT).raise_for_status()

    def _address(self, href: str) -> str:
        return href if href.startswith("http") else f"{self._root}{href}"


def subscribed(url: str) -> int:
    """How many entries a calendar program gets that subscribes to the feed at ``url``."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(url, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer.text.count("BEGIN:VEVENT")


def _parts(text: str) -> tuple[str, str]:
    """What stands before the event (the zone has times of its own), and the event to the end."""
    head, begin, event = text.partition("BEGIN:VEVENT")
    return head, begin + event
