"""The desk between engine and ledger: hands out claimed recipients as jobs, writes down what became of them. Hall."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from digest.deliver.engine import Job
from digest.deliver.headers import check_address
from digest.deliver.message import Compiled
from digest.deliver.rules import RunGuard, Verdict, judge
from digest.errors import InputError, StoreError
from digest.failpoints import reach
from digest.model import Addressee, Claim, EditionState, Outcome, RecipientState, Settlement
from digest.store import editions, ledger
from digest.store.editions import EditionRow
from digest.store.senders import Sender
from digest.verbs.parts import Parts
from subscribers import book, tokens


@dataclass(slots=True)
class Desk:
    """One run's view of the ledger. `halted` tells why the run must stop, when it must."""

    parts: Parts
    row: EditionRow
    compiled: Compiled
    sender: Sender
    progress: Callable[[Counter[str]], None]
    guard: RunGuard = field(default_factory=RunGuard)
    counts: Counter[str] = field(default_factory=Counter)
    halted: str | None = None
    renew_at: datetime | None = None

    def take(self, limit: int) -> list[Job]:
        """Claim up to `limit` recipients; committed before it returns. Empty: nothing can be sent now."""
        while self.halted is None:
            claims = self._claim(limit)
            reach("after_claim")
            if not claims:
                self._look_why()
                return []
            jobs = self._jobs(claims)
            if jobs:
                return jobs
        return []

    def _claim(self, limit: int) -> list[Claim]:
        self._check_lock()
        with self.parts.store.write() as db:
            return self._claim_in(db, limit)

    def _check_lock(self) -> None:
        if not self.sender.held():
            # The database server was restarted: others take this process for dead, and may recover its rows.
            raise StoreError("the lock of this sender was lost; nothing more is claimed; run `digest send` again")

    def _claim_in(self, db: Connection, limit: int) -> list[Claim]:
        edition, now, lease = self.row.edition.id, self.parts.clock(), self.parts.delivery.lease
        if self.renew_at is None or now >= self.renew_at:
            ledger.renew(db, edition, sender=self.sender.id, now=now, lease=lease)
            self.renew_at = now + lease / 10
        return ledger.claim(db, edition, sender=self.sender.id, limit=limit, now=now, lease=lease)

    def _look_why(self) -> None:
        """Nothing to claim: because all is done, or because somebody paused or cancelled the edition?"""
        with self.parts.store.read() as db:
            current = editions.get(db, self.row.edition.id)
        if current is None or current.state is not EditionState.SENDING:
            self.halted = current.paused_reason or f"the edition is {current.state}" if current else "no such edition"

    def _jobs(self, claims: list[Claim]) -> list[Job]:
        """Messages for the claims. One that cannot be built fails by itself: a fault of that row, not of the run."""
        jobs, faulty = [], []
        date = self.parts.clock()
        for claim in claims:
            try:
                jobs.append(self._job(claim, date))
            except InputError as fault:
                faulty.append(Settlement(claim=claim, state=RecipientState.FAILED, reason=str(fault), outcome=None))
        if faulty:
            self._write(faulty)
        return jobs

    def _job(self, claim: Claim, date: datetime) -> Job:
        check_address(claim.address)
        addressee = addressee_of(self.parts, claim)
        return Job(
            claim=replace(claim, message_id=addressee.message_id),
            mail_from=self.parts.letterhead.from_address,
            rcpt_to=claim.address,
            # Built when its turn has come: memory stays flat however many are claimed ahead.
            message=partial(self.compiled.build, addressee, date=date, signers=self.parts.signers),
            needs_smtputf8=not claim.address.isascii(),  # the domain is in ASCII already
            is_clean=True,
        )

    def recheck(self, jobs: Sequence[Job]) -> list[Job]:
        """Those who may still be written to; who left since they were claimed is cancelled."""
        with self.parts.store.write() as db:
            kept = {claim.subscriber for claim in ledger.recheck(db, [job.claim for job in jobs], self.parts.clock())}
        return [job for job in jobs if job.claim.subscriber in kept]

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        """Write outcomes into the ledger, under their fences. False: take no more."""
        self._write(self._judge(done))
        reach("after_settle_commit")
        return self.halted is None

    def turn(self, done: list[tuple[Job, Outcome]], limit: int) -> tuple[bool, list[Job]]:
        """Write outcomes and claim up to `limit` recipients in one transaction."""
        self._check_lock()
        settlements = self._judge(done)
        with self.parts.store.write() as db:
            write_in(db, self.parts, settlements)
            claims = [] if self.halted else self._claim_in(db, limit)
        reach("after_settle_commit")
        reach("after_claim")
        self._count(settlements)
        if self.halted is None and not claims:
            self._look_why()
        jobs = self._jobs(claims)
        if claims and not jobs:
            jobs = self.take(limit)
        return self.halted is None, jobs

    def _judge(self, done: list[tuple[Job, Outcome]]) -> list[Settlement]:
        settlements = []
        for job, outcome in done:
            settlement, verdict = judged(self.parts, self.row, job.claim, outcome)
            self.halted = self.halted or self.guard.note(verdict)
            settlements.append(settlement)
        return settlements

    def _write(self, settlements: list[Settlement]) -> None:
        write_down(self.parts, settlements)
        self._count(settlements)

    def _count(self, settlements: list[Settlement]) -> None:
        self.counts.update(settled.state.value for settled in settlements)
        self.progress(self.counts)


def judged(parts: Parts, row: EditionRow, claim: Claim, outcome: Outcome) -> tuple[Settlement, Verdict]:
    """What the ledger is to write about an outcome, and what it says about the run.

    Servers like to repeat the address. It is not kept in their words: those go into logs and to operators, and outlive
    the person's wish to be forgotten.
    """
    now = parts.clock()
    if claim.address and claim.address.casefold() in outcome.text.casefold():  # rarely; the pattern costs 50 µs
        outcome = replace(outcome, text=re.sub(re.escape(claim.address), "…", outcome.text, flags=re.IGNORECASE))
    verdict = judge(
        outcome,
        attempt=claim.attempt,
        now=now,
        slot=retried_from(row, now),
        give_up_after=parts.delivery.give_up_after,
    )
    settlement = Settlement(
        claim=claim,
        state=verdict.state,
        reason=verdict.reason,
        outcome=outcome,
        next_at=verdict.next_at,
        suppress=verdict.suppress,
    )
    return settlement, verdict


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


def addressee_of(parts: Parts, claim: Claim) -> Addressee:
    """The personal values of one recipient. The Message-ID is the same for every attempt."""
    base = parts.letterhead.base_url
    token = tokens.unsubscribe_token(parts.ring, parts.newsletter, claim.subscriber)
    return Addressee(
        address=claim.address,
        name=claim.name,
        unsubscribe_url=f"{base}/u/{token}",
        preferences_url=f"{base}/preferences",
        message_id=claim.message_id or message_id(parts, claim),
    )


def message_id(parts: Parts, claim: Claim) -> str:
    """`<edition.subscriber.mac@domain>`: drawn from keys, so that a crash before it is written changes nothing."""
    name = f"{claim.edition}.{claim.subscriber}"
    return f"<{name}.{tokens.message_mac(parts.ring, name)}@{parts.letterhead.from_address.partition('@')[2]}>"
