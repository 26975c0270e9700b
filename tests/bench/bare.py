"""What the least programme would do with the same bodies: the floor.

``requests`` sessions in threads, one PUT each with its precondition, and one sync-collection REPORT (RFC 6578).
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from queue import Empty, SimpleQueue
from urllib.parse import urljoin
from xml.etree import ElementTree

import requests

from tests.servers import Server

DAV = "{DAV:}"
CHUNK = 100
_BUSY = 423  # Xandikos, while another write is under way: the same once more
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_ICS = {"Content-Type": "text/calendar; charset=utf-8"}
_SYNC = (
    '<?xml version="1.0"?><sync-collection xmlns="DAV:"><sync-token>{}</sync-token>'
    "<sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
)
_GET = (
    '<?xml version="1.0"?><C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/>'
    "</prop>{}</C:calendar-multiget>"
)

_Waiting = SimpleQueue[tuple[str, str, dict[str, str]]]  # name, text, headers


class Bare:
    """``collection``: its address. Every method raises what ``requests`` raises, also for an answer that is no success."""

    def __init__(self, server: Server, collection: str, connections: int = 4) -> None:
        self.collection = collection
        self.auth = (server.username, server.password) if server.username else None
        self.connections = connections

    def make(self) -> None:
        with self._session() as session:
            session.request("MKCALENDAR", self.collection, timeout=60).raise_for_status()

    def report(self, token: str = "") -> tuple[list[str], str]:
        """The hrefs of what is new since ``token``, and the next token."""
        with self._session() as session:
            tree = self._report(session, _SYNC.format(token))
        members = [one for one in tree.iterfind(DAV + "response") if one.findtext(DAV + "status") is None]
        return [one.findtext(DAV + "href") or "" for one in members], tree.findtext(DAV + "sync-token") or ""

    def read(self, token: str) -> None:
        """What is new, with its text."""
        hrefs, _ = self.report(token)
        waiting = iter(hrefs)
        with self._session() as session:
            while several := list(islice(waiting, CHUNK)):
                self._report(session, _GET.format("".join(f"<href>{one}</href>" for one in several)))

    def phone(self, bodies: Mapping[str, str]) -> None:
        """What another device writes over what stands there."""
        with self._session() as session:
            for name, body in bodies.items():
                session.put(urljoin(self.collection, name), data=body.encode(), headers=_ICS, timeout=60).raise_for_status()

    def etags(self) -> dict[str, str]:
        """File name -> ETag of everything that stands there."""
        with self._session() as session:
            tree = self._report(session, _SYNC.format(""))
        members = {one.findtext(DAV + "href") or "": one.findtext(f".//{DAV}getetag") or "" for one in tree.iterfind(DAV + "response")}
        return {href.rpartition("/")[2]: etag for href, etag in members.items()}

    def write(self, bodies: Mapping[str, str], etags: Mapping[str, str] | None = None) -> None:
        """Each once, over all connections. ``etags``: of those that stand there already."""
        waiting: _Waiting = SimpleQueue()
        for name, body in bodies.items():
            known = {"If-Match": etags[name]} if etags and name in etags else {"If-None-Match": "*"}
            waiting.put((name, body, _ICS | known))
        with ThreadPoolExecutor(self.connections) as pool:
            list(pool.map(lambda number: self._write(waiting), range(self.connections)))

    def _write(self, waiting: _Waiting) -> None:
        """One connection: takes the next one until there is none."""
        with self._session() as session, suppress(Empty):
            while True:
                name, body, headers = waiting.get_nowait()
                answer = session.put(urljoin(self.collection, name), data=body.encode(), headers=headers, timeout=60)
                if answer.status_code == _BUSY:
                    waiting.put((name, body, headers))
                else:
                    answer.raise_for_status()

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.auth = self.auth
        return session

    def _report(self, session: requests.Session, body: str) -> ElementTree.Element:
        answer = session.request("REPORT", self.collection, data=body.encode(), headers=_XML | {"Depth": "1"}, timeout=120)
        answer.raise_for_status()
        return ElementTree.fromstring(answer.content)
