"""The ``fields`` parameter: ``items(id,start/dateTime),nextPageToken``."""

from __future__ import annotations

import re
from typing import Any

from tests.google.replies import Refusal

Mask = dict[str, "Mask"]
_TOKEN = re.compile(r"[A-Za-z0-9_*-]+|[,/()]")


def mask_of(text: str) -> Mask:
    """{} below a name means everything there. Raises Refusal."""
    tokens = _TOKEN.findall(text)
    wrong = Refusal(400, "invalidParameter", f"Invalid field selection {text}", location="fields")
    if "".join(tokens) != text.replace(" ", ""):
        raise wrong
    try:
        found = _names(tokens)
    except IndexError:
        raise wrong from None
    if tokens:
        raise wrong
    return found


def masked(resource: Any, mask: Mask) -> Any:
    if not mask or "*" in mask:
        return resource
    if isinstance(resource, list):
        return [masked(one, mask) for one in resource]
    if not isinstance(resource, dict):
        return resource
    return {name: masked(resource[name], below) for name, below in mask.items() if name in resource}


def _names(tokens: list[str]) -> Mask:
    """Takes what it reads off the tokens."""
    found = _name(tokens)
    while tokens[:1] == [","]:
        tokens.pop(0)
        for name, below in _name(tokens).items():
            found[name] = {**found.get(name, {}), **below}
    return found


def _name(tokens: list[str]) -> Mask:
    name = tokens.pop(0)
    if name in ",/()":
        raise IndexError
    below: Mask = {}
    if tokens[:1] == ["/"]:
        tokens.pop(0)
        below = _name(tokens)
    elif tokens[:1] == ["("]:
        tokens.pop(0)
        below = _names(tokens)
        if tokens.pop(0) != ")":
            raise IndexError
    return {name: below}
