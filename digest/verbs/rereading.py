"""Rereading: what the stories of an edition were told from, for those who check or look at it. Hall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from digest.model import Edition
from digest.newsroom.telling.findings import Finding
from digest.store import articles, gathered
from digest.verbs.parts import Parts


@dataclass(frozen=True, slots=True)
class Reread:
    """By story: what the newsroom noticed, and the words of its articles, beyond what the story lists of them.

    Stories that an editor wrote have neither.
    """

    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def reread(parts: Parts, edition: Edition) -> Reread:
    """What stands behind the gathered stories of this edition."""
    names = [story.id for story in edition.stories if not story.origin]
    if not names:
        return Reread()
    with parts.store.read() as db:
        rows = gathered.told_before(db, parts.newsletter, names)
        ids = {number for row in rows.values() for number in row.articles}
        texts = {stored.id: f"{stored.summary}\n{stored.text}" for stored in articles.get(db, parts.newsletter, ids)}
    return Reread(
        findings={name: row.findings for name, row in rows.items()},
        texts={name: "\n".join(texts.get(number, "") for number in row.articles) for name, row in rows.items()},
    )
