"""The desk between engine and ledger: hands out claimed recipients as jobs, writes down what became of them. Hall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from digest.deliver.engine import Job
from digest.deliver.message import Compiled
from digest.deliver.rules import RunGuard, judge
from digest.errors import InputError
from digest.model import Addressee, Claim, EditionState, Outcome, RecipientState, Settlement
from digest.store import editions, ledger
from digest.store.editions import EditionRow
from digest.store.senders import Sender
from digest.verbs.parts import Parts
from subscribers import book, tokens
from subscribers.address import normalise
from subscribers.errors import AddressError

# The lease (20 min) outlasts the longest SMTP time-out (10 min): a row whose lease has run out belongs to a process
# that is dead or was stopped, not to a slow one.
LEASE = timedelta(minutes=20)


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

    def take(self, limit: int) -> list[Job]:
        """Claim up to `limit` recipients; committed before it returns. Empty: nothing can be sent now."""
        while self.halted is None:
            with self.parts.store.write() as db:
                claims = ledger.claim(
                    db, self.row.edition.id, sender=self.sender.id, limit=limit, now=self.parts.clock(), lease=LEASE
                )
            if not claims:
                self._look_why()
                return []
            jobs = self._jobs(claims)
            if jobs:
                return jobs
        return []

    def _look_why(self) -> None:
        """Nothing to claim: because all is done, or because somebody paused or cancelled the edition?"""
        with self.parts.store.read() as db:
            current = editions.get(db, self.row.edition.id)
        if current is None or current.state is not EditionState.SENDING:
            self.halted = current.paused_reason or f"the edition is {current.state}" if current else "no such edition"

    def _jobs(self, claims: list[Claim]) -> list[Job]:
        """Messages for the claims. One that cannot be built fails by itself: a fault of that row, not of the run."""
        jobs, faulty = [], []
        for claim in claims:
            try:
                jobs.append(self._job(claim))
            except (InputError, AddressError) as fault:
                faulty.append(Settlement(claim=claim, state=RecipientState.FAILED, reason=str(fault), outcome=None))
        if faulty:
            self._write(faulty)
        return jobs

    def _job(self, claim: Claim) -> Job:
        addressee = addressee_of(self.parts, claim)
        message = self.compiled.build(addressee, date=self.parts.clock(), signers=self.parts.signers)
        return Job(
            claim=replace(claim, message_id=addressee.message_id),
            mail_from=self.parts.letterhead.from_address,
            rcpt_to=claim.address,
            message=message,
            needs_smtputf8=normalise(claim.address).needs_smtputf8,
        )

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        """Write outcomes into the ledger, under their fences. False: take no more."""
        self._write([self._settlement(job.claim, outcome) for job, outcome in done])
        return self.halted is None

    def _write(self, settlements: list[Settlement]) -> None:
        now = self.parts.clock()
        with self.parts.store.write() as db:
            refused = ledger.settle(db, settlements, now)
            for settled in settlements:
                if settled.suppress and settled.claim not in refused:
                    reason = settled.reason or "hard bounce"
                    book.mark_bounced(db, self.parts.ring, settled.claim.subscriber, reason, now)
        self.counts.update(settled.state.value for settled in settlements)
        self.progress(self.counts)

    def _settlement(self, claim: Claim, outcome: Outcome) -> Settlement:
        policy = self.parts.delivery
        verdict = judge(
            outcome,
            attempt=claim.attempt,
            now=self.parts.clock(),
            slot=self.row.edition.slot.instant,
            give_up_after=policy.give_up_after,
        )
        self.halted = self.halted or self.guard.note(verdict)
        return Settlement(
            claim=claim,
            state=verdict.state,
            reason=verdict.reason,
            outcome=outcome,
            next_at=verdict.next_at,
            suppress=verdict.suppress,
        )


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
