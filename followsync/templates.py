"""Titles and bodies of the user's own, rendered in jinja2's sandbox. The text comes from the config, the values from outside.

What a template may do is a short list, so that it ends soon and stays small whatever the values are: names, a condition, one loop over a
list, a few filters. Nothing is called, nothing is kept, nothing multiplies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import SandboxedEnvironment

FILTERS = ("join", "upper", "lower", "title", "capitalize", "default", "d", "trim", "replace", "length", "first", "last")
_LONGEST = 4000  # characters of what a template may give, and of each value in it
_ROWS = 100  # of a list
_DEEPEST = 40  # nodes inside nodes
_LISTED = "listed rows"  # a filter that no template can name
_OPERATORS = {"Mul": "*", "Pow": "**", "Mod": "%"}
_REFUSED = {
    "Call": "calls",
    "Assign": "set",
    "AssignBlock": "set",
    "With": "with",
    "Macro": "macro",
    "CallBlock": "call",
    "FilterBlock": "filter",
    "Block": "block",
    "Extends": "extends",
    "Include": "include",
    "Import": "import",
    "FromImport": "import",
    **_OPERATORS,
}
_ALLOWED = frozenset(
    {
        "Template",
        "Output",
        "TemplateData",
        "Const",
        "Name",
        "Getattr",
        "Getitem",
        "Slice",
        "Tuple",
        "List",
        "Filter",
        "Test",
        "If",
        "For",
        "CondExpr",
        "Compare",
        "Operand",
        "And",
        "Or",
        "Not",
        "Neg",
        "Pos",
        "Concat",
        "Add",
        "Sub",
        "Div",
        "FloorDiv",
        "Keyword",
    }
)
_LOOP = frozenset({"index", "index0", "revindex", "first", "last", "length"})


class Unknown(ValueError):
    """A filter or test that is not there. ``known``: those that are."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"this template uses '{name}', which is not known")
        self.name = name
        self.known = tuple(known)


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import ChainableUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.filters import FILTERS as ALL
    from jinja2.runtime import LoopContext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        """The tree is checked before; these are the same doors, locked once more."""

        intercepted_binops = frozenset(_OPERATORS.values())

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            raise SecurityError(f"'{operator}' is not for templates")

        def call(self, *_: Any, **__: Any) -> Any:
            raise SecurityError("calls are not for templates")

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return isinstance(obj, LoopContext) and attr in _LOOP

    # A field that a prospect does not have is empty text: one missing date must not keep an action off the calendar.
    environment = Bounded(undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    filters: dict[str, Any] = {**ALL, "join": _join, "replace": _replace}
    environment.filters = {name: _clipping(filters[name]) for name in FILTERS}
    environment.filters[_LISTED] = _rows
    return environment


def _clipping(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes and gives short values only, so that a chain of filters never grows."""

    @wraps(function)  # carries jinja2's mark of what else it is given
    def clipped(*args: Any, **kwargs: Any) -> Any:
        return _short(function(*map(_short, args), **{name: _short(value) for name, value in kwargs.items()}))

    return clipped


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST]
    return _rows(value) if isinstance(value, (list, tuple)) else value


def _rows(value: object) -> list[Any]:
    """What a loop goes over: a list, not the letters of a text."""
    return [_short(row) for row in value[:_ROWS]] if isinstance(value, (list, tuple)) else []


def _join(rows: object, by: object = "") -> str:
    return str(by).join(str(row) for row in _rows(rows)) if isinstance(rows, (list, tuple)) else str(rows)


def _replace(text: object, old: object, new: object) -> str:
    fresh = str(new)
    return str(text).replace(str(old), fresh, _LONGEST // max(1, len(fresh)) + 1)  # more would be clipped again


def check(text: str) -> None:
    """Raises ValueError (``Unknown``), in words, where a template cannot be read or uses what is not for templates."""
    _compiled(text)


@lru_cache(maxsize=256)
def _compiled(text: str) -> Template:
    from jinja2 import TemplateSyntaxError

    environment = _environment()
    try:
        tree = environment.parse(text)
        _check(tree, environment)
        return environment.from_string(tree)
    except TemplateSyntaxError as error:
        raise ValueError(f"this template cannot be read: {error.message} (its line {error.lineno})") from None
    except (RecursionError, SyntaxError, MemoryError):  # Python's own limits for code that is nested
        raise ValueError("this template is nested too deeply") from None


def _check(tree: nodes.Template, environment: SandboxedEnvironment) -> None:
    from jinja2 import nodes

    waiting: list[tuple[nodes.Node, int, bool]] = [(tree, 0, False)]
    while waiting:
        node, depth, looping = waiting.pop()
        name = type(node).__name__
        if name not in _ALLOWED:
            raise ValueError(f"this template uses '{_REFUSED.get(name, name.lower())}', which is not for templates")
        if depth > _DEEPEST:
            raise ValueError("this template is nested too deeply")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise Unknown(node.name, FILTERS)
        if isinstance(node, nodes.Test) and node.name not in environment.tests:
            raise Unknown(node.name, environment.tests)
        loops = isinstance(node, nodes.For)
        if loops and looping:
            raise ValueError("this template has a loop inside a loop, which is not for templates")
        waiting.extend((child, depth + 1, looping or loops) for child in node.iter_child_nodes())
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, _LISTED, [], [], None, None, lineno=loop.lineno)


def render(text: str, values: Mapping[str, object]) -> str:
    """The rendered text, "" for an empty template or one that fails on these values (the built-in wording is used then)."""
    if not text:
        return ""
    from jinja2 import TemplateError

    pieces: list[str] = []
    size = 0
    try:
        for piece in _compiled(text).generate({name: _short(value) for name, value in values.items()}):
            pieces.append(piece[: _LONGEST - size])
            size += len(pieces[-1])
            if size >= _LONGEST:
                break
    except (TemplateError, ArithmeticError, TypeError, ValueError, RecursionError):
        return ""
    return "".join(pieces).strip()
