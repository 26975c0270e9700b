"""How a follow-up ended: log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from followsync.cli import add, fields, output, who
from followsync.cli.fields import Said, taking_fields
from followsync.cli.session import Session, session
from followsync.cli.words import FREE, Json
from followsync.core.history import Entry, Promised, Result, Touched, Waiting
from followsync.core.marks import Answer as Marked
from followsync.core.marks import Doubt, Next, Wait
from followsync.core.saying import Said as Told
from followsync.core.saying import said as told
from followsync.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from followsync.core.history import History
    from followsync.core.placement import Placed
    from followsync.core.plan import Action
    from followsync.core.prospect import Prospect

_RESULTS = {
    "yes": Result.YES,
    "no": Result.NO,
    "next": Result.NEXT,
    "no-answer": Result.ATTEMPT,
    "left-message": Result.ATTEMPT,
    "done": Result.DONE,
    "waiting": Result.DONE,
}
_HOW = "An outcome is yes, no or next; no-answer and left-message are attempts; done and waiting leave it open."


@dataclass(frozen=True, slots=True)
class Answer:
    """``word``: as typed; ``text``: what was said behind it; ``recap``: the worksheet's answers."""

    word: str
    text: str
    note: str
    recap: Mapping[str, str]

    @property
    def result(self) -> Result:
        return _RESULTS[self.word]

    def read(self) -> tuple[Told, ...]:
        """What it would be in the notes of the entry; nothing where no text was said, or where the word itself asks for one."""
        if not self.text or self.word in ("next", "waiting"):
            return ()
        return told(False, None, f"{self.word.replace('-', ' ')}, {self.text}")


def register(app: typer.Typer) -> None:
    app.command(
        "log",
        short_help="Say how a follow-up ended.",
        context_settings=FREE,
        epilog="OUTCOME: yes, no, next, no-answer, left-message, done, waiting.",
    )(taking_fields(log))


def log(
    ctx: typer.Context,
    said: Annotated[Said, typer.Argument(metavar="WHO OUTCOME [TEXT]")],
    *,
    asked_for_order: Annotated[str, typer.Option(metavar="yes|no", help="Did we ask for the order?", show_default=False)] = "",
    objection: Annotated[list[str] | None, typer.Option(help="What stood against it; may be given again.")] = None,
    benefit: Annotated[list[str] | None, typer.Option(help="Which benefit worked; may be given again.")] = None,
    proposal_due: Annotated[str, typer.Option(metavar="DAY", help="When the proposal is due.", show_default=False)] = "",
    order_due: Annotated[str, typer.Option(metavar="DAY", help="When the order is due.", show_default=False)] = "",
    progress: Annotated[str, typer.Option(metavar="yes|no", help="Did it move forward?", show_default=False)] = "",
    json: Json = False,
) -> None:
    """Say how a follow-up ended: log jenny next "coffee Friday 3pm to review the quote"."""
    run = session(ctx)
    name, word, text = _words(said.words)
    recap = {
        "asked_for_order": "" if not asked_for_order else _yes_no("--asked-for-order", asked_for_order),
        "objection": "; ".join(objection or ()),
        "benefit": "; ".join(benefit or ()),
        "proposal_due": fields.day(run, "--proposal-due", proposal_due) if proposal_due else "",
        "order_due": fields.day(run, "--order-due", order_due) if order_due else "",
        "progress": "" if not progress else _yes_no("--progress", progress),
        "learned": said.texts.get("learned", ""),
        "close_step": said.texts.get("close_step", ""),
        "attempt": "left message" if word == "left-message" else "",
    }
    words = f"waiting {text}" if word == "waiting" and text else text  # as it would be typed into the entry
    note = "\n".join(filter(None, (words, said.note)))
    answer = Answer(word, text, note, {name: value for name, value in recap.items() if value})
    prospect, entries = _logged(run, name, answer, said)
    if not json:
        _reply(prospect, answer, entries)
    add.tell(run, prospect, json=json)


def _reply(prospect: Prospect, answer: Answer, entries: list[Entry]) -> None:
    agreed = any(isinstance(one, Promised | Waiting) for one in entries)
    besides = ", and what was agreed" if agreed and answer.result is not Result.NEXT and answer.word != "waiting" else ""
    output.say(f"Logged for {prospect.name} ({prospect.id}): {answer.word.replace('-', ' ')}{besides}.")
    if answer.result in (Result.YES, Result.NO):
        output.say(
            f"It is not closed: something was agreed. 'followsync log {prospect.id} {answer.word}' closes it."
            if agreed
            else f"Closed with {answer.word}. The history stays."
        )
    elif _is_doubtful(answer) and not agreed:
        output.say(f'Kept as a note: {answer.text!r}. If it was agreed, say it: followsync log {prospect.id} next "call Thursday 2pm"')


def _yes_no(option: str, said: str) -> str:
    return "yes" if fields.yes_no(option, said) else "no"


