"""What the daemon writes down: events with a few named values, on stderr. Neither secrets nor prospect data ever get there.

``log = log.events()`` then ``log.info("cycle", rep="dana", target="phone", created=2)``. On a terminal it is for eyes; in the journal
it is one line without a time of its own, with the priority that journald reads (sd-daemon(3)); anywhere else it is JSON.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from followsync.errors import FollowSyncError

Form = Literal["console", "journal", "json"]

HIDDEN = "***"
_PROSPECT = frozenset(
    {"prospect", "who", "person", "people", "name", "role", "phone", "email", "address", "url", "stage", "source", "notes", "note", "body"}
    | {"title", "line", "text", "raw", "purpose", "agenda", "question", "questions", "learned", "stakeholder", "stakeholders", "item"}
    | {"action", "location", "description", "summary", "history", "entry", "entries", "href", "uid"}
)
_SECRET = re.compile(r"(?i)pass(word|phrase|wd)?|secret|token|credential|authorization|cookie|api[_-]?key|bearer|session")
_PLAIN = frozenset({"event", "level", "timestamp", "rep", "target", "failure", "at"})

_VALUES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)[^/\s@]+@"), f"{HIDDEN}@"),  # https://user:password@host
    (re.compile(r"(?i)\b(basic|bearer|digest)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(r"(?i)\b([\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key))(\"?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"(?<=/feed/)[^/\s]+|(?<=/p/)[^/\s]+"), HIDDEN),  # the web server's secret addresses
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),  # e-mail addresses
    (re.compile(r"(?<![\w.:-])\+?(?:\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])|\btel:\S+"), HIDDEN),  # phone numbers
    (re.compile(r"([?&][^=&#\s]+=)[^&#\s]+"), rf"\1{HIDDEN}"),  # what an address asks with
    # anything long that mixes small letters, capitals and digits, or only what hexadecimal numbers have: tokens, keys, digests
    (re.compile(r"(?=[\w~+-]*\d)(?=[\w~+-]*[a-z])(?=[\w~+-]*[A-Z])[\w~+-]{20,}(?:\.[\w~+-]{6,})*={0,2}|[0-9a-fA-F]{32,}"), HIDDEN),
)


def set_up(*, verbose: bool = False, form: Form | None = None, stream: TextIO | None = None) -> None:
    """To be called once, by the command that runs for long. ``form``: None chooses by where ``stream`` (stderr) leads."""
    out = stream if stream is not None else sys.stderr
    chosen = form or _form(out, os.environ)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, failures, redact, *_rendering(chosen)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Libraries(logging.WARNING)]
    root.setLevel(logging.WARNING)


def events(**bound: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that names ``bound`` with each event: ``events(rep="dana", target="phone")``."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(**bound)
    return logger


def _form(out: TextIO, environ: Mapping[str, str]) -> Form:
    """JOURNAL_STREAM holds device and inode of the stream that leads to the journal (systemd.exec(5))."""
    if out.isatty():
        return "console"
    try:
        status = os.fstat(out.fileno())
    except OSError:  # no stream of the system's
        return "json"
    return "journal" if environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}" else "json"


def _rendering(form: Form) -> tuple[Processor, ...]:
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=form == "json")
    if form == "console":
        return stamp, structlog.dev.ConsoleRenderer(colors=True)
    if form == "json":
        return stamp, structlog.processors.JSONRenderer(ensure_ascii=False)
    return (_journal_line,)


_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_PAIRS = structlog.processors.LogfmtRenderer()


def _journal_line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """``<4>event rep=dana ...``: the journal adds the time and keeps the number as the priority."""
    priority, sentence = _PRIORITIES.get(str(event.pop("level", "info")), 6), str(event.pop("event", ""))
    pairs = _PAIRS(logger, method, {key: _one_line(value) for key, value in event.items()})
    return f"<{priority}>{_one_line(sentence)} {pairs}".rstrip()


def _one_line(value: object) -> object:
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    return " | ".join(value.splitlines()) if isinstance(value, str) else value


def failures(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An exception is told by its kind and place. Its own words are kept only where they are ours: a library's may quote a prospect."""
    if error := event.pop("exc_info", None):
        event.setdefault("failure", sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error)
    event.pop("stack_info", None)
    failure = event.get("failure")
    if isinstance(failure, BaseException):
        several = failure.exceptions if isinstance(failure, BaseExceptionGroup) else (failure,)
        event["failure"] = ", ".join(type(one).__name__ for one in several)
        event["at"] = [place for one in several for place in _places(one)]
        if isinstance(failure, FollowSyncError):
            event["why"] = str(failure)
    return event


def _places(error: BaseException) -> list[str]:
    """The last steps of the way down to the fault, as file:line."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}" for frame in frames]


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drops keys that would carry prospect data or secrets, and masks in all other values what looks like one."""
    return {key: value if key == "timestamp" else _masked(value) for key, value in event.items() if _may_stand(key)}


def _may_stand(key: str) -> bool:
    return key in _PLAIN or not (key.casefold() in _PROSPECT or _SECRET.search(key))


def _masked(value: Any) -> Any:
    match value:
        case str():
            for pattern, instead in _VALUES:
                value = pattern.sub(instead, value)
            return value
        case bool() | int() | float() | None:
            return value
        case Mapping():
            return {key: _masked(one) for key, one in value.items() if _may_stand(str(key))}
        case list() | tuple() | set() | frozenset():
            return [_masked(one) for one in value]
        case _:
            return _masked(str(value)) if type(value).__module__ in _TELLING else f"<{type(value).__name__}>"


_TELLING = frozenset({"datetime", "pathlib", "zoneinfo"})  # kinds of values whose text is harmless once masked; any other may be a prospect


class _Libraries(logging.Handler):
    """What libraries say, without their words: these may quote addresses, entries and passwords."""

    def emit(self, record: logging.LogRecord) -> None:
        events().log(record.levelno, "a library has something to say", library=record.name, at=f"{record.module}:{record.lineno}")
