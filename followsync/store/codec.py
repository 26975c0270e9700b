"""The dataclasses of the core as JSON text, and back.

Forward compatible: unknown keys are ignored, missing ones take the dataclass's default. Times are written in UTC and come back aware with
offset zero; the zone an hour was shown in is not kept. An entry's type stands beside its JSON, as the tag of the union.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from followsync.core.history import Entry
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


def decode(kind: type[T], text: str, **more: Any) -> T:
    """A ``kind`` from its JSON; ``more``: fields kept elsewhere. Raises StoreError where the text is damaged."""
    try:
        value: T = _adapter(kind).validate_json(text)
    except ValidationError:
        raise StoreError(
            f"A {kind.__name__} in the store cannot be read: it is damaged, or a newer followsync wrote it. Update, or restore a backup."
        ) from None
    return replace(value, **more) if more else value


def tag(entry: Entry) -> str:
    """The name that an entry's type has in the store."""
    return _TAGS[type(entry)]


def decode_entry(tag: str, text: str) -> Entry:
    """Raises StoreError for a type this program does not know."""
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


def _plain(value: T) -> T:
    """The same with times in UTC and mappings of any kind as dict."""
    changed: dict[str, Any] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, datetime):
            changed[field.name] = _utc(part)
        elif isinstance(part, Mapping):
            changed[field.name] = dict(part)
        elif is_dataclass(part) and not isinstance(part, type):
            changed[field.name] = _plain(part)
    return replace(value, **changed) if changed else value
