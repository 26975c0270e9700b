"""What the commands for secret addresses share: names, which one is meant, where they lead, and a code for a phone's camera."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from followsync.cli import output
from followsync.cli.session import Session
from followsync.errors import UsageError

if TYPE_CHECKING:
    from followsync.store import Transaction

_LONGEST_NAME = 64
_ANY = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - what is told of such an address, not what is listened on


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Known = TypeVar("Known", bound=_Named)


@dataclass(frozen=True, slots=True)
class Addresses(Generic[Known]):
    """Those of one kind, ``what``: feed or page. ``known``: which there are; ``rotated``: what gives the one of a name another digest;
    ``removed``: what ends it; ``shape``: one as JSON, with its address where that may be shown."""

    what: str
    known: Callable[[Transaction], Sequence[Known]]
    rotated: Callable[[Transaction, str, str], None]
    removed: Callable[[Transaction, str], None]
    shape: Callable[[Known, str], dict[str, Any]]

    def show(self, run: Session, headers: Sequence[str], row: Callable[[Known], Sequence[str]], *, json: bool) -> None:
        """All there are, without their addresses."""
        with run.store.reading() as tx:
            known = self.known(tx)
        if json:
            output.emit([self.shape(one, "") for one in known])
        elif known:
            output.table(headers, [row(one) for one in known])
        else:
            output.say(f"There is no {self.what}. 'followsync {self.what} add' makes one.")

    def rotate(self, run: Session, name: str) -> tuple[Known, str]:
        """The one that was named, and its new secret; the old one leads nowhere from now on."""
        from followsync import addresses

        secret = addresses.secret()
        with run.store.writing() as tx:
            one = chosen(self.known(tx), name, self.what)
            self.rotated(tx, one.name, addresses.digest(secret))
        return one, secret

    def remove(self, run: Session, name: str, what_stays: str, *, json: bool) -> None:
        with run.store.writing() as tx:
            one = chosen(self.known(tx), name, self.what)
            self.removed(tx, one.name)
        if json:
            output.emit(self.shape(one, ""))
        else:
            output.say(f"Removed the {self.what} {one.name}. {what_stays}")


def named(name: str, what: str) -> str:
    """``what``: feed or page. Raises UsageError."""
    if not re.fullmatch("[a-z0-9_-]+", name) or len(name) > _LONGEST_NAME:
        raise UsageError(f"A {what}'s name may only have small letters, digits, '-' and '_', and {_LONGEST_NAME} of them at most.")
    return name


def chosen(known: Sequence[Known], name: str, what: str) -> Known:
    """The one that was named, or the only one there is. Raises UsageError."""
    if not known:
        raise UsageError(f"There is no {what}. 'followsync {what} add' makes one.")
    if not name and len(known) == 1:
        return known[0]
    found = next((one for one in known if one.name == name), None)
    if found is None:
        there = output.sentence_list(one.name for one in known)
        raise UsageError(f"There is no {what} '{name}': write {there}." if name else f"There are several {what}s: write {there}.")
    return found


def public(run: Session, url: str | None, what: str) -> str:
    """What the addresses begin with; ``url``: what the config says of that. Raises UsageError where the config has no web server: nothing
    would answer there."""
    listen = run.settings.feed.listen
    if listen is None:
        raise UsageError(f"The config names no place where {what}s are served. Write 'feed: {{listen: 127.0.0.1:8765}}' into it first.")
    if url:
        return url.rstrip("/")
    here = listen if listen.host not in _ANY else replace(listen, host="localhost")
    output.warn(f"note: without '{what}: {{public_url: …}}' in the config this address is only good where {here} is this machine.")
    return f"http://{here}"


def drawn(text: str) -> str:
    import segno

    drawing = io.StringIO()
    segno.make_qr(text, error="l").terminal(drawing, compact=True)
    return drawing.getvalue()
