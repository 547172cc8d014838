"""The weekly edition: what a reader gets, word for word, in both parts and every language."""

from __future__ import annotations

import dataclasses
import itertools
import re

import pytest

from digest.marks import fill
from digest.model import Article, BiasCounts, Coverage, Evidence, KeyPoint, Story, StudyType
from digest.newsroom.outlets import Ratings
from digest.newsroom.telling import Piece, story_of
from digest.render.evidence import LEGENDS, evidence_view
from digest.render.lint import lint
from digest.render.seal import archive_html, seal
from digest.render.themes import Theme
from digest.render.words import languages, words_for
from tests.newsroom.telling.test_tell import ABSOLUTE, RELATIVE
from tests.render.reading import flat, read
from tests.render.samples import FOLLOW_UP, KETAMINE, LETTERHEAD, PREPRINT, PRESS, RETRACTED, SLEEP, edition

READER = {
    "name": "",
    "address": "ada@example.org",
    "unsubscribe_url": "https://news.example.org/u/" + "A" * 32,
    "preferences_url": "https://news.example.org/preferences",
}


# ── what a reader sees ───────────────────────────────────────────────────────────────────────────


def test_the_ketamine_story_leads_in_full(theme: Theme) -> None:
    sealed = seal(edition(), LETTERHEAD, theme)
    words = read(sealed.html).words

    for shown in (words, flat(sealed.text)):
        assert KETAMINE.headline in shown
        assert KETAMINE.summary is not None
        assert KETAMINE.summary in shown
        assert all(point.text in shown for point in KETAMINE.key_points)
        assert "Systematic review · 67 trials · over 2,300 participants · Cochrane" in shown
        assert "Combines all the studies it could find on one question: a strong kind of evidence." in shown
        assert "Center 100%" in shown
        assert "as reported, not counted by us" in shown
        assert "Factuality: not known" in shown
        assert all(article.title in shown for article in KETAMINE.articles)
        assert "These articles came to us without links." in shown
        assert "8 more on the web" in shown
    assert "11 articles" in words


def test_the_masthead_and_the_foot_say_what_they_must(theme: Theme) -> None:
    sealed = seal(edition(), LETTERHEAD, theme)
    page = read(sealed.html)

    for shown in (page.words, flat(sealed.text)):
        assert "Monday, 23 November 2026 · No. 12 · 6 min read" in shown
        assert "Know somebody who would like this?" in shown
        assert "This is news, not medical advice." in shown
        assert "Health Digest, 1 Sample Street, Exampletown EX1 2MP" in shown
    assert ("Read on the web", "https://news.example.org/archive/weekly-2026-11-23") in page.links


def test_the_letterheads_own_disclaimer_wins(theme: Theme) -> None:
    letterhead = dataclasses.replace(LETTERHEAD, disclaimer="Ask somebody who knows.")

    sealed = seal(edition(), letterhead, theme)

    assert "Ask somebody who knows." in sealed.html
    assert "Ask somebody who knows." in sealed.text
    assert "not medical advice" not in sealed.html


def test_counts_come_first_and_equal_counts_show_equal_per_cents(theme: Theme) -> None:
    words = read(seal(edition(KETAMINE, SLEEP), LETTERHEAD, theme).html).words

    assert "Left 4 · Center 4 · Right 3 · 2 unrated · 11 of 13 outlets rated" in words
    assert "Left 36% Center 36% Right 27%" in words


def test_key_points_of_the_lead_lead_to_their_sources(theme: Theme) -> None:
    page = read(seal(edition(SLEEP), LETTERHEAD, theme).html)

    assert ("[1]", SLEEP.articles[0].url) in page.links
    assert ("[2]", SLEEP.articles[1].url) in page.links


@pytest.mark.parametrize("lead", [True, False])
def test_the_number_of_a_source_says_on_the_web_whose_it_is(theme: Theme, *, lead: bool) -> None:
    sealed = seal(edition(SLEEP) if lead else edition(KETAMINE, SLEEP), LETTERHEAD, theme)

    assert 'title="The Harbour Courier: Napping nurses sleep just as well"' in archive_html(sealed)
    assert "eight weeks. [1]" in flat(sealed.text)


def test_a_key_point_without_a_source_has_no_number(theme: Theme) -> None:
    story = dataclasses.replace(SLEEP, key_points=(KeyPoint("Nobody said where this is from."),))

    assert "Nobody said where this is from. [" not in read(seal(edition(story), LETTERHEAD, theme).html).words


