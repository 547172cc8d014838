"""Finishing: what is said at the end of a run, and the books that are closed when no recipient is open. Hall."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import RelayError
from digest.failpoints import reach
from digest.model import EditionState, Totals
from digest.store import editions, ledger
from digest.store.editions import EditionRow
from digest.verbs.desk import retried_from
from digest.verbs.notify import owe, tell
from digest.verbs.parts import Parts
from digest.verbs.recovery import recover
from digest.verbs.report import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """How an edition stands at the end of a run. `is_ours`: it is finished, and by this look at it.

    `in_hand`: rows that others have claimed, who live.
    """

    state: EditionState
    paused_reason: str | None
    totals: Totals
    is_ours: bool
    in_hand: int


def finish(parts: Parts, row: EditionRow, refusal: RelayError | None, *, interrupted: bool) -> Run:
    """Close the edition when no recipient is open; else say what it waits for."""
    books, edition = _close(parts, row), row.edition.id
    totals = books.totals
    if books.state is EditionState.CANCELLED:
        return Run(edition=edition, what="cancelled", totals=totals)
    if books.state is EditionState.SENT:
        return _sent(parts, row, books)
    if books.paused_reason:
        tell(parts, "paused", row, books.paused_reason)
    go_on = f"; go on with `digest resume {edition}`" if books.paused_reason else ""
    if refusal:
        reason = f"{refusal}{go_on}"
        return Run(edition=edition, what="refused", reason=reason, totals=totals, lasting=refusal.lasting)
    if books.paused_reason:
        return Run(edition=edition, what="paused", reason=f"{books.paused_reason}{go_on}", totals=totals)
    if interrupted or totals.deferred or totals.pending > books.in_hand:
        return Run(edition=edition, what="resumable", totals=totals, interrupted=interrupted)
    return Run(edition=edition, what="elsewhere", totals=totals)


def look_after_paused(parts: Parts, row: EditionRow) -> Run:
    """A paused edition waits for a person; but what dead processes had of it is found out, and it is finished when
    nobody is left to send to."""
    recover(parts, row.edition.id)
    books = _close(parts, row)
    if books.state is EditionState.SENT:
        return _sent(parts, row, books)
    reason = f"{books.paused_reason or 'paused'}; go on with `digest resume {row.edition.id}`"
    return Run(edition=row.edition.id, what="paused", reason=reason, totals=books.totals)


def _close(parts: Parts, row: EditionRow) -> _Books:
    edition, now, is_ours = row.edition.id, parts.clock(), False
    with parts.store.write() as db:
        current = editions.get(db, edition)
        state = current.state if current else EditionState.CANCELLED
        if state is EditionState.SENDING and retried_from(row, now) + parts.delivery.give_up_after < now:
            ledger.give_up(db, edition, now)
        if state is EditionState.CANCELLED:
            # What was in conversation when it was cancelled may have been put off.
            ledger.cancel_open(db, edition, "the edition was cancelled", now)
        elif not (parts.delivery.uncertain == "resend-once" and ledger.is_owed_again(db, edition)):
            # Paused during the last conversations it is finished all the same. Refused while a recipient is open.
            begun = (EditionState.SENDING, EditionState.PAUSED)
            is_ours = editions.set_state(db, edition, begun, EditionState.SENT, now, "finished")
            if is_ours:
                owe(parts, db, "finished", edition, _summary(ledger.totals(db, edition)))
        current = editions.get(db, edition)
        return _Books(
            state=current.state if current else EditionState.CANCELLED,
            paused_reason=_why_paused(current),
            totals=ledger.totals(db, edition),
            is_ours=is_ours,
            in_hand=ledger.in_conversation(db, edition),
        )


def _why_paused(row: EditionRow | None) -> str | None:
    return None if row is None or row.state is not EditionState.PAUSED else row.paused_reason or "paused"


def _sent(parts: Parts, row: EditionRow, books: _Books) -> Run:
    if books.is_ours:
        reach("after_finish")
        tell(parts, "finished", row, _summary(books.totals))
    return Run(edition=row.edition.id, what="sent", totals=books.totals)


def _summary(totals: Totals) -> str:
    return (
        f"planned {totals.planned:,}: sent {totals.sent:,}, failed {totals.failed:,}, uncertain {totals.uncertain:,}, "
        f"cancelled {totals.cancelled:,}"
    )
