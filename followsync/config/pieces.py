"""A file for each rep: ``reps.d/*.yaml`` beside the config. What stands in them counts as if it stood in the config.

They may hold reps, targets and busy sources, so that whoever looks after a rep needs to see nobody else's; the rules are the team's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from followsync.config.document import Node, read
from followsync.errors import ConfigError, Problem

FOLDER = "reps.d"
SECTIONS = ("reps", "targets", "busy")

Pairs = dict[str, tuple[Node, Node]]


def gathered(path: Path) -> tuple[Node, list[Problem]]:
    """The config's tree with all pieces in it, and what is wrong with how they were put together. Raises ConfigError where the config
    itself cannot be read."""
    root = read(path)
    files = sorted((path.absolute().parent / FOLDER).glob("*.yaml"))
    if root.pairs is None or not files:
        return root, []
    found: list[Problem] = []
    pairs: Pairs = dict(root.pairs)
    for file in files:
        try:
            piece = read(file, piece=True)
        except ConfigError as error:
            found.extend(error.problems)
        else:
            _take(piece, pairs, str(path), found)
    return replace(root, pairs=pairs), found


def _take(piece: Node, pairs: Pairs, where: str, found: list[Problem]) -> None:
    if piece.pairs is None:
        found.append(piece.problem(where, f"this file must have keys: {', '.join(SECTIONS)}; or take it out of {FOLDER}"))
    for section, place, value in piece.items():
        if section not in SECTIONS:
            sentence = f"'{section}' may not stand here but in the config itself; a file in {FOLDER} has {', '.join(SECTIONS)}"
            found.append(place.problem(where, sentence))
            continue
        if value.pairs is None:
            found.append(place.problem(where, f"'{section}' must have names below it, such as 'dana:'"))
            continue
        key, there = pairs.get(section, (place, Node(place.line, place.column, pairs={}, file=place.file)))
        if there.pairs is None:
            continue  # the config's own is wrong, and the models say so
        pairs[section] = key, replace(there, pairs=_joined(there.pairs, value, where, found))


def _joined(known: object, more: Node, where: str, found: list[Problem]) -> Pairs:
    assert isinstance(known, dict)
    joined: Pairs = dict(known)
    for name, place, value in more.items():
        if name in joined:
            first = joined[name][0]
            found.append(place.problem(where, f"'{name}' stands in {first.file or where}, line {first.line}, already"))
        else:
            joined[name] = place, value
    return joined
