"""Subscribers → CSV that a spreadsheet opens safely and an import takes back exactly. Streams, page by page."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import TextIO

from sqlalchemy import Connection

from subscribers.book import listing
from subscribers.cells import guard
from subscribers.people import Subscriber, SubscriberState

COLUMNS = ("address", "name", "language", "timezone", "topics", "state", "confirmed_at", "created_at", "source")
PAGE = 1000


def export_csv(db: Connection, newsletter: str, out: TextIO, *, state: SubscriberState | None = None) -> int:
    """Write everybody of a newsletter (or of one state) in the order they came; returns how many. Erased people never.

    Columns as in COLUMNS, comma, CRLF, every cell quoted (RFC 4180); formulas guarded, see cells.guard; topics divided
    by semicolons; instants in ISO 8601, UTC. Open `out` with newline="" and encoding "utf-8-sig": Excel needs the mark.
    The consent log and the suppressions are not in it; for those there is the backup.
    """
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    written, after = 0, 0
    while page := listing(db, newsletter, state=state, after=after, limit=PAGE):
        rows = [[guard(cell) for cell in _cells(subscriber)] for subscriber in page if subscriber.address]
        writer.writerows(rows)
        written += len(rows)
        after = page[-1].id
    return written


def _cells(subscriber: Subscriber) -> tuple[str, ...]:
    return (
        subscriber.address,
        subscriber.name,
        subscriber.language or "",
        subscriber.timezone or "",
        ";".join(subscriber.topics),
        subscriber.state.value,
        _instant(subscriber.confirmed_at),
        _instant(subscriber.created_at),
        subscriber.source,
    )


def _instant(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
