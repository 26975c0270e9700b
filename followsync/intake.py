"""Who comes in: a line, or an entry that the rep typed into the follow-up calendar -> a prospect, or a new promise to one who is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from followsync import capture
from followsync.capture import Capture
from followsync.core.at_once import agreed_beside, goes_beside
from followsync.core.cadence import Form, Rules
from followsync.core.history import Captured, Entry, History, Kind, Noted, Promised, Reopened, Touched, Waiting
from followsync.core.identity import action_of_other
from followsync.core.item import BY_HAND, Item, Seen, State, Written, slot_of
from followsync.core.marking import is_replaced
from followsync.core.operations import is_uid
from followsync.core.placement import Placed
from followsync.core.prospect import Prospect
from followsync.core.ruler import RULER, quotes
from followsync.core.standing import Standing, standing
from followsync.core.wording import ANSWER, title, unmarked, without_endings
from followsync.core.workdays import RepRules
from followsync.errors import UsageError
from followsync.meant import is_first_name, is_known, meant, unknown_names
from followsync.names import is_business, is_human
from followsync.picture import stance
from followsync.store import Transaction

_LINK = "tel:"  # that the first line of our part of the notes has
_UNDATED = 1970  # the year of a task that has no date


def prospect_of(line: Capture, rep: str) -> Prospect:
    """What a line says of whom it names, without an id yet."""
    return Prospect(
        id="", rep=rep, name=line.name, person=line.person, phone=line.phone, email=line.email, reason=line.reason, notes=line.note
    )


def filled(prospect: Prospect, line: Capture) -> Prospect:
    """What a line tells besides fills what was empty: also whom to talk to, where a business was known by its number alone."""
    blanks = {name: value for name in ("person", "phone", "email") if (value := getattr(line, name)) and not getattr(prospect, name)}
    if not (prospect.person or line.person) and is_business(prospect.name) and is_human(line.name):
        blanks["person"] = line.name
    return replace(prospect, **blanks)


def told_besides(prospect: Prospect, line: Capture) -> str:
    """The note of a line about somebody who is known, and before it each name in it that is not theirs."""
    return "; ".join(filter(None, (*unknown_names(prospect, (line.name, line.person)), line.note)))


def agreed_with(prospect: Prospect, history: History, promise: Promised, zone: tzinfo) -> tuple[Entry, ...]:
    """What is added to ``history`` where ``promise`` is agreed: itself, in place of one about the same; beside one about something else
    the earlier of the two, and the question that names both."""
    where = standing(prospect, history)
    if where.promise is None or not goes_beside(promise, where.promise, prospect.method or "call"):
        return (promise,)
    return _both(prospect, promise, where, zone)


def _both(prospect: Prospect, promise: Promised, where: Standing, zone: tzinfo) -> tuple[Entry, ...]:
    waiting = tuple(where.others.values())
    own = action_of_other(prospect.id, promise)
    return agreed_beside(promise, where.promise, waiting, promise.at, promise.via, own, zone)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and when a typed entry is taken in, inside the transaction ``tx``. ``before``: rows as they were before this reading, for an
    entry may have been moved since it was copied. ``place``: where on the target it was said, if not in the entry itself."""

    tx: Transaction
    rep: RepRules
    rules: Rules
    target: str
    now: datetime
    before: Sequence[Written] = ()
    place: str = ""

    @property
    def via(self) -> str:
        return f"calendar:{self.target}{self.place}"

    def region(self, rep: str) -> str:
        return self.rep.region


@dataclass(frozen=True, slots=True)
class Several:
    """A new follow-up whose title fits them all. ``words``: the title."""

    prospects: tuple[Prospect, ...]
    words: str


