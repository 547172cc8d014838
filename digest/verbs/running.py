"""Running: one process sends one edition, in rounds, until nothing is left that can be sent now. Hall."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta

from digest.deliver.domains import DomainLimit
from digest.deliver.engine import Ending, Speed, deliver
from digest.deliver.journal import FileJournal, boot_id, is_being_written
from digest.deliver.message import compile_message
from digest.deliver.rules import RunGuard
from digest.errors import DigestError, RelayError
from digest.failpoints import reach
from digest.model import EditionState, SealedEdition, Totals
from digest.store import editions, ledger, senders
from digest.store.editions import EditionRow
from digest.store.senders import Sender
from digest.verbs.desk import Desk, retried_from
from digest.verbs.notify import tell
from digest.verbs.parts import Parts
from digest.verbs.recovery import journal_of, recover, replay_journal
from digest.verbs.report import Run

log = logging.getLogger("digest.send")

Progress = Callable[[str, Totals, Counter[str]], None]


def _quiet(edition: str, totals: Totals, counts: Counter[str]) -> None:
    """Says nothing."""


def _alone(edition: str, pending: int) -> AbstractContextManager[int]:
    """Nobody beside this process."""
    return nullcontext(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How to send: when to stop, how long to wait for deferred recipients, whom to tell how it goes.

    `crew(edition, pending)` is entered while this process sends: the door may have more processes work beside it, and
    wait for them at the end. It yields how many there are; each keeps to its share of the rate. `joins`: this process
    is one that was called to help, and so not kept away by another that sends already.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    wait: timedelta = timedelta(minutes=15)
    progress: Progress = _quiet
    crew: Callable[[str, int], AbstractContextManager[int]] = _alone
    joins: bool = False


def run(parts: Parts, row: EditionRow, sealed: SealedEdition, totals: Totals, order: Order) -> Run:
    """Send to all that can be reached now, as this process's share of the work. Another process may do the same."""
    began = time.monotonic()
    edition = row.edition.id
    compiled = compile_message(sealed)  # first: what cannot be made into messages leaves no sender behind
    sender = senders.register(parts.store, parts.clock())
    desk = Desk(
        parts,
        row,
        compiled,
        sender,
        progress=lambda counts: order.progress(edition, totals, counts),
        guard=RunGuard(answered=totals.sent + totals.failed),  # "the first 200" are those of the edition
    )
    refusal: RelayError | None = None
    try:
        with order.crew(edition, totals.pending) as processes:
            _deliver_all(parts, desk, order, processes)
    except RelayError as fault:
        refusal = fault
    finally:
        reach("before_leave")
        _leave(parts, sender)
    reach("before_finish")
    run = _finish(parts, row, desk, refusal, interrupted=order.stop.is_set())
    return replace(run, seconds=time.monotonic() - began, accepted=desk.counts["sent"])


def _leave(parts: Parts, sender: Sender) -> None:
    """Good-bye: whatever a fault left claimed is settled from the journal, which is then not needed any more.

    Where the database cannot be written now, the journal stays, and the next run reads it: also when this process
    lives on, as a scheduler does.
    """
    try:
        replay_journal(parts, sender.id)
    except DigestError:
        sender.abandon()
        raise
    sender.finish(parts.clock())
    journal_of(parts, sender.id).unlink(missing_ok=True)


