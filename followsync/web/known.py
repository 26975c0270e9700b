"""What a reader says that it has already, and in which form it takes the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from starlette.requests import Request

_LONGEST_LIST = 4096  # characters of If-None-Match that are looked at


def is_known(request: Request, tag: str, modified: datetime | None = None, now: datetime | None = None) -> bool:
    """Whether the reader has exactly this (RFC 9110, 13.2.2): the ETag decides where one is named, else the date, where there is one.
    A date later than ``now`` was told by a clock that was ahead, and says nothing."""
    if (named := request.headers.get("if-none-match")) is not None:
        tags = [one.strip().removeprefix("W/") for one in named[:_LONGEST_LIST].split(",")]
        return "*" in tags or tag in tags
    if modified is None:
        return False
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
        since = since if since.tzinfo else since.replace(tzinfo=UTC)
        return since >= modified.replace(microsecond=0) and not (now and since > now)
    except (ValueError, TypeError, OverflowError):  # no date, or one of no year that there is
        return False


def takes_gzip(accepted: str) -> bool:
    """By what was named: gzip, else anything, with a weight above 0 (RFC 9110, 12.5.3)."""
    weights: dict[str, bool] = {}
    for part in accepted.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        weights[name] = not any(_is_zero(one) for one in parameters)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


def _is_zero(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and value.strip().strip("0") in ("", ".")
