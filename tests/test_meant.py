"""Who is meant: the same prospect at the terminal and on the calendar, one question where there are two, and nobody twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followsync.cli.who import find
from followsync.core.prospect import Prospect, Stakeholder
from followsync.errors import UsageError
from followsync.meant import meant
from tests.machine.room import Room
from tests.test_answers import at, people, questions, settled, typed


def somebody(name: str, *, id: str = "", person: str = "", phone: str = "", email: str = "", beside: str = "") -> Prospect:
    absent = (Stakeholder(beside),) if beside else ()
    known = Prospect(id=id or name.lower().replace(" ", "-"), rep="dana", name=name, person=person, phone=phone, email=email)
    return replace(known, stakeholders=absent)


SMITH = somebody("Jenny Smith", phone="248.867.5309", email="jenny@example.org")
JONES = somebody("Jenny Jones", phone="248.555.0100")
AT_JOES = somebody("Joe's Diner", id="joes", person="Jenny Ray")
SUMMIT = somebody("Summit Paper", id="summit", person="Lynn", phone="248.555.0111")
SHOP = somebody("Pinecrest Dental", id="pinecrest", person="Marcy", phone="734-555-0142", beside="Ann Lee")
FRONT_DESK = somebody("Pinecrest Front Desk", phone="734-555-0142")
ACME_BOB, ACME_ANN = somebody("Acme", id="acme", person="Bob"), somebody("Acme", id="acme-2", person="Ann")


def named(name: str, *, person: str = "", phone: str = "", email: str = "") -> Prospect:
    return Prospect(id="", rep="dana", name=name, person=person, phone=phone, email=email)


@pytest.mark.parametrize(
    ("known", "said", "ids"),
    [
        ([SMITH], named("Jenny"), "jenny-smith"),
        ([SMITH], named("jenny s."), "jenny-smith"),
        ([SMITH], named("Jenny", phone="(248) 867-5309"), "jenny-smith"),
        ([SMITH], named("Jenny", phone="313.555.0199"), ""),  # another number
        ([SMITH], named("Jenny", email="jen@example.com"), ""),  # another address
        ([SMITH], named("Jenny Miller"), ""),  # another family name
        ([SMITH], named("Jenny Smith", phone="313.555.0199"), ""),  # two of one name
        ([SMITH], named("Jen"), ""),  # another name
        ([SMITH], named("Smith"), ""),
        ([SMITH], named("Jenny", person="Jenny"), ""),  # a business that is called so
        ([somebody("Jenny")], named("Jenny Smith"), ""),  # more is said than is known
        ([SMITH, JONES], named("Jenny"), "jenny-smith jenny-jones"),
        ([SMITH, JONES], named("Jenny", phone="248.555.0100"), "jenny-jones"),
        ([SMITH, JONES], named("Jenny", phone="313.555.0199"), ""),
        ([SMITH, JONES], named("Jenny Jones"), "jenny-jones"),
        ([SMITH, JONES], named("Jenny J"), "jenny-jones"),
        ([somebody("Jenny"), SMITH], named("Jenny"), "jenny"),  # the whole name
        ([somebody("Jenny"), AT_JOES], named("Jenny Ray"), "joes"),
        ([AT_JOES], named("Jenny"), "joes"),
        ([SUMMIT], named("Summit"), "summit"),
        ([SUMMIT], named("Summit", person="Lynn"), "summit"),
        ([SUMMIT], named("Summit", person="Gus"), ""),  # perhaps Summit Roofing
        ([SUMMIT], named("Summit Roofing"), ""),
        ([SUMMIT], named("Sum"), ""),
        ([somebody("Joe Allen Roofing")], named("Joe"), ""),  # no first name of a business
        ([somebody("Joe's Diner")], named("Joe"), ""),
        ([ACME_BOB, ACME_ANN], named("Acme"), "acme acme-2"),
        ([ACME_BOB, ACME_ANN], named("Acme", person="Ann"), "acme-2"),
        ([SHOP], named("Pinecrest Dental", person="Bob Ray", phone="734-555-0142"), ""),  # several people of a shop have its number
        ([SHOP], named("Bob Ray", phone="734-555-0142"), ""),
        ([SHOP], named("Pinecrest Dental", person="Bob Ray"), ""),
        ([SHOP], named("Pinecrest Dental", phone="734-555-0142"), "pinecrest"),
        ([SHOP], named("Marcy Hill", phone="734-555-0142"), "pinecrest"),
        ([SHOP], named("Ann", phone="734-555-0142"), "pinecrest"),  # who is known beside her
        ([SHOP], named("734-555-0142", phone="734-555-0142"), "pinecrest"),
        ([somebody("Robert Ray", phone="734-555-0142")], named("Bob Ray", phone="734-555-0142"), "robert-ray"),
        ([somebody("Dr. Ray", phone="734-555-0142")], named("Bob", phone="734-555-0142"), "dr.-ray"),
        ([somebody("Ann & Bob", phone="734-555-0142")], named("Bob", phone="734-555-0142"), "ann-&-bob"),
        ([SHOP, somebody("Bob Ray", phone="734-555-0142")], named("Bob", phone="734-555-0142"), "bob-ray"),
        ([SHOP, FRONT_DESK], named("Marcy", phone="734-555-0142"), "pinecrest"),  # of those with one number the name tells
        ([SHOP, FRONT_DESK], named("Pinecrest Front Desk", phone="734-555-0142"), "pinecrest-front-desk"),
        ([SHOP, FRONT_DESK], named("734-555-0142", phone="734-555-0142"), "pinecrest pinecrest-front-desk"),
    ],
)
def test_whom_a_line_names(known: list[Prospect], said: Prospect, ids: str) -> None:
    assert [one.id for one in meant(known, said, lambda rep: "US")] == ids.split()


def test_an_open_one_goes_before_a_closed_one_and_a_closed_one_before_nobody() -> None:
    for closed, id in ((("jenny-smith",), "jenny-jones"), (("jenny-jones",), "jenny-smith")):
        assert [one.id for one in meant([SMITH, JONES], named("Jenny"), lambda rep: "US", closed)] == [id]
    assert [one.id for one in meant([SMITH], named("Jenny"), lambda rep: "US", ("jenny-smith",))] == ["jenny-smith"]


def test_nobody_of_another_rep_is_meant() -> None:
    assert meant([SMITH], Prospect(id="", rep="lee", name="Jenny Smith"), lambda rep: "US") == ()


@pytest.mark.parametrize(
    ("line", "said", "who"),
    [
        ("Call Jenny about the quote", "Jenny", "jenny-smith"),
        ("call jenny to review the quote", "jenny", "jenny-smith"),
        ("Call Jenny", "JENNY", "jenny-smith"),
        ("Call Jenny S to review the quote", "Jenny S", "jenny-smith"),
        ("Visit Summit to review the quote", "summit", "summit"),
        ("Email Lynn about the quote", "lynn", "summit"),
        ("Call Jenny – 248 867 5309", "248 867 5309", "jenny-smith"),
    ],
)
def test_the_same_one_is_meant_on_the_calendar_and_at_the_terminal(room: Room, line: str, said: str, who: str) -> None:
    room.capture("Jenny Smith", phone="248.867.5309")
    room.capture("Summit Paper", person="Lynn", id="summit")
    room.cycle()
    href = typed(room, line)
    settled(room)
    assert people(room) == ["jenny-smith", "summit"]
    assert room.href(who) == href
    with room.store.reading() as tx:
        assert find(tx, said, lambda rep: "US").id == who


def test_two_of_one_first_name_are_asked_about_once_on_the_calendar_and_named_at_the_terminal(room: Room) -> None:
    room.capture("Jenny Smith", phone="248.867.5309")
    room.capture("Jenny Jones", phone="248.555.0100")
    room.cycle()
    href = typed(room, "Call Jenny to review the quote")
    before = room.server.entries[href]
    settled(room)
    assert (people(room), room.server.entries[href]) == (["jenny-jones", "jenny-smith"], before)
    assert questions(room) == ['Jenny Jones: "Call Jenny to review the quote": who is meant?']
    (item,) = (item for item in room.open_items().values() if "?" in item.title)
    assert "Jenny Jones, 248.555.0100; Jenny Smith, 248.867.5309." in item.body
    assert sum("may mean" in one.body for one in room.open_items().values()) == 1
    with room.store.reading() as tx, pytest.raises(UsageError, match=r"jenny-jones .* jenny-smith"):
        find(tx, "jenny", lambda rep: "US")
    room.server.phone_edit(href, title="Call Jenny Smith to review the quote")
    settled(room)
    assert (people(room), room.href("jenny-smith"), questions(room)) == (["jenny-jones", "jenny-smith"], href, [])


@pytest.mark.parametrize("line", ["Call Jenny Miller to review the quote", "Call Jenny to review the quote – 313.555.0199"])
def test_another_family_name_or_number_is_somebody_new(room: Room, line: str) -> None:
    room.capture("Jenny Smith", phone="248.867.5309")
    typed(room, line)
    settled(room)
    assert len(people(room)) == 2


@pytest.mark.parametrize(
    "line", ["Lunch with Jenny", "Call Jenny to plan the birthday", "Visit Summit", "Call home", "Call mom", "Call Jen"]
)
def test_a_first_name_alone_makes_no_follow_up_of_what_is_private(room: Room, line: str) -> None:
    for name in ("Jenny Smith", "Summit Paper", "Home Depot", "Mom & Pop Grocery"):
        room.capture(name)
    room.cycle()
    before = set(room.server.entries)
    href = typed(room, line)
    raw = room.server.entries[href]
    settled(room)
    assert len(people(room)) == 4
    assert room.server.entries[href] == raw
    assert questions(room) == []
    assert before == room.server.entries.keys() - {href}


def test_another_person_typed_at_a_known_number_is_tried_again_by_name(room: Room) -> None:
    room.capture("Pinecrest Dental", id="pinecrest", person="Marcy", phone="734-555-0142")
    room.promise("pinecrest", "thu 9am call to sign")
    room.cycle()
    href = typed(room, "Call Bob Ray at Pinecrest Dental to measure – 734-555-0142", "01-07 10:00")
    settled(room)
    assert people(room) == ["pinecrest", "pinecrest-dental"]
    assert questions(room) == []
    room.cycle(at("01-07 10:20"))
    room.server.phone_edit(href, title=f"x {room.server.phone_item(href).title}")
    settled(room)
    titles = sorted(item.title for item in room.open_items().values())
    assert titles == ["Call Bob Ray to measure – 734-555-0142", "Call Marcy to sign – 734-555-0142"]
