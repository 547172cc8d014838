"""A follow-up finds the story that it goes on with, and strangers find none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from digest.model import Identifiers
from digest.newsroom.telling import Piece
from digest.newsroom.telling.past import Earlier, Past, fresh
from digest.newsroom.telling.piece import item_of


@pytest.fixture
def past(week: list[Piece], piece: Callable[..., Piece]) -> Past:
    other = piece("Measles returns to the valley", "Nine children fell ill with measles in the valley this month.", 10)
    return Past(
        [
            Earlier(id="measles", headline="Measles", edition="weekly-2026-11-16", items=(item_of(other),)),
            Earlier(
                id="cramps",
                headline="Cramps",
                edition="weekly-2026-11-23",
                day=date(2026, 11, 18),
                items=tuple(map(item_of, week)),
                identifiers=Identifiers(doi="10.5555/cramps.41"),
            ),
        ]
    )


def found(past: Past, *pieces: Piece) -> str | None:
    story = past.continued_by(pieces)
    return story.id if story else None


def test_an_article_of_the_earlier_story_leads_to_it(
    past: Past, week: list[Piece], piece: Callable[..., Piece]
) -> None:
    assert found(past, piece("Something else entirely"), week[2]) == "cramps"


def test_the_same_study_leads_to_it_whatever_the_words(past: Past, piece: Callable[..., Piece]) -> None:
    assert found(past, piece("Quite other words", identifiers=Identifiers(doi="10.5555/CRAMPS.41"))) == "cramps"


def test_the_same_news_leads_to_it_by_its_words(past: Past, piece: Callable[..., Piece]) -> None:
    later = piece(
        "Magnesium pills for night-time leg cramps: doctors answer the review",
        "After a review of 41 trials found that magnesium does little for leg cramps at night, doctors want labels.",
        21,
    )

    assert found(past, later) == "cramps"


@pytest.mark.parametrize("title", ["Knee surgery no better than exercise", "", "Magnesium mine opens"])
def test_strangers_continue_nothing(past: Past, piece: Callable[..., Piece], title: str) -> None:
    assert found(past, piece(title, "A mine or a knee or nothing at all.", 21)) is None


def test_fresh_articles_are_those_the_earlier_story_did_not_have(
    past: Past, week: list[Piece], piece: Callable[..., Piece]
) -> None:
    new = piece("New")

    assert fresh([*week, new], past.earlier[1]) == [new]
    assert fresh([new], None) == [new]
