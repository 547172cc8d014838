"""Telling the operators: a plain mail to [notify] for each thing that waits for a person, once. Hall."""

from __future__ import annotations

import logging
from typing import Literal

from digest.deliver.notice import notice
from digest.errors import DigestError
from digest.store import editions
from digest.store.editions import EditionRow
from digest.verbs.errand import run_errand
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
    subject = f"[{parts.letterhead.name}] {row.edition.id} {_SUBJECTS[event]}"
    try:
        said = run_errand(parts, {to: _message(parts, to, subject, text) for to in parts.notify_to})
    except DigestError as fault:
        log.error("could not mail the operators: %s", fault)
        return False
    for to, complaint in said.items():
        if complaint:
            log.error("notice to %s: %s", to, complaint)
    return any(complaint is None for complaint in said.values())


def _message(parts: Parts, to: str, subject: str, text: str) -> bytes:
    paper, now = parts.letterhead, parts.clock()
    return notice(
        sender=paper.from_address,
        sender_name=paper.name,
        to=to,
        subject=subject,
        text=f"{text}\n",
        date=now,
        message_id=f"<notice.{now:%Y%m%d%H%M%S%f}@{paper.from_address.partition('@')[2]}>",
        signers=parts.signers,
    )
