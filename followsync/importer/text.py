"""The bytes of an export as text, whatever program wrote them."""

from __future__ import annotations

import re
from typing import Final

from followsync.errors import UsageError

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NO_TEXT = (
    (b"PK\x03\x04", "a workbook or an archive"),
    (b"\xd0\xcf\x11\xe0", "a workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "an archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_ODD: Final = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")

# What spreadsheets of these countries write where they do not write UTF-8; elsewhere it is cp1252
_CODE_PAGES = {
    **dict.fromkeys(("PL", "CZ", "SK", "HU", "SI", "HR", "RO", "BA", "AL"), "cp1250"),
    **dict.fromkeys(("RU", "UA", "BG", "BY", "RS", "MK", "KZ"), "cp1251"),
    **dict.fromkeys(("GR", "CY"), "cp1253"),
    **dict.fromkeys(("LT", "LV", "EE"), "cp1257"),
    "TR": "cp1254", "IL": "cp1255", "VN": "cp1258", "JP": "cp932", "CN": "gb18030", "TW": "cp950", "HK": "cp950", "KR": "cp949",
}  # fmt: skip


def read_text(data: bytes, filename: str, region: str) -> str:
    """``region``: the rep's country, whose code page an old export is in. Raises UsageError where this is no text."""
    encoding = encoding_of(data, filename, region)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"{filename}: the file is damaged near byte {error.start}. Export it again as UTF-8.") from error
    return checked(text, filename, encoding)


def checked(text: str, filename: str, encoding: str) -> str:
    """Without byte-order mark and NULs. Raises UsageError where it is not a person's text: as an old code page anything can be read."""
    odd = 0 if encoding.startswith("utf") else len(_ODD.findall(text))
    if odd + text.count("\0") > len(text) // 20:
        raise UsageError(f"{filename}: this is not a text file. Export the contacts as CSV (UTF-8) or vCard, and import that.")
    return text.removeprefix("\ufeff").replace("\0", "")


def encoding_of(data: bytes, filename: str, region: str) -> str:
    """Python's name of the encoding. Raises UsageError where the bytes are known to be something else than text."""
    for mark, what in _NO_TEXT:
        if data.startswith(mark):
            raise UsageError(f"{filename}: this is {what}, not text. Open it there and save or export it as CSV (UTF-8), and import that.")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if encoding := _wide(data):
        return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _old(data, region)
    return "utf-8"


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: of the letters of headers and numbers every other byte is 0."""
    sample = data[:4096]
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if max(first, second) * 4 < len(sample) or min(first, second) * 9 > max(first, second):
        return ""
    return "utf-16-be" if first > second else "utf-16-le"


def _old(data: bytes, region: str) -> str:
    page = _CODE_PAGES.get(region.upper(), "cp1252")
    found: list[tuple[int, str]] = []
    for candidate in (page, "mac_roman") if page == "cp1252" else (page,):
        try:
            found.append((_likely(data.decode(candidate)) + (candidate == page), candidate))  # Mac Roman is rare
        except UnicodeDecodeError:
            continue
    return max(found, key=lambda one: one[0])[1] if found else "latin-1"


_FOREIGN = re.compile(r"[^\x00-\x7f]")
_SIGNS = frozenset("’‘“”–—€«»°´…")


def _likely(text: str) -> int:
    """How well the letters beyond ASCII fit those around them.

    Why no library guesses: docs/decisions/0037-what-import-reads-and-whom-a-row-means.md."""
    score = 0
    for match in _FOREIGN.finditer(text[:200_000]):
        letter, before, after = match.group(), text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if letter.islower():
            score += 2 if (before.isalpha() or after.isalpha()) and not (after.isupper() and not before.isalpha()) else -1
        elif letter.isupper():
            score += -2 if before.islower() or (before.isalpha() and after.islower()) else 1 if after.isalpha() else -1
        elif letter in _SIGNS:
            score += -1 if (letter in "‘“" and before.isalpha()) or (letter == "…" and after.isalpha()) else 2
        else:
            score -= 2
    return score
