"""What must change on a calendar: wanted items beside what stands there -> operations, as a value. And the guards."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import assert_never
from unicodedata import normalize

from followsync.core.cadence import Form
from followsync.core.identity import action_id
from followsync.core.item import REPLACED, Item, State, Write, Written, is_over, is_to_try_again, slot_of
from followsync.core.marking import is_replaced
from followsync.core.ruler import rep_text, with_rep_text
from followsync.core.wording import unmarked, without_endings


@dataclass(frozen=True, slots=True)
class Create:
    """``item`` is not there yet; ``written`` is the row to start with."""

    item: Item
    written: Written


@dataclass(frozen=True, slots=True)
class Update:
    """The entry is to become ``item``. ``ours``: what our rules want there, before the rep's own touches were kept. ``first``: until then
    it looks open, and it was answered elsewhere."""

    item: Item
    ours: Item
    written: Written
    first: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """The entry is no longer wanted, and nobody answered it."""

    written: Written


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing is sent; only our own notes about the entry change."""

    written: Written


OURS = "fs1"  # every UID of ours begins so
SAME_A_DAY, WRITES_A_DAY = 3, 48  # changes of one entry: to the same words again and again, and at all
_THEIRS = "The rep invited guests to it or made it repeat, so FollowSync only reads it."
_CONFLICT = "412 "  # before the digest of what was not taken as a change of the version that stood there
_ALWAYS_CHANGED = (
    "The calendar refuses each change of it as one of an older version, though nobody else changed it: 'followsync doctor' looks why. "
    "It is left alone for a day."
)
_TOO_OFTEN = "Something changes it back each time, so it is left alone for a day: another program, perhaps, that writes to this calendar."
Operation = Create | Update | Delete | Keep


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a sync would do on one target. Whoever sends it, sends what goes before what comes (see ``followsync.writer.Writer``)."""

    operations: tuple[Operation, ...] = field(default_factory=tuple)

    @property
    def writes(self) -> tuple[Create | Update | Delete, ...]:
        return tuple(one for one in self.operations if not isinstance(one, Keep))


def uid(action: str, generation: int) -> str:
    """The entry's identity on every calendar: 29 characters of 0-9a-v, good as UID, as file name and as Google event id.
    Deleted ids stay taken on some servers, so each deletion begins a new generation."""
    return f"{OURS}{action_id(action, 'generation', generation) if generation else action}"


def is_uid(text: str) -> bool:
    """Whether a UID has the form of ours."""
    return len(text) == 29 and text.startswith(OURS) and set(text) <= set("0123456789abcdefghijklmnopqrstuv")


def carries_marks(item: Item) -> bool:
    """Whether an entry may be one of ours: by its name, or by what it says it stands for. Phones that cut and paste give it a new name."""
    return item.uid.startswith(OURS) or bool(item.action)


def gives_up(operation: Operation) -> bool:
    """Whether the entry is ours no longer once that is done: it goes, or it is the rep's again."""
    return isinstance(operation, Delete) or (isinstance(operation, Update) and _is_given_back(operation.written, operation.ours))


def makes_way(operation: Operation) -> bool:
    """Whether something looks open until that is done, beside which nothing else of its prospect may stand."""
    return is_let_go(operation) or (isinstance(operation, Update) and operation.first)


def is_let_go(operation: Operation) -> bool:
    """Whether the entry stands for nothing that is to be done once that is done: it is given up, or the record of what was replaced."""
    return gives_up(operation) or (isinstance(operation, Update) and operation.ours.result == REPLACED)


def is_given_back(row: Written) -> bool:
    """Whether it is an entry that the rep typed, that stood for something once, and is only theirs by now."""
    return row.agreed is not None and row.ours is not None and not is_uid(row.agreed.uid) and _is_given_back(row, row.ours)


def is_typed(row: Written) -> bool:
    """Whether it is an entry that the rep typed, and that stands there and waits for them."""
    waits = row.state is State.OPEN and not (row.gone_at or row.unread)
    return waits and row.agreed is not None and not is_uid(row.agreed.uid)