def _deliver_all(parts: Parts, desk: Desk, order: Order, processes: int) -> None:
    """Send all that can be sent now; wait for deferred recipients as long as the order allows."""
    edition = desk.row.edition.id
    path = journal_of(parts, desk.sender.id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not is_being_written(path):
        path.unlink(missing_ok=True)  # of another database's sender with this number, one that was put aside
    journal = FileJournal(path, edition=edition, sender=desk.sender.id, boot=boot_id())
    try:
        _rounds(parts, desk, order, journal, processes)
    finally:
        journal.close(remove=False)


def _rounds(parts: Parts, desk: Desk, order: Order, journal: FileJournal, processes: int) -> None:
    give_up_waiting = parts.clock() + order.wait
    speed = _speed(parts, processes)
    # A private key of RSA is at work for a millisecond a message, and lets other threads run meanwhile.
    builders = 2 if any(signer.algorithm == "rsa-sha256" for signer in parts.signers) else 0
    while True:
        ending: Ending = deliver(
            desk,
            parts.relays,
            connections=parts.delivery.connections,
            stop=order.stop,
            journal=journal,
            window=parts.delivery.window,
            stale_after=parts.delivery.lease / 2,
            builders=builders,
            speed=speed,
            tell=log.warning,
        )
        if ending.why != "drained" or desk.halted:
            return
        if parts.delivery.uncertain == "resend-once" and _something_again(parts, desk.row.edition.id):
            continue
        with parts.store.read() as db:
            next_at = ledger.next_due(db, desk.row.edition.id)
        if next_at is None or next_at > give_up_waiting:
            return
        order.stop.wait(max(0.0, (next_at - parts.clock()).total_seconds()))
        recover(parts, desk.row.edition.id)


def _something_again(parts: Parts, edition: str) -> bool:
    """Whether messages that may or may not have arrived are to be sent once more; an edition that is finished would
    never come back to them."""
    recover(parts, edition)
    with parts.store.read() as db:
        return ledger.totals(db, edition).pending > ledger.in_conversation(db, edition)


def _speed(parts: Parts, processes: int) -> Speed:
    """This process's share of what the settings allow, over all and to each domain."""
    rate = parts.delivery.messages_per_second
    shares = {
        domain: DomainLimit(
            connections=limit.connections and max(1, limit.connections // processes),
            messages_per_second=limit.messages_per_second and limit.messages_per_second / processes,
        )
        for domain, limit in parts.delivery.per_domain.items()
    }
    return Speed(clock=time.monotonic, messages_per_second=rate and rate / processes, per_domain=shares)


def _finish(parts: Parts, row: EditionRow, desk: Desk, refusal: RelayError | None, *, interrupted: bool) -> Run:
    """Close the edition when no recipient is open; else say what it waits for."""
    edition = row.edition.id
    halted = str(refusal) if refusal and refusal.lasting else desk.halted
    state, totals, last = _close_books(parts, row, halted)
    if state is EditionState.CANCELLED:
        return Run(edition=edition, what="cancelled", totals=totals)
    if totals.pending == totals.deferred == 0:
        if last:
            tell(parts, "finished", row, _summary(totals))
        return Run(edition=edition, what="sent", totals=totals)
    if halted:
        tell(parts, "paused", row, halted)
    go_on = f"; go on with `digest resume {edition}`" if halted else ""
    if refusal:
        reason = f"{refusal}{go_on}"
        return Run(edition=edition, what="refused", reason=reason, totals=totals, lasting=refusal.lasting)
    if halted:
        return Run(edition=edition, what="paused", reason=f"{halted}{go_on}", totals=totals)
    if interrupted or totals.deferred:
        return Run(edition=edition, what="resumable", totals=totals, interrupted=interrupted)
    return Run(edition=edition, what="elsewhere", totals=totals)


def _close_books(parts: Parts, row: EditionRow, halted: str | None) -> tuple[EditionState, Totals, bool]:
    """The edition's state and totals at the end of a run, and whether it was this run that finished it."""
    edition, now, last = row.edition.id, parts.clock(), False
    with parts.store.write() as db:
        current = editions.get(db, edition)
        state = current.state if current else EditionState.CANCELLED
        if retried_from(row, now) + parts.delivery.give_up_after < now:
            ledger.give_up(db, edition, now)
        if state is EditionState.CANCELLED:
            # What was in conversation when it was cancelled may have been put off.
            ledger.cancel_open(db, edition, "the edition was cancelled", now)
        totals = ledger.totals(db, edition)
        if totals.pending == totals.deferred == 0:
            last = editions.set_state(db, edition, [EditionState.SENDING], EditionState.SENT, now, "finished")
        elif halted and state is EditionState.SENDING:
            editions.set_state(db, edition, [EditionState.SENDING], EditionState.PAUSED, now, halted)
    return state, totals, last


def _summary(totals: Totals) -> str:
    return (
        f"planned {totals.planned:,}: sent {totals.sent:,}, failed {totals.failed:,}, uncertain {totals.uncertain:,}, "
        f"cancelled {totals.cancelled:,}"
    )
