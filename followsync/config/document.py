"""A YAML file as a tree of values that know their place.

Scalars follow YAML 1.2: only ``true``, ``false``, whole numbers and nothing (``null``, ``~``) are more than text, so ``14:30``,
``no`` and ``2026-07-03`` stay as they were written. Duplicate keys, tags and merge keys are errors; aliases may repeat a value,
but not unfold into a flood (the "billion laughs").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from followsync.errors import ConfigError, Problem

MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 40
_MAX_VALUES = 500_000
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")  # a leading zero is no number: 08001 is somebody's postcode
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")

Scalar = str | int | bool | None
Label = str | int


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the file. ``line`` and ``column`` count from 1; ``file``: which, where it is not the config itself (see ``pieces``).

    Exactly one of ``pairs`` (a mapping: key -> (the key's own place, its value)) and ``elements`` (a list) is set; both are None on
    a scalar. Asking a node for what it does not have answers with an empty node, so that checks need not look at shapes first.
    """

    line: int
    column: int
    scalar: Scalar = None
    pairs: Mapping[str, tuple[Node, Node]] | None = None
    elements: tuple[Node, ...] | None = None
    file: str = ""

    def problem(self, where: str, sentence: str) -> Problem:
        """At this place; ``where``: the config."""
        return Problem(self.file or where, self.line, self.column, sentence)

    def __getitem__(self, key: str) -> Node:
        return self.pairs[key][1] if self.pairs and key in self.pairs else _NOTHING

    def __contains__(self, key: str) -> bool:
        return key in (self.pairs or {})

    def key(self, key: str) -> Node:
        """The place of the key itself, or this node where there is no such key."""
        return self.pairs[key][0] if self.pairs and key in self.pairs else self

    def items(self) -> Iterator[tuple[str, Node, Node]]:
        """(key, the key's place, value) of a mapping; nothing of anything else."""
        for key, (place, value) in (self.pairs or {}).items():
            yield key, place, value

    def parts(self) -> tuple[Node, ...]:
        return self.elements or ()

    def texts(self) -> Iterator[tuple[str, Node]]:
        """The elements of a list that are text."""
        for part in self.parts():
            if isinstance(part.scalar, str):
                yield part.scalar, part

    @property
    def text(self) -> str | None:
        return self.scalar if isinstance(self.scalar, str) else None

    @property
    def empty(self) -> bool:
        return self.scalar is None and self.pairs is None and self.elements is None

    def plain(self) -> object:
        """The value as dicts, lists and scalars."""
        if self.pairs is not None:
            return {key: value.plain() for key, (_, value) in self.pairs.items()}
        if self.elements is not None:
            return [part.plain() for part in self.elements]
        return self.scalar

    def find(self, labels: tuple[Label, ...]) -> Node:
        """The place that a path of keys and indices leads to: of the value, or of the key where the path ends in ``[key]``.

        Labels that lead nowhere are passed over: pydantic puts the names of union members into its paths.
        """
        node, key = self, self
        for label in labels:
            if label == "[key]":
                return key
            if node.pairs is not None and label in node.pairs:
                key, node = node.pairs[str(label)]
            elif node.elements is not None and isinstance(label, int) and label < len(node.elements):
                node = key = node.elements[label]
        return node


_NOTHING = Node(0, 0)


