"""Where an account's calendars stand: from an address, a domain or an e-mail address (RFC 6764), by principal and home sets.

What is trusted: https, and hosts of those who own the host or domain that the config names. Plain http is for this machine only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from followsync.calendars import bodies
from followsync.calendars.base import SeveralCalendars
from followsync.calendars.login import Way, login
from followsync.calendars.wire import CAL, DAV, Answer, Part, Wire, canonical, host, joined, multistatus, related, whole
from followsync.errors import CalendarError, LoginNeeded, NotMade, Unavailable

XML = {"Content-Type": "application/xml; charset=utf-8"}
ANY_4XX = frozenset(range(400, 500)) - {401, 423, 429}  # those three say nothing about what was asked for
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CREATED = 201
_WELL_KNOWN = "/.well-known/caldav"
_NOT_OURS = ("subscribed", "deleted", "trash", "inbox", "outbox")
_T = TypeVar("_T")


class Resolver(Protocol):
    """What is asked of the DNS. A name that is not there, or a DNS that does not answer, is an empty answer."""

    def srv(self, name: str) -> list[tuple[int, int, str, int]]:
        """Priority, weight, host ("." for "not offered here") and port (RFC 2782)."""

    def txt(self, name: str) -> list[str]:
        """The texts."""


class Dns:
    """The resolver of this machine. ``timeout`` in seconds, for each question."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    def srv(self, name: str) -> list[tuple[int, int, str, int]]:
        return [(one.priority, one.weight, str(one.target), one.port) for one in self._ask(name, "SRV")]

    def txt(self, name: str) -> list[str]:
        return [b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")]

    def _ask(self, name: str, kind: str) -> Iterator[Any]:
        import dns.exception
        import dns.resolver  # only for who gives a domain: it reads the machine's settings

        try:
            yield from dns.resolver.resolve(name, kind, lifetime=min(self._timeout, 5.0))
        except dns.exception.DNSException:
            return


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks, and where. ``url``: an address, a domain, or an e-mail address, which is the user name too where none is given.
    ``timeout`` in seconds, for each answer; ``until``: see ``Wire``."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    way: Way = "auto"
    timeout: float = 30
    resolver: Resolver | None = None
    until: float | None = None
    made: list[Wire] = field(default_factory=list, repr=False, compare=False)

    @property
    def requests(self) -> int:
        """The round trips of all its connections so far."""
        return sum(wire.requests_made for wire in self.made)

    @property
    def base(self) -> str:
        """The address whose host is trusted."""
        return whole(self.url) if "://" in self.url else f"https://{self.url.rpartition('@')[2]}/"

    def connect(self, url: str) -> Wire:
        """A connection that logs in, to the server at ``url``. Raises CalendarError where the password could be read on its way."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise CalendarError(f"The address of {host(url)} must begin with https://, or the password could be read on its way.")
        username = self.username or (self.url if "://" not in self.url and "@" in self.url else "")
        way = login(self.way, username, self.password, f"{parts.scheme}://{parts.netloc}") if self.password else None
        wire = Wire(whole(url), timeout=self.timeout, login=way, until=self.until)
        self.made.append(wire)
        return wire

    def entrances(self) -> list[str]:
        """Where to begin, best first: the address itself, or what the domain's DNS says, or its well-known address (RFC 6764, 6)."""
        if "://" in self.url:
            return [self.base]
        domain = self.base[len("https://") : -1]
        dns = self.resolver or Dns(self.timeout)
        name = f"_caldavs._tcp.{domain}"
        told = [] if _needs_no_dns(domain) else sorted(dns.srv(name), key=lambda one: (one[0], -one[1]))
        servers = [(target.rstrip(".").lower(), port) for _, _, target, port in told]
        if told and not any(target for target, _ in servers):
            raise CalendarError(f"{domain} says that it has no calendars; put the address of your calendar server into the config.")
        ours = [(target, port) for target, port in servers if related(target, domain)]
        if servers and not ours:
            # RFC 6764, 8: a DNS that lies must not get the password.
            raise CalendarError(
                f"{domain} says that its calendars are at {servers[0][0]}: put that address into the config if it is right."
            )
        paths = [text[5:].strip() for text in (dns.txt(name) if ours else ()) if text.startswith("path=/")]
        found = [f"https://{target}:{port}{path}" for target, port in ours for path in (*paths[:1], _WELL_KNOWN, "/")]
        return found or [f"https://{domain}{_WELL_KNOWN}", f"https://{domain}/"]


@dataclass(frozen=True, slots=True)
class Place:
    """A calendar that was found. ``tasks``: whether it takes tasks; None where it did not say. ``made``: just now, so it is empty."""

    url: str
    name: str = ""
    tasks: bool | None = None
    made: bool = False


@dataclass(frozen=True, slots=True)
class Homes:
    """Where calendars stand, or the one calendar that the address itself is."""

    places: tuple[str, ...]
    itself: Place | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The calendars that were found. ``homes``: those that answered; ``failures``: what the others said instead."""

    places: tuple[Place, ...]
    homes: tuple[str, ...] = ()
    failures: tuple[CalendarError, ...] = ()

    @property
    def may_come(self) -> CalendarError | None:
        """What says that more calendars may be there than were found: a home that only failed for now."""
        return next((one for one in self.failures if isinstance(one, Unavailable)), None)


def find(account: Account, name: str, *, make: bool = True) -> tuple[Wire, Place]:
    """The calendar ``name`` (its name or its address) of an account, made if it is missing, with a connection to it.

    Where the account's address is itself a calendar, it is that one. Raises CalendarError where it cannot be found or made.
    """
    if "://" in name:
        return _entered(account, [account.base], lambda wire, base: _at(wire, base, name))
    wire, homes = _entered(account, account.entrances(), _homes)
    try:
        return wire, homes.itself or _named_or_made(wire, homes, name, make=make)
    except BaseException:
        wire.close()
        raise


def calendars(account: Account) -> tuple[Wire, Listed]:
    """All calendars of an account, or the one that its address is, with a connection to them."""
    wire, homes = _entered(account, account.entrances(), _homes)
    try:
        return wire, Listed((homes.itself,)) if homes.itself else _all(wire, homes)
    except BaseException:
        wire.close()
        raise


def _needs_no_dns(domain: str) -> bool:
    """This machine, and an address in numbers: no DNS knows more about them, and none is to hear of them."""
    name = domain.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return bool(ip_address(name.strip("[]")))
    return False


def _entered(account: Account, entrances: list[str], ask: Callable[[Wire, str], _T]) -> tuple[Wire, _T]:
    """The first entrance that leads to calendars. Raises what the first one, the likeliest, said where none does."""
    failures: list[CalendarError] = []
    for entrance in entrances:
        wire = account.connect(entrance)
        try:
            return wire, ask(wire, entrance)
        except BaseException as error:
            wire.close()
            if isinstance(error, LoginNeeded) or not isinstance(error, CalendarError):
                raise
            failures.append(error)
    raise failures[0]


def _at(wire: Wire, base: str, address: str) -> Place:
    """The calendar at an address of its own."""
    place = wire.trust(whole(address), base)
    answer = _propfind(wire, place, "0", bodies.CALENDARS, accept=ANY_4XX)
    parts = multistatus(answer)[0] if answer.status < 400 else []
    if not parts or not _is_calendar(parts[0]):
        raise CalendarError(f"There is no calendar at the address that 'calendar' names on {host(place)}; check it in the config.")
    return _place(parts[0], answer.url)


def _homes(wire: Wire, url: str) -> Homes:
    """RFC 5397; RFC 4791, 6.2.1. A home set may name several, on other hosts too."""
    answer = _propfind(wire, url, "0", bodies.HOMES, accept=ANY_4XX)
    if answer.status >= 400 or not (parts := multistatus(answer)[0]):
        if canonical(url) not in {"", "/"}:
            raise CalendarError(f"There is no calendar server at {url} ({answer.status}); check the address in the config.")
        answer = _propfind(wire, urljoin(url, _WELL_KNOWN), "0", bodies.HOMES)
        parts = multistatus(answer)[0]
    if not parts:
        raise CalendarError(f"{host(url)} does not say where its calendars are; put the address of your account into the config.")
    if _is_calendar(parts[0]):
        return Homes((), _place(parts[0], answer.url))
    if homes := _hrefs(parts[0], CAL + "calendar-home-set", answer.url):
        return Homes(tuple(wire.trust(home, answer.url) for home in homes))
    principals = _hrefs(parts[0], DAV + "current-user-principal", answer.url)
    if not principals:
        return Homes((whole(answer.url),))  # small servers have no principals: then the given address is the home
    principal = _propfind(wire, wire.trust(principals[0], answer.url), "0", bodies.HOME_SET)
    homes = [home for part in multistatus(principal)[0] for home in _hrefs(part, CAL + "calendar-home-set", principal.url)]
    return Homes(tuple(wire.trust(home, principal.url) for home in homes) or (whole(answer.url),))


def _named_or_made(wire: Wire, homes: Homes, name: str, *, make: bool) -> Place:
    """A home that only fails for now may hold the calendar: then none is made, or there would be two of that name when it answers."""
    listed = _all(wire, homes)
    found = [place for place in listed.places if place.name == name]
    if len(found) > 1:
        raise SeveralCalendars(host(listed.homes[0]), name, (place.url for place in found))
    if found:
        return found[0]
    if failure := listed.may_come:
        raise failure
    return _make(wire, listed.homes[0], name, make=make)


def _all(wire: Wire, homes: Homes) -> Listed:
    """The calendars of all homes; inboxes, trash and what is only subscribed to are none. A home that may not be read (somebody shares
    another calendar of theirs), is gone or fails costs only itself; raises where not one home can be listed, or the login is wrong."""
    there: dict[str, Place] = {}
    answered: list[str] = []
    failures: list[CalendarError] = []
    for home in homes.places:
        try:
            answer = _propfind(wire, home, "1", bodies.CALENDARS)
            parts = multistatus(answer)[0]
        except LoginNeeded:
            raise
        except CalendarError as error:
            failures.append(error)
            continue
        answered.append(home)
        for part in parts:
            if _is_calendar(part):
                place = _place(part, answer.url)
                there[place.url] = place
    if not answered:
        raise failures[0]
    return Listed(tuple(there.values()), tuple(answered), tuple(failures))


def _make(wire: Wire, home: str, name: str, *, make: bool) -> Place:
    """Make the calendar under an address that follows from its name, so that making it twice makes one, and a rep who renames it keeps
    it. Where the server does not say that it made it there, its true address is looked up; one that moved it all the same is found by
    name the next time."""
    if not make:
        raise NotMade(f"{host(home)} has no calendar named {name!r} yet; the first sync makes it.")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "calendar"
    place = urljoin(home if home.endswith("/") else home + "/", f"{slug}-{hashlib.sha256(name.encode()).hexdigest()[:8]}/")
    answer = wire.call("MKCALENDAR", place, bodies.make(name), XML, accept=ANY_4XX)
    if answer.status == _CREATED and not answer.headers.get("Location"):
        return Place(place, name, tasks=True, made=True)
    wanted = canonical(place).rstrip("/")
    for found in _all(wire, Homes((home,))).places:
        if found.name == name or canonical(found.url).rstrip("/") == wanted:
            return found
    raise CalendarError(f"{host(home)} will not make a calendar ({answer.status}): make one named {name!r} yourself, then sync again.")


def _propfind(wire: Wire, url: str, depth: str, body: str, accept: frozenset[int] = frozenset()) -> Answer:
    return wire.call("PROPFIND", url, body, {**XML, "Depth": depth}, accept=accept)


def _place(part: Part, base: str) -> Place:
    kinds = part.props.get(CAL + "supported-calendar-component-set")
    tasks = None if kinds is None else any(one.get("name", "").upper() == "VTODO" for one in kinds)
    url = whole(joined(base, part.href))
    return Place(url if url.endswith("/") else url + "/", part.text(DAV + "displayname"), tasks)


def _is_calendar(part: Part) -> bool:
    kinds = part.props.get(DAV + "resourcetype")
    names = {child.tag for child in kinds} if kinds is not None else set()
    return CAL + "calendar" in names and not any(word in name for name in names for word in _NOT_OURS)


def _hrefs(part: Part, name: str, base: str) -> list[str]:
    prop = part.props.get(name)
    found = prop.iterfind(DAV + "href") if prop is not None else ()
    return [whole(joined(base, element.text.strip())) for element in found if element.text]
