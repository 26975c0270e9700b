"""vCard files as properties: versions 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), as phones and address books really write them.

Why no library does this: docs/decisions/0037-what-import-reads-and-whom-a-row-means.md.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from followsync.errors import Problem
from followsync.importer.lead import Bad, Lead, Leads, Told
from followsync.importer.people import is_person, prospect_of
from followsync.importer.property import Property

PROBLEM = "X-FOLLOWSYNC-PROBLEM"
"""The line of a card that stands aside which says what is wrong; import passes over it."""
_PICTURES = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})


def read_cards(text: str, filename: str, encoding: str, told: Told) -> Leads:
    """``text``: bytes that are no UTF-8 stand in it as Python's surrogates; they are in ``encoding`` where their line names none, as
    quoted-printable values of a file that is UTF-8 are in cp1252."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    leads: list[Lead] = []
    bad: list[Bad] = []
    for card in _cards(lines):
        told(card.line, len(lines))
        try:
            properties = _properties(card, encoding)
        except _Unreadable as error:
            bad.append(Bad(Problem(filename, error.line, 0, str(error)), tuple(card.lines)))
            continue
        if not is_person(properties):
            continue
        found = prospect_of(properties)
        if found.name:
            leads.append(Lead(filename, card.line, found, tuple(card.lines)))
        else:
            bad.append(Bad(Problem(filename, card.line, 0, "there is no name in this card"), tuple(card.lines)))
    return Leads(tuple(leads), tuple(bad))


# -- lines -> cards ----------------------------------------------------------------------------------------------------------------

_EDGE = re.compile(r"\s*(?:[\w-]+\.)?(BEGIN|END)\s*:\s*VCARD\s*", re.IGNORECASE)
_AGENT = re.compile(r"(?:[\w-]+\.)?AGENT\b[^:]*:\s*", re.IGNORECASE)


@dataclass(slots=True)
class _Card:
    """``lines``: as they stand, with their ends. ``closed``: it begins and ends as a card does."""

    line: int
    lines: list[str]
    begun: bool = True
    closed: bool = False


class _Unreadable(Exception):
    """``line`` of the file. The text is for the person who mends it."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


def _cards(lines: list[str]) -> Iterator[_Card]:
    """Also what stands between cards, and a card that the next one's beginning cuts off: neither is closed. A card inside a card (the
    AGENT of version 2.1, somebody's assistant) is part of it."""
    card: _Card | None = None
    depth, before = 0, ""
    for number, line in enumerate(lines, 1):
        edge = _EDGE.fullmatch(line.lstrip("\ufeff"))
        begins = bool(edge and edge[1].upper() == "BEGIN")
        nested = begins and depth > 0 and _AGENT.fullmatch(before) is not None
        if line.strip():
            before = line
        if begins and not nested:
            if card:
                yield card
            card, depth = _Card(number, [line]), 1
        elif card is None:
            if line.strip():
                card = _Card(number, [line], begun=False)
        else:
            card.lines.append(line)
            depth += 1 if begins else -1 if edge and card.begun else 0
            if edge and depth == 0 and card.begun:
                card.closed = True
                yield card
                card = None
    if card:
        yield card


# -- cards -> properties -----------------------------------------------------------------------------------------------------------

