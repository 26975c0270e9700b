"""What a calendar must be able to do: the one contract that every kind of target keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from followsync.core.cadence import Form
from followsync.core.item import Item, Seen
from followsync.core.target import Capabilities
from followsync.errors import CalendarError


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since a cursor, or one page of it.

    ``seen``: entries created or changed, with their text. ``gone``: hrefs the calendar says were deleted. ``cursor``: opaque text to
    ask with next time. ``more``: this is a part, and the next one is had at once with ``cursor``. ``listed``: every href that the answer
    names as standing, also those whose text was not read because they are our own echoes.
    ``complete``: there was no usable cursor, so ``listed`` (of this page and those that follow it) names everything that stands there,
    and an href missing from it may be gone; ask ``read`` before believing it. A calendar without change detection always answers
    completely.
    """

    seen: tuple[Seen, ...]
    gone: tuple[str, ...]
    cursor: str
    complete: bool
    listed: frozenset[str] = frozenset()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A write that the calendar took. ``etag`` is None where the calendar did not give a strong one: read it back. ``item``: what stands
    there now, where the answer tells; None where it is what was sent."""

    etag: str | None
    raw: str
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One write among several that go together: of a new entry (``raw`` is None), of another text for one that stands, or, without an
    ``item``, its removal. ``raw`` and ``etag`` as in ``Calendar.update``."""

    href: str
    item: Item | None = None
    raw: str | None = None
    etag: str | None = None


Outcome = Receipt | CalendarError | None
"""Of one order: what was taken, what it would have raised alone, or None for a removal."""


class Batch(Protocol):
    """Several writes in one request. ``together``: how many at most."""

    together: int

    def joins(self, href: str) -> bool:
        """Whether a write there may go along. Not one that would be done twice if it were sent again after its answer was lost."""

    def send(self, orders: Sequence[Order]) -> list[Outcome]:
        """What became of each: what one of them meets concerns no other. Raises Unavailable where it is not known of any whether it was
        done."""


class NoSuchCalendar(CalendarError):
    """``others``: the names of those that are there. They are the person's own affair, and this sentence goes into logs; ``doctor``, which
    is read at a terminal, tells them."""

    def __init__(self, where: str, names: Iterable[str], others: Iterable[str]) -> None:
        super().__init__(f"{where} has no calendar named {', '.join(sorted(names))}; 'followsync doctor' says which ones it has.")
        self.others = tuple(sorted(others))


class SeveralCalendars(CalendarError):
    """``others``: their addresses or ids, for ``doctor`` to tell, as above."""

    def __init__(self, where: str, name: str, others: Iterable[str]) -> None:
        self.others = tuple(sorted(others))
        super().__init__(
            f"{where} has {len(self.others)} calendars named {name}: write the address of the right one into the config, as 'calendar:'; "
            "'followsync doctor' says which ones there are."
        )


class Calendar(Protocol):
    """One place where actions are written: a CalDAV collection, a Google calendar, a file.

    Every method may raise ``Unavailable`` or ``LoginNeeded`` (see followsync.errors). Nothing is ever re-sent inside: after
    ``Unavailable`` from a write it is unknown whether the write happened, and the caller settles that by ``read``.
    ``requests`` counts round trips since the object was made. One object belongs to one thread; ``another`` gives one more.
    ``connections``: how many such objects may ask at the same time.
    ``notice``: a sentence that a person should read though all goes well (a login that ends soon), "" mostly. ``batch``: what sends
    several writes in one request, None where each goes alone.
    ``capabilities``: what is known of the server: given when the calendar is opened, and completed by ``probe``. What is not known is
    taken to be missing: it then looks before it writes, and gives receipts without an ETag.
    ``skew``: how far the server's clock is ahead of this machine's; None where it did not say.
    """

    @property
    def requests(self) -> int: ...

    @property
    def skew(self) -> timedelta | None: ...

    collection: str  # the address of the collection; another one means another calendar
    connections: int
    capabilities: Capabilities

    @property
    def notice(self) -> str: ...

    @property
    def batch(self) -> Batch | None: ...

    def probe(self, *, again: bool = False) -> Capabilities:
        """Find out, with an entry of our own that is removed again, what the server can do. Asks nothing where that is known already,
        unless it is to be asked ``again``. Raises Refused where nothing may be written there."""

    def another(self) -> Calendar:
        """One more connection to the same collection, with an account of requests of its own. Asks nothing."""

    def href(self, uid: str, form: Form) -> str:
        """Where the entry with that UID stands or would stand; the same for ever, made without asking. Some calendars keep events and
        tasks in different places."""

    def reaches(self, href: str) -> bool:
        """Whether what stands there can be read and written at this moment. What cannot be, for a permission is lacking that not everything
        needs, or a limit was reached that not everything has, is neither asked for nor written, and nothing is concluded of it. A write
        that raises Unavailable, after which it is out of reach, was not done."""

    def remind(self, etags: Callable[[], Mapping[str, str]]) -> None:
        """To be said before anything is read. ``etags``: href -> the ETag that was last known of it, also of what is gone or is to be read
        again in any case. Where the calendar chooses the ids, that is what tells an entry of ours from a copy of it."""

    def changes(self, cursor: str, known: Mapping[str, str | None]) -> Changes:
        """What is new since ``cursor`` ("" = everything). ``known``: href -> etag of what the caller has already seen; such entries
        are our own echoes and are not fetched again. Raises CursorExpired where the calendar no longer knows the cursor."""

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]:
        """The entries at these hrefs; None where the calendar says that nothing stands there."""

    def create(self, href: str, item: Item) -> Receipt:
        """Write a new entry. Raises Changed where something stands there already, Refused where it is not taken."""

    def update(self, href: str, item: Item, raw: str, etag: str | None) -> Receipt:
        """Change an entry to ``item``; properties in ``raw`` that Item does not know are kept. Raises Changed where the entry
        is no longer the one with ``etag`` or no longer there, Refused where it is not taken."""

    def delete(self, href: str, etag: str | None) -> None:
        """Remove an entry; one that is already gone is no error. Raises Changed where it is not the one with ``etag``."""

    def close(self) -> None:
        """Let go of connections."""
