"""The ways out: unsubscribed, bounced, complained, erased. Each is a guarded UPDATE, so that twice is as good as once.

Every function takes an open connection inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from subscribers.address import normalise
from subscribers.keys import KeyRing
from subscribers.people import Consent, Reason, SubscriberState
from subscribers.suppressions import suppress_hash
from subscribers.tables import consent_event, subscriber

_HERE = (SubscriberState.PENDING, SubscriberState.ACTIVE)
_NOT_ERASED = tuple(state for state in SubscriberState if state is not SubscriberState.ERASED)


def unsubscribe(
    db: Connection, newsletter: str, subscriber_id: int, *, how: str, now: datetime, proof: str | None = None
) -> bool:
    """End one subscription; False when there was none to end. Once committed, no claim takes this person any more."""
    if not _move(db, subscriber_id, _HERE, SubscriberState.UNSUBSCRIBED, now, newsletter=newsletter):
        return False
    log(db, subscriber_id, "unsubscribed", Consent(now, how, proof))
    return True


def remove(db: Connection, newsletter: str, address: str, *, how: str, now: datetime) -> bool:
    """`unsubscribe` by address, for an operator; False when nobody by that address was subscribed.

    Raises AddressError.
    """
    theirs = select(subscriber.c.id).where(
        subscriber.c.newsletter == newsletter, subscriber.c.address_key == normalise(address).key
    )
    found = db.scalar(theirs)
    return found is not None and unsubscribe(db, newsletter, found, how=how, now=now)


def mark_bounced(db: Connection, ring: KeyRing, subscriber_id: int, reason: str, now: datetime) -> bool:
    """The mailbox does not exist: state bounced, and suppressed on all newsletters; False when already so or erased.

    `reason` is what the server said, scrubbed of the address by the caller; it stands in the log as proof.
    """
    hashed = _hash_of(db, ring, subscriber_id)
    if hashed is None:
        return False
    suppressed = suppress_hash(db, None, hashed, Reason.BOUNCED, now)
    moved = _move(db, subscriber_id, _HERE, SubscriberState.BOUNCED, now)
    if moved:
        log(db, subscriber_id, "bounced", Consent(now, "delivery report", reason))
    return moved or suppressed


def mark_complained(db: Connection, ring: KeyRing, subscriber_id: int, proof: str, now: datetime) -> bool:
    """Reported as spam: state complained, suppressed on all newsletters for good; False when already so or erased."""
    hashed = _hash_of(db, ring, subscriber_id)
    if hashed is None:
        return False
    suppress_hash(db, None, hashed, Reason.COMPLAINED, now)
    before = tuple(state for state in _NOT_ERASED if state is not SubscriberState.COMPLAINED)
    moved = _move(db, subscriber_id, before, SubscriberState.COMPLAINED, now)
    if moved:
        log(db, subscriber_id, "complained", Consent(now, "complaint report", proof))
    return moved


def erase(db: Connection, ring: KeyRing, subscriber_id: int, now: datetime) -> bool:
    """Forget a person; False when there is nobody to forget.

    The row keeps its number, so that ledgers still add up, but nothing that tells who it was; the consent log goes; the
    address stays suppressed on this newsletter as a keyed hash that no longer points at the row.
    """
    theirs = (subscriber.c.id == subscriber_id) & (subscriber.c.state != SubscriberState.ERASED)
    row = db.execute(select(subscriber.c.newsletter, subscriber.c.address_key).where(theirs)).one_or_none()
    if row is None:
        return False
    suppress_hash(db, row.newsletter, ring.suppression_hash(row.address_key), Reason.ERASED, now)
    blank: dict[str, object] = {
        "address": "", "address_key": f"erased:{subscriber_id}", "suppression_hash": "", "domain": "",
        "name": "", "language": None, "timezone": None, "topics": [], "source": "",
        "state": SubscriberState.ERASED, "updated_at": now,
    }  # fmt: skip
    db.execute(update(subscriber).where(theirs).values(blank))
    db.execute(delete(consent_event).where(consent_event.c.subscriber == subscriber_id))
    log(db, subscriber_id, "erased", Consent(now, "request"))
    return True


def log(db: Connection, subscriber_id: int, kind: str, consent: Consent) -> None:
    """One more line of the consent log; see ConsentEvent for the kinds."""
    event = {"subscriber": subscriber_id, "at": consent.at, "kind": kind, "how": consent.how, "proof": consent.proof}
    db.execute(insert(consent_event), event)


def _move(
    db: Connection,
    subscriber_id: int,
    before: Collection[SubscriberState],
    after: SubscriberState,
    now: datetime,
    *,
    newsletter: str | None = None,
) -> bool:
    here = (subscriber.c.id == subscriber_id) & subscriber.c.state.in_(before)
    if newsletter is not None:
        here &= subscriber.c.newsletter == newsletter
    return db.execute(update(subscriber).where(here).values(state=after, updated_at=now)).rowcount == 1


def _hash_of(db: Connection, ring: KeyRing, subscriber_id: int) -> str | None:
    theirs = (subscriber.c.id == subscriber_id) & (subscriber.c.state != SubscriberState.ERASED)
    key = db.scalar(select(subscriber.c.address_key).where(theirs))
    return None if key is None else ring.suppression_hash(key)