def typed_entry(desk: Desk, seen: Seen, *, renamed: bool = False) -> Written | Several | None:
    """Take in an entry that somebody typed, where its title reads as a follow-up: whom it names becomes a prospect, or gets a new promise
    at the entry's day and hour; a closed one is open again. Answers the row by which the same entry is managed from now on, or those whom
    it may mean where a name alone does not tell. None where it is not ours to touch: in doubt it is not, and neither is a series, an
    invitation, what is over, or a copy of an entry of ours that says the same. ``renamed``: it is a copy, and names itself what it is
    about."""
    item, tx, rep = seen.item, desk.tx, desk.rep
    if item is None or not _is_one_to_do(item, desk):
        return None
    everybody = cache(lambda: tx.prospects(rep.rep))  # most of what the rep types is none of ours, and never needs them
    rows = tx.written(rep.rep, desk.target, everything=True) if item.body.strip() else []
    block = _our_lines(rows, item)
    words = without_endings(unmarked(item.title)) if block else item.title
    if not capture.reads_as_capture(
        words,
        desk.rules,
        known=lambda said: is_known(everybody(), said, desk.region),
        called=lambda said: is_first_name(everybody(), said),
    ):
        return None
    try:
        line = capture.parse_title(words, rules=desk.rules, rep=rep, now=desk.now)
    except UsageError:  # it names nobody after all
        return None
    line = _with_its_hour(line, words, item, desk)
    like = replace(prospect_of(line, rep.rep), address=item.location)
    closed = tx.outcomes(rep.rep)
    found = meant(everybody(), like, desk.region, closed)
    promise = _said(line, desk) or _promise(line.method, line.purpose, item, desk)
    if found and promise is None and found[0].id not in closed:
        return None  # it says nothing new of somebody who is known
    if len(found) > 1:
        return Several(found, words) if promise and not block and found[0].id not in closed else None
    if block and not renamed and not (found and _is_another_time([*rows, *desk.before], item, found[0])):
        return None
    if found and promise:
        row = _agreed(desk, seen, item, _again(desk, found[0], line, words), promise)
    else:
        row = _row(desk, seen, item, _again(desk, found[0], line, words) if found else _new(desk, like, promise, words))
    return _without_notes(row, item, words, block)


def _agreed(desk: Desk, seen: Seen, item: Item, prospect: Prospect, promise: Promised) -> Written:
    """The row of an entry that stands for a new promise to somebody who is known."""
    where = standing(prospect, desk.tx.history(prospect.id))
    if is_beside(desk, prospect, promise, where):
        return _beside(desk, seen, item, prospect, promise, where)
    desk.tx.append(prospect.id, promise)
    return _row(desk, seen, item, prospect)


def is_beside(desk: Desk, prospect: Prospect, promise: Promised, where: Standing) -> bool:
    """Whether it goes beside what stands. Whoever typed an entry for that too, and left it there, means both of them."""
    stands = where.promise
    if stands is None or _own_rows(desk, where.opened):
        return stands is not None and (promise.day, promise.start) != (stands.day, stands.start)
    return goes_beside(promise, stands, prospect.method or "call")


def _own_rows(desk: Desk, action: str) -> list[Written]:
    """Those of entries that the rep typed, and that still stand."""
    rows = desk.tx.written_of(desk.rep.rep, action, desk.rep.workdays.zone)
    return [row for row in rows if row.state is State.OPEN and row.agreed and not row.gone_at and not is_uid(row.agreed.uid)]


def _beside(desk: Desk, seen: Seen, item: Item, prospect: Prospect, promise: Promised, where: Standing) -> Written:
    """Two agreements with one person, each with an entry of its own: the earlier one stands, the other waits where it is, and the rep is
    asked. What waits has a row by which the same entry is taken up once it is its turn: until then it is the rep's alone."""
    added = _both(prospect, promise, where, desk.rep.workdays.zone)
    desk.tx.append(prospect.id, *added)
    if promise not in added:
        return replace(_row(desk, seen, item, prospect, promise), state=State.RECORDED)
    return _row(desk, seen, item, prospect)


