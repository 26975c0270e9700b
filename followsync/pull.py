"""Reading one calendar: page by page what changed, then by name what must not be taken on trust. Nothing is concluded here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from followsync.calendars.base import Calendar, Changes
from followsync.core.item import Seen, State, Written, is_earlier, is_to_try_again
from followsync.core.operations import mass_deletion, same
from followsync.errors import CursorExpired, Unavailable

GRACE = timedelta(minutes=2)  # several phones edit by deleting and writing anew: a deletion must still hold so long after it was first seen
_PAGES = 1000  # of one answer


@dataclass(frozen=True, slots=True)
class Deletions:
    """What many deletions at once mean, once a person said so: ask about each (``accept``), or write them again (``restore``).
    ``targets``: where that is meant; everywhere, where none is named."""

    accept: bool = False
    restore: bool = False
    targets: frozenset[str] = frozenset()

    @property
    def said(self) -> bool:
        return self.accept or self.restore

    def of(self, target: str) -> Deletions:
        """What was said of that target."""
        return self if not self.targets or target in self.targets else NOBODY_SAID


NOBODY_SAID = Deletions()


class Known(Mapping[str, str | None]):
    """href -> etag of what was seen before, looked up only when something is to be compared: a quiet calendar costs nothing."""

    def __init__(self, load: Callable[[], Mapping[str, str | None]]) -> None:
        self._load = load

    @cached_property
    def _etags(self) -> Mapping[str, str | None]:
        return self._load()

    def __getitem__(self, href: str) -> str | None:
        return self._etags[href]

    def __iter__(self) -> Iterator[str]:
        return iter(self._etags)

    def __len__(self) -> int:
        return len(self._etags)


@dataclass(slots=True)
class Listing:
    """All pages of one answer: what they name as standing, and as gone. ``complete``: everything that stands there was named."""

    complete: bool = False
    listed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def add(self, page: Changes) -> None:
        self.complete |= page.complete
        cancelled = {seen.href for seen in page.seen if seen.cancelled}
        self.listed = (self.listed | page.listed) - cancelled
        self.gone = (self.gone - page.listed) | set(page.gone) | cancelled


def pages(calendar: Calendar, cursor: str, known: Mapping[str, str | None]) -> Iterator[Changes]:
    """What is new since ``cursor``, each page as it comes; from the beginning where the calendar no longer knows the cursor. What a page
    of a complete answer says of its cursor holds only at the end: until then it is "", so that whoever stops in between begins anew."""
    complete = False
    for _ in range(_PAGES):
        try:
            page = calendar.changes(cursor, known)
        except CursorExpired:
            if not cursor:
                raise
            page = calendar.changes("", known)
        complete |= page.complete
        yield replace(page, complete=complete, cursor="" if complete and page.more else page.cursor)
        if not page.more:
            return
        if page.cursor == cursor:
            break
        cursor = page.cursor
    raise Unavailable("The calendar sends its list of changes without end; it is tried again later.")


def doubtful(rows: Iterable[Written], listing: Listing, now: datetime, deletions: Deletions) -> list[str]:
    """The hrefs to ask for by name, for no listing can be trusted with them.

    1. Writes whose answer was lost. 2. What was made since the last reading and is not named: some servers (Xandikos) never tell of an
    entry that was made and deleted again between two readings. 3. What a complete listing lacks. 4. Deletions that have held long enough
    to be believed; all of them once a person said what they mean; none where they are so many that a person must be asked. 5. What could
    not be read the last time, a while later.
    """
    ask, candidates, standing = [], [], 0
    for row in rows:
        live = row.agreed is not None and row.state is not State.GONE
        standing += live and row.state is State.OPEN
        named = row.href in listing.listed
        again = row.unread and (deletions.said or is_to_try_again(row, now))
        later = row.unread and row.retry_at is not None and not again  # gone here, standing elsewhere: not asked for in each cycle
        if again or ((row.intended is not None or row.removing) and not later):
            ask.append(row.href)
        elif live and row.state is State.OPEN and not named and (row.gone_at or row.href in listing.gone):
            candidates.append(row)
        elif live and not named and row.href not in listing.gone and (row.fresh or listing.complete):
            ask.append(row.href)
    if deletions.said:
        return ask + [row.href for row in candidates]
    if mass_deletion(len(candidates), standing):
        return ask
    return ask + [row.href for row in candidates if row.gone_at and ripe(row.gone_at, now)]


def by_name(calendar: Calendar, hrefs: Collection[str], rows: Iterable[Written]) -> tuple[dict[str, Seen | None], set[str]]:
    """What stands at these hrefs, and those of them that were asked for alone. Some servers (Bedework, Purelymail) answer a question about
    several out of what they knew a while ago: so where it is a version of before, or where a change was sent something else than that
    change or what it replaced, or nothing where the answer to a deletion was lost, we look closer."""
    known = {row.href: row for row in rows}
    answers = calendar.read(hrefs) if hrefs else {}
    strange = {href for href, seen in answers.items() if href in known and _strange(known[href], seen)}
    for href in sorted(strange) if len(answers) > 1 else ():
        answers |= calendar.read([href])
    return {href: None if seen and seen.cancelled else seen for href, seen in answers.items()}, strange


def _strange(row: Written, seen: Seen | None) -> bool:
    sent = row.intended if row.agreed is not None else None
    if seen is None:
        return sent is not None or row.removing
    return is_earlier(seen, row) or (sent is not None and seen.item is not None and seen.etag != row.etag and not same(seen.item, sent))


def ripe(since: datetime, now: datetime) -> bool:
    """Whether a deletion first seen at ``since`` has held long enough; where the clock was set back since, nobody can tell, and it has."""
    return not -GRACE < now - since < GRACE
