"""Who is meant: the prospects that a typed line, an entry on the calendar, or a word at the terminal names.

One look-up for all three, so that ``log jenny`` and "Call Jenny to review the quote" never mean two people, and never make a second one.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import TYPE_CHECKING

from followsync.errors import UsageError
from followsync.names import is_business, is_human, may_be_one_person
from followsync.phone import tel

if TYPE_CHECKING:
    from followsync.core.prospect import Prospect

_DIGITS = 7  # that a phone number has at least
_SHOWN = 8

Region = Callable[[str], str]
"""A rep's key -> the country that bare phone numbers belong to."""


def meant(everybody: Iterable[Prospect], like: Prospect, region: Region, closed: Container[str] = ()) -> tuple[Prospect, ...]:
    """Whom ``like`` names, a prospect without an id: of the same rep, or of all where its rep is "".

    Those with the same phone; else the same e-mail; else the same name, of a business or a person; else those whose name begins with the
    words said ("Jenny", "Jenny S", "Summit"). A first name is never the beginning of a business, and nobody is meant whose phone or e-mail
    is another one, nor, whatever agrees, who is another person: several people of a shop have one number. Of those, the open ones before
    the ``closed``. Several where that does not tell; none where it is somebody new.
    """
    theirs = [one for one in everybody if like.rep in ("", one.rep)]
    tests: tuple[Callable[[Prospect], bool], ...] = (
        lambda one: dials(like.phone, one, region(one.rep)),
        lambda one: bool(like.email) and folded(one.email) == folded(like.email),
        lambda one: _is_called(one, like, region),
        lambda one: _begins(one, like) and not _another(one, like, region),
    )
    theirs = [one for one in theirs if not _is_another_person(one, like)]
    found = next((found for test in tests if (found := tuple(one for one in theirs if test(one)))), ())
    found = tuple(one for one in found if like.person and folded(one.person) == folded(like.person)) or found
    if len(found) > 1:  # of those with one number the name tells
        found = next((named for test in tests[2:] if (named := tuple(one for one in found if test(one)))), found)
    return tuple(one for one in found if one.id not in closed) or found


def known(everybody: Iterable[Prospect], like: Prospect, region: Region, closed: Container[str]) -> Prospect | None:
    """The prospect of the same rep that a line names, None where it is somebody new; an open one goes before a closed one. Raises
    UsageError where it may mean several."""
    found = meant(everybody, like, region, closed)
    return the_one(found, like.name, "by the family name, the number or the business") if found else None


def the_one(found: tuple[Prospect, ...], said: str, how: str = "by its id") -> Prospect:
    """Raises UsageError where several are meant; ``how`` it may be said which."""
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{one.id} ({' at '.join(filter(None, (one.person, one.name)))})" for one in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    raise UsageError(f"'{said}' may mean {listed}{more}. Say which {how}.")


def is_known(everybody: Iterable[Prospect], said: str, region: Region) -> bool:
    """Whether ``said`` is the whole name of a prospect, or a phone number."""
    return any(folded(said) in (folded(one.name), folded(one.person)) or dials(said, one, region(one.rep)) for one in everybody)


def is_first_name(everybody: Iterable[Prospect], said: str) -> bool:
    """Whether ``said`` is a person's first name, and a prospect's: "Jenny" of Jenny Smith."""
    return is_human(said) and any(_begins_with(name, said) for one in everybody for name in _people(one))


def dials(said: str, prospect: Prospect, region: str) -> bool:
    """Whether ``said`` is the prospect's phone number, however either was typed."""
    if not prospect.phone or sum(letter.isdigit() for letter in said) < _DIGITS:
        return False
    number = tel(said, region)
    return said.strip() == prospect.phone or (bool(number) and number == tel(prospect.phone, region))


def folded(text: str) -> str:
    """A name as it is compared: without case, spacing and the kind of apostrophe."""
    return " ".join(text.casefold().replace("’", "'").split())


def unknown_names(prospect: Prospect, said: Iterable[str]) -> tuple[str, ...]:
    """Those of the names ``said`` that are none of the prospect's: whom else a line named, or by which other name."""
    known = [name for name in (prospect.name, prospect.person) if name]
    return tuple(name for name in said if name and not any(_are_alike(name, one) for one in known))


def _are_alike(name: str, other: str) -> bool:
    return folded(other).startswith(folded(name)) or folded(name).startswith(folded(other))


def told_apart(prospect: Prospect) -> str:
    """``Jenny at Joe's Diner, 248.555.0100``: what a title may say so that it is clear who is meant."""
    who = f"{prospect.person} at {prospect.name}" if prospect.person and prospect.person != prospect.name else prospect.name
    return ", ".join(filter(None, (who, prospect.phone or prospect.email)))


def _is_another_person(one: Prospect, like: Prospect) -> bool:
    """Whether both name a person, and not the same one. Whoever is known beside that one is no other prospect."""
    known, said = (each.person or (each.name if is_human(each.name) else "") for each in (one, like))
    beside = (stakeholder.name for stakeholder in one.stakeholders)
    return bool(known and said) and not any(may_be_one_person(name, said) for name in (known, *beside))


def _is_called(one: Prospect, like: Prospect, region: Region) -> bool:
    """By the whole name. Two people of one name have different numbers; a business has one name, and several numbers."""
    if folded(one.name) == folded(like.name):
        return not (_is_person(one) and _another(one, like, region))
    return bool(one.person) and not like.person and folded(one.person) == folded(like.name) and not _another(one, like, region)


def _begins(one: Prospect, like: Prospect) -> bool:
    if is_human(like.name):
        return not like.person and any(_begins_with(name, like.name) for name in _people(one))
    if _begins_with(one.name, like.name):
        persons = (one.person, like.person)
        return not all(persons) or any(_begins_with(long, short) for long, short in (persons, persons[::-1]))
    return not like.person and _begins_with(one.person, like.name)


def _begins_with(name: str, said: str) -> bool:
    """Word by word: "Jenny Smith" begins with "Jenny", and with "Jenny S."; "Jenny" does not begin with "Jen"."""
    first, begin = (folded(text).split() for text in (name, said))
    if not begin or len(begin) > len(first):
        return False
    initial = begin[-1].rstrip(".")
    last = begin[-1] == first[len(begin) - 1] or (len(begin) > 1 and len(initial) == 1 and first[len(begin) - 1].startswith(initial))
    return last and begin[:-1] == first[: len(begin) - 1]


def _people(one: Prospect) -> tuple[str, ...]:
    return tuple(name for name in (one.person, "" if is_business(one.name) else one.name) if name)


def _another(one: Prospect, like: Prospect, region: Region) -> bool:
    """Whether a phone or an e-mail says that it is somebody else."""
    phone = bool(one.phone and like.phone) and not dials(like.phone, one, region(one.rep))
    return phone or bool(one.email and like.email and folded(one.email) != folded(like.email))


def _is_person(one: Prospect) -> bool:
    """Many are called Jenny, and some Jenny Smith."""
    return len(folded(one.name).split()) == 1 or folded(one.name) == folded(one.person) or is_human(one.name)
