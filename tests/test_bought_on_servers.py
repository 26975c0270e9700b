"""What is bought at once for several, from the command line to a calendar app and back, as events and as tasks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.google.server import GoogleServer
from tests.google_desk import GoogleDesk
from tests.phone import Desk
from tests.servers import Server

BIRTHDAYS = "  birthdays:\n    for: {stage: client}\n    steps:\n      - {on: birthday, method: gift, purpose: say happy birthday}\n"
LEAD = "methods:\n  gift: {lead: 5 working days}\n"
TITLE = "Buy 10 gifts for March 2026"


@pytest.fixture(params=["radicale", "xandikos"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    server: Server = request.getfixturevalue(request.param)
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", server.password)
    return Desk(server, tmp_path, capsys)


@pytest.fixture
def at_google(google: GoogleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> GoogleDesk:
    return GoogleDesk(google, tmp_path, capsys)


def ten(desk: Desk, **how: Any) -> None:
    desk.configure(cadences=BIRTHDAYS, more=LEAD, **how)
    table = "".join(f"Client {number},client,2026-03-{1 + 3 * number:02}\n" for number in range(10))
    path = desk.folder / "clients.csv"
    path.write_text(f"name,stage,birthday\n{table}")
    desk.run("import", str(path), "--yes")
    desk.sync()


def named(entries: dict[str, Any], title: str) -> dict[str, Any]:
    return {href: entry for href, entry in entries.items() if entry.summary.value == title}


@pytest.mark.parametrize(("write", "component"), [("event", "vevent"), ("task", "vtodo")])
def test_ten_gifts_one_list_and_its_tick(desk: Desk, write: str, component: str) -> None:
    ten(desk, write=write)
    entries = desk.phone.entries(component)
    assert len(entries) == 11
    ((href, entry),) = named(entries, TITLE).items()
    assert entry.dtstart.value == date(2026, 2, 13)
    assert all(f"Client {number}" in entry.description.value for number in range(10))
    desk.settle()
    desk.run("add", "Zoe", "--stage", "client", "--birthday", "2026-03-05")
    desk.sync()
    assert list(named(desk.phone.entries(component), "Buy 11 gifts for March 2026")) == [href]
    if write == "task":
        desk.phone.write(href, "STATUS:COMPLETED", "COMPLETED:20260105T150000Z", "PERCENT-COMPLETE:100")
    else:
        desk.phone.prefix_title(href, "✓")
    for day in ("06", "07"):
        desk.now = f"2026-01-{day}T09:00"
        desk.sync()
    desk.settle()
    assert len([one for one in desk.phone.entries(component).values() if "Buy" in one.summary.value]) == 1
    assert len(desk.phone.entries(component)) == 12
    desk.run("check")


def test_plan_why_and_check_name_it(desk: Desk) -> None:
    desk.configure(cadences=BIRTHDAYS, more=LEAD)
    for name in ("Zoe", "Ann"):
        desk.run("add", name, "--stage", "client", "--birthday", "2026-03-05")
    assert desk.json("plan")["buy"] == [{"title": "Buy 2 gifts for March 2026", "day": "2026-02-19", "for": ["Ann", "Zoe"]}]
    assert 'To be bought at once, "Buy 2 gifts for March 2026" on Thu 2026-02-19: for Ann; Zoe.' in desk.run("plan")
    desk.sync()
    assert "buy" not in desk.json("plan")
    told = 'Bought ahead, with what else is for that month: "Buy 2 gifts for March 2026" on Thu 2026-02-19.'
    assert told in desk.json("why", "zoe")["why"]
    assert told in desk.run("why", "ann")
    desk.now = "2026-01-05T10:00"
    desk.run("check")
    desk.sql("UPDATE written SET action = 'fs1lost' WHERE prospect = ''")
    problems = desk.json("check", code=1)["problems"]
    assert [(one["where"], one["message"].partition(":")[0]) for one in problems] == [
        ("phone", '"Buy 2 gifts for March 2026" does not stand there')
    ]


def test_behind_another_next_action_why_tells_it_as_to_come(desk: Desk) -> None:
    call = "      - {after: 3 days, method: call, purpose: say hello}\n"
    desk.configure(cadences=BIRTHDAYS.replace("    steps:\n", f"    steps:\n{call}"), more=LEAD)
    for name in ("Zoe", "Ann"):
        desk.run("add", name, "--stage", "client", "--birthday", "2026-03-05")
    told = 'To come: Bought ahead, with what else is for that month: "Buy 2 gifts for March 2026" on Thu 2026-02-19.'
    assert told in desk.run("why", "zoe")
    assert desk.json("show", "zoe")["next_action"]["method"] == "call"


@pytest.mark.parametrize("write", ["event", "auto", "task"])
def test_at_google_too(at_google: GoogleDesk, write: str) -> None:
    ten(at_google, write=write)
    found = at_google.tasks if write == "task" else at_google.events
    title = "title" if write == "task" else "summary"
    ((key, body),) = [(key, body) for key, body in found.items() if body[title] == TITLE]
    assert "Client 9" in body["notes" if write == "task" else "description"]
    assert len(found) == 11
    at_google.settle()
    at_google.now = "2026-02-17T09:00"
    at_google.sync()
    found = at_google.tasks if write == "task" else at_google.events
    assert found[key]["due"].startswith("2026-02-17") if write == "task" else found[key]["start"] == {"date": "2026-02-17"}
    at_google.settle()
    if write == "task":
        at_google.rep.tick(key)
    else:
        at_google.rep.rename(key, f"✓ {TITLE}")
    for day in ("18", "19"):
        at_google.now = f"2026-02-{day}T09:00"
        at_google.sync()
    at_google.settle()
    found = at_google.tasks if write == "task" else at_google.events
    assert len([one for one in found.values() if "Buy" in one[title]]) == 1
