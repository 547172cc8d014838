"""Claims and outcomes: who may send which row now, and what became of it. Edge; the heart of "exactly once".

A row is claimed and committed before its message leaves; the claim carries a fence, a number that grows with every
claim of the row. An outcome is written only to a row that is still claimed under the same fence: a process that slept
past its lease, or was taken for dead, cannot overwrite what happened since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from digest.errors import EditionError, StoreError
from digest.model import Claim, EditionState, RecipientState, Settlement
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


def settle(db: Connection, settlements: Sequence[Settlement], now: datetime) -> list[Claim]:
    """Write what became of claims; returns the claims whose rows are no longer theirs, and were left as they are.

    PENDING gives a row back that was not begun, without charging the attempt. Writing the same end twice is no
    refusal, so a commit whose answer was lost may be repeated. Raises ValueError for a state that is no end.
    """
    for settlement in settlements:
        _check(settlement)
    owned = _owned(db, [settlement.claim for settlement in settlements])
    mine = [s for s in settlements if owned.get((s.claim.edition, s.claim.subscriber)) == (s.claim.fence, "claimed")]
    if mine:
        db.execute(_SETTLE, [_values(settlement, now) for settlement in mine])
    same = {(s.claim.edition, s.claim.subscriber): (s.claim.fence, s.state.value) for s in mine}
    after = owned | same
    return [
        s.claim
        for s in settlements
        if after.get((s.claim.edition, s.claim.subscriber)) != (s.claim.fence, s.state.value)
    ]


# ── claiming ─────────────────────────────────────────────────────────────────────────────────────


def _may_claim(db: Connection, edition: str, sender: int) -> bool:
    state = db.scalar(select(t.edition.c.state).where(t.edition.c.id == edition))
    if state is None:
        raise EditionError(f"{edition}: no such edition: `digest edition list` shows them")
    here = db.execute(select(t.sender.c.finished_at).where(t.sender.c.id == sender)).one_or_none()
    if here is None or here.finished_at is not None:
        # Its rows may have been recovered already; as a new sender it can go on.
        raise StoreError(f"sender {sender}: was taken for dead and may not claim: run again")
    return bool(state == EditionState.SENDING)


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


# ── settling ─────────────────────────────────────────────────────────────────────────────────────


def _check(settlement: Settlement) -> None:
    if settlement.state is RecipientState.CLAIMED:
        raise ValueError("a claim cannot be settled as claimed")
    if (settlement.state is RecipientState.DEFERRED) != (settlement.next_at is not None):
        raise ValueError("next_at belongs to deferred, and to nothing else")


def _owned(db: Connection, claims: Sequence[Claim]) -> dict[tuple[str, int], tuple[int, str]]:
    """(edition, subscriber) → (fence, state) as the ledger has them now, locked until the commit."""
    found: dict[tuple[str, int], tuple[int, str]] = {}
    for edition, some in _by_edition(claims):
        query = (
            select(_r.subscriber, _r.fence, _r.state)
            .where(_r.edition == edition, _r.subscriber.in_([c.subscriber for c in some]))
            .order_by(_r.subscriber)
            .with_for_update()
        )
        found |= {(edition, number): (fence, state) for number, fence, state in db.execute(query)}
    return found


def _by_edition(claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    ordered = sorted(claims, key=lambda claim: claim.edition)
    return [(edition, list(some)) for edition, some in groupby(ordered, key=lambda claim: claim.edition)]


_SETTLE = (
    update(t.recipient)
    .where(
        _r.edition == bindparam("of_edition"),
        _r.subscriber == bindparam("of_subscriber"),
        _r.fence == bindparam("of_fence"),
        _r.state == CLAIMED,
    )
    .values(
        state=bindparam("to_state"),
        attempt=_r.attempt - bindparam("uncharged"),
        sender=None,
        lease_until=None,
        next_at=bindparam("to_next_at", type_=_r.next_at.type),
        message_id=func.coalesce(_r.message_id, bindparam("to_message_id")),
        reason=bindparam("to_reason"),
        phase=bindparam("to_phase"),
        code=bindparam("to_code"),
        enhanced=bindparam("to_enhanced"),
        reply=bindparam("to_reply"),
        updated_at=bindparam("to_updated_at", type_=_r.updated_at.type),
    )
)


def _values(settlement: Settlement, now: datetime) -> dict[str, Any]:
    claim, outcome = settlement.claim, settlement.outcome
    return {
        "of_edition": claim.edition,
        "of_subscriber": claim.subscriber,
        "of_fence": claim.fence,
        "to_state": settlement.state.value,
        "uncharged": int(settlement.state is RecipientState.PENDING),
        "to_next_at": settlement.next_at,
        "to_message_id": claim.message_id,
        "to_reason": _storable(settlement.reason),
        "to_phase": outcome and outcome.phase.value,
        "to_code": outcome and outcome.code,
        "to_enhanced": outcome and outcome.enhanced,
        "to_reply": outcome and _storable(outcome.text),
        "to_updated_at": now,
    }


def _storable(text: str | None) -> str | None:
    """A server's words as both databases take them: PostgreSQL refuses NUL, and both refuse half characters."""
    if text is None:
        return None
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")
