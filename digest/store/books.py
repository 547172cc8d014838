"""Reading the ledger: totals that add up, rows, speed, what is due next. Edge."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, null, select

from digest.model import Outcome, Phase, RecipientState, Totals
from digest.store import tables as t
from digest.store.rowstates import CLAIMED, DEFERRED, UNCERTAIN
from subscribers.tables import subscriber

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRow:
    """One recipient as the ledger has it. `address` is None when the person was erased since.

    `outcome` is what the server said last; `updated_at` is None while nothing has happened yet. `resent` is 1 for who
    was sent it once more after an uncertain end, and so may have it twice.
    """

    subscriber: int
    address: str | None
    name: str
    state: RecipientState
    reason: str | None
    attempt: int
    next_at: datetime | None
    message_id: str | None
    outcome: Outcome | None
    updated_at: datetime | None
    resent: int


def totals(db: Connection, edition: str) -> Totals:
    """An edition's books. All zero before its audience is frozen. Looks at every row: ask once per screen, not per
    message."""
    e, r = t.edition.c, t.recipient.c
    frozen = db.execute(select(e.candidates, e.planned).where(e.id == edition, e.planned.is_not(None))).one_or_none()
    if frozen is None:
        return Totals()
    counts = select(r.state, func.count()).where(r.edition == edition).group_by(r.state)
    by_state: dict[str, int] = dict(db.execute(counts).all())
    counted = {state: by_state.get(state.value, 0) for state in RecipientState}
    return Totals(
        candidates=frozen.candidates,
        excluded=exclusions(db, edition),
        planned=frozen.planned,
        sent=counted[RecipientState.SENT],
        failed=counted[RecipientState.FAILED],
        deferred=counted[RecipientState.DEFERRED],
        pending=counted[RecipientState.PENDING] + counted[RecipientState.CLAIMED],
        uncertain=counted[RecipientState.UNCERTAIN],
        cancelled=counted[RecipientState.CANCELLED],
    )


def exclusions(db: Connection, edition: str) -> dict[str, int]:
    """How many were left out when the audience was frozen, by reason, in the order of the reasons."""
    x = t.exclusion.c
    return dict(db.execute(select(x.reason, x.people).where(x.edition == edition).order_by(x.reason)).all())


def recipients(
    db: Connection, edition: str, *, states: Collection[RecipientState] | None = None
) -> Iterator[RecipientRow]:
    """The rows of an edition by subscriber number, in pages: memory stays flat. Read them inside the transaction."""
    query = _listing(edition, states)
    after = -1
    while rows := db.execute(query.where(t.recipient.c.subscriber > after).limit(_PAGE)).all():
        yield from map(_recipient, rows)
        after = rows[-1].subscriber


def next_due(db: Connection, edition: str) -> datetime | None:
    """When the first deferred recipient is to be tried again; None when there is none."""
    r = t.recipient.c
    return db.scalar(select(r.next_at).where(r.edition == edition, r.state == DEFERRED).order_by(r.next_at).limit(1))


def in_conversation(db: Connection, edition: str) -> int:
    """How many rows living processes have claimed just now."""
    r = t.recipient.c
    return db.scalar(select(func.count()).where(r.edition == edition, r.state == CLAIMED)) or 0


def perhaps_twice(db: Connection, edition: str) -> int:
    """How many may have got it twice: they were sent it again after an uncertain end, and that was not refused."""
    r = t.recipient.c
    ends = (RecipientState.SENT, RecipientState.UNCERTAIN)
    again = select(func.count()).where(r.edition == edition, r.resent > 0, r.state.in_(ends))
    return db.scalar(again) or 0


def is_owed_again(db: Connection, edition: str) -> bool:
    """Whether somebody is uncertain who was not sent it a second time."""
    r = t.recipient.c
    owed = select(null()).where(r.edition == edition, r.state == UNCERTAIN, r.resent == 0)
    return bool(db.scalar(select(exists(owed))))


def reasons(db: Connection, edition: str, most: int = 50) -> dict[str, int]:
    """Why recipients failed, wait, are uncertain or were cancelled: each reason with its count, the commonest first."""
    r = t.recipient.c
    counted = select(r.reason, func.count().label("people")).where(r.edition == edition, r.reason.is_not(None))
    rows = db.execute(counted.group_by(r.reason).order_by(func.count().desc(), r.reason).limit(most))
    return dict(rows.all())


def speed(db: Connection, edition: str) -> float | None:
    """Messages per second over the first round: those taken at their first attempt, from the first to the last of them.

    Retries are left out, and so is what passed before anything was taken: that waiting is not ours.
    A run so short that all were written down at once counts from the start. None before there is anything to tell.
    """
    r = t.recipient.c
    first_round = select(func.count(), func.min(r.updated_at), func.max(r.updated_at)).where(
        r.edition == edition, r.state == RecipientState.SENT, r.attempt == 1
    )
    count, first, last = db.execute(first_round).one()
    if not count:
        return None
    if first == last:
        first = db.scalar(select(t.edition.c.started_at).where(t.edition.c.id == edition))
    seconds = (last - first).total_seconds() if first else 0.0
    return count / seconds if seconds > 0 else None


def _listing(edition: str, states: Collection[RecipientState] | None) -> Select[Any]:
    r = t.recipient.c
    query = (
        select(t.recipient, subscriber.c.address, subscriber.c.name)
        .outerjoin(subscriber, subscriber.c.id == r.subscriber)
        .where(r.edition == edition)
        .order_by(r.subscriber)
    )
    return query if states is None else query.where(r.state.in_([state.value for state in states]))


def _recipient(row: Row[Any]) -> RecipientRow:
    return RecipientRow(
        subscriber=row.subscriber,
        address=row.address or None,
        name=row.name or "",
        state=RecipientState(row.state),
        reason=row.reason,
        attempt=row.attempt,
        next_at=row.next_at,
        message_id=row.message_id,
        outcome=row.phase
        and Outcome(phase=Phase(row.phase), code=row.code, enhanced=row.enhanced, text=row.reply or ""),
        updated_at=row.updated_at,
        resent=row.resent,
    )
