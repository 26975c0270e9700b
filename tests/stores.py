"""Where the tests keep their stores: in files, or with FOLLOWSYNC_TEST_STORE=postgresql on a server, one schema for each path.

Tests that are about SQLite's file itself carry the mark ``sqlite``, and are left out there.
"""

from __future__ import annotations

import functools
import os
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import delete, insert, select

from followsync.store import Store, moving, open_store
from followsync.store.tables import metadata
from tests import postgresql

kind = "postgresql" if os.environ.get("FOLLOWSYNC_TEST_STORE") == "postgresql" else "sqlite"


def url(path: Path | str) -> str:
    """The address of the store that stands for ``path``: the same path gives the same store."""
    if kind == "sqlite":
        return f"sqlite:///{path}"
    return postgresql.server().schema(_schema(path))


def new_store(path: Path, wait: float = 0.2) -> Store:
    """One that is up to date: its migrations need not run for each test."""
    if kind == "sqlite":
        shutil.copyfile(_empty_file(), path)
    else:
        postgresql.server().run(f'DROP SCHEMA IF EXISTS "{_schema(path)}" CASCADE')
        postgresql.server().run(_empty_schema().replace("followsync_empty", _schema(path)))
    return open_store(url(path), wait=wait)


def sql(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """The store as somebody opens it by hand."""
    if kind == "sqlite":
        with sqlite3.connect(path) as raw:
            found = raw.execute(statement).fetchall()
        raw.close()
        return found
    return postgresql.server().run(f'SET search_path = "{_schema(path)}"; {statement}')


def refusals() -> type[Exception]:
    """What the database raises where a row may not be as it was told."""
    if kind == "sqlite":
        return sqlite3.IntegrityError
    import psycopg

    return psycopg.IntegrityError


def _schema(path: Path | str) -> str:
    return f"s{sha256(str(Path(path).absolute()).encode()).hexdigest()[:24]}"


@functools.cache
def _empty_file() -> Path:
    path = Path(mkdtemp(prefix="followsync-")) / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


@functools.cache
def _empty_schema() -> str:
    """The statements that make one, as pg_dump tells them."""
    server = postgresql.server()
    open_store(server.schema("followsync_empty")).close()
    return server.dumped("followsync_empty")


def contents(path: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of a store on PostgreSQL."""
    store = open_store(url(path))
    try:
        with store.database.looking() as connection:
            return {one.name: [dict(row) for row in connection.execute(select(one)).mappings()] for one in metadata.sorted_tables}
    finally:
        store.close()


def put(path: Path, held: dict[str, list[dict[str, Any]]]) -> None:
    """Make a store on PostgreSQL hold that, and count on from there."""
    store = open_store(url(path))
    try:
        with store.database.migrating() as connection:
            for one in reversed(metadata.sorted_tables):
                connection.execute(delete(one))
            for one in metadata.sorted_tables:
                if held[one.name]:
                    connection.execute(insert(one), held[one.name])
            moving.count_on(connection)
    finally:
        store.close()


def lose(path: Path) -> None:
    """All of it is gone."""
    if kind == "sqlite":
        for one in path.parent.glob(f"{path.name}*"):
            one.unlink()
    else:
        postgresql.server().run(f'DROP SCHEMA IF EXISTS "{_schema(path)}" CASCADE; CREATE SCHEMA "{_schema(path)}"')
