"""The words that name a method: the catalogue's names and verbs, and what people say instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from followsync.core.cadence import Rules

SEPARATOR = "\x1f"  # stands in a line where something was cut out of it
EDGE = (
    rf"(?=\s*(?:$|[,;.!{SEPARATOR}–—-]|(?:to|because|with|re|about|at|on|in|next|this|for|by|before|after|when|then|and|first|asap"
    rf"|please|pls)\b"
    r"|w/))"
)

_BY = {  # what one does on the way to a visit
    "stop": ("by", "in", "@", "in @", "by @", "past", "over", "at", "in at", "by at", "in on", "over at", "back", "back by", "back in",
             "back at", "round", "around", "by again", "in again", "off at"),
    "swing": ("by", "past", "in", "round", "over", "back by", "back", "back in", "by again"),
    "drop": ("by", "in", "past", "over", "round", "in on", "by at", "in at", "back in", "back by"),
    "pop": ("by", "in", "over", "round", "past", "into", "in on", "in at", "in to", "back in", "by at"),
    "come": ("by", "back", "by again", "back by", "back in", "see", "in", "over"),
    "go": ("by", "back", "back by", "back to", "back in", "back over", "see", "over to", "over", "in", "out to", "visit"),
    "run": ("by", "over to"), "roll": ("by",), "cruise": ("by",), "drive": ("by", "out to"), "look": ("in on",), "call": ("in on",),
    "head": ("to", "over to", "back to"), "walk": ("in", "into", "back in", "in to"), "return": ("to",),
}  # fmt: skip
_SAID: Mapping[str, tuple[str, ...]] = {
    "call": (
        "call", "call back", "call up", "phone back", "ring back", "give a call to", "give a ring to", "phone call", "callback", "phone",
        "telephone", "ring", "dial", "cold call", "phone meeting", "phone mtg", "phone appointment", "phone appt",
        "conference call", "conf call", "cb", "ph call", "tel call", "telecon",
        "buzz", "bell", "phone chat", "cll", "ph",
        *(f"leave {a}{word}" for a in ("", "a ") for word in ("message", "msg", "voicemail", "voice mail", "vm")),
    ),
    "visit": (
        "visit", "vist", "vsit", "viist", "visit with", "pay a visit to", "see", "in person", "site visit", "drop-in", "walk-in",
        "onsite visit", "stop-by",
        *(f"{verb} {by}" for verb, ways in _BY.items() for by in ways),
    ),
    "email": ("email", "e-mail", "eml", "e mail", "emial", "eamil", "emaill", "send email to", "send an email to", "send e-mail to",
    "send an e-mail to", "email back"),
    "letter": (
        "letter", "write letter to", "write a letter to", "send letter to", "send a letter to", "handwritten note", "write thank you",
        "write a thank you", "thank you note", "thank u note", "thank u card", "ty card", "ty note",
        "birthday card", "holiday card", "christmas card", "sympathy card", "anniversary card", "congrats card",
        "greeting card", "get well card",
        "thank-you note", "thank you card", "thank-you card", "handwritten letter", "handwritten card", "handwritten thank you",
        "snail mail", "postcard", "thank you letter", "thank-you letter", "thank you notes", "note card", "handwritten thank-you",
    ),
    "video": (
        "video", "video call", "video chat", "video meeting", "video conference", "zoom", "zoom call", "zoom meeting", "zoom mtg",
        "zoom demo", "teams", "teams call", "teams meeting", "teams mtg", "google meet", "gmeet", "facetime", "webex", "skype",
    ),
    "meeting": (
        "meet", "meet up", "meeting", "mtg", "coffee", "coffee meeting", "coffee mtg", "lunch", "lunch meeting", "lunch mtg", "breakfast",
        "dinner", "drinks", "beer", "beers", "sit down",
    ),
    "gift": ("gift", "send gift to", "send a gift to"),
    "newsletter": ("newsletter", "send newsletter to", "send the newsletter to"),
    "text": ("text", "txt", "txt msg", "text back", "text message", "sms", "whatsapp", "message", "ping"),
}  # fmt: skip
_DOUBLED = frozenset({"stop", "drop", "pop", "run", "sit"})
_ENDS_IN_E = frozenset({"come", "cruise", "drive", "phone", "telephone", "write"})
_VERBS = frozenset({*_BY, "call", "phone", "telephone", "ring", "dial", "visit", "email", "e-mail", "text", "message", "ping", "zoom"})
_VERBS_OF_PHRASES = _VERBS | {"pay", "write", "send", "give", "sit", "meet", "facetime", "skype"}
_NOUNS = frozenset(
    {
        "phone", "ring", "letter", "video", "zoom", "teams", "gift", "newsletter", "coffee", "lunch", "breakfast", "dinner",
        "drinks", "meeting", "mtg", "text", "message", "see", "skype", "bell", "buzz", "beer", "beers", "ping", "cb", "postcard",
        "stop at", "head to", "ph",
    }
)  # fmt: skip
DEEDS_AND_THINGS = frozenset({"phone", "ring", "text", "message"})  # before a person they are something to do
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


_BEFORE_IT = (  # what may stand before the word, and says nothing about it
    r"(?:(?:an?|the|another|quick|short|brief|intro(?:ductory)?|follow(?:ing)?[- ]?up|f[/-]?u|fup|initial|discovery|check[- ]?in"
    r"|hop on|jump on"
    r"|hopping on|jumping on|get on|do|have|having|grab|grabbing|get|buy|try|trying|be|doing|make|place|another)\s+)*?"
)


_SENDING = (  # "send her a thank you note", "shoot Bob an email" is another matter
    r"(?:(?:send|sending|writ(?:e|ing)|mail|mailing|drop|dropping|shoot|shooting)\s+(?:an?\s+|the\s+|out\s+)?"
    r"(?=(?:quick |short |nice )?(?:e-?mail|text|sms|letter|postcard|thank|handwritten|gift|newsletter|note card)\b))??"
)


def method_at_start(text: str, rules: Rules) -> Said | None:
    """ "Stop by Joe's", "coffee with Bob", "write letter to Jenny"; a call center is a place."""
    match = re.match(
        rf"[\s{SEPARATOR}:,]*(?P<all>{_BEFORE_IT}{_SENDING}(?P<it>{_pattern(rules)}))(?![\w'’-])(?:\s+(?:back|again)(?=\s))?"
        r"(?:\s+(?:with\b|w/\s*|w(?=\s)))?(?:\s*:(?=\s+\w))?",
        text,
        re.IGNORECASE,
    )
    if match is None or _is_place(match["it"], text[match.end("it") :]):
        return None
    return Said(_method(match["it"], rules), match.start("all"), match.end(), match["it"])


def _is_place(word: str, behind: str) -> bool:
    """A call center, a gift shop; but one may visit a corner and call a house of pizza."""
    return bool(re.match(_A_CALL_CENTER if word.lower().split()[0] in _DEEDS else _A_PLACE, behind, re.IGNORECASE))


def says_its_verb(said: Said, rules: Rules) -> bool:
    """Whether the word is something to do (a configured verb, "stop by"), and no thing besides ("coffee", "newsletter")."""
    word = " ".join(said.word.lower().split())
    verbs = {" ".join(method.verb.lower().split()) for method in rules.methods.values()}
    return word in verbs or (word in {one for words in _SAID.values() for one in words} and (not said.noun or word.endswith(" to")))


def methods_inside(text: str, rules: Rules) -> list[Said]:
    """ "Joe's Diner visit in 2 months", "follow up by phone", "Acme, shoot her an email": in small letters, and where a thing and no deed
    is named, nothing of a name behind it. What others will do ("she will call", "call me") is none of ours."""
    pattern = _pattern(rules)
    before = rf"(?:(?:{_GIVING})\s+(?:him|her|them)\s+|(?:needs?|wants?|requested|asked for|expect(?:s|ing)|due|prefers|owe|owes)\s+)?"
    linked = rf"(?:(?:by|via|over|for|on|per|through|thru)\s+(?=\S))?{_BEFORE_IT}"
    small = rf"(?<![\w'’/-]){before}{linked}{_SENDING}(?P<small>{pattern})(?![\w'’-])"
    begins = rf"(?:^|(?<=[.;:,!–—-]\s)|(?<={SEPARATOR})|(?<={SEPARATOR}\s))(?=[A-Z])(?i:(?P<begins>{pattern}))(?![\w'’-])"
    found = re.finditer(rf"(?:{small}|{begins})(?:\s+(?:her|him|them|'?em|back|again)\b)*", text, re.IGNORECASE if text.isupper() else 0)
    return [said for match in found if (said := _inside(match, text, rules))]


def _inside(match: re.Match[str], text: str, rules: Rules) -> Said | None:
    word = match["small"] or match["begins"]
    said = Said(_method(word, rules), match.start(), match.end(), word)
    if match["small"] and _is_place(word, text[match.end("small") :]):
        return None
    if _OTHERS_DO.search(text, 0, match.start()) or re.match(r"\s+(?:me|us)\b", text[match.end() :]):
        return None
    edge = re.match(EDGE, text[match.end() :])
    deed = match["small"] and " ".join(word.lower().split()).split()[0] in _DEEDS and not said.noun and word.lower() != "phone"
    sees = (
        word == "see"
        and re.match(r"\s+[A-Z]", text[match.end() :])
        and re.search(rf"(?:[,;.–—-]\s|{SEPARATOR}\s*)$", text[: match.start()])
    )
    return said if edge or deed or sees else None


_A_CALL_CENTER = r"\s+(?:cent(?:er|re)|list|book|box|card|app)s?\b"
_A_PLACE = r"\s+(?:cent(?:er|re)|shop|house|store|bar|corner|roasters|club|box|book|list|card|app)s?\b"
_GIVING = (
    r"giv(?:e|ing)|send(?:ing)?|writ(?:e|ing)|drop(?:ping)?|shoot(?:ing)?|fir(?:e|ing) off|pay(?:ing)?|mail(?:ing)?"
    r"|leav(?:e|ing)|ow(?:e|es)|tak(?:e|ing)|buy(?:ing)?|treat"
)
_OTHERS_DO = re.compile(
    r"(?i)(?:(?<![\w'’-])(?:(?:he|she|owner|manager|mgr|boss|buyer)(?= (?:is|was|will|would|may|might|could|be|to|said)\b)|he|she|they"
    r"|will|(?:he|she|they)['’](?:ll|d|s|re)|(?:is|are|was|were) going to|gonna)"
    r"(?: (?:is|are|was|were|will|would|may|might|could|be|to|said (?:he|she|they)))*|\w['’]s|(?<![\w'’-])(?:never|not|not to|don['’]?t"
    r"|do not"
    r"|can['’]?t|cannot|won['’]?t|didn['’]?t|couldn['’]?t|missed|returned|my|his|her"
    r"|their|last|no|board|staff|budget|sales|safety|council|committee|town|city|annual|team))\s+$"
)


def method_given(text: str, rules: Rules) -> tuple[Said, int] | None:
    """ "Give Jenny a call", "send Jenny an email Friday", "take Jenny to lunch": the method's words, and where the verb before the name
    ends."""
    match = re.match(
        rf"(?i)[\s{SEPARATOR}]*(?P<verb>{_GIVING})\s+(?!an?\s|the\s)(?:\S+\s+){{1,4}}?"
        rf"(?P<noun>(?:(?:an?|another)\s+{_BEFORE_IT}|(?:the|our|this month['’]s)\s+(?:\w+\s+)?(?=newsletter|letter|gift|email|e-mail)"
        rf"|(?:out )?(?:to|for)\s+(?:an? )?(?=coffee|lunch|breakfast|dinner|drinks|beer)"
        rf"|(?=coffee\b|lunch\b|breakfast\b|dinner\b|drinks\b))(?:(?P<it>{_pattern(rules)})|(?<=\ba )(?P<thanks>thank[- ]?you)))"
        r"(?![\w'’-])",
        text,
    )
    if match is None:
        return None
    by_hand = match["thanks"] and "letter" in rules.methods and match["verb"].lower().startswith(("writ", "mail"))
    if match["thanks"] and not by_hand:
        return None
    word = match["it"] or "letter"
    return Said(_method(word, rules), match.start("noun"), match.end("noun"), word), match.end("verb")


def either_method(text: str, rules: Rules) -> re.Match[str] | None:
    """ "Call or visit Jenny", "mail Jenny": which of two was not said."""
    pattern = _pattern(rules)
    return re.match(rf"(?i)[\s{SEPARATOR}]*(?:(?:{pattern})\s*(?:\bor\b|/)\s*(?:{pattern})|mail)(?![\w'’-])", text)


def _method(word: str, rules: Rules) -> str:
    return _words(rules)[" ".join(word.lower().split())]


def _pattern(rules: Rules) -> str:
    return _pattern_of(_catalogue(rules))


@lru_cache(maxsize=16)
def _pattern_of(catalogue: tuple[tuple[str, str], ...]) -> str:
    longest_first = sorted(_words_of(catalogue), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)


def _spellings(name: str) -> tuple[str, ...]:
    """ "candy-gram", "candy gram", "candygram"."""
    return name, name.replace("-", " ").replace("_", " "), name.replace("-", "").replace("_", "")


def _forms(phrase: str) -> tuple[str, ...]:
    """ "stop by", "stopping by"."""
    verb, _, rest = phrase.partition(" ")
    if verb not in _VERBS_OF_PHRASES or (rest and phrase in {"phone call", "phone chat", "text message", "zoom call"}):
        return (phrase,)
    stem = verb[:-1] if verb in _ENDS_IN_E else verb + verb[-1] if verb in _DOUBLED else verb
    return phrase, f"{stem}ing {rest}".strip()


_FORMS = {form: method for method, said in _SAID.items() for word in said for form in _forms(word)}
_DEEDS = frozenset(form for verb in _VERBS - {"zoom", "ring", "text", "message"} for form in _forms(verb))


def _catalogue(rules: Rules) -> tuple[tuple[str, str], ...]:
    """What of the rules the words depend on: the names of the methods, and their verbs."""
    return tuple((name, method.verb) for name, method in rules.methods.items())


def _words(rules: Rules) -> Mapping[str, str]:
    return _words_of(_catalogue(rules))


@lru_cache(maxsize=16)
def _words_of(catalogue: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Word -> method. What the rep configured goes before what people say: names first, then verbs."""
    words = dict(_FORMS)
    words |= {" ".join(verb.lower().split()): name for name, verb in catalogue if verb.strip()}
    words |= {spelled: name for name, _ in catalogue for spelled in _spellings(name.lower())}
    return {word: method for word, method in words.items() if word.strip()}
