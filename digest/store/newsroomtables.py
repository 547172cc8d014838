"""Tables of what the newsroom made of the articles: gathered stories, editors' changes, what readers have had. Edge."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from subscribers.tables import UtcDateTime, metadata

_BIG_ID = BigInteger().with_variant(Integer, "sqlite")
_EDITION_ID = String(96)
_NEWSLETTER_ID = String(64)

newsroom = Table(
    "newsroom",
    metadata,
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("round", String(64)),  # what the stories were made of the last time, as a hash
    Column("unread", Integer),  # articles of that round in stories that were not told in full
    Column("asked_at", UtcDateTime),  # when a round of all sources was begun the last time
    Column("done_at", UtcDateTime),  # when that round came to its end; NULL while it has not
    Column("again_at", UtcDateTime),  # when sources that an edition waits for were asked besides
)

alarm = Table(
    "alarm",
    metadata,
    # What operators are told about a slot that has no edition yet: the same words once.
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("slot_key", Date, primary_key=True),
    Column("words", String(64), primary_key=True),  # hash of the text
    Column("text", Text, nullable=False),
    Column("tried_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("told_at", UtcDateTime),  # NULL while nobody could be told
)

story = Table(
    "story",
    metadata,
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("id", String(80), primary_key=True),
    Column("content", Text, nullable=False),  # as told from its articles, without editors' changes, see gathered.py
    Column("told_of", String(64), nullable=False),  # what it was told from, as a hash
    Column("round", String(64), nullable=False),  # the latest round that it was in
    Index("ix_story_newsletter_round", "newsletter", "round"),
)

story_article = Table(
    "story_article",
    metadata,
    Column("newsletter", _NEWSLETTER_ID, primary_key=True),
    Column("article", _BIG_ID, ForeignKey("article.id"), primary_key=True),
    Column("story", String(80), nullable=False),
    sqlite_with_rowid=False,
)

edition_article = Table(
    "edition_article",
    metadata,
    # The articles behind an edition's stories when it was sealed: readers have had them.
    Column("edition", _EDITION_ID, ForeignKey("edition.id"), primary_key=True),
    Column("article", _BIG_ID, ForeignKey("article.id"), primary_key=True),
    Column("story", String(80), nullable=False),
)

story_change = Table(
    "story_change",
    metadata,
    Column("id", _BIG_ID, primary_key=True),
    Column("newsletter", _NEWSLETTER_ID, nullable=False),
    Column("story", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("change", Text, nullable=False),  # JSON, see newsroom/changes.py
    Column("undone_at", UtcDateTime),
    Column("undone_by", Text),
    Index("ix_story_change_newsletter_story", "newsletter", "story"),
)