_NAME = re.compile(r"(?:([\w-]+)\.)?([A-Za-z][\w-]*)\s*(?=[;:])")
_PARAM = re.compile(r';\s*([^=;:"]*)(?:=((?:"[^"]*"|[^";:])*))?')
_ENCODINGS = {"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line put together again of those it was folded into. ``name`` in capitals."""

    number: int
    group: str
    name: str
    params: Mapping[str, Sequence[str]]
    value: str

    @property
    def encoding(self) -> str:
        return self.params.get("ENCODING", ("",))[0].upper()


def _properties(card: _Card, encoding: str) -> list[Property]:
    if not card.begun:
        raise _Unreadable(card.line, "this stands outside of any card")
    if not card.closed:
        raise _Unreadable(card.line, "this card does not end; END:VCARD is missing")
    found = []
    for line in _unfolded(card):
        if line.name not in _PICTURES and line.name != PROBLEM:
            found.append(Property(line.group, line.name, line.params, _value(line, encoding)))
    return found


def _unfolded(card: _Card) -> list[_Line]:
    folded: list[tuple[int, list[str]]] = []  # the number of a line, and the pieces that it was folded into
    inside = 0  # 2: in a card inside the card
    for number, end in enumerate(card.lines, card.line):
        text = end.rstrip("\r\n")
        if edge := _EDGE.fullmatch(text.lstrip("\ufeff")):
            inside += 1 if edge[1].upper() == "BEGIN" else -1
        if edge or inside > 1:
            continue
        if not (folded and _joined(folded[-1][1], text)) and text.strip():
            folded.append((number, [text]))
    found = []
    for number, pieces in folded:
        if (line := _line("".join(pieces), number)) is None:
            raise _Unreadable(number, f'this line of a card cannot be read: "{_clear(pieces[0])[:60]}"')
        found.append(line)
    return found


def _joined(pieces: list[str], text: str) -> bool:
    """Whether ``text`` only goes on with the line that these are the pieces of; then it is one of them."""
    head = pieces[0].partition(":")[0].upper()
    if head == PROBLEM:
        return False  # what comes behind it was there before it
    if pieces[-1].endswith("=") and "QUOTED-PRINTABLE" in head:
        pieces[-1] = pieces[-1][:-1]
        pieces.append(text)
        return True
    if text[:1] in {" ", "\t"}:
        pieces.append(text[1:])
        return True
    if _NAME.match(text) or not text.strip() or not (named := _NAME.match(pieces[0])):
        return False
    if named[2].upper() in _PICTURES or "BASE64" in head:
        pieces.append(text)  # version 2.1 folds these without a blank
        return True
    if named[2].upper() == "NOTE":
        pieces.append(f"\\n{text}")  # a note whose line ends nobody encoded
        return True
    return False


def _line(text: str, number: int) -> _Line | None:
    named = _NAME.match(text)
    if not named:
        return None
    params: dict[str, list[str]] = {}
    place = named.end()
    while match := _PARAM.match(text, place):
        place = match.end()
        name, values = match[1].strip().upper(), match[2]
        if values is None:  # version 2.1 leaves the name out
            name, values = ("ENCODING" if name in _ENCODINGS else "TYPE"), name
        params.setdefault(name, []).extend(part.strip() for part in values.replace('"', "").split(","))
    if text[place : place + 1] != ":":
        place = text.find(":", place)  # a parameter that is no parameter, as some phones write
    if place < 0:
        return None
    return _Line(number, (named[1] or "").lower(), named[2].upper().replace("_", "-"), params, text[place + 1 :])


# -- values ------------------------------------------------------------------------------------------------------------------------

_CHARSET = re.compile(  # Python knows more names, some of them of what is no encoding of text
    r"(?:us-?)?ascii|utf-?(?:7|8|16|16[bl]e)|iso[-_]?8859[-_]\d{1,2}|latin-?\d|(?:windows|cp)-?\d{3,5}|shift[-_]?jis|sjis|euc[-_](?:jp|kr|cn)"
    r"|iso-2022-(?:jp|kr)|gb(?:k|2312|18030)|big5|koi8-[ru]|mac(?:intosh|[-_]?roman)",
    re.IGNORECASE,
)

_HALF = re.compile(r"[\ud800-\udfff]")  # half a letter, which UTF-7 can write and nobody can store


def _value(line: _Line, encoding: str) -> str:
    data = line.value.encode("utf-8", "surrogateescape")
    if line.encoding == "QUOTED-PRINTABLE":
        data = quopri.decodestring(data)
    elif line.encoding in {"BASE64", "B"}:
        try:
            data = binascii.a2b_base64(data)
        except binascii.Error:
            raise _Unreadable(line.number, f"the value of {line.name} is not BASE64 as it says") from None
    return _decoded(data, line.params.get("CHARSET", ("",))[0], encoding).replace("\0", "")


def _decoded(data: bytes, charset: str, encoding: str) -> str:
    """Letters that are valid UTF-8 are UTF-8, whatever CHARSET says: such a file was converted as a whole."""
    for candidate in ("utf-8", charset) if not data.isascii() else (charset, "utf-8"):
        if not _CHARSET.fullmatch(candidate):
            continue
        try:
            text = data.decode(candidate)
        except (UnicodeError, LookupError):  # LookupError: ISO-8859-12 was never one
            continue
        if not _HALF.search(text):
            return text
    return data.decode(encoding if not encoding.startswith("utf") else "cp1252", "replace")


def _clear(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
