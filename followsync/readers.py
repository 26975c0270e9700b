"""An entry of ours, read at this moment: what it stands for, whether that was answered, and what an agreement in it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from followsync.agreements import agreed
from followsync.core.answers import Reader, Reading, Understand
from followsync.core.at_once import when_of
from followsync.core.edits import read_edit
from followsync.core.followed import own_agreements, twins
from followsync.core.history import Entry, History, Promised, Result, Touched, Waiting
from followsync.core.item import Seen, State, Written
from followsync.core.marking import is_replaced
from followsync.core.plan import Action
from followsync.intake import Desk
from followsync.picture import Stance, agreed_action, agreed_once, dropped, stance
from followsync.when import until_when


@dataclass(frozen=True, slots=True)
class Readers:
    """``desk``: where and when it is read."""

    desk: Desk

    def read(self, row: Written, seen: Seen) -> Reading:
        reader = self.reader(row)
        if row.state is State.OPEN or reader.before or reader.action:
            return read_edit(row, seen, reader)
        return read_edit(row, seen, self._of_what_was_replaced(row, reader))

    def _of_what_was_replaced(self, row: Written, reader: Reader) -> Reader:
        """What nobody answered is answered for the first time, as what was agreed then; a closed prospect stays closed. Where the same was
        agreed once more, for the same hour, it is that: answered here it is answered there, and once."""
        known = self.desk.tx.prospect(row.prospect)
        if known is None:
            return reader
        history = self.desk.tx.history(known.id)
        found = stance(known, history, self.desk.rules, self.desk.rep, self.desk.now)
        touches = [one for one in history if isinstance(one, Touched)]
        if found.standing.outcome and is_replaced(row):
            closing = (one for one in reversed(touches) if one.result is found.standing.outcome)
            return replace(reader, before=next(closing, None))
        same = twins(known, history, row.action)
        open_one = next((one for one in same if one in found.standing.agreements and one not in found.standing.moved), "")
        answered = next((one for one in reversed(touches) if one.action in same), None)
        if answered and not open_one:
            understand = self._understand(self._about(answered, found, history))
            return replace(reader, before=answered, last=touches[-1] is answered, understand=understand)
        if not is_replaced(row):
            return reader
        if open_one:
            action = agreed_action(found, open_one, self.desk.rules, self.desk.rep, self.desk.now)
        else:
            action = agreed_once(found, history, row.action, self.desk.rules, self.desk.rep, self.desk.now)
        return replace(reader, action=action, understand=self._understand(action))

    def read_while_it_waits(self, row: Written, seen: Seen) -> Reading | None:
        """None where nothing is to be read: it stands for nothing that is agreed, or says nothing new."""
        known = self.desk.tx.prospect(row.prospect)
        if known is None or seen.item is None:
            return None
        found = stance(known, self.desk.tx.history(known.id), self.desk.rules, self.desk.rep, self.desk.now)
        action = agreed_action(found, row.action, self.desk.rules, self.desk.rep, self.desk.now)
        if action is None:
            return None
        reader = replace(self.reader(row), action=action, understand=self._understand(action))
        reading = read_edit(replace(row, state=State.OPEN), seen, reader)
        return reading if reading.entries else None

    def reader(self, row: Written) -> Reader:
        prospect = self.desk.tx.prospect(row.prospect)
        if prospect is None:
            return Reader(self.desk.now, self.desk.via, None, False, self._understand(None), self._understand_day)
        history = self.desk.tx.history(row.prospect)
        found = stance(prospect, history, self.desk.rules, self.desk.rep, self.desk.now)
        action = next((one for one in found.actions if one.id == row.action), None)
        # An answer to a question is about what is to be done, not about the question.
        again = dropped(found, history, self.desk.rules, self.desk.rep, self.desk.now) if row.action == found.standing.opened else None
        asked = found.actions[0] if action and action.id == found.standing.asking else again or action
        touches = [one for one in history if isinstance(one, Touched)]
        last = next((one for one in reversed(touches) if one.action == row.action), None)
        before = self._with_what_was_agreed(last, history)
        about = last if row.state is State.OPEN else self._about(last, found, history)  # the rep did not see what came of it
        which = action is not None and action.id == found.standing.asking
        return Reader(
            self.desk.now,
            self.desk.via,
            action,
            row.action in found.standing.answered,
            self._one_of_them(found) if which else self._understand(asked or about),
            self._understand_day,
            before,
            last is not None and touches[-1] is last,
            found.standing.captured,
            again,
        )

    def _about(self, answered: Touched | None, found: Stance, history: History) -> Action | Touched | None:
        """What an agreement is about that is written into an entry which was ``answered``: what came of that answer and is still to be
        done, else what was answered; never what else is agreed."""
        own = own_agreements(found.prospect, history, answered.action) if answered and found.standing.agreements else ()
        still = (action for action, one in found.standing.agreements.items() if one in own)
        came = next((agreed_action(found, action, self.desk.rules, self.desk.rep, self.desk.now) for action in still), None)
        return came or answered

    def _with_what_was_agreed(self, before: Touched | None, history: Iterable[Entry]) -> Touched | None:
        """What another calendar told at this moment: something done and something agreed are one answer."""
        if before is None or before.result is not Result.DONE or before.at != self.desk.now or before.via == self.desk.via:
            return before
        agreed_too = any(isinstance(one, Promised | Waiting) and (one.at, one.via) == (before.at, before.via) for one in history)
        return replace(before, result=Result.NEXT) if agreed_too else before

    def _one_of_them(self, found: Stance) -> Understand:
        """Of several agreements the answer to "which?" is the one for that very time, with all that was agreed of it."""

        def understand(text: str) -> Promised | None:
            said = self._understand(found.actions[0])(text)
            same = [action for action, one in found.standing.agreements.items() if said and when_of(one) == when_of(said)]
            like = agreed_action(found, same[0], self.desk.rules, self.desk.rep, self.desk.now) if len(same) == 1 else None
            return self._understand(like)(text) if like else said

        return understand

    def _understand(self, action: Action | Touched | None) -> Understand:
        return lambda text: agreed(text, now=self.desk.now, via=self.desk.via, rep=self.desk.rep, rules=self.desk.rules, like=action)

    def _understand_day(self, text: str) -> Waiting | None:
        when = until_when(text, now=self.desk.now, rep=self.desk.rep)
        return Waiting(self.desk.now, self.desk.via, when.day, start=when.start, window=when.window) if when else None