# ── the evidence card ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lead", [True, False])
def test_the_card_says_what_was_compared_who_paid_and_who_gains(theme: Theme, *, lead: bool) -> None:
    sealed = seal(edition(SLEEP) if lead else edition(KETAMINE, SLEEP), LETTERHEAD, theme)

    for shown in (read(sealed.html).words, flat(sealed.text)):
        assert "Randomised trial · 412 participants · a 20-minute nap or none · peer-reviewed" in shown
        assert "so groups compare fairly: a strong kind of evidence." in shown
        assert "Funding: the Harbour Sleep Fund" in shown
        assert "Conflicts of interest: Two of the authors report consulting fees from Nordkit." in shown
        assert "DOI 10.5555/naps.2026" in shown


def test_a_long_statement_is_whole_with_the_lead_and_shortened_beyond(theme: Theme) -> None:
    said = "A. Able reports fees from Nordkit and from its daughters in nine countries. " * 3
    story = dataclasses.replace(SLEEP, evidence=dataclasses.replace(SLEEP.evidence, conflicts=said.strip()))

    lead = read(seal(edition(story), LETTERHEAD, theme).html).words
    further = read(seal(edition(KETAMINE, story), LETTERHEAD, theme).html).words

    assert said.strip() in lead
    assert said.strip() not in further
    assert "A. Able reports fees from Nordkit" in further


def test_nothing_is_called_strong_that_was_taken_back(theme: Theme) -> None:
    story = dataclasses.replace(SLEEP, evidence=dataclasses.replace(SLEEP.evidence, retracted=True))

    words = read(seal(edition(story), LETTERHEAD, theme).html).words

    assert "Retracted. Withdrawn since it was published." in words
    assert "Randomised trial" in words
    assert "strong" not in words


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("study_type", [kind for kind in LEGENDS if kind != "press release"])
def test_every_kind_of_study_is_explained_in_every_language(theme: Theme, study_type: StudyType, language: str) -> None:
    words = words_for(language)

    view = evidence_view(Evidence(study_type=study_type), words)

    assert view.kind is not None
    assert view.legend == words.say(LEGENDS[study_type])
    assert language == "en" or view.legend != LEGENDS[study_type]


# ── updates, reprints, machines ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lead", [True, False])
def test_an_update_leads_to_the_edition_that_told_it_first(theme: Theme, *, lead: bool) -> None:
    sealed = seal(edition(FOLLOW_UP) if lead else edition(KETAMINE, FOLLOW_UP), LETTERHEAD, theme)
    page = read(sealed.html)

    assert "Update of an earlier story" in page.words
    assert ("edition of 16 November", "https://news.example.org/archive/weekly-2026-11-16") in page.links
    assert (
        "Update of an earlier story (edition of 16 November): https://news.example.org/archive/weekly-2026-11-16"
        in (flat(sealed.text))
    )


@pytest.mark.parametrize("edition_id", [None, "", "weekly", "weekly-2026-02-30"])
def test_an_update_of_who_knows_when_is_still_called_one(theme: Theme, edition_id: str | None) -> None:
    story = dataclasses.replace(FOLLOW_UP, update_from=edition_id)

    sealed = seal(edition(story), LETTERHEAD, theme)

    assert "Update of an earlier story" in read(sealed.html).words
    assert "edition of" not in sealed.html + sealed.text


def test_an_edition_that_was_told_before_can_lead_nowhere_else(theme: Theme) -> None:
    story = dataclasses.replace(FOLLOW_UP, update_from='"><script>/../../2026-11-16')

    links = [url for words, url in read(seal(edition(story), LETTERHEAD, theme).html).links if "edition of" in words]

    assert links == ["https://news.example.org/archive/%22%3E%3Cscript%3E%2F..%2F..%2F2026-11-16"]


@pytest.mark.parametrize("lead", [True, False])
def test_a_reprint_names_whose_text_it_is_and_is_not_counted(theme: Theme, *, lead: bool) -> None:
    sealed = seal(edition(FOLLOW_UP) if lead else edition(KETAMINE, FOLLOW_UP), LETTERHEAD, theme)

    words = read(sealed.html).words
    assert "Lamp makers answer back Northern Herald · text by Gull Agency" in words  # this one counts
    assert "Makers of lamps react Valley Post · text by Gull Agency" in words
    assert "1 of 1 outlet rated · 1 reprint not counted" in words
    assert "Valley Post: Makers of lamps react (text by Gull Agency)" in flat(sealed.text)


