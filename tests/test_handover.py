"""A prospect in another rep's hands: on both calendars, cycle by cycle, and back again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from followsync.core.handover import handed_over, is_of_the_period, returned, told
from followsync.core.history import Dismissed, HandedOver, Kind, Moved, Noted, Promised, Result, Touched
from followsync.core.plan import Action
from followsync.core.prospect import Loan, Prospect
from followsync.core.standing import standing
from followsync.cycle import Cycle, Report
from tests.core import builders as b
from tests.dav.personalities import GOOGLE
from tests.machine.room import CONFIG, MONDAY, ZONE, Room
from tests.phone import Desk, Phone
from tests.servers import Server

CALL = "Call Jenny to determine next steps – 248.867.5309"
OWN = CONFIG.replace("reps:\n", "reps:\n  bob: {timezone: America/Detroit, daily_page: off, targets: [bobs]}\n").replace(
    "cadences:", '  bobs: {type: caldav, url: "https://dav.example.org/", calendar: Bobs}\ncadences:'
)
SHARED = CONFIG.replace("reps:\n", "reps:\n  bob: {timezone: America/Detroit, daily_page: off, targets: [phone]}\n")
UNTIL = date(2026, 1, 16)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=ZONE)


def cycle(room: Room, *reps: str, now: datetime | None = None) -> list[Report]:
    room.now = now or room.now
    return [Cycle(room.settings, rep, room.store, room.now, opener=room.open, threads=1).run(force=True) for rep in reps]


def give(room: Room, prospect: str, taker: str = "bob", until: date | None = UNTIL) -> None:
    with room.store.writing("handover") as tx:
        before = tx.prospect(prospect)
        assert before is not None
        tx.save(handed_over(before, taker, until))
        tx.append(prospect, HandedOver(room.now, "cli", before.rep, taker, until))


def owner(room: Room, prospect: str) -> str:
    with room.store.reading() as tx:
        known = tx.prospect(prospect)
    assert known is not None
    return known.rep


def stands(room: Room, prospect: str) -> dict[str, list[datetime]]:
    """target -> when its open entries begin."""
    return {name: [one.start for one in room.open_items(prospect, name).values()] for name in room.servers}


@pytest.fixture
def two(room: Room, jenny: str) -> Room:
    room.configure(OWN)
    cycle(room, "dana", "bob")
    return room


@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_it_moves_to_the_other_calendar_and_returns_by_itself(two: Room, order: tuple[str, str]) -> None:
    give(two, "jenny")
    assert stands(two, "jenny") == {"phone": [at(8, 14)], "bobs": []}
    cycle(two, *order, now=at(5, 9))
    assert stands(two, "jenny") == {"phone": [], "bobs": [at(8, 14)]}
    assert "Handed over by dana until Fri 2026-01-16" in two.item("jenny", "bobs").body
    before = two.writes()
    cycle(two, *order, now=at(5, 10))
    assert two.writes() == before

    cycle(two, *order, now=at(8, 15))
    two.servers["bobs"].phone_edit(two.href("jenny", "bobs"), title=f"> jan 20 3pm call about the quote; {CALL}")
    cycle(two, *order, now=at(8, 16))
    assert stands(two, "jenny") == {"phone": [], "bobs": [at(20, 15)]}
    cycle(two, *order, now=at(16, 23, 55))
    assert owner(two, "jenny") == "bob"
    cycle(two, *order, now=at(17, 0, 5))
    assert owner(two, "jenny") == "dana"
    assert stands(two, "jenny") == {"phone": [at(20, 15)], "bobs": []}
    records = {name: [one.title for one in two.items(name).values() if one.start == at(8, 14)] for name in two.servers}
    assert [len(several) for several in records.values()] == [0, 1], "what was answered stays where it was"
    body = two.item("jenny", "phone").body
    assert "bob looked after it until Fri 2026-01-16" in body
    with two.store.reading() as tx:
        facts = tx.history("jenny")
    assert [type(one).__name__ for one in facts] == ["Captured", "Promised", "HandedOver", "Touched", "Promised"], "a return is no fact"
    before = two.writes()
    cycle(two, *order, now=at(17, 0, 10))
    assert two.writes() == before


@pytest.mark.parametrize("first", ["dana", "bob"])
def test_whoever_comes_first_brings_it_back_and_nobody_has_it_twice(two: Room, first: str) -> None:
    give(two, "jenny", until=date(2026, 1, 6))
    cycle(two, "dana", "bob", now=at(5, 9))
    cycle(two, first, now=at(7, 0, 1))
    assert owner(two, "jenny") == "dana"
    cycle(two, "bob" if first == "dana" else "dana", now=at(7, 0, 2))
    assert stands(two, "jenny") == {"phone": [at(8, 14)], "bobs": []}


def titles(room: Room, target: str) -> list[str]:
    return [one.title.removeprefix(CALL) for one in room.open_items("jenny", target).values()]


@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_a_late_promise_stays_as_late_in_other_hands_and_afterwards(two: Room, order: tuple[str, str]) -> None:
    for day in (8, 9, 12):
        cycle(two, "dana", now=at(day, 8))
    assert titles(two, "phone") == [" (3rd day)"]
    two.now = at(12, 9)
    give(two, "jenny", until=date(2026, 1, 14))
    cycle(two, *order, now=at(12, 10))
    cycle(two, *order, now=at(12, 11))
    assert (titles(two, "phone"), titles(two, "bobs")) == ([], [" (3rd day)"])
    for day in (13, 14):
        cycle(two, *order, now=at(day, 8))
    assert titles(two, "bobs") == [" (5th day)"]
    cycle(two, *order, now=at(15, 8))
    cycle(two, *order, now=at(15, 9))
    assert (titles(two, "phone"), titles(two, "bobs")) == ([" (6th day)"], [])
    before = two.writes()
    cycle(two, *order, now=at(15, 10))
    assert two.writes() == before


def test_for_good_it_never_returns(two: Room) -> None:
    give(two, "jenny", until=None)
    cycle(two, "dana", "bob", now=at(5, 9))
    cycle(two, "dana", "bob", now=at(6, 9) + timedelta(days=400))
    assert owner(two, "jenny") == "bob"


@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_on_one_shared_calendar_there_is_one_entry_all_the_time(room: Room, jenny: str, order: tuple[str, str]) -> None:
    room.configure(SHARED)
    cycle(room, "dana", "bob")
    give(room, jenny)
    for minute in (1, 2, 3):
        for rep in order:
            cycle(room, rep, now=at(5, 9, minute))
            assert len(room.open_items(jenny)) <= 1
    assert [one.start for one in room.open_items(jenny).values()] == [at(8, 14)]
    before = room.writes()
    cycle(room, *order, now=at(5, 10))
    assert room.writes() == before
    room.server.phone_edit(room.href(jenny), title=f"done {room.item(jenny).title}")
    cycle(room, *order, now=at(5, 11))
    touches = [one for one in room.history(jenny) if isinstance(one, Touched)]
    assert [one.result for one in touches] == [Result.DONE]
    for minute in (1, 2):
        cycle(room, *order, now=at(17, 0, minute))
    assert owner(room, jenny) == "dana"
    assert len(room.open_items(jenny)) == 1
    assert sum(one.title.startswith("✓ ") for one in room.items().values()) == 1


@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_what_the_giver_typed_before_their_calendar_followed_is_kept(two: Room, order: tuple[str, str]) -> None:
    """A phone that was offline: a note, and an answer."""
    give(two, "jenny")
    two.server.phone_edit(two.href("jenny"), body=f"ask for Lisa\n\n{two.item('jenny').body}")
    cycle(two, *order, now=at(5, 9))
    cycle(two, *order, now=at(5, 10))
    assert [one.text for one in two.history("jenny") if isinstance(one, Noted)] == ["ask for Lisa"]
    assert stands(two, "jenny") == {"phone": [], "bobs": [at(8, 14)]}
    assert "ask for Lisa" in two.item("jenny", "bobs").body


@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_what_the_giver_answered_before_their_calendar_followed_counts_once(two: Room, order: tuple[str, str]) -> None:
    give(two, "jenny")
    two.server.phone_edit(two.href("jenny"), title=f"no {CALL}")
    for minute in (1, 2):
        cycle(two, *order, now=at(5, 9, minute))
    assert [one.result for one in two.history("jenny") if isinstance(one, Touched)] == [Result.NO]
    assert stands(two, "jenny") == {"phone": [], "bobs": []}
    assert [one.title[:2] for one in two.items("phone").values()] == ["✗ "]


@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_an_entry_that_the_giver_threw_away_after_handing_it_over_asks_nobody(two: Room, order: tuple[str, str]) -> None:
    give(two, "jenny")
    two.server.phone_delete(two.href("jenny"))
    for hour in range(9, 15):
        cycle(two, *order, now=at(5, hour))
    assert not [one for one in two.history("jenny") if isinstance(one, Dismissed)]
    assert stands(two, "jenny") == {"phone": [], "bobs": [at(8, 14)]}


def test_where_the_rep_put_it_by_hand_it_stands_with_the_other_one_too(two: Room) -> None:
    two.server.phone_move(two.href("jenny"), at(8, 16))
    cycle(two, "dana", now=at(5, 9))
    assert [type(one) for one in two.history("jenny")][-1] is Moved
    give(two, "jenny")
    cycle(two, "dana", "bob", now=at(5, 10))
    assert stands(two, "jenny") == {"phone": [], "bobs": [at(8, 16)]}


def test_while_one_calendar_is_out_of_reach_the_other_has_it(two: Room) -> None:
    give(two, "jenny")
    two.server.faults.reads = 99
    cycle(two, "dana", "bob", now=at(5, 9))
    assert stands(two, "jenny") == {"phone": [at(8, 14)], "bobs": [at(8, 14)]}
    two.server.faults.reads = 0
    cycle(two, "dana", "bob", now=at(5, 10))
    assert stands(two, "jenny") == {"phone": [], "bobs": [at(8, 14)]}


def test_undo_takes_it_back_on_both_calendars(two: Room) -> None:
    give(two, "jenny")
    cycle(two, "dana", "bob", now=at(5, 9))
    with two.store.writing() as tx:
        change = tx.last_change()
        assert change is not None
        assert change.label == "handover"
        tx.take_back(change)
    cycle(two, "dana", "bob", now=at(5, 10))
    assert owner(two, "jenny") == "dana"
    assert stands(two, "jenny") == {"phone": [at(8, 14)], "bobs": []}
    assert not [one for one in two.history("jenny") if isinstance(one, HandedOver)]
    cycle(two, "dana", "bob", now=at(17, 9))
    assert owner(two, "jenny") == "dana"


def test_a_return_is_nothing_that_could_be_taken_back(two: Room) -> None:
    give(two, "jenny", until=date(2026, 1, 6))
    cycle(two, "dana", "bob", now=at(5, 9))
    cycle(two, "dana", "bob", now=at(7, 9))
    with two.store.reading() as tx:
        change = tx.last_change()
    assert change is not None
    assert change.label == "handover"


def test_nobody_else_is_touched(two: Room) -> None:
    two.capture("Joe", stage="pitched", met="2026-01-05")
    cycle(two, "dana", "bob", now=at(5, 8))
    before, etags = two.item("joe"), dict(two.server.entries)
    give(two, "jenny")
    cycle(two, "dana", "bob", now=at(5, 9))
    assert two.item("joe") == before
    assert two.server.entries[two.href("joe")] == etags[two.href("joe")]
    assert two.open_items("joe", "bobs") == {}


@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_at_google(tmp_path: Path, order: tuple[str, str]) -> None:
    """Whose ids stay taken: what went and came back is a new entry."""
    room = Room(tmp_path, personality=GOOGLE)
    room.capture("Jenny", phone="248.867.5309")
    room.promise("jenny", "thu 2pm call to determine next steps")
    room.cycle()
    room.configure(OWN)
    cycle(room, "dana", "bob")
    give(room, "jenny", until=date(2026, 1, 6))
    cycle(room, *order, now=at(5, 9))
    assert stands(room, "jenny") == {"phone": [], "bobs": [at(8, 14)]}
    for minute in (1, 2):
        cycle(room, *order, now=at(7, 0, minute))
    assert stands(room, "jenny") == {"phone": [at(8, 14)], "bobs": []}
    room.close()


# --- in any order


TEAM = OWN.replace("reps:\n", "reps:\n  lee: {timezone: America/Los_Angeles, daily_page: off, targets: [bobs]}\n")
REPS = {"dana": "phone", "bob": "bobs", "lee": "bobs"}


class Team:
    """Dana, Bob and Lee, who shares Bob's calendar, hand prospects to and fro, and answer on their phones."""

    def __init__(self, room: Room, dice: Random) -> None:
        self.room, self.dice = room, dice
        self.people = ["jenny", "ann", "joe", "kim"]
        room.configure(TEAM)
        for name in self.people:
            room.capture(name.capitalize(), phone="248.555.0100")
            self.agrees(name)

    def agrees(self, name: str) -> None:
        day = self.room.now.date() + timedelta(days=self.dice.randint(1, 9))
        start = datetime(day.year, day.month, day.day, self.dice.randint(9, 16), 30, tzinfo=ZONE)
        with self.room.store.writing() as tx:
            if tx.outcome(name) is None:
                tx.append(name, Promised(self.room.now, "cli", "call", day, start, purpose="ask"))

    def gives(self, name: str) -> None:
        days = self.dice.choice([None, 0, 1, 3, 10])
        taker = self.dice.choice([one for one in REPS if one != owner(self.room, name)])
        give(self.room, name, taker, None if days is None else self.room.now.date() + timedelta(days=days))

    def takes_back(self, _: str) -> None:
        with self.room.store.writing() as tx:
            if (change := tx.last_change()) and all(part.before for part in change.parts):  # not what captured them
                tx.take_back(change)

    def answers(self, name: str) -> None:
        for target in set(REPS.values()):
            for href, item in self.room.open_items(name, target).items():
                word = self.dice.choice(["x", "done", "> tomorrow 3pm call", "ask for Lisa;"])
                self.room.servers[target].phone_edit(href, title=f"{word} {item.title}")

    def cycles(self, _: str = "") -> None:
        for rep in self.dice.sample([*REPS], 3):
            self.room.now += timedelta(minutes=1)
            cycle(self.room, rep)

    def check(self) -> None:
        for _ in range(4):
            self.cycles()
        for name in self.people:
            home = owner(self.room, name)
            assert home in REPS
            with self.room.store.reading() as tx:
                known, facts = tx.prospect(name), tx.history(name)
            assert known is not None
            now = standing(known, facts)
            found = [(target, one) for target in set(REPS.values()) for one in self.room.open_items(name, target).values()]
            acts = [(target, one) for target, one in found if one.action != now.asking]  # a question may stand beside it
            where = f"{name} of {home} at {self.room.now}: {acts}"
            assert [target for target, _ in acts] == [REPS[home]], where
            agreed = now.promise.start if now.promise else None
            if agreed and agreed > self.room.now and now.opened not in now.moved:
                assert acts[0][1].start == agreed, where
            assert not any(loan.until < self.room.now.date() - timedelta(days=1) for loan in known.loans), where
        cycle(self.room, *REPS)
        before = self.room.writes()
        cycle(self.room, *REPS)
        assert self.room.writes() == before, "nothing happened, and no time has passed"


