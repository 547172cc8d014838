"""Errands: a handful of mails outside the ledger, such as notices and tests, through the same relay. Hall."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from digest.deliver.engine import Job, deliver
from digest.deliver.rules import describe
from digest.model import Claim, Outcome
from digest.verbs.parts import Parts


@dataclass(slots=True)
class _Basket:
    """A desk that gives each job once."""

    waiting: list[Job]
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def take(self, limit: int) -> list[Job]:
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        self.outcomes |= {job.rcpt_to: outcome for job, outcome in done}
        return True


def run_errand(parts: Parts, messages: dict[str, bytes]) -> dict[str, str | None]:
    """Send each message to its address, once, without retries: None where it was accepted, else what was said.

    Raises RelayError when the relay takes nothing at all. Without a message no relay is asked.
    """
    if not messages:
        return {}
    basket = _Basket([_job(parts, to, message) for to, message in messages.items()])
    deliver(basket, parts.relays, connections=1, stop=threading.Event())
    return {to: _complaint(basket.outcomes.get(to)) for to in messages}


def _job(parts: Parts, to: str, message: bytes) -> Job:
    claim = Claim(edition="errand", subscriber=0, address=to, name="", attempt=1, fence=0, message_id=None)
    return Job(
        claim=claim,
        mail_from=parts.letterhead.from_address,
        rcpt_to=to,
        message=message,
        needs_smtputf8=not to.isascii(),
    )


def _complaint(outcome: Outcome | None) -> str | None:
    if outcome is None:
        return "not sent"
    accepted = outcome.code is not None and 200 <= outcome.code < 300
    return None if accepted else describe(outcome)
