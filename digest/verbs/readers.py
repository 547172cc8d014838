"""What readers may do and see: leave with one click, read past editions. Hall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from digest.model import EditionState
from digest.render.seal import archive_html, archive_text
from digest.store import editions
from digest.verbs.parts import Parts
from subscribers import book, tokens

# An edition is public once it is on its way to anybody; before, only editors see it.
_PUBLIC = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)


@dataclass(frozen=True, slots=True)
class Archived:
    """A sent edition for everybody's eyes: the sealed bytes without anybody's personal values."""

    edition: str
    day: date
    subject: str
    hash: str
    html: str
    text: str


def knows_token(parts: Parts, token: str) -> bool:
    """Whether an unsubscribe token is ours. Changes nothing, and does not tell whether anybody still is subscribed."""
    return tokens.read_unsubscribe_token(parts.ring, parts.newsletter, token) is not None


def unsubscribe(parts: Parts, token: str, how: str) -> bool:
    """Unsubscribe whoever the token names; again does nothing more. False for a token that is not ours."""
    subscriber = tokens.read_unsubscribe_token(parts.ring, parts.newsletter, token)
    if subscriber is None:
        return False
    with parts.store.write() as db:
        book.unsubscribe(db, parts.newsletter, subscriber, how=how, now=parts.clock())
    return True


def archived(parts: Parts, edition: str) -> Archived | None:
    """A public edition by id; None when there is none, or when it is not public (yet)."""
    with parts.store.read() as db:
        row = editions.get(db, edition)
        sealed = editions.sealed(db, edition) if row and row.state in _PUBLIC else None
    if row is None or sealed is None:
        return None
    return Archived(
        edition=edition,
        day=row.edition.slot.key,
        subject=sealed.subject,
        hash=sealed.hash,
        html=archive_html(sealed),
        text=archive_text(sealed),
    )


def archive(parts: Parts, limit: int = 500) -> list[tuple[str, date, str]]:
    """Public editions, newest first: id, day, subject."""
    with parts.store.read() as db:
        rows = editions.listing(db, parts.newsletter, limit=limit)
    return [(row.edition.id, row.edition.slot.key, row.edition.subject) for row in rows if row.state in _PUBLIC]


def healthy(parts: Parts) -> bool:
    """Whether the database answers."""
    with parts.store.read() as db:
        editions.listing(db, parts.newsletter, limit=1)
    return True