def copied_record(desk: Desk, seen: Seen, record: Written) -> Written | None:
    """Take in a copy of an answered entry that was put to another time: that is another agreement, with the same person and about the
    same, or about what its title says by now. ``record``: the row of what was copied. Answers as ``typed_entry``."""
    item, before = seen.item, record.agreed
    if item is None or before is None or not _is_one_to_do(item, desk) or _stands_where_it_was_copied(item, before):
        return None
    if _words(item.title) != _words(before.title) or is_replaced(record):
        return renamed_record(desk, seen, item)
    prospect = desk.tx.prospect(record.prospect)
    touches = [one for one in desk.tx.history(record.prospect) if isinstance(one, Touched) and one.action == record.action]
    if prospect is None or not touches:
        return None
    asked = touches[-1].kind is Kind.DECIDE  # whatever was asked, it was no follow-up
    promise = _promise("" if asked else touches[-1].method, "" if asked else touches[-1].purpose, item, desk)
    if promise is None:
        return None
    _reopen(desk, prospect, item.title)
    row = _agreed(desk, seen, item, prospect, replace(promise, agenda=touches[-1].agenda, questions=touches[-1].questions))
    ours = replace(
        record.ours or before, start=item.start, end=item.end, title=item.title, body=before.body, busy=item.busy, all_day=item.all_day
    )
    ours = replace(ours, slot="", result="")
    return replace(row, agreed=replace(item, body=before.body), ours=ours)


def renamed_record(desk: Desk, seen: Seen, item: Item) -> Written | None:
    """Take in what was an answered entry, or a copy of one, as what its title says by now. Answers as ``typed_entry``."""
    row = typed_entry(desk, replace(seen, item=_without_marks(replace(item, title=unmarked(item.title)))), renamed=True)
    return replace(row, agreed=replace(item, body=row.agreed.body)) if isinstance(row, Written) and row.agreed else None


def _stands_where_it_was_copied(item: Item, record: Item) -> bool:
    """Beside the record, or where we wrote that when it was copied: else it would become an agreement when the record is moved."""
    return item.start.astimezone(UTC) == record.start.astimezone(UTC) or item.slot.removesuffix(BY_HAND) == slot_of(item.start)


def _is_one_to_do(item: Item, desk: Desk) -> bool:
    return not (item.done or item.theirs or item.cancelled or _is_over(item, desk.rep, desk.now))


def _words(title: str) -> str:
    return without_endings(unmarked(title)).strip()


def _without_marks(item: Item) -> Item:
    """As if the rep had typed it."""
    return replace(item, action="", prospect="", kind=None, due=None, result="", block="", slot="", named="")


def _is_over(item: Item, rep: RepRules, now: datetime) -> bool:
    """Before today. What stood earlier today may have been typed on a phone that was out of reach."""
    return item.start.year > _UNDATED and item.end.astimezone(rep.workdays.zone).date() < rep.workdays.today(now)


def _our_lines(rows: Iterable[Written], item: Item) -> str:
    """What of its notes is ours, "" where nothing is: it is a copy then. Most copies carry our marks; where a phone or a server drops
    those, the text still tells."""
    lines = item.body.split()
    if lines and any(row.agreed and _is_answered(row) and row.agreed.body.split() == lines for row in rows):
        return item.body  # what the rep wrote there was read then
    if quotes(item.body, ANSWER):
        lines = [line.strip() for line in item.body.splitlines()]
        last = lines.index(ANSWER) + 1 if ANSWER in lines else len(lines)
        starts = (number for number, line in enumerate(lines) if line == RULER or f" · {_LINK}" in line or line.startswith(_LINK))
        return "\n".join(item.body.splitlines()[next(starts, 0) : last])
    copied = next(
        (row.ours for row in rows if row.ours and row.ours.title.startswith(item.title) and quotes(item.body, row.ours.body)), None
    )
    return copied.body if copied else ""


def _is_another_time(rows: Iterable[Written], item: Item, prospect: Prospect) -> bool:
    """Whether a copy was put where the prospect has no entry: that is another agreement. Else it says the same twice."""
    theirs = [row.agreed or row.ours for row in rows if row.prospect == prospect.id and row.state is not State.GONE]
    return all(one is None or one.start.astimezone(UTC) != item.start.astimezone(UTC) for one in theirs)


def _is_answered(row: Written) -> bool:
    return row.state in (State.ANSWERED, State.RECORDED)


def _with_its_hour(line: Capture, words: str, item: Item, desk: Desk) -> Capture:
    """Some tasks have a day at most (Google's): there the title is where an hour can be typed, and where no day was chosen, a day. A day in
    the purpose is what it is about, and the day that was chosen counts more than another one in the title."""
    if item.form is not Form.TASK or not (item.all_day or item.start.year <= _UNDATED):
        return line
    try:
        said = capture.parse_line(words, rules=desk.rules, rep=desk.rep, now=desk.now)
    except UsageError:
        return line
    if said.when is None or said.closes or (said.name, said.method, said.purpose) != (line.name, line.method, line.purpose):
        return line
    day = item.start.astimezone(desk.rep.workdays.zone).date()
    return said if item.start.year <= _UNDATED or said.when.day == day else line


