"""An edition whose stories a machine reworded: asked once, marked as such, under editors' words, and the same again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from digest.errors import UsageError
from digest.model import Story
from digest.verbs import approve, overruling
from digest.verbs.assemble import assemble
from digest.verbs.due import slot_to_assemble
from digest.verbs.parts import Writing
from digest.verbs.preview import find, look
from digest.verbs.rereading import asked_anew
from digest.writing.endpoint import Endpoint
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import Newsletter
from tests.verbs.newsroom import Newsroom
from tests.verbs.test_writing import PATH, POINTS, SUMMARY, TEXT, said

CRAMPS = ("Magnesium tablets do little for leg cramps", TEXT)


@pytest.fixture
def newsroom(newsletter: Newsletter) -> Iterator[Newsroom]:
    with HostileServer() as server:
        room = Newsroom(newsletter, server)
        room.publishes("Harbour Post", CRAMPS)
        room.fetch()
        endpoint = Endpoint(url=server.url("/v1"), model="tiny", api_key="", deadline_s=5)
        newsletter.parts = replace(newsletter.parts, writing=Writing(endpoint=endpoint, max_stories=3))
        server.routes[PATH] = said()
        yield room


def edition_story(newsroom: Newsroom, *, refresh: bool = False) -> Story:
    row = assemble(newsroom.newsletter.parts, slot_to_assemble(newsroom.newsletter.parts), refresh=refresh).row
    assert row is not None
    (story,) = row.edition.stories
    return story


def questions(newsroom: Newsroom) -> int:
    return sum(asked.path == PATH for asked in newsroom.server.asked)


def test_chosen_stories_are_told_in_the_machines_words_and_marked(newsroom: Newsroom) -> None:
    story = edition_story(newsroom)

    assert story.summary == SUMMARY
    assert [point.text for point in story.key_points] == [point["text"] for point in POINTS]
    assert story.machine_written


def test_assembling_again_gives_the_same_edition_and_asks_nobody(newsroom: Newsroom) -> None:
    first = edition_story(newsroom)
    newsroom.server.routes[PATH] = answer(500, b"")

    assert edition_story(newsroom, refresh=True) == first
    assert questions(newsroom) == 1


def test_an_editors_words_stand_over_the_machines(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    overruling.change(parts, newsroom.story("cramps"), {"summary": "Tablets hardly help."}, by="ada")

    assert edition_story(newsroom).summary == "Tablets hardly help."


def test_a_machine_that_lies_is_overruled_by_the_articles_and_editors_hear_of_it(newsroom: Newsroom) -> None:
    newsroom.server.routes[PATH] = said(summary="Magnesium tablets cure 93% of leg cramps, a review has found.")
    parts = newsroom.newsletter.parts

    story = edition_story(newsroom)

    assert story.summary is not None
    assert "93" not in story.summary
    row = assemble(parts, slot_to_assemble(parts)).row
    assert row is not None
    assert any("93" in finding.message for finding in approve.check(parts, row))


def test_looking_asks_no_machine(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts

    look(parts, find(parts, None))

    assert questions(newsroom) == 0


def test_a_story_is_reworded_anew_when_an_editor_asks(newsroom: Newsroom) -> None:
    story = edition_story(newsroom)
    newsroom.server.routes[PATH] = said(summary="A review of 41 trials pooled data from over 1,800 adults.")

    told = asked_anew(newsroom.newsletter.parts, story.id)

    assert told.story.summary == "A review of 41 trials pooled data from over 1,800 adults."
    assert questions(newsroom) == 2
    assert edition_story(newsroom, refresh=True).summary == told.story.summary
    assert questions(newsroom) == 2


def test_an_editors_words_stand_when_the_machine_is_asked_anew(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts
    story = newsroom.story("cramps")
    overruling.change(parts, story, {"summary": "Tablets hardly help."}, by="ada")

    assert asked_anew(parts, story.story.id).story.summary == "Tablets hardly help."


def test_without_a_machine_asking_anew_says_what_is_missing(newsroom: Newsroom) -> None:
    parts = replace(newsroom.newsletter.parts, writing=None)

    with pytest.raises(UsageError, match=r"\[llm\] url: not set"):
        asked_anew(parts, newsroom.story("cramps").story.id)
