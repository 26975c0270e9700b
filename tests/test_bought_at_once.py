"""Ten birthdays in a month: each gift stands on its own day, and one entry says to buy them all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from followsync.core.history import Result, Touched
from followsync.core.item import Item
from followsync.cycle import Cycle
from tests.machine.death import Death
from tests.machine.room import CONFIG, MONDAY, ZONE, Room

BIRTHDAYS = """\
methods:
  gift: {lead: 5 working days}
cadences:
  birthdays:
    for: {stage: client}
    steps:
      - {on: birthday, method: gift, purpose: say happy birthday}
"""
GIFTS = CONFIG.replace("cadences:\n", BIRTHDAYS)
TWO = GIFTS.replace("[phone]", "[phone, desk]").replace(
    "targets:\n  phone", 'targets:\n  desk: {type: caldav, url: "https://dav.example.org/", calendar: Desk, write: task}\n  phone'
)
SHARED = GIFTS.replace("reps:\n", "reps:\n  bob: {timezone: America/Detroit, daily_page: off, targets: [phone]}\n")


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


def born(room: Room, name: str, day: str, **more: str) -> str:
    return room.capture(name, stage="client", birthday=day, **more).id


def ten(room: Room) -> Room:
    for number in range(10):
        born(room, f"Client {number}", f"2026-03-{1 + 3 * number:02}")
    room.cycle(MONDAY)
    return room


@pytest.fixture
def gifts(room: Room) -> Room:
    room.configure(GIFTS)
    return ten(room)


def bought(room: Room, target: str = "phone") -> dict[str, Item]:
    """href -> entry, of all that say to buy something."""
    server = room.servers[target]
    found = {href: server.phone_item(href, ZONE) for href in server.entries}
    return {href: item for href, item in found.items() if "Buy " in item.title}


def only(room: Room, target: str = "phone") -> tuple[str, Item]:
    ((href, item),) = bought(room, target).items()
    return href, item


def each_has_one(room: Room, target: str = "phone") -> bool:
    return all(len(room.open_items(f"client-{number}", target)) == 1 for number in range(10))


def test_ten_birthdays_are_one_entry_that_names_all_and_ten_that_send(gifts: Room) -> None:
    _, item = only(gifts)
    assert item.title == "Buy 10 gifts for March 2026"
    assert (item.all_day, item.busy, item.prospect) == (True, False, "")
    names = [line.partition(" ")[2].partition(" ")[2] for line in item.body.splitlines()[:10]]
    assert names == [f"Client {number}" for number in range(10)]
    first = min(one.start.date() for one in gifts.open_items().values())
    assert (first, item.start.date()) == (date(2026, 2, 23), date(2026, 2, 13)), "a week before the first one leaves; the 16th is a holiday"
    assert each_has_one(gifts)


def test_each_gift_keeps_its_own_day(gifts: Room) -> None:
    workdays = gifts.new_cycle().rep.workdays
    for number in range(10):
        birthday = date(2026, 3, 1 + 3 * number)
        lead = gifts.new_cycle().rules.method("gift").lead
        assert gifts.item(f"client-{number}").start.date() == workdays.leaves(birthday, lead)


def test_quiet_cycles_write_nothing(gifts: Room) -> None:
    with gifts.quiet():
        for hours in range(30):
            gifts.cycle(MONDAY + timedelta(hours=hours))


def test_the_list_follows_what_is_added_and_what_is_sent_and_goes_with_the_last(gifts: Room) -> None:
    href, _ = only(gifts)
    born(gifts, "Zoe", "2026-03-05")
    gifts.cycle(MONDAY + timedelta(hours=1))
    assert only(gifts)[0] == href
    assert only(gifts)[1].title == "Buy 11 gifts for March 2026"
    assert "Zoe" in only(gifts)[1].body
    for number in range(10):
        gifts.log(f"client-{number}", Result.DONE)
    gifts.cycle(MONDAY + timedelta(hours=2))
    assert only(gifts)[1].title == "Buy 1 gift for March 2026"
    assert only(gifts)[1].body.splitlines()[0].endswith("Zoe")
    gifts.log("zoe", Result.NO)
    gifts.cycle(MONDAY + timedelta(hours=3))
    assert bought(gifts) == {}


def test_one_gift_alone_is_no_more_than_its_own_action(room: Room) -> None:
    room.configure(GIFTS)
    born(room, "Zoe", "2026-03-05")
    born(room, "Ann", "2026-04-05")
    room.cycle(MONDAY)
    assert bought(room) == {}
    assert len(room.open_items()) == 2


def test_off_is_off_and_what_else_is_to_be_had_ahead_may_have_it(room: Room) -> None:
    room.configure(GIFTS.replace("{lead: 5 working days}", "{buy: off}"))
    ten(room)
    assert bought(room) == {}
    grams = GIFTS.replace("gift: {lead: 5 working days}", "candy-gram: {verb: Send candy-gram to, buy: 3 working days}")
    room.configure(grams.replace("method: gift", "method: candy-gram"))
    room.cycle(MONDAY + timedelta(hours=1), accept_changes=True)
    assert only(room)[1].title == "Buy 10 candy-grams for March 2026"
    assert only(room)[1].start.date() == date(2026, 2, 25), "three working days before the 2nd"


def test_what_stands_behind_another_next_action_is_bought_along(room: Room) -> None:
    """A call comes first; the gift is known all the same. So is one that was agreed, and one that waits for its turn."""
    call = "      - {after: 3 days, method: call, purpose: say hello}\n"
    room.configure(GIFTS.replace("    steps:\n      - {on", f"    steps:\n{call}      - {{on"))
    born(room, "Zoe", "2026-01-28")
    room.capture("Ann", phone="248.555.0100")
    room.promise("ann", "jan 30 gift to say thanks")
    room.cycle(MONDAY)
    _, item = only(room)
    assert item.title == "Buy 2 gifts for January 2026"
    assert [line.partition(" ")[2] for line in item.body.splitlines()[:2]] == ["2026-01-21 Zoe", "2026-01-23 Ann"]
    assert room.item("zoe").title.startswith("Call Zoe")


def test_what_an_agreement_replaces_or_a_question_makes_doubtful_is_not_bought(room: Room) -> None:
    room.configure(GIFTS)
    for name in ("Zoe", "Ann", "Bob"):
        born(room, name, "2026-01-28")
    room.promise("zoe", "feb 20 10am call to talk about the contract")
    room.cycle(MONDAY)
    assert only(room)[1].title == "Buy 2 gifts for January 2026"
    room.server.phone_delete(room.href("ann"))
    room.believe()
    assert "Zoe" not in only(room)[1].body
    assert only(room)[1].title == "Buy 1 gift for January 2026"


def test_what_was_tried_was_bought_for_that(gifts: Room) -> None:
    gifts.log("client-0", Result.ATTEMPT)
    gifts.cycle(MONDAY + timedelta(hours=1))
    assert only(gifts)[1].title == "Buy 9 gifts for March 2026"


# --- what the rep does with it


@pytest.mark.parametrize("tick", ["✓ ", "done ", "y ", "n "])
def test_a_tick_holds_whatever_is_added_later(gifts: Room, tick: str) -> None:
    href, item = only(gifts)
    gifts.server.phone_edit(href, title=f"{tick}{item.title}")
    gifts.cycle(MONDAY + timedelta(hours=1))
    born(gifts, "Zoe", "2026-03-05")
    for day in (6, 7, 8, 9, 12):
        gifts.cycle(at(1, day))
    gifts.cycle(at(3, 2))
    assert list(bought(gifts)) == [href]
    assert each_has_one(gifts), "to have it is not to have sent it"
    assert not any(isinstance(one, Touched) for one in gifts.history("client-1"))


def test_the_next_month_is_another_entry(gifts: Room) -> None:
    href, item = only(gifts)
    gifts.server.phone_edit(href, title=f"✓ {item.title}")
    for name in ("Zoe", "Ann"):
        born(gifts, name, "2026-04-15")
    gifts.cycle(MONDAY + timedelta(hours=1))
    assert sorted(one.title for one in bought(gifts).values()) == ["Buy 2 gifts for April 2026", "✓ Buy 10 gifts for March 2026"]


def test_tried_in_vain_it_comes_back_on_the_next_working_day(gifts: Room) -> None:
    gifts.cycle(at(1, 9, 8))
    href, item = only(gifts)
    gifts.server.phone_edit(href, title=f"x {item.title}")
    gifts.cycle(at(1, 9))
    gifts.cycle(at(1, 10))
    assert list(bought(gifts)) == [href]
    gifts.cycle(at(1, 12))
    assert len(bought(gifts)) == 2


def test_thrown_away_it_comes_back_on_the_next_working_day(gifts: Room) -> None:
    gifts.cycle(at(1, 9))
    gifts.server.phone_delete(only(gifts)[0])
    for minutes in (0, 5, 10):
        gifts.cycle(at(1, 9, 10) + timedelta(minutes=minutes))
    gifts.cycle(at(1, 10))
    assert bought(gifts) == {}
    gifts.cycle(at(1, 12))
    assert only(gifts)[1].title == "Buy 10 gifts for March 2026"
    assert each_has_one(gifts)


def told(room: Room) -> str:
    """Where ``why`` says that it is bought."""
    cycle = room.new_cycle()
    with room.store.reading() as tx:
        (purchase,) = cycle.picture(tx).buying
    return purchase.told.partition('" ')[2]


def test_why_names_the_day_on_which_it_stands(gifts: Room) -> None:
    assert told(gifts) == "on Fri 2026-02-13"
    gifts.server.phone_edit(only(gifts)[0], start=at(2, 21, 11), end=at(2, 21, 12), all_day=False)
    gifts.cycle(at(1, 6))
    assert told(gifts) == "on Sat 2026-02-21"
    gifts.cycle(at(2, 23))
    assert told(gifts) == "on Mon 2026-02-23"
    gifts.server.phone_delete(only(gifts)[0])
    gifts.believe()
    assert told(gifts) == "on Tue 2026-02-24", "where it comes to stand"
    gifts.cycle(at(2, 24))
    assert told(gifts) == f"on {only(gifts)[1].start:%a %Y-%m-%d}"


def test_what_was_thrown_away_before_the_first_cycle_of_a_day_does_not_stand_there_again_that_day(gifts: Room) -> None:
    """It was written the day before; what counts is when it went."""
    gifts.cycle(at(1, 7))
    gifts.server.phone_delete(only(gifts)[0])
    for minutes in (0, 5, 10, 600, 900):
        gifts.cycle(at(1, 8, 7) + timedelta(minutes=minutes))
        assert bought(gifts) == {}
    gifts.cycle(at(1, 9))
    assert only(gifts)[1].title == "Buy 10 gifts for March 2026"


def test_what_is_seen_gone_in_the_evening_and_believed_after_midnight_went_in_the_evening(gifts: Room) -> None:
    gifts.server.phone_delete(only(gifts)[0])
    gifts.cycle(at(1, 7, 23) + timedelta(minutes=58))
    gifts.cycle(at(1, 8, 0) + timedelta(minutes=9))
    gifts.cycle(at(1, 8, 8))
    assert only(gifts)[1].title == "Buy 10 gifts for March 2026"


def test_what_was_tried_in_vain_before_the_first_cycle_of_a_day_waits_for_the_next_one(gifts: Room) -> None:
    href, item = only(gifts)
    gifts.server.phone_edit(href, title=f"x {item.title}")
    for hour in (7, 12, 23):
        gifts.cycle(at(1, 6, hour))
        assert list(bought(gifts)) == [href]
    gifts.cycle(at(1, 7))
    assert len(bought(gifts)) == 2


def test_yesterdays_page_that_was_thrown_away_keeps_nobody_from_todays(room: Room) -> None:
    room.configure(GIFTS.replace("daily_page: off", 'daily_page: "10:00"'))
    room.capture("Ann", phone="248.555.0100")
    room.promise("ann", "jan 8 2pm call to say thanks")
    room.capture("Eve", phone="248.555.0101")
    room.cycle(at(1, 7, 7))
    (href,) = room.pages()
    room.server.phone_delete(href)
    for minutes in (0, 5, 10):
        room.cycle(at(1, 8, 7) + timedelta(minutes=minutes))
    assert [item.start for item in room.pages().values()] == [at(1, 8, 10)]


def test_where_the_rep_puts_it_it_stays_until_that_day_is_over(gifts: Room) -> None:
    href, _ = only(gifts)
    saturday = at(2, 21, 11)
    gifts.server.phone_edit(href, start=saturday, end=saturday + timedelta(hours=1), all_day=False)
    gifts.cycle(at(1, 6))
    born(gifts, "Zoe", "2026-03-05")
    for day in (7, 8):
        gifts.cycle(at(1, day))
    gifts.cycle(at(2, 21, 8))
    assert (only(gifts)[1].start, only(gifts)[1].all_day) == (saturday, False)
    assert only(gifts)[1].title == "Buy 11 gifts for March 2026"
    gifts.cycle(at(2, 23))
    assert (only(gifts)[0], only(gifts)[1].start.date(), only(gifts)[1].all_day) == (href, date(2026, 2, 23), True)


def test_it_goes_on_with_the_working_days_until_it_is_ticked(gifts: Room) -> None:
    href, _ = only(gifts)
    days = []
    for day in (12, 13, 14, 15, 16, 17):
        gifts.cycle(at(2, day))
        assert only(gifts)[0] == href
        days.append(only(gifts)[1].start.day)
    assert days == [13, 13, 13, 13, 13, 17], "the 16th is a holiday in Michigan"
    assert only(gifts)[1].all_day


def test_the_day_of_a_gift_that_the_rep_moved_counts_and_its_month_does_not(gifts: Room) -> None:
    href = gifts.href("client-0")
    gifts.server.phone_edit(href, start=at(2, 5, 10), end=at(2, 5, 11))
    gifts.cycle(at(1, 6))
    assert only(gifts)[1].body.splitlines()[0] == "Thu 2026-02-05 Client 0"
    assert only(gifts)[1].start.date() == date(2026, 1, 29)
    assert only(gifts)[1].title == "Buy 10 gifts for March 2026"


def test_what_the_rep_writes_into_it_is_kept(gifts: Room) -> None:
    href, item = only(gifts)
    gifts.server.phone_edit(href, body=f"the blue ones\n{item.body}")
    born(gifts, "Zoe", "2026-03-05")
    gifts.cycle(at(1, 6))
    assert only(gifts)[1].body.startswith("the blue ones\n")
    assert "Zoe" in only(gifts)[1].body


# --- several calendars, a loss, a kill


def test_of_two_calendars_a_tick_on_either_counts(room: Room) -> None:
    room.configure(TWO)
    ten(room)
    assert only(room, "desk")[1].form == "task"
    href, _ = only(room, "desk")
    room.servers["desk"].phone_edit(href, done=True)
    room.cycle(at(1, 6))
    room.cycle(at(1, 7))
    assert bought(room, "phone") == {}
    assert list(bought(room, "desk")) == [href]
    assert each_has_one(room, "phone")
    assert each_has_one(room, "desk")


def test_reps_who_share_a_calendar_have_one_each(room: Room) -> None:
    room.configure(SHARED)
    ten(room)
    with room.store.writing() as tx:
        for number in range(5, 10):
            known = tx.prospect(f"client-{number}")
            assert known
            tx.save(replace(known, rep="bob"))
    for day in (6, 7, 8):
        for rep in ("dana", "bob"):
            room.now = at(1, day)
            report = Cycle(room.settings, rep, room.store, room.now, opener=room.open, threads=1).run()
            assert report.ok
    assert sorted(item.title for item in bought(room).values()) == ["Buy 5 gifts for March 2026"] * 2


@pytest.mark.parametrize("ticked", [False, True])
def test_after_a_loss_of_the_store_it_is_the_same_one(gifts: Room, ticked: bool) -> None:
    href, item = only(gifts)
    if ticked:
        gifts.server.phone_edit(href, title=f"✓ {item.title}")
        gifts.cycle(at(1, 6))
    gifts.lose_the_store()
    for number in range(10):
        born(gifts, f"Client {number}", f"2026-03-{1 + 3 * number:02}")
    for day in (7, 8, 9):
        gifts.cycle(at(1, day))
    assert only(gifts)[0] == href
    assert only(gifts)[1].title == ("✓ " if ticked else "") + "Buy 10 gifts for March 2026"
    assert each_has_one(gifts)


@pytest.mark.parametrize("moment", range(1, 40))
def test_a_kill_at_any_moment_doubles_nothing(tmp_path: Path, moment: int) -> None:
    room = Room(tmp_path, GIFTS)
    for name in ("Zoe", "Ann", "Bob"):
        born(room, name, "2026-03-05")
    room.dying_cycle(Death(moment))
    for hours in (1, 2, 3):
        room.cycle(MONDAY + timedelta(hours=hours), force=True)
    assert only(room)[1].title == "Buy 3 gifts for March 2026"
    assert [len(room.open_items(name)) for name in ("zoe", "ann", "bob")] == [1, 1, 1]
    room.close()
