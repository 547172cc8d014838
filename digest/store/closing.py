"""Rows that no process is sending: recovered, resolved, cancelled or given up. Edge."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, func, or_, select, update

from digest.model import Claim, EditionState, RecipientState
from digest.store import tables as t
from digest.store.editions import lock, record_event, set_state
from digest.store.rowstates import CLAIMED, DEFERRED, PENDING, UNCERTAIN

_r = t.recipient.c

_LONGEST_WAIT = timedelta(days=1)  # retries are at most hours apart


def recover(
    db: Connection,
    edition: str,
    dead_senders: Collection[int],
    now: datetime,
    *,
    resend_once: bool,
    message_id: Callable[[int], str | None] = lambda number: None,
) -> int:
    """Take back what dead processes had claimed, and what is claimed past its lease; returns how many rows.

    Nobody knows whether their messages left, so they become uncertain. With `resend_once`, while the edition is being
    sent, every uncertain row that was not sent again before goes back to pending, once; else it waits for
    `resolve_uncertain`.
    The dead are written off: they cannot claim any more, should they wake. `message_id` names by subscriber those
    messages whose names had not been written down, so that they can be looked for in the relay's log.
    """
    s = t.sender.c
    if dead_senders:
        db.execute(update(t.sender).where(s.id.in_(dead_senders), s.finished_at.is_(None)).values(finished_at=now))
    gone = select(s.id).where(s.finished_at.is_not(None))
    lost = _moved(edition, CLAIMED, RecipientState.UNCERTAIN, now).where(or_(_r.sender.in_(gone), _r.lease_until < now))
    lost = lost.values(reason="the sending process ended before it wrote down the reply")
    recovered = db.execute(lost.returning(_r.subscriber, _r.message_id)).all()
    for number in [row.subscriber for row in recovered if row.message_id is None]:
        named = update(t.recipient).where(_r.edition == edition, _r.subscriber == number)
        db.execute(named.values(message_id=message_id(number)))
    # A time so far away was written by a clock that was wrong then.
    wrong = update(t.recipient).where(_r.edition == edition, _r.state == DEFERRED, _r.next_at > now + _LONGEST_WAIT)
    db.execute(wrong.values(next_at=now, updated_at=now))
    if resend_once and _is_being_sent(db, edition):
        again = _moved(edition, UNCERTAIN, RecipientState.PENDING, now).where(_r.resent == 0)
        db.execute(again.values(resent=1))
    return len(recovered)


def _is_being_sent(db: Connection, edition: str) -> bool:
    """And stays so until the transaction ends: nobody may wait to be sent again what was cancelled meanwhile."""
    lock(db, edition)
    return db.scalar(select(t.edition.c.state).where(t.edition.c.id == edition)) == EditionState.SENDING


def claims_of(db: Connection, edition: str, sender: int) -> list[Claim]:
    """What one sender has claimed of an edition, by subscriber; without addresses, for settling only."""
    rows = select(_r.subscriber, _r.fence, _r.attempt, _r.message_id).where(
        _r.edition == edition, _r.state == CLAIMED, _r.sender == sender
    )
    return [
        Claim(
            edition=edition,
            subscriber=row.subscriber,
            address="",
            name="",
            attempt=row.attempt,
            fence=row.fence,
            message_id=row.message_id,
        )
        for row in db.execute(rows.order_by(_r.subscriber))
    ]


def resolve_uncertain(
    db: Connection, edition: str, *, resend: bool, now: datetime, subscriber: int | None = None
) -> int:
    """A person's word on uncertain rows, or one of them: send again, or take as sent. Returns how many.

    Rows to be sent again set a finished edition going again.
    """
    lock(db, edition)
    to = RecipientState.PENDING if resend else RecipientState.SENT
    change = _moved(edition, UNCERTAIN, to, now)
    change = change.values(resent=1) if resend else change.values(reason="taken as sent by a person")
    if subscriber is not None:
        change = change.where(_r.subscriber == subscriber)
    count = db.execute(change).rowcount
    if count:
        what = "send again" if resend else "taken as sent"
        record_event(db, edition, "resolved", f"{count} uncertain: {what}", now)
    if count and resend:
        set_state(db, edition, [EditionState.SENT], EditionState.SENDING, now, "uncertain recipients are sent again")
    return count


def cancel_open(db: Connection, edition: str, reason: str, now: datetime) -> int:
    """Cancel all that is pending or deferred. What a process has claimed is in conversation, and ends as it ends."""
    return sum(
        db.execute(_moved(edition, state, RecipientState.CANCELLED, now).values(reason=reason)).rowcount
        for state in (PENDING, DEFERRED)
    )


def give_up(db: Connection, edition: str, now: datetime) -> int:
    """Deferred → failed: their time is over. The last reply stays on record."""
    reason = func.coalesce("gave up: " + _r.reason, "gave up")
    return db.execute(_moved(edition, DEFERRED, RecipientState.FAILED, now).values(reason=reason)).rowcount


def _moved(edition: str, frm: ColumnElement[str], to: RecipientState, now: datetime) -> Update:
    # First the numbers, by the small index alone: SQLite would rather walk the whole edition than look up each row.
    same = t.recipient.alias()
    numbers = select(same.c.subscriber).where(same.c.edition == edition, same.c.state == frm)
    values = {"state": to.value, "sender": None, "lease_until": None, "next_at": None, "updated_at": now}
    here = update(t.recipient).where(_r.edition == edition, _r.state == frm, _r.subscriber.in_(numbers))
    return here.values(values)
