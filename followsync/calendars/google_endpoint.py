"""Google's token endpoint (RFC 6749, 3.2): what is sent there, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from followsync.calendars.wire import Wire, host
from followsync.errors import LoginNeeded, SecretMissing, Unavailable

AGAIN = "Sign in again with 'followsync auth google'"
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIMIT = 1024 * 1024  # bytes of an answer
_ELSEWHERE = 3600.0  # seconds after which it is tried again, where somebody may mend it without our hearing of it
_PASSING = frozenset({"internal_failure", "server_error", "temporarily_unavailable"})  # RFC 6749, 4.1.2.1; Google says so with any status
_DELEGATION = "'Security', 'API controls', 'Domain-wide delegation'"
_STAMP = "%Y-%m-%dT%H:%M:%SZ"  # as Google's own libraries write and read it
Post = Callable[[str, Mapping[str, str]], tuple[int, bytes]]
"""Sends a form to an address; the status and the body of the answer. Raises CalendarError."""


def posting(timeout: float) -> Post:
    """Over a connection of our own, which sends once, gives nothing to other hosts, and reads so much and no more."""

    def post(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        check_address(url, "token_uri")
        with Wire(url, timeout=timeout, limit=LIMIT) as wire:
            answer = wire.exchange("POST", url, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        return answer.status, answer.body

    return post


def is_here(url: str) -> bool:
    """Whether it leads to this machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def check_address(url: str, name: str) -> None:
    """Raises SecretMissing where what is told there could be read on the way. ``name``: of the key in the client's file."""
    if urlsplit(url).scheme != "https" and not is_here(url):
        raise SecretMissing(f"The client's {name} is not https: nothing was sent there. Download the client's JSON anew.")


def times(answer: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What of an answer is kept. ``ends``: a project in testing gives sign-ins that die after seven days, and says so."""
    found: dict[str, Any] = {"token": answer["access_token"], "expiry": _after(now, answer.get("expires_in", 3600))}
    if ends := answer.get("refresh_token_expires_in"):
        found["ends"] = _after(now, ends)
    return found


def _after(now: datetime, seconds: Any) -> str:
    try:
        return (now.astimezone(UTC) + timedelta(seconds=float(seconds))).strftime(_STAMP)
    except (TypeError, ValueError, OverflowError):
        return now.astimezone(UTC).strftime(_STAMP)


def answered(post: Post, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Raises LoginNeeded where Google says that the sign-in is over, Unavailable where it says nothing that can be used."""
    status, body = post(url, form)
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    answer: dict[str, Any] = found if isinstance(found, dict) else {}
    error = str(answer.get("error", ""))
    if status == 200 and answer.get("access_token") and not error:
        return answer
    if status >= 500 or status in {408, 429} or not error or _PASSING & {error, str(answer.get("error_description", ""))}:
        raise Unavailable(f"{host(url)} did not give a token ({status}); it is tried again later.")
    said = f"{answer.get('error_subtype', '')} {answer.get('error_description', '')}".lower()
    raise _of_service(error, said) if form.get("grant_type") == JWT else _of_person(error, said, form)


def _of_person(error: str, said: str, form: Mapping[str, str]) -> LoginNeeded:
    """What Google's refusal of a person's sign-in means (RFC 6749, 5.2). ``said``: what it says beside the code, in small letters."""
    if error == "invalid_grant" and form.get("grant_type") == "authorization_code":
        return LoginNeeded("Google takes this code no more: it works once, for some minutes. Start again with 'followsync auth google'.")
    if error == "invalid_grant" and "rapt" in said:
        return LoginNeeded(
            f"Google's sign-in is over, for the Workspace lets each last some hours only (session control). {AGAIN}; for good, let an "
            "administrator trust the client's id, or use a service account (docs/howto/google.md)."
        )
    if error == "invalid_grant":
        return LoginNeeded(
            f"Google's sign-in is over: it was taken back, a password was changed, or the project is in testing, where it lasts a week. "
            f"{AGAIN}; nothing is lost until then."
        )
    if error in {"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"}:
        return LoginNeeded(
            f"Google does not accept the client that 'client_secrets' names ({error}). Was its secret renewed? Download its JSON anew, "
            "into the same file. Was it deleted? Make another one in the same project, and run 'followsync auth google'.",
            _ELSEWHERE,
        )
    if error in {"admin_policy_enforced", "access_denied", "org_internal"}:
        return LoginNeeded(
            f"An administrator of the Workspace does not let the client in ({error}): ask them to trust its id under 'Security', "
            "'API controls', 'App access control'; or use a service account (docs/howto/google.md).",
            _ELSEWHERE,
        )
    return LoginNeeded(f"Google refused the sign-in ({error[:60]}). {AGAIN}.")


def _of_service(error: str, said: str) -> LoginNeeded:
    """The same of a service account. All of it is mended where we do not hear of it, and nobody can sign in again."""
    if error == "invalid_grant" and "timeframe" in said:
        why = "this machine's clock is wrong: set it, or let systemd-timesyncd do so."
    elif error == "invalid_grant" and "user id" in said:
        why = "there is nobody with the address that 'subject' names: check it in the config."
    elif error == "invalid_grant":
        why = "its key was deleted, or the account was: make another JSON key, and put it where 'client_secrets' names it."
    else:
        why = f"it may not act in the name of 'subject': an administrator adds its client id and its permissions under {_DELEGATION}."
    return LoginNeeded(f"Google refuses the service account ({error[:60]}): {why} See docs/howto/google.md.", _ELSEWHERE)
