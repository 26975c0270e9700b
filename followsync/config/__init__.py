"""The config: one YAML file, and one for each rep where there are many, read strictly into frozen settings. Everything that is wrong with
it is told at once, each at its place.

``load(path)`` reads and checks; ``notes(path)`` says what of it has no effect; ``json_schema()`` is what editors complete from.
The steps:
1. ``document``: bytes -> a tree of values that know their line and column; ``pieces``: those of several files, in one;
2. ``settings``: the keys, their kinds and defaults (with ``words`` and ``times`` for the small ones, ``secret`` for passwords);
3. ``checks``: what only the whole file can tell;
4. ``sentences``: the models' complaints in plain English.
"""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from followsync.config import checks, pieces, sentences, unmet, unread
from followsync.config.document import Node
from followsync.config.secret import Secret
from followsync.config.settings import DAY_PARTS, METHODS, REASONS, Feed, Settings
from followsync.errors import ConfigError, Problem, UsageError

__all__ = ["DAY_PARTS", "Secret", "Settings", "json_schema", "listening", "load", "notes"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def load(path: Path) -> Settings:
    """The settings in the file ``path``. Relative paths in it are counted from its folder.

    Raises ConfigError with all problems, sorted by place, whatever the file is.
    """
    root, found = pieces.gathered(path)
    if root.pairs is None:
        raise ConfigError(Problem(str(path), root.line, root.column, _shapeless(root)))
    found.extend(checks.problems(root, str(path)))
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(_whole(root), context={"folder": path.absolute().parent})
    except ValidationError as error:
        found.extend(sentences.problems(error, root, _schema(), str(path)))
    if found or settings is None:
        raise ConfigError(*sorted(set(found))) from None
    settings._path = path.absolute()
    return settings


def listening(settings: Settings, address: str) -> Settings:
    """The same, with the web server at ``address`` ("HOST:PORT"), or without one where that is "". Raises UsageError."""
    try:
        feed = Feed.model_validate({"listen": address} if address else {})
    except ValidationError as error:
        raise UsageError(f"--listen: {error.errors()[0]['msg'].removeprefix('Value error, ')}.") from None
    return settings.model_copy(update={"feed": settings.feed.model_copy(update={"listen": feed.listen})})


def notes(path: Path) -> tuple[Problem, ...]:
    """What the file says and what nobody acts on: this version, or any day; sorted by place. Raises ConfigError where it is wrong."""
    root, settings = pieces.gathered(path)[0], load(path)
    return tuple(sorted((*unread.notes(root, str(path)), *unmet.notes(root, settings, str(path)))))


def _shapeless(root: Node) -> str:
    if root.empty:
        return "the file is empty; it needs at least 'reps:' with one rep and their 'timezone'"
    return "the file must have keys, one 'key: value' a line, such as 'reps:'; this is something else"


def _whole(root: Node) -> object:
    """The file's values, laid over the built-in methods and reasons key by key; a rep without a name is called by the key."""
    data: Any = root.plain()
    for section, built_in in (("methods", METHODS), ("reasons", REASONS)):
        own = data.get(section, {})
        if isinstance(own, dict):
            base = {name: keys | own[name] if isinstance(own.get(name), dict) else own.get(name, keys) for name, keys in built_in.items()}
            data[section] = base | {name: keys for name, keys in own.items() if name not in base}
    for section, key, default in (("reps", "name", str.capitalize), ("reasons", "of", str)):
        own = data.get(section)
        for name, values in own.items() if isinstance(own, dict) else ():
            if isinstance(values, dict):
                values.setdefault(key, default(name))
    return data


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the file."""
    return copy.deepcopy(_schema())


@functools.cache
def _schema() -> dict[str, Any]:
    schema = Settings.model_json_schema(by_alias=True)
    _tidy(schema)
    return {"$schema": _DIALECT, **schema, "title": "FollowSync"}


def _tidy(node: Any) -> None:
    """Drops what is noise to an editor: generated titles and the null that means "left out" (a key without a value is an error)."""
    if isinstance(node, list):
        for part in node:
            _tidy(part)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("title"), str):
        del node["title"]
    if node.get("default", 0) is None:
        del node["default"]
    if {"type": "null"} in node.get("anyOf", ()):
        rest = [part for part in node.pop("anyOf") if part != {"type": "null"}]
        node.update(rest[0] if len(rest) == 1 else {"anyOf": rest})
    for part in node.values():
        _tidy(part)
