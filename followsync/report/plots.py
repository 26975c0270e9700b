"""Figures as plots: bars, labels and lines in numbers, and the same once more as a table. Nothing here knows of HTML.

All lengths are units of a drawing ``WIDTH`` wide, which is as wide as the smallest phone, so that its letters stay letters there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from unicodedata import east_asian_width

from followsync.core.promises import Fate
from followsync.report.figures import ENOUGH, Figures, Share, Tried
from followsync.report.words import hours_in_words, many, number_in_words, usual_in_words, weekday_in_words

WIDTH = 320.0
LETTERS = 13.0  # their height
WEEKS = 26  # that are drawn; what was before them is one row of the table
_MOST_METHODS = 12
_MOST_TOUCHES = 10
_ROW, _BAR, _GAP = 42.0, 14.0, 6.0
LEFT = 28.0  # of the columns: room for the numbers at their side
_COLUMNS, _TOP, _FOOT = 130.0, 10.0, 24.0  # the height of the columns, and the room above and below
_WIDEST_COLUMN = 28.0
_AGES = (
    ("since today", 0, 0),
    ("1 working day", 1, 1),
    ("2 working days", 2, 2),
    ("3 to 5 working days", 3, 5),
    ("6 to 10 working days", 6, 10),
    ("more than 10 working days", 11, None),
)


class Shade(StrEnum):
    """What a bar means; the page gives each its colour."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    PLAIN = "plain"
    CASES = "cases"


@dataclass(frozen=True, slots=True)
class Bar:
    """``told``: what it stands for, in words."""

    x: float
    y: float
    width: float
    height: float
    shade: Shade
    told: str


