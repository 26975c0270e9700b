"""What the pages show, as values: worked out of a picture of one rep, and of nobody else. No HTML, and nothing is asked of the store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from followsync.core.cadence import Shows
from followsync.core.history import History, Kind, Result
from followsync.core.inclusion import reached
from followsync.core.item import Item
from followsync.core.placement import Placed
from followsync.core.promises import Fate, ledger
from followsync.core.prospect import Prospect
from followsync.core.wording import without_endings
from followsync.feeds import without_how
from followsync.phone import tel
from followsync.picture import Picture, Stance
from followsync.report.figures import Figures
from followsync.telling import all_day, entry, promised

DAYS = 7  # working days that the week shows
LOOKED_BACK = timedelta(days=90)  # from which on promises are counted
_FACTS, _NOTES = 15, 3  # of a prospect's history that are shown
_MOST = 100  # lines of a list
_MAP = "https://www.google.com/maps/search/?"
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Link:
    """Something to tap. ``kind``: call, mail, map or video; ``main``: it is how this follow-up is done."""

    kind: str
    label: str
    href: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph of an entry's body: a heading ("" where it has none), plain lines, and the points of a list, each in its lines."""

    head: str
    lines: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One action. ``at``: ``10:00``, or ``All day``; ``marks``: what to know of it, each (its kind, its words); ``asks``: the rep has to
    choose what is next; ``parts``: the body without how to answer in a calendar."""

    action: str
    prospect: str
    name: str
    when: str
    at: str
    title: str
    marks: tuple[tuple[str, str], ...]
    links: tuple[Link, ...]
    parts: tuple[Part, ...]
    asks: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: when, what, whose, and what there is to know of it."""

    at: str
    text: str
    prospect: str
    marks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """``done``: what was told today; ``after``: the first one of the days to come, where nothing is left of today."""

    day: str
    cards: tuple[Card, ...]
    done: int
    after: Line | None


