"""What must change on a calendar: one decision each, and after it there is nothing left to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followsync.core.item import Item, State, Written
from followsync.core.operations import (
    Create,
    Delete,
    Keep,
    Operation,
    Plan,
    Update,
    digest,
    generation,
    mass_deletion,
    merged,
    operations,
    same,
    uid,
)
from followsync.core.ruler import RULER
from tests.core.builders import DAY_0, Life, at, row, rules, worksheet

NOW = at("2026-01-08 10:00")
OURS = replace(Life(rules(worksheet())).items(NOW)[0], body="phone\n\nAnswer: tick it", alarms=(15,), busy=True)
STANDS = row(OURS)
TYPED = replace(STANDS, agreed=replace(OURS, uid="6B2C1A9E", url="", slot="", named=""))
HOUR = timedelta(hours=1)


def plan(wanted: Item | None, standing: Written | None) -> tuple[Operation, ...]:
    new = Written("phone", OURS.action, OURS.prospect, "new.ics", generation(standing))
    return operations({OURS.action: (wanted, new)} if wanted else {}, [standing] if standing else [], NOW).operations


def names(found: tuple[Operation, ...]) -> str:
    return " ".join(type(one).__name__ for one in found)


MOVED = replace(OURS, start=OURS.start + HOUR, end=OURS.end + HOUR)


@pytest.mark.parametrize(
    ("wanted", "standing", "expected"),
    [
        pytest.param(None, None, "", id="nothing"),
        pytest.param(OURS, None, "Create", id="new"),
        pytest.param(OURS, STANDS, "", id="as it is"),
        pytest.param(MOVED, STANDS, "Update", id="changed"),
        pytest.param(None, STANDS, "Delete", id="no longer wanted"),
        pytest.param(None, TYPED, "Update", id="typed by the rep, and no longer wanted"),
        pytest.param(
            None,
            replace(TYPED, agreed=replace(OURS, uid="6B2C1A9E", url="", body="", alarms=(), action="")),
            "Keep",
            id="typed, without our marks",
        ),
        pytest.param(None, replace(STANDS, gone_at=NOW), "", id="no longer wanted, and gone, they say"),
        pytest.param(OURS, replace(STANDS, state=State.GONE, agreed=None), "Create", id="deleted and wanted"),
        pytest.param(None, replace(STANDS, state=State.GONE, agreed=None), "", id="deleted and not wanted"),
        pytest.param(OURS, replace(STANDS, agreed=None), "Create", id="never arrived"),
        pytest.param(None, replace(STANDS, agreed=None), "Keep", id="never arrived and not wanted any more"),
        pytest.param(None, replace(STANDS, state=State.ANSWERED, ours=replace(OURS, title="✓ t", alarms=())), "Update", id="to be marked"),
        pytest.param(None, replace(STANDS, state=State.ANSWERED), "Keep", id="marked already"),
        pytest.param(None, replace(STANDS, state=State.RECORDED), "", id="a record"),
        pytest.param(OURS, replace(STANDS, state=State.RECORDED), "Create", id="a record, and wanted again"),
        pytest.param(OURS, replace(STANDS, ours=replace(OURS, missed=1)), "Keep", id="only our own count changed"),
        pytest.param(OURS, replace(STANDS, agreed=None, refused=digest(OURS)), "", id="refused as it is"),
        pytest.param(MOVED, replace(STANDS, agreed=None, refused=digest(OURS)), "Create", id="refused, but changed since"),
        pytest.param(MOVED, replace(STANDS, refused=digest(MOVED)), "", id="an update refused"),
        pytest.param(replace(OURS, busy=False), replace(STANDS, refused=digest(MOVED)), "Update", id="another update"),
        pytest.param(None, replace(STANDS, refused=digest(MOVED)), "Delete", id="refused and not wanted"),
        pytest.param(OURS.in_utc(), STANDS, "", id="the same instants"),
    ],
)
def test_decision(wanted: Item | None, standing: Written | None, expected: str) -> None:
    assert names(plan(wanted, standing)) == expected


def test_every_state_has_at_most_one_decision() -> None:
    for state in State:
        for agreed in (None, OURS):
            for wanted in (None, OURS, MOVED):
                for refused in ("", digest(OURS), digest(MOVED)):
                    assert len(plan(wanted, replace(STANDS, state=state, agreed=agreed, refused=refused))) <= 1


def test_a_deleted_entry_comes_back_under_another_id() -> None:
    gone = replace(STANDS, state=State.GONE, agreed=None, generation=1)
    ids = [uid(OURS.action, number) for number in range(4)]
    assert len(set(ids)) == 4
    assert all(len(one) == 29 and one.startswith("fs1") and set(one[3:]) <= set("0123456789abcdefghijklmnopqrstuv") for one in ids)
    assert [generation(one) for one in (None, STANDS, gone, replace(gone, state=State.RECORDED))] == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("gone", "standing", "held"),
    [(0, 0, False), (5, 5, False), (6, 6, True), (6, 19, True), (6, 20, False), (7, 20, True), (30, 100, False), (31, 100, True)],
)
def test_mass_deletion(gone: int, standing: int, held: bool) -> None:
    assert mass_deletion(gone, standing) is held


# --- the three ways

NEXT = replace(OURS, title=f"{OURS.title} (2nd day)", start=OURS.start + 24 * HOUR, end=OURS.end + 24 * HOUR, body="phone\n\nnew")


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        pytest.param({}, {}, id="only ours changed"),
        pytest.param({"title": "Mine"}, {"title": "Mine"}, id="a title of their own"),
        pytest.param({"location": "Main St"}, {"location": "Main St"}, id="a place"),
        pytest.param({"url": "https://example.org/room"}, {"url": "https://example.org/room"}, id="a link"),
        pytest.param({"alarms": (60,)}, {"alarms": (60,)}, id="an alarm"),
        pytest.param({"alarms": ()}, {"alarms": ()}, id="no alarm"),
        pytest.param({"busy": False}, {"busy": False}, id="free"),
        pytest.param({"end": OURS.end + HOUR}, {"end": NEXT.end + HOUR}, id="a longer one"),
        pytest.param({"body": f"hello\n{OURS.body}"}, {"body": f"hello\n{RULER}\n{NEXT.body}"}, id="text above"),
        pytest.param({"body": f"{OURS.body}\nhello"}, {"body": f"hello\n{RULER}\n{NEXT.body}"}, id="text below"),
        pytest.param({"body": ""}, {"body": NEXT.body}, id="all text taken away"),
        pytest.param({"title": OURS.title.replace(" ", "  ")}, {}, id="respaced by the server"),
    ],
)
def test_both_sides_changed(theirs: dict[str, object], expected: dict[str, object]) -> None:
    assert merged(NEXT, OURS, replace(OURS, **theirs)) == replace(NEXT, **expected).in_utc()


def test_what_only_they_changed_stays() -> None:
    theirs = replace(OURS, title="Mine", body="hello", location="Main St", alarms=(), end=OURS.end + HOUR, done=True)
    assert merged(OURS, OURS, theirs) == theirs.in_utc()


def test_text_is_put_together_once_however_often_ours_changes() -> None:
    agreed, ours = replace(OURS, body=f"hello\n{OURS.body}"), OURS
    for number in range(5):
        wanted = replace(OURS, body=f"phone\n\nversion {number}\n\nAnswer: tick it")
        agreed, ours = merged(wanted, ours, agreed), wanted
        assert agreed.body == f"hello\n{RULER}\n{wanted.body}"


def test_items_compare_as_people_see_them() -> None:
    assert same(OURS, replace(OURS.in_utc(), title=OURS.title + " ", uid="other"))
    assert digest(OURS) == digest(OURS.in_utc())
    twice = replace(OURS, start=at("2026-11-01 01:30"), end=at("2026-11-01 01:45"))
    assert same(twice, twice.in_utc())
    second = replace(twice, start=twice.start.replace(fold=1), end=twice.end.replace(fold=1))
    assert not same(twice, second)


# --- convergence


def shown_by(server: frozenset[str], item: Item) -> Item:
    """What a server makes of what it is given."""
    if "no alarms" in server:
        item = replace(item, alarms=())
    if "trims" in server:
        item = replace(item, title=item.title[:40].strip(), body="\n".join(line.strip() for line in item.body.splitlines()))
    if "cuts" in server:
        item = replace(item, body=item.body[:60])
    if "rewrites" in server:
        item = replace(item, body=f"<p>{item.body}</p>")
    if "always free" in server:
        item = replace(item, busy=False)
    if "utc" in server:
        item = item.in_utc()
    return item


def applied(standing: dict[str, Written], found: Plan, server: frozenset[str]) -> dict[str, Written]:
    """The rows after everything was sent and read back."""
    after = dict(standing)
    for one in found.operations:
        match one:
            case Create(item=item, written=new):
                shown = shown_by(server, item)
                after[new.action] = replace(new, ours=item, agreed=shown, etag="1", raw="raw")
            case Update(item=item, ours=ours, written=old):
                after[old.action] = replace(old, ours=ours, agreed=shown_by(server, item), etag="2")
            case Delete(written=old):
                after[old.action] = replace(old, state=State.GONE, agreed=None, generation=old.generation + 1)
            case Keep(written=old):
                after[old.action] = old
            case _:
                assert_never(one)
    return after


FAULTS = ["no alarms", "trims", "cuts", "rewrites", "always free", "utc"]
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
bodies = st.lists(texts, max_size=5).map("\n".join)


@st.composite
def items(draw: st.DrawFn, action: str) -> Item:
    start = at("2026-01-08 09:00", ZoneInfo(draw(st.sampled_from(["America/Detroit", "Europe/Berlin"])))) + draw(st.integers(0, 300)) * HOUR
    end = start + timedelta(minutes=draw(st.sampled_from([15, 45])))
    return replace(
        OURS,
        action=action,
        uid=f"fs1{action}",
        title=draw(texts),
        body=draw(bodies),
        start=start,
        end=end,
        busy=draw(st.booleans()),
        alarms=draw(st.sampled_from([(), (15,), (5, 60)])),
        location=draw(texts),
    )


@st.composite
def rounds(draw: st.DrawFn) -> list[dict[str, Item]]:
    names_ = st.sets(st.sampled_from(["a", "b", "c"]))
    return [{name: draw(items(name)) for name in sorted(draw(names_))} for _ in range(draw(st.integers(1, 4)))]


@settings(max_examples=100, deadline=None)
@given(rounds(), st.frozensets(st.sampled_from(FAULTS)), st.lists(st.sampled_from(["title", "body", "end", "alarms"]), max_size=4))
def test_a_plan_applied_leaves_nothing_to_do(wished: list[dict[str, Item]], server: frozenset[str], touches: list[str]) -> None:
    standing: dict[str, Written] = {}
    for wants in wished:
        wanted = {
            name: (item, Written("phone", name, "jenny", f"{name}.ics", generation(standing.get(name)), placed=DAY_0))
            for name, item in wants.items()
        }
        found = operations(wanted, standing.values(), NOW)
        assert len({one.written.action for one in found.operations}) == len(found.operations)
        assert found == operations(dict(reversed(wanted.items())), reversed(standing.values()), NOW), "order of the input"
        standing = applied(standing, found, server)
        assert operations(wanted, standing.values(), NOW) == Plan(), "the second time there is nothing left to do"
        for name, kind in zip(sorted(standing), touches, strict=False):
            if (shown := standing[name].agreed) is not None:
                change = {"title": "Mine", "body": f"hello\n{shown.body}", "end": shown.end + HOUR, "alarms": ()}[kind]
                standing[name] = replace(standing[name], agreed=replace(shown, **{kind: change}))
        assert not operations(wanted, standing.values(), NOW).writes, "what the rep touched is not written back"


@pytest.mark.parametrize("fault", ["no alarms", "trims", "cuts", "always free", "utc"])
def test_a_careless_server_does_not_make_the_text_grow(fault: str) -> None:
    server = frozenset({fault})
    standing: dict[str, Written] = {}
    sizes = []
    for number in range(12):
        body = f"248.867.5309\nTo say thanks\n\nAttempt {number}\n\n{'Answer ' * 9}"
        item = replace(OURS, title=f"{OURS.title} ({number}th day)", body=body)
        new = Written("phone", item.action, item.prospect, "a.ics", placed=DAY_0)
        standing = applied(standing, operations({item.action: (item, new)}, standing.values(), NOW), server)
        shown = standing[item.action].agreed
        assert shown is not None
        sizes.append(len(shown.body))
    assert max(sizes) <= 2 * (sizes[0] + len(RULER))


def test_a_record_is_made_once() -> None:
    answered = replace(STANDS, state=State.ANSWERED, ours=replace(OURS, title=f"✓ {OURS.title}", busy=False, alarms=()))
    (update,) = plan(None, answered)
    assert isinstance(update, Update)
    assert update.item == replace(OURS, title=f"✓ {OURS.title}", busy=False, alarms=())
    assert (update.item.start.tzinfo, update.written.state) == (OURS.start.tzinfo, State.RECORDED)
    assert plan(None, update.written) == ()
    assert OURS.start.astimezone(UTC) == update.item.start.astimezone(UTC)
