"""Sending what was decided, with the store in step: what was sent, what was answered, what is unclear.

Several connections may send at once. They only send; what became of it is worked out and saved by the one who called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from queue import SimpleQueue

from followsync.calendars.base import Batch, Calendar, Order, Outcome, Receipt
from followsync.core.bases import shown
from followsync.core.item import LONGEST_WAIT, Item, Seen, State, Written, removed, replaced_by
from followsync.core.marking import is_replaced
from followsync.core.operations import (
    Create,
    Delete,
    Keep,
    Operation,
    Update,
    conflicted,
    digest,
    is_let_go,
    makes_way,
    same,
    written_again,
)
from followsync.errors import Busy, CalendarError, Changed, Refused, Unavailable

_BATCH = 20  # confirmations in one transaction while many are written
_REFUSED_FOR = LONGEST_WAIT  # after which the same entry is offered once more
Write = Create | Update | Delete


@dataclass(slots=True)
class TargetReport:
    """What a cycle did on one target. ``pending``: writes whose outcome is not known yet; ``error``: "" after a good cycle."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    read: int = 0
    requests: int = 0
    pending: int = 0
    quarantined: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one write. ``receipt``: it was taken (None for a deletion). ``changed``: something else stood there, ``seen`` is what
    (None: nothing), unless that could not be seen for ``failure``. ``refused``: why it was not taken. ``paused``: it was not done, for
    what stands there is out of reach for now."""

    receipt: Receipt | None = None
    changed: bool = False
    seen: Seen | None = None
    failure: CalendarError | None = None
    refused: str = ""
    paused: bool = False


class Writer:
    """Sends the writes of one target and keeps the store in step.

    ``adopt`` is told of an entry of ours that the store had forgotten, ``edited`` of one that the rep changed while we wrote: the row it
    belongs to, and what stands there. ``check`` is asked before each request that writes, from any thread, and raises LeaseLost where the
    cycle may be somebody else's by now.
    """

    def __init__(
        self,
        calendar: Calendar,
        now: datetime,
        save: Callable[[Sequence[Written]], None],
        adopt: Callable[[Written, Seen], None],
        edited: Callable[[Written, Seen], None],
        report: TargetReport,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.calendar, self.now, self.save, self.adopt, self.edited, self.report = calendar, now, save, adopt, edited, report
        self.check = check
        self.answered: list[Written] = []
        self.unread: list[tuple[Written, Written]] = []  # as it was before, and as it will be if nobody else wrote
        self.kept: set[str] = set()  # prospects with an entry that was to go, and stays until it is read
        self.requests = 0

    def send(self, writes: Sequence[Write], progress: Callable[[int, int], None]) -> None:
        """What goes, goes first: killed in between, a prospect has no entry until the next cycle, but never two. Raises what the calendar
        raised; every row is noted down by then, whatever happened."""
        deletes = [one for one in writes if makes_way(one)]
        others = [one for one in writes if not makes_way(one)]
        waiting = dict.fromkeys((*deletes, *others))
        total = len(waiting)
        try:
            for several in (deletes, others):
                for one, sent in self._answers(self._without_held(several, waiting), waiting):
                    self._note(one, sent)
                    progress(total - len(waiting), total)
                    if len(self.answered) >= _BATCH:
                        self._save()
            self._read_back()
        except CalendarError:
            # What failed may have arrived: its row keeps saying so. What was not sent is as it was before.
            self.answered.extend(_unsent(one) for one in waiting)
            raise
        finally:
            self._save()

    # --- sending

    def _without_held(self, writes: Sequence[Write], waiting: dict[Write, None]) -> list[Write]:
        """What is to come where the rep was faster than our deletion is not sent: what they did there is read first, in the next cycle, and
        until then their entry is the only one."""
        held = [one for one in writes if isinstance(one, Create) and one.written.prospect in self.kept]
        for one in held:
            del waiting[one]
            self.answered.append(_unsent(one))
        return [one for one in writes if one not in held] if held else list(writes)

    def _answers(self, writes: Sequence[Write], waiting: dict[Write, None]) -> Iterator[tuple[Write, Sent]]:
        """Each write with what became of it, as the answers come. ``waiting`` loses those that were begun. After a failure nothing more is
        begun, and what is under way is waited for."""
        alone = list(writes)
        if batch := self.calendar.batch:
            joined = [one for one in writes if batch.joins(one.written.href) and (one.written.etag or isinstance(one, Create))]
            if len(joined) > 1:
                yield from self._joined(batch, joined, waiting)
                alone = [one for one in writes if one in waiting]
        several = min(self.calendar.connections, len(alone))
        if several > 1 and self.calendar.capabilities.side_by_side is not False:
            writes, alone = alone, []
            yield from self._side_by_side(several, writes, waiting, alone)
        if alone and several > 1:  # some servers (Xandikos) lock the whole calendar while they write
            self.calendar.capabilities = replace(self.calendar.capabilities, side_by_side=False)
        for one in alone:
            waiting.pop(one, None)
            yield one, _send(self.calendar, one, self.check)

    def _joined(self, batch: Batch, writes: Sequence[Write], waiting: dict[Write, None]) -> Iterator[tuple[Write, Sent]]:
        """Several in one request. Where one of them fails, what became of the others is noted first; where the whole fails, it is known of
        none of them."""
        for begin in range(0, len(writes), batch.together):
            some = writes[begin : begin + batch.together]
            for one in some:
                del waiting[one]
            failure: CalendarError | None = None
            self.check()
            for one, outcome in zip(some, batch.send([_order(one) for one in some]), strict=True):
                try:
                    sent = self._outcome(one, outcome)
                except CalendarError as error:
                    failure = failure or error
                else:
                    yield one, sent
            if failure:
                raise failure

    def _outcome(self, write: Write, outcome: Outcome) -> Sent:
        """Raises what may have hindered the answer, so that it is not known whether it arrived."""
        match outcome:
            case Refused():
                return Sent(refused=str(outcome))
            case Changed():
                return _who_was_faster(self.calendar, write)
            case CalendarError():
                raise outcome
            case _:
                return Sent(outcome)

    def _side_by_side(
        self, several: int, writes: Sequence[Write], waiting: dict[Write, None], alone: list[Write]
    ) -> Iterator[tuple[Write, Sent]]:
        """``alone`` gets what the calendar was too busy for, and all that was not begun by then."""
        with self._connections(several) as idle, ThreadPoolExecutor(several, "write") as pool:
            running: dict[Future[Sent], Write] = {}
            coming = iter(writes)
            failure: CalendarError | None = None
            while True:
                for one in islice(coming, 0 if failure or alone else several - len(running)):
                    del waiting[one]
                    running[pool.submit(_send_by, idle, one, self.check)] = one
                if not running:
                    break
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    one = running.pop(done)
                    try:
                        sent = done.result()
                    except Busy:
                        alone.append(one)
                        continue
                    except CalendarError as error:
                        failure = failure or error
                        continue
                    yield one, sent
            if failure:
                waiting.update(dict.fromkeys(alone))
                raise failure
            alone.extend(coming if alone else ())

    @contextmanager
    def _connections(self, number: int) -> Iterator[SimpleQueue[Calendar]]:
        more = [self.calendar.another() for _ in range(number - 1)]
        idle: SimpleQueue[Calendar] = SimpleQueue()
        for calendar in (self.calendar, *more):
            idle.put(calendar)
        try:
            yield idle
        finally:
            for calendar in more:
                self.requests += calendar.requests
                calendar.close()

    # --- noting down

    def _note(self, operation: Write, sent: Sent) -> None:
        row = operation.written
        match operation:
            case _ if sent.paused:
                self.answered.append(_unsent(operation))
            case Create() | Update() if sent.refused:
                self.answered.append(replace(self._left(_unsent(operation), sent), refused=digest(operation.item)))
            case Delete() if sent.refused:
                self.answered.append(self._left(row, sent))
            case Create(item=item) if sent.changed:
                self._already_there(replace(row, ours=item), sent)
            case Update() | Delete() if sent.changed:
                if makes_way(operation):
                    self.kept.add(row.prospect)
                self.answered.append(replace(noted(operation), writes=conflicted(operation, self.now)))
                # Somebody was faster. The row keeps saying what was sent, so the next cycle asks for this entry by name: a listing that
                # was cut short may have left it out, and will not tell of it again.
            case Create(item=item) if sent.receipt:
                self.report.created += 1
                after = replace(row, ours=item, agreed=sent.receipt.item or item, fresh=True)
                self._taken(replace(row, ours=item), after, sent.receipt)
            case Update(item=item, ours=ours) if sent.receipt:
                self.report.updated += 1
                after = replace(row, ours=ours, agreed=sent.receipt.item or item, writes=written_again(row, item, self.now))
                self._taken(row, after, sent.receipt)
            case _:
                self.report.deleted += 1
                self.answered.append(removed(row))

    def _left(self, row: Written, sent: Sent) -> Written:
        return replace(row, trouble=sent.refused, retry_at=self.now + _REFUSED_FOR)

    def _taken(self, before: Written, after: Written, receipt: Receipt) -> None:
        after = replace(after, etag=receipt.etag, raw=receipt.raw, earlier=replaced_by(receipt.etag, before))
        after = replace(after, intended=None, refused="", trouble="", retry_at=None)
        if receipt.etag and not self.calendar.capabilities.rewrites:
            self.answered.append(after)
        else:
            self.unread.append((before, after))

    def _already_there(self, row: Written, sent: Sent) -> None:
        """Where a new entry was to be made something stands. If it is ours, the store had forgotten it. If nothing can be seen there, the
        name is taken by an entry that was deleted once."""
        # Ours was not written: if the rest fails now, the next cycle must find a row that was never sent.
        self.answered.append(row)
        if sent.failure:
            raise sent.failure
        if sent.seen is None or sent.seen.cancelled:
            self.answered[-1] = replace(row, generation=row.generation + 1, state=State.GONE)
            return
        self._save()
        self.adopt(row, sent.seen)
        self.report.read += 1

    def _read_back(self) -> None:
        """Where the answer carried no ETag to rely on, or the server changes what it is given, what it shows now is the base. A difference
        that the server is not known for is the rep's, who was faster than we could look."""
        waiting, self.unread = self.unread, []
        answers = self.calendar.read([after.href for _, after in waiting]) if waiting else {}
        for before, after in waiting:
            seen, sent = answers.get(after.href), after.agreed
            if seen is None or seen.item is None or seen.cancelled or sent is None:
                continue  # not to be seen yet, or not to be read: the row keeps saying what was sent, and the next cycle asks by name
            shows = shown(sent, seen.item, self.calendar.capabilities.rewrites)
            if same(seen.item, shows):
                self.answered.append(replace(after, agreed=seen.item, etag=seen.etag, raw=seen.raw))
            elif not (before.agreed and same(seen.item, before.agreed) and _is_of_before(seen, before)):  # else it came out of a cache
                self._save()
                self.edited(replace(before, intended=sent, writes=after.writes, fresh=after.fresh), seen)
                self.report.read += 1

    def _save(self) -> None:
        if self.answered:
            answered, self.answered = self.answered, []
            self.save(answered)


