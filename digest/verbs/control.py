"""Holding the reins of a run: pause, resume, cancel, resolve. Hall."""

from __future__ import annotations

from digest.errors import EditionError
from digest.model import EditionState, Totals
from digest.store import editions, ledger
from digest.store.editions import EditionRow
from digest.verbs.assemble import EDITABLE
from digest.verbs.parts import Parts


def pause(parts: Parts, row: EditionRow, by: str) -> None:
    """Stop claiming recipients; what is in conversation is finished. Raises EditionError when it is not being sent."""
    if row.state is not EditionState.PAUSED and not _move(
        parts, row, EditionState.SENDING, EditionState.PAUSED, f"paused by {by}"
    ):
        raise EditionError(f"{row.edition.id}: is {row.state}: only a running edition can be paused")


def resume(parts: Parts, row: EditionRow, by: str) -> None:
    """Let a paused edition go on; the next `digest send` or the scheduler takes it up."""
    if not _move(parts, row, EditionState.PAUSED, EditionState.SENDING, f"resumed by {by}"):
        raise EditionError(f"{row.edition.id}: is {row.state}: only a paused edition can be resumed")


def cancel(parts: Parts, row: EditionRow, by: str) -> Totals:
    """End an edition for good: recipients still open become cancelled. What was sent stays sent."""
    now = parts.clock()
    with parts.store.write() as db:
        movable = [*EDITABLE, EditionState.SENDING, EditionState.PAUSED, EditionState.MISSED]
        if not editions.set_state(db, row.edition.id, movable, EditionState.CANCELLED, now, f"cancelled by {by}"):
            raise EditionError(f"{row.edition.id}: is {row.state}: nothing is left to cancel")
        ledger.cancel_open(db, row.edition.id, f"cancelled by {by}", now)
        return ledger.totals(db, row.edition.id)


def resolve(parts: Parts, row: EditionRow, *, resend: bool, subscriber: int | None) -> int:
    """Decide about uncertain recipients: send once more (same Message-ID, sets a finished edition going again) or take
    them as sent. Returns how many."""
    now = parts.clock()
    with parts.store.write() as db:
        return ledger.resolve_uncertain(db, row.edition.id, resend=resend, now=now, subscriber=subscriber)


def _move(parts: Parts, row: EditionRow, start: EditionState, end: EditionState, why: str) -> bool:
    with parts.store.write() as db:
        return editions.set_state(db, row.edition.id, [start], end, parts.clock(), why)
