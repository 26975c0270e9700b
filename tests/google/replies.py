"""What Google answers: JSON, errors in its form, and times as it writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Resource = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?")
_JSON = {"Content-Type": "application/json; charset=UTF-8"}
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 412: "FAILED_PRECONDITION"}


@dataclass(slots=True)
class Reply:
    """An answer before it is written out. ``body`` None: nothing is said (204, 304)."""

    body: Resource | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def written(self) -> Answer:
        if self.body is None:
            return self.status, {**self.headers, "Content-Length": "0"}, b""
        text = json.dumps(self.body, indent=1, ensure_ascii=False).encode()
        etag = {"ETag": self.body["etag"]} if isinstance(self.body.get("etag"), str) else {}
        return self.status, {**_JSON, **etag, **self.headers}, text


class Refusal(Exception):
    """An error, with Google's reason. ``location``: the parameter or the header that is wrong."""

    def __init__(self, status: int, reason: str, message: str, *, domain: str = "global", location: str = "", **headers: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status, self.reason, self.message, self.domain, self.location = status, reason, message, domain, location
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def reply(self) -> Reply:
        """https://developers.google.com/workspace/calendar/api/guides/errors"""
        one = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location:
            kind = "header" if self.location in ("Authorization", "If-Match", "If-None-Match") else "parameter"
            one |= {"locationType": kind, "location": self.location}
        error: Resource = {"errors": [one], "code": self.status, "message": self.message}
        if self.reason in ("authError", "insufficientPermissions"):
            error["status"] = _STATUS[self.status]
        return Reply({"error": error}, self.status, self.headers)


def invalid(message: str, location: str = "") -> Refusal:
    return Refusal(400, "invalid", message, location=location)


def not_found(message: str = "Not Found") -> Refusal:
    return Refusal(404, "notFound", message)


def precondition_failed() -> Refusal:
    return Refusal(412, "conditionNotMet", "Precondition Failed", location="If-Match")


def fits(etag: str, headers: Mapping[str, str]) -> None:
    """Refuse where If-Match names another version (RFC 9110, 13.1.1: strong comparison)."""
    wanted = headers.get("if-match")
    if wanted and wanted.strip() != "*" and etag not in (one.strip() for one in wanted.split(",")):
        raise precondition_failed()


def unchanged(etag: str, headers: Mapping[str, str]) -> bool:
    """Whether If-None-Match names this version; a 304 follows."""
    known = headers.get("if-none-match", "")
    return known.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in known.split(","))


def entity(resource: Resource, headers: Mapping[str, str]) -> Reply:
    """One resource, or 304 where the caller has it."""
    if unchanged(resource["etag"], headers):
        return Reply(None, 304, {"ETag": resource["etag"]})
    return Reply(resource)


def body_of(raw: bytes) -> Resource:
    try:
        found = json.loads(raw or b"{}")
    except ValueError as error:
        raise Refusal(400, "parseError", "Parse Error") from error
    if not isinstance(found, dict):
        raise Refusal(400, "parseError", "Parse Error")
    return found


# ---------------------------------------------------------------------------------------------------------------- times


def moment(text: Any, location: str, zone: str = "") -> datetime:
    """RFC 3339, to the second; the offset may be missing where a zone is named. Raises Refusal."""
    match = _STAMP.fullmatch(text) if isinstance(text, str) else None
    if match is None or not (match["offset"] or zone):
        raise invalid("Bad Request" if match is None else f"Missing time zone definition for {location} time.", location)
    try:
        found = datetime.fromisoformat(text.upper()).replace(microsecond=0)
    except ValueError as error:
        raise invalid("Bad Request", location) from error
    return found.astimezone(UTC) if match["offset"] else found.replace(tzinfo=zone_of(zone)).astimezone(UTC)


def day(text: Any, location: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    except (TypeError, ValueError):
        pass
    raise invalid(f"Invalid {location} time.", location)


def zone_of(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise invalid("Invalid time zone definition.", "timeZone") from error


def in_zone(instant: datetime, zone: ZoneInfo) -> str:
    """``2026-01-05T10:00:00-05:00``, and Z where it is UTC."""
    return instant.astimezone(zone).isoformat().replace("+00:00", "Z")


def stamp(instant: datetime) -> str:
    """``2026-01-05T15:00:00.120Z``"""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"
