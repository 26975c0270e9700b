"""What the rep did on the phone, beside what history says: nothing is missing, nothing is invented, nothing is counted twice."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from followsync.core.history import (
    Captured,
    Contradicted,
    Dismissed,
    Edited,
    Entry,
    Kind,
    Moved,
    Noted,
    Promised,
    Reopened,
    Restored,
    Result,
    Touched,
    Unclear,
    Waiting,
)
from followsync.core.identity import action_id

NOTE = re.compile(r"note-\d+")
TOO_LATE = re.compile(r'Answered "(yes|no|done)" when it was closed with "(?:yes|no)" already\.')


@dataclass(eq=False, slots=True)
class Act:
    """One thing the rep did to an entry. ``what``: the type of the fact it should become; ``detail``: result, text, start or day.
    ``maybe``: it was replaced by another act while a cycle was reading, which may have seen it or not. ``since``: so many facts were
    known of the prospect then. ``said``: of an attempt, what came of it. ``line``: of words in a record, the line as it was typed: where
    they change nothing any more it is kept as a note. ``name``: of a follow-up that was typed, the id of whoever it names."""

    what: type[Entry]
    prospect: str
    action: str
    href: str
    detail: object = None
    found: bool = False
    maybe: bool = False
    since: int = 0
    said: str = ""
    line: str = ""
    name: str = ""

    def of(self, prospect: str) -> bool:
        return self.prospect == prospect or (bool(self.name) and re.fullmatch(rf"{re.escape(self.name)}(-\d+)?", prospect) is not None)


class Ledger:
    """``cached``: lists show what was so a while ago, so that what was replaced may be seen or not."""

    def __init__(self, cached: bool = False) -> None:
        self.acts: list[Act] = []
        self.typed: set[str] = set()
        self.cached = cached
        self.reading = False  # a cycle is under way
        self._read: dict[str, int] = defaultdict(int)

    def pending(self, href: str) -> list[Act]:
        return [act for act in self.acts if act.href == href and not act.found and not act.maybe]

    def expects(self, prospect: str) -> bool:
        return any(act.what is Captured and not act.found and act.of(prospect) for act in self.acts)

    def did(self, act: Act) -> None:
        """A second move replaces the one that nobody has seen yet. One that is answered before it is seen is told where something is still
        to be done; what is done or closed was moved only if the move was seen before another answer took its place."""
        if act.what is Moved:
            self.forget(act.href, Moved)
        if act.what is Touched and act.detail not in (Result.ATTEMPT, Result.NEXT):
            for move in self.pending(act.href):
                move.maybe |= move.what is Moved
        if act.what is Dismissed:
            self.is_deleted(act.href)
        act.since = self._read[act.prospect]
        self.acts.append(act)

    def is_deleted(self, href: str) -> None:
        """Of what nobody has read yet only the notes may still be: some servers show the notes of what was deleted."""
        notes = [act for act in self.acts if act.href == href and act.what is Noted and not act.found]
        self.forget(href)
        for act in notes:
            act.maybe = True
        self.acts += [act for act in notes if act not in self.acts]

    def forget(self, href: str, *what: type[Entry]) -> None:
        """Nobody will ever see that any more."""
        if self.reading or self.cached:
            for act in self.acts:
                act.maybe |= act.href == href and (not what or act.what in what)
            return
        self.acts = [act for act in self.acts if act.found or act.href != href or (what and act.what not in what)]

    def answered_on_phone(self, href: str) -> bool:
        return any(act.href == href and act.what is Touched for act in self.acts)

    def is_still_to_do(self, href: str) -> bool:
        """Whether an answer that nobody has seen yet leaves something to be moved: it was tried, or something was agreed."""
        return any(act.what is Touched and act.detail in (Result.ATTEMPT, Result.NEXT) for act in self.pending(href))

    def skip(self, prospect: str, history: tuple[Entry, ...]) -> None:
        """What is new there was said at the terminal."""
        self._read[prospect] = len(history)

    def reconcile(self, prospect: str, history: tuple[Entry, ...]) -> None:
        """Every fact since the last time is matched with one act."""
        for entry in history[self._read[prospect] :]:
            self._match(prospect, entry, history)
        self._read[prospect] = len(history)

    def _match(self, prospect: str, entry: Entry, history: tuple[Entry, ...]) -> None:
        match entry:
            case Touched(action=action, result=result, note=note, recap=recap):
                assert recap.keys() <= {"attempt"}, f"that was not said: {entry}"
                self._take(entry, Touched, prospect, action or None, result, said=recap.get("attempt", ""))
                self._notes(entry, prospect, note)
            case Moved(action=action, start=start):
                self._take(entry, Moved, prospect, action, start)
            case Dismissed(action=action):
                self._take(entry, Dismissed, prospect, action, None)
            case Restored(action=action):
                self._take(entry, Restored, prospect, action, None)
            case Promised(day=day, start=start):
                self._take(entry, Promised, prospect, None, (day, start))
            case Noted(text=text):
                assert set(self._too_late(prospect, text).splitlines()) - {""} <= self.typed, f"nobody noted {entry}"
                self._notes(entry, prospect, text)
            case Unclear(text=""):
                pass  # an agreement that waited goes with its entry; what was asked about an entry that is back
            case Unclear(either=either) if either:
                self._told_twice(prospect, entry, history)
            case Unclear(text=text):
                if not self._agreed_upon_twice(prospect, entry, history):
                    self._take(entry, Unclear, prospect, None, text)
            case Waiting(until=until):
                self._take(entry, Waiting, prospect, None, until)
            case Contradicted(action=action, text=text, note=note):
                first, second = (part.partition(" ") for part in text.split(", "))
                here = next(part for part in (first, second) if part[2] == f"on {entry.via.removeprefix('calendar:')}")
                self._take(entry, Touched, prospect, action, Result(here[0]))
                self._notes(entry, prospect, note)
            case Captured(text=text) | Reopened(text=text):
                self._take(entry, type(entry), prospect, None, text)
            case Edited():
                raise AssertionError(f"nobody did {entry}")
            case _:
                assert_never(entry)

    def _told_twice(self, prospect: str, entry: Unclear, history: tuple[Entry, ...]) -> None:
        """The agreements that wait, and the moves of two calendars, are the rep's."""
        earlier = history[: next(number for number, one in enumerate(history) if one is entry)]
        for promise in entry.others:
            agreed = (promise.day, promise.start)
            known = any(isinstance(one, Promised) and (one.day, one.start) == agreed for one in history)
            waits = any(isinstance(one, Unclear) and promise in one.others for one in earlier)
            if not known and not waits:
                self._take(entry, Promised, prospect, None, agreed)
        if not entry.others:
            moves = {one.start for one in history if isinstance(one, Moved) and one.at == entry.at and one.action == entry.action}
            assert len(moves) > 1, f"nobody moved it twice: {entry}"

    def _agreed_upon_twice(self, prospect: str, entry: Unclear, history: tuple[Entry, ...]) -> bool:
        """Whether another calendar told another agreement in the same cycle: the later of the two is asked about, whether it was read
        first, and is a promise that was replaced, or only now."""
        for act in self.acts:
            if act.what is not Promised or not act.of(prospect) or not entry.text.endswith(_asked(act.detail[0])):  # type: ignore[index]
                continue
            told = {one.via for one in history[act.since :] if isinstance(one, Promised) and one.at == entry.at}
            if told - {entry.via} and (entry.via in told or not act.found):
                act.found = True
                return True
        return False

    def _too_late(self, prospect: str, text: str) -> str:
        """``text`` without the sentence about an answer that came when the prospect was closed: whoever typed it is known."""
        first, _, rest = text.partition("\n")
        if (found := TOO_LATE.fullmatch(first)) is None:
            return text
        assert any(act.what is Touched and act.of(prospect) and act.detail == Result(found[1]) for act in self.acts), f"nobody said {first}"
        return rest

    def _notes(self, entry: Entry, prospect: str, text: str) -> None:
        for word in NOTE.findall(text):
            self._take(entry, Noted, prospect, None, word)

    def _take(self, entry: Entry, what: type[Entry], prospect: str, action: str | None, detail: object, said: str = "") -> None:
        for act in self.acts:
            if act.found or act.what is not what or not act.of(prospect) or (act.detail, act.said) != (detail, said):
                continue
            if action is None or act.action == action:
                act.found = True
                return
        raise AssertionError(f"nobody did that, or it is counted twice: {entry}")

    def missing(self, histories: dict[str, tuple[Entry, ...]], now: datetime) -> list[Act]:
        """What the rep did and history does not know. What was settled elsewhere in the meantime (at the terminal, on another
        calendar) needs no second fact; an agreement and a definite answer do, and notes are kept whatever happened."""
        open_acts = [act for act in self.acts if not (act.found or act.maybe or _over(act, now))]
        return [act for act in open_acts if not _excused(act, histories.get(act.prospect, ()))]


