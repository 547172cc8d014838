"""Articles become one story, each line of which is in the article that it names."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import BiasCounts, Identifiers, Outlet
from digest.newsroom.outlets import Ratings
from digest.newsroom.parsed import story_text
from digest.newsroom.telling import Piece, story_of, tell
from digest.newsroom.telling.figures import digit_runs
from digest.newsroom.telling.past import Earlier
from digest.newsroom.telling.piece import item_of
from digest.newsroom.text import tidy

NOBODY = Ratings()


def test_every_key_point_stands_word_for_word_in_the_article_that_it_names(week: list[Piece]) -> None:
    told = tell(week, NOBODY)

    assert 3 <= len(told.story.key_points) <= 5
    for point in told.story.key_points:
        assert point.source is not None
        assert point.text in tidy(told.pieces[point.source - 1].text)
        assert told.story.articles[point.source - 1].title


def test_no_fact_is_told_twice(week: list[Piece]) -> None:
    story = story_of(week, NOBODY)

    told = [story.summary or "", *(point.text for point in story.key_points)]
    assert sum("41 " in text for text in told) <= 2
    assert sum("paid for by makers" in text for text in told) <= 1
    assert len(set(told)) == len(told)


def test_what_a_publisher_says_to_visitors_reaches_nobody(week: list[Piece]) -> None:
    text = story_text(story_of(week, NOBODY))

    assert "newsletter" not in text
    assert "Read more" not in text


def test_a_lone_abstract_is_told_from_its_end(week: list[Piece]) -> None:
    story = story_of([week[-1]], NOBODY)

    assert story.summary == "Magnesium is unlikely to prevent cramps in older adults."
    assert story.key_points[0].text.startswith(("Diarrhoea", "Evidence in pregnancy", "Cramps per week"))
    assert not any("searched three databases" in point.text for point in story.key_points[:2])


def test_copies_come_last_name_their_agency_and_count_once(week: list[Piece]) -> None:
    ratings = Ratings((Outlet(name="Daily Copy", bias="left"), Outlet(name="Reuters", bias="center")))

    story = story_of(week, ratings)

    assert [article.copy_of for article in story.articles] == [None, None, None, "Reuters", "Reuters"]
    assert story.coverage.counts == BiasCounts(center=1, unrated=2)  # the copying outlet is rated, but not heard
    assert story.articles_total == 5


def test_an_agencys_text_counts_once_and_is_marked_wherever_it_is_printed(week: list[Piece]) -> None:
    reprint = replace(week[1], outlet="Morning Copy", key="morning")

    story = story_of([reprint, *week[2:4]], NOBODY)

    assert [(article.copy_of, article.text_by) for article in story.articles] == [
        (None, "Reuters"),
        ("Reuters", None),
        ("Reuters", None),
    ]
    assert story.coverage.counts == BiasCounts(unrated=1)


def test_the_same_articles_in_another_order_give_the_same_story(week: list[Piece]) -> None:
    shuffled = [*week, week[0]]
    random.Random(4).shuffle(shuffled)

    assert story_of(shuffled, NOBODY) == story_of(week, NOBODY)


def test_the_id_stays_while_the_earliest_article_does(week: list[Piece], piece: Callable[..., Piece]) -> None:
    later = piece("Magnesium again in doubt", "Doctors agree with the review of cramps.", day=20)

    assert story_of([*week, later], NOBODY).id == story_of(week, NOBODY).id
    assert story_of(week[:1], NOBODY).id != story_of(week, NOBODY).id


def test_the_story_is_as_new_as_its_newest_article_of_its_own(week: list[Piece]) -> None:
    assert story_of(week, NOBODY).day == date(2026, 11, 18)  # the copy of the 19th is no news


def test_a_feed_that_is_ahead_of_the_clock_is_of_today(piece: Callable[..., Piece]) -> None:
    ahead = piece("Later", published=datetime(2099, 1, 1, tzinfo=UTC))

    assert story_of([ahead], NOBODY, today=date(2026, 11, 20)).day == date(2026, 11, 20)


def test_the_evidence_is_that_of_the_paper_and_shows_where_it_was_read(week: list[Piece]) -> None:
    evidence = (story := story_of(week, NOBODY)).evidence

    assert (evidence.study_type, evidence.trials) == ("systematic review", 41)
    assert evidence.participants is not None
    assert evidence.participants.value == 1843
    assert evidence.identifiers.doi == "10.5555/cramps.41"
    assert all(story_text(story)[span.start : span.end] == span.text for span in evidence.spans)


def test_what_came_beside_a_paper_tells_who_paid_and_what_its_authors_gain(week: list[Piece]) -> None:
    paper = replace(week[-1], funding="Northmoor Fund,  Harbour Trust", conflicts="Ada Lorn advises Nordkit. " * 40)

    evidence = story_of([*week[:-1], paper], NOBODY).evidence

    assert evidence.funding == "Northmoor Fund, Harbour Trust"
    assert evidence.conflicts is not None
    assert evidence.conflicts.startswith("Ada Lorn advises Nordkit.")
    assert len(evidence.conflicts) <= 280


@pytest.mark.parametrize("more", [{"preprint": True}, {"identifiers": Identifiers(doi="10.1101/2026.11.01.26123456")}])
def test_a_preprint_is_called_one_whatever_its_abstract_says(piece: Callable[..., Piece], more: dict[str, Any]) -> None:
    paper = piece("Magnesium for cramps: a randomised trial", "Tablets did little for cramps.", journal=True, **more)

    evidence = story_of([paper], NOBODY).evidence

    assert (evidence.preprint, evidence.peer_reviewed) == (True, False)


def test_one_retracted_paper_marks_the_story(week: list[Piece]) -> None:
    assert story_of(week, NOBODY).evidence.retracted is None
    assert story_of([*week[:-1], replace(week[-1], retracted=True)], NOBODY).evidence.retracted


def test_an_update_tells_only_what_the_earlier_story_did_not_have(
    week: list[Piece], piece: Callable[..., Piece]
) -> None:
    earlier = Earlier(id="n1", headline="x", edition="weekly-2026-11-16", items=tuple(map(item_of, week)))
    later = piece(
        "Makers of magnesium pills answer the review", "The makers said on Friday that they would appeal.", 20
    )

    story = story_of([*week, later], NOBODY, earlier=earlier)

    assert (story.update_of, story.update_from) == ("n1", "weekly-2026-11-16")
    assert [article.title for article in story.articles] == [later.title]
    assert story.id != story_of(week, NOBODY).id


def test_without_anything_new_there_is_no_update(week: list[Piece]) -> None:
    earlier = Earlier(id="n1", headline="x", edition="e", items=tuple(map(item_of, week)))

    with pytest.raises(ValueError, match="no article"):
        tell(week, NOBODY, earlier=earlier)


def test_titles_alone_make_a_story_without_points(piece: Callable[..., Piece]) -> None:
    story = story_of([piece("Magnesium in doubt"), piece("")], NOBODY)

    assert (story.headline, story.summary, story.key_points) == ("Magnesium in doubt", None, ())
    assert {article.title for article in story.articles} == {"Untitled", "Magnesium in doubt"}


def test_a_quotation_is_told_whole_with_its_speaker_or_not_at_all(piece: Callable[..., Piece]) -> None:
    text = (
        "Tablets of magnesium did nothing for cramps in the trial. “We were very surprised by this result,” she said. "
        "“Nobody should pay for these tablets any more,” said Ada Lorn of Northmoor University. "
        "“Nothing about cramps is ever simple in this field. "
    )

    story = story_of([piece("Magnesium and cramps", text)], NOBODY)

    told = " ".join([story.summary or "", *(point.text for point in story.key_points)])
    assert "“Nobody should pay for these tablets any more,” said Ada Lorn" in told
    assert "surprised" not in told
    assert "ever simple" not in told


def test_absolute_numbers_are_told_before_relative_ones(piece: Callable[..., Piece]) -> None:
    text = (
        "Statins cut the risk of heart attack by 50% in a large trial, researchers said on Monday in London. "
        "The pills were tested in eight hospitals against a placebo over two years of treatment. "
        "Heart attacks happened to 2 in 1,000 people with statins and to 4 in 1,000 with the placebo pills. "
        "The risk of heart attack with statins was 40% lower in the women of the trial."
    )

    story = story_of([piece("Statins and heart attacks", text)], NOBODY)

    points = [story.summary or "", *(point.text for point in story.key_points)]
    absolute = next(place for place, text in enumerate(points) if "in 1,000" in text)
    assert all(place > absolute for place, text in enumerate(points) if "40%" in text)


# ── whatever comes ───────────────────────────────────────────────────────────────────────────────

VOCABULARY = (
    "The trial found that 2,300 adults 67 trials 3.5% (12 of 40) risk fell by half said Dr. Lorn “no benefit” "
    "magnesium cramps. It works! Why? RESULTS: CONCLUSIONS: 1 2 3 million e.g. et al. `so` \n — ١٢ ２３ \u200b"
)
WORDS = st.lists(st.sampled_from(VOCABULARY.split(" ")), max_size=80).map(" ".join)
PIECES = st.lists(
    st.builds(
        Piece,
        title=WORDS.map(lambda words: words[:60]),
        text=WORDS,
        key=st.sampled_from("abcdef"),
        outlet=st.sampled_from([None, "Reuters", "STAT", "AP"]),
        journal=st.booleans(),
        published=st.sampled_from([None, datetime(2026, 11, 18, tzinfo=UTC)]),
        identifiers=st.just(Identifiers()),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=80, deadline=None)
@given(PIECES)
def test_numbers_of_the_story_are_numbers_of_the_articles_cited(pieces: list[Piece]) -> None:
    told = tell(pieces, NOBODY)

    everything = " ".join(tidy(f"{piece.title} \n {piece.text}") for piece in told.pieces)
    assert digit_runs(f"{told.story.headline} {told.story.summary}") <= digit_runs(everything)
    for point in told.story.key_points:
        assert point.source is not None
        assert digit_runs(point.text) <= digit_runs(tidy(told.pieces[point.source - 1].text))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=4))
def test_any_text_makes_a_story(texts: list[str]) -> None:
    story = story_of([Piece(title=text[:50], text=text, url=None) for text in texts], NOBODY)

    assert story.headline


@pytest.mark.parametrize(
    "unit",
    [
        "1% ",
        "“",
        '"a ',
        "A. ",
        "lower risk of ",
        "67 trials ",
        "magnesium cures cramps in 41 trials. ",
        "funded by ",
        "a@b.",
        "10.1/",
    ],
)
def test_a_hostile_megabyte_is_told_in_time(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    begun = time.process_time()

    tell([Piece(title=text, text=text, summary=text, outlet=text[:500], key=str(n)) for n in range(3)], NOBODY)

    assert time.process_time() - begun < 2.0


@pytest.mark.slow
def test_hundreds_of_long_articles_are_told_in_time() -> None:
    chance = random.Random(7)
    words = [f"word{n}" for n in range(3000)]
    texts = [" ".join(" ".join(chance.choices(words, k=14)).capitalize() + "." for _ in range(60)) for _ in range(300)]
    begun = time.process_time()

    story = story_of([Piece(title=text[:80], text=text, key=str(n)) for n, text in enumerate(texts)], NOBODY)

    assert (len(story.articles), story.articles_total) == (200, 300)
    assert time.process_time() - begun < 6.0


# ── how many of how many, before how much less ───────────────────────────────────────────────────

RELATIVE = (
    "The pill nortipan cut the risk of stroke by 50% in a trial of 9,000 adults, researchers said on Monday. "
    "Doctors welcomed the result as a step forward for people with high blood pressure. "
    "The trial was run in 40 hospitals of three countries over five years."
)
ABSOLUTE = (
    "Nortipan halved the risk of stroke in older adults with high blood pressure. "
    "Strokes happened in 10 of 1,000 people on the pill and in 20 of 1,000 on placebo. "
    "Dizziness was the most common side effect of the pill in the trial."
)


def test_absolute_numbers_come_before_the_relative_risk(piece: Callable[..., Piece]) -> None:
    articles = [
        piece("New pill cuts risk of stroke by half, trial finds", RELATIVE, outlet="Harbour Post"),
        piece("Stroke pill: what the trial found", ABSOLUTE, 19, outlet="Inland Times"),
    ]

    story = story_of(articles, NOBODY)

    told = [story.summary or "", *(point.text for point in story.key_points)]
    (first,) = [at for at, text in enumerate(told) if "10 of 1,000" in text]
    relative_risks = [at for at, text in enumerate(told) if "by 50%" in text or "halved the risk" in text]
    assert relative_risks
    assert first < min(relative_risks)


def test_a_relative_risk_may_lead_where_nobody_gives_the_absolute_one(piece: Callable[..., Piece]) -> None:
    told = tell([piece("New pill cuts risk of stroke by half, trial finds", RELATIVE)], NOBODY)

    assert told.story.summary is not None
    assert "by 50%" in told.story.summary
    assert "relative risk" in {finding.rule for finding in told.findings}
