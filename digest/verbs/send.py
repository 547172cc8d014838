"""Sending: what cron, the scheduler and a person's hand all call. One edition a slot, one mail each. Hall."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from digest.errors import DigestError, EditionError, HeldError, StoreError
from digest.failpoints import reach
from digest.model import EditionState, SealedEdition, Totals
from digest.render.seal import is_intact
from digest.store import editions, ledger
from digest.store.editions import EditionRow
from digest.verbs import approve, control, due, people
from digest.verbs.assembledue import assemble_due, slots_that_wait
from digest.verbs.finishing import look_after_paused
from digest.verbs.notify import tell_again
from digest.verbs.parts import Parts
from digest.verbs.recovery import recover
from digest.verbs.report import Run, What
from digest.verbs.running import Order, run

__all__ = ["Order", "plan", "send_due", "send_edition"]

_BEGUN = (EditionState.SENDING, EditionState.PAUSED)


def send_due(parts: Parts, order: Order, *, besides: Collection[str] = ()) -> list[Run]:
    """Assemble what is to be assembled, send what is due and approved, resume what was interrupted, `besides` these.

    An empty list means there was nothing to do. Any number of processes may call this at once. A fault of one edition
    is told in its Run and stops no other; raises StoreError, which would stop them all.
    """
    tell_again(parts)
    runs: list[Run | None] = [*assemble_due(parts)]
    control.close_cancelled(parts)
    with parts.store.read() as db:
        rows = [row for row in editions.unfinished(db, parts.newsletter) if row.edition.id not in besides]
    # Those already begun may wait here for deferred recipients; an edition whose hour has come must not wait for them.
    for row in sorted(rows, key=lambda row: row.state in _BEGUN):
        if not order.stop.is_set():
            runs.append(_one_of_many(parts, row.edition.id, order))
    return [run for run in runs if run]


def _one_of_many(parts: Parts, edition: str, order: Order) -> Run | None:
    try:
        # As it stands now: sending the one before may have taken an hour.
        return _send_if_due(parts, due.find(parts, edition), order)
    except StoreError:
        raise
    except HeldError as fault:
        return Run(edition=edition, what="held", reason=str(fault))
    except DigestError as fault:
        return Run(edition=edition, what="failed", reason=str(fault))


def send_edition(parts: Parts, edition: str, order: Order, *, late: bool = False) -> Run:
    """Send this edition now, before its slot too, or resume it. Approval is needed all the same.

    `late` sends one that was missed. Raises EditionError when there is no such edition or it has ended.
    """
    row = due.find(parts, edition)
    if row.state is EditionState.SENT:
        return Run(edition=row.edition.id, what="sent", totals=_totals(parts, row))
    if row.state is EditionState.CANCELLED:
        raise EditionError(f"{edition}: was cancelled; a cancelled edition is not sent")
    if row.state is EditionState.MISSED:
        if not late:
            return Run(edition=edition, what="missed", reason="too late for its slot; send it all the same with --late")
        due.revive(parts, row)
        row = due.find(parts, edition)
    elif row.state not in _BEGUN and due.is_late(parts, row) and not late:
        return due.miss(parts, row)
    return _begin(parts, row, order)


def _send_if_due(parts: Parts, row: EditionRow, order: Order) -> Run | None:
    if row.state in _BEGUN:
        return _begin(parts, row, order)
    if row.edition.slot.instant > parts.clock():
        return None
    if due.is_late(parts, row):
        return due.miss(parts, row)
    return _begin(parts, row, order)


def _begin(parts: Parts, row: EditionRow, order: Order) -> Run:
    if row.state is EditionState.PAUSED:
        return look_after_paused(parts, row)
    if not row.edition.stories and parts.delivery.skip_if_empty and row.state is not EditionState.SENDING:
        return due.skip_empty(parts, row)
    if row.state is not EditionState.SENDING:
        held = approve.ensure(parts, row)
        if held:
            return Run(edition=row.edition.id, what="held", reason=held)
        row = due.find(parts, row.edition.id)
    with parts.store.write() as db:
        totals = ledger.freeze_audience(db, row.edition.id, parts.newsletter, parts.clock())
        # In this order, in one transaction: from here on nobody can edit it or approve other bytes.
        sealed = _sealed(db, row.edition.id)
        reach("before_plan_commit")
    reach("after_plan_commit")
    recover(parts, row.edition.id)
    with parts.store.read() as db:
        if not order.joins and ledger.in_conversation(db, row.edition.id):
            # Cron comes every five minutes; a run that takes an hour must not grow by a process each time.
            return Run(edition=row.edition.id, what="elsewhere", totals=ledger.totals(db, row.edition.id))
    return run(parts, row, sealed, totals, order)


def _sealed(db: Connection, edition: str) -> SealedEdition:
    """The approved bytes, proved: the stored hash, the approved hash and the hash of the bytes must be one."""
    row, sealed = editions.get(db, edition), editions.sealed(db, edition)
    if row is None or sealed is None or not is_intact(sealed) or sealed.hash != row.approved_hash:
        slot = row.edition.slot.key if row else "DATE"
        raise EditionError(
            f"{edition}: its sealed bytes are not those that were approved; nothing was sent; "
            f"assemble it anew with `digest assemble --slot {slot} --refresh` and approve it"
        )
    return sealed


def _totals(parts: Parts, row: EditionRow) -> Totals:
    with parts.store.read() as db:
        return ledger.totals(db, row.edition.id)


def plan(parts: Parts, edition: str | None) -> list[Run]:
    """What sending would do now, without doing any of it: which editions, and to how many."""
    if edition is not None:
        return [_planned(parts, due.find(parts, edition))]
    now = parts.clock()
    with parts.store.read() as db:
        rows = [row for row in editions.unfinished(db, parts.newsletter) if row.edition.slot.instant <= now]
    held = [
        Run(edition=f"{parts.newsletter}-{slot.key}", what="held", reason=reason)
        for slot, reason in slots_that_wait(parts)
        if slot.instant <= now
    ]
    return [*held, *(_planned(parts, row) for row in rows)]


def _planned(parts: Parts, row: EditionRow) -> Run:
    if row.state in (EditionState.SENT, EditionState.CANCELLED):
        what: What = "sent" if row.state is EditionState.SENT else "cancelled"
        return Run(edition=row.edition.id, what=what, totals=_totals(parts, row))
    totals = _totals(parts, row) if row.audience_frozen else people.expected_audience(parts)
    approved = row.approved_hash is not None and row.approved_hash == row.hash
    reason = None if approved else "it still needs approval" if parts.approval == "required" else "if no check objects"
    return Run(edition=row.edition.id, what="planned", totals=totals, reason=reason)
