"""Every story is chosen or left out with a reason, and the same stories give the same edition."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import EditionError
from digest.model import Evidence, KeyPoint, Slot, Story
from digest.newsroom.compose import Selection, choose, compose, reading_minutes, score_of

FRIDAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SLOT = Slot(date(2026, 11, 23), datetime(2026, 11, 23, 7, tzinfo=UTC))


def story(id: str, **parts: Any) -> Story:
    usual: dict[str, Any] = {"id": id, "headline": f"About {id}", "day": FRIDAY}
    return Story(**(usual | parts))


def select(*stories: Story, limit: int = 12, sent: dict[str, str] | None = None, **more: Any) -> Selection:
    return choose(
        stories, slot=SLOT, assembled_on=FRIDAY, limit=limit, already_sent=sent or {}, now=more.pop("now", NOW), **more
    )


def reasons(selection: Selection) -> dict[str, str]:
    return {left.story.id: left.reason for left in selection.left_out}


def test_pinned_stories_come_first_then_the_score_then_the_id() -> None:
    selection = select(
        story("b"),
        story("a"),
        story("broad", articles_total=11),
        story("pinned", pinned=True),
        story("heavy", weight=5),
    )

    assert [chosen.id for chosen in selection.stories] == ["pinned", "heavy", "broad", "a", "b"]


def test_the_score_is_a_sum_that_can_be_read_aloud() -> None:
    review = story(
        "review",
        day=date(2026, 11, 18),
        summary="It says so.",
        articles_total=11,
        weight=1,
        evidence=Evidence(study_type="systematic review", preprint=True),
        key_points=(KeyPoint("a"), KeyPoint("b"), KeyPoint("c")),
    )

    chosen = score_of(review, FRIDAY)

    assert chosen.reasons == (
        "weight 1 +10",
        "11 articles +14.3",
        "systematic review +6",
        "preprint -3",
        "2 days old +4",
        "summary +1",
        "key points +1",
    )
    assert chosen.score == 33.3


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        (story("x", dropped=True), "dropped by an editor"),
        (story("x", day=date(2026, 11, 12)), "more than seven days before 2026-11-20"),
        (story("x", day=None, added=date(2026, 11, 12)), "more than seven days before 2026-11-20"),
        (story("x", day=date(2026, 11, 21)), "a later week"),
        (story("x", not_before=NOW + timedelta(minutes=1)), "embargoed until 2026-11-20T15:01+00:00: take it in"),
        (story("x", not_before=SLOT.instant + timedelta(days=1)), "after this edition"),
    ],
)
def test_a_story_that_does_not_belong_is_left_out_with_the_reason(left: Story, reason: str) -> None:
    selection = select(left, story("y"))

    assert [chosen.id for chosen in selection.stories] == ["y"]
    assert reason in reasons(selection)["x"]


@pytest.mark.parametrize(
    "kept",
    [
        story("x", day=FRIDAY - timedelta(days=7)),
        story("x", day=None),
        story("x", day=None, added=FRIDAY),
        story("x", day=FRIDAY, added=date(2020, 1, 1)),
        story("x", not_before=NOW),
    ],
)
def test_a_story_of_the_week_is_in(kept: Story) -> None:
    assert [chosen.id for chosen in select(kept).stories] == ["x"]


def test_a_preview_may_show_what_is_under_embargo() -> None:
    selection = select(story("x", not_before=NOW + timedelta(days=1)), preview=True)

    assert [chosen.id for chosen in selection.stories] == ["x"]


def test_a_story_that_ran_before_is_left_out() -> None:
    assert reasons(select(story("x"), sent={"x": "weekly-2026-11-16"})) == {"x": "already ran in weekly-2026-11-16"}


def test_what_is_over_the_limit_is_told_with_its_score() -> None:
    selection = select(story("a", weight=1), story("b"), limit=1)

    assert [chosen.id for chosen in selection.stories] == ["a"]
    assert reasons(selection) == {"b": "over the limit of 1 stories: score 6"}


def test_one_headline_is_one_story_and_the_pinned_one_stays() -> None:
    selection = select(story("a", headline="Same"), story("b", headline="SAME", pinned=True))

    assert [chosen.id for chosen in selection.stories] == ["b"]
    assert reasons(selection) == {"a": "the same story as b: same headline or id"}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            story,
            st.sampled_from("abcdefgh"),
            dropped=st.booleans(),
            pinned=st.booleans(),
            weight=st.integers(-3, 3),
            day=st.dates(date(2026, 11, 10), date(2026, 11, 25)),
        ),
        max_size=8,
    ),
    st.integers(1, 4),
)
def test_every_story_is_either_chosen_or_left_out(stories: list[Story], limit: int) -> None:
    selection = select(*stories, limit=limit)

    assert len(selection.chosen) + len(selection.left_out) == len(stories)
    assert len(selection.chosen) <= limit
    assert select(*reversed(stories), limit=limit).stories == selection.stories or len(
        {one.id for one in stories}
    ) < len(stories)


# ── the edition ──────────────────────────────────────────────────────────────────────────────────


def test_the_lead_story_gives_subject_and_preheader() -> None:
    selection = select(story("a", headline="Lead", summary="What was found.", weight=1), story("b"))

    edition = compose(selection, newsletter_id="weekly", slot=SLOT, number=7)

    assert (edition.id, edition.newsletter, edition.number) == ("weekly-2026-11-23", "weekly", 7)
    assert (edition.subject, edition.preheader) == ("Lead", "What was found.")
    assert [one.id for one in edition.stories] == ["a", "b"]


def test_without_a_summary_the_next_headlines_stand_beside_the_subject() -> None:
    edition = compose(select(story("a"), story("b"), story("c")), newsletter_id="weekly", slot=SLOT, number=1)

    assert edition.preheader == "About b · About c"


def test_an_editors_words_stand_over_the_automatic_ones() -> None:
    edition = compose(
        select(story("a")), newsletter_id="w", slot=SLOT, number=1, subject="Mine\r\nBcc: x", preheader="", intro="Hi"
    )

    assert (edition.subject, edition.preheader, edition.intro) == ("Mine Bcc: x", "", "Hi")


def test_an_edition_of_no_stories_needs_a_subject() -> None:
    with pytest.raises(EditionError, match="no story to send"):
        compose(Selection(()), newsletter_id="w", slot=SLOT, number=1)

    assert compose(Selection(()), newsletter_id="w", slot=SLOT, number=1, subject="Nothing new").stories == ()


def test_reading_minutes_count_what_a_reader_sees() -> None:
    assert reading_minutes([]) == 1
    assert reading_minutes([story("a", headline="x", body="word " * 229)]) == 1
    assert reading_minutes([story("a", headline="x", body="word " * 230)]) == 2