def read(path: Path, *, piece: bool = False) -> Node:
    """The file's tree; as a ``piece``, each value says which file it is of. Raises ConfigError, whatever the file is or holds."""
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        sentence = f"the byte 0x{raw[error.start]:02x} is not UTF-8 text; save the file as UTF-8"
        raise ConfigError(Problem(str(path), *_place(before), sentence)) from None
    return parse(text, str(path), file=str(path) if piece else "")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        sentence = "there is no such file; 'followsync init' writes one, '--config FILE' names another"
    except IsADirectoryError:
        sentence = "this is a folder; name the YAML file in it"
    except PermissionError:
        sentence = (
            "the file may not be read by this user; type it with sudo, or as the service's user, or change the file's owner or its mode"
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        sentence = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
    else:
        if len(raw) <= MAX_BYTES:
            return raw
        sentence = f"the file is larger than {MAX_BYTES // 1024 // 1024} MB; that is no configuration"
    raise ConfigError(Problem(str(path), 0, 0, sentence))


def _place(before: str) -> tuple[int, int]:
    """Line and column of what stands after ``before``."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def parse(text: str, where: str, *, file: str = "") -> Node:
    """The tree of a YAML text; ``where`` names it in the problems, ``file`` in the nodes. Raises ConfigError."""
    seen = text.replace("\r\n", " \n")  # as long as before, and a lone CR still stands out
    if odd := _CONTROL.search(seen):
        sentence = f"the character U+{ord(odd.group()):04X} cannot be seen and may not stand here; delete it"
        raise ConfigError(Problem(where, *_place(seen[: odd.start()]), sentence))
    try:
        composer = _Composer(text, where, file)
        root = composer.compose()
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax(error, where)) from None
    except yaml.YAMLError:
        raise ConfigError(Problem(where, 0, 0, "this is not YAML text")) from None
    if composer.problems:
        raise ConfigError(*sorted(composer.problems))
    return root


def _syntax(error: yaml.MarkedYAMLError, where: str) -> Problem:
    """libyaml's complaint as a sentence. The text itself is never quoted: a secret may stand in it."""
    context, problem = str(error.context or ""), str(error.problem or "this cannot be read as YAML")
    mark, sentence = error.problem_mark or error.context_mark, ""
    if "quoted scalar" in context and "end of stream" in problem:
        mark, sentence = error.context_mark, "this quote is never closed"
    elif "flow sequence" in context:
        mark, sentence = error.context_mark, "this list is not closed: ']' is missing, or a ',' between two values"
    elif "flow mapping" in context or "flow node" in context:
        mark, sentence = error.context_mark, "this { or [ is not closed, or a ',' is missing in it"
    elif "cannot start any token" in problem:
        sentence = "a value or key cannot begin with this character (a tab, @, ` or %): indent with spaces, put texts into quotes"
    elif "mapping values are not allowed" in problem:
        sentence = "a ':' is not expected here: is the line indented wrongly, or does a text with ': ' in it need quotes?"
    elif "expected key" in problem or "could not find expected ':'" in problem:
        sentence = "a 'key: value' line is expected here: is a ':' missing, or the line indented wrongly?"
    elif "block" in context:
        sentence = "this line does not fit the lines above it: is it indented wrongly?"
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Problem(where, line, column, sentence or f"this is not YAML: {problem}")


class _Composer:
    """Builds the tree from the parser's events, which, unlike its ready-made nodes, can be stopped at a depth."""

    def __init__(self, text: str, where: str, file: str) -> None:
        self.where, self.file = where, file
        self.loader = yaml.CSafeLoader(text)
        self.problems: list[Problem] = []
        self.anchors: dict[str, tuple[Node, int]] = {}  # anchor -> what it names, and how many values that holds
        self.values = 0

    def compose(self) -> Node:
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Node(1, 1, file=self.file)
        root = self._node(self._next(), 0)
        self._next()  # the document's end
        if not isinstance(more := self._next(), yaml.StreamEndEvent):
            self._wrong(more, "a second document begins here; a config is one document, without '---' in it")
        return root

    def _next(self) -> yaml.Event:
        event = self.loader.get_event()
        assert event is not None  # the stream's end is asked for only once
        return event

    def _wrong(self, event: yaml.Event, sentence: str) -> None:
        self.problems.append(Problem(self.where, *_start(event), sentence))

    def _stop(self, event: yaml.Event, sentence: str) -> ConfigError:
        self._wrong(event, sentence)
        return ConfigError(*sorted(self.problems))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise self._stop(event, f"this is nested more than {_MAX_DEPTH} deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before, self.values = self.values, self.values + 1
        if self.values > _MAX_VALUES:
            raise self._stop(event, f"the file holds more than {_MAX_VALUES:,} values; that is no configuration")
        if (tag := getattr(event, "tag", None)) and tag != "!":
            self._wrong(event, "a value may not begin with '!': tags are not used here; put a text that begins so into quotes")
        node = self._value(event, depth)
        if anchor := getattr(event, "anchor", None):
            self.anchors[anchor] = (node, self.values - before)
        return node

    def _value(self, event: yaml.Event, depth: int) -> Node:
        place = _start(event)
        if isinstance(event, yaml.SequenceStartEvent):
            elements: list[Node] = []
            while not isinstance(element := self._next(), yaml.SequenceEndEvent):
                elements.append(self._node(element, depth + 1))
            return Node(*place, elements=tuple(elements), file=self.file)
        if isinstance(event, yaml.MappingStartEvent):
            pairs: dict[str, tuple[Node, Node]] = {}
            while not isinstance(key := self._next(), yaml.MappingEndEvent):
                key_node = self._node(key, depth + 1)
                self._pair(pairs, key, key_node, self._node(self._next(), depth + 1))
            return Node(*place, pairs=pairs, file=self.file)
        assert isinstance(event, yaml.ScalarEvent)
        if _CONTROL.search(event.value):
            self._wrong(event, "this text has a control character in it (an escape such as \\0); leave it out")
        return Node(*place, _scalar(event), file=self.file)

    def _pair(self, pairs: dict[str, tuple[Node, Node]], event: yaml.Event, place: Node, value: Node) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self._wrong(event, "a key must be one word or text, not a list, a mapping or an alias")
        elif event.value == "<<":
            self._wrong(event, "'<<' (merge keys) is not understood; write the keys out")
        elif event.value in pairs:
            self._wrong(event, f"duplicate key '{event.value}': it already stands in line {pairs[event.value][0].line}")
        else:
            pairs[event.value] = (place, value)

    def _alias(self, event: yaml.AliasEvent) -> Node:
        # A value counts as named from its end on, so an alias inside of what it names is unknown, and no tree is endless.
        node, size = self.anchors.get(event.anchor or "", (None, 0))
        if node is None:
            raise self._stop(event, "this alias names nothing that stands before it; put a text that begins with '*' into quotes")
        self.values += size
        if self.values > _MAX_VALUES:
            raise self._stop(event, f"the file's aliases unfold to more than {_MAX_VALUES:,} values; write less of them")
        return node


def _start(event: yaml.Event) -> tuple[int, int]:
    return (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (0, 0)


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    if event.style:
        return str(event.value)
    match event.value:
        case "" | "~" | "null" | "Null" | "NULL":
            return None
        case "true" | "True" | "TRUE":
            return True
        case "false" | "False" | "FALSE":
            return False
        case text if _WHOLE.fullmatch(text):
            return int(text)
        case text:
            return str(text)
