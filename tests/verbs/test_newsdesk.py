"""The news desk: articles become stories that keep their names, across fetches and editions, and enter editions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from digest.gather.source import Source
from digest.model import EditionState
from digest.store import editions
from digest.verbs.assemble import assemble
from digest.verbs.due import slot_to_assemble
from digest.verbs.newsdesk import why_empty
from digest.verbs.rereading import reread
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import MONDAY_7, Newsletter
from tests.verbs.newsroom import NASAL_SPRAY, SPRAY_RECALL, Newsroom, two_stories


@pytest.fixture
def newsroom(newsletter: Newsletter) -> Iterator[Newsroom]:
    with two_stories(newsletter) as room:
        yield room


def test_articles_that_tell_the_same_news_are_one_story(newsroom: Newsroom) -> None:
    stories = newsroom.desk().stories

    assert sorted(len(one.articles) for one in stories) == [1, 2]
    spray = newsroom.story("croup").story
    assert {article.outlet for article in spray.articles} == {"Harbour Post", "Inland Times"}
    assert spray.evidence.study_type == "randomised trial"
    assert spray.coverage.counts is not None
    assert spray.coverage.counts.outlets == 2
    assert all(point.source in (1, 2) for point in spray.key_points)


def test_gathered_stories_make_an_edition(newsroom: Newsroom) -> None:
    parts = newsroom.newsletter.parts

    done = assemble(parts, slot_to_assemble(parts))

    assert done.row is not None
    assert [story.id for story in done.row.edition.stories] == [
        newsroom.story("croup").story.id,
        newsroom.story("salt").story.id,
    ]
    assert assemble(parts, slot_to_assemble(parts)).row == done.row
    assert not assemble(parts, slot_to_assemble(parts), refresh=True).changed


def test_a_story_keeps_its_name_when_more_outlets_tell_it(newsroom: Newsroom) -> None:
    before = newsroom.story("croup").story.id
    newsroom.newsletter.clock.now += timedelta(hours=3)
    newsroom.publishes("Valley News", (NASAL_SPRAY[0][0] + ", doctors say", NASAL_SPRAY[1][1]))

    newsroom.fetch()

    after = newsroom.story("croup")
    assert (after.story.id, len(after.articles)) == (before, 3)


def test_a_follow_up_of_what_readers_had_is_told_as_its_update(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    first = assemble(newsletter.parts, slot_to_assemble(newsletter.parts)).row
    assert first is not None
    told = newsroom.story("croup").story.id
    with newsletter.parts.store.write() as db:
        editions.set_state(db, first.edition.id, [EditionState.SEALED], EditionState.CANCELLED, MONDAY_7, "test")
        editions.set_state(db, first.edition.id, [EditionState.CANCELLED], EditionState.SENT, MONDAY_7, "test")
    newsletter.clock.now = MONDAY_7 + timedelta(days=2)
    newsroom.publishes("Inland Times", SPRAY_RECALL)

    newsroom.fetch()
    second = assemble(newsletter.parts, slot_to_assemble(newsletter.parts)).row

    assert second is not None
    (recall,) = second.edition.stories
    assert (recall.update_of, recall.update_from) == (told, first.edition.id)
    assert recall.id != told
    assert [article.title for article in recall.articles] == [SPRAY_RECALL[0]]


def test_articles_that_readers_had_are_not_told_again(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    first = assemble(newsletter.parts, slot_to_assemble(newsletter.parts)).row
    assert first is not None
    newsletter.clock.now = MONDAY_7 + timedelta(days=2)
    newsroom.fetch()

    second = assemble(newsletter.parts, slot_to_assemble(newsletter.parts), keep_empty=False)

    assert second.row is None
    assert newsroom.desk().stories == ()


def test_an_editors_own_story_comes_before_a_gathered_one_that_tells_the_same(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    path = newsletter.story("Croup spray halves return visits of 1204 children", "2026-11-19")

    done = assemble(newsletter.parts, slot_to_assemble(newsletter.parts))

    assert done.row is not None
    assert done.selection is not None
    assert path.stem in [story.id for story in done.row.edition.stories]
    reasons = {left.story.id: left.reason for left in done.selection.left_out}
    assert f"the same news as {path.stem}" in reasons[newsroom.story("croup").story.id]


def test_nothing_is_brought_together_twice(newsroom: Newsroom) -> None:
    first = newsroom.desk()

    with newsroom.newsletter.parts.store.write() as db:
        db.exec_driver_sql("UPDATE story_article SET story = 'elsewhere'")

    assert newsroom.desk() == first


def test_what_editors_should_see_is_kept_beside_the_story(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    done = assemble(newsletter.parts, slot_to_assemble(newsletter.parts)).row
    assert done is not None

    found = reread(newsletter.parts, done.edition).findings

    assert found[newsroom.story("croup").story.id] == newsroom.story("croup").findings


def test_an_empty_desk_says_what_there_is(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    assert why_empty(newsletter.parts) is not None

    newsletter.clock.now += timedelta(days=30)

    assert newsroom.desk().stories == ()
    assert why_empty(newsletter.parts) == (
        "3 stored articles, the newest of 2026-11-20: only those of the last 14 days make stories"
    )


PAPER = """<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>40000001</PMID><Article>
<Journal><Title>Journal of Croup</Title></Journal>
<ArticleTitle>Nasal spray for croup: a randomised trial.</ArticleTitle>
<Abstract><AbstractText>In 14 hospitals 1,204 children with croup were randomly assigned to receive
a nasal spray or placebo. Fewer children on the spray came back within seven days.</AbstractText></Abstract>
<GrantList><Grant><Agency>Harbour Trust</Agency></Grant><Grant><Agency>Gull Foundation</Agency></Grant></GrantList>
<PublicationTypeList><PublicationType>Preprint</PublicationType></PublicationTypeList></Article>
<CoiStatement>Ada Lorn advises Nordkit. The others declare none.</CoiStatement></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>11</Month><Day>18</Day></PubMedPubDate>
</History></PubmedData></PubmedArticle></PubmedArticleSet>"""


def test_a_paper_tells_who_paid_who_gains_and_that_nobody_has_reviewed_it(newsletter: Newsletter) -> None:
    with HostileServer() as server:
        room = Newsroom(newsletter, server)
        server.routes |= {
            "/entrez/eutils/esearch.fcgi": answer(200, b'{"esearchresult": {"idlist": ["40000001"]}}'),
            "/entrez/eutils/efetch.fcgi": answer(200, PAPER.encode()),
        }
        room.asks(Source(name="PubMed", url=server.url("/entrez/eutils/?term=croup"), kind="journal"))
        room.fetch()

        evidence = room.story("croup").story.evidence

    assert evidence.funding == "Harbour Trust; Gull Foundation"
    assert evidence.conflicts == "Ada Lorn advises Nordkit. The others declare none."
    assert evidence.comparison == "a nasal spray or placebo"
    assert (evidence.preprint, evidence.peer_reviewed) == (True, False)