@dataclass(frozen=True, slots=True)
class Health:
    """``figures``: (what, how many, what to know of it). ``lists``: what somebody has to act on; ``more``: how many lines were left out."""

    figures: tuple[tuple[str, int, str], ...]
    lists: tuple[tuple[str, tuple[Line, ...], int], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One prospect. ``state``: open, yes or no. ``known``, ``facts`` and ``promises``: (what, in words), or sentences."""

    id: str
    name: str
    who: str
    state: str
    links: tuple[Link, ...]
    card: Card | None
    why: tuple[str, ...]
    known: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, ...], ...]
    promises: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


# -- the pages


def today(picture: Picture, done: int) -> Today:
    here = [one for one in picture.placed if is_today(picture, one)]
    later = next((one for one in picture.placed if _day(picture, one) > picture.today), None)
    cards = tuple(card(picture, one) for one in here)
    return Today(_named(picture.today), cards, done, _line(picture, later, dated=True) if later and not here else None)


def is_today(picture: Picture, placed: Placed) -> bool:
    """Whether ``today`` has a card for it."""
    return _day(picture, placed) == picture.today


def week(picture: Picture) -> tuple[Day, ...]:
    """The next working days, and others of that time on which something stands."""
    workdays, day, days = picture.rep.workdays, picture.today, []
    last = day
    for _ in range(DAYS):
        last = workdays.next_day(day)
        day = last + timedelta(days=1)
    day = picture.today
    while day <= last:
        lines = tuple(_line(picture, one) for one in picture.placed if _day(picture, one) == day)
        if lines or workdays.works(day):
            days.append(Day(_named(day), lines[:_MOST]))
        day += timedelta(days=1)
    return tuple(days)


def health(picture: Picture, figures: Figures) -> Health:
    """``figures``: of the days since ``LOOKED_BACK``."""
    undecided = [(one.prospect, f"{one.age} working {'day' if one.age == 1 else 'days'}") for one in figures.undecided]
    overdue = [one for one in picture.placed if _is_overdue(picture, one)]
    waits = [one for one in picture.stances.values() if one.standing.waits]
    oldest = f"the oldest for {undecided[0][1]}" if undecided and figures.undecided[0].age else ""
    fates, lately = figures.fates, f"last {LOOKED_BACK.days} days"
    told = (
        ("Open prospects", len(picture.stances), ""),
        ("To do today", sum(_day(picture, one) == picture.today for one in picture.placed), ""),
        ("Overdue", len(overdue), ""),
        ("Undecided", len(undecided), oldest),
        ("Waiting on them", len(waits), ""),
        ("Promises kept", fates[Fate.KEPT], lately),
        ("Promises late", fates[Fate.LATE], lately),
        ("Promises broken", fates[Fate.BROKEN], lately),
    )
    lists = (
        ("Undecided: what is next, if anything?", [Line(age, one.name, one.id) for one, age in undecided]),
        ("Overdue", [replace(_line(picture, one), at=f"due {_short(one.action.due, picture.today)}") for one in overdue]),
        (
            "Broken promises",
            [
                Line(_short(one.line.day, picture.today), f"{one.prospect.name}: {one.line.method}, {one.line.how}", one.prospect.id)
                for one in figures.broken
            ],
        ),
        ("Waiting on them", [_waiting(picture, one) for one in waits]),
    )
    return Health(told, tuple((head, tuple(lines[:_MOST]), max(0, len(lines) - _MOST)) for head, lines in lists if lines))


def found(picture: Picture, said: str) -> tuple[Line, ...]:
    """Open prospects in whose name, person or number that stands."""
    wanted = " ".join(said.casefold().split())
    digits = "".join(letter for letter in said if letter.isdigit())
    lines = []
    for one in picture.stances.values():
        prospect = one.prospect
        words = f"{prospect.name} {prospect.person} {prospect.email}".casefold()
        number = "".join(letter for letter in prospect.phone if letter.isdigit())
        if wanted in words or (len(digits) > 2 and digits in number):  # two digits stand in every number
            lines.append(Line("", prospect.name + (f", {prospect.person}" if prospect.person else ""), prospect.id))
    return tuple(lines[:_MOST])


def person(picture: Picture, prospect: Prospect, history: History, outcome: Result | None) -> Person:
    zone = picture.rep.workdays.zone
    stance = picture.stances.get(prospect.id)
    placed = picture.next_action(prospect.id) if outcome is None else None
    lines = ledger(prospect, history, picture.rules, picture.rep, picture.now)
    return Person(
        id=prospect.id,
        name=prospect.name,
        who=", ".join(filter(None, (prospect.person if prospect.person != prospect.name else "", prospect.role))),
        state=outcome.value if outcome else "open",
        links=tuple(_links(prospect, picture.rep.region, None)),
        card=card(picture, placed) if placed else None,
        why=placed.why if placed else (),
        known=tuple(_known(prospect)),
        notes=tuple(tuple(note.splitlines()) for note in reversed(stance.standing.notes[-_NOTES:])) if stance else (),
        promises=tuple(said[:1].upper() + said[1:] for one in reversed(lines) for said in (promised(one, zone),)),
        facts=tuple((_moment(picture, fact.at.astimezone(zone)), entry(fact, zone)) for fact in reversed(history[-_FACTS:])),
    )


def card(picture: Picture, placed: Placed) -> Card:
    prospect = _whom(picture, placed)
    item = picture.item(placed)
    title = without_endings(item.title)
    return Card(
        action=placed.action.id,
        prospect=placed.action.prospect,
        name=picture.stances[placed.action.prospect].prospect.name,
        when=_span(picture, item.start, item.end),
        at=_clock(item.start, item.end),
        title=_without_dash(title, prospect),
        marks=tuple(_marks(placed, item.title[len(title) :])),
        links=tuple(_links(prospect, picture.rep.region, picture.rules.method(placed.action.method).shows)),
        parts=tuple(_parts(item, placed, prospect)),
        asks=placed.action.kind is Kind.DECIDE,
    )


def _moment(picture: Picture, at: datetime) -> str:
    return f"{_short(at.date(), picture.today)}, {at:%H:%M}"


def next_of(picture: Picture, prospect: str) -> str:
    """``Next: Call Jenny to sign, Thu 8 Jan, 14:00–14:15.``, "" where nothing is to be done."""
    placed = picture.next_action(prospect)
    if placed is None:
        return ""
    item = picture.item(placed)
    return f"Next: {_without_dash(without_endings(item.title), _whom(picture, placed))}, {_span(picture, item.start, item.end)}."


# -- one action


def _day(picture: Picture, placed: Placed) -> date:
    return placed.start.astimezone(picture.rep.workdays.zone).date()


def _named(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _short(day: date, today: date) -> str:
    """``Thu 8 Jan``; with the year where it is another one."""
    return f"{day:%a} {day.day} {day:%b}{'' if day.year == today.year else f' {day.year}'}"


def _span(picture: Picture, start: datetime, end: datetime) -> str:
    """``today, 14:00–14:15``."""
    days = "today" if start.date() == picture.today else _short(start.date(), picture.today)
    if all_day(start, end):
        return f"{days}, all day"
    until = "" if end.date() == start.date() else f"{_short(end.date(), picture.today)}, "
    return f"{days}, {start:%H:%M}–{until}{end:%H:%M}"


def _clock(start: datetime, end: datetime) -> str:
    return "All day" if all_day(start, end) else f"{start:%H:%M}"


def _whom(picture: Picture, placed: Placed) -> Prospect:
    return reached(picture.stances[placed.action.prospect].prospect, placed.action.steps)


def _without_dash(title: str, prospect: Prospect) -> str:
    """What stands behind the dash is a link beside it."""
    for way in (prospect.phone, prospect.email):
        if way:
            title = title.removesuffix(f" – {' '.join(way.split())}")
    return title


def _marks(placed: Placed, endings: str) -> Iterator[tuple[str, str]]:
    if placed.action.kind is Kind.PROMISE:
        yield "promise", "Promised"
    if placed.action.attempt > 1:
        yield "plain", f"Attempt {placed.action.attempt}"
    late, *warnings = endings.split(" ⚠ ")
    if late.strip():
        yield "late", late.strip(" ()")
    yield from (("warn", one) for one in warnings)


def _line(picture: Picture, placed: Placed, *, dated: bool = False) -> Line:
    one = card(picture, placed)
    return Line(_short(_day(picture, placed), picture.today) if dated else one.at, one.title, one.prospect, one.marks)


def _waiting(picture: Picture, stance: Stance) -> Line:
    waiting = next(iter(stance.standing.waits.values()))
    about = f": {waiting.about}" if waiting.about else ""
    return Line(f"until {_short(waiting.until, picture.today)}", f"{stance.prospect.name}{about}", stance.prospect.id)


def _is_overdue(picture: Picture, placed: Placed) -> bool:
    moved = placed.action.id in picture.stances[placed.action.prospect].standing.moved
    late = placed.missed > 0 or (placed.action.due < picture.today and not moved)
    return late and placed.action.kind is not Kind.DECIDE


def _parts(item: Item, placed: Placed, prospect: Prospect) -> Iterator[Part]:
    """The body in its parts, without how to answer in a calendar. Of the first paragraph, unless the rep words it, the question stays: whom
    to reach and why, the title and the links say too."""
    glance, *others = without_how(item.body).split("\n\n")
    if not placed.action.body:
        why = placed.action.purpose
        ways = (prospect.name, prospect.phone, prospect.email, prospect.address, prospect.url)
        known = [" ".join(one.split()) for one in (*ways, f"To {why}", f"Check whether {why}", f"{why[:1].upper()}{why[1:]}")]
        glance = "\n".join(line for line in glance.splitlines() if not _is_told(line, known))
    for text in (glance, *others):
        head, *lines = text.splitlines() or [""]
        if head.isupper() and lines:
            yield Part(head.capitalize(), (), tuple(_points(lines)))
        elif text.strip():
            yield Part("", tuple(text.splitlines()), ())


def _is_told(line: str, known: Iterable[str]) -> bool:
    """Whether nothing else stands there, whole or cut short."""
    pieces = [one.rstrip("…").rstrip() for one in line.split(" · ")]
    return all(one.startswith("tel:") or any(text.startswith(one) for text in known) for one in pieces)


def _points(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """A point may have several lines: what does not begin one goes on with the one before."""
    point: list[str] = []
    for line in lines:
        if line.startswith("- ") and point:
            yield tuple(point)
            point = []
        point.append(line.removeprefix("- "))
    if point:
        yield tuple(point)


# -- one prospect


def _links(prospect: Prospect, region: str, needed: Shows | None) -> Iterator[Link]:
    """What can be tapped, the way that is needed first. Only what is surely a number, a mail address or a web address becomes a link. Where
    several people are reached at once, their numbers stand beside each other (``inclusion.reached``)."""
    place = _MAP + urlencode({"api": "1", "query": prospect.address})
    ways = {
        Shows.PHONE: [("call", one, f"tel:{number}") for one in prospect.phone.split(" / ") if (number := tel(one, region))],
        Shows.EMAIL: [("mail", one, f"mailto:{quote(one, safe='@+')}") for one in prospect.email.split(", ") if _is_mail(one)],
        Shows.ADDRESS: [("map", prospect.address, place)] if prospect.address.strip() else [],
        Shows.URL: [("video", urlsplit(prospect.url).netloc, prospect.url)] if is_web(prospect.url) else [],
    }
    for shows in sorted(ways, key=lambda one: one is not needed):
        for kind, label, href in ways[shows]:
            yield Link(kind, _clipped(" ".join(label.split())), href, shows is needed)


def _is_mail(text: str) -> bool:
    return bool(re.fullmatch(r"[^\s@<>\"',;:?&]+@[^\s@<>\"',;:?&]+", text))


def is_web(url: str) -> bool:
    """Whether a browser may be sent there: ``javascript:`` and the like are no places."""
    if any(letter.isspace() or not letter.isprintable() for letter in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and "\\" not in url


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1].rstrip()}…"


def _known(prospect: Prospect) -> Iterable[tuple[str, str]]:
    texts = ("person", "role", "phone", "email", "address", "url", "timezone", "method", "source", "stage", "reason", "notes")
    first = ("close_step", "learned")
    names = [*(name for name in first if prospect.fields.get(name)), *sorted(prospect.fields.keys() - {*first})]
    for name, value in (*((name, str(getattr(prospect, name))) for name in texts), *((name, prospect.fields[name]) for name in names)):
        if value:
            yield name.replace("_", " ").capitalize(), value
    if prospect.tags:
        yield "Tags", ", ".join(prospect.tags)
    for one in prospect.stakeholders:
        yield "Decides too", ", ".join(filter(None, (one.name, one.role, "" if one.present else "was absent", one.address)))
