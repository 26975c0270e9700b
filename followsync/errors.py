"""Every error FollowSync raises on purpose. Each leaf stands for one reaction.

FollowSyncError                 a sentence for a human, and an exit code
├── ConfigError                 78: the file is wrong; all its problems at once
├── UsageError                   2: the command is wrong
├── StoreError                   1: the store is locked, full, or newer than this program
│   └── LeaseLost                somebody else may have the rep's cycle by now: stop, write nothing more anywhere
├── ListenError                  1: nothing can be served at the address in the config; it may be free again after a restart
└── CalendarError                1: the world outside; other targets go on
    ├── Unavailable              back off this target (network, 5xx, 429)
    ├── LoginNeeded              stop this target and say so once (401, revoked grant)
    ├── SecretMissing            its secret cannot be had by this process; another one may have it
    ├── Busy                     the calendar did nothing because it was busy with another request (423); alone it may go through
    ├── Refused                  this one item cannot be written (400, 403, 413); others go on
    ├── Changed                  the item changed under us (409, 412); read again and merge
    ├── CursorExpired            the sync token is no longer valid; read everything, wipe nothing
    └── MassChange               many of our items vanished at once; hold and ask
"""

from __future__ import annotations

from dataclasses import dataclass


class FollowSyncError(Exception):
    """The sentence is what the person at the terminal reads: what is wrong, and what to do."""

    exit_code = 1

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.args)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file. ``line`` and ``column`` count from 1; 0 where a place makes no sense."""

    where: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}:{self.column}" if self.line else self.where
        return f"{place}: {self.message}"


class ConfigError(FollowSyncError):
    """All problems of the configuration at once. Exit code 78 is EX_CONFIG of sysexits.h: systemd does not restart."""

    exit_code = 78

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(FollowSyncError):
    exit_code = 2


class StoreError(FollowSyncError):
    pass


class LeaseLost(StoreError):
    pass


class ListenError(FollowSyncError):
    pass


class CalendarError(FollowSyncError):
    pass


class Unavailable(CalendarError):
    """``retry_after``: seconds the server asked us to wait, or None where it did not say."""

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class LoginNeeded(CalendarError):
    """``again``: seconds after which another try makes sense, where it may be mended without our hearing of it (by an administrator of
    the domain); None where a person must sign in."""

    def __init__(self, sentence: str, again: float | None = None) -> None:
        super().__init__(sentence)
        self.again = again


class SecretMissing(CalendarError):
    pass


class Busy(CalendarError):
    pass


class Refused(CalendarError):
    pass


class Changed(CalendarError):
    pass


class NotMade(CalendarError):
    """The first sync makes the calendar; nothing stands there yet."""


class CursorExpired(CalendarError):
    pass


class MassChange(CalendarError):
    pass
