"""What editors are shown of the stories' articles: what was noticed, and whether a number stands in any of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from digest.model import Edition, Story
from digest.verbs.approve import check, inspect
from digest.verbs.assemble import assemble, seal_edition
from digest.verbs.due import slot_to_assemble
from digest.verbs.preview import look
from digest.verbs.rereading import reread
from tests.gather.hostile import HostileServer
from tests.verbs.conftest import Newsletter
from tests.verbs.newsroom import Newsroom

POST = (
    "Nasal spray for croup halves returns to hospital in trial of 1,204 children",
    "A randomised trial gave 1,204 children with croup a budesonide nasal spray or placebo. Nosebleeds were the usual "
    "side effect. The Harbour Institute led it in 14 hospitals of the region, and no child was harmed.",
)
TIMES = (
    "Croup: budesonide nasal spray halves returns to hospital, trial finds",
    "Fewer children with croup came back to hospital when a budesonide spray was used, a randomised trial of 1,024 "
    "children found. Parents could give it at home, says the Harbour Institute.",
)


@pytest.fixture
def edition(newsletter: Newsletter) -> Iterator[Edition]:
    """Two outlets tell the same trial with different numbers, and an editor a story of her own."""
    newsletter.story("Salt in the canteen of 830 dockers")
    with HostileServer() as server:
        room = Newsroom(newsletter, server)
        room.publishes("Harbour Post", POST)
        room.publishes("Inland Times", TIMES)
        room.fetch()
        row = assemble(newsletter.parts, slot_to_assemble(newsletter.parts)).row
        assert row is not None
        yield row.edition


def gathered(edition: Edition) -> Story:
    (story,) = [story for story in edition.stories if not story.origin]
    return story


def test_numbers_on_which_articles_disagree_are_a_warning_of_the_check(
    newsletter: Newsletter, edition: Edition
) -> None:
    row = assemble(newsletter.parts, slot_to_assemble(newsletter.parts)).row
    assert row is not None

    found = [one for one in check(newsletter.parts, row) if one.rule == "numbers"]

    assert [(one.severity, one.story) for one in found] == [("warning", gathered(edition).id)]
    assert "1,204 participants" in found[0].message
    assert "1,024 participants" in found[0].message


def test_the_preview_has_what_was_noticed_by_story(newsletter: Newsletter, edition: Edition) -> None:
    seen = look(newsletter.parts, slot_to_assemble(newsletter.parts))

    assert "numbers" in {finding.rule for finding in seen.noticed[gathered(edition).id]}
    assert set(seen.noticed) == {gathered(edition).id}


def test_a_machines_number_is_looked_for_in_the_whole_articles(newsletter: Newsletter, edition: Edition) -> None:
    story = replace(gathered(edition), machine_written=True, summary="The trial ran in 14 hospitals.")
    bare = replace(story, articles=tuple(replace(article, excerpt=None) for article in story.articles))
    wrong = replace(bare, summary="The trial ran in 15 hospitals.")

    def numbers(story: Story) -> list[str]:
        changed = replace(edition, stories=(story,))
        sealed = seal_edition(newsletter.parts, changed)
        return [one.severity for one in inspect(newsletter.parts, changed, sealed) if one.rule == "number"]

    assert numbers(bare) == []
    assert numbers(wrong) == ["error"]


def test_an_edition_of_editors_own_stories_has_nothing_behind_it(newsletter: Newsletter, edition: Edition) -> None:
    own = replace(edition, stories=tuple(story for story in edition.stories if story.origin))

    assert len(own.stories) == 1
    assert reread(newsletter.parts, own).findings == {}
    assert reread(newsletter.parts, own).texts == {}
