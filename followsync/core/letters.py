"""The letters of what the rep types, as the answer grammar reads them (see marks.py)."""

from __future__ import annotations

import unicodedata

from followsync.core.markwords import CROSSES, EDGES, LONG_DASHES, TICKS

_LETTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ´", "'"),
        **dict.fromkeys("“”„‟«»", '"'),
        **dict.fromkeys(f"‐‑‒−{LONG_DASHES}", "-"),
    }
)
_DIRECTIONS = (
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # which way the letters run; phones copy them along
)
_INVISIBLE = frozenset(f"\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u00ad\u180e{_DIRECTIONS}")


def plain_letters(text: str) -> tuple[str, list[int]]:
    """One way to write each letter (full-width forms, typographic quotes and dashes, odd blanks, how a phone draws a tick), and for each
    letter of that, and its end, where in ``text`` it stands."""
    letters: list[str] = []
    places: list[int] = []
    quoted = any(letter in "«‹" for letter in text)
    for place, typed in enumerate(text):
        if typed in "›»" and not quoted and (not letters or letters[-1] == " ") and not text[place + 1 : place + 2].strip():
            typed = ">"  # an arrow, and no quote: nothing was opened, and blanks are around it
        letter = "" if typed in _INVISIBLE else typed if typed.isascii() else unicodedata.normalize("NFKC", typed).translate(_LETTERS)
        letter = " " if letter.isspace() else letter if len(letter) == 1 else typed if letter else ""
        if letter and not (letter == " " and (not letters or letters[-1] == " ")):
            letters.append(letter)
            places.append(place)
    while letters and letters[-1] == " ":
        letters.pop()
        places.pop()
    return "".join(letters), [*places, len(text)]


def bare(line: str) -> str:
    """``line`` in small letters, without what stands around a word that stands alone: "(Yes!) 🎉"."""
    first, last = 0, len(line)
    while first < last and _is_edge(line[first]):
        first += 1
    while first < last and _is_edge(line[last - 1]):
        last -= 1
    return line[first:last].casefold()


def _is_edge(letter: str) -> bool:
    return letter in EDGES or (letter not in TICKS | CROSSES and unicodedata.category(letter) in {"So", "Sk"})
