"""A month in the life: tests/journeys/*.txt are read, played, and must say what the calendar shows.

``FOLLOWSYNC_RETELL=1`` writes what it shows into the files, to be read by a person before it is kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.journeys.journey import play
from tests.machine.room import CONFIG, Room

JOURNEYS = sorted((Path(__file__).parent / "journeys").glob("*.txt"))
GOLF = (
    "BEGIN:VEVENT\nUID:golf\nDTSTAMP:20260101T000000Z\nDTSTART:20260702T173000Z\nDTEND:20260702T210000Z\nSUMMARY:Golf league\nEND:VEVENT\n"
)
COLD = """\
  cold:
    for: {stage: cold}
    retry: {after: 2 working days, limit: 3}
    steps:
      - {id: reach, after: 0 days, method: call, purpose: book a meeting}
      - {id: door, after: 0 days, from: reach, method: email, purpose: leave the door open, if: 3 attempts}
      - {after: 1 month, from: door, method: call, purpose: tell them what is new}
"""
BUSY = "busy:\n  golf: {type: ics, path: golf.ics}\ncadences:"


@pytest.mark.parametrize("script", JOURNEYS, ids=lambda script: script.stem)
def test_journey(script: Path, tmp_path: Path) -> None:
    (tmp_path / "golf.ics").write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:golf\n{GOLF}END:VCALENDAR\n")
    leave = "targets: [phone]\n    busy: [golf]\n    away: [2026-07-03/2026-07-10]"
    room = Room(tmp_path, CONFIG.replace("targets: [phone]", leave).replace("cadences:", BUSY) + COLD)
    told = play(room, script)
    room.close()
    if os.environ.get("FOLLOWSYNC_RETELL"):
        script.write_text(told, encoding="utf-8")
    assert told == script.read_text(encoding="utf-8")
