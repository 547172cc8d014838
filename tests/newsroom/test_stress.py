"""Stress editions: every kind can be made from any edition, an empty one too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest.model import Edition, Slot, Story
from digest.newsroom.stress import STRESSES, stressed

EMPTY = Edition(
    id="weekly-2026-11-23",
    newsletter="weekly",
    slot=Slot(date(2026, 11, 23), datetime(2026, 11, 23, 7, tzinfo=UTC)),
    number=1,
    subject="Subject",
    preheader="",
    intro="",
    stories=(),
    reading_minutes=1,
)


@pytest.mark.parametrize("kind", STRESSES)
def test_every_kind_can_be_made_of_nothing(kind: str) -> None:
    made = stressed(EMPTY, kind)

    assert made.id == EMPTY.id
    assert bool(made.stories) == (kind != "empty-week")


def test_forty_stories_are_forty_different_ones() -> None:
    made = stressed(EMPTY, "forty-stories").stories

    assert len({story.id for story in made}) == len({story.headline for story in made}) == 40


def test_missing_fields_leave_the_headlines() -> None:
    full = Story(id="a", headline="A", summary="S", articles_total=3)
    one = replace(EMPTY, stories=(full,))

    assert stressed(one, "missing-fields").stories[0] == Story(id="a", headline="A")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        stressed(EMPTY, "nothing")
