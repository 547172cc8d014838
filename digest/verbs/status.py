"""The books of an edition, as people and programs read them. Hall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.model import RecipientState, Totals
from digest.store import ledger
from digest.store.editions import EditionRow
from digest.store.ledger import RecipientRow
from digest.verbs.assembledue import slots_that_wait
from digest.verbs.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`perhaps_twice`: so many were sent it again after an uncertain end. `in_conversation`: so many are claimed just
    now. `next_due`: when the first of the deferred is tried again. `waiting`: editions that are not there yet because
    of a source that they require, and why."""

    row: EditionRow
    totals: Totals
    messages_per_second: float | None
    reasons: dict[str, int]
    perhaps_twice: int
    in_conversation: int
    next_due: datetime | None
    waiting: dict[str, str]


def status(parts: Parts, row: EditionRow) -> Status:
    """One edition's state and totals, read in one transaction so that they add up."""
    waiting = {f"{parts.newsletter}-{slot.key}": reason for slot, reason in slots_that_wait(parts)}
    with parts.store.read() as db:
        return Status(
            row=row,
            totals=ledger.totals(db, row.edition.id),
            messages_per_second=ledger.speed(db, row.edition.id),
            reasons=ledger.reasons(db, row.edition.id),
            perhaps_twice=ledger.perhaps_twice(db, row.edition.id),
            in_conversation=ledger.in_conversation(db, row.edition.id),
            next_due=ledger.next_due(db, row.edition.id),
            waiting=waiting,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """How far an edition is. `next_due` is when the first of the deferred is to be tried again."""

    totals: Totals
    next_due: datetime | None


def glance(parts: Parts, edition: str) -> Glance:
    """What one looks at again and again while it is being sent, whoever sends. A quarter of a second for a million
    recipients, spent in the database. Raises StoreError."""
    with parts.store.read() as db:
        return Glance(totals=ledger.totals(db, edition), next_due=ledger.next_due(db, edition))


def recipients(parts: Parts, row: EditionRow, states: list[RecipientState] | None) -> Iterator[RecipientRow]:
    """Ledger rows in order of subscriber, streamed."""
    with parts.store.read() as db:
        yield from ledger.recipients(db, row.edition.id, states=states)


def as_json(found: Status) -> dict[str, Any]:
    """The shape of contract.md."""
    row, totals = found.row, found.totals
    speed = found.messages_per_second
    return {
        "edition": row.edition.id,
        "newsletter": row.edition.newsletter,
        "slot": row.edition.slot.instant.isoformat(),
        "state": row.state.value,
        "hash": row.hash,
        "approved_hash": row.approved_hash,
        "candidates": totals.candidates,
        "excluded": totals.excluded,
        "planned": totals.planned,
        **totals.ends,
        "perhaps_twice": found.perhaps_twice,
        "next_try": found.next_due.isoformat() if found.next_due else None,
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "messages_per_second": round(speed, 1) if speed is not None else None,
        "reasons": found.reasons,
        "waiting": found.waiting,
    }
