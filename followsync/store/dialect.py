"""What both databases have in common: questions that are put into SQL once for each, sessions that put them, and what a database must do.

Questions are written in SQLAlchemy Core and put into SQL once; the driver answers them. Having Core build, look up and run them anew each
time took fifty times as long as the database itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import BigInteger, ColumnElement, Connection, Double, Engine, Table, Text, bindparam, cast, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from followsync.store.tokens import Tokens

_SQLITE = sqlite.dialect(paramstyle="named")
_POSTGRESQL: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # compiles only; the driver itself is loaded where such a store is opened


class Put:
    """A statement as one database is told it. ``fixed``: the parameters that the statement itself gives."""

    def __init__(self, statement: Any, dialect: Dialect, columns: tuple[str, ...]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=columns or None)
        self.sql = str(compiled)
        self.fixed: dict[str, Any] = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}


class Question:
    """A statement of Core, or what makes one for a dialect's ``insert``. ``columns``: those that an INSERT fills."""

    def __init__(self, statement: Any, *columns: str) -> None:
        self._statement, self._columns = statement, columns

    def _put(self, dialect: Dialect, insert: Callable[[Table], Any]) -> Put:
        statement = self._statement(insert) if callable(self._statement) else self._statement
        return Put(statement, dialect, self._columns)

    @cached_property
    def sqlite(self) -> Put:
        return self._put(_SQLITE, sqlite.insert)

    @cached_property
    def postgresql(self) -> Put:
        return self._put(_POSTGRESQL, postgresql.insert)


class Session(Protocol):
    """One transaction: questions are put to it as they were written, ``values`` are their parameters by name."""

    def rows(self, question: Question, **values: Any) -> list[tuple[Any, ...]]: ...

    def first(self, question: Question, **values: Any) -> tuple[Any, ...] | None: ...

    def value(self, question: Question, **values: Any) -> Any:
        """The first column of the first row; None where there is none."""

    def do(self, question: Question, rows: Iterable[Mapping[str, Any]]) -> None:
        """The same change for each of the rows."""


class Claim(Protocol):
    """The right to one rep's cycle. ``rep``: whose; ``own``: by how much what was committed with it made the rep's revision grow."""

    rep: str
    own: int

    def check(self) -> None:
        """Raises LeaseLost where it may be somebody else's by now."""


class Database(Protocol):
    """One place where a store is. ``name``: what to call it in a sentence; no password is in it."""

    name: str
    engine: Engine
    tokens: Tokens

    def session(self, *, writes: bool, keep: bool = True, claim: Claim | None = None) -> AbstractContextManager[Session]:
        """One transaction; what fails in it is a StoreError that says what to do. Reading is one snapshot. Writing begins when no other
        writer is at it whose work it could depend on, so that what it reads is still true when it commits; with a ``claim`` it is of that
        rep alone, and raises LeaseLost where the claim is lost. Without ``keep`` it is taken back."""

    def at_once(self, question: Question, **values: Any) -> list[tuple[Any, ...]]:
        """One question that may change something, in a transaction of its own that waits for no other writer but one of the same row (of a
        file: for any). It may be done twice where the server goes away after the first time."""

    def looking(self) -> AbstractContextManager[Connection]:
        """A connection of Core's that only reads, for asking what there is."""

    def migrating(self) -> AbstractContextManager[Connection]:
        """A transaction in which tables may be changed, and in which nobody else is."""

    def cycle(self, rep: str, wait: float) -> AbstractContextManager[Claim | None]:
        """Hold the rep's cycle, alone in the world. None: it cannot be lost, so nothing need be asked of it."""

    def exists(self) -> bool: ...

    def make(self) -> None:
        """Whatever of it can be made."""

    def same(self) -> bool:
        """Whether it is still the one that was opened, or ``accept``ed. False: connections from now on are to another one, which took
        its place. Raises StoreError where there is none."""

    def accept(self) -> None:
        """Go on with the one that is there now."""

    def close(self) -> None: ...


class moment(FunctionElement[float]):
    """Seconds since 1970 on the database's clock, at this very moment."""

    type = Double()
    inherit_cache = False  # put into SQL once, by ``Question``


@compiles(moment, "sqlite")
def _moment_of_sqlite(_element: moment, _compiler: SQLCompiler, **_how: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"  # the Julian day of 1970


@compiles(moment, "postgresql")
def _moment_of_postgresql(_element: moment, _compiler: SQLCompiler, **_how: Any) -> str:
    return "extract(epoch FROM clock_timestamp())::double precision"


class _Unfolded(FunctionElement[Any]):
    """The values of a JSON array as rows: each database unfolds it in its own way."""

    name = "unfolded"
    inherit_cache = False  # put into SQL once, by ``Question``


@compiles(_Unfolded, "sqlite")
def _of_sqlite(element: _Unfolded, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses)})"


@compiles(_Unfolded, "postgresql")
def _of_postgresql(element: _Unfolded, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses)} AS JSON))"


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether ``column`` is one of several values: of the parameter ``name``, which ``several`` makes."""
    value: ColumnElement[Any] = _Unfolded(bindparam(name, type_=Text())).table_valued("value").c.value
    return column.in_(select(cast(value, BigInteger) if isinstance(column.type, BigInteger) else value))


def several(values: Iterable[Any]) -> str:
    return json.dumps(list(values))


def upsert(table: Table) -> Question:
    """Insert each row, or replace the one with the same primary key."""
    keys = [one.name for one in table.primary_key]

    def made(insert: Callable[[Table], Any]) -> Any:
        statement = insert(table)
        others = {one.name: statement.excluded[one.name] for one in table.columns if one.name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=others)

    return Question(made, *(one.name for one in table.columns))


def grow(table: Table) -> Question:
    """Add one to a counter, in a table of two columns, the key and the counter; it begins at one."""
    key, counter = table.columns

    def made(insert: Callable[[Table], Any]) -> Any:
        statement = insert(table).values({counter.name: 1})
        return statement.on_conflict_do_update(index_elements=[key], set_={counter.name: counter + 1})

    return Question(made, key.name)
