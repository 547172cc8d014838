"""Editions in the database: one per slot, from draft to sent, with a record of every step. Edge.

Every change of state is a compare-and-set in one UPDATE: of two processes that try, one succeeds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    text,
    update,
)

from digest.errors import EditionError
from digest.model import Edition, EditionState, SealedEdition
from digest.store import tables as t
from digest.store.codec import edition_from_json, edition_to_json, sealed_from_json, sealed_to_json
from digest.store.rowstates import CLAIMED, DEFERRED, PENDING
from digest.store.seen import OUT, first_seen, sent_story_ids
from subscribers.tables import insert_new, subscriber

__all__ = [
    "OUT",
    "EditionEvent",
    "EditionRow",
    "approve",
    "began",
    "by_slot",
    "cancelled_open",
    "events",
    "first_seen",
    "get",
    "hold_all",
    "insert_draft",
    "latest",
    "listing",
    "next_number",
    "record_event",
    "save_sealed",
    "sealed",
    "sent_story_ids",
    "set_retry_at",
    "set_state",
    "unfinished",
]

_BEFORE_SENDING = (EditionState.DRAFT, EditionState.SEALED, EditionState.APPROVED, EditionState.MISSED)
_ENDS = (EditionState.SENT, EditionState.CANCELLED, EditionState.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """An edition and where it stands. `hash` is None while it is a draft; instants are UTC."""

    edition: Edition
    state: EditionState
    hash: str | None
    approved_hash: str | None
    approved_at: datetime | None
    approved_by: str | None
    paused_reason: str | None
    retry_at: datetime | None
    created_at: datetime
    sealed_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    audience_frozen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionEvent:
    """One step in an edition's life: `kind` is the state it came to, or what else was done."""

    at: datetime
    kind: str
    why: str
    hash: str | None


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def get(db: Connection, edition_id: str) -> EditionRow | None:
    return _one(db, select(t.edition).where(t.edition.c.id == edition_id))


def by_slot(db: Connection, newsletter: str, key: date) -> EditionRow | None:
    return _one(db, select(t.edition).where(t.edition.c.newsletter == newsletter, t.edition.c.slot_key == key))


def latest(db: Connection, newsletter: str) -> EditionRow | None:
    """The edition with the latest slot, whatever its state."""
    return next(iter(listing(db, newsletter, 1)), None)


def listing(db: Connection, newsletter: str, limit: int = 20) -> list[EditionRow]:
    """The latest editions, newest slot first."""
    rows = db.execute(
        select(t.edition).where(t.edition.c.newsletter == newsletter).order_by(t.edition.c.slot_key.desc()).limit(limit)
    )
    return [_row(row) for row in rows]


def unfinished(db: Connection, newsletter: str) -> list[EditionRow]:
    """Editions that have not come to an end (sent, cancelled, missed), the earliest slot first."""
    e = t.edition.c
    query = select(t.edition).where(e.newsletter == newsletter, e.state.not_in([end.value for end in _ENDS]))
    return [_row(row) for row in db.execute(query.order_by(e.slot_key))]


def cancelled_open(db: Connection, newsletter: str) -> list[str]:
    """Cancelled editions in which somebody is open."""
    e = t.edition.c
    query = select(e.id).where(e.newsletter == newsletter, e.state == EditionState.CANCELLED, ~_no_open_rows(e.id))
    return list(db.scalars(query.order_by(e.slot_key)))


def began(db: Connection, newsletter: str) -> datetime | None:
    """When this newsletter came to life here: its first subscriber or its first edition; None before either."""
    e, s = t.edition.c, subscriber.c
    firsts = (
        db.scalar(select(e.created_at).where(e.newsletter == newsletter).order_by(e.created_at).limit(1)),
        db.scalar(select(s.created_at).where(s.newsletter == newsletter).order_by(s.id).limit(1)),
    )
    return min((first for first in firsts if first), default=None)


