"""Sending: what cron, the scheduler and a person's hand all call. One edition a slot, one mail each. Hall."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.deliver.engine import Ending, deliver
from digest.deliver.journal import FileJournal, boot_id
from digest.deliver.message import compile_message
from digest.errors import EditionError, RelayError
from digest.model import EditionState, SealedEdition, Totals
from digest.render.seal import is_intact
from digest.store import editions, ledger, senders
from digest.store.editions import EditionRow
from digest.store.senders import Sender
from digest.verbs import approve, due, people
from digest.verbs.desk import Desk
from digest.verbs.notify import tell
from digest.verbs.parts import Parts
from digest.verbs.recovery import journal_of, recover, replay_journal
from digest.verbs.report import Run

Progress = Callable[[str, Totals, Counter[str]], None]


def _quiet(edition: str, totals: Totals, counts: Counter[str]) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How to send: when to stop, how long to wait for deferred recipients, whom to tell how it goes."""

    stop: threading.Event = field(default_factory=threading.Event)
    wait: timedelta = timedelta(minutes=15)
    progress: Progress = _quiet


def send_due(parts: Parts, order: Order) -> list[Run]:
    """Assemble what is to be assembled, send what is due and approved, resume what was interrupted.

    An empty list means there was nothing to do. Any number of processes may call this at once.
    """
    due.assemble_due(parts)
    with parts.store.read() as db:
        rows = editions.unfinished(db, parts.newsletter)
    runs = (_send_if_due(parts, row, order) for row in rows if not order.stop.is_set())
    return [run for run in runs if run]


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
    elif row.state not in (EditionState.SENDING, EditionState.PAUSED) and due.is_late(parts, row) and not late:
        return due.miss(parts, row)
    return _begin(parts, row, order)


def _send_if_due(parts: Parts, row: EditionRow, order: Order) -> Run | None:
    if row.state in (EditionState.SENDING, EditionState.PAUSED):
        return _begin(parts, row, order)
    if row.edition.slot.instant > parts.clock():
        return None
    if due.is_late(parts, row):
        return due.miss(parts, row)
    return _begin(parts, row, order)


def _begin(parts: Parts, row: EditionRow, order: Order) -> Run:
    if row.state is EditionState.PAUSED:
        return Run(
            edition=row.edition.id,
            what="paused",
            totals=_totals(parts, row),
            reason=f"{row.paused_reason or 'paused'}; go on with `digest resume {row.edition.id}`",
        )
    if not row.edition.stories and parts.delivery.skip_if_empty and row.state is not EditionState.SENDING:
        return due.skip_empty(parts, row)
    if row.state is not EditionState.SENDING:
        held = approve.ensure(parts, row)
        if held:
            return Run(edition=row.edition.id, what="held", reason=held)
        row = due.find(parts, row.edition.id)
    sealed = _sealed(parts, row)
    with parts.store.write() as db:
        totals = ledger.freeze_audience(db, row.edition.id, parts.newsletter, parts.clock())
    recover(parts, row.edition.id)
    with parts.store.read() as db:
        if ledger.in_conversation(db, row.edition.id):
            # Cron comes every five minutes; a run that takes an hour must not grow by a process each time.
            return Run(edition=row.edition.id, what="elsewhere", totals=ledger.totals(db, row.edition.id))
    return _run(parts, row, sealed, totals, order)


def _sealed(parts: Parts, row: EditionRow) -> SealedEdition:
    """The approved bytes, proved: the stored hash, the approved hash and the hash of the bytes must be one."""
    with parts.store.read() as db:
        sealed = editions.sealed(db, row.edition.id)
    if sealed is None or not is_intact(sealed) or sealed.hash != row.approved_hash:
        raise EditionError(
            f"{row.edition.id}: its sealed bytes are not those that were approved; nothing was sent; "
            f"assemble it anew with `digest assemble --slot {row.edition.slot.key} --refresh` and approve it"
        )
    return sealed


def _run(parts: Parts, row: EditionRow, sealed: SealedEdition, totals: Totals, order: Order) -> Run:
    began = time.monotonic()
    edition = row.edition.id
    sender = senders.register(parts.store, parts.clock())
    desk = Desk(
        parts, row, compile_message(sealed), sender, progress=lambda counts: order.progress(edition, totals, counts)
    )
    refusal: RelayError | None = None
    try:
        _deliver_all(parts, desk, order)
    except RelayError as fault:
        refusal = fault
    finally:
        _leave(parts, sender)
    run = _finish(parts, row, desk, refusal, interrupted=order.stop.is_set())
    return replace(run, seconds=time.monotonic() - began, accepted=desk.counts["sent"])


