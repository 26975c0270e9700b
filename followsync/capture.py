"""One typed line -> who, method, when, why: "Visit Joe's Diner 248.555.0100 Thursday afternoon to meet the owner".

Whatever is understood is cut out of the line; what is left over becomes the note, so that nothing typed is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from followsync.core.cadence import Reason, Rules
from followsync.core.workdays import RepRules
from followsync.daywords import MONTH
from followsync.errors import UsageError
from followsync.line import Line
from followsync.linedays import cut_days_beside_the_name, cut_when
from followsync.linewords import ACTS, DENIES, NOBODY, SENT, THING, THING_ALONE
from followsync.names import ROLES, is_human
from followsync.rest import pieces_of
from followsync.typed import as_typed, quiet, readable
from followsync.verbs import DEEDS_AND_THINGS, SEPARATOR, Said, method_at_start, says_its_verb
from followsync.when import When


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
    return _told_as_typed(_read_line(_with_small_to(quiet(text), rules), now, rep, rules), text)


def _with_small_to(text: str, rules: Rules) -> str:
    """ "Call Jenny To Determine next steps", as some phones write it: behind a person "To" is where the purpose begins. "Made To Order
    Cakes" is a name. The letters stay at their places."""
    said, to = method_at_start(text, rules), _CAPITAL_TO.search(text)
    if said is None or to is None or not is_human(text[said.end : to.start()].strip()):
        return text
    return f"{text[: to.start()]}{to[0].lower()}{text[to.end() :]}"


def _told_as_typed(said: Capture, text: str) -> Capture:
    return replace(
        said,
        name=as_typed(said.name, text),
        person=as_typed(said.person, text),
        email=as_typed(said.email, text),
        phone=as_typed(said.phone, text),
        purpose=as_typed(said.purpose, text),
        note=_notes_as_typed(said.note, text),
        text=text,
    )


def _notes_as_typed(notes: str, text: str) -> str:
    told = notes.split("; ")
    if _MARKS.search(notes):
        whole = [_stretch(note, text) for note in told]
        told = [note for note in whole if not any(note != other and note in other for other in whole)]
    return "; ".join(as_typed(note, text) for note in told)


def _stretch(note: str, text: str) -> str:
    """A note with marks of ours in it, where something else had been taken out before: with that, as it stands in the line."""
    parts = [part.strip() for part in _MARKS.split(note) if part.strip()]
    found = re.search(".*?".join(map(re.escape, parts)), quiet(text)) if len(parts) > 1 else None
    return found[0] if found else " ".join(parts)


def _read_line(text: str, now: datetime, rep: RepRules, rules: Rules) -> Capture:
    line = Line(_MOVES.sub(_moved, text), now, rep, rules)
    email = line.cut_email()
    phone = line.cut_phone()
    line.cut_address()
    refusal = line.cut(_CLOSES.search(line.rest))
    because = line.cut(_BECAUSE.search(line.rest), group=1)
    line.cut_asides()
    line.cut_length()
    first = line.cut_purpose_first()
    line.cut(_lead_in(line.rest))
    line.cut_method_at_start()
    when = cut_when(line)
    if when is None and (denied := line.cut(DENIES.search(line.rest))):
        line.notes.append(denied)
    line.cut_method_at_start()
    purpose = first or line.cut_purpose()
    line.cut_method_inside()
    purpose = purpose or line.cut_handing_over() or line.cut_thing_alone()
    line.take_method_of_last_try()
    line.cut_place_of_a_meal()
    name, person = line.cut_who()
    name = name or phone or email  # until one is known
    if not name:
        raise UsageError('This line names nobody. Type a name first, for example: "Call Jenny Friday 10am to go over the quote".')
    reason = _reason(because, rules.reasons)
    if because and not _says_just(because, reason):
        line.notes.append(f"because {because}")
    if refusal and refusal.lower() != "none":
        line.notes.append(refusal)
    closes = bool(refusal) and when is None  # "not interested, call back in 6 months" is an agreement
    missing = () if closes else _missing(line.method, when)
    return Capture(
        name, person, phone, email, line.method, purpose, when, reason, closes, missing, "; ".join(line.notes), text
    )  # fmt: skip


