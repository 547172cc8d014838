"""Coverage adds up: each outlet once, the unrated ones counted as such."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Article, BiasCounts, BiasPercent, Coverage, Outlet, Story
from digest.newsroom.coverage import Ratings, coverage_of, percentages, with_coverage

RATINGS = Ratings(
    (
        Outlet(name="L", hosts=("l.example",), bias="left", factuality="mixed", rater="Board"),
        Outlet(name="C", hosts=("c.example",), bias="center", factuality="very high", rater="Panel"),
        Outlet(name="R", hosts=("r.example",), bias="right", factuality="mixed", rater="Board"),
        Outlet(name="Known", hosts=("known.example",), rater="Nobody"),
    )
)


def by(outlet: str | None = None, host: str | None = None) -> Article:
    return Article(title="x", outlet=outlet, url=f"https://{host}/a" if host else None)


def test_distinct_outlets_are_counted_and_unrated_ones_shown_as_such() -> None:
    articles = [by("L"), by(host="www.l.example"), by("C"), by("R"), by("Blog"), by("blog"), by(host="x.example")]

    coverage = coverage_of(articles, RATINGS)

    assert coverage.counts == BiasCounts(left=1, center=1, right=1, unrated=2)
    assert coverage.factuality_counts == (("very high", 1), ("mixed", 2))
    assert coverage.raters == coverage.factuality_raters == ("Board", "Panel")
    assert coverage.reported is None


def test_a_known_outlet_without_a_rating_is_unrated() -> None:
    assert coverage_of([by("Known")], RATINGS) == Coverage(counts=BiasCounts(unrated=1))


def test_articles_of_nobody_are_not_counted() -> None:
    assert coverage_of([by(), by()], RATINGS) == Coverage()
    assert coverage_of([], RATINGS) == Coverage()


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        (BiasCounts(left=4, center=4, right=3, unrated=2), (36, 36, 27)),
        (BiasCounts(left=1, center=1, right=1), (33, 33, 33)),
        (BiasCounts(left=1, right=1), (50, 0, 50)),
        (BiasCounts(left=1, center=1, right=6), (13, 13, 75)),
        (BiasCounts(unrated=3), (0, 0, 0)),
    ],
)
def test_per_cents_are_of_the_rated_outlets(counts: BiasCounts, shown: tuple[int, int, int]) -> None:
    assert percentages(counts) == shown


COUNT = st.integers(0, 200)


@given(COUNT, COUNT, COUNT)
def test_equal_counts_show_equal_per_cents_and_the_sum_is_near_a_hundred(left: int, center: int, right: int) -> None:
    shown = percentages(BiasCounts(left=left, center=center, right=right))

    assert (left == center) <= (shown[0] == shown[1])
    assert (center == right) <= (shown[1] == shown[2])
    assert sum(shown) in ((99, 100, 101) if left + center + right else (0,))


def test_what_a_page_reports_is_never_counted_over() -> None:
    reported = Coverage(reported=BiasPercent(center=100))
    story = Story(id="s", headline="x", articles=(by("L"),), coverage=reported)

    assert with_coverage(story, RATINGS).coverage == reported


def test_a_story_that_reports_nothing_is_counted_and_keeps_its_factuality() -> None:
    story = Story(id="s", headline="x", articles=(by("L"),), coverage=Coverage(factuality="high"))

    coverage = with_coverage(story, RATINGS).coverage

    assert coverage.counts == BiasCounts(left=1)
    assert coverage.factuality == "high"
