"""Written: what the machine answered to each question, kept so that the same question is never asked twice. Edge."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, delete, select

from digest.store import tables as t
from subscribers.tables import insert_new


def answers(db: Connection, newsletter: str, keys: list[str]) -> dict[str, str]:
    """The answers that are there, by the key of their question."""
    rows = select(t.written.c.key, t.written.c.answer).where(
        t.written.c.newsletter == newsletter, t.written.c.key.in_(keys)
    )
    return {row.key: json.loads(row.answer) for row in db.execute(rows)}


def keep(db: Connection, newsletter: str, key: str, *, story: str, model: str, answer: str, now: datetime) -> str:
    """Keep the answer to a question; the first one stays, whoever asked at the same time. Says which one that is."""
    values = {
        "newsletter": newsletter,
        "key": key,
        "story": story,
        "model": model,
        "answer": json.dumps(answer),
        "at": now,
    }
    db.execute(insert_new(db, t.written), [values])
    return answers(db, newsletter, [key])[key]


def forget(db: Connection, newsletter: str, story: str) -> int:
    """Forget what was answered about a story, so that it is asked anew; says how many answers that were."""
    gone = delete(t.written).where(t.written.c.newsletter == newsletter, t.written.c.story == story)
    return db.execute(gone).rowcount