def _said(line: Capture, desk: Desk) -> Promised | None:
    """What the title agrees by itself: only that of a task does."""
    when = line.when
    return Promised(desk.now, desk.via, line.method, when.day, when.start, when.window, line.purpose) if when else None


def _promise(method: str, purpose: str, item: Item, desk: Desk) -> Promised | None:
    """The entry's own day and hour are what was agreed; None for a task without a date."""
    if item.start.year <= _UNDATED:
        return None
    day = item.start.astimezone(desk.rep.workdays.zone).date()
    if item.all_day:
        return Promised(desk.now, desk.via, method, day, purpose=purpose)
    minutes = int((item.end - item.start) / timedelta(minutes=1))
    return Promised(desk.now, desk.via, method, day, start=item.start, purpose=purpose, minutes=minutes or None)


def _new(desk: Desk, like: Prospect, promise: Promised | None, words: str) -> Prospect:
    taken = {one.id for one in desk.tx.prospects()}
    prospect = replace(like, id=capture.prospect_id(like.name, taken))
    desk.tx.capture(prospect, Captured(desk.now, desk.via, words), *([promise] if promise else []))
    return prospect


def _again(desk: Desk, prospect: Prospect, line: Capture, words: str) -> Prospect:
    after = filled(prospect, line)
    if after != prospect:
        desk.tx.save(after)
    _reopen(desk, prospect, words)
    if note := told_besides(after, line):
        desk.tx.append(prospect.id, Noted(desk.now, desk.via, note))
    return after


def _reopen(desk: Desk, prospect: Prospect, words: str) -> None:
    if desk.tx.outcome(prospect.id):
        desk.tx.append(prospect.id, Reopened(desk.now, desk.via, words))


def _without_notes(row: Written, item: Item, words: str, block: str) -> Written:
    """As if the rep had typed the title alone, and the rest afterwards: then it is read like everything that is typed into an entry.
    What was copied from an entry of ours is ours."""
    assert row.ours
    title = item.title if block and words == row.ours.title else row.ours.title
    return replace(row, agreed=replace(item, body=block), ours=replace(row.ours, title=title, body=block))


def answers_at_once(item: Item, entries: Iterable[Entry], now: datetime) -> bool:
    """Whether what stands in the notes of an entry that was just typed answers it; ``entries``: how it reads. Before its time is over only
    an agreement does: nobody was called yet."""
    over = item.start.year > _UNDATED and item.end <= now
    return over or any(isinstance(one, Promised | Waiting) for one in entries)


def _row(desk: Desk, seen: Seen, item: Item, prospect: Prospect, waits: Promised | None = None) -> Written:
    """The entry as the base, and as our own idea of it all that the rep left to us: what they typed of it stays theirs. ``waits``: what it
    will stand for; else it stands for what was agreed last, even where another agreement was put before that, or for the next action."""
    tx, rep, target = desk.tx, desk.rep, desk.target
    history = (*tx.history(prospect.id), *([waits] if waits else []))
    found = stance(prospect, history, desk.rules, rep, desk.now)
    action = found.actions[0]
    if waits or found.standing.promise:
        stands = action_of_other(prospect.id, waits) if waits else found.standing.opened
        action = next((one for one in found.actions if one.id == stands), replace(action, id=stands))
    before = next((row for row in tx.written(rep.rep, target) if row.action == action.id), None)
    day = item.start.astimezone(rep.workdays.zone).date()
    ours = title(Placed(action, item.start, item.end, day), prospect, desk.rules.method(action.method))
    return Written(
        target,
        action.id,
        prospect.id,
        seen.href,
        generation=before.generation if before else 0,
        etag=seen.etag,
        raw=seen.raw,
        ours=replace(item, title=ours, body="", location="", url="", alarms=()),
        agreed=item,
        placed=day,
    )