def _is_of_before(seen: Seen, before: Written) -> bool:
    """Whether the version that we wrote over is shown. What looks like it may be ours: a server that cuts titles shows no change."""
    return seen.raw == before.raw or (seen.etag is not None and seen.etag in (before.etag, *before.earlier))


def _send_by(idle: SimpleQueue[Calendar], write: Write, check: Callable[[], None]) -> Sent:
    calendar = idle.get()
    try:
        return _send(calendar, write, check)
    finally:
        idle.put(calendar)


def _send(calendar: Calendar, write: Write, check: Callable[[], None]) -> Sent:
    """One write. Raises Unavailable or LoginNeeded, after which it is not known whether it arrived."""
    row = write.written
    if not calendar.reaches(row.href):
        return Sent(paused=True)
    check()
    try:
        match write:
            case Create(item=item):
                return Sent(calendar.create(row.href, item))
            case Update(item=item):
                return Sent(calendar.update(row.href, item, row.raw, row.etag))
            case Delete():
                if not row.etag and not is_unchanged(calendar, row.href, row.agreed):
                    return Sent(changed=True)
                calendar.delete(row.href, row.etag)
                return Sent()
    except Refused as error:
        return Sent(refused=str(error))
    except Unavailable:
        if calendar.reaches(row.href):
            raise
        return Sent(paused=True)
    except Changed:
        return _who_was_faster(calendar, write)