def _leave(parts: Parts, sender: Sender) -> None:
    """Good-bye: whatever a fault left claimed is settled from the journal, which is then not needed any more."""
    replay_journal(parts, sender.id)
    sender.finish(parts.clock())
    journal_of(parts, sender.id).unlink(missing_ok=True)


def _deliver_all(parts: Parts, desk: Desk, order: Order) -> None:
    """Send all that can be sent now; wait for deferred recipients as long as the order allows."""
    give_up_waiting = parts.clock() + order.wait
    edition = desk.row.edition.id
    path = journal_of(parts, desk.sender.id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    journal = FileJournal(path, edition=edition, sender=desk.sender.id, boot=boot_id())
    try:
        _rounds(parts, desk, order, journal, give_up_waiting)
    finally:
        journal.close(remove=False)


def _rounds(parts: Parts, desk: Desk, order: Order, journal: FileJournal, give_up_waiting: datetime) -> None:
    while True:
        ending: Ending = deliver(
            desk,
            parts.relay,
            connections=parts.delivery.connections,
            stop=order.stop,
            messages_per_second=parts.delivery.messages_per_second,
            journal=journal,
        )
        if ending.why != "drained" or desk.halted:
            return
        with parts.store.read() as db:
            next_at = ledger.next_due(db, desk.row.edition.id)
        if next_at is None or next_at > give_up_waiting:
            return
        order.stop.wait(max(0.0, (next_at - parts.clock()).total_seconds()))
        recover(parts, desk.row.edition.id)


def _finish(parts: Parts, row: EditionRow, desk: Desk, refusal: RelayError | None, *, interrupted: bool) -> Run:
    """Close the edition when no recipient is open; else say what it waits for."""
    edition, now = row.edition.id, parts.clock()
    halted = str(refusal) if refusal and refusal.lasting else desk.halted
    with parts.store.write() as db:
        if row.edition.slot.instant + parts.delivery.give_up_after < now:
            ledger.give_up(db, edition, now)
        totals = ledger.totals(db, edition)
        current = editions.get(db, edition)
        done, last = totals.pending == totals.deferred == 0, False
        if done:
            last = editions.set_state(db, edition, [EditionState.SENDING], EditionState.SENT, now, "finished")
        elif halted and current and current.state is EditionState.SENDING:
            editions.set_state(db, edition, [EditionState.SENDING], EditionState.PAUSED, now, halted)
    if done:
        if last:
            tell(parts, "finished", row, _summary(totals))
        return Run(edition=edition, what="sent", totals=totals)
    if refusal:
        if refusal.lasting:
            tell(parts, "paused", row, str(refusal))
        return Run(edition=edition, what="refused", reason=str(refusal), totals=totals, lasting=refusal.lasting)
    if halted:
        return _halted(parts, row, halted, totals)
    if interrupted or totals.deferred:
        return Run(edition=edition, what="resumable", totals=totals, interrupted=interrupted)
    return Run(edition=edition, what="elsewhere", totals=totals)


def _halted(parts: Parts, row: EditionRow, reason: str, totals: Totals) -> Run:
    state = due.find(parts, row.edition.id).state
    if state is EditionState.CANCELLED:
        return Run(edition=row.edition.id, what="cancelled", totals=totals)
    tell(parts, "paused", row, reason)
    return Run(edition=row.edition.id, what="paused", reason=reason, totals=totals)


def _totals(parts: Parts, row: EditionRow) -> Totals:
    with parts.store.read() as db:
        return ledger.totals(db, row.edition.id)


def _summary(totals: Totals) -> str:
    return (
        f"planned {totals.planned:,}: sent {totals.sent:,}, failed {totals.failed:,}, uncertain {totals.uncertain:,}, "
        f"cancelled {totals.cancelled:,}"
    )


def plan(parts: Parts, edition: str | None) -> list[Run]:
    """What sending would do now, without doing any of it: which editions, and to how many."""
    if edition is not None:
        rows = [due.find(parts, edition)]
    else:
        with parts.store.read() as db:
            rows = [r for r in editions.unfinished(db, parts.newsletter) if r.edition.slot.instant <= parts.clock()]
    return [_planned(parts, row) for row in rows]


def _planned(parts: Parts, row: EditionRow) -> Run:
    totals = _totals(parts, row) if row.audience_frozen else people.expected_audience(parts)
    approved = row.approved_hash is not None and row.approved_hash == row.hash
    reason = None if approved else "it still needs approval" if parts.approval == "required" else "if no check objects"
    return Run(edition=row.edition.id, what="planned", totals=totals, reason=reason)