@pytest.mark.parametrize("seed", range(20))
def test_in_any_order_each_stands_once_with_whoever_has_it(room: Room, seed: int) -> None:
    dice = Random(seed)
    team = Team(room, dice)
    team.check()
    for _ in range(6):
        for _ in range(dice.randint(1, 5)):
            what = dice.choice([team.gives, team.gives, team.agrees, team.answers, team.takes_back, team.cycles])
            what(dice.choice(team.people))
            room.now += timedelta(minutes=dice.choice([1, 60]))
        team.check()
        room.now += timedelta(hours=dice.choice([1, 9, 24, 50]))


# --- through the command line, on real servers


@pytest.fixture(params=["radicale", "xandikos"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    server: Server = request.getfixturevalue(request.param)
    monkeypatch.setenv("FOLLOWSYNC_TEST_PASSWORD", server.password)
    return Desk(server, tmp_path, capsys)


def with_bob(desk: Desk, *, shared: bool) -> Phone:
    """Bob joins; his phone."""
    name = desk.calendar if shared else f"{desk.calendar} of Bob"
    text = desk.path.read_text()
    text = text.replace(
        "reps:\n", f"reps:\n  bob: {{timezone: America/Detroit, daily_page: off, targets: [{'phone' if shared else 'bobs'}]}}\n"
    )
    if not shared:
        text = text.replace("targets:\n  phone", f"targets:\n  bobs: {{{desk.login}, calendar: {name}, write: event}}\n  phone")
    desk.path.write_text(text)
    return Phone(desk.server, name)


@pytest.mark.parametrize("shared", [False, True], ids=["own calendars", "one calendar"])
@pytest.mark.parametrize("order", [("dana", "bob"), ("bob", "dana")])
def test_a_leave_on_a_real_server(desk: Desk, order: tuple[str, str], shared: bool) -> None:
    bobs = with_bob(desk, shared=shared)
    for line in ("Call Jenny 248.867.5309 Thursday 2pm to determine next steps", "Call Ann 248.555.0111 Thursday 3pm to ask"):
        desk.run("add", line, "--rep", "dana")

    def sync(now: str) -> None:
        desk.now = now
        for rep in order:
            desk.run("sync", "--rep", rep)

    def shown(phone: Phone) -> list[str]:
        return sorted(entry.summary.value for entry in phone.entries().values())

    sync("2026-01-05T08:10")
    desk.run("handover", "dana", "bob", "jenny", "--until", "2026-01-09", "--yes")
    sync("2026-01-05T08:20")
    ann = "Call Ann to ask – 248.555.0111"
    assert shown(bobs) == ([ann, CALL] if shared else [CALL])
    assert shown(desk.phone) == ([ann, CALL] if shared else [ann])
    (href,) = (href for href, entry in bobs.entries().items() if entry.summary.value == CALL)
    bobs.prefix_title(href, "> jan 13 10am call about the quote;")
    sync("2026-01-08T15:00")
    sync("2026-01-08T15:10")
    sync("2026-01-10T00:05")
    sync("2026-01-10T00:10")
    mine = [one for one in desk.phone.entries().values() if "quote" in one.summary.value and one.dtstart.value == at(13, 10)]
    assert len(mine) == 1, shown(desk.phone)
    assert "bob looked after it until Fri 2026-01-09" in mine[0].description.value
    assert [title[:2] for title in shown(bobs) if "determine" in title] == ["→ "]
    assert not [title for title in shown(bobs) if "quote" in title] or shared
    quiet = desk.json("sync")["targets"]
    assert all((one["created"], one["updated"], one["deleted"]) == (0, 0, 0) for one in quiet.values()), quiet


# --- whose it is


JENNY = Prospect("jenny", "dana", "Jenny")
DAYS = {"dana": date(2026, 1, 17), "bob": date(2026, 1, 17), "lee": date(2026, 1, 17)}


def test_the_first_lender_has_it_again_whatever_became_of_it() -> None:
    lent = handed_over(handed_over(JENNY, "bob", UNTIL), "lee", date(2026, 1, 20))
    assert (lent.rep, lent.loans) == ("lee", (Loan("dana", UNTIL), Loan("bob", date(2026, 1, 20))))
    assert returned(lent, DAYS) == JENNY
    assert returned(lent, dict.fromkeys(DAYS, UNTIL)) == lent
    short = handed_over(handed_over(JENNY, "bob", date(2026, 1, 30)), "lee", UNTIL)
    assert returned(short, DAYS) == replace(JENNY, rep="bob", loans=(Loan("dana", date(2026, 1, 30)),))


def test_who_comes_back_early_has_it_whole() -> None:
    lent = handed_over(handed_over(JENNY, "bob", UNTIL), "lee", date(2026, 1, 20))
    assert handed_over(lent, "dana", None) == JENNY
    assert handed_over(lent, "bob", None) == handed_over(JENNY, "bob", UNTIL)


def test_what_is_lent_cannot_be_given_away_for_good() -> None:
    assert returned(handed_over(handed_over(JENNY, "bob", UNTIL), "lee", None), DAYS) == JENNY


def test_a_lender_who_left_leaves_it_where_it_is() -> None:
    lent = handed_over(JENNY, "bob", UNTIL)
    assert returned(lent, {"bob": date(2027, 1, 1)}) == lent


def test_it_is_told_while_it_is_away_and_after() -> None:
    fact = HandedOver(MONDAY, "cli", "dana", "bob", UNTIL)
    away = handed_over(JENNY, "bob", UNTIL)
    where = standing(JENNY, (fact,))
    assert told(away, where, ZONE) == "dana handed it over to bob on Mon 2026-01-05 until Fri 2026-01-16: then it returns."
    assert told(JENNY, where, ZONE) == ("bob looked after it for dana from Mon 2026-01-05 until Fri 2026-01-16; back since Sat 2026-01-17.")
    assert told(JENNY, standing(JENNY, (replace(fact, until=None),)), ZONE) == "dana handed it over to bob on Mon 2026-01-05."
    assert told(JENNY, standing(JENNY, ()), ZONE) == ""


def test_what_a_leave_has_pushed_behind_itself_is_of_its_period() -> None:
    """The rep wrote the leave into the config first: nothing but promises stands in it any more."""
    dana = b.rep(away=[(date(2026, 1, 6), UNTIL)])
    call = Action("a", "jenny", Kind.STEP, "call", "ask", due=date(2026, 1, 20), base=date(2026, 1, 8), minutes=15)
    later = replace(call, id="b", base=date(2026, 1, 19))
    placed = {one.action.id: is_of_the_period(one, UNTIL) for one in b.put([call, later], MONDAY, the_rep=dana)}
    assert placed == {"a": True, "b": False}


def test_a_promise_is_agreed_with_whoever_keeps_it() -> None:
    """Handing over settles nothing."""
    promise = Promised(MONDAY, "cli", "call", date(2026, 1, 8), at(8, 14), purpose="ask")
    before = standing(JENNY, (promise,))
    assert replace(standing(JENNY, (promise, HandedOver(MONDAY, "cli", "dana", "bob"))), handed=None) == before
