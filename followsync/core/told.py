"""What an entry of ours tells of whom it is about: ``wording.body`` read back, for a store that does not know them any more.

Only what stands there word for word is taken. What cannot be told apart stays a note, so that nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from followsync.core.inclusion import MAIN_CONTACT
from followsync.core.item import Item
from followsync.core.prospect import Prospect, Stakeholder
from followsync.core.ruler import our_block
from followsync.core.wording import ASKED, CHANGED

_AGENDA, _ASK = "AGENDA", "ASK"
_KNOWN, _NOTES, _DECIDERS, _DELAY = "WHAT WE KNOW", "LAST NOTES", "DECIDERS", "Delay reason: "
_HEADINGS = frozenset({_AGENDA, _ASK, _KNOWN, _NOTES, _DECIDERS})
_OTHERS = (
    _DELAY,
    "Attempt ",
    "They know we follow up.",
    "Tell them why and when",
    "Not understood: ",
    "Deleted on ",
    "Answer: ",
    "This is a ",
)
_FIELD = re.compile(r"([A-Z][a-z0-9]*(?: [a-z0-9]+){0,4}): (\S.*)")
_COMPUTED = frozenset({"purpose", "last_contact"})  # told of the follow-up, not of them
_FIRST = frozenset({"learned", "close_step"})  # what stands before the address
_DIGITS = 7  # that a phone number has at least
_NO_NUMBER = re.compile(r"[^\W\d_]{4,}")  # no extension is a word that long


@dataclass(frozen=True, slots=True)
class Told:
    """``prospect``: with the id that the entry names, and without a name where its text does not tell one. ``notes``: the last ones, the
    oldest first."""

    prospect: Prospect
    notes: tuple[str, ...] = ()


def told_of(item: Item, rep: str) -> Told:
    """``rep``: whose prospect it is."""
    head, named, delay = _parts(our_block(item.body, item.block))
    known = _known(named.get(_KNOWN, []), item, _ways(head))
    reach = _reach(head)
    if main := known.fields.pop(MAIN_CONTACT, ""):
        reach = _take_main(known, main)
    place = item.location if _KNOWN not in named else ""  # our own text names the place too: else it is the rep's
    prospect = Prospect(
        id=item.prospect,
        rep=rep,
        name=known.name,
        person=known.person,
        role=known.role,
        phone=reach.get("phone", ""),
        email=reach.get("email", ""),
        address=known.address or (place if "://" not in place else ""),
        url=known.url or (place if "://" in place else ""),
        source=known.fields.pop("source", ""),
        stage=known.fields.pop("stage", ""),
        reason=delay,
        notes="\n".join(known.notes),
        stakeholders=tuple(_stakeholder(line) for line in named.get(_DECIDERS, [])),
        fields=known.fields,
    )
    return Told(prospect, tuple(reversed(named.get(_NOTES, []))))


@dataclass(frozen=True, slots=True)
class About:
    """What a follow-up is to be about, as its entry says."""

    agenda: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def about_of(item: Item) -> About:
    """The agenda, and what is to be asked. What ``wording`` asks of its own accord is left out: it does so again."""
    head, named, _ = _parts(our_block(item.body, item.block))
    asked = [line for line in head[2:3] if head[1].startswith("To ") and not line.endswith("…")]  # else a template wrote it
    questions = [line for line in dict.fromkeys((*asked, *named.get(_ASK, []))) if line != ASKED and not line.startswith(CHANGED)]
    return About(tuple(named.get(_AGENDA, [])), tuple(questions))


def _parts(block: str) -> tuple[list[str], dict[str, list[str]], str]:
    """What stands at the top, the points below each heading, and the reason for the delay. Blank lines tell nothing: some apps drop them.
    What stands below a point until the next one belongs to it."""
    head: list[str] = []
    named: dict[str, list[str]] = {}
    points, delay = head, ""
    for line in map(str.strip, block.splitlines()):
        if line.startswith(_DELAY):
            delay = line.removeprefix(_DELAY)
        if line in _HEADINGS:
            points = named.setdefault(line, [])
        elif line.startswith(_OTHERS):
            points = []
        elif points is head or line.startswith("- "):
            points.append(line.removeprefix("- "))
        elif points and line:
            points[-1] += f"\n{line}"
    return [line for line in head if line], named, delay


def _ways(lines: Iterable[str]) -> frozenset[str]:
    """All that may be a way to reach them."""
    return frozenset(way.strip() for line in lines for way in line.split(" · "))


def _reach(lines: Sequence[str]) -> Mapping[str, str]:
    """Phone and e-mail. The phone comes first, as it was typed; what found no room there stands below."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        for way in map(str.strip, line.split(" · ")):
            kind = _kind(way)
            if kind and (number == 0 or kind != "phone"):
                found.setdefault(kind, way)
    if "phone" not in found and "tel" in found:
        found["phone"] = found["tel"].removeprefix("tel:")
    return found


def _take_main(known: _Known, main: str) -> Mapping[str, str]:
    """The entry reaches another person: who the prospect's own is, and their phone and e-mail, stands in one line."""
    person, *rest = main.split(", ")
    found = {kind: part for part in rest if (kind := _kind(part)) in ("phone", "email")}
    known.person = "" if person == known.name else person
    known.role = ", ".join(part for part in rest if part not in found.values())
    return found


def _kind(way: str) -> str:
    if way.startswith("tel:"):
        return "tel"
    if "://" in way:
        return "url"
    if "@" in way and " " not in way:
        return "email"
    if "…" in way:
        return ""
    return "phone" if sum(letter.isdigit() for letter in way) >= _DIGITS and not _NO_NUMBER.search(way) else ""


@dataclass(slots=True)
class _Known:
    name: str = ""
    person: str = ""
    role: str = ""
    address: str = ""
    url: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def _known(points: list[str], item: Item, ways: Container[str]) -> _Known:
    """``ways``: what stands at the top, of which a visit shows the address."""
    found = _Known()
    if not points:
        return found
    found.name, _, who = points[0].removesuffix("…").partition(" – ")
    person, _, role = who.partition(", ")
    # Of one word alone the title tells whether it is whom to talk to, or what they are.
    is_role = person and not role and person not in (item.named or item.title)
    found.person, found.role = ("", person) if is_role else (person, role)
    labelled = [match and match[1].lower().replace(" ", "_") for match in map(_FIELD.fullmatch, points)]
    first = next((number for number, name in enumerate(labelled) if name and name not in _FIRST | _COMPUTED), len(points))
    for number, (point, label) in enumerate(zip(points, labelled, strict=True)):
        match = _FIELD.fullmatch(point)
        if number == 0 or label in _COMPUTED:
            continue
        if match and label and label not in found.fields:
            found.fields[label] = match[2]
        elif "://" in point and " " not in point and not found.url:
            found.url = point
        elif not found.address and (point in ways or point == item.location or number < first < len(points)):
            found.address = point
        else:
            found.notes.append(point)
    return found


def _stakeholder(line: str) -> Stakeholder:
    """``Bob Lee, CFO, was absent, bob@example.org``: all but the name may be missing."""
    name, *rest = [part.strip() for part in line.split(", ")]
    before, absent, after = rest, False, list[str]()
    if "was absent" in rest:
        at = rest.index("was absent")
        before, absent, after = rest[:at], True, rest[at + 1 :]
    if not after and before and (len(before) > 1 or any(letter.isdigit() or letter == "@" for letter in before[0])):
        *before, last = before
        after = [last]
    return Stakeholder(name, ", ".join(before), not absent, ", ".join(after))
