"""The rep's two ends: a phone, which is a plain CalDAV client that is not ours, and the desk, where the product runs.

The phone knows nothing of FollowSync: it lists hrefs by PROPFIND, GETs, PUTs with If-Match and DELETEs, and changes single lines of the
text, as calendar apps do. It never uses the product's own reading and writing of iCalendar.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from os import getpid
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests
import vobject
from caldav.davclient import DAVClient

from followsync.cli import main
from followsync.config import load
from followsync.cycle import Cycle, Report
from followsync.pull import GRACE
from followsync.store import Store, open_store
from tests import stores
from tests.servers import Server
from tests.stores import new_store

ZONE = ZoneInfo("America/Detroit")
_DAV, _CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_NUMBERS = count()
_ENTRIES = ("VEVENT", "VTODO")


# ---- the phone -------------------------------------------------------------------------------------------------------------------


class Text:
    """The text of one entry as its unfolded lines. Properties are those of the event or task itself, not of its alarms or zones."""

    def __init__(self, raw: str) -> None:
        self.lines = raw.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").splitlines()

    def __str__(self) -> str:
        """Folded anew at 70 characters, as another program would; every program folds elsewhere."""
        folded = (line[:70] + "".join("\r\n " + line[at : at + 70] for at in range(70, len(line), 70)) for line in self.lines)
        return "\r\n".join(folded) + "\r\n"

    def _own(self) -> list[int]:
        depth, found = [], []
        for number, line in enumerate(self.lines):
            if line.startswith("BEGIN:"):
                depth.append(line[6:])
            elif line.startswith("END:"):
                depth.pop()
            elif depth and depth[-1] in _ENTRIES:
                found.append(number)
        return found

    def _place(self, name: str) -> int | None:
        return next((at for at in self._own() if self.lines[at].split(":")[0].split(";")[0] == name), None)

    def line(self, name: str) -> str:
        """``DTSTART;TZID=America/Detroit:20260106T090000``, or "" where there is none."""
        at = self._place(name)
        return "" if at is None else self.lines[at]

    def value(self, name: str) -> str:
        return self.line(name).partition(":")[2]

    def set(self, line: str) -> Text:
        """Put ``NAME;PARAMETERS:VALUE`` in the place of what stood there, or behind the other properties."""
        at = self._place(line.split(":")[0].split(";")[0])
        if at is None:
            self.lines.insert(self._own()[-1] + 1, line)
        else:
            self.lines[at] = line
        return self

    def drop(self, *names: str) -> Text:
        for name in names:
            at = self._place(name)
            if at is not None:
                del self.lines[at]
        return self

    def before_end(self, *lines: str) -> Text:
        """Parts such as an alarm, before the entry's end."""
        end = next(at for at, line in enumerate(self.lines) if line in [f"END:{name}" for name in _ENTRIES])
        self.lines[end:end] = lines
        return self

    def without_alarms(self) -> Text:
        while "BEGIN:VALARM" in self.lines:
            del self.lines[self.lines.index("BEGIN:VALARM") : self.lines.index("END:VALARM") + 1]
        return self


