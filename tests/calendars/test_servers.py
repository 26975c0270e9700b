"""The contract on real servers, and what only a real server can show."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from itertools import count
from urllib.parse import urljoin

import pytest

from followsync import ics
from followsync.calendars import probing
from followsync.calendars.base import SeveralCalendars
from followsync.calendars.caldav import CaldavCalendar, open_caldav
from followsync.core.operations import uid
from followsync.core.target import Capabilities
from followsync.errors import Changed, LoginNeeded, MassChange, Refused
from tests.calendars.contract import CALL, DOCTOR, NOW, ZONE, CalendarContract, same
from tests.servers import Server

_NUMBERS = count()


def opened(
    server: Server, name: str, *, url: str = "", collection: str = "", password: str | None = None, capabilities: Capabilities | None = None
) -> CaldavCalendar:
    return open_caldav(
        url=url or server.url,
        username=server.username,
        password=server.password if password is None else password,
        calendar=name,
        timeout=30,
        zone=ZONE,
        clock=lambda: NOW,
        collection=collection,
        capabilities=capabilities,
    )


class RealServer(CalendarContract):
    server: Server
    name: str
    ours: CaldavCalendar
    phone: CaldavCalendar
    many = 110  # two multigets; each write costs these servers more than the one before

    def open_both(self, server: Server) -> None:
        self.server, self.name = server, f"Contract {os.getpid()}-{next(_NUMBERS)}"
        self.ours = opened(server, self.name)
        self.phone = opened(server, self.name, collection=self.ours.collection, capabilities=self.ours.probe())

    def put_raw(self, href: str, raw: str) -> None:
        self.phone.put(href, raw, {})

    def expired(self) -> str:
        return "sync:http://radicale.org/ns/sync/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

    def test_a_remembered_collection_asks_nothing_and_a_quiet_cycle_is_one_small_request(self) -> None:
        self.write(CALL)
        cursor = self.phone.changes("", {}).cursor
        again = opened(self.server, self.name, collection=self.ours.collection)
        assert again.requests == 0
        assert again.changes(cursor, {}).seen == ()
        assert again.requests == 1
        assert again.sent + again.received < 1024

    def test_finding_making_and_probing_is_cheap(self) -> None:
        fresh = opened(self.server, f"{self.name} fresh")
        assert fresh.requests <= 6
        assert fresh.capabilities.tasks is True
        before = fresh.requests
        found = fresh.probe()
        assert (found.creates_safely, found.writes_safely, found.etags, found.tombstones, found.tasks, found.rewrites) == (
            True,
            True,
            True,
            True,
            True,
            frozenset(),
        )
        assert fresh.requests - before <= 7
        assert opened(self.server, f"{self.name} fresh").requests <= 3

    def test_a_probe_that_a_kill_left_behind_is_removed(self) -> None:
        fresh = opened(self.server, f"{self.name} killed")
        left = probing.entry(uid(probing._ACTION, 0), NOW)
        fresh.put(fresh.href(left.uid), ics.render(left, stamp=NOW), {})
        before = fresh.requests
        assert fresh.probe().known
        assert fresh.requests - before <= 9
        assert fresh.changes("", {}).listed == frozenset()

    def test_what_is_not_known_is_taken_to_be_missing(self) -> None:
        wary = opened(self.server, self.name, collection=self.ours.collection)
        href = wary.href(CALL.uid)
        receipt = wary.create(href, CALL)
        assert (receipt.etag, wary.requests) == (None, 2)
        with pytest.raises(Changed):
            wary.create(href, CALL)
        assert wary.requests == 3
        seen = wary.read([href])[href]
        assert seen is not None
        receipt = wary.update(href, replace(CALL, title="Other"), seen.raw, seen.etag)
        assert (receipt.etag, wary.requests) == (None, 6)
        with pytest.raises(Changed):
            wary.update(href, CALL, seen.raw, seen.etag)
        with pytest.raises(Changed):
            wary.delete(href, seen.etag)
        assert wary.requests == 8
        wary.delete(href, None)
        wary.delete(href, None)
        assert wary.requests == 11
        with pytest.raises(Changed):
            wary.update(href, CALL, seen.raw, seen.etag)
        assert wary.read([href]) == {href: None}

    def test_the_clocks_agree(self) -> None:
        self.write(CALL)
        assert self.ours.skew is not None
        assert abs(self.ours.skew) < timedelta(seconds=10)

    def test_each_write_is_one_request(self) -> None:
        before = self.ours.requests
        href = self.ours.href(CALL.uid)
        receipt = self.ours.create(href, CALL)
        receipt = self.ours.update(href, replace(CALL, title="Other"), receipt.raw, receipt.etag)
        self.ours.delete(href, receipt.etag)
        assert self.ours.requests - before == 3

    def test_the_calendar_is_made_once_and_found_again(self) -> None:
        assert opened(self.server, self.name).collection == self.ours.collection

    def test_the_address_may_be_the_calendar_itself_or_its_home(self) -> None:
        assert opened(self.server, "any", url=self.ours.collection).collection == self.ours.collection
        assert opened(self.server, self.name, url=urljoin(self.ours.collection, "..")).collection == self.ours.collection

    def test_a_calendar_that_is_gone_is_a_mass_change(self) -> None:
        cursor = self.ours.changes("", {}).cursor
        self.phone._wire.call("DELETE", self.phone.collection)
        with pytest.raises(MassChange):
            self.ours.changes(cursor, {})
        with pytest.raises(MassChange):
            self.ours.changes("", {})
        with pytest.raises((Refused, Changed)):
            self.ours.create(self.ours.href(CALL.uid), CALL)

    def test_two_calendars_of_one_name_are_refused_by_their_addresses(self) -> None:
        other = urljoin(self.ours.collection, f"../twin-{next(_NUMBERS)}/")
        body = (
            '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
            f"<D:displayname>{self.name}</D:displayname></D:prop></D:set></C:mkcalendar>"
        )
        self.ours._wire.call("MKCALENDAR", other, body, {"Content-Type": "application/xml"})
        with pytest.raises(SeveralCalendars, match="write the address of the right one into the config") as caught:
            opened(self.server, self.name)
        assert set(caught.value.others) == {self.ours.collection, other}, "for 'doctor'"
        assert other not in str(caught.value), "which goes into logs"

    def test_odd_uids_find_their_way(self) -> None:
        items = {
            self.ours.href(uid): replace(CALL, uid=uid) for uid in ("a@example.org", "with space", "100%", "ü?#&+", "deep/er", "..", ".x")
        }
        for href, item in items.items():
            self.ours.create(href, item)
        seen = {seen.href: seen.item for seen in self.phone.changes("", {}).seen}
        assert seen.keys() == items.keys()
        assert all(same(seen[href], item) for href, item in items.items())

    def test_hrefs_that_other_programs_chose_compare(self) -> None:
        path = urljoin(self.ours.collection, "a%20b%40c.ics")
        self.ours._wire.call("PUT", path, DOCTOR, {"Content-Type": "text/calendar"})
        (seen,) = self.phone.changes("", {}).seen
        assert path.endswith(seen.href)
        assert self.phone.read([seen.href, self.ours.href("x")])[seen.href] == seen
        self.phone.delete(seen.href, seen.etag)
        assert self.ours.changes("", {}).seen == ()

    def test_without_sync_collection_etags_are_listed_and_the_ctag_keeps_quiet_cycles_small(self) -> None:
        href = self.write(CALL)
        listed = self.phone.changes("list:", {})
        assert [seen.href for seen in listed.seen] == [href]
        assert listed.complete
        assert listed.cursor.startswith("ctag:")
        before = self.phone.requests
        quiet = self.phone.changes(listed.cursor, {})
        assert (quiet.seen, quiet.complete, self.phone.requests - before) == ((), False, 1)
        self.ours.delete(href, None)
        after = self.phone.changes(listed.cursor, {href: listed.seen[0].etag})
        assert (after.seen, after.gone, after.complete) == ((), (), True)


class TestRadicale(RealServer):
    @pytest.fixture(autouse=True)
    def _fresh(self, radicale: Server) -> None:
        self.open_both(radicale)

    def test_a_wrong_password(self) -> None:
        with pytest.raises(LoginNeeded) as caught:
            opened(self.server, self.name, password="wr0ng-secret")
        assert "wr0ng" not in str(caught.value)


class TestXandikos(RealServer):
    @pytest.fixture(autouse=True)
    def _fresh(self, xandikos: Server) -> None:
        self.open_both(xandikos)
