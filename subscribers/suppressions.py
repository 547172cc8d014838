"""Suppressions: addresses that must not be written to, kept as keyed hashes. Stronger than any import.

The hash needs the permanent key of the ring, so a stolen table names nobody, and erased people stay protected.
Every function takes an open connection inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, literal, or_, select, update

from subscribers.address import normalise
from subscribers.batches import texts
from subscribers.keys import KeyRing
from subscribers.people import Reason
from subscribers.tables import insert_new, suppression


def suppress(  # noqa: PLR0917 (connection and ring, then a sentence)
    db: Connection, ring: KeyRing, newsletter: str | None, address: str, reason: str, now: datetime
) -> bool:
    """Never write to this address again, on one newsletter or (None) on all; True when that is new.

    A complaint replaces a weaker reason; nothing replaces a complaint. Raises AddressError.
    """
    return suppress_hash(db, newsletter, ring.suppression_hash(normalise(address).key), reason, now)


def suppress_hash(db: Connection, newsletter: str | None, hashed: str, reason: str, now: datetime) -> bool:
    """`suppress` for an address that is only known by its hash, from a subscriber's row."""
    same = (suppression.c.hash == hashed) & _exactly(newsletter)
    if reason == Reason.COMPLAINED:
        db.execute(update(suppression).where(same, suppression.c.reason != reason).values(reason=reason))
    row = {"newsletter": newsletter, "hash": hashed, "reason": reason, "at": now}
    # Only a unique index tells for sure that two bounce readers do not write the same row at the same instant.
    return db.execute(insert_new(db, suppression).values(row).returning(suppression.c.id)).first() is not None


def is_suppressed(db: Connection, ring: KeyRing, newsletter: str, address: str) -> bool:
    """Whether this address must not be written to for this newsletter. Raises AddressError."""
    hashed = ring.suppression_hash(normalise(address).key)
    return bool(suppressed_hashes(db, newsletter, [hashed]))


def suppressed_hashes(db: Connection, newsletter: str, hashes: Iterable[str]) -> set[str]:
    """Those of the hashes that are suppressed for this newsletter or for all. Give at most some thousands."""
    wanted = select(suppression.c.hash).where(suppression.c.hash.in_(texts(db, hashes)), _applies(newsletter))
    return set(db.scalars(wanted))


def lift(db: Connection, newsletter: str, hashed: str) -> bool:
    """End the suppressions of somebody who confirmed a new wish of their own; False when a complaint forbids it.

    Ends those for all newsletters too: the person proved that the mailbox lives and is wanted.
    """
    theirs = (suppression.c.hash == hashed) & _applies(newsletter)
    complained = select(literal(1)).where(theirs, suppression.c.reason == Reason.COMPLAINED)
    if db.scalar(complained) is not None:
        return False
    db.execute(delete(suppression).where(theirs))
    return True


def _exactly(newsletter: str | None) -> ColumnElement[bool]:
    return suppression.c.newsletter.is_(None) if newsletter is None else suppression.c.newsletter == newsletter


def _applies(newsletter: str) -> ColumnElement[bool]:
    return or_(suppression.c.newsletter.is_(None), suppression.c.newsletter == newsletter)
