"""Alarms: what operators are told about a slot that has no edition yet, each once. Edge: the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, select, update

from digest.store import tables as t
from subscribers.tables import insert_new


def claim(
    db: Connection, newsletter: str, slot: date, text: str, now: datetime, *, wait_after: Callable[[int], timedelta]
) -> bool:
    """Whether it is the caller's to tell now: nobody has told these words of this slot, and whoever tried so many
    times in vain did so at least `wait_after(times)` ago. Of two that ask at once, one may."""
    key = {"newsletter": newsletter, "slot_key": slot, "words": _words(text)}
    fresh = insert_new(db, t.alarm).values(key | {"text": text, "tried_at": now, "tries": 1})
    if db.scalar(fresh.returning(t.alarm.c.tries)) is not None:
        return True
    a = t.alarm.c
    before = db.execute(select(a.tried_at, a.tries).where(_one(newsletter, slot, text), a.told_at.is_(None))).first()
    if before is None or now < before.tried_at + wait_after(before.tries):
        return False
    mine = update(t.alarm).where(_one(newsletter, slot, text), a.tries == before.tries, a.told_at.is_(None))
    return db.execute(mine.values(tried_at=now, tries=before.tries + 1)).rowcount == 1


def told(db: Connection, newsletter: str, slot: date, text: str, now: datetime) -> None:
    """These words have reached somebody: they are not told again."""
    db.execute(update(t.alarm).where(_one(newsletter, slot, text)).values(told_at=now))


def _one(newsletter: str, slot: date, text: str) -> ColumnElement[bool]:
    a = t.alarm.c
    return and_(a.newsletter == newsletter, a.slot_key == slot, a.words == _words(text))


def _words(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
