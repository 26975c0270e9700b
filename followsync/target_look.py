"""One target's part of a rehearsal: what a cycle would read there, and what it would make of that. The calendar is only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from followsync.calendars.base import Changes
from followsync.core.item import Seen
from followsync.core.operations import carries_marks
from followsync.errors import NotMade
from followsync.moving import is_another, sought
from followsync.picture import rows_of
from followsync.pull import Deletions, Listing, by_name
from followsync.store import Transaction
from followsync.strangers import looked_at
from followsync.target_cycle import TargetCycle, absent


@dataclass
class TargetLook(TargetCycle):
    """``elsewhere``: the config names another calendar than the rows are of."""

    elsewhere: bool = False

    def asked(self, deletions: Deletions) -> tuple[list[Changes], Listing, dict[str, Seen | None]]:
        """All that ``pull`` would ask, and nothing taken in."""
        before = self.state.collection
        try:
            self.calendar = self.at.opener(self.settings, sought(self.settings, self.state))
        except NotMade:
            self.elsewhere = bool(before)
            return [], Listing(complete=True), {}
        self.elsewhere = is_another(before, self.calendar)
        if self.elsewhere:
            self.state = replace(self.state, cursor="", last_full=None)
        listing = Listing()
        found = list(self._pages(deletions))
        for page in found:
            listing.add(page)
        with self.at.store.reading() as tx:
            rows = [] if self.elsewhere else rows_of(tx, self.at.rep, self.name)
            known = {row.href for row in rows}
            strangers = [seen for page in found for seen in page.seen if seen.href not in known and seen.item and carries_marks(seen.item)]
            ask = self._ask(tx, rows, listing, deletions, strangers)
        return found, listing, by_name(self.calendar, ask, rows)[0]

    def take_in(
        self,
        tx: Transaction,
        found: Sequence[Changes],
        listing: Listing,
        answers: Mapping[str, Seen | None],
    ) -> None:
        if self.elsewhere:
            self.forget(tx)
        reader = self._interpreter(tx)
        for page in found:
            reader.page(page)
            self._note_unmarked(page, reader)
        reader.answers(answers, listing)
        rows = {row.action: row for row in rows_of(tx, self.at.rep, self.name, everything=True)}
        strangers, _ = looked_at(reader.strangers, answers, rows.values())
        self._strangers(reader, answers, rows).take_in(strangers)
        self.before, self.read = reader.before, (listing, answers)

    def take_in_typed(self, tx: Transaction, deletions: Deletions) -> None:
        if self.read:
            self._reader_of_typed(tx).typed(self.unmarked.values())
            self._interpreter(tx).missing.believe(absent(self.read[1]), deletions)

    def _known(self) -> dict[str, str | None]:
        return {} if self.elsewhere else super()._known()
