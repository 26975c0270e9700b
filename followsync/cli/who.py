"""Who is meant: a prospect by id, name, person, phone or e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.core.prospect import Prospect
    from followsync.meant import Region
    from followsync.store import Transaction


def find(tx: Transaction, said: str, region: Region, rep: str | None = None) -> Prospect:
    """The one prospect that ``said`` means, of ``rep`` or of all, case-insensitive. An open one goes before a closed one. Whom a line on
    the calendar would mean is meant here too; where that is nobody, a unique beginning will do ("jen"), for here nobody new is made of it.

    Raises UsageError where it is nobody, or where several are meant.
    """
    from followsync.core.prospect import Prospect
    from followsync.meant import folded, meant, the_one

    wanted = folded(said)
    if not wanted:
        raise UsageError("Say who is meant: an id, name, person, phone or e-mail. 'followsync list' shows all.")
    everybody = tx.prospects(rep)
    if one := next((one for one in everybody if folded(one.id) == wanted), None):
        return one
    closed = tx.outcomes()
    if found := meant(everybody, Prospect(id="", rep="", name=said, phone=said, email=said), region, closed):
        return the_one(found, said)
    begins = [one for one in everybody if any(folded(word).startswith(wanted) for word in (one.id, one.name, one.person, one.email))]
    if found := tuple(one for one in begins if one.id not in closed) or tuple(begins):
        return the_one(found, said)
    raise UsageError(f"There is no prospect '{said}'. 'followsync list' shows all; 'followsync add' captures a new one.")
