"""Wishes that no day of a rep can meet: lengths that fit nowhere into the hours, windows and blocks outside them. The placement passes them
over, so whoever wrote them is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from followsync.config.document import Node
from followsync.config.settings import DAY_PARTS, Rep, Settings, Step
from followsync.config.times import parse_weekdays
from followsync.core.cadence import Window
from followsync.core.spans import overlap, size
from followsync.errors import Problem


def notes(root: Node, settings: Settings, where: str) -> Iterator[Problem]:
    """One for each such place in the file; none of them is a problem."""
    reps = settings.reps.values()
    for name, _, method in root["methods"].items():
        if "minutes" in method:
            yield from _length(method["minutes"], settings.methods[name].minutes, reps, where)
    for name, cadence in settings.cadences.items():
        for step, node in zip(cadence.steps, root["cadences"][name]["steps"].parts(), strict=False):
            minutes = step.minutes or settings.methods[step.method].minutes
            if step.minutes or "minutes" not in root["methods"][step.method]:
                yield from _length(node["minutes"] if step.minutes else node["method"], minutes, reps, where)
            yield from _window(node["window"], step, minutes, reps, where)
    for name, rep in settings.reps.items():
        yield from _blocks(root["reps"][name]["blocks"], rep, settings, where)


def _length(place: Node, minutes: int, reps: Iterable[Rep], where: str) -> Iterator[Problem]:
    long = [rep.name for rep in reps if not _fits(minutes, (one for several in rep.hours.values() for one in several))]
    if long:
        yield place.problem(
            where,
            f"{minutes} minutes fit no range of {_whose(long)} hours: it is put over the gap between them, or for as long as the day has "
            "hours. Make it shorter, or a range of the hours longer.",
        )


def _window(place: Node, step: Step, minutes: int, reps: Iterable[Rep], where: str) -> Iterator[Problem]:
    out = []
    for rep in reps:
        parts = DAY_PARTS | {name.lower(): window for name, window in rep.day_parts.items()}
        window = parts.get(step.window) if isinstance(step.window, str) else step.window
        hours = [one for several in rep.hours.values() for one in several]
        if window and _fits(minutes, hours) and not _fits(minutes, (overlap(window, one) for one in hours)):
            out.append(rep.name)
    if out:
        yield place.problem(
            where,
            f"this window has no {minutes} minutes within {_whose(out)} hours, so it is passed over: anywhere in the hours will do. Write "
            "another window, or longer hours.",
        )


def _blocks(place: Node, rep: Rep, settings: Settings, where: str) -> Iterator[Problem]:
    hours = [(day, one) for key, several in rep.hours.items() for day in parse_weekdays(key) for one in several]
    for method, at, week in place.items():
        minutes = settings.methods[method].minutes
        kept = [(day, one) for key, several in rep.blocks[method].items() for day in parse_weekdays(key) for one in several]
        inside = (overlap(block, one) for weekday, block in kept for day, one in hours if day == weekday)
        if week.pairs and _fits(minutes, (one for _, one in hours)) and not _fits(minutes, inside):
            yield at.problem(
                where,
                f"the time kept for '{method}' has no {minutes} minutes within {rep.name}'s hours, so it is passed over. Write other times "
                "or longer hours.",
            )


def _fits(minutes: int, windows: Iterable[Window | None]) -> bool:
    return any(window and size(window) >= timedelta(minutes=minutes) for window in windows)


def _whose(names: list[str]) -> str:
    more = len(names) - 1
    others = "" if not more else " (and 1 more rep's)" if more == 1 else f" (and {more} more reps')"
    return f"{names[0]}'s{others}"
