"""Who is meant: a prospect by id, name, person, phone or e-mail."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import TYPE_CHECKING

from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.core.prospect import Prospect
    from followsync.store import Transaction

_SHOWN = 8
Region = Callable[[str], str]  # a rep's key -> the country that bare phone numbers belong to


def find(tx: Transaction, said: str, region: Region) -> Prospect:
    """The one prospect that ``said`` means, case-insensitive; a unique beginning of a name will do. An open one goes before a closed one.

    Raises UsageError where it is nobody, or where several are meant.
    """
    wanted = _folded(said)
    if not wanted:
        raise UsageError("Say who is meant: an id, name, person, phone or e-mail. 'followsync list' shows all.")
    everybody = tx.prospects()
    for prospect in everybody:
        if prospect.id == said.strip():
            return prospect
    closed = tx.outcomes()
    exact = [one for one in everybody if wanted in _words(one) or _dials(said, one, region)]
    begins = [one for one in everybody if any(word.startswith(wanted) for word in _words(one))]
    for found in (exact, begins):
        if chosen := [one for one in found if one.id not in closed] or found:
            return _only(chosen, said)
    raise UsageError(f"There is no prospect '{said}'. 'followsync list' shows all; 'followsync add' captures a new one.")


def known(everybody: Iterable[Prospect], like: Prospect, region: Region, closed: Container[str]) -> Prospect | None:
    """The prospect of the same rep that has the same phone, else e-mail, else name; an open one goes before a closed one. Raises
    UsageError where several have that name."""
    from followsync import intake

    found = intake.known(everybody, like, region(like.rep), closed)
    return _only(list(found), like.name) if found else None


def _only(found: list[Prospect], said: str) -> Prospect:
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{one.id} ({' at '.join(filter(None, (one.person, one.name)))})" for one in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    raise UsageError(f"'{said}' may mean {listed}{more}. Say which by its id.")


def _words(prospect: Prospect) -> tuple[str, ...]:
    return tuple(word for word in map(_folded, (prospect.id, prospect.name, prospect.person, prospect.email)) if word)


def _dials(said: str, prospect: Prospect, region: Region) -> bool:
    if not prospect.phone or sum(letter.isdigit() for letter in said) < 7:
        return False
    from followsync.phone import tel

    country = region(prospect.rep)
    number = tel(said, country)
    return said.strip() == prospect.phone or (bool(number) and number == tel(prospect.phone, country))


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())
