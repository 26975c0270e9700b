"""Where somebody is to be visited, as far as the postcode in their address tells: no map, no network."""

from __future__ import annotations

import re

from followsync.core.cadence import Method, Shows
from followsync.core.prospect import Prospect

_SENT = frozenset({"mail", "post", "send", "ship", "write"})  # what a method's verb begins with that needs an address and no way there
# In each country of these the part that stands for one district; of the last one in an address, since house numbers stand before it.
_BRITISH = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)\s?\d[A-Z]{2}\b")  # SW1A 1AA: the outward part
_CANADIAN = re.compile(r"\b([ABCEGHJ-NPRSTVXY]\d[A-Z])\s?\d[A-Z]\d\b")  # K1A 0B1: the sorting area
_DUTCH = re.compile(r"\b([1-9]\d{3})\s?[A-Z]{2}\b")  # 1012 AB
_NUMBERS = re.compile(r"(?<![\d-])(?:[A-Z]{1,2}-)?(\d{4,6}|\d{3} \d{2}|\d{2}-\d{3})(?:-\d{3,4})?(?![\d-])")  # 48084-1234, D-10115, 110 00


def area_of_visit(prospect: Prospect, method: Method) -> str:
    """Where that takes the rep; "" where it takes them nowhere, or nobody knows where to."""
    if method.shows is not Shows.ADDRESS or method.lead or method.verb.partition(" ")[0].lower() in _SENT:
        return ""
    return area_of(prospect.address) if prospect.address else ""


def area_of(address: str) -> str:
    """``48084`` of ``12345 Main St, Troy, MI 48084-1234``; "" where no postcode is to be seen. The number that an address begins with is
    that of the house."""
    said = " ".join(address.upper().split())
    for pattern in (_BRITISH, _CANADIAN, _DUTCH, _NUMBERS):
        if found := [one[1] for one in pattern.finditer(said) if one.start(1) > 0]:
            return str(found[-1].replace(" ", ""))
    return ""
