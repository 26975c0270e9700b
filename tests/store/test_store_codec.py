"""What goes into the store comes out of it."""

import types
import typing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followsync.core.history import Captured, Edited, Entry, Result, StepRef, Touched
from followsync.core.item import Form, Item, Write, Written
from followsync.core.prospect import Prospect
from followsync.core.target import Capabilities, TargetState
from followsync.errors import StoreError, UsageError
from followsync.store import codec

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("America/New_York"))

MOMENTS = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.timezones())


def strategy(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    """As Hypothesis reads a type, but with aware datetimes only."""
    if hint is datetime:
        return MOMENTS
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return st.one_of(*map(strategy, typing.get_args(hint)))
    if typing.get_origin(hint) is tuple and typing.get_args(hint)[1:] == (...,):
        return st.lists(strategy(typing.get_args(hint)[0]), max_size=3).map(tuple)
    if is_dataclass(hint) and isinstance(hint, type):
        return st.builds(hint, **{name: strategy(part) for name, part in typing.get_type_hints(hint).items()})
    return st.from_type(hint)


def in_utc(value: typing.Any) -> typing.Any:
    """Hours that the clocks repeat never compare equal across zones (PEP 495), so both sides are put into UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, tuple):
        return tuple(map(in_utc, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: in_utc(getattr(value, field.name)) for field in fields(value)})
    return value


def moments(value: typing.Any) -> list[datetime]:
    if isinstance(value, datetime):
        return [value]
    if isinstance(value, tuple):
        return [found for part in value for found in moments(part)]
    return [found for field in fields(value) for found in moments(getattr(value, field.name))] if is_dataclass(value) else []


ENTRIES = st.one_of(*(strategy(kind) for kind in typing.get_args(Entry)))


@given(ENTRIES)
def test_every_entry_comes_back(entry: Entry) -> None:
    back = codec.decode_entry(codec.tag(entry), codec.encode(entry))
    assert type(back) is type(entry)
    assert back == in_utc(entry)
    assert all(moment.utcoffset() == timedelta(0) for moment in moments(back))


@given(st.one_of(strategy(Prospect), strategy(TargetState), strategy(Written)))
def test_every_record_comes_back(record: Prospect | TargetState | Written) -> None:
    back = codec.decode(type(record), codec.encode(record))
    assert back == in_utc(record)
    assert all(moment.utcoffset() == timedelta(0) for moment in moments(back))


def test_the_union_covers_every_entry_by_names_that_never_change() -> None:
    assert set(codec.ENTRY_TYPES) == {
        "captured",
        "edited",
        "touched",
        "promised",
        "waiting",
        "restored",
        "moved",
        "dismissed",
        "noted",
        "unclear",
        "reopened",
        "contradicted",
        "handedover",
    }


def test_unknown_keys_are_ignored_and_missing_ones_take_the_default() -> None:
    step = '{"cadence": "c", "step": "s", "new": 1}'
    text = f'{{"at": "2026-03-02T17:00:00Z", "via": "cli", "result": "next", "mood": "sunny", "steps": [{step}]}}'
    assert codec.decode_entry("touched", text) == Touched(NOON, "cli", Result.NEXT, steps=(StepRef("c", "s"),))


def test_times_are_written_in_utc_and_sort_as_text() -> None:
    assert '"2026-03-02T17:00:00Z"' in codec.encode(Captured(NOON, "cli"))
    assert codec.utc_text(NOON) == "2026-03-02T17:00:00.000000+00:00"
    assert codec.utc_text(NOON) < codec.utc_text(NOON + timedelta(microseconds=1)) < codec.utc_text(NOON + timedelta(seconds=1))


def test_an_hour_that_the_clocks_repeat_keeps_its_instant() -> None:
    second = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1)
    back = codec.decode(Captured, codec.encode(Captured(second, "cli")))
    assert back.at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_times_in_a_row_and_sets_inside_come_back() -> None:
    row = Written("phone", "a1", "p1", "/a1.ics", writes=(Write(NOON, "a"), Write(NOON + timedelta(hours=1), "b")))
    assert '"2026-03-02T17:00:00Z"' in codec.encode(row)
    assert '"2026-03-02T18:00:00Z"' in codec.encode(row)
    assert codec.decode(Written, codec.encode(row)).writes == row.writes
    with pytest.raises(StoreError, match="without a zone"):
        codec.encode(replace(row, writes=(Write(datetime(2026, 1, 1), "a"),)))
    state = TargetState("dana", "phone", capabilities=Capabilities(tasks=False, rewrites=frozenset({"title", "body+CLASS"})))
    assert codec.decode(TargetState, codec.encode(state)) == state


def test_a_field_kept_elsewhere_is_left_out_and_put_back() -> None:
    row = Written("phone", "a1", "p1", "/a1.ics", raw="BEGIN:VEVENT", agreed=Item("u", Form.EVENT, "t", "b", NOON, NOON))
    text = codec.encode(row, without="raw")
    assert "BEGIN" not in text
    assert codec.decode_row(text, "BEGIN:VEVENT", None) == row


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Captured(datetime(2026, 1, 1), "cli", "Secret"), StoreError),
        (Captured(datetime(9999, 12, 31, 23, tzinfo=ZoneInfo("America/New_York")), "cli", "Secret"), StoreError),
        (Captured(NOON, "cli", 5), StoreError),
        (Edited(NOON, "cli", {"Secret": ("only one",)}), StoreError),
        (Touched(NOON, "cli", Result.DONE, due="Secret"), StoreError),
        (Captured(NOON, "cli", "Secret \udcff"), UsageError),
        (Prospect("p", "dana", "Secret \ud800"), UsageError),
    ],
)
def test_what_could_not_be_read_back_is_not_written_and_not_quoted(value: typing.Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        codec.encode(value)
    assert "Secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "Secret", "via": "cli"}', '{"at": "2026-03-02T17:00:00Z"}', '{"via": "\\ud800"}'])
def test_a_damaged_record_is_a_sentence_that_quotes_nothing(text: str) -> None:
    with pytest.raises(StoreError, match="cannot be read") as caught:
        codec.decode_entry("captured", text)
    assert "Secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_entry_of_a_newer_program_says_so() -> None:
    with pytest.raises(StoreError, match="Update followsync"):
        codec.decode_entry("sang", "{}")


def test_days_stay_days() -> None:
    entry = Touched(NOON, "cli", Result.DONE, due=date(2026, 3, 1))
    assert codec.decode_entry("touched", codec.encode(entry)) == entry
