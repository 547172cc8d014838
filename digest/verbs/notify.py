"""Telling the operators: a plain mail to [notify] for each thing that waits for a person, once. Hall."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from digest.deliver.notice import notice
from digest.errors import DigestError
from digest.model import EditionState, Slot
from digest.store import alarms, editions
from digest.store.editions import EditionEvent, EditionRow
from digest.verbs.errand import run_errand
from digest.verbs.parts import Parts

Event = Literal["waiting", "held", "missed", "paused", "finished", "empty", "sources"]

_SUBJECTS: dict[Event, str] = {
    "waiting": "waits for your approval",
    "held": "is held",
    "missed": "was missed",
    "paused": "is paused",
    "finished": "has been sent",
    "empty": "has no stories",
    "sources": "lacks what some sources have",
}

_STEPS = frozenset(EditionState)
_LATEST = 5  # editions looked at for what could not be told
_FIRST_WAIT = timedelta(minutes=5)
_MOST_DOUBLINGS = 8

log = logging.getLogger("digest.notify")


def tell(parts: Parts, event: Event, row: EditionRow, text: str) -> bool:
    """Mail the operators about `event` of this edition, unless the same words were told since its last step.

    Of two processes that find out at once, one tells. Never raises for mail: a word that cannot be sent must not stop
    what it tells of, and is sent later by `tell_again`. True when it went out.
    """
    with parts.store.write() as db:
        recent, now = _since_last_step(db, row.edition.id), parts.clock()
        if (f"told:{event}", text) in [(e.kind, e.why) for e in recent] or _is_being_told(recent, event, now):
            return False
        editions.record_event(db, row.edition.id, f"telling:{event}", text, now)
    log.info("%s %s: %s", row.edition.id, _SUBJECTS[event], text)
    sent = _mail(parts, f"{row.edition.id} {_SUBJECTS[event]}", text)
    kind = "told" if sent or not parts.notify_to else "untold"
    with parts.store.write() as db:
        editions.record_event(db, row.edition.id, f"{kind}:{event}", text, parts.clock())
    return sent


def owe(parts: Parts, db: Connection, event: Event, edition: str, text: str) -> None:
    """Put on record, with the step that it is about, that this is to be told: by `tell`, which comes soon, or by
    `tell_again`, should this process be gone by then."""
    if parts.notify_to:
        editions.record_event(db, edition, f"untold:{event}", text, parts.clock())


def tell_of_slot(parts: Parts, slot: Slot, about: str, text: str) -> None:
    """Mail the operators about a slot that has no edition yet; the same words once. Call it for as long as they hold:
    what could not be sent is tried again, ever more seldom."""
    now = parts.clock()
    with parts.store.write() as db:
        if not alarms.claim(db, parts.newsletter, slot.key, text, now, wait_after=_wait_after):
            return
    about = f"{parts.newsletter}-{slot.key} {about}"
    log.info("%s: %s", about, text)
    if _mail(parts, about, text) or not parts.notify_to:
        with parts.store.write() as db:
            alarms.told(db, parts.newsletter, slot.key, text, now)


def tell_again(parts: Parts) -> None:
    """Tell what could not be told, if it still holds: the relay was away, perhaps the very reason.

    Ever more seldom, so that a relay that refuses us is not asked every minute.
    """
    if not parts.notify_to:
        return
    with parts.store.read() as db:
        waiting = [
            (row, event, text)
            for row in editions.listing(db, parts.newsletter, limit=_LATEST)
            for event, text in _untold(_since_last_step(db, row.edition.id), parts.clock())
        ]
    for row, event, text in waiting:
        tell(parts, event, row, text)


def _since_last_step(db: Connection, edition: str) -> list[EditionEvent]:
    """What was recorded since the edition came to the state it is in."""
    recent: list[EditionEvent] = []
    for event in reversed(editions.events(db, edition)):
        if event.kind in _STEPS:
            break
        recent.append(event)
    return recent[::-1]


def _is_being_told(recent: Sequence[EditionEvent], event: Event, now: datetime) -> bool:
    """Whether another process has just begun to; should it have died of it, it is tried again later."""
    words = [e for e in recent if e.kind.endswith(f":{event}")]
    return bool(words) and words[-1].kind == f"telling:{event}" and now < words[-1].at + _FIRST_WAIT


def _untold(recent: Sequence[EditionEvent], now: datetime) -> Iterator[tuple[Event, str]]:
    """What was tried in vain, and whose time to be tried again has come."""
    for event in _SUBJECTS:
        tried = [e for e in recent if e.kind == f"untold:{event}"]
        if _is_being_told(recent, event, now):
            continue
        told = any(e.kind == f"told:{event}" for e in recent)
        if tried and not told and now >= tried[-1].at + _wait_after(len(tried)):
            yield event, tried[-1].why


def _wait_after(tries: int) -> timedelta:
    return _FIRST_WAIT * (1 << min(tries - 1, _MOST_DOUBLINGS))


def _mail(parts: Parts, about: str, text: str) -> bool:
    subject = f"[{parts.letterhead.name}] {about}"
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