def parse_next(text: str, *, now: datetime, rep: RepRules, rules: Rules) -> Next:
    """What was agreed with a prospect who is known: "coffee Friday 3pm to review the quote"."""
    said = _read_next(quiet(text), now, rep, rules)
    agenda = tuple(as_typed(point, text) for point in said.agenda)
    return replace(said, purpose=as_typed(said.purpose, text), agenda=agenda, note=_notes_as_typed(said.note, text))


def _read_next(text: str, now: datetime, rep: RepRules, rules: Rules) -> Next:
    line = Line(text, now, rep, rules)
    agenda = line.cut(_AGENDA.search(line.rest), group=1)
    because = line.cut(_BECAUSE.search(line.rest))
    line.cut_asides(agreed=True)
    line.cut_length()
    line.cut(_lead_in(line.rest))
    verb = line.cut_method_at_start()
    when = cut_when(line)
    line.rest = _DASH_FIRST.sub("", line.rest)  # "Wed 3pm — coffee w/ Bob"
    verb = verb or line.cut_method_at_start()
    purpose = line.cut_purpose() or line.sent
    line.cut_method_inside()
    line.take_method_of_what_is_handed_over()
    pieces = [piece for piece in pieces_of(_PRONOUN.sub(SEPARATOR, line.rest)) if piece.casefold() not in NOBODY | {"about", "regarding"}]
    if verb and verb.end - verb.start > len(verb.word) and pieces and not purpose:
        line.notes.append(pieces.pop(0))  # "coffee with Bob": whom, not what for
    if not purpose and pieces:
        purpose, whom = _what_for(pieces.pop(0), line, verb)
        line.notes += [whom] if whom else []
    line.notes += [*pieces, *([because] if because else [])]
    points = tuple(point.strip() for point in re.split(r"[;,]", agenda) if point.strip())
    return Next(line.method, purpose, when, points, _missing(line.method, when), "; ".join(line.notes))


def _what_for(piece: str, line: Line, verb: Said | None) -> tuple[str, str]:
    """What of a ``piece`` is a purpose, so that the title reads ("Email Jenny to send the quote", "Call Jenny to talk about the quote"),
    and what says whom or where ("call the office")."""
    behind = verb is not None and bool(_OBJECT.match(line.rest))
    whom, thing = _WHOM.match(piece), bool(_A_THING.match(piece))
    if _PLACE.match(piece) or (behind and not whom and is_human(piece)):
        return "", piece
    if _THANKS.fullmatch(piece):
        return "say thanks", ""
    if line.method in SENT and (thing or (behind and not ACTS.match(piece))):
        return f"send {piece[whom.end() :] if whom else piece}", whom["whom"] if whom else ""
    if line.method == "visit" and _WITH.search(line.rest):
        return f"bring {piece}", ""
    if behind and line.method == "visit" and piece.islower() and not THING_ALONE.fullmatch(piece):
        return f"see {piece}", ""
    if behind and line.method in ("call", "visit") and (_SOMEBODY.fullmatch(piece) or all(word[:1].isupper() for word in piece.split())):
        return "", piece
    if (thing and not (verb and verb.word.lower().startswith("meet"))) or (behind and line.method == "call" and not ACTS.match(piece)):
        return f"{'mail' if 'mail' in line.notes else 'talk about'} {piece}", ""
    if behind and line.method == "call":
        return piece, ""
    return (f"{verb.word.lower()} {piece}" if behind and verb and not verb.noun else piece), ""


def nobody(name: str) -> bool:
    """No prospect is known by that name or number."""
    return False


