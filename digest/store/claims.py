"""Claims: who may send which row now. Edge; the heart of "exactly once".

A row is claimed and committed before its message leaves; the claim carries a fence, a number that grows with every
claim of the row. An outcome is written only to a row that is still claimed under the same fence: a process that slept
past its lease, or was taken for dead, cannot overwrite what happened since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Integer, Select, Update, bindparam, exists, null, select, update

from digest.errors import EditionError, StoreError
from digest.model import Claim, EditionState, RecipientState
from digest.store import tables as t
from digest.store.handed import handed_ids, is_among
from digest.store.rowstates import CLAIMED, DEFERRED, PENDING
from subscribers.audience import unreachable_reason
from subscribers.tables import UtcDateTime, subscriber

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
        people = _reachable(db, edition, ids, now)
        taken = _take(db, edition, list(people), sender=sender, now=now, lease=lease)
        for number, (address, name) in people.items():
            fence, attempt, message_id = taken[number]
            claims.append(
                Claim(
                    edition=edition,
                    subscriber=number,
                    address=address,
                    name=name,
                    attempt=attempt,
                    fence=fence,
                    message_id=message_id,
                )
            )
    return claims


def recheck(db: Connection, claims: Sequence[Claim], now: datetime) -> list[Claim]:
    """Those of `claims` that may still be sent, for claims that waited their turn. The others (left or were suppressed
    since, or recovered by another process) are cancelled where they are still ours, and are not returned."""
    kept: list[Claim] = []
    for edition, some in _by_edition(claims):
        fences = {c.subscriber: (c.fence, "claimed") for c in some}
        rows = db.execute(_said(db).standing, {"of": edition, "ids": handed_ids(db, list(fences))})
        ours = [number for number, *standing in rows if fences[number] == tuple(standing)]
        reachable = _reachable(db, edition, ours, now)
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


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said to the database for every group, made once: making it took longer than doing it."""

    due: Select[Any]
    new: Select[Any]
    people: Select[Any]
    standing: Select[Any]
    take: Update
    cancel: Update


def _made(dialect: str) -> _Said:
    of, number = _r.edition == bindparam("of"), _r.subscriber
    most, at = bindparam("most", type_=Integer), bindparam("at", type_=UtcDateTime)
    # From the small indexes alone. On PostgreSQL rows are locked, and those that another process is just taking are
    # skipped; on SQLite the transaction holds the write lock.
    rows = select(number).where(of).with_for_update(skip_locked=True).limit(most)
    person = subscriber.c
    these = update(t.recipient).where(of, is_among(dialect, number, "ids"))
    return _Said(
        due=rows.where(_r.state == DEFERRED, _r.next_at <= at).order_by(_r.next_at),
        new=rows.where(_r.state == PENDING).order_by(number),
        people=select(person.id, person.address, person.name, unreachable_reason()).where(
            is_among(dialect, person.id, "ids")
        ),
        standing=select(number, _r.fence, _r.state).where(of, is_among(dialect, number, "ids")).with_for_update(),
        take=these.values(
            state=CLAIMED,
            fence=_r.fence + 1,
            attempt=_r.attempt + 1,
            sender=bindparam("by"),
            lease_until=bindparam("until"),
            next_at=null(),
            updated_at=at,
        ).returning(number, _r.fence, _r.attempt, _r.message_id),
        cancel=these.values(
            state=RecipientState.CANCELLED.value,
            reason=bindparam("why"),
            next_at=null(),
            lease_until=null(),
            updated_at=at,
        ),
    )


_SAID = {dialect: _made(dialect) for dialect in ("sqlite", "postgresql")}
_E, _S = t.edition.c, t.sender.c
_STANDING = select(_E.state, exists().where(_S.id == bindparam("by"), _S.finished_at.is_(None))).where(
    _E.id == bindparam("of")
)


def _said(db: Connection) -> _Said:
    return _SAID[db.dialect.name]


def _may_claim(db: Connection, edition: str, sender: int) -> bool:
    row = db.execute(_STANDING, {"of": edition, "by": sender}).one_or_none()
    if row is None:
        raise EditionError(f"{edition}: no such edition: `digest edition list` shows them")
    state, is_alive = row
    if not is_alive:
        # Its rows may have been recovered already; as a new sender it can go on.
        raise StoreError(f"sender {sender}: was taken for dead and may not claim: run again")
    return bool(state == EditionState.SENDING)


def _next_ids(db: Connection, edition: str, now: datetime, limit: int) -> list[int]:
    """Rows to send now, retries that are due first."""
    ids = list(db.scalars(_said(db).due, {"of": edition, "at": now, "most": limit}).all())
    if len(ids) < limit:
        ids += db.scalars(_said(db).new, {"of": edition, "most": limit - len(ids)}).all()
    return ids


def _reachable(db: Connection, edition: str, ids: Sequence[int], now: datetime) -> dict[int, tuple[str, str]]:
    """Address and name of those who may be written to, in the order of `ids`; the rows of the others are cancelled."""
    found = {row[0]: row for row in db.execute(_said(db).people, {"ids": handed_ids(db, ids)}).all()}
    people: dict[int, tuple[str, str]] = {}
    gone: dict[str, list[int]] = {}
    for number in ids:
        _, address, name, reason = found.get(number, (number, "", "", None))
        if reason or not address:
            gone.setdefault(reason or "erased", []).append(number)
        else:
            people[number] = address, name
    for reason, some in gone.items():
        db.execute(_said(db).cancel, {"of": edition, "ids": handed_ids(db, some), "why": reason, "at": now})
    return people


def _take(
    db: Connection, edition: str, ids: Sequence[int], *, sender: int, now: datetime, lease: timedelta
) -> Mapping[int, tuple[int, int, str | None]]:
    """Claim rows that nobody else can have: fence, attempt and Message-ID by subscriber."""
    if not ids:
        return {}
    told = {"of": edition, "ids": handed_ids(db, ids), "by": sender, "until": now + lease, "at": now}
    return {number: (fence, attempt, mid) for number, fence, attempt, mid in db.execute(_said(db).take, told).all()}


def _by_edition(claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    ordered = sorted(claims, key=lambda claim: claim.edition)
    return [(edition, list(some)) for edition, some in groupby(ordered, key=lambda claim: claim.edition)]
