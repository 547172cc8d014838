"""The preview's stories: what each of them rests on, point by point, for editors. Door; values for the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.model import Article, Story
from digest.newsroom.telling.findings import Finding
from digest.render.evidence import evidence_view
from digest.render.links import safe_url
from digest.render.words import Words, words_for
from digest.verbs.preview import Look


@dataclass(frozen=True, slots=True)
class Said:
    """A key point and its article by number and name; `number` 0 where nobody said which."""

    text: str
    number: int
    article: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """One story by its `id`: `evidence` in one line, `read` the words that it was read from as (field, words)."""

    id: str
    headline: str
    by_machine: bool
    update_of: str | None
    points: tuple[Said, ...]
    evidence: str
    read: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


def behind(look: Look) -> list[Behind]:
    """What stands behind the stories, in the edition's order."""
    words = words_for("en")  # the page speaks English, whatever the newsletter does
    return [_behind(story, look.noticed.get(story.id, ()), words) for story in look.edition.stories]


def _behind(story: Story, findings: tuple[Finding, ...], words: Words) -> Behind:
    return Behind(
        id=story.id,
        headline=story.headline,
        by_machine=story.machine_written,
        update_of=story.update_from or story.update_of,
        points=tuple(_said(story)),
        evidence=evidence_view(story.evidence, words).line,
        read=tuple((span.field.replace("_", " "), span.text) for span in story.evidence.spans),
        findings=findings,
    )


def _said(story: Story) -> Iterator[Said]:
    for point in story.key_points:
        if point.source and point.source <= len(story.articles):
            article = story.articles[point.source - 1]
            yield Said(point.text, point.source, _named(article), safe_url(article.url))
        else:
            yield Said(point.text, 0, "", None)


def _named(article: Article) -> str:
    return f"{article.outlet}: {article.title}" if article.outlet else article.title
