"""One target's part of a cycle: read what happened there, and make it show what is planned."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from followsync import health
from followsync.accounts import account_of, bare, left_behind, login_digest, remembered, renamed
from followsync.calendars.base import Calendar, Changes
from followsync.config.settings import CalDavTarget, GoogleTarget
from followsync.core.cadence import Rules
from followsync.core.item import REPLACED, Item, Seen, State, Written, removed
from followsync.core.operations import (
    Keep,
    Operation,
    Plan,
    Update,
    carries_marks,
    generation,
    is_given_back,
    is_let_go,
    is_typed,
    mass_change,
    operations,
    said_gone,
    without_changes,
)
from followsync.core.target import Capabilities, TargetState
from followsync.core.workdays import RepRules
from followsync.errors import Busy, CalendarError, Changed, MassChange, NotMade, Refused, SecretMissing, Unavailable
from followsync.interpret import Interpreter, typed_for
from followsync.notices import notice_ids, notices
from followsync.picture import Picture, rows_for, rows_of
from followsync.pull import Deletions, Known, Listing, by_name, doubtful, pages
from followsync.replacing import told_elsewhere
from followsync.store import Store, Transaction
from followsync.strangers import Strangers, looked_at, named, some, to_ask
from followsync.writer import TargetReport, Writer, is_unchanged, noted

Opener = Callable[[CalDavTarget | GoogleTarget, TargetState], Calendar]
Progress = Callable[[str, int, int], None]


_STRANGERS = 50  # in one transaction
_REMEMBERED = timedelta(days=365)  # what an entry said that no longer stands


class Stopped(Exception):
    """Not an error: ``progress`` raises it to end a cycle between two writes."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One rep at one moment: what all targets of a cycle share. ``digest``: of the config. ``warnings``: collects sentences.
    ``alerts``: target -> why it waits for a sign-in; the others show it. ``shared``: the targets that other reps have too.
    ``calendars``: this rep's targets that are read back."""

    key: str
    store: Store
    rules: Rules
    rep: RepRules
    digest: str
    now: datetime
    opener: Opener
    progress: Progress
    warnings: list[str] = field(default_factory=list)
    alerts: dict[str, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    calendars: frozenset[str] = frozenset()


@dataclass(slots=True)
class TargetCycle:
    """One target during one cycle. ``calm``: no write of ours is open, and the store has not changed since nothing was left to do.
    ``elsewhere``: in a rehearsal, the config names another calendar than the rows are of. ``idle``: nothing was left to do. ``later``:
    the cursor to go on from, once all that was read has been understood. ``strangers``: entries that carry our mark and that no row
    knows; ``copies``: those of them that are to go; ``unmarked``: what no row knows and carries none. ``before``: the rows of what was
    read, as they were before. ``read``: what was listed and what was asked for by name, once that was taken in. ``found``: the
    calendar's place was found in this cycle, not remembered. ``broken``: a fault of our own. ``forced``: a person typed it, whatever a
    breaker says. ``dated``: what its server can do was found out a while ago. ``held_back``: something is to be written that is out of
    reach for a short while. ``moved``: the calendar that the config named before, and the files that stood there. Every step may raise
    CalendarError, after which the target is left as it is until the next cycle."""

    at: Moment
    name: str
    settings: CalDavTarget | GoogleTarget
    state: TargetState
    calm: bool
    report: TargetReport = field(default_factory=TargetReport)
    calendar: Calendar | None = None
    elsewhere: bool = False
    idle: bool = False
    requests: int = 0
    broken: Exception | None = None
    forced: bool = False
    dated: bool = False
    strangers: list[Seen] = field(default_factory=list)
    later: str = ""
    found: bool = False
    copies: list[Seen] = field(default_factory=list)
    held_back: bool = False
    unmarked: dict[str, Seen] = field(default_factory=dict)
    before: list[Written] = field(default_factory=list)
    read: tuple[Listing, Mapping[str, Seen | None]] | None = None
    moved: tuple[str, frozenset[str]] = ("", frozenset())

    # --- reading

    def open(self) -> None:
        """Find the calendar. Nothing is read or written yet."""
        known = self.collection()
        self.at.store.check()  # opening may make the calendar, or rename it
        self.calendar = self.at.opener(self.settings, self._sought())
        self.found = not known

    def _sought(self) -> TargetState:
        """What leads to the calendar. Where the config has another name for it than before, it stands among the former ones."""
        known = self.collection()
        state = replace(self.state, collection=known, former=(self.state.collection,) if renamed(self.settings, self.state) else ())
        return state if known else replace(state, capabilities=Capabilities())

    def stop(self, error: CalendarError) -> None:
        """Leave the calendar alone in this cycle, and remember nothing of it."""
        if self.calendar:
            self.calendar.close()
        self.calendar = None
        self.fail(error)

    def fail(self, error: CalendarError) -> None:
        self.report.error = str(error)
        # The daemon's own secrets are not those of a shell: what a typed command lacks stops nobody else.
        if not (self.forced and isinstance(error, SecretMissing)):
            self.state = health.failed(self.state, error, self.at.now, login_digest(self.settings, self.at.digest))

    def pull(self, deletions: Deletions) -> None:
        """Facts and bases, page by page; then what became of writes whose answer was lost, and what carries our marks."""
        self._learn(self._moved_in())
        listing = Listing()
        self.later = self.state.cursor
        for page in self._pages(deletions):
            self._check_clock()
            listing.add(page)
            if not self.calm or page.seen or page.gone or page.complete or page.cursor != self.state.cursor:
                self._take_in_page(page)
        self._recognise(listing)
        self._notice(self.calendar.notice if self.calendar else "", left_behind(self.name, self.state))
        self.idle = self.calm
        if not self.idle or deletions.said:
            self._by_name(listing, deletions)

    def _recognise(self, listing: Listing) -> None:
        """What is no calendar of before: the one that the config names now, by another address (its path and what stands there tell), and
        the one to which another target of this rep writes."""
        if not self.state.former or self.calendar is None:
            return
        place, files = self.moved
        stands = 2 * len(files & {_file(href) for href in listing.listed}) > len(files)
        known = {place} if stands and _path(place) == _path(self.calendar.collection) else set()
        with self.at.store.reading() as tx:
            others = [state.collection for state in tx.target_states(self.at.key) if state.target in self.at.calendars - {self.name}]
        known |= {_place(one) for one in others}
        self.state = replace(self.state, former=tuple(one for one in self.state.former if _place(one) not in known))

    def _learn(self, calendar: Calendar) -> None:
        """What the server can do, where that is not known yet. One that limits requests may never give so many answers in a row: after
        some failures it is taken to do no more than it must, and what else it can is found out another day."""
        given_up = self.state.probed is not None and not self.state.capabilities.known
        if calendar.capabilities.known or given_up:
            self.dated = health.wants_probe(self.state, self.at.now)
            return
        self.at.store.check()
        try:
            self.state = replace(self.state, capabilities=calendar.probe(again=False), probed=self.at.now)
        except (Unavailable, Busy):
            if health.gives_up_probing(self.state):
                self.state = replace(self.state, probed=self.at.now)
            raise

    def _learn_again(self, calendar: Calendar) -> None:
        """Servers are updated. Where something is to be written in any case, an entry of a moment more does no harm."""
        if not self.state.capabilities.known:
            self.state = replace(self.state, probed=self.at.now)  # else an attempt that fails would be made in each cycle
        self.at.store.check()
        with suppress(Refused):  # what takes nothing new at this moment can still be read
            self.state = replace(self.state, capabilities=calendar.probe(again=True), probed=self.at.now)

    def _check_clock(self) -> None:
        self._warn(health.skewed(self.calendar.skew if self.calendar else None, self.name))

    def _warn(self, sentence: str) -> None:
        if sentence and sentence not in self.at.warnings:
            self.at.warnings.append(sentence)

    def _notice(self, *sentences: str) -> None:
        """Warn, and remember it for whoever asks how the target fares."""
        for sentence in filter(None, sentences):
            self._warn(f"{self.name}: {sentence}")
        self.state = replace(self.state, notice=" ".join(filter(None, sentences)))

    def _by_name(self, listing: Listing, deletions: Deletions) -> None:
        """Ask for what no listing can be trusted with, and take it in; then the strangers."""
        assert self.calendar
        with self.at.store.reading() as tx:
            rows = rows_of(tx, self.at.rep, self.name)
            rows += rows_for(tx, self.at.rep, self.name, named(self.strangers) - {row.action for row in rows})
            ask = self._ask(tx, rows, listing, deletions, self.strangers)
        answers, alone = by_name(self.calendar, ask, rows)
        with self.at.store.writing() as tx:
            self.report.read += self._interpreter(tx, alone).answers(answers, listing)
            strange = self.strangers or answers.keys() - {row.href for row in rows}
        if strange:
            self._take_strangers(answers)
        self.read = listing, answers

    def understand(self, deletions: Deletions) -> None:
        """After every target was read that far: what the rep typed, and what is gone; with that the cursor, which never runs ahead of what
        was understood."""
        if self.read is None:
            return
        listing, answers = self.read
        found = sorted(self.unmarked.values(), key=typed_for)
        for first in range(0, len(found), _STRANGERS):
            with self.at.store.writing() as tx:
                self.report.read += self._reader_of_typed(tx).typed(found[first : first + _STRANGERS])
        with self.at.store.writing() as tx:
            self._go_on(tx, listing)
        with self.at.store.writing() as tx:
            self.report.read += self._interpreter(tx).missing.believe(_absent(answers), deletions)

    def _reader_of_typed(self, tx: Transaction) -> Interpreter:
        return replace(self._interpreter(tx), before=self.before)

    def _take_strangers(self, answers: Mapping[str, Seen | None]) -> None:
        """Some at a time: after a lost store they are as many as there are prospects, and whoever types a command waits for the lock."""
        with self.at.store.reading() as tx:
            rows = {row.action: row for row in rows_of(tx, self.at.rep, self.name, everything=True)}
        found, gone = looked_at(self.strangers, answers, rows.values())
        for batch in some(found, _STRANGERS):
            with self.at.store.writing() as tx:
                strangers = self._strangers(self._interpreter(tx), answers, rows)
                strangers.take_in(batch)
                self.copies += strangers.going
                self.state = self._with_strangers(strangers)
                tx.save_target_state(self.state)  # else a kill would leave behind what is to go
        if gone:
            with self.at.store.writing() as tx:
                tx.forget_foreign(self.at.key, self.name, *gone)

    def _strangers(self, reader: Interpreter, answers: Mapping[str, Seen | None], rows: dict[str, Written]) -> Strangers:
        return Strangers(reader, answers, rows, shared=self.name in self.at.shared)

    def _with_strangers(self, found: Strangers) -> TargetState:
        """What is remembered of them besides where they stand."""
        state = self.state
        return replace(
            state,
            going=tuple(dict.fromkeys((*state.going, *(seen.href for seen in found.going)))),
            unknown=tuple(dict.fromkeys((*state.unknown, *found.unknown))),
            copies=tuple(dict.fromkeys((*state.copies, *found.copies))),
        )

    def _still_strange(self, tx: Transaction) -> TargetState:
        """What of them is still there. A copy of what stood for somebody who was removed is nobody's."""
        state = replace(self.state, going=tuple(seen.href for seen in self.copies))
        if not (state.unknown or state.copies):
            return state
        foreign = tx.foreign(self.at.key, self.name)
        copies = tuple((href, action) for href, action in state.copies if href in foreign)
        nobodys = {href for href, _ in copies if tx.prospect(tx.marked_at(self.at.key, self.name, href)) is None}
        ours = {row.href for row in rows_of(tx, self.at.rep, self.name)}  # by now: its prospect was imported
        unknown = (*(href for href in state.unknown if href in foreign and href not in ours), *sorted(nobodys - set(state.unknown)))
        return replace(state, unknown=unknown, copies=tuple((href, action) for href, action in copies if href not in nobodys))

    def _go_on(self, tx: Transaction, listing: Listing) -> None:
        stay = {href for href in self.state.left if not listing.complete or href in listing.listed or not self._reaches(href)}
        left = [href for href in self.state.left if href not in listing.gone and href in stay]
        self.state = replace(self.state, left=tuple(left))
        self.copies = [seen for seen in self.copies if seen.href not in left]
        self.state = self._still_strange(tx)
        if not self.copies:  # else they are found again until they are gone
            self.state = replace(self.state, cursor=self.later)
            if listing.complete:
                self.state = replace(self.state, last_full=self.at.now)
                self._forget_strangers(tx, listing)
                self._forget_words(tx)
        tx.save_target_state(self.state)

    def _ask(
        self, tx: Transaction, rows: Sequence[Written], listing: Listing, deletions: Deletions, strangers: Iterable[Seen]
    ) -> list[str]:
        ask = doubtful(rows, listing, self.at.now, deletions)
        ask += [*to_ask(tx, self.at.key, self.name, rows, strangers), *self.state.going]
        return [href for href in dict.fromkeys(ask) if self._reaches(href)]

    def _reaches(self, href: str) -> bool:
        return self.calendar is None or self.calendar.reaches(href)

    def _forget_strangers(self, tx: Transaction, listing: Listing) -> None:
        """What is not ours and no longer stands there: servers without a list of changes never say that it is gone."""
        if gone := {href for href in tx.foreign(self.at.key, self.name).keys() - listing.listed if self._reaches(href)}:
            tx.forget_foreign(self.at.key, self.name, *gone)

    def _forget_words(self, tx: Transaction) -> None:
        """Of entries that no longer stand, and whose time is long over, only the generation is kept: their ids stay taken."""
        before = self.at.now - _REMEMBERED
        gone = (row for row in tx.written(self.at.key, self.name, everything=True) if row.state is State.GONE and not row.unread)
        old = [replace(row, ours=None, writes=(), earlier=()) for row in gone if row.ours and row.ours.end < before]
        tx.save_written(self.at.key, *old)

    def _pages(self, deletions: Deletions) -> Iterable[Changes]:
        calendar = self.calendar
        assert calendar
        cursor = "" if health.wants_everything(self.state, self.at.now) else self.state.cursor
        known = Known(lambda: self._known())
        calendar.remind(self._etags)
        try:
            yield from pages(calendar, cursor, known)
        except MassChange:
            if not deletions.said:
                raise
            # The calendar itself was deleted and a person said what that means: a new one is made, in which everything is missing.
            self.requests += calendar.requests
            calendar.close()
            anew = replace(self.state, collection="", capabilities=Capabilities(), former=())
            self.calendar = calendar = self.at.opener(self.settings, anew)
            self.state = replace(self.state, cursor="", collection=account_of(self.settings) + calendar.collection)
            self._learn(calendar)
            yield from pages(calendar, "", {})

    def _known(self) -> dict[str, str | None]:
        if self.elsewhere:
            return {}
        with self.at.store.reading() as tx:
            rows = rows_of(tx, self.at.rep, self.name)
            ours = {row.href: row.etag for row in rows if not (row.state is State.GONE or row.intended or row.unread)}
            return {**tx.foreign(self.at.key, self.name), **ours}

    def _etags(self) -> dict[str, str]:
        with self.at.store.reading() as tx:
            return tx.etags(self.at.key, self.name)

    def _take_in_page(self, page: Changes) -> None:
        with self.at.store.writing() as tx:
            reader = self._interpreter(tx)
            self.report.read += reader.page(page)
            self.strangers += reader.strangers
            self._note_unmarked(page, reader)
            self.before += reader.before
        # The cursor waits: what this answer leaves out, and what must be asked for by name, is known only to this process. Killed in
        # between, the next cycle reads the same again, and meets what it has understood already as its own echo.
        self.later, self.calm = page.cursor, False

    def _note_unmarked(self, page: Changes, reader: Interpreter) -> None:
        """As the last page shows it."""
        for href in (*page.gone, *(seen.href for seen in page.seen)):
            self.unmarked.pop(href, None)
        there = {seen.href for seen in page.seen}
        self.unmarked.update((seen.href, seen) for seen in reader.unmarked if seen.href in there)

    def asked(self, deletions: Deletions) -> tuple[list[Changes], Listing, dict[str, Seen | None]]:
        """All that ``pull`` would ask, and nothing taken in."""
        before = self.state.collection
        try:
            self.calendar = self.at.opener(self.settings, self._sought())
        except NotMade:
            self.elsewhere = bool(before)
            return [], Listing(complete=True), {}
        self.elsewhere = bare(before.rpartition("\n")[2]) != bare(self.calendar.collection)
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
            self._interpreter(tx).missing.believe(_absent(self.read[1]), deletions)

    def _interpreter(self, tx: Transaction, alone: Container[str] = frozenset()) -> Interpreter:
        reads, others = self.state.capabilities.rewrites, self.at.calendars - {self.name}
        return Interpreter(tx, self.at.rep, self.at.rules, self.name, self.at.now, reads, alone, others=others)

    def _moved_in(self) -> Calendar:
        """The target's calendar. Where it is another one than before (another account, another name in the config), its entries are
        made anew there, nothing is concluded from what is missing, and its server is asked what it can do: it may be another one."""
        known, account, before, calendar = self.collection(), account_of(self.settings), self.state.collection, self.calendar
        assert calendar
        if bare(before.rpartition("\n")[2]) != bare(calendar.collection):
            state = replace(self.state, cursor="", last_full=None, collection=account + calendar.collection)
            self.state = replace(state, capabilities=Capabilities(), probed=None, left=(), going=(), unknown=(), copies=())
            self.calm = False
            if before:
                self.state = replace(self.state, former=self._former("" if known else before, calendar))
                with self.at.store.writing() as tx:
                    self.forget(tx)
        elif not known:
            self.state = replace(self.state, collection=account + calendar.collection)
        return calendar

    def _former(self, before: str, now: Calendar) -> tuple[str, ...]:
        """Also the one that is left in this moment, ``before``, if anything stands there; "" where the config says what it said, and it is
        the server that moved."""
        with self.at.store.reading() as tx:
            stood = [row.href for row in tx.written(self.at.key, self.name) if row.state is not State.GONE and row.agreed]
        stands = bool(before and stood)
        self.moved = _place(before), frozenset(_file(href) for href in stood if stands)
        former = {bare(one): one for one in (*self.state.former, *((before,) if stands else ()))}
        return tuple(one for one in former.values() if bare(one.rpartition("\n")[2]) != bare(now.collection))

    def forget(self, tx: Transaction) -> None:
        tx.forget_written(self.at.key, self.name, *(row.action for row in tx.written(self.at.key, self.name, everything=True)))
        tx.forget_foreign(self.at.key, self.name)
        tx.save_target_state(self.state)

    def collection(self) -> str:
        """Where the calendar was found before, "" where the config names another one since."""
        return remembered(self.settings, self.state)

    # --- writing

    def plan(self, seen: Picture, rows: Sequence[Written]) -> Plan:
        by_action = {row.action: row for row in rows}
        wanted: dict[str, tuple[Item, Written]] = {}
        for one in seen.placed:
            row = by_action.get(one.action.id)
            item = seen.item(one, row, self._write, dates=isinstance(self.settings, GoogleTarget))
            href = self.calendar.href(item.uid, item.form) if self.calendar else ""
            new = Written(self.name, one.action.id, one.action.prospect, href, generation(row), placed=one.placed)
            wanted[one.action.id] = (item, new)
        wanted |= self._notices(seen)
        told = self._told_elsewhere(rows, wanted)
        plan = operations(wanted, [told.get(row.action, row) for row in rows], self.at.now)
        decided = (self._marks(one, by_action) if one.written.action in told else one for one in plan.operations)
        here = tuple(one for one in decided if isinstance(one, Keep) or self._reaches(one.written.href))
        granted = self.calendar is not None and self.calendar.capabilities.tasks is not False  # else a person's word is waited for
        self.held_back = granted and len(here) < len(plan.operations)
        return Plan(here)

    def _told_elsewhere(self, rows: Sequence[Written], wanted: Container[str]) -> dict[str, Written]:
        """What each entry that the rep typed is from now on, where that stands for nothing that is wanted."""
        if not any(row.action not in wanted and (is_typed(row) or is_given_back(row)) for row in rows):
            return {}
        with self.at.store.reading() as tx:
            return told_elsewhere(tx, self.at.key, rows, wanted)

    def _marks(self, operation: Operation, before: Mapping[str, Written]) -> Operation:
        """``before``: the rows as they are until that has arrived. What the rep does meanwhile to an entry that nobody answered is read as
        if it were to be done."""
        if not isinstance(operation, Update):
            return operation
        row = before[operation.written.action] if operation.ours.result == REPLACED else operation.written
        return replace(operation, written=replace(row, state=operation.written.state), first=True)

    def _notices(self, seen: Picture) -> dict[str, tuple[Item, Written]]:
        """The page of the day, unless only tasks are wanted there; what is bought ahead; word of other targets that wait for a sign-in."""
        others = {name: why for name, why in self.at.alerts.items() if name != self.name}
        with self.at.store.reading() as tx:
            known = {row.action: row for row in rows_for(tx, self.at.rep, self.name, notice_ids(seen, others))}
        found = {}
        for action, (item, day) in notices(seen, others, known, paged=self._write != "task").items():
            href = self.calendar.href(item.uid, item.form) if self.calendar else ""
            found[action] = (item, Written(self.name, action, "", href, generation(known.get(action)), placed=day))
        return found

    @property
    def _write(self) -> str:
        """What the config lets be written, as far as the calendar takes it: where a person left out the permission, tasks are events."""
        lacking = isinstance(self.settings, GoogleTarget) and self.calendar and self.calendar.capabilities.tasks is False
        return "event" if lacking else self.settings.write

    def _allowed(self, plan: Plan, rows: Sequence[Written], *, accept_changes: bool) -> tuple[Plan, str]:
        """The plan, without what an edit of the config would do to much of what stands there, until a person says so; and the sentence."""
        digest = self.at.digest
        standing = sum(row.state is State.OPEN and row.agreed is not None for row in rows)
        much = mass_change(plan, standing) if self.state.config not in ("", digest) and not accept_changes else ""
        if not much:
            self.state = replace(self.state, config=digest, cadences=self.at.rules.versions)
            return plan, ""
        return without_changes(plan), (
            f"The config was edited, and that would {much} on {self.name}. Nothing of that is done until you say so: 'followsync plan' "
            "shows it, 'followsync sync --accept-changes' does it; or take the edit back."
        )

    def push(self, seen: Picture, *, accept_changes: bool) -> None:
        """Note down everything that will be sent, send it, and note the answers down."""
        rows = [row for row in seen.rows if row.target == self.name]
        plan, held = self._allowed(self._without_others(self._beside_nothing(seen, rows)), rows, accept_changes=accept_changes)
        here = [row for row in rows if self._reaches(row.href)]
        again = [row.unread and (not row.trouble or bool(row.retry_at and row.retry_at <= self.at.now)) for row in here]
        waiting = any(again) or any(row.intended or row.removing or row.fresh or row.gone_at for row in here)
        self.idle = not (plan.operations or waiting or held or self.held_back or self.copies)
        self._remove_copies()
        if plan.operations:
            with self.at.store.writing() as tx:
                tx.save_written(self.at.key, *(noted(one) for one in plan.operations))
            self._send(plan)
        if held:
            raise MassChange(held)

    def _beside_nothing(self, seen: Picture, rows: list[Written]) -> Plan:
        """The plan, once more where a list that came out of a cache called gone what still stands, for beside that nothing new may: it goes
        first; where it says something else by now it is read first, and its prospect waits for the next cycle."""
        plan = self.plan(seen, rows)
        known = {row.href: row for row in said_gone(plan, rows) if self._reaches(row.href)}
        if self.calendar is None or not known:
            return plan
        answers = {href: found for href in known if (found := self.calendar.read([href])[href]) and found.item and not found.cancelled}
        changed = {href: found for href, found in answers.items() if not found.etag or found.etag != known[href].etag}
        for href, found in changed.items():
            self._interpreted(partial(_settle, known[href], found))
        plan = self.plan(seen, [replace(row, gone_at=None) if row.href in answers else row for row in rows]) if answers else plan
        waits = {known[href].prospect for href in changed}
        return Plan(tuple(one for one in plan.operations if one.written.prospect not in waits))

    def _without_others(self, plan: Plan) -> Plan:
        """Where another rep took the entry over, on a calendar that both write to, it is theirs to remove."""
        deletes = [one.written for one in plan.operations if is_let_go(one)]
        if not deletes or self.name not in self.at.shared:
            return plan
        with self.at.store.writing() as tx:  # in one step: of two who give it up at once, one must remove it
            taken = tx.stands_with_others(self.at.key, self.name, (row.href for row in deletes))
            tx.save_written(self.at.key, *(removed(row) for row in deletes if row.href in taken))
        return Plan(tuple(Keep(removed(one.written)) if is_let_go(one) and one.written.href in taken else one for one in plan.operations))

    def _remove_copies(self) -> None:
        """A second entry that says word for word what ours says, under one of our own names: nobody wrote it but us, or a server's bin. One
        that cannot go is left from then on, and told; where somebody was faster it is another version, which is read."""
        assert self.calendar
        for seen in self.copies:
            self.at.store.check()
            try:
                if seen.etag or is_unchanged(self.calendar, seen.href, seen.item):
                    self.calendar.delete(seen.href, seen.etag)
                    self.report.deleted += 1
            except (Changed, Refused):
                self.state = replace(self.state, left=(*self.state.left, seen.href))
                with self.at.store.writing() as tx:
                    tx.save_foreign(self.at.key, self.name, {seen.href: seen.etag or ""})
                    tx.save_target_state(self.state)

    def _send(self, plan: Plan) -> None:
        if not self.calendar or not plan.writes:
            return
        if self.dated:
            self._learn_again(self.calendar)
        writer = Writer(
            self.calendar,
            self.at.now,
            self._save,
            adopt=lambda row, seen: self._interpreted(lambda one: one.adopt(row, seen)),
            edited=lambda row, seen: self._interpreted(lambda one: one.settle(row, seen)),
            report=self.report,
            check=self.at.store.check,
        )
        try:
            writer.send(plan.writes, lambda done, total: self.at.progress(self.name, done, total))
        finally:
            self.requests += writer.requests

    def _save(self, rows: Sequence[Written]) -> None:
        with self.at.store.writing() as tx:
            tx.save_written(self.at.key, *rows)

    def _interpreted(self, work: Callable[[Interpreter], None]) -> None:
        with self.at.store.writing() as tx:
            work(self._interpreter(tx))

    # --- the end

    def finish(self) -> None:
        if self.calendar:
            self.report.requests = self.requests + self.calendar.requests
            place = account_of(self.settings) + self.calendar.collection  # an account may have moved to another host
            self.state = replace(self.state, capabilities=self.calendar.capabilities, collection=place)
        if not self.report.error:
            self._notice(self.calendar.notice if self.calendar else "", left_behind(self.name, self.state))  # a write may have met a limit
            self.state = health.succeeded(self.state, self.at.now)
        with self.at.store.writing() as tx:
            if not (self.calm and self.idle):
                rows = rows_of(tx, self.at.rep, self.name)
                self.report.pending = sum(row.intended is not None or row.removing for row in rows)
                unwell = sum(bool(row.refused or row.trouble) for row in rows if row.state is State.OPEN)
                self.state = replace(self.state, quarantined=unwell + len(self.state.left) + len(self.state.unknown))
            self.report.quarantined = self.state.quarantined
            tx.save_target_state(self.state)

    def close(self) -> None:
        if self.calendar:
            self.calendar.close()


def _settle(row: Written, seen: Seen, reader: Interpreter) -> None:
    reader.settle(row, seen)


def _file(href: str) -> str:
    return href.rpartition("/")[2]


def _place(collection: str) -> str:
    """The calendar's address, of a collection as it is remembered."""
    return bare(collection.rpartition("\n")[2])


def _path(place: str) -> str:
    return urlsplit(bare(place)).path


def _absent(answers: Mapping[str, Seen | None]) -> frozenset[str]:
    return frozenset(href for href, seen in answers.items() if seen is None)
