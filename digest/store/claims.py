"""Claims: who may send which row now. Edge; the heart of "exactly once".

A row is claimed and committed before its message leaves; the claim carries a fence, a number that grows with every
claim of the row. An outcome is written only to a row that is still claimed under the same fence: a process that slept
past its lease, or was taken for dead, cannot overwrite what happened since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select, update

from digest.errors import EditionError, StoreError
from digest.model import Claim, EditionState, RecipientState
from digest.store import tables as t
from digest.store.rowstates import CLAIMED, DEFERRED, PENDING
from subscribers.audience import unreachable_reason
from subscribers.tables import subscriber

_r = t.recipient.c


def claim(db: Connection, edition: str, *, sender: int, limit: int, now: datetime, lease: timedelta) -> list[Claim]:
    """Up to `limit` rows that `sender` alone may send until `now + lease`: retries that are due first, then new ones.

    Empty when nothing is to be done now, or the edition is not being sent (paused, cancelled). Whoever must not be
    written to any more is cancelled with the reason instead. Commit before the first message leaves.
    Raises StoreError when the sender was taken for dead: register again; EditionError when there is no such edition.
    """
    if not _may_claim(db, edition, sender):
        return []
    claims: list[Claim] = []
    while len(claims) < limit and (ids := _next_ids(db, edition, now, limit - len(claims))):
        reachable = _cancel_unreachable(db, edition, db.execute(_with_person(edition, ids)).all(), now)
        _take(db, edition, [row.subscriber for row in reachable], sender=sender, now=now, lease=lease)
        claims += [_claim(edition, row) for row in reachable]
    return claims


def recheck(db: Connection, claims: Sequence[Claim], now: datetime) -> list[Claim]:
    """Those of `claims` that may still be sent, for claims that waited their turn. The others (left or were suppressed
    since, or recovered by another process) are cancelled where they are still ours, and are not returned."""
    kept: list[Claim] = []
    for edition, some in _by_edition(claims):
        fences = {c.subscriber: (c.fence, "claimed") for c in some}
        query = _with_person(edition, list(fences)).with_for_update(of=t.recipient)
        rows = [row for row in db.execute(query) if fences[row.subscriber] == (row.fence, row.state)]
        reachable = {row.subscriber for row in _cancel_unreachable(db, edition, rows, now)}
        kept += [c for c in some if c.subscriber in reachable]
    return kept


def renew(db: Connection, edition: str, *, sender: int, now: datetime, lease: timedelta) -> int:
    """Extend the lease of all rows that `sender` has claimed. Returns how many."""
    mine = update(t.recipient).where(_r.edition == edition, _r.state == CLAIMED, _r.sender == sender)
    return db.execute(mine.values(lease_until=now + lease)).rowcount


def release(db: Connection, edition: str, *, sender: int, now: datetime) -> int:
    """Give back all rows that `sender` has claimed and surely not begun to send, without charging an attempt."""
    mine = update(t.recipient).where(_r.edition == edition, _r.state == CLAIMED, _r.sender == sender)
    return db.execute(
        mine.values(state=PENDING, attempt=_r.attempt - 1, sender=None, lease_until=None, updated_at=now)
    ).rowcount


# ── below: picking, checking, taking ──────────────────────────────────────────────────────────────


def _may_claim(db: Connection, edition: str, sender: int) -> bool:
    e, s = t.edition.c, t.sender.c
    here = exists().where(s.id == sender, s.finished_at.is_(None))
    row = db.execute(select(e.state, here.label("alive")).where(e.id == edition)).one_or_none()
    if row is None:
        raise EditionError(f"{edition}: no such edition: `digest edition list` shows them")
    if not row.alive:
        # Its rows may have been recovered already; as a new sender it can go on.
        raise StoreError(f"sender {sender}: was taken for dead and may not claim: run again")
    return bool(row.state == EditionState.SENDING)


def _next_ids(db: Connection, edition: str, now: datetime, limit: int) -> list[int]:
    """Rows to send now, from the small indexes alone. On PostgreSQL they are locked, and those that another process is
    just taking are skipped; on SQLite the transaction holds the write lock."""
    rows = select(_r.subscriber).where(_r.edition == edition).with_for_update(skip_locked=True)
    due = rows.where(_r.state == DEFERRED, _r.next_at <= now).order_by(_r.next_at)
    new = rows.where(_r.state == PENDING).order_by(_r.subscriber)
    ids = list(db.scalars(due.limit(limit)))
    if len(ids) < limit:
        ids += db.scalars(new.limit(limit - len(ids)))
    return ids


def _with_person(edition: str, ids: Sequence[int]) -> Select[Any]:
    """Rows with what sending needs to know. `reason` is NULL for those who may be written to."""
    return (
        select(
            _r.subscriber,
            _r.state,
            _r.fence,
            _r.attempt,
            _r.message_id,
            subscriber.c.address,
            subscriber.c.name,
            unreachable_reason().label("reason"),
        )
        .outerjoin(subscriber, subscriber.c.id == _r.subscriber)
        .where(_r.edition == edition, _r.subscriber.in_(ids))
    )


def _cancel_unreachable(db: Connection, edition: str, rows: Sequence[Row[Any]], now: datetime) -> list[Row[Any]]:
    """Cancel the rows of those who must not be written to; return the others."""
    gone = {row.subscriber: row.reason or "erased" for row in rows if row.reason or not row.address}
    for reason in set(gone.values()):
        ids = [number for number, why in gone.items() if why == reason]
        db.execute(
            update(t.recipient)
            .where(_r.edition == edition, _r.subscriber.in_(ids))
            .values(state=RecipientState.CANCELLED, reason=reason, next_at=None, lease_until=None, updated_at=now)
        )
    return [row for row in rows if row.subscriber not in gone]


def _take(db: Connection, edition: str, ids: list[int], *, sender: int, now: datetime, lease: timedelta) -> None:
    if not ids:
        return
    db.execute(
        update(t.recipient)
        .where(_r.edition == edition, _r.subscriber.in_(ids))
        .values(
            state=CLAIMED,
            fence=_r.fence + 1,
            attempt=_r.attempt + 1,
            sender=sender,
            lease_until=now + lease,
            next_at=None,
            updated_at=now,
        )
    )


def _claim(edition: str, row: Row[Any]) -> Claim:
    return Claim(
        edition=edition,
        subscriber=row.subscriber,
        address=row.address,
        name=row.name,
        attempt=row.attempt + 1,
        fence=row.fence + 1,
        message_id=row.message_id,
    )


def _by_edition(claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    ordered = sorted(claims, key=lambda claim: claim.edition)
    return [(edition, list(some)) for edition, some in groupby(ordered, key=lambda claim: claim.edition)]
