"""Settling: what became of claims is written down, where they still hold. Edge; the other half of "exactly once".

An outcome is written only to a row that is still claimed under the same fence: a process that slept past its lease, or
was taken for dead, cannot overwrite what happened since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from digest.model import Claim, RecipientState, Settlement
from digest.store import tables as t
from digest.store.handed import Cell, handed_in
from digest.store.rowstates import CLAIMED

_r = t.recipient.c


def settle(db: Connection, settlements: Sequence[Settlement], now: datetime) -> list[Claim]:
    """Write what became of claims; returns the claims whose rows are no longer theirs, and were left as they are.

    PENDING gives a row back that was not begun, without charging the attempt. Writing the same end twice is no
    refusal, so a commit whose answer was lost may be repeated. Raises ValueError for a state that is no end.
    """
    for settlement in settlements:
        _check(settlement)
    written = _write(db, settlements, now) if settlements else set()
    left = [s for s in settlements if (s.claim.edition, s.claim.subscriber) not in written]
    return [s.claim for s in left if not _was_written_before(db, s)]


def _check(settlement: Settlement) -> None:
    if settlement.state is RecipientState.CLAIMED:
        raise ValueError("a claim cannot be settled as claimed")
    if (settlement.state is RecipientState.DEFERRED) != (settlement.next_at is not None):
        raise ValueError("next_at belongs to deferred, and to nothing else")


_ENDS = (
    _r.edition,
    _r.subscriber,
    _r.fence,
    _r.state,
    _r.attempt,
    _r.next_at,
    _r.message_id,
    _r.reason,
    _r.phase,
    _r.code,
    _r.enhanced,
    _r.reply,
)


def _write(db: Connection, settlements: Sequence[Settlement], now: datetime) -> set[tuple[str, int]]:
    """Write all whose claim still holds, in one statement; returns their (edition, subscriber)."""
    end = handed_in(db, _ENDS, [_end(settlement) for settlement in settlements]).c
    held = _r.edition == end.edition, _r.subscriber == end.subscriber, _r.fence == end.fence, _r.state == CLAIMED
    change = (
        update(t.recipient)
        .where(*held)
        .values(
            state=end.state,
            attempt=_r.attempt - end.attempt,
            sender=None,
            lease_until=None,
            next_at=end.next_at,
            message_id=func.coalesce(_r.message_id, end.message_id),
            reason=end.reason,
            phase=end.phase,
            code=end.code,
            enhanced=end.enhanced,
            reply=end.reply,
            updated_at=now,
        )
    )
    return {(edition, number) for edition, number in db.execute(change.returning(_r.edition, _r.subscriber))}


def _end(settlement: Settlement) -> tuple[Cell, ...]:
    """What is written, in the order of _ENDS; `attempt` is what to take off again."""
    claim, outcome = settlement.claim, settlement.outcome
    said = (outcome.phase.value, outcome.code, _storable(outcome.enhanced), _storable(outcome.text)) if outcome else ()
    return (
        claim.edition,
        claim.subscriber,
        claim.fence,
        settlement.state.value,
        int(settlement.state is RecipientState.PENDING),
        settlement.next_at,
        claim.message_id,
        _storable(settlement.reason),
        *(said or (None,) * 4),
    )


def _was_written_before(db: Connection, settlement: Settlement) -> bool:
    claim = settlement.claim
    row = select(_r.fence, _r.state).where(_r.edition == claim.edition, _r.subscriber == claim.subscriber)
    return db.execute(row).one_or_none() == (claim.fence, settlement.state.value)


def _storable(text: str | None) -> str | None:
    """A server's words as both databases take them: PostgreSQL refuses NUL, and both refuse half characters."""
    if text is None:
        return None
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")
