"""Buckets of tokens that all who share a store take from: one row each, refilled by the time that has passed on the database's clock.

Taking is one statement, which the row's lock puts into line. Whoever takes more than there are owes the rest, and waits until time has paid
it; who would have to wait for too long takes nothing.
See docs/decisions/0061-calls-are-counted-in-the-store.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, type_coerce
from sqlalchemy.types import Double

from followsync.core.pace import Pace
from followsync.store.dialect import Question, moment
from followsync.store.tables import bucket

AtOnce = Callable[..., list[tuple[Any, ...]]]


def _number(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=Double())


def _least(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one < other, one), else_=other)


def _seconds(number: float) -> ColumnElement[Any]:
    return type_coerce(number, Double())


def _take(insert: Callable[[Table], Any]) -> Any:
    now = moment()
    day = _seconds(86400.0)  # a clock that was ahead by more than that, and is right again, must not keep everybody waiting
    since = case((now > bucket.c.at, now - bucket.c.at), (bucket.c.at - now > day, day), else_=_seconds(0.0))
    left = _least(_number("at_once"), bucket.c.tokens + since * _number("per_second")) - _number("calls")
    new = insert(bucket).values(name=bindparam("name"), tokens=_number("at_once") - _number("calls"), at=now)
    taken = new.on_conflict_do_update(
        index_elements=[bucket.c.name], set_={"tokens": left, "at": now}, where=and_(left >= _number("lowest"))
    )
    return taken.returning(bucket.c.tokens)


_TAKE = Question(_take)


class Tokens:
    """``at_once`` does one question in a transaction of its own."""

    def __init__(self, at_once: AtOnce) -> None:
        self._at_once = at_once

    def take(self, name: str, pace: Pace, calls: int, patience: float) -> float | None:
        """See ``followsync.core.pace.Shared``. Raises StoreError."""
        lowest = -patience * pace.per_second
        found = self._at_once(_TAKE, name=name, at_once=pace.at_once, per_second=pace.per_second, calls=float(calls), lowest=lowest)
        return pace.wait(found[0][0]) if found else None