def escaped(text: str) -> str:
    """RFC 5545, 3.3.11."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}"


class Phone:
    """One account as a calendar app sees it, looking at the calendar of that name."""

    def __init__(self, server: Server, calendar: str) -> None:
        self.session = requests.Session()
        if server.username:
            self.session.auth = (server.username, server.password)
        self.root, self.calendar = server.url, calendar

    @property
    def home(self) -> str:
        """RFC 5397, then RFC 4791, 6.2.1."""
        principal = self._property(self.root, f"{_DAV}current-user-principal/{_DAV}href")
        return urljoin(self.root, self._property(urljoin(self.root, principal), f"{_CAL}calendar-home-set/{_DAV}href"))

    @property
    def collection(self) -> str:
        for response in self._propfind(self.home, "1"):
            if response.findtext(f".//{_DAV}displayname") == self.calendar:
                return urljoin(self.root, response.findtext(f"{_DAV}href"))
        raise LookupError(f"no calendar is called {self.calendar}")

    def make(self) -> str:
        """Another calendar of the account, for what the rep keeps there."""
        url = urljoin(self.home, f"cal-{getpid()}-{next(_NUMBERS)}/")
        body = (
            '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
            f"<D:displayname>{self.calendar}</D:displayname></D:prop></D:set></C:mkcalendar>"
        )
        self._call("MKCALENDAR", url, body, {"Content-Type": "application/xml"})
        return url

    def etags(self) -> dict[str, str]:
        """href -> ETag of everything in the calendar."""
        collection = self.collection
        found = {
            response.findtext(f"{_DAV}href", ""): response.findtext(f".//{_DAV}getetag", "") for response in self._propfind(collection, "1")
        }
        own = urlsplit(collection).path.rstrip("/")
        return {href: etag for href, etag in found.items() if urlsplit(href).path.rstrip("/") != own}

    def get(self, href: str) -> str:
        return self._call("GET", urljoin(self.root, href)).content.decode()

    def texts(self) -> dict[str, str]:
        return {href: self.get(href) for href in self.etags()}

    def entries(self, component: str = "vevent") -> dict[str, Any]:
        """href -> the entry as vobject reads it, in the order of their starts."""
        read = {href: vobject.readOne(text) for href, text in self.texts().items()}
        own = {href: getattr(one, component) for href, one in read.items() if hasattr(one, component)}
        return dict(sorted(own.items(), key=lambda pair: str(pair[1].dtstart.value)))

    def only(self, component: str = "vevent") -> tuple[str, Any]:
        """href and entry, where there is just one."""
        (found,) = self.entries(component).items()
        return found

    def put(self, href: str, text: str) -> None:
        """Change what stands there, if it is still what was read."""
        read = self._call("GET", urljoin(self.root, href))
        self._call(
            "PUT", urljoin(self.root, href), text, {"Content-Type": "text/calendar; charset=utf-8", "If-Match": read.headers["ETag"]}
        )

    def add(self, name: str, text: str) -> str:
        url = urljoin(self.collection, name)
        self._call("PUT", url, text, {"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"})
        return urlsplit(url).path

    def text(self, href: str) -> Text:
        return Text(self.get(href))

    def write(self, href: str, *lines: str) -> None:
        """Set these property lines and nothing else."""
        text = self.text(href)
        for line in lines:
            text.set(line)
        self.put(href, str(text))

    def prefix_title(self, href: str, word: str) -> None:
        self.write(href, f"SUMMARY:{word} {self.text(href).value('SUMMARY')}")

    def note(self, href: str, text: str, *, below: bool = False) -> None:
        body = self.text(href).value("DESCRIPTION")
        self.write(href, f"DESCRIPTION:{body}\\n{escaped(text)}" if below else f"DESCRIPTION:{escaped(text)}\\n{body}")

    def move(self, href: str, start: datetime, end: datetime) -> None:
        """With the zone's name, as most apps do."""
        zone = str(start.tzinfo)
        self.write(href, f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}", f"DTEND;TZID={zone}:{end:%Y%m%dT%H%M%S}")

    def delete(self, href: str) -> None:
        read = self._call("GET", urljoin(self.root, href))
        self._call("DELETE", urljoin(self.root, href), headers={"If-Match": read.headers["ETag"]})

    def _property(self, url: str, path: str) -> str:
        return next(text for response in self._propfind(url, "0") if (text := response.findtext(f".//{path}")))

    def _propfind(self, url: str, depth: str) -> Iterable[ET.Element]:
        body = (
            '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:displayname/><D:getetag/>'
            "<D:current-user-principal/><C:calendar-home-set/></D:prop></D:propfind>"
        )
        answer = self._call("PROPFIND", url, body, {"Depth": depth, "Content-Type": "application/xml"})
        return ET.fromstring(answer.content).findall(f"{_DAV}response")

    def _call(self, method: str, url: str, body: str = "", headers: dict[str, str] | None = None) -> requests.Response:
        answer = self.session.request(method, url, data=body.encode(), headers=headers, timeout=30)
        answer.raise_for_status()
        return answer


