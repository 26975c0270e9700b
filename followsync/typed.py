"""How a line is typed on a phone: in capitals, without blanks around a dash, with a sign before it. It is made easy to read, and what was
understood of it is given back as it was typed."""

from __future__ import annotations

import re
import unicodedata

from followsync.daywords import MONTH, WEEKDAY

_DASH = re.compile(r"(?<=\S)(?!(?<=\d)—\d)(?:\s*—\s*|\s*--+\s*)(?=\S)")  # that between two digits parts no words
_HOUR_AND = re.compile(r"(?i)(?<=\d[ap]m)[-–/](?=[a-z])|(?<=\d[ap])[-–/](?=[a-z]{3})")  # "2pm-call Dana"
_WORDS_AND = re.compile(r"(?<=[^\W\d_])–(?=[^\W\d_])|(?<=[ap]m)–(?=[^\W\d_])|(?<=[^\W\d_]{3})–(?=\d)", re.IGNORECASE)
_DOTS = re.compile(r"(?<=[^\W_])\s*(?:\.{2,}|…)\s*(?=[^\W_])")
_DAYS = re.compile(rf"(?i)(?:{WEEKDAY}|{MONTH})–(?:{WEEKDAY}|{MONTH})")
_KEPT = frozenset("™®©°✓✔☑✅🗸🗹✗✘❌✖❎↻")  # of a name; or an answer, so the line is none that is to be captured


def readable(text: str) -> str:
    """``text`` with blanks around the dashes that part it, and without the signs around it ("📞 Call Jenny"). Letters that cannot be
    printed are blanks."""
    text = "".join(letter if letter.isprintable() or letter in "\u200d\ufe0f" else " " for letter in text)
    first, last = 0, len(text)
    while first < last and _is_sign(text[first]):
        first += 1
    while first < last and _is_sign(text[last - 1]):
        last -= 1
    text = _DASH.sub(" — ", re.sub("[\u200d\ufe0f]", " ", text[first:last]))
    text = _DOTS.sub(" … ", _HOUR_AND.sub(" - ", text))
    spans = [match.span() for match in _DAYS.finditer(text)]
    return _WORDS_AND.sub(lambda dash: "–" if any(start < dash.start() < end for start, end in spans) else " – ", text)


def _is_sign(letter: str) -> bool:
    return letter.isspace() or letter in "\u200d\ufe0f" or (unicodedata.category(letter) in {"So", "Sk"} and letter not in _KEPT)


def quiet(text: str) -> str:
    """A line that shouts, in small letters; any other as it is. The letters stay at their places."""
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text) if text.isupper() else text


def as_typed(part: str, text: str) -> str:
    """A part of ``quiet(text)`` as it stands in ``text``."""
    at = quiet(text).find(part)
    return text[at : at + len(part)] if at >= 0 else part
