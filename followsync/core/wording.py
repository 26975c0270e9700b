"""An action in the rep's words: title, body, place and link of its entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo

from followsync.core.cadence import Busy, Method, Rules, Shows
from followsync.core.history import Kind
from followsync.core.item import Item
from followsync.core.notes import plain_text
from followsync.core.placement import Placed
from followsync.core.plan import CHECK, DECIDE, Action
from followsync.core.prospect import Prospect
from followsync.core.standing import Standing

_LONGEST_BODY = 2000
_LONGEST_TITLE = 250
_LONGEST_NOTE = 300  # so that the last three find room, and how to answer too
_EXAMPLE = "> thu 2pm call about the quote"
_ANSWER = f"Answer: tick it, move it, or write above: yes / no / done / no answer / {_EXAMPLE}"
_MARKS = ("✓ ", "✗ ", "↻ ", "→ ")


@dataclass(frozen=True, slots=True)
class Texts:
    """What libraries said of an action: ``tel`` is the phone as +12488675309, "" where it cannot be understood; ``title`` and ``body``
    are rendered from the method's or step's own templates, "" for the built-in wording."""

    tel: str = ""
    title: str = ""
    body: str = ""


def item_for(placed: Placed, prospect: Prospect, standing: Standing, rules: Rules, texts: Texts, *, today: date, uid: str) -> Item:
    """The entry of a placed action as it should stand on a calendar. ``today`` is the rep's."""
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
    return _one_line(f"{words}{late}{clash}")


def _sentence(action: Action, prospect: Prospect, method: Method) -> str:
    if action.method == CHECK:
        return f"Check whether {action.purpose}"
    if action.kind is Kind.INCLUDE and action.purpose.startswith("write "):
        return action.purpose[0].upper() + action.purpose[1:]
    if action.method == DECIDE:
        return f"{prospect.contact}: {action.purpose}" if action.purpose else f"Decide: {prospect.name}"
    return f"{method.verb} {prospect.contact} to {action.purpose}"


def body(placed: Placed, prospect: Prospect, standing: Standing, method: Method, tel: str = "") -> str:
    """First how to reach them and the one question, then agenda, what we know, and how to answer."""
    action = placed.action
    sections = [
        _head(action, prospect, method, tel),
        _listed("AGENDA", action.agenda),
        _listed("ASK", action.questions[1:]),
        _known(prospect, standing, placed.start.tzinfo),
        _listed("LAST NOTES", tuple(_clipped(note, _LONGEST_NOTE) for note in reversed(standing.notes[-3:]))),
        _listed("DECIDERS", tuple(_stakeholder(prospect))),
        f"Delay reason: {prospect.reason}" if prospect.reason else "",
        f"Attempt {action.attempt}" if action.attempt > 1 else "",
        {True: "They know we follow up.", False: "Tell them why and when we follow up.", None: ""}[action.they_know],
        _not_understood(action, standing),
    ]
    story = _clipped("\n\n".join(section for section in sections if section), _LONGEST_BODY - len(_ANSWER) - 2)
    return f"{story}\n\n{_ANSWER}"


def _not_understood(action: Action, standing: Standing) -> str:
    """Only where the rep is asked: to other entries an unclear answer changes nothing."""
    if standing.unclear is None or action.kind is not Kind.DECIDE:
        return ""
    return f'Not understood: "{standing.unclear.text}". Write a day and what to do, such as: {_EXAMPLE}'


def recorded(title: str, mark: str) -> str:
    """The title of an answered entry: the mark before what stood there, once."""
    return title if title.startswith(_MARKS) else f"{mark} {title}"


def unmarked(title: str) -> str:
    """The title as it was before the entry was answered."""
    return title[2:] if title.startswith(_MARKS) else title


def is_record(item: Item) -> bool:
    """Whether an entry was answered and marked."""
    return item.title.startswith(_MARKS)


def _head(action: Action, prospect: Prospect, method: Method, tel: str) -> str:
    needed = {Shows.PHONE: prospect.phone, Shows.EMAIL: prospect.email, Shows.ADDRESS: prospect.address, Shows.URL: prospect.url}
    link = f"tel:{tel}" if tel else ""  # many phones show no URL property, but all make this a link
    reach = (needed.get(method.shows, ""), prospect.phone, link, prospect.email)
    first = " · ".join(dict.fromkeys(part for part in reach if part)) or prospect.name
    question = action.questions[0] if action.questions else ""
    purpose = f"To {action.purpose}" if action.purpose and action.method not in (DECIDE, CHECK) else ""
    if action.kind is Kind.DECIDE:
        question = question or "What is the next step: call, visit, e-mail … and on which day? Or is it a no?"
    return "\n".join(part for part in (_one_line(first), purpose, question) if part)


def _known(prospect: Prospect, standing: Standing, zone: tzinfo | None) -> str:
    who = ", ".join(filter(None, (prospect.person, prospect.role)))
    lines = [
        f"{prospect.name}{f' – {who}' if who and who != prospect.name else ''}",
        prospect.address,
        prospect.url,
        f"Source: {prospect.source}" if prospect.source else "",
        f"Stage: {prospect.stage}" if prospect.stage else "",
        *(f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in sorted(prospect.fields.items()) if value),
        prospect.notes,
        f"Last contact: {standing.last_contact.astimezone(zone):%Y-%m-%d}" if standing.last_contact else "",
    ]
    return _listed("WHAT WE KNOW", tuple(line for line in lines if line))


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
            return f"mailto:{prospect.email}"
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
