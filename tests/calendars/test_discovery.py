"""Finding an account's calendars by domain, e-mail address, address; and whom the password is never shown. No socket: below requests stands
a small internet of hosts."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from followsync.calendars import busy, discovery
from followsync.calendars.base import SeveralCalendars
from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.calendars.discovery import Account, Dns
from followsync.calendars.memory import EVERYTHING
from followsync.errors import CalendarError, LoginNeeded, MassChange, Unavailable
from tests.calendars.contract import NOW, ZONE

Handler = Callable[[str, str], tuple[int, dict[str, str], str]]
SECRET = "s3cret-word"


@dataclass
class Internet:
    """``hosts``: host -> (method, path) -> (status, headers, body). ``asked``: what was asked of whom. ``told``: who saw the password."""

    hosts: dict[str, Handler] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def send(self, adapter: HTTPAdapter, request: PreparedRequest, **options: Any) -> Response:
        parts = urlsplit(request.url or "")
        self.asked.append((request.method or "", parts.netloc, parts.path))
        if "Authorization" in request.headers:
            self.told.add(parts.netloc)
        status, headers, body = self.hosts[parts.netloc](request.method or "", parts.path)
        raw = urllib3.HTTPResponse(io.BytesIO(body.encode()), headers, status, preload_content=False)
        return adapter.build_response(request, raw)


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    made = Internet()
    monkeypatch.setattr(HTTPAdapter, "send", lambda adapter, request, **options: made.send(adapter, request, **options))
    return made


@dataclass
class Names:
    servers: list[tuple[int, int, str, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def srv(self, name: str) -> list[tuple[int, int, str, int]]:
        assert name == "_caldavs._tcp.example.org"
        return self.servers

    def txt(self, name: str) -> list[str]:
        return self.texts


def parts(*responses: str) -> tuple[int, dict[str, str], str]:
    text = '<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/">'
    return 207, {"Content-Type": "application/xml"}, f"{text}{''.join(responses)}</d:multistatus>"


def part(href: str, props: str) -> str:
    good = "<d:status>HTTP/1.1 200 OK</d:status>"
    return f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{props}</d:prop>{good}</d:propstat></d:response>"


def kind(*names: str, name: str = "", more: str = "") -> str:
    kinds = "".join(f"<{one}/>" for one in names)
    return f"<d:resourcetype><d:collection/>{kinds}</d:resourcetype><d:displayname>{name}</d:displayname>{more}"


def tasks(*names: str) -> str:
    kinds = "".join(f"<c:comp name='{name}'/>" for name in names)
    return f"<c:supported-calendar-component-set>{kinds}</c:supported-calendar-component-set>"


HOME = parts(
    part("/dana/", kind()),
    part("/dana/inbox/", kind("c:schedule-inbox", "c:calendar", name="Follow-ups")),
    part("/dana/old/", kind("c:calendar", "s:deleted-calendar", name="Follow-ups")),
    part("/dana/feed/", kind("c:calendar", "s:subscribed", name="Follow-ups")),
    part("/dana/work", kind("c:calendar", name="Follow-ups", more=tasks("VEVENT", "VTODO"))),
    part("/dana/private/", kind("c:calendar", name="Private", more=tasks("VEVENT"))),
)
NOTHING: tuple[int, dict[str, str], str] = (404, {}, "")


def server(*, path: str = "/", home: str = "/dana/", listing: tuple[int, dict[str, str], str] = HOME) -> Handler:
    """A calendar server whose entrance is ``path``; it names ``home``."""

    def answer(method: str, asked: str) -> tuple[int, dict[str, str], str]:
        if asked == path:
            return parts(part(path, f"<d:current-user-principal><d:href>/p/</d:href></d:current-user-principal>{kind()}"))
        if asked == "/p/":
            return parts(part("/p/", f"<c:calendar-home-set><d:href>{home}</d:href></c:calendar-home-set>"))
        if asked == "/dana/":
            return listing
        return NOTHING

    return answer


def moved(to: str, status: int = 301) -> Handler:
    return lambda method, path: (status, {"Location": to}, "") if path == "/.well-known/caldav" else NOTHING


def account(url: str, names: Names | None = None, username: str = "dana") -> Account:
    return Account(url, username, SECRET, "auto", 20, names or Names())


def found(one: Account, name: str = "Follow-ups") -> discovery.Place:
    wire, place = discovery.find(one, name)
    wire.close()
    return place


def test_a_domain_whose_dns_names_server_and_path(internet: Internet) -> None:
    internet.hosts["cal.example.org:8443"] = server(path="/dav/")
    names = Names([(20, 5, "slow.example.org.", 443), (10, 1, "cal.example.org.", 8443)], ["v=1", "path=/dav/"])
    place = found(account("example.org", names))
    assert (place.url, place.tasks) == ("https://cal.example.org:8443/dana/work/", True)
    assert internet.asked[0] == ("PROPFIND", "cal.example.org:8443", "/dav/")
    assert internet.told == {"cal.example.org:8443"}
    assert len(internet.asked) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_e_mail_address_whose_domain_has_a_well_known_address(internet: Internet, status: int) -> None:
    internet.hosts["example.org"] = moved("https://cal.example.org/dav/", status)
    internet.hosts["cal.example.org"] = server(path="/dav/")
    one = account("dana@example.org", username="")
    assert found(one).url == "https://cal.example.org/dana/work/"
    assert internet.told == {"example.org", "cal.example.org"}
    assert one.connect("https://example.org/").login is not None
    internet.asked.clear()
    assert found(one, "Private").tasks is False


def test_the_user_name_is_the_e_mail_address_where_none_is_given() -> None:
    wire = Account("dana@example.org", "", SECRET).connect("https://example.org/")
    assert wire.login is not None
    assert wire.login._username == "dana@example.org"


def test_a_domain_with_neither_is_asked_at_its_root(internet: Internet) -> None:
    internet.hosts["example.org"] = server()
    assert found(account("example.org")).url == "https://example.org/dana/work/"


def test_the_second_server_where_the_first_is_dead(internet: Internet) -> None:
    internet.hosts["a.example.org:443"] = lambda method, path: (503, {}, "")
    internet.hosts["b.example.org:443"] = server()
    names = Names([(1, 0, "a.example.org", 443), (2, 0, "b.example.org", 443)])
    assert found(account("example.org", names)).url == "https://b.example.org:443/dana/work/"


@pytest.mark.parametrize("target", ["dav.example.net.", "example.org.evil.net.", "evilexample.org.", "127.0.0.1", "."])
def test_a_dns_that_names_another_domain_gets_nothing(internet: Internet, target: str) -> None:
    with pytest.raises(CalendarError, match="into the config"):
        found(account("example.org", Names([(1, 1, target, 443)])))
    assert internet.asked == []


@pytest.mark.parametrize("place", ["https://dav.example.net/", "http://cal.example.org/", "https://example.org.evil.net/"])
def test_a_well_known_address_that_leads_away_gets_nothing(internet: Internet, place: str) -> None:
    internet.hosts["example.org"] = moved(place)
    with pytest.raises(Unavailable):
        found(account("example.org"))
    assert {host for _, host, _ in internet.asked} == {"example.org"}


@pytest.mark.parametrize("place", ["https://dav.example.net/dana/", "http://p1.icloud.com/dana/"])
def test_a_home_that_leads_away_gets_nothing(internet: Internet, place: str) -> None:
    internet.hosts["cal.example.org"] = server(home=place)
    with pytest.raises(CalendarError, match="if it is right"):
        found(account("https://cal.example.org/"))
    assert internet.told == {"cal.example.org"}


def test_a_wrong_password_is_not_tried_elsewhere(internet: Internet) -> None:
    for name in ("a.example.org:443", "b.example.org:443"):
        internet.hosts[name] = lambda method, path: (401, {"WWW-Authenticate": "Basic"}, "")
    with pytest.raises(LoginNeeded):
        found(account("example.org", Names([(1, 0, "a.example.org", 443), (2, 0, "b.example.org", 443)])))
    assert len(internet.asked) == 1


def test_several_homes_and_a_name_that_is_there_twice(internet: Internet) -> None:
    other = parts(part("/more/", kind("c:calendar", name="Follow-ups")))
    here = server(home="/dana/</d:href><d:href>https://p2.icloud.com/lee/")
    internet.hosts["p1.icloud.com"] = here
    internet.hosts["p2.icloud.com"] = lambda method, path: other
    with pytest.raises(SeveralCalendars, match="has 2 calendars named Follow-ups") as caught:
        found(account("https://p1.icloud.com/"))
    assert caught.value.others == ("https://p1.icloud.com/dana/work/", "https://p2.icloud.com/more/")
    assert "/dana/work/" not in str(caught.value), "it goes into logs"
    assert found(account("https://p1.icloud.com/"), "https://p2.icloud.com/more/").url == "https://p2.icloud.com/more/"
    wire, there = discovery.calendars(account("https://p1.icloud.com/"))
    wire.close()
    assert [place.name for place in there.places] == ["Follow-ups", "Private", "Follow-ups"]


def two_homes(internet: Internet, second: Handler) -> Account:
    """The first home answers as ``second`` says, the other one works."""
    internet.hosts["p1.icloud.com"] = server(home="https://p2.icloud.com/shared/</d:href><d:href>/dana/")
    internet.hosts["p2.icloud.com"] = second
    return account("https://p1.icloud.com/")


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_home_that_does_not_answer_costs_only_itself(internet: Internet, status: int) -> None:
    one = two_homes(internet, lambda method, path: (status, {}, ""))
    assert found(one).url == "https://p1.icloud.com/dana/work/"
    wire, there = discovery.calendars(one)
    wire.close()
    assert [place.name for place in there.places] == ["Follow-ups", "Private"]
    assert (there.may_come is not None) == (status >= 500)


@pytest.mark.parametrize("status", [403, 404])
def test_a_calendar_is_made_in_the_home_that_may_be_read(internet: Internet, status: int) -> None:
    one = two_homes(internet, lambda method, path: (status, {}, ""))
    with pytest.raises(CalendarError, match="will not make a calendar"):
        found(one, "New")
    assert [host for method, host, _ in internet.asked if method == "MKCALENDAR"] == ["p1.icloud.com"]


def test_no_second_calendar_is_made_while_the_first_ones_home_fails(internet: Internet) -> None:
    with pytest.raises(Unavailable, match="fault of its own"):
        found(two_homes(internet, lambda method, path: (500, {}, "")), "New")
    assert not any(method == "MKCALENDAR" for method, _, _ in internet.asked)


def test_a_login_that_one_home_refuses_is_said(internet: Internet) -> None:
    with pytest.raises(LoginNeeded):
        found(two_homes(internet, lambda method, path: (401, {"WWW-Authenticate": "Basic"}, "")))


def test_where_no_home_answers_the_first_one_says_why(internet: Internet) -> None:
    internet.hosts["p1.icloud.com"] = server(listing=(403, {}, ""))
    with pytest.raises(CalendarError, match="status 403"):
        found(account("https://p1.icloud.com/"))


def test_half_of_an_account_is_not_taken_for_free_time(internet: Internet) -> None:
    one = two_homes(internet, lambda method, path: (500, {}, ""))
    with pytest.raises(Unavailable):
        busy.from_caldav(one, NOW, NOW, ZONE)
    with pytest.raises(Unavailable):
        busy.from_caldav(one, NOW, NOW, ZONE, calendars=["Personal"])
    one = two_homes(internet, lambda method, path: (404, {}, ""))
    with pytest.raises(CalendarError, match="no calendar named Personal; 'followsync doctor' says which ones it has"):
        busy.from_caldav(one, NOW, NOW, ZONE, calendars=["Personal"])


@pytest.mark.parametrize("name", ["localhost", "dav.localhost", "127.0.0.1", "192.0.2.7", "[::1]"])
def test_this_machine_and_numbers_are_no_question_for_the_dns(name: str) -> None:
    class Loud:
        def srv(self, asked: str) -> list[tuple[int, int, str, int]]:
            raise AssertionError(asked)

        def txt(self, asked: str) -> list[str]:
            raise AssertionError(asked)

    one = replace(account(f"dana@{name}"), resolver=Loud())
    assert one.entrances() == [f"https://{name}/.well-known/caldav", f"https://{name}/"]


def test_a_calendar_by_its_address(internet: Internet) -> None:
    internet.hosts["cal.example.org"] = lambda method, path: (
        parts(part("/dana/work/", kind("c:calendar", name="x"))) if path == "/dana/work/" else NOTHING
    )
    one = account("https://cal.example.org/")
    assert found(one, "https://cal.example.org/dana/work/").url == "https://cal.example.org/dana/work/"
    with pytest.raises(CalendarError, match="no calendar at the address"):
        found(one, "https://cal.example.org/dana/gone/")
    internet.asked.clear()
    with pytest.raises(CalendarError, match="if it is right"):
        found(one, "https://cal.example.net/dana/work/")
    assert internet.asked == []


def remembered(internet: Internet, collection: str, status: int) -> CaldavCalendar:
    """A calendar on a host behind the front door; it answers ``status`` there now."""
    internet.hosts["p1.icloud.com"] = lambda method, path: (status, {}, "")
    return open_caldav(
        url="https://cal.icloud.com/",
        username="dana",
        password=SECRET,
        calendar="Follow-ups",
        timeout=20,
        zone=ZONE,
        clock=lambda: NOW,
        collection=collection,
        capabilities=replace(EVERYTHING),
    )


@pytest.mark.parametrize("status", [401, 404, 421])
def test_an_account_that_moved_to_another_host_is_followed(internet: Internet, status: int) -> None:
    calendar = remembered(internet, "https://p1.icloud.com/dana/work/", status)
    assert internet.asked == []
    sync = parts()[2].replace("</d:multistatus>", "<d:sync-token>t2</d:sync-token></d:multistatus>")

    def new(method: str, path: str) -> tuple[int, dict[str, str], str]:
        return (207, {}, sync) if method == "REPORT" else HOME

    internet.hosts["cal.icloud.com"] = server(home="https://p2.icloud.com/dana/")
    internet.hosts["p2.icloud.com"] = new
    assert calendar.changes("sync:t1", {}).cursor == "sync:t2"
    assert calendar.collection == "https://p2.icloud.com/dana/work/"
    asked = len(internet.asked)
    calendar.changes("sync:t2", {})
    assert len(internet.asked) - asked == 1


def test_a_calendar_that_is_nowhere_is_a_mass_change(internet: Internet) -> None:
    calendar = remembered(internet, "https://p1.icloud.com/dana/work/", 404)
    internet.hosts["cal.icloud.com"] = server(listing=parts())
    with pytest.raises(MassChange, match="gone"):
        calendar.changes("sync:t1", {})
    assert not any(method == "MKCALENDAR" for method, _, _ in internet.asked)
    internet.hosts["cal.icloud.com"] = server(home="https://p2.icloud.com/dana/")
    internet.hosts["p2.icloud.com"] = lambda method, path: parts(part("/other/", kind("c:calendar", name="Follow-ups")))
    with pytest.raises(MassChange, match=r"https://p2\.icloud\.com/other/"):
        calendar.changes("sync:t1", {})


def test_a_calendar_that_is_gone_where_the_account_is_asks_nobody_else(internet: Internet) -> None:
    internet.hosts["cal.icloud.com"] = lambda method, path: (404, {}, "")
    calendar = remembered(internet, "https://cal.icloud.com/dana/work/", 404)
    with pytest.raises(MassChange):
        calendar.changes("sync:t1", {})
    assert len(internet.asked) == 1


def test_a_dns_that_does_not_answer_is_an_empty_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import dns.exception
    import dns.resolver
    from dns.rdtypes.ANY.TXT import TXT
    from dns.rdtypes.IN.SRV import SRV

    answers: dict[str, object] = {
        "SRV": [SRV(1, 33, 10, 1, 8443, dns.name.from_text("cal.icloud.com."))],
        "TXT": [TXT(1, 16, [b"path=", b"/dav/"])],
    }

    def resolve(name: str, kind: str, lifetime: float) -> object:
        assert lifetime <= 5
        if name == "gone.example.org":
            raise dns.exception.Timeout
        return answers[kind]

    monkeypatch.setattr(dns.resolver, "resolve", resolve)
    assert Dns(30).srv("_caldavs._tcp.example.org") == [(10, 1, "cal.icloud.com.", 8443)]
    assert Dns(30).txt("_caldavs._tcp.example.org") == ["path=/dav/"]
    assert Dns(30).srv("gone.example.org") == []
    assert Dns(30).txt("gone.example.org") == []
