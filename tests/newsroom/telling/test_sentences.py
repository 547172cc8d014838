"""Sentences come whole: no number, name or quotation is ever cut in two."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.newsroom.telling.sentences import read_sentences, split


@pytest.mark.parametrize(
    "whole",
    [
        "Dr. Ada Lorn met Prof. J. K. Orr at St. Mary's.",
        "The risk was 3.5 per cent, i.e. 35 in 1,000 people.",
        "Smith et al. (2020) found none.",
        "It fell vs. placebo, see Fig. 2 and No. 7.",
        "“It works. We are glad. Nobody knows why,” said Ada Lorn.",
        '"Does it work? Yes. We think so," Dr. Orr said.',
        "“Nobody knows.” Ada Lorn said so twice.",
        "The U.S. Food and Drug Administration met at 9 a.m. Eastern time.",
        "Vitamin C. elegans worms were fed p < .05 of it.",
    ],
)
def test_abbreviations_decimals_and_quotations_stay_in_one_piece(whole: str) -> None:
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("It helps. It hurts.", "It helps."),
        ("He lives in the U.S. The drug is sold there.", "He lives in the U.S."),
        ("They lacked vitamin C. Patients got worse.", "They lacked vitamin C."),
        ("So did Smith et al. However, few agree.", "So did Smith et al."),
        ("Off we go.Read the rest", "Off we go."),
        ("“It works,” she said. “It is cheap.”", "“It works,” she said."),
        ("Does it help? Nobody knows.", "Does it help?"),
        ("これは薬です。効きません。", "これは薬です。"),
        ("Cramps fell by 3. 5 people left.", "Cramps fell by 3."),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(line: str, first: str) -> None:
    assert split(line)[0] == first
    assert len(split(line)) == 2


@pytest.mark.parametrize(
    "opening",
    [
        "LONDON (Reuters) - ",
        "MONDAY, Dec. 6, 2010 (HealthDay News) -- ",
        "SAN DIEGO, Calif. (AP) — ",
        "Newswise — ",
        "By Ada Lorn, HealthDay Reporter ",
        "WASHINGTON, Nov 18 (Reuters) - ",
    ],
)
def test_datelines_and_bylines_are_not_news(opening: str) -> None:
    assert [sentence.text for sentence in read_sentences(f"{opening}Pills do little.")] == ["Pills do little."]


def test_what_a_publisher_says_to_visitors_is_left_out() -> None:
    text = "Pills do little.\nSign up for our free newsletter.\nThe trial ran a year. Read more on our site."

    assert [sentence.text for sentence in read_sentences(text)] == ["Pills do little.", "The trial ran a year."]


def test_the_sections_of_an_abstract_are_known_and_their_headings_gone() -> None:
    text = "BACKGROUND: Cramps hurt. METHODS: We asked 40 people. RESULT(S): None slept. AUTHORS' CONCLUSIONS: Walk."

    assert [(sentence.section, sentence.text) for sentence in read_sentences(text)] == [
        ("background", "Cramps hurt."),
        ("methods", "We asked 40 people."),
        ("results", "None slept."),
        ("conclusions", "Walk."),
    ]


def test_headings_may_stand_on_lines_of_their_own() -> None:
    assert [s.section for s in read_sentences("Results\nNone slept.\nConclusion\nWalk.")] == ["results", "conclusions"]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="Aa.?!“”\"' 1,DrU", max_size=80))
def test_splitting_loses_nothing_but_spaces(line: str) -> None:
    assert "".join("".join(split(line)).split()) == "".join(line.split())


@pytest.mark.parametrize(
    "unit", ["“", '"a ', "A. ", "Dr. A. ", ".”", "By A A ", "AA ", "a@", "1. ", "`a", "RESULTS: A. "]
)
def test_a_megabyte_of_anything_is_read_in_time(unit: str) -> None:
    begun = time.process_time()

    read_sentences((unit * 20_000)[:20_000])

    assert time.process_time() - begun < 1.5
