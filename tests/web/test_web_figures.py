"""/healthz and /metrics: what a machine that watches this one is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from followsync.core.history import Result
from followsync.core.target import TargetState
from followsync.cycle import Report
from followsync.errors import LoginNeeded, StoreError
from followsync.store import Store
from followsync.writer import TargetReport
from tests.machine.room import CONFIG
from tests.web.site import Site

MINUTE = timedelta(minutes=1)


def cycle(site: Site, after: timedelta = 5 * MINUTE) -> None:
    """As the daemon does it."""
    room = site.room
    report = room.cycle(room.now + after, force=True)
    site.seconds[0] += after.total_seconds()
    with room.store.reading() as tx:
        site.vitals.ended("dana", report, tx.target_states("dana"))


def health(site: Site) -> tuple[int, str]:
    found = site.ask("/healthz")
    assert found.headers["cache-control"] == "no-store"
    return found.status, found.body.decode().strip()


def test_all_is_well(site: Site, jenny: str) -> None:
    assert health(site) == (200, "ok")
    cycle(site)
    assert health(site) == (200, "ok")
    assert site.ask("/healthz", "HEAD").status == 200


def test_cycles_that_no_longer_end_are_told(site: Site, jenny: str) -> None:
    site.seconds[0] += 1801
    assert health(site) == (503, "1 rep had no cycle for 30 minutes")
    cycle(site)
    assert health(site) == (200, "ok")
    site.vitals.broke("dana", KeyError("Jenny"))
    site.seconds[0] += 1801
    assert health(site) == (503, "1 rep had no cycle for 30 minutes")
    site.room.configure(CONFIG + "sync: {every: 30 minutes}\n")
    assert health(site) == (200, "ok")


def test_a_calendar_that_fails_is_told_after_an_hour(site: Site, jenny: str) -> None:
    cycle(site)
    site.room.server.faults.reads = 99
    cycle(site)
    assert health(site) == (200, "ok")
    cycle(site, 60 * MINUTE)
    assert health(site) == (503, "1 target failing for more than an hour")
    site.room.server.faults.reads = 0
    cycle(site)
    assert health(site) == (200, "ok")


def test_what_waits_for_a_person_is_told_at_once(site: Site, jenny: str) -> None:
    with site.room.store.writing() as tx:
        tx.save_target_state(TargetState("dana", "phone", login_needed=True, error="no", failures=1))
        tx.save_target_state(TargetState("dana", "former", login_needed=True, error="no", failures=1))
    assert health(site) == (503, "1 target waiting for a sign-in")
    with site.room.store.writing() as tx:
        tx.save_target_state(TargetState("dana", "phone", held="many", error="many", failures=1))
    assert health(site) == (503, "1 target waiting for a word on many changes")


def test_a_store_that_does_not_answer_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Store) -> None:
        raise StoreError("The disk cannot be read.")

    monkeypatch.setattr(Store, "_same_place", broken)
    assert health(site) == (503, "the store does not answer")
    assert site.ask("/metrics").status == 503


# -- figures


def figures(site: Site) -> dict[str, dict[tuple[str, ...], float]]:
    found = site.ask("/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(found.body.decode())
    return {
        name: {tuple(value for _, value in sorted(one.labels.items())): one.value for one in family.samples if one.name == name}
        for family in families
        for name in {one.name for one in family.samples}
    }


def test_the_figures_of_some_cycles(site: Site, jenny: str) -> None:
    cycle(site)
    site.room.capture("Joe")
    cycle(site)
    cycle(site)
    found = figures(site)
    assert found["followsync_cycles_total"] == {("dana", "done"): 3}
    assert found["followsync_writes_total"] == {
        ("created", "dana", "phone"): 1,
        ("updated", "dana", "phone"): 0,
        ("deleted", "dana", "phone"): 0,
    }
    assert found["followsync_requests_total"][("dana", "phone")] >= 4
    assert found["followsync_pending"] == {("dana", "phone"): 0}
    assert found["followsync_quarantined"] == {("dana", "phone"): 0}
    assert found["followsync_open_prospects"] == {("dana",): 2}
    assert found["followsync_last_good_cycle_timestamp_seconds"] == {("dana", "phone"): site.room.now.timestamp()}
    fates = {fate: number for (_, fate), number in {key[::-1]: one for key, one in found["followsync_promises"].items()}.items()}
    assert found["followsync_promises"][("open", "dana")] == 1
    assert sum(fates.values()) == 1


def test_what_became_of_promises_is_counted_anew_when_something_happens(site: Site, jenny: str) -> None:
    assert figures(site)["followsync_promises"][("kept", "dana")] == 0
    site.room.log("jenny", Result.DONE)
    assert figures(site)["followsync_promises"][("kept", "dana")] == 1
    site.room.promise("jenny", "thu 4pm call to renew")
    site.room.now += timedelta(days=9)
    assert figures(site)["followsync_promises"][("broken", "dana")] == 1


def test_a_failure_is_counted_once_however_long_it_is_left_alone(site: Site) -> None:
    failed = Report({"phone": TargetReport(error="It is down.", pending=2)})
    for failures in (1, 1, 1, 2):
        site.vitals.ended("dana", failed, [TargetState("dana", "phone", failures=failures, error="It is down.")])
    site.vitals.ended("dana", failed, [TargetState("dana", "phone", failures=3, login_needed=True)])
    site.vitals.ended("dana", failed, [TargetState("dana", "phone", failures=4, held="many")])
    site.vitals.broke("dana", StoreError("locked"))
    site.vitals.broke("dana", LoginNeeded("no"))
    found = figures(site)
    assert found["followsync_errors_total"] == {
        ("calendar", "dana", "phone"): 2,
        ("login", "dana", "phone"): 1,
        ("held", "dana", "phone"): 1,
        ("store", "dana", ""): 1,
        ("fault", "dana", ""): 1,
    }
    assert found["followsync_cycles_total"] == {("dana", "done"): 6, ("dana", "broke"): 2}
    assert found["followsync_pending"] == {("dana", "phone"): 2}


def test_no_figure_tells_of_anybody(site: Site, feed: str) -> None:
    cycle(site)
    for path in ("/metrics", "/healthz"):
        told = site.ask(path).body.decode()
        assert not [word for word in ("jenny", "Jenny", "5309", "determine", feed[6:-4]) if word in told]