def _is_given_back(row: Written, ours: Item) -> bool:
    return row.state is State.RECORDED and not ours.result  # a record of an answer says what the answer was


def generation(row: Written | None) -> int:
    """Which generation an entry to be written now belongs to: an answered one stays as a record, so the next is another entry."""
    if row is None:
        return 0
    return row.generation + (row.state in (State.ANSWERED, State.RECORDED))


def digest(item: Item) -> str:
    """Tells whether a body that a calendar refused has changed since."""
    return sha256(repr(_visible(item)).encode()).hexdigest()


def mass_deletion(gone: int, standing: int) -> bool:
    """Whether so many deletions at once look like an accident: more than 5, and more than 30 % of what stood there."""
    return gone > 5 and gone * 10 > standing * 3


def operations(wanted: Mapping[str, tuple[Item, Written]], standing: Iterable[Written], now: datetime) -> Plan:
    """``wanted``: action id -> the item and the row it begins with (its place, the day it was placed). ``standing``: the rows of this
    target. Pure and total: each row and each wanted item gives at most one decision."""
    rows = {row.action: row for row in standing}
    kept = [decided for action, (item, new) in sorted(wanted.items()) if (decided := _wanted(item, new, rows.get(action), now))]
    gone = [decided for action, row in sorted(rows.items()) if action not in wanted and (decided := _unwanted(row, now))]
    return Plan((*kept, *gone))


def said_gone(plan: Plan, rows: Sequence[Written], wanted: Container[str]) -> list[Written]:
    """The rows that a list called gone a moment ago, beside which something of the same prospect is to stand, or stands already while they
    are not ``wanted`` any more."""
    begun = {one.written.prospect for one in plan.operations if isinstance(one, Create)}
    waiting = [row for row in rows if row.state is State.OPEN and row.agreed]
    beside = {row.prospect for row in waiting if row.prospect and row.action in wanted and not row.gone_at}
    return [row for row in waiting if row.gone_at and (row.prospect in begun or (row.action not in wanted and row.prospect in beside))]


def mass_change(plan: Plan, standing: int) -> str:
    """What of a plan looks like an accident once the rules were edited: deletes of more than 5 and more than a fifth of the ``standing``
    entries, changes of more than 20 and more than half. "" where it does not."""
    deletes = sum(isinstance(one, Delete) for one in plan.operations)
    updates = sum(isinstance(one, Update) for one in plan.operations)
    if not (deletes > 5 and deletes * 5 > standing) and not (updates > 20 and updates * 2 > standing):
        return ""
    return f"delete {deletes} and change {updates} of {standing} entries"


def without_changes(plan: Plan) -> Plan:
    """What of a plan may go on while its changes wait for a person: new entries of those to whom nothing else happens."""
    waiting = {one.written.prospect for one in plan.operations if not isinstance(one, Create)}
    return Plan(tuple(one for one in plan.operations if isinstance(one, Create) and one.written.prospect not in waiting))


def written_again(row: Written, item: Item, now: datetime) -> tuple[Write, ...]:
    """The changes of the last day, with this one."""
    return (*_recent(row, now), Write(now, digest(item)))


def conflicted(write: Update | Delete, now: datetime) -> tuple[Write, ...]:
    """The same, with this one, which was refused because somebody else was faster, as the calendar says."""
    return (*_recent(write.written, now), Write(now, _CONFLICT + _what(write)))


