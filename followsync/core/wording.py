"""An action in the rep's words: title, body, place and link of its entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followsync.core.cadence import Busy, Method, Rules, Shows
from followsync.core.handover import told_in_entry
from followsync.core.history import Kind
from followsync.core.inclusion import is_notes
from followsync.core.item import Item
from followsync.core.notes import plain_text
from followsync.core.placement import Placed
from followsync.core.plan import CHECK, DECIDE, DROP_OR_WHEN, IS_IT, WHO, Action
from followsync.core.prospect import Prospect
from followsync.core.standing import Standing
from followsync.core.touches import how_tried

_LONGEST_BODY = 2000
_LONGEST_TITLE = 250
_LONGEST_NOTE = 300  # so that the last three find room, and how to answer too
_GLANCE = 120  # what a phone shows before anybody opens the entry: whom to reach, why, and the one question
_LONGEST_REACH, _LONGEST_WHY = 40, 60
_LONGEST_WAYS, _LONGEST_NAME = 200, 100
_LEAST = {"known": 420, "agenda": 200, "ask": 150, "deciders": 100, "notes": 250}  # what each keeps where there is too much, first to last
_FITTING = 5  # prospects whom a title may mean, as far as they are told
ASKED, CHANGED = "Is it a yes, a no, or what is next and when?", "What has changed since "  # of every follow-up
_EXAMPLE = "> thu 2pm call about the quote"
ANSWER = f"Answer: tick it, move it, or write above: yes / no / done / no answer / {_EXAMPLE}"
_TO_QUESTION = f"This is a question. Write above: drop / Thu 2pm / yes / no / {_EXAMPLE}"
_MOVED = {True: "Or move it to the day you mean. Ticked, it only asks again.", False: "Ticked or moved, it only asks again."}
_SAID_AHEAD = (
    f"It was said while the server's clock was ahead. Write the day that was meant, such as: {_EXAMPLE}. Is it right, delete this."
)
_WHO_IS_MEANT = "This is a question. It goes when that entry says who is meant, or when you delete the question."
OVERLAPS = "⚠ Overlaps: "  # a line of its own, which no feed shows: what else somebody does is nobody else's business
_NOT_DONE = re.compile(r" ⚠ promised \d\d:\d\d, not done$")
_DAY = re.compile(r" \((\d{1,4})(?:st|nd|rd|th) day\)(?: ⚠ |$)")
_ENDINGS = re.compile(r"( \(\d+(?:st|nd|rd|th) day\))?( ⚠ overlaps)?( ⚠ promised \d\d:\d\d, not done)?$")
_MARKS = ("✓ ", "✗ ", "↻ ", "→ ")


@dataclass(frozen=True, slots=True)
class Texts:
    """What libraries said of an action: ``tel`` is the phone as +12488675309, "" where it cannot be understood; ``title`` and ``body``
    are rendered from the method's or step's own templates, "" for the built-in wording."""

    tel: str = ""
    title: str = ""
    body: str = ""


def item_for(placed: Placed, prospect: Prospect, standing: Standing, rules: Rules, texts: Texts, *, today: date, uid: str) -> Item:
    """The entry of a placed action as it should stand on a calendar. ``prospect``: with the person it reaches (``inclusion.reached``);
    ``today`` is the rep's."""
    action = placed.action
    method = rules.method(action.method)
    decides = action.kind is Kind.DECIDE or action.method == CHECK
    return Item(
        uid=uid,
        form=action.form,
        title=_clipped(title(placed, prospect, method, texts.title), _LONGEST_TITLE),
        body=_clipped(plain_text(texts.body.strip() or body(placed, prospect, standing, method, texts.tel)), _LONGEST_BODY),
        start=placed.start,
        end=placed.end,
        location=_location(prospect, method),
        url=_url(prospect, method, texts),
        busy=_busy(action, method, placed.start.date(), today),
        alarms=() if decides else tuple(sorted(set(method.alarms))),
        action=action.id,
        prospect=prospect.id,
        kind=action.kind,
        due=action.due,
        missed=placed.missed,
    )


