"""PostgreSQL's text has no NUL; a calendar's has no U+FFFF, which neither Unicode nor XML lets anybody send. So one stands for the
other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NUL, _NO_CHARACTER = "\0", "\uffff"


def without_nul(values: Mapping[str, Any]) -> dict[str, Any]:
    """As PostgreSQL can keep it."""
    return {
        name: value.replace(_NUL, _NO_CHARACTER) if isinstance(value, str) and _NUL in value else value for name, value in values.items()
    }


def with_nul(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """As it was before ``without_nul``."""
    if not any(isinstance(value, str) and _NO_CHARACTER in value for value in row):
        return row
    return tuple(value.replace(_NO_CHARACTER, _NUL) if isinstance(value, str) else value for value in row)
