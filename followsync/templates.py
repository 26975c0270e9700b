"""Titles and bodies of the user's own, rendered in jinja2's sandbox. The text comes from the config, the values from outside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.runtime import Context
    from jinja2.sandbox import SandboxedEnvironment

_LONGEST = 4000  # characters of what a template may give


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import ChainableUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        """The sandbox bounds what can be reached, not how long it takes: powers and repeated text are refused."""

        intercepted_binops = frozenset({"**", "*"})

        def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
            raise SecurityError(f"'{operator}' is not for templates")

    # A field that a prospect does not have is empty text: one missing date must not keep an action off the calendar.
    return Bounded(undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=256)
def _compiled(text: str) -> Template:
    return _environment().from_string(text)


def render(text: str, values: Mapping[str, object]) -> str:
    """The rendered text, "" for an empty template or one that fails on these values (the built-in wording is used then)."""
    if not text:
        return ""
    from jinja2 import TemplateError

    try:
        return _compiled(text).render(values)[:_LONGEST].strip()
    except (TemplateError, ArithmeticError, TypeError, ValueError, RecursionError):
        return ""
