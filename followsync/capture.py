"""One typed line -> who, method, when, why: "Visit Joe's Diner 248.555.0100 Thursday afternoon to meet the owner".

Whatever is understood is cut out of the line; what is left over becomes the note, so that nothing typed is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from followsync.core.cadence import Reason, Rules
from followsync.core.workdays import RepRules
from followsync.errors import UsageError
from followsync.phone import find_phone
from followsync.verbs import SEPARATOR, Said, method_at_start, method_inside
from followsync.when import Found, When, find_when, parse_when


@dataclass(frozen=True, slots=True)
class Capture:
    """What a line says. ``name`` is the business, or the person where there is none; ``person`` only where both were typed.

    ``method`` and ``reason`` are names of the rules, "" where none was named. ``purpose`` is "" where none was stated.
    ``closes``: the prospect is not interested. ``missing`` names what the next action still needs: "method", "day".
    ``note``: what was typed besides. ``text``: the line as typed.
    """

    name: str
    person: str
    phone: str
    email: str
    method: str
    purpose: str
    when: When | None
    reason: str
    closes: bool
    missing: tuple[str, ...]
    note: str
    text: str


@dataclass(frozen=True, slots=True)
class Next:
    """What was agreed: "thu pm send quote". ``method`` is "" where none was named: the caller takes the preferred one."""

    method: str
    purpose: str
    when: When | None
    agenda: tuple[str, ...]
    missing: tuple[str, ...]
    note: str


def parse_line(text: str, *, now: datetime, rep: RepRules, rules: Rules) -> Capture:
    """A line as a rep types it on walking out. Raises UsageError where it names nobody."""
    line = _Line(text, now, rep, rules)
    email = line.cut(_EMAIL.search(line.rest))
    phone = line.cut(find_phone(line.rest, rep.region))
    refusal = line.cut(_CLOSES.search(line.rest))
    because = line.cut(_BECAUSE.search(line.rest), group=1)
    line.cut(_LEAD_IN.match(line.rest))
    line.cut_method_at_start()
    when = line.cut_when()
    line.cut_method_at_start()
    purpose = line.cut_purpose()
    line.cut_method_inside()
    name, person = line.cut_who()
    if not name:
        raise UsageError('This line names nobody. Type a name first, for example: "Call Jenny Friday 10am to go over the quote".')
    reason = _reason(because, rules.reasons)
    if because and not _says_just(because, reason):
        line.notes.append(f"because {because}")
    if refusal and refusal.lower() != "none":
        line.notes.append(refusal)
    missing = () if refusal else _missing(line.method, when)
    return Capture(
        name, person, phone, email, line.method, purpose, when, reason, bool(refusal), missing, "; ".join(line.notes), text
    )  # fmt: skip


def parse_next(text: str, *, now: datetime, rep: RepRules, rules: Rules) -> Next:
    """What was agreed with a prospect who is known: "coffee Friday 3pm to review the quote"."""
    line = _Line(text, now, rep, rules)
    agenda = line.cut(_AGENDA.search(line.rest), group=1)
    because = line.cut(_BECAUSE.search(line.rest))
    line.cut(_LEAD_IN.match(line.rest))
    verb = line.cut_method_at_start()
    when = line.cut_when()
    verb = verb or line.cut_method_at_start()
    purpose = line.cut_purpose()
    line.cut_method_inside()
    pieces = _pieces(_PRONOUN.sub(SEPARATOR, line.rest))
    if not purpose and pieces:
        first = pieces.pop(0)
        purpose = f"{verb.word.lower()} {first}" if verb and not verb.noun and _OBJECT.match(line.rest) else first
    line.notes += [*pieces, *([because] if because else [])]
    points = tuple(point.strip() for point in re.split(r"[;,]", agenda) if point.strip())
    return Next(line.method, purpose, when, points, _missing(line.method, when), "; ".join(line.notes))


def parse_title(title: str, *, rules: Rules, rep: RepRules, now: datetime) -> Capture:
    return parse_line(title, now=now, rep=rep, rules=rules)


def reads_as_capture(title: str, rules=None, known=lambda name: False) -> bool:
    """Whether the title of somebody's calendar entry is a follow-up: a method's verb, a name, and a purpose or a phone number. In
    doubt it is not: "Golf league", "Call center training", "Visit to the dentist" are the rep's own business."""
    said = method_at_start(title, Rules({})) if len(title) <= _LONGEST_TITLE else None
    if said is None or (said.noun and "to" not in said.word.split()):
        return False
    match = _NAME_AND_MORE.fullmatch(title[said.end :].strip())
    appointment = title[: said.end].lower().endswith(" with") and said.method != "meeting"  # "Call with Acme" is in the diary already
    if match is None or appointment or _PRIVATE.search(match["name"]):
        return False
    name, phone = match["name"], match["phone"]
    return bool(phone) or (name[0].isupper() and bool(match["purpose"]))


