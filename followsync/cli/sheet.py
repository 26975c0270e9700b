"""The worksheet for a meeting: what is known before it, and what to fill in after it. Blanks stay visible, so that they get asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from followsync import telling
from followsync.cli import output
from followsync.cli.look import meant
from followsync.cli.session import session
from followsync.cli.words import Json, Who
from followsync.core.history import Noted, Touched

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from followsync.core.history import Entry
    from followsync.core.placement import Placed
    from followsync.core.prospect import Prospect

_BLANK = "________"
Lines = dict[str, str]


def register(app: typer.Typer) -> None:
    app.command("sheet", short_help="The worksheet to take into a meeting.")(sheet)


def sheet(ctx: typer.Context, name: Who, *, json: Json = False) -> None:
    """What is known before the meeting, and the questions to answer after it."""
    run = session(ctx)
    with run.store.reading() as tx:
        one, outcome, picture = meant(run, tx, name)
        facts = tx.history(one.id)
    placed = picture.next_action(one.id) if outcome is None else None
    parts = {
        "Prospect": _prospect(one),
        "Next meeting": _meeting(picture.item(placed).title if placed else "", placed),
        "What we know": _known(one, facts, picture.rep.workdays.zone),
        "After the meeting": _recap(facts, str(outcome or "")),
    }
    if json:
        output.emit({"id": one.id, "name": one.name, "sheet": parts})
        return
    for part, lines in parts.items():
        output.say(part.upper())
        for label, value in lines.items():
            output.say(f"  {label}: {value or _BLANK}")
        output.say()


def _prospect(one: Prospect) -> Lines:
    return {
        **{label: str(getattr(one, label)) for label in ("name", "person", "role", "phone", "email", "address", "url", "source", "stage")},
        "preferred method": one.method,
        "deciders": "; ".join(f"{who.name}, {who.role}, {'present' if who.present else 'absent'}" for who in one.stakeholders),
        "reason of delay": one.reason,
    }


def _meeting(title: str, placed: Placed | None) -> Lines:
    action = placed.action if placed else None
    know = {True: "yes", False: "no", None: ""}
    return {
        "what": title,
        "when": telling.span(placed.start, placed.end) if placed else "",
        "purpose": action.purpose if action else "",
        "agenda": "; ".join(action.agenda) if action else "",
        "questions": "; ".join(action.questions) if action else "",
        "they know why": know[action.they_know] if action else "",
    }


def _known(one: Prospect, facts: tuple[Entry, ...], zone: ZoneInfo) -> Lines:
    touches = [fact for fact in facts if isinstance(fact, Touched) and not fact.beside]
    said = [fact.note if isinstance(fact, Touched) else fact.text for fact in facts if isinstance(fact, Touched | Noted)]
    own = {name.replace("_", " "): value for name, value in sorted(one.fields.items()) if name not in ("learned", "close_step")}
    return {
        "notes": one.notes,
        "last notes": "; ".join([text for text in said if text][-3:]),
        "last touch": f"{telling.moment(touches[-1].at.astimezone(zone))}: {telling.entry(touches[-1], zone)}" if touches else "",
        "learned": one.fields.get("learned", ""),
        "step that would close": one.fields.get("close_step", ""),
        **own,
    }


def _recap(facts: tuple[Entry, ...], outcome: str) -> Lines:
    """The last answers to the worksheet's questions."""
    answers: Mapping[str, str] = {name: value for fact in facts if isinstance(fact, Touched) for name, value in fact.recap.items()}
    asked = {
        "asked for the order": "asked_for_order",
        "objections": "objection",
        "benefits that worked": "benefit",
        "proposal due": "proposal_due",
        "order due": "order_due",
        "moving forward": "progress",
    }
    return {**{label: answers.get(name, "") for label, name in asked.items()}, "outcome (yes, no, next step and day)": outcome}
