"""Running: one process sends one edition, in rounds, until nothing is left that can be sent now. Hall."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.deliver.engine import Ending, Speed, deliver
from digest.deliver.journal import FileJournal, boot_id, is_being_written
from digest.deliver.message import compile_message
from digest.deliver.rules import RunGuard
from digest.errors import DigestError, RelayError
from digest.failpoints import reach
from digest.model import SealedEdition, Totals
from digest.store import ledger, senders
from digest.store.editions import EditionRow
from digest.store.senders import Sender
from digest.verbs.addressing import Addressing, sender_domain
from digest.verbs.desk import Desk
from digest.verbs.finishing import finish
from digest.verbs.pacing import remember, speed_of
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
        Addressing(parts, edition, sender_domain(sealed)),
        sender,
        progress=lambda counts: order.progress(edition, totals, counts),
        guard=RunGuard(
            answered=totals.sent + totals.failed,  # "the first 200" are those of the edition
            in_flight=parts.delivery.connections * parts.delivery.window,
        ),
    )
    refusal: RelayError | None = None
    try:
        _deliver_all(parts, desk, order, totals.pending)
    except RelayError as fault:
        refusal = fault
    finally:
        reach("before_leave")
        _leave(parts, sender)
    reach("before_finish")
    run = finish(parts, row, refusal, interrupted=order.stop.is_set())
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


def _deliver_all(parts: Parts, desk: Desk, order: Order, pending: int) -> None:
    """Send all that can be sent now, with a crew; wait for deferred recipients as long as the order allows."""
    edition = desk.row.edition.id
    path = journal_of(parts, desk.sender.id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not is_being_written(path):
        path.unlink(missing_ok=True)  # of another database's sender with this number, one that was put aside
    journal = FileJournal(path, edition=edition, sender=desk.sender.id, boot=boot_id())
    waits_until = parts.clock() + order.wait
    try:
        with order.crew(edition, pending) as processes:
            speed = speed_of(parts, processes)
            try:
                is_drained = _rounds(parts, desk, order, journal, speed, waits_until)
            except RelayError as fault:
                if fault.lasting:
                    desk.pause(str(fault))  # now: a crew need not find out for itself
                raise
            finally:
                remember(parts, speed)
        # A helper may have been killed after this process had looked for the last time.
        if processes > 1 and is_drained and _something_again(parts, edition):
            _rounds(parts, desk, order, journal, speed, waits_until)
    finally:
        journal.close(remove=False)


def _rounds(  # noqa: PLR0917 (one call's worth of words)
    parts: Parts, desk: Desk, order: Order, journal: FileJournal, speed: Speed, waits_until: datetime
) -> bool:
    """True: nothing was left that could be sent; False: it had to stop before."""
    edition = desk.row.edition.id
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
            return False
        if _something_again(parts, edition):
            continue
        with parts.store.read() as db:
            next_at = ledger.next_due(db, edition)
        if next_at is None or next_at > waits_until:
            return True
        order.stop.wait(max(0.0, (next_at - parts.clock()).total_seconds()))


def _something_again(parts: Parts, edition: str) -> bool:
    """Whether somebody can be sent to after all: whom a process had claimed that died meanwhile, or whose message may
    or may not have arrived and is to be sent once more. An edition that is finished would never come back to them."""
    recover(parts, edition)
    with parts.store.read() as db:
        return ledger.totals(db, edition).pending > ledger.in_conversation(db, edition)
