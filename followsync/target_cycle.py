"""One target's part of a cycle: read what happened there, and make it show what is planned."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from followsync import health
from followsync.accounts import account_of, left_behind, login_digest, remembered
from followsync.calendars.base import Calendar, Changes
from followsync.config.settings import CalDavTarget, GoogleTarget
from followsync.core.item import Seen, State, Written, is_to_try_again
from followsync.core.operations import (
    Plan,
    said_gone,
    without_changes,
)
from followsync.core.target import Capabilities, TargetState
from followsync.errors import Busy, CalendarError, Changed, MassChange, Refused, SecretMissing, Unavailable
from followsync.interpret import Interpreter, typed_for
from followsync.moment import Moment
from followsync.moving import NOTHING_LEFT, Left, is_another, left_standing, moved_in, recognised, sought, with_former
from followsync.picture import Picture, rows_for, rows_of
from followsync.pull import Deletions, Known, Listing, by_name, doubtful, pages
from followsync.store import Transaction
from followsync.strangers import Strangers, looked_at, named, some, still_strange, to_ask
from followsync.wanted import Wanted
from followsync.writer import TargetReport, Writer, is_unchanged, noted

_STRANGERS = 50  # in one transaction
_REMEMBERED = timedelta(days=365)  # what an entry said that no longer stands


@dataclass(slots=True)
class TargetCycle:
    """One target during one cycle. ``calm``: no write of ours is open, and the store has not changed since nothing was left to do.
    ``idle``: nothing was left to do. ``later``:
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
    moved: Left = NOTHING_LEFT

    # --- reading

    def open(self) -> None:
        """Find the calendar. Nothing is read or written yet."""
        known = self.collection()
        self.at.store.check()  # opening may make the calendar, or rename it
        self.calendar = self.at.opener(self.settings, sought(self.settings, self.state))
        self.found = not known

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
        """What is no calendar of before."""
        if not self.state.former or self.calendar is None:
            return
        with self.at.store.reading() as tx:
            others = [state.collection for state in tx.target_states(self.at.key) if state.target in self.at.calendars - {self.name}]
        self.state = recognised(self.state, self.calendar, self.moved, listing.listed, others)

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
            self.report.read += self._interpreter(tx).missing.believe(absent(answers), deletions)

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
                self.state = strangers.noted_in(self.state)
                tx.save_target_state(self.state)  # else a kill would leave behind what is to go
        if gone:
            with self.at.store.writing() as tx:
                tx.forget_foreign(self.at.key, self.name, *gone)

    def _strangers(self, reader: Interpreter, answers: Mapping[str, Seen | None], rows: dict[str, Written]) -> Strangers:
        return Strangers(reader, answers, rows, shared=self.name in self.at.shared)

    def _go_on(self, tx: Transaction, listing: Listing) -> None:
        stay = {href for href in self.state.left if not listing.complete or href in listing.listed or not self._wanted.reaches(href)}
        left = [href for href in self.state.left if href not in listing.gone and href in stay]
        self.state = replace(self.state, left=tuple(left))
        self.copies = [seen for seen in self.copies if seen.href not in left]
        self.state = still_strange(tx, self.at.rep, self.name, replace(self.state, going=tuple(seen.href for seen in self.copies)))
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
        return [href for href in dict.fromkeys(ask) if self._wanted.reaches(href)]

    def _forget_strangers(self, tx: Transaction, listing: Listing) -> None:
        """What is not ours and no longer stands there: servers without a list of changes never say that it is gone."""
        if gone := {href for href in tx.foreign(self.at.key, self.name).keys() - listing.listed if self._wanted.reaches(href)}:
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

    def _interpreter(self, tx: Transaction, alone: Container[str] = frozenset()) -> Interpreter:
        reads, others = self.state.capabilities.rewrites, self.at.calendars - {self.name}
        return Interpreter(tx, self.at.rep, self.at.rules, self.name, self.at.now, reads, alone, others=others)

    def _moved_in(self) -> Calendar:
        """The target's calendar. Where it is another one than before, all is read and written anew there."""
        known, before, calendar = self.collection(), self.state.collection, self.calendar
        assert calendar
        another = is_another(before, calendar)
        self.state = moved_in(self.settings, self.state, calendar)
        self.calm = self.calm and not another
        if another and before:
            with self.at.store.reading() as tx:
                self.moved = left_standing(tx, self.at.key, self.name, "" if known else before)
            self.state = with_former(self.state, before, self.moved, calendar)
            with self.at.store.writing() as tx:
                self.forget(tx)
        return calendar

    def forget(self, tx: Transaction) -> None:
        tx.forget_written(self.at.key, self.name, *(row.action for row in tx.written(self.at.key, self.name, everything=True)))
        tx.forget_foreign(self.at.key, self.name)
        tx.save_target_state(self.state)

    def collection(self) -> str:
        """Where the calendar was found before, "" where the config names another one since."""
        return remembered(self.settings, self.state)

    # --- writing

    def plan(self, seen: Picture, rows: Sequence[Written]) -> Plan:
        plan, self.held_back = self._wanted.plan(seen, rows)
        return plan

    @property
    def _wanted(self) -> Wanted:
        return Wanted(self.at, self.name, self.settings, self.calendar)

    def _allowed(self, plan: Plan, rows: Sequence[Written], *, accept_changes: bool) -> tuple[Plan, str]:
        """The plan, without what an edit of the config would do to much of what stands there, until a person says so; and the sentence."""
        if not accept_changes and (held := self._wanted.held(plan, rows, self.state.config)):
            return without_changes(plan), held
        self.state = replace(self.state, config=self.at.digest, cadences=self.at.rules.versions)
        return plan, ""

    def push(self, seen: Picture, *, accept_changes: bool) -> None:
        """Note down everything that will be sent, send it, and note the answers down."""
        rows = [row for row in seen.rows if row.target == self.name]
        plan, held = self._allowed(self._wanted.without_others(self._beside_nothing(seen, rows)), rows, accept_changes=accept_changes)
        here = [row for row in rows if self._wanted.reaches(row.href)]
        again = [row.unread and (not row.trouble or is_to_try_again(row, self.at.now)) for row in here]
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
        """The plan, once more where a list that came out of a cache called gone what still stands, for beside that nothing else may: it
        goes first; where it says something else by now it is read first, and its prospect waits for the next cycle."""
        plan, wanted = self.plan(seen, rows), {one.action.id for one in seen.placed}
        known = {row.href: row for row in said_gone(plan, rows, wanted) if self._wanted.reaches(row.href)}
        if self.calendar is None or not known:
            return plan
        answers = {href: found for href in known if (found := self.calendar.read([href])[href]) and found.item and not found.cancelled}
        changed = {href: found for href, found in answers.items() if not found.etag or found.etag != known[href].etag}
        for href, found in changed.items():
            self._interpreted(partial(_settle, known[href], found))
        plan = self.plan(seen, [replace(row, gone_at=None) if row.href in answers else row for row in rows]) if answers else plan
        waits = {known[href].prospect for href in changed}
        return Plan(tuple(one for one in plan.operations if one.written.prospect not in waits))

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


def absent(answers: Mapping[str, Seen | None]) -> frozenset[str]:
    return frozenset(href for href, seen in answers.items() if seen is None)
