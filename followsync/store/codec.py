"""The dataclasses of the core as JSON text, and back.

Forward compatible: unknown keys are ignored, missing ones take the dataclass's default. Times are written in UTC and come back aware with
offset zero; the zone an hour was shown in is not kept. An entry's type stands beside its JSON, as the tag of the union.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from followsync.core.history import Entry
from followsync.core.item import Written
from followsync.errors import StoreError, UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

UNREADABLE_TEXT = "The text holds bytes that are not UTF-8. Type it again, or save the file as UTF-8."

ENTRY_TYPES: dict[str, type[Entry]] = {kind.__name__.lower(): kind for kind in get_args(Entry)}
_TAGS = {kind: tag for tag, kind in ENTRY_TYPES.items()}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def encode(value: DataclassInstance, *, without: str = "") -> str:
    """The JSON of a dataclass, leaving out the field ``without``. Raises UsageError for text that is not Unicode (a lone surrogate, from
    bytes that were not UTF-8), StoreError for a value that could not be read back: a field of the wrong type, a time without a zone."""
    try:
        text = _adapter(type(value)).dump_json(_plain(value), exclude={without} if without else None, warnings="error")
    except UnicodeEncodeError:
        raise UsageError(UNREADABLE_TEXT) from None
    except PydanticSerializationError as error:
        # "from None" here and below: these errors quote the value, which is somebody's data
        if "UnicodeEncodeError" in str(error):
            raise UsageError(UNREADABLE_TEXT) from None
        raise StoreError(f"A {type(value).__name__} has a field of the wrong type and was not saved. Please report this fault.") from None
    return text.decode()


def decode(kind: type[T], text: str) -> T:
    """A ``kind`` from its JSON. Raises StoreError where the text is damaged."""
    try:
        value: T = _adapter(kind).validate_json(text)
    except ValidationError:
        raise StoreError(
            f"A {kind.__name__} in the store cannot be read: it is damaged, or a newer followsync wrote it. Update, or restore a backup."
        ) from None
    return value


@lru_cache(1024)
def decode_row(text: str, raw: str, zone: tzinfo | None) -> Written:
    """A row of what is written, with its entries told in ``zone`` (None: as they come). A cycle reads the same rows several times, and the
    next cycle reads them again: the same text is the same row, which nobody can change."""
    row = decode(Written, text)
    # Nobody else has seen these values yet, and dataclasses.replace takes as long as all the rest.
    object.__setattr__(row, "raw", raw)
    for item in (row.ours, row.agreed, row.intended) if zone else ():
        if item:
            object.__setattr__(item, "start", item.start.astimezone(zone))
            object.__setattr__(item, "end", item.end.astimezone(zone))
    return row


def tag(entry: Entry) -> str:
    """The name that an entry's type has in the store."""
    return _TAGS[type(entry)]


def tag_of(kind: type[Entry]) -> str:
    return _TAGS[kind]


@lru_cache(2048)
def decode_entry(tag: str, text: str) -> Entry:
    """A fact of the history; the same text is the same fact. Raises StoreError for a type this program does not know."""
    kind = ENTRY_TYPES.get(tag)
    if kind is None:
        raise StoreError("The history holds a kind of entry that this followsync does not know. Update followsync.")
    return decode(kind, text)


def utc_text(moment: datetime) -> str:
    """A fixed width, so that text order is time order. ``moment`` is aware."""
    return _utc(moment).isoformat(timespec="microseconds")


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise StoreError("A time without a zone was not saved. Please report this fault.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise StoreError("A time outside the years 1 to 9999 was not saved.") from None


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a dataclass is taken apart: ``values`` gives those of all fields, in order; at ``places`` something may have to be changed."""

    values: Callable[[Any], tuple[Any, ...]]
    places: tuple[int, ...]


@cache
def _shape(kind: type[Any]) -> _Shape:
    names = [field.name for field in fields(kind)]
    hints = get_type_hints(kind)
    places = tuple(number for number, name in enumerate(names) if _may_change(hints[name]))
    return _Shape(attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),), places)


@cache
def _may_change(hint: Any) -> bool:
    """Whether values of that type can hold a time or a mapping. Walking through each value instead took most of the time of a save."""
    if is_dataclass(hint):
        return any(map(_may_change, get_type_hints(hint).values()))
    origin = get_origin(hint) or hint
    if isinstance(origin, type) and issubclass(origin, datetime | Mapping):
        return True
    return any(_may_change(part) for part in get_args(hint))


def _plain(value: T) -> T:
    """The same with times in UTC and mappings of any kind as dict."""
    shape = _shape(type(value))
    if not shape.places:
        return value
    values = list(shape.values(value))
    for place in shape.places:
        values[place] = _plain_part(values[place])
    return type(value)(*values)


def _plain_part(part: Any) -> Any:
    match part:
        case None:
            return None
        case datetime():
            return _utc(part)
        case tuple():
            return tuple(map(_plain_part, part))
        case Mapping():
            return dict(part)
        case _:
            return _plain(part) if is_dataclass(part) and not isinstance(part, type) else part
