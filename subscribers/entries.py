"""One row of a CSV file → one checked entry. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from subscribers.address import Address, normalise
from subscribers.cells import unguard
from subscribers.columns import Columns
from subscribers.details import TOPIC_SEPARATORS, clean_language, clean_name, clean_timezone, clean_topics
from subscribers.errors import DetailError, ImportProblem
from subscribers.people import SubscriberState

_STATES: Mapping[str, SubscriberState] = {
    "active": SubscriberState.ACTIVE,
    "subscribed": SubscriberState.ACTIVE,
    "confirmed": SubscriberState.ACTIVE,
    "enabled": SubscriberState.ACTIVE,
    "pending": SubscriberState.PENDING,
    "unconfirmed": SubscriberState.PENDING,
    "unsubscribed": SubscriberState.UNSUBSCRIBED,
    "opted out": SubscriberState.UNSUBSCRIBED,
    "blocklisted": SubscriberState.UNSUBSCRIBED,
    "bounced": SubscriberState.BOUNCED,
    "cleaned": SubscriberState.BOUNCED,
    "complained": SubscriberState.COMPLAINED,
    "abuse": SubscriberState.COMPLAINED,
}


@dataclass(slots=True)
class Entry:
    """What one row says; empty values say nothing. Not frozen: a million are made."""

    row: int
    address: Address
    name: str
    language: str | None
    timezone: str | None
    topics: tuple[str, ...]
    state: SubscriberState | None
    confirmed_at: datetime | None
    created_at: datetime | None
    source: str


def entry_reader(columns: Columns, now: datetime) -> Callable[[int, Sequence[str]], Entry | None]:
    """A function (row number, cells) → entry, or None when all cells are blank.

    It raises AddressError, DetailError, or ImportProblem for a row with too few or too many cells.
    """
    width = columns.width
    places = [(field, columns.places.get(field)) for field in _ORDER]

    def read(row: int, cells: Sequence[str]) -> Entry | None:
        if len(cells) != width:
            if not any(cell.strip() for cell in cells):
                return None
            if len(cells) < width or any(cell.strip() for cell in cells[width:]):
                raise ImportProblem(
                    f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'} where the first row has {width}"
                )
        values = {field: _value(cells[place]) for field, place in places if place is not None}
        if not values["address"] and not any(cell.strip() for cell in cells):
            return None
        return _entry(row, values, now)

    return read


_ORDER = (
    "address", "name", "first_name", "last_name", "language", "timezone", "topics", "state", "confirmed_at",
    "created_at", "source",
)  # fmt: skip


def _value(cell: str) -> str:
    cell = cell.strip()
    return unguard(cell).strip() if cell.startswith("'") else cell


def _entry(row: int, values: Mapping[str, str], now: datetime) -> Entry:
    given = values.get
    address = normalise(values["address"])
    name = given("name") or f"{given('first_name', '')} {given('last_name', '')}"
    return Entry(
        row,
        address,
        clean_name(name),
        clean_language(given("language")),
        clean_timezone(given("timezone")),
        _topics(given("topics", "")),
        _state(given("state", "")),
        _instant("confirmed_at", given("confirmed_at", ""), now),
        _instant("created_at", given("created_at", ""), now),
        clean_name(given("source", "")),
    )


@lru_cache(maxsize=4096)
def _topics(cell: str) -> tuple[str, ...]:
    for separator in TOPIC_SEPARATORS[1:]:
        cell = cell.replace(separator, TOPIC_SEPARATORS[0])
    return clean_topics(cell.split(TOPIC_SEPARATORS[0]))


def _state(cell: str) -> SubscriberState | None:
    if not cell:
        return None
    state = _STATES.get(cell.lower())
    if state is None:
        raise DetailError("state", cell, "not a known state; write for example 'active' or 'unsubscribed'")
    return state


def _instant(field: str, cell: str, now: datetime) -> datetime | None:
    """ISO 8601; without a zone it is UTC."""
    if not cell:
        return None
    try:
        instant = datetime.fromisoformat(cell)
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DetailError(field, cell, "not a date; write for example '2026-11-23T07:00:00+00:00'") from None
    if instant > now:
        raise DetailError(field, cell, "lies in the future")
    return instant