def reads_as_capture(title: str, rules: Rules, known: Callable[[str], bool] = nobody, called: Callable[[str], bool] = nobody) -> bool:
    """Whether the title of an entry that the rep typed is a follow-up: what to do, and with whom. In doubt it is not: "Golf league",
    "Call center training" and "Visit to the dentist" are the rep's own business.

    ``known`` says of a name or a phone number, as it was typed, whether it is a prospect's: that is enough ("Call Jenny"). Of others a
    method's verb, a name and a purpose are wanted, or a phone number; in a title in capitals no name can be told, so a number. Whatever
    else stands behind a name and its number, it is one. ``called`` says whether it is a prospect's first name: that stands for the purpose.
    """
    typed = readable(title) if len(title) <= _LONGEST_TITLE else ""
    title = _with_small_to(quiet(typed), rules)
    said = method_at_start(title, rules)
    if said is None:
        return False
    if _names_and_dials(title, said, typed, known, rules):
        return True
    match = _NAME_AND_MORE.fullmatch(title[said.end :].strip())
    if match is None:
        return False
    name, phone = _BACK.sub("", match["name"]), match["phone"] or match["first"] or ""
    if any(known(as_typed(one, typed)) for one in (name, phone, *re.split(r"\s+(?:at|from)\s+|\s*@\s*", name)) if one):
        return True
    appointment = title[said.start : said.end].lower() != said.word.lower() and said.method != "meeting"  # "Call with Acme" is in the diary
    if appointment or _PRIVATE.search(match["name"]) or not says_its_verb(said, rules):
        return False
    purpose = match["purpose"] or match["about"] or ""
    phone = phone or ("" if (more := _NUMBER_AND_MORE.search(purpose)) is None else more[0])
    theirs = called(as_typed(name, typed))
    named = theirs or all(word[:1].isupper() or word in _JOINS or not word[:1].isalpha() for word in name.split())
    return bool(phone) or (named and (theirs or bool(purpose)) and not _PRIVATE_PURPOSE.search(purpose))


def _names_and_dials(title: str, said: Said, typed: str, known: Callable[[str], bool], rules: Rules) -> bool:
    """ "Call Ben Dunn (owner) 248-555-0217, wants pricing": what to do, whom, and the number. "Phone" and "ring" are things as well, so a
    person is wanted behind them: "Phone bill", "Ring fitting"."""
    match = _NAME_AND_NUMBER.fullmatch(title[said.end :].strip())
    if match is None:
        return False
    name = match["name"].strip(f" {_SIGNS}")
    if any(known(as_typed(one, typed)) for one in (name, match["phone"])):
        return True
    if title[said.start : said.end].lower() != said.word.lower() or _PRIVATE.search(name) or _PRIVATE_PURPOSE.search(match["tail"]):
        return False
    word = " ".join(said.word.lower().split())
    words = _BRACKETS.sub(" ", name).replace("/", " ").split()
    if not 1 <= len(words) <= _MOST_WORDS or words[0].casefold() in NOBODY or _AN_APPOINTMENT.search(word):
        return False
    human = is_human(" ".join(words[:2])) or is_human(words[0])
    capitals = all(one[:1].isupper() or one in _JOINS or not one[:1].isalpha() for one in words)
    if word in DEEDS_AND_THINGS:
        return human and capitals
    return says_its_verb(said, rules) and (human or capitals)


def parse_title(title: str, *, rules: Rules, rep: RepRules, now: datetime) -> Capture:
    """Such a title, in capitals too, taken apart. No date is searched, for the entry's own slot is its time: "Call Jenny to review the
    Friday report" keeps its purpose whole; a day beside the name, or behind the number, goes to the note. ``missing`` never names the day.
    Raises UsageError where it names nobody."""
    return _told_as_typed(_read_title(_with_small_to(quiet(title), rules), now, rep, rules), title)


def _read_title(title: str, now: datetime, rep: RepRules, rules: Rules) -> Capture:
    line = Line(title, now, rep, rules)
    email = line.cut_email()
    behind = line.cut_behind_the_number()
    phone = line.cut_phone()
    line.notes += behind
    line.cut_address()
    line.cut_length()
    line.cut(_lead_in(line.rest))
    line.cut_method_at_start()
    cut_days_beside_the_name(line)
    line.cut_method_at_start()
    purpose = line.cut_purpose()
    line.cut_method_inside()
    name, person = line.cut_who()
    if not name:
        raise UsageError('This title names nobody. Type a name, for example: "Call Jenny to determine next steps".')
    missing = () if line.method else ("method",)
    return Capture(name, person, phone, email, line.method, purpose, None, "", False, missing, "; ".join(line.notes), title)


