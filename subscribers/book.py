"""The book of subscribers: who is in it, how they came in, what happened to them. Queries on a connection handed in.

Transactions are the caller's. The ways out (leaving.py) and the suppressions are shown here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from subscribers.address import Address, normalise
from subscribers.audience import candidates
from subscribers.details import clean_language, clean_name, clean_timezone, clean_topics, one_line
from subscribers.keys import KeyRing
from subscribers.leaving import erase, log, mark_bounced, mark_complained, remove, unsubscribe
from subscribers.people import Added, AddResult, Consent, ConsentEvent, Stats, Subscriber, SubscriberState
from subscribers.suppressions import is_suppressed, lift, suppress, suppressed_hashes
from subscribers.tables import consent_event, insert_new, subscriber, suppression

__all__ = [
    "AddResult", "Added", "ConsentEvent", "Stats", "Subscriber", "SubscriberState", "add", "audience_counts", "erase",
    "find", "get", "history", "is_suppressed", "listing", "mark_bounced", "mark_complained", "remove", "stats",
    "suppress", "unsubscribe",
]  # fmt: skip

_FIELDS = tuple(Subscriber.__dataclass_fields__)
_COLUMNS = [subscriber.c[name] for name in _FIELDS]
_HERE = (SubscriberState.PENDING, SubscriberState.ACTIVE)


def add(
    db: Connection,
    ring: KeyRing,
    newsletter: str,
    address: str,
    *,
    name: str = "",
    language: str | None = None,
    timezone: str | None = None,
    topics: Sequence[str] = (),
    confirmed: bool,
    how: str,
    proof: str | None,
    now: datetime,
    own_wish: bool = False,
) -> AddResult:
    """Put somebody in the book, or bring what is known about them up to date.

    `confirmed` makes them active, else they stay pending until they prove that the mailbox is theirs. Empty details
    leave what is known. Somebody who left, bounced or is suppressed comes back only by `own_wish` and `confirmed`
    together, the link in a mail that only they can have opened; after a complaint not even then.
    Raises AddressError or DetailError.
    """
    who = normalise(address)
    details = _details(name, language, timezone, topics)
    hashed = ring.suppression_hash(who.key)
    comes_back = own_wish and confirmed and lift(db, newsletter, hashed)
    if suppressed_hashes(db, newsletter, [hashed]):
        return AddResult(Added.SUPPRESSED, _by_key(db, newsletter, who.key))
    consent = Consent(now, how, proof)
    row = _new_row(newsletter, who, hashed, consent, confirmed) | details
    inserted = db.execute(insert_new(db, subscriber).values(row).returning(subscriber.c.id)).first()
    known = _by_key(db, newsletter, who.key)
    assert known is not None, "the unique key holds: the row was inserted now or was there before"
    if inserted:
        log(db, known.id, "confirmed" if confirmed else "requested", consent)
        return AddResult(Added.ADDED, known)
    if known.state not in _HERE and not (comes_back and known.state is not SubscriberState.COMPLAINED):
        return AddResult(Added.KEPT, known)
    return _bring_up_to_date(db, known, details, consent, confirmed=confirmed)


def find(db: Connection, newsletter: str, address: str) -> Subscriber | None:
    """The subscriber with this address in any spelling of upper and lower case. Raises AddressError."""
    return _by_key(db, newsletter, normalise(address).key)


def get(db: Connection, subscriber_id: int) -> Subscriber | None:
    """The subscriber with this number; erased ones too, empty as they are."""
    row = db.execute(select(*_COLUMNS).where(subscriber.c.id == subscriber_id)).one_or_none()
    return None if row is None else _as_subscriber(row)


def listing(
    db: Connection, newsletter: str, *, state: SubscriberState | None = None, after: int = 0, limit: int = 100
) -> list[Subscriber]:
    """A page of subscribers by number, those numbered above `after`; erased ones only when asked for by state."""
    wanted = select(*_COLUMNS).where(subscriber.c.newsletter == newsletter, subscriber.c.id > after)
    if state is None:
        wanted = wanted.where(subscriber.c.state != SubscriberState.ERASED)
    else:
        wanted = wanted.where(subscriber.c.state == state)
    return [_as_subscriber(row) for row in db.execute(wanted.order_by(subscriber.c.id).limit(limit))]


def history(db: Connection, subscriber_id: int) -> list[ConsentEvent]:
    """The consent log of one subscriber, oldest first."""
    events = select(consent_event.c.at, consent_event.c.kind, consent_event.c.how, consent_event.c.proof)
    rows = db.execute(events.where(consent_event.c.subscriber == subscriber_id).order_by(consent_event.c.id))
    return [ConsentEvent(at=row.at, kind=row.kind, how=row.how, proof=row.proof) for row in rows]


def stats(db: Connection, newsletter: str) -> Stats:
    """Counts by state, all states present; how many may be written to now; how many suppressions apply."""
    by_state = select(subscriber.c.state, func.count()).where(subscriber.c.newsletter == newsletter)
    counted = {row[0]: row[1] for row in db.execute(by_state.group_by(subscriber.c.state))}
    reachable = candidates(newsletter).order_by(None).subquery()
    applies = or_(suppression.c.newsletter.is_(None), suppression.c.newsletter == newsletter)
    return Stats(
        states={state: counted.get(state.value, 0) for state in SubscriberState},
        reachable=db.scalar(select(func.count()).select_from(reachable).where(reachable.c.reason.is_(None))) or 0,
        suppressions=db.scalar(select(func.count(suppression.c.hash.distinct())).where(applies)) or 0,
    )


def audience_counts(db: Connection, newsletter: str) -> dict[str | None, int]:
    """Candidates by the reason why they would be left out; None: would be written to."""
    asked = candidates(newsletter).order_by(None).subquery()
    return {row[0]: row[1] for row in db.execute(select(asked.c.reason, func.count()).group_by(asked.c.reason))}


def _as_subscriber(row: Row[Any]) -> Subscriber:
    values: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    values["topics"] = tuple(values["topics"])
    values["state"] = SubscriberState(values["state"])
    return Subscriber(**values)


def _details(name: str, language: str | None, timezone: str | None, topics: Sequence[str]) -> dict[str, object]:
    """Only what was given: an empty detail never overwrites a known one."""
    given = {
        "name": clean_name(name),
        "language": clean_language(language),
        "timezone": clean_timezone(timezone),
        "topics": list(clean_topics(topics)),
    }
    return {field: value for field, value in given.items() if value}


def _new_row(newsletter: str, who: Address, hashed: str, consent: Consent, confirmed: bool) -> dict[str, object]:
    return {
        "newsletter": newsletter, "address": who.address, "address_key": who.key, "suppression_hash": hashed,
        "domain": who.domain, "name": "", "language": None, "timezone": None, "topics": [],
        "source": one_line(consent.how),
        "state": SubscriberState.ACTIVE if confirmed else SubscriberState.PENDING,
        "confirmed_at": consent.at if confirmed else None, "created_at": consent.at, "updated_at": consent.at,
    }  # fmt: skip


def _bring_up_to_date(
    db: Connection, known: Subscriber, details: dict[str, object], consent: Consent, *, confirmed: bool
) -> AddResult:
    news = {field: value for field, value in details.items() if _differs(getattr(known, field), value)}
    becomes_active = confirmed and known.state is not SubscriberState.ACTIVE
    if becomes_active:
        news |= {"state": SubscriberState.ACTIVE, "confirmed_at": consent.at}
    if not news:
        return AddResult(Added.UNCHANGED, known)
    # The state is asked again: an unsubscribe that was committed since we looked must win.
    here = (subscriber.c.id == known.id) & (subscriber.c.state == known.state)
    changed = db.execute(update(subscriber).where(here).values(**news, updated_at=consent.at)).rowcount == 1
    if changed and becomes_active:
        log(db, known.id, "confirmed", consent)
    return AddResult(Added.UPDATED if changed else Added.KEPT, get(db, known.id))


def _differs(known: object, given: object) -> bool:
    return known != (tuple(given) if isinstance(given, list) else given)


def _by_key(db: Connection, newsletter: str, key: str) -> Subscriber | None:
    theirs = (subscriber.c.newsletter == newsletter) & (subscriber.c.address_key == key)
    row = db.execute(select(*_COLUMNS).where(theirs)).one_or_none()
    return None if row is None else _as_subscriber(row)
