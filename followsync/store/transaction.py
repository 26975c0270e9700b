"""What can be asked and changed inside one transaction of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from followsync.core.handover import first_return, returned
from followsync.core.history import Captured, Contradicted, Entry, History, Reopened, Result, Touched
from followsync.core.item import State, Written
from followsync.core.marking import answered_no_more
from followsync.core.prospect import Prospect
from followsync.core.reading import BusyReading
from followsync.core.target import TargetState
from followsync.errors import StoreError, UsageError
from followsync.store import codec, feeds, journal, pages, questions
from followsync.store.dialect import Question, Session, several
from followsync.store.feeds import Feed
from followsync.store.journal import Change, Journal, Part
from followsync.store.pages import Form, Page

_CLOSING = frozenset({Result.YES, Result.NO})
_OUTCOMES = _CLOSING | {Result.NEXT}


def changes(session: Session) -> int:
    """The number of committed writes so far."""
    return int(session.value(questions.CHANGES))


class Transaction:
    """Given by ``Store.reading`` and ``Store.writing``; of no use after their end. Every method raises StoreError where the database
    fails or a record is damaged; those that change something raise it inside ``reading``."""

    def __init__(self, session: Session, *, writes: bool, label: str = "", only: str | None = None) -> None:
        """``only``: the rep whose cycle this is of; nothing of others may be changed then."""
        self._session = session
        self._writes = writes
        self._only = only
        self._journal = Journal(label)
        self._changed = False
        self.grown: set[str] = set()  # reps whose revision is another one after the commit

    def revision(self, rep: str) -> int:
        """Grows with each committed transaction that changed prospects, history or written rows of that rep; inside such a transaction
        it is what it will be after the commit. What is remembered of a target does not count."""
        return self._session.value(questions.REVISION, rep=rep) or 0

    # -- prospects and their history

    def prospects(self, rep: str | None = None, *, open_only: bool = False) -> list[Prospect]:
        """Of one rep or of all, ordered by id."""
        found = self._session.rows(questions.prospects(rep is not None, open_only), rep=rep)
        return [codec.decode(Prospect, data) for (data,) in found]

    def prospect(self, prospect_id: str) -> Prospect | None:
        data = self._session.value(questions.PROSPECT, id=prospect_id)
        return None if data is None else codec.decode(Prospect, data)

    def capture(self, prospect: Prospect, *entries: Entry) -> None:
        """A new prospect with the beginning of its history. Raises UsageError where the id is taken, or where no entry is a Captured:
        a prospect without history must not stand in the store."""
        captured = next((entry for entry in entries if isinstance(entry, Captured)), None)
        if captured is None:
            raise UsageError("A prospect can be saved only together with its capture.")
        if self._standing(prospect.id) is not None:
            raise UsageError("A prospect with this id stands in the store already. Edit that one, or choose another id.")
        row = {"id": prospect.id, "open": True, "outcome": "", "captured_at": codec.utc_text(captured.at), **_columns(prospect)}
        self._change(questions.CAPTURE, [row], prospect.rep)
        self._journal.touch(self._session, prospect.id, prospect.rep, "", "")
        self.append(prospect.id, *entries)

    def save(self, prospect: Prospect) -> None:
        """Changed fields of a known prospect. Raises UsageError for an unknown one."""
        before = self._known(prospect.id)
        self._touch(prospect.id, before)
        row = {"known": prospect.id, **_columns(prospect)}
        self._change(questions.SAVE, [row], before.rep, prospect.rep)

    def append(self, prospect_id: str, *entries: Entry) -> None:
        """Add to the history. A Touched with YES or NO closes the prospect, until a Reopened or a Contradicted: a later one with an
        outcome (YES, NO, NEXT) raises UsageError, other entries are taken and change nothing. Raises UsageError for an unknown prospect."""
        before = self._known(prospect_id)
        closed = before.outcome
        for entry in entries:
            if isinstance(entry, Reopened | Contradicted):
                closed = ""
            if isinstance(entry, Touched) and entry.result in _OUTCOMES:
                if closed:
                    raise UsageError(f"This prospect is closed with {closed}. A closed prospect takes no further outcome.")
                closed = entry.result.value if entry.result in _CLOSING else ""
        rows = [
            {"prospect_id": prospect_id, "at": codec.utc_text(entry.at), "type": codec.tag(entry), "data": codec.encode(entry)}
            for entry in entries
        ]
        if rows:
            self._touch(prospect_id, before)
            self._journal.entries.extend(entries)
        self._change(questions.APPEND, rows, before.rep)
        if closed != before.outcome:
            self._change(questions.CLOSE, [{"known": prospect_id, "open": not closed, "outcome": closed}], before.rep)

    def history(self, prospect_id: str) -> History:
        """In the order of appending; empty for an unknown prospect."""
        found = self._session.rows(questions.HISTORY, prospect_id=prospect_id)
        return tuple(codec.decode_entry(tag, data) for tag, data in found)

    def histories(self, rep: str | None = None, *, open_only: bool = False) -> dict[str, History]:
        """Prospect id -> history, in one query; the same prospects that ``prospects`` gives, in the same order."""
        gathered: dict[str, list[Entry]] = {}
        for prospect_id, tag, data in self._session.rows(questions.histories(rep is not None, open_only), rep=rep):
            gathered.setdefault(prospect_id, []).append(codec.decode_entry(tag, data))
        return {prospect_id: tuple(entries) for prospect_id, entries in gathered.items()}

    def outcome(self, prospect_id: str) -> Result | None:
        """YES or NO of a closed prospect; None for an open or unknown one."""
        found = self._standing(prospect_id)
        return Result(found.outcome) if found and found.outcome else None

    def outcomes(self, rep: str | None = None) -> dict[str, Result]:
        """Prospect id -> YES or NO, of the closed ones."""
        found = self._session.rows(questions.outcomes(rep is not None), rep=rep)
        return {prospect_id: Result(outcome) for prospect_id, outcome in found}

    def touches(self, rep: str, since: datetime) -> list[Touched]:
        """What was told to have been done from that moment on, by anybody, in the order of appending."""
        found = self._session.rows(questions.ENTRIES_SINCE, rep=rep, type=codec.tag_of(Touched), since=codec.utc_text(since))
        return [one for tag, data in found if isinstance(one := codec.decode_entry(tag, data), Touched)]

    def open_counts(self) -> dict[str, int]:
        """Rep -> how many prospects are open, of those who have any."""
        return dict(self._session.rows(questions.OPEN_COUNTS))

    def lent(self, before: date) -> list[Prospect]:
        """What is in another rep's hands until a day before that one, ordered by id."""
        return [codec.decode(Prospect, data) for (data,) in self._session.rows(questions.LENT, day=before.isoformat())]

    def give_back(self, prospect_id: str, todays: Mapping[str, date]) -> None:
        """To whoever lent it out, where that is over (see ``core.handover.returned``). Nobody does this, so nobody can take it back. Raises
        UsageError for an unknown prospect."""
        before = self._known(prospect_id)
        back = returned(codec.decode(Prospect, before.data), todays)
        self._change(questions.SAVE, [{"known": prospect_id, **_columns(back)}], before.rep, back.rep)

    def remove(self, prospect_id: str) -> None:
        """Forget a person: the prospect and its history. What is written about it stays known, so that the next cycle deletes those
        entries. It cannot be taken back, and with the history goes what could be. Raises UsageError for an unknown prospect."""
        rep = self._known(prospect_id).rep
        self._delete(prospect_id, rep)
        self._journal.remove(prospect_id, rep)

    def _delete(self, prospect_id: str, rep: str) -> None:
        self._change(questions.REMOVE, [{"known": prospect_id}], rep)
        pages.forget(self._session, prospect_id)

    def _touch(self, prospect_id: str, before: _Row) -> None:
        self._journal.touch(self._session, prospect_id, before.rep, before.data, before.outcome)

    def _standing(self, prospect_id: str) -> _Row | None:
        """None: unknown. Locks the row where the database locks rows."""
        found = self._session.first(questions.STANDING_LOCKED if self._writes else questions.STANDING, id=prospect_id)
        return None if found is None else _Row(*found)

    def _known(self, prospect_id: str) -> _Row:
        found = self._standing(prospect_id)
        if found is None:
            raise UsageError("There is no such prospect in the store.")
        return found

    # -- what stands on the calendars

    def written(self, rep: str, target: str | None = None, zone: tzinfo | None = None, *, everything: bool = False) -> list[Written]:
        """Ordered by target and action, the entries told in ``zone``: the store keeps instants, in UTC. ``everything``: also the rows of
        entries that no longer stand, which grow in number for ever."""
        return self._rows(questions.written(target is not None, everything), zone, rep=rep, target=target)

    def written_for(self, rep: str, target: str, actions: Iterable[str], zone: tzinfo | None = None) -> list[Written]:
        """The rows of these actions, whether their entries stand or not; an action without a row is no error."""
        return self._rows(questions.WRITTEN_FOR, zone, rep=rep, target=target, actions=several(actions))

    def written_at(self, rep: str, target: str, hrefs: Iterable[str], zone: tzinfo | None = None) -> list[Written]:
        """The rows of these hrefs, ordered by action; an href without a row is no error."""
        found = self._rows(questions.WRITTEN_AT, zone, rep=rep, target=target, hrefs=several(hrefs))
        return sorted(found, key=lambda row: row.action)

    def written_of(self, rep: str, action: str, zone: tzinfo | None = None) -> list[Written]:
        """The rows of that action, on all targets."""
        return self._rows(questions.WRITTEN_OF, zone, rep=rep, action=action)

    def written_by_others(self, rep: str, target: str, hrefs: Iterable[str]) -> set[str]:
        """Which of these hrefs other reps have a row of, on the same target."""
        return {href for (href,) in self._session.rows(questions.WRITTEN_BY_OTHERS, rep=rep, target=target, hrefs=several(hrefs))}

    def stands_with_others(self, rep: str, target: str, hrefs: Iterable[str]) -> set[str]:
        """Which of these hrefs stand for something with another rep, on the same target, or are being removed by them."""
        return {href for (href,) in self._session.rows(questions.STANDS_WITH_OTHERS, rep=rep, target=target, hrefs=several(hrefs))}

    def was_written(self, rep: str, prospect: str) -> bool:
        """Whether anything of that prospect ever stood on a calendar, as far as is known; also of one who was removed."""
        return bool(self._session.value(questions.WAS_WRITTEN, rep=rep, prospect=prospect))

    def _rows(self, question: Question, zone: tzinfo | None = None, **values: str | None) -> list[Written]:
        return [codec.decode_row(data, raw, zone) for data, raw in self._session.rows(question, **values)]

    def save_written(self, rep: str, *rows: Written) -> None:
        """Add, or replace the row of the same target and action."""
        self._change(
            questions.SAVE_WRITTEN,
            [
                {
                    "rep": rep,
                    "target": row.target,
                    "action": row.action,
                    "prospect": row.prospect,
                    "href": row.href,
                    "data": codec.encode(row, without="raw"),
                    "raw": row.raw,
                    "live": _is_live(row),
                }
                for row in rows
            ],
            rep,
        )

    def forget_written(self, rep: str, target: str, *actions: str) -> None:
        """Actions that are not there are no error."""
        self._change(questions.FORGET_WRITTEN, [{"rep": rep, "target": target, "action": action} for action in actions], rep)

    def foreign(self, rep: str, target: str) -> dict[str, str]:
        """What stands in that calendar and is not ours: href -> etag."""
        return {href: etag for href, etag in self._session.rows(questions.FOREIGN, rep=rep, target=target)}

    def etags(self, rep: str, target: str) -> dict[str, str]:
        """href -> the ETag that was last known, of all that ever stood in that calendar, ours or not."""
        rows = self.written(rep, target, everything=True)
        return {**self.foreign(rep, target), **{row.href: row.etag or "".join(row.earlier[-1:]) for row in rows}}

    def marked(self, rep: str, target: str) -> dict[str, str]:
        """Those of ``foreign`` that say they are of a prospect whom this rep has, and who is open: href -> prospect, in order."""
        return {href: prospect for href, prospect in self._session.rows(questions.MARKED, rep=rep, target=target)}

    def marked_at(self, rep: str, target: str, href: str) -> str:
        """Whose the foreign entry there says it is, "" where it says nothing or is not known."""
        return self._session.value(questions.MARKED_AT, rep=rep, target=target, href=href) or ""

    def save_foreign(self, rep: str, target: str, etags: Mapping[str, str], prospect: str = "") -> None:
        """Add, or replace. ``prospect``: whose they say they are. Nobody's plan depends on it, so it counts neither in ``changes`` nor in
        ``revision``."""
        of = {"rep": rep, "target": target, "prospect": prospect}
        if rows := [{**of, "href": href, "etag": etag} for href, etag in etags.items()]:
            self._check_writes()
            self._session.do(questions.SAVE_FOREIGN, rows)

    def forget_foreign(self, rep: str, target: str, *hrefs: str) -> None:
        """Without hrefs: all of that target. It counts as little as ``save_foreign``."""
        self._check_writes()
        there = {"rep": rep, "target": target}
        if hrefs:
            self._session.do(questions.FORGET_FOREIGN, [{**there, "href": href} for href in hrefs])
        else:
            self._session.do(questions.FORGET_ALL_FOREIGN, [there])

    def target_state(self, rep: str, target: str) -> TargetState:
        """The defaults where nothing was saved yet."""
        data = self._session.value(questions.TARGET_STATE, rep=rep, target=target)
        return TargetState(rep, target) if data is None else codec.decode(TargetState, data)

    def target_states(self, rep: str | None = None) -> list[TargetState]:
        """Those that were saved, of one rep or of all, ordered by rep and target."""
        found = self._session.rows(questions.TARGET_STATES if rep is None else questions.TARGET_STATES_OF, rep=rep)
        return [codec.decode(TargetState, data) for (data,) in found]

    def save_target_state(self, state: TargetState) -> None:
        """Nobody's plan depends on it, so it counts neither in ``changes`` nor in ``revision``: two daemons would wake each other."""
        self._check_writes()
        self._session.do(questions.SAVE_TARGET_STATE, [{"rep": state.rep, "target": state.target, "data": codec.encode(state)}])

    # -- what was read of busy sources

    def busy_readings(self, rep: str) -> dict[str, BusyReading]:
        """Source -> what was last read of it."""
        found = self._session.rows(questions.BUSY_READINGS, prefix=f"busy {rep} ")
        return {reading.source: reading for reading in (codec.decode(BusyReading, data) for (data,) in found)}

    def save_busy_readings(self, rep: str, *readings: BusyReading) -> None:
        """In place of all earlier ones of that rep. It counts as little as ``save_target_state``."""
        self._check_writes()
        rows = [{"key": f"busy {rep} {one.source}", "value": codec.encode(one)} for one in readings]
        self._session.do(questions.FORGET_BUSY_READINGS, [{"prefix": f"busy {rep} ", "keys": several(row["key"] for row in rows)}])
        self._session.do(questions.SAVE_BUSY_READING, rows)

    # -- feeds

    def feeds(self, rep: str | None = None) -> list[Feed]:
        """Of one rep or of all, ordered by name."""
        return feeds.feeds(self._session, rep)

    def feed_text(self, name: str) -> str:
        """What it shows, "" where that is nothing yet."""
        return self._session.value(questions.FEED_TEXT, name=name) or ""

    def add_feed(self, feed: Feed) -> None:
        """It counts in ``changes``, so that a daemon notices, and as little in ``revision`` as all that is done to feeds. Raises
        UsageError where there is one of that name."""
        self._begin_change([{}], ())
        if any(one.name == feed.name for one in self.feeds()):
            raise UsageError(f"There is a feed '{feed.name}' already. Choose another name, or give that one a new address: feed rotate.")
        feeds.save(self._session, feed)
        self._session.do(questions.DUE_NOW, [{"known": feed.rep}])

    def rotate_feed(self, name: str, secret: str) -> None:
        """From the commit on, only the new secret leads to it."""
        self._change(questions.ROTATE_FEED, [{"known": name, "secret": secret}])

    def remove_feed(self, name: str) -> None:
        self._begin_change([{}], ())
        feeds.remove(self._session, name)

    def publish_feed(self, feed: Feed, text: str, before: datetime | None) -> None:
        """What it shows from now on, unless it was changed since ``before``, or removed. Nobody's plan depends on it, so it counts neither
        in ``changes`` nor in ``revision``."""
        self._check_writes()
        feeds.publish(self._session, feed, text, before)

    def settle_feeds(self, *several: Feed) -> None:
        """They go on showing what they showed. It counts as little as ``publish_feed``."""
        self._check_writes()
        feeds.settle(self._session, several)

    # -- pages

    def pages(self) -> list[Page]:
        """Of all reps, ordered by name."""
        return pages.pages(self._session)

    def add_page(self, page: Page) -> None:
        """It counts in ``changes`` and not in ``revision``, as all that is done to pages. Raises UsageError where there is one of that
        name."""
        self._begin_change([{}], ())
        if any(one.name == page.name for one in self.pages()):
            raise UsageError(f"There is a page '{page.name}' already. Choose another name, or give that one a new address: page rotate.")
        pages.save(self._session, page)

    def rotate_page(self, name: str, secret: str) -> None:
        """From the commit on, only the new secret leads to it. ``secret``: its hash; "" removes the page, and leaves its name behind, so
        that a restored backup does not bring its address back."""
        self._change(questions.ROTATE_PAGE, [{"known": name, "secret": secret}])

    def form(self, page: str, token: str) -> Form | None:
        """The form of that page where it was taken in before; None where it was not, or longer ago than any form is good for."""
        return pages.form(self._session, page, token)

    def take_form(self, page: str, form: Form) -> None:
        """Remember that it was taken in. It counts as little as ``save_target_state``."""
        self._check_writes()
        pages.save_form(self._session, page, form)

    # -- taking back

    @property
    def batch(self) -> str:
        """By which ``last_change`` will know what this transaction changes; ``calendar:`` entries have another one."""
        self._check_writes()
        return str(changes(self._session) + 1)  # nobody else can count before we have

    def last_change(self, rep: str | None = None) -> Change | None:
        """What ``take_back`` would take back: the last command that changed prospects or their history, or all that the last sync read.
        Of one rep or of all; None where nothing is left."""
        return journal.last_change(self._session, rep)

    def take_back(self, change: Change) -> None:
        """Prospects stand as before it, those that it captured are gone, what it added to histories is no longer part of them. Parts that
        are ``blocked`` stay. Not to be called while a cycle of these reps runs."""
        parts = [part for part in change.parts if not part.blocked]
        self._begin_change([{}], change.reps)
        for part in parts:  # the newest first, so that the oldest before-image is what stays
            now = self._known(part.prospect)
            if part.before is None:
                self._delete(part.prospect, now.rep)
                continue
            row = {"known": part.prospect, **_columns(part.before), "open": not part.outcome, "outcome": part.outcome}
            self._change(questions.REOPEN, [row], now.rep, part.before.rep)
        journal.mark_undone(self._session, {part.change for part in change.parts}, parts)
        for part in parts:
            if part.before is not None:
                self._reopen(part)

    def _reopen(self, part: Part) -> None:
        """What the entries of the answers that were taken back say now."""
        holds = {one.action: one.result for one in self.history(part.prospect) if isinstance(one, Touched)}
        rep = self._known(part.prospect).rep
        for action in {one.action for one in part.entries if isinstance(one, Touched) and one.action}:
            rows = [row for row in self.written_of(rep, action) if _is_answered(row)]
            self.save_written(rep, *(answered_no_more(row, part.entries, holds.get(action)) for row in rows))

    # -- changing

    def count(self) -> bool:
        """Called by ``Store.writing`` before the commit: one more committed write, where there was one. Answers whether there was."""
        if self._changed:
            self._session.do(questions.COUNT, [{}])
            self._journal.write(self._session, changes(self._session))
        return self._changed

    def _change(self, question: Question, rows: list[dict[str, Any]], *reps: str) -> None:
        if self._begin_change(rows, reps):
            self._session.do(question, rows)

    def _begin_change(self, rows: list[dict[str, Any]], reps: Iterable[str]) -> bool:
        """``reps``: whose revision it is."""
        self._check_writes()
        if not rows:
            return False
        self._changed = True
        for rep in set(reps) - self.grown:
            if self._only not in (None, rep):
                raise StoreError("A cycle tried to change what is another rep's. Nothing was changed. Please report this fault.")
            self._session.do(questions.GROW, [{"rep": rep}])
            self.grown.add(rep)
        return True

    def _check_writes(self) -> None:
        if not self._writes:
            raise StoreError("Something tried to change the store while reading it. Please report this fault.")


class _Row(NamedTuple):
    """Of the table of prospects. ``outcome``: "" while open; ``data``: as it stands in the table."""

    rep: str
    outcome: str
    data: str


def _is_live(row: Written) -> bool:
    return row.state is not State.GONE or row.unread or row.fresh or row.removing or row.intended is not None


def _is_answered(row: Written) -> bool:
    return row.state in (State.ANSWERED, State.RECORDED) and row.agreed is not None


def _columns(prospect: Prospect) -> dict[str, str]:
    returns = first_return(prospect)
    return {"rep": prospect.rep, "data": codec.encode(prospect), "returns": returns.isoformat() if returns else ""}
