"""What stands on a calendar, in words of our own: no iCalendar, no Google."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from followsync.core.cadence import Form
from followsync.core.history import Kind


@dataclass(frozen=True, slots=True)
class Item:
    """One calendar entry as people see it.

    ``start`` and ``end`` are aware, to the second, in the zone they are shown in; equal items compare as instants.
    ``all_day`` items (a rep's own doing, or a date-only task) carry local midnights. ``alarms``: minutes before the start, sorted
    ascending. ``body`` is plain text with LF line ends. ``done``: ticked (a task) or closed by us.
    ``action``, ``prospect``, ``kind`` and ``due`` say what it stands for; "" and None on entries that are not ours. ``missed``: on how
    many working days it stood and was not done; only our own idea of an entry knows that, no calendar shows it. ``theirs``: the rep
    invited guests or made it repeat, so a write could send mail for them: it is only read from then on. ``cancelled``: the rep called it
    off in an app that keeps such entries, and mostly hides them.
    ``result``: on a record, what the answer was, or REPLACED; ``block``: tells our lines of the body from the rep's (see
    ``edits.block_of``); ``slot`` and ``named``: the start and the title that we wrote. These four travel with the entry, for whoever
    reads it with an older store or none.
    """

    uid: str
    form: Form
    title: str
    body: str
    start: datetime
    end: datetime
    location: str = ""
    url: str = ""
    busy: bool = False
    alarms: tuple[int, ...] = ()
    all_day: bool = False
    done: bool = False
    action: str = ""
    prospect: str = ""
    kind: Kind | None = None
    due: date | None = None
    missed: int = 0
    theirs: bool = False
    result: str = ""
    block: str = ""
    slot: str = ""
    named: str = ""
    cancelled: bool = False

    def in_zone(self, zone: tzinfo) -> Item:
        """The same item, told in that zone."""
        return replace(self, start=self.start.astimezone(zone), end=self.end.astimezone(zone))

    def in_utc(self) -> Item:
        """The same item with its times in UTC. Python never calls a time in an hour that the clocks repeat equal to the same instant
        in another zone (PEP 495), so items are only compared this way."""
        return self.in_zone(UTC)


def dated(item: Item) -> Item:
    """A task as some calendars keep it (Google): with a day and no hour, no place, no link of its own, and nothing that rings."""
    start = datetime.combine(item.start.date(), time.min, item.start.tzinfo)
    end = datetime.combine(item.start.date() + timedelta(days=1), time.min, item.start.tzinfo)
    return replace(item, form=Form.TASK, start=start, end=end, all_day=True, busy=False, location="", url="", alarms=())


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as a calendar showed it. ``raw``: its whole text, kept so that an update keeps what we do not know.

    ``etag`` is None where the calendar gave none that can be trusted. ``item`` is None where the text could not be read
    (``trouble`` then says why). ``listed``: the ETag that the list told, where the text came with another one: a version of before it.
    """

    href: str
    etag: str | None
    raw: str
    item: Item | None
    trouble: str = ""
    listed: str = ""

    @property
    def cancelled(self) -> bool:
        """Whoever calls an entry off has deleted it, as many apps do that."""
        return self.item is not None and self.item.cancelled


class State(StrEnum):
    """Of a written entry. OPEN waits for the rep; ANSWERED is to be marked once as the rep's record (``ours`` says how); RECORDED is
    that record, never touched again; GONE no longer stands."""

    OPEN = "open"
    ANSWERED = "answered"
    RECORDED = "recorded"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Write:
    """A change of an entry: when, and the digest of what it said then."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Written:
    """What we know of one action's entry on one target: the three ways of the merge, and the outbox.

    ``ours``: what our rules last wanted there. ``agreed``: what the calendar last confirmed or showed (the base; None until the first
    answer). ``intended``: sent, answer not yet seen; ``removing``: a delete was sent, answer not yet seen.
    ``placed``: the day on which its slot was chosen.
    ``generation`` grows each time the entry is deleted, for deleted ids stay taken.
    ``refused``: the digest of a body that the calendar would not take, and ``trouble`` why; it is tried again after ``retry_at``.
    ``fresh``: made since we last asked for changes, so the next answer must name it. ``gone_at``: when the calendar first said that it
    was deleted; that becomes a fact only when it still holds a while later. ``writes``: its changes of the last day. ``unread``:
    what stands there cannot be read, or may be out of a cache, so nothing is done to it; it is asked for again after ``retry_at``.
    ``earlier``: the ETags of the versions that came before.
    """

    target: str
    action: str
    prospect: str
    href: str
    generation: int = 0
    etag: str | None = None
    raw: str = ""
    ours: Item | None = None
    agreed: Item | None = None
    intended: Item | None = None
    removing: bool = False
    state: State = State.OPEN
    placed: date | None = None
    refused: str = ""
    trouble: str = ""
    retry_at: datetime | None = None
    fresh: bool = False
    gone_at: datetime | None = None
    writes: tuple[Write, ...] = ()
    unread: bool = False
    earlier: tuple[str, ...] = ()


LONGEST_WAIT = timedelta(days=1)  # before something is tried again
BY_HAND = " moved"
REPLACED = "replaced"  # the result of a record that nobody answered: something else was agreed in its place
_REMEMBERED = 8  # versions of before: more than an entry goes through in the minutes that a cache lasts


def slot_of(start: datetime) -> str:
    """A start as entries carry it: 20260105T140000Z. ``BY_HAND`` behind it says that the rep put it there."""
    return f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def start_of(slot: str) -> datetime | None:
    """The start that an entry carries, in UTC; None where it carries none that can be read."""
    try:
        return datetime.strptime(slot.removesuffix(BY_HAND), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def removed(row: Written) -> Written:
    """The row of an entry that no longer stands; the next one is of another generation, for deleted ids stay taken."""
    gone = replace(row, state=State.GONE, agreed=None, intended=None, removing=False, etag=None, raw="", gone_at=None, fresh=False)
    return replace(gone, generation=row.generation + 1, unread=False, earlier=replaced_by(None, row))


def is_to_try_again(row: Written, now: datetime) -> bool:
    """Whether the time has come at which it is tried again. A wait longer than any is one that a clock began that was ahead."""
    return row.retry_at is not None and not timedelta(0) < row.retry_at - now <= LONGEST_WAIT


def is_over(start: datetime, now: datetime, zone: tzinfo | None) -> bool:
    """Whether it is of a day before today, where the rep is. Nobody can mean to do anything there: who drags an entry back to the day on
    which it was done has not said that it was done, and apps that take the dates away from a task leave 1970 behind."""
    return start.astimezone(zone).date() < now.astimezone(zone).date()


def is_earlier(seen: Seen, row: Written) -> bool:
    """Whether a version of before is shown again: out of a cache, or because somebody put it back."""
    return seen.etag in row.earlier and seen.etag != row.etag


def replaced_by(etag: str | None, row: Written, listed: str = "") -> tuple[str, ...]:
    """The ETags of what stood there before the version with that ``etag``: ``Written.earlier`` once the row has it."""
    return tuple(dict.fromkeys(one for one in (*row.earlier, listed, row.etag) if one and one != etag))[-_REMEMBERED:]
