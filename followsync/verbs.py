"""The words that name a method: the catalogue's names and verbs, and what people say instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from followsync.core.cadence import Rules

SEPARATOR = "\x1f"  # stands in a line where something was cut out of it
EDGE = rf"(?=\s*(?:$|[,;.{SEPARATOR}–—-]|(?:to|because|with|about|re|at)\b))"

_SAID: Mapping[str, tuple[str, ...]] = {
    "call": ("call", "call back", "call up", "give a call to", "phone call", "callback", "phone", "telephone", "ring", "dial"),
    "visit": (
        "visit", "stop by", "stop in", "drop by", "drop in", "drop in on", "swing by", "pop in", "come by", "come back", "go back",
        "go see", "go by", "walk in", "walk back in", "pay a visit to", "see", "in person",
    ),
    "email": ("email", "e-mail", "send email to", "send an email to", "send e-mail to", "send an e-mail to"),
    "letter": (
        "letter", "write letter to", "write a letter to", "send letter to", "send a letter to", "handwritten note", "thank you note",
    ),
    "video": (
        "video", "video call", "zoom", "zoom call", "zoom meeting", "teams", "teams call", "teams meeting", "google meet", "facetime",
        "webex", "skype",
    ),
    "meeting": ("meet", "meet up", "meeting", "coffee", "lunch", "breakfast", "dinner", "drinks", "sit down"),
    "gift": ("gift", "send gift to", "send a gift to"),
    "newsletter": ("newsletter", "send newsletter to", "send the newsletter to"),
    "text": ("text", "sms", "whatsapp", "message"),
}  # fmt: skip
_NOUNS = frozenset(
    {
        "phone", "ring", "letter", "video", "zoom", "teams", "gift", "newsletter", "coffee", "lunch", "breakfast", "dinner",
        "drinks", "meeting", "text", "message", "see", "skype",
    }
)  # fmt: skip
_COLOURS = frozenset(
    {"coffee", "lunch", "breakfast", "dinner", "drinks", "zoom", "teams", "facetime", "webex", "skype", "whatsapp"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A method's word found in ``text[start:end]``. ``noun``: the word may as well begin a name ("Coffee Corner")."""

    method: str
    start: int
    end: int
    word: str

    @property
    def noun(self) -> bool:
        return self.word.lower() in _NOUNS

    @property
    def colour(self) -> str:
        """The word where it says more than the method does: a coffee is a meeting, but not every meeting is a coffee."""
        return self.word if self.word.lower() in _COLOURS and self.word.lower() != self.method else ""


def method_at_start(text: str, rules: Rules) -> Said | None:
    """ "Stop by Joe's", "coffee with Bob", "write letter to Jenny"; a call center is a place."""
    match = re.match(
        rf"[\s{SEPARATOR}:,]*({_pattern(rules)})(?![\w'’-])(?!\s+cent(?:er|re))(?:\s+(?:with\b|w/\s*|w(?=\s)))?", text, re.IGNORECASE
    )
    return Said(_method(match[1], rules), match.start(1), match.end(), match[1]) if match else None


def says_its_verb(said: Said, rules: Rules) -> bool:
    """Whether the word is something to do (a configured verb, "stop by"), and no thing besides ("coffee", "newsletter")."""
    word = " ".join(said.word.lower().split())
    verbs = {" ".join(method.verb.lower().split()) for method in rules.methods.values()}
    return word in verbs or (word in {one for words in _SAID.values() for one in words} and (not said.noun or word.endswith(" to")))


def method_inside(text: str, rules: Rules) -> Said | None:
    """ "Joe's Diner visit in 2 months", "follow up by phone": in small letters, and nothing of a name behind it."""
    pattern = _pattern(rules)
    small = rf"(?<![\w'’-])(?:(?:by|via|over|for|on|a|an|the) )*({pattern})"
    begins = rf"(?:^|(?<=[.;:,–—-]\s)|(?<={SEPARATOR})|(?<={SEPARATOR}\s))(?=[A-Z])(?i:({pattern}))"  # "Joe's Diner. Come back Thursday"
    loud = re.IGNORECASE if text.isupper() else 0
    match = re.search(rf"(?:{small}|{begins})(?:\s+(?:her|him|them|back|again)\b)*{EDGE}", text, loud)
    return Said(_method(match[1] or match[2], rules), match.start(), match.end(), match[1] or match[2]) if match else None


def method_given(text: str, rules: Rules) -> tuple[Said, int] | None:
    """ "Give Jenny a call", "send Jenny an email Friday": the method's words, and where the verb before the name ends."""
    match = re.match(
        rf"(?i)[\s{SEPARATOR}]*(?:give|send|write|drop|shoot|pay|mail|leave)\s+(?!an?\s|the\s)(?:\S+\s+){{1,4}}?(?P<noun>an?\s+({_pattern(rules)}))"
        r"(?![\w'’-])",
        text,
    )
    if match is None:
        return None
    verb = re.match(rf"[\s{SEPARATOR}]*\S+", text)
    assert verb is not None
    return Said(_method(match[2], rules), match.start("noun"), match.end("noun"), match[2]), verb.end()


def either_method(text: str, rules: Rules) -> re.Match[str] | None:
    """ "Call or visit Jenny", "mail Jenny": which of two was not said."""
    pattern = _pattern(rules)
    return re.match(rf"(?i)[\s{SEPARATOR}]*(?:(?:{pattern})\s*(?:\bor\b|/)\s*(?:{pattern})|mail)(?![\w'’-])", text)


def _method(word: str, rules: Rules) -> str:
    return _words(rules)[" ".join(word.lower().split())]


def _pattern(rules: Rules) -> str:
    longest_first = sorted(_words(rules), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)


def _spellings(name: str) -> tuple[str, ...]:
    """ "candy-gram", "candy gram", "candygram"."""
    return name, name.replace("-", " ").replace("_", " "), name.replace("-", "").replace("_", "")


def _words(rules: Rules) -> dict[str, str]:
    """Word -> method. What the rep configured goes before what people say: names first, then verbs."""
    words = {word: method for method, said in _SAID.items() for word in said}
    words |= {" ".join(method.verb.lower().split()): name for name, method in rules.methods.items() if method.verb.strip()}
    words |= {spelled: name for name in rules.methods for spelled in _spellings(name.lower())}
    return {word: method for word, method in words.items() if word.strip()}