def test_readers_hear_of_a_machine_only_when_the_letterhead_tells(theme: Theme) -> None:
    quiet = dataclasses.replace(LETTERHEAD, tell_machine=False)
    line = "Summary written by a machine from the articles listed."

    told, untold = (seal(edition(KETAMINE, FOLLOW_UP), letterhead, theme) for letterhead in (LETTERHEAD, quiet))

    for shown in (read(told.html).words, flat(told.text)):
        assert shown.count(line) == 1
    assert "machine" not in untold.html + untold.text


@pytest.mark.parametrize("lead", [True, False])
def test_readers_hear_how_many_of_how_many_before_how_much_less(theme: Theme, *, lead: bool) -> None:
    told = story_of(
        [Piece(title="Stroke pill", text=RELATIVE, outlet="Harbour Post"), Piece(title="A pill", text=ABSOLUTE)],
        Ratings(()),
    )

    sealed = seal(edition(told) if lead else edition(KETAMINE, told), LETTERHEAD, theme)

    for shown in (read(sealed.html).words, flat(sealed.text)):
        assert 0 < shown.rindex("10 of 1,000 people") < shown.rindex("by 50%")


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ((("high", 5), ("mixed", 1)), "High factuality: 5 of 6 rated outlets · mixed 1 · rated by Sample Raters"),
        ((("high", 6),), "High factuality: 6 of 6 rated outlets · rated by Sample Raters"),
        ((("high", 2), ("low", 2)), "Low factuality: 2 of 4 rated outlets · high 2 · rated by Sample Raters"),
        ((("mostly factual", 1),), "Mostly factual: 1 of 1 rated outlet · rated by Sample Raters"),
    ],
)
@pytest.mark.parametrize("lead", [True, False])
def test_factuality_says_of_how_many_and_who_rated(
    theme: Theme, counts: tuple[tuple[str, int], ...], line: str, *, lead: bool
) -> None:
    story = dataclasses.replace(SLEEP, coverage=dataclasses.replace(SLEEP.coverage, factuality_counts=counts))

    sealed = seal(edition(story) if lead else edition(KETAMINE, story), LETTERHEAD, theme)

    for shown in (read(sealed.html).words, flat(sealed.text)):
        assert line in shown
        assert shown.count("rated by Sample Raters") == 1


@pytest.mark.parametrize("lead", [True, False])
def test_where_nobody_is_rated_it_is_said_once_and_no_bar_is_drawn(theme: Theme, *, lead: bool) -> None:
    story = dataclasses.replace(PREPRINT, coverage=Coverage(counts=BiasCounts(unrated=2)))

    html = seal(edition(story) if lead else edition(PRESS, story), LETTERHEAD, theme).html

    assert read(html).words.count("0 of 2 outlets rated") == 1
    assert "unrated" not in html
    assert 'class="s rest"' not in html


@pytest.mark.parametrize("lead", [True, False])
def test_each_rater_is_named_with_what_they_rated(theme: Theme, *, lead: bool) -> None:
    coverage = dataclasses.replace(SLEEP.coverage, raters=("Sides Board",), factuality_raters=("Fact Desk",))
    story = dataclasses.replace(SLEEP, coverage=coverage)

    words = read(seal(edition(story) if lead else edition(KETAMINE, story), LETTERHEAD, theme).html).words

    assert "11 of 13 outlets rated · rated by Sides Board" in words
    assert "High factuality: 6 of 11 rated outlets · mixed 5 · rated by Fact Desk" in words


@pytest.mark.parametrize(
    ("story", "label"), [(PREPRINT, "Preprint"), (RETRACTED, "Retracted"), (PRESS, "Press release")]
)
@pytest.mark.parametrize("lead", [True, False])
def test_what_must_be_labelled_is_labelled_above_its_story(
    theme: Theme, story: Story, label: str, *, lead: bool
) -> None:
    sealed = seal(edition(story) if lead else edition(KETAMINE, story), LETTERHEAD, theme)

    after = read(sealed.html).words.split(story.headline)[-1]
    assert after.strip().startswith(f"{label}.")
    assert f"{label.upper()}: " in sealed.text