def library(server: Server, calendar: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same calendar as the ``caldav`` library's own objects see it.

    They import its asynchronous half, only to ask whether they belong to it; that half needs an HTTP library that the lock leaves out on
    purpose, so an empty one stands in.
    """
    absent = ModuleType("caldav.async_davclient")
    absent.AsyncDAVClient = type("AsyncDAVClient", (), {})  # type: ignore[attr-defined]  # what they ask about
    monkeypatch.setitem(sys.modules, absent.__name__, absent)
    client = DAVClient(url=server.url, username=server.username or None, password=server.password or None, enable_rfc6764=False)
    (found,) = (one for one in client.principal().calendars() if one.get_display_name() == calendar)
    return found


# ---- the desk --------------------------------------------------------------------------------------------------------------------


CADENCE = """\
  worksheet:
    for: {stage: pitched}
    start: met
    min_gap: 7 days
    steps:
      - {after: 3 days, method: email, purpose: say thanks}
      - {id: first-call, after: 3 weeks, method: call, purpose: set a meeting with the real decision makers}
      - {every: 90 days, from: first-call, method: email, purpose: see if the competition has dropped the ball}
      - {every: 4 months, from: first-call, method: call, purpose: tell them of a price or terms change, window: morning}
"""


@dataclass
class Desk:
    """A config, a store and the command line of one rep. ``now`` is what every command is told (``--now``)."""

    server: Server
    folder: Path
    capsys: pytest.CaptureFixture[str]
    now: str = "2026-01-05T08:00"
    calendar: str = ""
    phone: Phone = field(init=False)

    def __post_init__(self) -> None:
        self.calendar = self.calendar or f"Follow-ups {getpid()}-{next(_NUMBERS)}"
        self.phone = Phone(self.server, self.calendar)
        self.path = self.folder / "config.yaml"
        new_store(self.folder / "store.db").close()
        self.configure()

    @property
    def login(self) -> str:
        """What a target or a busy source needs to reach the server; the fixture keeps the password in the environment."""
        user = f", username: {self.server.username}, password: {{env: FOLLOWSYNC_TEST_PASSWORD}}" if self.server.username else ""
        return f'type: caldav, url: "{self.server.url}"{user}'

    def configure(self, *, rep: str = "", write: str = "event", more: str = "", cadences: str = CADENCE) -> None:
        """``rep``: more lines of the rep; ``more``: more sections; ``cadences``: the rules, "" for none."""
        self.path.write_text(
            f"store: {stores.url(self.folder / 'store.db')}\n"
            "reps:\n  dana:\n    name: Dana Reyes\n    timezone: America/Detroit\n    holidays: US-MI\n    targets: [phone]\n"
            + ("" if "daily_page" in rep else "    daily_page: off\n")
            + "".join(f"    {line}\n" for line in rep.splitlines())
            + f"targets:\n  phone: {{{self.login}, calendar: {self.calendar}, write: {write}}}\n"
            + (f"cadences:\n{cadences.rstrip()}\n" if cadences else "")
            + more,
            encoding="utf-8",
        )

    def run(self, *argv: str, code: int = 0) -> str:
        """What the command says on stdout. It must end with ``code``."""
        self.capsys.readouterr()
        ended = main(["--config", str(self.path), "--now", self.now, *argv])
        said = self.capsys.readouterr()
        assert ended == code, f"followsync {' '.join(argv)} ended with {ended}: {said.err}{said.out}"
        self.err = said.err
        return said.out

    def json(self, *argv: str, code: int = 0) -> Any:
        return json.loads(self.run(*argv, "--json", code=code))

    def sync(self) -> dict[str, Any]:
        """One ``sync``; what it did on the only target."""
        (report,) = self.json("sync")["targets"].values()
        assert report["error"] in ("", None), report
        return dict(report)

    def believe(self) -> dict[str, Any]:
        """Two syncs: a deletion is believed when it still holds a little later."""
        self.sync()
        self.now = f"{self.moment + GRACE:%Y-%m-%dT%H:%M}"
        return self.sync()

    def sync_any(self) -> None:
        """A sync that may have to wait for a person: many entries were deleted at once, so it says that this is meant."""
        self.capsys.readouterr()
        main(["--config", str(self.path), "--now", self.now, "sync", "--accept-deletes"])

    def settle(self) -> None:
        """Two quiet syncs: the first settles what is open, the second has nothing to write."""
        self.run("sync", "--accept-deletes")
        report = self.sync()
        assert (report["created"], report["updated"], report["deleted"]) == (0, 0, 0), report

    def cycle(self, **how: Any) -> Report:
        """One cycle without the command line around it: for a test's own opener."""
        (report,) = self.cycles([self.moment], **how)
        return report

    def cycles(self, moments: Iterable[datetime], **how: Any) -> list[Report]:
        """One cycle at each of the moments, with one store, as the daemon does."""
        settings = load(self.path)
        store = self.store()
        try:
            return [Cycle(settings, "dana", store, moment, **how).run(force=True) for moment in moments]
        finally:
            store.close()

    def store(self) -> Store:
        return open_store(stores.url(self.folder / "store.db"))

    def sql(self, statement: str) -> list[Any]:
        """The store as somebody opens it by hand."""
        return stores.sql(self.folder / "store.db", statement)

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.now).replace(tzinfo=ZONE)

    def history(self, prospect: str) -> tuple[Any, ...]:
        store = self.store()
        try:
            with store.reading() as tx:
                return tx.history(prospect)
        finally:
            store.close()