def _asked(day: date) -> str:
    return f" on {day:%a %Y-%m-%d}"


def _over(act: Act, now: datetime) -> bool:
    """A move whose day was over before anybody read it is none."""
    return act.what is Moved and isinstance(act.detail, datetime) and act.detail.date() < now.astimezone(act.detail.tzinfo).date()


def _excused(act: Act, history: tuple[Entry, ...]) -> bool:
    if act.what in (Noted, Captured):
        return False
    if act.line and any(isinstance(entry, Noted) and act.line in entry.text.splitlines() for entry in history):
        return True
    since = history[_last_settled(act, history) :]
    if act.what is Promised and any(isinstance(one, Promised) and (one.day, one.start) == act.detail for one in since):
        return True  # told on two calendars, or at the terminal and in an entry that did not show it yet, it is one agreement
    if act.what is Waiting and any(isinstance(one, Waiting) and one.until == act.detail for one in since):
        return True  # so is a check
    closed = any(isinstance(entry, Touched) and entry.result in (Result.YES, Result.NO) for entry in history)
    settled = any(isinstance(entry, Touched | Dismissed) and entry.action == act.action for entry in history)
    if act.what is Dismissed and _is_overtaken(act, history):
        return True
    return closed or (settled and act.what not in (Promised, Waiting) and act.detail not in (Result.YES, Result.NO))


