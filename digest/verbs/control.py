"""Holding the reins of a run: pause, resume, cancel, resolve. Hall."""

from __future__ import annotations

from digest.errors import EditionError
from digest.model import EditionState, Totals
from digest.store import editions, ledger
from digest.store.editions import EditionRow
from digest.verbs.assemble import EDITABLE
from digest.verbs.parts import Parts
from digest.verbs.recovery import recover


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
    return _close(parts, row.edition.id)


def close_cancelled(parts: Parts) -> None:
    """Close the books of editions that were cancelled while a process was sending them, and that process is dead."""
    with parts.store.read() as db:
        left = editions.cancelled_open(db, parts.newsletter)
    for edition in left:
        _close(parts, edition)


def _close(parts: Parts, edition: str) -> Totals:
    """Nothing stays open in a cancelled edition, but for what living processes have in conversation."""
    recover(parts, edition)
    with parts.store.write() as db:
        ledger.cancel_open(db, edition, "the edition was cancelled", parts.clock())
        return ledger.totals(db, edition)


def resolve(parts: Parts, row: EditionRow, *, resend: bool, subscriber: int | None) -> int:
    """Decide about uncertain recipients: send once more (same Message-ID, sets a finished edition going again) or take
    them as sent. Returns how many. Raises EditionError for sending an edition again that was cancelled, and for a
    `subscriber` who is not uncertain in it."""
    now = parts.clock()
    with parts.store.write() as db:
        current = editions.get(db, row.edition.id)
        if resend and current and current.state is EditionState.CANCELLED:
            raise EditionError(f"{row.edition.id}: was cancelled: nobody is sent it again; use --mark-sent")
        count = ledger.resolve_uncertain(db, row.edition.id, resend=resend, now=now, subscriber=subscriber)
    if subscriber is not None and not count:
        raise EditionError(
            f"{row.edition.id}: subscriber {subscriber}: is not uncertain in it; nothing was changed; see "
            f"`digest status {row.edition.id} --recipients --state uncertain`"
        )
    return count


def _move(parts: Parts, row: EditionRow, start: EditionState, end: EditionState, why: str) -> bool:
    with parts.store.write() as db:
        return editions.set_state(db, row.edition.id, [start], end, parts.clock(), why)