def prospect_id(name: str, taken: Container[str]) -> str:
    """A readable id: ``joes-diner``, or ``joes-diner-2`` where that is taken."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", letters.replace("'", "")).strip("-")[:48].strip("-") or "prospect"
    if slug not in taken:
        return slug
    return next(candidate for n in count(2) if (candidate := f"{slug}-{n}") not in taken)


# -- the words -------------------------------------------------------------------------------------------------------------------------

_MARKS = re.compile("[\x1c-\x1f]+")
_LONGEST_TITLE = 300  # characters
_CLOSES = re.compile(
    r"(?i)(?<![\w'’-])(?:not interested|no longer interested"
    r"|no interest|no follow[- ]?up|not to be (?:called|contacted|bothered)(?: again)?"
    r"|(?:please )?(?:(?:do not|don['’]?t|never|stop) (?:call(?:ing)?|contact(?:ing)?)"
    r"(?: (?:(?:me|us|them|him|her|back|again|anymore|any more|ever)(?: |$))*)?(?=\W*$)|(?:take|remove|drop|cross) (?:me|us|them|him|her"
    r"|it) (?:off|from) (?:of )?"
    r"(?:(?:the|your|our|my|this|that|his|her) )?(?:call(?:ing)? |mailing |contact )?list)"
    r"|^remove(?=\s+\S+(?: \S+){0,4}? from (?:the )?(?:call(?:ing)? |mailing )?list\W*$))(?![\w'’-])|(?:^|(?<=[\s,;:–—-]))none(?=\W*$)"
)
_MOVES = re.compile(  # "Move Ed's call to Friday 3pm"
    r"^(?i:move|reschedule|push|bump|shift)\s+(?P<who>[A-Z][\w.-]*(?: [A-Z][\w.-]*)?)['’]s\s+"
    r"(?P<what>call|visit|meeting|coffee|lunch|video|zoom)"
    r"\s+(?:back )?to(?=\s)"
)
_BECAUSE = re.compile(r"(?i)(?<![\w'’-])(?:because(?: of)?|reason:)\s+(\S.*)$")
_AGENDA = re.compile(r"(?i)(?<![\w'’-])agenda:?\s+(\S.*)$")
_WHEN = rf"(?:\s+(?:{MONTH}|\d|an?|the|two|three|four|six|couple|early|late|mid|q[1-4])\b)"
_LEAD_IN = re.compile(
    rf"(?i)[\s{SEPARATOR},:]*+(?!(?-i:Will(?:\s*(?:[{SEPARATOR}\x1c,]|$)| (?:[A-Z]|last |yesterday|today|at |from "
    rf"|@))))(?P<lead>(?:(?:please|pls|plz|(?:i think )?i(?:['’](?:ll|m|d like to)|ll|m"
    rf"| will| am| should| want to| gotta"
    rf"| need to)|(?:will|going to|gonna|to|should|must)(?: be)?|be|reminder|remember|todo|to do|hey|ok|also|then|plan to"
    rf"|planning to|try(?:ing)? to|time to"
    r"|(?:i )?(?:need|have|want|going) to|gotta|gonna|let'?s|remember to|don'?t forget to"
    r"|(?:(?:he|she|they) )?(?:wants?|asked|told|needs?) (?:me|us) to|see (?:you|ya))\s+)*"
    r"(?:(?:set(?: |-)?up|schedule|book|arrange)\s+(?:an?\s+)?(?=(?:phone )?(?:call|visit|meeting|coffee|lunch|video|zoom|demo)\b)"
    rf"|(?:follow(?:ing)?[- ]?up|f/?u|fup|check(?:ing)?[- ]?(?:in(?!{_WHEN})|back|up)|check(?:ing)?(?=\s+in{_WHEN})|touch(?:ing)? base"
    r"|circl(?:e|ing) (?:back|around)"
    r"|loop(?:ing)? back|get(?:ting)? (?:a )?(?:hold|ahold) of|drop(?=\s+\S+(?:\s\S+)?\s+a line\b)|(?:reach|catch)(?=\s+(?-i:[A-Z])"
    r"|\s+h)|reach(?:ing)? (?:back )?out"
    r"|get(?:ting)? back|(?:get|getting)(?: together)?(?= with\b(?! it\b))|sync(?:ing)?(?: up)?(?= (?:with|w/)\s)|talk(?:ing)?"
    r"|speak(?:ing)?|catch(?:ing)? up|connect(?:ing)?|reconnect|get in touch|contact)"
    r"(?:\s+(?:with|w/|w|to|on))?(?=\s)(?!\s+(?:call|visit|e-?mail|meeting|text|letter|zoom)))?)"
)
_DASH_FIRST = re.compile(rf"^(?=[\s{SEPARATOR}]*[–—-]+\s)[\s{SEPARATOR}–—-]+")
_PRONOUN = re.compile(r"(?i)(?<![\w'’-])(?:her|him|them|me|us|you|back|again|try|retry)(?![\w'’-])")
_OBJECT = re.compile(rf"\s*{SEPARATOR}\s*[^\s{SEPARATOR}]")
_CAPITAL_TO = re.compile(rf"(?<=\s)To\s+(?!Go\b)(?=(?i:{ACTS.pattern}))\w")
_WITH = re.compile(r"(?i)(?<![\w'’-])(?:w/|with|w) (?=\w)")
_WHOM = re.compile(r"(?P<whom>[A-Z]\S*(?: [A-Z]\S*)?) (?=(?:the|an?|our|some) )")
_PLACE = re.compile(r"(?i)(?:at|@|near|over at|by) (?=\S)")
_SOMEBODY = re.compile(
    rf"(?i)(?:(?:the|his|her|their) )?(?:{ROLES}|office|cell(?: phone)?|mobile|home|work|desk|front desk|shop|store"
    r"|(?:main |direct |land ?)line"
    r"|number|assistant|receptionist|secretary|wife|husband|partner|front office)"
)
_THANKS = re.compile(r"(?i)(?:thanks|thank you|thx|thank u|ty)")
_A_THING = re.compile(rf"(?i)(?:(?:the|an?|our|their|his|her|some) (?=\w)|{THING}$)")
_PHONE = r"\+?\(?(?!\d{4}-\d\d-\d\d)\d(?:[\s().x/-]*\d){6,14}(?:,? ?(?:x|ext\.?|extension) ?\d{1,6})?"
_NAME_AND_MORE = re.compile(
    r"(?:to )?(?P<name>[^\W_](?:(?!\bto\b)[\w'’.&@/-])*(?:,? (?!(?:to|about|re|regarding)\b)(?:[\w'’.&@/]|-(?=\w))+){0,4}?)"
    rf"(?:\s*[–—,:(-]*\s*(?P<first>{_PHONE})\)?)?(?: to (?P<purpose>[^\W\d_A-Z]\S*(?: .*?)?)| (?:about|abt|re:?"
    rf"|regarding) (?P<about>\w.*?))?(?:\s*[–—,:-]+\s*(?P<phone>{_PHONE}))?"
)
_SIGNS = ",:@(–—☎☏📞📱✆\\-"
_NAME_AND_NUMBER = re.compile(rf"(?:to )?(?P<name>[^\W\d_][^\d]{{1,60}}?)[\s{_SIGNS}]*(?P<phone>{_PHONE})\)?(?!\w)(?P<tail>.*)")
_BRACKETS = re.compile(r"\([^()]*\)|\s[–—-]\s")
_MOST_WORDS = 6  # of a name and a business
_AN_APPOINTMENT = re.compile(r".+ (?:call|meeting|mtg|chat|appointment|appt|demo)$")  # "conference call", and the number to dial in
_NUMBER_AND_MORE = re.compile(rf"\s[–—-]+\s+{_PHONE}(?!\w)")  # "to talk – 248.867.5309 Friday 3pm"
_BACK = re.compile(r"\s+(?:back|again)$")
_JOINS = frozenset({"of", "and", "the", "at", "from", "de", "la", "van", "von", "&", "@", "back", "again"})
_PRIVATE = re.compile(
    r"(?i)\b(?:mom|mum|mama|dad|papa|grand\w+|wife|husband|kids?|son|daughter|sister|brother|aunt|uncle|doctor|dr|dentist|vet"
    r"|school|church"
    r"|teacher|babysitter|plumber|landlord|pharmacy|museum|zoo|home|the|my|our)\b"
)
_PRIVATE_PURPOSE = re.compile(
    r"(?i)\b(?:birthday|celebrate|relax|party|dinner|weekend|trip|golf|bill|rent|mortgage|taxes|wedding|vacation|kids?|mom|dad|wife"
    r"|husband|school|dentist|doctor)\b"
)


def _moved(match: re.Match[str]) -> str:
    return f"{match['what'].capitalize()} {match['who']}"


def _lead_in(rest: str) -> tuple[int, int] | None:
    match = _LEAD_IN.match(rest)
    return match.span("lead") if match else None


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