def test_headings_step_down_one_by_one(theme: Theme) -> None:
    levels = [level for level, _ in read(seal(edition(), LETTERHEAD, theme).html).headings]

    assert levels[:2] == [1, 2]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_both_parts_have_the_same_headlines_and_links(theme: Theme) -> None:
    sealed = seal(edition(), LETTERHEAD, theme)
    html = read(fill(sealed.html, sealed.nonce, READER))
    text = fill(sealed.text, sealed.nonce, READER)

    headlines = [words for level, words in html.headings if level == 2]
    assert headlines == [story.headline for story in edition().stories]
    assert all(headline in flat(text) for headline in headlines)
    assert {url for _, url in html.links} == set(re.findall(r"https?://\S+", text))


def test_text_lines_keep_to_72_columns_but_for_addresses(theme: Theme) -> None:
    text = seal(edition(), LETTERHEAD, theme).text

    assert [line for line in text.splitlines() if len(line) > 72 and "://" not in line] == []
    assert not re.search(r"\n{4,}|[ \t]\n", text)


@pytest.mark.parametrize("language", ["de", "fr", "es", "ar"])
def test_every_language_seals(theme: Theme, language: str) -> None:
    direction = words_for(language).direction

    sealed = seal(edition(), dataclasses.replace(LETTERHEAD, language=language, direction=direction), theme)

    assert f'lang="{language}" dir="{direction}"' in sealed.html
    assert "Unsubscribe" not in sealed.html + sealed.text


def test_right_to_left_turns_the_page_but_not_the_bar(theme: Theme) -> None:
    sealed = seal(edition(), dataclasses.replace(LETTERHEAD, language="ar", direction="rtl"), theme)

    assert "text-align:right" in sealed.html
    assert "padding:0 22px 0 0" in sealed.html
    assert '<table role="presentation" aria-hidden="true" dir="ltr"' in sealed.html
    assert "letter-spacing" not in sealed.html
    assert "<bdi>the Harbour Sleep Fund</bdi>" in sealed.html


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(theme: Theme) -> None:
    html = seal(edition(), LETTERHEAD, theme).html

    assert not {"img", "script", "link", "iframe", "form"} & set(read(html).tags)
    assert "@import" not in html


def test_the_printed_mjml_passes_the_linter(theme: Theme) -> None:
    assert lint(seal(edition(), LETTERHEAD, theme).mjml, file="weekly.mjml") == []


def test_an_edition_without_stories_still_seals(theme: Theme) -> None:
    empty = dataclasses.replace(edition(), stories=(), intro="", preheader="")

    assert "Unsubscribe" in seal(empty, LETTERHEAD, theme).html


def test_a_story_with_nothing_but_a_headline_says_nothing_more(theme: Theme) -> None:
    words = read(seal(edition(Story(id="bare", headline="Only this")), LETTERHEAD, theme).html).words

    assert "Only this" in words
    for unsaid in ("None", "Evidence", "Who covers it", "article", "Key points"):
        assert unsaid not in words


# ── size ─────────────────────────────────────────────────────────────────────────────────────────


def test_twelve_stories_with_five_articles_each_stay_under_80_kb(theme: Theme) -> None:
    stories = [_large(n) for n in range(12)]

    html = seal(edition(*stories), LETTERHEAD, theme).html

    assert len(html.encode()) < 80_000
    assert all(story.headline in html for story in stories)
    assert html.count("https://outlet-") >= 60
    assert len(re.findall(r"<style.*?</style>", html, re.DOTALL)[0]) < 16_000


def _large(n: int) -> Story:
    """A story at the upper end of what weeks bring."""
    articles = tuple(
        Article(
            title=f"A headline of the usual length on health matter {n}, as outlet {place} tells it",
            outlet=f"Outlet Number {place}",
            url=f"https://outlet-{place}.example/2026/11/20/health/a-headline-of-usual-length-{n}-{place}",
            excerpt="What this article tells its readers, in a sentence or two as such teasers have them. " * 4,
        )
        for place in range(1, 6)
    )
    points = tuple(KeyPoint(point.text, at) for at, point in enumerate(KETAMINE.key_points, start=1))
    evidence = dataclasses.replace(
        SLEEP.evidence, funding="grants from the Northern Research Council and the Gull Foundation " * 3
    )
    return dataclasses.replace(
        SLEEP,
        id=f"story-{n}",
        headline=f"{SLEEP.headline}, part {n} of twelve",
        articles=articles,
        articles_total=14,
        key_points=points,
        evidence=evidence,
        machine_written=True,
    )
