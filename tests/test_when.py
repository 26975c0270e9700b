"""Days and hours as reps say them: tables first, then what must hold for any text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.cadence import Window
from followsync.core.workdays import RepRules, Workdays
from followsync.days import read_day
from followsync.when import When, find_when, parse_when

DETROIT = ZoneInfo("America/Detroit")
DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 1, 6, 10, 15, tzinfo=DETROIT)  # a Tuesday
HOLIDAYS = holidays.country_holidays("US", subdiv="MI")
NINE_TO_FIVE = Window(time(9), time(17))
WORKDAYS = Workdays(DETROIT, {day: (NINE_TO_FIVE,) for day in range(5)}, HOLIDAYS.get)
PARTS = {"morning": Window(time(9), time(12)), "afternoon": Window(time(13), time(17))}
REP = RepRules("dana", WORKDAYS, day_parts=PARTS)


def said(text: str, now: datetime = NOW, rep: RepRules = REP) -> str:
    when = parse_when(text, now=now, rep=rep)
    return when.text if when else "-"


def held_out() -> list[tuple[str, str]]:
    lines = (DATA / "phrases_held_out.txt").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]
    return [
        (phrase, "-" if day == "none" else f"{date.fromisoformat(day):%a} {day}" + (f", {hour}" if hour else ""))
        for phrase, day, hour in rows
    ]


@pytest.mark.parametrize(("phrase", "expected"), held_out())
def test_held_out_phrases(phrase: str, expected: str) -> None:
    assert said(phrase) == expected


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("thu pm", "Thu 2026-01-08, 13:00-17:00"),
        ("late afternoon Thursday", "Thu 2026-01-08, 15:00-17:00"),
        ("Friday 3-4pm", "Fri 2026-01-09, 15:00-16:00"),
        ("Friday 11-1pm", "Fri 2026-01-09, 11:00-13:00"),
        ("Thursday 2-4", "Thu 2026-01-08, 14:00-16:00"),
        ("Friday after 3pm", "Fri 2026-01-09, 15:00-17:00"),
        ("tomorrow after lunch", "Wed 2026-01-07, 13:00-17:00"),
        ("fri 10", "Fri 2026-01-09, 10:00"),  # that Friday is the 9th
        ("Fri at 8", "Fri 2026-01-09, 08:00"),
        ("Fri at 6", "Fri 2026-01-09, 18:00"),
        ("tomorrow at 9 in the morning", "Wed 2026-01-07, 09:00"),
        ("first thing tomorrow", "Wed 2026-01-07, 09:00-10:00"),
        ("Friday eod", "Fri 2026-01-09, 16:00-17:00"),
        ("COB Thursday", "Thu 2026-01-08, 16:00-17:00"),
        ("by EOD Thursday", "Thu 2026-01-08, 09:00-17:00"),
        ("at lunch Thursday", "Thu 2026-01-08, 12:00"),
        ("next Friday the 16th", "Fri 2026-01-16"),
        ("next Monday", "Mon 2026-01-12"),
        ("the week after next", "Tue 2026-01-20"),
        ("Thursday in 2 weeks", "Thu 2026-01-22"),
        ("after the 15th", "Fri 2026-01-16"),
        ("next Wednesday", "Wed 2026-01-14"),
        ("next Friday 2pm", "Fri 2026-01-16, 14:00"),  # this week's is "Friday"
        ("Tuesday", "Tue 2026-01-13"),
        ("Saturday", "Sat 2026-01-10"),  # a said day is never shifted
        ("until Friday", "Fri 2026-01-09"),
        ("next week Thursday", "Thu 2026-01-15"),
        ("in about 6 weeks", "Tue 2026-02-17"),
        ("a week after Labor Day", "Mon 2026-09-14"),
        ("2 days before Thanksgiving", "Tue 2026-11-24"),
        ("the day after Thanksgiving", "Fri 2026-11-27"),
        ("after Thanksgiving", "Mon 2026-11-30"),
        ("after Christmas", "Mon 2026-12-28"),
        ("mid-January", "Thu 2026-01-15"),
        ("last day of the month", "Sat 2026-01-31"),
        ("first business day of February", "Mon 2026-02-02"),
        ("the 15th of next month", "Sun 2026-02-15"),
        ("the 31st", "Sat 2026-01-31"),
        ("Friday the 13th", "Fri 2026-02-13"),
        ("1/8 @ 2", "Thu 2026-01-08, 14:00"),
        ("2026-01-08T14:00", "Thu 2026-01-08, 14:00"),
        ("20-Mar-2026", "Fri 2026-03-20"),  # dateparser's
        ("15.02.2026", "Sun 2026-02-15"),
        ("2moro at 9", "Wed 2026-01-07, 09:00"),
        ("tmrw 9", "Wed 2026-01-07, 09:00"),
        ("wendesday", "Wed 2026-01-07"),
        ("thrusday pm", "Thu 2026-01-08, 13:00-17:00"),
        ("nxt tues 2pm", "Tue 2026-01-13, 14:00"),
        ("10-11 thu", "Thu 2026-01-08, 10:00-11:00"),
        ("late thursday", "Thu 2026-01-08, 15:00-17:00"),
        ("early Friday", "Fri 2026-01-09, 09:00-10:30"),
        ("1st thing Monday", "Mon 2026-01-12, 09:00-10:00"),
        ("eom", "Fri 2026-01-30"),
        ("eow", "Fri 2026-01-09"),
        ("eoy", "Wed 2026-12-30"),
        ("q2", "Wed 2026-04-01"),
        ("in Q3 2027", "Thu 2027-07-01"),
        ("end of q2", "Tue 2026-06-30"),
        ("first week of March", "Mon 2026-03-02"),
        ("the second week of April", "Mon 2026-04-06"),
        ("last week of March", "Mon 2026-03-30"),
        ("1st week of next month", "Mon 2026-02-02"),
        ("10 business days", "Wed 2026-01-21"),
        ("thurs eod", "Thu 2026-01-08, 16:00-17:00"),
        ("half an hour from now", "Tue 2026-01-06, 10:45"),
        ("til Friday", "Fri 2026-01-09"),
        ("in 48 hours", "Thu 2026-01-08, 10:15"),
    ],
)
def test_days_and_hours(phrase: str, expected: str) -> None:
    assert said(phrase) == expected


@pytest.mark.parametrize(
    "phrase",
    [
        "next Sunday",
        "Tuesday week",
        "this weekend",
        "Monday in 2 weeks",
        "after Monday",
        "q1",
        "mon-wed",
        "Monday through Thursday",
        "this week",
        "later this month",
        "eod",
        "fri 9",  # the hour, or the day of the month
        "first week",
    ],
)
def test_no_day_that_can_be_relied_on(phrase: str) -> None:
    assert said(phrase) == "-"


@pytest.mark.parametrize(
    "phrase",
    [line for line in (DATA / "phrases_refused.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")],
)
def test_refused(phrase: str) -> None:
    assert said(phrase) == "-"


def test_months_are_days_of_the_rep_and_of_the_clock_that_turns() -> None:
    london = RepRules("zoe", Workdays(ZoneInfo("Europe/London"), {day: (NINE_TO_FIVE,) for day in range(5)}), region="GB")
    assert said("8/1", rep=london) == "Thu 2026-01-08"
    midnight = datetime(2026, 1, 6, 23, 30, tzinfo=DETROIT)  # Wednesday in London
    assert said("tomorrow", now=midnight, rep=london) == "Thu 2026-01-08"
    spring = parse_when("March 8 at 2:30am", now=NOW, rep=REP)  # the hour that the clocks skip
    assert spring is not None
    assert spring.start is not None
    assert spring.start.utcoffset() == timedelta(hours=-4)
    assert spring.start.hour == 3


def test_bare_hours_follow_the_working_day() -> None:
    early = RepRules("eve", Workdays(DETROIT, {day: (Window(time(5), time(13)),) for day in range(5)}))
    assert said("Friday at 6", rep=early) == "Fri 2026-01-09, 06:00"
    assert said("Friday eod", rep=early) == "Fri 2026-01-09, 12:00-13:00"


def test_the_end_of_work_is_that_days() -> None:
    short = RepRules("flo", Workdays(DETROIT, {0: (NINE_TO_FIVE,), 4: (Window(time(8), time(12)),)}))
    assert said("Friday eod", rep=short) == "Fri 2026-01-09, 11:00-12:00"
    assert said("Friday first thing", rep=short) == "Fri 2026-01-09, 08:00-09:00"


def test_day_parts_are_the_reps() -> None:
    owl = RepRules("owl", WORKDAYS, day_parts={"morning": Window(time(10), time(12))})
    assert said("Friday morning", rep=owl) == "Fri 2026-01-09, 10:00-12:00"


@pytest.mark.parametrize(
    ("line", "stretches"),
    [
        ("Call Jenny Friday 10am to go", ["Friday 10am"]),
        ("Visit Friday Harbor Inn", []),
        ("offer 2 weeks trial", []),
        ("sat with the owner", []),
        ("5 Guys on 15th Street", []),
        ("Call May at Acme", []),
        ("Call Midnight Motors", []),
        ("same day delivery", []),
        ("Thursday about 20 windows", ["Thursday"]),
        ("Thursday 2pm or Friday", ["Thursday 2pm", "Friday"]),
        ("visit (Thursday), they said", ["(Thursday"]),
        ("not today at 9am but tomorrow", ["today at 9am", "tomorrow"]),
    ],
)
def test_stretches_of_a_line(line: str, stretches: list[str]) -> None:
    assert [line[found.start : found.end] for found in find_when(line, now=NOW, rep=REP)] == stretches


def test_a_february_29_is_one_within_a_year() -> None:
    assert said("2/29 10am", now=datetime(2027, 6, 1, 9, tzinfo=DETROIT)) == "Tue 2028-02-29, 10:00"
    assert said("2/29/2028") == said("Feb 29 2028") == "Tue 2028-02-29"


@pytest.mark.parametrize(
    ("cell", "region", "expected"),
    [
        ("2026-01-05", "US", date(2026, 1, 5)),
        ("1/5/2026", "US", date(2026, 1, 5)),
        ("1/5/2026", "GB", date(2026, 5, 1)),
        ("13/5/26", "US", date(2026, 5, 13)),
        ("1/5/2026", "CA", None),
        ("1/13/2026", "CA", date(2026, 1, 13)),
        ("Jan 5, 2026", "US", date(2026, 1, 5)),
        ("5 January 2026", "GB", date(2026, 1, 5)),
        ("2026-01-05 10:15", "US", date(2026, 1, 5)),
        ("1/5", "US", None),
        ("2026-02-30", "US", None),
        ("soon", "US", None),
    ],
)
def test_cells(cell: str, region: str, expected: date | None) -> None:
    assert read_day(cell, region) == expected


WORDS = st.sampled_from((DATA / "words_of_time.txt").read_text(encoding="utf-8").split())
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=7).map(" ".join))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=DETROIT))


@settings(max_examples=400, deadline=None)
@given(TEXTS, MOMENTS)
def test_any_text_gives_the_same_and_never_a_past_day(text: str, now: datetime) -> None:
    when = parse_when(text, now=now, rep=REP)
    assert when == parse_when(text, now=now, rep=REP)
    if when:
        check(when, now)


@settings(max_examples=150, deadline=None)
@given(TEXTS, MOMENTS)
def test_stretches_never_overlap_and_never_lie_in_the_past(text: str, now: datetime) -> None:
    end = 0
    for found in find_when(text, now=now, rep=REP):
        assert end <= found.start < found.end <= len(text)
        end = found.end
        if found.when:
            check(found.when, now)


def check(when: When, now: datetime) -> None:
    assert when.day >= now.astimezone(DETROIT).date()
    assert when.start is None or when.window is None
    assert when.text.startswith(f"{when.day:%a} {when.day}")
    if when.start:
        assert when.start > now
        assert when.start.date() == when.day
    if when.window:
        assert when.window.start < when.window.end
        assert datetime.combine(when.day, when.window.end, DETROIT) > now
