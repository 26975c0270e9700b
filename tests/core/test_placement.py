"""Day and hour: what moves, what stays, what holds whatever comes in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.history import Kind, Moved
from followsync.core.placement import Placed, Stand
from followsync.core.plan import Action
from followsync.core.workdays import BusyTime, RepRules
from tests.core.builders import METHODS, REP, at, busy, day, put, rep, rules, stands, window

NOW = at("2026-01-05 08:00")


def action(name: str = "a", due: str = "01-06", method: str = "call", kind: Kind = Kind.STEP, **more: object) -> Action:
    minutes = METHODS[method].minutes if method in METHODS else 15
    return replace(Action(name, name, kind, method, "p", day(due), day(due), minutes), **more)


def shown(placed: Placed) -> str:
    return f"{placed.start:%a %m-%d %H:%M}-{placed.end:%H:%M}" + (f" on {placed.clash}" if placed.clash else "")


def one(placed: tuple[Placed, ...]) -> str:
    (only,) = placed
    return shown(only)


PROMISE = {"kind": Kind.PROMISE}
ALL_DAY = "2026-01-06 09:00/17:00 fair"


@pytest.mark.parametrize(
    ("the_action", "taken", "now", "expected"),
    [
        pytest.param(action(), [], "01-05 08:00", "Tue 01-06 09:00-09:15", id="first thing on its day"),
        pytest.param(action(due="01-05"), [], "01-05 10:07", "Mon 01-05 10:10-10:25", id="never in the past"),
        pytest.param(action(due="01-05"), [], "01-05 16:50", "Tue 01-06 09:00-09:15", id="not outside the hours"),
        pytest.param(action(due="01-01"), [], "01-05 08:00", "Mon 01-05 09:00-09:15", id="a due day that passed is today"),
        pytest.param(action(due="01-10"), [], "01-05 08:00", "Mon 01-12 09:00-09:15", id="not on a weekend"),
        pytest.param(action(due="01-10", any_day=True), [], "01-05 08:00", "Sat 01-10 09:00-09:15", id="a step that no weekend shifts"),
        pytest.param(action(due="01-19"), [], "01-05 08:00", "Tue 01-20 09:00-09:15", id="not on a holiday"),
        pytest.param(action(), ["2026-01-06 09:00/10:00"], "01-05 08:00", "Tue 01-06 10:10-10:25", id="with a buffer"),
        pytest.param(action(), ["2026-01-06 09:24/10:00"], "01-05 08:00", "Tue 01-06 10:10-10:25", id="no room before"),
        pytest.param(action(), ["2026-01-06 09:25/10:00"], "01-05 08:00", "Tue 01-06 09:00-09:15", id="just room before"),
        pytest.param(action(), [ALL_DAY], "01-05 08:00", "Wed 01-07 09:00-09:15", id="no slot that day: next day"),
        pytest.param(action(window=window("14:00-16:00")), [], "01-05 08:00", "Tue 01-06 14:00-14:15", id="inside its window"),
        pytest.param(
            action(window=window("14:00-16:00")), ["2026-01-06 13:00/16:00"], "01-05 08:00", "Wed 01-07 14:00-14:15", id="next day's window"
        ),
        pytest.param(action(liked=(window("11:00-13:00"),)), [], "01-05 08:00", "Tue 01-06 11:00-11:15", id="where it is liked"),
        pytest.param(action(**PROMISE), [ALL_DAY], "01-05 08:00", "Tue 01-06 09:00-09:15 on fair", id="001-7: a promise stays on its day"),
        pytest.param(
            action(**PROMISE, window=window("13:00-17:00")), [ALL_DAY], "01-05 08:00", "Tue 01-06 13:00-13:15 on fair", id="and its window"
        ),
        pytest.param(
            action(**PROMISE, start=at("2026-01-06 12:34")), [ALL_DAY], "01-05 08:00", "Tue 01-06 12:34-12:49 on fair", id="and its hour"
        ),
        pytest.param(action(due="01-10", **PROMISE), [], "01-05 08:00", "Sat 01-10 09:00-09:15", id="on a weekend as agreed"),
        pytest.param(action(due="01-19", **PROMISE), [], "01-05 08:00", "Mon 01-19 09:00-09:15", id="on a holiday as agreed"),
        pytest.param(action(due="01-05", **PROMISE), [], "01-05 18:02", "Mon 01-05 18:05-18:20", id="today, though the hours are over"),
        pytest.param(
            action(due="01-08", window=window("13:00-17:00"), method="visit", **PROMISE),
            ["2026-01-08 13:00/14:00 doctor", "2026-01-08 15:00/17:00 golf"],
            "01-06 10:00",
            "Thu 01-08 13:00-13:45 on doctor",
            id="no room between: shown on top",
        ),
        pytest.param(
            action(due="01-08", window=window("13:00-17:00"), method="visit", **PROMISE),
            ["2026-01-08 13:00/14:00 doctor", "2026-01-08 16:00/18:00 golf"],
            "01-06 10:00",
            "Thu 01-08 14:10-14:55",
            id="000-8: Thursday afternoon outside every busy event",
        ),
    ],
)
def test_where_it_goes(the_action: Action, taken: list[str], now: str, expected: str) -> None:
    assert one(put([the_action], at(f"2026-{now}"), busy=busy(*taken))) == expected


def test_row_002_5_beside_doctor_golf_and_happy_hour() -> None:
    taken = busy("2026-01-06 10:00/11:00 doctor", "2026-01-08 16:00/18:00 golf", "2026-01-09 17:00/19:00 happy hour")
    placed = put([action(str(n), f"01-0{5 + n % 5}", "visit") for n in range(25)], NOW, busy=taken)
    assert not [shown(each) for each in placed if any(each.start < hit.end and hit.start < each.end for hit in taken)]


def test_row_000_11_sixty_due_and_room_for_twelve() -> None:
    actions = [action(f"{n:02}", "01-06", hot=n % 10 == 3, kind=Kind.PROMISE if n % 12 == 5 else Kind.STEP) for n in range(60)]
    placed = put(actions, NOW)
    by_day: dict[date, list[Action]] = {}
    for each in placed:
        by_day.setdefault(each.start.date(), []).append(each.action)
    assert [len(several) for several in by_day.values()] == [12] * 5
    first = next(iter(by_day.values()))
    promised_or_hot = {each.id for each in actions if each.hot or each.kind is Kind.PROMISE}
    assert promised_or_hot <= {each.id for each in first}


def test_row_001_4_calls_land_in_their_blocks() -> None:
    block = (window("09:00-11:00"),)
    dana = rep(blocks={"call": {1: block, 3: block}})
    placed = put([action(str(n), "01-05") for n in range(6)] + [action("v", "01-05", "visit")], NOW, the_rep=dana)
    calls = [each for each in placed if each.action.method == "call"]
    assert all(each.start.weekday() in (1, 3) and time(9) <= each.start.time() and each.end.time() <= time(11) for each in calls)
    assert {each.start.date() for each in calls} == {day("01-06"), day("01-08")}
    assert [shown(each) for each in placed if each.action.method == "visit"] == ["Mon 01-05 09:00-09:45"]


@pytest.mark.parametrize(("due", "hours"), [("2026-03-06", "11:00-11:15"), ("2026-03-09", "12:00-12:15"), ("2026-11-02", "11:00-11:15")])
def test_the_prospects_hours_in_phoenix(due: str, hours: str) -> None:
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-11:00"))])
    placed = put([action(due=due, timezone="America/Phoenix")], NOW, the_rules=the_rules)
    assert one(placed) == f"{day(due):%a %m-%d} {hours}"
    placed = put([action(due=due, kind=Kind.PROMISE, start=at(f"{due} 09:00"), timezone="America/Phoenix")], NOW, the_rules=the_rules)
    assert placed[0].start == at(f"{due} 09:00")


@pytest.mark.parametrize("zone", ["Pacific/Nowhere", "../etc", "Asia/Tokyo"])
def test_a_zone_that_is_unknown_or_never_awake_stops_nobody(zone: str) -> None:
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-17:00"))])
    assert one(put([action(timezone=zone)], NOW, the_rules=the_rules)) == "Tue 01-06 09:00-09:15"


@pytest.mark.parametrize(
    ("due", "weekdays", "expected"),
    [
        ("01-09", range(5), "Mon 01-12 14:00-14:15"),  # Friday 14:00 is Saturday 09:00 with them
        ("01-08", range(5), "Thu 01-08 14:00-14:15"),
        ("01-09", range(6), "Fri 01-09 14:00-14:15"),  # who works on Saturdays calls people on theirs
    ],
)
def test_their_weekend_is_no_office_time(due: str, weekdays: range, expected: str) -> None:
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-11:00"))])
    dana = rep(ZoneInfo("America/Los_Angeles"), weekdays=weekdays)
    assert one(put([action(due=due, timezone="Australia/Sydney")], NOW, the_rules=the_rules, the_rep=dana)) == expected


def test_nor_is_it_where_it_begins_before_the_rep_s_monday() -> None:
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-17:00"))])
    sydney = rep(ZoneInfo("Australia/Sydney"), hours="08:00-17:00")
    assert one(put([action(due="01-12", timezone="America/Los_Angeles")], NOW, the_rules=the_rules, the_rep=sydney)).startswith("Tue 01-13")


# --- what no range of the hours is long enough for

LUNCH = {number: (window("08:00-12:00"), window("13:00-17:00")) for number in range(4)} | {4: (window("08:00-12:00"),)}


def with_lunch(capacity: int = 12) -> RepRules:
    base = rep(capacity=capacity)
    return replace(base, workdays=replace(base.workdays, hours=LUNCH))


def surveys(count: int, minutes: int = 300, due: str = "01-06") -> list[Action]:
    return [action(f"s{n}", due, minutes=minutes) for n in range(count)]


def test_it_stands_over_the_gap_apart_from_all_else_and_never_in_the_past() -> None:
    kim = action("kim", "01-07", kind=Kind.PROMISE, start=at("2026-01-07 10:00"))
    placed = put([*surveys(3), kim], at("2026-01-06 15:00"), the_rep=with_lunch())
    assert [shown(each) for each in placed] == [
        "Wed 01-07 10:00-10:15",
        "Wed 01-07 10:25-15:25",
        "Thu 01-08 08:00-13:00",
        "Mon 01-12 08:00-13:00",  # Friday is too short
    ]
    again = put([*surveys(3), kim], at("2026-01-06 15:30"), stands(placed), the_rep=with_lunch())
    assert [shown(each) for each in again] == [shown(each) for each in placed]


def test_not_beside_busy_times_and_within_capacity() -> None:
    taken = busy("2026-01-06 12:15/12:45 dentist", "2026-01-07 08:00/09:00 golf")
    assert [shown(each) for each in put(surveys(2, 240, "01-05"), NOW, busy=taken, the_rep=with_lunch(1))] == [
        "Mon 01-05 08:00-12:00",
        "Tue 01-06 08:00-12:00",
    ], "what fits a range is where it was"
    assert [shown(each) for each in put(surveys(2), NOW, busy=taken, the_rep=with_lunch(1))] == [
        "Wed 01-07 09:10-14:10",
        "Thu 01-08 08:00-13:00",
    ]


def test_what_is_longer_than_any_day_takes_the_longest() -> None:
    placed = put(surveys(2, 900, "01-09"), NOW, the_rep=with_lunch())
    assert [shown(each) for each in placed] == ["Mon 01-12 08:00-17:00", "Tue 01-13 08:00-17:00"]


@pytest.mark.parametrize("now", ["2026-01-05 08:00", "2026-01-05 18:00"])
def test_who_never_works_still_has_nothing_in_the_past(now: str) -> None:
    dana = rep(away=[(day("2020-01-01"), day("2039-01-01"))])
    (placed,) = put([action(due="01-05", minutes=500)], at(now), the_rep=dana)
    assert placed.start >= at(now)
    assert "No free slot was found." in placed.why


def test_row_002_7_overdue_rolls_on_and_counts() -> None:
    placed = put([action()], NOW)
    for now, expected, missed in [
        ("01-06 18:00", "Tue 01-06 09:00-09:15", 0),
        ("01-07 00:05", "Wed 01-07 09:00-09:15", 1),
        ("01-07 23:00", "Wed 01-07 09:00-09:15", 1),
        ("01-08 09:00", "Thu 01-08 09:00-09:15", 2),
        ("01-12 07:00", "Mon 01-12 09:00-09:15", 4),  # Thursday and Friday were missed; nobody works on a weekend
    ]:
        placed = put([action()], at(f"2026-{now}"), stands(placed))
        assert (one(placed), placed[0].missed) == (expected, missed)


def test_a_backlog_after_leave_is_spread_promises_first() -> None:
    dana = rep(away=[(day("01-06"), day("01-16"))], capacity=8)
    before = [action(f"{n:02}", "01-05", kind=Kind.PROMISE if n > 35 else Kind.STEP) for n in range(40)]
    old = {each.id: Stand(at("2026-01-05 09:00"), at("2026-01-05 09:15"), each.due, day("01-02")) for each in before}
    placed = put(before, at("2026-01-20 07:00"), old, the_rep=dana)
    counts: dict[date, int] = {}
    for each in placed:
        counts[each.start.date()] = counts.get(each.start.date(), 0) + 1
    assert list(counts.values()) == [8] * 5
    assert all(each.start.date() == day("01-20") for each in placed if each.action.kind is Kind.PROMISE)
    assert {each.missed for each in placed} == {1}  # only the 5th was worked: leave, weekend and Monday's holiday do not count


def test_a_late_promise_does_not_wait_behind_full_days() -> None:
    """What stands on those days was put there before it was late."""
    dana = rep(capacity=4)
    steps = [action(f"{n:02}", "01-06") for n in range(12)]
    promise = action("p", "01-05", kind=Kind.PROMISE, start=at("2026-01-05 15:00"))
    before = put([*steps, promise], NOW, the_rep=dana)
    after = {one.action.id: one for one in put([*steps, promise], at("2026-01-06 08:00"), stands(before), the_rep=dana)}
    assert (after["p"].start.date(), after["p"].missed, after["p"].clash) == (day("01-06"), 1, "")
    assert all(after[one.action.id].start == one.start for one in before if one.action.id != "p")


# --- stability


def week_of_actions() -> list[Action]:
    fixed = action("promise", "01-07", kind=Kind.PROMISE, start=at("2026-01-07 10:00"))
    loose = action("loose", "01-08", kind=Kind.PROMISE, window=window("13:00-17:00"))
    return [fixed, loose, *(action(f"{n:02}", f"01-{6 + n % 4:02}", ["call", "visit"][n % 2]) for n in range(30))]


def test_thirty_idle_replans_move_nothing_before_it_is_overdue() -> None:
    actions = week_of_actions()
    before = put(actions, NOW)
    now = NOW
    for _ in range(30):
        now += timedelta(minutes=37)
        after = put(reversed(actions), now, stands(before))
        assert [(x.action.id, x.start, x.end, x.placed, x.missed) for x in after] == [
            (x.action.id, x.start, x.end, x.placed, x.missed) for x in before
        ]
    for number in range(1, 5):
        now = NOW + timedelta(days=number, hours=3)
        after = put(actions, now, stands(before))
        for old, new in zip(sorted(before, key=by_id), sorted(after, key=by_id), strict=True):
            assert (old.start == new.start) == (old.start.date() >= now.date()), shown(old)
        before = after


def by_id(placed: Placed) -> str:
    return placed.action.id


def test_a_new_busy_event_moves_exactly_what_it_overlaps_once_a_day_and_never_the_same_day() -> None:
    actions = week_of_actions()
    before = put(actions, at("2026-01-05 08:00"))
    fair = busy("2026-01-07 09:00/12:00 fair", "2026-01-06 09:00/09:30 dentist")
    same_day = put(actions, at("2026-01-05 12:00"), stands(before), busy=fair)  # all were placed today: once a day is enough
    assert [x.start for x in same_day] == [x.start for x in before]
    assert any(x.clash for x in same_day)
    after = put(actions, at("2026-01-06 08:00"), stands(same_day), busy=fair)
    moved = {x.action.id for x, y in zip(sorted(before, key=by_id), sorted(after, key=by_id), strict=True) if x.start != y.start}
    hit = {x.action.id for x in before if x.start < fair[0].end and fair[0].start < x.end and x.action.kind is Kind.STEP}
    assert hit
    assert moved == hit
    again = put(actions, at("2026-01-06 12:00"), stands(after), busy=[*fair, *busy("2026-01-07 13:00/17:00 flu")])
    assert all(x.start == y.start for x, y in zip(sorted(after, key=by_id), sorted(again, key=by_id), strict=True) if x.action.id in moved)


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"due": "01-08"}, True),
        ({"purpose": "other"}, False),
        ({"window": window("14:00-15:00")}, False),
        ({"minutes": 60}, False),
        ({"hot": True}, False),
    ],
)
def test_only_a_changed_due_day_moves_what_stands(change: dict[str, object], moves: bool) -> None:
    before = put([action()], NOW)
    changed = replace(action(), **{**change, **({"due": day(str(change["due"]))} if "due" in change else {})})
    (after,) = put([changed], at("2026-01-05 12:00"), stands(before))
    assert (after.start != before[0].start) is moves


@pytest.mark.parametrize("kind", [Kind.STEP, Kind.PROMISE, Kind.RETRY, Kind.DECIDE])
@pytest.mark.parametrize(("due", "expected"), [("01-08", "Thu 01-08 09:00-09:15"), ("01-05", "Mon 01-05 09:00-09:15")])
def test_what_a_clock_that_was_ahead_put_away_comes_back(kind: Kind, due: str, expected: str) -> None:
    """It rolled on to the next January, with all the days between as missed; then the clock was set right."""
    there = at("2027-01-04 09:00")
    away = Stand(there, there + timedelta(minutes=15), day(due), date(2027, 1, 4), 260)
    (back,) = put([action(due=due, kind=kind)], NOW, stands={"a": away})
    assert (shown(back), back.placed, back.missed) == (expected, NOW.date(), 0)
    assert "It was put on Mon 2027-01-04 by a clock that was ahead." in back.why
    later_on = replace(away, placed=NOW.date(), missed=0)
    assert put([action(due=due, kind=kind)], NOW, stands={"a": later_on})[0].start == there, "chosen today, it would stay"


def test_days_that_were_missed_are_counted_from_the_due_day_then() -> None:
    there = at("2027-01-04 09:00")
    (back,) = put([action(due="01-05")], at("2026-01-08 08:00"), stands={"a": Stand(there, there, day("01-05"), there.date(), 260)})
    assert (shown(back), back.missed) == ("Thu 01-08 09:00-09:15", 3)


def test_what_the_rep_moved_while_the_clock_was_ahead_stays() -> None:
    there = at("2027-01-04 09:00")
    moved = {"a": Moved(NOW + timedelta(days=364), "phone", "a", there, there + timedelta(minutes=15))}
    (stays,) = put([action(due="01-05")], NOW, stands={"a": Stand(there, there, day("01-05"), there.date())}, moved=moved)
    assert stays.start == there


def test_a_holiday_or_leave_declared_later_moves_steps_and_not_promises() -> None:
    actions = [action("s"), action("p", kind=Kind.PROMISE), action("h", kind=Kind.PROMISE, start=at("2026-01-06 15:00"))]
    before = put(actions, at("2026-01-02 08:00"))
    after = put(actions, NOW, stands(before), the_rep=rep(away=[(day("01-06"), day("01-07"))]))
    assert {x.action.id: str(x.start.date()) for x in after} == {"s": "2026-01-08", "p": "2026-01-06", "h": "2026-01-06"}


# --- the rep's hand


def moved(start: str, end: str, name: str = "a") -> dict[str, Moved]:
    return {name: Moved(NOW, "calendar:phone", name, at(start), at(end))}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("2026-01-07 11:03", "2026-01-07 11:40"), "Wed 01-07 11:03-11:40"),
        (("2026-01-10 06:00", "2026-01-10 06:15"), "Sat 01-10 06:00-06:15"),
        (("2026-01-06 10:30", "2026-01-06 10:45"), "Tue 01-06 10:30-10:45 on doctor"),
        (("2026-01-05 07:00", "2026-01-05 07:15"), "Mon 01-05 07:00-07:15"),
    ],
)
def test_moved_by_hand_stays_until_it_is_overdue(where: tuple[str, str], expected: str) -> None:
    hand = moved(*where)
    taken = busy("2026-01-06 10:00/11:00 doctor")
    placed = put([action()], NOW, moved=hand, busy=taken)
    assert one(placed) == expected
    late = placed[0].start.replace(hour=23)
    assert one(put([action()], late, stands(placed), moved=hand, busy=taken)) == expected
    (after,) = put([action()], placed[0].start + timedelta(days=1), stands(placed), moved=hand, busy=taken)
    assert after.start.date() > placed[0].start.date()
    assert after.missed == 1


def test_dragged_among_the_whole_days_it_takes_no_hour_of_the_others() -> None:
    others = [action(str(n)) for n in range(5)]
    before = put(others, at("2026-01-02 08:00"))
    after = put([*others, action("a")], NOW, stands(before), moved=moved("2026-01-06 00:00", "2026-01-07 00:00"))
    assert {x.action.id: shown(x) for x in after if x.action.id != "a"} == {x.action.id: shown(x) for x in before}
    assert not any(x.clash for x in after)


def test_an_agreed_hour_outlives_a_move_to_a_day_that_passed_unseen() -> None:
    promise = action(due="01-09", kind=Kind.PROMISE, start=at("2026-01-09 15:00"))
    hand = moved("2026-01-07 10:00", "2026-01-07 10:15")
    assert one(put([promise], at("2026-01-08 08:00"), moved=hand)) == "Fri 01-09 15:00-15:15", "nothing stands anywhere yet"


PULLED = moved("2026-01-06 10:00", "2026-01-06 10:15")
ALL_WEEK = [f"2026-01-{number:02} 08:00/18:00 fair" for number in range(7, 17)]


@pytest.mark.parametrize(
    ("the_action", "taken", "expected"),
    [
        pytest.param(
            action(due="01-09", kind=Kind.PROMISE, start=at("2026-01-09 15:00")),
            [],
            ["Wed 01-07 09:00", "Thu 01-08 09:00", "Fri 01-09 15:00", "Mon 01-12 09:00", "Tue 01-13 09:00"],
            id="a promise for an hour",
        ),
        pytest.param(
            action(due="01-09", kind=Kind.PROMISE),
            [],
            ["Wed 01-07 09:00", "Thu 01-08 09:00", "Fri 01-09 09:00", "Mon 01-12 09:00", "Tue 01-13 09:00"],
            id="a promise for a day",
        ),
        pytest.param(
            action(due="01-09", kind=Kind.PROMISE, window=window("13:00-17:00")),
            [],
            ["Wed 01-07 09:00", "Thu 01-08 09:00", "Fri 01-09 13:00", "Mon 01-12 13:00", "Tue 01-13 13:00"],
            id="a promise for an afternoon",
        ),
        pytest.param(
            action(due="01-09", kind=Kind.PROMISE, start=at("2026-01-09 15:00")),
            ALL_WEEK,
            ["Fri 01-09 15:00"] * 3 + ["Tue 01-20 09:00"] * 2,
            id="no room before its day",
        ),
        pytest.param(
            action(due="01-12"),
            [],
            ["Wed 01-07 09:00", "Thu 01-08 09:00", "Fri 01-09 09:00", "Mon 01-12 09:00", "Tue 01-13 09:00"],
            id="a step",
        ),
    ],
)
def test_what_was_pulled_to_an_earlier_day_rolls_on_from_there_with_its_count(
    the_action: Action, taken: list[str], expected: list[str]
) -> None:
    fair, found = busy(*taken), []
    placed = put([the_action], NOW, moved=PULLED, busy=fair)
    for now in ("01-07 08:00", "01-08 08:00", "01-09 08:00", "01-12 08:00", "01-13 08:00"):
        placed = put([the_action], at(f"2026-{now}"), stands(placed), moved=PULLED, busy=fair)
        again = put([the_action], at(f"2026-{now}") + timedelta(hours=1), stands(placed), moved=PULLED, busy=fair)
        assert [(one.start, one.missed, one.clash) for one in again] == [(one.start, one.missed, one.clash) for one in placed]
        found.append((placed[0].start, placed[0].missed))
    assert [f"{start:%a %m-%d %H:%M}" for start, _ in found] == expected
    if not taken:
        assert [missed for _, missed in found] == [1, 2, 3, 4, 5]


def test_on_its_own_day_a_promise_that_was_pulled_is_watched_and_before_it_is_not() -> None:
    promise = action(due="01-09", kind=Kind.PROMISE, start=at("2026-01-09 15:00"))
    placed = put([promise], NOW, moved=PULLED)
    (pulled,) = put([promise], at("2026-01-06 12:00"), stands(placed), moved=PULLED)
    assert (pulled.until, pulled.over) == (None, False), "nobody was promised ten o'clock on Tuesday"
    stood = {"a": Stand(at("2026-01-08 09:00"), at("2026-01-08 09:15"), day("01-09"), day("01-08"), 2)}
    (late,) = put([promise], at("2026-01-09 16:00"), stood, moved=PULLED)
    assert (late.start, late.missed, late.until, late.over) == (at("2026-01-09 15:00"), 3, at("2026-01-09 15:15"), True)


def test_a_due_day_that_changed_since_it_was_pulled_holds() -> None:
    stood = {"a": Stand(at("2026-01-06 10:00"), at("2026-01-06 10:15"), day("01-09"), day("01-05"))}
    placed = put([action(due="01-15")], at("2026-01-07 08:00"), stood, moved=PULLED)
    assert (one(placed), placed[0].missed) == ("Thu 01-15 09:00-09:15", 0)
    taken = put([action(due="01-15")], at("2026-01-08 09:00"), stands(placed), moved=PULLED, busy=busy("2026-01-15 09:00/12:00"))
    assert (one(taken), taken[0].missed) == ("Thu 01-15 12:10-12:25", 0)


def test_a_step_makes_way_for_a_promise_and_for_the_reps_hand() -> None:
    before = put([action("s", method="visit")], at("2026-01-02 08:00"))
    promise = action("p", kind=Kind.PROMISE, start=at("2026-01-06 09:00"))
    after = put([action("s", method="visit"), promise], NOW, stands(before))
    assert {x.action.id: shown(x) for x in after} == {"p": "Tue 01-06 09:00-09:15", "s": "Tue 01-06 09:25-10:10"}


# --- whatever comes in

ZONES = ["America/Detroit", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]
Situation = tuple[list[Action], list[BusyTime], dict[str, Stand], ZoneInfo, datetime, str]
_START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 366 * 24 * 12).map(lambda n: _START + timedelta(minutes=5 * n, seconds=n % 60))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    now = draw(moments)
    near = st.integers(-3, 12).map(lambda n: str(now.date() + timedelta(days=n)))
    actions = [
        action(
            f"{n}",
            draw(near),
            draw(st.sampled_from(["call", "visit", "email"])),
            draw(st.sampled_from([Kind.STEP, Kind.STEP, Kind.RETRY, Kind.PROMISE])),
            window=draw(st.sampled_from([None, window("09:00-12:00"), window("01:00-04:00")])),
            timezone=draw(st.sampled_from(["", *ZONES])),
        )
        for n in range(draw(st.integers(1, 20)))
    ]
    old = {
        one.id: Stand(start, start + timedelta(minutes=15), one.due, draw(st.none() | st.just(start.date())))
        for one in actions
        if draw(st.booleans())
        for start in [now + timedelta(minutes=5 * draw(st.integers(-2000, 4000)))]
    }
    taken = [
        BusyTime(start, start + timedelta(minutes=draw(st.integers(1, 900))), "busy")
        for start in draw(st.lists(st.integers(-500, 4000).map(lambda n: now + timedelta(minutes=5 * n)), max_size=15))
    ]
    return actions, taken, old, ZoneInfo(draw(st.sampled_from(ZONES))), now, draw(st.sampled_from(["09:00-17:00", "00:00-08:00"]))


@settings(max_examples=60, deadline=None)
@given(situations(), st.randoms(use_true_random=False))
def test_whatever_comes_in(situation: Situation, random: Random) -> None:
    actions, taken, old, zone, now, hours = situation
    dana = rep(zone, hours=hours, weekdays=range(7), holiday=lambda day: None, capacity=4)
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-17:00"))])
    placed = put(actions, now, old, busy=taken, the_rep=dana, the_rules=the_rules)
    shuffled = list(actions)
    random.shuffle(shuffled)
    assert placed == put(shuffled, now, old, busy=reversed(taken), the_rep=dana, the_rules=the_rules), "order of the input"
    assert sorted(one.action.id for one in placed) == sorted(one.id for one in actions), "nothing lost, nothing doubled"
    new = [one for one in placed if one.action.id not in old or one.start != old[one.action.id].start]
    per_day: dict[date, int] = {}
    for one in placed:
        per_day[one.start.date()] = per_day.get(one.start.date(), 0) + 1
    for one in new:
        where = f"{shown(one)} {one.action}"
        assert one.start >= now, f"in the past: {where}"
        assert (one.end.astimezone(UTC) - one.start.astimezone(UTC)) == timedelta(minutes=one.action.minutes), f"its length: {where}"
        assert one.start.astimezone(UTC).minute % 5 == 0, f"on the raster: {where}"
        if one.action.kind is Kind.PROMISE:
            continue
        assert per_day[one.start.date()] <= max(4, sum(x.action.kind is Kind.PROMISE or x not in new for x in placed)), f"capacity: {where}"
        buffer = timedelta(minutes=10)
        utc = one.start.astimezone(UTC), one.end.astimezone(UTC)
        for hit in taken:
            assert hit.end + buffer <= utc[0] or utc[1] + buffer <= hit.start, f"buffer: {where} {hit}"
    again = put(actions, now, stands(placed), busy=taken, the_rep=dana, the_rules=the_rules)
    assert [(x.action.id, x.start) for x in again] == [(x.action.id, x.start) for x in placed], "idle"


@settings(max_examples=100, deadline=None)
@given(situations(), st.integers(0, 19), st.integers(-60, 60), st.integers(1, 600))
def test_one_more_busy_event_moves_exactly_what_it_overlaps(situation: Situation, near: int, off: int, minutes: int) -> None:
    """Of all steps that the event overlaps those move that stand behind today and were placed on an earlier day, and nothing else. The
    event begins ``off`` minutes after one of them."""
    actions, taken, _, zone, now, hours = situation
    dana = rep(zone, hours=hours, weekdays=range(7), holiday=lambda day: None, capacity=4)
    before = put(actions, now, busy=taken, the_rep=dana)
    now = now + timedelta(days=1)
    settled = put(actions, now, stands(before), busy=taken, the_rep=dana)
    today = now.astimezone(zone).date()
    ahead = [one for one in settled if one.start.date() > today]
    start = (ahead or settled)[near % len(ahead or settled)].start + timedelta(minutes=off)
    event = BusyTime(start, start + timedelta(minutes=minutes), "new")
    after = {one.action.id: one for one in put(actions, now, stands(settled), busy=[*taken, event], the_rep=dana)}
    placed_today = {one.action.id for one in settled if one.placed == today}
    for one in settled:
        hit = one.start.astimezone(UTC) < event.end.astimezone(UTC) and event.start.astimezone(UTC) < one.end.astimezone(UTC)
        may = one.start.date() > today and one.action.kind is not Kind.PROMISE and one.action.id not in placed_today
        moved = after[one.action.id].start != one.start
        assert moved == (hit and may), f"{shown(one)} to {shown(after[one.action.id])} beside {event}"
        if moved:
            assert after[one.action.id].clash == ""
        elif hit:
            assert "new" in after[one.action.id].clash


@pytest.mark.parametrize(
    ("zone", "date_", "hours", "expected"),
    [
        ("America/Detroit", "2026-03-08", "02:00-05:00", "03:00-03:15"),  # 02:00 to 03:00 does not exist
        ("America/Detroit", "2026-11-01", "01:00-05:00", "01:00-01:15"),
        ("Europe/Berlin", "2026-03-29", "02:00-05:00", "03:00-03:15"),
        ("Australia/Lord_Howe", "2026-10-04", "02:00-05:00", "02:30-02:45"),  # half an hour only
        ("America/Santiago", "2026-09-06", "00:00-05:00", "01:00-01:15"),  # midnight does not exist
    ],
)
def test_the_turn_of_the_clocks(zone: str, date_: str, hours: str, expected: str) -> None:
    dana = rep(ZoneInfo(zone), hours=hours, weekdays=range(7), holiday=lambda day: None)
    (placed,) = put([action(due=date_)], NOW, the_rep=dana)
    assert f"{placed.start:%Y-%m-%d %H:%M}-{placed.end:%H:%M}" == f"{date_} {expected}"
    assert placed.end.astimezone(UTC) - placed.start.astimezone(UTC) == timedelta(minutes=15)


def test_a_slot_in_the_hour_that_comes_twice_keeps_its_length() -> None:
    dana = rep(hours="00:00-05:00", weekdays=range(7), holiday=lambda day: None)
    taken = [BusyTime(at("2026-11-01 00:00"), datetime(2026, 11, 1, 5, 40, tzinfo=UTC))]  # until the first 01:40
    (placed,) = put([action(due="2026-11-01")], NOW, busy=taken, the_rep=dana)
    assert placed.start.astimezone(UTC) == datetime(2026, 11, 1, 5, 50, tzinfo=UTC)
    assert placed.end.astimezone(UTC) == datetime(2026, 11, 1, 6, 5, tzinfo=UTC)


def test_five_thousand_actions_find_their_place() -> None:
    actions = [action(f"{n:04}", f"01-{5 + n % 20:02}", ["call", "visit", "email"][n % 3]) for n in range(5000)]
    placed = put(actions, NOW, the_rep=rep(capacity=12))
    counts: dict[date, int] = {}
    for each in placed:
        counts[each.start.date()] = counts.get(each.start.date(), 0) + 1
    assert max(counts.values()) <= 12
    assert sum(counts.values()) == 5000
    assert all(REP.workdays.works(each) for each in counts)


def test_a_window_that_no_working_hour_meets_is_dropped_at_last() -> None:
    assert one(put([action(window=window("19:00-20:00"))], NOW)) == "Tue 01-06 09:00-09:15"


def test_who_never_works_gets_an_answer_all_the_same() -> None:
    assert len(put([action()], NOW, the_rep=rep(weekdays=[]))) == 1


def test_utc_today_is_the_reps_today() -> None:
    late = at("2026-01-05 21:00").astimezone(UTC)  # the 6th in UTC
    assert one(put([action(due="01-05", **PROMISE)], late)) == "Mon 01-05 21:00-21:15"


def test_a_promise_held_to_today_chooses_before_one_that_is_late() -> None:
    held = action("z", "01-05", **PROMISE, window=window("13:00-17:00"))
    late = action("a", "01-02", **PROMISE)
    taken = busy("2026-01-05 08:00/13:20 fair", "2026-01-05 14:00/18:00 golf")
    placed = {one.action.id: shown(one) for one in put([late, held], NOW, busy=taken)}
    assert placed == {"z": "Mon 01-05 13:30-13:45", "a": "Tue 01-06 09:00-09:15"}


def test_a_promise_for_today_stays_today_in_its_last_minutes() -> None:
    assert one(put([action(due="01-05", **PROMISE)], at("2026-01-05 23:58"))) == "Mon 01-05 23:58-00:13"


@pytest.mark.parametrize(
    ("zone", "block", "asked", "expected"),
    [
        ("America/Los_Angeles", "09:00-11:00", None, "Tue 01-06 12:00-12:15"),  # the block would be six in the morning there
        ("America/Los_Angeles", "09:00-13:00", None, "Tue 01-06 12:00-12:15"),  # inside both
        ("America/Los_Angeles", "09:00-11:00", "14:00-16:00", "Tue 01-06 14:00-14:15"),  # the block goes before the window
        ("America/Los_Angeles", "", "09:00-12:00", "Tue 01-06 12:00-12:15"),  # and the window before their hours
        ("Asia/Tokyo", "10:00-11:00", None, "Tue 01-06 10:00-10:15"),  # no hour of the rep's is office time there: the block holds
    ],
)
def test_001_4_the_block_and_the_window_give_way_before_their_office_hours(zone: str, block: str, asked: str | None, expected: str) -> None:
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-17:00"))])
    dana = rep(blocks={"call": {1: (window(block),)}} if block else None)
    the_action = action(timezone=zone, window=window(asked) if asked else None)
    assert one(put([the_action], NOW, the_rules=the_rules, the_rep=dana)) == expected


@pytest.mark.parametrize("zone", ["America/Detroit", "America/New_York"])
def test_who_lives_where_the_rep_does_has_office_hours_too(zone: str) -> None:
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-17:00"))])
    early = rep(hours="06:00-20:00")
    assert one(put([action(timezone=zone)], NOW, the_rules=the_rules, the_rep=early)) == "Tue 01-06 09:00-09:15"


def test_the_bands_that_are_liked_are_tried_one_after_the_other_before_any_hour_will_do() -> None:
    taken = busy(*(f"2026-01-{day:02} 14:00/16:00 golf" for day in range(5, 13)))
    liked = action("a", "01-05", liked=(window("14:00-16:00"), window("11:00-13:00")))
    assert one(put([liked], NOW, busy=taken)) == "Mon 01-05 11:00-11:15"


def test_what_one_liked_in_vain_does_not_keep_another_from_its_block() -> None:
    """The first looked at five days only; the second may wait for the block in its window."""
    dana = rep(blocks={"call": {0: (window("14:00-15:00"),)}})
    taken = busy(*(f"2026-01-{day:02} 14:00/15:00 golf" for day in range(5, 13)))
    liked = action("a", "01-05", liked=(window("14:00-15:00"),))
    asked = action("b", "01-05", window=window("14:00-15:00"))
    placed = {one.action.id: shown(one) for one in put([liked, asked], NOW, busy=taken, the_rep=dana)}
    assert placed == {"a": "Mon 01-26 14:00-14:15", "b": "Mon 01-26 14:25-14:40"}  # the 19th is a holiday


@pytest.mark.parametrize(("since", "missed"), [("2026-01-08 15:00", 2), ("2026-01-07 15:00", 3)])
def test_in_other_hands_it_keeps_its_days_and_finds_room_anew(since: str, missed: int) -> None:
    stood = Stand(at(since), at(since) + timedelta(minutes=15), day("01-06"), missed=2, here=False)
    (placed,) = put([action()], at("2026-01-08 08:00"), {"a": stood})
    assert (placed.start, placed.missed) == (at("2026-01-08 09:00"), missed)
    assert not any("was taken" in sentence for sentence in placed.why)
