"""Tables of the newsletter's own books: sources, articles, editions, the ledger, senders. Edge: the database.

One metadata for all: the subscribers' tables are the subscribers' own, and are created together with these.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from digest.model import EditionState
from digest.store.newsroomtables import alarm, edition_article, newsroom, story, story_article, story_change
from subscribers.tables import UtcDateTime, metadata

_BIG_ID = BigInteger().with_variant(Integer, "sqlite")
_EDITION_ID = String(96)
_NEWSLETTER_ID = String(64)
_STATES = ", ".join(f"'{state.value}'" for state in EditionState)


meta = Table(
    "meta",
    metadata,
    # Keys: application ("health-digest"), instance (drawn at creation).
    Column("key", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

edition = Table(
    "edition",
    metadata,
    Column("id", _EDITION_ID, primary_key=True),
    Column("newsletter", _NEWSLETTER_ID, nullable=False),
    Column("slot_key", Date, nullable=False),
    Column("slot_instant", UtcDateTime, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("content", Text, nullable=False),  # the Edition as JSON, see codec.py
    Column("hash", String(80)),
    Column("approved_hash", String(80)),
    Column("approved_at", UtcDateTime),
    Column("approved_by", Text),
    Column("paused_reason", Text),
    Column("retry_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sealed_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    # Written once, when the audience is frozen; NULL before. The ledger's rows must always come to planned.
    Column("candidates", Integer),
    Column("planned", Integer),
    CheckConstraint(f"state IN ({_STATES})", name="state"),
    UniqueConstraint("newsletter", "slot_key"),
)

sealed = Table(
    "sealed",
    metadata,
    Column("edition", _EDITION_ID, ForeignKey("edition.id"), primary_key=True),
    Column("hash", String(80), nullable=False),
    Column("content", Text, nullable=False),  # the SealedEdition as JSON, see codec.py
)

edition_event = Table(
    "edition_event",
    metadata,
    Column("id", _BIG_ID, primary_key=True),
    Column("edition", _EDITION_ID, ForeignKey("edition.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("why", Text, nullable=False),
    Column("hash", String(80)),
)

edition_story = Table(
    "edition_story",
    metadata,
    Column("edition", _EDITION_ID, ForeignKey("edition.id"), primary_key=True),
    Column("story", Text, primary_key=True),
)

story_seen = Table(
    "story_seen",
    metadata,
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("story", Text, primary_key=True),
    Column("first_seen", Date, nullable=False),
)

exclusion = Table(
    "exclusion",
    metadata,
    Column("edition", _EDITION_ID, ForeignKey("edition.id"), primary_key=True),
    Column("reason", String(64), primary_key=True),
    Column("people", Integer, nullable=False),
)

source = Table(
    "source",
    metadata,
    # Keyed by the address in the settings: another address is another source, another name is not.
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("url", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text),  # where it moved to for good; NULL: its url
    Column("moved_to", Text),  # where it says it moved to, `moved_times` answers in a row
    Column("moved_times", Integer, nullable=False),
    Column("etag", Text),
    Column("modified", Text),
    Column("body_hash", String(64)),  # of the last answer that was read
    Column("failures", Integer, nullable=False),  # in a row
    Column("reason", Text),  # of the last failure
    Column("tried_at", UtcDateTime),
    Column("ok_at", UtcDateTime),
    Column("new_at", UtcDateTime),  # when it last brought something new
    Column("newest", Date),  # day of its newest article
    Column("retry_at", UtcDateTime),  # it asked to be left alone until then
    Column("retired_at", UtcDateTime),  # it said that it is gone
)

article = Table(
    "article",
    metadata,
    Column("id", _BIG_ID, primary_key=True),
    Column("newsletter", _NEWSLETTER_ID, nullable=False),
    Column("source", Text, nullable=False),  # the source's name when it came in
    Column("kind", String(16), nullable=False),
    Column("outlet", Text),
    Column("topic", Text),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text),
    Column("doi", Text),
    Column("published", UtcDateTime),  # never later than added_at
    Column("day", Date, nullable=False),  # of publication, else of coming in
    Column("added_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime),
    Column("copy_of", _BIG_ID, ForeignKey("article.id")),
    Column("details", JSON, nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of title, summary and text
    Index("ix_article_newsletter_day", "newsletter", "day"),
)

article_key = Table(
    "article_key",
    metadata,
    # What an article is known by: hashes of its DOI, canonical address and guid. Keeps it from being stored twice.
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("article", _BIG_ID, ForeignKey("article.id"), nullable=False),
    sqlite_with_rowid=False,
)

retraction = Table(
    "retraction",
    metadata,
    # What a user's list of retracted papers says, one row an entry of the list.
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("nature", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("doi", Text),  # of the paper, lower-case
    Column("pmid", String(16)),  # of the paper
    Column("day", Date),
    Column("reason", Text, nullable=False),
    Column("notice_doi", Text),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("import_number", Integer, nullable=False),  # of the import that named it last, from 1
    Index("ix_retraction_newsletter_doi", "newsletter", "doi"),
    Index("ix_retraction_newsletter_pmid", "newsletter", "pmid"),
)

written = Table(
    "written",
    metadata,
    # What a machine answered, by the hash of all that it was asked with: an edition put together again is the same.
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("story", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("answer", Text, nullable=False),  # as a JSON string: any text survives
    Column("at", UtcDateTime, nullable=False),
    Index("ix_written_newsletter_story", "newsletter", "story"),
)

sender = Table(
    "sender",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),  # left by itself, or found dead
    # A number is never used again: a lock file or a claim of an old sender must not seem to be a new one's.
    sqlite_autoincrement=True,
)

recipient = Table(
    "recipient",
    metadata,
    # No foreign keys here: checking them would cost more than all the rest of planning a million rows. Editions
    # are never deleted, and a subscriber who is gone is seen as "erased" when a row is claimed.
    Column("edition", _EDITION_ID, primary_key=True),
    Column("subscriber", _BIG_ID, primary_key=True, autoincrement=False),
    # One of RecipientState; a check here would double the time of planning.
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("resent", Integer, nullable=False),  # 1: was once sent again after an uncertain end
    Column("sender", Integer),
    Column("lease_until", UtcDateTime),
    Column("next_at", UtcDateTime),
    Column("message_id", Text),
    Column("reason", Text),
    Column("phase", String(16)),
    Column("code", Integer),
    Column("enhanced", String(16)),
    Column("reply", Text),
    Column("updated_at", UtcDateTime),  # NULL: untouched since planning
    # One tree instead of table and index: half the writing when planning, and rows lie in the order they are sent.
    sqlite_with_rowid=False,
)

# Claiming must not look at rows that are done. Each index holds only the rows in one passing state, so it is small,
# and a finished row is in none of them. Queries must spell the state as a literal, or the index is not used; the state
# is a column of the index too, or SQLite would rather walk the whole edition by its key.
for _name, _state, _last in (
    ("ix_recipient_pending", "pending", recipient.c.subscriber),
    ("ix_recipient_deferred", "deferred", recipient.c.next_at),
    ("ix_recipient_claimed", "claimed", recipient.c.sender),
    ("ix_recipient_uncertain", "uncertain", recipient.c.subscriber),
):
    _where = text(f"state = '{_state}'")
    Index(_name, recipient.c.edition, recipient.c.state, _last, sqlite_where=_where, postgresql_where=_where)

__all__ = [
    "alarm",
    "article",
    "article_key",
    "edition",
    "edition_article",
    "edition_event",
    "edition_story",
    "exclusion",
    "meta",
    "metadata",
    "newsroom",
    "recipient",
    "retraction",
    "sealed",
    "sender",
    "source",
    "story",
    "story_article",
    "story_change",
    "story_seen",
    "written",
]
