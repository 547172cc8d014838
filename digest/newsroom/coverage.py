"""Coverage: how the outlets that cover a story are rated, as counts that always add up. Pure (newsroom)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from digest.model import Article, BiasCounts, Coverage, Outlet, Story
from digest.newsroom.links import host_of
from digest.newsroom.outlets import FACTUALITIES, Ratings

__all__ = ["Ratings", "coverage_of", "percentages", "with_coverage"]


def coverage_of(articles: Sequence[Article], ratings: Ratings) -> Coverage:
    """Counts of distinct outlets by bias and by factuality, unrated ones included.

    An outlet with several articles counts once, and not at all for a copy of somebody's text. Articles that name
    neither an outlet nor a link cannot be told apart by outlet and are not counted; without any other article there
    are no counts at all (None).
    """
    outlets: dict[str, Outlet] = {}
    for article in articles:
        if article.copy_of is not None:
            continue
        outlet = ratings.find(article) or _unrated(article)
        if outlet is not None:
            outlets.setdefault(outlet.name.casefold(), outlet)
    if not outlets:
        return Coverage()
    biases = Counter(outlet.bias for outlet in outlets.values())
    words = Counter(outlet.factuality for outlet in outlets.values())
    return Coverage(
        counts=BiasCounts(left=biases["left"], center=biases["center"], right=biases["right"], unrated=biases[None]),
        factuality_counts=tuple((word, words[word]) for word in FACTUALITIES if words[word]),
        raters=_names(outlet.rater for outlet in outlets.values() if outlet.bias),
        factuality_raters=_names(
            outlet.factuality_rater or outlet.rater for outlet in outlets.values() if outlet.factuality
        ),
    )


def with_coverage(story: Story, ratings: Ratings) -> Story:
    """The story with its coverage counted, unless its file or page reports one: what is reported stays as reported."""
    if story.coverage.counts is not None or story.coverage.reported is not None:
        return story
    said, counted = story.coverage, coverage_of(story.articles, ratings)
    words = said if said.factuality_counts else counted
    coverage = replace(
        counted,
        factuality=said.factuality,
        factuality_counts=words.factuality_counts,
        raters=said.raters or counted.raters,
        factuality_raters=words.factuality_raters,
    )
    return replace(story, coverage=coverage)


def percentages(counts: BiasCounts) -> tuple[int, int, int]:
    """Left, center and right in per cent of the *rated* outlets, each rounded by itself (half up).

    So equal counts show equal per cents; the sum may be 99 to 101. All 0 when no outlet is rated.
    """
    if not counts.rated:
        return (0, 0, 0)
    left, center, right = (
        (200 * count + counts.rated) // (2 * counts.rated) for count in (counts.left, counts.center, counts.right)
    )
    return left, center, right


def _unrated(article: Article) -> Outlet | None:
    name = article.outlet or (host_of(article.url) if article.url else "")
    return Outlet(name=name) if name else None


def _names(raters: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({rater for rater in raters if rater}))
