"""What can be asked and changed inside one transaction of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Select, Text, bindparam, cast, delete, insert, select, update

from followsync.core.history import Captured, Entry, History, Result, Touched
from followsync.core.item import State, Written
from followsync.core.prospect import Prospect
from followsync.core.target import TargetState
from followsync.errors import StoreError, UsageError
from followsync.store import codec, dialect, journal, tables
from followsync.store.journal import Change, Journal

_CLOSING = frozenset({Result.YES, Result.NO})
_OUTCOMES = _CLOSING | {Result.NEXT}
_AT_ONCE = 500  # values in one question: every SQLite takes 999


def changes(connection: Connection) -> int:
    """The number of committed writes so far."""
    return int(connection.execute(select(tables.meta.c.value).where(tables.meta.c.key == "changes")).scalar_one())


class Transaction:
    """Given by ``Store.reading`` and ``Store.writing``; of no use after their end. Every method raises StoreError where the database
    fails or a record is damaged; those that change something raise it inside ``reading``."""

    def __init__(self, connection: Connection, *, writes: bool, label: str = "") -> None:
        self._connection = connection
        self._writes = writes
        self._journal = Journal(label)
        self._changed = False
        self._grown: set[str] = set()

    def revision(self, rep: str) -> int:
        """Grows with each committed transaction that changed prospects, history or written rows of that rep; inside such a transaction
        it is what it will be after the commit. What is remembered of a target does not count."""
        table = tables.rep_revision
        return self._connection.scalar(select(table.c.revision).where(table.c.rep == rep)) or 0

    # -- prospects and their history

    def prospects(self, rep: str | None = None, *, open_only: bool = False) -> list[Prospect]:
        """Of one rep or of all, ordered by id."""
        query = _chosen(select(tables.prospect.c.data), rep, open_only).order_by(tables.prospect.c.id)
        return [codec.decode(Prospect, data) for data in self._connection.scalars(query)]

    def prospect(self, prospect_id: str) -> Prospect | None:
        data = self._connection.scalar(select(tables.prospect.c.data).where(tables.prospect.c.id == prospect_id))
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
        self._change(insert(tables.prospect), [row], prospect.rep)
        self._journal.touch(self._connection, prospect.id, prospect.rep, "", "")
        self.append(prospect.id, *entries)

    def save(self, prospect: Prospect) -> None:
        """Changed fields of a known prospect. Raises UsageError for an unknown one."""
        before = self._known(prospect.id)
        self._touch(prospect.id, before)
        row = {"known": prospect.id, **_columns(prospect)}
        self._change(update(tables.prospect).where(tables.prospect.c.id == bindparam("known")), [row], before.rep, prospect.rep)

    def append(self, prospect_id: str, *entries: Entry) -> None:
        """Add to the history. A Touched with YES or NO closes the prospect, for good: a later one with an outcome (YES, NO, NEXT) raises
        UsageError, other entries are taken and change nothing. Raises UsageError for an unknown prospect."""
        before = self._known(prospect_id)
        closed, outcome = before.outcome, ""
        for entry in entries:
            if isinstance(entry, Touched) and entry.result in _OUTCOMES:
                if closed:
                    raise UsageError(f"This prospect is closed with {closed}. A closed prospect takes no further outcome.")
                closed = outcome = entry.result.value if entry.result in _CLOSING else ""
        rows = [
            {"prospect_id": prospect_id, "at": codec.utc_text(entry.at), "type": codec.tag(entry), "data": codec.encode(entry)}
            for entry in entries
        ]
        if rows:
            self._touch(prospect_id, before)
            self._journal.entries.extend(entries)
        self._change(insert(tables.entry), rows, before.rep)
        if outcome:
            self._change(
                update(tables.prospect).where(tables.prospect.c.id == bindparam("known")),
                [{"known": prospect_id, "open": False, "outcome": outcome}],
                before.rep,
            )

    def history(self, prospect_id: str) -> History:
        """In the order of appending; empty for an unknown prospect."""
        query = (
            select(tables.entry.c.type, tables.entry.c.data)
            .where(tables.entry.c.prospect_id == prospect_id, ~tables.entry.c.undone)
            .order_by(tables.entry.c.seq)
        )
        return tuple(codec.decode_entry(tag, data) for tag, data in self._connection.execute(query))

    def histories(self, rep: str | None = None, *, open_only: bool = False) -> dict[str, History]:
        """Prospect id -> history, in one query; the same prospects that ``prospects`` gives, in the same order."""
        query = select(tables.entry.c.prospect_id, tables.entry.c.type, tables.entry.c.data).where(~tables.entry.c.undone)
        query = query.order_by(tables.entry.c.prospect_id, tables.entry.c.seq)
        if rep is not None or open_only:
            query = _chosen(query.join(tables.prospect), rep, open_only)
        gathered: dict[str, list[Entry]] = {}
        for prospect_id, tag, data in self._connection.execute(query):
            gathered.setdefault(prospect_id, []).append(codec.decode_entry(tag, data))
        return {prospect_id: tuple(entries) for prospect_id, entries in gathered.items()}

    def outcome(self, prospect_id: str) -> Result | None:
        """YES or NO of a closed prospect; None for an open or unknown one."""
        found = self._standing(prospect_id)
        return Result(found.outcome) if found and found.outcome else None

    def outcomes(self, rep: str | None = None) -> dict[str, Result]:
        """Prospect id -> YES or NO, of the closed ones."""
        query = _chosen(select(tables.prospect.c.id, tables.prospect.c.outcome), rep, False).where(~tables.prospect.c.open)
        return {prospect_id: Result(outcome) for prospect_id, outcome in self._connection.execute(query.order_by(tables.prospect.c.id))}

    def remove(self, prospect_id: str) -> None:
        """Forget a person: the prospect and its history. What is written about it stays known, so that the next cycle deletes those
        entries. It cannot be taken back, and with the history goes what could be. Raises UsageError for an unknown prospect."""
        rep = self._known(prospect_id).rep
        self._delete(prospect_id, rep)
        self._journal.remove(prospect_id, rep)

    def _delete(self, prospect_id: str, rep: str) -> None:
        self._change(delete(tables.prospect).where(tables.prospect.c.id == bindparam("known")), [{"known": prospect_id}], rep)

    def _touch(self, prospect_id: str, before: _Row) -> None:
        self._journal.touch(self._connection, prospect_id, before.rep, before.data, before.outcome)

    def _standing(self, prospect_id: str) -> _Row | None:
        """None: unknown. Locks the row where the database locks rows."""
        table = tables.prospect
        query = select(table.c.rep, table.c.outcome, table.c.data).where(table.c.id == prospect_id)
        found = self._connection.execute(query.with_for_update() if self._writes else query).first()
        return None if found is None else _Row(*found)

    def _known(self, prospect_id: str) -> _Row:
        found = self._standing(prospect_id)
        if found is None:
            raise UsageError("There is no such prospect in the store.")
        return found

    # -- what stands on the calendars

    def written(self, rep: str, target: str | None = None) -> list[Written]:
        """Ordered by target and action."""
        query = select(tables.written.c.data, tables.written.c.raw).where(tables.written.c.rep == rep)
        if target is not None:
            query = query.where(tables.written.c.target == target)
        return self._rows(query.order_by(tables.written.c.target, tables.written.c.action))

    def written_at(self, rep: str, target: str, hrefs: Iterable[str]) -> list[Written]:
        """The rows of these hrefs, ordered by action; an href without a row is no error."""
        table, asked = tables.written, list(dict.fromkeys(hrefs))
        query = select(table.c.data, table.c.raw).where(table.c.rep == rep, table.c.target == target)
        found: list[Written] = []
        for begin in range(0, len(asked), _AT_ONCE):
            found += self._rows(query.where(table.c.href.in_(asked[begin : begin + _AT_ONCE])))
        return sorted(found, key=lambda row: row.action)

    def written_by_others(self, rep: str, target: str, hrefs: Iterable[str]) -> set[str]:
        """Which of these hrefs other reps have a row of, on the same target."""
        table, asked, found = tables.written, list(dict.fromkeys(hrefs)), set[str]()
        query = select(table.c.href).where(table.c.rep != rep, table.c.target == target)
        for begin in range(0, len(asked), _AT_ONCE):
            found |= set(self._connection.scalars(query.where(table.c.href.in_(asked[begin : begin + _AT_ONCE]))))
        return found

    def _rows(self, query: Select[Any]) -> list[Written]:
        return [codec.decode(Written, data, raw=raw) for data, raw in self._connection.execute(query)]

    def save_written(self, rep: str, *rows: Written) -> None:
        """Add, or replace the row of the same target and action."""
        self._upsert(
            tables.written,
            [
                {
                    "rep": rep,
                    "target": row.target,
                    "action": row.action,
                    "prospect": row.prospect,
                    "href": row.href,
                    "data": codec.encode(row, without="raw"),
                    "raw": row.raw,
                }
                for row in rows
            ],
            rep,
        )

    def forget_written(self, rep: str, target: str, *actions: str) -> None:
        """Actions that are not there are no error."""
        statement = delete(tables.written).where(
            tables.written.c.rep == rep, tables.written.c.target == target, tables.written.c.action == bindparam("known")
        )
        self._change(statement, [{"known": action} for action in actions], rep)

    def foreign(self, rep: str, target: str) -> dict[str, str]:
        """What stands in that calendar and is not ours: href -> etag."""
        table = tables.foreign_entry
        query = select(table.c.href, table.c.etag).where(table.c.rep == rep, table.c.target == target)
        return {href: etag for href, etag in self._connection.execute(query)}

    def marked(self, rep: str, target: str) -> dict[str, str]:
        """Those of ``foreign`` that say they are of a prospect whom this rep has, and who is open: href -> prospect, in order."""
        table = tables.foreign_entry
        query = select(table.c.href, table.c.prospect).join(tables.prospect, tables.prospect.c.id == table.c.prospect)
        query = query.where(table.c.rep == rep, table.c.target == target).order_by(table.c.href)
        return {href: prospect for href, prospect in self._connection.execute(_chosen(query, rep, True))}

    def save_foreign(self, rep: str, target: str, etags: Mapping[str, str], prospect: str = "") -> None:
        """Add, or replace. ``prospect``: whose they say they are. Nobody's plan depends on it, so it counts neither in ``changes`` nor in
        ``revision``."""
        of = {"rep": rep, "target": target, "prospect": prospect}
        if rows := [{**of, "href": href, "etag": etag} for href, etag in etags.items()]:
            self._check_writes()
            dialect.upsert(self._connection, tables.foreign_entry, rows)

    def forget_foreign(self, rep: str, target: str, *hrefs: str) -> None:
        """Without hrefs: all of that target. It counts as little as ``save_foreign``."""
        self._check_writes()
        table = tables.foreign_entry
        statement = delete(table).where(table.c.rep == rep, table.c.target == target)
        if hrefs:
            self._connection.execute(statement.where(table.c.href == bindparam("known")), [{"known": href} for href in hrefs])
        else:
            self._connection.execute(statement)

    def target_state(self, rep: str, target: str) -> TargetState:
        """The defaults where nothing was saved yet."""
        table = tables.target_state
        data = self._connection.scalar(select(table.c.data).where(table.c.rep == rep, table.c.target == target))
        return TargetState(rep, target) if data is None else codec.decode(TargetState, data)

    def target_states(self, rep: str | None = None) -> list[TargetState]:
        """Those that were saved, of one rep or of all, ordered by rep and target."""
        table = tables.target_state
        query = select(table.c.data).order_by(table.c.rep, table.c.target)
        if rep is not None:
            query = query.where(table.c.rep == rep)
        return [codec.decode(TargetState, data) for data in self._connection.scalars(query)]

    def save_target_state(self, state: TargetState) -> None:
        """Nobody's plan depends on it, so it counts neither in ``changes`` nor in ``revision``: two daemons would wake each other."""
        self._check_writes()
        dialect.upsert(self._connection, tables.target_state, [{"rep": state.rep, "target": state.target, "data": codec.encode(state)}])

    # -- taking back

    def last_change(self, rep: str | None = None) -> Change | None:
        """What ``take_back`` would take back: the last command that changed prospects or their history, or all that the last sync read.
        Of one rep or of all; None where nothing is left."""
        return journal.last_change(self._connection, rep)

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
            statement = update(tables.prospect).where(tables.prospect.c.id == bindparam("known"))
            self._change(statement, [row], now.rep, part.before.rep)
            self._reopen(now.rep, {one.action for one in part.entries if isinstance(one, Touched)})
        journal.mark_undone(self._connection, {part.change for part in change.parts}, parts)

    def _reopen(self, rep: str, actions: set[str]) -> None:
        """Their entries wait for the rep again where they were not marked as answered yet, without what was typed into them. (What was
        marked stays as it is, and the action is written as another entry.)"""
        for action in filter(None, actions):
            query = select(tables.written.c.data, tables.written.c.raw).where(
                tables.written.c.rep == rep, tables.written.c.action == action
            )
            rows = [row for row in self._rows(query) if row.state is State.ANSWERED and row.agreed]
            self.save_written(rep, *(replace(row, state=State.OPEN, ours=row.agreed) for row in rows))

    # -- changing

    def count(self) -> bool:
        """Called by ``Store.writing`` before the commit: one more committed write, where there was one. Answers whether there was."""
        if self._changed:
            value = cast(cast(tables.meta.c.value, BigInteger) + 1, Text)
            self._connection.execute(update(tables.meta).where(tables.meta.c.key == "changes").values(value=value))
            self._journal.write(self._connection, changes(self._connection))
        return self._changed

    def _change(self, statement: Any, rows: list[dict[str, Any]], *reps: str) -> None:
        if self._begin_change(rows, reps):
            self._connection.execute(statement, rows)

    def _upsert(self, table: Any, rows: list[dict[str, Any]], *reps: str) -> None:
        if self._begin_change(rows, reps):
            dialect.upsert(self._connection, table, rows)

    def _begin_change(self, rows: list[dict[str, Any]], reps: Iterable[str]) -> bool:
        """``reps``: whose revision it is."""
        self._check_writes()
        if not rows:
            return False
        self._changed = True
        for rep in set(reps) - self._grown:
            dialect.grow(self._connection, tables.rep_revision, rep)
            self._grown.add(rep)
        return True

    def _check_writes(self) -> None:
        if not self._writes:
            raise StoreError("Something tried to change the store while reading it. Please report this fault.")


class _Row(NamedTuple):
    """Of the table of prospects. ``outcome``: "" while open; ``data``: as it stands in the table."""

    rep: str
    outcome: str
    data: str


def _columns(prospect: Prospect) -> dict[str, str]:
    return {"rep": prospect.rep, "data": codec.encode(prospect)}


def _chosen(query: Select[Any], rep: str | None, open_only: bool) -> Select[Any]:
    if rep is not None:
        query = query.where(tables.prospect.c.rep == rep)
    if open_only:
        query = query.where(tables.prospect.c.open)
    return query
