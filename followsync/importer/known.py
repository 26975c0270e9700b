"""Whom a lead means, of the prospects that are known: those of the store, and those that earlier rows of the file brought."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from followsync.capture import prospect_id
from followsync.core.prospect import Prospect
from followsync.phone import tel

_PHONES = re.compile(r"(?:.*_)?(?:phone|mobile|cell|telephone)(?:_.*)?")  # fields that hold further numbers: mobile_phone, phone_2
_EMAILS = re.compile(r"(?:.*_)?e_?mail(?:_.*)?")


class Known:
    """``region``: the country that bare phone numbers belong to."""

    def __init__(self, prospects: Iterable[Prospect], region: str) -> None:
        self.by_id: dict[str, Prospect] = {}
        self._region = region
        self._ids: dict[tuple[str, ...], list[str]] = {}
        for prospect in prospects:
            self.add(prospect)

    def add(self, prospect: Prospect) -> None:
        """Or what it has become."""
        self.by_id[prospect.id] = prospect
        for key in (*self._keys(prospect), *self._further(prospect)):
            ids = self._ids.setdefault(key, [])
            if prospect.id not in ids:
                ids.append(prospect.id)

    def find(
        self, lead: Prospect, spoken: Collection[str], named: Collection[str], says_nothing: Callable[[Prospect], bool]
    ) -> Prospect | None:
        """The prospect that the row means: by its id; else the one of which it says nothing new; else by phone, e-mail, name.

        Two people of one business, each with a row of their own, stay two; and so do two rows that say different ids. ``spoken``: those
        that had a row of their own in this file; ``named``: those that a row named by an id; ``says_nothing``: whether the row would change
        nothing of a prospect."""
        same_id = self.by_id.get(lead.id) or (self.by_id.get(prospect_id(lead.id, ())) if lead.id else None)
        if same_id and same_id.rep == lead.rep:
            return same_id
        others = named if lead.id else ()
        found = [[self.by_id[name] for name in self._ids.get(key, ()) if name not in others] for key in self._keys(lead)]
        found.append([one for key in self._further(lead) for name in self._ids.get(key, ()) if _alike(one := self.by_id[name], lead)])
        if told := [one for candidates in found for one in candidates if self._tells(one, lead)]:
            return min(told, key=lambda one: (not says_nothing(one), self._distance(one, lead)))
        for candidates in found:
            if fitting := [one for one in candidates if one.id not in others and not _another(one, lead, one.id in spoken)]:
                return min(fitting, key=lambda one: self._distance(one, lead))
        return None

    def phones(self, prospect: Prospect) -> set[str]:
        """Every number of theirs, as it is dialled; as it is written where nobody could dial it."""
        return {self.dialled(text) for text in (prospect.phone, *_further(prospect, _PHONES)) if text}

    def emails(self, prospect: Prospect) -> set[str]:
        return {text.casefold() for text in (prospect.email, *_further(prospect, _EMAILS)) if text}

    def dialled(self, phone: str) -> str:
        return tel(phone, self._region) or phone

    def _keys(self, prospect: Prospect) -> Iterator[tuple[str, ...]]:
        if number := tel(prospect.phone, self._region) if prospect.phone else "":  # "n/a" is nobody's number
            yield prospect.rep, "phone", number
        if "@" in prospect.email:
            yield prospect.rep, "email", prospect.email.casefold()
        if prospect.name:
            yield prospect.rep, "name", _folded(prospect.name)

    def _further(self, prospect: Prospect) -> Iterator[tuple[str, ...]]:
        for value in (*self.phones(prospect), *self.emails(prospect)):
            if value[:1] == "+" or "@" in value:
                yield prospect.rep, "further", value
        yield prospect.rep, "further", _folded(prospect.person or prospect.name)

    def _tells(self, known: Prospect, lead: Prospect) -> bool:
        """Whether who it is and how to reach them is known already: a row that was imported before."""
        return (
            _folded(lead.name) in {_folded(known.name), _folded(known.person)}
            and _folded(lead.person) in {"", _folded(known.person)}
            and (not lead.phone or self.dialled(lead.phone) in self.phones(known))
            and (not lead.email or lead.email.casefold() in self.emails(known))
        )

    def _distance(self, known: Prospect, lead: Prospect) -> tuple[object, ...]:
        return (
            _folded(known.person) != _folded(lead.person),
            _folded(known.name) != _folded(lead.name),
            bool(lead.phone) and self.dialled(known.phone) != self.dialled(lead.phone),
            bool(lead.email) and known.email.casefold() != lead.email.casefold(),
            known.id != prospect_id(lead.name, ()),  # an id is made from the name of the row that brought them
            len(known.id),
            known.id,
        )


def _further(prospect: Prospect, names: re.Pattern[str]) -> list[str]:
    return [value for name, value in prospect.fields.items() if names.fullmatch(name)]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _alike(known: Prospect, lead: Prospect) -> bool:
    """Whether a business or a person has the same name in both."""
    theirs = {_folded(known.name), _folded(known.person)} - {""}
    return not theirs.isdisjoint({_folded(lead.name), _folded(lead.person)})


def _another(known: Prospect, lead: Prospect, spoken: bool) -> bool:
    """Whether the row is somebody else with the same business, number or address: of another name, and with another e-mail address or
    where that one had a row already."""
    if known.person and lead.person and _folded(known.person) == _folded(lead.person):
        same = not spoken or _folded(known.name) == _folded(lead.name)
    elif known.person and lead.person:
        same = False
    else:
        same = _alike(known, lead)
    return not same and (spoken or bool(known.email and lead.email and known.email.casefold() != lead.email.casefold()))
