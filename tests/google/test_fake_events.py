"""The fake's calendar, asked by Google's own client library: each rule that google.md tells of."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.google.phone import Phone, as_html
from tests.google.wire import Door
from tests.google.world import CALL, World

Refused = Callable[..., tuple[int, str]]
DETROIT = ZoneInfo("America/Detroit")


def insert(world: World, ours: str, **fields: Any) -> Any:
    return world.calendar.events().insert(calendarId=ours, body={**CALL, **fields}).execute()


def get(world: World, ours: str, id: str = "fs1call", **how: Any) -> Any:
    return world.calendar.events().get(calendarId=ours, eventId=id, **how).execute()


def patch(world: World, ours: str, body: Any, id: str = "fs1call", etag: str = "") -> Any:
    request = world.calendar.events().patch(calendarId=ours, eventId=id, body=body)
    if etag:
        request.headers["If-Match"] = etag
    return request


def delete(world: World, ours: str, id: str = "fs1call", etag: str = "") -> Any:
    request = world.calendar.events().delete(calendarId=ours, eventId=id)
    if etag:
        request.headers["If-Match"] = etag
    return request


def listed(world: World, ours: str, **how: Any) -> Any:
    return world.calendar.events().list(calendarId=ours, **how).execute()


# --- ids


def test_an_event_comes_back_as_it_was_sent(world: World, ours: str) -> None:
    made = insert(world, ours)
    assert {name: made[name] for name in CALL} == CALL
    assert (made["status"], made["reminders"], made["iCalUID"]) == ("confirmed", {"useDefault": True}, "fs1call@google.com")
    assert get(world, ours) == made


@pytest.mark.parametrize("id", ["fs1w", "abcd", "fs1-call", "FS1CALL", "x" * 9, "a" * 1025])
def test_ids_are_of_base32hex(world: World, ours: str, refused: Refused, id: str) -> None:
    assert refused(world.calendar.events().insert(calendarId=ours, body={**CALL, "id": id})) == (400, "invalid")
    assert insert(world, ours, id="a" * 1024)["id"] == "a" * 1024


def test_without_an_id_google_chooses_one(world: World, ours: str) -> None:
    body = {name: value for name, value in CALL.items() if name != "id"}
    one, other = (world.calendar.events().insert(calendarId=ours, body=body).execute()["id"] for _ in range(2))
    assert one != other


def test_an_id_stays_taken(world: World, ours: str, refused: Refused) -> None:
    insert(world, ours)
    again = world.calendar.events().insert(calendarId=ours, body=CALL)
    assert refused(again) == (409, "duplicate")
    assert delete(world, ours).execute() == ""
    assert refused(again) == (409, "duplicate")
    assert refused(delete(world, ours)) == (410, "deleted")
    assert get(world, ours)["status"] == "cancelled"
    assert get(world, ours)["summary"] == CALL["summary"]


def test_what_was_deleted_can_be_brought_back(world: World, ours: str, refused: Refused) -> None:
    insert(world, ours)
    world.server.habits.undeletes = False
    patch(world, ours, {"summary": "Theirs"}).execute()
    delete(world, ours).execute()
    back = world.calendar.events().update(calendarId=ours, eventId="fs1call", body={**CALL, "status": "confirmed"})
    assert refused(back) == (403, "forbidden")
    world.server.habits.undeletes = True
    assert back.execute()["status"] == "confirmed"
    assert [one["id"] for one in listed(world, ours)["items"]] == ["fs1call"]


# --- versions


def test_if_match(world: World, ours: str, refused: Refused) -> None:
    first = insert(world, ours)["etag"]
    assert first.startswith('"')
    second = patch(world, ours, {"location": "Main St"}, etag=first).execute()["etag"]
    assert second != first
    assert refused(patch(world, ours, {"location": "Elm St"}, etag=first)) == (412, "conditionNotMet")
    assert refused(patch(world, ours, {"location": "Elm St"}, etag=f"W/{second}")) == (412, "conditionNotMet")
    update = world.calendar.events().update(calendarId=ours, eventId="fs1call", body=CALL)
    update.headers["If-Match"] = first
    assert refused(update) == (412, "conditionNotMet")
    assert refused(delete(world, ours, etag=first)) == (412, "conditionNotMet")
    assert get(world, ours)["location"] == "Main St"
    delete(world, ours, etag=second).execute()


def test_if_none_match(world: World, ours: str, refused: Refused) -> None:
    etag = insert(world, ours)["etag"]
    request = world.calendar.events().get(calendarId=ours, eventId="fs1call")
    request.headers["If-None-Match"] = etag
    assert refused(request)[0] == 304
    world.phone.rename("fs1call", "Other")
    assert request.execute()["summary"] == "Other"


# --- patch and put


def test_patch_merges_down_to_the_leaves(world: World, ours: str) -> None:
    insert(world, ours, location="Main St", extendedProperties={"private": {"one": "1", "two": "2"}})
    told = patch(world, ours, {"location": None, "extendedProperties": {"private": {"one": None, "three": "3"}}}).execute()
    assert "location" not in told
    assert told["extendedProperties"] == {"private": {"two": "2", "three": "3"}}
    assert told["description"] == CALL["description"]


def test_a_day_does_not_become_an_hour_by_itself(world: World, ours: str, refused: Refused) -> None:
    insert(world, ours)
    days = {"start": {"date": "2026-01-08"}, "end": {"date": "2026-01-09"}}
    assert refused(patch(world, ours, days)) == (400, "invalid")
    assert get(world, ours)["start"] == CALL["start"]
    gone = {"dateTime": None, "timeZone": None}
    told = patch(world, ours, {name: {**at, **gone} for name, at in days.items()}).execute()
    assert (told["start"], told["end"]) == (days["start"], days["end"])
    assert refused(patch(world, ours, {"start": CALL["start"], "end": CALL["end"]})) == (400, "invalid")
    told = patch(world, ours, {"start": {**CALL["start"], "date": None}, "end": {**CALL["end"], "date": None}}).execute()
    assert told["start"] == CALL["start"]


def test_put_drops_what_is_not_sent(world: World, ours: str, refused: Refused) -> None:
    insert(world, ours, location="Main St", colorId="5")
    body = {name: CALL[name] for name in ("start", "end")}
    told = world.calendar.events().update(calendarId=ours, eventId="fs1call", body=body).execute()
    assert not told.keys() & {"location", "colorId", "description", "summary"}
    assert refused(world.calendar.events().update(calendarId=ours, eventId="fs1call", body={"summary": "x"})) == (400, "required")


# --- times


def test_times_come_back_in_the_calendars_zone(world: World, ours: str) -> None:
    told = insert(
        world,
        ours,
        start={"dateTime": "2026-01-08T19:00:00Z", "timeZone": "Europe/Zurich"},
        end={"dateTime": "2026-01-08T20:15:00+01:00"},
    )
    assert told["start"] == {"dateTime": "2026-01-08T14:00:00-05:00", "timeZone": "Europe/Zurich"}
    assert told["end"]["dateTime"] == "2026-01-08T14:15:00-05:00"
    world.phone.rezone(world.server.calendar("Follow-ups"), "UTC")
    assert get(world, ours)["start"] == {"dateTime": "2026-01-08T19:00:00Z", "timeZone": "Europe/Zurich"}
    assert get(world, ours, timeZone="Asia/Tokyo")["start"]["dateTime"] == "2026-01-09T04:00:00+09:00"


def test_a_local_time_wants_a_zone(world: World, ours: str, refused: Refused) -> None:
    local = {"dateTime": "2026-07-08T14:00:00", "timeZone": "America/Detroit"}
    assert insert(world, ours, start=local, end=local)["start"]["dateTime"] == "2026-07-08T14:00:00-04:00"
    without = {**CALL, "id": "fs1other", "start": {"dateTime": "2026-07-08T14:00:00"}}
    assert refused(world.calendar.events().insert(calendarId=ours, body=without)) == (400, "invalid")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"end": {"dateTime": "2026-01-08T13:00:00-05:00"}}, "timeRangeEmpty"),
        ({"end": {"date": "2026-01-09"}}, "invalid"),
        ({"end": None}, "required"),
        ({"start": {"date": "2026-02-30"}, "end": {"date": "2026-03-01"}}, "invalid"),
        ({"start": {"dateTime": "soon"}}, "invalid"),
        ({"start": {"dateTime": "2026-01-08T14:00:00-05:00", "timeZone": "Mars/Base"}}, "invalid"),
        ({"colorId": "12"}, "invalid"),
        ({"transparency": "busy"}, "invalid"),
        ({"source": {"url": "tel:+12488675309"}}, "invalid"),
        ({"recurrence": ["FREQ=DAILY"]}, "invalid"),
        (
            {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]}},
            "cannotUseDefaultRemindersAndSpecifyOverride",
        ),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": one} for one in range(6)]}}, "invalid"),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40321}]}}, "invalid"),
    ],
)
def test_what_is_not_taken(world: World, ours: str, refused: Refused, wrong: dict[str, Any], reason: str) -> None:
    assert refused(world.calendar.events().insert(calendarId=ours, body={**CALL, **wrong})) == (400, reason)
    assert listed(world, ours)["items"] == []


# --- reminders, properties, guests


def test_reminders_do_not_move_updated(world: World, ours: str) -> None:
    five = {"useDefault": False, "overrides": [{"method": "popup", "minutes": one} for one in (0, 5, 15, 60, 40320)]}
    before = insert(world, ours)
    token = listed(world, ours)["nextSyncToken"]
    after = patch(world, ours, {"reminders": five}).execute()
    assert (after["updated"], after["reminders"]) == (before["updated"], five)
    assert after["etag"] != before["etag"]
    assert len(listed(world, ours, syncToken=token)["items"]) == 1
    world.server.habits.reminders_etag = False
    world.phone.remind("fs1call")
    silent = get(world, ours)
    assert (silent["reminders"], silent["etag"]) == ({"useDefault": False}, after["etag"])
    assert patch(world, ours, {"location": "Main St"}).execute()["updated"] > before["updated"]


def test_properties_are_cut_without_a_word(world: World, ours: str, refused: Refused) -> None:
    given = {"k" * 44: "v" * 1025, "k" * 45: "lost"}
    assert insert(world, ours, extendedProperties={"private": given})["extendedProperties"] == {"private": {"k" * 44: "v" * 1024}}
    many = {f"k{number}": "v" for number in range(301)}
    assert refused(patch(world, ours, {"extendedProperties": {"shared": many}})) == (400, "invalid")


def test_properties_are_searched(world: World, ours: str) -> None:
    insert(world, ours, extendedProperties={"private": {"followsync": "a1"}})
    insert(world, ours, id="fs1other")
    found = listed(world, ours, privateExtendedProperty="followsync=a1")["items"]
    assert [one["id"] for one in found] == ["fs1call"]
    assert listed(world, ours, privateExtendedProperty="followsync=a2")["items"] == []


def test_whatever_could_send_mail_is_noted(world: World, ours: str) -> None:
    insert(world, ours)
    world.calendar.events().patch(calendarId=ours, eventId="fs1call", body={}, sendUpdates="none").execute()
    assert world.server.calendars.mailed == []
    assert world.server.calendars.updates == [None, "none"]
    world.calendar.events().patch(calendarId=ours, eventId="fs1call", body={}, sendUpdates="all").execute()
    patch(world, ours, {"attendees": [{"email": "a@example.org"}]}).execute()
    assert world.server.calendars.mailed == ["calendar.events.patch fs1call"] * 2


# --- lists


def test_changes_since_a_token(world: World, ours: str) -> None:
    for number in range(3):
        insert(world, ours, id=f"fs1n{number}")
    first = listed(world, ours)
    assert len(first["items"]) == 3
    token = first["nextSyncToken"]
    assert listed(world, ours, syncToken=token)["items"] == []
    world.phone.rename("fs1n2", "Other")
    world.phone.delete("fs1n0")
    told = listed(world, ours, syncToken=token)
    etag = get(world, ours, "fs1n0")["etag"]
    assert told["items"][0] == {"kind": "calendar#event", "etag": etag, "id": "fs1n0", "status": "cancelled"}
    assert [(one["id"], one.get("summary")) for one in told["items"]] == [("fs1n0", None), ("fs1n2", "Other")]
    assert listed(world, ours, syncToken=told["nextSyncToken"])["items"] == []
    assert [one["id"] for one in listed(world, ours)["items"]] == ["fs1n1", "fs1n2"]
    assert listed(world, ours, showDeleted=True)["items"][0]["summary"] == CALL["summary"]


@pytest.mark.parametrize(
    "how",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"sharedExtendedProperty": "a=b"},
        {"q": "x"},
        {"timeMin": "2026-01-05T12:00:00Z"},
        {"timeMax": "2026-01-05T12:00:00Z"},
        {"updatedMin": "2026-01-05T12:00:00Z"},
        {"showDeleted": False},
    ],
)
def test_what_a_token_forbids(world: World, ours: str, refused: Refused, how: dict[str, Any]) -> None:
    token = listed(world, ours)["nextSyncToken"]
    assert refused(world.calendar.events().list(calendarId=ours, syncToken=token, **how)) == (400, "invalid")


def test_tokens_expire(world: World, ours: str, refused: Refused) -> None:
    token = listed(world, ours)["nextSyncToken"]
    world.server.forget_tokens()
    assert refused(world.calendar.events().list(calendarId=ours, syncToken=token)) == (410, "fullSyncRequired")
    assert refused(world.calendar.events().list(calendarId=ours, syncToken="nonsense")) == (400, "invalid")
    assert listed(world, ours, syncToken=listed(world, ours)["nextSyncToken"])["items"] == []


def test_pages(world: World, ours: str) -> None:
    """Short ones and empty ones, too; only the last has a sync token, and that token is of before the first."""
    for number in range(7):
        insert(world, ours, id=f"fs1n{number}")
    world.server.habits.pages = (0, 2, 3)
    pages = [listed(world, ours)]
    world.phone.rename("fs1n0", "Other")  # told on no page any more
    while "nextPageToken" in pages[-1]:
        assert "nextSyncToken" not in pages[-1]
        pages.append(listed(world, ours, pageToken=pages[-1]["nextPageToken"]))
        world.phone.delete("fs1n6") if len(pages) == 3 else None
    assert [len(one["items"]) for one in pages] == [0, 2, 3, 1]
    told = listed(world, ours, syncToken=pages[-1]["nextSyncToken"])
    assert told["items"] == []
    world.server.habits.pages = ()
    told = listed(world, ours, syncToken=pages[-1]["nextSyncToken"])
    assert [one["id"] for one in told["items"]] == ["fs1n0", "fs1n6"]


def test_a_page_holds_250(world: World, ours: str) -> None:
    for number in range(251):
        world.phone.add(world.server.calendar("Follow-ups"), f"Call {number}", datetime(2026, 1, 8, 9, tzinfo=DETROIT))
    first = listed(world, ours)
    assert len(first["items"]) == 250
    assert len(listed(world, ours, pageToken=first["nextPageToken"])["items"]) == 1
    assert len(listed(world, ours, maxResults=100)["items"]) == 100
    assert len(listed(world, ours, maxResults=2500)["items"]) == 251


def test_a_series_is_one_event_or_many(world: World, ours: str) -> None:
    """Each of the many at the same hour, also when the clocks have changed."""
    start = {"dateTime": "2026-03-05T14:00:00-05:00", "timeZone": "America/Detroit"}
    end = {"dateTime": "2026-03-05T15:00:00-05:00", "timeZone": "America/Detroit"}
    insert(world, ours, start=start, end=end, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    assert [one["recurrence"] for one in listed(world, ours)["items"]] == [["RRULE:FREQ=WEEKLY;COUNT=2"]]
    single = listed(world, ours, singleEvents=True, orderBy="startTime")["items"]
    assert [one["start"]["dateTime"] for one in single] == ["2026-03-05T14:00:00-05:00", "2026-03-12T14:00:00-04:00"]
    assert get(world, ours, single[1]["id"])["recurringEventId"] == "fs1call"
    after = listed(world, ours, singleEvents=True, timeMin="2026-03-06T00:00:00Z", timeMax="2026-03-30T00:00:00Z")["items"]
    assert [one["id"] for one in after] == ["fs1call_20260312T180000Z"]


def test_a_mask_leaves_out_what_was_not_asked_for(world: World, ours: str, refused: Refused) -> None:
    insert(world, ours)
    told = listed(world, ours, fields="items(id,start/dateTime),nextSyncToken")
    assert told["items"] == [{"id": "fs1call", "start": {"dateTime": "2026-01-08T14:00:00-05:00"}}]
    assert told.keys() == {"items", "nextSyncToken"}
    assert listed(world, ours, fields="items/id") == {"items": [{"id": "fs1call"}]}
    request = world.calendar.events().get(calendarId=ours, eventId="fs1call", fields="summary")
    assert request.execute() == {"summary": CALL["summary"]}
    assert refused(world.calendar.events().list(calendarId=ours, fields="items(id")) == (400, "invalidParameter")


# --- calendars, and who may do what


def test_a_calendar_of_ours(world: World, ours: str, refused: Refused) -> None:
    assert world.calendar.calendars().get(calendarId=ours).execute()["timeZone"] == "America/Detroit"
    assert world.calendar.calendars().patch(calendarId=ours, body={"summary": "Calls"}).execute()["summary"] == "Calls"
    entry = world.calendar.calendarList().patch(calendarId=ours, body={"colorId": "7"}).execute()
    assert entry["colorId"] == world.calendar.calendarList().get(calendarId=ours).execute()["colorId"] == "7"
    assert entry["colorId"] in world.calendar.colors().get().execute()["calendar"]
    assert refused(world.calendar.calendarList().patch(calendarId=ours, body={"colorId": "99"})) == (400, "invalid")
    assert [one["id"] for one in world.calendar.calendarList().list().execute()["items"]] == ["dana@example.org", ours]
    world.calendar.calendars().delete(calendarId=ours).execute()
    assert refused(world.calendar.calendars().get(calendarId=ours)) == (404, "notFound")
    assert refused(world.calendar.events().list(calendarId=ours)) == (404, "notFound")


def test_a_program_may_do_what_its_scopes_say(world: World, ours: str, refused: Refused) -> None:
    theirs = world.phone.new_calendar("Golf")
    mine = world.sign_in("calendar.app.created")
    mine.events().insert(calendarId=ours, body=CALL).execute()
    assert refused(mine.calendarList().list()) == (403, "insufficientPermissions")
    assert refused(mine.freebusy().query(body={})) == (403, "insufficientPermissions")
    assert refused(mine.events().list(calendarId=theirs.id)) == (404, "notFound")
    assert refused(mine.events().list(calendarId="primary")) == (404, "notFound")
    other = world.sign_in("calendar.app.created", client=world.server.grants.client())
    assert refused(other.events().list(calendarId=ours)) == (404, "notFound")
    owned = world.sign_in("calendar.events.owned")
    assert owned.events().list(calendarId="primary").execute()["items"] == []
    assert refused(owned.calendars().get(calendarId="primary")) == (403, "insufficientPermissions")
    reader = world.sign_in("calendar.calendarlist.readonly")
    assert {one["summary"] for one in reader.calendarList().list().execute()["items"]} == {"dana@example.org", "Golf", "Follow-ups"}


def test_somebody_elses_calendar(world: World, ours: str, refused: Refused) -> None:
    world.server.account("lee@example.org")
    other = world.sign_in("calendar", account="lee@example.org")
    assert refused(other.events().list(calendarId=ours)) == (404, "notFound")
    world.server.calendar("Follow-ups").shared["lee@example.org"] = "reader"
    assert other.events().list(calendarId=ours).execute()["items"] == []
    assert refused(other.events().insert(calendarId=ours, body=CALL)) == (403, "requiredAccessLevel")


def test_free_busy(world: World, ours: str, refused: Refused) -> None:
    golf = world.phone.new_calendar("Golf")
    at = datetime(2026, 1, 8, 9, tzinfo=DETROIT)
    world.phone.add(golf, "One", at)
    world.phone.add(golf, "Touches it", at + timedelta(hours=1), 30)
    world.phone.add(golf, "Free", at + timedelta(hours=5), transparency="transparent")
    world.phone.delete(world.phone.add(golf, "Called off", at + timedelta(hours=7)))
    world.phone.add(golf, "Daily", at + timedelta(hours=9), 15, recurrence=["RRULE:FREQ=DAILY"])
    world.server.calendars.groups["team@example.org"] = [golf.id, "nobody@example.org"]
    query = {"timeMin": "2026-01-08T05:00:00Z", "timeMax": "2026-01-10T05:00:00Z"}
    busy = world.sign_in("calendar.freebusy")
    asked = {**query, "items": [{"id": "team@example.org"}, {"id": ours}], "timeZone": "America/Detroit"}
    told = busy.freebusy().query(body=asked).execute()
    assert told["groups"] == {"team@example.org": {"calendars": [golf.id, "nobody@example.org"]}}
    assert told["calendars"][ours] == {"busy": []}
    assert told["calendars"]["nobody@example.org"]["errors"] == [{"domain": "global", "reason": "notFound"}]
    assert [(one["start"][5:16], one["end"][11:]) for one in told["calendars"][golf.id]["busy"]] == [
        ("01-08T09:00", "10:30:00-05:00"),
        ("01-08T18:00", "18:15:00-05:00"),
        ("01-09T18:00", "18:15:00-05:00"),
    ]
    many = [{"id": f"c{number}"} for number in range(51)]
    told = busy.freebusy().query(body={**query, "items": many}).execute()["calendars"]
    assert told["c50"]["errors"][0]["reason"] == "tooManyCalendarsRequested"
    assert refused(busy.freebusy().query(body={**query, "timeMax": query["timeMin"]})) == (400, "timeRangeEmpty")


# --- the rep's side


def test_the_rep_moves_and_types(world: World, ours: str) -> None:
    insert(world, ours, location="Main St")
    world.phone.move("fs1call", datetime(2026, 1, 9, 10, tzinfo=DETROIT))
    told = get(world, ours)
    assert (told["start"]["dateTime"], told["end"]["dateTime"]) == ("2026-01-09T10:00:00-05:00", "2026-01-09T10:15:00-05:00")
    assert told["location"] == "Main St"
    world.phone.move("fs1call", date(2026, 1, 12))
    assert (get(world, ours)["start"], get(world, ours)["end"]) == ({"date": "2026-01-12"}, {"date": "2026-01-13"})
    world.phone.note("fs1call", "likes  blue & https://example.org/a", html=True, bold=["blue"])
    page = 'likes &nbsp;<b>blue</b> &amp; <a href="https://example.org/a" target="_blank">https://example.org/a</a><br>248.867.5309<br>'
    assert get(world, ours)["description"] == f"{page}Ask: what happens next?"
    world.phone.delete_calendar(world.server.calendar("Follow-ups"))
    with pytest.raises(StopIteration):
        Phone(world.server)._found("fs1call")


def test_html_without_marks_is_text() -> None:
    assert as_html("one\ntwo") == "one<br>two"


def test_a_server_can_be_pickled_and_goes_on_the_same(world: World, ours: str) -> None:
    insert(world, ours)
    world.server.fault("503", at=2)
    copy = pickle.loads(pickle.dumps(world.server))
    path = f"{world.server.root}calendar/v3/calendars/{ours}/events"
    headers = {"Authorization": f"Bearer {max(world.server.grants.access)}"}
    bodies = [json.dumps({**CALL, "id": f"fs1n{number}"}).encode() for number in range(3)]
    answers = [[door("POST", path, headers, body) for body in bodies] for door in (Door(world.server), Door(copy))]
    assert answers[0] == answers[1]
    assert [status for status, _, _ in answers[0]] == [200, 503, 200]
