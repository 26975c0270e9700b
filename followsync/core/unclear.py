"""What is not clear with a prospect: the one question that the rep is asked, those behind it, and which agreements wait beneath."""

from __future__ import annotations

from dataclasses import replace

from followsync.core.history import Dismissed, Entry, Promised, Reopened, Touched, Unclear, Waiting
from followsync.core.identity import action_id
from followsync.core.touches import closes

Question = tuple[Unclear, str]
"""What was not understood, and the id under which the rep is asked."""


class Questions:
    """The questions of one prospect while the history is being folded. ``unclear`` and ``asking`` are those of a Standing: of the one
    that is asked, or of agreements that wait though nobody is asked about them. ``below``: the question about agreements that wait, while
    something else is asked. ``later``: about other entries, to be asked after the one that stands."""

    def __init__(self, prospect: str) -> None:
        self.prospect = prospect
        self.unclear: Unclear | None = None
        self.asking = ""
        self.below: Question | None = None
        self.later: list[Question] = []

    @property
    def waiting(self) -> tuple[Promised, ...]:
        """The agreements that wait for their turn, whatever is asked."""
        about = self.below[0] if self.below else self.unclear
        return about.others if about else ()

    @property
    def asked(self) -> Question | None:
        """What the rep is asked about an entry."""
        return (self.unclear, self.asking) if self.unclear and self.asking and not self.unclear.others else None

    def ask(self, asked: Unclear) -> None:
        """What waits goes on waiting while something else is asked, and is asked about again after that."""
        if asked.others:
            self.below = None
        elif self.unclear and self.unclear.others:
            self.below = self.unclear, self.asking
        elif self.unclear and self.asking and self.unclear.action != asked.action:
            self.later.append((self.unclear, self.asking))
        self.unclear, self.asking = asked, action_id(self.prospect, "unclear", asked.action, asked.text)

    def ask_again(self, answer: Touched) -> None:
        """The question was ticked, which is no answer: it stands again, the next working morning, as another entry."""
        self.unclear = self.unclear and replace(self.unclear, at=answer.at)
        self.asking = action_id(self.prospect, "unclear", answer.action)

    def ask_still(self, before: Question | None, entry: Entry, *, told: bool) -> None:
        """A question stands until it is answered: what settles something else settles no question. One at a time is asked. ``before``:
        what was asked before ``entry``; ``told``: that came of an answer to what was open."""
        left = [one for one in (*self.later, *([before] if before else [])) if not _is_answered(one, entry, told=told)]
        asked = (self.unclear, self.asking) if self.unclear and not self.unclear.others else None
        self.later = [one for one in left if one is not before and one[0].action != (asked[0].action if asked else None)]
        if asked is None and left:
            self.below = (self.unclear, self.asking) if self.unclear else self.below
            self.unclear, self.asking = left[-1]
            self.later = left[:-1]

    def wait(self, others: tuple[Promised, ...], aside: tuple[Unclear | None, str]) -> None:
        """Those are the agreements that wait, and what the question is about; without any nobody is asked. ``aside``: what was asked
        before one of them was answered out of its turn."""
        self.surface()
        if self.unclear is None:
            self.unclear, self.asking = aside
        if others and self.unclear is None:  # agreed in the check beside a promise: nobody has to be asked which is meant
            self.unclear, self.asking = Unclear(others[0].at, others[0].via, ""), ""
        self.unclear = replace(self.unclear, others=others) if self.unclear and others else None
        self.asking = self.asking if self.unclear else ""

    def surface(self) -> None:
        """What was asked meanwhile is settled."""
        if self.below:
            (self.unclear, self.asking), self.below = self.below, None

    def settle(self) -> None:
        self.unclear, self.asking = None, ""

    def dismiss(self) -> None:
        """Who deletes the question does not want to be asked."""
        self.unclear, self.asking = self.unclear if self.unclear and self.unclear.others else None, ""
        self.surface()

    def take_back(self, action: str) -> None:
        """What was not understood of that entry no longer stands there."""
        if self.unclear and self.unclear.action == action:
            self.settle()
            self.surface()  # what waits below is no part of what is taken back
        elif self.below and self.below[0].action == action:
            self.below = None


def _is_answered(question: Question, entry: Entry, *, told: bool) -> bool:
    about, asking = question
    match entry:
        case Touched(beside=False):
            return closes(entry) or entry.action in ("", about.action, asking)
        case Dismissed(action=action):
            return action in (about.action, asking)
        case Unclear(text="", action=action):
            return action == about.action
        case Promised() | Waiting():  # said without an answer to an entry it is one to the question
            return not told
        case _:
            return isinstance(entry, Reopened)
