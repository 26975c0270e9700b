"""What the five articles demand of the rules, row by row, as tests/test_sources.py does for the rest.

Day 0 is Monday 2026-01-05 in America/Detroit.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from followsync import config, rules
from followsync.core.answers import touched
from followsync.core.history import Captured, Entry, Result
from followsync.core.plan import Action, Resting, due
from followsync.core.prospect import Prospect
from followsync.core.standing import standing
from tests.phone import ZONE, Desk, Text
from tests.servers import Server

ROOT = Path(__file__).parents[1]

# ---- 004-13: everything that Capsule's Tracks can do --------------------------------------------------------------------------------
#
# The reference is written from Capsule's own pages (support/tracks, and the API's track task definition): a track works from its start
# or back from its end. From the start, a task is due a number of days after the start or after the previous task was completed, and the
# first one after the start; back from the end, all are due a number of days before it. The number counts days, weekdays or weeks.


@dataclass(frozen=True)
class Task:
    rule: str  # START_DATE, LAST_TASK, END_DATE
    number: int
    unit: str  # DAYS, WEEKDAYS, WEEKS


def counted(day: date, number: int, unit: str, direction: int) -> date:
    if unit == "WEEKDAYS":
        while number:
            day += timedelta(days=direction)
            number -= day.isoweekday() <= 5
        return day
    return day + timedelta(days=direction * number * {"DAYS": 1, "WEEKS": 7}[unit])


def capsule_days(track: list[Task], start: date, end: date, completed: dict[int, date]) -> dict[int, date]:
    """When each task is due that is not completed and whose day is known."""
    known = {}
    for place, task in enumerate(track):
        if place in completed:
            continue
        if task.rule == "START_DATE":
            known[place] = counted(start, task.number, task.unit, 1)
        elif task.rule == "END_DATE":
            known[place] = counted(end, task.number, task.unit, -1)
        elif place - 1 in completed:
            known[place] = counted(completed[place - 1], task.number, task.unit, 1)
    return known


def some_track(dice: random.Random) -> list[Task]:
    def task(*rules: str) -> Task:
        unit = dice.choice(["DAYS", "WEEKDAYS", "WEEKS"])
        return Task(dice.choice(rules), dice.randint(0, 9 if unit == "WEEKS" else 40), unit)

    length = dice.randint(1, 8)
    if dice.random() < 0.3:
        return [task("END_DATE") for _ in range(length)]
    return [task("START_DATE"), *(task("START_DATE", "LAST_TASK") for _ in range(length - 1))]


_UNITS = {"DAYS": "days", "WEEKDAYS": "working days", "WEEKS": "weeks"}
_STEPS = {"START_DATE": "after: {}, from: start", "LAST_TASK": "after: {}, from: previous", "END_DATE": "before: {}, of: contract_end"}


def as_cadence(track: list[Task]) -> str:
    """The same track in YAML. Capsule moves nothing for a weekend."""
    steps = [
        f"      - {{{_STEPS[task.rule].format(f'{task.number} {_UNITS[task.unit]}')}, method: call, purpose: task {place}, shift: none}}"
        for place, task in enumerate(track)
    ]
    return "\n".join(
        [
            "reps: {dana: {timezone: America/Detroit, hours: {mon-fri: 09:00-17:00}}}",
            "cadences:",
            "  track:",
            "    start: met",
            "    ahead: 50 years",
            "    steps:",
            *steps,
        ]
    )


@pytest.mark.parametrize("hundred", range(2))
def test_004_13_tracks_of_capsule_give_the_same_days(hundred: int, tmp_path: Path) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        dice = random.Random(seed)
        track = some_track(dice)
        path = tmp_path / f"{seed}.yaml"
        path.write_text(as_cadence(track))
        settings = config.load(path)
        the_rules, rep = rules.rules(settings, "dana"), rules.rep_rules(settings, "dana")
        start = date(2026, 1, 1) + timedelta(days=dice.randint(0, 800))
        end = start + timedelta(days=dice.randint(0, 500))
        prospect = Prospect("joe", "dana", "Joe", fields={"met": start.isoformat(), "contract_end": end.isoformat()})
        history: tuple[Entry, ...] = (Captured(datetime.combine(start, time(8), ZONE), "cli"),)
        completed: dict[int, date] = {}
        today = start
        while len(completed) < len(track):
            now = datetime.combine(today, time(10), ZONE)
            expected = capsule_days(track, start, end, completed)
            found = due(prospect, the_rules, standing(prospect, history), rep, now)
            assert not isinstance(found, Resting)
            days = {int(action.purpose.removeprefix("task ")): action.due for action in found}
            where = f"seed {seed}, {track}, {today}, completed {completed}"
            assert {place: days.get(place) for place in expected} == expected, where
            place = min(expected, key=lambda one: (expected[one], one))
            assert found[0].purpose == f"task {place}", where
            today = max(today, expected[place] + timedelta(days=dice.choice([-9, -2, 0, 0, 0, 1, 5, 30])))
            history = (*history, done(found[0], datetime.combine(today, time(11), ZONE)))
            completed[place] = today
        (last,) = due(prospect, the_rules, standing(prospect, history), rep, datetime.combine(today, time(12), ZONE))
        assert last.kind == "decide", "a finite track ends in a decision"


def done(action: Action, at: datetime) -> Entry:
    return touched(action, Result.DONE, at, "cli")


# ---- the other rows -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(radicale: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", radicale.password)
    return Desk(radicale, tmp_path, capsys)


def shown(desk: Desk) -> list[tuple[str, str]]:
    """Day and title of everything on the server."""
    entries = desk.phone.entries().values()
    return sorted((f"{entry.dtstart.value.astimezone(ZONE):%Y-%m-%d %H:%M}", entry.summary.value) for entry in entries)


def next_action(desk: Desk, prospect: str) -> Any:
    return next(one["next_action"] for one in desk.json("list") if one["id"] == prospect)


def body(desk: Desk, href: str) -> str:
    return desk.phone.text(href).value("DESCRIPTION").replace("\\n", "\n").replace("\\,", ",")


def test_001_4_calls_stand_in_the_time_set_aside_for_them(desk: Desk) -> None:
    desk.configure(
        rep='blocks: {call: {"tue,thu": "09:00-11:00"}}',
        cadences="  lead:\n    for: {stage: lead}\n    steps:\n      - {after: 1 day, method: call, purpose: say hello}\n",
    )
    for number in range(6):
        desk.run("add", f"Lead{number}", "--stage", "lead")
    desk.sync()
    days = [day for day, _ in shown(desk)]
    assert len(days) == 6
    assert all(day[:10] in {"2026-01-06", "2026-01-08"} and "09:00" <= day[11:] <= "10:45" for day in days), days


def test_004_1_the_dates_of_the_recap_make_and_move_actions(desk: Desk) -> None:
    desk.run("add", "Visit Joe today 10am to show the screens")
    desk.now = "2026-01-05T11:00"
    desk.run("log", "joe", "done", "--asked-for-order", "yes", "--objection", "the price", "--proposal-due", "2026-01-20")
    desk.sync()
    ((href, event),) = [(href, one) for href, one in desk.phone.entries().items() if not one.summary.value.startswith("✓")]
    assert event.summary.value == "Deliver proposal to Joe to ask for the order"
    assert event.dtstart.value.astimezone(ZONE).date() == date(2026, 1, 20)
    desk.run("edit", "joe", "--proposal-due", "2026-01-25")  # a Sunday: by then, not after
    desk.sync()
    moved = desk.phone.entries()[href]
    assert moved.dtstart.value.astimezone(ZONE).date() == date(2026, 1, 23), "the same entry, moved"
    assert len(desk.phone.entries()) == 1
    desk.now = "2026-01-23T12:00"
    desk.run("log", "joe", "done", "--order-due", "2026-02-03")
    action = next_action(desk, "joe")
    assert (action["due"], action["method"], action["purpose"]) == ("2026-02-03", "call", "ask for the order")
    desk.run("edit", "joe", "--proposal-due", "2026-01-30")  # they ask for another one
    assert (next_action(desk, "joe")["due"], next_action(desk, "joe")["method"]) == ("2026-01-30", "proposal")


def test_004_4_what_was_agreed_is_stored_with_where_it_came_from_and_holds(desk: Desk) -> None:
    desk.run("add", "Jenny", "--stage", "pitched", "--met", "2026-01-05")
    desk.run("log", "jenny", "next", "coffee 2026-01-16 3pm to review the quote")
    desk.sync()
    (href,) = desk.phone.etags()
    desk.now = "2026-01-06T09:00"
    desk.phone.prefix_title(href, "> visit 2026-01-19 2pm to sign")  # a holiday
    desk.sync()
    promises = desk.json("show", "jenny")["promises"]
    told = [(one["agreed"][:10], one["via"], one["method"], one["day"]) for one in promises]
    assert told == [("2026-01-05", "cli", "coffee", "2026-01-16"), ("2026-01-06", "calendar:phone", "visit", "2026-01-19")]
    desk.configure(rep="away: [2026-01-12/2026-01-23]")
    desk.now = "2026-01-16T09:00"
    desk.sync()
    action = next_action(desk, "jenny")
    assert (action["kind"], action["method"], action["start"][:16]) == ("promise", "visit", "2026-01-19T14:00")
    assert "Agreed on Tue 2026-01-06: visit on Mon 2026-01-19 at 14:00." in desk.run("why", "jenny")


GOALS = {
    "deciders": "set a meeting with the real decision makers",
    "competition": "see if the competition has dropped the ball",
    "better-product": "show what the product does better now",
    "change": "tell them of a price or terms change",
}


def test_004_9_each_goal_has_questions_of_its_own(desk: Desk) -> None:
    example = (ROOT / "config.example.yaml").read_text("utf-8")
    purposes = "purposes:\n" + example.partition("\npurposes:\n")[2].partition("\n# ----")[0]
    cadences = "".join(
        f"  {goal}:\n    for: {{stage: {goal}}}\n    steps:\n      - {{after: 1 day, method: call, purpose: {goal}}}\n" for goal in GOALS
    )
    desk.configure(cadences=cadences, more=purposes)
    for goal in GOALS:
        desk.run("add", f"Lead-{goal}", "--stage", goal)
    desk.sync()
    asked = {}
    for href, event in desk.phone.entries().items():
        (goal,) = [goal for goal, text in GOALS.items() if text in event.summary.value]
        asked[goal] = [line for line in body(desk, href).splitlines() if line.removeprefix("- ").endswith("?")]
    assert set(asked) == set(GOALS)
    assert all(asked.values())
    assert len({tuple(lines) for lines in asked.values()}) == len(GOALS), asked


def test_004_9_a_reason_asks_the_questions_of_its_purpose_too(desk: Desk) -> None:
    desk.configure(
        cadences="",
        more="purposes:\n  competition: {text: ask about the supplier, questions: [How happy are you with your supplier?]}\n"
        "reasons:\n  contract_end: {before: 0 days, method: visit, purpose: competition}\n",
    )
    desk.run("add", "Joe", "--reason", "contract_end", "--contract-end", "2026-01-20")
    desk.sync()
    ((href, event),) = desk.phone.entries().items()
    assert (event.summary.value, event.dtstart.value.astimezone(ZONE).date()) == ("Visit Joe to ask about the supplier", date(2026, 1, 20))
    assert "How happy are you with your supplier?" in body(desk, href)


def test_004_9_so_does_what_was_agreed_for_one_of_the_goals(desk: Desk) -> None:
    desk.configure(
        cadences="",
        more="purposes:\n  competition: {text: ask about the supplier, questions: [How happy are you with your supplier?]}\n"
        "  better-product: {text: show what it does better now, questions: [What did you miss?]}\n",
    )
    desk.run("add", "Call Jenny 248.867.5309 Thursday 2pm about competition")
    desk.sync()
    ((href, event),) = desk.phone.entries().items()
    assert event.summary.value == "Call Jenny to ask about the supplier – 248.867.5309"
    assert "How happy are you with your supplier?" in body(desk, href)
    desk.phone.write(href, f"DESCRIPTION:> fri 2pm visit to better product\\n{desk.phone.text(href).value('DESCRIPTION')}")
    desk.now = "2026-01-05T10:00"
    desk.sync()
    ((href, title),) = [
        (one, entry.summary.value) for one, entry in desk.phone.entries().items() if not entry.summary.value.startswith("→")
    ]
    assert title == "Visit Jenny to show what it does better now"
    assert "What did you miss?" in body(desk, href)


def test_003_4_what_has_changed_since_the_last_contact_is_asked(desk: Desk) -> None:
    desk.run("add", "Jenny 248.867.5309", "--stage", "pitched", "--met", "2026-01-05")
    desk.sync()
    (href,) = desk.phone.etags()
    assert "changed since" not in body(desk, href), "nobody was talked to yet"
    desk.now = "2026-01-08T10:00"
    desk.run("log", "jenny", "done")
    desk.now = "2026-01-26T09:00"
    desk.run("log", "jenny", "no-answer")
    desk.sync()
    (open_,) = [href for href, one in desk.phone.entries().items() if not one.summary.value.startswith(("✓", "↻"))]
    assert "What has changed since Thu 2026-01-08?" in body(desk, open_)


VISITS = "  visits:\n    for: {stage: lead}\n    steps:\n      - {after: 1 day, method: visit, purpose: show the product}\n"


def test_003_4_fifty_visits_become_video_calls_and_what_was_agreed_is_listed(desk: Desk) -> None:
    desk.configure(cadences=VISITS)
    rows = "".join(f"Lead {number},lead,https://meet.example.org/{number}\n" for number in range(50))
    (desk.folder / "leads.csv").write_text(f"name,stage,url\n{rows}Other,cold,\n")
    desk.run("import", str(desk.folder / "leads.csv"), "--yes")
    desk.run("add", "Visit Jenny Friday 3pm to see the shop", "--stage", "lead")
    desk.sync()
    before = {href: entry.summary.value for href, entry in desk.phone.entries().items()}
    desk.run("edit", "stage=lead", "--instead-of-visit", "video")
    desk.run("undo", "--yes")
    assert desk.json("plan") == {"create": [], "move": [], "close": []}, "one change, taken back as one"
    assert next_action(desk, "lead-7")["method"] == "visit"
    told = desk.run("edit", "stage=lead", "--instead-of-visit", "video")
    assert told.splitlines()[0] == "Changed 51 of 51 open prospects with stage=lead."
    assert [line for line in told.splitlines() if line.startswith("  ")] == ["  Jenny (jenny): visit, Fri 2026-01-09, 15:00-15:45"]
    desk.sync()
    after = {href: entry.summary.value for href, entry in desk.phone.entries().items()}
    assert after.keys() == before.keys(), "the same entries"
    changed = {href for href in after if after[href] != before[href]}
    assert len(changed) == 50
    assert all(after[href] == before[href].replace("Visit", "Video call with") for href in changed)
    assert sorted(title for title in after.values() if "Video" not in title) == ["Decide: Other", "Visit Jenny to see the shop"]
    assert "no method 'telepathy'" in desk.run("edit", "stage=lead", "--instead-of-visit", "telepathy", code=2) + desk.err
    assert "No open prospect has stage=hot" in desk.run("edit", "stage=hot", "--note", "x", code=2) + desk.err


def test_003_4_undo_after_fifty_entries_were_changed_on_the_server_brings_each_back_word_for_word(desk: Desk) -> None:
    desk.configure(cadences=VISITS)
    rows = "".join(f"Lead {number},lead,https://meet.example.org/{number}\n" for number in range(50))
    (desk.folder / "leads.csv").write_text(f"name,stage,url\n{rows}")
    desk.run("import", str(desk.folder / "leads.csv"), "--yes")
    desk.sync()
    before = contents(desk)
    assert len(before) == 50
    desk.run("edit", "stage=lead", "--instead-of-visit", "video")
    assert desk.sync()["updated"] == 50
    assert all(after != before[href] for href, after in contents(desk).items())
    desk.run("undo", "--yes")
    assert desk.sync()["updated"] == 50
    assert contents(desk) == before


def contents(desk: Desk) -> dict[str, tuple[str, ...]]:
    """Of everything on the server: what a rep sees of it."""
    names = ("SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "LOCATION", "URL", "TRANSP")
    return {href: tuple(Text(raw).value(name) for name in names) for href, raw in desk.phone.texts().items()}
