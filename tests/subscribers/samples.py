"""The instant and the newsletter of these tests, and how they put people in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Protocol

from sqlalchemy import Connection

from subscribers import book
from subscribers.importing import ImportReport, import_csv
from subscribers.keys import KeyRing

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LETTER = "weekly"


class Join(Protocol):
    def __call__(
        self,
        address: str,
        *,
        confirmed: bool = True,
        newsletter: str = LETTER,
        name: str = "",
        topics: Sequence[str] = (),
    ) -> int: ...


def take_in(db: Connection, ring: KeyRing, file: str | bytes, **options: Any) -> ImportReport:
    """Import a file, given as its text or bytes, into the weekly letter."""
    stream = BytesIO(file.encode() if isinstance(file, str) else file)
    return import_csv(db, ring, LETTER, stream, **{"source": "list.csv", "now": NOW, **options})


def addresses(db: Connection) -> list[str]:
    """Everybody's, in the order they came."""
    return [subscriber.address for subscriber in book.listing(db, LETTER, limit=10_000)]


def reported(report: ImportReport) -> dict[str, int]:
    """The counts that are not zero."""
    names = ("rows", "added", "updated", "unchanged", "kept", "suppressed", "duplicates", "rejected")
    return {name: getattr(report, name) for name in names if getattr(report, name)}