def next_number(db: Connection, newsletter: str) -> int:
    """The number for a new edition: one more than the highest. Ask and insert in one write transaction."""
    if db.dialect.name == "postgresql":  # SQLite's writers queue by themselves
        db.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"digest number {newsletter}"})
    return (db.scalar(select(func.max(t.edition.c.number)).where(t.edition.c.newsletter == newsletter)) or 0) + 1


def sealed(db: Connection, edition_id: str) -> SealedEdition | None:
    """The sealed parts as they were stored; checking their hash is the caller's part."""
    content = db.scalar(select(t.sealed.c.content).where(t.sealed.c.edition == edition_id))
    return None if content is None else sealed_from_json(content)


def events(db: Connection, edition_id: str) -> list[EditionEvent]:
    """What happened to an edition, oldest first."""
    e = t.edition_event.c
    rows = db.execute(select(e.at, e.kind, e.why, e.hash).where(e.edition == edition_id).order_by(e.id))
    return [EditionEvent(at=row.at, kind=row.kind, why=row.why, hash=row.hash) for row in rows]


# ── making and sealing ───────────────────────────────────────────────────────────────────────────


def insert_draft(db: Connection, edition: Edition, now: datetime) -> bool:
    """Write a new edition; False, and nothing changed, when its slot or id has one already."""
    values = _content(edition) | {"id": edition.id, "state": EditionState.DRAFT, "created_at": now}
    if db.scalar(insert_new(db, t.edition).values(values).returning(t.edition.c.id)) is None:
        return False
    _write_stories(db, edition)
    record_event(db, edition.id, "draft", "assembled", now)
    return True


def save_sealed(db: Connection, edition: Edition, sealed: SealedEdition, now: datetime, why: str) -> None:
    """Store an edition's content with its sealed parts. Voids an approval. Raises EditionError when it is under way."""
    values = _content(edition) | _unapproved() | {"state": EditionState.SEALED, "hash": sealed.hash, "sealed_at": now}
    if not _changed(db, _update(edition.id, _BEFORE_SENDING).values(values)):
        raise _cannot(db, edition.id, "its content cannot change any more; correct it in the next edition")
    db.execute(delete(t.sealed).where(t.sealed.c.edition == edition.id))
    db.execute(insert(t.sealed).values(edition=edition.id, hash=sealed.hash, content=sealed_to_json(sealed)))
    _write_stories(db, edition)
    record_event(db, edition.id, "sealed", why, now, hash=sealed.hash)


def approve(db: Connection, edition_id: str, hash: str, by: str, now: datetime) -> None:
    """Approve exactly the bytes with this hash. Raises EditionError when the edition has others, or is too far on."""
    states = (EditionState.SEALED, EditionState.APPROVED, EditionState.MISSED)
    values = {"state": EditionState.APPROVED, "approved_hash": hash, "approved_at": now, "approved_by": by}
    if not _changed(db, _update(edition_id, states).where(t.edition.c.hash == hash).values(values)):
        raise _cannot(db, edition_id, f"{hash} cannot be approved; look at it again with `digest preview`")
    record_event(db, edition_id, "approved", by, now, hash=hash)


# ── states ───────────────────────────────────────────────────────────────────────────────────────


def set_state(  # noqa: PLR0917 (all six belong to one sentence: from here to there, now, because)
    db: Connection, edition_id: str, frm: Collection[EditionState], to: EditionState, now: datetime, why: str
) -> bool:
    """Move an edition from one of `frm` to `to`; False, and nothing changed, when it was in none of them.

    Also False for SENT while a recipient is pending, claimed or deferred: a run is never finished before its rows.
    """
    change = _update(edition_id, frm).values(state=to, retry_at=None, finished_at=now if to in _ENDS else None)
    if to is EditionState.SENDING:
        change = change.values(started_at=func.coalesce(t.edition.c.started_at, now))
    if to is EditionState.SENT:
        lock(db, edition_id)
        change = change.where(_no_open_rows(edition_id))
    change = change.values(paused_reason=why if to is EditionState.PAUSED else None)
    if not _changed(db, change):
        return False
    record_event(db, edition_id, to.value, why, now)
    return True