def merged(wanted: Item, ours: Item, agreed: Item) -> Item:
    """The three ways. What our rules did not change stays as the calendar has it, whoever made it so; what only we changed is written;
    where both did, the rep's title, place, link, alarms and busy mark stay, text is put together, and time follows the plan, because
    a move by hand is a fact that the plan knows already."""
    zone = wanted.start.tzinfo
    wanted, ours, agreed = wanted.in_utc(), ours.in_utc(), agreed.in_utc()
    start = agreed.start if wanted.start == ours.start else wanted.start
    length = agreed.end - agreed.start if _length(wanted) == _length(ours) or _length(agreed) != _length(ours) else _length(wanted)
    body = agreed.body if _same_text(wanted.body, ours.body) else with_rep_text(rep_text(agreed.body, ours.body), wanted.body)
    return replace(
        wanted,
        uid=agreed.uid,
        form=agreed.form,
        done=agreed.done if wanted.done == ours.done else wanted.done,
        start=start.astimezone(zone),
        end=(start + length).astimezone(zone),
        all_day=agreed.all_day if start == agreed.start else wanted.all_day,
        title=wanted.title if _same_text(agreed.title, ours.title) or not agreed.title.strip() else agreed.title,
        body=body,
        slot=wanted.slot if start == wanted.start else wanted.slot and slot_of(start),
        location=wanted.location if _same_text(agreed.location, ours.location) else agreed.location,
        url=wanted.url if agreed.url == ours.url else agreed.url,
        busy=(wanted.busy if agreed.busy == ours.busy else agreed.busy) and agreed.form is Form.EVENT,  # a task never takes time
        alarms=wanted.alarms if agreed.alarms == ours.alarms else agreed.alarms,
    )


def same(one: Item, other: Item) -> bool:
    """Whether two items look the same to the rep: instants, not zones; words, not spacing."""
    return _visible(one) == _visible(other)


def _wanted(item: Item, new: Written, row: Written | None, now: datetime) -> Operation | None:
    if row and row.unread:
        return None  # nobody knows what would be written over
    if row and row.state is State.OPEN and row.gone_at:
        return None  # somebody deleted it, or a phone is about to write it anew: wait and see
    agreed = row.agreed if row and (row.state is State.OPEN or is_given_back(row) or is_replaced(row)) else None
    if row is None or agreed is None:
        return None if row and row.state is State.OPEN and _refused(row, item, now) else Create(item, new)
    placed = replace(row, placed=new.placed, state=State.OPEN)
    ours = row.ours or item
    if is_replaced(row):  # its mark was ours
        ours = replace(ours, title=agreed.title, busy=agreed.busy, alarms=agreed.alarms, done=agreed.done)
    target = merged(item, _put_back(ours, agreed) if is_over(agreed.start, now, item.start.tzinfo) else ours, agreed)
    if is_replaced(row):
        target = replace(target, title=_as_typed(agreed.title, item.title))
    if not same(target, agreed) or is_given_back(row) or is_replaced(row):
        return _update(Update(target, item, placed), row, now)
    if row.trouble in (_THEIRS, _TOO_OFTEN, _ALWAYS_CHANGED):
        placed = replace(placed, trouble="")
    if agreed.theirs:
        placed = replace(placed, trouble=_THEIRS)  # told before there is anything to write
    return None if placed == row and row.ours and row.ours.in_utc() == item.in_utc() else Keep(replace(placed, ours=item))


def _as_typed(title: str, ours: str) -> str:
    """The title of a record that is to be done once more: what the rep typed, unless that was what we write."""
    typed = without_endings(unmarked(title))
    return ours if _same_text(typed, without_endings(ours)) else typed


def _put_back(ours: Item, agreed: Item) -> Item:
    """``ours``, as if we had put the entry where it stands: then it goes to where it is wanted. What has no length gets ours again."""
    return replace(ours, start=agreed.start, end=agreed.start + _length(ours) if _length(agreed) else agreed.end)


