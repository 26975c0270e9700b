"""What a card's properties say of a prospect. What follow-ups have no use for (chat names, certificates, related names) is passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import unquote

from followsync.core.prospect import Prospect
from followsync.importer.property import Property

_NO_VOICE = frozenset({"fax", "pager", "modem", "bbs", "textphone"})
_KINDS = ("work", "cell", "mobile", "iphone", "main", "home")  # of several numbers, whose goes first where none is preferred
_FIELD = {"cell": "mobile_phone", "mobile": "mobile_phone", "iphone": "mobile_phone", "work": "work_phone", "home": "home_phone",
          "main": "main_phone"}  # fmt: skip
_GROUPS = frozenset({"group", "location", "application", "device"})
_SHELVES = frozenset({"mycontacts", "starred", "friends and family"})  # an address book's own, told of everybody


def is_person(properties: Sequence[Property]) -> bool:
    """Or a business: a card may also be a list of other cards (``KIND:group``, also Apple's)."""
    kinds = {one.text.lower() for one in properties if one.name in {"KIND", "X-ADDRESSBOOKSERVER-KIND"}}
    return not kinds & _GROUPS


def prospect_of(properties: Sequence[Property]) -> Prospect:
    """Without id and rep. ``name`` is "" where nobody is named."""
    business, *units = _first(properties, "ORG", lambda one: one.components) or [""]
    person = _person(properties)
    fields: dict[str, str] = {}
    phones = _preferred([one for one in _all(properties, "TEL") if not one.types & _NO_VOICE], _kind)
    emails = _preferred(_all(properties, "EMAIL"))
    urls = _preferred(_all(properties, "URL"))
    addresses = [found for one in _preferred(_all(properties, "ADR")) if (found := _address(one))]
    for one in phones[1:]:
        _add(fields, _FIELD.get(_name_of_kind(one), "phone_2"), "phone", _number(one))
    for number, mail in enumerate(emails[1:], 2):
        fields[f"email_{number}"] = _plain(mail, "mailto:")
    for number, other in enumerate(addresses[1:], 2):
        fields[f"address_{number}"] = other
    for number, url in enumerate(urls[1:], 2):
        fields[f"url_{number}"] = url.text
    fields |= {
        "department": ", ".join(filter(None, units)),
        "nickname": _text(properties, "NICKNAME"),
        "birthday": _day(_text(properties, "BDAY"), next((one.params for one in _preferred(_all(properties, "BDAY"))), {})),
        "fax": next((_number(one) for one in _all(properties, "TEL") if "fax" in one.types), ""),
    }
    return Prospect(
        id="",
        rep="",
        name=business or person,
        person=person if business and person != business else "",
        role=_text(properties, "TITLE") or _text(properties, "ROLE"),
        phone=_number(phones[0]) if phones else "",
        email=_plain(emails[0], "mailto:") if emails else "",
        address=addresses[0] if addresses else _lines(_text(properties, "LABEL")),
        url=urls[0].text if urls else "",
        timezone=_zone(_text(properties, "TZ")),
        notes="\n".join(text for one in _all(properties, "NOTE") if (text := one.text)),
        tags=tuple(
            dict.fromkeys(tag for one in _all(properties, "CATEGORIES") for tag in one.listed if tag.casefold() not in _SHELVES),
        ),
        fields={name: value for name, value in fields.items() if value},
    )


def _all(properties: Iterable[Property], name: str) -> list[Property]:
    return [one for one in properties if one.name == name and one.value.strip()]


def _first(properties: Iterable[Property], name: str, read: Callable[[Property], list[str]]) -> list[str]:
    return next((found for one in _all(properties, name) if any(found := read(one))), [])


def _text(properties: Iterable[Property], name: str) -> str:
    return next((one.text for one in _preferred(_all(properties, name))), "")


def _preferred(properties: Sequence[Property], kind: Callable[[Property], int] = lambda one: 0) -> list[Property]:
    return sorted(properties, key=lambda one: (one.rank, kind(one)))


def _person(properties: Sequence[Property]) -> str:
    """As the card shows it; else first, further and last name."""
    if shown := " ".join(_text(properties, "FN").split()):
        return shown
    last, first, further, *_ = [*_first(properties, "N", lambda one: one.components), "", "", ""]
    return " ".join(" ".join((first, further, last)).split())


def _kind(one: Property) -> int:
    return next((number for number, kind in enumerate(_KINDS) if kind in one.types), len(_KINDS))


def _name_of_kind(one: Property) -> str:
    return next((kind for kind in _KINDS if kind in one.types), "")


def _add(fields: dict[str, str], name: str, other: str, value: str) -> None:
    """Under its own name, else ``phone_2``, ``phone_3``: nothing takes another one's place."""
    number = 2
    while name in fields and fields[name] != value:
        name, number = f"{other}_{number}", number + 1
    fields[name] = value


def _number(one: Property) -> str:
    """``tel:+1-555-555-5555;ext=5`` of version 4.0 as a person writes it."""
    text = one.text
    if not text.lower().startswith("tel:"):
        return text
    number, *params = unquote(text[4:]).split(";")
    extension = next((param[4:] for param in params if param.lower().startswith("ext=")), "")
    return f"{number} ext. {extension}" if extension else number


def _plain(one: Property, scheme: str) -> str:
    return unquote(one.text[len(scheme) :]) if one.text.lower().startswith(scheme) else one.text


def _address(one: Property) -> str:
    """Box, further, street, place, region, code, country: as one line, without what is empty."""
    return ", ".join(part for component in one.components if (part := _lines(component)))


def _lines(text: str) -> str:
    return ", ".join(part for line in text.splitlines() if (part := " ".join(line.split()).strip(",")))


def _day(text: str, params: Mapping[str, Sequence[str]]) -> str:
    """``1980-04-12`` for the day forms of versions 3.0 and 4.0, ``--04-12`` for one without a year: version 4.0 writes it so or as
    ``--0412``, Apple as a day of 1604 and says that this year counts for nothing."""
    if match := re.fullmatch(r"--(\d\d)-?(\d\d)", text):
        return f"--{match[1]}-{match[2]}"
    if match := re.match(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)", text):
        if match[1] in params.get("X-APPLE-OMIT-YEAR", ()):
            return f"--{match[2]}-{match[3]}"
        try:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        except ValueError:
            return text
    return text


def _zone(text: str) -> str:
    """Only the name of a zone: an offset does not know when the clocks change."""
    return text if re.fullmatch(r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+", text) else ""
