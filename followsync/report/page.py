"""The report as one HTML file for a sales lead: it asks nothing of any network, runs no script, and names nobody but those whom the lead
must act on. No note, purpose, number or address stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from followsync.core.promises import Fate
from followsync.report.figures import ENOUGH, GOAL, Ending, Figures, Undecided
from followsync.report.figures import Promise as Told
from followsync.report.plots import LEFT, WIDTH, Table, plots
from followsync.report.words import many, share_in_words, usual_in_words
from followsync.telling import visible

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True, slots=True)
class Heading:
    """``reps``: key -> name of those whom the figures are of. ``now``: aware. ``since``: the first day that counts, None for all."""

    reps: Mapping[str, str]
    now: datetime
    since: date | None = None


def page(figures: Figures, heading: Heading) -> str:
    """The same figures give the same text, byte by byte."""
    return _template().render(
        who=", ".join(heading.reps.values()),
        as_of=f"{heading.now:%A %Y-%m-%d, %H:%M} ({heading.now.tzinfo})",
        since=f"{heading.since:%A %Y-%m-%d}" if heading.since else "",
        facts=_facts(figures),
        todo=(("Broken promises", _broken(figures, heading)), ("Undecided: what is next, if anything?", _undecided(figures, heading))),
        plots=plots(figures, heading.now.date(), heading.since),
        width=WIDTH,
        left=LEFT,
        enough=ENOUGH,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=visible)
    environment.filters["number"] = _number
    return environment.from_string(Path(__file__).with_name("page.html").read_text("utf-8"))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _facts(figures: Figures) -> tuple[tuple[str, str], ...]:
    fates, ended = figures.fates, figures.ended
    kept = f"{fates[Fate.KEPT]} kept, {fates[Fate.LATE]} late, {fates[Fate.BROKEN]} broken."
    done = f"{ended[Ending.IN_TIME]} done in time, {ended[Ending.LATER]} later"
    left = f"{ended[Ending.OPEN]} still to do, {ended[Ending.DELETED]} deleted."
    undecided = f"{len(figures.undecided)}, of them {figures.over_goal} for more than {many(GOAL, 'working day')}. The goal is none."
    touches = f"{many(len(figures.touches), 'prospect')} said yes, after {many(sum(figures.touches), 'touch')} together."
    return (
        ("Promises whose time has come", f"{kept} {share_in_words(figures.kept, 'were kept')}"),
        ("Follow-ups whose day has come", f"{done}, {left} {share_in_words(figures.completed, 'were done')}"),
        ("Undecided now", undecided),
        ("Touches until a yes", f"{touches} {usual_in_words(figures)}"),
    )


def _broken(figures: Figures, heading: Heading) -> Table:
    whose = len(heading.reps) > 1
    rows = tuple(_row(one.prospect.name, heading.reps[one.prospect.rep] if whose else None, _what(one)) for one in figures.broken)
    return Table(("Who", *(["Rep"] if whose else []), "What was promised"), rows)


def _what(one: Told) -> str:
    return f"{one.line.method} on {one.line.day:%a %Y-%m-%d}: {one.line.how}"


def _undecided(figures: Figures, heading: Heading) -> Table:
    whose = len(heading.reps) > 1
    rows = tuple(_row(one.prospect.name, heading.reps[one.prospect.rep] if whose else None, _age(one)) for one in figures.undecided)
    return Table(("Who", *(["Rep"] if whose else []), "Since"), rows)


def _age(one: Undecided) -> str:
    return f"{one.since:%a %Y-%m-%d}, {many(one.age, 'working day')}"


def _row(who: str, rep: str | None, what: str) -> tuple[str, ...]:
    return (who, what) if rep is None else (who, rep, what)
