"""What a story file or a pasted page was understood to say, and the bounds of reading one. Pure (newsroom)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.model import Notice, Story

MAX_BYTES = 1_000_000
MAX_HEADLINE = 300
MAX_TEXT = 5_000  # characters of a summary, key point or excerpt
MAX_KEY_POINTS = 12
MAX_ARTICLES = 200


@dataclass(frozen=True, slots=True)
class Parsed:
    """A story and what was left out or not understood on the way, in the order of the input's lines."""

    story: Story
    notices: tuple[Notice, ...] = ()


def story_text(story: Story) -> str:
    """All that a story says, a line for each part; what its evidence is read from and where its spans point to."""
    return "\n".join(_parts(story))


def _parts(story: Story) -> Iterator[str]:
    yield story.headline
    if story.summary:
        yield story.summary
    yield from (point.text for point in story.key_points)
    for article in story.articles:
        yield article.title
        if article.url:  # often the link is all that names the paper
            yield article.url
        if article.excerpt:
            yield article.excerpt
    if story.body:
        yield story.body