def title(placed: Placed, prospect: Prospect, method: Method, own: str = "") -> str:
    """``Call Jenny to determine next steps – 248.867.5309``, with the days it was missed and a mark where it overlaps."""
    action = placed.action
    dash = "" if action.kind is Kind.DECIDE or action.method == CHECK else _dash(prospect, method)
    words = own or _sentence(action, prospect, method) + (f" – {dash}" if dash else "")
    late = f" ({_ordinal(placed.missed + 1)} day)" if placed.missed else ""
    clash = " ⚠ overlaps" if placed.clash else ""
    return _one_line(f"{words}{late}{clash}{_not_done(placed)}")


def _not_done(placed: Placed) -> str:
    """ " ⚠ promised 17:00, not done": the hour where one was agreed, else when its window or its day ended."""
    if not placed.over or placed.until is None:
        return ""
    by_hour = placed.action.start is not None or placed.start.date() != placed.action.due
    return f" ⚠ promised {placed.start if by_hour else placed.until:%H:%M}, not done"


def _sentence(action: Action, prospect: Prospect, method: Method) -> str:
    if action.method == CHECK:
        return f"Check whether {action.purpose}"
    if is_notes(action) and action.purpose.startswith("write "):
        return action.purpose[0].upper() + action.purpose[1:]
    if action.method == DECIDE:
        return f"{prospect.contact}: {action.purpose}" if action.purpose else f"Decide: {prospect.name}"
    return f"{method.verb} {prospect.contact} to {action.purpose}"


def body(placed: Placed, prospect: Prospect, standing: Standing, method: Method, tel: str = "") -> str:
    """At a glance whom to reach, why, and the one question; then agenda, what we know, and how to answer. Where that is too much, the
    longest parts give way, and never all of one."""
    action = placed.action
    question, *others = _questions(action, standing, placed.start.tzinfo)
    glance, whole = _glance(action, prospect, method, tel, question)
    parts = {
        "head": glance,
        "beside": f"{OVERLAPS}{_clipped(placed.beside, 160)}" if placed.beside else "",
        "hours": _both_hours(placed, prospect, method),
        "deleted": _deleted(action, standing, placed.start.tzinfo),
        "agenda": _listed("AGENDA", action.agenda),
        "ask": _listed("ASK", tuple(others) if question in glance else (question, *others)),
        "known": _known(prospect, standing, placed.start.tzinfo, "" if whole else action.purpose),
        "notes": _listed("LAST NOTES", tuple(_clipped(note, _LONGEST_NOTE) for note in reversed(standing.notes[-3:]))),
        "deciders": _listed("DECIDERS", tuple(_stakeholder(prospect))),
        "delay": _clipped(f"Delay reason: {prospect.reason}", 80) if prospect.reason else "",
        "attempt": _attempt(action, standing, placed.start),
        "told": {True: "They know we follow up.", False: "Tell them why and when we follow up.", None: ""}[action.they_know],
        "unclear": _SAID_AHEAD if action.purpose.endswith(IS_IT) else _not_understood(action, standing),
    }
    how = ANSWER if action.kind is not Kind.DECIDE else _WHO_IS_MEANT if asks_who(action.purpose) else _how_to_question(action)
    room = _LONGEST_BODY - len(how) - 2
    for name, least in _LEAST.items():
        parts[name] = _clipped(parts[name], max(least, len(parts[name]) + room - len(_joined(parts))))
    return f"{_clipped(_joined(parts), room)}\n\n{how}"


