"""Editions and stories as JSON text, exactly: what is written is what comes back. Pure.

Driven by the type hints of the frozen values, so that a new field with a default needs no code here: texts written
before it existed get the default. An instant keeps its zone, as RFC 9557 writes it:
`2026-11-23T07:00:00+00:00[Europe/London]`.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
import typing
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.errors import StoreError
from digest.model import Edition, SealedEdition, Story

Value = typing.Any
"""A frozen value on its way to or from JSON; its type is known only from the hints."""


def edition_to_json(edition: Edition) -> str:
    return _to_text(edition)


def edition_from_json(text: str) -> Edition:
    """Raises StoreError when the text is not an edition's."""
    return typing.cast(Edition, _from_text(Edition, text))


def sealed_to_json(sealed: SealedEdition) -> str:
    return _to_text(sealed)


def sealed_from_json(text: str) -> SealedEdition:
    """Raises StoreError when the text is not a sealed edition's."""
    return typing.cast(SealedEdition, _from_text(SealedEdition, text))


def story_to_json(story: Story) -> str:
    return _to_text(story)


def story_from_json(text: str) -> Story:
    """Raises StoreError when the text is not a story's."""
    return typing.cast(Story, _from_text(Story, text))


def _to_text(value: Value) -> str:
    # ASCII only: PostgreSQL refuses NUL, and both refuse lone surrogates; escaped, any text survives.
    return json.dumps(_encode(value), separators=(",", ":"))


def _from_text(kind: type, text: str) -> Value:
    try:
        return _decode(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        message = f"database: {kind.__name__}: cannot be read back ({fault}): run `digest db check`, restore a backup"
        raise StoreError(message, kind="corrupt") from fault


def _encode(value: Value) -> Value:
    if dataclasses.is_dataclass(value):
        return {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return _instant_to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    return value


def _decode(kind: Value, value: Value) -> Value:
    origin: Value = typing.get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        inner = [arm for arm in typing.get_args(kind) if arm is not types.NoneType]
        return None if value is None else _decode(inner[0], value)
    if origin is typing.Literal and value not in typing.get_args(kind):
        raise ValueError(f"{value!r} is none of {', '.join(typing.get_args(kind))}")
    if origin is tuple:
        return _decode_tuple(typing.get_args(kind), value)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(typing.cast(type, kind), value)
    if isinstance(kind, type):
        return _decode_plain(kind, value)
    return value


def _decode_tuple(arms: tuple[Value, ...], items: Value) -> tuple[Value, ...]:
    if not isinstance(items, list):
        raise TypeError("a list is wanted")
    if len(arms) == 2 and arms[1] is Ellipsis:
        return tuple(_decode(arms[0], item) for item in items)
    return tuple(_decode(arm, item) for arm, item in zip(arms, items, strict=True))


def _decode_dataclass(kind: type, members: dict[str, Value]) -> Value:
    hints = _hints(kind)
    return kind(**{name: _decode(hints[name], value) for name, value in members.items()})


def _decode_plain(kind: type, value: Value) -> Value:
    if kind is datetime:
        return _instant_from_text(value)
    if kind is date:
        return date.fromisoformat(value)
    if issubclass(kind, enum.Enum):
        return kind(value)
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} is wanted, found {type(value).__name__}")
    return value


@functools.cache
def _hints(kind: type) -> dict[str, Value]:
    return typing.get_type_hints(kind)


def _instant_to_text(instant: datetime) -> str:
    zone = instant.tzinfo.key if isinstance(instant.tzinfo, ZoneInfo) else None
    return f"{instant.isoformat()}[{zone}]" if zone else instant.isoformat()


def _instant_from_text(text: str) -> datetime:
    """The offset tells the instant, the zone its look: a zone that is unknown here costs the name, not the time."""
    offset_form, _, zone = text.removesuffix("]").partition("[")
    instant = datetime.fromisoformat(offset_form)
    try:
        return instant.astimezone(ZoneInfo(zone)) if zone else instant
    except ZoneInfoNotFoundError:
        return instant
