"""What the rules want now: prospects and history from the store, folded, planned, placed and put into words. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from followsync.core.buying import Purchase, gifts, gives, is_to_buy, purchases, stands_on
from followsync.core.cadence import Form, Rules
from followsync.core.clocks import believable
from followsync.core.followed import promise_of
from followsync.core.handover import stood
from followsync.core.history import History, Kind, Moved, Promised, Restored
from followsync.core.inclusion import reached
from followsync.core.item import BY_HAND, Item, State, Written, dated, slot_of
from followsync.core.operations import generation, is_uid, uid
from followsync.core.placement import Placed, Stand, place
from followsync.core.plan import Action, Resting, due
from followsync.core.prospect import Prospect
from followsync.core.ruler import block_of
from followsync.core.spans import whole_days
from followsync.core.standing import Standing, standing
from followsync.core.wording import Texts, item_for
from followsync.core.workdays import BusyTime, RepRules
from followsync.phone import tel
from followsync.store import Transaction
from followsync.templates import render

_AGREED = "another agreement"


@dataclass(frozen=True, slots=True)
class Stance:
    """One open prospect at this moment: who, what happened, where that leaves us, and what is to be done, earliest first."""

    prospect: Prospect
    standing: Standing
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole rep at one moment. ``placed`` is in the order of the days; ``stances`` are keyed by prospect. ``busy``: beside what it was
    placed. ``buying``: what is to be bought at once for several; ``done``: how many were answered today."""

    rep: RepRules
    rules: Rules
    now: datetime
    stances: Mapping[str, Stance]
    placed: tuple[Placed, ...]
    rows: tuple[Written, ...] = ()
    by_prospect: Mapping[str, tuple[Placed, ...]] = field(default_factory=dict)
    busy: tuple[BusyTime, ...] = ()
    buying: tuple[Purchase, ...] = ()
    done: int = 0

    @property
    def today(self) -> date:
        return self.rep.workdays.today(self.now)

    @property
    def wakes(self) -> datetime | None:
        """When time alone changes what an entry says: the next end of a promise's time today."""
        return min((one.until for one in self.placed if one.until and one.until > self.now), default=None)

    def next_action(self, prospect: str) -> Placed | None:
        """The next action: the earliest one that is due, wherever it found room."""
        stance = self.stances.get(prospect)
        first = stance.actions[0].id if stance else ""
        return next((one for one in self.by_prospect.get(prospect, ()) if one.action.id == first), None)

    def item(self, placed: Placed, row: Written | None = None, write: str = "auto", *, dates: bool = False) -> Item:
        """The entry of a placed action on a target that takes ``write``: events, tasks, or either. ``row``: what stands there. ``dates``:
        tasks have a day and no hour there, so what is promised or has its time of day is an event."""
        stance = self.stances[placed.action.prospect]
        prospect = reached(stance.prospect, placed.action.steps)
        context = _context(placed.action, prospect)
        texts = Texts(
            tel=tel(prospect.phone, self.rep.region),
            title=render(placed.action.title, context),
            body=render(placed.action.body, context),
        )
        identity = uid(placed.action.id, generation(row))
        item = item_for(placed, prospect, stance.standing, self.rules, texts, today=self.today, uid=identity)
        form = item.form if write == "auto" else Form(write)
        if dates:
            form = _form_with_dates(form, placed.action, row)
            item = dated(item) if form is Form.TASK else item
        busy = item.busy and form is Form.EVENT  # a task never takes time
        moved = stance.standing.moved.get(placed.action.id)
        by_hand = moved is not None and moved.start == item.start
        days = by_hand and whole_days(item.start, item.end)
        slot = slot_of(item.start) + (BY_HAND if by_hand else "")
        return replace(item, form=form, busy=busy, all_day=item.all_day or days, block=block_of(item.body), slot=slot, named=item.title)

    def targets(self, action: str) -> list[str]:
        """The targets on which the action is confirmed to stand."""
        return [row.target for row in self.rows if row.action == action and row.state is State.OPEN and row.agreed is not None]


def _form_with_dates(form: Form, action: Action, row: Written | None) -> Form:
    """What stands there stays what it is: an entry cannot become another kind of entry."""
    if row and row.state is State.OPEN and row.agreed:
        return row.agreed.form
    timed = action.kind is Kind.PROMISE or action.start is not None or action.window is not None
    return Form.EVENT if timed else form


