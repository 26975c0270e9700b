"""How a follow-up ended: log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from followsync.cli import add, fields, output, who
from followsync.cli.fields import taking_fields
from followsync.cli.session import Session, session
from followsync.cli.words import FREE, Json
from followsync.core.history import Result
from followsync.details import Said
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.answering import Answer, Logged

_HOW = "An outcome is yes, no or next; no-answer and left-message are attempts; done and waiting leave it open."


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
    from followsync.answering import Answer

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
    }
    answer = Answer(word, text, said.note, recap)
    logged = _logged(run, name, answer, said)
    if not json:
        _reply(logged, answer)
    add.tell(run, logged.prospect, json=json)


def _reply(logged: Logged, answer: Answer) -> None:
    prospect, agreed = logged.prospect, logged.agreed
    besides = ", and what was agreed" if agreed and answer.result is not Result.NEXT and answer.word != "waiting" else ""
    output.say(f"Logged for {prospect.name} ({prospect.id}): {answer.word.replace('-', ' ')}{besides}.")
    if answer.result in (Result.YES, Result.NO):
        output.say(
            f"It is not closed: something was agreed. 'followsync log {prospect.id} {answer.word}' closes it."
            if agreed
            else f"Closed with {answer.word}. The history stays."
        )
    elif answer.is_doubtful and not agreed:
        output.say(f'Kept as a note: {answer.text!r}. If it was agreed, say it: followsync log {prospect.id} next "call Thursday 2pm"')


def _yes_no(option: str, said: str) -> str:
    return "yes" if fields.yes_no(option, said) else "no"


def _words(words: tuple[str, ...]) -> tuple[str, str, str]:
    """Who, the outcome, the rest. The outcome is the first word of its kind, so that a name may have several words without quotes."""
    from followsync.answering import RESULTS

    if not words:
        raise UsageError(f"Say who, and how it ended: followsync log jenny done. {_HOW}")
    for place in range(1, len(words)):
        for length in (2, 1):  # "no answer" must not be read as "no"
            if (known := "-".join(words[place : place + length]).lower().replace("_", "-").replace(" ", "-")) in RESULTS:
                return " ".join(words[:place]), known, " ".join(words[place + length :]).strip()
    wrong = f"'{words[1]}' is no outcome." if len(words) > 1 else f"Say how it ended with {words[0]}."
    raise UsageError(f"{wrong} {_HOW}")


def _logged(run: Session, name: str, answer: Answer, said: Said) -> Logged:
    """Everything in one transaction: what stands there is what is answered."""
    from followsync.answering import take

    with run.store.reading() as tx:
        owner = who.find(tx, name, run.region).rep
    run.read_busy(owner)
    with run.store.writing("log") as tx:
        before = who.find(tx, name, run.region)
        placed = run.picture(tx, before.rep).next_action(before.id)
        return take(tx, before, placed, answer, run.occasion(before.rep), said)
