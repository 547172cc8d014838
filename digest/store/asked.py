"""When all sources were asked, as the database keeps it: one round at a time, whoever else would begin one. Edge.

A round is known by the instant at which it was begun. Beginning one is a compare-and-set: of many processes that saw
the same, one succeeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, or_, select, true, update

from digest.store import tables as t
from subscribers.tables import insert_new

GIVEN_UP = timedelta(minutes=10)
"""A round that is not done by then belongs to a process that died, or to one so slow that nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """When the latest round of all sources was begun, when that one was done, and when the sources that an edition
    waits for were asked besides; None: never, or not yet."""

    began: datetime | None = None
    done: datetime | None = None
    again: datetime | None = None

    def under_way(self, now: datetime) -> bool:
        """Whether somebody is at it now, as far as one can tell."""
        return self.began is not None and self.done is None and now - GIVEN_UP < self.began <= now

    def whole_since(self, instant: datetime, now: datetime) -> bool:
        """Whether a round that was begun at this instant or later is done. One begun in the future (the clock was
        wrong) is none."""
        return self.began is not None and self.done is not None and instant <= self.began <= now


def asked(db: Connection, newsletter: str) -> Asked:
    n = t.newsroom.c
    row = db.execute(select(n.asked_at, n.done_at, n.again_at).where(n.newsletter == newsletter)).one_or_none()
    return Asked() if row is None else Asked(row.asked_at, row.done_at, row.again_at)


def begin(db: Connection, newsletter: str, now: datetime, *, instead_of: Asked | None = None) -> bool:
    """Note that all sources are being asked from now on; False, and nothing noted, when a round was begun since
    `instead_of` was seen. None: whatever was begun (a person wants it)."""
    db.execute(insert_new(db, t.newsroom), [{"newsletter": newsletter}])
    n = t.newsroom.c
    seen = true() if instead_of is None else n.asked_at.is_not_distinct_from(instead_of.began)
    change = update(t.newsroom).where(n.newsletter == newsletter, seen).values(asked_at=now, done_at=None)
    return db.execute(change).rowcount == 1


def end(db: Connection, newsletter: str, began: datetime, now: datetime) -> bool:
    """Note that this round is done, also when it took so long that another one was begun; False when a later one is
    done already. (Were it forgotten, rounds that all take too long would never come to anything.)"""
    n = t.newsroom.c
    latest = and_(n.newsletter == newsletter, or_(n.done_at.is_(None), n.asked_at <= began))
    return db.execute(update(t.newsroom).where(latest).values(asked_at=began, done_at=now)).rowcount == 1


def give_back(db: Connection, newsletter: str, began: datetime, before: Asked) -> bool:
    """This round was broken off on purpose: all is as it was `before` it, so that the next process need not wait."""
    n = t.newsroom.c
    mine = update(t.newsroom).where(n.newsletter == newsletter, n.asked_at == began)
    return db.execute(mine.values(asked_at=before.began, done_at=before.done)).rowcount == 1


def begin_again(db: Connection, newsletter: str, now: datetime, *, instead_of: Asked) -> bool:
    """Note that the sources an edition waits for are asked now; False when another process was quicker."""
    n = t.newsroom.c
    seen = and_(n.newsletter == newsletter, n.again_at.is_not_distinct_from(instead_of.again))
    return db.execute(update(t.newsroom).where(seen).values(again_at=now)).rowcount == 1
