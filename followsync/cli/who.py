"""Who is meant: a prospect by id, name, person, phone or e-mail."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.core.prospect import Prospect
    from followsync.meant import Region
    from followsync.store import Transaction

_SHOWN = 8


def find(tx: Transaction, said: str, region: Region, rep: str | None = None) -> Prospect:
    """The one prospect that ``said`` means, of ``rep`` or of all, case-insensitive. An open one goes before a closed one. Whom a line on
    the calendar would mean is meant here too; where that is nobody, a unique beginning will do ("jen"), for here nobody new is made of it.

    Raises UsageError where it is nobody, or where several are meant.
    """
    from followsync.core.prospect import Prospect
    from followsync.meant import folded, meant

    wanted = folded(said)
    if not wanted:
        raise UsageError("Say who is meant: an id, name, person, phone or e-mail. 'followsync list' shows all.")
    everybody = tx.prospects(rep)
    if one := next((one for one in everybody if folded(one.id) == wanted), None):
        return one
    closed = tx.outcomes()
    if found := meant(everybody, Prospect(id="", rep="", name=said, phone=said, email=said), region, closed):
        return _only(found, said)
    begins = [one for one in everybody if any(folded(word).startswith(wanted) for word in (one.id, one.name, one.person, one.email))]
    if found := tuple(one for one in begins if one.id not in closed) or tuple(begins):
        return _only(found, said)
    raise UsageError(f"There is no prospect '{said}'. 'followsync list' shows all; 'followsync add' captures a new one.")


def known(everybody: Iterable[Prospect], like: Prospect, region: Region, closed: Container[str]) -> Prospect | None:
    """The prospect of the same rep that a line names, None where it is somebody new; an open one goes before a closed one. Raises
    UsageError where it may mean several."""
    from followsync.meant import meant

    found = meant(everybody, like, region, closed)
    return _only(found, like.name) if found else None


def _only(found: tuple[Prospect, ...], said: str) -> Prospect:
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{one.id} ({' at '.join(filter(None, (one.person, one.name)))})" for one in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    raise UsageError(f"'{said}' may mean {listed}{more}. Say which by its id.")
