"""What the rep did on the phone, beside what history says: nothing is missing, nothing is invented, nothing is counted twice."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from followsync.core.history import Captured, Dismissed, Edited, Entry, Moved, Noted, Promised, Restored, Result, Touched, Unclear, Waiting

NOTE = re.compile(r"note-\d+")


@dataclass(eq=False, slots=True)
class Act:
    """One thing the rep did to an entry. ``what``: the type of the fact it should become; ``detail``: result, text, start or day.
    ``maybe``: it was replaced by another act while a cycle was reading, which may have seen it or not. ``since``: so many facts were
    known of the prospect then."""

    what: type[Entry]
    prospect: str
    action: str
    href: str
    detail: object = None
    found: bool = False
    maybe: bool = False
    since: int = 0


class Ledger:
    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.typed: set[str] = set()
        self.reading = False  # a cycle is under way
        self._read: dict[str, int] = defaultdict(int)

    def pending(self, href: str) -> list[Act]:
        return [act for act in self.acts if act.href == href and not act.found and not act.maybe]

    def did(self, act: Act) -> None:
        """A second move, and what an answer says of a move, replace the move that nobody has seen yet."""
        if act.what in (Moved, Touched):
            self.forget(act.href, Moved)
        if act.what is Dismissed:
            self.forget(act.href)
        act.since = self._read[act.prospect]
        self.acts.append(act)

    def forget(self, href: str, *what: type[Entry]) -> None:
        """Nobody will ever see that any more."""
        if self.reading:
            for act in self.acts:
                act.maybe |= act.href == href and (not what or act.what in what)
            return
        self.acts = [act for act in self.acts if act.found or act.href != href or (what and act.what not in what)]

    def answered_on_phone(self, href: str) -> bool:
        return any(act.href == href and act.what is Touched for act in self.acts)

    def skip(self, prospect: str, history: tuple[Entry, ...]) -> None:
        """What is new there was said at the terminal."""
        self._read[prospect] = len(history)

    def reconcile(self, prospect: str, history: tuple[Entry, ...]) -> None:
        """Every fact since the last time is matched with one act."""
        for entry in history[self._read[prospect] :]:
            self._match(prospect, entry)
        self._read[prospect] = len(history)

    def _match(self, prospect: str, entry: Entry) -> None:
        match entry:
            case Touched(action=action, result=result, note=note):
                self._take(entry, Touched, prospect, action, result)
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
                assert set(text.splitlines()) <= self.typed, f"nobody noted {entry}"
                self._notes(entry, prospect, text)
            case Unclear(text=text):
                self._take(entry, Unclear, prospect, None, text)
            case Waiting(until=until):
                self._take(entry, Waiting, prospect, None, until)
            case Captured() | Edited():
                raise AssertionError(f"nobody did {entry}")
            case _:
                assert_never(entry)

    def _notes(self, entry: Entry, prospect: str, text: str) -> None:
        for word in NOTE.findall(text):
            self._take(entry, Noted, prospect, None, word)

    def _take(self, entry: Entry, what: type[Entry], prospect: str, action: str | None, detail: object) -> None:
        for act in self.acts:
            if act.found or act.what is not what or act.prospect != prospect or act.detail != detail:
                continue
            if action is None or act.action == action:
                act.found = True
                return
        raise AssertionError(f"nobody did that, or it is counted twice: {entry}")

    def missing(self, histories: dict[str, tuple[Entry, ...]]) -> list[Act]:
        """What the rep did and history does not know. What was settled elsewhere in the meantime (at the terminal, on another
        calendar) needs no second fact; an agreement and a definite answer do, and notes are kept whatever happened."""
        return [act for act in self.acts if not (act.found or act.maybe) and not _excused(act, histories[act.prospect])]


def _excused(act: Act, history: tuple[Entry, ...]) -> bool:
    if act.what is Noted:
        return False
    closed = any(isinstance(entry, Touched) and entry.result in (Result.YES, Result.NO) for entry in history)
    settled = any(isinstance(entry, Touched | Dismissed) and entry.action == act.action for entry in history)
    if act.what is Dismissed and any(isinstance(entry, Promised | Waiting) for entry in history[act.since :]):
        return True  # what was agreed at the same time stands instead, so there is nothing to ask about the entry
    return closed or (settled and act.what is not Promised and act.detail not in (Result.YES, Result.NO))


def open_promise(history: tuple[Entry, ...]) -> Promised | None:
    """What is agreed and neither kept nor replaced, where that is plain to see; as simple as it can be said."""
    for entry in reversed(history):
        if isinstance(entry, Promised):
            return entry
        if isinstance(entry, Touched | Waiting | Dismissed):
            return None
    return None


def last_move(history: tuple[Entry, ...], action: str) -> datetime | None:
    return next((entry.start for entry in reversed(history) if isinstance(entry, Moved) and entry.action == action), None)
