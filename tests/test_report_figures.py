"""The report: what is counted, what is drawn, and what the page holds and keeps to itself."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.history import Dismissed, Entry, Kind, Moved, Promised, Restored, Result, Touched
from followsync.core.promises import Fate, Line
from followsync.core.prospect import Prospect
from followsync.report.counting import Asked, figures
from followsync.report.figures import ENOUGH, MOST, Case, Ending, Figures, Promise, Share, Undecided, together
from followsync.report.page import Heading, page
from followsync.report.plots import LEFT, LETTERS, WEEKS, WIDTH, Label, Shade, clipped, monday, plots, promises_by_week, text_width
from tests.core.builders import JENNY, METHODS, NINE_TO_FIVE, REP, Life, at, captured, day, rules, worksheet

NOW = at("2026-03-20 08:00")
RULES = rules(worksheet(), methods=[replace(METHODS["call"], hours=NINE_TO_FIVE)])


def counted(*entries: Entry, now: datetime = NOW, since: date | None = None, prospect: Prospect = JENNY) -> Figures:
    return figures([prospect], {prospect.id: (captured(), *entries)}, Asked(RULES, REP, now, since))


def call(when: str, result: Result, due: str, action: str = "a", **more: object) -> Touched:
    start = at(more.pop("start", when))  # type: ignore[arg-type]  # always a text
    return replace(Touched(at(when), "cli", result, action, Kind.STEP, "call", due=day(due), start=start), **more)


# ---- counting


def test_what_became_of_the_follow_ups_whose_day_came_equals_a_count_by_hand() -> None:
    """In time: the e-mail of its day, the call ahead of it. Later: the visit. Deleted: one; another was put back. Moved ahead: in time.
    Still to be done: the thanks of the cadence. Asked by us, done unasked: none of them."""
    found = counted(
        call("2026-01-08 10:00", Result.DONE, "01-08", "1"),
        call("2026-01-12 10:00", Result.ATTEMPT, "01-26", "2"),
        call("2026-02-03 10:00", Result.DONE, "02-02", "3"),
        Dismissed(at("2026-02-04 10:00"), "calendar:phone", "4", Kind.STEP),
        Dismissed(at("2026-02-04 11:00"), "calendar:phone", "5", Kind.STEP),
        Restored(at("2026-02-04 11:30"), "calendar:phone", "5"),
        Moved(at("2026-02-05 09:00"), "calendar:phone", "5", at("2026-02-09 10:00"), at("2026-02-09 10:15")),
        call("2026-02-09 16:00", Result.DONE, "02-05", "5"),
        replace(call("2026-02-10 10:00", Result.DONE, "02-10", "6"), kind=Kind.DECIDE),
        call("2026-02-11 10:00", Result.DONE, "02-11", ""),
    )
    assert found.ended == {Ending.IN_TIME: 3, Ending.LATER: 1, Ending.DELETED: 1, Ending.OPEN: 1}
    assert found.completed == Share(4, 6)


def test_what_stands_there_and_whose_day_is_over_is_still_to_be_done() -> None:
    life = Life(RULES)  # thanks are due on 01-08
    ask = [(now, figures([life.prospect], {"jenny": life.history}, Asked(RULES, REP, at(now))).ended[Ending.OPEN]) for now in
           ("2026-01-08 23:00", "2026-01-09 00:00")]  # fmt: skip
    assert ask == [("2026-01-08 23:00", 0), ("2026-01-09 00:00", 1)]
    action = life.next(at("2026-01-09 09:00"))
    life.add(Moved(at("2026-01-09 09:00"), "calendar:phone", action.id, at("2026-01-14 09:00"), at("2026-01-14 09:10")))
    seen = [figures([life.prospect], {"jenny": life.history}, Asked(RULES, REP, at(f"{now} 09:00"))).ended[Ending.OPEN] for now in
            ("2026-01-14", "2026-01-15")]  # fmt: skip
    assert seen == [0, 1]


def test_touches_until_the_first_yes_and_an_answer_that_was_put_right_counts_once() -> None:
    history = [
        call("2026-01-08 10:00", Result.ATTEMPT, "01-08", "1"),
        call("2026-01-09 10:00", Result.DONE, "01-09", "2"),
        call("2026-01-09 12:00", Result.ATTEMPT, "01-09", "2"),  # the same entry: it was no answer after all
        call("2026-01-12 10:00", Result.DONE, "01-12", "3", kind=Kind.DECIDE, method="decide"),
        call("2026-01-13 10:00", Result.YES, "01-13", "4"),
    ]
    assert counted(*history).touches == (3,)
    assert counted(*history[:-1]).touches == ()
    assert [case.result for case in counted(*history).cases] == [Result.ATTEMPT, Result.ATTEMPT, Result.YES]


@pytest.mark.parametrize(("zone", "hour"), [("", 11), ("America/Los_Angeles", 8), ("Mars/Olympus", 11)])
def test_the_hour_is_the_one_on_the_prospect_s_clock_when_it_was_tried(zone: str, hour: int) -> None:
    """Told in the evening, tried at eleven. Where hours do not matter to the method there is none."""
    told = call("2026-01-08 19:00", Result.NEXT, "01-08", start="2026-01-08 11:30")
    found = counted(told, replace(told, action="b", method="email"), prospect=replace(JENNY, timezone=zone))
    assert found.cases == (Case("call", hour, Result.NEXT, 3, 1), Case("email", None, Result.NEXT, None, 2))
    assert (list(found.hours), list(found.methods)) == ([hour // 2 * 2], ["call", "email"])


def test_the_weekday_is_that_of_the_prospect_s_clock() -> None:
    told = call("2026-01-08 20:00", Result.NEXT, "01-08")  # Thursday evening; Friday in Sydney
    assert list(counted(told, prospect=replace(JENNY, timezone="Australia/Sydney")).weekdays) == [4]
    assert list(counted(told).weekdays) == [3]


def test_which_touch_it_was_counts_from_the_first_one_whatever_the_period() -> None:
    """A tick of a question to the rep is none; what came of it by method counts from its own number."""
    history = [
        call("2026-01-08 10:00", Result.ATTEMPT, "01-08", "1"),
        call("2026-01-09 10:00", Result.DONE, "01-09", "q", kind=Kind.DECIDE, method="decide"),
        call("2026-01-12 10:00", Result.ATTEMPT, "01-12", "2", method="email"),
        call("2026-01-13 10:00", Result.YES, "01-13", "3"),
    ]
    assert {number: dict(one.results) for number, one in counted(*history).numbers.items()} == {
        1: {Result.ATTEMPT: 1}, 2: {Result.ATTEMPT: 1}, 3: {Result.YES: 1},
    }  # fmt: skip
    assert list(counted(*history, since=day("01-13")).numbers) == [3]


def test_late_touches_are_told_together_and_a_share_from_twenty_on() -> None:
    cases = [Case("call", 10, Result.YES if n < 5 else Result.NO if n < 8 else Result.ATTEMPT, 1, 2) for n in range(ENOUGH)]
    cases += [Case("call", 10, Result.ATTEMPT, 2, number) for number in (11, 12, 40)]
    found = Figures(cases=tuple(cases))
    assert list(found.numbers) == [2, MOST + 1]
    assert (found.numbers[2].answers, found.numbers[2].yes.percent) == (Share(8, 20), 25)
    assert (found.numbers[MOST + 1].answers.whole, found.numbers[MOST + 1].yes.percent) == (3, None)
    weekdays, numbers = plots(found, day("03-20"))[5:]
    assert weekdays.table.rows == (("Tuesday", "20", "8", "40 % (21 to 62)"), ("Wednesday", "3", "", "takes 20"))
    assert numbers.table.rows[0] == ("touch 2", "20", "8", "40 % (21 to 62)", "5", "25 % (11 to 47)")
    assert numbers.table.rows[1] == ("touch 11 or later", "3", "", "takes 20", "", "takes 20")
    assert "%" not in "".join(label.text for label in numbers.labels if label.y > 42)


def test_the_parts_of_the_day_equal_a_plain_count_of_when_it_was_tried() -> None:
    """Of what was told later the hour at which it stood counts; of what was tried ahead of that, the hour at which it was told."""
    told = [
        call("2026-01-08 13:30", Result.ATTEMPT, "01-08", "1", start="2026-01-08 11:59"),
        call("2026-01-09 12:01", Result.ATTEMPT, "01-09", "2", start="2026-01-09 15:00"),
        call("2026-01-12 12:00", Result.ATTEMPT, "01-12", "3"),
    ]
    assert {first: one.answers.whole for first, one in counted(*told).hours.items()} == {10: 1, 12: 2}


def test_questions_to_the_rep_and_checks_are_no_method_of_reaching_anybody() -> None:
    told = call("2026-01-08 10:00", Result.YES, "01-08")
    assert counted(*(replace(told, method=name, action=name) for name in ("", "decide", "check"))).cases == ()


def test_a_period_counts_what_happened_in_it() -> None:
    """The promise by the day it was for, everything else by the day it happened; whoever is undecided now is."""
    plain = replace(JENNY, stage="")  # no cadence
    life = Life(RULES, plain)
    for week in ("01-07", "01-14", "01-21"):
        life.add(Promised(at(f"2026-{week} 08:00"), "cli", "call", day(week))).answer(at(f"2026-{week} 10:00"))
    life.add(Dismissed(at("2026-01-22 10:00"), "calendar:phone", "x", Kind.STEP))
    history = life.history[1:]
    seen = [
        counted(*history, now=at("2026-01-23 09:00"), since=day(since), prospect=plain) for since in ("01-07", "01-14", "01-15", "01-23")
    ]
    assert [(one.fates[Fate.KEPT], len(one.endings), len(one.cases), len(one.undecided)) for one in seen] == [
        (3, 4, 3, 1),
        (2, 3, 2, 1),
        (1, 2, 1, 1),
        (0, 0, 0, 1),
    ]
    won = call("2026-01-22 10:00", Result.YES, "01-22", "y")
    assert [counted(*history, won, since=day(since)).touches for since in ("01-22", "01-23")] == [(4,), ()]


def test_broken_promises_to_act_on_are_those_of_open_prospects() -> None:
    broken = Promised(at("2026-01-07 08:00"), "cli", "call", day("01-08"))
    assert [one.line.day for one in counted(broken).broken] == [day("01-08")]
    lost = counted(broken, call("2026-01-20 10:00", Result.NO, "01-20", ""))
    assert (lost.broken, lost.fates[Fate.LATE]) == ((), 1)


# ---- shares


def test_a_share_is_told_from_twenty_cases_on() -> None:
    assert [Share(15, cases).percent for cases in (ENOUGH - 1, ENOUGH)] == [None, 75]
    assert [Share(15, cases).between for cases in (ENOUGH - 1, ENOUGH)] == [None, (53, 89)]  # Wilson: 0.531 to 0.888


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_none_and_all_are_told_only_of_none_and_of_all(one: int, other: int) -> None:
    share = Share(min(one, other), max(one, other))
    if share.percent is None or share.between is None:
        assert share.whole < ENOUGH
        return
    assert (share.percent == 0, share.percent == 100) == (share.part == 0, share.part == share.whole)
    low, high = share.between
    assert 0 <= low <= share.percent <= high <= 100
    assert high - low < 45


def test_figures_of_several_reps_are_one() -> None:
    one, other = sample(seed=1), sample(seed=2)
    both = together([one, other])
    assert together([both]) == both == together([other, one]) or Counter(both.cases) == Counter(one.cases) + Counter(other.cases)
    assert both.kept == Share(one.kept.part + other.kept.part, one.kept.whole + other.kept.whole)
    assert {name: tried.answers.whole for name, tried in both.methods.items()} == dict(Counter(case.method for case in both.cases))


# ---- plots


def promise(due: date, fate: Fate, name: str = "Jenny", *, is_open: bool = True) -> Promise:
    moment = at(f"{due} 09:00")
    line = Line("a", moment, "cli", "call", "talk of the divorce", due, due, None, None, moment, moment, fate, None, "its day passed")
    return Promise(replace(JENNY, id=f"{name}-{due}", name=name, notes="has a secret"), line, is_open)


def sample(seed: int = 1) -> Figures:
    """Enough of everything, the same each time."""
    fates = (Fate.KEPT, Fate.KEPT, Fate.KEPT, Fate.LATE, Fate.BROKEN, Fate.OPEN, Fate.CHANGED)
    results = (Result.YES, Result.ATTEMPT, Result.DONE, Result.NEXT, Result.NO)
    spread = [(number * 7 * seed) % 100 for number in range(100)]
    return Figures(
        promises=tuple(promise(day("2025-11-03") + timedelta(days=one), fates[one % 7], f"Prospect {one}") for one in spread),
        undecided=tuple(Undecided(replace(JENNY, name=f"Waiting {one}"), day("03-02"), one) for one in spread[:20]),
        touches=tuple(1 + one % 14 for one in spread[:30]),
        endings=tuple(list(Ending)[one % 4] for one in spread),
        cases=tuple(
            Case(
                ("call", "email", "visit")[one % 3],
                8 + one % 9 if one % 3 == 0 else None,
                results[one % 5],
                one % 7 if one % 3 == 0 else None,
                one % 13 + 1,
            )
            for one in spread
        ),
    )


FATES = (Fate.KEPT, Fate.LATE, Fate.BROKEN)
anything = st.builds(
    Figures,
    promises=st.lists(st.builds(promise, st.dates(date(2025, 6, 1), date(2026, 6, 1)), st.sampled_from(Fate)), max_size=60).map(tuple),
    undecided=st.lists(st.builds(Undecided, st.just(JENNY), st.just(day("01-05")), st.integers(0, 400)), max_size=40).map(tuple),
    touches=st.lists(st.integers(1, 40), max_size=60).map(tuple),
    cases=st.lists(
        st.builds(Case, st.text(min_size=1, max_size=60), st.none() | st.integers(0, 23), st.sampled_from(Result)), max_size=80
    ).map(tuple),
)


@given(anything, st.dates(date(2026, 1, 1), date(2026, 4, 1)))
def test_everything_is_inside_the_drawing_and_nothing_lies_on_anything_else(found: Figures, today: date) -> None:
    for plot in plots(found, today):
        for bar in plot.bars:
            assert bar.x >= 0, plot.name
            assert bar.y >= 0
            assert bar.width > 0
            assert bar.height > 0
            assert bar.x + bar.width <= WIDTH + 1e-6
            assert bar.y + bar.height <= plot.height + 1e-6
        for label in plot.labels:
            start, end = label.span
            assert start >= -1e-6, label
            assert end <= WIDTH + 1e-6, label
            assert LETTERS * 0.7 <= label.y <= plot.height
        for label, other in ((a, b) for n, a in enumerate(plot.labels) for b in plot.labels[n + 1 :]):
            assert abs(label.y - other.y) >= LETTERS or apart(label, other), (label, other)
        assert not any(label.y > bar.y + 1 and label.y - LETTERS < bar.y + bar.height - 1 and label.span[0] < bar.x + bar.width
                       and label.span[1] > bar.x for label in plot.labels for bar in plot.bars)  # fmt: skip


def apart(one: Label, other: Label) -> bool:
    first, second = sorted((one.span, other.span))
    return first[1] <= second[0] + 1e-6


@given(anything, st.dates(date(2026, 1, 1), date(2026, 4, 1)))
def test_bars_are_as_long_as_what_they_count(found: Figures, today: date) -> None:
    weeks, ages, touches, *answers = plots(found, today)
    for plot in (ages, touches, *answers):
        drawn = [(bar.width, int(re.search(r"(\d+)(?:, \d+ %| cases?|)$", bar.told)[1])) for bar in plot.bars  # type: ignore[index]
                 if bar.shade is Shade.CASES or plot in (ages, touches)]  # fmt: skip
        assert all(isclose(width * most, WIDTH * count) for most in [max((n for _, n in drawn), default=1)] for width, count in drawn)
    heights = {round(bar.height / int(re.search(r": (\d+) ", bar.told)[1]), 6) for bar in weeks.bars}  # type: ignore[index]
    assert len(heights) <= 1, "one promise is equally high everywhere"
    assert sum(int(cell) for row in weeks.table.rows for cell in row[1:]) == sum(found.fates[fate] for fate in FATES)


def test_columns_stand_on_each_other_and_on_the_base_line() -> None:
    plot = promises_by_week(Figures(promises=tuple(promise(day("01-07"), fate) for fate in FATES for _ in range(2))), day("01-09"))
    kept, late, broken = plot.bars
    assert [bar.shade for bar in plot.bars] == [Shade.KEPT, Shade.LATE, Shade.BROKEN]
    assert all(isclose(upper.y + upper.height, lower.y) for lower, upper in pairwise((kept, late, broken)))
    assert isclose(kept.y + kept.height, max(plot.lines))
    assert isclose(broken.y, min(plot.lines)), "six of six"
    assert kept.told == "Week of Mon 2026-01-05: 2 kept"
    assert all(bar.x >= LEFT for bar in plot.bars)


def test_weeks_have_no_holes_and_the_oldest_are_one_row() -> None:
    found = Figures(
        promises=(promise(day("2025-01-06"), Fate.BROKEN), promise(day("2026-01-05"), Fate.KEPT), promise(day("04-01"), Fate.KEPT))
    )
    table = promises_by_week(found, day("03-20")).table
    weeks = [date.fromisoformat(row[0]) for row in table.rows[:-1]]
    assert len(weeks) == WEEKS
    assert weeks[0] == monday(day("04-01")), "kept ahead of its week"
    assert {later - earlier for later, earlier in pairwise(weeks)} == {timedelta(weeks=1)}
    assert table.rows[-1] == (f"before {weeks[-1]}", "0", "0", "1")
    short = promises_by_week(Figures(promises=(promise(day("01-07"), Fate.KEPT),)), day("01-20"), day("01-02"))
    assert [row[0] for row in short.table.rows] == ["2026-01-19", "2026-01-12", "2026-01-05", "2025-12-29"]


@pytest.mark.parametrize("many", [ENOUGH - 1, ENOUGH])
def test_answers_are_silent_below_twenty_cases_and_say_how_many_there_are(many: int) -> None:
    cases = tuple(Case("call", 10, Result.YES if number < 5 else Result.DONE, 1) for number in range(many))
    for plot in plots(Figures(cases=cases), day("03-20"))[3:]:
        (row,) = plot.table.rows
        if many < ENOUGH:
            assert row[1:4] == ("19", "", "takes 20")
            assert "takes 20 cases of one; the most that there are is 19." in plot.told
            assert [bar.shade for bar in plot.bars] == [Shade.CASES]
            assert "%" not in "".join((plot.told, *(label.text for label in plot.labels), *(bar.told for bar in plot.bars)))
        else:
            assert row[1:4] == ("20", "5", "25 % (11 to 47)")
            assert plot.told.startswith("Only one has 20 cases: ")
            assert plot.told.endswith("5 of 20 (25 %).")
            assert [(bar.shade, bar.width) for bar in plot.bars] == [(Shade.CASES, WIDTH), (Shade.PLAIN, WIDTH / 4)]


@pytest.mark.parametrize(
    ("visits", "said"),
    [(15, "Answered most: call, 16 of 20 (80 %). The difference to the next may be chance."),
     (2, "Answered most: call, 16 of 20 (80 %). That is more than chance."),
     (20, "Answered most: visit, 20 of 20 (100 %). The difference to the next may be chance.")],
)  # fmt: skip
def test_which_was_answered_most_and_whether_that_may_be_chance(visits: int, said: str) -> None:
    counts = {"call": (16, 20), "visit": (visits, 20), "letter": (19, 19)}
    cases = [Case(name, None, Result.NEXT if n < part else Result.DONE) for name, (part, whole) in counts.items() for n in range(whole)]
    assert plots(Figures(cases=tuple(cases)), day("03-20"))[3].told == said


def test_done_is_no_answer_and_neither_is_an_attempt() -> None:
    tried = Figures(cases=tuple(Case("email", None, result) for result in Result)).methods["email"]
    assert tried.answers == Share(3, 5)


def test_many_methods_are_told_together_behind_the_first_eleven() -> None:
    cases = tuple(Case(f"method {number:02}", None, Result.DONE) for number in range(30) for _ in range(30 - number))
    rows = plots(Figures(cases=cases), day("03-20"))[3].table.rows
    assert [row[0] for row in rows] == [*(f"method {number:02}" for number in range(11)), "19 other methods"]
    assert sum(int(row[1]) for row in rows) == len(cases)


@pytest.mark.parametrize("name", ["carrier pigeon " * 20, "W" * 60, "贈り物" * 30])
def test_a_long_name_leaves_room_for_its_numbers(name: str) -> None:
    plot = plots(Figures(cases=tuple(Case(name, 10, Result.YES) for _ in range(1234))), day("03-20"))[3]
    left, right = plot.labels
    assert left.text.endswith("…")
    assert left.span[1] < right.span[0]
    assert right.text == "1234 of 1234, 100 %"
    assert plot.table.rows[0][0] == name, "the table has all of it"


@given(st.text(max_size=80), st.floats(0, WIDTH))
def test_a_clipped_text_fits_and_says_that_it_is_clipped(text: str, room: float) -> None:
    short = clipped(text, room)
    assert short == text or (short.endswith("…") and text.startswith(short[:-1].rstrip()))
    assert text_width(short) <= max(room, text_width("…"))


# ---- the page


class Read(HTMLParser):
    """The page as a browser would take it apart."""

    VOID = ("meta", "br", "img", "link", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


DANA = Heading({"dana": "Dana Reyes"}, NOW)
TEXT = page(sample(), DANA)


def test_the_page_needs_nothing_but_itself() -> None:
    read = Read(TEXT)
    assert {tag for tag, _ in read.tags}.isdisjoint(
        {"script", "link", "img", "iframe", "object", "embed", "form", "a", "use", "image", "base"}
    )
    names = {name for _, attrs in read.tags for name in attrs}
    assert names.isdisjoint({"src", "href", "xlink:href", "style", "action", "srcset", "data"})
    assert not [name for name in names if name.startswith("on")]
    assert not re.search(r"url\(|@import|://", TEXT)
    (policy,) = (one["content"] for one in read.of("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'")


def test_each_plot_has_a_title_a_description_and_a_table_beside_it() -> None:
    read = Read(TEXT)
    ids = [str(attrs["id"]) for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    drawings = read.of("svg")
    assert len(drawings) == 7
    for one in drawings:
        assert one["role"] == "img"
        assert set(str(one["aria-labelledby"]).split()) <= set(ids)
        assert str(one["viewbox"]).startswith("0 0 320 ")
    for section in re.findall(r"(?s)<section.*?</section>", TEXT):
        assert re.search(r"<title id=\"\w+-title\">[^<]+</title>\s*<desc id=\"\w+-desc\">[^<]+</desc>", section)
        assert len(re.findall("<table>", section)) == 1
        assert section.index("</svg>") < section.index("<table>")
    assert len(read.of("caption")) == len(read.of("table")) == 9
    assert all(one.get("scope") in ("col", "row") for one in read.of("th"))
    assert read.of("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}


HOSTILE = (
    "<script>alert(1)</script>",
    "</title></svg><img src=x onerror=alert(1)>",
    '" onload="alert(1)',
    "{{ 7*7 }}{% for a in b %}",
    "&lt;b&gt; & Söhne]]>",
    "<!-- ",
    "turned \u202eround\u2066 \x00\x1b[31m",
    "\ud800 half a letter",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_text_from_outside_stays_text(name: str) -> None:
    text, tame = (page(named(each), Heading({"dana": each, "lee": "Lee"}, NOW)) for each in (name, "x"))
    assert shape(text) == shape(tame)
    shown = "".join(" " if letter in "\u202e\u2066\x00\x1b\ud800" else letter for letter in name)
    assert " ".join(shown.split()) in Read(text).text
    assert not set("\u202e\u2066\x00\x1b") & set(text)
    text.encode()


def named(name: str) -> Figures:
    """Somebody of that name is broken a promise, is undecided, and lent the name to a method."""
    return Figures(
        promises=(promise(day("03-02"), Fate.BROKEN, name),),
        undecided=(Undecided(replace(JENNY, name=name), day("03-02"), 3),),
        cases=tuple(Case(name, 10, Result.YES) for _ in range(25)),
    )


def shape(text: str) -> list[tuple[str, list[str]]]:
    return [(tag, sorted(attrs)) for tag, attrs in Read(text).tags]


def test_it_names_only_those_whom_the_lead_must_act_on_and_tells_no_notes() -> None:
    """A kept promise, a broken one of a prospect who is closed, and one that is to be done: only that one is named."""
    found = Figures(
        promises=(
            promise(day("03-02"), Fate.KEPT, "Kept Keeper"),
            promise(day("03-02"), Fate.LATE, "Late Lambert"),
            promise(day("03-02"), Fate.BROKEN, "Closed Clark", is_open=False),
            promise(day("03-02"), Fate.BROKEN, "Broken Brown"),
        ),
        undecided=(Undecided(replace(JENNY, name="Undecided Ulm", notes="has a secret"), day("03-02"), 14),),
    )
    text = Read(page(found, DANA)).text
    assert [name for name in ("Kept Keeper", "Late Lambert", "Closed Clark", "Broken Brown", "Undecided Ulm") if name in text] == [
        "Broken Brown",
        "Undecided Ulm",
    ]
    for private in ("secret", "divorce", JENNY.phone, "5309"):
        assert private not in text
    assert "call on Mon 2026-03-02: its day passed" in text
    assert "Mon 2026-03-02, 14 working days" in text


def test_of_several_reps_it_says_whose() -> None:
    found = Figures(promises=(promise(day("03-02"), Fate.BROKEN),))
    assert "Dana Reyes" not in Read(page(found, DANA)).text.partition("To act on")[2]
    assert "Dana Reyes call on" in Read(page(found, Heading({"dana": "Dana Reyes", "lee": "Lee"}, NOW))).text


def test_nothing_has_happened_yet() -> None:
    text = page(Figures(), replace(DANA, since=day("03-02")))
    read = Read(text)
    assert (read.of("svg"), read.of("table")) == ([], [])
    assert "Nothing: no promise is broken, and nobody is undecided." in read.text
    assert "From Monday 2026-03-02 on" in read.text
    assert "%" not in read.text


def test_the_same_figures_give_the_same_page() -> None:
    assert page(sample(), DANA) == TEXT


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_letters_and_bars_are_seen_on_the_page_by_day_and_by_night(scheme: int) -> None:
    """WCAG 2.2, 1.4.3 and 1.4.11."""
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", re.findall(r"(?s):root \{(.*?)\}", TEXT)[scheme]))
    assert set(colours) == {"page", "text", "quiet", "line", *Shade}
    assert min(contrast(colours[name], colours["page"]) for name in ("text", "quiet")) >= 4.5
    assert {
        name: round(contrast(colours[name], colours["page"]), 1) for name in Shade if contrast(colours[name], colours["page"]) < 3
    } == {}
