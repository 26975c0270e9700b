"""The feeds in the store: whose address is whose, and what each showed last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from followsync.store import codec, questions
from followsync.store.dialect import Session


@dataclass(frozen=True, slots=True)
class Feed:
    """``secret``: the SHA-256 (hexadecimal) of what its address holds; the address itself is nowhere. ``salt``: what the names of its
    entries are made with, so that nobody can tell from one whose it is. ``modified``: when what it shows last changed, None until it
    shows something. ``settled``: the world (see ``followsync.health.world``) that it shows."""

    name: str
    rep: str
    redacted: bool
    secret: str
    salt: str
    modified: datetime | None = None
    settled: str = ""


def feeds(session: Session, rep: str | None) -> list[Feed]:
    """Those that were not removed, of one rep or of all, ordered by name."""
    return [_feed(*row) for row in session.rows(questions.feeds(rep is not None), rep=rep)]


def _feed(name: str, rep: str, redacted: int, secret: str, salt: str, modified: str, settled: str) -> Feed:
    return Feed(name, rep, bool(redacted), secret, salt, datetime.fromisoformat(modified) if modified else None, settled)


def save(session: Session, feed: Feed) -> None:
    """Add, with nothing to show yet, or replace the removed one of that name."""
    row = {"name": feed.name, "rep": feed.rep, "redacted": feed.redacted, "secret": feed.secret, "salt": feed.salt}
    session.do(questions.SAVE_FEED, [{**row, "text": "", "modified": "", "settled": ""}])


def remove(session: Session, name: str) -> None:
    """What it showed goes; that there was one of that name stays, so that a restored backup does not bring its address back."""
    row = {"secret": "", "salt": "", "text": "", "modified": "", "settled": ""}
    session.do(questions.REMOVE_FEED, [{"known": name, **row}])


def publish(session: Session, feed: Feed, text: str, before: datetime | None) -> None:
    """What it shows from now on, unless it is no longer what it was ``before``: somebody else was faster, or removed it."""
    row = {"known": feed.name, "known_salt": feed.salt, "before": _moment(before)}
    session.do(questions.PUBLISH_FEED, [{**row, "text": text, "modified": _moment(feed.modified), "settled": feed.settled}])


def settle(session: Session, several: Iterable[Feed]) -> None:
    """They show what they showed before, which is right in another world."""
    session.do(questions.SETTLE_FEED, [{"known": one.name, "known_salt": one.salt, "settled": one.settled} for one in several])


def _moment(at: datetime | None) -> str:
    return codec.utc_text(at) if at else ""
