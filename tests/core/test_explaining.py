"""Why it stands there, told while it stands there."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from followsync.core.explaining import why_there
from followsync.core.history import Kind, Moved
from followsync.core.placement import Placed
from followsync.core.plan import Action
from followsync.core.workdays import BusyTime
from tests.core.builders import METHODS, at, busy, put, rep, rules, stands, window
from tests.core.test_placement import Situation, action, situations

NOW = at("2026-01-05 08:00")
CLUB = busy("2026-01-06 08:50/10:30 Golf league")


def explained(taken: list[BusyTime], *placed: Placed, capacity: int = 12) -> dict[str, tuple[str, ...]]:
    return {one.action.id: why_there(one, placed, taken, rules(), rep(capacity=capacity), NOW) for one in placed}


def after(*actions: object, taken: list[BusyTime] = CLUB, now: str = "2026-01-05 12:00", **how: object) -> tuple[Placed, ...]:
    """As it stands some hours later."""
    first = put(actions, NOW, busy=taken, **how)
    return put(actions, at(now), stands(first), busy=taken, **how)


def test_what_was_avoided_is_told_as_long_as_it_stands_there() -> None:
    (placed,) = after(action())
    assert explained(CLUB, placed) == {"a": ("Not earlier that day: Golf league.",)}
    assert explained([], placed) == {"a": ("By now 09:00 would be free too; what stands stays.",)}


def test_first_thing_in_the_morning_needs_no_reason() -> None:
    (placed,) = after(action(), taken=[])
    assert explained([], placed) == {"a": ()}


@pytest.mark.parametrize(
    ("taken", "capacity", "expected"),
    [
        (["2026-01-06 08:00/18:00 fair"], 12, "Not on Tue 2026-01-06: fair."),
        (["2026-01-06 08:00/18:00 fair", "2026-01-07 08:00/18:00 fair"], 12, "Not on Tue 2026-01-06, nor on the next working day: fair."),
        (
            ["2026-01-06 08:00/18:00 fair", "2026-01-07 08:00/18:00 x", "2026-01-08 08:00/18:00 y"],
            12,
            "nor on the 2 working days after it: fair.",
        ),
        ([], 1, "Not on Tue 2026-01-06: full (1 a day)."),
    ],
)
def test_another_day_than_its_own_is_told_with_its_reason(taken: list[str], capacity: int, expected: str) -> None:
    several = [action("a"), *([action("0")] if capacity == 1 else [])]
    placed = after(*several, taken=busy(*taken), the_rep=rep(capacity=capacity))
    (sentence,) = explained(busy(*taken), *placed, capacity=capacity)["a"]
    assert sentence.endswith(expected)


def test_beside_what_else_stands_there() -> None:
    placed = after(*(action(f"{n}", method="visit", window=window("09:00-11:00")) for n in range(3)), taken=[])
    told = explained([], *placed)
    assert told["2"] == ("Not on Tue 2026-01-06: no room beside what else stands there.",)


def test_what_rolled_on_says_so() -> None:
    placed = put([action()], NOW, busy=CLUB)
    placed = put([action()], at("2026-01-08 08:00"), stands(placed), busy=CLUB)
    assert explained(CLUB, *placed) == {"a": ()}, "the placement has just said it"
    placed = put([action()], at("2026-01-08 09:00"), stands(placed), busy=CLUB)
    assert explained(CLUB, *placed) == {"a": ("Not done on 2 working days: rolled on.",)}


def test_an_hour_that_was_agreed_or_chosen_by_hand_speaks_for_itself() -> None:
    agreed = after(action(kind=Kind.PROMISE, start=at("2026-01-06 15:00")))
    assert explained(CLUB, *agreed) == {"a": ()}
    hand = {"a": Moved(NOW, "calendar:phone", "a", at("2026-01-06 16:00"), at("2026-01-06 16:15"))}
    assert explained(CLUB, *put([action()], NOW, busy=CLUB, moved=hand)) == {"a": ()}


def test_what_was_put_there_on_its_day_is_not_told_of_hours_that_were_past() -> None:
    now = at("2026-01-06 13:14")
    (placed,) = put([action()], now)
    assert f"{placed.start:%H:%M}" == "13:15"
    (later,) = put([action()], at("2026-01-06 13:16"), stands([placed]))
    told = why_there(later, [later], [], rules(), rep(), at("2026-01-06 13:16"))
    assert told == ("It was put there on that very day, in what was left of it.",)


def test_an_hour_that_is_past_is_not_free() -> None:
    (placed,) = after(action())
    assert why_there(placed, [placed], [], rules(), rep(), at("2026-01-06 09:30")) == ()


CALLS = {"the_rules": rules(methods=[replace(METHODS["call"], hours=window("09:00-17:00"))])}
SATURDAY = rep(blocks={"visit": {5: (window("09:00-11:00"),)}})


@pytest.mark.parametrize(
    ("the_action", "how", "expected"),
    [
        (action(window=window("18:00-20:00")), {}, "Not in its window 18:00-20:00: it lies outside the working hours."),
        (action(window=window("09:00-09:10")), {}, "Not in its window 09:00-09:10: it has no 15 minutes inside the working hours."),
        (
            action(method="visit"),
            {"the_rep": SATURDAY},
            "Not in the time kept for visit (Sat 09:00-11:00): that lies outside the working hours.",
        ),
        (
            action(timezone="Asia/Tokyo"),
            CALLS,
            "Not in their office time (09:00-17:00 in Asia/Tokyo): it lies outside the working hours. With them it is Tue 23:00 then.",
        ),
        (
            action(timezone="America/Los_Angeles"),
            CALLS,
            "Not before 12:00: office time with them (09:00-17:00 in America/Los_Angeles).",
        ),
        (
            action(timezone="America/Los_Angeles"),
            CALLS | {"the_rep": rep(blocks={"call": {1: (window("09:00-11:00"),)}})},
            (
                "Not in the time kept for call (Tue 09:00-11:00): it is not office time with them then (America/Los_Angeles).",
                "Not before 12:00: office time with them (09:00-17:00 in America/Los_Angeles).",
            ),
        ),
        (
            action(timezone="America/Los_Angeles", window=window("09:00-12:00")),
            CALLS,
            (
                "Not in its window 09:00-12:00: it is not office time with them then (America/Los_Angeles).",
                "Not before 12:00: office time with them (09:00-17:00 in America/Los_Angeles).",
            ),
        ),
        (
            action(window=window("09:00-12:00")),
            {"the_rep": rep(blocks={"call": {1: (window("13:00-15:00"),)}})},
            "Not in the time kept for call (Tue 13:00-15:00): that lies outside its window 09:00-12:00.",
        ),
        (action(minutes=500), {}, "Its 500 minutes fit into no working day: it stands for as long as the longest one."),
        (action(window=window("14:00-16:00")), {}, None),
        (action(timezone="America/New_York"), CALLS, None),
        (action(kind=Kind.PROMISE, window=window("18:00-20:00")), {}, None),
    ],
)
@pytest.mark.parametrize("later", [False, True], ids=["just placed", "later"])
def test_a_wish_that_is_not_kept_is_told(
    the_action: Action, how: dict[str, object], expected: str | tuple[str, ...] | None, later: bool
) -> None:
    (placed,) = after(the_action, taken=[], **how) if later else put([the_action], NOW, **how)
    told = why_there(placed, [placed], [], how.get("the_rules") or rules(), how.get("the_rep") or rep(), NOW)
    assert told == (expected if isinstance(expected, tuple) else (expected,) if expected else ())


def test_over_the_gap_is_told() -> None:
    base = rep()
    split = replace(base, workdays=replace(base.workdays, hours=dict.fromkeys(range(5), (window("08:00-12:00"), window("13:00-17:00")))))
    (placed,) = put([action(minutes=300)], NOW, the_rep=split)
    assert why_there(placed, [placed], [], rules(), split, NOW) == (
        "Its 300 minutes fit no range of the working hours: it stands over the gap between them.",
    )


def test_their_weekend_is_told() -> None:
    the_rules = rules(methods=[replace(METHODS["call"], hours=window("09:00-11:00"))])
    pacific = rep(ZoneInfo("America/Los_Angeles"))
    (placed,) = after(action(due="01-09", timezone="Australia/Sydney"), taken=[], the_rules=the_rules, the_rep=pacific)
    assert why_there(placed, [placed], [], the_rules, pacific, NOW) == (
        "Not on Fri 2026-01-09: it is their weekend then (Australia/Sydney).",
        "Not before 14:00: office time with them (09:00-11:00 in Australia/Sydney).",
    )


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        (("48084", "48502"), "The visits of the other half day lead elsewhere."),
        (("48084", "48502", "48502"), "With another visit to 48502 on that half day."),
    ],
)
def test_why_a_visit_stands_where_its_postcode_put_it_is_told_as_long_as_it_stands(areas: tuple[str, ...], expected: str) -> None:
    visits = [action(str(number), "01-06", "visit", area=area) for number, area in enumerate(areas)]
    last = str(len(areas) - 1)
    first = {one.action.id: one for one in put(visits, NOW)}
    assert expected in " ".join(first[last].why)
    kept = after(*visits, taken=[])
    assert explained([], *kept)[last] == (expected,)


def test_on_another_day_it_tells_of_the_visit_near_by() -> None:
    there, more = action("0", "01-07", "visit", area="48502"), action("1", "01-06", "visit", area="48502")
    both = put([there, more], NOW, stands(put([there], NOW)))
    kept = put([there, more], at("2026-01-05 12:00"), stands(both))
    assert explained([], *kept)["1"] == ("Not on Tue 2026-01-06: another visit to 48502 is on Wed 2026-01-07.",)


@settings(max_examples=60, deadline=None)
@given(situations())
def test_it_is_what_the_placement_said(situation: Situation) -> None:
    """With the same busy times: the sentence on that day's hour is the same, before it stands there and after."""
    actions, taken, _, zone, now, hours = situation
    how = {
        "the_rep": rep(zone, hours=hours, weekdays=range(7), holiday=lambda day: None, capacity=4),
        "the_rules": rules(methods=[METHODS["call"]]),
    }
    actions = [one for one in actions if one.kind is not Kind.PROMISE and one.due > now.astimezone(zone).date()]
    first = {one.action.id: one for one in put(actions, now, busy=taken, **how)}
    kept = put(actions, now, stands(tuple(first.values())), busy=taken, **how)
    for one in kept:
        said = [part for part in first[one.action.id].why[-1:] if part.startswith(("Not earlier", "With", "The visits", "First"))]
        told = why_there(one, kept, taken, how["the_rules"], how["the_rep"], now)
        assert not any(sentence.startswith("By now") for sentence in told), (told, one)
        earlier = [sentence for sentence in told if sentence.startswith("Not earlier")]
        assert earlier == ["Not earlier that day: busy."] * any("Not earlier" in part for part in said), (told, said)
