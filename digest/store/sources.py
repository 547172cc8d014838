"""Sources: how each has been doing: when it last answered, what it said, whether it moved, failed or went. Edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from digest.gather.source import Source
from digest.store import tables as t
from subscribers.tables import insert_new

MOVES_TRUSTED = 3
"""Answers in a row that must name the same new address before it stands in for the old one."""

FAILURES_TO_DOUBT = 3
"""Failures in a row after which a new address is given up and the one in the settings asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is remembered of a source. All instants are aware; None means never, or not known."""

    url: str
    name: str
    address: str | None = None
    moved_to: str | None = None
    moved_times: int = 0
    etag: str | None = None
    modified: str | None = None
    body_hash: str | None = None
    failures: int = 0
    reason: str | None = None
    tried_at: datetime | None = None
    ok_at: datetime | None = None
    new_at: datetime | None = None
    newest: date | None = None
    retry_at: datetime | None = None
    retired_at: datetime | None = None


def health(db: Connection, newsletter: str) -> dict[str, Health]:
    """What is remembered of every source that was ever asked, by the address in the settings."""
    columns = [column for column in t.source.c if column.name != "newsletter"]
    rows = db.execute(select(*columns).where(t.source.c.newsletter == newsletter).order_by(t.source.c.url))
    return {row.url: Health(**row._mapping) for row in rows}


def answered(
    db: Connection,
    newsletter: str,
    source: Source,
    now: datetime,
    *,
    moved_to: str | None = None,
    new: int = 0,
    newest: date | None = None,
    **read: str | None,
) -> None:
    """A source answered. `read` has etag, modified and body_hash of an answer that was read; without it, it had said
    that nothing changed. A new address that it names for the third time in a row is the one asked from then on."""
    before = _row(db, newsletter, source)
    times = before.moved_times + 1 if moved_to and moved_to == before.moved_to else int(bool(moved_to))
    trusted = moved_to if times >= MOVES_TRUSTED else None
    _set(
        db, newsletter, source,
        tried_at=now, ok_at=now, failures=0, reason=None, retry_at=None, retired_at=None,
        address=trusted or before.address,
        moved_to=None if trusted else moved_to,
        moved_times=0 if trusted else times,
        newest=max(filter(None, (newest, before.newest)), default=None),
        **({"new_at": now} if new else {}),
        **{name: read[name] for name in ("etag", "modified", "body_hash") if name in read},
    )  # fmt: skip


def failed(
    db: Connection, newsletter: str, source: Source, now: datetime, *, reason: str, retry_at: datetime | None = None
) -> None:
    """A source could not be asked or read. One that fails at its new address is asked at its old one again."""
    before = _row(db, newsletter, source)
    failures = before.failures + 1
    address = None if failures >= FAILURES_TO_DOUBT else before.address
    _set(
        db, newsletter, source, tried_at=now, failures=failures, reason=reason, retry_at=retry_at, address=address,
        moved_to=None, moved_times=0,
    )  # fmt: skip


def retire(db: Connection, newsletter: str, source: Source, now: datetime, *, reason: str) -> None:
    """A source said that it is gone for ever: it is asked no more until somebody revives it or changes its address."""
    before = _row(db, newsletter, source)
    _set(db, newsletter, source, tried_at=now, retired_at=now, reason=reason, failures=before.failures + 1)


def revive(db: Connection, newsletter: str, url: str) -> bool:
    """Forget what is held against a source, its new address included; False when nothing is known of it."""
    clean: dict[str, Any] = dict.fromkeys(
        ("address", "moved_to", "etag", "modified", "body_hash", "reason", "retry_at", "retired_at")
    )
    row = update(t.source).where(t.source.c.newsletter == newsletter, t.source.c.url == url)
    return db.execute(row.values(**clean, failures=0, moved_times=0)).rowcount > 0


def _row(db: Connection, newsletter: str, source: Source) -> Health:
    new = {"newsletter": newsletter, "url": source.url, "name": source.name, "moved_times": 0, "failures": 0}
    db.execute(insert_new(db, t.source), [new])
    columns = [column for column in t.source.c if column.name != "newsletter"]
    row = db.execute(select(*columns).where(t.source.c.newsletter == newsletter, t.source.c.url == source.url)).one()
    return Health(**row._mapping)


def _set(db: Connection, newsletter: str, source: Source, **values: Any) -> None:
    row = update(t.source).where(t.source.c.newsletter == newsletter, t.source.c.url == source.url)
    db.execute(row.values(name=source.name, **values))
