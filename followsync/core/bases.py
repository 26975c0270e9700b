"""An entry beside all that we ever sent of it, its bases: whose doing is what differs?

A field is the rep's edit only if it differs from everything we ever sent: from what the calendar confirmed *and* from what we intended
when the answer was lost. Otherwise our own write, read back, would look like a move by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_

from followsync.core.cadence import Form
from followsync.core.item import Item, Written, is_over, slot_of
from followsync.core.ruler import RULER, beyond, block_of, counted, our_block, squeezed


def shown(sent: Item, seen: Item, rewrites: frozenset[str]) -> Item:
    """What was sent, as a server shows it that is known to rewrite: its own doing must not look like the rep's. ``rewrites``: names of
    fields that come back changed, and ``FIELD+LINE`` for a line that it adds to a text."""
    changed = {name: getattr(seen, name) for name in rewrites if "+" not in name and hasattr(sent, name)}
    for field, _, line in (name.partition("+") for name in sorted(rewrites) if "+" in name):
        if field not in changed and counted(getattr(seen, field))[squeezed(line)]:
            changed[field] = f"{getattr(sent, field)}\n{line}"
    return replace(sent, **changed) if changed else sent


def new_text(item: Item, written: Written, bases: tuple[Item, ...]) -> str:
    """The lines of the body that none of our versions and none of the rep's earlier text explains."""
    versions = (*bases, *([written.ours] if written.ours else []))
    if block_of(block := our_block(item.body, item.block)) == item.block:
        versions = (*versions, replace(item, body=block))
    known = reduce(or_, (counted(version.body) for version in versions))  # each line as often as any one has it
    sent = [written.intended.body.rpartition(f"{RULER}\n")[2]] if written.intended else []
    return beyond(item.body, known, [*sent, *([our_block(written.ours.body, item.block)] if written.ours else [])])


def _is_moved(item: Item, bases: tuple[Item, ...]) -> bool:
    """Some calendars know no hours of tasks: what was sent with one stands on its day."""
    dated = item.form is Form.TASK and item.all_day
    days = {base.start.astimezone(item.start.tzinfo).date() for base in bases if not base.all_day} if dated else set()
    return all(item.start.astimezone(UTC) != base.start.astimezone(UTC) for base in bases) and item.start.date() not in days


def is_moved_ahead(item: Item, bases: tuple[Item, ...], now: datetime) -> bool:
    """Whether it was moved, and not to a day that is over."""
    return _is_moved(item, bases) and not is_over(item.start, now, bases[0].start.tzinfo)


def is_newer(item: Item, bases: tuple[Item, ...]) -> bool:
    """Whether it stands where we wrote it, in a version that this store knows nothing of: an older copy of it was put back."""
    return item.slot == slot_of(item.start) and all(item.slot != base.slot for base in bases)


def with_newer_text(ours: Item | None, item: Item, bases: tuple[Item, ...]) -> Item | None:
    """``ours``, with the text of ours that stands there, where this store knows nothing of it (an older copy of it was put back): what we
    wrote never becomes the rep's."""
    block = our_block(item.body, item.block)
    is_newer = item.block and block_of(block) == item.block and all(item.block != base.block for base in bases)
    return replace(ours, body=block) if ours and is_newer else ours


def by_due(item: Item, bases: tuple[Item, ...]) -> Item:
    """A task is to be done when it is due. Apps that know no start leave it behind when the due time is moved; others move it alone, to
    hide the task until then."""
    for base in bases if item.form is Form.TASK else ():
        started, due = item.start.astimezone(UTC) == base.start.astimezone(UTC), item.end.astimezone(UTC) == base.end.astimezone(UTC)
        if item.all_day != base.all_day or started == due:
            continue
        start = base.start if due else item.end.astimezone(UTC) - (base.end.astimezone(UTC) - base.start.astimezone(UTC))
        return replace(item, start=start.astimezone(item.start.tzinfo))
    return item


def ours_that_arrived(written: Written, seen: Item) -> Item | None:
    """What our rules wanted, as far as the calendar has it: where the answer to an update was lost, what it changed and what now stands
    there is ours, and no doing of the rep's."""
    ours, before, sent = written.ours, written.agreed, written.intended
    if ours is None or before is None or sent is None:
        return ours
    new = counted(sent.body) - counted(before.body)
    came = new & (counted(seen.body) - counted(before.body))  # our text quotes the rep's notes, which stood there before it
    body = sent.body.rpartition(f"{RULER}\n")[2] if came else ours.body
    if seen.start.astimezone(UTC) == sent.start.astimezone(UTC) != before.start.astimezone(UTC):
        ours = replace(ours, start=sent.start, end=sent.end, due=sent.due, missed=sent.missed)
    return replace(
        ours,
        body=body,
        title=sent.title if seen.title == sent.title != before.title else ours.title,
        location=sent.location if seen.location == sent.location != before.location else ours.location,
        url=sent.url if seen.url == sent.url != before.url else ours.url,
        busy=sent.busy if seen.busy == sent.busy != before.busy else ours.busy,
        alarms=sent.alarms if seen.alarms == sent.alarms != before.alarms else ours.alarms,
    )
