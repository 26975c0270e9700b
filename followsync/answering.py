"""How a follow-up ended, as a rep tells it in so many words: at the terminal, or by a tap on the phone page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from followsync.agreements import agreed
from followsync.capturing import Occasion, change
from followsync.core import marks
from followsync.core.answers import touched
from followsync.core.history import Entry, History, Promised, Result, Touched, Waiting
from followsync.core.placement import Placed
from followsync.core.plan import Action
from followsync.core.prospect import Prospect
from followsync.core.saying import Said as Read
from followsync.core.saying import said as read_as_typed
from followsync.details import Said
from followsync.errors import UsageError
from followsync.picture import dropped, stance
from followsync.store import Transaction
from followsync.when import until_when

LEFT_MESSAGE, WAITING = "left-message", "waiting"
RESULTS: Mapping[str, Result] = {
    "yes": Result.YES,
    "no": Result.NO,
    "next": Result.NEXT,
    "no-answer": Result.ATTEMPT,
    LEFT_MESSAGE: Result.ATTEMPT,
    "done": Result.DONE,
    WAITING: Result.DONE,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """``word``: one of RESULTS; ``text``: what was said behind it; ``recap``: the worksheet's answers."""

    word: str
    text: str = ""
    note: str = ""
    recap: Mapping[str, str] = field(default_factory=dict)

    @property
    def result(self) -> Result:
        return RESULTS[self.word]

    @property
    def noted(self) -> str:
        """The words as they would be typed into the entry, and the note."""
        words = f"{WAITING} {self.text}" if self.word == WAITING and self.text else self.text
        return "\n".join(filter(None, (words, self.note)))

    @property
    def told(self) -> Mapping[str, str]:
        """The recap, with how it was tried."""
        how = {"attempt": "left message"} if self.word == LEFT_MESSAGE else {}
        return {**{name: value for name, value in self.recap.items() if value}, **how}

    @property
    def is_doubtful(self) -> bool:
        """Whether the calendar would have asked what it means."""
        return any(not isinstance(one.mark, marks.Answer) for one in self.read())

    def read(self) -> tuple[Read, ...]:
        """What it would be in the notes of the entry; nothing where no text was said, or where the word itself asks for one."""
        if not self.text or self.word in ("next", WAITING):
            return ()
        return read_as_typed(False, None, f"{self.word.replace('-', ' ')}, {self.text}")


@dataclass(frozen=True, slots=True)
class Logged:
    """``prospect``: as it is now; ``entries``: what was written down of the answer."""

    prospect: Prospect
    entries: tuple[Entry, ...]

    @property
    def agreed(self) -> bool:
        return any(isinstance(one, Promised | Waiting) for one in self.entries)


def take(
    tx: Transaction, prospect: Prospect, placed: Placed | None, answer: Answer, occasion: Occasion, said: Said | None = None
) -> Logged:
    """Write down how what is ``placed`` ended (None: the rep acted unasked), and what was told beside it.

    Raises UsageError where the prospect is closed, or where ``next`` or ``waiting`` name no day, and has then changed nothing."""
    if outcome := tx.outcome(prospect.id):
        raise UsageError(
            f"{prospect.name} ({prospect.id}) is closed with {outcome}. A closed prospect takes no further outcome; "
            "a new follow-up with them opens it again: capture one."
        )
    said = said or Said()
    entries = _entries(prospect, tx.history(prospect.id), placed, answer, occasion, said)
    days = {key: value for key, value in answer.told.items() if key in ("proposal_due", "order_due")}
    told = replace(said, days={**said.days, **days})
    if any(isinstance(one, Promised) for one in entries):  # the new promise carries what the meeting is about
        told = replace(told, agenda=(), questions=(), they_know=None)
    after, _ = change(tx, prospect, told, occasion)
    tx.append(prospect.id, *entries)
    return Logged(after, tuple(entries))


def _entries(prospect: Prospect, history: History, placed: Placed | None, answer: Answer, occasion: Occasion, said: Said) -> list[Entry]:
    now, via, rep = occasion.now, occasion.via, occasion.rep
    touch = _touch(placed, answer, occasion)
    if answer.result is Result.NEXT:
        like = _asked(prospect, history, placed, occasion)
        promise = agreed(answer.text, now=now, via=via, rep=rep, rules=occasion.rules, like=like) if answer.text else None
        if promise is None:
            raise UsageError(f"{_quoted(answer.text)} names no day. Say what was agreed, and when, such as: call Thursday 2pm")
        return [touch, said.over_promise(promise)]
    if answer.word == WAITING:
        when = until_when(answer.text, now=now, rep=rep) if answer.text else None
        if when is None:
            raise UsageError(f"{_quoted(answer.text)} names no day. Say until when, such as: waiting until Friday")
        return [touch, Waiting(now, via, when.day, start=when.start, window=when.window)]
    return _with_what_was_agreed(prospect, history, placed, answer, occasion, said) or [touch]


def _with_what_was_agreed(
    prospect: Prospect, history: History, placed: Placed | None, answer: Answer, occasion: Occasion, said: Said
) -> list[Entry]:
    """The touch and the agreement where the text holds one, as it would be read in the notes of the entry: ``done "> thu 2pm send quote"``,
    ``no-answer "try again Friday 10am"``. Nothing closes that has an agreement. Empty where it holds none that can be understood."""
    now, via, rep = occasion.now, occasion.via, occasion.rep
    found = answer.read()
    first = found[0].mark if found else None
    if first is None or isinstance(first, marks.Doubt):
        return []
    match found[-1].mark:
        case marks.Next(text=text):
            like = _asked(prospect, history, placed, occasion)
            promise = agreed(text, now=now, via=via, rep=rep, rules=occasion.rules, like=like)
            agreement: Promised | Waiting | None = promise and said.over_promise(promise)
        case marks.Wait(text=text):
            when = until_when(text, now=now, rep=rep)
            agreement = Waiting(now, via, when.day, start=when.start, window=when.window) if when else None
        case _:
            return []
    if agreement is None:
        return []
    recap = {name: told for name, told in answer.told.items() if name != "attempt"}  # the note says it
    note = "\n".join(filter(None, (*(one.note for one in found), answer.note)))
    return [replace(_touch(placed, answer, occasion), result=first.result, note=note, recap=recap), agreement]


def _asked(prospect: Prospect, history: History, placed: Placed | None, occasion: Occasion) -> Action | None:
    """What an agreement is about, where it does not say so: the next action; of a question about a deleted entry, that one's."""
    at = occasion.rules, occasion.rep, occasion.now
    return dropped(stance(prospect, history, *at), history, *at) or (placed.action if placed else None)


def _quoted(text: str) -> str:
    return f"'{text}'" if text else "This"


def _touch(placed: Placed | None, answer: Answer, occasion: Occasion) -> Touched:
    if placed is None:
        return Touched(occasion.now, occasion.via, answer.result, note=answer.noted, recap=answer.told)
    touch = touched(placed.action, answer.result, occasion.now, occasion.via, start=placed.start, note=answer.noted)
    return replace(touch, recap=answer.told)
