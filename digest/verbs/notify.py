"""Telling the operators: a plain mail to [notify] for each thing that waits for a person, once. Hall."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Literal

from digest.deliver.engine import Job, deliver
from digest.deliver.notice import notice
from digest.errors import DigestError
from digest.model import Claim, Outcome
from digest.store import editions
from digest.store.editions import EditionRow
from digest.verbs.parts import Parts

Event = Literal["waiting", "held", "missed", "paused", "finished", "empty"]

_SUBJECTS: dict[Event, str] = {
    "waiting": "waits for your approval",
    "held": "is held",
    "missed": "was missed",
    "paused": "is paused",
    "finished": "has been sent",
    "empty": "has no stories",
}

log = logging.getLogger("digest.notify")


def tell(parts: Parts, event: Event, row: EditionRow, text: str) -> bool:
    """Mail the operators about `event` of this edition, unless the same words were told already.

    Never raises for mail: a word that cannot be sent must not stop what it tells of. True when it went out.
    """
    told = f"told:{event}"
    with parts.store.read() as db:
        if any(e.kind == told and e.why == text for e in editions.events(db, row.edition.id)):
            return False
    log.info("%s %s: %s", row.edition.id, _SUBJECTS[event], text)
    sent = _mail(parts, row, event, text)
    if sent or not parts.notify_to:
        # Written after the mail: a word that could not be sent is tried again by the next run.
        with parts.store.write() as db:
            editions.record_event(db, row.edition.id, told, text, parts.clock())
    return sent


def _mail(parts: Parts, row: EditionRow, event: Event, text: str) -> bool:
    desk = _OneByOne([_job(parts, to, f"{row.edition.id} {_SUBJECTS[event]}", text) for to in parts.notify_to])
    try:
        deliver(desk, parts.relay, connections=1, stop=threading.Event())
    except DigestError as fault:
        log.error("could not mail the operators: %s", fault)
        return False
    return desk.accepted > 0


def _job(parts: Parts, to: str, subject: str, text: str) -> Job:
    paper, now = parts.letterhead, parts.clock()
    message = notice(
        sender=paper.from_address,
        sender_name=paper.name,
        to=to,
        subject=f"[{paper.name}] {subject}",
        text=f"{text}\n",
        date=now,
        message_id=f"<notice.{now:%Y%m%d%H%M%S%f}@{paper.from_address.partition('@')[2]}>",
        signers=parts.signers,
    )
    claim = Claim(edition="notice", subscriber=0, address=to, name="", attempt=1, fence=0, message_id=None)
    return Job(claim=claim, mail_from=paper.from_address, rcpt_to=to, message=message, needs_smtputf8=False)


@dataclass(slots=True)
class _OneByOne:
    """A desk for a handful of mails outside the ledger."""

    waiting: list[Job]
    accepted: int = field(default=0)

    def take(self, limit: int) -> list[Job]:
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        for job, outcome in done:
            if outcome.code is not None and 200 <= outcome.code < 300:
                self.accepted += 1
            else:
                log.error("notice to %s: %s %s", job.rcpt_to, outcome.code, outcome.text)
        return True
