"""What is bought at once for several: what is counted to it, and which day it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.buying import Gift, Purchase, entry, gifts, gives, is_to_buy, is_wanted_again, listed, purchases
from followsync.core.cadence import Cadence, Count, Duration, Form, Rules, Step, Unit
from followsync.core.history import Captured, Moved, Promised, Result
from followsync.core.item import Item, State, Written
from followsync.core.plan import Resting, due
from followsync.core.prospect import Prospect
from followsync.core.standing import standing
from tests.core.builders import METHODS, at, day, rep

REP = rep()
GIFT = replace(METHODS["gift"], buy=Duration(1, Unit.WEEKS), lead=Duration(5, Unit.WORKING_DAYS))
BIRTHDAY = Step("birthday", Count.ON, None, "gift", "say happy birthday", of="birthday")
CALL = Step("call", Count.AFTER, Duration(3, Unit.DAYS), "call", "say hello")
NOW = at("2026-01-05 09:00")


def rules(*steps: Step, buys: bool = True) -> Rules:
    gift = GIFT if buys else replace(GIFT, buy=None)
    return Rules({**METHODS, "gift": gift, "letter": METHODS["letter"]}, (Cadence("birthdays", steps or (BIRTHDAY,), {}),))


def known(prospect: Prospect, using: Rules, *facts: object) -> tuple[Gift, ...]:
    where = standing(prospect, (Captured(NOW, "cli"), *facts))  # type: ignore[arg-type]
    actions = due(prospect, using, where, REP, NOW)
    actions = () if isinstance(actions, Resting) else actions
    if not gives(prospect, using, actions, where):
        assert gifts(prospect, using, actions, where, REP, NOW) == (), "the cheap look misses nothing"
        return ()
    return gifts(prospect, using, actions, where, REP, NOW)


def client(name: str, birthday: str, **more: str) -> Prospect:
    return Prospect(name.lower(), "dana", name, fields={"birthday": birthday, **more})


def gift(name: str, on: date, base: date | None = None) -> Gift:
    return Gift(on, name, f"fs1{name}", base or on, "gift", name)


def test_a_gift_has_the_day_on_which_it_leaves_and_the_month_of_the_birthday() -> None:
    (one,) = known(client("Zoe", "2026-03-02"), rules())
    assert (one.on, one.base, one.who, one.method) == (day("02-23"), day("03-02"), "Zoe", "gift")
    (purchase,) = purchases([one], rules(), REP)
    assert (purchase.month, purchase.day) == (day("03-01"), day("02-13")), "the 16th of February is a holiday"


@pytest.mark.parametrize(
    ("steps", "fields", "count"),
    [
        ((BIRTHDAY,), {}, 1),
        ((CALL, BIRTHDAY), {}, 1),  # behind another next action
        ((replace(BIRTHDAY, method="call"),), {}, 0),
        ((replace(BIRTHDAY, method="call"),), {"instead_of_call": "gift"}, 1),
        ((BIRTHDAY,), {"instead_of_gift": "letter"}, 0),
        ((replace(BIRTHDAY, of="wedding"),), {}, 0),  # no such day is known
        ((BIRTHDAY, replace(BIRTHDAY, id="name-day", of="name_day")), {"name_day": "2026-05-20"}, 2),
    ],
)
def test_what_the_rules_are_known_to_ask_for(steps: tuple[Step, ...], fields: dict[str, str], count: int) -> None:
    assert len(known(client("Zoe", "2026-03-02", **fields), rules(*steps))) == count


def test_nothing_where_nothing_is_bought_ahead_and_nothing_of_whoever_is_closed() -> None:
    assert known(client("Zoe", "2026-03-02"), rules(buys=False)) == ()
    where = replace(standing(client("Zoe", "2026-03-02"), (Captured(NOW, "cli"),)), outcome=Result.NO)
    assert gifts(client("Zoe", "2026-03-02"), rules(), (), where, REP, NOW) == ()


def test_what_was_agreed_is_bought_too_and_replaces_what_comes_before() -> None:
    agreed = Promised(NOW, "cli", method="gift", purpose="say thanks", day=day("03-20"))
    found = known(client("Zoe", "2026-03-02"), rules(), agreed)
    assert [(one.on, one.base) for one in found] == [(day("03-13"), day("03-20"))]
    found = known(client("Zoe", "2026-04-02"), rules(), agreed)
    assert [one.base for one in found] == [day("03-20"), day("04-02")]


def test_where_the_rep_put_it_counts_and_the_month_stays() -> None:
    zoe = client("Zoe", "2026-03-02")
    (before,) = known(zoe, rules())
    (after,) = known(zoe, rules(), Moved(NOW, "cli", before.action, at("2026-02-05 10:00"), at("2026-02-05 10:20")))
    assert (after.on, after.base) == (day("02-05"), before.base)


def test_person_and_business_are_both_named() -> None:
    (one,) = known(replace(client("Joe's Diner", "2026-03-02"), person="Joe Lee"), rules())
    assert one.who == "Joe Lee, Joe's Diner"


many = st.lists(
    st.builds(
        lambda number, days, later: gift(f"c{number}", day("01-05") + timedelta(days), day("01-05") + timedelta(days + later)),
        st.integers(0, 30),
        st.integers(0, 400),
        st.integers(0, 20),
    ),
    max_size=40,
    unique_by=lambda one: one.action,
)


@given(many, st.randoms(use_true_random=False))
def test_each_gift_is_bought_once_whatever_order_they_are_told_in(found: list[Gift], chance: object) -> None:
    turned = list(found)
    chance.shuffle(turned)  # type: ignore[attr-defined]
    one, other = purchases(found, rules(), REP), purchases([*turned, *found], rules(), REP)
    assert one == other
    assert sorted(gift for purchase in one for gift in purchase.gifts) == sorted(found)
    assert len({purchase.action for purchase in one}) == len(one)
    for purchase in one:
        assert {(each.base.year, each.base.month) for each in purchase.gifts} == {(purchase.month.year, purchase.month.month)}
        assert all(before.on <= after.on for before, after in pairwise(purchase.gifts))
        assert purchase.day < purchase.gifts[0].on
        assert REP.workdays.works(purchase.day)
        item = entry(purchase, None, day("01-05"), REP.workdays, "fs1x", Form.EVENT)
        assert item.title.startswith(f"Buy {len(purchase.gifts)} gift")
        assert len(item.body) <= 2000
    assert sum(len(listed(one, each.prospect)) for each in found) == len(found)


def purchase(count: int = 2) -> Purchase:
    (found,) = purchases([gift(f"c{number:03}", day("03-10")) for number in range(count)], rules(), REP)
    return found


def row(state: State = State.OPEN, result: str = "", *, placed: str = "01-05", there: Item | None = None) -> Written:
    item = entry(purchase(), None, day("01-05"), REP.workdays, "fs1x", Form.EVENT)
    ours = replace(item, result=result)
    return Written("phone", item.action, "", "a.ics", ours=ours, agreed=there or item, state=state, placed=day(placed))


@pytest.mark.parametrize(
    ("count", "rows", "wanted"),
    [
        (1, [], False),
        (2, [], True),
        (1, [row()], True),
        (2, [row(State.GONE)], True),
        (1, [row(State.GONE)], False),
        (2, [row(State.ANSWERED, "done")], False),
        (2, [row(State.RECORDED, "yes")], False),
        (2, [row(State.RECORDED, "no")], False),
        (2, [row(State.RECORDED, "attempt")], True),
        (2, [row(State.RECORDED, "next")], True),
        (2, [row(), row(State.ANSWERED, "done")], False),  # on another calendar
    ],
)
def test_when_it_is_wanted(count: int, rows: list[Written], wanted: bool) -> None:
    assert is_to_buy(purchase(count), rows) is wanted


@pytest.mark.parametrize(
    ("known", "today", "wanted"),
    [
        (None, "01-05", True),
        (row(), "01-06", True),
        (row(State.GONE, placed="01-05"), "01-05", False),
        (row(State.GONE, placed="01-05"), "01-06", True),
        (row(State.GONE, placed="01-09"), "01-10", False),  # a Saturday
        (row(State.ANSWERED, "attempt", placed="01-05"), "01-05", False),
        (row(State.RECORDED, "attempt", placed="01-05"), "01-06", True),
    ],
)
def test_when_it_comes_back(known: Written | None, today: str, wanted: bool) -> None:
    assert is_wanted_again(known, day(today), REP.workdays) is wanted


@pytest.mark.parametrize(
    ("today", "moved", "stands"),
    [
        ("01-05", None, "03-03"),
        ("03-03", None, "03-03"),
        ("03-05", None, "03-05"),
        ("03-07", None, "03-06"),  # on a Saturday where it stood on Friday
        ("03-09", None, "03-09"),
        ("01-05", "2026-03-07 11:00", "03-07"),
        ("03-07", "2026-03-07 11:00", "03-07"),
        ("03-08", "2026-03-07 11:00", "03-06"),  # and on Monday it goes on
        ("03-09", "2026-03-07 11:00", "03-09"),
        ("01-05", "2026-02-02 11:00", "02-02"),
    ],
)
def test_on_which_day_it_stands(today: str, moved: str | None, stands: str) -> None:
    start = at(moved) if moved else None
    base = row().agreed
    assert base
    there = replace(base, start=start, end=start + timedelta(hours=1), all_day=False) if start else None
    item = entry(purchase(), row(there=there), day(today), REP.workdays, "fs1x", Form.EVENT)
    assert item.start.date() == day(stands)
    assert item.all_day is not (start is not None and item.start == start)


def test_however_many_there_are_it_can_be_read_at_a_glance() -> None:
    item = entry(purchase(300), None, day("01-05"), REP.workdays, "fs1x", Form.EVENT)
    assert item.title == "Buy 300 gifts for March 2026"
    assert len(item.body) <= 2000
    assert "more" in item.body