def _both_hours(placed: Placed, prospect: Prospect, method: Method) -> str:
    """Where the prospect's clock shows another hour, both: of what is done together with them, or was agreed."""
    together = placed.action.kind is Kind.PROMISE or method.hours is not None
    if not together or not prospect.timezone or placed.action.method in (CHECK, DECIDE):
        return ""
    try:
        there = placed.start.astimezone(ZoneInfo(prospect.timezone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""  # an unknown zone, from an old import perhaps
    if there.utcoffset() == placed.start.utcoffset():
        return ""
    day = "" if there.date() == placed.start.date() else f" on {there:%a %Y-%m-%d}"
    return f"{placed.start:%H:%M} with you is {there:%H:%M}{day} with them ({prospect.timezone})"


def _deleted(action: Action, standing: Standing, zone: tzinfo | None) -> str:
    """What "drop, or when?" is about."""
    asked = standing.question if action.purpose == DROP_OR_WHEN else None
    return f"Deleted on {asked.at.astimezone(zone):%a %Y-%m-%d}: {_clipped(without_endings(asked.title), 100)}" if asked else ""


def asks_who(text: str) -> bool:
    """Whether that is the title, or the purpose, of a question about a new follow-up that fits several prospects."""
    return text.endswith(f'": {WHO}')


def _how_to_question(action: Action) -> str:
    return f"{_TO_QUESTION}\n{_MOVED[action.purpose == DROP_OR_WHEN]}"


def _joined(parts: Mapping[str, str]) -> str:
    return "\n\n".join(part for part in parts.values() if part)


def _not_understood(action: Action, standing: Standing) -> str:
    """Only where the rep is asked: to other entries an unclear answer changes nothing. Who is meant is a question of its own."""
    if standing.unclear is None or action.kind is not Kind.DECIDE or bool(standing.unclear.among) is not asks_who(action.purpose):
        return ""
    if among := standing.unclear.among:
        fits = "; ".join(_clipped(one, 80) for one in among[:_FITTING])
        how = "Put the family name, the phone number or the business into the title of that entry."
        return f'"{_clipped(standing.unclear.text, 80)}" may mean: {fits}. {how}'
    if either := standing.unclear.either:
        both = "; ".join(_clipped(one, 80) for one in either)
        stands = "the first one stands" if len(either) > len(standing.unclear.others) else "it waits until what stands is done"
        return f"Agreed, and {stands}: {both}. To change that, write a day and what to do, such as: {_EXAMPLE}"
    return f'Not understood: "{_clipped(standing.unclear.text, 80)}". Write a day and what to do, such as: {_EXAMPLE}'


def recorded(title: str, mark: str) -> str:
    """The title of an answered entry: the mark before what stood there, once. That it was not done is no longer so."""
    return title if title.startswith(_MARKS) else f"{mark} {done_after_all(title)}"


def done_after_all(title: str) -> str:
    return _NOT_DONE.sub("", title)


def unmarked(title: str) -> str:
    """The title as it was before the entry was answered."""
    return title[2:] if title.startswith(_MARKS) else title


def without_endings(title: str) -> str:
    """A title of ours without what time made of it: the days it was missed, what it overlaps, that it was not done."""
    return _ENDINGS.sub("", title, count=1)


def days_missed(title: str) -> int:
    """On how many working days it stood and was not done, as a title of ours says: ``(3rd day)`` -> 2."""
    found = _DAY.search(title)
    return int(found[1]) - 1 if found else 0


def is_record(item: Item) -> bool:
    """Whether an entry was answered and marked."""
    return item.title.startswith(_MARKS)


def _glance(action: Action, prospect: Prospect, method: Method, tel: str, question: str) -> tuple[str, bool]:
    """The first lines, and whether the purpose stands there whole. The phone comes first, as it was typed, with a link that every phone
    can tap. Where the first 120 characters have no room for everything, the link and the other ways go below, then the question gives
    way, then the purpose; of each something stays."""
    needed = {Shows.PHONE: prospect.phone, Shows.EMAIL: prospect.email, Shows.ADDRESS: prospect.address, Shows.URL: prospect.url}
    link = f"tel:{tel}" if tel else ""  # many phones show no URL property, but all make this a link
    ways = [_one_line(way) for way in (prospect.phone, link, needed.get(method.shows, ""), prospect.email) if way]
    first, *others = dict.fromkeys(ways or [_one_line(prospect.name)])
    reach, why, question = _clipped(first, _LONGEST_REACH), _one_line(_why(action)), _one_line(question)
    below = [first] if reach != first else []
    while others and len("\n".join((reach, why, question))) + len(f" · {others[0]}") <= _GLANCE:
        reach += f" · {others.pop(0)}"
    said = _clipped(why, max(_LONGEST_WHY, _GLANCE - len(reach) - len(question) - 2))
    asked = _clipped(question, _GLANCE - len(reach) - len(said) - 2)
    more = _clipped(" · ".join((*below, *others)), _LONGEST_WAYS)
    return "\n".join(part for part in (reach, said, asked, more) if part), said == why


def _why(action: Action) -> str:
    if action.method == CHECK:
        return f"Check whether {action.purpose}"
    if action.method == DECIDE:
        return action.purpose[:1].upper() + action.purpose[1:]
    return f"To {action.purpose}" if action.purpose else ""


def _questions(action: Action, standing: Standing, zone: tzinfo | None) -> tuple[str, ...]:
    """The first is the one of the first lines, "" where there is none. What has changed is asked whenever somebody was reached before,
    behind the action's own: situations do."""
    if action.kind is Kind.DECIDE or action.method == CHECK:
        asks = action.kind is Kind.DECIDE and not action.purpose  # else the purpose is the question
        return action.questions or ("What is the next step: call, visit, e-mail … and on which day? Or is it a no?" if asks else "",)
    since = standing.last_contact and standing.last_contact.astimezone(zone)
    changed = (f"{CHANGED}{since:%a %Y-%m-%d}?",) if since else ()
    return (*action.questions, *changed) or (ASKED,)


def _attempt(action: Action, standing: Standing, start: datetime) -> str:
    """``Attempt 6 (left message on Thu)``; the day is told in full where that Thursday is not the last one."""
    if action.attempt < 2 or standing.retry is None:
        return f"Attempt {action.attempt}" if action.attempt > 1 else ""
    tried = standing.tries[-1].astimezone(start.tzinfo)
    near = start.date() - tried.date() < timedelta(days=7)
    return f"Attempt {action.attempt} ({_clipped(how_tried(standing.retry), 40)} on {tried:{'%a' if near else '%a %Y-%m-%d'}})"


def _known(prospect: Prospect, standing: Standing, zone: tzinfo | None, purpose: str) -> str:
    """What would close it and what was learned come first: they are what the next talk is about. ``purpose``: where the first lines had
    no room for all of it."""
    who = ", ".join(filter(None, ("" if prospect.person == prospect.name else prospect.person, prospect.role)))
    first = ("close_step", "learned")
    rest = sorted(name for name in prospect.fields if name not in first)
    lines = [
        _clipped(f"{prospect.name}{f' – {who}' if who and who != prospect.name else ''}", _LONGEST_NAME),
        *(f"{name.replace('_', ' ').capitalize()}: {value}" for name in first if (value := prospect.fields.get(name))),
        f"Purpose: {purpose}" if purpose else "",
        told_in_entry(prospect, standing, zone),
        prospect.address,
        prospect.url,
        f"Source: {prospect.source}" if prospect.source else "",
        f"Stage: {prospect.stage}" if prospect.stage else "",
        *(f"{name.replace('_', ' ').capitalize()}: {value}" for name in rest if (value := prospect.fields[name])),
        prospect.notes,
        f"Last contact: {standing.last_contact.astimezone(zone):%Y-%m-%d}" if standing.last_contact else "",
    ]
    return _listed("WHAT WE KNOW", tuple(_clipped(line, _LONGEST_NOTE) for line in lines if line))


def _stakeholder(prospect: Prospect) -> list[str]:
    return [
        ", ".join(filter(None, [one.name, one.role, "" if one.present else "was absent", one.address])) for one in prospect.stakeholders
    ]


def _listed(head: str, lines: tuple[str, ...]) -> str:
    return "\n".join([head, *(f"- {line}" for line in lines)]) if lines else ""


def _dash(prospect: Prospect, method: Method) -> str:
    """What the title ends with: the phone as it was typed, or the e-mail address. Places and links have a field of their own."""
    return {Shows.PHONE: prospect.phone, Shows.EMAIL: prospect.email}.get(method.shows, "")


def _location(prospect: Prospect, method: Method) -> str:
    match method.shows:
        case Shows.ADDRESS:
            return _one_line(prospect.address)
        case Shows.URL:
            return _one_line(prospect.url)
        case Shows.PHONE | Shows.EMAIL | Shows.NOTHING:
            return ""


def _url(prospect: Prospect, method: Method, texts: Texts) -> str:
    match method.shows:
        case Shows.PHONE if texts.tel:
            return f"tel:{texts.tel}"
        case Shows.EMAIL if prospect.email:
            return f"mailto:{prospect.email.replace(' ', '')}"
        case Shows.URL:
            return prospect.url
        case _:
            return f"tel:{texts.tel}" if texts.tel else ""


def _busy(action: Action, method: Method, day: date, today: date) -> bool:
    match method.busy:
        case Busy.ALWAYS:
            return True
        case Busy.NEVER:
            return False
        case Busy.DUE:
            return action.kind is Kind.PROMISE or day <= today


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _clipped(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
