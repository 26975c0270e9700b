"""The answer grammar: what the rep types before a title, or as the first line of the notes.

A confident wrong answer is worse than none: a token counts only where it stands alone, or where what follows is the title that we
wrote ourselves. ``Norah``, ``Next-gen quote`` and ``Yes Café`` are titles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

from followsync.core.history import Result

_TOKENS = {
    Result.YES: ("y", "yes", "✓", "✔", "☑", "✅"),
    Result.NO: ("n", "no"),
    Result.ATTEMPT: ("x", "no answer", "left message", "left a message", "left msg", "voicemail", "left voicemail"),
    Result.DONE: ("done",),
}
_RESULTS = {token: result for result, tokens in _TOKENS.items() for token in tokens}
_NEXT = re.compile(r"^\s*(?:>+|→|next\s*:)\s*(?P<text>.*)$", re.IGNORECASE | re.DOTALL)
_WAITING = re.compile(r"^\s*waiting\s+(?P<text>(?:until|till|for|on)\b.*)$", re.IGNORECASE | re.DOTALL)
_EDGES = " \t\r\n.:;,!-–—_|/()[]"


@dataclass(frozen=True, slots=True)
class Answer:
    """``result`` with nothing more to say (YES, NO, DONE, ATTEMPT)."""

    result: Result


@dataclass(frozen=True, slots=True)
class Next:
    """``> thu pm send quote``: the text after the mark, still to be understood."""

    text: str


@dataclass(frozen=True, slots=True)
class Wait:
    """``waiting until Friday``: the text after ``waiting``."""

    text: str


Mark = Answer | Next | Wait


def mark_of_line(line: str) -> Mark | None:
    """The mark that a line of notes is, or None."""
    if found := _NEXT.match(line):
        return Next(found["text"].strip())
    if found := _WAITING.match(line):
        return Wait(found["text"].strip())
    result = _RESULTS.get(_folded(line))
    return Answer(result) if result else None


def mark_of_title(title: str, known: tuple[str, ...]) -> Mark | None:
    """The mark before a title that we wrote (``known``: the titles it may have had), or None where the title is the rep's own."""
    title, titles = normalize("NFC", title), {normalize("NFC", one) for one in known if one}
    if title in titles:
        return None
    for own in sorted(titles, key=lambda one: (-len(one), one)):
        if title.endswith(own):
            return mark_of_line(title[: -len(own)].strip())
    return mark_of_line(title)


def _folded(text: str) -> str:
    plain = normalize("NFKC", text).replace("\ufe0f", "").replace("’", "'")
    return " ".join(plain.strip(_EDGES).casefold().split())
