"""What the store is asked and told, written once. Parameters are named like their columns, or as ``:known`` where a row is changed."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, cast, delete, func, insert, select, update

from followsync.store import tables
from followsync.store.dialect import Question, among, grow, upsert

_PROSPECT, _ENTRY, _WRITTEN, _FOREIGN = tables.prospect.c, tables.entry.c, tables.written.c, tables.foreign_entry.c
_STATE, _REVISION, _META = tables.target_state.c, tables.rep_revision.c, tables.meta.c


def _is(*columns: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    return [column == bindparam(column.key) for column in columns]


# -- what counts changes

CHANGES = Question(select(_META.value).where(_META.key == "changes"))
COUNT = Question(update(tables.meta).where(_META.key == "changes").values(value=cast(cast(_META.value, BigInteger) + 1, Text)))
REVISION = Question(select(_REVISION.revision).where(*_is(_REVISION.rep)))
GROW = grow(tables.rep_revision)
DUE_NOW = Question(update(tables.rep_lease).where(tables.rep_lease.c.rep == bindparam("known")).values(due=0))

# -- prospects and their history

PROSPECT = Question(select(_PROSPECT.data).where(*_is(_PROSPECT.id)))
_STANDING = select(_PROSPECT.rep, _PROSPECT.outcome, _PROSPECT.data).where(*_is(_PROSPECT.id))
STANDING = Question(_STANDING)
STANDING_LOCKED = Question(_STANDING.with_for_update())
CAPTURE = Question(insert(tables.prospect), "id", "rep", "open", "outcome", "captured_at", "data", "returns")
SAVE = Question(update(tables.prospect).where(_PROSPECT.id == bindparam("known")), "rep", "data", "returns")
CLOSE = Question(update(tables.prospect).where(_PROSPECT.id == bindparam("known")), "open", "outcome")
REOPEN = Question(update(tables.prospect).where(_PROSPECT.id == bindparam("known")), "rep", "data", "returns", "open", "outcome")
REMOVE = Question(delete(tables.prospect).where(_PROSPECT.id == bindparam("known")))
# A range on both sides: else all that is lent to nobody would be gone through.
LENT = Question(select(_PROSPECT.data).where(_PROSPECT.returns > "", _PROSPECT.returns < bindparam("day")).order_by(_PROSPECT.id))
APPEND = Question(insert(tables.entry), "prospect_id", "at", "type", "data")
HISTORY = Question(
    select(_ENTRY.type, _ENTRY.data).where(*_is(_ENTRY.prospect_id), ~_ENTRY.undone).order_by(_ENTRY.seq),
)


def _chosen(query: Select[Any], rep: bool, open_only: bool) -> Select[Any]:
    query = query.where(*_is(_PROSPECT.rep)) if rep else query
    return query.where(_PROSPECT.open) if open_only else query


@cache
def prospects(rep: bool, open_only: bool) -> Question:
    """Of one rep (``:rep``) or of all."""
    return Question(_chosen(select(_PROSPECT.data), rep, open_only).order_by(_PROSPECT.id))


@cache
def histories(rep: bool, open_only: bool) -> Question:
    query = select(_ENTRY.prospect_id, _ENTRY.type, _ENTRY.data).where(~_ENTRY.undone).order_by(_ENTRY.prospect_id, _ENTRY.seq)
    return Question(_chosen(query.join(tables.prospect), rep, open_only) if rep or open_only else query)


# Read by the day's figures and by what shows the last weeks: neither wants all of history.
OPEN_COUNTS = Question(select(_PROSPECT.rep, func.count()).where(_PROSPECT.open).group_by(_PROSPECT.rep).order_by(_PROSPECT.rep))
ENTRIES_SINCE = Question(
    select(_ENTRY.type, _ENTRY.data)
    .join(tables.prospect)
    .where(*_is(_PROSPECT.rep, _ENTRY.type), _ENTRY.at >= bindparam("since"), ~_ENTRY.undone)
    .order_by(_ENTRY.seq)
)


@cache
def outcomes(rep: bool) -> Question:
    return Question(_chosen(select(_PROSPECT.id, _PROSPECT.outcome), rep, False).where(~_PROSPECT.open).order_by(_PROSPECT.id))


# -- what stands on the calendars

_ROW = select(_WRITTEN.data, _WRITTEN.raw).where(*_is(_WRITTEN.rep))
_ORDER = _WRITTEN.target, _WRITTEN.action
_THERE = _is(_WRITTEN.rep, _WRITTEN.target)


@cache
def written(target: bool, everything: bool) -> Question:
    """On one target (``:target``) or on all."""
    query = _ROW.where(*_is(_WRITTEN.target)) if target else _ROW
    return Question((query if everything else query.where(_WRITTEN.live)).order_by(*_ORDER))


WRITTEN_FOR = Question(_ROW.where(*_is(_WRITTEN.target), among(_WRITTEN.action, "actions")).order_by(*_ORDER))
# In no order: for the sake of one, SQLite would go through all rows of the target instead of looking these up.
WRITTEN_AT = Question(_ROW.where(*_is(_WRITTEN.target), among(_WRITTEN.href, "hrefs")))
WRITTEN_OF = Question(_ROW.where(*_is(_WRITTEN.action)).order_by(*_ORDER))
_BY_OTHERS = select(_WRITTEN.href).where(_WRITTEN.rep != bindparam("rep"), *_is(_WRITTEN.target), among(_WRITTEN.href, "hrefs"))
WRITTEN_BY_OTHERS = Question(_BY_OTHERS)
STANDS_WITH_OTHERS = Question(_BY_OTHERS.where(_WRITTEN.live))
WAS_WRITTEN = Question(select(func.count()).select_from(tables.written).where(*_is(_WRITTEN.rep, _WRITTEN.prospect)))
SAVE_WRITTEN = upsert(tables.written)
FORGET_WRITTEN = Question(delete(tables.written).where(*_THERE, *_is(_WRITTEN.action)))

_FOREIGN_THERE = _is(_FOREIGN.rep, _FOREIGN.target)
FOREIGN = Question(select(_FOREIGN.href, _FOREIGN.etag).where(*_FOREIGN_THERE))
MARKED = Question(
    select(_FOREIGN.href, _FOREIGN.prospect)
    .join(tables.prospect, (_PROSPECT.id == _FOREIGN.prospect) & (_PROSPECT.rep == _FOREIGN.rep))
    .where(*_FOREIGN_THERE, _PROSPECT.open)
    .order_by(_FOREIGN.href)
)
MARKED_AT = Question(select(_FOREIGN.prospect).where(*_FOREIGN_THERE, *_is(_FOREIGN.href)))
SAVE_FOREIGN = upsert(tables.foreign_entry)
FORGET_FOREIGN = Question(delete(tables.foreign_entry).where(*_FOREIGN_THERE, *_is(_FOREIGN.href)))
FORGET_ALL_FOREIGN = Question(delete(tables.foreign_entry).where(*_FOREIGN_THERE))

TARGET_STATE = Question(select(_STATE.data).where(*_is(_STATE.rep, _STATE.target)))
TARGET_STATES = Question(select(_STATE.data).order_by(_STATE.rep, _STATE.target))
TARGET_STATES_OF = Question(select(_STATE.data).where(*_is(_STATE.rep)).order_by(_STATE.target))
SAVE_TARGET_STATE = upsert(tables.target_state)

# -- what was read of busy sources

_PREFIXED = func.substr(_META.key, 1, func.length(bindparam("prefix"))) == bindparam("prefix")
BUSY_READINGS = Question(select(_META.value).where(_PREFIXED))
SAVE_BUSY_READING = upsert(tables.meta)
FORGET_BUSY_READINGS = Question(delete(tables.meta).where(_PREFIXED, ~among(_META.key, "keys")))

# -- feeds

_FEED = tables.feed.c
FEED_TEXT = Question(select(_FEED.text).where(*_is(_FEED.name)))
SAVE_FEED = upsert(tables.feed)
_SAME_FEED = _FEED.name == bindparam("known")
ROTATE_FEED = Question(update(tables.feed).where(_SAME_FEED, _FEED.secret != ""), "secret")
REMOVE_FEED = Question(update(tables.feed).where(_SAME_FEED), "secret", "salt", "text", "modified", "settled")
_STILL = _SAME_FEED, _FEED.salt == bindparam("known_salt")
PUBLISH_FEED = Question(update(tables.feed).where(*_STILL, _FEED.modified == bindparam("before")), "text", "modified", "settled")
SETTLE_FEED = Question(update(tables.feed).where(*_STILL), "settled")


@cache
def feeds(rep: bool) -> Question:
    query = select(_FEED.name, _FEED.rep, _FEED.redacted, _FEED.secret, _FEED.salt, _FEED.modified, _FEED.settled)
    query = query.where(_FEED.secret != "").order_by(_FEED.name)
    return Question(query.where(*_is(_FEED.rep)) if rep else query)


# -- pages

_PAGE, _FORM = tables.page.c, tables.page_form.c
PAGES = Question(select(_PAGE.name, _PAGE.rep, _PAGE.secret).where(_PAGE.secret != "").order_by(_PAGE.name))
SAVE_PAGE = upsert(tables.page)
_SAME_PAGE = _PAGE.name == bindparam("known")
ROTATE_PAGE = Question(update(tables.page).where(_SAME_PAGE, _PAGE.secret != ""), "secret")
FORM = Question(select(_FORM.at, _FORM.said, _FORM.prospect, _FORM.batch).where(*_is(_FORM.page, _FORM.token)))
SAVE_FORM = upsert(tables.page_form)
FORGET_FORMS = Question(delete(tables.page_form).where(*_is(_FORM.page), _FORM.at < bindparam("before")))
FORGET_WHO = Question(update(tables.page_form).where(_FORM.prospect == bindparam("known")).values(said=""))
FORGET_ALL_FORMS = Question(delete(tables.page_form).where(*_is(_FORM.page)))

# -- what can be taken back

_CHANGE, _PART = tables.change.c, tables.change_part.c
LAST_NUMBER = Question(select(func.max(_ENTRY.seq)).where(*_is(_ENTRY.prospect_id)))
LAST_NUMBERS = Question(
    select(_ENTRY.prospect_id, func.max(_ENTRY.seq)).where(among(_ENTRY.prospect_id, "prospects")).group_by(_ENTRY.prospect_id)
)
NEW_CHANGE = Question(insert(tables.change).returning(_CHANGE.id), "rep", "at", "label", "batch", "undone")
NEW_PART = Question(insert(tables.change_part), "change_id", "prospect_id", "before", "outcome", "after_seq", "last_seq")
_WITHIN = *_is(_ENTRY.prospect_id), _ENTRY.seq > bindparam("after_seq"), _ENTRY.seq <= bindparam("last_seq")
PART_ENTRIES = Question(select(_ENTRY.type, _ENTRY.data).where(*_WITHIN, ~_ENTRY.undone).order_by(_ENTRY.seq))
UNDO_ENTRIES = Question(update(tables.entry).where(*_WITHIN).values(undone=True))
UNDO_CHANGES = Question(update(tables.change).where(among(_CHANGE.id, "changes")).values(undone=True))
PARTS = Question(
    select(_PART.prospect_id, _PART.before, _PART.outcome, _PART.after_seq, _PART.last_seq)
    .where(*_is(_PART.change_id))
    .order_by(_PART.prospect_id)
)
CHANGED_SINCE = Question(
    select(_PART.prospect_id)
    .join(tables.change)
    .where(
        _PART.prospect_id.in_(select(_PART.prospect_id).where(*_is(_PART.change_id))),
        _CHANGE.id > bindparam("change_id"),
        ~_CHANGE.undone,
        ~among(_CHANGE.id, "together"),
    )
)
_OLDEST = select(_CHANGE.id).where(*_is(_CHANGE.rep)).order_by(_CHANGE.id.desc()).offset(bindparam("kept")).limit(1)
FORGET_OLD = Question(delete(tables.change).where(*_is(_CHANGE.rep), _CHANGE.id <= _OLDEST.scalar_subquery()))


def _standing_changes(rep: bool) -> list[ColumnElement[bool]]:
    """Those that can still be taken back."""
    has_parts = select(_PART.change_id).where(_PART.change_id == _CHANGE.id).exists()
    return [~_CHANGE.undone, has_parts, *(_is(_CHANGE.rep) if rep else ())]


@cache
def last_change(rep: bool) -> Question:
    return Question(select(_CHANGE.id, _CHANGE.batch).where(*_standing_changes(rep)).order_by(_CHANGE.id.desc()).limit(1))


@cache
def batch(rep: bool) -> Question:
    """The changes of ``:batch`` that still stand, the newest first."""
    query = select(_CHANGE.id, _CHANGE.rep, _CHANGE.at, _CHANGE.label)
    return Question(query.where(*_standing_changes(rep), *_is(_CHANGE.batch)).order_by(_CHANGE.id.desc()))


@cache
def since(rep: bool) -> Question:
    """How many changes with ``:label`` there were after ``:id``."""
    counted = select(func.count()).select_from(tables.change).where(*_is(_CHANGE.label), _CHANGE.id > bindparam("id"), ~_CHANGE.undone)
    return Question(counted.where(*_is(_CHANGE.rep)) if rep else counted)