def stance(prospect: Prospect, history: History, rules: Rules, rep: RepRules, now: datetime) -> Stance:
    """Where one prospect stands; a closed one has no actions."""
    where = standing(prospect, history, now.astimezone(rep.workdays.zone))
    actions = due(prospect, rules, where, rep, now)
    return Stance(prospect, where, () if isinstance(actions, Resting) else actions)


def dropped(asked: Stance, history: History, rules: Rules, rep: RepRules, now: datetime) -> Action | None:
    """The action whose entry was deleted and about which the rep is asked, as it would stand again; None where nobody asks, or where
    the rules no longer know it."""
    if asked.standing.question is None:
        return None
    before = stance(asked.prospect, (*history, Restored(now, "", asked.standing.dropped)), rules, rep, now)
    return next((one for one in before.actions if one.id == asked.standing.dropped), None)


def agreed_action(found: Stance, action: str, rules: Rules, rep: RepRules, now: datetime) -> Action | None:
    """The action of that agreement as it would stand if there were no other; None where nothing of that name is agreed."""
    promise = found.standing.agreements.get(action)
    return _alone(found, promise, action, rules, rep, now) if promise else None


def agreed_once(found: Stance, history: History, action: str, rules: Rules, rep: RepRules, now: datetime) -> Action | None:
    """The same of what was agreed at any time, whatever came in its place."""
    promise = promise_of(found.prospect, history, action)
    return _alone(found, promise, action, rules, rep, now) if promise else None


def _alone(found: Stance, promise: Promised, action: str, rules: Rules, rep: RepRules, now: datetime) -> Action | None:
    alone = replace(found.standing, promise=promise, opened=action, others={}, unclear=None, asking="")
    alone = replace(alone, outcome=None, waiting=None, question=None, retry=None, checks={})
    actions = due(found.prospect, rules, alone, rep, now)
    return None if isinstance(actions, Resting) else next((one for one in actions if one.id == action), actions[0])


def picture(tx: Transaction, rules: Rules, rep: RepRules, targets: Iterable[str], busy: Iterable[BusyTime], now: datetime) -> Picture:
    """Everything of one rep. ``targets``: in the order of the config; the first one that shows an action says where it stands."""
    histories = tx.histories(rep.rep, open_only=True)
    stances = {one.id: stance(one, histories.get(one.id, ()), rules, rep, now) for one in tx.prospects(rep.rep, open_only=True)}
    order = {name: number for number, name in enumerate(targets)}
    rows = tuple(sorted((row for row in rows_of(tx, rep) if row.target in order), key=lambda row: (order[row.target], row.action)))
    moved: dict[str, Moved] = {}
    for one in stances.values():
        moved.update(one.standing.moved)
    midnight = rep.workdays.at(rep.workdays.today(now), time(0))
    done = len({one.action for one in tx.touches(rep.rep, midnight) if one.action and believable(one.at, now)})
    taken = (*busy, *_agreed_and_waiting(stances.values(), rules, moved))
    placed = place(
        (action for one in stances.values() for action in one.actions),
        stands=stands(rows) | _stood_in_other_hands(tx, rep, stances.values(), rows),
        moved=moved,
        busy=taken,
        rules=rules,
        rep=rep,
        now=now,
        done=done,
    )
    rows = _with_those_of(tx, rep, order, rows, {one.action.id for one in placed})
    by_prospect: dict[str, list[Placed]] = {}
    for each in placed:
        by_prospect.setdefault(each.action.prospect, []).append(each)
    buying = tuple(_to_buy(tx, rules, rep, stances.values(), order, now))
    return Picture(
        rep, rules, now, stances, placed, rows, {name: tuple(several) for name, several in by_prospect.items()}, taken, buying, done
    )


def _to_buy(
    tx: Transaction, rules: Rules, rep: RepRules, stances: Iterable[Stance], order: Mapping[str, int], now: datetime
) -> Iterator[Purchase]:
    giving = (one for one in stances if gives(one.prospect, rules, one.actions, one.standing))
    found = (gift for one in giving for gift in gifts(one.prospect, rules, one.actions, one.standing, rep, now))
    for purchase in purchases(found, rules, rep):
        rows = tx.written_of(rep.rep, purchase.action, rep.workdays.zone)
        if is_to_buy(purchase, rows):
            here = sorted((row for row in rows if row.target in order), key=lambda row: order[row.target])
            yield replace(purchase, stands=stands_on(purchase, here, rep.workdays.today(now), rep.workdays))