def _order(write: Write) -> Order:
    row = write.written
    match write:
        case Create(item=item):
            return Order(row.href, item)
        case Update(item=item):
            return Order(row.href, item, row.raw, row.etag)
        case Delete():
            return Order(row.href, etag=row.etag)


def _who_was_faster(calendar: Calendar, write: Write) -> Sent:
    if not isinstance(write, Create):
        return Sent(changed=True)
    try:
        return Sent(changed=True, seen=calendar.read([write.written.href]).get(write.written.href))
    except CalendarError as error:
        return Sent(changed=True, failure=error)


def is_unchanged(calendar: Calendar, href: str, item: Item | None) -> bool:
    """Without an ETag nothing guards a deletion: look first. What changed is read by the next cycle."""
    seen = calendar.read([href]).get(href)
    return seen is None or (seen.item is not None and item is not None and same(seen.item, item))


def noted(operation: Operation) -> Written:
    """The row before the operation is sent."""
    match operation:
        case Create(item=item) | Update(item=item):
            return replace(_unsent(operation), intended=item)
        case Delete(written=row):
            return replace(row, removing=True)
        case Keep(written=row):
            return row


def _unsent(operation: Write) -> Written:
    match operation:
        case Create(item=item, written=row):
            return replace(row, ours=item)
        case Update(written=row):
            if is_let_go(operation) and not is_replaced(row):
                return replace(row, state=State.OPEN)  # what the rep answers until then is read
            return replace(row, state=State.ANSWERED if row.state is State.RECORDED else row.state)
        case Delete(written=row):
            return row
