"""The arithmetic of cadences: what a step counts from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.core.cadence import Cadence, Count, Duration, Shift, Step, Unit
from followsync.core.history import Kind, Result, StepRef, Touched
from followsync.core.prospect import Prospect
from followsync.core.standing import standing
from followsync.core.steps import Track, known_by_another_place, touched_before_edit
from followsync.core.workdays import RepRules
from tests.core.builders import JENNY, REP, Life, at, captured, day, days, months, rep, rules, step, weeks, working

CONTRACT = replace(JENNY, fields={"met": "2026-01-05", "contract_end": "2026-05-31"})


def touch(name: str, when: str, turn: int = 0, result: Result = Result.DONE, kind: Kind = Kind.STEP) -> Touched:
    return Touched(at(f"{when} 10:00"), "cli", result, f"{name}{turn}", kind, steps=(StepRef("s", name, turn),), due=day(when[5:]))


def ahead(
    steps: list[Step],
    *touches: Touched,
    today: str = "01-05",
    until: str = "01-05",
    prospect: Prospect = CONTRACT,
    the_rep: RepRules = REP,
    lead: Duration | None = None,
) -> str:
    cadence = Cadence("s", tuple(steps), start="met")
    leads = {one.id: lead for one in steps if one.method == "letter" and lead}
    track = Track(prospect, cadence, standing(prospect, (captured(), *touches)), the_rep, day(today), leads)
    return ", ".join(f"{one.step.id} {one.base:%m-%d}" for one in track.ahead(day(until)))


@pytest.mark.parametrize(
    ("versions", "now", "expected"),
    [
        ([], "3f2a", None),
        ([""], "3f2a", None),  # an older history
        (["3f2a"], "3f2a", None),
        (["1c9e"], "3f2a", "1c9e"),
        (["1c9e", "3f2a"], "3f2a", None),  # the last one counts
        (["1c9e", ""], "3f2a", "1c9e"),
    ],
)
def test_touched_before_the_cadence_was_edited(versions: list[str], now: str, expected: str | None) -> None:
    touches = [replace(touch("one", f"2026-01-{number + 6:02d}", number), version=version) for number, version in enumerate(versions)]
    found = touched_before_edit(Cadence("s", (), version=now), standing(CONTRACT, (captured(), *touches)))
    assert (found and found.version) == expected
    assert touched_before_edit(Cadence("other", (), version=now), standing(CONTRACT, (captured(), *touches))) is None


ONE = step("one", Count.AFTER, days(3))
TWO = step("two", Count.AFTER, days(3), since="one")
NEXT = step("two", Count.AFTER, days(3), since="previous")
LAST = step("two", Count.AFTER, days(3), since="last")
STREAM = step("s", Count.EVERY, weeks(2))
SLIDING = step("s", Count.EVERY, weeks(2), since="last")
END = step("end", Count.BEFORE, days(30), of="contract_end")


@pytest.mark.parametrize(
    ("steps", "touches", "today", "expected"),
    [
        pytest.param([ONE], [], "01-05", "one 01-08", id="from the start"),
        pytest.param([ONE], [touch("one", "2026-01-07")], "01-07", "", id="done"),
        pytest.param([ONE], [touch("one", "2026-01-07", result=Result.ATTEMPT)], "01-07", "one 01-08", id="tried is not done"),
        pytest.param([ONE, TWO], [], "01-05", "one 01-08, two 01-11", id="from a step while it is ahead"),
        pytest.param([ONE, TWO], [], "01-09", "one 01-08", id="from a step that is overdue: not known yet"),
        pytest.param([ONE, TWO], [touch("one", "2026-01-06")], "01-06", "two 01-09", id="from a step done early"),
        pytest.param([ONE, TWO], [touch("one", "2026-01-20")], "01-20", "two 01-23", id="from a step done late"),
        pytest.param([ONE, NEXT], [touch("one", "2026-01-20")], "01-20", "two 01-23", id="from the previous step"),
        pytest.param([ONE, LAST], [touch("one", "2026-01-20")], "01-20", "two 01-23", id="from the last real contact"),
        pytest.param([ONE, LAST], [touch("one", "2026-01-20", result=Result.ATTEMPT)], "01-20", "one 01-08, two 01-08", id="no contact"),
        pytest.param([STREAM], [], "01-05", "s 01-19", id="a stream"),
        pytest.param([STREAM], [touch("s", "2026-01-30", 1)], "01-30", "s 02-02", id="a turn done late"),
        pytest.param([STREAM], [touch("s", "2026-01-16", 1)], "01-16", "s 02-02", id="a turn done early"),
        pytest.param([STREAM], [touch("s", "2026-03-10", 1)], "03-10", "s 03-16", id="turns that passed are skipped"),
        pytest.param([SLIDING], [touch("s", "2026-01-30", 1)], "01-30", "s 02-13", id="a stream from the last contact"),
        pytest.param([END], [], "01-05", "end 05-01", id="before a date field"),
        pytest.param([step("on", Count.ON, None, of="contract_end")], [], "01-05", "on 05-31", id="on a date field"),
        pytest.param([step("on", Count.ON, days(2), of="contract_end")], [], "01-05", "on 06-02", id="after a date field"),
        pytest.param([step("on", Count.ON, None, of="birthday")], [], "01-05", "", id="a field nobody filled in"),
        pytest.param([ONE], [touch("p", "2026-01-12", kind=Kind.PROMISE)], "01-12", "", id="a promise replaces the steps up to its day"),
        pytest.param(
            [ONE, TWO], [touch("p", "2026-01-09", kind=Kind.PROMISE)], "01-09", "two 01-12", id="and what counts from them goes on from it"
        ),
        pytest.param([STREAM], [touch("p", "2026-01-20", kind=Kind.PROMISE)], "01-20", "s 02-02", id="and the turns"),
    ],
)
def test_ahead(steps: list[Step], touches: list[Touched], today: str, expected: str) -> None:
    assert ahead(steps, *touches, today=today, until=today) == expected


def test_months_are_counted_from_the_anchor() -> None:
    prospect = replace(CONTRACT, fields={"met": "2026-01-31"})
    stream = step("s", Count.EVERY, months(1))
    assert ahead([stream], until="05-31", prospect=prospect) == "s 02-28, s 03-31, s 04-30, s 05-31"


def test_only_the_last_turn_before_capture_is_still_due() -> None:
    old = replace(CONTRACT, fields={"met": "2025-01-06"})
    assert ahead([STREAM], prospect=old) == "s 01-05"
    assert ahead([step("s", Count.EVERY, weeks(3))], prospect=old) == "s 12-29"


def test_working_days_over_a_long_leave() -> None:
    leave = rep(away=[(day("01-06"), day("04-30"))])
    stream = step("s", Count.EVERY, working(1))
    assert ahead([stream], touch("p", "2026-02-25", kind=Kind.PROMISE), today="02-25", the_rep=leave) == "s 05-01"


LETTER = step("l", Count.EVERY, weeks(2), "letter")  # arrives on 01-19, 02-02, 02-16 …; 01-19 and 02-16 are days off


@pytest.mark.parametrize(
    ("lead", "until", "expected"),
    [
        (working(4), "01-12", "l 01-19"),  # the first one is told whatever its day
        (working(4), "01-26", "l 01-19"),
        (working(4), "01-27", "l 01-19, l 02-02"),  # 4 working days before 02-02
        (days(7), "01-26", "l 01-19, l 02-02"),
        (days(9), "01-23", "l 01-19, l 02-02"),  # 01-24 is a Saturday: the last working day before
        (None, "02-01", "l 01-19"),
    ],
)
def test_the_horizon_is_on_the_day_it_is_to_be_done(lead: Duration | None, until: str, expected: str) -> None:
    assert ahead([LETTER], until=until, lead=lead) == expected


@pytest.mark.parametrize(
    ("shift", "until", "expected"),
    [(Shift.PREVIOUS, "01-09", "s 01-07, s 01-10"), (Shift.NEXT, "01-09", "s 01-07"), (Shift.NONE, "01-10", "s 01-07, s 01-10")],
)
def test_the_horizon_knows_the_shift(shift: Shift, until: str, expected: str) -> None:
    """From the Sunday 01-04 every three days: 01-07, and the Saturday 01-10."""
    sunday = replace(CONTRACT, fields={"met": "2026-01-04"})
    assert ahead([step("s", Count.EVERY, days(3), shift=shift)], until=until, prospect=sunday) == expected


@pytest.mark.parametrize(
    ("done", "today", "expected"),
    [
        ("2026-01-12", "01-12", "l 02-02"),
        ("2026-01-26", "01-26", "l 02-02"),  # late, but the next one leaves only tomorrow
        ("2026-01-27", "01-27", "l 02-16"),  # on the day the next one leaves: two letters in one day are none
        ("2026-01-30", "01-30", "l 02-16"),
    ],
)
def test_a_letter_that_left_late_does_not_send_the_next_one_after_it(done: str, today: str, expected: str) -> None:
    assert ahead([LETTER], touch("l", done, 1), today=today, until=today, lead=working(4)) == expected


def test_one_overdue_letter_is_enough() -> None:
    assert ahead([LETTER], today="01-28", until="01-28", lead=working(4)) == "l 01-19"
    assert ahead([LETTER], today="01-28", until="02-16", lead=working(4)) == "l 01-19, l 02-16"


YEAR = Duration(1, Unit.YEARS)


@pytest.mark.parametrize(
    ("met", "duration", "expected"),
    [
        ("1980-04-12", YEAR, "2026-04-12"),
        ("1980-12-31", YEAR, "2026-12-31"),  # five days before they came in
        ("1980-01-05", YEAR, "2026-01-05"),
        ("1980-01-03", YEAR, "2026-01-03"),  # a Saturday: it is said on the Monday
        ("1980-01-02", YEAR, "2027-01-02"),
        ("1980-02-29", YEAR, "2026-02-28"),
        ("--04-12", YEAR, "2026-04-12"),  # nobody knows the year
        ("--02-29", YEAR, "2026-02-28"),
        ("2020-03-01", months(24), "2026-03-01"),
        ("2020-03-01", months(3), "2025-12-01"),  # a stream that is no day of the year: the last turn is still due
    ],
)
def test_a_day_of_the_year_that_had_passed_when_they_came_in_is_not_made_up_for(met: str, duration: Duration, expected: str) -> None:
    prospect = replace(JENNY, fields={"met": met})
    cadence = Cadence("s", (step("gift", Count.EVERY, duration, "gift"),), start="met")
    (first, *_) = Track(prospect, cadence, standing(prospect, (captured(),)), REP, day("01-05")).ahead(day("01-05"))
    assert str(first.base) == expected
    later = Track(prospect, cadence, standing(prospect, (captured(),)), REP, day("2028-06-01")).ahead(day("2028-06-01"))
    assert str(later[0].base) == expected, "once it was due it is due until it is done"


def test_a_letter_that_should_be_on_its_way_to_a_day_ahead_is_still_written() -> None:
    prospect = replace(JENNY, fields={"met": "1980-01-08"})
    cadence = Cadence("s", (step("wish", Count.EVERY, YEAR, "letter"),), start="met")
    track = Track(prospect, cadence, standing(prospect, (captured(),)), REP, day("01-05"), {"wish": working(4)})
    assert str(track.ahead(day("01-05"))[0].base) == "2026-01-08"


def test_a_shift_to_the_day_before_takes_no_step_before_the_one_that_it_follows() -> None:
    one = step("one", Count.AFTER, days(5))  # a Saturday
    two = step("two", Count.AFTER, days(0), "email", since="previous", shift=Shift.PREVIOUS)
    three = step("three", Count.AFTER, days(0), "visit", since="two", shift=Shift.PREVIOUS)
    life = Life(rules(Cadence("s", (one, two, three), ahead=weeks(4))))
    found = life.actions(at("2026-01-05 10:00"))
    assert [(each.steps[0].step, each.due, each.base) for each in found] == [
        (name, day("01-12"), day("01-10")) for name in ("one", "two", "three")
    ]
    assert found[1].why[-1] == "Not before one, which is due on Mon 2026-01-12."
    life.answer(at("2026-01-12 10:00"))
    assert [each.steps[0].step for each in life.actions(at("2026-01-12 11:00"))] == ["two", "three"]


def test_what_was_done_by_another_place_is_told_with_what_to_write() -> None:
    thanks, call = step("step-1", Count.AFTER, days(3), "email", "say thanks"), step("step-2", Count.AFTER, weeks(3), purpose="meet them")
    life = Life(rules(Cadence("c", (thanks, call))))
    life.answer(at("2026-01-08 10:00"))
    life.answer(at("2026-01-26 10:00"))
    assert known_by_another_place((Cadence("c", (thanks, call)),), [life.standing]) == ()
    letter = step("step-2", Count.AFTER, days(10), "letter", "send the brochure")
    edited = Cadence("c", (thanks, letter, replace(call, id="step-3")))
    (told,) = known_by_another_place((edited,), [life.standing])
    assert "done as step-2 (call to meet them) is listed as step-3 now" in told
    assert "write 'id: step-2' there" in told
    mended = Cadence("c", (thanks, replace(letter, id="brochure"), call))
    assert known_by_another_place((mended,), [life.standing]) == ()
    life.rules = rules(mended)
    assert life.next(at("2026-02-10 10:00")).purpose == "send the brochure"
    (gone,) = known_by_another_place((replace(edited, name="pitched"),), [life.standing])
    assert gone.startswith("Cadence c is gone")