def _agreed_and_waiting(stances: Iterable[Stance], rules: Rules, moved: Mapping[str, Moved]) -> Iterator[BusyTime]:
    """The hours of the agreements that wait for their turn behind another one with the same prospect: nothing else is put there."""
    for one in stances:
        next_ones = {action.id for action in one.actions}
        for action, promise in one.standing.agreements.items():
            if action in next_ones:
                continue
            if (move := moved.get(action)) and not whole_days(move.start, move.end):
                yield BusyTime(move.start, move.end, _AGREED)
            elif not move and promise.start:
                method = rules.method(promise.method or one.prospect.method or "call")
                length = timedelta(minutes=promise.minutes or method.minutes)
                yield BusyTime(promise.start, promise.start + length, _AGREED)


def _with_those_of(
    tx: Transaction, rep: RepRules, order: Mapping[str, int], rows: tuple[Written, ...], actions: set[str]
) -> tuple[Written, ...]:
    """Also the rows of entries that stood there once, for actions that are to be written: they say which generation comes next."""
    found = list(rows)
    for target in order:
        found += rows_for(tx, rep, target, actions - {row.action for row in rows if row.target == target})
    return tuple(sorted(found, key=lambda row: (order[row.target], row.action)))


def _stood_in_other_hands(tx: Transaction, rep: RepRules, stances: Iterable[Stance], rows: Iterable[Written]) -> dict[str, Stand]:
    """Of what was handed over and does not stand with this rep: where it stood last."""
    here = {row.action for row in rows if row.state is State.OPEN and row.ours}
    found = {}
    for one in stances:
        if (handed := one.standing.handed) is None:
            continue
        for action in (each.id for each in one.actions if each.id not in here):
            known = (row for key in {rep.rep, handed.giver, handed.taker} for row in tx.written_of(key, action, rep.workdays.zone))
            if stand := stood(known):
                found[action] = stand
    return found


def rows_of(tx: Transaction, rep: RepRules, target: str | None = None, *, everything: bool = False) -> list[Written]:
    """What is written for a rep, told in the rep's zone: the store keeps instants, and a whole day is one only where it is lived.
    ``everything``: also what no longer stands."""
    return tx.written(rep.rep, target, rep.workdays.zone, everything=everything)


def rows_for(tx: Transaction, rep: RepRules, target: str, actions: Collection[str]) -> list[Written]:
    """Those of these actions, whether their entries stand or not."""
    return tx.written_for(rep.rep, target, actions, rep.workdays.zone) if actions else []


def rows_at(tx: Transaction, rep: RepRules, target: str, hrefs: Iterable[str]) -> list[Written]:
    """Those of them that stand at these hrefs."""
    return tx.written_at(rep.rep, target, hrefs, rep.workdays.zone)


def stands(rows: Iterable[Written]) -> dict[str, Stand]:
    """Where each action stands already, by the first row that knows its hour, else its day. What the rep typed for a whole day stands at
    no hour yet; a task of ours that has only a day stands on that."""
    found: dict[str, Stand] = {}
    open_ones = [row for row in rows if row.state is State.OPEN]
    for row in sorted(open_ones, key=_has_only_a_day):  # keeps the order of the targets otherwise
        typed = row.ours and row.ours.all_day and not row.ours.slot
        if row.ours and not typed and row.action not in found:
            found[row.action] = Stand(row.ours.start, row.ours.end, row.ours.due, row.placed, row.ours.missed)
    return found


def _has_only_a_day(row: Written) -> bool:
    return row.ours is not None and row.ours.all_day and row.ours.form is Form.TASK and is_uid(row.ours.uid)


def _context(action: Action, prospect: Prospect) -> dict[str, object]:
    """What templates may use: plain values, nothing that can be called."""
    return {
        **prospect.fields,
        **{name: getattr(prospect, name) for name in ("name", "person", "role", "phone", "email", "address", "url", "stage", "source")},
        "contact": prospect.contact,
        "notes": prospect.notes,
        "method": action.method,
        "purpose": action.purpose,
        "agenda": list(action.agenda),
        "questions": list(action.questions),
        "attempt": action.attempt,
        "due": action.due.isoformat(),
    }
