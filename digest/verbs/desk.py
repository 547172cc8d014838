"""The desk between engine and ledger: hands out claimed recipients as jobs, writes down what became of them. Hall."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter

from sqlalchemy import Connection

from digest.deliver.desk import Job, Pieces
from digest.deliver.message import Compiled
from digest.deliver.rules import RunGuard, Verdict, judge
from digest.errors import InputError, StoreError
from digest.failpoints import reach
from digest.model import Claim, EditionState, Outcome, Settlement
from digest.store import editions, ledger
from digest.store.editions import EditionRow
from digest.store.senders import Sender
from digest.verbs.addressing import Addressing
from digest.verbs.notify import owe
from digest.verbs.parts import Parts
from subscribers import book

_STATE: Callable[[Settlement], str] = attrgetter("state")


@dataclass(slots=True)
class Desk:
    """One run's view of the ledger. `halted` tells why the run must stop, when it must.

    `to_pause` tells why the edition is to be paused, until that is written down: together with the outcomes that say
    so, and once. Whoever resumes it afterwards has seen them.
    """

    parts: Parts
    row: EditionRow
    compiled: Compiled
    addressing: Addressing
    sender: Sender
    progress: Callable[[Counter[str]], None]
    guard: RunGuard = field(default_factory=RunGuard)
    counts: Counter[str] = field(default_factory=Counter)
    halted: str | None = None
    to_pause: str | None = None
    renew_at: datetime | None = None
    _last_done: list[tuple[Job, Outcome]] = field(init=False, default_factory=list)
    _last_judged: list[Settlement] = field(init=False, default_factory=list)
    _has_counted: bool = field(init=False, default=False)

    def take(self, limit: int) -> list[Job]:
        """Claim up to `limit` recipients; committed before it returns. Empty: nothing can be sent now."""
        if self.halted is not None:
            return []
        self._check_lock()
        with self.parts.store.write() as db:
            self._renew(db)
            claims = self._claim(db, limit)
        reach("after_claim")
        if not claims:
            self._look_why()
        return self._jobs(claims)

    def _check_lock(self) -> None:
        if not self.sender.held():
            # The database server was restarted: others take this process for dead, and may recover its rows.
            raise StoreError("the lock of this sender was lost; nothing more is claimed; run `digest send` again")

    def _claim(self, db: Connection, limit: int) -> list[Claim]:
        edition, now, lease = self.row.edition.id, self.parts.clock(), self.parts.delivery.lease
        named = self.addressing.message_id
        return ledger.claim(db, edition, sender=self.sender.id, limit=limit, now=now, lease=lease, message_id=named)

    def _renew(self, db: Connection) -> None:
        """Now and then, whatever is written: who waits aside for a slow domain may do so for longer than a lease, while
        nobody else is claimed."""
        now, lease = self.parts.clock(), self.parts.delivery.lease
        if self.renew_at is None or now >= self.renew_at:
            ledger.renew(db, self.row.edition.id, sender=self.sender.id, now=now, lease=lease)
            self.renew_at = now + lease / 10

    def _look_why(self) -> None:
        """Nothing to claim: because all is done, or because somebody paused or cancelled the edition?"""
        with self.parts.store.read() as db:
            self._look(db)

    def _look(self, db: Connection) -> None:
        """Halt, where the edition is not being sent any more."""
        current = editions.get(db, self.row.edition.id)
        if current is None or current.state is not EditionState.SENDING:
            self.halted = current.paused_reason or f"the edition is {current.state}" if current else "no such edition"

    def _jobs(self, claims: list[Claim]) -> list[Job]:
        """Messages for the claims, laid out here, one after the other: that is done in half the time it takes between
        two replies. Most of a message is shared by all, so 200 of them ahead are half a megabyte."""
        dated = self.compiled.dated(self.parts.clock(), self.parts.signers)
        addressee, mail_from = self.addressing.addressee, self.parts.letterhead.from_address
        jobs = []
        for claim in claims:
            reader = addressee(claim)
            message: Callable[[], Pieces]
            try:
                message = partial(dated.signed, dated.laid_out(reader))  # signed when its turn is near
            except InputError:
                message = partial(dated.pieces, reader)  # raises this again when it is asked for
            address = claim.address
            needs_smtputf8 = not address.isascii()  # the domain is in ASCII already
            jobs.append(Job(claim, mail_from, address, message, needs_smtputf8, True))
        return jobs

    def recheck(self, jobs: Sequence[Job]) -> list[Job]:
        """Those who may still be written to; who left since they were claimed is cancelled. Nobody, where somebody has
        paused or cancelled the edition: the run halts."""
        with self.parts.store.write() as db:
            self._look(db)
            if self.halted is not None:
                return []
            self._renew(db)
            kept = {claim.subscriber for claim in ledger.recheck(db, [job.claim for job in jobs], self.parts.clock())}
        return [job for job in jobs if job.claim.subscriber in kept]

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        """Write outcomes into the ledger, under their fences. False: take no more."""
        settlements = self._judged(done)
        with self.parts.store.write() as db:
            self._write(db, settlements)
        self.to_pause = None
        reach("after_settle_commit")
        self._count(settlements)
        return self.halted is None

    def turn(self, done: list[tuple[Job, Outcome]], limit: int) -> tuple[bool, list[Job]]:
        """Write outcomes and claim up to `limit` recipients in one transaction."""
        self._check_lock()
        settlements = self._judged(done)
        with self.parts.store.write() as db:
            self._write(db, settlements)
            claims = [] if self.halted else self._claim(db, limit)
        self.to_pause = None
        reach("after_settle_commit")
        reach("after_claim")
        self._count(settlements)
        if self.halted is None and not claims:
            self._look_why()
        return self.halted is None, self._jobs(claims)

    def _judged(self, done: list[tuple[Job, Outcome]]) -> list[Settlement]:
        """What is to be written about these outcomes. The same list once more, after a fault of the database, is not
        judged again: what it says about the run would count twice."""
        if done is not self._last_done:
            self._last_done, self._last_judged = done, self._judge(done)
            self._has_counted = False
        return self._last_judged

    def _judge(self, done: list[tuple[Job, Outcome]]) -> list[Settlement]:
        settlements, judge, note = [], Judge(self.parts, self.row), self.guard.note
        for job, outcome in done:
            settlement, verdict = judge.judged(job.claim, outcome)
            if self.halted is None:
                self.halted = self.to_pause = note(verdict)
            settlements.append(settlement)
        return settlements

    def pause(self, why: str) -> None:
        """Halt, and pause the edition, for a reason that no outcome tells."""
        self.halted = why
        with self.parts.store.write() as db:
            self._pause(db, why)

    def _write(self, db: Connection, settlements: Sequence[Settlement]) -> None:
        write_in(db, self.parts, settlements)
        self._renew(db)
        if self.to_pause is not None:
            self._pause(db, self.to_pause)

    def _pause(self, db: Connection, why: str) -> None:
        """Unless it is paused, cancelled or finished already."""
        edition, sending, now = self.row.edition.id, [EditionState.SENDING], self.parts.clock()
        if editions.set_state(db, edition, sending, EditionState.PAUSED, now, why):
            owe(self.parts, db, "paused", edition, why)

    def _count(self, settlements: list[Settlement]) -> None:
        if not self._has_counted:
            self._has_counted = True
            self.counts.update(map(_STATE, settlements))
        self.progress(self.counts)


class Judge:
    """Says what the ledger is to write about outcomes of one moment, and what they say about the run."""

    def __init__(self, parts: Parts, row: EditionRow) -> None:
        self._now = parts.clock()
        self._slot = retried_from(row, self._now)
        self._give_up_after = parts.delivery.give_up_after

    def judged(self, claim: Claim, outcome: Outcome) -> tuple[Settlement, Verdict]:
        """Servers like to repeat the address. It is not kept in their words: those go into logs and to operators, and
        outlive the person's wish to be forgotten."""
        # The first test lets nearly all replies pass, the second those that name our Message-ID; a pattern costs 50 µs.
        if "@" in outcome.text and claim.address and claim.address.casefold() in outcome.text.casefold():
            outcome = outcome._replace(text=re.sub(re.escape(claim.address), "…", outcome.text, flags=re.IGNORECASE))
        verdict = judge(
            outcome, attempt=claim.attempt, now=self._now, slot=self._slot, give_up_after=self._give_up_after
        )
        return Settlement(claim, verdict.state, verdict.reason, outcome, verdict.next_at, verdict.suppress), verdict


def retried_from(row: EditionRow, now: datetime) -> datetime:
    """From when [delivery] give_up_after counts: the slot, or when sending began where that was later. Else an edition
    sent a week late would give up whoever is put off once, as everybody is by a server that greylists."""
    return max(row.edition.slot.instant, row.started_at or now)


def write_down(parts: Parts, settlements: Sequence[Settlement]) -> None:
    """Commit settlements that still hold, and suppress the addresses found dead, in one transaction."""
    with parts.store.write() as db:
        write_in(db, parts, settlements)


def write_in(db: Connection, parts: Parts, settlements: Sequence[Settlement]) -> None:
    """The same, as part of a transaction."""
    now = parts.clock()
    refused = ledger.settle(db, settlements, now)
    for settled in settlements:
        if settled.suppress and settled.claim not in refused:
            book.mark_bounced(db, parts.ring, settled.claim.subscriber, settled.reason or "hard bounce", now)
