"""Prospects come in and change by what a rep types: one line, and what is told beside it. Whoever asks has the store open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from followsync.capture import Capture, parse_line, prospect_id
from followsync.core.cadence import Rules
from followsync.core.history import Captured, Edited, Entry, Noted, Promised, Reopened, Result, Touched
from followsync.core.prospect import Prospect
from followsync.core.standing import standing
from followsync.core.workdays import RepRules
from followsync.details import Said
from followsync.errors import UsageError
from followsync.importer import changes_between
from followsync.intake import agreed_with, filled, prospect_of, told_besides
from followsync.meant import known
from followsync.store import Transaction


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a rep tells something, and through what: ``via`` is ``cli`` or ``page``."""

    rules: Rules
    rep: RepRules
    now: datetime
    via: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as it is understood. ``prospect``: whom it names, without an id yet, with what was told beside it."""

    line: Capture
    prospect: Prospect
    said: Said


@dataclass(frozen=True, slots=True)
class Taken:
    """Whom a line brought. ``before``: how they stood: "" where nobody knew them, ``open``, ``yes`` or ``no``."""

    prospect: Prospect
    line: Capture
    before: str


class KnownAlready(UsageError):
    """A line that says nothing new of somebody who is known, and open."""

    def __init__(self, prospect: Prospect) -> None:
        super().__init__(
            f"{prospect.name} is known already, as {prospect.id}. Say a day and it is a new promise. Somebody else has another name, or "
            "another number: say it."
        )
        self.prospect = prospect


def read(text: str, occasion: Occasion, said: Said | None = None) -> Typed:
    """Nothing is looked up and nothing written. Raises UsageError where the line names nobody."""
    said = said or Said()
    line = parse_line(text, now=occasion.now, rep=occasion.rep, rules=occasion.rules)
    named = said.over(prospect_of(line, occasion.rep.rep))
    if named.name != line.name and not named.person:
        named = replace(named, person=line.name)  # the business was told apart: the line named whom to talk to
    return Typed(line, named, said)


def take_in(tx: Transaction, typed: Typed, occasion: Occasion) -> Taken:
    """Raises KnownAlready, or UsageError where several may be meant, and has then changed nothing."""
    everybody = tx.prospects()
    closed = tx.outcomes(occasion.rep.rep)
    found = known(everybody, typed.prospect, lambda _: occasion.rep.region, closed)
    if found and typed.line.when is None and found.id not in closed:
        raise KnownAlready(found)
    if found is None:
        return Taken(_captured(tx, typed, occasion, everybody), typed.line, "")
    before = closed.get(found.id)
    after = _promised_again(tx, found, typed, occasion, reopened=before is not None)
    return Taken(after, typed.line, before.value if before else "open")


def _captured(tx: Transaction, typed: Typed, occasion: Occasion, everybody: Sequence[Prospect]) -> Prospect:
    now, via, line, said = occasion.now, occasion.via, typed.line, typed.said
    prospect = replace(typed.prospect, id=prospect_id(typed.prospect.name, {one.id for one in everybody}))
    prospect = replace(prospect, notes="\n".join(filter(None, (prospect.notes, said.note))))
    entries: list[Entry] = [Captured(now, via, line.text)]
    promise = _promise(typed, occasion)
    if line.closes:
        entries.append(Touched(now, via, Result.NO, method=line.method, purpose=line.purpose))
    elif promise:
        entries.append(promise)
    if promise is None:
        prospect = said.kept(prospect)
    tx.capture(prospect, *entries)
    return prospect


def _promised_again(tx: Transaction, found: Prospect, typed: Typed, occasion: Occasion, *, reopened: bool) -> Prospect:
    """A known prospect and a day: a new promise, beside one about something else; a closed one is open again, with a day or without. What
    the line tells besides fills what was empty; what was told beside it wins."""
    now, via = occasion.now, occasion.via
    after = typed.said.over(filled(found, typed.line))
    save(tx, found, after, occasion)
    if reopened:
        tx.append(found.id, Reopened(now, via, typed.line.text))
    promise = _promise(typed, occasion)
    noted = "\n".join(filter(None, (told_besides(after, typed.line), typed.said.note)))
    agreed = agreed_with(after, tx.history(found.id), promise, occasion.rep.workdays.zone) if promise else ()
    tx.append(found.id, *agreed, *([Noted(now, via, noted)] if noted else []))
    return after


def _promise(typed: Typed, occasion: Occasion) -> Promised | None:
    line, said = typed.line, typed.said
    if line.when is None:
        return None
    method = line.method or said.texts.get("method", "")
    promise = Promised(occasion.now, occasion.via, method, line.when.day, line.when.start, line.when.window, line.purpose)
    return said.over_promise(promise)


def save(tx: Transaction, before: Prospect, after: Prospect, occasion: Occasion) -> bool:
    """What changed of a prospect's fields, and the fact that it did. Answers whether anything had."""
    changes = changes_between(before, after)
    if changes:
        tx.save(after)
        tx.append(after.id, Edited(occasion.now, occasion.via, changes))
    return bool(changes)


def change(tx: Transaction, before: Prospect, said: Said, occasion: Occasion) -> tuple[Prospect, bool]:
    """Save what was said. An open promise is agreed anew where its agenda, questions or ``they_know`` change."""
    after = said.over(before)
    promise = standing(before, tx.history(before.id)).promise if said.for_the_meeting else None
    if promise is None:
        after = said.kept(after)
    changed = save(tx, before, after, occasion)
    if promise and (renewed := said.over_promise(promise)) != promise:
        tx.append(before.id, replace(renewed, at=occasion.now, via=occasion.via))
        changed = True
    return after, changed
