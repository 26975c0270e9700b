"""What is left of a typed line, and what was told besides."""

from __future__ import annotations

import re
from datetime import datetime

from followsync.core.cadence import Rules
from followsync.core.workdays import RepRules
from followsync.errors import UsageError
from followsync.linewords import CLAUSE, LOOSE, PIECES, STOP, WANTS_TO
from followsync.typed import readable
from followsync.verbs import SEPARATOR
from followsync.when import Found, find_when


class Rest:
    """A line that is being cut up: ``rest`` is what is not understood yet, with a separator where something was taken; ``notes``: what
    was told besides."""

    def __init__(self, text: str, now: datetime, rep: RepRules, rules: Rules) -> None:
        if not any(letter.isalnum() for letter in text):
            raise UsageError('There is nothing to read in this line. Type a name, for example: "Joe\'s Diner".')
        self.rest = self.text = readable(text)
        self.notes: list[str] = []
        self.happened = False  # the line begins with something that was done
        self._searched: tuple[str, tuple[Found, ...]] | None = None
        self.now, self.rep, self.rules = now, rep, rules

    def cut(self, match: re.Match[str] | tuple[int, int] | None, group: int = 0) -> str:
        """Take the stretch out; its text, or that of one group."""
        if match is None:
            return ""
        start, end = match.span() if isinstance(match, re.Match) else match
        taken = (match[group] or match[0]) if isinstance(match, re.Match) else self.rest[start:end]
        self.rest = f"{self.rest[:start]}{SEPARATOR if taken else ''}{self.rest[end:]}"
        return taken.strip()

    def times(self) -> tuple[Found, ...]:
        """What is said of time in what is left; searched once for each state of it."""
        if self._searched is None or self._searched[0] != self.rest:
            self._searched = self.rest, find_when(self.rest, now=self.now, rep=self.rep)
        return self._searched[1]

    def clause(self, stretch: Found) -> tuple[str, str]:
        """What stands before and behind it in its clause."""
        begin = max((match.end() for match in CLAUSE.finditer(self.rest, 0, stretch.start)), default=0)
        end = match.start() if (match := CLAUSE.search(self.rest, stretch.end)) else len(self.rest)
        return self.rest[begin : stretch.start], self.rest[stretch.end : end]

    def to(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Where a purpose begins: "to send the quote", but not "wants to see samples"."""
        days = {stretch.start for stretch in self.times()}  # "moved to Friday"
        begins = (match for match in pattern.finditer(self.rest) if match.end() not in days)
        return next((match for match in begins if not WANTS_TO.search(self.rest, 0, match.start())), None)


def pieces_of(rest: str) -> list[str]:
    """What is left of a line, where it falls apart."""
    pieces = (LOOSE.sub("", piece.strip(" ,;:–—-\t")).strip(" ,;:–—-") for piece in PIECES.split(rest))
    pieces = (STOP.sub("", piece) for piece in pieces)
    return [piece for piece in pieces if any(letter.isalnum() for letter in piece)]
