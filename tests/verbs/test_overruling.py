"""An editor's word over gathered stories: kept over the next fetch, with history and undo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from digest.errors import InputError, UsageError
from digest.verbs import overruling
from digest.verbs.assemble import assemble
from digest.verbs.due import slot_to_assemble
from tests.verbs.conftest import Newsletter
from tests.verbs.newsroom import SALT, SPRAY_RECALL, Newsroom, two_stories

LATER = (
    "Croup spray: what parents of the 1,204 children said about budesonide",
    "Parents in the randomised trial of a budesonide nasal spray for croup, which followed 1,204 children for seven "
    "days, found the spray easy to give. Of those on placebo 8% came back to hospital.",
)


@pytest.fixture
def newsroom(newsletter: Newsletter) -> Iterator[Newsroom]:
    with two_stories(newsletter) as room:
        yield room


def comes_in(newsroom: Newsroom) -> None:
    """Another article on the croup trial, and a fetch."""
    newsroom.newsletter.clock.now += timedelta(hours=2)
    newsroom.publishes("Valley News", LATER)
    newsroom.fetch()


def test_a_headline_survives_the_next_fetch(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    overruling.change(parts, newsroom.story("croup"), {"headline": "A croup spray at home"}, by="ada")

    comes_in(newsroom)

    assert newsroom.story("croup").story.headline == "A croup spray at home"
    assert len(newsroom.story("croup").articles) == 3


def test_a_pinned_story_leads_and_a_dropped_one_is_not_told(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    overruling.change(parts, newsroom.story("salt"), {"pinned": True}, by="ada")
    overruling.change(parts, newsroom.story("croup"), {"dropped": True}, by="ada")
    comes_in(newsroom)

    done = assemble(parts, slot_to_assemble(parts))

    assert done.row is not None
    assert done.selection is not None
    assert [story.id for story in done.row.edition.stories] == [newsroom.story("salt").story.id]
    assert [left.reason for left in done.selection.left_out] == ["dropped by an editor"]


def test_a_rewritten_point_and_evidence_survive_the_next_fetch(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    overruling.rewrite_point(parts, newsroom.story("croup"), 1, "Half as many came back.", 2, by="ada")
    overruling.change(parts, newsroom.story("croup"), {"evidence": {"trials": 3}}, by="ada")
    cited = newsroom.story("croup").story.articles[1].title

    comes_in(newsroom)

    story = newsroom.story("croup").story
    (point,) = [point for point in story.key_points if point.text == "Half as many came back."]
    assert point.source is not None
    assert story.articles[point.source - 1].title == cited
    assert story.evidence.trials == 3


def test_merged_stories_are_one_after_the_next_fetch_too(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    into = newsroom.story("croup")
    overruling.merge(parts, into, [newsroom.story("salt")], by="ada")

    comes_in(newsroom)

    (only,) = newsroom.desk().stories
    assert (only.story.id, len(only.articles)) == (into.story.id, 4)


def test_split_articles_are_a_story_of_their_own_after_the_next_fetch_too(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    one = newsroom.story("croup")
    title = one.story.articles[1].title
    name = overruling.split(parts, one, [2], by="ada")

    comes_in(newsroom)

    by_name = {each.story.id: [article.title for article in each.story.articles] for each in newsroom.desk().stories}
    assert title in by_name[name]
    assert title not in by_name[one.story.id]


def test_undoing_takes_back_the_latest_change_only(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    one = newsroom.story("croup")
    overruling.change(parts, one, {"headline": "A croup spray"}, by="ada")
    overruling.merge(parts, newsroom.story("croup"), [newsroom.story("salt")], by="bob")

    undone = overruling.undo(parts, one.story.id, by="ada")

    assert "merge" in undone.change
    assert newsroom.story("croup").story.headline == "A croup spray"
    assert len(newsroom.desk().stories) == 2
    name, changes = overruling.history(parts, one.story.id)
    assert name == one.story.id
    assert [(change.by, change.undone_by) for change in changes] == [("ada", None), ("bob", "ada")]


def test_there_may_be_nothing_to_undo(newsroom: Newsroom) -> None:
    with pytest.raises(UsageError, match="no change to undo"):
        overruling.undo(newsroom.newsletter.parts, newsroom.story("salt").story.id, by="ada")


def test_an_editor_changes_a_gathered_story_as_a_text(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    one = newsroom.story("salt")

    def editor(text: str) -> str:
        return text.replace(SALT[0], "Less salt at the canteen", 1).replace("---\n", "---\nweight: 2\n", 1)

    overruling.edit(parts, one, editor, by="ada")

    story = newsroom.story("canteen").story
    assert (story.headline, story.weight) == ("Less salt at the canteen", 2)
    assert overruling.edit(parts, newsroom.story("canteen"), lambda text: text, by="ada") is None


def test_articles_are_not_an_editors_to_write(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    one = newsroom.story("salt")

    with pytest.raises(InputError, match=r"articles: .*merge") as refusal:
        overruling.edit(parts, one, lambda text: text.replace("harbour-post.example", "elsewhere.example"), by="ada")

    kept = parts.workspace / f"{one.story.id}.md.rejected"
    assert "elsewhere.example" in kept.read_text()
    assert str(kept) in str(refusal.value)
    assert newsroom.story("salt") == one


def test_a_story_is_found_by_part_of_its_name_or_headline(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts

    assert overruling.find_gathered(parts, "CROUP").story == newsroom.story("croup").story
    with pytest.raises(UsageError, match="no such story"):
        overruling.find(parts, "ketamine")
    with pytest.raises(UsageError, match="fits"):
        overruling.find(parts, "s")


def test_a_pinned_story_is_told_beside_a_file_with_the_same_news(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsletter.story("Croup spray halves return visits of 1204 children", "2026-11-19")
    overruling.change(newsletter.parts, newsroom.story("croup"), {"pinned": True}, by="ada")

    done = assemble(newsletter.parts, slot_to_assemble(newsletter.parts))

    assert done.row is not None
    assert done.row.edition.stories[0].id == newsroom.story("croup").story.id
    assert len(done.row.edition.stories) == 3


def test_an_update_can_be_split_from_what_it_was_put_with(newsroom: Newsroom) -> None:
    """A recall is other news than the trial, whatever their words have in common; what comes in later goes with it."""
    newsroom.publishes("Valley News", SPRAY_RECALL)
    newsroom.fetch()
    stories = newsroom.desk().stories
    together = [one for one in stories if SPRAY_RECALL[0] in [article.title for article in one.story.articles]]

    assert len(together) == 1
    if len(together[0].articles) > 1:
        place = [article.title for article in together[0].story.articles].index(SPRAY_RECALL[0]) + 1
        overruling.split(newsroom.newsletter.parts, together[0], [place], by="ada")
    newsroom.publishes("Inland Times", (SPRAY_RECALL[0] + ", maker says", SPRAY_RECALL[1] + " Two batches only."))
    newsroom.fetch()

    recall = newsroom.story("recalled")
    assert len(recall.articles) == 2
