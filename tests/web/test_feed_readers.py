"""The same feed, read by four readers of different families: icalendar and vobject in Python, ical.js and node-ical in JavaScript."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from icalendar import Calendar

from followsync.core.history import Result
from tests.web.site import Site

HERE = Path(__file__).parent.parent / "readers"
Read = Callable[[bytes], list[dict[str, Any]]]

node = pytest.mark.skipif(
    not (shutil.which("node") and (HERE / "node_modules").is_dir()), reason="node or its packages are missing (make setup installs them)"
)


def by_icalendar(raw: bytes) -> list[dict[str, Any]]:
    return [
        {
            "uid": str(one["UID"]),
            "title": str(one["SUMMARY"]),
            "body": str(one.get("DESCRIPTION", "")),
            "location": str(one.get("LOCATION", "")),
            "start": one.start,
            "end": one.end,
            "status": str(one["STATUS"]),
            "sequence": int(one["SEQUENCE"]),
        }
        for one in Calendar.from_ical(raw).walk("VEVENT")
    ]


def by_vobject(raw: bytes) -> list[dict[str, Any]]:
    def text(one: Any, name: str) -> str:
        return str(getattr(one, name).value) if hasattr(one, name) else ""

    return [
        {
            "uid": text(one, "uid"),
            "title": text(one, "summary"),
            "body": text(one, "description"),
            "location": text(one, "location"),
            "start": one.dtstart.value,
            "end": one.dtend.value,
            "status": text(one, "status"),
            "sequence": int(text(one, "sequence")),
        }
        for one in vobject.readOne(raw.decode()).vevent_list
    ]


def by_node(name: str) -> Read:
    def read(raw: bytes) -> list[dict[str, Any]]:
        done = subprocess.run(["node", "read.mjs"], cwd=HERE, input=raw, capture_output=True, check=True, timeout=60)
        found = json.loads(done.stdout)[name]
        return [{**one, **{key: datetime.fromisoformat(one[key]) for key in ("start", "end")}} for one in found]

    return read


def plain(several: list[dict[str, Any]]) -> list[dict[str, Any]]:
    times = ({**one, **{key: one[key].astimezone(UTC) for key in ("start", "end")}} for one in several)
    return sorted(times, key=lambda one: str(one["uid"]))


@pytest.fixture
def rich(site: Site) -> bytes:
    """Words of all kinds, both sides of a change of the clocks, a record, and something cancelled."""
    room = site.room
    path = site.subscribe()
    room.capture("Jenny", phone="248.867.5309", notes='says: "pears; apples, \\ nuts"\nsecond line – é 😀 日本語')
    room.promise("jenny", "2026-03-06 2pm visit to sign, seal; and deliver")
    room.edit("jenny", address="Elm St 5, Troy; MI")
    room.capture("Joe", phone="248.867.5310")
    room.promise("joe", "2026-03-09 2pm call to renew " + "and to talk at length " * 6)
    room.capture("Lee")
    room.promise("lee", "thu 2pm call to renew")
    room.capture("Kim")
    room.promise("kim", "thu 4pm call to renew")
    room.cycle()
    room.log("lee", Result.YES)
    room.promise("kim", "fri 4pm coffee to renew")
    room.cycle(room.now + timedelta(minutes=5))
    return site.ask(path).body


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(by_vobject, id="vobject"),
        pytest.param(by_node("ical.js"), id="ical.js", marks=node),
        pytest.param(by_node("node-ical"), id="node-ical", marks=node),
    ],
)
def test_all_read_the_same(rich: bytes, read: Read) -> None:
    expected = plain(by_icalendar(rich))
    assert plain(read(rich)) == expected
    assert sorted((one["title"].split(" to ")[0], one["status"], one["sequence"], one["start"].isoformat()) for one in expected) == [
        ("Call Joe", "CONFIRMED", 0, "2026-03-09T18:00:00+00:00"),  # summer time
        ("Cancelled", "CANCELLED", 1, "2026-01-08T21:00:00+00:00"),
        ("Coffee with Kim", "CONFIRMED", 0, "2026-01-09T21:00:00+00:00"),
        ("Visit Jenny", "CONFIRMED", 0, "2026-03-06T19:00:00+00:00"),
        ("✓ Call Lee", "CONFIRMED", 1, "2026-01-08T19:00:00+00:00"),
    ]
    visit = next(one for one in expected if one["title"].startswith("Visit"))
    assert visit["location"] == "Elm St 5, Troy; MI"
    assert 'says: "pears; apples, \\ nuts"\nsecond line – é 😀 日本語' in visit["body"]
