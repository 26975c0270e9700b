"""What goes wrong at Google, switched on by the test. Values only, so that a server with faults can be pickled."""

from __future__ import annotations

from dataclasses import dataclass

from tests.dav.server import Broken
from tests.google.replies import Answer, Refusal

_LIMITS = {
    "rateLimitExceeded": (403, "usageLimits", "Rate Limit Exceeded"),
    "userRateLimitExceeded": (403, "usageLimits", "User Rate Limit Exceeded"),
    "quotaExceeded": (403, "usageLimits", "Calendar usage limits exceeded."),
    "dailyLimitExceeded": (403, "usageLimits", "Daily Limit Exceeded"),
    "429": (429, "usageLimits", "Rate Limit Exceeded"),
    "401": (401, "global", "Invalid Credentials"),
    "403": (403, "global", "Forbidden"),
    "404": (404, "global", "Not Found"),
    "412": (412, "global", "Precondition Failed"),
    "500": (500, "global", "Backend Error"),
    "502": (502, "global", "Bad Gateway"),
    "503": (503, "global", "Service Unavailable"),
}
_REASONS = {"429": "rateLimitExceeded", "401": "authError", "403": "forbidden", "404": "notFound", "412": "conditionNotMet"}
_PAGE = b"<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n<p><b>502.</b> <ins>That's an error.</ins>\n"


class Slow(Exception):
    """The answer does not come before anybody's patience ends."""


@dataclass(slots=True)
class Fault:
    """``what``: lost, slow, html, truncated, a name of Google's (rateLimitExceeded …) or a status (503). It comes with the ``at``-th
    request from now that fits, for so many ``times``. ``applied``: what was asked for is done all the same. ``only``: a method's name or
    its beginning (calendar.events., batch, token); "" fits all. A call inside a batch is a request, too. ``retry_after``: in seconds."""

    what: str
    at: int = 1
    times: int = 1
    applied: bool = False
    only: str = ""
    retry_after: int | None = None

    def hits(self, method: str) -> bool:
        """Whether this is the request; counts down."""
        if self.times <= 0 or not method.startswith(self.only):
            return False
        self.at -= 1
        if self.at > 0:
            return False
        self.times -= 1
        return True

    def answer(self, real: Answer | None) -> Answer:
        """Instead of the real answer, or before there is one. Raises Broken, Slow."""
        match self.what:
            case "lost":
                raise Broken
            case "slow":
                raise Slow
            case "html":
                return 502, {"Content-Type": "text/html; charset=UTF-8"}, _PAGE
            case "truncated":
                status, headers, body = real or (200, {"Content-Type": "application/json; charset=UTF-8"}, b'{"kind": "calend')
                return status, headers, body[: len(body) // 2]
            case _:
                status, domain, message = _LIMITS[self.what]
                more = {} if self.retry_after is None else {"Retry_After": str(self.retry_after)}
                reason = _REASONS.get(self.what, "backendError" if self.what.isdecimal() else self.what)
                location = "Authorization" if status == 401 else ""
                return Refusal(status, reason, message, domain=domain, location=location, **more).reply().written()
