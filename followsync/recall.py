"""Who comes back, and what: an entry of ours on the calendar tells a store that lost them of a person, an agreement, or a touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from followsync import capture
from followsync.capture import Capture
from followsync.core.history import Captured, Entry, History, Kind, Noted, Promised, Reopened, Result, StepRef, Touched, Waiting
from followsync.core.identity import action_id
from followsync.core.item import BY_HAND, Item, start_of
from followsync.core.marked import agreement_of_line
from followsync.core.marks import Next
from followsync.core.plan import Action
from followsync.core.prospect import Prospect
from followsync.core.records import happened, steps_by_action, touch_of
from followsync.core.ruler import our_block, rep_text
from followsync.core.standing import standing
from followsync.core.told import Told, about_of, told_of
from followsync.core.wording import unmarked, without_endings
from followsync.errors import UsageError
from followsync.intake import Desk
from followsync.meant import dials, folded
from followsync.picture import stance

_LONGEST_LEAD = 60  # days that work may need before the day that was agreed
_CHECK, _DECIDE = "Check whether ", "Decide: "
_DECIDED = " has decided"
_OUTCOMES = (Result.YES, Result.NO, Result.NEXT)


@dataclass(slots=True)
class Recall:
    """``desk``: where and when it is read, and into which transaction. ``back``: whom this reading brought back, and what their entries
    told of notes."""

    desk: Desk
    back: dict[str, Told] = field(default_factory=dict)
    _steps: dict[str, Mapping[str, StepRef]] = field(default_factory=dict)

    # --- a person

    def person(self, item: Item) -> Prospect:
        """Whom an entry of ours names by an id that nobody has: somebody who is known by another id by now (imported before anybody looked
        at this calendar), or a prospect who comes back with all that the entry tells, and with that id."""
        told = told_of(item, self.desk.rep.rep)
        line = self._line(item)
        like = told.prospect
        like = replace(
            like,
            name=like.name or (line.name if line else "") or _named_by(item),
            person=like.person or (line.person if line and not like.name else ""),
            phone=like.phone or (line.phone if line else ""),
            email=like.email or (line.email if line else ""),
        )
        if same := self._same(like):
            return same
        self.desk.tx.capture(like, Captured(self.desk.now, self.desk.via, without_endings(unmarked(item.named or item.title))))
        self.back[like.id] = Told(like, told.notes)
        return like

    def _same(self, like: Prospect) -> Prospect | None:
        """Of one name, and no other number or address; None where nobody is, or several are."""
        region = self.desk.rep.region
        names = {folded(like.name), folded(like.person)} - {""}
        found = [
            one
            for one in self.desk.tx.prospects(self.desk.rep.rep)
            if names & {folded(one.name), folded(one.person)}
            and not (one.phone and like.phone and not dials(like.phone, one, region))
            and not (one.email and like.email and folded(one.email) != folded(like.email))
        ]
        return found[0] if len(found) == 1 and not self._has_entry(found[0]) else None

    def _has_entry(self, one: Prospect) -> bool:
        """Then it is somebody else of that name, or the id would be theirs."""
        rows = self.desk.tx.written(self.desk.rep.rep, self.desk.target)
        return any(row.prospect == one.id and (row.agreed or row.intended) for row in rows)

    def notes(self, prospect: str) -> None:
        """What stood under "last notes", where nothing else told it."""
        told = self.back.get(prospect)
        if told is None:
            return
        known = [one.note if isinstance(one, Touched) else one.text for one in self._history(prospect) if isinstance(one, Noted | Touched)]
        lines = {_bare(line) for text in known for line in text.splitlines()}
        new = [note for note in told.notes if not all(_bare(line) in lines for line in note.splitlines())]
        self.desk.tx.append(prospect, *(Noted(self.desk.now, self.desk.via, note) for note in new if note))

    # --- what is to be done

    def agreement(self, item: Item) -> Promised | Waiting:
        """What an entry that waits still tells of, though the store has lost it."""
        desk = self.desk
        day = item.start.astimezone(desk.rep.workdays.zone).date()
        title = without_endings(item.named or item.title)
        if title.startswith(_CHECK):
            about = title.removeprefix(_CHECK)
            return Waiting(desk.now, desk.via, item.due or day, "" if about.endswith(_DECIDED) else about)
        line = self._line(item)
        length = int((item.end - item.start).total_seconds() // 60)
        topics = about_of(item)
        told = Promised(
            desk.now,
            desk.via,
            line.method if line else "",
            day if item.kind is not Kind.PROMISE else item.due or day,
            start=None if item.all_day else item.start,
            purpose=line.purpose if line else "",
            agenda=topics.agenda,
            questions=topics.questions,
            minutes=None if item.all_day else length or None,
        )
        return self._as_agreed(told, item) if item.kind is Kind.PROMISE else told

    def _as_agreed(self, told: Promised, item: Item) -> Promised:
        """At the hour that was agreed, wherever the entry stands by now: its id follows from that hour (see ``standing``). Where that
        tells nothing (something was agreed before of which nothing is left), where it stands is taken on the day that was agreed, and of
        another day that day alone is known. A day that work needs before it (a letter that is to arrive) is not the one that was agreed."""
        zone = self.desk.rep.workdays.zone
        prospect = self.desk.tx.prospect(item.prospect)
        origin = standing(prospect, self._history(prospect.id)).origin if prospect else ""
        words = [replace(told, method=how, purpose=why) for how in {told.method: 0, "": 0} for why in {told.purpose: 0, "": 0}]
        for day, start in _times(told.day, item, zone):
            for one in words:
                if item.action == action_of_promise(item.prospect, origin, replace(one, day=day, start=start)):
                    return replace(one, day=day, start=start, minutes=told.minutes if start else None)
        written = None if item.all_day or item.slot.endswith(BY_HAND) else start_of(item.slot)
        stood = next((at for at in (written, told.start) if at and at.astimezone(zone).date() == told.day), None)
        return replace(told, start=stood, minutes=told.minutes if stood else None)

    def _line(self, item: Item) -> Capture | None:
        with suppress(UsageError):  # a title of the rep's own may name nobody
            title = without_endings(unmarked(item.named or item.title))
            return capture.parse_title(title, rules=self.desk.rules, rep=self.desk.rep, now=self.desk.now)
        return None

    # --- what happened

    def touch(self, prospect: Prospect, item: Item) -> tuple[Entry, ...]:
        """What a record of ours adds to the history: nothing, where that knows the answer already; else the touch, at the time at which it
        stood there. One that was agreed after a prospect was closed shows that they were open again."""
        history = self._history(prospect.id)
        line = self._line(item)
        touch = touch_of(
            item,
            self._action(prospect, history, item),
            self._step(prospect, item.action),
            self.desk.now,
            self.desk.via,
            line.method if line else "",
            line.purpose if line else "",
        )
        if item.action in standing(prospect, history).answered:
            return self._news_of(touch, history)
        if not (outcome := self.desk.tx.outcome(prospect.id)):
            return (touch,)
        closed = next((one for one in reversed(history) if isinstance(one, Touched) and one.result is outcome), None)
        if item.kind is Kind.PROMISE and closed and touch.at > (closed.start or closed.at):
            return Reopened(touch.at, touch.via, without_endings(unmarked(item.title))), touch
        return (touch,) if touch.result not in _OUTCOMES else self._news_of(touch, history)

    def note(self, prospect: Prospect, item: Item) -> tuple[Entry, ...]:
        """What the rep wrote into the record of what was replaced, and nobody has told yet."""
        text = rep_text(item.body, our_block(item.body, item.block))
        return self._news_of(Noted(self.desk.now, self.desk.via, text, item.action), self._history(prospect.id))

    def _news_of(self, told: Touched | Noted, history: Iterable[Entry]) -> tuple[Entry, ...]:
        """Of its note what nobody has told yet."""
        known = [one.note if isinstance(one, Touched) else one.text for one in history if isinstance(one, Noted | Touched)]
        lines = {line for text in known for line in text.splitlines()}
        note = told.note if isinstance(told, Touched) else told.text
        text = "\n".join(line for line in note.splitlines() if line not in lines)
        return (Noted(told.at, told.via, text, told.action),) if text.strip() else ()

    def _action(self, prospect: Prospect, history: History, item: Item) -> Action | None:
        then = stance(prospect, history, self.desk.rules, self.desk.rep, happened(item, self.desk.now))
        return next((one for one in then.actions if one.id == item.action), None)

    def _step(self, prospect: Prospect, action: str) -> StepRef | None:
        if prospect.id not in self._steps:
            self._steps[prospect.id] = steps_by_action(prospect, self.desk.rules)
        return self._steps[prospect.id].get(action)

    def _history(self, prospect: str) -> History:
        return self.desk.tx.history(prospect)


def _bare(line: str) -> str:
    """Without the sign of an agreement, and without what shows that it was cut."""
    mark = agreement_of_line(line.strip())
    return (mark.text if isinstance(mark, Next) else line.strip()).removesuffix("…").strip()


def _times(due: date, item: Item, zone: tzinfo) -> Iterator[tuple[date, datetime | None]]:
    """The days and hours for which something may have been agreed that is to be done on the day ``due``, the likely ones first; without
    an hour only the day was."""
    yield due, item.start
    yield due, None
    midnight = datetime.combine(due, time.min, zone)
    yield from ((due, midnight.replace(hour=minute // 60, minute=minute % 60)) for minute in range(24 * 60))
    yield from ((due + timedelta(days=more), None) for more in range(1, _LONGEST_LEAD + 1))  # a letter is to arrive on that day


def action_of_promise(prospect: str, origin: str, promise: Promised) -> str:
    """The id that ``standing`` gives a promise that follows from ``origin``."""
    at = promise.start and promise.start.astimezone(UTC).isoformat()
    return action_id(prospect, "promise", origin, promise.method, promise.day, at, promise.purpose)


def _named_by(item: Item) -> str:
    """Where neither text nor title tells a name: what a question asks about, else what the id was made from."""
    title = without_endings(unmarked(item.named or item.title))
    if title.startswith(_DECIDE):
        return title.removeprefix(_DECIDE)
    if item.kind is Kind.DECIDE and ": " in title:
        return title.partition(": ")[0]
    return item.prospect.replace("-", " ").capitalize()
