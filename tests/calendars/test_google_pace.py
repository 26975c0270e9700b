"""The quota of an account and of a project, in one process and in several."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from followsync.calendars import google_pace
from followsync.calendars.google_login import GoogleLogin
from followsync.calendars.google_pace import SHARED_ACCOUNT, UNASKED, Bucket, SharedBucket, bucket_of, project_pace
from followsync.config.secret import Secret
from followsync.core.pace import Limits, Pace
from followsync.errors import Unavailable


@dataclass(eq=False)
class Counted:
    """A bucket for all processes, on the test's clock. ``asked``: how many each time."""

    now: float = 0.0
    left: dict[str, tuple[float, float]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def take(self, name: str, pace: Pace, calls: int, patience: float) -> float | None:
        self.asked.append(calls)
        tokens, since = self.left.get(name, (pace.at_once, self.now))
        tokens = pace.refilled(tokens, self.now - since) - calls
        if pace.wait(tokens) > patience:
            return None
        self.left[name] = tokens, self.now
        return pace.wait(tokens)

    def bucket(self, pace: Pace, unasked: Bucket | None = None) -> SharedBucket:
        return SharedBucket("project p", "project", self, pace, unasked, now=lambda: self.now, wait=self.wait, jitter=lambda: 0.5)

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_several_processes_stay_below_the_quota_of_a_project() -> None:
    counted = Counted()
    processes = [counted.bucket(project_pace(600)) for _ in range(5)]
    calls: list[float] = []
    for number in range(3000):
        processes[number % 5].take(1)
        calls.append(counted.now)
    most = max(sum(begin <= one < begin + 60 for one in calls[number:]) for number, begin in enumerate(calls))
    assert most <= 600
    assert len(counted.asked) < len(calls) / 2  # a few are taken in advance


def test_a_quiet_cycle_asks_nobody_and_a_busy_one_seldom() -> None:
    counted = Counted()
    bucket = counted.bucket(SHARED_ACCOUNT, Bucket(now=lambda: counted.now, pace=UNASKED))
    for _ in range(12):  # an hour of quiet cycles
        bucket.take(1)
        bucket.take(1)
        counted.now += 300
    assert counted.asked == []
    for _ in range(50):
        bucket.take(1)
    assert len(counted.asked) <= 12
    bucket.take(50)
    assert counted.asked[-1] <= 50


def test_an_account_in_several_processes_stays_below_its_quota() -> None:
    assert SHARED_ACCOUNT.most(60) + 7 * (UNASKED.at_once + 60 * UNASKED.per_second) <= 600


def test_whoever_would_wait_too_long_is_turned_away_for_a_while_and_asks_for_no_more() -> None:
    counted = Counted()
    bucket = counted.bucket(Pace(1.0, 10.0))
    bucket.take(10)
    bucket.take(30)
    assert counted.now == pytest.approx(30)
    with pytest.raises(Unavailable, match="as much as Google lets this project ask") as told:
        bucket.take(31)
    assert told.value.retry_after == 90  # a minute, and half of another one
    bucket.take(1)  # what was turned away took nothing along


def test_the_same_account_and_project_have_the_same_bucket_on_every_machine() -> None:
    def login(project: str, token: str, subject: str = "") -> GoogleLogin:
        client = {"installed": {"client_id": f"{project}-x.apps.googleusercontent.com", "client_secret": "s"}}
        return GoogleLogin(json.dumps(client), Secret(file=token), lambda *_: None, (), subject)  # type: ignore[arg-type,return-value]

    here, there = Counted(), Counted()
    names = []
    for counted in (here, there):
        for one in (login("1", "/a"), login("1", "/b"), login("2", "/a"), login("1", "/a", "kim@example.org")):
            both = bucket_of(one, Limits(shared=counted))
            assert bucket_of(one, Limits(shared=counted)).account is both.account
            assert isinstance(both.account, SharedBucket)
            assert isinstance(both.project, SharedBucket)
            names.append((both.account.name, both.project.name))
    assert names[:4] == names[4:]
    assert len({account for account, _ in names}) == 4
    assert {project for _, project in names} == {"google project 1", "google project 2"}
    assert not any("kim" in account or "/a" in account for account, _ in names)


def test_one_process_counts_for_itself() -> None:
    secret = Secret(file=str(Path("/nowhere")))
    one = GoogleLogin('{"installed": {"client_id": "7-x", "project_id": "p7"}}', secret, lambda *_: None, ())  # type: ignore[arg-type,return-value]
    other = GoogleLogin('{"installed": {"client_id": "7-x", "project_id": "p7"}}', secret, lambda *_: None, (), "s")  # type: ignore[arg-type,return-value]
    mine, theirs = bucket_of(one, Limits()), bucket_of(other, Limits())
    assert mine.project is theirs.project
    assert mine.account is not theirs.account
    assert isinstance(mine.account, Bucket)
    assert mine.account.pace == google_pace.ACCOUNT
