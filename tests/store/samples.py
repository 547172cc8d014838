"""Sample values for the store's tests: one Monday, its edition, and people to send it to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from digest.model import (
    Claim,
    Edition,
    EditionState,
    KeyPoint,
    Outcome,
    Phase,
    RecipientState,
    SealedEdition,
    Settlement,
    Slot,
    Story,
)
from digest.store import Store, editions, ledger
from digest.store import tables as t
from subscribers.tables import subscriber, suppression

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
LEASE = timedelta(minutes=20)
WEEKLY = "weekly-2026-11-23"
HASH = "sha256:" + "1" * 64


def edition_of(day: date = date(2026, 11, 23), *, number: int = 1, stories: Sequence[str] = ("ketamine",)) -> Edition:
    instant = datetime(day.year, day.month, day.day, 7, tzinfo=ZoneInfo("Europe/London"))
    return Edition(
        id=f"weekly-{day.isoformat()}",
        newsletter="weekly",
        slot=Slot(day, instant),
        number=number,
        subject="Ketamine brings no lasting relief",
        preheader="A review of 67 trials",
        intro="Good morning.",
        stories=tuple(
            Story(id=name, headline=name.title(), key_points=(KeyPoint("It does not last.", 1),)) for name in stories
        ),
        reading_minutes=4,
    )


def sealed_of(edition: Edition, hash: str = HASH) -> SealedEdition:
    return SealedEdition(
        edition=edition.id,
        html="<p>“Good morning” \x00 \U0001f600</p>",
        text="Good morning",
        mjml="<mjml></mjml>",
        subject=edition.subject,
        preheader=edition.preheader,
        headers=(("From", "Health Weekly <news@example.com>"), ("List-Id", "<weekly.example.com>")),
        nonce="0123456789ab",
        hash=hash,
    )


def add_people(store: Store, count: int, *, state: str = "active", start: int = 1) -> None:
    """People a<start>@example.com and on; a hash of each is its number."""
    people: list[dict[str, object]] = [
        {
            "newsletter": "weekly",
            "address": f"a{number}@example.com",
            "address_key": f"a{number}@example.com",
            "suppression_hash": f"{number:064x}",
            "domain": "example.com",
            "name": f"Reader {number}",
            "topics": [],
            "state": state,
            "confirmed_at": None if state == "pending" else NOW,
            "created_at": NOW,
            "updated_at": NOW,
        }
        for number in range(start, start + count)
    ]
    with store.write() as db:
        db.execute(insert(subscriber), people)


def change_person(store: Store, number: int, **values: object) -> None:
    with store.write() as db:
        db.execute(subscriber.update().where(subscriber.c.address_key == f"a{number}@example.com").values(**values))


def suppress(store: Store, number: int, newsletter: str | None = None) -> None:
    with store.write() as db:
        db.execute(insert(suppression).values(newsletter=newsletter, hash=f"{number:064x}", reason="asked", at=NOW))


def approved(store: Store, edition: Edition | None = None) -> Edition:
    """An edition that may be sent."""
    edition = edition or edition_of()
    with store.write() as db:
        assert editions.insert_draft(db, edition, NOW)
        editions.save_sealed(db, edition, sealed_of(edition), NOW, "assembled")
        editions.approve(db, edition.id, HASH, "Ada", NOW)
    return edition


def sending(store: Store, people: int) -> int:
    """An edition on its way to so many people; returns the number of a sender, one that holds no lock."""
    add_people(store, people)
    edition = approved(store)
    with store.write() as db:
        ledger.freeze_audience(db, edition.id, "weekly", NOW)
    return new_sender(store)


def new_sender(store: Store) -> int:
    with store.write() as db:
        made = db.execute(insert(t.sender).values(host="here", pid=1, started_at=NOW).returning(t.sender.c.id))
        return int(made.scalar_one())


def claim(store: Store, sender: int, limit: int = 10, now: datetime = NOW) -> list[Claim]:
    with store.write() as db:
        return ledger.claim(db, WEEKLY, sender=sender, limit=limit, now=now, lease=LEASE)


def settle(store: Store, claims: Sequence[Claim], state: RecipientState, now: datetime = NOW) -> list[Claim]:
    """Settle all alike; returns those that the ledger refused."""
    with store.write() as db:
        return ledger.settle(db, [settlement(claim, state) for claim in claims], now)


def settlement(claim: Claim, state: RecipientState) -> Settlement:
    outcome = Outcome(phase=Phase.DOT, code=250, enhanced="2.0.0", text="queued as 4F1")
    next_at = NOW + timedelta(minutes=5) if state is RecipientState.DEFERRED else None
    return Settlement(claim=claim, state=state, reason=f"was {state.value}", outcome=outcome, next_at=next_at)


def states(store: Store) -> list[RecipientState]:
    with store.read() as db:
        return [row.state for row in ledger.recipients(db, WEEKLY)]


def state_of(store: Store, edition_id: str = WEEKLY) -> EditionState:
    with store.read() as db:
        row = editions.get(db, edition_id)
    assert row
    return row.state
