"""Freezing the audience: everybody an edition is meant for becomes a ledger row, once, when sending starts. Edge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Select, func, insert, literal, select, update

from digest.errors import EditionError, HeldError
from digest.model import EditionState, RecipientState, Totals
from digest.store import tables as t
from digest.store.books import exclusions, totals
from digest.store.editions import get, record_event
from subscribers.audience import candidates, may_be_unreachable


def freeze_audience(db: Connection, edition: str, newsletter: str, now: datetime) -> Totals:
    """Approved → sending: write a pending row for each person to be written to, and count the others by reason.

    Done once: where the audience is frozen already, nothing changes and the books as they stand are returned.
    Raises HeldError when the edition is not approved, EditionError when it can no longer be sent.
    """
    if not _begin(db, edition, newsletter, now):
        return _already_frozen(db, edition)
    planned = _write_rows(db, edition, newsletter)
    excluded = exclusions(db, edition)
    left_out = sum(excluded.values())
    db.execute(
        update(t.edition).where(t.edition.c.id == edition).values(planned=planned, candidates=planned + left_out)
    )
    record_event(db, edition, "sending", f"audience frozen: {planned} planned, {left_out} excluded", now)
    return Totals(candidates=planned + left_out, excluded=excluded, planned=planned, pending=planned)


def _begin(db: Connection, edition: str, newsletter: str, now: datetime) -> bool:
    """Whoever makes this change freezes the audience; another who comes at the same time waits here, and gets False."""
    e = t.edition.c
    change = (
        update(t.edition)
        .where(e.id == edition, e.newsletter == newsletter, e.planned.is_(None))
        .where(e.state == EditionState.APPROVED, e.approved_hash == e.hash)
        .values(state=EditionState.SENDING, started_at=now, finished_at=None, retry_at=None)
    )
    return db.execute(change).rowcount == 1


def _already_frozen(db: Connection, edition: str) -> Totals:
    row = get(db, edition)
    if row is None:
        raise EditionError(f"{edition}: no such edition: `digest edition list` shows them")
    if row.audience_frozen:
        return totals(db, edition)
    if row.state in {EditionState.DRAFT, EditionState.SEALED}:
        raise HeldError(f"{edition}: is {row.state.value}: an approval is wanted; run `digest approve {edition}`")
    raise EditionError(f"{edition}: is {row.state.value}: only an approved edition can be sent")


def _write_rows(db: Connection, edition: str, newsletter: str) -> int:
    """Rows and exclusions, from one state of the database: somebody who leaves meanwhile is in one of the two, not in
    both. Returns the number of rows."""
    people = candidates(newsletter).order_by(None)
    rows = _rows(edition, people)
    if db.dialect.name == "postgresql":  # one statement sees one state
        return _count(db, rows.add_cte(_exclusions(edition, people).cte("left_out")))
    # The write lock is ours: nothing changes in between.
    db.execute(_exclusions(edition, people.where(may_be_unreachable())))
    return _count(db, rows)


def _count(db: Connection, rows: Insert) -> int:
    # Asked for before: psycopg's cursor is gone by the time SQLAlchemy would look.
    return db.execute(rows, execution_options={"preserve_rowcount": True}).rowcount


def _rows(edition: str, people: Select[Any]) -> Insert:
    p = people.subquery()
    r = t.recipient.c
    chosen = select(
        literal(edition, t.recipient.c.edition.type),
        p.c.id,
        literal(RecipientState.PENDING.value, literal_execute=True),
        literal(0, literal_execute=True),
        literal(0, literal_execute=True),
        literal(0, literal_execute=True),
    )
    return insert(t.recipient).from_select(
        [r.edition, r.subscriber, r.state, r.attempt, r.fence, r.resent],
        chosen.where(p.c.reason.is_(None)).order_by(p.c.id),  # in the order of the key: appended, not sorted in
        include_defaults=False,
    )


def _exclusions(edition: str, people: Select[Any]) -> Insert:
    p = people.subquery()
    x = t.exclusion.c
    counted = select(literal(edition, x.edition.type), p.c.reason, func.count()).where(p.c.reason.is_not(None))
    return insert(t.exclusion).from_select([x.edition, x.reason, x.people], counted.group_by(p.c.reason))
