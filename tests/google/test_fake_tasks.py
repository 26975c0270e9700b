"""The fake's tasks, asked by Google's own client library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.google.client import opened, signed_in
from tests.google.world import World

Refused = Callable[..., tuple[int, str]]


@pytest.fixture
def ours(world: World) -> str:
    made: str = world.tasks.tasklists().insert(body={"title": "Follow-ups"}).execute()["id"]
    return made


def insert(world: World, ours: str, title: str = "Write letter to Joe", **fields: Any) -> Any:
    return world.tasks.tasks().insert(tasklist=ours, body={"title": title, **fields}).execute()


def listed(world: World, ours: str, **how: Any) -> list[str]:
    return [one["title"] for one in world.tasks.tasks().list(tasklist=ours, **how).execute()["items"]]


def test_lists(world: World, ours: str, refused: Refused) -> None:
    told = world.tasks.tasklists().list().execute()["items"]
    assert [one["title"] for one in told] == ["My Tasks", "Follow-ups"]
    assert world.tasks.tasklists().get(tasklist="@default").execute()["id"] == told[0]["id"]
    first = world.tasks.tasklists().list(maxResults=1).execute()
    assert world.tasks.tasklists().list(maxResults=1, pageToken=first["nextPageToken"]).execute()["items"] == told[1:]
    world.tasks.tasklists().delete(tasklist=ours).execute()
    assert refused(world.tasks.tasks().list(tasklist=ours)) == (404, "notFound")


def test_google_chooses_the_id(world: World, ours: str) -> None:
    """So one that is sent twice stands there twice."""
    one, other = insert(world, ours, id="fs1task"), insert(world, ours, id="fs1task")
    assert len({one["id"], other["id"], "fs1task"}) == 3
    assert listed(world, ours) == ["Write letter to Joe"] * 2


def test_due_is_a_day(world: World, ours: str) -> None:
    assert insert(world, ours, due="2026-01-08T14:00:00Z")["due"] == "2026-01-08T00:00:00.000Z"
    assert "due" not in insert(world, ours)


def test_patch_put_and_versions(world: World, ours: str, refused: Refused) -> None:
    made = insert(world, ours, notes="one", due="2026-01-08T00:00:00Z")
    where = {"tasklist": ours, "task": made["id"]}
    told = world.tasks.tasks().patch(**where, body={"notes": None}).execute()
    assert ("notes" in told, told["due"], told["etag"] == made["etag"]) == (False, made["due"], False)
    stale = world.tasks.tasks().patch(**where, body={"title": "Other"})
    stale.headers["If-Match"] = made["etag"]
    assert refused(stale) == (412, "conditionNotMet")
    stale.headers["If-Match"] = told["etag"]
    assert stale.execute()["title"] == "Other"
    told = world.tasks.tasks().update(**where, body={"id": made["id"], "title": "Third"}).execute()
    assert (told["title"], "due" in told) == ("Third", False)
    assert refused(world.tasks.tasks().update(**where, body={"title": "Third"})) == (400, "invalid")
    assert refused(world.tasks.tasks().get(tasklist=ours, task="nothing")) == (404, "notFound")


@pytest.mark.parametrize(
    "wrong", [{"title": "t" * 1025}, {"notes": "n" * 8193}, {"status": "done"}, {"due": "tomorrow"}, {"summary": "of an event"}]
)
def test_what_is_not_taken(world: World, ours: str, refused: Refused, wrong: dict[str, str]) -> None:
    assert refused(world.tasks.tasks().insert(tasklist=ours, body={"title": "t", **wrong}))[0] == 400
    assert listed(world, ours) == []


def test_a_task_ticked_by_the_program_is_listed(world: World, ours: str) -> None:
    made = insert(world, ours)
    told = world.tasks.tasks().patch(tasklist=ours, task=made["id"], body={"status": "completed"}).execute()
    assert told["completed"].startswith("2026-01-05T12:00:00")
    assert (listed(world, ours), listed(world, ours, showCompleted=False)) == (["Write letter to Joe"], [])
    told = world.tasks.tasks().patch(tasklist=ours, task=made["id"], body={"status": "needsAction"}).execute()
    assert "completed" not in told


def test_a_task_ticked_on_the_phone_is_hidden(world: World, ours: str) -> None:
    made = insert(world, ours)
    world.phone.tick(made["id"])
    assert (listed(world, ours), listed(world, ours, showHidden=True)) == ([], ["Write letter to Joe"])
    told = world.tasks.tasks().get(tasklist=ours, task=made["id"]).execute()
    assert (told["status"], told["hidden"]) == ("completed", True)
    world.phone.untick(made["id"])
    assert listed(world, ours) == ["Write letter to Joe"]


def test_deleted_tasks(world: World, ours: str, refused: Refused) -> None:
    made, other = insert(world, ours), insert(world, ours, "Other")
    world.phone.delete_task(made["id"])
    where = {"tasklist": ours, "task": made["id"]}
    assert listed(world, ours) == ["Other"]
    (told,) = [one for one in world.tasks.tasks().list(tasklist=ours, showDeleted=True).execute()["items"] if one.get("deleted")]
    assert told["id"] == made["id"]
    assert world.tasks.tasks().delete(**where).execute() == ""
    world.server.habits.deleted_task = 404
    assert refused(world.tasks.tasks().delete(**where)) == (404, "notFound")
    stale = world.tasks.tasks().delete(tasklist=ours, task=other["id"])
    stale.headers["If-Match"] = made["etag"]
    assert refused(stale) == (412, "conditionNotMet")


def test_what_was_changed_since(world: World, ours: str) -> None:
    old = insert(world, ours, "Old")
    world.server.now += timedelta(hours=1)
    new = insert(world, ours, "New")
    assert listed(world, ours, updatedMin=new["updated"]) == ["New"]
    assert listed(world, ours, updatedMin=old["updated"]) == ["Old", "New"]
    world.server.now += timedelta(hours=1)
    world.phone.move_task(old["id"], date(2026, 1, 9))
    world.phone.tick(new["id"])
    since = (world.server.now - timedelta(minutes=1)).isoformat()
    assert listed(world, ours, updatedMin=since, showHidden=True, showDeleted=True) == ["Old", "New"]
    assert listed(world, ours, dueMin="2026-01-09T00:00:00Z") == ["Old"]
    assert listed(world, ours, dueMax="2026-01-09T00:00:00Z") == []


def test_pages_of_twenty_and_a_hundred_at_most(world: World, ours: str) -> None:
    for number in range(121):
        world.phone.add_task(world.server.tasklist("Follow-ups"), f"Task {number}")
    first = world.tasks.tasks().list(tasklist=ours).execute()
    assert len(first["items"]) == 20
    assert first["items"][0]["title"] == "Task 0"
    second = world.tasks.tasks().list(tasklist=ours, pageToken=first["nextPageToken"], maxResults=500).execute()
    assert (len(second["items"]), second["items"][0]["title"]) == (100, "Task 20")
    last = world.tasks.tasks().list(tasklist=ours, pageToken=second["nextPageToken"]).execute()
    assert ([one["title"] for one in last["items"]], "nextPageToken" in last) == (["Task 120"], False)


def test_clear_hides_what_is_done(world: World, ours: str) -> None:
    made = insert(world, ours, status="completed")
    insert(world, ours, "Open")
    world.tasks.tasks().clear(tasklist=ours).execute()
    assert listed(world, ours) == ["Open"]
    assert world.tasks.tasks().get(tasklist=ours, task=made["id"]).execute()["hidden"]


def test_tasks_want_their_own_scope(world: World, ours: str, refused: Refused) -> None:
    without = opened("tasks", world.server, signed_in(world.server, world.door, world.client, "dana@example.org", "calendar"))
    assert refused(without.tasklists().list()) == (403, "insufficientPermissions")
    reading = opened("tasks", world.server, signed_in(world.server, world.door, world.client, "dana@example.org", "tasks.readonly"))
    assert len(reading.tasklists().list().execute()["items"]) == 2
    assert refused(reading.tasklists().insert(body={"title": "t"})) == (403, "insufficientPermissions")


def test_lists_are_ones_own(world: World, ours: str, refused: Refused) -> None:
    world.server.account("lee@example.org")
    other = opened("tasks", world.server, signed_in(world.server, world.door, world.client, "lee@example.org"))
    assert refused(other.tasks().list(tasklist=ours)) == (404, "notFound")
    assert [one["title"] for one in other.tasklists().list().execute()["items"]] == ["My Tasks"]