def _unwanted(row: Written, now: datetime) -> Operation | None:
    match row.state:
        case _ if row.unread:
            return None
        case State.OPEN if row.agreed is None:
            return Keep(replace(row, state=State.GONE, intended=None))
        case State.OPEN if row.gone_at:
            return None  # it is asked for by name once more: what a phone writes anew must be known, to go
        case State.OPEN if row.agreed and row.agreed.theirs:
            return Keep(replace(row, state=State.RECORDED))  # deleting it could send word to the guests
        case State.OPEN if row.agreed and not is_uid(row.agreed.uid):
            return _given_back(row, row.agreed, now)
        case State.OPEN:
            if row.retry_at and not is_to_try_again(row, now):
                return None
            return _left_alone(row, _ALWAYS_CHANGED) if _in_vain(Delete(row), now) else Delete(row)
        case State.ANSWERED if row.agreed and row.ours:
            ours = row.ours
            record = replace(row.agreed, title=ours.title, busy=ours.busy, alarms=ours.alarms, done=ours.done or row.agreed.done)
            record = replace(record, result=ours.result)
            written = replace(row, state=State.RECORDED)
            if same(record, row.agreed) or row.agreed.theirs or _refused(row, record, now):
                return Keep(written)
            return _update(Update(record, row.ours, written), row, now)
        case State.ANSWERED | State.RECORDED | State.GONE:
            return None
    assert_never(row.state)


def _given_back(row: Written, agreed: Item, now: datetime) -> Operation | None:
    """What the rep typed is theirs to delete: it loses what we put there, and stays. Where they typed the very words that we would have
    written, nobody can tell whose they are, and they stay; so does the place, which our text took from them."""
    ours = row.ours or agreed
    typed = replace(
        agreed,
        title=without_endings(agreed.title) if _same_text(agreed.title, ours.title) else agreed.title,
        body=rep_text(agreed.body, ours.body),
        url="" if agreed.url == ours.url else agreed.url,
        alarms=() if agreed.alarms == ours.alarms else agreed.alarms,
        action="",
        prospect="",
        kind=None,
        due=None,
        block="",
        slot="",
        named="",
    )
    blank = replace(ours, body="", location="", url="", alarms=(), result="")  # as when it was captured, should it be wanted once more
    written = replace(row, state=State.RECORDED)
    if same(typed, agreed) and not agreed.action:
        return Keep(replace(written, ours=blank))
    return _update(Update(typed, blank, written), row, now)


def _update(update: Update, row: Written, now: datetime) -> Operation | None:
    """The update, unless the calendar would not take it, it is the rep's alone, or it was changed too often: something changes it back."""
    if row.agreed and row.agreed.theirs:
        return _left_alone(row, _THEIRS)
    if _in_vain(replace(update, written=row), now):
        return _left_alone(row, _ALWAYS_CHANGED)
    recent = _recent(row, now)
    if len(recent) >= WRITES_A_DAY or sum(one.what == digest(update.item) for one in recent) >= SAME_A_DAY:
        return _left_alone(row, _TOO_OFTEN)
    return None if _refused(row, update.item, now) else update


def _recent(row: Written, now: datetime) -> list[Write]:
    """Those of the last day; what a clock wrote down that was ahead of this one by more is none of them."""
    return [one for one in row.writes if abs(now - one.at) < timedelta(days=1)]


def _what(write: Update | Delete) -> str:
    return digest(write.item) if isinstance(write, Update) else "gone"


def _in_vain(write: Update | Delete, now: datetime) -> bool:
    """Whether exactly that was refused as a change of an older version again and again."""
    what = _CONFLICT + _what(write)
    return sum(one.what == what for one in _recent(write.written, now)) >= SAME_A_DAY


def _left_alone(row: Written, why: str) -> Keep | None:
    return None if row.trouble == why else Keep(replace(row, trouble=why))


def _refused(row: Written, item: Item, now: datetime) -> bool:
    """Whether the calendar would not take exactly that, not long ago."""
    return row.refused == digest(item) and not is_to_try_again(row, now)


def _length(item: Item) -> timedelta:
    return item.end - item.start


def _same_text(one: str, other: str) -> bool:
    return _words(one) == _words(other)


def _words(text: str) -> tuple[str, ...]:
    return tuple(normalize("NFC", text).split())


def _visible(item: Item) -> tuple[object, ...]:
    return (
        *(_words(text) for text in (item.title, item.body, item.location, item.url)),
        item.start.astimezone(UTC),
        item.end.astimezone(UTC),
        *(item.all_day, item.busy, item.done, item.alarms),
    )
