"""Turns what pydantic says into sentences for the person who wrote the file, each at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from followsync.config.document import Label, Node
from followsync.config.words import near, shown
from followsync.errors import Problem

Schema = dict[str, Any]


def problems(error: ValidationError, root: Node, schema: Schema, where: str) -> Iterator[Problem]:
    """``schema``: the JSON Schema of the whole file, which knows the keys and what they are for."""
    for detail in error.errors(include_url=False):
        loc: tuple[Label, ...] = detail["loc"]
        if detail["input"] is None and detail["type"] not in ("missing", "extra_forbidden"):
            continue  # an empty value: said once, for all kinds, by the checks
        if detail["type"] == "too_short" and detail["input"]:
            continue  # pydantic counts only what is right in it, and has told of the rest
        place = _place(detail, loc, root)
        yield place.problem(where, _sentence(detail, loc, schema))


def _place(detail: ErrorDetails, loc: tuple[Label, ...], root: Node) -> Node:
    match detail["type"]:
        case "extra_forbidden":
            return root.find((*loc, "[key]"))
        case "missing":  # the key that holds the mapping in which it is missing; a list item has none
            return root.find((*_reachable(root, loc[:-1]), "[key]"))
        case "union_tag_invalid":
            return root.find((*loc, "type"))
        case "union_tag_not_found":
            return root.find((*loc, "[key]"))
        case _:
            return root.find(loc)


def _reachable(root: Node, loc: tuple[Label, ...]) -> tuple[Label, ...]:
    """``loc`` without the labels that are no keys of the file (names of union members)."""
    kept: tuple[Label, ...] = ()
    for label in loc:
        node = root.find(kept)
        if (node.pairs is not None and label in node.pairs) or (node.elements is not None and isinstance(label, int)):
            kept = (*kept, label)
    return kept


def _sentence(detail: ErrorDetails, loc: tuple[Label, ...], schema: Schema) -> str:
    context, value, name = detail.get("ctx", {}), detail["input"], _name(loc)
    match detail["type"]:
        case "extra_forbidden":
            known = _keys(schema, loc[:-1])
            return f"unknown key '{loc[-1]}'{near(str(loc[-1]), known) or _listed(known)}"
        case "missing":
            return f"'{loc[-1]}' is missing: {_description(schema, loc)}"
        case "value_error":
            return str(context["error"])
        case "union_tag_invalid" | "union_tag_not_found":
            kinds = [kind.strip(" '") for kind in str(context.get("expected_tags", "'caldav', 'google', 'ics'")).split(",")]
            if detail["type"] == "union_tag_not_found":
                return f"'type' is missing: write one of {', '.join(kinds)}"
            return f"{shown(context['tag'])} is no type; write one of {', '.join(kinds)}{near(str(context['tag']), kinds)}"
        case "literal_error" | "enum":
            allowed = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ", ").split(",") if word.strip(" '")]
            return f"{shown(value)} is not known here; {name} takes one of {', '.join(allowed)}{near(str(value), allowed)}"
        case "string_type" if isinstance(value, (int, bool)):
            return f"{name} must be text, and {shown(value)} is not; put it into quotes: '{shown(value)}'"
        case "string_type":
            return f"{name} must be text, not {shown(value)}"
        case "int_type":
            return f"{name} must be a whole number{_quoted(value)}"
        case "greater_than_equal":
            return f"{name} must be at least {context['ge']}, not {shown(value)}"
        case "less_than_equal":
            return f"{name} may be at most {context['le']}, not {shown(value)}"
        case "too_short":
            return f"{name} is empty; write at least one: {_description(schema, loc)}"
        case "tuple_type" | "list_type":
            return f"{name} must be a list, such as [one, two]{_quoted(value)}"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"{name} must have keys of its own, one 'key: value' a line{_quoted(value)}"
        case _:
            return f"{name}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _name(loc: tuple[Label, ...]) -> str:
    """What the sentence calls the value: its key, or the place in the list that holds it."""
    words = [label for label in loc if label != "[key]"]
    if words and isinstance(words[-1], int):
        return f"item {words[-1] + 1} of '{words[-2]}'" if len(words) > 1 else "this item"
    return f"'{words[-1]}'" if words else "the config"


def _quoted(value: object) -> str:
    """``, not 'abc'``; a text may be a password in the wrong place, so only what cannot be one is shown."""
    return ", not text" if isinstance(value, str) else f", not {shown(value)}"


def _listed(known: list[str]) -> str:
    return f"; known here are: {', '.join(known)}" if known else ""


def _description(schema: Schema, loc: tuple[Label, ...]) -> str:
    found = [node["description"] for node in _nodes(schema, loc) if "description" in node]
    return str(found[0]) if found else "it is needed here"


def _keys(schema: Schema, loc: tuple[Label, ...]) -> list[str]:
    return list(dict.fromkeys(key for node in _spread(schema, _nodes(schema, loc)) for key in node.get("properties", {})))


def _nodes(schema: Schema, loc: tuple[Label, ...]) -> list[Schema]:
    """The schema's nodes that a path leads to; more than one where there are alternatives."""
    nodes = [schema]
    for label in loc:
        nodes = [child for node in _spread(schema, nodes) for child in _step(schema, node, label)]
    return nodes


def _spread(schema: Schema, nodes: list[Schema]) -> list[Schema]:
    """The nodes behind references and alternatives, and themselves."""
    spread: list[Schema] = []
    for node in nodes:
        spread.append(node)
        if "$ref" in node:
            spread.extend(_spread(schema, [schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]]))
        if "discriminator" not in node:
            spread.extend(_spread(schema, [*node.get("anyOf", []), *node.get("oneOf", [])]))
    return spread


def _step(schema: Schema, node: Schema, label: Label) -> list[Schema]:
    if isinstance(label, int):
        return [node["items"]] if "items" in node else []
    if (kinds := node.get("discriminator", {}).get("mapping", {})) and label in kinds:
        return [{"$ref": kinds[label]}]
    if "oneOf" in node and "discriminator" not in node:
        return [node]  # the label is the name of an alternative; the value's keys are those of any of them
    if label in node.get("properties", {}):
        return [node["properties"][label]]
    if isinstance(more := node.get("additionalProperties"), dict):
        return [more]
    return list(node.get("patternProperties", {}).values())
