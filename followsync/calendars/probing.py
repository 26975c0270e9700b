"""Finding out what a calendar's server does, with an entry of our own in our own calendar that is removed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Protocol, TypeVar

from followsync import ics
from followsync.calendars.wire import alike, bare, host
from followsync.core.cadence import Form
from followsync.core.history import Kind
from followsync.core.item import Item, Seen
from followsync.core.operations import is_uid, uid
from followsync.core.rewriting import rewritten
from followsync.core.target import Capabilities
from followsync.errors import Busy, Changed, Refused, Unavailable

T = TypeVar("T")

_ACTION = "probe00000000000000000000p"  # always the same, so that one left behind by a kill is found
_SPARES = 4  # other names, where a server keeps the name of what is gone, and an answer was lost
_TITLE = "FollowSync: can this calendar be written?"
_STALE = '"followsync-stale"'
_ANSWERS = frozenset({"title", "start", "end", "all_day", "done", "form"})  # what the rep answers with is never explained away
_ALWAYS = {"If-None-Match": "*"}


class Prober(Protocol):
    """What is needed of a calendar: single requests."""

    capabilities: Capabilities
    collection: str

    def href(self, uid: str) -> str:
        """See ``Calendar``, as of ``read``."""

    def read(self, hrefs: Iterable[str]) -> dict[str, Seen | None]: ...

    def put(self, href: str, text: str, headers: Mapping[str, str]) -> str | None:
        """One PUT; the ETag of its answer. Raises Changed, Refused."""

    def remove(self, href: str, etag: str | None) -> None:
        """One DELETE; what is gone already is no error. Raises Changed, Refused."""

    def met(self, href: str) -> tuple[Seen | None, str]:
        """What stands there, and the token with which the list of changes goes on from this moment; "" where there is none, or where
        it does not answer now."""

    def tells(self, token: str, href: str) -> bool | None:
        """Whether the list of changes since ``token`` says that ``href`` is gone; None where that cannot be told."""


def entry(uid: str, now: datetime, form: Form = Form.EVENT) -> Item:
    """An entry of tomorrow that takes nobody's time and carries everything that ours carry. ``now``: in the rep's zone."""
    start = (now + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    return Item(
        uid=uid,
        form=form,
        title=_TITLE,
        body="This entry goes away by itself.\nIt was made to find out what the server keeps; é, ü – and so on.",
        start=start,
        end=start + timedelta(minutes=15),
        location="Nowhere; but with a comma, and a semicolon",
        url="tel:+15550100",
        alarms=(15,),
        kind=Kind.STEP,
        due=start.date(),
    )


def is_left_behind(item: Item) -> bool:
    """Whether it is such an entry: a kill, or a server that answered no more, left it there."""
    return is_uid(item.uid) and item.title == _TITLE


def probed(calendar: Prober, now: datetime) -> Capabilities:
    """Seven requests, or six in a calendar that was made just now; two more where an earlier entry was left behind. Raises Refused where
    the calendar cannot be written."""
    sent, href, etag = _made(calendar, now)
    creates_safely = _refused(lambda: calendar.put(href, ics.render(sent, stamp=now), _ALWAYS))
    seen, token = calendar.met(href)
    writes_safely = _guarded(calendar, href, seen.etag if seen else None)
    tells = _if_it_answers(lambda: calendar.tells(token, href)) if token else None
    changed = rewritten(ics.cleaned(sent), seen.item) if seen and seen.item else frozenset()
    trusted = creates_safely and seen is not None and seen.item is not None and not changed and alike(etag, seen.etag)
    known = replace(calendar.capabilities, creates_safely=creates_safely, writes_safely=writes_safely, etags=trusted)
    return replace(known, tombstones=tells, rewrites=changed - _ANSWERS)


def _made(calendar: Prober, now: datetime) -> tuple[Item, str, str | None]:
    """The entry, where it stands now, and the ETag that was told. One that a kill left behind is removed first; where the server keeps
    a deleted UID taken, another one is used."""
    spares = (sha256(f"{now.isoformat()} {number}".encode()).hexdigest()[:26] for number in range(_SPARES))
    for action in (_ACTION, _ACTION, *spares):
        sent = entry(uid(action, 0), now)
        href = calendar.href(sent.uid)
        try:
            return sent, href, calendar.put(href, ics.render(sent, stamp=now), _ALWAYS)
        except Changed:
            calendar.remove(href, None)
        except Refused as error:
            raise Refused(f"This calendar cannot be written: {error} Check the account's rights to it.") from error
    raise Refused(f"{host(calendar.collection)} says of every new entry that it is there already: choose another calendar.")


def _guarded(calendar: Prober, href: str, etag: str | None) -> bool:
    """Whether it keeps what is no longer the version that was read, and knows the version that it has (by its own ETag, or by that without
    what a proxy appended). The entry is gone then."""
    if not _refused(lambda: calendar.remove(href, _STALE)):
        return False
    for known in dict.fromkeys((etag, bare(etag)) if etag else ()):
        if not _refused(partial(calendar.remove, href, known)):
            return True
    calendar.remove(href, None)
    return etag is None


def _if_it_answers(ask: Callable[[], T]) -> T | None:
    """What is good to know, and no reason to fail."""
    try:
        return ask()
    except (Unavailable, Busy):
        return None


def _refused(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (Changed, Refused):
        return True
    return False