def _last_settled(act: Act, history: tuple[Entry, ...]) -> int:
    """Where in the history, before the act, what waited was last settled, or replaced by another check."""
    before = range(min(act.since, len(history)) - 1, -1, -1)
    settles = (Touched, Promised, Dismissed, Waiting)
    return next((number for number in before if isinstance(history[number], settles)), 0)


def _is_overtaken(act: Act, history: tuple[Entry, ...]) -> bool:
    """Whether something said at the same time leaves nothing to ask about the entry that was deleted: what was agreed stands instead; an
    answer, or another deletion, settles the question that was deleted, or asks anew; what that question was about was put back; the
    answer was put right from which the deleted entry followed."""
    since = history[act.since :]
    answers = [entry for entry in since if isinstance(entry, Touched)]
    if any(isinstance(entry, Promised | Waiting | Restored) for entry in since):
        return True
    anew = any(isinstance(entry, Unclear | Dismissed) for entry in since)
    if (answers or anew) and _was_a_question(act, history):
        return True
    before = {entry.action for entry in history[: act.since] if isinstance(entry, Touched)}
    return any(entry.action in before for entry in answers)


def _was_a_question(act: Act, history: tuple[Entry, ...]) -> bool:
    asked = (entry for entry in history if isinstance(entry, Unclear))
    return act.action in {action_id(act.prospect, "unclear", entry.action, entry.text) for entry in asked}


def open_promise(history: tuple[Entry, ...]) -> Promised | None:
    """What is agreed and neither kept nor replaced, where that is plain to see; as simple as it can be said."""
    for entry in reversed(history):
        if isinstance(entry, Promised):
            return entry
        if isinstance(entry, Touched | Waiting | Dismissed) or (isinstance(entry, Unclear) and entry.either):
            return None  # of several agreements the earliest stands, wherever the rep moved them
    return None


def question(prospect: str, history: tuple[Entry, ...]) -> bool | None:
    """Whether a question what was meant must stand (True) or none may (False), where that is plain to see; else None. Of several entries
    each has its own, and they are asked one after the other."""
    if any(isinstance(one, Contradicted) for one in history):
        return None
    last = {one.action: one for one in history if isinstance(one, Unclear)}
    asked = {_is_asked(prospect, one, history) for one in last.values()}
    return None if None in asked else True in asked


def _is_asked(prospect: str, unclear: Unclear, history: tuple[Entry, ...]) -> bool | None:
    if not unclear.text:
        return False
    if unclear.either:
        return None
    since = history[history.index(unclear) + 1 :]
    if not any(isinstance(one, Touched | Promised | Waiting | Dismissed | Restored) for one in since):
        return True
    asks = {action_id(prospect, "unclear", unclear.action, unclear.text)}
    asks |= {action_id(prospect, "unclear", one.action) for one in history if isinstance(one, Touched)}
    answered = any(isinstance(one, Touched) and _answers(one, unclear) and one.action not in asks for one in since)
    deleted = any(isinstance(one, Dismissed) and one.action in asks for one in since)
    return False if answered or deleted else None


def _answers(touch: Touched, unclear: Unclear) -> bool:
    """A tick on what only asks the rep to decide is no answer."""
    return touch.kind is not Kind.DECIDE and (touch.result in (Result.YES, Result.NO) or touch.action == unclear.action)


def last_move(history: tuple[Entry, ...], action: str) -> datetime | None:
    """Of two that were told at the same moment the earlier one."""
    last = next((entry for entry in reversed(history) if isinstance(entry, Moved) and entry.action == action), None)
    at_once = [one for one in history if isinstance(one, Moved) and last and (one.action, one.at) == (action, last.at)]
    return min((one.start for one in {one.via: one for one in at_once}.values()), default=None)
