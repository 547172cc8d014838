"""Stories are ranked by who tells them, not by how often; no topic and no outlet fills an edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from digest.model import Article, Evidence, Story
from digest.newsroom.ranking import FROM_ONE_OUTLET, ON_TOPIC, STRENGTH, UPDATE, Chosen, ranked, score_of

FRIDAY = date(2026, 11, 20)


def by(outlet: str, copy_of: str | None = None) -> Article:
    return Article(title="x", outlet=outlet, copy_of=copy_of)


def story(id: str, *articles: Article, **more: Any) -> Story:
    usual: dict[str, Any] = {"id": id, "headline": id, "day": FRIDAY, "articles": articles}
    return Story(**(usual | {"articles_total": len(articles)} | more))


def order(*stories: Story, limit: int = 12) -> tuple[list[str], dict[str, str]]:
    chosen, left_out = ranked([score_of(one, FRIDAY) for one in stories], limit)
    return [choice.story.id for choice in chosen], {left.story.id: left.reason for left in left_out}


def test_every_story_says_why() -> None:
    copies = [by(f"Copy {n}", "Reuters") for n in range(9)]

    told = score_of(
        story("s", by("STAT"), by("Reuters"), *copies, evidence=Evidence(study_type="systematic review")), FRIDAY
    )

    assert told.reasons == (
        "11 outlets, 2 independent +6.3",
        "systematic review +6",
        "0 days old +6",
        "−copy of Reuters text ×9",
    )


def test_two_voices_beat_nine_copies() -> None:
    copied = story("copied", by("Reuters"), *(by(f"Copy {n}", "Reuters") for n in range(9)))

    assert order(copied, story("two", by("A"), by("B")))[0] == ["two", "copied"]


def test_where_not_all_articles_are_listed_their_number_counts() -> None:
    assert score_of(story("s", by("A"), articles_total=11), FRIDAY).reasons[0] == "11 articles +14.3"


def test_an_update_ranks_behind_what_is_new() -> None:
    update = story("a", by("A"), by("B"), update_of="n1")

    assert order(update, story("b", by("C"), by("D")))[0] == ["b", "a"]
    assert "update of n1 -2" in score_of(update, FRIDAY).reasons


def test_a_retracted_study_gets_no_points_for_its_evidence() -> None:
    trial = Evidence(study_type="randomised trial")
    taken_back = replace(trial, retracted=True)

    assert order(story("a", by("A"), evidence=taken_back), story("b", by("B"), evidence=trial))[0] == ["b", "a"]
    reasons = score_of(story("a", by("A"), evidence=taken_back), FRIDAY).reasons
    assert "retracted" in reasons
    assert not any("randomised trial" in reason for reason in reasons)


def test_topics_take_turns() -> None:
    hearts = [story(f"heart {n}", by(f"H{n}"), by(f"I{n}"), topic="heart") for n in range(3)]
    pain = story("pain", by("P"), topic="pain")

    chosen, _ = ranked([score_of(one, FRIDAY) for one in (*hearts, pain)], 4)

    assert [choice.story.id for choice in chosen] == ["heart 0", "heart 1", "pain", "heart 2"]
    assert chosen[1].reasons[-1] == "1 on heart before it -2"


def test_one_outlet_alone_does_not_fill_an_edition() -> None:
    alone = [story(f"s{n}", by("STAT"), weight=5 - n) for n in range(5)]

    ids, left = order(*alone, story("other", by("BBC"), weight=-3))

    assert ids == ["s0", "s1", "s2", "other"]
    assert left["s3"].startswith("STAT alone tells it, and 3 stories before it: score ")


def test_what_an_editor_pins_is_in_all_the_same() -> None:
    pinned = [story(f"s{n}", by("STAT"), topic="pain", pinned=True) for n in range(5)]

    assert order(*pinned)[0] == [one.id for one in pinned]


def test_ranking_a_week_of_thousands_is_quick_and_complete() -> None:
    week = [Chosen(story(f"{n}", by(f"o{n % 7}"), topic=f"t{n % 5}"), float(n % 11), ()) for n in range(2000)]

    chosen, left_out = ranked(week, 12)

    assert (len(chosen), len(left_out)) == (12, 1988)


def test_the_readme_tells_the_score_as_it_is() -> None:
    readme = " ".join((Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").split())

    told = readme.partition("- the evidence: ")[2].partition(" 3 less for a preprint")[0]
    points = {study: int(group.split()[0]) for group in told.split("; ") for study in STRENGTH if study in group}
    assert points == STRENGTH
    assert f"{UPDATE:g} less for the update" in readme
    assert f"{ON_TOPIC:g} less for each story on its topic" in readme
    assert f"at most {FROM_ONE_OUTLET} stories that one outlet alone tells" in readme
    assert [score_of(story("x", *map(by, "abcdefg"[:count])), FRIDAY).score - 6 for count in (1, 3, 7)] == [4, 8, 12]
