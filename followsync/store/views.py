"""The store as one of its readers may see it: a schema with a view in place of each table, and a role of PostgreSQL that sees no more.

The views are called as the tables are, so every command that only reads works on them. The database is what keeps people apart; a program
could not, on a store that they can open themselves.
See docs/decisions/0062-who-may-read-what.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Table

from followsync.store.tables import VERSION_TABLE, bucket, change, change_part, metadata, page_form

_BLACKED = "…"  # in place of words, where it counts that there were some
_ENTRY_WORDS = ("text", "note", "about")  # what the rep typed (followsync.core.history)
_ITEMS = ("ours", "agreed", "intended")
_NOBODYS = {bucket, change, change_part, page_form}
_OF_REP = {  # whose a row is, where no column ``rep`` tells
    "entry": "prospect_id IN (SELECT id FROM {schema}.prospect WHERE rep = {rep})",
    "meta": "key = 'changes' OR key LIKE {busy}",
}
_VALUES = {"secret": "''", "salt": "''"}  # of secret addresses, whoever looks


@dataclass(frozen=True, slots=True)
class Reader:
    """``role``: the user of PostgreSQL; its own schema is called like it, for that is where
    PostgreSQL looks first ("$user"). ``rep``: whose rows it sees, all of them; "" for a lead, who sees
    everybody's, without what reps wrote down for themselves."""

    role: str
    rep: str = ""


def statements(schema: str, reader: Reader) -> str:
    """SQL for whoever owns the store in ``schema``: the views, made anew, and the right to read them and nothing else. The role must be
    there already."""
    store, own, role = _name(schema), _name(reader.role), _name(reader.role)
    lines = [
        "BEGIN;",
        _guard(reader.role),
        f"DROP SCHEMA IF EXISTS {own} CASCADE;",
        f"CREATE SCHEMA {own};",
        *(_view(table, store, own, reader) for table in metadata.sorted_tables),
        f"CREATE VIEW {own}.{VERSION_TABLE} AS SELECT version_num FROM {store}.{VERSION_TABLE};",  # noqa: S608 - names are quoted
        f"REVOKE ALL ON SCHEMA {store} FROM {role};",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {store} FROM {role};",
        f"GRANT USAGE ON SCHEMA {own} TO {role};",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {own} TO {role};",
        "COMMIT;",
    ]
    return "\n".join(lines) + "\n"


def _guard(role: str) -> str:
    """A schema of that name goes only where nothing but views is in it: another store or program may be at home there. An error ends the
    transaction, so nothing that follows is done, whatever psql makes of errors."""
    says = _text(f"The schema {role} has more in it than views, so it is not FollowSync's to make anew. Name another user.")
    body = (
        "BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE n.nspname = {_text(role)} AND c.relkind <> 'v') THEN RAISE EXCEPTION USING MESSAGE = {says}; END IF; END"
    )
    return f"DO {_text(body)};"


def _view(table: Table, store: str, own: str, reader: Reader) -> str:
    """``security_barrier``: no question that is put to the view is answered on a row that it leaves out."""
    kept = {} if reader.rep else _without_notes().get(table.name, {})
    columns = ", ".join(_column(column.name, {**_VALUES, **kept}) for column in table.columns)
    where = _where(table, store, reader)
    return f"CREATE VIEW {own}.{table.name} WITH (security_barrier) AS SELECT {columns} FROM {store}.{table.name}{where};"  # noqa: S608 - as above


def _column(name: str, instead: Mapping[str, str]) -> str:
    return f"({instead[name]})::text AS {name}" if name in instead else name


def _where(table: Table, store: str, reader: Reader) -> str:
    if table in _NOBODYS:
        return " WHERE false"
    if not reader.rep:
        return ""
    told = _OF_REP.get(table.name, "rep = {rep}")
    busy = reader.rep.replace("\\", r"\\").replace("_", r"\_").replace("%", r"\%")
    return f" WHERE {told.format(schema=store, rep=_text(reader.rep), busy=_text(f'busy {busy} %'))}"


def _without_notes() -> dict[str, dict[str, str]]:
    """Table -> column -> what a lead sees there. PostgreSQL reads no NUL in JSON, which a calendar may have sent."""
    data = r"replace(data, '\u0000', '\ufffd')::jsonb"
    entry = data
    for word in _ENTRY_WORDS:
        entry = f"{entry} || CASE WHEN {data} ->> '{word}' <> '' THEN '{{\"{word}\": \"{_BLACKED}\"}}'::jsonb ELSE '{{}}'::jsonb END"
    for word in ("recap", "changes"):
        entry = f"{entry} || CASE WHEN {data} ? '{word}' THEN '{{\"{word}\": {{}}}}'::jsonb ELSE '{{}}'::jsonb END"
    written = data
    for item in _ITEMS:
        # a promise's title is what 'check' compares; of others it may be what the rep typed, as a question quotes it
        title = f"CASE WHEN {data} -> '{item}' ->> 'kind' = 'promise' THEN '{{}}' ELSE '{{\"title\": \"{_BLACKED}\", \"named\": \"\"}}' END"
        bare = f"jsonb_build_object('{item}', ({data} -> '{item}') || '{{\"body\": \"\"}}'::jsonb || ({title})::jsonb)"
        written = f"{written} || CASE WHEN jsonb_typeof({data} -> '{item}') = 'object' THEN {bare} ELSE '{{}}'::jsonb END"
    value = r"replace(value, '\u0000', '\ufffd')::jsonb"
    return {
        "entry": {"data": entry},
        "prospect": {"data": f'{data} || \'{{"notes": ""}}\'::jsonb'},
        "written": {"data": written, "raw": "''"},
        "feed": {"text": "''"},
        "meta": {"value": f"CASE WHEN key LIKE 'busy %' THEN ({value} || '{{\"times\": []}}'::jsonb)::text ELSE value END"},
    }


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
