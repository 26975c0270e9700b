from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.rewriting import explained, rewritten
from tests.calendars.contract import CALL, DAY


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, set()),
        ({"title": " Call  Jenny to determine next steps – 248.867.5309 "}, set()),
        ({"start": CALL.start.astimezone(UTC), "end": CALL.end.astimezone(UTC)}, set()),
        ({"missed": 3}, set()),
        ({"title": "Call"}, {"title"}),
        ({"location": ""}, {"location"}),
        ({"alarms": ()}, {"alarms"}),
        ({"busy": False, "done": True}, {"busy", "done"}),
        ({"start": CALL.start + timedelta(hours=1)}, {"start"}),
        ({"start": DAY, "end": DAY + timedelta(days=1), "all_day": True}, {"start", "end", "all_day"}),
        ({"form": Form.TASK}, {"form"}),
        ({"kind": None, "due": None, "action": ""}, {"kind", "due", "action"}),
        ({"kind": Kind.STEP}, {"kind"}),
        ({"body": CALL.body + "\n\nJoin: https://meet.example.org/1 "}, {"body+Join: https://meet.example.org/1"}),
        ({"body": "Sent by a server\n" + CALL.body + "\nand again"}, {"body+Sent by a server", "body+and again"}),
        ({"body": CALL.body.splitlines()[0]}, {"body"}),
        ({"body": CALL.body.replace("happens", "took place")}, {"body"}),
        ({"body": "\n".join(reversed(CALL.body.splitlines()))}, {"body"}),
    ],
)
def test_what_is_named(change: dict[str, object], named: set[str]) -> None:
    assert rewritten(CALL, replace(CALL, **change)) == named


def test_only_what_is_known_is_explained() -> None:
    seen = replace(CALL, alarms=(), body=CALL.body + "\nfooter")
    assert explained(CALL, CALL, frozenset())
    assert explained(CALL, seen, frozenset({"alarms", "body+footer"}))
    assert explained(CALL, seen, frozenset({"alarms", "body"}))
    assert not explained(CALL, seen, frozenset({"alarms", "body+other"}))
    assert not explained(CALL, seen, frozenset({"body+footer"}))
    assert not explained(CALL, replace(seen, title="Visit"), frozenset({"alarms", "body+footer"}))
