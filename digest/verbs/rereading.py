"""Rereading: what the stories of an edition were told from, for whoever rewords or checks them. Hall."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from digest.errors import UsageError
from digest.model import Edition, Story
from digest.newsroom.changes import applied
from digest.newsroom.coverage import with_coverage
from digest.newsroom.telling.findings import Finding
from digest.newsroom.telling.tell import Told
from digest.store import articles, gathered, storychanges
from digest.verbs.comparing import piece_of
from digest.verbs.parts import Parts
from digest.verbs.writing import forget, written


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
    told, _ = _told(parts, names)
    return Reread(
        findings={one.story.id: one.findings for one in written(parts, told, ask=False)},
        texts={one.story.id: "\n".join(f"{piece.summary}\n{piece.text}" for piece in one.pieces) for one in told},
    )


def in_machine_words(parts: Parts, names: Collection[str], *, ask: bool) -> dict[str, Story]:
    """These gathered stories in a machine's words, where the settings name one, with editors' changes over them.

    Call it outside of any transaction: asking takes its time. Without `ask` only answers that are kept are used.
    """
    if parts.writing is None:
        return {}
    told, changes = _told(parts, names)
    return {
        one.story.id: with_coverage(applied(one.story, changes[one.story.id]), parts.ratings)
        for one in written(parts, told, ask=ask)
    }


def asked_anew(parts: Parts, name: str) -> Told:
    """A gathered story after its machine was asked once more; what it answered before is forgotten.

    Raises UsageError where the settings name no machine.
    """
    if parts.writing is None:
        raise UsageError('[llm] url: not set: no machine to ask; README says how, under "Let a machine reword"')
    told, changes = _told(parts, [name])
    if not told:
        raise UsageError(f"{name}: no such gathered story; `digest story list` shows all")
    forget(parts, name)
    (one,) = written(parts, told)
    return replace(one, story=with_coverage(applied(one.story, changes[name]), parts.ratings))


def _told(parts: Parts, names: Collection[str]) -> tuple[list[Told], dict[str, list[Mapping[str, Any]]]]:
    """Gathered stories as they were told, in the order of the names, and the changes to each that hold."""
    with parts.store.read() as db:
        rows = gathered.told_before(db, parts.newsletter, names)
        wanted = [number for row in rows.values() for number in row.articles]
        stored = {article.id: article for article in articles.get(db, parts.newsletter, wanted)}
        changes = storychanges.all_changes(db, parts.newsletter)
    held: dict[str, list[Mapping[str, Any]]] = {name: [] for name in rows}
    for change in changes:
        if change.undone_at is None and change.story in held:
            held[change.story].append(change.change)
    found = [rows[name] for name in dict.fromkeys(names) if name in rows]
    pieces = {row.story.id: tuple(piece_of(stored[n]) for n in row.articles if n in stored) for row in found}
    return [Told(row.story, row.findings, pieces[row.story.id]) for row in found], held