def prospect_id(name: str, taken: Container[str]) -> str:
    """A readable id: ``joes-diner``, or ``joes-diner-2`` where that is taken."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", letters.replace("'", "")).strip("-")[:48].strip("-") or "prospect"
    if slug not in taken:
        return slug
    return next(candidate for n in count(2) if (candidate := f"{slug}-{n}") not in taken)


# -- the parts of a line -----------------------------------------------------------------------------------------------------------

_LONGEST_TITLE = 300  # characters
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?![\w-])")
_CLOSES = re.compile(r"(?i)(?<![\w'’-])(?:not interested|no interest|no follow[- ]?up)(?![\w'’-])|(?:^|(?<=[\s,;:–—-]))none(?=\W*$)")
_BECAUSE = re.compile(r"(?i)(?<![\w'’-])(?:because(?: of)?|reason:)\s+(\S.*)$")
_AGENDA = re.compile(r"(?i)(?<![\w'’-])agenda:?\s+(\S.*)$")
_LEAD_IN = re.compile(
    r"(?i)\s*(?:(?:please|i(?:'ll| will)|(?:i )?(?:need|have) to|gotta|remember to)\s+)?"
    r"(?:(?:follow(?:ing)?[- ]?up|check in|touch base|circle back|reach out|get back|talk|speak)(?:\s+(?:with|to|on))?(?=\s))?"
)
_PRONOUN = re.compile(r"(?i)(?<![\w'’-])(?:her|him|them|back|again)(?![\w'’-])")
_OBJECT = re.compile(rf"\s*{SEPARATOR}\s*[^\s{SEPARATOR}]")
_TO = re.compile(rf"(?:^|(?<=[\s{SEPARATOR},]))to\s+(?=[a-z])")
_TO_ANY = re.compile(rf"(?<=[\s{SEPARATOR},])to\s+(?=\w)")
_ABOUT = re.compile(rf"(?:^|(?<=[\s{SEPARATOR},]))(?:about|regarding|re:)\s+(?=\w)")
_FIXED_ELSEWHERE = re.compile(
    r"(?i)\b(?:meeting|appointment|demo|event|deadline|due|delivery|install\w*|training|lunch|visit|presentation|confirm|schedule|set|book"
    r"|remind|invite|before|by|until|for|from|since)\b"
)
_PIECES = re.compile(rf"{SEPARATOR}|\s+[–—-]+\s+|\s[–—-]+$|^[–—-]+\s|[;:|]\s|,\s+(?!(?:inc|llc|ltd|co|corp|gmbh)\b)", re.IGNORECASE)
_LOOSE = re.compile(r"^(?:(?:with|for|and|or|on|by|to|in)\s+)+|\s+(?:with|for|and|or|on|by|at|from|in|the|to)$")
_AT = re.compile(r"(?P<person>\S.*?)\s+(?:at|from|@)\s+(?P<name>\S.*)")
_OWNER = re.compile(r"\b(?:owner|manager|ask for|contact is|attn:?|met|spoke (?:to|with))\s+([A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)(?![\w'’-])")
_NAME_AND_MORE = re.compile(
    r"(?P<name>[^\W\d_](?:(?!\bto\b)[\w'’.&-])*(?: (?!to\b)[\w'’.&]+){0,4}?)"
    r"(?: to (?P<purpose>[a-z]\S*(?: .*?)?))?(?:\s*[–—-]+\s*(?P<phone>\+?\(?\d[\d\s().x-]{5,}\d))?"
)
_PRIVATE = re.compile(
    r"(?i)\b(?:mom|mum|dad|grand\w+|wife|husband|kids?|son|daughter|sister|brother|doctor|dr|dentist|vet|school|church|the|my|our)\b"
)


class _Line:
    """A line that is being cut up: ``rest`` is what is not understood yet, with a separator where something was taken."""

    def __init__(self, text: str, now: datetime, rep: RepRules, rules: Rules) -> None:
        if not any(letter.isalnum() for letter in text):
            raise UsageError('There is nothing to read in this line. Type a name, for example: "Joe\'s Diner".')
        self.rest = "".join(letter if letter.isprintable() else " " for letter in text)
        self.notes: list[str] = []
        self.method = ""
        self._now, self._rep, self._rules = now, rep, rules

    def cut(self, match: re.Match[str] | tuple[int, int] | None, group: int = 0) -> str:
        """Take the stretch out; its text, or that of one group."""
        if match is None:
            return ""
        start, end = match.span() if isinstance(match, re.Match) else match
        taken = (match[group] or match[0]) if isinstance(match, re.Match) else self.rest[start:end]
        self.rest = f"{self.rest[:start]}{SEPARATOR if taken else ''}{self.rest[end:]}"
        return taken.strip()

    def cut_method_at_start(self) -> Said | None:
        said = None if self.method else method_at_start(self.rest, self._rules)
        if said is None or (said.noun and self._begins_a_name(said)):
            return None
        return self._take(said)

    def cut_method_inside(self) -> None:
        said = None if self.method else method_inside(self.rest, self._rules)
        if said:
            self._take(said)

    def _take(self, said: Said) -> Said:
        self.method = said.method
        if said.colour:
            self.notes.append(said.colour)
        self.cut((said.start, said.end))
        return said

    def _begins_a_name(self, said: Said) -> bool:
        """ "Coffee Corner" is a place; "Coffee Jenny Friday 3pm" and "coffee Jenny" are meetings."""
        behind = self.rest[said.end :].lstrip()
        return said.word[0].isupper() and behind[:1].isupper() and not find_when(self.rest, now=self._now, rep=self._rep)

    def cut_when(self) -> When | None:
        """The day before the purpose, else one at its very end, unless it may be the day of something else ("confirm the demo Friday")."""
        found = find_when(self.rest, now=self._now, rep=self._rep)
        purpose = _TO.search(self.rest)
        head = [stretch for stretch in found if purpose is None or stretch.start < purpose.start()]
        if head:
            return self._cut_stretches(head)
        if purpose and len(found) == 1 and found[0].when:
            before, after = self.rest[purpose.end() : found[0].start], self.rest[found[0].end :]
            if not _FIXED_ELSEWHERE.search(before) and not any(letter.isalnum() for letter in after):
                return self._cut_stretches(list(found))
        return None

    def _cut_stretches(self, stretches: list[Found]) -> When | None:
        phrases = [self.rest[stretch.start : stretch.end] for stretch in stretches]
        when = stretches[0].when if len(stretches) == 1 else parse_when(" ".join(phrases), now=self._now, rep=self._rep)
        for stretch in reversed(stretches):
            self.cut((stretch.start, stretch.end))
        if when is None:
            self.notes += phrases
        return when

    def cut_purpose(self) -> str:
        match = _TO.search(self.rest) or (_TO_ANY.search(self.rest) if self.method else None)
        about = None if match else _ABOUT.search(self.rest)
        begin = match or about
        if begin is None:
            return ""
        end = self.rest.find(SEPARATOR, begin.end())
        end = len(self.rest) if end < 0 else end
        purpose = self.rest[begin.end() : end].strip(" ,;:.–—-")
        if not purpose:
            return ""
        self.cut((begin.start(), end))
        return f"talk about {purpose}" if about else purpose

    def cut_who(self) -> tuple[str, str]:
        """Name and person of what is left; the rest of it goes to the notes."""
        pieces = _pieces(self.rest)
        if not pieces:
            return "", ""
        name, person = pieces.pop(0), ""
        if pieces and (match := re.match(r"(?:at|from|@)\s+(?=\S)", pieces[0])):
            person, name = name, pieces.pop(0)[match.end() :]
        elif match := _AT.fullmatch(name):
            person, name = match["person"], match["name"]
        if not person and (match := _OWNER.search(" ; ".join(pieces))):
            person = match[1]
        self.notes += pieces
        return name, person


def _pieces(rest: str) -> list[str]:
    pieces = (_LOOSE.sub("", piece.strip(" ,;:–—-\t")).strip(" ,;:–—-") for piece in _PIECES.split(rest))
    return [piece for piece in pieces if any(letter.isalnum() for letter in piece)]


def _missing(method: str, when: When | None) -> tuple[str, ...]:
    return (() if method else ("method",)) + (() if when else ("day",))


def _reason_words(reason: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", reason.lower().replace("_", " ")))


def _reason(because: str, reasons: Mapping[str, Reason]) -> str:
    """The one configured reason whose words are said: "contract" names contract_end. Where two fit equally, none."""
    said = _reason_words(because)
    scores = {name: len((_reason_words(name) - _HOLLOW or _reason_words(name)) & said) for name in reasons}
    best = max(scores.values(), default=0)
    names = [name for name, score in scores.items() if score == best and score]
    return names[0] if len(names) == 1 else ""


_HOLLOW = frozenset({"end", "date", "of", "the", "is", "in"})


def _says_just(because: str, reason: str) -> bool:
    return bool(reason) and _reason_words(because) <= _reason_words(reason)
