"""Editors' changes: made again to whatever the articles come to, so that no fetch undoes an editor's word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.errors import InputError, UsageError
from digest.model import Article, Evidence, KeyPoint, Quantity, Story
from digest.newsroom.changes import applied, bindings, difference, point_change

POST = Article(title="Spray halves returns", outlet="Harbour Post", url="https://post.example/1")
TIMES = Article(title="Croup spray trial", outlet="Inland Times", url="https://times.example/1")
STORY = Story(
    id="croup",
    headline="Spray halves returns",
    summary="A trial of 1,204 children.",
    key_points=(KeyPoint("Returns fell from 8% to 4%.", 1), KeyPoint("Nosebleeds were common.", 2)),
    articles=(POST, TIMES),
    evidence=Evidence(study_type="cohort", participants=Quantity(1204)),
)


def test_words_and_marks_are_replaced() -> None:
    said = {"headline": "A spray for croup", "summary": None, "pinned": True, "weight": 2}

    story = applied(STORY, [said])

    assert (story.headline, story.summary, story.pinned, story.weight) == ("A spray for croup", None, True, 2)


def test_the_latest_change_counts() -> None:
    assert applied(STORY, [{"headline": "One"}, {"headline": "Two"}]).headline == "Two"


def test_evidence_is_set_as_in_front_matter_and_the_rest_stays() -> None:
    story = applied(STORY, [{"evidence": {"study_type": "randomised trial", "doi": "10.1000/x"}}])

    assert story.evidence.study_type == "randomised trial"
    assert story.evidence.identifiers.doi == "10.1000/x"
    assert story.evidence.participants == Quantity(1204)


def test_evidence_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="study_type"):
        applied(STORY, [{"evidence": {"study_type": "gossip"}}])


def test_a_rewritten_point_keeps_its_article_though_articles_are_numbered_anew() -> None:
    said = point_change(STORY, 2, "Nosebleeds were the commonest harm.", None)
    later = replace(STORY, articles=(TIMES, POST))

    assert applied(later, [said]).key_points[1] == KeyPoint("Nosebleeds were the commonest harm.", 1)


def test_a_rewritten_point_stays_when_what_it_replaced_is_told_no_more() -> None:
    said = point_change(STORY, 2, "Nosebleeds were the commonest harm.", 1)
    later = replace(STORY, key_points=(KeyPoint("Fewer children came back.", 1), KeyPoint("It costs 20 crowns.", 2)))

    assert [point.text for point in applied(later, [said]).key_points] == [
        "Fewer children came back.",
        "Nosebleeds were the commonest harm.",
    ]


def test_a_point_rewritten_twice_says_what_was_said_last() -> None:
    first = point_change(STORY, 1, "Once.", None)
    second = point_change(applied(STORY, [first]), 1, "Twice.", None)

    assert applied(STORY, [first, second]).key_points[0].text == "Twice."


def test_a_point_that_was_taken_out_stays_out() -> None:
    said = point_change(STORY, 1, None, None)

    assert [point.text for point in applied(STORY, [said]).key_points] == ["Nosebleeds were common."]
    assert applied(replace(STORY, key_points=STORY.key_points[1:]), [said]).key_points == STORY.key_points[1:]


def test_a_point_can_be_added_behind_the_last() -> None:
    said = point_change(STORY, 3, "It costs 20 crowns.", 2)

    assert applied(STORY, [said]).key_points[2] == KeyPoint("It costs 20 crowns.", 2)


@pytest.mark.parametrize(("number", "source"), [(0, None), (4, None), (1, 3)])
def test_numbers_that_there_are_not_are_refused(number: int, source: int | None) -> None:
    with pytest.raises(UsageError):
        point_change(STORY, number, "Words.", source)


def test_what_an_editor_wrote_is_found_and_only_that() -> None:
    new = replace(STORY, headline="A spray for croup", key_points=(STORY.key_points[0], KeyPoint("Nosebleeds.", 2)))

    said = difference(STORY, new, {})

    assert said.keys() == {"headline", "point"}
    assert applied(STORY, [said]) == new
    assert difference(STORY, STORY, {}) == {}


def test_a_list_of_points_in_another_order_is_the_editors_own_from_then_on() -> None:
    new = replace(STORY, key_points=STORY.key_points[::-1])
    said = difference(STORY, new, {})

    later = replace(STORY, key_points=(KeyPoint("Something else.", 1),))

    assert applied(later, [said]).key_points == new.key_points


def test_the_latest_merge_or_split_decides_where_an_article_belongs() -> None:
    merged = ("a", {"merge": {"articles": [1, 2, 3], "stories": ["b"]}})
    parted = ("a", {"split": {"into": "c", "articles": [3], "rest": [1, 2]}})

    assert bindings([merged]) == {1: "a", 2: "a", 3: "a"}
    assert bindings([merged, parted]) == {1: "a", 2: "a", 3: "c"}
