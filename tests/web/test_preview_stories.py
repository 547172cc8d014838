"""What stands behind each story, in the preview: its points' articles, its evidence's words, what was noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.newsroom.telling.findings import Finding
from digest.render.checks_newsroom import noticed
from digest.web.previewdesk import Choice, Sight
from digest.web.previewpage import page
from tests.web.conftest import Newsletter

STORY = """---
headline: Naps again
summary: A randomised trial of 412 nurses compared with placebo.
date: 2026-11-18
machine_written: true
update_of: naps
update_from: weekly-2026-11-16
key_points:
  - {text: Nurses slept well., source: 2}
  - Nobody said where this is from.
articles:
  - {outlet: Northern Ledger, title: First}
  - {outlet: Harbour Post, title: "<b>Second</b>", url: "https://harbour-post.example/naps"}
---
"""


@pytest.fixture
def sight(newsletter: Newsletter) -> Sight:
    (newsletter.folder / "stories" / "naps-again.md").write_text(STORY, encoding="utf-8")
    return newsletter.desk().sight(Choice())


def behind(sight: Sight) -> str:
    return page(sight, Choice()).partition("Behind the stories")[2].partition("</section>")[0]


def test_each_point_leads_to_its_article(sight: Sight) -> None:
    shown = behind(sight)

    assert '[2] <a href="https://harbour-post.example/naps"' in shown
    assert "Harbour Post: &lt;b&gt;Second&lt;/b&gt;</a>" in shown
    assert "no source named" in shown


def test_the_evidence_shows_the_words_it_was_read_from(sight: Sight) -> None:
    shown = behind(sight)

    assert "Randomised trial · 412 participants · compared with placebo" in shown
    assert "participants: “412 nurses”" in shown
    assert "comparison: “compared with placebo”" in shown


def test_what_a_machine_wrote_and_what_goes_on_is_marked(sight: Sight) -> None:
    shown = behind(sight)

    assert "machine-written" in shown
    assert '<span class="tag" title="weekly-2026-11-16">update</span>' in shown


def test_what_was_noticed_stands_beside_the_story_and_not_among_the_checks(sight: Sight) -> None:
    assert sight.look is not None
    (story,) = sight.look.edition.stories
    finding = Finding("numbers", "67 trials (8 articles) · 76 trials (1 article)", (1, 2))
    look = replace(sight.look, noticed={story.id: (finding,)}, findings=(noticed(story, finding),))

    shown = page(replace(sight, look=look), Choice())

    beside = shown.partition("Behind the stories")[2].partition("</section>")[0]
    assert "67 trials (8 articles) · 76 trials (1 article)" in beside
    assert "numbers · articles 1, 2" in beside
    assert "1 thing to look at" in beside
    assert shown.count("67 trials (8 articles)") == 1
    assert "nothing to say" in shown.partition("<h2>Checks")[2].partition("</section>")[0]