def lock(db: Connection, edition_id: str) -> None:
    """Hold this edition until the transaction ends, for changes that hang on its state and its rows together.

    On PostgreSQL a statement sees what was committed when it began: who waits for this lock first, and asks then, sees
    what the one before it did. On SQLite the transaction holds the write lock already.
    """
    db.execute(select(t.edition.c.id).where(t.edition.c.id == edition_id).with_for_update())


def set_retry_at(db: Connection, edition_id: str, retry_at: datetime | None) -> None:
    """When a running edition is to be tried again after the relay refused us; None: at any time."""
    db.execute(update(t.edition).where(t.edition.c.id == edition_id).values(retry_at=retry_at))


def hold_all(db: Connection, now: datetime, why: str) -> int:
    """After a database went back in time: pause what is being sent, void every approval. Returns how many."""
    running = select(t.edition.c.id, t.edition.c.state).where(
        t.edition.c.state.in_([EditionState.APPROVED, EditionState.SENDING])
    )
    held = 0
    for edition_id, state in db.execute(running).all():
        if state == EditionState.SENDING:
            held += set_state(db, edition_id, [EditionState.SENDING], EditionState.PAUSED, now, why)
        elif _changed(db, _update(edition_id, [EditionState.APPROVED]).values(state="sealed", **_unapproved())):
            record_event(db, edition_id, "sealed", why, now)
            held += 1
    return held


def record_event(
    db: Connection, edition_id: str, kind: str, why: str, now: datetime, *, hash: str | None = None
) -> None:
    db.execute(insert(t.edition_event).values(edition=edition_id, at=now, kind=kind, why=why, hash=hash))


# ── below: rows ──────────────────────────────────────────────────────────────────────────────────


def _one(db: Connection, query: Select[Any]) -> EditionRow | None:
    row = db.execute(query).one_or_none()
    return None if row is None else _row(row)


def _row(row: Row[Any]) -> EditionRow:
    return EditionRow(
        edition=edition_from_json(row.content),
        state=EditionState(row.state),
        hash=row.hash,
        approved_hash=row.approved_hash,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        paused_reason=row.paused_reason,
        retry_at=row.retry_at,
        created_at=row.created_at,
        sealed_at=row.sealed_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        audience_frozen=row.planned is not None,
    )


def _content(edition: Edition) -> dict[str, Any]:
    return {
        "newsletter": edition.newsletter,
        "slot_key": edition.slot.key,
        "slot_instant": edition.slot.instant,
        "number": edition.number,
        "content": edition_to_json(edition),
    }


def _unapproved() -> dict[str, Any]:
    return {"approved_hash": None, "approved_at": None, "approved_by": None}


def _write_stories(db: Connection, edition: Edition) -> None:
    db.execute(delete(t.edition_story).where(t.edition_story.c.edition == edition.id))
    stories = dict.fromkeys(story.id for story in edition.stories)
    if stories:
        db.execute(insert(t.edition_story), [{"edition": edition.id, "story": story} for story in stories])


def _update(edition_id: str, states: Collection[EditionState]) -> Update:
    return update(t.edition).where(t.edition.c.id == edition_id, t.edition.c.state.in_([s.value for s in states]))


def _changed(db: Connection, change: Update) -> bool:
    return db.execute(change).rowcount == 1


def _no_open_rows(edition_id: str | ColumnElement[str]) -> Any:
    mine = t.recipient.c.edition == edition_id
    return ~or_(*(exists(select(null()).where(mine, t.recipient.c.state == s)) for s in (PENDING, CLAIMED, DEFERRED)))


def _cannot(db: Connection, edition_id: str, what: str) -> EditionError:
    row = get(db, edition_id)
    if row is None:
        return EditionError(f"{edition_id}: no such edition: `digest edition list` shows them")
    return EditionError(f"{edition_id}: is {row.state.value}, {row.hash or 'not sealed'}: {what}")