@dataclass(frozen=True, slots=True)
class Label:
    """``anchor``: which end of the text is at ``x``; ``y`` is its base line."""

    x: float
    y: float
    text: str
    anchor: str = "start"

    @property
    def span(self) -> tuple[float, float]:
        """From where to where it reaches, estimated."""
        wide = text_width(self.text)
        start = {"start": self.x, "middle": self.x - wide / 2, "end": self.x - wide}[self.anchor]
        return start, start + wide


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of each row is its name."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """``told`` says in a sentence what is to be seen. ``height`` is 0 where there is nothing to draw yet. ``note``: what must be known
    to read it."""

    name: str
    title: str
    told: str
    table: Table
    height: float = 0.0
    bars: tuple[Bar, ...] = ()
    labels: tuple[Label, ...] = ()
    lines: tuple[float, ...] = ()
    legend: tuple[tuple[Shade, str], ...] = ()
    note: str = ""


def plots(figures: Figures, today: date, since: date | None = None) -> tuple[Plot, ...]:
    """The seven of the report. ``today`` is the day the figures are of, ``since`` the first that they count."""
    return (
        promises_by_week(figures, today, since),
        undecided_by_age(figures),
        touches_until_yes(figures),
        by_method(figures),
        by_hour(figures),
        by_weekday(figures),
        by_number(figures),
    )


# ---- columns, one a week


def promises_by_week(figures: Figures, today: date, since: date | None = None) -> Plot:
    fates = (Fate.KEPT, Fate.LATE, Fate.BROKEN)
    ended = [(monday(one.line.due), one.line.fate) for one in figures.promises if one.line.fate in fates]
    counts = Counter(ended)
    weeks = _weeks([week for week, _ in ended], today, since)
    earlier = Counter(fate for week, fate in ended if week < weeks[0])
    rows = [(f"{week:%Y-%m-%d}", *(str(counts[week, fate]) for fate in fates)) for week in reversed(weeks)]
    if earlier:
        rows.append((f"before {weeks[0]:%Y-%m-%d}", *(str(earlier[fate]) for fate in fates)))
    plot = Plot(
        "weeks",
        "Promises kept, late and broken, by week",
        f"{_counted(figures.fates, fates)}; each column is the week of the day that was promised.",
        Table(("Week of", *(fate.value.capitalize() for fate in fates)), tuple(rows)),
        legend=((Shade.KEPT, "kept on its day"), (Shade.LATE, "late"), (Shade.BROKEN, "broken")),
        note=f"The last {WEEKS} weeks; what was before them is the last row of the table." if earlier else "",
    )
    if not ended:
        return _empty(plot, "No promise's day has come yet.")
    return _columns(plot, weeks, [[(fate, counts[week, fate]) for fate in fates] for week in weeks])


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(known: Iterable[date], today: date, since: date | None) -> list[date]:
    """Without holes, the last one last: a promise may be kept before its week has come."""
    every = [*known, monday(today), *([monday(since)] if since else [])]
    first, last = min(every), max(every)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)][-WEEKS:]


def _columns(plot: Plot, weeks: Sequence[date], parts: Sequence[Sequence[tuple[Fate, int]]]) -> Plot:
    slot = (WIDTH - LEFT) / len(weeks)
    width = min(slot * 0.75, _WIDEST_COLUMN)
    top = _round_up(max(sum(count for _, count in column) for column in parts))
    foot = _TOP + _COLUMNS
    bars, labels = [], []
    for number, (week, column) in enumerate(zip(weeks, parts, strict=True)):
        x, y = LEFT + slot * number + (slot - width) / 2, foot
        for fate, count in column:
            height = _COLUMNS * count / top
            y -= height
            if count:
                bars.append(Bar(x, y, width, height, Shade(fate.value), f"Week of {week:%a %Y-%m-%d}: {count} {fate.value}"))
    every, free = ceil((text_width("30 Sep") + _GAP) / slot), 0.0
    for number in range(0, len(weeks), every):
        text = f"{weeks[number].day} {weeks[number]:%b}"
        half = text_width(text) / 2
        middle = min(max(LEFT + slot * (number + 0.5), half), WIDTH - half)
        if middle - half >= free:  # the last one may have been pushed back from the edge
            labels.append(Label(middle, foot + _FOOT - 4, text, "middle"))
            free = middle + half
    ticks = sorted({0, top // 2 if top % 2 == 0 else 0, top})
    levels = [foot - _COLUMNS * tick / top for tick in ticks]
    labels += [Label(LEFT - _GAP, level + 4, str(tick), "end") for tick, level in zip(ticks, levels, strict=True)]
    return _drawn(plot, foot + _FOOT, bars, labels, levels)


def _round_up(count: int) -> int:
    """To a number that is read at a glance: 1, 2, 4, 6, 10, 20, 40 …"""
    size = 1
    while True:
        for step in (1, 2, 4, 6, 10):
            if count <= step * size:
                return step * size
        size *= 10


# ---- rows, each with its label above its bar


@dataclass(frozen=True, slots=True)
class _Row:
    """``part``: how many of ``whole`` are drawn in the strong shade; None where that is not told."""

    name: str
    value: str
    whole: int
    part: int | None = None


def undecided_by_age(figures: Figures) -> Plot:
    ages = [one.age for one in figures.undecided]
    found = [(name, sum(low <= age and (high is None or age <= high) for age in ages)) for name, low, high in _AGES]
    plot = Plot(
        "ages",
        "Undecided prospects, by age",
        f"{len(ages)} undecided now, {figures.over_goal} of them for more than one working day. The goal is none.",
        Table(("Age", "Prospects"), tuple((name, str(count)) for name, count in found)),
    )
    return _rows(plot, [_Row(name, str(count), count, count) for name, count in found]) if ages else _empty(plot, "Nobody is undecided.")


def touches_until_yes(figures: Figures) -> Plot:
    most = max(figures.touches, default=0)
    grouped = Counter(min(count, _MOST_TOUCHES + 1) for count in figures.touches)
    names = {count: many(count, "touch") for count in range(1, _MOST_TOUCHES + 1)}
    names[_MOST_TOUCHES + 1] = f"{_MOST_TOUCHES + 1} or more"
    found = [(names[count], grouped[count]) for count in range(1, min(most, _MOST_TOUCHES + 1) + 1)]
    plot = Plot(
        "touches",
        "Touches until a yes",
        f"{many(len(figures.touches), 'prospect')} said yes. {usual_in_words(figures)}",
        Table(("Touches", "Prospects"), tuple((name, str(count)) for name, count in found)),
    )
    if not figures.touches:
        return _empty(plot, "Nobody has said yes yet.")
    return _rows(plot, [_Row(name, str(count), count, count) for name, count in found])


def by_method(figures: Figures) -> Plot:
    found = figures.methods
    if len(found) > _MOST_METHODS:
        rest = list(found)[_MOST_METHODS - 1 :]
        others = sum((found[name].results for name in rest), Counter())
        found = {name: one for name, one in found.items() if name not in rest} | {f"{len(rest)} other methods": Tried(others)}
    plot = Plot("methods", "Answers by method", _best(found, "method"), _answers_table("Method", found), note=_FEW)
    return _answers(plot, found)


def by_hour(figures: Figures) -> Plot:
    found = {hours_in_words(first): one for first, one in figures.hours.items()}
    told = _best(found, "part of the day")
    plot = Plot("hours", "Answers by hour", told, _answers_table("Hours", found), note=f"{_FEW} {_CLOCK}")
    return _answers(plot, found)


def by_weekday(figures: Figures) -> Plot:
    found = {weekday_in_words(day): one for day, one in figures.weekdays.items()}
    plot = Plot("weekdays", "Answers by weekday", _best(found, "weekday"), _answers_table("Weekday", found), note=f"{_FEW} {_CLOCK}")
    return _answers(plot, found)


def by_number(figures: Figures) -> Plot:
    """The share of answers as a bar, that of yes in the table beside it."""
    found = {number_in_words(number): one for number, one in figures.numbers.items()}
    table = _answers_table("Touch", found)
    rows = tuple((*row, *_told(one.yes)) for row, one in zip(table.rows, found.values(), strict=True))
    table = Table((*table.heads, "Yes", "Share of yes"), rows)
    return _answers(Plot("numbers", "Answers by touch", _best(found, "touch"), table, note=_FEW), found)


def _told(share: Share) -> tuple[str, str]:
    """How many, and which share that is; neither where there are too few."""
    low, high = share.between or (0, 0)
    return (str(share.part), f"{share.percent} % ({low} to {high})") if share.between else ("", f"takes {ENOUGH}")


_ANSWER = "An answer is a yes, a no, or an agreement about what is next."
_FEW = f"{_ANSWER} Where there are fewer than {ENOUGH} cases, their answers say nothing yet."
_CLOCK = "By the prospect's own clock, for the methods that have the prospect's hours in the config (the call, at first)."


def _best(found: Mapping[str, Tried], what: str) -> str:
    """Which one was answered most, of those that can be told, and whether that may be chance: where the ranges meet it may."""
    ranges = {name: (one.answers, one.answers.between) for name, one in found.items() if one.answers.between}
    if not ranges:
        most = max((one.answers.whole for one in found.values()), default=0)
        return f"To tell which {what} gets answers takes {ENOUGH} cases of one; the most that there are is {most}."
    name = max(ranges, key=lambda each: (ranges[each][0].part / ranges[each][0].whole, each))
    share, (low, _) = ranges.pop(name)
    told = f"{name}, {share.part} of {share.whole} ({share.percent} %)"
    if not ranges:
        return f"Only one has {ENOUGH} cases: {told}."
    chance = any(high >= low for _, (_, high) in ranges.values())
    return f"Answered most: {told}. {'The difference to the next may be chance.' if chance else 'That is more than chance.'}"


def _answers(plot: Plot, found: Mapping[str, Tried]) -> Plot:
    if not found:
        return _empty(plot, "Nothing was tried yet.")
    rows = []
    for name, one in found.items():
        share = one.answers
        told = share.percent is not None
        value = f"{share.part} of {share.whole}, {share.percent} %" if told else many(share.whole, "case")
        rows.append(_Row(name, value, share.whole, share.part if told else None))
    legend = ((Shade.PLAIN, "answered"), (Shade.CASES, "cases"))
    return _rows(replace(plot, legend=legend), rows)


def _answers_table(head: str, found: Mapping[str, Tried]) -> Table:
    rows = []
    for name, one in found.items():
        rows.append((name, str(one.answers.whole), *_told(one.answers)))
    return Table((head, "Cases", "Answers", "Share"), tuple(rows))


def _rows(plot: Plot, rows: Sequence[_Row]) -> Plot:
    most = max(row.whole for row in rows)
    bars, labels = [], []
    for number, row in enumerate(rows):
        y = number * _ROW
        room = WIDTH - text_width(row.value) - 2 * _GAP
        labels += [Label(0, y + LETTERS, clipped(row.name, room)), Label(WIDTH, y + LETTERS, row.value, "end")]
        told, foot = f"{row.name}: {row.value}", y + LETTERS + _GAP
        for count, shade in ((row.whole, Shade.CASES), (row.part or 0, Shade.PLAIN)):
            if count and not (shade is Shade.CASES and row.part == row.whole):
                bars.append(Bar(0, foot, WIDTH * count / most, _BAR, shade, told))
    return _drawn(plot, len(rows) * _ROW, bars, labels)


# ---- both


def _drawn(plot: Plot, height: float, bars: Iterable[Bar], labels: Iterable[Label], lines: Iterable[float] = ()) -> Plot:
    return replace(plot, height=height, bars=tuple(bars), labels=tuple(labels), lines=tuple(lines))


def _empty(plot: Plot, told: str) -> Plot:
    return replace(plot, told=told, table=replace(plot.table, rows=()), legend=(), note="")


def _counted(counts: Mapping[Fate, int], fates: Iterable[Fate]) -> str:
    return ", ".join(f"{counts[fate]} {fate.value}" for fate in fates)


def text_width(text: str) -> float:
    """At most so wide is a text in a phone's own sans serif."""
    return sum(LETTERS if letter in "mwMW%" or east_asian_width(letter) in "WF" else 0.66 * LETTERS for letter in text)


def clipped(text: str, room: float) -> str:
    """As much of it as fits, and a sign that it is not all."""
    if text_width(text) <= room:
        return text
    kept = text
    while kept and text_width(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
