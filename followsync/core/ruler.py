"""Whose is which line of an entry's notes? The rep writes above the ruler, our text stands below it; any of it may have been edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from unicodedata import normalize

RULER = "––––– FollowSync: write above this line –––––"


def rep_text(body: str, ours: str) -> str:
    """What of a body is the rep's: the lines that are neither ours nor the ruler, in their order."""
    return beyond(body, counted(ours), [ours])


def beyond(body: str, known: Counter[str], blocks: Iterable[str]) -> str:
    """``blocks``: texts of ours, and nothing but ours, onto whose ends something may have been typed without a line break."""
    remaining = Counter(known)
    theirs = []
    for line in body.splitlines():
        if remaining[squeezed(line)] > 0:
            remaining[squeezed(line)] -= 1
        elif squeezed(line) != squeezed(RULER):
            theirs.append(line.rstrip())
    if theirs and (ends := [_ends(block, remaining) for block in blocks if quotes(body, block)]):
        theirs = [_cut(line, ends) for line in theirs]
    return "\n".join(theirs).strip("\n")


def behind(body: str, text: str, ours: str) -> int:
    """In which line of ``text``, the rep's part of ``body``, begins what was typed behind the last line of ``ours``; 0 where nothing
    was typed there, or nothing before it. A phone leaves the cursor at the end of the notes, and that is another place than the first."""
    last, rows = next(iter(reversed(_lines(ours))), ""), body.splitlines()
    end = next((number for number in range(len(rows), 0, -1) if last and squeezed(rows[number - 1]) == last), len(rows))
    typed = "\n".join(row.rstrip() for row in rows[end:]).strip("\n")
    return len(text.splitlines()) - len(typed.splitlines()) if typed and text.endswith(f"\n{typed}") else 0


def _ends(block: str, missing: Counter[str]) -> tuple[str, str]:
    """The first and the last line of ours, where no line says just that any more; else ""."""
    lines = _lines(block)
    first, last = lines[0], lines[-1]
    return first if missing[first] > 0 else "", last if missing[last] > 0 else ""


def _cut(line: str, ends: list[tuple[str, str]]) -> str:
    """What of a line is the rep's, where it was typed before our first line or behind our last one. Between our lines it could be about
    the line that it stands in: that is kept whole."""
    bare, ruler = squeezed(line), squeezed(RULER)
    for first, last in (*ends, (ruler, ruler)):
        if last and bare.startswith(last):
            return bare.removeprefix(last).strip()
        if first and bare.endswith(first):
            return bare.removesuffix(first).strip()
    return line


def quotes(body: str, ours: str) -> bool:
    """Whether ``body`` has at least half of the lines of ``ours``."""
    lines = counted("\n".join(_lines(ours)))
    return bool(lines) and 2 * (lines & counted(body)).total() >= lines.total()


def with_rep_text(text: str, ours: str) -> str:
    """The rep's text above the ruler, ours below; without text there is no ruler, so that the first line stays the phone."""
    return f"{text}\n{RULER}\n{ours}" if text.strip() else ours


def block_of(body: str) -> str:
    """How our lines are found again in a body to which others have added: their number and their digest."""
    lines = _lines(body)
    return f"{len(lines)} {sha256(chr(10).join(lines).encode()).hexdigest()[:16]}" if lines else ""


def our_block(body: str, block: str, wrote: str = "") -> str:
    """Our lines of ``body``, with something typed before, behind or between them; where they are not found as they were written, all
    from the first line on that what we ``wrote`` there begins with; else all of it."""
    number = int(words[0]) if (words := block.split()) and words[0].isdecimal() and len(words[0]) < 5 else 0
    rows = [row for row in body.splitlines() if row.strip()]
    more = len(rows) - number
    around = (rows[first : first + number] for first in range(more + 1))
    between = (rows[:first] + rows[first + more :] for first in range(1, number if more > 0 else 0))
    for lines in (*around, *between) if number else ():
        found = "\n".join(lines)
        if block_of(found) == block:
            return found
    begin = next((number for number, row in enumerate(rows) if squeezed(row) in _lines(wrote)[:1]), 0)
    return "\n".join(rows[begin:]) if begin else body


def _lines(body: str) -> list[str]:
    return [line for row in body.splitlines() if (line := squeezed(row))]


def counted(text: str) -> Counter[str]:
    return Counter(squeezed(line) for line in text.splitlines())


def squeezed(line: str) -> str:
    return " ".join(normalize("NFC", line).split())