def _words(words: tuple[str, ...]) -> tuple[str, str, str]:
    """Who, the outcome, the rest. The outcome is the first word of its kind, so that a name may have several words without quotes."""
    if not words:
        raise UsageError(f"Say who, and how it ended: followsync log jenny done. {_HOW}")
    for place in range(1, len(words)):
        for length in (2, 1):  # "no answer" must not be read as "no"
            if (known := "-".join(words[place : place + length]).lower().replace("_", "-").replace(" ", "-")) in _RESULTS:
                return " ".join(words[:place]), known, " ".join(words[place + length :]).strip()
    wrong = f"'{words[1]}' is no outcome." if len(words) > 1 else f"Say how it ended with {words[0]}."
    raise UsageError(f"{wrong} {_HOW}")


def _logged(run: Session, name: str, answer: Answer, said: Said) -> tuple[Prospect, list[Entry]]:
    """Everything in one transaction: what stands there is what is answered."""
    with run.store.reading() as tx:
        owner = who.find(tx, name, run.region).rep
    run.read_busy(owner)
    with run.store.writing("log") as tx:
        before = who.find(tx, name, run.region)
        if outcome := tx.outcome(before.id):
            raise UsageError(
                f"{before.name} ({before.id}) is closed with {outcome}. A closed prospect takes no further outcome; "
                "'followsync add' with a new follow-up opens it again."
            )
        placed = run.picture(tx, before.rep).next_action(before.id)
        entries = _entries(run, before, tx.history(before.id), placed, answer, said)
        days = {key: value for key, value in answer.recap.items() if key in ("proposal_due", "order_due")}
        told = replace(said, days={**said.days, **days})
        if any(isinstance(one, Promised) for one in entries):  # the new promise carries what the meeting is about
            told = replace(told, agenda=(), questions=(), they_know=None)
        after, _ = add.change(run, tx, before, told)
        tx.append(before.id, *entries)
    return after, entries


def _entries(run: Session, prospect: Prospect, history: History, placed: Placed | None, answer: Answer, said: Said) -> list[Entry]:
    from followsync.agreements import agreed
    from followsync.when import until_when

    now, rep = run.now(prospect.rep), run.rep_rules(prospect.rep)
    touch = _touch(placed, answer, now)
    if answer.result is Result.NEXT:
        like = _asked(run, prospect, history, placed)
        promise = agreed(answer.text, now=now, via="cli", rep=rep, rules=run.rules(prospect.rep), like=like) if answer.text else None
        if promise is None:
            raise UsageError(
                f'{_quoted(answer.text)} names no day. Say what was agreed: followsync log {prospect.id} next "call Thursday 2pm"'
            )
        return [touch, said.over_promise(promise)]
    if answer.word == "waiting":
        when = until_when(answer.text, now=now, rep=rep) if answer.text else None
        if when is None:
            raise UsageError(f'{_quoted(answer.text)} names no day. Say until when: followsync log {prospect.id} waiting "until Friday"')
        return [touch, Waiting(now, "cli", when.day)]
    return _with_what_was_agreed(run, prospect, history, placed, answer, said) or [touch]


def _with_what_was_agreed(
    run: Session, prospect: Prospect, history: History, placed: Placed | None, answer: Answer, said: Said
) -> list[Entry]:
    """The touch and the agreement where the text holds one, as it would be read in the notes of the entry: ``done "> thu 2pm send quote"``,
    ``no-answer "try again Friday 10am"``. Nothing closes that has an agreement. Empty where it holds none that can be understood."""
    from followsync.agreements import agreed
    from followsync.when import until_when

    now, rep = run.now(prospect.rep), run.rep_rules(prospect.rep)
    found = answer.read()
    first = found[0].mark if found else None
    if first is None or isinstance(first, Doubt):
        return []
    match found[-1].mark:
        case Next(text=text):
            like = _asked(run, prospect, history, placed)
            promise = agreed(text, now=now, via="cli", rep=rep, rules=run.rules(prospect.rep), like=like)
            agreement: Promised | Waiting | None = promise and said.over_promise(promise)
        case Wait(text=text):
            when = until_when(text, now=now, rep=rep)
            agreement = Waiting(now, "cli", when.day) if when else None
        case _:
            return []
    if agreement is None:
        return []
    recap = {name: told for name, told in answer.recap.items() if name != "attempt"}  # the note says it
    note = "\n".join(filter(None, (*(one.note for one in found), said.note)))
    touch = _touch(placed, answer, now)
    return [replace(touch, result=first.result, note=note, recap=recap), agreement]


def _is_doubtful(answer: Answer) -> bool:
    """Whether the calendar would have asked what it means."""
    return any(not isinstance(one.mark, Marked) for one in answer.read())


def _asked(run: Session, prospect: Prospect, history: History, placed: Placed | None) -> Action | None:
    """What an agreement is about, where it does not say so: the next action; of a question about a deleted entry, that one's."""
    from followsync.picture import dropped, stance

    at = run.rules(prospect.rep), run.rep_rules(prospect.rep), run.now(prospect.rep)
    return dropped(stance(prospect, history, *at), history, *at) or (placed.action if placed else None)


def _quoted(text: str) -> str:
    return f"'{text}'" if text else "This"


def _touch(placed: Placed | None, answer: Answer, now: datetime) -> Touched:
    from followsync.core.edits import touched

    if placed is None:
        return Touched(now, "cli", answer.result, note=answer.note, recap=answer.recap)
    touch = touched(placed.action, answer.result, now, "cli", start=placed.start, note=answer.note)
    return replace(touch, recap=answer.recap)
